"""Formulas over placeholders: the language of partial derivatives and of rewrite rows.

``"b * a ** (b - 1)"`` is built into nodes, given a and b; as a pattern, it is matched against nodes. The words are
the gates' names and operators; over an axis ``k``, ``sum(x, k)`` and the other reductions, ``iota(k)``,
``others(x, k)`` and ``take(x, k, i)``.
In patterns a name matches any node, a name that starts with ``c`` only a literal, ``k`` an axis.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from gradcompile.errors import InternalError
from gradcompile.gates import build
from gradcompile.gates.registry import GATES, REDUCE
from gradcompile.ir.nodes import Axis, Graph, Kind, Node

Bindings = dict[str, Node | Axis]

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.Mod: "mod",
    ast.USub: "neg", ast.Not: "not", ast.And: "and", ast.Or: "or",
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip


@dataclass(frozen=True)
class Template:
    """A name, a literal (`op` "const"), or a word applied to templates and perhaps an axis."""

    op: str
    args: tuple[Template, ...] = ()
    axis: str = ""
    value: float | int = 0

    def build(self, graph: Graph, bindings: Bindings) -> Node:
        """Return the node that the formula denotes with its names bound."""
        if self.op == "name":
            return _node(bindings[self.axis])
        if self.op == "const":
            return build.const(graph, self.value)
        args = [a.build(graph, bindings) for a in self.args]
        if not self.axis:
            return build.gate(self.op, *args)
        axis = bindings[self.axis]
        if not isinstance(axis, Axis):
            raise InternalError(f"{self.axis} is not an axis in this formula")
        if self.op == "iota":
            return build.iota(graph, axis)
        if self.op == "take":
            return build.take(args[0], axis, args[1])
        return build.others(args[0], axis) if self.op == "others" else build.reduce(self.op, args[0], axis)

    def match(self, node: Node, bindings: Bindings) -> Iterator[Bindings]:
        """Yield each way to bind the names so that the formula denotes this very node."""
        if self.op == "name":
            if self.axis.startswith("c") and node.kind is not Kind.CONST:
                return
            if bindings.get(self.axis, node) is node:
                yield {**bindings, self.axis: node}
        elif self.op == "const":
            if node.is_const(self.value):
                yield bindings
        elif node.op == self.op and len(node.operands) == len(self.args):
            if self.axis:
                if bindings.get(self.axis, node.attrs[0]) != node.attrs[0]:
                    return
                bindings = {**bindings, self.axis: node.attrs[0]}
            yield from self._match_operands(node, bindings)

    def _match_operands(self, node: Node, bindings: Bindings) -> Iterator[Bindings]:
        if len(self.args) == 1:
            yield from self.args[0].match(node.operands[0], bindings)
            return
        orders = [node.operands]
        if len(self.args) == 2 and self.op in GATES and GATES[self.op].commutative:
            orders.append(node.operands[::-1])
        for order in orders:
            yield from _match_all(self.args, order, bindings)


def _match_all(patterns: tuple[Template, ...], nodes: tuple[Node, ...], bindings: Bindings) -> Iterator[Bindings]:
    if not patterns:
        yield bindings
        return
    for bound in patterns[0].match(nodes[0], bindings):
        yield from _match_all(patterns[1:], nodes[1:], bound)


def _node(bound: Node | Axis) -> Node:
    if isinstance(bound, Axis):
        raise InternalError(f"the axis {bound} stands where a value is needed")
    return bound


@cache
def formula(text: str) -> Template:
    """Return the template that a formula text of this project denotes (never a user's text)."""
    return _convert(ast.parse(text, mode="eval").body)


def _convert(tree: ast.AST) -> Template:
    match tree:
        case ast.Name(id=name):
            return Template("name", axis=name)
        case ast.Constant(value=value) if isinstance(value, (int, float)):
            return Template("const", value=value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)) if isinstance(value, (int, float)):
            return Template("const", value=-value)
        case ast.UnaryOp(op=op, operand=x):
            return Template(OPERATORS[type(op)], (_convert(x),))
        case ast.BinOp(left=a, op=op, right=b):
            return Template(OPERATORS[type(op)], (_convert(a), _convert(b)))
        case ast.BoolOp(op=op, values=[a, b]):
            return Template(OPERATORS[type(op)], (_convert(a), _convert(b)))
        case ast.Compare(left=a, ops=[op], comparators=[b]):
            return Template(OPERATORS[type(op)], (_convert(a), _convert(b)))
        case ast.Call(func=ast.Name(id="iota"), args=[ast.Name(id=k)]):
            return Template("iota", axis=k)
        case ast.Call(func=ast.Name(id=name), args=[x, ast.Name(id=k)]) if name in REDUCE and (
            name not in GATES or k == "k"
        ):
            return Template(name, (_convert(x),), axis=k)
        case ast.Call(func=ast.Name(id="take"), args=[x, ast.Name(id=k), index]):
            return Template("take", (_convert(x), _convert(index)), axis=k)
        case ast.Call(func=ast.Name(id="others"), args=[x, ast.Name(id=k)]):
            return Template("others", (_convert(x),), axis=k)
        case ast.Call(func=ast.Name(id=name), args=args) if name in GATES or args:
            return Template(name, tuple(_convert(a) for a in args))
    raise InternalError(f"not a template: {ast.dump(tree)}")
