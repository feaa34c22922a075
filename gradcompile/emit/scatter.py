"""Accumulating at computed positions: slices, np.add.at, concatenations of what lies one behind the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gradcompile.emit import indexing
from gradcompile.emit.affine import slice_text
from gradcompile.emit.contraction import total
from gradcompile.emit.layout import EMPTY, Axes, Written, aligned, permuted
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, Node

if TYPE_CHECKING:
    from gradcompile.emit.gather import Spread
    from gradcompile.emit.numpy_target import Writer

_ADD = '''
def _add(x, index, values, guard):
    """Add values to x at an index where the guard holds; an index that comes twice gets both."""
    index = index if isinstance(index, tuple) else (index,)
    *index, guard = np.broadcast_arrays(*index, guard)
    values = np.broadcast_to(values, (*guard.shape, *x.shape[len(index) :]))
    np.add.at(x, tuple([i[guard] for i in index]), values[guard])
'''


def scatter(writer: Writer, node: Node) -> Written:
    """Write an array of zeros and accumulate into it; a diagonal matrix is np.diag."""
    spread = writer.plan.spreads[node]
    if spread.moved is not None:
        return _moved(writer, spread)
    if len(spread.index) == 1 and (diagonal := _diagonal(writer, spread)) is not None:
        return diagonal
    return _accumulated(writer, node, [node])


def joined(writer: Writer, node: Node) -> Written:
    """Write a sum of scatters along one axis: np.concatenate or np.stack where they tile it, else into zeros."""
    pieces = writer.plan.pieces[node]
    return _tiled(writer, node, pieces) or _accumulated(writer, node, pieces)


def _diagonal(writer: Writer, spread: Spread) -> Written | None:
    ((axis, index),) = spread.index
    form, array = writer.affine.get(index), writer.operand(spread.value)
    if form is None or form.axis is None or spread.over or spread.guards or form.axis in writer.held:
        return None
    if slice_text(form, axis.extent, writer.dimensions) != ":":
        return None
    order = (form.axis, axis)
    if spread.value.is_const(1):
        return Written(f"np.eye({writer.size(axis)})", order, fresh=True, ordered=True)
    return Written(f"np.diag({array.text})", order, fresh=True, ordered=True) if array.axes == order[:1] else None


def _moved(writer: Writer, spread: Spread) -> Written:
    """Return an array moved along an axis: the guard only keeps the index in range."""
    ((axis, index),) = spread.index
    form, array = writer.affine[index], writer.operand(spread.value)
    assert form.axis is not None
    assert spread.moved is not None
    order = tuple(axis if a == form.axis else a for a in array.axes)
    return Written(indexing.shifted(writer, array, spread.moved, form.axis), order, fresh=True)


def _accumulated(writer: Writer, node: Node, pieces: Sequence[Node]) -> Written:
    order = writer.layout(node)
    name = writer.fresh_name(node)
    apart, filled = _apart(writer, pieces)
    start = "np.empty" if filled else "np.zeros"
    writer.statement(f"{name} = {start}({writer.shape(order)}{EMPTY[node.dtype]})", node)
    for piece in pieces:
        accumulate(writer, piece, name, order, only=len(pieces) == 1 or apart)
    return Written(name, order, fresh=True, ordered=True)


def accumulate(writer: Writer, piece: Node, name: str, order: Axes, *, only: bool = False) -> None:
    """Write the statement that adds one scatter to the array `name`, which has these axes."""
    spread = writer.plan.spreads[piece]
    if spread.moved is not None:
        writer.statement(f"{name} += {aligned(_moved(writer, spread), order)}", piece)
        return
    guards = [g for g in spread.guards if not writer.axes(g)]
    if guards:
        writer.put(f"if {indexing.condition(writer, guards).text}:")
    with writer.indented(bool(guards)):
        arrays = [g for g in spread.guards if writer.axes(g)]
        guard = indexing.condition(writer, arrays) if arrays else None
        writer.statement(_addition(writer, spread, guard, name, order, only=only), piece)


def _addition(writer: Writer, spread: Spread, guard: Written | None, name: str, order: Axes, *, only: bool) -> str:
    array, index = writer.operand(spread.value), dict(spread.index)
    plain = {a: indexing.basic(writer, i, a) for a, i in index.items()}
    new = [b for found in plain.values() if found is not None for b in found[1]]
    rest = [a for a in order if a not in index]
    outer = [a for a in spread.over if a not in new]
    own = guard is None and None not in plain.values() and len(set(new)) == len(new) and set(new) <= spread.over
    if own and not set(new) & set(rest):
        array = _summed(array, outer)
        chosen = indexing.select(writer, order, index)
        target = f"{name}[{chosen.text}]" if chosen.text else name
        return f"{target} {'=' if only and chosen.text else '+='} {aligned(array, chosen.axes)}"
    arrays = {a: writer.operand(i) for a, i in index.items()}
    known = {a for found in (*arrays.values(), *([guard] if guard else [])) for a in found.axes}
    array = _summed(array, [a for a in spread.over if a not in known])
    return _added(writer, array, arrays, guard, name, order, spread, only=only)


def _apart(writer: Writer, pieces: Sequence[Node]) -> tuple[bool, bool]:
    """Return whether pieces lie one behind the other along one axis, and whether they fill it."""
    spreads = [writer.plan.spreads[p] for p in pieces]
    axis, _ = spreads[0].index[0]
    if any(len(s.index) != 1 or s.guards or s.index[0][0] != axis for s in spreads):
        return False, False
    end = Extent.of(0)
    for spread in _in_order(writer, spreads):
        form = writer.affine.get(spread.index[0][1])
        if form is None or form.offset != end or form.step not in (0, 1) or form.axis in writer.held:
            return False, False
        if spread.over != (set() if form.axis is None else {form.axis}):
            return False, False
        end = end + (Extent.of(1) if form.axis is None else form.axis.extent)
    return True, end == axis.extent


def _summed(array: Written, axes: Sequence[Axis]) -> Written:
    mine = [a for a in axes if a in array.axes]
    return total(array, mine) if mine else array


def _added(
    writer: Writer, array: Written, arrays: Mapping[Axis, Written], guard: Written | None, name: str, order: Axes,
    spread: Spread, *, only: bool,
) -> str:  # fmt: skip
    """Return the statement that adds at arrays of positions: one for each axis that they depend on."""
    guarded = [guard] if guard is not None else []
    known = {a for found in (*arrays.values(), *guarded) for a in found.axes}
    places = {a: arrays.get(a) or indexing.positions_of(writer, a) for a in order if a in arrays or a in known}
    lead = tuple(a for a in order if a in places)
    if order[: len(lead)] != lead:
        places |= {a: indexing.positions_of(writer, a) for a in order if a not in places}
        lead = order
    loops = indexing.common(writer, [*places.values(), *guarded])
    texts = [aligned(places[a], loops) for a in lead]
    where = texts[0] if len(texts) == 1 else f"({', '.join(texts)})"
    full = (*loops, *order[len(lead) :])
    if guard is not None:
        writer.helpers["_add"] = _ADD.strip("\n")
        return f"_add({name}, {where}, {aligned(array, full)}, {aligned(guard, loops)})"
    if not set(spread.over) & set(loops):
        return f"{name}[{', '.join(texts)}] {'=' if only else '+='} {aligned(array, full)}"
    return f"np.add.at({name}, {where}, {_filled(writer, array, full)})"


def _filled(writer: Writer, array: Written, order: Axes) -> str:
    """Return the text of the array along all these axes: np.add.at reads past the end of one it has to broadcast."""
    text = aligned(array, order)
    if not array.axes or set(order) <= set(array.axes):
        return text
    return f"np.broadcast_to({text}, {writer.shape(order)})"


def _tiled(writer: Writer, node: Node, pieces: Sequence[Node]) -> Written | None:
    """Return a concatenation, if the pieces lie one behind the other and fill the axis."""
    spreads = [writer.plan.spreads[p] for p in pieces]
    axis, end = spreads[0].index[0][0], Extent.of(0)
    if any(len(s.index) != 1 or s.guards or s.index[0][0] != axis for s in spreads):
        return None
    spreads = list(_in_order(writer, spreads))
    forms = [writer.affine.get(s.index[0][1]) for s in spreads]
    stacked = forms[0] is not None and forms[0].axis is None
    arrays = [writer.operand(s.value) for s in spreads]
    order = writer.layout(node)
    at = order.index(axis)
    parts: list[str] = []
    for form, spread, array in zip(forms, spreads, arrays, strict=True):
        if form is None or form.offset != end or form.step not in (0, 1) or form.axis in writer.held:
            return None
        along = () if form.axis is None else (form.axis,)
        inner = (*order[:at], *along, *order[at + 1 :])
        if set(array.axes) != set(inner) or spread.over != set(along) or stacked != (form.axis is None):
            return None
        parts.append(permuted(array, inner))
        end = end + (Extent.of(1) if form.axis is None else form.axis.extent)
    if end != axis.extent:
        return None
    where = f", axis={at}" if at else ""
    if not stacked:
        return Written(f"np.concatenate(({', '.join(parts)}){where})", order, fresh=True)
    if len(order) == 1:
        return Written(f"np.array([{', '.join(parts)}]{writer.of_type(node)})", order, fresh=True, ordered=True)
    return Written(f"np.stack(({', '.join(parts)}){where})", order, fresh=True)


def _in_order(writer: Writer, spreads: Sequence[Spread]) -> Sequence[Spread]:
    """Return the pieces one behind the other, if that is how they lie."""
    waiting, found, end = list(spreads), [], Extent.of(0)
    while waiting:
        forms = {i: writer.affine.get(s.index[0][1]) for i, s in enumerate(waiting)}
        following = next((i for i, form in forms.items() if form is not None and form.offset == end), None)
        if following is None or (form := forms[following]) is None:
            return spreads
        found.append(waiting.pop(following))
        end = end + (Extent.of(1) if form.axis is None else form.axis.extent)
    return found
