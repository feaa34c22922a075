"""What a schedule comes to: stages, nests, arrays with their sizes, and what each nest computes and moves.

All of it is read off the loop form, so that it says what runs: as comments over the loops, and for
``--dump-after schedule``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gradcompile.gates.count import operations_of
from gradcompile.ir.dims import Extent
from gradcompile.loops.form import (
    Allocate,
    Best,
    Blocks,
    Copy,
    Dot,
    If,
    Let,
    Loop,
    Nearest,
    Statement,
    Turn,
    Update,
    While,
    within,
)

_ELEMENT = re.compile(r"\w+\[[^\[\]]*\]")
_NUMBER = 8  # bytes
_NOTHING = Extent(())
_SHOWN = 6  # names of what a nest computes


@dataclass(frozen=True)
class _Work:
    """Operations, and numbers read or written element by element."""

    operations: Extent = _NOTHING
    numbers: Extent = _NOTHING

    def __add__(self, other: _Work) -> _Work:
        return _Work(self.operations + other.operations, self.numbers + other.numbers)

    def times(self, size: Extent) -> _Work:
        return _Work(self.operations * size, self.numbers * size)


def annotated(statements: Sequence[Statement]) -> list[Statement]:
    """Return the statements with a note at each nest and at each stage."""
    return [_noted(statement, {}) for statement in statements]


def outline(statements: Sequence[Statement], depth: int = 0) -> list[str]:
    """Return the plan line by line: arrays, nests, products, and stages with what is inside."""
    lines: list[str] = []
    pad = "  " * depth
    for statement in statements:
        match statement:
            case Allocate(target, shape) if shape:
                lines.append(f"{pad}array {target}[{', '.join(map(str, shape))}]")
            case Loop(note=note) if note:
                lines.append(f"{pad}{note}")
            case Dot(note=note) | Nearest(note=note):
                lines.append(f"{pad}{note}")
            case Blocks(note=note, buffers=buffers, body=body):
                lines.append(f"{pad}{note}")
                lines += [f"{pad}  buffer {b.target}[{', '.join(map(str, b.shape))}]" for b in buffers]
                lines += outline(body, depth + 1)
            case If(condition, body, otherwise) if inner := outline(body, depth + 1):
                lines += [f"{pad}if {condition}", *inner]
                lines += [f"{pad}else", *outline(otherwise, depth + 1)] if otherwise else []
    return lines


def _noted(statement: Statement, sizes: dict[Extent, Extent]) -> Statement:
    match statement:
        case If():
            parts = ([_noted(s, sizes) for s in part] for part in (statement.body, statement.otherwise))
            return If(statement.condition, *parts)
        case Loop():
            return replace(statement, note=_nest_note(statement, sizes))
        case Dot(target, left, right, work=work):
            return replace(statement, note=f"product {target} = {left} @ {right}; {work * 2} operations")
        case Nearest(target, points, among, work=work):
            return replace(statement, note=f"nearest {target} of {points} in {among}; {work * 2} operations")
        case Blocks():
            whole = {Extent.of(statement.size): statement.of}
            body = [_noted(s, whole) for s in statement.body]
            held = f", with {statement.width - 1} numbers for each position in buffers" if statement.buffers else ""
            return replace(statement, body=body, note=f"stage along {statement.of}: block by block{held}")
    return statement


def _nest_note(loop: Loop, sizes: dict[Extent, Extent]) -> str:
    indices = [loop.index]
    inner: Sequence[Statement] = loop.body
    while (found := [s for s in inner if isinstance(s, Loop)]) and len(found) == 1:
        indices.append(found[0].index)
        inner = found[0].body
    work = _work([loop], sizes)
    made = list(dict.fromkeys(_made(loop.body)))
    names = ", ".join(made[:_SHOWN]) + (", …" if len(made) > _SHOWN else "")
    moved = work.numbers * _NUMBER
    return f"over {', '.join(indices)}: {names or 'checks'}; {work.operations} operations, {moved} bytes"


def _made(statements: Sequence[Statement]) -> Iterator[str]:
    """Yield the names of what lives on behind the loops: arrays, and what is added up in variables around."""
    own = {s.target for s in within(statements) if isinstance(s, Copy | Let) and s.target.isidentifier()}
    for statement in within(statements):
        match statement:
            case Copy(target) | Turn(target) | Dot(target=target) | Nearest(target=target):
                if not target.isidentifier() or not isinstance(statement, Copy):
                    yield target.partition("[")[0]
            case Update(target) | Best(target):
                if (name := target.partition("[")[0]) not in own:
                    yield name


def _work(statements: Iterable[Statement], sizes: dict[Extent, Extent]) -> _Work:
    """Return what some statements do, every loop over its whole range and every condition taken to hold."""
    found = _Work()
    for statement in statements:
        match statement:
            case Loop(body=body, step=step) if step > 1:  # strips, of which the loop inside has the whole range
                found += _work(body, sizes)
            case Loop(body=body, size=size) | Blocks(body=body, of=size):
                found += _work(body, sizes).times(sizes.get(size, size))
            case If(body=body) | While(body=body):
                found += _work(body, sizes)
            case Let(_, gate):
                found += _Work(Extent.of(operations_of(gate)))
            case Copy(target, source):
                found += _Work(numbers=Extent.of(_elements(target) + _elements(source)))
            case Update(target, _, value):
                found += _Work(Extent.of(1), Extent.of(2 * _elements(target) + _elements(value)))
            case Best(target, best):
                found += _Work(Extent.of(1), Extent.of(2 * (_elements(target) + _elements(best))))
            case Dot(work=work) | Nearest(work=work):
                found += _Work(work * 2)
    return found


def _elements(text: str) -> int:
    return len(_ELEMENT.findall(text))
