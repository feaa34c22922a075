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

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


@intrinsic
def _own(context, x):
    """Return a new array. Nothing else stands for its elements, so loops need not look whether arrays overlap.

    LLVM takes what a function returns as "noalias" for memory that has no other name, and into this one it does not
    look. The second call shows the pointer to others: whatever is called may free the memory, so no read moves past it.
    """

    def code(context, builder, signature, values):
        array = context.make_array(x)(context, builder, value=values[0])
        kind, name = ir.FunctionType(array.data.type, [array.data.type]), f"own_{x.dtype}"
        own = builder.module.globals.get(name)
        if own is None:
            own = ir.Function(builder.module, kind, name)
            own.linkage = "linkonce_odr"
            own.attributes.add("noinline")
            own.attributes.add("optnone")
            own.return_value.add_attribute("noalias")
            ir.IRBuilder(own.append_basic_block()).ret(own.args[0])
        array.data = builder.call(own, [array.data])
        builder.call(own, [array.data])
        context.nrt.incref(builder, x, array._getvalue())
        return array._getvalue()

    return x(x), code


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
def _turn(x, columns):
    """Copy the rows of x to columns, eight at a time: whole cache lines are read and written."""
    rows, width = x.shape
    for first in range(0, rows, 8):
        for i in range(width):
            for row in range(first, min(first + 8, rows)):
                columns[i, row] = x[row, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(y, F, H, q, r):
    T, M = y.shape
    D = F.shape[0]
    t1 = 0.5 * T  # line 10
    t2 = t1 * M  # line 10
    t3 = 2 * 3.141592653589793  # line 10
    t4 = np.log(t3)  # line 10
    t5 = t2 * t4  # line 10
    t7 = _own(np.empty((D,), np.float64))
    # over d: t7; D operations, 16*D bytes
    for d in range(D):
        q_d = q[d]
        t6 = _exp(q_d)  # line 8
        t7[d] = t6
    t9 = _own(np.empty((M,), np.float64))
    # over m: t9; M operations, 16*M bytes
    for m in range(M):
        r_m = r[m]
        t8 = _exp(r_m)  # line 8
        t9[m] = t8
    row = 0
    state = _own(np.empty((2, M), np.float64))
    loss = t5
    state_ = _own(np.empty((2, D), np.float64))
    # over d: state_; 0 operations, 8*D bytes
    for d in range(D):
        state_[0, d] = 0.0
    state_2 = _own(np.empty((2, D, D), np.float64))
    # over d, d1: state_2; 2*D**2 operations, 8*D**2 bytes
    for d in range(D):
        for d1 in range(D):
            t10 = d == d1  # line 8
            t11 = 1.0 if t10 else 0.0  # line 9
            state_2[0, d, d1] = t11
    state_3 = _own(np.empty((2, D), np.float64))
    state_4 = _own(np.empty((2, D, D), np.float64))
    state_5 = _own(np.empty((2, D, D), np.float64))
    state_6 = _own(np.empty((2, D, M), np.float64))
    state_7 = _own(np.empty((2, M, M), np.float64))
    state_8 = _own(np.empty((2, M), np.float64))
    state_9 = _own(np.empty((2, D, M), np.float64))
    t13 = _own(np.empty((D, D), np.float64))
    t16 = _own(np.empty((M, M), np.float64))
    t18 = _own(np.empty((M,), np.float64))
    t38 = _own(np.empty((D,), np.float64))
    t41 = _own(np.empty((D, D), np.float64))
    # over t: state_3, state_4, state_5, t13, state_6, state_7, …; 2*D*M**2*T + 4*D**2*M*T + 4*D**3*T + 4*D*M*T + 6*D**2*T + 3*M**2*T + D*T + 11*M*T + 6*T operations, 16*D*M*T + 40*D**2*T + 16*M**2*T + 32*D*T + 64*M*T bytes
    for t in range(T):
        np.dot(F, state_[row], state_3[1 - row])
        np.dot(F, state_2[row], state_4[1 - row])
        np.dot(state_4[1 - row], F.T, state_5[1 - row])  # line 14
        for d in range(D):
            t6 = t7[d]
            for d1 in range(D):
                t10 = d == d1  # line 8
                Q = t6 if t10 else 0.0  # line 8
                state_5_dd1 = state_5[1 - row, d, d1]
                t12 = state_5_dd1 + Q  # line 14
                t13[d, d1] = t12
        np.dot(t13, H.T, state_6[1 - row])  # line 16
        np.dot(H, state_6[1 - row], state_7[1 - row])  # line 17
        for m in range(M):
            t8 = t9[m]
            for m1 in range(M):
                t14 = m == m1  # line 8
                R = t8 if t14 else 0.0  # line 8
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
            t22 = _plus(t22, t21)  # line 20
            t23 = t19[m, m]
            t24 = np.sign(t23)  # line 20
            t25 *= t24  # line 20
            t20_m = t20[m]
            t26 = t20_m == m  # line 20
            t27 = 1.0 if t26 else -1.0  # line 20
            t28 *= t27  # line 20
            t29 = abs(t23)  # line 20
            t30 = _log(t29)  # line 20
            t31 = _plus(t31, t30)  # line 20
        t32 = t25 * t28  # line 20
        t33 = t32 < 0  # line 20
        t34 = np.nan if t33 else t31  # line 20
        t35 = t22 + t34  # line 20
        t36 = 0.5 * t35  # line 20
        t37 = loss + t36  # line 20
        np.dot(state_6[1 - row], state[1 - row], t38)  # line 22
        for d in range(D):
            t38_dt = t38[d]
            state_3_d = state_3[1 - row, d]
            t39 = state_3_d + t38_dt  # line 22
            state_[1 - row, d] = t39
        t40 = _solve_lu(t19, t20, state_6[1 - row].T)  # line 23
        np.dot(state_6[1 - row], t40, t41)  # line 23
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
    t1 = 0.5 * T  # line 10
    t2 = t1 * M  # line 10
    t3 = 2 * 3.141592653589793  # line 10
    t4 = np.log(t3)  # line 10
    t5 = t2 * t4  # line 10
    t7 = _own(np.empty((D,), np.float64))
    # over d: t7; D operations, 16*D bytes
    for d in range(D):
        q_d = q[d]
        t6 = _exp(q_d)  # line 8
        t7[d] = t6
    t9 = _own(np.empty((M,), np.float64))
    # over m: t9; M operations, 16*M bytes
    for m in range(M):
        r_m = r[m]
        t8 = _exp(r_m)  # line 8
        t9[m] = t8
    t12 = _own(np.empty((M, M), np.float64))
    # over m, m2: t12; 2*M**2 operations, 8*M**2 bytes
    for m in range(M):
        for m2 in range(M):
            t10 = m == m2  # backward of line 20: logdet gate
            t11 = 1.0 if t10 else 0.0  # backward of line 20: logdet gate
            t12[m, m2] = t11
    state = _own(np.empty((T + 1, M), np.float64))
    loss = t5
    state_ = _own(np.empty((T + 1, D), np.float64))
    # over d: state_; 0 operations, 8*D bytes
    for d in range(D):
        state_[0, d] = 0.0
    state_2 = _own(np.empty((T + 1, D, D), np.float64))
    # over d, d1: state_2; 2*D**2 operations, 8*D**2 bytes
    for d in range(D):
        for d1 in range(D):
            t13 = d == d1  # line 8
            t14 = 1.0 if t13 else 0.0  # line 9
            state_2[0, d, d1] = t14
    state_3 = _own(np.empty((T + 1, D), np.float64))
    state_4 = _own(np.empty((T + 1, D, D), np.float64))
    state_5 = _own(np.empty((T + 1, D, D), np.float64))
    state_6 = _own(np.empty((T + 1, D, M), np.float64))
    state_7 = _own(np.empty((T + 1, M, M), np.float64))
    state_8 = _own(np.empty((T + 1, M), np.float64))
    state_9 = _own(np.empty((T + 1, D, M), np.float64))
    t16 = _own(np.empty((D, D), np.float64))
    t19 = _own(np.empty((M, M), np.float64))
    t21 = _own(np.empty((M,), np.float64))
    t41 = _own(np.empty((D,), np.float64))
    t44 = _own(np.empty((D, D), np.float64))
    # over t: state_3, state_4, state_5, t16, state_6, state_7, …; 2*D*M**2*T + 4*D**2*M*T + 4*D**3*T + 4*D*M*T + 6*D**2*T + 3*M**2*T + D*T + 11*M*T + 6*T operations, 16*D*M*T + 40*D**2*T + 16*M**2*T + 32*D*T + 64*M*T bytes
    for t in range(T):
        np.dot(F, state_[t], state_3[t + 1])
        np.dot(F, state_2[t], state_4[t + 1])
        np.dot(state_4[t + 1], F.T, state_5[t + 1])  # line 14
        for d in range(D):
            t6 = t7[d]
            for d1 in range(D):
                t13 = d == d1  # line 8
                Q = t6 if t13 else 0.0  # line 8
                state_5_dd1 = state_5[t + 1, d, d1]
                t15 = state_5_dd1 + Q  # line 14
                t16[d, d1] = t15
        np.dot(t16, H.T, state_6[t + 1])  # line 16
        np.dot(H, state_6[t + 1], state_7[t + 1])  # line 17
        for m in range(M):
            t8 = t9[m]
            for m1 in range(M):
                t17 = m == m1  # line 8
                R = t8 if t17 else 0.0  # line 8
                state_7_mm1 = state_7[t + 1, m, m1]
                t18 = state_7_mm1 + R  # line 17
                t19[m, m1] = t18
        np.dot(H, state_3[t + 1], state_8[t + 1])  # line 18
        for m in range(M):
            state_8_m = state_8[t + 1, m]
            y_mt = y[t, m]
            t20 = y_mt - state_8_m  # line 18
            t21[m] = t20
        t22, t23 = _lu_factors(t19)  # line 19
        state[t + 1] = _solve_lu(t22, t23, t21)  # line 19
        t25 = 0.0
        t28 = 1.0
        t31 = 1.0
        t34 = 0.0
        for m in range(M):
            state_mt = state[t + 1, m]
            t20 = t21[m]
            t24 = t20 * state_mt  # line 20
            t25 = _plus(t25, t24)  # line 20
            t26 = t22[m, m]
            t27 = np.sign(t26)  # line 20
            t28 *= t27  # line 20
            t23_m = t23[m]
            t29 = t23_m == m  # line 20
            t30 = 1.0 if t29 else -1.0  # line 20
            t31 *= t30  # line 20
            t32 = abs(t26)  # line 20
            t33 = _log(t32)  # line 20
            t34 = _plus(t34, t33)  # line 20
        t35 = t28 * t31  # line 20
        t36 = t35 < 0  # line 20
        t37 = np.nan if t36 else t34  # line 20
        t38 = t25 + t37  # line 20
        t39 = 0.5 * t38  # line 20
        t40 = loss + t39  # line 20
        np.dot(state_6[t + 1], state[t + 1], t41)  # line 22
        for d in range(D):
            t41_dt = t41[d]
            state_3_d = state_3[t + 1, d]
            t42 = state_3_d + t41_dt  # line 22
            state_[t + 1, d] = t42
        t43 = _solve_lu(t22, t23, state_6[t + 1].T)  # line 23
        np.dot(state_6[t + 1], t43, t44)  # line 23
        for d in range(D):
            for d1 in range(D):
                t44_dd1 = t44[d, d1]
                t15 = t16[d, d1]
                t45 = t15 - t44_dd1  # line 23
                state_2[t + 1, d, d1] = t45
        for d in range(D):
            for m1 in range(M):
                t43_dm1 = t43[m1, d]
                state_9[t + 1, d, m1] = t43_dm1
        loss = t40
    t47 = _own(np.empty((T, D, D), np.float64))
    # over t, d, d1: t47; 3*D**2*T operations, 16*D**2*T + 8*D*T bytes
    for t in range(T):
        for d in range(D):
            t6 = t7[d]
            for d1 in range(D):
                t13 = d == d1  # line 8
                Q = t6 if t13 else 0.0  # line 8
                state_5_dd1t = state_5[t + 1, d, d1]
                t46 = state_5_dd1t + Q  # line 14
                t47[t, d, d1] = t46
    t49 = _own(np.empty((T, M, M), np.float64))
    # over t, m, m1: t49; 3*M**2*T operations, 16*M**2*T + 8*M*T bytes
    for t in range(T):
        for m in range(M):
            t8 = t9[m]
            for m1 in range(M):
                t17 = m == m1  # line 8
                R = t8 if t17 else 0.0  # line 8
                state_7_mm1t = state_7[t + 1, m, m1]
                t48 = state_7_mm1t + R  # line 17
                t49[t, m, m1] = t48
    t50 = _own(np.empty((T, M, M), np.float64))
    t51 = _own(np.empty((T, M), np.int64))
    # over t: checks; 0 operations, 0 bytes
    for t in range(T):
        t50[t], t51[t] = _lu_factors(t49[t])  # backward of line 20: logdet gate
    t52 = _own(np.empty((T, M, M), np.float64))
    # over t: checks; 0 operations, 0 bytes
    for t in range(T):
        t52[t] = _solve_lu(t50[t], t51[t], t12)  # backward of line 20: logdet gate
    t53 = _own(np.empty((T, M, M), np.float64))
    # over t, m1, m: t53; 0 operations, 16*M**2*T bytes
    for t in range(T):
        for m1 in range(M):
            for m in range(M):
                t52_m1mt = t52[t, m1, m]
                t53[t, m1, m] = t52_m1mt
    state_10 = _own(np.empty((T + 1, D), np.float64))
    # over d: state_10; 0 operations, 8*D bytes
    for d in range(D):
        state_10[T, d] = 0.0
    state_11 = _own(np.empty((T + 1, D, D), np.float64))
    # over d, d1: state_11; 0 operations, 8*D**2 bytes
    for d in range(D):
        for d1 in range(D):
            state_11[T, d, d1] = 0.0
    state_12 = _own(np.empty((T + 1, D, M), np.float64))
    state_13 = _own(np.empty((T + 1, D, M), np.float64))
    state_14 = _own(np.empty((T + 1, M, M), np.float64))
    state_15 = _own(np.empty((T + 1, M), np.float64))
    state_16 = _own(np.empty((T + 1, D), np.float64))
    state_17 = _own(np.empty((T + 1, D, M), np.float64))
    state_18 = _own(np.empty((T + 1, D, D), np.float64))
    state_19 = _own(np.empty((T + 1, D, D), np.float64))
    t55 = _own(np.empty((M,), np.float64))
    t59 = _own(np.empty((M,), np.float64))
    t62 = _own(np.empty((M,), np.float64))
    t64 = _own(np.empty((D, M), np.float64))
    t66 = _own(np.empty((D, M), np.float64))
    t69 = _own(np.empty((D, M), np.float64))
    t71 = _own(np.empty((M, M), np.float64))
    t73 = _own(np.empty((D,), np.float64))
    t76 = _own(np.empty((D,), np.float64))
    t77 = _own(np.empty((D,), np.float64))
    t87 = _own(np.empty((D, M), np.float64))
    t89 = _own(np.empty((D, D), np.float64))
    t93 = _own(np.empty((D, D), np.float64))
    # over t: t55, t59, t62, t64, t66, state_12, …; 8*D*M**2*T + 6*D**2*M*T + 5*D**3*T + 10*D*M*T + 2*D**2*T + M**2*T + 2*D*T + 5*M*T operations, 32*D*M**2*T + 72*D**2*M*T + 48*D**3*T + 128*D*M*T + 56*D**2*T + 16*M**2*T + 64*D*T + 64*M*T bytes
    for t in range(T - 1, -1, -1):
        t55[...] = 0.0
        edge = D - (D - 0) % 4
        for d in range(0, edge, 4):
            d_1 = d + 1
            d_2 = d + 2
            d_3 = d + 3
            state_10_d = state_10[t + 1, d]
            state_10_d_1 = state_10[t + 1, d_1]
            state_10_d_2 = state_10[t + 1, d_2]
            state_10_d_3 = state_10[t + 1, d_3]
            for m in range(M):
                state_6_dmt = state_6[t + 1, d, m]
                state_6_dmt_1 = state_6[t + 1, d_1, m]
                state_6_dmt_2 = state_6[t + 1, d_2, m]
                state_6_dmt_3 = state_6[t + 1, d_3, m]
                t54 = state_10_d * state_6_dmt  # backward of line 22: mul gate
                t54_1 = state_10_d_1 * state_6_dmt_1  # backward of line 22: mul gate
                t54_2 = state_10_d_2 * state_6_dmt_2  # backward of line 22: mul gate
                t54_3 = state_10_d_3 * state_6_dmt_3  # backward of line 22: mul gate
                t55_ = t55[m]
                t55_ = t55_ + t54  # backward of line 22: mul gate
                t55_ = t55_ + t54_1  # backward of line 22: mul gate
                t55_ = t55_ + t54_2  # backward of line 22: mul gate
                t55_ = t55_ + t54_3  # backward of line 22: mul gate
                t55[m] = t55_
        for d in range(edge, D):
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
            edge_ = D - (D - 0) % 4
            for d1 in range(0, edge_, 4):
                d1_1 = d1 + 1
                d1_2 = d1 + 2
                d1_3 = d1 + 3
                state_11_dd1 = state_11[t + 1, d, d1]
                state_11_dd1_1 = state_11[t + 1, d, d1_1]
                state_11_dd1_2 = state_11[t + 1, d, d1_2]
                state_11_dd1_3 = state_11[t + 1, d, d1_3]
                for m in range(M):
                    state_9_d1mt = state_9[t + 1, d1, m]
                    state_9_d1mt_1 = state_9[t + 1, d1_1, m]
                    state_9_d1mt_2 = state_9[t + 1, d1_2, m]
                    state_9_d1mt_3 = state_9[t + 1, d1_3, m]
                    t63 = state_11_dd1 * state_9_d1mt  # backward of line 23: mul gate
                    t63_1 = state_11_dd1_1 * state_9_d1mt_1  # backward of line 23: mul gate
                    t63_2 = state_11_dd1_2 * state_9_d1mt_2  # backward of line 23: mul gate
                    t63_3 = state_11_dd1_3 * state_9_d1mt_3  # backward of line 23: mul gate
                    t64_ = t64[d, m]
                    t64_ = t64_ + t63  # backward of line 23: mul gate
                    t64_ = t64_ + t63_1  # backward of line 23: mul gate
                    t64_ = t64_ + t63_2  # backward of line 23: mul gate
                    t64_ = t64_ + t63_3  # backward of line 23: mul gate
                    t64[d, m] = t64_
                    state_6_dmt = state_6[t + 1, d, m]
                    t65 = state_11_dd1 * state_6_dmt  # backward of line 23: mul gate
                    t65_1 = state_11_dd1_1 * state_6_dmt  # backward of line 23: mul gate
                    t65_2 = state_11_dd1_2 * state_6_dmt  # backward of line 23: mul gate
                    t65_3 = state_11_dd1_3 * state_6_dmt  # backward of line 23: mul gate
                    t66[d1, m] += t65  # backward of line 23: mul gate
                    t66[d1_1, m] += t65_1  # backward of line 23: mul gate
                    t66[d1_2, m] += t65_2  # backward of line 23: mul gate
                    t66[d1_3, m] += t65_3  # backward of line 23: mul gate
            for d1 in range(edge_, D):
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
        np.dot(state_9[1:][t].T, t70.T, t71)  # backward of line 23: solve gate
        for m1 in range(M):
            for m in range(M):
                t71_mm1t = t71[m1, m]
                t72 = -t71_mm1t  # backward of line 23: solve gate
                state_14[t, m, m1] = t72
        np.dot(H.T, t62, t73)  # backward of line 18: mul gate
        for d in range(D):
            t73_dt = t73[d]
            t74 = -t73_dt  # backward of line 18: mul gate
            state_16[t, d] = t74
            state_10_d = state_10[t + 1, d]
            t75 = state_10_d - t73_dt  # backward of line 13: copy gate
            t76[d] = t75
        np.dot(F.T, t76, t77)  # backward of line 13: mul gate
        for d in range(D):
            t77_dt = t77[d]
            state_10[t, d] = t77_dt
        for m1 in range(M):
            state_m1t = state[t + 1, m1]
            edge_2 = D - (D - 0) % 4
            for d in range(0, edge_2, 4):
                d_1_ = d + 1
                d_2_ = d + 2
                d_3_ = d + 3
                state_17_dm1 = 0.0
                state_17_dm1_1 = 0.0
                state_17_dm1_2 = 0.0
                state_17_dm1_3 = 0.0
                for m in range(M):
                    H_dm = H[m, d]
                    H_dm_1 = H[m, d_1_]
                    H_dm_2 = H[m, d_2_]
                    H_dm_3 = H[m, d_3_]
                    state_15_mt = state_15[t, m]
                    t78 = state_15_mt * state_m1t  # backward of line 19: solve gate
                    t71_mm1t = t71[m1, m]
                    t53_mm1t = t53[t, m1, m]
                    t79 = 0.5 * t53_mm1t  # backward of line 20: logdet gate
                    t80 = t79 - t71_mm1t  # backward of line 17: copy gate
                    t81 = t80 - t78  # backward of line 17: copy gate
                    t82 = t81 * H_dm  # backward of line 17: mul gate
                    t82_1 = t81 * H_dm_1  # backward of line 17: mul gate
                    t82_2 = t81 * H_dm_2  # backward of line 17: mul gate
                    t82_3 = t81 * H_dm_3  # backward of line 17: mul gate
                    state_17_dm1 = _plus(state_17_dm1, t82)  # backward of line 17: mul gate
                    state_17_dm1_1 = _plus(state_17_dm1_1, t82_1)  # backward of line 17: mul gate
                    state_17_dm1_2 = _plus(state_17_dm1_2, t82_2)  # backward of line 17: mul gate
                    state_17_dm1_3 = _plus(state_17_dm1_3, t82_3)  # backward of line 17: mul gate
                state_17[t, d, m1] = state_17_dm1
                state_17[t, d_1_, m1] = state_17_dm1_1
                state_17[t, d_2_, m1] = state_17_dm1_2
                state_17[t, d_3_, m1] = state_17_dm1_3
            for d in range(edge_2, D):
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
                    state_17_dm1 = _plus(state_17_dm1, t82)  # backward of line 17: mul gate
                state_17[t, d, m1] = state_17_dm1
        for d in range(D):
            state_10_d = state_10[t + 1, d]
            for m in range(M):
                state_17_dmt = state_17[t, d, m]
                state_mt_ = state[t + 1, m]
                t83 = state_10_d * state_mt_  # backward of line 22: mul gate
                t64_dmt = t64[d, m]
                t70_dmt = t70[m, d]
                t84 = t70_dmt - t64_dmt  # backward of line 16: copy gate
                t85 = t84 + t83  # backward of line 16: copy gate
                t86 = t85 + state_17_dmt  # backward of line 16: copy gate
                t87[d, m] = t86
        t89[...] = 0.0
        for d in range(D):
            edge_3 = M - (M - 0) % 4
            for m in range(0, edge_3, 4):
                m_1 = m + 1
                m_2 = m + 2
                m_3 = m + 3
                t86 = t87[d, m]
                t86_1 = t87[d, m_1]
                t86_2 = t87[d, m_2]
                t86_3 = t87[d, m_3]
                for d1 in range(D):
                    H_d1m = H[m, d1]
                    H_d1m_1 = H[m_1, d1]
                    H_d1m_2 = H[m_2, d1]
                    H_d1m_3 = H[m_3, d1]
                    t88 = t86 * H_d1m  # backward of line 16: mul gate
                    t88_1 = t86_1 * H_d1m_1  # backward of line 16: mul gate
                    t88_2 = t86_2 * H_d1m_2  # backward of line 16: mul gate
                    t88_3 = t86_3 * H_d1m_3  # backward of line 16: mul gate
                    t89_ = t89[d, d1]
                    t89_ = t89_ + t88  # backward of line 16: mul gate
                    t89_ = t89_ + t88_1  # backward of line 16: mul gate
                    t89_ = t89_ + t88_2  # backward of line 16: mul gate
                    t89_ = t89_ + t88_3  # backward of line 16: mul gate
                    t89[d, d1] = t89_
            for m in range(edge_3, M):
                t86 = t87[d, m]
                for d1 in range(D):
                    H_d1m = H[m, d1]
                    t88 = t86 * H_d1m  # backward of line 16: mul gate
                    t89[d, d1] += t88  # backward of line 16: mul gate
        for d in range(D):
            edge_4 = D - (D - 0) % 4
            for d2 in range(0, edge_4, 4):
                d2_1 = d2 + 1
                d2_2 = d2 + 2
                d2_3 = d2 + 3
                state_19_dd2 = 0.0
                state_19_dd2_1 = 0.0
                state_19_dd2_2 = 0.0
                state_19_dd2_3 = 0.0
                for d1 in range(D):
                    F_d1d2 = F[d1, d2]
                    F_d1d2_1 = F[d1, d2_1]
                    F_d1d2_2 = F[d1, d2_2]
                    F_d1d2_3 = F[d1, d2_3]
                    t89_dd1t = t89[d, d1]
                    state_11_dd1 = state_11[t + 1, d, d1]
                    t90 = state_11_dd1 + t89_dd1t  # backward of line 14: copy gate
                    t91 = t90 * F_d1d2  # backward of line 14: mul gate
                    t91_1 = t90 * F_d1d2_1  # backward of line 14: mul gate
                    t91_2 = t90 * F_d1d2_2  # backward of line 14: mul gate
                    t91_3 = t90 * F_d1d2_3  # backward of line 14: mul gate
                    state_19_dd2 = _plus(state_19_dd2, t91)  # backward of line 14: mul gate
                    state_19_dd2_1 = _plus(state_19_dd2_1, t91_1)  # backward of line 14: mul gate
                    state_19_dd2_2 = _plus(state_19_dd2_2, t91_2)  # backward of line 14: mul gate
                    state_19_dd2_3 = _plus(state_19_dd2_3, t91_3)  # backward of line 14: mul gate
                state_19[t, d, d2] = state_19_dd2
                state_19[t, d, d2_1] = state_19_dd2_1
                state_19[t, d, d2_2] = state_19_dd2_2
                state_19[t, d, d2_3] = state_19_dd2_3
            for d2 in range(edge_4, D):
                state_19_dd2 = 0.0
                for d1 in range(D):
                    F_d1d2 = F[d1, d2]
                    t89_dd1t = t89[d, d1]
                    state_11_dd1 = state_11[t + 1, d, d1]
                    t90 = state_11_dd1 + t89_dd1t  # backward of line 14: copy gate
                    t91 = t90 * F_d1d2  # backward of line 14: mul gate
                    state_19_dd2 = _plus(state_19_dd2, t91)  # backward of line 14: mul gate
                state_19[t, d, d2] = state_19_dd2
        t93[...] = 0.0
        for d in range(D):
            edge_5 = D - (D - 0) % 4
            for d1 in range(0, edge_5, 4):
                d1_1_ = d1 + 1
                d1_2_ = d1 + 2
                d1_3_ = d1 + 3
                F_dd1 = F[d, d1]
                F_dd1_1 = F[d, d1_1_]
                F_dd1_2 = F[d, d1_2_]
                F_dd1_3 = F[d, d1_3_]
                for d2 in range(D):
                    state_19_dd2t = state_19[t, d, d2]
                    t92 = state_19_dd2t * F_dd1  # backward of line 14: mul gate
                    t92_1 = state_19_dd2t * F_dd1_1  # backward of line 14: mul gate
                    t92_2 = state_19_dd2t * F_dd1_2  # backward of line 14: mul gate
                    t92_3 = state_19_dd2t * F_dd1_3  # backward of line 14: mul gate
                    t93[d1, d2] += t92  # backward of line 14: mul gate
                    t93[d1_1_, d2] += t92_1  # backward of line 14: mul gate
                    t93[d1_2_, d2] += t92_2  # backward of line 14: mul gate
                    t93[d1_3_, d2] += t92_3  # backward of line 14: mul gate
            for d1 in range(edge_5, D):
                F_dd1 = F[d, d1]
                for d2 in range(D):
                    state_19_dd2t = state_19[t, d, d2]
                    t92 = state_19_dd2t * F_dd1  # backward of line 14: mul gate
                    t93[d1, d2] += t92  # backward of line 14: mul gate
        for d in range(D):
            for d1 in range(D):
                t93_dd1t = t93[d, d1]
                state_11[t, d, d1] = t93_dd1t
        for d in range(D):
            for m in range(M):
                t70_dmt = t70[m, d]
                state_13[t, d, m] = t70_dmt
        for d in range(D):
            for d1 in range(D):
                t89_dd1t = t89[d, d1]
                state_18[t, d, d1] = t89_dd1t
    t95 = _own(np.empty((T, D, D), np.float64))
    # over t, d, d1: t95; D**2*T operations, 24*D**2*T bytes
    for t in range(T):
        for d in range(D):
            for d1 in range(D):
                state_18_dd1t = state_18[t, d, d1]
                state_11_dd1t = state_11[t + 1, d, d1]
                t94 = state_11_dd1t + state_18_dd1t  # backward of line 14: copy gate
                t95[t, d, d1] = t94
    t96 = _own(np.empty((D, D, D), np.float64))
    # over d2: t96; 2*D**3*T operations, 0 bytes
    for d2 in range(D):
        np.dot(np.ascontiguousarray(state_2[:-1][:, :, d2]).T, np.ascontiguousarray(state_19[:-1][:, :, d2]), t96[d2])  # backward of line 14: mul gate
    t97 = _own(np.zeros((D, D), np.float64))
    # over d2, d1, d: t97; D**3 operations, 24*D**3 bytes
    for d2 in range(D):
        for d1 in range(D):
            for d in range(D):
                t96_dd1d2 = t96[d2, d1, d]
                t97[d1, d] += t96_dd1d2  # backward of line 14: mul gate
    t98 = _own(np.empty((D, D, D), np.float64))
    # over d: t98; 2*D**3*T operations, 0 bytes
    for d in range(D):
        np.dot(np.ascontiguousarray(state_4[1:][:, d, :]).T, np.ascontiguousarray(t95[:, d, :]), t98[d])  # backward of line 14: mul gate
    t99 = _own(np.zeros((D, D), np.float64))
    # over d, d2, d1: t99; D**3 operations, 24*D**3 bytes
    for d in range(D):
        for d2 in range(D):
            for d1 in range(D):
                t98_dd1d2 = t98[d, d2, d1]
                t99[d2, d1] += t98_dd1d2  # backward of line 14: mul gate
    t114 = _own(np.zeros((T, D), np.float64))
    dr = _own(np.empty((M,), np.float64))
    dH = _own(np.empty((M, D), np.float64))
    # stage along M: block by block, with D*M + D*T + D**2 + M*T + 5*D + 2*T + 1 numbers for each position in buffers
    block = min(M // 2 + 4, max(64, min(256, 65536 // (D*M + D*T + D**2 + M*T + 5*D + 2*T + 2) // 32 * 32)))
    size = min(block, M)
    H__ = _own(np.empty((D, size), np.float64))
    t101 = _own(np.empty((T, size), np.float64))
    t105 = _own(np.empty((T, M, size), np.float64))
    t110 = _own(np.empty((T, D, size), np.float64))
    t112 = _own(np.empty((T, size), np.float64))
    t115 = _own(np.empty((D, size), np.float64))
    t116 = _own(np.empty((M, D, size), np.float64))
    t117 = _own(np.empty((D, size), np.float64))
    t118 = _own(np.empty((D, D, size), np.float64))
    t119 = _own(np.empty((D, size), np.float64))
    t125 = _own(np.empty((size,), np.float64))
    dH__ = _own(np.empty((D, size), np.float64))
    for m0 in range(0, M, block):
        if M - m0 < size:  # the last block
            size = M - m0
            H__ = _own(np.empty((D, size), np.float64))
            t101 = _own(np.empty((T, size), np.float64))
            t105 = _own(np.empty((T, M, size), np.float64))
            t110 = _own(np.empty((T, D, size), np.float64))
            t112 = _own(np.empty((T, size), np.float64))
            t115 = _own(np.empty((D, size), np.float64))
            t116 = _own(np.empty((M, D, size), np.float64))
            t117 = _own(np.empty((D, size), np.float64))
            t118 = _own(np.empty((D, D, size), np.float64))
            t119 = _own(np.empty((D, size), np.float64))
            t125 = _own(np.empty((size,), np.float64))
            dH__ = _own(np.empty((D, size), np.float64))
        state_15_ = state_15[:, m0 : m0 + size]
        t53_ = t53[:, :, m0 : m0 + size]
        state_14_ = state_14[:, m0 : m0 + size]
        state_13_ = state_13[:, :, m0 : m0 + size]
        state_12_ = state_12[:, :, m0 : m0 + size]
        H_ = H[m0 : m0 + size]
        t9_ = t9[m0 : m0 + size]
        dr_ = dr[m0 : m0 + size]
        dH_ = dH[m0 : m0 + size]
        _turn(H_, H__)
        # over t, m: t101; 2*M*T operations, 24*M*T bytes
        for t in range(T):
            for m in range(size):
                state_15_mt_ = state_15_[t, m]
                state_mt_ = state[t + 1, m0 + m]
                t60 = 0.5 * state_mt_  # backward of line 20: mul gate
                t100 = t60 + state_15_mt_  # backward of line 18: copy gate
                t101[t, m] = t100
        # over t, m1, m: t105; 4*M**2*T operations, 32*M**2*T + 8*M*T bytes
        for t in range(T):
            for m1 in range(M):
                state_m1t = state[t + 1, m1]
                for m in range(size):
                    state_15_mt_ = state_15_[t, m]
                    t102 = state_15_mt_ * state_m1t  # backward of line 19: solve gate
                    t53_mm1t = t53_[t, m1, m]
                    t79 = 0.5 * t53_mm1t  # backward of line 20: logdet gate
                    state_14_mm1t = state_14_[t, m, m1]
                    t103 = state_14_mm1t + t79  # backward of line 17: copy gate
                    t104 = t103 - t102  # backward of line 17: copy gate
                    t105[t, m1, m] = t104
        t112[...] = 0.0
        # over t, d, m: t110, t112, t114; 8*D*M*T + D*T operations, 72*D*M*T + 24*D*T bytes
        for t in range(T):
            edge_6 = D - (D - 0) % 4
            for d in range(0, edge_6, 4):
                d_1_2 = d + 1
                d_2_2 = d + 2
                d_3_2 = d + 3
                state_10_dt = state_10[t + 1, d]
                state_10_dt_1 = state_10[t + 1, d_1_2]
                state_10_dt_2 = state_10[t + 1, d_2_2]
                state_10_dt_3 = state_10[t + 1, d_3_2]
                t114_td = 0.0
                t114_td_1 = 0.0
                t114_td_2 = 0.0
                t114_td_3 = 0.0
                for m in range(size):
                    state_17_dmt_ = state_17[t, d, m0 + m]
                    state_17_dmt__1 = state_17[t, d_1_2, m0 + m]
                    state_17_dmt__2 = state_17[t, d_2_2, m0 + m]
                    state_17_dmt__3 = state_17[t, d_3_2, m0 + m]
                    state_mt_ = state[t + 1, m0 + m]
                    t106 = state_10_dt * state_mt_  # backward of line 22: mul gate
                    t106_1 = state_10_dt_1 * state_mt_  # backward of line 22: mul gate
                    t106_2 = state_10_dt_2 * state_mt_  # backward of line 22: mul gate
                    t106_3 = state_10_dt_3 * state_mt_  # backward of line 22: mul gate
                    state_13_dmt = state_13_[t, d, m]
                    state_13_dmt_1 = state_13_[t, d_1_2, m]
                    state_13_dmt_2 = state_13_[t, d_2_2, m]
                    state_13_dmt_3 = state_13_[t, d_3_2, m]
                    state_12_dmt = state_12_[t, d, m]
                    state_12_dmt_1 = state_12_[t, d_1_2, m]
                    state_12_dmt_2 = state_12_[t, d_2_2, m]
                    state_12_dmt_3 = state_12_[t, d_3_2, m]
                    t107 = state_12_dmt + state_13_dmt  # backward of line 16: copy gate
                    t107_1 = state_12_dmt_1 + state_13_dmt_1  # backward of line 16: copy gate
                    t107_2 = state_12_dmt_2 + state_13_dmt_2  # backward of line 16: copy gate
                    t107_3 = state_12_dmt_3 + state_13_dmt_3  # backward of line 16: copy gate
                    t108 = t107 + t106  # backward of line 16: copy gate
                    t108_1 = t107_1 + t106_1  # backward of line 16: copy gate
                    t108_2 = t107_2 + t106_2  # backward of line 16: copy gate
                    t108_3 = t107_3 + t106_3  # backward of line 16: copy gate
                    t109 = t108 + state_17_dmt_  # backward of line 16: copy gate
                    t109_1 = t108_1 + state_17_dmt__1  # backward of line 16: copy gate
                    t109_2 = t108_2 + state_17_dmt__2  # backward of line 16: copy gate
                    t109_3 = t108_3 + state_17_dmt__3  # backward of line 16: copy gate
                    t110[t, d, m] = t109
                    t110[t, d_1_2, m] = t109_1
                    t110[t, d_2_2, m] = t109_2
                    t110[t, d_3_2, m] = t109_3
                    state_9_dmt = state_9[t + 1, d, m0 + m]
                    state_9_dmt_1 = state_9[t + 1, d_1_2, m0 + m]
                    state_9_dmt_2 = state_9[t + 1, d_2_2, m0 + m]
                    state_9_dmt_3 = state_9[t + 1, d_3_2, m0 + m]
                    t111 = state_13_dmt * state_9_dmt  # backward of line 23: solve gate
                    t111_1 = state_13_dmt_1 * state_9_dmt_1  # backward of line 23: solve gate
                    t111_2 = state_13_dmt_2 * state_9_dmt_2  # backward of line 23: solve gate
                    t111_3 = state_13_dmt_3 * state_9_dmt_3  # backward of line 23: solve gate
                    t112_ = t112[t, m]
                    t112_ = t112_ + t111  # backward of line 23: solve gate
                    t112_ = t112_ + t111_1  # backward of line 23: solve gate
                    t112_ = t112_ + t111_2  # backward of line 23: solve gate
                    t112_ = t112_ + t111_3  # backward of line 23: solve gate
                    t112[t, m] = t112_
                    H_dm = H__[d, m]
                    H_dm_1_ = H__[d_1_2, m]
                    H_dm_2_ = H__[d_2_2, m]
                    H_dm_3_ = H__[d_3_2, m]
                    t113 = t109 * H_dm  # backward of line 16: mul gate
                    t113_1 = t109_1 * H_dm_1_  # backward of line 16: mul gate
                    t113_2 = t109_2 * H_dm_2_  # backward of line 16: mul gate
                    t113_3 = t109_3 * H_dm_3_  # backward of line 16: mul gate
                    t114_td = _plus(t114_td, t113)  # backward of line 16: mul gate
                    t114_td_1 = _plus(t114_td_1, t113_1)  # backward of line 16: mul gate
                    t114_td_2 = _plus(t114_td_2, t113_2)  # backward of line 16: mul gate
                    t114_td_3 = _plus(t114_td_3, t113_3)  # backward of line 16: mul gate
                t114[t, d] += t114_td  # backward of line 16: mul gate
                t114[t, d_1_2] += t114_td_1  # backward of line 16: mul gate
                t114[t, d_2_2] += t114_td_2  # backward of line 16: mul gate
                t114[t, d_3_2] += t114_td_3  # backward of line 16: mul gate
            for d in range(edge_6, D):
                state_10_dt = state_10[t + 1, d]
                t114_td = 0.0
                for m in range(size):
                    state_17_dmt_ = state_17[t, d, m0 + m]
                    state_mt_ = state[t + 1, m0 + m]
                    t106 = state_10_dt * state_mt_  # backward of line 22: mul gate
                    state_13_dmt = state_13_[t, d, m]
                    state_12_dmt = state_12_[t, d, m]
                    t107 = state_12_dmt + state_13_dmt  # backward of line 16: copy gate
                    t108 = t107 + t106  # backward of line 16: copy gate
                    t109 = t108 + state_17_dmt_  # backward of line 16: copy gate
                    t110[t, d, m] = t109
                    state_9_dmt = state_9[t + 1, d, m0 + m]
                    t111 = state_13_dmt * state_9_dmt  # backward of line 23: solve gate
                    t112[t, m] += t111  # backward of line 23: solve gate
                    H_dm = H__[d, m]
                    t113 = t109 * H_dm  # backward of line 16: mul gate
                    t114_td = _plus(t114_td, t113)  # backward of line 16: mul gate
                t114[t, d] += t114_td  # backward of line 16: mul gate
        np.dot(state_3[1:].T, t101, t115)  # backward of line 18: mul gate
        # over m1: t116; 2*D*M**2*T operations, 0 bytes
        for m1 in range(M):
            np.dot(np.ascontiguousarray(state_6[1:][:, :, m1]).T, np.ascontiguousarray(t105[:, m1, :]), t116[m1])  # backward of line 17: mul gate
        t117[...] = 0.0
        # over m1, d, m: t117; D*M**2 operations, 24*D*M**2 bytes
        for m1 in range(M):
            for d in range(D):
                for m in range(size):
                    t116_dmm1 = t116[m1, d, m]
                    t117[d, m] += t116_dmm1  # backward of line 17: mul gate
        # over d: t118; 2*D**2*M*T operations, 0 bytes
        for d in range(D):
            np.dot(np.ascontiguousarray(t47[:, d, :]).T, np.ascontiguousarray(t110[:, d, :]), t118[d])  # backward of line 16: mul gate
        t119[...] = 0.0
        # over d, d1, m: t119; D**2*M operations, 24*D**2*M bytes
        for d in range(D):
            for d1 in range(D):
                for m in range(size):
                    t118_dd1m = t118[d, d1, m]
                    t119[d1, m] += t118_dd1m  # backward of line 16: mul gate
        t125[...] = 0.0
        edge_7 = T - (T - 0) % 4
        # over t, m: t125; 5*M*T operations, 48*M*T bytes
        for t in range(0, edge_7, 4):
            t_1 = t + 1
            t_2 = t + 2
            t_3 = t + 3
            for m in range(size):
                state_mt_ = state[t + 1, m0 + m]
                state_mt__1 = state[t_1 + 1, m0 + m]
                state_mt__2 = state[t_2 + 1, m0 + m]
                state_mt__3 = state[t_3 + 1, m0 + m]
                state_15_mt_ = state_15_[t, m]
                state_15_mt__1 = state_15_[t_1, m]
                state_15_mt__2 = state_15_[t_2, m]
                state_15_mt__3 = state_15_[t_3, m]
                t120 = state_15_mt_ * state_mt_  # backward of line 19: solve gate
                t120_1 = state_15_mt__1 * state_mt__1  # backward of line 19: solve gate
                t120_2 = state_15_mt__2 * state_mt__2  # backward of line 19: solve gate
                t120_3 = state_15_mt__3 * state_mt__3  # backward of line 19: solve gate
                t112_mt = t112[t, m]
                t112_mt_1 = t112[t_1, m]
                t112_mt_2 = t112[t_2, m]
                t112_mt_3 = t112[t_3, m]
                t121 = t53_[t, m0 + m, m]
                t121_1 = t53_[t_1, m0 + m, m]
                t121_2 = t53_[t_2, m0 + m, m]
                t121_3 = t53_[t_3, m0 + m, m]
                t122 = 0.5 * t121  # backward of line 20: logdet gate
                t122_1 = 0.5 * t121_1  # backward of line 20: logdet gate
                t122_2 = 0.5 * t121_2  # backward of line 20: logdet gate
                t122_3 = 0.5 * t121_3  # backward of line 20: logdet gate
                t123 = t122 - t112_mt  # backward of line 17: copy gate
                t123_1 = t122_1 - t112_mt_1  # backward of line 17: copy gate
                t123_2 = t122_2 - t112_mt_2  # backward of line 17: copy gate
                t123_3 = t122_3 - t112_mt_3  # backward of line 17: copy gate
                t124 = t123 - t120  # backward of line 17: copy gate
                t124_1 = t123_1 - t120_1  # backward of line 17: copy gate
                t124_2 = t123_2 - t120_2  # backward of line 17: copy gate
                t124_3 = t123_3 - t120_3  # backward of line 17: copy gate
                t125_ = t125[m]
                t125_ = t125_ + t124  # backward of line 17: add gate
                t125_ = t125_ + t124_1  # backward of line 17: add gate
                t125_ = t125_ + t124_2  # backward of line 17: add gate
                t125_ = t125_ + t124_3  # backward of line 17: add gate
                t125[m] = t125_
        for t in range(edge_7, T):
            for m in range(size):
                state_mt_ = state[t + 1, m0 + m]
                state_15_mt_ = state_15_[t, m]
                t120 = state_15_mt_ * state_mt_  # backward of line 19: solve gate
                t112_mt = t112[t, m]
                t121 = t53_[t, m0 + m, m]
                t122 = 0.5 * t121  # backward of line 20: logdet gate
                t123 = t122 - t112_mt  # backward of line 17: copy gate
                t124 = t123 - t120  # backward of line 17: copy gate
                t125[m] += t124  # backward of line 17: add gate
        # over m: dr_; M operations, 24*M bytes
        for m in range(size):
            t8 = t9_[m]
            t125_m = t125[m]
            dr_m = t125_m * t8  # backward of line 8: exp gate
            dr_[m] = dr_m
        # over d, m: dH__; 2*D*M operations, 32*D*M bytes
        for d in range(D):
            for m in range(size):
                t119_dm = t119[d, m]
                t115_dm = t115[d, m]
                t117_dm = t117[d, m]
                t126 = t117_dm - t115_dm  # backward of line 11: copy gate
                dH_dm = t126 + t119_dm  # backward of line 11: copy gate
                dH__[d, m] = dH_dm
        _turn(dH__, dH_)
    t128 = _own(np.empty((T, D), np.float64))
    t131 = _own(np.zeros((D,), np.float64))
    # over t, d: t128, t131; 3*D*T operations, 56*D*T bytes
    for t in range(T):
        for d in range(D):
            state_16_dt = state_16[t, d]
            state_10_dt = state_10[t + 1, d]
            t127 = state_10_dt + state_16_dt  # backward of line 13: copy gate
            t128[t, d] = t127
            t114_dt = t114[t, d]
            t129 = state_11[t + 1, d, d]
            t130 = t129 + t114_dt  # backward of line 14: copy gate
            t131[d] += t130  # backward of line 14: add gate
    t132 = np.dot(state_[:-1].T, t128)  # backward of line 13: mul gate
    dq = _own(np.empty((D,), np.float64))
    # over d: dq; D operations, 24*D bytes
    for d in range(D):
        t6 = t7[d]
        t131_d = t131[d]
        dq_d = t131_d * t6  # backward of line 8: exp gate
        dq[d] = dq_d
    dF = _own(np.empty((D, D), np.float64))
    # over d1, d: dF; 2*D**2 operations, 32*D**2 bytes
    for d1 in range(D):
        for d in range(D):
            t99_dd1 = t99[d1, d]
            t132_dd1 = t132[d1, d]
            t97_dd1 = t97[d1, d]
            t133 = t97_dd1 + t132_dd1  # backward of line 11: copy gate
            dF_d1d = t133 + t99_dd1  # backward of line 11: copy gate
            dF[d, d1] = dF_d1d
    return (loss, dF, dH, dq, dr)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    F: np.ndarray  # [D, D]
    H: np.ndarray  # [M, D]
    q: np.ndarray  # [D]
    r: np.ndarray  # [M]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(y, F, H, q, r):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, y, F, H, q, r):
        _call = _direct_value_kernel.run
        _found = _call(y, F, H, q, r)
    else:
        _found = value_kernel(*_checked(y, F, H, q, r))
    return _found[0]


def value_and_grad(y, F, H, q, r):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, y, F, H, q, r):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(y, F, H, q, r)
    else:
        _found = value_and_grad_kernel(*_checked(y, F, H, q, r))
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


def _checked(y, F, H, q, r):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if y.__class__ is not _ARRAY or y.dtype is not _REAL or y.ndim != 2 or not y.flags.carray:
        y = _converted("y", y, ("T", "M"), "real")
    if F.__class__ is not _ARRAY or F.dtype is not _REAL or F.ndim != 2 or not F.flags.carray:
        F = _converted("F", F, ("D", "D"), "real")
    if H.__class__ is not _ARRAY or H.dtype is not _REAL or H.ndim != 2 or not H.flags.carray:
        H = _converted("H", H, ("M", "D"), "real")
    if q.__class__ is not _ARRAY or q.dtype is not _REAL or q.ndim != 1 or not q.flags.carray:
        q = _converted("q", q, ("D",), "real")
    if r.__class__ is not _ARRAY or r.dtype is not _REAL or r.ndim != 1 or not r.flags.carray:
        r = _converted("r", r, ("M",), "real")
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


class _Direct:
    """A kernel for arguments of known types: `run` is its machine code, which does not look at them again.

    It is compiled when `run` was called as often as `after` says; until then it returns None.
    """

    def __init__(self, kernel, after, *types):
        self.kernel, self.after, self.left, self.types = kernel, after, after, types
        self.run = self._first
        if not hasattr(kernel, "compile"):  # with NUMBA_DISABLE_JIT it is a function of Python's
            self.run = self._none if after else kernel

    def _none(self, *arguments):
        return None

    def _first(self, *arguments):
        if self.left > 0:
            self.left -= 1
            return None
        self.run = self.kernel.compile(self.types)
        return self.run(*arguments)

    def __reduce__(self):
        return _Direct, (self.kernel, self.after, *self.types)


_ANY = types.Object(object)  # an argument that a kernel is given as it is


def _field(builder, array, number):
    """Return a field of an array as NumPy's C interface has it: PyArrayObject_fields, numbered from the head."""
    head, pointer, whole = ir.ArrayType(ir.IntType(8), object.__basicsize__), ir.IntType(8).as_pointer(), ir.IntType(32)
    sizes = ir.IntType(types.intp.bitwidth).as_pointer()
    # data, nd, dimensions, strides, base, descr, flags
    fields = ir.LiteralStructType([head, pointer, whole, sizes, sizes, pointer, pointer, whole])
    array = builder.bitcast(array, fields.as_pointer())
    return builder.load(builder.gep(array, [whole(0), whole(number)]))


@intrinsic
def _is_array(context, x, array, dtype, rank):
    """Is an object of the class `array` and of this type and rank, in C order, aligned and writable?"""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        x, array, dtype, rank = values
        found = api.object_type(x)
        api.decref(found)
        same = builder.icmp_unsigned("==", found, array)
        fits = cgutils.alloca_once_value(builder, same)
        with cgutils.if_likely(builder, same):
            flags = _field(builder, x, 7)
            wanted = flags.type(0x501)  # NPY_ARRAY_CARRAY
            tests = [
                builder.icmp_unsigned("==", builder.bitcast(_field(builder, x, 6), dtype.type), dtype),
                builder.icmp_unsigned("==", builder.and_(flags, wanted), wanted),
                builder.icmp_signed("==", builder.sext(_field(builder, x, 2), rank.type), rank),
            ]
            builder.store(builder.and_(builder.and_(tests[0], tests[1]), tests[2]), fits)
        return builder.load(fits)

    return types.boolean(x, array, dtype, types.intp), code


@intrinsic
def _size(context, x, axis):
    """The size of an axis of such an array."""

    def code(context, builder, signature, values):
        return builder.load(builder.gep(_field(builder, values[0], 3), [values[1]]))

    return types.intp(x, types.intp), code


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _fit(_array, _real, y, F, H, q, r):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(y, _array, _real, 2)):
        return False
    if not (_is_array(F, _array, _real, 2)):
        return False
    if not (_is_array(H, _array, _real, 2)):
        return False
    if not (_is_array(q, _array, _real, 1)):
        return False
    if not (_is_array(r, _array, _real, 1)):
        return False
    T = _size(y, 0)
    M = _size(y, 1)
    D = _size(F, 0)
    return _size(F, 1) == D and _size(H, 0) == M and _size(H, 1) == D and _size(q, 0) == D and _size(r, 0) == M and T >= 1 and T - 1 >= 0


_fitting = _Direct(_fit, 100, *[_ANY] * 7)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[:, ::1], types.float64[:, ::1], types.float64[::1],
    types.float64[::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
