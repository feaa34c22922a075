# Made by gradcompile 0.1.0 from examples/hmm.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 51d3e68e08bbf1e639a8cad5c93b96f3d35142ec0c1fb2aa7a0e31df16960a4b
# options: --target numba --emit value,value_and_grad
# operations: value 2*K**2*T + 3*K*T + 2*K*V + 3*K + 5*T - 2; value_and_grad 9*K**2*T + 6*K*T + 7*K*V - 3*K**2 + 9*K + 5*T - 2
# --- certificate ---
# graph: value loglik: agrees (mpmath), to 50 digits at 3 points
# graph: gradient start: agrees (finite differences), to 50 digits at 3 points
# graph: gradient move: agrees (finite differences), to 50 digits at 3 points
# graph: gradient show: agrees (finite differences), to 50 digits at 3 points
# code: T = 3, K = 4, V = 5: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: T = 0: agrees, the formula does not allow these sizes, and the module says so
# code: K = 0: agrees, within 2^0 units in the last place
# code: V = 0: agrees, the formula is undefined (an index into emit is out of range: seen[0] is 2, the length is 0 (line 11)), and the module says so
# code: T = 9: agrees, within 2^1 units in the last place
# code: K = 25: agrees, within 2^6 units in the last place
# code: V = 11: agrees, within 2^0 units in the last place
# code: seen out of range: agrees, the module says so
# claim, line 22: agrees (mpmath), grad(loglik, forward) == [[posterior[t, k] if t == T - 1 else 0 for k in range(K)] for t in range(T)]
# claim, line 23: agrees (mpmath), grad(loglik, emit) == [[sum(posterior[t, k] for t in range(T) if seen[t] == v) for v in range(V)] for k in range(K)]
# --- end of certificate ---

"""Hidden Markov model: log-likelihood by the forward algorithm, in log space.

    from hmm import value, value_and_grad
    loglik = value(seen, start, move, show)
    loglik, gradient = value_and_grad(seen, start, move, show)

Arguments: seen[T], start[K] (differentiated), move[K, K] (differentiated), show[K, V] (differentiated).
"""

from typing import NamedTuple

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


class _OutOfRange(IndexError):
    """An index that is no position: a text, and the index and the size that it shows.

    The text is put together when it is read. Numba would compile the whole of it into every kernel.
    """

    def __str__(self):
        return self.args[0].format(*self.args[1:])


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


_LONG_ROW = 24  # numbers in the row of a sample, from which on loops run along it


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
def value_kernel(seen, start, move, show):
    T = seen.shape[0]
    K = start.shape[0]
    V = show.shape[1]
    t1 = seen[0]
    t2 = t1 + V  # line 11
    t3 = t1 < 0  # line 11
    t4 = t2 if t3 else t1  # line 11
    t5 = T - 1 == 0  # line 14
    t6 = T - 2 >= 0  # line 14
    # over t: checks; 4*T - 4 operations, 8*T - 8 bytes
    for t in range(T - 1):
        t7 = 1 + t  # line 12
        t8 = seen[t7]
        t9 = t8 + V  # line 13
        t10 = t8 < 0  # line 13
        t11 = t9 if t10 else t8  # line 13
        if t11 < 0 or t11 >= V:
            raise _OutOfRange("an index into emit is out of range: seen[t] is {0}, the length is {1} (line 13)", t11, V)
    t12 = _own(np.full((K,), -np.inf, np.float64))
    # over k1, k: t12; K**2 operations, 24*K**2 bytes
    for k1 in range(K):
        for k in range(K):
            move_kk1 = move[k, k1]
            t12[k] = move_kk1 if move_kk1 > t12[k] or move_kk1 != move_kk1 else t12[k]  # line 7
    t16 = _own(np.empty((K,), np.float64))
    # over k, k1: t16; 3*K**2 + 2*K operations, 8*K**2 + 16*K bytes
    for k in range(K):
        t12_k = t12[k]
        t13 = t12_k if np.isfinite(t12_k) else 0.0  # line 7
        t16_k = 0.0
        for k1 in range(K):
            move_kk1 = move[k, k1]
            t14 = move_kk1 - t13  # line 7
            t15 = _exp(t14)  # line 7
            t16_k = _plus(t16_k, t15)  # line 7
        t16[k] = t16_k
    t19 = _own(np.empty((K,), np.float64))
    t20 = -np.inf
    # over k: t19, t20; 5*K operations, 32*K bytes
    for k in range(K):
        t16_k_ = t16[k]
        t17 = _log(t16_k_)  # line 7
        t12_k = t12[k]
        t13 = t12_k if np.isfinite(t12_k) else 0.0  # line 7
        t18 = t13 + t17  # line 7
        t19[k] = t18
        start_k = start[k]
        t20 = _larger(t20, start_k)  # line 11
    t21 = _own(np.full((K,), -np.inf, np.float64))
    # over v, k: t21; K*V operations, 24*K*V bytes
    for v in range(V):
        for k in range(K):
            show_kv = show[k, v]
            t21[k] = show_kv if show_kv > t21[k] or show_kv != show_kv else t21[k]  # line 8
    t25 = _own(np.empty((K,), np.float64))
    # over k, v: t25; 3*K*V + 2*K operations, 8*K*V + 16*K bytes
    for k in range(K):
        t21_k = t21[k]
        t22 = t21_k if np.isfinite(t21_k) else 0.0  # line 8
        t25_k = 0.0
        for v in range(V):
            show_kv = show[k, v]
            t23 = show_kv - t22  # line 8
            t24 = _exp(t23)  # line 8
            t25_k = _plus(t25_k, t24)  # line 8
        t25[k] = t25_k
    t28 = _own(np.empty((K,), np.float64))
    # over k: t28; 4*K operations, 24*K bytes
    for k in range(K):
        t25_k_ = t25[k]
        t26 = _log(t25_k_)  # line 8
        t21_k = t21[k]
        t22 = t21_k if np.isfinite(t21_k) else 0.0  # line 8
        t27 = t22 + t26  # line 8
        t28[k] = t27
    emit = _own(np.empty((K, V), np.float64))
    # over k, v: emit; K*V operations, 16*K*V + 8*K bytes
    for k in range(K):
        t27 = t28[k]
        for v in range(V):
            show_kv = show[k, v]
            emit_kv = show_kv - t27  # line 8
            emit[k, v] = emit_kv
    t29 = t20 if np.isfinite(t20) else 0.0  # line 11
    t32 = 0.0
    # over k: t32; 3*K operations, 8*K bytes
    for k in range(K):
        start_k = start[k]
        t30 = start_k - t29  # line 11
        t31 = _exp(t30)  # line 11
        t32 = _plus(t32, t31)  # line 11
    t33 = np.log(t32)  # line 11
    t34 = t29 + t33  # line 11
    t35 = _own(np.full((K,), -np.inf, np.float64))
    # over k, k1: t35; 2*K**2 operations, 24*K**2 + 8*K bytes
    for k in range(K):
        t18 = t19[k]
        for k1 in range(K):
            move_kk1 = move[k, k1]
            trans = move_kk1 - t18  # line 7
            t35[k1] = trans if trans > t35[k1] or trans != trans else t35[k1]  # line 13
    t39 = _own(np.empty((K, K), np.float64))
    # over k, k1: t39; 5*K**2 operations, 24*K**2 + 8*K bytes
    for k in range(K):
        t18 = t19[k]
        for k1 in range(K):
            t35_k1 = t35[k1]
            t36 = t35_k1 if np.isfinite(t35_k1) else 0.0  # line 13
            move_kk1 = move[k, k1]
            trans = move_kk1 - t18  # line 7
            t37 = trans - t36  # line 13
            t38 = _exp(t37)  # line 13
            t39[k, k1] = t38
    row = 0
    state = _own(np.empty((T, K), np.float64))
    if t4 < 0 or t4 >= V:
        raise _OutOfRange("an index into emit is out of range: seen[0] is {0}, the length is {1} (line 11)", t4, V)
    # over k: state; 2*K operations, 24*K bytes
    for k in range(K):
        t40 = emit[k, t4]
        start_k = start[k]
        t41 = start_k - t34  # line 11
        t42 = t41 + t40  # line 11
        state[0, k] = t42
    state_ = _own(np.empty((2, K), np.float64))
    t47 = _own(np.empty((K,), np.float64))
    t49 = _own(np.empty((K,), np.float64))
    t56 = _own(np.empty((K,), np.float64))
    t60 = _own(np.empty((K,), np.float64))
    # over t: t47, t49, t56, t60, state_, state; 12*K**2*T + 17*K*T - 12*K**2 - 17*K + 7*T - 7 operations, 80*K**2*T + 136*K*T - 80*K**2 - 136*K + 8*T - 8 bytes
    for t in range(T - 1):
        t43 = -np.inf
        for k in range(K):
            state_k = state[t, k]
            t43 = _larger(t43, state_k)  # line 13
        t44 = t43 if np.isfinite(t43) else 0.0  # line 13
        for k in range(K):
            state_k = state[t, k]
            t45 = state_k - t44  # line 13
            t46 = _exp(t45)  # line 13
            t47[k] = t46
        t49[...] = 0.0
        edge = K - (K - 0) % 4
        for k in range(0, edge, 4):
            k_1 = k + 1
            k_2 = k + 2
            k_3 = k + 3
            t46 = t47[k]
            t46_1 = t47[k_1]
            t46_2 = t47[k_2]
            t46_3 = t47[k_3]
            for k1 in range(K):
                t38 = t39[k, k1]
                t38_1 = t39[k_1, k1]
                t38_2 = t39[k_2, k1]
                t38_3 = t39[k_3, k1]
                t48 = t46 * t38  # line 13
                t48_1 = t46_1 * t38_1  # line 13
                t48_2 = t46_2 * t38_2  # line 13
                t48_3 = t46_3 * t38_3  # line 13
                t49_ = t49[k1]
                t49_ = t49_ + t48  # line 13
                t49_ = t49_ + t48_1  # line 13
                t49_ = t49_ + t48_2  # line 13
                t49_ = t49_ + t48_3  # line 13
                t49[k1] = t49_
        for k in range(edge, K):
            t46 = t47[k]
            for k1 in range(K):
                t38 = t39[k, k1]
                t48 = t46 * t38  # line 13
                t49[k1] += t48  # line 13
        t53 = True
        for k1 in range(K):
            t49_k1 = t49[k1]
            t50 = t49_k1 <= 6.703903964971206e+153  # line 13
            t51 = t49_k1 >= 1.491668146240062e-154  # line 13
            t52 = t51 and t50  # line 13
            t53 = t53 and t52  # line 13
        t54 = not t53  # line 13
        t56[...] = -np.inf
        if t54:
            for k in range(K):
                t18 = t19[k]
                state_k = state[t, k]
                for k1 in range(K):
                    move_kk1 = move[k, k1]
                    trans = move_kk1 - t18  # line 7
                    t55 = state_k + trans  # line 13
                    t56[k1] = t55 if t55 > t56[k1] or t55 != t55 else t56[k1]  # line 13
        t60[...] = 0.0
        if t54:
            for k in range(K):
                t18 = t19[k]
                state_k = state[t, k]
                for k1 in range(K):
                    t56_k1 = t56[k1]
                    t57 = t56_k1 if np.isfinite(t56_k1) else 0.0  # line 13
                    move_kk1 = move[k, k1]
                    trans = move_kk1 - t18  # line 7
                    t55 = state_k + trans  # line 13
                    t58 = t55 - t57  # line 13
                    t59 = _exp(t58)  # line 13
                    t60[k1] += t59  # line 13
        for k1 in range(K):
            t49_k1 = t49[k1]
            t60_k1 = t60[k1]
            t61 = t60_k1 if t54 else t49_k1  # line 13
            t62 = _log(t61)  # line 13
            t35_k1 = t35[k1]
            t36 = t35_k1 if np.isfinite(t35_k1) else 0.0  # line 13
            t63 = t44 + t36  # line 13
            t56_k1 = t56[k1]
            t57 = t56_k1 if np.isfinite(t56_k1) else 0.0  # line 13
            t64 = t57 if t54 else t63  # line 13
            t65 = t64 + t62  # line 13
            state_[1 - row, k1] = t65
        t7 = 1 + t  # line 12
        t8 = seen[t7]
        t9 = t8 + V  # line 13
        t10 = t8 < 0  # line 13
        t11 = t9 if t10 else t8  # line 13
        for k in range(K):
            t66 = emit[k, t11]
            state__k = state_[1 - row, k]
            t67 = state__k + t66  # line 13
            state[t + 1, k] = t67
        row = 1 - row
    if t4 < 0 or t4 >= V:
        raise _OutOfRange("an index into emit is out of range: seen[0] is {0}, the length is {1} (line 11)", t4, V)
    t71 = -np.inf
    # over k: t71; 5*K operations, 24*K bytes
    for k in range(K):
        t68 = state[(T - 2) + 1, k] if t6 else 0.0
        t40 = emit[k, t4]
        start_k = start[k]
        t41 = start_k - t34  # line 11
        t42 = t41 + t40  # line 11
        t69 = t42 if t5 else 0.0  # line 14
        t70 = t69 + t68  # line 14
        t71 = _larger(t71, t70)  # line 14
    t72 = t71 if np.isfinite(t71) else 0.0  # line 14
    if t4 < 0 or t4 >= V:
        raise _OutOfRange("an index into emit is out of range: seen[0] is {0}, the length is {1} (line 11)", t4, V)
    t75 = 0.0
    # over k: t75; 7*K operations, 24*K bytes
    for k in range(K):
        t68 = state[(T - 2) + 1, k] if t6 else 0.0
        t40 = emit[k, t4]
        start_k = start[k]
        t41 = start_k - t34  # line 11
        t42 = t41 + t40  # line 11
        t69 = t42 if t5 else 0.0  # line 14
        t70 = t69 + t68  # line 14
        t73 = t70 - t72  # line 14
        t74 = _exp(t73)  # line 14
        t75 = _plus(t75, t74)  # line 14
    t76 = np.log(t75)  # line 14
    loglik = t72 + t76  # line 14
    return (loglik,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(seen, start, move, show):
    T = seen.shape[0]
    K = start.shape[0]
    V = show.shape[1]
    t1 = seen[0]
    t2 = t1 + V  # line 11
    t3 = t1 < 0  # line 11
    t4 = t2 if t3 else t1  # line 11
    t5 = T - 1 == 0  # line 14
    t6 = T - 2 >= 0  # line 14
    t7 = _own(np.full((K,), -np.inf, np.float64))
    # over k1, k: t7; K**2 operations, 24*K**2 bytes
    for k1 in range(K):
        for k in range(K):
            move_kk1 = move[k, k1]
            t7[k] = move_kk1 if move_kk1 > t7[k] or move_kk1 != move_kk1 else t7[k]  # line 7
    t11 = _own(np.empty((K, K), np.float64))
    t12 = _own(np.empty((K,), np.float64))
    # over k, k1: t11, t12; 3*K**2 + 2*K operations, 16*K**2 + 16*K bytes
    for k in range(K):
        t7_k = t7[k]
        t8 = t7_k if np.isfinite(t7_k) else 0.0  # line 7
        t12_k = 0.0
        for k1 in range(K):
            move_kk1 = move[k, k1]
            t9 = move_kk1 - t8  # line 7
            t10 = _exp(t9)  # line 7
            t11[k, k1] = t10
            t12_k = _plus(t12_k, t10)  # line 7
        t12[k] = t12_k
    t15 = _own(np.empty((K,), np.float64))
    t16 = -np.inf
    t18 = _own(np.empty((K,), np.float64))
    # over k: t15, t16, t18; 6*K operations, 40*K bytes
    for k in range(K):
        t12_k_ = t12[k]
        t13 = _log(t12_k_)  # line 7
        t7_k = t7[k]
        t8 = t7_k if np.isfinite(t7_k) else 0.0  # line 7
        t14 = t8 + t13  # line 7
        t15[k] = t14
        start_k = start[k]
        t16 = _larger(t16, start_k)  # line 11
        t17 = 1.0 / t12_k_  # backward of line 7: logsumexp gate
        t18[k] = t17
    t19 = _own(np.full((K,), -np.inf, np.float64))
    # over v, k: t19; K*V operations, 24*K*V bytes
    for v in range(V):
        for k in range(K):
            show_kv = show[k, v]
            t19[k] = show_kv if show_kv > t19[k] or show_kv != show_kv else t19[k]  # line 8
    t23 = _own(np.empty((K, V), np.float64))
    t24 = _own(np.empty((K,), np.float64))
    # over k, v: t23, t24; 3*K*V + 2*K operations, 16*K*V + 16*K bytes
    for k in range(K):
        t19_k = t19[k]
        t20 = t19_k if np.isfinite(t19_k) else 0.0  # line 8
        t24_k = 0.0
        for v in range(V):
            show_kv = show[k, v]
            t21 = show_kv - t20  # line 8
            t22 = _exp(t21)  # line 8
            t23[k, v] = t22
            t24_k = _plus(t24_k, t22)  # line 8
        t24[k] = t24_k
    t27 = _own(np.empty((K,), np.float64))
    t29 = _own(np.empty((K,), np.float64))
    # over k: t27, t29; 5*K operations, 32*K bytes
    for k in range(K):
        t24_k_ = t24[k]
        t25 = _log(t24_k_)  # line 8
        t19_k = t19[k]
        t20 = t19_k if np.isfinite(t19_k) else 0.0  # line 8
        t26 = t20 + t25  # line 8
        t27[k] = t26
        t28 = 1.0 / t24_k_  # backward of line 8: logsumexp gate
        t29[k] = t28
    emit = _own(np.empty((K, V), np.float64))
    # over k, v: emit; K*V operations, 16*K*V + 8*K bytes
    for k in range(K):
        t26 = t27[k]
        for v in range(V):
            show_kv = show[k, v]
            emit_kv = show_kv - t26  # line 8
            emit[k, v] = emit_kv
    t30 = t16 if np.isfinite(t16) else 0.0  # line 11
    t33 = _own(np.empty((K,), np.float64))
    t34 = 0.0
    # over k: t33, t34; 3*K operations, 16*K bytes
    for k in range(K):
        start_k = start[k]
        t31 = start_k - t30  # line 11
        t32 = _exp(t31)  # line 11
        t33[k] = t32
        t34 = _plus(t34, t32)  # line 11
    t35 = np.log(t34)  # line 11
    t36 = t30 + t35  # line 11
    t37 = 1.0 / t34  # backward of line 11: logsumexp gate
    t38 = _own(np.full((K,), -np.inf, np.float64))
    # over k, k1: t38; 2*K**2 operations, 24*K**2 + 8*K bytes
    for k in range(K):
        t14 = t15[k]
        for k1 in range(K):
            move_kk1 = move[k, k1]
            trans = move_kk1 - t14  # line 7
            t38[k1] = trans if trans > t38[k1] or trans != trans else t38[k1]  # line 13
    t42 = _own(np.empty((K, K), np.float64))
    t45 = _own(np.empty((K, K), np.float64))
    # over k, k1: t42, t45; 7*K**2 operations, 32*K**2 + 8*K bytes
    for k in range(K):
        t14 = t15[k]
        for k1 in range(K):
            t38_k1 = t38[k1]
            t39 = t38_k1 if np.isfinite(t38_k1) else 0.0  # line 13
            move_kk1 = move[k, k1]
            trans = move_kk1 - t14  # line 7
            t40 = trans - t39  # line 13
            t41 = _exp(t40)  # line 13
            t42[k, k1] = t41
            t43 = trans <= t39  # backward of line 13: add gate
            t44 = t41 if t43 else 0.0  # backward of line 13: add gate
            t45[k, k1] = t44
    # over t: checks; 4*T - 4 operations, 8*T - 8 bytes
    for t in range(T - 1):
        t46 = 1 + t  # line 12
        t47 = seen[t46]
        t48 = t47 + V  # line 13
        t49 = t47 < 0  # line 13
        t50 = t48 if t49 else t47  # line 13
        if t50 < 0 or t50 >= V:
            raise _OutOfRange("an index into emit is out of range: seen[t] is {0}, the length is {1} (line 13)", t50, V)
    state = _own(np.empty((T, K), np.float64))
    if t4 < 0 or t4 >= V:
        raise _OutOfRange("an index into emit is out of range: seen[0] is {0}, the length is {1} (line 11)", t4, V)
    # over k: state; 2*K operations, 24*K bytes
    for k in range(K):
        t51 = emit[k, t4]
        start_k = start[k]
        t52 = start_k - t36  # line 11
        t53 = t52 + t51  # line 11
        state[0, k] = t53
    state_ = _own(np.empty((T, K), np.float64))
    t58 = _own(np.empty((K,), np.float64))
    t60 = _own(np.empty((K,), np.float64))
    t67 = _own(np.empty((K,), np.float64))
    t71 = _own(np.empty((K,), np.float64))
    # over t: t58, t60, t67, t71, state_, state; 12*K**2*T + 17*K*T - 12*K**2 - 17*K + 7*T - 7 operations, 80*K**2*T + 136*K*T - 80*K**2 - 136*K + 8*T - 8 bytes
    for t in range(T - 1):
        t54 = -np.inf
        for k in range(K):
            state_k = state[t, k]
            t54 = _larger(t54, state_k)  # line 13
        t55 = t54 if np.isfinite(t54) else 0.0  # line 13
        for k in range(K):
            state_k = state[t, k]
            t56 = state_k - t55  # line 13
            t57 = _exp(t56)  # line 13
            t58[k] = t57
        t60[...] = 0.0
        edge = K - (K - 0) % 4
        for k in range(0, edge, 4):
            k_1 = k + 1
            k_2 = k + 2
            k_3 = k + 3
            t57 = t58[k]
            t57_1 = t58[k_1]
            t57_2 = t58[k_2]
            t57_3 = t58[k_3]
            for k1 in range(K):
                t41 = t42[k, k1]
                t41_1 = t42[k_1, k1]
                t41_2 = t42[k_2, k1]
                t41_3 = t42[k_3, k1]
                t59 = t57 * t41  # line 13
                t59_1 = t57_1 * t41_1  # line 13
                t59_2 = t57_2 * t41_2  # line 13
                t59_3 = t57_3 * t41_3  # line 13
                t60_ = t60[k1]
                t60_ = t60_ + t59  # line 13
                t60_ = t60_ + t59_1  # line 13
                t60_ = t60_ + t59_2  # line 13
                t60_ = t60_ + t59_3  # line 13
                t60[k1] = t60_
        for k in range(edge, K):
            t57 = t58[k]
            for k1 in range(K):
                t41 = t42[k, k1]
                t59 = t57 * t41  # line 13
                t60[k1] += t59  # line 13
        t64 = True
        for k1 in range(K):
            t60_k1 = t60[k1]
            t61 = t60_k1 <= 6.703903964971206e+153  # line 13
            t62 = t60_k1 >= 1.491668146240062e-154  # line 13
            t63 = t62 and t61  # line 13
            t64 = t64 and t63  # line 13
        t65 = not t64  # line 13
        t67[...] = -np.inf
        if t65:
            for k in range(K):
                t14 = t15[k]
                state_k = state[t, k]
                for k1 in range(K):
                    move_kk1 = move[k, k1]
                    trans = move_kk1 - t14  # line 7
                    t66 = state_k + trans  # line 13
                    t67[k1] = t66 if t66 > t67[k1] or t66 != t66 else t67[k1]  # line 13
        t71[...] = 0.0
        if t65:
            for k in range(K):
                t14 = t15[k]
                state_k = state[t, k]
                for k1 in range(K):
                    t67_k1 = t67[k1]
                    t68 = t67_k1 if np.isfinite(t67_k1) else 0.0  # line 13
                    move_kk1 = move[k, k1]
                    trans = move_kk1 - t14  # line 7
                    t66 = state_k + trans  # line 13
                    t69 = t66 - t68  # line 13
                    t70 = _exp(t69)  # line 13
                    t71[k1] += t70  # line 13
        for k1 in range(K):
            t60_k1 = t60[k1]
            t71_k1 = t71[k1]
            t72 = t71_k1 if t65 else t60_k1  # line 13
            t73 = _log(t72)  # line 13
            t38_k1 = t38[k1]
            t39 = t38_k1 if np.isfinite(t38_k1) else 0.0  # line 13
            t74 = t55 + t39  # line 13
            t67_k1 = t67[k1]
            t68 = t67_k1 if np.isfinite(t67_k1) else 0.0  # line 13
            t75 = t68 if t65 else t74  # line 13
            t76 = t75 + t73  # line 13
            state_[t + 1, k1] = t76
        t46 = 1 + t  # line 12
        t47 = seen[t46]
        t48 = t47 + V  # line 13
        t49 = t47 < 0  # line 13
        t50 = t48 if t49 else t47  # line 13
        for k in range(K):
            t77 = emit[k, t50]
            state__k = state_[t + 1, k]
            t78 = state__k + t77  # line 13
            state[t + 1, k] = t78
    if t4 < 0 or t4 >= V:
        raise _OutOfRange("an index into emit is out of range: seen[0] is {0}, the length is {1} (line 11)", t4, V)
    t82 = -np.inf
    # over k: t82; 5*K operations, 24*K bytes
    for k in range(K):
        t79 = state[(T - 2) + 1, k] if t6 else 0.0
        t51 = emit[k, t4]
        start_k = start[k]
        t52 = start_k - t36  # line 11
        t53 = t52 + t51  # line 11
        t80 = t53 if t5 else 0.0  # line 14
        t81 = t80 + t79  # line 14
        t82 = _larger(t82, t81)  # line 14
    t83 = t82 if np.isfinite(t82) else 0.0  # line 14
    if t4 < 0 or t4 >= V:
        raise _OutOfRange("an index into emit is out of range: seen[0] is {0}, the length is {1} (line 11)", t4, V)
    t86 = _own(np.empty((K,), np.float64))
    t87 = 0.0
    # over k: t86, t87; 7*K operations, 32*K bytes
    for k in range(K):
        t79 = state[(T - 2) + 1, k] if t6 else 0.0
        t51 = emit[k, t4]
        start_k = start[k]
        t52 = start_k - t36  # line 11
        t53 = t52 + t51  # line 11
        t80 = t53 if t5 else 0.0  # line 14
        t81 = t80 + t79  # line 14
        t84 = t81 - t83  # line 14
        t85 = _exp(t84)  # line 14
        t86[k] = t85
        t87 = _plus(t87, t85)  # line 14
    t88 = np.log(t87)  # line 14
    loglik = t83 + t88  # line 14
    t89 = 1.0 / t87  # backward of line 14: logsumexp gate
    t97 = _own(np.full((T - 1,), True, np.bool_))
    t99 = _own(np.empty((T - 1, K), np.float64))
    t103 = _own(np.empty((T - 1, K), np.float64))
    t105 = False
    t97 = _own(np.empty((T - 1,), np.bool_))
    if K >= _LONG_ROW:
        # stage along T - 1: block by block, with 1 numbers for each position in buffers
        block_ = min((T - 1) // 2 + 4, max(64, min(256, 65536 // (2) // 32 * 32)))
        size_ = min(block_, T - 1)
        t106 = _own(np.empty((size_,), np.float64))
        for t0_ in range(0, T - 1, block_):
            if T - 1 - t0_ < size_:  # the last block
                size_ = T - 1 - t0_
                t106 = _own(np.empty((size_,), np.float64))
            state_3 = state[t0_ : t0_ + size_]
            state__2 = state_[t0_ + 1 : t0_ + 1 + size_]
            t97_2 = t97[t0_ : t0_ + size_]
            t99_2 = t99[t0_ : t0_ + size_]
            t103_2 = t103[t0_ : t0_ + size_]
            # over t, k: t106; K*T - K operations, 8*K*T - 8*K + 8*T - 8 bytes
            for t in range(size_):
                t106_t = -np.inf
                for k in range(K):
                    state_kt = state_3[t, k]
                    t106_t = _larger(t106_t, state_kt)  # backward of line 13: add gate
                t106[t] = t106_t
            # over t, k1: t99_2, t97_2; 9*K*T - 9*K + 2*T - 2 operations, 24*K*T - 24*K + 16*T - 16 bytes
            for t in range(size_):
                t90_t = t106[t]
                t91 = t90_t if np.isfinite(t90_t) else 0.0  # backward of line 13: add gate
                t97_t_ = True
                for k1 in range(K):
                    state__k1t = state__2[t, k1]
                    t38_k1 = t38[k1]
                    t39 = t38_k1 if np.isfinite(t38_k1) else 0.0  # line 13
                    t92 = t91 + t39  # backward of line 13: add gate
                    t93 = t92 - state__k1t  # backward of line 13: add gate
                    t94 = t93 <= 354.19820926613204  # backward of line 13: add gate
                    t95 = t93 >= -354.19820926613204  # backward of line 13: add gate
                    t96 = t95 and t94  # backward of line 13: add gate
                    t97_t_ = t97_t_ and t96  # backward of line 13: add gate
                    t98 = _exp(t93)  # backward of line 13: add gate
                    t99_2[t, k1] = t98
                t97_2[t] = t97_t_
            # over t, k: t103_2; 3*K*T - 3*K + 2*T - 2 operations, 16*K*T - 16*K + 16*T - 16 bytes
            for t in range(size_):
                t90_t = t106[t]
                t91 = t90_t if np.isfinite(t90_t) else 0.0  # backward of line 13: add gate
                t97_t = t97_2[t]
                for k in range(K):
                    state_kt = state_3[t, k]
                    t100 = state_kt - t91  # backward of line 13: add gate
                    t101 = _exp(t100)  # backward of line 13: add gate
                    t102 = t101 if t97_t else 0.0  # backward of line 13: add gate
                    t103_2[t, k] = t102
            t105__ = False
            # over t: t105__; 2*T - 2 operations, 8*T - 8 bytes
            for t in range(size_):
                t97_t = t97_2[t]
                t104 = not t97_t  # backward of line 13: add gate
                t105__ = t105__ or t104  # backward of line 13: add gate
            t105 = t105 or t105__  # backward of line 13: add gate
    else:
        # stage along T - 1: block by block, with 4*K + 1 numbers for each position in buffers
        block = min((T - 1) // 2 + 4, max(64, min(256, 65536 // (4*K + 2) // 32 * 32)))
        size = min(block, T - 1)
        state_2_ = _own(np.empty((K, size), np.float64))
        state___ = _own(np.empty((K, size), np.float64))
        t90 = _own(np.empty((size,), np.float64))
        t99__ = _own(np.empty((K, size), np.float64))
        t103__ = _own(np.empty((K, size), np.float64))
        for t0 in range(0, T - 1, block):
            if T - 1 - t0 < size:  # the last block
                size = T - 1 - t0
                state_2_ = _own(np.empty((K, size), np.float64))
                state___ = _own(np.empty((K, size), np.float64))
                t90 = _own(np.empty((size,), np.float64))
                t99__ = _own(np.empty((K, size), np.float64))
                t103__ = _own(np.empty((K, size), np.float64))
            state_2 = state[t0 : t0 + size]
            state__ = state_[t0 + 1 : t0 + 1 + size]
            t97_ = t97[t0 : t0 + size]
            t99_ = t99[t0 : t0 + size]
            t103_ = t103[t0 : t0 + size]
            _turn(state_2, state_2_)
            _turn(state__, state___)
            t90[...] = -np.inf
            # over k, t: t90; K*T - K operations, 24*K*T - 24*K bytes
            for k in range(K):
                for t in range(size):
                    state_kt = state_2_[k, t]
                    t90[t] = state_kt if state_kt > t90[t] or state_kt != state_kt else t90[t]  # backward of line 13: add gate
            # over k1, t: t97_, t99__; 9*K*T - 7*K operations, 40*K*T - 32*K bytes
            for k1 in range(K):
                t38_k1 = t38[k1]
                t39 = t38_k1 if np.isfinite(t38_k1) else 0.0  # line 13
                for t in range(size):
                    state__k1t = state___[k1, t]
                    t90_t = t90[t]
                    t91 = t90_t if np.isfinite(t90_t) else 0.0  # backward of line 13: add gate
                    t92 = t91 + t39  # backward of line 13: add gate
                    t93 = t92 - state__k1t  # backward of line 13: add gate
                    t94 = t93 <= 354.19820926613204  # backward of line 13: add gate
                    t95 = t93 >= -354.19820926613204  # backward of line 13: add gate
                    t96 = t95 and t94  # backward of line 13: add gate
                    t97_[t] = t97_[t] and t96  # backward of line 13: add gate
                    t98 = _exp(t93)  # backward of line 13: add gate
                    t99__[k1, t] = t98
            _turn(t99__, t99_)
            # over k, t: t103__; 5*K*T - 5*K operations, 32*K*T - 32*K bytes
            for k in range(K):
                for t in range(size):
                    t90_t = t90[t]
                    t91 = t90_t if np.isfinite(t90_t) else 0.0  # backward of line 13: add gate
                    state_kt = state_2_[k, t]
                    t100 = state_kt - t91  # backward of line 13: add gate
                    t101 = _exp(t100)  # backward of line 13: add gate
                    t97_t = t97_[t]
                    t102 = t101 if t97_t else 0.0  # backward of line 13: add gate
                    t103__[k, t] = t102
            _turn(t103__, t103_)
            t105_ = False
            # over t: t105_; 2*T - 2 operations, 8*T - 8 bytes
            for t in range(size):
                t97_t = t97_[t]
                t104 = not t97_t  # backward of line 13: add gate
                t105_ = t105_ or t104  # backward of line 13: add gate
            t105 = t105 or t105_  # backward of line 13: add gate
    state_4 = _own(np.empty((T, K), np.float64))
    # over k: state_4; 0 operations, 8*K bytes
    for k in range(K):
        state_4[(T - 1), k] = 0.0
    t114 = _own(np.empty((K,), np.float64))
    t115 = _own(np.empty((K,), np.float64))
    t121 = _own(np.empty((K,), np.float64))
    # over t: t114, t115, t121, state_4; 12*K**2*T + 7*K*T - 12*K**2 - 7*K + 5*T - 5 operations, 32*K**2*T + 88*K*T - 32*K**2 - 88*K + 16*T - 16 bytes
    for t in range(T - 2, -1, -1):
        t108 = t + 1  # line 12
        t109 = t108 == T - 1  # backward of line 12: scatter gate
        t97_t = t97[t]
        for k1 in range(K):
            t98 = t99[t, k1]
            state_4_k1 = state_4[t + 1, k1]
            t86_k1 = t86[k1]
            t107 = t86_k1 * t89  # backward of line 14: logsumexp gate
            t110 = t107 if t109 else 0.0  # backward of line 12: scatter gate
            t111 = t110 + state_4_k1  # backward of line 12: recurrence gate
            t112 = t111 * t98  # backward of line 13: add gate
            t113 = t112 if t97_t else 0.0  # backward of line 13: add gate
            t114[k1] = t113
        np.dot(t45, t114, t115)  # backward of line 13: add gate
        t97_t = t97[t]
        t104 = not t97_t  # backward of line 13: add gate
        t108 = t + 1  # line 12
        t109 = t108 == T - 1  # backward of line 12: scatter gate
        t121[...] = 0.0
        if t104:
            for k in range(K):
                t14 = t15[k]
                state_kt = state[t, k]
                t121_k = 0.0
                for k1 in range(K):
                    state__k1t = state_[t + 1, k1]
                    move_kk1 = move[k, k1]
                    trans = move_kk1 - t14  # line 7
                    t116 = state_kt + trans  # line 13
                    t117 = t116 - state__k1t  # backward of line 13: logsumexp gate
                    t118 = _exp(t117)  # backward of line 13: logsumexp gate
                    state_4_k1 = state_4[t + 1, k1]
                    t86_k1 = t86[k1]
                    t107 = t86_k1 * t89  # backward of line 14: logsumexp gate
                    t110 = t107 if t109 else 0.0  # backward of line 12: scatter gate
                    t111 = t110 + state_4_k1  # backward of line 12: recurrence gate
                    t119 = t111 * t118  # backward of line 13: logsumexp gate
                    t120 = t119 if t105 else 0.0  # backward of line 13: add gate
                    t121_k = _plus(t121_k, t120)  # backward of line 13: add gate
                t121[k] = t121_k
        for k in range(K):
            t121_kt = t121[k]
            t115_kt = t115[k]
            t102 = t103[t, k]
            t122 = t102 * t115_kt  # backward of line 13: add gate
            t123 = t122 + t121_kt  # backward of line 13: add gate
            state_4[t, k] = t123
    if t4 < 0 or t4 >= V:
        raise _OutOfRange("an index into emit is out of range: seen[0] is {0}, the length is {1} (line 11)", t4, V)
    demit = _own(np.zeros((V, K), np.float64))
    t127 = 0.0
    # over k: demit, t127; 5*K operations, 32*K bytes
    for k in range(K):
        state_4_k = state_4[0, k]
        t85 = t86[k]
        t124 = t85 * t89  # backward of line 14: logsumexp gate
        t125 = t124 if t5 else 0.0  # backward of line 12: scatter gate
        t126 = t125 + state_4_k  # backward of line 11: copy gate
        demit[t4, k] += t126  # backward of line 11: take gate
        t127 = _plus(t127, t126)  # backward of line 11: sub gate
    dstart = _own(np.empty((K,), np.float64))
    # over k: dstart; 6*K operations, 32*K bytes
    for k in range(K):
        t32 = t33[k]
        t128 = t32 * t37  # backward of line 11: logsumexp gate
        t129 = t127 * t128  # backward of line 11: logsumexp gate
        state_4_k = state_4[0, k]
        t85 = t86[k]
        t124 = t85 * t89  # backward of line 14: logsumexp gate
        t125 = t124 if t5 else 0.0  # backward of line 12: scatter gate
        t126 = t125 + state_4_k  # backward of line 11: copy gate
        dstart_k = t126 - t129  # backward of line 3: copy gate
        dstart[k] = dstart_k
    t134 = _own(np.zeros((K, K), np.float64))
    t138 = _own(np.zeros((K, K), np.float64))
    # stage along T - 1: block by block, with 5*K numbers for each position in buffers
    block_2 = min((T - 1) // 2 + 4, max(64, min(256, 65536 // (5*K + 1) // 32 * 32)))
    size_2 = min(block_2, T - 1)
    t99_3_ = _own(np.empty((K, size_2), np.float64))
    state_4__ = _own(np.empty((K, size_2), np.float64))
    space = _own(np.empty((16384,), np.float64))
    state__3_ = _own(np.empty((K, size_2), np.float64))
    state_5_ = _own(np.empty((K, size_2), np.float64))
    t133 = _own(np.empty((K, size_2), np.float64))
    t135 = _own(np.empty((K, K), np.float64))
    for t0_2 in range(0, T - 1, block_2):
        if T - 1 - t0_2 < size_2:  # the last block
            size_2 = T - 1 - t0_2
            t99_3_ = _own(np.empty((K, size_2), np.float64))
            state_4__ = _own(np.empty((K, size_2), np.float64))
            state__3_ = _own(np.empty((K, size_2), np.float64))
            state_5_ = _own(np.empty((K, size_2), np.float64))
            t133 = _own(np.empty((K, size_2), np.float64))
        t99_3 = t99[t0_2 : t0_2 + size_2]
        state_4_ = state_4[t0_2 + 1 : t0_2 + 1 + size_2]
        t97_3 = t97[t0_2 : t0_2 + size_2]
        t103_3 = t103[t0_2 : t0_2 + size_2]
        state__3 = state_[t0_2 + 1 : t0_2 + 1 + size_2]
        state_5 = state[t0_2 : t0_2 + size_2]
        _turn(t99_3, t99_3_)
        _turn(state_4_, state_4__)
        t103_3_ = _columns(t103_3, space)
        _turn(state__3, state__3_)
        _turn(state_5, state_5_)
        # over k1, t: t133; 6*K*T - 5*K operations, 32*K*T - 24*K bytes
        for k1 in range(K):
            t86_k1 = t86[k1]
            t107 = t86_k1 * t89  # backward of line 14: logsumexp gate
            for t in range(size_2):
                t98 = t99_3_[k1, t]
                state_4_k1t = state_4__[k1, t]
                t108 = t0_2 + t + 1  # line 12
                t109 = t108 == T - 1  # backward of line 12: scatter gate
                t110 = t107 if t109 else 0.0  # backward of line 12: scatter gate
                t130 = t110 + state_4_k1t  # backward of line 12: recurrence gate
                t131 = t130 * t98  # backward of line 13: add gate
                t97_t = t97_3[t]
                t132 = t131 if t97_t else 0.0  # backward of line 13: add gate
                t133[k1, t] = t132
        if not _long_sums(t103_3_, t133, t135):
            np.dot(t103_3.T, t133.T, t135)  # backward of line 13: add gate
        # over k, k1: t134; K**2 operations, 24*K**2 bytes
        for k in range(K):
            for k1 in range(K):
                t134[k, k1] += t135[k, k1]  # backward of line 13: add gate
        if t105:
            # over k, k1, t: t138; 11*K**2*T - 8*K**2 operations, 32*K**2*T + 8*K bytes
            for k in range(K):
                t14 = t15[k]
                for k1 in range(K):
                    move_kk1 = move[k, k1]
                    trans = move_kk1 - t14  # line 7
                    t86_k1 = t86[k1]
                    t107 = t86_k1 * t89  # backward of line 14: logsumexp gate
                    t138_kk1 = 0.0
                    for t in range(size_2):
                        state__k1t = state__3_[k1, t]
                        state_kt = state_5_[k, t]
                        t116 = state_kt + trans  # line 13
                        t117 = t116 - state__k1t  # backward of line 13: logsumexp gate
                        t118 = _exp(t117)  # backward of line 13: logsumexp gate
                        state_4_k1t = state_4__[k1, t]
                        t108 = t0_2 + t + 1  # line 12
                        t109 = t108 == T - 1  # backward of line 12: scatter gate
                        t110 = t107 if t109 else 0.0  # backward of line 12: scatter gate
                        t130 = t110 + state_4_k1t  # backward of line 12: recurrence gate
                        t136 = t130 * t118  # backward of line 13: logsumexp gate
                        t97_t = t97_3[t]
                        t104 = not t97_t  # backward of line 13: add gate
                        t137 = t136 if t104 else 0.0  # backward of line 13: add gate
                        t138_kk1 = _plus(t138_kk1, t137)  # backward of line 13: add gate
                    t138[k, k1] += t138_kk1  # backward of line 13: add gate
        # over t, k: demit; 4*K*T - 4*K + 6*T - 6 operations, 32*K*T - 32*K + 8*T - 8 bytes
        for t in range(size_2):
            t46 = 1 + (t0_2 + t)  # line 12
            t47 = seen[t46]
            t48 = t47 + V  # line 13
            t49 = t47 < 0  # line 13
            t50 = t48 if t49 else t47  # line 13
            t108 = t0_2 + t + 1  # line 12
            t109 = t108 == T - 1  # backward of line 12: scatter gate
            for k in range(K):
                state_4_kt = state_4__[k, t]
                t85 = t86[k]
                t124 = t85 * t89  # backward of line 14: logsumexp gate
                t139 = t124 if t109 else 0.0  # backward of line 12: scatter gate
                t140 = t139 + state_4_kt  # backward of line 12: recurrence gate
                demit[t50, k] += t140  # backward of line 13: take gate
    t141 = _own(np.zeros((K,), np.float64))
    edge_ = V - (V - 0) % 4
    # over v, k: t141; K*V operations, 24*K*V bytes
    for v in range(0, edge_, 4):
        v_1 = v + 1
        v_2 = v + 2
        v_3 = v + 3
        for k in range(K):
            demit_kv = demit[v, k]
            demit_kv_1 = demit[v_1, k]
            demit_kv_2 = demit[v_2, k]
            demit_kv_3 = demit[v_3, k]
            t141_ = t141[k]
            t141_ = t141_ + demit_kv  # backward of line 8: sub gate
            t141_ = t141_ + demit_kv_1  # backward of line 8: sub gate
            t141_ = t141_ + demit_kv_2  # backward of line 8: sub gate
            t141_ = t141_ + demit_kv_3  # backward of line 8: sub gate
            t141[k] = t141_
    for v in range(edge_, V):
        for k in range(K):
            demit_kv = demit[v, k]
            t141[k] += demit_kv  # backward of line 8: sub gate
    t143 = _own(np.empty((K,), np.float64))
    # over k, k1: t143; 3*K**2 operations, 24*K**2 + 8*K bytes
    for k in range(K):
        t143_k = 0.0
        for k1 in range(K):
            t138_kk1_ = t138[k, k1]
            t134_kk1 = t134[k, k1]
            t44 = t45[k, k1]
            t142 = t44 * t134_kk1  # backward of line 13: add gate
            dtrans = t142 + t138_kk1_  # backward of line 13: add gate
            t143_k = _plus(t143_k, dtrans)  # backward of line 7: sub gate
        t143[k] = t143_k
    dshow = _own(np.empty((K, V), np.float64))
    # over k, v: dshow; 3*K*V operations, 24*K*V + 16*K bytes
    for k in range(K):
        t28 = t29[k]
        t141_k = t141[k]
        for v in range(V):
            t22 = t23[k, v]
            t144 = t22 * t28  # backward of line 8: logsumexp gate
            t145 = t141_k * t144  # backward of line 8: logsumexp gate
            demit_kv = demit[v, k]
            dshow_kv = demit_kv - t145  # backward of line 5: copy gate
            dshow[k, v] = dshow_kv
    dmove = _own(np.empty((K, K), np.float64))
    # over k, k1: dmove; 5*K**2 operations, 40*K**2 + 16*K bytes
    for k in range(K):
        t17 = t18[k]
        t143_k_ = t143[k]
        for k1 in range(K):
            t10 = t11[k, k1]
            t146 = t10 * t17  # backward of line 7: logsumexp gate
            t147 = t143_k_ * t146  # backward of line 7: logsumexp gate
            t138_kk1_ = t138[k, k1]
            t134_kk1 = t134[k, k1]
            t44 = t45[k, k1]
            t142 = t44 * t134_kk1  # backward of line 13: add gate
            dtrans = t142 + t138_kk1_  # backward of line 13: add gate
            dmove_kk1 = dtrans - t147  # backward of line 4: copy gate
            dmove[k, k1] = dmove_kk1
    return (loglik, dstart, dmove, dshow)


class Gradient(NamedTuple):
    """The gradient of loglik with respect to each parameter."""

    start: np.ndarray  # [K]
    move: np.ndarray  # [K, K]
    show: np.ndarray  # [K, V]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(seen, start, move, show):
    """Return loglik."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, _INTEGER, seen, start, move, show):
        _call = _direct_value_kernel.run
        _found = _call(seen, start, move, show)
    else:
        _found = value_kernel(*_checked(seen, start, move, show))
    return _found[0]


def value_and_grad(seen, start, move, show):
    """Return loglik and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, _INTEGER, seen, start, move, show):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(seen, start, move, show)
    else:
        _found = value_and_grad_kernel(*_checked(seen, start, move, show))
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


def _checked(seen, start, move, show):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if seen.__class__ is not _ARRAY or seen.dtype is not _INTEGER or seen.ndim != 1 or not seen.flags.carray:
        seen = _converted("seen", seen, ("T",), "integer")
    if start.__class__ is not _ARRAY or start.dtype is not _REAL or start.ndim != 1 or not start.flags.carray:
        start = _converted("start", start, ("K",), "real")
    if move.__class__ is not _ARRAY or move.dtype is not _REAL or move.ndim != 2 or not move.flags.carray:
        move = _converted("move", move, ("K", "K"), "real")
    if show.__class__ is not _ARRAY or show.dtype is not _REAL or show.ndim != 2 or not show.flags.carray:
        show = _converted("show", show, ("K", "V"), "real")
    T = seen.shape[0]
    K = start.shape[0]
    V = show.shape[1]
    if move.shape[0] != K:
        raise ValueError(f"move has {move.shape[0]} rows, but K = {K} from start")
    if move.shape[1] != K:
        raise ValueError(f"move has {move.shape[1]} columns, but K = {K} from start")
    if show.shape[0] != K:
        raise ValueError(f"show has {show.shape[0]} rows, but K = {K} from start")
    if T - 1 < 0:
        raise ValueError(f"`seen[0]` reads at 0 of an axis of length T. (T - 1 = {T - 1}, 0)")
    return seen, start, move, show


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
def _fit(_array, _real, _integer, seen, start, move, show):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(seen, _array, _integer, 1)):
        return False
    if not (_is_array(start, _array, _real, 1)):
        return False
    if not (_is_array(move, _array, _real, 2)):
        return False
    if not (_is_array(show, _array, _real, 2)):
        return False
    T = _size(seen, 0)
    K = _size(start, 0)
    V = _size(show, 1)
    return _size(move, 0) == K and _size(move, 1) == K and _size(show, 0) == K and T - 1 >= 0


_fitting = _Direct(_fit, 100, *[_ANY] * 7)


_KNOWN = (  # types of the arguments
    types.int64[::1], types.float64[::1], types.float64[:, ::1], types.float64[:, ::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
