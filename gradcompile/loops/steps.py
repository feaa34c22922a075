"""Recurrences: a loop over time around the nests of one step, and where the states are kept.

A state whose history is read has an array with a row more than there are steps, the init first: what is before step t
is row t, what is behind it row t + 1. A state of which only the end is read has two rows, or none but itself where
each step changes some of its elements in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcompile.gates.select import one_position, within
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Kind, Node, reading_state, states_of
from gradcompile.loops.form import Allocate, Copy, Fill, Grow, Loop, Statement, While
from gradcompile.loops.nest import NestLowering
from gradcompile.loops.places import Place
from gradcompile.loops.schedule import schedule

if TYPE_CHECKING:
    from gradcompile.loops.lower import Lowering

_FIRST_ROWS = 64  # of the history of a `while`, which grows by doubling


@dataclass(frozen=True)
class Change:
    """One assignment to elements of a state: at an index along some axes, where the guards hold."""

    index: dict[Axis, Node]
    value: Node
    guards: tuple[Node, ...]
    over: tuple[Axis, ...] = ()  # added up over these axes, and so added to what is there; else set
    adds: bool = False


@dataclass
class State:
    """One state: its name, the order of its axes, and how it is kept."""

    slot: int
    name: str
    layout: tuple[Axis, ...]
    dtype: DType
    kept: bool  # with its history
    changes: list[Change] | None = None  # in place

    @property
    def rows(self) -> bool:
        """Is it an array with rows?"""
        return self.kept or (bool(self.layout) and self.changes is None)


class Steps:
    """Lowers one recurrence."""

    def __init__(self, outer: Lowering, node: Node) -> None:
        self.outer, self.node = outer, node
        self.axis, self.backward, self.depth, slots = node.attrs
        self.inits, self.bodies, self.condition = states_of(node)
        self.read = outer.histories.get(node, [])
        self.inside = reading_state([*self.bodies, *self.condition], self.depth)
        self.step = outer.index_name(self.axis)
        self.row = ""  # of two rows, the one that holds the states
        self.states = [self._state(slot) for slot in range(slots) if not self._is_idle(slot)]
        if any(s.rows and not s.kept for s in self.states):
            self.row = outer.fresh("row")

    def _is_idle(self, slot: int) -> bool:
        """Is it a state that no step changes? Nobody reads it."""
        return self.bodies[slot].kind is Kind.CARRY and self.bodies[slot].attrs[:2] == (self.depth, slot)

    # -- how the states are kept -------------------------------------------------------------------------------

    def _state(self, slot: int) -> State:
        mine = [h for h in self.read if h.attrs[0] == slot]
        body, init = self.bodies[slot], self.inits[slot]
        axes = {*init.axes, *body.axes} - {self.axis} - self.outer.region.held
        kept = any(h.attrs[1] != "final" for h in mine)
        wish = next((self.outer.names[n] for n in [*mine, body] if n in self.outer.names), "state")
        wanted = next((self.outer.wanted[h] for h in mine if h in self.outer.wanted), ())
        layout = tuple(a for a in wanted if a in axes)
        layout += tuple(sorted(axes - set(layout), key=lambda a: (self._is_sample(a), a)))
        changes = None if kept or not layout else self._changes(slot)
        return State(slot, self.outer.fresh(wish), layout, body.dtype, kept, changes)

    def _is_sample(self, axis: Axis) -> bool:
        """Is it the axis of the block that the recurrence stands in?"""
        return self.outer.rows is not None and axis == self.outer.rows.axis

    def _changes(self, slot: int) -> list[Change] | None:
        """Return the changes that a body makes to its state, if it makes some elements anew and leaves the others."""
        body, chain, changes = self.bodies[slot], set(), []
        while not (body.kind is Kind.CARRY and body.attrs[:2] == (self.depth, slot)):
            chain.add(body)
            if (found := _change(body, slot, self.depth)) is None:
                return None
            change, body = found
            changes.append(change)
        if (
            not changes
            or any(not self._harmless(n, body, chain) for n in self.inside)
            or self._read_elsewhere(chain, slot)
        ):
            return None
        return changes[::-1]

    def _harmless(self, node: Node, carry: Node, chain: set[Node]) -> bool:
        """Does a node read the state, or what becomes of it, in no other way than element by element?"""
        if node in chain:
            return True
        if carry in node.operands:
            element = node.kind is Kind.TAKE or (node.kind is Kind.RENAME and self.axis in node.axes)
            return element and node.operands[0] is carry and carry not in node.operands[1:]
        return not chain & set(node.operands)

    def _read_elsewhere(self, chain: set[Node], slot: int) -> bool:
        return any(b in chain for k, b in enumerate(self.bodies) if k != slot)

    # -- places ------------------------------------------------------------------------------------------------

    def _now(self, state: State) -> Place:
        """Return where a state is before the step."""
        if not state.rows:
            return Place(state.name, state.layout)
        row = self.row if not state.kept else f"{self.step} + 1" if self.backward else self.step
        return Place(state.name, state.layout, (row,))

    def _next(self, state: State) -> Place:
        """Return where a state is to be behind the step."""
        if not state.rows:
            return Place(state.name, state.layout)
        row = f"1 - {self.row}" if not state.kept else self.step if self.backward else f"{self.step} + 1"
        return Place(state.name, state.layout, (row,))

    def _publish(self, size: str) -> None:
        """Say where the histories are that the rest reads."""
        for history in self.read:
            slot, which = history.attrs
            state = next(s for s in self.states if s.slot == slot)
            if which != "final":
                shift = {self.axis: int((which == "after") is not self.backward)}
                place = Place(state.name, (self.axis, *state.layout), shift=shift)
            elif state.kept:
                place = Place(state.name, state.layout, ("0" if self.backward else size,))
            else:
                place = Place(state.name, state.layout, (self.row,) if state.rows else ())
            self.outer.places[history] = place

    # -- statements --------------------------------------------------------------------------------------------

    def run(self) -> list[Statement]:
        """Return the statements: the inits, the loop, and what follows it."""
        size = self.outer.size(self.axis.extent)
        start = self._begin(size)
        for state in self.states:
            self.outer.states[self.depth, state.slot] = self._now(state)
        with self.outer.inside(self.axis, self.step, self.depth):
            test, condition = self._test()
            body = self._one_step()
        allocated, body = _hoisted(body)
        more, test = _hoisted(test)
        if self.condition:
            loop: list[Statement] = self._while(test, condition, body, size)
        else:
            loop = [Loop(self.step, self.axis.extent, body, self.backward, ordered=True)]
        for state in self.states:
            del self.outer.states[self.depth, state.slot]
        self._publish(size)
        return [*start, *allocated, *more, *loop]

    def _begin(self, size: str) -> list[Statement]:
        statements: list[Statement] = [Copy(self.row, "0")] if self.row else []
        for state in self.states:
            init, first = self.inits[state.slot], Place(state.name, state.layout)
            if state.rows:
                rows = self.axis.extent + 1 if state.kept else Extent.of(2)
                rows = Extent.of(_FIRST_ROWS) if state.kept and self.condition else rows
                row = "0" if not (state.kept and self.backward) else size
                first = Place(state.name, state.layout, (row,))
                shape = (rows, *(self.outer.length(a) for a in state.layout))
                statements.append(Allocate(state.name, shape, state.dtype))
            elif state.layout:
                statements.append(Allocate(state.name, tuple(self.outer.length(a) for a in state.layout), state.dtype))
            if self._is_started(state):
                statements += self.outer.store(init, first, state.layout)
        return statements

    def _is_started(self, state: State) -> bool:
        """Does anybody read the init? Not where the states behind the steps are all that is read."""
        carried = any(n.kind is Kind.CARRY and n.attrs[:2] == (self.depth, state.slot) for n in self.inside)
        return carried or any(h.attrs[0] == state.slot and h.attrs[1] != "after" for h in self.read)

    def _test(self) -> tuple[list[Statement], str]:
        """Return what computes the condition of a `while`, and its text."""
        if not self.condition:
            return [], ""
        statements = self.outer.nests(schedule(self.condition, self.outer.region))
        nest = NestLowering(self.outer, [])
        text = nest.value(self.condition[0])
        return [*statements, *nest.loops()], text

    def _one_step(self) -> list[Statement]:
        """Return what computes the next states, and the statements that make them the states."""
        roots: list[Node] = []
        wide = []
        for state in self.states:
            if state.changes is not None:
                roots += [n for c in state.changes for n in (*c.index.values(), c.value, *c.guards)]
            else:
                roots.append(self.bodies[state.slot])
                wide.append(state)
        plan = schedule([r for r in roots if self._is_made_here(r)], self.outer.region)
        taken: set[Node] = set()
        for state in wide:
            body = self.bodies[state.slot]
            if body in plan.tasks and body not in taken and state.layout:
                self.outer.preset[body] = self._next(state)
                taken.add(body)
        statements = self.outer.nests(plan)
        for body in taken:
            self.outer.preset.pop(body, None)
        later: list[Statement] = []
        for state in self.states:
            if state.changes is not None:
                later += [s for c in state.changes for s in self._change(state, c)]
            else:
                first, second = self._settle(state)
                statements += first
                later += second
        return [*statements, *later, *([Copy(self.row, f"1 - {self.row}")] if self.row else [])]

    def _is_made_here(self, node: Node) -> bool:
        return self.outer.region.owns(node) and node.kind is not Kind.CARRY

    def _settle(self, state: State) -> tuple[list[Statement], list[Statement]]:
        """Return the statements that bring a new state to its place: at once, and when all are computed."""
        body, target = self.bodies[state.slot], self._next(state)
        if self.outer.places.get(body) == target:
            return [], []
        if state.rows:
            return self.outer.store(body, target, state.layout), []
        nest = NestLowering(self.outer, [])
        text = nest.value(body)
        if text == state.name:
            return nest.loops(), []
        if not self._is_replaced(text):
            return nest.loops(), [Copy(state.name, text)]
        ahead = self.outer.fresh("new")
        return [*nest.loops(), Copy(ahead, text)], [Copy(state.name, ahead)]

    def _is_replaced(self, text: str) -> bool:
        """Is it the variable of another state, which may have its new value already?"""
        return any(text == s.name for s in self.states)

    def _change(self, state: State, change: Change) -> list[Statement]:
        """Return the loops that change a state in place."""
        axes = [*change.over, *(a for a in state.layout if a not in change.index)]
        nest = NestLowering(self.outer, [], axes)
        guards = [*change.guards]
        for axis, index in change.index.items():
            if not change.adds and (inside := within(index, axis)) is not None:
                guards.append(inside)
        nest.update(self._now(state), change.index, change.value, guards, change.adds)
        return nest.loops()

    def _while(self, test: list[Statement], condition: str, body: list[Statement], size: str) -> list[Statement]:
        kept = tuple(s.name for s in self.states if s.kept)
        grow: list[Statement] = [Grow(kept, f"{self.step} + 1")] if kept else []
        span = self.node.graph.origin_of(self.node).span
        loop = While(self.step, test, condition, [*grow, *body], span.line if span else 0, self.outer.max_steps)
        if not kept:
            return [loop, Copy(size, self.step)] if self.axis.extent.names & self.outer.counts else [loop]
        trimmed: list[Statement] = [Copy(name, f"{name}[: {size} + 1].copy()") for name in kept]
        return [loop, Copy(size, self.step), *trimmed]


def _change(body: Node, slot: int, depth: int) -> tuple[Change, Node] | None:
    """Return the last change that a body makes, and what it changes; None where it is none."""
    if body.kind is not Kind.GATE or (depth not in body.carries):
        return None
    if body.name == "where":
        condition, value, base = body.operands
        found = _positions(condition, base)
        return None if found is None else (Change(found[0], value, found[1]), base)
    if body.name == "add":
        for base, extra in (body.operands, body.operands[::-1]):
            if extra.kind is Kind.SCATTER and _leads_to(base, slot, depth):
                x, index, *guard = extra.operands
                axis, over = extra.attrs
                return Change({axis: index}, x, tuple(guard), over, adds=True), base
        for base, extra in (body.operands, body.operands[::-1]):
            if _leads_to(base, slot, depth):
                return Change({}, extra, (), adds=True), base
    return None


def _leads_to(node: Node, slot: int, depth: int) -> bool:
    """Is a node the state, or made of it by changes?"""
    while not (node.kind is Kind.CARRY and node.attrs[:2] == (depth, slot)):
        if (found := _change(node, slot, depth)) is None:
            return False
        node = found[1]
    return True


def _positions(condition: Node, base: Node) -> tuple[dict[Axis, Node], tuple[Node, ...]] | None:
    """Return at which index along which axes a condition holds, and what else it asks for."""
    index: dict[Axis, Node] = {}
    rest: Node | None = condition
    for axis in base.axes:
        if rest is not None and (found := one_position(rest, axis)) is not None:
            index[axis], rest = found
    return (index, () if rest is None else (rest,)) if index else None


def _hoisted(statements: Sequence[Statement]) -> tuple[list[Statement], list[Statement]]:
    """Take allocations out of a loop: inside, an array that starts with a value is filled again."""
    ahead: list[Statement] = []
    inside: list[Statement] = []
    for statement in statements:
        if isinstance(statement, Allocate):
            ahead.append(Allocate(statement.target, statement.shape, statement.dtype))
            inside += [Fill(statement.target, statement.start)] if statement.start else []
        else:
            inside.append(statement)
    return ahead, inside
