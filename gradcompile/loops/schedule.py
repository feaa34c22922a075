"""The order of tasks, and which of them share a loop nest."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from gradcompile.ir.nodes import Axis, Kind, Node, states_of
from gradcompile.loops.tasks import COSTLY, LEAVES, Region, Task, cost_of, find_tasks

SCALARS = ("loops", frozenset[Axis]())  # the key of tasks without axes


@dataclass
class Nest:
    """Tasks over the same space, computed in one loop nest."""

    key: tuple[object, ...]
    tasks: list[Task] = field(default_factory=list)


@dataclass(frozen=True)
class Schedule:
    """The loop nests in order; a task is in exactly one of them."""

    nests: list[Nest]
    tasks: dict[Node, Task]


def schedule(roots: Sequence[Node], region: Region | None = None) -> Schedule:
    """Decide what is stored and what is fused: once, then again with the costly values that two nests would repeat."""
    region = region or Region()
    plan = _fuse(roots, find_tasks(roots, region), region)
    if extra := _repeated(roots, plan, region):
        plan = _fuse(roots, find_tasks(roots, region, extra), region)
        if needless := _read_at_home(plan, extra):
            plan = _fuse(roots, find_tasks(roots, region, extra - needless), region)
    return plan


def _read_at_home(plan: Schedule, extra: frozenset[Node]) -> frozenset[Node]:
    """Return the extra values that only their own nest reads: a register will do."""
    home = {task.node: i for i, nest in enumerate(plan.nests) for task in nest.tasks}
    away: set[Node] = set()
    for task in plan.tasks.values():
        for node in _stored_sources(task, plan.tasks):
            if home[node] != home[task.node]:
                away.add(node)
    return extra - away


def _stored_sources(task: Task, tasks: dict[Node, Task]) -> set[Node]:
    """Return the stored values that a task reads."""
    found: set[Node] = set()
    seen: set[Node] = set()
    stack = [*_read(task.node, task)]
    while stack:
        node = stack.pop()
        if node in tasks and node is not task.node:
            found.add(node)
        elif node not in seen:
            seen.add(node)
            stack.extend(node.operands)
    return found


@dataclass(frozen=True)
class _Ready:
    """When a value can be read: after nest `after`; point by point already inside nest `within`."""

    after: int = -1
    within: int = -1


def _fuse(roots: Sequence[Node], tasks: dict[Node, Task], region: Region) -> Schedule:
    """Put each task into the earliest nest of its space in which its operands are ready."""
    nests = [Nest(SCALARS)]  # in front of all: what needs no loop and no other nest
    by_key: dict[tuple[object, ...], list[int]] = {SCALARS: [0]}
    ready: dict[Node, _Ready] = {}
    placed: dict[Node, int] = {}
    counted: dict[str, Node] = {}  # a number of steps, and the `while` that tells it
    for node in region.nodes(roots):
        task = tasks.get(node)
        if region.reads(node):
            ready[node] = _Ready()
            continue
        needs = [ready[o] for o in _read(node, task)]
        needs += [ready[counted[name]] for name in _sizes(node) if name in counted]
        if node.kind is Kind.RECURRENCE and (steps := node.attrs[0].extent.names) and states_of(node)[2]:
            counted |= dict.fromkeys(steps, node)
        after = max((n.after for n in needs), default=-1)
        within = max((n.within for n in needs), default=-1)
        if node.kind in (Kind.RENAME, Kind.TAKE):  # other elements are read than the one at hand
            after, within = max(after, within), -1
        if task is None:
            ready[node] = _Ready(after, within)
            continue
        earliest = after + 1
        if within >= 0:
            same = nests[within].key == task.key and node.kind is not Kind.CONTRACT
            earliest = max(earliest, within if same else within + 1)
        places = by_key.setdefault(task.key, [])
        at = bisect_left(places, earliest)
        if at == len(places):
            places.append(len(nests))
            nests.append(Nest(task.key))
        place = placed[node] = places[at]
        nests[place].tasks.append(task)
        ready[node] = _Ready(-1, place) if task.pointwise else _Ready(place, -1)
    return Schedule([nest for nest in nests if nest.tasks], tasks)


def _sizes(node: Node) -> frozenset[str]:
    """Return the names in the sizes that a node depends on."""
    if node.kind is Kind.EXTENT:
        return frozenset(node.attrs[0].names)
    return frozenset(name for axis in node.axes for name in axis.extent.names)


def _read(node: Node, task: Task | None) -> tuple[Node, ...]:
    return node.operands if task is None or task.body is node else (*node.operands, task.body)


def _repeated(roots: Sequence[Node], plan: Schedule, region: Region) -> frozenset[Node]:
    """Return the costly elementwise values that several nests would compute again, as far as storing them is cheap.

    A value that is broadcast (it has more axes than anything stored that it is made of) is always computed again: no
    broadcast is ever materialised.
    """
    nodes = region.nodes(roots)
    cost: dict[Node, float] = {}
    widest: dict[Node, int] = {}
    for node in nodes:
        leaf = node in plan.tasks or node.kind in LEAVES or region.reads(node)
        cost[node] = 0.0 if leaf else cost_of(node, cost)
        widest[node] = len(node.axes) if leaf else max((widest[o] for o in node.operands), default=0)
    home = {task.node: i for i, nest in enumerate(plan.nests) for task in nest.tasks}
    evaluated: dict[Node, set[int]] = {n: set() for n in nodes}
    chosen: set[Node] = set()
    for node in reversed(nodes):
        where = evaluated[node]
        if node in home:
            where = {home[node]}
        elif region.owns(node) and _worth_storing(node, where, cost, widest):
            chosen.add(node)
            where = {-node.id - 1}
        for operand in () if region.reads(node) else node.operands:
            if len(evaluated[operand]) < 2:
                evaluated[operand] |= where
    return frozenset(chosen)


def _worth_storing(node: Node, where: set[int], cost: dict[Node, float], widest: dict[Node, int]) -> bool:
    return node.kind is Kind.GATE and len(where) > 1 and cost[node] >= COSTLY and widest[node] >= len(node.axes)
