"""Formulas from physics, statistics and machine learning: compiled, verified, and compared with JAX and NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import against_jax
import numpy as np
import pytest

from gradcompile import api

FORMULAS = sorted((Path(__file__).parent / "formulas").glob("*.formula"))
LONG = {"gp_kernels"}  # SymPy takes a minute over its general power
SECONDS = 2.0  # what the budget leaves open is for the comparison with JAX
EMPTY_AND_SINGLE = ["axes", "batch_norm_full", "broadcasting", "conditions", "indexing", "joining", "matrix_powers",
                    "multi_head", "nt_xent", "stacking", "triangles", "word2vec"]  # fmt: skip


def by_name(paths: list[Path]) -> list[Any]:
    """Return one case for each formula, the long ones marked as slow."""
    return [pytest.param(p, id=p.stem, marks=[pytest.mark.slow] if p.stem in LONG else []) for p in paths]


@pytest.mark.parametrize("path", by_name(FORMULAS))
def test_verification_refutes_nothing(path: Path) -> None:
    compiled = api.compile(path, target="numpy", verify_seconds=SECONDS)
    assert compiled.certificate is not None
    assert any(verdict in ("proved", "agrees") for _, verdict, _ in compiled.certificate.rows)


@pytest.mark.slow
@pytest.mark.parametrize("target", api.TARGETS)
@pytest.mark.parametrize("path", by_name(FORMULAS))
def test_value_and_gradients_are_those_of_jax(path: Path, target: str) -> None:
    pytest.importorskip("jax")
    worst, count = against_jax.compare(path, target)
    assert count
    assert worst <= against_jax.TOLERANCE


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
