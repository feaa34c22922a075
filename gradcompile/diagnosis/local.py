"""The local gradients of gates, in their factors: what of one can be left out, and whether that is a constant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradcompile.gates import build
from gradcompile.gates.record import Gate, Reduction
from gradcompile.gates.registry import GATES, REDUCE
from gradcompile.gates.template import Bindings, Template, formula
from gradcompile.ir.nodes import DType, Kind, Node

MINUS = Template("const", value=-1)


@dataclass(frozen=True)
class Factor:
    """A factor of a local gradient: a part of its rule, or a constant that is a part of an operand."""

    rule: Template
    inverse: bool = False
    node: Node | None = None


@dataclass(frozen=True)
class Around:
    """What a person knows beside the gates: the variables, and the inputs that count as constants."""

    variables: tuple[Node, ...]
    constants: frozenset[str]


def _record(gate: Node) -> Gate | Reduction | None:
    if gate.kind is Kind.GATE:
        return GATES[gate.name]
    return REDUCE[gate.name] if gate.kind is Kind.REDUCE else None


def rules_of(gate: Node) -> list[tuple[Node, Template | None]]:
    """Return, for each part that the gate hands back, the operand and its rule; None where it is routed to."""
    record = _record(gate)
    if isinstance(record, Gate):
        rules = record.routes or record.partials
        pairs = zip(gate.operands, rules, strict=True)
        kept = [(o, r) for o, r in pairs if r is not None and o.dtype is DType.REAL]
        return [(o, None if record.routes else formula(r)) for o, r in kept]
    if isinstance(record, Reduction) and record.partial:
        return [(gate.operands[0], formula(record.partial))]
    return [(gate.operands[0], None)] if isinstance(record, Reduction) else []


def bindings_of(gate: Node) -> Bindings:
    """Return what the names in a gate's local gradients stand for."""
    record = _record(gate)
    if isinstance(record, Gate):
        return {**dict(zip(record.arguments, gate.operands, strict=True)), "out": gate}
    return {"x": gate.operands[0], "out": gate, "k": gate.attrs[0]}


def factors_of(rule: Template, bindings: Bindings, around: Around, *, inverse: bool = False) -> Iterator[Factor]:
    """Yield the factors of a local gradient, those of a constant operand one by one."""
    match rule.op:
        case "mul":
            for part in rule.args:
                yield from factors_of(part, bindings, around, inverse=inverse)
        case "div":
            yield from factors_of(rule.args[0], bindings, around, inverse=inverse)
            yield from factors_of(rule.args[1], bindings, around, inverse=not inverse)
        case "neg":
            yield Factor(MINUS)
            yield from factors_of(rule.args[0], bindings, around, inverse=inverse)
        case "const":
            if rule.value < 0:
                yield Factor(MINUS)
            if abs(rule.value) != 1:
                yield Factor(Template("const", value=abs(rule.value)), inverse)
        case "name" if isinstance(bound := bindings[rule.axis], Node) and is_plain(bound, around.constants):
            yield from _of_constant(rule, bound, inverse)
        case _:
            yield Factor(rule, inverse)


def _of_constant(rule: Template, node: Node, inverse: bool) -> Iterator[Factor]:
    if node.kind is Kind.GATE and node.name in ("mul", "div"):
        yield from _of_constant(rule, node.operands[0], inverse)
        yield from _of_constant(rule, node.operands[1], inverse != (node.name == "div"))
    elif node.kind is Kind.GATE and node.name == "neg":
        yield Factor(MINUS)
        yield from _of_constant(rule, node.operands[0], inverse)
    elif not node.is_const(1):
        yield Factor(rule, inverse, node)


def kind_of_factor(lost: Factor, gate: Node, around: Around) -> str:
    """Return the kind of mistake that it is to leave a factor out."""
    if lost.rule is MINUS:
        return "sign"
    constant = lost.node is not None or is_constant(lost.rule, bindings_of(gate), around.constants)
    return "factor" if constant else "missing-local"


def is_constant(rule: Template, bindings: Bindings, constants: frozenset[str]) -> bool:
    """Is it a number, made of literals, sizes and scalars that are not differentiated?"""
    if rule.op == "const":
        return True
    if rule.op == "name":
        bound = bindings[rule.axis]
        return isinstance(bound, Node) and is_plain(bound, constants)
    return not rule.axis and all(is_constant(a, bindings, constants) for a in rule.args)


def is_plain(node: Node, constants: frozenset[str]) -> bool:
    """Is it a number that nothing decides but literals, sizes and some scalars?"""
    stack = [node]
    while stack:
        current = stack.pop()
        if current.axes or current.carries or current.kind in (Kind.RECURRENCE, Kind.HISTORY):
            return False
        if current.kind is Kind.INPUT and current.name not in constants:
            return False
        stack += current.operands
    return True


def product_of(gate: Node, factors: Sequence[Factor]) -> Node | None:
    """Return the product of factors of a gate's local gradient; None for 1."""
    bindings, result = bindings_of(gate), None
    for factor in factors:
        node = factor.node or factor.rule.build(gate.graph, bindings)
        if factor.inverse:
            result = build.gate("div", result or build.const(gate.graph, 1.0), node)
        else:
            result = node if result is None else build.gate("mul", result, node)
    return result


def names_in(rule: Template) -> Iterator[str]:
    """Yield the names that a local gradient is made of."""
    if rule.op == "name":
        yield rule.axis
    for part in rule.args:
        yield from names_in(part)
