"""The same nodes elsewhere: over other sources, over other operands, over other axis names, in another graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gradcompile.gates import build
from gradcompile.ir.nodes import Axis, Graph, Kind, Node, reachable, reading_state


def substitute(root: Node, replacements: Mapping[Node, Node]) -> Node:
    """Return the node with others put in the place of some of its sources (not of states: see `resume`)."""
    return substituted([root], replacements)[0]


def substituted(roots: Sequence[Node], replacements: Mapping[Node, Node]) -> list[Node]:
    """Return nodes with others put in the place of some of their sources."""
    done: dict[Node, Node] = dict(replacements)
    for node in reachable(roots):
        if node not in done:
            done[node] = _rebuilt(node, done)
    return [done[root] for root in roots]


def _rebuilt(node: Node, done: Mapping[Node, Node]) -> Node:
    operands = tuple(done[o] for o in node.operands)
    if operands == node.operands:
        return node
    origin = node.graph.origin_of(node)
    with node.graph.origin(origin.span, origin.rule):
        return rebuild(node, operands)


def resume(roots: Sequence[Node], depth: int, replacements: Mapping[Node, Node]) -> list[Node]:
    """Return bodies of a recurrence with others put in the place of its states, and of what they read from outside."""
    done: dict[Node, Node] = dict(replacements)
    for node in reading_state(roots, depth):
        if node not in done:
            for operand in node.operands:
                done.setdefault(operand, operand)
            done[node] = _rebuilt(node, done)
    return [done.get(root, root) for root in roots]


def deeper(roots: Sequence[Node], depth: int) -> list[Node]:
    """Return bodies of a recurrence for one that lies one level further inside."""
    done: dict[Node, Node] = {}
    for node in reading_state(roots, depth):
        operands = tuple(done.get(o, o) for o in node.operands)
        if node.kind is Kind.CARRY:
            level, slot, axes = node.attrs
            done[node] = build.carry(node.graph, level + 1, slot, axes, node.dtype)
        elif node.kind is Kind.RECURRENCE:
            axis, backward, level, slots = node.attrs
            attrs = (axis, backward, level + 1, slots)
            done[node] = node.graph.make(node.kind, node.name, operands, attrs, node.dtype)
        else:
            done[node] = rebuild(node, operands)
    return [done.get(root, root) for root in roots]


def rebuild(node: Node, operands: tuple[Node, ...]) -> Node:
    """Return a node like this one over other operands, by the functions that build nodes."""
    match node.kind:
        case Kind.GATE:
            return build.gate(node.name, *operands)
        case Kind.REDUCE:
            return build.reduce(node.name, operands[0], node.attrs[0])
        case Kind.RENAME:
            return _renamed(operands[0], dict(node.attrs))
        case Kind.TAKE:
            return build.take(operands[0], node.attrs[0], *operands[1:])
        case Kind.SCATTER:
            return build.scatter(operands[0], node.attrs[0], operands[1], node.attrs[1], *operands[2:])
        case Kind.CHECK:
            return build.checked(operands[0], operands[1], node.attrs[0], *operands[2:])
        case Kind.RECURRENCE:
            axis, backward, depth, slots = node.attrs
            condition = operands[2 * slots] if len(operands) > 2 * slots else None
            states = operands[:slots], operands[slots : 2 * slots]
            return recur(*states, axis, depth=depth, backward=backward, condition=condition, name=node.name)
        case Kind.HISTORY:
            return build.history(operands[0], *node.attrs)
        case Kind.ARRAY:
            return build.array_gate(node.name, operands, *node.attrs)
    return node.graph.make(node.kind, node.name, operands, node.attrs, node.dtype)


def _renamed(x: Node, mapping: Mapping[Axis, Axis]) -> Node:
    """Rename axes; where x has come to have the new name beside the old one, read its diagonal."""
    for a, b in mapping.items():
        if a in x.axes and b in x.axes and b not in mapping:
            x = build.take(x, a, build.iota(x.graph, b))
    return build.rename(x, mapping)


def recur(
    inits: Sequence[Node],
    bodies: Sequence[Node],
    axis: Axis,
    *,
    depth: int,
    backward: bool = False,
    condition: Node | None = None,
    name: str = "",
) -> Node:
    """Return a recurrence whose carries are given all the axes that their inits and bodies have.

    A state that no step changes is read as its init; so is a literal that each step sets again.
    """
    roots = [*bodies] if condition is None else [*bodies, condition]
    for slot, init in enumerate(inits):
        if roots[slot] is init and init.is_const():
            roots[slot] = build.carry(init.graph, depth, slot, (), init.dtype)
    idle = {root for slot, root in enumerate(roots[: len(inits)]) if _is_state(root, depth, slot)}
    constant = {
        n: inits[n.attrs[1]] for n in reading_state(roots, depth)
        if n.kind is Kind.CARRY and n.attrs[0] == depth and _is_state(roots[n.attrs[1]], depth, n.attrs[1])
    }  # fmt: skip
    if constant:
        roots = [r if r in idle else new for r, new in zip(roots, resume(roots, depth, constant), strict=True)]
    while True:
        if condition is not None and roots[-1].axes:
            roots = _frozen(roots, depth)
        carries = [n for n in reading_state(roots, depth) if n.kind is Kind.CARRY and n.attrs[0] == depth]
        wider: dict[Node, Node] = {}
        for carry in carries:
            slot = carry.attrs[1]
            axes = {*carry.axes, *inits[slot].axes, *roots[slot].axes} - {axis}
            if axes != set(carry.axes):
                wider[carry] = build.carry(carry.graph, depth, slot, axes, carry.dtype)
        if not wider:
            break
        roots = resume(roots, depth, wider)
    condition = roots[len(inits)] if condition is not None else None
    bodies = roots[: len(inits)]
    return build.recurrence(inits, bodies, axis, depth=depth, backward=backward, condition=condition, name=name)


def _is_state(node: Node, depth: int, slot: int) -> bool:
    return node.kind is Kind.CARRY and node.attrs[:2] == (depth, slot)


def _frozen(roots: list[Node], depth: int) -> list[Node]:
    """Return bodies and condition of a `while` that many runs go through together: one that has ended stands still."""
    *bodies, condition = roots
    states = {n.attrs[1]: n for n in reading_state(roots, depth) if n.kind is Kind.CARRY and n.attrs[0] == depth}
    frozen = []
    for slot, body in enumerate(bodies):
        state = states.get(slot) or build.carry(body.graph, depth, slot, body.axes, body.dtype)
        frozen.append(build.gate("where", condition, body, state))
    return [*frozen, build.reduce_all("any", condition, condition.axes)]


def relabel(root: Node, mapping: Mapping[Axis, Axis]) -> Node:
    """Return the same numbers over other axis names, made of nodes that have these names themselves.

    So `x[i]` with i over N is the very node of x. Where a name is taken inside, or a node has axes of its own making, a
    view takes their place.
    """
    done: dict[tuple[Node, _Renaming], Node] = {}
    wanted = (root, _of(root, mapping.items()))
    stack = [wanted]
    while stack:
        node, pairs = key = stack[-1]
        below = [(o, _of(o, pairs)) for o in node.operands] if _goes_through(node, pairs) else []
        waiting = [part for part in below if part not in done]
        if waiting:
            stack += waiting
            continue
        stack.pop()
        origin = node.graph.origin_of(node)
        with node.graph.origin(origin.span, origin.rule):
            operands = tuple(done[part] for part in below)
            done[key] = rebuild(node, operands) if below else build.rename(node, dict(pairs))
    return done[wanted]


_Renaming = tuple[tuple[Axis, Axis], ...]


def _of(node: Node, pairs: Iterable[tuple[Axis, Axis]]) -> _Renaming:
    """Return what a renaming changes at a node: of an axis that was taken away below another, nothing."""
    return tuple((a, b) for a, b in pairs if a != b and a in node.axes)


def _goes_through(node: Node, pairs: _Renaming) -> bool:
    """Can a node be made over other axes by renaming those of its operands?"""
    return bool(pairs) and node.kind in _REBUILT and not _bound(node) & {axis for pair in pairs for axis in pair}


_REBUILT = (Kind.GATE, Kind.REDUCE, Kind.TAKE, Kind.SCATTER, Kind.CHECK, Kind.ARRAY)


def _bound(node: Node) -> set[Axis]:
    """Return the axes that a node takes away from its operands or makes itself."""
    match node.kind:
        case Kind.REDUCE | Kind.TAKE:
            return {node.attrs[0]}
        case Kind.SCATTER:
            return {node.attrs[0], *node.attrs[1]}
        case Kind.ARRAY:
            return {*node.attrs[1]}.union(*node.attrs[0])
    return set()


def lowest(extent_axis: Axis, root: Node) -> Axis:
    """Return the axis of the same extent with the lowest counter that nothing has which the axis runs through."""
    taken = {a for n in reachable([root]) if extent_axis in n.axes for a in (*n.axes, *_bound(n))} - {extent_axis}
    counter = 0
    while (axis := Axis(extent_axis.extent, counter)) in taken:
        counter += 1
    return axis


def transplant(roots: Iterable[Node], graph: Graph) -> dict[Node, Node]:
    """Copy what the roots are computed from into another graph, origins included; return the copy of each node."""
    copies: dict[Node, Node] = {}
    for node in reachable(roots):
        origin = node.graph.origin_of(node)
        graph.index_names |= node.graph.index_names
        graph.declared |= node.graph.declared
        with graph.origin(origin.span, origin.rule):
            operands = tuple(copies[o] for o in node.operands)
            copies[node] = graph.make(node.kind, node.name, operands, node.attrs, node.dtype)
    return copies
