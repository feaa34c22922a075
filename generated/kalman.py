# Made by gradcompile 0.1.0 from examples/kalman.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 7e204e4fe0df607b0738ffd2f9c7702304f4e57ec84362ebfe9e552e6f845ff5
# options: --target numba --emit value,value_and_grad
# operations: value 4*D*M**2*T + 4*D**2*M*T + 4*D**3*T + M**3*T + 4*D*M*T + 4*D**2*T + 5*M**2*T + D*T + 3*D**2 + 3*M*T + 2*M**2 + D + M + 3*T + 5; value_and_grad 12*D*M**2*T + 12*D**2*M*T + 12*D**3*T + 4*M**3*T + 24*D*M*T + D*M**2 + D**2*M + 11*D**2*T + 2*D**3 + 18*M**2*T + 2*D*M + 6*D*T + 5*D**2 + 14*M*T + 2*M**2 + 2*D + 2*M + 3*T + 5
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient F: agrees (finite differences), to 50 digits at 3 points
# graph: gradient H: agrees (finite differences), to 50 digits at 3 points
# graph: gradient q: agrees (finite differences), to 50 digits at 3 points
# graph: gradient r: agrees (finite differences), to 50 digits at 3 points
# code: T = 3, M = 4, D = 5: agrees, within 2^7 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: T = 0: agrees, the formula does not allow these sizes, and the module says so
# code: M = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: T = 4: agrees, within 2^2 units in the last place
# code: M = 7: agrees, within 2^5 units in the last place
# code: D = 11: agrees, within 2^6 units in the last place
# claim, line 26: agrees (mpmath), grad(loss, y)[T - 1] == weighted
# --- end of certificate ---

"""Kalman filter: negative log-likelihood of a linear Gaussian state-space model.

    from kalman import value, value_and_grad
    loss = value(y, F, H, q, r)
    loss, gradient = value_and_grad(y, F, H, q, r)

Arguments: y[T, M], F[D, D] (differentiated), H[M, D] (differentiated), q[D] (differentiated), r[M]
(differentiated).
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _subtract(x, start, product):
    """Subtract a matrix from the rows of x from `start` on, in the last columns."""
    first = x.shape[1] - product.shape[1]
    for i in range(product.shape[0]):
        for j in range(product.shape[1]):
            x[start + i, first + j] -= product[i, j]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _lu_factors(a):
    """Return P, L and U of a = P @ L @ U: L and U in one matrix, P as the row that each row was exchanged with."""
    n = a.shape[0]
    lu = np.ascontiguousarray(a).copy()
    pivots = np.empty(n, np.int64)
    for start in range(0, n, 32):
        stop = min(start + 32, n)
        for k in range(start, stop):
            best = k
            for i in range(k + 1, n):
                if abs(lu[i, k]) > abs(lu[best, k]):
                    best = i
            pivots[k] = best
            if best != k:
                for j in range(n):
                    lu[k, j], lu[best, j] = lu[best, j], lu[k, j]
            if lu[k, k] != 0.0:
                for i in range(k + 1, n):
                    lu[i, k] /= lu[k, k]
                    factor = lu[i, k]
                    for j in range(k + 1, stop):
                        lu[i, j] -= factor * lu[k, j]
        for k in range(start, stop):
            for i in range(k + 1, stop):
                factor = lu[i, k]
                for j in range(stop, n):
                    lu[i, j] -= factor * lu[k, j]
        if stop < n:
            left, right = np.ascontiguousarray(lu[stop:, start:stop]), np.ascontiguousarray(lu[start:stop, stop:])
            _subtract(lu, stop, np.dot(left, right))
    return lu, pivots


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _columns(b):
    """Return a copy of a vector or an array as the columns of a matrix."""
    return np.ascontiguousarray(b).copy().reshape((b.shape[0], b.size // max(1, b.shape[0])))


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _regular(a):
    """Raise LinAlgError where the diagonal of a triangle has a zero."""
    for i in range(a.shape[0]):
        if a[i, i] == 0.0:
            raise np.linalg.LinAlgError("Singular matrix")


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _forward(low, x, unit):
    """Solve low @ y = x in place of x by blocks; with `unit` 1, the diagonal counts as ones."""
    n, m = x.shape
    for start in range(0, n, 48):
        stop = min(start + 48, n)
        if start > 0:
            _subtract(x, start, np.dot(np.ascontiguousarray(low[start:stop, :start]), x[:start]))
        for i in range(start, stop):
            for k in range(start, i):
                factor = low[i, k]
                for j in range(m):
                    x[i, j] -= factor * x[k, j]
            if unit == 0:
                for j in range(m):
                    x[i, j] /= low[i, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _backward(up, x, unit):
    """Solve up @ y = x in place of x by blocks from the last; with `unit` 1, the diagonal counts as ones."""
    n, m = x.shape
    for stop in range(n, 0, -48):
        start = max(stop - 48, 0)
        if stop < n:
            _subtract(x, start, np.dot(np.ascontiguousarray(up[start:stop, stop:]), x[stop:]))
        for i in range(stop - 1, start - 1, -1):
            for k in range(i + 1, stop):
                factor = up[i, k]
                for j in range(m):
                    x[i, j] -= factor * x[k, j]
            if unit == 0:
                for j in range(m):
                    x[i, j] /= up[i, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _exchange(x, i, k):
    """Exchange two rows in place."""
    for j in range(x.shape[1]):
        x[i, j], x[k, j] = x[k, j], x[i, j]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _solve_lu(lu, pivots, b):
    """Return x with a @ x = b, from the factors of a."""
    rows = np.ascontiguousarray(lu)
    _regular(rows)
    x = _columns(b)
    for i in range(x.shape[0]):
        _exchange(x, i, pivots[i])
    _forward(rows, x, 1)
    _backward(rows, x, 0)
    return x.reshape(b.shape)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _solve_lu_t(lu, pivots, b):
    """Return x with a.T @ x = b, from the factors of a."""
    columns = np.ascontiguousarray(lu.T)
    _regular(columns)
    x = _columns(b)
    _forward(columns, x, 0)
    _backward(columns, x, 1)
    for i in range(x.shape[0] - 1, -1, -1):
        _exchange(x, i, pivots[i])
    return x.reshape(b.shape)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(y, F, H, q, r):
    T, M = y.shape
    D = F.shape[0]
    t2 = np.empty((D,), np.float64)
    for d in range(D):
        q_d = q[d]
        t1 = np.exp(q_d)  # line 8
        t2[d] = t1
    t4 = np.empty((M,), np.float64)
    for m in range(M):
        r_m = r[m]
        t3 = np.exp(r_m)  # line 8
        t4[m] = t3
    t5 = 0.5 * T  # line 10
    t6 = t5 * M  # line 10
    t7 = 2 * 3.141592653589793  # line 10
    t8 = np.log(t7)  # line 10
    t9 = t6 * t8  # line 10
    row = 0
    state = np.empty((2, M), np.float64)
    loss = t9
    state_ = np.empty((2, D), np.float64)
    for d in range(D):
        state_[0, d] = 0.0
    state_2 = np.empty((2, D, D), np.float64)
    for d in range(D):
        for d1 in range(D):
            t10 = d == d1  # line 8
            t11 = 1.0 if t10 else 0.0  # line 9
            state_2[0, d, d1] = t11
    state_3 = np.empty((2, D), np.float64)
    state_4 = np.empty((2, D, D), np.float64)
    state_5 = np.empty((2, D, D), np.float64)
    state_6 = np.empty((2, D, M), np.float64)
    state_7 = np.empty((2, M, M), np.float64)
    state_8 = np.empty((2, M), np.float64)
    state_9 = np.empty((2, D, M), np.float64)
    t13 = np.empty((D, D), np.float64)
    t16 = np.empty((M, M), np.float64)
    t18 = np.empty((M,), np.float64)
    for t in range(T):
        np.dot(F, state_[row], state_3[1 - row])  # line 13
        np.dot(F, state_2[row], state_4[1 - row])  # line 14
        np.dot(state_4[1 - row], F.T, state_5[1 - row])  # line 14
        for d in range(D):
            t1 = t2[d]
            for d1 in range(D):
                t10 = d == d1  # line 8
                Q = t1 if t10 else 0.0  # line 8
                state_5_dd1 = state_5[1 - row, d, d1]
                t12 = state_5_dd1 + Q  # line 14
                t13[d, d1] = t12
        np.dot(t13, H.T, state_6[1 - row])  # line 16
        np.dot(H, state_6[1 - row], state_7[1 - row])  # line 17
        for m in range(M):
            t3 = t4[m]
            for m1 in range(M):
                t14 = m == m1  # line 8
                R = t3 if t14 else 0.0  # line 8
                state_7_mm1 = state_7[1 - row, m, m1]
                t15 = state_7_mm1 + R  # line 17
                t16[m, m1] = t15
        np.dot(H, state_3[1 - row], state_8[1 - row])  # line 18
        for m in range(M):
            state_8_m = state_8[1 - row, m]
            y_mt = y[t, m]
            t17 = y_mt - state_8_m  # line 18
            t18[m] = t17
        t19, t20 = _lu_factors(t16)  # line 19
        state[1 - row] = _solve_lu(t19, t20, t18)  # line 19
        t22 = 0.0
        t25 = 1.0
        t28 = 1.0
        t31 = 0.0
        for m in range(M):
            state_mt = state[1 - row, m]
            t17 = t18[m]
            t21 = t17 * state_mt  # line 20
            t22 += t21  # line 20
            t23 = t19[m, m]
            t24 = np.sign(t23)  # line 20
            t25 *= t24  # line 20
            t20_m = t20[m]
            t26 = t20_m == m  # line 20
            t27 = 1.0 if t26 else -1.0  # line 20
            t28 *= t27  # line 20
            t29 = abs(t23)  # line 20
            t30 = np.log(t29)  # line 20
            t31 += t30  # line 20
        t32 = t25 * t28  # line 20
        t33 = t32 < 0  # line 20
        t34 = np.nan if t33 else t31  # line 20
        t35 = t22 + t34  # line 20
        t36 = 0.5 * t35  # line 20
        t37 = loss + t36  # line 20
        t38 = np.dot(state_6[1 - row], state[1 - row])  # line 22
        for d in range(D):
            t38_dt = t38[d]
            state_3_d = state_3[1 - row, d]
            t39 = state_3_d + t38_dt  # line 22
            state_[1 - row, d] = t39
        t40 = _solve_lu(t19, t20, state_6[1 - row].T)  # line 23
        t41 = np.dot(state_6[1 - row], t40)  # line 23
        for d in range(D):
            for d1 in range(D):
                t41_dd1 = t41[d, d1]
                t12 = t13[d, d1]
                t42 = t12 - t41_dd1  # line 23
                state_2[1 - row, d, d1] = t42
        for d in range(D):
            for m1 in range(M):
                t40_dm1 = t40[m1, d]
                state_9[1 - row, d, m1] = t40_dm1
        loss = t37
        row = 1 - row
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(y, F, H, q, r):
    T, M = y.shape
    D = F.shape[0]
    t2 = np.empty((D,), np.float64)
    for d in range(D):
        q_d = q[d]
        t1 = np.exp(q_d)  # line 8
        t2[d] = t1
    t4 = np.empty((M,), np.float64)
    for m in range(M):
        r_m = r[m]
        t3 = np.exp(r_m)  # line 8
        t4[m] = t3
    t5 = 0.5 * T  # line 10
    t6 = t5 * M  # line 10
    t7 = 2 * 3.141592653589793  # line 10
    t8 = np.log(t7)  # line 10
    t9 = t6 * t8  # line 10
    state = np.empty((T + 1, M), np.float64)
    loss = t9
    state_ = np.empty((T + 1, D), np.float64)
    for d in range(D):
        state_[0, d] = 0.0
    state_2 = np.empty((T + 1, D, D), np.float64)
    for d in range(D):
        for d1 in range(D):
            t10 = d == d1  # line 8
            t11 = 1.0 if t10 else 0.0  # line 9
            state_2[0, d, d1] = t11
    state_3 = np.empty((T + 1, D), np.float64)
    state_4 = np.empty((T + 1, D, D), np.float64)
    state_5 = np.empty((T + 1, D, D), np.float64)
    state_6 = np.empty((T + 1, D, M), np.float64)
    state_7 = np.empty((T + 1, M, M), np.float64)
    state_8 = np.empty((T + 1, M), np.float64)
    state_9 = np.empty((T + 1, D, M), np.float64)
    t13 = np.empty((D, D), np.float64)
    t16 = np.empty((M, M), np.float64)
    t18 = np.empty((M,), np.float64)
    for t in range(T):
        np.dot(F, state_[t], state_3[t + 1])  # line 13
        np.dot(F, state_2[t], state_4[t + 1])  # line 14
        np.dot(state_4[t + 1], F.T, state_5[t + 1])  # line 14
        for d in range(D):
            t1 = t2[d]
            for d1 in range(D):
                t10 = d == d1  # line 8
                Q = t1 if t10 else 0.0  # line 8
                state_5_dd1 = state_5[t + 1, d, d1]
                t12 = state_5_dd1 + Q  # line 14
                t13[d, d1] = t12
        np.dot(t13, H.T, state_6[t + 1])  # line 16
        np.dot(H, state_6[t + 1], state_7[t + 1])  # line 17
        for m in range(M):
            t3 = t4[m]
            for m1 in range(M):
                t14 = m == m1  # line 8
                R = t3 if t14 else 0.0  # line 8
                state_7_mm1 = state_7[t + 1, m, m1]
                t15 = state_7_mm1 + R  # line 17
                t16[m, m1] = t15
        np.dot(H, state_3[t + 1], state_8[t + 1])  # line 18
        for m in range(M):
            state_8_m = state_8[t + 1, m]
            y_mt = y[t, m]
            t17 = y_mt - state_8_m  # line 18
            t18[m] = t17
        t19, t20 = _lu_factors(t16)  # line 19
        state[t + 1] = _solve_lu(t19, t20, t18)  # line 19
        t22 = 0.0
        t25 = 1.0
        t28 = 1.0
        t31 = 0.0
        for m in range(M):
            state_mt = state[t + 1, m]
            t17 = t18[m]
            t21 = t17 * state_mt  # line 20
            t22 += t21  # line 20
            t23 = t19[m, m]
            t24 = np.sign(t23)  # line 20
            t25 *= t24  # line 20
            t20_m = t20[m]
            t26 = t20_m == m  # line 20
            t27 = 1.0 if t26 else -1.0  # line 20
            t28 *= t27  # line 20
            t29 = abs(t23)  # line 20
            t30 = np.log(t29)  # line 20
            t31 += t30  # line 20
        t32 = t25 * t28  # line 20
        t33 = t32 < 0  # line 20
        t34 = np.nan if t33 else t31  # line 20
        t35 = t22 + t34  # line 20
        t36 = 0.5 * t35  # line 20
        t37 = loss + t36  # line 20
        t38 = np.dot(state_6[t + 1], state[t + 1])  # line 22
        for d in range(D):
            t38_dt = t38[d]
            state_3_d = state_3[t + 1, d]
            t39 = state_3_d + t38_dt  # line 22
            state_[t + 1, d] = t39
        t40 = _solve_lu(t19, t20, state_6[t + 1].T)  # line 23
        t41 = np.dot(state_6[t + 1], t40)  # line 23
        for d in range(D):
            for d1 in range(D):
                t41_dd1 = t41[d, d1]
                t12 = t13[d, d1]
                t42 = t12 - t41_dd1  # line 23
                state_2[t + 1, d, d1] = t42
        for d in range(D):
            for m1 in range(M):
                t40_dm1 = t40[m1, d]
                state_9[t + 1, d, m1] = t40_dm1
        loss = t37
    t45 = np.empty((M, M), np.float64)
    for m in range(M):
        for m2 in range(M):
            t43 = m == m2  # backward of line 20: logdet gate
            t44 = 1.0 if t43 else 0.0  # backward of line 20: logdet gate
            t45[m, m2] = t44
    t47 = np.empty((T, D, D), np.float64)
    for t in range(T):
        for d in range(D):
            t1 = t2[d]
            for d1 in range(D):
                t10 = d == d1  # line 8
                Q = t1 if t10 else 0.0  # line 8
                state_5_dd1t = state_5[t + 1, d, d1]
                t46 = state_5_dd1t + Q  # line 14
                t47[t, d, d1] = t46
    t49 = np.empty((T, M, M), np.float64)
    for t in range(T):
        for m in range(M):
            t3 = t4[m]
            for m1 in range(M):
                t14 = m == m1  # line 8
                R = t3 if t14 else 0.0  # line 8
                state_7_mm1t = state_7[t + 1, m, m1]
                t48 = state_7_mm1t + R  # line 17
                t49[t, m, m1] = t48
    t50 = np.empty((T, M, M), np.float64)
    t51 = np.empty((T, M), np.int64)
    for t in range(T):
        t50[t], t51[t] = _lu_factors(t49[t])  # backward of line 20: logdet gate
    t52 = np.empty((T, M, M), np.float64)
    for t in range(T):
        t52[t] = _solve_lu(t50[t], t51[t], t45)  # backward of line 20: logdet gate
    t53 = np.empty((T, M, M), np.float64)
    for t in range(T):
        for m1 in range(M):
            for m in range(M):
                t52_m1mt = t52[t, m1, m]
                t53[t, m1, m] = t52_m1mt
    state_10 = np.empty((T + 1, D), np.float64)
    for d in range(D):
        state_10[T, d] = 0.0
    state_11 = np.empty((T + 1, D, D), np.float64)
    for d in range(D):
        for d1 in range(D):
            state_11[T, d, d1] = 0.0
    state_12 = np.empty((T + 1, D, M), np.float64)
    state_13 = np.empty((T + 1, D, M), np.float64)
    state_14 = np.empty((T + 1, M, M), np.float64)
    state_15 = np.empty((T + 1, M), np.float64)
    state_16 = np.empty((T + 1, D), np.float64)
    state_17 = np.empty((T + 1, D, M), np.float64)
    state_18 = np.empty((T + 1, D, D), np.float64)
    state_19 = np.empty((T + 1, D, D), np.float64)
    t55 = np.empty((M,), np.float64)
    t59 = np.empty((M,), np.float64)
    t62 = np.empty((M,), np.float64)
    t64 = np.empty((D, M), np.float64)
    t66 = np.empty((D, M), np.float64)
    t69 = np.empty((D, M), np.float64)
    t76 = np.empty((D,), np.float64)
    t91 = np.empty((D, D), np.float64)
    for t in range(T - 1, -1, -1):
        t55[...] = 0.0
        for d in range(D):
            state_10_d = state_10[t + 1, d]
            for m in range(M):
                state_6_dmt = state_6[t + 1, d, m]
                t54 = state_10_d * state_6_dmt  # backward of line 22: mul gate
                t55[m] += t54  # backward of line 22: mul gate
        for m in range(M):
            state_8_mt = state_8[t + 1, m]
            y_mt = y[t, m]
            t56 = y_mt - state_8_mt  # line 18
            t57 = 0.5 * t56  # backward of line 20: mul gate
            t55_mt = t55[m]
            t58 = t55_mt + t57  # backward of line 20: copy gate
            t59[m] = t58
        state_15[t] = _solve_lu_t(t50[t], t51[t], t59)  # backward of line 19: solve gate
        for m in range(M):
            state_15_mt = state_15[t, m]
            state_mt_ = state[t + 1, m]
            t60 = 0.5 * state_mt_  # backward of line 20: mul gate
            t61 = t60 + state_15_mt  # backward of line 18: copy gate
            t62[m] = t61
        t64[...] = 0.0
        t66[...] = 0.0
        for d in range(D):
            for d1 in range(D):
                state_11_dd1 = state_11[t + 1, d, d1]
                for m in range(M):
                    state_9_d1mt = state_9[t + 1, d1, m]
                    t63 = state_11_dd1 * state_9_d1mt  # backward of line 23: mul gate
                    t64[d, m] += t63  # backward of line 23: mul gate
                    state_6_dmt = state_6[t + 1, d, m]
                    t65 = state_11_dd1 * state_6_dmt  # backward of line 23: mul gate
                    t66[d1, m] += t65  # backward of line 23: mul gate
        for d in range(D):
            for m in range(M):
                t64_dmt = t64[d, m]
                t67 = -t64_dmt  # backward of line 23: mul gate
                state_12[t, d, m] = t67
        for d1 in range(D):
            for m in range(M):
                t66_d1mt = t66[d1, m]
                t68 = -t66_d1mt  # backward of line 23: mul gate
                t69[d1, m] = t68
        t70 = _solve_lu_t(t50[t], t51[t], t69.T)  # backward of line 23: solve gate
        t71 = np.dot(state_9[1:][t].T, t70.T)  # backward of line 23: solve gate
        for m1 in range(M):
            for m in range(M):
                t71_mm1t = t71[m1, m]
                t72 = -t71_mm1t  # backward of line 23: solve gate
                state_14[t, m, m1] = t72
        t73 = np.dot(H.T, t62)  # backward of line 18: mul gate
        for d in range(D):
            t73_dt = t73[d]
            t74 = -t73_dt  # backward of line 18: mul gate
            state_16[t, d] = t74
            state_10_d = state_10[t + 1, d]
            t75 = state_10_d - t73_dt  # backward of line 13: copy gate
            t76[d] = t75
        t77 = np.dot(F.T, t76)  # backward of line 13: mul gate
        for d in range(D):
            t77_dt = t77[d]
            state_10[t, d] = t77_dt
        for m1 in range(M):
            state_m1t = state[t + 1, m1]
            for d in range(D):
                state_17_dm1 = 0.0
                for m in range(M):
                    H_dm = H[m, d]
                    state_15_mt = state_15[t, m]
                    t78 = state_15_mt * state_m1t  # backward of line 19: solve gate
                    t71_mm1t = t71[m1, m]
                    t53_mm1t = t53[t, m1, m]
                    t79 = 0.5 * t53_mm1t  # backward of line 20: logdet gate
                    t80 = t79 - t71_mm1t  # backward of line 17: copy gate
                    t81 = t80 - t78  # backward of line 17: copy gate
                    t82 = t81 * H_dm  # backward of line 17: mul gate
                    state_17_dm1 += t82  # backward of line 17: mul gate
                state_17[t, d, m1] = state_17_dm1
        for d in range(D):
            state_10_d = state_10[t + 1, d]
            for d1 in range(D):
                state_18_dd1 = 0.0
                for m in range(M):
                    H_d1m = H[m, d1]
                    state_17_dmt = state_17[t, d, m]
                    state_mt_ = state[t + 1, m]
                    t83 = state_10_d * state_mt_  # backward of line 22: mul gate
                    t64_dmt = t64[d, m]
                    t70_dmt = t70[m, d]
                    t84 = t70_dmt - t64_dmt  # backward of line 16: copy gate
                    t85 = t84 + t83  # backward of line 16: copy gate
                    t86 = t85 + state_17_dmt  # backward of line 16: copy gate
                    t87 = t86 * H_d1m  # backward of line 16: mul gate
                    state_18_dd1 += t87  # backward of line 16: mul gate
                state_18[t, d, d1] = state_18_dd1
        for d in range(D):
            for d2 in range(D):
                state_19_dd2 = 0.0
                for d1 in range(D):
                    F_d1d2 = F[d1, d2]
                    state_18_dd1t = state_18[t, d, d1]
                    state_11_dd1 = state_11[t + 1, d, d1]
                    t88 = state_11_dd1 + state_18_dd1t  # backward of line 14: copy gate
                    t89 = t88 * F_d1d2  # backward of line 14: mul gate
                    state_19_dd2 += t89  # backward of line 14: mul gate
                state_19[t, d, d2] = state_19_dd2
        t91[...] = 0.0
        for d in range(D):
            for d1 in range(D):
                F_dd1 = F[d, d1]
                for d2 in range(D):
                    state_19_dd2t = state_19[t, d, d2]
                    t90 = state_19_dd2t * F_dd1  # backward of line 14: mul gate
                    t91[d1, d2] += t90  # backward of line 14: mul gate
        for d in range(D):
            for d1 in range(D):
                t91_dd1t = t91[d, d1]
                state_11[t, d, d1] = t91_dd1t
        for d in range(D):
            for m in range(M):
                t70_dmt = t70[m, d]
                state_13[t, d, m] = t70_dmt
    t93 = np.empty((T, M), np.float64)
    for t in range(T):
        for m in range(M):
            state_15_mt_ = state_15[t, m]
            state_mt_ = state[t + 1, m]
            t60 = 0.5 * state_mt_  # backward of line 20: mul gate
            t92 = t60 + state_15_mt_  # backward of line 18: copy gate
            t93[t, m] = t92
    t97 = np.empty((T, M, M), np.float64)
    for t in range(T):
        for m in range(M):
            state_15_mt_ = state_15[t, m]
            for m1 in range(M):
                state_m1t = state[t + 1, m1]
                t94 = state_15_mt_ * state_m1t  # backward of line 19: solve gate
                t53_mm1t = t53[t, m1, m]
                t79 = 0.5 * t53_mm1t  # backward of line 20: logdet gate
                state_14_mm1t = state_14[t, m, m1]
                t95 = state_14_mm1t + t79  # backward of line 17: copy gate
                t96 = t95 - t94  # backward of line 17: copy gate
                t97[t, m, m1] = t96
    t102 = np.empty((T, D, M), np.float64)
    t104 = np.zeros((T, M), np.float64)
    t106 = np.empty((T, D), np.float64)
    for t in range(T):
        for d in range(D):
            state_10_dt = state_10[t + 1, d]
            t106_td = 0.0
            for m in range(M):
                state_17_dmt_ = state_17[t, d, m]
                state_mt_ = state[t + 1, m]
                t98 = state_10_dt * state_mt_  # backward of line 22: mul gate
                state_13_dmt = state_13[t, d, m]
                state_12_dmt = state_12[t, d, m]
                t99 = state_12_dmt + state_13_dmt  # backward of line 16: copy gate
                t100 = t99 + t98  # backward of line 16: copy gate
                t101 = t100 + state_17_dmt_  # backward of line 16: copy gate
                t102[t, d, m] = t101
                state_9_dmt = state_9[t + 1, d, m]
                t103 = state_13_dmt * state_9_dmt  # backward of line 23: solve gate
                t104[t, m] += t103  # backward of line 23: solve gate
                H_dm = H[m, d]
                t105 = t101 * H_dm  # backward of line 16: mul gate
                t106_td += t105  # backward of line 16: mul gate
            t106[t, d] = t106_td
    t108 = np.empty((T, D, D), np.float64)
    for t in range(T):
        for d in range(D):
            for d1 in range(D):
                state_18_dd1t_ = state_18[t, d, d1]
                state_11_dd1t = state_11[t + 1, d, d1]
                t107 = state_11_dd1t + state_18_dd1t_  # backward of line 14: copy gate
                t108[t, d, d1] = t107
    t109 = np.empty((D, D, D), np.float64)
    for d2 in range(D):
        np.dot(np.ascontiguousarray(state_2[:-1][:, :, d2]).T, np.ascontiguousarray(state_19[:-1][:, :, d2]), t109[d2])  # backward of line 14: mul gate
    t110 = np.zeros((D, D), np.float64)
    for d2 in range(D):
        for d1 in range(D):
            for d in range(D):
                t109_dd1d2 = t109[d2, d1, d]
                t110[d1, d] += t109_dd1d2  # backward of line 14: mul gate
    t112 = np.empty((T, D), np.float64)
    t115 = np.zeros((D,), np.float64)
    for t in range(T):
        for d in range(D):
            state_16_dt = state_16[t, d]
            state_10_dt = state_10[t + 1, d]
            t111 = state_10_dt + state_16_dt  # backward of line 13: copy gate
            t112[t, d] = t111
            t106_dt = t106[t, d]
            t113 = state_11[t + 1, d, d]
            t114 = t113 + t106_dt  # backward of line 14: copy gate
            t115[d] += t114  # backward of line 14: add gate
    t116 = np.dot(state_[:-1].T, t112)  # backward of line 13: mul gate
    t117 = np.dot(state_3[1:].T, t93)  # backward of line 18: mul gate
    t118 = np.empty((M, D, M), np.float64)
    for m1 in range(M):
        np.dot(np.ascontiguousarray(state_6[1:][:, :, m1]).T, np.ascontiguousarray(t97[:, :, m1]), t118[m1])  # backward of line 17: mul gate
    t119 = np.zeros((D, M), np.float64)
    for m1 in range(M):
        for d in range(D):
            for m in range(M):
                t118_dmm1 = t118[m1, d, m]
                t119[d, m] += t118_dmm1  # backward of line 17: mul gate
    t120 = np.empty((D, D, D), np.float64)
    for d in range(D):
        np.dot(np.ascontiguousarray(state_4[1:][:, d, :]).T, np.ascontiguousarray(t108[:, d, :]), t120[d])  # backward of line 14: mul gate
    t121 = np.zeros((D, D), np.float64)
    for d in range(D):
        for d2 in range(D):
            for d1 in range(D):
                t120_dd1d2 = t120[d, d2, d1]
                t121[d2, d1] += t120_dd1d2  # backward of line 14: mul gate
    t122 = np.empty((D, D, M), np.float64)
    for d in range(D):
        np.dot(np.ascontiguousarray(t47[:, d, :]).T, np.ascontiguousarray(t102[:, d, :]), t122[d])  # backward of line 16: mul gate
    t123 = np.zeros((D, M), np.float64)
    for d in range(D):
        for d1 in range(D):
            for m in range(M):
                t122_dd1m = t122[d, d1, m]
                t123[d1, m] += t122_dd1m  # backward of line 16: mul gate
    t129 = np.zeros((M,), np.float64)
    for t in range(T):
        for m in range(M):
            state_mt_ = state[t + 1, m]
            state_15_mt_ = state_15[t, m]
            t124 = state_15_mt_ * state_mt_  # backward of line 19: solve gate
            t104_mt = t104[t, m]
            t125 = t53[t, m, m]
            t126 = 0.5 * t125  # backward of line 20: logdet gate
            t127 = t126 - t104_mt  # backward of line 17: copy gate
            t128 = t127 - t124  # backward of line 17: copy gate
            t129[m] += t128  # backward of line 17: add gate
    dr = np.empty((M,), np.float64)
    for m in range(M):
        t3 = t4[m]
        t129_m = t129[m]
        dr_m = t129_m * t3  # backward of line 8: exp gate
        dr[m] = dr_m
    dq = np.empty((D,), np.float64)
    for d in range(D):
        t1 = t2[d]
        t115_d = t115[d]
        dq_d = t115_d * t1  # backward of line 8: exp gate
        dq[d] = dq_d
    dF = np.empty((D, D), np.float64)
    for d1 in range(D):
        for d in range(D):
            t121_dd1 = t121[d1, d]
            t116_dd1 = t116[d1, d]
            t110_dd1 = t110[d1, d]
            t130 = t110_dd1 + t116_dd1  # backward of line 11: copy gate
            dF_d1d = t130 + t121_dd1  # backward of line 11: copy gate
            dF[d, d1] = dF_d1d
    dH = np.empty((M, D), np.float64)
    for d in range(D):
        for m in range(M):
            t123_dm = t123[d, m]
            t117_dm = t117[d, m]
            t119_dm = t119[d, m]
            t131 = t119_dm - t117_dm  # backward of line 11: copy gate
            dH_dm = t131 + t123_dm  # backward of line 11: copy gate
            dH[m, d] = dH_dm
    return (loss, dF, dH, dq, dr)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    F: np.ndarray  # [D, D]
    H: np.ndarray  # [M, D]
    q: np.ndarray  # [D]
    r: np.ndarray  # [M]


def value(y, F, H, q, r):
    """Return loss."""
    return value_kernel(*_checked(y, F, H, q, r))[0]


def value_and_grad(y, F, H, q, r):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(y, F, H, q, r))
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


def _checked(y, F, H, q, r):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    y = _real("y", y, ("T", "M"))
    F = _real("F", F, ("D", "D"))
    H = _real("H", H, ("M", "D"))
    q = _real("q", q, ("D",))
    r = _real("r", r, ("M",))
    T, M = y.shape
    D = F.shape[0]
    if F.shape[1] != D:
        raise ValueError(f"F has {F.shape[1]} columns, but D = {D} from F")
    if H.shape[0] != M:
        raise ValueError(f"H has {H.shape[0]} rows, but M = {M} from y")
    if H.shape[1] != D:
        raise ValueError(f"H has {H.shape[1]} columns, but D = {D} from F")
    if q.shape[0] != D:
        raise ValueError(f"q has {q.shape[0]} elements, but D = {D} from F")
    if r.shape[0] != M:
        raise ValueError(f"r has {r.shape[0]} elements, but M = {M} from y")
    if T < 1:
        raise ValueError(f"`weighted` has no value if this loop makes no step. (T = {T}, 1)")
    if T - 1 < 0:
        raise ValueError(f"`grad(loss, y)[T - 1]` reads at T - 1 of an axis of length T. (T - 1 = {T - 1}, 0)")
    return y, F, H, q, r
