"""How a function curves at a point: known spectra, both methods, verdicts, pictures, and every way to ask wrongly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import gradcompile
from gradcompile.cli import main
from gradcompile.second_order.points import read_point

ROOT = Path(__file__).parent.parent


def at(text: str, dense: int = 500, **values: Any) -> gradcompile.Curvature:
    return gradcompile.curvature(text, at=values, verify=False, dense=dense)


QUADRATIC = "A: Symmetric[N]\nx: Param[N]\nf = 0.5 * x @ A @ x"


def with_spectrum(eigenvalues: Any) -> Any:
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(len(eigenvalues), len(eigenvalues))))
    matrix = turn * np.asarray(eigenvalues) @ turn.T
    return (matrix + matrix.T) / 2


@pytest.mark.parametrize(
    ("eigenvalues", "verdict", "condition"),
    [
        ([1, 2, 10], "local minimum, strictly convex", 10),
        ([-1, -2, -10], "local maximum, strictly concave", 10),
        ([-2, 1, 8], "saddle point", 8),
        ([0, 1, 3], "stationary, convex with flat directions: along these, higher derivatives decide", np.inf),
        ([-3, 0, 0], "stationary, concave with flat directions: along these, higher derivatives decide", np.inf),
        ([0, 0, 0], "stationary, flat in all directions: higher derivatives decide", np.inf),
    ],
)
def test_a_quadratic_form_has_the_eigenvalues_of_its_matrix(
    eigenvalues: list[float], verdict: str, condition: float
) -> None:
    found = at(QUADRATIC, A=with_spectrum(eigenvalues), x=np.zeros(3))
    np.testing.assert_allclose(found.eigenvalues, eigenvalues if verdict[6] != "m" else sorted(eigenvalues), atol=1e-12)
    assert found.verdict == verdict
    assert found.condition_number == pytest.approx(condition)
    assert len(found.flat) == eigenvalues.count(0)


def test_a_point_that_is_not_stationary_is_said_to_be_none() -> None:
    found = at(QUADRATIC, A=with_spectrum([1, 2, 3]), x=np.ones(3))
    assert not found.is_stationary
    assert found.verdict == "locally strictly convex, not stationary"
    assert found.gradient_norm == pytest.approx(np.linalg.norm(with_spectrum([1, 2, 3]) @ np.ones(3)))


def test_known_points() -> None:
    found = gradcompile.curvature(ROOT / "examples/rosenbrock.formula", at={"x": [1.0, 1.0]})
    assert found.verdict == "local minimum, strictly convex"
    assert found.condition_number == pytest.approx(2508.009601277, rel=1e-9)
    assert found.certificate is not None
    saddle = at("f = x * y", x=0.0, y=0.0)
    np.testing.assert_allclose(saddle.eigenvalues, [-1, 1])
    assert saddle.verdict == "saddle point"


def test_flat_directions_have_their_vectors() -> None:
    found = at("f = (x + y)**2", x=1.0, y=-1.0)
    (flat,) = found.flat
    assert flat.parts["x"] == pytest.approx(-flat.parts["y"])
    shifted = at("x: Param[N]\nf = logsumexp(x)", x=np.array([0.3, -1.0, 2.0]))
    (flat,) = shifted.flat
    np.testing.assert_allclose(flat.parts["x"], np.full(3, 3**-0.5))


def test_eigenvectors_belong_to_their_eigenvalues() -> None:
    matrix = with_spectrum([1, 2, 10])
    found = at(QUADRATIC, A=matrix, x=np.zeros(3))
    for direction in (found.smallest, found.largest):
        np.testing.assert_allclose(
            matrix @ direction.parts["x"], direction.eigenvalue * direction.parts["x"], atol=1e-12
        )


def test_a_parameter_that_is_symmetric_moves_among_symmetric_matrices() -> None:
    found = at("S: Symmetric[N]\nf = sum(S**2)", S=np.eye(3))
    assert found.size == 6
    np.testing.assert_allclose(found.eigenvalues, 2)


@pytest.mark.parametrize("ends", [(1.0, 50.0), (-7.0, 20.0), (-9.0, -2.0)])
def test_lanczos_finds_the_ends_of_a_large_spectrum(ends: tuple[float, float]) -> None:
    scale = np.linspace(*ends, 800)
    text = "a: Real[N]\nx: Param[N]\nf = sum(a * x**2) / 2 + sum(a * x**4)"
    found, whole = (at(text, dense, a=scale, x=np.zeros(800)) for dense in (500, 1000))
    assert (found.method, whole.method) == ("lanczos", "dense")
    assert len(whole.eigenvalues) == 800
    assert len(found.eigenvalues) == 6
    np.testing.assert_allclose(found.eigenvalues, np.r_[whole.eigenvalues[:3], whole.eigenvalues[-3:]], rtol=1e-6)
    assert found.verdict == whole.verdict
    known = None if ends[0] < 0 < ends[1] else pytest.approx(whole.condition_number)
    assert found.condition_number == known


def test_the_same_point_gives_the_same_numbers() -> None:
    text, values = "a: Real[N]\nx: Param[N]\nf = sum(a * sin(x))", {"a": np.arange(1.0, 31), "x": np.full(30, 0.7)}
    first, second = (at(text, 10, **values) for _ in range(2))
    np.testing.assert_array_equal(first.eigenvalues, second.eigenvalues)


def test_whole_numbers_and_defaults() -> None:
    found = at("x: Param[N]\nk: Int[M]\nc: Real = 3.0\nf = c * sum(x[k]**2)", x=np.zeros(3), k=np.array([0, 2, 2]))
    np.testing.assert_allclose(found.eigenvalues, [0, 6, 12])


# The command.


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["curvature", *arguments])


@pytest.fixture
def formula(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("f.formula").write_text("w: Param[N]\nb: Param\nk: Real = 2.0\nf = k * sum(w**2) + b**4 - w[0] * b\n")
    return "f.formula"


def test_the_point_from_the_command_line(formula: str) -> None:
    done = run(formula, "--at", "w=[0,0],b=1")
    assert done.exit_code == 0, done.output
    assert "saddle" in done.output or "convex" in done.output
    again = run(formula, "--at", "w=[0, 0]", "--at", "b=1", "--json")
    found = json.loads(again.output)
    matrix = np.array([[4, 0, -1], [0, 4, 0], [-1, 0, 12]])
    np.testing.assert_allclose(found["eigenvalues"], np.linalg.eigvalsh(matrix))
    assert found["verification"]["passed"]
    assert not found["stationary"]


def test_the_point_from_an_archive(formula: str) -> None:
    np.savez("values.npz", w=np.zeros(2), b=0.0)
    found = json.loads(run(formula, "--at", "values.npz", "--at", "k=5", "--json", "--no-verify").output)
    assert found["shape"] == "saddle"
    np.testing.assert_allclose(found["eigenvalues"], np.linalg.eigvalsh([[10, 0, -1], [0, 10, 0], [-1, 0, 0]]))


def test_lanczos_from_the_command_line(formula: str) -> None:
    done = run(formula, "--at", f"w={[0.0] * 40},b=1", "--dense", "10", "--no-verify")
    assert done.exit_code == 0, done.output
    assert "by Lanczos on hvp" in done.output


WRONG = {
    "nothing": ([], "`w` has no value"),
    "a missing one": (["--at", "w=[0,0]"], "`b` has no value"),
    "an unknown one": (["--at", "w=[0,0],bb=1"], "there is no argument `bb`"),
    "no name": (["--at", "3"], "`--at 3` is no point"),
    "code": (["--at", "w=__import__('os').system('true'),b=1"], "is no point"),
    "text": (["--at", "w='a',b=1"], "w is no number"),
    "a ragged list": (["--at", "w=[[1],[2,3]],b=1"], "is no point"),
    "a wrong shape": (["--at", "w=3,b=1"], "w must be an array of shape"),
    "no file": (["--at", "none.npz"], "none.npz cannot be read"),
    "no archive": (["--at", "bad.npz"], "is no archive of arrays"),
    "objects": (["--at", "objects.npz"], "is no archive of arrays"),
    "nan": (["--at", "w=[0,0],b=1", "--at", "nan.npz"], "the function is nan at this point"),
    "a picture of no kind": (["--at", "w=[0,0],b=1", "--plot", "f.gif"], ".png or .svg"),
}


@pytest.mark.parametrize("name", WRONG)
def test_bad_input_is_one_error(formula: str, name: str) -> None:
    Path("bad.npz").write_text("no archive")
    np.savez("objects.npz", w=np.array([None, "x"], dtype=object), b=1.0)
    np.savez("nan.npz", b=np.nan)
    arguments, words = WRONG[name]
    done = run(formula, *arguments)
    assert done.exit_code == 2
    assert words in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("text", "point", "words"),
    [
        ("x: Param[N]\ny = x**2", "x=[1,2]", "a gradient needs a scalar result"),
        ("f = abs(x)", "x=0", "kink"),
        ("f = sqrt(x)", "x=0", "not finite"),
        ("f = log(x)", "x=-1", "the function is nan"),
        ("x: Real\nf = floor(2.5)", "x=1", ""),
        ("x: Param[N]\nf = sum(x)", "x=[]", "no elements"),
    ],
)
def test_where_there_is_no_second_derivative(
    text: str, point: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.formula").write_text(text + "\n")
    done = run("f.formula", "--at", point, "--no-verify")
    assert done.exit_code == 2 or not words, done.output
    assert words in done.output


def test_a_file_that_is_not_there() -> None:
    done = run("nothing.formula", "--at", "x=1")
    assert done.exit_code == 2
    assert "nothing.formula" in done.output


@pytest.mark.parametrize(("form", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_picture_is_the_same_each_time(formula: str, form: str, start: bytes) -> None:
    pytest.importorskip("matplotlib")
    for name in ("one", "two"):
        done = run(formula, "--at", "w=[0.5,-1],b=1", "--plot", f"{name}.{form}", "--no-verify")
        assert done.exit_code == 0, done.output
    one, two = (Path(f"{name}.{form}").read_bytes() for name in ("one", "two"))
    assert one == two
    assert one.startswith(start)


def test_a_picture_of_one_parameter_and_of_a_small_domain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    Path("f.formula").write_text("f = x * log(x)\n")
    done = run("f.formula", "--at", "x=0.001", "--plot", "f.svg", "--no-verify")
    assert done.exit_code == 0, done.output
    picture = Path("f.svg").read_text(encoding="utf-8")
    assert picture.count('id="axes_') == 1  # one parameter, one panel


def test_a_point_is_parsed_and_never_run() -> None:
    values = read_point(["x=2,y=-4.5", "w=[[1,2],[3,4]],flag=True", "x=3"])
    assert values["x"] == 3
    assert values["y"] == -4.5
    np.testing.assert_array_equal(values["w"], [[1, 2], [3, 4]])
    for text in ("x=open('f')", "**x", "x=1 if y else 2", "x=y", "", "x=1)(2", "x=" + "(" * 300):
        with pytest.raises(gradcompile.FormulaError):
            read_point([text])
