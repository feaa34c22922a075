# Made by gradcompile 0.1.0 from examples/sinkhorn.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 23e5288242b25715f226660f226370eae026ac4e38eedcd6cd1e420666760aa6
# options: --target numba --emit value,value_and_grad
# operations: value 126*M*N + 41*M + 42*N; value_and_grad 472*M*N + 122*M + 163*N
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient cost: agrees (finite differences), to 50 digits at 3 points
# code: N = 3, M = 4: undecided, the time budget was spent before
# code: all sizes 1: undecided, the time budget was spent before
# code: N = 0: undecided, the time budget was spent before
# code: M = 0: undecided, the time budget was spent before
# code: N = 33: undecided, the time budget was spent before
# code: M = 17: undecided, the time budget was spent before
# claim, line 14: agrees (mpmath), sum(plan, axis=0) == q
# --- end of certificate ---

"""Sinkhorn: the cost of moving one distribution to another, with entropy, by twenty rounds of scaling.

    from sinkhorn import value, value_and_grad
    loss = value(p, q, cost, eps=0.5)
    loss, gradient = value_and_grad(p, q, cost, eps=0.5)

Arguments: p[N], q[M], cost[N, M] (differentiated), eps.
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
def _turn(x, columns):
    """Copy the rows of x to columns, eight at a time: whole cache lines are read and written."""
    rows, width = x.shape
    for first in range(0, rows, 8):
        for i in range(width):
            for row in range(first, min(first + 8, rows)):
                columns[i, row] = x[row, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(p, q, cost, eps):
    N = p.shape[0]
    M = q.shape[0]
    row = 0
    f = np.empty((2, N), np.float64)
    # over n: f; 0 operations, 8*N bytes
    for n in range(N):
        f[0, n] = 0.0
    g = np.empty((2, M), np.float64)
    # over m: g; 0 operations, 8*M bytes
    for m in range(M):
        g[0, m] = 0.0
    state = np.empty((2, N), np.float64)
    t3 = np.empty((N,), np.float64)
    t7 = np.empty((N,), np.float64)
    t15 = np.empty((M,), np.float64)
    t19 = np.empty((M,), np.float64)
    # over _: t3, t7, state, f, t15, t19, …; 360*M*N + 140*M + 180*N operations, 1760*M*N + 640*M + 1600*N bytes
    for _ in range(20):
        edge = N - (N - 0) % 4
        for n in range(0, edge, 4):
            n_1 = n + 1
            n_2 = n + 2
            n_3 = n + 3
            t3_n = -np.inf
            t3_n_1 = -np.inf
            t3_n_2 = -np.inf
            t3_n_3 = -np.inf
            for m in range(M):
                cost_mn = cost[n, m]
                cost_mn_1 = cost[n_1, m]
                cost_mn_2 = cost[n_2, m]
                cost_mn_3 = cost[n_3, m]
                g_m = g[row, m]
                t1 = g_m - cost_mn  # line 9
                t1_1 = g_m - cost_mn_1  # line 9
                t1_2 = g_m - cost_mn_2  # line 9
                t1_3 = g_m - cost_mn_3  # line 9
                t2 = t1 / eps  # line 9
                t2_1 = t1_1 / eps  # line 9
                t2_2 = t1_2 / eps  # line 9
                t2_3 = t1_3 / eps  # line 9
                t3_n = t2 if t2 > t3_n or t2 != t2 else t3_n  # line 9
                t3_n_1 = t2_1 if t2_1 > t3_n_1 or t2_1 != t2_1 else t3_n_1  # line 9
                t3_n_2 = t2_2 if t2_2 > t3_n_2 or t2_2 != t2_2 else t3_n_2  # line 9
                t3_n_3 = t2_3 if t2_3 > t3_n_3 or t2_3 != t2_3 else t3_n_3  # line 9
            t3[n] = t3_n
            t3[n_1] = t3_n_1
            t3[n_2] = t3_n_2
            t3[n_3] = t3_n_3
        for n in range(edge, N):
            t3_n = -np.inf
            for m in range(M):
                cost_mn = cost[n, m]
                g_m = g[row, m]
                t1 = g_m - cost_mn  # line 9
                t2 = t1 / eps  # line 9
                t3_n = t2 if t2 > t3_n or t2 != t2 else t3_n  # line 9
            t3[n] = t3_n
        for n in range(N):
            t3_n_ = t3[n]
            t4 = t3_n_ if np.isfinite(t3_n_) else 0.0  # line 9
            t7_n = 0.0
            for m in range(M):
                cost_mn = cost[n, m]
                g_m = g[row, m]
                t1 = g_m - cost_mn  # line 9
                t2 = t1 / eps  # line 9
                t5 = t2 - t4  # line 9
                t6 = _exp(t5)  # line 9
                t7_n = _plus(t7_n, t6)  # line 9
            t7[n] = t7_n
        for n in range(N):
            t7_n_ = t7[n]
            t8 = _log(t7_n_)  # line 9
            t3_n_ = t3[n]
            t4 = t3_n_ if np.isfinite(t3_n_) else 0.0  # line 9
            t9 = t4 + t8  # line 9
            state[1 - row, n] = t9
            p_n = p[n]
            t10 = _log(p_n)  # line 9
            t11 = t10 - t9  # line 9
            t12 = eps * t11  # line 9
            f[1 - row, n] = t12
        t15[...] = -np.inf
        for n in range(N):
            t12 = f[1 - row, n]
            for m in range(M):
                cost_mn = cost[n, m]
                t13 = t12 - cost_mn  # line 10
                t14 = t13 / eps  # line 10
                t15[m] = t14 if t14 > t15[m] or t14 != t14 else t15[m]  # line 10
        t19[...] = 0.0
        for n in range(N):
            t12 = f[1 - row, n]
            for m in range(M):
                t15_m = t15[m]
                t16 = t15_m if np.isfinite(t15_m) else 0.0  # line 10
                cost_mn = cost[n, m]
                t13 = t12 - cost_mn  # line 10
                t14 = t13 / eps  # line 10
                t17 = t14 - t16  # line 10
                t18 = _exp(t17)  # line 10
                t19[m] += t18  # line 10
        for m in range(M):
            t19_m = t19[m]
            t20 = _log(t19_m)  # line 10
            t15_m = t15[m]
            t16 = t15_m if np.isfinite(t15_m) else 0.0  # line 10
            t21 = t16 + t20  # line 10
            q_m = q[m]
            t22 = _log(q_m)  # line 10
            t23 = t22 - t21  # line 10
            t24 = eps * t23  # line 10
            g[1 - row, m] = t24
        row = 1 - row
    loss = 0.0
    # over n, m: loss; 6*M*N operations, 16*M*N + 8*N bytes
    for n in range(N):
        f_n = f[row, n]
        for m in range(M):
            cost_mn = cost[n, m]
            g_m_ = g[row, m]
            t25 = f_n + g_m_  # line 11
            t26 = t25 - cost_mn  # line 11
            t27 = t26 / eps  # line 11
            plan = _exp(t27)  # line 11
            t28 = plan * cost_mn  # line 12
            loss = _plus(loss, t28)  # line 12
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(p, q, cost, eps):
    N = p.shape[0]
    M = q.shape[0]
    f = np.empty((21, N), np.float64)
    # over n: f; 0 operations, 8*N bytes
    for n in range(N):
        f[0, n] = 0.0
    g = np.empty((21, M), np.float64)
    # over m: g; 0 operations, 8*M bytes
    for m in range(M):
        g[0, m] = 0.0
    state = np.empty((21, N), np.float64)
    t3 = np.empty((N,), np.float64)
    t7 = np.empty((N,), np.float64)
    t15 = np.empty((M,), np.float64)
    t19 = np.empty((M,), np.float64)
    # over _: t3, t7, state, f, t15, t19, …; 360*M*N + 140*M + 180*N operations, 1760*M*N + 640*M + 1600*N bytes
    for _ in range(20):
        edge = N - (N - 0) % 4
        for n in range(0, edge, 4):
            n_1 = n + 1
            n_2 = n + 2
            n_3 = n + 3
            t3_n = -np.inf
            t3_n_1 = -np.inf
            t3_n_2 = -np.inf
            t3_n_3 = -np.inf
            for m in range(M):
                cost_mn = cost[n, m]
                cost_mn_1 = cost[n_1, m]
                cost_mn_2 = cost[n_2, m]
                cost_mn_3 = cost[n_3, m]
                g_m = g[_, m]
                t1 = g_m - cost_mn  # line 9
                t1_1 = g_m - cost_mn_1  # line 9
                t1_2 = g_m - cost_mn_2  # line 9
                t1_3 = g_m - cost_mn_3  # line 9
                t2 = t1 / eps  # line 9
                t2_1 = t1_1 / eps  # line 9
                t2_2 = t1_2 / eps  # line 9
                t2_3 = t1_3 / eps  # line 9
                t3_n = t2 if t2 > t3_n or t2 != t2 else t3_n  # line 9
                t3_n_1 = t2_1 if t2_1 > t3_n_1 or t2_1 != t2_1 else t3_n_1  # line 9
                t3_n_2 = t2_2 if t2_2 > t3_n_2 or t2_2 != t2_2 else t3_n_2  # line 9
                t3_n_3 = t2_3 if t2_3 > t3_n_3 or t2_3 != t2_3 else t3_n_3  # line 9
            t3[n] = t3_n
            t3[n_1] = t3_n_1
            t3[n_2] = t3_n_2
            t3[n_3] = t3_n_3
        for n in range(edge, N):
            t3_n = -np.inf
            for m in range(M):
                cost_mn = cost[n, m]
                g_m = g[_, m]
                t1 = g_m - cost_mn  # line 9
                t2 = t1 / eps  # line 9
                t3_n = t2 if t2 > t3_n or t2 != t2 else t3_n  # line 9
            t3[n] = t3_n
        for n in range(N):
            t3_n_ = t3[n]
            t4 = t3_n_ if np.isfinite(t3_n_) else 0.0  # line 9
            t7_n = 0.0
            for m in range(M):
                cost_mn = cost[n, m]
                g_m = g[_, m]
                t1 = g_m - cost_mn  # line 9
                t2 = t1 / eps  # line 9
                t5 = t2 - t4  # line 9
                t6 = _exp(t5)  # line 9
                t7_n = _plus(t7_n, t6)  # line 9
            t7[n] = t7_n
        for n in range(N):
            t7_n_ = t7[n]
            t8 = _log(t7_n_)  # line 9
            t3_n_ = t3[n]
            t4 = t3_n_ if np.isfinite(t3_n_) else 0.0  # line 9
            t9 = t4 + t8  # line 9
            state[_ + 1, n] = t9
            p_n = p[n]
            t10 = _log(p_n)  # line 9
            t11 = t10 - t9  # line 9
            t12 = eps * t11  # line 9
            f[_ + 1, n] = t12
        t15[...] = -np.inf
        for n in range(N):
            t12 = f[_ + 1, n]
            for m in range(M):
                cost_mn = cost[n, m]
                t13 = t12 - cost_mn  # line 10
                t14 = t13 / eps  # line 10
                t15[m] = t14 if t14 > t15[m] or t14 != t14 else t15[m]  # line 10
        t19[...] = 0.0
        for n in range(N):
            t12 = f[_ + 1, n]
            for m in range(M):
                t15_m = t15[m]
                t16 = t15_m if np.isfinite(t15_m) else 0.0  # line 10
                cost_mn = cost[n, m]
                t13 = t12 - cost_mn  # line 10
                t14 = t13 / eps  # line 10
                t17 = t14 - t16  # line 10
                t18 = _exp(t17)  # line 10
                t19[m] += t18  # line 10
        for m in range(M):
            t19_m = t19[m]
            t20 = _log(t19_m)  # line 10
            t15_m = t15[m]
            t16 = t15_m if np.isfinite(t15_m) else 0.0  # line 10
            t21 = t16 + t20  # line 10
            q_m = q[m]
            t22 = _log(q_m)  # line 10
            t23 = t22 - t21  # line 10
            t24 = eps * t23  # line 10
            g[_ + 1, m] = t24
    plan = np.empty((M, N), np.float64)
    t29 = np.empty((M, N), np.float64)
    t30 = np.zeros((N,), np.float64)
    t31 = np.zeros((M,), np.float64)
    t34 = np.full((M, 20), -np.inf, np.float64)
    t40 = np.empty((M, 20), np.float64)
    # stage along M: block by block, with 20 numbers for each position in buffers
    block = min(M // 2 + 4, max(64, min(256, 65536 // (21) // 32 * 32)))
    size = min(block, M)
    t38 = np.empty((20, size), np.float64)
    for m0 in range(0, M, block):
        if M - m0 < size:  # the last block
            size = M - m0
            t38 = np.empty((20, size), np.float64)
        cost_ = cost[:, m0 : m0 + size]
        g_ = g[:, m0 : m0 + size]
        plan_ = plan[m0 : m0 + size]
        t29_ = t29[m0 : m0 + size]
        t31_ = t31[m0 : m0 + size]
        t34_ = t34[m0 : m0 + size]
        t40_ = t40[m0 : m0 + size]
        # over n, m: plan_, t29_, t31_, t30; 7*M*N + N operations, 48*M*N + 24*N bytes
        for n in range(N):
            f_n = f[(20), n]
            t30_n = 0.0
            for m in range(size):
                cost_mn = cost_[n, m]
                g_m_ = g_[(20), m]
                t25 = f_n + g_m_  # line 11
                t26 = t25 - cost_mn  # line 11
                t27 = t26 / eps  # line 11
                plan_nm = _exp(t27)  # line 11
                plan_[m, n] = plan_nm
                t28 = plan_nm * cost_mn  # line 12
                t29_[m, n] = t28
                t30_n = _plus(t30_n, t28)  # line 12
                t31_[m] += t28  # backward of line 11: add gate
            t30[n] += t30_n  # line 12
        # over _, n, m: t34_; 60*M*N operations, 480*M*N + 160*N bytes
        for _ in range(20):
            for n in range(N):
                f__n = f[_ + 1, n]
                for m in range(size):
                    cost_mn = cost_[n, m]
                    t32 = f__n - cost_mn  # line 10
                    t33 = t32 / eps  # line 10
                    t34_[m, _] = t33 if t33 > t34_[m, _] or t33 != t33 else t34_[m, _]  # line 10
        t38[...] = 0.0
        # over _, n, m: t38; 140*M*N operations, 640*M*N + 160*N bytes
        for _ in range(20):
            for n in range(N):
                f__n = f[_ + 1, n]
                for m in range(size):
                    t34__m = t34_[m, _]
                    t35 = t34__m if np.isfinite(t34__m) else 0.0  # line 10
                    cost_mn = cost_[n, m]
                    t32 = f__n - cost_mn  # line 10
                    t33 = t32 / eps  # line 10
                    t36 = t33 - t35  # line 10
                    t37 = _exp(t36)  # line 10
                    t38[_, m] += t37  # line 10
        # over _, m: t40_; 20*M operations, 320*M bytes
        for _ in range(20):
            for m in range(size):
                t38__m = t38[_, m]
                t39 = 1.0 / t38__m  # backward of line 10: logsumexp gate
                t40_[m, _] = t39
    loss = 0.0
    # over n: loss; N operations, 8*N bytes
    for n in range(N):
        t30_n_ = t30[n]
        loss = _plus(loss, t30_n_)  # line 12
    state_ = np.empty((21, N), np.float64)
    # over n: state_; N operations, 16*N bytes
    for n in range(N):
        t30_n_ = t30[n]
        df = t30_n_ / eps  # backward of line 11: add gate
        state_[(20), n] = df
    state_2 = np.empty((21, M), np.float64)
    # over m: state_2; M operations, 16*M bytes
    for m in range(M):
        t31_m = t31[m]
        dg = t31_m / eps  # backward of line 11: add gate
        state_2[(20), m] = dg
    state_3 = np.empty((21, N), np.float64)
    t44 = np.empty((N,), np.float64)
    t49 = np.empty((N,), np.float64)
    t55 = np.empty((M,), np.float64)
    # over _: t44, state_3, t49, t55, state_2, state_; 320*M*N + 40*M + 80*N operations, 1280*M*N + 320*M + 1440*N bytes
    for _ in range(19, -1, -1):
        for n in range(N):
            f__n = f[_ + 1, n]
            t44_n = 0.0
            for m in range(M):
                t39 = t40[m, _]
                t34__m = t34[m, _]
                t35 = t34__m if np.isfinite(t34__m) else 0.0  # line 10
                cost_mn = cost[n, m]
                t32 = f__n - cost_mn  # line 10
                t33 = t32 / eps  # line 10
                t36 = t33 - t35  # line 10
                t37 = _exp(t36)  # line 10
                t41 = t37 * t39  # backward of line 10: logsumexp gate
                g_m = state_2[_ + 1, m]
                t42 = g_m * eps  # backward of line 10: mul gate
                t43 = t42 * t41  # backward of line 10: logsumexp gate
                t44_n = _plus(t44_n, t43)  # backward of line 10: sub gate
            t44[n] = t44_n
        for n in range(N):
            t44__n = t44[n]
            t45 = t44__n / eps  # backward of line 10: sub gate
            t46 = -t45  # backward of line 10: sub gate
            state_3[_, n] = t46
            state__n = state_[_ + 1, n]
            t47 = state__n - t45  # backward of line 9: copy gate
            t48 = t47 * eps  # backward of line 9: mul gate
            t49[n] = t48
        t55[...] = 0.0
        for n in range(N):
            state__n_ = state[_ + 1, n]
            t48 = t49[n]
            for m in range(M):
                cost_mn = cost[n, m]
                g__m = g[_, m]
                t50 = g__m - cost_mn  # line 9
                t51 = t50 / eps  # line 9
                t52 = t51 - state__n_  # backward of line 9: logsumexp gate
                t53 = _exp(t52)  # backward of line 9: logsumexp gate
                t54 = t48 * t53  # backward of line 9: logsumexp gate
                t55[m] += t54  # backward of line 9: sub gate
        for m in range(M):
            t55__m = t55[m]
            t56 = t55__m / eps  # backward of line 9: sub gate
            t57 = -t56  # backward of line 9: sub gate
            state_2[_, m] = t57
        for n in range(N):
            state_[_, n] = 0.0
    dcost = np.empty((N, M), np.float64)
    # stage along M: block by block, with 4*N + 40 numbers for each position in buffers
    block_ = min(M // 2 + 4, max(64, min(256, 65536 // (4*N + 41) // 32 * 32)))
    size_ = min(block_, M)
    t40_2_ = np.empty((20, size_), np.float64)
    t34_2_ = np.empty((20, size_), np.float64)
    t29_2_ = np.empty((N, size_), np.float64)
    plan_2_ = np.empty((N, size_), np.float64)
    t60 = np.empty((N, size_), np.float64)
    t64 = np.empty((N, size_), np.float64)
    for m0_ in range(0, M, block_):
        if M - m0_ < size_:  # the last block
            size_ = M - m0_
            t40_2_ = np.empty((20, size_), np.float64)
            t34_2_ = np.empty((20, size_), np.float64)
            t29_2_ = np.empty((N, size_), np.float64)
            plan_2_ = np.empty((N, size_), np.float64)
            t60 = np.empty((N, size_), np.float64)
            t64 = np.empty((N, size_), np.float64)
        t40_2 = t40[m0_ : m0_ + size_]
        t34_2 = t34[m0_ : m0_ + size_]
        cost_2 = cost[:, m0_ : m0_ + size_]
        state_2_ = state_2[:, m0_ : m0_ + size_]
        g_2 = g[:, m0_ : m0_ + size_]
        t29_2 = t29[m0_ : m0_ + size_]
        plan_2 = plan[m0_ : m0_ + size_]
        dcost_ = dcost[:, m0_ : m0_ + size_]
        _turn(t40_2, t40_2_)
        _turn(t34_2, t34_2_)
        _turn(t29_2, t29_2_)
        _turn(plan_2, plan_2_)
        t60[...] = 0.0
        t64[...] = 0.0
        # over _, n, m: t60, t64; 320*M*N + 40*N operations, 1440*M*N + 640*N bytes
        for _ in range(20):
            for n in range(N):
                f__n = f[_ + 1, n]
                state__n_ = state[_ + 1, n]
                state_3__n = state_3[_, n]
                state___n = state_[_ + 1, n]
                t61 = state___n + state_3__n  # backward of line 9: copy gate
                t62 = t61 * eps  # backward of line 9: mul gate
                for m in range(size_):
                    t39 = t40_2_[_, m]
                    t34__m = t34_2_[_, m]
                    t35 = t34__m if np.isfinite(t34__m) else 0.0  # line 10
                    cost_mn = cost_2[n, m]
                    t32 = f__n - cost_mn  # line 10
                    t33 = t32 / eps  # line 10
                    t36 = t33 - t35  # line 10
                    t37 = _exp(t36)  # line 10
                    t41 = t37 * t39  # backward of line 10: logsumexp gate
                    state_2__m = state_2_[_ + 1, m]
                    t58 = state_2__m * eps  # backward of line 10: mul gate
                    t59 = t58 * t41  # backward of line 10: logsumexp gate
                    t60[n, m] += t59  # backward of line 10: sub gate
                    g__m = g_2[_, m]
                    t50 = g__m - cost_mn  # line 9
                    t51 = t50 / eps  # line 9
                    t52 = t51 - state__n_  # backward of line 9: logsumexp gate
                    t53 = _exp(t52)  # backward of line 9: logsumexp gate
                    t63 = t62 * t53  # backward of line 9: logsumexp gate
                    t64[n, m] += t63  # backward of line 9: sub gate
        # over n, m: dcost_; 5*M*N operations, 40*M*N bytes
        for n in range(N):
            for m in range(size_):
                t64_mn = t64[n, m]
                t60_mn = t60[n, m]
                t65 = t60_mn + t64_mn  # backward of line 8: copy gate
                t66 = t65 / eps  # backward of line 8: copy gate
                t28 = t29_2_[n, m]
                t67 = t28 / eps  # backward of line 11: div gate
                plan_nm = plan_2_[n, m]
                t68 = plan_nm - t67  # backward of line 4: copy gate
                dcost_nm = t68 + t66  # backward of line 4: copy gate
                dcost_[n, m] = dcost_nm
    return (loss, dcost)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    cost: np.ndarray  # [N, M]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(p, q, cost, eps=0.5):
    """Return loss."""
    return value_kernel(*_checked(p, q, cost, eps))[0]


def value_and_grad(p, q, cost, eps=0.5):
    """Return loss and its gradient."""
    _found = value_and_grad_kernel(*_checked(p, q, cost, eps))
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


def _checked(p, q, cost, eps):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if p.__class__ is not _ARRAY or p.dtype is not _REAL or p.ndim != 1 or not p.flags.carray:
        p = _converted("p", p, ("N",), "real")
    if q.__class__ is not _ARRAY or q.dtype is not _REAL or q.ndim != 1 or not q.flags.carray:
        q = _converted("q", q, ("M",), "real")
    if cost.__class__ is not _ARRAY or cost.dtype is not _REAL or cost.ndim != 2 or not cost.flags.carray:
        cost = _converted("cost", cost, ("N", "M"), "real")
    if eps.__class__ is not float:
        eps = float(_converted("eps", eps, (), "real"))
    N = p.shape[0]
    M = q.shape[0]
    if cost.shape[0] != N:
        raise ValueError(f"cost has {cost.shape[0]} rows, but N = {N} from p")
    if cost.shape[1] != M:
        raise ValueError(f"cost has {cost.shape[1]} columns, but M = {M} from q")
    return p, q, cost, eps
