"""Proofs that two expressions are equal: both as Laurent polynomials over generators, with the generators' relations.

A generator is a symbol, an exponential of a monomial, a function of a canonical argument, or a sum that stands in a
denominator or under a root. Exponents are rational. The difference is zero if it vanishes once every generator with a
relation (a sum is its terms, sin^2 = 1 - cos^2, a truth value is its own square) has been replaced. That is exact; it
holds wherever both sides are defined, away from the points at which a comparison's two sides are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

import sympy

from gradcompile.verify.fields import Clock

TERMS = 3000

Monomial = tuple[tuple[int, Fraction], ...]  # (generator, exponent), sorted
Poly = dict[Monomial, Fraction]


class GaveUpError(Exception):
    """The polynomials outgrow the work limit, or something in them has no place here."""


def proved_equal(left: Any, right: Any, clock: Clock, meanings: Mapping[Any, Any] | None = None) -> bool:
    """Is the equality of two SymPy expressions proved within the work limit? False means: not proved.

    `meanings` says which symbols stand for other expressions.
    """
    left, right = sympy.sympify(left), sympy.sympify(right)
    if left.has(sympy.nan, sympy.oo, sympy.zoo) or right.has(sympy.nan, sympy.oo, sympy.zoo):
        return False
    if left == right:
        return True
    work = Identities(clock, meanings or {})
    try:
        difference = work.add([work.poly(left), work.scaled(work.poly(right), Fraction(-1))])
        return not work.resolved(difference)
    except (GaveUpError, RecursionError):
        return False


@dataclass(frozen=True)
class Relation:
    """How powers of a generator are replaced: `whole` consumes this many factors at a time by the polynomial."""

    consumes: int
    by: Callable[[], Poly]


class Identities:
    """The generators met so far, and the arithmetic over them."""

    def __init__(self, clock: Clock, meanings: Mapping[Any, Any]) -> None:
        self.clock, self.meanings = clock, meanings
        self.ids: dict[Any, int] = {}
        self.relations: dict[int, Relation] = {}
        self.known: dict[Any, Poly] = {}
        self.logarithms: dict[int, Callable[[], Poly]] = {}  # of generators that are surely positive

    def generator(self, key: Any) -> int:
        """Return the number of a generator, new or known."""
        return self.ids.setdefault(key, len(self.ids))

    def power_of(self, key: Any, exponent: Fraction | int = 1) -> Poly:
        """Return a power of a generator."""
        return {((self.generator(key), Fraction(exponent)),): Fraction(1)}

    # Arithmetic

    def add(self, parts: Iterable[Poly]) -> Poly:
        """Return a sum."""
        total: Poly = {}
        for part in parts:
            for monomial, coefficient in part.items():
                total[monomial] = total.get(monomial, Fraction(0)) + coefficient
        return {m: c for m, c in total.items() if c}

    def scaled(self, poly: Poly, factor: Fraction) -> Poly:
        """Return a multiple."""
        return {m: c * factor for m, c in poly.items()}

    def multiply(self, left: Poly, right: Poly) -> Poly:
        """Return a product."""
        self.clock.check()
        if len(left) * len(right) > 40 * TERMS:
            raise GaveUpError
        total: Poly = {}
        for m1, c1 in left.items():
            for m2, c2 in right.items():
                monomial = _times(m1, m2)
                total[monomial] = total.get(monomial, Fraction(0)) + c1 * c2
        if len(total) > TERMS:
            raise GaveUpError
        return {m: c for m, c in total.items() if c}

    def power(self, poly: Poly, exponent: int) -> Poly:
        """Return a whole power; a negative one of a sum is a generator that is that sum."""
        if exponent < 0:
            if len(poly) != 1:
                return self.sum_power(poly, Fraction(exponent))
            ((monomial, coefficient),) = poly.items()
            poly, exponent = {tuple((g, -e) for g, e in monomial): 1 / coefficient}, -exponent
        result: Poly = {(): Fraction(1)}
        for _ in range(exponent):
            result = self.multiply(result, poly)
        return result

    def sum_power(self, poly: Poly, exponent: Fraction) -> Poly:
        """Return a power of a polynomial as one generator, related to the polynomial."""
        if not poly:
            raise GaveUpError
        key = ("sum", frozenset(poly.items()))
        generator = self.generator(key)
        self.relations[generator] = Relation(1, lambda: poly)
        if self._is_positive(poly):
            self.logarithms[generator] = lambda: self.power_of((sympy.log, key[1]))
        return self.power_of(key, exponent)

    # From SymPy

    def poly(self, tree: Any) -> Poly:
        """Return a SymPy expression as a polynomial."""
        found = self.known.get(tree)
        if found is None:
            found = self.known[tree] = self._poly(tree)
        return found

    def _poly(self, tree: Any) -> Poly:
        if tree.is_Rational:
            return {(): Fraction(int(tree.p), int(tree.q))} if tree != 0 else {}
        if tree.is_Symbol or tree.is_NumberSymbol:
            return self.poly(self.meanings[tree]) if tree in self.meanings else self.power_of(tree)
        if tree.is_Add:
            return self.add(self.poly(a) for a in tree.args)
        if tree.is_Mul:
            result: Poly = {(): Fraction(1)}
            for factor in tree.args:
                result = self.multiply(result, self.poly(factor))
            return result
        if isinstance(tree, sympy.exp):
            return self._exponential(sympy.E, tree.args[0])
        if tree.is_Pow:
            return self._pow(*tree.args)
        return self._function(tree)

    def _pow(self, base: Any, exponent: Any) -> Poly:
        if exponent.is_Integer and abs(int(exponent)) <= 64:
            return self.power(self.poly(base), int(exponent))
        if exponent.is_Rational:
            if base.is_Symbol and base.is_positive and base not in self.meanings:
                return self.power_of(base, Fraction(int(exponent.p), int(exponent.q)))
            return self.sum_power(self.poly(base), Fraction(int(exponent.p), int(exponent.q)))
        return self._exponential(base, exponent)

    def _exponential(self, base: Any, exponent: Any) -> Poly:
        """Split base**(2*a + b - 1) into powers of base**a, base**b and of the base itself."""
        result: Poly = {(): Fraction(1)}
        key = "e" if base is sympy.E else frozenset(self.poly(base).items())
        for monomial, coefficient in self.poly(exponent).items():
            if monomial == () and base is not sympy.E:
                factor = self._pow(base, sympy.Rational(coefficient.numerator, coefficient.denominator))
            else:
                factor = self.power_of(("power", key, monomial), coefficient)
                if base is sympy.E:
                    exponent_of = {monomial: Fraction(1)}
                    generator = self.generator(("power", key, monomial))
                    self.logarithms[generator] = lambda p=exponent_of: p  # type: ignore[misc]
            result = self.multiply(result, factor)
        return result

    def _function(self, tree: Any) -> Poly:
        if isinstance(tree, sympy.Piecewise):
            result = self.poly(tree.args[-1].expr)
            if tree.args[-1].cond != sympy.true:
                raise GaveUpError
            for piece in reversed(tree.args[:-1]):
                result = self._choose(self.truth(piece.cond), self.poly(piece.expr), result)
            return result
        if isinstance(tree, sympy.Abs):
            return self.sum_power(self.power(self.poly(tree.args[0]), 2), Fraction(1, 2))
        if isinstance(tree, sympy.sign):
            x = self.poly(tree.args[0])
            return self.multiply(self.sum_power(self.power(x, 2), Fraction(1, 2)), self.power(x, -1))
        if isinstance(tree, sympy.Heaviside):
            return self._positive(self.poly(tree.args[0]))
        if isinstance(tree, (sympy.Max, sympy.Min)) and len(tree.args) == 2:
            a, b = map(self.poly, tree.args)
            larger = self._positive(self.add([a, self.scaled(b, Fraction(-1))]))
            return self._choose(larger, a, b) if isinstance(tree, sympy.Max) else self._choose(larger, b, a)
        if isinstance(tree, sympy.DiracDelta):
            return {}
        if isinstance(tree, sympy.log) and (split := self._logarithm(self.poly(tree.args[0]))) is not None:
            return split
        if tree.is_Function:
            key = (tree.func, *(frozenset(self.poly(a).items()) for a in tree.args))
            if isinstance(tree, sympy.sin):
                cosine = (sympy.cos, *key[1:])
                one: Poly = {(): Fraction(1)}
                by = self.add([one, self.scaled(self.power_of(cosine, 2), Fraction(-1))])
                self.relations[self.generator(key)] = Relation(2, lambda: by)
            return self.power_of(key)
        raise GaveUpError

    def _logarithm(self, poly: Poly) -> Poly | None:
        """Split the logarithm of a product of surely positive factors, or return None."""
        if len(poly) != 1:
            return None
        ((monomial, coefficient),) = poly.items()
        if coefficient != 1 or not monomial or not all(g in self.logarithms for g, _ in monomial):
            return None
        return self.add(self.scaled(self.logarithms[g](), e) for g, e in monomial)

    def _is_positive(self, poly: Poly) -> bool:
        return all(c > 0 and all(g in self.logarithms for g, _ in m) for m, c in poly.items())

    # Truth values, as 0 and 1

    def truth(self, condition: Any) -> Poly:
        """Return a condition as a polynomial that is 1 where it holds and 0 elsewhere."""
        one: Poly = {(): Fraction(1)}
        if condition in (sympy.true, sympy.false):
            return one if condition == sympy.true else {}
        if isinstance(condition, (sympy.Gt, sympy.Ge, sympy.Lt, sympy.Le)):
            high, low = condition.gts, condition.lts
            return self._positive(self.add([self.poly(high), self.scaled(self.poly(low), Fraction(-1))]))
        if isinstance(condition, sympy.Not):
            return self.add([one, self.scaled(self.truth(condition.args[0]), Fraction(-1))])
        if isinstance(condition, (sympy.And, sympy.Or)):
            neither = isinstance(condition, sympy.Or)
            result = one
            for part in condition.args:
                truth = self.truth(part)
                result = self.multiply(result, self._choose(truth, {}, one) if neither else truth)
            return self._choose(result, {}, one) if neither else result
        raise GaveUpError

    def _positive(self, poly: Poly) -> Poly:
        """Return the truth value of poly > 0; that of -poly > 0 is its complement, ties aside."""
        if set(poly) <= {()}:
            return {(): Fraction(1)} if poly.get((), Fraction(0)) > 0 else {}
        flipped = self.scaled(poly, Fraction(-1))
        first = min(poly)
        if poly[first] < 0:
            return self.add([{(): Fraction(1)}, self.scaled(self._positive(flipped), Fraction(-1))])
        scale = 1 / poly[first]
        key = ("positive", frozenset(self.scaled(poly, scale).items()))
        generator = self.generator(key)
        self.relations[generator] = Relation(2, lambda: self.power_of(key))
        return self.power_of(key)

    def _choose(self, truth: Poly, yes: Poly, no: Poly) -> Poly:
        difference = self.add([yes, self.scaled(no, Fraction(-1))])
        return self.add([no, self.multiply(truth, difference)])

    # Relations

    def resolved(self, poly: Poly) -> Poly:
        """Return the polynomial, times powers of denominators, with every relation applied: {} if it is zero."""
        for generator in sorted(self.relations, reverse=True):
            relation = self.relations[generator]
            while (parts := self._split(poly, generator, relation)) is not None:
                poly = parts
        return poly

    def _split(self, poly: Poly, generator: int, relation: Relation) -> Poly | None:
        """Replace the highest powers of a generator, or return None where there is nothing to replace."""
        exponents = [dict(m).get(generator, Fraction(0)) for m in poly]
        if not exponents:
            return None
        lowest = min(0, floor(min(exponents) / relation.consumes) * relation.consumes)
        if relation.consumes == 1 and lowest < 0:
            poly = {_times(m, ((generator, Fraction(-lowest)),)): c for m, c in poly.items()}
        elif max(exponents) < relation.consumes:
            return None
        pieces: list[Poly] = []
        for monomial, coefficient in poly.items():
            times = floor(dict(monomial).get(generator, Fraction(0)) / relation.consumes)
            if times <= 0:
                pieces.append({monomial: coefficient})
                continue
            rest = _times(monomial, ((generator, Fraction(-times * relation.consumes)),))
            pieces.append(self.multiply({rest: coefficient}, self.power(relation.by(), times)))
        return self.add(pieces)


def _times(left: Monomial, right: Monomial) -> Monomial:
    if not left or not right:
        return left or right
    exponents = dict(left)
    for generator, exponent in right:
        exponents[generator] = exponents.get(generator, Fraction(0)) + exponent
    return tuple(sorted((g, e) for g, e in exponents.items() if e))
