# Made by gradcompile 0.1.0 from examples/gaussian_mixture.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: a2211785aaa04058ba03ea09b8fdeb2802c0f7cff682d9b6bf8553806c1bb4b7
# options: --target numba --emit value,value_and_grad
# operations: value 3*D*K*N + 6*K*N + 5*K + N + 6; value_and_grad 6*D*K*N + D*K + 14*K*N + 14*K + N + 7
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient logits: proved (sympy), equal to SymPy's derivative
# graph: gradient mu: proved (sympy), equal to SymPy's derivative
# graph: gradient log_sigma: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3, K = 4: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: D = 0: agrees, within 2^0 units in the last place
# code: K = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: K = 11: agrees, within 2^0 units in the last place
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
    t6 = 2 * 3.141592653589793  # line 8
    t7 = np.log(t6)  # line 8
    t8 = t5 * t7  # line 8
    t9 = t4 if np.isfinite(t4) else 0.0  # line 9
    distance2 = np.empty((K, N), np.float64)
    for k in range(K):
        for n in range(N):
            distance2_kn = 0.0
            for d in range(D):
                mu_dk = mu[k, d]
                x_dn = x[n, d]
                t10 = x_dn - mu_dk  # line 7
                t11 = t10 * t10  # line 7
                distance2_kn += t11  # line 7
            distance2[k, n] = distance2_kn
    t14 = 0.0
    for k in range(K):
        logits_k = logits[k]
        t12 = logits_k - t9  # line 9
        t13 = np.exp(t12)  # line 9
        t14 += t13  # line 9
    t15 = np.log(t14)  # line 9
    t16 = t9 + t15  # line 9
    joint = np.empty((N, K), np.float64)
    t22 = np.empty((N,), np.float64)
    for n in range(N):
        t22_n = -np.inf
        for k in range(K):
            log_sigma_k = log_sigma[k]
            t17 = D * log_sigma_k  # line 8
            t2 = t3[k]
            distance2_kn_ = distance2[k, n]
            t18 = -0.5 * distance2_kn_  # line 8
            t19 = t18 / t2  # line 8
            t20 = t19 - t17  # line 8
            log_density = t20 - t8  # line 8
            logits_k = logits[k]
            t21 = logits_k - t16  # line 9
            joint_nk = t21 + log_density  # line 9
            joint[n, k] = joint_nk
            t22_n = joint_nk if joint_nk > t22_n or joint_nk != joint_nk else t22_n  # line 10
        t22[n] = t22_n
    t26 = np.empty((N,), np.float64)
    for n in range(N):
        t22_n_ = t22[n]
        t23 = t22_n_ if np.isfinite(t22_n_) else 0.0  # line 10
        t26_n = 0.0
        for k in range(K):
            joint_nk = joint[n, k]
            t24 = joint_nk - t23  # line 10
            t25 = np.exp(t24)  # line 10
            t26_n += t25  # line 10
        t26[n] = t26_n
    t29 = 0.0
    for n in range(N):
        t26_n_ = t26[n]
        t27 = np.log(t26_n_)  # line 10
        t22_n_ = t22[n]
        t23 = t22_n_ if np.isfinite(t22_n_) else 0.0  # line 10
        t28 = t23 + t27  # line 10
        t29 += t28  # line 10
    t30 = t29 / N  # line 10
    loss = -t30  # line 10
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
    t6 = 2 * 3.141592653589793  # line 8
    t7 = np.log(t6)  # line 8
    t8 = t5 * t7  # line 8
    t9 = t4 if np.isfinite(t4) else 0.0  # line 9
    distance2 = np.empty((K, N), np.float64)
    for k in range(K):
        for n in range(N):
            distance2_kn = 0.0
            for d in range(D):
                mu_dk = mu[k, d]
                x_dn = x[n, d]
                t10 = x_dn - mu_dk  # line 7
                t11 = t10 * t10  # line 7
                distance2_kn += t11  # line 7
            distance2[k, n] = distance2_kn
    t14 = np.empty((K,), np.float64)
    t15 = 0.0
    for k in range(K):
        logits_k = logits[k]
        t12 = logits_k - t9  # line 9
        t13 = np.exp(t12)  # line 9
        t14[k] = t13
        t15 += t13  # line 9
    t16 = np.log(t15)  # line 9
    t17 = t9 + t16  # line 9
    joint = np.empty((N, K), np.float64)
    t23 = np.empty((N,), np.float64)
    for n in range(N):
        t23_n = -np.inf
        for k in range(K):
            log_sigma_k = log_sigma[k]
            t18 = D * log_sigma_k  # line 8
            t2 = t3[k]
            distance2_kn_ = distance2[k, n]
            t19 = -0.5 * distance2_kn_  # line 8
            t20 = t19 / t2  # line 8
            t21 = t20 - t18  # line 8
            log_density = t21 - t8  # line 8
            logits_k = logits[k]
            t22 = logits_k - t17  # line 9
            joint_nk = t22 + log_density  # line 9
            joint[n, k] = joint_nk
            t23_n = joint_nk if joint_nk > t23_n or joint_nk != joint_nk else t23_n  # line 10
        t23[n] = t23_n
    t27 = np.empty((N, K), np.float64)
    t28 = np.empty((N,), np.float64)
    for n in range(N):
        t23_n_ = t23[n]
        t24 = t23_n_ if np.isfinite(t23_n_) else 0.0  # line 10
        t28_n = 0.0
        for k in range(K):
            joint_nk = joint[n, k]
            t25 = joint_nk - t24  # line 10
            t26 = np.exp(t25)  # line 10
            t27[n, k] = t26
            t28_n += t26  # line 10
        t28[n] = t28_n
    t31 = 0.0
    for n in range(N):
        t28_n_ = t28[n]
        t29 = np.log(t28_n_)  # line 10
        t23_n_ = t23[n]
        t24 = t23_n_ if np.isfinite(t23_n_) else 0.0  # line 10
        t30 = t24 + t29  # line 10
        t31 += t30  # line 10
    t32 = t31 / N  # line 10
    loss = -t32  # line 10
    t34 = np.zeros((K,), np.float64)
    ddistance2 = np.empty((N, K), np.float64)
    t38 = np.zeros((K,), np.float64)
    for n in range(N):
        t28_n_ = t28[n]
        for k in range(K):
            t26 = t27[n, k]
            t33 = t26 / t28_n_  # backward of line 10: logsumexp gate
            t34[k] += t33  # backward of line 9: add gate
            t2 = t3[k]
            t35 = t33 / N  # backward of line 10: logsumexp gate
            t36 = t35 / t2  # backward of line 8: div gate
            ddistance2_nk = 0.5 * t36  # backward of line 8: mul gate
            ddistance2[n, k] = ddistance2_nk
            distance2_kn_ = distance2[k, n]
            t19 = -0.5 * distance2_kn_  # line 8
            t20 = t19 / t2  # line 8
            t37 = t36 * t20  # backward of line 8: div gate
            t38[k] += t37  # backward of line 8: div gate
    t39 = 0.0
    dlog_sigma = np.empty((K,), np.float64)
    for k in range(K):
        t34_k = t34[k]
        t39 += t34_k  # backward of line 9: sub gate
        t2 = t3[k]
        t38_k = t38[k]
        t40 = t38_k * t2  # backward of line 8: exp gate
        t41 = t40 * 2  # backward of line 8: mul gate
        t42 = t34_k / N  # backward of line 9: add gate
        t43 = t42 * D  # backward of line 8: mul gate
        dlog_sigma_k = t43 + t41  # backward of line 5: copy gate
        dlog_sigma[k] = dlog_sigma_k
    t44 = t39 / N  # backward of line 9: sub gate
    t47 = np.zeros((K, D), np.float64)
    for n in range(N):
        for k in range(K):
            ddistance2_nk = ddistance2[n, k]
            for d in range(D):
                mu_dk = mu[k, d]
                x_dn = x[n, d]
                t10 = x_dn - mu_dk  # line 7
                t45 = 2 * t10  # backward of line 7: square gate
                t46 = ddistance2_nk * t45  # backward of line 7: square gate
                t47[k, d] += t46  # backward of line 7: sub gate
    dmu = np.empty((K, D), np.float64)
    for k in range(K):
        for d in range(D):
            t47_dk = t47[k, d]
            dmu_kd = -t47_dk  # backward of line 7: sub gate
            dmu[k, d] = dmu_kd
    dlogits = np.empty((K,), np.float64)
    for k in range(K):
        t34_k = t34[k]
        t42 = t34_k / N  # backward of line 9: add gate
        t13 = t14[k]
        t48 = t13 / t15  # backward of line 9: logsumexp gate
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
