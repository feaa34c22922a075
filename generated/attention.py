# Made by gradcompile 0.1.0 from examples/attention.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 1bfc0d4faad0af5fe9b713e74734f46c2278ac086b776db9c893ac6a4c7b00a2
# options: --target numba --emit value,value_and_grad
# operations: value 4*E*H*T + 2*E*T*V + 2*H*T**2 + 2*T**2*V + 3*T*V + 4*T**2 + T + 3; value_and_grad 8*E*H*T + 4*E*T*V + 6*H*T**2 + 6*T**2*V + 5*T*V + 9*T**2 + T + 3
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient Wq: agrees (finite differences), to 50 digits at 3 points
# graph: gradient Wk: agrees (finite differences), to 50 digits at 3 points
# graph: gradient Wv: agrees (finite differences), to 50 digits at 3 points
# code: T = 2, E = 3, V = 4, H = 5: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: T = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: E = 0: agrees, within 2^0 units in the last place
# code: V = 0: agrees, within 2^0 units in the last place
# code: H = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: T = 9: agrees, within 2^0 units in the last place
# code: E = 7: agrees, within 2^0 units in the last place
# code: V = 11: agrees, within 2^0 units in the last place
# code: H = 10: agrees, within 2^0 units in the last place
# claim, line 18: proved (sympy), grad(loss, attended) == arrived
# claim, line 19: proved (sympy), grad(loss, values) == weights.T @ arrived
# claim, line 20: proved (sympy), grad(loss, weights) == arrived @ values.T
# claim, line 25: agrees (mpmath), grad(loss, scores) == dscores
# claim, line 26: agrees (mpmath), grad(loss, queries) == dscores @ keys / sqrt(H)
# claim, line 27: agrees (mpmath), grad(loss, keys) == dscores.T @ queries / sqrt(H)
# claim, line 29: agrees (mpmath), grad(loss, Wq) == X.T @ (dscores @ keys) / sqrt(H)
# claim, line 30: agrees (mpmath), grad(loss, Wk) == X.T @ (dscores.T @ queries) / sqrt(H)
# claim, line 31: agrees (mpmath), grad(loss, Wv) == X.T @ (weights.T @ arrived)
# --- end of certificate ---

"""Attention: one head over a sequence, trained to reproduce a target.

    from attention import value, value_and_grad
    loss = value(X, Y, Wq, Wk, Wv)
    loss, gradient = value_and_grad(X, Y, Wq, Wk, Wv)

Arguments: X[T, E], Y[T, V], Wq[E, H] (differentiated), Wk[E, H] (differentiated), Wv[E, V] (differentiated).
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, Y, Wq, Wk, Wv):
    T, E = X.shape
    V = Y.shape[1]
    H = Wq.shape[1]
    t1 = np.sqrt(H)  # line 11
    t2 = 0.5 / T  # backward of line 14: div gate
    queries = np.dot(X, Wq)  # line 8
    keys = np.dot(X, Wk)  # line 9
    values = np.dot(X, Wv)  # line 10
    t3 = np.dot(queries, keys.T)  # line 11
    t4 = np.empty((T,), np.float64)
    for t in range(T):
        t4_t = -np.inf
        for t1_ in range(T):
            t3_tt1_ = t3[t, t1_]
            scores = t3_tt1_ / t1  # line 11
            t4_t = scores if scores > t4_t or scores != scores else t4_t  # line 12
        t4[t] = t4_t
    t8 = np.empty((T, T), np.float64)
    t9 = np.empty((T,), np.float64)
    for t in range(T):
        t4_t_ = t4[t]
        t5 = t4_t_ if np.isfinite(t4_t_) else 0.0  # line 12
        t9_t = 0.0
        for t1_ in range(T):
            t3_tt1_ = t3[t, t1_]
            scores = t3_tt1_ / t1  # line 11
            t6 = scores - t5  # line 12
            t7 = np.exp(t6)  # line 12
            t8[t, t1_] = t7
            t9_t += t7  # line 12
        t9[t] = t9_t
    weights = np.empty((T, T), np.float64)
    for t in range(T):
        t9_t_ = t9[t]
        for t1_ in range(T):
            t7 = t8[t, t1_]
            weights_tt1_ = t7 / t9_t_  # line 12
            weights[t, t1_] = weights_tt1_
    attended = np.dot(values.T, weights.T)  # line 13
    t12 = 0.0
    for t in range(T):
        for v in range(V):
            Y_tv = Y[t, v]
            attended_tv = attended[v, t]
            t10 = attended_tv - Y_tv  # line 14
            t11 = t10 * t10  # line 14
            t12 += t11  # line 14
    loss = t2 * t12  # line 14
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, Y, Wq, Wk, Wv):
    T, E = X.shape
    V = Y.shape[1]
    H = Wq.shape[1]
    t1 = np.sqrt(H)  # line 11
    t2 = 0.5 / T  # backward of line 14: div gate
    queries = np.dot(X, Wq)  # line 8
    keys = np.dot(X, Wk)  # line 9
    values = np.dot(X, Wv)  # line 10
    t3 = np.dot(queries, keys.T)  # line 11
    t4 = np.empty((T,), np.float64)
    for t in range(T):
        t4_t = -np.inf
        for t1_ in range(T):
            t3_tt1_ = t3[t, t1_]
            scores = t3_tt1_ / t1  # line 11
            t4_t = scores if scores > t4_t or scores != scores else t4_t  # line 12
        t4[t] = t4_t
    t8 = np.empty((T, T), np.float64)
    t9 = np.empty((T,), np.float64)
    for t in range(T):
        t4_t_ = t4[t]
        t5 = t4_t_ if np.isfinite(t4_t_) else 0.0  # line 12
        t9_t = 0.0
        for t1_ in range(T):
            t3_tt1_ = t3[t, t1_]
            scores = t3_tt1_ / t1  # line 11
            t6 = scores - t5  # line 12
            t7 = np.exp(t6)  # line 12
            t8[t, t1_] = t7
            t9_t += t7  # line 12
        t9[t] = t9_t
    weights = np.empty((T, T), np.float64)
    for t in range(T):
        t9_t_ = t9[t]
        for t1_ in range(T):
            t7 = t8[t, t1_]
            weights_tt1_ = t7 / t9_t_  # line 12
            weights[t, t1_] = weights_tt1_
    attended = np.dot(values.T, weights.T)  # line 13
    t12 = 0.0
    for t in range(T):
        for v in range(V):
            Y_tv = Y[t, v]
            attended_tv = attended[v, t]
            t10 = attended_tv - Y_tv  # line 14
            t11 = t10 * t10  # line 14
            t12 += t11  # line 14
    loss = t2 * t12  # line 14
    dweights = np.empty((T, T), np.float64)
    t16 = np.zeros((T, V), np.float64)
    for t in range(T):
        for t1_ in range(T):
            dweights_tt1_ = 0.0
            weights_tt1_ = weights[t, t1_]
            for v in range(V):
                values_t1_v = values[t1_, v]
                Y_tv = Y[t, v]
                attended_tv = attended[v, t]
                t10 = attended_tv - Y_tv  # line 14
                t13 = 2 * t10  # backward of line 14: square gate
                dattended = t2 * t13  # backward of line 14: square gate
                t14 = dattended * values_t1_v  # backward of line 13: mul gate
                dweights_tt1_ += t14  # backward of line 13: mul gate
                t15 = dattended * weights_tt1_  # backward of line 13: mul gate
                t16[t1_, v] += t15  # backward of line 13: mul gate
            dweights[t, t1_] = dweights_tt1_
    t18 = np.empty((T,), np.float64)
    for t in range(T):
        t18_t = 0.0
        for t1_ in range(T):
            weights_tt1_ = weights[t, t1_]
            dweights_tt1__ = dweights[t, t1_]
            t17 = dweights_tt1__ * weights_tt1_  # backward of line 12: exp gate
            t18_t += t17  # backward of line 12: sub gate
        t18[t] = t18_t
    t21 = np.empty((T, T), np.float64)
    for t in range(T):
        t18_t_ = t18[t]
        for t1_ in range(T):
            weights_tt1_ = weights[t, t1_]
            dweights_tt1__ = dweights[t, t1_]
            t19 = dweights_tt1__ - t18_t_  # backward of line 11: copy gate
            dscores = t19 * weights_tt1_  # backward of line 11: copy gate
            t20 = dscores / t1  # backward of line 11: div gate
            t21[t, t1_] = t20
    dqueries = np.dot(keys.T, t21.T)  # backward of line 11: mul gate
    t22 = np.dot(queries.T, t21)  # backward of line 11: mul gate
    dWv = np.dot(X.T, t16)  # backward of line 10: mul gate
    dWk = np.dot(X.T, t22.T)  # backward of line 9: mul gate
    dWq = np.dot(X.T, dqueries.T)  # backward of line 8: mul gate
    return (loss, dWq, dWk, dWv)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    Wq: np.ndarray  # [E, H]
    Wk: np.ndarray  # [E, H]
    Wv: np.ndarray  # [E, V]


def value(X, Y, Wq, Wk, Wv):
    """Return loss."""
    return value_kernel(*_checked(X, Y, Wq, Wk, Wv))[0]


def value_and_grad(X, Y, Wq, Wk, Wv):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(X, Y, Wq, Wk, Wv))
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


def _checked(X, Y, Wq, Wk, Wv):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    X = _real("X", X, ("T", "E"))
    Y = _real("Y", Y, ("T", "V"))
    Wq = _real("Wq", Wq, ("E", "H"))
    Wk = _real("Wk", Wk, ("E", "H"))
    Wv = _real("Wv", Wv, ("E", "V"))
    T, E = X.shape
    V = Y.shape[1]
    H = Wq.shape[1]
    if Y.shape[0] != T:
        raise ValueError(f"Y has {Y.shape[0]} rows, but T = {T} from X")
    if Wq.shape[0] != E:
        raise ValueError(f"Wq has {Wq.shape[0]} rows, but E = {E} from X")
    if Wk.shape[0] != E:
        raise ValueError(f"Wk has {Wk.shape[0]} rows, but E = {E} from X")
    if Wk.shape[1] != H:
        raise ValueError(f"Wk has {Wk.shape[1]} columns, but H = {H} from Wq")
    if Wv.shape[0] != E:
        raise ValueError(f"Wv has {Wv.shape[0]} rows, but E = {E} from X")
    if Wv.shape[1] != V:
        raise ValueError(f"Wv has {Wv.shape[1]} columns, but V = {V} from Y")
    return X, Y, Wq, Wk, Wv
