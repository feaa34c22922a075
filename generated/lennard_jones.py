# Made by gradcompile 0.1.0 from examples/lennard_jones.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 60293e0b361eb9f28e58632bca45215504e5fcaacc7f2ca79eeab265c63da3e1
# options: --target numba --emit value,value_and_grad
# operations: value 19*N**2 + N + 3; value_and_grad 41*N**2 + 4*N + 3
# --- certificate ---
# graph: value energy: proved (sympy), equal to the formula
# graph: gradient x: proved (sympy), equal to SymPy's derivative
# code: N = 2: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# claim, line 13: proved (sympy), grad(energy, x) == 24 * epsilon * sum(where(apart, (s6 - 2 * s6**2) / r2, 0)[:, :, None] * difference, axis=1)
# --- end of certificate ---

"""Lennard-Jones: potential energy of a cluster of atoms; minus its gradient are the forces.

    from lennard_jones import value, value_and_grad
    energy = value(x, epsilon=1.0, sigma=1.0)
    energy, gradient = value_and_grad(x, epsilon=1.0, sigma=1.0)

Arguments: x[N, 3] (differentiated), epsilon, sigma.
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
def value_kernel(x, epsilon, sigma):
    N = x.shape[0]
    t1 = 2 * epsilon  # line 10
    t2 = sigma * sigma  # line 9
    t24 = 0.0
    # over n, n1: t24; 19*N**2 operations, 24*N**2 + 24*N bytes
    for n in range(N):
        t4 = x[n, 2]
        t8 = x[n, 1]
        t12 = x[n, 0]
        for n1 in range(N):
            t3 = x[n1, 2]
            t5 = t4 - t3  # line 6
            t6 = t5 * t5  # line 8
            t7 = x[n1, 1]
            t9 = t8 - t7  # line 6
            t10 = t9 * t9  # line 8
            t11 = x[n1, 0]
            t13 = t12 - t11  # line 6
            t14 = t13 * t13  # line 8
            t15 = t14 + t10  # line 8
            t16 = t15 + t6  # line 8
            t17 = n == n1  # line 7
            t18 = 1.0 if t17 else 0.0  # line 7
            apart = t18 == 0  # line 7
            r2 = t16 if apart else 1  # line 8
            t19 = t2 / r2  # line 9
            t20 = t19 * t19  # backward of line 9: pow gate
            s6 = t20 * t19  # line 9
            t21 = s6 * s6  # line 10
            t22 = t21 - s6  # line 10
            t23 = t22 if apart else 0  # line 10
            t24 = _plus(t24, t23)  # line 10
    energy = t1 * t24  # line 10
    return (energy,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, epsilon, sigma):
    N = x.shape[0]
    t1 = 2 * epsilon  # line 10
    t2 = sigma * sigma  # line 9
    t24 = 0.0
    t36 = _own(np.empty((N,), np.float64))
    t39 = _own(np.empty((N,), np.float64))
    t42 = _own(np.empty((N,), np.float64))
    t43 = _own(np.zeros((N,), np.float64))
    t44 = _own(np.zeros((N,), np.float64))
    t45 = _own(np.zeros((N,), np.float64))
    # over n, n1: t24, t43, t44, t45, t36, t39, …; 40*N**2 operations, 72*N**2 + 48*N bytes
    for n in range(N):
        t4 = x[n, 2]
        t8 = x[n, 1]
        t12 = x[n, 0]
        t36_n = 0.0
        t39_n = 0.0
        t42_n = 0.0
        for n1 in range(N):
            t3 = x[n1, 2]
            t5 = t4 - t3  # line 6
            t6 = t5 * t5  # line 8
            t7 = x[n1, 1]
            t9 = t8 - t7  # line 6
            t10 = t9 * t9  # line 8
            t11 = x[n1, 0]
            t13 = t12 - t11  # line 6
            t14 = t13 * t13  # line 8
            t15 = t14 + t10  # line 8
            t16 = t15 + t6  # line 8
            t17 = n == n1  # line 7
            t18 = 1.0 if t17 else 0.0  # line 7
            apart = t18 == 0  # line 7
            r2 = t16 if apart else 1  # line 8
            t19 = t2 / r2  # line 9
            t20 = t19 * t19  # backward of line 9: pow gate
            s6 = t20 * t19  # line 9
            t21 = s6 * s6  # line 10
            t22 = t21 - s6  # line 10
            t23 = t22 if apart else 0  # line 10
            t24 = _plus(t24, t23)  # line 10
            t25 = 2 * t13  # backward of line 8: square gate
            t26 = 3 * t20  # backward of line 9: pow gate
            t27 = t1 if apart else 0.0  # backward of line 10: sub gate
            t28 = 2 * s6  # backward of line 10: square gate
            t29 = t1 * t28  # backward of line 10: square gate
            t30 = t29 - t27  # backward of line 9: copy gate
            t31 = t30 * t26  # backward of line 9: pow gate
            t32 = t19 / r2  # backward of line 9: div gate
            t33 = t32 * t31  # backward of line 9: div gate
            t34 = t33 if apart else 0  # backward of line 8: square gate
            t35 = t34 * t25  # backward of line 8: square gate
            t36_n = _plus(t36_n, t35)  # backward of line 6: sub gate
            t37 = 2 * t9  # backward of line 8: square gate
            t38 = t34 * t37  # backward of line 8: square gate
            t39_n = _plus(t39_n, t38)  # backward of line 6: sub gate
            t40 = 2 * t5  # backward of line 8: square gate
            t41 = t34 * t40  # backward of line 8: square gate
            t42_n = _plus(t42_n, t41)  # backward of line 6: sub gate
            t43[n1] += t35  # backward of line 6: sub gate
            t44[n1] += t38  # backward of line 6: sub gate
            t45[n1] += t41  # backward of line 6: sub gate
        t36[n] = t36_n
        t39[n] = t39_n
        t42[n] = t42_n
    energy = t1 * t24  # line 10
    dx = _own(np.empty((N, 3), np.float64))
    # over n: dx; 3*N operations, 72*N bytes
    for n in range(N):
        t42_n_ = t42[n]
        t45_n = t45[n]
        t46 = t45_n - t42_n_  # backward of line 6: copy gate
        t39_n_ = t39[n]
        t44_n = t44[n]
        t47 = t44_n - t39_n_  # backward of line 6: copy gate
        t36_n_ = t36[n]
        t43_n = t43[n]
        t48 = t43_n - t36_n_  # backward of line 6: copy gate
        dx[n, 0] = t48
        dx[n, 1] = t47
        dx[n, 2] = t46
    return (energy, dx)


class Gradient(NamedTuple):
    """The gradient of energy with respect to each parameter."""

    x: np.ndarray  # [N, 3]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(x, epsilon=1.0, sigma=1.0):
    """Return energy."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x, epsilon, sigma):
        _call = _direct_value_kernel.run
        _found = _call(x, epsilon, sigma)
    else:
        _found = value_kernel(*_checked(x, epsilon, sigma))
    return _found[0]


def value_and_grad(x, epsilon=1.0, sigma=1.0):
    """Return energy and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x, epsilon, sigma):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(x, epsilon, sigma)
    else:
        _found = value_and_grad_kernel(*_checked(x, epsilon, sigma))
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


def _checked(x, epsilon, sigma):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if x.__class__ is not _ARRAY or x.dtype is not _REAL or x.ndim != 2 or not x.flags.carray:
        x = _converted("x", x, ("N", "3"), "real")
    if epsilon.__class__ is not float:
        epsilon = float(_converted("epsilon", epsilon, (), "real"))
    if sigma.__class__ is not float:
        sigma = float(_converted("sigma", sigma, (), "real"))
    N = x.shape[0]
    if x.shape[1] != 3:
        raise ValueError(f"x has {x.shape[1]} columns, but must have 3")
    return x, epsilon, sigma


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
def _fit(_array, _real, x, epsilon, sigma):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(x, _array, _real, 2)):
        return False
    if not (_is_a(epsilon, "PyFloat_Type")):
        return False
    if not (_is_a(sigma, "PyFloat_Type")):
        return False
    N = _size(x, 0)
    return _size(x, 1) == 3


_fitting = _Direct(_fit, 100, *[_ANY] * 5)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.double, types.double,
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
