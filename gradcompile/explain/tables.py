"""The rows of an explanation as short texts: what the forms with tables have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradcompile.explain.content import Content
from gradcompile.explain.mathematics import plain
from gradcompile.explain.steps import Derivation, Path, Step, gradient_name
from gradcompile.ir.dims import Extent

_SHOWN = 36  # elements of an array that are shown one by one

FORWARD = ("step", "line", "gate", "computes", "shape", "value")
BACKWARD = ("step", "line", "gate", "upstream", "local", "downstream", "value")


def number(value: Any) -> str:
    """Return a number as a person writes it: 4 digits, no minus in front of 0."""
    if value is None:
        return ""
    text = f"{float(value):.4g}"
    return "0" if text == "-0" else text.replace("e+0", "e").replace("e-0", "e-")


def array(value: Any) -> str:
    """Return an array, line by line; a large one by its size and range."""
    if value is None or np.ndim(value) == 0:
        return number(value)
    whole = np.asarray(value, dtype=float)
    if whole.size > _SHOWN or whole.ndim > 2:
        sizes = "×".join(map(str, whole.shape))
        return f"{sizes} numbers, {number(whole.min())} to {number(whole.max())}" if whole.size else f"{sizes}, empty"
    rows = [[number(x) for x in row] for row in np.atleast_2d(whole)]
    width = max((len(x) for row in rows for x in row), default=0)
    return "\n".join(f"[{' '.join(x.rjust(width) for x in row)}]" for row in rows)


def shape(extents: Sequence[Extent]) -> str:
    """Return a shape: N×D."""
    return "×".join(f"({e})" if " " in str(e) else str(e) for e in extents)


def gate(step: Step) -> str:
    """Return what a gate is called in a table."""
    return "matrix product" if step.word == "matmul" else step.word


def forward(content: Content) -> Iterator[tuple[str, ...]]:
    """Yield a row for each gate, in the order of the forward pass."""
    for s in content.steps:
        value = array(content.value(s.name))
        yield str(s.number), str(s.line), gate(s), f"{s.name} = {s.expression}", shape(s.shape), value


def backward(content: Content) -> Iterator[tuple[str, ...]]:
    """Yield a row for each path of the backward pass, and one for each place where several paths meet."""
    for step in content.backward:
        if (copy := copied(content, step.name)) is not None:
            yield "", str(step.line), "copy", *copy
        yield from _paths(content, step, _upstream(content, step))
    for argument in content.inputs:
        if (copy := copied(content, argument.name)) is not None:
            yield "", "", "copy", *copy


def _paths(content: Content, step: Step, upstream: str) -> Iterator[tuple[str, ...]]:
    head: tuple[str, ...] = (str(step.number), str(step.line), gate(step), upstream)
    for path in step.paths:
        name = gradient_name(path.below)
        several = len(content.arrivals[path.below].paths) > 1 if path.below in content.arrivals else False
        sign = "+=" if several else "="
        text = f"{name} {sign} {path.downstream}" if path.downstream else f"{name}: {path.words}"
        beside = "" if path.routes else _beside(path.local, content.local(path))
        yield *head, local(path) + beside, text, array(content.downstream(path))
        head = ("", "", "", "")


def _upstream(content: Content, step: Step) -> str:
    name = gradient_name(step.name)
    if step.name == content.source and not content.program.upstream:
        return f"{name} = 1"
    return name + _beside(name, content.gradient(step.name))


def _beside(text: str, value: Any) -> str:
    """Return a number to stand beside what it is the value of, if it is one and not written there already."""
    single = text and value is not None and np.ndim(value) == 0 and not is_literal(text)
    return f" = {number(value)}" if single else ""


def is_literal(text: str) -> bool:
    """Is it a number as it stands?"""
    return text.removeprefix("-").replace(".", "", 1).isdigit()


def local(path: Path) -> str:
    """Return a local gradient, or where upstream goes."""
    return f"where {path.local}" if path.routes and path.local else path.local


def copied(content: Content, name: str) -> tuple[str, str, str, str] | None:
    """Return the row of a copy gate: what meets there, and the sum; None where there is one path alone."""
    arrival = content.arrivals.get(name)
    if arrival is None or len(arrival.paths) < 2:
        return None
    terms = " + ".join(p.downstream or f"({gradient_name(p.gate)} {p.words})" for p in arrival.paths)
    count = len(arrival.paths)
    return f"{count} paths meet", "they add up", f"{gradient_name(name)} = {terms}", array(content.gradient(name))


def gradients(content: Content) -> Iterator[tuple[str, str, str]]:
    """Yield name, shape and value of each gradient that was asked for."""
    for a in content.inputs:
        if a.differentiated:
            form = f", {a.structure} as declared" if a.structure else ""
            yield gradient_name(a.name), f"{shape(a.shape)}{form}", array(content.gradient(a.name))


def point(content: Content) -> str:
    """Return the point on one line, as `--at` takes it."""
    if content.point is None:
        return ""
    small = {a.name: content.point[a.name] for a in content.inputs}
    return ", ".join(f"{name} = {_flat(value)}" for name, value in small.items())


def _flat(value: Any) -> str:
    if np.ndim(value) == 0:
        return number(value)
    whole = np.asarray(value)
    if whole.size > _SHOWN:
        return f"{'×'.join(map(str, whole.shape))} numbers"
    return str(
        [[number(x) for x in row] for row in whole] if whole.ndim == 2 else [number(x) for x in whole.ravel()]
    ).replace("'", "")


def derivations(content: Content) -> Iterator[tuple[Step, Path, list[str]]]:
    """Yield the derivation of each product of matrices, and of each sum over a copied axis, from one entry."""
    for step in content.backward:
        for path in step.paths:
            if path.derivation is not None and (step.word in ("matmul", "read") or path.copied):
                yield step, path, derivation(content, path.derivation)


def jacobian(content: Content, d: Derivation) -> str:
    """Return what the Jacobian would be if it were built: its shape, and how many numbers it has."""
    rows, columns = shape(d.rows) or "1", shape(d.columns) or "1"
    here = content.count(d.jacobian)
    return f"({rows}) by ({columns}), {_power(d.jacobian)} numbers" + (
        f", {here} at this point" if here is not None else ""
    )


def _power(size: Extent) -> str:
    return str(size).replace("**2", "²").replace("**3", "³").replace("**4", "⁴").replace("*", "·")


def derivation(content: Content, d: Derivation) -> list[str]:
    """Return the lines of the derivation of a gradient from one entry."""
    below = d.whole.partition(" = ")[0][1:]
    return [
        f"one entry of the gate: {plain(d.entry)}",
        *([f"{below} is read for every {over(d)}, so a sum over {over(d)} comes back"] if d.read_by else []),
        f"one entry of the gradient: {plain(d.gradient)}",
        *([f"as a whole: {d.whole}"] if d.written else []),
        f"no Jacobian is built, for this is all that a product with it does: it would be {jacobian(content, d)}",
    ]


def over(d: Derivation) -> str:
    """Return the indices over which an operand was copied."""
    return " and ".join(d.read_by)
