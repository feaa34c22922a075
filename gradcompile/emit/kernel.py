"""What a target hands to the module: the text of one function and of the helpers that it calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gradcompile.pipeline import Unit
from gradcompile.rewrite.factors import factored
from gradcompile.syntax.program import Value


@dataclass(frozen=True)
class Kernel:
    """A function that takes all arguments and returns one tuple of results.

    ``lines``: decorators, ``def``, body and ``return``, not indented. ``helpers``: source text by name, in the order
    in which the module needs it. ``plan``: stages, nests, arrays and buffers, a line each, of a target that has them.
    """

    name: str
    lines: list[str]
    helpers: dict[str, str] = field(default_factory=dict)
    plan: tuple[str, ...] = ()


def with_factors(unit: Unit, results: Sequence[Value]) -> tuple[Unit, list[Value]]:
    """Return the unit and the results with every factorisation of a matrix computed once."""
    new = factored([v.node for v in results])
    names = {new[n]: name for n, name in unit.names.items() if n in new}
    return replace(unit, names=names), [Value(new[v.node], v.axes) for v in results]
