"""The number of operations that nodes cost, as a polynomial in the dimensions."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from gradcompile.gates.registry import GATES
from gradcompile.ir.dims import Extent, total
from gradcompile.ir.nodes import Axis, Kind, Node, reachable

_TRIANGULAR = frozenset({"solve_lower", "solve_upper"})
_INVERSES = frozenset({"inv", "inv_pd"})


def operations(roots: Sequence[Node]) -> Extent:
    """Return the operations of each element of each gate, and one for each element that a reduction eats.

    A gate counts as the signs and calls that its code consists of: ``1 / (1 + np.exp(-x))`` is four. A matrix product
    of N x D and D x C elements so costs 2*N*D*C. Steps of a recurrence count once for each. A matrix with N rows that
    is factored costs N**3, once for all gates that look at it, and its inverse 2*N**3 on top.
    """
    nodes = reachable(roots)
    steps = {n.attrs[2]: n.attrs[0] for n in nodes if n.kind is Kind.RECURRENCE}  # by depth
    weights: Counter[frozenset[Axis]] = Counter()
    for node in nodes:
        axes, weight = _looked_at(node)
        held = {steps[depth] for depth in node.carries if depth in steps}
        weights[frozenset(axes) | held] += weight
    result = _of_matrices(nodes, steps)
    for looped, weight in weights.items():
        result += total(a.extent for a in looped) * weight
    return result


def _of_matrices(nodes: Sequence[Node], steps: Mapping[int, Axis]) -> Extent:
    """Return the operations of factorisations and inverses."""
    found: dict[object, Extent] = {}
    for node in nodes:
        if node.kind is not Kind.ARRAY or node.name in _TRIANGULAR:
            continue
        matrix, (row, column) = node.operands[0], node.attrs[0][0]
        held = {steps[depth] for depth in node.carries if depth in steps}
        cube = total(a.extent for a in {*matrix.axes, row, column} | held) * row.extent
        found[matrix, frozenset((row, column))] = cube
        if node.name in _INVERSES:
            found[node] = cube * 2
    result = Extent.of(0)
    for cost in found.values():
        result += cost
    return result


@cache
def operations_of(gate: str) -> int:
    """Return how many signs and calls a gate's code consists of."""
    code = ast.parse(GATES[gate].numpy, mode="eval")
    counted = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Compare, ast.BoolOp, ast.IfExp)
    return sum(isinstance(part, counted) for part in ast.walk(code))


def _looked_at(node: Node) -> tuple[Iterable[Axis], int]:
    """Return the axes over which a node works, and the operations at each position."""
    match node.kind:
        case Kind.GATE:
            return node.axes, operations_of(node.name)
        case Kind.REDUCE:
            return node.operands[0].axes, 1
        case Kind.SCATTER:
            return {a for o in node.operands for a in o.axes}, 1
        case Kind.CONTRACT:
            return {a for o in node.operands for a in o.axes}, len(node.operands)
        case Kind.ARRAY:
            return {a for axes in node.attrs[0] for a in axes} | {a for o in node.operands for a in o.axes}, 2
    return (), 0
