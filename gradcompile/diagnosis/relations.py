"""How two sides as a whole go together, by their values alone: a sign, a factor, a transposition, a sum, a shift."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations, product
from typing import Any

import mpmath
import numpy as np

from gradcompile.diagnosis.bench import CLOSE, close
from gradcompile.verify.arrays import Array

DENOMINATOR = 16  # of a factor that is a number
SCALES = (0, 1, -1, 2, -2, Fraction(1, 2), Fraction(-1, 2))


@dataclass(frozen=True)
class Relation:
    """The right side is `repair` of the claimed one; `template` has {} in the place of the claimed expression."""

    kind: str
    template: str
    extra: str = ""  # the factor, the axis

    def repaired(self, text: str, *, closed: bool) -> str:
        """Return the right expression, given the claimed one."""
        return self.template.format(text if closed else f"({text})")


@dataclass(frozen=True)
class Pair:
    """Both sides at a point, with the scalars that a factor may be made of: sizes and inputs."""

    right: Array
    claimed: Array
    scalars: Mapping[str, Any]
    tolerance: Any = CLOSE


def relation(pairs: Sequence[Pair]) -> Relation | None:
    """Return the simplest relation that holds at every point."""
    return next((r for r, holds in _relations(pairs) if holds()), None)


def _relations(pairs: Sequence[Pair]) -> Iterator[tuple[Relation, Callable[[], bool]]]:
    def everywhere(repair: Callable[[Array], Array]) -> Callable[[], bool]:
        return lambda: bool(pairs) and all(_fits(p, repair) for p in pairs)

    rank = pairs[0].claimed.ndim if pairs else 0
    yield Relation("sign", "-{}"), everywhere(lambda a: -a)
    if (text := factor(pairs)) is not None:
        divided = text.startswith("1 / ")
        yield Relation("factor", f"{{}} / {text[4:]}" if divided else f"{text} * {{}}", text), lambda: True
    for order in permutations(range(rank)):
        if order != tuple(range(rank)):
            text = "{}.T" if rank == 2 else f"transpose({{}}, {order})"
            yield Relation("transpose", text), everywhere(lambda a, o=order: np.transpose(a, o))  # type: ignore[misc]
    for axis in range(rank):
        yield (
            Relation("missing-sum", f"sum({{}}, axis={axis})", str(axis)),
            everywhere(lambda a, x=axis: np.asarray(np.sum(a, axis=x), dtype=object)),  # type: ignore[misc]
        )
    yield Relation("missing-sum", "sum({})", "all"), everywhere(lambda a: np.asarray(np.sum(a), dtype=object))
    yield from _sums(pairs)


def _sums(pairs: Sequence[Pair]) -> Iterator[tuple[Relation, Callable[[], bool]]]:
    """Yield that the claimed side is a sum of the right one: there is no way back from it."""
    rank = pairs[0].right.ndim if pairs else 0
    for axis in [*range(rank), None]:
        for keep in (False, True):

            def holds(axis: int | None = axis, keep: bool = keep) -> bool:
                return all(
                    close(np.asarray(np.sum(p.right, axis=axis, keepdims=keep)), p.claimed, p.tolerance) for p in pairs
                )

            if rank:
                yield Relation("extra-sum", "", "all" if axis is None else str(axis)), holds


def _fits(pair: Pair, repair: Callable[[Array], Array]) -> bool:
    return close(np.asarray(repair(pair.claimed), dtype=object), pair.right, pair.tolerance)


def shifted(pairs: Sequence[Pair]) -> int | None:
    """Return an axis along which the claimed side is the right one moved by one position, if there is one."""
    for axis in range(pairs[0].right.ndim if pairs else 0):
        if all(p.right.shape == p.claimed.shape and p.right.shape[axis] > 2 for p in pairs):
            for one, other in (("right", "claimed"), ("claimed", "right")):
                late = [np.delete(getattr(p, one), 0, axis) for p in pairs]
                early = [np.delete(getattr(p, other), -1, axis) for p in pairs]
                if all(close(a, b) for a, b in zip(late, early, strict=True)):
                    return axis
    return None


# Factors


def factor(pairs: Sequence[Pair]) -> str | None:
    """Return the factor by which the right side is larger, as an expression of sizes and scalars."""
    ratios = [ratio(p.right, p.claimed, p.tolerance) for p in pairs]
    tolerance = max((p.tolerance for p in pairs), default=CLOSE)
    if not ratios or any(r is None for r in ratios):
        return None
    names = list(pairs[0].scalars)
    for monomial in sorted(_monomials(names), key=lambda m: (sum(abs(e) for e in m.values()), list(m.items()))):
        rest = [r / _value(monomial, p.scalars) for r, p in zip(ratios, pairs, strict=True)]
        number = rational(rest[0], tolerance)
        if number is not None and all(abs(r - rest[0]) <= 4 * tolerance * abs(r) for r in rest):
            return None if number == 1 and not monomial else written(number, monomial)
    return None


def ratio(right: Array, claimed: Array, tolerance: Any = CLOSE) -> Any:
    """Return the one number that all elements of two arrays are apart by as a factor, None if there is none."""
    if right.shape != claimed.shape:
        return None
    found = None
    for a, b in zip(right.reshape(-1), claimed.reshape(-1), strict=True):
        if a == 0 and b == 0:
            continue
        if a == 0 or b == 0:
            return None
        quotient = mpmath.mpf(a) / mpmath.mpf(b)
        if found is not None and abs(quotient - found) > 4 * tolerance * abs(found):
            return None
        found = quotient
    return found


def _monomials(names: Sequence[str]) -> Iterator[dict[str, Fraction]]:
    yield {}
    for name, power in product(names, SCALES[1:]):
        yield {name: Fraction(str(power))}
    for i, one in enumerate(names):
        for other, p, q in product(names[i + 1 :], (1, -1), (1, -1)):
            yield {one: Fraction(p), other: Fraction(q)}


def _value(monomial: Mapping[str, Fraction], scalars: Mapping[str, Any]) -> Any:
    result = mpmath.mpf(1)
    for name, power in monomial.items():
        result *= mpmath.power(mpmath.mpf(scalars[name]), mpmath.mpf(power.numerator) / power.denominator)
    return result if isinstance(result, mpmath.mpf) and result else mpmath.nan


def rational(value: Any, tolerance: Any = CLOSE) -> Fraction | None:
    """Return a number as a simple fraction, None where it is none."""
    if not mpmath.isfinite(value) or value == 0:
        return None
    found = Fraction(float(value)).limit_denominator(DENOMINATOR)
    close_to = abs(mpmath.mpf(found.numerator) / found.denominator - value) <= 4 * tolerance * abs(value)
    return found if close_to and abs(found.numerator) <= 1000 else None


def written(number: Fraction, monomial: Mapping[str, Fraction]) -> str:
    """Return a factor as formula text, such as ``2 / N``."""
    above = [_power(n, p) for n, p in monomial.items() if p > 0]
    below = [_power(n, -p) for n, p in monomial.items() if p < 0]
    if abs(number.numerator) != 1 or not above:
        above.insert(0, str(abs(number.numerator)))
    if number.denominator != 1:
        below.insert(0, str(number.denominator))
    text = " * ".join(above)
    if below:
        text += f" / {below[0]}" if len(below) == 1 else f" / ({' * '.join(below)})"
    return f"-{text}" if number < 0 else text


def _power(name: str, power: Fraction) -> str:
    if power == Fraction(1, 2):
        return f"sqrt({name})"
    return name if power == 1 else f"{name}**{power}"
