# Made by gradcompile 0.1.0 from examples/logistic_hessian.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 964746e242fc2dd3c1fd22d3e10750a1d90d74aace93908bb7971f41ed51da3d
# options: --target numba --emit value,value_and_grad
# operations: value 2*D*N + 9*N; value_and_grad 4*D*N + 14*N
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient w: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# claim, line 11: proved (sympy), grad(loss, z) == s - y
# claim, line 12: proved (sympy), grad(loss, w) == X.T @ (s - y)
# claim, line 16: proved (sympy), jacobian(s, w) == curvature[:, None] * X
# claim, line 17: proved (sympy), hessian(loss, w) == X.T @ (curvature[:, None] * X)
# claim, line 18: proved (sympy), hessian(loss, w) == [[sum(curvature[n] * X[n, i] * X[n, j] for n in range(N)) for j in range(D)] for i in range(D)]
# --- end of certificate ---

"""The Hessian of a logistic regression: the curvature of the loss, by differentiating its gradient once more.

    from logistic_hessian import value, value_and_grad
    loss = value(X, y, w)
    loss, gradient = value_and_grad(X, y, w)

Arguments: X[N, D], y[N], w[D] (differentiated).
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
def value_kernel(X, y, w):
    N, D = X.shape
    loss = 0.0
    # stage along N: block by block, with 1 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (2) // 32 * 32)))
    size = min(block, N)
    z = _own(np.empty((size,), np.float64))
    for i0 in range(0, N, block):
        if N - i0 < size:  # the last block
            size = N - i0
            z = _own(np.empty((size,), np.float64))
        X_ = X[i0 : i0 + size]
        y_ = y[i0 : i0 + size]
        np.dot(X_, w, z)
        loss_ = 0.0
        # over i: loss_; 9*N operations, 16*N bytes
        for i in range(size):
            z_i = z[i]
            y_i = y_[i]
            t1 = y_i * z_i  # line 8
            t2 = _softplus(z_i)  # line 8
            t3 = t2 - t1  # line 8
            loss_ = _plus(loss_, t3)  # line 8
        loss = _plus(loss, loss_)  # line 8
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, y, w):
    N, D = X.shape
    loss = 0.0
    dw = _own(np.zeros((D,), np.float64))
    # stage along N: block by block, with 2 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (3) // 32 * 32)))
    size = min(block, N)
    z = _own(np.empty((size,), np.float64))
    dz = _own(np.empty((size,), np.float64))
    t5 = _own(np.empty((D,), np.float64))
    for i0 in range(0, N, block):
        if N - i0 < size:  # the last block
            size = N - i0
            z = _own(np.empty((size,), np.float64))
            dz = _own(np.empty((size,), np.float64))
        X_ = X[i0 : i0 + size]
        y_ = y[i0 : i0 + size]
        np.dot(X_, w, z)
        loss_ = 0.0
        # over i: loss_, dz; 14*N operations, 24*N bytes
        for i in range(size):
            z_i = z[i]
            y_i = y_[i]
            t1 = y_i * z_i  # line 8
            t2 = _softplus(z_i)  # line 8
            t3 = t2 - t1  # line 8
            loss_ = _plus(loss_, t3)  # line 8
            t4 = _sigmoid(z_i)  # backward of line 8: softplus gate
            dz_i = t4 - y_i  # backward of line 6: copy gate
            dz[i] = dz_i
        loss = _plus(loss, loss_)  # line 8
        np.dot(X_.T, dz, t5)  # backward of line 6: mul gate
        # over i_: dw; D operations, 24*D bytes
        for i_ in range(D):
            dw[i_] += t5[i_]  # backward of line 6: mul gate
    return (loss, dw)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    w: np.ndarray  # [D]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(X, y, w):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, y, w):
        _call = _direct_value_kernel.run
        _found = _call(X, y, w)
    else:
        _found = value_kernel(*_checked(X, y, w))
    return _found[0]


def value_and_grad(X, y, w):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, y, w):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(X, y, w)
    else:
        _found = value_and_grad_kernel(*_checked(X, y, w))
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


def _checked(X, y, w):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("N", "D"), "real")
    if y.__class__ is not _ARRAY or y.dtype is not _REAL or y.ndim != 1 or not y.flags.carray:
        y = _converted("y", y, ("N",), "real")
    if w.__class__ is not _ARRAY or w.dtype is not _REAL or w.ndim != 1 or not w.flags.carray:
        w = _converted("w", w, ("D",), "real")
    N, D = X.shape
    if y.shape[0] != N:
        raise ValueError(f"y has {y.shape[0]} elements, but N = {N} from X")
    if w.shape[0] != D:
        raise ValueError(f"w has {w.shape[0]} elements, but D = {D} from X")
    return X, y, w


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
def _fit(_array, _real, X, y, w):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(X, _array, _real, 2)):
        return False
    if not (_is_array(y, _array, _real, 1)):
        return False
    if not (_is_array(w, _array, _real, 1)):
        return False
    N = _size(X, 0)
    D = _size(X, 1)
    return _size(y, 0) == N and _size(w, 0) == D


_fitting = _Direct(_fit, 100, *[_ANY] * 5)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[::1], types.float64[::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
