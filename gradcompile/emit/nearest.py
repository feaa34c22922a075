"""The search of nearest points that the fast target writes into modules: a filter in single precision, then certainty.

With u = 2^-24, coordinates measured from the middle of the points searched, and S = |x|^2 + max |c|^2, a distance less
|x|^2 comes out within 2*(D + 4)*u*S as ``|c|^2 - 2*x.c``: u for each rounded coordinate, product and sum of it. Two
that differ by more than twice that, with room for the roundings of the distances themselves, compare like these.
(Filters of this kind decide the signs of determinants in computational geometry: Fortune and Van Wyk, SoCG 1993.)
"""

from __future__ import annotations

from gradcompile.loops.nearest import ROWS

_DISTANCE = '''
@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _distance2(x, c):
    """The squared distance of two points."""
    total = 0.0
    for i in range(c.shape[0]):
        apart = x[i] - c[i]
        total = _plus(total, apart * apart)
    return total
'''
_FIRST_NEAREST = '''
@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _first_nearest(x, c):
    """The position of the first row of c that is nearest to the point x, or of the first whose distance is NaN."""
    place, least = 0, np.inf
    for k in range(c.shape[0]):
        distance = _distance2(x, c[k])
        if distance < least or (distance != distance and least == least):
            place, least = k, distance
    return place
'''
_NEAREST = f'''
@njit(cache=True, error_model="numpy", fastmath={{"contract"}})
def _nearest(x, c, place, space):
    """Find which row of c is nearest to each row of x, the first on a tie, working in an array `space`.

    |c|^2 - 2*x.c in single precision tells, but where the smallest two are too close to each other for it.
    """
    rows, width = x.shape
    count, whole = c.shape[0], width + 3 & -4  # coordinates in fours, the last ones 0
    middle, square = space[:width], space[width : width + {ROWS}]
    single = space[width + {ROWS} :].view(np.float32)
    work = single[: (whole + 5) * {ROWS}].reshape((whole + 5, {ROWS}))
    least, next_least, one, other, at = work[0], work[1], work[2], work[3], work[4].view(np.int32)
    columns, start = work[5:], (whole + 5) * {ROWS}
    turned = single[start : start + count * (whole + 1)].reshape((count, whole + 1))
    for i in range(width, whole):
        for n in range({ROWS}):
            columns[i, n] = 0.0
    for i in range(width):
        total = 0.0
        for k in range(count):
            total += c[k, i]
        middle[i] = total / count
    largest = 0.0
    for k in range(count):
        total = 0.0
        for i in range(width, whole):
            turned[k, i] = 0.0
        for i in range(width):
            apart = c[k, i] - middle[i]
            turned[k, i] = -2.0 * apart
            total += apart * apart
        turned[k, whole] = total
        largest = total if total > largest or total != total else largest
    for start in range(0, rows, {ROWS}):
        size = min({ROWS}, rows - start)
        for n in range(size):
            square[n], least[n], next_least[n], at[n] = 0.0, np.inf, np.inf, 0
        for i in range(width):
            for n in range(size):
                apart = x[start + n, i] - middle[i]
                columns[i, n] = apart
                square[n] += apart * apart
        for k in range(0, count, 2):
            last = min(k + 1, count - 1)
            first, second = turned[k, whole], turned[last, whole] if last > k else np.float32(np.inf)
            for n in range(size):
                one[n], other[n] = first, second
            for i in range(0, whole, 4):
                a, a_1, a_2, a_3 = turned[k, i], turned[k, i + 1], turned[k, i + 2], turned[k, i + 3]
                b, b_1, b_2, b_3 = turned[last, i], turned[last, i + 1], turned[last, i + 2], turned[last, i + 3]
                for n in range(size):
                    x_n, x_1, x_2, x_3 = columns[i, n], columns[i + 1, n], columns[i + 2, n], columns[i + 3, n]
                    one[n] = one[n] + a * x_n + a_1 * x_1 + a_2 * x_2 + a_3 * x_3
                    other[n] = other[n] + b * x_n + b_1 * x_1 + b_2 * x_2 + b_3 * x_3
            for n in range(size):
                first, second, now, then, where = one[n], other[n], least[n], next_least[n], at[n]
                then = now if first < now else first if first < then else then
                where = np.int32(k) if first < now else where
                now = first if first < now else now
                next_least[n] = now if second < now else second if second < then else then
                at[n] = np.int32(last) if second < now else where
                least[n] = second if second < now else now
        for n in range(size):
            span = square[n] + largest
            off = (8.0 * 2.0**-24 * span + 2.0**-120) * (width + 8)
            if span < 1e37 and np.float64(next_least[n]) - np.float64(least[n]) > off:
                place[start + n] = at[n]
            else:
                place[start + n] = _first_nearest(x[start + n], c)
'''
HELPERS = {"_distance2": _DISTANCE, "_first_nearest": _FIRST_NEAREST, "_nearest": _NEAREST}
