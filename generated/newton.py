# Made by gradcompile 0.1.0 from examples/newton.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: a2954d1e9f313438cdf49dce89dbc2ffe87085bedce3b41b174d4e99ef5d0d34
# options: --target numba --emit value,value_and_grad
# operations: value 3*M + N + 9*T + 4; value_and_grad 4*M + N + 31*T + 11
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient tau: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
# code: N = 3, M = 4: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: M = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: N = 9: agrees, within 2^0 units in the last place
# code: M = 7: agrees, within 2^0 units in the last place
# code: T = 0: agrees, within 2^0 units in the last place
# code: T = 17: agrees, within 2^0 units in the last place
# claim, line 21: proved (sympy), grad(loss, theta) == exp(theta) - mean(held_out)
# --- end of certificate ---

"""Newton's method on the likelihood of a rate: its steps are derivatives, and the whole of it is differentiated again.

The counts are Poisson with the rate exp(theta), and theta has a Gaussian prior of precision tau. The result is the loss
of the fitted theta on other counts, as a function of the prior: a hyperparameter's gradient through the optimiser.

    from newton import value, value_and_grad
    loss = value(counts, held_out, tau, T=5)
    loss, gradient = value_and_grad(counts, held_out, tau, T=5)

Arguments: counts[N], held_out[M], tau (differentiated), T.
"""

from typing import NamedTuple

from numba import njit
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


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(counts, held_out, tau, T):
    N = counts.shape[0]
    M = held_out.shape[0]
    t1 = 0.5 * tau  # line 14
    t2 = float(N)  # backward of line 14: sub gate
    t3 = 0.0
    # over n: t3; N operations, 8*N bytes
    for n in range(N):
        counts_n = counts[n]
        t3 = _plus(t3, counts_n)  # backward of line 14: mul gate
    theta = 0.0
    # over step: checks; 9*T operations, 0 bytes
    for step in range(T):
        t4 = np.exp(theta)  # line 14
        t5 = 2 * theta  # backward of line 14: square gate
        t6 = t1 * t5  # backward of line 14: square gate
        t7 = t2 * t4  # backward of line 14: exp gate
        t8 = t6 - t3
        t9 = t8 + t7
        t10 = tau + t7
        t11 = t9 / t10  # line 17
        t12 = theta - t11  # line 17
        theta = t12
    t13 = np.exp(theta)  # line 19
    t16 = 0.0
    # over m: t16; 3*M operations, 8*M bytes
    for m in range(M):
        held_out_m = held_out[m]
        t14 = held_out_m * theta  # line 19
        t15 = t13 - t14  # line 19
        t16 = _plus(t16, t15)  # line 19
    loss = t16 / M  # line 19
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(counts, held_out, tau, T):
    N = counts.shape[0]
    M = held_out.shape[0]
    t1 = 0.5 * tau  # line 14
    t2 = float(N)  # backward of line 14: sub gate
    t3 = M / M  # backward of line 19: sub gate
    t4 = 0.0
    # over n: t4; N operations, 8*N bytes
    for n in range(N):
        counts_n = counts[n]
        t4 = _plus(t4, counts_n)  # backward of line 14: mul gate
    theta = _own(np.empty((T + 1,), np.float64))
    theta[0] = 0.0
    # over step: theta; 9*T operations, 16*T bytes
    for step in range(T):
        theta_ = theta[step]
        t5 = np.exp(theta_)  # line 14
        t6 = 2 * theta_  # backward of line 14: square gate
        t7 = t1 * t6  # backward of line 14: square gate
        t8 = t2 * t5  # backward of line 14: exp gate
        t9 = t7 - t4
        t10 = t9 + t8
        t11 = tau + t8
        t12 = t10 / t11  # line 17
        t13 = theta_ - t12  # line 17
        theta[step + 1] = t13
    theta__ = theta[T]
    t14 = np.exp(theta__)  # line 19
    t15 = t3 * t14  # backward of line 19: exp gate
    theta__ = theta[T]
    t18 = 0.0
    t19 = 0.0
    # over m: t18, t19; 4*M operations, 8*M bytes
    for m in range(M):
        held_out_m = held_out[m]
        t16 = held_out_m * theta__  # line 19
        t17 = t14 - t16  # line 19
        t18 = _plus(t18, t17)  # line 19
        t19 = _plus(t19, held_out_m)  # backward of line 19: mul gate
    loss = t18 / M  # line 19
    t20 = t19 / M  # backward of line 19: mul gate
    dtheta = t15 - t20  # backward of line 13: copy gate
    t22 = _own(np.empty((T,), np.float64))
    t25 = _own(np.empty((T,), np.float64))
    t31 = _own(np.empty((T,), np.float64))
    # over step: t22, t25, t31; 8*T operations, 32*T bytes
    for step in range(T):
        theta_step = theta[step]
        t21 = _exp(theta_step)  # line 14
        t22[step] = t21
        t23 = t2 * t21  # backward of line 14: exp gate
        t24 = tau + t23
        t25[step] = t24
        t26 = 2 * theta_step  # backward of line 14: square gate
        t27 = t1 * t26  # backward of line 14: square gate
        t28 = t27 - t4
        t29 = t28 + t23
        t30 = t29 / t24  # line 17
        t31[step] = t30
    state = _own(np.empty((T + 1,), np.float64))
    state[T] = dtheta
    # over step: state; 9*T operations, 40*T bytes
    for step in range(T - 1, -1, -1):
        t24 = t25[step]
        theta_ = state[step + 1]
        t32 = theta_ / t24  # backward of line 17: div gate
        t33 = t32 * t1  # backward of line 14: mul gate
        t34 = -2 * t33  # backward of line 14: mul gate
        t35 = theta_ + t34  # backward of line 13: copy gate
        t30 = t31[step]
        t36 = t32 * t30  # backward of line 17: div gate
        t37 = t36 - t32  # backward of line 14: copy gate
        t38 = t37 * t2  # backward of line 14: mul gate
        t21 = t22[step]
        t39 = t38 * t21  # backward of line 14: exp gate
        t40 = t35 + t39  # backward of line 13: copy gate
        state[step] = t40
    t43 = 0.0
    t45 = 0.0
    # over step: t43, t45; 6*T operations, 32*T bytes
    for step in range(T):
        theta_step = theta[step]
        t26 = 2 * theta_step  # backward of line 14: square gate
        t24 = t25[step]
        state_step = state[step + 1]
        t41 = state_step / t24  # backward of line 17: div gate
        t42 = t41 * t26  # backward of line 14: mul gate
        t43 = _plus(t43, t42)  # backward of line 14: mul gate
        t30 = t31[step]
        t44 = t41 * t30  # backward of line 17: div gate
        t45 = _plus(t45, t44)
    t46 = t45 * 2  # backward of line 14: mul gate
    t47 = t46 - t43  # backward of line 14: copy gate
    dtau = t47 * 0.5  # backward of line 14: mul gate
    return (loss, dtau)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    tau: float


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(counts, held_out, tau, T=5):
    """Return loss."""
    _found = value_kernel(*_checked(counts, held_out, tau, T))
    return _found[0]


def value_and_grad(counts, held_out, tau, T=5):
    """Return loss and its gradient."""
    _found = value_and_grad_kernel(*_checked(counts, held_out, tau, T))
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


def _checked(counts, held_out, tau, T):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if counts.__class__ is not _ARRAY or counts.dtype is not _REAL or counts.ndim != 1 or not counts.flags.carray:
        counts = _converted("counts", counts, ("N",), "real")
    if held_out.__class__ is not _ARRAY or held_out.dtype is not _REAL or held_out.ndim != 1 or not held_out.flags.carray:
        held_out = _converted("held_out", held_out, ("M",), "real")
    if tau.__class__ is not float:
        tau = float(_converted("tau", tau, (), "real"))
    if T.__class__ is not int:
        T = int(_converted("T", T, (), "integer"))
    N = counts.shape[0]
    M = held_out.shape[0]
    if T < 0:
        raise ValueError(f"`T` bounds a range, so it must be 0 or more. (T = {T}, 0)")
    return counts, held_out, tau, T
