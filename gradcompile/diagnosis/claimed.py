"""Claims from elsewhere than the file: an expression for a gradient, given as text or in LaTeX."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from gradcompile import syntax
from gradcompile.doors import latex_expression
from gradcompile.errors import FormulaError
from gradcompile.syntax.program import Program
from gradcompile.syntax.source import Source, syntax_tree

LATEX = frozenset("\\^{}")


def with_claims(program: Program, claims: Mapping[str, str]) -> Program:
    """Return a program whose only claims are gradients of its result, as text by the name of what they are by.

    Raises FormulaError for a name or an expression that is not in the language.
    """
    ranks = {n: v.rank for n, v in program.names.items()} | {a.name: len(a.axes) for a in program.arguments}
    for name in claims:
        if name not in ranks:
            raise FormulaError(f"`{name}` is no input and no variable of {program.file}.", hint=_names(program))
    ranks |= dict.fromkeys(program.dimensions, 0)
    result = result_text(program)
    texts = {n: latex_expression(t, ranks) if LATEX & set(t) else " ".join(t.split()) for n, t in claims.items()}
    other = asserting(program, [f"grad({result}, {name}) == {text}" for name, text in texts.items()])
    lines = [program.source.line(line_of(program, name)) for name in texts]
    return replace(other, claims=[replace(c, span=line) for c, line in zip(other.claims, lines, strict=True)])


def line_of(program: Program, name: str) -> int:
    """Return the line on which something is declared or assigned."""
    for statement in program.tree.body:
        if any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in ast.walk(statement)):
            return statement.lineno
    return 1


def _names(program: Program) -> str:
    return f"Name one of {', '.join([a.name for a in program.differentiated] + list(program.names))}."


def result_text(program: Program) -> str:
    """Return the result of a file, as an expression."""
    last = program.tree.body[-1]
    if isinstance(last, ast.Return) and last.value is not None:
        return ast.unparse(last.value)
    return program.results[0][0]


def asserting(program: Program, equations: list[str]) -> Program:
    """Return a program with other claims than its own, which stand behind all its lines but its `return`.

    Raises FormulaError for an equation that is not in the language.
    """
    returns = [s for s in program.tree.body if isinstance(s, ast.Return)]
    return _with(program, [f"assert {equation}" for equation in equations], returns)


def returning(program: Program, text: str) -> Program:
    """Return a program without claims whose result is an expression."""
    return _with(program, [f"return {text}"], [])


def _with(program: Program, lines: list[str], last: list[ast.Return]) -> Program:
    source = program.source
    added = syntax_tree(Source("\n".join([""] * len(source.lines) + lines), source.file)).body
    kept = [s for s in program.tree.body if not isinstance(s, (ast.Assert, ast.Return))]
    whole = Source("\n".join([*source.lines, *lines]), source.file)
    tree = ast.Module([*kept, *added, *last], [])
    wrt = [a.name for a in program.differentiated]
    return syntax.program_of(whole, tree, name=program.name, text=program.text, wrt=wrt or None)
