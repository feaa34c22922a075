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
def value_kernel(x, spring, rest, k, mass, g):
    N = x.shape[0]
    M = spring.shape[0]
    t1 = 0.5 * k  # line 11
    t2 = mass * g  # line 11
    # over e: checks; 6*M operations, 16*M bytes
    for e in range(M):
        t3 = spring[e, 0]
        t4 = t3 + N  # line 9
        t5 = t3 < 0  # line 9
        t6 = t4 if t5 else t3  # line 9
        if t6 < 0 or t6 >= N:
            raise _OutOfRange("an index into x is out of range: spring[:, 0] is {0}, the length is {1} (line 9)", t6, N)
        t7 = spring[e, 1]
        t8 = t7 + N  # line 9
        t9 = t7 < 0  # line 9
        t10 = t8 if t9 else t7  # line 9
        if t10 < 0 or t10 >= N:
            raise _OutOfRange("an index into x is out of range: spring[:, 1] is {0}, the length is {1} (line 9)", t10, N)
    t12 = 0.0
    # over i: t12; N operations, 8*N bytes
    for i in range(N):
        t11 = x[i, 2]
        t12 = _plus(t12, t11)  # line 11
    t13 = t2 * t12  # line 11
    t30 = 0.0
    # over e: t30; 18*M operations, 72*M bytes
    for e in range(M):
        rest_e = rest[e]
        t7 = spring[e, 1]
        t8 = t7 + N  # line 9
        t9 = t7 < 0  # line 9
        t10 = t8 if t9 else t7  # line 9
        t14 = x[t10, 2]
        t3 = spring[e, 0]
        t4 = t3 + N  # line 9
        t5 = t3 < 0  # line 9
        t6 = t4 if t5 else t3  # line 9
        t15 = x[t6, 2]
        t16 = t15 - t14  # line 9
        t17 = t16 * t16  # line 10
        t18 = x[t10, 1]
        t19 = x[t6, 1]
        t20 = t19 - t18  # line 9
        t21 = t20 * t20  # line 10
        t22 = x[t10, 0]
        t23 = x[t6, 0]
        t24 = t23 - t22  # line 9
        t25 = t24 * t24  # line 10
        t26 = t25 + t21  # line 10
        t27 = t26 + t17  # line 10
        length = np.sqrt(t27)  # line 10
        t28 = length - rest_e  # line 11
        t29 = t28 * t28  # line 11
        t30 = _plus(t30, t29)  # line 11
    t31 = t1 * t30  # line 11
    energy = t31 + t13  # line 11
    return (energy,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, spring, rest, k, mass, g):
    N = x.shape[0]
    M = spring.shape[0]
    t1 = 0.5 * k  # line 11
    t2 = mass * g  # line 11
    # over e: checks; 6*M operations, 16*M bytes
    for e in range(M):
        t3 = spring[e, 0]
        t4 = t3 + N  # line 9
        t5 = t3 < 0  # line 9
        t6 = t4 if t5 else t3  # line 9
        if t6 < 0 or t6 >= N:
            raise _OutOfRange("an index into x is out of range: spring[:, 0] is {0}, the length is {1} (line 9)", t6, N)
        t7 = spring[e, 1]
        t8 = t7 + N  # line 9
        t9 = t7 < 0  # line 9
        t10 = t8 if t9 else t7  # line 9
        if t10 < 0 or t10 >= N:
            raise _OutOfRange("an index into x is out of range: spring[:, 1] is {0}, the length is {1} (line 9)", t10, N)
    t12 = 0.0
    # over i: t12; N operations, 8*N bytes
    for i in range(N):
        t11 = x[i, 2]
        t12 = _plus(t12, t11)  # line 11
    t13 = t2 * t12  # line 11
    t30 = 0.0
    t45 = _own(np.zeros((N, 3), np.float64))
    t46 = _own(np.zeros((N, 3), np.float64))
    # over e: t30, t45, t46; 39*M operations, 168*M bytes
    for e in range(M):
        rest_e = rest[e]
        t7 = spring[e, 1]
        t8 = t7 + N  # line 9
        t9 = t7 < 0  # line 9
        t10 = t8 if t9 else t7  # line 9
        t14 = x[t10, 2]
        t3 = spring[e, 0]
        t4 = t3 + N  # line 9
        t5 = t3 < 0  # line 9
        t6 = t4 if t5 else t3  # line 9
        t15 = x[t6, 2]
        t16 = t15 - t14  # line 9
        t17 = t16 * t16  # line 10
        t18 = x[t10, 1]
        t19 = x[t6, 1]
        t20 = t19 - t18  # line 9
        t21 = t20 * t20  # line 10
        t22 = x[t10, 0]
        t23 = x[t6, 0]
        t24 = t23 - t22  # line 9
        t25 = t24 * t24  # line 10
        t26 = t25 + t21  # line 10
        t27 = t26 + t17  # line 10
        length = np.sqrt(t27)  # line 10
        t28 = length - rest_e  # line 11
        t29 = t28 * t28  # line 11
        t30 = _plus(t30, t29)  # line 11
        t31 = t16 / length  # backward of line 10: norm gate
        t32 = length == 0  # backward of line 10: norm gate
        t33 = 0 if t32 else t31  # backward of line 10: norm gate
        t34 = 2 * t28  # backward of line 11: square gate
        dlength = t1 * t34  # backward of line 11: square gate
        t35 = dlength * t33  # backward of line 10: norm gate
        t36 = -t35  # backward of line 9: sub gate
        t37 = t20 / length  # backward of line 10: norm gate
        t38 = 0 if t32 else t37  # backward of line 10: norm gate
        t39 = dlength * t38  # backward of line 10: norm gate
        t40 = -t39  # backward of line 9: sub gate
        t41 = t24 / length  # backward of line 10: norm gate
        t42 = 0 if t32 else t41  # backward of line 10: norm gate
        t43 = dlength * t42  # backward of line 10: norm gate
        t44 = -t43  # backward of line 9: sub gate
        t45[t10, 0] += t44  # backward of line 9: take gate
        t45[t10, 1] += t40  # backward of line 9: take gate
        t45[t10, 2] += t36  # backward of line 9: take gate
        t46[t6, 0] += t43  # backward of line 9: take gate
        t46[t6, 1] += t39  # backward of line 9: take gate
        t46[t6, 2] += t35  # backward of line 9: take gate
    t47 = t1 * t30  # line 11
    energy = t47 + t13  # line 11
    dx = _own(np.empty((N, 3), np.float64))
    # over i: dx; 4*N operations, 72*N bytes
    for i in range(N):
        t48 = t46[i, 2]
        t49 = t45[i, 2]
        t50 = t2 + t49  # backward of line 2: copy gate
        t51 = t50 + t48  # backward of line 2: copy gate
        t52 = t46[i, 1]
        t53 = t45[i, 1]
        t54 = t53 + t52  # backward of line 2: copy gate
        t55 = t46[i, 0]
        t56 = t45[i, 0]
        t57 = t56 + t55  # backward of line 2: copy gate
        dx[i, 0] = t57
        dx[i, 1] = t54
        dx[i, 2] = t51
    return (energy, dx)


class Gradient(NamedTuple):
    """The gradient of energy with respect to each parameter."""

    x: np.ndarray  # [N, 3]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(x, spring, rest, k=10.0, mass=1.0, g=9.81):
    """Return energy."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, _INTEGER, x, spring, rest, k, mass, g):
        _call = _direct_value_kernel.run
        _found = _call(x, spring, rest, k, mass, g)
    else:
        _found = value_kernel(*_checked(x, spring, rest, k, mass, g))
    return _found[0]


def value_and_grad(x, spring, rest, k=10.0, mass=1.0, g=9.81):
    """Return energy and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, _INTEGER, x, spring, rest, k, mass, g):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(x, spring, rest, k, mass, g)
    else:
        _found = value_and_grad_kernel(*_checked(x, spring, rest, k, mass, g))
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


def _checked(x, spring, rest, k, mass, g):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if x.__class__ is not _ARRAY or x.dtype is not _REAL or x.ndim != 2 or not x.flags.carray:
        x = _converted("x", x, ("N", "3"), "real")
    if spring.__class__ is not _ARRAY or spring.dtype is not _INTEGER or spring.ndim != 2 or not spring.flags.carray:
        spring = _converted("spring", spring, ("M", "2"), "integer")
    if rest.__class__ is not _ARRAY or rest.dtype is not _REAL or rest.ndim != 1 or not rest.flags.carray:
        rest = _converted("rest", rest, ("M",), "real")
    if k.__class__ is not float:
        k = float(_converted("k", k, (), "real"))
    if mass.__class__ is not float:
        mass = float(_converted("mass", mass, (), "real"))
    if g.__class__ is not float:
        g = float(_converted("g", g, (), "real"))
    N = x.shape[0]
    M = spring.shape[0]
    if x.shape[1] != 3:
        raise ValueError(f"x has {x.shape[1]} columns, but must have 3")
    if spring.shape[1] != 2:
        raise ValueError(f"spring has {spring.shape[1]} columns, but must have 2")
    if rest.shape[0] != M:
        raise ValueError(f"rest has {rest.shape[0]} elements, but M = {M} from spring")
    return x, spring, rest, k, mass, g


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
def _fit(_array, _real, _integer, x, spring, rest, k, mass, g):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(x, _array, _real, 2)):
        return False
    if not (_is_array(spring, _array, _integer, 2)):
        return False
    if not (_is_array(rest, _array, _real, 1)):
        return False
    if not (_is_a(k, "PyFloat_Type")):
        return False
    if not (_is_a(mass, "PyFloat_Type")):
        return False
    if not (_is_a(g, "PyFloat_Type")):
        return False
    N = _size(x, 0)
    M = _size(spring, 0)
    return _size(x, 1) == 3 and _size(spring, 1) == 2 and _size(rest, 0) == M


_fitting = _Direct(_fit, 100, *[_ANY] * 9)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.int64[:, ::1], types.float64[::1], types.double, types.double, types.double,
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
