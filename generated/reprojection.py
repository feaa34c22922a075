# Made by gradcompile 0.1.0 from examples/reprojection.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 426dce4b6e9a8f04c2c9b3eadbd2e39bf445c316c72c6c0a4f0cbe280d9c9e6c
# options: --target numba --emit value,jacobian,objective,pack --sparse
# operations: value 106*N; jacobian 828*N + 40
# jacobian: reverse mode, 828*N + 40 operations; the other mode takes 1449*N + 36; 24*N numbers, the others are 0 by their axes
# --- certificate ---
# graph: value residual: proved (sympy), equal to the formula, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: jacobian.residual.turn: agrees (finite differences), to 50 digits at 3 points
# graph: jacobian.residual.centre: agrees (finite differences), to 50 digits at 3 points
# graph: jacobian.residual.focal: agrees (finite differences), to 50 digits at 3 points
# graph: jacobian.residual.radial: agrees (finite differences), to 50 digits at 3 points
# graph: jacobian.residual.X: agrees (finite differences), to 50 digits at 3 points
# code: C = 4, P = 5, N = 6: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: C = 0: agrees, the formula is undefined (an index into turn is out of range: cam[n] is 2, the length is 0 (line 29)), and the module says so
# code: P = 0: agrees, the formula is undefined (an index into turn is out of range: cam[n] is 4, the length is 4 (line 29)), and the module says so
# code: N = 0: agrees, within 2^0 units in the last place
# code: C = 9: agrees, within 2^0 units in the last place
# code: P = 7: agrees, within 2^0 units in the last place
# code: N = 11: agrees, within 2^0 units in the last place
# code: pair out of range: agrees, the module says so
# claim, line 32: agrees (mpmath), grad(sum(residual), focal) == [sum(sum((residual[n] + seen[n]) / focal[c]) for n in range(N) if cam[n] == c) for c in range(C)]
# --- end of certificate ---

"""Bundle adjustment as residuals: where a camera sees a point, less where it was seen, for each observation.

    from reprojection import value, jacobian
    residual = value(turn, centre, focal, radial, X, pair, seen)
    J = jacobian(turn, centre, focal, radial, X, pair, seen)

Arguments: turn[C, 3] (differentiated), centre[C, 3] (differentiated), focal[C] (differentiated), radial[C, 2]
(differentiated), X[P, 3] (differentiated), pair[N, 2], seen[N, 2].
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


_NEAR = 100000000.0  # sines and cosines of smaller arguments need no table


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


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(turn, centre, focal, radial, X, pair, seen):
    C = turn.shape[0]
    P = X.shape[0]
    N = pair.shape[0]
    # over n: checks; 6*N operations, 16*N bytes
    for n in range(N):
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        if t3 < 0 or t3 >= C:
            raise _OutOfRange("an index into turn is out of range: cam[n] is {0}, the length is {1} (line 29)", t3, C)
        point = pair[n, 1]
        t4 = point + P  # line 29
        t5 = point < 0  # line 29
        t6 = t4 if t5 else point  # line 29
        if t6 < 0 or t6 >= P:
            raise _OutOfRange("an index into X is out of range: point[n] is {0}, the length is {1} (line 29)", t6, P)
    residual = _own(np.empty((N, 2), np.float64))
    largest = 0.0
    # over n: residual; 85*N operations, 144*N bytes
    for n in range(N):
        t7 = seen[n, 1]
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        t8 = centre[t3, 0]
        point = pair[n, 1]
        t4 = point + P  # line 29
        t5 = point < 0  # line 29
        t6 = t4 if t5 else point  # line 29
        t9 = X[t6, 0]
        t10 = t9 - t8  # line 22
        t11 = turn[t3, 1]
        t12 = t11 * t10  # line 11
        t13 = centre[t3, 1]
        t14 = X[t6, 1]
        t15 = t14 - t13  # line 22
        t16 = turn[t3, 0]
        t17 = t16 * t15  # line 11
        t18 = t17 - t12  # line 11
        t19 = centre[t3, 2]
        t20 = X[t6, 2]
        t21 = t20 - t19  # line 22
        t22 = t21 + t18  # line 19
        t23 = turn[t3, 2]
        t24 = t23 * t23  # line 15
        t25 = t11 * t11  # line 15
        t26 = t16 * t16  # line 15
        t27 = t26 + t25  # line 15
        t28 = t27 + t24  # line 15
        t29 = t28 > 0  # line 16
        t30 = t28 if t29 else 1  # line 16
        t31 = np.sqrt(t30)  # line 16
        t100 = abs(t31)  # line 18
        largest = _larger(largest, t100)  # line 18
        t32 = _near_cos(t31)  # line 18
        t33 = 1 - t32  # line 18
        t34 = t23 / t31  # line 17
        t35 = t34 * t21  # line 18
        t36 = t11 / t31  # line 17
        t37 = t36 * t15  # line 18
        t38 = t16 / t31  # line 17
        t39 = t38 * t10  # line 18
        t40 = t39 + t37  # line 18
        t41 = t40 + t35  # line 18
        t42 = t34 * t41  # line 18
        t43 = t42 * t33  # line 18
        t44 = _near_sin(t31)  # line 18
        t45 = t36 * t10  # line 11
        t46 = t38 * t15  # line 11
        t47 = t46 - t45  # line 11
        t48 = t47 * t44  # line 18
        t49 = t21 * t32  # line 18
        t50 = t49 + t48  # line 18
        t51 = t50 + t43  # line 18
        t52 = t51 if t29 else t22  # line 19
        t53 = t16 * t21  # line 11
        t54 = t23 * t10  # line 11
        t55 = t54 - t53  # line 11
        t56 = t15 + t55  # line 19
        t57 = t36 * t41  # line 18
        t58 = t57 * t33  # line 18
        t59 = t38 * t21  # line 11
        t60 = t34 * t10  # line 11
        t61 = t60 - t59  # line 11
        t62 = t61 * t44  # line 18
        t63 = t15 * t32  # line 18
        t64 = t63 + t62  # line 18
        t65 = t64 + t58  # line 18
        t66 = t65 if t29 else t56  # line 19
        t67 = t66 / t52  # line 23
        t68 = t67 * t67  # line 24
        t69 = t23 * t15  # line 11
        t70 = t11 * t21  # line 11
        t71 = t70 - t69  # line 11
        t72 = t10 + t71  # line 19
        t73 = t38 * t41  # line 18
        t74 = t73 * t33  # line 18
        t75 = t34 * t15  # line 11
        t76 = t36 * t21  # line 11
        t77 = t76 - t75  # line 11
        t78 = t77 * t44  # line 18
        t79 = t10 * t32  # line 18
        t80 = t79 + t78  # line 18
        t81 = t80 + t74  # line 18
        t82 = t81 if t29 else t72  # line 19
        t83 = t82 / t52  # line 23
        t84 = t83 * t83  # line 24
        t85 = t84 + t68  # line 24
        t86 = t85 * t85  # line 25
        t87 = radial[t3, 1]
        t88 = t87 * t86  # line 25
        t89 = radial[t3, 0]
        t90 = t89 * t85  # line 25
        t91 = 1 + t90  # line 25
        t92 = t91 + t88  # line 25
        t93 = focal[t3]
        t94 = t93 * t92  # line 25
        t95 = t94 * t67  # line 25
        t96 = t95 - t7  # line 29
        t97 = seen[n, 0]
        t98 = t94 * t83  # line 25
        t99 = t98 - t97  # line 29
        residual[n, 0] = t99
        residual[n, 1] = t96
    if not largest < _NEAR:
        for n in range(N):
            t7 = seen[n, 1]
            cam = pair[n, 0]
            t1 = cam + C  # line 29
            t2 = cam < 0  # line 29
            t3 = t1 if t2 else cam  # line 29
            t8 = centre[t3, 0]
            point = pair[n, 1]
            t4 = point + P  # line 29
            t5 = point < 0  # line 29
            t6 = t4 if t5 else point  # line 29
            t9 = X[t6, 0]
            t10 = t9 - t8  # line 22
            t11 = turn[t3, 1]
            t12 = t11 * t10  # line 11
            t13 = centre[t3, 1]
            t14 = X[t6, 1]
            t15 = t14 - t13  # line 22
            t16 = turn[t3, 0]
            t17 = t16 * t15  # line 11
            t18 = t17 - t12  # line 11
            t19 = centre[t3, 2]
            t20 = X[t6, 2]
            t21 = t20 - t19  # line 22
            t22 = t21 + t18  # line 19
            t23 = turn[t3, 2]
            t24 = t23 * t23  # line 15
            t25 = t11 * t11  # line 15
            t26 = t16 * t16  # line 15
            t27 = t26 + t25  # line 15
            t28 = t27 + t24  # line 15
            t29 = t28 > 0  # line 16
            t30 = t28 if t29 else 1  # line 16
            t31 = np.sqrt(t30)  # line 16
            t32 = _cos(t31)  # line 18
            t33 = 1 - t32  # line 18
            t34 = t23 / t31  # line 17
            t35 = t34 * t21  # line 18
            t36 = t11 / t31  # line 17
            t37 = t36 * t15  # line 18
            t38 = t16 / t31  # line 17
            t39 = t38 * t10  # line 18
            t40 = t39 + t37  # line 18
            t41 = t40 + t35  # line 18
            t42 = t34 * t41  # line 18
            t43 = t42 * t33  # line 18
            t44 = _sin(t31)  # line 18
            t45 = t36 * t10  # line 11
            t46 = t38 * t15  # line 11
            t47 = t46 - t45  # line 11
            t48 = t47 * t44  # line 18
            t49 = t21 * t32  # line 18
            t50 = t49 + t48  # line 18
            t51 = t50 + t43  # line 18
            t52 = t51 if t29 else t22  # line 19
            t53 = t16 * t21  # line 11
            t54 = t23 * t10  # line 11
            t55 = t54 - t53  # line 11
            t56 = t15 + t55  # line 19
            t57 = t36 * t41  # line 18
            t58 = t57 * t33  # line 18
            t59 = t38 * t21  # line 11
            t60 = t34 * t10  # line 11
            t61 = t60 - t59  # line 11
            t62 = t61 * t44  # line 18
            t63 = t15 * t32  # line 18
            t64 = t63 + t62  # line 18
            t65 = t64 + t58  # line 18
            t66 = t65 if t29 else t56  # line 19
            t67 = t66 / t52  # line 23
            t68 = t67 * t67  # line 24
            t69 = t23 * t15  # line 11
            t70 = t11 * t21  # line 11
            t71 = t70 - t69  # line 11
            t72 = t10 + t71  # line 19
            t73 = t38 * t41  # line 18
            t74 = t73 * t33  # line 18
            t75 = t34 * t15  # line 11
            t76 = t36 * t21  # line 11
            t77 = t76 - t75  # line 11
            t78 = t77 * t44  # line 18
            t79 = t10 * t32  # line 18
            t80 = t79 + t78  # line 18
            t81 = t80 + t74  # line 18
            t82 = t81 if t29 else t72  # line 19
            t83 = t82 / t52  # line 23
            t84 = t83 * t83  # line 24
            t85 = t84 + t68  # line 24
            t86 = t85 * t85  # line 25
            t87 = radial[t3, 1]
            t88 = t87 * t86  # line 25
            t89 = radial[t3, 0]
            t90 = t89 * t85  # line 25
            t91 = 1 + t90  # line 25
            t92 = t91 + t88  # line 25
            t93 = focal[t3]
            t94 = t93 * t92  # line 25
            t95 = t94 * t67  # line 25
            t96 = t95 - t7  # line 29
            t97 = seen[n, 0]
            t98 = t94 * t83  # line 25
            t99 = t98 - t97  # line 29
            residual[n, 0] = t99
            residual[n, 1] = t96
    return (residual,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def jacobian_kernel(turn, centre, focal, radial, X, pair, seen):
    C = turn.shape[0]
    P = X.shape[0]
    N = pair.shape[0]
    # over n: checks; 6*N operations, 16*N bytes
    for n in range(N):
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        if t3 < 0 or t3 >= C:
            raise _OutOfRange("an index into turn is out of range: cam[n] is {0}, the length is {1} (line 29)", t3, C)
        point = pair[n, 1]
        t4 = point + P  # line 29
        t5 = point < 0  # line 29
        t6 = t4 if t5 else point  # line 29
        if t6 < 0 or t6 >= P:
            raise _OutOfRange("an index into X is out of range: point[n] is {0}, the length is {1} (line 29)", t6, P)
    J_residual_turn = _own(np.empty((N, 3, 2), np.float64))
    J_residual_centre = _own(np.empty((N, 3, 2), np.float64))
    J_residual_focal = _own(np.empty((N, 2), np.float64))
    J_residual_radial = _own(np.empty((N, 2, 2), np.float64))
    J_residual_X = _own(np.empty((N, 3, 2), np.float64))
    largest = 0.0
    # over n: J_residual_turn, J_residual_centre, J_residual_focal, J_residual_radial, J_residual_X; 495*N operations, 376*N bytes
    for n in range(N):
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        t7 = centre[t3, 1]
        point = pair[n, 1]
        t4 = point + P  # line 29
        t5 = point < 0  # line 29
        t6 = t4 if t5 else point  # line 29
        t8 = X[t6, 1]
        t9 = t8 - t7  # line 22
        t10 = centre[t3, 0]
        t11 = X[t6, 0]
        t12 = t11 - t10  # line 22
        t13 = turn[t3, 1]
        t14 = t13 * t12  # line 11
        t15 = turn[t3, 0]
        t16 = t15 * t9  # line 11
        t17 = t16 - t14  # line 11
        t18 = centre[t3, 2]
        t19 = X[t6, 2]
        t20 = t19 - t18  # line 22
        t21 = t20 + t17  # line 19
        t22 = turn[t3, 2]
        t23 = t22 * t22  # line 15
        t24 = t13 * t13  # line 15
        t25 = t15 * t15  # line 15
        t26 = t25 + t24  # line 15
        t27 = t26 + t23  # line 15
        t28 = t27 > 0  # line 16
        t29 = t27 if t28 else 1  # line 16
        t30 = np.sqrt(t29)  # line 16
        t517 = abs(t30)  # line 18
        largest = _larger(largest, t517)  # line 18
        t31 = _near_cos(t30)  # line 18
        t32 = 1 - t31  # line 18
        t33 = t22 / t30  # line 17
        t34 = t33 * t20  # line 18
        t35 = t13 / t30  # line 17
        t36 = t35 * t9  # line 18
        t37 = t15 / t30  # line 17
        t38 = t37 * t12  # line 18
        t39 = t38 + t36  # line 18
        t40 = t39 + t34  # line 18
        t41 = t33 * t40  # line 18
        t42 = t41 * t32  # line 18
        t43 = _near_sin(t30)  # line 18
        t44 = t35 * t12  # line 11
        t45 = t37 * t9  # line 11
        t46 = t45 - t44  # line 11
        t47 = t46 * t43  # line 18
        t48 = t20 * t31  # line 18
        t49 = t48 + t47  # line 18
        t50 = t49 + t42  # line 18
        t51 = t50 if t28 else t21  # line 19
        t52 = t22 * t9  # line 11
        t53 = t13 * t20  # line 11
        t54 = t53 - t52  # line 11
        t55 = t12 + t54  # line 19
        t56 = t37 * t40  # line 18
        t57 = t56 * t32  # line 18
        t58 = t33 * t9  # line 11
        t59 = t35 * t20  # line 11
        t60 = t59 - t58  # line 11
        t61 = t60 * t43  # line 18
        t62 = t12 * t31  # line 18
        t63 = t62 + t61  # line 18
        t64 = t63 + t57  # line 18
        t65 = t64 if t28 else t55  # line 19
        t66 = t65 / t51  # line 23
        t67 = 2 * t66  # backward of line 24: square gate
        t68 = radial[t3, 0]
        t69 = focal[t3]
        t70 = t15 * t20  # line 11
        t71 = t22 * t12  # line 11
        t72 = t71 - t70  # line 11
        t73 = t9 + t72  # line 19
        t74 = t35 * t40  # line 18
        t75 = t74 * t32  # line 18
        t76 = t37 * t20  # line 11
        t77 = t33 * t12  # line 11
        t78 = t77 - t76  # line 11
        t79 = t78 * t43  # line 18
        t80 = t9 * t31  # line 18
        t81 = t80 + t79  # line 18
        t82 = t81 + t75  # line 18
        t83 = t82 if t28 else t73  # line 19
        t84 = t83 / t51  # line 23
        t85 = t84 * t69  # backward of line 25: mul gate
        t86 = t85 * t68  # backward of line 25: mul gate
        t87 = t84 * t84  # line 24
        t88 = t66 * t66  # line 24
        t89 = t88 + t87  # line 24
        t90 = 2 * t89  # backward of line 25: square gate
        t91 = radial[t3, 1]
        t92 = t85 * t91  # backward of line 25: mul gate
        t93 = t92 * t90  # backward of line 25: square gate
        t94 = t93 + t86  # backward of line 24: sum gate
        t95 = t94 * t67  # backward of line 24: square gate
        t96 = t95 / t51  # backward of line 23: div gate
        t97 = 0.0 if t28 else t96  # backward of line 11: sub gate
        t98 = t97 * t9  # backward of line 11: mul gate
        t99 = 2 * t84  # backward of line 24: square gate
        t100 = t94 * t99  # backward of line 24: square gate
        t101 = t89 * t89  # line 25
        t102 = t91 * t101  # line 25
        t103 = t68 * t89  # line 25
        t104 = 1 + t103  # line 25
        t105 = t104 + t102  # line 25
        t106 = t69 * t105  # line 25
        t107 = t106 + t100  # backward of line 19: where gate
        t108 = t107 / t51  # backward of line 19: where gate
        t109 = 0.0 if t28 else t108  # backward of line 11: sub gate
        t110 = t109 * t12  # backward of line 11: mul gate
        t111 = t110 - t98  # backward of line 11: take gate
        t112 = 0.0 if t28 else t111  # backward of line 29: take gate
        t113 = 2 * t22  # backward of line 15: square gate
        t114 = 0.5 / t30  # backward of line 16: sqrt gate
        t115 = t96 * t43  # backward of line 18: mul gate
        t116 = t115 if t28 else 0.0  # backward of line 11: sub gate
        t117 = t116 * t9  # backward of line 11: mul gate
        t118 = t108 * t43  # backward of line 18: mul gate
        t119 = t118 if t28 else 0.0  # backward of line 11: sub gate
        t120 = t119 * t12  # backward of line 11: mul gate
        t121 = t120 - t117  # backward of line 11: take gate
        t122 = t121 if t28 else 0.0  # backward of line 17: div gate
        t123 = t84 / t51  # backward of line 23: div gate
        t124 = t123 * t99  # backward of line 23: div gate
        t125 = t66 / t51  # backward of line 23: div gate
        t126 = t125 * t67  # backward of line 23: div gate
        t127 = t126 + t124  # backward of line 23: div gate
        t128 = t94 * t127  # backward of line 23: div gate
        t129 = t106 / t51  # backward of line 23: div gate
        t130 = t129 * t84  # backward of line 23: div gate
        t131 = t130 + t128  # backward of line 23: take gate
        t132 = t131 * t32  # backward of line 18: mul gate
        t133 = t132 * t40  # backward of line 18: mul gate
        t134 = t133 if t28 else 0  # backward of line 17: div gate
        t135 = centre[t3, 2]
        t136 = X[t6, 2]
        t137 = t136 - t135  # line 22
        t138 = turn[t3, 2]
        t139 = t138 / t30  # line 17
        t140 = t132 * t139  # backward of line 18: mul gate
        t141 = t140 if t28 else 0  # backward of line 18: mul gate
        t142 = turn[t3, 1]
        t143 = t142 / t30  # line 17
        t144 = t108 * t32  # backward of line 18: mul gate
        t145 = t144 * t143  # backward of line 18: mul gate
        t146 = t145 if t28 else 0.0  # backward of line 18: mul gate
        t147 = turn[t3, 0]
        t148 = t147 / t30  # line 17
        t149 = t96 * t32  # backward of line 18: mul gate
        t150 = t149 * t148  # backward of line 18: mul gate
        t151 = t150 if t28 else 0.0  # backward of line 18: mul gate
        t152 = t151 + t146  # backward of line 18: mul gate
        t153 = t152 - t141  # backward of line 18: mul gate
        t154 = t153 * t137  # backward of line 18: mul gate
        t155 = t154 - t134  # backward of line 17: div gate
        t156 = t155 + t122  # backward of line 17: div gate
        t157 = t139 / t30  # backward of line 17: div gate
        t158 = t157 * t156  # backward of line 17: div gate
        t159 = t158 if t28 else 0  # backward of line 17: div gate
        t160 = t131 * t43  # backward of line 18: mul gate
        t161 = t160 if t28 else 0  # backward of line 11: sub gate
        t162 = t161 * t12  # backward of line 11: mul gate
        t163 = t116 * t20  # backward of line 11: mul gate
        t164 = t163 + t162  # backward of line 11: take gate
        t165 = t164 if t28 else 0.0  # backward of line 17: div gate
        t166 = centre[t3, 1]
        t167 = X[t6, 1]
        t168 = t167 - t166  # line 22
        t169 = t153 * t168  # backward of line 18: mul gate
        t170 = t144 * t40  # backward of line 18: mul gate
        t171 = t170 if t28 else 0.0  # backward of line 17: div gate
        t172 = t171 + t169  # backward of line 17: div gate
        t173 = t172 + t165  # backward of line 17: div gate
        t174 = t143 / t30  # backward of line 17: div gate
        t175 = t174 * t173  # backward of line 17: div gate
        t176 = t175 if t28 else 0  # backward of line 17: div gate
        t177 = t119 * t20  # backward of line 11: mul gate
        t178 = t161 * t9  # backward of line 11: mul gate
        t179 = t178 + t177  # backward of line 11: take gate
        t180 = t179 if t28 else 0  # backward of line 17: div gate
        t181 = centre[t3, 0]
        t182 = X[t6, 0]
        t183 = t182 - t181  # line 22
        t184 = t153 * t183  # backward of line 18: mul gate
        t185 = t149 * t40  # backward of line 18: mul gate
        t186 = t185 if t28 else 0.0  # backward of line 17: div gate
        t187 = t186 + t184  # backward of line 17: div gate
        t188 = t187 - t180  # backward of line 17: div gate
        t189 = t148 / t30  # backward of line 17: div gate
        t190 = t189 * t188  # backward of line 17: div gate
        t191 = t190 if t28 else 0  # backward of line 17: div gate
        t192 = t191 + t176  # backward of line 17: div gate
        t193 = t192 + t159  # backward of line 17: div gate
        t194 = t139 * t40  # line 18
        t195 = t131 * t194  # backward of line 18: mul gate
        t196 = t195 if t28 else 0  # backward of line 18: mul gate
        t197 = t143 * t40  # line 18
        t198 = t108 * t197  # backward of line 18: mul gate
        t199 = t198 if t28 else 0.0  # backward of line 18: mul gate
        t200 = t148 * t40  # line 18
        t201 = t96 * t200  # backward of line 18: mul gate
        t202 = t201 if t28 else 0.0  # backward of line 18: mul gate
        t203 = t202 + t199  # backward of line 18: mul gate
        t204 = t203 - t196  # backward of line 18: mul gate
        t205 = t131 if t28 else 0  # backward of line 18: mul gate
        t206 = t205 * t137  # backward of line 18: mul gate
        t207 = t108 if t28 else 0.0  # backward of line 18: mul gate
        t208 = t207 * t168  # backward of line 18: mul gate
        t209 = t96 if t28 else 0.0  # backward of line 18: mul gate
        t210 = t209 * t183  # backward of line 18: mul gate
        t211 = t210 + t208  # backward of line 18: mul gate
        t212 = t211 - t206  # backward of line 18: mul gate
        t213 = t212 - t204  # backward of line 18: cos gate
        t214 = t43 * t213  # backward of line 18: cos gate
        t215 = t131 * t46  # backward of line 18: mul gate
        t216 = t215 if t28 else 0  # backward of line 18: mul gate
        t217 = t108 * t78  # backward of line 18: mul gate
        t218 = t217 if t28 else 0.0  # backward of line 18: mul gate
        t219 = t96 * t60  # backward of line 18: mul gate
        t220 = t219 if t28 else 0.0  # backward of line 18: mul gate
        t221 = t220 + t218  # backward of line 18: mul gate
        t222 = t221 - t216  # backward of line 18: mul gate
        t223 = t222 * t31  # backward of line 18: sin gate
        t224 = t223 - t214  # backward of line 16: sqrt gate
        t225 = t224 if t28 else 0.0  # backward of line 16: sqrt gate
        t226 = t225 - t193  # backward of line 16: sqrt gate
        t227 = t226 * t114  # backward of line 16: sqrt gate
        t228 = t227 if t28 else 0.0  # backward of line 15: square gate
        t229 = t228 * t113  # backward of line 15: square gate
        t230 = t153 * t20  # backward of line 18: mul gate
        t231 = t230 - t134  # backward of line 17: div gate
        t232 = t231 + t122  # backward of line 17: div gate
        t233 = t232 / t30  # backward of line 17: div gate
        t234 = t233 if t28 else 0.0  # backward of line 29: take gate
        t235 = t234 + t229  # backward of line 29: take gate
        t236 = t235 + t112  # backward of line 29: take gate
        t237 = 0 if t28 else t131  # backward of line 11: sub gate
        t238 = t237 * t12  # backward of line 11: mul gate
        t239 = t97 * t20  # backward of line 11: mul gate
        t240 = t239 + t238  # backward of line 11: take gate
        t241 = 0.0 if t28 else t240  # backward of line 29: take gate
        t242 = 2 * t13  # backward of line 15: square gate
        t243 = t228 * t242  # backward of line 15: square gate
        t244 = t153 * t9  # backward of line 18: mul gate
        t245 = t171 + t244  # backward of line 17: div gate
        t246 = t245 + t165  # backward of line 17: div gate
        t247 = t246 / t30  # backward of line 17: div gate
        t248 = t247 if t28 else 0.0  # backward of line 29: take gate
        t249 = t248 + t243  # backward of line 29: take gate
        t250 = t249 + t241  # backward of line 29: take gate
        t251 = t109 * t20  # backward of line 11: mul gate
        t252 = t237 * t9  # backward of line 11: mul gate
        t253 = t252 + t251  # backward of line 11: take gate
        t254 = 0 if t28 else t253  # backward of line 29: take gate
        t255 = 2 * t15  # backward of line 15: square gate
        t256 = t228 * t255  # backward of line 15: square gate
        t257 = t153 * t12  # backward of line 18: mul gate
        t258 = t186 + t257  # backward of line 17: div gate
        t259 = t258 - t180  # backward of line 17: div gate
        t260 = t259 / t30  # backward of line 17: div gate
        t261 = t260 if t28 else 0.0  # backward of line 29: take gate
        t262 = t261 + t256  # backward of line 29: take gate
        t263 = t262 - t254  # backward of line 29: take gate
        t264 = t66 * t69  # backward of line 25: mul gate
        t265 = t264 * t68  # backward of line 25: mul gate
        t266 = t264 * t91  # backward of line 25: mul gate
        t267 = t266 * t90  # backward of line 25: square gate
        t268 = t267 + t265  # backward of line 24: sum gate
        t269 = t268 * t67  # backward of line 24: square gate
        t270 = t106 + t269  # backward of line 19: where gate
        t271 = t270 / t51  # backward of line 19: where gate
        t272 = 0.0 if t28 else t271  # backward of line 11: sub gate
        t273 = t272 * t9  # backward of line 11: mul gate
        t274 = t268 * t99  # backward of line 24: square gate
        t275 = t274 / t51  # backward of line 23: div gate
        t276 = 0.0 if t28 else t275  # backward of line 11: sub gate
        t277 = t276 * t12  # backward of line 11: mul gate
        t278 = t277 - t273  # backward of line 11: take gate
        t279 = 0.0 if t28 else t278  # backward of line 29: take gate
        t280 = t271 * t43  # backward of line 18: mul gate
        t281 = t280 if t28 else 0.0  # backward of line 11: sub gate
        t282 = t281 * t9  # backward of line 11: mul gate
        t283 = t275 * t43  # backward of line 18: mul gate
        t284 = t283 if t28 else 0.0  # backward of line 11: sub gate
        t285 = t284 * t12  # backward of line 11: mul gate
        t286 = t285 - t282  # backward of line 11: take gate
        t287 = t286 if t28 else 0.0  # backward of line 17: div gate
        t288 = t268 * t127  # backward of line 23: div gate
        t289 = t129 * t66  # backward of line 23: div gate
        t290 = t289 + t288  # backward of line 23: take gate
        t291 = t290 * t32  # backward of line 18: mul gate
        t292 = t291 * t40  # backward of line 18: mul gate
        t293 = t292 if t28 else 0  # backward of line 17: div gate
        t294 = t291 * t139  # backward of line 18: mul gate
        t295 = t294 if t28 else 0  # backward of line 18: mul gate
        t296 = t275 * t32  # backward of line 18: mul gate
        t297 = t296 * t143  # backward of line 18: mul gate
        t298 = t297 if t28 else 0.0  # backward of line 18: mul gate
        t299 = t271 * t32  # backward of line 18: mul gate
        t300 = t299 * t148  # backward of line 18: mul gate
        t301 = t300 if t28 else 0.0  # backward of line 18: mul gate
        t302 = t301 + t298  # backward of line 18: mul gate
        t303 = t302 - t295  # backward of line 18: mul gate
        t304 = t303 * t137  # backward of line 18: mul gate
        t305 = t304 - t293  # backward of line 17: div gate
        t306 = t305 + t287  # backward of line 17: div gate
        t307 = t157 * t306  # backward of line 17: div gate
        t308 = t307 if t28 else 0  # backward of line 17: div gate
        t309 = t290 * t43  # backward of line 18: mul gate
        t310 = t309 if t28 else 0  # backward of line 11: sub gate
        t311 = t310 * t12  # backward of line 11: mul gate
        t312 = t281 * t20  # backward of line 11: mul gate
        t313 = t312 + t311  # backward of line 11: take gate
        t314 = t313 if t28 else 0.0  # backward of line 17: div gate
        t315 = t303 * t168  # backward of line 18: mul gate
        t316 = t296 * t40  # backward of line 18: mul gate
        t317 = t316 if t28 else 0.0  # backward of line 17: div gate
        t318 = t317 + t315  # backward of line 17: div gate
        t319 = t318 + t314  # backward of line 17: div gate
        t320 = t174 * t319  # backward of line 17: div gate
        t321 = t320 if t28 else 0  # backward of line 17: div gate
        t322 = t284 * t20  # backward of line 11: mul gate
        t323 = t310 * t9  # backward of line 11: mul gate
        t324 = t323 + t322  # backward of line 11: take gate
        t325 = t324 if t28 else 0  # backward of line 17: div gate
        t326 = t303 * t183  # backward of line 18: mul gate
        t327 = t299 * t40  # backward of line 18: mul gate
        t328 = t327 if t28 else 0.0  # backward of line 17: div gate
        t329 = t328 + t326  # backward of line 17: div gate
        t330 = t329 - t325  # backward of line 17: div gate
        t331 = t189 * t330  # backward of line 17: div gate
        t332 = t331 if t28 else 0  # backward of line 17: div gate
        t333 = t332 + t321  # backward of line 17: div gate
        t334 = t333 + t308  # backward of line 17: div gate
        t335 = t290 * t194  # backward of line 18: mul gate
        t336 = t335 if t28 else 0  # backward of line 18: mul gate
        t337 = t275 * t197  # backward of line 18: mul gate
        t338 = t337 if t28 else 0.0  # backward of line 18: mul gate
        t339 = t271 * t200  # backward of line 18: mul gate
        t340 = t339 if t28 else 0.0  # backward of line 18: mul gate
        t341 = t340 + t338  # backward of line 18: mul gate
        t342 = t341 - t336  # backward of line 18: mul gate
        t343 = t290 if t28 else 0  # backward of line 18: mul gate
        t344 = t343 * t137  # backward of line 18: mul gate
        t345 = t275 if t28 else 0.0  # backward of line 18: mul gate
        t346 = t345 * t168  # backward of line 18: mul gate
        t347 = t271 if t28 else 0.0  # backward of line 18: mul gate
        t348 = t347 * t183  # backward of line 18: mul gate
        t349 = t348 + t346  # backward of line 18: mul gate
        t350 = t349 - t344  # backward of line 18: mul gate
        t351 = t350 - t342  # backward of line 18: cos gate
        t352 = t43 * t351  # backward of line 18: cos gate
        t353 = t290 * t46  # backward of line 18: mul gate
        t354 = t353 if t28 else 0  # backward of line 18: mul gate
        t355 = t275 * t78  # backward of line 18: mul gate
        t356 = t355 if t28 else 0.0  # backward of line 18: mul gate
        t357 = t271 * t60  # backward of line 18: mul gate
        t358 = t357 if t28 else 0.0  # backward of line 18: mul gate
        t359 = t358 + t356  # backward of line 18: mul gate
        t360 = t359 - t354  # backward of line 18: mul gate
        t361 = t360 * t31  # backward of line 18: sin gate
        t362 = t361 - t352  # backward of line 16: sqrt gate
        t363 = t362 if t28 else 0.0  # backward of line 16: sqrt gate
        t364 = t363 - t334  # backward of line 16: sqrt gate
        t365 = t364 * t114  # backward of line 16: sqrt gate
        t366 = t365 if t28 else 0.0  # backward of line 15: square gate
        t367 = t366 * t113  # backward of line 15: square gate
        t368 = t303 * t20  # backward of line 18: mul gate
        t369 = t368 - t293  # backward of line 17: div gate
        t370 = t369 + t287  # backward of line 17: div gate
        t371 = t370 / t30  # backward of line 17: div gate
        t372 = t371 if t28 else 0.0  # backward of line 29: take gate
        t373 = t372 + t367  # backward of line 29: take gate
        t374 = t373 + t279  # backward of line 29: take gate
        t375 = 0 if t28 else t290  # backward of line 11: sub gate
        t376 = t375 * t12  # backward of line 11: mul gate
        t377 = t272 * t20  # backward of line 11: mul gate
        t378 = t377 + t376  # backward of line 11: take gate
        t379 = 0.0 if t28 else t378  # backward of line 29: take gate
        t380 = t366 * t242  # backward of line 15: square gate
        t381 = t303 * t9  # backward of line 18: mul gate
        t382 = t317 + t381  # backward of line 17: div gate
        t383 = t382 + t314  # backward of line 17: div gate
        t384 = t383 / t30  # backward of line 17: div gate
        t385 = t384 if t28 else 0.0  # backward of line 29: take gate
        t386 = t385 + t380  # backward of line 29: take gate
        t387 = t386 + t379  # backward of line 29: take gate
        t388 = t276 * t20  # backward of line 11: mul gate
        t389 = t375 * t9  # backward of line 11: mul gate
        t390 = t389 + t388  # backward of line 11: take gate
        t391 = 0 if t28 else t390  # backward of line 29: take gate
        t392 = t366 * t255  # backward of line 15: square gate
        t393 = t303 * t12  # backward of line 18: mul gate
        t394 = t328 + t393  # backward of line 17: div gate
        t395 = t394 - t325  # backward of line 17: div gate
        t396 = t395 / t30  # backward of line 17: div gate
        t397 = t396 if t28 else 0.0  # backward of line 29: take gate
        t398 = t397 + t392  # backward of line 29: take gate
        t399 = t398 - t391  # backward of line 29: take gate
        J_residual_turn[n, 0, 0] = t399
        J_residual_turn[n, 1, 0] = t387
        J_residual_turn[n, 2, 0] = t374
        J_residual_turn[n, 0, 1] = t263
        J_residual_turn[n, 1, 1] = t250
        J_residual_turn[n, 2, 1] = t236
        t400 = t97 * t13  # backward of line 11: mul gate
        t401 = t109 * t15  # backward of line 11: mul gate
        t402 = t119 * t37  # backward of line 11: mul gate
        t403 = t402 if t28 else 0  # backward of line 11: take gate
        t404 = t115 * t35  # backward of line 11: mul gate
        t405 = t404 if t28 else 0.0  # backward of line 11: take gate
        t406 = t405 - t403  # backward of line 11: take gate
        t407 = t406 - t401  # backward of line 11: take gate
        t408 = t407 + t400  # backward of line 11: take gate
        t409 = not t28  # backward of line 19: where gate
        t410 = t28 or t409  # backward of line 11: take gate
        t411 = t410 or t409  # backward of line 11: take gate
        t412 = t408 if t411 else 0.0  # backward of line 22: sub gate
        t413 = t131 * t31  # backward of line 18: mul gate
        t414 = t413 if t28 else 0  # backward of line 22: sub gate
        t415 = t153 * t33  # backward of line 18: mul gate
        t416 = t415 if t28 else 0.0  # backward of line 22: sub gate
        t417 = t416 - t414  # backward of line 22: sub gate
        t418 = t417 - t237  # backward of line 22: sub gate
        t419 = t418 + t412  # backward of line 22: sub gate
        t420 = -t419  # backward of line 22: sub gate
        t421 = t108 * t31  # backward of line 18: mul gate
        t422 = t421 if t28 else 0.0  # backward of line 22: sub gate
        t423 = t153 * t35  # backward of line 18: mul gate
        t424 = t423 if t28 else 0.0  # backward of line 22: sub gate
        t425 = t424 + t422  # backward of line 22: sub gate
        t426 = t425 + t109  # backward of line 22: sub gate
        t427 = t97 * t22  # backward of line 11: mul gate
        t428 = t237 * t15  # backward of line 11: mul gate
        t429 = t116 * t33  # backward of line 11: mul gate
        t430 = t429 if t28 else 0  # backward of line 11: take gate
        t431 = t160 * t37  # backward of line 11: mul gate
        t432 = t431 if t28 else 0  # backward of line 11: take gate
        t433 = t432 + t430  # backward of line 11: take gate
        t434 = t433 + t428  # backward of line 11: take gate
        t435 = t434 + t427  # backward of line 11: take gate
        t436 = t435 if t411 else 0  # backward of line 22: sub gate
        t437 = t436 - t426  # backward of line 22: sub gate
        t438 = t109 * t22  # backward of line 11: mul gate
        t439 = t237 * t13  # backward of line 11: mul gate
        t440 = t161 * t35  # backward of line 11: mul gate
        t441 = t440 if t28 else 0  # backward of line 11: take gate
        t442 = t118 * t33  # backward of line 11: mul gate
        t443 = t442 if t28 else 0.0  # backward of line 11: take gate
        t444 = t443 + t441  # backward of line 11: take gate
        t445 = t444 + t439  # backward of line 11: take gate
        t446 = t445 + t438  # backward of line 11: take gate
        t447 = t446 if t411 else 0.0  # backward of line 22: sub gate
        t448 = t96 * t31  # backward of line 18: mul gate
        t449 = t448 if t28 else 0.0  # backward of line 22: sub gate
        t450 = t153 * t37  # backward of line 18: mul gate
        t451 = t450 if t28 else 0.0  # backward of line 22: sub gate
        t452 = t451 + t449  # backward of line 22: sub gate
        t453 = t452 + t97  # backward of line 22: sub gate
        t454 = t453 + t447  # backward of line 22: sub gate
        t455 = -t454  # backward of line 22: sub gate
        t456 = t272 * t13  # backward of line 11: mul gate
        t457 = t276 * t15  # backward of line 11: mul gate
        t458 = t284 * t37  # backward of line 11: mul gate
        t459 = t458 if t28 else 0  # backward of line 11: take gate
        t460 = t280 * t35  # backward of line 11: mul gate
        t461 = t460 if t28 else 0.0  # backward of line 11: take gate
        t462 = t461 - t459  # backward of line 11: take gate
        t463 = t462 - t457  # backward of line 11: take gate
        t464 = t463 + t456  # backward of line 11: take gate
        t465 = t464 if t411 else 0.0  # backward of line 22: sub gate
        t466 = t290 * t31  # backward of line 18: mul gate
        t467 = t466 if t28 else 0  # backward of line 22: sub gate
        t468 = t303 * t33  # backward of line 18: mul gate
        t469 = t468 if t28 else 0.0  # backward of line 22: sub gate
        t470 = t469 - t467  # backward of line 22: sub gate
        t471 = t470 - t375  # backward of line 22: sub gate
        t472 = t471 + t465  # backward of line 22: sub gate
        t473 = -t472  # backward of line 22: sub gate
        t474 = t275 * t31  # backward of line 18: mul gate
        t475 = t474 if t28 else 0.0  # backward of line 22: sub gate
        t476 = t303 * t35  # backward of line 18: mul gate
        t477 = t476 if t28 else 0.0  # backward of line 22: sub gate
        t478 = t477 + t475  # backward of line 22: sub gate
        t479 = t478 + t276  # backward of line 22: sub gate
        t480 = t272 * t22  # backward of line 11: mul gate
        t481 = t375 * t15  # backward of line 11: mul gate
        t482 = t281 * t33  # backward of line 11: mul gate
        t483 = t482 if t28 else 0  # backward of line 11: take gate
        t484 = t309 * t37  # backward of line 11: mul gate
        t485 = t484 if t28 else 0  # backward of line 11: take gate
        t486 = t485 + t483  # backward of line 11: take gate
        t487 = t486 + t481  # backward of line 11: take gate
        t488 = t487 + t480  # backward of line 11: take gate
        t489 = t488 if t411 else 0  # backward of line 22: sub gate
        t490 = t489 - t479  # backward of line 22: sub gate
        t491 = t276 * t22  # backward of line 11: mul gate
        t492 = t375 * t13  # backward of line 11: mul gate
        t493 = t310 * t35  # backward of line 11: mul gate
        t494 = t493 if t28 else 0  # backward of line 11: take gate
        t495 = t283 * t33  # backward of line 11: mul gate
        t496 = t495 if t28 else 0.0  # backward of line 11: take gate
        t497 = t496 + t494  # backward of line 11: take gate
        t498 = t497 + t492  # backward of line 11: take gate
        t499 = t498 + t491  # backward of line 11: take gate
        t500 = t499 if t411 else 0.0  # backward of line 22: sub gate
        t501 = t271 * t31  # backward of line 18: mul gate
        t502 = t501 if t28 else 0.0  # backward of line 22: sub gate
        t503 = t303 * t37  # backward of line 18: mul gate
        t504 = t503 if t28 else 0.0  # backward of line 22: sub gate
        t505 = t504 + t502  # backward of line 22: sub gate
        t506 = t505 + t272  # backward of line 22: sub gate
        t507 = t506 + t500  # backward of line 22: sub gate
        t508 = -t507  # backward of line 22: sub gate
        J_residual_centre[n, 0, 0] = t508
        J_residual_centre[n, 1, 0] = t490
        J_residual_centre[n, 2, 0] = t473
        J_residual_centre[n, 0, 1] = t455
        J_residual_centre[n, 1, 1] = t437
        J_residual_centre[n, 2, 1] = t420
        t509 = t84 * t105  # backward of line 25: mul gate
        t510 = t66 * t105  # backward of line 25: mul gate
        J_residual_focal[n, 0] = t510
        J_residual_focal[n, 1] = t509
        t511 = t85 * t101  # backward of line 25: mul gate
        t512 = t264 * t101  # backward of line 25: mul gate
        t513 = t85 * t89  # backward of line 25: mul gate
        t514 = t264 * t89  # backward of line 25: mul gate
        J_residual_radial[n, 0, 0] = t514
        J_residual_radial[n, 0, 1] = t513
        J_residual_radial[n, 1, 0] = t512
        J_residual_radial[n, 1, 1] = t511
        t515 = t426 - t436  # backward of line 22: sub gate
        t516 = t479 - t489  # backward of line 22: sub gate
        J_residual_X[n, 0, 0] = t507
        J_residual_X[n, 1, 0] = t516
        J_residual_X[n, 2, 0] = t472
        J_residual_X[n, 0, 1] = t454
        J_residual_X[n, 1, 1] = t515
        J_residual_X[n, 2, 1] = t419
    if not largest < _NEAR:
        for n in range(N):
            cam = pair[n, 0]
            t1 = cam + C  # line 29
            t2 = cam < 0  # line 29
            t3 = t1 if t2 else cam  # line 29
            t7 = centre[t3, 1]
            point = pair[n, 1]
            t4 = point + P  # line 29
            t5 = point < 0  # line 29
            t6 = t4 if t5 else point  # line 29
            t8 = X[t6, 1]
            t9 = t8 - t7  # line 22
            t10 = centre[t3, 0]
            t11 = X[t6, 0]
            t12 = t11 - t10  # line 22
            t13 = turn[t3, 1]
            t14 = t13 * t12  # line 11
            t15 = turn[t3, 0]
            t16 = t15 * t9  # line 11
            t17 = t16 - t14  # line 11
            t18 = centre[t3, 2]
            t19 = X[t6, 2]
            t20 = t19 - t18  # line 22
            t21 = t20 + t17  # line 19
            t22 = turn[t3, 2]
            t23 = t22 * t22  # line 15
            t24 = t13 * t13  # line 15
            t25 = t15 * t15  # line 15
            t26 = t25 + t24  # line 15
            t27 = t26 + t23  # line 15
            t28 = t27 > 0  # line 16
            t29 = t27 if t28 else 1  # line 16
            t30 = np.sqrt(t29)  # line 16
            t31 = _cos(t30)  # line 18
            t32 = 1 - t31  # line 18
            t33 = t22 / t30  # line 17
            t34 = t33 * t20  # line 18
            t35 = t13 / t30  # line 17
            t36 = t35 * t9  # line 18
            t37 = t15 / t30  # line 17
            t38 = t37 * t12  # line 18
            t39 = t38 + t36  # line 18
            t40 = t39 + t34  # line 18
            t41 = t33 * t40  # line 18
            t42 = t41 * t32  # line 18
            t43 = _sin(t30)  # line 18
            t44 = t35 * t12  # line 11
            t45 = t37 * t9  # line 11
            t46 = t45 - t44  # line 11
            t47 = t46 * t43  # line 18
            t48 = t20 * t31  # line 18
            t49 = t48 + t47  # line 18
            t50 = t49 + t42  # line 18
            t51 = t50 if t28 else t21  # line 19
            t52 = t22 * t9  # line 11
            t53 = t13 * t20  # line 11
            t54 = t53 - t52  # line 11
            t55 = t12 + t54  # line 19
            t56 = t37 * t40  # line 18
            t57 = t56 * t32  # line 18
            t58 = t33 * t9  # line 11
            t59 = t35 * t20  # line 11
            t60 = t59 - t58  # line 11
            t61 = t60 * t43  # line 18
            t62 = t12 * t31  # line 18
            t63 = t62 + t61  # line 18
            t64 = t63 + t57  # line 18
            t65 = t64 if t28 else t55  # line 19
            t66 = t65 / t51  # line 23
            t67 = 2 * t66  # backward of line 24: square gate
            t68 = radial[t3, 0]
            t69 = focal[t3]
            t70 = t15 * t20  # line 11
            t71 = t22 * t12  # line 11
            t72 = t71 - t70  # line 11
            t73 = t9 + t72  # line 19
            t74 = t35 * t40  # line 18
            t75 = t74 * t32  # line 18
            t76 = t37 * t20  # line 11
            t77 = t33 * t12  # line 11
            t78 = t77 - t76  # line 11
            t79 = t78 * t43  # line 18
            t80 = t9 * t31  # line 18
            t81 = t80 + t79  # line 18
            t82 = t81 + t75  # line 18
            t83 = t82 if t28 else t73  # line 19
            t84 = t83 / t51  # line 23
            t85 = t84 * t69  # backward of line 25: mul gate
            t86 = t85 * t68  # backward of line 25: mul gate
            t87 = t84 * t84  # line 24
            t88 = t66 * t66  # line 24
            t89 = t88 + t87  # line 24
            t90 = 2 * t89  # backward of line 25: square gate
            t91 = radial[t3, 1]
            t92 = t85 * t91  # backward of line 25: mul gate
            t93 = t92 * t90  # backward of line 25: square gate
            t94 = t93 + t86  # backward of line 24: sum gate
            t95 = t94 * t67  # backward of line 24: square gate
            t96 = t95 / t51  # backward of line 23: div gate
            t97 = 0.0 if t28 else t96  # backward of line 11: sub gate
            t98 = t97 * t9  # backward of line 11: mul gate
            t99 = 2 * t84  # backward of line 24: square gate
            t100 = t94 * t99  # backward of line 24: square gate
            t101 = t89 * t89  # line 25
            t102 = t91 * t101  # line 25
            t103 = t68 * t89  # line 25
            t104 = 1 + t103  # line 25
            t105 = t104 + t102  # line 25
            t106 = t69 * t105  # line 25
            t107 = t106 + t100  # backward of line 19: where gate
            t108 = t107 / t51  # backward of line 19: where gate
            t109 = 0.0 if t28 else t108  # backward of line 11: sub gate
            t110 = t109 * t12  # backward of line 11: mul gate
            t111 = t110 - t98  # backward of line 11: take gate
            t112 = 0.0 if t28 else t111  # backward of line 29: take gate
            t113 = 2 * t22  # backward of line 15: square gate
            t114 = 0.5 / t30  # backward of line 16: sqrt gate
            t115 = t96 * t43  # backward of line 18: mul gate
            t116 = t115 if t28 else 0.0  # backward of line 11: sub gate
            t117 = t116 * t9  # backward of line 11: mul gate
            t118 = t108 * t43  # backward of line 18: mul gate
            t119 = t118 if t28 else 0.0  # backward of line 11: sub gate
            t120 = t119 * t12  # backward of line 11: mul gate
            t121 = t120 - t117  # backward of line 11: take gate
            t122 = t121 if t28 else 0.0  # backward of line 17: div gate
            t123 = t84 / t51  # backward of line 23: div gate
            t124 = t123 * t99  # backward of line 23: div gate
            t125 = t66 / t51  # backward of line 23: div gate
            t126 = t125 * t67  # backward of line 23: div gate
            t127 = t126 + t124  # backward of line 23: div gate
            t128 = t94 * t127  # backward of line 23: div gate
            t129 = t106 / t51  # backward of line 23: div gate
            t130 = t129 * t84  # backward of line 23: div gate
            t131 = t130 + t128  # backward of line 23: take gate
            t132 = t131 * t32  # backward of line 18: mul gate
            t133 = t132 * t40  # backward of line 18: mul gate
            t134 = t133 if t28 else 0  # backward of line 17: div gate
            t135 = centre[t3, 2]
            t136 = X[t6, 2]
            t137 = t136 - t135  # line 22
            t138 = turn[t3, 2]
            t139 = t138 / t30  # line 17
            t140 = t132 * t139  # backward of line 18: mul gate
            t141 = t140 if t28 else 0  # backward of line 18: mul gate
            t142 = turn[t3, 1]
            t143 = t142 / t30  # line 17
            t144 = t108 * t32  # backward of line 18: mul gate
            t145 = t144 * t143  # backward of line 18: mul gate
            t146 = t145 if t28 else 0.0  # backward of line 18: mul gate
            t147 = turn[t3, 0]
            t148 = t147 / t30  # line 17
            t149 = t96 * t32  # backward of line 18: mul gate
            t150 = t149 * t148  # backward of line 18: mul gate
            t151 = t150 if t28 else 0.0  # backward of line 18: mul gate
            t152 = t151 + t146  # backward of line 18: mul gate
            t153 = t152 - t141  # backward of line 18: mul gate
            t154 = t153 * t137  # backward of line 18: mul gate
            t155 = t154 - t134  # backward of line 17: div gate
            t156 = t155 + t122  # backward of line 17: div gate
            t157 = t139 / t30  # backward of line 17: div gate
            t158 = t157 * t156  # backward of line 17: div gate
            t159 = t158 if t28 else 0  # backward of line 17: div gate
            t160 = t131 * t43  # backward of line 18: mul gate
            t161 = t160 if t28 else 0  # backward of line 11: sub gate
            t162 = t161 * t12  # backward of line 11: mul gate
            t163 = t116 * t20  # backward of line 11: mul gate
            t164 = t163 + t162  # backward of line 11: take gate
            t165 = t164 if t28 else 0.0  # backward of line 17: div gate
            t166 = centre[t3, 1]
            t167 = X[t6, 1]
            t168 = t167 - t166  # line 22
            t169 = t153 * t168  # backward of line 18: mul gate
            t170 = t144 * t40  # backward of line 18: mul gate
            t171 = t170 if t28 else 0.0  # backward of line 17: div gate
            t172 = t171 + t169  # backward of line 17: div gate
            t173 = t172 + t165  # backward of line 17: div gate
            t174 = t143 / t30  # backward of line 17: div gate
            t175 = t174 * t173  # backward of line 17: div gate
            t176 = t175 if t28 else 0  # backward of line 17: div gate
            t177 = t119 * t20  # backward of line 11: mul gate
            t178 = t161 * t9  # backward of line 11: mul gate
            t179 = t178 + t177  # backward of line 11: take gate
            t180 = t179 if t28 else 0  # backward of line 17: div gate
            t181 = centre[t3, 0]
            t182 = X[t6, 0]
            t183 = t182 - t181  # line 22
            t184 = t153 * t183  # backward of line 18: mul gate
            t185 = t149 * t40  # backward of line 18: mul gate
            t186 = t185 if t28 else 0.0  # backward of line 17: div gate
            t187 = t186 + t184  # backward of line 17: div gate
            t188 = t187 - t180  # backward of line 17: div gate
            t189 = t148 / t30  # backward of line 17: div gate
            t190 = t189 * t188  # backward of line 17: div gate
            t191 = t190 if t28 else 0  # backward of line 17: div gate
            t192 = t191 + t176  # backward of line 17: div gate
            t193 = t192 + t159  # backward of line 17: div gate
            t194 = t139 * t40  # line 18
            t195 = t131 * t194  # backward of line 18: mul gate
            t196 = t195 if t28 else 0  # backward of line 18: mul gate
            t197 = t143 * t40  # line 18
            t198 = t108 * t197  # backward of line 18: mul gate
            t199 = t198 if t28 else 0.0  # backward of line 18: mul gate
            t200 = t148 * t40  # line 18
            t201 = t96 * t200  # backward of line 18: mul gate
            t202 = t201 if t28 else 0.0  # backward of line 18: mul gate
            t203 = t202 + t199  # backward of line 18: mul gate
            t204 = t203 - t196  # backward of line 18: mul gate
            t205 = t131 if t28 else 0  # backward of line 18: mul gate
            t206 = t205 * t137  # backward of line 18: mul gate
            t207 = t108 if t28 else 0.0  # backward of line 18: mul gate
            t208 = t207 * t168  # backward of line 18: mul gate
            t209 = t96 if t28 else 0.0  # backward of line 18: mul gate
            t210 = t209 * t183  # backward of line 18: mul gate
            t211 = t210 + t208  # backward of line 18: mul gate
            t212 = t211 - t206  # backward of line 18: mul gate
            t213 = t212 - t204  # backward of line 18: cos gate
            t214 = t43 * t213  # backward of line 18: cos gate
            t215 = t131 * t46  # backward of line 18: mul gate
            t216 = t215 if t28 else 0  # backward of line 18: mul gate
            t217 = t108 * t78  # backward of line 18: mul gate
            t218 = t217 if t28 else 0.0  # backward of line 18: mul gate
            t219 = t96 * t60  # backward of line 18: mul gate
            t220 = t219 if t28 else 0.0  # backward of line 18: mul gate
            t221 = t220 + t218  # backward of line 18: mul gate
            t222 = t221 - t216  # backward of line 18: mul gate
            t223 = t222 * t31  # backward of line 18: sin gate
            t224 = t223 - t214  # backward of line 16: sqrt gate
            t225 = t224 if t28 else 0.0  # backward of line 16: sqrt gate
            t226 = t225 - t193  # backward of line 16: sqrt gate
            t227 = t226 * t114  # backward of line 16: sqrt gate
            t228 = t227 if t28 else 0.0  # backward of line 15: square gate
            t229 = t228 * t113  # backward of line 15: square gate
            t230 = t153 * t20  # backward of line 18: mul gate
            t231 = t230 - t134  # backward of line 17: div gate
            t232 = t231 + t122  # backward of line 17: div gate
            t233 = t232 / t30  # backward of line 17: div gate
            t234 = t233 if t28 else 0.0  # backward of line 29: take gate
            t235 = t234 + t229  # backward of line 29: take gate
            t236 = t235 + t112  # backward of line 29: take gate
            t237 = 0 if t28 else t131  # backward of line 11: sub gate
            t238 = t237 * t12  # backward of line 11: mul gate
            t239 = t97 * t20  # backward of line 11: mul gate
            t240 = t239 + t238  # backward of line 11: take gate
            t241 = 0.0 if t28 else t240  # backward of line 29: take gate
            t242 = 2 * t13  # backward of line 15: square gate
            t243 = t228 * t242  # backward of line 15: square gate
            t244 = t153 * t9  # backward of line 18: mul gate
            t245 = t171 + t244  # backward of line 17: div gate
            t246 = t245 + t165  # backward of line 17: div gate
            t247 = t246 / t30  # backward of line 17: div gate
            t248 = t247 if t28 else 0.0  # backward of line 29: take gate
            t249 = t248 + t243  # backward of line 29: take gate
            t250 = t249 + t241  # backward of line 29: take gate
            t251 = t109 * t20  # backward of line 11: mul gate
            t252 = t237 * t9  # backward of line 11: mul gate
            t253 = t252 + t251  # backward of line 11: take gate
            t254 = 0 if t28 else t253  # backward of line 29: take gate
            t255 = 2 * t15  # backward of line 15: square gate
            t256 = t228 * t255  # backward of line 15: square gate
            t257 = t153 * t12  # backward of line 18: mul gate
            t258 = t186 + t257  # backward of line 17: div gate
            t259 = t258 - t180  # backward of line 17: div gate
            t260 = t259 / t30  # backward of line 17: div gate
            t261 = t260 if t28 else 0.0  # backward of line 29: take gate
            t262 = t261 + t256  # backward of line 29: take gate
            t263 = t262 - t254  # backward of line 29: take gate
            t264 = t66 * t69  # backward of line 25: mul gate
            t265 = t264 * t68  # backward of line 25: mul gate
            t266 = t264 * t91  # backward of line 25: mul gate
            t267 = t266 * t90  # backward of line 25: square gate
            t268 = t267 + t265  # backward of line 24: sum gate
            t269 = t268 * t67  # backward of line 24: square gate
            t270 = t106 + t269  # backward of line 19: where gate
            t271 = t270 / t51  # backward of line 19: where gate
            t272 = 0.0 if t28 else t271  # backward of line 11: sub gate
            t273 = t272 * t9  # backward of line 11: mul gate
            t274 = t268 * t99  # backward of line 24: square gate
            t275 = t274 / t51  # backward of line 23: div gate
            t276 = 0.0 if t28 else t275  # backward of line 11: sub gate
            t277 = t276 * t12  # backward of line 11: mul gate
            t278 = t277 - t273  # backward of line 11: take gate
            t279 = 0.0 if t28 else t278  # backward of line 29: take gate
            t280 = t271 * t43  # backward of line 18: mul gate
            t281 = t280 if t28 else 0.0  # backward of line 11: sub gate
            t282 = t281 * t9  # backward of line 11: mul gate
            t283 = t275 * t43  # backward of line 18: mul gate
            t284 = t283 if t28 else 0.0  # backward of line 11: sub gate
            t285 = t284 * t12  # backward of line 11: mul gate
            t286 = t285 - t282  # backward of line 11: take gate
            t287 = t286 if t28 else 0.0  # backward of line 17: div gate
            t288 = t268 * t127  # backward of line 23: div gate
            t289 = t129 * t66  # backward of line 23: div gate
            t290 = t289 + t288  # backward of line 23: take gate
            t291 = t290 * t32  # backward of line 18: mul gate
            t292 = t291 * t40  # backward of line 18: mul gate
            t293 = t292 if t28 else 0  # backward of line 17: div gate
            t294 = t291 * t139  # backward of line 18: mul gate
            t295 = t294 if t28 else 0  # backward of line 18: mul gate
            t296 = t275 * t32  # backward of line 18: mul gate
            t297 = t296 * t143  # backward of line 18: mul gate
            t298 = t297 if t28 else 0.0  # backward of line 18: mul gate
            t299 = t271 * t32  # backward of line 18: mul gate
            t300 = t299 * t148  # backward of line 18: mul gate
            t301 = t300 if t28 else 0.0  # backward of line 18: mul gate
            t302 = t301 + t298  # backward of line 18: mul gate
            t303 = t302 - t295  # backward of line 18: mul gate
            t304 = t303 * t137  # backward of line 18: mul gate
            t305 = t304 - t293  # backward of line 17: div gate
            t306 = t305 + t287  # backward of line 17: div gate
            t307 = t157 * t306  # backward of line 17: div gate
            t308 = t307 if t28 else 0  # backward of line 17: div gate
            t309 = t290 * t43  # backward of line 18: mul gate
            t310 = t309 if t28 else 0  # backward of line 11: sub gate
            t311 = t310 * t12  # backward of line 11: mul gate
            t312 = t281 * t20  # backward of line 11: mul gate
            t313 = t312 + t311  # backward of line 11: take gate
            t314 = t313 if t28 else 0.0  # backward of line 17: div gate
            t315 = t303 * t168  # backward of line 18: mul gate
            t316 = t296 * t40  # backward of line 18: mul gate
            t317 = t316 if t28 else 0.0  # backward of line 17: div gate
            t318 = t317 + t315  # backward of line 17: div gate
            t319 = t318 + t314  # backward of line 17: div gate
            t320 = t174 * t319  # backward of line 17: div gate
            t321 = t320 if t28 else 0  # backward of line 17: div gate
            t322 = t284 * t20  # backward of line 11: mul gate
            t323 = t310 * t9  # backward of line 11: mul gate
            t324 = t323 + t322  # backward of line 11: take gate
            t325 = t324 if t28 else 0  # backward of line 17: div gate
            t326 = t303 * t183  # backward of line 18: mul gate
            t327 = t299 * t40  # backward of line 18: mul gate
            t328 = t327 if t28 else 0.0  # backward of line 17: div gate
            t329 = t328 + t326  # backward of line 17: div gate
            t330 = t329 - t325  # backward of line 17: div gate
            t331 = t189 * t330  # backward of line 17: div gate
            t332 = t331 if t28 else 0  # backward of line 17: div gate
            t333 = t332 + t321  # backward of line 17: div gate
            t334 = t333 + t308  # backward of line 17: div gate
            t335 = t290 * t194  # backward of line 18: mul gate
            t336 = t335 if t28 else 0  # backward of line 18: mul gate
            t337 = t275 * t197  # backward of line 18: mul gate
            t338 = t337 if t28 else 0.0  # backward of line 18: mul gate
            t339 = t271 * t200  # backward of line 18: mul gate
            t340 = t339 if t28 else 0.0  # backward of line 18: mul gate
            t341 = t340 + t338  # backward of line 18: mul gate
            t342 = t341 - t336  # backward of line 18: mul gate
            t343 = t290 if t28 else 0  # backward of line 18: mul gate
            t344 = t343 * t137  # backward of line 18: mul gate
            t345 = t275 if t28 else 0.0  # backward of line 18: mul gate
            t346 = t345 * t168  # backward of line 18: mul gate
            t347 = t271 if t28 else 0.0  # backward of line 18: mul gate
            t348 = t347 * t183  # backward of line 18: mul gate
            t349 = t348 + t346  # backward of line 18: mul gate
            t350 = t349 - t344  # backward of line 18: mul gate
            t351 = t350 - t342  # backward of line 18: cos gate
            t352 = t43 * t351  # backward of line 18: cos gate
            t353 = t290 * t46  # backward of line 18: mul gate
            t354 = t353 if t28 else 0  # backward of line 18: mul gate
            t355 = t275 * t78  # backward of line 18: mul gate
            t356 = t355 if t28 else 0.0  # backward of line 18: mul gate
            t357 = t271 * t60  # backward of line 18: mul gate
            t358 = t357 if t28 else 0.0  # backward of line 18: mul gate
            t359 = t358 + t356  # backward of line 18: mul gate
            t360 = t359 - t354  # backward of line 18: mul gate
            t361 = t360 * t31  # backward of line 18: sin gate
            t362 = t361 - t352  # backward of line 16: sqrt gate
            t363 = t362 if t28 else 0.0  # backward of line 16: sqrt gate
            t364 = t363 - t334  # backward of line 16: sqrt gate
            t365 = t364 * t114  # backward of line 16: sqrt gate
            t366 = t365 if t28 else 0.0  # backward of line 15: square gate
            t367 = t366 * t113  # backward of line 15: square gate
            t368 = t303 * t20  # backward of line 18: mul gate
            t369 = t368 - t293  # backward of line 17: div gate
            t370 = t369 + t287  # backward of line 17: div gate
            t371 = t370 / t30  # backward of line 17: div gate
            t372 = t371 if t28 else 0.0  # backward of line 29: take gate
            t373 = t372 + t367  # backward of line 29: take gate
            t374 = t373 + t279  # backward of line 29: take gate
            t375 = 0 if t28 else t290  # backward of line 11: sub gate
            t376 = t375 * t12  # backward of line 11: mul gate
            t377 = t272 * t20  # backward of line 11: mul gate
            t378 = t377 + t376  # backward of line 11: take gate
            t379 = 0.0 if t28 else t378  # backward of line 29: take gate
            t380 = t366 * t242  # backward of line 15: square gate
            t381 = t303 * t9  # backward of line 18: mul gate
            t382 = t317 + t381  # backward of line 17: div gate
            t383 = t382 + t314  # backward of line 17: div gate
            t384 = t383 / t30  # backward of line 17: div gate
            t385 = t384 if t28 else 0.0  # backward of line 29: take gate
            t386 = t385 + t380  # backward of line 29: take gate
            t387 = t386 + t379  # backward of line 29: take gate
            t388 = t276 * t20  # backward of line 11: mul gate
            t389 = t375 * t9  # backward of line 11: mul gate
            t390 = t389 + t388  # backward of line 11: take gate
            t391 = 0 if t28 else t390  # backward of line 29: take gate
            t392 = t366 * t255  # backward of line 15: square gate
            t393 = t303 * t12  # backward of line 18: mul gate
            t394 = t328 + t393  # backward of line 17: div gate
            t395 = t394 - t325  # backward of line 17: div gate
            t396 = t395 / t30  # backward of line 17: div gate
            t397 = t396 if t28 else 0.0  # backward of line 29: take gate
            t398 = t397 + t392  # backward of line 29: take gate
            t399 = t398 - t391  # backward of line 29: take gate
            J_residual_turn[n, 0, 0] = t399
            J_residual_turn[n, 1, 0] = t387
            J_residual_turn[n, 2, 0] = t374
            J_residual_turn[n, 0, 1] = t263
            J_residual_turn[n, 1, 1] = t250
            J_residual_turn[n, 2, 1] = t236
            t400 = t97 * t13  # backward of line 11: mul gate
            t401 = t109 * t15  # backward of line 11: mul gate
            t402 = t119 * t37  # backward of line 11: mul gate
            t403 = t402 if t28 else 0  # backward of line 11: take gate
            t404 = t115 * t35  # backward of line 11: mul gate
            t405 = t404 if t28 else 0.0  # backward of line 11: take gate
            t406 = t405 - t403  # backward of line 11: take gate
            t407 = t406 - t401  # backward of line 11: take gate
            t408 = t407 + t400  # backward of line 11: take gate
            t409 = not t28  # backward of line 19: where gate
            t410 = t28 or t409  # backward of line 11: take gate
            t411 = t410 or t409  # backward of line 11: take gate
            t412 = t408 if t411 else 0.0  # backward of line 22: sub gate
            t413 = t131 * t31  # backward of line 18: mul gate
            t414 = t413 if t28 else 0  # backward of line 22: sub gate
            t415 = t153 * t33  # backward of line 18: mul gate
            t416 = t415 if t28 else 0.0  # backward of line 22: sub gate
            t417 = t416 - t414  # backward of line 22: sub gate
            t418 = t417 - t237  # backward of line 22: sub gate
            t419 = t418 + t412  # backward of line 22: sub gate
            t420 = -t419  # backward of line 22: sub gate
            t421 = t108 * t31  # backward of line 18: mul gate
            t422 = t421 if t28 else 0.0  # backward of line 22: sub gate
            t423 = t153 * t35  # backward of line 18: mul gate
            t424 = t423 if t28 else 0.0  # backward of line 22: sub gate
            t425 = t424 + t422  # backward of line 22: sub gate
            t426 = t425 + t109  # backward of line 22: sub gate
            t427 = t97 * t22  # backward of line 11: mul gate
            t428 = t237 * t15  # backward of line 11: mul gate
            t429 = t116 * t33  # backward of line 11: mul gate
            t430 = t429 if t28 else 0  # backward of line 11: take gate
            t431 = t160 * t37  # backward of line 11: mul gate
            t432 = t431 if t28 else 0  # backward of line 11: take gate
            t433 = t432 + t430  # backward of line 11: take gate
            t434 = t433 + t428  # backward of line 11: take gate
            t435 = t434 + t427  # backward of line 11: take gate
            t436 = t435 if t411 else 0  # backward of line 22: sub gate
            t437 = t436 - t426  # backward of line 22: sub gate
            t438 = t109 * t22  # backward of line 11: mul gate
            t439 = t237 * t13  # backward of line 11: mul gate
            t440 = t161 * t35  # backward of line 11: mul gate
            t441 = t440 if t28 else 0  # backward of line 11: take gate
            t442 = t118 * t33  # backward of line 11: mul gate
            t443 = t442 if t28 else 0.0  # backward of line 11: take gate
            t444 = t443 + t441  # backward of line 11: take gate
            t445 = t444 + t439  # backward of line 11: take gate
            t446 = t445 + t438  # backward of line 11: take gate
            t447 = t446 if t411 else 0.0  # backward of line 22: sub gate
            t448 = t96 * t31  # backward of line 18: mul gate
            t449 = t448 if t28 else 0.0  # backward of line 22: sub gate
            t450 = t153 * t37  # backward of line 18: mul gate
            t451 = t450 if t28 else 0.0  # backward of line 22: sub gate
            t452 = t451 + t449  # backward of line 22: sub gate
            t453 = t452 + t97  # backward of line 22: sub gate
            t454 = t453 + t447  # backward of line 22: sub gate
            t455 = -t454  # backward of line 22: sub gate
            t456 = t272 * t13  # backward of line 11: mul gate
            t457 = t276 * t15  # backward of line 11: mul gate
            t458 = t284 * t37  # backward of line 11: mul gate
            t459 = t458 if t28 else 0  # backward of line 11: take gate
            t460 = t280 * t35  # backward of line 11: mul gate
            t461 = t460 if t28 else 0.0  # backward of line 11: take gate
            t462 = t461 - t459  # backward of line 11: take gate
            t463 = t462 - t457  # backward of line 11: take gate
            t464 = t463 + t456  # backward of line 11: take gate
            t465 = t464 if t411 else 0.0  # backward of line 22: sub gate
            t466 = t290 * t31  # backward of line 18: mul gate
            t467 = t466 if t28 else 0  # backward of line 22: sub gate
            t468 = t303 * t33  # backward of line 18: mul gate
            t469 = t468 if t28 else 0.0  # backward of line 22: sub gate
            t470 = t469 - t467  # backward of line 22: sub gate
            t471 = t470 - t375  # backward of line 22: sub gate
            t472 = t471 + t465  # backward of line 22: sub gate
            t473 = -t472  # backward of line 22: sub gate
            t474 = t275 * t31  # backward of line 18: mul gate
            t475 = t474 if t28 else 0.0  # backward of line 22: sub gate
            t476 = t303 * t35  # backward of line 18: mul gate
            t477 = t476 if t28 else 0.0  # backward of line 22: sub gate
            t478 = t477 + t475  # backward of line 22: sub gate
            t479 = t478 + t276  # backward of line 22: sub gate
            t480 = t272 * t22  # backward of line 11: mul gate
            t481 = t375 * t15  # backward of line 11: mul gate
            t482 = t281 * t33  # backward of line 11: mul gate
            t483 = t482 if t28 else 0  # backward of line 11: take gate
            t484 = t309 * t37  # backward of line 11: mul gate
            t485 = t484 if t28 else 0  # backward of line 11: take gate
            t486 = t485 + t483  # backward of line 11: take gate
            t487 = t486 + t481  # backward of line 11: take gate
            t488 = t487 + t480  # backward of line 11: take gate
            t489 = t488 if t411 else 0  # backward of line 22: sub gate
            t490 = t489 - t479  # backward of line 22: sub gate
            t491 = t276 * t22  # backward of line 11: mul gate
            t492 = t375 * t13  # backward of line 11: mul gate
            t493 = t310 * t35  # backward of line 11: mul gate
            t494 = t493 if t28 else 0  # backward of line 11: take gate
            t495 = t283 * t33  # backward of line 11: mul gate
            t496 = t495 if t28 else 0.0  # backward of line 11: take gate
            t497 = t496 + t494  # backward of line 11: take gate
            t498 = t497 + t492  # backward of line 11: take gate
            t499 = t498 + t491  # backward of line 11: take gate
            t500 = t499 if t411 else 0.0  # backward of line 22: sub gate
            t501 = t271 * t31  # backward of line 18: mul gate
            t502 = t501 if t28 else 0.0  # backward of line 22: sub gate
            t503 = t303 * t37  # backward of line 18: mul gate
            t504 = t503 if t28 else 0.0  # backward of line 22: sub gate
            t505 = t504 + t502  # backward of line 22: sub gate
            t506 = t505 + t272  # backward of line 22: sub gate
            t507 = t506 + t500  # backward of line 22: sub gate
            t508 = -t507  # backward of line 22: sub gate
            J_residual_centre[n, 0, 0] = t508
            J_residual_centre[n, 1, 0] = t490
            J_residual_centre[n, 2, 0] = t473
            J_residual_centre[n, 0, 1] = t455
            J_residual_centre[n, 1, 1] = t437
            J_residual_centre[n, 2, 1] = t420
            t509 = t84 * t105  # backward of line 25: mul gate
            t510 = t66 * t105  # backward of line 25: mul gate
            J_residual_focal[n, 0] = t510
            J_residual_focal[n, 1] = t509
            t511 = t85 * t101  # backward of line 25: mul gate
            t512 = t264 * t101  # backward of line 25: mul gate
            t513 = t85 * t89  # backward of line 25: mul gate
            t514 = t264 * t89  # backward of line 25: mul gate
            J_residual_radial[n, 0, 0] = t514
            J_residual_radial[n, 0, 1] = t513
            J_residual_radial[n, 1, 0] = t512
            J_residual_radial[n, 1, 1] = t511
            t515 = t426 - t436  # backward of line 22: sub gate
            t516 = t479 - t489  # backward of line 22: sub gate
            J_residual_X[n, 0, 0] = t507
            J_residual_X[n, 1, 0] = t516
            J_residual_X[n, 2, 0] = t472
            J_residual_X[n, 0, 1] = t454
            J_residual_X[n, 1, 1] = t515
            J_residual_X[n, 2, 1] = t419
    return (J_residual_turn, J_residual_centre, J_residual_focal, J_residual_radial, J_residual_X)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def jacobian_pattern_kernel(turn, centre, focal, radial, X, pair, seen):
    C = turn.shape[0]
    P = X.shape[0]
    N = pair.shape[0]
    rows = _own(np.empty((N, 2), np.float64))
    rows_ = _own(np.empty((N, 2), np.float64))
    # over n: rows, rows_; 10*N operations, 48*N bytes
    for n in range(N):
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        if t3 < 0 or t3 >= C:
            raise _OutOfRange("an index into turn is out of range: cam[n] is {0}, the length is {1} (line 29)", t3, C)
        point = pair[n, 1]
        t4 = point + P  # line 29
        t5 = point < 0  # line 29
        t6 = t4 if t5 else point  # line 29
        if t6 < 0 or t6 >= P:
            raise _OutOfRange("an index into X is out of range: point[n] is {0}, the length is {1} (line 29)", t6, P)
        t7 = n * 2
        t8 = t7 + 1
        t9 = float(t8)
        t10 = float(t7)
        rows[n, 0] = t10
        rows[n, 1] = t9
        rows_[n, 0] = t10
        rows_[n, 1] = t9
    columns = _own(np.empty((N,), np.float64))
    columns_ = _own(np.empty((N, 3), np.float64))
    columns_2 = _own(np.empty((N, 3), np.float64))
    columns_3 = _own(np.empty((N, 2), np.float64))
    columns_4 = _own(np.empty((N, 3), np.float64))
    # over n: columns, columns_, columns_2, columns_3, columns_4; 35*N operations, 112*N bytes
    for n in range(N):
        cam = pair[n, 0]
        t1 = cam + C  # line 29
        t2 = cam < 0  # line 29
        t3 = t1 if t2 else cam  # line 29
        t11 = 6 * C + t3
        columns_n = float(t11)
        columns[n] = columns_n
        t12 = t3 * 3
        t13 = t12 + 2
        t14 = float(t13)
        t15 = t12 + 1
        t16 = float(t15)
        t17 = float(t12)
        columns_[n, 0] = t17
        columns_[n, 1] = t16
        columns_[n, 2] = t14
        t18 = 3 * C + t13
        t19 = float(t18)
        t20 = 3 * C + t15
        t21 = float(t20)
        t22 = 3 * C + t12
        t23 = float(t22)
        columns_2[n, 0] = t23
        columns_2[n, 1] = t21
        columns_2[n, 2] = t19
        t24 = t3 * 2
        t25 = t24 + 1
        t26 = 7 * C + t25
        t27 = float(t26)
        t28 = 7 * C + t24
        t29 = float(t28)
        columns_3[n, 0] = t29
        columns_3[n, 1] = t27
        point = pair[n, 1]
        t4 = point + P  # line 29
        t5 = point < 0  # line 29
        t6 = t4 if t5 else point  # line 29
        t30 = t6 * 3
        t31 = t30 + 2
        t32 = 9 * C + t31
        t33 = float(t32)
        t34 = t30 + 1
        t35 = 9 * C + t34
        t36 = float(t35)
        t37 = 9 * C + t30
        t38 = float(t37)
        columns_4[n, 0] = t38
        columns_4[n, 1] = t36
        columns_4[n, 2] = t33
    result = _own(np.empty((N, 3, 2), np.float64))
    for i in range(N):
        for i_ in range(3):
            for i_2 in range(2):
                result[i, i_, i_2] = rows[i, i_2]
    result_ = _own(np.empty((N, 3, 2), np.float64))
    for i_3 in range(N):
        for i_4 in range(3):
            for i_5 in range(2):
                result_[i_3, i_4, i_5] = columns_[i_3, i_4]
    result_2 = _own(np.empty((N, 3, 2), np.float64))
    for i_6 in range(N):
        for i_7 in range(3):
            for i_8 in range(2):
                result_2[i_6, i_7, i_8] = rows[i_6, i_8]
    result_3 = _own(np.empty((N, 3, 2), np.float64))
    for i_9 in range(N):
        for i_10 in range(3):
            for i_11 in range(2):
                result_3[i_9, i_10, i_11] = columns_2[i_9, i_10]
    result_4 = _own(np.empty((N, 2), np.float64))
    for i_12 in range(N):
        for i_13 in range(2):
            result_4[i_12, i_13] = columns[i_12]
    result_5 = _own(np.empty((N, 2, 2), np.float64))
    for i_14 in range(N):
        for i_15 in range(2):
            for i_16 in range(2):
                result_5[i_14, i_15, i_16] = rows_[i_14, i_16]
    result_6 = _own(np.empty((N, 2, 2), np.float64))
    for i_17 in range(N):
        for i_18 in range(2):
            for i_19 in range(2):
                result_6[i_17, i_18, i_19] = columns_3[i_17, i_18]
    result_7 = _own(np.empty((N, 3, 2), np.float64))
    for i_20 in range(N):
        for i_21 in range(3):
            for i_22 in range(2):
                result_7[i_20, i_21, i_22] = rows[i_20, i_22]
    result_8 = _own(np.empty((N, 3, 2), np.float64))
    for i_23 in range(N):
        for i_24 in range(3):
            for i_25 in range(2):
                result_8[i_23, i_24, i_25] = columns_4[i_23, i_24]
    return (result, result_, result_2, result_3, rows, result_4, result_5, result_6, result_7, result_8, (2*N), (9*C + 3*P))


class Parameters(NamedTuple):
    """The parameters."""

    turn: np.ndarray  # [C, 3]
    centre: np.ndarray  # [C, 3]
    focal: np.ndarray  # [C]
    radial: np.ndarray  # [C, 2]
    X: np.ndarray  # [P, 3]


def value(turn, centre, focal, radial, X, pair, seen):
    """Return residual."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, _INTEGER, turn, centre, focal, radial, X, pair, seen):
        _call = _direct_value_kernel.run
        _found = _call(turn, centre, focal, radial, X, pair, seen)
    else:
        _found = value_kernel(*_checked(turn, centre, focal, radial, X, pair, seen))
    return _found[0]


def pack(turn, centre, focal, radial, X):
    """Return the parameters as one flat vector, one behind the other: turn[C, 3], centre[C, 3], focal[C], radial[C, 2], X[P, 3]."""
    if turn.__class__ is not _ARRAY or turn.dtype is not _REAL or turn.ndim != 2 or not turn.flags.carray:
        turn = _converted("turn", turn, ("C", "3"), "real")
    if centre.__class__ is not _ARRAY or centre.dtype is not _REAL or centre.ndim != 2 or not centre.flags.carray:
        centre = _converted("centre", centre, ("C", "3"), "real")
    if focal.__class__ is not _ARRAY or focal.dtype is not _REAL or focal.ndim != 1 or not focal.flags.carray:
        focal = _converted("focal", focal, ("C",), "real")
    if radial.__class__ is not _ARRAY or radial.dtype is not _REAL or radial.ndim != 2 or not radial.flags.carray:
        radial = _converted("radial", radial, ("C", "2"), "real")
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("P", "3"), "real")
    C = turn.shape[0]
    P = X.shape[0]
    if turn.shape[1] != 3:
        raise ValueError(f"turn has {turn.shape[1]} columns, but must have 3")
    if centre.shape[0] != C:
        raise ValueError(f"centre has {centre.shape[0]} rows, but C = {C} from turn")
    if centre.shape[1] != 3:
        raise ValueError(f"centre has {centre.shape[1]} columns, but must have 3")
    if focal.shape[0] != C:
        raise ValueError(f"focal has {focal.shape[0]} elements, but C = {C} from turn")
    if radial.shape[0] != C:
        raise ValueError(f"radial has {radial.shape[0]} rows, but C = {C} from turn")
    if radial.shape[1] != 2:
        raise ValueError(f"radial has {radial.shape[1]} columns, but must have 2")
    if X.shape[1] != 3:
        raise ValueError(f"X has {X.shape[1]} columns, but must have 3")
    return np.concatenate((turn.ravel(), centre.ravel(), focal.ravel(), radial.ravel(), X.ravel()))


def unpack(vector, *, C, P):
    """Return turn[C, 3], centre[C, 3], focal[C], radial[C, 2], X[P, 3] from one flat vector, the inverse of pack; C and P are sizes."""
    vector = _converted("vector", vector, ("9*C + 3*P",), "real")
    if vector.shape[0] != 9*C + 3*P:
        raise ValueError(f"the vector has {vector.shape[0]} elements, but the parameters have 9*C + 3*P = {9*C + 3*P}")
    return Parameters(
        vector[:3*C].reshape(C, 3).copy(),
        vector[3*C:6*C].reshape(C, 3).copy(),
        vector[6*C:7*C].copy(),
        vector[7*C:9*C].reshape(C, 2).copy(),
        vector[9*C:9*C + 3*P].reshape(P, 3).copy(),
    )


def objective(pair, seen, *, C, P):
    """Return the function of one flat vector that scipy.optimize.least_squares takes, with attributes.

    The vector is what `pack` returns, and `unpack` takes it apart. C and P: the sizes that only the parameters have.
    `residual` is the function itself, all elements in one line; `jac` is its Jacobian, a matrix.
    """
    if pair.__class__ is not _ARRAY or pair.dtype is not _INTEGER or pair.ndim != 2 or not pair.flags.carray:
        pair = _converted("pair", pair, ("N", "2"), "integer")
    if seen.__class__ is not _ARRAY or seen.dtype is not _REAL or seen.ndim != 2 or not seen.flags.carray:
        seen = _converted("seen", seen, ("N", "2"), "real")
    if pair.shape[1] != 2:
        raise ValueError(f"pair has {pair.shape[1]} columns, but must have 2")
    if seen.shape[1] != 2:
        raise ValueError(f"seen has {seen.shape[1]} columns, but must have 2")

    def function(vector):
        parameters = unpack(vector, C=C, P=P)
        _value = value_kernel(*_checked(parameters.turn, parameters.centre, parameters.focal, parameters.radial, parameters.X, pair, seen))[0]
        return np.ravel(_value)

    from scipy.sparse import csr_array

    pattern = None

    def jac(vector):
        parameters = unpack(vector, C=C, P=P)
        nonlocal pattern
        if pattern is None:
            pattern = jacobian_pattern(turn=parameters.turn, centre=parameters.centre, focal=parameters.focal, radial=parameters.radial, X=parameters.X, pair=pair, seen=seen)
        found = jacobian(turn=parameters.turn, centre=parameters.centre, focal=parameters.focal, radial=parameters.radial, X=parameters.X, pair=pair, seen=seen, pattern=pattern)
        return csr_array((found.data, found.columns, found.indptr), found.shape)

    function.residual, function.jac = function, jac
    return function


class Pattern(NamedTuple):
    """Where a sparse matrix has entries: row by row, no position twice."""

    rows: np.ndarray  # of each entry
    columns: np.ndarray
    indptr: np.ndarray  # where the entries of each row start, and where the last ones end
    shape: tuple[int, int]
    slots: np.ndarray  # the sum that each computed number belongs to
    sums: np.ndarray | None  # the sum that each entry is, where two can be the same
    tables: tuple = ()  # of a colouring: colours of the parameters, and columns by row and colour


class Sparse(NamedTuple):
    """A sparse matrix: scipy.sparse.csr_array((m.data, m.columns, m.indptr), m.shape), or with m.rows in COO form."""

    data: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    indptr: np.ndarray
    shape: tuple[int, int]


def jacobian_pattern(turn, centre, focal, radial, X, pair, seen):
    """Return where `jacobian` can differ from 0, whatever the parameters are; rows are the results, one behind the other."""
    _found = jacobian_pattern_kernel(*_checked(turn, centre, focal, radial, X, pair, seen))
    return _placed(_found, symmetric=False)


def jacobian(turn, centre, focal, radial, X, pair, seen, *, pattern=None):
    """Return the sparse Jacobian; `pattern`: what `jacobian_pattern` has returned."""
    if pattern is None:
        pattern = jacobian_pattern(turn, centre, focal, radial, X, pair, seen)
    _found = jacobian_kernel(*_checked(turn, centre, focal, radial, X, pair, seen))
    return _filled(_found, pattern)


def _placed(found, symmetric, tables=()):
    """Return the pattern of a matrix, given the row and the column of each number; a row of -1 is none.

    Of a symmetric matrix all of the lower triangle is given, and what is above it is not looked at.
    """
    *places, height, width = found
    rows, columns = (np.concatenate([[], *map(np.ravel, places[i::2])]).astype(np.int64) for i in (0, 1))
    shape, width = (int(height), int(width)), max(int(width), 1)
    kept = (rows >= 0) & (columns <= rows if symmetric else True)
    entries, inverse = np.unique(rows[kept] * width + columns[kept], return_inverse=True)
    slots = np.full(rows.shape, len(entries))
    slots[kept] = np.ravel(inverse)
    rows, columns = np.divmod(entries, width)
    sums = None
    if symmetric:
        below = np.flatnonzero(rows > columns)
        rows, columns = np.concatenate([rows, columns[below]]), np.concatenate([columns, rows[below]])
        order = np.lexsort((columns, rows))
        rows, columns = rows[order], columns[order]
        sums = np.concatenate([np.arange(len(entries)), below])[order]
    indptr = np.searchsorted(rows, np.arange(shape[0] + 1))
    index = np.int32 if max(*shape, len(rows)) < 2**31 else np.int64
    arrays = [a.astype(index) for a in (rows, columns, indptr, slots)]
    return Pattern(*arrays[:3], shape, arrays[3], sums, tables)


def _filled(numbers, pattern):
    """Return the sparse matrix with these numbers; those at the same position are added."""
    given = [np.ravel(part) for part in numbers]
    count = sum(part.size for part in given)
    if count != len(pattern.slots):
        raise ValueError(f"the pattern is one of {len(pattern.slots)} numbers, but there are {count}")
    sums = _summed(given, pattern.slots, len(pattern.rows) + 1)
    return Sparse(sums[: len(pattern.rows)] if pattern.sums is None else sums[pattern.sums], *pattern[:4])


@njit(cache=True)
def _add(sums, part, slots):
    """Add numbers to the sums that they belong to."""
    for i in range(part.size):
        sums[slots[i]] += part[i]


def _summed(parts, slots, count):
    """Return the sum of the numbers in each slot."""
    sums, start = np.zeros(count), 0
    for part in parts:
        _add(sums, part, slots[start : start + part.size])
        start += part.size
    return sums


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


def _checked(turn, centre, focal, radial, X, pair, seen):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if turn.__class__ is not _ARRAY or turn.dtype is not _REAL or turn.ndim != 2 or not turn.flags.carray:
        turn = _converted("turn", turn, ("C", "3"), "real")
    if centre.__class__ is not _ARRAY or centre.dtype is not _REAL or centre.ndim != 2 or not centre.flags.carray:
        centre = _converted("centre", centre, ("C", "3"), "real")
    if focal.__class__ is not _ARRAY or focal.dtype is not _REAL or focal.ndim != 1 or not focal.flags.carray:
        focal = _converted("focal", focal, ("C",), "real")
    if radial.__class__ is not _ARRAY or radial.dtype is not _REAL or radial.ndim != 2 or not radial.flags.carray:
        radial = _converted("radial", radial, ("C", "2"), "real")
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("P", "3"), "real")
    if pair.__class__ is not _ARRAY or pair.dtype is not _INTEGER or pair.ndim != 2 or not pair.flags.carray:
        pair = _converted("pair", pair, ("N", "2"), "integer")
    if seen.__class__ is not _ARRAY or seen.dtype is not _REAL or seen.ndim != 2 or not seen.flags.carray:
        seen = _converted("seen", seen, ("N", "2"), "real")
    C = turn.shape[0]
    P = X.shape[0]
    N = pair.shape[0]
    if turn.shape[1] != 3:
        raise ValueError(f"turn has {turn.shape[1]} columns, but must have 3")
    if centre.shape[0] != C:
        raise ValueError(f"centre has {centre.shape[0]} rows, but C = {C} from turn")
    if centre.shape[1] != 3:
        raise ValueError(f"centre has {centre.shape[1]} columns, but must have 3")
    if focal.shape[0] != C:
        raise ValueError(f"focal has {focal.shape[0]} elements, but C = {C} from turn")
    if radial.shape[0] != C:
        raise ValueError(f"radial has {radial.shape[0]} rows, but C = {C} from turn")
    if radial.shape[1] != 2:
        raise ValueError(f"radial has {radial.shape[1]} columns, but must have 2")
    if X.shape[1] != 3:
        raise ValueError(f"X has {X.shape[1]} columns, but must have 3")
    if pair.shape[1] != 2:
        raise ValueError(f"pair has {pair.shape[1]} columns, but must have 2")
    if seen.shape[0] != N:
        raise ValueError(f"seen has {seen.shape[0]} rows, but N = {N} from pair")
    if seen.shape[1] != 2:
        raise ValueError(f"seen has {seen.shape[1]} columns, but must have 2")
    return turn, centre, focal, radial, X, pair, seen


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
def _fit(_array, _real, _integer, turn, centre, focal, radial, X, pair, seen):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(turn, _array, _real, 2)):
        return False
    if not (_is_array(centre, _array, _real, 2)):
        return False
    if not (_is_array(focal, _array, _real, 1)):
        return False
    if not (_is_array(radial, _array, _real, 2)):
        return False
    if not (_is_array(X, _array, _real, 2)):
        return False
    if not (_is_array(pair, _array, _integer, 2)):
        return False
    if not (_is_array(seen, _array, _real, 2)):
        return False
    C = _size(turn, 0)
    P = _size(X, 0)
    N = _size(pair, 0)
    return _size(turn, 1) == 3 and _size(centre, 0) == C and _size(centre, 1) == 3 and _size(focal, 0) == C and _size(radial, 0) == C and _size(radial, 1) == 2 and _size(X, 1) == 3 and _size(pair, 1) == 2 and _size(seen, 0) == N and _size(seen, 1) == 2


_fitting = _Direct(_fit, 100, *[_ANY] * 10)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[:, ::1], types.float64[::1], types.float64[:, ::1], types.float64[:,
    ::1], types.int64[:, ::1], types.float64[:, ::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
