# Made by gradcompile 0.1.0 from examples/gaussian_mixture.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: a2211785aaa04058ba03ea09b8fdeb2802c0f7cff682d9b6bf8553806c1bb4b7
# options: --target numba --emit value,value_and_grad
# operations: value 3*D*K*N + 6*K*N + 5*K + N + 5; value_and_grad 6*D*K*N + D*K + 15*K*N + 14*K + N + 6
# --- certificate ---
# graph: value loss: agrees (mpmath), to 16 digits at 3 points: a constant of the graph is rounded
# graph: gradient logits: proved (sympy), equal to SymPy's derivative
# graph: gradient mu: proved (sympy), equal to SymPy's derivative
# graph: gradient log_sigma: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3, K = 4: agrees, within 2^1 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: D = 0: agrees, within 2^0 units in the last place
# code: K = 0: agrees, within 2^0 units in the last place
# code: N = 33: agrees, within 2^2 units in the last place
# code: D = 17: agrees, within 2^0 units in the last place
# code: K = 37: agrees, within 2^1 units in the last place
# claim, line 14: proved (sympy), grad(loss, joint) == -share / N
# claim, line 15: proved (sympy), grad(loss, logits) == softmax(logits) - mean(share, axis=0)
# claim, line 16: proved (sympy), grad(loss, log_sigma) == mean(share * (D - distance2 / exp(2 * log_sigma)), axis=0)
# --- end of certificate ---

"""Gaussian mixture: mean negative log-likelihood of K round components.

    from gaussian_mixture import value, value_and_grad
    loss = value(x, logits, mu, log_sigma)
    loss, gradient = value_and_grad(x, logits, mu, log_sigma)

Arguments: x[N, D], logits[K] (differentiated), mu[K, D] (differentiated), log_sigma[K] (differentiated).
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(x, logits, mu, log_sigma):
    N, D = x.shape
    K = logits.shape[0]
    t3 = np.empty((K,), np.float64)
    t4 = -np.inf
    for k in range(K):
        log_sigma_k = log_sigma[k]
        t1 = 2 * log_sigma_k  # line 8
        t2 = np.exp(t1)  # line 8
        t3[k] = t2
        logits_k = logits[k]
        t4 = logits_k if logits_k > t4 or logits_k != logits_k else t4  # line 9
    t5 = 0.5 * D  # line 8
    t6 = np.log(6.283185307179586)  # line 8
    t7 = t5 * t6  # line 8
    t8 = t4 if np.isfinite(t4) else 0.0  # line 9
    distance2 = np.empty((K, N), np.float64)
    for k in range(K):
        for n in range(N):
            distance2_kn = 0.0
            for d in range(D):
                mu_kd = mu[k, d]
                x_nd = x[n, d]
                t9 = x_nd - mu_kd  # line 7
                t10 = t9 * t9  # line 7
                distance2_kn += t10  # line 7
            distance2[k, n] = distance2_kn
    t13 = 0.0
    for k in range(K):
        logits_k = logits[k]
        t11 = logits_k - t8  # line 9
        t12 = np.exp(t11)  # line 9
        t13 += t12  # line 9
    t14 = np.log(t13)  # line 9
    t15 = t8 + t14  # line 9
    joint = np.empty((N, K), np.float64)
    t21 = np.empty((N,), np.float64)
    for n in range(N):
        t21_n = -np.inf
        for k in range(K):
            log_sigma_k = log_sigma[k]
            t16 = D * log_sigma_k  # line 8
            t2 = t3[k]
            distance2_kn_ = distance2[k, n]
            t17 = -0.5 * distance2_kn_  # line 8
            t18 = t17 / t2  # line 8
            t19 = t18 - t16  # line 8
            log_density = t19 - t7  # line 8
            logits_k = logits[k]
            t20 = logits_k - t15  # line 9
            joint_nk = t20 + log_density  # line 9
            joint[n, k] = joint_nk
            t21_n = joint_nk if joint_nk > t21_n or joint_nk != joint_nk else t21_n  # line 10
        t21[n] = t21_n
    t25 = np.empty((N,), np.float64)
    for n in range(N):
        t21_n_ = t21[n]
        t22 = t21_n_ if np.isfinite(t21_n_) else 0.0  # line 10
        t25_n = 0.0
        for k in range(K):
            joint_nk = joint[n, k]
            t23 = joint_nk - t22  # line 10
            t24 = np.exp(t23)  # line 10
            t25_n += t24  # line 10
        t25[n] = t25_n
    t28 = 0.0
    for n in range(N):
        t25_n_ = t25[n]
        t26 = np.log(t25_n_)  # line 10
        t21_n_ = t21[n]
        t22 = t21_n_ if np.isfinite(t21_n_) else 0.0  # line 10
        t27 = t22 + t26  # line 10
        t28 += t27  # line 10
    t29 = t28 / N  # line 10
    loss = -t29  # line 10
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, logits, mu, log_sigma):
    N, D = x.shape
    K = logits.shape[0]
    t3 = np.empty((K,), np.float64)
    t4 = -np.inf
    for k in range(K):
        log_sigma_k = log_sigma[k]
        t1 = 2 * log_sigma_k  # line 8
        t2 = np.exp(t1)  # line 8
        t3[k] = t2
        logits_k = logits[k]
        t4 = logits_k if logits_k > t4 or logits_k != logits_k else t4  # line 9
    t5 = 0.5 * D  # line 8
    t6 = np.log(6.283185307179586)  # line 8
    t7 = t5 * t6  # line 8
    t8 = t4 if np.isfinite(t4) else 0.0  # line 9
    distance2 = np.empty((K, N), np.float64)
    for k in range(K):
        for n in range(N):
            distance2_kn = 0.0
            for d in range(D):
                mu_kd = mu[k, d]
                x_nd = x[n, d]
                t9 = x_nd - mu_kd  # line 7
                t10 = t9 * t9  # line 7
                distance2_kn += t10  # line 7
            distance2[k, n] = distance2_kn
    t13 = 0.0
    for k in range(K):
        logits_k = logits[k]
        t11 = logits_k - t8  # line 9
        t12 = np.exp(t11)  # line 9
        t13 += t12  # line 9
    t14 = np.log(t13)  # line 9
    t15 = t8 + t14  # line 9
    joint = np.empty((N, K), np.float64)
    t21 = np.empty((N,), np.float64)
    for n in range(N):
        t21_n = -np.inf
        for k in range(K):
            log_sigma_k = log_sigma[k]
            t16 = D * log_sigma_k  # line 8
            t2 = t3[k]
            distance2_kn_ = distance2[k, n]
            t17 = -0.5 * distance2_kn_  # line 8
            t18 = t17 / t2  # line 8
            t19 = t18 - t16  # line 8
            log_density = t19 - t7  # line 8
            logits_k = logits[k]
            t20 = logits_k - t15  # line 9
            joint_nk = t20 + log_density  # line 9
            joint[n, k] = joint_nk
            t21_n = joint_nk if joint_nk > t21_n or joint_nk != joint_nk else t21_n  # line 10
        t21[n] = t21_n
    t25 = np.empty((N,), np.float64)
    for n in range(N):
        t21_n_ = t21[n]
        t22 = t21_n_ if np.isfinite(t21_n_) else 0.0  # line 10
        t25_n = 0.0
        for k in range(K):
            joint_nk = joint[n, k]
            t23 = joint_nk - t22  # line 10
            t24 = np.exp(t23)  # line 10
            t25_n += t24  # line 10
        t25[n] = t25_n
    t28 = np.empty((N,), np.float64)
    t29 = 0.0
    for n in range(N):
        t25_n_ = t25[n]
        t26 = np.log(t25_n_)  # line 10
        t21_n_ = t21[n]
        t22 = t21_n_ if np.isfinite(t21_n_) else 0.0  # line 10
        t27 = t22 + t26  # line 10
        t28[n] = t27
        t29 += t27  # line 10
    t30 = t29 / N  # line 10
    loss = -t30  # line 10
    t33 = np.zeros((K,), np.float64)
    t37 = np.zeros((K,), np.float64)
    ddistance2 = np.empty((N, K), np.float64)
    for n in range(N):
        t27 = t28[n]
        for k in range(K):
            joint_nk = joint[n, k]
            t31 = joint_nk - t27  # backward of line 10: logsumexp gate
            t32 = np.exp(t31)  # backward of line 10: logsumexp gate
            t33[k] += t32  # backward of line 9: add gate
            t34 = t32 / N  # backward of line 10: logsumexp gate
            t2 = t3[k]
            distance2_kn_ = distance2[k, n]
            t17 = -0.5 * distance2_kn_  # line 8
            t18 = t17 / t2  # line 8
            t35 = t18 / t2  # backward of line 8: div gate
            t36 = t35 * t34  # backward of line 8: div gate
            t37[k] += t36  # backward of line 8: div gate
            t38 = t34 / t2  # backward of line 8: div gate
            ddistance2_nk = 0.5 * t38  # backward of line 8: mul gate
            ddistance2[n, k] = ddistance2_nk
    t39 = 0.0
    dlog_sigma = np.empty((K,), np.float64)
    for k in range(K):
        t33_k = t33[k]
        t39 += t33_k  # backward of line 9: sub gate
        t2 = t3[k]
        t37_k = t37[k]
        t40 = t37_k * t2  # backward of line 8: exp gate
        t41 = t40 * 2  # backward of line 8: mul gate
        t42 = t33_k / N  # backward of line 9: add gate
        t43 = t42 * D  # backward of line 8: mul gate
        dlog_sigma_k = t43 + t41  # backward of line 5: copy gate
        dlog_sigma[k] = dlog_sigma_k
    t44 = t39 / N  # backward of line 9: sub gate
    t47 = np.zeros((K, D), np.float64)
    for n in range(N):
        for k in range(K):
            ddistance2_nk = ddistance2[n, k]
            for d in range(D):
                mu_kd = mu[k, d]
                x_nd = x[n, d]
                t9 = x_nd - mu_kd  # line 7
                t45 = 2 * t9  # backward of line 7: square gate
                t46 = ddistance2_nk * t45  # backward of line 7: square gate
                t47[k, d] += t46  # backward of line 7: sub gate
    dmu = np.empty((K, D), np.float64)
    for k in range(K):
        for d in range(D):
            t47_kd = t47[k, d]
            dmu_kd = -t47_kd  # backward of line 7: sub gate
            dmu[k, d] = dmu_kd
    dlogits = np.empty((K,), np.float64)
    for k in range(K):
        t33_k = t33[k]
        t42 = t33_k / N  # backward of line 9: add gate
        logits_k = logits[k]
        t20 = logits_k - t15  # line 9
        t48 = np.exp(t20)  # backward of line 9: logsumexp gate
        t49 = t44 * t48  # backward of line 9: logsumexp gate
        dlogits_k = t49 - t42  # backward of line 3: copy gate
        dlogits[k] = dlogits_k
    return (loss, dlogits, dmu, dlog_sigma)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    logits: np.ndarray  # [K]
    mu: np.ndarray  # [K, D]
    log_sigma: np.ndarray  # [K]


def value(x, logits, mu, log_sigma):
    """Return loss."""
    return value_kernel(*_checked(x, logits, mu, log_sigma))[0]


def value_and_grad(x, logits, mu, log_sigma):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(x, logits, mu, log_sigma))
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


def _checked(x, logits, mu, log_sigma):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    x = _real("x", x, ("N", "D"))
    logits = _real("logits", logits, ("K",))
    mu = _real("mu", mu, ("K", "D"))
    log_sigma = _real("log_sigma", log_sigma, ("K",))
    N, D = x.shape
    K = logits.shape[0]
    if mu.shape[0] != K:
        raise ValueError(f"mu has {mu.shape[0]} rows, but K = {K} from logits")
    if mu.shape[1] != D:
        raise ValueError(f"mu has {mu.shape[1]} columns, but D = {D} from x")
    if log_sigma.shape[0] != K:
        raise ValueError(f"log_sigma has {log_sigma.shape[0]} elements, but K = {K} from logits")
    return x, logits, mu, log_sigma
