"""A file of SymPy text: lines ``name = expression`` in SymPy's own syntax, as a program with the places of the file."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sympy

from gradcompile import syntax
from gradcompile.doors.builder import Builder
from gradcompile.doors.expressions import formula_text, input_names
from gradcompile.doors.names import identifier
from gradcompile.doors.sheet import Sheet, Statement
from gradcompile.doors.vocabulary import CALLS, CONSTANTS, DECLARING
from gradcompile.errors import FormulaError
from gradcompile.syntax.flow import is_text
from gradcompile.syntax.names import check_file_name
from gradcompile.syntax.program import Program
from gradcompile.syntax.source import Source, read_text, syntax_tree


def read(path: Path, *, wrt: Sequence[str] | None = None) -> Program:
    """Return the program of a file of SymPy text. Raises FormulaError for what cannot be read."""
    source = Source(read_text(path), str(path))
    check_file_name(path.stem, str(path))
    reader = _Reader(source, syntax_tree(source))
    sheet = reader.sheet()
    tree = reader.placed(ast.parse(_text(reader, sheet)), sheet)
    known = None if wrt is None else input_names(sheet, wrt)
    return syntax.program_of(source, tree, name=path.stem, wrt=known)


def _text(reader: _Reader, sheet: Sheet) -> str:
    try:
        return formula_text(sheet)
    except FormulaError as error:
        if error.span is None:
            raise FormulaError(error.message, reader.place_of(sheet.current), error.hint) from None
        raise


@dataclass
class _Reader:
    source: Source
    tree: ast.Module
    builder: Builder = field(init=False)
    statements: list[Statement] = field(default_factory=list)
    places: dict[str, ast.stmt] = field(default_factory=dict)  # of assignments and declarations, by name
    results: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        subscripts = [n.value for n in ast.walk(self.tree) if isinstance(n, ast.Subscript)]
        self.builder = Builder(self.source, frozenset(n.id for n in subscripts if isinstance(n, ast.Name)))

    def sheet(self) -> Sheet:
        """Read the file."""
        for statement in self.tree.body:
            if self.results:
                self.builder.fail("nothing can come after `return`.", "Make it the last line.", statement)
            self._statement(statement)
        if not self.statements:
            raise FormulaError("the file computes nothing.", self.source.line(1), "Write `f = x**2`.")
        if not self.results:
            last = self.statements[-1]
            self.statements[-1] = Statement(last.name, last.expression)
        return Sheet(self.statements, self.results)

    def _statement(self, tree: ast.stmt) -> None:
        match tree:
            case ast.Assign(targets=[target], value=ast.Call(func=ast.Name(id=word)) as call) if word in DECLARING:
                self._declare(tree, target, call)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._assign(tree, name, self.builder.build(value))
            case ast.Return(value=ast.Tuple(elts=[ast.Name(), *_]) | ast.Name() as value):
                names = value.elts if isinstance(value, ast.Tuple) else [value]
                self.results = [self._result(n) for n in names]
            case _ if not is_text(tree):
                hint = "Write lines `name = expression`, and `return f, g` for several results."
                self.builder.fail("this line is no assignment.", hint, tree)

    def _declare(self, tree: ast.Assign, target: ast.expr, call: ast.Call) -> None:
        targets = target.elts if isinstance(target, ast.Tuple) else [target]
        names = [t.id for t in targets if isinstance(t, ast.Name)]
        for name, symbol in zip(names, self.builder.declared(call, names), strict=True):
            self._check_new(tree, name)
            self.builder.values[name] = symbol
            self.places[str(symbol)] = tree

    def _assign(self, tree: ast.Assign, name: str, value: Any) -> None:
        self._check_new(tree, name)
        if isinstance(value, sympy.Lambda):
            self.builder.values[name] = value
            return
        value = self._checked(tree, value)
        word = identifier(name)
        symbol = _stand_in(name, value)
        self.builder.values[name] = value if symbol is None else symbol
        self.statements.append(Statement(word, value, symbol))
        self.places[word] = tree

    def _checked(self, tree: ast.Assign, value: Any) -> Any:
        if isinstance(value, (sympy.Expr, sympy.MatrixBase, sympy.logic.boolalg.Boolean)):
            return value
        hint = "Write a number, a condition or a matrix: `Matrix([[1, x], [x, 2]])`."
        raise self.builder.error("the value of this line is no expression.", hint, tree.value)

    def _check_new(self, tree: ast.Assign, name: str) -> None:
        """A name has one meaning in the whole file."""
        if name in self.builder.values:
            self.builder.fail(f"`{name}` is assigned twice.", "Give the second one another name.", tree)
        if name in self.builder.free:
            self.builder.fail(f"`{name}` is used before it is assigned.", "Assign it on an earlier line.", tree)
        if name in CONSTANTS or name in CALLS:
            self.builder.fail(f"`{name}` is a word of SymPy.", f"Choose another name, for example `{name}_`.", tree)

    def _result(self, tree: ast.expr) -> str:
        if not isinstance(tree, ast.Name) or identifier(tree.id) not in [s.name for s in self.statements]:
            self.builder.fail("only assigned names can be returned.", "Write `return f, g`.", tree)
        return identifier(tree.id)

    # Places

    def placed(self, tree: ast.Module, sheet: Sheet) -> ast.Module:
        """Return the formula's syntax with every piece at the place in the file that it comes from."""
        symbols = {word: str(symbol) for symbol, word in sheet.names.given.items()}
        for statement, owner in zip(tree.body, sheet.owners, strict=True):
            word = statement.target.id if isinstance(statement, ast.AnnAssign) else owner  # type: ignore[union-attr]
            place = self._node_of(symbols.get(word, word))
            for node in ast.walk(statement):
                if hasattr(node, "col_offset"):
                    ast.copy_location(node, place)
        return ast.Module([*self._docstring(), *tree.body], [])

    def _docstring(self) -> Iterator[ast.stmt]:
        if self.tree.body and is_text(self.tree.body[0]):
            yield self.tree.body[0]

    def _node_of(self, name: str) -> ast.AST:
        return self.places.get(name) or self.builder.free.get(name) or self.tree.body[-1]

    def place_of(self, name: str) -> Any:
        """Return the place of a name."""
        return self.source.span(self._node_of(name))


def _stand_in(name: str, value: Any) -> Any:
    """Return the symbol by which later lines read a value, None where they read the value itself."""
    if isinstance(value, sympy.logic.boolalg.Boolean) or value.is_integer:
        return None
    if getattr(value, "is_Matrix", False):
        return sympy.MatrixSymbol(name, *value.shape)
    return sympy.Symbol(name)
