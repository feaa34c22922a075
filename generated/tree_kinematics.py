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

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


class _OutOfRange(IndexError):
    """An index that is no position: a text, and the index and the size that it shows.

    The text is put together when it is read. Numba would compile the whole of it into every kernel.
    """

    def __str__(self):
        return self.args[0].format(*self.args[1:])


@intrinsic
def _own(context, x):
    """Return a new array. Nothing else stands for its elements, so loops need not look whether arrays overlap.

    LLVM takes what a function returns as "noalias" for memory that has no other name, and into this one it does not
    look. The second call shows the pointer to others: whatever is called may free the memory, so no read moves past it.
    """

    def code(context, builder, signature, values):
        array = context.make_array(x)(context, builder, value=values[0])
        kind, name = ir.FunctionType(array.data.type, [array.data.type]), f"own_{x.dtype}"
        own = builder.module.globals.get(name)
        if own is None:
            own = ir.Function(builder.module, kind, name)
            own.linkage = "linkonce_odr"
            own.attributes.add("noinline")
            own.attributes.add("optnone")
            own.return_value.add_attribute("noalias")
            ir.IRBuilder(own.append_basic_block()).ret(own.args[0])
        array.data = builder.call(own, [array.data])
        builder.call(own, [array.data])
        context.nrt.incref(builder, x, array._getvalue())
        return array._getvalue()

    return x(x), code


@intrinsic
def _larger(context, a, b):
    """The larger of two numbers, NaN if one is, whatever the order: so that lanes have one each."""

    def code(context, builder, signature, values):
        kind = values[0].type
        if isinstance(a, types.Integer):
            return builder.select(builder.icmp_signed(">", *values), *values)
        function = builder.module.declare_intrinsic("llvm.maximum", [kind], ir.FunctionType(kind, [kind, kind]))
        return builder.call(function, values, fastmath=("nsz",))

    return a(a, a), code


_NEAR = 100000000.0  # sines and cosines of smaller arguments need no table


@intrinsic
def _fma(context, a, b, c):
    """a * b + c with one rounding."""
    return a(a, b, c), lambda context, builder, signature, values: builder.fma(*values)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _near_quarters(x):
    """The same for |x| < 100000000.0: x less number * pi/2, which is in three parts (Cody and Waite)."""
    shifted = x * 0.6366197723675814 + 6755399441055744.0
    k = shifted - 6755399441055744.0
    a, b = _fma(-k, 1.5707963267948966, x), _fma(k, 6.123233995736766e-17, 0.0)
    r = a - b
    return np.float64(shifted).view(np.int64), r, ((a - r) - b) - (_fma(k, 6.123233995736766e-17, -b) + k * -1.4973849048591698e-33)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _sine_cosine(x, quarters):
    """The number of quarter turns, and sine and cosine of what is left of x, each as the sum of two numbers."""
    n, r, low = quarters
    square = r * r
    half = 0.5 * square
    sine_tail = r * square * (-0.16666666666666632 + square * (0.00833333333332242 + square * -0.00019841269829813437 + square * square * (2.755731369389974e-06 + square * -2.5050758429703635e-08) + square * square * (square * square) * 
        (1.5896814110050524e-10))) + low
    sine = r + sine_tail
    sine_low = sine_tail - (sine - r)
    small = abs(x) < 1e-08
    sine = x if small else sine
    sine_low = 0.0 if small else sine_low
    rest = 1.0 - half
    cosine_tail = ((1.0 - rest) - half) + (square * square * (0.0416666666666666 + square * (-0.001388888888887413 + square * 2.480158728948608e-05 + square * square * (-2.755731435353637e-07 + square * 2.0875723446259833e-09) + square * square * (square * square) * 
        (-1.1359657210535275e-11))) - r * low)
    cosine = rest + cosine_tail
    return n, sine, sine_low, cosine, cosine_tail - (cosine - rest)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _cosine(x, quarters):
    """The cosine in the same way."""
    n, sine, _, cosine, _ = _sine_cosine(x, quarters)
    y = sine if n & 1 else cosine
    return -y if (n + 1) & 2 else y


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _near_cos(x):
    """The cosine for |x| < 100000000.0."""
    return _cosine(x, _near_quarters(x))


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _sine(x, quarters):
    """The sine of x, the quarter turns of which are known."""
    n, sine, _, cosine, _ = _sine_cosine(x, quarters)
    y = cosine if n & 1 else sine
    return -y if n & 2 else y


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _near_sin(x):
    """The sine for |x| < 100000000.0."""
    return _sine(x, _near_quarters(x))


def _make_turns():
    """2^e * 2/pi modulo 2^54, each the sum of four numbers in row e - 1: row -1, the last, is that of e = 0."""
    unit = 16**320
    digits = int(
        "A2F9836E4E441529FC2757D1F534DDC0DB6295993C439041FE5163ABDEBBC561B7246E3A424DD2E0"
        "06492EEA09D1921CFE1DEB1CB129A73EE88235F52EBB4484E99C7026B45F7E413991D639835339F4"
        "9C845F8BBDF9283B1FF897FFDE05980FEF2F118B5A0A6D1F6D367ECF27CB09B74F463F669E5FEA2D"
        "7527BAC7EBE5F17B3D0739F78A5292EA6BFB5FB11F8D5D0856033046FC7B6BABF0CFBC209AF4361D", 16
    )
    table = np.empty((1024, 4), np.float64)
    for e in range(1024):
        rest = (digits << e) % (unit << 54)
        for part in range(4):
            table[e - 1, part] = rest / unit
            above, below = table[e - 1, part].as_integer_ratio()
            rest -= above * unit // below
    return table


_turns = _make_turns()


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _quarters(x):
    """The whole number nearest to x * 2/pi modulo 4 in its last bits, and r + low = x - number * pi/2."""
    size = abs(x)
    e = np.float64(size if size > 1.0 else 1.0).view(np.int64) & 0x7ff0000000000000
    m = np.int64(np.float64(x).view(np.int64) - (e - 0x3ff0000000000000)).view(np.float64)
    row = (e >> 52) & 1023
    t0, t1, t2, t3 = _turns[row, 0], _turns[row, 1], _turns[row, 2], _turns[row, 3]
    a, b, c = m * t0, m * t1, m * t2
    a_low, b_low, c_low = _fma(m, t0, -a), _fma(m, t1, -b), _fma(m, t2, -c) + m * t3
    a = a - 4.0 * np.rint(0.25 * a)
    shifted = a + a_low + b + 6755399441055744.0
    a = a - (shifted - 6755399441055744.0) + (x - x)
    s0 = a + a_low
    s1 = s0 + b
    s2 = s1 + b_low
    s3 = s2 + c
    low = (a_low - (s0 - a)) + (b - (s1 - s0)) + ((b_low - (s2 - s1)) + ((c - (s3 - s2)) + c_low))
    r = s3 * 1.5707963267948966
    low = _fma(s3, 1.5707963267948966, -r) + (s3 * 6.123233995736766e-17 + low * 1.5707963267948966)
    return np.float64(shifted).view(np.int64), r, low


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _cos(x):
    """The cosine, within 2 units in the last place."""
    return _cosine(x, _quarters(x))


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _sin(x):
    """The sine, within 2 units in the last place."""
    return _sine(x, _quarters(x))


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(angle, length, parent, goal):
    N = angle.shape[0]
    # over i: checks; N - 1 operations, 8*N - 8 bytes
    for i in range(N - 1):
        t1 = 1 + i  # line 8
        t2 = parent[t1]
        if t2 < 0 or t2 >= t1:
            raise _OutOfRange("heading[{0}] is read before it is filled; filled so far: {1} (line 8)", t2, t1)
    heading = _own(np.empty((N,), np.float64))
    t3 = angle[0]
    # over i_: heading; 2*N operations, 8*N bytes
    for i_ in range(N):
        t4 = i_ == 0
        t5 = t3 if t4 else 0.0
        heading[i_] = t5
    # over i: heading; 3*N - 3 operations, 32*N - 32 bytes
    for i in range(N - 1):
        t1 = 1 + i  # line 8
        t6 = angle[t1]
        t2 = parent[t1]
        t7 = heading[t2]
        t8 = t7 + t6  # line 9
        t1 = 1 + i  # line 8
        heading[t1] = t8
    reach = _own(np.zeros((N, 2), np.float64))
    largest = 0.0
    for i_ in range(N):
        heading_i_ = heading[i_]
        t23 = abs(heading_i_)  # line 11
        largest = _larger(largest, t23)  # line 11
    if largest < _NEAR:
        # over i_: reach; 6*N operations, 48*N bytes
        for i_ in range(N):
            heading_i_ = heading[i_]
            t9 = _near_cos(heading_i_)  # line 11
            length_i_ = length[i_]
            t10 = length_i_ * t9  # line 11
            reach[i_, 0] += t10  # line 11
            t11 = _near_sin(heading_i_)  # line 11
            t12 = length_i_ * t11  # line 11
            reach[i_, 1] += t12  # line 11
    else:
        for i_ in range(N):
            heading_i_ = heading[i_]
            t9 = _cos(heading_i_)  # line 11
            length_i_ = length[i_]
            t10 = length_i_ * t9  # line 11
            reach[i_, 0] += t10  # line 11
            t11 = _sin(heading_i_)  # line 11
            t12 = length_i_ * t11  # line 11
            reach[i_, 1] += t12  # line 11
    # over i_2: checks; N - 1 operations, 8*N - 8 bytes
    for i_2 in range(N - 1):
        t13 = 1 + i_2  # line 13
        t14 = parent[t13]
        if t14 < 0 or t14 >= t13:
            raise _OutOfRange("joint[{0}] is read before it is filled; filled so far: {1} (line 13)", t14, t13)
    joint = _own(np.empty((2, N), np.float64))
    # over i_3, i_: joint; 4*N operations, 16*N + 16 bytes
    for i_3 in range(2):
        t15 = reach[0, i_3]
        for i_ in range(N):
            t4 = i_ == 0
            t16 = t15 if t4 else 0.0
            joint[i_3, i_] = t16
    t20 = _own(np.empty((2,), np.float64))
    # over i_2: t20, joint; 4*N - 4 operations, 88*N - 88 bytes
    for i_2 in range(N - 1):
        t13 = 1 + i_2  # line 13
        t14 = parent[t13]
        for i_3 in range(2):
            t17 = reach[t13, i_3]
            t18 = joint[i_3, t14]
            t19 = t18 + t17  # line 14
            t20[i_3] = t19
        t13 = 1 + i_2  # line 13
        for i_3 in range(2):
            t19 = t20[i_3]
            joint[i_3, t13] = t19
    t22 = 0.0
    # over i_3, i_: t22; 6*N operations, 32*N bytes
    for i_3 in range(2):
        for i_ in range(N):
            goal_i_3i_ = goal[i_, i_3]
            joint_i_3i_ = joint[i_3, i_]
            error = joint_i_3i_ - goal_i_3i_  # line 16
            t21 = error * error  # line 17
            t22 = _plus(t22, t21)  # line 17
    loss = 0.5 * t22  # line 17
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(angle, length, parent, goal):
    N = angle.shape[0]
    t1 = 0 < N
    # over i: checks; N - 1 operations, 8*N - 8 bytes
    for i in range(N - 1):
        t2 = 1 + i  # line 8
        t3 = parent[t2]
        if t3 < 0 or t3 >= t2:
            raise _OutOfRange("heading[{0}] is read before it is filled; filled so far: {1} (line 8)", t3, t2)
    heading = _own(np.empty((N,), np.float64))
    t4 = angle[0]
    # over i_: heading; 2*N operations, 8*N bytes
    for i_ in range(N):
        t5 = i_ == 0
        t6 = t4 if t5 else 0.0
        heading[i_] = t6
    # over i: heading; 3*N - 3 operations, 32*N - 32 bytes
    for i in range(N - 1):
        t2 = 1 + i  # line 8
        t7 = angle[t2]
        t3 = parent[t2]
        t8 = heading[t3]
        t9 = t8 + t7  # line 9
        t2 = 1 + i  # line 8
        heading[t2] = t9
    t11 = _own(np.empty((N,), np.float64))
    t13 = _own(np.empty((N,), np.float64))
    reach = _own(np.zeros((N, 2), np.float64))
    largest = 0.0
    for i_ in range(N):
        heading_i_ = heading[i_]
        t36 = abs(heading_i_)  # line 11
        largest = _larger(largest, t36)  # line 11
    if largest < _NEAR:
        # over i_: t11, t13, reach; 6*N operations, 64*N bytes
        for i_ in range(N):
            heading_i_ = heading[i_]
            t10 = _near_cos(heading_i_)  # line 11
            t11[i_] = t10
            t12 = _near_sin(heading_i_)  # line 11
            t13[i_] = t12
            length_i_ = length[i_]
            t14 = length_i_ * t10  # line 11
            reach[i_, 0] += t14  # line 11
            t15 = length_i_ * t12  # line 11
            reach[i_, 1] += t15  # line 11
    else:
        for i_ in range(N):
            heading_i_ = heading[i_]
            t10 = _cos(heading_i_)  # line 11
            t11[i_] = t10
            t12 = _sin(heading_i_)  # line 11
            t13[i_] = t12
            length_i_ = length[i_]
            t14 = length_i_ * t10  # line 11
            reach[i_, 0] += t14  # line 11
            t15 = length_i_ * t12  # line 11
            reach[i_, 1] += t15  # line 11
    # over i_2: checks; N - 1 operations, 8*N - 8 bytes
    for i_2 in range(N - 1):
        t16 = 1 + i_2  # line 13
        t17 = parent[t16]
        if t17 < 0 or t17 >= t16:
            raise _OutOfRange("joint[{0}] is read before it is filled; filled so far: {1} (line 13)", t17, t16)
    joint = _own(np.empty((2, N), np.float64))
    # over i_3, i_: joint; 4*N operations, 16*N + 16 bytes
    for i_3 in range(2):
        t18 = reach[0, i_3]
        for i_ in range(N):
            t5 = i_ == 0
            t19 = t18 if t5 else 0.0
            joint[i_3, i_] = t19
    t23 = _own(np.empty((2,), np.float64))
    # over i_2: t23, joint; 4*N - 4 operations, 88*N - 88 bytes
    for i_2 in range(N - 1):
        t16 = 1 + i_2  # line 13
        t17 = parent[t16]
        for i_3 in range(2):
            t20 = reach[t16, i_3]
            t21 = joint[i_3, t17]
            t22 = t21 + t20  # line 14
            t23[i_3] = t22
        t16 = 1 + i_2  # line 13
        for i_3 in range(2):
            t22 = t23[i_3]
            joint[i_3, t16] = t22
    t25 = 0.0
    # over i_3, i_: t25; 6*N operations, 32*N bytes
    for i_3 in range(2):
        for i_ in range(N):
            goal_i_3i_ = goal[i_, i_3]
            joint_i_3i_ = joint[i_3, i_]
            error = joint_i_3i_ - goal_i_3i_  # line 16
            t24 = error * error  # line 17
            t25 = _plus(t25, t24)  # line 17
    loss = 0.5 * t25  # line 17
    state = _own(np.empty((2, N), np.float64))
    # over i_3, i_: state; 2*N operations, 48*N bytes
    for i_3 in range(2):
        for i_ in range(N):
            goal_i_3i_ = goal[i_, i_3]
            joint_i_3i_ = joint[i_3, i_]
            error = joint_i_3i_ - goal_i_3i_  # line 16
            state[i_3, i_] = error
    state_ = _own(np.empty((N, 2), np.float64))
    # over i_2: state_, state; 5*N - 5 operations, 104*N - 104 bytes
    for i_2 in range(N - 2, -1, -1):
        t16 = 1 + i_2  # line 13
        for i_3 in range(2):
            t26 = state[i_3, t16]
            state_[i_2, i_3] = t26
        t16 = 1 + i_2  # line 13
        for i_3 in range(2):
            state[i_3, t16] = 0.0
        t16 = 1 + i_2  # line 13
        t17 = parent[t16]
        for i_3 in range(2):
            t26 = state_[i_2, i_3]
            state[i_3, t17] += t26  # backward of line 14: where gate
    dreach = _own(np.zeros((N, 2), np.float64))
    # over i_2, i_3: dreach; 3*N - 3 operations, 48*N - 48 bytes
    for i_2 in range(N - 1):
        t16 = 1 + i_2  # line 13
        for i_3 in range(2):
            state__i_3i_2 = state_[i_2, i_3]
            dreach[t16, i_3] += state__i_3i_2  # backward of line 14: take gate
    # over i_3: dreach; 2 operations, 48 bytes
    for i_3 in range(2):
        t27 = state[i_3, 0] if t1 else 0.0
        dreach[0, i_3] += t27  # backward of line 12: take gate
    state_2 = _own(np.empty((N,), np.float64))
    # over i_: state_2; 5*N operations, 48*N bytes
    for i_ in range(N):
        length_i_ = length[i_]
        t28 = dreach[i_, 0]
        t29 = t28 * length_i_  # backward of line 11: mul gate
        t12 = t13[i_]
        t30 = t12 * t29  # backward of line 11: cos gate
        t10 = t11[i_]
        t31 = dreach[i_, 1]
        t32 = t31 * length_i_  # backward of line 11: mul gate
        t33 = t32 * t10  # backward of line 11: sin gate
        dheading = t33 - t30  # backward of line 8: copy gate
        state_2[i_] = dheading
    state_3 = _own(np.empty((N,), np.float64))
    # over i: state_3, state_2; 4*N - 4 operations, 48*N - 48 bytes
    for i in range(N - 2, -1, -1):
        t2 = 1 + i  # line 8
        t34 = state_2[t2]
        state_3[i] = t34
        t2 = 1 + i  # line 8
        state_2[t2] = 0.0
        t2 = 1 + i  # line 8
        t3 = parent[t2]
        state_2[t3] += t34  # backward of line 9: where gate
    dangle = _own(np.zeros((N,), np.float64))
    # over i: dangle; 2*N - 2 operations, 24*N - 24 bytes
    for i in range(N - 1):
        t2 = 1 + i  # line 8
        state_3_i = state_3[i]
        dangle[t2] += state_3_i  # backward of line 9: take gate
    t35 = state_2[0] if t1 else 0.0
    dangle[0] += t35  # backward of line 7: take gate
    return (loss, dangle)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    angle: np.ndarray  # [N]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(angle, length, parent, goal):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, _INTEGER, angle, length, parent, goal):
        _call = _direct_value_kernel.run
        _found = _call(angle, length, parent, goal)
    else:
        _found = value_kernel(*_checked(angle, length, parent, goal))
    return _found[0]


def value_and_grad(angle, length, parent, goal):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, _INTEGER, angle, length, parent, goal):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(angle, length, parent, goal)
    else:
        _found = value_and_grad_kernel(*_checked(angle, length, parent, goal))
    return _found[0], _new(Gradient, _found[1:])


_ARRAY, _REAL, _INTEGER = np.ndarray, np.dtype(np.float64), np.dtype(np.int64)


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


def _checked(angle, length, parent, goal):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if angle.__class__ is not _ARRAY or angle.dtype is not _REAL or angle.ndim != 1 or not angle.flags.carray:
        angle = _converted("angle", angle, ("N",), "real")
    if length.__class__ is not _ARRAY or length.dtype is not _REAL or length.ndim != 1 or not length.flags.carray:
        length = _converted("length", length, ("N",), "real")
    if parent.__class__ is not _ARRAY or parent.dtype is not _INTEGER or parent.ndim != 1 or not parent.flags.carray:
        parent = _converted("parent", parent, ("N",), "integer")
    if goal.__class__ is not _ARRAY or goal.dtype is not _REAL or goal.ndim != 2 or not goal.flags.carray:
        goal = _converted("goal", goal, ("N", "2"), "real")
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


class _Direct:
    """A kernel for arguments of known types: `run` is its machine code, which does not look at them again.

    It is compiled when `run` was called as often as `after` says; until then it returns None.
    """

    def __init__(self, kernel, after, *types):
        self.kernel, self.after, self.left, self.types = kernel, after, after, types
        self.run = self._first
        if not hasattr(kernel, "compile"):  # with NUMBA_DISABLE_JIT it is a function of Python's
            self.run = self._none if after else kernel

    def _none(self, *arguments):
        return None

    def _first(self, *arguments):
        if self.left > 0:
            self.left -= 1
            return None
        self.run = self.kernel.compile(self.types)
        return self.run(*arguments)

    def __reduce__(self):
        return _Direct, (self.kernel, self.after, *self.types)


_ANY = types.Object(object)  # an argument that a kernel is given as it is


def _field(builder, array, number):
    """Return a field of an array as NumPy's C interface has it: PyArrayObject_fields, numbered from the head."""
    head, pointer, whole = ir.ArrayType(ir.IntType(8), object.__basicsize__), ir.IntType(8).as_pointer(), ir.IntType(32)
    sizes = ir.IntType(types.intp.bitwidth).as_pointer()
    # data, nd, dimensions, strides, base, descr, flags
    fields = ir.LiteralStructType([head, pointer, whole, sizes, sizes, pointer, pointer, whole])
    array = builder.bitcast(array, fields.as_pointer())
    return builder.load(builder.gep(array, [whole(0), whole(number)]))


@intrinsic
def _is_array(context, x, array, dtype, rank):
    """Is an object of the class `array` and of this type and rank, in C order, aligned and writable?"""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        x, array, dtype, rank = values
        found = api.object_type(x)
        api.decref(found)
        same = builder.icmp_unsigned("==", found, array)
        fits = cgutils.alloca_once_value(builder, same)
        with cgutils.if_likely(builder, same):
            flags = _field(builder, x, 7)
            wanted = flags.type(0x501)  # NPY_ARRAY_CARRAY
            tests = [
                builder.icmp_unsigned("==", builder.bitcast(_field(builder, x, 6), dtype.type), dtype),
                builder.icmp_unsigned("==", builder.and_(flags, wanted), wanted),
                builder.icmp_signed("==", builder.sext(_field(builder, x, 2), rank.type), rank),
            ]
            builder.store(builder.and_(builder.and_(tests[0], tests[1]), tests[2]), fits)
        return builder.load(fits)

    return types.boolean(x, array, dtype, types.intp), code


@intrinsic
def _size(context, x, axis):
    """The size of an axis of such an array."""

    def code(context, builder, signature, values):
        return builder.load(builder.gep(_field(builder, values[0], 3), [values[1]]))

    return types.intp(x, types.intp), code


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _fit(_array, _real, _integer, angle, length, parent, goal):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(angle, _array, _real, 1)):
        return False
    if not (_is_array(length, _array, _real, 1)):
        return False
    if not (_is_array(parent, _array, _integer, 1)):
        return False
    if not (_is_array(goal, _array, _real, 2)):
        return False
    N = _size(angle, 0)
    return _size(length, 0) == N and _size(parent, 0) == N and _size(goal, 0) == N and _size(goal, 1) == 2 and N - 1 >= 0


_fitting = _Direct(_fit, 100, *[_ANY] * 7)


_KNOWN = (  # types of the arguments
    types.float64[::1], types.float64[::1], types.int64[::1], types.float64[:, ::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
