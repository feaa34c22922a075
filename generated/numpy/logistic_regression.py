# Made by gradcompile 0.1.0 from examples/logistic_regression.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: b781deaba7d98d4a11152bef30fbee7d7ae35a624f0b7aca04f2e0d9c488fa81
# options: --target numpy --emit value,value_and_grad,hvp,hessian
# operations: value 2*D*N + 10*N + 1; value_and_grad 4*D*N + 17*N + 2; hvp 6*D*N + 11*N + 1; hessian 2*D**2*N + 5*D*N + 9*N + 1
# hessian: reverse mode, 2*D**2*N + 5*D*N + 9*N + 1 operations; the other mode takes 2*D**2*N + 6*D*N + D + 8*N + 1
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient w: proved (sympy), equal to SymPy's derivative
# graph: gradient b: proved (sympy), equal to SymPy's derivative
# graph: hvp.w: proved (sympy), equal to SymPy's derivative
# graph: hvp.b: proved (sympy), equal to SymPy's derivative
# graph: hessian.w.w: proved (sympy), equal to SymPy's derivative
# graph: hessian.b.w: proved (sympy), equal to SymPy's derivative
# graph: hessian.b.b: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: D = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# claim, line 12: proved (sympy), grad(loss, losses) == ones(N) / N
# claim, line 15: proved (sympy), grad(loss, z) == (sigmoid(z) - y) / N
# claim, line 18: proved (sympy), grad(loss, w) == X.T @ (sigmoid(z) - y) / N
# claim, line 19: proved (sympy), grad(loss, b) == mean(sigmoid(z) - y)
# --- end of certificate ---

"""Logistic regression: mean negative log-likelihood of labels that are 0 or 1.

    from logistic_regression import value, value_and_grad, hvp, hessian
    loss = value(X, y, w, b)
    loss, gradient = value_and_grad(X, y, w, b)
    product = hvp(X, y, w, b, dw, db)
    H = hessian(X, y, w, b)

Arguments: X[N, D], y[N], w[D] (differentiated), b (differentiated).
"""

import math
from typing import NamedTuple

import numpy as np


def value_kernel(X, y, w, b):
    N = X.shape[0]
    z = X @ w + b  # line 7
    losses = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - y * z  # line 8
    loss = np.sum(losses) / N  # line 9
    return (float(loss),)


def value_and_grad_kernel(X, y, w, b):
    N = X.shape[0]
    z = X @ w + b  # line 7
    losses = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - y * z  # line 8
    loss = np.sum(losses) / N  # line 9
    t1 = 1 / (1 + np.exp(-z))  # backward of line 8: softplus gate
    t2 = t1 - y  # backward of line 7: copy gate
    dz = t2 / N  # backward of line 7: copy gate
    db = np.sum(t2) / N  # backward of line 7: add gate
    dw = dz @ X  # backward of line 7: mul gate
    return float(loss), dw, float(db)


def hvp_kernel(X, y, w, b, dw, db):
    N = X.shape[0]
    z = X @ w + b  # line 7
    t1 = 1 / (1 + np.exp(-z))  # backward of line 8: softplus gate
    t2 = X @ dw  # backward of line 7: sum gate
    t3 = t2 + db  # backward of line 7: add gate
    t4 = t3 * (t1 * (1 - t1))  # backward of line 8: sigmoid gate
    t5 = np.sum(t4)  # backward of line 7: sum gate
    t6 = t4 / N  # backward of line 7: div gate
    Hdb = t5 / N  # backward of line 7: div gate
    Hdw = t6 @ X  # backward of line 7: sum gate
    return Hdw, float(Hdb)


def hessian_kernel(X, y, w, b):
    N = X.shape[0]
    z = X @ w + b  # line 7
    t1 = 1 / (1 + np.exp(-z))  # backward of line 8: softplus gate
    t2 = t1 * (1 - t1)  # backward of line 8: sigmoid gate
    t3 = t2 / N  # backward of line 8: mul gate
    H_b_b = np.sum(t2) / N  # backward of line 7: sum gate
    H_b_w = t3 @ X  # backward of line 7: mul gate
    t4 = t3[:, None] * X  # backward of line 8: sigmoid gate
    H_w_w = t4.T @ X  # backward of line 7: mul gate
    return H_w_w, H_b_w, float(H_b_b)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    w: np.ndarray  # [D]
    b: float


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(X, y, w, b):
    """Return loss."""
    with np.errstate(all="ignore"):
        _found = value_kernel(*_checked(X, y, w, b))
        return _found[0]


def value_and_grad(X, y, w, b):
    """Return loss and its gradient."""
    with np.errstate(all="ignore"):
        _found = value_and_grad_kernel(*_checked(X, y, w, b))
        return _found[0], _new(Gradient, _found[1:])


class Row(NamedTuple):
    """A row of blocks: by each parameter."""

    w: np.ndarray  # [..., D]
    b: np.ndarray


class Hessian(NamedTuple):
    """The second derivatives by each parameter, and by each again: H.a.b is a block."""

    w: Row
    b: Row


def hvp(X, y, w, b, dw, db):
    """Return the Hessian of loss times the direction dw and db."""
    with np.errstate(all="ignore"):
        _found = hvp_kernel(*_checked_hvp(X, y, w, b, dw, db))
    return Gradient(*_found)


def hessian(X, y, w, b, *, flat=False):
    """Return the blocks of the Hessian; with `flat` one symmetric matrix, in the order of `pack`."""
    with np.errstate(all="ignore"):
        _found = hessian_kernel(*_checked(X, y, w, b))
    _rows = Hessian(
        Row(_mirrored(_found[0]), _found[1]),
        Row(_found[1], _found[2]),
    )
    return _matrix(_rows, (1, 0)) if flat else _rows


def _checked_hvp(X, y, w, b, dw, db):
    """Return the arguments as `_checked` does, and those beside them."""
    X, y, w, b = _checked(X, y, w, b)
    if dw.__class__ is not _ARRAY or dw.dtype is not _REAL or dw.ndim != 1 or not dw.flags.carray:
        dw = _converted("dw", dw, ("D",), "real")
    db = np.float64(db if db.__class__ is float else _converted("db", db, (), "real"))
    D = X.shape[1]
    if dw.shape[0] != D:
        raise ValueError(f"dw has {dw.shape[0]} elements, but D = {D} from X")
    return X, y, w, b, dw, db


def _mirrored(block):
    """Return a square block with what is below the diagonal above it as well: exactly symmetric."""
    n = math.isqrt(block.size)
    matrix = block.reshape(n, n)
    lower = np.tril(matrix, -1)
    return (lower + lower.T + np.diag(np.diag(matrix))).reshape(block.shape)


def _matrix(rows, ranks):
    """Return blocks as one matrix; `ranks`: how many axes of the blocks of a row count its rows."""
    lines = []
    for row, rank in zip(rows, ranks):
        shapes = [np.shape(block) for block in row]
        flat = [np.reshape(b, (math.prod(s[:rank]), math.prod(s[rank:]))) for b, s in zip(row, shapes)]
        lines.append(np.concatenate(flat, axis=1))
    return np.concatenate(lines)


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


def _checked(X, y, w, b):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("N", "D"), "real")
    if y.__class__ is not _ARRAY or y.dtype is not _REAL or y.ndim != 1 or not y.flags.carray:
        y = _converted("y", y, ("N",), "real")
    if w.__class__ is not _ARRAY or w.dtype is not _REAL or w.ndim != 1 or not w.flags.carray:
        w = _converted("w", w, ("D",), "real")
    b = np.float64(b if b.__class__ is float else _converted("b", b, (), "real"))
    N, D = X.shape
    if y.shape[0] != N:
        raise ValueError(f"y has {y.shape[0]} elements, but N = {N} from X")
    if w.shape[0] != D:
        raise ValueError(f"w has {w.shape[0]} elements, but D = {D} from X")
    return X, y, w, b
