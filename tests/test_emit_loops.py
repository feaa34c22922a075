"""Loops, guarded reads and changes in place in the readable target, on graphs made by hand."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import gradcompile
from gradcompile.emit.load import load
from gradcompile.emit.module import assemble
from gradcompile.emit.numpy_target import kernel
from gradcompile.errors import Span
from gradcompile.gates import build
from gradcompile.gates.substitute import recur
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Graph, Node
from gradcompile.pipeline import Unit, run_passes
from gradcompile.syntax.program import Argument, Program, Value

T, H, N, K = (Axis(Extent.of(name), 0) for name in "THNK")
N1 = Axis(Extent.of("N"), 1)
H1 = Axis(Extent.of("H"), 1)
gate = build.gate


class Formula:
    """A program made of nodes: its arguments, and its results by name."""

    def __init__(self) -> None:
        self.graph = Graph()
        self.program = Program("test", "test.formula", "", "", ast.parse(""), self.graph)

    def real(self, name: str, *axes: Axis) -> Node:
        self.program.arguments.append(Argument(name, "Param", DType.REAL, axes, differentiated=True))
        return build.argument(self.graph, name, axes)

    def integer(self, name: str, *axes: Axis) -> Node:
        self.program.arguments.append(Argument(name, "Int", DType.INT, axes))
        return build.argument(self.graph, name, axes, DType.INT)

    def const(self, value: float) -> Node:
        return build.const(self.graph, value)

    def carry(self, depth: int, slot: int, *axes: Axis, dtype: DType = DType.REAL) -> Node:
        return build.carry(self.graph, depth, slot, axes, dtype)

    def returns(self, **results: Node | tuple[Node, Sequence[Axis]]) -> None:
        for name, result in results.items():
            value = Value(*result) if isinstance(result, tuple) else Value(result)
            self.program.results.append((name, value))
            self.program.names[name] = value

    def body(self) -> list[str]:
        """Return the statements of the kernel of the value, as the user wrote it."""
        unit = run_passes(self.program, gradient=False)
        lines = kernel(unit, "k", unit.values).lines[1:-1]
        return [line[4:].partition("  #")[0] for line in lines if ".shape" not in line]

    def module(self, gradient: bool = False) -> Any:
        functions = ("value", "value_and_grad") if gradient else ("value",)
        unit: Unit = run_passes(self.program, gradient=gradient)
        source = assemble(self.program, unit, "numpy", functions, "")
        return load(source, "test")


def name_step(formula: Formula, axis: Axis, name: str) -> None:
    formula.graph.index_names[axis] = name


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def recurrent_network() -> tuple[Formula, Node]:
    """Return h = tanh(W @ h + x[t]) for each t."""
    f = Formula()
    x, w = f.real("x", T, H), f.real("W", H, H1)
    h = f.carry(0, 0, H)
    product = build.reduce("sum", gate("mul", w, build.rename(h, {H: H1})), H1)
    of = recur([f.const(0.0)], [gate("tanh", gate("add", product, x))], T, depth=0)
    return f, of


def test_a_state_whose_end_is_read_is_a_variable() -> None:
    f, of = recurrent_network()
    f.returns(h=(build.history(of, 0, "final"), [H]))
    assert f.body() == [
        "h = np.zeros(H)",
        "for t in range(T):",
        "    h = np.tanh(W @ h + x[t])",
    ]
    numbers = rng()
    for steps in (0, 1, 5):
        x, w = numbers.normal(size=(steps, 3)), numbers.normal(size=(3, 3))
        h = np.zeros(3)
        for t in range(steps):
            h = np.tanh(w @ h + x[t])
        np.testing.assert_allclose(f.module().value(x, w), h)


@pytest.mark.parametrize("backward", [False, True])
def test_histories_are_rows_of_one_array(backward: bool) -> None:
    f = Formula()
    x, h0 = f.real("x", T, H), f.real("h0", H)
    body = gate("add", gate("mul", f.const(0.5), f.carry(0, 0, H)), x)
    of = recur([h0], [body], T, depth=0, backward=backward)
    before, after, final = (build.history(of, 0, which) for which in ("before", "after", "final"))
    f.returns(r=(gate("mul", after, before), [T, H]), s=(gate("add", final, h0), [H]))
    order = range(4) if not backward else range(3, -1, -1)
    x_, h = rng().normal(size=(4, 3)), rng().normal(size=3)
    start, wanted = h, np.empty((4, 3))
    for t in order:
        old, h = h, 0.5 * h + x_[t]
        wanted[t] = h * old
    got = f.module().value(x_, start)
    np.testing.assert_allclose(got.r, wanted)
    np.testing.assert_allclose(got.s, h + start)
    loop = "for t in range(T):" if not backward else "for t in reversed(range(T)):"
    assert loop in f.body()
    assert f.module().value(np.zeros((0, 3)), start).s == pytest.approx(2 * start)


def test_states_that_change_together() -> None:
    f = Formula()
    n = f.integer("n")
    steps = Axis(Extent.of("n"), 0)
    a, b = f.carry(0, 0), f.carry(0, 1)
    of = recur([f.const(0.0), f.const(1.0)], [b, gate("add", a, b)], steps, depth=0)
    del n
    f.returns(fibonacci=build.history(of, 0, "final"))
    assert (
        f.body()
        == [
            "fibonacci = 0.0",
            "state = 1.0",
            "for t in range(n):",
            "    fibonacci, state = (state, fibonacci + state)",
        ]
        or f.body()[-1] == "    fibonacci, state = state, fibonacci + state"
    )
    assert [f.module().value(n) for n in (0, 1, 2, 10)] == [0, 1, 1, 55]


def test_a_state_that_uses_the_new_value_of_another() -> None:
    f = Formula()
    x = f.real("x", T)
    c, h = f.carry(0, 0), f.carry(0, 1)
    new_c = gate("add", gate("mul", f.const(0.5), c), gate("mul", x, h))
    new_h = gate("tanh", gate("add", new_c, h))
    of = recur([f.const(0.0), f.const(1.0)], [new_c, new_h], T, depth=0)
    f.returns(h=build.history(of, 1, "final"), c=build.history(of, 0, "final"))
    assert f.body() == [
        "c = 0.0",
        "h = 1.0",
        "for t in range(T):",
        "    c = 0.5 * c + x[t] * h",
        "    h = np.tanh(c + h)",
    ]


def test_an_array_is_filled_in_place() -> None:
    f = Formula()
    x = f.real("x", N)
    name_step(f, N1, "i")
    a = f.carry(0, 0, N)
    i = build.iota(f.graph, N1)
    last = gate("sub", i, f.const(1))
    guard = gate("gt", i, f.const(0))
    read = build.take(a, N, last, guard)
    here = build.take(x, N, i)
    new = gate("where", gate("eq", build.iota(f.graph, N), i), gate("add", gate("sin", read), here), a)
    of = recur([f.const(0.0)], [new], N1, depth=0)
    f.returns(a=(build.history(of, 0, "final"), [N]))
    assert f.body() == [
        "a = np.zeros(N)",
        "for i in range(N):",
        "    a[i] = np.sin(a[i - 1] if i > 0 else 0.0) + x[i]",
    ]
    x_ = rng().normal(size=6)
    wanted = np.zeros(6)
    for k in range(6):
        wanted[k] = np.sin(wanted[k - 1] if k else 0.0) + x_[k]
    np.testing.assert_allclose(f.module().value(x_), wanted)
    assert f.module().value(np.zeros(0)).shape == (0,)


def test_an_element_that_is_still_read_is_named_before_it_changes() -> None:
    """Swap a[i] and a[n - 1 - i], and add up what was there."""
    f = Formula()
    x = f.real("x", N)
    name_step(f, N1, "i")
    a, s = f.carry(0, 0, N), f.carry(0, 1)
    i = build.iota(f.graph, N1)
    j = gate("sub", build.extent(f.graph, Extent.of("N") - 1), i)
    position = build.iota(f.graph, N)
    first, second = build.take(a, N, i), build.take(a, N, j)
    swapped = gate("where", gate("eq", position, j), first, gate("where", gate("eq", position, i), second, a))
    total = gate("add", gate("mul", s, f.const(0.5)), gate("mul", first, second))
    of = recur([x, f.const(0.0)], [swapped, total], N1, depth=0)
    f.returns(a=(build.history(of, 0, "final"), [N]), s=build.history(of, 1, "final"))
    x_ = rng().normal(size=5)
    wanted, s_ = x_.copy(), 0.0
    for k in range(5):
        s_ = 0.5 * s_ + wanted[k] * wanted[4 - k]
        wanted[k], wanted[4 - k] = wanted[4 - k], wanted[k]
    got = f.module().value(x_)
    np.testing.assert_allclose(got.a, wanted)
    assert got.s == pytest.approx(s_)
    assert not any("np.where" in line for line in f.body())


def test_a_table_is_filled_by_nested_loops_in_place() -> None:
    """A[i, j] = A[i - 1, j] + A[i, j - 1] * x[i]."""
    f = Formula()
    x = f.real("x", N)
    rows, columns = Axis(Extent.of("N"), 2), Axis(Extent.of("N"), 3)
    name_step(f, rows, "i")
    name_step(f, columns, "j")
    i, j = build.iota(f.graph, rows), build.iota(f.graph, columns)
    outer, inner = f.carry(0, 0, N, N1), f.carry(1, 0, N, N1)

    def element(row: Node, column: Node, guard: Node) -> Node:
        return build.take(build.take(inner, N, row, guard), N1, column, guard)

    one = f.const(1)
    above = element(gate("sub", i, one), j, gate("gt", i, f.const(0)))
    left = element(i, gate("sub", j, one), gate("gt", j, f.const(0)))
    value = gate("add", above, gate("mul", left, build.take(x, N, i)))
    place = gate("and", gate("eq", build.iota(f.graph, N), i), gate("eq", build.iota(f.graph, N1), j))
    row = recur([outer], [gate("where", place, value, inner)], columns, depth=1)
    of = recur([f.const(0.0)], [build.history(row, 0, "final")], rows, depth=0)
    f.returns(A=(build.history(of, 0, "final"), [N, N1]))
    assert f.body() == [
        "A = np.zeros((N, N))",
        "for i in range(N):",
        "    for j in range(N):",
        "        t1 = A[i - 1, j] if i > 0 else 0.0",
        "        t2 = (A[i, j - 1] if j > 0 else 0.0) * x[i]",
        "        A[i, j] = t1 + t2",
    ]
    x_ = rng().normal(size=4)
    wanted = np.zeros((4, 4))
    for r in range(4):
        for c in range(4):
            up, before = wanted[r - 1, c] if r else 0.0, wanted[r, c - 1] if c else 0.0
            wanted[r, c] = up + before * x_[r]
    np.testing.assert_allclose(f.module().value(x_), wanted)


def test_scatters_are_added_in_place() -> None:
    f = Formula()
    x, index = f.real("x", T), f.integer("index", T)
    a = f.carry(0, 0, N)
    size = build.extent(f.graph, Extent.of("N"))
    start = f.real("start", N)
    at = build.checked(index, size, "an index into a is out of range: {index} of {size} (line 3)")
    added = gate("mul", build.take(a, N, at), x)
    of = recur([start], [gate("add", a, build.scatter(added, N, at, ()))], T, depth=0)
    f.returns(a=(build.history(of, 0, "final"), [N]))
    assert f.body() == [
        '_check(index, N, "an index into a is out of range: {index} of {size} (line 3)")',
        "a = start.copy()",
        "for t in range(T):",
        "    a[index[t]] += a[index[t]] * x[t]",
    ]
    x_, at_, a_ = rng().normal(size=5), np.array([0, 2, 2, 1, 0]), rng().normal(size=3)
    wanted = a_.copy()
    for t in range(5):
        wanted[at_[t]] += wanted[at_[t]] * x_[t]
    module = f.module()
    np.testing.assert_allclose(module.value(x_, at_, a_), wanted)
    with pytest.raises(IndexError, match=r"an index into a is out of range: 3 of 3 \(line 3\)"):
        module.value(x_, np.array([0, 3, 0, 0, -1]), a_)


def while_loop() -> tuple[Formula, Node, Axis]:
    """Return Newton's square root of a: x = (x + a / x) / 2 while |x * x - a| > 1e-12 * a."""
    f = Formula()
    a = f.real("a")
    steps = Axis(Extent.of("steps_1"), 0)
    x = f.carry(0, 0)
    body = gate("mul", f.const(0.5), gate("add", x, gate("div", a, x)))
    with f.graph.origin(Span("test.formula", 5)):
        far = gate("abs", gate("sub", gate("mul", x, x), a))
        of = recur([f.const(1.0)], [body], steps, depth=0, condition=gate("gt", far, gate("mul", f.const(1e-12), a)))
    return f, of, steps


def test_while() -> None:
    f, of, _ = while_loop()
    f.program.max_steps = 40
    f.returns(x=build.history(of, 0, "final"))
    assert f.body() == [
        "t1 = 1e-12 * a",
        "x = 1.0",
        "steps_1 = 0",
        "while np.abs(x * x - a) > t1:",
        "    if steps_1 == 40:",
        '        raise RuntimeError("the loop on line 5 did not end within 40 steps")',
        "    x = 0.5 * (x + a / x)",
        "    steps_1 += 1",
    ]
    module = f.module()
    assert module.value(2.0) == pytest.approx(2**0.5, rel=1e-12)
    with pytest.raises(RuntimeError, match="the loop on line 5 did not end within 40 steps"):
        module.value(-1.0)


def test_the_history_of_a_while_is_a_list() -> None:
    f, of, steps = while_loop()
    count = build.extent(f.graph, Extent.of("steps_1"))
    total = build.reduce("sum", build.history(of, 0, "before"), steps)
    f.returns(x=build.history(of, 0, "final"), s=gate("add", total, count))
    lines = f.body()
    assert "x_history = [x]" in lines
    assert "    x_history.append(x)" in lines
    assert "x_history = np.array(x_history)" in lines
    x, history = 1.0, []
    while abs(x * x - 2) > 2e-12:
        history.append(x)
        x = 0.5 * (x + 2 / x)
    got = f.module().value(2.0)
    assert got.s == pytest.approx(sum(history) + len(history))


def test_running_sums_and_products() -> None:
    f = Formula()
    x = f.real("x", T)
    others = build.others(x, T)
    f.returns(p=(others, [T]), s=(build.cumulate("add", x, T), [T]))
    x_ = np.array([2.0, 0.0, 3.0, 0.5])
    got = f.module().value(x_)
    np.testing.assert_allclose(got.p, [0, 3, 0, 0])
    np.testing.assert_allclose(got.s, np.cumsum(x_))
    assert not any("for" in line for line in f.body())
    assert f.module().value(np.zeros(0)).p.shape == (0,)


GUARDED = [
    ("x", -1, lambda x: np.array([0.0, *x[:-1]]), "_shifted(x, 1)"),
    ("x", 2, lambda x: np.array([*x[2:], 0.0, 0.0])[: len(x)] if len(x) > 1 else 0 * x, "_shifted(x, -2)"),
]


@pytest.mark.parametrize(("name", "by", "wanted", "text"), GUARDED)
def test_a_guarded_read_of_a_neighbour_is_a_shift(name: str, by: int, wanted: Any, text: str) -> None:
    f = Formula()
    x = f.real(name, N)
    index = gate("add", build.iota(f.graph, N), f.const(by))
    guard = gate("ge", index, f.const(0)) if by < 0 else gate("lt", index, build.extent(f.graph, Extent.of("N")))
    f.returns(y=(build.take(x, N, index, guard), [N]))
    assert f.body() == [f"y = {text}"]
    for size in range(5):
        x_ = rng().normal(size=size) if size else np.zeros(0)
        np.testing.assert_allclose(f.module().value(x_), wanted(x_) if size else x_)
        back = f.module(gradient=False)
        assert back.value(x_).shape == (size,)


def test_guarded_reads_never_touch_what_is_outside() -> None:
    f = Formula()
    x, index = f.real("x", N, H), f.integer("index", K)
    size = build.extent(f.graph, Extent.of("N"))
    inside = gate("and", gate("ge", index, f.const(0)), gate("lt", index, size))
    f.returns(y=(build.take(x, N, index, inside), [K, H]))
    x_, index_ = rng().normal(size=(3, 2)), np.array([2, -1, 7, 0])
    got = f.module().value(x_, index_)
    np.testing.assert_allclose(got, [x_[2], [0, 0], [0, 0], x_[0]])
    assert f.module().value(np.zeros((0, 2)), index_).tolist() == np.zeros((4, 2)).tolist()


GATHERS = [
    ("x[i, j]", lambda x, i, j: x[i, j]),
    ("x[i[:, None], j]", lambda x, i, j: x[i[:, None], j]),
    ("x[i]", lambda x, i, j: x[i]),
    ("x[:, j]", lambda x, i, j: x[:, j]),
    ("x[0, j]", lambda x, i, j: x[0, j]),
]


@pytest.mark.parametrize(("text", "wanted"), GATHERS)
def test_fancy_indexing_and_its_adjoint(text: str, wanted: Any) -> None:
    f = Formula()
    other = Axis(Extent.of("K"), 1)
    x, i, j = f.real("x", N, H), f.integer("i", K), f.integer("j", K)
    weight = f.real("w", K)
    node: Node = x
    if "i" in text:
        node = build.take(node, N, i)
    if "0" in text:
        node = build.take(node, N, f.const(0))
    if "j" in text:
        node = build.take(node, H, build.rename(j, {K: other}) if "None" in text else j)
    axes = [a for a in (N, K, H, other) if a in node.axes]
    f.returns(y=(node, axes))
    assert f.body() == [f"y = {text}"]
    x_, i_, j_ = rng().normal(size=(3, 4)), np.array([2, 0, 0, 1]), np.array([3, 0, 0, 3])
    np.testing.assert_array_equal(f.module().value(x_, i_, j_, rng().normal(size=4)), wanted(x_, i_, j_))
    g = Formula()
    g.graph, g.program.graph, g.program.arguments = f.graph, f.graph, f.program.arguments
    total = gate("mul", gate("mul", node, node), weight)
    g.returns(loss=build.reduce_all("sum", total, sorted(total.axes)))
    w_ = rng().normal(size=4)
    _, gradient = g.module(gradient=True).value_and_grad(x_, i_, j_, w_)
    step = 1e-6
    for place in np.ndindex(x_.shape):
        moved = x_.copy()
        moved[place] += step
        lower = x_.copy()
        lower[place] -= step
        slope = (g.module().value(moved, i_, j_, w_) - g.module().value(lower, i_, j_, w_)) / (2 * step)
        assert gradient.x[place] == pytest.approx(slope, abs=1e-6)


def test_two_recurrences_add_up_the_same_elements() -> None:
    """The steps of both make the same array element by element; each has to start it again."""
    text = "a: Param\nb: Param\nz: Real[T]\nu = [1.0, 2.0]\n"
    text += "for t in range(T): u = [sin(a*u[1]), b*cos(u[0])]\nloss = sum(u) + sum(z)\n"
    matrices = []
    for target in ("numpy", "numba"):
        module = gradcompile.compile(text, target=target, emit="hessian", mode="forward", verify=False).module
        assert module is not None
        matrices.append(module.hessian(0.7, 0.4, np.zeros(4), flat=True))
    np.testing.assert_allclose(matrices[1], matrices[0], rtol=1e-12)
    assert np.all(matrices[0] != 0)
