# Made by gradcompile 0.1.0 from examples/gaussian_mixture.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: a2211785aaa04058ba03ea09b8fdeb2802c0f7cff682d9b6bf8553806c1bb4b7
# options: --target numba --emit value,value_and_grad
# operations: value 3*D*K*N + 6*K*N + 5*K + N + 6; value_and_grad 6*D*K*N + D*K + 14*K*N + 14*K + N + 7
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient logits: proved (sympy), equal to SymPy's derivative
# graph: gradient mu: proved (sympy), equal to SymPy's derivative
# graph: gradient log_sigma: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3, K = 4: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: D = 0: agrees, within 2^0 units in the last place
# code: K = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: K = 11: agrees, within 2^0 units in the last place
# claim, line 14: proved (sympy), grad(loss, joint) == -share / N
# claim, line 15: proved (sympy), grad(loss, logits) == softmax(logits) - mean(share, axis=0)
# claim, line 16: proved (sympy), grad(loss, log_sigma) == mean(share * (D - distance2 / exp(2 * log_sigma)), axis=0)
# --- end of certificate ---

"""Gaussian mixture: mean negative log-likelihood of K round components.

    from gaussian_mixture import value, value_and_grad
    loss = value(x, logits, mu, log_sigma)
    loss, gradient = value_and_grad(x, logits, mu, log_sigma)

Arguments: x[N, D], logits[K] (differentiated), mu[K, D] (differentiated), log_sigma[K] (differentiated).
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _power_of_two(k):
    """2 to a whole number k within the normal range."""
    return np.int64((np.float64(k + 6755399441055744.0).view(np.int64) + 1023) << 52).view(np.float64)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _exp_parts(x):
    """A whole k, and w with exp(x) = 2^k * (1 + w): Cody and Waite's reduction, then a polynomial."""
    k = x * 1.4426950408889634 + 6755399441055744.0 - 6755399441055744.0
    high, low = x - k * 0.6931471805592082, k * 7.371002565167799e-13
    r = high - low
    return k, high + (r * r * (0.5000000000000011 + r * (0.16666666666666413 + r * (0.04166666666653017 + r * 
        (0.008333333333494532 + r * (0.0013888888943627078 + r * (0.00019841269506410927 + r * 
        (2.480149310183874e-05 + r * (2.7557586529833835e-06 + r * (2.7630247467746286e-07 + r * 
        (2.5000011690109885e-08)))))))))) - low)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _exp(x):
    """e to the x, within 1 unit in the last place."""
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    k, w = _exp_parts(x)
    half = 0.5 * k + 6755399441055744.0 - 6755399441055744.0
    return (1.0 + w) * _power_of_two(half) * _power_of_two(k - half)


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _turn(x, columns):
    """Copy the rows of x to columns, eight at a time: whole cache lines are read and written."""
    rows, width = x.shape
    for first in range(0, rows, 8):
        for i in range(width):
            for row in range(first, min(first + 8, rows)):
                columns[i, row] = x[row, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log_sum(k, f):
    """k*log(2) + log(1 + f) for a whole k."""
    s = f / (2.0 + f)
    z = s * s
    h = 0.5 * f * f
    return k * 0.6931471805592082 + (f - (h - (s * (h + z * (0.6666666666666734 + z * (0.3999999999941438 + z * (0.2857142874246403 + z * 
        (0.22222198564359882 + z * (0.181835648326685 + z * (0.15314036442224369 + z * 
        (0.14796101686198612)))))))) + k * 7.371002565167799e-13)))


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log_parts(x):
    """k and f with x = 2^k * (1 + f), x normal and sqrt(1/2) <= 1 + f < sqrt(2), from the bits of x."""
    bits = np.float64(x).view(np.int64) + 0x95f619980c433
    k = np.int64(bits >> 52 & 2047 | 0x4330000000000000).view(np.float64) - 4503599627371519.0
    return k, np.int64((bits & 0xfffffffffffff) + 0x3fe6a09e667f3bcd).view(np.float64) - 1.0


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log_parts_of_all(x):
    """The same for x > 0, subnormal ones as well."""
    small = x < 2.2250738585072014e-308
    k, f = _log_parts(x * 1.8014398509481984e+16 if small else x)
    return k - 54.0 if small else k, f


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log(x):
    """The natural logarithm, within 1 unit in the last place."""
    k, f = _log_parts_of_all(x)
    y = _log_sum(k, f)
    rest = -np.inf if x == 0.0 else x if x > 0.0 else np.nan
    y = y if (x > 0.0) & (x < np.inf) else rest
    return y


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(x, logits, mu, log_sigma):
    N, D = x.shape
    K = logits.shape[0]
    t3 = np.empty((K,), np.float64)
    t4 = -np.inf
    for k in range(K):
        log_sigma_k = log_sigma[k]
        t1 = 2 * log_sigma_k  # line 8
        t2 = _exp(t1)  # line 8
        t3[k] = t2
        logits_k = logits[k]
        t4 = logits_k if logits_k > t4 or logits_k != logits_k else t4  # line 9
    t5 = 0.5 * D  # line 8
    t6 = 2 * 3.141592653589793  # line 8
    t7 = np.log(t6)  # line 8
    t8 = t5 * t7  # line 8
    t9 = t4 if np.isfinite(t4) else 0.0  # line 9
    t12 = 0.0
    for k in range(K):
        logits_k = logits[k]
        t10 = logits_k - t9  # line 9
        t11 = _exp(t10)  # line 9
        t12 = _plus(t12, t11)  # line 9
    t13 = np.log(t12)  # line 9
    t14 = t9 + t13  # line 9
    t29 = 0.0
    block = min(N // 2 + 4, max(64, min(256, 65536 // (D + 2*K + 3))))
    size = min(block, N)
    x__ = np.empty((D, size), np.float64)
    distance2 = np.empty((K, size), np.float64)
    joint = np.empty((K, size), np.float64)
    t22 = np.empty((size,), np.float64)
    t26 = np.empty((size,), np.float64)
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            x__ = np.empty((D, size), np.float64)
            distance2 = np.empty((K, size), np.float64)
            joint = np.empty((K, size), np.float64)
            t22 = np.empty((size,), np.float64)
            t26 = np.empty((size,), np.float64)
        x_ = x[n0 : n0 + size]
        _turn(x_, x__)
        distance2[...] = 0.0
        for k in range(K):
            for d in range(D):
                mu_dk = mu[k, d]
                for n in range(size):
                    x_dn = x__[d, n]
                    t15 = x_dn - mu_dk  # line 7
                    t16 = t15 * t15  # line 7
                    distance2[k, n] += t16  # line 7
        t22[...] = -np.inf
        for k in range(K):
            log_sigma_k = log_sigma[k]
            t17 = D * log_sigma_k  # line 8
            t2 = t3[k]
            logits_k = logits[k]
            t21 = logits_k - t14  # line 9
            for n in range(size):
                distance2_kn = distance2[k, n]
                t18 = -0.5 * distance2_kn  # line 8
                t19 = t18 / t2  # line 8
                t20 = t19 - t17  # line 8
                log_density = t20 - t8  # line 8
                joint_kn = t21 + log_density  # line 9
                joint[k, n] = joint_kn
                t22[n] = joint_kn if joint_kn > t22[n] or joint_kn != joint_kn else t22[n]  # line 10
        t26[...] = 0.0
        for k in range(K):
            for n in range(size):
                t22_n = t22[n]
                t23 = t22_n if np.isfinite(t22_n) else 0.0  # line 10
                joint_kn = joint[k, n]
                t24 = joint_kn - t23  # line 10
                t25 = _exp(t24)  # line 10
                t26[n] += t25  # line 10
        t29_ = 0.0
        for n in range(size):
            t26_n = t26[n]
            t27 = _log(t26_n)  # line 10
            t22_n = t22[n]
            t23 = t22_n if np.isfinite(t22_n) else 0.0  # line 10
            t28 = t23 + t27  # line 10
            t29_ = _plus(t29_, t28)  # line 10
        t29 = _plus(t29, t29_)  # line 10
    t30 = t29 / N  # line 10
    loss = -t30  # line 10
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, logits, mu, log_sigma):
    N, D = x.shape
    K = logits.shape[0]
    t3 = np.empty((K,), np.float64)
    t4 = -np.inf
    for k in range(K):
        log_sigma_k = log_sigma[k]
        t1 = 2 * log_sigma_k  # line 8
        t2 = _exp(t1)  # line 8
        t3[k] = t2
        logits_k = logits[k]
        t4 = logits_k if logits_k > t4 or logits_k != logits_k else t4  # line 9
    t5 = 0.5 * D  # line 8
    t6 = 2 * 3.141592653589793  # line 8
    t7 = np.log(t6)  # line 8
    t8 = t5 * t7  # line 8
    t9 = t4 if np.isfinite(t4) else 0.0  # line 9
    t12 = np.empty((K,), np.float64)
    t13 = 0.0
    for k in range(K):
        logits_k = logits[k]
        t10 = logits_k - t9  # line 9
        t11 = _exp(t10)  # line 9
        t12[k] = t11
        t13 = _plus(t13, t11)  # line 9
    t14 = np.log(t13)  # line 9
    t15 = t9 + t14  # line 9
    t31 = 0.0
    t33 = np.zeros((K,), np.float64)
    t37 = np.zeros((K,), np.float64)
    t40 = np.zeros((K, D), np.float64)
    block = min(N // 2 + 4, max(64, min(256, 65536 // (D + 4*K + 3))))
    size = min(block, N)
    x__ = np.empty((D, size), np.float64)
    distance2 = np.empty((K, size), np.float64)
    joint = np.empty((K, size), np.float64)
    t23 = np.empty((size,), np.float64)
    t27 = np.empty((K, size), np.float64)
    t28 = np.empty((size,), np.float64)
    ddistance2 = np.empty((K, size), np.float64)
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            x__ = np.empty((D, size), np.float64)
            distance2 = np.empty((K, size), np.float64)
            joint = np.empty((K, size), np.float64)
            t23 = np.empty((size,), np.float64)
            t27 = np.empty((K, size), np.float64)
            t28 = np.empty((size,), np.float64)
            ddistance2 = np.empty((K, size), np.float64)
        x_ = x[n0 : n0 + size]
        _turn(x_, x__)
        distance2[...] = 0.0
        for k in range(K):
            for d in range(D):
                mu_dk = mu[k, d]
                for n in range(size):
                    x_dn = x__[d, n]
                    t16 = x_dn - mu_dk  # line 7
                    t17 = t16 * t16  # line 7
                    distance2[k, n] += t17  # line 7
        t23[...] = -np.inf
        for k in range(K):
            log_sigma_k = log_sigma[k]
            t18 = D * log_sigma_k  # line 8
            t2 = t3[k]
            logits_k = logits[k]
            t22 = logits_k - t15  # line 9
            for n in range(size):
                distance2_kn = distance2[k, n]
                t19 = -0.5 * distance2_kn  # line 8
                t20 = t19 / t2  # line 8
                t21 = t20 - t18  # line 8
                log_density = t21 - t8  # line 8
                joint_kn = t22 + log_density  # line 9
                joint[k, n] = joint_kn
                t23[n] = joint_kn if joint_kn > t23[n] or joint_kn != joint_kn else t23[n]  # line 10
        t28[...] = 0.0
        for k in range(K):
            for n in range(size):
                t23_n = t23[n]
                t24 = t23_n if np.isfinite(t23_n) else 0.0  # line 10
                joint_kn = joint[k, n]
                t25 = joint_kn - t24  # line 10
                t26 = _exp(t25)  # line 10
                t27[k, n] = t26
                t28[n] += t26  # line 10
        t31_ = 0.0
        for n in range(size):
            t28_n = t28[n]
            t29 = _log(t28_n)  # line 10
            t23_n = t23[n]
            t24 = t23_n if np.isfinite(t23_n) else 0.0  # line 10
            t30 = t24 + t29  # line 10
            t31_ = _plus(t31_, t30)  # line 10
        t31 = _plus(t31, t31_)  # line 10
        for k in range(K):
            t33_k = 0.0
            t2 = t3[k]
            t37_k = 0.0
            for n in range(size):
                t28_n = t28[n]
                t26 = t27[k, n]
                t32 = t26 / t28_n  # backward of line 10: logsumexp gate
                t33_k = _plus(t33_k, t32)  # backward of line 9: add gate
                t34 = t32 / N  # backward of line 10: logsumexp gate
                t35 = t34 / t2  # backward of line 8: div gate
                ddistance2_kn = 0.5 * t35  # backward of line 8: mul gate
                ddistance2[k, n] = ddistance2_kn
                distance2_kn = distance2[k, n]
                t19 = -0.5 * distance2_kn  # line 8
                t20 = t19 / t2  # line 8
                t36 = t35 * t20  # backward of line 8: div gate
                t37_k = _plus(t37_k, t36)  # backward of line 8: div gate
            t33[k] += t33_k  # backward of line 9: add gate
            t37[k] += t37_k  # backward of line 8: div gate
        for k in range(K):
            for d in range(D):
                mu_dk = mu[k, d]
                t40_kd = 0.0
                for n in range(size):
                    x_dn = x__[d, n]
                    t16 = x_dn - mu_dk  # line 7
                    t38 = 2 * t16  # backward of line 7: square gate
                    ddistance2_kn = ddistance2[k, n]
                    t39 = ddistance2_kn * t38  # backward of line 7: square gate
                    t40_kd = _plus(t40_kd, t39)  # backward of line 7: sub gate
                t40[k, d] += t40_kd  # backward of line 7: sub gate
    t41 = t31 / N  # line 10
    loss = -t41  # line 10
    t42 = 0.0
    dlog_sigma = np.empty((K,), np.float64)
    for k in range(K):
        t33_k_ = t33[k]
        t42 = _plus(t42, t33_k_)  # backward of line 9: sub gate
        t2 = t3[k]
        t37_k_ = t37[k]
        t43 = t37_k_ * t2  # backward of line 8: exp gate
        t44 = t43 * 2  # backward of line 8: mul gate
        t45 = t33_k_ / N  # backward of line 9: add gate
        t46 = t45 * D  # backward of line 8: mul gate
        dlog_sigma_k = t46 + t44  # backward of line 5: copy gate
        dlog_sigma[k] = dlog_sigma_k
    t47 = t42 / N  # backward of line 9: sub gate
    dmu = np.empty((K, D), np.float64)
    for k in range(K):
        for d in range(D):
            t40_dk = t40[k, d]
            dmu_kd = -t40_dk  # backward of line 7: sub gate
            dmu[k, d] = dmu_kd
    dlogits = np.empty((K,), np.float64)
    for k in range(K):
        t33_k_ = t33[k]
        t45 = t33_k_ / N  # backward of line 9: add gate
        t11 = t12[k]
        t48 = t11 / t13  # backward of line 9: logsumexp gate
        t49 = t47 * t48  # backward of line 9: logsumexp gate
        dlogits_k = t49 - t45  # backward of line 3: copy gate
        dlogits[k] = dlogits_k
    return (loss, dlogits, dmu, dlog_sigma)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    logits: np.ndarray  # [K]
    mu: np.ndarray  # [K, D]
    log_sigma: np.ndarray  # [K]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(x, logits, mu, log_sigma):
    """Return loss."""
    return value_kernel(*_checked(x, logits, mu, log_sigma))[0]


def value_and_grad(x, logits, mu, log_sigma):
    """Return loss and its gradient."""
    _found = value_and_grad_kernel(*_checked(x, logits, mu, log_sigma))
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


def _checked(x, logits, mu, log_sigma):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if x.__class__ is not _ARRAY or x.dtype is not _REAL or x.ndim != 2 or not x.flags.carray:
        x = _converted("x", x, ("N", "D"), "real")
    if logits.__class__ is not _ARRAY or logits.dtype is not _REAL or logits.ndim != 1 or not logits.flags.carray:
        logits = _converted("logits", logits, ("K",), "real")
    if mu.__class__ is not _ARRAY or mu.dtype is not _REAL or mu.ndim != 2 or not mu.flags.carray:
        mu = _converted("mu", mu, ("K", "D"), "real")
    if log_sigma.__class__ is not _ARRAY or log_sigma.dtype is not _REAL or log_sigma.ndim != 1 or not log_sigma.flags.carray:
        log_sigma = _converted("log_sigma", log_sigma, ("K",), "real")
    N, D = x.shape
    K = logits.shape[0]
    if mu.shape[0] != K:
        raise ValueError(f"mu has {mu.shape[0]} rows, but K = {K} from logits")
    if mu.shape[1] != D:
        raise ValueError(f"mu has {mu.shape[1]} columns, but D = {D} from x")
    if log_sigma.shape[0] != K:
        raise ValueError(f"log_sigma has {log_sigma.shape[0]} elements, but K = {K} from logits")
    return x, logits, mu, log_sigma
