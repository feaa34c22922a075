# Made by gradcompile 0.1.0 from examples/gaussian_process.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 810a4a90964a8bf4c773ecbde02bb114c9b8bea05114329def31f2590b28f3c5
# options: --target numba --emit value,value_and_grad
# operations: value 3*D*N**2 + D*N + 13*N**2 + D + 4*N + 10; value_and_grad 7*D*N**2 + 6*N**3 + 6*D*N + 30*N**2 + 3*D + 9*N + 14
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
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
    t26 = np.empty((N, N), np.float64)
    for n in range(N):
        for n1 in range(N):
            t12 = n1 == n  # line 10
            t13 = 1.0 if t12 else 0.0  # line 10
            t14 = t5 * t13  # line 10
            distance2_n1n = distance2[n1, n]
            t15 = 0.5 * distance2_n1n  # line 10
            t16 = t3 - t15  # line 10
            t17 = np.exp(t16)  # line 10
            K = t17 + t14  # line 10
            t18 = n == n1  # line 10
            t19 = 1.0 if t18 else 0.0  # line 10
            t20 = t5 * t19  # line 10
            distance2_nn1_ = distance2[n, n1]
            t21 = 0.5 * distance2_nn1_  # line 10
            t22 = t3 - t21  # line 10
            t23 = np.exp(t22)  # line 10
            K_ = t23 + t20  # line 10
            t24 = K_ + K  # line 12
            t25 = 0.5 * t24  # line 12
            t26[n, n1] = t25
    L = _cholesky(t26)  # line 12
    w = _solve_lower(L, y)  # line 13
    t28 = 0.0
    for n1 in range(N):
        w_n1 = w[n1]
        t27 = w_n1 * w_n1  # line 14
        t28 += t27  # line 14
    t29 = 0.5 * t28  # line 14
    t32 = 0.0
    for n in range(N):
        t30 = L[n, n]
        t31 = np.log(t30)  # line 14
        t32 += t31  # line 14
    t33 = t29 + t32  # line 14
    loss = t33 + t9  # line 14
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
    for n in range(N):
        for n1 in range(N):
            distance2_nn1_ = distance2[n, n1]
            t12 = 0.5 * distance2_nn1_  # line 10
            t13 = t3 - t12  # line 10
            t14 = np.exp(t13)  # line 10
            t15[n, n1] = t14
    t24 = np.empty((N, N), np.float64)
    for n in range(N):
        for n1 in range(N):
            t16 = n1 == n  # line 10
            t17 = 1.0 if t16 else 0.0  # line 10
            t18 = t5 * t17  # line 10
            t15_n1n = t15[n1, n]
            K = t15_n1n + t18  # line 10
            t19 = n == n1  # line 10
            t20 = 1.0 if t19 else 0.0  # line 10
            t21 = t5 * t20  # line 10
            t14 = t15[n, n1]
            K_ = t14 + t21  # line 10
            t22 = K_ + K  # line 12
            t23 = 0.5 * t22  # line 12
            t24[n, n1] = t23
    L = _cholesky(t24)  # line 12
    w = _solve_lower(L, y)  # line 13
    t26 = 0.0
    for n1 in range(N):
        w_n1 = w[n1]
        t25 = w_n1 * w_n1  # line 14
        t26 += t25  # line 14
    t27 = 0.5 * t26  # line 14
    t30 = 0.0
    t32 = np.zeros((N, N), np.float64)
    for n in range(N):
        t28 = L[n, n]
        t29 = np.log(t28)  # line 14
        t30 += t29  # line 14
        t31 = 1 / t28  # backward of line 14: log gate
        t32[n, n] += t31  # backward of line 14: take gate
    t33 = t27 + t30  # line 14
    loss = t33 + t9  # line 14
    t34 = _solve_upper(L.T, w)  # backward of line 13: solve_lower gate
    t38 = np.empty((N, N), np.float64)
    for n in range(N):
        t34_n = t34[n]
        for n2 in range(N):
            w_n2 = w[n2]
            t35 = t34_n * w_n2  # backward of line 13: solve_lower gate
            t36 = n >= n2  # backward of line 13: solve_lower gate
            t37 = t35 if t36 else 0  # backward of line 13: solve_lower gate
            t32_nn2 = t32[n, n2]
            dL = t32_nn2 - t37  # backward of line 12: copy gate
            t38[n, n2] = dL
    t39 = np.dot(L.T, t38)  # backward of line 12: cholesky gate
    t45 = np.empty((N, N), np.float64)
    for n1 in range(N):
        for n2 in range(N):
            t39_n1n2 = t39[n1, n2]
            t40 = 0.5 * t39_n1n2  # backward of line 12: cholesky gate
            t41 = n1 == n2  # backward of line 12: cholesky gate
            t42 = t40 if t41 else 0  # backward of line 12: cholesky gate
            t43 = n1 > n2  # backward of line 12: cholesky gate
            t44 = t39_n1n2 if t43 else t42  # backward of line 12: cholesky gate
            t45[n1, n2] = t44
    t46 = _solve_upper(L.T, t45)  # backward of line 12: cholesky gate
    t47 = _solve_upper(L.T, t46.T)  # backward of line 12: cholesky gate
    t48 = np.empty((N, N), np.float64)
    t49 = np.empty((N, N), np.float64)
    for n in range(N):
        for n1 in range(N):
            t47_nn1 = t47[n1, n]
            t48[n, n1] = t47_nn1
            t47_n1n = t47[n, n1]
            t49[n, n1] = t47_n1n
    t55 = 0.0
    for n in range(N):
        for n1 in range(N):
            t14 = t15[n, n1]
            t49_n1n = t49[n1, n]
            t48_n1n = t48[n1, n]
            t50 = t48_n1n + t49_n1n  # backward of line 12: cholesky gate
            t51 = 0.25 * t50  # backward of line 12: mul gate
            t49_nn1 = t49[n, n1]
            t48_nn1 = t48[n, n1]
            t52 = t48_nn1 + t49_nn1  # backward of line 12: cholesky gate
            t53 = 0.25 * t52  # backward of line 12: mul gate
            dK = t53 + t51  # backward of line 10: copy gate
            t54 = dK * t14  # backward of line 10: exp gate
            t55 += t54  # backward of line 10: sub gate
    t59 = 0.0
    for n in range(N):
        t56 = t48[n, n]
        t57 = t49[n, n]
        t58 = t57 + t56  # backward of line 12: cholesky gate
        t59 += t58  # backward of line 10: mul gate
    t60 = 0.5 * t59  # backward of line 10: mul gate
    t61 = t60 * t5  # backward of line 10: exp gate
    dlog_noise = t61 * 2  # backward of line 10: mul gate
    dlog_amplitude = t55 * 2  # backward of line 10: mul gate
    t64 = np.zeros((N, D), np.float64)
    t65 = np.zeros((N, D), np.float64)
    for n in range(N):
        for n1 in range(N):
            t14 = t15[n, n1]
            t49_n1n = t49[n1, n]
            t48_n1n = t48[n1, n]
            t50 = t48_n1n + t49_n1n  # backward of line 12: cholesky gate
            t51 = 0.25 * t50  # backward of line 12: mul gate
            t49_nn1 = t49[n, n1]
            t48_nn1 = t48[n, n1]
            t52 = t48_nn1 + t49_nn1  # backward of line 12: cholesky gate
            t53 = 0.25 * t52  # backward of line 12: mul gate
            dK = t53 + t51  # backward of line 10: copy gate
            t54 = dK * t14  # backward of line 10: exp gate
            ddistance2 = -0.5 * t54  # backward of line 10: mul gate
            for d in range(D):
                t1 = t2[d]
                X_dn1 = X[n1, d]
                Z = X_dn1 / t1  # line 8
                X_dn = X[n, d]
                Z_ = X_dn / t1  # line 8
                t10 = Z_ - Z  # line 9
                t62 = 2 * t10  # backward of line 9: square gate
                t63 = ddistance2 * t62  # backward of line 9: square gate
                t64[n, d] += t63  # backward of line 9: sub gate
                t65[n1, d] += t63  # backward of line 9: sub gate
    t69 = np.zeros((D,), np.float64)
    for n in range(N):
        for d in range(D):
            t65_dn = t65[n, d]
            t66 = -t65_dn  # backward of line 9: sub gate
            t64_dn = t64[n, d]
            dZ = t64_dn + t66  # backward of line 8: copy gate
            t1 = t2[d]
            X_dn = X[n, d]
            Z_ = X_dn / t1  # line 8
            t67 = Z_ / t1  # backward of line 8: div gate
            t68 = t67 * dZ  # backward of line 8: div gate
            t69[d] += t68  # backward of line 8: div gate
    dlog_length = np.empty((D,), np.float64)
    for d in range(D):
        t1 = t2[d]
        t69_d = t69[d]
        t70 = t69_d * t1  # backward of line 8: exp gate
        dlog_length_d = -t70  # backward of line 8: exp gate
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
