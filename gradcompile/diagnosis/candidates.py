"""What may be wrong with a claim: mistakes in the derivation that give what is claimed, and repairs that mend it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import permutations
from typing import TypeVar

import numpy as np

from gradcompile.diagnosis.bench import Bench, Trial, close
from gradcompile.diagnosis.edits import (
    Derivation,
    Edit,
    added,
    inserted,
    masked,
    multiplied,
    pieces,
    renamed,
    structural,
)
from gradcompile.diagnosis.local import Around
from gradcompile.diagnosis.mistakes import Mistake, Step, backward, possible, value_with
from gradcompile.diagnosis.relations import Pair, Relation, factor, relation, shifted
from gradcompile.diagnosis.trees import made
from gradcompile.diagnosis.words import Names
from gradcompile.errors import FormulaError, InternalError
from gradcompile.ir.nodes import Axis, DType, Kind, Node
from gradcompile.syntax.flow import names_in
from gradcompile.syntax.names import DERIVATIVES
from gradcompile.syntax.program import Claim, Program, Value
from gradcompile.verify import check_claims
from gradcompile.verify.fields import Clock, OutOfTimeError

Item = TypeVar("Item")

SEARCH = 0.8  # of the time of a case
FEW = 12  # variables of a formula in which scalars are tried for one another
MANY = 4  # axes of a value of which all orders are tried


@dataclass
class Case:
    """A refuted claim: which side is right, what the other one is made of, and where both are looked at."""

    program: Program
    claim: Claim
    budget: Clock  # of everything
    clock: Clock = field(init=False)  # of the search
    names: Names = field(init=False)
    bench: Bench = field(init=False)

    def __post_init__(self) -> None:
        self.names = Names(self.program, self.claim.read)
        self.clock = self.budget
        known = [v for v in (self.claim.left, self.claim.right) if v is not None]
        self.bench = Bench(self.program, known, self.claim.span.line, self.budget)
        if not self.bench.trials and self.right is not None:  # the claimed side has no value anywhere
            self.bench = Bench(self.program, [self.right], self.claim.span.line, self.budget)

    def allot(self, seconds: float) -> None:
        """Give the case some time, a part of which is for what follows the search."""
        self.budget.end = Clock(seconds).end
        self.clock = self.budget.share(SEARCH)

    def within(self, share: float, found: Iterator[Item]) -> list[Item]:
        """Return what is found in a share of the time that is left."""
        whole, result = self.clock, list[Item]()
        self.clock = whole.share(share)
        try:
            result.extend(found)
        except OutOfTimeError:
            pass
        finally:
            self.clock = whole
        return result

    # The sides

    @cached_property
    def is_swapped(self) -> bool:
        """Is the right one on the right-hand side?"""
        left, right = self._trees
        if self.claim.right is None or self.claim.left is None:
            return self.claim.left is None
        return _weight(right) > _weight(left)

    @property
    def _trees(self) -> tuple[ast.expr, ast.expr]:
        test = self.claim.tree.test
        assert isinstance(test, ast.Compare)
        return test.left, test.comparators[0]

    @property
    def right_tree(self) -> ast.expr:
        """The side that is taken for right: the one that asks the compiler for a derivative, else the first."""
        return self._trees[self.is_swapped]

    @property
    def claimed_tree(self) -> ast.expr:
        """The side that was derived by hand."""
        return self._trees[not self.is_swapped]

    @property
    def right(self) -> Value | None:
        """The right side's value."""
        return self.claim.right if self.is_swapped else self.claim.left

    @property
    def claimed(self) -> Value | None:
        """The claimed side's value."""
        return self.claim.left if self.is_swapped else self.claim.right

    @property
    def claimed_shape(self) -> tuple[int, ...] | None:
        """The shape of the claimed side at the first point; None where it has no value."""
        return None if self.claimed is None or not self.bench.trials else self.bench.sizes_of(self.claimed)

    @property
    def is_nothing(self) -> bool:
        """Is what is claimed 0 everywhere?"""
        pairs = self.pairs()
        return bool(pairs) and not any(x != 0 for p in pairs for x in p.claimed.flat)

    def is_claimed(self, value: Value) -> bool:
        """Is a value what is claimed, at every point?"""
        if self.claimed is None:
            return False
        return self.bench.same(value, self.claimed) or (not self.claimed.axes and self._is_constant(value))

    def _is_constant(self, value: Value) -> bool:
        """Are all elements of an array the number that is claimed?"""
        assert self.claimed is not None
        for trial in self.bench.trials:
            array, one = trial.array(value), trial.array(self.claimed)
            if array is None or one is None or not close(array, np.broadcast_to(one, array.shape)):
                return False
        return True

    @property
    def derivative(self) -> ast.Call | None:
        """The derivative that the right side asks for."""
        return next((n for n in ast.walk(self.right_tree) if isinstance(n, ast.Call) and _is_derivative(n)), None)

    @cached_property
    def derivation(self) -> Derivation:
        """What the claimed side is made of."""
        return Derivation(self.program.tree.body, self.claim, self.claimed_tree, self.right_tree)

    @cached_property
    def steps(self) -> list[Step]:
        """The gates of the right side's backward pass."""
        return backward(self.claim.read, self.right_tree) if self.derivative is not None else []

    def last_step(self, fits: Callable[[Step], bool], ops: Sequence[str] = ()) -> Step | None:
        """Return the last gate of the backward pass that fits, else the last one of all that hands back to a leaf."""
        found = [s for s in self.steps if fits(s) and (not ops or s.gate.op in ops)]
        leaves = [s for s in self.steps if any(o.kind is Kind.INPUT for o, _ in s.parts)]
        return (found or leaves or [None])[-1]  # type: ignore[list-item]

    @property
    def constants(self) -> frozenset[str]:
        """The scalar inputs that nothing is differentiated by."""
        return frozenset(a.name for a in self.program.arguments if not a.axes and not a.differentiated)

    @cached_property
    def variables(self) -> dict[str, Value]:
        """What can be read where the claim stands."""
        return {n: v for n, v in self.claim.read.variables().items() if v.node.dtype is not DType.BOOL}

    # Whole sides

    def pairs(self) -> list[Pair]:
        """Return both sides at every point."""
        return [] if self.right is None else self.pairs_with(self.right)

    def pairs_with(self, right: Value) -> list[Pair]:
        """Return some value, in the place of the right side, and the claimed side at every point."""
        if self.claimed is None:
            return []
        found = self.bench.pairs(right, self.claimed)
        return [Pair(value, claimed, self.scalars(trial)) for trial, value, claimed in found]

    def scalars(self, trial: Trial) -> dict[str, object]:
        """Return the sizes and the constants at a point, of which a factor may be made."""
        real = [a.name for a in self.program.arguments if a.name in self.constants]
        values = {n: trial.point.values[n][()] for n in real}
        return {**dict(trial.point.sizes), **{n: v for n, v in values.items() if v not in (0, 1)}}

    @cached_property
    def relation(self) -> Relation | None:
        """How the sides go together as a whole."""
        pairs = self.pairs()
        return relation(pairs) if pairs else None

    def multiple_of(self, value: Value) -> str | None:
        """Return how often a value is what the claimed side lacks, as text; None where it is not."""
        found = []
        for pair, trial in zip(self.pairs(), self.bench.trials, strict=False):
            array = trial.array(value)
            if array is None or array.shape != pair.right.shape or pair.right.shape != pair.claimed.shape:
                return None
            found.append(replace(pair, right=np.asarray(pair.right - pair.claimed, dtype=object), claimed=array))
        if found and all(close(p.right, p.claimed) for p in found):
            return "1"
        return factor(found)

    @cached_property
    def shift(self) -> int | None:
        """The axis along which the claimed side is moved by one."""
        pairs = self.pairs()
        return shifted(pairs) if pairs else None

    # Mistakes in the derivation

    def possible(self) -> Iterator[Mistake]:
        """Yield the mistakes that can be made at a gate."""
        around = Around(tuple(v.node for v in self.variables.values() if v.node.axes), self.constants)
        return possible(self.steps, around)

    def made(self) -> Iterator[Mistake]:
        """Yield each mistake at a gate that gives what is claimed."""
        shape, seen = self.claimed_shape, set[Node]()
        if shape is None:
            return
        for mistake in self.possible():
            wrong = self.with_mistakes(mistake)
            if wrong is None or (wrong.node in seen and not (mistake.natural or mistake.alone)):
                continue
            seen.add(wrong.node)
            if any(self.is_claimed(value) for value in self.shaped(wrong, shape)):
                yield mistake

    def with_mistakes(self, *mistakes: Mistake) -> Value | None:
        """Return what the derivation comes to with mistakes in it; None where they do not go together."""
        self.clock.check()
        try:
            return value_with(self.claim.read, self.right_tree, *mistakes)
        except (FormulaError, InternalError):
            return None

    def shaped(self, value: Value, shape: tuple[int, ...]) -> Iterator[Value]:
        """Yield a value that may have come to have further axes in every order in which it has a shape."""
        axes = _distinct([*value.axes, *(a for a in value.node.axes if a not in value.axes)])
        if len(axes) == value.rank:
            yield value
            return
        orders = permutations(axes) if len(axes) <= MANY else [tuple(axes)]
        for order in orders:
            ordered = Value(value.node, order)
            if self.bench.sizes_of(ordered) == shape:
                yield ordered

    # Repairs of the claimed expression

    def mended(self, edits: Iterator[Edit], most: int = 12) -> Iterator[Edit]:
        """Yield each repair that makes the claim true."""
        if self.right is None or not self.bench.trials:
            return
        seen, first = set[Node](), self.bench.trials[0]
        for edit in edits:
            self.clock.check()
            value = self.derivation.value(edit.old, edit.new)
            if value is None or value.node in seen:
                continue
            if self.bench.sizes_of(value) != self.bench.sizes_of(self.right):
                continue
            seen.add(value.node)
            if edit.kind == "unsymmetrised" and self._is_symmetric(edit.old):
                continue
            if close(first.array(value), first.array(self.right)) and self.bench.same(value, self.right):
                yield edit
                if (most := most - 1) == 0:
                    return

    def instead(self, tree: ast.expr) -> Case | None:
        """Return the case of a claim that has another expression for the claimed side; None where that has no value."""
        try:
            value = self.claim.read(tree)
        except (FormulaError, InternalError, RecursionError):
            return None
        left, right = (value, self.right) if self.is_swapped else (self.right, value)
        other = copy.copy(self)
        for known in ("relation", "shift"):
            other.__dict__.pop(known, None)
        other.claim = replace(self.claim, tree=self._claiming(tree), error=None, left=left, right=right)
        body = [other.claim.tree if s is self.claim.tree else s for s in self.program.tree.body]
        other.program = replace(self.program, tree=ast.Module(body, []), claims=[other.claim])
        other.derivation = Derivation(body, other.claim, tree, self.right_tree)
        return other

    def _claiming(self, tree: ast.expr) -> ast.Assert:
        sides = [tree, self.right_tree] if self.is_swapped else [self.right_tree, tree]
        test = ast.Compare(sides[0], [ast.Eq()], [sides[1]])
        return ast.fix_missing_locations(ast.copy_location(ast.Assert(ast.copy_location(test, tree)), self.claim.tree))

    def is_proved(self) -> bool:
        """Is the claim proved, or agreed to at further points, as any claim of a file is?"""
        (verdict,) = check_claims(replace(self.program, claims=[self.claim]), seconds=max(1.0, self.clock.left / 2))
        return verdict.verdict in ("proved", "agrees")

    def _is_symmetric(self, tree: ast.AST) -> bool:
        value = self.derivation.value_of(tree) if isinstance(tree, ast.expr) else None
        return value is not None and self.bench.same(value, Value(value.node, value.axes[::-1]))

    def structural(self) -> Iterator[Edit]:
        """Yield the changes of how the claimed side is put together, then those of its variables."""
        ranks: dict[ast.expr, int | None] = {}

        def rank(tree: ast.expr) -> int | None:
            if tree not in ranks:
                value = self.derivation.value_of(tree)
                ranks[tree] = None if value is None else value.rank
            return ranks[tree]

        for tree in self.derivation.trees:
            yield from structural(tree, rank)
        for tree in self.derivation.trees:
            for edit in renamed(tree, self._alike):
                number = names_in([edit.old, edit.new]) <= {*self.program.dimensions, *self.constants}
                yield replace(edit, kind="factor") if number else edit

    def _alike(self, name: str) -> list[str]:
        value = self.variables.get(name)
        if value is None or (not value.axes and len(self.variables) > FEW):
            return []
        return [n for n, v in self.variables.items() if n != name and v.shape == value.shape]

    def scaled(self) -> Iterator[Edit]:
        """Yield the claimed side with that constant put in somewhere that makes it right there, if one does.

        Where the claimed side is linear in a piece of it, twice the piece shows what a factor of it adds.
        """
        if self.right is None or self.claimed is None:
            return
        for tree in self.derivation.trees:
            for piece in pieces(tree):
                twice = self.derivation.value(piece, made("2 * e", e=piece))
                if twice is not None and (text := self._factor_of(twice, self.right, self.claimed)) is not None:
                    yield from inserted(piece, {text: "sign" if text == "-1" else "factor"}, parts=False)

    def _factor_of(self, twice: Value, right: Value, claimed: Value) -> str | None:
        found = []
        for trial in self.bench.trials:
            arrays = [trial.array(v) for v in (twice, claimed, right)]
            if any(a is None or a.shape != arrays[0].shape for a in arrays):  # type: ignore[union-attr]
                return None
            two, one, wanted = arrays
            added = np.asarray(two - one, dtype=object)  # type: ignore[operator]
            found.append(Pair(np.asarray(wanted - one + added, dtype=object), added, self.scalars(trial)))  # type: ignore[operator]
        return factor(found)

    def multiplied(self, names: Sequence[str]) -> Iterator[Edit]:
        """Yield the claimed side with a product with a matrix put in somewhere."""
        for tree in self.derivation.trees:
            yield from multiplied(tree, names)

    def masked(self, condition: str) -> Iterator[Edit]:
        """Yield the claimed side with a condition put in somewhere."""
        for tree in self.derivation.trees:
            yield from masked(tree, condition)

    def added(self, names: Sequence[str]) -> Iterator[Edit]:
        """Yield the claimed side with a variable added to a piece of it, or with a square of one."""
        for tree in self.derivation.trees:
            yield from added(tree, names)

    def inserted(self, factors: dict[str, str]) -> Iterator[Edit]:
        """Yield the claimed side with a factor put in somewhere."""
        for tree in self.derivation.trees:
            yield from inserted(tree, factors)


def _weight(tree: ast.expr) -> int:
    """Return 2 for a derivative, 1 for an expression with one in it."""
    return 2 if _is_derivative(tree) else int(any(_is_derivative(n) for n in ast.walk(tree)))


def _is_derivative(tree: ast.AST) -> bool:
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in DERIVATIVES


def _distinct(axes: list[Axis]) -> list[Axis]:
    return list(dict.fromkeys(axes))
