# Made by gradcompile 0.1.0 from examples/packed_gaussian_mixture.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: d918ac395880d994b4529db3dd9512a9649fca12c1bea32dfea8d474e138e0eb
# options: --target numba --emit value,value_and_grad
# operations: value 3*D**2*K*N + 6*D*K*N + D**2*K + 4*D*K + 4*D**2 + 3*K*N + 9*D + 5*K + N + 30; value_and_grad (16*D**2*K*N + 24*D*K*N + 7*D**2*K + 21*D*K + 8*D**2 + 14*K*N + 18*D + 20*K + 2*N + 66)//2
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient alpha: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient mu: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient q: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient l: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
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
# claim, line 27: proved (sympy), grad(loss, scaled) == share[:, :, None] * scaled
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
            t1 = np.exp(q_ik)  # line 11
            t2[k, i] = t1
            t3_k += q_ik  # line 14
            t4 = 2 * q_ik  # line 20
            t5 = np.exp(t4)  # line 20
            t6 += t5  # line 20
        t3[k] = t3_k
    t12 = np.empty((D,), np.int64)
    for j in range(D):
        t7 = j + 1  # line 12
        t8 = j * t7  # line 12
        t9 = t8 // 2  # line 12
        t10 = j * D  # line 12
        t11 = t10 - t9  # line 12
        t12[j] = t11
    t21 = np.empty((N, D, K), np.float64)
    for n in range(N):
        for i in range(D):
            for k in range(K):
                t21_nik = 0.0
                for j in range(D):
                    mu_jk = mu[k, j]
                    x_jn = x[n, j]
                    t13 = x_jn - mu_jk  # line 12
                    t14 = j < i  # line 12
                    t11 = t12[j]
                    t15 = t11 + i  # line 12
                    t16 = t15 - j  # line 12
                    t17 = t16 - 1  # line 12
                    t18 = l[k, t17] if t14 else 0.0
                    t19 = t18 * t13  # line 12
                    t20 = t19 if t14 else 0.0  # line 12
                    t21_nik += t20  # line 12
                t21[n, i, k] = t21_nik
    t22 = 0.5 * N  # line 15
    t23 = t22 * D  # line 15
    t24 = 2 * 3.141592653589793  # line 15
    t25 = np.log(t24)  # line 15
    t26 = t23 * t25  # line 15
    t27 = D + m  # line 17
    freedom = t27 + 1  # line 17
    t28 = 0.25 * D  # line 18
    t29 = t28 * (D - 1)  # line 18
    t30 = np.log(3.141592653589793)  # line 18
    t31 = t29 * t30  # line 18
    t32 = freedom * D  # line 19
    t33 = np.sqrt(2)  # line 19
    t34 = gamma / t33  # line 19
    t35 = np.log(t34)  # line 19
    t36 = t32 * t35  # line 19
    t37 = gamma * gamma  # line 20
    t38 = 0.5 * t37  # line 20
    t42 = 0.0
    for i in range(D):
        t39 = freedom - i  # line 18
        t40 = 0.5 * t39  # line 18
        t41 = _lgamma(t40)  # line 18
        t42 += t41  # line 18
    lgamma_of_matrix = t31 + t42  # line 18
    normaliser = t36 - lgamma_of_matrix  # line 19
    t43 = K * normaliser  # line 20
    t44 = 0.0
    t45 = -np.inf
    for k in range(K):
        t3_k_ = t3[k]
        t44 += t3_k_  # line 20
        alpha_k = alpha[k]
        t45 = alpha_k if alpha_k > t45 or alpha_k != alpha_k else t45  # line 15
    t46 = m * t44  # line 20
    t47 = t45 if np.isfinite(t45) else 0.0  # line 15
    t51 = np.empty((N, K), np.float64)
    for n in range(N):
        for k in range(K):
            t51_nk = 0.0
            for i in range(D):
                t21_ikn = t21[n, i, k]
                mu_ik = mu[k, i]
                x_in = x[n, i]
                t48 = x_in - mu_ik  # line 11
                t1 = t2[k, i]
                t49 = t1 * t48  # line 11
                scaled = t49 + t21_ikn  # line 11
                t50 = scaled * scaled  # line 14
                t51_nk += t50  # line 14
            t51[n, k] = t51_nk
    t53 = 0.0
    for k in range(K):
        for i_ in range((D**2 - D)//2):
            l_i_k = l[k, i_]
            t52 = l_i_k * l_i_k  # line 20
            t53 += t52  # line 20
    t54 = t6 + t53  # line 20
    t55 = t38 * t54  # line 20
    t56 = t55 - t46  # line 20
    prior = t56 - t43  # line 20
    t59 = 0.0
    for k in range(K):
        alpha_k = alpha[k]
        t57 = alpha_k - t47  # line 15
        t58 = np.exp(t57)  # line 15
        t59 += t58  # line 15
    t60 = np.log(t59)  # line 15
    t61 = t47 + t60  # line 15
    t62 = N * t61  # line 15
    t65 = np.empty((N,), np.float64)
    for n in range(N):
        t65_n = -np.inf
        for k in range(K):
            t51_kn = t51[n, k]
            t63 = 0.5 * t51_kn  # line 14
            t3_k_ = t3[k]
            alpha_k = alpha[k]
            t64 = alpha_k + t3_k_  # line 14
            joint = t64 - t63  # line 14
            t65_n = joint if joint > t65_n or joint != joint else t65_n  # line 15
        t65[n] = t65_n
    t69 = np.empty((N,), np.float64)
    for n in range(N):
        t65_n_ = t65[n]
        t66 = t65_n_ if np.isfinite(t65_n_) else 0.0  # line 15
        t69_n = 0.0
        for k in range(K):
            t51_kn = t51[n, k]
            t63 = 0.5 * t51_kn  # line 14
            t3_k_ = t3[k]
            alpha_k = alpha[k]
            t64 = alpha_k + t3_k_  # line 14
            joint = t64 - t63  # line 14
            t67 = joint - t66  # line 15
            t68 = np.exp(t67)  # line 15
            t69_n += t68  # line 15
        t69[n] = t69_n
    t72 = 0.0
    for n in range(N):
        t69_n_ = t69[n]
        t70 = np.log(t69_n_)  # line 15
        t65_n_ = t65[n]
        t66 = t65_n_ if np.isfinite(t65_n_) else 0.0  # line 15
        t71 = t66 + t70  # line 15
        t72 += t71  # line 15
    t73 = t72 - t62  # line 15
    loglik = t73 - t26  # line 15
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
            t1 = np.exp(q_ik)  # line 11
            t2[k, i] = t1
            t3_k += q_ik  # line 14
            t4 = 2 * q_ik  # line 20
            t5 = np.exp(t4)  # line 20
            t6[k, i] = t5
            t7 += t5  # line 20
        t3[k] = t3_k
    t13 = np.empty((D,), np.int64)
    for j in range(D):
        t8 = j + 1  # line 12
        t9 = j * t8  # line 12
        t10 = t9 // 2  # line 12
        t11 = j * D  # line 12
        t12 = t11 - t10  # line 12
        t13[j] = t12
    t22 = np.empty((N, D, K), np.float64)
    for n in range(N):
        for i in range(D):
            for k in range(K):
                t22_nik = 0.0
                for j in range(D):
                    mu_jk = mu[k, j]
                    x_jn = x[n, j]
                    t14 = x_jn - mu_jk  # line 12
                    t15 = j < i  # line 12
                    t12 = t13[j]
                    t16 = t12 + i  # line 12
                    t17 = t16 - j  # line 12
                    t18 = t17 - 1  # line 12
                    t19 = l[k, t18] if t15 else 0.0
                    t20 = t19 * t14  # line 12
                    t21 = t20 if t15 else 0.0  # line 12
                    t22_nik += t21  # line 12
                t22[n, i, k] = t22_nik
    t23 = 0.5 * N  # line 15
    t24 = t23 * D  # line 15
    t25 = 2 * 3.141592653589793  # line 15
    t26 = np.log(t25)  # line 15
    t27 = t24 * t26  # line 15
    t28 = D + m  # line 17
    freedom = t28 + 1  # line 17
    t29 = 0.25 * D  # line 18
    t30 = t29 * (D - 1)  # line 18
    t31 = np.log(3.141592653589793)  # line 18
    t32 = t30 * t31  # line 18
    t33 = freedom * D  # line 19
    t34 = np.sqrt(2)  # line 19
    t35 = gamma / t34  # line 19
    t36 = np.log(t35)  # line 19
    t37 = t33 * t36  # line 19
    t38 = gamma * gamma  # line 20
    t39 = 0.5 * t38  # line 20
    t40 = float(N)  # backward of line 15: mul gate
    t41 = -m  # backward of line 20: mul gate
    t42 = float(t41)  # backward of line 20: mul gate
    t46 = 0.0
    for i in range(D):
        t43 = freedom - i  # line 18
        t44 = 0.5 * t43  # line 18
        t45 = _lgamma(t44)  # line 18
        t46 += t45  # line 18
    lgamma_of_matrix = t32 + t46  # line 18
    normaliser = t37 - lgamma_of_matrix  # line 19
    t47 = K * normaliser  # line 20
    t48 = 0.0
    t49 = -np.inf
    for k in range(K):
        t3_k_ = t3[k]
        t48 += t3_k_  # line 20
        alpha_k = alpha[k]
        t49 = alpha_k if alpha_k > t49 or alpha_k != alpha_k else t49  # line 15
    t50 = m * t48  # line 20
    t51 = t49 if np.isfinite(t49) else 0.0  # line 15
    t55 = np.empty((N, K), np.float64)
    for n in range(N):
        for k in range(K):
            t55_nk = 0.0
            for i in range(D):
                t22_ikn = t22[n, i, k]
                mu_ik = mu[k, i]
                x_in = x[n, i]
                t52 = x_in - mu_ik  # line 11
                t1 = t2[k, i]
                t53 = t1 * t52  # line 11
                scaled = t53 + t22_ikn  # line 11
                t54 = scaled * scaled  # line 14
                t55_nk += t54  # line 14
            t55[n, k] = t55_nk
    t57 = 0.0
    for k in range(K):
        for i_ in range((D**2 - D)//2):
            l_i_k = l[k, i_]
            t56 = l_i_k * l_i_k  # line 20
            t57 += t56  # line 20
    t58 = t7 + t57  # line 20
    t59 = t39 * t58  # line 20
    t60 = t59 - t50  # line 20
    prior = t60 - t47  # line 20
    t63 = np.empty((K,), np.float64)
    t64 = 0.0
    for k in range(K):
        alpha_k = alpha[k]
        t61 = alpha_k - t51  # line 15
        t62 = np.exp(t61)  # line 15
        t63[k] = t62
        t64 += t62  # line 15
    t65 = np.log(t64)  # line 15
    t66 = t51 + t65  # line 15
    t67 = N * t66  # line 15
    t70 = np.empty((N,), np.float64)
    for n in range(N):
        t70_n = -np.inf
        for k in range(K):
            t55_kn = t55[n, k]
            t68 = 0.5 * t55_kn  # line 14
            t3_k_ = t3[k]
            alpha_k = alpha[k]
            t69 = alpha_k + t3_k_  # line 14
            joint = t69 - t68  # line 14
            t70_n = joint if joint > t70_n or joint != joint else t70_n  # line 15
        t70[n] = t70_n
    t74 = np.empty((N, K), np.float64)
    t75 = np.empty((N,), np.float64)
    for n in range(N):
        t70_n_ = t70[n]
        t71 = t70_n_ if np.isfinite(t70_n_) else 0.0  # line 15
        t75_n = 0.0
        for k in range(K):
            t55_kn = t55[n, k]
            t68 = 0.5 * t55_kn  # line 14
            t3_k_ = t3[k]
            alpha_k = alpha[k]
            t69 = alpha_k + t3_k_  # line 14
            joint = t69 - t68  # line 14
            t72 = joint - t71  # line 15
            t73 = np.exp(t72)  # line 15
            t74[n, k] = t73
            t75_n += t73  # line 15
        t75[n] = t75_n
    t78 = 0.0
    for n in range(N):
        t75_n_ = t75[n]
        t76 = np.log(t75_n_)  # line 15
        t70_n_ = t70[n]
        t71 = t70_n_ if np.isfinite(t70_n_) else 0.0  # line 15
        t77 = t71 + t76  # line 15
        t78 += t77  # line 15
    t79 = t78 - t67  # line 15
    loglik = t79 - t27  # line 15
    loss = prior - loglik  # line 21
    t81 = np.zeros((K,), np.float64)
    for n in range(N):
        t75_n_ = t75[n]
        for k in range(K):
            t73 = t74[n, k]
            t80 = t73 / t75_n_  # backward of line 15: logsumexp gate
            t81[k] += t80  # backward of line 14: sub gate
    dscaled = np.empty((N, K, D), np.float64)
    t85 = np.zeros((K, D), np.float64)
    t86 = np.zeros((K, D), np.float64)
    for n in range(N):
        t75_n_ = t75[n]
        for k in range(K):
            t73 = t74[n, k]
            t80 = t73 / t75_n_  # backward of line 15: logsumexp gate
            t83 = t80 * 0.5  # backward of line 14: mul gate
            for i in range(D):
                t22_ikn = t22[n, i, k]
                mu_ik = mu[k, i]
                x_in = x[n, i]
                t52 = x_in - mu_ik  # line 11
                t1 = t2[k, i]
                t53 = t1 * t52  # line 11
                scaled = t53 + t22_ikn  # line 11
                t82 = 2 * scaled  # backward of line 14: square gate
                dscaled_nki = t83 * t82  # backward of line 14: square gate
                dscaled[n, k, i] = dscaled_nki
                t84 = dscaled_nki * t52  # backward of line 11: mul gate
                t85[k, i] += t84  # backward of line 11: mul gate
                t86[k, i] += dscaled_nki  # backward of line 11: sub gate
    t89 = np.zeros((K, D, D), np.float64)
    t91 = np.zeros((K, D), np.float64)
    for n in range(N):
        for k in range(K):
            for i in range(D):
                dscaled_nki = dscaled[n, k, i]
                for j in range(D):
                    mu_jk = mu[k, j]
                    x_jn = x[n, j]
                    t14 = x_jn - mu_jk  # line 12
                    t15 = j < i  # line 12
                    t87 = dscaled_nki if t15 else 0.0  # backward of line 12: mul gate
                    t88 = t87 * t14  # backward of line 12: mul gate
                    t89[k, i, j] += t88  # backward of line 12: mul gate
                    t12 = t13[j]
                    t16 = t12 + i  # line 12
                    t17 = t16 - j  # line 12
                    t18 = t17 - 1  # line 12
                    t19 = l[k, t18] if t15 else 0.0
                    t90 = t87 * t19  # backward of line 12: mul gate
                    t91[k, j] += t90  # backward of line 12: sub gate
    t92 = np.zeros(((D**2 - D)//2, K), np.float64)
    for k in range(K):
        for i in range(D):
            for j in range(D):
                t15 = j < i  # line 12
                t12 = t13[j]
                t16 = t12 + i  # line 12
                t17 = t16 - j  # line 12
                t18 = t17 - 1  # line 12
                t89_ijk = t89[k, i, j]
                if t15:
                    t92[t18, k] += t89_ijk  # backward of line 12: take gate
    dl = np.empty((K, (D**2 - D)//2), np.float64)
    for k in range(K):
        for i_ in range((D**2 - D)//2):
            t92_i_k = t92[i_, k]
            l_i_k = l[k, i_]
            t93 = 2 * l_i_k  # backward of line 20: square gate
            t94 = t39 * t93  # backward of line 20: square gate
            dl_ki_ = t94 + t92_i_k  # backward of line 6: copy gate
            dl[k, i_] = dl_ki_
    dq = np.empty((K, D), np.float64)
    dmu = np.empty((K, D), np.float64)
    for k in range(K):
        t81_k = t81[k]
        t96 = t42 - t81_k  # backward of line 14: copy gate
        for i in range(D):
            t1 = t2[k, i]
            t85_ik = t85[k, i]
            t95 = t85_ik * t1  # backward of line 11: exp gate
            t5 = t6[k, i]
            t97 = t39 * t5  # backward of line 20: exp gate
            t98 = t97 * 2  # backward of line 20: mul gate
            t99 = t98 + t96  # backward of line 5: copy gate
            dq_ki = t99 + t95  # backward of line 5: copy gate
            dq[k, i] = dq_ki
            t86_ik = t86[k, i]
            t100 = t1 * t86_ik  # backward of line 11: sub gate
            t91_ik = t91[k, i]
            t101 = -t91_ik  # backward of line 12: sub gate
            dmu_ki = t101 - t100  # backward of line 11: copy gate
            dmu[k, i] = dmu_ki
    dalpha = np.empty((K,), np.float64)
    for k in range(K):
        t81_k = t81[k]
        t62 = t63[k]
        t102 = t62 / t64  # backward of line 15: logsumexp gate
        t103 = t40 * t102  # backward of line 15: logsumexp gate
        dalpha_k = t103 - t81_k  # backward of line 3: copy gate
        dalpha[k] = dalpha_k
    return (loss, dalpha, dmu, dq, dl)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    alpha: np.ndarray  # [K]
    mu: np.ndarray  # [K, D]
    q: np.ndarray  # [K, D]
    l: np.ndarray  # [K, (D**2 - D)//2]


def value(x, alpha, mu, q, l, gamma, m=0):
    """Return loss."""
    return value_kernel(*_checked(x, alpha, mu, q, l, gamma, m))[0]


def value_and_grad(x, alpha, mu, q, l, gamma, m=0):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(x, alpha, mu, q, l, gamma, m))
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


def _checked(x, alpha, mu, q, l, gamma, m):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    x = _real("x", x, ("N", "D"))
    alpha = _real("alpha", alpha, ("K",))
    mu = _real("mu", mu, ("K", "D"))
    q = _real("q", q, ("K", "D"))
    l = _real("l", l, ("K", "(D**2 - D)//2"))
    gamma = gamma if gamma.__class__ is float else float(_converted("gamma", gamma, (), "real"))
    m = m if m.__class__ is int else int(_converted("m", m, (), "integer"))
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
