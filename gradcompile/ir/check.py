"""The graph verifier: every node obeys its kind's rules again, after every pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gradcompile.errors import InternalError
from gradcompile.ir.nodes import DType, Kind, Node, axes_of, batch_axes, carries_of, reachable, reading_state, states_of

_OPERANDS = {
    Kind.CONST: 0, Kind.EXTENT: 0, Kind.INPUT: 0, Kind.IOTA: 0, Kind.CARRY: 0,
    Kind.REDUCE: 1, Kind.RENAME: 1, Kind.HISTORY: 1,
}  # fmt: skip


def check_graph(roots: Iterable[Node], result_type: Callable[[str, tuple[Node, ...]], DType]) -> None:
    """Raise InternalError at the first node that breaks a rule; `result_type` is the gates' own type rule."""
    for node in reachable(roots):
        if any(o.id >= node.id or o.graph is not node.graph for o in node.operands):
            raise InternalError(f"{node!r} reads a node that is not before it")
        if len(node.operands) != _OPERANDS.get(node.kind, len(node.operands)):
            raise InternalError(f"{node!r} has {len(node.operands)} operands")
        if node.axes != axes_of(node.kind, node.operands, node.attrs):
            raise InternalError(f"{node!r} has the axes {node.axes}")
        if node.carries != carries_of(node.kind, node.operands, node.attrs):
            raise InternalError(f"{node!r} reads the states {node.carries}")
        if node.kind is Kind.GATE and node.dtype is not result_type(node.name, node.operands):
            raise InternalError(f"{node!r} has the type {node.dtype}")
        _check_axes(node)


def _check_axes(node: Node) -> None:
    axes = set().union(*(o.axes for o in node.operands)) if node.operands else set()
    match node.kind:
        case Kind.REDUCE | Kind.CONTRACT | Kind.NEAREST if not set(node.attrs) <= axes:
            raise InternalError(f"{node!r} reduces an axis that its operand does not have")
        case Kind.RENAME if len(node.axes) != len(node.operands[0].axes):
            raise InternalError(f"{node!r} makes two axes one")
        case Kind.TAKE | Kind.SCATTER if node.operands[1].dtype is not DType.INT:
            raise InternalError(f"{node!r} has an index that is not an integer")
        case Kind.TAKE | Kind.SCATTER | Kind.CHECK if any(o.dtype is not DType.BOOL for o in node.operands[2:]):
            raise InternalError(f"{node!r} has a guard that is no condition")
        case Kind.CHECK if any(o.dtype is not DType.INT for o in node.operands[:2]):
            raise InternalError(f"{node!r} checks something that is not an integer")
        case Kind.ARRAY if set(node.attrs[1]) & batch_axes(node.operands, node.attrs[0]):
            raise InternalError(f"{node!r} makes an axis that its operands have")
        case Kind.RECURRENCE:
            _check_recurrence(node)
        case Kind.TAKE if node.attrs[0] not in node.operands[0].axes:
            raise InternalError(f"{node!r} reads along an axis that its operand does not have")
        case Kind.SCATTER if not set(node.attrs[1]) <= axes:
            raise InternalError(f"{node!r} sums over an axis that nothing has")
    if len({str(a) for a in node.axes}) != len(node.axes):
        raise InternalError(f"{node!r} has the same axis twice")


def _check_recurrence(node: Node) -> None:
    axis, _backward, depth, slots = node.attrs
    inits, bodies, conditions = states_of(node)
    if len(inits) != slots or len(bodies) != slots or len(conditions) > 1:
        raise InternalError(f"{node!r} has {len(node.operands)} operands for {slots} states")
    for init, body in zip(inits, bodies, strict=True):
        if init.dtype is not body.dtype:
            raise InternalError(f"{node!r} has a state whose type changes")
    for carry in reading_state([*bodies, *conditions], depth):
        if carry.kind is Kind.CARRY and carry.attrs[0] == depth:
            slot, axes = carry.attrs[1], set(carry.axes)
            needed = {*inits[slot].axes, *bodies[slot].axes} - {axis}
            if slot >= slots or not needed <= axes or carry.dtype is not bodies[slot].dtype:
                raise InternalError(f"{node!r} has a state {slot} that does not fit its body")
