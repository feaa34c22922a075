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
# code: T = 9: agrees, within 2^0 units in the last place
# code: K = 7: agrees, within 2^0 units in the last place
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

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(seen, start, move, show):
    T = seen.shape[0]
    K = start.shape[0]
    V = show.shape[1]
    t1 = seen[0]
    t2 = t1 + V  # line 11
    t3 = t1 < 0  # line 11
    t4 = t2 if t3 else t1  # line 11
    for t in range(T - 1):
        t5 = 1 + t  # line 12
        t6 = seen[t5]
        t7 = t6 + V  # line 13
        t8 = t6 < 0  # line 13
        t9 = t7 if t8 else t6  # line 13
        if t9 < 0 or t9 >= V:
            raise IndexError(f"an index into emit is out of range: seen[t] is {t9}, the length is {V} (line 13)")
    t10 = np.empty((K,), np.float64)
    for k in range(K):
        t10_k = -np.inf
        for k1 in range(K):
            move_kk1 = move[k, k1]
            t10_k = move_kk1 if move_kk1 > t10_k or move_kk1 != move_kk1 else t10_k  # line 7
        t10[k] = t10_k
    t14 = np.empty((K,), np.float64)
    for k in range(K):
        t10_k_ = t10[k]
        t11 = t10_k_ if np.isfinite(t10_k_) else 0.0  # line 7
        t14_k = 0.0
        for k1 in range(K):
            move_kk1 = move[k, k1]
            t12 = move_kk1 - t11  # line 7
            t13 = np.exp(t12)  # line 7
            t14_k += t13  # line 7
        t14[k] = t14_k
    t17 = np.empty((K,), np.float64)
    t18 = -np.inf
    for k in range(K):
        t14_k_ = t14[k]
        t15 = np.log(t14_k_)  # line 7
        t10_k_ = t10[k]
        t11 = t10_k_ if np.isfinite(t10_k_) else 0.0  # line 7
        t16 = t11 + t15  # line 7
        t17[k] = t16
        start_k = start[k]
        t18 = start_k if start_k > t18 or start_k != start_k else t18  # line 11
    t19 = np.empty((K,), np.float64)
    for k in range(K):
        t19_k = -np.inf
        for v in range(V):
            show_kv = show[k, v]
            t19_k = show_kv if show_kv > t19_k or show_kv != show_kv else t19_k  # line 8
        t19[k] = t19_k
    t23 = np.empty((K,), np.float64)
    for k in range(K):
        t19_k_ = t19[k]
        t20 = t19_k_ if np.isfinite(t19_k_) else 0.0  # line 8
        t23_k = 0.0
        for v in range(V):
            show_kv = show[k, v]
            t21 = show_kv - t20  # line 8
            t22 = np.exp(t21)  # line 8
            t23_k += t22  # line 8
        t23[k] = t23_k
    t26 = np.empty((K,), np.float64)
    for k in range(K):
        t23_k_ = t23[k]
        t24 = np.log(t23_k_)  # line 8
        t19_k_ = t19[k]
        t20 = t19_k_ if np.isfinite(t19_k_) else 0.0  # line 8
        t25 = t20 + t24  # line 8
        t26[k] = t25
    emit = np.empty((K, V), np.float64)
    for k in range(K):
        t25 = t26[k]
        for v in range(V):
            show_kv = show[k, v]
            emit_kv = show_kv - t25  # line 8
            emit[k, v] = emit_kv
    t27 = t18 if np.isfinite(t18) else 0.0  # line 11
    t30 = 0.0
    for k in range(K):
        start_k = start[k]
        t28 = start_k - t27  # line 11
        t29 = np.exp(t28)  # line 11
        t30 += t29  # line 11
    t31 = np.log(t30)  # line 11
    t32 = t27 + t31  # line 11
    if t4 < 0 or t4 >= V:
        raise IndexError(f"an index into emit is out of range: seen[0] is {t4}, the length is {V} (line 11)")
    forward = np.zeros((K, T), np.float64)
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
    for k in range(K):
        t33 = emit[k, t4]
        start_k = start[k]
        t34 = start_k - t32  # line 11
        t35 = t34 + t33  # line 11
        state[0, k] = t35
    state_ = np.empty((2, K), np.float64)
    t37 = np.empty((K,), np.float64)
    t41 = np.empty((K,), np.float64)
    for t in range(T - 1):
        for k1 in range(K):
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
                t40 = np.exp(t39)  # line 13
                t41[k1] += t40  # line 13
        for k1 in range(K):
            t41_k1 = t41[k1]
            t42 = np.log(t41_k1)  # line 13
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
    for i in range(T - 1):
        t46 = i + 1  # line 12
        for k in range(K):
            state_ki = state[i + 1, k]
            forward[k, t46] += state_ki  # line 12
    t48 = -np.inf
    for k in range(K):
        t47 = forward[k, (T - 1)]
        t48 = t47 if t47 > t48 or t47 != t47 else t48  # line 14
    t49 = t48 if np.isfinite(t48) else 0.0  # line 14
    t52 = 0.0
    for k in range(K):
        t47 = forward[k, (T - 1)]
        t50 = t47 - t49  # line 14
        t51 = np.exp(t50)  # line 14
        t52 += t51  # line 14
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
    for t in range(T - 1):
        t5 = 1 + t  # line 12
        t6 = seen[t5]
        t7 = t6 + V  # line 13
        t8 = t6 < 0  # line 13
        t9 = t7 if t8 else t6  # line 13
        if t9 < 0 or t9 >= V:
            raise IndexError(f"an index into emit is out of range: seen[t] is {t9}, the length is {V} (line 13)")
    t10 = np.empty((K,), np.float64)
    for k in range(K):
        t10_k = -np.inf
        for k1 in range(K):
            move_kk1 = move[k, k1]
            t10_k = move_kk1 if move_kk1 > t10_k or move_kk1 != move_kk1 else t10_k  # line 7
        t10[k] = t10_k
    t14 = np.empty((K, K), np.float64)
    t15 = np.empty((K,), np.float64)
    for k in range(K):
        t10_k_ = t10[k]
        t11 = t10_k_ if np.isfinite(t10_k_) else 0.0  # line 7
        t15_k = 0.0
        for k1 in range(K):
            move_kk1 = move[k, k1]
            t12 = move_kk1 - t11  # line 7
            t13 = np.exp(t12)  # line 7
            t14[k, k1] = t13
            t15_k += t13  # line 7
        t15[k] = t15_k
    t18 = np.empty((K,), np.float64)
    t19 = -np.inf
    for k in range(K):
        t15_k_ = t15[k]
        t16 = np.log(t15_k_)  # line 7
        t10_k_ = t10[k]
        t11 = t10_k_ if np.isfinite(t10_k_) else 0.0  # line 7
        t17 = t11 + t16  # line 7
        t18[k] = t17
        start_k = start[k]
        t19 = start_k if start_k > t19 or start_k != start_k else t19  # line 11
    t20 = np.empty((K,), np.float64)
    for k in range(K):
        t20_k = -np.inf
        for v in range(V):
            show_kv = show[k, v]
            t20_k = show_kv if show_kv > t20_k or show_kv != show_kv else t20_k  # line 8
        t20[k] = t20_k
    t24 = np.empty((K, V), np.float64)
    t25 = np.empty((K,), np.float64)
    for k in range(K):
        t20_k_ = t20[k]
        t21 = t20_k_ if np.isfinite(t20_k_) else 0.0  # line 8
        t25_k = 0.0
        for v in range(V):
            show_kv = show[k, v]
            t22 = show_kv - t21  # line 8
            t23 = np.exp(t22)  # line 8
            t24[k, v] = t23
            t25_k += t23  # line 8
        t25[k] = t25_k
    t28 = np.empty((K,), np.float64)
    for k in range(K):
        t25_k_ = t25[k]
        t26 = np.log(t25_k_)  # line 8
        t20_k_ = t20[k]
        t21 = t20_k_ if np.isfinite(t20_k_) else 0.0  # line 8
        t27 = t21 + t26  # line 8
        t28[k] = t27
    emit = np.empty((K, V), np.float64)
    for k in range(K):
        t27 = t28[k]
        for v in range(V):
            show_kv = show[k, v]
            emit_kv = show_kv - t27  # line 8
            emit[k, v] = emit_kv
    t29 = t19 if np.isfinite(t19) else 0.0  # line 11
    t32 = np.empty((K,), np.float64)
    t33 = 0.0
    for k in range(K):
        start_k = start[k]
        t30 = start_k - t29  # line 11
        t31 = np.exp(t30)  # line 11
        t32[k] = t31
        t33 += t31  # line 11
    t34 = np.log(t33)  # line 11
    t35 = t29 + t34  # line 11
    if t4 < 0 or t4 >= V:
        raise IndexError(f"an index into emit is out of range: seen[0] is {t4}, the length is {V} (line 11)")
    forward = np.zeros((K, T), np.float64)
    for k in range(K):
        t36 = emit[k, t4]
        start_k = start[k]
        t37 = start_k - t35  # line 11
        t38 = t37 + t36  # line 11
        forward[k, 0] += t38  # line 12
    state = np.empty((T, K), np.float64)
    if t4 < 0 or t4 >= V:
        raise IndexError(f"an index into emit is out of range: seen[0] is {t4}, the length is {V} (line 11)")
    for k in range(K):
        t36 = emit[k, t4]
        start_k = start[k]
        t37 = start_k - t35  # line 11
        t38 = t37 + t36  # line 11
        state[0, k] = t38
    state_ = np.empty((T, K), np.float64)
    t40 = np.empty((K,), np.float64)
    t44 = np.empty((K,), np.float64)
    for t in range(T - 1):
        for k1 in range(K):
            t40_k1 = -np.inf
            for k in range(K):
                t17 = t18[k]
                move_kk1 = move[k, k1]
                trans = move_kk1 - t17  # line 7
                state_k = state[t, k]
                t39 = state_k + trans  # line 13
                t40_k1 = t39 if t39 > t40_k1 or t39 != t39 else t40_k1  # line 13
            t40[k1] = t40_k1
        t44[...] = 0.0
        for k in range(K):
            t17 = t18[k]
            state_k = state[t, k]
            for k1 in range(K):
                t40_k1_ = t40[k1]
                t41 = t40_k1_ if np.isfinite(t40_k1_) else 0.0  # line 13
                move_kk1 = move[k, k1]
                trans = move_kk1 - t17  # line 7
                t39 = state_k + trans  # line 13
                t42 = t39 - t41  # line 13
                t43 = np.exp(t42)  # line 13
                t44[k1] += t43  # line 13
        for k1 in range(K):
            t44_k1 = t44[k1]
            t45 = np.log(t44_k1)  # line 13
            t40_k1_ = t40[k1]
            t41 = t40_k1_ if np.isfinite(t40_k1_) else 0.0  # line 13
            t46 = t41 + t45  # line 13
            state_[t + 1, k1] = t46
        t5 = 1 + t  # line 12
        t6 = seen[t5]
        t7 = t6 + V  # line 13
        t8 = t6 < 0  # line 13
        t9 = t7 if t8 else t6  # line 13
        for k in range(K):
            t47 = emit[k, t9]
            state__k = state_[t + 1, k]
            t48 = state__k + t47  # line 13
            state[t + 1, k] = t48
    for i in range(T - 1):
        t49 = i + 1  # line 12
        for k in range(K):
            state_ki = state[i + 1, k]
            forward[k, t49] += state_ki  # line 12
    t51 = -np.inf
    for k in range(K):
        t50 = forward[k, (T - 1)]
        t51 = t50 if t50 > t51 or t50 != t50 else t51  # line 14
    t52 = t51 if np.isfinite(t51) else 0.0  # line 14
    t55 = np.empty((K,), np.float64)
    t56 = 0.0
    for k in range(K):
        t50 = forward[k, (T - 1)]
        t53 = t50 - t52  # line 14
        t54 = np.exp(t53)  # line 14
        t55[k] = t54
        t56 += t54  # line 14
    t57 = np.log(t56)  # line 14
    loglik = t52 + t57  # line 14
    dforward = np.zeros((K, T), np.float64)
    for k in range(K):
        t54 = t55[k]
        t58 = t54 / t56  # backward of line 14: logsumexp gate
        dforward[k, (T - 1)] += t58  # backward of line 14: take gate
    state_2 = np.empty((T, K), np.float64)
    for k in range(K):
        state_2[(T - 1), k] = 0.0
    for t in range(T - 2, -1, -1):
        t62 = t + 1  # line 12
        for k in range(K):
            t17 = t18[k]
            state_kt = state[t, k]
            state_2_k = 0.0
            for k1 in range(K):
                state__k1t = state_[t + 1, k1]
                move_kk1 = move[k, k1]
                trans = move_kk1 - t17  # line 7
                t59 = state_kt + trans  # line 13
                t60 = t59 - state__k1t  # backward of line 13: logsumexp gate
                t61 = np.exp(t60)  # backward of line 13: logsumexp gate
                state_2_k1 = state_2[t + 1, k1]
                t63 = dforward[k1, t62]
                t64 = t63 + state_2_k1  # backward of line 12: recurrence gate
                t65 = t64 * t61  # backward of line 13: logsumexp gate
                state_2_k += t65  # backward of line 13: add gate
            state_2[t, k] = state_2_k
    dtrans = np.zeros((K, K), np.float64)
    for t in range(T - 1):
        t62 = t + 1  # line 12
        for k in range(K):
            t17 = t18[k]
            state_kt = state[t, k]
            for k1 in range(K):
                state__k1t = state_[t + 1, k1]
                move_kk1 = move[k, k1]
                trans = move_kk1 - t17  # line 7
                t59 = state_kt + trans  # line 13
                t60 = t59 - state__k1t  # backward of line 13: logsumexp gate
                t61 = np.exp(t60)  # backward of line 13: logsumexp gate
                state_2_k1t = state_2[t + 1, k1]
                t63 = dforward[k1, t62]
                t66 = t63 + state_2_k1t  # backward of line 12: recurrence gate
                t67 = t66 * t61  # backward of line 13: logsumexp gate
                dtrans[k, k1] += t67  # backward of line 13: add gate
    demit = np.zeros((K, V), np.float64)
    for k in range(K):
        for t in range(T - 1):
            t5 = 1 + t  # line 12
            t6 = seen[t5]
            t7 = t6 + V  # line 13
            t8 = t6 < 0  # line 13
            t9 = t7 if t8 else t6  # line 13
            state_2_kt = state_2[t + 1, k]
            t62 = t + 1  # line 12
            t68 = dforward[k, t62]
            t69 = t68 + state_2_kt  # backward of line 12: recurrence gate
            demit[k, t9] += t69  # backward of line 13: take gate
    if t4 < 0 or t4 >= V:
        raise IndexError(f"an index into emit is out of range: seen[0] is {t4}, the length is {V} (line 11)")
    t72 = 0.0
    for k in range(K):
        state_2_k_ = state_2[0, k]
        t70 = dforward[k, 0]
        t71 = t70 + state_2_k_  # backward of line 11: copy gate
        demit[k, t4] += t71  # backward of line 11: take gate
        t72 += t71  # backward of line 11: sub gate
    t73 = np.empty((K,), np.float64)
    for k in range(K):
        t73_k = 0.0
        for v in range(V):
            demit_kv = demit[k, v]
            t73_k += demit_kv  # backward of line 8: sub gate
        t73[k] = t73_k
    t74 = np.empty((K,), np.float64)
    for k in range(K):
        t74_k = 0.0
        for k1 in range(K):
            dtrans_kk1 = dtrans[k, k1]
            t74_k += dtrans_kk1  # backward of line 7: sub gate
        t74[k] = t74_k
    dshow = np.empty((K, V), np.float64)
    for k in range(K):
        t25_k_ = t25[k]
        t73_k_ = t73[k]
        for v in range(V):
            t23 = t24[k, v]
            t75 = t23 / t25_k_  # backward of line 8: logsumexp gate
            t76 = t73_k_ * t75  # backward of line 8: logsumexp gate
            demit_kv = demit[k, v]
            dshow_kv = demit_kv - t76  # backward of line 5: copy gate
            dshow[k, v] = dshow_kv
    dmove = np.empty((K, K), np.float64)
    for k in range(K):
        t15_k_ = t15[k]
        t74_k_ = t74[k]
        for k1 in range(K):
            t13 = t14[k, k1]
            t77 = t13 / t15_k_  # backward of line 7: logsumexp gate
            t78 = t74_k_ * t77  # backward of line 7: logsumexp gate
            dtrans_kk1 = dtrans[k, k1]
            dmove_kk1 = dtrans_kk1 - t78  # backward of line 4: copy gate
            dmove[k, k1] = dmove_kk1
    dstart = np.empty((K,), np.float64)
    for k in range(K):
        t31 = t32[k]
        t79 = t31 / t33  # backward of line 11: logsumexp gate
        t80 = t72 * t79  # backward of line 11: logsumexp gate
        state_2_k_ = state_2[0, k]
        t70 = dforward[k, 0]
        t71 = t70 + state_2_k_  # backward of line 11: copy gate
        dstart_k = t71 - t80  # backward of line 3: copy gate
        dstart[k] = dstart_k
    return (loglik, dstart, dmove, dshow)


class Gradient(NamedTuple):
    """The gradient of loglik with respect to each parameter."""

    start: np.ndarray  # [K]
    move: np.ndarray  # [K, K]
    show: np.ndarray  # [K, V]


def value(seen, start, move, show):
    """Return loglik."""
    return value_kernel(*_checked(seen, start, move, show))[0]


def value_and_grad(seen, start, move, show):
    """Return loglik and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(seen, start, move, show))
    return _value, Gradient(*_gradient)


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


_REAL = np.dtype(np.float64)


def _real(name, x, shape):
    """Return x as the kernels take it; at once where it is so already."""
    if x.__class__ is np.ndarray and x.dtype == _REAL and x.ndim == len(shape) and x.flags.carray:
        return x
    return _converted(name, x, shape, "real")


_INTEGER = np.dtype(np.int64)


def _integer(name, x, shape):
    """Return x as the kernels take it; at once where it is so already."""
    if x.__class__ is np.ndarray and x.dtype == _INTEGER and x.ndim == len(shape) and x.flags.carray:
        return x
    return _converted(name, x, shape, "integer")


def _checked(seen, start, move, show):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    seen = _integer("seen", seen, ("T",))
    start = _real("start", start, ("K",))
    move = _real("move", move, ("K", "K"))
    show = _real("show", show, ("K", "V"))
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
