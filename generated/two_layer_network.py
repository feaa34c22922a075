# Made by gradcompile 0.1.0 from examples/two_layer_network.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 3c45e28db85895404d6787499cd1c3148d1c2b8b7d07b9bdd4eddf6dfebcd1b9
# options: --target numba --emit value,value_and_grad
# operations: value 2*C*H*N + 2*D*H*N + 4*C*N + 2*H*N + 2*N + 1; value_and_grad 6*C*H*N + 4*D*H*N + 9*C*N + 5*H*N + C + 2*N + 1
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient W1: agrees (finite differences), to 50 digits at 3 points
# graph: gradient b1: agrees (finite differences), to 50 digits at 3 points
# graph: gradient W2: agrees (finite differences), to 50 digits at 3 points
# graph: gradient b2: agrees (finite differences), to 50 digits at 3 points
# code: N = 2, D = 3, C = 4, H = 5: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: D = 0: agrees, within 2^0 units in the last place
# code: C = 0: agrees, within 2^0 units in the last place
# code: H = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: C = 11: agrees, within 2^0 units in the last place
# code: H = 10: agrees, within 2^0 units in the last place
# claim, line 16: proved (sympy), grad(loss, scores) == upstream
# claim, line 19: agrees (mpmath), grad(loss, b2) == sum(upstream, axis=0)
# claim, line 20: agrees (mpmath), grad(loss, W2) == hidden.T @ upstream
# claim, line 21: proved (sympy), grad(loss, hidden) == upstream @ W2.T
# claim, line 25: agrees (mpmath), grad(loss, before) == routed
# claim, line 27: agrees (mpmath), grad(loss, b1) == sum(routed, axis=0)
# claim, line 28: agrees (mpmath), grad(loss, W1) == X.T @ routed
# --- end of certificate ---

"""A two-layer network: linear, ReLU, linear, and the mean cross-entropy of its softmax.

    from two_layer_network import value, value_and_grad
    loss = value(X, Y, W1, b1, W2, b2)
    loss, gradient = value_and_grad(X, Y, W1, b1, W2, b2)

Arguments: X[N, D], Y[N, C], W1[D, H] (differentiated), b1[H] (differentiated), W2[H, C] (differentiated),
b2[C] (differentiated).
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, Y, W1, b1, W2, b2):
    N, D = X.shape
    C = Y.shape[1]
    H = W1.shape[1]
    t1 = np.dot(X, W1)  # line 9
    hidden = np.empty((N, H), np.float64)
    for n in range(N):
        for h in range(H):
            b1_h = b1[h]
            t1_hn = t1[n, h]
            before = t1_hn + b1_h  # line 9
            hidden_nh = before if before > 0 or before != before else 0.0  # line 10
            hidden[n, h] = hidden_nh
    t2 = np.dot(W2.T, hidden.T)  # line 11
    t4 = np.empty((N,), np.float64)
    t5 = np.empty((N,), np.float64)
    for n in range(N):
        t4_n = 0.0
        t5_n = -np.inf
        for c in range(C):
            b2_c = b2[c]
            t2_cn = t2[c, n]
            scores = t2_cn + b2_c  # line 11
            Y_cn = Y[n, c]
            t3 = Y_cn * scores  # line 12
            t4_n += t3  # line 12
            t5_n = scores if scores > t5_n or scores != scores else t5_n  # line 12
        t4[n] = t4_n
        t5[n] = t5_n
    t9 = np.zeros((N,), np.float64)
    for c in range(C):
        b2_c = b2[c]
        for n in range(N):
            t5_n_ = t5[n]
            t6 = t5_n_ if np.isfinite(t5_n_) else 0.0  # line 12
            t2_cn = t2[c, n]
            scores = t2_cn + b2_c  # line 11
            t7 = scores - t6  # line 12
            t8 = np.exp(t7)  # line 12
            t9[n] += t8  # line 12
    t13 = 0.0
    for n in range(N):
        t4_n_ = t4[n]
        t9_n = t9[n]
        t10 = np.log(t9_n)  # line 12
        t5_n_ = t5[n]
        t6 = t5_n_ if np.isfinite(t5_n_) else 0.0  # line 12
        t11 = t6 + t10  # line 12
        t12 = t11 - t4_n_  # line 12
        t13 += t12  # line 12
    loss = t13 / N  # line 12
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, Y, W1, b1, W2, b2):
    N, D = X.shape
    C = Y.shape[1]
    H = W1.shape[1]
    t1 = np.dot(X, W1)  # line 9
    hidden = np.empty((N, H), np.float64)
    for n in range(N):
        for h in range(H):
            b1_h = b1[h]
            t1_hn = t1[n, h]
            before = t1_hn + b1_h  # line 9
            hidden_nh = before if before > 0 or before != before else 0.0  # line 10
            hidden[n, h] = hidden_nh
    t2 = np.dot(W2.T, hidden.T)  # line 11
    t4 = np.empty((N,), np.float64)
    t5 = np.empty((N,), np.float64)
    for n in range(N):
        t4_n = 0.0
        t5_n = -np.inf
        for c in range(C):
            b2_c = b2[c]
            t2_cn = t2[c, n]
            scores = t2_cn + b2_c  # line 11
            Y_cn = Y[n, c]
            t3 = Y_cn * scores  # line 12
            t4_n += t3  # line 12
            t5_n = scores if scores > t5_n or scores != scores else t5_n  # line 12
        t4[n] = t4_n
        t5[n] = t5_n
    t9 = np.empty((C, N), np.float64)
    t10 = np.zeros((N,), np.float64)
    for c in range(C):
        b2_c = b2[c]
        for n in range(N):
            t5_n_ = t5[n]
            t6 = t5_n_ if np.isfinite(t5_n_) else 0.0  # line 12
            t2_cn = t2[c, n]
            scores = t2_cn + b2_c  # line 11
            t7 = scores - t6  # line 12
            t8 = np.exp(t7)  # line 12
            t9[c, n] = t8
            t10[n] += t8  # line 12
    t14 = 0.0
    for n in range(N):
        t4_n_ = t4[n]
        t10_n = t10[n]
        t11 = np.log(t10_n)  # line 12
        t5_n_ = t5[n]
        t6 = t5_n_ if np.isfinite(t5_n_) else 0.0  # line 12
        t12 = t6 + t11  # line 12
        t13 = t12 - t4_n_  # line 12
        t14 += t13  # line 12
    loss = t14 / N  # line 12
    dscores = np.empty((C, N), np.float64)
    t17 = np.empty((C,), np.float64)
    for c in range(C):
        t17_c = 0.0
        for n in range(N):
            Y_cn = Y[n, c]
            t10_n = t10[n]
            t8 = t9[c, n]
            t15 = t8 / t10_n  # backward of line 12: logsumexp gate
            t16 = t15 - Y_cn  # backward of line 11: copy gate
            dscores_cn = t16 / N  # backward of line 11: copy gate
            dscores[c, n] = dscores_cn
            t17_c += t16  # backward of line 11: add gate
        t17[c] = t17_c
    db2 = np.empty((C,), np.float64)
    for c in range(C):
        t17_c_ = t17[c]
        db2_c = t17_c_ / N  # backward of line 11: add gate
        db2[c] = db2_c
    dhidden = np.dot(W2, dscores)  # backward of line 11: mul gate
    dW2 = np.dot(hidden.T, dscores.T)  # backward of line 11: mul gate
    dbefore = np.empty((N, H), np.float64)
    db1 = np.zeros((H,), np.float64)
    for n in range(N):
        for h in range(H):
            dhidden_hn = dhidden[h, n]
            b1_h = b1[h]
            t1_hn = t1[n, h]
            before = t1_hn + b1_h  # line 9
            t18 = before > 0  # backward of line 10: relu gate
            dbefore_nh = dhidden_hn if t18 else 0.0  # backward of line 9: add gate
            dbefore[n, h] = dbefore_nh
            db1[h] += dbefore_nh  # backward of line 9: add gate
    dW1 = np.dot(X.T, dbefore)  # backward of line 9: mul gate
    return (loss, dW1, db1, dW2, db2)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    W1: np.ndarray  # [D, H]
    b1: np.ndarray  # [H]
    W2: np.ndarray  # [H, C]
    b2: np.ndarray  # [C]


def value(X, Y, W1, b1, W2, b2):
    """Return loss."""
    return value_kernel(*_checked(X, Y, W1, b1, W2, b2))[0]


def value_and_grad(X, Y, W1, b1, W2, b2):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(X, Y, W1, b1, W2, b2))
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


def _checked(X, Y, W1, b1, W2, b2):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    X = _real("X", X, ("N", "D"))
    Y = _real("Y", Y, ("N", "C"))
    W1 = _real("W1", W1, ("D", "H"))
    b1 = _real("b1", b1, ("H",))
    W2 = _real("W2", W2, ("H", "C"))
    b2 = _real("b2", b2, ("C",))
    N, D = X.shape
    C = Y.shape[1]
    H = W1.shape[1]
    if Y.shape[0] != N:
        raise ValueError(f"Y has {Y.shape[0]} rows, but N = {N} from X")
    if W1.shape[0] != D:
        raise ValueError(f"W1 has {W1.shape[0]} rows, but D = {D} from X")
    if b1.shape[0] != H:
        raise ValueError(f"b1 has {b1.shape[0]} elements, but H = {H} from W1")
    if W2.shape[0] != H:
        raise ValueError(f"W2 has {W2.shape[0]} rows, but H = {H} from W1")
    if W2.shape[1] != C:
        raise ValueError(f"W2 has {W2.shape[1]} columns, but C = {C} from Y")
    if b2.shape[0] != C:
        raise ValueError(f"b2 has {b2.shape[0]} elements, but C = {C} from Y")
    return X, Y, W1, b1, W2, b2
