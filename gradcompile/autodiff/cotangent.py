"""Cotangents with their conditions, so that an untaken branch can never put a NaN into a gradient.

A gate that routes (where, max, relu, …) hands upstream to one operand under a condition. Multiplying a zero by the
next gate's local gradient would be wrong where that is infinite, so the condition travels with the cotangent and is
applied after the multiplication: ``where(c, upstream * local, 0)``, never ``where(c, upstream, 0) * local``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradcompile.gates import build
from gradcompile.gates.registry import GATES
from gradcompile.gates.select import anywhere, summed
from gradcompile.ir.nodes import Axis, DType, Kind, Node


@dataclass(frozen=True)
class Cotangent:
    """An upstream gradient that counts only where `mask` holds (everywhere if None).

    `settled`: the value is 0 already where the mask does not hold.
    """

    value: Node
    mask: Node | None = None
    settled: bool = True

    def settle(self) -> Node:
        """Return the upstream gradient as a plain node."""
        if self.mask is None or self.settled:
            return self.value
        return build.gate("where", self.mask, self.value, build.const(self.value.graph, 0.0))

    def routed(self, condition: Node) -> Cotangent:
        """Return what arrives where the condition holds as well."""
        mask = condition if self.mask is None or self.mask is condition else build.gate("and", self.mask, condition)
        return Cotangent(self.value, mask, settled=False)

    def times(self, local: Node) -> Cotangent:
        """Return upstream times local."""
        if local.is_const(1):
            return self
        if self.mask is None or is_finite(local):
            return Cotangent(_product(self.settle(), local), self.mask)
        return Cotangent(_product(self.value, local), self.mask, settled=False)

    def summed(self, axes: Sequence[Axis]) -> Cotangent:
        """Return the sum over axes along which the operand was copied: where broadcasting is undone."""
        if not axes:
            return self
        mask = self.mask
        if mask is None or not set(mask.axes) & set(axes):
            return Cotangent(_sum(self.value, axes), mask, self.settled)
        return Cotangent(_sum(self.settle(), axes), anywhere_along(mask, axes))


def _sum(value: Node, axes: Sequence[Axis]) -> Node:
    for axis in reversed(tuple(axes)):
        value = summed(value, axis)
    return value


def anywhere_along(mask: Node, axes: Sequence[Axis]) -> Node:
    """Return whether a mask holds somewhere along axes."""
    for axis in reversed([a for a in axes if a in mask.axes]):
        mask = anywhere(mask, axis)
    return mask


def _product(upstream: Node, local: Node) -> Node:
    if local.is_const(-1):
        return build.gate("neg", upstream)
    if upstream.is_const(1):
        return build.as_real(local)
    return build.gate("mul", upstream, local)


def accumulate(parts: Sequence[Cotangent]) -> Cotangent:
    """Add what arrives over several paths: the copy gate's backward pass."""
    total = parts[0]
    for part in parts[1:]:
        if total.mask is part.mask:
            settled = total.settled and part.settled
            total = Cotangent(build.gate("add", total.value, part.value), total.mask, settled)
            continue
        value = build.gate("add", total.settle(), part.settle())
        unmasked = total.mask is None or part.mask is None
        total = Cotangent(value, None if unmasked else build.gate("or", total.mask, part.mask))  # type: ignore[arg-type]
    return total


def is_finite(node: Node) -> bool:
    """Is a local gradient surely finite for finite inputs? Looks a few gates deep; overflow is left aside."""
    stack, looked = [node], 0
    while stack:
        current = stack.pop()
        looked += 1
        if looked > 32 or (current.kind is Kind.GATE and not GATES[current.name].finite):
            return False
        if current.kind is Kind.REDUCE and current.name not in ("sum", "max", "min", "argmax", "argmin"):
            return False
        if current.kind in (Kind.HISTORY, Kind.SCATTER, Kind.ARRAY) and current.dtype is DType.REAL:
            return False
        stack.extend(o for o in current.operands if o.dtype is DType.REAL)
    return True
