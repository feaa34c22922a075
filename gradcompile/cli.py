"""The commands of the terminal, thin: ``compile``, ``check``, ``curvature``, ``explain`` and ``bench``.

Exit codes: 0 good, 1 refuted or out of date, 2 bad input or usage; of several files, the worst.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from gradcompile import api, files, grading, report, usage
from gradcompile.bench import bench
from gradcompile.bench import picture as bars
from gradcompile.bench.timing import ROUNDS
from gradcompile.derived import COLOURING, MODES
from gradcompile.diagnosis import hinted
from gradcompile.errors import FormulaError
from gradcompile.explain import FORMATS as FORMS
from gradcompile.explain import explain
from gradcompile.explain.text import text
from gradcompile.jobs import BAD_INPUT, DUMPS, GOOD, REFUTED, Job, Settings
from gradcompile.second_order import DENSE, curvature
from gradcompile.second_order.plot import FORMATS, picture
from gradcompile.second_order.points import array_of, read_point
from gradcompile.syntax.program import DOUBLE, DTYPES, MAX_STEPS
from gradcompile.verify import ClaimVerdict
from gradcompile.version import __version__

_SECONDS = click.option(
    "--verify-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Time for verification, each file.",
)

_AT = click.option(
    "--at", "at", multiple=True, metavar="x=2,y=-4|FILE.npz", help="The point: values by name. May be given again."
)

_DTYPE = click.option(
    "--dtype", default=DOUBLE, show_default=True, type=click.Choice(DTYPES), help="What the module computes in."
)

Item = TypeVar("Item")


def _names(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Return the names of a comma-separated list."""
    if value is None:
        return None
    names = tuple(part.strip() for part in value.split(","))
    if not all(names):
        raise click.BadParameter(f"'{value}' has an empty name in it", ctx, param)
    return names


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gradcompile")
def main() -> None:
    """Compile formula files to verified gradient code."""


@main.command("compile")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--latex", metavar="FORMULA", help="Compile a formula in LaTeX instead of files.")
@click.option("--name", help="The name of the module of a formula in LaTeX.")
@click.option("-o", "--output", default="generated", show_default=True, type=click.Path(path_type=Path), metavar="DIR")
@click.option("--target", default="numba", show_default=True, type=click.Choice(api.TARGETS))
@click.option("--wrt", callback=_names, metavar="a,b", help="Differentiate these arguments instead.")
@click.option("--emit", callback=_names, metavar="a,b", help=f"Functions to write: {', '.join(api.FUNCTIONS)}.")
@click.option("--no-verify", is_flag=True, help="Do not verify; the module carries no certificate.")
@click.option("--check-domains", is_flag=True, help="Let the module check declared ranges and matrix forms.")
@click.option(
    "--max-steps",
    default=MAX_STEPS,
    show_default=True,
    type=click.IntRange(min=1),
    help="Steps of a `while`, behind which the module gives up.",
)
@click.option("--checkpoint", is_flag=True, help="Remember every sqrt(T)-th state of a loop only; needs less memory.")
@click.option(
    "--mode",
    type=click.Choice([*MODES, COLOURING]),
    help="Make Jacobians and Hessians by this mode, not the cheapest one.",
)
@click.option("--sparse", is_flag=True, help="Make Jacobians and Hessians sparse matrices, from what the axes show.")
@click.option("--parallel", is_flag=True, help="Let threads share the loops over samples; for the target numba.")
@_DTYPE
@click.option("--out", is_flag=True, help="Let value_and_grad and grad write into arrays that they are given.")
@_SECONDS
@click.option("--check", "checking", is_flag=True, help="Write nothing: are the modules up to date?")
@click.option("--dump-after", type=click.Choice(DUMPS), help="Print the graph behind this pass, or the plan of loops.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list with an object for each file.")
def compile_command(
    paths: Sequence[Path],
    latex: str | None,
    name: str | None,
    output: Path,
    target: str,
    wrt: tuple[str, ...] | None,
    emit: tuple[str, ...] | None,
    no_verify: bool,
    check_domains: bool,
    max_steps: int,
    checkpoint: bool,
    mode: str | None,
    sparse: bool,
    parallel: bool,
    dtype: str,
    out: bool,
    verify_seconds: float,
    checking: bool,
    dump_after: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Write the modules of formula files (or of SymPy text, *.sympy); of a folder, all below it."""
    usage.check_compile(paths, latex, name)
    settings = Settings(
        output,
        target,
        emit,
        wrt,
        not no_verify,
        verify_seconds,
        checking,
        dump_after,
        latex,
        name,
        check_domains,
        max_steps,
        checkpoint,
        mode,
        sparse,
        parallel,
        dtype,
        out,
    )
    if latex is not None:
        found = [Path("<LaTeX>")]
    else:
        found = _found(lambda: files.formulas_or_modules(paths) if checking else files.formulas(paths))
    usage.refuse_clashes([] if checking else found, output)
    jobs = _each(found, lambda path, step: Job(path, settings, step).run(), quiet=quiet or as_json)
    if as_json:
        click.echo(json.dumps([job.to_dict() for job in jobs], indent=2))
    else:
        report.show(jobs, quiet=quiet)
    sys.exit(max(job.exit_code for job in jobs))


@main.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--claim",
    "claims",
    nargs=2,
    multiple=True,
    metavar="NAME CLAIM",
    help="Judge this gradient instead: an expression, LaTeX, FILE.py:function or FILE.npz. May be given again.",
)
@click.option("--at", "at", multiple=True, metavar="x=2|FILE.npz", help="The point at which arrays are claimed.")
@click.option("--hints", is_flag=True, help="Point at the step to look at again, without the answer.")
@click.option("--grade", type=click.Path(path_type=Path), metavar="FOLDER", help="Grade the submissions of a folder.")
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="What the submissions have to derive.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list with an object for each claim.")
@_SECONDS
def check_command(
    paths: Sequence[Path],
    claims: Sequence[tuple[str, str]],
    at: Sequence[str],
    hints: bool,
    grade: Path | None,
    key: Path | None,
    as_json: bool,
    verify_seconds: float,
) -> None:
    """Judge every claim (assert) of formula files, and say what is wrong with those that are."""
    usage.check_claims(paths, claims, grade, key)
    if grade is not None:
        sys.exit(_grade(grade, key, verify_seconds, as_json=as_json))
    found = _found(lambda: files.formulas(paths))
    verdicts, code = [], GOOD
    for path in found:
        try:
            judged = _judged(files.shown(path), claims, at, verify_seconds)
        except FormulaError as error:
            report.show_error(error)
            code = BAD_INPUT
            continue
        judged = [hinted(verdict) for verdict in judged] if hints else judged
        verdicts += [verdict.to_dict() for verdict in judged]
        if not as_json:
            report.show_claims(files.shown(path), judged)
        if any(verdict.verdict == "refuted" for verdict in judged):
            code = max(code, REFUTED)
    if as_json:
        click.echo(json.dumps(verdicts, indent=2))
    sys.exit(code)


def _judged(path: Path, claims: Sequence[tuple[str, str]], at: Sequence[str], seconds: float) -> list[ClaimVerdict]:
    """Return the verdicts on a file's claims, or on those of the command line."""
    given: dict[str, Any] = {}
    for name, claim in claims:
        given[name] = array_of(Path(claim), name) if claim.endswith(".npz") else claim
    return api.check(path, verify_seconds=seconds, claims=given, at=read_point(at) if at else None)


def _grade(folder: Path, key: Path | None, seconds: float, *, as_json: bool) -> int:
    try:
        graded = grading.grade(folder, key=key, seconds=seconds)
    except FormulaError as error:
        report.show_error(error)
        return BAD_INPUT
    if as_json:
        click.echo(json.dumps([one.to_dict() for one in graded], indent=2))
    else:
        report.show_grades(graded)
    return GOOD


@main.command("curvature")
@click.argument("path", type=click.Path(path_type=Path))
@_AT
@click.option("--wrt", callback=_names, metavar="a,b", help="Differentiate these arguments instead.")
@click.option(
    "--dense",
    default=DENSE,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Parameters up to which all eigenvalues are computed; above, those at both ends, by Lanczos.",
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    metavar="FILE.png|svg",
    help="Draw the function and its quadratic model along the extreme eigenvectors.",
)
@click.option("--no-verify", is_flag=True, help="Do not verify the module.")
@_SECONDS
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def curvature_command(
    path: Path,
    at: Sequence[str],
    wrt: tuple[str, ...] | None,
    dense: int,
    plot: Path | None,
    no_verify: bool,
    verify_seconds: float,
    as_json: bool,
) -> None:
    """Say how a formula curves at a point: eigenvalues of its Hessian, verdict, condition number."""
    if plot is not None and plot.suffix[1:] not in FORMATS:
        raise click.UsageError(f"--plot {plot}: the picture is a file ending in .{' or .'.join(FORMATS)}.")
    try:
        found = curvature(
            files.shown(path),
            at=read_point(at),
            wrt=wrt,
            verify=not no_verify,
            verify_seconds=verify_seconds,
            dense=dense,
        )
        if plot is not None:
            files.write_whole(plot, picture(found, plot.suffix[1:]))
    except FormulaError as error:
        report.show_error(error)
        sys.exit(BAD_INPUT)
    except api.Refuted as refuted:
        click.echo(str(refuted), err=True)
        sys.exit(REFUTED)
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=2))
    else:
        report.show_curvature(found)


@main.command("bench")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--dims", default="", metavar="N=1000,D=20", help="Sizes; the others get typical ones.")
@click.option("--vs", callback=_names, metavar="jax,torch,numpy", help="The peers; by default those installed.")
@click.option("--wrt", callback=_names, metavar="a,b", help="Differentiate these arguments instead.")
@_DTYPE
@click.option("--rounds", default=ROUNDS, show_default=True, type=click.IntRange(min=1), help="The median counts.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE.png|svg", help="Draw bars of the times.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench_command(
    path: Path,
    dims: str,
    vs: tuple[str, ...] | None,
    wrt: tuple[str, ...] | None,
    dtype: str,
    rounds: int,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Measure a formula's module at random inputs, beside the same formula in the peers that are installed."""
    if plot is not None and plot.suffix[1:] not in FORMATS:
        raise click.UsageError(f"--plot {plot}: the picture is a file ending in .{' or .'.join(FORMATS)}.")
    try:
        found = bench(files.shown(path), dims=dims, peers=vs, wrt=wrt, rounds=rounds, dtype=dtype)
        if plot is not None:
            files.write_whole(plot, bars(found, plot.suffix[1:]))
    except FormulaError as error:
        report.show_error(error)
        sys.exit(BAD_INPUT)
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=2))
    else:
        report.show_bench(found)
    sys.exit(REFUTED if found.differs else GOOD)


@main.command("explain")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "form", default="text", show_default=True, type=click.Choice([*FORMS]))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it there; else it is printed."
)
@_AT
@click.option("--wrt", callback=_names, metavar="a,b", help="Differentiate these arguments instead.")
@click.option(
    "--depth",
    type=click.Choice(["matrix", "scalar"]),
    help="A product of matrices is one gate, or a mul gate under a sum gate.",
)
@click.option("--result", metavar="NAME", help="Explain this variable instead of the result.")
@click.option("--entries", is_flag=True, help="In text, derive each matrix gradient from one entry too.")
@click.option("--no-claims", is_flag=True, help="Do not judge the claims.")
@_SECONDS
def explain_command(
    path: Path,
    form: str,
    output: Path | None,
    at: Sequence[str],
    wrt: tuple[str, ...] | None,
    depth: str | None,
    result: str | None,
    entries: bool,
    no_claims: bool,
    verify_seconds: float,
) -> None:
    """Show what the compiler does: values forward, gradients backward, gate by gate."""
    try:
        found = explain(
            files.shown(path),
            at=read_point(at) if at else None,
            wrt=wrt,
            depth=depth,
            result=result,
            claims=not no_claims,
            verify_seconds=verify_seconds,
        )
        if form == "text" and output is None:
            report.show_explanation(found, entries=entries)
        elif output is None:
            click.echo(found.to(form), nl=False)
        else:
            files.write_whole(output, text(found.content, entries=entries) if form == "text" else found.to(form))
    except FormulaError as error:
        report.show_error(error)
        sys.exit(BAD_INPUT)


def _found(find: Callable[[], list[Path]]) -> list[Path]:
    try:
        return find()
    except FormulaError as error:
        report.show_error(error)
        sys.exit(BAD_INPUT)


def _each(found: Sequence[Path], work: Callable[[Path, Callable[[str], None]], Item], *, quiet: bool) -> list[Item]:
    with report.Progress(len(found), quiet=quiet) as progress:
        return [work(path, progress.step(files.shown(path))) for path in found]
