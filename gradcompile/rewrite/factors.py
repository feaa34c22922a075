"""Factorisations, shared: what several gates need of one matrix is computed once, and they solve with its factors.

It is the last step before code is written. A matrix that only one gate looks at keeps that gate.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from gradcompile.gates import build
from gradcompile.gates.registry import ARRAY
from gradcompile.gates.substitute import rebuild
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import FIRST_INDEX, Axis, Kind, Node, reachable

_SLOGDET = ("logdet", "logabsdet", "signdet")
_BY_LU = frozenset({"solve", "solve_sym", "inv", "det", *_SLOGDET})
_BY_SVD = frozenset({"lstsq", "pinv"})
_BY_CHOLESKY = frozenset({"solve_pd", "inv_pd", "det_pd", "logdet_pd"})
_EPSILON = 2.0**-52

Matrix = tuple[Node, Axis, Axis]  # over rows and columns, in the one order in which it is factored


def factored(roots: Iterable[Node]) -> dict[Node, Node]:
    """Return, for every node that the roots need, the node in terms of factors that are computed once."""
    nodes = reachable(roots)
    if not any(n.kind is Kind.ARRAY for n in nodes):
        return {n: n for n in nodes}
    factors, done = _Factors(nodes), dict[Node, Node]()
    for node in nodes:
        graph, origin = node.graph, node.graph.origin_of(node)
        with graph.origin(origin.span, origin.rule):
            operands = tuple(done[o] for o in node.operands)
            new = node if operands == node.operands else rebuild(node, operands)
            done[node] = factors.lowered(new, alone=factors.is_alone(node)) if node.kind is Kind.ARRAY else new
    return done


class _Factors:
    """The matrices of a graph, and which gates need a factorisation of each."""

    def __init__(self, nodes: list[Node]) -> None:
        self.used = {a for n in nodes for a in n.axes}
        self.users: dict[tuple[Matrix, bool], set[tuple[Node, ...] | str]] = {}
        for node in nodes:
            if node.kind is Kind.ARRAY and node.name in _BY_LU | _BY_SVD:
                one: tuple[Node, ...] | str = "slogdet" if node.name in _SLOGDET else (node,)
                self.users.setdefault(self._key(node), set()).add(one)

    def _key(self, node: Node) -> tuple[Matrix, bool]:
        return self.matrix(node), node.name in _BY_SVD

    def matrix(self, node: Node) -> Matrix:
        """Return the matrix that a gate looks at: of it and its transpose, the one with its axes in order."""
        row, column = sorted(node.attrs[0][0])
        return node.operands[0], row, column

    def is_alone(self, node: Node) -> bool:
        """Is the gate the only one that needs a factorisation of its matrix?"""
        return len(self.users.get(self._key(node), ())) == 1

    def spare(self, extent: Extent) -> Axis:
        """Return an axis that nothing has."""
        counters = [a.counter for a in self.used if a.extent == extent and a.counter < FIRST_INDEX]
        return Axis(extent, max(counters, default=-1) + 1)

    def lowered(self, node: Node, alone: bool) -> Node:
        """Return a gate in terms of factors."""
        if node.name in _BY_CHOLESKY:
            return self._by_cholesky(node)
        if alone:
            return build.array_gate(ARRAY[node.name].means or node.name, node.operands, *node.attrs)
        if node.name in _BY_LU:
            return self._by_lu(node)
        return self._by_svd(node) if node.name in _BY_SVD else node

    # -- general square matrices -------------------------------------------------------------------------------

    def _by_lu(self, node: Node) -> Node:
        a, row, column = self.matrix(node)
        lu = build.array_gate("lu", (a,), ((row, column),), (row, column))
        pivots = build.array_gate("pivots", (a,), ((row, column),), (row,))
        diagonal = build.take(lu, column, build.iota(lu.graph, row))
        match node.name:
            case "solve" | "solve_sym":
                return _solved(lu, pivots, node.operands[1], node.attrs[0][0][0], node.attrs[0][0][1], (row, column))
            case "inv":
                beside = self.spare(row.extent)
                found = _solved(lu, pivots, _identity(row, beside, a), row, column, (row, column))
                return build.rename(found, {beside: row})
            case "logabsdet":
                return _sum_of_logs(diagonal, row)
            case "det":
                return build.gate("mul", build.reduce("prod", diagonal, row), _parity(pivots, row))
        sign = build.gate("mul", build.reduce("prod", build.gate("sign", diagonal), row), _parity(pivots, row))
        if node.name == "signdet":
            return sign
        negative = build.gate("lt", sign, build.const(a.graph, 0))
        return build.gate("where", negative, build.const(a.graph, math.nan), _sum_of_logs(diagonal, row))

    # -- positive definite matrices ----------------------------------------------------------------------------

    def _by_cholesky(self, node: Node) -> Node:
        a, row, column = self.matrix(node)
        low = build.array_gate("cholesky", (a,), ((row, column),), (row, column))
        diagonal = build.take(low, column, build.iota(low.graph, row))
        if node.name == "logdet_pd":
            return build.gate("mul", build.const(a.graph, 2.0), _sum_of_logs(diagonal, row))
        if node.name == "det_pd":
            return build.gate("square", build.reduce("prod", diagonal, row))
        if node.name == "inv_pd":
            return build.array_gate("inv_factored", (low,), ((row, column),), (row, column))
        given, made = node.attrs[0][0]
        right = build.rename(node.operands[1], {given: row})
        return build.rename(_solved_twice(low, right, row, column), {row: made})

    # -- least squares -----------------------------------------------------------------------------------------

    def _by_svd(self, node: Node) -> Node:
        a, row, column = self.matrix(node)
        k = self.spare(column.extent)
        u, s, v = (
            build.array_gate(name, (a,), ((row, column),), outer)
            for name, outer in (("svd_u", (row, k)), ("svd_s", (k,)), ("svd_v", (column, k)))
        )
        scaled = _reciprocals(s, k, row, column)
        if node.name == "pinv":
            return build.reduce("sum", build.gate("mul", build.gate("mul", v, scaled), u), k)
        given = node.attrs[0][0][0]
        first, second = (u, v) if given == row else (v, u)
        along = build.reduce("sum", build.gate("mul", first, node.operands[1]), given)
        return build.reduce("sum", build.gate("mul", second, build.gate("mul", scaled, along)), k)


def _solved(lu: Node, pivots: Node, right: Node, given: Axis, made: Axis, order: tuple[Axis, Axis]) -> Node:
    row, _ = order
    name = "solve_lu" if given == row else "solve_lu_t"
    return build.array_gate(name, (lu, pivots, right), (order, (row,), (given,)), (made,))


def _solved_twice(low: Node, right: Node, row: Axis, column: Axis) -> Node:
    """Return the solution with L Lᵀ, forwards and backwards, over the axis of the rows again."""
    forwards = build.array_gate("solve_lower", (low, right), ((row, column), (row,)), (column,))
    return build.array_gate("solve_upper", (low, forwards), ((column, row), (column,)), (row,))


def _identity(row: Axis, beside: Axis, node: Node) -> Node:
    same = build.gate("eq", build.iota(node.graph, row), build.iota(node.graph, beside))
    return build.gate("where", same, build.const(node.graph, 1.0), build.const(node.graph, 0.0))


def _sum_of_logs(diagonal: Node, row: Axis) -> Node:
    return build.reduce("sum", build.gate("log", build.gate("abs", diagonal)), row)


def _parity(pivots: Node, row: Axis) -> Node:
    """Return -1 for each exchange of rows, multiplied."""
    graph = pivots.graph
    kept = build.gate("eq", pivots, build.iota(graph, row))
    return build.reduce("prod", build.gate("where", kept, build.const(graph, 1.0), build.const(graph, -1.0)), row)


def _reciprocals(s: Node, k: Axis, row: Axis, column: Axis) -> Node:
    """Return 1/s, and 0 for singular values that are 0 but for rounding."""
    graph = s.graph
    size = build.gate("max", build.extent(graph, row.extent), build.extent(graph, column.extent))
    least = build.gate(
        "mul", build.reduce("top", s, k), build.gate("mul", build.const(graph, _EPSILON), build.as_real(size))
    )
    counts, zero, one = build.gate("gt", s, least), build.const(graph, 0.0), build.const(graph, 1.0)
    return build.gate("where", counts, build.gate("div", one, build.gate("where", counts, s, one)), zero)
