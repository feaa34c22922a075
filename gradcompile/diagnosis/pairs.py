"""Two mistakes at once: pairs of repairs, the cheap ones first, of a claim that no single one mends."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, islice, product
from typing import Any

import numpy as np

from gradcompile.diagnosis.bench import Bench, Trial, close
from gradcompile.diagnosis.candidates import Case
from gradcompile.diagnosis.differ import NO_REPAIR
from gradcompile.diagnosis.edits import Edit, turned
from gradcompile.diagnosis.mistakes import Mistake
from gradcompile.diagnosis.relations import Pair, relation
from gradcompile.diagnosis.repairs import Repairs
from gradcompile.diagnosis.report import Diagnosis, Words
from gradcompile.diagnosis.trees import made
from gradcompile.diagnosis.words import parsed
from gradcompile.ir.nodes import Node
from gradcompile.syntax.program import Value

CHEAP = ("sign", "factor", "transpose", "product", "swapped", "missing-sum", "extra-sum", "unsymmetrised")
OTHERS = ("missing-local", "shifted", "wrong-place")
SHARE = 0.4  # of the time that is left, for one way of looking for pairs
AGAIN = 100  # seeds of points at which what fits is looked at once more, away from those of the search


def two_repairs(case: Case, words: Words) -> Diagnosis | None:
    """Return the diagnosis of two mistakes; None where no pair of repairs makes the claim true, or in no time."""
    search = Pairs(case, words)
    ways = (
        search.gate_and_whole(), search.edit_and_whole(), search.two_factors(), search.gates(), search.edits(CHEAP),
        search.edit_and_factor(), search.edit_and_term(), search.edits(OTHERS), search.edit_and_variable(),
    )  # fmt: skip
    return next((found for way in ways for found in case.within(SHARE, islice(way, 1))), None)


class Pairs:
    """The search for two repairs of one case."""

    def __init__(self, case: Case, words: Words) -> None:
        self.case, self.words = case, words
        self.seen: set[Node] = set()

    # A gate, and a gate or the whole

    def gate_and_whole(self) -> Iterator[Diagnosis]:
        """Yield a mistake at a gate beside a sign, a factor or a transpose of the whole."""
        if (shape := self.case.claimed_shape) is None:
            return
        for mistake in self._natural():
            wrong = self.case.with_mistakes(mistake)
            if wrong is None or wrong.node in self.seen:
                continue
            self.seen.add(wrong.node)
            for value in self.case.shaped(wrong, shape) if wrong.rank < len(wrong.node.axes) else [wrong]:
                tree, phrase = _whole(value, self.case) or (None, "")
                if tree is not None and self._fits_elsewhere(value, tree):
                    yield from self._mended_at(mistake, tree, phrase)

    def _mended_at(self, mistake: Mistake, tree: ast.expr, phrase: str) -> Iterator[Diagnosis]:
        """Yield the diagnosis of a mistake at a gate, where the rest of the claim is mended already."""
        rest, repair = self.case.instead(tree), None
        if rest is not None and (repair := Repairs(rest, self.words).of(mistake)) is not None:
            whole = rest.instead(parsed(repair))
            if whole is None or not whole.is_proved():
                return
        yield self._told(mistake, [self.words.phrase(mistake), phrase], repair)

    def gates(self) -> Iterator[Diagnosis]:
        """Yield two mistakes at two places of the pass."""
        shape, tried = self.case.claimed_shape, set[Node]()
        if shape is None or self.case.claimed is None:
            return
        for one, other in combinations(list(self._natural()), 2):
            if one.at == other.at:
                continue
            wrong = self.case.with_mistakes(one, other)
            if wrong is None or wrong.node in tried:
                continue
            tried.add(wrong.node)
            for value in self.case.shaped(wrong, shape):
                if self.case.is_claimed(value) and self._fits_elsewhere(value, self.case.claimed_tree):
                    yield self._told(one, [self.words.phrase(one), self.words.phrase(other)], None)

    def _natural(self) -> Iterator[Mistake]:
        return (m for m in self.case.possible() if m.natural)

    def _fits_elsewhere(self, value: Value, tree: ast.expr) -> bool:
        """Is a value what is claimed, mended, at other points too? Of values there are no others."""
        if self.case.claimed is None:
            return True
        other = self.case.claim.read(tree)
        return Bench(self.case.program, [value, other], AGAIN, self.case.clock).same(value, other)

    # A piece of the claimed expression, and the whole or another piece

    def edit_and_whole(self) -> Iterator[Diagnosis]:
        """Yield a repair of a piece beside a sign, a factor or a transpose of the whole."""
        yield from self._edit_and(lambda mended: _whole(mended.right, mended) if mended.right else None)

    def edit_and_term(self) -> Iterator[Diagnosis]:
        """Yield a repair of a piece beside a term that is missing."""
        yield from self._edit_and(_with_term)

    def _edit_and(self, mend: Callable[[Case], tuple[ast.expr, str] | None]) -> Iterator[Diagnosis]:
        for edit, mended in self._mended((*CHEAP, *OTHERS)):
            if (found := mend(mended)) is not None:
                yield from self._proved(mended, found[0], edit, found[1])

    def two_factors(self) -> Iterator[Diagnosis]:
        """Yield two variables that are missing as factors, or divisors, of the whole."""
        case, names = self.case, self._varying
        trials = case.pairs() and case.bench.trials
        for one, other in combinations(names, 2):
            for signs in product("*/", repeat=2):
                case.clock.check()
                if trials and all(
                    _makes(case, t, p, (one, other), signs) for t, p in zip(trials, case.pairs(), strict=True)
                ):
                    tree = made(f"c {signs[0]} {one} {signs[1]} {other}", c=case.claimed_tree)
                    phrases = [
                        f"lacks the factor `{'1 / ' * (s == '/')}{n}`" for s, n in zip(signs, (one, other), strict=True)
                    ]
                    whole = case.instead(tree)
                    if whole is not None and whole.is_proved():
                        step = self.words.step_of({one, other})
                        gate = (
                            (None, None) if step is None else (case.names.gate(step.gate), case.names.line(step.gate))
                        )
                        yield self._said(phrases, gate, ast.unparse(tree))

    @property
    def _varying(self) -> list[str]:
        """The variables that are no sizes, no settings and no literals."""
        known = {*self.case.program.dimensions, *self.case.constants}
        return [n for n, v in self.case.variables.items() if n not in known and not v.node.is_const()]

    def edit_and_variable(self) -> Iterator[Diagnosis]:
        """Yield a repair of a piece beside a variable that is missing as a factor of a piece."""
        factors = dict.fromkeys(self._varying, "missing-local")
        for edit, mended in self._mended((*CHEAP, "dropped-term")):
            for found in mended.mended(mended.inserted(factors), most=1):
                phrase = f"lacks the factor `{found.extra}` at `{ast.unparse(found.old)}`"
                yield from self._proved(mended, _new(mended, found), edit, phrase)

    def edit_and_factor(self) -> Iterator[Diagnosis]:
        """Yield a repair of a piece beside a factor that is missing at a piece."""
        for edit, mended in self._mended(CHEAP):
            for factor in mended.mended(mended.scaled(), most=1):
                yield from self._proved(
                    mended,
                    _new(mended, factor),
                    edit,
                    f"needs the factor {factor.extra.replace(' / ', '/')} at `{ast.unparse(factor.old)}`",
                )

    def edits(self, kinds: Sequence[str]) -> Iterator[Diagnosis]:
        """Yield two repairs of pieces, the second one of some kinds."""
        for edit, mended in self._mended(CHEAP):
            second = (e for e in mended.structural() if e.kind in kinds and self._is_new(mended, e))
            for other in mended.mended(second, most=1):
                yield from self._proved(mended, _new(mended, other), edit, self.words.of_piece(other))

    def _is_new(self, mended: Case, edit: Edit) -> bool:
        value = mended.derivation.value(edit.old, edit.new)
        if value is None or value.node in self.seen:
            return False
        self.seen.add(value.node)
        return True

    def _mended(self, kinds: Sequence[str]) -> Iterator[tuple[Edit, Case]]:
        """Yield the case with one piece of the claimed side repaired, one of each value, the first kinds first."""
        case, values = self.case, set[Node]()
        for edit in sorted((e for e in case.structural() if e.kind in kinds), key=lambda e: kinds.index(e.kind)):
            case.clock.check()
            mended = case.instead(_new(case, edit))
            if mended is None or mended.claimed is None or mended.claimed.node in values:
                continue
            values.add(mended.claimed.node)
            yield edit, mended

    def _proved(self, mended: Case, tree: ast.expr, edit: Edit, phrase: str) -> Iterator[Diagnosis]:
        whole = mended.instead(tree)
        if whole is not None and whole.is_proved():
            yield self._told(edit, [self.words.of_piece(edit), phrase], ast.unparse(tree))

    def _told(self, first: Mistake | Edit, phrases: Sequence[str], repair: str | None) -> Diagnosis:
        return self._said(phrases, self.words.place(first), repair)

    def _said(self, phrases: Sequence[str], place: tuple[str | None, int | None], repair: str | None) -> Diagnosis:
        one, other = phrases
        subject = self.words.subject[0].lower() + self.words.subject[1:]
        return Diagnosis(None, *place, f"{NO_REPAIR} Two do: {subject} {one}, and it {other}.", repair)


def _makes(case: Case, trial: Trial, pair: Pair, names: Sequence[str], signs: Sequence[str]) -> bool:
    """Is the right side the claimed one times, or divided by, some variables?"""
    found: Any = pair.claimed
    for name, sign in zip(names, signs, strict=True):
        array = trial.array(case.variables[name])
        if array is None or (sign == "/" and not all(array.flat)):
            return False
        try:
            found = found * array if sign == "*" else found / array
        except ValueError:  # their shapes do not go together
            return False
    return close(np.asarray(found, dtype=object), pair.right)


def _new(case: Case, edit: Edit) -> ast.expr:
    """Return the claimed expression with a piece repaired, with no line but the right ones behind it."""
    return parsed(case.derivation.text(edit.old, edit.new))


def _whole(right: Value, case: Case) -> tuple[ast.expr, str] | None:
    """Return the claimed side mended as a whole to be a value, and in words how: by a sign, a factor, a transpose."""
    pairs = case.pairs_with(right)
    found = relation(pairs) if pairs and len(pairs) == len(case.bench.trials) else None
    if found is None:
        return None
    tree = case.claimed_tree
    match found.kind:
        case "sign":
            return made("-e", e=tree), "has the wrong sign"
        case "factor":
            return made(f"{found.extra} * e", e=tree), f"needs the factor {found.extra.replace(' / ', '/')}"
        case "transpose" if found.template == "{}.T":
            return turned(tree), "has to be transposed"
    return None


def _with_term(case: Case) -> tuple[ast.expr, str] | None:
    """Return the claimed side with a multiple of a variable that it lacks."""
    for name, value in case.variables.items():
        if value.node.is_const() or (times := case.multiple_of(value)) is None:
            continue
        sign, times = ("-", times[1:]) if times.startswith("-") else ("+", times)
        text = name if times == "1" else f"{times} * {name}"
        return made(f"c {sign} t", c=case.claimed_tree, t=parsed(text)), f"lacks the term `{sign} {text}`"
    return None
