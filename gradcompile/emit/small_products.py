"""Products of matrices that loops do faster than BLAS: those of a block of samples with a small matrix.

BLAS copies its operands first, which costs most of the time where one has few elements. Here the samples are in the
lanes, and each that is read is used for two rows and four terms, or for two by four sums. How large a matrix is,
modules see when they run, and leave a large one to BLAS.
"""

from __future__ import annotations

_MOST = 4096  # elements of the operand, or of the result, that has no samples

COLUMNS = '''
def _columns(x, space):
    """Return the rows of x as columns, in memory that is given; if they are long, an array without rows."""
    size, width = x.shape
    if width * size > space.size:
        return space[:0].reshape((0, size))
    columns = space[: width * size].reshape((width, size))
    _turn(x, columns)
    return columns
'''
FEW_TERMS = f'''
def _few_terms(a, b, columns, out):
    """out = a @ b, where `columns` has b with samples along its rows: two rows of out and four terms at a time."""
    rows, inner = a.shape
    if rows < 2 or rows * inner > {_MOST} or columns.shape[0] < inner:
        np.dot(a, b, out)
        return
    size, edge = columns.shape[1], inner - inner % 4
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
                x, x_1, x_2, x_3 = columns[k, n], columns[k + 1, n], columns[k + 2, n], columns[k + 3, n]
                out[i, n] = out[i, n] + p * x + p_1 * x_1 + p_2 * x_2 + p_3 * x_3
                out[j, n] = out[j, n] + q * x + q_1 * x_1 + q_2 * x_2 + q_3 * x_3
        for k in range(edge, inner):
            p, q = a[i, k], a[j, k]
            for n in range(size):
                out[i, n] += p * columns[k, n]
                out[j, n] += q * columns[k, n]
'''
LONG_SUMS = f'''
def _long_sums(a, b, rows, columns, out):
    """out = a @ b over samples, where `rows` has a and `columns` b with them along its rows: two by four sums at a time."""
    count, width = out.shape
    if width < 2 or count * width > {_MOST} or rows.shape[0] < count or columns.shape[0] < width:
        np.dot(a, b, out)
        return
    for i in range(0, count, 2):
        j = min(i + 1, count - 1)
        for k in range(0, width, 4):
            k_1, k_2, k_3 = min(k + 1, width - 1), min(k + 2, width - 1), min(k + 3, width - 1)
            p = p_1 = p_2 = p_3 = q = q_1 = q_2 = q_3 = 0.0
            for n in range(rows.shape[1]):
                x, y = rows[i, n], rows[j, n]
                z, z_1, z_2, z_3 = columns[k, n], columns[k_1, n], columns[k_2, n], columns[k_3, n]
                p, p_1, p_2, p_3 = _plus(p, x * z), _plus(p_1, x * z_1), _plus(p_2, x * z_2), _plus(p_3, x * z_3)
                q, q_1, q_2, q_3 = _plus(q, y * z), _plus(q_1, y * z_1), _plus(q_2, y * z_2), _plus(q_3, y * z_3)
            out[i, k], out[i, k_1], out[i, k_2], out[i, k_3] = p, p_1, p_2, p_3
            out[j, k], out[j, k_1], out[j, k_2], out[j, k_3] = q, q_1, q_2, q_3
'''
