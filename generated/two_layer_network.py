# Made by gradcompile 0.1.0 from examples/two_layer_network.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 3c45e28db85895404d6787499cd1c3148d1c2b8b7d07b9bdd4eddf6dfebcd1b9
# options: --target numba --emit value,value_and_grad
# operations: value 2*C*H*N + 2*D*H*N + 4*C*N + 2*H*N + 2*N + 1; value_and_grad 6*C*H*N + 4*D*H*N + 9*C*N + 5*H*N + C + 2*N + 1
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient W1: agrees (finite differences), to 50 digits at 3 points
# graph: gradient b1: agrees (finite differences), to 50 digits at 3 points
# graph: gradient W2: agrees (finite differences), to 50 digits at 3 points
# graph: gradient b2: agrees (finite differences), to 50 digits at 3 points
# code: N = 2, D = 3, C = 4, H = 5: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: D = 0: agrees, within 2^0 units in the last place
# code: C = 0: agrees, within 2^0 units in the last place
# code: H = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: C = 37: agrees, within 2^0 units in the last place
# code: H = 10: agrees, within 2^0 units in the last place
# claim, line 16: proved (sympy), grad(loss, scores) == upstream
# claim, line 19: agrees (mpmath), grad(loss, b2) == sum(upstream, axis=0)
# claim, line 20: agrees (mpmath), grad(loss, W2) == hidden.T @ upstream
# claim, line 21: proved (sympy), grad(loss, hidden) == upstream @ W2.T
# claim, line 25: agrees (mpmath), grad(loss, before) == routed
# claim, line 27: agrees (mpmath), grad(loss, b1) == sum(routed, axis=0)
# claim, line 28: agrees (mpmath), grad(loss, W1) == X.T @ routed
# --- end of certificate ---

"""A two-layer network: linear, ReLU, linear, and the mean cross-entropy of its softmax.

    from two_layer_network import value, value_and_grad
    loss = value(X, Y, W1, b1, W2, b2)
    loss, gradient = value_and_grad(X, Y, W1, b1, W2, b2)

Arguments: X[N, D], Y[N, C], W1[D, H] (differentiated), b1[H] (differentiated), W2[H, C] (differentiated),
b2[C] (differentiated).
"""

from typing import NamedTuple

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


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


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


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
def value_kernel(X, Y, W1, b1, W2, b2):
    N, D = X.shape
    C = Y.shape[1]
    H = W1.shape[1]
    t13 = 0.0
    if C >= _LONG_ROW:
        # stage along N: block by block, with C + 2*H + 3 numbers for each position in buffers
        block_ = min(N // 2 + 4, max(64, min(256, 65536 // (C + 2*H + 4) // 32 * 32)))
        size_ = min(block_, N)
        t14 = _own(np.empty((size_, H), np.float64))
        hidden_ = _own(np.empty((size_, H), np.float64))
        t15 = _own(np.empty((size_, C), np.float64))
        t16 = _own(np.empty((size_,), np.float64))
        t17 = _own(np.empty((size_,), np.float64))
        t18 = _own(np.empty((size_,), np.float64))
        for n0_ in range(0, N, block_):
            if N - n0_ < size_:  # the last block
                size_ = N - n0_
                t14 = _own(np.empty((size_, H), np.float64))
                hidden_ = _own(np.empty((size_, H), np.float64))
                t15 = _own(np.empty((size_, C), np.float64))
                t16 = _own(np.empty((size_,), np.float64))
                t17 = _own(np.empty((size_,), np.float64))
                t18 = _own(np.empty((size_,), np.float64))
            X_2 = X[n0_ : n0_ + size_]
            Y_2 = Y[n0_ : n0_ + size_]
            np.dot(X_2, W1, t14)
            # over n, h: hidden_; 2*H*N operations, 24*H*N bytes
            for n in range(size_):
                for h in range(H):
                    b1_h = b1[h]
                    t1_hn = t14[n, h]
                    before = t1_hn + b1_h  # line 9
                    hidden_hn = before if before > 0 or before != before else 0.0  # line 10
                    hidden_[n, h] = hidden_hn
            np.dot(hidden_, W2, t15)  # line 11
            edge = size_ - (size_ - 0) % 4
            # over n, c: t16, t17; 4*C*N operations, 24*C*N + 16*N bytes
            for n in range(0, edge, 4):
                n_1 = n + 1
                n_2 = n + 2
                n_3 = n + 3
                t16_n = 0.0
                t16_n_1 = 0.0
                t16_n_2 = 0.0
                t16_n_3 = 0.0
                t17_n = -np.inf
                t17_n_1 = -np.inf
                t17_n_2 = -np.inf
                t17_n_3 = -np.inf
                for c in range(C):
                    b2_c = b2[c]
                    t2_cn = t15[n, c]
                    t2_cn_1 = t15[n_1, c]
                    t2_cn_2 = t15[n_2, c]
                    t2_cn_3 = t15[n_3, c]
                    scores = t2_cn + b2_c  # line 11
                    scores_1 = t2_cn_1 + b2_c  # line 11
                    scores_2 = t2_cn_2 + b2_c  # line 11
                    scores_3 = t2_cn_3 + b2_c  # line 11
                    Y_cn = Y_2[n, c]
                    Y_cn_1 = Y_2[n_1, c]
                    Y_cn_2 = Y_2[n_2, c]
                    Y_cn_3 = Y_2[n_3, c]
                    t3 = Y_cn * scores  # line 12
                    t3_1 = Y_cn_1 * scores_1  # line 12
                    t3_2 = Y_cn_2 * scores_2  # line 12
                    t3_3 = Y_cn_3 * scores_3  # line 12
                    t16_n = _plus(t16_n, t3)  # line 12
                    t16_n_1 = _plus(t16_n_1, t3_1)  # line 12
                    t16_n_2 = _plus(t16_n_2, t3_2)  # line 12
                    t16_n_3 = _plus(t16_n_3, t3_3)  # line 12
                    t17_n = _larger(t17_n, scores)  # line 12
                    t17_n_1 = _larger(t17_n_1, scores_1)  # line 12
                    t17_n_2 = _larger(t17_n_2, scores_2)  # line 12
                    t17_n_3 = _larger(t17_n_3, scores_3)  # line 12
                t16[n] = t16_n
                t16[n_1] = t16_n_1
                t16[n_2] = t16_n_2
                t16[n_3] = t16_n_3
                t17[n] = t17_n
                t17[n_1] = t17_n_1
                t17[n_2] = t17_n_2
                t17[n_3] = t17_n_3
            for n in range(edge, size_):
                t16_n = 0.0
                t17_n = -np.inf
                for c in range(C):
                    b2_c = b2[c]
                    t2_cn = t15[n, c]
                    scores = t2_cn + b2_c  # line 11
                    Y_cn = Y_2[n, c]
                    t3 = Y_cn * scores  # line 12
                    t16_n = _plus(t16_n, t3)  # line 12
                    t17_n = _larger(t17_n, scores)  # line 12
                t16[n] = t16_n
                t17[n] = t17_n
            # over n, c: t18; 4*C*N + 2*N operations, 16*C*N + 16*N bytes
            for n in range(size_):
                t5_n = t17[n]
                t6 = t5_n if np.isfinite(t5_n) else 0.0  # line 12
                t18_n = 0.0
                for c in range(C):
                    b2_c = b2[c]
                    t2_cn = t15[n, c]
                    scores = t2_cn + b2_c  # line 11
                    t7 = scores - t6  # line 12
                    t8 = _exp(t7)  # line 12
                    t18_n = _plus(t18_n, t8)  # line 12
                t18[n] = t18_n
            t13__ = 0.0
            # over n: t13__; 6*N operations, 24*N bytes
            for n in range(size_):
                t4_n = t16[n]
                t9_n = t18[n]
                t10 = _log(t9_n)  # line 12
                t5_n = t17[n]
                t6 = t5_n if np.isfinite(t5_n) else 0.0  # line 12
                t11 = t6 + t10  # line 12
                t12 = t11 - t4_n  # line 12
                t13__ = _plus(t13__, t12)  # line 12
            t13 = _plus(t13, t13__)  # line 12
    else:
        # stage along N: block by block, with 2*C + 2*H + 3 numbers for each position in buffers
        block = min(N // 2 + 4, max(64, min(256, 65536 // (2*C + 2*H + 4) // 32 * 32)))
        size = min(block, N)
        space = _own(np.empty((16384,), np.float64))
        Y__ = _own(np.empty((C, size), np.float64))
        t1 = _own(np.empty((H, size), np.float64))
        hidden = _own(np.empty((H, size), np.float64))
        t2 = _own(np.empty((C, size), np.float64))
        t4 = _own(np.empty((size,), np.float64))
        t5 = _own(np.empty((size,), np.float64))
        t9 = _own(np.empty((size,), np.float64))
        for n0 in range(0, N, block):
            if N - n0 < size:  # the last block
                size = N - n0
                Y__ = _own(np.empty((C, size), np.float64))
                t1 = _own(np.empty((H, size), np.float64))
                hidden = _own(np.empty((H, size), np.float64))
                t2 = _own(np.empty((C, size), np.float64))
                t4 = _own(np.empty((size,), np.float64))
                t5 = _own(np.empty((size,), np.float64))
                t9 = _own(np.empty((size,), np.float64))
            X_ = X[n0 : n0 + size]
            Y_ = Y[n0 : n0 + size]
            X__ = _columns(X_, space)
            _turn(Y_, Y__)
            if not _few_terms(W1.T, X__, t1):
                np.dot(W1.T, X_.T, t1)
            # over h, n: hidden; 2*H*N operations, 16*H*N + 8*H bytes
            for h in range(H):
                b1_h = b1[h]
                for n in range(size):
                    t1_hn = t1[h, n]
                    before = t1_hn + b1_h  # line 9
                    hidden_hn = before if before > 0 or before != before else 0.0  # line 10
                    hidden[h, n] = hidden_hn
            if not _few_terms(W2.T, hidden, t2):
                np.dot(W2.T, hidden, t2)  # line 11
            t4[...] = 0.0
            t5[...] = -np.inf
            # over c, n: t4, t5; 4*C*N operations, 48*C*N + 8*C bytes
            for c in range(C):
                b2_c = b2[c]
                for n in range(size):
                    t2_cn = t2[c, n]
                    scores = t2_cn + b2_c  # line 11
                    Y_cn = Y__[c, n]
                    t3 = Y_cn * scores  # line 12
                    t4[n] += t3  # line 12
                    t5[n] = scores if scores > t5[n] or scores != scores else t5[n]  # line 12
            t9[...] = 0.0
            # over c, n: t9; 6*C*N operations, 32*C*N + 8*C bytes
            for c in range(C):
                b2_c = b2[c]
                for n in range(size):
                    t5_n = t5[n]
                    t6 = t5_n if np.isfinite(t5_n) else 0.0  # line 12
                    t2_cn = t2[c, n]
                    scores = t2_cn + b2_c  # line 11
                    t7 = scores - t6  # line 12
                    t8 = _exp(t7)  # line 12
                    t9[n] += t8  # line 12
            t13_ = 0.0
            # over n: t13_; 6*N operations, 24*N bytes
            for n in range(size):
                t4_n = t4[n]
                t9_n = t9[n]
                t10 = _log(t9_n)  # line 12
                t5_n = t5[n]
                t6 = t5_n if np.isfinite(t5_n) else 0.0  # line 12
                t11 = t6 + t10  # line 12
                t12 = t11 - t4_n  # line 12
                t13_ = _plus(t13_, t12)  # line 12
            t13 = _plus(t13, t13_)  # line 12
    loss = t13 / N  # line 12
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, Y, W1, b1, W2, b2):
    N, D = X.shape
    C = Y.shape[1]
    H = W1.shape[1]
    t1 = 1.0 / N  # backward of line 11: copy gate
    t15 = 0.0
    t20 = _own(np.zeros((C,), np.float64))
    dW2 = _own(np.zeros((H, C), np.float64))
    db1 = _own(np.zeros((H,), np.float64))
    dW1 = _own(np.zeros((D, H), np.float64))
    if C >= _LONG_ROW:
        # stage along N: block by block, with 3*C + 4*H + 4 numbers for each position in buffers
        block_ = min(N // 2 + 4, max(64, min(256, 65536 // (3*C + 4*H + 5) // 32 * 32)))
        size_ = min(block_, N)
        t24 = _own(np.empty((size_, H), np.float64))
        hidden_ = _own(np.empty((size_, H), np.float64))
        t25 = _own(np.empty((size_, C), np.float64))
        t26 = _own(np.empty((size_,), np.float64))
        t27 = _own(np.empty((size_,), np.float64))
        t28 = _own(np.empty((size_, C), np.float64))
        t29 = _own(np.empty((size_,), np.float64))
        t30 = _own(np.empty((size_,), np.float64))
        dscores_ = _own(np.empty((size_, C), np.float64))
        dhidden_ = _own(np.empty((size_, H), np.float64))
        t31 = _own(np.empty((H, C), np.float64))
        dbefore_ = _own(np.empty((size_, H), np.float64))
        t32 = _own(np.empty((D, H), np.float64))
        for n0_ in range(0, N, block_):
            if N - n0_ < size_:  # the last block
                size_ = N - n0_
                t24 = _own(np.empty((size_, H), np.float64))
                hidden_ = _own(np.empty((size_, H), np.float64))
                t25 = _own(np.empty((size_, C), np.float64))
                t26 = _own(np.empty((size_,), np.float64))
                t27 = _own(np.empty((size_,), np.float64))
                t28 = _own(np.empty((size_, C), np.float64))
                t29 = _own(np.empty((size_,), np.float64))
                t30 = _own(np.empty((size_,), np.float64))
                dscores_ = _own(np.empty((size_, C), np.float64))
                dhidden_ = _own(np.empty((size_, H), np.float64))
                dbefore_ = _own(np.empty((size_, H), np.float64))
            X_2 = X[n0_ : n0_ + size_]
            Y_2 = Y[n0_ : n0_ + size_]
            np.dot(X_2, W1, t24)
            # over n, h: hidden_; 2*H*N operations, 24*H*N bytes
            for n in range(size_):
                for h in range(H):
                    b1_h = b1[h]
                    t2_hn = t24[n, h]
                    before = t2_hn + b1_h  # line 9
                    hidden_hn = before if before > 0 or before != before else 0.0  # line 10
                    hidden_[n, h] = hidden_hn
            np.dot(hidden_, W2, t25)  # line 11
            edge = size_ - (size_ - 0) % 4
            # over n, c: t26, t27; 4*C*N operations, 24*C*N + 16*N bytes
            for n in range(0, edge, 4):
                n_1 = n + 1
                n_2 = n + 2
                n_3 = n + 3
                t26_n = 0.0
                t26_n_1 = 0.0
                t26_n_2 = 0.0
                t26_n_3 = 0.0
                t27_n = -np.inf
                t27_n_1 = -np.inf
                t27_n_2 = -np.inf
                t27_n_3 = -np.inf
                for c in range(C):
                    b2_c = b2[c]
                    t3_cn = t25[n, c]
                    t3_cn_1 = t25[n_1, c]
                    t3_cn_2 = t25[n_2, c]
                    t3_cn_3 = t25[n_3, c]
                    scores = t3_cn + b2_c  # line 11
                    scores_1 = t3_cn_1 + b2_c  # line 11
                    scores_2 = t3_cn_2 + b2_c  # line 11
                    scores_3 = t3_cn_3 + b2_c  # line 11
                    Y_cn = Y_2[n, c]
                    Y_cn_1 = Y_2[n_1, c]
                    Y_cn_2 = Y_2[n_2, c]
                    Y_cn_3 = Y_2[n_3, c]
                    t4 = Y_cn * scores  # line 12
                    t4_1 = Y_cn_1 * scores_1  # line 12
                    t4_2 = Y_cn_2 * scores_2  # line 12
                    t4_3 = Y_cn_3 * scores_3  # line 12
                    t26_n = _plus(t26_n, t4)  # line 12
                    t26_n_1 = _plus(t26_n_1, t4_1)  # line 12
                    t26_n_2 = _plus(t26_n_2, t4_2)  # line 12
                    t26_n_3 = _plus(t26_n_3, t4_3)  # line 12
                    t27_n = _larger(t27_n, scores)  # line 12
                    t27_n_1 = _larger(t27_n_1, scores_1)  # line 12
                    t27_n_2 = _larger(t27_n_2, scores_2)  # line 12
                    t27_n_3 = _larger(t27_n_3, scores_3)  # line 12
                t26[n] = t26_n
                t26[n_1] = t26_n_1
                t26[n_2] = t26_n_2
                t26[n_3] = t26_n_3
                t27[n] = t27_n
                t27[n_1] = t27_n_1
                t27[n_2] = t27_n_2
                t27[n_3] = t27_n_3
            for n in range(edge, size_):
                t26_n = 0.0
                t27_n = -np.inf
                for c in range(C):
                    b2_c = b2[c]
                    t3_cn = t25[n, c]
                    scores = t3_cn + b2_c  # line 11
                    Y_cn = Y_2[n, c]
                    t4 = Y_cn * scores  # line 12
                    t26_n = _plus(t26_n, t4)  # line 12
                    t27_n = _larger(t27_n, scores)  # line 12
                t26[n] = t26_n
                t27[n] = t27_n
            # over n, c: t28, t29; 4*C*N + 2*N operations, 24*C*N + 16*N bytes
            for n in range(size_):
                t6_n = t27[n]
                t7 = t6_n if np.isfinite(t6_n) else 0.0  # line 12
                t29_n = 0.0
                for c in range(C):
                    b2_c = b2[c]
                    t3_cn = t25[n, c]
                    scores = t3_cn + b2_c  # line 11
                    t8 = scores - t7  # line 12
                    t9 = _exp(t8)  # line 12
                    t28[n, c] = t9
                    t29_n = _plus(t29_n, t9)  # line 12
                t29[n] = t29_n
            t15__ = 0.0
            # over n: t15__, t30; 7*N operations, 32*N bytes
            for n in range(size_):
                t5_n = t26[n]
                t11_n = t29[n]
                t12 = _log(t11_n)  # line 12
                t6_n = t27[n]
                t7 = t6_n if np.isfinite(t6_n) else 0.0  # line 12
                t13 = t7 + t12  # line 12
                t14 = t13 - t5_n  # line 12
                t15__ = _plus(t15__, t14)  # line 12
                t16 = 1.0 / t11_n  # backward of line 12: logsumexp gate
                t30[n] = t16
            t15 = _plus(t15, t15__)  # line 12
            edge_ = size_ - (size_ - 0) % 4
            # over n, c: dscores_, t20; 4*C*N operations, 40*C*N + 8*N bytes
            for n in range(0, edge_, 4):
                n_1_ = n + 1
                n_2_ = n + 2
                n_3_ = n + 3
                t16 = t30[n]
                t16_1 = t30[n_1_]
                t16_2 = t30[n_2_]
                t16_3 = t30[n_3_]
                for c in range(C):
                    Y_cn = Y_2[n, c]
                    Y_cn_1_ = Y_2[n_1_, c]
                    Y_cn_2_ = Y_2[n_2_, c]
                    Y_cn_3_ = Y_2[n_3_, c]
                    t9 = t28[n, c]
                    t9_1 = t28[n_1_, c]
                    t9_2 = t28[n_2_, c]
                    t9_3 = t28[n_3_, c]
                    t18 = t9 * t16  # backward of line 12: logsumexp gate
                    t18_1 = t9_1 * t16_1  # backward of line 12: logsumexp gate
                    t18_2 = t9_2 * t16_2  # backward of line 12: logsumexp gate
                    t18_3 = t9_3 * t16_3  # backward of line 12: logsumexp gate
                    t19 = t18 - Y_cn  # backward of line 11: copy gate
                    t19_1 = t18_1 - Y_cn_1_  # backward of line 11: copy gate
                    t19_2 = t18_2 - Y_cn_2_  # backward of line 11: copy gate
                    t19_3 = t18_3 - Y_cn_3_  # backward of line 11: copy gate
                    dscores_cn = t19 * t1  # backward of line 11: copy gate
                    dscores_cn_1 = t19_1 * t1  # backward of line 11: copy gate
                    dscores_cn_2 = t19_2 * t1  # backward of line 11: copy gate
                    dscores_cn_3 = t19_3 * t1  # backward of line 11: copy gate
                    dscores_[n, c] = dscores_cn
                    dscores_[n_1_, c] = dscores_cn_1
                    dscores_[n_2_, c] = dscores_cn_2
                    dscores_[n_3_, c] = dscores_cn_3
                    t20_ = t20[c]
                    t20_ = t20_ + t19  # backward of line 11: add gate
                    t20_ = t20_ + t19_1  # backward of line 11: add gate
                    t20_ = t20_ + t19_2  # backward of line 11: add gate
                    t20_ = t20_ + t19_3  # backward of line 11: add gate
                    t20[c] = t20_
            for n in range(edge_, size_):
                t16 = t30[n]
                for c in range(C):
                    Y_cn = Y_2[n, c]
                    t9 = t28[n, c]
                    t18 = t9 * t16  # backward of line 12: logsumexp gate
                    t19 = t18 - Y_cn  # backward of line 11: copy gate
                    dscores_cn = t19 * t1  # backward of line 11: copy gate
                    dscores_[n, c] = dscores_cn
                    t20[c] += t19  # backward of line 11: add gate
            np.dot(dscores_, W2.T, dhidden_)  # backward of line 11: mul gate
            np.dot(hidden_.T, dscores_, t31)  # backward of line 11: mul gate
            # over h, c: dW2; C*H operations, 24*C*H bytes
            for h in range(H):
                for c in range(C):
                    dW2[h, c] += t31[h, c]  # backward of line 11: mul gate
            edge_2 = size_ - (size_ - 0) % 4
            # over n, h: dbefore_, db1; 4*H*N operations, 48*H*N bytes
            for n in range(0, edge_2, 4):
                n_1_2 = n + 1
                n_2_2 = n + 2
                n_3_2 = n + 3
                for h in range(H):
                    dhidden_hn = dhidden_[n, h]
                    dhidden_hn_1 = dhidden_[n_1_2, h]
                    dhidden_hn_2 = dhidden_[n_2_2, h]
                    dhidden_hn_3 = dhidden_[n_3_2, h]
                    b1_h = b1[h]
                    t2_hn = t24[n, h]
                    t2_hn_1 = t24[n_1_2, h]
                    t2_hn_2 = t24[n_2_2, h]
                    t2_hn_3 = t24[n_3_2, h]
                    before = t2_hn + b1_h  # line 9
                    before_1 = t2_hn_1 + b1_h  # line 9
                    before_2 = t2_hn_2 + b1_h  # line 9
                    before_3 = t2_hn_3 + b1_h  # line 9
                    t22 = before > 0  # backward of line 10: relu gate
                    t22_1 = before_1 > 0  # backward of line 10: relu gate
                    t22_2 = before_2 > 0  # backward of line 10: relu gate
                    t22_3 = before_3 > 0  # backward of line 10: relu gate
                    dbefore_hn = dhidden_hn if t22 else 0.0  # backward of line 9: add gate
                    dbefore_hn_1 = dhidden_hn_1 if t22_1 else 0.0  # backward of line 9: add gate
                    dbefore_hn_2 = dhidden_hn_2 if t22_2 else 0.0  # backward of line 9: add gate
                    dbefore_hn_3 = dhidden_hn_3 if t22_3 else 0.0  # backward of line 9: add gate
                    dbefore_[n, h] = dbefore_hn
                    dbefore_[n_1_2, h] = dbefore_hn_1
                    dbefore_[n_2_2, h] = dbefore_hn_2
                    dbefore_[n_3_2, h] = dbefore_hn_3
                    db1_ = db1[h]
                    db1_ = db1_ + dbefore_hn  # backward of line 9: add gate
                    db1_ = db1_ + dbefore_hn_1  # backward of line 9: add gate
                    db1_ = db1_ + dbefore_hn_2  # backward of line 9: add gate
                    db1_ = db1_ + dbefore_hn_3  # backward of line 9: add gate
                    db1[h] = db1_
            for n in range(edge_2, size_):
                for h in range(H):
                    dhidden_hn = dhidden_[n, h]
                    b1_h = b1[h]
                    t2_hn = t24[n, h]
                    before = t2_hn + b1_h  # line 9
                    t22 = before > 0  # backward of line 10: relu gate
                    dbefore_hn = dhidden_hn if t22 else 0.0  # backward of line 9: add gate
                    dbefore_[n, h] = dbefore_hn
                    db1[h] += dbefore_hn  # backward of line 9: add gate
            np.dot(X_2.T, dbefore_, t32)  # backward of line 9: mul gate
            # over d, h: dW1; D*H operations, 24*D*H bytes
            for d in range(D):
                for h in range(H):
                    dW1[d, h] += t32[d, h]  # backward of line 9: mul gate
    else:
        # stage along N: block by block, with 4*C + 4*H + 4 numbers for each position in buffers
        block = min(N // 2 + 4, max(64, min(256, 65536 // (4*C + 4*H + 5) // 32 * 32)))
        size = min(block, N)
        space = _own(np.empty((16384,), np.float64))
        Y__ = _own(np.empty((C, size), np.float64))
        t2 = _own(np.empty((H, size), np.float64))
        hidden = _own(np.empty((H, size), np.float64))
        t3 = _own(np.empty((C, size), np.float64))
        t5 = _own(np.empty((size,), np.float64))
        t6 = _own(np.empty((size,), np.float64))
        t10 = _own(np.empty((C, size), np.float64))
        t11 = _own(np.empty((size,), np.float64))
        t17 = _own(np.empty((size,), np.float64))
        dscores = _own(np.empty((C, size), np.float64))
        dhidden = _own(np.empty((H, size), np.float64))
        t21 = _own(np.empty((H, C), np.float64))
        dbefore = _own(np.empty((H, size), np.float64))
        t23 = _own(np.empty((D, H), np.float64))
        for n0 in range(0, N, block):
            if N - n0 < size:  # the last block
                size = N - n0
                Y__ = _own(np.empty((C, size), np.float64))
                t2 = _own(np.empty((H, size), np.float64))
                hidden = _own(np.empty((H, size), np.float64))
                t3 = _own(np.empty((C, size), np.float64))
                t5 = _own(np.empty((size,), np.float64))
                t6 = _own(np.empty((size,), np.float64))
                t10 = _own(np.empty((C, size), np.float64))
                t11 = _own(np.empty((size,), np.float64))
                t17 = _own(np.empty((size,), np.float64))
                dscores = _own(np.empty((C, size), np.float64))
                dhidden = _own(np.empty((H, size), np.float64))
                dbefore = _own(np.empty((H, size), np.float64))
            X_ = X[n0 : n0 + size]
            Y_ = Y[n0 : n0 + size]
            X__ = _columns(X_, space)
            _turn(Y_, Y__)
            if not _few_terms(W1.T, X__, t2):
                np.dot(W1.T, X_.T, t2)
            # over h, n: hidden; 2*H*N operations, 16*H*N + 8*H bytes
            for h in range(H):
                b1_h = b1[h]
                for n in range(size):
                    t2_hn = t2[h, n]
                    before = t2_hn + b1_h  # line 9
                    hidden_hn = before if before > 0 or before != before else 0.0  # line 10
                    hidden[h, n] = hidden_hn
            if not _few_terms(W2.T, hidden, t3):
                np.dot(W2.T, hidden, t3)  # line 11
            t5[...] = 0.0
            t6[...] = -np.inf
            # over c, n: t5, t6; 4*C*N operations, 48*C*N + 8*C bytes
            for c in range(C):
                b2_c = b2[c]
                for n in range(size):
                    t3_cn = t3[c, n]
                    scores = t3_cn + b2_c  # line 11
                    Y_cn = Y__[c, n]
                    t4 = Y_cn * scores  # line 12
                    t5[n] += t4  # line 12
                    t6[n] = scores if scores > t6[n] or scores != scores else t6[n]  # line 12
            t11[...] = 0.0
            # over c, n: t10, t11; 6*C*N operations, 40*C*N + 8*C bytes
            for c in range(C):
                b2_c = b2[c]
                for n in range(size):
                    t6_n = t6[n]
                    t7 = t6_n if np.isfinite(t6_n) else 0.0  # line 12
                    t3_cn = t3[c, n]
                    scores = t3_cn + b2_c  # line 11
                    t8 = scores - t7  # line 12
                    t9 = _exp(t8)  # line 12
                    t10[c, n] = t9
                    t11[n] += t9  # line 12
            t15_ = 0.0
            # over n: t15_, t17; 7*N operations, 32*N bytes
            for n in range(size):
                t5_n = t5[n]
                t11_n = t11[n]
                t12 = _log(t11_n)  # line 12
                t6_n = t6[n]
                t7 = t6_n if np.isfinite(t6_n) else 0.0  # line 12
                t13 = t7 + t12  # line 12
                t14 = t13 - t5_n  # line 12
                t15_ = _plus(t15_, t14)  # line 12
                t16 = 1.0 / t11_n  # backward of line 12: logsumexp gate
                t17[n] = t16
            t15 = _plus(t15, t15_)  # line 12
            # over c, n: dscores, t20; 4*C*N + C operations, 32*C*N + 16*C bytes
            for c in range(C):
                t20_c = 0.0
                for n in range(size):
                    Y_cn = Y__[c, n]
                    t16 = t17[n]
                    t9 = t10[c, n]
                    t18 = t9 * t16  # backward of line 12: logsumexp gate
                    t19 = t18 - Y_cn  # backward of line 11: copy gate
                    dscores_cn = t19 * t1  # backward of line 11: copy gate
                    dscores[c, n] = dscores_cn
                    t20_c = _plus(t20_c, t19)  # backward of line 11: add gate
                t20[c] += t20_c  # backward of line 11: add gate
            if not _few_terms(W2, dscores, dhidden):
                np.dot(W2, dscores, dhidden)  # backward of line 11: mul gate
            if not _long_sums(hidden, dscores, t21):
                np.dot(hidden, dscores.T, t21)  # backward of line 11: mul gate
            # over h, c: dW2; C*H operations, 24*C*H bytes
            for h in range(H):
                for c in range(C):
                    dW2[h, c] += t21[h, c]  # backward of line 11: mul gate
            # over h, n: dbefore, db1; 4*H*N + H operations, 24*H*N + 24*H bytes
            for h in range(H):
                b1_h = b1[h]
                db1_h = 0.0
                for n in range(size):
                    dhidden_hn = dhidden[h, n]
                    t2_hn = t2[h, n]
                    before = t2_hn + b1_h  # line 9
                    t22 = before > 0  # backward of line 10: relu gate
                    dbefore_hn = dhidden_hn if t22 else 0.0  # backward of line 9: add gate
                    dbefore[h, n] = dbefore_hn
                    db1_h = _plus(db1_h, dbefore_hn)  # backward of line 9: add gate
                db1[h] += db1_h  # backward of line 9: add gate
            if not _long_sums(X__, dbefore, t23):
                np.dot(X_.T, dbefore.T, t23)  # backward of line 9: mul gate
            # over d, h: dW1; D*H operations, 24*D*H bytes
            for d in range(D):
                for h in range(H):
                    dW1[d, h] += t23[d, h]  # backward of line 9: mul gate
    loss = t15 / N  # line 12
    db2 = _own(np.empty((C,), np.float64))
    # over c: db2; C operations, 16*C bytes
    for c in range(C):
        t20_c_ = t20[c]
        db2_c = t20_c_ * t1  # backward of line 11: add gate
        db2[c] = db2_c
    return (loss, dW1, db1, dW2, db2)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    W1: np.ndarray  # [D, H]
    b1: np.ndarray  # [H]
    W2: np.ndarray  # [H, C]
    b2: np.ndarray  # [C]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(X, Y, W1, b1, W2, b2):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, Y, W1, b1, W2, b2):
        _call = _direct_value_kernel.run
        _found = _call(X, Y, W1, b1, W2, b2)
    else:
        _found = value_kernel(*_checked(X, Y, W1, b1, W2, b2))
    return _found[0]


def value_and_grad(X, Y, W1, b1, W2, b2):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, Y, W1, b1, W2, b2):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(X, Y, W1, b1, W2, b2)
    else:
        _found = value_and_grad_kernel(*_checked(X, Y, W1, b1, W2, b2))
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


def _checked(X, Y, W1, b1, W2, b2):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("N", "D"), "real")
    if Y.__class__ is not _ARRAY or Y.dtype is not _REAL or Y.ndim != 2 or not Y.flags.carray:
        Y = _converted("Y", Y, ("N", "C"), "real")
    if W1.__class__ is not _ARRAY or W1.dtype is not _REAL or W1.ndim != 2 or not W1.flags.carray:
        W1 = _converted("W1", W1, ("D", "H"), "real")
    if b1.__class__ is not _ARRAY or b1.dtype is not _REAL or b1.ndim != 1 or not b1.flags.carray:
        b1 = _converted("b1", b1, ("H",), "real")
    if W2.__class__ is not _ARRAY or W2.dtype is not _REAL or W2.ndim != 2 or not W2.flags.carray:
        W2 = _converted("W2", W2, ("H", "C"), "real")
    if b2.__class__ is not _ARRAY or b2.dtype is not _REAL or b2.ndim != 1 or not b2.flags.carray:
        b2 = _converted("b2", b2, ("C",), "real")
    N, D = X.shape
    C = Y.shape[1]
    H = W1.shape[1]
    if Y.shape[0] != N:
        raise ValueError(f"Y has {Y.shape[0]} rows, but N = {N} from X")
    if W1.shape[0] != D:
        raise ValueError(f"W1 has {W1.shape[0]} rows, but D = {D} from X")
    if b1.shape[0] != H:
        raise ValueError(f"b1 has {b1.shape[0]} elements, but H = {H} from W1")
    if W2.shape[0] != H:
        raise ValueError(f"W2 has {W2.shape[0]} rows, but H = {H} from W1")
    if W2.shape[1] != C:
        raise ValueError(f"W2 has {W2.shape[1]} columns, but C = {C} from Y")
    if b2.shape[0] != C:
        raise ValueError(f"b2 has {b2.shape[0]} elements, but C = {C} from Y")
    return X, Y, W1, b1, W2, b2


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
def _fit(_array, _real, X, Y, W1, b1, W2, b2):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(X, _array, _real, 2)):
        return False
    if not (_is_array(Y, _array, _real, 2)):
        return False
    if not (_is_array(W1, _array, _real, 2)):
        return False
    if not (_is_array(b1, _array, _real, 1)):
        return False
    if not (_is_array(W2, _array, _real, 2)):
        return False
    if not (_is_array(b2, _array, _real, 1)):
        return False
    N = _size(X, 0)
    D = _size(X, 1)
    C = _size(Y, 1)
    H = _size(W1, 1)
    return _size(Y, 0) == N and _size(W1, 0) == D and _size(b1, 0) == H and _size(W2, 0) == H and _size(W2, 1) == C and _size(b2, 0) == C


_fitting = _Direct(_fit, 100, *[_ANY] * 8)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[:, ::1], types.float64[:, ::1], types.float64[::1], types.float64[:,
    ::1], types.float64[::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
