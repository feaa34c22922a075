"""Names in the generated module: the user's own where they are free, else close to them."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable

from gradcompile.derived import DERIVED
from gradcompile.ir.dims import Root
from gradcompile.ir.nodes import DType, Kind, Node
from gradcompile.syntax.program import Program

PATTERNS = ("jacobian_pattern", "hessian_pattern")
FUNCTIONS = ("value", "value_and_grad", "grad", "objective", "pack", "unpack", *DERIVED, *PATTERNS)
_CLASSES = {"Gradient", "Value", "Parameters", "Row", "Jacobian", "Hessian", "Sparse", "Pattern"}
INTO = "value_and_grad_into"  # the kernel that writes the gradient into arrays that it is given
_MODULE = {"np", INTO, "csr_array", "njit", "numba", "math", "prange", "NamedTuple", "Callable", *_CLASSES}
_TAKEN = {*dir(builtins), *keyword.kwlist, *_MODULE, *FUNCTIONS, *(f"{name}_kernel" for name in FUNCTIONS)}


class Names:
    """Hands out names, each once. Those in `reserved` are for `new` alone."""

    def __init__(self, taken: Iterable[str] = (), reserved: Iterable[str] = ()) -> None:
        self._taken = _TAKEN | set(taken)
        self._reserved = frozenset(reserved)
        self._last: dict[str, int] = {}

    def new(self, wish: str) -> str:
        """Return the wished name, or with an underscore or a number behind it if it is taken."""
        return self._free(wish, frozenset())

    def other(self, wish: str) -> str:
        """Return the same for a name that is not the user's wish."""
        return self._free(wish, self._reserved)

    def temporary(self) -> str:
        """Return t1, then t2, and so on."""
        number = self._last.get("", 0) + 1
        while f"t{number}" in self._taken or f"t{number}" in self._reserved:
            number += 1
        self._last[""] = number
        self._taken.add(f"t{number}")
        return f"t{number}"

    def _free(self, wish: str, avoided: frozenset[str]) -> str:
        name, number = wish, self._last.get(wish, 0)
        while name in self._taken or name in avoided:
            number += 1
            name = f"{wish}_{number}" if number > 1 else f"{wish}_"
        self._last[wish] = number
        self._taken.add(name)
        return name


def local_names(program: Program) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the arguments, and the names that sizes are made of, are called inside kernels.

    Sizes are made of the dimensions, and of integer scalars that bound a loop.
    """
    names = Names()
    arguments = {a.name: names.new(a.name) for a in program.arguments}
    integers = {a.name: arguments[a.name] for a in program.arguments if a.dtype is DType.INT and not a.axes}
    return arguments, integers | {d: names.new(d) for d in program.dimensions}


def step_names(nodes: Iterable[Node], names: Names) -> dict[str, str]:
    """Return a variable for each size that is known when a `while` has ended only: its count of steps."""
    counts = [n.attrs[0].key for n in nodes if n.kind is Kind.RECURRENCE and len(n.operands) > 2 * n.attrs[3]]
    return {key: names.other(key) for key in dict.fromkeys(counts)}


def root_names(nodes: Iterable[Node], names: Names) -> dict[str, str]:
    """Return a variable for each square root of a size: the number of chunks of a long recurrence."""
    extents = [n.attrs[0].extent for n in nodes if n.kind is Kind.RECURRENCE]
    found = dict.fromkeys(str(a) for e in extents for m, _ in e.terms for a, _ in m if isinstance(a, Root))
    return {text: names.other("chunks") for text in found}
