# Made by gradcompile 0.1.0 from examples/sinkhorn.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 23e5288242b25715f226660f226370eae026ac4e38eedcd6cd1e420666760aa6
# options: --target numba --emit value,value_and_grad
# operations: value 126*M*N + 41*M + 42*N; value_and_grad 472*M*N + 122*M + 163*N
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient cost: agrees (finite differences), to 50 digits at 3 points
# code: N = 3, M = 4: agrees, within 2^1 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: M = 0: agrees, within 2^0 units in the last place
# code: N = 33: agrees, within 2^1 units in the last place
# code: M = 17: agrees, within 2^0 units in the last place
# claim, line 14: agrees (mpmath), sum(plan, axis=0) == q
# --- end of certificate ---

"""Sinkhorn: the cost of moving one distribution to another, with entropy, by twenty rounds of scaling.

    from sinkhorn import value, value_and_grad
    loss = value(p, q, cost, eps=0.5)
    loss, gradient = value_and_grad(p, q, cost, eps=0.5)

Arguments: p[N], q[M], cost[N, M] (differentiated), eps.
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(p, q, cost, eps):
    N = p.shape[0]
    M = q.shape[0]
    row = 0
    f = np.empty((2, N), np.float64)
    for n in range(N):
        f[0, n] = 0.0
    g = np.empty((2, M), np.float64)
    for m in range(M):
        g[0, m] = 0.0
    state = np.empty((2, N), np.float64)
    t3 = np.empty((N,), np.float64)
    t7 = np.empty((N,), np.float64)
    t15 = np.empty((M,), np.float64)
    t19 = np.empty((M,), np.float64)
    for _ in range(20):
        for n in range(N):
            t3_n = -np.inf
            for m in range(M):
                cost_mn = cost[n, m]
                g_m = g[row, m]
                t1 = g_m - cost_mn  # line 9
                t2 = t1 / eps  # line 9
                t3_n = t2 if t2 > t3_n or t2 != t2 else t3_n  # line 9
            t3[n] = t3_n
        for n in range(N):
            t3_n_ = t3[n]
            t4 = t3_n_ if np.isfinite(t3_n_) else 0.0  # line 9
            t7_n = 0.0
            for m in range(M):
                cost_mn = cost[n, m]
                g_m = g[row, m]
                t1 = g_m - cost_mn  # line 9
                t2 = t1 / eps  # line 9
                t5 = t2 - t4  # line 9
                t6 = np.exp(t5)  # line 9
                t7_n += t6  # line 9
            t7[n] = t7_n
        for n in range(N):
            t7_n_ = t7[n]
            t8 = np.log(t7_n_)  # line 9
            t3_n_ = t3[n]
            t4 = t3_n_ if np.isfinite(t3_n_) else 0.0  # line 9
            t9 = t4 + t8  # line 9
            state[1 - row, n] = t9
            p_n = p[n]
            t10 = np.log(p_n)  # line 9
            t11 = t10 - t9  # line 9
            t12 = eps * t11  # line 9
            f[1 - row, n] = t12
        t15[...] = -np.inf
        for n in range(N):
            t12 = f[1 - row, n]
            for m in range(M):
                cost_mn = cost[n, m]
                t13 = t12 - cost_mn  # line 10
                t14 = t13 / eps  # line 10
                t15[m] = t14 if t14 > t15[m] or t14 != t14 else t15[m]  # line 10
        t19[...] = 0.0
        for n in range(N):
            t12 = f[1 - row, n]
            for m in range(M):
                t15_m = t15[m]
                t16 = t15_m if np.isfinite(t15_m) else 0.0  # line 10
                cost_mn = cost[n, m]
                t13 = t12 - cost_mn  # line 10
                t14 = t13 / eps  # line 10
                t17 = t14 - t16  # line 10
                t18 = np.exp(t17)  # line 10
                t19[m] += t18  # line 10
        for m in range(M):
            t19_m = t19[m]
            t20 = np.log(t19_m)  # line 10
            t15_m = t15[m]
            t16 = t15_m if np.isfinite(t15_m) else 0.0  # line 10
            t21 = t16 + t20  # line 10
            q_m = q[m]
            t22 = np.log(q_m)  # line 10
            t23 = t22 - t21  # line 10
            t24 = eps * t23  # line 10
            g[1 - row, m] = t24
        row = 1 - row
    loss = 0.0
    for n in range(N):
        f_n = f[row, n]
        for m in range(M):
            cost_mn = cost[n, m]
            g_m_ = g[row, m]
            t25 = f_n + g_m_  # line 11
            t26 = t25 - cost_mn  # line 11
            t27 = t26 / eps  # line 11
            plan = np.exp(t27)  # line 11
            t28 = plan * cost_mn  # line 12
            loss += t28  # line 12
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(p, q, cost, eps):
    N = p.shape[0]
    M = q.shape[0]
    f = np.empty((21, N), np.float64)
    for n in range(N):
        f[0, n] = 0.0
    g = np.empty((21, M), np.float64)
    for m in range(M):
        g[0, m] = 0.0
    state = np.empty((21, N), np.float64)
    t3 = np.empty((N,), np.float64)
    t7 = np.empty((N,), np.float64)
    t15 = np.empty((M,), np.float64)
    t19 = np.empty((M,), np.float64)
    for _ in range(20):
        for n in range(N):
            t3_n = -np.inf
            for m in range(M):
                cost_mn = cost[n, m]
                g_m = g[_, m]
                t1 = g_m - cost_mn  # line 9
                t2 = t1 / eps  # line 9
                t3_n = t2 if t2 > t3_n or t2 != t2 else t3_n  # line 9
            t3[n] = t3_n
        for n in range(N):
            t3_n_ = t3[n]
            t4 = t3_n_ if np.isfinite(t3_n_) else 0.0  # line 9
            t7_n = 0.0
            for m in range(M):
                cost_mn = cost[n, m]
                g_m = g[_, m]
                t1 = g_m - cost_mn  # line 9
                t2 = t1 / eps  # line 9
                t5 = t2 - t4  # line 9
                t6 = np.exp(t5)  # line 9
                t7_n += t6  # line 9
            t7[n] = t7_n
        for n in range(N):
            t7_n_ = t7[n]
            t8 = np.log(t7_n_)  # line 9
            t3_n_ = t3[n]
            t4 = t3_n_ if np.isfinite(t3_n_) else 0.0  # line 9
            t9 = t4 + t8  # line 9
            state[_ + 1, n] = t9
            p_n = p[n]
            t10 = np.log(p_n)  # line 9
            t11 = t10 - t9  # line 9
            t12 = eps * t11  # line 9
            f[_ + 1, n] = t12
        t15[...] = -np.inf
        for n in range(N):
            t12 = f[_ + 1, n]
            for m in range(M):
                cost_mn = cost[n, m]
                t13 = t12 - cost_mn  # line 10
                t14 = t13 / eps  # line 10
                t15[m] = t14 if t14 > t15[m] or t14 != t14 else t15[m]  # line 10
        t19[...] = 0.0
        for n in range(N):
            t12 = f[_ + 1, n]
            for m in range(M):
                t15_m = t15[m]
                t16 = t15_m if np.isfinite(t15_m) else 0.0  # line 10
                cost_mn = cost[n, m]
                t13 = t12 - cost_mn  # line 10
                t14 = t13 / eps  # line 10
                t17 = t14 - t16  # line 10
                t18 = np.exp(t17)  # line 10
                t19[m] += t18  # line 10
        for m in range(M):
            t19_m = t19[m]
            t20 = np.log(t19_m)  # line 10
            t15_m = t15[m]
            t16 = t15_m if np.isfinite(t15_m) else 0.0  # line 10
            t21 = t16 + t20  # line 10
            q_m = q[m]
            t22 = np.log(q_m)  # line 10
            t23 = t22 - t21  # line 10
            t24 = eps * t23  # line 10
            g[_ + 1, m] = t24
    plan = np.empty((N, M), np.float64)
    t29 = np.empty((N, M), np.float64)
    t30 = np.empty((N,), np.float64)
    t31 = np.zeros((M,), np.float64)
    for n in range(N):
        f_n = f[(20), n]
        t30_n = 0.0
        for m in range(M):
            cost_mn = cost[n, m]
            g_m_ = g[(20), m]
            t25 = f_n + g_m_  # line 11
            t26 = t25 - cost_mn  # line 11
            t27 = t26 / eps  # line 11
            plan_nm = np.exp(t27)  # line 11
            plan[n, m] = plan_nm
            t28 = plan_nm * cost_mn  # line 12
            t29[n, m] = t28
            t30_n += t28  # line 12
            t31[m] += t28  # backward of line 11: add gate
        t30[n] = t30_n
    loss = 0.0
    for n in range(N):
        t30_n_ = t30[n]
        loss += t30_n_  # line 12
    t34 = np.full((20, M), -np.inf, np.float64)
    for _ in range(20):
        for n in range(N):
            f__n = f[_ + 1, n]
            for m in range(M):
                cost_mn = cost[n, m]
                t32 = f__n - cost_mn  # line 10
                t33 = t32 / eps  # line 10
                t34[_, m] = t33 if t33 > t34[_, m] or t33 != t33 else t34[_, m]  # line 10
    t38 = np.zeros((20, M), np.float64)
    for _ in range(20):
        for n in range(N):
            f__n = f[_ + 1, n]
            for m in range(M):
                t34__m = t34[_, m]
                t35 = t34__m if np.isfinite(t34__m) else 0.0  # line 10
                cost_mn = cost[n, m]
                t32 = f__n - cost_mn  # line 10
                t33 = t32 / eps  # line 10
                t36 = t33 - t35  # line 10
                t37 = np.exp(t36)  # line 10
                t38[_, m] += t37  # line 10
    state_ = np.empty((21, N), np.float64)
    for n in range(N):
        t30_n_ = t30[n]
        df = t30_n_ / eps  # backward of line 11: add gate
        state_[(20), n] = df
    state_2 = np.empty((21, M), np.float64)
    for m in range(M):
        t31_m = t31[m]
        dg = t31_m / eps  # backward of line 11: add gate
        state_2[(20), m] = dg
    state_3 = np.empty((21, N), np.float64)
    t42 = np.empty((N,), np.float64)
    t52 = np.empty((M,), np.float64)
    for _ in range(19, -1, -1):
        for n in range(N):
            f__n = f[_ + 1, n]
            t42_n = 0.0
            for m in range(M):
                t38__m = t38[_, m]
                t34__m = t34[_, m]
                t35 = t34__m if np.isfinite(t34__m) else 0.0  # line 10
                cost_mn = cost[n, m]
                t32 = f__n - cost_mn  # line 10
                t33 = t32 / eps  # line 10
                t36 = t33 - t35  # line 10
                t37 = np.exp(t36)  # line 10
                t39 = t37 / t38__m  # backward of line 10: logsumexp gate
                g_m = state_2[_ + 1, m]
                t40 = g_m * eps  # backward of line 10: mul gate
                t41 = t40 * t39  # backward of line 10: logsumexp gate
                t42_n += t41  # backward of line 10: sub gate
            t42[n] = t42_n
        for n in range(N):
            t42__n = t42[n]
            t43 = t42__n / eps  # backward of line 10: sub gate
            t44 = -t43  # backward of line 10: sub gate
            state_3[_, n] = t44
        for m in range(M):
            g__m = g[_, m]
            t52_m = 0.0
            for n in range(N):
                state__n = state[_ + 1, n]
                cost_mn = cost[n, m]
                t45 = g__m - cost_mn  # line 9
                t46 = t45 / eps  # line 9
                t47 = t46 - state__n  # backward of line 9: logsumexp gate
                t48 = np.exp(t47)  # backward of line 9: logsumexp gate
                t42__n = t42[n]
                t43 = t42__n / eps  # backward of line 10: sub gate
                state__n_ = state_[_ + 1, n]
                t49 = state__n_ - t43  # backward of line 9: copy gate
                t50 = t49 * eps  # backward of line 9: mul gate
                t51 = t50 * t48  # backward of line 9: logsumexp gate
                t52_m += t51  # backward of line 9: sub gate
            t52[m] = t52_m
        for m in range(M):
            t52__m = t52[m]
            t53 = t52__m / eps  # backward of line 9: sub gate
            t54 = -t53  # backward of line 9: sub gate
            state_2[_, m] = t54
        for n in range(N):
            state_[_, n] = 0.0
    t57 = np.zeros((N, M), np.float64)
    t61 = np.zeros((N, M), np.float64)
    for _ in range(20):
        for n in range(N):
            f__n = f[_ + 1, n]
            state__n = state[_ + 1, n]
            state_3__n = state_3[_, n]
            state___n = state_[_ + 1, n]
            t58 = state___n + state_3__n  # backward of line 9: copy gate
            t59 = t58 * eps  # backward of line 9: mul gate
            for m in range(M):
                t38__m = t38[_, m]
                t34__m = t34[_, m]
                t35 = t34__m if np.isfinite(t34__m) else 0.0  # line 10
                cost_mn = cost[n, m]
                t32 = f__n - cost_mn  # line 10
                t33 = t32 / eps  # line 10
                t36 = t33 - t35  # line 10
                t37 = np.exp(t36)  # line 10
                t39 = t37 / t38__m  # backward of line 10: logsumexp gate
                state_2__m = state_2[_ + 1, m]
                t55 = state_2__m * eps  # backward of line 10: mul gate
                t56 = t55 * t39  # backward of line 10: logsumexp gate
                t57[n, m] += t56  # backward of line 10: sub gate
                g__m = g[_, m]
                t45 = g__m - cost_mn  # line 9
                t46 = t45 / eps  # line 9
                t47 = t46 - state__n  # backward of line 9: logsumexp gate
                t48 = np.exp(t47)  # backward of line 9: logsumexp gate
                t60 = t59 * t48  # backward of line 9: logsumexp gate
                t61[n, m] += t60  # backward of line 9: sub gate
    dcost = np.empty((N, M), np.float64)
    for n in range(N):
        for m in range(M):
            t61_mn = t61[n, m]
            t57_mn = t57[n, m]
            t62 = t57_mn + t61_mn  # backward of line 8: copy gate
            t63 = t62 / eps  # backward of line 8: copy gate
            t28 = t29[n, m]
            t64 = t28 / eps  # backward of line 11: div gate
            plan_nm = plan[n, m]
            t65 = plan_nm - t64  # backward of line 4: copy gate
            dcost_nm = t65 + t63  # backward of line 4: copy gate
            dcost[n, m] = dcost_nm
    return (loss, dcost)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    cost: np.ndarray  # [N, M]


def value(p, q, cost, eps=0.5):
    """Return loss."""
    return value_kernel(*_checked(p, q, cost, eps))[0]


def value_and_grad(p, q, cost, eps=0.5):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(p, q, cost, eps))
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


def _checked(p, q, cost, eps):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    p = _real("p", p, ("N",))
    q = _real("q", q, ("M",))
    cost = _real("cost", cost, ("N", "M"))
    eps = eps if eps.__class__ is float else float(_converted("eps", eps, (), "real"))
    N = p.shape[0]
    M = q.shape[0]
    if cost.shape[0] != N:
        raise ValueError(f"cost has {cost.shape[0]} rows, but N = {N} from p")
    if cost.shape[1] != M:
        raise ValueError(f"cost has {cost.shape[1]} columns, but M = {M} from q")
    return p, q, cost, eps
