# Made by gradcompile 0.1.0 from examples/huber.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 4256a1055c91ac497143302fe31d89c6748e2119072492ceb22d80edd8569f67
# options: --target numba --emit value,value_and_grad
# operations: value 2*D*N + 9*N + 2; value_and_grad 4*D*N + 18*N + 3
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient w: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: D = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# claim, line 12: agrees (mpmath), grad(loss, residual) == max(-delta, min(residual, delta)) / N
# claim, line 13: agrees (mpmath), grad(loss, w) == X.T @ max(-delta, min(residual, delta)) / N
# --- end of certificate ---

"""Huber regression: squares for small residuals, absolute values for outliers.

    from huber import value, value_and_grad
    loss = value(X, y, w, delta=1.0)
    loss, gradient = value_and_grad(X, y, w, delta=1.0)

Arguments: X[N, D], y[N], w[D] (differentiated), delta.
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


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, y, w, delta):
    N, D = X.shape
    t1 = 0.5 * delta  # line 9
    t9 = 0.0
    # stage along N: block by block, with 1 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (2) // 32 * 32)))
    size = min(block, N)
    t2 = _own(np.empty((size,), np.float64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            t2 = _own(np.empty((size,), np.float64))
        X_ = X[n0 : n0 + size]
        y_ = y[n0 : n0 + size]
        np.dot(X_, w, t2)
        t9_ = 0.0
        # over n: t9_; 9*N operations, 16*N bytes
        for n in range(size):
            y_n = y_[n]
            t2_n = t2[n]
            residual = t2_n - y_n  # line 7
            size_ = abs(residual)  # line 8
            t3 = size_ - t1  # line 9
            t4 = delta * t3  # line 9
            t5 = residual * residual  # line 9
            t6 = 0.5 * t5  # line 9
            t7 = size_ <= delta  # line 9
            t8 = t6 if t7 else t4  # line 9
            t9_ = _plus(t9_, t8)  # line 9
        t9 = _plus(t9, t9_)  # line 9
    loss = t9 / N  # line 9
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, y, w, delta):
    N, D = X.shape
    t1 = 0.5 * delta  # line 9
    t2 = 1 / N  # backward of line 9: div gate
    t10 = 0.0
    dw = _own(np.zeros((D,), np.float64))
    # stage along N: block by block, with 2 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (3) // 32 * 32)))
    size = min(block, N)
    t3 = _own(np.empty((size,), np.float64))
    dresidual = _own(np.empty((size,), np.float64))
    t18 = _own(np.empty((D,), np.float64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            t3 = _own(np.empty((size,), np.float64))
            dresidual = _own(np.empty((size,), np.float64))
        X_ = X[n0 : n0 + size]
        y_ = y[n0 : n0 + size]
        np.dot(X_, w, t3)
        t10_ = 0.0
        # over n: t10_, dresidual; 18*N operations, 24*N bytes
        for n in range(size):
            y_n = y_[n]
            t3_n = t3[n]
            residual = t3_n - y_n  # line 7
            size_ = abs(residual)  # line 8
            t4 = size_ - t1  # line 9
            t5 = delta * t4  # line 9
            t6 = residual * residual  # line 9
            t7 = 0.5 * t6  # line 9
            t8 = size_ <= delta  # line 9
            t9 = t7 if t8 else t5  # line 9
            t10_ = _plus(t10_, t9)  # line 9
            t11 = np.sign(residual)  # backward of line 8: abs gate
            t12 = 0.0 if t8 else t2  # backward of line 9: mul gate
            dsize = t12 * delta  # backward of line 9: mul gate
            t13 = dsize * t11  # backward of line 8: abs gate
            t14 = 2 * residual  # backward of line 9: square gate
            t15 = t2 if t8 else 0.0  # backward of line 9: mul gate
            t16 = t15 * 0.5  # backward of line 9: mul gate
            t17 = t16 * t14  # backward of line 9: square gate
            dresidual_n = t17 + t13  # backward of line 7: copy gate
            dresidual[n] = dresidual_n
        t10 = _plus(t10, t10_)  # line 9
        np.dot(X_.T, dresidual, t18)  # backward of line 7: mul gate
        # over d: dw; D operations, 24*D bytes
        for d in range(D):
            dw[d] += t18[d]  # backward of line 7: mul gate
    loss = t10 / N  # line 9
    return (loss, dw)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    w: np.ndarray  # [D]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(X, y, w, delta=1.0):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, y, w, delta):
        _call = _direct_value_kernel.run
        _found = _call(X, y, w, delta)
    else:
        _found = value_kernel(*_checked(X, y, w, delta))
    return _found[0]


def value_and_grad(X, y, w, delta=1.0):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, y, w, delta):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(X, y, w, delta)
    else:
        _found = value_and_grad_kernel(*_checked(X, y, w, delta))
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


def _checked(X, y, w, delta):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("N", "D"), "real")
    if y.__class__ is not _ARRAY or y.dtype is not _REAL or y.ndim != 1 or not y.flags.carray:
        y = _converted("y", y, ("N",), "real")
    if w.__class__ is not _ARRAY or w.dtype is not _REAL or w.ndim != 1 or not w.flags.carray:
        w = _converted("w", w, ("D",), "real")
    if delta.__class__ is not float:
        delta = float(_converted("delta", delta, (), "real"))
    N, D = X.shape
    if y.shape[0] != N:
        raise ValueError(f"y has {y.shape[0]} elements, but N = {N} from X")
    if w.shape[0] != D:
        raise ValueError(f"w has {w.shape[0]} elements, but D = {D} from X")
    return X, y, w, delta


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


@intrinsic(prefer_literal=True)
def _is_a(context, x, kind):
    """Is an object of this very class of Python's?"""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        found = api.object_type(values[0])
        api.decref(found)
        return builder.icmp_unsigned("==", found, api.get_c_object(kind.literal_value))

    return types.boolean(x, kind), code


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
def _fit(_array, _real, X, y, w, delta):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(X, _array, _real, 2)):
        return False
    if not (_is_array(y, _array, _real, 1)):
        return False
    if not (_is_array(w, _array, _real, 1)):
        return False
    if not (_is_a(delta, "PyFloat_Type")):
        return False
    N = _size(X, 0)
    D = _size(X, 1)
    return _size(y, 0) == N and _size(w, 0) == D


_fitting = _Direct(_fit, 100, *[_ANY] * 6)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[::1], types.float64[::1], types.double,
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
