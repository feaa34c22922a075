# Made by gradcompile 0.1.0 from examples/batch_normalisation.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: f263181b088c30d515ac0940840c0b5d44704a0d9eb6ffb53bc4169bafca587a
# options: --target numpy --emit value,value_and_grad
# operations: value 9*D*N + 4*D + N; value_and_grad 22*D*N + 8*D + N
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient X: proved (sympy), equal to SymPy's derivative
# graph: gradient gamma: proved (sympy), equal to SymPy's derivative
# graph: gradient beta: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^2 units in the last place
# claim, line 17: proved (sympy), grad(loss, out) == G
# claim, line 18: proved (sympy), grad(loss, beta) == sum(G, axis=0)
# claim, line 19: proved (sympy), grad(loss, gamma) == sum(G * normalised, axis=0)
# claim, line 20: proved (sympy), grad(loss, normalised) == G * gamma
# claim, line 23: proved (sympy), grad(loss, deviation) == -gamma * sum(G * normalised, axis=0) / deviation
# claim, line 24: proved (sympy), grad(loss, variance) == -0.5 * gamma * sum(G * normalised, axis=0) / deviation**2
# claim, line 27: proved (sympy), grad(loss, centred) == gamma / deviation * (G - normalised * mean(G * normalised, axis=0))
# claim, line 30: proved (sympy), grad(loss, mu) == -gamma / deviation * sum(G, axis=0)
# claim, line 32: proved (sympy), grad(loss, X) == gamma / deviation * (G - mean(G, axis=0) - normalised * mean(G * normalised, axis=0))
# --- end of certificate ---

"""Batch normalisation: each feature is shifted and scaled to mean 0 and variance 1 over the batch.

    from batch_normalisation import value, value_and_grad
    loss = value(X, gamma, beta, G, eps=1e-05)
    loss, gradient = value_and_grad(X, gamma, beta, G, eps=1e-05)

Arguments: X[N, D] (differentiated), gamma[D] (differentiated), beta[D] (differentiated), G[N, D], eps.
"""

from typing import NamedTuple

import numpy as np


def value_kernel(X, gamma, beta, G, eps):
    N = X.shape[0]
    mu = np.sum(X, axis=0) / N  # line 8
    centred = X - mu  # line 9
    variance = np.sum(centred * centred, axis=0) / N  # line 10
    deviation = np.sqrt(variance + eps)  # line 11
    normalised = centred / deviation  # line 12
    out = gamma * normalised + beta  # line 13
    loss = np.sum(G * out)  # line 14
    return (float(loss),)


def value_and_grad_kernel(X, gamma, beta, G, eps):
    N = X.shape[0]
    mu = np.sum(X, axis=0) / N  # line 8
    centred = X - mu  # line 9
    variance = np.sum(centred * centred, axis=0) / N  # line 10
    deviation = np.sqrt(variance + eps)  # line 11
    normalised = centred / deviation  # line 12
    out = gamma * normalised + beta  # line 13
    loss = np.sum(G * out)  # line 14
    dbeta = np.sum(G, axis=0)  # backward of line 13: add gate
    dgamma = np.sum(G * normalised, axis=0)  # backward of line 13: mul gate
    dnormalised = G * gamma  # backward of line 13: mul gate
    t1 = dnormalised.T / deviation[:, None]  # backward of line 12: div gate
    t2 = np.sum(t1 * normalised.T, axis=1)  # backward of line 12: div gate
    t3 = t2 * (0.5 / deviation)  # backward of line 11: sqrt gate
    t4 = t3 / N  # backward of line 10: div gate
    t5 = t4[:, None] * (2 * centred.T)  # backward of line 10: square gate
    dcentred = t1.T - t5.T  # backward of line 9: copy gate
    dmu = np.sum(t5 - t1, axis=1)  # backward of line 9: sub gate
    t6 = dmu / N  # backward of line 8: div gate
    dX = dcentred + t6  # backward of line 2: copy gate
    return float(loss), np.array(dX, dtype=float, order="C"), dgamma, dbeta


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    X: np.ndarray  # [N, D]
    gamma: np.ndarray  # [D]
    beta: np.ndarray  # [D]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(X, gamma, beta, G, eps=1e-05):
    """Return loss."""
    with np.errstate(all="ignore"):
        _found = value_kernel(*_checked(X, gamma, beta, G, eps))
        return _found[0]


def value_and_grad(X, gamma, beta, G, eps=1e-05):
    """Return loss and its gradient."""
    with np.errstate(all="ignore"):
        _found = value_and_grad_kernel(*_checked(X, gamma, beta, G, eps))
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


def _checked(X, gamma, beta, G, eps):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("N", "D"), "real")
    if gamma.__class__ is not _ARRAY or gamma.dtype is not _REAL or gamma.ndim != 1 or not gamma.flags.carray:
        gamma = _converted("gamma", gamma, ("D",), "real")
    if beta.__class__ is not _ARRAY or beta.dtype is not _REAL or beta.ndim != 1 or not beta.flags.carray:
        beta = _converted("beta", beta, ("D",), "real")
    if G.__class__ is not _ARRAY or G.dtype is not _REAL or G.ndim != 2 or not G.flags.carray:
        G = _converted("G", G, ("N", "D"), "real")
    eps = np.float64(eps if eps.__class__ is float else _converted("eps", eps, (), "real"))
    N, D = X.shape
    if gamma.shape[0] != D:
        raise ValueError(f"gamma has {gamma.shape[0]} elements, but D = {D} from X")
    if beta.shape[0] != D:
        raise ValueError(f"beta has {beta.shape[0]} elements, but D = {D} from X")
    if G.shape[0] != N:
        raise ValueError(f"G has {G.shape[0]} rows, but N = {N} from X")
    if G.shape[1] != D:
        raise ValueError(f"G has {G.shape[1]} columns, but D = {D} from X")
    return X, gamma, beta, G, eps
