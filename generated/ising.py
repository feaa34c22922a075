# Made by gradcompile 0.1.0 from examples/ising.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 997e64b0be32a254b6027dfb64ea60debace45a707d328e278ea63ec48defe17
# options: --target numba --emit value,value_and_grad
# operations: value 3*N**2*T + 5*N*T + N**2 + T; value_and_grad 6*N**2*T + 8*N*T + 3*N**2 + T
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

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(spin, J, h):
    T, N = spin.shape
    t4 = np.empty((N, T), np.float64)
    for i in range(N):
        for t in range(T):
            t4_it = 0.0
            for j in range(N):
                spin_jt = spin[t, j]
                J_ij = J[i, j]
                t1 = J_ij * spin_jt  # line 6
                t2 = j != i  # line 6
                t3 = t1 if t2 else 0.0  # line 6
                t4_it += t3  # line 6
            t4[i, t] = t4_it
    loss = 0.0
    for t in range(T):
        for i in range(N):
            t4_it_ = t4[i, t]
            h_i = h[i]
            field = h_i + t4_it_  # line 6
            spin_it = spin[t, i]
            t5 = -2 * spin_it  # line 7
            t6 = t5 * field  # line 7
            t7 = (t6 if t6 > 0 or t6 != t6 else 0.0) + np.log1p(np.exp(-abs(t6)))  # line 7
            loss += t7  # line 7
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(spin, J, h):
    T, N = spin.shape
    t4 = np.empty((N, T), np.float64)
    for i in range(N):
        for t in range(T):
            t4_it = 0.0
            for j in range(N):
                spin_jt = spin[t, j]
                J_ij = J[i, j]
                t1 = J_ij * spin_jt  # line 6
                t2 = j != i  # line 6
                t3 = t1 if t2 else 0.0  # line 6
                t4_it += t3  # line 6
            t4[i, t] = t4_it
    loss = 0.0
    dfield = np.empty((T, N), np.float64)
    dh = np.zeros((N,), np.float64)
    for t in range(T):
        for i in range(N):
            t4_it_ = t4[i, t]
            h_i = h[i]
            field = h_i + t4_it_  # line 6
            spin_it = spin[t, i]
            t5 = -2 * spin_it  # line 7
            t6 = t5 * field  # line 7
            t7 = (t6 if t6 > 0 or t6 != t6 else 0.0) + np.log1p(np.exp(-abs(t6)))  # line 7
            loss += t7  # line 7
            t8 = 1 / (1 + np.exp(-t6))  # backward of line 7: softplus gate
            dfield_ti = t8 * t5  # backward of line 7: mul gate
            dfield[t, i] = dfield_ti
            dh[i] += dfield_ti  # backward of line 6: add gate
    t11 = np.zeros((N, N), np.float64)
    for t in range(T):
        for i in range(N):
            dfield_ti = dfield[t, i]
            for j in range(N):
                spin_jt = spin[t, j]
                t2 = j != i  # line 6
                t9 = dfield_ti if t2 else 0.0  # backward of line 6: mul gate
                t10 = t9 * spin_jt  # backward of line 6: mul gate
                t11[i, j] += t10  # backward of line 6: mul gate
    dJ = np.empty((N, N), np.float64)
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


def value(spin, J, h):
    """Return loss."""
    return value_kernel(*_checked(spin, J, h))[0]


def value_and_grad(spin, J, h):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(spin, J, h))
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


def _checked(spin, J, h):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    spin = _real("spin", spin, ("T", "N"))
    J = _real("J", J, ("N", "N"))
    h = _real("h", h, ("N",))
    T, N = spin.shape
    if J.shape[0] != N:
        raise ValueError(f"J has {J.shape[0]} rows, but N = {N} from spin")
    if J.shape[1] != N:
        raise ValueError(f"J has {J.shape[1]} columns, but N = {N} from spin")
    if h.shape[0] != N:
        raise ValueError(f"h has {h.shape[0]} elements, but N = {N} from spin")
    return spin, J, h
