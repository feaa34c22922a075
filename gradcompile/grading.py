"""Many submissions at once: each is judged in a process of its own, with a limit of time and of memory."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradcompile import api, files
from gradcompile.errors import FormulaError
from gradcompile.syntax.flow import targets
from gradcompile.syntax.program import Program

MEMORY = 4 << 30  # bytes
STARTING = 30.0  # seconds that a process may take beside judging
ENOUGH = 50_000_000  # characters of output that are read
HALF = 0.5  # the credit of a claim that a single repair makes true


@dataclass(frozen=True)
class Graded:
    """A submission: the credit for each claim, between 0 and 1, and what was found."""

    file: str
    claims: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # what was asked for, and is not claimed
    error: str | None = None  # why nothing was judged

    @property
    def credit(self) -> float:
        """The sum of the credits."""
        return sum((float(claim["credit"]) for claim in self.claims), 0.0)

    @property
    def of(self) -> int:
        """The most that there is."""
        return len(self.claims) + len(self.missing)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return {
            "file": self.file, "credit": self.credit, "of": self.of, "error": self.error,
            "missing": self.missing, "claims": self.claims,
        }  # fmt: skip


def grade(folder: Path, *, key: Path | None = None, seconds: float = 60.0) -> list[Graded]:
    """Return the submissions of a folder, by name. With a key, its claims are asked for, on its formula."""
    asked = None if key is None else api.read(key)
    found = [path for path in files.formulas([folder]) if key is None or path.resolve() != key.resolve()]
    with ThreadPoolExecutor(max(1, (os.cpu_count() or 2) - 1)) as pool:
        return list(pool.map(lambda path: _one(path, asked, seconds), found))


def _one(path: Path, key: Program | None, seconds: float) -> Graded:
    shown = str(files.shown(path))
    if path.stat().st_size > files.LARGEST:
        return Graded(shown, error="The file is too large.", missing=[] if key is None else _asked(key))
    if key is not None:
        try:
            program = api.read(path)
        except FormulaError as bad:
            return Graded(shown, error=str(bad), missing=_asked(key))
        except RecursionError:
            return Graded(shown, error="The formula is nested too deeply.", missing=_asked(key))
        changed = _changed(program, key)
        if changed is not None or not {_left(c.text) for c in program.claims} & set(_asked(key)):
            return Graded(shown, error=changed, missing=_asked(key))
    claims, error = _judged(path, seconds)
    if key is None:
        return Graded(shown, claims, error=error)
    mine = {_left(c["claim"]) for c in claims}
    wanted = [c for c in claims if _left(c["claim"]) in set(_asked(key))]
    return Graded(shown, wanted, [text for text in _asked(key) if text not in mine], error)


def _asked(key: Program) -> list[str]:
    """Return the left sides of the key's claims."""
    return list(dict.fromkeys(_left(claim.text) for claim in key.claims))


def _left(claim: str) -> str:
    test = ast.parse(claim, mode="eval").body
    return ast.unparse(test.left) if isinstance(test, ast.Compare) else claim


def _changed(program: Program, key: Program) -> str | None:
    """Return what is wrong with a submission that is not about the key's formula."""
    mine = [ast.dump(s) for s in program.tree.body]
    needed = list(_formula(key))
    for statement in needed:
        if ast.dump(statement) not in mine:
            return f"The formula was changed: `{ast.unparse(statement)[:60]}` of the key is not there."
    names = {name for s in needed for name in targets(s)}
    again = [
        s for s in program.tree.body if set(targets(s)) & names and ast.dump(s) not in {ast.dump(n) for n in needed}
    ]
    return f"The formula was changed: line {again[0].lineno} assigns to a name of the key." if again else None


def _formula(key: Program) -> Iterator[ast.stmt]:
    """Yield the statements of the key up to its first claim."""
    for statement in key.tree.body:
        if isinstance(statement, ast.Assert):
            return
        if isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.FunctionDef)):
            yield statement


def _judged(path: Path, seconds: float) -> tuple[list[dict[str, Any]], str | None]:
    """Return the claims of a submission with their credits, and why there are none."""
    command = [sys.executable, "-m", "gradcompile", "check", "--json", "--verify-seconds", str(seconds), str(path)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=STARTING + 2 * seconds, check=False,
            stdin=subprocess.DEVNULL, preexec_fn=_limited if os.name == "posix" else None,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return [], "It was not judged within its time."
    if done.returncode not in (0, 1) or len(done.stdout) > ENOUGH:
        return [], (done.stderr.strip() or "It could not be judged.")[:2000]
    return [{**claim, "credit": credit(claim)} for claim in json.loads(done.stdout)], None


def _limited() -> None:
    import resource  # noqa: PLC0415  (Unix has it)

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def credit(claim: dict[str, Any]) -> float:
    """Return 1 for a claim that is right or only follows from an earlier mistake, a half where one repair mends it."""
    if claim["verdict"] in ("proved", "agrees") or claim["follows"] is not None:
        return 1.0
    return HALF if claim["verdict"] == "refuted" and claim["kind"] is not None else 0.0


def total(graded: Sequence[Graded]) -> tuple[float, int]:
    """Return the credit of all submissions together, and the most that there is."""
    return sum(g.credit for g in graded), sum(g.of for g in graded)
