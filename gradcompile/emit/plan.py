"""What is written together: sums with the products under them, nested reductions, joined pieces, short operands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gradcompile.emit.assigned import Assigned, source
from gradcompile.emit.gather import Gather, Spread, gathered, spread
from gradcompile.emit.inline import CHEAP, Inline
from gradcompile.emit.known import Known
from gradcompile.emit.live import Live, level
from gradcompile.emit.running import running_terms
from gradcompile.emit.states import Kept, Loop, State
from gradcompile.emit.updates import Update, update_of
from gradcompile.ir.nodes import Axis, Kind, Node, reading_state
from gradcompile.pipeline import Unit
from gradcompile.syntax.program import Value

_MERGED = frozenset({"sum", "prod", "max", "min", "any", "all"})  # over two axes is the same as one after the other
_FACTORS = 12  # a product of more is written as it stands


class Plan:
    """Which nodes have a statement of their own, and which are absorbed into the expression of their user."""

    def __init__(self, unit: Unit, results: Sequence[Value]) -> None:
        self.live = Live([v.node for v in results])
        self.nodes = self.live.nodes
        self.named = dict(unit.names)
        self.wishes = wished_orders(unit, results)
        self._rename()
        self._spread_wishes()
        self.running = running_terms(self.nodes, self.live)
        self.loops: dict[Node, Loop] = {}
        around = self._around()
        for node in self.nodes:
            if node.kind is Kind.RECURRENCE and node not in self.running:
                self.loops[node] = Loop(node, self.live, self.loops, around.get(node, frozenset()))
        self.known = Known(self.nodes, unit.program.requirements)
        self.updates = {u.node: u for loop in self.loops.values() for s in loop.states for u in s.chain}
        self.uses = Counter(o for n in self.nodes for o in self._read(n))
        self.uses.update(v.node for v in results)
        self.state_names = self._state_names(Assigned(unit.program))
        self.grown = self._growing()
        self.joinable = self._joinable()
        self.reduced: dict[Node, tuple[Node, list[Axis]]] = {}  # a reduction: what of, over which axes
        self.factors: dict[Node, tuple[list[Node], list[Axis], bool]] = {}  # a sum of a product; is it negative?
        self.pieces: dict[Node, list[Node]] = {}  # a sum of scatters along the same axes
        self.gathers: dict[Node, Gather] = {}  # reads at several indices at once
        self.spreads: dict[Node, Spread] = {}  # scatters at several indices at once
        self.placed: dict[Node, Update] = {}  # an array of which some elements are set, outside loops
        self.absorbed: set[Node] = set()
        for node in reversed(self.nodes):
            self._look(node)
        roots = {v.node for v in results}
        self.inline = Inline(self, roots)

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

    def _spread_wishes(self) -> None:
        """Ask for the operands of a gate in the order of axes in which the gate is wanted."""
        for node in reversed(self.nodes):
            wish = self.wishes.get(node, ())
            if node.kind is Kind.REDUCE and node.operands[0].op != "mul":  # of a product, matrix notation decides
                wish = (*wish, node.attrs[0]) if set(node.axes) <= set(wish) else ()
            elif node.kind is not Kind.GATE:
                continue
            for operand in node.operands:
                if len(operand.axes) > 1 and set(operand.axes) <= set(wish):
                    self.wishes.setdefault(operand, tuple(a for a in wish if a in operand.axes))

    def _around(self) -> dict[Node, frozenset[Axis]]:
        """Return the axes of time of the loops around each loop."""
        around: dict[Node, frozenset[Axis]] = {}
        for node in reversed(self.nodes):
            if node.kind is Kind.RECURRENCE:
                held = around.get(node, frozenset()) | {node.attrs[0]}
                for inner in reading_state(self.live.operands(node), node.attrs[2]):
                    if inner.kind is Kind.RECURRENCE:
                        around[inner] = around.get(inner, frozenset()) | held
        return around

    def _state_names(self, assigned: Assigned) -> dict[tuple[Node, int], str]:
        """Return what the states of loops are called: as the user calls what they become, or what is read of them."""
        names: dict[tuple[Node, int], str] = {}
        for of, loop in self.loops.items():
            found = assigned.states(loop)
            for state in loop.working:
                name = found.get(state.slot)
                if state.body.kind is Kind.HISTORY and state.kept is not Kept.RECORD:
                    name = names.get((state.body.operands[0], state.body.attrs[0]), name)
                name = self._name_of_history(state, of, name)
                if name is not None:
                    names[of, state.slot] = name
                    self._hand_over(state, name)
                    if state.kept is Kept.PLACE and state.init.op == "where" and self.private(state.init):
                        self.named[state.init] = name  # its elements are set one by one, and the loop goes on
        return names

    def _name_of_history(self, state: State, of: Node, name: str | None) -> str | None:
        """Return the name of a state, and take it from the history that has it."""
        wanted = ("final", "after") if state.kept is Kept.RECORD else ("final",)
        for read in self.live.reads.get(of, ()):
            mine = read.attrs[0] == state.slot and read.attrs[1] in wanted
            if mine and name in (None, self.named.get(read)):
                name = self.named.pop(read, name)
        return name

    def _hand_over(self, state: State, name: str) -> None:
        """Take the name of a state from the node that it becomes, and from the one that it is at first."""
        for node in (source(state.body), *([state.init] if self.uses[state.init] == 1 else [])):
            if self.named.get(node) == name:
                del self.named[node]

    def _read(self, node: Node) -> Sequence[Node]:
        """Return what a node reads before anything is written together."""
        if node.kind is Kind.HISTORY and node.operands[0] in self.running:
            return (self.running[node.operands[0]].term,)
        return () if node in self.running else self.live.operands(node)

    def operands(self, node: Node) -> Sequence[Node]:
        """Return the nodes that stand in a node's expression."""
        if node in self.factors:
            return self.factors[node][0]
        if node in self.reduced:
            return (self.reduced[node][0],)
        if node in self.pieces:
            return [o for piece in self.pieces[node] for o in self.spreads[piece].parts]
        if node in self.updates:
            return self._parts(self.updates[node])
        if node in self.placed:
            return (*self._parts(self.placed[node]), self.placed[node].base)
        if node in self.gathers:
            return self.gathers[node].parts
        if node in self.spreads:
            return self.spreads[node].parts
        return self._read(node)

    def _parts(self, update: Update) -> Sequence[Node]:
        if update.pieces:
            return [o for piece in update.pieces for o in self.spreads[piece].parts]
        return update.parts

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
        elif node in self.updates:
            self._change(self.updates[node])
        elif node.kind is Kind.GATE and node.name == "where" and (update := self._placing(node)) is not None:
            self.placed[node] = update
            self._change(update)
        elif node.kind is Kind.REDUCE:
            base, axes = self._nest(node)
            self.reduced[node] = (base, axes)
            if node.name == "sum" and (found := self._product(base)) is not None:
                self._replace(base, found[0])
                self.factors[node] = (found[0], axes, found[1])
        elif node.kind is Kind.CONTRACT:
            self.factors[node] = (list(node.operands), list(node.attrs), False)
        elif node.kind is Kind.GATE and node in self.joinable:
            self.pieces[node] = self._joined(node.operands)
        elif node.kind is Kind.TAKE:
            self.gathers[node] = gathered(node, self.private, self.known)
            self._instead(node, self.gathers[node].parts)
        elif node.kind is Kind.SCATTER:
            self.spreads[node] = spread(node, self.private, self.known)
            self._instead(node, self.spreads[node].parts)

    def _placing(self, node: Node) -> Update | None:
        """Return the elements that an array outside loops gets, if they are in range and the others are at hand."""
        base = node.operands[2]
        if level(node) >= 0 or not (base.is_const() or self.private(base)):
            return None
        update = update_of(node, {base}, frozenset(), ())
        if update is None or any(i.axes or not self.known.within(i, a) for a, i in update.index):
            return None
        if (name := self.named.get(node)) is not None:
            self.named.setdefault(base, name)
        return update

    def _instead(self, node: Node, parts: Sequence[Node]) -> None:
        """Count what stands in a node's expression in the place of its operands."""
        self.uses.subtract(node.operands)
        self.uses.update(parts)

    def _change(self, update: Update) -> None:
        """Count what stands in the statement that changes an array."""
        if update.pieces:
            self._joined([update.value])
        elif update.index:
            parts = (*(i for _, i in update.index), *update.rest)
            self._replace(update.node.operands[0], parts)

    def _absorb(self, node: Node) -> None:
        self.absorbed.add(node)
        for operand in self._read(node):
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
            and self.private(base)
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
        """Return the scatters, and the sums of nothing but scatters."""
        found: set[Node] = set()
        for node in self.nodes:
            sums = node.kind is Kind.GATE and node.name == "add"
            if node.kind is Kind.SCATTER or (sums and all(o in found and self.private(o) for o in node.operands)):
                found.add(node)
        return found

    def private(self, node: Node) -> bool:
        """Return whether a node stands in one place only, without a name."""
        return self.uses[node] == 1 and node not in self.named

    def _joined(self, parts: Sequence[Node]) -> list[Node]:
        """Return the scatters that are added up, each to be written as a part of the sum."""
        pieces: list[Node] = []
        stack = list(reversed(parts))
        while stack:
            current = stack.pop()
            if current.kind is Kind.SCATTER:
                pieces.append(current)
                self.spreads[current] = spread(current, self.private, self.known)
                self._replace(current, self.spreads[current].parts)
            else:
                stack.extend(reversed(current.operands))
                self._replace(current, current.operands)
        return pieces

    def source(self, node: Node) -> Node:
        """Return the node whose numbers a node has, if only it shows them."""
        while node.kind is Kind.RENAME and self.private(node.operands[0]):
            node = node.operands[0]
        return node


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
