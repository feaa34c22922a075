"""What a module with sparse Jacobians or Hessians has beside their kernels: where the numbers stand, and the matrix."""

from __future__ import annotations

CLASSES = '''
class {pattern}(NamedTuple):
    """Where a sparse matrix has entries: row by row, no position twice."""

    rows: np.ndarray  # of each entry
    columns: np.ndarray
    indptr: np.ndarray  # where the entries of each row start, and where the last ones end
    shape: tuple[int, int]
    slots: np.ndarray  # the sum that each computed number belongs to
    sums: np.ndarray | None  # the sum that each entry is, where two can be the same


class {sparse}(NamedTuple):
    """A sparse matrix: scipy.sparse.csr_array((m.data, m.columns, m.indptr), m.shape), or with m.rows in COO form."""

    data: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    indptr: np.ndarray
    shape: tuple[int, int]
'''

PLACED = '''
def _placed(found, symmetric):
    """Return the pattern of a matrix, given the row and the column of each number; a row of -1 is none.

    Of a symmetric matrix all of the lower triangle is given, and what is above it is not looked at.
    """
    *places, height, width = found
    rows, columns = (np.concatenate([[], *map(np.ravel, places[i::2])]).astype(np.int64) for i in (0, 1))
    shape, width = (int(height), int(width)), max(int(width), 1)
    kept = (rows >= 0) & (columns <= rows if symmetric else True)
    entries, inverse = np.unique(rows[kept] * width + columns[kept], return_inverse=True)
    slots = np.full(rows.shape, len(entries))
    slots[kept] = np.ravel(inverse)
    rows, columns = np.divmod(entries, width)
    sums = None
    if symmetric:
        below = np.flatnonzero(rows > columns)
        rows, columns = np.concatenate([rows, columns[below]]), np.concatenate([columns, rows[below]])
        order = np.lexsort((columns, rows))
        rows, columns = rows[order], columns[order]
        sums = np.concatenate([np.arange(len(entries)), below])[order]
    indptr = np.searchsorted(rows, np.arange(shape[0] + 1))
    index = np.int32 if max(*shape, len(rows)) < 2**31 else np.int64
    return {pattern}(*(a.astype(index) for a in (rows, columns, indptr)), shape, slots.astype(index), sums)
'''

FILLED = '''
def _filled(numbers, pattern):
    """Return the sparse matrix with these numbers; those at the same position are added."""
    given = [np.ravel(part) for part in numbers]
    count = sum(part.size for part in given)
    if count != len(pattern.slots):
        raise ValueError(f"the pattern is one of {len(pattern.slots)} numbers, but there are {count}")
    sums = _summed(given, pattern.slots, len(pattern.rows) + 1)
    return {sparse}(sums[: len(pattern.rows)] if pattern.sums is None else sums[pattern.sums], *pattern[:4])
'''

SUMMED = {
    "numpy": '''
def _summed(parts, slots, count):
    """Return the sum of the numbers in each slot."""
    return np.bincount(slots, np.concatenate([[], *parts]), count)
''',
    "numba": '''
@njit(cache=True)
def _add(sums, part, slots):
    """Add numbers to the sums that they belong to."""
    for i in range(part.size):
        sums[slots[i]] += part[i]


def _summed(parts, slots, count):
    """Return the sum of the numbers in each slot."""
    sums, start = np.zeros(count), 0
    for part in parts:
        _add(sums, part, slots[start : start + part.size])
        start += part.size
    return sums
''',
}
