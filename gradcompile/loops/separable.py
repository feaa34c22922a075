"""Log-sum-exps whose exponents fall apart: ``log(sum_i exp(a[i] + B[i, j]))`` by a product with the matrix ``exp(B)``.

Each exponential is then of fewer axes than the sum has, and where B stays the same at all steps of a loop, its own are
taken once. Both parts are shifted by their largest element, so that nothing overflows. But the largest elements need
not meet, and then a sum may be too small to be exact: it is *rare*, and computed as it stands. That is decided for all
sums together that share an ``a``, and costs a test where it does not happen.

The weights ``exp(a[i] + B[i, j] - L[j])``, with L the log-sum-exp, fall apart in the same way where a gradient sums
over them. What does not depend on the axis that is summed over is then a factor of the sum.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod

import numpy as np

from gradcompile.gates import build
from gradcompile.gates.substitute import rebuild, resume
from gradcompile.gates.template import formula
from gradcompile.ir.nodes import Axis, Kind, Node, reachable, reading_state, states_of
from gradcompile.loops.products import factors_of, terms_of

_USUAL = 100  # of a size that nothing is known about
_WORTH = 4  # times as many exponentials as there are then

_SHIFT = formula("finite(top(x, k))")
_LOG_SUM = formula("where(rare, top, shift) + log(where(rare, ordinary, total))")
_CHOSEN = formula("where(condition, x, 0.0)")
_BETWEEN = formula("x >= low and x <= high")

Term = tuple[bool, Node]  # is it added? Else it is subtracted.


@dataclass(frozen=True)
class _Parts:
    """The terms of an exponent: two groups with the axis that is summed over, one of which changes, and the rest."""

    axis: Axis
    changing: tuple[Term, ...]
    fixed: tuple[Term, ...]
    rest: tuple[Term, ...]


@dataclass(frozen=True)
class _Group:
    """The sum of a group of terms, its largest element, and ``exp(value - shift)``."""

    value: Node
    shift: Node
    exponential: Node


@dataclass(frozen=True)
class _Weight:
    """``exp(x - L)``: the parts of x, and L."""

    parts: _Parts
    log_sum: Node


def separated(roots: Sequence[Node], sizes: Mapping[str, int], dtype: str) -> dict[Node, Node]:
    """Return every node that the roots need with log-sum-exps by products, where that saves exponentials."""
    nodes = reachable(roots)
    if not any(_is_log_sum_exp(n) for n in nodes):
        return {n: n for n in nodes}
    return _Separation(nodes, sizes, dtype).run()


class _Separation:
    def __init__(self, nodes: Sequence[Node], sizes: Mapping[str, int], dtype: str) -> None:
        self.nodes, self.sizes = nodes, sizes
        self.largest = -math.log(np.finfo(dtype).tiny) / 2  # logarithm of an exact sum: what was lost is as far below 1
        self.clocks = {n.attrs[0] for n in nodes if n.kind is Kind.RECURRENCE}
        self.held: dict[Node, set[Axis]] = {}  # what is computed inside loops: their axes of time
        for node in nodes:
            if node.kind is Kind.RECURRENCE:
                axis, _, depth, _ = node.attrs
                _, bodies, condition = states_of(node)
                for inner in reading_state([*bodies, *condition], depth):
                    self.held.setdefault(inner, set()).add(axis)
        self.done: dict[Node, Node] = {}

    def run(self) -> dict[Node, Node]:
        """Return all nodes in their new form."""
        for node in self.nodes:
            origin = node.graph.origin_of(node)
            with node.graph.origin(origin.span, origin.rule):
                self.done[node] = self._changed(node)
        return self.done

    def _changed(self, node: Node) -> Node:
        if _is_log_sum_exp(node) and (parts := self._parts(terms_of(node.operands[0]), node.attrs[0])) is not None:
            return self._log_sum(parts)
        if node.kind is Kind.REDUCE and node.name == "sum" and (found := self._weighted(node)) is not None:
            return found
        operands = tuple(self.done[o] for o in node.operands)
        return node if operands == node.operands else rebuild(node, operands)

    # -- what falls apart --------------------------------------------------------------------------------------

    def _parts(self, terms: Sequence[Term], axis: Axis) -> _Parts | None:
        """Return the two groups of terms that have no more than some of the axes of all; None if there are not two."""
        summed = [t for t in terms if axis in t[1].axes]
        widths = {self._width(node) for _, node in summed}
        widest = [w for w in widths if not any(w < other for other in widths)]
        if len(widest) != 2:
            return None
        fixed, changing = sorted(widest, key=lambda w: (bool(w & self.clocks), self._size(w)))
        if _WORTH * (self._size(fixed) + self._size(changing)) > self._size(fixed | changing):
            return None
        return _Parts(
            axis,
            tuple(t for t in summed if not self._width(t[1]) <= fixed),
            tuple(t for t in summed if self._width(t[1]) <= fixed),
            tuple(t for t in terms if axis not in t[1].axes),
        )

    def _width(self, node: Node) -> frozenset[Axis]:
        """Return the axes of a value, the steps of the loops that it is computed in among them."""
        return frozenset({*node.axes, *self.held.get(node, ())})

    def _size(self, axes: Iterable[Axis]) -> int:
        return prod(max(1, a.extent.evaluate({**dict.fromkeys(a.extent.names, _USUAL), **self.sizes})) for a in axes)

    # -- log-sum-exps ------------------------------------------------------------------------------------------

    def _log_sum(self, parts: _Parts) -> Node:
        k = parts.axis
        changing, fixed = self._group(parts.changing, k), self._group(parts.fixed, k)
        total = build.reduce("sum", _times(changing.exponential, fixed.exponential), k)
        exact = _between(total, math.exp(-self.largest), math.exp(self.largest))
        _, rare = _usual_or_rare(exact, changing)
        x = _plus(changing.value, fixed.value)
        top = build.gate("finite", build.reduce("top", _where_rare(rare, x, -math.inf), k))
        ordinary = _where_rare(rare, build.gate("exp", build.gate("sub", x, top)), 0.0)
        given = {"rare": rare, "shift": _plus(changing.shift, fixed.shift), "top": top, "total": total}
        result = _LOG_SUM.build(total.graph, {**given, "ordinary": build.reduce("sum", ordinary, k)})
        return _plus(result, self._added(parts.rest)) if parts.rest else result

    def _group(self, terms: Sequence[Term], axis: Axis) -> _Group:
        value = self._added(terms)
        shift = _SHIFT.build(value.graph, {"x": value, "k": axis})
        return _Group(value, shift, build.gate("exp", build.gate("sub", value, shift)))

    def _added(self, terms: Sequence[Term]) -> Node:
        """Return the sum of terms in their new form."""
        total: Node | None = None
        for added, term in terms:
            new = build.as_real(self.done[term])
            if total is None:
                total = new if added else build.gate("neg", new)
            else:
                total = build.gate("add" if added else "sub", total, new)
        assert total is not None
        return total

    # -- sums over weights -------------------------------------------------------------------------------------

    def _weighted(self, node: Node) -> Node | None:
        """Return a sum of which some terms are products with such a weight as sums of their own; None without any."""
        (axis,) = node.attrs
        sums: list[Node] = []
        others: list[Term] = []
        for added, term in terms_of(node.operands[0]):
            factors = factors_of(term)
            weights = [(f, w) for f in factors if (w := self._weight(f)) is not None]
            if len(weights) != 1 or not added:
                others.append((added, term))
                continue
            ((exponential, weight),) = weights
            rest = [self.done[f] for f in factors if f is not exponential]
            sums += self._apart(weight, self.done[exponential], rest, axis)
        if not sums:
            return None
        if others:
            sums.append(build.reduce("sum", self._added(others), axis))
        return reduce(_plus, sums)

    def _weight(self, node: Node) -> _Weight | None:
        """Return the parts of ``exp(x - L)``, where L is the log-sum-exp of x; None for anything else."""
        if node.kind is not Kind.GATE or node.name != "exp":
            return None
        terms = terms_of(node.operands[0])
        for term in terms:
            added, log_sum = term
            if added or (found := _of_log_sum(log_sum)) is None:
                continue
            exponent, axis = found
            left = Counter(terms)
            left[term] -= 1
            if +left == Counter(terms_of(exponent)) and (parts := self._parts(terms_of(exponent), axis)) is not None:
                return _Weight(parts, log_sum)
        return None

    def _apart(self, weight: _Weight, exponential: Node, others: Sequence[Node], axis: Axis) -> list[Node]:
        """Return the sum over an axis of a weight times other factors: by parts, and what is rare as it stands."""
        parts, graph = weight.parts, exponential.graph
        changing, fixed = self._group(parts.changing, parts.axis), self._group(parts.fixed, parts.axis)
        shift = _plus(changing.shift, fixed.shift)
        if parts.rest:
            shift = _plus(shift, self._added(parts.rest))
        scale = build.gate("sub", shift, self.done[weight.log_sum])
        usual, rare = _usual_or_rare(_between(scale, -self.largest, self.largest), changing)
        product = reduce(_times, [*others, build.gate("exp", scale)])
        factors = [  # all of them finite, even where one of the exponents is not
            _CHOSEN.build(graph, {"condition": usual, "x": changing.exponential}),
            _CHOSEN.build(graph, {"condition": build.gate("le", fixed.value, fixed.shift), "x": fixed.exponential}),
            _CHOSEN.build(graph, {"condition": usual, "x": product}),
        ]
        inside = [f for f in factors if axis in f.axes] or factors
        outside = [f for f in factors if f not in inside]
        ordinary = _where_rare(rare, reduce(_times, [*others, exponential]), 0.0)
        total = build.reduce("sum", reduce(_times, inside), axis)
        return [reduce(_times, [*outside, total]), build.reduce("sum", ordinary, axis)]


def _between(x: Node, low: float, high: float) -> Node:
    return _BETWEEN.build(x.graph, {"x": x, "low": build.const(x.graph, low), "high": build.const(x.graph, high)})


def _usual_or_rare(exact: Node, changing: _Group) -> tuple[Node, Node]:
    """Return whether all sums that share a changing part are exact, and whether not."""
    usual = build.reduce_all("all", exact, [a for a in exact.axes if a not in changing.value.axes])
    return usual, build.gate("unlikely", build.gate("not", usual))


def _where_rare(rare: Node, x: Node, otherwise: float) -> Node:
    """Return what is needed where a condition hardly ever holds; where it holds nowhere, no loop has to run."""
    other = build.const(x.graph, otherwise)
    chosen = build.gate("where", rare, x, other)
    if not rare.axes:
        return chosen
    return build.gate("where", build.gate("unlikely", build.reduce_all("any", rare, rare.axes)), chosen, other)


def _is_log_sum_exp(node: Node) -> bool:
    return node.kind is Kind.REDUCE and node.name == "logsumexp"


def _of_log_sum(node: Node) -> tuple[Node, Axis] | None:
    """Return the exponent and the axis of a log-sum-exp; of one that a loop remembers, at all steps."""
    if _is_log_sum_exp(node):
        return node.operands[0], node.attrs[0]
    if node.kind is not Kind.HISTORY or node.attrs[1] != "after" or node.carries:
        return None
    (recurrence,), (slot, _) = node.operands, node.attrs
    depth = recurrence.attrs[2]
    body = states_of(recurrence)[1][slot]
    if not _is_log_sum_exp(body):
        return None
    states = [n for n in reading_state([body], depth) if n.kind is Kind.CARRY and n.attrs[0] == depth]
    before = {s: build.history(recurrence, s.attrs[1], "before") for s in states}
    (exponent,) = resume([body.operands[0]], depth, before)
    return exponent, body.attrs[0]


def _plus(a: Node, b: Node) -> Node:
    return build.gate("add", a, b)


def _times(a: Node, b: Node) -> Node:
    return build.gate("mul", a, b)
