"""The compiler from Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gradcompile
from gradcompile.files import write_whole

TEXT = "x: Param[N]\na: Real = 2.0\nloss = a * sum(x**2)\nassert grad(loss, x) == 2 * a * x\n"


def test_compile_takes_text() -> None:
    compiled = gradcompile.compile(TEXT, target="numpy", name="squares")
    assert compiled.certificate is not None
    assert compiled.certificate.passed
    assert compiled.program.name == "squares"
    value, gradient = compiled.module.value_and_grad(np.array([1.0, 2.0]))
    assert value == 10.0
    np.testing.assert_array_equal(gradient.x, [4.0, 8.0])
    assert compiled.source.count("proved") >= 2
    assert str(compiled.operations)


def test_compile_takes_a_path_as_text_or_path(tmp_path: Path) -> None:
    path = tmp_path / "squares.formula"
    path.write_text(TEXT)
    for given in (path, str(path)):
        compiled = gradcompile.compile(given, target="numpy", verify=False)
        assert compiled.certificate is None
        assert compiled.program.name == "squares"


def test_a_refutation_is_raised_with_the_certificate() -> None:
    with pytest.raises(gradcompile.Refuted, match="line 2") as caught:
        gradcompile.compile("f = x * y\nassert grad(f, x) == -y\n", target="numpy")
    assert caught.value.compiled.certificate is not None
    assert not caught.value.compiled.certificate.passed


def test_check_returns_verdicts() -> None:
    verdicts = gradcompile.check("f = x * y\nassert grad(f, x) == y\nassert grad(f, x) == x\n")
    assert [v.verdict for v in verdicts] == ["proved", "refuted"]


def test_emit_and_wrt() -> None:
    compiled = gradcompile.compile(TEXT, target="numpy", emit=["objective"], wrt=["a"], verify=False)
    assert compiled.functions == ("objective", "pack")
    assert not hasattr(compiled.module, "value")
    value, gradient = compiled.module.objective(np.array([1.0, 2.0]))(np.array([3.0]))
    assert (value, list(gradient)) == (15.0, [5.0])


@pytest.mark.parametrize("emit", [None, ["value"]])
def test_without_a_gradient_there_is_value_alone(emit: list[str] | None) -> None:
    compiled = gradcompile.compile("x: Real[N]\ny = 2 * x\n", target="numpy", emit=emit, verify=False)
    assert compiled.functions == ("value",)
    np.testing.assert_array_equal(compiled.module.value([1.0, 2.0]), [2.0, 4.0])


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("f = x\n", {"target": "c"}, "unknown target"),
        ("f = x\n", {"emit": ["vhp"]}, "cannot emit"),
        ("f = x\n", {"mode": "sideways"}, "unknown mode"),
        ("x: Real[N]\ny = x\n", {"emit": ["hvp"]}, "scalar result"),
        ("k: Int\nx: Real\nreturn 2 * k, x\n", {"emit": ["jvp"]}, "real results"),
        ("x: Real[N]\ny = x\n", {"emit": ["grad"]}, "scalar result"),
        ("k: Int\nf = 2 * k\n", {"emit": ["grad"]}, "result"),
        ("f = x +\n", {}, "error"),
        ("", {}, "empty"),
    ],
)
def test_bad_input_is_a_formula_error(text: str, options: dict, words: str) -> None:
    with pytest.raises(gradcompile.FormulaError, match=words):
        gradcompile.compile(text, **options)


def test_a_missing_file_is_a_formula_error() -> None:
    with pytest.raises(gradcompile.FormulaError):
        gradcompile.compile("nowhere.formula")


def test_files_are_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "f.py"
    write_whole(path, "a\n")
    write_whole(path, "b\n")
    assert path.read_text() == "b\n"
    assert [p.name for p in path.parent.iterdir()] == ["f.py"]


def test_an_interrupted_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "f.py", "a\n")
    assert not list(tmp_path.iterdir())


def test_names_may_be_one_text_with_commas() -> None:
    compiled = gradcompile.compile("f = x * y * z", target="numpy", emit="value,grad", wrt="x,z", verify=False)
    assert compiled.functions == ("value", "grad")
    assert compiled.module.grad(1.0, 2.0, 3.0) == (6.0, 2.0)


def test_a_refuted_claim_comes_with_its_counterexample() -> None:
    with pytest.raises(gradcompile.Refuted, match=r"claim, line 2: refuted .*x = .*left .*right"):
        gradcompile.compile("f = x * x\nassert grad(f, x) == 3 * x", target="numpy")
