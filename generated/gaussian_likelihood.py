# Made by gradcompile 0.1.0 from examples/gaussian_likelihood.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 967f6bb785d3ea4668aa5acf488690f5bde5aa448853313f279ab2e1947e05da
# options: --target numba --emit value,value_and_grad
# operations: value 7*D*N + D + N + 3; value_and_grad 11*D*N + 6*D + N + 4
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient mu: proved (sympy), equal to SymPy's derivative
# graph: gradient log_sigma: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# claim, line 9: proved (sympy), grad(loss, z) == z
# claim, line 10: proved (sympy), grad(loss, mu) == -sum(z, axis=0) / exp(log_sigma)
# claim, line 11: proved (sympy), grad(loss, log_sigma) == N - sum(z**2, axis=0)
# --- end of certificate ---

"""Gaussian likelihood: negative log-likelihood of samples under independent normal distributions.

    from gaussian_likelihood import value, value_and_grad
    loss = value(x, mu, log_sigma)
    loss, gradient = value_and_grad(x, mu, log_sigma)

Arguments: x[N, D], mu[D] (differentiated), log_sigma[D] (differentiated).
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


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(x, mu, log_sigma):
    N, D = x.shape
    t1 = 2 * 3.141592653589793  # line 7
    t2 = np.log(t1)  # line 7
    t3 = 0.5 * t2  # line 7
    t5 = _own(np.empty((D,), np.float64))
    # over d: t5; D operations, 16*D bytes
    for d in range(D):
        log_sigma_d = log_sigma[d]
        t4 = _exp(log_sigma_d)  # line 6
        t5[d] = t4
    loss = 0.0
    edge = N - (N - 0) % 4
    # over n, d: loss; 7*D*N operations, 32*D*N bytes
    for n in range(0, edge, 4):
        n_1 = n + 1
        n_2 = n + 2
        n_3 = n + 3
        for d in range(D):
            log_sigma_d = log_sigma[d]
            t4 = t5[d]
            mu_d = mu[d]
            x_dn = x[n, d]
            x_dn_1 = x[n_1, d]
            x_dn_2 = x[n_2, d]
            x_dn_3 = x[n_3, d]
            t6 = x_dn - mu_d  # line 6
            t6_1 = x_dn_1 - mu_d  # line 6
            t6_2 = x_dn_2 - mu_d  # line 6
            t6_3 = x_dn_3 - mu_d  # line 6
            z = t6 / t4  # line 6
            z_1 = t6_1 / t4  # line 6
            z_2 = t6_2 / t4  # line 6
            z_3 = t6_3 / t4  # line 6
            t7 = z * z  # line 7
            t7_1 = z_1 * z_1  # line 7
            t7_2 = z_2 * z_2  # line 7
            t7_3 = z_3 * z_3  # line 7
            t8 = 0.5 * t7  # line 7
            t8_1 = 0.5 * t7_1  # line 7
            t8_2 = 0.5 * t7_2  # line 7
            t8_3 = 0.5 * t7_3  # line 7
            t9 = t8 + log_sigma_d  # line 7
            t9_1 = t8_1 + log_sigma_d  # line 7
            t9_2 = t8_2 + log_sigma_d  # line 7
            t9_3 = t8_3 + log_sigma_d  # line 7
            t10 = t9 + t3  # line 7
            t10_1 = t9_1 + t3  # line 7
            t10_2 = t9_2 + t3  # line 7
            t10_3 = t9_3 + t3  # line 7
            loss = _plus(loss, t10)  # line 7
            loss = _plus(loss, t10_1)  # line 7
            loss = _plus(loss, t10_2)  # line 7
            loss = _plus(loss, t10_3)  # line 7
    for n in range(edge, N):
        for d in range(D):
            log_sigma_d = log_sigma[d]
            t4 = t5[d]
            mu_d = mu[d]
            x_dn = x[n, d]
            t6 = x_dn - mu_d  # line 6
            z = t6 / t4  # line 6
            t7 = z * z  # line 7
            t8 = 0.5 * t7  # line 7
            t9 = t8 + log_sigma_d  # line 7
            t10 = t9 + t3  # line 7
            loss = _plus(loss, t10)  # line 7
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, mu, log_sigma):
    N, D = x.shape
    t1 = 2 * 3.141592653589793  # line 7
    t2 = np.log(t1)  # line 7
    t3 = 0.5 * t2  # line 7
    t4 = float(N)  # backward of line 7: add gate
    t6 = _own(np.empty((D,), np.float64))
    # over d: t6; D operations, 16*D bytes
    for d in range(D):
        log_sigma_d = log_sigma[d]
        t5 = _exp(log_sigma_d)  # line 6
        t6[d] = t5
    loss = 0.0
    t14 = _own(np.zeros((D,), np.float64))
    t15 = _own(np.zeros((D,), np.float64))
    edge = N - (N - 0) % 4
    # over n, d: loss, t14, t15; 11*D*N operations, 64*D*N bytes
    for n in range(0, edge, 4):
        n_1 = n + 1
        n_2 = n + 2
        n_3 = n + 3
        for d in range(D):
            log_sigma_d = log_sigma[d]
            t5 = t6[d]
            mu_d = mu[d]
            x_dn = x[n, d]
            x_dn_1 = x[n_1, d]
            x_dn_2 = x[n_2, d]
            x_dn_3 = x[n_3, d]
            t7 = x_dn - mu_d  # line 6
            t7_1 = x_dn_1 - mu_d  # line 6
            t7_2 = x_dn_2 - mu_d  # line 6
            t7_3 = x_dn_3 - mu_d  # line 6
            z = t7 / t5  # line 6
            z_1 = t7_1 / t5  # line 6
            z_2 = t7_2 / t5  # line 6
            z_3 = t7_3 / t5  # line 6
            t8 = z * z  # line 7
            t8_1 = z_1 * z_1  # line 7
            t8_2 = z_2 * z_2  # line 7
            t8_3 = z_3 * z_3  # line 7
            t9 = 0.5 * t8  # line 7
            t9_1 = 0.5 * t8_1  # line 7
            t9_2 = 0.5 * t8_2  # line 7
            t9_3 = 0.5 * t8_3  # line 7
            t10 = t9 + log_sigma_d  # line 7
            t10_1 = t9_1 + log_sigma_d  # line 7
            t10_2 = t9_2 + log_sigma_d  # line 7
            t10_3 = t9_3 + log_sigma_d  # line 7
            t11 = t10 + t3  # line 7
            t11_1 = t10_1 + t3  # line 7
            t11_2 = t10_2 + t3  # line 7
            t11_3 = t10_3 + t3  # line 7
            loss = _plus(loss, t11)  # line 7
            loss = _plus(loss, t11_1)  # line 7
            loss = _plus(loss, t11_2)  # line 7
            loss = _plus(loss, t11_3)  # line 7
            t12 = z / t5  # backward of line 6: div gate
            t12_1 = z_1 / t5  # backward of line 6: div gate
            t12_2 = z_2 / t5  # backward of line 6: div gate
            t12_3 = z_3 / t5  # backward of line 6: div gate
            t13 = t12 * z  # backward of line 6: div gate
            t13_1 = t12_1 * z_1  # backward of line 6: div gate
            t13_2 = t12_2 * z_2  # backward of line 6: div gate
            t13_3 = t12_3 * z_3  # backward of line 6: div gate
            t14_ = t14[d]
            t14_ = t14_ + t13  # backward of line 6: div gate
            t14_ = t14_ + t13_1  # backward of line 6: div gate
            t14_ = t14_ + t13_2  # backward of line 6: div gate
            t14_ = t14_ + t13_3  # backward of line 6: div gate
            t14[d] = t14_
            t15_ = t15[d]
            t15_ = t15_ + t7  # backward of line 6: sub gate
            t15_ = t15_ + t7_1  # backward of line 6: sub gate
            t15_ = t15_ + t7_2  # backward of line 6: sub gate
            t15_ = t15_ + t7_3  # backward of line 6: sub gate
            t15[d] = t15_
    for n in range(edge, N):
        for d in range(D):
            log_sigma_d = log_sigma[d]
            t5 = t6[d]
            mu_d = mu[d]
            x_dn = x[n, d]
            t7 = x_dn - mu_d  # line 6
            z = t7 / t5  # line 6
            t8 = z * z  # line 7
            t9 = 0.5 * t8  # line 7
            t10 = t9 + log_sigma_d  # line 7
            t11 = t10 + t3  # line 7
            loss = _plus(loss, t11)  # line 7
            t12 = z / t5  # backward of line 6: div gate
            t13 = t12 * z  # backward of line 6: div gate
            t14[d] += t13  # backward of line 6: div gate
            t15[d] += t7  # backward of line 6: sub gate
    dmu = _own(np.empty((D,), np.float64))
    dlog_sigma = _own(np.empty((D,), np.float64))
    # over d: dmu, dlog_sigma; 5*D operations, 40*D bytes
    for d in range(D):
        t5 = t6[d]
        t15_d = t15[d]
        t16 = t15_d / t5  # backward of line 6: sub gate
        t17 = t16 / t5  # backward of line 6: sub gate
        dmu_d = -t17  # backward of line 6: sub gate
        dmu[d] = dmu_d
        t14_d = t14[d]
        t18 = t14_d * t5  # backward of line 6: exp gate
        dlog_sigma_d = t4 - t18  # backward of line 4: copy gate
        dlog_sigma[d] = dlog_sigma_d
    return (loss, dmu, dlog_sigma)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    mu: np.ndarray  # [D]
    log_sigma: np.ndarray  # [D]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(x, mu, log_sigma):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x, mu, log_sigma):
        _call = _direct_value_kernel.run
        _found = _call(x, mu, log_sigma)
    else:
        _found = value_kernel(*_checked(x, mu, log_sigma))
    return _found[0]


def value_and_grad(x, mu, log_sigma):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x, mu, log_sigma):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(x, mu, log_sigma)
    else:
        _found = value_and_grad_kernel(*_checked(x, mu, log_sigma))
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


def _checked(x, mu, log_sigma):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if x.__class__ is not _ARRAY or x.dtype is not _REAL or x.ndim != 2 or not x.flags.carray:
        x = _converted("x", x, ("N", "D"), "real")
    if mu.__class__ is not _ARRAY or mu.dtype is not _REAL or mu.ndim != 1 or not mu.flags.carray:
        mu = _converted("mu", mu, ("D",), "real")
    if log_sigma.__class__ is not _ARRAY or log_sigma.dtype is not _REAL or log_sigma.ndim != 1 or not log_sigma.flags.carray:
        log_sigma = _converted("log_sigma", log_sigma, ("D",), "real")
    N, D = x.shape
    if mu.shape[0] != D:
        raise ValueError(f"mu has {mu.shape[0]} elements, but D = {D} from x")
    if log_sigma.shape[0] != D:
        raise ValueError(f"log_sigma has {log_sigma.shape[0]} elements, but D = {D} from x")
    return x, mu, log_sigma


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
def _fit(_array, _real, x, mu, log_sigma):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(x, _array, _real, 2)):
        return False
    if not (_is_array(mu, _array, _real, 1)):
        return False
    if not (_is_array(log_sigma, _array, _real, 1)):
        return False
    N = _size(x, 0)
    D = _size(x, 1)
    return _size(mu, 0) == D and _size(log_sigma, 0) == D


_fitting = _Direct(_fit, 100, *[_ANY] * 5)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[::1], types.float64[::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
