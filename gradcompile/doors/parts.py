"""Large expressions in parts of bounded size: what is shared is written once, and nothing is nested too deeply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy

LARGEST, HIGHEST, WIDEST = 300, 30, 64  # operations of a part, its depth, the operands of one sum


@dataclass(frozen=True)
class _Measure:
    size: int
    height: int
    bound: frozenset[Any]  # the index variables that it needs from outside
    reads: bool = False  # an element of an indexed array, which may have to stay behind its condition


def split(expression: Any) -> Iterator[Any]:
    """Yield the parts of an expression that should have a name, innermost first; the expression itself is none."""
    measured: dict[Any, _Measure] = {}
    for part in _inside_out(expression):
        measure = _measure(part, measured)
        if part is not expression and _is_large(part, measure):
            measure = _Measure(1, 1, measure.bound)  # from now on it is a name
            yield part
        measured[part] = measure


def chunks(expression: Any) -> list[Any]:
    """Return a sum or a product of very many operands as several of fewer; anything else as it is."""
    if not (expression.is_Add or expression.is_Mul) or len(expression.args) <= WIDEST:
        return [expression]
    args = expression.as_ordered_terms() if expression.is_Add else expression.as_ordered_factors()
    return [expression.func(*args[i : i + WIDEST]) for i in range(0, len(args), WIDEST)]


def _is_large(part: Any, measure: _Measure) -> bool:
    if measure.bound or measure.reads or not isinstance(part, sympy.Expr):
        return False
    return measure.size > LARGEST or measure.height > HIGHEST or len(part.args) > WIDEST


def _measure(part: Any, measured: dict[Any, _Measure]) -> _Measure:
    inner = [measured[a] for a in _arguments(part)]
    bound = frozenset().union(*(m.bound for m in inner))
    if isinstance(part, (sympy.Sum, sympy.Product, sympy.Lambda)):
        bound -= frozenset(part.variables)
    elif isinstance(part, sympy.Tuple):  # the limits of a sum
        bound |= frozenset(part.args[:1])
    reads = isinstance(part, sympy.Indexed) or any(m.reads for m in inner)
    return _Measure(1 + sum(m.size for m in inner), 1 + max((m.height for m in inner), default=0), bound, reads)


def _arguments(part: Any) -> tuple[Any, ...]:
    return tuple(a for a in getattr(part, "args", ()) if isinstance(a, sympy.Basic))


def _inside_out(expression: Any) -> Iterator[Any]:
    """Yield every different part once, behind what it is made of."""
    done = set()
    todo = [(expression, False)]
    while todo:
        part, ready = todo.pop()
        if ready:
            yield part
        elif part not in done:
            done.add(part)
            todo.append((part, True))
            todo += [(a, False) for a in _arguments(part) if a not in done]
