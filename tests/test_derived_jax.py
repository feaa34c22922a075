"""The functions beyond the gradient against JAX: jvp, vjp, hvp, hessian and jacobian of the same formula by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcompile import api

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy

Formula = tuple[str, Callable[..., Any], dict[str, Any]]


def _random(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def _recurrent(x: Any, U: Any, V: Any) -> Any:
    h = jnp.zeros(U.shape)
    for t in range(x.shape[0]):
        h = jnp.tanh(U * x[t] + V @ h)
    return jnp.sum(h**2)


def _process(X: Any, y: Any, s: Any, n: Any) -> Any:
    K = jnp.exp(-s * jnp.sum((X[:, None] - X[None]) ** 2, axis=2)) + n**2 * jnp.eye(X.shape[0])
    return y @ jnp.linalg.solve(K, y) + jnp.linalg.slogdet(K)[1]


def _softmax(X: Any, k: Any, W: Any, b: Any) -> Any:
    z = X @ W + b
    return jnp.sum(jax.scipy.special.logsumexp(z, axis=1)) - jnp.sum(z[jnp.arange(len(k)), k])


SCALAR: dict[str, Formula] = {
    "scalars": (
        "x: Param\ny: Param\nf = sin(x * y) + x**3 / (2 + y**2)",
        lambda x, y: jnp.sin(x * y) + x**3 / (2 + y**2),
        {"x": 0.5, "y": -1.25},
    ),
    "a layer": (
        "X: Real[N, D]\nW: Param[D, K]\nb: Param[K]\nloss = sum(tanh(X @ W + b)**2 * b)",
        lambda X, W, b: jnp.sum(jnp.tanh(X @ W + b) ** 2 * b),
        {"X": _random(5, 3), "W": _random(3, 2), "b": _random(2)},
    ),
    "softmax regression": (
        "X: Real[N, D]\nk: Int[N]\nW: Param[D, K]\nb: Param[K]\nz = X @ W + b\n"
        "loss = sum(logsumexp(z, axis=1)) - sum(z[i, k[i]] for i in range(N))",
        _softmax,
        {"X": _random(4, 2), "k": np.array([0, 2, 1, 2]), "W": _random(2, 3), "b": _random(3)},
    ),
    "a recurrence": (
        "x: Real[T]\nU: Param[H]\nV: Param[H, H]\nh = zeros(H)\n"
        "for t in range(T):\n    h = tanh(U * x[t] + V @ h)\nloss = sum(h**2)",
        _recurrent,
        {"x": _random(4), "U": _random(3), "V": _random(3, 3)},
    ),
    "a Gaussian process": (
        "X: Real[N, D]\ny: Real[N]\ns: Param\nn: Param\n"
        "K = exp(-s * sum((X[:, None, :] - X[None, :, :])**2, axis=2)) + n**2 * eye(N)\n"
        "loss = y @ solve(K, y) + logdet(K)",
        _process,
        {"X": _random(5, 2), "y": _random(5), "s": 0.75, "n": 0.5},
    ),
    "choices": (
        "x: Param[N]\nloss = sum(where(x > 0.1, x**3, sin(x))) * max(x) + sum(abs(x) * x**2)",
        lambda x: jnp.sum(jnp.where(x > 0.1, x**3, jnp.sin(x))) * jnp.max(x) + jnp.sum(jnp.abs(x) * x**2),
        {"x": _random(5)},
    ),
    "a factor": (
        "A: Param[N, N]\nL = cholesky(A @ A.T + 3 * eye(N))\nloss = sum(L**3)",
        lambda A: jnp.sum(jnp.linalg.cholesky(A @ A.T + 3 * jnp.eye(A.shape[0])) ** 3),
        {"A": _random(3, 3)},
    ),
    "special functions": (
        "x: Param[N]\na: Param\nloss = sum(lgamma(x**2 + a**2 + 1) * erf(a * x))",
        lambda x, a: jnp.sum(jax.scipy.special.gammaln(x**2 + a**2 + 1) * jax.scipy.special.erf(a * x)),
        {"x": _random(4), "a": 0.75},
    ),
}
ARRAYS: dict[str, Formula] = {
    "a product": ("A: Param[N, M]\nx: Param[M]\ny = tanh(A @ x)", lambda A, x: jnp.tanh(A @ x), {
        "A": _random(4, 3), "x": _random(3)
    }),
    "running sums": ("x: Param[N]\ny = cumsum(x) * cumprod(x)", lambda x: jnp.cumsum(x) * jnp.cumprod(x), {
        "x": _random(5)
    }),
    "solutions": (
        "A: Param[N, N]\nB: Param[N, K]\nX = solve(A + 7 * eye(N), B)",
        lambda A, B: jnp.linalg.solve(A + 7 * jnp.eye(A.shape[0]), B),
        {"A": _random(3, 3), "B": _random(3, 2)},
    ),
    "copied rows": (
        "w: Param[M]\nx: Real[N]\nY = zeros((N, M)) + w**2",
        lambda w, x: jnp.zeros((x.shape[0], w.shape[0])) + w**2,
        {"w": _random(3), "x": _random(2)},
    ),
    "a softmax": ("X: Param[N, K]\np = softmax(X, axis=1)", lambda X: jax.nn.softmax(X, axis=1), {"X": _random(3, 4)}),
}  # fmt: skip
ALL = {**SCALAR, **ARRAYS}
LONG = {"a layer", "softmax regression", "a recurrence", "a Gaussian process", "choices", "a factor",
        "special functions"}  # fmt: skip
NAMES = [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in ALL]
TARGETS = ["numpy", pytest.param("numba", marks=pytest.mark.slow)]


def close(got: Any, wanted: Any) -> None:
    assert np.shape(got) == np.shape(wanted)
    scale = 1 + float(np.max(np.abs(wanted), initial=0.0))
    np.testing.assert_allclose(np.asarray(got) / scale, np.asarray(wanted) / scale, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NAMES)
def test_as_jax_has_it(name: str, target: str) -> None:
    text, function, point = ALL[name]
    emit = ["jvp", "vjp", "jacobian", *(["hvp", "hessian"] if name in SCALAR else [])]
    made = api.compile(text, target=target, emit=emit, verify=False)
    module: Any = made.module
    names = [p.name for p in made.program.differentiated]
    given = [np.asarray(point[n], dtype=float) for n in names]
    draw = np.random.default_rng(1)
    moves = [draw.normal(size=g.shape) for g in given]

    def along(*parameters: Any) -> Any:
        return function(**(point | dict(zip(names, parameters, strict=True))))

    value, tangent = module.jvp(**point, **{f"d{n}": m for n, m in zip(names, moves, strict=True)})
    for got, wanted in zip((value, tangent), jax.jvp(along, tuple(given), tuple(moves)), strict=True):
        close(got, wanted)
    output, pull = jax.vjp(along, *given)
    cotangent = draw.normal(size=output.shape)
    for got, wanted in zip(module.vjp(**point, cotangent=cotangent), pull(jnp.asarray(cotangent)), strict=True):
        close(got, wanted)
    places = tuple(range(len(names)))
    for got, wanted in zip(module.jacobian(**point), jax.jacfwd(along, places)(*given), strict=True):
        close(got, wanted)
    if name not in SCALAR:
        return
    for row, others in zip(module.hessian(**point), jax.hessian(along, places)(*given), strict=True):
        for got, wanted in zip(row, others, strict=True):
            close(got, wanted)
    _, product = jax.jvp(jax.grad(along, places), tuple(given), tuple(moves))
    for got, wanted in zip(module.hvp(*point.values(), *moves), product, strict=True):
        close(got, wanted)
