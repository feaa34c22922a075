"""How a recurrence becomes a loop: where its states are kept, and in which order the statements of a step stand."""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from gradcompile.emit.live import Live, level
from gradcompile.emit.updates import Update, update_of
from gradcompile.ir.nodes import Axis, Kind, Node, reading_state, states_of

Edge = tuple[Node, Node]


class Kept(Enum):
    """How a state is kept."""

    CONSTANT = "constant"  # no step changes it
    ROWS = "rows"  # an array with a row for each step and one for the init
    RECORD = "record"  # an array with a row for each step: nothing reads it inside the loop
    VARIABLE = "variable"  # a variable, which each step binds anew
    SHARED = "shared"  # a record of what another state is after each step
    PLACE = "place"  # an array of which each step changes some elements


@dataclass
class State:
    """One state of a recurrence that somebody reads."""

    slot: int
    init: Node
    body: Node
    axes: frozenset[Axis]
    which: frozenset[str]  # the histories that are read
    kept: Kept
    carry: Node | None  # None: nothing in the loop reads it
    chain: tuple[Update, ...] = ()  # of a PLACE: the changes, in order
    other: int = -1  # of a SHARED one: that state
    late: bool = False  # stored when the step is done: its old value is still read, or it is nothing that a step makes


class Loop:
    """One recurrence as a loop: its states, and the nodes of a step in order."""

    def __init__(self, node: Node, live: Live, loops: Mapping[Node, Loop], around: frozenset[Axis]) -> None:
        self.node, self.live, self.loops = node, live, loops
        self.axis, self.backward, self.depth, _ = node.attrs
        self.held = around | {self.axis}  # the axes of time inside the loop
        inits, bodies, condition = states_of(node)
        self.condition = condition[0] if condition else None
        slots = sorted(live.states.get(node, ()))
        needed = set(live.nodes)
        inside = reading_state([*(bodies[k] for k in slots), *condition], self.depth)
        self.own = [n for n in inside if level(n) == self.depth and n in needed]
        self.users = self._users()
        self.first = self._below(condition)
        self.states = [self._state(k, inits[k], bodies[k]) for k in slots]
        self._share()
        self.order = self._arranged()

    # -- states ------------------------------------------------------------------------------------------------

    def _state(self, slot: int, init: Node, body: Node) -> State:
        mine = [h for h in self.live.reads.get(self.node, ()) if h.attrs[0] == slot]
        which = frozenset(h.attrs[1] for h in mine)
        carries = [n for n in self.own if n.kind is Kind.CARRY and n.attrs[:2] == (self.depth, slot)]
        carry = carries[0] if carries else None
        axes = frozenset({*init.axes, *body.axes} - self.held)
        kept = Kept.VARIABLE
        if body is carry:
            kept = Kept.CONSTANT
        elif self.condition is None and which == {"after"} and carry is None:
            kept = Kept.RECORD
        elif self.condition is None and which - {"final"}:
            kept = Kept.ROWS
        state = State(slot, init, body, axes, which, kept, carry)
        if kept is Kept.VARIABLE and axes and not which - {"final"}:
            state.chain = self._chain(state)
            state.kept = Kept.PLACE if state.chain else Kept.VARIABLE
        return state

    def _share(self) -> None:
        """Let a record be part of the history of a state that becomes the same value."""
        kept = {s.body: s.slot for s in self.states if s.kept is Kept.ROWS}
        for state in self.states:
            if state.kept is Kept.RECORD and state.body in kept:
                state.kept, state.other = Kept.SHARED, kept[state.body]

    def _chain(self, state: State) -> tuple[Update, ...]:
        """Return the changes that lead from a state before a step to the state after it, if they do."""
        updates: dict[Node, Update] = {}
        if state.carry is None:
            return ()
        in_place = {(n, s.slot) for n, loop in self.loops.items() for s in loop.states if s.kept is Kept.PLACE}
        versions = {state.carry}
        for node in self.own:
            update = update_of(node, versions, self.held, in_place)
            if update is not None and set(node.axes) - self.held == state.axes:
                versions.add(node)
                updates[node] = update
        chain: list[Update] = []
        node = state.body
        while node in updates:
            chain.insert(0, updates[node])
            node = updates[node].base
        return tuple(chain) if node is state.carry else ()

    @property
    def working(self) -> list[State]:
        """The states that the steps change."""
        return [s for s in self.states if s.kept not in (Kept.CONSTANT, Kept.SHARED)]

    # -- the order of a step -----------------------------------------------------------------------------------

    def _arranged(self) -> list[Node]:
        """Decide which states are changed at once, and return the nodes of a step in an order that allows it."""
        self._claim()
        while (order := self._attempt()) is None:
            self._claim()
        return order

    def _claim(self) -> None:
        """Let each node of a step be stored where it is computed as one state at most, the first."""
        claimed: set[Node] = set()
        for state in self.working:
            body = state.body
            mine = body in self.own and body.kind is not Kind.CARRY and body not in self.first and body not in claimed
            state.late = state.late or not mine
            if not state.late:
                claimed.add(body)

    def _attempt(self) -> list[Node] | None:
        """Try to order the nodes; None after taking back one state's early change."""
        edges: list[Edge] = []
        late = {s.body for s in self.working if s.late}
        for state in sorted(self.working, key=lambda s: s.kept is not Kept.PLACE):
            if state.kept is not Kept.PLACE and (state.late or state.kept is not Kept.VARIABLE):
                continue
            more = self._edges(state, late)
            if more is None or self._sorted([*edges, *more]) is None:
                self._demote(state)
                return None
            edges += more
        return self._sorted(edges)

    def _demote(self, state: State) -> None:
        if state.kept is Kept.PLACE:
            state.kept, state.chain = Kept.VARIABLE, ()
        else:
            state.late = True

    def _edges(self, state: State, late: Container[Node]) -> list[Edge] | None:
        """Return which node has to stand before which, so that nothing reads what has changed already."""
        versions = [state.carry, *(u.node for u in state.chain)] if state.chain else [state.carry, state.body]
        workers = [u.worker for u in state.chain] or [state.body]
        edges: list[Edge] = []
        others = {s.body for s in self.working if s is not state}
        for version, worker in zip(versions, workers, strict=False):
            if version is None:
                continue
            if version in late or (state.chain and (version in others or not self._only_works(worker, version))):
                return None
            edges += [(reader, worker) for reader in self._readers(version) if reader is not worker]
        if any(w in self.first for w in workers) or (state.chain and state.body in others):
            return None
        return edges

    def _only_works(self, worker: Node, version: Node) -> bool:
        """Return whether an inner loop reads an array only to go on with it."""
        return worker.kind is not Kind.RECURRENCE or reads(worker, self.live).count(version) == 1

    def _readers(self, version: Node) -> list[Node]:
        """Return the nodes that read a version of a state, or another name of it."""
        found: list[Node] = []
        waiting = [version]
        while waiting:
            for user in self.users.get(waiting.pop(), ()):
                found.append(user)
                if _is_alias(user) and self.held.isdisjoint(user.axes):
                    waiting.append(user)
        return found

    def _sorted(self, edges: Iterable[Edge]) -> list[Node] | None:
        """Return the nodes of a step, operands before users; None where the edges make that impossible."""
        after: dict[Node, list[Node]] = {n: list(self.users.get(n, ())) for n in self.own}
        for before, node in edges:
            after[before].append(node)
        missing = dict.fromkeys(self.own, 0)
        for nodes in after.values():
            for node in nodes:
                missing[node] += 1
        ready = [(n not in self.first, n.id, n) for n, count in missing.items() if not count]
        heapq.heapify(ready)
        order: list[Node] = []
        while ready:
            node = heapq.heappop(ready)[2]
            order.append(node)
            for user in after[node]:
                missing[user] -= 1
                if not missing[user]:
                    heapq.heappush(ready, (user not in self.first, user.id, user))
        return order if len(order) == len(self.own) else None

    def _users(self) -> dict[Node, list[Node]]:
        mine = set(self.own)
        table: dict[Node, list[Node]] = {}
        for node in self.own:
            for operand in reads(node, self.live):
                if operand in mine:
                    table.setdefault(operand, []).append(node)
        return table

    def _below(self, roots: Sequence[Node]) -> set[Node]:
        """Return the nodes of a step that some of them are made of: of the condition, which comes first."""
        mine, found, stack = set(self.own), set[Node](), list(roots)
        while stack:
            node = stack.pop()
            if node in mine and node not in found:
                found.add(node)
                stack += reads(node, self.live)
        return found


def reads(node: Node, live: Live) -> list[Node]:
    """Return what a node reads; of a loop, what its bodies read from outside, once for each way."""
    if node.kind is not Kind.RECURRENCE:
        return list(live.operands(node))
    depth = node.attrs[2]
    found: list[Node] = []
    seen: set[Node] = set()
    stack = list(live.operands(node))
    while stack:
        current = stack.pop()
        if level(current) < depth:
            found.append(current)
        elif current not in seen:
            seen.add(current)
            stack += live.operands(current)
    return found


def _is_alias(node: Node) -> bool:
    """Does a node stand for the very array that it reads?"""
    return node.kind in (Kind.RENAME, Kind.CHECK) or (node.kind is Kind.GATE and node.name == "stop_gradient")
