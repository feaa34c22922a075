# Made by gradcompile 0.1.0 from examples/softmax_regression.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 77b10f578e85305933640309e762b4e6234cef75532e6d7073383782420bd6ad
# options: --target numpy --emit value,value_and_grad
# operations: value 2*C*D*N + 2*C*D + 4*C*N + D + 2*N + 4; value_and_grad 4*C*D*N + 5*C*D + 9*C*N + C + D + 2*N + 4
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient W: proved (sympy), equal to SymPy's derivative
# graph: gradient b: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3, C = 4: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: D = 0: agrees, within 2^0 units in the last place
# code: C = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: C = 11: agrees, within 2^0 units in the last place
# claim, line 11: proved (sympy), grad(loss, b) == mean(softmax(scores, axis=1) - Y, axis=0)
# claim, line 14: proved (sympy), grad(loss, scores) == (softmax(scores, axis=1) - Y) / N
# claim, line 15: proved (sympy), grad(loss, W) == X.T @ (softmax(scores, axis=1) - Y) / N + lam * W
# --- end of certificate ---

"""Softmax regression: mean cross-entropy of a linear classifier.

    from softmax_regression import value, value_and_grad
    loss = value(X, Y, W, b, lam=0.1)
    loss, gradient = value_and_grad(X, Y, W, b, lam=0.1)

Arguments: X[N, D], Y[N, C], W[D, C] (differentiated), b[C] (differentiated), lam.
"""

from typing import NamedTuple

import numpy as np


def _logsumexp(x, axis):
    """log(sum(exp(x))) along an axis, shifted by the largest element so that nothing overflows."""
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(top), top, 0.0)
    return np.squeeze(shift, axis) + np.log(np.sum(np.exp(x - shift), axis=axis))


def value_kernel(X, Y, W, b, lam):
    N = X.shape[0]
    scores = X @ W + b  # line 8
    t1 = np.sum(_logsumexp(scores, 1) - np.sum(Y * scores, axis=1)) / N  # line 9
    t2 = 0.5 * lam * np.sum(W * W)  # line 9
    loss = t1 + t2  # line 9
    return (float(loss),)


def value_and_grad_kernel(X, Y, W, b, lam):
    N = X.shape[0]
    scores = X @ W + b  # line 8
    t1 = _logsumexp(scores, 1)  # line 9
    t2 = 0.5 * lam  # line 9
    loss = np.sum(t1 - np.sum(Y * scores, axis=1)) / N + t2 * np.sum(W * W)  # line 9
    t3 = t2 * (2 * W)  # backward of line 9: square gate
    t4 = np.exp(scores - t1[:, None])  # backward of line 9: logsumexp gate
    t5 = t4 - Y  # backward of line 8: copy gate
    dscores = t5 / N  # backward of line 8: copy gate
    db = np.sum(t5, axis=0) / N  # backward of line 8: add gate
    t6 = X.T @ dscores  # backward of line 8: mul gate
    dW = t3 + t6  # backward of line 4: copy gate
    return float(loss), dW, db


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    W: np.ndarray  # [D, C]
    b: np.ndarray  # [C]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(X, Y, W, b, lam=0.1):
    """Return loss."""
    with np.errstate(all="ignore"):
        _found = value_kernel(*_checked(X, Y, W, b, lam))
        return _found[0]


def value_and_grad(X, Y, W, b, lam=0.1):
    """Return loss and its gradient."""
    with np.errstate(all="ignore"):
        _found = value_and_grad_kernel(*_checked(X, Y, W, b, lam))
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


def _checked(X, Y, W, b, lam):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("N", "D"), "real")
    if Y.__class__ is not _ARRAY or Y.dtype is not _REAL or Y.ndim != 2 or not Y.flags.carray:
        Y = _converted("Y", Y, ("N", "C"), "real")
    if W.__class__ is not _ARRAY or W.dtype is not _REAL or W.ndim != 2 or not W.flags.carray:
        W = _converted("W", W, ("D", "C"), "real")
    if b.__class__ is not _ARRAY or b.dtype is not _REAL or b.ndim != 1 or not b.flags.carray:
        b = _converted("b", b, ("C",), "real")
    lam = np.float64(lam if lam.__class__ is float else _converted("lam", lam, (), "real"))
    N, D = X.shape
    C = Y.shape[1]
    if Y.shape[0] != N:
        raise ValueError(f"Y has {Y.shape[0]} rows, but N = {N} from X")
    if W.shape[0] != D:
        raise ValueError(f"W has {W.shape[0]} rows, but D = {D} from X")
    if W.shape[1] != C:
        raise ValueError(f"W has {W.shape[1]} columns, but C = {C} from Y")
    if b.shape[0] != C:
        raise ValueError(f"b has {b.shape[0]} elements, but C = {C} from Y")
    return X, Y, W, b, lam
