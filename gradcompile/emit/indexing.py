"""Reading at computed positions: slices where an index moves in step, fancy indexing elsewhere, and range checks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gradcompile.emit.affine import slice_text
from gradcompile.emit.expression import apply, fill
from gradcompile.emit.layout import Axes, Written, aligned, permuted
from gradcompile.ir.nodes import Axis, DType, Node

if TYPE_CHECKING:
    from gradcompile.emit.gather import Gather
    from gradcompile.emit.numpy_target import Writer

_CHECK = '''
def _check(index, size, message, guard=True):
    """Raise IndexError at the first index that is no position where the guard holds: NumPy would count from the end."""
    wrong = np.logical_and(np.logical_or(np.less(index, 0), np.greater_equal(index, size)), guard)
    if np.any(wrong):
        first = np.argmax(wrong)
        index, size = (np.broadcast_to(x, np.shape(wrong)).flat[first] for x in (index, size))
        raise IndexError(message.format(index=index, size=size))
'''
_READ = '''
def _read(x, index, guard):
    """Return x[index] where the guard holds, else 0; elsewhere nothing is read."""
    *index, guard = np.broadcast_arrays(*(index if isinstance(index, tuple) else (index,)), guard)
    result = np.zeros((*guard.shape, *x.shape[len(index) :]), x.dtype)
    result[guard] = x[tuple([i[guard] for i in index])]
    return result
'''
_SHIFTED = '''
def _shifted(x, by, axis=0):
    """Return x moved by some places along an axis, 0 where nothing moves to."""
    result = np.zeros_like(x)
    source, target = np.moveaxis(x, axis, 0), np.moveaxis(result, axis, 0)
    if by > 0:
        target[by:] = source[:-by]
    else:
        target[:by] = source[-by:]
    return result
'''
_ZERO = {DType.REAL: "0.0", DType.INT: "0", DType.BOOL: "False"}


class Selection(NamedTuple):
    """What stands between the brackets, and the axes of what it selects."""

    text: str  # empty: all of it
    axes: Axes
    fancy: bool  # a new array, not a view


def check(writer: Writer, node: Node) -> None:
    """Write the check that an index is in range; the node itself is the index."""
    arrays = [writer.operand(o) for o in node.operands]
    order = writer.layout(node, arrays)
    texts = [aligned(a, order) for a in arrays]
    texts.insert(2, json.dumps(node.attrs[0], ensure_ascii=False))
    writer.helpers["_check"] = _CHECK.strip("\n")
    writer.put(f"_check({', '.join(texts)})")
    index = node.operands[0]
    writer.written[node] = writer.operand(index)
    if index in writer.pending:
        writer.pending.add(node)


def take(writer: Writer, node: Node) -> Written:
    """Return the text that reads an array at an index: x[1:-1], np.diagonal(x), x[:, index], x[i, j]."""
    gather = writer.plan.gathers[node]
    x, index = writer.operand(gather.base), dict(gather.index)
    if gather.moved is not None:
        ((axis, where),) = gather.index
        form = writer.affine[where]
        axes = tuple(form.axis if a == axis and form.axis is not None else a for a in x.axes)
        return Written(shifted(writer, x, -gather.moved, axis), axes, fresh=True)
    if gather.guards:
        return _guarded(writer, node, gather, x)
    if (diagonal := _diagonal(writer, x, index)) is not None:
        return diagonal
    chosen = select(writer, x.axes, index)
    return Written(x.at(chosen.text, fancy=chosen.fancy), chosen.axes, fresh=chosen.fancy)


def select(writer: Writer, axes: Axes, index: Mapping[Axis, Node]) -> Selection:
    """Return how to subscript an array with these axes so that some are held at an index."""
    found = {a: basic(writer, i, a) for a, i in index.items()}
    plain = {a: entry for a, entry in found.items() if entry is not None}
    fancy = {a: writer.operand(index[a]) for a in found if a not in plain}
    new = [a for _, made in plain.values() for a in made]
    kept = [a for a in axes if a not in index]
    positions = {a for array in fancy.values() for a in array.axes}
    if len({*new, *kept}) < len(new) + len(kept) or positions & {*new, *kept}:
        return _everywhere(writer, axes, index)
    if not positions and not fancy:
        entries = [plain[a][0] if a in plain else ":" for a in axes]
        made = [b for a in axes for b in (plain[a][1] if a in plain else (a,))]
        return Selection(_joined(entries), tuple(made), fancy=False)
    return _mixed(writer, axes, plain, fancy)


def _mixed(
    writer: Writer, axes: Axes, plain: Mapping[Axis, tuple[str, Axes]], fancy: Mapping[Axis, Written]
) -> Selection:
    """Return a subscript of slices and arrays of positions; NumPy puts the arrays' axes first if they are apart."""
    order = common(writer, list(fancy.values()))
    entries = [aligned(fancy[a], order) if a in fancy else plain[a][0] if a in plain else ":" for a in axes]
    arrays = [i for i, a in enumerate(axes) if a in fancy or (a in plain and not plain[a][1])]
    together = arrays == list(range(arrays[0], arrays[-1] + 1))
    made: list[Axis] = [] if together else list(order)
    for i, axis in enumerate(axes):
        if together and i == arrays[0]:
            made += order
        if i not in arrays:
            made += plain[axis][1] if axis in plain else (axis,)
    return Selection(_joined(entries), tuple(made), fancy=bool(order))


def _everywhere(writer: Writer, axes: Axes, index: Mapping[Axis, Node]) -> Selection:
    """Return a subscript with an array of positions for every axis, all of one shape."""
    arrays = [writer.operand(index[a]) if a in index else positions_of(writer, a) for a in axes]
    order = common(writer, arrays)
    return Selection(", ".join(aligned(array, order) for array in arrays), order, fancy=True)


def common(writer: Writer, arrays: Sequence[Written]) -> Axes:
    """Return one order for the axes of arrays that are used as indices together."""
    orders = {a.axes for a in arrays if a.axes}
    return orders.pop() if len(orders) == 1 else writer.order.sort({a for axes in orders for a in axes})


def _joined(entries: list[str]) -> str:
    while entries and entries[-1] == ":":
        entries.pop()
    return ", ".join(entries)


def basic(writer: Writer, index: Node, axis: Axis) -> tuple[str, Axes] | None:
    """Return the slice or the number that an index is, and the axes it leaves; None for an array of positions."""
    form = writer.affine.get(index)
    if form is not None and form.axis not in writer.held:
        text = slice_text(form, axis.extent, writer.dimensions)
        if text is not None:
            return text, () if form.axis is None else (form.axis,)
    if not writer.axes(index):
        return writer.operand(index).text, ()
    return None


def positions_of(writer: Writer, axis: Axis) -> Written:
    """Return the positions along an axis as an array."""
    return Written(f"np.arange({writer.size(axis)})", (axis,))


def _diagonal(writer: Writer, x: Written, index: Mapping[Axis, Node]) -> Written | None:
    """Read where two axes have the same position, if that is all: NumPy puts the diagonal last."""
    if len(index) != 1:
        return None
    ((axis, where),) = index.items()
    found = basic(writer, where, axis)
    if found is None or found[0] != ":" or found[1][0] not in x.axes or found[1][0] == axis:
        return None
    (other,) = found[1]
    i, j = sorted((x.axes.index(axis), x.axes.index(other)))
    places = "" if len(x.axes) == 2 else f", axis1={i}, axis2={j}"
    return Written(f"np.diagonal({x.text}{places})", (*(a for a in x.axes if a not in (axis, other)), other))


# -- reads that only count where a condition holds ------------------------------------------------------------------


def _guarded(writer: Writer, node: Node, gather: Gather, x: Written) -> Written:
    guard = condition(writer, gather.guards)
    index = dict(gather.index)
    zero = _ZERO[node.dtype]
    if not writer.axes(node):
        read = x.at(select(writer, x.axes, index).text)
        return Written(fill("x if g else z", ("x", "g", "z"), (read, guard.text, zero)))
    if all(i in writer.affine and writer.plan.known.within(i, a) for a, i in index.items()):
        chosen = select(writer, x.axes, index)
        array = Written(x.at(chosen.text, fancy=chosen.fancy), chosen.axes)
        order = writer.layout(node, [array])
        texts = [aligned(guard, order), aligned(array, order), zero]
        return Written(apply("where", texts, "numpy"), order, fresh=True)
    return _read(writer, x, index, guard)


def condition(writer: Writer, guards: Sequence[Node]) -> Written:
    """Return the condition that several guards hold."""
    arrays = [writer.operand(g) for g in guards]
    order = common(writer, arrays)
    text = aligned(arrays[0], order)
    for array in arrays[1:]:
        text = writer.gate_text("and", [text, aligned(array, order)], scalar=not order)
    return Written(text, order)


def shifted(writer: Writer, x: Written, by: int, axis: Axis) -> str:
    """Return the text of an array moved along an axis."""
    writer.helpers["_shifted"] = _SHIFTED.strip("\n")
    at = x.axes.index(axis)
    return f"_shifted({x.text}, {by}{f', axis={at}' if at else ''})"


def _read(writer: Writer, x: Written, index: Mapping[Axis, Node], guard: Written) -> Written:
    """Return the call that reads at arrays of positions where the guard holds: the axes it reads along come first."""
    arrays = {a: writer.operand(i) for a, i in index.items()}
    taken = {a for array in (*arrays.values(), guard) for a in array.axes}
    arrays |= {a: positions_of(writer, a) for a in x.axes if a in taken and a not in arrays}
    order = common(writer, [*arrays.values(), guard])
    lead, rest = tuple(a for a in x.axes if a in arrays), tuple(a for a in x.axes if a not in arrays)
    texts = [aligned(arrays[a], order) for a in lead]
    where = texts[0] if len(texts) == 1 else f"({', '.join(texts)})"
    writer.helpers["_read"] = _READ.strip("\n")
    text = f"_read({permuted(x, (*lead, *rest))}, {where}, {aligned(guard, order)})"
    return Written(text, (*order, *rest), fresh=True)
