"""A loop as a recurrence: its states, their shapes and types, and the body read on what they are before a step."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcompile.gates import build
from gradcompile.gates.select import select
from gradcompile.gates.substitute import recur
from gradcompile.ir.dims import Extent, same_size
from gradcompile.ir.nodes import Axis, DType, Graph, Node
from gradcompile.syntax.arrays import align
from gradcompile.syntax.context import ONE, Context, is_one, shape_text, truth
from gradcompile.syntax.filling import Again, Fill, Filling, NotYetError, fills_of, typed, widest
from gradcompile.syntax.flow import assigned, flow
from gradcompile.syntax.lines import follow
from gradcompile.syntax.program import Value
from gradcompile.syntax.ranges import Range
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.trampoline import Task

if TYPE_CHECKING:
    from gradcompile.syntax.expressions import Expressions

_TURNS = 40  # readings of one body, to find its states


@dataclass
class State:
    """A variable that a loop carries: what it is before the loop, and its type and axes in all steps."""

    name: str
    slot: int
    before: Value | None  # None where it has no value before the loop
    is_read: bool  # does the body read what it was?
    axes: tuple[Axis, ...] = ()
    dtype: DType = DType.BOOL
    hidden: frozenset[Axis] = frozenset()  # axes of indices around the loop

    def take_from(self, value: Value, time: Axis) -> None:
        """Take type and axes from a value."""
        self.axes, self.dtype = value.axes, value.node.dtype
        self.hidden = frozenset(value.node.axes) - {*value.axes, time}

    def carry(self, graph: Graph, depth: int) -> Value:
        """Return the state before a step."""
        axes = {a for a in self.axes if not is_one(a)} | self.hidden
        return Value(build.carry(graph, depth, self.slot, axes, self.dtype), self.axes)

    def fitted(self, value: Value) -> Node:
        """Return a value with the state's type, over its axes."""
        return typed(align(value, self.axes), self.dtype)

    def forget_unlike(self) -> None:
        """A value before the loop counts only if it is like the one behind it."""
        if self.before is not None and not (
            [a.extent for a in self.before.axes] == [a.extent for a in self.axes]
            and widest(self.before.node.dtype, self.dtype) is self.dtype
        ):
            self.before = None

    def grows(self, ctx: Context, after: Value, time: Axis) -> bool:
        """Make room for what the state is behind a step; tell whether it was larger. Raises FormulaError if smaller."""
        was = self.axes, self.dtype, self.hidden
        self.dtype = widest(self.dtype, after.node.dtype)
        self.hidden |= frozenset(after.node.axes) - {*after.axes, time}
        same = len(after.axes) == len(self.axes)
        larger = len(after.axes) >= len(self.axes)
        for mine, its in zip(reversed(self.axes), reversed(after.axes), strict=False):
            if is_one(mine) and not is_one(its):
                same = False
            elif same_size(mine.extent, its.extent) is False or (is_one(its) and not is_one(mine)):
                same = larger = False
            else:
                ctx.require(mine.extent, "==", its.extent, self._shapes(after))
        if not same and not larger:
            ctx.fail(self._shapes(after), _KEEP)
        if not same:
            self.axes = after.axes
        return was != (self.axes, self.dtype, self.hidden)

    def _shapes(self, after: Value) -> str:
        before = shape_text(Value(after.node, self.axes))
        return f"`{self.name}` {before} before a step of the loop, but {shape_text(after)} behind it."


class Recurrence:
    """One loop that stays a loop."""

    def __init__(
        self, visitors: Expressions, statement: ast.For | ast.While, scope: Scope, at: int, over: Range | None
    ) -> None:
        self.visitors, self.ctx = visitors, visitors.ctx
        self.statement, self.scope, self.at, self.over = statement, scope, at, over
        self.depth = visitors.nesting.depth
        self.time = over.axis if over is not None else visitors.nesting.steps_axis()
        self.fills: dict[str, tuple[Fill, int, str]] = {}
        if over is not None and isinstance(statement, ast.For):
            self.fills = fills_of(self.ctx, statement, over, self._before)
        self.states = self._states()

    def run(self) -> Task[None]:
        """Read the body until the states have their shapes and types, and make the recurrence."""
        if any(not fill.is_known for fill, _, _ in self.fills.values()):
            yield self._look_ahead()
        before = dict(self.ctx.requirements)
        for _ in range(_TURNS):
            self.ctx.requirements = dict(before)
            try:
                block, going = yield self._body()
            except Again as again:
                self._change(again)
                continue
            if not self._widened(block):
                with self.ctx.at(self.statement):
                    self._close(block, going)
                return
        raise self.ctx.error("the states of this loop grow with every step.", _KEEP, self.statement)

    def _before(self, name: str) -> Value | None:
        """Return what a name is in front of the loop."""
        found = self.scope.find(name) or (self.scope.outer.find(name) if self.scope.outer else None)
        return found[1] if found is not None else self.visitors.inputs.get(name)

    def _states(self) -> list[State]:
        """Return what the body assigns and reads again, there or behind the loop."""
        test = [ast.Expr(self.statement.test)] if isinstance(self.statement, ast.While) else []
        functions = self.visitors.functions
        exposed = flow([*test, *self.statement.body], functions).exposed
        states: list[State] = []
        for name in assigned(self.statement.body):
            if name in self.fills:
                continue
            before = self._before(name)
            is_read = name in exposed and before is not None
            if is_read or self.scope.reads_later(name, self.statement, functions):
                states.append(State(name, len(states), before, is_read))
                if before is not None and is_read:
                    states[-1].take_from(before, self.time)
        return states

    def _look_ahead(self) -> Task[None]:
        """Read the first step by itself, to see the shape of arrays that it begins to fill."""
        assert self.over is not None
        first = Value(select(self.over.index.node, self.time, build.const(self.ctx.graph, 0)))
        before = dict(self.ctx.requirements)
        block = self._block(first)
        for state in self.states:
            if state.before is not None:
                block.bind(state.name, state.before, -1)
        try:
            yield follow(self.visitors, self.statement.body, block)
        except NotYetError:  # known only when the loop runs: one number, until the body says more
            for fill, _, _ in self.fills.values():
                fill.is_known = True
        self.ctx.requirements = before

    def _block(self, variable: Value | None, carries: dict[str, Value] | None = None) -> Scope:
        """Return the scope of the body, with the loop variable and the arrays that are filled."""
        block = self.scope.block(self.statement)
        if variable is None:
            return block
        assert isinstance(self.statement, ast.For)
        assert isinstance(self.statement.target, ast.Name)
        block.bind(self.statement.target.id, variable, -1)
        for name, (fill, shift, text) in self.fills.items():
            at = variable.node
            if shift:
                at = build.gate("add", at, build.const(self.ctx.graph, shift))
            state = carries[name] if carries else None
            block.fill(name, Filling(fill, Value(at), text, state, self.statement.lineno), -1)
        return block

    def _body(self) -> Task[tuple[Scope, Node | None]]:
        """Read the body on the states before a step; return what it leaves, and the condition of a `while`."""
        ctx, over = self.ctx, self.over
        carries = {name: self._array(place) for place, name in enumerate(self.fills)}
        block = self._block(over.index if over else None, carries)
        for state in self.states:
            if state.is_read:
                block.bind(state.name, state.carry(ctx.graph, self.depth), -1)
        with self.visitors.nesting.deeper(), ctx.guarded(over.condition if over else None):
            going: Node | None = None
            if isinstance(self.statement, ast.While):
                test: Value = yield self.visitors.array(self.statement.test, block)
                going = self._condition(self.statement.test, test)
            yield follow(self.visitors, self.statement.body, block)
        return block, going

    def _array(self, place: int) -> Value:
        """Return the state of an array that is filled, before a step."""
        fill = list(self.fills.values())[place][0]
        start = fill.start(self.ctx, self._length(fill))
        axes = {a for a in start.axes if not is_one(a)} | fill.hidden
        slot = len(self.states) + place
        return Value(build.carry(self.ctx.graph, self.depth, slot, axes, fill.dtype), start.axes)

    def _length(self, fill: Fill) -> Extent:
        return self.time.extent + len(fill.rows)

    def _condition(self, tree: ast.expr, test: Value) -> Node:
        """Return the condition of a `while`."""
        text = self.ctx.source.segment(tree, 40)
        if test.axes:
            hint = f"Write `any({text})` or `all({text})`."
            message = f"the condition of a `while` is one truth value, but `{text}` {shape_text(test)}."
            self.ctx.fail(message, hint, tree)
        if self.depth not in test.node.carries:
            hint = "Compare something that the loop changes, as in `while abs(step) > 1e-9:`."
            self.ctx.fail(f"`{text}` does not change in the loop, which would never start or never end.", hint, tree)
        with self.ctx.at(tree):
            return truth(test.node)

    # -- shapes and types ----------------------------------------------------------------------------------------

    def _change(self, again: Again) -> None:
        """Keep an array whole, or make its rows larger, as the body asks for."""
        if again.name not in self.fills:
            raise again  # a loop around this one
        fill = self.fills[again.name][0]
        if again.row is None:
            fill.is_whole = True
        else:
            fill.widen(self.ctx, again.row)

    def _widened(self, block: Scope) -> bool:
        """Make states larger that the body makes larger, and tell whether it has to be read again."""
        changed = False
        for state in self.states:
            if (after := block.here(state.name)) is None:
                continue
            if state.is_read:
                with self.ctx.at(self._place(state.name)):
                    changed |= state.grows(self.ctx, after, self.time)
            else:
                state.take_from(after, self.time)
                state.forget_unlike()
        for name, (fill, _, _) in self.fills.items():
            element = block.fillings[name][-1][1].element
            assert element is not None
            hidden = fill.hidden | frozenset(element.node.axes) - {*element.axes, self.time}
            changed |= hidden != fill.hidden
            fill.hidden = hidden
        return changed

    def _place(self, name: str) -> ast.stmt:
        return next((s for s in reversed(self.statement.body) if name in assigned([s])), self.statement)

    # -- the recurrence ------------------------------------------------------------------------------------------

    def _close(self, block: Scope, going: Node | None) -> None:
        """Make the recurrence, and bind what is left behind it."""
        slots = [self._state(state, block) for state in self.states]
        for place, (name, (fill, _, _)) in enumerate(self.fills.items()):
            filling, carry = block.fillings[name][-1][1], self._array(place)
            start = fill.start(self.ctx, self._length(fill))
            body = filling.state if fill.is_whole else filling.element
            assert body is not None
            slots.append((start.node, self._only(body.node, carry.node)))
        if not slots:
            return
        inits, bodies = zip(*slots, strict=True)
        loop = recur(inits, bodies, self.time, depth=self.depth, condition=going)
        for state in self.states:
            self.scope.bind(state.name, Value(build.history(loop, state.slot, "final"), state.axes), self.at)
        for slot, (name, (fill, _, _)) in enumerate(self.fills.items(), len(self.states)):
            if fill.is_whole:
                value = Value(build.history(loop, slot, "final"), self._array(slot - len(self.states)).axes)
            else:
                value = fill.result(self.ctx, build.history(loop, slot, "after"), self.time)
            self.scope.bind(name, value, self.at)

    def _state(self, state: State, block: Scope) -> tuple[Node, Node]:
        """Return what a state is before the loop, and behind a step."""
        graph = self.ctx.graph
        carry, after = state.carry(graph, self.depth), block.here(state.name)
        if state.before is None:
            self._check_runs(state.name)
            start = typed(build.const(graph, False), state.dtype)
        else:
            start = state.fitted(state.before)
        return start, carry.node if after is None else self._only(state.fitted(after), carry.node)

    def _only(self, body: Node, carry: Node) -> Node:
        """Return what a state becomes, in a step that counts; else it stays as it is."""
        condition = None if self.over is None else self.over.condition
        if condition is None:
            return body
        assigned_to: list[Node] = []
        while body.op == "where" and body is not carry:
            assigned_to.append(body)
            body = body.operands[2]
        if body is not carry:
            return build.gate("where", condition, assigned_to[0] if assigned_to else body, carry)
        for one in reversed(assigned_to):
            body = build.gate("where", build.gate("and", one.operands[0], condition), one.operands[1], body)
        return body

    def _check_runs(self, name: str) -> None:
        """Insist that there is a step which gives a name its value, which is read behind the loop."""
        message = f"`{name}` has no value if this loop makes no step."
        hint = f"Assign `{name}` before the loop."
        if self.over is None or self.over.condition is not None:
            self.ctx.fail(message, hint)
        self.ctx.require(self.time.extent, ">=", ONE, message, hint)


_KEEP = "A state keeps its shape: start it with its full one, as in `h = zeros((N, D))`."
