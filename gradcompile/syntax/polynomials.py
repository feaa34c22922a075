"""Polynomials over symbols that are 0 or more and whole: which are 0 or more, as far as that can be found out.

What is known are other polynomials that are 0 or more. Each of them gives one symbol as the others plus something that
is 0 or more; put in its place, that may leave the goal without a negative coefficient, which proves it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from gradcompile.ir.dims import Extent, Monomial

_DEPTHS = (2, 4, 7)  # substitutions behind one another, the short proofs first
_STEPS = 120  # substitutions that are tried for each of these
_FEW_STEPS = 8  # tried at once
_POINTS = 150  # at which a goal is tried before it is proved
_ROUNDING = 1e-6
ZERO = Extent.of(0)


@dataclass(frozen=True)
class Goal:
    """A polynomial that is to be shown 0 or more, and those that are known to be."""

    left: Extent
    facts: tuple[Extent, ...]


Case = tuple[Extent, tuple[Extent, ...]]
"""One of the numbers that a symbol may be, and what is 0 or more where it is that one."""


@dataclass
class Facts:
    """What is known of some symbols."""

    facts: list[Extent] = field(default_factory=list)
    lengths: dict[str, Extent] = field(default_factory=dict)  # of the axes that symbols are positions along
    choices: dict[str, list[Case]] = field(default_factory=dict)  # symbols that are one of several numbers
    minima: set[str] = field(default_factory=set)  # those that are the least of them
    maxima: set[str] = field(default_factory=set)  # and the greatest
    steps: int = 0  # left for a search

    def proves(self, left: Extent) -> bool:
        """Is a polynomial provably >= 0?"""
        goal, self.steps = Goal(left, tuple(self.facts)), _FEW_STEPS
        return self._search(goal, 2) or (not self._refuted(left) and self._holds(goal, frozenset()))

    def _refuted(self, left: Extent) -> bool:
        """Is there a point at which all facts hold but not the goal? Then no search is needed."""
        draw = random.Random(0)
        names = self._in_order(set().union(*map(names_of, (left, *self.facts))))
        largest = int(max((abs(c) for p in (left, *self.facts) for monomial, c in p.terms if not monomial), default=0))
        for trial in range(_POINTS):
            point = self._point(names, 6 if trial % 2 else 6 + 2 * largest, draw)
            if point is None or _at(left, point) > -_ROUNDING:
                continue
            if all(_at(fact, point) > -_ROUNDING for fact in self.facts):
                return True
        return False

    def _in_order(self, names: set[str]) -> list[str]:
        """Return symbols, each behind those that it is made of."""
        waiting = [s for s in names if s in self.choices]
        while waiting:
            parts = [p for value, conditions in self.choices[waiting.pop()] for p in (value, *conditions)]
            more = set().union(*map(names_of, parts)) - names
            names = names | more
            waiting += [s for s in more if s in self.choices]
        return sorted(names, key=lambda s: (s in self.choices, s in self.lengths, len(s), s))

    def _point(self, names: Sequence[str], most: int, draw: random.Random) -> dict[str, int] | None:
        """Return values of symbols: of a position one inside its axis, of a choice what it is there."""
        point: dict[str, int] = {}
        for name in names:
            if name in self.choices:
                below, point[f"{name}-"] = f"{name}-", 0
                fitting = [v for v, conditions in self.choices[name] if all(_at(c, point) >= 0 for c in conditions)]
                if not fitting:
                    return None
                value = int(_at(fitting[0], point))
                point[below] = max(0, -value)
                point[name] = value + point[below]
            elif name.removesuffix("-") == name or name.removesuffix("-") not in self.choices:
                length = self.lengths.get(name)
                last = most if length is None else int(_at(length, point)) - 1
                point[name] = draw.randint(0, max(last, 0))
        return point

    # -- search ------------------------------------------------------------------------------------------------

    def _holds(self, goal: Goal, decided: frozenset[str]) -> bool:
        """Prove a goal, by cases where there are any (a minimum is one of two numbers)."""
        for depth in _DEPTHS:
            self.steps = _STEPS
            if self._search(goal, depth):
                return True
        symbol = next((s for s in sorted(names_of(goal.left)) if s in self.choices and s not in decided), None)
        if symbol is None:
            return False
        return all(
            self._holds(_replaced(Goal(goal.left, (*goal.facts, *conditions)), symbol, value), decided | {symbol})
            for value, conditions in self.choices[symbol]
        )

    def _search(self, goal: Goal, depth: int) -> bool:
        if nonnegative(goal.left):
            return True
        raised = {s for monomial, c in goal.left.terms if c > 0 for s, _ in monomial}
        lowered = {s for monomial, c in goal.left.terms if c < 0 for s, _ in monomial}
        for place, fact in enumerate(goal.facts):
            if not depth or self.steps <= 0:
                return False
            for symbol, c in _linear(fact):
                if symbol not in (raised if c > 0 else lowered):
                    continue
                self.steps -= 1
                rest = goal.facts[:place] + goal.facts[place + 1 :]
                alone = _scaled(Extent.of(symbol), c)
                value = _scaled(Extent.of(f"{symbol}'") - (fact - alone), 1 / c)
                if self._search(_replaced(Goal(goal.left, (*rest, Extent.of(symbol))), symbol, value), depth - 1):
                    return True
        return False


def names_of(p: Extent) -> set[str]:
    """Return the symbols of a polynomial."""
    return {str(s) for monomial, _ in p.terms for s, _ in monomial}


def _at(p: Extent, point: Mapping[str, int]) -> float:
    """Return a polynomial's value at a point."""
    total = 0.0
    for monomial, c in p.terms:
        term = c.numerator / c.denominator
        for s, power in monomial:
            term *= point[str(s)] ** power
        total += term
    return total


def _linear(p: Extent) -> list[tuple[str, Fraction]]:
    """Return the symbols that stand in one term only, by themselves, and their coefficients."""
    counts: dict[str, int] = {}
    for monomial, _ in p.terms:
        for s, _power in monomial:
            counts[str(s)] = counts.get(str(s), 0) + 1
    return [(str(m[0][0]), c) for m, c in p.terms if len(m) == 1 and m[0][1] == 1 and counts[str(m[0][0])] == 1]


def _scaled(p: Extent, by: Fraction) -> Extent:
    return Extent(tuple((m, c * by) for m, c in p.terms))


def _replaced(goal: Goal, symbol: str, value: Extent) -> Goal:
    return Goal(replaced(goal.left, symbol, value), tuple(replaced(f, symbol, value) for f in goal.facts))


def replaced(p: Extent, symbol: str, value: Extent) -> Extent:
    """Return a polynomial with another put in the place of a symbol."""
    if not any(s == symbol for monomial, _ in p.terms for s, _ in monomial):
        return p
    total = ZERO
    for monomial, c in p.terms:
        power = next((n for s, n in monomial if s == symbol), 0)
        left: Monomial = tuple(item for item in monomial if item[0] != symbol)
        total = total + Extent(((left, c),)) * value**power
    return total


def nonnegative(p: Extent) -> bool:
    """Is it 0 or more whatever the symbols, which are 0 or more and whole?"""
    if all(c >= 0 for _, c in p.terms):
        return True
    names = names_of(p)
    if len(names) != 1:
        return False
    coefficients = {sum(n for _, n in m): c for m, c in p.terms}
    leading = coefficients[max(coefficients)]
    horizon = int(sum(abs(c) for c in coefficients.values()) / abs(leading)) + 1
    if leading < 0 or horizon > 100:
        return False
    return all(sum(c * x**n for n, c in coefficients.items()) >= 0 for x in range(horizon + 1))
