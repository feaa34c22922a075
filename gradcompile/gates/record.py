"""What the compiler knows about a gate, in one record; everything else is derived from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

REAL_LINE = (-2.0, 2.0)


@dataclass(frozen=True)
class Gate:
    """An elementwise scalar gate.

    ``partials`` are formulas over the argument names, and ``out`` for the gate's own result; ``None`` where there is
    no gradient. A gate that passes one argument through has ``routes`` instead: the condition under which each does.
    """

    name: str
    args: str  # argument names, separated by spaces
    doc: str  # one sentence and the formula, in the language reference and in explanations
    partials: tuple[str | None, ...] = ()
    routes: tuple[str | None, ...] = ()
    numpy: str = ""  # Python text over the argument names, for arrays
    numba: str = ""  # the same for one element; empty: as for arrays
    alone: str = ""  # the same outside loops that run in vector lanes, if another is faster there
    near: str = ""  # the same in lanes, for arguments that need no table
    helper: str = ""  # source of helper functions that the code calls, for one element, `math` and `np` in scope
    result: str = "real"  # real | bool | int | same (the wider of the arguments' types)
    sympy: Callable[..., Any] | None = None  # the independent meaning, on SymPy expressions
    mpmath: Callable[..., Any] | None = None  # the independent meaning, on mpmath numbers; bool gates give bool
    fold: Callable[..., float | int | bool] | None = None  # evaluation of literals at compile time
    domain: tuple[tuple[float, float], ...] = ()  # where tests draw each argument; empty: (-2, 2)
    kink: str = ""  # an expression that is 0 where the gate has a kink or a jump
    special: tuple[tuple[tuple[float, ...], float], ...] = ()  # exact values: ((arguments), result)
    commutative: bool = False
    finite: bool = False  # finite at all finite arguments, so a zero upstream times it is zero
    cost: float = 1.0  # in additions
    operator: str = ""  # how a person writes it between its operands, if so
    aliases: tuple[str, ...] = ()  # other names in the language
    hidden: bool = False  # not callable by name in a formula

    @property
    def arguments(self) -> tuple[str, ...]:
        """The argument names in order."""
        return tuple(self.args.split())

    def interval(self, position: int) -> tuple[float, float]:
        """Return where tests draw the argument at `position`."""
        return self.domain[position] if self.domain else REAL_LINE


@dataclass(frozen=True)
class Reduction:
    """A gate that eats one axis ``k`` of length ``n``. Formulas use ``x``, ``out``, ``k`` and ``n``.

    ``absent`` is the result where x does not depend on the axis. With ``route``, upstream goes to one element;
    with neither partial nor route there is no gradient.
    """

    name: str
    doc: str
    partial: str | None = None
    route: str | None = None  # the reduction that names the position to which upstream goes
    absent: str = "x"
    expand: str = ""  # the same in simpler nodes, for the loop form
    numpy: str = ""  # Python text over x, axis
    result: str = "same"
    sympy: Callable[[list[Any]], Any] | None = None  # the independent meaning, on a list of SymPy expressions
    mpmath: Callable[[list[Any]], Any] | None = None
    needs_element: bool = False  # undefined for an axis of length 0
    cost: float = 1.0
    start: str = ""  # the accumulator before the first element, as Python text
    step: str = ""  # the accumulator after element x, as Python text over acc and x
    helper: str = ""
    aliases: tuple[str, ...] = field(default=())
