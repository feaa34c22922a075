# Made by gradcompile 0.1.0 from examples/gru.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: adc78369bfd1c5263d0d66f9c9a6931ec395a0ee9edfb6ba3fbd06bb670d8cec
# options: --target numba --emit value,value_and_grad
# operations: value 6*D*H*T + 2*H*T*V + 6*H**2*T + 15*H*T + T*V + 9*T + 1; value_and_grad 18*D*H*T + 6*H*T*V + 18*H**2*T + 9*D*H + 3*D*T + 63*H*T + 9*H**2 + 5*T*V + 9*H + 10*T + 3
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
# code: T = 9: agrees, within 2^1 units in the last place
# code: V = 7: agrees, within 2^0 units in the last place
# code: D = 11: agrees, within 2^0 units in the last place
# code: H = 10: agrees, within 2^0 units in the last place
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

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(text, E, W, U, b, out):
    V, D = E.shape
    H = W.shape[2]
    T = text.shape[0] - 1
    t2 = np.empty((D, H), np.float64)
    t4 = np.empty((D, H), np.float64)
    t6 = np.empty((D, H), np.float64)
    for d in range(D):
        for h in range(H):
            t1 = W[0, d, h]
            t2[d, h] = t1
            t3 = W[1, d, h]
            t4[d, h] = t3
            t5 = W[2, d, h]
            t6[d, h] = t5
    t8 = np.empty((H, H), np.float64)
    for h in range(H):
        for h1 in range(H):
            t7 = U[2, h, h1]
            t8[h, h1] = t7
    for t in range(T):
        t9 = text[t]
        t10 = t9 + V  # line 11
        t11 = t9 < 0  # line 11
        t12 = t10 if t11 else t9  # line 11
        if t12 < 0 or t12 >= V:
            raise IndexError(f"an index into E is out of range: text[t] is {t12}, the length is {V} (line 11)")
    t14 = np.empty((T, D), np.float64)
    for t in range(T):
        t9 = text[t]
        t10 = t9 + V  # line 11
        t11 = t9 < 0  # line 11
        t12 = t10 if t11 else t9  # line 11
        for d in range(D):
            t13 = E[t12, d]
            t14[t, d] = t13
    for t_ in range(T):
        t15 = t_ + 1  # line 18
        t16 = text[t15]
        t17 = t16 + V  # line 18
        t18 = t16 < 0  # line 18
        t19 = t17 if t18 else t16  # line 18
        if t19 < 0 or t19 >= V:
            raise IndexError(f"an index into scores is out of range: text[t + 1] is {t19}, the length is {V} (line 18)")
    t20 = np.dot(t2.T, t14.T)  # line 12
    t21 = np.dot(t4.T, t14.T)  # line 13
    t22 = np.dot(t6.T, t14.T)  # line 14
    row = 0
    state = np.empty((2, H), np.float64)
    for h in range(H):
        state[0, h] = 0.0
    state_ = np.empty((T + 1, V), np.float64)
    state_2 = np.empty((2, H), np.float64)
    state_3 = np.empty((2, H), np.float64)
    state_4 = np.empty((2, H), np.float64)
    t25 = np.empty((H,), np.float64)
    t28 = np.empty((H,), np.float64)
    t34 = np.empty((H,), np.float64)
    for t in range(T):
        t25[...] = 0.0
        t28[...] = 0.0
        for h in range(H):
            state_h = state[row, h]
            for h1 in range(H):
                t23 = U[0, h, h1]
                t24 = state_h * t23  # line 12
                t25[h1] += t24  # line 12
                t26 = U[1, h, h1]
                t27 = state_h * t26  # line 13
                t28[h1] += t27  # line 13
        for h in range(H):
            state_h = state[row, h]
            t29 = b[1, h]
            t28_h = t28[h]
            t21_ht = t21[h, t]
            t30 = t21_ht + t28_h  # line 13
            t31 = t30 + t29  # line 13
            t32 = 1 / (1 + np.exp(-t31))  # line 13
            t33 = t32 * state_h  # line 14
            t34[h] = t33
        np.dot(t8.T, t34, state_4[1 - row])  # line 14
        for h in range(H):
            t35 = b[2, h]
            state_4_ht = state_4[1 - row, h]
            t22_ht = t22[h, t]
            t36 = t22_ht + state_4_ht  # line 14
            t37 = t36 + t35  # line 14
            t38 = np.tanh(t37)  # line 14
            t39 = b[0, h]
            t25_h = t25[h]
            t20_ht = t20[h, t]
            t40 = t20_ht + t25_h  # line 12
            t41 = t40 + t39  # line 12
            t42 = -t41  # line 15
            t43 = 1 / (1 + np.exp(-t42))  # line 15
            t44 = t43 * t38  # line 15
            state_h = state[row, h]
            t45 = 1 / (1 + np.exp(-t41))  # line 12
            t46 = t45 * state_h  # line 15
            t47 = t46 + t44  # line 15
            state[1 - row, h] = t47
        np.dot(out.T, state[1 - row], state_[t + 1])  # line 16
        for h1 in range(H):
            t25_h1 = t25[h1]
            state_2[1 - row, h1] = t25_h1
        for h1 in range(H):
            t28_h1 = t28[h1]
            state_3[1 - row, h1] = t28_h1
        row = 1 - row
    scores = np.empty((T, V), np.float64)
    for t_ in range(T):
        for v in range(V):
            state__t_v = state_[t_ + 1, v]
            scores[t_, v] = state__t_v
    t48 = np.empty((T,), np.float64)
    for t_ in range(T):
        t48_t_ = -np.inf
        for v in range(V):
            scores_t_v = scores[t_, v]
            t48_t_ = scores_t_v if scores_t_v > t48_t_ or scores_t_v != scores_t_v else t48_t_  # line 18
        t48[t_] = t48_t_
    t52 = np.empty((T,), np.float64)
    for t_ in range(T):
        t48_t__ = t48[t_]
        t49 = t48_t__ if np.isfinite(t48_t__) else 0.0  # line 18
        t52_t_ = 0.0
        for v in range(V):
            scores_t_v = scores[t_, v]
            t50 = scores_t_v - t49  # line 18
            t51 = np.exp(t50)  # line 18
            t52_t_ += t51  # line 18
        t52[t_] = t52_t_
    t57 = 0.0
    for t_ in range(T):
        t15 = t_ + 1  # line 18
        t16 = text[t15]
        t17 = t16 + V  # line 18
        t18 = t16 < 0  # line 18
        t19 = t17 if t18 else t16  # line 18
        t53 = scores[t_, t19]
        t52_t__ = t52[t_]
        t54 = np.log(t52_t__)  # line 18
        t48_t__ = t48[t_]
        t49 = t48_t__ if np.isfinite(t48_t__) else 0.0  # line 18
        t55 = t49 + t54  # line 18
        t56 = t55 - t53  # line 18
        t57 += t56  # line 18
    loss = t57 / T  # line 18
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(text, E, W, U, b, out):
    V, D = E.shape
    H = W.shape[2]
    T = text.shape[0] - 1
    t2 = np.empty((D, H), np.float64)
    t4 = np.empty((D, H), np.float64)
    t6 = np.empty((D, H), np.float64)
    for d in range(D):
        for h in range(H):
            t1 = W[0, d, h]
            t2[d, h] = t1
            t3 = W[1, d, h]
            t4[d, h] = t3
            t5 = W[2, d, h]
            t6[d, h] = t5
    t8 = np.empty((H, H), np.float64)
    t10 = np.empty((H, H), np.float64)
    t12 = np.empty((H, H), np.float64)
    for h in range(H):
        for h1 in range(H):
            t7 = U[0, h, h1]
            t8[h, h1] = t7
            t9 = U[1, h, h1]
            t10[h, h1] = t9
            t11 = U[2, h, h1]
            t12[h, h1] = t11
    for t in range(T):
        t13 = text[t]
        t14 = t13 + V  # line 11
        t15 = t13 < 0  # line 11
        t16 = t14 if t15 else t13  # line 11
        if t16 < 0 or t16 >= V:
            raise IndexError(f"an index into E is out of range: text[t] is {t16}, the length is {V} (line 11)")
    t18 = np.empty((T, D), np.float64)
    for t in range(T):
        t13 = text[t]
        t14 = t13 + V  # line 11
        t15 = t13 < 0  # line 11
        t16 = t14 if t15 else t13  # line 11
        for d in range(D):
            t17 = E[t16, d]
            t18[t, d] = t17
    for t_ in range(T):
        t19 = t_ + 1  # line 18
        t20 = text[t19]
        t21 = t20 + V  # line 18
        t22 = t20 < 0  # line 18
        t23 = t21 if t22 else t20  # line 18
        if t23 < 0 or t23 >= V:
            raise IndexError(f"an index into scores is out of range: text[t + 1] is {t23}, the length is {V} (line 18)")
    t24 = 1 / T  # backward of line 18: div gate
    t25 = -t24  # backward of line 18: sub gate
    t26 = np.zeros((T, V), np.float64)
    for t_ in range(T):
        t19 = t_ + 1  # line 18
        t20 = text[t19]
        t21 = t20 + V  # line 18
        t22 = t20 < 0  # line 18
        t23 = t21 if t22 else t20  # line 18
        t26[t_, t23] += t25  # backward of line 18: take gate
    t27 = np.dot(t2.T, t18.T)  # line 12
    t28 = np.dot(t4.T, t18.T)  # line 13
    t29 = np.dot(t6.T, t18.T)  # line 14
    state = np.empty((T + 1, H), np.float64)
    for h in range(H):
        state[0, h] = 0.0
    state_ = np.empty((T + 1, V), np.float64)
    state_2 = np.empty((T + 1, H), np.float64)
    state_3 = np.empty((T + 1, H), np.float64)
    state_4 = np.empty((T + 1, H), np.float64)
    t31 = np.empty((H,), np.float64)
    t33 = np.empty((H,), np.float64)
    t39 = np.empty((H,), np.float64)
    for t in range(T):
        t31[...] = 0.0
        t33[...] = 0.0
        for h in range(H):
            state_h = state[t, h]
            for h1 in range(H):
                t7 = t8[h, h1]
                t30 = state_h * t7  # line 12
                t31[h1] += t30  # line 12
                t9 = t10[h, h1]
                t32 = state_h * t9  # line 13
                t33[h1] += t32  # line 13
        for h in range(H):
            state_h = state[t, h]
            t34 = b[1, h]
            t33_h = t33[h]
            t28_ht = t28[h, t]
            t35 = t28_ht + t33_h  # line 13
            t36 = t35 + t34  # line 13
            t37 = 1 / (1 + np.exp(-t36))  # line 13
            t38 = t37 * state_h  # line 14
            t39[h] = t38
        np.dot(t12.T, t39, state_4[t + 1])  # line 14
        for h in range(H):
            t40 = b[2, h]
            state_4_ht = state_4[t + 1, h]
            t29_ht = t29[h, t]
            t41 = t29_ht + state_4_ht  # line 14
            t42 = t41 + t40  # line 14
            t43 = np.tanh(t42)  # line 14
            t44 = b[0, h]
            t31_h = t31[h]
            t27_ht = t27[h, t]
            t45 = t27_ht + t31_h  # line 12
            t46 = t45 + t44  # line 12
            t47 = -t46  # line 15
            t48 = 1 / (1 + np.exp(-t47))  # line 15
            t49 = t48 * t43  # line 15
            state_h = state[t, h]
            t50 = 1 / (1 + np.exp(-t46))  # line 12
            t51 = t50 * state_h  # line 15
            t52 = t51 + t49  # line 15
            state[t + 1, h] = t52
        np.dot(out.T, state[t + 1], state_[t + 1])  # line 16
        for h1 in range(H):
            t31_h1 = t31[h1]
            state_2[t + 1, h1] = t31_h1
        for h1 in range(H):
            t33_h1 = t33[h1]
            state_3[t + 1, h1] = t33_h1
    scores = np.empty((T, V), np.float64)
    for t_ in range(T):
        for v in range(V):
            state__t_v = state_[t_ + 1, v]
            scores[t_, v] = state__t_v
    t53 = np.empty((T,), np.float64)
    for t_ in range(T):
        t53_t_ = -np.inf
        for v in range(V):
            scores_t_v = scores[t_, v]
            t53_t_ = scores_t_v if scores_t_v > t53_t_ or scores_t_v != scores_t_v else t53_t_  # line 18
        t53[t_] = t53_t_
    t57 = np.empty((T, V), np.float64)
    t58 = np.empty((T,), np.float64)
    for t_ in range(T):
        t53_t__ = t53[t_]
        t54 = t53_t__ if np.isfinite(t53_t__) else 0.0  # line 18
        t58_t_ = 0.0
        for v in range(V):
            scores_t_v = scores[t_, v]
            t55 = scores_t_v - t54  # line 18
            t56 = np.exp(t55)  # line 18
            t57[t_, v] = t56
            t58_t_ += t56  # line 18
        t58[t_] = t58_t_
    t63 = 0.0
    for t_ in range(T):
        t19 = t_ + 1  # line 18
        t20 = text[t19]
        t21 = t20 + V  # line 18
        t22 = t20 < 0  # line 18
        t23 = t21 if t22 else t20  # line 18
        t59 = scores[t_, t23]
        t58_t__ = t58[t_]
        t60 = np.log(t58_t__)  # line 18
        t53_t__ = t53[t_]
        t54 = t53_t__ if np.isfinite(t53_t__) else 0.0  # line 18
        t61 = t54 + t60  # line 18
        t62 = t61 - t59  # line 18
        t63 += t62  # line 18
    loss = t63 / T  # line 18
    t67 = np.empty((T, H), np.float64)
    t71 = np.empty((T, H), np.float64)
    t75 = np.empty((T, H), np.float64)
    t78 = np.empty((T, H), np.float64)
    t81 = np.empty((T, H), np.float64)
    t83 = np.empty((T, H), np.float64)
    t85 = np.empty((T, H), np.float64)
    t88 = np.empty((T, H), np.float64)
    t91 = np.empty((T, H), np.float64)
    t93 = np.empty((T, H), np.float64)
    for t in range(T):
        for h in range(H):
            t44 = b[0, h]
            state_2_ht = state_2[t + 1, h]
            t27_ht = t27[h, t]
            t64 = t27_ht + state_2_ht  # line 12
            t65 = t64 + t44  # line 12
            t66 = 1 / (1 + np.exp(-t65))  # line 12
            t67[t, h] = t66
            t34 = b[1, h]
            state_3_ht = state_3[t + 1, h]
            t28_ht = t28[h, t]
            t68 = t28_ht + state_3_ht  # line 13
            t69 = t68 + t34  # line 13
            t70 = 1 / (1 + np.exp(-t69))  # line 13
            t71[t, h] = t70
            t40 = b[2, h]
            state_4_ht_ = state_4[t + 1, h]
            t29_ht = t29[h, t]
            t72 = t29_ht + state_4_ht_  # line 14
            t73 = t72 + t40  # line 14
            t74 = np.tanh(t73)  # line 14
            t75[t, h] = t74
            t76 = -t65  # line 15
            t77 = 1 / (1 + np.exp(-t76))  # line 15
            t78[t, h] = t77
            t79 = 1 - t77  # backward of line 15: sigmoid gate
            t80 = t77 * t79  # backward of line 15: sigmoid gate
            t81[t, h] = t80
            t82 = 1 - t70  # backward of line 13: sigmoid gate
            t83[t, h] = t82
            t84 = t70 * t82  # backward of line 13: sigmoid gate
            t85[t, h] = t84
            t86 = 1 - t66  # backward of line 12: sigmoid gate
            t87 = t66 * t86  # backward of line 12: sigmoid gate
            t88[t, h] = t87
            t89 = t74 * t74  # backward of line 14: tanh gate
            t90 = 1 - t89  # backward of line 14: tanh gate
            t91[t, h] = t90
            state_ht = state[t, h]
            t92 = state_ht * t70  # backward of line 14: mul gate
            t93[t, h] = t92
    t96 = np.empty((T, V), np.float64)
    for t in range(T):
        t58_t = t58[t]
        for v in range(V):
            t57_tv = t57[t, v]
            t94 = t57_tv / t58_t  # backward of line 18: logsumexp gate
            t95 = t94 / T  # backward of line 18: logsumexp gate
            t26_tv = t26[t, v]
            dscores = t26_tv + t95  # backward of line 10: copy gate
            t96[t, v] = dscores
    t97 = np.dot(out, t96.T)  # backward of line 16: mul gate
    dout = np.dot(state[1:].T, t96)  # backward of line 16: mul gate
    state_5 = np.empty((T + 1, H), np.float64)
    for h in range(H):
        state_5[T, h] = 0.0
    state_6 = np.empty((T + 1, H), np.float64)
    t101 = np.empty((H,), np.float64)
    t107 = np.empty((H,), np.float64)
    t110 = np.empty((H,), np.float64)
    for t in range(T - 1, -1, -1):
        for h1 in range(H):
            t91_h1t = t91[t, h1]
            t78_h1t = t78[t, h1]
            t97_h1t = t97[h1, t]
            state_5_h1 = state_5[t + 1, h1]
            t98 = state_5_h1 + t97_h1t  # backward of line 15: copy gate
            t99 = t98 * t78_h1t  # backward of line 15: mul gate
            t100 = t99 * t91_h1t  # backward of line 14: tanh gate
            t101[h1] = t100
            t81_h1t = t81[t, h1]
            t75_h1t = t75[t, h1]
            t102 = t98 * t75_h1t  # backward of line 15: mul gate
            t103 = t102 * t81_h1t  # backward of line 15: sigmoid gate
            t88_h1t = t88[t, h1]
            state_h1t = state[t, h1]
            t104 = t98 * state_h1t  # backward of line 15: mul gate
            t105 = t104 * t88_h1t  # backward of line 12: sigmoid gate
            t106 = t105 - t103  # backward of line 12: copy gate
            t107[h1] = t106
        np.dot(t12, t101, state_6[t])  # backward of line 14: mul gate
        for h1 in range(H):
            t85_h1t = t85[t, h1]
            state_h1t = state[t, h1]
            state_6_h1t = state_6[t, h1]
            t108 = state_6_h1t * state_h1t  # backward of line 14: mul gate
            t109 = t108 * t85_h1t  # backward of line 13: sigmoid gate
            t110[h1] = t109
        t111 = np.dot(t10, t110)  # backward of line 13: mul gate
        t112 = np.dot(t8, t107)  # backward of line 12: mul gate
        for h in range(H):
            t112_ht = t112[h]
            t111_ht = t111[h]
            t70 = t71[t, h]
            state_6_ht = state_6[t, h]
            t113 = state_6_ht * t70  # backward of line 14: mul gate
            t66 = t67[t, h]
            t97_ht = t97[h, t]
            state_h = state_5[t + 1, h]
            t114 = state_h + t97_ht  # backward of line 15: copy gate
            t115 = t114 * t66  # backward of line 15: mul gate
            t116 = t115 + t113  # backward of line 10: copy gate
            t117 = t116 + t111_ht  # backward of line 10: copy gate
            t118 = t117 + t112_ht  # backward of line 10: copy gate
            state_5[t, h] = t118
    t125 = np.empty((T, H), np.float64)
    t126 = np.zeros((H,), np.float64)
    t129 = np.empty((T, H), np.float64)
    t132 = np.empty((T, H), np.float64)
    t133 = np.zeros((H,), np.float64)
    t134 = np.zeros((H,), np.float64)
    t137 = np.empty((T, H), np.float64)
    t141 = np.empty((T, H), np.float64)
    for t in range(T):
        for h in range(H):
            t80 = t81[t, h]
            t74 = t75[t, h]
            t97_ht = t97[h, t]
            state_5_ht = state_5[t + 1, h]
            t119 = state_5_ht + t97_ht  # backward of line 15: copy gate
            t120 = t119 * t74  # backward of line 15: mul gate
            t121 = t120 * t80  # backward of line 15: sigmoid gate
            t87 = t88[t, h]
            state_ht = state[t, h]
            t122 = t119 * state_ht  # backward of line 15: mul gate
            t123 = t122 * t87  # backward of line 12: sigmoid gate
            t124 = t123 - t121  # backward of line 12: copy gate
            t125[t, h] = t124
            t126[h] += t124  # backward of line 12: add gate
            t90 = t91[t, h]
            t77 = t78[t, h]
            t127 = t119 * t77  # backward of line 15: mul gate
            t128 = t127 * t90  # backward of line 14: tanh gate
            t129[t, h] = t128
            t84 = t85[t, h]
            state_6_ht_ = state_6[t, h]
            t130 = state_6_ht_ * state_ht  # backward of line 14: mul gate
            t131 = t130 * t84  # backward of line 13: sigmoid gate
            t132[t, h] = t131
            t133[h] += t131  # backward of line 13: add gate
            t134[h] += t128  # backward of line 14: add gate
            t135 = t77 * t119  # backward of line 14: mul gate
            t136 = t135 * t90  # backward of line 14: mul gate
            t137[t, h] = t136
            t82 = t83[t, h]
            t70 = t71[t, h]
            t138 = state_ht * state_6_ht_  # backward of line 13: mul gate
            t139 = t138 * t70  # backward of line 13: mul gate
            t140 = t139 * t82  # backward of line 13: mul gate
            t141[t, h] = t140
    t142 = np.empty((T, H), np.float64)
    t143 = np.empty((T, H), np.float64)
    t144 = np.empty((T, H), np.float64)
    for t in range(T):
        for h1 in range(H):
            t125_h1t = t125[t, h1]
            t142[t, h1] = t125_h1t
            t129_h1t = t129[t, h1]
            t143[t, h1] = t129_h1t
            t132_h1t = t132[t, h1]
            t144[t, h1] = t132_h1t
    t145 = np.dot(state[:-1].T, t142)  # backward of line 12: mul gate
    t146 = np.dot(state[:-1].T, t144)  # backward of line 13: mul gate
    t147 = np.dot(t93.T, t143)  # backward of line 14: mul gate
    t148 = np.dot(t6, t137.T)  # backward of line 14: mul gate
    t149 = np.dot(t18.T, t137)  # backward of line 14: mul gate
    t150 = np.dot(t4, t141.T)  # backward of line 13: mul gate
    t151 = np.dot(t18.T, t141)  # backward of line 13: mul gate
    t152 = np.dot(t2, t125.T)  # backward of line 12: mul gate
    t153 = np.dot(t18.T, t125)  # backward of line 12: mul gate
    dE = np.zeros((V, D), np.float64)
    for d in range(D):
        for t in range(T):
            t13 = text[t]
            t14 = t13 + V  # line 11
            t15 = t13 < 0  # line 11
            t16 = t14 if t15 else t13  # line 11
            t152_dt = t152[d, t]
            t150_dt = t150[d, t]
            t148_dt = t148[d, t]
            t154 = t148_dt + t150_dt  # backward of line 11: copy gate
            t155 = t154 + t152_dt  # backward of line 11: copy gate
            dE[t16, d] += t155  # backward of line 11: take gate
    db = np.zeros((3, H), np.float64)
    for h in range(H):
        t134_h = t134[h]
        db[2, h] += t134_h  # backward of line 14: take gate
        t133_h = t133[h]
        db[1, h] += t133_h  # backward of line 13: take gate
        t126_h = t126[h]
        db[0, h] += t126_h  # backward of line 12: take gate
    dU = np.zeros((3, H, H), np.float64)
    for h in range(H):
        for h1 in range(H):
            t147_hh1 = t147[h, h1]
            dU[2, h, h1] += t147_hh1  # backward of line 14: take gate
            t146_hh1 = t146[h, h1]
            dU[1, h, h1] += t146_hh1  # backward of line 13: take gate
            t145_hh1 = t145[h, h1]
            dU[0, h, h1] += t145_hh1  # backward of line 12: take gate
    dW = np.zeros((3, D, H), np.float64)
    for d in range(D):
        for h in range(H):
            t149_dh = t149[d, h]
            dW[2, d, h] += t149_dh  # backward of line 14: take gate
            t151_dh = t151[d, h]
            dW[1, d, h] += t151_dh  # backward of line 13: take gate
            t153_dh = t153[d, h]
            dW[0, d, h] += t153_dh  # backward of line 12: take gate
    return (loss, dE, dW, dU, db, dout)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    E: np.ndarray  # [V, D]
    W: np.ndarray  # [3, D, H]
    U: np.ndarray  # [3, H, H]
    b: np.ndarray  # [3, H]
    out: np.ndarray  # [H, V]


def value(text, E, W, U, b, out):
    """Return loss."""
    return value_kernel(*_checked(text, E, W, U, b, out))[0]


def value_and_grad(text, E, W, U, b, out):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(text, E, W, U, b, out))
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


def _checked(text, E, W, U, b, out):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    text = _integer("text", text, ("T + 1",))
    E = _real("E", E, ("V", "D"))
    W = _real("W", W, ("3", "D", "H"))
    U = _real("U", U, ("3", "H", "H"))
    b = _real("b", b, ("3", "H"))
    out = _real("out", out, ("H", "V"))
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
