"""Extents decide equality and order; graphs share, verify and round-trip."""

from __future__ import annotations

import random

import pytest

from gradcompile.errors import InternalError
from gradcompile.gates import build
from gradcompile.ir.check import check_graph
from gradcompile.ir.dims import Extent, same_size
from gradcompile.ir.nodes import Axis, DType, Graph, Kind, reachable
from gradcompile.ir.text import parse_extent, parse_graph, print_graph

N, M = Extent.of("N"), Extent.of("M")
n, m = Axis(N, 0), Axis(M, 0)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (N * (N - 1) // 2, (N * N - N) // 2),
        ((N + 1) * (N - 1), N**2 - 1),
        ((N * 4 + 6) // 2, N * 2 + 3),
        ((N * 2 + 1) % 2, Extent.of(1)),
        ((N * 3 + 1) // 2, N + (N + 1) // 2),
        (N * (N + 1) * (N + 2) // 6, N * (N + 1) // 2 * (N + 2) // 3),
    ],
)  # fmt: skip
def test_equal_extents_are_identical(left: Extent, right: Extent) -> None:
    assert left == right
    assert same_size(left, right) is True


def test_unequal_and_undecided_extents() -> None:
    assert same_size(N, M) is False
    assert same_size(N, N - 1) is False
    assert same_size(N // 2 + (N + 1) // 2, N) is None


def test_extents_against_integers() -> None:
    """Normal forms keep their value: random expressions, evaluated both ways."""
    draw = random.Random(1)
    for _ in range(200):
        sizes = {"N": draw.randint(0, 9), "M": draw.randint(0, 9)}
        symbolic, number = N, sizes["N"]
        for _ in range(5):
            k = draw.randint(1, 4)
            step = draw.choice(["add", "mul", "sub", "floordiv", "mod", "other"])
            if step == "add":
                symbolic, number = symbolic + k, number + k
            elif step == "mul":
                symbolic, number = symbolic * k, number * k
            elif step == "sub":
                symbolic, number = symbolic - k, number - k
            elif step == "floordiv":
                symbolic, number = symbolic // k, number // k
            elif step == "mod":
                symbolic, number = symbolic % k, number % k
            else:
                symbolic, number = symbolic * M + N, number * sizes["M"] + sizes["N"]
        assert symbolic.evaluate(sizes) == number
        assert parse_extent(str(symbolic)) == symbolic


def test_at_least() -> None:
    assert (N + 1).at_least(1)
    assert (N * (N - 1) // 2).at_least(0)
    assert not (N - 1).at_least(0)
    assert not (N - M).at_least(0)


def test_equal_nodes_are_one_node() -> None:
    graph = Graph()
    x = build.argument(graph, "x", [n])
    assert build.gate("exp", x) is build.gate("exp", build.argument(graph, "x", [n]))
    assert build.const(graph, 1) is not build.const(graph, 1.0)
    assert build.const(graph, 0.0) is not build.const(graph, -0.0)
    assert build.const(graph, float("nan")) is build.const(graph, float("nan"))


def _sample() -> tuple[Graph, dict[str, object]]:
    graph = Graph()
    x = build.argument(graph, "x", [n, m])
    taken = build.take(x, n, build.gate("add", build.iota(graph, Axis(N - 1, 0)), build.const(graph, 1)))
    running = build.cumulate("mul", build.reduce("max", x, m), n)
    spread = build.scatter(running, Axis(N * 2, 0), build.iota(graph, n), [n])
    renamed = build.rename(build.gate("exp", x), {n: Axis(N, 1)})
    return graph, {"taken": taken, "spread": spread, "renamed": renamed, "size": build.extent(graph, N * M)}


def test_text_round_trip() -> None:
    _graph, roots = _sample()
    text = print_graph(roots)  # type: ignore[arg-type]
    _again, parsed = parse_graph(text)
    assert print_graph(parsed) == text
    check_graph(parsed.values(), build.result_type)


def test_a_text_that_is_no_graph_is_refused() -> None:
    with pytest.raises(InternalError, match="not a line of a graph"):
        parse_graph("%0 = nonsense\n")


@pytest.mark.parametrize(
    ("kind", "name", "reads", "attrs", "dtype"),
    [
        (Kind.REDUCE, "sum", 1, (m,), DType.REAL),
        (Kind.GATE, "exp", 1, (), DType.INT),
        (Kind.TAKE, "", 2, (n,), DType.REAL),
        (Kind.RENAME, "", 2, ((n, m),), DType.REAL),
    ],
)
def test_the_verifier_finds_broken_nodes(
    kind: Kind, name: str, reads: int, attrs: tuple[Axis, ...], dtype: DType
) -> None:
    graph = Graph()
    x = build.argument(graph, "x", [n])
    node = graph.make(kind, name, (x,) * reads, attrs, dtype)
    with pytest.raises(InternalError):
        check_graph([node], build.result_type)


def test_traversal_does_not_recurse() -> None:
    graph = Graph()
    node = build.argument(graph, "x")
    for _ in range(50_000):
        node = build.gate("sin", node)
    assert len(reachable([node])) == 50_001
