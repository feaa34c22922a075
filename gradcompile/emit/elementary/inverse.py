"""arctan, arctan2 and cbrt.

The arctangent of t is t + t^3*p(t^2) up to |t| = 0.546; larger arguments are turned by a quarter of pi, or by a half.
"""

from __future__ import annotations

from gradcompile.emit.elementary.formats import Format

_LOW, _HIGH = 0.5463, 1.8305  # where to turn: arctan(_LOW) is 1/2, so that what is added is no finer than the result


def source(f: Format) -> str:
    """Return the functions' text."""
    high, low = (0.5 * part for part in f.table["HALF_PI"][:2])
    large = {"float64": 1e300, "float32": 1e30}[f.name]
    scale, root = {"float64": (2.0**54, 2.0**-18), "float32": (2.0**24, 2.0**-8)}[f.name]
    shift, base = f.width - f.fraction, 2.0**f.fraction
    place = (f.bias + f.fraction) << f.fraction
    start = float(((4 * f.bias << f.fraction) // 3 >> shift) - round(0.068 * 2.0 ** (f.fraction - shift)))
    return f'''
@jit
def _arctan_sum(m, sign, t):
    """m*pi/4 + sign*arctan(t) for |t| <= 0.5464."""
    square = t * t
    return m * {high!r} + (sign * (t + t * square * {f.series("square", "ATAN")}) + m * {low!r})


@jit
def _arctan(x):
    """The inverse tangent, within 2 units in the last place."""
    a = abs(x)
    large, middle = a > {_HIGH}, a > {_LOW}
    above = -1.0 if large else a - 1.0 if middle else a
    below = a if large else a + 1.0 if middle else 1.0
    m = 2.0 if large else 1.0 if middle else 0.0
    return math.copysign(_arctan_sum(m, 1.0, above / below), x)


@jit
def _arctan2(y, x):
    """The angle of the point (x, y), within 2 units in the last place: by its image in the first octant."""
    a, b = abs(y), abs(x)
    steep = a > b
    p, q = b if steep else a, a if steep else b
    scale = 0.25 if q > {large!r} else {scale!r} if q < {1 / large!r} else 1.0
    p, q = p * scale, q * scale
    middle, same = p > {_LOW} * q, (p == np.inf) & (q == np.inf)
    above = p - q if middle else p
    below = p + q if middle else q
    above = 0.0 if same else above
    below = 1.0 if same | (below == 0.0) else below
    m = 1.0 if middle | same else 0.0
    m = 2.0 - m if steep else m
    left = math.copysign(1.0, x) < 0.0
    m = 4.0 - m if left else m
    return math.copysign(_arctan_sum(m, -1.0 if steep != left else 1.0, above / below), y)


@jit
def _cbrt(x):
    """The real cube root, within 1 unit in the last place: z near 1 / cbrt(|x|) by its bits, then two steps."""
    a = abs(x)
    small = a < {f.tiny!r}
    a = a * {scale!r} if small else a
    third = ({f.number(f"{f.bits('a')} >> {shift} | {place:#x}")} - {base!r}) * {1 / 3!r}
    z = {f.number(f"{f.bits(f'{start!r} - third + {base!r}')} << {shift}")}
    d = 1.0 - a * z * (z * z)
    z = z + z * d * {f.series("d", "CBRT")}
    y = a * z * z
    square = y * y
    cube = square * y
    low = _fma(square, y, -cube) + _fma(y, y, -square) * y
    y = y - ((cube - a) + low) * (z * z) * {1 / 3!r}
    y = y * {root!r} if small else y
    y = a if (a == 0.0) | (a == np.inf) else y
    return math.copysign(y, x)
'''
