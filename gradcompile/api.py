"""The compiler from Python: a formula's path or text in, the source of a module and the loaded module out."""

from __future__ import annotations

import gc
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from gradcompile import doors, syntax, verify
from gradcompile.derived import COLOURING, DERIVED, MODES, SECOND_ORDER, require_known_sizes
from gradcompile.diagnosis import called, judge, judge_values, runner, with_claims
from gradcompile.emit import load, module
from gradcompile.emit.module import needs_gradient
from gradcompile.errors import FormulaError
from gradcompile.gates.count import operations
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import DType
from gradcompile.pipeline import Unit, run_passes
from gradcompile.syntax.program import DOUBLE, DTYPES, MAX_STEPS, Program
from gradcompile.verify import Certificate, ClaimVerdict

TARGETS = ("numba", "numpy")
FUNCTIONS = ("value", "value_and_grad", "grad", "jvp", "vjp", "hvp", "hessian", "jacobian", "objective", "pack")
DEFAULT_FUNCTIONS = ("value", "value_and_grad")
SYMPY = ".sympy"
SUFFIXES = (".formula", SYMPY)

Claimed = str | Callable[..., Any] | Any
"""What a gradient is claimed to be: an expression or FILE.py:function, a function, an array."""
_FUNCTION = re.compile(r".+\.py:[^\W\d]\w*")

Observer = Callable[[str, Unit], None]


def _ignore(stage: str, unit: Unit) -> None:
    """Observe nothing."""


@dataclass(frozen=True)
class Compiled:
    """A formula and the module made of it. Without verification there is no certificate, without loading no module."""

    program: Program
    unit: Unit  # the graph behind its passes, with the gradient where a function needs it
    target: str
    functions: tuple[str, ...]  # as emitted
    source: str
    module: ModuleType | None = None
    certificate: Certificate | None = None

    @property
    def operations(self) -> Extent:
        """The number of elementary operations of a call, as a polynomial in the dimensions."""
        return operations(self.unit.roots)

    def check(
        self, *, at: Mapping[str, Any] | None = None, verify_seconds: float = 60.0, **claims: Claimed
    ) -> list[ClaimVerdict]:
        """Return verdicts on gradients by name, as `check(claims=...)` does; without any, on the formula's claims."""
        return judge_claims(self.program, claims, at=at, seconds=verify_seconds)

    @property
    def passed(self) -> bool:
        """Is nothing of it refuted? True, too, where nothing was verified."""
        return self.certificate is None or self.certificate.passed


class Refuted(Exception):  # noqa: N818  (the word of the design)
    """Verification found the module, or a claim of the formula, wrong; `compiled` has the certificate and all else."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        assert compiled.certificate is not None
        rows = [f"  {what}: {verdict} {detail}".rstrip() for what, verdict, detail in compiled.certificate.rows]
        super().__init__("\n".join([f"{compiled.program.file}: refuted", *rows]))


def compile(
    source: Any = None,
    *,
    latex: str | None = None,
    args: Sequence[Any] | None = None,
    target: str = "numba",
    emit: Sequence[str] | None = None,
    wrt: Sequence[Any] | None = None,
    verify: bool = True,
    verify_seconds: float = 60.0,
    name: str | None = None,
    check_domains: bool = False,
    max_steps: int = MAX_STEPS,
    checkpoint: bool = False,
    mode: str | None = None,
    sparse: bool = False,
    parallel: bool = False,
    dtype: str = DOUBLE,
    out: bool = False,
) -> Compiled:
    """Return the module that a formula compiles to, verified and loaded.

    `source` is a path if it is a `Path` or one line ending in ``.formula`` or ``.sympy``, any other text is the formula
    itself; or it is a SymPy expression, or a dictionary of them by name. In its place `latex` may be LaTeX. For these
    `args` is the order of the arguments, by name if it is not given. `emit` is some of `FUNCTIONS`; the default is
    value and value_and_grad, for an array result value alone. It and `wrt` may also be one text with commas.
    With `check_domains` the module checks declared ranges and forms. `mode` is "forward" or "reverse" for Jacobians and
    Hessians; the default is the one with fewer operations. With `sparse` they are sparse matrices, and "colouring" is a
    mode of theirs too, which the default may take where loops decide what is 0. With `parallel` threads share the loops
    over samples (target "numba"), and results do not depend on how many there are. With `dtype` "float32" the module
    computes in that type; scalar results are Python's floats still. With `out` value_and_grad and grad
    take `out=`, an earlier gradient, whose arrays they write into. Raises `FormulaError` for bad input,
    and `Refuted`, which carries the certificate, for a module or a claim that verification refutes.
    """
    program = read(source, latex=latex, args=args, wrt=listed(wrt), name=name)
    if mode not in (None, *MODES, COLOURING):
        raise FormulaError(f"unknown mode '{mode}'", hint=f"The modes are {', '.join([*MODES, COLOURING])}.")
    program = replace(
        program,
        check_domains=check_domains,
        max_steps=max_steps,
        checkpoint=checkpoint,
        mode=mode or "",
        sparse=sparse,
        parallel=parallel,
        dtype=known_dtype(dtype),
        out=out,
    )
    return finish(program, target=target, emit=listed(emit), verify=verify, verify_seconds=verify_seconds)


def known_dtype(dtype: str) -> str:
    """Return a type that modules can have; raises FormulaError for others."""
    if dtype not in DTYPES:
        raise FormulaError(f"there are no modules in '{dtype}'", hint=f"Choose from {' and '.join(DTYPES)}.")
    return dtype


def listed(names: Any) -> Sequence[Any] | None:
    """Return names that may be one text with commas, or one symbol, as a sequence."""
    if names is None or isinstance(names, (list, tuple)):
        return names
    if isinstance(names, str):
        return [part.strip() for part in names.split(",")]
    return list(names) if isinstance(names, Iterable) else [names]


def finish(
    program: Program, *, target: str, emit: Sequence[str] | None, verify: bool, verify_seconds: float
) -> Compiled:
    """Take a program to a loaded module, verified if asked to. Raises as `compile` does."""
    compiled = load_module(translate(program, target=target, emit=emit, verified=verify))
    if not verify:
        return compiled
    compiled = certify(compiled, seconds=verify_seconds)
    if not compiled.passed:
        raise Refuted(compiled)
    return compiled


def check(
    source: Any,
    *,
    verify_seconds: float = 60.0,
    name: str | None = None,
    claims: Mapping[str, Claimed] | None = None,
    at: Mapping[str, Any] | None = None,
) -> list[ClaimVerdict]:
    """Return a verdict for every `assert` of a formula, with a diagnosis of those that are refuted.

    With `claims` these are judged instead: what each gradient of the result is, by the name of what it is by. A text is
    an expression, in the formula language or in LaTeX, or ``FILE.py:function``, which is called in another process;
    a function is called with those inputs that it asks for by name; an array is the gradient at the point `at`.
    """
    return judge_claims(read(source, name=name), claims, at=at, seconds=verify_seconds)


def judge_claims(
    program: Program, claims: Mapping[str, Claimed] | None, *, at: Mapping[str, Any] | None, seconds: float
) -> list[ClaimVerdict]:
    """Return a verdict for every claim of a program, or for others than its own."""
    if not claims:
        return judge(program, seconds=seconds)
    texts = {n: c for n, c in claims.items() if isinstance(c, str) and not _FUNCTION.fullmatch(c)}
    found = judge(with_claims(program, texts), seconds=seconds) if texts else []
    return found + [_judged(program, n, c, at, seconds) for n, c in claims.items() if n not in texts]


def _judged(program: Program, name: str, claim: Claimed, at: Mapping[str, Any] | None, seconds: float) -> ClaimVerdict:
    """Return the verdict on a claim of which there are values alone."""
    point = None if at is None else dict(at)
    if isinstance(claim, str):
        path, function = claim.rsplit(":", 1)
        outside = partial(_outside, Path(path), function, seconds)
        return judge_values(program, name, claim, outside, at=point, seconds=seconds)
    if callable(claim):
        text = getattr(claim, "__name__", "function")
        return judge_values(program, name, text, partial(_called, claim), at=point, seconds=seconds)
    if point is None:
        raise FormulaError("an array is the gradient at a point, and none is given.", hint="Pass `at=`, or `--at`.")
    return judge_values(program, name, "array", lambda points: [claim] * len(points), at=point, seconds=seconds)


def _outside(path: Path, function: str, seconds: float, points: Sequence[dict[str, Any]]) -> list[Any]:
    return runner.evaluate(path, function, points, seconds)


def _called(function: Callable[..., Any], points: Sequence[dict[str, Any]]) -> list[Any]:
    return [called.call(function, point) for point in points]


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Pause the search for reference cycles: a graph keeps all its nodes, so it finds nothing and takes a third."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_no_garbage_collection()
def read(
    source: Any = None,
    *,
    latex: str | None = None,
    args: Sequence[Any] | None = None,
    wrt: Sequence[Any] | None = None,
    name: str | None = None,
) -> Program:
    """Return the program of a formula's file or text, of a SymPy expression, or of LaTeX."""
    if latex is not None:
        if source is not None:
            raise FormulaError("a formula and LaTeX are given at once.", hint="Pass one of the two.")
        return doors.read_latex(latex, args=args, wrt=wrt, name=name)
    if doors.is_expression(source):
        return doors.read_expression(source, args=args, wrt=wrt, name=name)
    if not isinstance(source, (str, Path)):
        raise _no_formula(source)
    if args is not None:
        raise FormulaError("`args` orders the arguments of a SymPy expression.", hint="A formula declares them.")
    if not (isinstance(source, Path) or _is_path(source)):
        return syntax.parse(source, f"{name or 'formula'}.formula", name=name, wrt=wrt)
    path = Path(source)
    if path.suffix == ".py":
        hint = "In Python, `loss.check()` judges the claims of a decorated function `loss`, and `loss.compiled` has it."
        raise FormulaError(f"{path} is Python, which is never run to find a formula.", hint=hint)
    program = doors.read_sympy_file(path, wrt=wrt) if path.suffix == SYMPY else syntax.read(path, wrt=wrt)
    return replace(program, name=name) if name else program


def _no_formula(source: object) -> FormulaError:
    kind = type(source).__name__
    if isinstance(source, doors.HasOrigin):
        return FormulaError("this is a compiled formula already.", hint="Call it, or use its `.compiled`.")
    if callable(source):
        return FormulaError("a Python function is not compiled like this.", hint="Decorate it: `@gradcompile.formula`.")
    if isinstance(source, (list, tuple, set)):
        return FormulaError(f"a `{kind}` has no names for its outputs.", hint='Write `{"f": ..., "g": ...}`.')
    what = "nothing was given to compile" if source is None else f"this is no formula but of type `{kind}`"
    return FormulaError(f"{what}.", hint="Pass a formula's text or path, a SymPy expression, or `latex=`.")


def _is_path(text: str) -> bool:
    return "\n" not in text and text.endswith(SUFFIXES)


@_no_garbage_collection()
def translate(
    program: Program,
    *,
    target: str = "numba",
    emit: Sequence[str] | None = None,
    verified: bool = True,
    wrt: Sequence[str] | None = None,
    latex: str | None = None,
    observe: Observer = _ignore,
) -> Compiled:
    """Take a program through all passes and write the module's source; nothing of it is run.

    `observe(stage, unit)` is called behind each pass. `wrt`, `latex` and `verified` are for the command line in the
    module's header.
    """
    if target not in TARGETS:
        raise FormulaError(f"unknown target '{target}'", hint=f"The targets are {' and '.join(TARGETS)}.")
    if program.parallel and target != "numba":
        raise FormulaError(f"the target {target} has no threads.", hint="`--parallel` is for the target numba.")
    functions = functions_of(program, emit)
    _require_out(program, target, functions)
    further = [name for name in functions if name in DERIVED]
    unit = run_passes(program, gradient=needs_gradient(program, functions), derived=further, after=observe)
    options = options_text(target, functions, wrt, verified) + _program_options(program)
    options += f" --name {program.name} --latex {shlex.quote(' '.join(latex.split()))}" if latex else ""
    return Compiled(program, unit, target, functions, module.assemble(program, unit, target, functions, options))


def _require_out(program: Program, target: str, functions: Sequence[str]) -> None:
    """Raise FormulaError where gradients cannot be written into arrays that are given."""
    if program.out and target != "numba":
        raise FormulaError("NumPy makes a new array at every step.", hint="`--out` is for the target numba.")
    if program.out and not {"value_and_grad", "grad"} & {*functions}:
        raise FormulaError("`--out` is for gradients.", hint="Ask for one: `--emit value_and_grad`.")


def functions_of(program: Program, emit: Iterable[str] | None) -> tuple[str, ...]:
    """Return the functions to emit, in the order of `FUNCTIONS`; raises FormulaError where one is impossible."""
    if emit is None:
        return DEFAULT_FUNCTIONS if _has_gradient(program) else DEFAULT_FUNCTIONS[:1]
    wanted = set(emit)
    if unknown := sorted(wanted - set(FUNCTIONS)):
        raise FormulaError(f"cannot emit '{unknown[0]}'", hint=f"Choose from {', '.join(FUNCTIONS)}.")
    if "objective" in wanted:
        wanted |= {"pack", "value", "jacobian"} if _is_array(program) else {"pack"}
    if needs_gradient(program, wanted) or not SECOND_ORDER.isdisjoint(wanted):
        syntax.require_scalar_result(program)
    if needs_gradient(program, wanted) or not {"pack", *DERIVED}.isdisjoint(wanted):
        syntax.require_parameters(program)
    if program.mode == COLOURING and not program.sparse:
        raise FormulaError("a colouring is of the columns of a sparse matrix.", hint="Ask for one: `--sparse`.")
    for name in wanted.intersection(DERIVED):
        syntax.require_real_results(program)
        require_known_sizes(program, name)
    return tuple(name for name in FUNCTIONS if name in wanted)


def _is_array(program: Program) -> bool:
    """Is there one result, an array: residuals, for least squares?"""
    return len(program.results) == 1 and bool(program.results[0][1].axes)


def _has_gradient(program: Program) -> bool:
    value = program.results[0][1]
    return (
        bool(program.differentiated) and len(program.results) == 1 and not value.axes and value.node.dtype is DType.REAL
    )


def options_text(target: str, functions: Sequence[str], wrt: Sequence[str] | None, verified: bool) -> str:
    """Return the options that make the same module again, as they are written on the command line."""
    parts = [f"--target {target}", f"--emit {','.join(functions)}"]
    parts += [f"--wrt {','.join(wrt)}"] if wrt else []
    parts += [] if verified else ["--no-verify"]
    return " ".join(parts)


def _program_options(program: Program) -> str:
    parts = [" --check-domains"] if program.check_domains else []
    parts += [f" --max-steps {program.max_steps}"] if program.max_steps != MAX_STEPS else []
    parts += [" --checkpoint"] if program.checkpoint else []
    parts += [f" --mode {program.mode}"] if program.mode else []
    parts += [" --sparse"] if program.sparse else []
    parts += [" --parallel"] if program.parallel else []
    parts += [f" --dtype {program.dtype}"] if program.dtype != DOUBLE else []
    parts += [" --out"] if program.out else []
    return "".join(parts)


def load_module(compiled: Compiled) -> Compiled:
    """Import the module from a temporary folder."""
    return replace(compiled, module=load.load(compiled.source, compiled.program.name))


def certify(compiled: Compiled, *, seconds: float) -> Compiled:
    """Verify a loaded module, and write the certificate into its source."""
    assert compiled.module is not None
    certificate = verify.verify(
        compiled.program, compiled.unit, compiled.source, compiled.module, functions=compiled.functions, seconds=seconds
    )
    return replace(
        compiled, certificate=certificate, source=module.with_certificate(compiled.source, certificate.lines)
    )
