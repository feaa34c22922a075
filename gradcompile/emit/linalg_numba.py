"""The helper functions of linear algebra of the fast target: LAPACK through Numba, and factors that are solved with.

All take arrays in any order of memory. A right-hand side has any number of axes, its rows first.
"""

from __future__ import annotations

SOURCE = '''
def _columns(b):
    """Return a copy of a vector or an array as the columns of a matrix."""
    return np.ascontiguousarray(b).copy().reshape((b.shape[0], b.size // max(1, b.shape[0])))


def _regular(a):
    """Raise LinAlgError where the diagonal of a triangle has a zero."""
    for i in range(a.shape[0]):
        if a[i, i] == 0.0:
            raise np.linalg.LinAlgError("Singular matrix")


def _subtract(x, start, product):
    """Subtract a matrix from the rows of x from `start` on, in the last columns."""
    first = x.shape[1] - product.shape[1]
    for i in range(product.shape[0]):
        for j in range(product.shape[1]):
            x[start + i, first + j] -= product[i, j]


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


def _solve_lower(low, b):
    """Return x with low @ x = b, from the lower triangle alone."""
    rows = np.ascontiguousarray(low)
    _regular(rows)
    x = _columns(b)
    _forward(rows, x, 0)
    return x.reshape(b.shape)


def _solve_upper(up, b):
    """Return x with up @ x = b, from the upper triangle alone."""
    rows = np.ascontiguousarray(up)
    _regular(rows)
    x = _columns(b)
    _backward(rows, x, 0)
    return x.reshape(b.shape)


def _inv_factored(low):
    """Return the inverse of low @ low.T by blocks of columns: of the triangle's inverse, and of that with itself."""
    n = low.shape[0]
    rows = np.ascontiguousarray(low)
    _regular(rows)
    half, result = np.empty_like(rows), np.empty_like(rows)
    for start in range(0, n, 64):
        stop = min(start + 64, n)
        x = np.zeros_like(rows[start:, start:stop])
        for i in range(stop - start):
            x[i, i] = 1.0
        _forward(rows[start:, start:], x, 0)
        half[start:, start:stop] = x
        product = np.dot(x.T, np.ascontiguousarray(half[start:, :stop]))
        result[start:stop, :stop] = product
        result[:start, start:stop] = product[:, :start].T
    return result


def _lu_factors(a):
    """Return P, L and U of a = P @ L @ U: L and U in one matrix, P as the row that each row was exchanged with."""
    n = a.shape[0]
    lu = np.ascontiguousarray(a).copy()
    pivots = np.empty(n, np.int64)
    for start in range(0, n, 32):
        stop = min(start + 32, n)
        for k in range(start, stop):
            best = k
            for i in range(k + 1, n):
                if abs(lu[i, k]) > abs(lu[best, k]):
                    best = i
            pivots[k] = best
            if best != k:
                for j in range(n):
                    lu[k, j], lu[best, j] = lu[best, j], lu[k, j]
            if lu[k, k] != 0.0:
                for i in range(k + 1, n):
                    lu[i, k] /= lu[k, k]
                    factor = lu[i, k]
                    for j in range(k + 1, stop):
                        lu[i, j] -= factor * lu[k, j]
        for k in range(start, stop):
            for i in range(k + 1, stop):
                factor = lu[i, k]
                for j in range(stop, n):
                    lu[i, j] -= factor * lu[k, j]
        if stop < n:
            left, right = np.ascontiguousarray(lu[stop:, start:stop]), np.ascontiguousarray(lu[start:stop, stop:])
            _subtract(lu, stop, np.dot(left, right))
    return lu, pivots


def _exchange(x, i, k):
    """Exchange two rows in place."""
    for j in range(x.shape[1]):
        x[i, j], x[k, j] = x[k, j], x[i, j]


def _solve_lu(lu, pivots, b):
    """Return x with a @ x = b, from the factors of a."""
    rows = np.ascontiguousarray(lu)
    _regular(rows)
    x = _columns(b)
    for i in range(x.shape[0]):
        _exchange(x, i, pivots[i])
    _forward(rows, x, 1)
    _backward(rows, x, 0)
    return x.reshape(b.shape)


def _solve_lu_t(lu, pivots, b):
    """Return x with a.T @ x = b, from the factors of a."""
    columns = np.ascontiguousarray(lu.T)
    _regular(columns)
    x = _columns(b)
    _forward(columns, x, 0)
    _backward(columns, x, 1)
    for i in range(x.shape[0] - 1, -1, -1):
        _exchange(x, i, pivots[i])
    return x.reshape(b.shape)


def _solve(a, b):
    """Return x with a @ x = b."""
    x = np.linalg.solve(np.ascontiguousarray(a), _columns(b))  # in the order of Fortran
    return np.ascontiguousarray(x).reshape(b.shape)


def _inv(a):
    """Return the inverse."""
    return np.linalg.inv(np.ascontiguousarray(a))


def _det(a):
    """Return the determinant."""
    return np.linalg.det(np.ascontiguousarray(a))


def _slogdet(a):
    """Return the sign of the determinant and the logarithm of its absolute value."""
    return np.linalg.slogdet(np.ascontiguousarray(a))


def _signdet(a):
    """Return the sign of the determinant."""
    return _slogdet(a)[0]


def _logabsdet(a):
    """Return the logarithm of the absolute value of the determinant."""
    return _slogdet(a)[1]


def _logdet(a):
    """Return the logarithm of the determinant, NaN where that is negative."""
    sign, logarithm = _slogdet(a)
    return np.nan if sign < 0.0 else logarithm


def _cholesky(a):
    """Return the lower triangular L with L @ L.T = a."""
    return np.linalg.cholesky(np.ascontiguousarray(a))


def _eigh(a):
    """Return the eigenvalues, ascending, and the eigenvectors of a symmetric matrix."""
    return np.linalg.eigh(np.ascontiguousarray(a))


def _eigenvalues(a):
    """Return the eigenvalues of a symmetric matrix, ascending."""
    return np.linalg.eigvalsh(np.ascontiguousarray(a))


def _eigenvectors(a):
    """Return the eigenvectors of a symmetric matrix."""
    return _eigh(a)[1]


def _svd(a):
    """Return U, s and V of a = U @ diag(s) @ V.T, with zeros for what a wide matrix has fewer."""
    m, n = a.shape
    u, s, v = np.zeros((m, n)), np.zeros(n), np.zeros((n, n))
    if m > 0 and n > 0:
        left, values, right = np.linalg.svd(np.ascontiguousarray(a), False)
        k = values.shape[0]
        u[:, :k], s[:k], v[:, :k] = left, values, right.T
    return u, s, v


def _lstsq(a, b):
    """Return the shortest x with the least |a @ x - b|."""
    n = a.shape[1]
    columns = _columns(b)
    x = np.zeros((n, columns.shape[1]))
    if columns.size > 0 and n > 0:
        x[:] = np.linalg.lstsq(np.ascontiguousarray(a), columns, np.finfo(np.float64).eps * max(a.shape))[0]
    return x.reshape((n,) + b.shape[1:])


def _pinv(a):
    """Return the pseudo-inverse."""
    m, n = a.shape
    result = np.zeros((n, m))
    if m > 0 and n > 0:
        result[:] = np.linalg.pinv(np.ascontiguousarray(a), np.finfo(np.float64).eps * max(m, n))
    return result


def _expm(a):
    """Return the matrix exponential: a Padé quotient of degree 13, scaled and squared (Higham 2005)."""
    n = a.shape[0]
    norm = 0.0
    for j in range(n):
        norm = max(norm, np.sum(np.abs(a[:, j])))
    squarings = 0
    if 0.0 < norm < np.inf:
        squarings = max(0, int(np.ceil(np.log2(norm / 5.371920351148152))))
    a1, one = np.ascontiguousarray(a) / 2.0**squarings, np.eye(n)
    a2 = np.dot(a1, a1)
    a4 = np.dot(a2, a2)
    a6 = np.dot(a2, a4)
    odd = np.dot(a6, a6 + 16380.0 * a4 + 40840800.0 * a2) + 33522128640.0 * a6 + 10559470521600.0 * a4
    odd = np.dot(a1, odd + 1187353796428800.0 * a2 + 32382376266240000.0 * one)
    even = np.dot(a6, 182.0 * a6 + 960960.0 * a4 + 1323241920.0 * a2) + 670442572800.0 * a6 + 129060195264000.0 * a4
    even = even + 7771770303897600.0 * a2 + 64764752532480000.0 * one
    result = np.ascontiguousarray(np.linalg.solve(even - odd, even + odd))
    for _ in range(squarings):
        result = np.dot(result, result)
    return result


def _expm_frechet(a, e):
    """Return the derivative of the matrix exponential at a in the direction e: a block of a larger exponential."""
    n = a.shape[0]
    both = np.zeros((2 * n, 2 * n))
    both[:n, :n], both[:n, n:], both[n:, n:] = a, e, a
    return _expm(both)[:n, n:].copy()
'''
