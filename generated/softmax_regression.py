# Made by gradcompile 0.1.0 from examples/softmax_regression.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 77b10f578e85305933640309e762b4e6234cef75532e6d7073383782420bd6ad
# options: --target numba --emit value,value_and_grad
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

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, Y, W, b, lam):
    N, D = X.shape
    C = Y.shape[1]
    t1 = 0.5 * lam  # line 9
    t3 = 0.0
    for d in range(D):
        for c in range(C):
            W_cd = W[d, c]
            t2 = W_cd * W_cd  # line 9
            t3 += t2  # line 9
    t4 = t1 * t3  # line 9
    t5 = np.dot(X, W)  # line 8
    t7 = np.empty((N,), np.float64)
    t8 = np.empty((N,), np.float64)
    for n in range(N):
        t7_n = 0.0
        t8_n = -np.inf
        for c in range(C):
            b_c = b[c]
            t5_cn = t5[n, c]
            scores = t5_cn + b_c  # line 8
            Y_cn = Y[n, c]
            t6 = Y_cn * scores  # line 9
            t7_n += t6  # line 9
            t8_n = scores if scores > t8_n or scores != scores else t8_n  # line 9
        t7[n] = t7_n
        t8[n] = t8_n
    t12 = np.empty((N,), np.float64)
    for n in range(N):
        t8_n_ = t8[n]
        t9 = t8_n_ if np.isfinite(t8_n_) else 0.0  # line 9
        t12_n = 0.0
        for c in range(C):
            b_c = b[c]
            t5_cn = t5[n, c]
            scores = t5_cn + b_c  # line 8
            t10 = scores - t9  # line 9
            t11 = np.exp(t10)  # line 9
            t12_n += t11  # line 9
        t12[n] = t12_n
    t16 = 0.0
    for n in range(N):
        t7_n_ = t7[n]
        t12_n_ = t12[n]
        t13 = np.log(t12_n_)  # line 9
        t8_n_ = t8[n]
        t9 = t8_n_ if np.isfinite(t8_n_) else 0.0  # line 9
        t14 = t9 + t13  # line 9
        t15 = t14 - t7_n_  # line 9
        t16 += t15  # line 9
    t17 = t16 / N  # line 9
    loss = t17 + t4  # line 9
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, Y, W, b, lam):
    N, D = X.shape
    C = Y.shape[1]
    t1 = 0.5 * lam  # line 9
    t3 = 0.0
    for d in range(D):
        for c in range(C):
            W_cd = W[d, c]
            t2 = W_cd * W_cd  # line 9
            t3 += t2  # line 9
    t4 = t1 * t3  # line 9
    t5 = np.dot(X, W)  # line 8
    t7 = np.empty((N,), np.float64)
    t8 = np.empty((N,), np.float64)
    for n in range(N):
        t7_n = 0.0
        t8_n = -np.inf
        for c in range(C):
            b_c = b[c]
            t5_cn = t5[n, c]
            scores = t5_cn + b_c  # line 8
            Y_cn = Y[n, c]
            t6 = Y_cn * scores  # line 9
            t7_n += t6  # line 9
            t8_n = scores if scores > t8_n or scores != scores else t8_n  # line 9
        t7[n] = t7_n
        t8[n] = t8_n
    t12 = np.empty((N, C), np.float64)
    t13 = np.empty((N,), np.float64)
    for n in range(N):
        t8_n_ = t8[n]
        t9 = t8_n_ if np.isfinite(t8_n_) else 0.0  # line 9
        t13_n = 0.0
        for c in range(C):
            b_c = b[c]
            t5_cn = t5[n, c]
            scores = t5_cn + b_c  # line 8
            t10 = scores - t9  # line 9
            t11 = np.exp(t10)  # line 9
            t12[n, c] = t11
            t13_n += t11  # line 9
        t13[n] = t13_n
    t17 = 0.0
    for n in range(N):
        t7_n_ = t7[n]
        t13_n_ = t13[n]
        t14 = np.log(t13_n_)  # line 9
        t8_n_ = t8[n]
        t9 = t8_n_ if np.isfinite(t8_n_) else 0.0  # line 9
        t15 = t9 + t14  # line 9
        t16 = t15 - t7_n_  # line 9
        t17 += t16  # line 9
    t18 = t17 / N  # line 9
    loss = t18 + t4  # line 9
    dscores = np.empty((N, C), np.float64)
    t21 = np.zeros((C,), np.float64)
    for n in range(N):
        t13_n_ = t13[n]
        for c in range(C):
            Y_cn = Y[n, c]
            t11 = t12[n, c]
            t19 = t11 / t13_n_  # backward of line 9: logsumexp gate
            t20 = t19 - Y_cn  # backward of line 8: copy gate
            dscores_nc = t20 / N  # backward of line 8: copy gate
            dscores[n, c] = dscores_nc
            t21[c] += t20  # backward of line 8: add gate
    db = np.empty((C,), np.float64)
    for c in range(C):
        t21_c = t21[c]
        db_c = t21_c / N  # backward of line 8: add gate
        db[c] = db_c
    t22 = np.dot(X.T, dscores)  # backward of line 8: mul gate
    dW = np.empty((D, C), np.float64)
    for d in range(D):
        for c in range(C):
            t22_cd = t22[d, c]
            W_cd = W[d, c]
            t23 = 2 * W_cd  # backward of line 9: square gate
            t24 = t1 * t23  # backward of line 9: square gate
            dW_dc = t24 + t22_cd  # backward of line 4: copy gate
            dW[d, c] = dW_dc
    return (loss, dW, db)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    W: np.ndarray  # [D, C]
    b: np.ndarray  # [C]


def value(X, Y, W, b, lam=0.1):
    """Return loss."""
    return value_kernel(*_checked(X, Y, W, b, lam))[0]


def value_and_grad(X, Y, W, b, lam=0.1):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(X, Y, W, b, lam))
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


def _checked(X, Y, W, b, lam):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    X = _real("X", X, ("N", "D"))
    Y = _real("Y", Y, ("N", "C"))
    W = _real("W", W, ("D", "C"))
    b = _real("b", b, ("C",))
    lam = lam if lam.__class__ is float else float(_converted("lam", lam, (), "real"))
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
