# Made by gradcompile 0.1.0 from examples/k_means.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 18c66a7d123ea7072ed490deb0618abc74ecfbdf2118510dccea7033f32a1c82
# options: --target numba --emit value,value_and_grad
# operations: value 3*D*K*N + K*N + N + 1; value_and_grad 3*D*K*N + 5*D*N + 2*K*N + N + 1
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient c: agrees (finite differences), to 50 digits at 3 points
# code: N = 2, D = 3, K = 4: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: D = 0: agrees, within 2^0 units in the last place
# code: K = 0: agrees, the formula does not allow these sizes, and the module says so
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: K = 11: agrees, within 2^0 units in the last place
# claim, line 10: agrees (mpmath), grad(loss, c) == [sum(2 * (c[k] - x[n]) for n in range(N) if nearest[n] == k) / N for k in range(K)]
# --- end of certificate ---

"""k-means: mean squared distance of points from the nearest centre.

    from k_means import value, value_and_grad
    loss = value(x, c)
    loss, gradient = value_and_grad(x, c)

Arguments: x[N, D], c[K, D] (differentiated).
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _turn(x, columns):
    """Copy the rows of x to columns, eight at a time: whole cache lines are read and written."""
    rows, width = x.shape
    for first in range(0, rows, 8):
        for i in range(width):
            for row in range(first, min(first + 8, rows)):
                columns[i, row] = x[row, i]


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(x, c):
    N, D = x.shape
    K = c.shape[0]
    t4 = 0.0
    block = min(N // 2 + 4, max(64, min(256, 65536 // (D + K + 2))))
    size = min(block, N)
    x__ = np.empty((D, size), np.float64)
    distance2 = np.empty((K, size), np.float64)
    t3 = np.empty((size,), np.float64)
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            x__ = np.empty((D, size), np.float64)
            distance2 = np.empty((K, size), np.float64)
            t3 = np.empty((size,), np.float64)
        x_ = x[n0 : n0 + size]
        _turn(x_, x__)
        distance2[...] = 0.0
        for k in range(K):
            for d in range(D):
                c_dk = c[k, d]
                for n in range(size):
                    x_dn = x__[d, n]
                    t1 = x_dn - c_dk  # line 5
                    t2 = t1 * t1  # line 5
                    distance2[k, n] += t2  # line 5
        if K == 0:
            raise ValueError("min over an axis without elements")
        t3[...] = np.inf
        for k in range(K):
            for n in range(size):
                distance2_kn = distance2[k, n]
                t3[n] = distance2_kn if distance2_kn < t3[n] or distance2_kn != distance2_kn else t3[n]  # line 6
        t4_ = 0.0
        for n in range(size):
            t3_n = t3[n]
            t4_ = _plus(t4_, t3_n)  # line 6
        t4 = _plus(t4, t4_)  # line 6
    loss = t4 / N  # line 6
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, c):
    N, D = x.shape
    K = c.shape[0]
    t4 = 0.0
    dc = np.zeros((K, D), np.float64)
    block = min(N // 2 + 4, max(64, min(256, 65536 // (D + K + 4))))
    size = min(block, N)
    x__ = np.empty((D, size), np.float64)
    distance2 = np.empty((K, size), np.float64)
    t3 = np.empty((size,), np.float64)
    best = np.empty((size,), np.float64)
    t5 = np.empty((size,), np.int64)
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            x__ = np.empty((D, size), np.float64)
            distance2 = np.empty((K, size), np.float64)
            t3 = np.empty((size,), np.float64)
            best = np.empty((size,), np.float64)
            t5 = np.empty((size,), np.int64)
        x_ = x[n0 : n0 + size]
        _turn(x_, x__)
        distance2[...] = 0.0
        for k in range(K):
            for d in range(D):
                c_dk = c[k, d]
                for n in range(size):
                    x_dn = x__[d, n]
                    t1 = x_dn - c_dk  # line 5
                    t2 = t1 * t1  # line 5
                    distance2[k, n] += t2  # line 5
        if K == 0:
            raise ValueError("min over an axis without elements")
        t3[...] = np.inf
        for k in range(K):
            for n in range(size):
                distance2_kn = distance2[k, n]
                t3[n] = distance2_kn if distance2_kn < t3[n] or distance2_kn != distance2_kn else t3[n]  # line 6
        t4_ = 0.0
        for n in range(size):
            t3_n = t3[n]
            t4_ = _plus(t4_, t3_n)  # line 6
        t4 = _plus(t4, t4_)  # line 6
        if K == 0:
            raise ValueError("argmin over an axis without elements")
        best[...] = np.inf
        t5[...] = 0
        for k in range(K):
            for n in range(size):
                distance2_kn = distance2[k, n]
                if distance2_kn < best[n] or (distance2_kn != distance2_kn and best[n] == best[n]):  # backward of line 6: min gate
                    best[n] = distance2_kn
                    t5[n] = k
        for d in range(D):
            for n in range(size):
                t5_n = t5[n]
                t6 = c[t5_n, d]
                x_dn = x__[d, n]
                t7 = x_dn - t6  # line 5
                t8 = 2 * t7  # backward of line 5: square gate
                t9 = t8 / N  # backward of line 5: square gate
                t10 = -t9  # backward of line 5: sub gate
                dc[t5_n, d] += t10  # backward of line 6: min gate
    loss = t4 / N  # line 6
    return (loss, dc)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    c: np.ndarray  # [K, D]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(x, c):
    """Return loss."""
    return value_kernel(*_checked(x, c))[0]


def value_and_grad(x, c):
    """Return loss and its gradient."""
    _found = value_and_grad_kernel(*_checked(x, c))
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


def _checked(x, c):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if x.__class__ is not _ARRAY or x.dtype is not _REAL or x.ndim != 2 or not x.flags.carray:
        x = _converted("x", x, ("N", "D"), "real")
    if c.__class__ is not _ARRAY or c.dtype is not _REAL or c.ndim != 2 or not c.flags.carray:
        c = _converted("c", c, ("K", "D"), "real")
    N, D = x.shape
    K = c.shape[0]
    if c.shape[1] != D:
        raise ValueError(f"c has {c.shape[1]} columns, but D = {D} from x")
    if K < 1:
        raise ValueError(f"`min(distance2[n, k] for k in range(K))` needs at least one term, but there are K. (K = {K}, 1)")
    return x, c
