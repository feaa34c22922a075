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
# code: D = 25: agrees, within 2^0 units in the last place
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


_LONG_ROW = 24  # numbers in the row of a sample, from which on loops run along it


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


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _distance2(x, c):
    """The squared distance of two points."""
    total = 0.0
    for i in range(c.shape[0]):
        apart = x[i] - c[i]
        total = _plus(total, apart * apart)
    return total


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _first_nearest(x, c):
    """The position of the first row of c that is nearest to the point x, or of the first whose distance is NaN."""
    place, least = 0, np.inf
    for k in range(c.shape[0]):
        distance = _distance2(x, c[k])
        if distance < least or (distance != distance and least == least):
            place, least = k, distance
    return place


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _nearest(x, c, place, space):
    """Find which row of c is nearest to each row of x, the first on a tie, working in an array `space`.

    |c|^2 - 2*x.c in single precision tells, but where the smallest two are too close to each other for it.
    """
    rows, width = x.shape
    count, whole = c.shape[0], width + 3 & -4  # coordinates in fours, the last ones 0
    middle, square = space[:width], space[width : width + 256]
    single = space[width + 256 :].view(np.float32)
    work = single[: (whole + 5) * 256].reshape((whole + 5, 256))
    least, next_least, one, other, at = work[0], work[1], work[2], work[3], work[4].view(np.int32)
    columns, start = work[5:], (whole + 5) * 256
    turned = single[start : start + count * (whole + 1)].reshape((count, whole + 1))
    for i in range(width, whole):
        for n in range(256):
            columns[i, n] = 0.0
    for i in range(width):
        total = 0.0
        for k in range(count):
            total += c[k, i]
        middle[i] = total / count
    largest = 0.0
    for k in range(count):
        total = 0.0
        for i in range(width, whole):
            turned[k, i] = 0.0
        for i in range(width):
            apart = c[k, i] - middle[i]
            turned[k, i] = -2.0 * apart
            total += apart * apart
        turned[k, whole] = total
        largest = total if total > largest or total != total else largest
    for start in range(0, rows, 256):
        size = min(256, rows - start)
        for n in range(size):
            square[n], least[n], next_least[n], at[n] = 0.0, np.inf, np.inf, 0
        for i in range(width):
            for n in range(size):
                apart = x[start + n, i] - middle[i]
                columns[i, n] = apart
                square[n] += apart * apart
        for k in range(0, count, 2):
            last = min(k + 1, count - 1)
            first, second = turned[k, whole], turned[last, whole] if last > k else np.float32(np.inf)
            for n in range(size):
                one[n], other[n] = first, second
            for i in range(0, whole, 4):
                a, a_1, a_2, a_3 = turned[k, i], turned[k, i + 1], turned[k, i + 2], turned[k, i + 3]
                b, b_1, b_2, b_3 = turned[last, i], turned[last, i + 1], turned[last, i + 2], turned[last, i + 3]
                for n in range(size):
                    x_n, x_1, x_2, x_3 = columns[i, n], columns[i + 1, n], columns[i + 2, n], columns[i + 3, n]
                    one[n] = one[n] + a * x_n + a_1 * x_1 + a_2 * x_2 + a_3 * x_3
                    other[n] = other[n] + b * x_n + b_1 * x_1 + b_2 * x_2 + b_3 * x_3
            for n in range(size):
                first, second, now, then, where = one[n], other[n], least[n], next_least[n], at[n]
                then = now if first < now else first if first < then else then
                where = np.int32(k) if first < now else where
                now = first if first < now else now
                next_least[n] = now if second < now else second if second < then else then
                at[n] = np.int32(last) if second < now else where
                least[n] = second if second < now else now
        for n in range(size):
            span = square[n] + largest
            off = (8.0 * 2.0**-24 * span + 2.0**-120) * (width + 8)
            if span < 1e37 and np.float64(next_least[n]) - np.float64(least[n]) > off:
                place[start + n] = at[n]
            else:
                place[start + n] = _first_nearest(x[start + n], c)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _turn(x, columns):
    """Copy the rows of x to columns, four at a time."""
    rows, width = x.shape
    edge = rows - rows % 4
    for row in range(0, edge, 4):
        for i in range(width):
            a, b, c, d = x[row, i], x[row + 1, i], x[row + 2, i], x[row + 3, i]
            columns[i, row], columns[i, row + 1], columns[i, row + 2], columns[i, row + 3] = a, b, c, d
    for row in range(edge, rows):
        for i in range(width):
            columns[i, row] = x[row, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(x, c):
    N, D = x.shape
    K = c.shape[0]
    if K == 0:
        raise ValueError("min over an axis without elements")
    t5 = 0.0
    if D >= _LONG_ROW:
        # stage along N: block by block, with 1 numbers for each position in buffers
        block_ = min(N // 2 + 4, max(64, min(256, 65536 // (2) // 32 * 32)))
        size_ = min(block_, N)
        t6 = _own(np.empty((size_,), np.int64))
        space_ = _own(np.empty((D*K + 257*D + 2*K + 1536,), np.float64))
        for n0_ in range(0, N, block_):
            if N - n0_ < size_:  # the last block
                size_ = N - n0_
                t6 = _own(np.empty((size_,), np.int64))
            x_2 = x[n0_ : n0_ + size_]
            _nearest(x_2, c, t6, space_)  # line 6
            t5__ = 0.0
            # over n, d: t5__; 3*D*N operations, 16*D*N + 8*N bytes
            for n in range(size_):
                t1_n = t6[n]
                for d in range(D):
                    t2 = c[t1_n, d]
                    x_dn = x_2[n, d]
                    t3 = x_dn - t2  # line 6
                    t4 = t3 * t3  # line 6
                    t5__ = _plus(t5__, t4)  # line 6
            t5 = _plus(t5, t5__)  # line 6
    else:
        # stage along N: block by block, with D + 1 numbers for each position in buffers
        block = min(N // 2 + 4, max(64, min(256, 65536 // (D + 2) // 32 * 32)))
        size = min(block, N)
        x__ = _own(np.empty((D, size), np.float64))
        t1 = _own(np.empty((size,), np.int64))
        space = _own(np.empty((D*K + 257*D + 2*K + 1536,), np.float64))
        for n0 in range(0, N, block):
            if N - n0 < size:  # the last block
                size = N - n0
                x__ = _own(np.empty((D, size), np.float64))
                t1 = _own(np.empty((size,), np.int64))
            x_ = x[n0 : n0 + size]
            _turn(x_, x__)
            _nearest(x_, c, t1, space)  # line 6
            t5_ = 0.0
            edge = D - (D - 0) % 4
            # over d, n: t5_; 3*D*N operations, 24*D*N bytes
            for d in range(0, edge, 4):
                d_1 = d + 1
                d_2 = d + 2
                d_3 = d + 3
                for n in range(size):
                    t1_n = t1[n]
                    t2 = c[t1_n, d]
                    t2_1 = c[t1_n, d_1]
                    t2_2 = c[t1_n, d_2]
                    t2_3 = c[t1_n, d_3]
                    x_dn = x__[d, n]
                    x_dn_1 = x__[d_1, n]
                    x_dn_2 = x__[d_2, n]
                    x_dn_3 = x__[d_3, n]
                    t3 = x_dn - t2  # line 6
                    t3_1 = x_dn_1 - t2_1  # line 6
                    t3_2 = x_dn_2 - t2_2  # line 6
                    t3_3 = x_dn_3 - t2_3  # line 6
                    t4 = t3 * t3  # line 6
                    t4_1 = t3_1 * t3_1  # line 6
                    t4_2 = t3_2 * t3_2  # line 6
                    t4_3 = t3_3 * t3_3  # line 6
                    t5_ = _plus(t5_, t4)  # line 6
                    t5_ = _plus(t5_, t4_1)  # line 6
                    t5_ = _plus(t5_, t4_2)  # line 6
                    t5_ = _plus(t5_, t4_3)  # line 6
            for d in range(edge, D):
                for n in range(size):
                    t1_n = t1[n]
                    t2 = c[t1_n, d]
                    x_dn = x__[d, n]
                    t3 = x_dn - t2  # line 6
                    t4 = t3 * t3  # line 6
                    t5_ = _plus(t5_, t4)  # line 6
            t5 = _plus(t5, t5_)  # line 6
    loss = t5 / N  # line 6
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, c):
    N, D = x.shape
    K = c.shape[0]
    t1 = 1.0 / N  # backward of line 5: square gate
    if K == 0:
        raise ValueError("min over an axis without elements")
    t6 = 0.0
    dc = _own(np.zeros((K, D), np.float64))
    # stage along N: block by block, with 1 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (2) // 32 * 32)))
    size = min(block, N)
    t2 = _own(np.empty((size,), np.int64))
    space = _own(np.empty((D*K + 257*D + 2*K + 1536,), np.float64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            t2 = _own(np.empty((size,), np.int64))
        x_ = x[n0 : n0 + size]
        _nearest(x_, c, t2, space)  # line 6
        t6_ = 0.0
        # over n, d: t6_, dc; 7*D*N operations, 32*D*N + 8*N bytes
        for n in range(size):
            t2_n = t2[n]
            for d in range(D):
                t3 = c[t2_n, d]
                x_dn = x_[n, d]
                t4 = x_dn - t3  # line 6
                t5 = t4 * t4  # line 6
                t6_ = _plus(t6_, t5)  # line 6
                t7 = 2 * t4  # backward of line 5: square gate
                t8 = t7 * t1  # backward of line 5: square gate
                t9 = -t8  # backward of line 5: sub gate
                dc[t2_n, d] += t9  # backward of line 6: min gate
        t6 = _plus(t6, t6_)  # line 6
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
