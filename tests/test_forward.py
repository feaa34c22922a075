"""Forward mode against reverse mode: the derivative along a direction is the gradient times the direction."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from gradcompile.autodiff.forward import along, along_histories
from gradcompile.autodiff.reverse import vjp_of_arguments
from gradcompile.gates import build
from gradcompile.ir.check import check_graph
from gradcompile.ir.nodes import Kind, Node, reachable, reading_state, states_of
from gradcompile.pipeline import recognise, start
from gradcompile.syntax import parse, read
from gradcompile.syntax.program import Program
from gradcompile.verify import samples, search
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import MpmathField

ROOT = Path(__file__).parent
FORMULAS = sorted([*(ROOT / "formulas").glob("*.formula"), *(ROOT.parent / "examples").glob("*.formula")])


def directions(program: Program, graph: Any) -> dict[str, tuple[Node, Any]]:
    """Return an input as a direction for each argument that is differentiated."""
    return {a.name: (build.argument(graph, f"{a.name}_direction", a.axes), a.axes) for a in program.differentiated}


def compare(program: Program, points: int = 2) -> None:
    """Compare both modes at random points, by the transpose of each other; forward mode in both of its ways."""
    unit = recognise(start(program))
    results = [v.node for v in unit.values if not v.node.is_const()]
    graph = results[0].graph
    (_, tangents), upstream = along(results, directions(program, graph)), {}
    stored = along_histories(results, directions(program, graph))
    for place, (result, tangent) in enumerate(zip(results, tangents, strict=True)):
        upstream[result] = build.argument(graph, f"upstream_{place}", sorted({*result.axes, *tangent.axes}))
    gradients = vjp_of_arguments(upstream, {a.name: a.axes for a in program.differentiated})
    check_graph([*tangents, *stored, *gradients.values()], build.result_type)
    sizes = samples.small_sizes(program)
    assert sizes is not None
    found = 0
    for point in search.points(program, sizes, 1, lambda point: _defined(results, point)):
        for way in (tangents, stored):
            _compare_at(program, point, list(zip(results, way, strict=True)), upstream, gradients)
        found += 1
        if found == points:
            return
    assert found


def _defined(results: list[Node], point: samples.Point) -> bool:
    values = evaluate(results, point.numbers(MpmathField()), point.sizes, MpmathField())
    return all(mpmath.isfinite(v) for value in values for v in value.reshape(-1))


def _compare_at(
    program: Program,
    point: samples.Point,
    results: list[tuple[Node, Node]],
    upstream: dict[Node, Node],
    gradients: dict[str, Node],
) -> None:
    draw = random.Random(5)
    field = MpmathField()
    inputs = point.numbers(field)
    left: list[Node] = []
    for result, tangent in results:
        seed = upstream[result]
        inputs[seed.name] = _drawn([samples.length(a, point.sizes) for a in seed.attrs], draw)
        product = build.gate("mul", seed, build.as_real(tangent))
        left.append(build.reduce_all("sum", product, product.axes))
    right: list[Node] = []
    for argument in program.differentiated:
        name = f"{argument.name}_direction"
        drawn = _drawn([samples.length(a, point.sizes) for a in argument.axes], draw)
        inputs[name] = _formed(drawn, argument.structure)
        direction = build.argument(gradients[argument.name].graph, name, argument.axes)
        product = build.gate("mul", gradients[argument.name], direction)
        right.append(build.reduce_all("sum", product, sorted({*product.axes, *argument.axes})))
    with mpmath.workdps(30):
        one, two = (sum(v[()] for v in evaluate(nodes, inputs, point.sizes, field)) for nodes in (left, right))
        assert mpmath.almosteq(one, two, 1e-20, 1e-20), f"forward {one}, reverse {two}"


def _drawn(shape: list[int], draw: random.Random) -> Any:
    values = np.empty(shape, dtype=object)
    for position in np.ndindex(*shape):
        values[position] = mpmath.mpf(draw.uniform(-1, 1))
    return values


def _formed(values: Any, structure: str) -> Any:
    """Return a direction in which a matrix keeps its structure."""
    if structure in ("lower", "upper"):
        return (np.tril if structure == "lower" else np.triu)(values)
    return values + np.swapaxes(values, -1, -2) if structure else values


@pytest.mark.parametrize("path", FORMULAS, ids=[p.stem for p in FORMULAS])
def test_both_modes_agree(path: Path) -> None:
    compare(read(path), points=1)


CASES = {
    "carried state": "x: Real[T]\nw: Real\nh = 0.0\nfor t in range(T):\n    h = tanh(w*h + x[t])\nf = h**2",
    "history": "x: Real[T]\nw: Real\nh = 1.0\nfor t in range(T):\n    h = w*h + x[t]\n    s[t] = h*h\nf = sum(s*x)",
    "two states": "a: Real\nb: Real\nu = a\nv = b\nfor t in range(7):\n    u, v = u + 0.1*v, v - 0.1*sin(u)\nf = u*v",
    "nested": "W: Real[D, D]\nx: Real[T, D]\nh = zeros(D)\nfor t in range(T):\n    g = h\n    for k in range(5):\n"
    "        g = tanh(W @ g + x[t])\n    h = g\nf = sum(h)",
    "while": "a: Real\nx = 1.0\nwhile abs(x*x - exp(a)) > 1e-6:\n    x = 0.5*(x + exp(a)/x)\nf = x*a",
    "solve": "A: Real[N, N]\nb: Real[N]\nf = sum(solve(A + 5*eye(N), b)**2)",
    "cholesky": "A: Real[N, N]\nf = sum(cholesky(A @ A.T + 3*eye(N)))",
    "logdet": "A: Real[N, N]\nf = logdet(A @ A.T + 3*eye(N)) + sum(inv(A @ A.T + eye(N))[0])",
    "stacks": "A: Real[K, N, N]\nb: Real[N]\nf = sum(solve(A + 5*eye(N), b) * b)",
    "gathers": "x: Real[N]\np: Int[N]\nf = [sum(x[p[j]]*x[j] for j in range(i)) for i in range(N)]",
    "winner": "x: Real[N, D]\nc: Real[K, D]\nf = sum(min(sum((x[i, d] - c[k, d])**2 for d in range(D))"
    " for k in range(K)) for i in range(N))",
    "masked": "x: Real[N]\nf = sum(log(x[i] - x[i-1]) if i > 0 and x[i] > x[i-1] else x[i] for i in range(N))",
    "several results": "x: Real[N]\na = sum(x**2)\nb = x/a\nreturn a, b",
    "cumulative": "x: Real[N]\nf = sum(cumprod(x)*cumsum(x)) + prod(x)",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_constructs(text: str) -> None:
    compare(parse(text, "<test>"))


def test_an_untaken_branch_puts_no_nan_into_a_tangent() -> None:
    program = parse("x: Real\nf = sqrt(x if x > 0 else 0.0) + sqrt(relu(x))", "<test>")
    graph = program.graph
    (_,), (tangent,) = along([program.results[0][1].node], {"x": (build.const(graph, 1.0), ())})
    (value,) = evaluate([tangent], {"x": mpmath.mpf(-1)}, {}, MpmathField())
    assert value[()] == 0


def test_the_tangents_of_states_run_on_their_histories() -> None:
    """The states' loop stays as it is, and what a step's tangent needs of them is computed for all steps at once."""
    program = parse(CASES["carried state"], "<test>")
    value = program.results[0][1].node
    (tangent,) = along_histories([value], {"w": (build.const(program.graph, 1.0), ())})
    nodes = reachable([tangent])
    loops = [n for n in nodes if n.kind is Kind.RECURRENCE]
    assert len(loops) == 2
    assert loops[0] in reachable([value])
    (body,) = states_of(loops[1])[1]
    assert not [n for n in reading_state([body], 0) if n.op in ("tanh", "square", "sub")]


def test_an_untaken_branch_puts_no_nan_into_the_tangent_of_a_state() -> None:
    text = "x: Real\nh = x\nfor t in range(3):\n    h = sqrt(h if h > 0 else 0.0) if t > 5 else h*x\nf = h"
    program = parse(text, "<test>")
    (tangent,) = along_histories([program.results[0][1].node], {"x": (build.const(program.graph, 1.0), ())})
    (value,) = evaluate([tangent], {"x": mpmath.mpf(-1)}, {}, MpmathField())
    assert value[()] == -4


def test_a_million_steps_need_no_history() -> None:
    program = parse(CASES["carried state"], "<test>")
    graph, value = program.graph, program.results[0][1].node
    (primal,), (tangent,) = along([value], {"w": (build.const(graph, 1.0), ())})
    loops = {n for n in reachable([primal, tangent]) if n.kind is Kind.RECURRENCE}
    histories = {n.attrs[1] for n in reachable([primal, tangent]) if n.kind is Kind.HISTORY}
    assert len(loops) == 1
    assert histories == {"final"}
