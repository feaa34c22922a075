"""erf and erfc.

erf(x) = x + x*p(x^2) near 0. exp(x^2)*erfc(x)*(1 + x) is smooth up to infinity as a function of t = (x - c)/(x + c)
(Shepherd and Laframboise, Math. Comp. 36, 1981).
"""

from __future__ import annotations

from gradcompile.emit.elementary.formats import Format


def source(f: Format) -> str:
    """Return the functions' text."""
    first = f.table["ERFC"][0]
    flat, zero = {"float64": (6.0, 28.0), "float32": (4.0, 11.0)}[f.name]
    return f'''
@jit
def _erf(x):
    """The error function, within 1 unit in the last place: x + x*p(x^2), from |x| = 1 on 1 - erfc(|x|)."""
    square, a = x * x, abs(x)
    near = x + x * {f.series("square", "ERF")}
    a = {flat} if a > {flat} else a
    t = (a - 2.5) / (a + 2.5)
    far = 1.0 - _exp(-(a * a)) * {f.series("t", "ERF_TAIL")} / (a + 1.0)
    return near if abs(x) < 1.0 else math.copysign(far, x)


@jit
def _erfc(x):
    """1 - erf(x), within 2 units in the last place: exp(-x^2), x^2 in two parts, times a smooth function / (1 + |x|).

    What sum and quotient lost is put back, times a rough 1 / (1 + |x|).
    """
    a = abs(x)
    a = {zero} if a > {zero} else a
    square, below, t = a * a, 1.0 + a, (a - 3.75) / (a + 3.75)
    place, w = _exp_parts(-square)
    p = {f.series("t", "ERFC", 1)}
    tail = p + ({first!r} + p) * (w - _fma(a, a, -square) * (1.0 + w))
    above = {first!r} + tail
    y = above / below
    lost = _fma(-y, below, above) + ((tail - (above - {first!r})) - y * (a - (below - 1.0)))
    y = y + lost * (1.0 - t) * (0.2094 + t * (0.0964 * t - 0.1457))
    one, other = _halves(place)
    y = y * one * other
    return y if x > 0.0 else 2.0 - y
'''
