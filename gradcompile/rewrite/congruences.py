"""Products of the form X M Xᵀ with a symmetric M: found in what the user wrote, and written out before code is made.

Their value is symmetric, and a gate that knows so has a cheaper backward pass than two products: both factors X receive
the same. Written out, a product with a symmetric matrix is always over that matrix's first axis, so that it is one node
from both sides: what value and derivatives need of it is computed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gradcompile.gates import build
from gradcompile.gates.indexed import Formulas, axes_of_gate, is_array, operands_of
from gradcompile.gates.registry import ARRAY
from gradcompile.gates.structure import is_symmetric
from gradcompile.gates.substitute import relabel
from gradcompile.ir.nodes import FIRST_INDEX, Axis, Declared, Kind, Node, reachable, unused
from gradcompile.rewrite.symmetric import Pair, walked

_SOLVERS = {"solve": "sym", "solve_sym": "sym", "solve_pd": "pd"}


def congruences(roots: Sequence[Node]) -> dict[Node, Node]:
    """Return, for every node that the roots need, the node with these products in it as gates."""
    return walked(roots, _recognised)


def has_congruences(roots: Sequence[Node]) -> bool:
    """Is there a gate to be written out?"""
    return any(map(_stands_for_products, reachable(roots)))


def written_out(roots: Sequence[Node]) -> dict[Node, Node]:
    """Return, for every node that the roots need, the node without these gates."""
    return walked(roots, _written_out)


# -- written out ---------------------------------------------------------------------------------------------------


def _stands_for_products(node: Node) -> bool:
    return node.kind is Kind.ARRAY and bool(ARRAY[node.name].value)


def _written_out(node: Node) -> Node:
    if _stands_for_products(node):
        return _products_of(node)
    match node.kind:
        case Kind.RENAME if _exchanges(node):
            (x,) = node.operands
            return x if is_symmetric(x, *dict(node.attrs)) else node
        case Kind.INPUT if node.graph.declared.get(node.name, Declared()).structure in ("symmetric", "definite"):
            return build.argument(node.graph, node.name, [*node.attrs[:-2], *sorted(node.attrs[-2:])])
        case Kind.GATE if node.name == "mul" and node.operands[0].is_const(0.5) and node.operands[1].op == "add":
            first, second = node.operands[1].operands
            return first if first is second else node
        case Kind.REDUCE if _is_product(node):
            return _over_the_first_axis(node)
        case Kind.REDUCE if node.operands[0].kind is Kind.RENAME:
            return _view_of_the_sum(node)
    return node


def _products_of(node: Node) -> Node:
    """Return what a gate is made of, which is symmetric though its products do not show it."""
    formulas = Formulas(node.graph, axes_of_gate(node), operands_of(node))
    *lines, last = ARRAY[node.name].value
    for line in lines:
        formulas.define(line)
    value = formulas.build(last)
    found = walked([value], _written_out)[value]
    node.graph.symmetric[found] = frozenset(node.attrs[1])
    return found


def _view_of_the_sum(node: Node) -> Node:
    """Return a reduction of a view as a view: so a sum of products stays one."""
    (view,), (axis,) = node.operands, node.attrs
    (x,), names = view.operands, dict(view.attrs)
    own = next((a for a, b in names.items() if b == axis), axis)
    names.pop(own, None)
    return node if own != axis and axis in x.axes else build.rename(build.reduce(node.name, x, own), names)


def _exchanges(view: Node) -> bool:
    """Does a view exchange two axes, and nothing else?"""
    names = dict(view.attrs)
    return len(names) == 2 and {*names} == {*names.values()}


def _over_the_first_axis(node: Node) -> Node:
    """Return a product with a symmetric matrix as the sum over the first axis of that matrix, named as it is there."""
    (bound,) = node.attrs
    for matrix, other in _both_orders(node):
        mine = [
            a
            for a in matrix.axes
            if a not in other.axes and a.extent == bound.extent and is_symmetric(matrix, a, bound)
        ]
        if len(mine) != 1:
            continue
        first, last = _own_axes(matrix, mine[0], bound)
        beside = {*matrix.axes} - {mine[0], bound}
        names = _lowest({*other.axes} - {*matrix.axes}, {first, last, *beside})
        own = _one_way_round(build.rename(matrix, {bound: first, mine[0]: last}), first, last)
        total = build.reduce("sum", build.gate("mul", build.rename(other, {bound: first, **names}), own), first)
        return build.rename(total, {last: mine[0], **{b: a for a, b in names.items()}})
    return node


def _one_way_round(matrix: Node, first: Axis, last: Axis) -> Node:
    """Return a symmetric matrix read with its rows along the first of two axes."""
    if matrix.kind is Kind.INPUT:
        *batch, _, _ = matrix.attrs
        return build.argument(matrix.graph, matrix.name, [*batch, first, last])
    turned = matrix.kind is Kind.RENAME and dict(matrix.attrs) == {first: last, last: first}
    return matrix.operands[0] if turned else matrix


def _lowest(axes: Iterable[Axis], taken: set[Axis]) -> dict[Axis, Axis]:
    """Return the lowest names that are not taken for axes, but for those of index variables."""
    found: dict[Axis, Axis] = {}
    for axis in sorted(axes):
        variable = axis.counter >= FIRST_INDEX
        found[axis] = axis if variable else unused(Axis(axis.extent, 0), {*taken, *found.values()})
    return found


def _own_axes(matrix: Node, row: Axis, column: Axis) -> Pair:
    """Return what a symmetric matrix itself calls its two axes, in order."""
    if matrix.kind is Kind.INPUT:
        taken = {*matrix.axes} - {row, column}
        first = unused(Axis(row.extent, 0), taken)
        return first, unused(first, {first, *taken})
    back = {b: a for a, b in matrix.attrs} if matrix.kind is Kind.RENAME else {}
    first, last = sorted((back.get(row, row), back.get(column, column)))
    return first, last


def _is_product(node: Node) -> bool:
    return node.kind is Kind.REDUCE and node.name == "sum" and node.operands[0].op == "mul"


def _both_orders(product: Node) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    factors = product.operands[0].operands
    return factors, factors[::-1]


# -- found ---------------------------------------------------------------------------------------------------------


def _recognised(node: Node) -> Node:
    if node.kind is Kind.ARRAY and node.name == "solve":
        return _symmetric_solution(node)
    return (_congruence(node) if _is_product(node) else None) or node


def _symmetric_solution(node: Node) -> Node:
    """A system with a symmetric matrix needs no transposed one for its gradient."""
    (row, column), _ = node.attrs[0]
    known = is_symmetric(node.operands[0], row, column)
    return build.array_gate("solve_sym", node.operands, *node.attrs) if known else node


def _congruence(node: Node) -> Node | None:
    (axis,) = node.attrs
    for left, right in _both_orders(node):
        if axis in left.axes and axis in right.axes:
            matrix, scale = _scaled(left, {axis} | ({*left.axes} ^ {*right.axes}))
            found = _through_matrix(matrix, right, axis) or _through_solution(matrix, right, axis)
            if found is not None and found.axes == tuple(a for a in node.axes if a in (*matrix.axes, *right.axes)):
                return found if scale is None else build.gate("mul", scale, found)
    return None


def _scaled(node: Node, own: set[Axis]) -> tuple[Node, Node | None]:
    """Return a matrix, and the factor without axes of its own that it is multiplied by, as in ``0.5 * X @ M @ X.T``."""
    if node.op == "mul":
        for factor, matrix in (node.operands, node.operands[::-1]):
            if own.isdisjoint(factor.axes):
                return matrix, factor
    return node, None


def _through_matrix(left: Node, right: Node, b: Axis) -> Node | None:
    """Return X M Xᵀ, where `left` is X M (over b at its end) and `right` is X."""
    for a, x, middle in _products(left, {*left.axes, *right.axes}):
        pair = _own(x, right, {*middle.axes})
        if pair is None or a.extent != b.extent or b in x.axes or a in right.axes or not {a, b} <= {*middle.axes}:
            continue
        if _same(x, right, {pair[0]: pair[1], a: b}) and is_symmetric(middle, a, b):
            return build.array_gate("congruence", (x, middle), ((pair[0], a), (a, b)), pair)
    return None


def _through_solution(left: Node, right: Node, bound: Axis) -> Node | None:
    """Return X S⁻¹ Xᵀ, where `left` is X and `right` the solution of S Y = Xᵀ."""
    base, names = (right.operands[0], dict(right.attrs)) if right.kind is Kind.RENAME else (right, {})
    if not is_array(base, *_SOLVERS):
        return None
    (matrix, given), (((row, column), (eaten,)), (made,)) = base.operands, base.attrs
    pair = _own(left, right, {*matrix.axes} - {row, column})
    if pair is None or names.get(made, made) != bound or eaten != row or not is_symmetric(matrix, row, column):
        return None
    i, j = pair
    back = next((a for a, b in names.items() if b == j), j)
    if back not in given.axes or not _same(left, given, {i: back, bound: eaten}):
        return None
    m, n = row, column
    if {m, n} & {*pair}:
        taken = {*left.axes, *right.axes, *matrix.axes}
        m = unused(Axis(row.extent, 0), taken)
        n = unused(m, {*taken, m})
    x, s = build.rename(given, {back: i, eaten: m}), build.rename(matrix, {row: m, column: n})
    return build.array_gate(f"congruence_inv_{_SOLVERS[base.name]}", (x, s), ((i, m), (m, n)), pair)


def _products(node: Node, taken: set[Axis]) -> Iterator[tuple[Axis, Node, Node]]:
    """Yield an axis of its own and the factors of a sum of products, in both orders; also of a view of one."""
    base, names = (node.operands[0], dict(node.attrs)) if node.kind is Kind.RENAME else (node, {})
    if not _is_product(base):
        return
    (bound,), own = base.attrs, unused(Axis(base.attrs[0].extent, 0), taken)
    u, w = (build.rename(o, names | {bound: own}) for o in base.operands[0].operands)
    yield own, u, w
    yield own, w, u


def _own(x: Node, y: Node, middle: set[Axis]) -> Pair | None:
    """Return the one axis that only x has, and the one that only y has: as long as each other."""
    mine = [a for a in x.axes if a not in y.axes and a not in middle]
    other = [a for a in y.axes if a not in x.axes and a not in middle]
    return (mine[0], other[0]) if len(mine) == len(other) == 1 and mine[0].extent == other[0].extent else None


def _same(x: Node, y: Node, names: Mapping[Axis, Axis]) -> bool:
    """Is y the same as x over other axis names?"""
    if {names.get(a, a) for a in x.axes} != {*y.axes}:
        return False
    found, pair = build.rename(x, names), {*names.values()}
    if found is y or (x.op == y.op and relabel(x, names) is y):
        return True
    exchanged = dict(zip(pair, reversed([*pair]), strict=True))
    return len(pair) == 2 and build.rename(found, exchanged) is y and is_symmetric(found, *pair)
