"""What is written together: sums with the products under them, nested reductions, joined pieces, short operands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gradcompile.emit.expression import occurrences, reduce_occurrences
from gradcompile.ir.nodes import Axis, Kind, Node, reachable
from gradcompile.pipeline import Unit
from gradcompile.syntax.program import Value

CHEAP = frozenset({Kind.CONST, Kind.EXTENT, Kind.INPUT, Kind.IOTA})  # stand in expressions as they are
_MERGED = frozenset({"sum", "prod", "max", "min", "any", "all"})  # over two axes is the same as one after the other
_FACTORS = 12  # a product of more is written as it stands


class Plan:
    """Which nodes have a statement of their own, and which are absorbed into the expression of their user."""

    def __init__(self, unit: Unit, results: Sequence[Value]) -> None:
        self.nodes = reachable([v.node for v in results])
        self.named = dict(unit.names)
        self.wishes = wished_orders(unit, results)
        self._rename()
        self.uses = Counter(o for n in self.nodes for o in n.operands)
        self.uses.update(v.node for v in results)
        self.grown = self._growing()
        self.joinable = self._joinable()
        self.reduced: dict[Node, tuple[Node, list[Axis]]] = {}  # a reduction: what of, over which axes
        self.factors: dict[Node, tuple[list[Node], list[Axis], bool]] = {}  # a sum of a product; is it negative?
        self.pieces: dict[Node, list[Node]] = {}  # a sum of scatters along one axis
        self.absorbed: set[Node] = set()
        self.given = self._given()
        for node in reversed(self.nodes):
            self._look(node)
        self.inline = self._fitting({v.node for v in results})

    def _rename(self) -> None:
        """Hand the name and the order of axes of a renaming to the array that it renames: both are one array."""
        for node in reversed(self.nodes):
            if node.kind is not Kind.RENAME:
                continue
            (array,), back = node.operands, {b: a for a, b in node.attrs}
            name = self.named.pop(node, None)
            if name is not None and array not in self.named and array.kind not in CHEAP:
                self.named[array] = name
            if (wish := self.wishes.get(node)) is not None and array not in self.wishes:
                self.wishes[array] = tuple(back.get(a, a) for a in wish if a in node.axes)

    def operands(self, node: Node) -> Sequence[Node]:
        """Return the nodes that stand in a node's expression."""
        if node in self.factors:
            return self.factors[node][0]
        if node in self.reduced:
            return (self.reduced[node][0],)
        if node in self.pieces:
            return [o for piece in self.pieces[node] for o in piece.operands]
        return node.operands

    def _given(self) -> set[Node]:
        """Return the nodes whose values the arguments decide."""
        given: set[Node] = set()
        for node in self.nodes:
            if node.kind is Kind.INPUT or any(o in given for o in node.operands):
                given.add(node)
        return given

    def _growing(self) -> set[Node]:
        """Return the products that are larger than their factors, and what only scales such a product."""
        grown: set[Node] = set()
        for node in self.nodes:
            if node.kind is not Kind.GATE or node.name not in ("mul", "neg") or node in self.named:
                continue
            if all(len(o.axes) < len(node.axes) for o in node.operands) or any(o in grown for o in node.operands):
                grown.add(node)
        return grown

    def _look(self, node: Node) -> None:
        if not self.uses[node]:  # every user has absorbed it
            self._absorb(node)
        elif node.kind is Kind.REDUCE:
            base, axes = self._nest(node)
            self.reduced[node] = (base, axes)
            if node.name == "sum" and (found := self._product(base)) is not None:
                self._replace(base, found[0])
                self.factors[node] = (found[0], axes, found[1])
        elif node.kind is Kind.CONTRACT:
            self.factors[node] = (list(node.operands), list(node.attrs), False)
        elif node.kind is Kind.GATE and node in self.joinable:
            self.pieces[node] = self._joined(node)

    def _absorb(self, node: Node) -> None:
        self.absorbed.add(node)
        for operand in node.operands:
            self.uses[operand] -= 1

    def _replace(self, node: Node, parts: Sequence[Node]) -> None:
        """Count the parts of a node's expression as used in the place of the node."""
        self.uses[node] -= 1
        self.uses.update(parts)

    def _nest(self, node: Node) -> tuple[Node, list[Axis]]:
        """Return what a nest of reductions of one kind reduces, and over which axes."""
        axes, base = list(node.attrs), node.operands[0]
        while (
            node.name in _MERGED and base.kind is Kind.REDUCE and base.name == node.name
            and self._private(base)
        ):  # fmt: skip
            inner = base.operands[0]
            self._replace(base, [inner])
            axes, base = [*base.attrs, *axes], inner
        return base, axes

    def _product(self, base: Node) -> tuple[list[Node], bool] | None:
        """Return the factors of a product under a sum and its sign, or None if it is no product of arrays."""
        if base.kind is not Kind.GATE or base.name not in ("mul", "neg") or base in self.named:
            return None
        factors: list[Node] = []
        negative, stack = False, [base]
        while stack and len(factors) <= _FACTORS:
            node = stack.pop()
            if node is not base and node not in self.grown:
                factors.append(node)
            elif node.name == "neg":
                negative = not negative
                stack.append(node.operands[0])
            else:
                stack.extend(reversed(node.operands))
        if len(factors) > _FACTORS or sum(bool(f.axes) for f in factors) < 2:
            return None
        return (factors, negative) if base in self.grown or self.uses[base] == 1 else None

    def _joinable(self) -> set[Node]:
        """Return the scatters, and the sums of nothing but scatters along one axis."""
        axis_of: dict[Node, Axis] = {}
        for node in self.nodes:
            if node.kind is Kind.SCATTER:
                axis_of[node] = node.attrs[0]
            elif node.kind is Kind.GATE and node.name == "add":
                axes = {axis_of.get(o) for o in node.operands}
                if None not in axes and len(axes) == 1 and all(self._private(o) for o in node.operands):
                    axis_of[node] = axis_of[node.operands[0]]
        return set(axis_of)

    def _private(self, node: Node) -> bool:
        return self.uses[node] == 1 and node not in self.named

    def _joined(self, node: Node) -> list[Node]:
        """Return the scatters that a sum adds up."""
        pieces: list[Node] = []
        stack = list(reversed(node.operands))
        while stack:
            current = stack.pop()
            if current.kind is Kind.SCATTER:
                pieces.append(current)
            else:
                stack.extend(reversed(current.operands))
            self._replace(current, current.operands)
        return pieces

    def _fitting(self, roots: set[Node]) -> set[Node]:
        """Return the unnamed nodes that their only user mentions once, and that have the same line and rule as it."""
        fitting: set[Node] = set()
        for node in self.nodes:
            if node in self.absorbed:
                continue
            for position, operand in enumerate(self.operands(node)):
                if self.uses[operand] != 1 or operand in self.named or operand.carries != node.carries:
                    continue
                if (_line(operand) == _line(node) or not _computes(operand)) and self._mentions(node)[position] == 1:
                    fitting.add(operand)
        return fitting - roots

    def _mentions(self, node: Node) -> Sequence[int]:
        if node in self.factors or node in self.pieces:
            return [1] * len(self.operands(node))
        if node.kind is Kind.GATE:
            return occurrences(node.name, "numpy")
        if node.kind is Kind.REDUCE:
            return [reduce_occurrences(node.name)]
        return [0 if node.kind is Kind.RECURRENCE else 1] * len(node.operands)


def wished_orders(unit: Unit, results: Sequence[Value]) -> dict[Node, tuple[Axis, ...]]:
    """Return the order of axes that the user sees in a named value, in its gradient, and in a result."""
    known = {name: v.axes for name, v in unit.program.names.items()}
    known |= {a.name: a.axes for a in unit.program.arguments}
    wishes: dict[Node, tuple[Axis, ...]] = {}
    for node, name in unit.names.items():
        axes = known.get(name) or known.get(name[1:], ())
        if set(node.axes) <= set(axes):
            wishes[node] = tuple(axes)
    return wishes | {v.node: v.axes for v in results}


def _line(node: Node) -> tuple[int, str]:
    """Return the formula line that a node comes from, and the rule that made it."""
    origin = node.graph.origin_of(node)
    return (origin.span.line if origin.span else 0), origin.rule


def _computes(node: Node) -> bool:
    return node.kind not in CHEAP and node.kind is not Kind.RENAME
