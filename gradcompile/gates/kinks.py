"""Where a graph may have a kink or a jump: the gates whose records name one, unless what they read cannot be there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from gradcompile.gates.registry import ARRAY, GATES
from gradcompile.gates.structure import is_nonnegative, is_positive
from gradcompile.ir.nodes import DType, Kind, Node, reachable

_CHOOSING = frozenset({"max", "min", "argmax", "argmin", "norm", "top"})  # reductions
_SPECTRAL = frozenset({"eigh", "svd", "lstsq", "pinv"})  # array gates: where two eigenvalues meet, or the rank changes


def kinks(
    roots: Iterable[Node], names: Collection[str] | None = None, also: Callable[[Node], bool] = lambda node: False
) -> list[Node]:
    """Return the gates behind some nodes that may have a kink, or are wanted `also`, and read a real input.

    With `names`, they read one of these inputs.
    """
    varying: set[Node] = set()
    found = []
    for node in reachable(list(roots)):
        if node.kind is Kind.INPUT and (node.dtype is DType.REAL if names is None else node.name in names):
            varying.add(node)
        if node.carries or not varying.isdisjoint(node.operands):
            varying.add(node)
            if may_have_kink(node) or also(node):
                found.append(node)
    return found


def may_have_kink(node: Node) -> bool:
    """May a gate have a kink, a jump or an end of its domain at some values of its operands?"""
    match node.kind:
        case Kind.GATE:
            return _gate_may(node)
        case Kind.REDUCE:
            return node.name in _CHOOSING and node.operands[0].dtype is DType.REAL
        case Kind.ARRAY:
            return (ARRAY[node.name].group or node.name) in _SPECTRAL
    return False


def _gate_may(node: Node) -> bool:
    kink, operands = GATES[node.name].kink, node.operands
    if not kink or all(o.dtype is not DType.REAL for o in operands):
        return False  # whole numbers lie apart
    match kink:
        case "x":
            return not is_positive(operands[0])
        case "a":
            whole = operands[1].is_const() and float(operands[1].value).is_integer()  # a polynomial, or a pole
            return not whole and not is_positive(operands[0])
        case "a - b":
            return not any(is_positive(a) and _is_at_most_0(b) for a, b in (operands, operands[::-1]))
    return True


def _is_at_most_0(node: Node) -> bool:
    if node.kind is Kind.GATE and node.name == "neg":
        return is_nonnegative(node.operands[0])
    return node.is_const() and node.value <= 0
