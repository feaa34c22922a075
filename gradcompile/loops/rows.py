"""What a block changes for the nests inside it: where values are, how long the sample axis is, what stands ahead.

Loops run across the samples, in columns to which the rows of arrays are turned: good however short a row is. Where all
there is to do is row by row, and rows turn out to be long, they run along each row instead, and nothing is turned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from gradcompile.ir.dims import Extent, total
from gradcompile.ir.nodes import Axis, DType, Kind, Node, Origin
from gradcompile.loops.form import Allocate, Blocks, Columns, Fill, Statement, Turn, View
from gradcompile.loops.places import Place
from gradcompile.loops.sums import wide_place

SPACE = 64 * 256  # numbers of a block's samples that products have as columns
LEAST = 64  # samples of a usual block at least
_NARROW = 4  # elements a sample, up to which an array is read as it stands


@dataclass
class Rows:
    """One block: its axis, the names of its start, its size and its usual length, and the values that live in it.

    `along`: whether loops run along the row of each sample, not across the samples; `least`: how short blocks get.
    """

    axis: Axis
    local: frozenset[Node]
    made: frozenset[Node]  # all values that the block computes
    start: str
    size: str
    length: str
    ahead: list[Statement] = field(default_factory=list)  # what stands before all blocks
    behind: list[Statement] = field(default_factory=list)  # and what behind them
    views: dict[tuple[str, int, str], View] = field(default_factory=dict)
    turned: dict[str, str] = field(default_factory=dict)
    widths: dict[Extent, None] = field(default_factory=dict)  # of the rows that are turned
    packing: list[Statement] = field(default_factory=list)
    packed: dict[str, str] = field(default_factory=dict)  # the same for products, where rows are short
    totals: dict[str, Place] = field(default_factory=dict)
    along: bool = False
    least: int = LEAST

    def otherwise(self, fresh: Callable[[str], str]) -> Rows:
        """Return the same block with loops that run the other way; what stands around both is the same."""
        start, size, length = (fresh(name) for name in (self.start, self.size, self.length))
        return Rows(
            self.axis, self.local, self.made, start, size, length, self.ahead, self.behind,
            totals=self.totals, along=not self.along,
        )  # fmt: skip

    def first(self, statements: Iterable[Statement]) -> None:
        """Put statements ahead of all blocks."""
        self.ahead += [s for s in statements if s not in self.ahead]

    @property
    def extent(self) -> Extent:
        """How many positions a block has."""
        return Extent.of(self.size)

    def length_of(self, axis: Axis) -> Extent:
        """Return how long an axis is inside the block."""
        return self.extent if axis == self.axis else axis.extent

    def at(self, index: str) -> str:
        """Return the position along the whole axis."""
        return f"{self.start} + {index}"

    def is_local(self, node: Node) -> bool:
        """Does a value live in the block's own buffers?"""
        if node.kind is Kind.HISTORY:
            return node.operands[0] in self.local
        return node in self.local or bool(node.carries)

    def total(self, place: Place, fresh: Callable[[str], str], origin: Origin) -> Place:
        """Return where all blocks add up what a place gets, in float64."""
        if place.name not in self.totals:
            self.totals[place.name], made, handed = wide_place(place, fresh, origin)
            self.ahead.append(made)
            self.behind.append(handed)
        return self.totals[place.name]

    def view(self, place: Place, fresh: Callable[[str], str]) -> Place:
        """Return the block's part of an array that has all samples."""
        lead = len(place.lead) + place.layout.index(self.axis)
        start = place.position(self.axis, self.start)  # of a history, the row behind or before the first sample
        key = place.name, lead, start
        if key not in self.views:
            self.views[key] = View(fresh(place.name), place.name, lead, start, self.size)
        shift = {a: s for a, s in place.shift.items() if a != self.axis}
        return Place(self.views[key].target, place.layout, place.lead, shift)

    def columns(self, node: Node, place: Place, fresh: Callable[[str], str]) -> Place:
        """Return a copy of a block's part of an array that has the samples last, where that is worth a copy."""
        if node not in self.made and place.name not in self.turned and self._is_wide(place):
            name = self.turned[place.name] = fresh(place.name)
            self.packing += [self._made(name, place, node.dtype), Turn(name, place.name, len(place.layout))]
        return self.where_turned(place)

    def can_pack(self, place: Place) -> bool:
        """Is it a matrix with a sample in each row?"""
        return place.layout[:1] == (self.axis,) and len(place.layout) == 2 and not place.lead and not place.shift

    def packed_columns(self, place: Place, fresh: Callable[[str], str]) -> str:
        """Return the name of a copy of a block's part of a matrix with the samples last, made where the block starts.

        It has no rows if those of the matrix are long.
        """
        if place.name not in self.packed:
            name = self.packed[place.name] = fresh(place.name)
            space = fresh("space")
            self.packing += [Allocate(space, (Extent.of(SPACE),), DType.REAL), Columns(name, place.name, space)]
        return self.packed[place.name]

    def where_turned(self, place: Place) -> Place:
        """Return the copy of an array that has the samples last, if there is one."""
        if (name := self.turned.get(place.name)) is None:
            return place
        return Place(name, (*place.layout[1:], self.axis))

    def written(self, place: Place, dtype: DType, start: str, fresh: Callable[[str], str]) -> list[Statement]:
        """Return what stands before and behind the nest that makes a block's part of an array, if that is turned.

        The nest writes the samples last, and its columns become rows when it is done.
        """
        if not self._is_wide(place):
            return []
        name = self.turned[place.name] = fresh(place.name)
        return [self._made(name, place, dtype, start), Turn(place.name, name, len(place.layout), back=True)]

    def _made(self, name: str, place: Place, dtype: DType, start: str = "") -> Allocate:
        self.widths |= {a.extent: None for a in place.layout[1:]}
        return Allocate(name, tuple(self.length_of(a) for a in (*place.layout[1:], self.axis)), dtype, start)

    def _is_wide(self, place: Place) -> bool:
        """Does each sample have a row that is long enough to be turned?"""
        if self.along:
            return False
        others = place.layout[1:]
        wide = any((n := a.extent.constant) is None or n > _NARROW for a in others)
        return wide and place.layout[0] == self.axis and not place.lead and not place.shift

    def loop(self, body: Sequence[Statement]) -> Blocks:
        """Return the loop over blocks, with its buffers allocated once."""
        buffers: list[Allocate] = []
        inside: list[Statement] = list(self.views.values())
        for statement in [*self.packing, *body]:
            if isinstance(statement, Allocate):
                buffers.append(replace(statement, start=""))
                inside += [Fill(statement.target, statement.start)] if statement.start else []
            else:
                inside.append(statement)
        width = Extent.of(1)
        for buffer in buffers:
            if self.extent in buffer.shape:
                width += total(s for s in buffer.shape if s != self.extent)
        return Blocks(self.start, self.size, self.length, self.axis.extent, width, self.least, buffers, inside)


def is_row(node: Node, at: Sequence[Axis | None], axis: Axis) -> bool:
    """Does a value at a point of loops stand at the sample that the loop along the axis is at?"""
    return any(a == axis == b for a, b in zip(node.axes, at, strict=True))
