"""Reverse mode: walk the graph backwards from a base case of 1, upstream times local at every gate.

The lecture's rules are all here, once each: add distributes, mul swaps, max routes (`_gate`); a copy adds
(`accumulate`); an operand that was copied along an axis receives the sum over it (`Cotangent.summed`), and a sum
hands a copy to each term (`_reduction`). A matrix product is a mul gate under a sum gate and needs no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from gradcompile.autodiff import linalg
from gradcompile.autodiff.checkpoint import NAME, CheckpointAdjoint
from gradcompile.autodiff.cotangent import Cotangent, accumulate
from gradcompile.autodiff.recurrence import Adjoint, Upstream
from gradcompile.gates import build
from gradcompile.gates.registry import GATES, REDUCE
from gradcompile.gates.select import reads, selection
from gradcompile.gates.template import Bindings, formula
from gradcompile.ir.nodes import Axis, DType, Kind, Node, reachable

Downstream = Iterator[tuple[Node, Cotangent]]
HandBack = Callable[[Node, Cotangent, set[Node]], Downstream]
"""What each operand of a gate receives, given what arrives at the gate and where the walk ends: see `downstream`."""


def gradient(result: Node, wrt: Sequence[Node]) -> list[Node]:
    """Return the gradients of a scalar with respect to nodes; each depends at most on the axes of its node.

    A result that does not depend on a node has the literal 0 there. Several reads of one argument, over different
    axis names, are separate nodes here: see `gradients_of_arguments`.
    """
    return vjp({result: build.const(result.graph, 1.0)}, wrt)


def gradients_of_arguments(result: Node, arguments: Mapping[str, Sequence[Axis]]) -> dict[str, Node]:
    """Return the gradient for each argument over the given axes, all reads of it added up."""
    return trace(result, arguments).gradients


def vjp_of_arguments(upstream: Mapping[Node, Node], arguments: Mapping[str, Sequence[Axis]]) -> dict[str, Node]:
    """Return, for each argument, the sum over results of upstream times the result's Jacobian.

    Upstream may have further axes: then the gradients have them too.
    """
    found = pull([(node, Cotangent(value)) for node, value in upstream.items()], arguments)
    zero = build.const(next(iter(upstream)).graph, 0.0)
    return _settled(found, arguments, zero)


def _settled(found: Mapping[str, Cotangent], arguments: Mapping[str, Sequence[Axis]], zero: Node) -> dict[str, Node]:
    """Return the gradient of each argument, of the structure that is declared for it."""
    totals = {name: found[name].settle() if name in found else zero for name in arguments}
    return {name: linalg.within_structure(total, name, arguments[name]) for name, total in totals.items()}


@dataclass(frozen=True)
class Handed:
    """A step of the backward pass: what a gate hands to a node below it, downstream = upstream times local."""

    gate: Node
    below: Node
    downstream: Cotangent


@dataclass(frozen=True)
class Trace:
    """A backward pass: the gradients of the arguments, what arrived at each gate, and every step, in order."""

    result: Node
    gradients: dict[str, Node]
    arrived: dict[Node, Node]
    handed: tuple[Handed, ...]


def trace(result: Node, arguments: Mapping[str, Sequence[Axis]], arriving: Node | None = None) -> Trace:
    """Return the gradients as `gradients_of_arguments` does, and every gate's total upstream gradient.

    What arrives at the result is 1, unless something else is given.
    """
    upstream = [(result, Cotangent(arriving or build.const(result.graph, 1.0)))]
    reads, handed = _reads([result], arguments), list[Handed]()
    arrived = _backward(upstream, set(reads), handed=handed)
    found = _collected(reads, arrived, arguments)
    zero = build.const(result.graph, 0.0)
    totals = _settled(found, arguments, zero)
    return Trace(result, totals, {node: c.settle() for node, c in arrived.items()}, tuple(handed))


def pull(
    upstream: Upstream, arguments: Mapping[str, Sequence[Axis]], hand_back: HandBack | None = None
) -> dict[str, Cotangent]:
    """Return what arrives at arguments, all reads of each added up; those at which nothing does are left out.

    `hand_back` takes the place of the rules: a diagnosis tries wrong ones.
    """
    upstream = list(upstream)
    reads = _reads([node for node, _ in upstream], arguments)
    return _collected(reads, _backward(upstream, set(reads), hand_back), arguments)


def _reads(results: Sequence[Node], arguments: Mapping[str, Sequence[Axis]]) -> list[Node]:
    return [n for n in reachable(results) if n.kind is Kind.INPUT and n.name in arguments]


def _collected(
    reads: Sequence[Node], arrived: Mapping[Node, Cotangent], arguments: Mapping[str, Sequence[Axis]]
) -> dict[str, Cotangent]:
    """Add up what arrives at the reads of each argument."""
    parts: dict[str, list[Cotangent]] = {}
    for read in reads:
        if read in arrived:
            axes, mine = dict(zip(read.attrs, arguments[read.name], strict=True)), arrived[read]
            mask = None if mine.mask is None else build.rename(mine.mask, axes)
            parts.setdefault(read.name, []).append(Cotangent(build.rename(mine.value, axes), mask, mine.settled))
    return {name: _total(found) for name, found in parts.items()}


def _total(parts: Sequence[Cotangent]) -> Cotangent:
    """Add up what arrives at several reads of one argument."""
    graph = parts[0].value.graph
    with graph.origin(graph.origin_of(parts[0].value).span, "copy gate"):
        return accumulate(parts)


def vjp(upstream: Mapping[Node, Node], wrt: Sequence[Node]) -> list[Node]:
    """Return, for each node of `wrt`, the sum over results of upstream times the result's Jacobian."""
    arrived = _backward([(node, Cotangent(value)) for node, value in upstream.items()], set(wrt))
    return [arrived[n].settle() if n in arrived else build.const(n.graph, 0.0) for n in wrt]


def _backward(
    upstream: Upstream, leaves: set[Node], hand_back: HandBack | None = None, handed: list[Handed] | None = None
) -> dict[Node, Cotangent]:
    """Walk from the results to the leaves, and return what arrives at every node between them.

    Every step is added to `handed`.
    """
    waiting: dict[Node, list[Cotangent]] = {}
    for node, cotangent in upstream:
        waiting.setdefault(node, []).append(cotangent)
    arrived: dict[Node, Cotangent] = {}
    for node in reversed(_between(list(waiting), leaves)):
        graph, span = node.graph, node.graph.origin_of(node).span
        if (parts := waiting.pop(node, None)) is not None:
            with graph.origin(span, "copy gate"):
                arrived[node] = accumulate(parts)
        elif node.kind is not Kind.RECURRENCE:
            continue
        if node in leaves:
            continue
        with graph.origin(span, f"{node.op} gate"):
            if node.kind is Kind.RECURRENCE:
                below = _adjoint(node, arrived, hand_back)
            else:
                below = (hand_back or downstream)(node, arrived[node], leaves)
            for operand, part in below:
                if operand.dtype is DType.REAL:
                    waiting.setdefault(operand, []).append(part)
                    if handed is not None:
                        handed.append(Handed(node, operand, part))
    return arrived


def _adjoint(node: Node, arrived: Mapping[Node, Cotangent], hand_back: HandBack | None) -> Downstream:
    kind = CheckpointAdjoint if node.name == NAME else Adjoint
    return kind(node, arrived, partial(pull, hand_back=hand_back)).downstream()


def _between(results: Sequence[Node], leaves: set[Node]) -> list[Node]:
    """Return the nodes on some path from a leaf to a result, in topological order."""
    on_path: set[Node] = set()
    order = []
    for node in reachable(results):
        if node in leaves or (node.dtype is DType.REAL and any(o in on_path for o in node.operands)):
            on_path.add(node)
            order.append(node)
    return order


def step(node: Node, upstream: Node) -> list[tuple[Node, Cotangent]]:
    """Return what each operand of one gate receives, for any upstream gradient: one step of the backward pass."""
    return list(downstream(node, Cotangent(upstream), set(node.operands)))


def downstream(node: Node, upstream: Cotangent, leaves: set[Node], hand_back: HandBack | None = None) -> Downstream:
    """Yield what each operand of a gate receives; `hand_back` is for the gates that the winner of a maximum went by."""
    match node.kind:
        case Kind.GATE:
            return _gate(node, upstream)
        case Kind.REDUCE:
            return _reduction(node, upstream, leaves, hand_back)
        case Kind.RENAME:
            return _rename(node, upstream)
        case Kind.TAKE:
            return _take(node, upstream)
        case Kind.SCATTER:
            return _scatter(node, upstream)
        case Kind.ARRAY:
            return linalg.array_gate(node, upstream)
    return iter(())


def local_gradients(node: Node) -> Iterator[tuple[Node, Node]]:
    """Yield operands of a gate with their local gradients; of a gate that routes, with the conditions."""
    if node.kind is Kind.REDUCE:
        (x,), (axis,), rule = node.operands, node.attrs, REDUCE[node.name].partial
        if rule:
            yield x, formula(rule).build(node.graph, {"x": x, "out": node, "k": axis})
        return
    record = GATES[node.name]
    bindings: Bindings = dict(zip(record.arguments, node.operands, strict=True))
    bindings["out"] = node
    for operand, rule in zip(node.operands, record.routes or record.partials, strict=True):
        if rule and operand.dtype is DType.REAL:
            yield operand, formula(rule).build(node.graph, bindings)


def _gate(node: Node, upstream: Cotangent) -> Downstream:
    for operand, local in local_gradients(node):
        arriving = upstream.routed(local) if GATES[node.name].routes else upstream.times(local)
        copied = [a for a in node.axes if a not in operand.axes]
        yield operand, arriving.summed(copied)


def _reduction(node: Node, upstream: Cotangent, leaves: set[Node], hand_back: HandBack | None) -> Downstream:
    (x,), (axis,) = node.operands, node.attrs
    if (route := REDUCE[node.name].route) is not None:
        yield from _winner(x, axis, build.reduce(route, x, axis), upstream, leaves, hand_back)
    for operand, local in local_gradients(node):
        yield operand, upstream.times(local)


def _winner(
    x: Node, axis: Axis, position: Node, upstream: Cotangent, leaves: set[Node], hand_back: HandBack | None
) -> Downstream:
    """Walk back from the element that was chosen, computed by itself: what was not chosen costs nothing."""
    selected = selection([x], axis, position, kept=frozenset(leaves))
    ends = reads(selected)
    arrived = _backward([(selected[x], upstream)], set(ends), hand_back)
    for end in ends:
        if end not in arrived:
            continue
        if end.kind is Kind.TAKE and end not in selected:
            yield from _take(end, arrived[end])
        else:
            yield end, arrived[end]


def _rename(node: Node, upstream: Cotangent) -> Downstream:
    back = {b: a for a, b in node.attrs}
    mask = None if upstream.mask is None else build.rename(upstream.mask, back)
    yield node.operands[0], Cotangent(build.rename(upstream.value, back), mask, upstream.settled)


def _take(node: Node, upstream: Cotangent) -> Downstream:
    (x, index, *guard), (axis,) = node.operands, node.attrs
    over = sorted({a for n in (index, *guard) for a in n.axes if a not in x.axes or a == axis})
    value = build.scatter(upstream.settle(), axis, index, over, *guard)
    if upstream.mask is None:
        yield x, Cotangent(value)
        return
    counted = build.scatter(build.gate("integer", upstream.mask), axis, index, over, *guard)
    yield x, Cotangent(value, build.gate("gt", counted, build.const(value.graph, 0)))


def _scatter(node: Node, upstream: Cotangent) -> Downstream:
    (x, index, *guard), (axis, _over) = node.operands, node.attrs
    mask = None if upstream.mask is None else build.take(upstream.mask, axis, index, *guard)
    arrived = Cotangent(build.take(upstream.value, axis, index, *guard), mask, upstream.settled)
    yield x, arrived.summed(sorted({a for n in (index, *guard) for a in n.axes if a not in x.axes}))
