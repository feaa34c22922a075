"""Errors planted in every gate's record, and in emitted source, are caught."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gradcompile.emit.load import load
from gradcompile.emit.module import assemble
from gradcompile.gates import build
from gradcompile.gates.record import Gate, Reduction
from gradcompile.gates.registry import GATES, REDUCE, registered
from gradcompile.gates.substitute import substitute
from gradcompile.ir.nodes import Kind, Node, reachable
from gradcompile.pipeline import Unit, run_passes
from gradcompile.syntax import parse
from gradcompile.verify import Certificate, samples, verify
from gradcompile.verify.certificate import Finding
from gradcompile.verify.code_check import check_code
from gradcompile.verify.fields import Clock
from gradcompile.verify.graph_check import check_graph, symbolic_of
from gradcompile.verify.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcompile.syntax.program import Program
    from gradcompile.verify.samples import Point

FUNCTIONS = ("value", "value_and_grad")
LEFT = {"sub": "x - y", "div": "x / y", "pow": "x ** y", "mod": "x % y", "add": "x + y", "mul": "x * y", "neg": "-x"}
ORDERS = {"jv": "jv(2, y)", "iv": "iv(2, y)", "ive": "ive(2, y)"}  # whose first argument is a whole number
HIDDEN = {  # how a formula meets a gate that it cannot call
    "polygamma": "grad(sum(trigamma(x)), x)",
    "mills": "grad(sum(log_ndtr(x)), x)",
    "excess": "grad(sum(grad(sum(log_ndtr(x)), x)), x)",
    "digamma_rise": "grad(sum(betaln(x, y)), x)",
    "spherical": "grad(sum(sinc(x)), x)",
}


def formula_with(record: Gate) -> str:
    """A tiny formula in which the gate's gradients matter."""
    arguments = dict(zip(record.arguments, "xyz", strict=False))
    call = LEFT.get(record.name) or ORDERS.get(record.name) or HIDDEN.get(record.name)
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
    points = reference.points(sizes, 2)
    return check_graph(reference, symbolic_of(reference, points[0]), points)


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


# Every gate with a gradient; through `real`, which makes an integer a real number, none ever flows, and `real_pow` is
# made behind the gradient.
DIFFERENTIABLE = [
    g for g in GATES.values() if (any(g.partials) or any(g.routes)) and g.name not in ("real", "real_pow")
]


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
    rule = record.partial or f"where(iota(k) == {record.route}(x, k), 1, 0)"
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


# Indices and loops: one node of the gradient graph at a time is replaced by one that is nearly right.

FORMULAS = {
    "a recurrent network": "x: Real[T]\nU: Param[H]\nV: Param[H, H]\nh = zeros(H)\n"
    "for t in range(T):\n    h = tanh(U * x[t] + V @ h)\nloss = sum(h**2)",
    "a filled array": "y: Real[T]\nw: Param\na: Param\nb: Param\nh[0] = w**2\n"
    "for t in range(1, T):\n    h[t] = w**2 + a**2 * y[t - 1]**2 + b**2 * h[t - 1]\nloss = sum(log(h) + y**2 / h)",
    "a tree": "p: Int[N]\nx: Param[N]\n"
    "for i in range(N):\n    a[i] = x[i] * (a[p[i]] if p[i] >= 0 else 1)\nloss = sum(a**2)",
    "layers in time": "x: Real[T]\nW: Param[L]\nh = 0.5\n"
    "for t in range(T):\n    for l in range(L):\n        h = tanh(W[l] * h + x[t])\nloss = h",
    "a loop with a condition": "s: Param\nr = s**2 + 1\nq = s\n"
    "while abs(r * r - 2) > 1e-9:\n    r = 0.5 * (r + 2 / r)\n    q = sin(q * r)\nloss = r * q",
    "nested gathers": "o: Int[P, 2]\nA: Param[C, 3]\nX: Param[M, 3]\n"
    "loss = sum((A[o[p, 0], j] * X[o[p, 1], j])**2 for p in range(P) for j in range(3))",
    "updates": "x: Param[N]\nk: Int[N]\na = zeros(N)\n"
    "for i in range(N):\n    a[k[i]] = a[k[i]] * x[i] + x[i]**2\nloss = sum(a**2 * x)",
    "winners": "x: Real[N, D]\nm: Param[K, D]\n"
    "loss = sum(min(sum((x[i, d] - m[k, d])**2 for d in range(D)) for k in range(K)) for i in range(N))",
    "neighbours": "x: Param[N]\nloss = sum(x[i] * x[i - 1]**2 if i > 0 else x[i] for i in range(N))",
}  # fmt: skip


def nearly(node: Node) -> Iterator[tuple[str, Node]]:
    """What might be built in the place of a node by mistake."""
    match node.kind:
        case Kind.HISTORY:
            recurrence, (slot, which) = node.operands[0], node.attrs
            if which != "final":
                other = "before" if which == "after" else "after"
                yield f"the state {other} the step", build.history(recurrence, slot, other)
        case Kind.RECURRENCE:
            axis, backward, depth, slots = node.attrs
            if backward:
                yield (
                    "the adjoint runs forward",
                    node.graph.make(
                        node.kind, operands=node.operands, attrs=(axis, False, depth, slots), dtype=node.dtype
                    ),
                )
        case Kind.TAKE | Kind.SCATTER:
            one = build.const(node.graph, 1)
            for sign in ("add", "sub"):
                yield f"an index off by one ({sign})", _rebuilt(node, 1, build.gate(sign, node.operands[1], one))
            if len(node.operands) > 2:
                yield "the guard is the other way round", _rebuilt(node, 2, build.gate("not", node.operands[2]))
        case Kind.REDUCE if node.name in ("argmax", "argmin"):
            other = "argmin" if node.name == "argmax" else "argmax"
            yield "another one wins", build.reduce(other, node.operands[0], node.attrs[0])


def _rebuilt(node: Node, place: int, operand: Node) -> Node:
    operands = tuple(operand if i == place else o for i, o in enumerate(node.operands))
    return node.graph.make(node.kind, node.name, operands, node.attrs, node.dtype)


def replaced(unit: Unit, node: Node, other: Node) -> Unit:
    """The unit with another node in the place of one, in the gradients alone."""
    gradients = {n: replace(v, node=substitute(v.node, {node: other})) for n, v in unit.gradients.items()}
    return replace(unit, gradients=gradients)


def judged(program: Program, unit: Unit, points: list[Point]) -> list[Finding]:
    reference = Reference(program, unit, Clock(60))
    return check_graph(reference, symbolic_of(reference, points[0]), points)


LONG = {"a recurrent network", "a filled array", "layers in time"}


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] if n in LONG else []) for n in FORMULAS])
def test_planted_in_loops_and_indices(name: str) -> None:
    program = parse(FORMULAS[name], "planted.formula", name="planted")
    unit = run_passes(program, gradient=True)
    sizes = samples.small_sizes(program)
    assert sizes is not None
    points = Reference(program, unit, Clock(60)).points(sizes, 3)
    assert not _refuted(judged(program, unit, points))
    planted, missed = 0, []
    for node in reachable([v.node for v in unit.gradients.values()]):
        for what, other in nearly(node):
            wrong = replaced(unit, node, other)
            if wrong.gradients != unit.gradients:
                planted += 1
                missed += [] if _refuted(judged(program, wrong, points)) else [(what, node)]
    print(f"{name}: planted {planted}, caught {planted - len(missed)}")
    assert planted
    assert not missed


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
    (r"\((\w+) \+ ", r"(\1 - ", "a sum becomes a difference"),
    (r"\((\w+) \+ \w+ \* \w+\)", r"\1", "a term is dropped"),
    (r"= (\w+)\.T @ ", r"= -\1.T @ ", "the sign of a product of matrices"),
    (r"0\.25", r"0.2500000001", "a factor"),
    (r"np\.exp\(", r"np.exp(-", "a sign"),
    (r"axis=0", r"axis=1", "the wrong axis"),
]


LOOP_CHANGES = [
    (r"in range\((\w+)\)", r"in range(\1 - 1)", "a step too few"),
    (r"reversed\((range\(\w+\))\)", r"\1", "the adjoint runs forward"),
    (r"\[t \+ 1\](?=.*=|.*#)", "[t]", "the state before a step for the one after it"),
    (r"\[1:\]", "[:-1]", "the states before each step for those after it"),
    (r"\[:-1\]", "[1:]", "the states after each step for those before it"),
    (r"\[-1\]", "[0]", "the first state for the last"),
    (r"= (\w+) @ (\w+)  #", r"= \1 @ \2.T  #", "a transpose"),
    (r"= 1 - (\w+) \* (\w+)  #", r"= 1 - \1  #", "a square forgotten"),
]


def altered(source: str, changes: list[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    """Sources with one line of the gradient kernel changed, and what was changed."""
    head, mark, kernel = source.partition("def value_and_grad_kernel")
    body, end, tail = kernel.partition("    return float")
    lines = body.split("\n")
    for pattern, replacement, what in changes:
        for number, line in enumerate(lines):
            changed = re.sub(pattern, replacement, line)
            if changed != line:
                text = "\n".join([*lines[:number], changed, *lines[number + 1 :]])
                yield head + mark + text + end + tail, f"{what}: {line.strip()} -> {changed.strip()}"


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        pytest.param(NETWORK, CHANGES, id="layer"),
        pytest.param(FORMULAS["a recurrent network"], LOOP_CHANGES, id="loop", marks=pytest.mark.slow),
    ],
)
def test_planted_in_the_source(text: str, changes: list[tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """What level 1 cannot see: the emitted text says something else than the graph."""
    program = parse(text, "planted.formula", name="planted")
    unit = run_passes(program, gradient=True)
    source = assemble(program, unit, "numpy", FUNCTIONS, "")
    sizes = samples.small_sizes(program)
    assert sizes is not None
    reference = Reference(program, unit, Clock(60))
    points = reference.points(sizes, 2)
    assert not _refuted(check_code(reference, load(source, "planted"), FUNCTIONS, sizes, points))
    monkeypatch.setattr(samples, "other_sizes", lambda *_: [])  # each is caught at the first sizes already
    planted = found = 0
    for wrong, what in altered(source, changes):
        planted += 1
        found += _refuted(check_code(reference, load(wrong, "planted"), FUNCTIONS, sizes, points))
        assert planted == found, what
    print(f"source: planted {planted}, caught {found}")
    assert planted == found >= len(changes)


def test_an_index_that_is_not_checked() -> None:
    """A module that reads somewhere else instead of raising is refuted."""
    program = parse(FORMULAS["nested gathers"], "planted.formula", name="planted")
    unit = run_passes(program, gradient=True)
    source = assemble(program, unit, "numpy", FUNCTIONS, "")
    sizes = samples.small_sizes(program)
    assert sizes is not None
    reference = Reference(program, unit, Clock(60))
    points = reference.points(sizes, 2)
    silent = re.sub(r"^    _check\(.*\n", "", source, flags=re.M)
    silent = re.sub(r"= A\[(\w+)\]", r"= A[\1 % C]", re.sub(r"= X\[(\w+)\]", r"= X[\1 % M]", silent))
    silent = re.sub(r"np\.add\.at\((\w+), (\w+),", r"np.add.at(\1, \2 % len(\1),", silent)
    findings = {f.what: f.verdict for f in check_code(reference, load(silent, "planted"), FUNCTIONS, sizes, points)}
    assert findings.pop("o out of range") == "refuted"
    assert set(findings.values()) == {"agrees"}


def _refuted(findings: list[Finding]) -> bool:
    return "refuted" in {f.verdict for f in findings}
