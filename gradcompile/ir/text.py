"""The text form of a graph: one line a node, and ``parse_graph(print_graph(roots))`` is the same graph.

%0 = input X [N.0, D.0] : real
%1 = reduce sum %0 [D.0] : real
return loss = %1
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

from gradcompile.errors import InternalError
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Graph, Kind, Node, reachable

_LINE = re.compile(r"%(\d+) = (\w+)((?: [^\s\[%:]+)?)((?: %\d+)*)(?: \[(.*)\])? : (\w+)$")
_RETURN = re.compile(r"return (\S+) = %(\d+)$")


def print_graph(roots: Mapping[str, Node]) -> str:
    """Return the nodes that the named roots are computed from, numbered from 0, and the roots."""
    nodes = reachable(roots.values())
    number = {node: i for i, node in enumerate(nodes)}
    lines = []
    for node in nodes:
        parts = [f"%{number[node]} =", node.kind.value]
        parts += [node.name] if node.name else []
        parts += [f"%{number[o]}" for o in node.operands]
        attrs = _print_attrs(node)
        lines.append(" ".join(parts + ([f"[{attrs}]"] if attrs else []) + [":", node.dtype.value]))
    return "\n".join([*lines, *(f"return {name} = %{number[node]}" for name, node in roots.items())]) + "\n"


def _print_attrs(node: Node) -> str:
    match node.kind:
        case Kind.CONST:
            return repr(node.value)
        case Kind.RENAME:
            return ", ".join(f"{a} -> {b}" for a, b in node.attrs)
        case Kind.SCATTER:
            axis, over = node.attrs
            return "; ".join([str(axis), ", ".join(map(str, over))])
        case Kind.CHECK:
            return repr(node.attrs[0])
        case Kind.CARRY:
            depth, slot, axes = node.attrs
            return "; ".join([str(depth), str(slot), ", ".join(map(str, axes))])
        case Kind.RECURRENCE:
            axis, backward, depth, slots = node.attrs
            return f"{axis}; {'backward' if backward else 'forward'}; {depth}; {slots}"
        case Kind.ARRAY:
            return "; ".join(", ".join(map(str, axes)) for axes in (*node.attrs[0], node.attrs[1]))
    return ", ".join(map(str, node.attrs))


def parse_graph(text: str) -> tuple[Graph, dict[str, Node]]:
    """Return the graph and the named roots that a text form denotes."""
    graph = Graph()
    nodes: list[Node] = []
    roots: dict[str, Node] = {}
    for line in text.splitlines():
        if (end := _RETURN.match(line)) is not None:
            roots[end[1]] = nodes[int(end[2])]
            continue
        found = _LINE.match(line)
        if found is None or int(found[1]) != len(nodes):
            raise InternalError(f"not a line of a graph: {line}")
        kind = Kind(found[2])
        operands = tuple(nodes[int(i)] for i in re.findall(r"%(\d+)", found[4]))
        attrs = _parse_attrs(kind, found[5] or "")
        nodes.append(graph.make(kind, found[3].strip(), operands, attrs, DType(found[6])))
    return graph, roots


def _parse_attrs(kind: Kind, text: str) -> tuple[Any, ...]:
    first, *rest = text.split("; ")
    match kind:
        case Kind.CONST:
            return (_literal(text),)
        case Kind.EXTENT:
            return (parse_extent(text),)
        case Kind.RENAME:
            return _each(text, lambda pair: tuple(parse_axis(a) for a in pair.split(" -> ")))
        case Kind.SCATTER:
            return parse_axis(first), _each(rest[0], parse_axis)
        case Kind.CHECK:
            return (ast.literal_eval(text),)
        case Kind.CARRY:
            return int(first), int(rest[0]), _each(rest[1], parse_axis)
        case Kind.RECURRENCE:
            return parse_axis(first), rest[0] == "backward", int(rest[1]), int(rest[2])
        case Kind.ARRAY:
            inner = [_each(part, parse_axis) for part in [first, *rest[:-1]]]
            return tuple(inner), _each(rest[-1], parse_axis)
        case Kind.HISTORY:
            slot, which = text.split(", ")
            return int(slot), which
    return _each(text, parse_axis)


def _literal(text: str) -> float | int | bool:
    return float(text) if text in ("inf", "-inf", "nan") else ast.literal_eval(text)


def _each(text: str, parse: Callable[[str], Any]) -> tuple[Any, ...]:
    return tuple(parse(part) for part in text.split(", ") if part)


def parse_axis(text: str) -> Axis:
    """Return the axis that a text such as ``N.0`` or ``(N - 1).2`` denotes."""
    size, counter = text.rsplit(".", 1)
    return Axis(parse_extent(size), int(counter))


def parse_extent(text: str) -> Extent:
    """Return the extent that its own text form denotes."""
    return _extent(ast.parse(text.strip(), mode="eval").body)


def _extent(tree: ast.AST) -> Extent:
    match tree:
        case ast.Name(id=name):
            return Extent.of(name)
        case ast.Constant(value=int(value)):
            return Extent.of(value)
        case ast.UnaryOp(op=ast.USub(), operand=x):
            return -_extent(x)
        case ast.BinOp(left=a, op=ast.Add(), right=b):
            return _extent(a) + _extent(b)
        case ast.BinOp(left=a, op=ast.Sub(), right=b):
            return _extent(a) - _extent(b)
        case ast.BinOp(left=a, op=ast.Mult(), right=b):
            return _extent(a) * _extent(b)
        case ast.BinOp(left=a, op=ast.Pow(), right=ast.Constant(value=int(power))):
            return _extent(a) ** power
        case ast.BinOp(left=a, op=ast.FloorDiv(), right=ast.Constant(value=int(divisor))):
            return _extent(a) // divisor
        case ast.Call(func=ast.Name(id="ceil"), args=[ast.Call(args=[x])]):
            return Extent.root(_extent(x))
    raise InternalError(f"not an extent: {ast.dump(tree)}")
