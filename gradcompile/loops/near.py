"""Sines and cosines of small arguments: a nest runs as if all were small, and once more if one turns out not to be.

What makes sine and cosine dear in the lanes of vector registers is the table that the remainder of a huge argument by
pi/2 needs. So a nest computes them without it and keeps the largest argument in a register; behind it, hardly ever,
the same loops run with the table and write everything again. Where running twice would not write the same, as what a
nest adds to arrays, loops that do nothing but look at the arguments go first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from gradcompile.gates.registry import GATES
from gradcompile.loops.form import Blocks, Copy, If, Let, Loop, Statement, Update, While, sources, within

_MOST = 600  # statements of a nest that is written twice
_WORD = re.compile(r"[^\W\d]\w*")

Plain = Let | Copy | Update
Fresh = Callable[[str], str]  # a base name -> a name that nothing else has


def with_small_arguments(statements: Sequence[Statement], fresh: Fresh) -> list[Statement]:
    """Return the statements with such nests written twice."""
    result: list[Statement] = []
    for statement in statements:
        match statement:
            case Loop():
                result += _twice(statement, fresh)
            case Blocks(body=body) | While(body=body):
                result.append(replace(statement, body=with_small_arguments(body, fresh)))
            case If(condition, body, otherwise):
                parts = (with_small_arguments(part, fresh) for part in (body, otherwise))
                result.append(If(condition, *parts))
            case _:
                result.append(statement)
    return result


def _twice(loop: Loop, fresh: Fresh) -> list[Statement]:
    inside = list(within([loop]))
    if not any(_needs_table(s) for s in inside):
        return [loop]
    worst = fresh("largest")
    first = _near(loop, worst, fresh)
    if first == loop:  # outside of lanes the C library does it
        return [loop]
    plain = len(inside) <= _MOST and all(isinstance(s, Loop | Plain) for s in inside)
    if not plain or not _can_run_again(inside):
        looking = _looking_first(loop, first, worst) if plain else []
        return looking or [replace(loop, body=with_small_arguments(loop.body, fresh))]
    kept = {name: fresh(name) for name in _accumulated(inside)}
    save = [Copy(other, name) for name, other in kept.items()]
    restore = [Copy(name, other) for name, other in kept.items()]
    again = If(f"not {worst} < _NEAR", [*restore, replace(loop, note="")])
    return [*save, Copy(worst, "0.0"), first, again]


def _looking_first(loop: Loop, near: Loop, worst: str) -> list[Statement]:
    """Return loops over the arguments alone, and the nest in both forms behind them; nothing where these need more."""
    needed = {worst}
    changed = {_name(s.target) for s in within([near]) if isinstance(s, Plain) and not s.target.isidentifier()}
    for statement in reversed([s for s in within([near]) if isinstance(s, Plain)]):
        if statement.target in needed:
            needed |= {word for text in sources(statement) for word in _WORD.findall(text)}
    look = _only(near, needed)
    if any(_needs_table(s) for s in within([look])) or not needed.isdisjoint(changed):
        return []
    both = If(f"{worst} < _NEAR", [_without(near, worst)], [replace(loop, note="")])
    return [Copy(worst, "0.0"), replace(look, note=""), both]


def _only(loop: Loop, needed: set[str]) -> Loop:
    """Return the loops with what gives these variables their values."""
    inside = [_only(s, needed) if isinstance(s, Loop) else s for s in loop.body]
    kept = [s for s in inside if (s.body if isinstance(s, Loop) else isinstance(s, Plain) and s.target in needed)]
    return replace(loop, body=kept, near=False)


def _without(loop: Loop, worst: str) -> Loop:
    """Return the loops without what looks at arguments."""
    sizes = {s.value for s in within([loop]) if isinstance(s, Update) and s.target == worst}
    inside = [_without(s, worst) if isinstance(s, Loop) else s for s in loop.body]
    return replace(loop, body=[s for s in inside if not (isinstance(s, Let | Update) and s.target in {worst, *sizes})])


def _needs_table(statement: Statement) -> bool:
    return isinstance(statement, Let) and bool(GATES[statement.gate].near)


def _near(loop: Loop, worst: str, fresh: Fresh) -> Loop:
    """Return a nest in which loops that run in lanes look at the arguments, and take all for small."""
    if not loop.in_lanes:
        return replace(loop, body=[_near(s, worst, fresh) if isinstance(s, Loop) else s for s in loop.body])
    body: list[Statement] = []
    seen: set[str] = set()
    for statement in loop.body:
        if isinstance(statement, Let) and _needs_table(statement) and statement.operands[0] not in seen:
            seen.add(statement.operands[0])
            size = fresh("")
            body += [
                Let(size, "abs", statement.operands, statement.origin),
                Update(worst, "max", size, statement.origin),
            ]
        body.append(statement)
    return replace(loop, body=body, near=True) if seen else loop


def _can_run_again(inside: Sequence[Statement]) -> bool:
    """Does a nest write the same, however often it runs, once what it adds up in variables is as it was?"""
    if any(isinstance(s, Update) and not s.target.isidentifier() for s in inside):
        return False
    written = {_name(s.target) for s in inside if isinstance(s, Copy) and not s.target.isidentifier()}
    plain = [s for s in inside if not isinstance(s, Loop)]
    read = {word for s in plain for text in sources(s) for word in _WORD.findall(text)}  # type: ignore[arg-type]
    return written.isdisjoint(read)


def _accumulated(inside: Sequence[Statement]) -> list[str]:
    """Return the variables that a nest goes on adding up."""
    own = {s.target for s in inside if isinstance(s, Copy | Let)}
    return sorted({s.target for s in inside if isinstance(s, Update)} - own)


def _name(element: str) -> str:
    return element.partition("[")[0]
