"""The backward pass through array gates: the rule of the record, summed over what an operand was copied along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gradcompile.autodiff.cotangent import Cotangent
from gradcompile.gates import build
from gradcompile.gates.indexed import Formulas, Term, axes_of_gate, further, operands_of, signature
from gradcompile.gates.registry import ARRAY
from gradcompile.gates.structure import symmetric_part
from gradcompile.gates.substitute import rebuild
from gradcompile.ir.nodes import Axis, Declared, DType, Kind, Node, batch_axes, reachable, unused


def array_gate(node: Node, upstream: Cotangent) -> Iterator[tuple[Node, Cotangent]]:
    """Yield what each operand of an array gate receives."""
    record, (_, (result, made)) = ARRAY[node.name], signature(node.name)
    arriving, batch = upstream.settle(), batch_axes(node.operands, node.attrs[0])
    axes = further(axes_of_gate(node), record.like, {*batch, *arriving.axes})
    names = {**operands_of(node), result: Term(node, made), f"d{result}": Term(arriving, made)}
    formulas = Formulas(node.graph, axes, names)
    if any(p for p in record.partials):
        for line in (*record.value[:-1], *record.where):
            formulas.define(line)
    for operand, eaten, partial in zip(node.operands, node.attrs[0], record.partials, strict=True):
        if partial is None or operand.dtype is not DType.REAL:
            continue
        value = _of_blocks(node, arriving) if partial == "blocks" else formulas.build(partial)
        copied = [a for a in sorted({*batch, *eaten}) if a not in operand.axes]
        yield operand, _masked(build.reduce_all("sum", value, copied), upstream, node, operand)


def tangent(node: Node, moving: Mapping[Node, Node]) -> Node:
    """Return the tangent of an array gate by the rule of its record, given those of operands."""
    record, names = ARRAY[node.name], operands_of(node)
    names |= {f"t{name}": Term(moving[t.node], t.letters) for name, t in names.items() if t.node in moving}
    formulas = Formulas(node.graph, axes_of_gate(node), names)
    parts = [line for operand, line in zip(node.operands, record.moving, strict=True) if operand in moving]
    for line in (*record.value[:-1], *parts):
        formulas.define(line)
    return formulas.build(record.tangent)


def masks_on_factors(root: Node, leaves: Iterable[Node]) -> Node:
    """Return what a rule makes of leaves with its masks on factors: ``where(c, a, 0) * b``, not ``where(c, a * b, 0)``.

    A condition on positions says here where a matrix of the rule is 0 by its form. What it is multiplied by is finite,
    since the gate raises otherwise. So the product is one of matrices.
    """
    done = {leaf: leaf for leaf in leaves}
    seen: dict[int, Node] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node not in done and node.id not in seen:
            seen[node.id] = node
            stack.extend(node.operands)
    for _, node in sorted(seen.items()):
        operands = tuple(done[o] for o in node.operands)
        new = node if operands == node.operands else rebuild(node, operands)
        done[node] = _on_factor(new) or new
    return done[root]


def _on_factor(node: Node) -> Node | None:
    if node.op != "where" or node.operands[1].op != "mul" or not node.operands[2].is_const(0):
        return None
    condition, product, zero = node.operands
    if not all(n.kind in (Kind.IOTA, Kind.GATE, Kind.CONST) for n in reachable([condition])):
        return None
    for a, b in (product.operands, product.operands[::-1]):
        if set(condition.axes) <= set(a.axes) < set(product.axes):
            return build.gate("mul", build.gate("where", condition, a, zero), b)
    return None


def _masked(value: Node, upstream: Cotangent, node: Node, operand: Node) -> Cotangent:
    """Return what arrives at an operand: it counts where some element of the result that it makes counts."""
    if (mask := upstream.mask) is None:
        return Cotangent(value)
    away = [a for a in mask.axes if a not in operand.axes or a in node.attrs[1]]  # also where both call one the same
    return Cotangent(value, build.reduce_all("any", mask, away), settled=False)


def _of_blocks(node: Node, arriving: Node) -> Node:
    """Return what A receives through ``expm_frechet(A, E)``, a block of the exponential of [[A, E], [0, A]]."""
    (i, j), _ = node.attrs[0]
    a, e = node.operands
    taken = {*a.axes, *e.axes, *arriving.axes, i, j}
    row = unused(Axis(i.extent * 2, 0), taken)
    column = unused(Axis(i.extent * 2, 0), {*taken, row})

    def placed(x: Node, down: int, right: int) -> Node:
        return _at(_at(x, i, row, down), j, column, right)

    matrix = build.gate("add", build.gate("add", placed(a, 0, 0), placed(a, 1, 1)), placed(e, 0, 1))
    transposed = build.rename(matrix, {row: column, column: row})
    eaten = ((row, column), (row, column))
    found = build.array_gate("expm_frechet", (transposed, placed(arriving, 0, 1)), eaten, (row, column))
    corners = [_from(_from(found, row, i, corner), column, j, corner) for corner in (0, 1)]
    return build.gate("add", *corners)


def _at(x: Node, axis: Axis, whole: Axis, half: int) -> Node:
    """Return x in one half of an axis that is twice as long, zeros in the other."""
    return build.scatter(x, whole, _positions(x, axis, half), (axis,))


def _from(x: Node, whole: Axis, axis: Axis, half: int) -> Node:
    """Return one half of x along an axis."""
    return build.take(x, whole, _positions(x, axis, half))


def _positions(x: Node, axis: Axis, half: int) -> Node:
    position = build.iota(x.graph, axis)
    return build.gate("add", position, build.extent(x.graph, axis.extent)) if half else position


def within_structure(gradient: Node, name: str, axes: Sequence[Axis]) -> Node:
    """Return the part of a gradient that is of the structure declared for the argument: symmetric, or a triangle.

    It is the gradient with respect to the matrices of that structure, whose other elements cannot change by themselves.
    """
    structure = gradient.graph.declared.get(name, Declared()).structure
    if not structure or gradient.is_const(0):
        return gradient
    (row, column), graph = axes[-2:], gradient.graph
    if structure in ("symmetric", "definite"):
        return symmetric_part(gradient, row, column)
    relation = "ge" if structure == "lower" else "le"
    inside = build.gate(relation, build.iota(graph, row), build.iota(graph, column))
    return build.gate("where", inside, gradient, build.const(graph, 0.0))
