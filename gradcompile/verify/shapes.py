"""A field without numbers, for the shapes of what is computed: what a loop over nothing would have looked like."""

from __future__ import annotations

from typing import Any

from gradcompile.gates.record import Gate
from gradcompile.gates.registry import REDUCE
from gradcompile.verify.fields import Field


class ShapeField(Field):
    """Every real number is 0; whole numbers are themselves, since sizes and positions are made of them."""

    def number(self, value: float) -> Any:
        """Return a literal as it is."""
        return value

    def known(self, condition: Any) -> bool:
        """Return whether a condition holds, as far as it is made of whole numbers."""
        return bool(self.truth(condition))

    def apply(self, record: Gate, args: tuple[Any, ...]) -> Any:
        """Return 0."""
        return False if record.result == "bool" else 0.0

    def reduction(self, name: str, values: list[Any]) -> Any:
        """Return 0, of nothing too."""
        return self.line(name, values)

    def line(self, name: str, values: list[Any]) -> Any:
        """Return 0."""
        return {"bool": False, "int": 0}.get(REDUCE[name].result, 0.0)
