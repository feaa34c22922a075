# Made by gradcompile 0.1.0 from examples/ridge_regression.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 092bfecd343abe377aa029f478c87fe31e88c55bef69b6e3e46d7102f5069f80
# options: --target numba --emit value,value_and_grad
# operations: value 2*D*N + 2*D + 3*N + 4; value_and_grad 4*D*N + 5*D + 3*N + 4
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient w: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# claim, line 11: proved (sympy), grad(loss, w) == X.T @ residual + lam * w
# --- end of certificate ---

"""Ridge regression: least squares with a quadratic penalty on the weights.

    from ridge_regression import value, value_and_grad
    loss = value(X, y, w, lam=1.0)
    loss, gradient = value_and_grad(X, y, w, lam=1.0)

Arguments: X[N, D], y[N], w[D] (differentiated), lam.
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, y, w, lam):
    N, D = X.shape
    t1 = 0.5 * lam  # line 8
    t3 = 0.0
    for d in range(D):
        w_d = w[d]
        t2 = w_d * w_d  # line 8
        t3 += t2  # line 8
    t4 = t1 * t3  # line 8
    t5 = np.dot(X, w)  # line 7
    t7 = 0.0
    for n in range(N):
        y_n = y[n]
        t5_n = t5[n]
        residual = t5_n - y_n  # line 7
        t6 = residual * residual  # line 8
        t7 += t6  # line 8
    t8 = 0.5 * t7  # line 8
    loss = t8 + t4  # line 8
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, y, w, lam):
    N, D = X.shape
    t1 = 0.5 * lam  # line 8
    t3 = 0.0
    for d in range(D):
        w_d = w[d]
        t2 = w_d * w_d  # line 8
        t3 += t2  # line 8
    t4 = t1 * t3  # line 8
    t5 = np.dot(X, w)  # line 7
    residual = np.empty((N,), np.float64)
    t7 = 0.0
    for n in range(N):
        y_n = y[n]
        t5_n = t5[n]
        residual_n = t5_n - y_n  # line 7
        residual[n] = residual_n
        t6 = residual_n * residual_n  # line 8
        t7 += t6  # line 8
    t8 = 0.5 * t7  # line 8
    loss = t8 + t4  # line 8
    t9 = np.dot(X.T, residual)  # backward of line 7: mul gate
    dw = np.empty((D,), np.float64)
    for d in range(D):
        t9_d = t9[d]
        w_d = w[d]
        t10 = 2 * w_d  # backward of line 8: square gate
        t11 = t1 * t10  # backward of line 8: square gate
        dw_d = t11 + t9_d  # backward of line 4: copy gate
        dw[d] = dw_d
    return (loss, dw)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    w: np.ndarray  # [D]


def value(X, y, w, lam=1.0):
    """Return loss."""
    return value_kernel(*_checked(X, y, w, lam))[0]


def value_and_grad(X, y, w, lam=1.0):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(X, y, w, lam))
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


def _checked(X, y, w, lam):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    X = _real("X", X, ("N", "D"))
    y = _real("y", y, ("N",))
    w = _real("w", w, ("D",))
    lam = lam if lam.__class__ is float else float(_converted("lam", lam, (), "real"))
    N, D = X.shape
    if y.shape[0] != N:
        raise ValueError(f"y has {y.shape[0]} elements, but N = {N} from X")
    if w.shape[0] != D:
        raise ValueError(f"w has {w.shape[0]} elements, but D = {D} from X")
    return X, y, w, lam
