# Made by gradcompile 0.1.0 from examples/logistic_regression.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: b781deaba7d98d4a11152bef30fbee7d7ae35a624f0b7aca04f2e0d9c488fa81
# options: --target numba --emit value,value_and_grad,hvp,objective,pack
# operations: value 2*D*N + 10*N + 1; value_and_grad 4*D*N + 17*N + 2; hvp 6*D*N + 11*N + 1
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient w: proved (sympy), equal to SymPy's derivative
# graph: gradient b: proved (sympy), equal to SymPy's derivative
# graph: hvp.w: proved (sympy), equal to SymPy's derivative
# graph: hvp.b: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: D = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# claim, line 12: proved (sympy), grad(loss, losses) == ones(N) / N
# claim, line 15: proved (sympy), grad(loss, z) == (sigmoid(z) - y) / N
# claim, line 18: proved (sympy), grad(loss, w) == X.T @ (sigmoid(z) - y) / N
# claim, line 19: proved (sympy), grad(loss, b) == mean(sigmoid(z) - y)
# --- end of certificate ---

"""Logistic regression: mean negative log-likelihood of labels that are 0 or 1.

    from logistic_regression import value, value_and_grad, hvp
    loss = value(X, y, w, b)
    loss, gradient = value_and_grad(X, y, w, b)
    product = hvp(X, y, w, b, dw, db)

Arguments: X[N, D], y[N], w[D] (differentiated), b (differentiated).
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


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _halves(place):
    """Two powers of two, the product of which is 2^k, subnormal or infinite too, for place = k + 6755399441057790.0."""
    bits = np.float64(place).view(np.int64)
    half = np.int64(np.uint64(bits) >> np.uint64(1))
    return np.int64(half << 52).view(np.float64), np.int64((bits - half) << 52).view(np.float64)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _exp_parts(x):
    """k + 6755399441057790.0 and w, exp(x) = 2^k * (1 + w) with a whole k: Cody and Waite's reduction, a polynomial."""
    place = x * 1.4426950408889634 + 6755399441057790.0
    k = place - 6755399441057790.0
    r = x - k * 0.6931471805592082 - k * 7.371002565167799e-13
    return place, r * r * (0.5000000000000011 + r * (0.16666666666666413 + r * 0.04166666666653017 + r * r * (0.008333333333494532 + r * 0.0013888888943627078) + r * r * (r * r) * 
        (0.00019841269506410927 + r * 2.480149310183874e-05 + r * r * (2.7557586529833835e-06 + r * 2.7630247467746286e-07) + r * r * (r * r) * 
        (2.5000011690109885e-08)))) + r


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _exp(x):
    """e to the x, within 2 units in the last place."""
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    place, w = _exp_parts(x)
    one, other = _halves(place)
    return (one + one * w) * other


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log_sum(k, f):
    """k*log(2) + log(1 + f) for a whole k."""
    s = f / (2.0 + f)
    z = s * s
    h = 0.5 * f * f
    return k * 0.6931471805592082 + (f - (h - (s * (h + z * (0.6666666666666734 + z * (0.3999999999941438 + z * 0.2857142874246403 + z * z * (0.22222198564359882 + z * 0.181835648326685) + z * z * (z * z) * 
        (0.15314036442224369 + z * 0.14796101686198612)))) + k * 7.371002565167799e-13)))


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _softplus(x):
    """log(1 + exp(x)) as max(x, 0) + log1p(exp(-|x|)), within 2 units in the last place."""
    z = _exp(-abs(x))
    large = z > 0.41421356
    return (x if x > 0.0 else 0.0) + _log_sum(1.0 if large else 0.0, 0.5 * z - 0.5 if large else z)


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _sigmoid(x):
    """1 / (1 + z) or z / (1 + z), z = exp(-|x|), less what rounding 1 + z came to; within 2 units in the last place."""
    z = _exp(-abs(x))
    below = 1.0 + z
    y = (1.0 if x >= 0.0 else z) / below
    return y - y * (z - (below - 1.0)) * (1.0 - 0.5 * z)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, y, w, b):
    N, D = X.shape
    t4 = 0.0
    # stage along N: block by block, with 1 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (2) // 32 * 32)))
    size = min(block, N)
    t1 = _own(np.empty((size,), np.float64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            t1 = _own(np.empty((size,), np.float64))
        X_ = X[n0 : n0 + size]
        y_ = y[n0 : n0 + size]
        np.dot(X_, w, t1)
        t4_ = 0.0
        # over n: t4_; 10*N operations, 16*N bytes
        for n in range(size):
            t1_n = t1[n]
            z = t1_n + b  # line 7
            y_n = y_[n]
            t2 = y_n * z  # line 8
            t3 = _softplus(z)  # line 8
            losses = t3 - t2  # line 8
            t4_ = _plus(t4_, losses)  # line 9
        t4 = _plus(t4, t4_)  # line 9
    loss = t4 / N  # line 9
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, y, w, b):
    N, D = X.shape
    t1 = 1.0 / N  # backward of line 7: copy gate
    t5 = 0.0
    t8 = 0.0
    dw = _own(np.zeros((D,), np.float64))
    # stage along N: block by block, with 2 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (3) // 32 * 32)))
    size = min(block, N)
    t2 = _own(np.empty((size,), np.float64))
    dz = _own(np.empty((size,), np.float64))
    t9 = _own(np.empty((D,), np.float64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            t2 = _own(np.empty((size,), np.float64))
            dz = _own(np.empty((size,), np.float64))
        X_ = X[n0 : n0 + size]
        y_ = y[n0 : n0 + size]
        np.dot(X_, w, t2)
        t5_ = 0.0
        t8_ = 0.0
        # over n: t5_, dz, t8_; 17*N operations, 24*N bytes
        for n in range(size):
            t2_n = t2[n]
            z = t2_n + b  # line 7
            y_n = y_[n]
            t3 = y_n * z  # line 8
            t4 = _softplus(z)  # line 8
            losses = t4 - t3  # line 8
            t5_ = _plus(t5_, losses)  # line 9
            t6 = _sigmoid(z)  # backward of line 8: softplus gate
            t7 = t6 - y_n  # backward of line 7: copy gate
            dz_n = t7 * t1  # backward of line 7: copy gate
            dz[n] = dz_n
            t8_ = _plus(t8_, t7)  # backward of line 7: add gate
        t5 = _plus(t5, t5_)  # line 9
        t8 = _plus(t8, t8_)  # backward of line 7: add gate
        np.dot(X_.T, dz, t9)  # backward of line 7: mul gate
        # over d: dw; D operations, 24*D bytes
        for d in range(D):
            dw[d] += t9[d]  # backward of line 7: mul gate
    loss = t5 / N  # line 9
    db = t8 / N  # backward of line 7: add gate
    return (loss, dw, db)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def hvp_kernel(X, y, w, b, dw, db):
    N, D = X.shape
    t1 = 1.0 / N  # backward of line 7: copy gate
    t9 = 0.0
    Hdw = _own(np.zeros((D,), np.float64))
    # stage along N: block by block, with 3 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (4) // 32 * 32)))
    size = min(block, N)
    t2 = _own(np.empty((size,), np.float64))
    t3 = _own(np.empty((size,), np.float64))
    t13 = _own(np.empty((size,), np.float64))
    t14 = _own(np.empty((D,), np.float64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            t2 = _own(np.empty((size,), np.float64))
            t3 = _own(np.empty((size,), np.float64))
            t13 = _own(np.empty((size,), np.float64))
        X_ = X[n0 : n0 + size]
        np.dot(X_, w, t2)
        np.dot(X_, dw, t3)
        t9_ = 0.0
        # over n: t9_, t13; 13*N operations, 24*N bytes
        for n in range(size):
            t2_n = t2[n]
            z = t2_n + b  # line 7
            t4 = _sigmoid(z)  # backward of line 8: softplus gate
            t5 = 1 - t4  # backward of line 8: sigmoid gate
            t6 = t4 * t5  # backward of line 8: sigmoid gate
            t3_n = t3[n]
            t7 = t3_n + db  # backward of line 7: add gate
            t8 = t7 * t6  # backward of line 8: sigmoid gate
            t9_ = _plus(t9_, t8)  # backward of line 7: sum gate
            t10 = t5 * t7  # backward of line 7: sum gate
            t11 = t10 * t4  # backward of line 7: sum gate
            t12 = t11 * t1  # backward of line 7: sum gate
            t13[n] = t12
        t9 = _plus(t9, t9_)  # backward of line 7: sum gate
        np.dot(X_.T, t13, t14)  # backward of line 7: sum gate
        # over d: Hdw; D operations, 24*D bytes
        for d in range(D):
            Hdw[d] += t14[d]  # backward of line 7: sum gate
    Hdb = t9 / N  # backward of line 7: div gate
    return (Hdw, Hdb)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    w: np.ndarray  # [D]
    b: float


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


class Parameters(NamedTuple):
    """The parameters."""

    w: np.ndarray  # [D]
    b: float


def value(X, y, w, b):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, y, w, b):
        _call = _direct_value_kernel.run
        _found = _call(X, y, w, b)
    else:
        _found = value_kernel(*_checked(X, y, w, b))
    return _found[0]


def value_and_grad(X, y, w, b):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, y, w, b):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(X, y, w, b)
    else:
        _found = value_and_grad_kernel(*_checked(X, y, w, b))
    return _found[0], _new(Gradient, _found[1:])


def pack(w, b):
    """Return the parameters as one flat vector, one behind the other: w[D], b."""
    if w.__class__ is not _ARRAY or w.dtype is not _REAL or w.ndim != 1 or not w.flags.carray:
        w = _converted("w", w, ("D",), "real")
    if b.__class__ is not float:
        b = float(_converted("b", b, (), "real"))
    return np.concatenate((w.ravel(), [b]))


def unpack(vector, *, D):
    """Return w[D], b from one flat vector, the inverse of pack; D is a size."""
    vector = _converted("vector", vector, ("D + 1",), "real")
    if vector.shape[0] != D + 1:
        raise ValueError(f"the vector has {vector.shape[0]} elements, but the parameters have D + 1 = {D + 1}")
    return Parameters(
        vector[:D].copy(),
        float(vector[D]),
    )


def objective(X, y):
    """Return the function of one flat vector that scipy.optimize.minimize(..., jac=True) takes.

    The vector is what `pack` returns, and `unpack` takes it apart.
    Its attributes are `fun`, `grad`, `value_and_grad`, `hessp`.
    """
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("N", "D"), "real")
    if y.__class__ is not _ARRAY or y.dtype is not _REAL or y.ndim != 1 or not y.flags.carray:
        y = _converted("y", y, ("N",), "real")
    D = X.shape[1]

    def function(vector):
        parameters = unpack(vector, D=D)
        _value, *_gradient = value_and_grad_kernel(*_checked(X, y, parameters.w, parameters.b))
        return _value, pack(*_gradient)

    def fun(vector):
        parameters = unpack(vector, D=D)
        return value_kernel(*_checked(X, y, parameters.w, parameters.b))[0]

    def grad(vector):
        return function(vector)[1]

    def hessp(vector, direction):
        parameters = unpack(vector, D=D)
        directions = unpack(direction, D=D)
        return pack(*hvp(X=X, y=y, w=parameters.w, b=parameters.b, dw=directions.w, db=directions.b))

    function.fun, function.grad, function.value_and_grad = fun, grad, function
    function.hessp = hessp
    return function


def hvp(X, y, w, b, dw, db):
    """Return the Hessian of loss times the direction dw and db."""
    _found = hvp_kernel(*_checked_hvp(X, y, w, b, dw, db))
    return Gradient(*_found)


def _checked_hvp(X, y, w, b, dw, db):
    """Return the arguments as `_checked` does, and those beside them."""
    X, y, w, b = _checked(X, y, w, b)
    if dw.__class__ is not _ARRAY or dw.dtype is not _REAL or dw.ndim != 1 or not dw.flags.carray:
        dw = _converted("dw", dw, ("D",), "real")
    if db.__class__ is not float:
        db = float(_converted("db", db, (), "real"))
    D = X.shape[1]
    if dw.shape[0] != D:
        raise ValueError(f"dw has {dw.shape[0]} elements, but D = {D} from X")
    return X, y, w, b, dw, db


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


def _checked(X, y, w, b):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("N", "D"), "real")
    if y.__class__ is not _ARRAY or y.dtype is not _REAL or y.ndim != 1 or not y.flags.carray:
        y = _converted("y", y, ("N",), "real")
    if w.__class__ is not _ARRAY or w.dtype is not _REAL or w.ndim != 1 or not w.flags.carray:
        w = _converted("w", w, ("D",), "real")
    if b.__class__ is not float:
        b = float(_converted("b", b, (), "real"))
    N, D = X.shape
    if y.shape[0] != N:
        raise ValueError(f"y has {y.shape[0]} elements, but N = {N} from X")
    if w.shape[0] != D:
        raise ValueError(f"w has {w.shape[0]} elements, but D = {D} from X")
    return X, y, w, b


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
def _fit(_array, _real, X, y, w, b):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(X, _array, _real, 2)):
        return False
    if not (_is_array(y, _array, _real, 1)):
        return False
    if not (_is_array(w, _array, _real, 1)):
        return False
    if not (_is_a(b, "PyFloat_Type")):
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
