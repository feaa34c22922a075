# Made by gradcompile 0.1.0 from examples/reprojection.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 426dce4b6e9a8f04c2c9b3eadbd2e39bf445c316c72c6c0a4f0cbe280d9c9e6c
# options: --target numba --emit value,jacobian,objective,pack --sparse
# operations: value 106*N; jacobian 828*N + 40
# jacobian: reverse mode, 828*N + 40 operations; the other mode takes 1449*N + 36; 24*N numbers, the others are 0 by their axes
# --- certificate ---
# graph: value residual: proved (sympy), equal to the formula, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: jacobian.residual.turn: agrees (finite differences), to 50 digits at 3 points
# graph: jacobian.residual.centre: agrees (finite differences), to 50 digits at 3 points
# graph: jacobian.residual.focal: agrees (finite differences), to 50 digits at 3 points
# graph: jacobian.residual.radial: agrees (finite differences), to 50 digits at 3 points
# graph: jacobian.residual.X: agrees (finite differences), to 50 digits at 3 points
# code: C = 4, P = 5, N = 6: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: C = 0: agrees, the formula is undefined (an index into turn is out of range: cam[n] is 2, the length is 0 (line 29)), and the module says so
# code: P = 0: agrees, the formula is undefined (an index into turn is out of range: cam[n] is 4, the length is 4 (line 29)), and the module says so
# code: N = 0: agrees, within 2^0 units in the last place
# code: C = 9: agrees, within 2^0 units in the last place
# code: P = 7: agrees, within 2^0 units in the last place
# code: N = 11: agrees, within 2^0 units in the last place
# code: pair out of range: agrees, the module says so
# claim, line 32: agrees (mpmath), grad(sum(residual), focal) == [sum(sum((residual[n] + seen[n]) / focal[c]) for n in range(N) if cam[n] == c) for c in range(C)]
# --- end of certificate ---

"""Bundle adjustment as residuals: where a camera sees a point, less where it was seen, for each observation.

    from reprojection import value, jacobian
    residual = value(turn, centre, focal, radial, X, pair, seen)
    J = jacobian(turn, centre, focal, radial, X, pair, seen)

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
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        if t3 < 0 or t3 >= C:
            raise IndexError(f"an index into turn is out of range: cam[n] is {t3}, the length is {C} (line 29)")
        point = pair[n, 1]
        t4 = point + P  # line 29
        t5 = point < 0  # line 29
        t6 = t4 if t5 else point  # line 29
        if t6 < 0 or t6 >= P:
            raise IndexError(f"an index into X is out of range: point[n] is {t6}, the length is {P} (line 29)")
    t10 = np.empty((N, 3), np.float64)
    t13 = np.empty((N,), np.float64)
    for n in range(N):
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        point = pair[n, 1]
        t4 = point + P  # line 29
        t5 = point < 0  # line 29
        t6 = t4 if t5 else point  # line 29
        t13_n = 0.0
        for i in range(3):
            t7 = centre[t3, i]
            t8 = X[t6, i]
            t9 = t8 - t7  # line 22
            t10[n, i] = t9
            t11 = turn[t3, i]
            t12 = t11 * t11  # line 15
            t13_n += t12  # line 15
        t13[n] = t13_n
    t21 = np.zeros((3, N), np.float64)
    t33 = np.empty((N,), np.float64)
    t35 = np.empty((N,), np.float64)
    t37 = np.empty((N,), np.float64)
    for n in range(N):
        t14 = t10[n, 1]
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        t15 = turn[t3, 2]
        t16 = t15 * t14  # line 11
        t17 = t10[n, 2]
        t18 = turn[t3, 1]
        t19 = t18 * t17  # line 11
        t20 = t19 - t16  # line 11
        t21[0, n] += t20  # line 11
        t22 = turn[t3, 0]
        t23 = t22 * t17  # line 11
        t24 = t10[n, 0]
        t25 = t15 * t24  # line 11
        t26 = t25 - t23  # line 11
        t21[1, n] += t26  # line 11
        t27 = t18 * t24  # line 11
        t28 = t22 * t14  # line 11
        t29 = t28 - t27  # line 11
        t21[2, n] += t29  # line 11
        t13_n_ = t13[n]
        t30 = t13_n_ > 0  # line 16
        t31 = t13_n_ if t30 else 1  # line 16
        t32 = np.sqrt(t31)  # line 16
        t33[n] = t32
        t34 = np.cos(t32)  # line 18
        t35[n] = t34
        t36 = np.sin(t32)  # line 18
        t37[n] = t36
    t39 = np.empty((N, 3), np.float64)
    t41 = np.empty((N,), np.float64)
    for n in range(N):
        t32 = t33[n]
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        t41_n = 0.0
        for i in range(3):
            t11 = turn[t3, i]
            t38 = t11 / t32  # line 17
            t39[n, i] = t38
            t9 = t10[n, i]
            t40 = t38 * t9  # line 18
            t41_n += t40  # line 18
        t41[n] = t41_n
    t47 = np.zeros((3, N), np.float64)
    for n in range(N):
        t14 = t10[n, 1]
        t42 = t39[n, 2]
        t43 = t42 * t14  # line 11
        t17 = t10[n, 2]
        t44 = t39[n, 1]
        t45 = t44 * t17  # line 11
        t46 = t45 - t43  # line 11
        t47[0, n] += t46  # line 11
        t48 = t39[n, 0]
        t49 = t48 * t17  # line 11
        t24 = t10[n, 0]
        t50 = t42 * t24  # line 11
        t51 = t50 - t49  # line 11
        t47[1, n] += t51  # line 11
        t52 = t44 * t24  # line 11
        t53 = t48 * t14  # line 11
        t54 = t53 - t52  # line 11
        t47[2, n] += t54  # line 11
    t64 = np.empty((3, N), np.float64)
    for i in range(3):
        for n in range(N):
            t21_in = t21[i, n]
            t9 = t10[n, i]
            t55 = t9 + t21_in  # line 19
            t34 = t35[n]
            t56 = 1 - t34  # line 18
            t41_n_ = t41[n]
            t38 = t39[n, i]
            t57 = t38 * t41_n_  # line 18
            t58 = t57 * t56  # line 18
            t36 = t37[n]
            t47_in = t47[i, n]
            t59 = t47_in * t36  # line 18
            t60 = t9 * t34  # line 18
            t61 = t60 + t59  # line 18
            t62 = t61 + t58  # line 18
            t13_n_ = t13[n]
            t30 = t13_n_ > 0  # line 16
            t63 = t62 if t30 else t55  # line 19
            t64[i, n] = t63
    t69 = np.zeros((N,), np.float64)
    for i_ in range(2):
        for n in range(N):
            t65 = t64[2, n]
            t66 = t64[i_, n]
            t67 = t66 / t65  # line 23
            t68 = t67 * t67  # line 24
            t69[n] += t68  # line 24
    residual = np.empty((N, 2), np.float64)
    for i_ in range(2):
        for n in range(N):
            seen_i_n = seen[n, i_]
            t65 = t64[2, n]
            t66 = t64[i_, n]
            t67 = t66 / t65  # line 23
            t69_n = t69[n]
            t70 = t69_n * t69_n  # line 25
            cam = pair[n, 0]
            t1 = cam + C  # line 29
            t2 = cam < 0  # line 29
            t3 = t1 if t2 else cam  # line 29
            t71 = radial[t3, 1]
            t72 = t71 * t70  # line 25
            t73 = radial[t3, 0]
            t74 = t73 * t69_n  # line 25
            t75 = 1 + t74  # line 25
            t76 = t75 + t72  # line 25
            t77 = focal[t3]
            t78 = t77 * t76  # line 25
            t79 = t78 * t67  # line 25
            residual_i_n = t79 - seen_i_n  # line 29
            residual[n, i_] = residual_i_n
    return (residual,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def jacobian_kernel(turn, centre, focal, radial, X, pair, seen):
    C = turn.shape[0]
    P = X.shape[0]
    N = pair.shape[0]
    for n in range(N):
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        if t3 < 0 or t3 >= C:
            raise IndexError(f"an index into turn is out of range: cam[n] is {t3}, the length is {C} (line 29)")
        point = pair[n, 1]
        t4 = point + P  # line 29
        t5 = point < 0  # line 29
        t6 = t4 if t5 else point  # line 29
        if t6 < 0 or t6 >= P:
            raise IndexError(f"an index into X is out of range: point[n] is {t6}, the length is {P} (line 29)")
    t10 = np.empty((N, 3), np.float64)
    t13 = np.empty((N,), np.float64)
    for n in range(N):
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        point = pair[n, 1]
        t4 = point + P  # line 29
        t5 = point < 0  # line 29
        t6 = t4 if t5 else point  # line 29
        t13_n = 0.0
        for i in range(3):
            t7 = centre[t3, i]
            t8 = X[t6, i]
            t9 = t8 - t7  # line 22
            t10[n, i] = t9
            t11 = turn[t3, i]
            t12 = t11 * t11  # line 15
            t13_n += t12  # line 15
        t13[n] = t13_n
    t21 = np.zeros((3, N), np.float64)
    t33 = np.empty((N,), np.float64)
    t35 = np.empty((N,), np.float64)
    t37 = np.empty((N,), np.float64)
    for n in range(N):
        t14 = t10[n, 1]
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        t15 = turn[t3, 2]
        t16 = t15 * t14  # line 11
        t17 = t10[n, 2]
        t18 = turn[t3, 1]
        t19 = t18 * t17  # line 11
        t20 = t19 - t16  # line 11
        t21[0, n] += t20  # line 11
        t22 = turn[t3, 0]
        t23 = t22 * t17  # line 11
        t24 = t10[n, 0]
        t25 = t15 * t24  # line 11
        t26 = t25 - t23  # line 11
        t21[1, n] += t26  # line 11
        t27 = t18 * t24  # line 11
        t28 = t22 * t14  # line 11
        t29 = t28 - t27  # line 11
        t21[2, n] += t29  # line 11
        t13_n_ = t13[n]
        t30 = t13_n_ > 0  # line 16
        t31 = t13_n_ if t30 else 1  # line 16
        t32 = np.sqrt(t31)  # line 16
        t33[n] = t32
        t34 = np.cos(t32)  # line 18
        t35[n] = t34
        t36 = np.sin(t32)  # line 18
        t37[n] = t36
    t39 = np.empty((3, N), np.float64)
    t41 = np.zeros((N,), np.float64)
    t51 = np.empty((3, N), np.bool_)
    t56 = np.empty((3, N), np.bool_)
    t58 = np.empty((3, N), np.bool_)
    t60 = np.empty((3, N), np.bool_)
    for i in range(3):
        t42 = i == 1  # backward of line 23: take gate
        t44 = i == 2  # backward of line 23: take gate
        t46 = i == 0  # backward of line 23: take gate
        for n in range(N):
            t32 = t33[n]
            cam = pair[n, 0]
            t1 = cam + C  # line 29
            t2 = cam < 0  # line 29
            t3 = t1 if t2 else cam  # line 29
            t11 = turn[t3, i]
            t38 = t11 / t32  # line 17
            t39[i, n] = t38
            t9 = t10[n, i]
            t40 = t38 * t9  # line 18
            t41[n] += t40  # line 18
            t13_n_ = t13[n]
            t30 = t13_n_ > 0  # line 16
            t43 = t30 and t42  # backward of line 23: take gate
            t45 = t30 and t44  # backward of line 23: take gate
            t47 = t30 and t46  # backward of line 23: take gate
            t48 = t30 or t47  # backward of line 17: div gate
            t49 = t48 or t45  # backward of line 17: div gate
            t50 = t49 or t43  # backward of line 17: div gate
            t51[i, n] = t50
            t52 = not t30  # backward of line 19: where gate
            t53 = t30 or t52  # backward of line 11: take gate
            t54 = t53 or t52  # backward of line 11: take gate
            t55 = t54 and t44  # backward of line 22: sub gate
            t56[i, n] = t55
            t57 = t54 and t42  # backward of line 22: sub gate
            t58[i, n] = t57
            t59 = t54 and t46  # backward of line 22: sub gate
            t60[i, n] = t59
    t66 = np.zeros((3, N), np.float64)
    t71 = np.zeros((3, N), np.float64)
    t75 = np.zeros((3, N), np.float64)
    for n in range(N):
        t14 = t10[n, 1]
        t61 = t39[2, n]
        t62 = t61 * t14  # line 11
        t17 = t10[n, 2]
        t63 = t39[1, n]
        t64 = t63 * t17  # line 11
        t65 = t64 - t62  # line 11
        t66[0, n] += t65  # line 11
        t67 = t39[0, n]
        t68 = t67 * t17  # line 11
        t24 = t10[n, 0]
        t69 = t61 * t24  # line 11
        t70 = t69 - t68  # line 11
        t71[1, n] += t70  # line 11
        t72 = t63 * t24  # line 11
        t73 = t67 * t14  # line 11
        t74 = t73 - t72  # line 11
        t75[2, n] += t74  # line 11
    t87 = np.empty((3, N), np.float64)
    for i in range(3):
        for n in range(N):
            t21_in = t21[i, n]
            t9 = t10[n, i]
            t76 = t9 + t21_in  # line 19
            t34 = t35[n]
            t77 = 1 - t34  # line 18
            t41_n = t41[n]
            t38 = t39[i, n]
            t78 = t38 * t41_n  # line 18
            t79 = t78 * t77  # line 18
            t36 = t37[n]
            t75_in = t75[i, n]
            t71_in = t71[i, n]
            t66_in = t66[i, n]
            t80 = t66_in + t71_in  # line 11
            t81 = t80 + t75_in  # line 11
            t82 = t81 * t36  # line 18
            t83 = t9 * t34  # line 18
            t84 = t83 + t82  # line 18
            t85 = t84 + t79  # line 18
            t13_n_ = t13[n]
            t30 = t13_n_ > 0  # line 16
            t86 = t85 if t30 else t76  # line 19
            t87[i, n] = t86
    t92 = np.zeros((N,), np.float64)
    for i_ in range(2):
        for n in range(N):
            t88 = t87[2, n]
            t89 = t87[i_, n]
            t90 = t89 / t88  # line 23
            t91 = t90 * t90  # line 24
            t92[n] += t91  # line 24
    t94 = np.empty((2, N), np.float64)
    for i4 in range(2):
        for n in range(N):
            t93 = t87[i4, n]
            t94[i4, n] = t93
    t104 = np.empty((2, N), np.float64)
    J_residual_focal = np.empty((N, 2), np.float64)
    for i_ in range(2):
        for n in range(N):
            cam = pair[n, 0]
            t1 = cam + C  # line 29
            t2 = cam < 0  # line 29
            t3 = t1 if t2 else cam  # line 29
            t95 = radial[t3, 0]
            t96 = focal[t3]
            t88 = t87[2, n]
            t89 = t87[i_, n]
            t90 = t89 / t88  # line 23
            t97 = t90 * t96  # backward of line 25: mul gate
            t98 = t97 * t95  # backward of line 25: mul gate
            t92_n = t92[n]
            t99 = 2 * t92_n  # backward of line 25: square gate
            t100 = radial[t3, 1]
            t101 = t97 * t100  # backward of line 25: mul gate
            t102 = t101 * t99  # backward of line 25: square gate
            t103 = t102 + t98  # backward of line 24: sum gate
            t104[i_, n] = t103
            t105 = t92_n * t92_n  # line 25
            t106 = t100 * t105  # line 25
            t107 = t95 * t92_n  # line 25
            t108 = 1 + t107  # line 25
            t109 = t108 + t106  # line 25
            J_residual_focal_i_n = t90 * t109  # backward of line 25: mul gate
            J_residual_focal[n, i_] = J_residual_focal_i_n
    J_residual_radial = np.empty((N, 2, 2), np.float64)
    for i_ in range(2):
        t114 = i_ == 0  # backward of line 23: take gate
        t117 = i_ == 1  # backward of line 23: take gate
        for i1 in range(2):
            for n in range(N):
                t92_n = t92[n]
                cam = pair[n, 0]
                t1 = cam + C  # line 29
                t2 = cam < 0  # line 29
                t3 = t1 if t2 else cam  # line 29
                t96 = focal[t3]
                t88 = t87[2, n]
                t110 = t87[i1, n]
                t111 = t110 / t88  # line 23
                t112 = t111 * t96  # backward of line 25: mul gate
                t113 = t112 * t92_n  # backward of line 25: mul gate
                t115 = t113 if t114 else 0.0  # backward of line 29: take gate
                t105 = t92_n * t92_n  # line 25
                t116 = t112 * t105  # backward of line 25: mul gate
                t118 = t116 if t117 else 0.0  # backward of line 29: take gate
                J_residual_radial_i_i1n = t118 + t115  # backward of line 29: take gate
                J_residual_radial[n, i_, i1] = J_residual_radial_i_i1n
    t121 = np.empty((N,), np.float64)
    for n in range(N):
        t88 = t87[2, n]
        t92_n = t92[n]
        t105 = t92_n * t92_n  # line 25
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        t100 = radial[t3, 1]
        t106 = t100 * t105  # line 25
        t95 = radial[t3, 0]
        t107 = t95 * t92_n  # line 25
        t108 = 1 + t107  # line 25
        t109 = t108 + t106  # line 25
        t96 = focal[t3]
        t119 = t96 * t109  # line 25
        t120 = t119 / t88  # backward of line 23: div gate
        t121[n] = t120
    t124 = np.empty((2, N), np.float64)
    for i4 in range(2):
        for n in range(N):
            t88 = t87[2, n]
            t93 = t94[i4, n]
            t122 = t93 / t88  # line 23
            t123 = t122 / t88  # backward of line 23: div gate
            t124[i4, n] = t123
    t128 = np.empty((3, N), np.float64)
    t138 = np.empty((3, N), np.bool_)
    t139 = np.zeros((N,), np.bool_)
    for i3 in range(3):
        t129 = i3 == 1  # backward of line 23: take gate
        t131 = i3 == 2  # backward of line 23: take gate
        t133 = i3 == 0  # backward of line 23: take gate
        for n in range(N):
            t32 = t33[n]
            cam = pair[n, 0]
            t1 = cam + C  # line 29
            t2 = cam < 0  # line 29
            t3 = t1 if t2 else cam  # line 29
            t125 = turn[t3, i3]
            t126 = t125 / t32  # line 17
            t127 = t126 / t32  # backward of line 17: div gate
            t128[i3, n] = t127
            t13_n_ = t13[n]
            t30 = t13_n_ > 0  # line 16
            t130 = t30 and t129  # backward of line 17: div gate
            t132 = t30 and t131  # backward of line 17: div gate
            t134 = t30 and t133  # backward of line 17: div gate
            t135 = t30 or t134  # backward of line 17: div gate
            t136 = t135 or t132  # backward of line 17: div gate
            t137 = t136 or t130  # backward of line 17: div gate
            t138[i3, n] = t137
            t139[n] = t139[n] or t137  # backward of line 17: div gate
    t143 = np.zeros((2, N), np.float64)
    for i4 in range(2):
        for i_ in range(2):
            for n in range(N):
                t88 = t87[2, n]
                t93 = t94[i4, n]
                t122 = t93 / t88  # line 23
                t140 = 2 * t122  # backward of line 24: square gate
                t103 = t104[i_, n]
                t141 = t103 * t140  # backward of line 24: square gate
                t123 = t124[i4, n]
                t142 = t123 * t141  # backward of line 23: div gate
                t143[i_, n] += t142  # backward of line 23: div gate
    t158 = np.empty((2, 3, N), np.float64)
    t160 = np.empty((2, 3, N), np.float64)
    for i_ in range(2):
        for i in range(3):
            t144 = i < 2  # backward of line 19: where gate
            t44 = i == 2  # backward of line 23: take gate
            t154 = i == i_  # backward of line 19: where gate
            for n in range(N):
                t88 = t87[2, n]
                t145 = t94[i, n] if t144 else 0.0
                t146 = t145 / t88  # line 23
                t147 = 2 * t146  # backward of line 24: square gate
                t103 = t104[i_, n]
                t148 = t103 * t147  # backward of line 24: square gate
                t149 = t148 / t88  # backward of line 23: div gate
                t150 = t149 if t144 else 0.0  # backward of line 19: where gate
                t143_i_n = t143[i_, n]
                t89 = t87[i_, n]
                t90 = t89 / t88  # line 23
                t120 = t121[n]
                t151 = t120 * t90  # backward of line 23: div gate
                t152 = t151 + t143_i_n  # backward of line 23: take gate
                t153 = t152 if t44 else 0  # backward of line 19: where gate
                t155 = t120 if t154 else 0.0  # backward of line 19: where gate
                t156 = t155 - t153  # backward of line 19: where gate
                t157 = t156 + t150  # backward of line 19: where gate
                t158[i_, i, n] = t157
                t36 = t37[n]
                t159 = t157 * t36  # backward of line 18: mul gate
                t160[i_, i, n] = t159
    t176 = np.zeros((2, N), np.float64)
    t182 = np.zeros((2, N), np.float64)
    t186 = np.zeros((2, N), np.float64)
    t191 = np.zeros((2, N), np.float64)
    for i_ in range(2):
        for i3 in range(3):
            t161 = i3 < 2  # backward of line 19: where gate
            t131 = i3 == 2  # backward of line 23: take gate
            t169 = i3 == i_  # backward of line 19: where gate
            for n in range(N):
                t32 = t33[n]
                cam = pair[n, 0]
                t1 = cam + C  # line 29
                t2 = cam < 0  # line 29
                t3 = t1 if t2 else cam  # line 29
                t125 = turn[t3, i3]
                t126 = t125 / t32  # line 17
                t34 = t35[n]
                t77 = 1 - t34  # line 18
                t88 = t87[2, n]
                t162 = t94[i3, n] if t161 else 0.0
                t163 = t162 / t88  # line 23
                t164 = 2 * t163  # backward of line 24: square gate
                t103 = t104[i_, n]
                t165 = t103 * t164  # backward of line 24: square gate
                t166 = t165 / t88  # backward of line 23: div gate
                t167 = t166 if t161 else 0.0  # backward of line 19: where gate
                t143_i_n = t143[i_, n]
                t89 = t87[i_, n]
                t90 = t89 / t88  # line 23
                t120 = t121[n]
                t151 = t120 * t90  # backward of line 23: div gate
                t152 = t151 + t143_i_n  # backward of line 23: take gate
                t168 = t152 if t131 else 0  # backward of line 19: where gate
                t170 = t120 if t169 else 0.0  # backward of line 19: where gate
                t171 = t170 - t168  # backward of line 19: where gate
                t172 = t171 + t167  # backward of line 19: where gate
                t173 = t172 * t77  # backward of line 18: mul gate
                t174 = t173 * t126  # backward of line 18: mul gate
                t13_n_ = t13[n]
                t30 = t13_n_ > 0  # line 16
                t175 = t174 if t30 else 0.0  # backward of line 18: mul gate
                t176[i_, n] += t175  # backward of line 18: mul gate
                t177 = centre[t3, i3]
                point = pair[n, 1]
                t4 = point + P  # line 29
                t5 = point < 0  # line 29
                t6 = t4 if t5 else point  # line 29
                t178 = X[t6, i3]
                t179 = t178 - t177  # line 22
                t180 = t172 if t30 else 0.0  # backward of line 18: mul gate
                t181 = t180 * t179  # backward of line 18: mul gate
                t182[i_, n] += t181  # backward of line 18: mul gate
                t41_n = t41[n]
                t183 = t126 * t41_n  # line 18
                t184 = t172 * t183  # backward of line 18: mul gate
                t185 = t184 if t30 else 0.0  # backward of line 18: mul gate
                t186[i_, n] += t185  # backward of line 18: mul gate
                t75_i3n = t75[i3, n]
                t71_i3n = t71[i3, n]
                t66_i3n = t66[i3, n]
                t187 = t66_i3n + t71_i3n  # line 11
                t188 = t187 + t75_i3n  # line 11
                t189 = t172 * t188  # backward of line 18: mul gate
                t190 = t189 if t30 else 0.0  # backward of line 18: mul gate
                t191[i_, n] += t190  # backward of line 18: mul gate
    t219 = np.zeros((2, N), np.float64)
    for i_ in range(2):
        for i3 in range(3):
            t129 = i3 == 1  # backward of line 23: take gate
            t131 = i3 == 2  # backward of line 23: take gate
            t133 = i3 == 0  # backward of line 23: take gate
            t161 = i3 < 2  # backward of line 19: where gate
            t169 = i3 == i_  # backward of line 19: where gate
            for n in range(N):
                t24 = t10[n, 0]
                t192 = t160[i_, 2, n]
                t13_n_ = t13[n]
                t30 = t13_n_ > 0  # line 16
                t193 = t192 if t30 else 0.0  # backward of line 11: sub gate
                t194 = t193 * t24  # backward of line 11: mul gate
                t17 = t10[n, 2]
                t195 = t160[i_, 0, n]
                t196 = t195 if t30 else 0.0  # backward of line 11: sub gate
                t197 = t196 * t17  # backward of line 11: mul gate
                t198 = t197 - t194  # backward of line 11: take gate
                t130 = t30 and t129  # backward of line 17: div gate
                t199 = t198 if t130 else 0.0  # backward of line 17: div gate
                t14 = t10[n, 1]
                t200 = t196 * t14  # backward of line 11: mul gate
                t201 = t160[i_, 1, n]
                t202 = t201 if t30 else 0.0  # backward of line 11: sub gate
                t203 = t202 * t24  # backward of line 11: mul gate
                t204 = t203 - t200  # backward of line 11: take gate
                t132 = t30 and t131  # backward of line 17: div gate
                t205 = t204 if t132 else 0.0  # backward of line 17: div gate
                t206 = t202 * t17  # backward of line 11: mul gate
                t207 = t193 * t14  # backward of line 11: mul gate
                t208 = t207 - t206  # backward of line 11: take gate
                t134 = t30 and t133  # backward of line 17: div gate
                t209 = t208 if t134 else 0.0  # backward of line 17: div gate
                cam = pair[n, 0]
                t1 = cam + C  # line 29
                t2 = cam < 0  # line 29
                t3 = t1 if t2 else cam  # line 29
                t177 = centre[t3, i3]
                point = pair[n, 1]
                t4 = point + P  # line 29
                t5 = point < 0  # line 29
                t6 = t4 if t5 else point  # line 29
                t178 = X[t6, i3]
                t179 = t178 - t177  # line 22
                t176_i_n = t176[i_, n]
                t210 = t176_i_n * t179  # backward of line 18: mul gate
                t41_n = t41[n]
                t34 = t35[n]
                t77 = 1 - t34  # line 18
                t88 = t87[2, n]
                t162 = t94[i3, n] if t161 else 0.0
                t163 = t162 / t88  # line 23
                t164 = 2 * t163  # backward of line 24: square gate
                t103 = t104[i_, n]
                t165 = t103 * t164  # backward of line 24: square gate
                t166 = t165 / t88  # backward of line 23: div gate
                t167 = t166 if t161 else 0.0  # backward of line 19: where gate
                t143_i_n = t143[i_, n]
                t89 = t87[i_, n]
                t90 = t89 / t88  # line 23
                t120 = t121[n]
                t151 = t120 * t90  # backward of line 23: div gate
                t152 = t151 + t143_i_n  # backward of line 23: take gate
                t168 = t152 if t131 else 0  # backward of line 19: where gate
                t170 = t120 if t169 else 0.0  # backward of line 19: where gate
                t171 = t170 - t168  # backward of line 19: where gate
                t172 = t171 + t167  # backward of line 19: where gate
                t173 = t172 * t77  # backward of line 18: mul gate
                t211 = t173 * t41_n  # backward of line 18: mul gate
                t212 = t211 if t30 else 0.0  # backward of line 17: div gate
                t213 = t212 + t210  # backward of line 17: div gate
                t214 = t213 + t209  # backward of line 17: div gate
                t215 = t214 + t205  # backward of line 17: div gate
                t216 = t215 + t199  # backward of line 17: div gate
                t127 = t128[i3, n]
                t217 = t127 * t216  # backward of line 17: div gate
                t137 = t138[i3, n]
                t218 = t217 if t137 else 0  # backward of line 17: div gate
                t219[i_, n] += t218  # backward of line 17: div gate
    t231 = np.empty((2, N), np.float64)
    t245 = np.empty((2, N), np.float64)
    t257 = np.empty((2, N), np.float64)
    t267 = np.empty((2, N), np.float64)
    for i_ in range(2):
        for n in range(N):
            t32 = t33[n]
            t220 = 0.5 / t32  # backward of line 16: sqrt gate
            t219_i_n = t219[i_, n]
            t186_i_n = t186[i_, n]
            t182_i_n = t182[i_, n]
            t221 = t182_i_n - t186_i_n  # backward of line 18: cos gate
            t36 = t37[n]
            t222 = t36 * t221  # backward of line 18: cos gate
            t34 = t35[n]
            t191_i_n = t191[i_, n]
            t223 = t191_i_n * t34  # backward of line 18: sin gate
            t224 = t223 - t222  # backward of line 16: sqrt gate
            t13_n_ = t13[n]
            t30 = t13_n_ > 0  # line 16
            t225 = t224 if t30 else 0.0  # backward of line 16: sqrt gate
            t226 = t225 - t219_i_n  # backward of line 16: sqrt gate
            t227 = t226 * t220  # backward of line 16: sqrt gate
            t139_n = t139[n]
            t228 = t30 or t139_n  # backward of line 16: sqrt gate
            t229 = t228 and t30  # backward of line 16: where gate
            t230 = t227 if t229 else 0.0  # backward of line 15: square gate
            t231[i_, n] = t230
            cam = pair[n, 0]
            t1 = cam + C  # line 29
            t2 = cam < 0  # line 29
            t3 = t1 if t2 else cam  # line 29
            t18 = turn[t3, 1]
            t232 = t158[i_, 0, n]
            t233 = 0.0 if t30 else t232  # backward of line 11: sub gate
            t234 = t233 * t18  # backward of line 11: mul gate
            t22 = turn[t3, 0]
            t235 = t158[i_, 1, n]
            t236 = 0.0 if t30 else t235  # backward of line 11: sub gate
            t237 = t236 * t22  # backward of line 11: mul gate
            t67 = t39[0, n]
            t201 = t160[i_, 1, n]
            t202 = t201 if t30 else 0.0  # backward of line 11: sub gate
            t238 = t202 * t67  # backward of line 11: mul gate
            t239 = t238 if t30 else 0  # backward of line 11: take gate
            t63 = t39[1, n]
            t195 = t160[i_, 0, n]
            t240 = t195 * t63  # backward of line 11: mul gate
            t241 = t240 if t30 else 0.0  # backward of line 11: take gate
            t242 = t241 - t239  # backward of line 11: take gate
            t243 = t242 - t237  # backward of line 11: take gate
            t244 = t243 + t234  # backward of line 11: take gate
            t245[i_, n] = t244
            t15 = turn[t3, 2]
            t246 = t233 * t15  # backward of line 11: mul gate
            t247 = t158[i_, 2, n]
            t248 = 0.0 if t30 else t247  # backward of line 11: sub gate
            t249 = t248 * t22  # backward of line 11: mul gate
            t61 = t39[2, n]
            t196 = t195 if t30 else 0.0  # backward of line 11: sub gate
            t250 = t196 * t61  # backward of line 11: mul gate
            t251 = t250 if t30 else 0  # backward of line 11: take gate
            t192 = t160[i_, 2, n]
            t252 = t192 * t67  # backward of line 11: mul gate
            t253 = t252 if t30 else 0.0  # backward of line 11: take gate
            t254 = t253 - t251  # backward of line 11: take gate
            t255 = t254 + t249  # backward of line 11: take gate
            t256 = t255 - t246  # backward of line 11: take gate
            t257[i_, n] = t256
            t258 = t236 * t15  # backward of line 11: mul gate
            t259 = t248 * t18  # backward of line 11: mul gate
            t193 = t192 if t30 else 0.0  # backward of line 11: sub gate
            t260 = t193 * t63  # backward of line 11: mul gate
            t261 = t260 if t30 else 0  # backward of line 11: take gate
            t262 = t201 * t61  # backward of line 11: mul gate
            t263 = t262 if t30 else 0.0  # backward of line 11: take gate
            t264 = t263 - t261  # backward of line 11: take gate
            t265 = t264 - t259  # backward of line 11: take gate
            t266 = t265 + t258  # backward of line 11: take gate
            t267[i_, n] = t266
    J_residual_turn = np.empty((N, 3, 2), np.float64)
    J_residual_X = np.empty((N, 3, 2), np.float64)
    J_residual_centre = np.empty((N, 3, 2), np.float64)
    for i_ in range(2):
        for i in range(3):
            t42 = i == 1  # backward of line 23: take gate
            t44 = i == 2  # backward of line 23: take gate
            t46 = i == 0  # backward of line 23: take gate
            for n in range(N):
                t24 = t10[n, 0]
                t247 = t158[i_, 2, n]
                t13_n_ = t13[n]
                t30 = t13_n_ > 0  # line 16
                t248 = 0.0 if t30 else t247  # backward of line 11: sub gate
                t268 = t248 * t24  # backward of line 11: mul gate
                t17 = t10[n, 2]
                t232 = t158[i_, 0, n]
                t233 = 0.0 if t30 else t232  # backward of line 11: sub gate
                t269 = t233 * t17  # backward of line 11: mul gate
                t270 = t269 - t268  # backward of line 11: take gate
                t52 = not t30  # backward of line 19: where gate
                t271 = t52 and t42  # backward of line 29: take gate
                t272 = t270 if t271 else 0.0  # backward of line 29: take gate
                t14 = t10[n, 1]
                t273 = t233 * t14  # backward of line 11: mul gate
                t235 = t158[i_, 1, n]
                t236 = 0.0 if t30 else t235  # backward of line 11: sub gate
                t274 = t236 * t24  # backward of line 11: mul gate
                t275 = t274 - t273  # backward of line 11: take gate
                t276 = t52 and t44  # backward of line 29: take gate
                t277 = t275 if t276 else 0.0  # backward of line 29: take gate
                t278 = t236 * t17  # backward of line 11: mul gate
                t279 = t248 * t14  # backward of line 11: mul gate
                t280 = t279 - t278  # backward of line 11: take gate
                t281 = t52 and t46  # backward of line 29: take gate
                t282 = t280 if t281 else 0.0  # backward of line 29: take gate
                cam = pair[n, 0]
                t1 = cam + C  # line 29
                t2 = cam < 0  # line 29
                t3 = t1 if t2 else cam  # line 29
                t11 = turn[t3, i]
                t283 = 2 * t11  # backward of line 15: square gate
                t230 = t231[i_, n]
                t284 = t230 * t283  # backward of line 15: square gate
                t32 = t33[n]
                t192 = t160[i_, 2, n]
                t193 = t192 if t30 else 0.0  # backward of line 11: sub gate
                t194 = t193 * t24  # backward of line 11: mul gate
                t195 = t160[i_, 0, n]
                t196 = t195 if t30 else 0.0  # backward of line 11: sub gate
                t197 = t196 * t17  # backward of line 11: mul gate
                t198 = t197 - t194  # backward of line 11: take gate
                t43 = t30 and t42  # backward of line 23: take gate
                t285 = t198 if t43 else 0.0  # backward of line 17: div gate
                t200 = t196 * t14  # backward of line 11: mul gate
                t201 = t160[i_, 1, n]
                t202 = t201 if t30 else 0.0  # backward of line 11: sub gate
                t203 = t202 * t24  # backward of line 11: mul gate
                t204 = t203 - t200  # backward of line 11: take gate
                t45 = t30 and t44  # backward of line 23: take gate
                t286 = t204 if t45 else 0.0  # backward of line 17: div gate
                t206 = t202 * t17  # backward of line 11: mul gate
                t207 = t193 * t14  # backward of line 11: mul gate
                t208 = t207 - t206  # backward of line 11: take gate
                t47 = t30 and t46  # backward of line 23: take gate
                t287 = t208 if t47 else 0.0  # backward of line 17: div gate
                t9 = t10[n, i]
                t176_i_n = t176[i_, n]
                t288 = t176_i_n * t9  # backward of line 18: mul gate
                t41_n = t41[n]
                t34 = t35[n]
                t77 = 1 - t34  # line 18
                t157 = t158[i_, i, n]
                t289 = t157 * t77  # backward of line 18: mul gate
                t290 = t289 * t41_n  # backward of line 18: mul gate
                t291 = t290 if t30 else 0.0  # backward of line 17: div gate
                t292 = t291 + t288  # backward of line 17: div gate
                t293 = t292 + t287  # backward of line 17: div gate
                t294 = t293 + t286  # backward of line 17: div gate
                t295 = t294 + t285  # backward of line 17: div gate
                t296 = t295 / t32  # backward of line 17: div gate
                t50 = t51[i, n]
                t297 = t296 if t50 else 0.0  # backward of line 29: take gate
                t298 = t297 + t284  # backward of line 29: take gate
                t299 = t298 + t282  # backward of line 29: take gate
                t300 = t299 + t277  # backward of line 29: take gate
                J_residual_turn_i_in = t300 + t272  # backward of line 29: take gate
                J_residual_turn[n, i, i_] = J_residual_turn_i_in
                t244 = t245[i_, n]
                t55 = t56[i, n]
                t301 = t244 if t55 else 0.0  # backward of line 22: sub gate
                t256 = t257[i_, n]
                t57 = t58[i, n]
                t302 = t256 if t57 else 0.0  # backward of line 22: sub gate
                t266 = t267[i_, n]
                t59 = t60[i, n]
                t303 = t266 if t59 else 0.0  # backward of line 22: sub gate
                t304 = 0.0 if t30 else t157  # backward of line 22: sub gate
                t305 = t157 * t34  # backward of line 18: mul gate
                t306 = t305 if t30 else 0.0  # backward of line 22: sub gate
                t38 = t39[i, n]
                t307 = t176_i_n * t38  # backward of line 18: mul gate
                t308 = t307 if t30 else 0.0  # backward of line 22: sub gate
                t309 = t308 + t306  # backward of line 22: sub gate
                t310 = t309 + t304  # backward of line 22: sub gate
                t311 = t310 + t303  # backward of line 22: sub gate
                t312 = t311 + t302  # backward of line 22: sub gate
                J_residual_X_i_in = t312 + t301  # backward of line 22: sub gate
                J_residual_X[n, i, i_] = J_residual_X_i_in
                J_residual_centre_i_in = -J_residual_X_i_in  # backward of line 22: sub gate
                J_residual_centre[n, i, i_] = J_residual_centre_i_in
    return (J_residual_turn, J_residual_centre, J_residual_focal, J_residual_radial, J_residual_X)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def jacobian_pattern_kernel(turn, centre, focal, radial, X, pair, seen):
    C = turn.shape[0]
    P = X.shape[0]
    N = pair.shape[0]
    for n in range(N):
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        if t3 < 0 or t3 >= C:
            raise IndexError(f"an index into turn is out of range: cam[n] is {t3}, the length is {C} (line 29)")
        point = pair[n, 1]
        t4 = point + P  # line 29
        t5 = point < 0  # line 29
        t6 = t4 if t5 else point  # line 29
        if t6 < 0 or t6 >= P:
            raise IndexError(f"an index into X is out of range: point[n] is {t6}, the length is {P} (line 29)")
    rows = np.empty((N, 2), np.float64)
    columns = np.empty((N, 2), np.float64)
    for n in range(N):
        t7 = n * 2
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        t9 = t3 * 2
        for i in range(2):
            t8 = t7 + i
            rows_ni = float(t8)
            rows[n, i] = rows_ni
            t10 = t9 + i
            t11 = 7 * C + t10
            columns_ni = float(t11)
            columns[n, i] = columns_ni
    columns_ = np.empty((N,), np.float64)
    for n in range(N):
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        t12 = 6 * C + t3
        columns_n = float(t12)
        columns_[n] = columns_n
    columns_2 = np.empty((N, 3), np.float64)
    columns_3 = np.empty((N, 3), np.float64)
    columns_4 = np.empty((N, 3), np.float64)
    for n in range(N):
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        t13 = t3 * 3
        point = pair[n, 1]
        t4 = point + P  # line 29
        t5 = point < 0  # line 29
        t6 = t4 if t5 else point  # line 29
        t15 = t6 * 3
        for i_ in range(3):
            t14 = t13 + i_
            columns_ni_ = float(t14)
            columns_2[n, i_] = columns_ni_
            t16 = t15 + i_
            t17 = 9 * C + t16
            columns_ni__ = float(t17)
            columns_3[n, i_] = columns_ni__
            t18 = 3 * C + t14
            columns_ni__2 = float(t18)
            columns_4[n, i_] = columns_ni__2
    rows_ = np.empty((N, 2), np.float64)
    for n in range(N):
        t7 = n * 2
        for i1 in range(2):
            t19 = t7 + i1
            rows_ni1 = float(t19)
            rows_[n, i1] = rows_ni1
    result = np.empty((N, 3, 2), np.float64)
    for i_2 in range(N):
        for i_3 in range(3):
            for i_4 in range(2):
                result[i_2, i_3, i_4] = rows[i_2, i_4]
    result_ = np.empty((N, 3, 2), np.float64)
    for i_5 in range(N):
        for i_6 in range(3):
            for i_7 in range(2):
                result_[i_5, i_6, i_7] = columns_2[i_5, i_6]
    result_2 = np.empty((N, 3, 2), np.float64)
    for i_8 in range(N):
        for i_9 in range(3):
            for i_10 in range(2):
                result_2[i_8, i_9, i_10] = rows[i_8, i_10]
    result_3 = np.empty((N, 3, 2), np.float64)
    for i_11 in range(N):
        for i_12 in range(3):
            for i_13 in range(2):
                result_3[i_11, i_12, i_13] = columns_4[i_11, i_12]
    result_4 = np.empty((N, 2), np.float64)
    for i_14 in range(N):
        for i_15 in range(2):
            result_4[i_14, i_15] = columns_[i_14]
    result_5 = np.empty((N, 2, 2), np.float64)
    for i_16 in range(N):
        for i_17 in range(2):
            for i_18 in range(2):
                result_5[i_16, i_17, i_18] = rows_[i_16, i_18]
    result_6 = np.empty((N, 2, 2), np.float64)
    for i_19 in range(N):
        for i_20 in range(2):
            for i_21 in range(2):
                result_6[i_19, i_20, i_21] = columns[i_19, i_20]
    result_7 = np.empty((N, 3, 2), np.float64)
    for i_22 in range(N):
        for i_23 in range(3):
            for i_24 in range(2):
                result_7[i_22, i_23, i_24] = rows[i_22, i_24]
    result_8 = np.empty((N, 3, 2), np.float64)
    for i_25 in range(N):
        for i_26 in range(3):
            for i_27 in range(2):
                result_8[i_25, i_26, i_27] = columns_3[i_25, i_26]
    return (result, result_, result_2, result_3, rows, result_4, result_5, result_6, result_7, result_8, (2*N), (9*C + 3*P))


class Parameters(NamedTuple):
    """The parameters."""

    turn: np.ndarray  # [C, 3]
    centre: np.ndarray  # [C, 3]
    focal: np.ndarray  # [C]
    radial: np.ndarray  # [C, 2]
    X: np.ndarray  # [P, 3]


def value(turn, centre, focal, radial, X, pair, seen):
    """Return residual."""
    return value_kernel(*_checked(turn, centre, focal, radial, X, pair, seen))[0]


def pack(turn, centre, focal, radial, X):
    """Return the parameters as one flat vector, one behind the other: turn[C, 3], centre[C, 3], focal[C], radial[C, 2], X[P, 3]."""
    turn = _real("turn", turn, ("C", "3"))
    centre = _real("centre", centre, ("C", "3"))
    focal = _real("focal", focal, ("C",))
    radial = _real("radial", radial, ("C", "2"))
    X = _real("X", X, ("P", "3"))
    C = turn.shape[0]
    P = X.shape[0]
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
    return np.concatenate((turn.ravel(), centre.ravel(), focal.ravel(), radial.ravel(), X.ravel()))


def unpack(vector, *, C, P):
    """Return turn[C, 3], centre[C, 3], focal[C], radial[C, 2], X[P, 3] from one flat vector, the inverse of pack; C and P are sizes."""
    vector = _real("vector", vector, ("9*C + 3*P",))
    if vector.shape[0] != 9*C + 3*P:
        raise ValueError(f"the vector has {vector.shape[0]} elements, but the parameters have 9*C + 3*P = {9*C + 3*P}")
    return Parameters(
        vector[:3*C].reshape(C, 3).copy(),
        vector[3*C:6*C].reshape(C, 3).copy(),
        vector[6*C:7*C].copy(),
        vector[7*C:9*C].reshape(C, 2).copy(),
        vector[9*C:9*C + 3*P].reshape(P, 3).copy(),
    )


def objective(pair, seen, *, C, P):
    """Return the function of one flat vector that scipy.optimize.least_squares takes, with attributes.

    The vector is what `pack` returns, and `unpack` takes it apart. C and P: the sizes that only the parameters have.
    `residual` is the function itself, all elements in one line; `jac` is its Jacobian, a matrix.
    """
    pair = _integer("pair", pair, ("N", "2"))
    seen = _real("seen", seen, ("N", "2"))
    if pair.shape[1] != 2:
        raise ValueError(f"pair has {pair.shape[1]} columns, but must have 2")
    if seen.shape[1] != 2:
        raise ValueError(f"seen has {seen.shape[1]} columns, but must have 2")

    def function(vector):
        parameters = unpack(vector, C=C, P=P)
        _value = value_kernel(*_checked(parameters.turn, parameters.centre, parameters.focal, parameters.radial, parameters.X, pair, seen))[0]
        return np.ravel(_value)

    from scipy.sparse import csr_array

    pattern = None

    def jac(vector):
        parameters = unpack(vector, C=C, P=P)
        nonlocal pattern
        if pattern is None:
            pattern = jacobian_pattern(turn=parameters.turn, centre=parameters.centre, focal=parameters.focal, radial=parameters.radial, X=parameters.X, pair=pair, seen=seen)
        found = jacobian(turn=parameters.turn, centre=parameters.centre, focal=parameters.focal, radial=parameters.radial, X=parameters.X, pair=pair, seen=seen, pattern=pattern)
        return csr_array((found.data, found.columns, found.indptr), found.shape)

    function.residual, function.jac = function, jac
    return function


class Pattern(NamedTuple):
    """Where a sparse matrix has entries: row by row, no position twice."""

    rows: np.ndarray  # of each entry
    columns: np.ndarray
    indptr: np.ndarray  # where the entries of each row start, and where the last ones end
    shape: tuple[int, int]
    slots: np.ndarray  # the sum that each computed number belongs to
    sums: np.ndarray | None  # the sum that each entry is, where two can be the same
    tables: tuple = ()  # of a colouring: colours of the parameters, and columns by row and colour


class Sparse(NamedTuple):
    """A sparse matrix: scipy.sparse.csr_array((m.data, m.columns, m.indptr), m.shape), or with m.rows in COO form."""

    data: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    indptr: np.ndarray
    shape: tuple[int, int]


def jacobian_pattern(turn, centre, focal, radial, X, pair, seen):
    """Return where `jacobian` can differ from 0, whatever the parameters are; rows are the results, one behind the other."""
    _found = jacobian_pattern_kernel(*_checked(turn, centre, focal, radial, X, pair, seen))
    return _placed(_found, symmetric=False)


def jacobian(turn, centre, focal, radial, X, pair, seen, *, pattern=None):
    """Return the sparse Jacobian; `pattern`: what `jacobian_pattern` has returned."""
    if pattern is None:
        pattern = jacobian_pattern(turn, centre, focal, radial, X, pair, seen)
    _found = jacobian_kernel(*_checked(turn, centre, focal, radial, X, pair, seen))
    return _filled(_found, pattern)


def _placed(found, symmetric, tables=()):
    """Return the pattern of a matrix, given the row and the column of each number; a row of -1 is none.

    Of a symmetric matrix all of the lower triangle is given, and what is above it is not looked at.
    """
    *places, height, width = found
    rows, columns = (np.concatenate([[], *map(np.ravel, places[i::2])]).astype(np.int64) for i in (0, 1))
    shape, width = (int(height), int(width)), max(int(width), 1)
    kept = (rows >= 0) & (columns <= rows if symmetric else True)
    entries, inverse = np.unique(rows[kept] * width + columns[kept], return_inverse=True)
    slots = np.full(rows.shape, len(entries))
    slots[kept] = np.ravel(inverse)
    rows, columns = np.divmod(entries, width)
    sums = None
    if symmetric:
        below = np.flatnonzero(rows > columns)
        rows, columns = np.concatenate([rows, columns[below]]), np.concatenate([columns, rows[below]])
        order = np.lexsort((columns, rows))
        rows, columns = rows[order], columns[order]
        sums = np.concatenate([np.arange(len(entries)), below])[order]
    indptr = np.searchsorted(rows, np.arange(shape[0] + 1))
    index = np.int32 if max(*shape, len(rows)) < 2**31 else np.int64
    arrays = [a.astype(index) for a in (rows, columns, indptr, slots)]
    return Pattern(*arrays[:3], shape, arrays[3], sums, tables)


def _filled(numbers, pattern):
    """Return the sparse matrix with these numbers; those at the same position are added."""
    given = [np.ravel(part) for part in numbers]
    count = sum(part.size for part in given)
    if count != len(pattern.slots):
        raise ValueError(f"the pattern is one of {len(pattern.slots)} numbers, but there are {count}")
    sums = _summed(given, pattern.slots, len(pattern.rows) + 1)
    return Sparse(sums[: len(pattern.rows)] if pattern.sums is None else sums[pattern.sums], *pattern[:4])


@njit(cache=True)
def _add(sums, part, slots):
    """Add numbers to the sums that they belong to."""
    for i in range(part.size):
        sums[slots[i]] += part[i]


def _summed(parts, slots, count):
    """Return the sum of the numbers in each slot."""
    sums, start = np.zeros(count), 0
    for part in parts:
        _add(sums, part, slots[start : start + part.size])
        start += part.size
    return sums


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
