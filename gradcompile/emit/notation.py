"""What a node is, written for people: in matrix notation, and entry by entry in index notation.

Both are expressions of the formula language, over the names of the gates that are shown.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gradcompile.emit.expression import apply, fill, literal
from gradcompile.emit.layout import AxisOrder, Written, aligned
from gradcompile.emit.numpy_target import Writer
from gradcompile.gates.registry import GATES
from gradcompile.gates.substitute import rebuild
from gradcompile.ir.nodes import Axis, Kind, Node, reachable
from gradcompile.pipeline import Unit
from gradcompile.syntax.program import Argument, Program, Value

_SPELT = {"square": "x ** 2", "real": "x", "finite": "x", "integer": "x"}
_LONG = 200  # an entry that takes more is not written down
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_OTHERS = "ijklmpqrsuvabcdefghtnowxyz"  # for what has no dimension of its own, in this order


def cut(roots: Sequence[Node], leaves: Mapping[Node, Node]) -> list[Node]:
    """Return nodes over leaves: what lies below a node that has one is left out, and so are checks of indices."""
    seen: dict[int, Node] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node.id not in seen:
            seen[node.id] = node
            stack.extend(() if node in leaves else node.operands)
    done: dict[Node, Node] = {}
    for _, node in sorted(seen.items()):
        if node in leaves:
            done[node] = leaves[node]
        elif node.kind is Kind.CHECK:
            done[node] = done[node.operands[0]]
        else:
            operands = tuple(done[o] for o in node.operands)
            done[node] = node if operands == node.operands else rebuild(node, operands)
    return [done[r] for r in roots]


class Matrices:
    """Writes nodes over named leaves as the readable target does, with the words of the formula language."""

    def __init__(self, unit: Unit, order: AxisOrder) -> None:
        self.order = order
        bare = replace(unit.program, tree=ast.Module([], []), text="", names={}, claims=[])
        self.unit = replace(unit, program=bare, values=(), gradients={}, names={}, derived={})

    def text(self, node: Node, axes: Sequence[Axis]) -> str:
        """Return an expression for a node whose dimensions are in the order of `axes`, or can be copied to them.

        It is empty where statements are needed.
        """
        present = tuple(a for a in axes if a in node.axes)
        value = Value(node, present)
        writer = _Words(replace(self.unit, program=self._program(node), values=(value,)), value, self.order)
        writer.write([n for n in writer.plan.nodes if not n.carries])
        if writer.lines:
            return ""
        text = aligned(writer.operand(node), axes).replace("np.", "")
        return _columns(text, {n.name: len(n.attrs) for n in reachable([node]) if n.kind is Kind.INPUT})

    def _program(self, node: Node) -> Program:
        inputs = {n.name: n for n in reachable([node]) if n.kind is Kind.INPUT}
        arguments = [Argument(name, "Real", n.dtype, n.attrs) for name, n in inputs.items()]
        return replace(self.unit.program, arguments=arguments)


def _columns(text: str, ranks: Mapping[str, int]) -> str:
    """Return an expression in which a vector stands behind the matrix: X.T @ v for v @ X."""
    if "@" not in text:
        return text

    class Columns(ast.NodeTransformer):
        def visit_BinOp(self, tree: ast.BinOp) -> ast.AST:
            self.generic_visit(tree)
            match tree:
                case ast.BinOp(ast.Name(id=v), ast.MatMult(), ast.Name(id=m)) if (ranks.get(v), ranks.get(m)) == (1, 2):
                    return ast.BinOp(ast.Attribute(tree.right, "T", ast.Load()), tree.op, tree.left)
                case ast.BinOp(ast.Name(id=v), ast.MatMult(), ast.Attribute(matrix, "T")) if ranks.get(v) == 1:
                    return ast.BinOp(matrix, tree.op, tree.left)
            return tree

    return ast.unparse(Columns().visit(ast.parse(text, mode="eval")))


class _Words(Writer):
    """The readable target as one expression, with a gate's name in the place of its code."""

    def __init__(self, unit: Unit, value: Value, order: AxisOrder) -> None:
        super().__init__(unit, [value])
        self.order, self.root = order, value

    def layout(self, node: Node, operands: Sequence[Written] = ()) -> tuple[Axis, ...]:
        """Choose the order that is asked for, else that of an operand, else the common one: nothing is transposed."""
        axes = self.axes(node)
        if node is self.root.node:
            return self.root.axes
        return next((o.axes for o in operands if len(o.axes) == len(axes)), self.order.sort(axes))

    def expression(self, node: Node) -> Written:
        return self._expression(node)

    def name(self, node: Node) -> None:
        """Leave an expression without a name: it stands where it is used."""

    def _expression(self, node: Node) -> Written:
        return Written(number(node.value), number=True) if node.is_const() else super()._expression(node)

    def may_raise(self, node: Node) -> bool:
        return False

    def gate_text(self, name: str, texts: Sequence[str], *, scalar: bool = False) -> str:
        return gate_words(name, texts)

    def reduction_text(self, name: str, text: str, axis: str | None) -> str:
        return reduce_words(name, text, axis)


def gate_words(name: str, operands: Sequence[str]) -> str:
    """Return a gate as the formula language has it."""
    record = GATES[name]
    if name in _SPELT:
        return fill(_SPELT[name], record.arguments, operands)
    if name in ("and", "or", "not"):
        return apply(name, operands, "numba")
    if record.operator:
        return apply(name, operands, "numpy")
    return f"{name}({', '.join(operands)})"


def number(value: float) -> str:
    """Return a literal; 2 for 2.0, and pi."""
    if value in (math.pi, -math.pi):
        return "pi" if value > 0 else "-pi"
    return literal(int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value)


def reduce_words(name: str, x: str, axis: str | None) -> str:
    """Return a reduction as the formula language has it."""
    return f"{name}({x})" if axis is None else f"{name}({x}, axis={axis})"


def letters(axes: Iterable[Axis], taken: Iterable[str], known: Mapping[Axis, str]) -> dict[Axis, str]:
    """Return an index for each axis: the user's own, else the small letter of its dimension, else one that is free."""
    used = set(taken)
    found = {axis: name for axis, name in known.items() if name not in used}
    used.update(found.values())
    for axis in axes:
        if axis not in found:
            found[axis] = letter = _letter(axis, used)
            used.add(letter)
    return found


def _letter(axis: Axis, used: set[str]) -> str:
    first = next((c for c in axis.key.lower() if c in _LETTERS), "i")
    return next((c for c in first + _OTHERS if c not in used), f"{first}_{len(used)}")


class Entries:
    """Writes one entry of a node: `sum(X[n, d] * dscores[n, c] for n in range(N))`."""

    def __init__(self, index: Mapping[Axis, str]) -> None:
        self.index = dict(index)

    def text(self, node: Node) -> str | None:
        """Return the entry at the indices of the axes; None for what index notation has no short word for."""
        try:
            text = self._write(node, self.index)
        except KeyError:
            return None
        return text if len(text) < _LONG else None

    def _write(self, node: Node, at: Mapping[Axis, str]) -> str:
        match node.kind:
            case Kind.CONST:
                return number(node.value)
            case Kind.EXTENT:
                return str(node.attrs[0])
            case Kind.IOTA:
                return at[node.attrs[0]]
            case Kind.INPUT:
                return f"{node.name}[{', '.join(at[a] for a in node.attrs)}]" if node.attrs else node.name
            case Kind.GATE:
                return gate_words(node.name, [self._write(o, at) for o in node.operands])
            case Kind.REDUCE:
                return self._over(node.name, node.operands[0], node.attrs[0], at)
            case Kind.RENAME:
                back = {a: at[b] for a, b in node.attrs}
                return self._write(node.operands[0], {**at, **back})
            case Kind.TAKE if len(node.operands) == 2:
                place = self._write(node.operands[1], at)
                return self._write(node.operands[0], {**at, node.attrs[0]: place})
            case Kind.SCATTER:
                return self._added(node, at)
            case Kind.CHECK:
                return self._write(node.operands[0], at)
        raise KeyError(node.kind)

    def _added(self, node: Node, at: Mapping[Axis, str]) -> str:
        """Return the sum of what falls on one position: `sum(where(index[t] == v, x[t], 0) for t in range(T))`."""
        (x, index, *guard), (axis, over) = node.operands, node.attrs
        inside = dict(at)
        for other in over:
            inside[other] = _letter(other, {*self.index.values(), *inside.values()})
        conditions = [*(self._write(g, inside) for g in guard), f"{self._write(index, inside)} == {at[axis]}"]
        text = f"where({' and '.join(conditions)}, {self._write(x, inside)}, 0)"
        for other in reversed(over):
            text = f"sum({text} for {inside[other]} in range({other.extent}))"
        return text

    def _over(self, name: str, body: Node, axis: Axis, at: Mapping[Axis, str]) -> str:
        seen = {at[a] for a in body.axes if a != axis and a in at}
        same = [letter for a, letter in self.index.items() if a == axis or a.extent == axis.extent]
        free = (c for c in [*([self.index[axis]] if axis in self.index else []), *same] if c not in seen)
        letter = next(free, None) or _letter(axis, {*self.index.values(), *at.values()})
        self.index.setdefault(axis, letter)
        inner = self._write(body, {**at, axis: letter})
        return f"{name}({inner} for {letter} in range({axis.extent}))"
