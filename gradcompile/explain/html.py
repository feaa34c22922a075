"""The report: one page that needs nothing else, with graph, formula, code and derivation linked to each other."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from latex2mathml.converter import convert
from markupsafe import Markup

from gradcompile.explain import tables
from gradcompile.explain.content import Content
from gradcompile.explain.javascript import UntranslatableError, script
from gradcompile.explain.latex import writer
from gradcompile.explain.mathematics import Latex
from gradcompile.explain.picture import picture
from gradcompile.explain.results import starting
from gradcompile.explain.steps import Path, Step, gradient_name
from gradcompile.explain.svg import arranged, elements
from gradcompile.ir.nodes import Node, reachable
from gradcompile.syntax.flow import names_in
from gradcompile.syntax.names import DERIVATIVES
from gradcompile.verify import ClaimVerdict
from gradcompile.version import __version__

EDITABLE = 20_000  # nodes that a page computes again while one types


class Number(NamedTuple):
    """A number of the page: its text, and the key by which it is computed again."""

    text: str
    key: str
    whole: str = ""  # all digits, where the text has fewer


class Way(NamedTuple):
    """What a gate hands to one operand."""

    below: str
    routes: bool
    local: Markup
    local_value: Number  # without a text where the local gradient is a literal
    upstream: Number
    downstream: Markup
    value: Number
    copied: str
    derivation: tuple[Markup | str, ...]


class Card(NamedTuple):
    """A gate: what it computes, and what it hands back."""

    step: Step
    gate: str
    formula: Markup
    value: Number
    upstream: Markup
    upstream_value: Number
    terms: Sequence[Way]
    ways: Sequence[Way]


class Line(NamedTuple):
    """A line of the formula or of the code, with the gates that it belongs to."""

    number: int
    text: str
    steps: str
    claims: Sequence[ClaimVerdict] = ()
    back: bool = False


def html(content: Content) -> str:
    """Return the report."""
    written = writer(content)
    drawn = picture(content, folded=False)
    found = arranged(drawn)
    cards = [_card(content, written, step) for step in content.steps]
    computing, fixed = _script(content)
    page = _environment().get_template("report.html.j2")
    return page.render(
        content=content,
        version=__version__,
        result=_mathml(written.name(content.result)),
        cards=cards,
        formula=_formula(content),
        code=_code(content),
        inputs=[_input(content, written, a.name) for a in content.inputs],
        graph=Markup("\n".join(elements(drawn, found))),
        width=round(found.width),
        height=round(found.height),
        title=drawn.title,
        events=_events(content),
        scalar=not any(s.axes for s in content.steps),
        script=Markup(computing),
        fixed=fixed,
        point=tables.point(content),
        start=starting(content.program),
        blamed=lambda claim: _listed(_blamed(content, claim)),
    )


@cache
def _environment() -> Environment:
    loader = PackageLoader("gradcompile.explain", "page")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def _mathml(latex: str) -> Markup:
    return Markup(convert(latex))


def _math(written: Latex, text: str) -> Markup:
    return _mathml(written.of(text)) if text else Markup("")


def _card(content: Content, written: Latex, step: Step) -> Card:
    plain = step.word in ("loop", "state")
    formula = (
        Markup("{} = {}").format(step.name, step.expression)
        if plain
        else _math(written, f"{step.name} = {step.expression}")
    )
    arrival = content.arrivals.get(step.name)
    terms = [_way(content, written, p) for p in arrival.paths] if arrival is not None and len(arrival.paths) > 1 else []
    return Card(
        step,
        tables.gate(step),
        formula,
        _number(content.value(step.name), f"v:{step.name}"),
        _math(written, gradient_name(step.name)),
        _number(content.gradient(step.name), f"g:{step.name}"),
        terms,
        [_way(content, written, p) for p in step.paths],
    )


def _way(content: Content, written: Latex, path: Path) -> Way:
    name = gradient_name(path.below)
    words = Markup("{}: {}").format(_math(written, name), path.words)
    downstream = _math(written, f"{name} = {path.downstream}") if path.downstream else words
    return Way(
        path.below,
        path.routes,
        _math(written, path.local),
        _number(None if tables.is_literal(path.local) else content.local(path), f"l:{_key(content, path)}"),
        _number(content.gradient(path.gate), f"g:{path.gate}"),
        downstream,
        _number(content.downstream(path), f"p:{_key(content, path)}"),
        " and ".join(path.copied),
        _derivation(content, written, path),
    )


def _key(content: Content, path: Path) -> str:
    step = next(s for s in content.steps if s.name == path.gate)
    return f"{step.number}.{next(i for i, p in enumerate(step.paths) if p is path)}"


def _derivation(content: Content, written: Latex, path: Path) -> tuple[Markup | str, ...]:
    if (d := path.derivation) is None:
        return ()
    formulas = [_math(written, text) for text in (d.entry, d.gradient, d.whole if d.written else "")]
    return (*formulas, tables.over(d), tables.jacobian(content, d))


def _number(value: Any, key: str) -> Number:
    if value is None:
        return Number("", key)
    return Number(tables.array(value), key, repr(float(value)) if np.ndim(value) == 0 else "")


def _formula(content: Content) -> list[Line]:
    steps: dict[int, list[int]] = {}
    for step in content.steps:
        steps.setdefault(step.line, []).append(step.number)
    claims: dict[int, list[ClaimVerdict]] = {}
    for claim in content.claims:
        claims.setdefault(claim.line, []).append(claim)
        steps.setdefault(claim.line, []).extend([*_claimed(content, claim), -claim.line])
    lines = content.program.text.rstrip("\n").split("\n")
    return [Line(i, text, _listed(steps.get(i, ())), claims.get(i, ())) for i, text in enumerate(lines, start=1)]


def _blamed(content: Content, claim: ClaimVerdict) -> list[int]:
    """Return the gates that a refuted claim points at, and the claim's own line, which is written as a negative number.

    They are the gate of the diagnosis, else those on its line, else those whose gradient is claimed.
    """
    there = [s for s in content.steps if claim.gate_line is not None and s.line == claim.gate_line]
    named = [s.number for s in there if s.word == claim.gate or _written(s).startswith(f"{claim.gate}(")]
    return [*(named or [s.number for s in there] or _claimed(content, claim)), -claim.line]


def _written(step: Step) -> str:
    """Return what the user wrote for a gate: of `mean(x)` there are two."""
    return "" if step.span is None else step.span.text[step.span.column - 1 : step.span.end_column - 1]


def _claimed(content: Content, claim: ClaimVerdict) -> list[int]:
    """Return the gates that a claim is about: those whose gradient it names, and of an input those that read it."""
    tree = ast.parse(claim.claim, mode="eval")
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.args[1:]]
    names = names_in([n.args[1] for n in calls if n.func.id in DERIVATIVES]) or names_in([tree])  # type: ignore[attr-defined]
    found = [s.number for s in content.steps if s.name in names]
    inputs = names.intersection(a.name for a in content.inputs)
    return found + [s.number for s in content.steps if inputs & {p.below for p in s.paths}]


def _code(content: Content) -> list[Line]:
    steps: dict[int, list[int]] = {}
    for step in content.steps:
        for lines in content.lines_of(step):
            for line in lines:
                steps.setdefault(line, []).append(step.number)
    return [
        Line(i + 1, text, _listed(dict.fromkeys(steps.get(i, ()))), (), "# backward" in text)
        for i, text in enumerate(content.code.lines)
    ]


def _listed(numbers: Any) -> str:
    return " ".join(map(str, numbers))


def _input(content: Content, written: Latex, name: str) -> dict[str, Any]:
    argument = next(a for a in content.inputs if a.name == name)
    value = content.point[name] if content.point is not None else None
    arrival = content.arrivals.get(name)
    terms = [_way(content, written, p) for p in arrival.paths] if arrival is not None else []
    return {
        "name": name,
        "gradient": _math(written, gradient_name(name)) if argument.differentiated else "",
        "shape": tables.shape(argument.shape) + (f", {argument.structure}" if argument.structure else ""),
        "value": _number(value, f"v:{name}"),
        "given": f"{float(value):.17g}" if value is not None and np.ndim(value) == 0 else "",
        "arrived": _number(content.gradient(name), f"g:{name}"),
        "terms": terms,
        "editable": value is not None and np.ndim(value) == 0,
        "differentiated": argument.differentiated,
    }


def _events(content: Content) -> list[tuple[str, int]]:
    """Return what the buttons step through: forward through the gates, then backward."""
    forward = [("forward", s.number) for s in content.steps]
    return [*forward, *(("backward", s.number) for s in content.backward if s.paths)]


def _script(content: Content) -> tuple[str, str]:
    """Return the function that computes both passes again, or why there is none."""
    if content.point is None:
        return "", ""
    wanted: dict[str, Node] = {}
    for step in content.steps:
        wanted[f"v:{step.name}"] = step.node
        for i, path in enumerate(step.paths):
            wanted[f"p:{step.number}.{i}"] = path.node
            if path.local_node is not None:
                wanted[f"l:{step.number}.{i}"] = path.local_node
    for name, arrival in content.arrivals.items():
        wanted[f"g:{name}"] = arrival.node
    if (large := len(reachable(wanted.values()))) > EDITABLE:
        return "", f"the formula has {large} gates in both passes, and it computes up to {EDITABLE} again"
    try:
        return script(wanted, [a.name for a in content.inputs]), ""
    except UntranslatableError as why:
        return "", str(why)
