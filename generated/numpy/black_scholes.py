# Made by gradcompile 0.1.0 from examples/black_scholes.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 7147418acdb79e6478714c86971c47b23b016552548caa30bfe02083fc423bc7
# options: --target numpy --emit value,value_and_grad
# operations: value 29*N + 1; value_and_grad 73*N + 1
# --- certificate ---
# graph: value total: agrees (mpmath), to 50 digits at 3 points
# graph: gradient S: agrees (sympy at points), to 50 digits at 3 points
# graph: gradient K: agrees (sympy at points), to 50 digits at 3 points
# graph: gradient T: agrees (sympy at points), to 50 digits at 3 points
# graph: gradient r: agrees (sympy at points), to 50 digits at 3 points
# graph: gradient sigma: proved (sympy), equal to SymPy's derivative
# code: N = 2: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# claim, line 17: agrees (mpmath), grad(total, S) == cdf(d1)
# claim, line 18: agrees (mpmath), grad(total, sigma) == S * density * sqrt(T)
# claim, line 19: agrees (mpmath), grad(total, r) == K * T * exp(-r * T) * cdf(d2)
# claim, line 20: agrees (mpmath), grad(total, K) == -exp(-r * T) * cdf(d2)
# claim, line 21: agrees (mpmath), grad(total, T) == S * density * sigma / (2 * sqrt(T)) + r * K * exp(-r * T) * cdf(d2)
# --- end of certificate ---

"""Black-Scholes: the value of a book of European call options; the gradients are the Greeks.

    from black_scholes import value, value_and_grad
    total = value(S, K, T, r, sigma)
    total, gradient = value_and_grad(S, K, T, r, sigma)

Arguments: S[N] (differentiated), K[N] (differentiated), T[N] (differentiated), r[N] (differentiated),
sigma[N] (differentiated).
"""

import math
from typing import NamedTuple

import numpy as np


def value_kernel(S, K, T, r, sigma):
    t1 = sigma * np.sqrt(T)  # line 11
    t2 = np.sqrt(2)  # line 9
    d1 = (np.log(S / K) + (r + 0.5 * (sigma * sigma)) * T) / t1  # line 11
    d2 = d1 - t1  # line 12
    t3 = 0.5 * np.vectorize(math.erfc, otypes=[float])(-(d1 / t2))  # line 9
    t4 = 0.5 * np.vectorize(math.erfc, otypes=[float])(-(d2 / t2))  # line 9
    price = S * t3 - K * np.exp(-(r * T)) * t4  # line 13
    total = np.sum(price)  # line 14
    return (float(total),)


def value_and_grad_kernel(S, K, T, r, sigma):
    t1 = S / K  # line 11
    t2 = np.sqrt(T)  # line 11
    t3 = sigma * t2  # line 11
    t4 = np.sqrt(2)  # line 9
    t5 = r + 0.5 * (sigma * sigma)  # line 11
    d1 = (np.log(t1) + t5 * T) / t3  # line 11
    d2 = d1 - t3  # line 12
    t6 = d1 / t4  # line 9
    t7 = 0.5 * np.vectorize(math.erfc, otypes=[float])(-t6)  # line 9
    t8 = d2 / t4  # line 9
    t9 = np.vectorize(math.erfc, otypes=[float])(-t8)  # line 9
    t10 = 0.5 * t9  # line 9
    t11 = S * 0.5  # backward of line 9: mul gate
    t12 = np.exp(-(r * T))  # line 13
    t13 = K * t12  # line 13
    price = S * t7 - t13 * t10  # line 13
    total = np.sum(price)  # line 14
    t14 = -0.5 * t9  # backward of line 13: mul gate
    t15 = -0.5 * t13  # backward of line 9: mul gate
    t16 = t15 * (-1.1283791670955126 * np.exp(-(t8 * t8)))  # backward of line 9: erfc gate
    t17 = t11 * (-1.1283791670955126 * np.exp(-(t6 * t6)))  # backward of line 9: erfc gate
    t18 = t17 + t16  # backward of line 11: copy gate
    t19 = t18 / t4  # backward of line 11: copy gate
    t20 = t19 / t3  # backward of line 11: div gate
    t21 = d1 / t3  # backward of line 11: div gate
    t22 = t20 * t5  # backward of line 11: mul gate
    t23 = -0.5 * (t20 * T)  # backward of line 11: mul gate
    t24 = t23 * (2 * sigma)  # backward of line 11: square gate
    t25 = t14 * t12  # backward of line 13: mul gate
    t26 = t14 * K  # backward of line 13: mul gate
    t27 = t26 * t12  # backward of line 13: exp gate
    t28 = r * t27  # backward of line 13: mul gate
    t29 = (t16 + t18 * t21) / t4  # backward of line 11: copy gate
    t30 = t29 * t2  # backward of line 11: mul gate
    t31 = t29 * sigma  # backward of line 11: mul gate
    t32 = t31 * (0.5 / t2)  # backward of line 11: sqrt gate
    t33 = t20 / t1  # backward of line 11: log gate
    t34 = t33 / K  # backward of line 11: div gate
    dsigma = t24 + t30  # backward of line 6: copy gate
    dr = -((t20 + t27) * T)  # backward of line 5: copy gate
    dT = t32 - (t22 + t28)  # backward of line 4: copy gate
    dS = t7 - t34  # backward of line 2: copy gate
    t35 = t34 * t1  # backward of line 11: div gate
    dK = t25 + t35  # backward of line 3: copy gate
    return float(total), dS, dK, dT, dr, dsigma


class Gradient(NamedTuple):
    """The gradient of total with respect to each parameter."""

    S: np.ndarray  # [N]
    K: np.ndarray  # [N]
    T: np.ndarray  # [N]
    r: np.ndarray  # [N]
    sigma: np.ndarray  # [N]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(S, K, T, r, sigma):
    """Return total."""
    with np.errstate(all="ignore"):
        _found = value_kernel(*_checked(S, K, T, r, sigma))
        return _found[0]


def value_and_grad(S, K, T, r, sigma):
    """Return total and its gradient."""
    with np.errstate(all="ignore"):
        _found = value_and_grad_kernel(*_checked(S, K, T, r, sigma))
        return _found[0], _new(Gradient, _found[1:])


_ARRAY, _REAL = np.ndarray, np.dtype(np.float64)


def _converted(name, x, shape, kind):
    """Return x as an array of float64, int64 or bool in C order; `shape` names its dimensions."""
    if x is None:
        raise TypeError(f"{name} is missing")
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise TypeError(f"{name} is not an array: {error}") from None
    if x.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be {kind}, not {x.dtype}")
    if x.ndim != len(shape):
        wanted = f"an array of shape ({', '.join(shape)}{',' * (len(shape) == 1)})" if shape else "a number"
        raise ValueError(f"{name} must be {wanted}, but has the shape {x.shape}")
    target = {"real": np.float64, "integer": np.int64, "boolean": np.bool_}[kind]
    with np.errstate(invalid="ignore"):
        result = np.require(x, target, "CA")
    if kind != "real" and x.dtype != result.dtype and not np.array_equal(result, x):
        raise TypeError(f"{name} must be {kind}, but has the value {x[x != result].flat[0]}")
    return result


def _checked(S, K, T, r, sigma):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if S.__class__ is not _ARRAY or S.dtype is not _REAL or S.ndim != 1 or not S.flags.carray:
        S = _converted("S", S, ("N",), "real")
    if K.__class__ is not _ARRAY or K.dtype is not _REAL or K.ndim != 1 or not K.flags.carray:
        K = _converted("K", K, ("N",), "real")
    if T.__class__ is not _ARRAY or T.dtype is not _REAL or T.ndim != 1 or not T.flags.carray:
        T = _converted("T", T, ("N",), "real")
    if r.__class__ is not _ARRAY or r.dtype is not _REAL or r.ndim != 1 or not r.flags.carray:
        r = _converted("r", r, ("N",), "real")
    if sigma.__class__ is not _ARRAY or sigma.dtype is not _REAL or sigma.ndim != 1 or not sigma.flags.carray:
        sigma = _converted("sigma", sigma, ("N",), "real")
    N = S.shape[0]
    if K.shape[0] != N:
        raise ValueError(f"K has {K.shape[0]} elements, but N = {N} from S")
    if T.shape[0] != N:
        raise ValueError(f"T has {T.shape[0]} elements, but N = {N} from S")
    if r.shape[0] != N:
        raise ValueError(f"r has {r.shape[0]} elements, but N = {N} from S")
    if sigma.shape[0] != N:
        raise ValueError(f"sigma has {sigma.shape[0]} elements, but N = {N} from S")
    return S, K, T, r, sigma
