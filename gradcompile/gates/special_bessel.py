"""Bessel functions of whole order and sinc. One record each, a literal list."""

from __future__ import annotations

from typing import Any

import mpmath
import sympy

from gradcompile.gates import coefficients as fitted
from gradcompile.gates.horner import horner
from gradcompile.gates.record import Gate

_I_SERIES = f'''
def _i0_series(x):
    """I_0(x) for |x| < 8, a polynomial in x^2/4."""
    y = 0.25 * x * x
    return {horner("y", fitted.I0)}


def _i0e_tail(x):
    """exp(-x) * I_0(x) for x >= 8, a polynomial in 1/x over sqrt(x)."""
    t = 16.0 / x - 1.0
    return {horner("t", fitted.I0_TAIL)} / math.sqrt(x)


def _i1_series(x):
    """I_1(x) for |x| < 8, a polynomial in x^2/4 times x/2."""
    y = 0.25 * x * x
    return 0.5 * x * {horner("y", fitted.I1)}


def _i1e_tail(x):
    """exp(-x) * I_1(x) for x >= 8, a polynomial in 1/x over sqrt(x)."""
    t = 16.0 / x - 1.0
    return {horner("t", fitted.I1_TAIL)} / math.sqrt(x)
'''

_I = '''
def _i0(x):
    """The polynomial near 0; beyond, exp(x) in two factors, for it overflows before I_0 does."""
    x = abs(x)
    if not x < 714.0:
        return x * math.inf
    if x < 8.0:
        return _i0_series(x)
    root = math.exp(0.5 * x)
    return root * _i0e_tail(x) * root


def _i1(x):
    """The polynomial near 0; beyond, exp(x) in two factors, for it overflows before I_1 does."""
    if not abs(x) < 714.0:
        return x * math.inf
    if abs(x) < 8.0:
        return _i1_series(x)
    root = math.exp(0.5 * abs(x))
    return math.copysign(root * _i1e_tail(abs(x)) * root, x)
'''

_IE = '''
def _i0e(x):
    """exp(-|x|) * I_0(x)."""
    x = abs(x)
    return math.exp(-x) * _i0_series(x) if x < 8.0 else _i0e_tail(x)


def _i1e(x):
    """exp(-|x|) * I_1(x)."""
    if abs(x) < 8.0:
        return math.exp(-abs(x)) * _i1_series(x)
    return math.copysign(_i1e_tail(abs(x)), x)
'''

_IV = '''
def _iv_from(n, x, zero, one):
    """I_n(x) from I_0(x) and I_1(x): upward for large x; else by the ratios of neighbours, from high orders down."""
    if x != x or n % 1 != 0 or abs(n) > 1e6:
        return math.nan
    order, size = int(abs(n)), abs(x)
    if order == 0 or zero == math.inf:
        return zero if order % 2 == 0 or x > 0.0 else -zero
    value = abs(one)
    if size >= order * order:
        for k in range(1, order):
            zero, value = value, zero - 2.0 * k / size * value
    else:
        ratio = 0.0
        for k in range(20 + int(math.sqrt(1.0 * order * order + 40.0 * size)), 1, -1):
            ratio = size / (2.0 * k + size * ratio)
            if k <= order:
                value *= ratio
    return -value if order % 2 == 1 and x < 0.0 else value
'''

_J0 = f'''
def _j0(x):
    """Below 8 a polynomial times the distance to the zero that is near; beyond it Hankel's form (DLMF 10.17.3)."""
    x = abs(x)
    if x < 1e-8:
        return 1.0
    if x < 4.0:
        t = 0.125 * x * x - 1.0
        factor = (x - {fitted.J0_ROOTS[0]!r} - {fitted.J0_ROOTS[1]!r}) * (x + {fitted.J0_ROOTS[0]!r})
        return factor * {horner("t", fitted.J0)}
    if x < 8.0:
        t = 0.5 * (x - 6.0)
        factor = x - {fitted.J0_ROOTS[2]!r} - {fitted.J0_ROOTS[3]!r}
        return factor * {horner("t", fitted.J0_MIDDLE)}
    if x == math.inf:
        return 0.0
    sine, cosine = math.sin(x), math.cos(x)
    t = 128.0 / x / x - 1.0
    p = {horner("t", fitted.P0)}
    q = {horner("t", fitted.Q0)}
    return 0.5641895835477563 * math.sqrt(1.0 / x) * (p * (cosine + sine) - q / x * (sine - cosine))
'''

_J1 = f'''
def _j1(x):
    """Below 8 a polynomial times the distance to the zero that is near; beyond it Hankel's form (DLMF 10.17.3)."""
    size = abs(x)
    if size < 5.0:
        t = 0.08 * size * size - 1.0
        factor = (size - {fitted.J1_ROOTS[0]!r} - {fitted.J1_ROOTS[1]!r}) * (size + {fitted.J1_ROOTS[0]!r})
        return x * factor * {horner("t", fitted.J1)}
    if size < 8.0:
        t = (size - 6.5) / 1.5
        factor = size - {fitted.J1_ROOTS[2]!r} - {fitted.J1_ROOTS[3]!r}
        value = factor * {horner("t", fitted.J1_MIDDLE)}
        return value if x > 0.0 else -value
    if size == math.inf:
        return 0.0
    sine, cosine = math.sin(size), math.cos(size)
    t = 128.0 / size / size - 1.0
    p = {horner("t", fitted.P1)}
    q = {horner("t", fitted.Q1)}
    value = 0.5641895835477563 * math.sqrt(1.0 / size) * (p * (sine - cosine) + q / size * (sine + cosine))
    return value if x > 0.0 else -value
'''

_ASCEND = '''
def _ascend(order, x, zero, one, odd):
    """f_n from f_0 and f_1 by f_(k+1) = (2k + odd)/x * f_k - f_(k-1): upward while k < x, then by ratios from above."""
    turn = order if x >= order else int(x)
    value = zero
    if turn > 0:
        value = one
        for k in range(1, turn):
            zero, value = value, (2.0 * k + odd) / x * value - zero
    ratio = 0.0
    if turn < order:
        for k in range(order + 30 + int(8.0 * math.sqrt(1.0 * order)), turn, -1):
            ratio = x / (2.0 * k + odd - x * ratio)
            if k <= order:
                value *= ratio
    return value
'''

_JV = '''
def _jv(n, x):
    """From J_0 and J_1."""
    if x != x or n % 1 != 0 or abs(n) > 1e6:
        return math.nan
    order = int(abs(n))
    value = _ascend(order, abs(x), _j0(x), _j1(abs(x)), 0.0)
    return -value if order % 2 == 1 and (x < 0.0) != (n < 0) else value
'''

_SINC = '''
def _sinc(x):
    """sin(pi*x) / (pi*x) with the even part of x taken out first; 1 at 0."""
    x = abs(x)
    if x < 0.5:
        return 1.0 if x == 0.0 else math.sin(math.pi * x) / (math.pi * x)
    if x == math.inf:
        return 0.0
    part = x % 2.0
    sign = 1.0
    if part > 1.0:
        sign, part = -1.0, part - 1.0
    return sign * math.sin(math.pi * min(part, 1.0 - part)) / x / math.pi
'''

_SPHERICAL = '''
def _spherical(n, x):
    """From sinc and its neighbour, with the even part of x taken out before the cosine."""
    if x != x or n % 1 != 0:
        return math.nan
    if n < 0:
        return 0.0
    order, size = int(n), abs(x)
    if size == math.inf:
        return 0.0
    part = size % 2.0
    cosine = math.sin(math.pi * (0.5 - min(part, 2.0 - part)))
    first = _sinc(x)
    second = 0.0 if size < 0.3 else (first - cosine) / (math.pi * size)
    value = _ascend(order, math.pi * size, first, second, 1.0)
    return -value if order % 2 == 1 and x < 0.0 else value
'''


def _bessel(kind: Any, scaled: bool = False) -> Any:
    """Return mpmath's function of whole order, with its limit 0 at infinity where that is one."""

    def meaning(n: Any, x: Any) -> Any:
        if not mpmath.isint(n):
            return mpmath.nan
        if mpmath.isinf(x):
            growing = kind is mpmath.besseli and not scaled
            return (x if n % 2 else abs(x)) if growing else mpmath.mpf(0)
        sign = -1 if kind is mpmath.besselj and n < 0 and n % 2 else 1
        return sign * kind(abs(int(n)), x) * (mpmath.exp(-abs(x)) if scaled else 1)

    return meaning


_jv, _iv, _ive = _bessel(mpmath.besselj), _bessel(mpmath.besseli), _bessel(mpmath.besseli, scaled=True)


def _sinc_pi(x: Any) -> Any:
    return mpmath.mpf(0) if mpmath.isinf(x) else mpmath.sincpi(x)


def _spherical_bessel(n: Any, x: Any) -> Any:
    if mpmath.isinf(x) or n < 0:
        return mpmath.mpf(0)
    if x == 0:
        return mpmath.mpf(1 if n == 0 else 0)
    with mpmath.extraprec(2 * max(0, int(mpmath.mag(x)))):
        size = mpmath.sqrt(1 / (2 * abs(x))) * mpmath.besselj(n + mpmath.mpf(1) / 2, mpmath.pi * abs(x))
    return -size if x < 0 and n % 2 == 1 else +size


def _sympy_scaled(n: Any, x: Any) -> Any:
    return sympy.exp(-sympy.Abs(x)) * sympy.besseli(n, x)


_ORDER_2 = ((2.0, 2.0), (0.3, 3.0))

BESSEL_FUNCTIONS = [
    Gate("i0", "x", "The modified Bessel function I_0.", partials=("i1(x)",),
         numpy="np.vectorize(_i0, otypes=[float])(x)", numba="_i0(x)", sympy=lambda x: sympy.besseli(0, x),
         mpmath=lambda x: _iv(0, x), finite=True, cost=40, special=(((0.0,), 1.0),), helper=_I_SERIES + _I),
    Gate("i1", "x", "The modified Bessel function I_1.", partials=("0.5 * (i0(x) + iv(2, x))",),
         numpy="np.vectorize(_i1, otypes=[float])(x)", numba="_i1(x)", sympy=lambda x: sympy.besseli(1, x),
         mpmath=lambda x: _iv(1, x), finite=True, cost=40, special=(((0.0,), 0.0),), helper=_I_SERIES + _I),
    Gate("iv", "n x", "The modified Bessel function I_n of whole order n, up to a million; NaN for other n.",
         partials=(None, "0.5 * (iv(n - 1, x) + iv(n + 1, x))"),
         numpy="np.vectorize(_iv, otypes=[float])(n, x)", numba="_iv(n, x)", sympy=sympy.besseli, mpmath=_iv,
         domain=_ORDER_2, finite=True, cost=60, helper=_I_SERIES + _I + _IV + '''
def _iv(n, x):
    return _iv_from(n, x, _i0(x), _i1(x))
'''),
    Gate("i0e", "x", "exp(-|x|) * i0(x), which does not overflow.", partials=("i1e(x) - sign(x) * out",),
         numpy="np.vectorize(_i0e, otypes=[float])(x)", numba="_i0e(x)", sympy=lambda x: _sympy_scaled(0, x),
         mpmath=lambda x: _ive(0, x), kink="x", finite=True, cost=40, helper=_I_SERIES + _IE),
    Gate("i1e", "x", "exp(-|x|) * i1(x), which does not overflow.",
         partials=("0.5 * (i0e(x) + ive(2, x)) - sign(x) * out",),
         numpy="np.vectorize(_i1e, otypes=[float])(x)", numba="_i1e(x)", sympy=lambda x: _sympy_scaled(1, x),
         mpmath=lambda x: _ive(1, x), kink="x", finite=True, cost=40, helper=_I_SERIES + _IE),
    Gate("ive", "n x", "exp(-|x|) * iv(n, x), which does not overflow.",
         partials=(None, "0.5 * (ive(n - 1, x) + ive(n + 1, x)) - sign(x) * out"),
         numpy="np.vectorize(_ive, otypes=[float])(n, x)", numba="_ive(n, x)", sympy=_sympy_scaled, mpmath=_ive,
         domain=_ORDER_2, kink="x", finite=True, cost=60, helper=_I_SERIES + _IE + _IV + '''
def _ive(n, x):
    return _iv_from(n, x, _i0e(x), _i1e(x))
'''),
    Gate("j0", "x", "The Bessel function J_0.", partials=("-j1(x)",),
         numpy="np.vectorize(_j0, otypes=[float])(x)", numba="_j0(x)", sympy=lambda x: sympy.besselj(0, x),
         mpmath=lambda x: _jv(0, x), finite=True, cost=40, special=(((0.0,), 1.0),), helper=_J0),
    Gate("j1", "x", "The Bessel function J_1.", partials=("0.5 * (j0(x) - jv(2, x))",),
         numpy="np.vectorize(_j1, otypes=[float])(x)", numba="_j1(x)", sympy=lambda x: sympy.besselj(1, x),
         mpmath=lambda x: _jv(1, x), finite=True, cost=40, special=(((0.0,), 0.0),), helper=_J1),
    Gate("jv", "n x", "The Bessel function J_n of whole order n, up to a million; NaN for other n.",
         partials=(None, "0.5 * (jv(n - 1, x) - jv(n + 1, x))"),
         numpy="np.vectorize(_jv, otypes=[float])(n, x)", numba="_jv(n, x)", sympy=sympy.besselj, mpmath=_jv,
         domain=_ORDER_2, finite=True, cost=80, aliases=("jn",), helper=_J0 + _J1 + _ASCEND + _JV),
    Gate("sinc", "x", "sin(pi*x) / (pi*x), and 1 at 0; the local gradient is -pi times the spherical j_1(pi*x).",
         partials=("-3.141592653589793 * spherical(1, x)",), numpy="np.vectorize(_sinc, otypes=[float])(x)",
         numba="_sinc(x)", sympy=lambda x: sympy.sinc(sympy.pi * x), mpmath=_sinc_pi,
         finite=True, cost=30, special=(((0.0,), 1.0), ((2.0,), 0.0)), helper=_SINC),
    Gate("spherical", "n x", "The spherical Bessel function j_n(pi*x), and 0 for n < 0, where it has the factor n.",
         partials=(None, "3.141592653589793 * (n * spherical(n - 1, x) - (n + 1) * spherical(n + 1, x)) / (2 * n + 1)"),
         numpy="np.vectorize(_spherical, otypes=[float])(n, x)", numba="_spherical(n, x)",
         sympy=lambda n, x: sympy.jn(n, sympy.pi * x), mpmath=_spherical_bessel, domain=_ORDER_2, finite=True,
         cost=60, hidden=True, helper=_SINC + _ASCEND + _SPHERICAL),
]  # fmt: skip
