"""Forward mode: carry a tangent beside every gate, from directions of arguments to the results.

The rules are those of reverse mode read the other way: what multiplies upstream there multiplies the tangent here, what
routes upstream routes the tangent, and the conditions travel with it (see `cotangent`). A recurrence gets further
states, the tangents of its own, so that nothing of its history has to be stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from gradcompile.autodiff import linalg
from gradcompile.autodiff.cotangent import Cotangent, accumulate
from gradcompile.autodiff.reverse import vjp_of_arguments
from gradcompile.gates import build
from gradcompile.gates.registry import ARRAY, GATES, REDUCE
from gradcompile.gates.select import select
from gradcompile.gates.substitute import recur, resume, substitute, substituted
from gradcompile.gates.template import Bindings, formula
from gradcompile.ir.nodes import Axis, DType, Kind, Node, reachable, reading_state, states_of

Directions = Mapping[str, tuple[Node, Sequence[Axis]]]
"""By argument: a tangent, and the axes of it that are the argument's own, in the argument's order."""


def jvp(results: Sequence[Node], directions: Directions) -> list[Node]:
    """Return the derivative of each result along directions of arguments: the Jacobian times the direction."""
    return along(results, directions)[1]


def along(results: Sequence[Node], directions: Directions) -> tuple[list[Node], list[Node]]:
    """Return the results and their derivatives along directions; both read the same recurrences.

    Directions may have further axes, which nothing else has: then the derivatives have them too.
    """
    forward = Forward(directions, {})
    tangents = forward.of(results)
    both = [*results, *tangents]
    for before, (after, _) in reversed(forward.loops.items()):
        histories = [n for n in reachable(both) if n.kind is Kind.HISTORY and n.operands[0] is before]
        if histories:
            moved = {h: build.history(after, *h.attrs) for h in histories}
            both = [substitute(node, moved) for node in both]
    return both[: len(results)], both[len(results) :]


def along_histories(results: Sequence[Node], directions: Directions) -> list[Node]:
    """Return the derivatives of results along directions; recurrences of their own carry those of the states.

    This is for results that need the histories of the states anyway, as gradients do: what the steps compute of these
    alone is then computed for all steps at once, and shared with the backward pass.
    """
    return ForwardOnHistories(directions, {}).of(results)


class Forward:
    """Tangents of nodes, operands first; a node that has none does not depend on the directions."""

    def __init__(self, directions: Directions, tangents: dict[Node, Cotangent]) -> None:
        self.directions, self.tangents = directions, tangents
        self.loops: dict[Node, tuple[Node, dict[int, int]]] = {}  # with the tangents; the state of each one's tangent

    def of(self, results: Sequence[Node]) -> list[Node]:
        """Return the tangents of results."""
        self.run(n for n in reachable(results) if not n.carries)
        zero = build.const(results[0].graph, 0.0)
        return [self.tangents[r].settle() if r in self.tangents else zero for r in results]

    def run(self, nodes: Iterable[Node]) -> None:
        """Find the tangents of nodes, given in order."""
        for node in nodes:
            if node.kind is Kind.RECURRENCE:
                self.recurrence(node)
                continue
            if node in self.tangents or node.dtype is not DType.REAL:
                continue
            origin = node.graph.origin_of(node)
            with node.graph.origin(origin.span, f"{node.op} gate"):
                parts = self.parts(node)
                if parts:
                    self.tangents[node] = accumulate(parts)

    def parts(self, node: Node) -> list[Cotangent]:
        """Return what a node's tangent is the sum of."""
        match node.kind:
            case Kind.INPUT:
                return self.argument(node)
            case Kind.GATE:
                return self.gate(node)
            case Kind.ARRAY:
                return self.array_gate(node)
            case Kind.HISTORY:
                return self.history(node)
        if not node.operands or (x := self.tangents.get(node.operands[0])) is None:
            return []
        match node.kind:
            case Kind.REDUCE:
                return _reduction(node, x)
            case Kind.RENAME:
                return [_each(x, lambda n: build.rename(n, dict(node.attrs)))]
            case Kind.TAKE:
                return [_each(x, lambda n: build.take(n, node.attrs[0], *node.operands[1:]))]
            case Kind.SCATTER:
                (axis, over), (_, index, *guard) = node.attrs, node.operands
                return [Cotangent(build.scatter(x.settle(), axis, index, over, *guard))]
        return []

    def argument(self, node: Node) -> list[Cotangent]:
        """Return the direction of an argument, over the axes of one read of it."""
        if node.name not in self.directions:
            return []
        tangent, axes = self.directions[node.name]
        return [Cotangent(build.rename(tangent, dict(zip(axes, node.attrs, strict=True))))]

    def gate(self, node: Node) -> list[Cotangent]:
        """Return tangent times local for each operand."""
        record = GATES[node.name]
        if node.name == "where":
            return self.choice(node)
        bindings: Bindings = dict(zip(record.arguments, node.operands, strict=True))
        bindings["out"] = node
        found = []
        for operand, rule in zip(node.operands, record.routes or record.partials, strict=True):
            if rule is None or (tangent := self.tangents.get(operand)) is None:
                continue
            factor = formula(rule).build(node.graph, bindings)
            found.append(tangent.routed(factor) if record.routes else tangent.times(factor))
        return found

    def choice(self, node: Node) -> list[Cotangent]:
        """Return the tangent of the branch that is taken."""
        condition, *branches = node.operands
        yes, no = (self.tangents.get(branch) for branch in branches)
        if yes is None or no is None:
            other = build.gate("not", condition)
            return [t.routed(c) for t, c in ((yes, condition), (no, other)) if t is not None]
        value, mask = build.gate("where", condition, yes.settle(), no.settle()), None
        if yes.mask is not None or no.mask is not None:
            true = build.const(node.graph, True)
            mask = build.gate("where", condition, yes.mask or true, no.mask or true)
        return [Cotangent(value, mask)]

    def array_gate(self, node: Node) -> list[Cotangent]:
        """Return the tangent of an array gate."""
        tangent = array_tangent(node, {o: self.tangents[o].settle() for o in node.operands if o in self.tangents})
        return [] if tangent is None else [Cotangent(tangent)]

    # -- recurrences -------------------------------------------------------------------------------------------

    def history(self, node: Node) -> list[Cotangent]:
        """Return the history of a state's tangent."""
        loop, places = self.loops.get(node.operands[0], (None, {}))
        slot, which = node.attrs
        return [] if loop is None or slot not in places else [Cotangent(build.history(loop, places[slot], which))]

    def recurrence(self, node: Node) -> None:
        """Make the recurrence that has the tangents of its states as further states."""
        axis, backward, depth, slots = node.attrs
        inits, bodies, condition = states_of(node)
        inside = [n for n in reading_state([*bodies, *condition], depth) if max(n.carries) == depth]
        active = [k for k in range(slots) if inits[k] in self.tangents]
        while True:
            within = self.inside(inside, depth, {k: slots + i for i, k in enumerate(active)})
            more = [k for k in range(slots) if bodies[k] in within.tangents and k not in active]
            if not more:
                break
            active = sorted([*active, *more])
        if not active:
            return
        zero = build.const(node.graph, 0.0)
        steps = [within.tangents[bodies[k]].settle() if bodies[k] in within.tangents else zero for k in active]
        starts = [self.tangents[inits[k]].settle() if inits[k] in self.tangents else zero for k in active]
        loop = recur(
            [*inits, *starts], [*bodies, *steps], axis, depth=depth, backward=backward, name=node.name,
            condition=condition[0] if condition else None,
        )  # fmt: skip
        self.loops |= within.loops
        self.loops[node] = loop, {k: slots + i for i, k in enumerate(active)}

    def again(self, tangents: Mapping[Node, Cotangent]) -> Forward:
        """Return a walk along the same directions, in which some tangents are known."""
        return Forward(self.directions, dict(tangents))

    def inside(self, nodes: Sequence[Node], depth: int, places: Mapping[int, int]) -> Forward:
        """Return the tangents inside a body, given which states have one, and as which state."""
        within = self.again(self.tangents)
        within.loops = dict(self.loops)
        for n in nodes:
            if n.kind is Kind.CARRY and n.dtype is DType.REAL and n.attrs[1] in places:
                within.tangents[n] = Cotangent(build.carry(n.graph, depth, places[n.attrs[1]], n.axes))
        within.run(nodes)
        return within


class ForwardOnHistories(Forward):
    """Tangents, those of states in recurrences of their own: linear ones, on the histories of the states."""

    def again(self, tangents: Mapping[Node, Cotangent]) -> Forward:
        """Return a walk along the same directions, in which some tangents are known."""
        return ForwardOnHistories(self.directions, dict(tangents))

    def recurrence(self, node: Node) -> None:
        """Make the recurrence of the tangents of the states."""
        axis, backward, depth, slots = node.attrs
        inits, bodies, _ = states_of(node)
        inside = reading_state(bodies, depth)
        states = [n for n in inside if n.kind is Kind.CARRY and n.attrs[0] == depth]
        before = {n: build.history(node, n.attrs[1], "before") for n in states}
        nodes = sorted({n for n in resume(inside, depth, before) if not n.carries}, key=lambda n: n.id)
        ends = resume(bodies, depth, before)
        active = [k for k in range(slots) if inits[k] in self.tangents]
        while True:
            within = self.again(self.tangents)
            for n in states:
                if n.dtype is DType.REAL and n.attrs[1] in active:
                    within.tangents[before[n]] = Cotangent(
                        build.carry(n.graph, depth, active.index(n.attrs[1]), n.axes)
                    )
            within.run(nodes)
            more = [k for k in range(slots) if ends[k] in within.tangents and k not in active]
            if not more:
                break
            active = sorted([*active, *more])
        if not active:
            return
        zero = build.const(node.graph, 0.0)
        starts = [self.tangents[inits[k]].settle() if inits[k] in self.tangents else zero for k in active]
        steps = [within.tangents[ends[k]].settle() if ends[k] in within.tangents else zero for k in active]
        after = {
            end: build.history(node, k, "after") for k, end in enumerate(ends)
            if end.kind not in (Kind.INPUT, Kind.CONST) and axis in end.axes
        }  # fmt: skip
        loop = recur(starts, substituted(steps, after), axis, depth=depth, backward=backward)
        self.loops[node] = loop, {k: i for i, k in enumerate(active)}


def array_tangent(node: Node, moving: Mapping[Node, Node]) -> Node | None:
    """Return an array gate's tangent, given those of operands.

    Where the gate's record has no rule for it, it is the derivative of the backward pass, which is linear.
    """
    if not moving:
        return None
    if ARRAY[node.name].tangent:
        return linalg.tangent(node, moving)
    graph, own = node.graph, {a for o in node.operands for a in o.axes}
    further = {a for t in moving.values() for a in t.axes} - own
    axes = tuple(sorted({*node.axes, *further}))
    upstream = build.argument(graph, f"along.{node.id}.{len(graph.nodes)}", axes)
    total: Node | None = None
    for operand, arriving in linalg.array_gate(node, Cotangent(upstream)):
        if operand in moving:
            product = build.gate("mul", arriving.settle(), moving[operand])
            part = build.reduce_all("sum", product, sorted({*operand.axes, *product.axes} - further))
            total = part if total is None else build.gate("add", total, part)
    if total is None:
        return None
    one = build.const(graph, 1.0)
    found = vjp_of_arguments({total: one}, {upstream.name: axes})[upstream.name]
    return linalg.masks_on_factors(found, {node, *node.operands, *moving.values()})


def _reduction(node: Node, x: Cotangent) -> list[Cotangent]:
    """Return the tangent of a reduction: of the element that was chosen, or the sum of tangent times local."""
    (operand,), (axis,) = node.operands, node.attrs
    record = REDUCE[node.name]
    if record.route:
        position = build.reduce(record.route, operand, axis)
        return [Cotangent(select(x.settle(), axis, position))]
    if not record.partial:
        return []
    local = formula(record.partial).build(node.graph, {"x": operand, "out": node, "k": axis})
    return [x.times(local).summed([axis])]


def _each(x: Cotangent, moved: Callable[[Node], Node]) -> Cotangent:
    """Return a tangent with its value and its condition moved alike."""
    mask = None if x.mask is None else moved(x.mask)
    return Cotangent(moved(x.value), mask, x.settled)
