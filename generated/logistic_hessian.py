# Made by gradcompile 0.1.0 from examples/logistic_hessian.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 964746e242fc2dd3c1fd22d3e10750a1d90d74aace93908bb7971f41ed51da3d
# options: --target numba --emit value,value_and_grad
# operations: value 2*D*N + 4*N; value_and_grad 4*D*N + 6*N
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient w: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# claim, line 11: proved (sympy), grad(loss, z) == s - y
# claim, line 12: proved (sympy), grad(loss, w) == X.T @ (s - y)
# claim, line 16: proved (sympy), jacobian(s, w) == curvature[:, None] * X
# claim, line 17: proved (sympy), hessian(loss, w) == X.T @ (curvature[:, None] * X)
# claim, line 18: proved (sympy), hessian(loss, w) == [[sum(curvature[n] * X[n, i] * X[n, j] for n in range(N)) for j in range(D)] for i in range(D)]
# --- end of certificate ---

"""The Hessian of a logistic regression: the curvature of the loss, by differentiating its gradient once more.

    from logistic_hessian import value, value_and_grad
    loss = value(X, y, w)
    loss, gradient = value_and_grad(X, y, w)

Arguments: X[N, D], y[N], w[D] (differentiated).
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, y, w):
    N, D = X.shape
    z = np.dot(X, w)  # line 6
    loss = 0.0
    for i in range(N):
        z_i = z[i]
        y_i = y[i]
        t1 = y_i * z_i  # line 8
        t2 = (z_i if z_i > 0 or z_i != z_i else 0.0) + np.log1p(np.exp(-abs(z_i)))  # line 8
        t3 = t2 - t1  # line 8
        loss += t3  # line 8
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, y, w):
    N, D = X.shape
    z = np.dot(X, w)  # line 6
    loss = 0.0
    dz = np.empty((N,), np.float64)
    for i in range(N):
        z_i = z[i]
        y_i = y[i]
        t1 = y_i * z_i  # line 8
        t2 = (z_i if z_i > 0 or z_i != z_i else 0.0) + np.log1p(np.exp(-abs(z_i)))  # line 8
        t3 = t2 - t1  # line 8
        loss += t3  # line 8
        t4 = 1 / (1 + np.exp(-z_i))  # backward of line 8: softplus gate
        dz_i = t4 - y_i  # backward of line 6: copy gate
        dz[i] = dz_i
    dw = np.dot(X.T, dz)  # backward of line 6: mul gate
    return (loss, dw)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    w: np.ndarray  # [D]


def value(X, y, w):
    """Return loss."""
    return value_kernel(*_checked(X, y, w))[0]


def value_and_grad(X, y, w):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(X, y, w))
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


def _checked(X, y, w):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    X = _real("X", X, ("N", "D"))
    y = _real("y", y, ("N",))
    w = _real("w", w, ("D",))
    N, D = X.shape
    if y.shape[0] != N:
        raise ValueError(f"y has {y.shape[0]} elements, but N = {N} from X")
    if w.shape[0] != D:
        raise ValueError(f"w has {w.shape[0]} elements, but D = {D} from X")
    return X, y, w
