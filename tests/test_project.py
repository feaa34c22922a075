"""The project as a whole: imports point one way, documents and generated files are current, no file is too long."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

import gradcompile
from gradcompile.cli import main
from gradcompile.emit.module import without_certificate

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "gradcompile"

# In processing order; each may import from itself and from those above it.
LAYERS = [
    {"errors", "version", "markers"},
    {"ir"},
    {"gates"},
    {"autodiff", "rewrite"},
    {"syntax"},
    {"doors"},
    {"sparse"},
    {"derived"},
    {"pipeline"},
    {"loops"},
    {"emit"},
    {"verify"},
    {"diagnosis"},
    {"api"},
    {"decorator", "second_order", "bench"},
    {"explain"},
    {"__init__"},
    {"files"},
    {"jobs"},
    {"grading"},
    {"report"},
    {"usage"},
    {"cli", "pytest_plugin"},
    {"__main__"},
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
SOURCES = sorted(PACKAGE.rglob("*.py"))
MODULES = sorted((ROOT / "generated").rglob("*.py"))


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.Module) -> list[str]:
    """Return what is imported when the module runs: imports for type checking alone do not count."""
    found = []
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "gradcompile":
            found += [f"gradcompile.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        todo += ast.iter_child_nodes(node)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    own = layer_of(path)
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
        root, *rest = name.split(".")
        if root == "gradcompile":
            other = rest[0] if rest else "__init__"
            assert RANK[other] <= RANK[own], f"{own} imports {name}"
            if RANK[other] == RANK[own]:
                assert other == own, f"{own} imports {name}, which is beside it"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_formulas_are_never_executed() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec"}, f"{path.name}:{node.lineno}"


def renew() -> ModuleType:
    spec = importlib.util.spec_from_file_location("renew", ROOT / "docs/renew.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_documents_are_current() -> None:
    for path, text in renew().documents().items():
        assert path.read_text(encoding="utf-8") == text, f"run python docs/renew.py: {path.name} is out of date"


def test_the_gate_tables_have_every_gate() -> None:
    text = (ROOT / "docs/language.md").read_text(encoding="utf-8")
    for name in ("sigmoid", "erf", "digamma", "logsumexp", "argmax"):
        assert f"`{name}(" in text


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_generated_files_are_current(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(main, ["compile", "--check", str(path)])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_generated_files_are_verified_and_stand_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert without_certificate(text) != text
    assert ": refuted" not in text
    assert not re.search(r"^# .*: undecided", text, re.MULTILINE), "verify it with more --verify-seconds"
    names = {name.split(".")[0] for name in imported(ast.parse(text))}
    taken = {"numba"} if "numpy" not in path.parts else set()
    taken |= {"scipy"} if "--sparse" in text else set()  # where `objective` returns SciPy's matrices
    assert names <= {"math", "typing", "numpy"} | taken


def test_every_example_has_its_module() -> None:
    examples = {p.stem for p in (ROOT / "examples").glob("*.formula")}
    assert examples == {p.stem for p in (ROOT / "generated").glob("*.py")}


def test_the_readme_starts_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shell = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines() if line]
    assert "gradcompile compile examples/softmax_regression.formula" in shell[0]
    assert "pytest" in shell[1]
    assert all("pip install" in line for line in shell[:2])


def test_links_of_the_documents_lead_somewhere() -> None:
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_the_version_is_one() -> None:
    command = [sys.executable, "-m", "gradcompile", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert gradcompile.__version__ in done.stdout
    assert f"## {gradcompile.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
