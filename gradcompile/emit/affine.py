"""Indices that move in step with a position: offset + step * position, which are slices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
        case Kind.CHECK:
            return found.get(node.operands[0])
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


def within(form: Affine, length: Extent, known: Iterable[Extent] = ()) -> bool:
    """Return whether all positions are provably those of an axis of this length, where `known` sizes are 0 or more."""
    first = last = form.offset
    if form.axis is not None:
        last = form.offset + (form.axis.extent - 1) * form.step
    low, high = (first, last) if form.step >= 0 else (last, first)
    return _is_known(low, known) and _is_known(length - high - 1, known)


def holds(condition: Node, forms: Mapping[Node, Affine], known: Iterable[Extent] = ()) -> bool:
    """Return whether a comparison provably holds at all positions, where `known` sizes are 0 or more."""
    if (
        condition.kind is not Kind.GATE
        or condition.name not in _LESS
        or any(o not in forms for o in condition.operands)
    ):
        return False
    small, large = _LESS[condition.name](*condition.operands)
    rest = _sum(forms[large], _scaled(forms[small], -1))
    if rest is None:
        return False
    lowest = rest.offset - int(condition.name in ("lt", "gt"))
    if rest.axis is not None and rest.step < 0:
        lowest += (rest.axis.extent - 1) * rest.step
    return _is_known(lowest, known)


def _is_known(size: Extent, known: Iterable[Extent]) -> bool:
    """Is a size provably 0 or more, where `known` sizes are?"""
    return size.at_least(0) or any((size - k).at_least(0) for k in known)


def shift(form: Affine, length: Extent, guards: Iterable[Node], forms: Mapping[Node, Affine]) -> int | None:
    """Return k where an index is position + k, and the guards hold exactly where that is within an axis; else None."""
    by = form.offset.constant
    if form.axis is None or form.step != 1 or by is None or by == 0 or form.axis.extent != length:
        return None
    lows, highs = [Extent.of(0)], [length]
    for guard in guards:
        bound = _bound_of(guard, form.axis, forms)
        if bound is None:
            return None
        (lows if bound[0] else highs).append(bound[1])
    low, high = Extent.of(max(-by, 0)), length - max(by, 0)
    exact = all((low - x).at_least(0) for x in lows) and all((x - high).at_least(0) for x in highs)
    return by if exact and low in lows and high in highs else None


def _compares(node: Node, forms: Mapping[Node, Affine]) -> bool:
    return node.kind is Kind.GATE and node.name in _LESS and all(o in forms for o in node.operands)


def _bound_of(guard: Node, axis: Axis, forms: Mapping[Node, Affine]) -> tuple[bool, Extent] | None:
    """Return (True, first) or (False, last + 1) of the positions along an axis at which a comparison holds."""
    if not _compares(guard, forms):
        return None
    (small, large), strict = _LESS[guard.name](*guard.operands), guard.name in ("lt", "gt")
    rest = _sum(forms[large], _scaled(forms[small], -1))  # 0 <= rest, or 0 < rest
    if rest is None or rest.axis != axis or abs(rest.step) != 1:
        return None
    edge = rest.offset - int(strict)
    return (True, -edge) if rest.step == 1 else (False, edge + 1)


_LESS: dict[str, Callable[[Node, Node], tuple[Node, Node]]] = {
    "lt": lambda a, b: (a, b), "le": lambda a, b: (a, b), "gt": lambda a, b: (b, a), "ge": lambda a, b: (b, a),
}  # fmt: skip


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
