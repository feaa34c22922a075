"""The same nodes elsewhere: over other sources, over other operands, in another graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gradcompile.gates import build
from gradcompile.ir.nodes import Graph, Kind, Node, reachable


def substitute(root: Node, replacements: Mapping[Node, Node]) -> Node:
    """Return the node with others put in the place of some of its sources."""
    done: dict[Node, Node] = dict(replacements)
    for node in reachable([root]):
        if node in done:
            continue
        operands = tuple(done[o] for o in node.operands)
        done[node] = node if operands == node.operands else rebuild(node, operands)
    return done[root]


def rebuild(node: Node, operands: tuple[Node, ...]) -> Node:
    """Return a node like this one over other operands, by the functions that build nodes."""
    match node.kind:
        case Kind.GATE:
            return build.gate(node.name, *operands)
        case Kind.REDUCE:
            return build.reduce(node.name, operands[0], node.attrs[0])
        case Kind.RENAME:
            return build.rename(operands[0], dict(node.attrs))
        case Kind.TAKE:
            return build.take(operands[0], node.attrs[0], operands[1])
        case Kind.SCATTER:
            return build.scatter(operands[0], node.attrs[0], operands[1], node.attrs[1])
    return node.graph.make(node.kind, node.name, operands, node.attrs, node.dtype)


def transplant(roots: Iterable[Node], graph: Graph) -> dict[Node, Node]:
    """Copy what the roots are computed from into another graph, origins included; return the copy of each node."""
    copies: dict[Node, Node] = {}
    for node in reachable(roots):
        origin = node.graph.origin_of(node)
        with graph.origin(origin.span, origin.rule):
            operands = tuple(copies[o] for o in node.operands)
            copies[node] = graph.make(node.kind, node.name, operands, node.attrs, node.dtype)
    return copies
