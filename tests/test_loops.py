"""The loop form: what is stored, what is fused, and that no broadcast is ever materialised."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from loop_form import form_of

import gradcompile
from gradcompile import api
from gradcompile.emit import numba_target
from gradcompile.ir.dims import Extent
from gradcompile.loops.form import (
    Allocate,
    Best,
    Blocks,
    Copy,
    Dot,
    Fill,
    If,
    Let,
    Loop,
    Statement,
    Turn,
    Update,
    within,
)
from gradcompile.pipeline import run_passes
from gradcompile.syntax import parse


def _all(statements: list[Statement]) -> Iterator[Statement]:
    for statement in statements:
        yield statement
        if isinstance(statement, (Loop, Blocks, If)):
            yield from _all(statement.body)
        if isinstance(statement, Blocks):
            yield from statement.buffers


def _loops(statements: list[Statement]) -> int:
    return sum(isinstance(s, Loop) for s in _all(statements))


def _arrays(statements: list[Statement]) -> list[tuple[str, ...]]:
    return sorted(tuple(str(size) for size in s.shape) for s in _all(statements) if isinstance(s, Allocate))


def test_an_elementwise_chain_and_its_sum_are_one_loop() -> None:
    form = form_of("x: Param[N]\nf = sum(tanh(exp(sinh(x))*x))")
    assert _loops(form) == 1
    assert _arrays(form) == [("N",)]  # the gradient itself


def test_value_and_gradients_share_one_loop() -> None:
    form = form_of("S: Param[N]\nK: Param[N]\nf = sum(S*erf(log(S/K)) - K*erfc(log(S/K)))")
    assert _loops(form) == 1
    assert _arrays(form) == [("N",), ("N",)]


def test_no_broadcast_is_materialised() -> None:
    form = form_of("X: Real[N, D]\nM: Param[K, D]\nf = sum(exp(-(X[:, None, :] - M)**2))")
    assert _arrays(form) == [("K", "D")]
    assert _loops(form) == 3


def test_pairs_keep_nothing_larger_than_a_matrix() -> None:
    form = form_of("X: Param[N, D]\nd = sum((X[:, None, :] - X)**2, axis=2)\nf = sum(exp(-d))")
    assert max(len(shape) for shape in _arrays(form)) == 2


def test_matrix_products_are_calls() -> None:
    form = form_of("X: Real[N, D]\nW: Param[D, C]\nV: Param[C, E]\nf = sum(tanh(X @ W) @ V)")
    assert sum(isinstance(s, Dot) for s in _all(form)) >= 2


def test_small_products_are_loops() -> None:
    form = form_of("A: Param[3, 3]\nB: Param[3, 3]\nf = sum((A @ B)**2)")
    assert not any(isinstance(s, Dot) for s in _all(form))


@pytest.mark.parametrize("emitted", [pytest.param("value", marks=pytest.mark.slow), "value_and_grad"])
def test_peak_memory(emitted: str) -> None:
    """A sum over N x K x D = 300 x 300 x 300 numbers would take 216 MB; the process may grow by 60 MB at most."""
    text = "X: Param[N, D]\nM: Param[K, D]\nf = sum(exp(-(X[:, None, :] - M)**2)) + sum(max(X[:, None, :] - M, axis=2))"
    compiled = gradcompile.compile(text, target="numba", verify=False, name="formula")
    assert compiled.module is not None
    program = f"""
import sys
sys.path.insert(0, {str(compiled.module.__file__).rsplit("/", 1)[0]!r})
import numpy as np
import formula
def highest():
    return int(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))
formula.{emitted}(np.ones((2, 2)), np.ones((2, 2)))
before = highest()
formula.{emitted}(np.ones((300, 300)), np.ones((300, 300)))
print(highest() - before)
"""
    grown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(grown.stdout) < 60_000


def test_statements_name_their_formula_line() -> None:
    unit = run_passes(parse("x: Param[N]\ny = sin(x)\nf = sum(y*y)", "test.formula"), gradient=True)
    text = "\n".join(numba_target.kernel(unit, "kernel", [*unit.values, *unit.gradients.values()]).lines)
    assert "# line 2" in text
    assert "# backward of line 2: sin gate" in text
    assert Extent.of("N") in {s.size for s in _all(form_of("x: Param[N]\nf = sum(x)")) if isinstance(s, Loop)}


# Blocks of samples.

SOFTMAX = """
X: Real[N, D]
Y: Real[N, C]
W: Param[D, C]
f = mean(logsumexp(X @ W, axis=1) - sum(Y * (X @ W), axis=1))
"""


def _blocks(statements: list[Statement]) -> list[Blocks]:
    return [s for s in _all(statements) if isinstance(s, Blocks)]


def test_nests_along_the_samples_run_in_one_block() -> None:
    form = form_of(SOFTMAX)
    (blocks,) = _blocks(form)
    assert blocks.of == Extent.of("N")
    assert sum(isinstance(s, Dot) for s in _all(blocks.body)) == 2  # scores, and the gradient of W
    assert not any("N" in shape for shape in _arrays(form))  # nothing has all samples


def test_samples_are_innermost_in_a_block() -> None:
    (blocks,) = next(s.otherwise for s in form_of(SOFTMAX) if isinstance(s, If))
    assert isinstance(blocks, Blocks)
    buffers = [b.shape for b in blocks.buffers if Extent.of(blocks.size) in b.shape]
    assert all(shape[-1] == Extent.of(blocks.size) for shape in buffers)
    assert [s.source for s in _all(blocks.body) if isinstance(s, Turn)]  # Y is read along the samples


def test_a_statistic_of_all_samples_ends_a_stage() -> None:
    text = "X: Real[N, D]\nW: Param[D, C]\nV: Real[C, E]\nz = X @ W\nf = sum(exp((z - mean(z, axis=0)) @ V))"
    form = form_of(text)
    assert {b.of for b in _blocks(form)} == {Extent.of("N")}
    assert ("N", "C") in _arrays(form)  # z crosses the stages


def test_one_nest_needs_no_block() -> None:
    assert not _blocks(form_of("x: Param[N]\nf = sum(tanh(x)**2)"))
    assert not _blocks(form_of("x: Param\nf = sin(x)"))


def test_states_that_run_sample_by_sample_are_in_the_block() -> None:
    text = """
x: Real[N]
y: Real[N]
c: Param[K]
p = zeros(N)
for k in range(K):
    p = p * x + c[k]
f = sum((p - y)**2)
"""
    form = form_of(text)
    (blocks,) = _blocks(form)
    assert [s.size for s in blocks.body if isinstance(s, Loop) and s.size == Extent.of("K")]
    assert not any("N" in shape for shape in _arrays(form))


def test_samples_beyond_a_block_give_what_each_gives_alone() -> None:
    """Several blocks and a shorter last one: sums of the results of single samples."""
    module = gradcompile.compile(SOFTMAX.replace("mean", "sum"), target="numba", verify=False).module
    assert module is not None
    draw = np.random.default_rng(0)
    for samples in (0, 1, 9, 64, 257, 700):
        X, Y, W = draw.normal(size=(samples, 3)), draw.normal(size=(samples, 4)), draw.normal(size=(3, 4))
        value, gradient = module.value_and_grad(X, Y, W)
        single = [module.value_and_grad(X[i : i + 1], Y[i : i + 1], W) for i in range(samples)]
        assert np.isclose(value, sum(v for v, _ in single), rtol=1e-12)
        assert np.allclose(gradient.W, sum((g.W for _, g in single), np.zeros((3, 4))), rtol=1e-11)


# Short axes, and sums over a part of their range.


def test_short_axes_have_no_loops() -> None:
    form = form_of("x: Param[N, 3]\nf = sum(sqrt(1 + sum(x**2, axis=1)))")
    assert [s.size for s in _all(form) if isinstance(s, Loop)] == [Extent.of("N")]
    assert _arrays(form) == [("N", "3")]


def test_elements_of_a_scatter_are_written_out() -> None:
    form = form_of("x: Param[P, 2]\ne: Int[N]\nf = sum(x[e]**2)")
    updates = [s.target for s in _all(form) if isinstance(s, Update) and "[" in s.target]
    assert len(updates) == 2
    assert {u[-2] for u in updates} == {"0", "1"}


def test_long_products_with_a_short_axis_stay_products() -> None:
    assert any(isinstance(s, Dot) for s in _all(form_of("X: Real[N, D]\nW: Param[D, 3]\nf = sum(tanh(X @ W))")))


def test_a_triangular_sum_runs_over_the_triangle() -> None:
    form = form_of("x: Param[N]\nf = sum(sqrt(1 + (x[i] - x[j])**2) for i in range(N) for j in range(i))")
    inner = [s for s in _all(form) if isinstance(s, Loop) and (s.start or s.stop)]
    assert inner
    assert all(s.size == Extent.of("N") for s in inner)


TRIANGLES = """
x: Real[N, D]
m: Param[K, D]
L: Param[K, D, D]
s = [[[sum(where({condition}, L[k, i, j] * (x[n, j] - m[k, j]), 0) for j in range(D)) for i in range(D)]
      for k in range(K)] for n in range(N)]
f = sum(logsumexp(-0.5 * sum(s**2, axis=2), axis=1))
"""


@pytest.mark.parametrize(
    ("condition", "limits"),
    [
        ("j < i", ("", "i")), ("j < i + 1", ("", "i + 1")), ("i <= j", ("i", "")), ("j > i", ("i + 1", "")),
        ("j + 2 < i", ("", "max(0, i - 2)")), ("j >= i + 3", ("min(D, i + 3)", "")),
        ("i - j <= 1 and j - i <= 1", ("max(0, i - 1)", "min(D, i + 2)")),
    ],
)  # fmt: skip
def test_a_condition_on_two_positions_bounds_a_loop(condition: str, limits: tuple[str, str]) -> None:
    form = form_of(TRIANGLES.format(condition=condition))
    nest = next(s for s in form if isinstance(s, Loop) and s.note.startswith("over k, i, j"))
    (inner,) = [s for s in _all([nest]) if isinstance(s, Loop) and s.index == "j"]
    assert (inner.start, inner.stop) == limits


@pytest.mark.parametrize(
    "condition",
    [
        "j > i",
        *(
            pytest.param(c, marks=pytest.mark.slow)
            for c in ("j < i", "j <= i", "j >= i", "j < i - 1", "j > i + 2", "i - j <= 1 and j - i <= 1")
        ),
    ],
)  # fmt: skip
def test_two_rows_of_a_triangle_are_summed_together(condition: str) -> None:
    module = gradcompile.compile(TRIANGLES.format(condition=condition), emit="value_and_grad", verify=False).module
    for size in (1, 2, 3, 4, 7, 10):
        rng = np.random.default_rng(size)
        x, m, lower = rng.normal(size=(70, size)), rng.normal(size=(3, size)), rng.normal(size=(3, size, size))
        i, j = np.indices((size, size))
        kept = np.logical_and.reduce([eval(part, {"i": i, "j": j}) for part in condition.split(" and ")])
        away = x[:, None] - m
        s = np.einsum("kij,nkj->nki", lower * kept, away)
        joint = -0.5 * (s**2).sum(axis=2)
        total = np.exp(joint).sum(axis=1)
        value, gradient = module.value_and_grad(x, m, lower)  # type: ignore[union-attr]
        np.testing.assert_allclose(value, np.log(total).sum(), rtol=1e-11)
        arrived = -(np.exp(joint) / total[:, None])[:, :, None] * s
        np.testing.assert_allclose(gradient.L, np.einsum("nki,nkj->kij", arrived, away) * kept, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(gradient.m, -np.einsum("nki,kij->kj", arrived, lower * kept), rtol=1e-9, atol=1e-11)


def test_two_rows_of_a_triangle_go_as_far_as_the_first_of_them() -> None:
    form = form_of(TRIANGLES.format(condition="j < i"))
    rows = next(s for s in _all(form) if isinstance(s, Loop) and s.step == 2)
    four, rest, alone = (s for s in rows.body if isinstance(s, Loop))
    assert (four.index, four.step, rest.start, rest.stop) == ("j", 4, four.stop, rows.index)
    assert (alone.index, Copy("j", rows.index) in rows.body) == ("n", True)  # the second row's last term
    samples = [next(s for s in loop.body if isinstance(s, Loop)) for loop in (four, rest)] + [alone]
    assert [sum(isinstance(s, Let) and s.gate == "sub" for s in loop.body) for loop in samples] == [4, 1, 1]
    assert [sum(isinstance(s, Let) and s.gate == "mul" for s in loop.body) for loop in samples] == [8, 2, 1]


def test_a_condition_is_asked_outside_of_the_loop_over_samples() -> None:
    text = """
X: Real[N, D]
L: Param[D, D]
Y = [[sum(L[i, j] * X[n, j] for j in range(i)) for i in range(D)] for n in range(N)]
f = sum(exp(-Y**2) * sum(Y, axis=1)[:, None])
"""
    (blocks,) = _blocks(form_of(text))
    assert [s for s in _all(blocks.body) if isinstance(s, Loop) and (s.start or s.stop)]


def test_sums_are_free_in_their_order_and_nothing_else() -> None:
    source = gradcompile.compile("x: Param[N]\nf = sum((1 + x) - 1)", target="numba", verify=False).source
    assert source.count("reassoc") == 1
    assert "return total + x" in source.partition("reassoc")[2].partition("@njit")[0]


def test_powers_at_all_positions_are_a_running_product() -> None:
    text = "x: Real[N]\nc: Param[K]\nf = sum(sum(c[k] * x[n]**k for k in range(K))**2 for n in range(N))"
    assert not [s for s in _all(form_of(text)) if isinstance(s, Let) and s.gate == "pow"]
    module = gradcompile.compile(text, target="numba", verify=False).module
    assert module is not None
    x, c = np.array([0.0, -0.5, 1.5]), np.array([1.0, -2.0, 0.5, 3.0])
    value, gradient = module.value_and_grad(x, c)
    powers = x[:, None] ** np.arange(4)
    assert np.isclose(value, np.sum((powers @ c) ** 2))
    assert np.allclose(gradient.c, 2 * powers.T @ (powers @ c))


# Less reading and writing.


def test_four_terms_of_a_sum_are_added_at_a_time() -> None:
    form = form_of("x: Real[N, D]\nc: Param[K, D]\nf = sum(min(sum(abs(x - c[:, None]), axis=2), axis=0))")
    jammed = [s for s in _all(form) if isinstance(s, Loop) and s.step == 4]
    inner = next(s for s in jammed[0].body if isinstance(s, Loop))
    (read,) = [s for s in inner.body if isinstance(s, Copy) and s.source == inner.body[-1].target]  # type: ignore[union-attr]
    assert sum(isinstance(s, Let) and s.target == read.target for s in inner.body) == 4
    rest = [s for s in _all(form) if isinstance(s, Loop) and s.start == jammed[0].stop]
    assert rest[0].step == 1  # what is left of a size that 4 does not divide


def test_steps_that_read_what_others_write_stay_in_order() -> None:
    form = form_of("x: Real[N, D]\nw: Param[D]\nf = sum(cumsum(x * w, axis=1)**2)")
    assert not any(isinstance(s, Loop) and s.step == 4 and s.ordered for s in _all(form))


@pytest.mark.parametrize("name", ["c", "μ"])
def test_any_number_of_terms_is_added(name: str) -> None:
    text = "x: Real[N, D]\nc: Param[K, D]\nf = sum(logsumexp(-sum((x - c[:, None])**2, axis=2), axis=0))"
    module = gradcompile.compile(text.replace("c:", f"{name}:").replace("c[", f"{name}["), verify=False).module
    for size in (1, 3, 4, 5, 8, 11):
        rng = np.random.default_rng(size)
        x, c = rng.normal(size=(size + 9, size)), rng.normal(size=(size, size))
        far = ((x - c[:, None]) ** 2).sum(axis=2)
        total = np.exp(-far).sum(axis=0)
        value, gradient = module.value_and_grad(x, c)  # type: ignore[union-attr]
        np.testing.assert_allclose(value, np.log(total).sum(), rtol=1e-12)
        wanted = np.einsum("kn,knd->kd", 2 * np.exp(-far) / total, x - c[:, None])
        np.testing.assert_allclose(gradient[0], wanted, rtol=1e-10, atol=1e-12)


def test_a_maximum_and_its_position_are_found_in_one_loop() -> None:
    form = form_of("x: Real[N, D]\nc: Param[K, D]\nf = sum(min(sum(abs(x - c[:, None]), axis=2), axis=0))")
    assert sum(isinstance(s, Best) for s in _all(form)) == 1
    assert not any(isinstance(s, Update) and s.reduction == "min" for s in _all(form))


# Divisors.


def test_loops_do_not_look_whether_arrays_overlap() -> None:
    names = [f"x{i}" for i in range(14)]  # so many that LLVM would rather have no lanes
    text = "\n".join([*(f"{n}: Param[N]" for n in names), f"f = sum({' * '.join(f'exp({n})' for n in names)})"])
    module = gradcompile.compile(text, emit="value_and_grad", verify=False).module
    x = np.random.default_rng(0).normal(size=(14, 9)) / 9
    value, gradient = module.value_and_grad(*x)
    assert value == pytest.approx(np.exp(x.sum(axis=0)).sum(), rel=1e-13)
    np.testing.assert_allclose(gradient, np.tile(np.exp(x.sum(axis=0)), (14, 1)), rtol=1e-13)
    (code,) = module.value_and_grad_kernel.inspect_llvm().values()
    assert "x double>" in code
    assert "vector.memcheck" not in code


@pytest.mark.parametrize(("name", "llvm"), [("max", "maximum"), ("min", "minimum")])
def test_lanes_have_a_maximum_each(name: str, llvm: str) -> None:
    text = f"x: Param[N]\nf = {name}(x)**2"
    module = gradcompile.compile(text, emit="value", verify=False).module
    choose = getattr(np, name)
    x = np.random.default_rng(0).normal(size=37)
    assert module.value(x) == choose(x) ** 2
    (code,) = module.value_kernel.inspect_llvm().values()
    assert re.search(rf"<\d+ x double> @llvm.{llvm}", code)
    for special in (np.nan, np.inf, -np.inf):
        x[5] = special
        assert np.array_equal(module.value(x), choose(x) ** 2, equal_nan=True)


def test_a_maximum_of_whole_numbers_is_one() -> None:
    module = gradcompile.compile("k: Int[N]\nx: Param\nf = max(k) * x", emit="value", verify=False).module
    assert module.value(np.array([3, -4, 7, 2]), 0.5) == 3.5


def test_a_size_divides_once() -> None:
    form = form_of("x: Real[N, D]\nw: Param[D]\nf = mean(exp(x * w))")
    assert not any(
        isinstance(s, Let) and s.gate == "div" for loop in _all(form) if isinstance(loop, Loop) for s in loop.body
    )


def test_a_divisor_that_may_be_anything_divides_each() -> None:
    form = form_of("x: Real[N]\nc: Param\nf = sum(exp(x / c))")
    inside = [s for loop in _all(form) if isinstance(loop, Loop) for s in loop.body]
    assert any(isinstance(s, Let) and s.gate == "div" for s in inside)


def test_what_is_added_to_rows_that_data_choose_runs_along_them() -> None:
    text = """
word: Int[N, T]
E: Param[V, D]
W: Param[D, C]
f = sum(logsumexp([mean(E[word[n, t]] for t in range(T)) for n in range(N)] @ W, axis=1))
"""
    (blocks,) = _blocks(form_of(text))
    nest = [s for s in blocks.body if isinstance(s, Loop)][-1]
    assert nest.note.startswith("over t, n, d")
    (update,) = [s for s in _all([nest]) if isinstance(s, Update)]
    assert update.target.endswith(", d]")


# The order of products.


def _products(text: str) -> list[str]:
    return [str(s.work) for s in _all(form_of(text)) if isinstance(s, Dot)]


def test_a_product_of_matrices_with_a_vector_is_two_products_with_vectors() -> None:
    found = _products("A: Param[N, M]\nB: Param[M, K]\nv: Param[K]\nf = sum(((A @ B) @ v)**2)")
    assert sorted(found) == ["K*M", "K*M", "M*N", "M*N"]  # forward, and backward


def test_a_product_that_is_needed_anyway_stays() -> None:
    found = _products("A: Param[N, M]\nB: Param[M, K]\nv: Param[K]\nC = A @ B\nf = sum((C @ v)**2) + sum(exp(C))")
    assert found.count("K*M*N") == 3


def test_a_factor_without_the_summed_axis_leaves_the_sum() -> None:
    form = form_of("y: Real[N]\nv: Real[K]\nB: Real[M, K]\nw: Param\nf = sum(exp(w * einsum('n,k,mk->nm', y, v, B)))")
    assert "K*M" in [str(s.work) for s in _all(form) if isinstance(s, Dot)]
    assert not any("over" in getattr(s, "note", "") and "K*M*N" in s.note for s in _all(form))  # type: ignore[union-attr]


def test_a_factor_leaves_the_sums_that_it_has_no_axis_of() -> None:
    """The gradient of m needs the sum of what arrives over the samples, and each entry of L times that."""
    form = form_of(TRIANGLES.format(condition="j < i"))
    (nest,) = [s for s in form if isinstance(s, Loop) and s.note.startswith("over k, i, j")]
    (product,) = [s for s in _all(nest.body) if isinstance(s, Let) and s.gate == "mul"]
    assert "L_ijk" in product.operands
    (blocks,) = _blocks(form)
    read = sum(isinstance(s, Copy) and s.source.startswith("L[") for s in _all(blocks.body))
    assert read == (2 * 4 + 2 + 1) + (4 + 1)  # all in the value: two rows together, then the last one


@pytest.mark.parametrize("target", ["numpy", "numba"])
def test_reordered_products_mean_the_same(target: str) -> None:
    text = "A: Param[N, M]\nB: Param[M, K]\nC: Param[K, L]\nv: Param[L]\nf = sum(tanh(A @ B @ C @ v)) + sum(A @ B)"
    module = gradcompile.compile(text, target=target, verify=False).module
    rng = np.random.default_rng(0)
    a, b, c, v = (rng.normal(size=s) for s in ((5, 4), (4, 3), (3, 6), 6))
    value, gradient = module.value_and_grad(a, b, c, v)  # type: ignore[union-attr]
    inner = a @ b @ c @ v
    slope = 1 - np.tanh(inner) ** 2
    np.testing.assert_allclose(value, np.tanh(inner).sum() + (a @ b).sum(), rtol=1e-12)
    np.testing.assert_allclose(gradient.A, np.outer(slope, b @ c @ v) + b.sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(gradient.B, np.outer(a.T @ slope, c @ v) + a.sum(axis=0)[:, None], rtol=1e-12)
    np.testing.assert_allclose(gradient.v, (a @ b @ c).T @ slope, rtol=1e-12)


ROWS = """
X: Param[N, D]
Y: Real[N, D]
w: Param[D]
centred = X - mean(X, axis=1, keepdims=True)
out = w * centred / sqrt(mean(centred**2, axis=1, keepdims=True) + 0.1)
loss = sum(logsumexp(out + Y, axis=1) - max(out, axis=1)) + sum((out - Y)**2)
"""


def test_loops_run_along_rows_that_are_long() -> None:
    branch = next(s for s in form_of(ROWS) if isinstance(s, If))
    along, across = (next(s for s in part if isinstance(s, Blocks)) for part in (branch.body, branch.otherwise))
    assert not [s for s in _all(along.body) if isinstance(s, Turn)]
    assert {s.back for s in _all(across.body) if isinstance(s, Turn)} == {False, True}
    assert {s.size for s in along.body if isinstance(s, Loop)} == {Extent.of(along.size)}


def test_both_ways_through_rows_mean_the_same() -> None:
    program = api.read(ROWS, name="rows")
    fast, plain = (
        api.load_module(api.translate(program, target=target, verified=False)).module for target in ("numba", "numpy")
    )
    for n, d in ((70, 23), (70, 24), (3, 40), (1, 24)):
        rng = np.random.default_rng(0)
        given = rng.normal(size=(n, d)), rng.normal(size=(n, d)), rng.normal(size=d)
        (value, gradient), (wanted, expected) = fast.value_and_grad(*given), plain.value_and_grad(*given)
        assert np.isclose(value, wanted, rtol=1e-12, atol=0)
        assert all(np.allclose(a, b, rtol=1e-9, atol=1e-11) for a, b in zip(gradient, expected, strict=True))


def test_what_is_read_from_an_array_in_the_making_is_read_where_it_comes_from() -> None:
    text = "x: Param[T]\nh[0] = x[0]\nfor t in range(1, T):\n    h[t] = tanh(h[t - 1]) + x[t]\nf = h[T - 1]**2"
    arrays = _arrays(form_of(text))
    assert arrays == [("T",)] * 3  # states, their adjoints, dx


@pytest.mark.parametrize(("term", "length"), [("x{}", 60), ("b", 1200)])
def test_elements_of_very_long_sums_take_no_time(term: str, length: int) -> None:
    loop = "h[0] = a[0]\nfor t in range(1, T):\n    h[t] = tanh(h[t - 1]) + a[t]\nx0 = h"
    sums = "\n".join(f"x{i + 1} = x{i} + {term.format(i)}" for i in range(length))
    form = form_of(f"a: Param[T]\nb: Param[T]\n{loop}\n{sums}\nf = x{length}[T - 1]**2")
    assert any(isinstance(s, Loop) for s in form)


PROCESS = (Path(__file__).parent.parent / "examples/gaussian_process.formula").read_text(encoding="utf-8")


def test_rows_that_are_added_to_start_from_zero_where_they_are_turned() -> None:
    inside = list(within(form_of(PROCESS)))
    back = {s.source for s in inside if isinstance(s, Turn) and s.back}
    assert back & {s.target for s in inside if isinstance(s, Fill)}
    assert back & {s.target.partition("[")[0] for s in inside if isinstance(s, Update)}


@pytest.mark.slow
def test_rows_that_are_added_to_mean_the_same() -> None:
    program = api.read(PROCESS, name="process")
    fast, plain = (
        api.load_module(api.translate(program, target=target, verified=False)).module for target in ("numba", "numpy")
    )
    rng = np.random.default_rng(0)
    given = rng.normal(size=(70, 3)), rng.normal(size=70), np.zeros(3), 0.1, -0.5
    (value, gradient), (wanted, expected) = fast.value_and_grad(*given), plain.value_and_grad(*given)
    assert np.isclose(value, wanted, rtol=1e-12, atol=0)
    assert all(np.allclose(a, b, rtol=1e-9, atol=1e-11) for a, b in zip(gradient, expected, strict=True))
