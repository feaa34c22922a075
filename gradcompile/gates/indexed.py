"""Formulas in index notation over named axes: the language of the array gates' rules (never a user's text).

``"-(w[i] * x[j])"`` is built into nodes, given the nodes that the names stand for and an axis for each index.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from gradcompile.errors import InternalError
from gradcompile.gates import build
from gradcompile.gates.registry import ARRAY, REDUCE
from gradcompile.gates.structure import symmetric_part
from gradcompile.gates.template import OPERATORS
from gradcompile.ir.nodes import Axis, Graph, Kind, Node, unused

Letters = tuple[str, ...]
Signature = tuple[list[tuple[str, Letters]], tuple[str, Letters]]


@dataclass(frozen=True)
class Term:
    """A node, and the indices of its own axes in the order in which it is read."""

    node: Node
    letters: Letters = ()


@cache
def signature(name: str) -> Signature:
    """Return the operands and the result of an array gate, each a name with its indices."""
    left, _, right = ARRAY[name].signature.partition(" -> ")
    return [_named(t) for t in ast.parse(f"({left},)", mode="eval").body.elts], _named(_tree(right))  # type: ignore[attr-defined]


@cache
def _tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _named(tree: ast.expr) -> tuple[str, Letters]:
    match tree:
        case ast.Name(id=name):
            return name, ()
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=parts)):
            return name, tuple(p.id for p in parts if isinstance(p, ast.Name))
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id=letter)):
            return name, (letter,)
    raise InternalError(f"not an array with indices: {ast.unparse(tree)}")


def operands_of(node: Node) -> dict[str, Term]:
    """Return what each name of an operand in the signature of an array gate's node stands for."""
    operands, _ = signature(node.name)
    return {name: Term(o, letters) for (name, letters), o in zip(operands, node.operands, strict=True)}


def axes_of_gate(node: Node) -> dict[str, Axis]:
    """Return the axis of each index in the signature of an array gate's node."""
    operands, (_, made) = signature(node.name)
    inner, outer = node.attrs
    found = dict(zip(made, outer, strict=True))
    for (_, letters), axes in zip(operands, inner, strict=True):
        found |= dict(zip(letters, axes, strict=True))
    return found


def further(axes: Mapping[str, Axis], like: str, taken: Iterable[Axis]) -> dict[str, Axis]:
    """Return an axis of its own for each further index of a rule, as ``k~j l~i`` has them."""
    used, found = {*taken, *axes.values()}, dict(axes)
    for pair in like.split():
        letter, other = pair.split("~")
        found[letter] = unused(Axis(axes[other].extent, 0), used)
        used.add(found[letter])
    return found


def apply(name: str, *terms: Term, axes: Mapping[str, Axis], further: Letters = ()) -> Term:
    """Return an array gate applied to terms: it eats their last indices, and makes what the signature says.

    `further` are the indices of the result that no operand has.
    """
    operands, (_, made) = signature(name)
    eaten = [t.letters[len(t.letters) - len(own) :] for (_, own), t in zip(operands, terms, strict=True)]
    known = {x for _, own in operands for x in own}
    letters = dict(zip([x for x in made if x not in known], further, strict=False))
    for (_, own), given in zip(operands, eaten, strict=True):
        letters |= dict(zip(own, given, strict=True))
    result = tuple(letters.get(x, x) for x in made)
    inner = tuple(tuple(axes[x] for x in given) for given in eaten)
    node = build.array_gate(name, tuple(t.node for t in terms), inner, tuple(axes[x] for x in result))
    return Term(node, result)


class Formulas:
    """Builds formulas of a rule over the axes of its indices; `define` gives names to what they come to."""

    def __init__(self, graph: Graph, axes: Mapping[str, Axis], names: Mapping[str, Term]) -> None:
        self.graph, self.axes, self.names = graph, axes, dict(names)

    def define(self, line: str) -> None:
        """Carry out ``name[indices] = formula``; what the name stands for already is added."""
        left, right = line.split(" = ", maxsplit=1)
        name, letters = _named(_tree(left))
        value = self.build(right)
        if name in self.names:
            value = build.gate("add", self.names[name].node, value)
        self.names[name] = Term(value, letters)

    def build(self, text: str) -> Node:
        """Return the node that a formula denotes."""
        return self._term(_tree(text)).node

    def _term(self, tree: ast.expr) -> Term:
        match tree:
            case ast.Name(id=name):
                return self.names[name]
            case ast.Subscript(value=ast.Name(id=name)):
                return self._read(self.names[name], _named(tree)[1])
            case ast.Attribute(value=value, attr="T"):
                term = self._term(value)
                return Term(term.node, term.letters[::-1])
            case ast.Constant(value=value) if isinstance(value, (int, float)):
                return Term(build.const(self.graph, value))
            case ast.UnaryOp(op=op, operand=x):
                return self._gate(OPERATORS[type(op)], [x])
            case ast.BinOp(left=a, op=op, right=b):
                return self._gate(OPERATORS[type(op)], [a, b])
            case ast.Compare(left=a, ops=[op], comparators=[b]):
                return self._gate(OPERATORS[type(op)], [a, b])
            case ast.Call(func=ast.Name(id="iota"), args=[ast.Name(id=letter)]):
                return Term(build.iota(self.graph, self.axes[letter]))
            case ast.Call(func=ast.Name(id=name), args=[x, ast.Name(id=letter)]) if name in REDUCE:
                return Term(build.reduce(name, self._term(x).node, self.axes[letter]))
            case ast.Call(func=ast.Name(id="symmetric"), args=[x, ast.Name(id=row), ast.Name(id=column)]):
                return Term(symmetric_part(self._term(x).node, self.axes[row], self.axes[column]))
            case ast.Call(func=ast.Name(id=name), args=args) if name in ARRAY:
                further = tuple(a.id for a in args if isinstance(a, ast.Name) and a.id in self.axes)
                terms = map(self._term, args[: len(args) - len(further)])
                return apply(name, *terms, axes=self.axes, further=further)
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._gate(name, args)
        raise InternalError(f"not a formula in index notation: {ast.unparse(tree)}")

    def _gate(self, name: str, trees: Sequence[ast.expr]) -> Term:
        return Term(build.gate(name, *(self._term(t).node for t in trees)))

    def _read(self, term: Term, letters: Letters) -> Term:
        """Return a term at other indices: the same numbers over the axes of those."""
        moved = {self.axes[a]: self.axes[b] for a, b in zip(term.letters, letters, strict=True)}
        return Term(build.rename(term.node, moved), letters)


def same_call(nodes: Iterable[Node], node: Node) -> list[Node]:
    """Return, of some nodes, the array gates that come out of the same call as this one."""
    group = ARRAY[node.name].group
    return [
        n
        for n in nodes
        if n.kind is Kind.ARRAY
        and ARRAY[n.name].group == group
        and (n.operands, n.attrs[0]) == (node.operands, node.attrs[0])
    ]


def is_array(node: Node, *names: str) -> bool:
    """Is it one of these array gates?"""
    return node.kind is Kind.ARRAY and node.name in names
