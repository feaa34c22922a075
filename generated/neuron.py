# Made by gradcompile 0.1.0 from examples/neuron.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: d113d9ccaabc7cea93efc6e68b264ed0cdacc4568d90e58a10d0552e54e27c5a
# options: --target numba --emit value,value_and_grad
# operations: value 8; value_and_grad 14
# --- certificate ---
# graph: value f: proved (sympy), equal to the formula
# graph: gradient w0: proved (sympy), equal to SymPy's derivative
# graph: gradient x0: proved (sympy), equal to SymPy's derivative
# graph: gradient w1: proved (sympy), equal to SymPy's derivative
# graph: gradient x1: proved (sympy), equal to SymPy's derivative
# graph: gradient w2: proved (sympy), equal to SymPy's derivative
# code: scalars: agrees, within 2^0 units in the last place
# claim, line 8: proved (sympy), grad(f, score) == f * (1 - f)
# claim, line 11: proved (sympy), grad(f, w0) == f * (1 - f) * x0
# claim, line 12: proved (sympy), grad(f, x0) == f * (1 - f) * w0
# claim, line 13: proved (sympy), grad(f, w1) == f * (1 - f) * x1
# claim, line 14: proved (sympy), grad(f, x1) == f * (1 - f) * w1
# claim, line 15: proved (sympy), grad(f, w2) == f * (1 - f)
# --- end of certificate ---

"""The neuron of the lecture: two inputs, two weights, a bias, and a sigmoid.

    from neuron import value, value_and_grad
    f = value(w0, x0, w1, x1, w2)
    f, gradient = value_and_grad(w0, x0, w1, x1, w2)

Arguments: w0 (differentiated), x0 (differentiated), w1 (differentiated), x1 (differentiated), w2
(differentiated).
"""

from typing import NamedTuple

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(w0, x0, w1, x1, w2):
    t1 = w0 * x0  # line 4
    t2 = w1 * x1  # line 4
    t3 = t1 + t2  # line 4
    score = t3 + w2  # line 4
    f = 1 / (1 + np.exp(-score))  # line 5
    return (f,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(w0, x0, w1, x1, w2):
    t1 = w0 * x0  # line 4
    t2 = w1 * x1  # line 4
    t3 = t1 + t2  # line 4
    score = t3 + w2  # line 4
    f = 1 / (1 + np.exp(-score))  # line 5
    t4 = 1 - f  # backward of line 5: sigmoid gate
    dscore = f * t4  # backward of line 5: sigmoid gate
    dw1 = dscore * x1  # backward of line 4: mul gate
    dx1 = dscore * w1  # backward of line 4: mul gate
    dw0 = dscore * x0  # backward of line 4: mul gate
    dx0 = dscore * w0  # backward of line 4: mul gate
    return (f, dw0, dx0, dw1, dx1, dscore)


class Gradient(NamedTuple):
    """The gradient of f with respect to each parameter."""

    w0: float
    x0: float
    w1: float
    x1: float
    w2: float


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(w0, x0, w1, x1, w2):
    """Return f."""
    if w0.__class__ is x0.__class__ is w1.__class__ is x1.__class__ is w2.__class__ is float:
        _call = _direct_value_kernel.run
        _found = _call(w0, x0, w1, x1, w2)
    else:
        _found = value_kernel(*_checked(w0, x0, w1, x1, w2))
    return _found[0]


def value_and_grad(w0, x0, w1, x1, w2):
    """Return f and its gradient."""
    _call = _pairs.run
    _found = _call(Gradient, w0, x0, w1, x1, w2)
    if _found is not None:
        return _found
    _found = value_and_grad_kernel(*_checked(w0, x0, w1, x1, w2))
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


def _checked(w0, x0, w1, x1, w2):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if w0.__class__ is not float:
        w0 = float(_converted("w0", w0, (), "real"))
    if x0.__class__ is not float:
        x0 = float(_converted("x0", x0, (), "real"))
    if w1.__class__ is not float:
        w1 = float(_converted("w1", w1, (), "real"))
    if x1.__class__ is not float:
        x1 = float(_converted("x1", x1, (), "real"))
    if w2.__class__ is not float:
        w2 = float(_converted("w2", w2, (), "real"))
    return w0, x0, w1, x1, w2


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
def _pair_of(_kind, w0, x0, w1, x1, w2):
    """Return the value and the gradient as Python's objects; None if an argument is no float."""
    if not (_is_a(w0, "PyFloat_Type") and _is_a(x0, "PyFloat_Type") and _is_a(w1, "PyFloat_Type") and _is_a(x1, "PyFloat_Type") and _is_a(w2, "PyFloat_Type")):
        return _nothing(_kind)
    return _pair(_kind, value_and_grad_kernel(*_floats((w0, x0, w1, x1, w2))))


_pairs = _Direct(_pair_of, 100, *[_ANY] * 6)


_KNOWN = (  # types of the arguments
    types.double, types.double, types.double, types.double, types.double,
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
