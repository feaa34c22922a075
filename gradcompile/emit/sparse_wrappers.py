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
    tables: tuple = ()  # of a colouring: colours of the parameters, and columns by row and colour


class {sparse}(NamedTuple):
    """A sparse matrix: scipy.sparse.csr_array((m.data, m.columns, m.indptr), m.shape), or with m.rows in COO form."""

    data: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    indptr: np.ndarray
    shape: tuple[int, int]
'''

PLACED = '''
def _placed(found, symmetric, tables=()):
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
    arrays = [a.astype(index) for a in (rows, columns, indptr, slots)]
    return {pattern}(*arrays[:3], shape, arrays[3], sums, tables)
'''

COLOURED = '''
def _coloured(blocks, places, colour, symmetric):
    """Return the colours of the parameters' elements, and for each row and colour the column, or -1.

    `blocks` are positive where a matrix may not be 0; `places`: the row and the column of each among the blocks, and
    how many of its axes count rows. Where there is a column, the sum of a colour's columns is its element alone.
    """
    heights = {i: np.shape(b)[:rank] for b, (i, _, rank) in zip(blocks, places)}
    widths = {j: np.shape(b)[rank:] for b, (_, j, rank) in zip(blocks, places)}
    tops, lefts = ([0, *np.cumsum([math.prod(s) for s in found.values()])] for found in (heights, widths))
    matrix = np.zeros((tops[-1], lefts[-1]), dtype=bool)
    for block, (i, j, _) in zip(blocks, places):
        part = matrix[tops[i] : tops[i + 1], lefts[j] : lefts[j + 1]]
        part[...] = np.reshape(block, part.shape) > 0
    colours = colour(matrix)
    rows, columns = np.nonzero(matrix)
    count = max(colours, default=-1) + 1
    table, number = np.full((len(matrix), count), -1), np.zeros((len(matrix), count), dtype=int)
    table[rows, colours[columns]] = columns
    np.add.at(number, (rows, colours[columns]), 1)
    table[number > 1] = -1
    if symmetric:  # of a symmetric matrix: what is found below the diagonal need not be found above it
        rows, which = np.nonzero(table > np.arange(len(table))[:, None])
        columns = table[rows, which]
        twice = table[columns, colours[rows]] == rows
        table[rows[twice], which[twice]] = -1
    own = [colours[a:b].reshape(s) for a, b, s in zip(lefts, lefts[1:], widths.values())]
    by_row = [table[a:b].reshape(*s, count) for a, b, s in zip(tops, tops[1:], heights.values())]
    return tuple(np.ascontiguousarray(a, dtype=np.int64) if a.ndim else int(a) for a in (*own, *by_row))
'''

GREEDY = '''
def _greedy(matrix):
    """Return a colour for each column so that no two columns of a colour share a row: those with most entries first."""
    colours = np.full(matrix.shape[1], -1)
    busy = np.zeros((matrix.shape[0], 1), dtype=bool)  # rows that a colour has entries in
    for column in np.argsort(-np.sum(matrix, axis=0), kind="stable"):
        rows = matrix[:, column]
        free = np.flatnonzero(~np.any(busy[rows], axis=0))
        if not free.size:
            free = [busy.shape[1]]
            busy = np.concatenate([busy, np.zeros_like(busy[:, :1])], axis=1)
        colours[column] = free[0]
        busy[rows, free[0]] = True
    return colours
'''

STAR = '''
def _star(matrix):
    """Return a star colouring of a symmetric matrix: every path of four of its elements has three colours at least.

    Then one of the elements (i, j) and (j, i) is alone in the sum of its colour (Gebremedhin, Manne and Pothen, What
    color is your Jacobian?, 2005).
    """
    matrix |= matrix.T
    np.fill_diagonal(matrix, True)
    count = len(matrix)
    near = [np.setdiff1d(np.flatnonzero(row), [i]) for i, row in enumerate(matrix)]
    colours = np.full(count, -1)
    around = np.zeros((count, 1), dtype=int)  # how many neighbours of each have a colour
    for v in sorted(range(count), key=lambda i: -len(near[i])):
        forbidden = np.zeros(around.shape[1] + 1, dtype=bool)
        for w in near[v]:
            others = near[w][(near[w] != v) & (colours[near[w]] >= 0)]
            if colours[w] >= 0:
                forbidden[colours[w]] = True
                others = others[around[others, colours[w]] > 1]
            forbidden[colours[others]] = True
        colours[v] = np.flatnonzero(~forbidden)[0]
        if colours[v] == around.shape[1]:
            around = np.concatenate([around, np.zeros_like(around[:, :1])], axis=1)
        around[near[v], colours[v]] += 1
    return colours
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
