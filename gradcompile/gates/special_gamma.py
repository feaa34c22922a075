"""The gamma and beta function families. One record each, a literal list."""

from __future__ import annotations

from typing import Any

import mpmath
import sympy

from gradcompile.gates.coefficients import DIGAMMA as _DIGAMMA_POLYNOMIAL
from gradcompile.gates.coefficients import DIGAMMA_ROOT as _ROOT
from gradcompile.gates.coefficients import LGAMMA as _LGAMMA_POLYNOMIAL
from gradcompile.gates.horner import horner
from gradcompile.gates.record import Gate

_POSITIVE = ((0.3, 3.0),)
_PAIR = ((0.3, 3.0), (0.3, 3.0))

_LGAMMA = f'''
def _lgamma_by_steps(x):
    """For x < -1/2 by gamma(x) * gamma(-x) = -pi / (x * sin(pi*x)), with the whole part of x taken out first."""
    if not x < -0.5:
        return _lgamma_right(x)
    if x < -4503599627370496.0:
        return math.inf
    part = -x % 1.0
    sine = math.sin(math.pi * min(part, 1.0 - part))
    return math.inf if sine == 0.0 else math.log(-math.pi / (x * sine)) - _lgamma_right(-x)


def _lgamma_right(x):
    """A polynomial around 2, steps to there from below 10, Stirling's series beyond."""
    if x < 0.5:
        return math.inf if x == 0.0 else _lgamma_of_2_plus(x) - math.log1p(x) - math.log(abs(x))
    if x < 1.5:
        return _lgamma_of_2_plus(x - 1.0) - math.log1p(x - 1.0)
    if not x < 10.0:
        return (x - 0.5) * (math.log(x) - 1.0) + 0.4189385332046727 + _stirling(x)
    product = 1.0
    while x >= 2.5:
        x -= 1.0
        product *= x
    return math.log(product) + _lgamma_of_2_plus(x - 2.0)


def _lgamma_of_2_plus(t):
    """lgamma(2 + t) for |t| <= 1/2."""
    return t * {horner("t", _LGAMMA_POLYNOMIAL)}


def _stirling(x):
    """What Stirling's formula lacks of lgamma(x), for x >= 10 (DLMF 5.11.1)."""
    y = 1.0 / x / x
    tail = y * (1 / 1680 - y * (1 / 1188 - y * (691 / 360360 - y / 156)))
    return (1 / 12 - y * (1 / 360 - y * (1 / 1260 - tail))) / x
'''

_GAMMA = '''
def _gamma(x):
    """math.gamma with infinities and NaN where that raises."""
    if abs(x) < 5.6e-309:
        return math.copysign(math.inf, x)
    if x > 171.6243769563027:
        return math.inf
    if x < 0.0 and (x < -4503599627370496.0 or x % 1.0 == 0.0):
        return math.nan
    return math.gamma(x)
'''

_DIGAMMA = f'''
def _digamma_by_steps(x):
    """Reflection to x > 0, with the whole part taken out before the tangent."""
    if x > 0.0:
        return _digamma_positive(x)
    if x == 0.0:
        return math.copysign(math.inf, -1.0 * x)
    if x < -4503599627370496.0 or x % 1.0 == 0.0:
        return math.nan
    part = -x % 1.0
    return _digamma_positive(1.0 - x) + math.pi / math.tan(math.pi * (part - 1.0 if part > 0.5 else part))


def _digamma_positive(x):
    """A polynomial times the distance to the zero at 1.46, steps to there; from 10 on the series (DLMF 5.11.2)."""
    if not x < 10.0:
        y = 1.0 / x / x
        tail = y * (1 / 240 - y * (1 / 132 - y * (691 / 32760 - y / 12)))
        series = y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - tail)))
        return math.log(x) - 0.5 / x - series
    total = 0.0
    if x < 1.0:
        total = -1.0 / x
        x += 1.0
    while x >= 2.0:
        x -= 1.0
        total += 1.0 / x
    t = x - 1.5
    return total + (x - {_ROOT[0]!r} - {_ROOT[1]!r}) * {horner("t", _DIGAMMA_POLYNOMIAL)}
'''

_TRIGAMMA = '''
def _trigamma(x):
    """Reflection to x > 0, with the whole part taken out before the sine."""
    if not x <= 0.0:
        return _trigamma_positive(x)
    if x < -4503599627370496.0 or x % 1.0 == 0.0:
        return math.inf if x > -math.inf else math.nan
    part = -x % 1.0
    ratio = math.pi / math.sin(math.pi * min(part, 1.0 - part))
    return ratio * ratio - _trigamma_positive(1.0 - x)


def _trigamma_positive(x):
    """Recurrence up to x >= 12, then the asymptotic series (DLMF 5.15.8)."""
    total = 0.0
    while x < 12.0:
        total += 1.0 / x / x
        x += 1.0
    w = 1.0 / x / x
    series = w * (1 / 6 - w * (1 / 30 - w * (1 / 42 - w * (1 / 30 - w * (5 / 66 - w * (691 / 2730 - w * 7 / 6))))))
    return total + 1.0 / x + 0.5 * w + series / x
'''

_POLYGAMMA = '''
def _polygamma(n, x):
    """Orders 0 to 150: for x < 0 the sum over all whole shifts of x is known from its part between 0 and 1."""
    if not 0 <= n <= 150 or n != int(n):
        return math.nan
    if n < 2:
        return _digamma_by_steps(x) if n == 0 else _trigamma(x)
    sign = 1.0 if n % 2 == 0 else -1.0
    if not x <= 0.0:
        return -sign * _polygamma_size(n, x)
    if x < -4503599627370496.0 or x % 1.0 == 0.0:
        if sign < 0.0:
            return math.inf if x > -math.inf else math.nan
        return math.copysign(math.inf, -1.0 * x) if x == 0.0 else math.nan
    part = -x % 1.0
    return (_polygamma_size(n, part) - _polygamma_size(n, 1.0 - x)) - sign * _polygamma_size(n, 1.0 - part)


def _polygamma_size(n, x):
    """n! * sum of (x + k)^(-n-1), as a multiple of its first term: recurrence, then the series (DLMF 5.15.9)."""
    first, total = np.float64(x), 0.0
    if first == math.inf:
        return 0.0
    x = first
    while x < 14.0 + n:
        total += (first / x) ** (n + 1.0)
        x += 1.0
    term = 0.5 * (n + 1.0) / x / x
    series = 1.0 / n + 0.5 / x
    for k in range(8):
        bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)[k]
        series += bernoulli * term
        term *= (n + 2.0 * k + 2.0) * (n + 2.0 * k + 3.0) / ((2.0 * k + 3.0) * (2.0 * k + 4.0)) / x / x
    total += (first / x) ** (n + 1.0) * (x * series)
    root = first ** (-0.5 * (n + 1.0))
    return math.gamma(n + 1.0) * root * total * root
'''

_RISE = '''
def _digamma_rise(a, b):
    """digamma(a + b) - digamma(a): for positive arguments term by term, each with b as a factor."""
    c = a + b
    if not (a > 0.0 and c > 0.0):
        return _digamma_by_steps(c) - _digamma_by_steps(a)
    if a == math.inf or b == math.inf:
        return math.inf if a < math.inf else math.nan
    total = 0.0
    while a < 10.0 or c < 10.0:
        total += b / c / a
        a += 1.0
        c += 1.0
    u, v = 1.0 / a / a, 1.0 / c / c
    value, slope = 0.0, 0.0  # of the series at v, and its divided difference between u and v, by Horner's rule
    for k in (1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12):
        slope = value + u * slope
        value = k + v * value
    slope = value + u * slope
    less = b / c / a
    return total + math.log1p(b / a) + 0.5 * less + less * (1.0 / a + 1.0 / c) * slope
'''

_BETALN = '''
def _betaln(a, b):
    """Stirling's formula with what is large taken out (DiDonato and Morris 1992), with steps up to there."""
    if a < b:
        a, b = b, a
    if not b > 0.0:
        return (_lgamma_by_steps(a) - _lgamma_by_steps(a + b)) + _lgamma_by_steps(b)
    if a == math.inf:
        return -math.inf
    if b < 10.0:
        steps = 1.0
        while a < 10.0:
            steps *= 1.0 + b / a
            a += 1.0
        return _lgamma_by_steps(b) + (math.log(steps) + _lgamma_fall(a, b))
    rest = _stirling(a) + _stirling(b) - _stirling(a + b)
    return rest + 0.9189385332046727 - 0.5 * math.log(b) - (a - 0.5) * math.log1p(b / a) - b * math.log1p(a / b)


def _lgamma_fall(a, b):
    """lgamma(a) - lgamma(a + b) for a >= 10 and b > 0."""
    c = a + b
    return (_stirling(a) - _stirling(c)) - (a - 0.5) * math.log1p(b / a) - b * (math.log(c) - 1.0)
'''

_BETA = '''
def _beta(a, b):
    """By gamma where that is in range, corrected for the rounding of a + b; else by betaln, with the gammas' sign."""
    if a < b:
        a, b = b, a
    c = a + b
    if b > -170.0 and c > -170.0 and c < 171.0 and a < 171.0:
        below = _gamma(c)
        if math.isnan(below):
            return 0.0 * _gamma(a) * _gamma(b)
        value = _gamma(a) / below * _gamma(b)
        return value * (1.0 - (b - (c - a)) * math.log(c)) if b > 0.0 and c > 2.0 else value
    if 0.0 < b < 10.0 and a < math.inf:
        return math.exp(_lgamma_fall(a, b)) * _gamma(b)
    log = _betaln(a, b)
    sign = _gamma_sign(a) * _gamma_sign(b) * _gamma_sign(c)
    return sign * (math.exp(log) if not log > 709.78 else math.inf)


def _gamma_sign(x):
    """The sign of gamma(x), NaN where it has none."""
    if x > 0.0 or x == 0.0:
        return math.copysign(1.0, x)
    if not x > -4503599627370496.0 or x % 1.0 == 0.0:
        return math.nan
    return -1.0 if -x % 2.0 < 1.0 else 1.0
'''


def _at_pole(x: Any) -> bool:
    return bool(x <= 0 and (mpmath.isint(x) or mpmath.isinf(x)))


def _log_gamma(x: Any) -> Any:
    return mpmath.inf if _at_pole(x) or mpmath.isinf(x) else mpmath.re(mpmath.loggamma(x))


def _psi(n: Any, x: Any) -> Any:
    if x == -mpmath.inf or not 0 <= n <= 150 or not mpmath.isint(n):
        return mpmath.nan
    if x == mpmath.inf:
        return mpmath.inf if n == 0 else mpmath.mpf(0)
    if _at_pole(x):
        return mpmath.inf if n % 2 else -mpmath.inf if x == 0 else mpmath.nan
    if x > -20 or n == 0:
        return mpmath.polygamma(int(n), x)
    return (-1) ** int(n) * mpmath.polygamma(int(n), 1 - x) - _cotangent_slope(int(n), x)


def _cotangent_slope(order: int, x: Any) -> Any:
    """Return the derivative of pi*cot(pi*x): a polynomial p in c = cot(pi*x), where p' becomes -pi*(1 + c^2)*p'."""
    polynomial = [mpmath.mpf(0), mpmath.mpf(1)]
    for _ in range(order):
        slope = [-k * p for k, p in enumerate(polynomial)][1:]
        polynomial = [a + b for a, b in zip([*slope, 0, 0], [0, 0, *slope], strict=True)]
    return mpmath.pi ** (order + 1) * mpmath.polyval(polynomial[::-1], mpmath.cospi(x) / mpmath.sinpi(x))


def _span(a: Any, b: Any) -> int:
    """Return how many bits are lost when one of a and b is much larger than the other, or than 1."""
    sizes = [int(mpmath.mag(x)) for x in (a, b) if x != 0]
    return 2 * (max(0, *sizes) - min(0, *sizes)) if sizes else 0


def _log_beta(a: Any, b: Any) -> Any:
    if mpmath.isinf(a) or mpmath.isinf(b):
        return -mpmath.inf if min(a, b) > 0 else mpmath.nan
    with mpmath.extraprec(_span(a, b)):
        return +(_log_gamma(a) + _log_gamma(b) - _log_gamma(a + b))


def _sympy_betaln(a: Any, b: Any) -> Any:
    return sympy.loggamma(a) + sympy.loggamma(b) - sympy.loggamma(a + b)


def _psi_rise(a: Any, b: Any) -> Any:
    with mpmath.extraprec(_span(a, b)):
        return +(_psi(0, a + b) - _psi(0, a))


GAMMA_FUNCTIONS = [
    Gate("lgamma", "x", "The logarithm of |gamma(x)|.", partials=("digamma(x)",),
         numpy="np.vectorize(_lgamma_by_steps, otypes=[float])(x)", numba="_lgamma(x)", sympy=sympy.loggamma,
         mpmath=_log_gamma, domain=_POSITIVE, cost=40, aliases=("gammaln",), special=(((1.0,), 0.0), ((2.0,), 0.0)),
         helper=_LGAMMA),
    Gate("gamma", "x", "The gamma function, (x - 1)! at whole x.", partials=("out * digamma(x)",),
         numpy="np.vectorize(_gamma, otypes=[float])(x)", numba="_gamma(x)", sympy=sympy.gamma,
         mpmath=lambda x: mpmath.inf if x == 0 else mpmath.gamma(x), domain=_POSITIVE, cost=40,
         special=(((5.0,), 24.0),), helper=_GAMMA),
    Gate("digamma", "x", "The derivative of lgamma.", partials=("trigamma(x)",),
         numpy="np.vectorize(_digamma_by_steps, otypes=[float])(x)", numba="_digamma(x)", sympy=sympy.digamma,
         mpmath=lambda x: _psi(0, x), domain=_POSITIVE, cost=40, aliases=("psi",), helper=_DIGAMMA),
    Gate("trigamma", "x", "The derivative of digamma.", partials=("polygamma(2, x)",),
         numpy="np.vectorize(_trigamma, otypes=[float])(x)", numba="_trigamma(x)",
         sympy=lambda x: sympy.polygamma(1, x), mpmath=lambda x: _psi(1, x), domain=_POSITIVE, cost=40,
         helper=_TRIGAMMA),
    Gate("polygamma", "n x", "The derivative of digamma of whole order n, from 0 to 150; NaN for other n.",
         partials=(None, "polygamma(n + 1, x)"), numpy="np.vectorize(_polygamma, otypes=[float])(n, x)",
         numba="_polygamma(n, x)", sympy=sympy.polygamma, mpmath=_psi, domain=((2.0, 2.0), *_POSITIVE), cost=60,
         helper=_DIGAMMA + _TRIGAMMA + _POLYGAMMA),
    Gate("beta", "a b", "gamma(a) * gamma(b) / gamma(a + b); for negative arguments as exact as these three are.",
         partials=("-out * digamma_rise(a, b)", "-out * digamma_rise(b, a)"),
         numpy="np.vectorize(_beta, otypes=[float])(a, b)", numba="_beta(a, b)", sympy=sympy.beta,
         mpmath=mpmath.beta, domain=_PAIR, commutative=True, cost=120, special=(((2.0, 3.0), 1 / 12),),
         helper=_LGAMMA + _GAMMA + _BETALN + _BETA),
    Gate("betaln", "a b", "The logarithm of |beta(a, b)|, without cancellation for large arguments. Its slopes "
         "are -digamma_rise(a, b) = digamma(a) - digamma(a + b), and the other way round.",
         partials=("-digamma_rise(a, b)", "-digamma_rise(b, a)"),
         numpy="np.vectorize(_betaln, otypes=[float])(a, b)", numba="_betaln(a, b)", sympy=_sympy_betaln,
         mpmath=_log_beta, domain=_PAIR, commutative=True, cost=100, special=(((1.0, 1.0), 0.0),),
         aliases=("lbeta",), helper=_LGAMMA + _BETALN),
    Gate("digamma_rise", "a b", "digamma(a + b) - digamma(a) without cancellation.",
         partials=("trigamma(a + b) - trigamma(a)", "trigamma(a + b)"),
         numpy="np.vectorize(_digamma_rise, otypes=[float])(a, b)", numba="_digamma_rise(a, b)",
         sympy=lambda a, b: sympy.digamma(a + b) - sympy.digamma(a), mpmath=_psi_rise, domain=_PAIR, cost=80,
         hidden=True, helper=_DIGAMMA + _RISE),
]  # fmt: skip
