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
# code: T = 3, K = 4, V = 5: undecided, the time budget was spent before
# code: all sizes 1: undecided, the time budget was spent before
# code: T = 0: undecided, the time budget was spent before
# code: K = 0: undecided, the time budget was spent before
# code: V = 0: undecided, the time budget was spent before
# code: T = 9: undecided, the time budget was spent before
# code: K = 7: undecided, the time budget was spent before
# code: V = 11: undecided, the time budget was spent before
# claim, line 22: undecided (), grad(loglik, forward) == [[posterior[t, k] if t == T - 1 else 0 for k in range(K)] for t in range(T)]
# claim, line 23: undecided (), grad(loglik, emit) == [[sum(posterior[t, k] for t in range(T) if seen[t] == v) for v in range(V)] for k in range(K)]
# --- end of certificate ---

"""Hidden Markov model: log-likelihood by the forward algorithm, in log space.

    from hmm import value, value_and_grad
    loglik = value(seen, start, move, show)
    loglik, gradient = value_and_grad(seen, start, move, show)

Arguments: seen[T], start[K] (differentiated), move[K, K] (differentiated), show[K, V] (differentiated).
"""

from typing import NamedTuple

from numba import njit
import numpy as np


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
            raise IndexError(f"an index into emit is out of range: seen[t] is {t9}, the length is {V} (line 13)")
    t10 = np.empty((K,), np.float64)
    # over k, k1: t10; K**2 operations, 8*K**2 + 8*K bytes
    for k in range(K):
        t10_k = -np.inf
        for k1 in range(K):
            move_kk1 = move[k, k1]
            t10_k = move_kk1 if move_kk1 > t10_k or move_kk1 != move_kk1 else t10_k  # line 7
        t10[k] = t10_k
    t14 = np.empty((K,), np.float64)
    # over k, k1: t14; 3*K**2 + 2*K operations, 8*K**2 + 16*K bytes
    for k in range(K):
        t10_k_ = t10[k]
        t11 = t10_k_ if np.isfinite(t10_k_) else 0.0  # line 7
        t14_k = 0.0
        for k1 in range(K):
            move_kk1 = move[k, k1]
            t12 = move_kk1 - t11  # line 7
            t13 = _exp(t12)  # line 7
            t14_k = _plus(t14_k, t13)  # line 7
        t14[k] = t14_k
    t17 = np.empty((K,), np.float64)
    t18 = -np.inf
    # over k: t17, t18; 5*K operations, 32*K bytes
    for k in range(K):
        t14_k_ = t14[k]
        t15 = _log(t14_k_)  # line 7
        t10_k_ = t10[k]
        t11 = t10_k_ if np.isfinite(t10_k_) else 0.0  # line 7
        t16 = t11 + t15  # line 7
        t17[k] = t16
        start_k = start[k]
        t18 = start_k if start_k > t18 or start_k != start_k else t18  # line 11
    t19 = np.empty((K,), np.float64)
    # over k, v: t19; K*V operations, 8*K*V + 8*K bytes
    for k in range(K):
        t19_k = -np.inf
        for v in range(V):
            show_kv = show[k, v]
            t19_k = show_kv if show_kv > t19_k or show_kv != show_kv else t19_k  # line 8
        t19[k] = t19_k
    t23 = np.empty((K,), np.float64)
    # over k, v: t23; 3*K*V + 2*K operations, 8*K*V + 16*K bytes
    for k in range(K):
        t19_k_ = t19[k]
        t20 = t19_k_ if np.isfinite(t19_k_) else 0.0  # line 8
        t23_k = 0.0
        for v in range(V):
            show_kv = show[k, v]
            t21 = show_kv - t20  # line 8
            t22 = _exp(t21)  # line 8
            t23_k = _plus(t23_k, t22)  # line 8
        t23[k] = t23_k
    t26 = np.empty((K,), np.float64)
    # over k: t26; 4*K operations, 24*K bytes
    for k in range(K):
        t23_k_ = t23[k]
        t24 = _log(t23_k_)  # line 8
        t19_k_ = t19[k]
        t20 = t19_k_ if np.isfinite(t19_k_) else 0.0  # line 8
        t25 = t20 + t24  # line 8
        t26[k] = t25
    emit = np.empty((K, V), np.float64)
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
        raise IndexError(f"an index into emit is out of range: seen[0] is {t4}, the length is {V} (line 11)")
    forward = np.zeros((K, T), np.float64)
    # over k: forward; 3*K operations, 32*K bytes
    for k in range(K):
        t33 = emit[k, t4]
        start_k = start[k]
        t34 = start_k - t32  # line 11
        t35 = t34 + t33  # line 11
        forward[k, 0] += t35  # line 12
    row = 0
    state = np.empty((T, K), np.float64)
    if t4 < 0 or t4 >= V:
        raise IndexError(f"an index into emit is out of range: seen[0] is {t4}, the length is {V} (line 11)")
    # over k: state; 2*K operations, 24*K bytes
    for k in range(K):
        t33 = emit[k, t4]
        start_k = start[k]
        t34 = start_k - t32  # line 11
        t35 = t34 + t33  # line 11
        state[0, k] = t35
    state_ = np.empty((2, K), np.float64)
    t37 = np.empty((K,), np.float64)
    t41 = np.empty((K,), np.float64)
    # over t: t37, t41, state_, state; 10*K**2*T + 5*K*T - 10*K**2 - 5*K + 4*T - 4 operations, 56*K**2*T + 72*K*T - 56*K**2 - 72*K + 8*T - 8 bytes
    for t in range(T - 1):
        edge = K - (K - 0) % 4
        for k1 in range(0, edge, 4):
            k1_1 = k1 + 1
            k1_2 = k1 + 2
            k1_3 = k1 + 3
            t37_k1 = -np.inf
            t37_k1_1 = -np.inf
            t37_k1_2 = -np.inf
            t37_k1_3 = -np.inf
            for k in range(K):
                t16 = t17[k]
                move_kk1 = move[k, k1]
                move_kk1_1 = move[k, k1_1]
                move_kk1_2 = move[k, k1_2]
                move_kk1_3 = move[k, k1_3]
                trans = move_kk1 - t16  # line 7
                trans_1 = move_kk1_1 - t16  # line 7
                trans_2 = move_kk1_2 - t16  # line 7
                trans_3 = move_kk1_3 - t16  # line 7
                state_k = state[t, k]
                t36 = state_k + trans  # line 13
                t36_1 = state_k + trans_1  # line 13
                t36_2 = state_k + trans_2  # line 13
                t36_3 = state_k + trans_3  # line 13
                t37_k1 = t36 if t36 > t37_k1 or t36 != t36 else t37_k1  # line 13
                t37_k1_1 = t36_1 if t36_1 > t37_k1_1 or t36_1 != t36_1 else t37_k1_1  # line 13
                t37_k1_2 = t36_2 if t36_2 > t37_k1_2 or t36_2 != t36_2 else t37_k1_2  # line 13
                t37_k1_3 = t36_3 if t36_3 > t37_k1_3 or t36_3 != t36_3 else t37_k1_3  # line 13
            t37[k1] = t37_k1
            t37[k1_1] = t37_k1_1
            t37[k1_2] = t37_k1_2
            t37[k1_3] = t37_k1_3
        for k1 in range(edge, K):
            t37_k1 = -np.inf
            for k in range(K):
                t16 = t17[k]
                move_kk1 = move[k, k1]
                trans = move_kk1 - t16  # line 7
                state_k = state[t, k]
                t36 = state_k + trans  # line 13
                t37_k1 = t36 if t36 > t37_k1 or t36 != t36 else t37_k1  # line 13
            t37[k1] = t37_k1
        t41[...] = 0.0
        for k in range(K):
            t16 = t17[k]
            state_k = state[t, k]
            for k1 in range(K):
                t37_k1_ = t37[k1]
                t38 = t37_k1_ if np.isfinite(t37_k1_) else 0.0  # line 13
                move_kk1 = move[k, k1]
                trans = move_kk1 - t16  # line 7
                t36 = state_k + trans  # line 13
                t39 = t36 - t38  # line 13
                t40 = _exp(t39)  # line 13
                t41[k1] += t40  # line 13
        for k1 in range(K):
            t41_k1 = t41[k1]
            t42 = _log(t41_k1)  # line 13
            t37_k1_ = t37[k1]
            t38 = t37_k1_ if np.isfinite(t37_k1_) else 0.0  # line 13
            t43 = t38 + t42  # line 13
            state_[1 - row, k1] = t43
        t5 = 1 + t  # line 12
        t6 = seen[t5]
        t7 = t6 + V  # line 13
        t8 = t6 < 0  # line 13
        t9 = t7 if t8 else t6  # line 13
        for k in range(K):
            t44 = emit[k, t9]
            state__k = state_[1 - row, k]
            t45 = state__k + t44  # line 13
            state[t + 1, k] = t45
        row = 1 - row
    # over i, k: forward; K*T - K + T - 1 operations, 24*K*T - 24*K bytes
    for i in range(T - 1):
        t46 = i + 1  # line 12
        for k in range(K):
            state_ki = state[i + 1, k]
            forward[k, t46] += state_ki  # line 12
    t48 = -np.inf
    # over k: t48; K operations, 8*K bytes
    for k in range(K):
        t47 = forward[k, (T - 1)]
        t48 = t47 if t47 > t48 or t47 != t47 else t48  # line 14
    t49 = t48 if np.isfinite(t48) else 0.0  # line 14
    t52 = 0.0
    # over k: t52; 3*K operations, 8*K bytes
    for k in range(K):
        t47 = forward[k, (T - 1)]
        t50 = t47 - t49  # line 14
        t51 = _exp(t50)  # line 14
        t52 = _plus(t52, t51)  # line 14
    t53 = np.log(t52)  # line 14
    loglik = t49 + t53  # line 14
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
    # over t: checks; 4*T - 4 operations, 8*T - 8 bytes
    for t in range(T - 1):
        t5 = 1 + t  # line 12
        t6 = seen[t5]
        t7 = t6 + V  # line 13
        t8 = t6 < 0  # line 13
        t9 = t7 if t8 else t6  # line 13
        if t9 < 0 or t9 >= V:
            raise IndexError(f"an index into emit is out of range: seen[t] is {t9}, the length is {V} (line 13)")
    t10 = np.full((K,), -np.inf, np.float64)
    t14 = np.empty((K, K), np.float64)
    t15 = np.zeros((K,), np.float64)
    t20 = np.empty((K, V), np.float64)
    t26 = np.empty((K,), np.float64)
    emit = np.empty((K, V), np.float64)
    # stage along K: block by block, with K + V + 3 numbers for each position in buffers
    block = min(K // 2 + 4, max(64, min(256, 65536 // (K + V + 4) // 32 * 32)))
    size = min(block, K)
    move__ = np.empty((K, size), np.float64)
    show__ = np.empty((V, size), np.float64)
    t16 = np.empty((size,), np.float64)
    t21 = np.empty((size,), np.float64)
    t24 = np.empty((size,), np.float64)
    for k0 in range(0, K, block):
        if K - k0 < size:  # the last block
            size = K - k0
            move__ = np.empty((K, size), np.float64)
            show__ = np.empty((V, size), np.float64)
            t16 = np.empty((size,), np.float64)
            t21 = np.empty((size,), np.float64)
            t24 = np.empty((size,), np.float64)
        move_ = move[k0 : k0 + size]
        t10_ = t10[k0 : k0 + size]
        t14_ = t14[k0 : k0 + size]
        t15_ = t15[k0 : k0 + size]
        show_ = show[k0 : k0 + size]
        t20_ = t20[k0 : k0 + size]
        t26_ = t26[k0 : k0 + size]
        emit_ = emit[k0 : k0 + size]
        _turn(move_, move__)
        _turn(show_, show__)
        # over k1, k: t10_; K**2 operations, 24*K**2 bytes
        for k1 in range(K):
            for k in range(size):
                move_kk1 = move__[k1, k]
                t10_[k] = move_kk1 if move_kk1 > t10_[k] or move_kk1 != move_kk1 else t10_[k]  # line 7
        # over k1, k: t14_, t15_; 5*K**2 operations, 40*K**2 bytes
        for k1 in range(K):
            for k in range(size):
                t10_k = t10_[k]
                t11 = t10_k if np.isfinite(t10_k) else 0.0  # line 7
                move_kk1 = move__[k1, k]
                t12 = move_kk1 - t11  # line 7
                t13 = _exp(t12)  # line 7
                t14_[k, k1] = t13
                t15_[k] += t13  # line 7
        t16[...] = -np.inf
        # over v, k: t16; K*V operations, 24*K*V bytes
        for v in range(V):
            for k in range(size):
                show_kv = show__[v, k]
                t16[k] = show_kv if show_kv > t16[k] or show_kv != show_kv else t16[k]  # line 8
        t21[...] = 0.0
        # over v, k: t20_, t21; 5*K*V operations, 40*K*V bytes
        for v in range(V):
            for k in range(size):
                t16_k = t16[k]
                t17 = t16_k if np.isfinite(t16_k) else 0.0  # line 8
                show_kv = show__[v, k]
                t18 = show_kv - t17  # line 8
                t19 = _exp(t18)  # line 8
                t20_[k, v] = t19
                t21[k] += t19  # line 8
        # over k: t24, t26_; 5*K operations, 32*K bytes
        for k in range(size):
            t21_k = t21[k]
            t22 = _log(t21_k)  # line 8
            t16_k = t16[k]
            t17 = t16_k if np.isfinite(t16_k) else 0.0  # line 8
            t23 = t17 + t22  # line 8
            t24[k] = t23
            t25 = 1.0 / t21_k  # backward of line 8: logsumexp gate
            t26_[k] = t25
        # over v, k: emit_; K*V operations, 24*K*V bytes
        for v in range(V):
            for k in range(size):
                t23 = t24[k]
                show_kv = show__[v, k]
                emit_vk = show_kv - t23  # line 8
                emit_[k, v] = emit_vk
    t29 = np.empty((K,), np.float64)
    t30 = -np.inf
    t32 = np.empty((K,), np.float64)
    # over k: t29, t30, t32; 6*K operations, 40*K bytes
    for k in range(K):
        t15_k = t15[k]
        t27 = _log(t15_k)  # line 7
        t10_k = t10[k]
        t11 = t10_k if np.isfinite(t10_k) else 0.0  # line 7
        t28 = t11 + t27  # line 7
        t29[k] = t28
        start_k = start[k]
        t30 = start_k if start_k > t30 or start_k != start_k else t30  # line 11
        t31 = 1.0 / t15_k  # backward of line 7: logsumexp gate
        t32[k] = t31
    t33 = t30 if np.isfinite(t30) else 0.0  # line 11
    t36 = np.empty((K,), np.float64)
    t37 = 0.0
    # over k: t36, t37; 3*K operations, 16*K bytes
    for k in range(K):
        start_k = start[k]
        t34 = start_k - t33  # line 11
        t35 = _exp(t34)  # line 11
        t36[k] = t35
        t37 = _plus(t37, t35)  # line 11
    t38 = np.log(t37)  # line 11
    t39 = t33 + t38  # line 11
    t40 = 1.0 / t37  # backward of line 11: logsumexp gate
    state = np.empty((T, K), np.float64)
    if t4 < 0 or t4 >= V:
        raise IndexError(f"an index into emit is out of range: seen[0] is {t4}, the length is {V} (line 11)")
    # over k: state; 2*K operations, 24*K bytes
    for k in range(K):
        t41 = emit[k, t4]
        start_k = start[k]
        t42 = start_k - t39  # line 11
        t43 = t42 + t41  # line 11
        state[0, k] = t43
    state_ = np.empty((T, K), np.float64)
    t45 = np.empty((K,), np.float64)
    t49 = np.empty((K,), np.float64)
    # over t: t45, t49, state_, state; 10*K**2*T + 5*K*T - 10*K**2 - 5*K + 4*T - 4 operations, 56*K**2*T + 72*K*T - 56*K**2 - 72*K + 8*T - 8 bytes
    for t in range(T - 1):
        edge = K - (K - 0) % 4
        for k1 in range(0, edge, 4):
            k1_1 = k1 + 1
            k1_2 = k1 + 2
            k1_3 = k1 + 3
            t45_k1 = -np.inf
            t45_k1_1 = -np.inf
            t45_k1_2 = -np.inf
            t45_k1_3 = -np.inf
            for k in range(K):
                t28 = t29[k]
                move_kk1 = move[k, k1]
                move_kk1_1 = move[k, k1_1]
                move_kk1_2 = move[k, k1_2]
                move_kk1_3 = move[k, k1_3]
                trans = move_kk1 - t28  # line 7
                trans_1 = move_kk1_1 - t28  # line 7
                trans_2 = move_kk1_2 - t28  # line 7
                trans_3 = move_kk1_3 - t28  # line 7
                state_k = state[t, k]
                t44 = state_k + trans  # line 13
                t44_1 = state_k + trans_1  # line 13
                t44_2 = state_k + trans_2  # line 13
                t44_3 = state_k + trans_3  # line 13
                t45_k1 = t44 if t44 > t45_k1 or t44 != t44 else t45_k1  # line 13
                t45_k1_1 = t44_1 if t44_1 > t45_k1_1 or t44_1 != t44_1 else t45_k1_1  # line 13
                t45_k1_2 = t44_2 if t44_2 > t45_k1_2 or t44_2 != t44_2 else t45_k1_2  # line 13
                t45_k1_3 = t44_3 if t44_3 > t45_k1_3 or t44_3 != t44_3 else t45_k1_3  # line 13
            t45[k1] = t45_k1
            t45[k1_1] = t45_k1_1
            t45[k1_2] = t45_k1_2
            t45[k1_3] = t45_k1_3
        for k1 in range(edge, K):
            t45_k1 = -np.inf
            for k in range(K):
                t28 = t29[k]
                move_kk1 = move[k, k1]
                trans = move_kk1 - t28  # line 7
                state_k = state[t, k]
                t44 = state_k + trans  # line 13
                t45_k1 = t44 if t44 > t45_k1 or t44 != t44 else t45_k1  # line 13
            t45[k1] = t45_k1
        t49[...] = 0.0
        for k in range(K):
            t28 = t29[k]
            state_k = state[t, k]
            for k1 in range(K):
                t45_k1_ = t45[k1]
                t46 = t45_k1_ if np.isfinite(t45_k1_) else 0.0  # line 13
                move_kk1 = move[k, k1]
                trans = move_kk1 - t28  # line 7
                t44 = state_k + trans  # line 13
                t47 = t44 - t46  # line 13
                t48 = _exp(t47)  # line 13
                t49[k1] += t48  # line 13
        for k1 in range(K):
            t49_k1 = t49[k1]
            t50 = _log(t49_k1)  # line 13
            t45_k1_ = t45[k1]
            t46 = t45_k1_ if np.isfinite(t45_k1_) else 0.0  # line 13
            t51 = t46 + t50  # line 13
            state_[t + 1, k1] = t51
        t5 = 1 + t  # line 12
        t6 = seen[t5]
        t7 = t6 + V  # line 13
        t8 = t6 < 0  # line 13
        t9 = t7 if t8 else t6  # line 13
        for k in range(K):
            t52 = emit[k, t9]
            state__k = state_[t + 1, k]
            t53 = state__k + t52  # line 13
            state[t + 1, k] = t53
    if t4 < 0 or t4 >= V:
        raise IndexError(f"an index into emit is out of range: seen[0] is {t4}, the length is {V} (line 11)")
    forward = np.zeros((K, T), np.float64)
    # over k: forward; 3*K operations, 32*K bytes
    for k in range(K):
        t41 = emit[k, t4]
        start_k = start[k]
        t42 = start_k - t39  # line 11
        t43 = t42 + t41  # line 11
        forward[k, 0] += t43  # line 12
    # over i, k: forward; K*T - K + T - 1 operations, 24*K*T - 24*K bytes
    for i in range(T - 1):
        t54 = i + 1  # line 12
        for k in range(K):
            state_ki = state[i + 1, k]
            forward[k, t54] += state_ki  # line 12
    t56 = -np.inf
    # over k: t56; K operations, 8*K bytes
    for k in range(K):
        t55 = forward[k, (T - 1)]
        t56 = t55 if t55 > t56 or t55 != t55 else t56  # line 14
    t57 = t56 if np.isfinite(t56) else 0.0  # line 14
    t60 = np.empty((K,), np.float64)
    t61 = 0.0
    # over k: t60, t61; 3*K operations, 16*K bytes
    for k in range(K):
        t55 = forward[k, (T - 1)]
        t58 = t55 - t57  # line 14
        t59 = _exp(t58)  # line 14
        t60[k] = t59
        t61 = _plus(t61, t59)  # line 14
    t62 = np.log(t61)  # line 14
    loglik = t57 + t62  # line 14
    t63 = 1.0 / t61  # backward of line 14: logsumexp gate
    dforward = np.zeros((K, T), np.float64)
    # over k: dforward; 2*K operations, 24*K bytes
    for k in range(K):
        t59 = t60[k]
        t64 = t59 * t63  # backward of line 14: logsumexp gate
        dforward[k, (T - 1)] += t64  # backward of line 14: take gate
    state_2 = np.empty((T, K), np.float64)
    # over k: state_2; 0 operations, 8*K bytes
    for k in range(K):
        state_2[(T - 1), k] = 0.0
    # over t, k, k1: state_2; 7*K**2*T - 7*K**2 + T - 1 operations, 32*K**2*T + 24*K*T - 32*K**2 - 24*K bytes
    for t in range(T - 2, -1, -1):
        t68 = t + 1  # line 12
        for k in range(K):
            t28 = t29[k]
            state_kt = state[t, k]
            state_2_k = 0.0
            for k1 in range(K):
                state__k1t = state_[t + 1, k1]
                move_kk1 = move[k, k1]
                trans = move_kk1 - t28  # line 7
                t65 = state_kt + trans  # line 13
                t66 = t65 - state__k1t  # backward of line 13: logsumexp gate
                t67 = _exp(t66)  # backward of line 13: logsumexp gate
                state_2_k1 = state_2[t + 1, k1]
                t69 = dforward[k1, t68]
                t70 = t69 + state_2_k1  # backward of line 12: recurrence gate
                t71 = t70 * t67  # backward of line 13: logsumexp gate
                state_2_k = _plus(state_2_k, t71)  # backward of line 13: add gate
            state_2[t, k] = state_2_k
    demit = np.zeros((K, V), np.float64)
    t78 = 0.0
    dmove = np.empty((K, K), np.float64)
    # stage along K: block by block, with 3*K + T + 1 numbers for each position in buffers
    block_ = min(K // 2 + 4, max(64, min(256, 65536 // (3*K + T + 2) // 32 * 32)))
    size_ = min(block_, K)
    move_2_ = np.empty((K, size_), np.float64)
    dforward__ = np.empty((T, size_), np.float64)
    t14_2_ = np.empty((K, size_), np.float64)
    dtrans = np.empty((K, size_), np.float64)
    t79 = np.empty((size_,), np.float64)
    for k0_ in range(0, K, block_):
        if K - k0_ < size_:  # the last block
            size_ = K - k0_
            move_2_ = np.empty((K, size_), np.float64)
            dforward__ = np.empty((T, size_), np.float64)
            t14_2_ = np.empty((K, size_), np.float64)
            dtrans = np.empty((K, size_), np.float64)
            t79 = np.empty((size_,), np.float64)
        t29_ = t29[k0_ : k0_ + size_]
        move_2 = move[k0_ : k0_ + size_]
        state_3 = state[:, k0_ : k0_ + size_]
        state_2_ = state_2[:, k0_ : k0_ + size_]
        dforward_ = dforward[k0_ : k0_ + size_]
        demit_ = demit[k0_ : k0_ + size_]
        t32_ = t32[k0_ : k0_ + size_]
        t14_2 = t14[k0_ : k0_ + size_]
        dmove_ = dmove[k0_ : k0_ + size_]
        _turn(move_2, move_2_)
        _turn(dforward_, dforward__)
        _turn(t14_2, t14_2_)
        dtrans[...] = 0.0
        # over t, k1, k: dtrans; 6*K**2*T + K*T - 6*K**2 - K + T - 1 operations, 40*K**2*T + 24*K*T - 40*K**2 - 24*K bytes
        for t in range(T - 1):
            t68 = t + 1  # line 12
            for k1 in range(K):
                state__k1t = state_[t + 1, k1]
                state_2_k1t = state_2[t + 1, k1]
                t69 = dforward[k1, t68]
                t72 = t69 + state_2_k1t  # backward of line 12: recurrence gate
                for k in range(size_):
                    t28 = t29_[k]
                    move_kk1 = move_2_[k1, k]
                    trans = move_kk1 - t28  # line 7
                    state_kt = state_3[t, k]
                    t65 = state_kt + trans  # line 13
                    t66 = t65 - state__k1t  # backward of line 13: logsumexp gate
                    t67 = _exp(t66)  # backward of line 13: logsumexp gate
                    t73 = t72 * t67  # backward of line 13: logsumexp gate
                    dtrans[k1, k] += t73  # backward of line 13: add gate
        # over t, k: demit_; 2*K*T - 2*K + 5*T - 5 operations, 32*K*T - 32*K + 8*T - 8 bytes
        for t in range(T - 1):
            t5 = 1 + t  # line 12
            t6 = seen[t5]
            t7 = t6 + V  # line 13
            t8 = t6 < 0  # line 13
            t9 = t7 if t8 else t6  # line 13
            t68 = t + 1  # line 12
            for k in range(size_):
                state_2_kt = state_2_[t + 1, k]
                t74 = dforward__[t68, k]
                t75 = t74 + state_2_kt  # backward of line 12: recurrence gate
                demit_[k, t9] += t75  # backward of line 13: take gate
        if t4 < 0 or t4 >= V:
            raise IndexError(f"an index into emit is out of range: seen[0] is {t4}, the length is {V} (line 11)")
        t78_ = 0.0
        # over k: demit_, t78_; 3*K operations, 32*K bytes
        for k in range(size_):
            state_2_k_ = state_2_[0, k]
            t76 = dforward__[0, k]
            t77 = t76 + state_2_k_  # backward of line 11: copy gate
            demit_[k, t4] += t77  # backward of line 11: take gate
            t78_ = _plus(t78_, t77)  # backward of line 11: sub gate
        t78 = _plus(t78, t78_)  # backward of line 11: sub gate
        t79[...] = 0.0
        edge_ = K - (K - 0) % 4
        # over k1, k: t79; K**2 operations, 24*K**2 bytes
        for k1 in range(0, edge_, 4):
            k1_1_ = k1 + 1
            k1_2_ = k1 + 2
            k1_3_ = k1 + 3
            for k in range(size_):
                dtrans_kk1 = dtrans[k1, k]
                dtrans_kk1_1 = dtrans[k1_1_, k]
                dtrans_kk1_2 = dtrans[k1_2_, k]
                dtrans_kk1_3 = dtrans[k1_3_, k]
                t79_ = t79[k]
                t79_ = t79_ + dtrans_kk1  # backward of line 7: sub gate
                t79_ = t79_ + dtrans_kk1_1  # backward of line 7: sub gate
                t79_ = t79_ + dtrans_kk1_2  # backward of line 7: sub gate
                t79_ = t79_ + dtrans_kk1_3  # backward of line 7: sub gate
                t79[k] = t79_
        for k1 in range(edge_, K):
            for k in range(size_):
                dtrans_kk1 = dtrans[k1, k]
                t79[k] += dtrans_kk1  # backward of line 7: sub gate
        # over k1, k: dmove_; 3*K**2 operations, 40*K**2 bytes
        for k1 in range(K):
            for k in range(size_):
                t31 = t32_[k]
                t13 = t14_2_[k1, k]
                t80 = t13 * t31  # backward of line 7: logsumexp gate
                t79_k = t79[k]
                t81 = t79_k * t80  # backward of line 7: logsumexp gate
                dtrans_kk1 = dtrans[k1, k]
                dmove_k1k = dtrans_kk1 - t81  # backward of line 4: copy gate
                dmove_[k, k1] = dmove_k1k
    dshow = np.empty((K, V), np.float64)
    dstart = np.empty((K,), np.float64)
    # stage along K: block by block, with T + 2*V + 1 numbers for each position in buffers
    block_2 = min(K // 2 + 4, max(64, min(256, 65536 // (T + 2*V + 2) // 32 * 32)))
    size_2 = min(block_2, K)
    demit_2_ = np.empty((V, size_2), np.float64)
    t20_2_ = np.empty((V, size_2), np.float64)
    dforward_2_ = np.empty((T, size_2), np.float64)
    t82 = np.empty((size_2,), np.float64)
    for k0_2 in range(0, K, block_2):
        if K - k0_2 < size_2:  # the last block
            size_2 = K - k0_2
            demit_2_ = np.empty((V, size_2), np.float64)
            t20_2_ = np.empty((V, size_2), np.float64)
            dforward_2_ = np.empty((T, size_2), np.float64)
            t82 = np.empty((size_2,), np.float64)
        demit_2 = demit[k0_2 : k0_2 + size_2]
        t26_2 = t26[k0_2 : k0_2 + size_2]
        t20_2 = t20[k0_2 : k0_2 + size_2]
        dshow_ = dshow[k0_2 : k0_2 + size_2]
        t36_ = t36[k0_2 : k0_2 + size_2]
        state_2_2 = state_2[:, k0_2 : k0_2 + size_2]
        dforward_2 = dforward[k0_2 : k0_2 + size_2]
        dstart_ = dstart[k0_2 : k0_2 + size_2]
        _turn(demit_2, demit_2_)
        _turn(t20_2, t20_2_)
        _turn(dforward_2, dforward_2_)
        t82[...] = 0.0
        edge_2 = V - (V - 0) % 4
        # over v, k: t82; K*V operations, 24*K*V bytes
        for v in range(0, edge_2, 4):
            v_1 = v + 1
            v_2 = v + 2
            v_3 = v + 3
            for k in range(size_2):
                demit_kv = demit_2_[v, k]
                demit_kv_1 = demit_2_[v_1, k]
                demit_kv_2 = demit_2_[v_2, k]
                demit_kv_3 = demit_2_[v_3, k]
                t82_ = t82[k]
                t82_ = t82_ + demit_kv  # backward of line 8: sub gate
                t82_ = t82_ + demit_kv_1  # backward of line 8: sub gate
                t82_ = t82_ + demit_kv_2  # backward of line 8: sub gate
                t82_ = t82_ + demit_kv_3  # backward of line 8: sub gate
                t82[k] = t82_
        for v in range(edge_2, V):
            for k in range(size_2):
                demit_kv = demit_2_[v, k]
                t82[k] += demit_kv  # backward of line 8: sub gate
        # over v, k: dshow_; 3*K*V operations, 40*K*V bytes
        for v in range(V):
            for k in range(size_2):
                t25 = t26_2[k]
                t19 = t20_2_[v, k]
                t83 = t19 * t25  # backward of line 8: logsumexp gate
                t82_k = t82[k]
                t84 = t82_k * t83  # backward of line 8: logsumexp gate
                demit_kv = demit_2_[v, k]
                dshow_vk = demit_kv - t84  # backward of line 5: copy gate
                dshow_[k, v] = dshow_vk
        # over k: dstart_; 4*K operations, 32*K bytes
        for k in range(size_2):
            t35 = t36_[k]
            t85 = t35 * t40  # backward of line 11: logsumexp gate
            t86 = t78 * t85  # backward of line 11: logsumexp gate
            state_2_k_ = state_2_2[0, k]
            t76 = dforward_2_[0, k]
            t77 = t76 + state_2_k_  # backward of line 11: copy gate
            dstart_k = t77 - t86  # backward of line 3: copy gate
            dstart_[k] = dstart_k
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
