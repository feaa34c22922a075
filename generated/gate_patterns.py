# Made by gradcompile 0.1.0 from examples/gate_patterns.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 83afa7ed1511f6b833caadbbb8f9a313bfec19e770646e22d1aad2560c6ee097
# options: --target numba --emit value,value_and_grad
# operations: value 5; value_and_grad 13
# --- certificate ---
# graph: value f: proved (sympy), equal to the formula
# graph: gradient x: proved (sympy), equal to SymPy's derivative
# graph: gradient y: proved (sympy), equal to SymPy's derivative
# graph: gradient z: proved (sympy), equal to SymPy's derivative
# graph: gradient w: proved (sympy), equal to SymPy's derivative
# code: scalars: agrees, within 2^0 units in the last place
# claim, line 9: proved (sympy), grad(f, total) == 2 + x
# claim, line 10: proved (sympy), grad(f, product) == 2 + x
# claim, line 11: proved (sympy), grad(f, larger) == 2 + x
# claim, line 12: proved (sympy), grad(f, x) == (2 + x) * y + total
# claim, line 13: proved (sympy), grad(f, y) == (2 + x) * x
# claim, line 14: proved (sympy), grad(f, z) == where(z >= w, 2 + x, 0)
# claim, line 15: proved (sympy), grad(f, w) == where(z >= w, 0, 2 + x)
# --- end of certificate ---

"""The four gate patterns: add distributes, mul swaps, max routes, copy adds.

    from gate_patterns import value, value_and_grad
    f = value(x, y, z, w)
    f, gradient = value_and_grad(x, y, z, w)

Arguments: x (differentiated), y (differentiated), z (differentiated), w (differentiated).
"""

from typing import NamedTuple

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(x, y, z, w):
    product = x * y  # line 3
    larger = z if z >= w or z != z else w  # line 4
    total = product + larger  # line 5
    t1 = 2 + x  # line 6
    f = t1 * total  # line 6
    return (f,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, y, z, w):
    product = x * y  # line 3
    larger = z if z >= w or z != z else w  # line 4
    total = product + larger  # line 5
    dproduct = x + 2.0  # backward of line 5: copy gate
    t1 = z >= w  # backward of line 4: max gate
    t2 = z < w  # backward of line 4: max gate
    t3 = dproduct * y  # backward of line 3: mul gate
    dy = dproduct * x  # backward of line 3: mul gate
    dx = total + t3  # backward of line 3: copy gate
    dz = dproduct if t1 else 0.0
    dw = dproduct if t2 else 0.0
    t4 = 2 + x  # line 6
    f = t4 * total  # line 6
    return (f, dx, dy, dz, dw)


class Gradient(NamedTuple):
    """The gradient of f with respect to each parameter."""

    x: float
    y: float
    z: float
    w: float


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(x, y, z, w):
    """Return f."""
    if x.__class__ is y.__class__ is z.__class__ is w.__class__ is float:
        _call = _direct_value_kernel.run
        _found = _call(x, y, z, w)
    else:
        _found = value_kernel(*_checked(x, y, z, w))
    return _found[0]


def value_and_grad(x, y, z, w):
    """Return f and its gradient."""
    _call = _pairs.run
    _found = _call(Gradient, x, y, z, w)
    if _found is not None:
        return _found
    _found = value_and_grad_kernel(*_checked(x, y, z, w))
    return _found[0], _new(Gradient, _found[1:])


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


def _checked(x, y, z, w):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if x.__class__ is not float:
        x = float(_converted("x", x, (), "real"))
    if y.__class__ is not float:
        y = float(_converted("y", y, (), "real"))
    if z.__class__ is not float:
        z = float(_converted("z", z, (), "real"))
    if w.__class__ is not float:
        w = float(_converted("w", w, (), "real"))
    return x, y, z, w


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


@intrinsic
def _floats(context, numbers):
    """The values of Python's floats."""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        found = [api.float_as_double(x) for x in cgutils.unpack_tuple(builder, values[0], numbers.count)]
        return context.make_tuple(builder, signature.return_type, found)

    return types.UniTuple(types.double, numbers.count)(numbers), code


@intrinsic
def _pair(context, kind, found):
    """The first of some numbers, and a named tuple of the others, as Python's objects."""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        shape = ir.FunctionType(api.pyobj, [api.pyobj, api.py_ssize_t])
        new = cgutils.get_or_insert_function(builder.module, shape, "PyType_GenericAlloc")
        numbers = cgutils.unpack_tuple(builder, values[1], found.count)
        first, *others = [api.from_native_value(t, n) for t, n in zip(found.types, numbers)]
        named = builder.call(new, [values[0], api.py_ssize_t(len(others))])
        for i, number in enumerate(others):
            api.tuple_setitem(named, i, number)
        pair = api.tuple_new(2)
        api.tuple_setitem(pair, 0, first)
        api.tuple_setitem(pair, 1, named)
        return pair

    return kind(kind, found), code


@intrinsic
def _nothing(context, kind):
    """None."""

    def code(context, builder, signature, values):
        return context.get_python_api(builder).make_none()

    return kind(kind), code


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _pair_of(_kind, x, y, z, w):
    """Return the value and the gradient as Python's objects; None if an argument is no float."""
    if not (_is_a(x, "PyFloat_Type") and _is_a(y, "PyFloat_Type") and _is_a(z, "PyFloat_Type") and _is_a(w, "PyFloat_Type")):
        return _nothing(_kind)
    return _pair(_kind, value_and_grad_kernel(*_floats((x, y, z, w))))


_pairs = _Direct(_pair_of, 100, *[_ANY] * 5)


_KNOWN = (  # types of the arguments
    types.double, types.double, types.double, types.double,
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
