"""Names in the generated module: the user's own where they are free, else close to them."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable

from gradcompile.syntax.program import Program

FUNCTIONS = ("value", "value_and_grad", "grad", "objective", "pack", "unpack")
_MODULE = {"np", "njit", "numba", "math", "prange", "NamedTuple", "Callable", "Gradient", "Value", "Parameters"}
_TAKEN = {*dir(builtins), *keyword.kwlist, *_MODULE, *FUNCTIONS, "value_kernel", "value_and_grad_kernel"}


class Names:
    """Hands out names, each once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = _TAKEN | set(taken)
        self._last: dict[str, int] = {}

    def new(self, wish: str) -> str:
        """Return the wished name, or with an underscore or a number behind it if it is taken."""
        name = wish
        if name in self._taken:
            name = f"{wish}_"
        number = self._last.get(wish, 1)
        while name in self._taken:
            number += 1
            name = f"{wish}_{number}"
        self._last[wish] = number
        self._taken.add(name)
        return name

    def temporary(self) -> str:
        """Return t1, then t2, and so on."""
        number = self._last.get("", 0) + 1
        while f"t{number}" in self._taken:
            number += 1
        self._last[""] = number
        self._taken.add(f"t{number}")
        return f"t{number}"


def local_names(program: Program) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the arguments and the dimensions are called inside kernels."""
    names = Names()
    arguments = {a.name: names.new(a.name) for a in program.arguments}
    return arguments, {d: names.new(d) for d in program.dimensions}
