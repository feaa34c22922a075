"""What a SymPy expression reads: symbols, matrices and indexed arrays, each with how it is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import sympy
from sympy.matrices.expressions.matexpr import MatrixElement

from gradcompile.errors import FormulaError

Bounds = tuple[tuple[Any, Any, Any], ...]
"""Index variables in scope from the outermost: (variable, smallest, largest)."""

_SIZED = (sympy.Identity, sympy.ZeroMatrix, sympy.OneMatrix, sympy.FunctionMatrix)
VALUE, WHOLE, TRUTH = "value", "whole", "truth"


@dataclass(frozen=True)
class Use:
    """One reading of an indexed array: its indices, and the index variables in scope there."""

    indices: tuple[Any, ...]
    scope: Bounds


@dataclass
class Census:
    """Everything that is free in some expressions, in order of appearance."""

    symbols: dict[Any, set[str]] = field(default_factory=dict)  # by symbol: the roles that it plays
    matrices: dict[Any, set[str]] = field(default_factory=dict)
    arrays: dict[Any, set[str]] = field(default_factory=dict)
    uses: dict[Any, list[Use]] = field(default_factory=dict)  # of each indexed array
    bound: dict[Any, None] = field(default_factory=dict)

    def count(self, expression: Any) -> None:
        """Add what an expression reads. Equal parts in equal places are looked at once."""
        todo: list[tuple[Any, Bounds, str]] = [(expression, (), VALUE)]
        seen = set()
        while todo:
            item = todo.pop()
            if item not in seen:
                seen.add(item)
                todo += reversed(list(self._parts(*item)))

    def _parts(self, part: Any, scope: Bounds, role: str) -> Iterator[tuple[Any, Bounds, str]]:
        """Note what one part is, and yield what it is made of."""
        if isinstance(part, (sympy.Symbol, sympy.Idx)):
            self._symbol(part, scope, role)
        elif isinstance(part, (sympy.Sum, sympy.Product)):
            yield from self._limits(part, scope)
        elif isinstance(part, (sympy.Integral, sympy.Limit)):
            return  # refused when it is written
        elif isinstance(part, sympy.Indexed):
            self.arrays.setdefault(part.base, set()).add(role)
            self.uses.setdefault(part.base, []).append(Use(part.indices, scope))
            yield from ((i, scope, WHOLE) for i in part.indices)
        elif isinstance(part, sympy.IndexedBase):
            self.arrays.setdefault(part, set()).add(role)
        elif isinstance(part, sympy.MatrixSymbol):
            self.matrices.setdefault(part, set()).add(role)
            yield from ((size, (), WHOLE) for size in part.shape)
        elif isinstance(part, MatrixElement):
            yield part.parent, scope, role
            yield from ((i, scope, WHOLE) for i in part.indices)
        elif isinstance(part, _SIZED):
            yield from ((size, (), WHOLE) for size in part.shape)
            yield from ((a, scope, role) for a in part.args if isinstance(a, sympy.Lambda))
        elif isinstance(part, sympy.KroneckerDelta):
            yield from ((a, scope, WHOLE) for a in part.args)
        elif isinstance(part, sympy.Lambda):
            yield part.expr, (*scope, *((v, None, None) for v in part.variables)), role
        elif isinstance(part, (sympy.And, sympy.Or, sympy.Not, sympy.Xor, sympy.Implies, sympy.ITE)):
            yield from ((a, scope, TRUTH) for a in part.args)
        elif isinstance(part, sympy.functions.elementary.piecewise.ExprCondPair):
            yield part.expr, scope, role
            yield part.cond, scope, TRUTH
        elif isinstance(part, sympy.core.relational.Relational):
            yield from ((a, scope, VALUE) for a in part.args)
        else:
            inner = VALUE if role == TRUTH else role
            yield from ((a, scope, inner) for a in _arguments(part))

    def _symbol(self, symbol: Any, scope: Bounds, role: str) -> None:
        if any(symbol == variable for variable, _, _ in scope):
            return
        if isinstance(symbol, sympy.Idx):
            _free_index(symbol)
        self.symbols.setdefault(symbol, set()).add(role)

    def _limits(self, part: Any, scope: Bounds) -> Iterator[tuple[Any, Bounds, str]]:
        """Yield the bounds of a sum, from the outermost, and its term."""
        for variable, low, high in bounds(part):
            yield low, scope, WHOLE
            yield high, scope, WHOLE
            self.bound[variable] = None
            scope = (*scope, (variable, low, high))
        yield part.function, scope, VALUE


def _arguments(part: Any) -> tuple[Any, ...]:
    if isinstance(part, sympy.MatrixBase):
        return tuple(part)
    return tuple(part.args)


def bounds(part: Any) -> Bounds:
    """Return the limits of a sum or a product from the outermost. Raises FormulaError where there are none."""
    what = type(part).__name__
    found = []
    for limit in reversed(part.limits):
        variable, *ends = limit
        if len(ends) != 2:
            raise FormulaError(
                f"`{part}` has no bounds.",
                hint=f"Write the first and the last index, as in `{what}(x[i], (i, 0, n - 1))`.",
            )
        if any(end.is_infinite for end in ends):
            raise FormulaError(
                f"`{part}` has infinitely many terms.", hint="Evaluate it first with `.doit()`, or sum to a finite n."
            )
        found.append((variable, *ends))
    return tuple(found)


def _free_index(index: Any) -> NoReturn:
    raise FormulaError(
        f"the index `{index}` runs over nothing.",
        hint=f"Sum over it: `Sum(x[{index}], {index})`; an array is written as a `Matrix` or a `MatrixSymbol`.",
    )
