"""What the commands print: tables, verdicts, errors and progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from gradcompile.bench import PEERS, Measured, Timing
from gradcompile.errors import FormulaError
from gradcompile.explain import Explanation
from gradcompile.explain.text import renderables
from gradcompile.grading import Graded
from gradcompile.jobs import Job, facts
from gradcompile.second_order import Curvature
from gradcompile.syntax.program import DOUBLE
from gradcompile.verify import Certificate, ClaimVerdict

_COLOURS = {"proved": "green", "agrees": "green", "passed": "green", "refuted": "red", "undecided": "yellow"}
_DELAY = 1.0  # seconds before a progress display appears
_SHOWN = 12  # numbers of a list or an array that are shown
_PLAIN_WIDTH = 160  # of a table that goes into a file or a pipe


def _console(stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else _PLAIN_WIDTH)


class Progress:
    """Says which file is at which stage: on a terminal a display that appears after a second, else plain lines."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        console = _console(stderr=True)
        self._plain = not quiet and total > 1 and not console.is_terminal
        self._shown = not quiet and console.is_terminal
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bar = Bar(*columns, TimeElapsedColumn(), console=console, transient=True)
        self._task = self._bar.add_task("", total=total)
        self._timer = Timer(_DELAY, self._bar.start)
        self._timer.daemon = True

    def __enter__(self) -> Progress:
        if self._shown:
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._shown:
            self._bar.stop()

    def step(self, path: Path) -> Callable[[str], None]:
        """Begin a file; the function that comes back announces its stages."""
        if self._plain:
            print(path, file=sys.stderr, flush=True)
        begun = self._bar.tasks[0].description != ""
        self._bar.update(self._task, advance=1 if begun else 0, description=str(path))
        return lambda stage: self._bar.update(self._task, description=f"{path}: {stage}")


def show(jobs: Sequence[Job], *, quiet: bool) -> None:
    """Print what came of every file: dumps and tables on standard output, errors and refutations on standard error."""
    for job in jobs:
        if job.dump:
            print(job.dump, end="")
    done = [job for job in jobs if job.compiled]
    if not quiet and done:
        _console().print(_one(done[0]) if len(done) == 1 else _several(done))
        for job in done:
            for note in job.notes:
                _console().print(f"{job.path}: {note}", markup=False)
    for job in jobs:
        if job.error:
            show_error(job.error)
        if job.status == "refuted":
            _show_refutation(job)
        if job.diff:
            _show_diff(job, quiet=quiet)


def show_curvature(found: Curvature) -> None:
    """Print how a function curves at a point: a row for each fact."""
    table = Table(title=found.file, title_justify="left", show_header=False)
    table.add_row("value", f"{found.value:.6g}")
    table.add_row("gradient norm", f"{found.gradient_norm:.6g}")
    table.add_row("verdict", found.verdict)
    table.add_row("eigenvalues", _eigenvalues(found))
    condition = found.condition_number
    table.add_row(
        "condition number", "not known: only the ends were computed" if condition is None else f"{condition:.6g}"
    )
    named = [("largest along", found.largest), ("smallest along", found.smallest)]
    for word, direction in [*named, *(("flat along", d) for d in found.flat)]:
        table.add_row(word, "; ".join(f"{n} = {_numbers(part)}" for n, part in direction.parts.items()))
    table.add_row("verification", _summary(found.certificate))
    _console().print(table)


def _eigenvalues(found: Curvature) -> str:
    shown = [f"{x:.6g}" for x in found.eigenvalues]
    if found.method == "lanczos":
        half = (len(shown) + 1) // 2
        ends = ", ".join([*shown[:half], "...", *shown[half:]])
        return f"{ends} ({len(shown)} of {found.size}, by Lanczos on hvp)"
    return (
        ", ".join(shown if len(shown) <= _SHOWN else [*shown[:3], "...", *shown[-3:]]) + f" (± {found.tolerance:.1g})"
    )


def _numbers(part: Any) -> str:
    return np.array2string(np.asarray(part), precision=4, suppress_small=True, threshold=_SHOWN, edgeitems=2).replace(
        "\n", ""
    )


def show_bench(found: Measured) -> None:
    """Print what was measured: a row for each implementation, then the facts of ours."""
    sizes = ", ".join(f"{name} = {size:,}" for name, size in found.sizes.items())
    table = Table(title=f"{found.file}: {sizes}" if sizes else found.file, title_justify="left")
    table.add_column("one core, one thread" + (f", {found.dtype}" if found.dtype != DOUBLE else ""))
    heads = ("value", "value and gradient", "gradient / value", "times ours", "GFLOP/s", "GB/s", "agrees to")
    for head in heads:
        table.add_column(head, justify="right")
    for timing in found.timings:
        table.add_row(*_timed(found, timing))
    console = _console()
    console.print(table)
    for timing in found.timings:
        if timing.note:
            console.print(f"{_peer(timing)}: {timing.note}", markup=False, soft_wrap=True)
    console.print(_facts(found))


def _peer(timing: Timing) -> str:
    return PEERS.get(timing.name, "this module")


def _timed(found: Measured, timing: Timing) -> list[str]:
    if timing.whole is None:
        return [_peer(timing), *["-"] * 6, ""]
    ours = found.timings[0].whole or timing.whole
    return [
        _peer(timing),
        duration(timing.value),
        duration(timing.value_and_grad),
        "" if timing.ratio is None else f"{timing.ratio:.2f}",
        f"{timing.whole / ours:.2f}",
        f"{found.operations / timing.whole / 1e9:.2f}",
        f"{found.bytes / timing.whole / 1e9:.2f}",
        "" if timing is found.timings[0] else f"{timing.agrees:.0e}",
    ]


def _facts(found: Measured) -> Table:
    limits = f"{found.rate / 1e9:.1f} GFLOP/s (matrix product), {found.bandwidth / 1e9:.1f} GB/s (triad)"
    memory = "not known here" if found.memory is None else f"{_size(found.memory)} more, results included"
    table = Table(show_header=False)
    table.add_row("operations", f"{found.operations:,} a call")
    table.add_row("arguments and gradients", _size(found.bytes))
    table.add_row("this core", limits)
    table.add_row("first call", f"{duration(found.first_call)}, from the cache {duration(found.first_call_cached)}")
    table.add_row("allocations", f"{found.allocations} arrays a call")
    table.add_row("peak memory", memory)
    return table


def duration(seconds: float | None) -> str:
    """Return seconds with a unit and three digits."""
    if seconds is None:
        return ""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count:,} bytes"


def show_explanation(found: Explanation, *, entries: bool) -> None:
    """Print the tables of an explanation."""
    console = _console()
    for part in renderables(found.content, entries=entries):
        console.print(part)


def show_error(error: FormulaError) -> None:
    """Print bad input on standard error."""
    print(error, file=sys.stderr)


def _show_refutation(job: Job) -> None:
    certificate = job.compiled.certificate if job.compiled else None
    assert certificate is not None
    print(f"{job.path}: refuted, so {job.module} was not written", file=sys.stderr)
    for what, verdict, detail in certificate.rows:
        if verdict == "refuted":
            print(f"  {what}: refuted {detail}".rstrip(), file=sys.stderr)


def _show_diff(job: Job, *, quiet: bool) -> None:
    if not quiet:
        print(job.diff, end="")
    print(f"{job.module} is out of date; run gradcompile compile without --check", file=sys.stderr)


def _one(job: Job) -> Table:
    """Return the table of a single file: a row for each fact."""
    assert job.compiled is not None
    found = facts(job.compiled)
    table = Table(title=f"{job.path} -> {job.module}", title_justify="left", show_header=False)
    table.add_row("outputs", ", ".join(found["outputs"]))
    table.add_row("parameters", ", ".join(found["parameters"]) or "none")
    table.add_row("functions", ", ".join(found["functions"]))
    table.add_row("gates", f"{found['gates_before']} -> {found['gates_after']}")
    table.add_row("operations", found["operations"])
    for level, verdicts in _levels(job.compiled.certificate).items():
        table.add_row(level, verdicts)
    table.add_row("module", job.status)
    table.add_row("seconds", f"{job.seconds:.1f}")
    return table


def _several(jobs: Sequence[Job]) -> Table:
    """Return the table of several files: a row for each."""
    table = Table()
    for name in ("formula", "outputs", "parameters", "gates", "verification", "module"):
        table.add_column(name, overflow="fold")
    table.add_column("seconds", justify="right")
    for job in jobs:
        assert job.compiled is not None
        found = facts(job.compiled)
        table.add_row(
            str(job.path),
            ", ".join(found["outputs"]),
            ", ".join(found["parameters"]),
            f"{found['gates_before']} -> {found['gates_after']}",
            _summary(job.compiled.certificate),
            job.status,
            f"{job.seconds:.1f}",
        )
    return table


def _levels(certificate: Certificate | None) -> dict[str, Text]:
    """Return a line for each level of verification: the verdicts, and what they are about."""
    if certificate is None:
        return {"verification": Text("none")}
    levels = {"graph": certificate.graph, "code": certificate.code}
    lines = {level: _line([(f.verdict, f.what) for f in findings]) for level, findings in levels.items()}
    return lines | {"claims": _line([(c.verdict, f"line {c.line}") for c in certificate.claims])}


def _line(found: Sequence[tuple[str, str]]) -> Text:
    """Return "proved: a, b; agrees: c"."""
    by_verdict: dict[str, list[str]] = {}
    for verdict, what in found:
        by_verdict.setdefault(verdict, []).append(what)
    parts = [_coloured(v).append(f": {', '.join(whats)}", style="default") for v, whats in by_verdict.items()]
    return Text("; ").join(parts) if parts else Text("none")


def _summary(certificate: Certificate | None) -> Text:
    """Return how often each verdict was given."""
    if certificate is None:
        return Text("none")
    verdicts = [verdict for _, verdict, _ in certificate.rows]
    counted = dict.fromkeys(verdicts)
    return Text(", ").join(_coloured(v).append(f" {verdicts.count(v)}", style="default") for v in counted)


def _coloured(verdict: str) -> Text:
    return Text(verdict, style=_COLOURS.get(verdict, "default"))


def show_claims(path: Path, verdicts: Sequence[ClaimVerdict]) -> None:
    """Print a line for each claim of a file, and under it what there is to say."""
    console = _console()
    if not verdicts:
        console.print(f"{path}: no claims", markup=False)
    for verdict in verdicts:
        line = Text(f"{path}:{verdict.line}: ").append_text(_coloured(verdict.verdict)).append(f"  {verdict.claim}")
        console.print(line, soft_wrap=True)
        for detail in _details(verdict):
            console.print(f"    {detail}", markup=False, soft_wrap=True)


def _details(verdict: ClaimVerdict) -> list[str]:
    found = [verdict.sentence, f"right is: {verdict.repair}" if verdict.repair else "", verdict.counterexample]
    return [detail for detail in found if detail]


def claim_lines(verdict: ClaimVerdict) -> list[str]:
    """Return what there is to say of a claim, as plain lines."""
    head = f"{verdict.file}:{verdict.line}: {verdict.verdict}  {verdict.claim}"
    return [head, *(f"    {detail}" for detail in _details(verdict))]


def show_grades(graded: Sequence[Graded]) -> None:
    """Print a row for each submission."""
    table = Table("submission", "credit", "of", "claims")
    for one in graded:
        marks = "; ".join(f"line {c['line']}: {c['credit']:g} ({c['kind'] or c['verdict']})" for c in one.claims)
        missing = "; ".join(f"{text}: not claimed" for text in one.missing)
        said = (one.error or "").splitlines()[:1]
        table.add_row(
            one.file, f"{one.credit:g}", str(one.of), Text("; ".join([*said, *filter(None, (marks, missing))]))
        )
    _console().print(table)
