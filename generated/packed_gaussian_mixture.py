# Made by gradcompile 0.1.0 from examples/packed_gaussian_mixture.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: d918ac395880d994b4529db3dd9512a9649fca12c1bea32dfea8d474e138e0eb
# options: --target numba --emit value,value_and_grad
# operations: value 3*D**2*K*N + 6*D*K*N + D**2*K + 4*D*K + 4*D**2 + 3*K*N + 10*D + 5*K + N + 30; value_and_grad (16*D**2*K*N + 24*D*K*N + 7*D**2*K + 21*D*K + 8*D**2 + 14*K*N + 20*D + 20*K + 2*N + 66)//2
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient alpha: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient mu: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient q: agrees (sympy and finite differences at points), to 50 digits at 3 points
# graph: gradient l: agrees (finite differences), to 50 digits at 3 points
# code: N = 2, D = 4, K = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: K = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: K = 11: agrees, within 2^0 units in the last place
# claim, line 25: proved (sympy), grad(loss, joint) == -share
# claim, line 26: proved (sympy), grad(loss, alpha) == N * softmax(alpha) - sum(share, axis=0)
# claim, line 27: agrees (mpmath), grad(loss, scaled) == share[:, :, None] * scaled
# --- end of certificate ---

"""Gaussian mixture with full covariances: negative log-likelihood, with a Wishart prior on the precisions.

    from packed_gaussian_mixture import value, value_and_grad
    loss = value(x, alpha, mu, q, l, gamma, m=0)
    loss, gradient = value_and_grad(x, alpha, mu, q, l, gamma, m=0)

Arguments: x[N, D], alpha[K] (differentiated), mu[K, D] (differentiated), q[K, D] (differentiated), l[K, (D**2
- D)//2] (differentiated), gamma, m.
"""

import math
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
def _lgamma(x):
    """For x < -1/2 by gamma(x) * gamma(-x) = -pi / (x * sin(pi*x)), with the whole part of x taken out first."""
    if not x < -0.5:
        return _lgamma_right(x)
    if x < -4503599627370496.0:
        return math.inf
    part = -x % 1.0
    sine = math.sin(math.pi * min(part, 1.0 - part))
    return math.inf if sine == 0.0 else math.log(-math.pi / (x * sine)) - _lgamma_right(-x)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
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


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _lgamma_of_2_plus(t):
    """lgamma(2 + t) for |t| <= 1/2."""
    return t * (0.42278433509846713 + t * (0.3224670334241132 + t * (-0.06735230105319814 + t * 
        (0.02058080842778457 + t * (-0.0073855510286681535 + t * (0.002890510330738737 + t * 
        (-0.0011927539120010226 + t * (0.0005096695248853096 + t * (-0.00022315475074520367 + t * 
        (9.945750909889392e-05 + t * (-4.4926351103833334e-05 + t * (2.050726741605779e-05 + t * 
        (-9.438458716242811e-06 + t * (4.374374916915131e-06 + t * (-2.0449201467015115e-06 + t * 
        (9.578663334114758e-07 + t * (-4.303558760359961e-07 + t * (2.0304806751615227e-07 + t * 
        (-1.3412819758517287e-07 + t * (6.379047507619774e-08))))))))))))))))))))


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _stirling(x):
    """What Stirling's formula lacks of lgamma(x), for x >= 10 (DLMF 5.11.1)."""
    y = 1.0 / x / x
    tail = y * (1 / 1680 - y * (1 / 1188 - y * (691 / 360360 - y / 156)))
    return (1 / 12 - y * (1 / 360 - y * (1 / 1260 - tail))) / x


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
def value_kernel(x, alpha, mu, q, l, gamma, m):
    N, D = x.shape
    K = alpha.shape[0]
    t2 = np.empty((K, D), np.float64)
    t3 = np.empty((K,), np.float64)
    t6 = 0.0
    for k in range(K):
        t3_k = 0.0
        for i in range(D):
            q_ik = q[k, i]
            t1 = _exp(q_ik)  # line 11
            t2[k, i] = t1
            t3_k = _plus(t3_k, q_ik)  # line 14
            t4 = 2 * q_ik  # line 20
            t5 = _exp(t4)  # line 20
            t6 = _plus(t6, t5)  # line 20
        t3[k] = t3_k
    t12 = np.empty((D,), np.int64)
    for j in range(D):
        t7 = j + 1  # line 12
        t8 = j * t7  # line 12
        t9 = t8 // 2  # line 12
        t10 = j * D  # line 12
        t11 = t10 - t9  # line 12
        t12[j] = t11
    t13 = 0.5 * N  # line 15
    t14 = t13 * D  # line 15
    t15 = 2 * 3.141592653589793  # line 15
    t16 = np.log(t15)  # line 15
    t17 = t14 * t16  # line 15
    t18 = D + m  # line 17
    freedom = t18 + 1  # line 17
    t19 = 0.25 * D  # line 18
    t20 = t19 * (D - 1)  # line 18
    t21 = np.log(3.141592653589793)  # line 18
    t22 = t20 * t21  # line 18
    t23 = freedom * D  # line 19
    t24 = np.sqrt(2)  # line 19
    t25 = gamma / t24  # line 19
    t26 = np.log(t25)  # line 19
    t27 = t23 * t26  # line 19
    t28 = gamma * gamma  # line 20
    t29 = 0.5 * t28  # line 20
    t33 = 0.0
    for i in range(D):
        t30 = freedom - i  # line 18
        t31 = 0.5 * t30  # line 18
        t32 = _lgamma(t31)  # line 18
        t33 = _plus(t33, t32)  # line 18
    lgamma_of_matrix = t22 + t33  # line 18
    normaliser = t27 - lgamma_of_matrix  # line 19
    t34 = K * normaliser  # line 20
    t35 = 0.0
    t36 = -np.inf
    for k in range(K):
        t3_k_ = t3[k]
        t35 = _plus(t35, t3_k_)  # line 20
        alpha_k = alpha[k]
        t36 = alpha_k if alpha_k > t36 or alpha_k != alpha_k else t36  # line 15
    t37 = m * t35  # line 20
    t38 = t36 if np.isfinite(t36) else 0.0  # line 15
    t40 = 0.0
    for k in range(K):
        for i_ in range((D**2 - D)//2):
            l_i_k = l[k, i_]
            t39 = l_i_k * l_i_k  # line 20
            t40 = _plus(t40, t39)  # line 20
    t41 = t6 + t40  # line 20
    t42 = t29 * t41  # line 20
    t43 = t42 - t37  # line 20
    prior = t43 - t34  # line 20
    t46 = 0.0
    for k in range(K):
        alpha_k = alpha[k]
        t44 = alpha_k - t38  # line 15
        t45 = _exp(t44)  # line 15
        t46 = _plus(t46, t45)  # line 15
    t47 = np.log(t46)  # line 15
    t48 = t38 + t47  # line 15
    t49 = N * t48  # line 15
    t71 = 0.0
    block = min(N // 2 + 4, max(64, min(256, 65536 // (D*K + D + K + 3))))
    size = min(block, N)
    x__ = np.empty((D, size), np.float64)
    t57 = np.empty((D, K, size), np.float64)
    t61 = np.empty((K, size), np.float64)
    t64 = np.empty((size,), np.float64)
    t68 = np.empty((size,), np.float64)
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            x__ = np.empty((D, size), np.float64)
            t57 = np.empty((D, K, size), np.float64)
            t61 = np.empty((K, size), np.float64)
            t64 = np.empty((size,), np.float64)
            t68 = np.empty((size,), np.float64)
        x_ = x[n0 : n0 + size]
        _turn(x_, x__)
        t57[...] = 0.0
        for i in range(D):
            for k in range(K):
                for j in range(i):
                    mu_jk = mu[k, j]
                    t51 = j < i  # line 12
                    t11 = t12[j]
                    t52 = t11 + i  # line 12
                    t53 = t52 - j  # line 12
                    t54 = t53 - 1  # line 12
                    t55 = l[k, t54]
                    for n in range(size):
                        x_jn = x__[j, n]
                        t50 = x_jn - mu_jk  # line 12
                        t56 = t55 * t50  # line 12
                        t57[i, k, n] += t56  # line 12
        t61[...] = 0.0
        for k in range(K):
            for i in range(D):
                mu_ik = mu[k, i]
                t1 = t2[k, i]
                for n in range(size):
                    t57_ikn = t57[i, k, n]
                    x_in = x__[i, n]
                    t58 = x_in - mu_ik  # line 11
                    t59 = t1 * t58  # line 11
                    scaled = t59 + t57_ikn  # line 11
                    t60 = scaled * scaled  # line 14
                    t61[k, n] += t60  # line 14
        t64[...] = -np.inf
        for k in range(K):
            t3_k_ = t3[k]
            alpha_k = alpha[k]
            t63 = alpha_k + t3_k_  # line 14
            for n in range(size):
                t61_kn = t61[k, n]
                t62 = 0.5 * t61_kn  # line 14
                joint = t63 - t62  # line 14
                t64[n] = joint if joint > t64[n] or joint != joint else t64[n]  # line 15
        t68[...] = 0.0
        for k in range(K):
            t3_k_ = t3[k]
            alpha_k = alpha[k]
            t63 = alpha_k + t3_k_  # line 14
            for n in range(size):
                t64_n = t64[n]
                t65 = t64_n if np.isfinite(t64_n) else 0.0  # line 15
                t61_kn = t61[k, n]
                t62 = 0.5 * t61_kn  # line 14
                joint = t63 - t62  # line 14
                t66 = joint - t65  # line 15
                t67 = _exp(t66)  # line 15
                t68[n] += t67  # line 15
        t71_ = 0.0
        for n in range(size):
            t68_n = t68[n]
            t69 = _log(t68_n)  # line 15
            t64_n = t64[n]
            t65 = t64_n if np.isfinite(t64_n) else 0.0  # line 15
            t70 = t65 + t69  # line 15
            t71_ = _plus(t71_, t70)  # line 15
        t71 = _plus(t71, t71_)  # line 15
    t72 = t71 - t49  # line 15
    loglik = t72 - t17  # line 15
    loss = prior - loglik  # line 21
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, alpha, mu, q, l, gamma, m):
    N, D = x.shape
    K = alpha.shape[0]
    t2 = np.empty((K, D), np.float64)
    t3 = np.empty((K,), np.float64)
    t6 = np.empty((K, D), np.float64)
    t7 = 0.0
    for k in range(K):
        t3_k = 0.0
        for i in range(D):
            q_ik = q[k, i]
            t1 = _exp(q_ik)  # line 11
            t2[k, i] = t1
            t3_k = _plus(t3_k, q_ik)  # line 14
            t4 = 2 * q_ik  # line 20
            t5 = _exp(t4)  # line 20
            t6[k, i] = t5
            t7 = _plus(t7, t5)  # line 20
        t3[k] = t3_k
    t13 = np.empty((D,), np.int64)
    for j in range(D):
        t8 = j + 1  # line 12
        t9 = j * t8  # line 12
        t10 = t9 // 2  # line 12
        t11 = j * D  # line 12
        t12 = t11 - t10  # line 12
        t13[j] = t12
    t14 = 0.5 * N  # line 15
    t15 = t14 * D  # line 15
    t16 = 2 * 3.141592653589793  # line 15
    t17 = np.log(t16)  # line 15
    t18 = t15 * t17  # line 15
    t19 = D + m  # line 17
    freedom = t19 + 1  # line 17
    t20 = 0.25 * D  # line 18
    t21 = t20 * (D - 1)  # line 18
    t22 = np.log(3.141592653589793)  # line 18
    t23 = t21 * t22  # line 18
    t24 = freedom * D  # line 19
    t25 = np.sqrt(2)  # line 19
    t26 = gamma / t25  # line 19
    t27 = np.log(t26)  # line 19
    t28 = t24 * t27  # line 19
    t29 = gamma * gamma  # line 20
    t30 = 0.5 * t29  # line 20
    t31 = float(N)  # backward of line 15: mul gate
    t32 = -m  # backward of line 20: mul gate
    t33 = float(t32)  # backward of line 20: mul gate
    t37 = 0.0
    for i in range(D):
        t34 = freedom - i  # line 18
        t35 = 0.5 * t34  # line 18
        t36 = _lgamma(t35)  # line 18
        t37 = _plus(t37, t36)  # line 18
    lgamma_of_matrix = t23 + t37  # line 18
    normaliser = t28 - lgamma_of_matrix  # line 19
    t38 = K * normaliser  # line 20
    t39 = 0.0
    t40 = -np.inf
    for k in range(K):
        t3_k_ = t3[k]
        t39 = _plus(t39, t3_k_)  # line 20
        alpha_k = alpha[k]
        t40 = alpha_k if alpha_k > t40 or alpha_k != alpha_k else t40  # line 15
    t41 = m * t39  # line 20
    t42 = t40 if np.isfinite(t40) else 0.0  # line 15
    t44 = 0.0
    for k in range(K):
        for i_ in range((D**2 - D)//2):
            l_i_k = l[k, i_]
            t43 = l_i_k * l_i_k  # line 20
            t44 = _plus(t44, t43)  # line 20
    t45 = t7 + t44  # line 20
    t46 = t30 * t45  # line 20
    t47 = t46 - t41  # line 20
    prior = t47 - t38  # line 20
    t50 = np.empty((K,), np.float64)
    t51 = 0.0
    for k in range(K):
        alpha_k = alpha[k]
        t48 = alpha_k - t42  # line 15
        t49 = _exp(t48)  # line 15
        t50[k] = t49
        t51 = _plus(t51, t49)  # line 15
    t52 = np.log(t51)  # line 15
    t53 = t42 + t52  # line 15
    t54 = N * t53  # line 15
    t77 = 0.0
    t79 = np.zeros((K,), np.float64)
    t83 = np.zeros((K, D), np.float64)
    t84 = np.zeros((K, D), np.float64)
    t86 = np.zeros((K, D, D), np.float64)
    t88 = np.zeros((K, D), np.float64)
    block = min(N // 2 + 4, max(64, min(256, 65536 // (2*D*K + D + 2*K + 3))))
    size = min(block, N)
    x__ = np.empty((D, size), np.float64)
    t62 = np.empty((D, K, size), np.float64)
    t66 = np.empty((K, size), np.float64)
    t69 = np.empty((size,), np.float64)
    t73 = np.empty((K, size), np.float64)
    t74 = np.empty((size,), np.float64)
    dscaled = np.empty((K, D, size), np.float64)
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            x__ = np.empty((D, size), np.float64)
            t62 = np.empty((D, K, size), np.float64)
            t66 = np.empty((K, size), np.float64)
            t69 = np.empty((size,), np.float64)
            t73 = np.empty((K, size), np.float64)
            t74 = np.empty((size,), np.float64)
            dscaled = np.empty((K, D, size), np.float64)
        x_ = x[n0 : n0 + size]
        _turn(x_, x__)
        t62[...] = 0.0
        for i in range(D):
            for k in range(K):
                for j in range(i):
                    mu_jk = mu[k, j]
                    t56 = j < i  # line 12
                    t12 = t13[j]
                    t57 = t12 + i  # line 12
                    t58 = t57 - j  # line 12
                    t59 = t58 - 1  # line 12
                    t60 = l[k, t59]
                    for n in range(size):
                        x_jn = x__[j, n]
                        t55 = x_jn - mu_jk  # line 12
                        t61 = t60 * t55  # line 12
                        t62[i, k, n] += t61  # line 12
        t66[...] = 0.0
        for k in range(K):
            for i in range(D):
                mu_ik = mu[k, i]
                t1 = t2[k, i]
                for n in range(size):
                    t62_ikn = t62[i, k, n]
                    x_in = x__[i, n]
                    t63 = x_in - mu_ik  # line 11
                    t64 = t1 * t63  # line 11
                    scaled = t64 + t62_ikn  # line 11
                    t65 = scaled * scaled  # line 14
                    t66[k, n] += t65  # line 14
        t69[...] = -np.inf
        for k in range(K):
            t3_k_ = t3[k]
            alpha_k = alpha[k]
            t68 = alpha_k + t3_k_  # line 14
            for n in range(size):
                t66_kn = t66[k, n]
                t67 = 0.5 * t66_kn  # line 14
                joint = t68 - t67  # line 14
                t69[n] = joint if joint > t69[n] or joint != joint else t69[n]  # line 15
        t74[...] = 0.0
        for k in range(K):
            t3_k_ = t3[k]
            alpha_k = alpha[k]
            t68 = alpha_k + t3_k_  # line 14
            for n in range(size):
                t69_n = t69[n]
                t70 = t69_n if np.isfinite(t69_n) else 0.0  # line 15
                t66_kn = t66[k, n]
                t67 = 0.5 * t66_kn  # line 14
                joint = t68 - t67  # line 14
                t71 = joint - t70  # line 15
                t72 = _exp(t71)  # line 15
                t73[k, n] = t72
                t74[n] += t72  # line 15
        t77_ = 0.0
        for n in range(size):
            t74_n = t74[n]
            t75 = _log(t74_n)  # line 15
            t69_n = t69[n]
            t70 = t69_n if np.isfinite(t69_n) else 0.0  # line 15
            t76 = t70 + t75  # line 15
            t77_ = _plus(t77_, t76)  # line 15
        t77 = _plus(t77, t77_)  # line 15
        for k in range(K):
            t79_k = 0.0
            for n in range(size):
                t74_n = t74[n]
                t72 = t73[k, n]
                t78 = t72 / t74_n  # backward of line 15: logsumexp gate
                t79_k = _plus(t79_k, t78)  # backward of line 14: sub gate
            t79[k] += t79_k  # backward of line 14: sub gate
        for k in range(K):
            for i in range(D):
                mu_ik = mu[k, i]
                t1 = t2[k, i]
                t83_ki = 0.0
                t84_ki = 0.0
                for n in range(size):
                    t62_ikn = t62[i, k, n]
                    x_in = x__[i, n]
                    t63 = x_in - mu_ik  # line 11
                    t64 = t1 * t63  # line 11
                    scaled = t64 + t62_ikn  # line 11
                    t80 = 2 * scaled  # backward of line 14: square gate
                    t74_n = t74[n]
                    t72 = t73[k, n]
                    t78 = t72 / t74_n  # backward of line 15: logsumexp gate
                    t81 = t78 * 0.5  # backward of line 14: mul gate
                    dscaled_kin = t81 * t80  # backward of line 14: square gate
                    dscaled[k, i, n] = dscaled_kin
                    t82 = dscaled_kin * t63  # backward of line 11: mul gate
                    t83_ki = _plus(t83_ki, t82)  # backward of line 11: mul gate
                    t84_ki = _plus(t84_ki, dscaled_kin)  # backward of line 11: sub gate
                t83[k, i] += t83_ki  # backward of line 11: mul gate
                t84[k, i] += t84_ki  # backward of line 11: sub gate
        for k in range(K):
            for i in range(D):
                for j in range(i):
                    mu_jk = mu[k, j]
                    t56 = j < i  # line 12
                    t86_kij = 0.0
                    t12 = t13[j]
                    t57 = t12 + i  # line 12
                    t58 = t57 - j  # line 12
                    t59 = t58 - 1  # line 12
                    t60 = l[k, t59]
                    t88_kj = 0.0
                    for n in range(size):
                        x_jn = x__[j, n]
                        t55 = x_jn - mu_jk  # line 12
                        dscaled_kin = dscaled[k, i, n]
                        t85 = dscaled_kin * t55  # backward of line 12: mul gate
                        t86_kij = _plus(t86_kij, t85)  # backward of line 12: mul gate
                        t87 = dscaled_kin * t60  # backward of line 12: mul gate
                        t88_kj = _plus(t88_kj, t87)  # backward of line 12: sub gate
                    t86[k, i, j] += t86_kij  # backward of line 12: mul gate
                    t88[k, j] += t88_kj  # backward of line 12: sub gate
    t89 = t77 - t54  # line 15
    loglik = t89 - t18  # line 15
    loss = prior - loglik  # line 21
    t90 = np.zeros(((D**2 - D)//2, K), np.float64)
    for k in range(K):
        for i in range(D):
            for j in range(i):
                t56 = j < i  # line 12
                t12 = t13[j]
                t57 = t12 + i  # line 12
                t58 = t57 - j  # line 12
                t59 = t58 - 1  # line 12
                t86_ijk = t86[k, i, j]
                if t56:
                    t90[t59, k] += t86_ijk  # backward of line 12: take gate
    dl = np.empty((K, (D**2 - D)//2), np.float64)
    for k in range(K):
        for i_ in range((D**2 - D)//2):
            t90_i_k = t90[i_, k]
            l_i_k = l[k, i_]
            t91 = 2 * l_i_k  # backward of line 20: square gate
            t92 = t30 * t91  # backward of line 20: square gate
            dl_ki_ = t92 + t90_i_k  # backward of line 6: copy gate
            dl[k, i_] = dl_ki_
    dq = np.empty((K, D), np.float64)
    dmu = np.empty((K, D), np.float64)
    for k in range(K):
        t79_k_ = t79[k]
        t94 = t33 - t79_k_  # backward of line 14: copy gate
        for i in range(D):
            t1 = t2[k, i]
            t83_ik = t83[k, i]
            t93 = t83_ik * t1  # backward of line 11: exp gate
            t5 = t6[k, i]
            t95 = t30 * t5  # backward of line 20: exp gate
            t96 = t95 * 2  # backward of line 20: mul gate
            t97 = t96 + t94  # backward of line 5: copy gate
            dq_ki = t97 + t93  # backward of line 5: copy gate
            dq[k, i] = dq_ki
            t84_ik = t84[k, i]
            t98 = t1 * t84_ik  # backward of line 11: sub gate
            t88_ik = t88[k, i]
            t99 = -t88_ik  # backward of line 12: sub gate
            dmu_ki = t99 - t98  # backward of line 11: copy gate
            dmu[k, i] = dmu_ki
    dalpha = np.empty((K,), np.float64)
    for k in range(K):
        t79_k_ = t79[k]
        t49 = t50[k]
        t100 = t49 / t51  # backward of line 15: logsumexp gate
        t101 = t31 * t100  # backward of line 15: logsumexp gate
        dalpha_k = t101 - t79_k_  # backward of line 3: copy gate
        dalpha[k] = dalpha_k
    return (loss, dalpha, dmu, dq, dl)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    alpha: np.ndarray  # [K]
    mu: np.ndarray  # [K, D]
    q: np.ndarray  # [K, D]
    l: np.ndarray  # [K, (D**2 - D)//2]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(x, alpha, mu, q, l, gamma, m=0):
    """Return loss."""
    return value_kernel(*_checked(x, alpha, mu, q, l, gamma, m))[0]


def value_and_grad(x, alpha, mu, q, l, gamma, m=0):
    """Return loss and its gradient."""
    _found = value_and_grad_kernel(*_checked(x, alpha, mu, q, l, gamma, m))
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


def _checked(x, alpha, mu, q, l, gamma, m):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if x.__class__ is not _ARRAY or x.dtype is not _REAL or x.ndim != 2 or not x.flags.carray:
        x = _converted("x", x, ("N", "D"), "real")
    if alpha.__class__ is not _ARRAY or alpha.dtype is not _REAL or alpha.ndim != 1 or not alpha.flags.carray:
        alpha = _converted("alpha", alpha, ("K",), "real")
    if mu.__class__ is not _ARRAY or mu.dtype is not _REAL or mu.ndim != 2 or not mu.flags.carray:
        mu = _converted("mu", mu, ("K", "D"), "real")
    if q.__class__ is not _ARRAY or q.dtype is not _REAL or q.ndim != 2 or not q.flags.carray:
        q = _converted("q", q, ("K", "D"), "real")
    if l.__class__ is not _ARRAY or l.dtype is not _REAL or l.ndim != 2 or not l.flags.carray:
        l = _converted("l", l, ("K", "(D**2 - D)//2"), "real")
    if gamma.__class__ is not float:
        gamma = float(_converted("gamma", gamma, (), "real"))
    if m.__class__ is not int:
        m = int(_converted("m", m, (), "integer"))
    N, D = x.shape
    K = alpha.shape[0]
    if mu.shape[0] != K:
        raise ValueError(f"mu has {mu.shape[0]} rows, but K = {K} from alpha")
    if mu.shape[1] != D:
        raise ValueError(f"mu has {mu.shape[1]} columns, but D = {D} from x")
    if q.shape[0] != K:
        raise ValueError(f"q has {q.shape[0]} rows, but K = {K} from alpha")
    if q.shape[1] != D:
        raise ValueError(f"q has {q.shape[1]} columns, but D = {D} from x")
    if l.shape[0] != K:
        raise ValueError(f"l has {l.shape[0]} rows, but K = {K} from alpha")
    if l.shape[1] != (D**2 - D)//2:
        raise ValueError(f"l has {l.shape[1]} columns, but (D**2 - D)//2 = {(D**2 - D)//2} from x")
    return x, alpha, mu, q, l, gamma, m
