# Made by gradcompile 0.1.0 from examples/logistic_regression.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: b781deaba7d98d4a11152bef30fbee7d7ae35a624f0b7aca04f2e0d9c488fa81
# options: --target numba --emit value,value_and_grad,hvp,objective,pack
# operations: value 2*D*N + 5*N + 1; value_and_grad 4*D*N + 9*N + 2; hvp 6*D*N + 8*N + 1
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient w: proved (sympy), equal to SymPy's derivative
# graph: gradient b: proved (sympy), equal to SymPy's derivative
# graph: hvp.w: proved (sympy), equal to SymPy's derivative
# graph: hvp.b: proved (sympy), equal to SymPy's derivative
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

    from logistic_regression import value, value_and_grad, hvp
    loss = value(X, y, w, b)
    loss, gradient = value_and_grad(X, y, w, b)
    product = hvp(X, y, w, b, dw, db)

Arguments: X[N, D], y[N], w[D] (differentiated), b (differentiated).
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, y, w, b):
    N, D = X.shape
    t1 = np.dot(X, w)  # line 7
    t4 = 0.0
    for n in range(N):
        t1_n = t1[n]
        z = t1_n + b  # line 7
        y_n = y[n]
        t2 = y_n * z  # line 8
        t3 = (z if z > 0 or z != z else 0.0) + np.log1p(np.exp(-abs(z)))  # line 8
        losses = t3 - t2  # line 8
        t4 += losses  # line 9
    loss = t4 / N  # line 9
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, y, w, b):
    N, D = X.shape
    t1 = np.dot(X, w)  # line 7
    t4 = 0.0
    dz = np.empty((N,), np.float64)
    t7 = 0.0
    for n in range(N):
        t1_n = t1[n]
        z = t1_n + b  # line 7
        y_n = y[n]
        t2 = y_n * z  # line 8
        t3 = (z if z > 0 or z != z else 0.0) + np.log1p(np.exp(-abs(z)))  # line 8
        losses = t3 - t2  # line 8
        t4 += losses  # line 9
        t5 = 1 / (1 + np.exp(-z))  # backward of line 8: softplus gate
        t6 = t5 - y_n  # backward of line 7: copy gate
        dz_n = t6 / N  # backward of line 7: copy gate
        dz[n] = dz_n
        t7 += t6  # backward of line 7: add gate
    loss = t4 / N  # line 9
    db = t7 / N  # backward of line 7: add gate
    dw = np.dot(X.T, dz)  # backward of line 7: mul gate
    return (loss, dw, db)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def hvp_kernel(X, y, w, b, dw, db):
    N, D = X.shape
    t1 = np.dot(X, w)  # line 7
    t2 = np.dot(X, dw)  # backward of line 7: sum gate
    t8 = 0.0
    t10 = np.empty((N,), np.float64)
    for n in range(N):
        t1_n = t1[n]
        z = t1_n + b  # line 7
        t3 = 1 / (1 + np.exp(-z))  # backward of line 8: softplus gate
        t4 = 1 - t3  # backward of line 8: sigmoid gate
        t5 = t3 * t4  # backward of line 8: sigmoid gate
        t2_n = t2[n]
        t6 = t2_n + db  # backward of line 7: add gate
        t7 = t6 * t5  # backward of line 8: sigmoid gate
        t8 += t7  # backward of line 7: sum gate
        t9 = t7 / N  # backward of line 7: div gate
        t10[n] = t9
    Hdb = t8 / N  # backward of line 7: div gate
    Hdw = np.dot(X.T, t10)  # backward of line 7: sum gate
    return (Hdw, Hdb)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    w: np.ndarray  # [D]
    b: float


class Parameters(NamedTuple):
    """The parameters."""

    w: np.ndarray  # [D]
    b: float


def value(X, y, w, b):
    """Return loss."""
    return value_kernel(*_checked(X, y, w, b))[0]


def value_and_grad(X, y, w, b):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(X, y, w, b))
    return _value, Gradient(*_gradient)


def pack(w, b):
    """Return the parameters as one flat vector, one behind the other: w[D], b."""
    w = _real("w", w, ("D",))
    b = b if b.__class__ is float else float(_converted("b", b, (), "real"))
    return np.concatenate((w.ravel(), [b]))


def unpack(vector, *, D):
    """Return w[D], b from one flat vector, the inverse of pack; D is a size."""
    vector = _real("vector", vector, ("D + 1",))
    if vector.shape[0] != D + 1:
        raise ValueError(f"the vector has {vector.shape[0]} elements, but the parameters have D + 1 = {D + 1}")
    return Parameters(
        vector[:D].copy(),
        float(vector[D]),
    )


def objective(X, y):
    """Return the function of one flat vector that scipy.optimize.minimize(..., jac=True) takes.

    The vector is what `pack` returns, and `unpack` takes it apart.
    Its attributes are `fun`, `grad`, `value_and_grad`, `hessp`.
    """
    X = _real("X", X, ("N", "D"))
    y = _real("y", y, ("N",))
    D = X.shape[1]

    def function(vector):
        parameters = unpack(vector, D=D)
        _value, *_gradient = value_and_grad_kernel(*_checked(X, y, parameters.w, parameters.b))
        return _value, pack(*_gradient)

    def fun(vector):
        parameters = unpack(vector, D=D)
        return value_kernel(*_checked(X, y, parameters.w, parameters.b))[0]

    def grad(vector):
        return function(vector)[1]

    def hessp(vector, direction):
        parameters = unpack(vector, D=D)
        directions = unpack(direction, D=D)
        return pack(*hvp(X=X, y=y, w=parameters.w, b=parameters.b, dw=directions.w, db=directions.b))

    function.fun, function.grad, function.value_and_grad = fun, grad, function
    function.hessp = hessp
    return function


def hvp(X, y, w, b, dw, db):
    """Return the Hessian of loss times the direction dw and db."""
    _found = hvp_kernel(*_checked_hvp(X, y, w, b, dw, db))
    return Gradient(*_found)


def _checked_hvp(X, y, w, b, dw, db):
    """Return the arguments as `_checked` does, and those beside them."""
    X, y, w, b = _checked(X, y, w, b)
    dw = _real("dw", dw, ("D",))
    db = db if db.__class__ is float else float(_converted("db", db, (), "real"))
    D = X.shape[1]
    if dw.shape[0] != D:
        raise ValueError(f"dw has {dw.shape[0]} elements, but D = {D} from X")
    return X, y, w, b, dw, db


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


def _checked(X, y, w, b):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    X = _real("X", X, ("N", "D"))
    y = _real("y", y, ("N",))
    w = _real("w", w, ("D",))
    b = b if b.__class__ is float else float(_converted("b", b, (), "real"))
    N, D = X.shape
    if y.shape[0] != N:
        raise ValueError(f"y has {y.shape[0]} elements, but N = {N} from X")
    if w.shape[0] != D:
        raise ValueError(f"w has {w.shape[0]} elements, but D = {D} from X")
    return X, y, w, b
