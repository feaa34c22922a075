"""Reverse mode: walk the graph backwards from a base case of 1, upstream times local at every gate.

The lecture's rules are all here, once each: add distributes, mul swaps, max routes (`_gate`); a copy adds
(`accumulate`); an operand that was copied along an axis receives the sum over it (`Cotangent.summed`), and a sum
hands a copy to each term (`_reduction`). A matrix product is a mul gate under a sum gate and needs no rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradcompile.autodiff.cotangent import Cotangent, accumulate
from gradcompile.gates import build
from gradcompile.gates.registry import GATES, REDUCE
from gradcompile.gates.substitute import substitute
from gradcompile.gates.template import Bindings, formula
from gradcompile.ir.nodes import Axis, DType, Kind, Node, reachable, reading_state

Downstream = Iterator[tuple[Node, Cotangent]]


def gradient(result: Node, wrt: Sequence[Node]) -> list[Node]:
    """Return the gradients of a scalar with respect to nodes; each depends at most on the axes of its node.

    A result that does not depend on a node has the literal 0 there. Several reads of one argument, over different
    axis names, are separate nodes here: see `gradients_of_arguments`.
    """
    return vjp({result: build.const(result.graph, 1.0)}, wrt)


def gradients_of_arguments(result: Node, arguments: Mapping[str, Sequence[Axis]]) -> dict[str, Node]:
    """Return the gradient for each argument over the given axes, all reads of it added up."""
    return trace(result, arguments).gradients


@dataclass(frozen=True)
class Trace:
    """A backward pass: the gradients of the arguments, and what arrived at each gate on the way."""

    gradients: dict[str, Node]
    arrived: dict[Node, Node]


def trace(result: Node, arguments: Mapping[str, Sequence[Axis]]) -> Trace:
    """Return the gradients as `gradients_of_arguments` does, and every gate's total upstream gradient."""
    reads = [n for n in reachable([result]) if n.kind is Kind.INPUT and n.name in arguments and not n.carries]
    arrived = _backward({result: build.const(result.graph, 1.0)}, set(reads))
    parts: dict[str, list[Cotangent]] = {name: [] for name in arguments}
    for read in reads:
        if read in arrived:
            axes = dict(zip(read.attrs, arguments[read.name], strict=True))
            parts[read.name].append(Cotangent(build.rename(arrived[read].settle(), axes)))
    zero = build.const(result.graph, 0.0)
    totals = {name: _total(found) if found else zero for name, found in parts.items()}
    return Trace(totals, {node: c.settle() for node, c in arrived.items()})


def _total(parts: Sequence[Cotangent]) -> Node:
    """Add up what arrives at several reads of one argument."""
    graph = parts[0].value.graph
    with graph.origin(graph.origin_of(parts[0].value).span, "copy gate"):
        return accumulate(parts).value


def vjp(upstream: Mapping[Node, Node], wrt: Sequence[Node]) -> list[Node]:
    """Return, for each node of `wrt`, the sum over results of upstream times the result's Jacobian."""
    arrived = _backward(upstream, set(wrt))
    return [arrived[n].settle() if n in arrived else build.const(n.graph, 0.0) for n in wrt]


def _backward(upstream: Mapping[Node, Node], leaves: set[Node]) -> dict[Node, Cotangent]:
    """Walk from the results to the leaves, and return what arrives at every node between them."""
    waiting: dict[Node, list[Cotangent]] = {}
    for node, value in upstream.items():
        waiting.setdefault(node, []).append(Cotangent(value))
    arrived: dict[Node, Cotangent] = {}
    for node in reversed(_between(list(upstream), leaves)):
        if (parts := waiting.pop(node, None)) is None:
            continue
        graph, span = node.graph, node.graph.origin_of(node).span
        with graph.origin(span, "copy gate"):
            arrived[node] = accumulate(parts)
        if node in leaves:
            continue
        with graph.origin(span, f"{node.op} gate"):
            for operand, part in _downstream(node, arrived[node]):
                if operand.dtype is DType.REAL:
                    waiting.setdefault(operand, []).append(part)
    return arrived


def _between(results: Sequence[Node], leaves: set[Node]) -> list[Node]:
    """Return the nodes on some path from a leaf to a result, in topological order."""
    on_path: set[Node] = set()
    order = []
    for node in reachable(results):
        if node in leaves or (node.dtype is DType.REAL and any(o in on_path for o in node.operands)):
            on_path.add(node)
            order.append(node)
    return order


def _downstream(node: Node, upstream: Cotangent) -> Downstream:
    """Yield what each operand of a gate receives."""
    match node.kind:
        case Kind.GATE:
            return _gate(node, upstream)
        case Kind.REDUCE:
            return _reduction(node, upstream)
        case Kind.RENAME:
            return _rename(node, upstream)
        case Kind.TAKE:
            return _take(node, upstream)
        case Kind.SCATTER:
            return _scatter(node, upstream)
        case Kind.RECURRENCE:
            return _recurrence(node, upstream)
    return iter(())


def _gate(node: Node, upstream: Cotangent) -> Downstream:
    record = GATES[node.name]
    bindings: Bindings = dict(zip(record.arguments, node.operands, strict=True))
    bindings["out"] = node
    rules = record.routes or record.partials
    for operand, rule in zip(node.operands, rules, strict=True):
        if rule is None or operand.dtype is not DType.REAL:
            continue
        factor = formula(rule).build(node.graph, bindings)
        arriving = upstream.routed(factor) if record.routes else upstream.times(factor)
        copied = [a for a in node.axes if a not in operand.axes]
        yield operand, arriving.summed(copied)


def _reduction(node: Node, upstream: Cotangent) -> Downstream:
    (x,), (axis,) = node.operands, node.attrs
    record = REDUCE[node.name]
    bindings: Bindings = {"x": x, "out": node, "k": axis}
    if record.route:
        yield x, upstream.routed(formula(record.route).build(node.graph, bindings))
    elif record.partial:
        yield x, upstream.times(formula(record.partial).build(node.graph, bindings))


def _rename(node: Node, upstream: Cotangent) -> Downstream:
    back = {b: a for a, b in node.attrs}
    mask = None if upstream.mask is None else build.rename(upstream.mask, back)
    yield node.operands[0], Cotangent(build.rename(upstream.value, back), mask, upstream.settled)


def _take(node: Node, upstream: Cotangent) -> Downstream:
    (x, index), (axis,) = node.operands, node.attrs
    over = [a for a in index.axes if a not in x.axes or a == axis]
    yield x, _accumulated(upstream, axis, index, over)


def _accumulated(upstream: Cotangent, axis: Axis, index: Node, over: Sequence[Axis]) -> Cotangent:
    value = build.scatter(upstream.settle(), axis, index, over)
    if upstream.mask is None:
        return Cotangent(value)
    counted = build.scatter(build.gate("integer", upstream.mask), axis, index, over)
    return Cotangent(value, build.gate("gt", counted, build.const(value.graph, 0)))


def _scatter(node: Node, upstream: Cotangent) -> Downstream:
    (x, index), (axis, _over) = node.operands, node.attrs
    mask = None if upstream.mask is None else build.take(upstream.mask, axis, index)
    arrived = Cotangent(build.take(upstream.value, axis, index), mask, upstream.settled)
    yield x, arrived.summed([a for a in index.axes if a not in x.axes])


def _recurrence(node: Node, upstream: Cotangent) -> Downstream:
    """The adjoint runs against time on the stored history; what is not sequential stays outside it.

    With the state before step t as `before[t]`, the body is an ordinary graph over the axis of time. Its local
    gradients there are known beforehand; only the cotangent of the state has to be carried back, step by step.
    """
    (init, body), (axis, backward, depth) = node.operands, node.attrs
    graph, arriving = node.graph, upstream.settle()
    state = next(n for n in reading_state(body, depth) if n.kind is Kind.CARRY and n.attrs[0] == depth)
    outer = [n for n in _frontier(body, depth) if n.dtype is DType.REAL]
    stand_in = {n: build.argument(graph, f"frontier.{n.id}", n.axes) for n in outer}
    stand_in[state] = build.argument(graph, f"frontier.{state.id}", sorted({*state.axes, axis}))
    back = {stand_in[n]: n for n in outer} | {stand_in[state]: build.previous(node, init, axis, backward=backward)}
    isolated = substitute(body, stand_in)
    zero = build.const(graph, 0.0)
    later = build.carry(graph, depth, [a for a in node.axes if a != axis])
    passed = vjp({isolated: build.gate("add", arriving, later)}, [stand_in[state]])[0]
    history = build.recurrence(zero, substitute(passed, back), axis, backward=not backward, depth=depth)
    arrived = build.gate("add", arriving, build.previous(history, zero, axis, backward=not backward))
    for n, part in zip(outer, vjp({isolated: arrived}, [stand_in[n] for n in outer]), strict=True):
        yield n, _masked(substitute(part, back), upstream.mask, [a for a in n.axes if a != axis])
    if init.dtype is DType.REAL:
        first = build.extent(graph, axis.extent - 1) if backward else build.const(graph, 0)
        start = build.take(history, axis, first)
        total = build.reduce_all("sum", start, [a for a in start.axes if a not in init.axes])
        yield init, _masked(total, upstream.mask, init.axes)


def _masked(value: Node, mask: Node | None, axes: Sequence[Axis]) -> Cotangent:
    """Return a cotangent that counts where a mask holds somewhere along all but the given axes."""
    if mask is None:
        return Cotangent(value)
    return Cotangent(value, build.reduce_all("any", mask, [a for a in mask.axes if a not in axes]), settled=False)


def _frontier(body: Node, depth: int) -> list[Node]:
    """Return the nodes outside a recurrence's body that the body reads."""
    inside = reading_state(body, depth)
    seen = {o for n in inside for o in n.operands if depth not in o.carries}
    if depth not in body.carries:
        seen.add(body)
    return sorted(seen, key=lambda n: n.id)
