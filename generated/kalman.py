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
def _few_terms(a, b, out):
    """out = a @ b with samples along the rows of b, two rows and four terms at a time; False if there are too many."""
    rows, inner = a.shape
    if rows < 2 or rows * inner > 2048 or b.shape[0] < inner:
        return False
    size, edge = b.shape[1], inner - inner % 4
    for start in range(0, rows, 2):
        i = min(start, rows - 2)
        j = i + 1
        for n in range(size):
            out[i, n] = 0.0
            out[j, n] = 0.0
        for k in range(0, edge, 4):
            p, p_1, p_2, p_3 = a[i, k], a[i, k + 1], a[i, k + 2], a[i, k + 3]
            q, q_1, q_2, q_3 = a[j, k], a[j, k + 1], a[j, k + 2], a[j, k + 3]
            for n in range(size):
                x, x_1, x_2, x_3 = b[k, n], b[k + 1, n], b[k + 2, n], b[k + 3, n]
                out[i, n] = out[i, n] + p * x + p_1 * x_1 + p_2 * x_2 + p_3 * x_3
                out[j, n] = out[j, n] + q * x + q_1 * x_1 + q_2 * x_2 + q_3 * x_3
        for k in range(edge, inner):
            p, q = a[i, k], a[j, k]
            for n in range(size):
                out[i, n] += p * b[k, n]
                out[j, n] += q * b[k, n]
    return True


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
    t7 = _own(np.empty((M,), np.float64))
    # over m: t7; M operations, 16*M bytes
    for m in range(M):
        r_m = r[m]
        t6 = _exp(r_m)  # line 8
        t7[m] = t6
    t10 = _own(np.empty((M, M), np.float64))
    # over m, m2: t10; 2*M**2 operations, 8*M**2 bytes
    for m in range(M):
        for m2 in range(M):
            t8 = m == m2  # backward of line 20: logdet gate
            t9 = 1.0 if t8 else 0.0  # backward of line 20: logdet gate
            t10[m, m2] = t9
    t12 = _own(np.empty((D,), np.float64))
    # over d: t12; D operations, 16*D bytes
    for d in range(D):
        q_d = q[d]
        t11 = _exp(q_d)  # line 8
        t12[d] = t11
    t14 = _own(np.empty((M, D), np.float64))
    # over m, d: t14; D*M operations, 16*D*M bytes
    for m in range(M):
        for d in range(D):
            H_dm = H[m, d]
            t13 = H_dm * 0.5
            t14[m, d] = t13
    t16 = _own(np.empty((D, D), np.float64))
    # over d, d2: t16; D**2 operations, 16*D**2 bytes
    for d in range(D):
        for d2 in range(D):
            F_dd2 = F[d, d2]
            t15 = F_dd2 * 0.5
            t16[d, d2] = t15
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
            t17 = d == d1  # line 8
            t18 = 1.0 if t17 else 0.0  # line 9
            state_2[0, d, d1] = t18
    state_3 = _own(np.empty((T + 1, D), np.float64))
    state_4 = _own(np.empty((T + 1, M), np.float64))
    state_5 = _own(np.empty((T + 1, D, D), np.float64))
    state_6 = _own(np.empty((T + 1, D, M), np.float64))
    state_7 = _own(np.empty((T + 1, M, M), np.float64))
    state_8 = _own(np.empty((T + 1, D, M), np.float64))
    t19 = _own(np.empty((D, D), np.float64))
    t21 = _own(np.empty((M,), np.float64))
    t23 = _own(np.empty((D, D), np.float64))
    t26 = _own(np.empty((M, M), np.float64))
    t46 = _own(np.empty((D,), np.float64))
    t49 = _own(np.empty((D, D), np.float64))
    # over t: state_3, t19, state_4, t21, state_5, t23, …; 2*D*M**2*T + 4*D**2*M*T + 4*D**3*T + 4*D*M*T + 6*D**2*T + 3*M**2*T + D*T + 11*M*T + 6*T operations, 16*D*M*T + 40*D**2*T + 16*M**2*T + 32*D*T + 64*M*T bytes
    for t in range(T):
        np.dot(F, state_[t], state_3[t + 1])
        np.dot(state_2[t].T, F.T, t19)
        np.dot(H, state_3[t + 1], state_4[t + 1])  # line 18
        for m in range(M):
            state_4_m = state_4[t + 1, m]
            y_mt = y[t, m]
            t20 = y_mt - state_4_m  # line 18
            t21[m] = t20
        np.dot(t19.T, F.T, state_5[t + 1])  # line 14
        for d in range(D):
            t11 = t12[d]
            for d1 in range(D):
                t17 = d == d1  # line 8
                Q = t11 if t17 else 0.0  # line 8
                state_5_dd1 = state_5[t + 1, d, d1]
                t22 = state_5_dd1 + Q  # line 14
                t23[d, d1] = t22
        np.dot(t23.T, H.T, state_6[t + 1])  # line 16
        np.dot(H, state_6[t + 1], state_7[t + 1])  # line 17
        for m in range(M):
            t6 = t7[m]
            for m1 in range(M):
                t24 = m == m1  # line 8
                R = t6 if t24 else 0.0  # line 8
                state_7_mm1 = state_7[t + 1, m, m1]
                t25 = state_7_mm1 + R  # line 17
                t26[m, m1] = t25
        t27, t28 = _lu_factors(t26)  # line 19
        state[t + 1] = _solve_lu(t27, t28, t21)  # line 19
        t30 = 0.0
        t33 = 1.0
        t36 = 1.0
        t39 = 0.0
        for m in range(M):
            state_mt = state[t + 1, m]
            t20 = t21[m]
            t29 = t20 * state_mt  # line 20
            t30 = _plus(t30, t29)  # line 20
            t31 = t27[m, m]
            t32 = np.sign(t31)  # line 20
            t33 *= t32  # line 20
            t28_m = t28[m]
            t34 = t28_m == m  # line 20
            t35 = 1.0 if t34 else -1.0  # line 20
            t36 *= t35  # line 20
            t37 = abs(t31)  # line 20
            t38 = _log(t37)  # line 20
            t39 = _plus(t39, t38)  # line 20
        t40 = t33 * t36  # line 20
        t41 = t40 < 0  # line 20
        t42 = np.nan if t41 else t39  # line 20
        t43 = t30 + t42  # line 20
        t44 = 0.5 * t43  # line 20
        t45 = loss + t44  # line 20
        np.dot(state_6[t + 1], state[t + 1], t46)  # line 22
        for d in range(D):
            t46_dt = t46[d]
            state_3_d = state_3[t + 1, d]
            t47 = state_3_d + t46_dt  # line 22
            state_[t + 1, d] = t47
        t48 = _solve_lu(t27, t28, state_6[t + 1].T)  # line 23
        np.dot(state_6[t + 1], t48, t49)  # line 23
        for d in range(D):
            for d1 in range(D):
                t49_dd1 = t49[d, d1]
                t22 = t23[d, d1]
                t50 = t22 - t49_dd1  # line 23
                state_2[t + 1, d, d1] = t50
        for d1 in range(D):
            for m1 in range(M):
                t48_d1m1 = t48[m1, d1]
                state_8[t + 1, d1, m1] = t48_d1m1
        loss = t45
    t52 = _own(np.empty((T, M, M), np.float64))
    # over t, m, m1: t52; 3*M**2*T operations, 16*M**2*T + 8*M*T bytes
    for t in range(T):
        for m in range(M):
            t6 = t7[m]
            for m1 in range(M):
                t24 = m == m1  # line 8
                R = t6 if t24 else 0.0  # line 8
                state_7_mm1t = state_7[t + 1, m, m1]
                t51 = state_7_mm1t + R  # line 17
                t52[t, m, m1] = t51
    t53 = _own(np.empty((T, M, M), np.float64))
    t54 = _own(np.empty((T, M), np.int64))
    # over t: checks; 0 operations, 0 bytes
    for t in range(T):
        t53[t], t54[t] = _lu_factors(t52[t])  # backward of line 20: logdet gate
    t55 = _own(np.empty((T, M, M), np.float64))
    # over t: checks; 0 operations, 0 bytes
    for t in range(T):
        t55[t] = _solve_lu(t53[t], t54[t], t10)  # backward of line 20: logdet gate
    t56 = _own(np.empty((T, M, M), np.float64))
    # over t, m1, m: t56; 0 operations, 16*M**2*T bytes
    for t in range(T):
        for m1 in range(M):
            for m in range(M):
                t55_m1mt = t55[t, m1, m]
                t56[t, m1, m] = t55_m1mt
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
    t58 = _own(np.empty((M,), np.float64))
    t62 = _own(np.empty((M,), np.float64))
    t65 = _own(np.empty((M,), np.float64))
    t67 = _own(np.empty((D,), np.float64))
    t68 = _own(np.empty((D,), np.float64))
    t69 = _own(np.empty((M, D), np.float64))
    t71 = _own(np.empty((M, M), np.float64))
    t82 = _own(np.empty((M, M), np.float64))
    t86 = _own(np.empty((D, M), np.float64))
    t87 = _own(np.empty((D, D), np.float64))
    t93 = _own(np.empty((D, D), np.float64))
    t94 = _own(np.empty((D, D), np.float64))
    # over t: t58, t62, t65, state_12, t67, t68, …; 4*D*M**2*T + 6*D**2*M*T + 4*D**3*T + 8*D*M*T + 7*D**2*T + 10*M**2*T + D*T + 5*M*T operations, 64*D*M*T + 72*D**2*T + 64*M**2*T + 56*D*T + 72*M*T bytes
    for t in range(T - 1, -1, -1):
        t58[...] = 0.0
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
                t57 = state_9_d * state_6_dmt  # backward of line 22: mul gate
                t57_1 = state_9_d_1 * state_6_dmt_1  # backward of line 22: mul gate
                t57_2 = state_9_d_2 * state_6_dmt_2  # backward of line 22: mul gate
                t57_3 = state_9_d_3 * state_6_dmt_3  # backward of line 22: mul gate
                t58_ = t58[m]
                t58_ = t58_ + t57  # backward of line 22: mul gate
                t58_ = t58_ + t57_1  # backward of line 22: mul gate
                t58_ = t58_ + t57_2  # backward of line 22: mul gate
                t58_ = t58_ + t57_3  # backward of line 22: mul gate
                t58[m] = t58_
        for d in range(edge, D):
            state_9_d = state_9[t + 1, d]
            for m in range(M):
                state_6_dmt = state_6[t + 1, d, m]
                t57 = state_9_d * state_6_dmt  # backward of line 22: mul gate
                t58[m] += t57  # backward of line 22: mul gate
        for m in range(M):
            state_4_mt = state_4[t + 1, m]
            y_mt = y[t, m]
            t59 = y_mt - state_4_mt  # line 18
            t60 = 0.5 * t59  # backward of line 20: mul gate
            t58_mt = t58[m]
            t61 = t58_mt + t60  # backward of line 20: copy gate
            t62[m] = t61
        state_11[t] = _solve_lu(t53[t], t54[t], t62)  # backward of line 19: solve_sym gate
        for m in range(M):
            state_11_mt = state_11[t, m]
            state_mt_ = state[t + 1, m]
            t63 = 0.5 * state_mt_  # backward of line 20: mul gate
            t64 = t63 + state_11_mt  # backward of line 18: copy gate
            t65[m] = t64
        np.dot(H.T, t65, state_12[t])  # backward of line 18: mul gate
        for d in range(D):
            state_12_dt = state_12[t, d]
            state_9_d = state_9[t + 1, d]
            t66 = state_9_d - state_12_dt  # backward of line 13: copy gate
            t67[d] = t66
        np.dot(F.T, t67, t68)  # backward of line 13: mul gate
        for d in range(D):
            t68_dt = t68[d]
            state_9[t, d] = t68_dt
        np.dot(state_8[1:][t].T, state_10[t + 1], t69)  # backward of line 23: congruence_inv_sym gate
        for m in range(M):
            for d1 in range(D):
                t69_d1mt = t69[m, d1]
                t70 = -t69_d1mt  # backward of line 23: congruence_inv_sym gate
                state_13[t, d1, m] = t70
        np.dot(state_8[1:][t].T, t69.T, t71)  # backward of line 23: congruence_inv_sym gate
        for m1 in range(M):
            state_11_m1t = state_11[t, m1]
            state_m1t = state[t + 1, m1]
            for m in range(M):
                t71_mm1t = t71[m1, m]
                t72 = -t71_mm1t  # backward of line 23: congruence_inv_sym gate
                state_14[t, m, m1] = t72
                state_mt_ = state[t + 1, m]
                t73 = state_11_m1t * state_mt_  # backward of line 19: solve_sym gate
                t71_m1mt = t71[m, m1]
                t56_m1mt = t56[t, m, m1]
                t74 = 0.5 * t56_m1mt  # backward of line 20: logdet gate
                t75 = t74 + t71_m1mt  # backward of line 17: copy gate
                t76 = t75 - t73  # backward of line 17: copy gate
                state_11_mt = state_11[t, m]
                t77 = state_11_mt * state_m1t  # backward of line 19: solve_sym gate
                t56_mm1t = t56[t, m1, m]
                t78 = 0.5 * t56_mm1t  # backward of line 20: logdet gate
                t79 = t78 + t71_mm1t  # backward of line 17: copy gate
                t80 = t79 - t77  # backward of line 17: copy gate
                t81 = t80 + t76  # backward of line 17: congruence gate
                t82[m1, m] = t81
        for d in range(D):
            state_9_d = state_9[t + 1, d]
            for m in range(M):
                state_mt_ = state[t + 1, m]
                t83 = state_9_d * state_mt_  # backward of line 22: mul gate
                state_13_dmt = state_13[t, d, m]
                t84 = 2 * state_13_dmt  # backward of line 23: congruence_inv_sym gate
                t85 = t84 + t83  # backward of line 16: copy gate
                t86[d, m] = t85
        np.dot(t86, H, t87)  # backward of line 16: mul gate
        np.dot(t14.T, t82.T, state_15[t])  # backward of line 17: congruence gate
        np.dot(H.T, state_15[t].T, state_16[t])  # backward of line 17: congruence gate
        for d in range(D):
            for d1 in range(D):
                t87_d1dt = t87[d1, d]
                state_16_d1dt = state_16[t, d1, d]
                state_10_d1d = state_10[t + 1, d1, d]
                t88 = state_10_d1d + state_16_d1dt  # backward of line 14: copy gate
                t89 = t88 + t87_d1dt  # backward of line 14: copy gate
                t87_dd1t = t87[d, d1]
                state_16_dd1t = state_16[t, d, d1]
                state_10_dd1 = state_10[t + 1, d, d1]
                t90 = state_10_dd1 + state_16_dd1t  # backward of line 14: copy gate
                t91 = t90 + t87_dd1t  # backward of line 14: copy gate
                t92 = t91 + t89  # backward of line 14: congruence gate
                t93[d, d1] = t92
        np.dot(t93.T, t16, state_17[t])  # backward of line 14: congruence gate
        np.dot(state_17[t].T, F, t94)  # backward of line 14: congruence gate
        for d in range(D):
            for d1 in range(D):
                t94_d1dt = t94[d, d1]
                state_10[t, d, d1] = t94_d1dt
    t96 = _own(np.empty((T, M), np.float64))
    t103 = _own(np.zeros((M,), np.float64))
    # over t, m: t96, t103; 7*M*T operations, 56*M*T bytes
    for t in range(T):
        for m in range(M):
            state_11_mt_ = state_11[t, m]
            state_mt_ = state[t + 1, m]
            t63 = 0.5 * state_mt_  # backward of line 20: mul gate
            t95 = t63 + state_11_mt_  # backward of line 18: copy gate
            t96[t, m] = t95
            t97 = state_11_mt_ * state_mt_  # backward of line 19: solve_sym gate
            t98 = state_14[t, m, m]
            t99 = t56[t, m, m]
            t100 = 0.5 * t99  # backward of line 20: logdet gate
            t101 = t100 - t98  # backward of line 17: copy gate
            t102 = t101 - t97  # backward of line 17: copy gate
            t103[m] += t102  # backward of line 17: add gate
    t104 = np.dot(state_3[1:].T, t96)  # backward of line 18: mul gate
    t105 = _own(np.zeros((D, D), np.float64))
    t106 = _own(np.empty((D, D), np.float64))
    # over t, d1, d2: t106, t105; 2*D**3*T + D**2*T operations, 24*D**2*T bytes
    for t in range(T):
        np.dot(state_2[:-1][t].T, state_17[:-1][t].T, t106)  # backward of line 14: congruence gate
        for d1 in range(D):
            for d2 in range(D):
                t105[d1, d2] += t106[d1, d2]  # backward of line 14: congruence gate
    dr = _own(np.empty((M,), np.float64))
    # over m: dr; M operations, 24*M bytes
    for m in range(M):
        t6 = t7[m]
        t103_m = t103[m]
        dr_m = t103_m * t6  # backward of line 8: exp gate
        dr[m] = dr_m
    t108 = _own(np.empty((D, T, D), np.float64))
    t118 = _own(np.zeros((D, M), np.float64))
    dq = _own(np.empty((D,), np.float64))
    dF = _own(np.empty((D, D), np.float64))
    # stage along D: block by block, with D*T + M*T + 2*D + 2*T + 1 numbers for each position in buffers
    block = min(D // 2 + 4, max(64, min(256, 65536 // (D*T + M*T + 2*D + 2*T + 2) // 32 * 32)))
    size = min(block, D)
    t108__ = _own(np.empty((T, D, size), np.float64))
    t110 = _own(np.empty((T, size), np.float64))
    t111 = _own(np.empty((D, size), np.float64))
    t115 = _own(np.empty((T, M, size), np.float64))
    t117 = _own(np.empty((T, size), np.float64))
    t119 = _own(np.empty((D, M), np.float64))
    t124 = _own(np.empty((size,), np.float64))
    dF__ = _own(np.empty((D, size), np.float64))
    for d0 in range(0, D, block):
        if D - d0 < size:  # the last block
            size = D - d0
            t108__ = _own(np.empty((T, D, size), np.float64))
            t110 = _own(np.empty((T, size), np.float64))
            t111 = _own(np.empty((D, size), np.float64))
            t115 = _own(np.empty((T, M, size), np.float64))
            t117 = _own(np.empty((T, size), np.float64))
            t124 = _own(np.empty((size,), np.float64))
            dF__ = _own(np.empty((D, size), np.float64))
        t12_ = t12[d0 : d0 + size]
        state_5_ = state_5[:, d0 : d0 + size]
        t108_ = t108[d0 : d0 + size]
        state_12_ = state_12[:, d0 : d0 + size]
        state_9_ = state_9[:, d0 : d0 + size]
        H_ = H[:, d0 : d0 + size]
        state_16_ = state_16[:, d0 : d0 + size]
        state_10_ = state_10[:, d0 : d0 + size]
        dq_ = dq[d0 : d0 + size]
        dF_ = dF[d0 : d0 + size]
        # over t, d1, d: t108__; 3*D**2*T operations, 24*D**2*T bytes
        for t in range(T):
            for d1 in range(D):
                for d in range(size):
                    t11 = t12_[d]
                    t17 = d0 + d == d1  # line 8
                    Q = t11 if t17 else 0.0  # line 8
                    state_5_dd1t = state_5_[t + 1, d, d1]
                    t107 = state_5_dd1t + Q  # line 14
                    t108__[t, d1, d] = t107
        _turn(t108__.reshape(-1, t108_.shape[0]), t108_.reshape(t108_.shape[0], -1))
        # over t, d: t110; D*T operations, 24*D*T bytes
        for t in range(T):
            for d in range(size):
                state_12_dt_ = state_12_[t, d]
                state_9_dt = state_9_[t + 1, d]
                t109 = state_9_dt - state_12_dt_  # backward of line 13: copy gate
                t110[t, d] = t109
        if not _few_terms(state_[:-1].T, t110, t111):
            np.dot(state_[:-1].T, t110, t111)  # backward of line 13: mul gate
        t117[...] = 0.0
        # over t, m, d: t115, t117; 5*D*M*T operations, 48*D*M*T + 8*M*T bytes
        for t in range(T):
            edge_ = M - (M - 0) % 4
            for m in range(0, edge_, 4):
                m_1 = m + 1
                m_2 = m + 2
                m_3 = m + 3
                state_mt_ = state[t + 1, m]
                state_mt__1 = state[t + 1, m_1]
                state_mt__2 = state[t + 1, m_2]
                state_mt__3 = state[t + 1, m_3]
                for d in range(size):
                    state_9_dt = state_9_[t + 1, d]
                    t112 = state_9_dt * state_mt_  # backward of line 22: mul gate
                    t112_1 = state_9_dt * state_mt__1  # backward of line 22: mul gate
                    t112_2 = state_9_dt * state_mt__2  # backward of line 22: mul gate
                    t112_3 = state_9_dt * state_mt__3  # backward of line 22: mul gate
                    state_13_dmt_ = state_13[t, d0 + d, m]
                    state_13_dmt__1 = state_13[t, d0 + d, m_1]
                    state_13_dmt__2 = state_13[t, d0 + d, m_2]
                    state_13_dmt__3 = state_13[t, d0 + d, m_3]
                    t113 = 2 * state_13_dmt_  # backward of line 23: congruence_inv_sym gate
                    t113_1 = 2 * state_13_dmt__1  # backward of line 23: congruence_inv_sym gate
                    t113_2 = 2 * state_13_dmt__2  # backward of line 23: congruence_inv_sym gate
                    t113_3 = 2 * state_13_dmt__3  # backward of line 23: congruence_inv_sym gate
                    t114 = t113 + t112  # backward of line 16: copy gate
                    t114_1 = t113_1 + t112_1  # backward of line 16: copy gate
                    t114_2 = t113_2 + t112_2  # backward of line 16: copy gate
                    t114_3 = t113_3 + t112_3  # backward of line 16: copy gate
                    t115[t, m, d] = t114
                    t115[t, m_1, d] = t114_1
                    t115[t, m_2, d] = t114_2
                    t115[t, m_3, d] = t114_3
                    H_dm = H_[m, d]
                    H_dm_1 = H_[m_1, d]
                    H_dm_2 = H_[m_2, d]
                    H_dm_3 = H_[m_3, d]
                    t116 = t114 * H_dm  # backward of line 16: mul gate
                    t116_1 = t114_1 * H_dm_1  # backward of line 16: mul gate
                    t116_2 = t114_2 * H_dm_2  # backward of line 16: mul gate
                    t116_3 = t114_3 * H_dm_3  # backward of line 16: mul gate
                    t117_ = t117[t, d]
                    t117_ = t117_ + t116  # backward of line 16: mul gate
                    t117_ = t117_ + t116_1  # backward of line 16: mul gate
                    t117_ = t117_ + t116_2  # backward of line 16: mul gate
                    t117_ = t117_ + t116_3  # backward of line 16: mul gate
                    t117[t, d] = t117_
            for m in range(edge_, M):
                state_mt_ = state[t + 1, m]
                for d in range(size):
                    state_9_dt = state_9_[t + 1, d]
                    t112 = state_9_dt * state_mt_  # backward of line 22: mul gate
                    state_13_dmt_ = state_13[t, d0 + d, m]
                    t113 = 2 * state_13_dmt_  # backward of line 23: congruence_inv_sym gate
                    t114 = t113 + t112  # backward of line 16: copy gate
                    t115[t, m, d] = t114
                    H_dm = H_[m, d]
                    t116 = t114 * H_dm  # backward of line 16: mul gate
                    t117[t, d] += t116  # backward of line 16: mul gate
        # over t, d1, m: t119, t118; 2*D**2*M*T + D*M*T operations, 24*D*M*T bytes
        for t in range(T):
            np.dot(np.ascontiguousarray(t108_[:, t, :]).T, t115[t].T, t119)  # backward of line 16: mul gate
            for d1 in range(D):
                for m in range(M):
                    t118[d1, m] += t119[d1, m]  # backward of line 16: mul gate
        t124[...] = 0.0
        edge_2 = T - (T - 0) % 4
        # over t, d: t124; 3*D*T operations, 40*D*T bytes
        for t in range(0, edge_2, 4):
            t_1 = t + 1
            t_2 = t + 2
            t_3 = t + 3
            for d in range(size):
                t117_dt = t117[t, d]
                t117_dt_1 = t117[t_1, d]
                t117_dt_2 = t117[t_2, d]
                t117_dt_3 = t117[t_3, d]
                t120 = state_16_[t, d, d0 + d]
                t120_1 = state_16_[t_1, d, d0 + d]
                t120_2 = state_16_[t_2, d, d0 + d]
                t120_3 = state_16_[t_3, d, d0 + d]
                t121 = state_10_[t + 1, d, d0 + d]
                t121_1 = state_10_[t_1 + 1, d, d0 + d]
                t121_2 = state_10_[t_2 + 1, d, d0 + d]
                t121_3 = state_10_[t_3 + 1, d, d0 + d]
                t122 = t121 + t120  # backward of line 14: copy gate
                t122_1 = t121_1 + t120_1  # backward of line 14: copy gate
                t122_2 = t121_2 + t120_2  # backward of line 14: copy gate
                t122_3 = t121_3 + t120_3  # backward of line 14: copy gate
                t123 = t122 + t117_dt  # backward of line 14: copy gate
                t123_1 = t122_1 + t117_dt_1  # backward of line 14: copy gate
                t123_2 = t122_2 + t117_dt_2  # backward of line 14: copy gate
                t123_3 = t122_3 + t117_dt_3  # backward of line 14: copy gate
                t124_ = t124[d]
                t124_ = t124_ + t123  # backward of line 14: add gate
                t124_ = t124_ + t123_1  # backward of line 14: add gate
                t124_ = t124_ + t123_2  # backward of line 14: add gate
                t124_ = t124_ + t123_3  # backward of line 14: add gate
                t124[d] = t124_
        for t in range(edge_2, T):
            for d in range(size):
                t117_dt = t117[t, d]
                t120 = state_16_[t, d, d0 + d]
                t121 = state_10_[t + 1, d, d0 + d]
                t122 = t121 + t120  # backward of line 14: copy gate
                t123 = t122 + t117_dt  # backward of line 14: copy gate
                t124[d] += t123  # backward of line 14: add gate
        # over d: dq_; D operations, 24*D bytes
        for d in range(size):
            t11 = t12_[d]
            t124_d = t124[d]
            dq_d = t124_d * t11  # backward of line 8: exp gate
            dq_[d] = dq_d
        # over d1, d: dF__; 2*D**2 operations, 24*D**2 bytes
        for d1 in range(D):
            for d in range(size):
                t105_d1d = t105[d1, d0 + d]
                t125 = 2 * t105_d1d  # backward of line 14: congruence gate
                t111_dd1 = t111[d1, d]
                dF_d1d = t111_dd1 + t125  # backward of line 13: copy gate
                dF__[d1, d] = dF_d1d
        _turn(dF__, dF_)
    t126 = _own(np.zeros((D, M), np.float64))
    t127 = _own(np.empty((D, M), np.float64))
    # over d, d1, m: t127, t126; 2*D**2*M*T + D**2*M operations, 24*D**2*M bytes
    for d in range(D):
        np.dot(t108[d].T, np.ascontiguousarray(state_15[:-1][:, d, :]), t127)  # backward of line 17: congruence gate
        for d1 in range(D):
            for m in range(M):
                t126[d1, m] += t127[d1, m]  # backward of line 17: congruence gate
    dH = _own(np.empty((M, D), np.float64))
    # over d, m: dH; 3*D*M operations, 32*D*M bytes
    for d in range(D):
        for m in range(M):
            t126_dm = t126[d, m]
            t128 = 2 * t126_dm  # backward of line 17: congruence gate
            t104_dm = t104[d, m]
            t118_dm = t118[d, m]
            t129 = t118_dm - t104_dm  # backward of line 18: copy gate
            dH_dm = t129 + t128  # backward of line 18: copy gate
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
