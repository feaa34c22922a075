"""The LaTeX door: a formula in LaTeX as a program, through SymPy's own parser."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import sympy

from gradcompile import syntax
from gradcompile.doors import tree
from gradcompile.doors.expressions import formula_text, free_name, input_names
from gradcompile.doors.latex.meaning import Meaning
from gradcompile.doors.latex.plain import Plain
from gradcompile.doors.latex.tokens import FILE, Reader, Token
from gradcompile.doors.matrices import MatrixWriter
from gradcompile.doors.names import identifier
from gradcompile.doors.sheet import Sheet, Statement
from gradcompile.doors.sizes import UnknownSizeError
from gradcompile.doors.tree import Tree
from gradcompile.errors import FormulaError
from gradcompile.gates.registry import by_name
from gradcompile.syntax.program import Program


def read(
    latex: str, *, args: Sequence[Any] | None = None, wrt: Sequence[Any] | None = None, name: str | None = None
) -> Program:
    r"""Return the program of a formula such as ``L = \frac{1}{n} \sum_{i=1}^{n} (y_i - w x_i)^2``.

    Raises FormulaError for what cannot be read, and where SymPy's parser for LaTeX is not installed.
    """
    if not isinstance(latex, str):
        raise FormulaError(f"LaTeX is a text, not a `{type(latex).__name__}`.", hint=r"Write `latex=r'\frac{x}{2}'`.")
    reader = Reader(" ".join(latex.split()))
    try:
        sheet = _sheet(reader, args, name)
        text = f"# {reader.latex}\n{formula_text(sheet)}"
    except UnknownSizeError as error:
        reader.fail(error.message, "Write it as a formula file, where arrays are declared: `x: Real[n]`.")
    except FormulaError as error:
        if error.span is not None:
            raise
        raise reader.error(error.message, error.hint, 0, len(reader.latex)) from None
    module = name or (sheet.statements[0].name if _sides(reader)[0] else "formula")
    return syntax.parse(text, FILE, name=module, wrt=None if wrt is None else input_names(sheet, wrt))


def _sheet(reader: Reader, args: Sequence[Any] | None, name: str | None) -> Sheet:
    left, right = _sides(reader)
    if not right:
        reader.fail("there is no formula.", r"Write one, for example `\frac{1}{2} x^2`.")
    plain = Plain(reader)
    word, order = _head(plain, left) if left else (None, None)
    expression = Meaning(plain, lambda text: _parse(text, plain)).of(_parse(plain.text(right), plain))
    target = free_name(name or "result", expression) if word is None else identifier(word)
    return Sheet([Statement(target, expression)], order=order if args is None else args, writing=LatexWriter)


def _sides(reader: Reader) -> tuple[list[Token], list[Token]]:
    """Return the tokens before and behind the equals sign; before it is nothing where there is none."""
    tokens, depth, places = reader.tokens(), 0, []
    for place, token in enumerate(tokens):
        depth += (token.text in ("{", "(", "[")) - (token.text in ("}", ")", "]"))
        if token.text == "=" and not depth:
            places.append(place)
    if not places:
        return [], tokens
    if len(places) > 1:
        reader.fail("there are two equals signs.", "Write one equation: `L = ...`.", tokens[places[1]])
    return tokens[: places[0]], tokens[places[0] + 1 :]


def _head(plain: Plain, tokens: list[Token]) -> tuple[str, list[str] | None]:
    """Return the name, and the arguments if there are any, on the left side: ``L``, ``f(x, y)``."""
    reader = plain.reader
    inner = [t for t in tokens if t.command not in ("left", "right")]
    bad = "the left side of the equation is not a name."
    hint = "Write `L = ...` or `f(x, y) = ...`."
    if not inner:
        reader.fail(bad, hint)
    word, place = _plain_name(plain, inner, 0, bad, hint)
    if place == len(inner):
        return word, None
    if inner[place].text not in ("(",) or reader.end_of(inner, place) != len(inner) - 1:
        reader.fail(bad, hint, inner[place])
    order, place = [], place + 1
    while place < len(inner) - 1:
        argument, place = _plain_name(plain, inner, place, bad, hint)
        order.append(argument)
        if inner[place].text in (",", ";"):
            place += 1
    return word, order


def _plain_name(plain: Plain, tokens: list[Token], place: int, bad: str, hint: str) -> tuple[str, int]:
    if not (tokens[place].text.isalpha() or tokens[place].command):
        plain.reader.fail(bad, hint, tokens[place])
    word, place = plain.word(tokens, place)
    if place < len(tokens) and tokens[place].text == "_":
        subscript, place = plain.reader.argument(tokens, place + 1)
        word = f"{word}_{plain.joined(subscript, tokens[place - 1])}"
    return word, place


def _parse(text: str, plain: Plain) -> Any:
    """Return what SymPy's parser makes of plain LaTeX, nothing evaluated."""
    if find_spec("antlr4") is None:
        raise _not_installed()
    from sympy.parsing.latex import LaTeXParsingError, parse_latex  # noqa: PLC0415  (an optional dependency)

    try:
        return parse_latex(text, strict=True, backend="antlr")
    except ImportError:  # of another version
        raise _not_installed() from None
    except LaTeXParsingError as error:
        column = re.search(r"^(~*)\^$", str(error), re.MULTILINE)
        hint = r"Check the braces, and what stands before: `\frac{a}{b}`, `\sum_{i=1}^{n} x_i`, `\left( \right)`."
        if column is None:
            plain.reader.fail("this LaTeX is no complete formula.", hint)
        raise plain.reader.error("LaTeX cannot be read from here.", hint, plain.place_of(len(column[1]))) from None


def _not_installed() -> FormulaError:
    what = "reading LaTeX needs the package `antlr4-python3-runtime`, version 4.11."
    return FormulaError(what, hint="Install it: `pip install 'gradcompile[latex]'`.")


class LatexWriter(MatrixWriter):
    """Writes sums and products in the order in which they stand."""

    ordered = False  # is this an index, a size or something rewritten, in which SymPy's own order is the better one?

    def whole(self, expression: Any) -> Tree:
        """Return an index, a bound or a size."""
        return self._in_order(super().whole, expression)

    def _in_order(self, write: Callable[[Any], Tree], e: Any) -> Tree:
        before, self.ordered = self.ordered, True
        result = write(e)
        self.ordered = before
        return result

    def _write_function(self, e: Any) -> Tree:
        return (
            self._in_order(super()._write_function, e) if self.functions.call(e) is None else super()._write_function(e)
        )

    def _write_add(self, e: Any) -> Tree:
        if self.ordered:
            return super()._write_add(e)
        return tree.total([self.signed(term) for term in e.args])

    def signed(self, term: Any) -> tuple[Tree, bool]:
        """Return a term without its sign, and whether it is negative."""
        if self.ordered:
            return super().signed(term)
        if term.is_Mul and term.args[0] == -1:
            rest = term.args[1:]
            return self.write(rest[0] if len(rest) == 1 else sympy.Mul(*rest, evaluate=False)), True
        if term.is_Number and term.is_negative:
            return self.write(-term), True
        return self.write(term), False

    def _write_mul(self, e: Any) -> Tree:
        if self.ordered:
            return super()._write_mul(e)
        first, *rest = e.args
        if first == -1:
            return tree.negative(self.write(sympy.Mul(*rest, evaluate=False) if len(rest) > 1 else rest[0]))
        result = self.write(first)
        for factor in rest:
            if factor.is_Pow and factor.exp == -1:
                result = tree.binary(result, ast.Div, self.write(factor.base))
            else:
                result = tree.binary(result, ast.Mult, self.write(factor))
        return result

    def _write_appliedundef(self, e: Any) -> Tree:
        word = e.func.__name__
        assert by_name(word) is not None
        return tree.call(word, *map(self.write, e.args))
