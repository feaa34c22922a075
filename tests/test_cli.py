"""The commands: what they write, print, and exit with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gradcompile.cli import main

FAST = ("--target", "numpy", "--no-verify")
GOOD = "f = x * y + 1\n"
LOSS = "X: Real[N, D]\nw: Param[D]\nloss = sum((X @ w)**2)\n"
WRONG = "f = x * y\nassert grad(f, x) == x\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return invoke


def write(name: str, text: str = GOOD) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_compile_writes_a_module_and_prints_a_table(run) -> None:
    write("loss.formula", LOSS)
    result = run("compile", "loss.formula", "--target", "numpy")
    assert result.exit_code == 0, result.output
    for word in ("loss", "w[D]", "gates", "->", "operations", "graph", "proved", "code", "agrees", "seconds"):
        assert word in result.stdout
    text = Path("generated/loss.py").read_text()
    assert "from loss.formula" in text
    assert "proved" in text.partition("# --- end of certificate")[0]


def test_the_same_input_gives_the_same_bytes(run) -> None:
    write("loss.formula", LOSS)
    run("compile", "loss.formula", "--target", "numpy", "-o", "a")
    run("compile", "loss.formula", "--target", "numpy", "-o", "b")
    assert Path("a/loss.py").read_bytes() == Path("b/loss.py").read_bytes()


def test_a_second_compile_leaves_the_file_alone(run) -> None:
    write("f.formula")
    run("compile", "f.formula", *FAST)
    before = Path("generated/f.py").stat().st_mtime_ns
    assert "unchanged" in run("compile", "f.formula", *FAST).stdout
    assert Path("generated/f.py").stat().st_mtime_ns == before


def test_folders_are_searched_and_sorted(run) -> None:
    write("in/b.formula")
    write("in/deep/a.formula")
    write("in/other.txt")
    result = run("compile", "in", "--json", *FAST)
    assert [job["file"] for job in json.loads(result.stdout)] == ["in/b.formula", "in/deep/a.formula"]
    assert sorted(p.name for p in Path("generated").iterdir()) == ["a.py", "b.py"]


def test_several_files_make_one_table_with_plain_lines_for_progress(run) -> None:
    write("a.formula")
    write("b.formula")
    result = run("compile", "a.formula", "b.formula", *FAST)
    assert result.stderr.splitlines() == ["a.formula", "b.formula"]
    assert result.stdout.count("written") == 2


def test_quiet_prints_nothing(run) -> None:
    write("a.formula")
    write("b.formula")
    result = run("compile", "a.formula", "b.formula", "-q", *FAST)
    assert (result.exit_code, result.output) == (0, "")


def test_json_has_an_object_for_each_file(run) -> None:
    write("a.formula", LOSS)
    write("b.formula", "f = x +\n")
    result = run("compile", "a.formula", "b.formula", "--json", "--target", "numpy")
    good, bad = json.loads(result.stdout)
    assert result.exit_code == 2
    assert (good["status"], good["parameters"], good["functions"]) == ("written", ["w[D]"], ["value", "value_and_grad"])
    assert good["verification"]["passed"] is True
    assert good["gates_before"] >= good["gates_after"] > 0
    assert (bad["status"], bad["error"]["line"]) == ("error", 1)


def test_one_bad_file_does_not_stop_the_others(run) -> None:
    write("a.formula", "f = unknown(x)\n")
    write("b.formula")
    write("c.formula", "import os\n")
    result = run("compile", "a.formula", "b.formula", "c.formula", *FAST)
    assert result.exit_code == 2
    assert "a.formula:1:" in result.stderr
    assert "c.formula:1:" in result.stderr
    assert [p.name for p in Path("generated").iterdir()] == ["b.py"]


def test_a_refuted_module_is_not_written(run) -> None:
    write("wrong.formula", WRONG)
    write("bad.formula", "f = x +\n")
    result = run("compile", "wrong.formula", "--target", "numpy")
    assert result.exit_code == 1
    assert "refuted" in result.stderr
    assert not Path("generated").exists()
    assert run("compile", "wrong.formula", "bad.formula", "--target", "numpy").exit_code == 2  # the worst of both


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("compile", "nowhere.formula"), "no such file"),
        (("compile", "empty"), "there is no .formula file"),
        (("compile", "f.formula", "--target", "fortran"), "fortran"),
        (("compile", "f.formula", "--emit", "curl"), "cannot emit 'curl'"),
        (("compile", "f.formula", "--emit", "value,,grad"), "empty name"),
        (("compile", "f.formula", "--wrt", "z", *FAST), "z"),
        (("compile", "f.formula", "-o", "taken", *FAST), "is a file, not a folder"),
        (("compile", "f.formula", "again/f.formula", *FAST), "would both become"),
        (("compile", "f.formula", "--emit", "value", "--dump-after", "differentiate", *FAST), "no gradient is needed"),
        (("compile", "plain.py", "--check"), "was not made by gradcompile"),
        (("compile",), "Missing argument"),
        (("check", "nowhere.formula"), "no such file"),
        (("frobnicate",), "No such command"),
    ],
)
def test_bad_usage_exits_with_2_and_one_sentence(run, arguments: tuple[str, ...], words: str) -> None:
    write("f.formula")
    write("again/f.formula")
    write("plain.py", "x = 1\n")
    write("taken", "a file where the folder should be")
    Path("empty").mkdir()
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_nothing_is_left_behind_where_a_file_cannot_be_replaced(run) -> None:
    write("f.formula")
    Path("generated/f.py").mkdir(parents=True)
    result = run("compile", "f.formula", *FAST)
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
    assert [p.name for p in Path("generated").iterdir()] == ["f.py"]


def test_check_says_whether_modules_are_current(run) -> None:
    source = write("f.formula")
    missing = run("compile", "--check", "f.formula", *FAST)
    assert missing.exit_code == 1
    run("compile", "f.formula", "--target", "numpy")  # with a certificate, which is left out of the comparison
    assert run("compile", "--check", "f.formula", "--target", "numpy").exit_code == 0
    source.write_text("f = x * y + 2\n")
    stale = run("compile", "--check", "f.formula", "--target", "numpy")
    assert stale.exit_code == 1
    assert "+++" in stale.stdout
    assert "out of date" in stale.stderr
    assert Path("generated/f.py").read_text().count("+ 2") == 0


def test_check_takes_the_options_from_a_generated_file(run, monkeypatch: pytest.MonkeyPatch) -> None:
    write("in/loss.formula", LOSS)
    run("compile", "in", "--wrt", "X", "--emit", "grad,pack", "-o", "out", *FAST)
    assert "--wrt X" in Path("out/loss.py").read_text()
    assert run("compile", "--check", "out").exit_code == 0
    assert run("compile", "--check", "out/loss.py").exit_code == 0
    monkeypatch.chdir("out")  # the formula is found from elsewhere too
    assert run("compile", "--check", "loss.py").exit_code == 0
    Path("loss.py").write_text(Path("loss.py").read_text() + "# edited\n")
    assert run("compile", "--check", ".").exit_code == 1
    Path("../in/loss.formula").unlink()
    assert run("compile", "--check", "loss.py").exit_code == 2


@pytest.mark.parametrize("stage", ["parse", "recognise", "differentiate", "simplify"])
def test_dump_after_prints_the_graph(run, stage: str) -> None:
    write("f.formula")
    result = run("compile", "f.formula", "--dump-after", stage, "-q", *FAST)
    assert "input x" in result.stdout
    assert "return f = %" in result.stdout
    assert ("return dx = %" in result.stdout) == (stage in {"differentiate", "simplify"})


def test_dump_after_schedule_prints_the_plan(run) -> None:
    write("f.formula", "x: Real[N, D]\nw: Param[D]\nf = sum(log(sum(exp(x * w), axis=1) + 1))\n")
    result = run("compile", "f.formula", "--dump-after", "schedule", "-q", "--no-verify")
    plan = result.stdout.partition("value_and_grad_kernel:")[2]
    assert "stage along N: block by block" in plan
    assert "buffer" in plan
    assert re.search(r"over d, n: dw; \d\*D\*N \+ D operations, \d+\*D\*N \+ \d+\*D bytes", plan)
    result = run("compile", "f.formula", "--dump-after", "schedule", "--target", "numpy", *FAST)
    assert result.exit_code == 2
    assert "no loops" in result.stderr


def test_an_array_result_gets_value_alone_and_says_so(run) -> None:
    write("f.formula", "x: Real[N]\ny = 2 * x\n")
    result = run("compile", "f.formula", *FAST)
    assert result.exit_code == 0
    assert "value alone" in result.stdout
    assert "value_and_grad" not in Path("generated/f.py").read_text()
    asked = run("compile", "f.formula", "--emit", "grad", *FAST)
    assert asked.exit_code == 2
    assert "scalar result" in asked.stderr


def test_check_command_judges_claims(run) -> None:
    write("right.formula", "f = x * y\nassert grad(f, x) == y\n")
    write("wrong.formula", WRONG)
    write("none.formula")
    result = run("check", "right.formula", "none.formula")
    assert result.exit_code == 0
    assert "right.formula:2: proved" in result.stdout
    assert "none.formula: no claims" in result.stdout
    refuted = run("check", "wrong.formula")
    assert refuted.exit_code == 1
    assert "wrong.formula:2: refuted" in refuted.stdout
    as_json = run("check", "right.formula", "wrong.formula", "--json")
    assert as_json.exit_code == 1
    first, second = json.loads(as_json.stdout)
    assert (first["verdict"], second["verdict"], second["line"]) == ("proved", "refuted", 2)
    assert {"file", "claim", "tier", "kind", "gate", "gate_line", "sentence", "repair", "counterexample"} <= set(second)


def test_check_command_goes_on_behind_a_bad_file(run) -> None:
    write("a.formula", "f = x +\n")
    write("b.formula", WRONG)
    result = run("check", "a.formula", "b.formula")
    assert result.exit_code == 2
    assert "a.formula:1:" in result.stderr
    assert "refuted" in result.stdout


def test_the_module_is_the_same_program(tmp_path: Path) -> None:
    (tmp_path / "f.formula").write_text(GOOD)
    command = [sys.executable, "-m", "gradcompile", "compile", "f.formula", "-q", *FAST]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "generated/f.py").exists()


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write everywhere")
def test_an_unwritable_folder_is_an_error(run) -> None:
    write("f.formula")
    Path("generated").mkdir(mode=0o500)
    result = run("compile", "f.formula", *FAST)
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_a_missing_path_does_not_stop_the_others(run) -> None:
    write("f.formula")
    result = run("compile", "nothere.formula", "f.formula", *FAST)
    assert result.exit_code == 2
    assert "nothere.formula" in result.stderr
    assert "there is no such file" in result.stderr
    assert Path("generated/f.py").is_file()
