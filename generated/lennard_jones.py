# Made by gradcompile 0.1.0 from examples/lennard_jones.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 60293e0b361eb9f28e58632bca45215504e5fcaacc7f2ca79eeab265c63da3e1
# options: --target numba --emit value,value_and_grad
# operations: value 19*N**2 + N + 3; value_and_grad 41*N**2 + 4*N + 3
# --- certificate ---
# graph: value energy: proved (sympy), equal to the formula
# graph: gradient x: proved (sympy), equal to SymPy's derivative
# code: N = 2: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# claim, line 13: proved (sympy), grad(energy, x) == 24 * epsilon * sum(where(apart, (s6 - 2 * s6**2) / r2, 0)[:, :, None] * difference, axis=1)
# --- end of certificate ---

"""Lennard-Jones: potential energy of a cluster of atoms; minus its gradient are the forces.

    from lennard_jones import value, value_and_grad
    energy = value(x, epsilon=1.0, sigma=1.0)
    energy, gradient = value_and_grad(x, epsilon=1.0, sigma=1.0)

Arguments: x[N, 3] (differentiated), epsilon, sigma.
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(x, epsilon, sigma):
    N = x.shape[0]
    t1 = 2 * epsilon  # line 10
    t2 = sigma * sigma  # line 9
    t4 = np.empty((N, N), np.float64)
    for n in range(N):
        for n1 in range(N):
            t4_nn1 = 0.0
            for i in range(3):
                x_in1 = x[n1, i]
                x_in = x[n, i]
                difference = x_in - x_in1  # line 6
                t3 = difference * difference  # line 8
                t4_nn1 += t3  # line 8
            t4[n, n1] = t4_nn1
    t12 = 0.0
    for n in range(N):
        for n1 in range(N):
            t4_nn1_ = t4[n, n1]
            t5 = n == n1  # line 7
            t6 = 1.0 if t5 else 0.0  # line 7
            apart = t6 == 0  # line 7
            r2 = t4_nn1_ if apart else 1  # line 8
            t7 = t2 / r2  # line 9
            t8 = t7 * t7  # backward of line 9: pow gate
            s6 = t8 * t7  # line 9
            t9 = s6 * s6  # line 10
            t10 = t9 - s6  # line 10
            t11 = t10 if apart else 0  # line 10
            t12 += t11  # line 10
    energy = t1 * t12  # line 10
    return (energy,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, epsilon, sigma):
    N = x.shape[0]
    t1 = 2 * epsilon  # line 10
    t2 = sigma * sigma  # line 9
    t4 = np.empty((N, N), np.float64)
    for n in range(N):
        for n1 in range(N):
            t4_nn1 = 0.0
            for i in range(3):
                x_in1 = x[n1, i]
                x_in = x[n, i]
                difference = x_in - x_in1  # line 6
                t3 = difference * difference  # line 8
                t4_nn1 += t3  # line 8
            t4[n, n1] = t4_nn1
    t12 = 0.0
    t22 = np.empty((N, N), np.float64)
    for n in range(N):
        for n1 in range(N):
            t4_nn1_ = t4[n, n1]
            t5 = n == n1  # line 7
            t6 = 1.0 if t5 else 0.0  # line 7
            apart = t6 == 0  # line 7
            r2 = t4_nn1_ if apart else 1  # line 8
            t7 = t2 / r2  # line 9
            t8 = t7 * t7  # backward of line 9: pow gate
            s6 = t8 * t7  # line 9
            t9 = s6 * s6  # line 10
            t10 = t9 - s6  # line 10
            t11 = t10 if apart else 0  # line 10
            t12 += t11  # line 10
            t13 = 3 * t8  # backward of line 9: pow gate
            t14 = t1 if apart else 0.0  # backward of line 10: sub gate
            t15 = 2 * s6  # backward of line 10: square gate
            t16 = t1 * t15  # backward of line 10: square gate
            t17 = t16 - t14  # backward of line 9: copy gate
            t18 = t17 * t13  # backward of line 9: pow gate
            t19 = t7 / r2  # backward of line 9: div gate
            t20 = t19 * t18  # backward of line 9: div gate
            t21 = t20 if apart else 0  # backward of line 8: square gate
            t22[n, n1] = t21
    energy = t1 * t12  # line 10
    t25 = np.zeros((N, 3), np.float64)
    t26 = np.zeros((N, 3), np.float64)
    for n in range(N):
        for n1 in range(N):
            t21 = t22[n, n1]
            for i in range(3):
                x_in1 = x[n1, i]
                x_in = x[n, i]
                difference = x_in - x_in1  # line 6
                t23 = 2 * difference  # backward of line 8: square gate
                t24 = t21 * t23  # backward of line 8: square gate
                t25[n, i] += t24  # backward of line 6: sub gate
                t26[n1, i] += t24  # backward of line 6: sub gate
    dx = np.empty((N, 3), np.float64)
    for n in range(N):
        for i in range(3):
            t25_in = t25[n, i]
            t26_in = t26[n, i]
            dx_ni = t26_in - t25_in  # backward of line 6: copy gate
            dx[n, i] = dx_ni
    return (energy, dx)


class Gradient(NamedTuple):
    """The gradient of energy with respect to each parameter."""

    x: np.ndarray  # [N, 3]


def value(x, epsilon=1.0, sigma=1.0):
    """Return energy."""
    return value_kernel(*_checked(x, epsilon, sigma))[0]


def value_and_grad(x, epsilon=1.0, sigma=1.0):
    """Return energy and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(x, epsilon, sigma))
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


def _checked(x, epsilon, sigma):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    x = _real("x", x, ("N", "3"))
    epsilon = epsilon if epsilon.__class__ is float else float(_converted("epsilon", epsilon, (), "real"))
    sigma = sigma if sigma.__class__ is float else float(_converted("sigma", sigma, (), "real"))
    N = x.shape[0]
    if x.shape[1] != 3:
        raise ValueError(f"x has {x.shape[1]} columns, but must have 3")
    return x, epsilon, sigma
