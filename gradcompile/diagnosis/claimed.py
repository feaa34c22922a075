"""Claims from elsewhere than the file: an expression for a gradient, given as text or in LaTeX."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from gradcompile import syntax
from gradcompile.doors import latex_expression
from gradcompile.errors import FormulaError
from gradcompile.syntax.program import Claim, Program

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
    return asserting(program, [f"grad({result}, {name}) == {text}" for name, text in texts.items()])


def _names(program: Program) -> str:
    return f"Name one of {', '.join([a.name for a in program.differentiated] + list(program.names))}."


def result_text(program: Program) -> str:
    """Return the result of a file, as an expression."""
    last = program.tree.body[-1]
    if isinstance(last, ast.Return) and last.value is not None:
        return ast.unparse(last.value)
    return program.results[0][0]


def asserting(program: Program, equations: list[str]) -> Program:
    """Return a program with other claims than its own, before its `return` if it has one."""
    lines = program.text.split("\n")
    last = program.tree.body[-1]
    place = last.lineno - 1 if isinstance(last, ast.Return) else len(lines)
    added = [f"assert {equation}" for equation in equations]
    text = "\n".join([*lines[:place], *added, *lines[place:]])
    wrt = [a.name for a in program.differentiated]
    other = syntax.parse(text, program.file, name=program.name, wrt=wrt or None)
    return replace(other, claims=[c for c in other.claims if _is_added(c, place, len(added))])


def _is_added(claim: Claim, place: int, count: int) -> bool:
    return place < claim.span.line <= place + count
