# Made by gradcompile 0.1.0 from examples/black_scholes.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 7147418acdb79e6478714c86971c47b23b016552548caa30bfe02083fc423bc7
# options: --target numba --emit value,value_and_grad
# operations: value 29*N + 1; value_and_grad 73*N + 1
# --- certificate ---
# graph: value total: agrees (mpmath), to 50 digits at 3 points
# graph: gradient S: agrees (sympy at points), to 50 digits at 3 points
# graph: gradient K: agrees (sympy at points), to 50 digits at 3 points
# graph: gradient T: agrees (sympy at points), to 50 digits at 3 points
# graph: gradient r: agrees (sympy at points), to 50 digits at 3 points
# graph: gradient sigma: proved (sympy), equal to SymPy's derivative
# code: N = 2: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# claim, line 17: agrees (mpmath), grad(total, S) == cdf(d1)
# claim, line 18: agrees (mpmath), grad(total, sigma) == S * density * sqrt(T)
# claim, line 19: agrees (mpmath), grad(total, r) == K * T * exp(-r * T) * cdf(d2)
# claim, line 20: agrees (mpmath), grad(total, K) == -exp(-r * T) * cdf(d2)
# claim, line 21: agrees (mpmath), grad(total, T) == S * density * sigma / (2 * sqrt(T)) + r * K * exp(-r * T) * cdf(d2)
# --- end of certificate ---

"""Black-Scholes: the value of a book of European call options; the gradients are the Greeks.

    from black_scholes import value, value_and_grad
    total = value(S, K, T, r, sigma)
    total, gradient = value_and_grad(S, K, T, r, sigma)

Arguments: S[N] (differentiated), K[N] (differentiated), T[N] (differentiated), r[N] (differentiated),
sigma[N] (differentiated).
"""

from typing import NamedTuple

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


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


@intrinsic
def _fma(context, a, b, c):
    """a * b + c with one rounding."""
    return a(a, b, c), lambda context, builder, signature, values: builder.fma(*values)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _erfc(x):
    """1 - erf(x), within 2 units in the last place: exp(-x^2), x^2 in two parts, times a smooth function / (1 + |x|).

    What sum and quotient lost is put back, times a rough 1 / (1 + |x|).
    """
    a = abs(x)
    a = 28.0 if a > 28.0 else a
    square, below, t = a * a, 1.0 + a, (a - 3.75) / (a + 3.75)
    place, w = _exp_parts(-square)
    p = (4.623205201313619e-17 + t * (-0.20683126504048663 + t * 0.11479674120104243 + t * t * (-0.040647578516900894 + t * -0.0030998090547467556) + t * t * (t * t) * 
        (0.018750997233113728 + t * -0.017275087309177473 + t * t * (0.01007082812556739 + t * -0.003971808565179223) + t * t * (t * t) * 
        (0.0008650453234277536 + t * 7.062547599454583e-05 + t * t * (-0.00012112799559007255 + t * 2.7616438230910102e-05) + t * t * (t * t) * 
        (8.101618841549877e-06 + t * -5.347627508515855e-06 + t * t * (-1.598017905885365e-07 + t * 7.832177259010929e-07) + t * t * (t * t) * 
        (-6.098492533098921e-08 + t * -1.1170940612682693e-07 + t * t * (1.2855204959273811e-08 + t * 1.486395723710759e-08) + t * t * (t * t) * 
        (-1.0337174761040802e-09 + t * -1.204621598901273e-09)))))))
    tail = p + (0.691551176056433 + p) * (w - _fma(a, a, -square) * (1.0 + w))
    above = 0.691551176056433 + tail
    y = above / below
    lost = _fma(-y, below, above) + ((tail - (above - 0.691551176056433)) - y * (a - (below - 1.0)))
    y = y + lost * (1.0 - t) * (0.2094 + t * (0.0964 * t - 0.1457))
    one, other = _halves(place)
    y = y * one * other
    return y if x > 0.0 else 2.0 - y


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
def value_kernel(S, K, T, r, sigma):
    N = S.shape[0]
    t1 = np.sqrt(2)  # line 9
    t2 = 1.0 / t1  # line 9
    total = 0.0
    # over n: total; 29*N operations, 40*N bytes
    for n in range(N):
        T_n = T[n]
        t3 = np.sqrt(T_n)  # line 11
        sigma_n = sigma[n]
        t4 = sigma_n * t3  # line 11
        t5 = sigma_n * sigma_n  # line 11
        t6 = 0.5 * t5  # line 11
        r_n = r[n]
        t7 = r_n + t6  # line 11
        t8 = t7 * T_n  # line 11
        K_n = K[n]
        S_n = S[n]
        t9 = S_n / K_n  # line 11
        t10 = _log(t9)  # line 11
        t11 = t10 + t8  # line 11
        d1 = t11 / t4  # line 11
        d2 = d1 - t4  # line 12
        t12 = d2 * t2  # line 9
        t13 = -t12  # line 9
        t14 = _erfc(t13)  # line 9
        t15 = 0.5 * t14  # line 9
        t16 = r_n * T_n  # line 13
        t17 = -t16  # line 13
        t18 = _exp(t17)  # line 13
        t19 = K_n * t18  # line 13
        t20 = t19 * t15  # line 13
        t21 = d1 * t2  # line 9
        t22 = -t21  # line 9
        t23 = _erfc(t22)  # line 9
        t24 = 0.5 * t23  # line 9
        t25 = S_n * t24  # line 13
        price = t25 - t20  # line 13
        total = _plus(total, price)  # line 14
    return (total,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(S, K, T, r, sigma):
    N = S.shape[0]
    t1 = np.sqrt(2)  # line 9
    t2 = 1.0 / t1  # line 9
    total = 0.0
    dsigma = _own(np.empty((N,), np.float64))
    dr = _own(np.empty((N,), np.float64))
    dT = _own(np.empty((N,), np.float64))
    dS = _own(np.empty((N,), np.float64))
    dK = _own(np.empty((N,), np.float64))
    # over n: total, dsigma, dr, dT, dS, dK; 73*N operations, 80*N bytes
    for n in range(N):
        T_n = T[n]
        t3 = np.sqrt(T_n)  # line 11
        sigma_n = sigma[n]
        t4 = sigma_n * t3  # line 11
        t5 = sigma_n * sigma_n  # line 11
        t6 = 0.5 * t5  # line 11
        r_n = r[n]
        t7 = r_n + t6  # line 11
        t8 = t7 * T_n  # line 11
        K_n = K[n]
        S_n = S[n]
        t9 = S_n / K_n  # line 11
        t10 = _log(t9)  # line 11
        t11 = t10 + t8  # line 11
        d1 = t11 / t4  # line 11
        d2 = d1 - t4  # line 12
        t12 = d2 * t2  # line 9
        t13 = -t12  # line 9
        t14 = _erfc(t13)  # line 9
        t15 = 0.5 * t14  # line 9
        t16 = r_n * T_n  # line 13
        t17 = -t16  # line 13
        t18 = _exp(t17)  # line 13
        t19 = K_n * t18  # line 13
        t20 = t19 * t15  # line 13
        t21 = d1 * t2  # line 9
        t22 = -t21  # line 9
        t23 = _erfc(t22)  # line 9
        t24 = 0.5 * t23  # line 9
        t25 = S_n * t24  # line 13
        price = t25 - t20  # line 13
        total = _plus(total, price)  # line 14
        t26 = d1 / t4  # backward of line 11: div gate
        t27 = t12 * t12  # backward of line 9: erfc gate
        t28 = -t27  # backward of line 9: erfc gate
        t29 = _exp(t28)  # backward of line 9: erfc gate
        t30 = -1.1283791670955126 * t29  # backward of line 9: erfc gate
        t31 = -0.5 * t19  # backward of line 9: mul gate
        t32 = t31 * t30  # backward of line 9: erfc gate
        t33 = t21 * t21  # backward of line 9: erfc gate
        t34 = -t33  # backward of line 9: erfc gate
        t35 = _exp(t34)  # backward of line 9: erfc gate
        t36 = -1.1283791670955126 * t35  # backward of line 9: erfc gate
        t37 = S_n * 0.5  # backward of line 9: mul gate
        t38 = t37 * t36  # backward of line 9: erfc gate
        t39 = t38 + t32  # backward of line 11: copy gate
        t40 = t39 * t26  # backward of line 11: copy gate
        t41 = t32 + t40  # backward of line 11: copy gate
        t42 = t41 * t2  # backward of line 11: copy gate
        t43 = t42 * t3  # backward of line 11: mul gate
        t44 = 2 * sigma_n  # backward of line 11: square gate
        t45 = t39 * t2  # backward of line 11: copy gate
        t46 = t45 / t4  # backward of line 11: div gate
        t47 = t46 * T_n  # backward of line 11: mul gate
        t48 = -0.5 * t47  # backward of line 11: mul gate
        t49 = t48 * t44  # backward of line 11: square gate
        dsigma_n = t49 + t43  # backward of line 6: copy gate
        dsigma[n] = dsigma_n
        t50 = -0.5 * t14  # backward of line 13: mul gate
        t51 = t50 * K_n  # backward of line 13: mul gate
        t52 = t51 * t18  # backward of line 13: exp gate
        t53 = t46 + t52  # backward of line 5: copy gate
        t54 = t53 * T_n  # backward of line 5: copy gate
        dr_n = -t54  # backward of line 5: copy gate
        dr[n] = dr_n
        t55 = r_n * t52  # backward of line 13: mul gate
        t56 = t46 * t7  # backward of line 11: mul gate
        t57 = t56 + t55  # backward of line 4: copy gate
        t58 = 0.5 / t3  # backward of line 11: sqrt gate
        t59 = t42 * sigma_n  # backward of line 11: mul gate
        t60 = t59 * t58  # backward of line 11: sqrt gate
        dT_n = t60 - t57  # backward of line 4: copy gate
        dT[n] = dT_n
        t61 = t46 / t9  # backward of line 11: log gate
        t62 = t61 / K_n  # backward of line 11: div gate
        dS_n = t24 - t62  # backward of line 2: copy gate
        dS[n] = dS_n
        t63 = t62 * t9  # backward of line 11: div gate
        t64 = t50 * t18  # backward of line 13: mul gate
        dK_n = t64 + t63  # backward of line 3: copy gate
        dK[n] = dK_n
    return (total, dS, dK, dT, dr, dsigma)


class Gradient(NamedTuple):
    """The gradient of total with respect to each parameter."""

    S: np.ndarray  # [N]
    K: np.ndarray  # [N]
    T: np.ndarray  # [N]
    r: np.ndarray  # [N]
    sigma: np.ndarray  # [N]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(S, K, T, r, sigma):
    """Return total."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, S, K, T, r, sigma):
        _call = _direct_value_kernel.run
        _found = _call(S, K, T, r, sigma)
    else:
        _found = value_kernel(*_checked(S, K, T, r, sigma))
    return _found[0]


def value_and_grad(S, K, T, r, sigma):
    """Return total and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, S, K, T, r, sigma):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(S, K, T, r, sigma)
    else:
        _found = value_and_grad_kernel(*_checked(S, K, T, r, sigma))
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


def _checked(S, K, T, r, sigma):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if S.__class__ is not _ARRAY or S.dtype is not _REAL or S.ndim != 1 or not S.flags.carray:
        S = _converted("S", S, ("N",), "real")
    if K.__class__ is not _ARRAY or K.dtype is not _REAL or K.ndim != 1 or not K.flags.carray:
        K = _converted("K", K, ("N",), "real")
    if T.__class__ is not _ARRAY or T.dtype is not _REAL or T.ndim != 1 or not T.flags.carray:
        T = _converted("T", T, ("N",), "real")
    if r.__class__ is not _ARRAY or r.dtype is not _REAL or r.ndim != 1 or not r.flags.carray:
        r = _converted("r", r, ("N",), "real")
    if sigma.__class__ is not _ARRAY or sigma.dtype is not _REAL or sigma.ndim != 1 or not sigma.flags.carray:
        sigma = _converted("sigma", sigma, ("N",), "real")
    N = S.shape[0]
    if K.shape[0] != N:
        raise ValueError(f"K has {K.shape[0]} elements, but N = {N} from S")
    if T.shape[0] != N:
        raise ValueError(f"T has {T.shape[0]} elements, but N = {N} from S")
    if r.shape[0] != N:
        raise ValueError(f"r has {r.shape[0]} elements, but N = {N} from S")
    if sigma.shape[0] != N:
        raise ValueError(f"sigma has {sigma.shape[0]} elements, but N = {N} from S")
    return S, K, T, r, sigma


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
def _fit(_array, _real, S, K, T, r, sigma):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(S, _array, _real, 1)):
        return False
    if not (_is_array(K, _array, _real, 1)):
        return False
    if not (_is_array(T, _array, _real, 1)):
        return False
    if not (_is_array(r, _array, _real, 1)):
        return False
    if not (_is_array(sigma, _array, _real, 1)):
        return False
    N = _size(S, 0)
    return _size(K, 0) == N and _size(T, 0) == N and _size(r, 0) == N and _size(sigma, 0) == N


_fitting = _Direct(_fit, 100, *[_ANY] * 7)


_KNOWN = (  # types of the arguments
    types.float64[::1], types.float64[::1], types.float64[::1], types.float64[::1], types.float64[::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
