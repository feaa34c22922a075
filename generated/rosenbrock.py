# Made by gradcompile 0.1.0 from examples/rosenbrock.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 3a44d51725f09cbc25d6e34b92ac6f964bb914a46433ebc2dc898c8773877cab
# options: --target numba --emit value,value_and_grad
# operations: value 9*N - 9; value_and_grad 18*N - 17
# --- certificate ---
# graph: value f: proved (sympy), equal to the formula
# graph: gradient x: proved (sympy), equal to SymPy's derivative
# code: N = 2: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, the formula does not allow these sizes, and the module says so
# code: N = 9: agrees, within 2^0 units in the last place
# claim, line 7: proved (sympy), grad(f, x) == concatenate([-400 * x[:-1] * step - 2 * (1 - x[:-1]), [0]]) + concatenate([[0], 200 * step])
# --- end of certificate ---

"""Rosenbrock's function in N dimensions: a curved valley, the classic test of an optimiser.

    from rosenbrock import value, value_and_grad
    f = value(x)
    f, gradient = value_and_grad(x)

Arguments: x[N] (differentiated).
"""

from typing import NamedTuple

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


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
def value_kernel(x):
    N = x.shape[0]
    f = 0.0
    # over i: f; 9*N - 9 operations, 16*N - 16 bytes
    for i in range(N - 1):
        t1 = x[i]
        t2 = 1 - t1  # line 4
        t3 = t2 * t2  # line 4
        t4 = t1 * t1  # line 4
        t5 = i + 1  # line 4
        t6 = x[t5]
        step = t6 - t4  # line 4
        t7 = step * step  # line 4
        t8 = 100 * t7  # line 4
        t9 = t8 + t3  # line 4
        f = _plus(f, t9)  # line 4
    return (f,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x):
    N = x.shape[0]
    f = 0.0
    dx = _own(np.zeros((N,), np.float64))
    # over i: f, dx; 17*N - 17 operations, 48*N - 48 bytes
    for i in range(N - 1):
        t1 = x[i]
        t2 = 1 - t1  # line 4
        t3 = t2 * t2  # line 4
        t4 = t1 * t1  # line 4
        t5 = i + 1  # line 4
        t6 = x[t5]
        step = t6 - t4  # line 4
        t7 = step * step  # line 4
        t8 = 100 * t7  # line 4
        t9 = t8 + t3  # line 4
        f = _plus(f, t9)  # line 4
        t10 = -2 * t2  # backward of line 4: sub gate
        t11 = 2 * t1  # backward of line 4: square gate
        t12 = -200.0 * step  # backward of line 4: sub gate
        t13 = t12 * t11  # backward of line 4: square gate
        t14 = t13 + t10  # backward of line 4: copy gate
        dx[i] += t14  # backward of line 4: take gate
        dstep = 200.0 * step  # backward of line 4: square gate
        dx[t5] += dstep  # backward of line 4: take gate
    return (f, dx)


class Gradient(NamedTuple):
    """The gradient of f with respect to each parameter."""

    x: np.ndarray  # [N]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(x):
    """Return f."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x):
        _call = _direct_value_kernel.run
        _found = _call(x)
    else:
        _found = value_kernel(*_checked(x))
    return _found[0]


def value_and_grad(x):
    """Return f and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(x)
    else:
        _found = value_and_grad_kernel(*_checked(x))
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


def _checked(x):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if x.__class__ is not _ARRAY or x.dtype is not _REAL or x.ndim != 1 or not x.flags.carray:
        x = _converted("x", x, ("N",), "real")
    N = x.shape[0]
    if N < 1:
        raise ValueError(f"`x[1:]` ends before it starts. (N = {N}, 1)")
    if N - 1 < 0:
        raise ValueError(f"`x[:-1]` ends before it starts. (N - 1 = {N - 1}, 0)")
    return x,


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
def _fit(_array, _real, x):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(x, _array, _real, 1)):
        return False
    N = _size(x, 0)
    return N >= 1 and N - 1 >= 0


_fitting = _Direct(_fit, 100, *[_ANY] * 3)


_KNOWN = (  # types of the arguments
    types.float64[::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
