"""Recurrences in the readable target: running sums and products by name, everything else as a loop over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcompile.emit.expression import subscript
from gradcompile.emit.layout import Written, aligned
from gradcompile.ir.nodes import DType, Kind, Node, reading_state

if TYPE_CHECKING:
    from gradcompile.emit.numpy_target import Writer

_RUNNING = {"add": ("np.cumsum", 0), "mul": ("np.cumprod", 1)}
_EMPTY = {DType.REAL: "", DType.INT: ", dtype=int", DType.BOOL: ", dtype=bool"}


def history(writer: Writer, node: Node) -> Written:
    """Return the history of the states of a recurrence."""
    return _running(writer, node) or _loop(writer, node)


def _running(writer: Writer, node: Node) -> Written | None:
    """Return np.cumsum or np.cumprod, where the body adds to the state or multiplies it."""
    (init, body), (axis, backward, _depth) = node.operands, node.attrs
    if body.kind is not Kind.GATE or body.name not in _RUNNING or body in writer.plan.named:
        return None
    function, start = _RUNNING[body.name]
    terms = [o for o in body.operands if o.kind is not Kind.CARRY]
    if not init.is_const(start) or len(terms) != 1 or terms[0].carries or axis not in terms[0].axes:
        return None
    if set(terms[0].axes) != set(node.axes):
        return None
    x = writer.operand(terms[0])
    at = x.axes.index(axis)
    if len(x.axes) == 1:
        reverse = subscript(x.text, "::-1")
        text = f"{function}({reverse})[::-1]" if backward else f"{function}({x.text})"
        return Written(text, x.axes, fresh=not backward, ordered=not backward)
    if not backward:
        return Written(f"{function}({x.text}, axis={at})", x.axes, fresh=True, ordered=x.ordered)
    return Written(f"np.flip({function}(np.flip({x.text}, {at}), axis={at}), {at})", x.axes)


def _loop(writer: Writer, node: Node) -> Written:
    """Write a loop over time that keeps the state and stores it after each step."""
    (init, body), (axis, backward, depth) = node.operands, node.attrs
    own = [n for n in reading_state(body, depth) if max(n.carries) == depth]
    outside = {o for n in [*own, node] for o in n.operands if depth not in o.carries}
    for outer in sorted(outside, key=lambda n: n.id):
        if outer in writer.pending and not writer.is_cheap(outer):
            writer.name(outer)
    order = (axis, *writer.order.sort(a for a in writer.axes(node) if a != axis))
    rest = order[1:]
    name, state, step = writer.fresh_name(node), writer.names.other("state"), writer.names.other("t")
    writer.statement(f"{name} = np.empty({writer.shape(order)}{_EMPTY[node.dtype]})", node)
    start = aligned(writer.operand(init), rest)
    writer.plain(f"{state} = np.broadcast_to({start}, {writer.shape(rest)})" if rest else f"{state} = {start}")
    size = writer.size(axis)
    writer.plain(f"for {step} in {f'reversed(range({size}))' if backward else f'range({size})'}:")
    with writer.block(axis, step):
        for n in own:
            if n.kind is Kind.CARRY:
                writer.written[n] = Written(state, tuple(a for a in rest if a in n.axes))
        writer.write([n for n in own if n.kind is not Kind.CARRY])
        writer.plain(f"{name}[{step}] = {aligned(writer.operand(body), rest)}")
        writer.plain(f"{state} = {name}[{step}]")
    return Written(name, order, fresh=True, ordered=True)
