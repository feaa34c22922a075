# Made by gradcompile 0.1.0 from examples/bundle_adjustment.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 80d1e7cb19f27577edb8f0d9d3c698861893a7d4e5b8c63bd1cc34fc3e5ddd32
# options: --target numba --emit value,value_and_grad
# operations: value 111*N + 1; value_and_grad 373*N + 1
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient turn: agrees (finite differences), to 50 digits at 3 points
# graph: gradient centre: agrees (finite differences), to 50 digits at 3 points
# graph: gradient focal: agrees (finite differences), to 50 digits at 3 points
# graph: gradient radial: agrees (finite differences), to 50 digits at 3 points
# graph: gradient X: agrees (finite differences), to 50 digits at 3 points
# code: C = 4, P = 5, N = 6: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: C = 0: agrees, the formula is undefined (an index into X is out of range: point is 5, the length is 5 (line 22)), and the module says so
# code: P = 0: agrees, the formula is undefined (an index into X is out of range: point is 1, the length is 0 (line 22)), and the module says so
# code: N = 0: agrees, within 2^0 units in the last place
# code: C = 9: agrees, within 2^0 units in the last place
# code: P = 7: agrees, within 2^0 units in the last place
# code: N = 11: agrees, within 2^0 units in the last place
# code: pair out of range: agrees, the module says so
# claim, line 30: agrees (mpmath), sum(p**2, axis=1) == sum(beside**2, axis=1)
# claim, line 31: agrees (mpmath), grad(loss, focal) == [sum(distortion[n] * sum(residual[n] * flat[n]) for n in range(N) if cam[n] == c) for c in range(C)]
# --- end of certificate ---

"""Bundle adjustment: half the sum of squared reprojection errors of points seen by cameras.

    from bundle_adjustment import value, value_and_grad
    loss = value(turn, centre, focal, radial, X, pair, seen)
    loss, gradient = value_and_grad(turn, centre, focal, radial, X, pair, seen)

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


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


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


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(turn, centre, focal, radial, X, pair, seen):
    C = turn.shape[0]
    P = X.shape[0]
    N = pair.shape[0]
    # over n: checks; 6*N operations, 16*N bytes
    for n in range(N):
        point = pair[n, 1]
        t1 = point + P  # line 22
        t2 = point < 0  # line 22
        t3 = t1 if t2 else point  # line 22
        if t3 < 0 or t3 >= P:
            raise _OutOfRange("an index into X is out of range: point is {0}, the length is {1} (line 22)", t3, P)
        cam = pair[n, 0]
        t4 = cam + C  # line 22
        t5 = cam < 0  # line 22
        t6 = t4 if t5 else cam  # line 22
        if t6 < 0 or t6 >= C:
            raise _OutOfRange("an index into centre is out of range: cam is {0}, the length is {1} (line 22)", t6, C)
    t101 = 0.0
    t101_ = t101
    largest = 0.0
    # over n: t101; 89*N operations, 128*N bytes
    for n in range(N):
        t7 = seen[n, 1]
        cam = pair[n, 0]
        t4 = cam + C  # line 22
        t5 = cam < 0  # line 22
        t6 = t4 if t5 else cam  # line 22
        t8 = centre[t6, 0]
        point = pair[n, 1]
        t1 = point + P  # line 22
        t2 = point < 0  # line 22
        t3 = t1 if t2 else point  # line 22
        t9 = X[t3, 0]
        t10 = t9 - t8  # line 22
        t11 = turn[t6, 1]
        t12 = t11 * t10  # line 11
        t13 = centre[t6, 1]
        t14 = X[t3, 1]
        t15 = t14 - t13  # line 22
        t16 = turn[t6, 0]
        t17 = t16 * t15  # line 11
        t18 = t17 - t12  # line 11
        t19 = centre[t6, 2]
        t20 = X[t3, 2]
        t21 = t20 - t19  # line 22
        t22 = t21 + t18  # line 19
        t23 = turn[t6, 2]
        t24 = t23 * t23  # line 15
        t25 = t11 * t11  # line 15
        t26 = t16 * t16  # line 15
        t27 = t26 + t25  # line 15
        t28 = t27 + t24  # line 15
        t29 = t28 > 0  # line 16
        t30 = t28 if t29 else 1  # line 16
        t31 = np.sqrt(t30)  # line 16
        t102 = abs(t31)  # line 18
        largest = _larger(largest, t102)  # line 18
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
        t67 = t66 / t52  # line 24
        t68 = t67 * t67  # line 25
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
        t83 = t82 / t52  # line 24
        t84 = t83 * t83  # line 25
        r2 = t84 + t68  # line 25
        t85 = r2 * r2  # line 26
        t86 = radial[t6, 1]
        t87 = t86 * t85  # line 26
        t88 = radial[t6, 0]
        t89 = t88 * r2  # line 26
        t90 = 1 + t89  # line 26
        distortion = t90 + t87  # line 26
        t91 = focal[t6]
        t92 = t91 * distortion  # line 27
        t93 = t92 * t67  # line 27
        t94 = t93 - t7  # line 27
        t95 = t94 * t94  # line 28
        t96 = seen[n, 0]
        t97 = t92 * t83  # line 27
        t98 = t97 - t96  # line 27
        t99 = t98 * t98  # line 28
        t100 = t99 + t95  # line 28
        t101 = _plus(t101, t100)  # line 28
    if not largest < _NEAR:
        t101 = t101_
        for n in range(N):
            t7 = seen[n, 1]
            cam = pair[n, 0]
            t4 = cam + C  # line 22
            t5 = cam < 0  # line 22
            t6 = t4 if t5 else cam  # line 22
            t8 = centre[t6, 0]
            point = pair[n, 1]
            t1 = point + P  # line 22
            t2 = point < 0  # line 22
            t3 = t1 if t2 else point  # line 22
            t9 = X[t3, 0]
            t10 = t9 - t8  # line 22
            t11 = turn[t6, 1]
            t12 = t11 * t10  # line 11
            t13 = centre[t6, 1]
            t14 = X[t3, 1]
            t15 = t14 - t13  # line 22
            t16 = turn[t6, 0]
            t17 = t16 * t15  # line 11
            t18 = t17 - t12  # line 11
            t19 = centre[t6, 2]
            t20 = X[t3, 2]
            t21 = t20 - t19  # line 22
            t22 = t21 + t18  # line 19
            t23 = turn[t6, 2]
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
            t67 = t66 / t52  # line 24
            t68 = t67 * t67  # line 25
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
            t83 = t82 / t52  # line 24
            t84 = t83 * t83  # line 25
            r2 = t84 + t68  # line 25
            t85 = r2 * r2  # line 26
            t86 = radial[t6, 1]
            t87 = t86 * t85  # line 26
            t88 = radial[t6, 0]
            t89 = t88 * r2  # line 26
            t90 = 1 + t89  # line 26
            distortion = t90 + t87  # line 26
            t91 = focal[t6]
            t92 = t91 * distortion  # line 27
            t93 = t92 * t67  # line 27
            t94 = t93 - t7  # line 27
            t95 = t94 * t94  # line 28
            t96 = seen[n, 0]
            t97 = t92 * t83  # line 27
            t98 = t97 - t96  # line 27
            t99 = t98 * t98  # line 28
            t100 = t99 + t95  # line 28
            t101 = _plus(t101, t100)  # line 28
    loss = 0.5 * t101  # line 28
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(turn, centre, focal, radial, X, pair, seen):
    C = turn.shape[0]
    P = X.shape[0]
    N = pair.shape[0]
    # over n: checks; 6*N operations, 16*N bytes
    for n in range(N):
        point = pair[n, 1]
        t1 = point + P  # line 22
        t2 = point < 0  # line 22
        t3 = t1 if t2 else point  # line 22
        if t3 < 0 or t3 >= P:
            raise _OutOfRange("an index into X is out of range: point is {0}, the length is {1} (line 22)", t3, P)
        cam = pair[n, 0]
        t4 = cam + C  # line 22
        t5 = cam < 0  # line 22
        t6 = t4 if t5 else cam  # line 22
        if t6 < 0 or t6 >= C:
            raise _OutOfRange("an index into centre is out of range: cam is {0}, the length is {1} (line 22)", t6, C)
    t101 = 0.0
    dfocal = _own(np.zeros((C,), np.float64))
    dradial = _own(np.zeros((C, 2), np.float64))
    dturn = _own(np.zeros((C, 3), np.float64))
    dcentre = _own(np.zeros((C, 3), np.float64))
    dX = _own(np.zeros((P, 3), np.float64))
    largest = 0.0
    for n in range(N):
        cam = pair[n, 0]
        t4 = cam + C  # line 22
        t5 = cam < 0  # line 22
        t6 = t4 if t5 else cam  # line 22
        t11 = turn[t6, 1]
        t16 = turn[t6, 0]
        t23 = turn[t6, 2]
        t24 = t23 * t23  # line 15
        t25 = t11 * t11  # line 15
        t26 = t16 * t16  # line 15
        t27 = t26 + t25  # line 15
        t28 = t27 + t24  # line 15
        t29 = t28 > 0  # line 16
        t30 = t28 if t29 else 1  # line 16
        t31 = np.sqrt(t30)  # line 16
        t280 = abs(t31)  # line 18
        largest = _larger(largest, t280)  # line 18
    if largest < _NEAR:
        # over n: t101, dfocal, dradial, dturn, dcentre, dX; 281*N operations, 320*N bytes
        for n in range(N):
            t7 = seen[n, 1]
            cam = pair[n, 0]
            t4 = cam + C  # line 22
            t5 = cam < 0  # line 22
            t6 = t4 if t5 else cam  # line 22
            t8 = centre[t6, 0]
            point = pair[n, 1]
            t1 = point + P  # line 22
            t2 = point < 0  # line 22
            t3 = t1 if t2 else point  # line 22
            t9 = X[t3, 0]
            t10 = t9 - t8  # line 22
            t11 = turn[t6, 1]
            t12 = t11 * t10  # line 11
            t13 = centre[t6, 1]
            t14 = X[t3, 1]
            t15 = t14 - t13  # line 22
            t16 = turn[t6, 0]
            t17 = t16 * t15  # line 11
            t18 = t17 - t12  # line 11
            t19 = centre[t6, 2]
            t20 = X[t3, 2]
            t21 = t20 - t19  # line 22
            t22 = t21 + t18  # line 19
            t23 = turn[t6, 2]
            t24 = t23 * t23  # line 15
            t25 = t11 * t11  # line 15
            t26 = t16 * t16  # line 15
            t27 = t26 + t25  # line 15
            t28 = t27 + t24  # line 15
            t29 = t28 > 0  # line 16
            t30 = t28 if t29 else 1  # line 16
            t31 = np.sqrt(t30)  # line 16
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
            t67 = t66 / t52  # line 24
            t68 = t67 * t67  # line 25
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
            t83 = t82 / t52  # line 24
            t84 = t83 * t83  # line 25
            r2 = t84 + t68  # line 25
            t85 = r2 * r2  # line 26
            t86 = radial[t6, 1]
            t87 = t86 * t85  # line 26
            t88 = radial[t6, 0]
            t89 = t88 * r2  # line 26
            t90 = 1 + t89  # line 26
            distortion = t90 + t87  # line 26
            t91 = focal[t6]
            t92 = t91 * distortion  # line 27
            t93 = t92 * t67  # line 27
            t94 = t93 - t7  # line 27
            t95 = t94 * t94  # line 28
            t96 = seen[n, 0]
            t97 = t92 * t83  # line 27
            t98 = t97 - t96  # line 27
            t99 = t98 * t98  # line 28
            t100 = t99 + t95  # line 28
            t101 = _plus(t101, t100)  # line 28
            t102 = t94 * t67  # backward of line 27: mul gate
            t103 = t98 * t83  # backward of line 27: mul gate
            t104 = t103 + t102  # backward of line 27: mul gate
            t105 = t104 * distortion  # backward of line 27: mul gate
            dfocal[t6] += t105  # backward of line 27: take gate
            ddistortion = t104 * t91  # backward of line 27: mul gate
            t106 = ddistortion * t85  # backward of line 26: mul gate
            t107 = ddistortion * r2  # backward of line 26: mul gate
            dradial[t6, 0] += t107  # backward of line 26: take gate
            dradial[t6, 1] += t106  # backward of line 26: take gate
            t108 = 2 * t83  # backward of line 25: square gate
            t109 = ddistortion * t88  # backward of line 26: mul gate
            t110 = 2 * r2  # backward of line 26: square gate
            t111 = ddistortion * t86  # backward of line 26: mul gate
            t112 = t111 * t110  # backward of line 26: square gate
            dr2 = t112 + t109  # backward of line 25: copy gate
            t113 = dr2 * t108  # backward of line 25: square gate
            t114 = t98 * t92  # backward of line 27: mul gate
            t115 = t114 + t113  # backward of line 24: copy gate
            t116 = t115 / t52  # backward of line 24: div gate
            t117 = 0.0 if t29 else t116  # backward of line 22: copy gate
            t118 = t117 * t15  # backward of line 11: mul gate
            t119 = 2 * t67  # backward of line 25: square gate
            t120 = dr2 * t119  # backward of line 25: square gate
            t121 = t94 * t92  # backward of line 27: mul gate
            t122 = t121 + t120  # backward of line 24: copy gate
            t123 = t122 / t52  # backward of line 24: div gate
            t124 = 0.0 if t29 else t123  # backward of line 22: copy gate
            t125 = t124 * t10  # backward of line 11: mul gate
            t126 = t125 - t118  # backward of line 11: copy gate
            t127 = 2 * t23  # backward of line 15: square gate
            t128 = 0.5 / t31  # backward of line 16: sqrt gate
            t129 = t116 * t44  # backward of line 18: mul gate
            t130 = t129 if t29 else 0.0  # backward of line 11: sub gate
            t131 = t130 * t15  # backward of line 11: mul gate
            t132 = t123 * t44  # backward of line 18: mul gate
            t133 = t132 if t29 else 0.0  # backward of line 11: sub gate
            t134 = t133 * t10  # backward of line 11: mul gate
            t135 = t134 - t131  # backward of line 11: copy gate
            t136 = t123 * t67  # backward of line 24: div gate
            t137 = t116 * t83  # backward of line 24: div gate
            t138 = t137 + t136  # backward of line 24: div gate
            t139 = t138 * t33  # backward of line 18: mul gate
            t140 = t139 * t41  # backward of line 18: mul gate
            t141 = t139 * t34  # backward of line 18: mul gate
            t142 = t123 * t33  # backward of line 18: mul gate
            t143 = t142 * t36  # backward of line 18: mul gate
            t144 = t116 * t33  # backward of line 18: mul gate
            t145 = t144 * t38  # backward of line 18: mul gate
            t146 = t145 + t143  # backward of line 18: mul gate
            t147 = t146 - t141  # backward of line 18: mul gate
            t148 = t147 if t29 else 0.0  # backward of line 18: mul gate
            t149 = t148 * t21  # backward of line 18: mul gate
            t150 = t149 - t140  # backward of line 17: copy gate
            t151 = t150 if t29 else 0.0  # backward of line 17: copy gate
            t152 = t151 + t135  # backward of line 17: copy gate
            t153 = t152 / t31  # backward of line 17: div gate
            t154 = t153 * t34  # backward of line 17: div gate
            t155 = int(t29)  # backward of line 11: take gate
            t156 = t155 > 0  # backward of line 11: take gate
            t157 = t29 or t156  # backward of line 17: copy gate
            t158 = t154 if t157 else 0  # backward of line 17: div gate
            t159 = t138 * t44  # backward of line 18: mul gate
            t160 = t159 if t29 else 0  # backward of line 11: sub gate
            t161 = t160 * t10  # backward of line 11: mul gate
            t162 = t130 * t21  # backward of line 11: mul gate
            t163 = t162 + t161  # backward of line 11: copy gate
            t164 = t148 * t15  # backward of line 18: mul gate
            t165 = t142 * t41  # backward of line 18: mul gate
            t166 = t165 + t164  # backward of line 17: copy gate
            t167 = t166 if t29 else 0.0  # backward of line 17: copy gate
            t168 = t167 + t163  # backward of line 17: copy gate
            t169 = t168 / t31  # backward of line 17: div gate
            t170 = t169 * t36  # backward of line 17: div gate
            t171 = t170 if t157 else 0  # backward of line 17: div gate
            t172 = t133 * t21  # backward of line 11: mul gate
            t173 = t160 * t15  # backward of line 11: mul gate
            t174 = t173 + t172  # backward of line 11: copy gate
            t175 = t148 * t10  # backward of line 18: mul gate
            t176 = t144 * t41  # backward of line 18: mul gate
            t177 = t176 + t175  # backward of line 17: copy gate
            t178 = t177 if t29 else 0.0  # backward of line 17: copy gate
            t179 = t178 - t174  # backward of line 17: copy gate
            t180 = t179 / t31  # backward of line 17: div gate
            t181 = t180 * t38  # backward of line 17: div gate
            t182 = t181 if t157 else 0  # backward of line 17: div gate
            t183 = t182 + t171  # backward of line 17: div gate
            t184 = t183 + t158  # backward of line 17: div gate
            t185 = t138 * t42  # backward of line 18: mul gate
            t186 = t123 * t57  # backward of line 18: mul gate
            t187 = t116 * t73  # backward of line 18: mul gate
            t188 = t187 + t186  # backward of line 18: mul gate
            t189 = t188 - t185  # backward of line 18: mul gate
            t190 = t189 if t29 else 0.0  # backward of line 18: sub gate
            t191 = t138 if t29 else 0  # backward of line 18: mul gate
            t192 = t191 * t21  # backward of line 18: mul gate
            t193 = t123 if t29 else 0.0  # backward of line 18: mul gate
            t194 = t193 * t15  # backward of line 18: mul gate
            t195 = t116 if t29 else 0.0  # backward of line 18: mul gate
            t196 = t195 * t10  # backward of line 18: mul gate
            t197 = t196 + t194  # backward of line 18: mul gate
            t198 = t197 - t192  # backward of line 18: mul gate
            t199 = t198 - t190  # backward of line 18: copy gate
            t200 = t44 * t199  # backward of line 18: cos gate
            t201 = t138 * t47  # backward of line 18: mul gate
            t202 = t123 * t61  # backward of line 18: mul gate
            t203 = t116 * t77  # backward of line 18: mul gate
            t204 = t203 + t202  # backward of line 18: mul gate
            t205 = t204 - t201  # backward of line 18: mul gate
            t206 = t205 * t32  # backward of line 18: sin gate
            t207 = t206 - t200  # backward of line 16: copy gate
            t208 = t207 if t29 else 0.0  # backward of line 16: copy gate
            t209 = t208 - t184  # backward of line 16: copy gate
            t210 = t209 * t128  # backward of line 16: sqrt gate
            t211 = t29 or t157  # backward of line 16: copy gate
            t212 = t211 and t29  # backward of line 16: where gate
            t213 = t210 if t212 else 0.0  # backward of line 15: square gate
            t214 = t213 * t127  # backward of line 15: square gate
            t215 = t153 if t157 else 0.0  # backward of line 23: copy gate
            t216 = t215 + t214  # backward of line 23: copy gate
            t217 = t216 + t126  # backward of line 23: copy gate
            t218 = 0 if t29 else t138  # backward of line 22: copy gate
            t219 = t218 * t10  # backward of line 11: mul gate
            t220 = t117 * t21  # backward of line 11: mul gate
            t221 = t220 + t219  # backward of line 11: copy gate
            t222 = 2 * t11  # backward of line 15: square gate
            t223 = t213 * t222  # backward of line 15: square gate
            t224 = t169 if t157 else 0.0  # backward of line 23: copy gate
            t225 = t224 + t223  # backward of line 23: copy gate
            t226 = t225 + t221  # backward of line 23: copy gate
            t227 = t124 * t21  # backward of line 11: mul gate
            t228 = t218 * t15  # backward of line 11: mul gate
            t229 = t228 + t227  # backward of line 11: copy gate
            t230 = 2 * t16  # backward of line 15: square gate
            t231 = t213 * t230  # backward of line 15: square gate
            t232 = t180 if t157 else 0.0  # backward of line 23: copy gate
            t233 = t232 + t231  # backward of line 23: copy gate
            t234 = t233 - t229  # backward of line 23: copy gate
            dturn[t6, 0] += t234  # backward of line 23: take gate
            dturn[t6, 1] += t226  # backward of line 23: take gate
            dturn[t6, 2] += t217  # backward of line 23: take gate
            t235 = t117 * t11  # backward of line 11: mul gate
            t236 = t124 * t16  # backward of line 11: mul gate
            t237 = t133 * t38  # backward of line 11: mul gate
            t238 = t129 * t36  # backward of line 11: mul gate
            t239 = t238 - t237  # backward of line 11: copy gate
            t240 = t239 if t29 else 0.0  # backward of line 11: copy gate
            t241 = t240 - t236  # backward of line 11: copy gate
            t242 = t241 + t235  # backward of line 11: copy gate
            t243 = t138 * t32  # backward of line 18: mul gate
            t244 = t147 * t34  # backward of line 18: mul gate
            t245 = t244 - t243  # backward of line 22: copy gate
            t246 = t245 if t29 else 0.0  # backward of line 22: copy gate
            t247 = t246 - t218  # backward of line 22: copy gate
            t248 = t247 + t242  # backward of line 22: copy gate
            t249 = -t248  # backward of line 22: sub gate
            t250 = t123 * t32  # backward of line 18: mul gate
            t251 = t147 * t36  # backward of line 18: mul gate
            t252 = t251 + t250  # backward of line 22: copy gate
            t253 = t252 if t29 else 0.0  # backward of line 22: copy gate
            t254 = t253 + t124  # backward of line 22: copy gate
            t255 = t117 * t23  # backward of line 11: mul gate
            t256 = t218 * t16  # backward of line 11: mul gate
            t257 = t130 * t34  # backward of line 11: mul gate
            t258 = t159 * t38  # backward of line 11: mul gate
            t259 = t258 + t257  # backward of line 11: copy gate
            t260 = t259 if t29 else 0  # backward of line 11: copy gate
            t261 = t260 + t256  # backward of line 11: copy gate
            t262 = t261 + t255  # backward of line 11: copy gate
            t263 = t262 - t254  # backward of line 22: sub gate
            t264 = t124 * t23  # backward of line 11: mul gate
            t265 = t218 * t11  # backward of line 11: mul gate
            t266 = t160 * t36  # backward of line 11: mul gate
            t267 = t132 * t34  # backward of line 11: mul gate
            t268 = t267 + t266  # backward of line 11: copy gate
            t269 = t268 if t29 else 0.0  # backward of line 11: copy gate
            t270 = t269 + t265  # backward of line 11: copy gate
            t271 = t270 + t264  # backward of line 11: copy gate
            t272 = t116 * t32  # backward of line 18: mul gate
            t273 = t147 * t38  # backward of line 18: mul gate
            t274 = t273 + t272  # backward of line 22: copy gate
            t275 = t274 if t29 else 0.0  # backward of line 22: copy gate
            t276 = t275 + t117  # backward of line 22: copy gate
            t277 = t276 + t271  # backward of line 22: copy gate
            t278 = -t277  # backward of line 22: sub gate
            dcentre[t6, 0] += t278  # backward of line 22: take gate
            dcentre[t6, 1] += t263  # backward of line 22: take gate
            dcentre[t6, 2] += t249  # backward of line 22: take gate
            t279 = t254 - t262  # backward of line 22: copy gate
            dX[t3, 0] += t277  # backward of line 22: take gate
            dX[t3, 1] += t279  # backward of line 22: take gate
            dX[t3, 2] += t248  # backward of line 22: take gate
    else:
        for n in range(N):
            t7 = seen[n, 1]
            cam = pair[n, 0]
            t4 = cam + C  # line 22
            t5 = cam < 0  # line 22
            t6 = t4 if t5 else cam  # line 22
            t8 = centre[t6, 0]
            point = pair[n, 1]
            t1 = point + P  # line 22
            t2 = point < 0  # line 22
            t3 = t1 if t2 else point  # line 22
            t9 = X[t3, 0]
            t10 = t9 - t8  # line 22
            t11 = turn[t6, 1]
            t12 = t11 * t10  # line 11
            t13 = centre[t6, 1]
            t14 = X[t3, 1]
            t15 = t14 - t13  # line 22
            t16 = turn[t6, 0]
            t17 = t16 * t15  # line 11
            t18 = t17 - t12  # line 11
            t19 = centre[t6, 2]
            t20 = X[t3, 2]
            t21 = t20 - t19  # line 22
            t22 = t21 + t18  # line 19
            t23 = turn[t6, 2]
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
            t67 = t66 / t52  # line 24
            t68 = t67 * t67  # line 25
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
            t83 = t82 / t52  # line 24
            t84 = t83 * t83  # line 25
            r2 = t84 + t68  # line 25
            t85 = r2 * r2  # line 26
            t86 = radial[t6, 1]
            t87 = t86 * t85  # line 26
            t88 = radial[t6, 0]
            t89 = t88 * r2  # line 26
            t90 = 1 + t89  # line 26
            distortion = t90 + t87  # line 26
            t91 = focal[t6]
            t92 = t91 * distortion  # line 27
            t93 = t92 * t67  # line 27
            t94 = t93 - t7  # line 27
            t95 = t94 * t94  # line 28
            t96 = seen[n, 0]
            t97 = t92 * t83  # line 27
            t98 = t97 - t96  # line 27
            t99 = t98 * t98  # line 28
            t100 = t99 + t95  # line 28
            t101 = _plus(t101, t100)  # line 28
            t102 = t94 * t67  # backward of line 27: mul gate
            t103 = t98 * t83  # backward of line 27: mul gate
            t104 = t103 + t102  # backward of line 27: mul gate
            t105 = t104 * distortion  # backward of line 27: mul gate
            dfocal[t6] += t105  # backward of line 27: take gate
            ddistortion = t104 * t91  # backward of line 27: mul gate
            t106 = ddistortion * t85  # backward of line 26: mul gate
            t107 = ddistortion * r2  # backward of line 26: mul gate
            dradial[t6, 0] += t107  # backward of line 26: take gate
            dradial[t6, 1] += t106  # backward of line 26: take gate
            t108 = 2 * t83  # backward of line 25: square gate
            t109 = ddistortion * t88  # backward of line 26: mul gate
            t110 = 2 * r2  # backward of line 26: square gate
            t111 = ddistortion * t86  # backward of line 26: mul gate
            t112 = t111 * t110  # backward of line 26: square gate
            dr2 = t112 + t109  # backward of line 25: copy gate
            t113 = dr2 * t108  # backward of line 25: square gate
            t114 = t98 * t92  # backward of line 27: mul gate
            t115 = t114 + t113  # backward of line 24: copy gate
            t116 = t115 / t52  # backward of line 24: div gate
            t117 = 0.0 if t29 else t116  # backward of line 22: copy gate
            t118 = t117 * t15  # backward of line 11: mul gate
            t119 = 2 * t67  # backward of line 25: square gate
            t120 = dr2 * t119  # backward of line 25: square gate
            t121 = t94 * t92  # backward of line 27: mul gate
            t122 = t121 + t120  # backward of line 24: copy gate
            t123 = t122 / t52  # backward of line 24: div gate
            t124 = 0.0 if t29 else t123  # backward of line 22: copy gate
            t125 = t124 * t10  # backward of line 11: mul gate
            t126 = t125 - t118  # backward of line 11: copy gate
            t127 = 2 * t23  # backward of line 15: square gate
            t128 = 0.5 / t31  # backward of line 16: sqrt gate
            t129 = t116 * t44  # backward of line 18: mul gate
            t130 = t129 if t29 else 0.0  # backward of line 11: sub gate
            t131 = t130 * t15  # backward of line 11: mul gate
            t132 = t123 * t44  # backward of line 18: mul gate
            t133 = t132 if t29 else 0.0  # backward of line 11: sub gate
            t134 = t133 * t10  # backward of line 11: mul gate
            t135 = t134 - t131  # backward of line 11: copy gate
            t136 = t123 * t67  # backward of line 24: div gate
            t137 = t116 * t83  # backward of line 24: div gate
            t138 = t137 + t136  # backward of line 24: div gate
            t139 = t138 * t33  # backward of line 18: mul gate
            t140 = t139 * t41  # backward of line 18: mul gate
            t141 = t139 * t34  # backward of line 18: mul gate
            t142 = t123 * t33  # backward of line 18: mul gate
            t143 = t142 * t36  # backward of line 18: mul gate
            t144 = t116 * t33  # backward of line 18: mul gate
            t145 = t144 * t38  # backward of line 18: mul gate
            t146 = t145 + t143  # backward of line 18: mul gate
            t147 = t146 - t141  # backward of line 18: mul gate
            t148 = t147 if t29 else 0.0  # backward of line 18: mul gate
            t149 = t148 * t21  # backward of line 18: mul gate
            t150 = t149 - t140  # backward of line 17: copy gate
            t151 = t150 if t29 else 0.0  # backward of line 17: copy gate
            t152 = t151 + t135  # backward of line 17: copy gate
            t153 = t152 / t31  # backward of line 17: div gate
            t154 = t153 * t34  # backward of line 17: div gate
            t155 = int(t29)  # backward of line 11: take gate
            t156 = t155 > 0  # backward of line 11: take gate
            t157 = t29 or t156  # backward of line 17: copy gate
            t158 = t154 if t157 else 0  # backward of line 17: div gate
            t159 = t138 * t44  # backward of line 18: mul gate
            t160 = t159 if t29 else 0  # backward of line 11: sub gate
            t161 = t160 * t10  # backward of line 11: mul gate
            t162 = t130 * t21  # backward of line 11: mul gate
            t163 = t162 + t161  # backward of line 11: copy gate
            t164 = t148 * t15  # backward of line 18: mul gate
            t165 = t142 * t41  # backward of line 18: mul gate
            t166 = t165 + t164  # backward of line 17: copy gate
            t167 = t166 if t29 else 0.0  # backward of line 17: copy gate
            t168 = t167 + t163  # backward of line 17: copy gate
            t169 = t168 / t31  # backward of line 17: div gate
            t170 = t169 * t36  # backward of line 17: div gate
            t171 = t170 if t157 else 0  # backward of line 17: div gate
            t172 = t133 * t21  # backward of line 11: mul gate
            t173 = t160 * t15  # backward of line 11: mul gate
            t174 = t173 + t172  # backward of line 11: copy gate
            t175 = t148 * t10  # backward of line 18: mul gate
            t176 = t144 * t41  # backward of line 18: mul gate
            t177 = t176 + t175  # backward of line 17: copy gate
            t178 = t177 if t29 else 0.0  # backward of line 17: copy gate
            t179 = t178 - t174  # backward of line 17: copy gate
            t180 = t179 / t31  # backward of line 17: div gate
            t181 = t180 * t38  # backward of line 17: div gate
            t182 = t181 if t157 else 0  # backward of line 17: div gate
            t183 = t182 + t171  # backward of line 17: div gate
            t184 = t183 + t158  # backward of line 17: div gate
            t185 = t138 * t42  # backward of line 18: mul gate
            t186 = t123 * t57  # backward of line 18: mul gate
            t187 = t116 * t73  # backward of line 18: mul gate
            t188 = t187 + t186  # backward of line 18: mul gate
            t189 = t188 - t185  # backward of line 18: mul gate
            t190 = t189 if t29 else 0.0  # backward of line 18: sub gate
            t191 = t138 if t29 else 0  # backward of line 18: mul gate
            t192 = t191 * t21  # backward of line 18: mul gate
            t193 = t123 if t29 else 0.0  # backward of line 18: mul gate
            t194 = t193 * t15  # backward of line 18: mul gate
            t195 = t116 if t29 else 0.0  # backward of line 18: mul gate
            t196 = t195 * t10  # backward of line 18: mul gate
            t197 = t196 + t194  # backward of line 18: mul gate
            t198 = t197 - t192  # backward of line 18: mul gate
            t199 = t198 - t190  # backward of line 18: copy gate
            t200 = t44 * t199  # backward of line 18: cos gate
            t201 = t138 * t47  # backward of line 18: mul gate
            t202 = t123 * t61  # backward of line 18: mul gate
            t203 = t116 * t77  # backward of line 18: mul gate
            t204 = t203 + t202  # backward of line 18: mul gate
            t205 = t204 - t201  # backward of line 18: mul gate
            t206 = t205 * t32  # backward of line 18: sin gate
            t207 = t206 - t200  # backward of line 16: copy gate
            t208 = t207 if t29 else 0.0  # backward of line 16: copy gate
            t209 = t208 - t184  # backward of line 16: copy gate
            t210 = t209 * t128  # backward of line 16: sqrt gate
            t211 = t29 or t157  # backward of line 16: copy gate
            t212 = t211 and t29  # backward of line 16: where gate
            t213 = t210 if t212 else 0.0  # backward of line 15: square gate
            t214 = t213 * t127  # backward of line 15: square gate
            t215 = t153 if t157 else 0.0  # backward of line 23: copy gate
            t216 = t215 + t214  # backward of line 23: copy gate
            t217 = t216 + t126  # backward of line 23: copy gate
            t218 = 0 if t29 else t138  # backward of line 22: copy gate
            t219 = t218 * t10  # backward of line 11: mul gate
            t220 = t117 * t21  # backward of line 11: mul gate
            t221 = t220 + t219  # backward of line 11: copy gate
            t222 = 2 * t11  # backward of line 15: square gate
            t223 = t213 * t222  # backward of line 15: square gate
            t224 = t169 if t157 else 0.0  # backward of line 23: copy gate
            t225 = t224 + t223  # backward of line 23: copy gate
            t226 = t225 + t221  # backward of line 23: copy gate
            t227 = t124 * t21  # backward of line 11: mul gate
            t228 = t218 * t15  # backward of line 11: mul gate
            t229 = t228 + t227  # backward of line 11: copy gate
            t230 = 2 * t16  # backward of line 15: square gate
            t231 = t213 * t230  # backward of line 15: square gate
            t232 = t180 if t157 else 0.0  # backward of line 23: copy gate
            t233 = t232 + t231  # backward of line 23: copy gate
            t234 = t233 - t229  # backward of line 23: copy gate
            dturn[t6, 0] += t234  # backward of line 23: take gate
            dturn[t6, 1] += t226  # backward of line 23: take gate
            dturn[t6, 2] += t217  # backward of line 23: take gate
            t235 = t117 * t11  # backward of line 11: mul gate
            t236 = t124 * t16  # backward of line 11: mul gate
            t237 = t133 * t38  # backward of line 11: mul gate
            t238 = t129 * t36  # backward of line 11: mul gate
            t239 = t238 - t237  # backward of line 11: copy gate
            t240 = t239 if t29 else 0.0  # backward of line 11: copy gate
            t241 = t240 - t236  # backward of line 11: copy gate
            t242 = t241 + t235  # backward of line 11: copy gate
            t243 = t138 * t32  # backward of line 18: mul gate
            t244 = t147 * t34  # backward of line 18: mul gate
            t245 = t244 - t243  # backward of line 22: copy gate
            t246 = t245 if t29 else 0.0  # backward of line 22: copy gate
            t247 = t246 - t218  # backward of line 22: copy gate
            t248 = t247 + t242  # backward of line 22: copy gate
            t249 = -t248  # backward of line 22: sub gate
            t250 = t123 * t32  # backward of line 18: mul gate
            t251 = t147 * t36  # backward of line 18: mul gate
            t252 = t251 + t250  # backward of line 22: copy gate
            t253 = t252 if t29 else 0.0  # backward of line 22: copy gate
            t254 = t253 + t124  # backward of line 22: copy gate
            t255 = t117 * t23  # backward of line 11: mul gate
            t256 = t218 * t16  # backward of line 11: mul gate
            t257 = t130 * t34  # backward of line 11: mul gate
            t258 = t159 * t38  # backward of line 11: mul gate
            t259 = t258 + t257  # backward of line 11: copy gate
            t260 = t259 if t29 else 0  # backward of line 11: copy gate
            t261 = t260 + t256  # backward of line 11: copy gate
            t262 = t261 + t255  # backward of line 11: copy gate
            t263 = t262 - t254  # backward of line 22: sub gate
            t264 = t124 * t23  # backward of line 11: mul gate
            t265 = t218 * t11  # backward of line 11: mul gate
            t266 = t160 * t36  # backward of line 11: mul gate
            t267 = t132 * t34  # backward of line 11: mul gate
            t268 = t267 + t266  # backward of line 11: copy gate
            t269 = t268 if t29 else 0.0  # backward of line 11: copy gate
            t270 = t269 + t265  # backward of line 11: copy gate
            t271 = t270 + t264  # backward of line 11: copy gate
            t272 = t116 * t32  # backward of line 18: mul gate
            t273 = t147 * t38  # backward of line 18: mul gate
            t274 = t273 + t272  # backward of line 22: copy gate
            t275 = t274 if t29 else 0.0  # backward of line 22: copy gate
            t276 = t275 + t117  # backward of line 22: copy gate
            t277 = t276 + t271  # backward of line 22: copy gate
            t278 = -t277  # backward of line 22: sub gate
            dcentre[t6, 0] += t278  # backward of line 22: take gate
            dcentre[t6, 1] += t263  # backward of line 22: take gate
            dcentre[t6, 2] += t249  # backward of line 22: take gate
            t279 = t254 - t262  # backward of line 22: copy gate
            dX[t3, 0] += t277  # backward of line 22: take gate
            dX[t3, 1] += t279  # backward of line 22: take gate
            dX[t3, 2] += t248  # backward of line 22: take gate
    loss = 0.5 * t101  # line 28
    return (loss, dturn, dcentre, dfocal, dradial, dX)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    turn: np.ndarray  # [C, 3]
    centre: np.ndarray  # [C, 3]
    focal: np.ndarray  # [C]
    radial: np.ndarray  # [C, 2]
    X: np.ndarray  # [P, 3]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(turn, centre, focal, radial, X, pair, seen):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, _INTEGER, turn, centre, focal, radial, X, pair, seen):
        _call = _direct_value_kernel.run
        _found = _call(turn, centre, focal, radial, X, pair, seen)
    else:
        _found = value_kernel(*_checked(turn, centre, focal, radial, X, pair, seen))
    return _found[0]


def value_and_grad(turn, centre, focal, radial, X, pair, seen):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, _INTEGER, turn, centre, focal, radial, X, pair, seen):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(turn, centre, focal, radial, X, pair, seen)
    else:
        _found = value_and_grad_kernel(*_checked(turn, centre, focal, radial, X, pair, seen))
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
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
