# Made by gradcompile 0.1.0 from examples/n_body.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: d792618ed951729b84a9892548ac64990213156e1bf772e8fcc7c6a6fed69f8e
# options: --target numba --emit value,value_and_grad
# operations: value 46*N**2*steps + 18*N*steps + N**2 + 10*N + 3; value_and_grad 147*N**2*steps + 45*N*steps + N**2 + 10*N + 3
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient start: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient speed: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
# code: N = 4: agrees, within 2^3 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^2 units in the last place
# code: steps = 0: agrees, within 2^0 units in the last place
# code: steps = 17: agrees, within 2^1 units in the last place
# claim, line 23: agrees (mpmath), grad(potential, start) == -m[:, None] * pull(start)
# --- end of certificate ---

"""Gravity: where must N bodies start, and how fast, to arrive at given places? The squared distance from these.

    from n_body import value, value_and_grad
    loss = value(start, speed, goal, m, dt=0.01, steps=10, eps=0.05)
    loss, gradient = value_and_grad(start, speed, goal, m, dt=0.01, steps=10, eps=0.05)

Arguments: start[N, 3] (differentiated), speed[N, 3] (differentiated), goal[N, 3], m[N], dt, steps, eps.
"""

from typing import NamedTuple

from numba import njit
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
def value_kernel(start, speed, goal, m, dt, steps, eps):
    N = start.shape[0]
    t1 = 0.5 * dt  # line 16
    t2 = eps * eps  # line 11
    row = 0
    x = _own(np.empty((2, 3, N), np.float64))
    # over i, j: x; 0 operations, 48*N bytes
    for i in range(3):
        for j in range(N):
            start_ij = start[j, i]
            x[0, i, j] = start_ij
    state = _own(np.empty((2, 3, N), np.float64))
    # over i, j: state; 0 operations, 48*N bytes
    for i in range(3):
        for j in range(N):
            speed_ij = speed[j, i]
            state[0, i, j] = speed_ij
    state_ = _own(np.empty((2, N, N), np.float64))
    t5 = _own(np.empty((N, N), np.float64))
    t9 = _own(np.empty((N, N), np.float64))
    t14 = _own(np.empty((N, 3), np.float64))
    t21 = _own(np.empty((N, N), np.float64))
    t25 = _own(np.empty((N, N), np.float64))
    t29 = _own(np.empty((N, 3), np.float64))
    # over t: t5, t9, t14, x, t21, t25, …; 60*N**2*steps + 24*N*steps operations, 384*N**2*steps + 336*N*steps bytes
    for t in range(steps):
        t5[...] = 0.0
        for i in range(3):
            edge = N - (N - 0) % 4
            for j in range(0, edge, 4):
                j_1 = j + 1
                j_2 = j + 2
                j_3 = j + 3
                x_ij = x[row, i, j]
                x_ij_1 = x[row, i, j_1]
                x_ij_2 = x[row, i, j_2]
                x_ij_3 = x[row, i, j_3]
                for i_ in range(N):
                    x_ii_ = x[row, i, i_]
                    t3 = x_ij - x_ii_  # line 11
                    t3_1 = x_ij_1 - x_ii_  # line 11
                    t3_2 = x_ij_2 - x_ii_  # line 11
                    t3_3 = x_ij_3 - x_ii_  # line 11
                    t4 = t3 * t3  # line 11
                    t4_1 = t3_1 * t3_1  # line 11
                    t4_2 = t3_2 * t3_2  # line 11
                    t4_3 = t3_3 * t3_3  # line 11
                    t5[j, i_] += t4  # line 11
                    t5[j_1, i_] += t4_1  # line 11
                    t5[j_2, i_] += t4_2  # line 11
                    t5[j_3, i_] += t4_3  # line 11
            for j in range(edge, N):
                x_ij = x[row, i, j]
                for i_ in range(N):
                    x_ii_ = x[row, i, i_]
                    t3 = x_ij - x_ii_  # line 11
                    t4 = t3 * t3  # line 11
                    t5[j, i_] += t4  # line 11
        for j in range(N):
            for i_ in range(N):
                t5_ji_ = t5[j, i_]
                t6 = t5_ji_ + t2  # line 11
                t7 = np.sqrt(t6)  # line 11
                t8 = t6 * t7  # line 11
                t9[j, i_] = t8
        t14[...] = 0.0
        for i in range(3):
            edge_ = N - (N - 0) % 4
            for j in range(0, edge_, 4):
                j_1_ = j + 1
                j_2_ = j + 2
                j_3_ = j + 3
                x_ij = x[row, i, j]
                x_ij_1_ = x[row, i, j_1_]
                x_ij_2_ = x[row, i, j_2_]
                x_ij_3_ = x[row, i, j_3_]
                m_j = m[j]
                m_j_1 = m[j_1_]
                m_j_2 = m[j_2_]
                m_j_3 = m[j_3_]
                for i_ in range(N):
                    t8 = t9[j, i_]
                    t8_1 = t9[j_1_, i_]
                    t8_2 = t9[j_2_, i_]
                    t8_3 = t9[j_3_, i_]
                    x_ii_ = x[row, i, i_]
                    t3 = x_ij - x_ii_  # line 11
                    t3_1_ = x_ij_1_ - x_ii_  # line 11
                    t3_2_ = x_ij_2_ - x_ii_  # line 11
                    t3_3_ = x_ij_3_ - x_ii_  # line 11
                    t10 = m_j * t3  # line 11
                    t10_1 = m_j_1 * t3_1_  # line 11
                    t10_2 = m_j_2 * t3_2_  # line 11
                    t10_3 = m_j_3 * t3_3_  # line 11
                    t11 = t10 / t8  # line 11
                    t11_1 = t10_1 / t8_1  # line 11
                    t11_2 = t10_2 / t8_2  # line 11
                    t11_3 = t10_3 / t8_3  # line 11
                    t12 = j != i_  # line 11
                    t12_1 = j_1_ != i_  # line 11
                    t12_2 = j_2_ != i_  # line 11
                    t12_3 = j_3_ != i_  # line 11
                    t13 = t11 if t12 else 0.0  # line 11
                    t13_1 = t11_1 if t12_1 else 0.0  # line 11
                    t13_2 = t11_2 if t12_2 else 0.0  # line 11
                    t13_3 = t11_3 if t12_3 else 0.0  # line 11
                    t14_ = t14[i_, i]
                    t14_ = t14_ + t13  # line 11
                    t14_ = t14_ + t13_1  # line 11
                    t14_ = t14_ + t13_2  # line 11
                    t14_ = t14_ + t13_3  # line 11
                    t14[i_, i] = t14_
            for j in range(edge_, N):
                x_ij = x[row, i, j]
                m_j = m[j]
                for i_ in range(N):
                    t8 = t9[j, i_]
                    x_ii_ = x[row, i, i_]
                    t3 = x_ij - x_ii_  # line 11
                    t10 = m_j * t3  # line 11
                    t11 = t10 / t8  # line 11
                    t12 = j != i_  # line 11
                    t13 = t11 if t12 else 0.0  # line 11
                    t14[i_, i] += t13  # line 11
        for i in range(3):
            for j in range(N):
                t14_ij = t14[j, i]
                t15 = t1 * t14_ij  # line 16
                state_ij = state[row, i, j]
                t16 = state_ij + t15  # line 16
                t17 = dt * t16  # line 17
                x_ij = x[row, i, j]
                t18 = x_ij + t17  # line 17
                x[1 - row, i, j] = t18
        t21[...] = 0.0
        for i in range(3):
            edge_2 = N - (N - 0) % 4
            for j in range(0, edge_2, 4):
                j_1_2 = j + 1
                j_2_2 = j + 2
                j_3_2 = j + 3
                t18 = x[1 - row, i, j]
                t18_1 = x[1 - row, i, j_1_2]
                t18_2 = x[1 - row, i, j_2_2]
                t18_3 = x[1 - row, i, j_3_2]
                for i_ in range(N):
                    x_ii__ = x[1 - row, i, i_]
                    t19 = t18 - x_ii__  # line 11
                    t19_1 = t18_1 - x_ii__  # line 11
                    t19_2 = t18_2 - x_ii__  # line 11
                    t19_3 = t18_3 - x_ii__  # line 11
                    t20 = t19 * t19  # line 11
                    t20_1 = t19_1 * t19_1  # line 11
                    t20_2 = t19_2 * t19_2  # line 11
                    t20_3 = t19_3 * t19_3  # line 11
                    t21[j, i_] += t20  # line 11
                    t21[j_1_2, i_] += t20_1  # line 11
                    t21[j_2_2, i_] += t20_2  # line 11
                    t21[j_3_2, i_] += t20_3  # line 11
            for j in range(edge_2, N):
                t18 = x[1 - row, i, j]
                for i_ in range(N):
                    x_ii__ = x[1 - row, i, i_]
                    t19 = t18 - x_ii__  # line 11
                    t20 = t19 * t19  # line 11
                    t21[j, i_] += t20  # line 11
        for j in range(N):
            for i_ in range(N):
                t21_ji_ = t21[j, i_]
                t22 = t21_ji_ + t2  # line 11
                t23 = np.sqrt(t22)  # line 11
                t24 = t22 * t23  # line 11
                t25[j, i_] = t24
        t29[...] = 0.0
        for i in range(3):
            edge_3 = N - (N - 0) % 4
            for j in range(0, edge_3, 4):
                j_1_3 = j + 1
                j_2_3 = j + 2
                j_3_3 = j + 3
                t18 = x[1 - row, i, j]
                t18_1_ = x[1 - row, i, j_1_3]
                t18_2_ = x[1 - row, i, j_2_3]
                t18_3_ = x[1 - row, i, j_3_3]
                m_j = m[j]
                m_j_1_ = m[j_1_3]
                m_j_2_ = m[j_2_3]
                m_j_3_ = m[j_3_3]
                for i_ in range(N):
                    t24 = t25[j, i_]
                    t24_1 = t25[j_1_3, i_]
                    t24_2 = t25[j_2_3, i_]
                    t24_3 = t25[j_3_3, i_]
                    x_ii__ = x[1 - row, i, i_]
                    t19 = t18 - x_ii__  # line 11
                    t19_1_ = t18_1_ - x_ii__  # line 11
                    t19_2_ = t18_2_ - x_ii__  # line 11
                    t19_3_ = t18_3_ - x_ii__  # line 11
                    t26 = m_j * t19  # line 11
                    t26_1 = m_j_1_ * t19_1_  # line 11
                    t26_2 = m_j_2_ * t19_2_  # line 11
                    t26_3 = m_j_3_ * t19_3_  # line 11
                    t27 = t26 / t24  # line 11
                    t27_1 = t26_1 / t24_1  # line 11
                    t27_2 = t26_2 / t24_2  # line 11
                    t27_3 = t26_3 / t24_3  # line 11
                    t12 = j != i_  # line 11
                    t12_1_ = j_1_3 != i_  # line 11
                    t12_2_ = j_2_3 != i_  # line 11
                    t12_3_ = j_3_3 != i_  # line 11
                    t28 = t27 if t12 else 0.0  # line 11
                    t28_1 = t27_1 if t12_1_ else 0.0  # line 11
                    t28_2 = t27_2 if t12_2_ else 0.0  # line 11
                    t28_3 = t27_3 if t12_3_ else 0.0  # line 11
                    t29_ = t29[i_, i]
                    t29_ = t29_ + t28  # line 11
                    t29_ = t29_ + t28_1  # line 11
                    t29_ = t29_ + t28_2  # line 11
                    t29_ = t29_ + t28_3  # line 11
                    t29[i_, i] = t29_
            for j in range(edge_3, N):
                t18 = x[1 - row, i, j]
                m_j = m[j]
                for i_ in range(N):
                    t24 = t25[j, i_]
                    x_ii__ = x[1 - row, i, i_]
                    t19 = t18 - x_ii__  # line 11
                    t26 = m_j * t19  # line 11
                    t27 = t26 / t24  # line 11
                    t12 = j != i_  # line 11
                    t28 = t27 if t12 else 0.0  # line 11
                    t29[i_, i] += t28  # line 11
        for j in range(N):
            for i in range(3):
                t29_ij = t29[j, i]
                t30 = t1 * t29_ij  # line 18
                t14_ij = t14[j, i]
                t15 = t1 * t14_ij  # line 16
                state_ij = state[row, i, j]
                t16 = state_ij + t15  # line 16
                t31 = t16 + t30  # line 18
                state[1 - row, i, j] = t31
        for j in range(N):
            for i_ in range(N):
                t5_ji_ = t5[j, i_]
                state_[1 - row, j, i_] = t5_ji_
        row = 1 - row
    t33 = 0.0
    # over i, j: t33; 9*N operations, 48*N bytes
    for i in range(3):
        for j in range(N):
            goal_ij = goal[j, i]
            x_ij_ = x[row, i, j]
            dx = x_ij_ - goal_ij  # line 19
            t32 = dx * dx  # line 19
            t33 = _plus(t33, t32)  # line 19
    loss = 0.5 * t33  # line 19
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(start, speed, goal, m, dt, steps, eps):
    N = start.shape[0]
    t1 = 0.5 * dt  # line 16
    t2 = eps * eps  # line 11
    row = 0
    x = _own(np.empty((steps + 1, 3, N), np.float64))
    # over i, j: x; 0 operations, 48*N bytes
    for i in range(3):
        for j in range(N):
            start_ij = start[j, i]
            x[0, i, j] = start_ij
    state = _own(np.empty((2, 3, N), np.float64))
    # over i, j: state; 0 operations, 48*N bytes
    for i in range(3):
        for j in range(N):
            speed_ij = speed[j, i]
            state[0, i, j] = speed_ij
    state_ = _own(np.empty((steps + 1, N, N), np.float64))
    t5 = _own(np.empty((N, N), np.float64))
    t9 = _own(np.empty((N, N), np.float64))
    t14 = _own(np.empty((N, 3), np.float64))
    t21 = _own(np.empty((N, N), np.float64))
    t25 = _own(np.empty((N, N), np.float64))
    t29 = _own(np.empty((N, 3), np.float64))
    # over t: t5, t9, t14, x, t21, t25, …; 60*N**2*steps + 24*N*steps operations, 384*N**2*steps + 336*N*steps bytes
    for t in range(steps):
        t5[...] = 0.0
        for i in range(3):
            edge = N - (N - 0) % 4
            for j in range(0, edge, 4):
                j_1 = j + 1
                j_2 = j + 2
                j_3 = j + 3
                x_ij = x[t, i, j]
                x_ij_1 = x[t, i, j_1]
                x_ij_2 = x[t, i, j_2]
                x_ij_3 = x[t, i, j_3]
                for i_ in range(N):
                    x_ii_ = x[t, i, i_]
                    t3 = x_ij - x_ii_  # line 11
                    t3_1 = x_ij_1 - x_ii_  # line 11
                    t3_2 = x_ij_2 - x_ii_  # line 11
                    t3_3 = x_ij_3 - x_ii_  # line 11
                    t4 = t3 * t3  # line 11
                    t4_1 = t3_1 * t3_1  # line 11
                    t4_2 = t3_2 * t3_2  # line 11
                    t4_3 = t3_3 * t3_3  # line 11
                    t5[j, i_] += t4  # line 11
                    t5[j_1, i_] += t4_1  # line 11
                    t5[j_2, i_] += t4_2  # line 11
                    t5[j_3, i_] += t4_3  # line 11
            for j in range(edge, N):
                x_ij = x[t, i, j]
                for i_ in range(N):
                    x_ii_ = x[t, i, i_]
                    t3 = x_ij - x_ii_  # line 11
                    t4 = t3 * t3  # line 11
                    t5[j, i_] += t4  # line 11
        for j in range(N):
            for i_ in range(N):
                t5_ji_ = t5[j, i_]
                t6 = t5_ji_ + t2  # line 11
                t7 = np.sqrt(t6)  # line 11
                t8 = t6 * t7  # line 11
                t9[j, i_] = t8
        t14[...] = 0.0
        for i in range(3):
            edge_ = N - (N - 0) % 4
            for j in range(0, edge_, 4):
                j_1_ = j + 1
                j_2_ = j + 2
                j_3_ = j + 3
                x_ij = x[t, i, j]
                x_ij_1_ = x[t, i, j_1_]
                x_ij_2_ = x[t, i, j_2_]
                x_ij_3_ = x[t, i, j_3_]
                m_j = m[j]
                m_j_1 = m[j_1_]
                m_j_2 = m[j_2_]
                m_j_3 = m[j_3_]
                for i_ in range(N):
                    t8 = t9[j, i_]
                    t8_1 = t9[j_1_, i_]
                    t8_2 = t9[j_2_, i_]
                    t8_3 = t9[j_3_, i_]
                    x_ii_ = x[t, i, i_]
                    t3 = x_ij - x_ii_  # line 11
                    t3_1_ = x_ij_1_ - x_ii_  # line 11
                    t3_2_ = x_ij_2_ - x_ii_  # line 11
                    t3_3_ = x_ij_3_ - x_ii_  # line 11
                    t10 = m_j * t3  # line 11
                    t10_1 = m_j_1 * t3_1_  # line 11
                    t10_2 = m_j_2 * t3_2_  # line 11
                    t10_3 = m_j_3 * t3_3_  # line 11
                    t11 = t10 / t8  # line 11
                    t11_1 = t10_1 / t8_1  # line 11
                    t11_2 = t10_2 / t8_2  # line 11
                    t11_3 = t10_3 / t8_3  # line 11
                    t12 = j != i_  # line 11
                    t12_1 = j_1_ != i_  # line 11
                    t12_2 = j_2_ != i_  # line 11
                    t12_3 = j_3_ != i_  # line 11
                    t13 = t11 if t12 else 0.0  # line 11
                    t13_1 = t11_1 if t12_1 else 0.0  # line 11
                    t13_2 = t11_2 if t12_2 else 0.0  # line 11
                    t13_3 = t11_3 if t12_3 else 0.0  # line 11
                    t14_ = t14[i_, i]
                    t14_ = t14_ + t13  # line 11
                    t14_ = t14_ + t13_1  # line 11
                    t14_ = t14_ + t13_2  # line 11
                    t14_ = t14_ + t13_3  # line 11
                    t14[i_, i] = t14_
            for j in range(edge_, N):
                x_ij = x[t, i, j]
                m_j = m[j]
                for i_ in range(N):
                    t8 = t9[j, i_]
                    x_ii_ = x[t, i, i_]
                    t3 = x_ij - x_ii_  # line 11
                    t10 = m_j * t3  # line 11
                    t11 = t10 / t8  # line 11
                    t12 = j != i_  # line 11
                    t13 = t11 if t12 else 0.0  # line 11
                    t14[i_, i] += t13  # line 11
        for i in range(3):
            for j in range(N):
                t14_ij = t14[j, i]
                t15 = t1 * t14_ij  # line 16
                state_ij = state[row, i, j]
                t16 = state_ij + t15  # line 16
                t17 = dt * t16  # line 17
                x_ij = x[t, i, j]
                t18 = x_ij + t17  # line 17
                x[t + 1, i, j] = t18
        t21[...] = 0.0
        for i in range(3):
            edge_2 = N - (N - 0) % 4
            for j in range(0, edge_2, 4):
                j_1_2 = j + 1
                j_2_2 = j + 2
                j_3_2 = j + 3
                t18 = x[t + 1, i, j]
                t18_1 = x[t + 1, i, j_1_2]
                t18_2 = x[t + 1, i, j_2_2]
                t18_3 = x[t + 1, i, j_3_2]
                for i_ in range(N):
                    x_ii__ = x[t + 1, i, i_]
                    t19 = t18 - x_ii__  # line 11
                    t19_1 = t18_1 - x_ii__  # line 11
                    t19_2 = t18_2 - x_ii__  # line 11
                    t19_3 = t18_3 - x_ii__  # line 11
                    t20 = t19 * t19  # line 11
                    t20_1 = t19_1 * t19_1  # line 11
                    t20_2 = t19_2 * t19_2  # line 11
                    t20_3 = t19_3 * t19_3  # line 11
                    t21[j, i_] += t20  # line 11
                    t21[j_1_2, i_] += t20_1  # line 11
                    t21[j_2_2, i_] += t20_2  # line 11
                    t21[j_3_2, i_] += t20_3  # line 11
            for j in range(edge_2, N):
                t18 = x[t + 1, i, j]
                for i_ in range(N):
                    x_ii__ = x[t + 1, i, i_]
                    t19 = t18 - x_ii__  # line 11
                    t20 = t19 * t19  # line 11
                    t21[j, i_] += t20  # line 11
        for j in range(N):
            for i_ in range(N):
                t21_ji_ = t21[j, i_]
                t22 = t21_ji_ + t2  # line 11
                t23 = np.sqrt(t22)  # line 11
                t24 = t22 * t23  # line 11
                t25[j, i_] = t24
        t29[...] = 0.0
        for i in range(3):
            edge_3 = N - (N - 0) % 4
            for j in range(0, edge_3, 4):
                j_1_3 = j + 1
                j_2_3 = j + 2
                j_3_3 = j + 3
                t18 = x[t + 1, i, j]
                t18_1_ = x[t + 1, i, j_1_3]
                t18_2_ = x[t + 1, i, j_2_3]
                t18_3_ = x[t + 1, i, j_3_3]
                m_j = m[j]
                m_j_1_ = m[j_1_3]
                m_j_2_ = m[j_2_3]
                m_j_3_ = m[j_3_3]
                for i_ in range(N):
                    t24 = t25[j, i_]
                    t24_1 = t25[j_1_3, i_]
                    t24_2 = t25[j_2_3, i_]
                    t24_3 = t25[j_3_3, i_]
                    x_ii__ = x[t + 1, i, i_]
                    t19 = t18 - x_ii__  # line 11
                    t19_1_ = t18_1_ - x_ii__  # line 11
                    t19_2_ = t18_2_ - x_ii__  # line 11
                    t19_3_ = t18_3_ - x_ii__  # line 11
                    t26 = m_j * t19  # line 11
                    t26_1 = m_j_1_ * t19_1_  # line 11
                    t26_2 = m_j_2_ * t19_2_  # line 11
                    t26_3 = m_j_3_ * t19_3_  # line 11
                    t27 = t26 / t24  # line 11
                    t27_1 = t26_1 / t24_1  # line 11
                    t27_2 = t26_2 / t24_2  # line 11
                    t27_3 = t26_3 / t24_3  # line 11
                    t12 = j != i_  # line 11
                    t12_1_ = j_1_3 != i_  # line 11
                    t12_2_ = j_2_3 != i_  # line 11
                    t12_3_ = j_3_3 != i_  # line 11
                    t28 = t27 if t12 else 0.0  # line 11
                    t28_1 = t27_1 if t12_1_ else 0.0  # line 11
                    t28_2 = t27_2 if t12_2_ else 0.0  # line 11
                    t28_3 = t27_3 if t12_3_ else 0.0  # line 11
                    t29_ = t29[i_, i]
                    t29_ = t29_ + t28  # line 11
                    t29_ = t29_ + t28_1  # line 11
                    t29_ = t29_ + t28_2  # line 11
                    t29_ = t29_ + t28_3  # line 11
                    t29[i_, i] = t29_
            for j in range(edge_3, N):
                t18 = x[t + 1, i, j]
                m_j = m[j]
                for i_ in range(N):
                    t24 = t25[j, i_]
                    x_ii__ = x[t + 1, i, i_]
                    t19 = t18 - x_ii__  # line 11
                    t26 = m_j * t19  # line 11
                    t27 = t26 / t24  # line 11
                    t12 = j != i_  # line 11
                    t28 = t27 if t12 else 0.0  # line 11
                    t29[i_, i] += t28  # line 11
        for j in range(N):
            for i in range(3):
                t29_ij = t29[j, i]
                t30 = t1 * t29_ij  # line 18
                t14_ij = t14[j, i]
                t15 = t1 * t14_ij  # line 16
                state_ij = state[row, i, j]
                t16 = state_ij + t15  # line 16
                t31 = t16 + t30  # line 18
                state[1 - row, i, j] = t31
        for j in range(N):
            for i_ in range(N):
                t5_ji_ = t5[j, i_]
                state_[t + 1, j, i_] = t5_ji_
        row = 1 - row
    t33 = 0.0
    # over i, j: t33; 9*N operations, 48*N bytes
    for i in range(3):
        for j in range(N):
            goal_ij = goal[j, i]
            x_ij_ = x[steps, i, j]
            dx = x_ij_ - goal_ij  # line 19
            t32 = dx * dx  # line 19
            t33 = _plus(t33, t32)  # line 19
    loss = 0.5 * t33  # line 19
    t37 = _own(np.empty((steps, N, N), np.float64))
    # over t, j, i_: t37; 3*N**2*steps operations, 16*N**2*steps bytes
    for t in range(steps):
        for j in range(N):
            for i_ in range(N):
                state__ji_t = state_[t + 1, j, i_]
                t34 = state__ji_t + t2  # line 11
                t35 = np.sqrt(t34)  # line 11
                t36 = t34 * t35  # line 11
                t37[t, j, i_] = t36
    t40 = _own(np.zeros((steps, N, N), np.float64))
    # over t, i, j, i_: t40; 9*N**2*steps operations, 72*N**2*steps + 24*N*steps bytes
    for t in range(steps):
        for i in range(3):
            edge_4 = N - (N - 0) % 4
            for j in range(0, edge_4, 4):
                j_1_4 = j + 1
                j_2_4 = j + 2
                j_3_4 = j + 3
                x_ijt = x[t + 1, i, j]
                x_ijt_1 = x[t + 1, i, j_1_4]
                x_ijt_2 = x[t + 1, i, j_2_4]
                x_ijt_3 = x[t + 1, i, j_3_4]
                for i_ in range(N):
                    x_ii_t = x[t + 1, i, i_]
                    t38 = x_ijt - x_ii_t  # line 11
                    t38_1 = x_ijt_1 - x_ii_t  # line 11
                    t38_2 = x_ijt_2 - x_ii_t  # line 11
                    t38_3 = x_ijt_3 - x_ii_t  # line 11
                    t39 = t38 * t38  # line 11
                    t39_1 = t38_1 * t38_1  # line 11
                    t39_2 = t38_2 * t38_2  # line 11
                    t39_3 = t38_3 * t38_3  # line 11
                    t40[t, j, i_] += t39  # line 11
                    t40[t, j_1_4, i_] += t39_1  # line 11
                    t40[t, j_2_4, i_] += t39_2  # line 11
                    t40[t, j_3_4, i_] += t39_3  # line 11
            for j in range(edge_4, N):
                x_ijt = x[t + 1, i, j]
                for i_ in range(N):
                    x_ii_t = x[t + 1, i, i_]
                    t38 = x_ijt - x_ii_t  # line 11
                    t39 = t38 * t38  # line 11
                    t40[t, j, i_] += t39  # line 11
    t44 = _own(np.empty((steps, N, N), np.float64))
    # over t, j, i_: t44; 3*N**2*steps operations, 16*N**2*steps bytes
    for t in range(steps):
        for j in range(N):
            for i_ in range(N):
                t40_ji_t = t40[t, j, i_]
                t41 = t40_ji_t + t2  # line 11
                t42 = np.sqrt(t41)  # line 11
                t43 = t41 * t42  # line 11
                t44[t, j, i_] = t43
    row_ = 0
    dstart = _own(np.empty((2, N, 3), np.float64))
    # over j, i: dstart; 3*N operations, 72*N bytes
    for j in range(N):
        for i in range(3):
            goal_ij = goal[j, i]
            x_ij_ = x[steps, i, j]
            dx = x_ij_ - goal_ij  # line 19
            dstart[0, j, i] = dx
    dspeed = _own(np.empty((2, N, 3), np.float64))
    # over j, i: dspeed; 0 operations, 24*N bytes
    for j in range(N):
        for i in range(3):
            dspeed[0, j, i] = 0.0
    t50 = _own(np.empty((N, N), np.float64))
    t59 = _own(np.empty((N, 3), np.float64))
    t60 = _own(np.empty((N, 3), np.float64))
    t72 = _own(np.empty((N, N), np.float64))
    t81 = _own(np.empty((N, 3), np.float64))
    t83 = _own(np.empty((N, 3), np.float64))
    # over t: t50, t60, t59, dspeed, t72, t83, …; 141*N**2*steps + 30*N*steps operations, 576*N**2*steps + 504*N*steps bytes
    for t in range(steps - 1, -1, -1):
        t50[...] = 0.0
        for i in range(3):
            edge_5 = N - (N - 0) % 4
            for j in range(0, edge_5, 4):
                j_1_5 = j + 1
                j_2_5 = j + 2
                j_3_5 = j + 3
                x_ijt = x[t + 1, i, j]
                x_ijt_1_ = x[t + 1, i, j_1_5]
                x_ijt_2_ = x[t + 1, i, j_2_5]
                x_ijt_3_ = x[t + 1, i, j_3_5]
                m_j = m[j]
                m_j_1_2 = m[j_1_5]
                m_j_2_2 = m[j_2_5]
                m_j_3_2 = m[j_3_5]
                for i_ in range(N):
                    t43 = t44[t, j, i_]
                    t43_1 = t44[t, j_1_5, i_]
                    t43_2 = t44[t, j_2_5, i_]
                    t43_3 = t44[t, j_3_5, i_]
                    x_ii_t = x[t + 1, i, i_]
                    t38 = x_ijt - x_ii_t  # line 11
                    t38_1_ = x_ijt_1_ - x_ii_t  # line 11
                    t38_2_ = x_ijt_2_ - x_ii_t  # line 11
                    t38_3_ = x_ijt_3_ - x_ii_t  # line 11
                    t45 = m_j * t38  # line 11
                    t45_1 = m_j_1_2 * t38_1_  # line 11
                    t45_2 = m_j_2_2 * t38_2_  # line 11
                    t45_3 = m_j_3_2 * t38_3_  # line 11
                    t46 = t45 / t43  # line 11
                    t46_1 = t45_1 / t43_1  # line 11
                    t46_2 = t45_2 / t43_2  # line 11
                    t46_3 = t45_3 / t43_3  # line 11
                    dspeed_ii_ = dspeed[row_, i_, i]
                    t47 = dspeed_ii_ * t1  # backward of line 18: mul gate
                    t48 = t47 / t43  # backward of line 11: div gate
                    t48_1 = t47 / t43_1  # backward of line 11: div gate
                    t48_2 = t47 / t43_2  # backward of line 11: div gate
                    t48_3 = t47 / t43_3  # backward of line 11: div gate
                    t49 = t48 * t46  # backward of line 11: div gate
                    t49_1 = t48_1 * t46_1  # backward of line 11: div gate
                    t49_2 = t48_2 * t46_2  # backward of line 11: div gate
                    t49_3 = t48_3 * t46_3  # backward of line 11: div gate
                    t50[j, i_] += t49  # backward of line 11: div gate
                    t50[j_1_5, i_] += t49_1  # backward of line 11: div gate
                    t50[j_2_5, i_] += t49_2  # backward of line 11: div gate
                    t50[j_3_5, i_] += t49_3  # backward of line 11: div gate
            for j in range(edge_5, N):
                x_ijt = x[t + 1, i, j]
                m_j = m[j]
                for i_ in range(N):
                    t43 = t44[t, j, i_]
                    x_ii_t = x[t + 1, i, i_]
                    t38 = x_ijt - x_ii_t  # line 11
                    t45 = m_j * t38  # line 11
                    t46 = t45 / t43  # line 11
                    dspeed_ii_ = dspeed[row_, i_, i]
                    t47 = dspeed_ii_ * t1  # backward of line 18: mul gate
                    t48 = t47 / t43  # backward of line 11: div gate
                    t49 = t48 * t46  # backward of line 11: div gate
                    t50[j, i_] += t49  # backward of line 11: div gate
        t60[...] = 0.0
        for i in range(3):
            for j in range(N):
                x_ijt = x[t + 1, i, j]
                m_j = m[j]
                t59_ji = 0.0
                for i_ in range(N):
                    x_ii_t = x[t + 1, i, i_]
                    t38 = x_ijt - x_ii_t  # line 11
                    t51 = 2 * t38  # backward of line 11: square gate
                    t40_ji_t = t40[t, j, i_]
                    t41 = t40_ji_t + t2  # line 11
                    t42 = np.sqrt(t41)  # line 11
                    t52 = 1.5 * t42  # backward of line 11: pow gate
                    t50_ji_t = t50[j, i_]
                    t53 = t50_ji_t * t52  # backward of line 11: pow gate
                    t54 = t53 * t51  # backward of line 11: square gate
                    t43 = t44[t, j, i_]
                    dspeed_ii_ = dspeed[row_, i_, i]
                    t47 = dspeed_ii_ * t1  # backward of line 18: mul gate
                    t48 = t47 / t43  # backward of line 11: div gate
                    t12 = j != i_  # line 11
                    t55 = t48 if t12 else 0.0  # backward of line 11: mul gate
                    t56 = t55 * m_j  # backward of line 11: mul gate
                    t57 = t56 - t54  # backward of line 11: copy gate
                    t58 = t57 if t12 else 0.0  # backward of line 11: sub gate
                    t59_ji = _plus(t59_ji, t58)  # backward of line 11: sub gate
                    t60[i_, i] += t58  # backward of line 11: sub gate
                t59[j, i] = t59_ji
        for j in range(N):
            for i in range(3):
                t60_ijt = t60[j, i]
                t61 = -t60_ijt  # backward of line 11: sub gate
                t59_ijt = t59[j, i]
                x_ij = dstart[row_, j, i]
                t62 = x_ij + t59_ijt  # backward of line 17: copy gate
                t63 = t62 + t61  # backward of line 17: copy gate
                t64 = t63 * dt  # backward of line 17: mul gate
                state_ij = dspeed[row_, j, i]
                t65 = state_ij + t64  # backward of line 16: copy gate
                dspeed[1 - row_, j, i] = t65
        t72[...] = 0.0
        for i in range(3):
            edge_6 = N - (N - 0) % 4
            for j in range(0, edge_6, 4):
                j_1_6 = j + 1
                j_2_6 = j + 2
                j_3_6 = j + 3
                x_ijt_ = x[t, i, j]
                x_ijt__1 = x[t, i, j_1_6]
                x_ijt__2 = x[t, i, j_2_6]
                x_ijt__3 = x[t, i, j_3_6]
                m_j = m[j]
                m_j_1_3 = m[j_1_6]
                m_j_2_3 = m[j_2_6]
                m_j_3_3 = m[j_3_6]
                for i_ in range(N):
                    t36 = t37[t, j, i_]
                    t36_1 = t37[t, j_1_6, i_]
                    t36_2 = t37[t, j_2_6, i_]
                    t36_3 = t37[t, j_3_6, i_]
                    x_ii_t_ = x[t, i, i_]
                    t66 = x_ijt_ - x_ii_t_  # line 11
                    t66_1 = x_ijt__1 - x_ii_t_  # line 11
                    t66_2 = x_ijt__2 - x_ii_t_  # line 11
                    t66_3 = x_ijt__3 - x_ii_t_  # line 11
                    t67 = m_j * t66  # line 11
                    t67_1 = m_j_1_3 * t66_1  # line 11
                    t67_2 = m_j_2_3 * t66_2  # line 11
                    t67_3 = m_j_3_3 * t66_3  # line 11
                    t68 = t67 / t36  # line 11
                    t68_1 = t67_1 / t36_1  # line 11
                    t68_2 = t67_2 / t36_2  # line 11
                    t68_3 = t67_3 / t36_3  # line 11
                    dspeed_ii_t = dspeed[1 - row_, i_, i]
                    t69 = dspeed_ii_t * t1  # backward of line 16: mul gate
                    t70 = t69 / t36  # backward of line 11: div gate
                    t70_1 = t69 / t36_1  # backward of line 11: div gate
                    t70_2 = t69 / t36_2  # backward of line 11: div gate
                    t70_3 = t69 / t36_3  # backward of line 11: div gate
                    t71 = t70 * t68  # backward of line 11: div gate
                    t71_1 = t70_1 * t68_1  # backward of line 11: div gate
                    t71_2 = t70_2 * t68_2  # backward of line 11: div gate
                    t71_3 = t70_3 * t68_3  # backward of line 11: div gate
                    t72[j, i_] += t71  # backward of line 11: div gate
                    t72[j_1_6, i_] += t71_1  # backward of line 11: div gate
                    t72[j_2_6, i_] += t71_2  # backward of line 11: div gate
                    t72[j_3_6, i_] += t71_3  # backward of line 11: div gate
            for j in range(edge_6, N):
                x_ijt_ = x[t, i, j]
                m_j = m[j]
                for i_ in range(N):
                    t36 = t37[t, j, i_]
                    x_ii_t_ = x[t, i, i_]
                    t66 = x_ijt_ - x_ii_t_  # line 11
                    t67 = m_j * t66  # line 11
                    t68 = t67 / t36  # line 11
                    dspeed_ii_t = dspeed[1 - row_, i_, i]
                    t69 = dspeed_ii_t * t1  # backward of line 16: mul gate
                    t70 = t69 / t36  # backward of line 11: div gate
                    t71 = t70 * t68  # backward of line 11: div gate
                    t72[j, i_] += t71  # backward of line 11: div gate
        t83[...] = 0.0
        for i in range(3):
            for j in range(N):
                x_ijt_ = x[t, i, j]
                m_j = m[j]
                t81_ji = 0.0
                for i_ in range(N):
                    x_ii_t_ = x[t, i, i_]
                    t66 = x_ijt_ - x_ii_t_  # line 11
                    t73 = 2 * t66  # backward of line 11: square gate
                    state__ji_t = state_[t + 1, j, i_]
                    t34 = state__ji_t + t2  # line 11
                    t35 = np.sqrt(t34)  # line 11
                    t74 = 1.5 * t35  # backward of line 11: pow gate
                    t72_ji_t = t72[j, i_]
                    t75 = t72_ji_t * t74  # backward of line 11: pow gate
                    t12 = j != i_  # line 11
                    t76 = t75 if t12 else 0  # backward of line 11: add gate
                    t77 = t76 * t73  # backward of line 11: square gate
                    t36 = t37[t, j, i_]
                    dspeed_ii_t = dspeed[1 - row_, i_, i]
                    t69 = dspeed_ii_t * t1  # backward of line 16: mul gate
                    t70 = t69 / t36  # backward of line 11: div gate
                    t78 = t70 if t12 else 0.0  # backward of line 11: mul gate
                    t79 = t78 * m_j  # backward of line 11: mul gate
                    t80 = t79 - t77  # backward of line 11: copy gate
                    t81_ji = _plus(t81_ji, t80)  # backward of line 11: sub gate
                    t82 = t77 - t79  # backward of line 11: sub gate
                    t83[i_, i] += t82  # backward of line 11: sub gate
                t81[j, i] = t81_ji
        for j in range(N):
            for i in range(3):
                t83_ijt = t83[j, i]
                t81_ijt = t81[j, i]
                t60_ijt = t60[j, i]
                t61 = -t60_ijt  # backward of line 11: sub gate
                t59_ijt = t59[j, i]
                x_ij = dstart[row_, j, i]
                t62 = x_ij + t59_ijt  # backward of line 17: copy gate
                t63 = t62 + t61  # backward of line 17: copy gate
                t84 = t63 + t81_ijt  # backward of line 15: copy gate
                t85 = t84 + t83_ijt  # backward of line 15: copy gate
                dstart[1 - row_, j, i] = t85
        row_ = 1 - row_
    result = _own(np.empty((N, 3), np.float64))
    for i_2 in range(N):
        for i_3 in range(3):
            result[i_2, i_3] = dstart[row_, i_2, i_3]
    result_ = _own(np.empty((N, 3), np.float64))
    for i_4 in range(N):
        for i_5 in range(3):
            result_[i_4, i_5] = dspeed[row_, i_4, i_5]
    return (loss, result, result_)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    start: np.ndarray  # [N, 3]
    speed: np.ndarray  # [N, 3]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(start, speed, goal, m, dt=0.01, steps=10, eps=0.05):
    """Return loss."""
    _found = value_kernel(*_checked(start, speed, goal, m, dt, steps, eps))
    return _found[0]


def value_and_grad(start, speed, goal, m, dt=0.01, steps=10, eps=0.05):
    """Return loss and its gradient."""
    _found = value_and_grad_kernel(*_checked(start, speed, goal, m, dt, steps, eps))
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


def _checked(start, speed, goal, m, dt, steps, eps):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if start.__class__ is not _ARRAY or start.dtype is not _REAL or start.ndim != 2 or not start.flags.carray:
        start = _converted("start", start, ("N", "3"), "real")
    if speed.__class__ is not _ARRAY or speed.dtype is not _REAL or speed.ndim != 2 or not speed.flags.carray:
        speed = _converted("speed", speed, ("N", "3"), "real")
    if goal.__class__ is not _ARRAY or goal.dtype is not _REAL or goal.ndim != 2 or not goal.flags.carray:
        goal = _converted("goal", goal, ("N", "3"), "real")
    if m.__class__ is not _ARRAY or m.dtype is not _REAL or m.ndim != 1 or not m.flags.carray:
        m = _converted("m", m, ("N",), "real")
    if dt.__class__ is not float:
        dt = float(_converted("dt", dt, (), "real"))
    if steps.__class__ is not int:
        steps = int(_converted("steps", steps, (), "integer"))
    if eps.__class__ is not float:
        eps = float(_converted("eps", eps, (), "real"))
    N = start.shape[0]
    if start.shape[1] != 3:
        raise ValueError(f"start has {start.shape[1]} columns, but must have 3")
    if speed.shape[0] != N:
        raise ValueError(f"speed has {speed.shape[0]} rows, but N = {N} from start")
    if speed.shape[1] != 3:
        raise ValueError(f"speed has {speed.shape[1]} columns, but must have 3")
    if goal.shape[0] != N:
        raise ValueError(f"goal has {goal.shape[0]} rows, but N = {N} from start")
    if goal.shape[1] != 3:
        raise ValueError(f"goal has {goal.shape[1]} columns, but must have 3")
    if m.shape[0] != N:
        raise ValueError(f"m has {m.shape[0]} elements, but N = {N} from start")
    if steps < 0:
        raise ValueError(f"`steps` bounds a range, so it must be 0 or more. (steps = {steps}, 0)")
    return start, speed, goal, m, dt, steps, eps
