"""The graph of an explanation as it is drawn: boxes, wires, and the texts on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np

from gradcompile.explain import tables
from gradcompile.explain.content import Content
from gradcompile.explain.steps import Path, Step, gradient_name

FOLDED = 40  # gates, above which those of one line of the formula are one box
_SIGNS = {
    "add": "+", "sub": "−", "mul": "×", "div": "÷", "neg": "−", "sum": "Σ", "matmul": "@", "sigmoid": "σ", "sqrt": "√",
    "square": "x²", "abs": "|x|", "prod": "Π", "norm": "‖x‖", "pow": "xʸ",
}  # fmt: skip


@dataclass(frozen=True)
class Box:
    """A gate, an input, the result, or the gates of one line."""

    name: str
    kind: str  # "input" | "gate" | "result" | "line"
    sign: str  # what is written inside
    caption: str  # and below it
    hint: str  # what a pointer that rests there shows
    steps: tuple[int, ...] = ()
    total: str = ""  # the sum of what arrives, where several paths meet
    parameter: bool = False


@dataclass(frozen=True)
class Wire:
    """From the box that makes a value to one that reads it: the value, and what is handed back."""

    source: str
    target: str
    value: str
    gradient: str
    hint: str
    read: str  # the name of the value
    path: str = ""  # of the backward pass: "step.place", if a gradient comes back


@dataclass(frozen=True)
class Picture:
    """Boxes in an order in which every wire leads forward."""

    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    title: str


def short(value: Any) -> str:
    """Return a number for a wire: two digits behind the point as in a lecture, more only where these are zeros."""
    if value is None:
        return ""
    number = float(value)
    if number == 0 or (number.is_integer() and abs(number) < 1e5):
        text = f"{number:.0f}" if number.is_integer() else "0"
    elif 0.01 <= abs(number) < 1e5:
        text = f"{number:.2f}"
    else:
        text = f"{number:.1e}".replace("e-0", "e-").replace("e+0", "e")
    return ("0" if text == "-0" else text).replace("-", "−")


def picture(content: Content, *, folded: bool | None = None) -> Picture:
    """Return what is drawn; `folded` says whether the gates of a line are one box, None: where there are many."""
    whole = _whole(content)
    if len(content.steps) <= FOLDED if folded is None else not folded:
        return whole
    return _folded(content, whole)


def _whole(content: Content) -> Picture:
    used = {content.source, *(name for s in content.steps for name in s.reads)}
    inputs = [_input(content, a.name) for a in content.inputs if a.name in used]
    gates = [_gate(content, step) for step in content.steps]
    wires = [wire for step in content.steps for wire in _wires(content, step)]
    result = Box("result", "result", content.result, "", f"the result {content.result}")
    last = Wire(
        content.source,
        "result",
        _label(content, content.source, content.value(content.source)),
        _starting(content),
        f"The backward pass starts with {content.program.upstream or 1}.",
        content.source,
        "start",
    )
    title = f"{content.program.name}: values flow forward, above the wires; gradients flow back, below them"
    return Picture((*inputs, *gates, result), (*wires, last), title)


def _starting(content: Content) -> str:
    """Return what arrives at the result, as it stands at its wire."""
    if upstream := content.program.upstream:
        return _label(content, upstream, content.value(upstream))
    return "1" if content.point is not None else f"{gradient_name(content.result)} = 1"


def _input(content: Content, name: str) -> Box:
    argument = next(a for a in content.inputs if a.name == name)
    shape = tables.shape(argument.shape)
    hint = f"{name} = {tables.array(content.value(name))}" if content.point is not None else name
    return Box(name, "input", name, shape, hint, total=_total(content, name), parameter=argument.differentiated)


def _gate(content: Content, step: Step) -> Box:
    own = not _is_made_up(step, content)
    hint = f"{step.number}. {tables.gate(step)}, line {step.line}: {step.name} = {step.expression}"
    return Box(
        step.name, "gate", _sign(step), step.name if own else "", hint, (step.number,), _total(content, step.name)
    )


def _is_made_up(step: Step, content: Content) -> bool:
    """Did the user give it no name?"""
    return step.name not in content.program.names


def _sign(step: Step) -> str:
    """Return what stands in the box of a gate: its sign, with a literal beside it."""
    sign = _SIGNS.get(step.word, step.word)
    if len(step.reads) != 1 or step.word not in ("add", "sub", "mul", "div"):
        return sign
    left, right = (f" {o} " for o in ("+", "*")) if step.word in ("add", "mul") else (" - ", " / ")
    for operator in (left, right):
        a, found, b = step.expression.partition(operator)
        if found and a == step.reads[0] and len(b) < 8:
            return f"{sign} {b}"
        if found and b == step.reads[0] and len(a) < 8:
            return f"{a} {sign}"
    return sign


def _total(content: Content, name: str) -> str:
    arrival = content.arrivals.get(name)
    if arrival is None or len(arrival.paths) < 2:
        return ""
    if content.point is None or arrival.axes:
        return f"{gradient_name(name)} adds {len(arrival.paths)}"
    return f"Σ {short(content.gradient(name))}"


def _wires(content: Content, step: Step) -> list[Wire]:
    """Return the wires into a gate, with the paths of the backward pass on them, in order."""
    waiting: dict[str, list[tuple[int, Path]]] = {}
    for i, path in enumerate(step.paths):
        waiting.setdefault(path.below, []).append((i, path))
    wires = []
    for name in step.reads:
        value = _label(content, name, content.value(name))
        if not waiting.get(name):
            wires.append(Wire(name, step.name, value, "", name, name))
            continue
        place, path = waiting[name].pop(0)
        gradient = _gradient(content, path)
        hint = f"{gradient_name(name)}: {path.says}"
        wires.append(Wire(name, step.name, value, gradient, hint, name, f"{step.number}.{place}"))
    return wires


def _label(content: Content, name: str, value: Any) -> str:
    if content.point is not None and np.ndim(value) == 0 and value is not None:
        return short(value)
    shape = _shape_of(content, name)
    return f"{name} {shape}" if shape else name


def _gradient(content: Content, path: Path) -> str:
    if content.point is not None and not path.axes:
        return short(content.downstream(path))
    return gradient_name(path.below if path.below in content.arrivals else path.gate)


def _shape_of(content: Content, name: str) -> str:
    step = next((s for s in content.steps if s.name == name), None)
    if step is not None:
        return tables.shape(step.shape)
    return tables.shape(next(a.shape for a in content.inputs if a.name == name))


def _folded(content: Content, whole: Picture) -> Picture:
    """Put the gates of each line into one box; of a line that needs what follows from it, into several."""
    group = groups(content.steps)
    members: dict[str, list[Step]] = {}
    for step in content.steps:
        members.setdefault(group[step.name], []).append(step)
    home = {**{b.name: b.name for b in whole.boxes}, **group}
    boxes = [b for b in whole.boxes if b.kind == "input"]
    boxes += [_lines(content, name, members[name]) for name in dict.fromkeys(group.values())]
    boxes += [b for b in whole.boxes if b.kind == "result"]
    wires: dict[tuple[str, str, str], Wire] = {}
    for wire in whole.wires:
        source, target = home[wire.source], home[wire.target]
        if source != target:
            wires.setdefault((source, target, wire.read), replace(wire, source=source, target=target))
    return Picture(tuple(boxes), tuple(wires.values()), whole.title)


def _lines(content: Content, name: str, steps: Sequence[Step]) -> Box:
    """Return the box of the gates of a line, or of several that need each other."""
    text = content.program.text.splitlines()
    numbers = sorted({s.line for s in steps})
    sources = [text[n - 1].partition("#")[0].strip() for n in numbers if 0 < n <= len(text)]
    shown = sources[0] if len(sources) == 1 else " … ".join(sources[:: max(1, len(sources) - 1)])
    shown = shown if len(shown) <= 34 else f"{shown[:33]}…"
    count = f"{len(steps)} gates" if len(steps) > 1 else tables.gate(steps[0])
    where = f"line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
    return Box(name, "line", shown or where, f"{where}, {count}", "\n".join(sources), tuple(s.number for s in steps))


def groups(steps: Sequence[Step]) -> dict[str, str]:
    """Return the group of each gate, in an order in which every wire between groups leads forward.

    It is a line of the formula; of a line that needs what follows from it there are several, and lines that need each
    other, though no gate does, are one.
    """
    of = _ranked(steps)
    while True:
        needs: dict[str, set[str]] = {name: set() for name in of.values()}
        for step in steps:
            needs[of[step.name]] |= {of[r] for r in step.reads if r in of} - {of[step.name]}
        try:
            order = {name: i for i, name in enumerate(TopologicalSorter(needs).static_order())}
        except CycleError as error:
            first, *others = error.args[1]
            of = {name: first if group in others else group for name, group in of.items()}
            continue
        return dict(sorted(of.items(), key=lambda pair: order[pair[1]]))


def _ranked(steps: Sequence[Step]) -> dict[str, str]:
    """Return for each gate its line, and how often the path to it has left that line."""
    rank: dict[str, int] = {}
    above: dict[str, dict[int, int]] = {}  # the groups that a gate depends on: a line, and the last of its ranks
    lines = {s.name: s.line for s in steps}
    for step in steps:
        before: dict[int, int] = {}
        for name in step.reads:
            for line, known in above.get(name, {}).items():
                before[line] = max(before.get(line, 0), known)
        same = [rank[n] for n in step.reads if lines.get(n) == step.line]
        back = [
            above[n][step.line] + 1
            for n in step.reads
            if lines.get(n, step.line) != step.line and step.line in above[n]
        ]
        rank[step.name] = max([0, *same, *back])
        above[step.name] = before | {step.line: rank[step.name]}
    return {s.name: f"line {s.line}" + (f" ({rank[s.name] + 1})" if rank[s.name] else "") for s in steps}
