"""What a step computes and the backward pass needs again is remembered, and what nobody reads is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gradcompile.gates import build
from gradcompile.gates.substitute import rebuild, recur, resume
from gradcompile.ir.nodes import Axis, DType, Kind, Node, reachable, reading_state, states_of


def tidy(roots: Sequence[Node]) -> dict[Node, Node]:
    """Return, for every node that the roots need, the same with its recurrences in order.

    An idle state keeps its number, so that the others keep theirs: its body is the state itself.
    """
    found = {node: node for node in reachable(roots)}
    if not any(node.kind is Kind.RECURRENCE for node in found):
        return found
    for step in (_remembering, _without_idle):
        new = step([found[r] for r in roots])
        found = {before: new[after] for before, after in found.items() if after in new}
    return found


def _remembering(roots: Sequence[Node]) -> dict[Node, Node]:
    """Remember what is costly and computed again over all steps: products, inner loops, elements read from an array."""
    found = {node: node for node in reachable(roots)}
    for node in [n for n in found if n.kind is Kind.RECURRENCE]:
        if found[node].kind is Kind.RECURRENCE and (replaced := _with_more(found[node], set(found.values()))):
            done: dict[Node, Node] = dict(replaced)
            for old in reachable([found[r] for r in roots]):
                if old not in done:
                    operands = tuple(done[o] for o in old.operands)
                    done[old] = old if operands == old.operands else _like(old, operands)
            found = {before: done[after] for before, after in found.items() if after in done}
    return found


def _like(node: Node, operands: tuple[Node, ...]) -> Node:
    origin = node.graph.origin_of(node)
    with node.graph.origin(origin.span, origin.rule):
        return rebuild(node, operands)


def _with_more(node: Node, present: set[Node]) -> dict[Node, Node]:
    origin = node.graph.origin_of(node)
    with node.graph.origin(origin.span, origin.rule):
        return _remembered(node, present)


def _remembered(node: Node, present: set[Node]) -> dict[Node, Node]:
    """Return what takes the place of values that a recurrence's steps compute and the rest computes once more."""
    axis, backward, depth, slots = node.attrs
    inits, bodies, condition = states_of(node)
    inside = reading_state([*bodies, *condition], depth)
    before = {
        n: build.history(node, n.attrs[1], "before") for n in inside if n.kind is Kind.CARRY and n.attrs[0] == depth
    }
    candidates = _candidates([n for n in inside if max(n.carries) == depth], axis)
    again = dict(zip(candidates, resume(candidates, depth, before), strict=True))
    chosen = [n for n in candidates if again[n] in present and again[n] is not n]
    if not chosen:
        return {}
    starts = [build.zero_of(n) for n in chosen]
    larger = recur(
        [*inits, *starts], [*bodies, *chosen], axis, depth=depth, backward=backward,
        condition=condition[0] if condition else None, name=node.name,
    )  # fmt: skip
    replaced = {again[n]: build.history(larger, slots + i, "after") for i, n in enumerate(chosen)}
    histories = [h for h in present if h.kind is Kind.HISTORY and h.operands[0] is node]
    return replaced | {h: build.history(larger, *h.attrs) for h in sorted(histories, key=lambda h: h.id)}


def _candidates(inside: Sequence[Node], axis: Axis) -> list[Node]:
    """Return the values of a step that are costly: smaller than what they are made of, or made by an inner loop."""
    found: list[Node] = []
    for node in inside:
        if node.kind is Kind.RECURRENCE and not states_of(node)[2]:
            reads = [build.history(node, slot, which) for slot in range(node.attrs[3]) for which in ("after", "before")]
            found += [h for h in reads if h.kind is Kind.HISTORY and h.dtype is DType.REAL]
        elif node.kind in (Kind.REDUCE, Kind.ARRAY) or _is_element(node, axis) or _is_put_together(node):
            found.append(node)
    return list(dict.fromkeys(found))


def _is_element(node: Node, axis: Axis) -> bool:
    """Is it an element read from an array, at an index or at this step?"""
    if node.kind is Kind.TAKE:
        return node.attrs[0] not in node.axes
    return node.kind is Kind.RENAME and axis in dict(node.attrs).values()


def _is_put_together(node: Node) -> bool:
    """Is it an array made of parts that are scattered into it?"""
    while node.kind is Kind.GATE and node.name == "add" and node.operands[1].kind is Kind.SCATTER:
        node = node.operands[0]
    return node.kind is Kind.SCATTER


def _without_idle(roots: Sequence[Node]) -> dict[Node, Node]:
    """Leave out the states that nobody reads."""
    needed, alive = _demanded(roots)
    done: dict[Node, Node] = {}
    for node in needed:
        origin = node.graph.origin_of(node)
        with node.graph.origin(origin.span, origin.rule):
            done[node] = _rebuilt(node, alive, done)
    return done


def _rebuilt(node: Node, alive: set[tuple[Node, int]], done: dict[Node, Node]) -> Node:
    of_states = node.kind is Kind.RECURRENCE
    operands = _operands(node, alive, done) if of_states else tuple(done[o] for o in node.operands)
    return node if operands == node.operands else rebuild(node, operands)


def _operands(node: Node, alive: set[tuple[Node, int]], done: dict[Node, Node]) -> tuple[Node, ...]:
    (inits, bodies, condition), depth = states_of(node), node.attrs[2]
    starts, steps = [], []
    for slot, (init, body) in enumerate(zip(inits, bodies, strict=True)):
        live = (node, slot) in alive
        starts.append(done[init] if live else build.zero_of(init))
        steps.append(done[body] if live else build.carry(node.graph, depth, slot, (), body.dtype))
    return (*starts, *steps, *(done[c] for c in condition))


def _demanded(roots: Iterable[Node]) -> tuple[list[Node], set[tuple[Node, int]]]:
    """Return the nodes that the roots need, operands first, and the states: (recurrence, slot)."""
    seen: dict[int, Node] = {}
    alive: set[tuple[Node, int]] = set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node.kind is Kind.HISTORY:
            stack += [*node.operands, *_state(node.operands[0], node.attrs[0], alive)]
        if node.id not in seen:
            seen[node.id] = node
            if node.kind not in (Kind.HISTORY, Kind.RECURRENCE):
                stack.extend(node.operands)
            elif node.kind is Kind.RECURRENCE and (condition := states_of(node)[2]):
                stack += condition
                for slot in _read(condition, node):
                    stack += _state(node, slot, alive)
    return [seen[i] for i in sorted(seen)], alive


def _state(of: Node, slot: int, alive: set[tuple[Node, int]]) -> list[Node]:
    """Mark a state as needed, and return what its init and its body are made of."""
    if (of, slot) in alive:
        return []
    alive.add((of, slot))
    inits, bodies, _ = states_of(of)
    below = [inits[slot], bodies[slot]]
    for other in _read([bodies[slot]], of):
        below += _state(of, other, alive)
    return below


def _read(bodies: Iterable[Node], of: Node) -> list[int]:
    depth = of.attrs[2]
    carries = [n for n in reading_state(bodies, depth) if n.kind is Kind.CARRY and n.attrs[0] == depth]
    return list(dict.fromkeys(n.attrs[1] for n in carries))
