# Made by gradcompile 0.1.0 from examples/ising.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 997e64b0be32a254b6027dfb64ea60debace45a707d328e278ea63ec48defe17
# options: --target numba --emit value,value_and_grad
# operations: value 3*N**2*T + 10*N*T + N**2 + T; value_and_grad 6*N**2*T + 16*N*T + 3*N**2 + T
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient J: proved (sympy), equal to SymPy's derivative
# graph: gradient h: proved (sympy), equal to SymPy's derivative
# code: T = 2, N = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: T = 0: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: T = 9: agrees, within 2^0 units in the last place
# code: N = 7: agrees, within 2^0 units in the last place
# claim, line 11: proved (sympy), grad(loss, field) == left
# claim, line 12: proved (sympy), grad(loss, h) == sum(left, axis=0)
# --- end of certificate ---

"""Ising model: negative log pseudo-likelihood of spins, each given all others.

    from ising import value, value_and_grad
    loss = value(spin, J, h)
    loss, gradient = value_and_grad(spin, J, h)

Arguments: spin[T, N], J[N, N] (differentiated), h[N] (differentiated).
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


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log_sum(k, f):
    """k*log(2) + log(1 + f) for a whole k."""
    s = f / (2.0 + f)
    z = s * s
    h = 0.5 * f * f
    return k * 0.6931471805592082 + (f - (h - (s * (h + z * (0.6666666666666734 + z * (0.3999999999941438 + z * 0.2857142874246403 + z * z * (0.22222198564359882 + z * 0.181835648326685) + z * z * (z * z) * 
        (0.15314036442224369 + z * 0.14796101686198612)))) + k * 7.371002565167799e-13)))


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _softplus(x):
    """log(1 + exp(x)) as max(x, 0) + log1p(exp(-|x|)), within 2 units in the last place."""
    z = _exp(-abs(x))
    large = z > 0.41421356
    return (x if x > 0.0 else 0.0) + _log_sum(1.0 if large else 0.0, 0.5 * z - 0.5 if large else z)


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _sigmoid(x):
    """1 / (1 + z) or z / (1 + z), z = exp(-|x|), less what rounding 1 + z came to; within 2 units in the last place."""
    z = _exp(-abs(x))
    below = 1.0 + z
    y = (1.0 if x >= 0.0 else z) / below
    return y - y * (z - (below - 1.0)) * (1.0 - 0.5 * z)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(spin, J, h):
    T, N = spin.shape
    loss = 0.0
    # stage along N: block by block, with N + T numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (N + T + 1) // 32 * 32)))
    size = min(block, N)
    J__ = _own(np.empty((N, size), np.float64))
    t4 = _own(np.empty((T, size), np.float64))
    for i0 in range(0, N, block):
        if N - i0 < size:  # the last block
            size = N - i0
            J__ = _own(np.empty((N, size), np.float64))
            t4 = _own(np.empty((T, size), np.float64))
        J_ = J[i0 : i0 + size]
        h_ = h[i0 : i0 + size]
        spin_ = spin[:, i0 : i0 + size]
        _turn(J_, J__)
        t4[...] = 0.0
        edge = T - (T - 0) % 2
        # over t, j, i: t4; 4*N**2*T operations, 24*N**2*T + 8*N*T bytes
        for t in range(0, edge, 2):
            t_1 = t + 1
            edge_ = N - (N - 0) % 4
            for j in range(0, edge_, 4):
                j_1 = j + 1
                j_2 = j + 2
                j_3 = j + 3
                spin_jt = spin[t, j]
                spin_jt_1_ = spin[t, j_1]
                spin_jt_2 = spin[t, j_2]
                spin_jt_3 = spin[t, j_3]
                spin_jt_1 = spin[t_1, j]
                spin_jt_1_1 = spin[t_1, j_1]
                spin_jt_1_2 = spin[t_1, j_2]
                spin_jt_1_3 = spin[t_1, j_3]
                for i in range(size):
                    J_ij = J__[j, i]
                    J_ij_1 = J__[j_1, i]
                    J_ij_2 = J__[j_2, i]
                    J_ij_3 = J__[j_3, i]
                    t1 = J_ij * spin_jt  # line 6
                    t1_1_ = J_ij_1 * spin_jt_1_  # line 6
                    t1_2 = J_ij_2 * spin_jt_2  # line 6
                    t1_3 = J_ij_3 * spin_jt_3  # line 6
                    t1_1 = J_ij * spin_jt_1  # line 6
                    t1_1_1 = J_ij_1 * spin_jt_1_1  # line 6
                    t1_1_2 = J_ij_2 * spin_jt_1_2  # line 6
                    t1_1_3 = J_ij_3 * spin_jt_1_3  # line 6
                    t2 = j != i0 + i  # line 6
                    t2_1 = j_1 != i0 + i  # line 6
                    t2_2 = j_2 != i0 + i  # line 6
                    t2_3 = j_3 != i0 + i  # line 6
                    t3 = t1 if t2 else 0.0  # line 6
                    t3_1_ = t1_1_ if t2_1 else 0.0  # line 6
                    t3_2 = t1_2 if t2_2 else 0.0  # line 6
                    t3_3 = t1_3 if t2_3 else 0.0  # line 6
                    t3_1 = t1_1 if t2 else 0.0  # line 6
                    t3_1_1 = t1_1_1 if t2_1 else 0.0  # line 6
                    t3_1_2 = t1_1_2 if t2_2 else 0.0  # line 6
                    t3_1_3 = t1_1_3 if t2_3 else 0.0  # line 6
                    t4_ = t4[t, i]
                    t4_ = t4_ + t3  # line 6
                    t4_ = t4_ + t3_1_  # line 6
                    t4_ = t4_ + t3_2  # line 6
                    t4_ = t4_ + t3_3  # line 6
                    t4[t, i] = t4_
                    t4_2 = t4[t_1, i]
                    t4_2 = t4_2 + t3_1  # line 6
                    t4_2 = t4_2 + t3_1_1  # line 6
                    t4_2 = t4_2 + t3_1_2  # line 6
                    t4_2 = t4_2 + t3_1_3  # line 6
                    t4[t_1, i] = t4_2
            for j in range(edge_, N):
                spin_jt = spin[t, j]
                spin_jt_1 = spin[t_1, j]
                for i in range(size):
                    J_ij = J__[j, i]
                    t1 = J_ij * spin_jt  # line 6
                    t1_1 = J_ij * spin_jt_1  # line 6
                    t2 = j != i0 + i  # line 6
                    t3 = t1 if t2 else 0.0  # line 6
                    t3_1 = t1_1 if t2 else 0.0  # line 6
                    t4[t, i] += t3  # line 6
                    t4[t_1, i] += t3_1  # line 6
        for t in range(edge, T):
            edge_2 = N - (N - 0) % 4
            for j in range(0, edge_2, 4):
                j_1_ = j + 1
                j_2_ = j + 2
                j_3_ = j + 3
                spin_jt = spin[t, j]
                spin_jt_1_4 = spin[t, j_1_]
                spin_jt_2_ = spin[t, j_2_]
                spin_jt_3_ = spin[t, j_3_]
                for i in range(size):
                    J_ij = J__[j, i]
                    J_ij_1_ = J__[j_1_, i]
                    J_ij_2_ = J__[j_2_, i]
                    J_ij_3_ = J__[j_3_, i]
                    t1 = J_ij * spin_jt  # line 6
                    t1_1_4 = J_ij_1_ * spin_jt_1_4  # line 6
                    t1_2_ = J_ij_2_ * spin_jt_2_  # line 6
                    t1_3_ = J_ij_3_ * spin_jt_3_  # line 6
                    t2 = j != i0 + i  # line 6
                    t2_1_ = j_1_ != i0 + i  # line 6
                    t2_2_ = j_2_ != i0 + i  # line 6
                    t2_3_ = j_3_ != i0 + i  # line 6
                    t3 = t1 if t2 else 0.0  # line 6
                    t3_1_4 = t1_1_4 if t2_1_ else 0.0  # line 6
                    t3_2_ = t1_2_ if t2_2_ else 0.0  # line 6
                    t3_3_ = t1_3_ if t2_3_ else 0.0  # line 6
                    t4_3 = t4[t, i]
                    t4_3 = t4_3 + t3  # line 6
                    t4_3 = t4_3 + t3_1_4  # line 6
                    t4_3 = t4_3 + t3_2_  # line 6
                    t4_3 = t4_3 + t3_3_  # line 6
                    t4[t, i] = t4_3
            for j in range(edge_2, N):
                spin_jt = spin[t, j]
                for i in range(size):
                    J_ij = J__[j, i]
                    t1 = J_ij * spin_jt  # line 6
                    t2 = j != i0 + i  # line 6
                    t3 = t1 if t2 else 0.0  # line 6
                    t4[t, i] += t3  # line 6
        loss_ = 0.0
        # over t, i: loss_; 10*N*T operations, 24*N*T bytes
        for t in range(T):
            for i in range(size):
                t4_it = t4[t, i]
                h_i = h_[i]
                field = h_i + t4_it  # line 6
                spin_it = spin_[t, i]
                t5 = -2 * spin_it  # line 7
                t6 = t5 * field  # line 7
                t7 = _softplus(t6)  # line 7
                loss_ = _plus(loss_, t7)  # line 7
        loss = _plus(loss, loss_)  # line 7
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(spin, J, h):
    T, N = spin.shape
    loss = 0.0
    dh = _own(np.zeros((N,), np.float64))
    t11 = _own(np.empty((N, N), np.float64))
    # stage along N: block by block, with 2*N + 2*T numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (2*N + 2*T + 1) // 32 * 32)))
    size = min(block, N)
    J__ = _own(np.empty((N, size), np.float64))
    t4 = _own(np.empty((T, size), np.float64))
    dfield = _own(np.empty((T, size), np.float64))
    t11__ = _own(np.empty((N, size), np.float64))
    for i0 in range(0, N, block):
        if N - i0 < size:  # the last block
            size = N - i0
            J__ = _own(np.empty((N, size), np.float64))
            t4 = _own(np.empty((T, size), np.float64))
            dfield = _own(np.empty((T, size), np.float64))
            t11__ = _own(np.empty((N, size), np.float64))
        J_ = J[i0 : i0 + size]
        h_ = h[i0 : i0 + size]
        spin_ = spin[:, i0 : i0 + size]
        dh_ = dh[i0 : i0 + size]
        t11_ = t11[i0 : i0 + size]
        _turn(J_, J__)
        t4[...] = 0.0
        edge = T - (T - 0) % 2
        # over t, j, i: t4; 4*N**2*T operations, 24*N**2*T + 8*N*T bytes
        for t in range(0, edge, 2):
            t_1 = t + 1
            edge_ = N - (N - 0) % 4
            for j in range(0, edge_, 4):
                j_1 = j + 1
                j_2 = j + 2
                j_3 = j + 3
                spin_jt = spin[t, j]
                spin_jt_1_ = spin[t, j_1]
                spin_jt_2 = spin[t, j_2]
                spin_jt_3 = spin[t, j_3]
                spin_jt_1 = spin[t_1, j]
                spin_jt_1_1 = spin[t_1, j_1]
                spin_jt_1_2 = spin[t_1, j_2]
                spin_jt_1_3 = spin[t_1, j_3]
                for i in range(size):
                    J_ij = J__[j, i]
                    J_ij_1 = J__[j_1, i]
                    J_ij_2 = J__[j_2, i]
                    J_ij_3 = J__[j_3, i]
                    t1 = J_ij * spin_jt  # line 6
                    t1_1_ = J_ij_1 * spin_jt_1_  # line 6
                    t1_2 = J_ij_2 * spin_jt_2  # line 6
                    t1_3 = J_ij_3 * spin_jt_3  # line 6
                    t1_1 = J_ij * spin_jt_1  # line 6
                    t1_1_1 = J_ij_1 * spin_jt_1_1  # line 6
                    t1_1_2 = J_ij_2 * spin_jt_1_2  # line 6
                    t1_1_3 = J_ij_3 * spin_jt_1_3  # line 6
                    t2 = j != i0 + i  # line 6
                    t2_1 = j_1 != i0 + i  # line 6
                    t2_2 = j_2 != i0 + i  # line 6
                    t2_3 = j_3 != i0 + i  # line 6
                    t3 = t1 if t2 else 0.0  # line 6
                    t3_1_ = t1_1_ if t2_1 else 0.0  # line 6
                    t3_2 = t1_2 if t2_2 else 0.0  # line 6
                    t3_3 = t1_3 if t2_3 else 0.0  # line 6
                    t3_1 = t1_1 if t2 else 0.0  # line 6
                    t3_1_1 = t1_1_1 if t2_1 else 0.0  # line 6
                    t3_1_2 = t1_1_2 if t2_2 else 0.0  # line 6
                    t3_1_3 = t1_1_3 if t2_3 else 0.0  # line 6
                    t4_ = t4[t, i]
                    t4_ = t4_ + t3  # line 6
                    t4_ = t4_ + t3_1_  # line 6
                    t4_ = t4_ + t3_2  # line 6
                    t4_ = t4_ + t3_3  # line 6
                    t4[t, i] = t4_
                    t4_2 = t4[t_1, i]
                    t4_2 = t4_2 + t3_1  # line 6
                    t4_2 = t4_2 + t3_1_1  # line 6
                    t4_2 = t4_2 + t3_1_2  # line 6
                    t4_2 = t4_2 + t3_1_3  # line 6
                    t4[t_1, i] = t4_2
            for j in range(edge_, N):
                spin_jt = spin[t, j]
                spin_jt_1 = spin[t_1, j]
                for i in range(size):
                    J_ij = J__[j, i]
                    t1 = J_ij * spin_jt  # line 6
                    t1_1 = J_ij * spin_jt_1  # line 6
                    t2 = j != i0 + i  # line 6
                    t3 = t1 if t2 else 0.0  # line 6
                    t3_1 = t1_1 if t2 else 0.0  # line 6
                    t4[t, i] += t3  # line 6
                    t4[t_1, i] += t3_1  # line 6
        for t in range(edge, T):
            edge_2 = N - (N - 0) % 4
            for j in range(0, edge_2, 4):
                j_1_ = j + 1
                j_2_ = j + 2
                j_3_ = j + 3
                spin_jt = spin[t, j]
                spin_jt_1_4 = spin[t, j_1_]
                spin_jt_2_ = spin[t, j_2_]
                spin_jt_3_ = spin[t, j_3_]
                for i in range(size):
                    J_ij = J__[j, i]
                    J_ij_1_ = J__[j_1_, i]
                    J_ij_2_ = J__[j_2_, i]
                    J_ij_3_ = J__[j_3_, i]
                    t1 = J_ij * spin_jt  # line 6
                    t1_1_4 = J_ij_1_ * spin_jt_1_4  # line 6
                    t1_2_ = J_ij_2_ * spin_jt_2_  # line 6
                    t1_3_ = J_ij_3_ * spin_jt_3_  # line 6
                    t2 = j != i0 + i  # line 6
                    t2_1_ = j_1_ != i0 + i  # line 6
                    t2_2_ = j_2_ != i0 + i  # line 6
                    t2_3_ = j_3_ != i0 + i  # line 6
                    t3 = t1 if t2 else 0.0  # line 6
                    t3_1_4 = t1_1_4 if t2_1_ else 0.0  # line 6
                    t3_2_ = t1_2_ if t2_2_ else 0.0  # line 6
                    t3_3_ = t1_3_ if t2_3_ else 0.0  # line 6
                    t4_3 = t4[t, i]
                    t4_3 = t4_3 + t3  # line 6
                    t4_3 = t4_3 + t3_1_4  # line 6
                    t4_3 = t4_3 + t3_2_  # line 6
                    t4_3 = t4_3 + t3_3_  # line 6
                    t4[t, i] = t4_3
            for j in range(edge_2, N):
                spin_jt = spin[t, j]
                for i in range(size):
                    J_ij = J__[j, i]
                    t1 = J_ij * spin_jt  # line 6
                    t2 = j != i0 + i  # line 6
                    t3 = t1 if t2 else 0.0  # line 6
                    t4[t, i] += t3  # line 6
        loss_ = 0.0
        # over t, i: loss_, dfield, dh_; 16*N*T operations, 48*N*T bytes
        for t in range(T):
            for i in range(size):
                t4_it = t4[t, i]
                h_i = h_[i]
                field = h_i + t4_it  # line 6
                spin_it = spin_[t, i]
                t5 = -2 * spin_it  # line 7
                t6 = t5 * field  # line 7
                t7 = _softplus(t6)  # line 7
                loss_ = _plus(loss_, t7)  # line 7
                t8 = _sigmoid(t6)  # backward of line 7: softplus gate
                dfield_ti = t8 * t5  # backward of line 7: mul gate
                dfield[t, i] = dfield_ti
                dh_[i] += dfield_ti  # backward of line 6: add gate
        loss = _plus(loss, loss_)  # line 7
        t11__[...] = 0.0
        # over t, j, i: t11__; 4*N**2*T operations, 24*N**2*T + 8*N*T bytes
        for t in range(T):
            edge_3 = N - (N - 0) % 4
            for j in range(0, edge_3, 4):
                j_1_2 = j + 1
                j_2_2 = j + 2
                j_3_2 = j + 3
                spin_jt = spin[t, j]
                spin_jt_1_5 = spin[t, j_1_2]
                spin_jt_2_2 = spin[t, j_2_2]
                spin_jt_3_2 = spin[t, j_3_2]
                for i in range(size):
                    dfield_ti = dfield[t, i]
                    t2 = j != i0 + i  # line 6
                    t2_1_2 = j_1_2 != i0 + i  # line 6
                    t2_2_2 = j_2_2 != i0 + i  # line 6
                    t2_3_2 = j_3_2 != i0 + i  # line 6
                    t9 = dfield_ti if t2 else 0.0  # backward of line 6: mul gate
                    t9_1 = dfield_ti if t2_1_2 else 0.0  # backward of line 6: mul gate
                    t9_2 = dfield_ti if t2_2_2 else 0.0  # backward of line 6: mul gate
                    t9_3 = dfield_ti if t2_3_2 else 0.0  # backward of line 6: mul gate
                    t10 = t9 * spin_jt  # backward of line 6: mul gate
                    t10_1 = t9_1 * spin_jt_1_5  # backward of line 6: mul gate
                    t10_2 = t9_2 * spin_jt_2_2  # backward of line 6: mul gate
                    t10_3 = t9_3 * spin_jt_3_2  # backward of line 6: mul gate
                    t11__[j, i] += t10  # backward of line 6: mul gate
                    t11__[j_1_2, i] += t10_1  # backward of line 6: mul gate
                    t11__[j_2_2, i] += t10_2  # backward of line 6: mul gate
                    t11__[j_3_2, i] += t10_3  # backward of line 6: mul gate
            for j in range(edge_3, N):
                spin_jt = spin[t, j]
                for i in range(size):
                    dfield_ti = dfield[t, i]
                    t2 = j != i0 + i  # line 6
                    t9 = dfield_ti if t2 else 0.0  # backward of line 6: mul gate
                    t10 = t9 * spin_jt  # backward of line 6: mul gate
                    t11__[j, i] += t10  # backward of line 6: mul gate
        _turn(t11__, t11_)
    dJ = _own(np.empty((N, N), np.float64))
    # over i, j: dJ; 2*N**2 operations, 24*N**2 bytes
    for i in range(N):
        for j in range(N):
            t11_ji = t11[j, i]
            t11_ij = t11[i, j]
            t12 = t11_ij + t11_ji
            dJ_ij = 0.5 * t12
            dJ[i, j] = dJ_ij
    return (loss, dJ, dh)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    J: np.ndarray  # [N, N]
    h: np.ndarray  # [N]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(spin, J, h):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, spin, J, h):
        _call = _direct_value_kernel.run
        _found = _call(spin, J, h)
    else:
        _found = value_kernel(*_checked(spin, J, h))
    return _found[0]


def value_and_grad(spin, J, h):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, spin, J, h):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(spin, J, h)
    else:
        _found = value_and_grad_kernel(*_checked(spin, J, h))
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


def _checked(spin, J, h):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if spin.__class__ is not _ARRAY or spin.dtype is not _REAL or spin.ndim != 2 or not spin.flags.carray:
        spin = _converted("spin", spin, ("T", "N"), "real")
    if J.__class__ is not _ARRAY or J.dtype is not _REAL or J.ndim != 2 or not J.flags.carray:
        J = _converted("J", J, ("N", "N"), "real")
    if h.__class__ is not _ARRAY or h.dtype is not _REAL or h.ndim != 1 or not h.flags.carray:
        h = _converted("h", h, ("N",), "real")
    T, N = spin.shape
    if J.shape[0] != N:
        raise ValueError(f"J has {J.shape[0]} rows, but N = {N} from spin")
    if J.shape[1] != N:
        raise ValueError(f"J has {J.shape[1]} columns, but N = {N} from spin")
    if h.shape[0] != N:
        raise ValueError(f"h has {h.shape[0]} elements, but N = {N} from spin")
    return spin, J, h


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
def _fit(_array, _real, spin, J, h):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(spin, _array, _real, 2)):
        return False
    if not (_is_array(J, _array, _real, 2)):
        return False
    if not (_is_array(h, _array, _real, 1)):
        return False
    T = _size(spin, 0)
    N = _size(spin, 1)
    return _size(J, 0) == N and _size(J, 1) == N and _size(h, 0) == N


_fitting = _Direct(_fit, 100, *[_ANY] * 5)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[:, ::1], types.float64[::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
