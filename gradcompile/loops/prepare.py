"""Graph rewrites for the loop form: reductions in simpler loops, and sums of products that BLAS does faster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod

from gradcompile.gates import build
from gradcompile.gates.registry import REDUCE
from gradcompile.gates.substitute import rebuild, recur
from gradcompile.gates.template import formula
from gradcompile.ir.nodes import Axis, DType, Kind, Node, reachable
from gradcompile.loops.divisors import by_reciprocal
from gradcompile.loops.nearest import nearest
from gradcompile.loops.products import MOST_FACTORS, reordered
from gradcompile.loops.separable import separated
from gradcompile.loops.through import read_through
from gradcompile.loops.unroll import unrolled
from gradcompile.rewrite.engine import Rewriter
from gradcompile.rewrite.rows import LOOP_FORM, SUMS

_SMALL = 512  # multiplications below which a product of known extents is a loop, not a call


def prepare(roots: Sequence[Node], sizes: Mapping[str, int], dtype: str = "float64") -> dict[Node, Node]:
    """Return, for every node that the roots need, its form in simpler nodes, with contractions marked.

    `sizes` are what dimensions may be like, where that decides what is cheaper; `dtype` is what is computed in.
    """
    searched = nearest(roots)
    apart = separated([searched[r] for r in roots], sizes, dtype)
    roots = [apart[searched[r]] for r in roots]
    expanded = _map(roots, _expand)
    normal = Rewriter(LOOP_FORM).run(list(expanded.values()))
    ordered = reordered([normal[expanded[r]] for r in roots], sizes)
    pulled = Rewriter(SUMS).run([ordered[normal[expanded[r]]] for r in roots])
    final = {old: pulled[n] for old, new in expanded.items() if (n := ordered.get(normal[new])) in pulled}
    spelt = unrolled([final[r] for r in roots], lambda n: _contraction(n).kind is Kind.CONTRACT)
    contracted = _map([spelt[final[r]] for r in roots], lambda n: _contraction(by_reciprocal(n)))
    last = {old: spelt.get(new) for old, new in final.items()}
    ends = {old: contracted[new] for old, between in apart.items() if (new := last.get(between)) in contracted}
    return {old: ends[between] for old, between in searched.items() if between in ends}


def _map(roots: Sequence[Node], change: Callable[[Node], Node]) -> dict[Node, Node]:
    done: dict[Node, Node] = {}
    for node in reachable(roots):
        graph, origin = node.graph, node.graph.origin_of(node)
        with graph.origin(origin.span, origin.rule):
            operands = tuple(done[o] for o in node.operands)
            done[node] = change(node if operands == node.operands else rebuild(node, operands))
    return done


def _expand(node: Node) -> Node:
    if node.kind is Kind.REDUCE and (text := REDUCE[node.name].expand):
        return formula(text).build(node.graph, {"x": node.operands[0], "k": node.attrs[0]})
    if node.kind is Kind.ARRAY:
        return _spread(node)
    return read_through(node) or _running_power(node) or node


def _running_power(node: Node) -> Node | None:
    """Return ``x ** k`` at all positions k of a long axis as a running product: each from the one before it."""
    if node.kind is not Kind.GATE or node.name != "pow" or node.carries:
        return None
    base, exponent = node.operands
    if exponent.kind is not Kind.IOTA or base.dtype is not DType.REAL:
        return None
    (axis,) = exponent.attrs
    if axis in base.axes or axis.extent.constant is not None:
        return None
    before = build.carry(node.graph, 0, 0, base.axes)
    products = recur([build.const(node.graph, 1.0)], [build.gate("mul", before, base)], axis, depth=0)
    return build.history(products, 0, "before")


def _spread(node: Node) -> Node:
    """Give each operand of an array gate all the axes that the gate eats: a constant matrix is written out."""
    operands = []
    for operand, eaten in zip(node.operands, node.attrs[0], strict=True):
        full = operand
        for axis in eaten:
            if axis not in operand.axes:
                inside = build.gate("ge", build.iota(node.graph, axis), build.const(node.graph, 0))
                full = build.gate("where", inside, full, build.zero_of(operand))
        operands.append(full)
    return node if tuple(operands) == node.operands else rebuild(node, tuple(operands))


def product_of_sum(node: Node) -> tuple[list[Node], Axis] | None:
    """Return the factors and the summed axis of a sum over a product, or None."""
    if node.kind is not Kind.REDUCE or node.name != "sum" or node.dtype is not DType.REAL:
        return None
    factors, stack = [], [node.operands[0]]
    while stack:
        current = stack.pop()
        if current.kind is Kind.GATE and current.name == "mul":
            stack.extend(reversed(current.operands))
        elif current.kind is Kind.GATE and current.name == "square":
            stack.extend(current.operands * 2)
        else:
            factors.append(current)
        if len(factors) + len(stack) > MOST_FACTORS:
            return None
    return (factors, node.attrs[0]) if len(factors) > 1 else None


def _contraction(node: Node) -> Node:
    """Turn a sum over a product of two arrays that share just the summed axis (and batch axes) into a product."""
    if (longer := _longer(node)) is not None:
        return longer
    found = product_of_sum(node)
    if found is None:
        return node
    factors, axis = found
    left, right = _two_operands(factors, axis)
    if left is None or right is None:
        return node
    batch = set(left.axes) & set(right.axes) - {axis}
    rows, columns = ([a for a in f.axes if a != axis and a not in batch] for f in (left, right))
    if not rows + columns or not all(_is_matrix(f, of, axis) for f, of in ((left, rows), (right, columns))):
        return node
    if max(len(rows), len(columns)) > 1 and (batch or not rows or not columns):
        return node
    if (not rows or not columns) and not _is_matrix_at_hand(right if columns else left):
        return node
    sizes = [a.extent.constant for a in {*left.axes, *right.axes}]
    if all(s is not None for s in sizes) and prod(s for s in sizes if s is not None) <= _SMALL:
        return node
    return node.graph.make(Kind.CONTRACT, operands=(left, right), attrs=(axis,))


def _longer(node: Node) -> Node | None:
    """Return a sum over positions of a stack of products as one product that sums over these as well."""
    if node.kind is not Kind.REDUCE or node.name != "sum":
        return None
    (product,) = node.operands
    if product.kind is not Kind.CONTRACT or not all(node.attrs[0] in o.axes for o in product.operands):
        return None
    return node.graph.make(Kind.CONTRACT, operands=product.operands, attrs=(*product.attrs, *node.attrs))


def _is_matrix(factor: Node, others: Sequence[Axis], summed: Axis) -> bool:
    """Is a factor a matrix or vector, or a matrix for each position of further axes, that no broadcast has to make?"""
    if len(others) < 2:
        return True
    return all(a.extent.constant is None for a in (*others, summed)) and _is_as_wide_as_stored(factor)


def _is_as_wide_as_stored(node: Node) -> bool:
    """Has something that is no elementwise gate all axes that a value has?"""
    stack, seen = [node], {node}
    while stack:
        current = stack.pop()
        if current.kind not in (Kind.GATE, Kind.RENAME):
            return True
        more = [o for o in current.operands if len(o.axes) == len(node.axes) and o not in seen]
        stack += more
        seen |= {*more}
    return False


def _is_matrix_at_hand(node: Node) -> bool:
    """Is the matrix of a matrix-vector product in memory anyway? If not, a fused loop need not store it."""
    while node.kind is Kind.RENAME:
        node = node.operands[0]
    return node.kind in (Kind.INPUT, Kind.CONTRACT)


def _two_operands(factors: list[Node], axis: Axis) -> tuple[Node | None, Node | None]:
    """Multiply the factors together into two operands that meet on the summed axis, or give up."""
    wide = sorted((f for f in factors if axis in f.axes), key=lambda f: (-len(f.axes), f.id))
    if len(wide) < 2:
        return None, None
    left = wide[0]
    right = next((f for f in wide[1:] if not set(f.axes) <= set(left.axes)), wide[-1])
    if set(left.axes) == set(right.axes):
        return None, None
    parts: dict[Node, list[Node]] = {left: [], right: []}
    rest = list(factors)
    rest.remove(left)
    rest.remove(right)
    for factor in rest:
        fits = [side for side in (right, left) if set(factor.axes) <= set(side.axes)]
        if not fits or factor.dtype is DType.BOOL:
            return None, None
        parts[min(fits, key=lambda side: len(side.axes))].append(factor)
    return _product(left, parts[left]), _product(right, parts[right])


def _product(first: Node, rest: list[Node]) -> Node:
    for factor in rest:
        first = build.gate("mul", first, factor)
    return build.as_real(first)
