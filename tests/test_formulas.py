"""Formulas from physics, statistics and machine learning: compiled, verified, and compared with JAX and NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import against_jax
import numpy as np
import pytest

from gradcompile import api

FORMULAS = sorted((Path(__file__).parent / "formulas").glob("*.formula"))
SECONDS = 8.0
EMPTY_AND_SINGLE = ["axes", "batch_norm_full", "broadcasting", "conditions", "indexing", "joining", "matrix_powers",
                    "multi_head", "nt_xent", "stacking", "triangles", "word2vec"]  # fmt: skip
SHORT = {"argmax_routes", "broadcasting", "clipping", "conditions", "convolution", "cumulative", "dims_as_values",
         "index_arrays", "indexed_neighbours", "indexing", "matrix_powers", "mixed_types", "powers", "quantile",
         "random_walk", "relativity", "reserved_lookalikes", "special", "stacking", "symbolic_sizes", "triangles",
         "trigonometry", "van_der_waals"}  # fmt: skip
VERIFIED = [pytest.param(p, marks=[] if p.stem in SHORT else [pytest.mark.slow]) for p in FORMULAS]


@pytest.mark.parametrize("path", VERIFIED, ids=lambda p: p.stem)
def test_verification_refutes_nothing(path: Path) -> None:
    compiled = api.compile(path, target="numpy", verify_seconds=SECONDS)
    assert compiled.certificate is not None
    assert any(verdict in ("proved", "agrees") for _, verdict, _ in compiled.certificate.rows)


@pytest.mark.slow
@pytest.mark.parametrize("target", api.TARGETS)
@pytest.mark.parametrize("path", FORMULAS, ids=lambda p: p.stem)
def test_value_and_gradients_are_those_of_jax(path: Path, target: str) -> None:
    pytest.importorskip("jax")
    worst, count = against_jax.compare(path, target)
    assert count
    assert worst <= against_jax.TOLERANCE


def test_a_gradient_is_accumulated_along_an_axis_it_lacks() -> None:
    text = "x: Param[2*N]\nf = sum(reshape(x, (N, 2)) @ reshape(x, (2, N)))"
    for target in api.TARGETS:
        compiled = api.compile(text, target=target, verify=False)
        assert compiled.module is not None
        x = np.arange(6.0)
        _, gradient = compiled.module.value_and_grad(x)
        ahead = np.repeat(x.reshape(2, 3).sum(axis=1)[None], 3, axis=0).reshape(-1)
        behind = np.repeat(x.reshape(3, 2).sum(axis=0)[:, None], 3, axis=1).reshape(-1)
        assert gradient.x.tolist() == (ahead + behind).tolist()


@pytest.mark.parametrize("name", ["lgamma", "gamma", "digamma"])
def test_special_functions_take_any_number(name: str) -> None:
    special = pytest.importorskip("scipy.special")
    x = np.array([np.nan, np.inf, -1.0, -2.5, 1e-300, 0.5, 171.0, 200.0, 1e308, -1e300])
    expected = {"lgamma": special.gammaln, "gamma": special.gamma, "digamma": special.digamma}[name](x)
    for target in api.TARGETS:
        compiled = api.compile(f"x: Param\nf = {name}(x)", target=target, verify=False)
        assert compiled.module is not None
        found = [compiled.module.value_and_grad(v)[0] for v in x]
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def same(a: Any, b: Any) -> bool:
    """Return whether two results have one shape and the same numbers, NaN and infinities included."""
    left, right = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return left.shape == right.shape and np.allclose(left, right, rtol=1e-9, atol=1e-9, equal_nan=True)


def variants(drawn: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the inputs with a NaN or an infinity in one array each, and in other layouts."""
    found = [drawn]
    arrays = [n for n, v in drawn.items() if np.ndim(v) and np.size(v) and np.asarray(v).dtype == float]
    for name in arrays:
        for hole in (np.nan, np.inf):
            changed = np.array(drawn[name])
            changed.flat[0] = hole
            found.append({**drawn, name: changed})
    for layout in (np.asfortranarray, lambda v: np.repeat(v, 2, axis=0)[::2], lambda v: v[::-1].copy()[::-1], _frozen):
        found += [{n: layout(v) if np.ndim(v) else v for n, v in drawn.items()}]
    return found


def _frozen(values: Any) -> Any:
    copy = values.copy()
    copy.flags.writeable = False
    return copy


@pytest.mark.slow
@pytest.mark.parametrize("name", EMPTY_AND_SINGLE)
def test_targets_agree_on_unusual_inputs(name: str) -> None:
    path = Path(__file__).parent / "formulas" / f"{name}.formula"
    both = [api.compile(path, target=target, verify=False) for target in api.TARGETS]
    program, text, rng = both[0].program, path.read_text(encoding="utf-8"), np.random.default_rng(0)
    base = against_jax.sizes(program, rng, 4)
    for lengths in [base, *({**base, d: n} for d in base for n in (0, 1)), dict.fromkeys(base, 1)]:
        drawn = against_jax.inputs(program, lengths, rng, signed=True)
        for given in variants(drawn) if lengths == base else [drawn]:
            before = {n: np.copy(v) for n, v in given.items()}
            answers = [answer(c.module, given) for c in both]
            if isinstance(answers[0], str):
                assert answers[0] == answers[1]
                continue
            assert all(same(a, b) for a, b in zip(*answers, strict=True))
            assert all(np.array_equal(v, before[n], equal_nan=v is not None) for n, v in given.items() if np.ndim(v))
            if all(np.isfinite(v).all() for v in given.values()):
                assert same(answers[0][0], against_jax.with_numpy(text, {**lengths, **given}))


def answer(module: Any, given: dict[str, Any]) -> Any:
    """Return the value and the gradients, or what the module says of sizes that the formula does not allow."""
    try:
        found, gradient = module.value_and_grad(**given)
    except (ValueError, IndexError) as error:
        return str(error)
    return [found, *gradient]
