# Made by gradcompile 0.1.0 from examples/gru.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: adc78369bfd1c5263d0d66f9c9a6931ec395a0ee9edfb6ba3fbd06bb670d8cec
# options: --target numba --emit value,value_and_grad
# operations: value 6*D*H*T + 2*H*T*V + 6*H**2*T + 24*H*T + T*V + 9*T + 1; value_and_grad 18*D*H*T + 6*H*T*V + 18*H**2*T + 9*D*H + 3*D*T + 81*H*T + 9*H**2 + 5*T*V + 9*H + 10*T + 3
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient E: agrees (finite differences), to 50 digits at 3 points
# graph: gradient W: agrees (finite differences), to 50 digits at 3 points
# graph: gradient U: agrees (finite differences), to 50 digits at 3 points
# graph: gradient b: agrees (finite differences), to 50 digits at 3 points
# graph: gradient out: agrees (finite differences), to 50 digits at 3 points
# code: T = 2, V = 3, D = 4, H = 5: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: T = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: V = 0: agrees, the formula is undefined (an index into E is out of range: text[t] is 3, the length is 0 (line 11)), and the module says so
# code: D = 0: agrees, the formula is undefined (an index into E is out of range: text[t] is 4, the length is 3 (line 11)), and the module says so
# code: H = 0: agrees, the formula is undefined (an index into E is out of range: text[t] is 3, the length is 3 (line 11)), and the module says so
# code: T = 9: agrees, within 2^0 units in the last place
# code: V = 25: agrees, within 2^0 units in the last place
# code: D = 11: agrees, within 2^0 units in the last place
# code: H = 29: agrees, within 2^1 units in the last place
# code: text out of range: agrees, the module says so
# claim, line 22: agrees (mpmath), grad(loss, scores) == (softmax(scores, axis=1) - came) / T
# --- end of certificate ---

"""GRU: a language model that reads one symbol at a time, and its mean cross-entropy for the next one.

    from gru import value, value_and_grad
    loss = value(text, E, W, U, b, out)
    loss, gradient = value_and_grad(text, E, W, U, b, out)

Arguments: text[T + 1], E[V, D] (differentiated), W[3, D, H] (differentiated), U[3, H, H] (differentiated),
b[3, H] (differentiated), out[H, V] (differentiated).
"""

import math
from typing import NamedTuple

from numba import njit, types
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


class _OutOfRange(IndexError):
    """An index that is no position: a text, and the index and the size that it shows.

    The text is put together when it is read. Numba would compile the whole of it into every kernel.
    """

    def __str__(self):
        return self.args[0].format(*self.args[1:])


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
def _sigmoid(x):
    """1 / (1 + z) or z / (1 + z), z = exp(-|x|), less what rounding 1 + z came to; within 2 units in the last place."""
    z = _exp(-abs(x))
    below = 1.0 + z
    y = (1.0 if x >= 0.0 else z) / below
    return y - y * (z - (below - 1.0)) * (1.0 - 0.5 * z)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _power_of_two(place):
    """2^k within the normal range, for place = k + 6755399441056767.0."""
    return np.int64(np.float64(place).view(np.int64) << 52).view(np.float64)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _tanh(x):
    """The hyperbolic tangent, within 2 units in the last place: 1 - 2 / (exp(2*|x|) + 1), near 0 x - x^3*p(x^2)/q(x^2).

    p and q are from Lambert's continued fraction x/(1 + x^2/(3 + x^2/(5 + ...))), up to 15.
    """
    size = abs(x)
    square = size * size
    place, w = _exp_parts(2.0 * (22.0 if size > 22.0 else size))
    power = _power_of_two(place - 1023.0)
    near = size < 0.55
    above = -size * square * (675675.0 + square * (45045.0 + square * (594.0 + square * 
        (1.0)))) if near else -2.0
    below = (2027025.0 + square * (945945.0 + square * (51975.0 + square * 
        (630.0 + square * (1.0))))) if near else power * w + (power + 1.0)
    return math.copysign((size if near else 1.0) + above / below, x)


_LONG_ROW = 24  # numbers in the row of a sample, from which on loops run along it


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
def value_kernel(text, E, W, U, b, out):
    V, D = E.shape
    H = W.shape[2]
    T = text.shape[0] - 1
    t2 = _own(np.empty((D, H), np.float64))
    t4 = _own(np.empty((D, H), np.float64))
    t6 = _own(np.empty((D, H), np.float64))
    # over d, h: t2, t4, t6; 0 operations, 48*D*H bytes
    for d in range(D):
        for h in range(H):
            t1 = W[0, d, h]
            t2[d, h] = t1
            t3 = W[1, d, h]
            t4[d, h] = t3
            t5 = W[2, d, h]
            t6[d, h] = t5
    t8 = _own(np.empty((H, H), np.float64))
    # over h, h1: t8; 0 operations, 16*H**2 bytes
    for h in range(H):
        for h1 in range(H):
            t7 = U[2, h, h1]
            t8[h, h1] = t7
    # over t: checks; 3*T operations, 8*T bytes
    for t in range(T):
        t9 = text[t]
        t10 = t9 + V  # line 11
        t11 = t9 < 0  # line 11
        t12 = t10 if t11 else t9  # line 11
        if t12 < 0 or t12 >= V:
            raise _OutOfRange("an index into E is out of range: text[t] is {0}, the length is {1} (line 11)", t12, V)
    t14 = _own(np.empty((T, D), np.float64))
    # over t, d: t14; 3*T operations, 16*D*T + 8*T bytes
    for t in range(T):
        t9 = text[t]
        t10 = t9 + V  # line 11
        t11 = t9 < 0  # line 11
        t12 = t10 if t11 else t9  # line 11
        for d in range(D):
            t13 = E[t12, d]
            t14[t, d] = t13
    t15 = np.dot(t2.T, t14.T)
    t16 = np.dot(t4.T, t14.T)
    t17 = np.dot(t6.T, t14.T)
    row = 0
    state = _own(np.empty((2, H), np.float64))
    # over h: state; 0 operations, 8*H bytes
    for h in range(H):
        state[0, h] = 0.0
    state_ = _own(np.empty((T + 1, V), np.float64))
    state_2 = _own(np.empty((2, H), np.float64))
    state_3 = _own(np.empty((2, H), np.float64))
    state_4 = _own(np.empty((2, H), np.float64))
    t20 = _own(np.empty((H,), np.float64))
    t23 = _own(np.empty((H,), np.float64))
    t29 = _own(np.empty((H,), np.float64))
    # over t: t20, t23, t29, state_4, state, state_, …; 2*H*T*V + 6*H**2*T + 24*H*T operations, 48*H**2*T + 144*H*T bytes
    for t in range(T):
        t20[...] = 0.0
        t23[...] = 0.0
        edge = H - (H - 0) % 4
        for h in range(0, edge, 4):
            h_1 = h + 1
            h_2 = h + 2
            h_3 = h + 3
            state_h = state[row, h]
            state_h_1 = state[row, h_1]
            state_h_2 = state[row, h_2]
            state_h_3 = state[row, h_3]
            for h1 in range(H):
                t18 = U[0, h, h1]
                t18_1 = U[0, h_1, h1]
                t18_2 = U[0, h_2, h1]
                t18_3 = U[0, h_3, h1]
                t19 = state_h * t18  # line 12
                t19_1 = state_h_1 * t18_1  # line 12
                t19_2 = state_h_2 * t18_2  # line 12
                t19_3 = state_h_3 * t18_3  # line 12
                t20_ = t20[h1]
                t20_ = t20_ + t19  # line 12
                t20_ = t20_ + t19_1  # line 12
                t20_ = t20_ + t19_2  # line 12
                t20_ = t20_ + t19_3  # line 12
                t20[h1] = t20_
                t21 = U[1, h, h1]
                t21_1 = U[1, h_1, h1]
                t21_2 = U[1, h_2, h1]
                t21_3 = U[1, h_3, h1]
                t22 = state_h * t21  # line 13
                t22_1 = state_h_1 * t21_1  # line 13
                t22_2 = state_h_2 * t21_2  # line 13
                t22_3 = state_h_3 * t21_3  # line 13
                t23_ = t23[h1]
                t23_ = t23_ + t22  # line 13
                t23_ = t23_ + t22_1  # line 13
                t23_ = t23_ + t22_2  # line 13
                t23_ = t23_ + t22_3  # line 13
                t23[h1] = t23_
        for h in range(edge, H):
            state_h = state[row, h]
            for h1 in range(H):
                t18 = U[0, h, h1]
                t19 = state_h * t18  # line 12
                t20[h1] += t19  # line 12
                t21 = U[1, h, h1]
                t22 = state_h * t21  # line 13
                t23[h1] += t22  # line 13
        for h in range(H):
            state_h = state[row, h]
            t24 = b[1, h]
            t23_h = t23[h]
            t16_ht = t16[h, t]
            t25 = t16_ht + t23_h  # line 13
            t26 = t25 + t24  # line 13
            t27 = _sigmoid(t26)  # line 13
            t28 = t27 * state_h  # line 14
            t29[h] = t28
        np.dot(t8.T, t29, state_4[1 - row])  # line 14
        for h in range(H):
            t30 = b[2, h]
            state_4_ht = state_4[1 - row, h]
            t17_ht = t17[h, t]
            t31 = t17_ht + state_4_ht  # line 14
            t32 = t31 + t30  # line 14
            t33 = _tanh(t32)  # line 14
            t34 = b[0, h]
            t20_h = t20[h]
            t15_ht = t15[h, t]
            t35 = t15_ht + t20_h  # line 12
            t36 = t35 + t34  # line 12
            t37 = -t36  # line 15
            t38 = _sigmoid(t37)  # line 15
            t39 = t38 * t33  # line 15
            state_h = state[row, h]
            t40 = _sigmoid(t36)  # line 12
            t41 = t40 * state_h  # line 15
            t42 = t41 + t39  # line 15
            state[1 - row, h] = t42
        np.dot(out.T, state[1 - row], state_[t + 1])  # line 16
        for h1 in range(H):
            t20_h1 = t20[h1]
            state_2[1 - row, h1] = t20_h1
        for h1 in range(H):
            t23_h1 = t23[h1]
            state_3[1 - row, h1] = t23_h1
        row = 1 - row
    scores = _own(np.empty((T, V), np.float64))
    # over t_, v: scores; 0 operations, 16*T*V bytes
    for t_ in range(T):
        for v in range(V):
            state__t_v = state_[t_ + 1, v]
            scores[t_, v] = state__t_v
    t57 = 0.0
    if V >= _LONG_ROW:
        # stage along T: block by block, with 2 numbers for each position in buffers
        block_ = min(T // 2 + 4, max(64, min(256, 65536 // (3) // 32 * 32)))
        size_ = min(block_, T)
        t58 = _own(np.empty((size_,), np.float64))
        t59 = _own(np.empty((size_,), np.float64))
        for t_0_ in range(0, T, block_):
            if T - t_0_ < size_:  # the last block
                size_ = T - t_0_
                t58 = _own(np.empty((size_,), np.float64))
                t59 = _own(np.empty((size_,), np.float64))
            scores_2 = scores[t_0_ : t_0_ + size_]
            # over t_: checks; 4*T operations, 8*T bytes
            for t_ in range(size_):
                t43 = t_0_ + t_ + 1  # line 18
                t44 = text[t43]
                t45 = t44 + V  # line 18
                t46 = t44 < 0  # line 18
                t47 = t45 if t46 else t44  # line 18
                if t47 < 0 or t47 >= V:
                    raise _OutOfRange("an index into scores is out of range: text[t + 1] is {0}, the length is {1} (line 18)", t47, V)
            # over t_, v: t58; T*V operations, 8*T*V + 8*T bytes
            for t_ in range(size_):
                t58_t_ = -np.inf
                for v in range(V):
                    scores_t_v = scores_2[t_, v]
                    t58_t_ = _larger(t58_t_, scores_t_v)  # line 18
                t58[t_] = t58_t_
            # over t_, v: t59; 3*T*V + 2*T operations, 8*T*V + 16*T bytes
            for t_ in range(size_):
                t48_t_ = t58[t_]
                t49 = t48_t_ if np.isfinite(t48_t_) else 0.0  # line 18
                t59_t_ = 0.0
                for v in range(V):
                    scores_t_v = scores_2[t_, v]
                    t50 = scores_t_v - t49  # line 18
                    t51 = _exp(t50)  # line 18
                    t59_t_ = _plus(t59_t_, t51)  # line 18
                t59[t_] = t59_t_
            t57__ = 0.0
            # over t_: t57__; 10*T operations, 32*T bytes
            for t_ in range(size_):
                t43 = t_0_ + t_ + 1  # line 18
                t44 = text[t43]
                t45 = t44 + V  # line 18
                t46 = t44 < 0  # line 18
                t47 = t45 if t46 else t44  # line 18
                t53 = scores_2[t_, t47]
                t52_t_ = t59[t_]
                t54 = _log(t52_t_)  # line 18
                t48_t_ = t58[t_]
                t49 = t48_t_ if np.isfinite(t48_t_) else 0.0  # line 18
                t55 = t49 + t54  # line 18
                t56 = t55 - t53  # line 18
                t57__ = _plus(t57__, t56)  # line 18
            t57 = _plus(t57, t57__)  # line 18
    else:
        # stage along T: block by block, with V + 2 numbers for each position in buffers
        block = min(T // 2 + 4, max(64, min(256, 65536 // (V + 3) // 32 * 32)))
        size = min(block, T)
        scores__ = _own(np.empty((V, size), np.float64))
        t48 = _own(np.empty((size,), np.float64))
        t52 = _own(np.empty((size,), np.float64))
        for t_0 in range(0, T, block):
            if T - t_0 < size:  # the last block
                size = T - t_0
                scores__ = _own(np.empty((V, size), np.float64))
                t48 = _own(np.empty((size,), np.float64))
                t52 = _own(np.empty((size,), np.float64))
            scores_ = scores[t_0 : t_0 + size]
            _turn(scores_, scores__)
            # over t_: checks; 4*T operations, 8*T bytes
            for t_ in range(size):
                t43 = t_0 + t_ + 1  # line 18
                t44 = text[t43]
                t45 = t44 + V  # line 18
                t46 = t44 < 0  # line 18
                t47 = t45 if t46 else t44  # line 18
                if t47 < 0 or t47 >= V:
                    raise _OutOfRange("an index into scores is out of range: text[t + 1] is {0}, the length is {1} (line 18)", t47, V)
            t48[...] = -np.inf
            # over v, t_: t48; T*V operations, 24*T*V bytes
            for v in range(V):
                for t_ in range(size):
                    scores_t_v = scores__[v, t_]
                    t48[t_] = scores_t_v if scores_t_v > t48[t_] or scores_t_v != scores_t_v else t48[t_]  # line 18
            t52[...] = 0.0
            # over v, t_: t52; 5*T*V operations, 32*T*V bytes
            for v in range(V):
                for t_ in range(size):
                    t48_t_ = t48[t_]
                    t49 = t48_t_ if np.isfinite(t48_t_) else 0.0  # line 18
                    scores_t_v = scores__[v, t_]
                    t50 = scores_t_v - t49  # line 18
                    t51 = _exp(t50)  # line 18
                    t52[t_] += t51  # line 18
            t57_ = 0.0
            # over t_: t57_; 10*T operations, 32*T bytes
            for t_ in range(size):
                t43 = t_0 + t_ + 1  # line 18
                t44 = text[t43]
                t45 = t44 + V  # line 18
                t46 = t44 < 0  # line 18
                t47 = t45 if t46 else t44  # line 18
                t53 = scores__[t47, t_]
                t52_t_ = t52[t_]
                t54 = _log(t52_t_)  # line 18
                t48_t_ = t48[t_]
                t49 = t48_t_ if np.isfinite(t48_t_) else 0.0  # line 18
                t55 = t49 + t54  # line 18
                t56 = t55 - t53  # line 18
                t57_ = _plus(t57_, t56)  # line 18
            t57 = _plus(t57, t57_)  # line 18
    loss = t57 / T  # line 18
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(text, E, W, U, b, out):
    V, D = E.shape
    H = W.shape[2]
    T = text.shape[0] - 1
    t1 = 1 / T  # backward of line 18: div gate
    t2 = -t1  # backward of line 18: sub gate
    t3 = 1.0 / T  # backward of line 18: logsumexp gate
    t5 = _own(np.empty((D, H), np.float64))
    t7 = _own(np.empty((D, H), np.float64))
    t9 = _own(np.empty((D, H), np.float64))
    # over d, h: t5, t7, t9; 0 operations, 48*D*H bytes
    for d in range(D):
        for h in range(H):
            t4 = W[0, d, h]
            t5[d, h] = t4
            t6 = W[1, d, h]
            t7[d, h] = t6
            t8 = W[2, d, h]
            t9[d, h] = t8
    t11 = _own(np.empty((H, H), np.float64))
    t13 = _own(np.empty((H, H), np.float64))
    t15 = _own(np.empty((H, H), np.float64))
    # over h, h1: t11, t13, t15; 0 operations, 48*H**2 bytes
    for h in range(H):
        for h1 in range(H):
            t10 = U[0, h, h1]
            t11[h, h1] = t10
            t12 = U[1, h, h1]
            t13[h, h1] = t12
            t14 = U[2, h, h1]
            t15[h, h1] = t14
    # over t: checks; 4*T operations, 8*T bytes
    for t in range(T):
        t16 = t + 1  # line 18
        t17 = text[t16]
        t18 = t17 + V  # line 18
        t19 = t17 < 0  # line 18
        t20 = t18 if t19 else t17  # line 18
        if t20 < 0 or t20 >= V:
            raise _OutOfRange("an index into scores is out of range: text[t + 1] is {0}, the length is {1} (line 18)", t20, V)
    t21 = _own(np.zeros((V, T), np.float64))
    # over t: t21; 5*T operations, 24*T bytes
    for t in range(T):
        t16 = t + 1  # line 18
        t17 = text[t16]
        t18 = t17 + V  # line 18
        t19 = t17 < 0  # line 18
        t20 = t18 if t19 else t17  # line 18
        t21[t20, t] += t2  # backward of line 18: take gate
    # over t_: checks; 3*T operations, 8*T bytes
    for t_ in range(T):
        t22 = text[t_]
        t23 = t22 + V  # line 11
        t24 = t22 < 0  # line 11
        t25 = t23 if t24 else t22  # line 11
        if t25 < 0 or t25 >= V:
            raise _OutOfRange("an index into E is out of range: text[t] is {0}, the length is {1} (line 11)", t25, V)
    t27 = _own(np.empty((T, D), np.float64))
    # over t_, d: t27; 3*T operations, 16*D*T + 8*T bytes
    for t_ in range(T):
        t22 = text[t_]
        t23 = t22 + V  # line 11
        t24 = t22 < 0  # line 11
        t25 = t23 if t24 else t22  # line 11
        for d in range(D):
            t26 = E[t25, d]
            t27[t_, d] = t26
    t28 = np.dot(t5.T, t27.T)
    t29 = np.dot(t7.T, t27.T)
    t30 = np.dot(t9.T, t27.T)
    state = _own(np.empty((T + 1, H), np.float64))
    # over h: state; 0 operations, 8*H bytes
    for h in range(H):
        state[0, h] = 0.0
    state_ = _own(np.empty((T + 1, V), np.float64))
    state_2 = _own(np.empty((T + 1, H), np.float64))
    state_3 = _own(np.empty((T + 1, H), np.float64))
    state_4 = _own(np.empty((T + 1, H), np.float64))
    t32 = _own(np.empty((H,), np.float64))
    t34 = _own(np.empty((H,), np.float64))
    t40 = _own(np.empty((H,), np.float64))
    # over t_: t32, t34, t40, state_4, state, state_, …; 2*H*T*V + 6*H**2*T + 24*H*T operations, 48*H**2*T + 144*H*T bytes
    for t_ in range(T):
        t32[...] = 0.0
        t34[...] = 0.0
        edge = H - (H - 0) % 4
        for h in range(0, edge, 4):
            h_1 = h + 1
            h_2 = h + 2
            h_3 = h + 3
            state_h = state[t_, h]
            state_h_1 = state[t_, h_1]
            state_h_2 = state[t_, h_2]
            state_h_3 = state[t_, h_3]
            for h1 in range(H):
                t10 = t11[h, h1]
                t10_1 = t11[h_1, h1]
                t10_2 = t11[h_2, h1]
                t10_3 = t11[h_3, h1]
                t31 = state_h * t10  # line 12
                t31_1 = state_h_1 * t10_1  # line 12
                t31_2 = state_h_2 * t10_2  # line 12
                t31_3 = state_h_3 * t10_3  # line 12
                t32_ = t32[h1]
                t32_ = t32_ + t31  # line 12
                t32_ = t32_ + t31_1  # line 12
                t32_ = t32_ + t31_2  # line 12
                t32_ = t32_ + t31_3  # line 12
                t32[h1] = t32_
                t12 = t13[h, h1]
                t12_1 = t13[h_1, h1]
                t12_2 = t13[h_2, h1]
                t12_3 = t13[h_3, h1]
                t33 = state_h * t12  # line 13
                t33_1 = state_h_1 * t12_1  # line 13
                t33_2 = state_h_2 * t12_2  # line 13
                t33_3 = state_h_3 * t12_3  # line 13
                t34_ = t34[h1]
                t34_ = t34_ + t33  # line 13
                t34_ = t34_ + t33_1  # line 13
                t34_ = t34_ + t33_2  # line 13
                t34_ = t34_ + t33_3  # line 13
                t34[h1] = t34_
        for h in range(edge, H):
            state_h = state[t_, h]
            for h1 in range(H):
                t10 = t11[h, h1]
                t31 = state_h * t10  # line 12
                t32[h1] += t31  # line 12
                t12 = t13[h, h1]
                t33 = state_h * t12  # line 13
                t34[h1] += t33  # line 13
        for h in range(H):
            state_h = state[t_, h]
            t35 = b[1, h]
            t34_h = t34[h]
            t29_ht_ = t29[h, t_]
            t36 = t29_ht_ + t34_h  # line 13
            t37 = t36 + t35  # line 13
            t38 = _sigmoid(t37)  # line 13
            t39 = t38 * state_h  # line 14
            t40[h] = t39
        np.dot(t15.T, t40, state_4[t_ + 1])  # line 14
        for h in range(H):
            t41 = b[2, h]
            state_4_ht_ = state_4[t_ + 1, h]
            t30_ht_ = t30[h, t_]
            t42 = t30_ht_ + state_4_ht_  # line 14
            t43 = t42 + t41  # line 14
            t44 = _tanh(t43)  # line 14
            t45 = b[0, h]
            t32_h = t32[h]
            t28_ht_ = t28[h, t_]
            t46 = t28_ht_ + t32_h  # line 12
            t47 = t46 + t45  # line 12
            t48 = -t47  # line 15
            t49 = _sigmoid(t48)  # line 15
            t50 = t49 * t44  # line 15
            state_h = state[t_, h]
            t51 = _sigmoid(t47)  # line 12
            t52 = t51 * state_h  # line 15
            t53 = t52 + t50  # line 15
            state[t_ + 1, h] = t53
        np.dot(out.T, state[t_ + 1], state_[t_ + 1])  # line 16
        for h1 in range(H):
            t32_h1 = t32[h1]
            state_2[t_ + 1, h1] = t32_h1
        for h1 in range(H):
            t34_h1 = t34[h1]
            state_3[t_ + 1, h1] = t34_h1
    scores = _own(np.empty((T, V), np.float64))
    # over t, v: scores; 0 operations, 16*T*V bytes
    for t in range(T):
        for v in range(V):
            state__tv = state_[t + 1, v]
            scores[t, v] = state__tv
    t54 = _own(np.full((T,), -np.inf, np.float64))
    # over v, t: t54; T*V operations, 24*T*V bytes
    for v in range(V):
        for t in range(T):
            scores_tv = scores[t, v]
            t54[t] = scores_tv if scores_tv > t54[t] or scores_tv != scores_tv else t54[t]  # line 18
    t58 = _own(np.empty((T, V), np.float64))
    t59 = _own(np.empty((T,), np.float64))
    # over t, v: t58, t59; 3*T*V + 2*T operations, 16*T*V + 16*T bytes
    for t in range(T):
        t54_t = t54[t]
        t55 = t54_t if np.isfinite(t54_t) else 0.0  # line 18
        t59_t = 0.0
        for v in range(V):
            scores_tv = scores[t, v]
            t56 = scores_tv - t55  # line 18
            t57 = _exp(t56)  # line 18
            t58[t, v] = t57
            t59_t = _plus(t59_t, t57)  # line 18
        t59[t] = t59_t
    t64 = 0.0
    t66 = _own(np.empty((T,), np.float64))
    # over t: t64, t66; 11*T operations, 40*T bytes
    for t in range(T):
        t16 = t + 1  # line 18
        t17 = text[t16]
        t18 = t17 + V  # line 18
        t19 = t17 < 0  # line 18
        t20 = t18 if t19 else t17  # line 18
        t60 = scores[t, t20]
        t59_t_ = t59[t]
        t61 = _log(t59_t_)  # line 18
        t54_t = t54[t]
        t55 = t54_t if np.isfinite(t54_t) else 0.0  # line 18
        t62 = t55 + t61  # line 18
        t63 = t62 - t60  # line 18
        t64 = _plus(t64, t63)  # line 18
        t65 = 1.0 / t59_t_  # backward of line 18: logsumexp gate
        t66[t] = t65
    loss = t64 / T  # line 18
    t69 = _own(np.empty((V, T), np.float64))
    # over v, t_: t69; 3*T*V operations, 32*T*V bytes
    for v in range(V):
        for t_ in range(T):
            t66_t_ = t66[t_]
            t58_t_v = t58[t_, v]
            t67 = t58_t_v * t66_t_  # backward of line 18: logsumexp gate
            t68 = t67 * t3  # backward of line 18: logsumexp gate
            t21_t_v = t21[v, t_]
            dscores = t21_t_v + t68  # backward of line 10: copy gate
            t69[v, t_] = dscores
    dout = np.dot(state[1:].T, t69.T)  # backward of line 16: mul gate
    t73 = _own(np.empty((T, H), np.float64))
    t77 = _own(np.empty((T, H), np.float64))
    t81 = _own(np.empty((T, H), np.float64))
    t84 = _own(np.empty((T, H), np.float64))
    t87 = _own(np.empty((T, H), np.float64))
    t89 = _own(np.empty((T, H), np.float64))
    t91 = _own(np.empty((T, H), np.float64))
    t94 = _own(np.empty((T, H), np.float64))
    t97 = _own(np.empty((T, H), np.float64))
    t99 = _own(np.empty((T, H), np.float64))
    # over t_, h: t73, t77, t81, t84, t87, t89, …; 29*H*T operations, 160*H*T bytes
    for t_ in range(T):
        for h in range(H):
            t45 = b[0, h]
            state_2_ht_ = state_2[t_ + 1, h]
            t28_ht_ = t28[h, t_]
            t70 = t28_ht_ + state_2_ht_  # line 12
            t71 = t70 + t45  # line 12
            t72 = _sigmoid(t71)  # line 12
            t73[t_, h] = t72
            t35 = b[1, h]
            state_3_ht_ = state_3[t_ + 1, h]
            t29_ht_ = t29[h, t_]
            t74 = t29_ht_ + state_3_ht_  # line 13
            t75 = t74 + t35  # line 13
            t76 = _sigmoid(t75)  # line 13
            t77[t_, h] = t76
            t41 = b[2, h]
            state_4_ht__ = state_4[t_ + 1, h]
            t30_ht_ = t30[h, t_]
            t78 = t30_ht_ + state_4_ht__  # line 14
            t79 = t78 + t41  # line 14
            t80 = _tanh(t79)  # line 14
            t81[t_, h] = t80
            t82 = -t71  # line 15
            t83 = _sigmoid(t82)  # line 15
            t84[t_, h] = t83
            t85 = 1 - t83  # backward of line 15: sigmoid gate
            t86 = t83 * t85  # backward of line 15: sigmoid gate
            t87[t_, h] = t86
            t88 = 1 - t76  # backward of line 13: sigmoid gate
            t89[t_, h] = t88
            t90 = t76 * t88  # backward of line 13: sigmoid gate
            t91[t_, h] = t90
            t92 = 1 - t72  # backward of line 12: sigmoid gate
            t93 = t72 * t92  # backward of line 12: sigmoid gate
            t94[t_, h] = t93
            t95 = t80 * t80  # backward of line 14: tanh gate
            t96 = 1 - t95  # backward of line 14: tanh gate
            t97[t_, h] = t96
            state_ht_ = state[t_, h]
            t98 = state_ht_ * t76  # backward of line 14: mul gate
            t99[t_, h] = t98
    t100 = np.dot(out, t69)  # backward of line 16: mul gate
    state_5 = _own(np.empty((T + 1, H), np.float64))
    # over h: state_5; 0 operations, 8*H bytes
    for h in range(H):
        state_5[T, h] = 0.0
    state_6 = _own(np.empty((T + 1, H), np.float64))
    t104 = _own(np.empty((H,), np.float64))
    t110 = _own(np.empty((H,), np.float64))
    t113 = _own(np.empty((H,), np.float64))
    t114 = _own(np.empty((H,), np.float64))
    t115 = _own(np.empty((H,), np.float64))
    # over t_: t104, t110, state_6, t113, t114, t115, …; 6*H**2*T + 16*H*T operations, 176*H*T bytes
    for t_ in range(T - 1, -1, -1):
        for h1 in range(H):
            t97_h1t_ = t97[t_, h1]
            t84_h1t_ = t84[t_, h1]
            t100_h1t_ = t100[h1, t_]
            state_5_h1 = state_5[t_ + 1, h1]
            t101 = state_5_h1 + t100_h1t_  # backward of line 15: copy gate
            t102 = t101 * t84_h1t_  # backward of line 15: mul gate
            t103 = t102 * t97_h1t_  # backward of line 14: tanh gate
            t104[h1] = t103
            t87_h1t_ = t87[t_, h1]
            t81_h1t_ = t81[t_, h1]
            t105 = t101 * t81_h1t_  # backward of line 15: mul gate
            t106 = t105 * t87_h1t_  # backward of line 15: sigmoid gate
            t94_h1t_ = t94[t_, h1]
            state_h1t_ = state[t_, h1]
            t107 = t101 * state_h1t_  # backward of line 15: mul gate
            t108 = t107 * t94_h1t_  # backward of line 12: sigmoid gate
            t109 = t108 - t106  # backward of line 12: copy gate
            t110[h1] = t109
        np.dot(t15, t104, state_6[t_])  # backward of line 14: mul gate
        for h1 in range(H):
            t91_h1t_ = t91[t_, h1]
            state_h1t_ = state[t_, h1]
            state_6_h1t_ = state_6[t_, h1]
            t111 = state_6_h1t_ * state_h1t_  # backward of line 14: mul gate
            t112 = t111 * t91_h1t_  # backward of line 13: sigmoid gate
            t113[h1] = t112
        np.dot(t13, t113, t114)  # backward of line 13: mul gate
        np.dot(t11, t110, t115)  # backward of line 12: mul gate
        for h in range(H):
            t115_ht_ = t115[h]
            t114_ht_ = t114[h]
            t76 = t77[t_, h]
            state_6_ht_ = state_6[t_, h]
            t116 = state_6_ht_ * t76  # backward of line 14: mul gate
            t72 = t73[t_, h]
            t100_ht_ = t100[h, t_]
            state_h = state_5[t_ + 1, h]
            t117 = state_h + t100_ht_  # backward of line 15: copy gate
            t118 = t117 * t72  # backward of line 15: mul gate
            t119 = t118 + t116  # backward of line 10: copy gate
            t120 = t119 + t114_ht_  # backward of line 10: copy gate
            t121 = t120 + t115_ht_  # backward of line 10: copy gate
            state_5[t_, h] = t121
    t128 = _own(np.empty((T, H), np.float64))
    t129 = _own(np.zeros((H,), np.float64))
    t132 = _own(np.empty((T, H), np.float64))
    t135 = _own(np.empty((T, H), np.float64))
    t136 = _own(np.zeros((H,), np.float64))
    t137 = _own(np.zeros((H,), np.float64))
    t146 = _own(np.zeros((D, H), np.float64))
    t149 = _own(np.zeros((D, H), np.float64))
    t152 = _own(np.zeros((D, H), np.float64))
    dE = _own(np.zeros((V, D), np.float64))
    if H >= _LONG_ROW:
        # stage along T: block by block, with 3*D + 2*H numbers for each position in buffers
        block_ = min(T // 2 + 4, max(64, min(256, 65536 // (3*D + 2*H + 1) // 32 * 32)))
        size_ = min(block_, T)
        t156 = _own(np.empty((size_, H), np.float64))
        t157 = _own(np.empty((size_, H), np.float64))
        t158 = _own(np.empty((size_, D), np.float64))
        t159 = _own(np.empty((D, H), np.float64))
        t160 = _own(np.empty((size_, D), np.float64))
        t161 = _own(np.empty((D, H), np.float64))
        t162 = _own(np.empty((size_, D), np.float64))
        t163 = _own(np.empty((D, H), np.float64))
        for t_0_ in range(0, T, block_):
            if T - t_0_ < size_:  # the last block
                size_ = T - t_0_
                t156 = _own(np.empty((size_, H), np.float64))
                t157 = _own(np.empty((size_, H), np.float64))
                t158 = _own(np.empty((size_, D), np.float64))
                t160 = _own(np.empty((size_, D), np.float64))
                t162 = _own(np.empty((size_, D), np.float64))
            t87_2 = t87[t_0_ : t_0_ + size_]
            t81_2 = t81[t_0_ : t_0_ + size_]
            t100_2 = t100[:, t_0_ : t_0_ + size_]
            state_5_2 = state_5[t_0_ + 1 : t_0_ + 1 + size_]
            t94_2 = t94[t_0_ : t_0_ + size_]
            state_8 = state[t_0_ : t_0_ + size_]
            t128_2 = t128[t_0_ : t_0_ + size_]
            t97_2 = t97[t_0_ : t_0_ + size_]
            t84_2 = t84[t_0_ : t_0_ + size_]
            t132_2 = t132[t_0_ : t_0_ + size_]
            t91_2 = t91[t_0_ : t_0_ + size_]
            state_6_2 = state_6[t_0_ : t_0_ + size_]
            t135_2 = t135[t_0_ : t_0_ + size_]
            t89_2 = t89[t_0_ : t_0_ + size_]
            t77_2 = t77[t_0_ : t_0_ + size_]
            t27_2 = t27[t_0_ : t_0_ + size_]
            # over t_, h: t128_2, t129, t132_2, t135_2, t136, t137, …; 18*H*T operations, 184*H*T bytes
            for t_ in range(size_):
                for h in range(H):
                    t86 = t87_2[t_, h]
                    t80 = t81_2[t_, h]
                    t100_ht_ = t100_2[h, t_]
                    state_5_ht_ = state_5_2[t_, h]
                    t122 = state_5_ht_ + t100_ht_  # backward of line 15: copy gate
                    t123 = t122 * t80  # backward of line 15: mul gate
                    t124 = t123 * t86  # backward of line 15: sigmoid gate
                    t93 = t94_2[t_, h]
                    state_ht_ = state_8[t_, h]
                    t125 = t122 * state_ht_  # backward of line 15: mul gate
                    t126 = t125 * t93  # backward of line 12: sigmoid gate
                    t127 = t126 - t124  # backward of line 12: copy gate
                    t128_2[t_, h] = t127
                    t129[h] += t127  # backward of line 12: add gate
                    t96 = t97_2[t_, h]
                    t83 = t84_2[t_, h]
                    t130 = t122 * t83  # backward of line 15: mul gate
                    t131 = t130 * t96  # backward of line 14: tanh gate
                    t132_2[t_, h] = t131
                    t90 = t91_2[t_, h]
                    state_6_ht__ = state_6_2[t_, h]
                    t133 = state_6_ht__ * state_ht_  # backward of line 14: mul gate
                    t134 = t133 * t90  # backward of line 13: sigmoid gate
                    t135_2[t_, h] = t134
                    t136[h] += t134  # backward of line 13: add gate
                    t137[h] += t131  # backward of line 14: add gate
                    t138 = t83 * t122  # backward of line 14: mul gate
                    t139 = t138 * t96  # backward of line 14: mul gate
                    t156[t_, h] = t139
                    t88 = t89_2[t_, h]
                    t76 = t77_2[t_, h]
                    t141 = state_ht_ * state_6_ht__  # backward of line 13: mul gate
                    t142 = t141 * t76  # backward of line 13: mul gate
                    t143 = t142 * t88  # backward of line 13: mul gate
                    t157[t_, h] = t143
            np.dot(t156, t9.T, t158)  # backward of line 14: mul gate
            np.dot(t27_2.T, t156, t159)  # backward of line 14: mul gate
            # over d, h: t146; D*H operations, 24*D*H bytes
            for d in range(D):
                for h in range(H):
                    t146[d, h] += t159[d, h]  # backward of line 14: mul gate
            np.dot(t128_2, t5.T, t160)  # backward of line 12: mul gate
            np.dot(t27_2.T, t128_2, t161)  # backward of line 12: mul gate
            # over d, h: t149; D*H operations, 24*D*H bytes
            for d in range(D):
                for h in range(H):
                    t149[d, h] += t161[d, h]  # backward of line 12: mul gate
            np.dot(t157, t7.T, t162)  # backward of line 13: mul gate
            np.dot(t27_2.T, t157, t163)  # backward of line 13: mul gate
            # over d, h: t152; D*H operations, 24*D*H bytes
            for d in range(D):
                for h in range(H):
                    t152[d, h] += t163[d, h]  # backward of line 13: mul gate
            # over t_, d: dE; 3*D*T + 3*T operations, 40*D*T + 8*T bytes
            for t_ in range(size_):
                t22 = text[t_0_ + t_]
                t23 = t22 + V  # line 11
                t24 = t22 < 0  # line 11
                t25 = t23 if t24 else t22  # line 11
                for d in range(D):
                    t148_dt_ = t160[t_, d]
                    t151_dt_ = t162[t_, d]
                    t145_dt_ = t158[t_, d]
                    t154 = t145_dt_ + t151_dt_  # backward of line 11: copy gate
                    t155 = t154 + t148_dt_  # backward of line 11: copy gate
                    dE[t25, d] += t155  # backward of line 11: take gate
    else:
        # stage along T: block by block, with 3*D + 16*H numbers for each position in buffers
        block = min(T // 2 + 4, max(64, min(256, 65536 // (3*D + 16*H + 1) // 32 * 32)))
        size = min(block, T)
        t87__ = _own(np.empty((H, size), np.float64))
        t81__ = _own(np.empty((H, size), np.float64))
        state_5__ = _own(np.empty((H, size), np.float64))
        t94__ = _own(np.empty((H, size), np.float64))
        state_7_ = _own(np.empty((H, size), np.float64))
        t97__ = _own(np.empty((H, size), np.float64))
        t84__ = _own(np.empty((H, size), np.float64))
        t91__ = _own(np.empty((H, size), np.float64))
        state_6__ = _own(np.empty((H, size), np.float64))
        t89__ = _own(np.empty((H, size), np.float64))
        t77__ = _own(np.empty((H, size), np.float64))
        space = _own(np.empty((16384,), np.float64))
        t128__ = _own(np.empty((H, size), np.float64))
        t132__ = _own(np.empty((H, size), np.float64))
        t135__ = _own(np.empty((H, size), np.float64))
        t140 = _own(np.empty((H, size), np.float64))
        t144 = _own(np.empty((H, size), np.float64))
        t145 = _own(np.empty((D, size), np.float64))
        t147 = _own(np.empty((D, H), np.float64))
        t148 = _own(np.empty((D, size), np.float64))
        t150 = _own(np.empty((D, H), np.float64))
        t151 = _own(np.empty((D, size), np.float64))
        t153 = _own(np.empty((D, H), np.float64))
        for t_0 in range(0, T, block):
            if T - t_0 < size:  # the last block
                size = T - t_0
                t87__ = _own(np.empty((H, size), np.float64))
                t81__ = _own(np.empty((H, size), np.float64))
                state_5__ = _own(np.empty((H, size), np.float64))
                t94__ = _own(np.empty((H, size), np.float64))
                state_7_ = _own(np.empty((H, size), np.float64))
                t97__ = _own(np.empty((H, size), np.float64))
                t84__ = _own(np.empty((H, size), np.float64))
                t91__ = _own(np.empty((H, size), np.float64))
                state_6__ = _own(np.empty((H, size), np.float64))
                t89__ = _own(np.empty((H, size), np.float64))
                t77__ = _own(np.empty((H, size), np.float64))
                t128__ = _own(np.empty((H, size), np.float64))
                t132__ = _own(np.empty((H, size), np.float64))
                t135__ = _own(np.empty((H, size), np.float64))
                t140 = _own(np.empty((H, size), np.float64))
                t144 = _own(np.empty((H, size), np.float64))
                t145 = _own(np.empty((D, size), np.float64))
                t148 = _own(np.empty((D, size), np.float64))
                t151 = _own(np.empty((D, size), np.float64))
            t87_ = t87[t_0 : t_0 + size]
            t81_ = t81[t_0 : t_0 + size]
            t100_ = t100[:, t_0 : t_0 + size]
            state_5_ = state_5[t_0 + 1 : t_0 + 1 + size]
            t94_ = t94[t_0 : t_0 + size]
            state_7 = state[t_0 : t_0 + size]
            t128_ = t128[t_0 : t_0 + size]
            t97_ = t97[t_0 : t_0 + size]
            t84_ = t84[t_0 : t_0 + size]
            t132_ = t132[t_0 : t_0 + size]
            t91_ = t91[t_0 : t_0 + size]
            state_6_ = state_6[t_0 : t_0 + size]
            t135_ = t135[t_0 : t_0 + size]
            t89_ = t89[t_0 : t_0 + size]
            t77_ = t77[t_0 : t_0 + size]
            t27_ = t27[t_0 : t_0 + size]
            _turn(t87_, t87__)
            _turn(t81_, t81__)
            _turn(state_5_, state_5__)
            _turn(t94_, t94__)
            _turn(state_7, state_7_)
            _turn(t97_, t97__)
            _turn(t84_, t84__)
            _turn(t91_, t91__)
            _turn(state_6_, state_6__)
            _turn(t89_, t89__)
            _turn(t77_, t77__)
            t27__ = _columns(t27_, space)
            # over h, t_: t128__, t132__, t135__, t140, t144, t129, …; 18*H*T + 3*H operations, 136*H*T + 48*H bytes
            for h in range(H):
                t129_h = 0.0
                t136_h = 0.0
                t137_h = 0.0
                for t_ in range(size):
                    t86 = t87__[h, t_]
                    t80 = t81__[h, t_]
                    t100_ht_ = t100_[h, t_]
                    state_5_ht_ = state_5__[h, t_]
                    t122 = state_5_ht_ + t100_ht_  # backward of line 15: copy gate
                    t123 = t122 * t80  # backward of line 15: mul gate
                    t124 = t123 * t86  # backward of line 15: sigmoid gate
                    t93 = t94__[h, t_]
                    state_ht_ = state_7_[h, t_]
                    t125 = t122 * state_ht_  # backward of line 15: mul gate
                    t126 = t125 * t93  # backward of line 12: sigmoid gate
                    t127 = t126 - t124  # backward of line 12: copy gate
                    t128__[h, t_] = t127
                    t129_h = _plus(t129_h, t127)  # backward of line 12: add gate
                    t96 = t97__[h, t_]
                    t83 = t84__[h, t_]
                    t130 = t122 * t83  # backward of line 15: mul gate
                    t131 = t130 * t96  # backward of line 14: tanh gate
                    t132__[h, t_] = t131
                    t90 = t91__[h, t_]
                    state_6_ht__ = state_6__[h, t_]
                    t133 = state_6_ht__ * state_ht_  # backward of line 14: mul gate
                    t134 = t133 * t90  # backward of line 13: sigmoid gate
                    t135__[h, t_] = t134
                    t136_h = _plus(t136_h, t134)  # backward of line 13: add gate
                    t137_h = _plus(t137_h, t131)  # backward of line 14: add gate
                    t138 = t83 * t122  # backward of line 14: mul gate
                    t139 = t138 * t96  # backward of line 14: mul gate
                    t140[h, t_] = t139
                    t88 = t89__[h, t_]
                    t76 = t77__[h, t_]
                    t141 = state_ht_ * state_6_ht__  # backward of line 13: mul gate
                    t142 = t141 * t76  # backward of line 13: mul gate
                    t143 = t142 * t88  # backward of line 13: mul gate
                    t144[h, t_] = t143
                t129[h] += t129_h  # backward of line 12: add gate
                t136[h] += t136_h  # backward of line 13: add gate
                t137[h] += t137_h  # backward of line 14: add gate
            _turn(t128__, t128_)
            _turn(t132__, t132_)
            _turn(t135__, t135_)
            if not _few_terms(t9, t140, t145):
                np.dot(t9, t140, t145)  # backward of line 14: mul gate
            if not _long_sums(t27__, t140, t147):
                np.dot(t27_.T, t140.T, t147)  # backward of line 14: mul gate
            # over d, h: t146; D*H operations, 24*D*H bytes
            for d in range(D):
                for h in range(H):
                    t146[d, h] += t147[d, h]  # backward of line 14: mul gate
            if not _few_terms(t5, t128__, t148):
                np.dot(t5, t128_.T, t148)  # backward of line 12: mul gate
            if not _long_sums(t27__, t128__, t150):
                np.dot(t27_.T, t128_, t150)  # backward of line 12: mul gate
            # over d, h: t149; D*H operations, 24*D*H bytes
            for d in range(D):
                for h in range(H):
                    t149[d, h] += t150[d, h]  # backward of line 12: mul gate
            if not _few_terms(t7, t144, t151):
                np.dot(t7, t144, t151)  # backward of line 13: mul gate
            if not _long_sums(t27__, t144, t153):
                np.dot(t27_.T, t144.T, t153)  # backward of line 13: mul gate
            # over d, h: t152; D*H operations, 24*D*H bytes
            for d in range(D):
                for h in range(H):
                    t152[d, h] += t153[d, h]  # backward of line 13: mul gate
            # over t_, d: dE; 3*D*T + 3*T operations, 40*D*T + 8*T bytes
            for t_ in range(size):
                t22 = text[t_0 + t_]
                t23 = t22 + V  # line 11
                t24 = t22 < 0  # line 11
                t25 = t23 if t24 else t22  # line 11
                for d in range(D):
                    t148_dt_ = t148[d, t_]
                    t151_dt_ = t151[d, t_]
                    t145_dt_ = t145[d, t_]
                    t154 = t145_dt_ + t151_dt_  # backward of line 11: copy gate
                    t155 = t154 + t148_dt_  # backward of line 11: copy gate
                    dE[t25, d] += t155  # backward of line 11: take gate
    t164 = _own(np.empty((T, H), np.float64))
    t165 = _own(np.empty((T, H), np.float64))
    t166 = _own(np.empty((T, H), np.float64))
    # over t_, h1: t164, t165, t166; 0 operations, 48*H*T bytes
    for t_ in range(T):
        for h1 in range(H):
            t128_h1t_ = t128[t_, h1]
            t164[t_, h1] = t128_h1t_
            t132_h1t_ = t132[t_, h1]
            t165[t_, h1] = t132_h1t_
            t135_h1t_ = t135[t_, h1]
            t166[t_, h1] = t135_h1t_
    t167 = np.dot(state[:-1].T, t164)  # backward of line 12: mul gate
    t168 = np.dot(state[:-1].T, t166)  # backward of line 13: mul gate
    dW = _own(np.empty((3, D, H), np.float64))
    # over d, h: dW; 0 operations, 48*D*H bytes
    for d in range(D):
        for h in range(H):
            t146_dh = t146[d, h]
            t152_dh = t152[d, h]
            t149_dh = t149[d, h]
            dW[0, d, h] = t149_dh
            dW[1, d, h] = t152_dh
            dW[2, d, h] = t146_dh
    db = _own(np.empty((3, H), np.float64))
    # over h: db; 0 operations, 48*H bytes
    for h in range(H):
        t137_h_ = t137[h]
        t136_h_ = t136[h]
        t129_h_ = t129[h]
        db[0, h] = t129_h_
        db[1, h] = t136_h_
        db[2, h] = t137_h_
    t169 = np.dot(t99.T, t165)  # backward of line 14: mul gate
    dU = _own(np.empty((3, H, H), np.float64))
    # over h, h1: dU; 0 operations, 48*H**2 bytes
    for h in range(H):
        for h1 in range(H):
            t169_hh1 = t169[h, h1]
            t168_hh1 = t168[h, h1]
            t167_hh1 = t167[h, h1]
            dU[0, h, h1] = t167_hh1
            dU[1, h, h1] = t168_hh1
            dU[2, h, h1] = t169_hh1
    return (loss, dE, dW, dU, db, dout)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    E: np.ndarray  # [V, D]
    W: np.ndarray  # [3, D, H]
    U: np.ndarray  # [3, H, H]
    b: np.ndarray  # [3, H]
    out: np.ndarray  # [H, V]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(text, E, W, U, b, out):
    """Return loss."""
    _found = value_kernel(*_checked(text, E, W, U, b, out))
    return _found[0]


def value_and_grad(text, E, W, U, b, out):
    """Return loss and its gradient."""
    _found = value_and_grad_kernel(*_checked(text, E, W, U, b, out))
    return _found[0], _new(Gradient, _found[1:])


_ARRAY, _REAL, _INTEGER = np.ndarray, np.dtype(np.float64), np.dtype(np.int64)


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


def _checked(text, E, W, U, b, out):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if text.__class__ is not _ARRAY or text.dtype is not _INTEGER or text.ndim != 1 or not text.flags.carray:
        text = _converted("text", text, ("T + 1",), "integer")
    if E.__class__ is not _ARRAY or E.dtype is not _REAL or E.ndim != 2 or not E.flags.carray:
        E = _converted("E", E, ("V", "D"), "real")
    if W.__class__ is not _ARRAY or W.dtype is not _REAL or W.ndim != 3 or not W.flags.carray:
        W = _converted("W", W, ("3", "D", "H"), "real")
    if U.__class__ is not _ARRAY or U.dtype is not _REAL or U.ndim != 3 or not U.flags.carray:
        U = _converted("U", U, ("3", "H", "H"), "real")
    if b.__class__ is not _ARRAY or b.dtype is not _REAL or b.ndim != 2 or not b.flags.carray:
        b = _converted("b", b, ("3", "H"), "real")
    if out.__class__ is not _ARRAY or out.dtype is not _REAL or out.ndim != 2 or not out.flags.carray:
        out = _converted("out", out, ("H", "V"), "real")
    V, D = E.shape
    H = W.shape[2]
    T = text.shape[0] - 1
    if T < 0 or T + 1 != text.shape[0]:
        raise ValueError(f"text has {text.shape[0]} elements, which is not T + 1 for any T")
    if W.shape[0] != 3:
        raise ValueError(f"axis 0 of W is {W.shape[0]}, but must be 3")
    if W.shape[1] != D:
        raise ValueError(f"axis 1 of W is {W.shape[1]}, but D = {D} from E")
    if U.shape[0] != 3:
        raise ValueError(f"axis 0 of U is {U.shape[0]}, but must be 3")
    if U.shape[1] != H:
        raise ValueError(f"axis 1 of U is {U.shape[1]}, but H = {H} from W")
    if U.shape[2] != H:
        raise ValueError(f"axis 2 of U is {U.shape[2]}, but H = {H} from W")
    if b.shape[0] != 3:
        raise ValueError(f"b has {b.shape[0]} rows, but must have 3")
    if b.shape[1] != H:
        raise ValueError(f"b has {b.shape[1]} columns, but H = {H} from W")
    if out.shape[0] != H:
        raise ValueError(f"out has {out.shape[0]} rows, but H = {H} from W")
    if out.shape[1] != V:
        raise ValueError(f"out has {out.shape[1]} columns, but V = {V} from E")
    return text, E, W, U, b, out
