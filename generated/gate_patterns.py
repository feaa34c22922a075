# Made by gradcompile 0.1.0 from examples/gate_patterns.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 83afa7ed1511f6b833caadbbb8f9a313bfec19e770646e22d1aad2560c6ee097
# options: --target numba --emit value,value_and_grad
# operations: value 5; value_and_grad 13
# --- certificate ---
# graph: value f: proved (sympy), equal to the formula
# graph: gradient x: proved (sympy), equal to SymPy's derivative
# graph: gradient y: proved (sympy), equal to SymPy's derivative
# graph: gradient z: proved (sympy), equal to SymPy's derivative
# graph: gradient w: proved (sympy), equal to SymPy's derivative
# code: scalars: agrees, within 2^0 units in the last place
# claim, line 9: proved (sympy), grad(f, total) == 2 + x
# claim, line 10: proved (sympy), grad(f, product) == 2 + x
# claim, line 11: proved (sympy), grad(f, larger) == 2 + x
# claim, line 12: proved (sympy), grad(f, x) == (2 + x) * y + total
# claim, line 13: proved (sympy), grad(f, y) == (2 + x) * x
# claim, line 14: proved (sympy), grad(f, z) == where(z >= w, 2 + x, 0)
# claim, line 15: proved (sympy), grad(f, w) == where(z >= w, 0, 2 + x)
# --- end of certificate ---

"""The four gate patterns: add distributes, mul swaps, max routes, copy adds.

    from gate_patterns import value, value_and_grad
    f = value(x, y, z, w)
    f, gradient = value_and_grad(x, y, z, w)

Arguments: x (differentiated), y (differentiated), z (differentiated), w (differentiated).
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(x, y, z, w):
    product = x * y  # line 3
    larger = z if z >= w or z != z else w  # line 4
    total = product + larger  # line 5
    t1 = 2 + x  # line 6
    f = t1 * total  # line 6
    return (f,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, y, z, w):
    product = x * y  # line 3
    larger = z if z >= w or z != z else w  # line 4
    total = product + larger  # line 5
    dproduct = x + 2.0  # backward of line 5: copy gate
    t1 = z >= w  # backward of line 4: max gate
    t2 = z < w  # backward of line 4: max gate
    t3 = dproduct * y  # backward of line 3: mul gate
    dy = dproduct * x  # backward of line 3: mul gate
    dx = total + t3  # backward of line 3: copy gate
    dz = dproduct if t1 else 0.0
    dw = dproduct if t2 else 0.0
    t4 = 2 + x  # line 6
    f = t4 * total  # line 6
    return (f, dx, dy, dz, dw)


class Gradient(NamedTuple):
    """The gradient of f with respect to each parameter."""

    x: float
    y: float
    z: float
    w: float


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(x, y, z, w):
    """Return f."""
    if not (x.__class__ is y.__class__ is z.__class__ is w.__class__ is float):
        x, y, z, w = _checked(x, y, z, w)
    return value_kernel(x, y, z, w)[0]


def value_and_grad(x, y, z, w):
    """Return f and its gradient."""
    if not (x.__class__ is y.__class__ is z.__class__ is w.__class__ is float):
        x, y, z, w = _checked(x, y, z, w)
    _found = value_and_grad_kernel(x, y, z, w)
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


def _checked(x, y, z, w):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if x.__class__ is not float:
        x = float(_converted("x", x, (), "real"))
    if y.__class__ is not float:
        y = float(_converted("y", y, (), "real"))
    if z.__class__ is not float:
        z = float(_converted("z", z, (), "real"))
    if w.__class__ is not float:
        w = float(_converted("w", w, (), "real"))
    return x, y, z, w
