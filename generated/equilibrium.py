# Made by gradcompile 0.1.0 from examples/equilibrium.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: dafd46f455a0c5c3b857864bc24e1ff164791a3f7e54b1efde60f9075fa97dd3
# options: --target numba --emit value,value_and_grad
# operations: value 2*H**2*steps_1 + H**3 + 4*D*H + 6*H*steps_1 + 10*H**2 + 18*H + steps_1 + 1; value_and_grad 2*H**2*steps_1 + H**3 + 5*D*H + 6*H*steps_1 + 13*H**2 + 23*H + steps_1 + 1
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient W: agrees (finite differences), to 50 digits at 3 points
# graph: gradient U: agrees (finite differences), to 50 digits at 3 points
# graph: gradient b: agrees (finite differences), to 50 digits at 3 points
# code: D = 3, H = 4: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: H = 0: agrees, within 2^0 units in the last place
# code: D = 9: agrees, within 2^0 units in the last place
# code: H = 7: agrees, within 2^0 units in the last place
# claim, line 24: agrees (mpmath), slope == (0.5 - 2 * layer**2)[:, None] * W / H
# claim, line 25: agrees (mpmath), grad(loss, layer) == solve(eye(H) - slope.T, state - y)
# --- end of certificate ---

"""A deep equilibrium network: its state is the fixed point of one layer, found by iteration; squared error of it.

    from equilibrium import value, value_and_grad
    loss = value(x, y, W, U, b)
    loss, gradient = value_and_grad(x, y, W, U, b)

Arguments: x[D], y[H], W[H, H] (differentiated), U[H, D] (differentiated), b[H] (differentiated).
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


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _columns(b):
    """Return a copy of a vector or an array as the columns of a matrix."""
    return np.ascontiguousarray(b).copy().reshape((b.shape[0], b.size // max(1, b.shape[0])))


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _solve(a, b):
    """Return x with a @ x = b."""
    x = np.linalg.solve(np.ascontiguousarray(a), _columns(b))  # in the order of Fortran
    return np.ascontiguousarray(x).reshape(b.shape)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _subtract(x, start, product):
    """Subtract a matrix from the rows of x from `start` on, in the last columns."""
    first = x.shape[1] - product.shape[1]
    for i in range(product.shape[0]):
        for j in range(product.shape[1]):
            x[start + i, first + j] -= product[i, j]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _lu_factors(a):
    """Return P, L and U of a = P @ L @ U: L and U in one matrix, P as the row that each row was exchanged with."""
    n = a.shape[0]
    lu = np.ascontiguousarray(a).copy()
    pivots = np.empty(n, np.int64)
    for start in range(0, n, 32):
        stop = min(start + 32, n)
        for k in range(start, stop):
            best = k
            for i in range(k + 1, n):
                if abs(lu[i, k]) > abs(lu[best, k]):
                    best = i
            pivots[k] = best
            if best != k:
                for j in range(n):
                    lu[k, j], lu[best, j] = lu[best, j], lu[k, j]
            if lu[k, k] != 0.0:
                for i in range(k + 1, n):
                    lu[i, k] /= lu[k, k]
                    factor = lu[i, k]
                    for j in range(k + 1, stop):
                        lu[i, j] -= factor * lu[k, j]
        for k in range(start, stop):
            for i in range(k + 1, stop):
                factor = lu[i, k]
                for j in range(stop, n):
                    lu[i, j] -= factor * lu[k, j]
        if stop < n:
            left, right = np.ascontiguousarray(lu[stop:, start:stop]), np.ascontiguousarray(lu[start:stop, stop:])
            _subtract(lu, stop, np.dot(left, right))
    return lu, pivots


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _regular(a):
    """Raise LinAlgError where the diagonal of a triangle has a zero."""
    for i in range(a.shape[0]):
        if a[i, i] == 0.0:
            raise np.linalg.LinAlgError("Singular matrix")


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _forward(low, x, unit):
    """Solve low @ y = x in place of x by blocks; with `unit` 1, the diagonal counts as ones."""
    n, m = x.shape
    for start in range(0, n, 48):
        stop = min(start + 48, n)
        if start > 0:
            _subtract(x, start, np.dot(np.ascontiguousarray(low[start:stop, :start]), x[:start]))
        for i in range(start, stop):
            for k in range(start, i):
                factor = low[i, k]
                for j in range(m):
                    x[i, j] -= factor * x[k, j]
            if unit == 0:
                for j in range(m):
                    x[i, j] /= low[i, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _backward(up, x, unit):
    """Solve up @ y = x in place of x by blocks from the last; with `unit` 1, the diagonal counts as ones."""
    n, m = x.shape
    for stop in range(n, 0, -48):
        start = max(stop - 48, 0)
        if stop < n:
            _subtract(x, start, np.dot(np.ascontiguousarray(up[start:stop, stop:]), x[stop:]))
        for i in range(stop - 1, start - 1, -1):
            for k in range(i + 1, stop):
                factor = up[i, k]
                for j in range(m):
                    x[i, j] -= factor * x[k, j]
            if unit == 0:
                for j in range(m):
                    x[i, j] /= up[i, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _exchange(x, i, k):
    """Exchange two rows in place."""
    for j in range(x.shape[1]):
        x[i, j], x[k, j] = x[k, j], x[i, j]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _solve_lu(lu, pivots, b):
    """Return x with a @ x = b, from the factors of a."""
    rows = np.ascontiguousarray(lu)
    _regular(rows)
    x = _columns(b)
    for i in range(x.shape[0]):
        _exchange(x, i, pivots[i])
    _forward(rows, x, 1)
    _backward(rows, x, 0)
    return x.reshape(b.shape)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _solve_lu_t(lu, pivots, b):
    """Return x with a.T @ x = b, from the factors of a."""
    columns = np.ascontiguousarray(lu.T)
    _regular(columns)
    x = _columns(b)
    _forward(columns, x, 0)
    _backward(columns, x, 1)
    for i in range(x.shape[0] - 1, -1, -1):
        _exchange(x, i, pivots[i])
    return x.reshape(b.shape)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(x, y, W, U, b):
    D = x.shape[0]
    H = y.shape[0]
    t1 = 1.0 / H  # line 13
    t2 = np.dot(U, x)
    t3 = np.dot(U, x)
    row = 0
    state = 1.0
    z = _own(np.empty((2, H), np.float64))
    # over h: z; 0 operations, 8*H bytes
    for h in range(H):
        z[0, h] = 0.0
    t5 = _own(np.empty((H,), np.float64))
    i = 0
    while True:
        t4 = state > 1e-09  # line 12
        if not t4:
            break
        if i == 100000:
            raise RuntimeError("the loop on line 12 did not end within 100000 steps")
        np.dot(W, z[row], t5)
        t12 = 0.0
        for h in range(H):
            b_h = b[h]
            t2_h = t2[h]
            drive = t2_h + b_h  # line 9
            t5_h = t5[h]
            t6 = t5_h * t1  # line 13
            t7 = t6 + drive  # line 13
            t8 = _tanh(t7)  # line 13
            t9 = 0.5 * t8  # line 13
            z[1 - row, h] = t9
            z_h = z[row, h]
            t10 = t9 - z_h  # line 14
            t11 = t10 ** 2  # line 14
            t12 = _plus(t12, t11)  # line 14
        t13 = np.sqrt(t12)  # line 14
        state = t13
        row = 1 - row
        i += 1
    t14 = _own(np.empty((H,), np.float64))
    # over h1: t14; 0 operations, 16*H bytes
    for h1 in range(H):
        z_h1 = z[row, h1]
        found = z_h1  # line 18
        t14[h1] = found
    t15 = np.dot(W, t14)  # line 19
    t16 = np.dot(W, t14)  # line 19
    t21 = _own(np.empty((H,), np.float64))
    # over h: t21; 6*H operations, 40*H bytes
    for h in range(H):
        z_h_ = z[row, h]
        found_ = z_h_  # line 18
        b_h = b[h]
        t2_h = t2[h]
        drive = t2_h + b_h  # line 9
        t15_h = t15[h]
        t17 = t15_h * t1  # line 19
        t18 = t17 + drive  # line 19
        t19 = _tanh(t18)  # line 19
        layer = 0.5 * t19  # line 19
        t20 = layer - found_  # line 21
        t21[h] = t20
    t30 = _own(np.empty((H,), np.float64))
    # over i_: t30; 8*H operations, 32*H bytes
    for i_ in range(H):
        b_i_ = b[i_]
        t3_i_ = t3[i_]
        t22 = t3_i_ + b_i_  # line 9
        t16_i_ = t16[i_]
        t23 = t16_i_ * t1  # line 19
        t24 = t23 + t22  # line 19
        t25 = _tanh(t24)  # line 19
        t26 = t25 * t25  # backward of line 19: tanh gate
        t27 = 1 - t26  # backward of line 19: tanh gate
        t28 = 0.5 * t27  # backward of line 19: tanh gate
        t29 = t28 * t1  # backward of line 19: div gate
        t30[i_] = t29
    t36 = _own(np.empty((H, H), np.float64))
    # over h, h1: t36; 4*H**2 operations, 16*H**2 + 8*H bytes
    for h in range(H):
        t30_h = t30[h]
        for h1 in range(H):
            W_h1h = W[h, h1]
            t31 = t30_h * W_h1h  # backward of line 19: mul gate
            t32 = t31  # line 21
            t33 = h == h1  # line 21
            t34 = 1.0 if t33 else 0.0  # line 21
            t35 = t34 - t32  # line 21
            t36[h, h1] = t35
    t37 = _solve(t36, t21)  # line 21
    t39 = 0.0
    # over h: t39; 4*H operations, 24*H bytes
    for h in range(H):
        y_h = y[h]
        t37_h = t37[h]
        z_h_ = z[row, h]
        found_ = z_h_  # line 18
        state_ = found_ + t37_h  # line 21
        dstate = state_ - y_h  # line 22
        t38 = dstate * dstate  # line 22
        t39 = _plus(t39, t38)  # line 22
    loss = 0.5 * t39  # line 22
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, y, W, U, b):
    D = x.shape[0]
    H = y.shape[0]
    t1 = 1.0 / H  # line 13
    t2 = np.dot(U, x)
    t3 = np.dot(U, x)
    row = 0
    state = 1.0
    z = _own(np.empty((2, H), np.float64))
    # over h: z; 0 operations, 8*H bytes
    for h in range(H):
        z[0, h] = 0.0
    t5 = _own(np.empty((H,), np.float64))
    i = 0
    while True:
        t4 = state > 1e-09  # line 12
        if not t4:
            break
        if i == 100000:
            raise RuntimeError("the loop on line 12 did not end within 100000 steps")
        np.dot(W, z[row], t5)
        t12 = 0.0
        for h in range(H):
            b_h = b[h]
            t2_h = t2[h]
            drive = t2_h + b_h  # line 9
            t5_h = t5[h]
            t6 = t5_h * t1  # line 13
            t7 = t6 + drive  # line 13
            t8 = _tanh(t7)  # line 13
            t9 = 0.5 * t8  # line 13
            z[1 - row, h] = t9
            z_h = z[row, h]
            t10 = t9 - z_h  # line 14
            t11 = t10 ** 2  # line 14
            t12 = _plus(t12, t11)  # line 14
        t13 = np.sqrt(t12)  # line 14
        state = t13
        row = 1 - row
        i += 1
    t14 = _own(np.empty((H,), np.float64))
    # over h1: t14; 0 operations, 16*H bytes
    for h1 in range(H):
        z_h1 = z[row, h1]
        found = z_h1  # line 18
        t14[h1] = found
    t15 = np.dot(W, t14)  # line 19
    t19 = _own(np.empty((H,), np.float64))
    t21 = _own(np.empty((H,), np.float64))
    # over h: t19, t21; 6*H operations, 48*H bytes
    for h in range(H):
        b_h = b[h]
        t2_h = t2[h]
        drive = t2_h + b_h  # line 9
        t15_h = t15[h]
        t16 = t15_h * t1  # line 19
        t17 = t16 + drive  # line 19
        t18 = _tanh(t17)  # line 19
        t19[h] = t18
        z_h_ = z[row, h]
        found_ = z_h_  # line 18
        layer = 0.5 * t18  # line 19
        t20 = layer - found_  # line 21
        t21[h] = t20
    t22 = np.dot(W, t14)  # line 19
    t31 = _own(np.empty((H,), np.float64))
    # over i_: t31; 8*H operations, 32*H bytes
    for i_ in range(H):
        b_i_ = b[i_]
        t3_i_ = t3[i_]
        t23 = t3_i_ + b_i_  # line 9
        t22_i_ = t22[i_]
        t24 = t22_i_ * t1  # line 19
        t25 = t24 + t23  # line 19
        t26 = _tanh(t25)  # line 19
        t27 = t26 * t26  # backward of line 19: tanh gate
        t28 = 1 - t27  # backward of line 19: tanh gate
        t29 = 0.5 * t28  # backward of line 19: tanh gate
        t30 = t29 * t1  # backward of line 19: div gate
        t31[i_] = t30
    t37 = _own(np.empty((H, H), np.float64))
    # over h, h1: t37; 4*H**2 operations, 16*H**2 + 8*H bytes
    for h in range(H):
        t31_h = t31[h]
        for h1 in range(H):
            W_h1h = W[h, h1]
            t32 = t31_h * W_h1h  # backward of line 19: mul gate
            t33 = t32  # line 21
            t34 = h == h1  # line 21
            t35 = 1.0 if t34 else 0.0  # line 21
            t36 = t35 - t33  # line 21
            t37[h, h1] = t36
    t38, t39 = _lu_factors(t37)  # line 21
    t40 = _solve_lu(t38, t39, t21)  # line 21
    dstate = _own(np.empty((H,), np.float64))
    t42 = 0.0
    # over h: dstate, t42; 4*H operations, 32*H bytes
    for h in range(H):
        y_h = y[h]
        t40_h = t40[h]
        z_h_ = z[row, h]
        found_ = z_h_  # line 18
        state_ = found_ + t40_h  # line 21
        dstate_h = state_ - y_h  # line 22
        dstate[h] = dstate_h
        t41 = dstate_h * dstate_h  # line 22
        t42 = _plus(t42, t41)  # line 22
    loss = 0.5 * t42  # line 22
    dlayer = _solve_lu_t(t38, t39, dstate)  # backward of line 21: solve gate
    ddrive = _own(np.empty((H,), np.float64))
    # over h: ddrive; 4*H operations, 24*H bytes
    for h in range(H):
        t18 = t19[h]
        t43 = t18 * t18  # backward of line 19: tanh gate
        t44 = 1 - t43  # backward of line 19: tanh gate
        dlayer_h = dlayer[h]
        t45 = dlayer_h * 0.5  # backward of line 19: mul gate
        ddrive_h = t45 * t44  # backward of line 19: tanh gate
        ddrive[h] = ddrive_h
    dW = _own(np.empty((H, H), np.float64))
    # over h, h1: dW; H**2 + H operations, 16*H**2 + 8*H bytes
    for h in range(H):
        ddrive_h = ddrive[h]
        t46 = ddrive_h * t1  # backward of line 19: div gate
        for h1 in range(H):
            t14_h1 = t14[h1]
            dW_hh1 = t46 * t14_h1  # backward of line 19: mul gate
            dW[h, h1] = dW_hh1
    dU = _own(np.empty((H, D), np.float64))
    # over h, d: dU; D*H operations, 16*D*H + 8*H bytes
    for h in range(H):
        ddrive_h = ddrive[h]
        for d in range(D):
            x_d = x[d]
            dU_hd = ddrive_h * x_d  # backward of line 9: mul gate
            dU[h, d] = dU_hd
    return (loss, dW, dU, ddrive)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    W: np.ndarray  # [H, H]
    U: np.ndarray  # [H, D]
    b: np.ndarray  # [H]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(x, y, W, U, b):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x, y, W, U, b):
        _call = _direct_value_kernel.run
        _found = _call(x, y, W, U, b)
    else:
        _found = value_kernel(*_checked(x, y, W, U, b))
    return _found[0]


def value_and_grad(x, y, W, U, b):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x, y, W, U, b):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(x, y, W, U, b)
    else:
        _found = value_and_grad_kernel(*_checked(x, y, W, U, b))
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


def _checked(x, y, W, U, b):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if x.__class__ is not _ARRAY or x.dtype is not _REAL or x.ndim != 1 or not x.flags.carray:
        x = _converted("x", x, ("D",), "real")
    if y.__class__ is not _ARRAY or y.dtype is not _REAL or y.ndim != 1 or not y.flags.carray:
        y = _converted("y", y, ("H",), "real")
    if W.__class__ is not _ARRAY or W.dtype is not _REAL or W.ndim != 2 or not W.flags.carray:
        W = _converted("W", W, ("H", "H"), "real")
    if U.__class__ is not _ARRAY or U.dtype is not _REAL or U.ndim != 2 or not U.flags.carray:
        U = _converted("U", U, ("H", "D"), "real")
    if b.__class__ is not _ARRAY or b.dtype is not _REAL or b.ndim != 1 or not b.flags.carray:
        b = _converted("b", b, ("H",), "real")
    D = x.shape[0]
    H = y.shape[0]
    if W.shape[0] != H:
        raise ValueError(f"W has {W.shape[0]} rows, but H = {H} from y")
    if W.shape[1] != H:
        raise ValueError(f"W has {W.shape[1]} columns, but H = {H} from y")
    if U.shape[0] != H:
        raise ValueError(f"U has {U.shape[0]} rows, but H = {H} from y")
    if U.shape[1] != D:
        raise ValueError(f"U has {U.shape[1]} columns, but D = {D} from x")
    if b.shape[0] != H:
        raise ValueError(f"b has {b.shape[0]} elements, but H = {H} from y")
    return x, y, W, U, b


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
def _fit(_array, _real, x, y, W, U, b):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(x, _array, _real, 1)):
        return False
    if not (_is_array(y, _array, _real, 1)):
        return False
    if not (_is_array(W, _array, _real, 2)):
        return False
    if not (_is_array(U, _array, _real, 2)):
        return False
    if not (_is_array(b, _array, _real, 1)):
        return False
    D = _size(x, 0)
    H = _size(y, 0)
    return _size(W, 0) == H and _size(W, 1) == H and _size(U, 0) == H and _size(U, 1) == D and _size(b, 0) == H


_fitting = _Direct(_fit, 100, *[_ANY] * 7)


_KNOWN = (  # types of the arguments
    types.float64[::1], types.float64[::1], types.float64[:, ::1], types.float64[:, ::1], types.float64[::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
