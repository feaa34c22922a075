"""Recurrences in the readable target: one Python loop for each, which keeps the histories that somebody reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcompile.emit import inplace
from gradcompile.emit.expression import fill, words
from gradcompile.emit.layout import EMPTY, Axes, Rows, Written, aligned
from gradcompile.emit.live import level
from gradcompile.emit.states import Kept, Loop, State, reads
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import DType, Kind, Node

if TYPE_CHECKING:
    from gradcompile.emit.numpy_target import Writer

_LINE = 100
_UNNAMED = {Kept.RECORD: "saved", Kept.ROWS: "states", Kept.VARIABLE: "state", Kept.PLACE: "state"}


def write(writer: Writer, node: Node) -> None:
    """Write the loop of a recurrence."""
    Steps(writer, writer.plan.loops[node]).run()


class Steps:
    """Writes one loop."""

    def __init__(self, writer: Writer, loop: Loop) -> None:
        self.writer, self.loop, self.node, self.axis = writer, loop, loop.node, loop.axis
        self.states = loop.working
        self.names: dict[int, str] = {}
        self.lists: dict[int, str] = {}  # of a `while`: the list that keeps a state's history
        self.rest: dict[int, Axes] = {}
        self.step = Extent.of(0)
        self.claimed = {s.body: s for s in self.states if not s.late and s.kept is not Kept.PLACE}
        self.place_of = {u.worker: (s, u) for s in self.states for u in s.chain}
        self.remaining = self._uses()
        self.places: set[str] = set()  # the arrays that this loop changes in place and no loop around it
        self.done: list[Node] = []  # what has been written of a step

    def run(self) -> None:
        """Write what is before the loop, the loop, and what is behind it."""
        self._name_outside()
        for state in self.loop.states:
            self._start(state)
        if self.loop.condition is not None:
            self._while(self.loop.condition)
        else:
            self._for()
        self._publish()
        self.writer.places -= self.places

    # -- before the loop ---------------------------------------------------------------------------------------

    def _uses(self) -> Counter[Node]:
        """Count how often a statement of a step reads each node."""
        plan, mine = self.writer.plan, set(self.loop.own)
        count: Counter[Node] = Counter(s.body for s in self.states if s.late)
        for node in self.loop.own:
            if node not in plan.absorbed:
                below = reads(node, plan.live) if node.kind is Kind.RECURRENCE else plan.operands(node)
                count.update(o for o in below if o in mine)
        return count

    def _name_outside(self) -> None:
        """Name what is computed before the loop, once for all steps."""
        writer, plan = self.writer, self.writer.plan
        below = {o for n in self.loop.own for o in (plan.operands(n) if n not in plan.absorbed else ())}
        below |= {s.body for s in self.states}
        for outer in sorted((o for o in below if level(o) < self.loop.depth), key=lambda n: n.id):
            if outer in writer.pending and not writer.is_cheap(outer):
                writer.name(outer)

    def _start(self, state: State) -> None:
        writer = self.writer
        rest = self.rest[state.slot] = self._layout(state)
        self._wish(state.body, rest)
        if state.kept is Kept.CONSTANT:
            if state.carry is not None:
                writer.written[state.carry] = writer.operand(state.init)
            return
        if state.kept is Kept.SHARED:
            return
        name = self.names[state.slot] = self._name(state)
        if state.kept is Kept.RECORD:
            shape = writer.shape((self.axis, *rest))
            writer.statement(f"{name} = np.empty({shape}{EMPTY[state.body.dtype]})", self.node)
        elif state.kept is Kept.ROWS:
            self._start_rows(state, name, rest)
        elif state.kept is Kept.PLACE:
            self._start_place(state, name, rest)
        else:
            self._start_variable(state, name)
        if state.carry is not None and state.kept is not Kept.ROWS:
            writer.written[state.carry] = Written(name, rest)

    def _layout(self, state: State) -> Axes:
        """Choose the order of a state's axes: that of the array that it goes on with, the user's, or the common one."""
        if inplace.is_adopted(self.writer, self.node, state):
            return self.writer.operand(state.init).axes
        for node in self.writer.plan.live.reads.get(self.node, ()):
            if node.attrs[0] == state.slot and (wish := self.writer.plan.wishes.get(node)) is not None:
                return tuple(a for a in wish if a in state.axes)
        return self.writer.order.sort(state.axes)

    def _wish(self, body: Node, order: Axes) -> None:
        """Ask for a new state in the order in which the state is kept."""
        wishes = self.writer.plan.wishes
        while set(order) == set(body.axes) - self.loop.held and level(body) >= self.loop.depth:
            wishes[body] = order
            if body.kind is not Kind.RENAME:
                break
            back = {b: a for a, b in body.attrs}
            order, body = tuple(back.get(a, a) for a in order), body.operands[0]

    def _name(self, state: State) -> str:
        if inplace.is_adopted(self.writer, self.node, state):
            return self.writer.operand(state.init).text
        wish = self.writer.plan.state_names.get((self.node, state.slot))
        if going_on := inplace.going_on(self.writer, state, self.rest[state.slot], wish):
            return going_on
        return self.writer.names.new(wish) if wish else self.writer.names.other(_UNNAMED[state.kept])

    def _start_rows(self, state: State, name: str, rest: Axes) -> None:
        writer, init = self.writer, state.init
        rows = writer.rows[self.node, state.slot] = Rows(name, (self.axis, *rest), self.loop.backward)
        dtype, shape = EMPTY[state.body.dtype], writer.shape(rows.axes, rows=1)
        if init.is_const(0):
            writer.statement(f"{name} = np.zeros({shape}{dtype})", self.node)
            return
        writer.statement(f"{name} = np.empty({shape}{dtype})", self.node)
        start = aligned(writer.operand(init), rest)
        writer.statement(f"{name}[{-1 if self.loop.backward else 0}] = {start}", init)

    def _start_variable(self, state: State, name: str) -> None:
        array = self.writer.operand(state.init)
        text = self._full(array, state)
        if array.number and not self.rest[state.slot] and self._may_raise(state):
            text = f"np.{self.writer.dtype if state.body.dtype is DType.REAL else 'int64'}({text})"
        if text != name:
            self.writer.statement(f"{name} = {text}", state.init)
        if self.loop.condition is not None and state.which - {"final"}:
            listed = self.lists[state.slot] = self.writer.names.other(f"{name}_history")
            self.writer.put(f"{listed} = [{name}]")

    def _start_place(self, state: State, name: str, rest: Axes) -> None:
        if not inplace.is_adopted(self.writer, self.node, state):
            text = inplace.copied(self.writer, state.init, rest, state.body.dtype)
            if text != name:
                self.writer.statement(f"{name} = {text}", state.init)
            self.places.add(name)
            self.writer.places.add(name)

    def _may_raise(self, state: State) -> bool:
        """Return whether a step computes what Python's own numbers refuse, of a state that is one of these at first."""
        plain, above = set[Node](), {state.carry}  # Python's own numbers; those that the state is in
        for node in self.loop.own:
            if node.kind is Kind.CARRY:
                plain.add(node)
            elif node.kind is Kind.GATE and all(o in plain or self._is_plain(o) for o in node.operands):
                plain.add(node)
                above |= {node} if above & set(node.operands) else set()
                if node in above and self.writer.may_raise(node):
                    return True
        return False

    def _is_plain(self, node: Node) -> bool:
        return node.kind in (Kind.CONST, Kind.EXTENT, Kind.IOTA) or node in self.writer.affine

    def _full(self, array: Written, state: State) -> str:
        """Return the text of an array over all axes of a state."""
        rest = self.rest[state.slot]
        text = aligned(array, rest)
        if set(array.axes) == set(rest):
            return text
        return self.writer.filled(text, rest, state.body.dtype, scalar=not array.axes)

    # -- the loop ----------------------------------------------------------------------------------------------

    def _for(self) -> None:
        writer = self.writer
        with writer.step_of(self.axis, self.node.graph) as name:
            self.step = Extent.of(name)
            size = writer.size(self.axis)
            span = f"reversed(range({size}))" if self.loop.backward else f"range({size})"
            writer.statement(f"for {name} in {span}:", self.node)
            with writer.block(self.axis, self.step):
                self._carries()
                self._items(self.loop.order)
                self._finish()

    def _while(self, condition: Node) -> None:
        writer, key = self.writer, self.axis.key
        counter = writer.dimensions[key]
        self.step = Extent.of(key)
        writer.put(f"{counter} = 0")
        at = len(writer.lines)
        with writer.block(self.axis, self.step):
            self._carries()
            self._items([n for n in self.loop.order if n in self.loop.first])
            test = writer.operand(condition).text
        header = f"while {'True' if len(writer.lines) > at else test}:"
        more = len(writer.lines) > at
        writer.statement(header, self.node, at=at)
        with writer.block(self.axis, self.step):
            if more:
                writer.put(f"if {fill('not a', ('a',), (test,))}:")
                writer.put("    break")
            self._limit(counter)
            self._items([n for n in self.loop.order if n not in self.loop.first])
            self._finish()
            writer.put(f"{counter} += 1")

    def _limit(self, counter: str) -> None:
        limit, span = self.writer.unit.program.max_steps, self.node.graph.origin_of(self.node).span
        where = f"the loop on line {span.line}" if span else "a loop"
        self.writer.put(f"if {counter} == {limit}:")
        self.writer.put(f'    raise RuntimeError("{where} did not end within {limit} steps")')

    def _carries(self) -> None:
        """Say what stands for the states before the step."""
        for state in self.states:
            if state.kept is Kept.ROWS and state.carry is not None:
                self.writer.written[state.carry] = self._row(state, "before")

    def _row(self, state: State, which: str) -> Written:
        rows = self.writer.rows[self.node, state.slot]
        row = self.writer.extent(rows.row(which, self.step))
        return Written(f"{rows.name}[{row}]", rows.axes[1:], ordered=True, brackets="positions")

    def _items(self, nodes: Sequence[Node]) -> None:
        """Write statements of a step."""
        writer = self.writer
        for node in nodes:
            if node in writer.plan.absorbed or node.kind is Kind.CARRY:
                continue
            if node in self.place_of:
                self._change(node)
            elif node in self.claimed and self._fits(node):
                self._store(self.claimed[node], node)
            else:
                writer.write([node])
            below = reads(node, writer.plan.live) if node.kind is Kind.RECURRENCE else writer.plan.operands(node)
            self.remaining.subtract(below)
            if node in writer.written:
                self.done.append(node)

    def _fits(self, node: Node) -> bool:
        return set(self.writer.axes(node)) == set(self.rest[self.claimed[node].slot])

    def _change(self, worker: Node) -> None:
        """Write what changes an array in place."""
        state, update = self.place_of[worker]
        name, rest = self.names[state.slot], self.rest[state.slot]
        if worker.kind is Kind.RECURRENCE:
            self._before_change(name, worker)
            self.writer.write([worker])
        else:
            inplace.change(self.writer, update, name, rest, lambda: self._before_change(name, worker))
        self.writer.written[update.node] = Written(name, rest)

    def _store(self, state: State, node: Node) -> None:
        """Write the statement that computes a new state and keeps it."""
        writer, rest = self.writer, self.rest[state.slot]
        array = writer.expression(node)
        text = aligned(array, rest)
        target = self._target(state)
        if state.kept is Kept.VARIABLE:
            self._before_change(target, node)
            text = self._own(array, text)
            start = f"{target} + "
            if not rest and node.name == "add" and node.operands[0] is state.carry and text.startswith(start):
                writer.statement(f"{target} += {text.removeprefix(start)}", node)
                writer.written[node] = Written(target)
                return
        writer.statement(f"{target} = {text}", node)
        row = state.kept in (Kept.ROWS, Kept.RECORD)
        brackets, ordered = "positions" if row else "", array.ordered or row
        writer.written[node] = Written(target, rest, fresh=array.fresh, ordered=ordered, brackets=brackets)

    def _target(self, state: State) -> str:
        if state.kept is Kept.ROWS:
            return self._row(state, "after").text
        name = self.names[state.slot]
        return f"{name}[{self.writer.extent(self.step)}]" if state.kept is Kept.RECORD else name

    def _own(self, array: Written, text: str) -> str:
        """Return the text of an array that no later change in place changes too."""
        return f"np.array({text})" if array.axes and not array.fresh and self.writer.views_in(text) else text

    def _before_change(self, name: str, by: Node) -> None:
        """Keep what a later statement still reads of a variable that is about to change."""
        writer, mine = self.writer, Counter(self.writer.plan.operands(by))
        for node in self.done:
            array = writer.written[node]
            if self.remaining[node] <= mine[node] or name not in words(array.text) | writer.views_in(array.text):
                continue
            if array.text in writer.views:
                writer.make_copy(array.text)
            else:
                writer.written[node] = array._replace(text=self._own(array, array.text), fresh=True)
                writer.name(node)
        for state in self.states:
            if (
                state.carry is not None
                and self.names[state.slot] == name
                and self.remaining[state.carry] > mine[state.carry]
            ):
                self._keep(state, state.carry)

    def _keep(self, state: State, carry: Node) -> None:
        """Give a state before the step another name: a part of a later expression reads it."""
        writer, old = self.writer, self.writer.names.temporary()
        array = writer.written[carry]
        writer.put(f"{old} = {array.text}{'.copy()' if state.kept is Kept.PLACE and array.axes else ''}")
        writer.written[carry] = array._replace(text=old)

    def _finish(self) -> None:
        """Keep the states that are not kept yet, and bind the variables that change together."""
        writer = self.writer
        targets, texts = [], []
        for state in sorted(self.states, key=lambda s: s.kept is Kept.VARIABLE):
            stored = state.kept is Kept.PLACE or (not state.late and self._fits(state.body))
            if stored:
                continue
            rest = self.rest[state.slot]
            array = writer.operand(state.body)
            text = self._full(array, state) if state.kept is Kept.VARIABLE else aligned(array, rest)
            if state.kept is not Kept.VARIABLE:
                writer.statement(f"{self._target(state)} = {text}", state.body)
            else:
                targets.append(self._target(state))
                texts.append(self._own(array, text))
        if targets:
            self._bind(targets, texts)
        for state in self.states:
            if (listed := self.lists.get(state.slot)) is not None:
                writer.put(f"{listed}.append({self.names[state.slot]})")

    def _bind(self, targets: list[str], texts: list[str]) -> None:
        line = f"{', '.join(targets)} = {', '.join(texts)}"
        if len(targets) > 1 and len(line) > _LINE:
            for i, text in enumerate(texts):
                if not text.isidentifier():
                    texts[i] = self.writer.names.temporary()
                    self.writer.put(f"{texts[i]} = {text}")
            line = f"{', '.join(targets)} = {', '.join(texts)}"
        self.writer.statement(line, self.node)

    # -- behind the loop ---------------------------------------------------------------------------------------

    def _publish(self) -> None:
        """Say what stands for the histories that are read behind the loop."""
        writer = self.writer
        for state in self.states:
            name, rest, key = self.names[state.slot], self.rest[state.slot], (self.node, state.slot)
            if state.slot in self.lists:
                listed = self.lists[state.slot]
                writer.put(f"{listed} = np.array({listed}{writer.of_type(state.body)})")
                writer.rows[key] = Rows(listed, (self.axis, *rest), backward=False)
            slots = [state.slot, *(s.slot for s in self.loop.states if s.other == state.slot)]
            for slot in slots[1:]:
                writer.rows[self.node, slot] = writer.rows[key]
            for node in writer.plan.live.reads.get(self.node, ()):
                if node.attrs[0] in slots:
                    writer.written[node] = self._history(state, node, name, rest)

    def _history(self, state: State, node: Node, name: str, rest: Axes) -> Written:
        which = node.attrs[1]
        if state.kept is Kept.RECORD:
            return Written(name, (self.axis, *rest), fresh=True, ordered=True)
        if which != "final" or state.kept is Kept.ROWS:
            return self.writer.rows[self.node, state.slot].read(which)
        return Written(name, rest, fresh=state.kept is Kept.PLACE, ordered=state.kept is Kept.PLACE)
