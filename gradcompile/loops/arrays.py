"""Array gates in the loop form: a call on whole matrices, in loops over the positions of a stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gradcompile.gates.registry import ARRAY, ARRAY_GROUPS
from gradcompile.ir.nodes import Axis, Node
from gradcompile.loops.form import Allocate, Call, Loop, Statement
from gradcompile.loops.places import Place

if TYPE_CHECKING:
    from gradcompile.loops.lower import Lowering


_SEPARATE = ("eigh", "slogdet")  # groups whose gates have a function of their own as well


def array_call(outer: Lowering, nodes: Sequence[Node]) -> list[Statement]:
    """Return the call that computes some gates of one group, or one gate; a loop for each axis of the stack."""
    first, record = nodes[0], ARRAY[nodes[0].name]
    inner, _ = first.attrs
    shared = {a for i, o in enumerate(first.operands) if i != record.columns for a in o.axes}
    free = [a for a in first.axes if a not in first.attrs[1] and a not in outer.held]
    batch = tuple(a for a in free if a in shared or record.columns is None)
    columns = tuple(a for a in free if a not in batch)
    index = {a: outer.index_name(a) for a in batch}
    held = outer.held | index
    operands = tuple(
        view(outer.place(o), (*eaten, *(columns if i == record.columns else ())), held)
        for i, (o, eaten) in enumerate(zip(first.operands, inner, strict=True))
    )
    allocated: list[Statement] = []
    targets: dict[str, str] = {}
    for node in nodes:
        place = _place(outer, node, (*batch, *node.attrs[1], *columns))
        if batch and not place.lead:
            shape = tuple(a.extent for a in place.layout)
            allocated.append(Allocate(place.name, shape, node.dtype))
        at = [*place.lead, *(index[a] for a in batch)]
        targets[node.name] = f"{place.name}[{', '.join(at)}]" if at else place.name
    together = bool(record.group) and not (len(nodes) == 1 and record.group in _SEPARATE)
    names = ARRAY_GROUPS[record.group] if together else [first.name]
    function = record.group if together else first.name
    origin = first.graph.origin_of(first)
    body: list[Statement] = [Call(tuple(targets.get(n, "_") for n in names), function, operands, origin)]
    for axis in reversed(batch):
        body = [Loop(index[axis], axis.extent, body)]
    return [*allocated, *body]


def _place(outer: Lowering, node: Node, natural: tuple[Axis, ...]) -> Place:
    """Return where a result goes: over its axes in the order in which the call makes them."""
    place = outer.new_place(node, natural)
    if place.layout != natural:  # a result in another order: made here, and copied there
        place = outer.places[node] = Place(outer.fresh(""), natural)
    return place


def view(place: Place, order: Sequence[Axis], index: Mapping[Axis, str]) -> str:
    """Return the text of an array over axes in this order, its other axes held at their index."""
    parts = [*place.lead]
    for axis in place.layout:
        if axis in index:
            parts.append(place.position(axis, index[axis]))
        else:
            parts.append((f"{place.shift[axis]}:" if place.shift[axis] else ":-1") if axis in place.shift else ":")
    while parts and parts[-1] == ":":
        parts.pop()
    text = f"{place.name}[{', '.join(parts)}]" if parts else place.name
    kept = tuple(a for a in place.layout if a not in index)
    if kept == tuple(order):
        return text
    if kept == tuple(reversed(order)):
        return f"{text}.T"
    return f"np.transpose({text}, ({', '.join(str(kept.index(a)) for a in order)}))"
