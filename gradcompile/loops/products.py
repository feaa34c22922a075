"""The order of multiplications in sums of products: ``(A @ B) @ v`` as two products of a matrix and a vector.

A sum whose terms are products, some factors of which are such sums themselves, is one sum over several axes. It is
taken apart again two factors at a time, in the order with the fewest operations, which opt_einsum finds. Where that
does not save half of the work, the user's order stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from math import prod
from typing import TypeVar

import opt_einsum

from gradcompile.gates import build
from gradcompile.gates.substitute import rebuild
from gradcompile.ir.nodes import Axis, DType, Kind, Node, reachable, users

T = TypeVar("T")

_USUAL = 100  # of a size that nothing is known about
_WORTH = 2.0  # times as many operations as the new order
MOST_FACTORS = 100  # of a product, and terms of a sum, that are looked at: shared ones double at each step
_MOST_ORDERED = 10  # factors that are put in another order
_SEARCHED = 6  # factors of which every order is tried


@dataclass
class _Sum:
    """A sum of products: what is multiplied, what is summed over, and the sums that were taken apart for it."""

    factors: list[Node] = field(default_factory=list)
    summed: list[Axis] = field(default_factory=list)
    inner: list[Node] = field(default_factory=list)


def reordered(roots: Sequence[Node], sizes: Mapping[str, int]) -> dict[Node, Node]:
    """Return every node that the roots need with sums of products in the cheapest order, at about these sizes."""
    nodes = reachable(roots)
    planner = _Planner(nodes, frozenset(roots), sizes)
    chosen = planner.chosen()
    done: dict[Node, Node] = {}
    for node in nodes:
        graph, origin = node.graph, node.graph.origin_of(node)
        with graph.origin(origin.span, origin.rule):
            if node in chosen:
                done[node] = planner.built(node, chosen[node], done)
            else:
                operands = tuple(done[o] for o in node.operands)
                done[node] = node if operands == node.operands else rebuild(node, operands)
    return done


class _Planner:
    def __init__(self, nodes: Sequence[Node], roots: frozenset[Node], sizes: Mapping[str, int]) -> None:
        self.nodes, self.sizes = nodes, sizes
        self.used = users(nodes)
        self.roots = roots

    def chosen(self) -> dict[Node, _Sum]:
        """Return the sums that are cheaper in another order, all taken together."""
        found = {n: s for n in self.nodes if _is_sum(n) and (s := self._flat(n)) is not None}
        after = {n: self._cost(s, self._path(s)) for n, s in found.items()}
        while True:
            gone = self._gone(found)
            shares = Counter(inner for s in found.values() for inner in s.inner)
            spoilt = [n for n, s in found.items() if self._before(n, s, gone, shares) < _WORTH * after[n]]
            if not spoilt:
                return found
            for node in spoilt:
                del found[node]

    def _before(self, node: Node, flat: _Sum, gone: frozenset[Node], shares: Counter[Node]) -> float:
        """Return what a sum costs as it stands, with its share of the inner sums that would no longer be needed."""
        inner = sum(self._as_it_stands(s) / shares[s] for s in flat.inner if s in gone)
        return self._as_it_stands(node) + inner

    def _as_it_stands(self, node: Node) -> float:
        factors = factors_of(node.operands[0])
        return self._product({a for f in factors for a in f.axes} | {*node.attrs}) * len(factors)

    def _gone(self, found: Mapping[Node, _Sum]) -> frozenset[Node]:
        """Return the inner sums that nothing needs any more when all of these sums are taken apart."""
        kept = {f for flat in found.values() for f in flat.factors} | self.roots
        gone: set[Node] = set()
        for node in reversed(self.nodes):
            apart = all(reader in gone or reader in found for reader in self.used.get(node, ()))
            if apart and node not in kept and (_is_sum(node) or _is_product(node)):
                gone.add(node)
        return frozenset(gone)

    # -- one sum -----------------------------------------------------------------------------------------------

    def _flat(self, node: Node) -> _Sum | None:
        """Return a sum with all sums among its factors taken apart; None where there is nothing to order."""
        flat = _Sum(summed=list(node.attrs))
        stack = [node.operands[0]]
        while stack:
            current = stack.pop()
            if current.op == "mul" and all(o.axes for o in current.operands):  # no number that may be infinite leaves
                stack.extend(reversed(current.operands))
            elif _is_sum(current) and current.carries == node.carries and self._is_free(current, node, flat):
                flat.inner.append(current)
                flat.summed += current.attrs
                stack.append(current.operands[0])
            else:
                flat.factors.append(current)
            if len(flat.factors) > _MOST_ORDERED:
                return None
        plain = all(f.dtype is not DType.BOOL for f in flat.factors)
        several = flat.inner or sum(bool(f.axes) for f in flat.factors) > 2
        return flat if plain and several else None

    def _is_free(self, inner: Node, outer: Node, flat: _Sum) -> bool:
        """Does the axis that an inner sum is over stand for nothing else here?"""
        (axis,) = inner.attrs
        return axis not in outer.axes and axis not in flat.summed

    def _path(self, flat: _Sum) -> list[tuple[int, ...]]:
        """Return which factors are multiplied first, as positions in what is left of them; products go to the end."""
        axes = [frozenset(f.axes) for f in flat.factors]
        steps: list[tuple[int, ...]] = []
        at = 0
        for _ in flat.factors:  # first of all the sums over what only one factor has
            found = axes.pop(at)
            if lonely := _finished(found, axes, flat.summed):
                axes.append(found - lonely)
                steps.append((at,))
            else:
                axes.insert(at, found)
                at += 1
        letters = {a: opt_einsum.get_symbol(i) for i, a in enumerate(sorted(frozenset[Axis]().union(*axes)))}
        inside = ["".join(letters[a] for a in sorted(found)) for found in axes]
        outside = "".join(text for axis, text in letters.items() if axis not in flat.summed)
        shapes = [tuple(self._size(a) for a in sorted(found)) for found in axes]
        kind = "optimal" if len(shapes) <= _SEARCHED else "greedy"
        path, _ = opt_einsum.contract_path(f"{','.join(inside)}->{outside}", *shapes, shapes=True, optimize=kind)
        return [*steps, *(tuple(step) for step in path)]

    def _cost(self, flat: _Sum, path: Sequence[tuple[int, ...]]) -> float:
        total = 0.0
        left = [frozenset(f.axes) for f in flat.factors]
        for step in path:
            taken, left = _taken(left, step)
            looped = frozenset[Axis]().union(*taken)
            total += self._product(looped) * len(taken)
            left.append(looped - _finished(looped, left, flat.summed))
        return total

    def built(self, node: Node, flat: _Sum, done: Mapping[Node, Node]) -> Node:
        """Return the sum in its new order."""
        path = self._path(flat)
        left = [build.as_real(done[f]) for f in flat.factors]
        for step in path:
            taken, left = _taken(left, step)
            product = reduce(lambda a, b: build.gate("mul", a, b), taken)
            for axis in sorted(_finished(frozenset(product.axes), [frozenset(f.axes) for f in left], flat.summed)):
                product = build.reduce("sum", product, axis)
            left.append(product)
        (result,) = left
        for axis in flat.summed:  # over an axis that no factor has
            if all(axis not in f.axes for f in flat.factors):
                result = build.gate("mul", result, build.as_real(build.extent(node.graph, axis.extent)))
        return result

    def _product(self, axes: set[Axis] | frozenset[Axis]) -> float:
        return float(prod(self._size(a) for a in axes))

    def _size(self, axis: Axis) -> int:
        return max(1, axis.extent.evaluate({**dict.fromkeys(axis.extent.names, _USUAL), **self.sizes}))


def _taken(left: Sequence[T], step: tuple[int, ...]) -> tuple[list[T], list[T]]:
    """Return what a step takes, and what it leaves."""
    return [left[i] for i in step], [f for i, f in enumerate(left) if i not in step]


def _finished(axes: frozenset[Axis], others: Sequence[frozenset[Axis]], summed: Sequence[Axis]) -> frozenset[Axis]:
    """Return the axes that can be summed over as soon as a product is made: no other factor has them."""
    return frozenset(a for a in axes if a in summed and not any(a in other for other in others))


def _is_sum(node: Node) -> bool:
    return node.kind is Kind.REDUCE and node.name == "sum" and node.dtype is DType.REAL


def _is_product(node: Node) -> bool:
    return node.kind is Kind.GATE and node.name == "mul"


def terms_of(node: Node) -> list[tuple[bool, Node]]:
    """Return what is added and subtracted in a sum; a sum that comes to very many terms is one itself."""
    found: list[tuple[bool, Node]] = []
    stack = [(True, node)]
    while stack:
        added, current = stack.pop()
        if current.op == "add":
            stack += [(added, o) for o in reversed(current.operands)]
        elif current.op == "sub":
            stack += [(not added, current.operands[1]), (added, current.operands[0])]
        elif current.op == "neg":
            stack.append((not added, current.operands[0]))
        else:
            found.append((added, current))
        if len(found) + len(stack) > MOST_FACTORS:
            return [(True, node)]
    return found


def factors_of(node: Node) -> list[Node]:
    """Return what is multiplied in a product; a product of very many factors is one itself."""
    found: list[Node] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if current.op == "mul":
            stack += reversed(current.operands)
        else:
            found.append(current)
        if len(found) + len(stack) > MOST_FACTORS:
            return [node]
    return found
