"""Running sums and products: np.cumsum and np.cumprod where a recurrence does nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcompile.emit.expression import subscript
from gradcompile.emit.layout import EMPTY, Rows, Written, permuted
from gradcompile.emit.live import Live
from gradcompile.ir.nodes import Axis, DType, Kind, Node, is_inside, states_of

if TYPE_CHECKING:
    from gradcompile.emit.numpy_target import Writer


@dataclass(frozen=True)
class Running:
    """A running sum or product: the function, the one that adds up everything, and what is added up."""

    function: str
    whole: str
    start: int
    term: Node


def running_terms(nodes: Iterable[Node], live: Live) -> dict[Node, Running]:
    """Return the recurrences that are running sums or products."""
    found = {n: _running(n, live) for n in nodes if n.kind is Kind.RECURRENCE}
    return {n: running for n, running in found.items() if running is not None}


def _running(node: Node, live: Live) -> Running | None:
    (axis, _backward, depth, _slots), (inits, bodies, condition) = node.attrs, states_of(node)
    slots = live.states.get(node, set())
    if condition or len(slots) != 1:
        return None
    (slot,) = slots
    init, body = inits[slot], bodies[slot]
    start = {"add": 0, "mul": 1}.get(body.name if body.kind is Kind.GATE else "")
    if start is None or not init.is_const(start) or body.dtype is DType.BOOL:
        return None
    terms = [o for o in body.operands if not (o.kind is Kind.CARRY and o.attrs[:2] == (depth, slot))]
    if len(terms) != 1 or is_inside(terms[0], depth) or axis not in terms[0].axes:
        return None
    if start:
        return Running("np.cumprod", "np.prod", start, terms[0])
    return Running("np.cumsum", "np.sum", start, terms[0])


def history(writer: Writer, node: Node) -> Written:
    """Return the text of the running totals after or before each step, or of the total."""
    of, which = node.operands[0], node.attrs[1]
    running, (axis, backward, *_) = writer.plan.running[of], of.attrs
    read = {h.attrs[1] for h in writer.plan.live.reads[of]}
    x = writer.operand(running.term)
    if "before" not in read:
        found = _whole(running, x, x.axes.index(axis)) if which == "final" else _after(running, x, axis, backward)
        return _copied(writer, node, found)
    key = (of, node.attrs[0])
    if key not in writer.rows:
        writer.rows[key] = _write_rows(writer, node, running, x)
    return _copied(writer, node, writer.rows[key].read(which))


def _copied(writer: Writer, node: Node, found: Written) -> Written:
    """Return an array copied along the axes of the state that what is added up lacks."""
    missing = [a for a in writer.axes(node) if a not in found.axes]
    if not missing:
        return found
    order = (*missing, *found.axes)
    return Written(writer.filled(found.text, order, node.dtype, scalar=not found.axes), order)


def _whole(running: Running, x: Written, at: int) -> Written:
    rest = (*x.axes[:at], *x.axes[at + 1 :])
    text = f"{running.whole}({x.text}, axis={at})" if rest else f"{running.whole}({x.text})"
    return Written(text, rest, fresh=True, ordered=True)


def _after(running: Running, x: Written, axis: Axis, backward: bool) -> Written:
    at = x.axes.index(axis)
    if len(x.axes) == 1:
        text = f"{running.function}({subscript(x.text, '::-1')})[::-1]" if backward else f"{running.function}({x.text})"
        return Written(text, x.axes, fresh=not backward, ordered=not backward)
    if not backward:
        return Written(f"{running.function}({x.text}, axis={at})", x.axes, fresh=True, ordered=x.ordered)
    return Written(f"np.flip({running.function}(np.flip({x.text}, {at}), axis={at}), {at})", x.axes)


def _write_rows(writer: Writer, node: Node, running: Running, x: Written) -> Rows:
    """Write an array with a row more than there are steps: row t is before step t, and row t + 1 after it."""
    axis, backward, *_ = node.operands[0].attrs
    order = (axis, *(a for a in x.axes if a != axis))
    rows = Rows(writer.fresh_name(node), order, backward)
    shape, filled = writer.shape(order, rows=1), "np.ones" if running.start else "np.zeros"
    writer.statement(f"{rows.name} = {filled}({shape}{EMPTY[node.dtype]})", node)
    first = Written(permuted(x, order), order)
    text = _after(running, first, axis, backward).text
    writer.statement(f"{rows.name}[{':-1' if backward else '1:'}] = {text}", node)
    return rows
