# Made by gradcompile 0.1.0 from examples/lstm.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 1bab7f92f62fc7f6c1b07725f94d58e885db6e6f0511a9309b8417dc04085e58
# options: --target numba --emit value,value_and_grad
# operations: value 8*D*H*T + 8*H**2*T + 28*H*T + 3*H + 3*T + 2; value_and_grad 16*D*H*T + 24*H**2*T + 88*H*T + 3*H + 5*T + 2
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient W: agrees (finite differences), to 50 digits at 3 points
# graph: gradient U: agrees (finite differences), to 50 digits at 3 points
# graph: gradient b: agrees (finite differences), to 50 digits at 3 points
# graph: gradient v: agrees (finite differences), to 50 digits at 3 points
# code: T = 3, D = 4, H = 5: agrees, within 2^1 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: T = 0: agrees, the formula is undefined (states has no value: no statement that gives it one was carried out), and the module returns
# code: D = 0: agrees, within 2^0 units in the last place
# code: H = 0: agrees, within 2^0 units in the last place
# code: T = 9: agrees, within 2^1 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: H = 11: agrees, within 2^1 units in the last place
# claim, line 22: agrees (mpmath), grad(loss, v) == states.T @ error / T
# claim, line 23: agrees (mpmath), grad(loss, states) == outer(error, v) / T
# --- end of certificate ---

"""LSTM: a recurrent network with a memory cell that follows a signal, and its mean squared error.

    from lstm import value, value_and_grad
    loss = value(X, y, W, U, b, v)
    loss, gradient = value_and_grad(X, y, W, U, b, v)

Arguments: X[T, D], y[T], W[D, 4*H] (differentiated), U[H, 4*H] (differentiated), b[4*H] (differentiated),
v[H] (differentiated).
"""

import math
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


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _power_of_two(place):
    """2^k within the normal range, for place = k + 6755399441056767.0."""
    return np.int64(np.float64(place).view(np.int64) << 52).view(np.float64)


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


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _halves(place):
    """Two powers of two, the product of which is 2^k, subnormal or infinite too, for place = k + 6755399441057790.0."""
    bits = np.float64(place).view(np.int64)
    half = np.int64(np.uint64(bits) >> np.uint64(1))
    return np.int64(half << 52).view(np.float64), np.int64((bits - half) << 52).view(np.float64)


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


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, y, W, U, b, v):
    T, D = X.shape
    H = U.shape[0]
    t1 = 0.5 / T  # backward of line 19: div gate
    t2 = np.dot(W.T, X.T)
    row = 0
    state = _own(np.empty((2, H), np.float64))
    # over h: state; 0 operations, 8*H bytes
    for h in range(H):
        state[0, h] = 0.0
    state_ = _own(np.empty((2, H), np.float64))
    # over h: state_; 0 operations, 8*H bytes
    for h in range(H):
        state_[0, h] = 0.0
    state_2 = _own(np.empty((T + 1, H), np.float64))
    state_3 = _own(np.empty((2, H), np.float64))
    state_4 = _own(np.empty((2, H), np.float64))
    state_5 = _own(np.empty((2, H), np.float64))
    state_6 = _own(np.empty((2, H), np.float64))
    t3 = _own(np.empty((4*H,), np.float64))
    t6 = _own(np.empty((4*H,), np.float64))
    # over t: t3, t6, state_3, state_4, state_5, state_6, …; 8*H**2*T + 29*H*T operations, 264*H*T bytes
    for t in range(T):
        np.dot(U.T, state_[row], t3)
        for i in range(4*H):
            b_i = b[i]
            t3_i = t3[i]
            t2_it = t2[i, t]
            t4 = t2_it + t3_i  # line 12
            t5 = t4 + b_i  # line 12
            t6[i] = t5
        for h in range(H):
            t7 = t6[h]
            state_3[1 - row, h] = t7
            t8 = h + H  # line 13
            t9 = t6[t8]
            state_4[1 - row, h] = t9
            t10 = h + 2 * H  # line 13
            t11 = t6[t10]
            state_5[1 - row, h] = t11
            t12 = h + 3 * H  # line 14
            t13 = t6[t12]
            state_6[1 - row, h] = t13
        for h in range(H):
            t13 = state_6[1 - row, h]
            t14 = _tanh(t13)  # line 14
            t7 = state_3[1 - row, h]
            t15 = _sigmoid(t7)  # line 13
            t16 = t15 * t14  # line 14
            state_h = state[row, h]
            t9 = state_4[1 - row, h]
            t17 = _sigmoid(t9)  # line 13
            t18 = t17 * state_h  # line 14
            t19 = t18 + t16  # line 14
            state[1 - row, h] = t19
            t20 = _tanh(t19)  # line 15
            t11 = state_5[1 - row, h]
            t21 = _sigmoid(t11)  # line 13
            t22 = t21 * t20  # line 15
            state_[1 - row, h] = t22
        for h in range(H):
            t22 = state_[1 - row, h]
            state_2[t + 1, h] = t22
        row = 1 - row
    t26 = 0.0
    # stage along T: block by block, with 1 numbers for each position in buffers
    block = min(T // 2 + 4, max(64, min(256, 65536 // (2) // 32 * 32)))
    size = min(block, T)
    t24 = _own(np.empty((size,), np.float64))
    for t_0 in range(0, T, block):
        if T - t_0 < size:  # the last block
            size = T - t_0
            t24 = _own(np.empty((size,), np.float64))
        y_ = y[t_0 : t_0 + size]
        t24[...] = 0.0
        edge = H - (H - 0) % 4
        # over h, t_: t24; 2*H*T operations, 24*H*T + 8*H bytes
        for h in range(0, edge, 4):
            h_1 = h + 1
            h_2 = h + 2
            h_3 = h + 3
            v_h = v[h]
            v_h_1 = v[h_1]
            v_h_2 = v[h_2]
            v_h_3 = v[h_3]
            for t_ in range(size):
                state_2_ht_ = state_2[t_0 + t_ + 1, h]
                state_2_ht__1 = state_2[t_0 + t_ + 1, h_1]
                state_2_ht__2 = state_2[t_0 + t_ + 1, h_2]
                state_2_ht__3 = state_2[t_0 + t_ + 1, h_3]
                t23 = state_2_ht_ * v_h  # line 18
                t23_1 = state_2_ht__1 * v_h_1  # line 18
                t23_2 = state_2_ht__2 * v_h_2  # line 18
                t23_3 = state_2_ht__3 * v_h_3  # line 18
                t24_ = t24[t_]
                t24_ = t24_ + t23  # line 18
                t24_ = t24_ + t23_1  # line 18
                t24_ = t24_ + t23_2  # line 18
                t24_ = t24_ + t23_3  # line 18
                t24[t_] = t24_
        for h in range(edge, H):
            v_h = v[h]
            for t_ in range(size):
                state_2_ht_ = state_2[t_0 + t_ + 1, h]
                t23 = state_2_ht_ * v_h  # line 18
                t24[t_] += t23  # line 18
        t26_ = 0.0
        # over t_: t26_; 3*T operations, 16*T bytes
        for t_ in range(size):
            y_t_ = y_[t_]
            t24_t_ = t24[t_]
            error = t24_t_ - y_t_  # line 18
            t25 = error * error  # line 19
            t26_ = _plus(t26_, t25)  # line 19
        t26 = _plus(t26, t26_)  # line 19
    loss = t1 * t26  # line 19
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, y, W, U, b, v):
    T, D = X.shape
    H = U.shape[0]
    t1 = 0.5 / T  # backward of line 19: div gate
    t2 = np.dot(W.T, X.T)
    state = _own(np.empty((T + 1, H), np.float64))
    # over h: state; 0 operations, 8*H bytes
    for h in range(H):
        state[0, h] = 0.0
    state_ = _own(np.empty((T + 1, H), np.float64))
    # over h: state_; 0 operations, 8*H bytes
    for h in range(H):
        state_[0, h] = 0.0
    state_2 = _own(np.empty((T + 1, H), np.float64))
    state_3 = _own(np.empty((T + 1, H), np.float64))
    state_4 = _own(np.empty((T + 1, H), np.float64))
    state_5 = _own(np.empty((T + 1, H), np.float64))
    state_6 = _own(np.empty((T + 1, H), np.float64))
    t3 = _own(np.empty((4*H,), np.float64))
    t6 = _own(np.empty((4*H,), np.float64))
    # over t: t3, t6, state_3, state_4, state_5, state_6, …; 8*H**2*T + 29*H*T operations, 264*H*T bytes
    for t in range(T):
        np.dot(U.T, state_[t], t3)
        for i in range(4*H):
            b_i = b[i]
            t3_i = t3[i]
            t2_it = t2[i, t]
            t4 = t2_it + t3_i  # line 12
            t5 = t4 + b_i  # line 12
            t6[i] = t5
        for h in range(H):
            t7 = t6[h]
            state_3[t + 1, h] = t7
            t8 = h + H  # line 13
            t9 = t6[t8]
            state_4[t + 1, h] = t9
            t10 = h + 2 * H  # line 13
            t11 = t6[t10]
            state_5[t + 1, h] = t11
            t12 = h + 3 * H  # line 14
            t13 = t6[t12]
            state_6[t + 1, h] = t13
        for h in range(H):
            t13 = state_6[t + 1, h]
            t14 = _tanh(t13)  # line 14
            t7 = state_3[t + 1, h]
            t15 = _sigmoid(t7)  # line 13
            t16 = t15 * t14  # line 14
            state_h = state[t, h]
            t9 = state_4[t + 1, h]
            t17 = _sigmoid(t9)  # line 13
            t18 = t17 * state_h  # line 14
            t19 = t18 + t16  # line 14
            state[t + 1, h] = t19
            t20 = _tanh(t19)  # line 15
            t11 = state_5[t + 1, h]
            t21 = _sigmoid(t11)  # line 13
            t22 = t21 * t20  # line 15
            state_[t + 1, h] = t22
        for h in range(H):
            t22 = state_[t + 1, h]
            state_2[t + 1, h] = t22
    t24 = _own(np.empty((T,), np.float64))
    edge = T - (T - 0) % 4
    # over t_, h: t24; 2*H*T operations, 16*H*T + 8*T bytes
    for t_ in range(0, edge, 4):
        t__1 = t_ + 1
        t__2 = t_ + 2
        t__3 = t_ + 3
        t24_t_ = 0.0
        t24_t__1 = 0.0
        t24_t__2 = 0.0
        t24_t__3 = 0.0
        for h in range(H):
            v_h = v[h]
            state_2_ht_ = state_2[t_ + 1, h]
            state_2_ht__1 = state_2[t__1 + 1, h]
            state_2_ht__2 = state_2[t__2 + 1, h]
            state_2_ht__3 = state_2[t__3 + 1, h]
            t23 = state_2_ht_ * v_h  # line 18
            t23_1 = state_2_ht__1 * v_h  # line 18
            t23_2 = state_2_ht__2 * v_h  # line 18
            t23_3 = state_2_ht__3 * v_h  # line 18
            t24_t_ = _plus(t24_t_, t23)  # line 18
            t24_t__1 = _plus(t24_t__1, t23_1)  # line 18
            t24_t__2 = _plus(t24_t__2, t23_2)  # line 18
            t24_t__3 = _plus(t24_t__3, t23_3)  # line 18
        t24[t_] = t24_t_
        t24[t__1] = t24_t__1
        t24[t__2] = t24_t__2
        t24[t__3] = t24_t__3
    for t_ in range(edge, T):
        t24_t_ = 0.0
        for h in range(H):
            v_h = v[h]
            state_2_ht_ = state_2[t_ + 1, h]
            t23 = state_2_ht_ * v_h  # line 18
            t24_t_ = _plus(t24_t_, t23)  # line 18
        t24[t_] = t24_t_
    t26 = 0.0
    # over t_: t26; 3*T operations, 16*T bytes
    for t_ in range(T):
        y_t_ = y[t_]
        t24_t__ = t24[t_]
        error = t24_t__ - y_t_  # line 18
        t25 = error * error  # line 19
        t26 = _plus(t26, t25)  # line 19
    loss = t1 * t26  # line 19
    dv = _own(np.zeros((H,), np.float64))
    edge_ = T - (T - 0) % 4
    # over t_, h: dv; 2*H*T + 3*T operations, 24*H*T + 16*T bytes
    for t_ in range(0, edge_, 4):
        t__1_ = t_ + 1
        t__2_ = t_ + 2
        t__3_ = t_ + 3
        y_t_ = y[t_]
        y_t__1 = y[t__1_]
        y_t__2 = y[t__2_]
        y_t__3 = y[t__3_]
        t24_t__ = t24[t_]
        t24_t___1 = t24[t__1_]
        t24_t___2 = t24[t__2_]
        t24_t___3 = t24[t__3_]
        error = t24_t__ - y_t_  # line 18
        error_1 = t24_t___1 - y_t__1  # line 18
        error_2 = t24_t___2 - y_t__2  # line 18
        error_3 = t24_t___3 - y_t__3  # line 18
        t27 = 2 * error  # backward of line 19: square gate
        t27_1 = 2 * error_1  # backward of line 19: square gate
        t27_2 = 2 * error_2  # backward of line 19: square gate
        t27_3 = 2 * error_3  # backward of line 19: square gate
        derror = t1 * t27  # backward of line 19: square gate
        derror_1 = t1 * t27_1  # backward of line 19: square gate
        derror_2 = t1 * t27_2  # backward of line 19: square gate
        derror_3 = t1 * t27_3  # backward of line 19: square gate
        for h in range(H):
            state_2_ht_ = state_2[t_ + 1, h]
            state_2_ht__1_ = state_2[t__1_ + 1, h]
            state_2_ht__2_ = state_2[t__2_ + 1, h]
            state_2_ht__3_ = state_2[t__3_ + 1, h]
            t28 = derror * state_2_ht_  # backward of line 18: mul gate
            t28_1 = derror_1 * state_2_ht__1_  # backward of line 18: mul gate
            t28_2 = derror_2 * state_2_ht__2_  # backward of line 18: mul gate
            t28_3 = derror_3 * state_2_ht__3_  # backward of line 18: mul gate
            dv_ = dv[h]
            dv_ = dv_ + t28  # backward of line 18: mul gate
            dv_ = dv_ + t28_1  # backward of line 18: mul gate
            dv_ = dv_ + t28_2  # backward of line 18: mul gate
            dv_ = dv_ + t28_3  # backward of line 18: mul gate
            dv[h] = dv_
    for t_ in range(edge_, T):
        y_t_ = y[t_]
        t24_t__ = t24[t_]
        error = t24_t__ - y_t_  # line 18
        t27 = 2 * error  # backward of line 19: square gate
        derror = t1 * t27  # backward of line 19: square gate
        for h in range(H):
            state_2_ht_ = state_2[t_ + 1, h]
            t28 = derror * state_2_ht_  # backward of line 18: mul gate
            dv[h] += t28  # backward of line 18: mul gate
    row = 0
    state_7 = _own(np.empty((2, H), np.float64))
    # over h: state_7; 0 operations, 8*H bytes
    for h in range(H):
        state_7[0, h] = 0.0
    state_8 = _own(np.empty((2, H), np.float64))
    # over h: state_8; 0 operations, 8*H bytes
    for h in range(H):
        state_8[0, h] = 0.0
    state_9 = _own(np.empty((T + 1, 4*H), np.float64))
    t46 = _own(np.empty((4*H,), np.float64))
    # over t: state_7, t46, state_8, state_9; 8*H**2*T + 45*H*T + 3*T operations, 208*H*T + 16*T bytes
    for t in range(T - 1, -1, -1):
        y_t = y[t]
        t24_t = t24[t]
        error_ = t24_t - y_t  # line 18
        t34 = 2 * error_  # backward of line 19: square gate
        derror_ = t1 * t34  # backward of line 19: square gate
        t46[...] = 0.0
        for h in range(H):
            state_4_ht = state_4[t + 1, h]
            t29 = _sigmoid(state_4_ht)  # line 13
            state_ht = state[t + 1, h]
            t30 = _tanh(state_ht)  # line 15
            t31 = t30 * t30  # backward of line 15: tanh gate
            t32 = 1 - t31  # backward of line 15: tanh gate
            state_5_ht = state_5[t + 1, h]
            t33 = _sigmoid(state_5_ht)  # line 13
            v_h = v[h]
            dstates = derror_ * v_h  # backward of line 18: mul gate
            state_8_h = state_8[row, h]
            t35 = state_8_h + dstates  # backward of line 15: copy gate
            t36 = t35 * t33  # backward of line 15: mul gate
            t37 = t36 * t32  # backward of line 15: tanh gate
            state_h = state_7[row, h]
            t38 = state_h + t37  # backward of line 14: copy gate
            t39 = t38 * t29  # backward of line 14: mul gate
            state_7[1 - row, h] = t39
            t12 = h + 3 * H  # line 14
            state_6_ht = state_6[t + 1, h]
            t40 = _tanh(state_6_ht)  # line 14
            t41 = t40 * t40  # backward of line 14: tanh gate
            t42 = 1 - t41  # backward of line 14: tanh gate
            state_3_ht = state_3[t + 1, h]
            t43 = _sigmoid(state_3_ht)  # line 13
            t44 = t38 * t43  # backward of line 14: mul gate
            t45 = t44 * t42  # backward of line 14: tanh gate
            t46[t12] += t45  # backward of line 14: take gate
            t10 = h + 2 * H  # line 13
            t47 = 1 - t33  # backward of line 13: sigmoid gate
            t48 = t33 * t47  # backward of line 13: sigmoid gate
            t49 = t35 * t30  # backward of line 15: mul gate
            t50 = t49 * t48  # backward of line 13: sigmoid gate
            t46[t10] += t50  # backward of line 13: take gate
            t8 = h + H  # line 13
            t51 = 1 - t29  # backward of line 13: sigmoid gate
            t52 = t29 * t51  # backward of line 13: sigmoid gate
            state_ht_ = state[t, h]
            t53 = t38 * state_ht_  # backward of line 14: mul gate
            t54 = t53 * t52  # backward of line 13: sigmoid gate
            t46[t8] += t54  # backward of line 13: take gate
            t55 = 1 - t43  # backward of line 13: sigmoid gate
            t56 = t43 * t55  # backward of line 13: sigmoid gate
            t57 = t38 * t40  # backward of line 14: mul gate
            t58 = t57 * t56  # backward of line 13: sigmoid gate
            t46[h] += t58  # backward of line 13: take gate
        np.dot(U, t46, state_8[1 - row])  # backward of line 12: mul gate
        for i in range(4*H):
            t46_it = t46[i]
            state_9[t, i] = t46_it
        row = 1 - row
    dU = np.dot(state_[:-1].T, state_9[:-1])  # backward of line 12: mul gate
    db = _own(np.zeros((4*H,), np.float64))
    edge_2 = T - (T - 0) % 4
    # over t, i: db; 4*H*T operations, 96*H*T bytes
    for t in range(0, edge_2, 4):
        t_1 = t + 1
        t_2 = t + 2
        t_3 = t + 3
        for i in range(4*H):
            state_9_it = state_9[t, i]
            state_9_it_1 = state_9[t_1, i]
            state_9_it_2 = state_9[t_2, i]
            state_9_it_3 = state_9[t_3, i]
            db_ = db[i]
            db_ = db_ + state_9_it  # backward of line 12: add gate
            db_ = db_ + state_9_it_1  # backward of line 12: add gate
            db_ = db_ + state_9_it_2  # backward of line 12: add gate
            db_ = db_ + state_9_it_3  # backward of line 12: add gate
            db[i] = db_
    for t in range(edge_2, T):
        for i in range(4*H):
            state_9_it = state_9[t, i]
            db[i] += state_9_it  # backward of line 12: add gate
    dW = np.dot(X.T, state_9[:-1])  # backward of line 12: mul gate
    return (loss, dW, dU, db, dv)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    W: np.ndarray  # [D, 4*H]
    U: np.ndarray  # [H, 4*H]
    b: np.ndarray  # [4*H]
    v: np.ndarray  # [H]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(X, y, W, U, b, v):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, y, W, U, b, v):
        _call = _direct_value_kernel.run
        _found = _call(X, y, W, U, b, v)
    else:
        _found = value_kernel(*_checked(X, y, W, U, b, v))
    return _found[0]


def value_and_grad(X, y, W, U, b, v):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, y, W, U, b, v):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(X, y, W, U, b, v)
    else:
        _found = value_and_grad_kernel(*_checked(X, y, W, U, b, v))
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


def _checked(X, y, W, U, b, v):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("T", "D"), "real")
    if y.__class__ is not _ARRAY or y.dtype is not _REAL or y.ndim != 1 or not y.flags.carray:
        y = _converted("y", y, ("T",), "real")
    if W.__class__ is not _ARRAY or W.dtype is not _REAL or W.ndim != 2 or not W.flags.carray:
        W = _converted("W", W, ("D", "4*H"), "real")
    if U.__class__ is not _ARRAY or U.dtype is not _REAL or U.ndim != 2 or not U.flags.carray:
        U = _converted("U", U, ("H", "4*H"), "real")
    if b.__class__ is not _ARRAY or b.dtype is not _REAL or b.ndim != 1 or not b.flags.carray:
        b = _converted("b", b, ("4*H",), "real")
    if v.__class__ is not _ARRAY or v.dtype is not _REAL or v.ndim != 1 or not v.flags.carray:
        v = _converted("v", v, ("H",), "real")
    T, D = X.shape
    H = U.shape[0]
    if y.shape[0] != T:
        raise ValueError(f"y has {y.shape[0]} elements, but T = {T} from X")
    if W.shape[0] != D:
        raise ValueError(f"W has {W.shape[0]} rows, but D = {D} from X")
    if W.shape[1] != 4*H:
        raise ValueError(f"W has {W.shape[1]} columns, but 4*H = {4*H} from U")
    if U.shape[1] != 4*H:
        raise ValueError(f"U has {U.shape[1]} columns, but 4*H = {4*H} from U")
    if b.shape[0] != 4*H:
        raise ValueError(f"b has {b.shape[0]} elements, but 4*H = {4*H} from U")
    if v.shape[0] != H:
        raise ValueError(f"v has {v.shape[0]} elements, but H = {H} from U")
    return X, y, W, U, b, v


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
def _fit(_array, _real, X, y, W, U, b, v):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(X, _array, _real, 2)):
        return False
    if not (_is_array(y, _array, _real, 1)):
        return False
    if not (_is_array(W, _array, _real, 2)):
        return False
    if not (_is_array(U, _array, _real, 2)):
        return False
    if not (_is_array(b, _array, _real, 1)):
        return False
    if not (_is_array(v, _array, _real, 1)):
        return False
    T = _size(X, 0)
    D = _size(X, 1)
    H = _size(U, 0)
    return _size(y, 0) == T and _size(W, 0) == D and _size(W, 1) == 4*H and _size(U, 1) == 4*H and _size(b, 0) == 4*H and _size(v, 0) == H


_fitting = _Direct(_fit, 100, *[_ANY] * 8)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[::1], types.float64[:, ::1], types.float64[:, ::1],
    types.float64[::1], types.float64[::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
