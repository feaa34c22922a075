"""Products of arrays with more than two axes: batches of sequences, attention, several heads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from loop_form import form_of

import gradcompile
from gradcompile.loops.form import Blocks, Dot, Loop, Statement
from gradcompile.syntax import parse

SEQUENCES = """
X: Param[B, T, D]
Y: Real[B, T, C]
W: Param[D, H]
b: Param[H]
V: Param[H, C]
f = mean((tanh(X @ W + b) @ V - Y)**2)
"""
POSITIONS = """
X: Real[B, T, D]
p: Param[T, D]
W: Param[D, H]
y: Real[B]
w: Param[H]
f = sum((mean(tanh((X + p) @ W), axis=1) @ w - y)**2)
"""
OTHER_ORDER = """
X: Real[T, B, D]
W: Param[D, H]
g: Param[B]
f = sum(logsumexp([X[:, b] @ W * g[b] for b in range(B)], axis=2))
"""
ATTENTION = """
X: Real[B, T, E]
Y: Real[B, T, V]
Wq: Param[E, H]
Wk: Param[E, H]
Wv: Param[E, V]
q = X @ Wq
k = X @ Wk
v = X @ Wv
weights = softmax([q[i] @ k[i].T for i in range(B)], axis=2)
f = mean(([weights[i] @ v[i] for i in range(B)] - Y)**2)
"""
HEADS = """
X: Param[B, T, E]
Wq: Param[A, E, H]
Wk: Param[A, E, H]
Wv: Param[A, E, H]
Wo: Param[A, H, E]
q = [[X[b] @ Wq[a] for a in range(A)] for b in range(B)]
k = [[X[b] @ Wk[a] for a in range(A)] for b in range(B)]
v = [[X[b] @ Wv[a] for a in range(A)] for b in range(B)]
w = softmax([[q[b, a] @ k[b, a].T for a in range(A)] for b in range(B)], axis=3)
f = sum(([sum(w[b, a] @ v[b, a] @ Wo[a] for a in range(A)) for b in range(B)] + X)**2)
"""
BETWEEN = """
X: Param[B, T, D]
A: Param[D, E]
Z: Param[B, S, E]
f = sum(tanh([X[b] @ A @ Z[b].T for b in range(B)]))
"""
CONVOLUTION = """
x: Real[B, T + W]
k: Param[C, W]
v: Param[C]
h = [[[tanh(sum(k[c, j] * x[b, t + j] for j in range(W))) for t in range(T)] for c in range(C)] for b in range(B)]
f = sum((sum(h, axis=2) @ v)**2)
"""
RECURRENT = """
X: Real[B, T, D]
U: Param[2, D, H]
W: Param[2, H, H]
v: Param[H]
h = zeros((B, H))
for t in range(T):
    gate = sigmoid(X[:, t] @ U[0] + h @ W[0])
    h = gate * h + (1 - gate) * tanh(X[:, t] @ U[1] + h @ W[1])
f = sum((h @ v)**2)
"""
FOUR_AXES = "X: Param[A, B, T, D]\nW: Param[D, H]\nf = sum(tanh(X @ W))"
ALL = {
    "sequences": SEQUENCES, "positions": POSITIONS, "other order": OTHER_ORDER, "attention": ATTENTION, "heads": HEADS,
    "between": BETWEEN, "convolution": CONVOLUTION, "four axes": FOUR_AXES,
    "recurrent": RECURRENT,
}  # fmt: skip
FEW = ("attention",)


def _all(statements: Sequence[Statement]) -> Iterator[Statement]:
    for statement in statements:
        yield statement
        if isinstance(statement, Loop | Blocks):
            yield from _all(statement.body)


def _products(text: str) -> list[Dot]:
    return [s for s in _all(form_of(text)) if isinstance(s, Dot)]


def _arguments(text: str, sizes: dict[str, int]) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(sum(sizes.values()))
    arguments = parse(text, "test.formula").arguments
    return {a.name: rng.normal(size=[x.extent.evaluate(sizes) for x in a.axes]) / 2 for a in arguments}


def _flat(found: tuple[float, tuple[np.ndarray, ...]]) -> np.ndarray:
    return np.concatenate([np.ravel(found[0]), *(np.ravel(g) for g in found[1])])


@pytest.mark.parametrize("parallel", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["", "parallel"])
@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in FEW else pytest.mark.slow) for n in ALL])
def test_stacks_of_products_mean_what_numpy_says(name: str, parallel: bool) -> None:
    text = ALL[name]
    plain = gradcompile.compile(text, target="numpy", emit="value_and_grad", verify=False).module
    module = gradcompile.compile(text, emit="value_and_grad", verify=False, parallel=parallel).module
    names = sorted({n for a in parse(text, "test.formula").arguments for x in a.axes for n in x.extent.names})
    assert plain is not None
    assert module is not None
    for drawn in ([1] * 9, [2, 3, 1, 4, 5, 3, 2, 6, 2], [9, 2, 7, 3, 5, 1, 4, 8, 6]):
        sizes = dict(zip(names, drawn, strict=False))
        for batch in (sizes["B"], 150):  # more than a block has
            inputs = _arguments(text, sizes | {"B": batch})
            found, wanted = (_flat(m.value_and_grad(**inputs)) for m in (module, plain))
            np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-11)
    for empty in names:
        inputs = _arguments(text, dict.fromkeys(names, 3) | {empty: 0})
        with np.errstate(all="ignore"):
            found, wanted = (_flat(m.value_and_grad(**inputs)) for m in (module, plain))
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-11)


def test_gradients_of_sequences_are_those_by_hand() -> None:
    inputs = _arguments(SEQUENCES, {"B": 7, "T": 5, "D": 3, "H": 4, "C": 2})
    X, Y, W, b, V = (inputs[n] for n in "XYWbV")
    module = gradcompile.compile(SEQUENCES, emit="value_and_grad", verify=False).module
    value, gradient = module.value_and_grad(**inputs)  # type: ignore[union-attr]
    hidden = np.tanh(X @ W + b)
    error = hidden @ V - Y
    np.testing.assert_allclose(value, np.mean(error**2), rtol=1e-12)
    arrived = 2 * error / error.size
    before = (arrived @ V.T) * (1 - hidden**2)
    np.testing.assert_allclose(gradient.V, np.einsum("bth,btc->hc", hidden, arrived), rtol=1e-10)
    np.testing.assert_allclose(gradient.W, np.einsum("btd,bth->dh", X, before), rtol=1e-10)
    np.testing.assert_allclose(gradient.b, before.sum(axis=(0, 1)), rtol=1e-10)
    np.testing.assert_allclose(gradient.X, before @ W.T, rtol=1e-10)


def test_no_infinite_number_leaves_a_sum_over_nothing() -> None:
    module = gradcompile.compile(SEQUENCES, emit="vjp", verify=False).module
    inputs = _arguments(SEQUENCES, {"B": 0, "T": 5, "D": 3, "H": 4, "C": 2})
    assert module is not None
    assert not any(np.isnan(g).any() for g in module.vjp(**inputs, cotangent=1.0))


def test_rows_over_several_axes_are_one_call() -> None:
    """Of all sequences of a block at once, and what is summed over both axes is one product too."""
    found = _products(SEQUENCES)
    assert len(found) == 6
    assert all(".reshape(" in d.left for d in found)
    sums = [d for d in found if d.left.endswith(".T")]
    assert sorted(str(d.work) for d in sums) == ["B*C*H*T", "B*D*H*T"]  # the gradients of V and W


def test_a_stack_is_multiplied_sample_by_sample() -> None:
    (blocks,) = [s for s in form_of(ATTENTION) if isinstance(s, Blocks)]
    assert (str(blocks.of), blocks.least) == ("B", 1)
    looped = [s for s in blocks.body if isinstance(s, Loop) and any(isinstance(d, Dot) for d in s.body)]
    assert all(loop.size == type(blocks.of).of(blocks.size) for loop in looped)
    for dot in (d for loop in looped for d in loop.body if isinstance(d, Dot)):
        assert "[i]" in dot.left
        assert "ascontiguousarray" not in dot.left + dot.right + dot.target
    nests = [s for s in blocks.body if isinstance(s, Loop) and not any(isinstance(d, Dot) for d in s.body)]
    assert all(nest.index == "i" for nest in nests if "i," in nest.note)  # samples outermost


def test_what_comes_back_through_a_loop_is_multiplied_by_blas() -> None:
    """At each step all samples at once, with the weights as they stand; in the reverse pass too."""
    form = form_of(RECURRENT)
    steps = [s for s in _all(form) if isinstance(s, Loop) and s.index == "t" and (s.ordered or s.backward)]
    assert [sum(isinstance(d, Dot) for d in _all(loop.body)) for loop in steps] == [2, 2]


def test_no_array_is_made_of_a_broadcast_to_be_multiplied() -> None:
    """Only for the gradient of W, which is a product of two such arrays."""
    found = _products("x: Real[N, D]\nc: Real[K, D]\nW: Param[D, H]\nf = sum(tanh(((x[:, None] - c)**2) @ W))")
    assert [str(d.work) for d in found] == ["D*H*K"]
