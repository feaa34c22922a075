# Made by gradcompile 0.1.0 from examples/matrix_factorisation.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 1ae490f3d5da47cf319e23eb69dfee29f7eff71323f523dee04fcde373ff6784
# options: --target numba --emit value,value_and_grad
# operations: value 2*K*M*N + 2*K*M + 2*K*N + 4*M*N + 2*M + N + 5; value_and_grad 6*K*M*N + 5*K*M + 5*K*N + 5*M*N + 2*M + N + 5
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient U: proved (sympy), equal to SymPy's derivative
# graph: gradient V: proved (sympy), equal to SymPy's derivative
# code: M = 2, N = 3, K = 4: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: M = 0: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: K = 0: agrees, within 2^0 units in the last place
# code: M = 9: agrees, within 2^0 units in the last place
# code: N = 7: agrees, within 2^0 units in the last place
# code: K = 11: agrees, within 2^0 units in the last place
# claim, line 11: proved (sympy), grad(loss, error) == error
# claim, line 12: proved (sympy), grad(loss, U) == (seen * error) @ V + lam * U
# claim, line 13: proved (sympy), grad(loss, V) == (seen * error).T @ U + lam * V
# --- end of certificate ---

"""Matrix factorisation: ratings as inner products of user and item vectors, on the observed entries only.

    from matrix_factorisation import value, value_and_grad
    loss = value(R, seen, U, V, lam=0.1)
    loss, gradient = value_and_grad(R, seen, U, V, lam=0.1)

Arguments: R[M, N], seen[M, N], U[M, K] (differentiated), V[N, K] (differentiated), lam.
"""

from typing import NamedTuple

from numba import njit
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(R, seen, U, V, lam):
    M, N = R.shape
    K = U.shape[1]
    t1 = 0.5 * lam  # line 9
    t3 = 0.0
    for m in range(M):
        for k in range(K):
            U_km = U[m, k]
            t2 = U_km * U_km  # line 9
            t3 += t2  # line 9
    t5 = 0.0
    for n in range(N):
        for k in range(K):
            V_kn = V[n, k]
            t4 = V_kn * V_kn  # line 9
            t5 += t4  # line 9
    t6 = t3 + t5  # line 9
    t7 = t1 * t6  # line 9
    t8 = np.dot(U, V.T)  # line 8
    t11 = 0.0
    for m in range(M):
        for n in range(N):
            R_mn = R[m, n]
            t8_mn = t8[m, n]
            t9 = t8_mn - R_mn  # line 8
            seen_mn = seen[m, n]
            error = seen_mn * t9  # line 8
            t10 = error * error  # line 9
            t11 += t10  # line 9
    t12 = 0.5 * t11  # line 9
    loss = t12 + t7  # line 9
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(R, seen, U, V, lam):
    M, N = R.shape
    K = U.shape[1]
    t1 = 0.5 * lam  # line 9
    t3 = 0.0
    for m in range(M):
        for k in range(K):
            U_km = U[m, k]
            t2 = U_km * U_km  # line 9
            t3 += t2  # line 9
    t5 = 0.0
    for n in range(N):
        for k in range(K):
            V_kn = V[n, k]
            t4 = V_kn * V_kn  # line 9
            t5 += t4  # line 9
    t6 = t3 + t5  # line 9
    t7 = t1 * t6  # line 9
    t8 = np.dot(U, V.T)  # line 8
    t11 = 0.0
    t13 = np.empty((M, N), np.float64)
    for m in range(M):
        for n in range(N):
            R_mn = R[m, n]
            t8_mn = t8[m, n]
            t9 = t8_mn - R_mn  # line 8
            seen_mn = seen[m, n]
            error = seen_mn * t9  # line 8
            t10 = error * error  # line 9
            t11 += t10  # line 9
            t12 = error * seen_mn  # backward of line 8: mul gate
            t13[m, n] = t12
    t14 = 0.5 * t11  # line 9
    loss = t14 + t7  # line 9
    t15 = np.dot(t13, V)  # backward of line 8: mul gate
    t16 = np.dot(t13.T, U)  # backward of line 8: mul gate
    dV = np.empty((N, K), np.float64)
    for n in range(N):
        for k in range(K):
            t16_kn = t16[n, k]
            V_kn = V[n, k]
            t17 = 2 * V_kn  # backward of line 9: square gate
            t18 = t1 * t17  # backward of line 9: square gate
            dV_nk = t18 + t16_kn  # backward of line 5: copy gate
            dV[n, k] = dV_nk
    dU = np.empty((M, K), np.float64)
    for m in range(M):
        for k in range(K):
            t15_km = t15[m, k]
            U_km = U[m, k]
            t19 = 2 * U_km  # backward of line 9: square gate
            t20 = t1 * t19  # backward of line 9: square gate
            dU_mk = t20 + t15_km  # backward of line 4: copy gate
            dU[m, k] = dU_mk
    return (loss, dU, dV)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    U: np.ndarray  # [M, K]
    V: np.ndarray  # [N, K]


def value(R, seen, U, V, lam=0.1):
    """Return loss."""
    return value_kernel(*_checked(R, seen, U, V, lam))[0]


def value_and_grad(R, seen, U, V, lam=0.1):
    """Return loss and its gradient."""
    _value, *_gradient = value_and_grad_kernel(*_checked(R, seen, U, V, lam))
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


def _checked(R, seen, U, V, lam):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    R = _real("R", R, ("M", "N"))
    seen = _real("seen", seen, ("M", "N"))
    U = _real("U", U, ("M", "K"))
    V = _real("V", V, ("N", "K"))
    lam = lam if lam.__class__ is float else float(_converted("lam", lam, (), "real"))
    M, N = R.shape
    K = U.shape[1]
    if seen.shape[0] != M:
        raise ValueError(f"seen has {seen.shape[0]} rows, but M = {M} from R")
    if seen.shape[1] != N:
        raise ValueError(f"seen has {seen.shape[1]} columns, but N = {N} from R")
    if U.shape[0] != M:
        raise ValueError(f"U has {U.shape[0]} rows, but M = {M} from R")
    if V.shape[0] != N:
        raise ValueError(f"V has {V.shape[0]} rows, but N = {N} from R")
    if V.shape[1] != K:
        raise ValueError(f"V has {V.shape[1]} columns, but K = {K} from U")
    return R, seen, U, V, lam
