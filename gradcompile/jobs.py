"""What ``gradcompile compile`` does with one file: write its module, or say whether the one on the disk is current."""

from __future__ import annotations

import difflib
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gradcompile import api, files
from gradcompile.api import Compiled
from gradcompile.emit.module import header_of, schedule, without_certificate
from gradcompile.errors import FormulaError
from gradcompile.ir.text import print_graph
from gradcompile.pipeline import GRADIENT_PASSES, Unit
from gradcompile.syntax.program import DOUBLE, MAX_STEPS

GOOD, REFUTED, BAD_INPUT = 0, 1, 2
SCHEDULE = "schedule"
DUMPS = ("parse", *(name for name, _ in GRADIENT_PASSES), SCHEDULE)


@dataclass(frozen=True)
class Settings:
    """The options of one call."""

    output: Path
    target: str
    emit: tuple[str, ...] | None
    wrt: tuple[str, ...] | None
    verify: bool
    verify_seconds: float
    check: bool
    dump_after: str | None
    latex: str | None = None  # the formula itself, in place of a file
    name: str | None = None  # of its module
    check_domains: bool = False
    max_steps: int = MAX_STEPS
    checkpoint: bool = False
    mode: str | None = None
    sparse: bool = False
    parallel: bool = False
    dtype: str = DOUBLE
    out: bool = False


@dataclass
class Job:
    """A formula (or, to check it, a generated module) on its way, and what came of it."""

    path: Path
    settings: Settings
    step: Callable[[str], None]
    status: str = ""  # written | unchanged | refuted | current | stale | error
    module: Path | None = None
    compiled: Compiled | None = None
    error: FormulaError | None = None
    diff: str = ""
    dump: str = ""
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def run(self) -> Job:
        """Do the work; an error of the user's becomes a part of the result, so that other files are still done."""
        started = time.perf_counter()
        try:
            if self.settings.check:
                self._check()
            else:
                self._write()
        except FormulaError as error:
            self.status, self.error = "error", error
        self.seconds = time.perf_counter() - started
        return self

    @property
    def exit_code(self) -> int:
        """The exit code if this were the only file."""
        return {"error": BAD_INPUT, "refuted": REFUTED, "stale": REFUTED}.get(self.status, GOOD)

    def _write(self) -> None:
        compiled = self._translate(files.shown(self.path))
        self.module = self.settings.output / f"{compiled.program.name}.py"
        if self.settings.verify:
            self.step("compiling")
            compiled = api.load_module(compiled)
            self.step("verifying")
            compiled = api.certify(compiled, seconds=self.settings.verify_seconds)
        self.compiled = compiled
        if not compiled.passed:
            self.status = "refuted"
            return
        current = self.module.is_file() and files.read_text(self.module) == compiled.source
        self.status = "unchanged" if current else "written"
        if not current:
            files.write_whole(self.module, compiled.source)

    def _check(self) -> None:
        if self.path.suffix == ".py":
            self.module = self.path
            compiled = self._regenerate(files.read_text(self.path))
        else:
            compiled = self._translate(files.shown(self.path))
            self.module = self.settings.output / f"{compiled.program.name}.py"
        there = without_certificate(files.read_text(self.module)) if self.module.exists() else ""
        self.compiled = compiled
        self.diff = _diff(there, without_certificate(compiled.source), self.module)
        self.status = "stale" if self.diff else "current"

    def _regenerate(self, text: str) -> Compiled:
        """Translate the formula that a generated module names, with the options that it names."""
        header = header_of(text)
        if header is None:
            raise FormulaError(f"{self.path} was not made by gradcompile", hint="Its header is missing.")
        source, options = header
        self.settings = _from_header(self.settings, options)
        return self._translate(self.path if self.settings.latex else _find_source(source, self.path), source)

    def _translate(self, path: Path, name_in_header: str | None = None) -> Compiled:
        self.step("translating")
        settings = self.settings
        program = api.read(None if settings.latex else path, latex=settings.latex, wrt=settings.wrt, name=settings.name)
        program = replace(
            program,
            file=name_in_header or program.file,
            check_domains=settings.check_domains,
            max_steps=settings.max_steps,
            checkpoint=settings.checkpoint,
            mode=settings.mode or "",
            sparse=settings.sparse,
            parallel=settings.parallel,
            dtype=settings.dtype,
            out=settings.out,
        )
        compiled = api.translate(
            program,
            target=self.settings.target,
            emit=self.settings.emit,
            wrt=self.settings.wrt,
            latex=self.settings.latex,
            verified=self.settings.verify,
            observe=self._observe,
        )
        if self.settings.dump_after == SCHEDULE:
            self.dump = self._schedule(compiled)
        if self.settings.dump_after and not self.dump:
            raise FormulaError(
                f"{path}: pass '{self.settings.dump_after}' is not run, since no gradient is needed",
                hint="Ask for one: --emit value_and_grad.",
            )
        if self.settings.emit is None and compiled.functions == ("value",):
            self.notes.append("there is no gradient to write, so the module has value alone")
        return compiled

    def _schedule(self, compiled: Compiled) -> str:
        if compiled.target != "numba":
            raise FormulaError(f"the target {compiled.target} has no loops to schedule.", hint="Use --target numba.")
        return schedule(compiled.unit, compiled.target, compiled.functions)

    def _observe(self, stage: str, unit: Unit) -> None:
        if stage == self.settings.dump_after:
            names = [name for name, _ in unit.program.results]
            roots = {name: value.node for name, value in zip(names, unit.values, strict=True)}
            self.dump = print_graph(roots | {f"d{name}": value.node for name, value in unit.gradients.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data, for ``--json``."""
        result: dict[str, Any] = {"file": self.path.as_posix(), "status": self.status, "exit_code": self.exit_code}
        result["module"] = self.module.as_posix() if self.module else None
        if self.compiled:
            result |= facts(self.compiled)
        if self.error:
            result["error"] = _error_dict(self.error)
        if self.settings.check:
            result["diff"] = self.diff
        if self.dump:
            result["dump"] = self.dump
        return result | {"notes": self.notes, "seconds": round(self.seconds, 3)}


def facts(compiled: Compiled) -> dict[str, Any]:
    """Return what the table and ``--json`` say about a module."""
    unit, certificate = compiled.unit, compiled.certificate
    return {
        "target": compiled.target,
        "functions": list(compiled.functions),
        "outputs": [_with_shape(name, value.shape) for name, value in compiled.program.results],
        "parameters": [_with_shape(a.name, a.shape) for a in compiled.program.differentiated],
        "gates_before": unit.gates_before,
        "gates_after": unit.gates,
        "operations": str(compiled.operations),
        "verification": certificate.to_dict() if certificate else None,
    }


def _with_shape(name: str, shape: tuple[Any, ...]) -> str:
    return f"{name}[{', '.join(map(str, shape))}]" if shape else name


def _error_dict(error: FormulaError) -> dict[str, Any]:
    place = error.span
    return {
        "message": error.message,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "hint": error.hint,
    }


def _diff(there: str, wanted: str, path: Path) -> str:
    lines = difflib.unified_diff(
        there.splitlines(keepends=True), wanted.splitlines(keepends=True), f"{path} (on disk)", f"{path} (regenerated)"
    )
    return "".join(lines)


def _from_header(settings: Settings, options: str) -> Settings:
    """Return the settings with the options of a module's header in place of the command line's."""
    words = shlex.split(options)
    given = {word: words[i + 1] for i, word in enumerate(words[:-1]) if word.startswith("--")}
    emit, wrt = given.get("--emit"), given.get("--wrt")
    return replace(
        settings,
        target=given.get("--target", settings.target),
        emit=tuple(emit.split(",")) if emit else None,
        wrt=tuple(wrt.split(",")) if wrt else None,
        verify="--no-verify" not in words,
        latex=given.get("--latex"),
        name=given.get("--name"),
        check_domains="--check-domains" in words,
        max_steps=int(given.get("--max-steps", MAX_STEPS)),
        checkpoint="--checkpoint" in words,
        mode=given.get("--mode"),
        sparse="--sparse" in words,
        parallel="--parallel" in words,
        dtype=given.get("--dtype", DOUBLE),
        out="--out" in words,
    )


def _find_source(source: str, module: Path) -> Path:
    """Return the formula's path; the header has it relative to where the compiler ran: here, or above the module."""
    for folder in (Path(), *module.absolute().parents):
        if (folder / source).is_file():
            return folder / source
    raise FormulaError(f"{module}: its formula {source} is not there", hint="Run from the folder that it was made in.")
