"""The SymPy door: an expression, or several with names, as a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Number
from typing import Any

import sympy

from gradcompile import syntax
from gradcompile.doors.census import Census
from gradcompile.doors.names import identifier
from gradcompile.doors.sheet import Sheet, Statement
from gradcompile.doors.writer import article
from gradcompile.errors import FormulaError
from gradcompile.syntax.program import Program

FILE = "<SymPy expression>"


def is_expression(source: object) -> bool:
    """Is it what this door takes?"""
    return isinstance(source, (sympy.Basic, sympy.MatrixBase, sympy.NDimArray, Mapping))


def read(
    source: Any, *, args: Sequence[Any] | None = None, wrt: Sequence[Any] | None = None, name: str | None = None
) -> Program:
    """Return the program of a SymPy expression or of a dictionary of them, by the name of the output.

    The arguments are in the order of `args`, by name if it is not given. Raises FormulaError for what is not in the
    language.
    """
    sheet = Sheet(_statements(source, name), order=args)
    if isinstance(source, Mapping) and len(source) > 1:
        sheet.results = [statement.name for statement in sheet.statements]
    text = formula_text(sheet)
    return syntax.parse(text, FILE, name=name or "formula", wrt=None if wrt is None else input_names(sheet, wrt))


def formula_text(sheet: Sheet) -> str:
    """Return a sheet's text. Raises FormulaError, too, where SymPy's own recursion gives up."""
    try:
        return sheet.text()
    except RecursionError:
        raise FormulaError(
            "the expression is nested too deeply for SymPy.", hint="Compile its parts as a dictionary of outputs."
        ) from None


def input_names(sheet: Sheet, symbols: Sequence[Any]) -> list[str]:
    """Return the names in the formula of some symbols, or of what is called like them."""
    by_name = {str(symbol): word for symbol, word in sheet.names.given.items()}
    return [sheet.names.given.get(symbol) or by_name.get(str(symbol), str(symbol)) for symbol in symbols]


def _statements(source: Any, name: str | None) -> list[Statement]:
    if not isinstance(source, Mapping):
        return [Statement(free_name(name or "result", _checked(source)), _checked(source))]
    if not source:
        raise FormulaError("the dictionary has no outputs.", hint='Write at least one: `{"f": expression}`.')
    found: dict[str, Statement] = {}
    for key, expression in source.items():
        if not isinstance(key, (str, sympy.Symbol)):
            raise FormulaError(f"`{key}` cannot be the name of an output.", hint='Write `{"f": expression}`.')
        word = identifier(str(key))
        if word in found:
            raise FormulaError(f"two outputs are called `{word}`.", hint="Give one of them another name.")
        found[word] = Statement(word, _checked(expression))
    return list(found.values())


def free_name(word: str, expression: Any) -> str:
    """Return a name for the result that no symbol of the expression has."""
    census = Census()
    census.count(expression)
    taken = {identifier(str(s)) for s in (*census.symbols, *census.matrices, *census.arrays)}
    word = identifier(word)
    while word in taken:
        word += "_"
    return word


def _checked(expression: Any) -> Any:
    """Return what may stand in a formula: an expression, a condition or a matrix; numbers count as such."""
    if isinstance(expression, Number) and not isinstance(expression, complex):
        return sympy.sympify(expression)
    if isinstance(expression, sympy.Equality):
        raise FormulaError(
            f"`{expression}` is an equation, not a value.",
            hint="Compile one side of it, or their difference: `expression.lhs - expression.rhs`.",
        )
    if isinstance(expression, (sympy.MatrixBase, sympy.NDimArray)):
        return expression.as_immutable()
    if isinstance(expression, (sympy.Expr, sympy.logic.boolalg.Boolean)):
        return expression
    raise FormulaError(
        f"{article(type(expression).__name__)} is no SymPy expression.",
        hint="Pass an expression, a matrix, or a dictionary of them by name.",
    )
