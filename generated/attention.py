# Made by gradcompile 0.1.0 from examples/attention.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 1bfc0d4faad0af5fe9b713e74734f46c2278ac086b776db9c893ac6a4c7b00a2
# options: --target numba --emit value,value_and_grad
# operations: value 4*E*H*T + 2*E*T*V + 2*H*T**2 + 2*T**2*V + 3*T*V + 4*T**2 + T + 3; value_and_grad 8*E*H*T + 4*E*T*V + 6*H*T**2 + 6*T**2*V + 5*T*V + 9*T**2 + T + 3
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient Wq: agrees (finite differences), to 50 digits at 3 points
# graph: gradient Wk: agrees (finite differences), to 50 digits at 3 points
# graph: gradient Wv: agrees (finite differences), to 50 digits at 3 points
# code: T = 2, E = 3, V = 4, H = 5: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: T = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: E = 0: agrees, within 2^0 units in the last place
# code: V = 0: agrees, within 2^0 units in the last place
# code: H = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: T = 9: agrees, within 2^0 units in the last place
# code: E = 7: agrees, within 2^0 units in the last place
# code: V = 37: agrees, within 2^0 units in the last place
# code: H = 10: agrees, within 2^0 units in the last place
# claim, line 18: proved (sympy), grad(loss, attended) == arrived
# claim, line 19: proved (sympy), grad(loss, values) == weights.T @ arrived
# claim, line 20: proved (sympy), grad(loss, weights) == arrived @ values.T
# claim, line 25: agrees (mpmath), grad(loss, scores) == dscores
# claim, line 26: agrees (mpmath), grad(loss, queries) == dscores @ keys / sqrt(H)
# claim, line 27: agrees (mpmath), grad(loss, keys) == dscores.T @ queries / sqrt(H)
# claim, line 29: agrees (mpmath), grad(loss, Wq) == X.T @ (dscores @ keys) / sqrt(H)
# claim, line 30: agrees (mpmath), grad(loss, Wk) == X.T @ (dscores.T @ queries) / sqrt(H)
# claim, line 31: agrees (mpmath), grad(loss, Wv) == X.T @ (weights.T @ arrived)
# --- end of certificate ---

"""Attention: one head over a sequence, trained to reproduce a target.

    from attention import value, value_and_grad
    loss = value(X, Y, Wq, Wk, Wv)
    loss, gradient = value_and_grad(X, Y, Wq, Wk, Wv)

Arguments: X[T, E], Y[T, V], Wq[E, H] (differentiated), Wk[E, H] (differentiated), Wv[E, V] (differentiated).
"""

from typing import NamedTuple

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


_LONG_ROW = 24  # numbers in the row of a sample, from which on loops run along it


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
def _few_terms(a, b, out):
    """out = a @ b with samples along the rows of b, two rows and four terms at a time; False if there are too many."""
    rows, inner = a.shape
    if rows < 2 or rows * inner > 2048 or b.shape[0] < inner:
        return False
    size, edge = b.shape[1], inner - inner % 4
    for start in range(0, rows, 2):
        i = min(start, rows - 2)
        j = i + 1
        for n in range(size):
            out[i, n] = 0.0
            out[j, n] = 0.0
        for k in range(0, edge, 4):
            p, p_1, p_2, p_3 = a[i, k], a[i, k + 1], a[i, k + 2], a[i, k + 3]
            q, q_1, q_2, q_3 = a[j, k], a[j, k + 1], a[j, k + 2], a[j, k + 3]
            for n in range(size):
                x, x_1, x_2, x_3 = b[k, n], b[k + 1, n], b[k + 2, n], b[k + 3, n]
                out[i, n] = out[i, n] + p * x + p_1 * x_1 + p_2 * x_2 + p_3 * x_3
                out[j, n] = out[j, n] + q * x + q_1 * x_1 + q_2 * x_2 + q_3 * x_3
        for k in range(edge, inner):
            p, q = a[i, k], a[j, k]
            for n in range(size):
                out[i, n] += p * b[k, n]
                out[j, n] += q * b[k, n]
    return True


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
def value_kernel(X, Y, Wq, Wk, Wv):
    T, E = X.shape
    V = Y.shape[1]
    H = Wq.shape[1]
    t1 = np.sqrt(H)  # line 11
    t2 = 0.5 / T  # backward of line 14: div gate
    t3 = 1.0 / t1  # line 11
    queries = np.dot(X, Wq)
    keys = np.dot(X, Wk)
    values = np.dot(X, Wv)
    t15 = 0.0
    if V >= _LONG_ROW:
        # stage along T: block by block, with 3*T + V + 3 numbers for each position in buffers
        block_ = min(T // 2 + 4, max(64, min(256, 65536 // (3*T + V + 4) // 32 * 32)))
        size_ = min(block_, T)
        t16 = _own(np.empty((size_, T), np.float64))
        t17 = _own(np.empty((size_,), np.float64))
        t18 = _own(np.empty((size_, T), np.float64))
        t19 = _own(np.empty((size_,), np.float64))
        t20 = _own(np.empty((size_,), np.float64))
        weights_ = _own(np.empty((size_, T), np.float64))
        attended_ = _own(np.empty((size_, V), np.float64))
        for t0_ in range(0, T, block_):
            if T - t0_ < size_:  # the last block
                size_ = T - t0_
                t16 = _own(np.empty((size_, T), np.float64))
                t17 = _own(np.empty((size_,), np.float64))
                t18 = _own(np.empty((size_, T), np.float64))
                t19 = _own(np.empty((size_,), np.float64))
                t20 = _own(np.empty((size_,), np.float64))
                weights_ = _own(np.empty((size_, T), np.float64))
                attended_ = _own(np.empty((size_, V), np.float64))
            queries_2 = queries[t0_ : t0_ + size_]
            Y_2 = Y[t0_ : t0_ + size_]
            np.dot(queries_2, keys.T, t16)  # line 11
            # over t, t1_: t17; 2*T**2 operations, 8*T**2 + 8*T bytes
            for t in range(size_):
                t17_t = -np.inf
                for t1_ in range(T):
                    t4_tt1_ = t16[t, t1_]
                    scores = t4_tt1_ * t3  # line 11
                    t17_t = _larger(t17_t, scores)  # line 12
                t17[t] = t17_t
            # over t, t1_: t18, t19; 4*T**2 + 2*T operations, 16*T**2 + 16*T bytes
            for t in range(size_):
                t5_t = t17[t]
                t6 = t5_t if np.isfinite(t5_t) else 0.0  # line 12
                t19_t = 0.0
                for t1_ in range(T):
                    t4_tt1_ = t16[t, t1_]
                    scores = t4_tt1_ * t3  # line 11
                    t7 = scores - t6  # line 12
                    t8 = _exp(t7)  # line 12
                    t18[t, t1_] = t8
                    t19_t = _plus(t19_t, t8)  # line 12
                t19[t] = t19_t
            # over t: t20; T operations, 16*T bytes
            for t in range(size_):
                t10_t = t19[t]
                t11 = 1.0 / t10_t  # line 12
                t20[t] = t11
            # over t, t1_: weights_; T**2 operations, 16*T**2 + 8*T bytes
            for t in range(size_):
                t11 = t20[t]
                for t1_ in range(T):
                    t8 = t18[t, t1_]
                    weights_t1_t = t8 * t11  # line 12
                    weights_[t, t1_] = weights_t1_t
            np.dot(weights_, values, attended_)  # line 13
            t15__ = 0.0
            # over t, v: t15__; 3*T*V operations, 16*T*V bytes
            for t in range(size_):
                for v in range(V):
                    Y_tv = Y_2[t, v]
                    attended_tv = attended_[t, v]
                    t13 = attended_tv - Y_tv  # line 14
                    t14 = t13 * t13  # line 14
                    t15__ = _plus(t15__, t14)  # line 14
            t15 = _plus(t15, t15__)  # line 14
    else:
        # stage along T: block by block, with 3*T + 2*V + 3 numbers for each position in buffers
        block = min(T // 2 + 4, max(64, min(256, 65536 // (3*T + 2*V + 4) // 32 * 32)))
        size = min(block, T)
        space = _own(np.empty((16384,), np.float64))
        Y__ = _own(np.empty((V, size), np.float64))
        t4 = _own(np.empty((T, size), np.float64))
        t5 = _own(np.empty((size,), np.float64))
        t9 = _own(np.empty((T, size), np.float64))
        t10 = _own(np.empty((size,), np.float64))
        t12 = _own(np.empty((size,), np.float64))
        weights = _own(np.empty((T, size), np.float64))
        attended = _own(np.empty((V, size), np.float64))
        for t0 in range(0, T, block):
            if T - t0 < size:  # the last block
                size = T - t0
                Y__ = _own(np.empty((V, size), np.float64))
                t4 = _own(np.empty((T, size), np.float64))
                t5 = _own(np.empty((size,), np.float64))
                t9 = _own(np.empty((T, size), np.float64))
                t10 = _own(np.empty((size,), np.float64))
                t12 = _own(np.empty((size,), np.float64))
                weights = _own(np.empty((T, size), np.float64))
                attended = _own(np.empty((V, size), np.float64))
            queries_ = queries[t0 : t0 + size]
            Y_ = Y[t0 : t0 + size]
            queries__ = _columns(queries_, space)
            _turn(Y_, Y__)
            if not _few_terms(keys, queries__, t4):
                np.dot(keys, queries_.T, t4)  # line 11
            t5[...] = -np.inf
            # over t1_, t: t5; 2*T**2 operations, 24*T**2 bytes
            for t1_ in range(T):
                for t in range(size):
                    t4_tt1_ = t4[t1_, t]
                    scores = t4_tt1_ * t3  # line 11
                    t5[t] = scores if scores > t5[t] or scores != scores else t5[t]  # line 12
            t10[...] = 0.0
            # over t1_, t: t9, t10; 6*T**2 operations, 40*T**2 bytes
            for t1_ in range(T):
                for t in range(size):
                    t5_t = t5[t]
                    t6 = t5_t if np.isfinite(t5_t) else 0.0  # line 12
                    t4_tt1_ = t4[t1_, t]
                    scores = t4_tt1_ * t3  # line 11
                    t7 = scores - t6  # line 12
                    t8 = _exp(t7)  # line 12
                    t9[t1_, t] = t8
                    t10[t] += t8  # line 12
            # over t: t12; T operations, 16*T bytes
            for t in range(size):
                t10_t = t10[t]
                t11 = 1.0 / t10_t  # line 12
                t12[t] = t11
            # over t1_, t: weights; T**2 operations, 24*T**2 bytes
            for t1_ in range(T):
                for t in range(size):
                    t11 = t12[t]
                    t8 = t9[t1_, t]
                    weights_t1_t = t8 * t11  # line 12
                    weights[t1_, t] = weights_t1_t
            if not _few_terms(values.T, weights, attended):
                np.dot(values.T, weights, attended)  # line 13
            t15_ = 0.0
            # over v, t: t15_; 3*T*V operations, 16*T*V bytes
            for v in range(V):
                for t in range(size):
                    Y_tv = Y__[v, t]
                    attended_tv = attended[v, t]
                    t13 = attended_tv - Y_tv  # line 14
                    t14 = t13 * t13  # line 14
                    t15_ = _plus(t15_, t14)  # line 14
            t15 = _plus(t15, t15_)  # line 14
    loss = t2 * t15  # line 14
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, Y, Wq, Wk, Wv):
    T, E = X.shape
    V = Y.shape[1]
    H = Wq.shape[1]
    t1 = np.sqrt(H)  # line 11
    t2 = 0.5 / T  # backward of line 14: div gate
    t3 = 1.0 / t1  # line 11
    queries = np.dot(X, Wq)
    keys = np.dot(X, Wk)
    values = np.dot(X, Wv)
    t15 = 0.0
    t21 = _own(np.zeros((T, V), np.float64))
    t30 = _own(np.zeros((H, T), np.float64))
    dWq = _own(np.zeros((E, H), np.float64))
    if V >= _LONG_ROW:
        # stage along T: block by block, with H + 5*T + 3*V + 4 numbers for each position in buffers
        block_ = min(T // 2 + 4, max(64, min(256, 65536 // (H + 5*T + 3*V + 5) // 32 * 32)))
        size_ = min(block_, T)
        t33 = _own(np.empty((size_, T), np.float64))
        t34 = _own(np.empty((size_,), np.float64))
        t35 = _own(np.empty((size_, T), np.float64))
        t36 = _own(np.empty((size_,), np.float64))
        t37 = _own(np.empty((size_,), np.float64))
        weights_ = _own(np.empty((size_, T), np.float64))
        attended_ = _own(np.empty((size_, V), np.float64))
        t38 = _own(np.empty((size_, V), np.float64))
        t39 = _own(np.empty((size_, V), np.float64))
        dweights_ = _own(np.empty((size_, T), np.float64))
        t40 = _own(np.empty((T, V), np.float64))
        t41 = _own(np.empty((size_,), np.float64))
        t42 = _own(np.empty((size_, T), np.float64))
        dqueries_ = _own(np.empty((size_, H), np.float64))
        t43 = _own(np.empty((H, T), np.float64))
        t44 = _own(np.empty((E, H), np.float64))
        for t0_ in range(0, T, block_):
            if T - t0_ < size_:  # the last block
                size_ = T - t0_
                t33 = _own(np.empty((size_, T), np.float64))
                t34 = _own(np.empty((size_,), np.float64))
                t35 = _own(np.empty((size_, T), np.float64))
                t36 = _own(np.empty((size_,), np.float64))
                t37 = _own(np.empty((size_,), np.float64))
                weights_ = _own(np.empty((size_, T), np.float64))
                attended_ = _own(np.empty((size_, V), np.float64))
                t38 = _own(np.empty((size_, V), np.float64))
                t39 = _own(np.empty((size_, V), np.float64))
                dweights_ = _own(np.empty((size_, T), np.float64))
                t41 = _own(np.empty((size_,), np.float64))
                t42 = _own(np.empty((size_, T), np.float64))
                dqueries_ = _own(np.empty((size_, H), np.float64))
            queries_2 = queries[t0_ : t0_ + size_]
            Y_2 = Y[t0_ : t0_ + size_]
            X_2 = X[t0_ : t0_ + size_]
            np.dot(queries_2, keys.T, t33)  # line 11
            # over t, t1_: t34; 2*T**2 operations, 8*T**2 + 8*T bytes
            for t in range(size_):
                t34_t = -np.inf
                for t1_ in range(T):
                    t4_tt1_ = t33[t, t1_]
                    scores = t4_tt1_ * t3  # line 11
                    t34_t = _larger(t34_t, scores)  # line 12
                t34[t] = t34_t
            # over t, t1_: t35, t36; 4*T**2 + 2*T operations, 16*T**2 + 16*T bytes
            for t in range(size_):
                t5_t = t34[t]
                t6 = t5_t if np.isfinite(t5_t) else 0.0  # line 12
                t36_t = 0.0
                for t1_ in range(T):
                    t4_tt1_ = t33[t, t1_]
                    scores = t4_tt1_ * t3  # line 11
                    t7 = scores - t6  # line 12
                    t8 = _exp(t7)  # line 12
                    t35[t, t1_] = t8
                    t36_t = _plus(t36_t, t8)  # line 12
                t36[t] = t36_t
            # over t: t37; T operations, 16*T bytes
            for t in range(size_):
                t10_t = t36[t]
                t11 = 1.0 / t10_t  # line 12
                t37[t] = t11
            # over t, t1_: weights_; T**2 operations, 16*T**2 + 8*T bytes
            for t in range(size_):
                t11 = t37[t]
                for t1_ in range(T):
                    t8 = t35[t, t1_]
                    weights_t1_t = t8 * t11  # line 12
                    weights_[t, t1_] = weights_t1_t
            np.dot(weights_, values, attended_)  # line 13
            t15__ = 0.0
            # over t, v: t15__, t38, t39; 6*T*V operations, 32*T*V + 8*T bytes
            for t in range(size_):
                t11 = t37[t]
                for v in range(V):
                    Y_tv = Y_2[t, v]
                    attended_tv = attended_[t, v]
                    t13 = attended_tv - Y_tv  # line 14
                    t14 = t13 * t13  # line 14
                    t15__ = _plus(t15__, t14)  # line 14
                    t16 = t13 * t2  # backward of line 13: mul gate
                    t17 = t16 * 2  # backward of line 13: mul gate
                    t38[t, v] = t17
                    t19 = t17 * t11  # backward of line 13: mul gate
                    t39[t, v] = t19
            t15 = _plus(t15, t15__)  # line 14
            np.dot(t38, values.T, dweights_)  # backward of line 13: mul gate
            np.dot(t35.T, t39, t40)  # backward of line 13: mul gate
            # over t1_, v: t21; T*V operations, 24*T*V bytes
            for t1_ in range(T):
                for v in range(V):
                    t21[t1_, v] += t40[t1_, v]  # backward of line 13: mul gate
            # over t, t1_: t41; 2*T**2 operations, 16*T**2 + 8*T bytes
            for t in range(size_):
                t41_t = 0.0
                for t1_ in range(T):
                    weights_t1_t = weights_[t, t1_]
                    dweights_tt1_ = dweights_[t, t1_]
                    t23 = dweights_tt1_ * weights_t1_t  # backward of line 12: exp gate
                    t41_t = _plus(t41_t, t23)  # backward of line 12: sub gate
                t41[t] = t41_t
            # over t, t1_: t42; 4*T**2 operations, 24*T**2 + 16*T bytes
            for t in range(size_):
                t11 = t37[t]
                t24_t = t41[t]
                for t1_ in range(T):
                    dweights_tt1_ = dweights_[t, t1_]
                    t25 = dweights_tt1_ - t24_t  # backward of line 11: copy gate
                    t8 = t35[t, t1_]
                    t26 = t8 * t25  # backward of line 11: mul gate
                    t27 = t26 * t11  # backward of line 11: mul gate
                    t28 = t27 * t3  # backward of line 11: mul gate
                    t42[t, t1_] = t28
            np.dot(t42, keys, dqueries_)  # backward of line 11: mul gate
            np.dot(queries_2.T, t42, t43)  # backward of line 11: mul gate
            # over h, t1_: t30; H*T operations, 24*H*T bytes
            for h in range(H):
                for t1_ in range(T):
                    t30[h, t1_] += t43[h, t1_]  # backward of line 11: mul gate
            np.dot(X_2.T, dqueries_, t44)  # backward of line 8: mul gate
            # over e, h: dWq; E*H operations, 24*E*H bytes
            for e in range(E):
                for h in range(H):
                    dWq[e, h] += t44[e, h]  # backward of line 8: mul gate
    else:
        # stage along T: block by block, with H + 5*T + 4*V + 4 numbers for each position in buffers
        block = min(T // 2 + 4, max(64, min(256, 65536 // (H + 5*T + 4*V + 5) // 32 * 32)))
        size = min(block, T)
        space = _own(np.empty((16384,), np.float64))
        Y__ = _own(np.empty((V, size), np.float64))
        space_ = _own(np.empty((16384,), np.float64))
        t4 = _own(np.empty((T, size), np.float64))
        t5 = _own(np.empty((size,), np.float64))
        t9 = _own(np.empty((T, size), np.float64))
        t10 = _own(np.empty((size,), np.float64))
        t12 = _own(np.empty((size,), np.float64))
        weights = _own(np.empty((T, size), np.float64))
        attended = _own(np.empty((V, size), np.float64))
        t18 = _own(np.empty((V, size), np.float64))
        t20 = _own(np.empty((V, size), np.float64))
        dweights = _own(np.empty((T, size), np.float64))
        t22 = _own(np.empty((T, V), np.float64))
        t24 = _own(np.empty((size,), np.float64))
        t29 = _own(np.empty((T, size), np.float64))
        dqueries = _own(np.empty((H, size), np.float64))
        t31 = _own(np.empty((H, T), np.float64))
        t32 = _own(np.empty((E, H), np.float64))
        for t0 in range(0, T, block):
            if T - t0 < size:  # the last block
                size = T - t0
                Y__ = _own(np.empty((V, size), np.float64))
                t4 = _own(np.empty((T, size), np.float64))
                t5 = _own(np.empty((size,), np.float64))
                t9 = _own(np.empty((T, size), np.float64))
                t10 = _own(np.empty((size,), np.float64))
                t12 = _own(np.empty((size,), np.float64))
                weights = _own(np.empty((T, size), np.float64))
                attended = _own(np.empty((V, size), np.float64))
                t18 = _own(np.empty((V, size), np.float64))
                t20 = _own(np.empty((V, size), np.float64))
                dweights = _own(np.empty((T, size), np.float64))
                t24 = _own(np.empty((size,), np.float64))
                t29 = _own(np.empty((T, size), np.float64))
                dqueries = _own(np.empty((H, size), np.float64))
            queries_ = queries[t0 : t0 + size]
            Y_ = Y[t0 : t0 + size]
            X_ = X[t0 : t0 + size]
            queries__ = _columns(queries_, space)
            _turn(Y_, Y__)
            X__ = _columns(X_, space_)
            if not _few_terms(keys, queries__, t4):
                np.dot(keys, queries_.T, t4)  # line 11
            t5[...] = -np.inf
            # over t1_, t: t5; 2*T**2 operations, 24*T**2 bytes
            for t1_ in range(T):
                for t in range(size):
                    t4_tt1_ = t4[t1_, t]
                    scores = t4_tt1_ * t3  # line 11
                    t5[t] = scores if scores > t5[t] or scores != scores else t5[t]  # line 12
            t10[...] = 0.0
            # over t1_, t: t9, t10; 6*T**2 operations, 40*T**2 bytes
            for t1_ in range(T):
                for t in range(size):
                    t5_t = t5[t]
                    t6 = t5_t if np.isfinite(t5_t) else 0.0  # line 12
                    t4_tt1_ = t4[t1_, t]
                    scores = t4_tt1_ * t3  # line 11
                    t7 = scores - t6  # line 12
                    t8 = _exp(t7)  # line 12
                    t9[t1_, t] = t8
                    t10[t] += t8  # line 12
            # over t: t12; T operations, 16*T bytes
            for t in range(size):
                t10_t = t10[t]
                t11 = 1.0 / t10_t  # line 12
                t12[t] = t11
            # over t1_, t: weights; T**2 operations, 24*T**2 bytes
            for t1_ in range(T):
                for t in range(size):
                    t11 = t12[t]
                    t8 = t9[t1_, t]
                    weights_t1_t = t8 * t11  # line 12
                    weights[t1_, t] = weights_t1_t
            if not _few_terms(values.T, weights, attended):
                np.dot(values.T, weights, attended)  # line 13
            t15_ = 0.0
            # over v, t: t15_, t18, t20; 6*T*V operations, 40*T*V bytes
            for v in range(V):
                for t in range(size):
                    Y_tv = Y__[v, t]
                    attended_tv = attended[v, t]
                    t13 = attended_tv - Y_tv  # line 14
                    t14 = t13 * t13  # line 14
                    t15_ = _plus(t15_, t14)  # line 14
                    t16 = t13 * t2  # backward of line 13: mul gate
                    t17 = t16 * 2  # backward of line 13: mul gate
                    t18[v, t] = t17
                    t11 = t12[t]
                    t19 = t17 * t11  # backward of line 13: mul gate
                    t20[v, t] = t19
            t15 = _plus(t15, t15_)  # line 14
            if not _few_terms(values, t18, dweights):
                np.dot(values, t18, dweights)  # backward of line 13: mul gate
            if not _long_sums(t9, t20, t22):
                np.dot(t9, t20.T, t22)  # backward of line 13: mul gate
            # over t1_, v: t21; T*V operations, 24*T*V bytes
            for t1_ in range(T):
                for v in range(V):
                    t21[t1_, v] += t22[t1_, v]  # backward of line 13: mul gate
            t24[...] = 0.0
            edge = T - (T - 0) % 4
            # over t1_, t: t24; 2*T**2 operations, 32*T**2 bytes
            for t1_ in range(0, edge, 4):
                t1__1 = t1_ + 1
                t1__2 = t1_ + 2
                t1__3 = t1_ + 3
                for t in range(size):
                    weights_t1_t = weights[t1_, t]
                    weights_t1_t_1 = weights[t1__1, t]
                    weights_t1_t_2 = weights[t1__2, t]
                    weights_t1_t_3 = weights[t1__3, t]
                    dweights_tt1_ = dweights[t1_, t]
                    dweights_tt1__1 = dweights[t1__1, t]
                    dweights_tt1__2 = dweights[t1__2, t]
                    dweights_tt1__3 = dweights[t1__3, t]
                    t23 = dweights_tt1_ * weights_t1_t  # backward of line 12: exp gate
                    t23_1 = dweights_tt1__1 * weights_t1_t_1  # backward of line 12: exp gate
                    t23_2 = dweights_tt1__2 * weights_t1_t_2  # backward of line 12: exp gate
                    t23_3 = dweights_tt1__3 * weights_t1_t_3  # backward of line 12: exp gate
                    t24_ = t24[t]
                    t24_ = t24_ + t23  # backward of line 12: sub gate
                    t24_ = t24_ + t23_1  # backward of line 12: sub gate
                    t24_ = t24_ + t23_2  # backward of line 12: sub gate
                    t24_ = t24_ + t23_3  # backward of line 12: sub gate
                    t24[t] = t24_
            for t1_ in range(edge, T):
                for t in range(size):
                    weights_t1_t = weights[t1_, t]
                    dweights_tt1_ = dweights[t1_, t]
                    t23 = dweights_tt1_ * weights_t1_t  # backward of line 12: exp gate
                    t24[t] += t23  # backward of line 12: sub gate
            # over t1_, t: t29; 4*T**2 operations, 40*T**2 bytes
            for t1_ in range(T):
                for t in range(size):
                    t11 = t12[t]
                    t24_t = t24[t]
                    dweights_tt1_ = dweights[t1_, t]
                    t25 = dweights_tt1_ - t24_t  # backward of line 11: copy gate
                    t8 = t9[t1_, t]
                    t26 = t8 * t25  # backward of line 11: mul gate
                    t27 = t26 * t11  # backward of line 11: mul gate
                    t28 = t27 * t3  # backward of line 11: mul gate
                    t29[t1_, t] = t28
            if not _few_terms(keys.T, t29, dqueries):
                np.dot(keys.T, t29, dqueries)  # backward of line 11: mul gate
            if not _long_sums(queries__, t29, t31):
                np.dot(queries_.T, t29.T, t31)  # backward of line 11: mul gate
            # over h, t1_: t30; H*T operations, 24*H*T bytes
            for h in range(H):
                for t1_ in range(T):
                    t30[h, t1_] += t31[h, t1_]  # backward of line 11: mul gate
            if not _long_sums(X__, dqueries, t32):
                np.dot(X_.T, dqueries.T, t32)  # backward of line 8: mul gate
            # over e, h: dWq; E*H operations, 24*E*H bytes
            for e in range(E):
                for h in range(H):
                    dWq[e, h] += t32[e, h]  # backward of line 8: mul gate
    loss = t2 * t15  # line 14
    dWv = np.dot(X.T, t21)  # backward of line 10: mul gate
    dWk = np.dot(X.T, t30.T)  # backward of line 9: mul gate
    return (loss, dWq, dWk, dWv)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    Wq: np.ndarray  # [E, H]
    Wk: np.ndarray  # [E, H]
    Wv: np.ndarray  # [E, V]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(X, Y, Wq, Wk, Wv):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, Y, Wq, Wk, Wv):
        _call = _direct_value_kernel.run
        _found = _call(X, Y, Wq, Wk, Wv)
    else:
        _found = value_kernel(*_checked(X, Y, Wq, Wk, Wv))
    return _found[0]


def value_and_grad(X, Y, Wq, Wk, Wv):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, Y, Wq, Wk, Wv):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(X, Y, Wq, Wk, Wv)
    else:
        _found = value_and_grad_kernel(*_checked(X, Y, Wq, Wk, Wv))
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


def _checked(X, Y, Wq, Wk, Wv):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("T", "E"), "real")
    if Y.__class__ is not _ARRAY or Y.dtype is not _REAL or Y.ndim != 2 or not Y.flags.carray:
        Y = _converted("Y", Y, ("T", "V"), "real")
    if Wq.__class__ is not _ARRAY or Wq.dtype is not _REAL or Wq.ndim != 2 or not Wq.flags.carray:
        Wq = _converted("Wq", Wq, ("E", "H"), "real")
    if Wk.__class__ is not _ARRAY or Wk.dtype is not _REAL or Wk.ndim != 2 or not Wk.flags.carray:
        Wk = _converted("Wk", Wk, ("E", "H"), "real")
    if Wv.__class__ is not _ARRAY or Wv.dtype is not _REAL or Wv.ndim != 2 or not Wv.flags.carray:
        Wv = _converted("Wv", Wv, ("E", "V"), "real")
    T, E = X.shape
    V = Y.shape[1]
    H = Wq.shape[1]
    if Y.shape[0] != T:
        raise ValueError(f"Y has {Y.shape[0]} rows, but T = {T} from X")
    if Wq.shape[0] != E:
        raise ValueError(f"Wq has {Wq.shape[0]} rows, but E = {E} from X")
    if Wk.shape[0] != E:
        raise ValueError(f"Wk has {Wk.shape[0]} rows, but E = {E} from X")
    if Wk.shape[1] != H:
        raise ValueError(f"Wk has {Wk.shape[1]} columns, but H = {H} from Wq")
    if Wv.shape[0] != E:
        raise ValueError(f"Wv has {Wv.shape[0]} rows, but E = {E} from X")
    if Wv.shape[1] != V:
        raise ValueError(f"Wv has {Wv.shape[1]} columns, but V = {V} from Y")
    return X, Y, Wq, Wk, Wv


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
def _fit(_array, _real, X, Y, Wq, Wk, Wv):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(X, _array, _real, 2)):
        return False
    if not (_is_array(Y, _array, _real, 2)):
        return False
    if not (_is_array(Wq, _array, _real, 2)):
        return False
    if not (_is_array(Wk, _array, _real, 2)):
        return False
    if not (_is_array(Wv, _array, _real, 2)):
        return False
    T = _size(X, 0)
    E = _size(X, 1)
    V = _size(Y, 1)
    H = _size(Wq, 1)
    return _size(Y, 0) == T and _size(Wq, 0) == E and _size(Wk, 0) == E and _size(Wk, 1) == H and _size(Wv, 0) == E and _size(Wv, 1) == V


_fitting = _Direct(_fit, 100, *[_ANY] * 7)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[:, ::1], types.float64[:, ::1], types.float64[:, ::1],
    types.float64[:, ::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
