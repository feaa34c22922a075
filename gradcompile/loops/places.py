"""Where stored values are: variables, arrays with their axes in some order, rows of a history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gradcompile.ir.nodes import Axis


@dataclass(frozen=True)
class Place:
    """A scalar variable, or an array: first what stands in front of its axes, then its axes in this order.

    In a history, the row of a step is shifted by one for the state behind it.
    """

    name: str
    layout: tuple[Axis, ...] = ()
    lead: tuple[str, ...] = ()
    shift: Mapping[Axis, int] = field(default_factory=dict)

    def element(self, index: Mapping[Axis, str]) -> str:
        """Return the text of one element."""
        parts = [*self.lead, *(self.position(a, index[a]) for a in self.layout)]
        return f"{self.name}[{', '.join(parts)}]" if parts else self.name

    def position(self, axis: Axis, text: str) -> str:
        """Return where along an axis a position is."""
        return f"{text} + {self.shift[axis]}" if self.shift.get(axis) else text

    def array(self) -> str:
        """Return the text of the whole array over its axes."""
        if any(self.shift.values()):
            parts = [*self.lead, *(f"{self.shift[a]}:" if self.shift.get(a) else ":-1" for a in self.layout[:1])]
            return f"{self.name}[{', '.join(parts)}]"
        if self.shift:
            return f"{self.name}[{', '.join([*self.lead, ':-1'])}]"
        return f"{self.name}[{', '.join(self.lead)}]" if self.lead else self.name

    def renamed(self, mapping: Mapping[Axis, Axis]) -> Place:
        """Return the same place over other axis names."""
        layout = tuple(mapping.get(a, a) for a in self.layout)
        return Place(self.name, layout, self.lead, {mapping.get(a, a): s for a, s in self.shift.items()})
