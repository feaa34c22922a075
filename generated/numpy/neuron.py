# Made by gradcompile 0.1.0 from examples/neuron.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: d113d9ccaabc7cea93efc6e68b264ed0cdacc4568d90e58a10d0552e54e27c5a
# options: --target numpy --emit value,value_and_grad
# operations: value 8; value_and_grad 14
# --- certificate ---
# graph: value f: proved (sympy), equal to the formula
# graph: gradient w0: proved (sympy), equal to SymPy's derivative
# graph: gradient x0: proved (sympy), equal to SymPy's derivative
# graph: gradient w1: proved (sympy), equal to SymPy's derivative
# graph: gradient x1: proved (sympy), equal to SymPy's derivative
# graph: gradient w2: proved (sympy), equal to SymPy's derivative
# code: scalars: agrees, within 2^0 units in the last place
# claim, line 8: proved (sympy), grad(f, score) == f * (1 - f)
# claim, line 11: proved (sympy), grad(f, w0) == f * (1 - f) * x0
# claim, line 12: proved (sympy), grad(f, x0) == f * (1 - f) * w0
# claim, line 13: proved (sympy), grad(f, w1) == f * (1 - f) * x1
# claim, line 14: proved (sympy), grad(f, x1) == f * (1 - f) * w1
# claim, line 15: proved (sympy), grad(f, w2) == f * (1 - f)
# --- end of certificate ---

"""The neuron of the lecture: two inputs, two weights, a bias, and a sigmoid.

    from neuron import value, value_and_grad
    f = value(w0, x0, w1, x1, w2)
    f, gradient = value_and_grad(w0, x0, w1, x1, w2)

Arguments: w0 (differentiated), x0 (differentiated), w1 (differentiated), x1 (differentiated), w2
(differentiated).
"""

from typing import NamedTuple

import numpy as np


def value_kernel(w0, x0, w1, x1, w2):
    score = w0 * x0 + w1 * x1 + w2  # line 4
    f = 1 / (1 + np.exp(-score))  # line 5
    return (float(f),)


def value_and_grad_kernel(w0, x0, w1, x1, w2):
    score = w0 * x0 + w1 * x1 + w2  # line 4
    f = 1 / (1 + np.exp(-score))  # line 5
    dscore = f * (1 - f)  # backward of line 5: sigmoid gate
    dw1 = dscore * x1  # backward of line 4: mul gate
    dx1 = dscore * w1  # backward of line 4: mul gate
    dw0 = dscore * x0  # backward of line 4: mul gate
    dx0 = dscore * w0  # backward of line 4: mul gate
    return float(f), float(dw0), float(dx0), float(dw1), float(dx1), float(dscore)


class Gradient(NamedTuple):
    """The gradient of f with respect to each parameter."""

    w0: float
    x0: float
    w1: float
    x1: float
    w2: float


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(w0, x0, w1, x1, w2):
    """Return f."""
    with np.errstate(all="ignore"):
        _found = value_kernel(*_checked(w0, x0, w1, x1, w2))
        return _found[0]


def value_and_grad(w0, x0, w1, x1, w2):
    """Return f and its gradient."""
    with np.errstate(all="ignore"):
        _found = value_and_grad_kernel(*_checked(w0, x0, w1, x1, w2))
        return _found[0], _new(Gradient, _found[1:])


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


def _checked(w0, x0, w1, x1, w2):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    w0 = np.float64(w0 if w0.__class__ is float else _converted("w0", w0, (), "real"))
    x0 = np.float64(x0 if x0.__class__ is float else _converted("x0", x0, (), "real"))
    w1 = np.float64(w1 if w1.__class__ is float else _converted("w1", w1, (), "real"))
    x1 = np.float64(x1 if x1.__class__ is float else _converted("x1", x1, (), "real"))
    w2 = np.float64(w2 if w2.__class__ is float else _converted("w2", w2, (), "real"))
    return w0, x0, w1, x1, w2
