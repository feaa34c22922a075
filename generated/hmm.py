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
# code: K = 7: agrees, within 2^1 units in the last place
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


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _turn(x, columns):
    """Copy the rows of x to columns, eight at a time: whole cache lines are read and written."""
    rows, width = x.shape
    for first in range(0, rows, 8):
        for i in range(width):
            for row in range(first, min(first + 8, rows)):
                columns[i, row] = x[row, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(seen, start, move, show):
    T = seen.shape[0]
    K = start.shape[0]
    V = show.shape[1]
    t1 = seen[0]
    t2 = t1 + V  # line 11
    t3 = t1 < 0  # line 11
    t4 = t2 if t3 else t1  # line 11
    # over t: checks; 4*T - 4 operations, 8*T - 8 bytes
    for t in range(T - 1):
        t5 = 1 + t  # line 12
        t6 = seen[t5]
        t7 = t6 + V  # line 13
        t8 = t6 < 0  # line 13
        t9 = t7 if t8 else t6  # line 13
        if t9 < 0 or t9 >= V:
            raise _OutOfRange("an index into emit is out of range: seen[t] is {0}, the length is {1} (line 13)", t9, V)
    t10 = _own(np.full((K,), -np.inf, np.float64))
    # over k1, k: t10; K**2 operations, 24*K**2 bytes
    for k1 in range(K):
        for k in range(K):
            move_kk1 = move[k, k1]
            t10[k] = move_kk1 if move_kk1 > t10[k] or move_kk1 != move_kk1 else t10[k]  # line 7
    t14 = _own(np.empty((K,), np.float64))
    # over k, k1: t14; 3*K**2 + 2*K operations, 8*K**2 + 16*K bytes
    for k in range(K):
        t10_k = t10[k]
        t11 = t10_k if np.isfinite(t10_k) else 0.0  # line 7
        t14_k = 0.0
        for k1 in range(K):
            move_kk1 = move[k, k1]
            t12 = move_kk1 - t11  # line 7
            t13 = _exp(t12)  # line 7
            t14_k = _plus(t14_k, t13)  # line 7
        t14[k] = t14_k
    t17 = _own(np.empty((K,), np.float64))
    t18 = -np.inf
    # over k: t17, t18; 5*K operations, 32*K bytes
    for k in range(K):
        t14_k_ = t14[k]
        t15 = _log(t14_k_)  # line 7
        t10_k = t10[k]
        t11 = t10_k if np.isfinite(t10_k) else 0.0  # line 7
        t16 = t11 + t15  # line 7
        t17[k] = t16
        start_k = start[k]
        t18 = _larger(t18, start_k)  # line 11
    t19 = _own(np.full((K,), -np.inf, np.float64))
    # over v, k: t19; K*V operations, 24*K*V bytes
    for v in range(V):
        for k in range(K):
            show_kv = show[k, v]
            t19[k] = show_kv if show_kv > t19[k] or show_kv != show_kv else t19[k]  # line 8
    t23 = _own(np.empty((K,), np.float64))
    # over k, v: t23; 3*K*V + 2*K operations, 8*K*V + 16*K bytes
    for k in range(K):
        t19_k = t19[k]
        t20 = t19_k if np.isfinite(t19_k) else 0.0  # line 8
        t23_k = 0.0
        for v in range(V):
            show_kv = show[k, v]
            t21 = show_kv - t20  # line 8
            t22 = _exp(t21)  # line 8
            t23_k = _plus(t23_k, t22)  # line 8
        t23[k] = t23_k
    t26 = _own(np.empty((K,), np.float64))
    # over k: t26; 4*K operations, 24*K bytes
    for k in range(K):
        t23_k_ = t23[k]
        t24 = _log(t23_k_)  # line 8
        t19_k = t19[k]
        t20 = t19_k if np.isfinite(t19_k) else 0.0  # line 8
        t25 = t20 + t24  # line 8
        t26[k] = t25
    emit = _own(np.empty((K, V), np.float64))
    # over k, v: emit; K*V operations, 16*K*V + 8*K bytes
    for k in range(K):
        t25 = t26[k]
        for v in range(V):
            show_kv = show[k, v]
            emit_kv = show_kv - t25  # line 8
            emit[k, v] = emit_kv
    t27 = t18 if np.isfinite(t18) else 0.0  # line 11
    t30 = 0.0
    # over k: t30; 3*K operations, 8*K bytes
    for k in range(K):
        start_k = start[k]
        t28 = start_k - t27  # line 11
        t29 = _exp(t28)  # line 11
        t30 = _plus(t30, t29)  # line 11
    t31 = np.log(t30)  # line 11
    t32 = t27 + t31  # line 11
    if t4 < 0 or t4 >= V:
        raise _OutOfRange("an index into emit is out of range: seen[0] is {0}, the length is {1} (line 11)", t4, V)
    forward = _own(np.zeros((K, T), np.float64))
    # over k: forward; 3*K operations, 32*K bytes
    for k in range(K):
        t33 = emit[k, t4]
        start_k = start[k]
        t34 = start_k - t32  # line 11
        t35 = t34 + t33  # line 11
        forward[k, 0] += t35  # line 12
    t36 = _own(np.full((K,), -np.inf, np.float64))
    # over k, k1: t36; 2*K**2 operations, 24*K**2 + 8*K bytes
    for k in range(K):
        t16 = t17[k]
        for k1 in range(K):
            move_kk1 = move[k, k1]
            trans = move_kk1 - t16  # line 7
            t36[k1] = trans if trans > t36[k1] or trans != trans else t36[k1]  # line 13
    t40 = _own(np.empty((K, K), np.float64))
    # over k, k1: t40; 5*K**2 operations, 24*K**2 + 8*K bytes
    for k in range(K):
        t16 = t17[k]
        for k1 in range(K):
            t36_k1 = t36[k1]
            t37 = t36_k1 if np.isfinite(t36_k1) else 0.0  # line 13
            move_kk1 = move[k, k1]
            trans = move_kk1 - t16  # line 7
            t38 = trans - t37  # line 13
            t39 = _exp(t38)  # line 13
            t40[k, k1] = t39
    row = 0
    state = _own(np.empty((T, K), np.float64))
    if t4 < 0 or t4 >= V:
        raise _OutOfRange("an index into emit is out of range: seen[0] is {0}, the length is {1} (line 11)", t4, V)
    # over k: state; 2*K operations, 24*K bytes
    for k in range(K):
        t33 = emit[k, t4]
        start_k = start[k]
        t34 = start_k - t32  # line 11
        t35 = t34 + t33  # line 11
        state[0, k] = t35
    state_ = _own(np.empty((2, K), np.float64))
    t45 = _own(np.empty((K,), np.float64))
    t47 = _own(np.empty((K,), np.float64))
    t54 = _own(np.empty((K,), np.float64))
    t58 = _own(np.empty((K,), np.float64))
    # over t: t45, t47, t54, t58, state_, state; 12*K**2*T + 17*K*T - 12*K**2 - 17*K + 7*T - 7 operations, 80*K**2*T + 136*K*T - 80*K**2 - 136*K + 8*T - 8 bytes
    for t in range(T - 1):
        t41 = -np.inf
        for k in range(K):
            state_k = state[t, k]
            t41 = _larger(t41, state_k)  # line 13
        t42 = t41 if np.isfinite(t41) else 0.0  # line 13
        for k in range(K):
            state_k = state[t, k]
            t43 = state_k - t42  # line 13
            t44 = _exp(t43)  # line 13
            t45[k] = t44
        t47[...] = 0.0
        edge = K - (K - 0) % 4
        for k in range(0, edge, 4):
            k_1 = k + 1
            k_2 = k + 2
            k_3 = k + 3
            t44 = t45[k]
            t44_1 = t45[k_1]
            t44_2 = t45[k_2]
            t44_3 = t45[k_3]
            for k1 in range(K):
                t39 = t40[k, k1]
                t39_1 = t40[k_1, k1]
                t39_2 = t40[k_2, k1]
                t39_3 = t40[k_3, k1]
                t46 = t44 * t39  # line 13
                t46_1 = t44_1 * t39_1  # line 13
                t46_2 = t44_2 * t39_2  # line 13
                t46_3 = t44_3 * t39_3  # line 13
                t47_ = t47[k1]
                t47_ = t47_ + t46  # line 13
                t47_ = t47_ + t46_1  # line 13
                t47_ = t47_ + t46_2  # line 13
                t47_ = t47_ + t46_3  # line 13
                t47[k1] = t47_
        for k in range(edge, K):
            t44 = t45[k]
            for k1 in range(K):
                t39 = t40[k, k1]
                t46 = t44 * t39  # line 13
                t47[k1] += t46  # line 13
        t51 = True
        for k1 in range(K):
            t47_k1 = t47[k1]
            t48 = t47_k1 <= 6.703903964971206e+153  # line 13
            t49 = t47_k1 >= 1.491668146240062e-154  # line 13
            t50 = t49 and t48  # line 13
            t51 = t51 and t50  # line 13
        t52 = not t51  # line 13
        t54[...] = -np.inf
        if t52:
            for k in range(K):
                t16 = t17[k]
                state_k = state[t, k]
                for k1 in range(K):
                    move_kk1 = move[k, k1]
                    trans = move_kk1 - t16  # line 7
                    t53 = state_k + trans  # line 13
                    t54[k1] = t53 if t53 > t54[k1] or t53 != t53 else t54[k1]  # line 13
        t58[...] = 0.0
        if t52:
            for k in range(K):
                t16 = t17[k]
                state_k = state[t, k]
                for k1 in range(K):
                    t54_k1 = t54[k1]
                    t55 = t54_k1 if np.isfinite(t54_k1) else 0.0  # line 13
                    move_kk1 = move[k, k1]
                    trans = move_kk1 - t16  # line 7
                    t53 = state_k + trans  # line 13
                    t56 = t53 - t55  # line 13
                    t57 = _exp(t56)  # line 13
                    t58[k1] += t57  # line 13
        for k1 in range(K):
            t47_k1 = t47[k1]
            t58_k1 = t58[k1]
            t59 = t58_k1 if t52 else t47_k1  # line 13
            t60 = _log(t59)  # line 13
            t36_k1 = t36[k1]
            t37 = t36_k1 if np.isfinite(t36_k1) else 0.0  # line 13
            t61 = t42 + t37  # line 13
            t54_k1 = t54[k1]
            t55 = t54_k1 if np.isfinite(t54_k1) else 0.0  # line 13
            t62 = t55 if t52 else t61  # line 13
            t63 = t62 + t60  # line 13
            state_[1 - row, k1] = t63
        t5 = 1 + t  # line 12
        t6 = seen[t5]
        t7 = t6 + V  # line 13
        t8 = t6 < 0  # line 13
        t9 = t7 if t8 else t6  # line 13
        for k in range(K):
            t64 = emit[k, t9]
            state__k = state_[1 - row, k]
            t65 = state__k + t64  # line 13
            state[t + 1, k] = t65
        row = 1 - row
    # over i, k: forward; K*T - K + T - 1 operations, 24*K*T - 24*K bytes
    for i in range(T - 1):
        t66 = i + 1  # line 12
        for k in range(K):
            state_ki = state[i + 1, k]
            forward[k, t66] += state_ki  # line 12
    t68 = -np.inf
    # over k: t68; K operations, 8*K bytes
    for k in range(K):
        t67 = forward[k, (T - 1)]
        t68 = _larger(t68, t67)  # line 14
    t69 = t68 if np.isfinite(t68) else 0.0  # line 14
    t72 = 0.0
    # over k: t72; 3*K operations, 8*K bytes
    for k in range(K):
        t67 = forward[k, (T - 1)]
        t70 = t67 - t69  # line 14
        t71 = _exp(t70)  # line 14
        t72 = _plus(t72, t71)  # line 14
    t73 = np.log(t72)  # line 14
    loglik = t69 + t73  # line 14
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
    t5 = _own(np.full((K,), -np.inf, np.float64))
    # over k1, k: t5; K**2 operations, 24*K**2 bytes
    for k1 in range(K):
        for k in range(K):
            move_kk1 = move[k, k1]
            t5[k] = move_kk1 if move_kk1 > t5[k] or move_kk1 != move_kk1 else t5[k]  # line 7
    t9 = _own(np.empty((K, K), np.float64))
    t10 = _own(np.empty((K,), np.float64))
    # over k, k1: t9, t10; 3*K**2 + 2*K operations, 16*K**2 + 16*K bytes
    for k in range(K):
        t5_k = t5[k]
        t6 = t5_k if np.isfinite(t5_k) else 0.0  # line 7
        t10_k = 0.0
        for k1 in range(K):
            move_kk1 = move[k, k1]
            t7 = move_kk1 - t6  # line 7
            t8 = _exp(t7)  # line 7
            t9[k, k1] = t8
            t10_k = _plus(t10_k, t8)  # line 7
        t10[k] = t10_k
    t13 = _own(np.empty((K,), np.float64))
    t14 = -np.inf
    t16 = _own(np.empty((K,), np.float64))
    # over k: t13, t14, t16; 6*K operations, 40*K bytes
    for k in range(K):
        t10_k_ = t10[k]
        t11 = _log(t10_k_)  # line 7
        t5_k = t5[k]
        t6 = t5_k if np.isfinite(t5_k) else 0.0  # line 7
        t12 = t6 + t11  # line 7
        t13[k] = t12
        start_k = start[k]
        t14 = _larger(t14, start_k)  # line 11
        t15 = 1.0 / t10_k_  # backward of line 7: logsumexp gate
        t16[k] = t15
    t17 = _own(np.full((K,), -np.inf, np.float64))
    # over v, k: t17; K*V operations, 24*K*V bytes
    for v in range(V):
        for k in range(K):
            show_kv = show[k, v]
            t17[k] = show_kv if show_kv > t17[k] or show_kv != show_kv else t17[k]  # line 8
    t21 = _own(np.empty((K, V), np.float64))
    t22 = _own(np.empty((K,), np.float64))
    # over k, v: t21, t22; 3*K*V + 2*K operations, 16*K*V + 16*K bytes
    for k in range(K):
        t17_k = t17[k]
        t18 = t17_k if np.isfinite(t17_k) else 0.0  # line 8
        t22_k = 0.0
        for v in range(V):
            show_kv = show[k, v]
            t19 = show_kv - t18  # line 8
            t20 = _exp(t19)  # line 8
            t21[k, v] = t20
            t22_k = _plus(t22_k, t20)  # line 8
        t22[k] = t22_k
    t25 = _own(np.empty((K,), np.float64))
    t27 = _own(np.empty((K,), np.float64))
    # over k: t25, t27; 5*K operations, 32*K bytes
    for k in range(K):
        t22_k_ = t22[k]
        t23 = _log(t22_k_)  # line 8
        t17_k = t17[k]
        t18 = t17_k if np.isfinite(t17_k) else 0.0  # line 8
        t24 = t18 + t23  # line 8
        t25[k] = t24
        t26 = 1.0 / t22_k_  # backward of line 8: logsumexp gate
        t27[k] = t26
    emit = _own(np.empty((K, V), np.float64))
    # over k, v: emit; K*V operations, 16*K*V + 8*K bytes
    for k in range(K):
        t24 = t25[k]
        for v in range(V):
            show_kv = show[k, v]
            emit_kv = show_kv - t24  # line 8
            emit[k, v] = emit_kv
    t28 = t14 if np.isfinite(t14) else 0.0  # line 11
    t31 = _own(np.empty((K,), np.float64))
    t32 = 0.0
    # over k: t31, t32; 3*K operations, 16*K bytes
    for k in range(K):
        start_k = start[k]
        t29 = start_k - t28  # line 11
        t30 = _exp(t29)  # line 11
        t31[k] = t30
        t32 = _plus(t32, t30)  # line 11
    t33 = np.log(t32)  # line 11
    t34 = t28 + t33  # line 11
    t35 = 1.0 / t32  # backward of line 11: logsumexp gate
    if t4 < 0 or t4 >= V:
        raise _OutOfRange("an index into emit is out of range: seen[0] is {0}, the length is {1} (line 11)", t4, V)
    forward = _own(np.zeros((K, T), np.float64))
    # over k: forward; 3*K operations, 32*K bytes
    for k in range(K):
        t36 = emit[k, t4]
        start_k = start[k]
        t37 = start_k - t34  # line 11
        t38 = t37 + t36  # line 11
        forward[k, 0] += t38  # line 12
    t39 = _own(np.full((K,), -np.inf, np.float64))
    # over k, k1: t39; 2*K**2 operations, 24*K**2 + 8*K bytes
    for k in range(K):
        t12 = t13[k]
        for k1 in range(K):
            move_kk1 = move[k, k1]
            trans = move_kk1 - t12  # line 7
            t39[k1] = trans if trans > t39[k1] or trans != trans else t39[k1]  # line 13
    t43 = _own(np.empty((K, K), np.float64))
    t46 = _own(np.empty((K, K), np.float64))
    # over k, k1: t43, t46; 7*K**2 operations, 32*K**2 + 8*K bytes
    for k in range(K):
        t12 = t13[k]
        for k1 in range(K):
            t39_k1 = t39[k1]
            t40 = t39_k1 if np.isfinite(t39_k1) else 0.0  # line 13
            move_kk1 = move[k, k1]
            trans = move_kk1 - t12  # line 7
            t41 = trans - t40  # line 13
            t42 = _exp(t41)  # line 13
            t43[k, k1] = t42
            t44 = trans <= t40  # backward of line 13: add gate
            t45 = t42 if t44 else 0.0  # backward of line 13: add gate
            t46[k, k1] = t45
    # over t: checks; 4*T - 4 operations, 8*T - 8 bytes
    for t in range(T - 1):
        t47 = 1 + t  # line 12
        t48 = seen[t47]
        t49 = t48 + V  # line 13
        t50 = t48 < 0  # line 13
        t51 = t49 if t50 else t48  # line 13
        if t51 < 0 or t51 >= V:
            raise _OutOfRange("an index into emit is out of range: seen[t] is {0}, the length is {1} (line 13)", t51, V)
    state = _own(np.empty((T, K), np.float64))
    if t4 < 0 or t4 >= V:
        raise _OutOfRange("an index into emit is out of range: seen[0] is {0}, the length is {1} (line 11)", t4, V)
    # over k: state; 2*K operations, 24*K bytes
    for k in range(K):
        t36 = emit[k, t4]
        start_k = start[k]
        t37 = start_k - t34  # line 11
        t38 = t37 + t36  # line 11
        state[0, k] = t38
    state_ = _own(np.empty((T, K), np.float64))
    t56 = _own(np.empty((K,), np.float64))
    t58 = _own(np.empty((K,), np.float64))
    t65 = _own(np.empty((K,), np.float64))
    t69 = _own(np.empty((K,), np.float64))
    # over t: t56, t58, t65, t69, state_, state; 12*K**2*T + 17*K*T - 12*K**2 - 17*K + 7*T - 7 operations, 80*K**2*T + 136*K*T - 80*K**2 - 136*K + 8*T - 8 bytes
    for t in range(T - 1):
        t52 = -np.inf
        for k in range(K):
            state_k = state[t, k]
            t52 = _larger(t52, state_k)  # line 13
        t53 = t52 if np.isfinite(t52) else 0.0  # line 13
        for k in range(K):
            state_k = state[t, k]
            t54 = state_k - t53  # line 13
            t55 = _exp(t54)  # line 13
            t56[k] = t55
        t58[...] = 0.0
        edge = K - (K - 0) % 4
        for k in range(0, edge, 4):
            k_1 = k + 1
            k_2 = k + 2
            k_3 = k + 3
            t55 = t56[k]
            t55_1 = t56[k_1]
            t55_2 = t56[k_2]
            t55_3 = t56[k_3]
            for k1 in range(K):
                t42 = t43[k, k1]
                t42_1 = t43[k_1, k1]
                t42_2 = t43[k_2, k1]
                t42_3 = t43[k_3, k1]
                t57 = t55 * t42  # line 13
                t57_1 = t55_1 * t42_1  # line 13
                t57_2 = t55_2 * t42_2  # line 13
                t57_3 = t55_3 * t42_3  # line 13
                t58_ = t58[k1]
                t58_ = t58_ + t57  # line 13
                t58_ = t58_ + t57_1  # line 13
                t58_ = t58_ + t57_2  # line 13
                t58_ = t58_ + t57_3  # line 13
                t58[k1] = t58_
        for k in range(edge, K):
            t55 = t56[k]
            for k1 in range(K):
                t42 = t43[k, k1]
                t57 = t55 * t42  # line 13
                t58[k1] += t57  # line 13
        t62 = True
        for k1 in range(K):
            t58_k1 = t58[k1]
            t59 = t58_k1 <= 6.703903964971206e+153  # line 13
            t60 = t58_k1 >= 1.491668146240062e-154  # line 13
            t61 = t60 and t59  # line 13
            t62 = t62 and t61  # line 13
        t63 = not t62  # line 13
        t65[...] = -np.inf
        if t63:
            for k in range(K):
                t12 = t13[k]
                state_k = state[t, k]
                for k1 in range(K):
                    move_kk1 = move[k, k1]
                    trans = move_kk1 - t12  # line 7
                    t64 = state_k + trans  # line 13
                    t65[k1] = t64 if t64 > t65[k1] or t64 != t64 else t65[k1]  # line 13
        t69[...] = 0.0
        if t63:
            for k in range(K):
                t12 = t13[k]
                state_k = state[t, k]
                for k1 in range(K):
                    t65_k1 = t65[k1]
                    t66 = t65_k1 if np.isfinite(t65_k1) else 0.0  # line 13
                    move_kk1 = move[k, k1]
                    trans = move_kk1 - t12  # line 7
                    t64 = state_k + trans  # line 13
                    t67 = t64 - t66  # line 13
                    t68 = _exp(t67)  # line 13
                    t69[k1] += t68  # line 13
        for k1 in range(K):
            t58_k1 = t58[k1]
            t69_k1 = t69[k1]
            t70 = t69_k1 if t63 else t58_k1  # line 13
            t71 = _log(t70)  # line 13
            t39_k1 = t39[k1]
            t40 = t39_k1 if np.isfinite(t39_k1) else 0.0  # line 13
            t72 = t53 + t40  # line 13
            t65_k1 = t65[k1]
            t66 = t65_k1 if np.isfinite(t65_k1) else 0.0  # line 13
            t73 = t66 if t63 else t72  # line 13
            t74 = t73 + t71  # line 13
            state_[t + 1, k1] = t74
        t47 = 1 + t  # line 12
        t48 = seen[t47]
        t49 = t48 + V  # line 13
        t50 = t48 < 0  # line 13
        t51 = t49 if t50 else t48  # line 13
        for k in range(K):
            t75 = emit[k, t51]
            state__k = state_[t + 1, k]
            t76 = state__k + t75  # line 13
            state[t + 1, k] = t76
    # over i, k: forward; K*T - K + T - 1 operations, 24*K*T - 24*K bytes
    for i in range(T - 1):
        t77 = i + 1  # line 12
        for k in range(K):
            state_ki = state[i + 1, k]
            forward[k, t77] += state_ki  # line 12
    t79 = -np.inf
    # over k: t79; K operations, 8*K bytes
    for k in range(K):
        t78 = forward[k, (T - 1)]
        t79 = _larger(t79, t78)  # line 14
    t80 = t79 if np.isfinite(t79) else 0.0  # line 14
    t83 = _own(np.empty((K,), np.float64))
    t84 = 0.0
    # over k: t83, t84; 3*K operations, 16*K bytes
    for k in range(K):
        t78 = forward[k, (T - 1)]
        t81 = t78 - t80  # line 14
        t82 = _exp(t81)  # line 14
        t83[k] = t82
        t84 = _plus(t84, t82)  # line 14
    t85 = np.log(t84)  # line 14
    loglik = t80 + t85  # line 14
    t86 = 1.0 / t84  # backward of line 14: logsumexp gate
    dforward = _own(np.zeros((K, T), np.float64))
    # over k: dforward; 2*K operations, 24*K bytes
    for k in range(K):
        t82 = t83[k]
        t87 = t82 * t86  # backward of line 14: logsumexp gate
        dforward[k, (T - 1)] += t87  # backward of line 14: take gate
    t95 = _own(np.full((T - 1,), True, np.bool_))
    t97 = _own(np.empty((T - 1, K), np.float64))
    t101 = _own(np.empty((T - 1, K), np.float64))
    t103 = False
    # stage along T - 1: block by block, with 2*K + 1 numbers for each position in buffers
    block = min((T - 1) // 2 + 4, max(64, min(256, 65536 // (2*K + 2) // 32 * 32)))
    size = min(block, T - 1)
    state_2_ = _own(np.empty((K, size), np.float64))
    state___ = _own(np.empty((K, size), np.float64))
    t88 = _own(np.empty((size,), np.float64))
    for t0 in range(0, T - 1, block):
        if T - 1 - t0 < size:  # the last block
            size = T - 1 - t0
            state_2_ = _own(np.empty((K, size), np.float64))
            state___ = _own(np.empty((K, size), np.float64))
            t88 = _own(np.empty((size,), np.float64))
        state_2 = state[t0 : t0 + size]
        state__ = state_[t0 + 1 : t0 + 1 + size]
        t95_ = t95[t0 : t0 + size]
        t97_ = t97[t0 : t0 + size]
        t101_ = t101[t0 : t0 + size]
        _turn(state_2, state_2_)
        _turn(state__, state___)
        t88[...] = -np.inf
        # over k, t: t88; K*T - K operations, 24*K*T - 24*K bytes
        for k in range(K):
            for t in range(size):
                state_kt = state_2_[k, t]
                t88[t] = state_kt if state_kt > t88[t] or state_kt != state_kt else t88[t]  # backward of line 13: add gate
        # over k1, t: t95_, t97_; 9*K*T - 7*K operations, 40*K*T - 32*K bytes
        for k1 in range(K):
            t39_k1 = t39[k1]
            t40 = t39_k1 if np.isfinite(t39_k1) else 0.0  # line 13
            for t in range(size):
                state__k1t = state___[k1, t]
                t88_t = t88[t]
                t89 = t88_t if np.isfinite(t88_t) else 0.0  # backward of line 13: add gate
                t90 = t89 + t40  # backward of line 13: add gate
                t91 = t90 - state__k1t  # backward of line 13: add gate
                t92 = t91 <= 354.19820926613204  # backward of line 13: add gate
                t93 = t91 >= -354.19820926613204  # backward of line 13: add gate
                t94 = t93 and t92  # backward of line 13: add gate
                t95_[t] = t95_[t] and t94  # backward of line 13: add gate
                t96 = _exp(t91)  # backward of line 13: add gate
                t97_[t, k1] = t96
        # over k, t: t101_; 5*K*T - 5*K operations, 32*K*T - 32*K bytes
        for k in range(K):
            for t in range(size):
                t88_t = t88[t]
                t89 = t88_t if np.isfinite(t88_t) else 0.0  # backward of line 13: add gate
                state_kt = state_2_[k, t]
                t98 = state_kt - t89  # backward of line 13: add gate
                t99 = _exp(t98)  # backward of line 13: add gate
                t95_t = t95_[t]
                t100 = t99 if t95_t else 0.0  # backward of line 13: add gate
                t101_[t, k] = t100
        t103_ = False
        # over t: t103_; 2*T - 2 operations, 8*T - 8 bytes
        for t in range(size):
            t95_t = t95_[t]
            t102 = not t95_t  # backward of line 13: add gate
            t103_ = t103_ or t102  # backward of line 13: add gate
        t103 = t103 or t103_  # backward of line 13: add gate
    state_3 = _own(np.empty((T, K), np.float64))
    # over k: state_3; 0 operations, 8*K bytes
    for k in range(K):
        state_3[(T - 1), k] = 0.0
    t109 = _own(np.empty((K,), np.float64))
    t116 = _own(np.empty((K,), np.float64))
    # over t: t109, t110, t116, state_3; 10*K**2*T + 5*K*T - 10*K**2 - 5*K + 3*T - 3 operations, 32*K**2*T + 88*K*T - 32*K**2 - 88*K + 16*T - 16 bytes
    for t in range(T - 2, -1, -1):
        t104 = t + 1  # line 12
        t95_t = t95[t]
        for k1 in range(K):
            t96 = t97[t, k1]
            state_3_k1 = state_3[t + 1, k1]
            t105 = dforward[k1, t104]
            t106 = t105 + state_3_k1  # backward of line 12: recurrence gate
            t107 = t106 * t96  # backward of line 13: add gate
            t108 = t107 if t95_t else 0.0  # backward of line 13: add gate
            t109[k1] = t108
        t110 = np.dot(t46, t109)  # backward of line 13: add gate
        t95_t = t95[t]
        t102 = not t95_t  # backward of line 13: add gate
        t104 = t + 1  # line 12
        t116[...] = 0.0
        if t102:
            for k in range(K):
                t12 = t13[k]
                state_kt = state[t, k]
                t116_k = 0.0
                for k1 in range(K):
                    state__k1t = state_[t + 1, k1]
                    move_kk1 = move[k, k1]
                    trans = move_kk1 - t12  # line 7
                    t111 = state_kt + trans  # line 13
                    t112 = t111 - state__k1t  # backward of line 13: logsumexp gate
                    t113 = _exp(t112)  # backward of line 13: logsumexp gate
                    state_3_k1 = state_3[t + 1, k1]
                    t105 = dforward[k1, t104]
                    t106 = t105 + state_3_k1  # backward of line 12: recurrence gate
                    t114 = t106 * t113  # backward of line 13: logsumexp gate
                    t115 = t114 if t103 else 0.0  # backward of line 13: add gate
                    t116_k = _plus(t116_k, t115)  # backward of line 13: add gate
                t116[k] = t116_k
        for k in range(K):
            t116_kt = t116[k]
            t110_kt = t110[k]
            t100 = t101[t, k]
            t117 = t100 * t110_kt  # backward of line 13: add gate
            t118 = t117 + t116_kt  # backward of line 13: add gate
            state_3[t, k] = t118
    if t4 < 0 or t4 >= V:
        raise _OutOfRange("an index into emit is out of range: seen[0] is {0}, the length is {1} (line 11)", t4, V)
    demit = _own(np.zeros((K, V), np.float64))
    t121 = 0.0
    # over k: demit, t121; 3*K operations, 32*K bytes
    for k in range(K):
        state_3_k = state_3[0, k]
        t119 = dforward[k, 0]
        t120 = t119 + state_3_k  # backward of line 11: copy gate
        demit[k, t4] += t120  # backward of line 11: take gate
        t121 = _plus(t121, t120)  # backward of line 11: sub gate
    dstart = _own(np.empty((K,), np.float64))
    # over k: dstart; 4*K operations, 32*K bytes
    for k in range(K):
        t30 = t31[k]
        t122 = t30 * t35  # backward of line 11: logsumexp gate
        t123 = t121 * t122  # backward of line 11: logsumexp gate
        state_3_k = state_3[0, k]
        t119 = dforward[k, 0]
        t120 = t119 + state_3_k  # backward of line 11: copy gate
        dstart_k = t120 - t123  # backward of line 3: copy gate
        dstart[k] = dstart_k
    t128 = _own(np.zeros((K, K), np.float64))
    t132 = _own(np.zeros((K, K), np.float64))
    # stage along T - 1: block by block, with 5*K numbers for each position in buffers
    block_ = min((T - 1) // 2 + 4, max(64, min(256, 65536 // (5*K + 1) // 32 * 32)))
    size_ = min(block_, T - 1)
    t97_2_ = _own(np.empty((K, size_), np.float64))
    state_3__ = _own(np.empty((K, size_), np.float64))
    state__2_ = _own(np.empty((K, size_), np.float64))
    state_4_ = _own(np.empty((K, size_), np.float64))
    t127 = _own(np.empty((K, size_), np.float64))
    t129 = _own(np.empty((K, K), np.float64))
    for t0_ in range(0, T - 1, block_):
        if T - 1 - t0_ < size_:  # the last block
            size_ = T - 1 - t0_
            t97_2_ = _own(np.empty((K, size_), np.float64))
            state_3__ = _own(np.empty((K, size_), np.float64))
            state__2_ = _own(np.empty((K, size_), np.float64))
            state_4_ = _own(np.empty((K, size_), np.float64))
            t127 = _own(np.empty((K, size_), np.float64))
        t97_2 = t97[t0_ : t0_ + size_]
        state_3_ = state_3[t0_ + 1 : t0_ + 1 + size_]
        t95_2 = t95[t0_ : t0_ + size_]
        t101_2 = t101[t0_ : t0_ + size_]
        state__2 = state_[t0_ + 1 : t0_ + 1 + size_]
        state_4 = state[t0_ : t0_ + size_]
        _turn(t97_2, t97_2_)
        _turn(state_3_, state_3__)
        _turn(state__2, state__2_)
        _turn(state_4, state_4_)
        # over k1, t: t127; 4*K*T - 4*K operations, 40*K*T - 40*K bytes
        for k1 in range(K):
            for t in range(size_):
                t96 = t97_2_[k1, t]
                state_3_k1t = state_3__[k1, t]
                t104 = t0_ + t + 1  # line 12
                t105 = dforward[k1, t104]
                t124 = t105 + state_3_k1t  # backward of line 12: recurrence gate
                t125 = t124 * t96  # backward of line 13: add gate
                t95_t = t95_2[t]
                t126 = t125 if t95_t else 0.0  # backward of line 13: add gate
                t127[k1, t] = t126
        np.dot(t101_2.T, t127.T, t129)  # backward of line 13: add gate
        # over k, k1: t128; K**2 operations, 24*K**2 bytes
        for k in range(K):
            for k1 in range(K):
                t128[k, k1] += t129[k, k1]  # backward of line 13: add gate
        if t103:
            # over k, k1, t: t132; 9*K**2*T - 7*K**2 operations, 40*K**2*T - 16*K**2 + 8*K bytes
            for k in range(K):
                t12 = t13[k]
                for k1 in range(K):
                    move_kk1 = move[k, k1]
                    trans = move_kk1 - t12  # line 7
                    t132_kk1 = 0.0
                    for t in range(size_):
                        state__k1t = state__2_[k1, t]
                        state_kt = state_4_[k, t]
                        t111 = state_kt + trans  # line 13
                        t112 = t111 - state__k1t  # backward of line 13: logsumexp gate
                        t113 = _exp(t112)  # backward of line 13: logsumexp gate
                        state_3_k1t = state_3__[k1, t]
                        t104 = t0_ + t + 1  # line 12
                        t105 = dforward[k1, t104]
                        t124 = t105 + state_3_k1t  # backward of line 12: recurrence gate
                        t130 = t124 * t113  # backward of line 13: logsumexp gate
                        t95_t = t95_2[t]
                        t102 = not t95_t  # backward of line 13: add gate
                        t131 = t130 if t102 else 0.0  # backward of line 13: add gate
                        t132_kk1 = _plus(t132_kk1, t131)  # backward of line 13: add gate
                    t132[k, k1] += t132_kk1  # backward of line 13: add gate
        # over k, t: demit; 7*K*T - 7*K operations, 40*K*T - 40*K bytes
        for k in range(K):
            for t in range(size_):
                t47 = 1 + (t0_ + t)  # line 12
                t48 = seen[t47]
                t49 = t48 + V  # line 13
                t50 = t48 < 0  # line 13
                t51 = t49 if t50 else t48  # line 13
                state_3_kt = state_3__[k, t]
                t104 = t0_ + t + 1  # line 12
                t133 = dforward[k, t104]
                t134 = t133 + state_3_kt  # backward of line 12: recurrence gate
                demit[k, t51] += t134  # backward of line 13: take gate
    t135 = _own(np.empty((K,), np.float64))
    # over k, v: t135; K*V operations, 8*K*V + 8*K bytes
    for k in range(K):
        t135_k = 0.0
        for v in range(V):
            demit_kv = demit[k, v]
            t135_k = _plus(t135_k, demit_kv)  # backward of line 8: sub gate
        t135[k] = t135_k
    t137 = _own(np.empty((K,), np.float64))
    # over k, k1: t137; 3*K**2 operations, 24*K**2 + 8*K bytes
    for k in range(K):
        t137_k = 0.0
        for k1 in range(K):
            t132_kk1_ = t132[k, k1]
            t128_kk1 = t128[k, k1]
            t45 = t46[k, k1]
            t136 = t45 * t128_kk1  # backward of line 13: add gate
            dtrans = t136 + t132_kk1_  # backward of line 13: add gate
            t137_k = _plus(t137_k, dtrans)  # backward of line 7: sub gate
        t137[k] = t137_k
    dshow = _own(np.empty((K, V), np.float64))
    # over k, v: dshow; 3*K*V operations, 24*K*V + 16*K bytes
    for k in range(K):
        t26 = t27[k]
        t135_k_ = t135[k]
        for v in range(V):
            t20 = t21[k, v]
            t138 = t20 * t26  # backward of line 8: logsumexp gate
            t139 = t135_k_ * t138  # backward of line 8: logsumexp gate
            demit_kv = demit[k, v]
            dshow_kv = demit_kv - t139  # backward of line 5: copy gate
            dshow[k, v] = dshow_kv
    dmove = _own(np.empty((K, K), np.float64))
    # over k, k1: dmove; 5*K**2 operations, 40*K**2 + 16*K bytes
    for k in range(K):
        t15 = t16[k]
        t137_k_ = t137[k]
        for k1 in range(K):
            t8 = t9[k, k1]
            t140 = t8 * t15  # backward of line 7: logsumexp gate
            t141 = t137_k_ * t140  # backward of line 7: logsumexp gate
            t132_kk1_ = t132[k, k1]
            t128_kk1 = t128[k, k1]
            t45 = t46[k, k1]
            t136 = t45 * t128_kk1  # backward of line 13: add gate
            dtrans = t136 + t132_kk1_  # backward of line 13: add gate
            dmove_kk1 = dtrans - t141  # backward of line 4: copy gate
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
    return value_kernel(*_checked(seen, start, move, show))[0]


def value_and_grad(seen, start, move, show):
    """Return loglik and its gradient."""
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
