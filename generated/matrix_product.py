# Made by gradcompile 0.1.0 from examples/matrix_product.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 07aea01659eafe47ad0bbb5483b8d9a7ef5a953430933acfec39799c10c6a51a
# options: --target numba --emit value,value_and_grad
# operations: value 2*D*M*N + 2*M*N + N; value_and_grad 6*D*M*N + 2*M*N + N
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient X: proved (sympy), equal to SymPy's derivative
# graph: gradient W: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3, M = 4: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: M = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: M = 37: agrees, within 2^0 units in the last place
# claim, line 9: proved (sympy), grad(loss, Y) == G
# claim, line 12: proved (sympy), grad(loss, X) == [[sum(G[i, k] * W[j, k] for k in range(M)) for j in range(D)] for i in range(N)]
# claim, line 13: proved (sympy), grad(loss, X) == G @ W.T
# claim, line 16: proved (sympy), grad(loss, W) == [[sum(X[i, j] * G[i, k] for i in range(N)) for k in range(M)] for j in range(D)]
# claim, line 17: proved (sympy), grad(loss, W) == X.T @ G
# --- end of certificate ---

"""A matrix product by slices: its gradients entry by entry, and as the two products that these entries make.

    from matrix_product import value, value_and_grad
    loss = value(X, W, G)
    loss, gradient = value_and_grad(X, W, G)

Arguments: X[N, D] (differentiated), W[D, M] (differentiated), G[N, M].
"""

from typing import NamedTuple

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


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


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


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
def value_kernel(X, W, G):
    N, D = X.shape
    M = W.shape[1]
    loss = 0.0
    if M >= _LONG_ROW:
        # stage along N: block by block, with M numbers for each position in buffers
        block_ = min(N // 2 + 4, max(64, min(256, 65536 // (M + 1) // 32 * 32)))
        size_ = min(block_, N)
        Y_ = _own(np.empty((size_, M), np.float64))
        for i0_ in range(0, N, block_):
            if N - i0_ < size_:  # the last block
                size_ = N - i0_
                Y_ = _own(np.empty((size_, M), np.float64))
            X_2 = X[i0_ : i0_ + size_]
            G_2 = G[i0_ : i0_ + size_]
            np.dot(X_2, W, Y_)
            loss__ = 0.0
            # over i, k: loss__; 2*M*N operations, 16*M*N bytes
            for i in range(size_):
                for k in range(M):
                    Y_ki = Y_[i, k]
                    G_ki = G_2[i, k]
                    t1 = G_ki * Y_ki  # line 7
                    loss__ = _plus(loss__, t1)  # line 7
            loss = _plus(loss, loss__)  # line 7
    else:
        # stage along N: block by block, with 2*M numbers for each position in buffers
        block = min(N // 2 + 4, max(64, min(256, 65536 // (2*M + 1) // 32 * 32)))
        size = min(block, N)
        space = _own(np.empty((16384,), np.float64))
        G__ = _own(np.empty((M, size), np.float64))
        Y = _own(np.empty((M, size), np.float64))
        for i0 in range(0, N, block):
            if N - i0 < size:  # the last block
                size = N - i0
                G__ = _own(np.empty((M, size), np.float64))
                Y = _own(np.empty((M, size), np.float64))
            X_ = X[i0 : i0 + size]
            G_ = G[i0 : i0 + size]
            X__ = _columns(X_, space)
            _turn(G_, G__)
            if not _few_terms(W.T, X__, Y):
                np.dot(W.T, X_.T, Y)
            loss_ = 0.0
            # over k, i: loss_; 2*M*N operations, 16*M*N bytes
            for k in range(M):
                for i in range(size):
                    Y_ki = Y[k, i]
                    G_ki = G__[k, i]
                    t1 = G_ki * Y_ki  # line 7
                    loss_ = _plus(loss_, t1)  # line 7
            loss = _plus(loss, loss_)  # line 7
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(X, W, G):
    N, D = X.shape
    M = W.shape[1]
    loss = 0.0
    dX = _own(np.empty((N, D), np.float64))
    dW = _own(np.zeros((D, M), np.float64))
    if M >= _LONG_ROW:
        # stage along N: block by block, with M numbers for each position in buffers
        block_ = min(N // 2 + 4, max(64, min(256, 65536 // (M + 1) // 32 * 32)))
        size_ = min(block_, N)
        Y_ = _own(np.empty((size_, M), np.float64))
        t3 = _own(np.empty((D, M), np.float64))
        for i0_ in range(0, N, block_):
            if N - i0_ < size_:  # the last block
                size_ = N - i0_
                Y_ = _own(np.empty((size_, M), np.float64))
            X_2 = X[i0_ : i0_ + size_]
            G_2 = G[i0_ : i0_ + size_]
            dX_2 = dX[i0_ : i0_ + size_]
            np.dot(X_2, W, Y_)
            loss__ = 0.0
            # over i, k: loss__; 2*M*N operations, 16*M*N bytes
            for i in range(size_):
                for k in range(M):
                    Y_ki = Y_[i, k]
                    G_ki = G_2[i, k]
                    t1 = G_ki * Y_ki  # line 7
                    loss__ = _plus(loss__, t1)  # line 7
            loss = _plus(loss, loss__)  # line 7
            np.dot(G_2, W.T, dX_2)
            np.dot(X_2.T, G_2, t3)
            # over j, k: dW; D*M operations, 24*D*M bytes
            for j in range(D):
                for k in range(M):
                    dW[j, k] += t3[j, k]
    else:
        # stage along N: block by block, with 2*M numbers for each position in buffers
        block = min(N // 2 + 4, max(64, min(256, 65536 // (2*M + 1) // 32 * 32)))
        size = min(block, N)
        space = _own(np.empty((16384,), np.float64))
        G__ = _own(np.empty((M, size), np.float64))
        space_ = _own(np.empty((16384,), np.float64))
        Y = _own(np.empty((M, size), np.float64))
        t2 = _own(np.empty((D, M), np.float64))
        for i0 in range(0, N, block):
            if N - i0 < size:  # the last block
                size = N - i0
                G__ = _own(np.empty((M, size), np.float64))
                Y = _own(np.empty((M, size), np.float64))
            X_ = X[i0 : i0 + size]
            G_ = G[i0 : i0 + size]
            dX_ = dX[i0 : i0 + size]
            X__ = _columns(X_, space)
            _turn(G_, G__)
            G__2 = _columns(G_, space_)
            if not _few_terms(W.T, X__, Y):
                np.dot(W.T, X_.T, Y)
            loss_ = 0.0
            # over k, i: loss_; 2*M*N operations, 16*M*N bytes
            for k in range(M):
                for i in range(size):
                    Y_ki = Y[k, i]
                    G_ki = G__[k, i]
                    t1 = G_ki * Y_ki  # line 7
                    loss_ = _plus(loss_, t1)  # line 7
            loss = _plus(loss, loss_)  # line 7
            np.dot(G_, W.T, dX_)
            if not _long_sums(X__, G__2, t2):
                np.dot(X_.T, G_, t2)
            # over j, k: dW; D*M operations, 24*D*M bytes
            for j in range(D):
                for k in range(M):
                    dW[j, k] += t2[j, k]
    return (loss, dX, dW)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    X: np.ndarray  # [N, D]
    W: np.ndarray  # [D, M]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(X, W, G):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, W, G):
        _call = _direct_value_kernel.run
        _found = _call(X, W, G)
    else:
        _found = value_kernel(*_checked(X, W, G))
    return _found[0]


def value_and_grad(X, W, G):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, X, W, G):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(X, W, G)
    else:
        _found = value_and_grad_kernel(*_checked(X, W, G))
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


def _checked(X, W, G):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if X.__class__ is not _ARRAY or X.dtype is not _REAL or X.ndim != 2 or not X.flags.carray:
        X = _converted("X", X, ("N", "D"), "real")
    if W.__class__ is not _ARRAY or W.dtype is not _REAL or W.ndim != 2 or not W.flags.carray:
        W = _converted("W", W, ("D", "M"), "real")
    if G.__class__ is not _ARRAY or G.dtype is not _REAL or G.ndim != 2 or not G.flags.carray:
        G = _converted("G", G, ("N", "M"), "real")
    N, D = X.shape
    M = W.shape[1]
    if W.shape[0] != D:
        raise ValueError(f"W has {W.shape[0]} rows, but D = {D} from X")
    if G.shape[0] != N:
        raise ValueError(f"G has {G.shape[0]} rows, but N = {N} from X")
    if G.shape[1] != M:
        raise ValueError(f"G has {G.shape[1]} columns, but M = {M} from W")
    return X, W, G


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
def _fit(_array, _real, X, W, G):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(X, _array, _real, 2)):
        return False
    if not (_is_array(W, _array, _real, 2)):
        return False
    if not (_is_array(G, _array, _real, 2)):
        return False
    N = _size(X, 0)
    D = _size(X, 1)
    M = _size(W, 1)
    return _size(W, 0) == D and _size(G, 0) == N and _size(G, 1) == M


_fitting = _Direct(_fit, 100, *[_ANY] * 5)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[:, ::1], types.float64[:, ::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
