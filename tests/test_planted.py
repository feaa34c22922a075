"""Errors planted in every gate's record, and in emitted source, are caught."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gradcompile.emit.load import load
from gradcompile.emit.module import assemble
from gradcompile.gates.record import Gate, Reduction
from gradcompile.gates.registry import GATES, REDUCE, registered
from gradcompile.pipeline import run_passes
from gradcompile.syntax import parse
from gradcompile.verify import Certificate, samples, verify
from gradcompile.verify.certificate import Finding
from gradcompile.verify.code_check import check_code
from gradcompile.verify.fields import Clock
from gradcompile.verify.graph_check import check_graph
from gradcompile.verify.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONS = ("value", "value_and_grad")
LEFT = {"sub": "x - y", "div": "x / y", "pow": "x ** y", "mod": "x % y", "add": "x + y", "mul": "x * y", "neg": "-x"}
HIDDEN = {"polygamma": "grad(sum(trigamma(x)), x)"}  # how a formula meets a gate that it cannot call


def formula_with(record: Gate) -> str:
    """A tiny formula in which the gate's gradients matter."""
    arguments = dict(zip(record.arguments, "xyz", strict=False))
    call = LEFT.get(record.name) or HIDDEN.get(record.name)
    if record.name == "where":
        call = "where(x > y, x * y, x + 3 * y)"
    if call is None:
        call = f"{record.name}({', '.join(arguments.values())})"
    return f"x: Param[N]\ny: Param[N]\nloss = sum(x * ({call}) + 0 * y)\n"


def certify(text: str) -> Certificate:
    """Compile for NumPy, in memory, and verify."""
    program = parse(text, "planted.formula", name="planted")
    unit = run_passes(program, gradient=True)
    source = assemble(program, unit, "numpy", FUNCTIONS, "")
    return verify(program, unit, source, load(source, "planted"), functions=FUNCTIONS, seconds=30)


def graph_findings(text: str) -> list[Finding]:
    """Level 1 alone."""
    program = parse(text, "planted.formula", name="planted")
    reference = Reference(program, run_passes(program, gradient=True), Clock(30))
    sizes = samples.small_sizes(program)
    assert sizes is not None
    return check_graph(reference, reference.points(sizes, 2))


def caught(text: str) -> bool:
    return "refuted" in {f.verdict for f in graph_findings(text)}


def mistakes(record: Gate) -> Iterator[tuple[str, Gate]]:
    """A wrong factor, a wrong sign and a dropped gradient, for each operand that has one."""
    for position, rule in enumerate(record.partials):
        if rule is not None:
            for kind, wrong in (("factor", f"({rule}) * 1.000000001"), ("sign", f"-({rule})"), ("dropped", None)):
                partials = tuple(wrong if i == position else r for i, r in enumerate(record.partials))
                yield f"{record.name}, operand {position}: {kind}", replace(record, partials=partials)
    for position, route in enumerate(record.routes):
        if route is not None:
            for kind, wrong in (("factor", "1.000000001"), ("sign", "-1")):
                partials = tuple(
                    r and f"where({r}, {wrong if i == position else 1}, 0)" for i, r in enumerate(record.routes)
                )
                yield f"{record.name}, operand {position}: {kind}", replace(record, routes=(), partials=partials)
            routes = tuple(None if i == position else r for i, r in enumerate(record.routes))
            yield f"{record.name}, operand {position}: dropped", replace(record, routes=routes)


# Every gate with a gradient; through `real`, which makes an integer a real number, none ever flows.
DIFFERENTIABLE = [g for g in GATES.values() if (any(g.partials) or any(g.routes)) and g.name != "real"]


@pytest.mark.parametrize("record", DIFFERENTIABLE, ids=lambda g: g.name)
def test_planted_in_a_gate(record: Gate) -> None:
    text = formula_with(record)
    assert not caught(text)
    planted = found = 0
    for what, wrong in mistakes(record):
        with registered(wrong):
            planted += 1
            found += caught(text)
            assert found == planted, what
    print(f"{record.name}: planted {planted}, caught {found}")
    assert planted == found > 0


@contextmanager
def reduction_replaced(record: Reduction) -> Iterator[None]:
    before, REDUCE[record.name] = REDUCE[record.name], record
    try:
        yield
    finally:
        REDUCE[record.name] = before


@pytest.mark.parametrize("name", [r.name for r in REDUCE.values() if r.partial or r.route])
def test_planted_in_a_reduction(name: str) -> None:
    record = REDUCE[name]
    text = f"x: Param[N, M]\nloss = sum(x[:, 0] * {name}(x, axis=1))\n"
    assert not caught(text)
    rule = record.partial or f"where({record.route}, 1, 0)"
    wrong = [f"({rule}) * 1.000000001", f"-({rule})", None]
    found = 0
    for partial in wrong:
        with reduction_replaced(replace(record, partial=partial, route=None)):
            found += caught(text)
    print(f"{name}: planted {len(wrong)}, caught {found}")
    assert found == len(wrong)


def test_compile_refutes_a_planted_error() -> None:
    """The whole way: the certificate of a module made with a wrong rule says refuted."""
    text = "X: Real[N, D]\nw: Param[D]\nloss = sum(tanh(X @ w)**2)\n"
    assert certify(text).passed
    with registered(replace(GATES["tanh"], partials=("1 - out",))):
        assert not certify(text).passed


NETWORK = """
X: Real[N, D]
W: Param[D, K]
b: Param[K]
loss = sum(exp(0.25 * (X @ W) + b) * b) / N
"""


CHANGES = [
    (r"= (\w+) \* (\w+)  #", r"= \1 / \2  #", "a product becomes a quotient"),
    (r"= (\w+) \* (\w+)  #", r"= \1 * \1  #", "the wrong operand"),
    (r"= (\w+) / (\w+)  #", r"= \1 * \2  #", "a quotient becomes a product"),
    (r"= (\w+) \+ (\w+)  #", r"= \1 - \2  #", "a sum becomes a difference"),
    (r"= (\w+) \+ (\w+)  #", r"= \1  #", "a term is dropped"),
    (r"= (\w+)\.T @ (\w+)  #", r"= (\2.T @ \1)  #", "a transpose"),
    (r"0\.25", r"0.2500000001", "a factor"),
    (r"np\.exp\((\w+)\)", r"np.exp(-\1)", "a sign"),
    (r"axis=0", r"axis=1", "the wrong axis"),
]


def altered(source: str) -> Iterator[tuple[str, str]]:
    """Sources with one line of the gradient kernel changed, and what was changed."""
    head, mark, kernel = source.partition("def value_and_grad_kernel")
    body, end, tail = kernel.partition("    return float")
    lines = body.split("\n")
    for pattern, replacement, what in CHANGES:
        for number, line in enumerate(lines):
            changed = re.sub(pattern, replacement, line)
            if changed != line:
                text = "\n".join([*lines[:number], changed, *lines[number + 1 :]])
                yield head + mark + text + end + tail, f"{what}: {line.strip()} -> {changed.strip()}"


def test_planted_in_the_source() -> None:
    """What level 1 cannot see: the emitted text says something else than the graph."""
    program = parse(NETWORK, "planted.formula", name="planted")
    unit = run_passes(program, gradient=True)
    source = assemble(program, unit, "numpy", FUNCTIONS, "")
    sizes = samples.small_sizes(program)
    assert sizes is not None
    reference = Reference(program, unit, Clock(60))
    points = reference.points(sizes, 2)
    assert not _refuted(check_code(reference, load(source, "planted"), FUNCTIONS, sizes, points))
    planted = found = 0
    for wrong, what in altered(source):
        planted += 1
        found += _refuted(check_code(reference, load(wrong, "planted"), FUNCTIONS, sizes, points))
        assert planted == found, what
    print(f"source: planted {planted}, caught {found}")
    assert planted == found > len(CHANGES)


def _refuted(findings: list[Finding]) -> bool:
    return "refuted" in {f.verdict for f in findings}
