# Made by gradcompile 0.1.0 from examples/k_means.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 18c66a7d123ea7072ed490deb0618abc74ecfbdf2118510dccea7033f32a1c82
# options: --target numba --emit value,value_and_grad
# operations: value 3*D*K*N + K*N + N + 1; value_and_grad 3*D*K*N + 5*D*N + 2*K*N + N + 1
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient c: agrees (finite differences), to 50 digits at 3 points
# code: N = 2, D = 3, K = 4: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: D = 0: agrees, within 2^0 units in the last place
# code: K = 0: agrees, the formula does not allow these sizes, and the module says so
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: K = 11: agrees, within 2^0 units in the last place
# claim, line 10: agrees (mpmath), grad(loss, c) == [sum(2 * (c[k] - x[n]) for n in range(N) if nearest[n] == k) / N for k in range(K)]
# --- end of certificate ---

"""k-means: mean squared distance of points from the nearest centre.

    from k_means import value, value_and_grad
    loss = value(x, c)
    loss, gradient = value_and_grad(x, c)

Arguments: x[N, D], c[K, D] (differentiated).
"""

from typing import NamedTuple

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


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
def _turn(x, columns):
    """Copy the rows of x to columns, eight at a time: whole cache lines are read and written."""
    rows, width = x.shape
    for first in range(0, rows, 8):
        for i in range(width):
            for row in range(first, min(first + 8, rows)):
                columns[i, row] = x[row, i]


@intrinsic
def _smaller(context, a, b):
    """The smaller of two numbers, NaN if one is, whatever the order: so that lanes have one each."""

    def code(context, builder, signature, values):
        kind = values[0].type
        if isinstance(a, types.Integer):
            return builder.select(builder.icmp_signed("<", *values), *values)
        function = builder.module.declare_intrinsic("llvm.minimum", [kind], ir.FunctionType(kind, [kind, kind]))
        return builder.call(function, values, fastmath=("nsz",))

    return a(a, a), code


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(x, c):
    N, D = x.shape
    K = c.shape[0]
    t4 = 0.0
    # stage along N: block by block, with D + K + 1 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (D + K + 2) // 32 * 32)))
    size = min(block, N)
    x__ = _own(np.empty((D, size), np.float64))
    distance2 = _own(np.empty((K, size), np.float64))
    t3 = _own(np.empty((size,), np.float64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            x__ = _own(np.empty((D, size), np.float64))
            distance2 = _own(np.empty((K, size), np.float64))
            t3 = _own(np.empty((size,), np.float64))
        x_ = x[n0 : n0 + size]
        _turn(x_, x__)
        distance2[...] = 0.0
        # over k, d, n: distance2; 3*D*K*N operations, 24*D*K*N + 8*D*K bytes
        for k in range(K):
            edge = D - (D - 0) % 4
            for d in range(0, edge, 4):
                d_1 = d + 1
                d_2 = d + 2
                d_3 = d + 3
                c_dk = c[k, d]
                c_dk_1 = c[k, d_1]
                c_dk_2 = c[k, d_2]
                c_dk_3 = c[k, d_3]
                for n in range(size):
                    x_dn = x__[d, n]
                    x_dn_1 = x__[d_1, n]
                    x_dn_2 = x__[d_2, n]
                    x_dn_3 = x__[d_3, n]
                    t1 = x_dn - c_dk  # line 5
                    t1_1 = x_dn_1 - c_dk_1  # line 5
                    t1_2 = x_dn_2 - c_dk_2  # line 5
                    t1_3 = x_dn_3 - c_dk_3  # line 5
                    t2 = t1 * t1  # line 5
                    t2_1 = t1_1 * t1_1  # line 5
                    t2_2 = t1_2 * t1_2  # line 5
                    t2_3 = t1_3 * t1_3  # line 5
                    distance2_ = distance2[k, n]
                    distance2_ = distance2_ + t2  # line 5
                    distance2_ = distance2_ + t2_1  # line 5
                    distance2_ = distance2_ + t2_2  # line 5
                    distance2_ = distance2_ + t2_3  # line 5
                    distance2[k, n] = distance2_
            for d in range(edge, D):
                c_dk = c[k, d]
                for n in range(size):
                    x_dn = x__[d, n]
                    t1 = x_dn - c_dk  # line 5
                    t2 = t1 * t1  # line 5
                    distance2[k, n] += t2  # line 5
        if K == 0:
            raise ValueError("min over an axis without elements")
        t3[...] = np.inf
        edge_ = K - (K - 0) % 4
        # over k, n: t3; K*N operations, 24*K*N bytes
        for k in range(0, edge_, 4):
            k_1 = k + 1
            k_2 = k + 2
            k_3 = k + 3
            for n in range(size):
                distance2_kn = distance2[k, n]
                distance2_kn_1 = distance2[k_1, n]
                distance2_kn_2 = distance2[k_2, n]
                distance2_kn_3 = distance2[k_3, n]
                t3_ = t3[n]
                t3_ = _smaller(t3_, distance2_kn)  # line 6
                t3_ = _smaller(t3_, distance2_kn_1)  # line 6
                t3_ = _smaller(t3_, distance2_kn_2)  # line 6
                t3_ = _smaller(t3_, distance2_kn_3)  # line 6
                t3[n] = t3_
        for k in range(edge_, K):
            for n in range(size):
                distance2_kn = distance2[k, n]
                t3[n] = distance2_kn if distance2_kn < t3[n] or distance2_kn != distance2_kn else t3[n]  # line 6
        t4_ = 0.0
        # over n: t4_; N operations, 8*N bytes
        for n in range(size):
            t3_n = t3[n]
            t4_ = _plus(t4_, t3_n)  # line 6
        t4 = _plus(t4, t4_)  # line 6
    loss = t4 / N  # line 6
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, c):
    N, D = x.shape
    K = c.shape[0]
    t1 = 1.0 / N  # backward of line 5: square gate
    t6 = 0.0
    dc = _own(np.zeros((K, D), np.float64))
    # stage along N: block by block, with D + K + 2 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (D + K + 3) // 32 * 32)))
    size = min(block, N)
    x__ = _own(np.empty((D, size), np.float64))
    distance2 = _own(np.empty((K, size), np.float64))
    t5 = _own(np.empty((size,), np.float64))
    t4 = _own(np.empty((size,), np.int64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            x__ = _own(np.empty((D, size), np.float64))
            distance2 = _own(np.empty((K, size), np.float64))
            t5 = _own(np.empty((size,), np.float64))
            t4 = _own(np.empty((size,), np.int64))
        x_ = x[n0 : n0 + size]
        _turn(x_, x__)
        distance2[...] = 0.0
        # over k, d, n: distance2; 3*D*K*N operations, 24*D*K*N + 8*D*K bytes
        for k in range(K):
            edge = D - (D - 0) % 4
            for d in range(0, edge, 4):
                d_1 = d + 1
                d_2 = d + 2
                d_3 = d + 3
                c_dk = c[k, d]
                c_dk_1 = c[k, d_1]
                c_dk_2 = c[k, d_2]
                c_dk_3 = c[k, d_3]
                for n in range(size):
                    x_dn = x__[d, n]
                    x_dn_1 = x__[d_1, n]
                    x_dn_2 = x__[d_2, n]
                    x_dn_3 = x__[d_3, n]
                    t2 = x_dn - c_dk  # line 5
                    t2_1 = x_dn_1 - c_dk_1  # line 5
                    t2_2 = x_dn_2 - c_dk_2  # line 5
                    t2_3 = x_dn_3 - c_dk_3  # line 5
                    t3 = t2 * t2  # line 5
                    t3_1 = t2_1 * t2_1  # line 5
                    t3_2 = t2_2 * t2_2  # line 5
                    t3_3 = t2_3 * t2_3  # line 5
                    distance2_ = distance2[k, n]
                    distance2_ = distance2_ + t3  # line 5
                    distance2_ = distance2_ + t3_1  # line 5
                    distance2_ = distance2_ + t3_2  # line 5
                    distance2_ = distance2_ + t3_3  # line 5
                    distance2[k, n] = distance2_
            for d in range(edge, D):
                c_dk = c[k, d]
                for n in range(size):
                    x_dn = x__[d, n]
                    t2 = x_dn - c_dk  # line 5
                    t3 = t2 * t2  # line 5
                    distance2[k, n] += t3  # line 5
        if K == 0:
            raise ValueError("min over an axis without elements")
        t5[...] = np.inf
        t4[...] = 0
        # over k, n: t4; K*N operations, 40*K*N bytes
        for k in range(K):
            for n in range(size):
                distance2_kn = distance2[k, n]
                better = distance2_kn < t5[n] or (distance2_kn != distance2_kn and t5[n] == t5[n])  # backward of line 6: min gate
                t5[n] = distance2_kn if better else t5[n]
                t4[n] = k if better else t4[n]
        t6_ = 0.0
        # over n: t6_; N operations, 8*N bytes
        for n in range(size):
            t5_n = t5[n]
            t6_ = _plus(t6_, t5_n)  # line 6
        t6 = _plus(t6, t6_)  # line 6
        # over d, n: dc; 5*D*N operations, 40*D*N bytes
        for d in range(D):
            for n in range(size):
                t4_n = t4[n]
                t7 = c[t4_n, d]
                x_dn = x__[d, n]
                t8 = x_dn - t7  # line 5
                t9 = 2 * t8  # backward of line 5: square gate
                t10 = t9 * t1  # backward of line 5: square gate
                t11 = -t10  # backward of line 5: sub gate
                dc[t4_n, d] += t11  # backward of line 6: min gate
    loss = t6 / N  # line 6
    return (loss, dc)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    c: np.ndarray  # [K, D]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(x, c):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x, c):
        _call = _direct_value_kernel.run
        _found = _call(x, c)
    else:
        _found = value_kernel(*_checked(x, c))
    return _found[0]


def value_and_grad(x, c):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x, c):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(x, c)
    else:
        _found = value_and_grad_kernel(*_checked(x, c))
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


def _checked(x, c):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if x.__class__ is not _ARRAY or x.dtype is not _REAL or x.ndim != 2 or not x.flags.carray:
        x = _converted("x", x, ("N", "D"), "real")
    if c.__class__ is not _ARRAY or c.dtype is not _REAL or c.ndim != 2 or not c.flags.carray:
        c = _converted("c", c, ("K", "D"), "real")
    N, D = x.shape
    K = c.shape[0]
    if c.shape[1] != D:
        raise ValueError(f"c has {c.shape[1]} columns, but D = {D} from x")
    if K < 1:
        raise ValueError(f"`min(distance2[n, k] for k in range(K))` needs at least one term, but there are K. (K = {K}, 1)")
    return x, c


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
def _fit(_array, _real, x, c):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(x, _array, _real, 2)):
        return False
    if not (_is_array(c, _array, _real, 2)):
        return False
    N = _size(x, 0)
    D = _size(x, 1)
    K = _size(c, 0)
    return _size(c, 1) == D and K >= 1


_fitting = _Direct(_fit, 100, *[_ANY] * 4)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[:, ::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
