"""The checker on claims that it has not seen: a sample of those that docs/checker.md counts, or all of them."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
import sweep

ROOT = Path(__file__).parent.parent
SAMPLE = 10  # claims of the default run


def every(items: list, count: int) -> list:
    """Return a sample of about this many, evenly spread."""
    return items[:: max(1, len(items) // count)]


def sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "WRONG", ("neuron", "gate_patterns", "ridge_regression"))
    monkeypatch.setattr(sweep, "RIGHT", ("gate_patterns", "ridge_regression"))


def test_a_sample_of_wrong_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    sampled(monkeypatch)
    found = [sweep.judged(wrong) for wrong in every(sweep.all_wrong(), SAMPLE)]
    assert len(found) >= SAMPLE
    assert {r.verdict.verdict for r in found} == {"refuted"}
    assert sum(r.kind_is_right and r.gate_is_right for r in found) >= 0.9 * len(found)


def test_a_sample_of_right_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    sampled(monkeypatch)
    found = [sweep.judged_right(*right) for right in every(sweep.all_right(), SAMPLE)]
    assert len(found) >= SAMPLE
    assert {r.verdict.verdict for r in found} <= {"proved", "agrees"}


@pytest.mark.slow
def test_all_wrong_claims() -> None:
    found = [sweep.judged(wrong) for wrong in sweep.all_wrong()]
    assert len(found) >= 300
    assert {r.verdict.verdict for r in found} == {"refuted"}
    assert sum(r.kind_is_right and r.gate_is_right for r in found) >= 0.9 * len(found)


@pytest.mark.slow
def test_all_right_claims() -> None:
    found = [sweep.judged_right(*right) for right in sweep.all_right()]
    assert len(found) >= 150
    assert {r.verdict.verdict for r in found} <= {"proved", "agrees"}


def test_the_tables_are_in_the_document() -> None:
    text = (ROOT / "docs/checker.md").read_text(encoding="utf-8").partition(sweep.BEGIN)[2]
    totals = [[int(n) for n in re.findall(r"\d+", row)] for row in re.findall(r"\| \*\*all\*\* \|(.*)", text)]
    (claims, refuted, kinds, gates), (right, proved, agrees, alarms) = totals
    assert claims == refuted >= 300
    assert min(kinds, gates) >= 0.9 * claims
    assert right == proved + agrees >= 150
    assert alarms == 0


def derive() -> ModuleType:
    spec = importlib.util.spec_from_file_location("derive", ROOT / "docs/derive.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name",
    ["gate_patterns", "neuron", "matrix_product"]
    + [
        pytest.param(name, marks=pytest.mark.slow)
        for name in (
            "softmax_regression", "two_layer_network", "batch_normalisation", "attention", "logistic_hessian",
        )
    ],
)  # fmt: skip
def test_worked_derivations_are_current(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert derive().lesson(name) in (ROOT / "docs/derivations.md").read_text(encoding="utf-8"), (
        "run python docs/derive.py"
    )
