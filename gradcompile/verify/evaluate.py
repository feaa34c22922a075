"""Evaluate a graph over any kind of number, element by element, on arrays of Python objects.

The field says which of a gate's independent meanings to use: SymPy's for expressions, mpmath's for numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from gradcompile.ir.nodes import Axis, Kind, Node, reachable, reading_state
from gradcompile.verify.fields import Field

Array = np.ndarray[Any, Any]


def evaluate(roots: Sequence[Node], inputs: Mapping[str, Array], sizes: Mapping[str, int], field: Field) -> list[Array]:
    """Return the value of each root as an object array over its own (sorted) axes."""
    return Evaluator(inputs, sizes, field).run(roots)


class Evaluator:
    """Values of nodes at given inputs and sizes; one axis at a time may be held at a position."""

    def __init__(self, inputs: Mapping[str, Array], sizes: Mapping[str, int], field: Field) -> None:
        self.inputs, self.sizes, self.field = inputs, sizes, field
        self.values: dict[Node, Array] = {}
        self.held: dict[Axis, int] = {}

    def run(self, roots: Sequence[Node]) -> list[Array]:
        """Evaluate what the roots need, sources first; bodies of recurrences are left to their recurrence."""
        for node in reachable(roots):
            if node not in self.values and not node.carries:
                self.values[node] = self.node(node)
        return [self.values[root] for root in roots]

    def length(self, axis: Axis) -> int:
        """Return the number of positions along an axis that are looked at."""
        return 1 if axis in self.held else axis.extent.evaluate(self.sizes)

    def spread(self, node: Node, axes: Sequence[Axis]) -> Array:
        """Return a node's value with a position for each of `axes`, length 1 where it does not depend on one."""
        shape = [self.length(a) if a in node.axes else 1 for a in axes]
        return self.values[node].reshape(shape)

    def node(self, node: Node) -> Array:
        """Return one node's value from its operands' values."""
        match node.kind:
            case Kind.CONST:
                return _filled((), self.field.number(node.value))
            case Kind.EXTENT:
                return _filled((), node.attrs[0].evaluate(self.sizes))
            case Kind.INPUT:
                return _input(np.asarray(self.inputs[node.name], dtype=object), node)
            case Kind.IOTA:
                axis = node.attrs[0]
                start = self.held.get(axis, 0)
                return np.array(range(start, start + self.length(axis)), dtype=object)
            case Kind.GATE:
                return self.gate(node)
            case Kind.REDUCE:
                return self.reduction(node)
            case Kind.RENAME:
                (x,) = node.operands
                mapping = dict(node.attrs)
                named = [mapping.get(a, a) for a in x.axes]
                return np.transpose(self.values[x], [named.index(a) for a in node.axes])
            case Kind.TAKE | Kind.SCATTER:
                return self.take(node) if node.kind is Kind.TAKE else self.scatter(node)
            case Kind.RECURRENCE:
                return self.recurrence(node)
            case Kind.CONTRACT:
                return self.contraction(node)
        raise AssertionError(f"{node!r} has no value here")

    def gate(self, node: Node) -> Array:
        """Apply a gate to each element."""
        operands = [self.spread(o, node.axes) for o in node.operands]
        result = np.frompyfunc(partial(self.field.gate, node.name), len(operands), 1)(*operands)
        return _filled((), result) if not isinstance(result, np.ndarray) else result

    def reduction(self, node: Node) -> Array:
        """Apply a reduction to each line along its axis."""
        (x,), (axis,) = node.operands, node.attrs
        lines = np.moveaxis(self.values[x], x.axes.index(axis), -1)
        result = np.empty(lines.shape[:-1], dtype=object)
        for position in np.ndindex(result.shape):
            result[position] = self.field.reduction(node.name, list(lines[position]))
        return result

    def contraction(self, node: Node) -> Array:
        """Sum a product of factors over the axes that are contracted."""
        axes = sorted({a for o in node.operands for a in o.axes})
        product = self.spread(node.operands[0], axes)
        for factor in node.operands[1:]:
            product = product * self.spread(factor, axes)
        summed = tuple(i for i, a in enumerate(axes) if a in node.attrs)
        return np.asarray(np.sum(product, axis=summed), dtype=object)

    def take(self, node: Node) -> Array:
        """Read each position's element."""
        (x, index), (axis,) = node.operands, node.attrs
        result = np.full([self.length(a) for a in node.axes], self.field.number(math.nan), dtype=object)
        for position in np.ndindex(result.shape):
            at = dict(zip(node.axes, position, strict=True))
            where = int(self.values[index][tuple(at[a] for a in index.axes)])
            if 0 <= where < self.length(axis):  # NaN elsewhere: it may be the branch of a `where` that is not taken
                result[position] = self.values[x][tuple(where if a == axis else at[a] for a in x.axes)]
        return result

    def scatter(self, node: Node) -> Array:
        """Add each element to the position that its index names."""
        (x, index), (axis, _over) = node.operands, node.attrs
        result = np.empty([self.length(a) for a in node.axes], dtype=object)
        result[...] = 0
        loops = sorted({*x.axes, *index.axes})
        for position in np.ndindex(*[self.length(a) for a in loops]):
            at = dict(zip(loops, position, strict=True))
            where = int(self.values[index][tuple(at[a] for a in index.axes)])
            if 0 <= where < self.length(axis):
                result[tuple(where if a == axis else at[a] for a in node.axes)] += self.values[x][
                    tuple(at[a] for a in x.axes)
                ]
        return result

    def recurrence(self, node: Node) -> Array:
        """Run the body step by step with the axis of time held."""
        (init, body), (axis, backward, depth) = node.operands, node.attrs
        inside = [n for n in reading_state(body, depth) if max(n.carries) == depth]
        steps = axis.extent.evaluate(self.sizes)
        rest = tuple(a for a in node.axes if a != axis)
        shape = [self.length(a) for a in rest]
        state = np.broadcast_to(self.spread(init, rest), shape).copy()
        history = np.empty([steps, *shape], dtype=object)
        outer = dict(self.values)
        for t in reversed(range(steps)) if backward else range(steps):
            self.held[axis] = t
            self.values = {n: _held(v, n, axis, t) for n, v in outer.items()}
            self.values |= {n: self.node(n) for n in reachable([body]) if n.kind is Kind.IOTA}
            for n in inside:
                self.values[n] = _narrow(state, rest, n.axes) if n.kind is Kind.CARRY else self.node(n)
            state = np.broadcast_to(_drop(self.spread(body, (axis, *rest))), shape).copy()
            history[t, ...] = state
        self.held.pop(axis, None)
        self.values = outer
        return np.moveaxis(history, 0, node.axes.index(axis))


def _filled(shape: tuple[int, ...], value: Any) -> Array:
    array = np.empty(shape, dtype=object)
    array[...] = value
    return array


def _input(array: Array, node: Node) -> Array:
    return np.transpose(array, [node.attrs.index(a) for a in node.axes])


def _held(value: Array, node: Node, axis: Axis, t: int) -> Array:
    return np.take(value, [t], axis=node.axes.index(axis)) if axis in node.axes else value


def _narrow(state: Array, axes: Sequence[Axis], wanted: Sequence[Axis]) -> Array:
    return _filled((), state[()]) if not axes else state[tuple(slice(None) if a in wanted else 0 for a in axes)]


def _drop(value: Array) -> Array:
    return value.reshape(value.shape[1:])
