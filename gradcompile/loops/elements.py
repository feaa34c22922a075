"""The elements of arrays that are put together of values of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from gradcompile.ir.nodes import Axis, Kind, Node


def elements_of(nodes: Sequence[Node]) -> Iterator[tuple[dict[Axis, str], list[Node]]]:
    """Yield the elements of stacks that belong together, with their position; any other node is its own element."""
    axes = sorted({a for n in nodes if n.kind is Kind.STACK for a in n.attrs})
    for position in product(*(range(a.extent.constant or 0) for a in axes)):
        at = dict(zip(axes, position, strict=True))
        yield {a: str(i) for a, i in at.items()}, [_element_of(n, at) for n in nodes]


def _element_of(node: Node, at: Mapping[Axis, int]) -> Node:
    if node.kind is not Kind.STACK:
        return node
    number = 0
    for axis in node.attrs:
        number = number * (axis.extent.constant or 0) + at[axis]
    return node.operands[number]
