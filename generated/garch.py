# Made by gradcompile 0.1.0 from examples/garch.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 295d4b923a5e1b6552e9e7ba65170b46ab03101f81f54833760d6ed8eb0d1dfb
# options: --target numba --emit value,value_and_grad
# operations: value 18*T - 5; value_and_grad 41*T - 14
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient mu: proved (sympy), equal to SymPy's derivative
# graph: gradient omega: proved (sympy), equal to SymPy's derivative
# graph: gradient alpha: proved (sympy), equal to SymPy's derivative
# graph: gradient beta: proved (sympy), equal to SymPy's derivative
# code: T = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: T = 0: agrees, the formula does not allow these sizes, and the module says so
# code: T = 9: agrees, within 2^0 units in the last place
# claim, line 18: proved (sympy), grad(loss, omega) == 0.5 * sum((variance - e**2) / variance**2 * dvariance)
# --- end of certificate ---

"""GARCH(1, 1): negative log-likelihood of returns whose variance follows their squares.

    from garch import value, value_and_grad
    loss = value(returns, mu, omega, alpha, beta)
    loss, gradient = value_and_grad(returns, mu, omega, alpha, beta)

Arguments: returns[T], mu (differentiated), omega (differentiated), alpha (differentiated), beta
(differentiated).
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


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log_sum(k, f):
    """k*log(2) + log(1 + f) for a whole k."""
    s = f / (2.0 + f)
    z = s * s
    h = 0.5 * f * f
    return k * 0.6931471805592082 + (f - (h - (s * (h + z * (0.6666666666666734 + z * (0.3999999999941438 + z * 0.2857142874246403 + z * z * (0.22222198564359882 + z * 0.181835648326685) + z * z * (z * z) * 
        (0.15314036442224369 + z * 0.14796101686198612)))) + k * 7.371002565167799e-13)))


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log_parts(x):
    """k and f with x = 2^k * (1 + f), x normal and sqrt(1/2) <= 1 + f < sqrt(2), from the bits of x."""
    bits = np.float64(x).view(np.int64) + 0x95f619980c433
    k = np.int64(bits >> 52 & 2047 | 0x4330000000000000).view(np.float64) - 4503599627371519.0
    return k, np.int64((bits & 0xfffffffffffff) + 0x3fe6a09e667f3bcd).view(np.float64) - 1.0


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log_parts_of_all(x):
    """The same for x > 0, subnormal ones as well."""
    small = x < 2.2250738585072014e-308
    k, f = _log_parts(x * 1.8014398509481984e+16 if small else x)
    return k - 54.0 if small else k, f


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log(x):
    """The natural logarithm, within 1 unit in the last place."""
    k, f = _log_parts_of_all(x)
    y = _log_sum(k, f)
    y = y if x < np.inf else x
    outside = -np.inf if x == 0.0 else np.nan
    y = y if x > 0.0 else outside
    return y


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(returns, mu, omega, alpha, beta):
    T = returns.shape[0]
    t1 = 2 * 3.141592653589793  # line 12
    e = _own(np.empty((T,), np.float64))
    t3 = 0.0
    # over t: e, t3; 3*T operations, 16*T bytes
    for t in range(T):
        returns_t = returns[t]
        e_t = returns_t - mu  # line 8
        e[t] = e_t
        t2 = e_t * e_t  # line 9
        t3 = _plus(t3, t2)  # line 9
    t4 = t3 / T  # line 9
    variance = _own(np.zeros((T,), np.float64))
    variance[0] += t4  # line 10
    state = _own(np.empty((T,), np.float64))
    state[0] = t4
    # over t_: state; 7*T - 7 operations, 24*T - 24 bytes
    for t_ in range(T - 1):
        state_ = state[t_]
        t5 = beta * state_  # line 11
        t6 = 1 + t_  # line 10
        t7 = t6 - 1  # line 11
        t8 = e[t7]
        t9 = t8 * t8  # line 11
        t10 = alpha * t9  # line 11
        t11 = omega + t10  # line 11
        t12 = t11 + t5  # line 11
        state[t_ + 1] = t12
    # over i: variance; 2*T - 2 operations, 24*T - 24 bytes
    for i in range(T - 1):
        t13 = i + 1  # line 10
        state_i = state[i + 1]
        variance[t13] += state_i  # line 10
    t18 = 0.0
    # over t: t18; 6*T operations, 16*T bytes
    for t in range(T):
        variance_t = variance[t]
        e_t = e[t]
        t2 = e_t * e_t  # line 9
        t14 = t2 / variance_t  # line 12
        t15 = t1 * variance_t  # line 12
        t16 = _log(t15)  # line 12
        t17 = t16 + t14  # line 12
        t18 = _plus(t18, t17)  # line 12
    loss = 0.5 * t18  # line 12
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(returns, mu, omega, alpha, beta):
    T = returns.shape[0]
    t1 = 2 * 3.141592653589793  # line 12
    e = _own(np.empty((T,), np.float64))
    t3 = 0.0
    # over t: e, t3; 3*T operations, 16*T bytes
    for t in range(T):
        returns_t = returns[t]
        e_t = returns_t - mu  # line 8
        e[t] = e_t
        t2 = e_t * e_t  # line 9
        t3 = _plus(t3, t2)  # line 9
    t4 = t3 / T  # line 9
    variance = _own(np.zeros((T,), np.float64))
    variance[0] += t4  # line 10
    state = _own(np.empty((T,), np.float64))
    state[0] = t4
    # over t_: state; 7*T - 7 operations, 24*T - 24 bytes
    for t_ in range(T - 1):
        state_ = state[t_]
        t5 = beta * state_  # line 11
        t6 = 1 + t_  # line 10
        t7 = t6 - 1  # line 11
        t8 = e[t7]
        t9 = t8 * t8  # line 11
        t10 = alpha * t9  # line 11
        t11 = omega + t10  # line 11
        t12 = t11 + t5  # line 11
        state[t_ + 1] = t12
    # over i: variance; 2*T - 2 operations, 24*T - 24 bytes
    for i in range(T - 1):
        t13 = i + 1  # line 10
        state_i = state[i + 1]
        variance[t13] += state_i  # line 10
    t18 = 0.0
    dvariance = _own(np.empty((T,), np.float64))
    # over t: t18, dvariance; 11*T operations, 24*T bytes
    for t in range(T):
        variance_t = variance[t]
        e_t = e[t]
        t2 = e_t * e_t  # line 9
        t14 = t2 / variance_t  # line 12
        t15 = t1 * variance_t  # line 12
        t16 = _log(t15)  # line 12
        t17 = t16 + t14  # line 12
        t18 = _plus(t18, t17)  # line 12
        t19 = 0.5 / t15  # backward of line 12: log gate
        t20 = t19 * t1  # backward of line 12: mul gate
        t21 = t14 / variance_t  # backward of line 12: div gate
        t22 = -0.5 * t21  # backward of line 12: div gate
        dvariance_t = t22 + t20  # backward of line 10: copy gate
        dvariance[t] = dvariance_t
    loss = 0.5 * t18  # line 12
    state_2 = _own(np.empty((T,), np.float64))
    state_2[(T - 1)] = 0.0
    # over t_: state_2; 3*T - 3 operations, 24*T - 24 bytes
    for t_ in range(T - 2, -1, -1):
        state_ = state_2[t_ + 1]
        t23 = t_ + 1  # line 10
        t24 = dvariance[t23]
        t25 = t24 + state_  # backward of line 10: recurrence gate
        t26 = t25 * beta  # backward of line 11: mul gate
        state_2[t_] = t26
    dbeta = 0.0
    domega = 0.0
    dalpha = 0.0
    t33 = _own(np.zeros((T,), np.float64))
    # over t_: dbeta, domega, dalpha, t33; 14*T - 14 operations, 48*T - 48 bytes
    for t_ in range(T - 1):
        state_t_ = state[t_]
        state_2_t_ = state_2[t_ + 1]
        t23 = t_ + 1  # line 10
        t24 = dvariance[t23]
        t27 = t24 + state_2_t_  # backward of line 10: recurrence gate
        t28 = t27 * state_t_  # backward of line 11: mul gate
        dbeta = _plus(dbeta, t28)  # backward of line 11: mul gate
        domega = _plus(domega, t27)  # backward of line 11: add gate
        t6 = 1 + t_  # line 10
        t7 = t6 - 1  # line 11
        t8 = e[t7]
        t9 = t8 * t8  # line 11
        t29 = t27 * t9  # backward of line 11: mul gate
        dalpha = _plus(dalpha, t29)  # backward of line 11: mul gate
        t30 = 2 * t8  # backward of line 11: square gate
        t31 = t27 * alpha  # backward of line 11: mul gate
        t32 = t31 * t30  # backward of line 11: square gate
        t33[t7] += t32  # backward of line 11: take gate
    state_2_ = state_2[0]
    t34 = dvariance[0]
    t35 = t34 + state_2_  # backward of line 9: copy gate
    t36 = t35 / T  # backward of line 9: div gate
    t41 = 0.0
    # over t: t41; 6*T operations, 24*T bytes
    for t in range(T):
        t33_t = t33[t]
        e_t = e[t]
        t37 = 2 * e_t  # backward of line 9: square gate
        variance_t = variance[t]
        t38 = 0.5 / variance_t  # backward of line 12: div gate
        t39 = t38 + t36  # backward of line 9: copy gate
        t40 = t39 * t37  # backward of line 9: square gate
        de = t40 + t33_t  # backward of line 8: copy gate
        t41 = _plus(t41, de)  # backward of line 8: sub gate
    dmu = -t41  # backward of line 8: sub gate
    return (loss, dmu, domega, dalpha, dbeta)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    mu: float
    omega: float
    alpha: float
    beta: float


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(returns, mu, omega, alpha, beta):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, returns, mu, omega, alpha, beta):
        _call = _direct_value_kernel.run
        _found = _call(returns, mu, omega, alpha, beta)
    else:
        _found = value_kernel(*_checked(returns, mu, omega, alpha, beta))
    return _found[0]


def value_and_grad(returns, mu, omega, alpha, beta):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, returns, mu, omega, alpha, beta):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(returns, mu, omega, alpha, beta)
    else:
        _found = value_and_grad_kernel(*_checked(returns, mu, omega, alpha, beta))
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


def _checked(returns, mu, omega, alpha, beta):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if returns.__class__ is not _ARRAY or returns.dtype is not _REAL or returns.ndim != 1 or not returns.flags.carray:
        returns = _converted("returns", returns, ("T",), "real")
    if mu.__class__ is not float:
        mu = float(_converted("mu", mu, (), "real"))
    if omega.__class__ is not float:
        omega = float(_converted("omega", omega, (), "real"))
    if alpha.__class__ is not float:
        alpha = float(_converted("alpha", alpha, (), "real"))
    if beta.__class__ is not float:
        beta = float(_converted("beta", beta, (), "real"))
    T = returns.shape[0]
    if T - 1 < 0:
        raise ValueError(f"`range(1, T)` ends before it starts. (T - 1 = {T - 1}, 0)")
    return returns, mu, omega, alpha, beta


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
def _fit(_array, _real, returns, mu, omega, alpha, beta):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(returns, _array, _real, 1)):
        return False
    if not (_is_a(mu, "PyFloat_Type")):
        return False
    if not (_is_a(omega, "PyFloat_Type")):
        return False
    if not (_is_a(alpha, "PyFloat_Type")):
        return False
    if not (_is_a(beta, "PyFloat_Type")):
        return False
    T = _size(returns, 0)
    return T - 1 >= 0


_fitting = _Direct(_fit, 100, *[_ANY] * 7)


_KNOWN = (  # types of the arguments
    types.float64[::1], types.double, types.double, types.double, types.double,
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
