"""The helper functions of linear algebra that the readable target writes into a module, where NumPy has none.

All work on stacks of matrices; a right-hand side is a vector or a stack of matrices, as NumPy has it.
"""

from __future__ import annotations

SOURCE = '''
def _solve_lower(low, b):
    """Return x with low @ x = b, from the lower triangle alone, by halves: the products are matrix products."""
    if b.ndim == 1:
        return _solve_lower(low, b[..., None])[..., 0]
    n = low.shape[-1]
    if n > 24:
        half = n // 2
        first = _solve_lower(low[..., :half, :half], b[..., :half, :])
        rest = b[..., half:, :] - low[..., half:, :half] @ first
        return np.concatenate((first, _solve_lower(low[..., half:, half:], rest)), axis=-2)
    diagonal = np.diagonal(low, axis1=-2, axis2=-1)
    if np.any(diagonal == 0):
        raise np.linalg.LinAlgError("Singular matrix")
    x = np.array(np.broadcast_to(b, np.broadcast_shapes(low.shape[:-2], b.shape[:-2]) + b.shape[-2:]), dtype=float)
    for i in range(n):
        x[..., i, :] /= diagonal[..., i, None]
        x[..., i + 1 :, :] -= low[..., i + 1 :, i, None] * x[..., i, None, :]
    return x


def _solve_upper(up, b):
    """Return x with up @ x = b, from the upper triangle alone: a lower one read from the other end."""
    if b.ndim == 1:
        return _solve_upper(up, b[..., None])[..., 0]
    return _solve_lower(up[..., ::-1, ::-1], b[..., ::-1, :])[..., ::-1, :]


def _inv_factored(low):
    """Return the inverse of low @ low.T."""
    half = _solve_lower(low, np.eye(low.shape[-1]))
    return np.swapaxes(half, -1, -2) @ half


def _lu(a):
    """Return P, L and U of a = P @ L @ U: L and U in one matrix, P as the row that each row was exchanged with."""
    lu = np.array(a, dtype=float)
    pivots = np.empty(lu.shape[:-1], dtype=int)
    for i in np.ndindex(lu.shape[:-2]):
        _factor(lu[i], pivots[i])
    return lu, pivots


def _factor(lu, pivots):
    """Factor a matrix of at least as many rows as columns in place, by halves of its columns (Toledo 1997)."""
    n = lu.shape[1]
    if n > 16:
        half = n // 2
        _factor(lu[:, :half], pivots[:half])
        _exchange(lu[:, half:], pivots[:half])
        lu[:half, half:] = _solve_unit(lu[:half, :half], lu[:half, half:])
        lu[half:, half:] -= lu[half:, :half] @ lu[:half, half:]
        _factor(lu[half:, half:], pivots[half:])
        _exchange(lu[half:, :half], pivots[half:])
        pivots[half:] += half
        return
    for k in range(n):
        pivots[k] = k + np.argmax(np.abs(lu[k:, k]))
        lu[[k, pivots[k]]] = lu[[pivots[k], k]]
        if lu[k, k] != 0:
            lu[k + 1 :, k] /= lu[k, k]
            lu[k + 1 :, k + 1 :] -= lu[k + 1 :, k, None] * lu[k, k + 1 :]


def _exchange(x, pivots):
    """Exchange rows in place, in order."""
    for i, p in enumerate(pivots):
        if p != i:
            x[[i, p]] = x[[p, i]]


def _solve_unit(low, b):
    """Solve with the lower triangle whose diagonal is 1."""
    return _solve_lower(np.tril(low, -1) + np.eye(len(low)), b)


def _solve_lu(lu, pivots, b, transposed=False):
    """Return x with a @ x = b, or a.T @ x = b, from the factors of a."""
    if b.ndim == 1:
        return _solve_lu(lu, pivots, b[..., None], transposed)[..., 0]
    x = np.array(np.broadcast_to(b, np.broadcast_shapes(lu.shape[:-2], b.shape[:-2]) + b.shape[-2:]))
    lu, pivots = np.broadcast_to(lu, x.shape[:-1] + lu.shape[-1:]), np.broadcast_to(pivots, x.shape[:-1])
    for i in np.ndindex(x.shape[:-2]):
        if transposed:
            x[i] = _solve_upper(np.tril(lu[i], -1).T + np.eye(len(lu[i])), _solve_lower(lu[i].T, x[i]))
            for k in reversed(range(len(pivots[i]))):
                x[i][[k, pivots[i][k]]] = x[i][[pivots[i][k], k]]
        else:
            _exchange(x[i], pivots[i])
            x[i] = _solve_upper(lu[i], _solve_unit(lu[i], x[i]))
    return x


def _logdet(a):
    """Return the logarithm of the determinant, NaN where that is negative."""
    sign, logarithm = np.linalg.slogdet(a)
    return np.where(sign < 0, np.nan, logarithm)


def _svd(a):
    """Return U, s and V of a = U @ diag(s) @ V.T, with zeros for what a wide matrix has fewer."""
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    missing = (0, a.shape[-1] - s.shape[-1])
    wider = [(0, 0)] * (a.ndim - 1) + [missing]
    return np.pad(u, wider), np.pad(s, wider[1:]), np.pad(np.swapaxes(vt, -1, -2), wider)


def _lstsq(a, b):
    """Return the least squares solutions of a stack of systems."""
    return np.linalg.pinv(a, rcond=np.finfo(float).eps * max(a.shape[-2:])) @ b


def _expm(a):
    """Return the matrix exponential: a Padé quotient of degree 13, scaled and squared (Higham 2005)."""
    c = [64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0]
    c += [10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0, 1.0]
    norm = np.max(np.sum(np.abs(a), axis=-2), initial=0.0)
    squarings = max(0, int(np.ceil(np.log2(norm / 5.371920351148152)))) if np.isfinite(norm) and norm > 0 else 0
    a, one = a / 2.0**squarings, np.eye(a.shape[-1])
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a2 @ a4
    high = a6 @ (c[13] * a6 + c[11] * a4 + c[9] * a2)
    odd = a @ (high + c[7] * a6 + c[5] * a4 + c[3] * a2 + c[1] * one)
    even = a6 @ (c[12] * a6 + c[10] * a4 + c[8] * a2) + c[6] * a6 + c[4] * a4 + c[2] * a2 + c[0] * one
    result = np.linalg.solve(even - odd, even + odd)
    for _ in range(squarings):
        result = result @ result
    return result


def _expm_frechet(a, e):
    """Return the derivative of the matrix exponential at a in the direction e: a block of a larger exponential."""
    a, e = np.broadcast_arrays(a, e)
    n = a.shape[-1]
    rows = np.concatenate((a, e), axis=-1), np.concatenate((np.zeros(a.shape), a), axis=-1)
    return _expm(np.concatenate(rows, axis=-2))[..., :n, n:]
'''
