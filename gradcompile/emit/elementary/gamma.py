"""lgamma and digamma.

Both are computed at 1 + s with s >= 0: up to s = 1.5 by a polynomial times the zeros of the function, beyond it by
Stirling's series around y = s + 1/2, which has only even powers of 1/y behind the logarithm (DLMF 5.11.8), here as a
polynomial in 1 / (y^2 + 1). One step leads to x < 1 (DLMF 5.5.1), reflection to x < 0 (DLMF 5.5.3, 5.5.4), with the
distance to the nearest whole number instead of x.
"""

from __future__ import annotations

from gradcompile.emit.elementary.formats import Format


def source(f: Format) -> str:
    """Return the functions' text."""
    high, low = f.table["LN2"]
    root, root_low = f.table["DIGAMMA_ROOT"]
    half, half_low = f.table["HALF_LOG_2PI"]
    raised = f.fraction + 2
    return f'''
@jit
def _log_and_rest(k, f):
    """k*log(2) + log(1 + f) as the sum of two numbers, the second of which has the rounding of the first."""
    s = f / (2.0 + f)
    z = s * s
    h = 0.5 * f * f
    less = h - (s * (h + z * {f.series("z", "LOG")}) + k * {low!r})
    part = f - less
    whole = k * {high!r}
    log = whole + part
    return log, ((whole - log) + part) + ((f - part) - less)


@jit
def _lgamma_of_1_plus(s):
    """lgamma(1 + s) for s >= 0: s*(s - 1)*p(s), from s = 1.5 on y*(log(y) - 1) + log(2*pi)/2 + y*v*q(v)."""
    t, less = s - 0.75, s - 1.0
    zeros = s * less
    zeros_low = _fma(s, less, -zeros) + s * (s - (less + 1.0))
    p = {f.series("t", "LGAMMA")}
    near = _fma(zeros, p, zeros_low * p)
    y = s + 0.5
    v = 1.0 / (y * y + 1.0)
    k, f = _log_parts(y)
    log, log_low = _log_and_rest(k, f)
    m = log - 1.0
    main = _fma(y, m, 0.0)
    main_low = _fma(y, m, -main) + y * (log_low + ((log - m) - 1.0))
    sum = main + {half!r}
    rest = main_low + ({half_low!r} + y * v * {f.series("v", "LGAMMA_FAR")})
    far = sum + ((({half!r} - sum) + main) + rest)
    far = main if main == np.inf else far
    return near if s < 1.5 else far


@jit
def _lgamma(x):
    """The logarithm of |gamma(x)|, within 2 units in the last place, for x < 0 of 1 or of what rounding x comes to.

    For |x| < 1 less log(|x|) by a step, for x < 0 turned round and less log(|x*sin(pi*x)|/pi) by reflection.
    """
    a = abs(x)
    small, negative = a < 1.0, x < 0.0
    y = _lgamma_of_1_plus(a if small else a - 1.0)
    r = abs(a - np.rint(a))
    w = r * r
    sine = r + r * w * {f.series("w", "SIN_PI")}
    q = (sine if small else a * sine) if negative else a
    k, f = _log_parts(q * {2.0**raised!r})
    log, log_low = _log_and_rest(k - {float(raised)!r}, f)
    turned = ((-y if negative else y) - log_low) - log
    turned = turned if q > 0.0 else np.inf
    return turned if negative | small else y


@jit
def _digamma_of_1_plus(s):
    """digamma(1 + s) for s >= 0: (s - root)*p(s), from s = 1.5 on log(y) + v*q(v)."""
    t, distance = s - 0.75, s - {root!r}
    distance_low = ((s - distance) - {root!r}) - {root_low!r}
    square = t * t
    p = {f.series("t", "DIGAMMA")}
    near = _fma(distance, p, distance_low * p)
    y = s + 0.5
    v = 1.0 / (y * y + 1.0)
    k, f = _log_parts(y)
    s = f / (2.0 + f)
    z = s * s
    h = 0.5 * f * f
    rest = k * {low!r} + v * {f.series("v", "DIGAMMA_FAR")}
    far = k * {high!r} + (f - (h - (s * (h + z * {f.series("z", "LOG")}) + rest)))
    far = y if y == np.inf else far
    return near if y < 2.0 else far


@jit
def _digamma(x):
    """The derivative of lgamma, within 2 units in the last place, for x < 0 of 1 or of what rounding x comes to.

    For 0 < x < 1 less 1/x by a step, for x < 0 that of -x and 1/r + r*c(r^2) = pi / tan(pi*r) by reflection.
    """
    small, negative = x < 1.0, x < 0.0
    y = _digamma_of_1_plus(-x if negative else x if small else x - 1.0)
    r = np.rint(x) - x
    w = r * r
    rest = r * {f.series("w", "COT_PI")} if negative else 0.0
    r = r if negative else -x
    pole = 1.0 / r
    lost = _fma(-r, pole, 1.0) * pole
    rest = rest + lost if abs(r) > 0.1 else rest
    turned = pole + (y + rest)
    turned = np.nan if negative & (r == 0.0) else turned
    return turned if small else y
'''
