"""What mends a claim in which one mistake was made at a gate: a factor, a condition or a term put in somewhere."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence

from gradcompile.diagnosis.candidates import Case
from gradcompile.diagnosis.edits import Edit, pieces
from gradcompile.diagnosis.local import bindings_of
from gradcompile.diagnosis.mistakes import Mistake
from gradcompile.diagnosis.report import Words
from gradcompile.diagnosis.terms import path_term
from gradcompile.diagnosis.trees import made
from gradcompile.diagnosis.words import parsed_or_none
from gradcompile.errors import FormulaError, InternalError
from gradcompile.syntax.program import Value

SHORT = 60  # characters of a term that is easier to read than what comes back by way of a variable
SCALES = 0.2  # of the time that is left, for factors


class Repairs:
    """The repairs of one case, given what was done wrong."""

    def __init__(self, case: Case, words: Words) -> None:
        self.case, self.words = case, words

    def of(self, mistake: Mistake) -> str | None:
        """Return an expression that is right: the claimed one with what the mistake leaves out."""
        case = self.case
        for edit in case.within(SCALES, case.mended(self._insertions(mistake), most=1)):
            return case.derivation.text(edit.old, edit.new)
        if case.claimed is not None:
            for tree in self._with_term(mistake):
                if (value := self._read(tree)) is not None and case.right and case.bench.same(value, case.right):
                    return ast.unparse(tree)
        return None

    def _in_place(self, mistake: Mistake) -> Iterator[Edit]:
        """Yield the local gradient in the place of the gate's value."""
        assert mistake.rule is not None
        local = parsed_or_none(self.words.names.local(mistake.rule, bindings_of(mistake.gate)))
        texts = {self.words.names.of(mistake.gate), self.words.names.text(mistake.gate)}
        for tree in self.case.derivation.trees if local is not None else ():
            for piece in pieces(tree):
                if ast.unparse(piece) in texts and local is not None:
                    yield Edit(mistake.kind, piece, ast.copy_location(copy.copy(local), piece))

    def _insertions(self, mistake: Mistake) -> Iterator[Edit]:
        if mistake.instead is mistake.gate and mistake.rule is not None:
            return self._in_place(mistake)
        condition = self.words.condition(mistake)
        if condition is not None and parsed_or_none(condition) is not None:
            return self.case.masked(condition)
        return self.case.inserted(self._factors(mistake))

    def _factors(self, mistake: Mistake) -> dict[str, str]:
        if mistake.lost is None:
            return {}
        text = self.words.lost(mistake).replace("1/", "1 / ")
        try:
            ast.parse(text.removeprefix("1 / "), mode="eval")
        except SyntaxError:
            return {}
        return {text: mistake.kind}

    def _with_term(self, mistake: Mistake) -> Iterator[ast.expr]:
        """Yield the claimed expression with what comes back on one more path."""
        call, claimed = self.case.derivative, self.case.claimed_tree
        if call is None or mistake.kind != "missing-path":
            return
        y, x = call.args[:2]
        if mistake.operand is not None and self.words.is_term(mistake):
            term = self.words._text(mistake.operand)
            if (tree := parsed_or_none(f"grad({term}, x)")) is not None:
                yield made("a + b", a=claimed, b=made(ast.unparse(tree), x=x))
        for name in self.case.variables:
            if (times := self.case.multiple_of(self.case.variables[name])) is not None:
                sign, times = ("-", times[1:]) if times.startswith("-") else ("+", times)
                yield made(f"c {sign} {name}" if times == "1" else f"c {sign} {times} * {name}", c=claimed)
        written = path_term(self.case, mistake) or ""
        named = [made(f"c + vjp({name}, x, grad(y, {name}))", c=claimed, x=x, y=y) for name in self._named()]
        path = list(_plus(claimed, written))
        yield from [*path, *named] if len(written) <= SHORT else [*named, *path]

    def _named(self) -> Sequence[str]:
        inputs = {a.name for a in self.case.program.arguments} | set(self.case.program.dimensions)
        return [n for n in self.case.variables if n not in inputs]

    def _read(self, tree: ast.expr) -> Value | None:
        try:
            return self.case.claim.read(tree)
        except (FormulaError, InternalError, RecursionError):
            return None


def _plus(tree: ast.expr, term: str) -> Iterator[ast.expr]:
    """Yield an expression with a term more, if that is one."""
    added = parsed_or_none(term)
    if isinstance(added, ast.UnaryOp) and isinstance(added.op, ast.USub):
        yield made("c - t", c=tree, t=added.operand)
    elif added is not None:
        yield made("c + t", c=tree, t=added)
