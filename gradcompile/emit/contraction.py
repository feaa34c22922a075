"""Sums over products in matrix notation: A @ B, A.T @ B, np.sum(A * B), else np.einsum.

Factors are combined two at a time, so that nothing larger than the factors and the result is ever written where a
matrix product serves.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from gradcompile.emit.expression import fill
from gradcompile.emit.layout import Axes, AxisOrder, Written, aligned, in_order, permuted
from gradcompile.ir.nodes import Axis

_MANY = 8  # factors beyond which pairs are not compared


def contract(factors: Sequence[Written], summed: set[Axis], wish: Axes, order: AxisOrder) -> Written:
    """Return the sum over `summed` of the product, with its axes in the order of `wish` where that is free."""
    left, summed = _own_sums(factors, summed)
    while len(left) > 2 and (pair := _best_pair(left, summed, order)) is not None:
        i, j, product = pair
        left = [f for k, f in enumerate(left) if k not in (i, j)]
        left.insert(min(i, j), product)
        summed = {a for a in summed if any(a in f.axes for f in left)}
    while len(left) > 2 and (nested := _contained(left)) is not None:
        inner, outer = nested
        left[outer] = _times(left[outer], left[inner], left[outer].axes, first=outer < inner)
        del left[inner]
    left, summed = _own_sums(left, summed)  # of what has come together
    if not summed:
        outer_product = left[0]
        for factor in left[1:]:
            axes = tuple(a for a in wish if a in outer_product.axes or a in factor.axes)
            outer_product = _times(outer_product, factor, axes)
        return outer_product
    last = _pair(left[0], left[1], summed, wish) if len(left) == 2 else None
    return last or _einsum(left, wish)


def _own_sums(factors: Sequence[Written], summed: set[Axis]) -> tuple[list[Written], set[Axis]]:
    """Return factors, each summed over the axes that no other has, and the axes that are left."""
    left = [_own_sum(i, factors, summed) for i in range(len(factors))]
    return left, {a for a in summed if sum(a in f.axes for f in left) > 1}


def _own_sum(position: int, factors: Sequence[Written], summed: set[Axis]) -> Written:
    """Sum a factor over the axes that no other factor has."""
    factor, others = factors[position], [*factors[:position], *factors[position + 1 :]]
    own = [a for a in factor.axes if a in summed and not any(a in f.axes for f in others)]
    return total(factor, own) if own else factor


def total(factor: Written, axes: Sequence[Axis]) -> Written:
    """Return np.sum over some axes."""
    rest = tuple(a for a in factor.axes if a not in axes)
    positions = [i for i, a in enumerate(factor.axes) if a in axes]
    if not rest:
        return Written(f"np.sum({factor.text})", (), fresh=True, ordered=True)
    axis = str(positions[0]) if len(positions) == 1 else f"({', '.join(map(str, positions))})"
    return Written(f"np.sum({factor.text}, axis={axis})", rest, fresh=True, ordered=factor.ordered)


def _best_pair(factors: Sequence[Written], summed: set[Axis], order: AxisOrder) -> tuple[int, int, Written] | None:
    """Find the two factors that alone share some summed axes and whose product is smallest, not larger than they."""
    best: tuple[int, int, Written] | None = None
    if len(factors) > _MANY:
        return None
    for i, j in combinations(range(len(factors)), 2):
        a, b = factors[i], factors[j]
        others = {x for k, f in enumerate(factors) if k not in (i, j) for x in f.axes}
        shared = set(a.axes) & set(b.axes) & summed - others
        rest = order.sort((set(a.axes) | set(b.axes)) - shared)
        if not shared or len(rest) > max(len(a.axes), len(b.axes)):
            continue
        product = _pair(a, b, shared, rest)
        if product is not None and (best is None or len(product.axes) < len(best[2].axes)):
            best = (i, j, product)
    return best


def _contained(factors: Sequence[Written]) -> tuple[int, int] | None:
    """Find a factor whose axes another one has too, the nearest in size."""
    best: tuple[int, int] | None = None
    for i, inner in enumerate(factors):
        for j, outer in enumerate(factors):
            fits = i != j and set(inner.axes) <= set(outer.axes)
            if fits and (best is None or len(outer.axes) < len(factors[best[1]].axes)):
                best = (i, j)
    return best


def _times(a: Written, b: Written, order: Axes, first: bool = True) -> Written:
    texts = [aligned(a, order), aligned(b, order)]
    text = fill("a * b", ("a", "b"), texts if first else texts[::-1])
    return Written(text, order, fresh=True, ordered=all(x.ordered and in_order(x, order) for x in (a, b)))


def _pair(a: Written, b: Written, summed: set[Axis], wish: Axes) -> Written | None:
    """Return a product of two factors without einsum, or None."""
    shared = set(a.axes) & set(b.axes)
    batch = shared - summed
    free_a, free_b = (tuple(x for x in f.axes if x not in shared) for f in (a, b))
    if (not free_a or not free_b) and (len(summed) > 1 or batch):
        return _summed_product(a, b, summed)
    if len(summed) != 1:
        return None
    (axis,) = summed
    if batch:
        return _stacked(a, b, axis, batch, wish)
    if free_a and free_b and wish and wish[-1] in free_a:
        a, b = b, a
    return _matmul(a, b, axis, wish)


def _summed_product(a: Written, b: Written, summed: set[Axis]) -> Written:
    order = a.axes if len(a.axes) >= len(b.axes) else b.axes
    return total(_times(a, b, order), [x for x in order if x in summed])


def _matmul(a: Written, b: Written, axis: Axis, wish: Axes) -> Written | None:
    free_a, free_b = (tuple(x for x in f.axes if x != axis) for f in (a, b))
    if not free_a and free_b and b.axes[-1] == axis:
        a, b, free_a, free_b = b, a, free_b, free_a
    if len(free_b) > 1 or (len(free_a) > 1 and (a.axes != (*free_a, axis) or wish != (*free_a, *free_b))):
        return None
    texts = permuted(a, (*free_a, axis)), permuted(b, (axis, *free_b))
    return Written(fill("a @ b", ("a", "b"), texts), (*free_a, *free_b), fresh=True, ordered=True)


def _stacked(a: Written, b: Written, axis: Axis, batch: set[Axis], wish: Axes) -> Written | None:
    """Return a stack of matrix products: the batch axes in front on both sides."""
    for left, right in ((a, b), (b, a)):
        rows = [x for x in left.axes if x not in batch and x != axis]
        columns = [x for x in right.axes if x not in batch and x != axis]
        front = left.axes[: len(batch)]
        if len(rows) != 1 or len(columns) != 1 or set(front) != batch or right.axes[: len(batch)] != front:
            continue
        result = (*front, rows[0], columns[0])
        if result == wish:
            texts = permuted(left, (*front, rows[0], axis)), permuted(right, (*front, axis, columns[0]))
            return Written(fill("a @ b", ("a", "b"), texts), result, fresh=True, ordered=True)
    return None


def _einsum(factors: Sequence[Written], wish: Axes) -> Written:
    letters: dict[Axis, str] = {}
    for factor in factors:
        for axis in factor.axes:
            if axis not in letters:
                letters[axis] = _letter(axis, set(letters.values()))
    inputs = ",".join("".join(letters[a] for a in f.axes) for f in factors)
    pattern = f"{inputs}->{''.join(letters[a] for a in wish)}"
    optimize = ", optimize=True" if len(factors) > 2 else ""
    return Written(f'np.einsum("{pattern}", {", ".join(f.text for f in factors)}{optimize})', wish, fresh=True)


def _letter(axis: Axis, taken: set[str]) -> str:
    wish = next((c for c in axis.key.lower() if "a" <= c <= "z"), "i")
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    at = alphabet.index(wish)
    return next(c for c in alphabet[at:] + alphabet[:at] + alphabet.upper() if c not in taken)
