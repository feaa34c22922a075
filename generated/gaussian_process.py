# Made by gradcompile 0.1.0 from examples/gaussian_process.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 810a4a90964a8bf4c773ecbde02bb114c9b8bea05114329def31f2590b28f3c5
# options: --target numba --emit value,value_and_grad
# operations: value 3*D*N**2 + N**3 + D*N + 11*N**2 + D + 2*N + 10; value_and_grad 7*D*N**2 + 3*N**3 + 6*D*N + 19*N**2 + 3*D + 8*N + 13
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient log_length: proved (sympy), equal to SymPy's derivative
# graph: gradient log_amplitude: proved (sympy), equal to SymPy's derivative
# graph: gradient log_noise: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# claim, line 18: agrees (mpmath), loss == 0.5 * (y @ alpha + logdet(K) + N * log(2 * pi))
# claim, line 19: proved (sympy), grad(loss, y) == alpha
# claim, line 20: proved (sympy), grad(loss, K) == 0.5 * (inv(K) - outer(alpha, alpha))
# --- end of certificate ---

"""Gaussian process: negative log marginal likelihood with a squared-exponential kernel.

    from gaussian_process import value, value_and_grad
    loss = value(X, y, log_length, log_amplitude, log_noise)
    loss, gradient = value_and_grad(X, y, log_length, log_amplitude, log_noise)

Arguments: X[N, D], y[N], log_length[D] (differentiated), log_amplitude (differentiated), log_noise
(differentiated).
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _cholesky(a):
    """Return the lower triangular L with L @ L.T = a."""
    return np.linalg.cholesky(np.ascontiguousarray(a))


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _columns(b):
    """Return a copy of a vector or an array as the columns of a matrix."""
    return np.ascontiguousarray(b).copy().reshape((b.shape[0], b.size // max(1, b.shape[0])))


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _regular(a):
    """Raise LinAlgError where the diagonal of a triangle has a zero."""
    for i in range(a.shape[0]):
        if a[i, i] == 0.0:
            raise np.linalg.LinAlgError("Singular matrix")


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _subtract(x, start, product):
    """Subtract a matrix from the rows of x from `start` on, in the last columns."""
    first = x.shape[1] - product.shape[1]
    for i in range(product.shape[0]):
        for j in range(product.shape[1]):
            x[start + i, first + j] -= product[i, j]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _forward(low, x, unit):
    """Solve low @ y = x in place of x by blocks; with `unit` 1, the diagonal counts as ones."""
    n, m = x.shape
    for start in range(0, n, 48):
        stop = min(start + 48, n)
        if start > 0:
            _subtract(x, start, np.dot(np.ascontiguousarray(low[start:stop, :start]), x[:start]))
        for i in range(start, stop):
            for k in range(start, i):
                factor = low[i, k]
                for j in range(m):
                    x[i, j] -= factor * x[k, j]
            if unit == 0:
                for j in range(m):
                    x[i, j] /= low[i, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _solve_lower(low, b):
    """Return x with low @ x = b, from the lower triangle alone."""
    rows = np.ascontiguousarray(low)
    _regular(rows)
    x = _columns(b)
    _forward(rows, x, 0)
    return x.reshape(b.shape)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _backward(up, x, unit):
    """Solve up @ y = x in place of x by blocks from the last; with `unit` 1, the diagonal counts as ones."""
    n, m = x.shape
    for stop in range(n, 0, -48):
        start = max(stop - 48, 0)
        if stop < n:
            _subtract(x, start, np.dot(np.ascontiguousarray(up[start:stop, stop:]), x[stop:]))
        for i in range(stop - 1, start - 1, -1):
            for k in range(i + 1, stop):
                factor = up[i, k]
                for j in range(m):
                    x[i, j] -= factor * x[k, j]
            if unit == 0:
                for j in range(m):
                    x[i, j] /= up[i, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _solve_upper(up, b):
    """Return x with up @ x = b, from the upper triangle alone."""
    rows = np.ascontiguousarray(up)
    _regular(rows)
    x = _columns(b)
    _backward(rows, x, 0)
    return x.reshape(b.shape)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, y, log_length, log_amplitude, log_noise):
    N, D = X.shape
    t2 = np.empty((D,), np.float64)
    for d in range(D):
        log_length_d = log_length[d]
        t1 = np.exp(log_length_d)  # line 8
        t2[d] = t1
    t3 = 2 * log_amplitude  # line 10
    t4 = 2 * log_noise  # line 10
    t5 = np.exp(t4)  # line 10
    t6 = 0.5 * N  # line 14
    t7 = 2 * 3.141592653589793  # line 14
    t8 = np.log(t7)  # line 14
    t9 = t6 * t8  # line 14
    distance2 = np.empty((N, N), np.float64)
    for n in range(N):
        for n1 in range(N):
            distance2_nn1 = 0.0
            for d in range(D):
                t1 = t2[d]
                X_dn1 = X[n1, d]
                Z = X_dn1 / t1  # line 8
                X_dn = X[n, d]
                Z_ = X_dn / t1  # line 8
                t10 = Z_ - Z  # line 9
                t11 = t10 * t10  # line 9
                distance2_nn1 += t11  # line 9
            distance2[n, n1] = distance2_nn1
    K = np.empty((N, N), np.float64)
    for n in range(N):
        for n1 in range(N):
            t12 = n == n1  # line 10
            t13 = 1.0 if t12 else 0.0  # line 10
            t14 = t5 * t13  # line 10
            distance2_nn1_ = distance2[n, n1]
            t15 = 0.5 * distance2_nn1_  # line 10
            t16 = t3 - t15  # line 10
            t17 = np.exp(t16)  # line 10
            K_nn1 = t17 + t14  # line 10
            K[n, n1] = K_nn1
    t18 = _cholesky(K)  # line 12
    t19 = _solve_lower(t18, y)  # line 13
    t20 = _solve_upper(t18.T, t19)  # line 14
    t22 = 0.0
    t26 = 0.0
    for n in range(N):
        t20_n = t20[n]
        y_n = y[n]
        t21 = y_n * t20_n  # line 14
        t22 += t21  # line 14
        t23 = t18[n, n]
        t24 = abs(t23)  # line 14
        t25 = np.log(t24)  # line 14
        t26 += t25  # line 14
    t27 = 2.0 * t26  # line 14
    t28 = t22 + t27  # line 14
    t29 = t28 * 0.5  # line 14
    loss = t29 + t9  # line 14
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, y, log_length, log_amplitude, log_noise):
    N, D = X.shape
    t2 = np.empty((D,), np.float64)
    for d in range(D):
        log_length_d = log_length[d]
        t1 = np.exp(log_length_d)  # line 8
        t2[d] = t1
    t3 = 2 * log_amplitude  # line 10
    t4 = 2 * log_noise  # line 10
    t5 = np.exp(t4)  # line 10
    t6 = 0.5 * N  # line 14
    t7 = 2 * 3.141592653589793  # line 14
    t8 = np.log(t7)  # line 14
    t9 = t6 * t8  # line 14
    distance2 = np.empty((N, N), np.float64)
    for n in range(N):
        for n1 in range(N):
            distance2_nn1 = 0.0
            for d in range(D):
                t1 = t2[d]
                X_dn1 = X[n1, d]
                Z = X_dn1 / t1  # line 8
                X_dn = X[n, d]
                Z_ = X_dn / t1  # line 8
                t10 = Z_ - Z  # line 9
                t11 = t10 * t10  # line 9
                distance2_nn1 += t11  # line 9
            distance2[n, n1] = distance2_nn1
    t15 = np.empty((N, N), np.float64)
    K = np.empty((N, N), np.float64)
    for n in range(N):
        for n1 in range(N):
            distance2_nn1_ = distance2[n, n1]
            t12 = 0.5 * distance2_nn1_  # line 10
            t13 = t3 - t12  # line 10
            t14 = np.exp(t13)  # line 10
            t15[n, n1] = t14
            t16 = n == n1  # line 10
            t17 = 1.0 if t16 else 0.0  # line 10
            t18 = t5 * t17  # line 10
            K_nn1 = t14 + t18  # line 10
            K[n, n1] = K_nn1
    t19 = _cholesky(K)  # line 12
    t20 = _solve_lower(t19, y)  # line 13
    t21 = _solve_upper(t19.T, t20)  # line 14
    t23 = 0.0
    t27 = 0.0
    for n in range(N):
        t21_n = t21[n]
        y_n = y[n]
        t22 = y_n * t21_n  # line 14
        t23 += t22  # line 14
        t24 = t19[n, n]
        t25 = abs(t24)  # line 14
        t26 = np.log(t25)  # line 14
        t27 += t26  # line 14
    t28 = 2.0 * t27  # line 14
    t29 = t23 + t28  # line 14
    t30 = t29 * 0.5  # line 14
    loss = t30 + t9  # line 14
    t33 = np.empty((N, N), np.float64)
    for n in range(N):
        for n2 in range(N):
            t31 = n == n2  # backward of line 14: logdet_pd gate
            t32 = 1.0 if t31 else 0.0  # backward of line 14: logdet_pd gate
            t33[n, n2] = t32
    t34 = _solve_lower(t19, t33)  # backward of line 14: logdet_pd gate
    t35 = _solve_upper(t19.T, t34)  # backward of line 14: logdet_pd gate
    t36 = np.empty((N, N), np.float64)
    for n1 in range(N):
        for n in range(N):
            t35_n1n = t35[n1, n]
            t36[n1, n] = t35_n1n
    t41 = 0.0
    for n in range(N):
        t21_n = t21[n]
        t37 = 0.5 * t21_n  # backward of line 14: solve_pd gate
        for n1 in range(N):
            t14 = t15[n, n1]
            t21_n1 = t21[n1]
            t38 = t37 * t21_n1  # backward of line 14: solve_pd gate
            t36_nn1 = t36[n1, n]
            t39 = 0.5 * t36_nn1  # backward of line 14: logdet_pd gate
            dK = t39 - t38  # backward of line 10: copy gate
            t40 = dK * t14  # backward of line 10: exp gate
            t41 += t40  # backward of line 10: sub gate
    t46 = 0.0
    for n in range(N):
        t21_n = t21[n]
        t37 = 0.5 * t21_n  # backward of line 14: solve_pd gate
        t42 = t37 * t21_n  # backward of line 14: solve_pd gate
        t43 = t36[n, n]
        t44 = 0.5 * t43  # backward of line 14: logdet_pd gate
        t45 = t44 - t42  # backward of line 10: copy gate
        t46 += t45  # backward of line 10: mul gate
    t47 = t46 * t5  # backward of line 10: exp gate
    dlog_noise = t47 * 2  # backward of line 10: mul gate
    dlog_amplitude = t41 * 2  # backward of line 10: mul gate
    t50 = np.zeros((N, D), np.float64)
    t51 = np.zeros((N, D), np.float64)
    for n in range(N):
        t21_n = t21[n]
        t37 = 0.5 * t21_n  # backward of line 14: solve_pd gate
        for n1 in range(N):
            t14 = t15[n, n1]
            t21_n1 = t21[n1]
            t38 = t37 * t21_n1  # backward of line 14: solve_pd gate
            t36_nn1 = t36[n1, n]
            t39 = 0.5 * t36_nn1  # backward of line 14: logdet_pd gate
            dK = t39 - t38  # backward of line 10: copy gate
            t40 = dK * t14  # backward of line 10: exp gate
            ddistance2 = -0.5 * t40  # backward of line 10: mul gate
            for d in range(D):
                t1 = t2[d]
                X_dn1 = X[n1, d]
                Z = X_dn1 / t1  # line 8
                X_dn = X[n, d]
                Z_ = X_dn / t1  # line 8
                t10 = Z_ - Z  # line 9
                t48 = 2 * t10  # backward of line 9: square gate
                t49 = ddistance2 * t48  # backward of line 9: square gate
                t50[n, d] += t49  # backward of line 9: sub gate
                t51[n1, d] += t49  # backward of line 9: sub gate
    t55 = np.zeros((D,), np.float64)
    for n in range(N):
        for d in range(D):
            t51_dn = t51[n, d]
            t52 = -t51_dn  # backward of line 9: sub gate
            t50_dn = t50[n, d]
            dZ = t50_dn + t52  # backward of line 8: copy gate
            t1 = t2[d]
            X_dn = X[n, d]
            Z_ = X_dn / t1  # line 8
            t53 = Z_ / t1  # backward of line 8: div gate
            t54 = t53 * dZ  # backward of line 8: div gate
            t55[d] += t54  # backward of line 8: div gate
    dlog_length = np.empty((D,), np.float64)
    for d in range(D):
        t1 = t2[d]
        t55_d = t55[d]
        t56 = t55_d * t1  # backward of line 8: exp gate
        dlog_length_d = -t56  # backward of line 8: exp gate
        dlog_length[d] = dlog_length_d
    return (loss, dlog_length, dlog_amplitude, dlog_noise)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    log_length: np.ndarray  # [D]
    log_amplitude: float
    log_noise: float


def value(X, y, log_length, log_amplitude, log_noise):
    """Return loss."""
    return value_kernel(*_checked(X, y, log_length, log_amplitude, log_noise))[0]


def value_and_grad(X, y, log_length, log_amplitude, log_noise):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(X, y, log_length, log_amplitude, log_noise))
    return _value, Gradient(*_gradient)


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


_REAL = np.dtype(np.float64)


def _real(name, x, shape):
    """Return x as the kernels take it; at once where it is so already."""
    if x.__class__ is np.ndarray and x.dtype == _REAL and x.ndim == len(shape) and x.flags.carray:
        return x
    return _converted(name, x, shape, "real")


def _checked(X, y, log_length, log_amplitude, log_noise):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    X = _real("X", X, ("N", "D"))
    y = _real("y", y, ("N",))
    log_length = _real("log_length", log_length, ("D",))
    log_amplitude = log_amplitude if log_amplitude.__class__ is float else float(_converted("log_amplitude", log_amplitude, (), "real"))
    log_noise = log_noise if log_noise.__class__ is float else float(_converted("log_noise", log_noise, (), "real"))
    N, D = X.shape
    if y.shape[0] != N:
        raise ValueError(f"y has {y.shape[0]} elements, but N = {N} from X")
    if log_length.shape[0] != D:
        raise ValueError(f"log_length has {log_length.shape[0]} elements, but D = {D} from X")
    return X, y, log_length, log_amplitude, log_noise
