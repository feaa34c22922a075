"""The graph evaluator: recurrences, guarded reads and checks, on graphs built by hand, against plain loops."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

from gradcompile.gates import build
from gradcompile.gates.substitute import recur
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Graph, Node
from gradcompile.verify.arrays import elementwise
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import Field, MpmathField, SympyField, TooLargeError, UndefinedError

N, M, T = Axis(Extent.of("N"), 0), Axis(Extent.of("M"), 0), Axis(Extent.of("N"), 1000)
STEPS = Axis(Extent.of("steps"), 1001)
SIZES = {"N": 4, "M": 3}
X = np.array([0.5, -1.25, 2.0, 0.75])
A = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5], [0.25, 1.0, -2.0], [1.25, -0.75, 0.375]])
K = np.array([2, 0, 3, 1])


@pytest.fixture
def graph() -> Graph:
    return Graph()


def value(root: Node, field: Field | None = None, sizes: dict[str, int] = SIZES, **inputs: Any) -> Any:
    field = field or MpmathField()
    given = {"x": X, "A": A, "k": K, "s": 1.5, "n": 3, **inputs}

    def element(given: Any) -> Any:
        return given if isinstance(given, sympy.Basic) else field.number(given)

    elements = {n: elementwise(element, np.asarray(v, dtype=object)) for n, v in given.items()}
    (found,) = evaluate([root], elements, sizes, field)
    return found


def close(root: Node, expected: Any, **inputs: Any) -> None:
    found = np.array(value(root, **inputs), dtype=float)
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def real(graph: Graph, name: str, *axes: Axis) -> Node:
    return build.argument(graph, name, axes)


def whole(graph: Graph, name: str, *axes: Axis) -> Node:
    return build.argument(graph, name, axes, DType.INT)


def test_running_sums_and_products(graph: Graph) -> None:
    close(build.cumulate("add", real(graph, "x", N), N), np.cumsum(X))
    close(build.others(real(graph, "x", N), N), np.prod(X) / X)


@pytest.mark.parametrize("backward", [False, True])
def test_two_states_and_their_histories(graph: Graph, backward: bool) -> None:
    a, b = build.carry(graph, 0, 0, []), build.carry(graph, 0, 1, [])
    x = real(graph, "x", T)
    one = build.const(graph, 1.0)
    node = recur(
        [real(graph, "s"), one], [build.gate("mul", b, x), build.gate("add", a, b)], T, depth=0, backward=backward
    )
    states = [(1.5, 1.0)]
    for t in range(4)[:: -1 if backward else 1]:
        states.append((states[-1][1] * X[t], states[-1][0] + states[-1][1]))
    for slot in (0, 1):
        run = np.array([s[slot] for s in states])
        close(build.history(node, slot, "after"), run[1:][:: -1 if backward else 1])
        close(build.history(node, slot, "before"), run[:-1][:: -1 if backward else 1])
        close(build.history(node, slot, "final"), run[-1])


def test_a_state_with_axes_that_the_start_lacks(graph: Graph) -> None:
    h = build.carry(graph, 0, 0, [])
    row = real(graph, "A", T, M)
    node = recur([real(graph, "s")], [build.gate("add", build.gate("mul", h, h), row)], T, depth=0)
    state: Any = 1.5
    for t in range(4):
        state = state * state + A[t]
    close(build.history(node, 0, "final"), state)


def test_a_reduction_inside_a_body(graph: Graph) -> None:
    """h = tanh(sum(A[t, j] * h[j]) * A[t])."""
    h = build.carry(graph, 0, 0, [M])
    row = real(graph, "A", T, M)
    inner = build.reduce("sum", build.gate("mul", row, h), M)
    node = recur([build.const(graph, 1.0)], [build.gate("tanh", build.gate("mul", inner, row))], T, depth=0)
    state = np.ones(3)
    for t in range(4):
        state = np.tanh((A[t] @ state) * A[t])
    close(build.history(node, 0, "final"), state)


def test_a_reduction_over_the_axis_that_is_held(graph: Graph) -> None:
    """s = sum(s * x[j] for j over N) in a loop over the same axis N: all positions are seen."""
    s, x = build.carry(graph, 0, 0, []), real(graph, "x", N)
    node = recur([real(graph, "s")], [build.reduce("sum", build.gate("mul", s, x), N)], N, depth=0)
    close(build.history(node, 0, "final"), 1.5 * np.sum(X) ** 4)


def test_reading_all_of_the_axis_that_is_held(graph: Graph) -> None:
    """s = s * x[k[t]] in a loop over the axis of x itself, at an index that the state is part of."""
    s, j = build.carry(graph, 0, 0, []), build.carry(graph, 0, 1, [], DType.INT)
    x, k = real(graph, "x", N), whole(graph, "k", N)
    read = build.take(x, N, j)
    node = recur(
        [real(graph, "s"), build.const(graph, 0)], [build.gate("add", s, read), build.take(k, N, j)], N, depth=0
    )
    state, at = 1.5, 0
    for _ in range(4):
        state, at = state + X[at], K[at]
    close(build.history(node, 0, "final"), state)


def test_writing_to_the_axis_that_is_held(graph: Graph) -> None:
    """h = h + scatter(x[t] at k[t]): an array that is filled place by place."""
    h = build.carry(graph, 0, 0, [M])
    x, k = real(graph, "x", T), whole(graph, "k", T)
    put = build.scatter(x, M, k, [], build.gate("lt", k, build.extent(graph, M.extent)))
    node = recur([build.const(graph, 0.0)], [build.gate("add", h, put)], T, depth=0)
    state = np.zeros(3)
    for t in range(4):
        if K[t] < 3:
            state[K[t]] += X[t]
    close(build.history(node, 0, "final"), state)


def test_nested_recurrences(graph: Graph) -> None:
    """Layers inside time steps; the inner history is read inside the outer body and the outer one outside."""
    outer, inner = build.carry(graph, 0, 0, []), build.carry(graph, 1, 0, [])
    x, row = real(graph, "x", T), real(graph, "A", T, M)
    layers = recur([build.gate("mul", outer, x)], [build.gate("tanh", build.gate("add", inner, row))], M, depth=1)
    every = build.history(layers, 0, "after")
    node = recur([real(graph, "s")], [build.reduce("sum", build.gate("mul", every, row), M)], T, depth=0)
    state, seen = 1.5, []
    for t in range(4):
        h, total = state * X[t], 0.0
        for m in range(3):
            h = np.tanh(h + A[t, m])
            total += h * A[t, m]
        state = total
        seen.append(state)
    close(build.history(node, 0, "after"), seen)


def test_a_recurrence_with_the_outer_axis_as_a_stack(graph: Graph) -> None:
    h, row = build.carry(graph, 0, 0, [N]), real(graph, "A", N, M)
    node = recur([real(graph, "x", N)], [build.gate("sin", build.gate("add", h, row))], M, depth=0)
    state = X
    for m in range(3):
        state = np.sin(state + A[:, m])
    close(build.history(node, 0, "final"), state)


def test_a_loop_with_a_condition(graph: Graph) -> None:
    s = build.carry(graph, 0, 0, [])
    third = build.gate("div", s, build.const(graph, 3.0))
    position = build.gate("real", build.iota(graph, STEPS))
    body = build.gate("add", third, build.gate("mul", build.const(graph, 0.001), position))
    node = recur([real(graph, "s")], [body], STEPS, depth=0, condition=build.gate("gt", s, build.const(graph, 0.05)))
    states = [1.5]
    while states[-1] > 0.05:
        states.append(states[-1] / 3 + 0.001 * (len(states) - 1))
    close(build.history(node, 0, "after"), states[1:])
    close(build.history(node, 0, "final"), states[-1])
    count = build.gate("mul", build.extent(graph, STEPS.extent), build.history(node, 0, "final"))
    close(count, (len(states) - 1) * states[-1])
    back = build.carry(graph, 0, 0, [])
    weights = recur([build.const(graph, 0.0)], [build.gate("add", back, position)], STEPS, depth=0, backward=True)
    total = build.gate("add", build.history(weights, 0, "final"), build.history(node, 0, "final"))
    close(total, states[-1] + sum(range(len(states) - 1)))


def test_a_loop_with_a_condition_inside_another(graph: Graph) -> None:
    """The inner loop takes another number of steps each time."""
    outer, inner = build.carry(graph, 0, 0, []), build.carry(graph, 1, 0, [])
    half = build.gate("div", inner, build.const(graph, 2.0))
    part = build.gate("add", half, build.gate("mul", build.const(graph, 0.01), build.iota(graph, STEPS)))
    condition = build.gate("gt", inner, build.const(graph, 1.0))
    loop = recur(
        [build.gate("add", outer, build.gate("abs", real(graph, "x", T)))], [part], STEPS, depth=1, condition=condition
    )
    every = build.reduce("sum", build.history(loop, 0, "before"), STEPS)
    body = build.gate("add", build.history(loop, 0, "final"), every)
    node = recur([real(graph, "s")], [body], T, depth=0)
    state = 1.5
    for t in range(4):
        r, total, i = state + abs(X[t]), 0.0, 0
        while r > 1:
            total += r
            r, i = r / 2 + 0.01 * i, i + 1
        state = r + total
    close(build.history(node, 0, "final"), state)


def test_a_loop_that_does_not_end(graph: Graph) -> None:
    s = build.carry(graph, 0, 0, [])
    node = recur([real(graph, "s")], [s], STEPS, depth=0, condition=build.gate("gt", s, build.const(graph, 0.0)))
    with pytest.raises(UndefinedError):
        value(build.gate("neg", node.graph.make(build.Kind.HISTORY, operands=(node,), attrs=(0, "final"))))


def test_no_steps(graph: Graph) -> None:
    h = build.carry(graph, 0, 0, [])
    node = recur([real(graph, "s")], [build.gate("add", h, real(graph, "x", T))], T, depth=0)
    assert value(build.history(node, 0, "final"), sizes={"N": 0, "M": 3}, x=np.zeros(0)) == 1.5
    assert value(build.history(node, 0, "after"), sizes={"N": 0, "M": 3}, x=np.zeros(0)).shape == (0,)


def test_an_extent_that_is_an_input(graph: Graph) -> None:
    axis = Axis(Extent.of("n"), 1000)
    close(build.reduce("sum", build.gate("real", build.iota(graph, axis)), axis), 3.0)


def test_guarded_reads(graph: Graph) -> None:
    x, position = real(graph, "x", N), build.iota(graph, N)
    before = build.gate("sub", position, build.const(graph, 1))
    guard = build.gate("ge", before, build.const(graph, 0))
    close(build.take(x, N, before, guard), [0, *X[:-1]])
    close(build.scatter(x, N, before, [N], guard), [*X[1:], 0])


def test_an_unguarded_read_outside_has_no_value(graph: Graph) -> None:
    x = real(graph, "x", N)
    beyond = build.gate("add", build.iota(graph, N), build.const(graph, 1))
    assert mpmath.isnan(value(build.take(x, N, beyond))[-1])


def test_a_guard_of_symbols(graph: Graph) -> None:
    x, k = real(graph, "x", N), whole(graph, "k", N)
    guard = build.gate("gt", x, build.const(graph, 0.0))
    names = np.array(sympy.symbols("x0:4", real=True), dtype=object)
    point = dict(zip(names, map(sympy.Rational, X), strict=True))
    read = value(build.take(x, N, k, guard), SympyField(), x=names)
    assert [float(e.subs(point)) for e in read] == [X[K[i]] if X[i] > 0 else 0 for i in range(4)]
    put = value(build.scatter(x, N, k, [N], guard), SympyField(), x=names)
    expected = np.zeros(4)
    expected[K] = np.maximum(X, 0)
    assert [float(e.subs(point)) for e in put] == list(expected)
    place = build.gate("where", guard, k, build.const(graph, 0))
    with pytest.raises(TooLargeError):
        value(build.take(x, N, place), SympyField(), x=names)


def test_checks(graph: Graph) -> None:
    k, size = whole(graph, "k", N), build.extent(graph, N.extent)
    message = "an index into x is out of range: {index} of {size}"
    assert list(value(build.checked(k, size, message))) == list(K)
    three = build.const(graph, 3)
    with pytest.raises(UndefinedError, match="an index into x is out of range: 3 of 3"):
        value(build.checked(k, three, message))
    assert list(value(build.checked(k, three, message, build.gate("lt", k, three)))) == list(K)


def test_a_quotient_in_a_branch_that_is_not_taken(graph: Graph) -> None:
    position = build.iota(graph, N)
    quotient = build.gate("floordiv", build.const(graph, 6), position)
    node = build.gate("where", build.gate("gt", position, build.const(graph, 0)), quotient, build.const(graph, -1))
    assert list(value(node)) == [-1, 6, 3, 2]


def test_array_gates_on_stacks(graph: Graph) -> None:
    i, j, b = Axis(Extent.of("M"), 0), Axis(Extent.of("M"), 1), Axis(Extent.of("N"), 0)
    rng = np.random.default_rng(0)
    stack, right = rng.normal(size=(4, 3, 3)), rng.normal(size=(4, 3))
    S, r = real(graph, "S", b, i, j), real(graph, "r", b, i)
    close(
        build.array_gate("solve", [S, r], [[i, j], [i]], [j]),
        np.linalg.solve(stack, right[..., None])[..., 0].T,
        S=stack,
        r=right,
    )
    close(build.array_gate("det", [S], [[i, j]], []), np.linalg.det(stack), S=stack)
    h = build.carry(graph, 0, 0, [i])
    node = recur(
        [build.const(graph, 1.0)],
        [build.rename(build.array_gate("solve", [S, h], [[i, j], [i]], [j]), {j: i})],
        b,
        depth=0,
    )
    state = np.ones(3)
    for matrix in stack:
        state = np.linalg.solve(matrix, state)
    close(build.history(node, 0, "final"), state, S=stack)
