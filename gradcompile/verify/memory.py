"""What the graph evaluator knows: values of nodes in nested scopes, in which axes are held at a position.

A step of a recurrence is a scope in which the axis of time is held there: of what was computed outside, a slice is
seen. A gate that takes an axis away needs all positions of it, and so releases the axis for its operand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, Kind, Node
from gradcompile.verify.arrays import Array

T = TypeVar("T")


class NotYetError(Exception):
    """A size is asked for that is known only when a loop has ended."""


@dataclass
class History:
    """The states of a recurrence, by slot: after each step and before it (time first), and the final ones."""

    after: list[Array]
    before: list[Array]
    final: list[Array]


@dataclass
class _Scope:
    values: dict[Node, Any] = field(default_factory=dict)
    held: tuple[Axis, int] | None = None
    depth: int | None = None  # of the recurrence whose step it is
    released: frozenset[Axis] = frozenset()


class Memory:
    """Values by node, the sizes known so far, and the axes that are held."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = dict(sizes)
        self.scopes = [_Scope()]
        self.held: dict[Axis, int] = {}
        self.lengths: dict[Extent, int] = {}  # at the sizes known so far

    @contextmanager
    def step(self, axis: Axis, at: int, depth: int) -> Iterator[None]:
        """Hold an axis at a position."""
        before, sizes = self.held, dict(self.sizes)
        self.held = {**before, axis: at}
        self.scopes.append(_Scope(held=(axis, at), depth=depth))
        try:
            yield
        finally:
            self.scopes.pop()
            self.held = before
            if self.sizes != sizes:
                self.sizes, self.lengths = sizes, {}

    @contextmanager
    def released(self, axes: Iterable[Axis]) -> Iterator[None]:
        """Let go of axes, so that all their positions are seen."""
        free = frozenset(a for a in axes if a in self.held)
        if not free:
            yield
            return
        before = self.held
        self.held = {a: t for a, t in before.items() if a not in free}
        self.scopes.append(_Scope(released=free))
        try:
            yield
        finally:
            self.scopes.pop()
            self.held = before

    def size(self, extent: Extent) -> int:
        """Return an extent's value."""
        found = self.lengths.get(extent)
        if found is None:
            if not extent.names <= self.sizes.keys():
                raise NotYetError(str(extent))
            found = self.lengths[extent] = extent.evaluate(self.sizes)
        return found

    def learn(self, extent: Extent, value: int) -> None:
        """Note the number of steps that a loop took."""
        (name,) = extent.names
        self.sizes[name] = value
        self.lengths = {}

    def length(self, axis: Axis) -> int:
        """Return the number of positions along an axis that are looked at."""
        return 1 if axis in self.held else self.size(axis.extent)

    def put(self, node: Node, value: Any) -> None:
        """Keep a value where the evaluation stands."""
        self.scopes[-1].values[node] = value

    def find(self, node: Node) -> tuple[Any, dict[Axis, int]] | None:
        """Return a node's value as it is kept, and where it is to be cut; None if it is not known here."""
        cuts: dict[Axis, int] = {}
        free: set[Axis] = set()
        hidden: set[int] = set()
        spans = axes_below(node)
        for scope in reversed(self.scopes):
            value = scope.values.get(node)
            if value is not None and free.isdisjoint(spans) and hidden.isdisjoint(node.carries):
                return value, cuts
            free |= scope.released
            if scope.held is not None:
                axis, at = scope.held
                if axis in free:
                    free.discard(axis)
                else:
                    cuts[axis] = at
            if scope.depth is not None:
                hidden.add(scope.depth)
        return None

    def seen(self, node: Node) -> Array | None:
        """Return a node's value over its axes, cut where one is held; None if it is not known here."""
        found = self.find(node)
        if found is None:
            return None
        value, cuts = found
        value = cut(value, node.axes, cuts)
        if value.shape != tuple(self.length(a) for a in node.axes):
            return None  # of another run of a loop that takes a number of steps of its own each time
        if cuts:
            self.put(node, value)
        return np.asarray(value, dtype=object)


def cut(value: Array, axes: Sequence[Axis], at: Mapping[Axis, int]) -> Array:
    """Return an array with only one position left of the axes that are held."""
    for place, axis in enumerate(axes):
        if axis in at and value.shape[place] != 1:
            value = np.take(value, [at[axis]], axis=place)
    return value


def axes_below(node: Node) -> set[Axis]:
    """Return the axes that a node's value depends on; of a recurrence, which has none, those of its states."""
    if node.kind is not Kind.RECURRENCE:
        return set(node.axes)
    return {a for o in node.operands for a in o.axes} - {node.attrs[0]}
