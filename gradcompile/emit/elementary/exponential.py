"""exp and what is made of it: expm1, tanh, sigmoid.

x = k*log(2) + r with |r| <= log(2)/2, log(2) in two parts of which the first times k is exact (Cody and Waite, Software
Manual for the Elementary Functions, 1980); then 2^k * exp(r), with a polynomial for exp(r). The parts of the result are
added in an order that makes few roundings, and every function is right whether products are fused with sums or not.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from gradcompile.emit.elementary.formats import Format
from gradcompile.gates.horner import horner

LOG2_E = 1.4426950408889634


class _Fraction(NamedTuple):
    """What Lambert's continued fraction of tanh comes to when it ends at a rung: x - x^3 * above / below."""

    rung: int
    above: tuple[float, ...]  # in powers of x^2
    below: tuple[float, ...]


_LAMBERT = {
    "float64": _Fraction(15, (675675.0, 45045.0, 594.0, 1.0), (2027025.0, 945945.0, 51975.0, 630.0, 1.0)),
    "float32": _Fraction(9, (315.0, 14.0), (945.0, 420.0, 15.0)),
}


def source(f: Format) -> str:
    """Return the functions' text."""
    high, low = f.table["LN2"]
    least, largest = f.exp_range
    overflow2 = {"float64": (1025.0, -1077.0), "float32": (129.0, -152.0)}[f.name]
    flat = {"float64": 22.0, "float32": 10.0}[f.name]
    lambert = _LAMBERT[f.name]
    return f'''
@jit
def _power_of_two(place):
    """2^k within the normal range, for place = k + {f.place!r}."""
    return {f.number(f"{f.bits('place')} << {f.fraction}")}


@jit
def _halves(place):
    """Two powers of two, the product of which is 2^k, subnormal or infinite too, for place = k + {f.double_place!r}."""
    bits = {f.bits("place")}
    half = {f.integer}({f.natural}(bits) >> {f.natural}(1))
    return {f.number(f"half << {f.fraction}")}, {f.number(f"(bits - half) << {f.fraction}")}


@jit
def _exp_parts(x):
    """k + {f.double_place!r} and w, exp(x) = 2^k * (1 + w) with a whole k: Cody and Waite's reduction, a polynomial."""
    place = x * {LOG2_E!r} + {f.double_place!r}
    k = place - {f.double_place!r}
    r = x - k * {high!r} - k * {low!r}
    return place, r * r * {f.series("r", "EXP")} + r


@jit
def _exp(x):
    """e to the x, within 2 units in the last place."""
    x = {largest} if x > {largest} else x
    x = {least} if x < {least} else x
    place, w = _exp_parts(x)
    one, other = _halves(place)
    return (one + one * w) * other


@jit
def _expm1_parts(x):
    """k + {f.place!r} for a whole k, and r and q with exp(x) = 2^k * (1 + r + q), where r is exact."""
    place = x * {LOG2_E!r} + {f.place!r}
    k = place - {f.place!r}
    high, low = x - k * {high!r}, k * {low!r}
    r = high - low
    return place, high, r * r * {f.series("r", "EXP")} - low


@jit
def _expm1(x):
    """exp(x) - 1, within 2 units in the last place."""
    y = {largest} if x > {largest} else x
    y = {-2 * flat} if y < {-2 * flat} else y
    place, r, q = _expm1_parts(y)
    power = _power_of_two(place - 1.0)
    y = 2.0 * (power * q + (power * r + (power - 0.5)))
    y = x if abs(x) < {f.tiny!r} else y
    return y


@jit
def _tanh(x):
    """The hyperbolic tangent, within 2 units in the last place: 1 - 2 / (exp(2*|x|) + 1), near 0 x - x^3*p(x^2)/q(x^2).

    p and q are from Lambert's continued fraction x/(1 + x^2/(3 + x^2/(5 + ...))), up to {lambert.rung}.
    """
    size = abs(x)
    square = size * size
    place, w = _exp_parts(2.0 * ({flat} if size > {flat} else size))
    power = _power_of_two(place - {float(f.bias)})
    near = size < 0.55
    above = -size * square * {horner("square", lambert.above)} if near else -2.0
    below = {horner("square", lambert.below)} if near else power * w + (power + 1.0)
    return math.copysign((size if near else 1.0) + above / below, x)


@jit
def _sigmoid(x):
    """1 / (1 + z) or z / (1 + z), z = exp(-|x|), less what rounding 1 + z came to; within 2 units in the last place."""
    z = _exp(-abs(x))
    below = 1.0 + z
    y = (1.0 if x >= 0.0 else z) / below
    return y - y * (z - (below - 1.0)) * (1.0 - 0.5 * z)


@jit
def _half_exp(x):
    """exp(x) / 2 for x >= 0, which overflows later."""
    x = {largest + 1.0} if x > {largest + 1.0} else x
    place, w = _exp_parts(x)
    one, other = _halves(place - 1.0)
    return (one + one * w) * other


@jit
def _cosh(x):
    """The hyperbolic cosine, within 2 units in the last place: h + 1 / (4*h) with h = exp(|x|) / 2."""
    h = _half_exp(abs(x))
    return h + 0.25 / h


@jit
def _sinh(x):
    """The hyperbolic sine, within 2 units in the last place: h - 1 / (4*h), up to |x| = 1 x + x^3*p(x^2)."""
    h, square = _half_exp(abs(x)), x * x
    near = x + x * square * {f.series("square", "SINH")}
    near = x if x == 0.0 else near
    far = math.copysign(h - 0.25 / h, x)
    y = near if abs(x) < 1.0 else far
    return y


@jit
def _exp2(x):
    """2 to the x, within 2 units in the last place."""
    x = {overflow2[0]} if x > {overflow2[0]} else x
    x = {overflow2[1]} if x < {overflow2[1]} else x
    place = x + {f.double_place!r}
    r = (x - (place - {f.double_place!r})) * {math.log(2)!r}
    one, other = _halves(place)
    return (one + one * (r + r * r * {f.series("r", "EXP")})) * other
'''
