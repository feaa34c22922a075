# Made by gradcompile 0.1.0 from examples/bundle_adjustment.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 80d1e7cb19f27577edb8f0d9d3c698861893a7d4e5b8c63bd1cc34fc3e5ddd32
# options: --target numba --emit value,value_and_grad
# operations: value 111*N + 1; value_and_grad 373*N + 1
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient turn: agrees (finite differences), to 50 digits at 3 points
# graph: gradient centre: agrees (finite differences), to 50 digits at 3 points
# graph: gradient focal: agrees (finite differences), to 50 digits at 3 points
# graph: gradient radial: agrees (finite differences), to 50 digits at 3 points
# graph: gradient X: agrees (finite differences), to 50 digits at 3 points
# code: C = 4, P = 5, N = 6: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: C = 0: agrees, the formula is undefined (an index into X is out of range: point is 5, the length is 5 (line 22)), and the module says so
# code: P = 0: agrees, the formula is undefined (an index into X is out of range: point is 1, the length is 0 (line 22)), and the module says so
# code: N = 0: agrees, within 2^0 units in the last place
# code: C = 9: agrees, within 2^0 units in the last place
# code: P = 7: agrees, within 2^0 units in the last place
# code: N = 11: agrees, within 2^0 units in the last place
# code: pair out of range: agrees, the module says so
# claim, line 30: agrees (mpmath), sum(p**2, axis=1) == sum(beside**2, axis=1)
# claim, line 31: agrees (mpmath), grad(loss, focal) == [sum(distortion[n] * sum(residual[n] * flat[n]) for n in range(N) if cam[n] == c) for c in range(C)]
# --- end of certificate ---

"""Bundle adjustment: half the sum of squared reprojection errors of points seen by cameras.

    from bundle_adjustment import value, value_and_grad
    loss = value(turn, centre, focal, radial, X, pair, seen)
    loss, gradient = value_and_grad(turn, centre, focal, radial, X, pair, seen)

Arguments: turn[C, 3] (differentiated), centre[C, 3] (differentiated), focal[C] (differentiated), radial[C, 2]
(differentiated), X[P, 3] (differentiated), pair[N, 2], seen[N, 2].
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(turn, centre, focal, radial, X, pair, seen):
    C = turn.shape[0]
    P = X.shape[0]
    N = pair.shape[0]
    for n in range(N):
        point = pair[n, 1]
        t1 = point + P  # line 22
        t2 = point < 0  # line 22
        t3 = t1 if t2 else point  # line 22
        if t3 < 0 or t3 >= P:
            raise IndexError(f"an index into X is out of range: point is {t3}, the length is {P} (line 22)")
        cam = pair[n, 0]
        t4 = cam + C  # line 22
        t5 = cam < 0  # line 22
        t6 = t4 if t5 else cam  # line 22
        if t6 < 0 or t6 >= C:
            raise IndexError(f"an index into centre is out of range: cam is {t6}, the length is {C} (line 22)")
    beside = np.empty((N, 3), np.float64)
    t11 = np.empty((N,), np.float64)
    for n in range(N):
        cam = pair[n, 0]
        t4 = cam + C  # line 22
        t5 = cam < 0  # line 22
        t6 = t4 if t5 else cam  # line 22
        point = pair[n, 1]
        t1 = point + P  # line 22
        t2 = point < 0  # line 22
        t3 = t1 if t2 else point  # line 22
        t11_n = 0.0
        for i in range(3):
            t7 = centre[t6, i]
            t8 = X[t3, i]
            beside_ni = t8 - t7  # line 22
            beside[n, i] = beside_ni
            t9 = turn[t6, i]
            t10 = t9 * t9  # line 15
            t11_n += t10  # line 15
        t11[n] = t11_n
    t19 = np.zeros((3, N), np.float64)
    t31 = np.empty((N,), np.float64)
    t33 = np.empty((N,), np.float64)
    t35 = np.empty((N,), np.float64)
    for n in range(N):
        t12 = beside[n, 1]
        cam = pair[n, 0]
        t4 = cam + C  # line 22
        t5 = cam < 0  # line 22
        t6 = t4 if t5 else cam  # line 22
        t13 = turn[t6, 2]
        t14 = t13 * t12  # line 11
        t15 = beside[n, 2]
        t16 = turn[t6, 1]
        t17 = t16 * t15  # line 11
        t18 = t17 - t14  # line 11
        t19[0, n] += t18  # line 11
        t20 = turn[t6, 0]
        t21 = t20 * t15  # line 11
        t22 = beside[n, 0]
        t23 = t13 * t22  # line 11
        t24 = t23 - t21  # line 11
        t19[1, n] += t24  # line 11
        t25 = t16 * t22  # line 11
        t26 = t20 * t12  # line 11
        t27 = t26 - t25  # line 11
        t19[2, n] += t27  # line 11
        t11_n_ = t11[n]
        t28 = t11_n_ > 0  # line 16
        t29 = t11_n_ if t28 else 1  # line 16
        t30 = np.sqrt(t29)  # line 16
        t31[n] = t30
        t32 = np.cos(t30)  # line 18
        t33[n] = t32
        t34 = np.sin(t30)  # line 18
        t35[n] = t34
    t37 = np.empty((N, 3), np.float64)
    t39 = np.empty((N,), np.float64)
    for n in range(N):
        t30 = t31[n]
        cam = pair[n, 0]
        t4 = cam + C  # line 22
        t5 = cam < 0  # line 22
        t6 = t4 if t5 else cam  # line 22
        t39_n = 0.0
        for i in range(3):
            t9 = turn[t6, i]
            t36 = t9 / t30  # line 17
            t37[n, i] = t36
            beside_ni = beside[n, i]
            t38 = t36 * beside_ni  # line 18
            t39_n += t38  # line 18
        t39[n] = t39_n
    t45 = np.zeros((3, N), np.float64)
    for n in range(N):
        t12 = beside[n, 1]
        t40 = t37[n, 2]
        t41 = t40 * t12  # line 11
        t15 = beside[n, 2]
        t42 = t37[n, 1]
        t43 = t42 * t15  # line 11
        t44 = t43 - t41  # line 11
        t45[0, n] += t44  # line 11
        t46 = t37[n, 0]
        t47 = t46 * t15  # line 11
        t22 = beside[n, 0]
        t48 = t40 * t22  # line 11
        t49 = t48 - t47  # line 11
        t45[1, n] += t49  # line 11
        t50 = t42 * t22  # line 11
        t51 = t46 * t12  # line 11
        t52 = t51 - t50  # line 11
        t45[2, n] += t52  # line 11
    p = np.empty((3, N), np.float64)
    for i in range(3):
        for n in range(N):
            t19_in = t19[i, n]
            beside_ni = beside[n, i]
            t53 = beside_ni + t19_in  # line 19
            t32 = t33[n]
            t54 = 1 - t32  # line 18
            t39_n_ = t39[n]
            t36 = t37[n, i]
            t55 = t36 * t39_n_  # line 18
            t56 = t55 * t54  # line 18
            t34 = t35[n]
            t45_in = t45[i, n]
            t57 = t45_in * t34  # line 18
            t58 = beside_ni * t32  # line 18
            t59 = t58 + t57  # line 18
            t60 = t59 + t56  # line 18
            t11_n_ = t11[n]
            t28 = t11_n_ > 0  # line 16
            p_in = t60 if t28 else t53  # line 19
            p[i, n] = p_in
    r2 = np.zeros((N,), np.float64)
    for i_ in range(2):
        for n in range(N):
            t61 = p[2, n]
            t62 = p[i_, n]
            flat = t62 / t61  # line 24
            t63 = flat * flat  # line 25
            r2[n] += t63  # line 25
    t74 = 0.0
    for i_ in range(2):
        for n in range(N):
            seen_i_n = seen[n, i_]
            t61 = p[2, n]
            t62 = p[i_, n]
            flat = t62 / t61  # line 24
            r2_n = r2[n]
            t64 = r2_n * r2_n  # line 26
            cam = pair[n, 0]
            t4 = cam + C  # line 22
            t5 = cam < 0  # line 22
            t6 = t4 if t5 else cam  # line 22
            t65 = radial[t6, 1]
            t66 = t65 * t64  # line 26
            t67 = radial[t6, 0]
            t68 = t67 * r2_n  # line 26
            t69 = 1 + t68  # line 26
            distortion = t69 + t66  # line 26
            t70 = focal[t6]
            t71 = t70 * distortion  # line 27
            t72 = t71 * flat  # line 27
            residual = t72 - seen_i_n  # line 27
            t73 = residual * residual  # line 28
            t74 += t73  # line 28
    loss = 0.5 * t74  # line 28
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(turn, centre, focal, radial, X, pair, seen):
    C = turn.shape[0]
    P = X.shape[0]
    N = pair.shape[0]
    for n in range(N):
        point = pair[n, 1]
        t1 = point + P  # line 22
        t2 = point < 0  # line 22
        t3 = t1 if t2 else point  # line 22
        if t3 < 0 or t3 >= P:
            raise IndexError(f"an index into X is out of range: point is {t3}, the length is {P} (line 22)")
        cam = pair[n, 0]
        t4 = cam + C  # line 22
        t5 = cam < 0  # line 22
        t6 = t4 if t5 else cam  # line 22
        if t6 < 0 or t6 >= C:
            raise IndexError(f"an index into centre is out of range: cam is {t6}, the length is {C} (line 22)")
    beside = np.empty((N, 3), np.float64)
    t11 = np.empty((N,), np.float64)
    for n in range(N):
        cam = pair[n, 0]
        t4 = cam + C  # line 22
        t5 = cam < 0  # line 22
        t6 = t4 if t5 else cam  # line 22
        point = pair[n, 1]
        t1 = point + P  # line 22
        t2 = point < 0  # line 22
        t3 = t1 if t2 else point  # line 22
        t11_n = 0.0
        for i in range(3):
            t7 = centre[t6, i]
            t8 = X[t3, i]
            beside_ni = t8 - t7  # line 22
            beside[n, i] = beside_ni
            t9 = turn[t6, i]
            t10 = t9 * t9  # line 15
            t11_n += t10  # line 15
        t11[n] = t11_n
    t19 = np.zeros((3, N), np.float64)
    t31 = np.empty((N,), np.float64)
    t33 = np.empty((N,), np.float64)
    t35 = np.empty((N,), np.float64)
    t37 = np.zeros((3, N), np.int64)
    t38 = np.zeros((3, N), np.int64)
    t39 = np.zeros((3, N), np.int64)
    for n in range(N):
        t12 = beside[n, 1]
        cam = pair[n, 0]
        t4 = cam + C  # line 22
        t5 = cam < 0  # line 22
        t6 = t4 if t5 else cam  # line 22
        t13 = turn[t6, 2]
        t14 = t13 * t12  # line 11
        t15 = beside[n, 2]
        t16 = turn[t6, 1]
        t17 = t16 * t15  # line 11
        t18 = t17 - t14  # line 11
        t19[0, n] += t18  # line 11
        t20 = turn[t6, 0]
        t21 = t20 * t15  # line 11
        t22 = beside[n, 0]
        t23 = t13 * t22  # line 11
        t24 = t23 - t21  # line 11
        t19[1, n] += t24  # line 11
        t25 = t16 * t22  # line 11
        t26 = t20 * t12  # line 11
        t27 = t26 - t25  # line 11
        t19[2, n] += t27  # line 11
        t11_n_ = t11[n]
        t28 = t11_n_ > 0  # line 16
        t29 = t11_n_ if t28 else 1  # line 16
        t30 = np.sqrt(t29)  # line 16
        t31[n] = t30
        t32 = np.cos(t30)  # line 18
        t33[n] = t32
        t34 = np.sin(t30)  # line 18
        t35[n] = t34
        t36 = int(t28)  # backward of line 11: take gate
        t37[0, n] += t36  # backward of line 11: take gate
        t38[2, n] += t36  # backward of line 11: take gate
        t39[1, n] += t36  # backward of line 11: take gate
    t41 = np.empty((3, N), np.float64)
    t43 = np.zeros((N,), np.float64)
    t50 = np.zeros((N,), np.bool_)
    for i in range(3):
        for n in range(N):
            t30 = t31[n]
            cam = pair[n, 0]
            t4 = cam + C  # line 22
            t5 = cam < 0  # line 22
            t6 = t4 if t5 else cam  # line 22
            t9 = turn[t6, i]
            t40 = t9 / t30  # line 17
            t41[i, n] = t40
            beside_ni = beside[n, i]
            t42 = t40 * beside_ni  # line 18
            t43[n] += t42  # line 18
            t39_in = t39[i, n]
            t44 = t39_in > 0  # backward of line 11: take gate
            t38_in = t38[i, n]
            t45 = t38_in > 0  # backward of line 11: take gate
            t37_in = t37[i, n]
            t46 = t37_in > 0  # backward of line 11: take gate
            t11_n_ = t11[n]
            t28 = t11_n_ > 0  # line 16
            t47 = t28 or t46  # backward of line 17: copy gate
            t48 = t47 or t45  # backward of line 17: copy gate
            t49 = t48 or t44  # backward of line 17: copy gate
            t50[n] = t50[n] or t49  # backward of line 17: div gate
    t56 = np.zeros((3, N), np.float64)
    for n in range(N):
        t12 = beside[n, 1]
        t51 = t41[2, n]
        t52 = t51 * t12  # line 11
        t15 = beside[n, 2]
        t53 = t41[1, n]
        t54 = t53 * t15  # line 11
        t55 = t54 - t52  # line 11
        t56[0, n] += t55  # line 11
        t57 = t41[0, n]
        t58 = t57 * t15  # line 11
        t22 = beside[n, 0]
        t59 = t51 * t22  # line 11
        t60 = t59 - t58  # line 11
        t56[1, n] += t60  # line 11
        t61 = t53 * t22  # line 11
        t62 = t57 * t12  # line 11
        t63 = t62 - t61  # line 11
        t56[2, n] += t63  # line 11
    p = np.empty((3, N), np.float64)
    for i in range(3):
        for n in range(N):
            t19_in = t19[i, n]
            beside_ni = beside[n, i]
            t64 = beside_ni + t19_in  # line 19
            t32 = t33[n]
            t65 = 1 - t32  # line 18
            t43_n = t43[n]
            t40 = t41[i, n]
            t66 = t40 * t43_n  # line 18
            t67 = t66 * t65  # line 18
            t34 = t35[n]
            t56_in = t56[i, n]
            t68 = t56_in * t34  # line 18
            t69 = beside_ni * t32  # line 18
            t70 = t69 + t68  # line 18
            t71 = t70 + t67  # line 18
            t11_n_ = t11[n]
            t28 = t11_n_ > 0  # line 16
            p_in = t71 if t28 else t64  # line 19
            p[i, n] = p_in
    r2 = np.zeros((N,), np.float64)
    for i_ in range(2):
        for n in range(N):
            t72 = p[2, n]
            t73 = p[i_, n]
            flat = t73 / t72  # line 24
            t74 = flat * flat  # line 25
            r2[n] += t74  # line 25
    residual = np.empty((2, N), np.float64)
    t85 = 0.0
    t87 = np.zeros((N,), np.float64)
    for i_ in range(2):
        for n in range(N):
            seen_i_n = seen[n, i_]
            t72 = p[2, n]
            t73 = p[i_, n]
            flat = t73 / t72  # line 24
            r2_n = r2[n]
            t75 = r2_n * r2_n  # line 26
            cam = pair[n, 0]
            t4 = cam + C  # line 22
            t5 = cam < 0  # line 22
            t6 = t4 if t5 else cam  # line 22
            t76 = radial[t6, 1]
            t77 = t76 * t75  # line 26
            t78 = radial[t6, 0]
            t79 = t78 * r2_n  # line 26
            t80 = 1 + t79  # line 26
            distortion = t80 + t77  # line 26
            t81 = focal[t6]
            t82 = t81 * distortion  # line 27
            t83 = t82 * flat  # line 27
            residual_i_n = t83 - seen_i_n  # line 27
            residual[i_, n] = residual_i_n
            t84 = residual_i_n * residual_i_n  # line 28
            t85 += t84  # line 28
            t86 = residual_i_n * flat  # backward of line 27: mul gate
            t87[n] += t86  # backward of line 27: mul gate
    loss = 0.5 * t85  # line 28
    dp = np.zeros((3, N), np.float64)
    t97 = np.zeros((N,), np.float64)
    for i_ in range(2):
        for n in range(N):
            t72 = p[2, n]
            t73 = p[i_, n]
            flat = t73 / t72  # line 24
            t88 = 2 * flat  # backward of line 25: square gate
            cam = pair[n, 0]
            t4 = cam + C  # line 22
            t5 = cam < 0  # line 22
            t6 = t4 if t5 else cam  # line 22
            t78 = radial[t6, 0]
            t81 = focal[t6]
            t87_n = t87[n]
            ddistortion = t87_n * t81  # backward of line 27: mul gate
            t89 = ddistortion * t78  # backward of line 26: mul gate
            r2_n = r2[n]
            t90 = 2 * r2_n  # backward of line 26: square gate
            t76 = radial[t6, 1]
            t91 = ddistortion * t76  # backward of line 26: mul gate
            t92 = t91 * t90  # backward of line 26: square gate
            dr2 = t92 + t89  # backward of line 25: copy gate
            t93 = dr2 * t88  # backward of line 25: square gate
            t75 = r2_n * r2_n  # line 26
            t77 = t76 * t75  # line 26
            t79 = t78 * r2_n  # line 26
            t80 = 1 + t79  # line 26
            distortion = t80 + t77  # line 26
            t82 = t81 * distortion  # line 27
            residual_i_n = residual[i_, n]
            t94 = residual_i_n * t82  # backward of line 27: mul gate
            dflat = t94 + t93  # backward of line 24: copy gate
            t95 = dflat / t72  # backward of line 24: div gate
            dp[i_, n] += t95  # backward of line 24: take gate
            t96 = t95 * flat  # backward of line 24: div gate
            t97[n] += t96  # backward of line 24: div gate
    dfocal = np.zeros((C,), np.float64)
    t100 = np.zeros((2, N), np.float64)
    for n in range(N):
        cam = pair[n, 0]
        t4 = cam + C  # line 22
        t5 = cam < 0  # line 22
        t6 = t4 if t5 else cam  # line 22
        r2_n = r2[n]
        t75 = r2_n * r2_n  # line 26
        t76 = radial[t6, 1]
        t77 = t76 * t75  # line 26
        t78 = radial[t6, 0]
        t79 = t78 * r2_n  # line 26
        t80 = 1 + t79  # line 26
        distortion = t80 + t77  # line 26
        t87_n = t87[n]
        t98 = t87_n * distortion  # backward of line 27: mul gate
        dfocal[t6] += t98  # backward of line 27: take gate
        t81 = focal[t6]
        ddistortion = t87_n * t81  # backward of line 27: mul gate
        t99 = ddistortion * t75  # backward of line 26: mul gate
        t100[1, n] += t99  # backward of line 26: take gate
        t101 = ddistortion * r2_n  # backward of line 26: mul gate
        t100[0, n] += t101  # backward of line 26: take gate
        t97_n = t97[n]
        t102 = -t97_n  # backward of line 24: div gate
        dp[2, n] += t102  # backward of line 24: take gate
    dradial = np.zeros((C, 2), np.float64)
    for i_ in range(2):
        for n in range(N):
            cam = pair[n, 0]
            t4 = cam + C  # line 22
            t5 = cam < 0  # line 22
            t6 = t4 if t5 else cam  # line 22
            t100_i_n = t100[i_, n]
            dradial[t6, i_] += t100_i_n  # backward of line 26: take gate
    t104 = np.zeros((N,), np.float64)
    t107 = np.zeros((N,), np.float64)
    t109 = np.empty((3, N), np.float64)
    t111 = np.zeros((N,), np.float64)
    t114 = np.zeros((N,), np.float64)
    for i in range(3):
        for n in range(N):
            t43_n = t43[n]
            t40 = t41[i, n]
            t66 = t40 * t43_n  # line 18
            dp_in = dp[i, n]
            t103 = dp_in * t66  # backward of line 18: mul gate
            t104[n] += t103  # backward of line 18: mul gate
            t32 = t33[n]
            t65 = 1 - t32  # line 18
            t105 = dp_in * t65  # backward of line 18: mul gate
            t106 = t105 * t40  # backward of line 18: mul gate
            t107[n] += t106  # backward of line 18: mul gate
            t34 = t35[n]
            t108 = dp_in * t34  # backward of line 18: mul gate
            t109[i, n] = t108
            t56_in = t56[i, n]
            t110 = dp_in * t56_in  # backward of line 18: mul gate
            t111[n] += t110  # backward of line 18: mul gate
            beside_ni = beside[n, i]
            t11_n_ = t11[n]
            t28 = t11_n_ > 0  # line 16
            t112 = dp_in if t28 else 0.0  # backward of line 18: mul gate
            t113 = t112 * beside_ni  # backward of line 18: mul gate
            t114[n] += t113  # backward of line 18: mul gate
    t122 = np.zeros((3, N), np.float64)
    t128 = np.zeros((3, N), np.float64)
    t132 = np.zeros((3, N), np.float64)
    t140 = np.zeros((3, N), np.float64)
    t146 = np.zeros((3, N), np.float64)
    t150 = np.zeros((3, N), np.float64)
    t159 = np.zeros((3, N), np.float64)
    t168 = np.zeros((3, N), np.float64)
    t177 = np.zeros((3, N), np.float64)
    for n in range(N):
        t15 = beside[n, 2]
        t115 = t109[1, n]
        t11_n_ = t11[n]
        t28 = t11_n_ > 0  # line 16
        t116 = t115 if t28 else 0.0  # backward of line 11: sub gate
        t117 = t116 * t15  # backward of line 11: mul gate
        t12 = beside[n, 1]
        t118 = t109[2, n]
        t119 = t118 if t28 else 0.0  # backward of line 11: sub gate
        t120 = t119 * t12  # backward of line 11: mul gate
        t121 = t120 - t117  # backward of line 11: copy gate
        t122[0, n] += t121  # backward of line 11: take gate
        t123 = t109[0, n]
        t124 = t123 if t28 else 0.0  # backward of line 11: sub gate
        t125 = t124 * t12  # backward of line 11: mul gate
        t22 = beside[n, 0]
        t126 = t116 * t22  # backward of line 11: mul gate
        t127 = t126 - t125  # backward of line 11: copy gate
        t128[2, n] += t127  # backward of line 11: take gate
        t129 = t119 * t22  # backward of line 11: mul gate
        t130 = t124 * t15  # backward of line 11: mul gate
        t131 = t130 - t129  # backward of line 11: copy gate
        t132[1, n] += t131  # backward of line 11: take gate
        t133 = dp[1, n]
        t134 = 0.0 if t28 else t133  # backward of line 11: sub gate
        t135 = t134 * t15  # backward of line 11: mul gate
        t136 = dp[2, n]
        t137 = 0.0 if t28 else t136  # backward of line 11: sub gate
        t138 = t137 * t12  # backward of line 11: mul gate
        t139 = t138 - t135  # backward of line 11: copy gate
        t140[0, n] += t139  # backward of line 11: take gate
        t141 = dp[0, n]
        t142 = 0.0 if t28 else t141  # backward of line 11: sub gate
        t143 = t142 * t12  # backward of line 11: mul gate
        t144 = t134 * t22  # backward of line 11: mul gate
        t145 = t144 - t143  # backward of line 11: copy gate
        t146[2, n] += t145  # backward of line 11: take gate
        t147 = t137 * t22  # backward of line 11: mul gate
        t148 = t142 * t15  # backward of line 11: mul gate
        t149 = t148 - t147  # backward of line 11: copy gate
        t150[1, n] += t149  # backward of line 11: take gate
        cam = pair[n, 0]
        t4 = cam + C  # line 22
        t5 = cam < 0  # line 22
        t6 = t4 if t5 else cam  # line 22
        t13 = turn[t6, 2]
        t151 = t134 * t13  # backward of line 11: mul gate
        t16 = turn[t6, 1]
        t152 = t137 * t16  # backward of line 11: mul gate
        t53 = t41[1, n]
        t153 = t119 * t53  # backward of line 11: mul gate
        t51 = t41[2, n]
        t154 = t115 * t51  # backward of line 11: mul gate
        t155 = t154 - t153  # backward of line 11: copy gate
        t156 = t155 if t28 else 0.0  # backward of line 11: copy gate
        t157 = t156 - t152  # backward of line 11: copy gate
        t158 = t157 + t151  # backward of line 11: copy gate
        t159[0, n] += t158  # backward of line 11: take gate
        t160 = t142 * t13  # backward of line 11: mul gate
        t20 = turn[t6, 0]
        t161 = t137 * t20  # backward of line 11: mul gate
        t162 = t124 * t51  # backward of line 11: mul gate
        t57 = t41[0, n]
        t163 = t118 * t57  # backward of line 11: mul gate
        t164 = t163 - t162  # backward of line 11: copy gate
        t165 = t164 if t28 else 0.0  # backward of line 11: copy gate
        t166 = t165 + t161  # backward of line 11: copy gate
        t167 = t166 - t160  # backward of line 11: copy gate
        t168[1, n] += t167  # backward of line 11: take gate
        t169 = t142 * t16  # backward of line 11: mul gate
        t170 = t134 * t20  # backward of line 11: mul gate
        t171 = t116 * t57  # backward of line 11: mul gate
        t172 = t123 * t53  # backward of line 11: mul gate
        t173 = t172 - t171  # backward of line 11: copy gate
        t174 = t173 if t28 else 0.0  # backward of line 11: copy gate
        t175 = t174 - t170  # backward of line 11: copy gate
        t176 = t175 + t169  # backward of line 11: copy gate
        t177[2, n] += t176  # backward of line 11: take gate
    t187 = np.empty((3, N), np.float64)
    t190 = np.zeros((N,), np.float64)
    dcentre = np.zeros((C, 3), np.float64)
    dX = np.zeros((P, 3), np.float64)
    for i in range(3):
        for n in range(N):
            t30 = t31[n]
            t132_in = t132[i, n]
            t128_in = t128[i, n]
            t122_in = t122[i, n]
            beside_ni = beside[n, i]
            t107_n = t107[n]
            t11_n_ = t11[n]
            t28 = t11_n_ > 0  # line 16
            t178 = t107_n if t28 else 0.0  # backward of line 18: mul gate
            t179 = t178 * beside_ni  # backward of line 18: mul gate
            t43_n = t43[n]
            t32 = t33[n]
            t65 = 1 - t32  # line 18
            dp_in = dp[i, n]
            t105 = dp_in * t65  # backward of line 18: mul gate
            t180 = t105 * t43_n  # backward of line 18: mul gate
            t181 = t180 + t179  # backward of line 17: copy gate
            t182 = t181 if t28 else 0.0  # backward of line 17: copy gate
            t183 = t182 + t122_in  # backward of line 17: copy gate
            t184 = t183 + t128_in  # backward of line 17: copy gate
            t185 = t184 + t132_in  # backward of line 17: copy gate
            t186 = t185 / t30  # backward of line 17: div gate
            t187[i, n] = t186
            t40 = t41[i, n]
            t188 = t186 * t40  # backward of line 17: div gate
            t39_in = t39[i, n]
            t44 = t39_in > 0  # backward of line 11: take gate
            t38_in = t38[i, n]
            t45 = t38_in > 0  # backward of line 11: take gate
            t37_in = t37[i, n]
            t46 = t37_in > 0  # backward of line 11: take gate
            t47 = t28 or t46  # backward of line 17: copy gate
            t48 = t47 or t45  # backward of line 17: copy gate
            t49 = t48 or t44  # backward of line 17: copy gate
            t189 = t188 if t49 else 0  # backward of line 17: div gate
            t190[n] += t189  # backward of line 17: div gate
            cam = pair[n, 0]
            t4 = cam + C  # line 22
            t5 = cam < 0  # line 22
            t6 = t4 if t5 else cam  # line 22
            t177_in = t177[i, n]
            t168_in = t168[i, n]
            t159_in = t159[i, n]
            t191 = 0.0 if t28 else dp_in  # backward of line 22: copy gate
            t192 = dp_in * t32  # backward of line 18: mul gate
            t193 = t107_n * t40  # backward of line 18: mul gate
            t194 = t193 + t192  # backward of line 22: copy gate
            t195 = t194 if t28 else 0.0  # backward of line 22: copy gate
            t196 = t195 + t191  # backward of line 22: copy gate
            t197 = t196 + t159_in  # backward of line 22: copy gate
            t198 = t197 + t168_in  # backward of line 22: copy gate
            dbeside = t198 + t177_in  # backward of line 22: copy gate
            t199 = -dbeside  # backward of line 22: sub gate
            dcentre[t6, i] += t199  # backward of line 22: take gate
            point = pair[n, 1]
            t1 = point + P  # line 22
            t2 = point < 0  # line 22
            t3 = t1 if t2 else point  # line 22
            dX[t3, i] += dbeside  # backward of line 22: take gate
    t212 = np.empty((N,), np.float64)
    for n in range(N):
        t30 = t31[n]
        t200 = 0.5 / t30  # backward of line 16: sqrt gate
        t190_n = t190[n]
        t104_n = t104[n]
        t11_n_ = t11[n]
        t28 = t11_n_ > 0  # line 16
        t201 = t104_n if t28 else 0.0  # backward of line 18: sub gate
        t114_n = t114[n]
        t202 = t114_n - t201  # backward of line 18: copy gate
        t34 = t35[n]
        t203 = t34 * t202  # backward of line 18: cos gate
        t32 = t33[n]
        t111_n = t111[n]
        t204 = t111_n * t32  # backward of line 18: sin gate
        t205 = t204 - t203  # backward of line 16: copy gate
        t206 = t205 if t28 else 0.0  # backward of line 16: copy gate
        t207 = t206 - t190_n  # backward of line 16: copy gate
        t208 = t207 * t200  # backward of line 16: sqrt gate
        t50_n = t50[n]
        t209 = t28 or t50_n  # backward of line 16: copy gate
        t210 = t209 and t28  # backward of line 16: where gate
        t211 = t208 if t210 else 0.0  # backward of line 15: square gate
        t212[n] = t211
    dturn = np.zeros((C, 3), np.float64)
    for i in range(3):
        for n in range(N):
            cam = pair[n, 0]
            t4 = cam + C  # line 22
            t5 = cam < 0  # line 22
            t6 = t4 if t5 else cam  # line 22
            t150_in = t150[i, n]
            t146_in = t146[i, n]
            t140_in = t140[i, n]
            t9 = turn[t6, i]
            t213 = 2 * t9  # backward of line 15: square gate
            t211 = t212[n]
            t214 = t211 * t213  # backward of line 15: square gate
            t186 = t187[i, n]
            t39_in = t39[i, n]
            t44 = t39_in > 0  # backward of line 11: take gate
            t38_in = t38[i, n]
            t45 = t38_in > 0  # backward of line 11: take gate
            t37_in = t37[i, n]
            t46 = t37_in > 0  # backward of line 11: take gate
            t11_n_ = t11[n]
            t28 = t11_n_ > 0  # line 16
            t47 = t28 or t46  # backward of line 17: copy gate
            t48 = t47 or t45  # backward of line 17: copy gate
            t49 = t48 or t44  # backward of line 17: copy gate
            t215 = t186 if t49 else 0.0  # backward of line 23: copy gate
            t216 = t215 + t214  # backward of line 23: copy gate
            t217 = t216 + t140_in  # backward of line 23: copy gate
            t218 = t217 + t146_in  # backward of line 23: copy gate
            t219 = t218 + t150_in  # backward of line 23: copy gate
            dturn[t6, i] += t219  # backward of line 23: take gate
    return (loss, dturn, dcentre, dfocal, dradial, dX)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    turn: np.ndarray  # [C, 3]
    centre: np.ndarray  # [C, 3]
    focal: np.ndarray  # [C]
    radial: np.ndarray  # [C, 2]
    X: np.ndarray  # [P, 3]


def value(turn, centre, focal, radial, X, pair, seen):
    """Return loss."""
    return value_kernel(*_checked(turn, centre, focal, radial, X, pair, seen))[0]


def value_and_grad(turn, centre, focal, radial, X, pair, seen):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(turn, centre, focal, radial, X, pair, seen))
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


def _checked(turn, centre, focal, radial, X, pair, seen):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    turn = _real("turn", turn, ("C", "3"))
    centre = _real("centre", centre, ("C", "3"))
    focal = _real("focal", focal, ("C",))
    radial = _real("radial", radial, ("C", "2"))
    X = _real("X", X, ("P", "3"))
    pair = _integer("pair", pair, ("N", "2"))
    seen = _real("seen", seen, ("N", "2"))
    C = turn.shape[0]
    P = X.shape[0]
    N = pair.shape[0]
    if turn.shape[1] != 3:
        raise ValueError(f"turn has {turn.shape[1]} columns, but must have 3")
    if centre.shape[0] != C:
        raise ValueError(f"centre has {centre.shape[0]} rows, but C = {C} from turn")
    if centre.shape[1] != 3:
        raise ValueError(f"centre has {centre.shape[1]} columns, but must have 3")
    if focal.shape[0] != C:
        raise ValueError(f"focal has {focal.shape[0]} elements, but C = {C} from turn")
    if radial.shape[0] != C:
        raise ValueError(f"radial has {radial.shape[0]} rows, but C = {C} from turn")
    if radial.shape[1] != 2:
        raise ValueError(f"radial has {radial.shape[1]} columns, but must have 2")
    if X.shape[1] != 3:
        raise ValueError(f"X has {X.shape[1]} columns, but must have 3")
    if pair.shape[1] != 2:
        raise ValueError(f"pair has {pair.shape[1]} columns, but must have 2")
    if seen.shape[0] != N:
        raise ValueError(f"seen has {seen.shape[0]} rows, but N = {N} from pair")
    if seen.shape[1] != 2:
        raise ValueError(f"seen has {seen.shape[1]} columns, but must have 2")
    return turn, centre, focal, radial, X, pair, seen
