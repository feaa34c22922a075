"""The special functions: error function and gamma function families. One record each, a literal list."""

from __future__ import annotations

from typing import Any

import mpmath
import sympy

from gradcompile.gates.record import Gate

_POSITIVE = ((0.3, 3.0),)


def _log_gamma(x: Any) -> Any:
    return mpmath.inf if x <= 0 and mpmath.isint(x) else mpmath.re(mpmath.loggamma(x))


SPECIAL = [
    Gate("erf", "x", "The error function 2/sqrt(pi) * integral of exp(-t^2) from 0 to x.",
         partials=("1.1283791670955126 * exp(-x ** 2)",), numpy="np.vectorize(math.erf, otypes=[float])(x)",
         numba="math.erf(x)", sympy=sympy.erf, mpmath=mpmath.erf, finite=True, cost=25, special=(((0.0,), 0.0),)),
    Gate("erfc", "x", "1 - erf(x) without cancellation for large x.",
         partials=("-1.1283791670955126 * exp(-x ** 2)",), numpy="np.vectorize(math.erfc, otypes=[float])(x)",
         numba="math.erfc(x)", sympy=sympy.erfc, mpmath=mpmath.erfc, finite=True, cost=30, special=(((0.0,), 1.0),)),
    Gate("lgamma", "x", "The logarithm of |gamma(x)|.", partials=("digamma(x)",),
         numpy="np.vectorize(_lgamma, otypes=[float])(x)", numba="math.lgamma(x)", sympy=sympy.loggamma,
         mpmath=_log_gamma, domain=_POSITIVE, cost=40, aliases=("gammaln",),
         special=(((1.0,), 0.0),), helper='''
def _lgamma(x):
    """math.lgamma with infinities where that raises."""
    if math.isinf(x) or x > 2.55e305 or (x <= 0.0 and x == np.floor(x)):
        return math.inf
    return math.lgamma(x)
'''),
    Gate("gamma", "x", "The gamma function, (x - 1)! at whole x.", partials=("out * digamma(x)",),
         numpy="np.vectorize(_gamma, otypes=[float])(x)", numba="math.gamma(x)", sympy=sympy.gamma,
         mpmath=mpmath.gamma, domain=_POSITIVE, cost=40, special=(((5.0,), 24.0),), helper='''
def _gamma(x):
    """math.gamma with infinities and NaN where that raises."""
    if abs(x) < 5.6e-309:
        return math.copysign(math.inf, x)
    if x > 171.6243769563027:
        return math.inf
    if x < 0.0 and x == np.floor(x):
        return math.nan
    return math.gamma(x)
'''),
    Gate("digamma", "x", "The derivative of lgamma.", partials=("trigamma(x)",),
         numpy="np.vectorize(_digamma, otypes=[float])(x)", numba="_digamma(x)", sympy=sympy.digamma,
         mpmath=mpmath.digamma, domain=_POSITIVE, cost=40, aliases=("psi",), helper='''
def _digamma(x):
    """Reflection to x > 0, recurrence up to x >= 10, then the asymptotic series (Abramowitz and Stegun 6.3)."""
    if x <= 0.0 and x == np.floor(x):
        return math.nan
    if x < 0.0:
        return _digamma_positive(1.0 - x) - math.pi / math.tan(math.pi * x)
    return _digamma_positive(x)


def _digamma_positive(x):
    shift = 0.0
    while x < 10.0:
        shift += 1.0 / x
        x += 1.0
    w = 1.0 / (x * x)
    series = w * (1 / 12 - w * (1 / 120 - w * (1 / 252 - w * (1 / 240 - w * (1 / 132 - w * (691 / 32760 - w / 12))))))
    return math.log(x) - 0.5 / x - series - shift
'''),
    Gate("trigamma", "x", "The derivative of digamma, for x > 0.", partials=("polygamma(2, x)",),
         numpy="np.vectorize(_trigamma, otypes=[float])(x)", numba="_trigamma(x)",
         sympy=lambda x: sympy.polygamma(1, x), mpmath=lambda x: mpmath.polygamma(1, x), domain=_POSITIVE, cost=40,
         helper='''
def _trigamma(x):
    """Recurrence up to x >= 12, then the asymptotic series (Abramowitz and Stegun 6.4)."""
    if x <= 0.0:
        return math.nan
    total = 0.0
    while x < 12.0:
        total += 1.0 / x / x
        x += 1.0
    w = 1.0 / (x * x)
    series = w * (1 / 6 - w * (1 / 30 - w * (1 / 42 - w * (1 / 30 - w * (5 / 66 - w * (691 / 2730 - w * 7 / 6))))))
    return total + 1.0 / x + 0.5 * w + series / x
'''),
    Gate("polygamma", "n x", "The derivative of digamma of order n >= 1, for x > 0: (-1)^(n+1) n! sum of (x+k)^-(n+1).",
         partials=(None, "polygamma(n + 1, x)"), numpy="np.vectorize(_polygamma, otypes=[float])(n, x)",
         numba="_polygamma(n, x)", sympy=sympy.polygamma, mpmath=lambda n, x: mpmath.polygamma(int(n), x),
         domain=((2.0, 2.0), *_POSITIVE), cost=60, hidden=True,
         helper='''
def _polygamma(n, x):
    """Recurrence up to x >= 14 + n, then the asymptotic series (Abramowitz and Stegun 6.4.11), with n! taken out."""
    if x <= 0.0:
        return math.nan
    x, total = np.float64(x), 0.0
    while x < 14.0 + n:
        total += x ** (-n - 1.0)
        x += 1.0
    term = 0.5 * (n + 1.0) / (x * x)
    series = 1.0 / n + 0.5 / x
    for k in range(8):
        bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)[k]
        series += bernoulli * term
        term *= (n + 2.0 * k + 2.0) * (n + 2.0 * k + 3.0) / ((2.0 * k + 3.0) * (2.0 * k + 4.0) * x * x)
    factorial = math.gamma(n + 1.0)
    return (factorial if n % 2 == 1 else -factorial) * (total + series * x ** (-1.0 * n))
'''),
]  # fmt: skip
