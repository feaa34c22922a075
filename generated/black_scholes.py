# Made by gradcompile 0.1.0 from examples/black_scholes.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 7147418acdb79e6478714c86971c47b23b016552548caa30bfe02083fc423bc7
# options: --target numba --emit value,value_and_grad
# operations: value 27*N + 1; value_and_grad 71*N + 1
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

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(S, K, T, r, sigma):
    N = S.shape[0]
    t1 = np.sqrt(2)  # line 9
    total = 0.0
    for n in range(N):
        T_n = T[n]
        t2 = np.sqrt(T_n)  # line 11
        sigma_n = sigma[n]
        t3 = sigma_n * t2  # line 11
        t4 = sigma_n * sigma_n  # line 11
        t5 = 0.5 * t4  # line 11
        r_n = r[n]
        t6 = r_n + t5  # line 11
        t7 = t6 * T_n  # line 11
        K_n = K[n]
        S_n = S[n]
        t8 = S_n / K_n  # line 11
        t9 = np.log(t8)  # line 11
        t10 = t9 + t7  # line 11
        d1 = t10 / t3  # line 11
        d2 = d1 - t3  # line 12
        t11 = d2 / t1  # line 9
        t12 = -t11  # line 9
        t13 = math.erfc(t12)  # line 9
        t14 = 0.5 * t13  # line 9
        t15 = r_n * T_n  # line 13
        t16 = -t15  # line 13
        t17 = np.exp(t16)  # line 13
        t18 = K_n * t17  # line 13
        t19 = t18 * t14  # line 13
        t20 = d1 / t1  # line 9
        t21 = -t20  # line 9
        t22 = math.erfc(t21)  # line 9
        t23 = 0.5 * t22  # line 9
        t24 = S_n * t23  # line 13
        price = t24 - t19  # line 13
        total += price  # line 14
    return (total,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(S, K, T, r, sigma):
    N = S.shape[0]
    t1 = np.sqrt(2)  # line 9
    total = 0.0
    dsigma = np.empty((N,), np.float64)
    dr = np.empty((N,), np.float64)
    dT = np.empty((N,), np.float64)
    dS = np.empty((N,), np.float64)
    dK = np.empty((N,), np.float64)
    for n in range(N):
        T_n = T[n]
        t2 = np.sqrt(T_n)  # line 11
        sigma_n = sigma[n]
        t3 = sigma_n * t2  # line 11
        t4 = sigma_n * sigma_n  # line 11
        t5 = 0.5 * t4  # line 11
        r_n = r[n]
        t6 = r_n + t5  # line 11
        t7 = t6 * T_n  # line 11
        K_n = K[n]
        S_n = S[n]
        t8 = S_n / K_n  # line 11
        t9 = np.log(t8)  # line 11
        t10 = t9 + t7  # line 11
        d1 = t10 / t3  # line 11
        d2 = d1 - t3  # line 12
        t11 = d2 / t1  # line 9
        t12 = -t11  # line 9
        t13 = math.erfc(t12)  # line 9
        t14 = 0.5 * t13  # line 9
        t15 = r_n * T_n  # line 13
        t16 = -t15  # line 13
        t17 = np.exp(t16)  # line 13
        t18 = K_n * t17  # line 13
        t19 = t18 * t14  # line 13
        t20 = d1 / t1  # line 9
        t21 = -t20  # line 9
        t22 = math.erfc(t21)  # line 9
        t23 = 0.5 * t22  # line 9
        t24 = S_n * t23  # line 13
        price = t24 - t19  # line 13
        total += price  # line 14
        t25 = d1 / t3  # backward of line 11: div gate
        t26 = t11 * t11  # backward of line 9: erfc gate
        t27 = -t26  # backward of line 9: erfc gate
        t28 = np.exp(t27)  # backward of line 9: erfc gate
        t29 = -1.1283791670955126 * t28  # backward of line 9: erfc gate
        t30 = -0.5 * t18  # backward of line 9: mul gate
        t31 = t30 * t29  # backward of line 9: erfc gate
        t32 = t20 * t20  # backward of line 9: erfc gate
        t33 = -t32  # backward of line 9: erfc gate
        t34 = np.exp(t33)  # backward of line 9: erfc gate
        t35 = -1.1283791670955126 * t34  # backward of line 9: erfc gate
        t36 = S_n * 0.5  # backward of line 9: mul gate
        t37 = t36 * t35  # backward of line 9: erfc gate
        t38 = t37 + t31  # backward of line 11: copy gate
        t39 = t38 * t25  # backward of line 11: copy gate
        t40 = t31 + t39  # backward of line 11: copy gate
        t41 = t40 / t1  # backward of line 11: copy gate
        t42 = t41 * t2  # backward of line 11: mul gate
        t43 = 2 * sigma_n  # backward of line 11: square gate
        t44 = t38 / t1  # backward of line 11: copy gate
        t45 = t44 / t3  # backward of line 11: div gate
        t46 = t45 * T_n  # backward of line 11: mul gate
        t47 = -0.5 * t46  # backward of line 11: mul gate
        t48 = t47 * t43  # backward of line 11: square gate
        dsigma_n = t48 + t42  # backward of line 6: copy gate
        dsigma[n] = dsigma_n
        t49 = -0.5 * t13  # backward of line 13: mul gate
        t50 = t49 * K_n  # backward of line 13: mul gate
        t51 = t50 * t17  # backward of line 13: exp gate
        t52 = t45 + t51  # backward of line 5: copy gate
        t53 = t52 * T_n  # backward of line 5: copy gate
        dr_n = -t53  # backward of line 5: copy gate
        dr[n] = dr_n
        t54 = r_n * t51  # backward of line 13: mul gate
        t55 = t45 * t6  # backward of line 11: mul gate
        t56 = t55 + t54  # backward of line 4: copy gate
        t57 = 0.5 / t2  # backward of line 11: sqrt gate
        t58 = t41 * sigma_n  # backward of line 11: mul gate
        t59 = t58 * t57  # backward of line 11: sqrt gate
        dT_n = t59 - t56  # backward of line 4: copy gate
        dT[n] = dT_n
        t60 = t45 / t8  # backward of line 11: log gate
        t61 = t60 / K_n  # backward of line 11: div gate
        dS_n = t23 - t61  # backward of line 2: copy gate
        dS[n] = dS_n
        t62 = t61 * t8  # backward of line 11: div gate
        t63 = t49 * t17  # backward of line 13: mul gate
        dK_n = t63 + t62  # backward of line 3: copy gate
        dK[n] = dK_n
    return (total, dS, dK, dT, dr, dsigma)


class Gradient(NamedTuple):
    """The gradient of total with respect to each parameter."""

    S: np.ndarray  # [N]
    K: np.ndarray  # [N]
    T: np.ndarray  # [N]
    r: np.ndarray  # [N]
    sigma: np.ndarray  # [N]


def value(S, K, T, r, sigma):
    """Return total."""
    return value_kernel(*_checked(S, K, T, r, sigma))[0]


def value_and_grad(S, K, T, r, sigma):
    """Return total and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(S, K, T, r, sigma))
    return _value, Gradient(*_gradient)


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


_REAL = np.dtype(np.float64)


def _real(name, x, shape):
    """Return x as the kernels take it; at once where it is so already."""
    if x.__class__ is np.ndarray and x.dtype == _REAL and x.ndim == len(shape) and x.flags.carray:
        return x
    return _converted(name, x, shape, "real")


def _checked(S, K, T, r, sigma):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    S = _real("S", S, ("N",))
    K = _real("K", K, ("N",))
    T = _real("T", T, ("N",))
    r = _real("r", r, ("N",))
    sigma = _real("sigma", sigma, ("N",))
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
