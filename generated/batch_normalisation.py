# Made by gradcompile 0.1.0 from examples/batch_normalisation.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: f263181b088c30d515ac0940840c0b5d44704a0d9eb6ffb53bc4169bafca587a
# options: --target numba --emit value,value_and_grad
# operations: value 9*D*N + 4*D + N; value_and_grad 22*D*N + 8*D + N
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient X: proved (sympy), equal to SymPy's derivative
# graph: gradient gamma: proved (sympy), equal to SymPy's derivative
# graph: gradient beta: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# claim, line 17: proved (sympy), grad(loss, out) == G
# claim, line 18: proved (sympy), grad(loss, beta) == sum(G, axis=0)
# claim, line 19: proved (sympy), grad(loss, gamma) == sum(G * normalised, axis=0)
# claim, line 20: proved (sympy), grad(loss, normalised) == G * gamma
# claim, line 23: proved (sympy), grad(loss, deviation) == -gamma * sum(G * normalised, axis=0) / deviation
# claim, line 24: proved (sympy), grad(loss, variance) == -0.5 * gamma * sum(G * normalised, axis=0) / deviation**2
# claim, line 27: proved (sympy), grad(loss, centred) == gamma / deviation * (G - normalised * mean(G * normalised, axis=0))
# claim, line 30: proved (sympy), grad(loss, mu) == -gamma / deviation * sum(G, axis=0)
# claim, line 32: proved (sympy), grad(loss, X) == gamma / deviation * (G - mean(G, axis=0) - normalised * mean(G * normalised, axis=0))
# --- end of certificate ---

"""Batch normalisation: each feature is shifted and scaled to mean 0 and variance 1 over the batch.

    from batch_normalisation import value, value_and_grad
    loss = value(X, gamma, beta, G, eps=1e-05)
    loss, gradient = value_and_grad(X, gamma, beta, G, eps=1e-05)

Arguments: X[N, D] (differentiated), gamma[D] (differentiated), beta[D] (differentiated), G[N, D], eps.
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


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(X, gamma, beta, G, eps):
    N, D = X.shape
    t1 = 1.0 / N  # line 8
    t2 = _own(np.zeros((D,), np.float64))
    edge = N - (N - 0) % 4
    # over n, d: t2; D*N operations, 24*D*N bytes
    for n in range(0, edge, 4):
        n_1 = n + 1
        n_2 = n + 2
        n_3 = n + 3
        for d in range(D):
            X_dn = X[n, d]
            X_dn_1 = X[n_1, d]
            X_dn_2 = X[n_2, d]
            X_dn_3 = X[n_3, d]
            t2_ = t2[d]
            t2_ = t2_ + X_dn  # line 8
            t2_ = t2_ + X_dn_1  # line 8
            t2_ = t2_ + X_dn_2  # line 8
            t2_ = t2_ + X_dn_3  # line 8
            t2[d] = t2_
    for n in range(edge, N):
        for d in range(D):
            X_dn = X[n, d]
            t2[d] += X_dn  # line 8
    t4 = _own(np.zeros((D,), np.float64))
    edge_ = N - (N - 0) % 4
    # over n, d: t4; 4*D*N operations, 32*D*N bytes
    for n in range(0, edge_, 4):
        n_1_ = n + 1
        n_2_ = n + 2
        n_3_ = n + 3
        for d in range(D):
            t2_d = t2[d]
            mu = t2_d * t1  # line 8
            X_dn = X[n, d]
            X_dn_1_ = X[n_1_, d]
            X_dn_2_ = X[n_2_, d]
            X_dn_3_ = X[n_3_, d]
            centred = X_dn - mu  # line 9
            centred_1 = X_dn_1_ - mu  # line 9
            centred_2 = X_dn_2_ - mu  # line 9
            centred_3 = X_dn_3_ - mu  # line 9
            t3 = centred * centred  # line 10
            t3_1 = centred_1 * centred_1  # line 10
            t3_2 = centred_2 * centred_2  # line 10
            t3_3 = centred_3 * centred_3  # line 10
            t4_ = t4[d]
            t4_ = t4_ + t3  # line 10
            t4_ = t4_ + t3_1  # line 10
            t4_ = t4_ + t3_2  # line 10
            t4_ = t4_ + t3_3  # line 10
            t4[d] = t4_
    for n in range(edge_, N):
        for d in range(D):
            t2_d = t2[d]
            mu = t2_d * t1  # line 8
            X_dn = X[n, d]
            centred = X_dn - mu  # line 9
            t3 = centred * centred  # line 10
            t4[d] += t3  # line 10
    deviation = _own(np.empty((D,), np.float64))
    # over d: deviation; 3*D operations, 16*D bytes
    for d in range(D):
        t4_d = t4[d]
        variance = t4_d * t1  # line 10
        t5 = variance + eps  # line 11
        deviation_d = np.sqrt(t5)  # line 11
        deviation[d] = deviation_d
    loss = 0.0
    edge_2 = N - (N - 0) % 4
    # over n, d: loss; 7*D*N operations, 48*D*N bytes
    for n in range(0, edge_2, 4):
        n_1_2 = n + 1
        n_2_2 = n + 2
        n_3_2 = n + 3
        for d in range(D):
            beta_d = beta[d]
            deviation_d = deviation[d]
            t2_d = t2[d]
            mu = t2_d * t1  # line 8
            X_dn = X[n, d]
            X_dn_1_2 = X[n_1_2, d]
            X_dn_2_2 = X[n_2_2, d]
            X_dn_3_2 = X[n_3_2, d]
            centred = X_dn - mu  # line 9
            centred_1_ = X_dn_1_2 - mu  # line 9
            centred_2_ = X_dn_2_2 - mu  # line 9
            centred_3_ = X_dn_3_2 - mu  # line 9
            normalised = centred / deviation_d  # line 12
            normalised_1 = centred_1_ / deviation_d  # line 12
            normalised_2 = centred_2_ / deviation_d  # line 12
            normalised_3 = centred_3_ / deviation_d  # line 12
            gamma_d = gamma[d]
            t6 = gamma_d * normalised  # line 13
            t6_1 = gamma_d * normalised_1  # line 13
            t6_2 = gamma_d * normalised_2  # line 13
            t6_3 = gamma_d * normalised_3  # line 13
            out = t6 + beta_d  # line 13
            out_1 = t6_1 + beta_d  # line 13
            out_2 = t6_2 + beta_d  # line 13
            out_3 = t6_3 + beta_d  # line 13
            G_dn = G[n, d]
            G_dn_1 = G[n_1_2, d]
            G_dn_2 = G[n_2_2, d]
            G_dn_3 = G[n_3_2, d]
            t7 = G_dn * out  # line 14
            t7_1 = G_dn_1 * out_1  # line 14
            t7_2 = G_dn_2 * out_2  # line 14
            t7_3 = G_dn_3 * out_3  # line 14
            loss = _plus(loss, t7)  # line 14
            loss = _plus(loss, t7_1)  # line 14
            loss = _plus(loss, t7_2)  # line 14
            loss = _plus(loss, t7_3)  # line 14
    for n in range(edge_2, N):
        for d in range(D):
            beta_d = beta[d]
            deviation_d = deviation[d]
            t2_d = t2[d]
            mu = t2_d * t1  # line 8
            X_dn = X[n, d]
            centred = X_dn - mu  # line 9
            normalised = centred / deviation_d  # line 12
            gamma_d = gamma[d]
            t6 = gamma_d * normalised  # line 13
            out = t6 + beta_d  # line 13
            G_dn = G[n, d]
            t7 = G_dn * out  # line 14
            loss = _plus(loss, t7)  # line 14
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, gamma, beta, G, eps):
    N, D = X.shape
    t1 = 1.0 / N  # line 8
    t2 = _own(np.zeros((D,), np.float64))
    dbeta = _own(np.zeros((D,), np.float64))
    edge = N - (N - 0) % 4
    # over n, d: t2, dbeta; 2*D*N operations, 48*D*N bytes
    for n in range(0, edge, 4):
        n_1 = n + 1
        n_2 = n + 2
        n_3 = n + 3
        for d in range(D):
            X_dn = X[n, d]
            X_dn_1 = X[n_1, d]
            X_dn_2 = X[n_2, d]
            X_dn_3 = X[n_3, d]
            t2_ = t2[d]
            t2_ = t2_ + X_dn  # line 8
            t2_ = t2_ + X_dn_1  # line 8
            t2_ = t2_ + X_dn_2  # line 8
            t2_ = t2_ + X_dn_3  # line 8
            t2[d] = t2_
            G_dn = G[n, d]
            G_dn_1 = G[n_1, d]
            G_dn_2 = G[n_2, d]
            G_dn_3 = G[n_3, d]
            dbeta_ = dbeta[d]
            dbeta_ = dbeta_ + G_dn  # backward of line 13: add gate
            dbeta_ = dbeta_ + G_dn_1  # backward of line 13: add gate
            dbeta_ = dbeta_ + G_dn_2  # backward of line 13: add gate
            dbeta_ = dbeta_ + G_dn_3  # backward of line 13: add gate
            dbeta[d] = dbeta_
    for n in range(edge, N):
        for d in range(D):
            X_dn = X[n, d]
            t2[d] += X_dn  # line 8
            G_dn = G[n, d]
            dbeta[d] += G_dn  # backward of line 13: add gate
    t4 = _own(np.zeros((D,), np.float64))
    edge_ = N - (N - 0) % 4
    # over n, d: t4; 4*D*N operations, 32*D*N bytes
    for n in range(0, edge_, 4):
        n_1_ = n + 1
        n_2_ = n + 2
        n_3_ = n + 3
        for d in range(D):
            t2_d = t2[d]
            mu = t2_d * t1  # line 8
            X_dn = X[n, d]
            X_dn_1_ = X[n_1_, d]
            X_dn_2_ = X[n_2_, d]
            X_dn_3_ = X[n_3_, d]
            centred = X_dn - mu  # line 9
            centred_1 = X_dn_1_ - mu  # line 9
            centred_2 = X_dn_2_ - mu  # line 9
            centred_3 = X_dn_3_ - mu  # line 9
            t3 = centred * centred  # line 10
            t3_1 = centred_1 * centred_1  # line 10
            t3_2 = centred_2 * centred_2  # line 10
            t3_3 = centred_3 * centred_3  # line 10
            t4_ = t4[d]
            t4_ = t4_ + t3  # line 10
            t4_ = t4_ + t3_1  # line 10
            t4_ = t4_ + t3_2  # line 10
            t4_ = t4_ + t3_3  # line 10
            t4[d] = t4_
    for n in range(edge_, N):
        for d in range(D):
            t2_d = t2[d]
            mu = t2_d * t1  # line 8
            X_dn = X[n, d]
            centred = X_dn - mu  # line 9
            t3 = centred * centred  # line 10
            t4[d] += t3  # line 10
    deviation = _own(np.empty((D,), np.float64))
    # over d: deviation; 3*D operations, 16*D bytes
    for d in range(D):
        t4_d = t4[d]
        variance = t4_d * t1  # line 10
        t5 = variance + eps  # line 11
        deviation_d = np.sqrt(t5)  # line 11
        deviation[d] = deviation_d
    loss = 0.0
    dgamma = _own(np.zeros((D,), np.float64))
    t11 = _own(np.zeros((D,), np.float64))
    # over n, d: loss, dgamma, t11; 13*D*N operations, 80*D*N bytes
    for n in range(N):
        for d in range(D):
            beta_d = beta[d]
            deviation_d = deviation[d]
            t2_d = t2[d]
            mu = t2_d * t1  # line 8
            X_dn = X[n, d]
            centred = X_dn - mu  # line 9
            normalised = centred / deviation_d  # line 12
            gamma_d = gamma[d]
            t6 = gamma_d * normalised  # line 13
            out = t6 + beta_d  # line 13
            G_dn = G[n, d]
            t7 = G_dn * out  # line 14
            loss = _plus(loss, t7)  # line 14
            t8 = G_dn * normalised  # backward of line 13: mul gate
            dgamma[d] += t8  # backward of line 13: mul gate
            dnormalised = G_dn * gamma_d  # backward of line 13: mul gate
            t9 = dnormalised / deviation_d  # backward of line 12: div gate
            t10 = t9 * normalised  # backward of line 12: div gate
            t11[d] += t10  # backward of line 12: div gate
    t15 = _own(np.empty((D,), np.float64))
    # over d: t15; 3*D operations, 24*D bytes
    for d in range(D):
        deviation_d = deviation[d]
        t12 = 0.5 / deviation_d  # backward of line 11: sqrt gate
        t11_d = t11[d]
        t13 = t11_d * t12  # backward of line 11: sqrt gate
        t14 = t13 * t1  # backward of line 10: div gate
        t15[d] = t14
    dmu = _own(np.zeros((D,), np.float64))
    edge_2 = N - (N - 0) % 4
    # over n, d: dmu; 8*D*N operations, 64*D*N bytes
    for n in range(0, edge_2, 4):
        n_1_2 = n + 1
        n_2_2 = n + 2
        n_3_2 = n + 3
        for d in range(D):
            deviation_d = deviation[d]
            gamma_d = gamma[d]
            G_dn = G[n, d]
            G_dn_1_ = G[n_1_2, d]
            G_dn_2_ = G[n_2_2, d]
            G_dn_3_ = G[n_3_2, d]
            dnormalised = G_dn * gamma_d  # backward of line 13: mul gate
            dnormalised_1 = G_dn_1_ * gamma_d  # backward of line 13: mul gate
            dnormalised_2 = G_dn_2_ * gamma_d  # backward of line 13: mul gate
            dnormalised_3 = G_dn_3_ * gamma_d  # backward of line 13: mul gate
            t9 = dnormalised / deviation_d  # backward of line 12: div gate
            t9_1 = dnormalised_1 / deviation_d  # backward of line 12: div gate
            t9_2 = dnormalised_2 / deviation_d  # backward of line 12: div gate
            t9_3 = dnormalised_3 / deviation_d  # backward of line 12: div gate
            t2_d = t2[d]
            mu = t2_d * t1  # line 8
            X_dn = X[n, d]
            X_dn_1_2 = X[n_1_2, d]
            X_dn_2_2 = X[n_2_2, d]
            X_dn_3_2 = X[n_3_2, d]
            centred = X_dn - mu  # line 9
            centred_1_ = X_dn_1_2 - mu  # line 9
            centred_2_ = X_dn_2_2 - mu  # line 9
            centred_3_ = X_dn_3_2 - mu  # line 9
            t16 = 2 * centred  # backward of line 10: square gate
            t16_1 = 2 * centred_1_  # backward of line 10: square gate
            t16_2 = 2 * centred_2_  # backward of line 10: square gate
            t16_3 = 2 * centred_3_  # backward of line 10: square gate
            t14 = t15[d]
            t17 = t14 * t16  # backward of line 10: square gate
            t17_1 = t14 * t16_1  # backward of line 10: square gate
            t17_2 = t14 * t16_2  # backward of line 10: square gate
            t17_3 = t14 * t16_3  # backward of line 10: square gate
            t18 = t17 - t9  # backward of line 9: sub gate
            t18_1 = t17_1 - t9_1  # backward of line 9: sub gate
            t18_2 = t17_2 - t9_2  # backward of line 9: sub gate
            t18_3 = t17_3 - t9_3  # backward of line 9: sub gate
            dmu_ = dmu[d]
            dmu_ = dmu_ + t18  # backward of line 9: sub gate
            dmu_ = dmu_ + t18_1  # backward of line 9: sub gate
            dmu_ = dmu_ + t18_2  # backward of line 9: sub gate
            dmu_ = dmu_ + t18_3  # backward of line 9: sub gate
            dmu[d] = dmu_
    for n in range(edge_2, N):
        for d in range(D):
            deviation_d = deviation[d]
            gamma_d = gamma[d]
            G_dn = G[n, d]
            dnormalised = G_dn * gamma_d  # backward of line 13: mul gate
            t9 = dnormalised / deviation_d  # backward of line 12: div gate
            t2_d = t2[d]
            mu = t2_d * t1  # line 8
            X_dn = X[n, d]
            centred = X_dn - mu  # line 9
            t16 = 2 * centred  # backward of line 10: square gate
            t14 = t15[d]
            t17 = t14 * t16  # backward of line 10: square gate
            t18 = t17 - t9  # backward of line 9: sub gate
            dmu[d] += t18  # backward of line 9: sub gate
    dX = _own(np.empty((N, D), np.float64))
    # over n, d: dX; 9*D*N operations, 64*D*N bytes
    for n in range(N):
        for d in range(D):
            dmu_d = dmu[d]
            t19 = dmu_d * t1  # backward of line 8: div gate
            t2_d = t2[d]
            mu = t2_d * t1  # line 8
            X_dn = X[n, d]
            centred = X_dn - mu  # line 9
            t16 = 2 * centred  # backward of line 10: square gate
            t14 = t15[d]
            t17 = t14 * t16  # backward of line 10: square gate
            deviation_d = deviation[d]
            gamma_d = gamma[d]
            G_dn = G[n, d]
            dnormalised = G_dn * gamma_d  # backward of line 13: mul gate
            t9 = dnormalised / deviation_d  # backward of line 12: div gate
            dcentred = t9 - t17  # backward of line 9: copy gate
            dX_nd = dcentred + t19  # backward of line 2: copy gate
            dX[n, d] = dX_nd
    return (loss, dX, dgamma, dbeta)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    X: np.ndarray  # [N, D]
    gamma: np.ndarray  # [D]
    beta: np.ndarray  # [D]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(X, gamma, beta, G, eps=1e-05):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, gamma, beta, G, eps):
        _call = _direct_value_kernel.run
        _found = _call(X, gamma, beta, G, eps)
    else:
        _found = value_kernel(*_checked(X, gamma, beta, G, eps))
    return _found[0]


def value_and_grad(X, gamma, beta, G, eps=1e-05):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, gamma, beta, G, eps):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(X, gamma, beta, G, eps)
    else:
        _found = value_and_grad_kernel(*_checked(X, gamma, beta, G, eps))
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


def _checked(X, gamma, beta, G, eps):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("N", "D"), "real")
    if gamma.__class__ is not _ARRAY or gamma.dtype is not _REAL or gamma.ndim != 1 or not gamma.flags.carray:
        gamma = _converted("gamma", gamma, ("D",), "real")
    if beta.__class__ is not _ARRAY or beta.dtype is not _REAL or beta.ndim != 1 or not beta.flags.carray:
        beta = _converted("beta", beta, ("D",), "real")
    if G.__class__ is not _ARRAY or G.dtype is not _REAL or G.ndim != 2 or not G.flags.carray:
        G = _converted("G", G, ("N", "D"), "real")
    if eps.__class__ is not float:
        eps = float(_converted("eps", eps, (), "real"))
    N, D = X.shape
    if gamma.shape[0] != D:
        raise ValueError(f"gamma has {gamma.shape[0]} elements, but D = {D} from X")
    if beta.shape[0] != D:
        raise ValueError(f"beta has {beta.shape[0]} elements, but D = {D} from X")
    if G.shape[0] != N:
        raise ValueError(f"G has {G.shape[0]} rows, but N = {N} from X")
    if G.shape[1] != D:
        raise ValueError(f"G has {G.shape[1]} columns, but D = {D} from X")
    return X, gamma, beta, G, eps


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
def _fit(_array, _real, X, gamma, beta, G, eps):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(X, _array, _real, 2)):
        return False
    if not (_is_array(gamma, _array, _real, 1)):
        return False
    if not (_is_array(beta, _array, _real, 1)):
        return False
    if not (_is_array(G, _array, _real, 2)):
        return False
    if not (_is_a(eps, "PyFloat_Type")):
        return False
    N = _size(X, 0)
    D = _size(X, 1)
    return _size(gamma, 0) == D and _size(beta, 0) == D and _size(G, 0) == N and _size(G, 1) == D


_fitting = _Direct(_fit, 100, *[_ANY] * 7)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[::1], types.float64[::1], types.float64[:, ::1], types.double,
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
