"""Mistakes in a derivation, made at one gate of the compiler's own backward pass.

A gate hands upstream times local to each operand. It can go wrong there by leaving out an operand, a factor of the
local gradient or the sum over a copied axis, by a wrong sign, by the local gradient at another place. Each mistake is
such a change at one gate; the rest of the pass is the right one, so what comes out is the gradient that someone gets
who makes this mistake and no other.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gradcompile.autodiff.cotangent import Cotangent
from gradcompile.autodiff.reverse import Downstream, downstream
from gradcompile.diagnosis.local import (
    MINUS,
    Around,
    Factor,
    bindings_of,
    factors_of,
    kind_of_factor,
    names_in,
    product_of,
    rules_of,
)
from gradcompile.gates import build
from gradcompile.gates.template import Bindings, Template
from gradcompile.ir.nodes import Kind, Node
from gradcompile.syntax.program import Reader, Value

Parts = list[tuple[Node, Cotangent]]
Change = Callable[[Node, Cotangent, Parts], Parts]


@dataclass(frozen=True)
class Mistake:
    """A change at the `at`-th gate of a backward pass; `natural`: something that is there is left out or mistaken."""

    kind: str
    at: int
    gate: Node
    operand: Node | None
    change: Change
    natural: bool = True
    lost: Factor | None = None  # the part of the local gradient that is left out
    rule: Template | None = None  # the local gradient
    axis: str = ""  # the axis over which there is a sum too few or too many
    instead: Node | None = None  # the place at which the local gradient is taken by mistake
    place: Node | None = None  # and the one that is right
    alone: bool = False  # is it upstream that is left out, not a part of the local gradient?


@dataclass
class Step:
    """A gate of the backward pass: its number, what arrives, and what it hands back."""

    at: int
    gate: Node
    upstream: Cotangent
    parts: Parts


class Recorder:
    """The right rules, and a record of where they were applied."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def __call__(self, node: Node, upstream: Cotangent, leaves: set[Node]) -> Downstream:
        """Hand back what the rules say."""
        step = Step(len(self.steps), node, upstream, [])
        self.steps.append(step)
        step.parts = list(downstream(node, upstream, leaves, self))
        return iter(step.parts)


class Mistaken:
    """The right rules but for one gate, or for several."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes, self.count = mistakes, 0

    def __call__(self, node: Node, upstream: Cotangent, leaves: set[Node]) -> Downstream:
        """Hand back what the rules say, or what the mistake at the gate makes of it."""
        mine, self.count = self.count, self.count + 1
        parts = list(downstream(node, upstream, leaves, self))
        for mistake in self.mistakes:
            if mine == mistake.at and node.op == mistake.gate.op:
                parts = mistake.change(node, upstream, parts)
        return iter(parts)


def backward(read: Reader, tree: ast.expr) -> list[Step]:
    """Return the gates of the backward passes of an expression with derivatives, in their order."""
    recorder = Recorder()
    read(tree, hand_back=recorder)
    return recorder.steps


def value_with(read: Reader, tree: ast.expr, *mistakes: Mistake) -> Value:
    """Return what an expression with derivatives comes to with mistakes in it."""
    return read(tree, hand_back=Mistaken(mistakes))


def possible(steps: Sequence[Step], around: Around) -> Iterator[Mistake]:
    """Yield the mistakes that can be made."""
    active = {step.gate for step in steps}
    users: dict[Node, int] = {}
    for step in steps:
        for operand, _ in step.parts:
            users[operand] = users.get(operand, 0) + 1
    leaves = {o for s in steps for o, _ in s.parts if o.kind is Kind.INPUT}
    for step in steps:
        live = [k for k, (o, _) in enumerate(step.parts) if o in active or o in leaves]
        for k in live:
            operand = step.parts[k][0]
            yield from _without_sum(step, k)
            yield from _of_local(step, k, around)
            fans_out = users[operand] > 1 or operand.kind is Kind.INPUT
            if fans_out or len(live) > 1:
                term = step.gate.op in ("add", "sub") and not step.gate.axes
                yield Mistake("missing-path", step.at, step.gate, operand, _dropped(k), natural=fans_out or term)
            yield Mistake("sign", step.at, step.gate, operand, _scaled(k, -1), natural=False)
            yield from _with_sum(step, k)
        if len(live) > 1:
            natural = step.gate.kind is Kind.GATE and step.gate.name == "sub"
            yield Mistake("sign", step.at, step.gate, None, _negated, natural=natural, lost=Factor(MINUS))


# What is done to the parts that a gate hands back


def _changed(parts: Parts, k: int, new: Cotangent | None) -> Parts:
    if k >= len(parts):
        return parts
    return [*parts[:k], *([] if new is None else [(parts[k][0], new)]), *parts[k + 1 :]]


def _dropped(k: int) -> Change:
    return lambda gate, upstream, parts: _changed(parts, k, None)


def _times(cotangent: Cotangent, factor: float) -> Cotangent:
    return cotangent.times(build.const(cotangent.value.graph, factor))


def _scaled(k: int, factor: float) -> Change:
    return lambda gate, upstream, parts: _changed(parts, k, _times(parts[k][1], factor))


def _negated(gate: Node, upstream: Cotangent, parts: Parts) -> Parts:
    return [(operand, _times(part, -1)) for operand, part in parts]


def _without_sum(step: Step, k: int) -> Iterator[Mistake]:
    """The sum over an axis along which the operand was copied is left out."""
    operand = step.parts[k][0]
    if step.gate.kind is not Kind.GATE:
        return
    for axis in step.gate.axes:
        if axis in operand.axes:
            continue

        def change(gate: Node, upstream: Cotangent, parts: Parts, left: str = str(axis)) -> Parts:
            operand, summed = parts[k]
            rule = rules_of(gate)[k][1]
            arriving = _arriving(gate, upstream, None if rule is None else rule.build(gate.graph, bindings_of(gate)))
            copied = [a for a in gate.axes if a not in operand.axes and str(a) != left]
            return _changed(parts, k, arriving.summed(copied) if arriving else summed)

        yield Mistake("missing-sum", step.at, step.gate, operand, change, axis=str(axis.extent))


def _with_sum(step: Step, k: int) -> Iterator[Mistake]:
    """What is handed back is summed over an axis of the operand."""
    operand, part = step.parts[k]
    for axis in operand.axes:
        if axis not in part.value.axes:
            continue

        def change(gate: Node, upstream: Cotangent, parts: Parts, over: str = str(axis)) -> Parts:
            found = [a for a in parts[k][1].value.axes if str(a) == over]
            return _changed(parts, k, parts[k][1].summed(found))

        yield Mistake("extra-sum", step.at, step.gate, operand, change, natural=False, axis=str(axis.extent))


# Local gradients


def _arriving(gate: Node, upstream: Cotangent, local: Node | None) -> Cotangent | None:
    return None if local is None else upstream.times(local)


def _local_change(k: int, make: Callable[[Node], Node | None]) -> Change:
    """Return the change that puts another local gradient in the place of the right one."""

    def change(gate: Node, upstream: Cotangent, parts: Parts) -> Parts:
        local = make(gate)
        arriving = upstream if local is None else upstream.times(local)
        operand = parts[k][0]
        return _changed(parts, k, arriving.summed([a for a in arriving.value.axes if _is_copied(a, gate, operand)]))

    return change


def _without_upstream(k: int) -> Change:
    """Return the change that hands the local gradient back as if 1 had arrived."""

    def change(gate: Node, upstream: Cotangent, parts: Parts) -> Parts:
        operand, rule = rules_of(gate)[k]
        one = Cotangent(build.const(gate.graph, 1.0), upstream.mask, upstream.mask is None)
        arriving = one if rule is None else one.times(rule.build(gate.graph, bindings_of(gate)))
        return _changed(parts, k, arriving.summed([a for a in arriving.value.axes if _is_copied(a, gate, operand)]))

    return change


def _is_copied(axis: object, gate: Node, operand: Node) -> bool:
    return axis in gate.axes and axis not in operand.axes


def _of_local(step: Step, k: int, around: Around) -> Iterator[Mistake]:
    rules = rules_of(step.gate)
    if len(rules) != len(step.parts):
        return
    operand, rule = rules[k]
    bindings = bindings_of(step.gate)
    if not step.upstream.value.is_const():
        yield Mistake("missing-local", step.at, step.gate, operand, _without_upstream(k), natural=False, alone=True)
    if _is_of_one(step.gate) and (rule is None or _reads_operand(rule)):
        change = _local_change(k, lambda gate: gate)
        yield Mistake("missing-local", step.at, step.gate, operand, change, rule=rule, instead=step.gate)
    if rule is None:  # what is routed is not: everything arrives everywhere
        yield Mistake("missing-local", step.at, step.gate, operand, _local_change(k, lambda gate: None))
        return
    yield from _without_factors(step, k, rule, around)
    if step.gate.kind is Kind.GATE and step.gate.name == "mul":
        yield _unswapped(step, k, rule, bindings)
    else:
        yield from _elsewhere(step, k, rule, around)


def _is_of_one(gate: Node) -> bool:
    """Is it a gate of one value, beside literals?"""
    return gate.kind is Kind.GATE and sum(not o.is_const() for o in gate.operands) == 1


def _reads_operand(rule: Template) -> bool:
    return rule.op not in ("name", "const") and not set(names_in(rule)) <= {"out"}


def _without_factors(step: Step, k: int, rule: Template, around: Around) -> Iterator[Mistake]:
    """One factor of the local gradient is left out, or all of them."""
    operand = step.parts[k][0]
    factors = list(factors_of(rule, bindings_of(step.gate), around))
    for place, lost in enumerate(factors):
        kept = [f for i, f in enumerate(factors) if i != place]
        change = _local_change(k, lambda gate, kept=kept: product_of(gate, kept))  # type: ignore[misc]
        kind = kind_of_factor(lost, step.gate, around)
        yield Mistake(kind, step.at, step.gate, operand, change, lost=lost, rule=rule)
    if len(factors) > 1:
        kind = kind_of_factor(Factor(rule), step.gate, around)
        change = _local_change(k, lambda gate: None)
        yield Mistake(kind, step.at, step.gate, operand, change, lost=Factor(rule), rule=rule)


def _unswapped(step: Step, k: int, rule: Template, bindings: Bindings) -> Mistake:
    """The mul gate hands an operand upstream times itself, not times the other one."""
    own = {"a": "b", "b": "a"}[rule.axis]

    def make(gate: Node) -> Node:
        found = bindings_of(gate)[own]
        assert isinstance(found, Node)
        return found

    right = bindings[rule.axis]
    assert isinstance(right, Node)
    operand = step.parts[k][0]
    return Mistake("swapped", step.at, step.gate, operand, _local_change(k, make), place=right, instead=operand)


def _elsewhere(step: Step, k: int, rule: Template, around: Around) -> Iterator[Mistake]:
    """The local gradient is taken at another place: of the input for the output, of another variable."""
    gate, bindings = step.gate, bindings_of(step.gate)
    for name in sorted({n for n in names_in(rule) if isinstance(bindings[n], Node)}):
        right = bindings[name]
        assert isinstance(right, Node)
        others = [n for n in around.variables if n not in (right, gate, step.parts[k][0])]
        for instead in [*([None] if len(gate.operands) == 1 else []), *others]:
            if instead is not None and instead.axes != right.axes:
                continue

            def make(gate: Node, name: str = name, instead: Node | None = instead) -> Node:
                other = instead or (gate.operands[0] if name == "out" else gate)
                return rule.build(gate.graph, {**bindings_of(gate), name: other})

            shown = instead or (gate.operands[0] if name == "out" else gate)
            yield Mistake(
                "wrong-place", step.at, gate, step.parts[k][0], _local_change(k, make),
                natural=instead is None and gate.op != "square",  # else it is a power that is wrong
                rule=rule, place=right, instead=shown,
            )  # fmt: skip
