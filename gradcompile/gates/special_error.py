"""The error function family and the normal distribution. One record each, a literal list."""

from __future__ import annotations

from typing import Any

import mpmath
import sympy

from gradcompile.gates.coefficients import ERFINV as _ERFINV
from gradcompile.gates.horner import horner
from gradcompile.gates.record import Gate

_ERFCX = '''
def _erfcx(x):
    """exp(x^2) * erfc(x): from both, x^2 in two parts; from x = 20 on the asymptotic series (DLMF 7.12.1)."""
    if x < -26.64:
        return math.inf
    if x < 20.0:
        high = math.floor(x * 65536.0) / 65536.0
        return math.exp(high * high) * (math.exp((x - high) * (x + high)) * math.erfc(x))
    y = 0.5 / x / x
    series = 1.0 - y * (1.0 - y * (3.0 - y * (15.0 - y * (105.0 - y * (945.0 - y * (10395.0 - y * 135135.0))))))
    return 0.5641895835477563 * series / x
'''

_ERFCINV = f'''
def _erfinv(x):
    """A polynomial in x^2 up to |x| = 0.75, beyond it the inverse of erfc at 1 - |x|."""
    if abs(x) <= 0.75:
        y = x * x
        return x * {horner("y", _ERFINV)}
    if not abs(x) < 1.0:
        return math.copysign(math.inf, x) if abs(x) == 1.0 else math.nan
    return math.copysign(_erfcinv_tail(1.0 - abs(x)), x)


def _erfcinv(x):
    """The inverse of erfc: of erf around x = 1, else from the nearer end."""
    if 0.25 <= x <= 1.75:
        return _erfinv(1.0 - x)
    if not 0.0 < x < 2.0:
        return math.inf if x == 0.0 else -math.inf if x == 2.0 else math.nan
    return _erfcinv_tail(x) if x < 1.0 else -_erfcinv_tail(2.0 - x)


def _erfcinv_tail(q):
    """Solve log(erfc(y)) = log(q) for q <= 1/4: two Halley steps from a start that is right to 0.2 percent."""
    goal = math.log(q)
    root = math.sqrt(-goal)
    y = root - (0.6158 * root - 0.1255) / (root + 0.3346 * root * root)
    for _ in range(2):
        scaled = _erfcx(y)
        slope = 1.1283791670955126 / scaled
        step = (y * y + goal - math.log(scaled)) / slope
        y -= step / (1.0 + step * (y - 0.5 * slope))
    return y
'''

_NDTR = '''
def _ndtr(x):
    """erfc(z)/2 at z = -x/sqrt(2); where erfc is steep, corrected for the rounding of z by x^2 - 2*z^2 in parts."""
    z = -0.7071067811865476 * x
    half = 0.5 * math.erfc(z)
    if not 0.5 < z < 27.5:
        return half
    high, root = math.floor(x * 65536.0) / 65536.0, math.floor(z * 65536.0) / 65536.0
    rest = (x - high) * (x + high) - 2.0 * (z - root) * (z + root)
    return half * (1.0 - 0.5 * (high * high - 2.0 * root * root + rest))
'''

_LOG_NDTR = '''
def _log_ndtr(x):
    """log1p(-ndtr(-x)) on the right, the logarithm in the middle, -x^2/2 + log(erfcx/2) on the left."""
    if x > 0.5:
        return math.log1p(-_ndtr(-x))
    if x > -1.0:
        return math.log(_ndtr(x))
    if x < -1e17:
        return -0.5 * x * x
    return math.log(0.5 * _erfcx(-0.7071067811865476 * x)) - 0.5 * x * x
'''

_MILLS = '''
def _mills(x):
    """The normal density over its integral: by erfcx on the left, with x^2 in two parts on the right."""
    if x > 39.0:
        return 0.0
    if x > 0.0:
        high = math.floor(x * 65536.0) / 65536.0
        bell = math.exp(-0.5 * high * high) * math.exp(-0.5 * (x - high) * (x + high))
        return 0.3989422804014327 * bell / _ndtr(x)
    if x < -1e9:
        return -x
    return 0.7978845608028654 / _erfcx(-0.7071067811865476 * x)


def _excess(x):
    """mills(x) + x without cancellation: Laplace's continued fraction (DLMF 7.9.3) on the left."""
    if not x < -1.25:
        return _mills(x) + x
    if x < -1e9:
        return -1.0 / x
    steps = 16 + int(320.0 / (x * x))
    tail = 0.5 * (math.sqrt(x * x + 4.0 * steps + 4.0) + x)
    for k in range(steps, 0, -1):
        tail = k / (tail - x)
    return tail
'''


def _erfc_inverse(q: Any) -> Any:
    """Newton's method on log(erfc(y)) = log(q): concave, so that it only falls from sqrt(-log(q))."""
    if not 0 < q < 2:
        return mpmath.inf if q == 0 else -mpmath.inf if q == 2 else mpmath.nan
    if q > 1:
        return -_erfc_inverse(2 - q)
    goal = mpmath.log(q)
    y = mpmath.sqrt(-goal)
    while True:
        value = mpmath.erfc(y)
        step = (mpmath.log(value) - goal) * value * mpmath.exp(y * y) * mpmath.sqrt(mpmath.pi) / 2
        y += step
        if abs(step) <= abs(y) * mpmath.eps * 16:
            return y


def _erf_inverse(x: Any) -> Any:
    if abs(x) < 0.5:
        return mpmath.erfinv(x)
    return mpmath.sign(x) * _erfc_inverse(1 - abs(x))


_FAR = 1e6  # beyond it mpmath's own functions lose their range


def _erfc(x: Any) -> Any:
    return mpmath.mpf(1 - mpmath.sign(x)) if abs(x) > _FAR else mpmath.erfc(x)


def _scaled(x: Any) -> Any:
    """Beyond its range by Laplace's continued fraction."""
    if x < -_FAR:
        return mpmath.inf
    if x <= _FAR:
        return mpmath.exp(x * x) * mpmath.erfc(x)
    return mpmath.sqrt(2 / mpmath.pi) / (x * mpmath.sqrt(2) + _laplace(x * mpmath.sqrt(2)))


def _laplace(x: Any) -> Any:
    """1/(x + 2/(x + 3/(x + ...))) for large x."""
    tail = mpmath.mpf(0)
    for k in range(40, 0, -1):
        tail = k / (x + tail)
    return tail


def _normal(x: Any) -> Any:
    return _erfc(-x / mpmath.sqrt(2)) / 2


def _log_normal(x: Any) -> Any:
    if x > 0:
        return mpmath.log1p(-_normal(-x))
    return mpmath.log(_scaled(-x / mpmath.sqrt(2)) / 2) - x * x / 2 if mpmath.isfinite(x) else x


def _inverse_mills(x: Any) -> Any:
    return mpmath.mpf(0) if x > _FAR else mpmath.sqrt(2 / mpmath.pi) / _scaled(-x / mpmath.sqrt(2))


def _mills_excess(x: Any) -> Any:
    return _laplace(-x) if x < -_FAR else _inverse_mills(x) + x


def _sympy_ndtr(x: Any) -> Any:
    return sympy.erfc(-x / sympy.sqrt(2)) / 2


def _sympy_mills(x: Any) -> Any:
    return sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi) / _sympy_ndtr(x)


ERROR_FUNCTIONS = [
    Gate("erf", "x", "The error function 2/sqrt(pi) * integral of exp(-t^2) from 0 to x.",
         partials=("1.1283791670955126 * exp(-x ** 2)",), numpy="np.vectorize(math.erf, otypes=[float])(x)",
         numba="_erf(x)", alone="math.erf(x)", sympy=sympy.erf, mpmath=mpmath.erf, finite=True, cost=25,
         special=(((0.0,), 0.0),)),
    Gate("erfc", "x", "1 - erf(x) without cancellation for large x.",
         partials=("-1.1283791670955126 * exp(-x ** 2)",), numpy="np.vectorize(math.erfc, otypes=[float])(x)",
         numba="_erfc(x)", alone="math.erfc(x)", sympy=sympy.erfc, mpmath=_erfc, finite=True, cost=30,
         special=(((0.0,), 1.0),)),
    Gate("erfcx", "x", "exp(x^2) * erfc(x), which neither overflows nor underflows on the right.",
         partials=("2 * x * out - 1.1283791670955126",), numpy="np.vectorize(_erfcx, otypes=[float])(x)",
         numba="_erfcx(x)", sympy=lambda x: sympy.exp(x**2) * sympy.erfc(x), mpmath=_scaled, cost=60,
         special=(((0.0,), 1.0),), helper=_ERFCX),
    Gate("erfinv", "x", "The inverse of erf, infinite at -1 and 1.",
         partials=("exp(out ** 2) / 1.1283791670955126",), numpy="np.vectorize(_erfinv, otypes=[float])(x)",
         numba="_erfinv(x)", sympy=sympy.erfinv, mpmath=_erf_inverse, domain=((-0.95, 0.95),), cost=60,
         special=(((0.0,), 0.0),), helper=_ERFCX + _ERFCINV),
    Gate("erfcinv", "x", "The inverse of erfc, accurate down to the smallest x.",
         partials=("-1 / (sqrt(2) * x * mills(-sqrt(2) * out))",), numpy="np.vectorize(_erfcinv, otypes=[float])(x)",
         numba="_erfcinv(x)", sympy=lambda x: sympy.erfinv(1 - x), mpmath=_erfc_inverse, domain=((0.05, 1.95),),
         cost=60, special=(((1.0,), 0.0),), helper=_ERFCX + _ERFCINV),
    Gate("ndtr", "x", "The standard normal distribution function, erfc(-x/sqrt(2)) / 2.",
         partials=("exp(-0.5 * x ** 2) / sqrt(2 * 3.141592653589793)",),
         numpy="np.vectorize(_ndtr, otypes=[float])(x)", numba="_ndtr(x)", sympy=_sympy_ndtr, mpmath=_normal,
         finite=True, cost=35, special=(((0.0,), 0.5),), helper=_NDTR),
    Gate("log_ndtr", "x", "log(ndtr(x)), accurate in both tails. Its slope is the density over ndtr.",
         partials=("mills(x)",), numpy="np.vectorize(_log_ndtr, otypes=[float])(x)", numba="_log_ndtr(x)",
         sympy=lambda x: sympy.log(_sympy_ndtr(x)), mpmath=_log_normal, finite=True, cost=70,
         helper=_ERFCX + _NDTR + _LOG_NDTR),
    Gate("ndtri", "x", "The quantile of the standard normal distribution, the inverse of ndtr.",
         partials=("1 / (x * mills(out))",),
         numpy="-1.4142135623730951 * np.vectorize(_erfcinv, otypes=[float])(2 * x)",
         numba="-1.4142135623730951 * _erfcinv(2 * x)", sympy=lambda x: -sympy.sqrt(2) * sympy.erfinv(1 - 2 * x),
         mpmath=lambda x: -mpmath.sqrt(2) * _erfc_inverse(2 * x), domain=((0.03, 0.97),), cost=60,
         special=(((0.5,), 0.0),), aliases=("probit",), helper=_ERFCX + _ERFCINV),
    Gate("mills", "x", "The standard normal density divided by ndtr(x); excess(x) is mills(x) + x.",
         partials=("-out * excess(x)",),
         numpy="np.vectorize(_mills, otypes=[float])(x)", numba="_mills(x)", sympy=_sympy_mills,
         mpmath=_inverse_mills, finite=True, cost=60, helper=_ERFCX + _NDTR + _MILLS),
    Gate("excess", "x", "mills(x) + x without cancellation on the left.", partials=("1 - mills(x) * out",),
         numpy="np.vectorize(_excess, otypes=[float])(x)", numba="_excess(x)", sympy=lambda x: _sympy_mills(x) + x,
         mpmath=_mills_excess, finite=True, cost=80, hidden=True, helper=_ERFCX + _NDTR + _MILLS),
]  # fmt: skip
