"""`gradcompile bench`: the peers' code means what the formula means, inputs fit, and bad input gets an error."""

from __future__ import annotations

import importlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from gradcompile import api
from gradcompile.bench import functional
from gradcompile.bench.inputs import draw
from gradcompile.bench.run import sizes_of
from gradcompile.bench.timing import difference, interleaved
from gradcompile.cli import main
from gradcompile.emit.load import load
from gradcompile.pipeline import run_passes
from gradcompile.syntax.program import Program

EXAMPLES = Path(__file__).parent.parent / "examples"
SMALL = {
    "softmax_regression": "N=7,D=3,C=4", "lstm": "T=5,D=2,H=3", "hmm": "T=6,K=3,V=4", "gaussian_process": "N=6,D=2",
    "tree_kinematics": "N=5", "packed_gaussian_mixture": "N=5,D=3,K=2",
}  # fmt: skip


def finite(program: Program) -> tuple[dict[str, Any], list[Any]]:
    """Return inputs and what the readable module makes of them."""
    module: Any = api.load_module(api.translate(program, target="numpy", verified=False)).module
    found: list[Any] = []

    def judge(inputs: dict[str, Any]) -> bool:
        value, gradients = module.value_and_grad(**inputs)
        found[:] = [value, *gradients]
        return all(bool(np.all(np.isfinite(x))) for x in found)

    return draw(program, sizes_of(program, SMALL.get(program.name, "")), judge), found


@pytest.mark.parametrize("peer", ["jax", "torch"])
@pytest.mark.parametrize("name", SMALL)
def test_peers_agree(name: str, peer: str) -> None:
    if importlib.util.find_spec(peer) is None:
        pytest.skip(f"{peer} is not installed")
    program = api.read(EXAMPLES / f"{name}.formula")
    inputs, wanted = finite(program)
    unit = run_passes(program, gradient=False, derived=[], after=lambda stage, unit: None)
    module: Any = load(functional.source(unit, peer), f"{name}_{peer}")
    layer = importlib.import_module(f"gradcompile.bench.in_{peer}")
    value, both = layer.value_and_grad(module.value, inputs, [a.name for a in program.differentiated])
    assert difference([np.asarray(x) for x in both()], wanted) < 1e-12
    assert difference([np.asarray(x) for x in value()], wanted[:1]) < 1e-12


def test_peer_code_changes_no_array() -> None:
    program = api.read(EXAMPLES / "lstm.formula")
    unit = run_passes(program, gradient=False, derived=[], after=lambda stage, unit: None)
    text = functional.source(unit, "jax")
    assert text.count("scan(step") == 1
    assert "] = " not in text
    assert " += " not in text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("x = 1.0\nwhile abs(x**2 - a) > 1e-9:\n    x = 0.5 * (x + a / x)\nf = x", "a `while` loop"),
        ("f = beta(a, b)", "the gate `beta"),
    ],
)
def test_what_cannot_be_written_is_said(text: str, what: str) -> None:
    program = api.read(text + "\n")
    unit = run_passes(program, gradient=False, derived=[], after=lambda stage, unit: None)
    with pytest.raises(functional.InexpressibleError, match=what):
        functional.source(unit, "jax")


def test_inputs_lie_in_their_domains_and_index() -> None:
    program = api.read(
        "p: Unit[N]\nx: Positive[N]\nJ: PositiveDefinite[M]\ni: Int[N]\nt: Real[M]\nk: Real = 2.5\n"
        "f = sum(log(x) * log(p)) + logdet(J) + k * sum(t[i])\n"
    )
    module: Any = api.load_module(api.translate(program, target="numpy", emit=["value"], verified=False)).module
    inputs = draw(program, {"N": 40, "M": 5}, lambda given: bool(np.isfinite(module.value(**given))))
    assert np.all((inputs["p"] > 0) & (inputs["p"] < 1))
    assert np.all(inputs["x"] > 0)
    assert np.all(np.linalg.eigvalsh(inputs["J"]) > 0)
    assert inputs["i"].max() < 5
    assert inputs["k"] == 2.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--vs", "fortran"], "there is no peer 'fortran'"),
        (["--dims", "Q=3"], "has no size Q"),
        (["--dims", "N"], "Write a name and a whole number"),
        (["--dims", "N=-1"], "Write a name and a whole number"),
        (["--plot", "a.gif"], ".png or .svg"),
    ],
)
def test_bad_input_is_an_error(options: list[str], message: str) -> None:
    done = CliRunner().invoke(main, ["bench", str(EXAMPLES / "ridge_regression.formula"), *options])
    assert done.exit_code == 2
    assert message in done.output


def test_a_peer_that_is_not_installed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcompile.bench.run.importlib.util.find_spec", lambda name: None)
    done = CliRunner().invoke(main, ["bench", str(EXAMPLES / "ridge_regression.formula"), "--vs", "torch"])
    assert done.exit_code == 2
    assert "PyTorch is not installed" in done.output


def test_differences() -> None:
    assert difference([np.array([1.0, 2.0])], [np.array([1.0, 2.5])]) == 0.2
    assert difference([np.zeros(2)], [np.zeros(3)]) == float("inf")
    assert not difference([np.array([np.nan])], [np.array([1.0])]) < 1


def test_rounds_are_interleaved() -> None:
    order: list[str] = []
    interleaved({name: lambda name=name: order.append(name) for name in "ab"}, rounds=2, least=0.0)  # type: ignore[misc]
    assert "".join(order) == "ab" * 4


def test_the_command_measures(tmp_path: Path) -> None:
    options = ["--dims", "N=50,D=4", "--vs", "numpy", "--rounds", "1", "--plot", str(tmp_path / "bars.svg"), "--json"]
    done = CliRunner().invoke(main, ["bench", str(EXAMPLES / "ridge_regression.formula"), *options])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert [t["name"] for t in found["timings"]] == ["ours", "numpy"]
    assert all(t["value"] > 0 and t["value_and_grad"] > 0 and t["agrees"] < 1e-12 for t in found["timings"])
    assert found["sizes"] == {"N": 50, "D": 4}
    assert found["bytes"] == 8 * (50 * 4 + 50 + 4 + 1 + 4)
    assert found["allocations"] >= 1
    assert found["first_call"] > 0
    assert (tmp_path / "bars.svg").read_text(encoding="utf-8").startswith("<?xml")
