"""Rules that use what is known of the sign of a value: declared ranges, exponentials, and what is made of them."""

from __future__ import annotations

from gradcompile.gates import build
from gradcompile.gates.structure import is_positive
from gradcompile.ir.nodes import Node
from gradcompile.rewrite.engine import Rule


def _itself(node: Node) -> Node | None:
    """A positive number is its own absolute value, and passes through a relu."""
    (x,) = node.operands
    return build.as_real(x) if is_positive(x) else None


def _one(node: Node) -> Node | None:
    """The sign of a positive number is 1."""
    return build.const(node.graph, 1.0) if is_positive(node.operands[0]) else None


DOMAINS = [
    Rule("absolute value of a positive number", "abs", _itself),
    Rule("relu of a positive number", "relu", _itself),
    Rule("sign of a positive number", "sign", _one),
]
