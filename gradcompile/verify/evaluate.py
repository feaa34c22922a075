"""Evaluate a graph over any kind of number, element by element, on arrays of Python objects.

The field says which of a gate's independent meanings to use: SymPy's for expressions, mpmath's for numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from gradcompile.errors import InternalError
from gradcompile.gates.registry import ARRAY
from gradcompile.ir.nodes import Axis, DType, Kind, Node, is_inside, reading_state, states_of
from gradcompile.verify.arrays import Array
from gradcompile.verify.fields import Field, TooLargeError, UndefinedError
from gradcompile.verify.linalg import array_gate
from gradcompile.verify.memory import History, Memory, NotYetError, cut

STEPS = 10_000  # of a `while` loop; one that takes more is not looked at


def evaluate(roots: Sequence[Node], inputs: Mapping[str, Array], sizes: Mapping[str, int], field: Field) -> list[Array]:
    """Return the value of each root as an object array over its own (sorted) axes."""
    return Evaluator(inputs, sizes, field).run(roots)


class Evaluator:
    """Values of nodes at given inputs and sizes; inside a recurrence the axis of time is held at a step."""

    def __init__(self, inputs: Mapping[str, Array], sizes: Mapping[str, int], field: Field) -> None:
        self.inputs, self.field = inputs, field
        self.memory = Memory({**sizes, **counts(inputs)})

    def run(self, roots: Sequence[Node]) -> list[Array]:
        """Evaluate what the roots need, sources first."""
        self._fill(roots)
        return [self.value(root) for root in roots]

    def value(self, node: Node) -> Array:
        """Return a node's value over its own axes where the evaluation stands, of length 1 where one is held."""
        found = self.memory.seen(node)
        if found is None:
            self._fill([node])
            found = self.memory.seen(node)
        if found is None:
            raise NotYetError(repr(node))
        return found

    def _fill(self, roots: Sequence[Node]) -> None:
        """Evaluate what is not known yet; what waits for the end of a loop comes when it is asked for again."""
        waiting = self._missing(roots)
        while waiting:
            later = []
            for node in waiting:
                try:
                    self.memory.put(node, self.node(node))
                except NotYetError:
                    later.append(node)
            if len(later) == len(waiting):
                return
            waiting = later

    def _missing(self, roots: Sequence[Node]) -> list[Node]:
        found: dict[int, Node] = {}
        stack = list(roots)
        while stack:
            node = stack.pop()
            if node.id not in found and not self._is_known(node):
                found[node.id] = node
                stack.extend(_outside(node))
        return [found[i] for i in sorted(found)]

    def _is_known(self, node: Node) -> bool:
        if node.kind is Kind.RECURRENCE:
            return self.memory.find(node) is not None
        try:
            return self.memory.seen(node) is not None
        except NotYetError:
            return False

    def spread(self, node: Node, axes: Sequence[Axis]) -> Array:
        """Return a node's value with a position for each of `axes`, length 1 where it does not depend on one."""
        value = self.value(node)
        lengths = dict(zip(node.axes, value.shape, strict=True))
        return value.reshape([lengths.get(a, 1) for a in axes])

    def full(self, node: Node, axes: Iterable[Axis]) -> Array:
        """Return a node's value with all positions of some axes, though they be held.

        Of a state that was computed while an axis was held, there is the one position.
        """
        held = [a for a in axes if a in self.memory.held]
        states = {a for n in _states(node) for a in n.axes} if held else set()
        with self.memory.released(a for a in held if a not in states):
            return self.value(node)

    def shape(self, node: Node) -> tuple[int, ...]:
        """Return the lengths of a node's axes."""
        return tuple(self.memory.length(a) for a in node.axes)

    def positions(self, axes: Sequence[Axis]) -> Iterator[dict[Axis, int]]:
        """Yield every position along some axes."""
        for position in np.ndindex(*[self.memory.length(a) for a in axes]):
            yield dict(zip(axes, position, strict=True))

    def node(self, node: Node) -> Any:
        """Return one node's value from its operands' values."""
        held = self.memory.held
        match node.kind:
            case Kind.CONST:
                return _filled((), self.field.number(node.value))
            case Kind.EXTENT:
                return _filled((), self.memory.size(node.attrs[0]))
            case Kind.INPUT:
                return cut(_input(np.asarray(self.inputs[node.name], dtype=object), node), node.axes, held)
            case Kind.IOTA:
                start = held.get(node.attrs[0], 0)
                return np.array(range(start, start + self.memory.length(node.attrs[0])), dtype=object)
            case Kind.GATE:
                return self.gate(node)
            case Kind.REDUCE:
                return self.reduction(node)
            case Kind.RENAME:
                return self.rename(node)
            case Kind.TAKE:
                return self.take(node)
            case Kind.SCATTER:
                return self.scatter(node)
            case Kind.CHECK:
                return self.check(node)
            case Kind.RECURRENCE:
                return self.recurrence(node)
            case Kind.HISTORY:
                return self.history(node)
            case Kind.ARRAY:
                return self.array(node)
            case Kind.CONTRACT:
                return self.contraction(node)
        raise InternalError(f"{node!r} has no value here")

    def gate(self, node: Node) -> Array:
        """Apply a gate to each element; where a whole number has no quotient, it is not the branch that is taken."""
        operands = [self.spread(o, node.axes) for o in node.operands]
        try:
            result = np.frompyfunc(partial(self.field.gate, node.name), len(operands), 1)(*operands)
        except UndefinedError:
            result = np.frompyfunc(partial(self._gate_or_zero, node.name), len(operands), 1)(*operands)
        return _filled((), result) if not isinstance(result, np.ndarray) else result

    def _gate_or_zero(self, name: str, *args: Any) -> Any:
        try:
            return self.field.gate(name, *args)
        except UndefinedError:
            return 0

    def reduction(self, node: Node) -> Array:
        """Apply a reduction to each line along its axis."""
        (x,), (axis,) = node.operands, node.attrs
        lines = np.moveaxis(self.full(x, [axis]), x.axes.index(axis), -1)
        result = np.empty(lines.shape[:-1], dtype=object)
        for position in np.ndindex(result.shape):
            try:
                result[position] = self.field.reduction(node.name, list(lines[position]))
            except UndefinedError:  # over nothing: the branch of a choice that is not taken, or the formula says so too
                result[position] = self._nothing(node)
        return result

    def rename(self, node: Node) -> Array:
        """Return the same numbers with the axes in another order."""
        (x,), mapping = node.operands, dict(node.attrs)
        value = self.full(x, mapping)
        named = [mapping.get(a, a) for a in x.axes]
        return cut(np.transpose(value, [named.index(a) for a in node.axes]), node.axes, self.memory.held)

    def contraction(self, node: Node) -> Array:
        """Sum a product of factors over the axes that are contracted."""
        axes = sorted({a for o in node.operands for a in o.axes})
        with self.memory.released(node.attrs):
            product = self.spread(node.operands[0], axes)
            for factor in node.operands[1:]:
                product = product * self.spread(factor, axes)
        summed = tuple(i for i, a in enumerate(axes) if a in node.attrs)
        return np.asarray(np.sum(product, axis=summed), dtype=object)

    def array(self, node: Node) -> Array:
        """Apply an array gate to each matrix of a stack; for all columns of a right-hand side together."""
        (inner, outer), columns = node.attrs, ARRAY[node.name].columns
        others = {a for i, o in enumerate(node.operands) if i != columns for a in o.axes}
        beside = [a for a in node.axes if a not in outer and a not in others] if columns is not None else []
        batch = [a for a in node.axes if a not in outer and a not in beside]
        order = [*batch, *outer, *beside]
        with self.memory.released({*outer, *beside}.union(*inner)):
            result = np.empty([self.memory.length(a) for a in order], dtype=object)
            made = result.shape[len(batch) :]
            stacks = [
                self._stack(o, batch, [*eaten, *(beside if i == columns else ())])
                for i, (o, eaten) in enumerate(zip(node.operands, inner, strict=True))
            ]
            for at in self.positions(batch):
                place = tuple(at.values())
                own = [tuple(at[a] for a in batch if a in o.axes) for o in node.operands]
                parts = [stack[p] for stack, p in zip(stacks, own, strict=True)]
                if columns is not None:
                    parts[columns] = parts[columns].reshape(len(parts[columns]), math.prod(made[1:]))
                result[place] = array_gate(self.field, node.name, parts).reshape(made)[()]
        return cut(np.transpose(result, [order.index(a) for a in node.axes]), node.axes, self.memory.held)

    def _stack(self, node: Node, batch: Sequence[Axis], own: Sequence[Axis]) -> Array:
        """Return an operand's matrices: first its axes of the stack, then its own, copied along those that it lacks."""
        first = [a for a in batch if a in node.axes]
        present = [*first, *(a for a in own if a in node.axes)]
        value = np.transpose(self.value(node), [node.axes.index(a) for a in present])
        outside = value.shape[: len(first)]
        narrow = [self.memory.length(a) if a in node.axes else 1 for a in own]
        return np.broadcast_to(value.reshape(*outside, *narrow), (*outside, *(self.memory.length(a) for a in own)))

    # Reading and accumulating at computed positions

    def take(self, node: Node) -> Array:
        """Read each position's element: 0 where the guard does not hold."""
        (x, index, *guard), (axis,) = node.operands, node.attrs
        source = self.full(x, [axis])
        length = source.shape[x.axes.index(axis)]
        where = self.value(index)
        holds = self.value(guard[0]) if guard else None
        result = np.empty(self.shape(node), dtype=object)
        for at in self.positions(node.axes):
            condition = True if holds is None else _at(holds, guard[0], at)
            if self.field.known(condition) is False:
                result[tuple(at.values())] = self._zero(node)
                continue
            place = _position(_at(where, index, at))
            if 0 <= place < length:
                value = source[tuple(place if a == axis else at[a] for a in x.axes)]
            else:
                value = self._nothing(node)
            result[tuple(at.values())] = self._where(condition, value, self._zero(node))
        return result

    def scatter(self, node: Node) -> Array:
        """Add each element to the position that its index names, where the guard holds."""
        (x, index, *guard), (axis, over) = node.operands, node.attrs
        start = self.memory.held.get(axis, 0)
        result = _filled(self.shape(node), 0)
        with self.memory.released(over):
            values, where = self.value(x), self.value(index)
            holds = self.value(guard[0]) if guard else None
            for at in self.positions(sorted({a for o in node.operands for a in o.axes})):
                condition = True if holds is None else _at(holds, guard[0], at)
                if self.field.known(condition) is False:
                    continue
                place = _position(_at(where, index, at)) - start
                if 0 <= place < result.shape[node.axes.index(axis)]:
                    to = tuple(place if a == axis else at[a] for a in node.axes)
                    result[to] += self._where(condition, _at(values, x, at), 0)
        return result

    def check(self, node: Node) -> Array:
        """Return the index itself where it is inside; the formula is undefined where it is not."""
        index, size, *guard = (self.spread(o, node.axes) for o in node.operands)
        result = np.empty(self.shape(node), dtype=object)
        holds = np.broadcast_to(guard[0], result.shape) if guard else None
        sizes, places = np.broadcast_to(size, result.shape), np.broadcast_to(index, result.shape)
        for p in np.ndindex(result.shape):
            asked = True if holds is None else self.field.known(holds[p])
            if asked and not 0 <= _position(places[p]) < _position(sizes[p]):
                raise UndefinedError(node.attrs[0].format(index=places[p], size=sizes[p]))
            result[p] = places[p]
        return result

    def _where(self, condition: Any, yes: Any, no: Any) -> Any:
        return yes if self.field.known(condition) else self.field.gate("where", condition, yes, no)

    def _nothing(self, node: Node) -> Any:
        return self.field.number(math.nan) if node.dtype is DType.REAL else self._zero(node)

    def _zero(self, node: Node) -> Any:
        return {DType.BOOL: False, DType.INT: 0}.get(node.dtype, self.field.number(0.0))

    # Recurrences

    def history(self, node: Node) -> Array:
        """Read the states of a recurrence."""
        (recurrence,), (slot, which) = node.operands, node.attrs
        if self.memory.find(recurrence) is None:
            self._fill([recurrence])
        found = self.memory.find(recurrence)
        if found is None:
            raise NotYetError(repr(recurrence))
        record, cuts = found
        value = getattr(record, which)[slot]
        if which != "final":
            value = np.moveaxis(value, 0, node.axes.index(recurrence.attrs[0]))
        return cut(value, node.axes, cuts | self.memory.held)

    def recurrence(self, node: Node) -> History:
        """Run the bodies step by step with the axis of time held."""
        axis, backward, depth, _slots = node.attrs
        inits, bodies, condition = states_of(node)
        axes = [tuple(sorted({*i.axes, *b.axes} - {axis})) for i, b in zip(inits, bodies, strict=True)]
        inside = [n for n in reading_state([*bodies, *condition], depth) if max(n.carries) == depth]
        before: list[list[Array]] = []
        with self.memory.released([axis]):
            states = [self._state(i, a) for i, a in zip(inits, axes, strict=True)]
            for t in self._times(axis, backward, bool(condition)):
                with self.memory.step(axis, t, depth):
                    for n in inside:
                        own = n.kind is Kind.CARRY and n.attrs[0] == depth
                        self.memory.put(n, self._carried(n, states, axes) if own else self.node(n))
                    if condition and not self.field.known(self.value(condition[0]).item()):
                        break
                    before.append(states)
                    states = [self._state(b, a) for b, a in zip(bodies, axes, strict=True)]
        after = [*before[1:], states] if before else []
        if condition:
            self.memory.learn(axis.extent, len(before))
        if backward:
            before, after = before[::-1], after[::-1]
        return History(_stacked(after, states), _stacked(before, states), states)

    def _times(self, axis: Axis, backward: bool, conditional: bool) -> Iterable[int]:
        steps = range(STEPS if conditional else self.memory.length(axis))
        for step in reversed(steps) if backward else steps:
            if self.field.clock is not None:
                self.field.clock.check()
            yield step
        if conditional:
            raise UndefinedError(f"a loop that does not end within {STEPS} steps")

    def _state(self, node: Node, axes: Sequence[Axis]) -> Array:
        """Return a value over the axes of a state."""
        return np.broadcast_to(self.spread(node, axes), [self.memory.length(a) for a in axes])

    def _carried(self, carry: Node, states: Sequence[Array], axes: Sequence[Sequence[Axis]]) -> Array:
        """Return the state that a carry reads, over the carry's axes."""
        slot = carry.attrs[1]
        lengths = dict(zip(axes[slot], states[slot].shape, strict=True))
        return np.broadcast_to(states[slot].reshape([lengths.get(a, 1) for a in carry.axes]), self.shape(carry))


def counts(inputs: Mapping[str, Array]) -> dict[str, int]:
    """Return the whole numbers among the inputs: they may be the bounds of loops."""
    single = {n: np.asarray(v, dtype=object) for n, v in inputs.items()}
    return {n: int(v[()]) for n, v in single.items() if v.ndim == 0 and isinstance(v[()], int)}


def _outside(node: Node) -> Iterable[Node]:
    """Return what a node is computed from; of a recurrence, what its steps read from outside."""
    if node.kind is not Kind.RECURRENCE:
        return node.operands
    inits, bodies, condition = states_of(node)
    depth = node.attrs[2]
    inside = reading_state([*bodies, *condition], depth)
    read = {o for n in inside for o in n.operands if not is_inside(o, depth)}
    return [*inits, *read, *(b for b in (*bodies, *condition) if not is_inside(b, depth))]


def _states(node: Node) -> list[Node]:
    """Return the states that a node reads."""
    inside = {n for depth in node.carries for n in reading_state([node], depth)}
    return [n for n in inside if n.kind is Kind.CARRY]


def _at(value: Array, node: Node, at: Mapping[Axis, int]) -> Any:
    return value[tuple(at[a] for a in node.axes)]


def _position(value: Any) -> int:
    try:
        return int(value)
    except TypeError as error:
        raise TooLargeError("a position that depends on symbols") from error


def _filled(shape: Sequence[int], value: Any) -> Array:
    array = np.empty(shape, dtype=object)
    array[...] = value
    return array


def _input(array: Array, node: Node) -> Array:
    return np.transpose(array, [node.attrs.index(a) for a in node.axes])


def _stacked(states: Sequence[Sequence[Array]], like: Sequence[Array]) -> list[Array]:
    """Return the states of all steps by slot, time first."""
    if not states:
        return [np.empty((0, *s.shape), dtype=object) for s in like]
    return [np.stack([step[slot] for step in states]) for slot in range(len(like))]
