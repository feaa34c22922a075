"""What can be computed from a value that is there anyway; the last step of simplification, on what is left.

In ``(a / x) * z`` another quotient serves as well, ``(z / x) * a``. Where that one is needed elsewhere, as a gradient
needs ``upstream / x`` for the numerator, the first is not computed.
"""

from __future__ import annotations

from collections.abc import Iterable

from gradcompile.gates import build
from gradcompile.gates.substitute import rebuild
from gradcompile.ir.nodes import Node, reachable, users


def shared(roots: Iterable[Node]) -> dict[Node, Node]:
    """Return, for every node that the roots need, the node with quotients left out for which another one serves."""
    roots = list(roots)
    nodes = reachable(roots)
    idle = _idle(nodes, set(roots))
    done: dict[Node, Node] = {}
    for node in nodes:
        graph, origin = node.graph, node.graph.origin_of(node)
        with graph.origin(origin.span, origin.rule):
            operands = tuple(done[o] for o in node.operands)
            if (quotient := next((o for o in node.operands if o in idle), None)) is not None:
                (a, x), z = (done[o] for o in quotient.operands), done[_other(node, quotient)]
                done[node] = build.gate("mul", build.gate("div", z, x), a)
            else:
                done[node] = node if operands == node.operands else rebuild(node, operands)
    return done


def _idle(nodes: list[Node], roots: set[Node]) -> set[Node]:
    """Return the quotients that are only multiplied by numbers of which the quotient by the same divisor is there."""
    quotients = {n.operands: n for n in nodes if n.op == "div"}
    table, idle, needed = users(nodes), set[Node](), set(roots)
    for (_, x), quotient in quotients.items():
        if quotient in needed:
            continue
        others = [_other(u, quotient) if u.op == "mul" else None for u in table.get(quotient, ())]
        serving = [None if z is None or z is quotient else quotients.get((z, x)) for z in others]
        if all(s is not None and s not in idle for s in serving):
            idle.add(quotient)
            needed |= {s for s in serving if s is not None}
    return idle


def _other(product: Node, factor: Node) -> Node:
    """Return the other factor of a product."""
    a, b = product.operands
    return b if a is factor else a
