"""Tasks: the values that a kernel stores, each with the space of points that it is computed over.

Everything between two tasks is recomputed inside their loops and lives in registers. A value is stored when it is a
result, a reduction, a product, or read at computed positions; and when it is costly and needed more than once.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from gradcompile.gates.registry import ARRAY, GATES
from gradcompile.ir.nodes import Axis, Kind, Node, reachable, reading_state, users
from gradcompile.loops.support import rare

COSTLY = 8.0  # in additions: from here on storing and reading back is cheaper than computing again
_COSTLY_INSIDE = 4.0  # the same for what loops along further axes would compute again and again
_POSITIONS = {"argmax": "max", "argmin": "min"}
_MERGED = ("sum", "prod", "max", "min", "any", "all", "top")
LEAVES = (Kind.CONST, Kind.EXTENT, Kind.INPUT, Kind.IOTA, Kind.CARRY, Kind.HISTORY)


@dataclass(frozen=True)
class Task:
    """One stored value: ``body`` at every point of ``space``, with the axes in ``reduced`` reduced away."""

    node: Node
    body: Node
    space: frozenset[Axis]
    reduced: tuple[Axis, ...] = ()
    into: Node | None = None  # a sum of scatters that this one is added into
    joins: bool = False  # such a sum: it is there when its terms are
    found_by: Node | None = None  # a maximum (or minimum) that is found together with its position

    @property
    def key(self) -> tuple[object, ...]:
        """Tasks of equal key can share a loop nest."""
        node = self.node
        if node.kind in (Kind.CONTRACT, Kind.NEAREST) or self.joins:
            return ("alone", node.id)
        if node.kind is Kind.RECURRENCE:
            return ("recurrence", node.id)
        if node.kind is Kind.ARRAY:
            return ("array", ARRAY[node.name].group or node.id, node.attrs[0], *(o.id for o in node.operands))
        if self.found_by is not None or (node.kind is Kind.REDUCE and node.name in _POSITIONS):
            return ("position", self.space, node.attrs[0])
        return ("loops", self.space, *sorted(c.id for c in rare(self)))

    @property
    def pointwise(self) -> bool:
        """Is each element complete as soon as its point has been visited?"""
        return self.node.kind is Kind.GATE


@dataclass(frozen=True)
class Region:
    """What is computed together: what reads no state, or inside a recurrence what reads its states at one step.

    `depth` is that of the recurrence, -1 outside of all; `held` are the axes of time that stand still.
    """

    depth: int = -1
    held: frozenset[Axis] = frozenset()

    def owns(self, node: Node) -> bool:
        """Is the node computed here, and neither outside nor in a recurrence further inside?"""
        return max(node.carries, default=-1) == self.depth

    def reads(self, node: Node) -> bool:
        """Is the node computed outside, and only read here?"""
        return max(node.carries, default=-1) < self.depth

    def nodes(self, roots: Sequence[Node]) -> list[Node]:
        """Return the nodes that the roots are computed from here, and what these read from outside; operands first."""
        if self.depth < 0:
            return reachable(roots)
        inside = reading_state(roots, self.depth)
        outside = {o for n in inside for o in n.operands} | set(roots)
        return sorted({*inside, *outside}, key=lambda n: n.id)


def find_tasks(roots: Sequence[Node], region: Region, extra: frozenset[Node] = frozenset()) -> dict[Node, Task]:
    """Return the tasks that the roots need, sources first. `extra` are elementwise values to be stored as well."""
    nodes = region.nodes(roots)
    used = users(nodes)
    stored = _forced(roots, nodes) | extra
    absorbed = {n for n in nodes if n not in stored and _absorbed(n, used)}
    joined = _joined(nodes, used, region, frozenset(roots))
    clocks = {n.attrs[0] for n in nodes if n.kind is Kind.RECURRENCE}
    cost: dict[Node, float] = {}
    tasks: dict[Node, Task] = {}
    for node in nodes:
        if node.kind in LEAVES or node in absorbed or not region.owns(node):
            cost[node] = cost_of(node, cost) if node.carries else 0.0
            continue
        task = _task(node, absorbed, region.held)
        if node in joined:
            task = replace(task, into=joined[node])
        elif node in joined.values():
            tasks[node] = Task(node, node, frozenset(), joins=True)
            cost[node] = 0.0
            continue
        if node.kind is Kind.CHECK and (region.depth >= 0 or not node.axes):
            cost[node] = cost_of(node, cost)
            continue
        if node not in stored and node.kind in (Kind.GATE, Kind.RENAME, Kind.TAKE, Kind.STACK):
            cost[node] = cost_of(node, cost)
            readers = used.get(node, ())
            copied = any(len(_space_of(u, absorbed)) > len(node.axes) for u in readers)
            if clocks.isdisjoint(node.axes):  # the same at all steps of a loop
                copied |= any(u.carries > node.carries for u in readers)
            if node.kind is not Kind.GATE or (task.space and not (copied and cost[node] >= _COSTLY_INSIDE)):
                continue
        tasks[node] = task
        cost[node] = 0.0
    return _found_together(tasks)


def _found_together(tasks: dict[Node, Task]) -> dict[Node, Task]:
    """Let the position of a maximum and the maximum itself be one task's work."""
    positions = {
        (_POSITIONS[n.name], t.body, t.reduced): n
        for n, t in tasks.items()
        if n.kind is Kind.REDUCE and n.name in _POSITIONS
    }
    for node, task in tasks.items():
        if node.kind is Kind.REDUCE and (where := positions.get((node.name, task.body, task.reduced))) is not None:
            tasks[node] = replace(task, found_by=where)
    return tasks


def _joined(
    nodes: Sequence[Node], used: dict[Node, list[Node]], region: Region, roots: frozenset[Node]
) -> dict[Node, Node]:
    """Return the scatters that are added up with others over the same axes, and the sum: they can share its array.

    Those that are wanted by themselves (`roots`) need their own.
    """
    own = {n for n in nodes if _is_private(n, used, region) and n not in roots}
    sums: set[Node] = set()  # of nothing but such scatters

    def is_part(term: Node) -> bool:
        return term in sums and len(used.get(term, ())) == 1 and term not in roots

    for node in nodes:
        alike = all((o in own or is_part(o)) and set(o.axes) == set(node.axes) for o in node.operands)
        if node.op == "add" and region.owns(node) and alike:
            sums.add(node)
    found: dict[Node, Node] = {}
    for node in reversed(nodes):
        if node not in sums or (is_part(node) and used[node][0] in sums):
            continue
        stack = list(node.operands)
        while stack:
            term = stack.pop()
            if is_part(term):
                stack.extend(term.operands)
            else:
                found[term] = node
    return found


def _is_private(node: Node, used: dict[Node, list[Node]], region: Region) -> bool:
    return node.kind is Kind.SCATTER and len(used.get(node, ())) == 1 and region.owns(node)


def cost_of(node: Node, cost: dict[Node, float]) -> float:
    """Return what one element costs from stored values, in additions."""
    own = GATES[node.name].cost if node.kind is Kind.GATE else 0.0
    return min(own + sum(cost.get(o, 0.0) for o in node.operands), 1e6)


def _forced(roots: Sequence[Node], nodes: list[Node]) -> frozenset[Node]:
    """Return the elementwise nodes that must be in memory: results, and what is read other than point by point."""
    forced = {r for r in roots if r.kind not in LEAVES}
    for node in nodes:
        if node.kind is Kind.TAKE:
            forced.add(reading(node)[0])
        elif node.kind in (Kind.CONTRACT, Kind.NEAREST):
            forced |= {_base(o) for o in node.operands}
        elif node.kind is Kind.ARRAY:
            forced |= {_viewed(o) for o in node.operands}
        elif node.kind is not Kind.SCATTER:
            forced |= {o for o in node.operands if o.kind is Kind.STACK}
    return frozenset(n for n in forced if n.kind not in LEAVES)


def reading(node: Node, stored: Container[Node] = ()) -> tuple[Node, list[tuple[Axis, Node]], list[Node]]:
    """Return what a take reads in the end, at which indices along which axes, and under which guards.

    ``x[i, j]`` is a take of a take: nothing is computed in between, unless the inner one is stored.
    """
    indices: list[tuple[Axis, Node]] = []
    guards: list[Node] = []
    while True:
        x, index, *guard = node.operands
        indices.append((node.attrs[0], index))
        guards += guard
        held = {axis for axis, _ in indices}
        if x.kind is not Kind.TAKE or x in stored or any(held & {*o.axes} for o in x.operands[1:]):
            return x, indices, guards
        node = x


def _base(node: Node) -> Node:
    """Return what a rename is a view of, if that is in memory anyway; else the node itself."""
    if node.kind is Kind.RENAME and node.operands[0].kind not in (Kind.GATE, Kind.TAKE):
        return node.operands[0]
    return node


def _viewed(node: Node) -> Node:
    """Return the array that a node is, or is a view of."""
    while node.kind is Kind.RENAME:
        node = node.operands[0]
    return node


def _absorbed(node: Node, used: dict[Node, list[Node]]) -> bool:
    """Is it a reduction that its only user goes on reducing, in the same loops?"""
    readers = used.get(node, [])
    return (
        node.kind is Kind.REDUCE
        and node.name in _MERGED
        and len(readers) == 1
        and readers[0].kind is Kind.REDUCE
        and readers[0].name == node.name
    )


def _task(node: Node, absorbed: set[Node], held: frozenset[Axis]) -> Task:
    if node.kind is Kind.REDUCE:
        reduced, body = [node.attrs[0]], node.operands[0]
        while body in absorbed:
            reduced.append(body.attrs[0])
            body = body.operands[0]
        return Task(node, body, frozenset(body.axes) - held, tuple(reduced))
    if node.kind is Kind.SCATTER:
        return Task(node, node.operands[0], frozenset(looped(node)) - held, node.attrs[1])
    if node.kind is Kind.STACK:
        return Task(node, node, frozenset(looped(node)) - held)
    return Task(node, node, frozenset(node.axes) - held)


def looped(node: Node) -> tuple[Axis, ...]:
    """Return the axes of the operands of a scatter or a stack that take a loop: elements of a stack are written out."""
    parts = [p for o in node.operands for p in (o.operands if o.kind is Kind.STACK else (o,))]
    return tuple(sorted({a for p in parts for a in p.axes}))


def _space_of(user: Node, absorbed: set[Node]) -> tuple[Axis, ...]:
    """Return the axes of the loops that a user evaluates its operands in."""
    if user.kind is Kind.REDUCE:
        return user.operands[0].axes
    if user.kind in (Kind.SCATTER, Kind.STACK):
        return looped(user)
    return user.axes if user.kind is not Kind.TAKE else ()
