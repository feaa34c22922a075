# Made by gradcompile 0.1.0 from examples/matrix_product.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 07aea01659eafe47ad0bbb5483b8d9a7ef5a953430933acfec39799c10c6a51a
# options: --target numba --emit value,value_and_grad
# operations: value 2*D*M*N + 2*M*N + N; value_and_grad 6*D*M*N + 2*M*N + N
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient X: proved (sympy), equal to SymPy's derivative
# graph: gradient W: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3, M = 4: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: M = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: M = 11: agrees, within 2^0 units in the last place
# claim, line 9: proved (sympy), grad(loss, Y) == G
# claim, line 12: proved (sympy), grad(loss, X) == [[sum(G[i, k] * W[j, k] for k in range(M)) for j in range(D)] for i in range(N)]
# claim, line 13: proved (sympy), grad(loss, X) == G @ W.T
# claim, line 16: proved (sympy), grad(loss, W) == [[sum(X[i, j] * G[i, k] for i in range(N)) for k in range(M)] for j in range(D)]
# claim, line 17: proved (sympy), grad(loss, W) == X.T @ G
# --- end of certificate ---

"""A matrix product by slices: its gradients entry by entry, and as the two products that these entries make.

    from matrix_product import value, value_and_grad
    loss = value(X, W, G)
    loss, gradient = value_and_grad(X, W, G)

Arguments: X[N, D] (differentiated), W[D, M] (differentiated), G[N, M].
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, W, G):
    N, D = X.shape
    M = W.shape[1]
    Y = np.dot(X, W)  # line 6
    loss = 0.0
    for i in range(N):
        for k in range(M):
            Y_ki = Y[i, k]
            G_ki = G[i, k]
            t1 = G_ki * Y_ki  # line 7
            loss += t1  # line 7
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, W, G):
    N, D = X.shape
    M = W.shape[1]
    Y = np.dot(X, W)  # line 6
    loss = 0.0
    for i in range(N):
        for k in range(M):
            Y_ki = Y[i, k]
            G_ki = G[i, k]
            t1 = G_ki * Y_ki  # line 7
            loss += t1  # line 7
    dX = np.dot(G, W.T)  # backward of line 6: mul gate
    dW = np.dot(X.T, G)  # backward of line 6: mul gate
    return (loss, dX, dW)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    X: np.ndarray  # [N, D]
    W: np.ndarray  # [D, M]


def value(X, W, G):
    """Return loss."""
    return value_kernel(*_checked(X, W, G))[0]


def value_and_grad(X, W, G):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(X, W, G))
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


def _checked(X, W, G):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    X = _real("X", X, ("N", "D"))
    W = _real("W", W, ("D", "M"))
    G = _real("G", G, ("N", "M"))
    N, D = X.shape
    M = W.shape[1]
    if W.shape[0] != D:
        raise ValueError(f"W has {W.shape[0]} rows, but D = {D} from X")
    if G.shape[0] != N:
        raise ValueError(f"G has {G.shape[0]} rows, but N = {N} from X")
    if G.shape[1] != M:
        raise ValueError(f"G has {G.shape[1]} columns, but M = {M} from W")
    return X, W, G
