"""Divisors that stay the same along an axis: one division for all of its elements, and a product for each.

A product with a reciprocal is right where the reciprocal is a normal number. So only divisors are taken of which that
is known: sizes, and the sum of a log-sum-exp, whose largest term is 1.
"""

from __future__ import annotations

from gradcompile.gates import build
from gradcompile.ir.nodes import DType, Kind, Node

_FACTORS = ("mul", "sqrt", "square", "real")
_LARGEST = 1e30  # of a literal, and one over it the smallest
_DEEPEST = 4  # gates in a divisor


def by_reciprocal(node: Node) -> Node:
    """Return ``x * (1 / c)`` for a quotient ``x / c`` by something moderate that lacks an axis of x."""
    if node.kind is not Kind.GATE or node.name != "div" or node.dtype is not DType.REAL:
        return node
    x, divisor = node.operands
    if not set(divisor.axes) < set(node.axes) or not _is_moderate(divisor, _DEEPEST):
        return node
    one = build.const(node.graph, 1.0)
    return build.gate("mul", x, build.gate("div", one, divisor))


def _is_moderate(node: Node, depth: int) -> bool:
    """Is a value neither very large nor very small, or else 0, infinite or NaN?"""
    match node.kind:
        case Kind.EXTENT:
            return True
        case Kind.CONST:
            return bool(1 / _LARGEST < abs(node.value) < _LARGEST)
        case Kind.GATE if node.name in _FACTORS and depth:
            return all(_is_moderate(o, depth - 1) for o in node.operands)
        case Kind.REDUCE if node.name == "sum":
            return _is_shifted_exp(node)
    return False


def _is_shifted_exp(node: Node) -> bool:
    """Is it a sum of exponentials, of which the largest is exp(0)?"""
    (term,) = node.operands
    if term.kind is not Kind.GATE or term.name != "exp":
        return False
    (exponent,) = term.operands
    if exponent.kind is not Kind.GATE or exponent.name != "sub":
        return False
    x, shift = exponent.operands
    if shift.kind is not Kind.GATE or shift.name != "finite":
        return False
    (top,) = shift.operands
    of_x = top.kind is Kind.REDUCE and top.operands[0] is x and top.attrs == node.attrs
    return of_x and top.name in ("top", "max")
