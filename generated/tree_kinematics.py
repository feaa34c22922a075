# Made by gradcompile 0.1.0 from examples/tree_kinematics.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 44c871bc9bb393ad5afd680c9368775d521fde0abec0414ceaccda9f914bfa4b
# options: --target numba --emit value,value_and_grad
# operations: value N**3 + 3*N**2 + 18*N - 2; value_and_grad 6*N**3 - 3*N**2 + 27*N + 2
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient angle: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
# code: N = 4: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, the formula does not allow these sizes, and the module says so
# code: N = 9: agrees, within 2^0 units in the last place
# code: parent out of range: agrees, the module says so
# claim, line 20: proved (sympy), grad(loss, angle)[0] == sum(error[:, 1] * joint[:, 0] - error[:, 0] * joint[:, 1])
# --- end of certificate ---

"""A branching arm in the plane: half the squared distance of its joints from their goals.

    from tree_kinematics import value, value_and_grad
    loss = value(angle, length, parent, goal)
    loss, gradient = value_and_grad(angle, length, parent, goal)

Arguments: angle[N] (differentiated), length[N], parent[N], goal[N, 2].
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(angle, length, parent, goal):
    N = angle.shape[0]
    for i in range(N - 1):
        t1 = 1 + i  # line 8
        t2 = parent[t1]
        if t2 < 0 or t2 >= t1:
            raise IndexError(f"heading[{t2}] is read before it is filled; filled so far: {t1} (line 8)")
    heading = np.empty((N,), np.float64)
    t3 = angle[0]
    for i_ in range(N):
        t4 = i_ == 0
        t5 = t3 if t4 else 0.0
        heading[i_] = t5
    for i in range(N - 1):
        t1 = 1 + i  # line 8
        t6 = angle[t1]
        t2 = parent[t1]
        t7 = heading[t2]
        t8 = t7 + t6  # line 9
        t1 = 1 + i  # line 8
        heading[t1] = t8
    reach = np.zeros((2, N), np.float64)
    for i_ in range(N):
        heading_i_ = heading[i_]
        t9 = np.cos(heading_i_)  # line 11
        length_i_ = length[i_]
        t10 = length_i_ * t9  # line 11
        reach[0, i_] += t10  # line 11
        t11 = np.sin(heading_i_)  # line 11
        t12 = length_i_ * t11  # line 11
        reach[1, i_] += t12  # line 11
    for i_2 in range(N - 1):
        t13 = 1 + i_2  # line 13
        t14 = parent[t13]
        if t14 < 0 or t14 >= t13:
            raise IndexError(f"joint[{t14}] is read before it is filled; filled so far: {t13} (line 13)")
    joint = np.empty((2, N), np.float64)
    for i_3 in range(2):
        t15 = reach[i_3, 0]
        for i_ in range(N):
            t4 = i_ == 0
            t16 = t15 if t4 else 0.0
            joint[i_3, i_] = t16
    t20 = np.empty((2,), np.float64)
    for i_2 in range(N - 1):
        t13 = 1 + i_2  # line 13
        t14 = parent[t13]
        for i_3 in range(2):
            t17 = reach[i_3, t13]
            t18 = joint[i_3, t14]
            t19 = t18 + t17  # line 14
            t20[i_3] = t19
        t13 = 1 + i_2  # line 13
        for i_3 in range(2):
            t19 = t20[i_3]
            joint[i_3, t13] = t19
    t22 = 0.0
    for i_3 in range(2):
        for i_ in range(N):
            goal_i_3i_ = goal[i_, i_3]
            joint_i_3i_ = joint[i_3, i_]
            error = joint_i_3i_ - goal_i_3i_  # line 16
            t21 = error * error  # line 17
            t22 += t21  # line 17
    loss = 0.5 * t22  # line 17
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(angle, length, parent, goal):
    N = angle.shape[0]
    for i in range(N - 1):
        t1 = 1 + i  # line 8
        t2 = parent[t1]
        if t2 < 0 or t2 >= t1:
            raise IndexError(f"heading[{t2}] is read before it is filled; filled so far: {t1} (line 8)")
    heading = np.empty((N,), np.float64)
    t3 = angle[0]
    for i_ in range(N):
        t4 = i_ == 0
        t5 = t3 if t4 else 0.0
        heading[i_] = t5
    for i in range(N - 1):
        t1 = 1 + i  # line 8
        t6 = angle[t1]
        t2 = parent[t1]
        t7 = heading[t2]
        t8 = t7 + t6  # line 9
        t1 = 1 + i  # line 8
        heading[t1] = t8
    t10 = np.empty((N,), np.float64)
    t12 = np.empty((N,), np.float64)
    reach = np.zeros((2, N), np.float64)
    for i_ in range(N):
        heading_i_ = heading[i_]
        t9 = np.cos(heading_i_)  # line 11
        t10[i_] = t9
        t11 = np.sin(heading_i_)  # line 11
        t12[i_] = t11
        length_i_ = length[i_]
        t13 = length_i_ * t9  # line 11
        reach[0, i_] += t13  # line 11
        t14 = length_i_ * t11  # line 11
        reach[1, i_] += t14  # line 11
    for i_2 in range(N - 1):
        t15 = 1 + i_2  # line 13
        t16 = parent[t15]
        if t16 < 0 or t16 >= t15:
            raise IndexError(f"joint[{t16}] is read before it is filled; filled so far: {t15} (line 13)")
    joint = np.empty((2, N), np.float64)
    for i_3 in range(2):
        t17 = reach[i_3, 0]
        for i_ in range(N):
            t4 = i_ == 0
            t18 = t17 if t4 else 0.0
            joint[i_3, i_] = t18
    t22 = np.empty((2,), np.float64)
    for i_2 in range(N - 1):
        t15 = 1 + i_2  # line 13
        t16 = parent[t15]
        for i_3 in range(2):
            t19 = reach[i_3, t15]
            t20 = joint[i_3, t16]
            t21 = t20 + t19  # line 14
            t22[i_3] = t21
        t15 = 1 + i_2  # line 13
        for i_3 in range(2):
            t21 = t22[i_3]
            joint[i_3, t15] = t21
    t24 = 0.0
    for i_3 in range(2):
        for i_ in range(N):
            goal_i_3i_ = goal[i_, i_3]
            joint_i_3i_ = joint[i_3, i_]
            error = joint_i_3i_ - goal_i_3i_  # line 16
            t23 = error * error  # line 17
            t24 += t23  # line 17
    loss = 0.5 * t24  # line 17
    t25 = 0 < N
    state = np.empty((2, N), np.float64)
    for i_3 in range(2):
        for i_ in range(N):
            goal_i_3i_ = goal[i_, i_3]
            joint_i_3i_ = joint[i_3, i_]
            error = joint_i_3i_ - goal_i_3i_  # line 16
            state[i_3, i_] = error
    state_ = np.empty((N, 2), np.float64)
    for i_2 in range(N - 2, -1, -1):
        t15 = 1 + i_2  # line 13
        for i_3 in range(2):
            t26 = state[i_3, t15]
            state_[i_2, i_3] = t26
        t15 = 1 + i_2  # line 13
        for i_3 in range(2):
            state[i_3, t15] = 0.0
        t15 = 1 + i_2  # line 13
        t16 = parent[t15]
        for i_3 in range(2):
            t26 = state_[i_2, i_3]
            state[i_3, t16] += t26  # backward of line 14: where gate
    dreach = np.zeros((2, N), np.float64)
    for i_2 in range(N - 1):
        t15 = 1 + i_2  # line 13
        for i_3 in range(2):
            state__i_3i_2 = state_[i_2, i_3]
            dreach[i_3, t15] += state__i_3i_2  # backward of line 14: take gate
    for i_3 in range(2):
        t27 = state[i_3, 0] if t25 else 0.0
        dreach[i_3, 0] += t27  # backward of line 12: take gate
    state_2 = np.empty((N,), np.float64)
    for i_ in range(N):
        length_i_ = length[i_]
        t28 = dreach[0, i_]
        t29 = t28 * length_i_  # backward of line 11: mul gate
        t11 = t12[i_]
        t30 = t11 * t29  # backward of line 11: cos gate
        t9 = t10[i_]
        t31 = dreach[1, i_]
        t32 = t31 * length_i_  # backward of line 11: mul gate
        t33 = t32 * t9  # backward of line 11: sin gate
        dheading = t33 - t30  # backward of line 8: copy gate
        state_2[i_] = dheading
    state_3 = np.empty((N,), np.float64)
    for i in range(N - 2, -1, -1):
        t1 = 1 + i  # line 8
        t34 = state_2[t1]
        state_3[i] = t34
        t1 = 1 + i  # line 8
        state_2[t1] = 0.0
        t1 = 1 + i  # line 8
        t2 = parent[t1]
        state_2[t2] += t34  # backward of line 9: where gate
    dangle = np.zeros((N,), np.float64)
    for i in range(N - 1):
        t1 = 1 + i  # line 8
        state_3_i = state_3[i]
        dangle[t1] += state_3_i  # backward of line 9: take gate
    t35 = state_2[0] if t25 else 0.0
    dangle[0] += t35  # backward of line 7: take gate
    return (loss, dangle)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    angle: np.ndarray  # [N]


def value(angle, length, parent, goal):
    """Return loss."""
    return value_kernel(*_checked(angle, length, parent, goal))[0]


def value_and_grad(angle, length, parent, goal):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(angle, length, parent, goal))
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


def _checked(angle, length, parent, goal):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    angle = _real("angle", angle, ("N",))
    length = _real("length", length, ("N",))
    parent = _integer("parent", parent, ("N",))
    goal = _real("goal", goal, ("N", "2"))
    N = angle.shape[0]
    if length.shape[0] != N:
        raise ValueError(f"length has {length.shape[0]} elements, but N = {N} from angle")
    if parent.shape[0] != N:
        raise ValueError(f"parent has {parent.shape[0]} elements, but N = {N} from angle")
    if goal.shape[0] != N:
        raise ValueError(f"goal has {goal.shape[0]} rows, but N = {N} from angle")
    if goal.shape[1] != 2:
        raise ValueError(f"goal has {goal.shape[1]} columns, but must have 2")
    if N - 1 < 0:
        raise ValueError(f"`angle[0]` reads at 0 of an axis of length N. (N - 1 = {N - 1}, 0)")
    return angle, length, parent, goal
