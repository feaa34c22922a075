# Made by gradcompile 0.1.0 from examples/lotka_volterra.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 3d73a864c913804a8cf406f53294356b34b13220be6f8be2929bbb7b6362d35d
# options: --target numba --emit value,value_and_grad
# operations: value 77*T + 3; value_and_grad 207*T + 17
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient a: agrees (finite differences), to 50 digits at 3 points
# graph: gradient b: agrees (finite differences), to 50 digits at 3 points
# graph: gradient c: agrees (finite differences), to 50 digits at 3 points
# graph: gradient d: agrees (finite differences), to 50 digits at 3 points
# code: T = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: T = 0: agrees, the formula is undefined (path has no value: no statement that gives it one was carried out), and the module returns
# code: T = 9: agrees, within 2^0 units in the last place
# claim, line 28: agrees (mpmath), grad(kept, u0) @ rate(u0) == 0
# --- end of certificate ---

"""Lotka-Volterra: prey and predators by Runge-Kutta, and their squared distance from what was counted.

    from lotka_volterra import value, value_and_grad
    loss = value(counted, u0, a, b, c, d, dt=0.1)
    loss, gradient = value_and_grad(counted, u0, a, b, c, d, dt=0.1)

Arguments: counted[T, 2], u0[2], a (differentiated), b (differentiated), c (differentiated), d
(differentiated), dt.
"""

from typing import NamedTuple

from numba import njit, types
from numba.core import cgutils
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


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(counted, u0, a, b, c, d, dt):
    T = counted.shape[0]
    t1 = dt / 2  # line 15
    t2 = dt / 6  # line 18
    row = 0
    state = _own(np.empty((2, 2), np.float64))
    # over i: state; 0 operations, 32 bytes
    for i in range(2):
        u0_i = u0[i]
        state[0, i] = u0_i
    state_ = _own(np.empty((T + 1, 2), np.float64))
    t10 = _own(np.empty((2,), np.float64))
    t15 = _own(np.empty((2,), np.float64))
    t25 = _own(np.empty((2,), np.float64))
    t28 = _own(np.empty((2,), np.float64))
    t38 = _own(np.empty((2,), np.float64))
    t41 = _own(np.empty((2,), np.float64))
    t51 = _own(np.empty((2,), np.float64))
    # over t: t10, t15, t25, t28, t38, t41, …; 62*T operations, 464*T bytes
    for t in range(T):
        t3 = state[row, 0]
        t4 = state[row, 1]
        t5 = a * t3  # line 11
        t6 = b * t3  # line 11
        t7 = t6 * t4  # line 11
        t8 = t5 - t7  # line 11
        t9 = d * t3  # line 11
        t10[...] = 0.0
        t10[0] += t8  # line 14
        t11 = t9 - c  # line 11
        t12 = t11 * t4  # line 11
        t10[1] += t12  # line 14
        for i in range(2):
            t10_i = t10[i]
            t13 = t1 * t10_i  # line 15
            state_i = state[row, i]
            t14 = state_i + t13  # line 15
            t15[i] = t14
        t16 = t15[0]
        t17 = t15[1]
        t18 = a * t16  # line 11
        t19 = b * t16  # line 11
        t20 = t19 * t17  # line 11
        t21 = t18 - t20  # line 11
        t22 = d * t16  # line 11
        t23 = t22 - c  # line 11
        t24 = t23 * t17  # line 11
        t25[...] = 0.0
        t25[0] += t21  # line 15
        t25[1] += t24  # line 15
        for i in range(2):
            t25_i = t25[i]
            t26 = t1 * t25_i  # line 16
            state_i = state[row, i]
            t27 = state_i + t26  # line 16
            t28[i] = t27
        t29 = t28[0]
        t30 = t28[1]
        t31 = a * t29  # line 11
        t32 = b * t29  # line 11
        t33 = t32 * t30  # line 11
        t34 = t31 - t33  # line 11
        t35 = d * t29  # line 11
        t36 = t35 - c  # line 11
        t37 = t36 * t30  # line 11
        t38[...] = 0.0
        t38[0] += t34  # line 16
        t38[1] += t37  # line 16
        for i in range(2):
            t38_i = t38[i]
            t39 = dt * t38_i  # line 17
            state_i = state[row, i]
            t40 = state_i + t39  # line 17
            t41[i] = t40
        t42 = t41[0]
        t43 = t41[1]
        t44 = a * t42  # line 11
        t45 = b * t42  # line 11
        t46 = t45 * t43  # line 11
        t47 = t44 - t46  # line 11
        t48 = d * t42  # line 11
        t49 = t48 - c  # line 11
        t50 = t49 * t43  # line 11
        t51[...] = 0.0
        t51[0] += t47  # line 17
        t51[1] += t50  # line 17
        for i in range(2):
            t51_i = t51[i]
            t38_i = t38[i]
            t52 = 2 * t38_i  # line 18
            t25_i = t25[i]
            t53 = 2 * t25_i  # line 18
            t10_i = t10[i]
            t54 = t10_i + t53  # line 18
            t55 = t54 + t52  # line 18
            t56 = t55 + t51_i  # line 18
            t57 = t2 * t56  # line 18
            state_i = state[row, i]
            t58 = state_i + t57  # line 18
            state[1 - row, i] = t58
        for i in range(2):
            t58 = state[1 - row, i]
            state_[t + 1, i] = t58
        state_2 = t3
        state_3 = t4
        state_4 = t16
        state_5 = t17
        state_6 = t29
        state_7 = t30
        state_8 = t42
        state_9 = t43
        row = 1 - row
    t60 = 0.0
    # over t_, i: t60; 6*T operations, 32*T bytes
    for t_ in range(T):
        for i in range(2):
            counted_it_ = counted[t_, i]
            state__it_ = state_[t_ + 1, i]
            dpath = state__it_ - counted_it_  # line 24
            t59 = dpath * dpath  # line 24
            t60 = _plus(t60, t59)  # line 24
    loss = 0.5 * t60  # line 24
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(counted, u0, a, b, c, d, dt):
    T = counted.shape[0]
    t1 = dt / 2  # line 15
    t2 = dt / 6  # line 18
    row = 0
    state = _own(np.empty((2, 2), np.float64))
    # over i: state; 0 operations, 32 bytes
    for i in range(2):
        u0_i = u0[i]
        state[0, i] = u0_i
    state_ = _own(np.empty((T + 1, 2), np.float64))
    state_2 = _own(np.empty((T + 1,), np.float64))
    state_3 = _own(np.empty((T + 1,), np.float64))
    state_4 = _own(np.empty((T + 1,), np.float64))
    state_5 = _own(np.empty((T + 1,), np.float64))
    state_6 = _own(np.empty((T + 1,), np.float64))
    state_7 = _own(np.empty((T + 1,), np.float64))
    state_8 = _own(np.empty((T + 1,), np.float64))
    state_9 = _own(np.empty((T + 1,), np.float64))
    t10 = _own(np.empty((2,), np.float64))
    t15 = _own(np.empty((2,), np.float64))
    t25 = _own(np.empty((2,), np.float64))
    t28 = _own(np.empty((2,), np.float64))
    t38 = _own(np.empty((2,), np.float64))
    t41 = _own(np.empty((2,), np.float64))
    t51 = _own(np.empty((2,), np.float64))
    # over t: t10, t15, t25, t28, t38, t41, …; 62*T operations, 528*T bytes
    for t in range(T):
        t3 = state[row, 0]
        t4 = state[row, 1]
        t5 = a * t3  # line 11
        t6 = b * t3  # line 11
        t7 = t6 * t4  # line 11
        t8 = t5 - t7  # line 11
        t9 = d * t3  # line 11
        t10[...] = 0.0
        t10[0] += t8  # line 14
        t11 = t9 - c  # line 11
        t12 = t11 * t4  # line 11
        t10[1] += t12  # line 14
        for i in range(2):
            t10_i = t10[i]
            t13 = t1 * t10_i  # line 15
            state_i = state[row, i]
            t14 = state_i + t13  # line 15
            t15[i] = t14
        t16 = t15[0]
        t17 = t15[1]
        t18 = a * t16  # line 11
        t19 = b * t16  # line 11
        t20 = t19 * t17  # line 11
        t21 = t18 - t20  # line 11
        t22 = d * t16  # line 11
        t23 = t22 - c  # line 11
        t24 = t23 * t17  # line 11
        t25[...] = 0.0
        t25[0] += t21  # line 15
        t25[1] += t24  # line 15
        for i in range(2):
            t25_i = t25[i]
            t26 = t1 * t25_i  # line 16
            state_i = state[row, i]
            t27 = state_i + t26  # line 16
            t28[i] = t27
        t29 = t28[0]
        t30 = t28[1]
        t31 = a * t29  # line 11
        t32 = b * t29  # line 11
        t33 = t32 * t30  # line 11
        t34 = t31 - t33  # line 11
        t35 = d * t29  # line 11
        t36 = t35 - c  # line 11
        t37 = t36 * t30  # line 11
        t38[...] = 0.0
        t38[0] += t34  # line 16
        t38[1] += t37  # line 16
        for i in range(2):
            t38_i = t38[i]
            t39 = dt * t38_i  # line 17
            state_i = state[row, i]
            t40 = state_i + t39  # line 17
            t41[i] = t40
        t42 = t41[0]
        t43 = t41[1]
        t44 = a * t42  # line 11
        t45 = b * t42  # line 11
        t46 = t45 * t43  # line 11
        t47 = t44 - t46  # line 11
        t48 = d * t42  # line 11
        t49 = t48 - c  # line 11
        t50 = t49 * t43  # line 11
        t51[...] = 0.0
        t51[0] += t47  # line 17
        t51[1] += t50  # line 17
        for i in range(2):
            t51_i = t51[i]
            t38_i = t38[i]
            t52 = 2 * t38_i  # line 18
            t25_i = t25[i]
            t53 = 2 * t25_i  # line 18
            t10_i = t10[i]
            t54 = t10_i + t53  # line 18
            t55 = t54 + t52  # line 18
            t56 = t55 + t51_i  # line 18
            t57 = t2 * t56  # line 18
            state_i = state[row, i]
            t58 = state_i + t57  # line 18
            state[1 - row, i] = t58
        for i in range(2):
            t58 = state[1 - row, i]
            state_[t + 1, i] = t58
        state_2[t + 1] = t3
        state_3[t + 1] = t4
        state_4[t + 1] = t16
        state_5[t + 1] = t17
        state_6[t + 1] = t29
        state_7[t + 1] = t30
        state_8[t + 1] = t42
        state_9[t + 1] = t43
        row = 1 - row
    t60 = 0.0
    # over t_, i: t60; 6*T operations, 32*T bytes
    for t_ in range(T):
        for i in range(2):
            counted_it_ = counted[t_, i]
            state__it_ = state_[t_ + 1, i]
            dpath = state__it_ - counted_it_  # line 24
            t59 = dpath * dpath  # line 24
            t60 = _plus(t60, t59)  # line 24
    loss = 0.5 * t60  # line 24
    row_ = 0
    state_10 = _own(np.empty((2, 2), np.float64))
    # over i: state_10; 0 operations, 16 bytes
    for i in range(2):
        state_10[0, i] = 0.0
    state_11 = _own(np.empty((T + 1,), np.float64))
    state_12 = _own(np.empty((T + 1,), np.float64))
    state_13 = _own(np.empty((T + 1,), np.float64))
    state_14 = _own(np.empty((T + 1,), np.float64))
    state_15 = _own(np.empty((T + 1,), np.float64))
    state_16 = _own(np.empty((T + 1,), np.float64))
    state_17 = _own(np.empty((T + 1,), np.float64))
    state_18 = _own(np.empty((T + 1,), np.float64))
    t63 = _own(np.empty((2,), np.float64))
    t75 = _own(np.empty((2,), np.float64))
    t83 = _own(np.empty((2,), np.float64))
    t95 = _own(np.empty((2,), np.float64))
    t102 = _own(np.empty((2,), np.float64))
    t114 = _own(np.empty((2,), np.float64))
    t121 = _own(np.empty((2,), np.float64))
    t133 = _own(np.empty((2,), np.float64))
    t138 = _own(np.empty((2,), np.float64))
    # over t: t63, t75, t83, t95, t102, t114, …; 96*T operations, 672*T bytes
    for t in range(T - 1, -1, -1):
        for i in range(2):
            counted_it = counted[t, i]
            state__it = state_[t + 1, i]
            dpath_ = state__it - counted_it  # line 24
            state_i = state_10[row_, i]
            t61 = state_i + dpath_  # backward of line 18: copy gate
            t62 = t61 * t2  # backward of line 18: mul gate
            t63[i] = t62
        t64 = t63[1]
        t65 = t63[0]
        state_9_t = state_9[t + 1]
        t66 = t64 * state_9_t  # backward of line 11: mul gate
        t67 = t66 * d  # backward of line 11: mul gate
        t68 = t65 * state_9_t  # backward of line 11: mul gate
        state_8_t = state_8[t + 1]
        t69 = b * state_8_t  # line 11
        t70 = t65 * t69  # backward of line 11: mul gate
        t71 = d * state_8_t  # line 11
        t72 = t71 - c  # backward of line 11: copy gate
        t73 = t72 * t64  # backward of line 11: copy gate
        t74 = t73 - t70  # backward of line 11: copy gate
        t75[...] = 0.0
        t75[1] += t74  # backward of line 11: take gate
        t76 = t68 * b  # backward of line 11: mul gate
        t77 = t65 * a  # backward of line 11: mul gate
        t78 = t67 - t76  # backward of line 11: copy gate
        t79 = t78 + t77  # backward of line 11: copy gate
        t75[0] += t79  # backward of line 11: take gate
        for i in range(2):
            t75_it = t75[i]
            t80 = t75_it * dt  # backward of line 17: mul gate
            t62 = t63[i]
            t81 = t62 * 2  # backward of line 18: mul gate
            t82 = t81 + t80  # backward of line 16: copy gate
            t83[i] = t82
        t84 = t83[1]
        t85 = t83[0]
        state_7_t = state_7[t + 1]
        t86 = t84 * state_7_t  # backward of line 11: mul gate
        t87 = t86 * d  # backward of line 11: mul gate
        t88 = t85 * state_7_t  # backward of line 11: mul gate
        state_6_t = state_6[t + 1]
        t89 = b * state_6_t  # line 11
        t90 = t85 * t89  # backward of line 11: mul gate
        t91 = d * state_6_t  # line 11
        t92 = t91 - c  # backward of line 11: copy gate
        t93 = t92 * t84  # backward of line 11: copy gate
        t94 = t93 - t90  # backward of line 11: copy gate
        t95[...] = 0.0
        t95[1] += t94  # backward of line 11: take gate
        t96 = t88 * b  # backward of line 11: mul gate
        t97 = t85 * a  # backward of line 11: mul gate
        t98 = t87 - t96  # backward of line 11: copy gate
        t99 = t98 + t97  # backward of line 11: copy gate
        t95[0] += t99  # backward of line 11: take gate
        for i in range(2):
            t95_it = t95[i]
            t100 = t95_it * t1  # backward of line 16: mul gate
            t62 = t63[i]
            t81 = t62 * 2  # backward of line 18: mul gate
            t101 = t81 + t100  # backward of line 15: copy gate
            t102[i] = t101
        t103 = t102[1]
        t104 = t102[0]
        state_5_t = state_5[t + 1]
        t105 = t103 * state_5_t  # backward of line 11: mul gate
        t106 = t105 * d  # backward of line 11: mul gate
        t107 = t104 * state_5_t  # backward of line 11: mul gate
        state_4_t = state_4[t + 1]
        t108 = b * state_4_t  # line 11
        t109 = t104 * t108  # backward of line 11: mul gate
        t110 = d * state_4_t  # line 11
        t111 = t110 - c  # backward of line 11: copy gate
        t112 = t111 * t103  # backward of line 11: copy gate
        t113 = t112 - t109  # backward of line 11: copy gate
        t114[...] = 0.0
        t114[1] += t113  # backward of line 11: take gate
        t115 = t107 * b  # backward of line 11: mul gate
        t116 = t104 * a  # backward of line 11: mul gate
        t117 = t106 - t115  # backward of line 11: copy gate
        t118 = t117 + t116  # backward of line 11: copy gate
        t114[0] += t118  # backward of line 11: take gate
        for i in range(2):
            t114_it = t114[i]
            t119 = t114_it * t1  # backward of line 15: mul gate
            t62 = t63[i]
            t120 = t62 + t119  # backward of line 14: copy gate
            t121[i] = t120
        t122 = t121[1]
        t123 = t121[0]
        state_3_t = state_3[t + 1]
        t124 = t122 * state_3_t  # backward of line 11: mul gate
        t125 = t124 * d  # backward of line 11: mul gate
        t126 = t123 * state_3_t  # backward of line 11: mul gate
        state_2_t = state_2[t + 1]
        t127 = b * state_2_t  # line 11
        t128 = t123 * t127  # backward of line 11: mul gate
        t129 = d * state_2_t  # line 11
        t130 = t129 - c  # backward of line 11: copy gate
        t131 = t130 * t122  # backward of line 11: copy gate
        t132 = t131 - t128  # backward of line 11: copy gate
        t133[...] = 0.0
        t133[1] += t132  # backward of line 11: take gate
        t134 = t126 * b  # backward of line 11: mul gate
        t135 = t123 * a  # backward of line 11: mul gate
        t136 = t125 - t134  # backward of line 11: copy gate
        t137 = t136 + t135  # backward of line 11: copy gate
        t138[...] = 0.0
        t138[0] += t137  # backward of line 11: take gate
        for i in range(2):
            t138_it = t138[i]
            t133_it = t133[i]
            t114_it = t114[i]
            t95_it = t95[i]
            t75_it = t75[i]
            counted_it = counted[t, i]
            state__it = state_[t + 1, i]
            dpath_ = state__it - counted_it  # line 24
            state_i = state_10[row_, i]
            t61 = state_i + dpath_  # backward of line 18: copy gate
            t139 = t61 + t75_it  # backward of line 21: copy gate
            t140 = t139 + t95_it  # backward of line 21: copy gate
            t141 = t140 + t114_it  # backward of line 21: copy gate
            t142 = t141 + t133_it  # backward of line 21: copy gate
            t143 = t142 + t138_it  # backward of line 21: copy gate
            state_10[1 - row_, i] = t143
        state_11[t] = t64
        state_12[t] = t65
        state_13[t] = t84
        state_14[t] = t85
        state_15[t] = t103
        state_16[t] = t104
        state_17[t] = t122
        state_18[t] = t123
        row_ = 1 - row_
    t145 = 0.0
    t147 = 0.0
    t149 = 0.0
    t151 = 0.0
    t154 = 0.0
    t157 = 0.0
    t160 = 0.0
    t163 = 0.0
    t165 = 0.0
    t167 = 0.0
    t169 = 0.0
    t171 = 0.0
    t173 = 0.0
    t175 = 0.0
    t177 = 0.0
    t179 = 0.0
    # over t: t145, t147, t149, t151, t154, t157, …; 36*T operations, 128*T bytes
    for t in range(T):
        state_8_t = state_8[t + 1]
        state_12_t = state_12[t]
        t144 = state_12_t * state_8_t  # backward of line 11: mul gate
        t145 = _plus(t145, t144)  # backward of line 11: mul gate
        state_6_t = state_6[t + 1]
        state_14_t = state_14[t]
        t146 = state_14_t * state_6_t  # backward of line 11: mul gate
        t147 = _plus(t147, t146)  # backward of line 11: mul gate
        state_4_t = state_4[t + 1]
        state_16_t = state_16[t]
        t148 = state_16_t * state_4_t  # backward of line 11: mul gate
        t149 = _plus(t149, t148)  # backward of line 11: mul gate
        state_2_t = state_2[t + 1]
        state_18_t = state_18[t]
        t150 = state_18_t * state_2_t  # backward of line 11: mul gate
        t151 = _plus(t151, t150)  # backward of line 11: mul gate
        state_9_t = state_9[t + 1]
        t152 = state_12_t * state_9_t  # backward of line 11: mul gate
        t153 = t152 * state_8_t  # backward of line 11: mul gate
        t154 = _plus(t154, t153)  # backward of line 11: mul gate
        state_7_t = state_7[t + 1]
        t155 = state_14_t * state_7_t  # backward of line 11: mul gate
        t156 = t155 * state_6_t  # backward of line 11: mul gate
        t157 = _plus(t157, t156)  # backward of line 11: mul gate
        state_5_t = state_5[t + 1]
        t158 = state_16_t * state_5_t  # backward of line 11: mul gate
        t159 = t158 * state_4_t  # backward of line 11: mul gate
        t160 = _plus(t160, t159)  # backward of line 11: mul gate
        state_3_t = state_3[t + 1]
        t161 = state_18_t * state_3_t  # backward of line 11: mul gate
        t162 = t161 * state_2_t  # backward of line 11: mul gate
        t163 = _plus(t163, t162)  # backward of line 11: mul gate
        state_11_t = state_11[t]
        t164 = state_11_t * state_9_t  # backward of line 11: mul gate
        t165 = _plus(t165, t164)  # backward of line 11: mul gate
        state_13_t = state_13[t]
        t166 = state_13_t * state_7_t  # backward of line 11: mul gate
        t167 = _plus(t167, t166)  # backward of line 11: mul gate
        state_15_t = state_15[t]
        t168 = state_15_t * state_5_t  # backward of line 11: mul gate
        t169 = _plus(t169, t168)  # backward of line 11: mul gate
        state_17_t = state_17[t]
        t170 = state_17_t * state_3_t  # backward of line 11: mul gate
        t171 = _plus(t171, t170)  # backward of line 11: mul gate
        t172 = t164 * state_8_t  # backward of line 11: mul gate
        t173 = _plus(t173, t172)  # backward of line 11: mul gate
        t174 = t166 * state_6_t  # backward of line 11: mul gate
        t175 = _plus(t175, t174)  # backward of line 11: mul gate
        t176 = t168 * state_4_t  # backward of line 11: mul gate
        t177 = _plus(t177, t176)  # backward of line 11: mul gate
        t178 = t170 * state_2_t  # backward of line 11: mul gate
        t179 = _plus(t179, t178)  # backward of line 11: mul gate
    t180 = t145 + t147  # backward of line 21: copy gate
    t181 = t180 + t149  # backward of line 21: copy gate
    da = t181 + t151  # backward of line 21: copy gate
    t182 = t154 + t157  # backward of line 21: copy gate
    t183 = t182 + t160  # backward of line 21: copy gate
    t184 = t183 + t163  # backward of line 21: copy gate
    db = -t184  # backward of line 21: copy gate
    t185 = t165 + t167  # backward of line 21: copy gate
    t186 = t185 + t169  # backward of line 21: copy gate
    t187 = t186 + t171  # backward of line 21: copy gate
    dc = -t187  # backward of line 21: copy gate
    t188 = t173 + t175  # backward of line 21: copy gate
    t189 = t188 + t177  # backward of line 21: copy gate
    dd = t189 + t179  # backward of line 21: copy gate
    return (loss, da, db, dc, dd)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    a: float
    b: float
    c: float
    d: float


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(counted, u0, a, b, c, d, dt=0.1):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, counted, u0, a, b, c, d, dt):
        _call = _direct_value_kernel.run
        _found = _call(counted, u0, a, b, c, d, dt)
    else:
        _found = value_kernel(*_checked(counted, u0, a, b, c, d, dt))
    return _found[0]


def value_and_grad(counted, u0, a, b, c, d, dt=0.1):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, counted, u0, a, b, c, d, dt):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(counted, u0, a, b, c, d, dt)
    else:
        _found = value_and_grad_kernel(*_checked(counted, u0, a, b, c, d, dt))
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


def _checked(counted, u0, a, b, c, d, dt):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if counted.__class__ is not _ARRAY or counted.dtype is not _REAL or counted.ndim != 2 or not counted.flags.carray:
        counted = _converted("counted", counted, ("T", "2"), "real")
    if u0.__class__ is not _ARRAY or u0.dtype is not _REAL or u0.ndim != 1 or not u0.flags.carray:
        u0 = _converted("u0", u0, ("2",), "real")
    if a.__class__ is not float:
        a = float(_converted("a", a, (), "real"))
    if b.__class__ is not float:
        b = float(_converted("b", b, (), "real"))
    if c.__class__ is not float:
        c = float(_converted("c", c, (), "real"))
    if d.__class__ is not float:
        d = float(_converted("d", d, (), "real"))
    if dt.__class__ is not float:
        dt = float(_converted("dt", dt, (), "real"))
    T = counted.shape[0]
    if counted.shape[1] != 2:
        raise ValueError(f"counted has {counted.shape[1]} columns, but must have 2")
    if u0.shape[0] != 2:
        raise ValueError(f"u0 has {u0.shape[0]} elements, but must have 2")
    return counted, u0, a, b, c, d, dt


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
def _fit(_array, _real, counted, u0, a, b, c, d, dt):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(counted, _array, _real, 2)):
        return False
    if not (_is_array(u0, _array, _real, 1)):
        return False
    if not (_is_a(a, "PyFloat_Type")):
        return False
    if not (_is_a(b, "PyFloat_Type")):
        return False
    if not (_is_a(c, "PyFloat_Type")):
        return False
    if not (_is_a(d, "PyFloat_Type")):
        return False
    if not (_is_a(dt, "PyFloat_Type")):
        return False
    T = _size(counted, 0)
    return _size(counted, 1) == 2 and _size(u0, 0) == 2


_fitting = _Direct(_fit, 100, *[_ANY] * 9)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[::1], types.double, types.double, types.double, types.double,
    types.double,
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
