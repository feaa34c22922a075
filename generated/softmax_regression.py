# Made by gradcompile 0.1.0 from examples/softmax_regression.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 77b10f578e85305933640309e762b4e6234cef75532e6d7073383782420bd6ad
# options: --target numba --emit value,value_and_grad
# operations: value 2*C*D*N + 2*C*D + 4*C*N + D + 2*N + 4; value_and_grad 4*C*D*N + 5*C*D + 9*C*N + C + D + 2*N + 4
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient W: proved (sympy), equal to SymPy's derivative
# graph: gradient b: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3, C = 4: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: D = 0: agrees, within 2^0 units in the last place
# code: C = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: C = 37: agrees, within 2^0 units in the last place
# claim, line 11: proved (sympy), grad(loss, b) == mean(softmax(scores, axis=1) - Y, axis=0)
# claim, line 14: proved (sympy), grad(loss, scores) == (softmax(scores, axis=1) - Y) / N
# claim, line 15: proved (sympy), grad(loss, W) == X.T @ (softmax(scores, axis=1) - Y) / N + lam * W
# --- end of certificate ---

"""Softmax regression: mean cross-entropy of a linear classifier.

    from softmax_regression import value, value_and_grad
    loss = value(X, Y, W, b, lam=0.1)
    loss, gradient = value_and_grad(X, Y, W, b, lam=0.1)

Arguments: X[N, D], Y[N, C], W[D, C] (differentiated), b[C] (differentiated), lam.
"""

from typing import NamedTuple

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


_LONG_ROW = 24  # numbers in the row of a sample, from which on loops run along it


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


@intrinsic
def _larger(context, a, b):
    """The larger of two numbers, NaN if one is, whatever the order: so that lanes have one each."""

    def code(context, builder, signature, values):
        kind = values[0].type
        if isinstance(a, types.Integer):
            return builder.select(builder.icmp_signed(">", *values), *values)
        function = builder.module.declare_intrinsic("llvm.maximum", [kind], ir.FunctionType(kind, [kind, kind]))
        return builder.call(function, values, fastmath=("nsz",))

    return a(a, a), code


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
def _columns(x, space):
    """Return the rows of x as columns, in memory that is given; if they are long, an array without rows."""
    size, width = x.shape
    if width * size > space.size:
        return space[:0].reshape((0, size))
    columns = space[: width * size].reshape((width, size))
    _turn(x, columns)
    return columns


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
def _long_sums(a, b, out):
    """out = a @ b.T with samples along the rows of both, two by four sums at a time; False if there are too many."""
    rows, columns = out.shape
    if columns < 2 or rows * columns > 4096 or a.shape[0] < rows or b.shape[0] < columns:
        return False
    for i in range(0, rows, 2):
        j = min(i + 1, rows - 1)
        for k in range(0, columns, 4):
            k_1, k_2, k_3 = min(k + 1, columns - 1), min(k + 2, columns - 1), min(k + 3, columns - 1)
            p = p_1 = p_2 = p_3 = q = q_1 = q_2 = q_3 = 0.0
            for n in range(a.shape[1]):
                x, y = a[i, n], a[j, n]
                z, z_1, z_2, z_3 = b[k, n], b[k_1, n], b[k_2, n], b[k_3, n]
                p, p_1, p_2, p_3 = _plus(p, x * z), _plus(p_1, x * z_1), _plus(p_2, x * z_2), _plus(p_3, x * z_3)
                q, q_1, q_2, q_3 = _plus(q, y * z), _plus(q_1, y * z_1), _plus(q_2, y * z_2), _plus(q_3, y * z_3)
            out[i, k], out[i, k_1], out[i, k_2], out[i, k_3] = p, p_1, p_2, p_3
            out[j, k], out[j, k_1], out[j, k_2], out[j, k_3] = q, q_1, q_2, q_3
    return True


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, Y, W, b, lam):
    N, D = X.shape
    C = Y.shape[1]
    t1 = 0.5 * lam  # line 9
    t3 = 0.0
    # over d, c: t3; 2*C*D operations, 8*C*D bytes
    for d in range(D):
        for c in range(C):
            W_cd = W[d, c]
            t2 = W_cd * W_cd  # line 9
            t3 = _plus(t3, t2)  # line 9
    t4 = t1 * t3  # line 9
    t16 = 0.0
    if C >= _LONG_ROW:
        # stage along N: block by block, with C + 3 numbers for each position in buffers
        block_ = min(N // 2 + 4, max(64, min(256, 65536 // (C + 4) // 32 * 32)))
        size_ = min(block_, N)
        t17 = _own(np.empty((size_, C), np.float64))
        t18 = _own(np.empty((size_,), np.float64))
        t19 = _own(np.empty((size_,), np.float64))
        t20 = _own(np.empty((size_,), np.float64))
        for n0_ in range(0, N, block_):
            if N - n0_ < size_:  # the last block
                size_ = N - n0_
                t17 = _own(np.empty((size_, C), np.float64))
                t18 = _own(np.empty((size_,), np.float64))
                t19 = _own(np.empty((size_,), np.float64))
                t20 = _own(np.empty((size_,), np.float64))
            X_2 = X[n0_ : n0_ + size_]
            Y_2 = Y[n0_ : n0_ + size_]
            np.dot(X_2, W, t17)
            edge = size_ - (size_ - 0) % 4
            # over n, c: t18, t19; 4*C*N operations, 24*C*N + 16*N bytes
            for n in range(0, edge, 4):
                n_1 = n + 1
                n_2 = n + 2
                n_3 = n + 3
                t18_n = 0.0
                t18_n_1 = 0.0
                t18_n_2 = 0.0
                t18_n_3 = 0.0
                t19_n = -np.inf
                t19_n_1 = -np.inf
                t19_n_2 = -np.inf
                t19_n_3 = -np.inf
                for c in range(C):
                    b_c = b[c]
                    t5_cn = t17[n, c]
                    t5_cn_1 = t17[n_1, c]
                    t5_cn_2 = t17[n_2, c]
                    t5_cn_3 = t17[n_3, c]
                    scores = t5_cn + b_c  # line 8
                    scores_1 = t5_cn_1 + b_c  # line 8
                    scores_2 = t5_cn_2 + b_c  # line 8
                    scores_3 = t5_cn_3 + b_c  # line 8
                    Y_cn = Y_2[n, c]
                    Y_cn_1 = Y_2[n_1, c]
                    Y_cn_2 = Y_2[n_2, c]
                    Y_cn_3 = Y_2[n_3, c]
                    t6 = Y_cn * scores  # line 9
                    t6_1 = Y_cn_1 * scores_1  # line 9
                    t6_2 = Y_cn_2 * scores_2  # line 9
                    t6_3 = Y_cn_3 * scores_3  # line 9
                    t18_n = _plus(t18_n, t6)  # line 9
                    t18_n_1 = _plus(t18_n_1, t6_1)  # line 9
                    t18_n_2 = _plus(t18_n_2, t6_2)  # line 9
                    t18_n_3 = _plus(t18_n_3, t6_3)  # line 9
                    t19_n = _larger(t19_n, scores)  # line 9
                    t19_n_1 = _larger(t19_n_1, scores_1)  # line 9
                    t19_n_2 = _larger(t19_n_2, scores_2)  # line 9
                    t19_n_3 = _larger(t19_n_3, scores_3)  # line 9
                t18[n] = t18_n
                t18[n_1] = t18_n_1
                t18[n_2] = t18_n_2
                t18[n_3] = t18_n_3
                t19[n] = t19_n
                t19[n_1] = t19_n_1
                t19[n_2] = t19_n_2
                t19[n_3] = t19_n_3
            for n in range(edge, size_):
                t18_n = 0.0
                t19_n = -np.inf
                for c in range(C):
                    b_c = b[c]
                    t5_cn = t17[n, c]
                    scores = t5_cn + b_c  # line 8
                    Y_cn = Y_2[n, c]
                    t6 = Y_cn * scores  # line 9
                    t18_n = _plus(t18_n, t6)  # line 9
                    t19_n = _larger(t19_n, scores)  # line 9
                t18[n] = t18_n
                t19[n] = t19_n
            # over n, c: t20; 4*C*N + 2*N operations, 16*C*N + 16*N bytes
            for n in range(size_):
                t8_n = t19[n]
                t9 = t8_n if np.isfinite(t8_n) else 0.0  # line 9
                t20_n = 0.0
                for c in range(C):
                    b_c = b[c]
                    t5_cn = t17[n, c]
                    scores = t5_cn + b_c  # line 8
                    t10 = scores - t9  # line 9
                    t11 = _exp(t10)  # line 9
                    t20_n = _plus(t20_n, t11)  # line 9
                t20[n] = t20_n
            t16__ = 0.0
            # over n: t16__; 6*N operations, 24*N bytes
            for n in range(size_):
                t7_n = t18[n]
                t12_n = t20[n]
                t13 = _log(t12_n)  # line 9
                t8_n = t19[n]
                t9 = t8_n if np.isfinite(t8_n) else 0.0  # line 9
                t14 = t9 + t13  # line 9
                t15 = t14 - t7_n  # line 9
                t16__ = _plus(t16__, t15)  # line 9
            t16 = _plus(t16, t16__)  # line 9
    else:
        # stage along N: block by block, with 2*C + 3 numbers for each position in buffers
        block = min(N // 2 + 4, max(64, min(256, 65536 // (2*C + 4) // 32 * 32)))
        size = min(block, N)
        space = _own(np.empty((16384,), np.float64))
        Y__ = _own(np.empty((C, size), np.float64))
        t5 = _own(np.empty((C, size), np.float64))
        t7 = _own(np.empty((size,), np.float64))
        t8 = _own(np.empty((size,), np.float64))
        t12 = _own(np.empty((size,), np.float64))
        for n0 in range(0, N, block):
            if N - n0 < size:  # the last block
                size = N - n0
                Y__ = _own(np.empty((C, size), np.float64))
                t5 = _own(np.empty((C, size), np.float64))
                t7 = _own(np.empty((size,), np.float64))
                t8 = _own(np.empty((size,), np.float64))
                t12 = _own(np.empty((size,), np.float64))
            X_ = X[n0 : n0 + size]
            Y_ = Y[n0 : n0 + size]
            X__ = _columns(X_, space)
            _turn(Y_, Y__)
            if not _few_terms(W.T, X__, t5):
                np.dot(W.T, X_.T, t5)
            t7[...] = 0.0
            t8[...] = -np.inf
            # over c, n: t7, t8; 4*C*N operations, 48*C*N + 8*C bytes
            for c in range(C):
                b_c = b[c]
                for n in range(size):
                    t5_cn = t5[c, n]
                    scores = t5_cn + b_c  # line 8
                    Y_cn = Y__[c, n]
                    t6 = Y_cn * scores  # line 9
                    t7[n] += t6  # line 9
                    t8[n] = scores if scores > t8[n] or scores != scores else t8[n]  # line 9
            t12[...] = 0.0
            # over c, n: t12; 6*C*N operations, 32*C*N + 8*C bytes
            for c in range(C):
                b_c = b[c]
                for n in range(size):
                    t8_n = t8[n]
                    t9 = t8_n if np.isfinite(t8_n) else 0.0  # line 9
                    t5_cn = t5[c, n]
                    scores = t5_cn + b_c  # line 8
                    t10 = scores - t9  # line 9
                    t11 = _exp(t10)  # line 9
                    t12[n] += t11  # line 9
            t16_ = 0.0
            # over n: t16_; 6*N operations, 24*N bytes
            for n in range(size):
                t7_n = t7[n]
                t12_n = t12[n]
                t13 = _log(t12_n)  # line 9
                t8_n = t8[n]
                t9 = t8_n if np.isfinite(t8_n) else 0.0  # line 9
                t14 = t9 + t13  # line 9
                t15 = t14 - t7_n  # line 9
                t16_ = _plus(t16_, t15)  # line 9
            t16 = _plus(t16, t16_)  # line 9
    t21 = t16 / N  # line 9
    loss = t21 + t4  # line 9
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, Y, W, b, lam):
    N, D = X.shape
    C = Y.shape[1]
    t1 = 0.5 * lam  # line 9
    t2 = 1.0 / N  # backward of line 8: copy gate
    t4 = 0.0
    # over d, c: t4; 2*C*D operations, 8*C*D bytes
    for d in range(D):
        for c in range(C):
            W_cd = W[d, c]
            t3 = W_cd * W_cd  # line 9
            t4 = _plus(t4, t3)  # line 9
    t5 = t1 * t4  # line 9
    t18 = 0.0
    t23 = _own(np.zeros((C,), np.float64))
    t24 = _own(np.zeros((D, C), np.float64))
    if C >= _LONG_ROW:
        # stage along N: block by block, with 3*C + 4 numbers for each position in buffers
        block_ = min(N // 2 + 4, max(64, min(256, 65536 // (3*C + 5) // 32 * 32)))
        size_ = min(block_, N)
        t26 = _own(np.empty((size_, C), np.float64))
        t27 = _own(np.empty((size_,), np.float64))
        t28 = _own(np.empty((size_,), np.float64))
        t29 = _own(np.empty((size_, C), np.float64))
        t30 = _own(np.empty((size_,), np.float64))
        t31 = _own(np.empty((size_,), np.float64))
        dscores_ = _own(np.empty((size_, C), np.float64))
        t32 = _own(np.empty((D, C), np.float64))
        for n0_ in range(0, N, block_):
            if N - n0_ < size_:  # the last block
                size_ = N - n0_
                t26 = _own(np.empty((size_, C), np.float64))
                t27 = _own(np.empty((size_,), np.float64))
                t28 = _own(np.empty((size_,), np.float64))
                t29 = _own(np.empty((size_, C), np.float64))
                t30 = _own(np.empty((size_,), np.float64))
                t31 = _own(np.empty((size_,), np.float64))
                dscores_ = _own(np.empty((size_, C), np.float64))
            X_2 = X[n0_ : n0_ + size_]
            Y_2 = Y[n0_ : n0_ + size_]
            np.dot(X_2, W, t26)
            edge = size_ - (size_ - 0) % 4
            # over n, c: t27, t28; 4*C*N operations, 24*C*N + 16*N bytes
            for n in range(0, edge, 4):
                n_1 = n + 1
                n_2 = n + 2
                n_3 = n + 3
                t27_n = 0.0
                t27_n_1 = 0.0
                t27_n_2 = 0.0
                t27_n_3 = 0.0
                t28_n = -np.inf
                t28_n_1 = -np.inf
                t28_n_2 = -np.inf
                t28_n_3 = -np.inf
                for c in range(C):
                    b_c = b[c]
                    t6_cn = t26[n, c]
                    t6_cn_1 = t26[n_1, c]
                    t6_cn_2 = t26[n_2, c]
                    t6_cn_3 = t26[n_3, c]
                    scores = t6_cn + b_c  # line 8
                    scores_1 = t6_cn_1 + b_c  # line 8
                    scores_2 = t6_cn_2 + b_c  # line 8
                    scores_3 = t6_cn_3 + b_c  # line 8
                    Y_cn = Y_2[n, c]
                    Y_cn_1 = Y_2[n_1, c]
                    Y_cn_2 = Y_2[n_2, c]
                    Y_cn_3 = Y_2[n_3, c]
                    t7 = Y_cn * scores  # line 9
                    t7_1 = Y_cn_1 * scores_1  # line 9
                    t7_2 = Y_cn_2 * scores_2  # line 9
                    t7_3 = Y_cn_3 * scores_3  # line 9
                    t27_n = _plus(t27_n, t7)  # line 9
                    t27_n_1 = _plus(t27_n_1, t7_1)  # line 9
                    t27_n_2 = _plus(t27_n_2, t7_2)  # line 9
                    t27_n_3 = _plus(t27_n_3, t7_3)  # line 9
                    t28_n = _larger(t28_n, scores)  # line 9
                    t28_n_1 = _larger(t28_n_1, scores_1)  # line 9
                    t28_n_2 = _larger(t28_n_2, scores_2)  # line 9
                    t28_n_3 = _larger(t28_n_3, scores_3)  # line 9
                t27[n] = t27_n
                t27[n_1] = t27_n_1
                t27[n_2] = t27_n_2
                t27[n_3] = t27_n_3
                t28[n] = t28_n
                t28[n_1] = t28_n_1
                t28[n_2] = t28_n_2
                t28[n_3] = t28_n_3
            for n in range(edge, size_):
                t27_n = 0.0
                t28_n = -np.inf
                for c in range(C):
                    b_c = b[c]
                    t6_cn = t26[n, c]
                    scores = t6_cn + b_c  # line 8
                    Y_cn = Y_2[n, c]
                    t7 = Y_cn * scores  # line 9
                    t27_n = _plus(t27_n, t7)  # line 9
                    t28_n = _larger(t28_n, scores)  # line 9
                t27[n] = t27_n
                t28[n] = t28_n
            # over n, c: t29, t30; 4*C*N + 2*N operations, 24*C*N + 16*N bytes
            for n in range(size_):
                t9_n = t28[n]
                t10 = t9_n if np.isfinite(t9_n) else 0.0  # line 9
                t30_n = 0.0
                for c in range(C):
                    b_c = b[c]
                    t6_cn = t26[n, c]
                    scores = t6_cn + b_c  # line 8
                    t11 = scores - t10  # line 9
                    t12 = _exp(t11)  # line 9
                    t29[n, c] = t12
                    t30_n = _plus(t30_n, t12)  # line 9
                t30[n] = t30_n
            t18__ = 0.0
            # over n: t18__, t31; 7*N operations, 32*N bytes
            for n in range(size_):
                t8_n = t27[n]
                t14_n = t30[n]
                t15 = _log(t14_n)  # line 9
                t9_n = t28[n]
                t10 = t9_n if np.isfinite(t9_n) else 0.0  # line 9
                t16 = t10 + t15  # line 9
                t17 = t16 - t8_n  # line 9
                t18__ = _plus(t18__, t17)  # line 9
                t19 = 1.0 / t14_n  # backward of line 9: logsumexp gate
                t31[n] = t19
            t18 = _plus(t18, t18__)  # line 9
            edge_ = size_ - (size_ - 0) % 4
            # over n, c: dscores_, t23; 4*C*N operations, 40*C*N + 8*N bytes
            for n in range(0, edge_, 4):
                n_1_ = n + 1
                n_2_ = n + 2
                n_3_ = n + 3
                t19 = t31[n]
                t19_1 = t31[n_1_]
                t19_2 = t31[n_2_]
                t19_3 = t31[n_3_]
                for c in range(C):
                    Y_cn = Y_2[n, c]
                    Y_cn_1_ = Y_2[n_1_, c]
                    Y_cn_2_ = Y_2[n_2_, c]
                    Y_cn_3_ = Y_2[n_3_, c]
                    t12 = t29[n, c]
                    t12_1 = t29[n_1_, c]
                    t12_2 = t29[n_2_, c]
                    t12_3 = t29[n_3_, c]
                    t21 = t12 * t19  # backward of line 9: logsumexp gate
                    t21_1 = t12_1 * t19_1  # backward of line 9: logsumexp gate
                    t21_2 = t12_2 * t19_2  # backward of line 9: logsumexp gate
                    t21_3 = t12_3 * t19_3  # backward of line 9: logsumexp gate
                    t22 = t21 - Y_cn  # backward of line 8: copy gate
                    t22_1 = t21_1 - Y_cn_1_  # backward of line 8: copy gate
                    t22_2 = t21_2 - Y_cn_2_  # backward of line 8: copy gate
                    t22_3 = t21_3 - Y_cn_3_  # backward of line 8: copy gate
                    dscores_cn = t22 * t2  # backward of line 8: copy gate
                    dscores_cn_1 = t22_1 * t2  # backward of line 8: copy gate
                    dscores_cn_2 = t22_2 * t2  # backward of line 8: copy gate
                    dscores_cn_3 = t22_3 * t2  # backward of line 8: copy gate
                    dscores_[n, c] = dscores_cn
                    dscores_[n_1_, c] = dscores_cn_1
                    dscores_[n_2_, c] = dscores_cn_2
                    dscores_[n_3_, c] = dscores_cn_3
                    t23_ = t23[c]
                    t23_ = t23_ + t22  # backward of line 8: add gate
                    t23_ = t23_ + t22_1  # backward of line 8: add gate
                    t23_ = t23_ + t22_2  # backward of line 8: add gate
                    t23_ = t23_ + t22_3  # backward of line 8: add gate
                    t23[c] = t23_
            for n in range(edge_, size_):
                t19 = t31[n]
                for c in range(C):
                    Y_cn = Y_2[n, c]
                    t12 = t29[n, c]
                    t21 = t12 * t19  # backward of line 9: logsumexp gate
                    t22 = t21 - Y_cn  # backward of line 8: copy gate
                    dscores_cn = t22 * t2  # backward of line 8: copy gate
                    dscores_[n, c] = dscores_cn
                    t23[c] += t22  # backward of line 8: add gate
            np.dot(X_2.T, dscores_, t32)  # backward of line 8: mul gate
            # over d, c: t24; C*D operations, 24*C*D bytes
            for d in range(D):
                for c in range(C):
                    t24[d, c] += t32[d, c]  # backward of line 8: mul gate
    else:
        # stage along N: block by block, with 4*C + 4 numbers for each position in buffers
        block = min(N // 2 + 4, max(64, min(256, 65536 // (4*C + 5) // 32 * 32)))
        size = min(block, N)
        space = _own(np.empty((16384,), np.float64))
        Y__ = _own(np.empty((C, size), np.float64))
        t6 = _own(np.empty((C, size), np.float64))
        t8 = _own(np.empty((size,), np.float64))
        t9 = _own(np.empty((size,), np.float64))
        t13 = _own(np.empty((C, size), np.float64))
        t14 = _own(np.empty((size,), np.float64))
        t20 = _own(np.empty((size,), np.float64))
        dscores = _own(np.empty((C, size), np.float64))
        t25 = _own(np.empty((D, C), np.float64))
        for n0 in range(0, N, block):
            if N - n0 < size:  # the last block
                size = N - n0
                Y__ = _own(np.empty((C, size), np.float64))
                t6 = _own(np.empty((C, size), np.float64))
                t8 = _own(np.empty((size,), np.float64))
                t9 = _own(np.empty((size,), np.float64))
                t13 = _own(np.empty((C, size), np.float64))
                t14 = _own(np.empty((size,), np.float64))
                t20 = _own(np.empty((size,), np.float64))
                dscores = _own(np.empty((C, size), np.float64))
            X_ = X[n0 : n0 + size]
            Y_ = Y[n0 : n0 + size]
            X__ = _columns(X_, space)
            _turn(Y_, Y__)
            if not _few_terms(W.T, X__, t6):
                np.dot(W.T, X_.T, t6)
            t8[...] = 0.0
            t9[...] = -np.inf
            # over c, n: t8, t9; 4*C*N operations, 48*C*N + 8*C bytes
            for c in range(C):
                b_c = b[c]
                for n in range(size):
                    t6_cn = t6[c, n]
                    scores = t6_cn + b_c  # line 8
                    Y_cn = Y__[c, n]
                    t7 = Y_cn * scores  # line 9
                    t8[n] += t7  # line 9
                    t9[n] = scores if scores > t9[n] or scores != scores else t9[n]  # line 9
            t14[...] = 0.0
            # over c, n: t13, t14; 6*C*N operations, 40*C*N + 8*C bytes
            for c in range(C):
                b_c = b[c]
                for n in range(size):
                    t9_n = t9[n]
                    t10 = t9_n if np.isfinite(t9_n) else 0.0  # line 9
                    t6_cn = t6[c, n]
                    scores = t6_cn + b_c  # line 8
                    t11 = scores - t10  # line 9
                    t12 = _exp(t11)  # line 9
                    t13[c, n] = t12
                    t14[n] += t12  # line 9
            t18_ = 0.0
            # over n: t18_, t20; 7*N operations, 32*N bytes
            for n in range(size):
                t8_n = t8[n]
                t14_n = t14[n]
                t15 = _log(t14_n)  # line 9
                t9_n = t9[n]
                t10 = t9_n if np.isfinite(t9_n) else 0.0  # line 9
                t16 = t10 + t15  # line 9
                t17 = t16 - t8_n  # line 9
                t18_ = _plus(t18_, t17)  # line 9
                t19 = 1.0 / t14_n  # backward of line 9: logsumexp gate
                t20[n] = t19
            t18 = _plus(t18, t18_)  # line 9
            # over c, n: dscores, t23; 4*C*N + C operations, 32*C*N + 16*C bytes
            for c in range(C):
                t23_c = 0.0
                for n in range(size):
                    Y_cn = Y__[c, n]
                    t19 = t20[n]
                    t12 = t13[c, n]
                    t21 = t12 * t19  # backward of line 9: logsumexp gate
                    t22 = t21 - Y_cn  # backward of line 8: copy gate
                    dscores_cn = t22 * t2  # backward of line 8: copy gate
                    dscores[c, n] = dscores_cn
                    t23_c = _plus(t23_c, t22)  # backward of line 8: add gate
                t23[c] += t23_c  # backward of line 8: add gate
            if not _long_sums(X__, dscores, t25):
                np.dot(X_.T, dscores.T, t25)  # backward of line 8: mul gate
            # over d, c: t24; C*D operations, 24*C*D bytes
            for d in range(D):
                for c in range(C):
                    t24[d, c] += t25[d, c]  # backward of line 8: mul gate
    t33 = t18 / N  # line 9
    loss = t33 + t5  # line 9
    db = _own(np.empty((C,), np.float64))
    # over c: db; C operations, 16*C bytes
    for c in range(C):
        t23_c_ = t23[c]
        db_c = t23_c_ * t2  # backward of line 8: add gate
        db[c] = db_c
    dW = _own(np.empty((D, C), np.float64))
    # over d, c: dW; 3*C*D operations, 24*C*D bytes
    for d in range(D):
        for c in range(C):
            t24_cd = t24[d, c]
            W_cd = W[d, c]
            t34 = 2 * W_cd  # backward of line 9: square gate
            t35 = t1 * t34  # backward of line 9: square gate
            dW_dc = t35 + t24_cd  # backward of line 4: copy gate
            dW[d, c] = dW_dc
    return (loss, dW, db)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    W: np.ndarray  # [D, C]
    b: np.ndarray  # [C]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(X, Y, W, b, lam=0.1):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, Y, W, b, lam):
        _call = _direct_value_kernel.run
        _found = _call(X, Y, W, b, lam)
    else:
        _found = value_kernel(*_checked(X, Y, W, b, lam))
    return _found[0]


def value_and_grad(X, Y, W, b, lam=0.1):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, Y, W, b, lam):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(X, Y, W, b, lam)
    else:
        _found = value_and_grad_kernel(*_checked(X, Y, W, b, lam))
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


def _checked(X, Y, W, b, lam):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("N", "D"), "real")
    if Y.__class__ is not _ARRAY or Y.dtype is not _REAL or Y.ndim != 2 or not Y.flags.carray:
        Y = _converted("Y", Y, ("N", "C"), "real")
    if W.__class__ is not _ARRAY or W.dtype is not _REAL or W.ndim != 2 or not W.flags.carray:
        W = _converted("W", W, ("D", "C"), "real")
    if b.__class__ is not _ARRAY or b.dtype is not _REAL or b.ndim != 1 or not b.flags.carray:
        b = _converted("b", b, ("C",), "real")
    if lam.__class__ is not float:
        lam = float(_converted("lam", lam, (), "real"))
    N, D = X.shape
    C = Y.shape[1]
    if Y.shape[0] != N:
        raise ValueError(f"Y has {Y.shape[0]} rows, but N = {N} from X")
    if W.shape[0] != D:
        raise ValueError(f"W has {W.shape[0]} rows, but D = {D} from X")
    if W.shape[1] != C:
        raise ValueError(f"W has {W.shape[1]} columns, but C = {C} from Y")
    if b.shape[0] != C:
        raise ValueError(f"b has {b.shape[0]} elements, but C = {C} from Y")
    return X, Y, W, b, lam


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
def _fit(_array, _real, X, Y, W, b, lam):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(X, _array, _real, 2)):
        return False
    if not (_is_array(Y, _array, _real, 2)):
        return False
    if not (_is_array(W, _array, _real, 2)):
        return False
    if not (_is_array(b, _array, _real, 1)):
        return False
    if not (_is_a(lam, "PyFloat_Type")):
        return False
    N = _size(X, 0)
    D = _size(X, 1)
    C = _size(Y, 1)
    return _size(Y, 0) == N and _size(W, 0) == D and _size(W, 1) == C and _size(b, 0) == C


_fitting = _Direct(_fit, 100, *[_ANY] * 7)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[:, ::1], types.float64[:, ::1], types.float64[::1], types.double,
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
