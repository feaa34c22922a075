"""The compiler from Python: a formula's path or text in, the source of a module and the loaded module out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from gradcompile import syntax, verify
from gradcompile.emit import load, module
from gradcompile.emit.module import NEED_GRADIENT
from gradcompile.errors import FormulaError
from gradcompile.ir.count import operations
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import DType
from gradcompile.pipeline import Unit, run_passes
from gradcompile.syntax.program import Program
from gradcompile.verify import Certificate, ClaimVerdict

TARGETS = ("numba", "numpy")
FUNCTIONS = ("value", "value_and_grad", "grad", "objective", "pack")
DEFAULT_FUNCTIONS = ("value", "value_and_grad")

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
    path_or_text: str | Path,
    *,
    target: str = "numba",
    emit: Sequence[str] | None = None,
    wrt: Sequence[str] | None = None,
    verify: bool = True,
    verify_seconds: float = 60.0,
    name: str | None = None,
) -> Compiled:
    """Return the module that a formula compiles to, verified and loaded.

    `path_or_text` is a path if it is a `Path` or one line ending in ``.formula``, else the formula itself. `emit`
    defaults to ``value`` and ``value_and_grad``, for an array result to ``value`` alone; it and `wrt` may also be one
    text with commas, as on the command line. Raises `FormulaError` for
    bad input and `Refuted`, which carries the certificate, for a module or a claim that verification refutes.
    """
    emit, wrt = (names.split(",") if isinstance(names, str) else names for names in (emit, wrt))
    program = read(path_or_text, wrt=wrt, name=name)
    compiled = load_module(translate(program, target=target, emit=emit, verified=verify))
    if not verify:
        return compiled
    compiled = certify(compiled, seconds=verify_seconds)
    if not compiled.passed:
        raise Refuted(compiled)
    return compiled


def check(path_or_text: str | Path, *, verify_seconds: float = 60.0, name: str | None = None) -> list[ClaimVerdict]:
    """Return a verdict for every `assert` of a formula."""
    return verify.check_claims(read(path_or_text, name=name), seconds=verify_seconds)


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
def read(path_or_text: str | Path, *, wrt: Sequence[str] | None = None, name: str | None = None) -> Program:
    """Return the program of a formula's file or text."""
    if isinstance(path_or_text, Path) or _is_path(path_or_text):
        program = syntax.read(path_or_text, wrt=wrt)
        return replace(program, name=name) if name else program
    return syntax.parse(path_or_text, f"{name or 'formula'}.formula", name=name, wrt=wrt)


def _is_path(text: str) -> bool:
    return "\n" not in text and text.endswith(".formula")


@_no_garbage_collection()
def translate(
    program: Program,
    *,
    target: str = "numba",
    emit: Sequence[str] | None = None,
    verified: bool = True,
    wrt: Sequence[str] | None = None,
    observe: Observer = _ignore,
) -> Compiled:
    """Take a program through all passes and write the module's source; nothing of it is run.

    `observe(stage, unit)` is called behind each pass. `wrt` and `verified` are for the
    command line in the module's header.
    """
    if target not in TARGETS:
        raise FormulaError(f"unknown target '{target}'", hint=f"The targets are {' and '.join(TARGETS)}.")
    functions = functions_of(program, emit)
    unit = run_passes(program, gradient=not NEED_GRADIENT.isdisjoint(functions), after=observe)
    options = options_text(target, functions, wrt, verified)
    return Compiled(program, unit, target, functions, module.assemble(program, unit, target, functions, options))


def functions_of(program: Program, emit: Iterable[str] | None) -> tuple[str, ...]:
    """Return the functions to emit, in the order of `FUNCTIONS`; raises FormulaError where one is impossible."""
    if emit is None:
        return DEFAULT_FUNCTIONS if _has_gradient(program) else DEFAULT_FUNCTIONS[:1]
    wanted = set(emit)
    if unknown := sorted(wanted - set(FUNCTIONS)):
        raise FormulaError(f"cannot emit '{unknown[0]}'", hint=f"Choose from {', '.join(FUNCTIONS)}.")
    if not NEED_GRADIENT.isdisjoint(wanted):
        syntax.require_scalar_result(program)
    if "objective" in wanted:
        wanted.add("pack")
    if "pack" in wanted or not NEED_GRADIENT.isdisjoint(wanted):
        syntax.require_parameters(program)
    return tuple(name for name in FUNCTIONS if name in wanted)


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
