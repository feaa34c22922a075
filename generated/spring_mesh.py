# Made by gradcompile 0.1.0 from examples/spring_mesh.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: e1794227025825faf64db8ea6b8a0710f84c0b8e410c79182d7e25b9a919966f
# options: --target numba --emit value,value_and_grad
# operations: value 15*M + N + 5; value_and_grad 36*M + 7*N + 6
# --- certificate ---
# graph: value energy: proved (sympy), equal to the formula, for some whole numbers; agrees for others to 50 digits at 1 point
# graph: gradient x: agrees (sympy and finite differences at points), to 50 digits at 2 points
# code: N = 4, M = 5: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, the formula is undefined (an index into x is out of range: spring[:, 0] is 3, the length is 0 (line 9)), and the module says so
# code: M = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: M = 7: agrees, within 2^0 units in the last place
# code: spring out of range: agrees, the module says so
# claim, line 17: proved (sympy), grad(energy, along) == pull
# claim, line 18: proved (sympy), grad(energy, x) == [weight + sum(((spring[e, 0] == i) - (spring[e, 1] == i)) * pull[e] for e in range(M)) for i in range(N)]
# --- end of certificate ---

"""A mesh of springs under gravity: its energy; minus the gradient are the forces.

    from spring_mesh import value, value_and_grad
    energy = value(x, spring, rest, k=10.0, mass=1.0, g=9.81)
    energy, gradient = value_and_grad(x, spring, rest, k=10.0, mass=1.0, g=9.81)

Arguments: x[N, 3] (differentiated), spring[M, 2], rest[M], k, mass, g.
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(x, spring, rest, k, mass, g):
    N = x.shape[0]
    M = spring.shape[0]
    for e in range(M):
        t1 = spring[e, 0]
        t2 = t1 + N  # line 9
        t3 = t1 < 0  # line 9
        t4 = t2 if t3 else t1  # line 9
        if t4 < 0 or t4 >= N:
            raise IndexError(f"an index into x is out of range: spring[:, 0] is {t4}, the length is {N} (line 9)")
        t5 = spring[e, 1]
        t6 = t5 + N  # line 9
        t7 = t5 < 0  # line 9
        t8 = t6 if t7 else t5  # line 9
        if t8 < 0 or t8 >= N:
            raise IndexError(f"an index into x is out of range: spring[:, 1] is {t8}, the length is {N} (line 9)")
    t12 = np.empty((M,), np.float64)
    for e in range(M):
        t5 = spring[e, 1]
        t6 = t5 + N  # line 9
        t7 = t5 < 0  # line 9
        t8 = t6 if t7 else t5  # line 9
        t1 = spring[e, 0]
        t2 = t1 + N  # line 9
        t3 = t1 < 0  # line 9
        t4 = t2 if t3 else t1  # line 9
        t12_e = 0.0
        for i in range(3):
            t9 = x[t8, i]
            t10 = x[t4, i]
            along = t10 - t9  # line 9
            t11 = along ** 2  # line 10
            t12_e += t11  # line 10
        t12[e] = t12_e
    t13 = 0.5 * k  # line 11
    t14 = mass * g  # line 11
    t16 = 0.0
    for i_ in range(N):
        t15 = x[i_, 2]
        t16 += t15  # line 11
    t17 = t14 * t16  # line 11
    t20 = 0.0
    for e in range(M):
        rest_e = rest[e]
        t12_e_ = t12[e]
        length = np.sqrt(t12_e_)  # line 10
        t18 = length - rest_e  # line 11
        t19 = t18 * t18  # line 11
        t20 += t19  # line 11
    t21 = t13 * t20  # line 11
    energy = t21 + t17  # line 11
    return (energy,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, spring, rest, k, mass, g):
    N = x.shape[0]
    M = spring.shape[0]
    for e in range(M):
        t1 = spring[e, 0]
        t2 = t1 + N  # line 9
        t3 = t1 < 0  # line 9
        t4 = t2 if t3 else t1  # line 9
        if t4 < 0 or t4 >= N:
            raise IndexError(f"an index into x is out of range: spring[:, 0] is {t4}, the length is {N} (line 9)")
        t5 = spring[e, 1]
        t6 = t5 + N  # line 9
        t7 = t5 < 0  # line 9
        t8 = t6 if t7 else t5  # line 9
        if t8 < 0 or t8 >= N:
            raise IndexError(f"an index into x is out of range: spring[:, 1] is {t8}, the length is {N} (line 9)")
    t12 = np.empty((M,), np.float64)
    for e in range(M):
        t5 = spring[e, 1]
        t6 = t5 + N  # line 9
        t7 = t5 < 0  # line 9
        t8 = t6 if t7 else t5  # line 9
        t1 = spring[e, 0]
        t2 = t1 + N  # line 9
        t3 = t1 < 0  # line 9
        t4 = t2 if t3 else t1  # line 9
        t12_e = 0.0
        for i in range(3):
            t9 = x[t8, i]
            t10 = x[t4, i]
            along = t10 - t9  # line 9
            t11 = along ** 2  # line 10
            t12_e += t11  # line 10
        t12[e] = t12_e
    t13 = 0.5 * k  # line 11
    t14 = mass * g  # line 11
    t15 = np.zeros((3,), np.float64)
    t15[2] += t14  # backward of line 11: take gate
    t17 = 0.0
    for i_ in range(N):
        t16 = x[i_, 2]
        t17 += t16  # line 11
    t18 = t14 * t17  # line 11
    t21 = 0.0
    dlength = np.empty((M,), np.float64)
    for e in range(M):
        rest_e = rest[e]
        t12_e_ = t12[e]
        length = np.sqrt(t12_e_)  # line 10
        t19 = length - rest_e  # line 11
        t20 = t19 * t19  # line 11
        t21 += t20  # line 11
        t22 = 2 * t19  # backward of line 11: square gate
        dlength_e = t13 * t22  # backward of line 11: square gate
        dlength[e] = dlength_e
    t23 = t13 * t21  # line 11
    energy = t23 + t18  # line 11
    t28 = np.zeros((3, N), np.float64)
    t29 = np.zeros((3, N), np.float64)
    for i in range(3):
        for e in range(M):
            t5 = spring[e, 1]
            t6 = t5 + N  # line 9
            t7 = t5 < 0  # line 9
            t8 = t6 if t7 else t5  # line 9
            t12_e_ = t12[e]
            length = np.sqrt(t12_e_)  # line 10
            t9 = x[t8, i]
            t1 = spring[e, 0]
            t2 = t1 + N  # line 9
            t3 = t1 < 0  # line 9
            t4 = t2 if t3 else t1  # line 9
            t10 = x[t4, i]
            along = t10 - t9  # line 9
            t24 = along / length  # backward of line 10: norm gate
            t25 = length == 0  # backward of line 10: norm gate
            t26 = 0 if t25 else t24  # backward of line 10: norm gate
            dlength_e = dlength[e]
            dalong = dlength_e * t26  # backward of line 10: norm gate
            t27 = -dalong  # backward of line 9: sub gate
            t28[i, t8] += t27  # backward of line 9: take gate
            t29[i, t4] += dalong  # backward of line 9: take gate
    dx = np.empty((N, 3), np.float64)
    for i in range(3):
        t15_i = t15[i]
        for i_ in range(N):
            t29_ii_ = t29[i, i_]
            t28_ii_ = t28[i, i_]
            t30 = t15_i + t28_ii_  # backward of line 2: copy gate
            dx_ii_ = t30 + t29_ii_  # backward of line 2: copy gate
            dx[i_, i] = dx_ii_
    return (energy, dx)


class Gradient(NamedTuple):
    """The gradient of energy with respect to each parameter."""

    x: np.ndarray  # [N, 3]


def value(x, spring, rest, k=10.0, mass=1.0, g=9.81):
    """Return energy."""
    return value_kernel(*_checked(x, spring, rest, k, mass, g))[0]


def value_and_grad(x, spring, rest, k=10.0, mass=1.0, g=9.81):
    """Return energy and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(x, spring, rest, k, mass, g))
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


_INTEGER = np.dtype(np.int64)


def _integer(name, x, shape):
    """Return x as the kernels take it; at once where it is so already."""
    if x.__class__ is np.ndarray and x.dtype == _INTEGER and x.ndim == len(shape) and x.flags.carray:
        return x
    return _converted(name, x, shape, "integer")


def _checked(x, spring, rest, k, mass, g):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    x = _real("x", x, ("N", "3"))
    spring = _integer("spring", spring, ("M", "2"))
    rest = _real("rest", rest, ("M",))
    k = k if k.__class__ is float else float(_converted("k", k, (), "real"))
    mass = mass if mass.__class__ is float else float(_converted("mass", mass, (), "real"))
    g = g if g.__class__ is float else float(_converted("g", g, (), "real"))
    N = x.shape[0]
    M = spring.shape[0]
    if x.shape[1] != 3:
        raise ValueError(f"x has {x.shape[1]} columns, but must have 3")
    if spring.shape[1] != 2:
        raise ValueError(f"spring has {spring.shape[1]} columns, but must have 2")
    if rest.shape[0] != M:
        raise ValueError(f"rest has {rest.shape[0]} elements, but M = {M} from spring")
    return x, spring, rest, k, mass, g
