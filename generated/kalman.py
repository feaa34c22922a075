# Made by gradcompile 0.1.0 from examples/kalman.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 7e204e4fe0df607b0738ffd2f9c7702304f4e57ec84362ebfe9e552e6f845ff5
# options: --target numba --emit value,value_and_grad
# operations: value 4*D*M**2*T + 4*D**2*M*T + 4*D**3*T + M**3*T + 4*D*M*T + 4*D**2*T + 5*M**2*T + D*T + 3*D**2 + 3*M*T + 2*M**2 + D + M + 3*T + 5; value_and_grad 8*D*M**2*T + 14*D**2*M*T + 10*D**3*T + 4*M**3*T + 20*D*M*T + D**2*M + 14*D**2*T + 17*M**2*T + 3*D*M + 6*D*T + 5*D**2 + 14*M*T + 2*M**2 + 2*D + 2*M + 3*T + 5
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient F: agrees (finite differences), to 50 digits at 3 points
# graph: gradient H: agrees (finite differences), to 50 digits at 3 points
# graph: gradient q: agrees (finite differences), to 50 digits at 3 points
# graph: gradient r: agrees (finite differences), to 50 digits at 3 points
# code: T = 3, M = 4, D = 5: agrees, within 2^5 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: T = 0: agrees, the formula does not allow these sizes, and the module says so
# code: M = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: T = 4: agrees, within 2^3 units in the last place
# code: M = 7: agrees, within 2^4 units in the last place
# code: D = 11: agrees, within 2^5 units in the last place
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
def _halves(place):
    """Two powers of two, the product of which is 2^k, subnormal or infinite too, for place = k + 6755399441057790.0."""
    bits = np.float64(place).view(np.int64)
    half = np.int64(np.uint64(bits) >> np.uint64(1))
    return np.int64(half << 52).view(np.float64), np.int64((bits - half) << 52).view(np.float64)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _exp_parts(x):
    """k + 6755399441057790.0 and w, exp(x) = 2^k * (1 + w) with a whole k: Cody and Waite's reduction, a polynomial."""
    place = x * 1.4426950408889634 + 6755399441057790.0
    k = place - 6755399441057790.0
    r = x - k * 0.6931471805592082 - k * 7.371002565167799e-13
    return place, r * r * (0.5000000000000011 + r * (0.16666666666666413 + r * 0.04166666666653017 + r * r * (0.008333333333494532 + r * 0.0013888888943627078) + r * r * (r * r) * 
        (0.00019841269506410927 + r * 2.480149310183874e-05 + r * r * (2.7557586529833835e-06 + r * 2.7630247467746286e-07) + r * r * (r * r) * 
        (2.5000011690109885e-08)))) + r


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _exp(x):
    """e to the x, within 2 units in the last place."""
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    place, w = _exp_parts(x)
    one, other = _halves(place)
    return (one + one * w) * other


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
    return k * 0.6931471805592082 + (f - (h - (s * (h + z * (0.6666666666666734 + z * (0.3999999999941438 + z * 0.2857142874246403 + z * z * (0.22222198564359882 + z * 0.181835648326685) + z * z * (z * z) * 
        (0.15314036442224369 + z * 0.14796101686198612)))) + k * 7.371002565167799e-13)))


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
    y = y if x < np.inf else x
    outside = -np.inf if x == 0.0 else np.nan
    y = y if x > 0.0 else outside
    return y


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _turn(x, columns):
    """Copy the rows of x to columns, four at a time."""
    rows, width = x.shape
    edge = rows - rows % 4
    for row in range(0, edge, 4):
        for i in range(width):
            a, b, c, d = x[row, i], x[row + 1, i], x[row + 2, i], x[row + 3, i]
            columns[i, row], columns[i, row + 1], columns[i, row + 2], columns[i, row + 3] = a, b, c, d
    for row in range(edge, rows):
        for i in range(width):
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
    state_4 = _own(np.empty((2, M), np.float64))
    state_5 = _own(np.empty((2, D, D), np.float64))
    state_6 = _own(np.empty((2, D, M), np.float64))
    state_7 = _own(np.empty((2, M, M), np.float64))
    state_8 = _own(np.empty((2, D, M), np.float64))
    t12 = _own(np.empty((D, D), np.float64))
    t14 = _own(np.empty((M,), np.float64))
    t16 = _own(np.empty((D, D), np.float64))
    t19 = _own(np.empty((M, M), np.float64))
    t39 = _own(np.empty((D,), np.float64))
    t42 = _own(np.empty((D, D), np.float64))
    # over t: state_3, t12, state_4, t14, state_5, t16, …; 2*D*M**2*T + 4*D**2*M*T + 4*D**3*T + 4*D*M*T + 6*D**2*T + 3*M**2*T + D*T + 11*M*T + 6*T operations, 16*D*M*T + 40*D**2*T + 16*M**2*T + 32*D*T + 64*M*T bytes
    for t in range(T):
        np.dot(F, state_[row], state_3[1 - row])
        np.dot(state_2[row].T, F.T, t12)
        np.dot(H, state_3[1 - row], state_4[1 - row])  # line 18
        for m in range(M):
            state_4_m = state_4[1 - row, m]
            y_mt = y[t, m]
            t13 = y_mt - state_4_m  # line 18
            t14[m] = t13
        np.dot(t12.T, F.T, state_5[1 - row])  # line 14
        for d in range(D):
            t6 = t7[d]
            for d1 in range(D):
                t10 = d == d1  # line 8
                Q = t6 if t10 else 0.0  # line 8
                state_5_dd1 = state_5[1 - row, d, d1]
                t15 = state_5_dd1 + Q  # line 14
                t16[d, d1] = t15
        np.dot(t16.T, H.T, state_6[1 - row])  # line 16
        np.dot(H, state_6[1 - row], state_7[1 - row])  # line 17
        for m in range(M):
            t8 = t9[m]
            for m1 in range(M):
                t17 = m == m1  # line 8
                R = t8 if t17 else 0.0  # line 8
                state_7_mm1 = state_7[1 - row, m, m1]
                t18 = state_7_mm1 + R  # line 17
                t19[m, m1] = t18
        t20, t21 = _lu_factors(t19)  # line 19
        state[1 - row] = _solve_lu(t20, t21, t14)  # line 19
        t23 = 0.0
        t26 = 1.0
        t29 = 1.0
        t32 = 0.0
        for m in range(M):
            state_mt = state[1 - row, m]
            t13 = t14[m]
            t22 = t13 * state_mt  # line 20
            t23 = _plus(t23, t22)  # line 20
            t24 = t20[m, m]
            t25 = np.sign(t24)  # line 20
            t26 *= t25  # line 20
            t21_m = t21[m]
            t27 = t21_m == m  # line 20
            t28 = 1.0 if t27 else -1.0  # line 20
            t29 *= t28  # line 20
            t30 = abs(t24)  # line 20
            t31 = _log(t30)  # line 20
            t32 = _plus(t32, t31)  # line 20
        t33 = t26 * t29  # line 20
        t34 = t33 < 0  # line 20
        t35 = np.nan if t34 else t32  # line 20
        t36 = t23 + t35  # line 20
        t37 = 0.5 * t36  # line 20
        t38 = loss + t37  # line 20
        np.dot(state_6[1 - row], state[1 - row], t39)  # line 22
        for d in range(D):
            t39_dt = t39[d]
            state_3_d = state_3[1 - row, d]
            t40 = state_3_d + t39_dt  # line 22
            state_[1 - row, d] = t40
        t41 = _solve_lu(t20, t21, state_6[1 - row].T)  # line 23
        np.dot(state_6[1 - row], t41, t42)  # line 23
        for d in range(D):
            for d1 in range(D):
                t42_dd1 = t42[d, d1]
                t15 = t16[d, d1]
                t43 = t15 - t42_dd1  # line 23
                state_2[1 - row, d, d1] = t43
        for d1 in range(D):
            for m1 in range(M):
                t41_d1m1 = t41[m1, d1]
                state_8[1 - row, d1, m1] = t41_d1m1
        loss = t38
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
            t10 = d == d1  # line 8
            t11 = 1.0 if t10 else 0.0  # line 9
            state_2[0, d, d1] = t11
    state_3 = _own(np.empty((T + 1, D), np.float64))
    state_4 = _own(np.empty((T + 1, M), np.float64))
    state_5 = _own(np.empty((T + 1, D, D), np.float64))
    state_6 = _own(np.empty((T + 1, D, M), np.float64))
    state_7 = _own(np.empty((T + 1, M, M), np.float64))
    state_8 = _own(np.empty((T + 1, D, M), np.float64))
    t12 = _own(np.empty((D, D), np.float64))
    t14 = _own(np.empty((M,), np.float64))
    t16 = _own(np.empty((D, D), np.float64))
    t19 = _own(np.empty((M, M), np.float64))
    t39 = _own(np.empty((D,), np.float64))
    t42 = _own(np.empty((D, D), np.float64))
    # over t: state_3, t12, state_4, t14, state_5, t16, …; 2*D*M**2*T + 4*D**2*M*T + 4*D**3*T + 4*D*M*T + 6*D**2*T + 3*M**2*T + D*T + 11*M*T + 6*T operations, 16*D*M*T + 40*D**2*T + 16*M**2*T + 32*D*T + 64*M*T bytes
    for t in range(T):
        np.dot(F, state_[t], state_3[t + 1])
        np.dot(state_2[t].T, F.T, t12)
        np.dot(H, state_3[t + 1], state_4[t + 1])  # line 18
        for m in range(M):
            state_4_m = state_4[t + 1, m]
            y_mt = y[t, m]
            t13 = y_mt - state_4_m  # line 18
            t14[m] = t13
        np.dot(t12.T, F.T, state_5[t + 1])  # line 14
        for d in range(D):
            t6 = t7[d]
            for d1 in range(D):
                t10 = d == d1  # line 8
                Q = t6 if t10 else 0.0  # line 8
                state_5_dd1 = state_5[t + 1, d, d1]
                t15 = state_5_dd1 + Q  # line 14
                t16[d, d1] = t15
        np.dot(t16.T, H.T, state_6[t + 1])  # line 16
        np.dot(H, state_6[t + 1], state_7[t + 1])  # line 17
        for m in range(M):
            t8 = t9[m]
            for m1 in range(M):
                t17 = m == m1  # line 8
                R = t8 if t17 else 0.0  # line 8
                state_7_mm1 = state_7[t + 1, m, m1]
                t18 = state_7_mm1 + R  # line 17
                t19[m, m1] = t18
        t20, t21 = _lu_factors(t19)  # line 19
        state[t + 1] = _solve_lu(t20, t21, t14)  # line 19
        t23 = 0.0
        t26 = 1.0
        t29 = 1.0
        t32 = 0.0
        for m in range(M):
            state_mt = state[t + 1, m]
            t13 = t14[m]
            t22 = t13 * state_mt  # line 20
            t23 = _plus(t23, t22)  # line 20
            t24 = t20[m, m]
            t25 = np.sign(t24)  # line 20
            t26 *= t25  # line 20
            t21_m = t21[m]
            t27 = t21_m == m  # line 20
            t28 = 1.0 if t27 else -1.0  # line 20
            t29 *= t28  # line 20
            t30 = abs(t24)  # line 20
            t31 = _log(t30)  # line 20
            t32 = _plus(t32, t31)  # line 20
        t33 = t26 * t29  # line 20
        t34 = t33 < 0  # line 20
        t35 = np.nan if t34 else t32  # line 20
        t36 = t23 + t35  # line 20
        t37 = 0.5 * t36  # line 20
        t38 = loss + t37  # line 20
        np.dot(state_6[t + 1], state[t + 1], t39)  # line 22
        for d in range(D):
            t39_dt = t39[d]
            state_3_d = state_3[t + 1, d]
            t40 = state_3_d + t39_dt  # line 22
            state_[t + 1, d] = t40
        t41 = _solve_lu(t20, t21, state_6[t + 1].T)  # line 23
        np.dot(state_6[t + 1], t41, t42)  # line 23
        for d in range(D):
            for d1 in range(D):
                t42_dd1 = t42[d, d1]
                t15 = t16[d, d1]
                t43 = t15 - t42_dd1  # line 23
                state_2[t + 1, d, d1] = t43
        for d1 in range(D):
            for m1 in range(M):
                t41_d1m1 = t41[m1, d1]
                state_8[t + 1, d1, m1] = t41_d1m1
        loss = t38
    t46 = _own(np.empty((M, M), np.float64))
    # over m, m2: t46; 2*M**2 operations, 8*M**2 bytes
    for m in range(M):
        for m2 in range(M):
            t44 = m == m2  # backward of line 20: logdet gate
            t45 = 1.0 if t44 else 0.0  # backward of line 20: logdet gate
            t46[m, m2] = t45
    t48 = _own(np.empty((T, M, M), np.float64))
    # over t, m, m1: t48; 3*M**2*T operations, 16*M**2*T + 8*M*T bytes
    for t in range(T):
        for m in range(M):
            t8 = t9[m]
            for m1 in range(M):
                t17 = m == m1  # line 8
                R = t8 if t17 else 0.0  # line 8
                state_7_mm1t = state_7[t + 1, m, m1]
                t47 = state_7_mm1t + R  # line 17
                t48[t, m, m1] = t47
    t49 = _own(np.empty((T, M, M), np.float64))
    t50 = _own(np.empty((T, M), np.int64))
    # over t: checks; 0 operations, 0 bytes
    for t in range(T):
        t49[t], t50[t] = _lu_factors(t48[t])  # backward of line 20: logdet gate
    t51 = _own(np.empty((T, M, M), np.float64))
    # over t: checks; 0 operations, 0 bytes
    for t in range(T):
        t51[t] = _solve_lu(t49[t], t50[t], t46)  # backward of line 20: logdet gate
    t52 = _own(np.empty((T, M, M), np.float64))
    # over t, m1, m: t52; 0 operations, 16*M**2*T bytes
    for t in range(T):
        for m1 in range(M):
            for m in range(M):
                t51_m1mt = t51[t, m1, m]
                t52[t, m1, m] = t51_m1mt
    state_9 = _own(np.empty((T + 1, D), np.float64))
    # over d: state_9; 0 operations, 8*D bytes
    for d in range(D):
        state_9[T, d] = 0.0
    state_10 = _own(np.empty((T + 1, D, D), np.float64))
    # over d, d1: state_10; 0 operations, 8*D**2 bytes
    for d in range(D):
        for d1 in range(D):
            state_10[T, d, d1] = 0.0
    state_11 = _own(np.empty((T + 1, M), np.float64))
    state_12 = _own(np.empty((T + 1, D), np.float64))
    state_13 = _own(np.empty((T + 1, D, M), np.float64))
    state_14 = _own(np.empty((T + 1, M, M), np.float64))
    state_15 = _own(np.empty((T + 1, D, M), np.float64))
    state_16 = _own(np.empty((T + 1, D, D), np.float64))
    state_17 = _own(np.empty((T + 1, D, D), np.float64))
    t54 = _own(np.empty((M,), np.float64))
    t58 = _own(np.empty((M,), np.float64))
    t61 = _own(np.empty((M,), np.float64))
    t63 = _own(np.empty((D,), np.float64))
    t64 = _own(np.empty((D,), np.float64))
    t66 = _own(np.empty((D, M), np.float64))
    t68 = _own(np.empty((M, M), np.float64))
    t80 = _own(np.empty((M, M), np.float64))
    t85 = _own(np.empty((D, D), np.float64))
    t87 = _own(np.empty((M, D), np.float64))
    t89 = _own(np.empty((D, D), np.float64))
    t96 = _own(np.empty((D, D), np.float64))
    t98 = _own(np.empty((D, D), np.float64))
    t100 = _own(np.empty((D, D), np.float64))
    # over t: t54, t58, t61, state_12, t63, t64, …; 4*D*M**2*T + 9*D**2*M*T + 4*D**3*T + 5*D*M*T + 8*D**2*T + 11*M**2*T + D*T + 5*M*T operations, 24*D*M**2*T + 72*D**2*M*T + 48*D**3*T + 64*D*M*T + 136*D**2*T + 72*M**2*T + 56*D*T + 72*M*T bytes
    for t in range(T - 1, -1, -1):
        t54[...] = 0.0
        edge = D - (D - 0) % 4
        for d in range(0, edge, 4):
            d_1 = d + 1
            d_2 = d + 2
            d_3 = d + 3
            state_9_d = state_9[t + 1, d]
            state_9_d_1 = state_9[t + 1, d_1]
            state_9_d_2 = state_9[t + 1, d_2]
            state_9_d_3 = state_9[t + 1, d_3]
            for m in range(M):
                state_6_dmt = state_6[t + 1, d, m]
                state_6_dmt_1 = state_6[t + 1, d_1, m]
                state_6_dmt_2 = state_6[t + 1, d_2, m]
                state_6_dmt_3 = state_6[t + 1, d_3, m]
                t53 = state_9_d * state_6_dmt  # backward of line 22: mul gate
                t53_1 = state_9_d_1 * state_6_dmt_1  # backward of line 22: mul gate
                t53_2 = state_9_d_2 * state_6_dmt_2  # backward of line 22: mul gate
                t53_3 = state_9_d_3 * state_6_dmt_3  # backward of line 22: mul gate
                t54_ = t54[m]
                t54_ = t54_ + t53  # backward of line 22: mul gate
                t54_ = t54_ + t53_1  # backward of line 22: mul gate
                t54_ = t54_ + t53_2  # backward of line 22: mul gate
                t54_ = t54_ + t53_3  # backward of line 22: mul gate
                t54[m] = t54_
        for d in range(edge, D):
            state_9_d = state_9[t + 1, d]
            for m in range(M):
                state_6_dmt = state_6[t + 1, d, m]
                t53 = state_9_d * state_6_dmt  # backward of line 22: mul gate
                t54[m] += t53  # backward of line 22: mul gate
        for m in range(M):
            state_4_mt = state_4[t + 1, m]
            y_mt = y[t, m]
            t55 = y_mt - state_4_mt  # line 18
            t56 = 0.5 * t55  # backward of line 20: mul gate
            t54_mt = t54[m]
            t57 = t54_mt + t56  # backward of line 20: copy gate
            t58[m] = t57
        state_11[t] = _solve_lu(t49[t], t50[t], t58)  # backward of line 19: solve_sym gate
        for m in range(M):
            state_11_mt = state_11[t, m]
            state_mt_ = state[t + 1, m]
            t59 = 0.5 * state_mt_  # backward of line 20: mul gate
            t60 = t59 + state_11_mt  # backward of line 18: copy gate
            t61[m] = t60
        np.dot(H.T, t61, state_12[t])  # backward of line 18: mul gate
        for d in range(D):
            state_12_dt = state_12[t, d]
            state_9_d = state_9[t + 1, d]
            t62 = state_9_d - state_12_dt  # backward of line 13: copy gate
            t63[d] = t62
        np.dot(F.T, t63, t64)  # backward of line 13: mul gate
        for d in range(D):
            t64_dt = t64[d]
            state_9[t, d] = t64_dt
        t66[...] = 0.0
        for d in range(D):
            edge_ = D - (D - 0) % 4
            for d1 in range(0, edge_, 4):
                d1_1 = d1 + 1
                d1_2 = d1 + 2
                d1_3 = d1 + 3
                state_10_dd1 = state_10[t + 1, d, d1]
                state_10_dd1_1 = state_10[t + 1, d, d1_1]
                state_10_dd1_2 = state_10[t + 1, d, d1_2]
                state_10_dd1_3 = state_10[t + 1, d, d1_3]
                for m in range(M):
                    state_8_dmt = state_8[t + 1, d, m]
                    t65 = state_10_dd1 * state_8_dmt  # backward of line 23: congruence_inv_sym gate
                    t65_1 = state_10_dd1_1 * state_8_dmt  # backward of line 23: congruence_inv_sym gate
                    t65_2 = state_10_dd1_2 * state_8_dmt  # backward of line 23: congruence_inv_sym gate
                    t65_3 = state_10_dd1_3 * state_8_dmt  # backward of line 23: congruence_inv_sym gate
                    t66[d1, m] += t65  # backward of line 23: congruence_inv_sym gate
                    t66[d1_1, m] += t65_1  # backward of line 23: congruence_inv_sym gate
                    t66[d1_2, m] += t65_2  # backward of line 23: congruence_inv_sym gate
                    t66[d1_3, m] += t65_3  # backward of line 23: congruence_inv_sym gate
            for d1 in range(edge_, D):
                state_10_dd1 = state_10[t + 1, d, d1]
                for m in range(M):
                    state_8_dmt = state_8[t + 1, d, m]
                    t65 = state_10_dd1 * state_8_dmt  # backward of line 23: congruence_inv_sym gate
                    t66[d1, m] += t65  # backward of line 23: congruence_inv_sym gate
        for d1 in range(D):
            for m in range(M):
                t66_d1mt = t66[d1, m]
                t67 = -t66_d1mt  # backward of line 23: congruence_inv_sym gate
                state_13[t, d1, m] = t67
        np.dot(state_8[1:][t].T, t66, t68)  # backward of line 23: congruence_inv_sym gate
        for m1 in range(M):
            state_11_m1t = state_11[t, m1]
            state_m1t = state[t + 1, m1]
            for m in range(M):
                t68_mm1t = t68[m1, m]
                t69 = -t68_mm1t  # backward of line 23: congruence_inv_sym gate
                state_14[t, m, m1] = t69
                state_mt_ = state[t + 1, m]
                t70 = state_11_m1t * state_mt_  # backward of line 19: solve_sym gate
                t68_m1mt = t68[m, m1]
                t52_m1mt = t52[t, m, m1]
                t71 = 0.5 * t52_m1mt  # backward of line 20: logdet gate
                t72 = t71 + t68_m1mt  # backward of line 17: copy gate
                t73 = t72 - t70  # backward of line 17: copy gate
                state_11_mt = state_11[t, m]
                t74 = state_11_mt * state_m1t  # backward of line 19: solve_sym gate
                t52_mm1t = t52[t, m1, m]
                t75 = 0.5 * t52_mm1t  # backward of line 20: logdet gate
                t76 = t75 + t68_mm1t  # backward of line 17: copy gate
                t77 = t76 - t74  # backward of line 17: copy gate
                t78 = t77 + t73  # backward of line 17: congruence gate
                t79 = 0.5 * t78  # backward of line 17: congruence gate
                t80[m1, m] = t79
        for d in range(D):
            state_9_d = state_9[t + 1, d]
            edge_2 = D - (D - 0) % 4
            for d1 in range(0, edge_2, 4):
                d1_1_ = d1 + 1
                d1_2_ = d1 + 2
                d1_3_ = d1 + 3
                t85_dd1 = 0.0
                t85_dd1_1 = 0.0
                t85_dd1_2 = 0.0
                t85_dd1_3 = 0.0
                for m in range(M):
                    H_d1m = H[m, d1]
                    H_d1m_1 = H[m, d1_1_]
                    H_d1m_2 = H[m, d1_2_]
                    H_d1m_3 = H[m, d1_3_]
                    state_mt_ = state[t + 1, m]
                    t81 = state_9_d * state_mt_  # backward of line 22: mul gate
                    state_13_dmt = state_13[t, d, m]
                    t82 = 2 * state_13_dmt  # backward of line 23: congruence_inv_sym gate
                    t83 = t82 + t81  # backward of line 16: copy gate
                    t84 = t83 * H_d1m  # backward of line 16: mul gate
                    t84_1 = t83 * H_d1m_1  # backward of line 16: mul gate
                    t84_2 = t83 * H_d1m_2  # backward of line 16: mul gate
                    t84_3 = t83 * H_d1m_3  # backward of line 16: mul gate
                    t85_dd1 = _plus(t85_dd1, t84)  # backward of line 16: mul gate
                    t85_dd1_1 = _plus(t85_dd1_1, t84_1)  # backward of line 16: mul gate
                    t85_dd1_2 = _plus(t85_dd1_2, t84_2)  # backward of line 16: mul gate
                    t85_dd1_3 = _plus(t85_dd1_3, t84_3)  # backward of line 16: mul gate
                t85[d, d1] = t85_dd1
                t85[d, d1_1_] = t85_dd1_1
                t85[d, d1_2_] = t85_dd1_2
                t85[d, d1_3_] = t85_dd1_3
            for d1 in range(edge_2, D):
                t85_dd1 = 0.0
                for m in range(M):
                    H_d1m = H[m, d1]
                    state_mt_ = state[t + 1, m]
                    t81 = state_9_d * state_mt_  # backward of line 22: mul gate
                    state_13_dmt = state_13[t, d, m]
                    t82 = 2 * state_13_dmt  # backward of line 23: congruence_inv_sym gate
                    t83 = t82 + t81  # backward of line 16: copy gate
                    t84 = t83 * H_d1m  # backward of line 16: mul gate
                    t85_dd1 = _plus(t85_dd1, t84)  # backward of line 16: mul gate
                t85[d, d1] = t85_dd1
        t87[...] = 0.0
        for m1 in range(M):
            edge_3 = M - (M - 0) % 4
            for m in range(0, edge_3, 4):
                m_1 = m + 1
                m_2 = m + 2
                m_3 = m + 3
                t79 = t80[m1, m]
                t79_1 = t80[m1, m_1]
                t79_2 = t80[m1, m_2]
                t79_3 = t80[m1, m_3]
                for d in range(D):
                    H_dm = H[m, d]
                    H_dm_1 = H[m_1, d]
                    H_dm_2 = H[m_2, d]
                    H_dm_3 = H[m_3, d]
                    t86 = H_dm * t79  # backward of line 17: congruence gate
                    t86_1 = H_dm_1 * t79_1  # backward of line 17: congruence gate
                    t86_2 = H_dm_2 * t79_2  # backward of line 17: congruence gate
                    t86_3 = H_dm_3 * t79_3  # backward of line 17: congruence gate
                    t87_ = t87[m1, d]
                    t87_ = t87_ + t86  # backward of line 17: congruence gate
                    t87_ = t87_ + t86_1  # backward of line 17: congruence gate
                    t87_ = t87_ + t86_2  # backward of line 17: congruence gate
                    t87_ = t87_ + t86_3  # backward of line 17: congruence gate
                    t87[m1, d] = t87_
            for m in range(edge_3, M):
                t79 = t80[m1, m]
                for d in range(D):
                    H_dm = H[m, d]
                    t86 = H_dm * t79  # backward of line 17: congruence gate
                    t87[m1, d] += t86  # backward of line 17: congruence gate
        t89[...] = 0.0
        for m in range(M):
            edge_4 = D - (D - 0) % 4
            for d in range(0, edge_4, 4):
                d_1_ = d + 1
                d_2_ = d + 2
                d_3_ = d + 3
                H_dm = H[m, d]
                H_dm_1_ = H[m, d_1_]
                H_dm_2_ = H[m, d_2_]
                H_dm_3_ = H[m, d_3_]
                for d1 in range(D):
                    t87_d1mt = t87[m, d1]
                    t88 = t87_d1mt * H_dm  # backward of line 17: congruence gate
                    t88_1 = t87_d1mt * H_dm_1_  # backward of line 17: congruence gate
                    t88_2 = t87_d1mt * H_dm_2_  # backward of line 17: congruence gate
                    t88_3 = t87_d1mt * H_dm_3_  # backward of line 17: congruence gate
                    t89[d, d1] += t88  # backward of line 17: congruence gate
                    t89[d_1_, d1] += t88_1  # backward of line 17: congruence gate
                    t89[d_2_, d1] += t88_2  # backward of line 17: congruence gate
                    t89[d_3_, d1] += t88_3  # backward of line 17: congruence gate
            for d in range(edge_4, D):
                H_dm = H[m, d]
                for d1 in range(D):
                    t87_d1mt = t87[m, d1]
                    t88 = t87_d1mt * H_dm  # backward of line 17: congruence gate
                    t89[d, d1] += t88  # backward of line 17: congruence gate
        for d in range(D):
            for d1 in range(D):
                t85_d1dt = t85[d1, d]
                t89_d1dt = t89[d1, d]
                state_10_d1d = state_10[t + 1, d1, d]
                t90 = state_10_d1d + t89_d1dt  # backward of line 14: copy gate
                t91 = t90 + t85_d1dt  # backward of line 14: copy gate
                t85_dd1t = t85[d, d1]
                t89_dd1t = t89[d, d1]
                state_10_dd1 = state_10[t + 1, d, d1]
                t92 = state_10_dd1 + t89_dd1t  # backward of line 14: copy gate
                t93 = t92 + t85_dd1t  # backward of line 14: copy gate
                t94 = t93 + t91  # backward of line 14: congruence gate
                t95 = 0.5 * t94  # backward of line 14: congruence gate
                t96[d, d1] = t95
        t98[...] = 0.0
        for d in range(D):
            edge_5 = D - (D - 0) % 4
            for d1 in range(0, edge_5, 4):
                d1_1_2 = d1 + 1
                d1_2_2 = d1 + 2
                d1_3_2 = d1 + 3
                t95 = t96[d, d1]
                t95_1 = t96[d, d1_1_2]
                t95_2 = t96[d, d1_2_2]
                t95_3 = t96[d, d1_3_2]
                for d2 in range(D):
                    F_dd2 = F[d, d2]
                    t97 = F_dd2 * t95  # backward of line 14: congruence gate
                    t97_1 = F_dd2 * t95_1  # backward of line 14: congruence gate
                    t97_2 = F_dd2 * t95_2  # backward of line 14: congruence gate
                    t97_3 = F_dd2 * t95_3  # backward of line 14: congruence gate
                    t98[d1, d2] += t97  # backward of line 14: congruence gate
                    t98[d1_1_2, d2] += t97_1  # backward of line 14: congruence gate
                    t98[d1_2_2, d2] += t97_2  # backward of line 14: congruence gate
                    t98[d1_3_2, d2] += t97_3  # backward of line 14: congruence gate
            for d1 in range(edge_5, D):
                t95 = t96[d, d1]
                for d2 in range(D):
                    F_dd2 = F[d, d2]
                    t97 = F_dd2 * t95  # backward of line 14: congruence gate
                    t98[d1, d2] += t97  # backward of line 14: congruence gate
        t100[...] = 0.0
        for d1 in range(D):
            edge_6 = D - (D - 0) % 4
            for d2 in range(0, edge_6, 4):
                d2_1 = d2 + 1
                d2_2 = d2 + 2
                d2_3 = d2 + 3
                F_d1d2 = F[d1, d2]
                F_d1d2_1 = F[d1, d2_1]
                F_d1d2_2 = F[d1, d2_2]
                F_d1d2_3 = F[d1, d2_3]
                for d3 in range(D):
                    t98_d1d3t = t98[d1, d3]
                    t99 = t98_d1d3t * F_d1d2  # backward of line 14: congruence gate
                    t99_1 = t98_d1d3t * F_d1d2_1  # backward of line 14: congruence gate
                    t99_2 = t98_d1d3t * F_d1d2_2  # backward of line 14: congruence gate
                    t99_3 = t98_d1d3t * F_d1d2_3  # backward of line 14: congruence gate
                    t100[d2, d3] += t99  # backward of line 14: congruence gate
                    t100[d2_1, d3] += t99_1  # backward of line 14: congruence gate
                    t100[d2_2, d3] += t99_2  # backward of line 14: congruence gate
                    t100[d2_3, d3] += t99_3  # backward of line 14: congruence gate
            for d2 in range(edge_6, D):
                F_d1d2 = F[d1, d2]
                for d3 in range(D):
                    t98_d1d3t = t98[d1, d3]
                    t99 = t98_d1d3t * F_d1d2  # backward of line 14: congruence gate
                    t100[d2, d3] += t99  # backward of line 14: congruence gate
        for d1 in range(D):
            for d in range(D):
                t100_d1dt = t100[d1, d]
                state_10[t, d, d1] = t100_d1dt
        for d in range(D):
            for m1 in range(M):
                t87_dm1t = t87[m1, d]
                state_15[t, d, m1] = t87_dm1t
        for d in range(D):
            for d1 in range(D):
                t89_dd1t = t89[d, d1]
                state_16[t, d, d1] = t89_dd1t
        for d1 in range(D):
            for d2 in range(D):
                t98_d1d2t = t98[d1, d2]
                state_17[t, d1, d2] = t98_d1d2t
    t102 = _own(np.empty((T, M), np.float64))
    t109 = _own(np.zeros((M,), np.float64))
    # over t, m: t102, t109; 7*M*T operations, 56*M*T bytes
    for t in range(T):
        for m in range(M):
            state_11_mt_ = state_11[t, m]
            state_mt_ = state[t + 1, m]
            t59 = 0.5 * state_mt_  # backward of line 20: mul gate
            t101 = t59 + state_11_mt_  # backward of line 18: copy gate
            t102[t, m] = t101
            t103 = state_11_mt_ * state_mt_  # backward of line 19: solve_sym gate
            t104 = state_14[t, m, m]
            t105 = t52[t, m, m]
            t106 = 0.5 * t105  # backward of line 20: logdet gate
            t107 = t106 - t104  # backward of line 17: copy gate
            t108 = t107 - t103  # backward of line 17: copy gate
            t109[m] += t108  # backward of line 17: add gate
    t111 = _own(np.empty((T, D), np.float64))
    # over t, d: t111; D*T operations, 24*D*T bytes
    for t in range(T):
        for d in range(D):
            state_12_dt_ = state_12[t, d]
            state_9_dt = state_9[t + 1, d]
            t110 = state_9_dt - state_12_dt_  # backward of line 13: copy gate
            t111[t, d] = t110
    t112 = np.dot(state_[:-1].T, t111)  # backward of line 13: mul gate
    t113 = np.dot(state_3[1:].T, t102)  # backward of line 18: mul gate
    t117 = _own(np.empty((T, D, M), np.float64))
    t119 = _own(np.empty((T, D), np.float64))
    # over t, d, m: t117, t119; 5*D*M*T operations, 32*D*M*T + 16*D*T bytes
    for t in range(T):
        for d in range(D):
            state_9_dt = state_9[t + 1, d]
            t119_td = 0.0
            for m in range(M):
                state_mt_ = state[t + 1, m]
                t114 = state_9_dt * state_mt_  # backward of line 22: mul gate
                state_13_dmt_ = state_13[t, d, m]
                t115 = 2 * state_13_dmt_  # backward of line 23: congruence_inv_sym gate
                t116 = t115 + t114  # backward of line 16: copy gate
                t117[t, d, m] = t116
                H_dm = H[m, d]
                t118 = t116 * H_dm  # backward of line 16: mul gate
                t119_td = _plus(t119_td, t118)  # backward of line 16: mul gate
            t119[t, d] = t119_td
    t120 = _own(np.empty((T, D, D), np.float64))
    # over t: t120; 2*D**3*T operations, 0 bytes
    for t in range(T):
        np.dot(state_2[:-1][t].T, state_17[:-1][t].T, t120[t])  # backward of line 14: congruence gate
    dr = _own(np.empty((M,), np.float64))
    # over m: dr; M operations, 24*M bytes
    for m in range(M):
        t8 = t9[m]
        t109_m = t109[m]
        dr_m = t109_m * t8  # backward of line 8: exp gate
        dr[m] = dr_m
    t125 = _own(np.zeros((D,), np.float64))
    edge_7 = T - (T - 0) % 4
    # over t, d: t125; 3*D*T operations, 40*D*T bytes
    for t in range(0, edge_7, 4):
        t_1 = t + 1
        t_2 = t + 2
        t_3 = t + 3
        for d in range(D):
            t119_dt = t119[t, d]
            t119_dt_1 = t119[t_1, d]
            t119_dt_2 = t119[t_2, d]
            t119_dt_3 = t119[t_3, d]
            t121 = state_16[t, d, d]
            t121_1 = state_16[t_1, d, d]
            t121_2 = state_16[t_2, d, d]
            t121_3 = state_16[t_3, d, d]
            t122 = state_10[t + 1, d, d]
            t122_1 = state_10[t_1 + 1, d, d]
            t122_2 = state_10[t_2 + 1, d, d]
            t122_3 = state_10[t_3 + 1, d, d]
            t123 = t122 + t121  # backward of line 14: copy gate
            t123_1 = t122_1 + t121_1  # backward of line 14: copy gate
            t123_2 = t122_2 + t121_2  # backward of line 14: copy gate
            t123_3 = t122_3 + t121_3  # backward of line 14: copy gate
            t124 = t123 + t119_dt  # backward of line 14: copy gate
            t124_1 = t123_1 + t119_dt_1  # backward of line 14: copy gate
            t124_2 = t123_2 + t119_dt_2  # backward of line 14: copy gate
            t124_3 = t123_3 + t119_dt_3  # backward of line 14: copy gate
            t125_ = t125[d]
            t125_ = t125_ + t124  # backward of line 14: add gate
            t125_ = t125_ + t124_1  # backward of line 14: add gate
            t125_ = t125_ + t124_2  # backward of line 14: add gate
            t125_ = t125_ + t124_3  # backward of line 14: add gate
            t125[d] = t125_
    for t in range(edge_7, T):
        for d in range(D):
            t119_dt = t119[t, d]
            t121 = state_16[t, d, d]
            t122 = state_10[t + 1, d, d]
            t123 = t122 + t121  # backward of line 14: copy gate
            t124 = t123 + t119_dt  # backward of line 14: copy gate
            t125[d] += t124  # backward of line 14: add gate
    dq = _own(np.empty((D,), np.float64))
    # over d: dq; D operations, 24*D bytes
    for d in range(D):
        t6 = t7[d]
        t125_d = t125[d]
        dq_d = t125_d * t6  # backward of line 8: exp gate
        dq[d] = dq_d
    t129 = _own(np.empty((D, M), np.float64))
    t132 = _own(np.empty((D, M), np.float64))
    dF = _own(np.empty((D, D), np.float64))
    # stage along D: block by block, with D*M + D*T + M*T + 2*D + 2*M numbers for each position in buffers
    block = min(D // 2 + 4, max(64, min(256, 65536 // (D*M + D*T + M*T + 2*D + 2*M + 1) // 32 * 32)))
    size = min(block, D)
    t112__ = _own(np.empty((D, size), np.float64))
    t127 = _own(np.empty((T, D, size), np.float64))
    t128 = _own(np.empty((D, M, size), np.float64))
    t129__ = _own(np.empty((M, size), np.float64))
    t130 = _own(np.empty((D, size), np.float64))
    t131 = _own(np.empty((T, M, size), np.float64))
    t132__ = _own(np.empty((M, size), np.float64))
    for d10 in range(0, D, block):
        if D - d10 < size:  # the last block
            size = D - d10
            t112__ = _own(np.empty((D, size), np.float64))
            t127 = _own(np.empty((T, D, size), np.float64))
            t128 = _own(np.empty((D, M, size), np.float64))
            t129__ = _own(np.empty((M, size), np.float64))
            t130 = _own(np.empty((D, size), np.float64))
            t131 = _own(np.empty((T, M, size), np.float64))
            t132__ = _own(np.empty((M, size), np.float64))
        state_5_ = state_5[:, :, d10 : d10 + size]
        t129_ = t129[d10 : d10 + size]
        t120_ = t120[:, d10 : d10 + size]
        t132_ = t132[d10 : d10 + size]
        t112_ = t112[d10 : d10 + size]
        dF_ = dF[:, d10 : d10 + size]
        _turn(t112_, t112__)
        # over t, d, d1: t127; 3*D**2*T operations, 16*D**2*T + 8*D*T bytes
        for t in range(T):
            for d in range(D):
                t6 = t7[d]
                for d1 in range(size):
                    t10 = d == d10 + d1  # line 8
                    Q = t6 if t10 else 0.0  # line 8
                    state_5_dd1t = state_5_[t + 1, d, d1]
                    t126 = state_5_dd1t + Q  # line 14
                    t127[t, d, d1] = t126
        # over d: t128; 2*D**2*M*T operations, 0 bytes
        for d in range(D):
            np.dot(np.ascontiguousarray(t117[:, d, :]).T, np.ascontiguousarray(t127[:, d, :]), t128[d])  # backward of line 16: mul gate
        t129__[...] = 0.0
        # over d, m, d1: t129__; D**2*M operations, 24*D**2*M bytes
        for d in range(D):
            for m in range(M):
                for d1 in range(size):
                    t128_dd1m = t128[d, m, d1]
                    t129__[m, d1] += t128_dd1m  # backward of line 16: mul gate
        _turn(t129__, t129_)
        t130[...] = 0.0
        # over t, d2, d1: t130; D**2*T operations, 24*D**2*T bytes
        for t in range(T):
            for d2 in range(D):
                for d1 in range(size):
                    t120_d1d2t = t120_[t, d1, d2]
                    t130[d2, d1] += t120_d1d2t  # backward of line 14: congruence gate
        # over t: t131; 2*D**2*M*T operations, 0 bytes
        for t in range(T):
            np.dot(state_15[:-1][t].T, t127[t], t131[t])  # backward of line 17: congruence gate
        t132__[...] = 0.0
        # over t, m, d1: t132__; D*M*T operations, 24*D*M*T bytes
        for t in range(T):
            for m in range(M):
                for d1 in range(size):
                    t131_d1mt = t131[t, m, d1]
                    t132__[m, d1] += t131_d1mt  # backward of line 17: congruence gate
        _turn(t132__, t132_)
        # over d, d1: dF_; 2*D**2 operations, 24*D**2 bytes
        for d in range(D):
            for d1 in range(size):
                t130_d1d = t130[d, d1]
                t133 = 2 * t130_d1d  # backward of line 14: congruence gate
                t112_dd1 = t112__[d, d1]
                dF_dd1 = t112_dd1 + t133  # backward of line 13: copy gate
                dF_[d, d1] = dF_dd1
    dH = _own(np.empty((M, D), np.float64))
    # over d, m: dH; 3*D*M operations, 32*D*M bytes
    for d in range(D):
        for m in range(M):
            t132_dm = t132[d, m]
            t134 = 2 * t132_dm  # backward of line 17: congruence gate
            t113_dm = t113[d, m]
            t129_dm = t129[d, m]
            t135 = t129_dm - t113_dm  # backward of line 18: copy gate
            dH_dm = t135 + t134  # backward of line 18: copy gate
            dH[m, d] = dH_dm
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
