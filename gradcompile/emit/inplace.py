"""Changing an array in place: a[i] = v, a[i] += v, and who may go on with the very same array."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gradcompile.emit import indexing, scatter
from gradcompile.emit.expression import apply, literal, subscript, words
from gradcompile.emit.layout import Axes, Written, aligned, permuted
from gradcompile.emit.states import Kept, State
from gradcompile.emit.updates import Update
from gradcompile.ir.nodes import Axis, DType, Kind, Node

if TYPE_CHECKING:
    from gradcompile.emit.numpy_target import Writer


def is_adopted(writer: Writer, of: Node, state: State) -> bool:
    """Return whether an inner loop changes the array of the loop around it."""
    if state.kept is not Kept.PLACE:
        return False
    going_on = (u for u in writer.plan.updates.values() if u.node.kind is Kind.HISTORY)
    return any(u.worker is of and u.node.attrs[0] == state.slot and u.base is state.init for u in going_on)


def copied(writer: Writer, init: Node, rest: Axes, dtype: DType) -> str:
    """Return the text of a new array that starts as another."""
    array = writer.operand(init)
    if init.is_const():
        return writer.filled(literal(init.value), rest, dtype, scalar=True)
    text = aligned(array, rest)
    if set(array.axes) != set(rest):
        return f"np.array({writer.filled(text, rest, dtype, scalar=not array.axes)})"
    mine = writer.plan.uses[init] == 1 and array.fresh and text == array.text
    return text if mine else f"{text}.copy()" if array.atom else f"np.array({text})"


def going_on(writer: Writer, state: State, rest: Axes, wish: str | None) -> str | None:
    """Return the name of the array that a state starts as, if nothing else reads it and it has no other name."""
    array = writer.written[state.init]
    mine = array.text.isidentifier() and array.axes == rest and array.text not in writer.arguments.values()
    own = state.kept is Kept.VARIABLE or (state.kept is Kept.PLACE and array.fresh)
    if not mine or not own or writer.plan.uses[state.init] > 1:
        return None
    return array.text if wish is None or array.text.rstrip("_0123456789") == wish else None


def placed(writer: Writer, node: Node) -> Written:
    """Write an array and the elements of it that are set, outside loops."""
    update = writer.plan.placed[node]
    if update.base in writer.plan.placed:
        name, order = writer.written[update.base].text, writer.written[update.base].axes
    else:
        name, order = writer.fresh_name(node), writer.layout(node)
        start = copied(writer, update.base, order, node.dtype)
        writer.statement(f"{name} = {start}", node)
    _assign(writer, update, name, order, lambda: None)
    return Written(name, order, fresh=True, ordered=True)


def change(writer: Writer, update: Update, name: str, rest: Axes, ready: Callable[[], None]) -> None:
    """Write the statements that change the array `name`; `ready` is called when their operands are known."""
    if update.pieces:
        _settle(writer, update, name)
        ready()
        for piece in update.pieces:
            scatter.accumulate(writer, piece, name, rest)
    elif update.index:
        _assign(writer, update, name, rest, ready)
    else:
        text = aligned(writer.operand(update.value), rest)
        ready()
        writer.statement(f"{name} += {text}", update.node)


def _settle(writer: Writer, update: Update, name: str) -> None:
    """Name what later pieces read of the array that the first piece changes."""
    for piece in update.pieces[1:]:
        for part in writer.plan.spreads[piece].parts:
            if part in writer.pending and name in words(writer.written[part].text):
                writer.name(part)


def _assign(writer: Writer, update: Update, name: str, rest: Axes, ready: Callable[[], None]) -> None:
    index = dict(update.index)
    chosen = indexing.select(writer, rest, index)
    value = _at(writer, update.value, index, chosen.axes)
    target = subscript(name, chosen.text)
    inside = [t for a, i in index.items() if (t := _range_text(writer, i, a))]
    scalar = [c for c in update.rest if not writer.axes(c)]
    wide = [c for c in update.rest if writer.axes(c)]
    if wide:
        test = indexing.condition(writer, wide)
        value = apply("where", [_at_text(writer, test, index, chosen.axes), value, target], "numpy")
    if scalar:
        inside.append(indexing.condition(writer, scalar).text)
    ready()
    if inside:
        writer.put(f"if {' and '.join(inside)}:")
    with writer.indented(bool(inside)):
        writer.statement(f"{target} = {value}", update.node)


def _at(writer: Writer, node: Node, index: dict[Axis, Node], order: Axes) -> str:
    return _at_text(writer, writer.operand(node), index, order)


def _at_text(writer: Writer, array: Written, index: dict[Axis, Node], order: Axes) -> str:
    """Return the text of an array at the positions that are assigned."""
    mine = {a: i for a, i in index.items() if a in array.axes}
    if mine:
        chosen = indexing.select(writer, array.axes, mine)
        array = Written(array.at(chosen.text, fancy=chosen.fancy), chosen.axes)
    return aligned(array, order) if set(array.axes) != set(order) else permuted(array, order)


def _range_text(writer: Writer, index: Node, axis: Axis) -> str:
    """Return the condition that an index is a position of an axis; empty where that is known."""
    if writer.plan.known.within(index, axis):
        return ""
    return f"0 <= {writer.operand(index).text} < {writer.size(axis)}"
