"""Extents: integer polynomials over dimension names, in a normal form in which equal means identical.

An extent is a polynomial with rational coefficients that takes integer values, so ``N*(N-1)//2`` is
``1/2 N^2 - 1/2 N`` and needs no division. A floor division that is not exact becomes an atom of its own.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import isqrt, lcm, prod
from typing import Union

Atom = Union[str, "FloorDiv", "Root"]
Monomial = tuple[tuple[Atom, int], ...]


@dataclass(frozen=True)
class FloorDiv:
    """``numerator // denominator`` where the division cannot be carried out on the polynomial."""

    numerator: Extent
    denominator: int

    def __str__(self) -> str:
        numerator = str(self.numerator)
        return f"({numerator if numerator.isidentifier() else f'({numerator})'}//{self.denominator})"

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """Return its value at the given sizes of the dimensions."""
        return self.numerator.evaluate(sizes) // self.denominator


@dataclass(frozen=True)
class Root:
    """The square root of a size, rounded up: how many of the steps of a long loop are remembered."""

    of: Extent

    def __str__(self) -> str:
        return f"ceil(sqrt({self.of}))"

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """Return its value at the given sizes of the dimensions."""
        size = self.of.evaluate(sizes)
        return isqrt(size - 1) + 1 if size > 0 else 0


@dataclass(frozen=True)
class Extent:
    """A sum of monomials with rational coefficients, sorted; the size of an axis, or an integer made of sizes."""

    terms: tuple[tuple[Monomial, Fraction], ...]

    @staticmethod
    def of(value: int | str | Extent) -> Extent:
        """Return the extent of an integer or of a dimension name."""
        if isinstance(value, Extent):
            return value
        if isinstance(value, int):
            return Extent((((), Fraction(value)),) if value else ())
        return Extent(((((value, 1),), Fraction(1)),))

    @staticmethod
    def root(of: Extent) -> Extent:
        """Return the square root of a size, rounded up."""
        if of.constant is not None:
            return Extent.of(Root(of).evaluate({}))
        return Extent(((((Root(of), 1),), Fraction(1)),))

    @staticmethod
    def _from(table: Mapping[Monomial, Fraction]) -> Extent:
        kept = ((m, c) for m, c in table.items() if c)
        return Extent(tuple(sorted(kept, key=lambda item: _monomial_key(item[0]))))

    def __add__(self, other: int | Extent) -> Extent:
        table = dict(self.terms)
        for monomial, coefficient in Extent.of(other).terms:
            table[monomial] = table.get(monomial, Fraction(0)) + coefficient
        return Extent._from(table)

    def __neg__(self) -> Extent:
        return Extent(tuple((m, -c) for m, c in self.terms))

    def __sub__(self, other: int | Extent) -> Extent:
        return self + -Extent.of(other)

    def __mul__(self, other: int | Extent) -> Extent:
        table: dict[Monomial, Fraction] = {}
        for (m1, c1), (m2, c2) in product(self.terms, Extent.of(other).terms):
            monomial = _times(m1, m2)
            table[monomial] = table.get(monomial, Fraction(0)) + c1 * c2
        return Extent._from(table)

    def __floordiv__(self, divisor: int) -> Extent:
        if divisor < 0:
            return (-self) // -divisor
        if divisor == 1:
            return self
        quotient = Extent(tuple((m, c / divisor) for m, c in self.terms))
        if quotient.is_integer_valued:
            return quotient
        if (value := self.constant) is not None:
            return Extent.of(value // divisor)
        whole = Extent._from({m: Fraction(c // divisor) for m, c in self.terms})
        rest = self - whole * divisor
        if rest.constant is not None:  # 0 <= rest < divisor
            return whole
        return whole + Extent(((((FloorDiv(rest, divisor), 1),), Fraction(1)),))

    def __mod__(self, divisor: int) -> Extent:
        return self - (self // divisor) * divisor

    def __pow__(self, power: int) -> Extent:
        result = Extent.of(1)
        for _ in range(power):
            result = result * self
        return result

    @property
    def constant(self) -> int | None:
        """Return the value if it depends on no dimension, else None."""
        if not self.terms:
            return 0
        if len(self.terms) == 1 and not self.terms[0][0]:
            return int(self.terms[0][1])
        return None

    @cached_property
    def names(self) -> frozenset[str]:
        """The dimension names it depends on."""
        found: set[str] = set()
        for monomial, _ in self.terms:
            for atom, _power in monomial:
                found |= _names_of(atom)
        return frozenset(found)

    @property
    def is_integer_valued(self) -> bool:
        """Is it an integer at all integer sizes? Degree + 1 points in a row of each variable are a proof."""
        if all(c.denominator == 1 for _, c in self.terms):
            return True
        atoms = sorted({a for m, _ in self.terms for a, _ in m}, key=str)
        degrees = [max(dict(m).get(a, 0) for m, _ in self.terms) for a in atoms]
        return all(
            self._at(dict(zip(atoms, point, strict=True))).denominator == 1
            for point in product(*(range(d + 1) for d in degrees))
        )

    def _at(self, values: Mapping[Atom, int]) -> Fraction:
        total = Fraction(0)
        for monomial, coefficient in self.terms:
            total += coefficient * prod(values[atom] ** power for atom, power in monomial)
        return total

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """Return its value at the given sizes of the dimensions."""
        atoms = {a for m, _ in self.terms for a, _ in m}
        return int(self._at({a: sizes[a] if isinstance(a, str) else a.evaluate(sizes) for a in atoms}))

    def at_least(self, bound: int) -> bool:
        """Is it provably >= bound, whatever the (non-negative) sizes? False means: not proved."""
        rest = self - bound
        if all(c >= 0 for _, c in rest.terms):
            return True
        # n*(n-1)/2 and its like: the positive leading term outweighs the rest from some size on; try those below.
        if len(rest.names) != 1 or any(not isinstance(a, str) for m, _ in rest.terms for a, _ in m):
            return False
        (name,) = rest.names
        coefficients = {sum(p for _, p in m): c for m, c in rest.terms}
        leading = coefficients[max(coefficients)]
        if leading <= 0:
            return False
        horizon = int(sum(abs(c) for c in coefficients.values()) / leading) + 1
        return horizon < 1000 and all(rest.evaluate({name: size}) >= 0 for size in range(horizon + 1))

    def __str__(self) -> str:
        """Python text with the same value: parsing it gives this extent back."""
        if not self.terms:
            return "0"
        scale = lcm(*(c.denominator for _, c in self.terms))
        parts = []
        for monomial, coefficient in sorted(self.terms, key=lambda t: (-sum(p for _, p in t[0]), _monomial_key(t[0]))):
            number = int(coefficient * scale)
            factors = [str(a) if p == 1 else f"{a}**{p}" for a, p in monomial]
            if abs(number) != 1 or not factors:
                factors.insert(0, str(abs(number)))
            parts.append(("-" if number < 0 else "+", "*".join(factors)))
        text = "".join(f" {sign} {body}" for sign, body in parts)[1:]
        text = text[2:] if text[0] == "+" else "-" + text[2:]
        return text if scale == 1 else f"({text})//{scale}"


def _names_of(atom: Atom) -> frozenset[str]:
    if isinstance(atom, str):
        return frozenset({atom})
    return atom.numerator.names if isinstance(atom, FloorDiv) else atom.of.names


def _monomial_key(monomial: Monomial) -> tuple[tuple[str, int], ...]:
    return tuple((str(atom), power) for atom, power in monomial)


def _times(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left)
    for atom, power in right:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: str(item[0])))


def same_size(left: Extent, right: Extent) -> bool | None:
    """Are two extents equal? True: proved. False: they differ at some sizes. None: only a run-time check can tell."""
    if left == right:
        return True
    difference = left - right
    if difference.constant is not None:
        return False
    draw = random.Random(0)
    for _ in range(24):
        sizes = {name: draw.randint(2, 50) for name in sorted(difference.names)}
        if difference.evaluate(sizes):
            return False
    return None


def total(extents: Iterable[Extent]) -> Extent:
    """Return the product of extents: the number of elements of an array of that shape."""
    result = Extent.of(1)
    for extent in extents:
        result = result * extent
    return result
