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
# code: N = 25: agrees, within 2^0 units in the last place
# code: K = 37: agrees, within 2^0 units in the last place
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

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


_LONG_ROW = 24  # numbers in the row of a sample, from which on loops run along it


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
def _turn(x, columns):
    """Copy the rows of x to columns, four at a time."""
    rows, width = x.shape
    edge = rows - rows % 4
    for row in range(0, edge, 4):
        for i in range(width):
            a, b, c, d = x[row, i], x[row + 1, i], x[row + 2, i], x[row + 3, i]
            columns[i, row], columns[i, row + 1], columns[i, row + 2], columns[i, row + 3] = a, b, c, d
    for row in range(edge, rows):
        for i in range(width):
            columns[i, row] = x[row, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _columns(x, space):
    """Return the rows of x as columns, in memory that is given; if they are long, an array without rows."""
    size, width = x.shape
    if width * size > space.size:
        return space[:0].reshape((0, size))
    columns = space[: width * size].reshape((width, size))
    _turn(x, columns)
    return columns


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _few_terms(a, b, out):
    """out = a @ b with samples along the rows of b, two rows and four terms at a time; False if there are too many."""
    rows, inner = a.shape
    if rows < 2 or rows * inner > 2048 or b.shape[0] < inner:
        return False
    size, edge = b.shape[1], inner - inner % 4
    for start in range(0, rows, 2):
        i = min(start, rows - 2)
        j = i + 1
        for n in range(size):
            out[i, n] = 0.0
            out[j, n] = 0.0
        for k in range(0, edge, 4):
            p, p_1, p_2, p_3 = a[i, k], a[i, k + 1], a[i, k + 2], a[i, k + 3]
            q, q_1, q_2, q_3 = a[j, k], a[j, k + 1], a[j, k + 2], a[j, k + 3]
            for n in range(size):
                x, x_1, x_2, x_3 = b[k, n], b[k + 1, n], b[k + 2, n], b[k + 3, n]
                out[i, n] = out[i, n] + p * x + p_1 * x_1 + p_2 * x_2 + p_3 * x_3
                out[j, n] = out[j, n] + q * x + q_1 * x_1 + q_2 * x_2 + q_3 * x_3
        for k in range(edge, inner):
            p, q = a[i, k], a[j, k]
            for n in range(size):
                out[i, n] += p * b[k, n]
                out[j, n] += q * b[k, n]
    return True


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _long_sums(a, b, out):
    """out = a @ b.T with samples along the rows of both, two by four sums at a time; False if there are too many."""
    rows, columns = out.shape
    if columns < 2 or rows * columns > 4096 or a.shape[0] < rows or b.shape[0] < columns:
        return False
    for i in range(0, rows, 2):
        j = min(i + 1, rows - 1)
        for k in range(0, columns, 4):
            k_1, k_2, k_3 = min(k + 1, columns - 1), min(k + 2, columns - 1), min(k + 3, columns - 1)
            p = p_1 = p_2 = p_3 = q = q_1 = q_2 = q_3 = 0.0
            for n in range(a.shape[1]):
                x, y = a[i, n], a[j, n]
                z, z_1, z_2, z_3 = b[k, n], b[k_1, n], b[k_2, n], b[k_3, n]
                p, p_1, p_2, p_3 = _plus(p, x * z), _plus(p_1, x * z_1), _plus(p_2, x * z_2), _plus(p_3, x * z_3)
                q, q_1, q_2, q_3 = _plus(q, y * z), _plus(q_1, y * z_1), _plus(q_2, y * z_2), _plus(q_3, y * z_3)
            out[i, k], out[i, k_1], out[i, k_2], out[i, k_3] = p, p_1, p_2, p_3
            out[j, k], out[j, k_1], out[j, k_2], out[j, k_3] = q, q_1, q_2, q_3
    return True


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(R, seen, U, V, lam):
    M, N = R.shape
    K = U.shape[1]
    t1 = 0.5 * lam  # line 9
    t3 = 0.0
    # over n, k: t3; 2*K*N operations, 8*K*N bytes
    for n in range(N):
        for k in range(K):
            V_kn = V[n, k]
            t2 = V_kn * V_kn  # line 9
            t3 = _plus(t3, t2)  # line 9
    t5 = 0.0
    t9 = 0.0
    if max(K, N) >= _LONG_ROW:
        # stage along M: block by block, with N numbers for each position in buffers
        block_ = min(M // 2 + 4, max(64, min(256, 65536 // (N + 1) // 32 * 32)))
        size_ = min(block_, M)
        t10 = _own(np.empty((size_, N), np.float64))
        for m0_ in range(0, M, block_):
            if M - m0_ < size_:  # the last block
                size_ = M - m0_
                t10 = _own(np.empty((size_, N), np.float64))
            U_2 = U[m0_ : m0_ + size_]
            R_2 = R[m0_ : m0_ + size_]
            seen_2 = seen[m0_ : m0_ + size_]
            t5__ = 0.0
            # over m, k: t5__; 2*K*M operations, 8*K*M bytes
            for m in range(size_):
                for k in range(K):
                    U_km = U_2[m, k]
                    t4 = U_km * U_km  # line 9
                    t5__ = _plus(t5__, t4)  # line 9
            t5 = _plus(t5, t5__)  # line 9
            np.dot(U_2, V.T, t10)
            t9__ = 0.0
            # over m, n: t9__; 4*M*N operations, 24*M*N bytes
            for m in range(size_):
                for n in range(N):
                    R_mn = R_2[m, n]
                    t6_mn = t10[m, n]
                    t7 = t6_mn - R_mn  # line 8
                    seen_mn = seen_2[m, n]
                    error = seen_mn * t7  # line 8
                    t8 = error * error  # line 9
                    t9__ = _plus(t9__, t8)  # line 9
            t9 = _plus(t9, t9__)  # line 9
    else:
        # stage along M: block by block, with K + 3*N numbers for each position in buffers
        block = min(M // 2 + 4, max(64, min(256, 65536 // (K + 3*N + 1) // 32 * 32)))
        size = min(block, M)
        U__ = _own(np.empty((K, size), np.float64))
        space = _own(np.empty((16384,), np.float64))
        R__ = _own(np.empty((N, size), np.float64))
        seen__ = _own(np.empty((N, size), np.float64))
        t6 = _own(np.empty((N, size), np.float64))
        for m0 in range(0, M, block):
            if M - m0 < size:  # the last block
                size = M - m0
                U__ = _own(np.empty((K, size), np.float64))
                R__ = _own(np.empty((N, size), np.float64))
                seen__ = _own(np.empty((N, size), np.float64))
                t6 = _own(np.empty((N, size), np.float64))
            U_ = U[m0 : m0 + size]
            R_ = R[m0 : m0 + size]
            seen_ = seen[m0 : m0 + size]
            _turn(U_, U__)
            U__2 = _columns(U_, space)
            _turn(R_, R__)
            _turn(seen_, seen__)
            t5_ = 0.0
            # over k, m: t5_; 2*K*M operations, 8*K*M bytes
            for k in range(K):
                for m in range(size):
                    U_km = U__[k, m]
                    t4 = U_km * U_km  # line 9
                    t5_ = _plus(t5_, t4)  # line 9
            t5 = _plus(t5, t5_)  # line 9
            if not _few_terms(V, U__2, t6):
                np.dot(V, U_.T, t6)
            t9_ = 0.0
            # over n, m: t9_; 4*M*N operations, 24*M*N bytes
            for n in range(N):
                for m in range(size):
                    R_mn = R__[n, m]
                    t6_mn = t6[n, m]
                    t7 = t6_mn - R_mn  # line 8
                    seen_mn = seen__[n, m]
                    error = seen_mn * t7  # line 8
                    t8 = error * error  # line 9
                    t9_ = _plus(t9_, t8)  # line 9
            t9 = _plus(t9, t9_)  # line 9
    t11 = t5 + t3  # line 9
    t12 = t1 * t11  # line 9
    t13 = 0.5 * t9  # line 9
    loss = t13 + t12  # line 9
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(R, seen, U, V, lam):
    M, N = R.shape
    K = U.shape[1]
    t1 = 0.5 * lam  # line 9
    t3 = 0.0
    # over n, k: t3; 2*K*N operations, 8*K*N bytes
    for n in range(N):
        for k in range(K):
            V_kn = V[n, k]
            t2 = V_kn * V_kn  # line 9
            t3 = _plus(t3, t2)  # line 9
    t5 = 0.0
    t9 = 0.0
    t13 = _own(np.zeros((N, K), np.float64))
    dU = _own(np.empty((M, K), np.float64))
    if max(K, N) >= _LONG_ROW:
        # stage along M: block by block, with K + 2*N numbers for each position in buffers
        block_ = min(M // 2 + 4, max(64, min(256, 65536 // (K + 2*N + 1) // 32 * 32)))
        size_ = min(block_, M)
        t17 = _own(np.empty((size_, N), np.float64))
        t18 = _own(np.empty((size_, N), np.float64))
        t19 = _own(np.empty((size_, K), np.float64))
        t20 = _own(np.empty((N, K), np.float64))
        for m0_ in range(0, M, block_):
            if M - m0_ < size_:  # the last block
                size_ = M - m0_
                t17 = _own(np.empty((size_, N), np.float64))
                t18 = _own(np.empty((size_, N), np.float64))
                t19 = _own(np.empty((size_, K), np.float64))
            U_2 = U[m0_ : m0_ + size_]
            R_2 = R[m0_ : m0_ + size_]
            seen_2 = seen[m0_ : m0_ + size_]
            dU_2 = dU[m0_ : m0_ + size_]
            t5__ = 0.0
            # over m, k: t5__; 2*K*M operations, 8*K*M bytes
            for m in range(size_):
                for k in range(K):
                    U_km = U_2[m, k]
                    t4 = U_km * U_km  # line 9
                    t5__ = _plus(t5__, t4)  # line 9
            t5 = _plus(t5, t5__)  # line 9
            np.dot(U_2, V.T, t17)
            t9__ = 0.0
            # over m, n: t9__, t18; 5*M*N operations, 32*M*N bytes
            for m in range(size_):
                for n in range(N):
                    R_mn = R_2[m, n]
                    t6_mn = t17[m, n]
                    t7 = t6_mn - R_mn  # line 8
                    seen_mn = seen_2[m, n]
                    error = seen_mn * t7  # line 8
                    t8 = error * error  # line 9
                    t9__ = _plus(t9__, t8)  # line 9
                    t10 = error * seen_mn  # backward of line 8: mul gate
                    t18[m, n] = t10
            t9 = _plus(t9, t9__)  # line 9
            np.dot(t18, V, t19)  # backward of line 8: mul gate
            np.dot(t18.T, U_2, t20)  # backward of line 8: mul gate
            # over n, k: t13; K*N operations, 24*K*N bytes
            for n in range(N):
                for k in range(K):
                    t13[n, k] += t20[n, k]  # backward of line 8: mul gate
            # over m, k: dU_2; 3*K*M operations, 24*K*M bytes
            for m in range(size_):
                for k in range(K):
                    t12_km = t19[m, k]
                    U_km = U_2[m, k]
                    t15 = 2 * U_km  # backward of line 9: square gate
                    t16 = t1 * t15  # backward of line 9: square gate
                    dU_km = t16 + t12_km  # backward of line 4: copy gate
                    dU_2[m, k] = dU_km
    else:
        # stage along M: block by block, with 3*K + 4*N numbers for each position in buffers
        block = min(M // 2 + 4, max(64, min(256, 65536 // (3*K + 4*N + 1) // 32 * 32)))
        size = min(block, M)
        U__ = _own(np.empty((K, size), np.float64))
        space = _own(np.empty((16384,), np.float64))
        R__ = _own(np.empty((N, size), np.float64))
        seen__ = _own(np.empty((N, size), np.float64))
        t6 = _own(np.empty((N, size), np.float64))
        t11 = _own(np.empty((N, size), np.float64))
        t12 = _own(np.empty((K, size), np.float64))
        t14 = _own(np.empty((N, K), np.float64))
        dU__ = _own(np.empty((K, size), np.float64))
        for m0 in range(0, M, block):
            if M - m0 < size:  # the last block
                size = M - m0
                U__ = _own(np.empty((K, size), np.float64))
                R__ = _own(np.empty((N, size), np.float64))
                seen__ = _own(np.empty((N, size), np.float64))
                t6 = _own(np.empty((N, size), np.float64))
                t11 = _own(np.empty((N, size), np.float64))
                t12 = _own(np.empty((K, size), np.float64))
                dU__ = _own(np.empty((K, size), np.float64))
            U_ = U[m0 : m0 + size]
            R_ = R[m0 : m0 + size]
            seen_ = seen[m0 : m0 + size]
            dU_ = dU[m0 : m0 + size]
            _turn(U_, U__)
            U__2 = _columns(U_, space)
            _turn(R_, R__)
            _turn(seen_, seen__)
            t5_ = 0.0
            # over k, m: t5_; 2*K*M operations, 8*K*M bytes
            for k in range(K):
                for m in range(size):
                    U_km = U__[k, m]
                    t4 = U_km * U_km  # line 9
                    t5_ = _plus(t5_, t4)  # line 9
            t5 = _plus(t5, t5_)  # line 9
            if not _few_terms(V, U__2, t6):
                np.dot(V, U_.T, t6)
            t9_ = 0.0
            # over n, m: t9_, t11; 5*M*N operations, 32*M*N bytes
            for n in range(N):
                for m in range(size):
                    R_mn = R__[n, m]
                    t6_mn = t6[n, m]
                    t7 = t6_mn - R_mn  # line 8
                    seen_mn = seen__[n, m]
                    error = seen_mn * t7  # line 8
                    t8 = error * error  # line 9
                    t9_ = _plus(t9_, t8)  # line 9
                    t10 = error * seen_mn  # backward of line 8: mul gate
                    t11[n, m] = t10
            t9 = _plus(t9, t9_)  # line 9
            if not _few_terms(V.T, t11, t12):
                np.dot(V.T, t11, t12)  # backward of line 8: mul gate
            if not _long_sums(t11, U__2, t14):
                np.dot(t11, U_, t14)  # backward of line 8: mul gate
            # over n, k: t13; K*N operations, 24*K*N bytes
            for n in range(N):
                for k in range(K):
                    t13[n, k] += t14[n, k]  # backward of line 8: mul gate
            # over k, m: dU__; 3*K*M operations, 24*K*M bytes
            for k in range(K):
                for m in range(size):
                    t12_km = t12[k, m]
                    U_km = U__[k, m]
                    t15 = 2 * U_km  # backward of line 9: square gate
                    t16 = t1 * t15  # backward of line 9: square gate
                    dU_km = t16 + t12_km  # backward of line 4: copy gate
                    dU__[k, m] = dU_km
            _turn(dU__, dU_)
    t21 = t5 + t3  # line 9
    t22 = t1 * t21  # line 9
    t23 = 0.5 * t9  # line 9
    loss = t23 + t22  # line 9
    dV = _own(np.empty((N, K), np.float64))
    # over n, k: dV; 3*K*N operations, 24*K*N bytes
    for n in range(N):
        for k in range(K):
            t13_kn = t13[n, k]
            V_kn = V[n, k]
            t24 = 2 * V_kn  # backward of line 9: square gate
            t25 = t1 * t24  # backward of line 9: square gate
            dV_nk = t25 + t13_kn  # backward of line 5: copy gate
            dV[n, k] = dV_nk
    return (loss, dU, dV)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    U: np.ndarray  # [M, K]
    V: np.ndarray  # [N, K]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(R, seen, U, V, lam=0.1):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, R, seen, U, V, lam):
        _call = _direct_value_kernel.run
        _found = _call(R, seen, U, V, lam)
    else:
        _found = value_kernel(*_checked(R, seen, U, V, lam))
    return _found[0]


def value_and_grad(R, seen, U, V, lam=0.1):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, R, seen, U, V, lam):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(R, seen, U, V, lam)
    else:
        _found = value_and_grad_kernel(*_checked(R, seen, U, V, lam))
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


def _checked(R, seen, U, V, lam):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if R.__class__ is not _ARRAY or R.dtype is not _REAL or R.ndim != 2 or not R.flags.carray:
        R = _converted("R", R, ("M", "N"), "real")
    if seen.__class__ is not _ARRAY or seen.dtype is not _REAL or seen.ndim != 2 or not seen.flags.carray:
        seen = _converted("seen", seen, ("M", "N"), "real")
    if U.__class__ is not _ARRAY or U.dtype is not _REAL or U.ndim != 2 or not U.flags.carray:
        U = _converted("U", U, ("M", "K"), "real")
    if V.__class__ is not _ARRAY or V.dtype is not _REAL or V.ndim != 2 or not V.flags.carray:
        V = _converted("V", V, ("N", "K"), "real")
    if lam.__class__ is not float:
        lam = float(_converted("lam", lam, (), "real"))
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
def _fit(_array, _real, R, seen, U, V, lam):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(R, _array, _real, 2)):
        return False
    if not (_is_array(seen, _array, _real, 2)):
        return False
    if not (_is_array(U, _array, _real, 2)):
        return False
    if not (_is_array(V, _array, _real, 2)):
        return False
    if not (_is_a(lam, "PyFloat_Type")):
        return False
    M = _size(R, 0)
    N = _size(R, 1)
    K = _size(U, 1)
    return _size(seen, 0) == M and _size(seen, 1) == N and _size(U, 0) == M and _size(V, 0) == N and _size(V, 1) == K


_fitting = _Direct(_fit, 100, *[_ANY] * 7)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[:, ::1], types.float64[:, ::1], types.float64[:, ::1], types.double,
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
