"""The steps of an explanation: what the passes recorded, gate by gate, in words and formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gradcompile.autodiff.reverse import Trace
from gradcompile.emit.layout import AxisOrder
from gradcompile.emit.notation import Entries, Matrices, cut, letters
from gradcompile.errors import Span
from gradcompile.explain.paths import Part, Walk
from gradcompile.explain.shown import Shown, looked_through, shown
from gradcompile.gates import build
from gradcompile.gates.registry import ARRAY, GATES, REDUCE
from gradcompile.ir.dims import Extent, total
from gradcompile.ir.nodes import Axis, Kind, Node, reachable
from gradcompile.pipeline import Unit
from gradcompile.rewrite.simplify import simplifying

_WORDS = {Kind.TAKE: "read", Kind.SCATTER: "scatter", Kind.HISTORY: "state", Kind.RECURRENCE: "loop"}
_WAYS = {
    "read": "added where it was read",
    "scatter": "read where it was added",
    "state": "into the loop",
    "loop": "what its steps hand back, added up",
    "max": "to what was chosen",
    "min": "to what was chosen",
}
_DOCS = {
    "read": "An element at a computed position. What arrives goes back to its place; reads of one place add up.",
    "scatter": "Adds each element at a computed position. Each element receives what arrives at its place.",
    "state": "A state of a loop. What arrives goes back into the loop, at the step that made it.",
    "loop": "A loop. Its backward pass runs against time: each step hands its states back to the one before it.",
    "matmul": "A mul gate under a sum gate. The mul swaps, the sum hands on copies; "
    "what was copied along an axis collects a sum over it.",
}


@dataclass(frozen=True)
class Derivation:
    """One entry of a gradient, from the definition of the gate to the formula of the whole array."""

    entry: str  # z[n, c] = …
    read_by: tuple[str, ...]  # the indices over which the operand was copied
    gradient: str  # dW[d, c] = …
    whole: str  # dW = …
    rows: tuple[Extent, ...]  # the Jacobian, if it were built: the shape of what the gate makes …
    columns: tuple[Extent, ...]  # … by that of the operand

    @property
    def written(self) -> bool:
        """Is there a formula of the whole array?"""
        return not self.whole.endswith(" = ")

    @property
    def jacobian(self) -> Extent:
        """The number of entries of the Jacobian."""
        return total([*self.rows, *self.columns])


@dataclass(frozen=True)
class Path:
    """What a gate hands back to one of its operands."""

    gate: str
    below: str
    local: str  # the local gradient; of a gate that routes, the condition; empty where there is no short word for it
    routes: bool
    copied: tuple[str, ...]  # the dimensions along which the operand was copied, so that a sum over them comes back
    downstream: str  # over the upstream gradient; empty where there is no short word for it
    node: Node = field(repr=False)
    code: Node = field(repr=False)  # the same behind all passes: what the generated code computes
    axes: tuple[Axis, ...] = ()  # of what is handed back
    words: str = ""  # where there is no formula
    local_node: Node | None = field(default=None, repr=False)
    derivation: Derivation | None = None

    @property
    def says(self) -> str:
        """What is handed back, as a formula or in words."""
        return self.downstream or self.words


@dataclass(frozen=True)
class Arrival:
    """What arrives at a gate or an input over all paths that meet there."""

    name: str
    paths: tuple[Path, ...]
    axes: tuple[Axis, ...]
    node: Node = field(repr=False)
    code: Node = field(repr=False)


@dataclass(frozen=True)
class Step:
    """A gate of the forward pass, and what it hands back."""

    number: int
    name: str
    word: str  # what the gate is called
    doc: str
    span: Span | None
    expression: str
    reads: tuple[str, ...]  # gates and inputs, one for each place
    axes: tuple[Axis, ...]
    node: Node = field(repr=False)
    code: Node = field(repr=False)
    paths: tuple[Path, ...] = ()

    @property
    def line(self) -> int:
        """The line of the formula."""
        return self.span.line if self.span else 0

    @property
    def shape(self) -> tuple[Extent, ...]:
        """The extents of what it makes."""
        return tuple(a.extent for a in self.axes)


def gradient_name(name: str) -> str:
    """Return what the gradient with respect to a value is called."""
    return f"d{name}"


class Builder:
    """Makes the steps of one backward pass."""

    def __init__(self, unit: Unit, final: Unit, trace: Trace, *, matrices: bool) -> None:
        self.unit, self.final, self.trace = unit, final, trace
        self.shown: Shown = shown(trace.result, unit, matrices=matrices)
        examples = [*(a.axes for a in unit.program.arguments), *(v.axes for v in unit.program.names.values())]
        self.order = AxisOrder(examples)
        self.matrices = Matrices(unit, self.order)
        self.axes = {g: self._axes(g) for g in self.shown.gates}
        self.leaves = {
            g: build.argument(g.graph, name, self.axes[g])
            for g, name in self.shown.names.items()
            if g.kind is not Kind.RECURRENCE
        }
        self.index = self._index()
        self.simplifier = simplifying()

    def _axes(self, gate: Node) -> tuple[Axis, ...]:
        name = self.unit.names.get(gate)
        value = self.unit.program.names.get(name) if name else None
        if value is not None and set(value.axes) == set(gate.axes):
            return value.axes
        return self.order.sort(gate.axes)

    def _index(self) -> dict[Axis, str]:
        nodes = reachable([self.trace.result, *self.trace.arrived.values()])
        known = {a: n for a, n in self.trace.result.graph.index_names.items() if n.isidentifier()}
        names = {a.name for a in self.unit.program.arguments} | set(self.shown.names.values())
        axes = dict.fromkeys(a for n in nodes for a in self.order.sort(n.axes))
        return letters(axes, names, known)

    # -- the forward pass --------------------------------------------------------------------------------------

    def steps(self) -> list[Step]:
        """Return the gates, operands first."""
        walk = Walk(self.trace, self.shown)
        return [self._step(i, gate, walk) for i, gate in enumerate(self.shown.gates, start=1)]

    def _step(self, number: int, gate: Node, walk: Walk) -> Step:
        word = self._word(gate)
        origin = gate.graph.origin_of(gate)
        reads = tuple(self.name(n) for n in self.shown.reads(gate))
        name, axes = self.shown.names[gate], self.axes[gate]
        upstream = build.argument(gate.graph, gradient_name(name), axes)
        paths = tuple(self._path(gate, part) for part in walk.parts(gate, upstream))
        expression = self._expression(gate)
        return Step(
            number, name, word, _doc(word), origin.span, expression, reads, axes, gate, self.final.now(gate), paths
        )

    def name(self, node: Node) -> str:
        """Return the name of a gate or an input."""
        return node.name if node.kind is Kind.INPUT else self.shown.names[node]

    def _word(self, gate: Node) -> str:
        product = any(n.op == "mul" for n in self.shown.inside.get(gate, ()))
        return "matmul" if product else _WORDS.get(gate.kind, gate.op)

    def _expression(self, gate: Node) -> str:
        if gate.kind in (Kind.RECURRENCE, Kind.HISTORY):
            return _of_loop(gate, self.shown.names)
        text = self.matrices.text(self.over_names(gate), self.axes[gate])
        return text or f"{self._word(gate)}({', '.join(self.name(n) for n in self.shown.reads(gate))})"

    def over_names(self, gate: Node) -> Node:
        """Return a gate over the names of what it reads."""
        own = {gate, *self.shown.inside.get(gate, ())}
        leaves = {n: leaf for n, leaf in self.leaves.items() if n not in own}
        return cut([gate], leaves)[0]

    # -- the backward pass -------------------------------------------------------------------------------------

    def _path(self, gate: Node, part: Part) -> Path:
        below = looked_through(part.below)
        name, axes = self.name(below), self._axes_of(gate if below.kind is Kind.RECURRENCE else below)
        copied = tuple(str(a.extent) for a in part.copied)
        local = self._text(part.local, self.order.sort(part.local.axes)) if part.local is not None else ""
        downstream, derivation = "", None
        if part.symbolic is not None:
            symbolic = self._settled(part.symbolic)
            downstream = self.matrices.text(symbolic, axes)
            derivation = self._derivation(gate, below, axes, part, downstream)
        node = part.recorded.settle()
        return Path(
            gate=self.shown.names[gate],
            below=name,
            local=local,
            routes=part.routes,
            copied=copied,
            downstream=downstream,
            node=node,
            code=self.final.now(node),
            axes=axes,
            words=_WAYS.get(self._word(gate), "what its rule makes of it"),
            local_node=part.local,
            derivation=derivation,
        )

    def _axes_of(self, node: Node) -> tuple[Axis, ...]:
        return node.attrs if node.kind is Kind.INPUT else self.axes[node]

    def _text(self, node: Node, axes: Sequence[Axis]) -> str:
        return self.matrices.text(self._settled(node), axes)

    def _settled(self, node: Node) -> Node:
        """Return a node over names, simplified."""
        (over,) = cut([node], self.leaves)
        return self.simplifier.run([over])[over]

    def _derivation(self, gate: Node, below: Node, axes: tuple[Axis, ...], part: Part, whole: str) -> Derivation | None:
        if part.of_view is None or not (gate.axes or axes):
            return None
        name, entries = gradient_name(self.name(below)), Entries(self.index)
        (view,) = cut([part.view], {below: build.argument(gate.graph, name, axes)})
        texts = [entries.text(n) for n in (self.over_names(gate), self._settled(part.of_view), view)]
        entry, gradient, left = texts
        if entry is None or gradient is None or left is None:
            return None
        made = entries.text(self.leaves[gate])
        copied = tuple(entries.index[a] for a in part.copied)
        shapes = tuple(a.extent for a in self.axes[gate]), tuple(a.extent for a in axes)
        return Derivation(f"{made} = {entry}", copied, f"{left} = {gradient}", f"{name} = {whole}", *shapes)

    def upstream_leaves(self) -> dict[Node, Node]:
        """Return a name for what arrives at each gate, before and behind the passes."""
        found: dict[Node, Node] = {}
        for gate in self.shown.gates:
            total = self.trace.arrived.get(gate)
            if total is not None and not total.is_const():
                leaf = build.argument(gate.graph, gradient_name(self.shown.names[gate]), self.axes[gate])
                for node in (total, self.final.now(total)):
                    if set(node.axes) == set(gate.axes) and not node.is_const():
                        found.setdefault(node, leaf)
        return found

    def arrivals(self, steps: Sequence[Step]) -> dict[str, Arrival]:
        """Return what arrives at each gate and each differentiated input, by name."""
        paths: dict[str, list[Path]] = {}
        for step in reversed(steps):
            for path in step.paths:
                paths.setdefault(path.below, []).append(path)
        arrived, names = self.trace.arrived, self.shown.names
        totals = {names[g]: (arrived[g], self.axes[g]) for g in self.shown.gates if g in arrived}
        axes = {a.name: a.axes for a in self.unit.program.arguments}
        totals |= {name: (node, axes[name]) for name, node in self.trace.gradients.items()}
        return {
            name: Arrival(name, tuple(paths.get(name, ())), order, node, self.final.now(node))
            for name, (node, order) in totals.items()
        }


def _doc(word: str) -> str:
    if word in _DOCS:
        return _DOCS[word]
    record = GATES.get(word) or REDUCE.get(word) or ARRAY.get(word)
    return record.doc if record else ""


def _of_loop(gate: Node, names: Mapping[Node, str]) -> str:
    if gate.kind is Kind.RECURRENCE:
        axis, backward, _, slots = gate.attrs
        way = "backwards along" if backward else "along"
        return f"loop {way} {axis.extent}, {slots} state{'s' if slots > 1 else ''}"
    slot, which = gate.attrs
    when = {"after": "after each step", "before": "before each step", "final": "after the last step"}[which]
    return f"state {slot + 1} of {names[gate.operands[0]]} {when}"
