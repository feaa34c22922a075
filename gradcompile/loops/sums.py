"""Long sums in float32: their parts are added up in float64, so that the error does not grow with the number of terms.

A part runs in the lanes of float32. It is what a block of samples adds to a sum, one row of a sum over several axes, or
some hundred rows of a matrix that are added up. Sums of one row, sums that a scatter makes, and those at the steps of
a recurrence are in float32 throughout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from gradcompile.ir.dims import Extent, total
from gradcompile.ir.nodes import DType, Node, Origin
from gradcompile.loops.form import Add, Allocate, Copy, Fill, Let, Loop, Narrow, Statement, Update
from gradcompile.loops.places import Place
from gradcompile.loops.tasks import Task

if TYPE_CHECKING:
    from gradcompile.loops.nest import NestLowering

STRIP = 128  # rows that are added up in float32
_NOTHING = "np.float64(0)"

Fresh = Callable[[str], str]


def is_sum(node: Node) -> bool:
    """Is it a sum of real numbers?"""
    return node.name == "sum" and node.dtype is DType.REAL and node.operands[0].dtype is DType.REAL


def wide_place(place: Place, fresh: Fresh, origin: Origin) -> tuple[Place, Statement, Statement]:
    """Return where to add up what a place gets, the statement that makes it, and the one that hands it over."""
    wide = replace(place, name=fresh(f"{place.name}_sum"))
    if not place.layout:
        return wide, Copy(wide.name, _NOTHING), Let(place.name, "real", (wide.name,), origin)
    shape = tuple(a.extent for a in place.layout)
    return wide, Allocate(wide.name, shape, DType.REAL, "0.0", wide=True), Narrow(place.name, wide.name)


def add_number(nest: NestLowering, place: Place, start: str, origin: Origin) -> None:
    """Let a nest of several loops add up a number in float64, what the innermost one comes to at a time."""
    wide, made, handed = wide_place(place, nest.outer.fresh, origin)
    inner = len(nest.order) - 1
    nest.levels.before[0].append(made)
    nest.levels.before[inner].append(Copy(place.name, start))
    nest.levels.behind[inner].append(Update(wide.name, "sum", place.name, origin))
    nest.levels.behind[0].append(handed)


def adds_rows(nest: NestLowering, task: Task, place: Place) -> bool:
    """Does a nest add up the rows of a matrix one behind the other, and more of them than a row is long?

    Then what strips cost is little.
    """
    if nest.outer.rows is not None or place.lead or not place.layout or nest.order[0] not in task.reduced:
        return False
    rows, columns = nest.order[0].extent, total(a.extent for a in place.layout)
    sizes = {**dict.fromkeys({*rows.names, *columns.names}, 100), **nest.outer.sizes}
    return not _is_short(rows) and rows.evaluate(sizes) >= columns.evaluate(sizes)


def add_rows(nest: NestLowering, place: Place, origin: Origin) -> None:
    """Let a nest add up an array in float64, some positions of its outermost loop at a time."""
    wide, made, _ = wide_place(place, nest.outer.fresh, origin)
    nest.levels.before[0].append(made)
    nest.strips.append((place.name, wide.name))
    nest.levels.behind[0].append(Fill(place.name, wide.name))


def in_strips(nest: NestLowering, loop: Loop) -> Loop:
    """Return a nest's outermost loop in strips, behind each of which some arrays are added to others."""
    first = nest.outer.fresh(f"{loop.index}0")
    last = f"min({first} + {STRIP}, {loop.stop or nest.outer.text(loop.size)})"
    starts = [Fill(part, "0.0") for part, _ in nest.strips]
    ends = [Add(wide, part) for part, wide in nest.strips]
    body: list[Statement] = [*starts, replace(loop, start=first, stop=last), *ends]
    return Loop(first, loop.size, body, start=loop.start, stop=loop.stop, step=STRIP)


def _is_short(size: Extent) -> bool:
    return size.constant is not None and size.constant <= STRIP
