# Made by gradcompile 0.1.0 from examples/gaussian_process.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 810a4a90964a8bf4c773ecbde02bb114c9b8bea05114329def31f2590b28f3c5
# options: --target numba --emit value,value_and_grad
# operations: value 3*D*N**2 + N**3 + D*N + 11*N**2 + D + 2*N + 10; value_and_grad 7*D*N**2 + 3*N**3 + 6*D*N + 19*N**2 + 3*D + 8*N + 13
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient log_length: proved (sympy), equal to SymPy's derivative
# graph: gradient log_amplitude: proved (sympy), equal to SymPy's derivative
# graph: gradient log_noise: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# claim, line 18: agrees (mpmath), loss == 0.5 * (y @ alpha + logdet(K) + N * log(2 * pi))
# claim, line 19: proved (sympy), grad(loss, y) == alpha
# claim, line 20: proved (sympy), grad(loss, K) == 0.5 * (inv(K) - outer(alpha, alpha))
# --- end of certificate ---

"""Gaussian process: negative log marginal likelihood with a squared-exponential kernel.

    from gaussian_process import value, value_and_grad
    loss = value(X, y, log_length, log_amplitude, log_noise)
    loss, gradient = value_and_grad(X, y, log_length, log_amplitude, log_noise)

Arguments: X[N, D], y[N], log_length[D] (differentiated), log_amplitude (differentiated), log_noise
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
def _cholesky(a):
    """Return the lower triangular L with L @ L.T = a."""
    return np.linalg.cholesky(np.ascontiguousarray(a))


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
def _subtract(x, start, product):
    """Subtract a matrix from the rows of x from `start` on, in the last columns."""
    first = x.shape[1] - product.shape[1]
    for i in range(product.shape[0]):
        for j in range(product.shape[1]):
            x[start + i, first + j] -= product[i, j]


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
def _solve_lower(low, b):
    """Return x with low @ x = b, from the lower triangle alone."""
    rows = np.ascontiguousarray(low)
    _regular(rows)
    x = _columns(b)
    _forward(rows, x, 0)
    return x.reshape(b.shape)


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
def _solve_upper(up, b):
    """Return x with up @ x = b, from the upper triangle alone."""
    rows = np.ascontiguousarray(up)
    _regular(rows)
    x = _columns(b)
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
def _inv_factored(low):
    """Return the inverse of low @ low.T by blocks of columns: of the triangle's inverse, and of that with itself."""
    n = low.shape[0]
    rows = np.ascontiguousarray(low)
    _regular(rows)
    half, result = np.empty_like(rows), np.empty_like(rows)
    for start in range(0, n, 64):
        stop = min(start + 64, n)
        x = np.zeros_like(rows[start:, start:stop])
        for i in range(stop - start):
            x[i, i] = 1.0
        _forward(rows[start:, start:], x, 0)
        half[start:, start:stop] = x
        product = np.dot(x.T, np.ascontiguousarray(half[start:, :stop]))
        result[start:stop, :stop] = product
        result[:start, start:stop] = product[:, :start].T
    return result


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, y, log_length, log_amplitude, log_noise):
    N, D = X.shape
    t1 = 2 * log_amplitude  # line 10
    t2 = 2 * log_noise  # line 10
    t3 = np.exp(t2)  # line 10
    t4 = 0.5 * N  # line 14
    t5 = 2 * 3.141592653589793  # line 14
    t6 = np.log(t5)  # line 14
    t7 = t4 * t6  # line 14
    t9 = _own(np.empty((D,), np.float64))
    # over d: t9; D operations, 16*D bytes
    for d in range(D):
        log_length_d = log_length[d]
        t8 = _exp(log_length_d)  # line 8
        t9[d] = t8
    Z = _own(np.empty((N, D), np.float64))
    # over n, d: Z; D*N operations, 24*D*N bytes
    for n in range(N):
        for d in range(D):
            t8 = t9[d]
            X_dn = X[n, d]
            Z_nd = X_dn / t8  # line 8
            Z[n, d] = Z_nd
    K = _own(np.empty((N, N), np.float64))
    # stage along N: block by block, with D + 2*N numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (D + 2*N + 1) // 32 * 32)))
    size = min(block, N)
    Z__ = _own(np.empty((D, size), np.float64))
    distance2 = _own(np.empty((N, size), np.float64))
    K__ = _own(np.empty((N, size), np.float64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            Z__ = _own(np.empty((D, size), np.float64))
            distance2 = _own(np.empty((N, size), np.float64))
            K__ = _own(np.empty((N, size), np.float64))
        Z_ = Z[n0 : n0 + size]
        K_ = K[n0 : n0 + size]
        _turn(Z_, Z__)
        distance2[...] = 0.0
        edge = N - (N - 0) % 2
        # over n1, d, n: distance2; 3*D*N**2 operations, 24*D*N**2 + 8*D*N bytes
        for n1 in range(0, edge, 2):
            n1_1 = n1 + 1
            edge_ = D - (D - 0) % 4
            for d in range(0, edge_, 4):
                d_1 = d + 1
                d_2 = d + 2
                d_3 = d + 3
                Z_dn1 = Z[n1, d]
                Z_dn1_1_ = Z[n1, d_1]
                Z_dn1_2 = Z[n1, d_2]
                Z_dn1_3 = Z[n1, d_3]
                Z_dn1_1 = Z[n1_1, d]
                Z_dn1_1_1 = Z[n1_1, d_1]
                Z_dn1_1_2 = Z[n1_1, d_2]
                Z_dn1_1_3 = Z[n1_1, d_3]
                for n in range(size):
                    Z_nd = Z__[d, n]
                    Z_nd_1 = Z__[d_1, n]
                    Z_nd_2 = Z__[d_2, n]
                    Z_nd_3 = Z__[d_3, n]
                    t10 = Z_nd - Z_dn1  # line 9
                    t10_1_ = Z_nd_1 - Z_dn1_1_  # line 9
                    t10_2 = Z_nd_2 - Z_dn1_2  # line 9
                    t10_3 = Z_nd_3 - Z_dn1_3  # line 9
                    t10_1 = Z_nd - Z_dn1_1  # line 9
                    t10_1_1 = Z_nd_1 - Z_dn1_1_1  # line 9
                    t10_1_2 = Z_nd_2 - Z_dn1_1_2  # line 9
                    t10_1_3 = Z_nd_3 - Z_dn1_1_3  # line 9
                    t11 = t10 * t10  # line 9
                    t11_1_ = t10_1_ * t10_1_  # line 9
                    t11_2 = t10_2 * t10_2  # line 9
                    t11_3 = t10_3 * t10_3  # line 9
                    t11_1 = t10_1 * t10_1  # line 9
                    t11_1_1 = t10_1_1 * t10_1_1  # line 9
                    t11_1_2 = t10_1_2 * t10_1_2  # line 9
                    t11_1_3 = t10_1_3 * t10_1_3  # line 9
                    distance2_ = distance2[n1, n]
                    distance2_ = distance2_ + t11  # line 9
                    distance2_ = distance2_ + t11_1_  # line 9
                    distance2_ = distance2_ + t11_2  # line 9
                    distance2_ = distance2_ + t11_3  # line 9
                    distance2[n1, n] = distance2_
                    distance2_2 = distance2[n1_1, n]
                    distance2_2 = distance2_2 + t11_1  # line 9
                    distance2_2 = distance2_2 + t11_1_1  # line 9
                    distance2_2 = distance2_2 + t11_1_2  # line 9
                    distance2_2 = distance2_2 + t11_1_3  # line 9
                    distance2[n1_1, n] = distance2_2
            for d in range(edge_, D):
                Z_dn1 = Z[n1, d]
                Z_dn1_1 = Z[n1_1, d]
                for n in range(size):
                    Z_nd = Z__[d, n]
                    t10 = Z_nd - Z_dn1  # line 9
                    t10_1 = Z_nd - Z_dn1_1  # line 9
                    t11 = t10 * t10  # line 9
                    t11_1 = t10_1 * t10_1  # line 9
                    distance2[n1, n] += t11  # line 9
                    distance2[n1_1, n] += t11_1  # line 9
        for n1 in range(edge, N):
            edge_2 = D - (D - 0) % 4
            for d in range(0, edge_2, 4):
                d_1_ = d + 1
                d_2_ = d + 2
                d_3_ = d + 3
                Z_dn1 = Z[n1, d]
                Z_dn1_1_4 = Z[n1, d_1_]
                Z_dn1_2_ = Z[n1, d_2_]
                Z_dn1_3_ = Z[n1, d_3_]
                for n in range(size):
                    Z_nd = Z__[d, n]
                    Z_nd_1_ = Z__[d_1_, n]
                    Z_nd_2_ = Z__[d_2_, n]
                    Z_nd_3_ = Z__[d_3_, n]
                    t10 = Z_nd - Z_dn1  # line 9
                    t10_1_4 = Z_nd_1_ - Z_dn1_1_4  # line 9
                    t10_2_ = Z_nd_2_ - Z_dn1_2_  # line 9
                    t10_3_ = Z_nd_3_ - Z_dn1_3_  # line 9
                    t11 = t10 * t10  # line 9
                    t11_1_4 = t10_1_4 * t10_1_4  # line 9
                    t11_2_ = t10_2_ * t10_2_  # line 9
                    t11_3_ = t10_3_ * t10_3_  # line 9
                    distance2_3 = distance2[n1, n]
                    distance2_3 = distance2_3 + t11  # line 9
                    distance2_3 = distance2_3 + t11_1_4  # line 9
                    distance2_3 = distance2_3 + t11_2_  # line 9
                    distance2_3 = distance2_3 + t11_3_  # line 9
                    distance2[n1, n] = distance2_3
            for d in range(edge_2, D):
                Z_dn1 = Z[n1, d]
                for n in range(size):
                    Z_nd = Z__[d, n]
                    t10 = Z_nd - Z_dn1  # line 9
                    t11 = t10 * t10  # line 9
                    distance2[n1, n] += t11  # line 9
        # over n1, n: K__; 7*N**2 operations, 16*N**2 bytes
        for n1 in range(N):
            for n in range(size):
                t12 = n0 + n == n1  # line 10
                t13 = 1.0 if t12 else 0.0  # line 10
                t14 = t3 * t13  # line 10
                distance2_nn1 = distance2[n1, n]
                t15 = 0.5 * distance2_nn1  # line 10
                t16 = t1 - t15  # line 10
                t17 = _exp(t16)  # line 10
                K_n1n = t17 + t14  # line 10
                K__[n1, n] = K_n1n
        _turn(K__, K_)
    t18 = _cholesky(K)  # line 12
    t19 = _solve_lower(t18, y)  # line 13
    t20 = _solve_upper(t18.T, t19)  # line 14
    t22 = 0.0
    t26 = 0.0
    # over n: t22, t26; 5*N operations, 24*N bytes
    for n in range(N):
        t20_n = t20[n]
        y_n = y[n]
        t21 = y_n * t20_n  # line 14
        t22 = _plus(t22, t21)  # line 14
        t23 = t18[n, n]
        t24 = abs(t23)  # line 14
        t25 = _log(t24)  # line 14
        t26 = _plus(t26, t25)  # line 14
    t27 = 2.0 * t26  # line 14
    t28 = t22 + t27  # line 14
    t29 = t28 * 0.5  # line 14
    loss = t29 + t7  # line 14
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, y, log_length, log_amplitude, log_noise):
    N, D = X.shape
    t1 = 2 * log_amplitude  # line 10
    t2 = 2 * log_noise  # line 10
    t3 = np.exp(t2)  # line 10
    t4 = 0.5 * N  # line 14
    t5 = 2 * 3.141592653589793  # line 14
    t6 = np.log(t5)  # line 14
    t7 = t4 * t6  # line 14
    t9 = _own(np.empty((D,), np.float64))
    # over d: t9; D operations, 16*D bytes
    for d in range(D):
        log_length_d = log_length[d]
        t8 = _exp(log_length_d)  # line 8
        t9[d] = t8
    Z = _own(np.empty((N, D), np.float64))
    # over n, d: Z; D*N operations, 24*D*N bytes
    for n in range(N):
        for d in range(D):
            t8 = t9[d]
            X_dn = X[n, d]
            Z_nd = X_dn / t8  # line 8
            Z[n, d] = Z_nd
    t15 = _own(np.empty((N, N), np.float64))
    K = _own(np.empty((N, N), np.float64))
    # stage along N: block by block, with D + 3*N numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (D + 3*N + 1) // 32 * 32)))
    size = min(block, N)
    Z__ = _own(np.empty((D, size), np.float64))
    distance2 = _own(np.empty((N, size), np.float64))
    t15__ = _own(np.empty((N, size), np.float64))
    K__ = _own(np.empty((N, size), np.float64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            Z__ = _own(np.empty((D, size), np.float64))
            distance2 = _own(np.empty((N, size), np.float64))
            t15__ = _own(np.empty((N, size), np.float64))
            K__ = _own(np.empty((N, size), np.float64))
        Z_ = Z[n0 : n0 + size]
        t15_ = t15[n0 : n0 + size]
        K_ = K[n0 : n0 + size]
        _turn(Z_, Z__)
        distance2[...] = 0.0
        edge = N - (N - 0) % 2
        # over n1, d, n: distance2; 3*D*N**2 operations, 24*D*N**2 + 8*D*N bytes
        for n1 in range(0, edge, 2):
            n1_1 = n1 + 1
            edge_ = D - (D - 0) % 4
            for d in range(0, edge_, 4):
                d_1 = d + 1
                d_2 = d + 2
                d_3 = d + 3
                Z_dn1 = Z[n1, d]
                Z_dn1_1_ = Z[n1, d_1]
                Z_dn1_2 = Z[n1, d_2]
                Z_dn1_3 = Z[n1, d_3]
                Z_dn1_1 = Z[n1_1, d]
                Z_dn1_1_1 = Z[n1_1, d_1]
                Z_dn1_1_2 = Z[n1_1, d_2]
                Z_dn1_1_3 = Z[n1_1, d_3]
                for n in range(size):
                    Z_nd = Z__[d, n]
                    Z_nd_1 = Z__[d_1, n]
                    Z_nd_2 = Z__[d_2, n]
                    Z_nd_3 = Z__[d_3, n]
                    t10 = Z_nd - Z_dn1  # line 9
                    t10_1_ = Z_nd_1 - Z_dn1_1_  # line 9
                    t10_2 = Z_nd_2 - Z_dn1_2  # line 9
                    t10_3 = Z_nd_3 - Z_dn1_3  # line 9
                    t10_1 = Z_nd - Z_dn1_1  # line 9
                    t10_1_1 = Z_nd_1 - Z_dn1_1_1  # line 9
                    t10_1_2 = Z_nd_2 - Z_dn1_1_2  # line 9
                    t10_1_3 = Z_nd_3 - Z_dn1_1_3  # line 9
                    t11 = t10 * t10  # line 9
                    t11_1_ = t10_1_ * t10_1_  # line 9
                    t11_2 = t10_2 * t10_2  # line 9
                    t11_3 = t10_3 * t10_3  # line 9
                    t11_1 = t10_1 * t10_1  # line 9
                    t11_1_1 = t10_1_1 * t10_1_1  # line 9
                    t11_1_2 = t10_1_2 * t10_1_2  # line 9
                    t11_1_3 = t10_1_3 * t10_1_3  # line 9
                    distance2_ = distance2[n1, n]
                    distance2_ = distance2_ + t11  # line 9
                    distance2_ = distance2_ + t11_1_  # line 9
                    distance2_ = distance2_ + t11_2  # line 9
                    distance2_ = distance2_ + t11_3  # line 9
                    distance2[n1, n] = distance2_
                    distance2_2 = distance2[n1_1, n]
                    distance2_2 = distance2_2 + t11_1  # line 9
                    distance2_2 = distance2_2 + t11_1_1  # line 9
                    distance2_2 = distance2_2 + t11_1_2  # line 9
                    distance2_2 = distance2_2 + t11_1_3  # line 9
                    distance2[n1_1, n] = distance2_2
            for d in range(edge_, D):
                Z_dn1 = Z[n1, d]
                Z_dn1_1 = Z[n1_1, d]
                for n in range(size):
                    Z_nd = Z__[d, n]
                    t10 = Z_nd - Z_dn1  # line 9
                    t10_1 = Z_nd - Z_dn1_1  # line 9
                    t11 = t10 * t10  # line 9
                    t11_1 = t10_1 * t10_1  # line 9
                    distance2[n1, n] += t11  # line 9
                    distance2[n1_1, n] += t11_1  # line 9
        for n1 in range(edge, N):
            edge_2 = D - (D - 0) % 4
            for d in range(0, edge_2, 4):
                d_1_ = d + 1
                d_2_ = d + 2
                d_3_ = d + 3
                Z_dn1 = Z[n1, d]
                Z_dn1_1_4 = Z[n1, d_1_]
                Z_dn1_2_ = Z[n1, d_2_]
                Z_dn1_3_ = Z[n1, d_3_]
                for n in range(size):
                    Z_nd = Z__[d, n]
                    Z_nd_1_ = Z__[d_1_, n]
                    Z_nd_2_ = Z__[d_2_, n]
                    Z_nd_3_ = Z__[d_3_, n]
                    t10 = Z_nd - Z_dn1  # line 9
                    t10_1_4 = Z_nd_1_ - Z_dn1_1_4  # line 9
                    t10_2_ = Z_nd_2_ - Z_dn1_2_  # line 9
                    t10_3_ = Z_nd_3_ - Z_dn1_3_  # line 9
                    t11 = t10 * t10  # line 9
                    t11_1_4 = t10_1_4 * t10_1_4  # line 9
                    t11_2_ = t10_2_ * t10_2_  # line 9
                    t11_3_ = t10_3_ * t10_3_  # line 9
                    distance2_3 = distance2[n1, n]
                    distance2_3 = distance2_3 + t11  # line 9
                    distance2_3 = distance2_3 + t11_1_4  # line 9
                    distance2_3 = distance2_3 + t11_2_  # line 9
                    distance2_3 = distance2_3 + t11_3_  # line 9
                    distance2[n1, n] = distance2_3
            for d in range(edge_2, D):
                Z_dn1 = Z[n1, d]
                for n in range(size):
                    Z_nd = Z__[d, n]
                    t10 = Z_nd - Z_dn1  # line 9
                    t11 = t10 * t10  # line 9
                    distance2[n1, n] += t11  # line 9
        # over n1, n: t15__, K__; 7*N**2 operations, 24*N**2 bytes
        for n1 in range(N):
            for n in range(size):
                distance2_nn1 = distance2[n1, n]
                t12 = 0.5 * distance2_nn1  # line 10
                t13 = t1 - t12  # line 10
                t14 = _exp(t13)  # line 10
                t15__[n1, n] = t14
                t16 = n0 + n == n1  # line 10
                t17 = 1.0 if t16 else 0.0  # line 10
                t18 = t3 * t17  # line 10
                K_n1n = t14 + t18  # line 10
                K__[n1, n] = K_n1n
        _turn(t15__, t15_)
        _turn(K__, K_)
    t19 = _cholesky(K)  # line 12
    t20 = _solve_lower(t19, y)  # line 13
    t21 = _solve_upper(t19.T, t20)  # line 14
    t22 = _inv_factored(t19)  # backward of line 14: logdet_pd gate
    t24 = 0.0
    t28 = 0.0
    t33 = 0.0
    t38 = 0.0
    t41 = _own(np.empty((N, D), np.float64))
    t42 = _own(np.zeros((N, D), np.float64))
    # stage along N: block by block, with 2*D + 4*N numbers for each position in buffers
    block_ = min(N // 2 + 4, max(64, min(256, 65536 // (2*D + 4*N + 1) // 32 * 32)))
    size_ = min(block_, N)
    t19__ = _own(np.empty((N, size_), np.float64))
    t15_2_ = _own(np.empty((N, size_), np.float64))
    t22__ = _own(np.empty((N, size_), np.float64))
    Z_2_ = _own(np.empty((D, size_), np.float64))
    ddistance2 = _own(np.empty((N, size_), np.float64))
    t41__ = _own(np.empty((D, size_), np.float64))
    for n0_ in range(0, N, block_):
        if N - n0_ < size_:  # the last block
            size_ = N - n0_
            t19__ = _own(np.empty((N, size_), np.float64))
            t15_2_ = _own(np.empty((N, size_), np.float64))
            t22__ = _own(np.empty((N, size_), np.float64))
            Z_2_ = _own(np.empty((D, size_), np.float64))
            ddistance2 = _own(np.empty((N, size_), np.float64))
            t41__ = _own(np.empty((D, size_), np.float64))
        t21_ = t21[n0_ : n0_ + size_]
        y_ = y[n0_ : n0_ + size_]
        t19_ = t19[n0_ : n0_ + size_]
        t15_2 = t15[n0_ : n0_ + size_]
        t22_ = t22[n0_ : n0_ + size_]
        Z_2 = Z[n0_ : n0_ + size_]
        t41_ = t41[n0_ : n0_ + size_]
        _turn(t19_, t19__)
        _turn(t15_2, t15_2_)
        _turn(t22_, t22__)
        _turn(Z_2, Z_2_)
        t24_ = 0.0
        t28_ = 0.0
        # over n: t24_, t28_; 5*N operations, 24*N bytes
        for n in range(size_):
            t21_n = t21_[n]
            y_n = y_[n]
            t23 = y_n * t21_n  # line 14
            t24_ = _plus(t24_, t23)  # line 14
            t25 = t19__[n0_ + n, n]
            t26 = abs(t25)  # line 14
            t27 = _log(t26)  # line 14
            t28_ = _plus(t28_, t27)  # line 14
        t24 = _plus(t24, t24_)  # line 14
        t28 = _plus(t28, t28_)  # line 14
        t33_ = 0.0
        # over n1, n: t33_, ddistance2; 7*N**2 operations, 32*N**2 + 8*N bytes
        for n1 in range(N):
            t21_n1 = t21[n1]
            for n in range(size_):
                t14 = t15_2_[n1, n]
                t21_n = t21_[n]
                t29 = 0.5 * t21_n  # backward of line 14: solve_pd gate
                t30 = t29 * t21_n1  # backward of line 14: solve_pd gate
                t22_nn1 = t22__[n1, n]
                t31 = 0.5 * t22_nn1  # backward of line 14: logdet_pd gate
                dK = t31 - t30  # backward of line 10: copy gate
                t32 = dK * t14  # backward of line 10: exp gate
                t33_ = _plus(t33_, t32)  # backward of line 10: sub gate
                ddistance2_n1n = -0.5 * t32  # backward of line 10: mul gate
                ddistance2[n1, n] = ddistance2_n1n
        t33 = _plus(t33, t33_)  # backward of line 10: sub gate
        t38_ = 0.0
        # over n: t38_; 5*N operations, 16*N bytes
        for n in range(size_):
            t21_n = t21_[n]
            t29 = 0.5 * t21_n  # backward of line 14: solve_pd gate
            t34 = t29 * t21_n  # backward of line 14: solve_pd gate
            t35 = t22__[n0_ + n, n]
            t36 = 0.5 * t35  # backward of line 14: logdet_pd gate
            t37 = t36 - t34  # backward of line 10: copy gate
            t38_ = _plus(t38_, t37)  # backward of line 10: mul gate
        t38 = _plus(t38, t38_)  # backward of line 10: mul gate
        t41__[...] = 0.0
        # over n1, d, n: t41__, t42; 5*D*N**2 + D*N operations, 32*D*N**2 + 24*D*N bytes
        for n1 in range(N):
            for d in range(D):
                Z_dn1 = Z[n1, d]
                t42_n1d = 0.0
                for n in range(size_):
                    Z_nd = Z_2_[d, n]
                    t10 = Z_nd - Z_dn1  # line 9
                    t39 = 2 * t10  # backward of line 9: square gate
                    ddistance2_n1n = ddistance2[n1, n]
                    t40 = ddistance2_n1n * t39  # backward of line 9: square gate
                    t41__[d, n] += t40  # backward of line 9: sub gate
                    t42_n1d = _plus(t42_n1d, t40)  # backward of line 9: sub gate
                t42[n1, d] += t42_n1d  # backward of line 9: sub gate
        _turn(t41__, t41_)
    t43 = 2.0 * t28  # line 14
    t44 = t24 + t43  # line 14
    t45 = t44 * 0.5  # line 14
    loss = t45 + t7  # line 14
    t46 = t38 * t3  # backward of line 10: exp gate
    dlog_noise = t46 * 2  # backward of line 10: mul gate
    dlog_amplitude = t33 * 2  # backward of line 10: mul gate
    t50 = _own(np.zeros((D,), np.float64))
    edge_3 = N - (N - 0) % 4
    # over n, d: t50; 5*D*N operations, 48*D*N bytes
    for n in range(0, edge_3, 4):
        n_1 = n + 1
        n_2 = n + 2
        n_3 = n + 3
        for d in range(D):
            t42_dn = t42[n, d]
            t42_dn_1 = t42[n_1, d]
            t42_dn_2 = t42[n_2, d]
            t42_dn_3 = t42[n_3, d]
            t47 = -t42_dn  # backward of line 9: sub gate
            t47_1 = -t42_dn_1  # backward of line 9: sub gate
            t47_2 = -t42_dn_2  # backward of line 9: sub gate
            t47_3 = -t42_dn_3  # backward of line 9: sub gate
            t41_dn = t41[n, d]
            t41_dn_1 = t41[n_1, d]
            t41_dn_2 = t41[n_2, d]
            t41_dn_3 = t41[n_3, d]
            dZ = t41_dn + t47  # backward of line 8: copy gate
            dZ_1 = t41_dn_1 + t47_1  # backward of line 8: copy gate
            dZ_2 = t41_dn_2 + t47_2  # backward of line 8: copy gate
            dZ_3 = t41_dn_3 + t47_3  # backward of line 8: copy gate
            t8 = t9[d]
            Z_nd = Z[n, d]
            Z_nd_1_2 = Z[n_1, d]
            Z_nd_2_2 = Z[n_2, d]
            Z_nd_3_2 = Z[n_3, d]
            t48 = Z_nd / t8  # backward of line 8: div gate
            t48_1 = Z_nd_1_2 / t8  # backward of line 8: div gate
            t48_2 = Z_nd_2_2 / t8  # backward of line 8: div gate
            t48_3 = Z_nd_3_2 / t8  # backward of line 8: div gate
            t49 = t48 * dZ  # backward of line 8: div gate
            t49_1 = t48_1 * dZ_1  # backward of line 8: div gate
            t49_2 = t48_2 * dZ_2  # backward of line 8: div gate
            t49_3 = t48_3 * dZ_3  # backward of line 8: div gate
            t50_ = t50[d]
            t50_ = t50_ + t49  # backward of line 8: div gate
            t50_ = t50_ + t49_1  # backward of line 8: div gate
            t50_ = t50_ + t49_2  # backward of line 8: div gate
            t50_ = t50_ + t49_3  # backward of line 8: div gate
            t50[d] = t50_
    for n in range(edge_3, N):
        for d in range(D):
            t42_dn = t42[n, d]
            t47 = -t42_dn  # backward of line 9: sub gate
            t41_dn = t41[n, d]
            dZ = t41_dn + t47  # backward of line 8: copy gate
            t8 = t9[d]
            Z_nd = Z[n, d]
            t48 = Z_nd / t8  # backward of line 8: div gate
            t49 = t48 * dZ  # backward of line 8: div gate
            t50[d] += t49  # backward of line 8: div gate
    dlog_length = _own(np.empty((D,), np.float64))
    # over d: dlog_length; 2*D operations, 24*D bytes
    for d in range(D):
        t8 = t9[d]
        t50_d = t50[d]
        t51 = t50_d * t8  # backward of line 8: exp gate
        dlog_length_d = -t51  # backward of line 8: exp gate
        dlog_length[d] = dlog_length_d
    return (loss, dlog_length, dlog_amplitude, dlog_noise)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    log_length: np.ndarray  # [D]
    log_amplitude: float
    log_noise: float


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(X, y, log_length, log_amplitude, log_noise):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, y, log_length, log_amplitude, log_noise):
        _call = _direct_value_kernel.run
        _found = _call(X, y, log_length, log_amplitude, log_noise)
    else:
        _found = value_kernel(*_checked(X, y, log_length, log_amplitude, log_noise))
    return _found[0]


def value_and_grad(X, y, log_length, log_amplitude, log_noise):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, y, log_length, log_amplitude, log_noise):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(X, y, log_length, log_amplitude, log_noise)
    else:
        _found = value_and_grad_kernel(*_checked(X, y, log_length, log_amplitude, log_noise))
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


def _checked(X, y, log_length, log_amplitude, log_noise):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("N", "D"), "real")
    if y.__class__ is not _ARRAY or y.dtype is not _REAL or y.ndim != 1 or not y.flags.carray:
        y = _converted("y", y, ("N",), "real")
    if log_length.__class__ is not _ARRAY or log_length.dtype is not _REAL or log_length.ndim != 1 or not log_length.flags.carray:
        log_length = _converted("log_length", log_length, ("D",), "real")
    if log_amplitude.__class__ is not float:
        log_amplitude = float(_converted("log_amplitude", log_amplitude, (), "real"))
    if log_noise.__class__ is not float:
        log_noise = float(_converted("log_noise", log_noise, (), "real"))
    N, D = X.shape
    if y.shape[0] != N:
        raise ValueError(f"y has {y.shape[0]} elements, but N = {N} from X")
    if log_length.shape[0] != D:
        raise ValueError(f"log_length has {log_length.shape[0]} elements, but D = {D} from X")
    return X, y, log_length, log_amplitude, log_noise


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


@intrinsic(prefer_literal=True)
def _is_a(context, x, kind):
    """Is an object of this very class of Python's?"""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        found = api.object_type(values[0])
        api.decref(found)
        return builder.icmp_unsigned("==", found, api.get_c_object(kind.literal_value))

    return types.boolean(x, kind), code


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
def _fit(_array, _real, X, y, log_length, log_amplitude, log_noise):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(X, _array, _real, 2)):
        return False
    if not (_is_array(y, _array, _real, 1)):
        return False
    if not (_is_array(log_length, _array, _real, 1)):
        return False
    if not (_is_a(log_amplitude, "PyFloat_Type")):
        return False
    if not (_is_a(log_noise, "PyFloat_Type")):
        return False
    N = _size(X, 0)
    D = _size(X, 1)
    return _size(y, 0) == N and _size(log_length, 0) == D


_fitting = _Direct(_fit, 100, *[_ANY] * 7)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[::1], types.float64[::1], types.double, types.double,
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
