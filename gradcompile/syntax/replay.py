"""What a derivative is with respect to: an input, or a variable, as which an unknown is put before the later lines."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcompile.gates import build
from gradcompile.gates.substitute import substitute
from gradcompile.ir.nodes import Axis, DType, Kind, Node, reachable
from gradcompile.syntax.context import fresh, is_one
from gradcompile.syntax.flow import all_reads, targets
from gradcompile.syntax.program import Value
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.trampoline import Task

if TYPE_CHECKING:
    from gradcompile.syntax.expressions import Expressions


@dataclass(frozen=True)
class Unknown:
    """What is differentiated with respect to, as an argument of the graph, and the scope in which it is unknown."""

    name: str  # as the user writes it
    value: Value
    argument: str  # the name under which the graph reads it
    axes: tuple[Axis, ...]  # that the reads have
    scope: Scope
    owner: Scope | None  # the scope that a variable is of; None for an input

    def reads(self, node: Node) -> list[Node]:
        """Return where a node reads the unknown."""
        return [n for n in reachable([node]) if n.kind is Kind.INPUT and n.name == self.argument]

    def widened(self, node: Node, axes: Sequence[Axis]) -> tuple[Node, Unknown]:
        """Return a node with another unknown in the place of this one, which has one value for each of further axes."""
        if not axes:
            return node, self
        other = f"{self.argument}.{len(node.graph.nodes)}"
        wide = {n: _wide(n, other, axes) for n in self.reads(node)}
        unknown = Unknown(self.name, self.value, other, (*self.axes, *axes), self.scope, self.owner)
        return substitute(node, wide), unknown

    def known(self, node: Node) -> Node:
        """Put the value back for the unknown."""
        if self.owner is None and self.argument == self.name:
            return node
        original, own = build.as_real(self.value.node), [a for a in self.value.axes if not is_one(a)]
        back: dict[Node, Node] = {}
        for n in self.reads(node):
            if self.owner is None:
                ordered = n.attrs[: len(self.value.axes)]
                back[n] = build.argument(node.graph, self.name, ordered, n.dtype)
            else:
                back[n] = build.rename(original, dict(zip(own, n.attrs, strict=False)))
        return substitute(node, back)


def _wide(read: Node, name: str, axes: Sequence[Axis]) -> Node:
    """Return a read of an argument that has further axes; where it is read along one of these, the diagonal."""
    graph, attrs = read.graph, list(read.attrs)
    for place, axis in enumerate(attrs):
        if axis in axes:
            attrs[place] = fresh(axis.extent, [*attrs, *axes])
    node = build.argument(graph, name, (*attrs, *axes), read.dtype)
    for axis, other in zip(read.attrs, attrs, strict=True):
        if axis != other:
            node = build.take(node, other, build.iota(graph, axis))
    return node


def unknown(visitors: Expressions, tree: ast.Name, scope: Scope) -> Task[Unknown]:
    """Find what a name stands for, and carry out again what depends on it."""
    ctx, name = visitors.ctx, tree.id
    found, outer = scope.find(name), False
    if found is None and scope.outer is not None:
        found, outer = scope.outer.find(name), True
    if found is None:
        value = visitors.name(tree, scope)  # raises where there is none
        if name not in visitors.inputs or value is not visitors.inputs[name]:
            ctx.fail(f"there is no derivative with respect to `{name}`.", "Use an input or a variable.", tree)
        _check_real(visitors, tree, value, scope)
        return Unknown(name, value, name, ctx.arguments[name].axes, scope, None)
    at, value = found
    _check_real(visitors, tree, value, scope)
    own = tuple(a for a in value.axes if not is_one(a))
    stand_in = f"{name}.{len(ctx.graph.nodes)}"
    owner = scope.outer.owner(name) if outer and scope.outer is not None else scope.owner(name)
    replay = _copy(scope, owner, at)
    _in(replay, scope, owner).bind(name, Value(build.argument(ctx.graph, stand_in, own), value.axes), at)
    yield _Replay(visitors, name, owner, at).run(scope, replay)
    return Unknown(name, value, stand_in, own, replay, owner)


def _check_real(visitors: Expressions, tree: ast.Name, value: Value, scope: Scope) -> None:
    if value.node.dtype is not DType.REAL and not value.node.is_const():
        what = "an index" if scope.indexed(tree.id) else "not a real number"
        visitors.ctx.fail(f"`{tree.id}` is {what}.", "Only real inputs and variables have a derivative.", tree)


def _copy(scope: Scope, owner: Scope, at: int) -> Scope:
    """Return a scope that agrees with a scope up to statement `at` of its owner, which it lies in."""
    if scope is owner:
        return scope.replay(at)
    assert scope.around is not None
    return scope.replay(-1, around=_copy(scope.around, owner, at))


def _in(replay: Scope, scope: Scope, owner: Scope) -> Scope:
    """Return the copy of the owner among the copies of the scopes around a scope."""
    while scope is not owner:
        assert scope.around is not None
        assert replay.around is not None
        scope, replay = scope.around, replay.around
    return replay


@dataclass(frozen=True)
class _Replay:
    """The lines that depend on a variable, carried out again from its assignment on."""

    visitors: Expressions
    name: str
    owner: Scope
    at: int

    def run(self, scope: Scope, replay: Scope) -> Task[tuple[set[str], set[str]]]:
        """Carry a scope out again up to where it stands; return the names that changed, and those of the file."""
        if scope is self.owner:
            changed: set[str] = {self.name}
            yield self._lines(scope, replay, changed, self.at + 1)
            return changed, changed
        assert scope.around is not None
        assert replay.around is not None
        changed, file = yield self.run(scope.around, replay.around)
        changed = set(changed)
        if scope.parent is None:
            changed = yield self._parameters(scope, replay, changed, file)
        yield self._lines(scope, replay, changed, 0)
        return changed, file if scope.caller is not None or scope.outer is not None else changed

    def _parameters(self, scope: Scope, replay: Scope, changed: set[str], file: set[str]) -> Task[set[str]]:
        """Find again what a function was given; return the names that are other ones in it."""
        assert replay.caller is not None
        assert replay.outer is not None
        found = file - scope.versions.keys()
        for trees, where, names in ((scope.given, replay.caller, changed), (scope.defaults, replay.outer, file)):
            for parameter, tree in trees.items():
                if names & all_reads(ast.Expr(tree), self.visitors.functions):
                    value: Value = yield self.visitors.array(tree, where)
                    replay.bind(parameter, value, -1)
                    found.add(parameter)
        return found

    def _lines(self, scope: Scope, replay: Scope, changed: set[str], first: int) -> Task[None]:
        """Carry out again what depends on changed names; take over the rest."""
        current = scope.current
        for place in range(first, current):
            statement = scope.statements[place]
            if changed & all_reads(statement, self.visitors.functions):
                yield self.visitors.statement(statement, replay, place)
                changed |= set(targets(statement))
                continue
            for target in targets(statement):
                if (found := scope.find(target, place)) is not None:
                    replay.bind(target, found[1], place)
                changed.discard(target)
        replay.current = current


def hidden(value: Value) -> list[Axis]:
    """Return the axes that a value depends on beside its own: those of indices and loops around it."""
    return [a for a in value.node.axes if a not in value.axes]


def reads_states_inside(unknown: Unknown, value: Value, scope: Scope) -> bool:
    """Does a value read states of a loop that lies inside the scope of the unknown, and may depend on it?"""
    around: Scope | None = scope
    depths: set[int] = set()
    while around is not None and around is not unknown.owner:
        first = [history[0][1] for history in around.versions.values() if history[0][0] < 0]
        first += [f.state for history in around.fillings.values() for _, f in history if f.state is not None]
        depths |= {v.node.attrs[0] for v in first if v.node.kind is Kind.CARRY}
        around = around.around
    return bool(depths & value.node.carries)
