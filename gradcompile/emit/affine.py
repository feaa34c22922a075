"""Indices that move in step with a position: offset + step * position, which are slices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gradcompile.emit.sizes import extent_text
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Kind, Node


@dataclass(frozen=True)
class Affine:
    """offset + step * position along `axis`; a fixed position where there is no axis."""

    offset: Extent
    step: int = 0
    axis: Axis | None = None


def affine_forms(nodes: Iterable[Node]) -> dict[Node, Affine]:
    """Return the affine form of each node that has one; operands come before their users."""
    found: dict[Node, Affine] = {}
    for node in nodes:
        if node.dtype is DType.INT and (form := _form(node, found)) is not None:
            found[node] = form
    return found


def _form(node: Node, found: Mapping[Node, Affine]) -> Affine | None:
    match node.kind:
        case Kind.CONST:
            return Affine(Extent.of(node.value))
        case Kind.EXTENT:
            return Affine(node.attrs[0])
        case Kind.IOTA:
            return Affine(Extent.of(0), 1, node.attrs[0])
        case Kind.GATE if all(o in found for o in node.operands):
            forms = [found[o] for o in node.operands]
            if node.name == "neg":
                return _scaled(forms[0], -1)
            if node.name == "add":
                return _sum(*forms)
            if node.name == "sub":
                return _sum(forms[0], _scaled(forms[1], -1))
            if node.name == "mul":
                return _product(*forms)
    return None


def _scaled(form: Affine, factor: int) -> Affine:
    step = form.step * factor
    return Affine(form.offset * factor, step, form.axis if step else None)


def _sum(a: Affine, b: Affine) -> Affine | None:
    if a.axis is not None and b.axis is not None and a.axis != b.axis:
        return None
    step = a.step + b.step
    return Affine(a.offset + b.offset, step, (a.axis or b.axis) if step else None)


def _product(a: Affine, b: Affine) -> Affine | None:
    for one, other in ((a, b), (b, a)):
        if one.axis is None and (factor := one.offset.constant) is not None:
            return _scaled(other, factor)
    return Affine(a.offset * b.offset) if a.axis is None and b.axis is None else None


def slice_text(form: Affine, length: Extent, names: Mapping[str, str]) -> str | None:
    """Return what stands between the brackets for an axis of this length; None where no slice says it."""
    if form.axis is None:
        return _bound(form.offset, length, names)
    start, stop = form.offset, form.offset + form.axis.extent * form.step
    if form.step > 0:
        texts = ["" if start == Extent.of(0) else _bound(start, length, names)]
        texts.append("" if stop == length else _bound(stop, length, names))
    else:
        past = stop.constant
        if past is None and start == length - 1 and (start - stop) == length:
            past = -1
        if past is None:
            return None
        texts = ["" if start == length - 1 else _bound(start, length, names)]
        texts.append("" if past < 0 else str(past))
    return ":".join(texts) + (f":{form.step}" if form.step != 1 else "")


def _bound(position: Extent, length: Extent, names: Mapping[str, str]) -> str:
    if (fixed := position.constant) is not None:
        return str(fixed)
    from_end = (position - length).constant
    return str(from_end) if from_end is not None and from_end < 0 else extent_text(position, names)
