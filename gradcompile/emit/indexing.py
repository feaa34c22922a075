"""Reading and accumulating at computed positions: slices where an index moves in step, fancy indexing elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcompile.emit.affine import Affine, slice_text
from gradcompile.emit.contraction import total
from gradcompile.emit.expression import subscript
from gradcompile.emit.layout import Axes, Written, aligned, permuted
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Node

if TYPE_CHECKING:
    from gradcompile.emit.numpy_target import Writer

_IN_RANGE = '''
def _in_range(index, size, name):
    """Raise IndexError where an index is not a position: NumPy would count from the end."""
    if np.any((index < 0) | (index >= size)):
        raise IndexError(f"an index into {name} is out of range")
'''
_EMPTY = {DType.REAL: "", DType.INT: ", dtype=int", DType.BOOL: ", dtype=bool"}


def take(writer: Writer, node: Node) -> Written:
    """Return the text that reads an array at an index: x[1:-1], np.diagonal(x), x[:, index]."""
    x, (axis,) = writer.operand(node.operands[0]), node.attrs
    at = x.axes.index(axis)
    if (basic := _basic(writer, node.operands[1], axis)) is not None:
        text, new = basic
        if not set(new) & {a for a in x.axes if a != axis}:
            inside = [":"] * at + [text] if text != ":" else []
            text = subscript(x.text, ", ".join(inside)) if inside else x.text
            return Written(text, (*x.axes[:at], *new, *x.axes[at + 1 :]))
        (new_axis,) = new
        if text == ":":
            return _diagonal(x, axis, new_axis)
    index = writer.operand(node.operands[1])
    _check_range(writer, node, index, x)
    rest = tuple(a for a in x.axes if a != axis)
    if not set(index.axes) & set(rest):
        text = subscript(x.text, ", ".join([":"] * at + [index.text]))
        return Written(text, (*rest[:at], *index.axes, *rest[at:]), fresh=bool(index.axes))
    order = writer.layout(node)
    texts = [aligned(index if a == axis else _positions(writer, a), order) for a in x.axes]
    return Written(subscript(x.text, ", ".join(texts)), order, fresh=True)


def _check_range(writer: Writer, node: Node, index: Written, x: Written) -> None:
    """Write the check of an index that the arguments decide; what is made of positions and sizes is in range."""
    where, (axis,) = node.operands[1], node.attrs
    if where not in writer.plan.given or (where, axis) in writer.checked:
        return
    writer.checked.add((where, axis))
    writer.helpers["_in_range"] = _IN_RANGE
    name = x.text if x.text.isidentifier() else "an array"
    writer.statement(f'_in_range({index.text}, {writer.size(axis)}, "{name}")', node)


def _basic(writer: Writer, index: Node, axis: Axis) -> tuple[str, Axes] | None:
    """Return the slice or the number that an index is, and the axes it leaves."""
    form: Affine | None = writer.affine.get(index)
    if form is None or form.axis in writer.held:
        return None
    text = slice_text(form, axis.extent, writer.dimensions)
    return None if text is None else (text, () if form.axis is None else (form.axis,))


def _positions(writer: Writer, axis: Axis) -> Written:
    return Written(f"np.arange({writer.size(axis)})", (axis,))


def _diagonal(x: Written, axis: Axis, other: Axis) -> Written:
    """Read where two axes have the same position: NumPy puts the diagonal last."""
    i, j = sorted((x.axes.index(axis), x.axes.index(other)))
    where = "" if len(x.axes) == 2 else f", axis1={i}, axis2={j}"
    return Written(f"np.diagonal({x.text}{where})", (*(a for a in x.axes if a not in (axis, other)), other))


def scatter(writer: Writer, node: Node) -> Written:
    """Write an array of zeros and accumulate into it; a diagonal matrix is np.diag."""
    (x, index), (axis, over) = node.operands, node.attrs
    array, form = writer.operand(x), writer.affine.get(index)
    along = () if form is None or form.axis is None or over else (form.axis,)
    on_diagonal = form is not None and bool(along) and slice_text(form, axis.extent, writer.dimensions) == ":"
    if on_diagonal and x.is_const(1):
        return Written(f"np.eye({writer.size(axis)})", (*along, axis), fresh=True, ordered=True)
    if on_diagonal and array.axes == along:
        return Written(f"np.diag({array.text})", (*along, axis), fresh=True, ordered=True)
    return _accumulated(writer, node, [node])


def joined(writer: Writer, node: Node) -> Written:
    """Write a sum of scatters along one axis: np.concatenate or np.stack where they tile it, else into zeros."""
    pieces = writer.plan.pieces[node]
    return _tiled(writer, node, pieces) or _accumulated(writer, node, pieces)


def _accumulated(writer: Writer, node: Node, pieces: Sequence[Node]) -> Written:
    order = writer.layout(node)
    name = writer.fresh_name(node)
    writer.statement(f"{name} = np.zeros({writer.shape(order)}{_EMPTY[node.dtype]})", node)
    for piece in pieces:
        writer.statement(_accumulation(writer, piece, name, order, only=len(pieces) == 1), piece)
    return Written(name, order, fresh=True, ordered=True)


def _accumulation(writer: Writer, piece: Node, name: str, order: Axes, *, only: bool) -> str:
    """Return the statement that adds one scatter into the array `name`."""
    (x, index), (axis, over) = piece.operands, piece.attrs
    array, at = writer.operand(x), order.index(axis)
    basic = _basic(writer, index, axis)
    if basic is not None and set(basic[1]) == set(over) and axis not in array.axes:
        text, new = basic
        target = ", ".join([":"] * at + [text])
        inner = (*order[:at], *new, *order[at + 1 :])
        return f"{name}[{target}] {'=' if only else '+='} {aligned(array, inner)}"
    positions = writer.operand(index)
    if extra := [a for a in over if a not in positions.axes]:
        array = total(array, extra)
    summed = tuple(a for a in positions.axes if a in over)
    if at == 0 and summed == positions.axes and over:
        return f"np.add.at({name}, {positions.text}, {_filled(writer, array, (*positions.axes, *order[1:]))})"
    loops = (*(a for a in order if a != axis), *summed)
    texts = [aligned(positions if a == axis else _positions(writer, a), loops) for a in order]
    if not over:
        return f"{name}[{', '.join(texts)}] {'=' if only else '+='} {aligned(array, loops)}"
    return f"np.add.at({name}, ({', '.join(texts)}{',' if len(texts) == 1 else ''}), {_filled(writer, array, loops)})"


def _filled(writer: Writer, array: Written, order: Axes) -> str:
    """Return the text of the array along all these axes: np.add.at reads past the end of one it has to broadcast."""
    text = aligned(array, order)
    if not array.axes or set(order) <= set(array.axes):
        return text
    return f"np.broadcast_to({text}, {writer.shape(order)})"


def _tiled(writer: Writer, node: Node, pieces: Sequence[Node]) -> Written | None:
    """Return a concatenation, if the pieces lie one behind the other and fill the axis."""
    axis, end = pieces[0].attrs[0], Extent.of(0)
    forms = [writer.affine.get(p.operands[1]) for p in pieces]
    stacked = forms[0] is not None and forms[0].axis is None
    arrays = [writer.operand(p.operands[0]) for p in pieces]
    order = writer.layout(node)
    at = order.index(axis)
    parts: list[str] = []
    for form, piece, array in zip(forms, pieces, arrays, strict=True):
        if form is None or form.offset != end or form.step not in (0, 1):
            return None
        along = () if form.axis is None else (form.axis,)
        inner = (*order[:at], *along, *order[at + 1 :])
        if set(array.axes) != set(inner) or tuple(piece.attrs[1]) != along or stacked != (form.axis is None):
            return None
        parts.append(permuted(array, inner))
        end = end + (Extent.of(1) if form.axis is None else form.axis.extent)
    if end != axis.extent:
        return None
    where = f", axis={at}" if at else ""
    if not stacked:
        return Written(f"np.concatenate(({', '.join(parts)}){where})", order, fresh=True)
    if len(order) == 1:
        return Written(f"np.array([{', '.join(parts)}])", order, fresh=True, ordered=True)
    return Written(f"np.stack(({', '.join(parts)}){where})", order, fresh=True)
