"""The whole module: header, docstring, imports, helpers, kernels and wrappers, in one deterministic text."""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Collection, Sequence

from gradcompile.derived import DERIVED, arguments
from gradcompile.emit import numba_target, numpy_target
from gradcompile.emit.into import kernels_into
from gradcompile.emit.kernel import Kernel
from gradcompile.emit.validation import signature
from gradcompile.emit.wrappers import Wrappers
from gradcompile.gates.count import operations
from gradcompile.ir.dims import Extent, total
from gradcompile.pipeline import Derived, Unit
from gradcompile.syntax.program import Program
from gradcompile.version import __version__

_BEGIN, _END = "# --- certificate ---", "# --- end of certificate ---"
_BLOCK = re.compile(rf"^{_BEGIN}\n(?:#.*\n)*?{_END}$", re.MULTILINE)
_HEADER = re.compile(r"\A# Made by gradcompile \S+ from (?P<source>.+)\.\n(?:#.*\n)*?# options: (?P<options>.*)\n")
_LINE = 110
_STANDARD = ("ast", "builtins", "inspect", "math", "operator")  # modules that code may need
_KERNELS = {"numpy": numpy_target.kernel, "numba": numba_target.kernel}


def needs_gradient(program: Program, functions: Collection[str]) -> bool:
    """Say whether a function is among them that is written from the gradient; of an array `objective` is not."""
    array = any(value.axes for _, value in program.results)
    return not {"value_and_grad", "grad", *(() if array else ("objective",))}.isdisjoint(functions)


def assemble(program: Program, unit: Unit, target: str, functions: tuple[str, ...], options_text: str) -> str:
    """Return the source of the module with the functions asked for; the certificate's place in it is empty.

    `unit` is the program behind its passes, with its gradient where `needs_gradient` says so.
    """
    kernels = _kernels(unit, target, functions)
    helpers = {name: text.strip("\n") for kernel in kernels for name, text in kernel.helpers.items()}
    wrappers = Wrappers(program, unit.derived, kernels, target).sources(functions)
    code = "\n\n\n".join([*helpers.values(), *("\n".join(kernel.lines) for kernel in kernels), *wrappers])
    header = _header(program, unit, functions, options_text)
    docstring = _docstring(program, functions)
    return "\n".join([*header, "", docstring, "", *_imports(code), "", "", code]) + "\n"


def schedule(unit: Unit, target: str, functions: tuple[str, ...]) -> str:
    """Return the plan of every kernel: its stages, nests, arrays and buffers, with operations and bytes."""
    kernels = _kernels(unit, target, functions)
    return "\n\n".join("\n".join([f"{kernel.name}:", *(f"  {line}" for line in kernel.plan)]) for kernel in kernels)


def _kernels(unit: Unit, target: str, functions: tuple[str, ...]) -> list[Kernel]:
    make = _KERNELS[target]
    kernels = []
    if "value" in functions:
        kernels.append(make(unit, "value_kernel", unit.values))
    if needs_gradient(unit.program, functions):
        if unit.program.out:
            kernels += kernels_into(unit, "value_and_grad_kernel")
        else:
            kernels.append(make(unit, "value_and_grad_kernel", [*unit.values, *unit.gradients.values()]))
    for name, derived in unit.derived.items():
        kernels.append(make(derived.unit, f"{name}_kernel", derived.unit.values))
        for part, further in (("pattern", derived.pattern), ("dependence", derived.dependence)):
            if further is not None:
                kernels.append(make(further, f"{name}_{part}_kernel", further.values))
    return kernels


def _header(program: Program, unit: Unit, functions: tuple[str, ...], options_text: str) -> list[str]:
    counts = []
    if "value" in functions:
        counts.append(f"value {operations([v.node for v in unit.values])}")
    if needs_gradient(program, functions):
        counts.append(f"value_and_grad {operations(unit.roots)}")
    counts += [f"{name} {d.operations}" for name, d in unit.derived.items()]
    return [
        f"# Made by gradcompile {__version__} from {program.file}.",
        "# Do not edit: change the formula and compile it again.",
        f"# sha256 of the formula: {hashlib.sha256(program.text.encode()).hexdigest()}",
        f"# options: {options_text}",
        *([f"# operations: {'; '.join(counts)}"] if counts else []),
        *[_mode_line(name, d) for name, d in unit.derived.items() if d.mode],
        _BEGIN,
        _END,
    ]


def _mode_line(name: str, derived: Derived) -> str:
    """Say how a Jacobian or a Hessian is made, and why."""
    why = "no other was tried" if derived.other is None else f"the other mode takes {derived.other}"
    line = f"# {name}: {derived.mode} mode, {derived.operations} operations; {why}"
    if derived.pattern is None:
        return line
    numbers = sum((total(v.shape) for v in derived.unit.values), Extent.of(0))
    return f"{line}; {numbers} numbers, the others are 0 by their axes"


def header_of(source: str) -> tuple[str, str] | None:
    """Return the formula's file and the options that a module's header names; None if there is no such header."""
    found = _HEADER.match(source)
    return (found["source"], found["options"]) if found else None


def with_certificate(source: str, lines: Sequence[str]) -> str:
    """Return the module with these lines as its certificate."""
    block = "\n".join([_BEGIN, *(f"# {line}".rstrip() for line in lines), _END])
    return _BLOCK.sub(lambda _: block, source, count=1)


def without_certificate(source: str) -> str:
    """Return the module with an empty certificate, for comparison."""
    return with_certificate(source, [])


def _docstring(program: Program, functions: tuple[str, ...]) -> str:
    doc = program.doc.strip() or f"Compiled from {program.file}."
    given = signature(program.arguments)
    shapes = [_declared(a.name, a.shape, differentiated=a.differentiated) for a in program.arguments]
    results = ", ".join(name for name, _ in program.results)
    imported = [f for f in functions if f in ("value", "value_and_grad", "grad", *DERIVED)]
    example = {
        "value": f"{results} = value({given})",
        "value_and_grad": f"{results}, gradient = value_and_grad({given})",
        "grad": f"gradient = grad({given})",
    } | {f: _example(program, f) for f in DERIVED}
    lines = [doc, ""]
    if imported:
        lines += [f"    from {program.name} import {', '.join(imported)}", *(f"    {example[f]}" for f in imported), ""]
    lines += [*textwrap.wrap(f"Arguments: {', '.join(shapes)}.", _LINE, break_long_words=False), ""] if shapes else []
    text = "\n".join(lines).rstrip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""{text}\n"""'


def _example(program: Program, function: str) -> str:
    given = signature(arguments(program, function))
    left = {"jvp": "value, tangent", "vjp": "gradient", "hvp": "product", "jacobian": "J", "hessian": "H"}[function]
    return f"{left} = {function}({given})"


def _declared(name: str, shape: Sequence[object], *, differentiated: bool) -> str:
    text = f"{name}[{', '.join(map(str, shape))}]" if shape else name
    return f"{text} (differentiated)" if differentiated else text


def _imports(code: str) -> list[str]:
    standard = [f"import {m}" for m in _STANDARD if re.search(rf"\b{m}\.\w", code)]
    standard += ["from typing import NamedTuple"] if "(NamedTuple)" in code else []
    used = {"njit": "@njit", "prange": "prange(", "types": "types."}
    numba = [name for name, sign in used.items() if sign in code]
    third = [f"from numba import {', '.join(numba)}"] if numba else []
    third += ["from numba.core import cgutils"] if "cgutils." in code else []
    third += ["from numba.core.cgutils import ir"] if re.search(r"\bir\.[A-Z]", code) else []
    third += ["from numba.extending import intrinsic"] if "@intrinsic" in code else []
    third += ["import numpy as np"] if "np." in code else []
    return [*standard, *([""] if standard and third else []), *third]
