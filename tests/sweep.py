"""The checker on wrong claims and on right ones that it has not seen: ``python tests/sweep.py`` renews docs/checker.md.

Wrong claims are made of the examples' right ones by each kind of mistake at each place where it fits; what is made so
and happens to be right after all is left out, which the values of a generated module decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from equal_claims import equal_claims
from wrong_claims import Wrong, wrong_claims

import gradcompile
from gradcompile.diagnosis import judge
from gradcompile.errors import FormulaError
from gradcompile.syntax import parse
from gradcompile.syntax.program import Program
from gradcompile.verify import ClaimVerdict
from gradcompile.verify import samples as places
from gradcompile.verify.draws import real

ROOT = Path(__file__).parent.parent
WRONG = (
    "two_layer_network", "logistic_regression", "linear_regression", "ridge_regression", "softmax_regression",
    "neuron", "matrix_factorisation", "huber", "ising", "gate_patterns", "rosenbrock", "gaussian_likelihood",
    "batch_normalisation", "matrix_product", "logistic_hessian", "mixed",
)  # fmt: skip
RIGHT = (
    "two_layer_network", "logistic_regression", "linear_regression", "ridge_regression", "softmax_regression",
    "neuron", "matrix_factorisation", "gate_patterns", "batch_normalisation", "matrix_product", "logistic_hessian",
    "mixed",
)  # fmt: skip
SECONDS = 40.0
BEGIN, END = "<!-- sweep, made by python tests/sweep.py -->", "<!-- end of sweep -->"


@dataclass(frozen=True)
class Result:
    """A claim, and what came of it."""

    mistake: str
    claim: str
    verdict: ClaimVerdict
    kind_is_right: bool = True
    gate_is_right: bool = True


def program(name: str) -> tuple[Path, str, dict[str, tuple[str, ...]]]:
    """Return an example's path, text, and the shapes of its variables."""
    path = ROOT / ("tests/derivations" if name == "mixed" else "examples") / f"{name}.formula"
    text = path.read_text(encoding="utf-8")
    read = parse(text, path.name, name=name).claims[-1].read
    return path, text, {n: tuple(str(a.extent) for a in v.axes) for n, v in read.variables().items()}


def all_wrong() -> list[Wrong]:
    """Return every wrong claim of the examples."""
    found = []
    for name in WRONG:
        path, text, shapes = program(name)
        found += [w for w in wrong_claims(path.name, text, shapes) if is_wrong(w)]
    return found


def is_wrong(wrong: Wrong) -> bool:
    """Do the two sides differ at some point, by a module that the compiler writes? Other shapes always do."""
    try:
        read = parse(wrong.text, wrong.name, name="wrong")
    except FormulaError:
        return False  # not in the language: no claim at all
    (claim,) = read.claims
    if claim.error is not None:
        return True
    lines = [line for line in wrong.text.split("\n") if not line.startswith(("assert", "return"))]
    left, right = wrong.claim.split(" == ", 1)
    text = "\n".join([*lines, f"return ({left}), ({right})"])
    try:
        module = gradcompile.compile(text, target="numpy", verify=False, emit=["value"], name="wrong").module
    except FormulaError:
        return False
    try:
        one, other = module.value(**_inputs(read))  # type: ignore[union-attr]
    except IndexError:
        return True
    return np.shape(one) != np.shape(other) or not np.allclose(one, other, rtol=1e-9, atol=1e-12)


def _inputs(read: Program) -> dict[str, object]:
    import random  # noqa: PLC0415

    sizes, draw = places.small_sizes(read), random.Random(1)
    assert sizes is not None
    values = {}
    for argument in read.arguments:
        low, high = argument.domain
        bounds = (max(0.3, low), min(1.9, high)) if high > 0.3 else (low, high)
        array = np.array(real(argument, places.shape_of(argument, sizes), bounds, draw), dtype=float)
        values[argument.name] = array if array.ndim else float(array)
    return values


def judged(wrong: Wrong) -> Result:
    """Return what the checker says of a wrong claim."""
    (verdict,) = judge(parse(wrong.text, wrong.name, name="wrong"), seconds=SECONDS)
    gate = verdict.gate_line in wrong.lines and (not wrong.gates or verdict.gate in wrong.gates)
    return Result(wrong.mistake, wrong.claim, verdict, verdict.kind in wrong.kinds, gate)


def all_right() -> list[tuple[str, str, str]]:
    """Return right claims in unusual forms: the form, the formula, the claim."""
    found = []
    for name in RIGHT:
        _, text, shapes = program(name)
        for form, other, claim in equal_claims(text, shapes):
            try:
                parse(other, f"{name}.formula", name=name)
            except FormulaError:
                continue
            found.append((form, other, claim))
    return found


def judged_right(form: str, text: str, claim: str) -> Result:
    """Return what the checker says of a right claim."""
    (verdict,) = judge(parse(text, "right.formula", name="right"), seconds=SECONDS)
    return Result(form, claim, verdict)


def table(wrong: Sequence[Result], right: Sequence[Result]) -> str:
    """Return both tables in Markdown."""
    lines = ["| mistake | claims | refuted | kind right | gate right |", "| --- | ---: | ---: | ---: | ---: |"]
    lines += [_row(name, [r for r in wrong if r.mistake == name]) for name in sorted({r.mistake for r in wrong})]
    lines += [_row("**all**", wrong), ""]
    lines += [
        "| form of a right claim | claims | proved | agrees | false alarms |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [_right(name, [r for r in right if r.mistake == name]) for name in sorted({r.mistake for r in right})]
    return "\n".join([*lines, _right("**all**", right)])


def _row(name: str, found: Sequence[Result]) -> str:
    refuted = sum(r.verdict.verdict == "refuted" for r in found)
    kinds, gates = sum(r.kind_is_right for r in found), sum(r.gate_is_right for r in found)
    return f"| {name} | {len(found)} | {refuted} | {kinds} | {gates} |"


def _right(name: str, found: Sequence[Result]) -> str:
    counts = [sum(r.verdict.verdict == word for r in found) for word in ("proved", "agrees", "refuted")]
    return f"| {name} | {len(found)} | {counts[0]} | {counts[1]} | {counts[2]} |"


def main() -> None:
    """Judge everything and renew the tables, both of them from this one run."""
    wrong = list(_told(judged(w) for w in all_wrong()))
    right = list(_told(judged_right(*r) for r in all_right()))
    path = ROOT / "docs/checker.md"
    text = path.read_text(encoding="utf-8")
    block = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    made = f"{BEGIN}\n\n{table(wrong, right)}\n\n{END}"
    path.write_text(block.sub(lambda _: made, text), encoding="utf-8")


def _told(found: Iterator[Result]) -> Iterator[Result]:
    for result in found:
        verdict = result.verdict
        good = result.kind_is_right and result.gate_is_right
        print(
            "  " if good else "! ", verdict.verdict, verdict.kind, verdict.gate, verdict.gate_line,
            "|", result.mistake, "|", result.claim, flush=True,
        )  # fmt: skip
        yield result


if __name__ == "__main__":
    main()
