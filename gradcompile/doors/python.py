"""The Python door: a function with annotations, read from its source, never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradcompile import syntax
from gradcompile.doors.annotations import kind_of
from gradcompile.doors.names import identifier
from gradcompile.doors.origin import Origin
from gradcompile.doors.outer import Outer
from gradcompile.errors import FormulaError, Span
from gradcompile.syntax.flow import is_text
from gradcompile.syntax.program import Program
from gradcompile.syntax.source import Source, syntax_tree


def read(origin: Origin, *, wrt: Sequence[str] | None = None, name: str | None = None) -> Program:
    """Return the program of a function: its parameters are the inputs, its body is the formula."""
    source = Source(origin.text, origin.file)
    file = syntax_tree(source)
    definition = _definition(origin, source, file)
    outer = Outer(source, lambda other: _definition(other, source, file) if other.text == origin.text else None)
    _check_definition(source, definition)
    inputs = list(_inputs(source, definition))
    helpers = outer.helpers(origin.function, definition, [i.annotation for i in inputs])
    doc = [s for s in definition.body[:1] if is_text(s)]
    body: list[ast.stmt] = [*doc, *inputs, *helpers, *definition.body[len(doc) :]]
    text = "\n".join(source.lines[origin.line - 1 : definition.end_lineno])
    module = identifier(name or origin.function.__name__)
    return syntax.program_of(source, ast.Module(body, []), name=module, text=text + "\n", wrt=wrt)


def _definition(origin: Origin, source: Source, file: ast.Module) -> ast.FunctionDef:
    """Return the syntax of a function."""
    name = origin.function.__name__
    for node in ast.walk(file):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first == origin.line:
                return node
    raise FormulaError(
        f"`{name}` is no longer on this line of its file.", source.line(origin.line), "Import the file again."
    )


def _check_definition(source: Source, definition: ast.FunctionDef) -> None:
    name = definition.name
    if len(definition.decorator_list) > 1:
        raise FormulaError(
            "the function has another decorator, which would never be run.",
            source.span(definition.decorator_list[1]),
            "Leave it out.",
        )
    arguments = definition.args
    if (several := arguments.vararg or arguments.kwarg) is not None:
        raise FormulaError(
            "`*` and `**` parameters are not supported.", source.span(several), "Name each parameter: `x: Real[N]`."
        )
    for statement in definition.body:
        if isinstance(statement, ast.AnnAssign):
            raise FormulaError(
                "only parameters are declared.", source.span(statement), "Leave the annotation out: `y = x**2`."
            )
    if not isinstance(definition.body[-1], ast.Return):
        place = _head(source, definition)
        raise FormulaError(f"`{name}` returns nothing.", place, "End it with `return` and a value.")


def _head(source: Source, definition: ast.FunctionDef) -> Span:
    """Return the place of the name behind `def`."""
    text = source.lines[definition.lineno - 1]
    column = text.index(definition.name, text.index("def ", definition.col_offset) + len("def ")) + 1
    return source.line(definition.lineno, column, column + len(definition.name))


def _inputs(source: Source, definition: ast.FunctionDef) -> Iterator[ast.AnnAssign]:
    """Yield a declaration for each parameter, at its place."""
    arguments = definition.args
    positional = [*arguments.posonlyargs, *arguments.args]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults = [*missing, *arguments.defaults, *arguments.kw_defaults]
    parameters = [*positional, *arguments.kwonlyargs]
    if not parameters:
        hint = "Declare its inputs as parameters: `x: Real`."
        raise FormulaError(f"`{definition.name}` has no parameters.", _head(source, definition), hint)
    plain = all(p.annotation is None for p in parameters)
    for parameter, default in zip(parameters, defaults, strict=True):
        target = ast.copy_location(ast.Name(parameter.arg, ast.Store()), parameter)
        target.end_lineno, target.end_col_offset = target.lineno, target.col_offset + len(parameter.arg.encode())
        if parameter.annotation is not None:
            annotation = kind_of(source, parameter.annotation)
        elif plain:
            annotation = ast.copy_location(ast.Name("Real", ast.Load()), target)
        else:
            raise FormulaError(
                f"`{parameter.arg}` has no annotation.", source.span(target), f"Declare it: `{parameter.arg}: Real`."
            )
        yield ast.copy_location(ast.AnnAssign(target, annotation, default, 1), parameter)
