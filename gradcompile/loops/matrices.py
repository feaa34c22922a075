"""Matrix products: one call, or one for each position of some axes.

Several axes that follow each other in memory are one, ``np.dot(X.reshape(-1, D), W)``, among the rows of a product as
well as in what it sums over. Where they do not, all but one of them are looped over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gradcompile.ir.dims import total
from gradcompile.ir.nodes import Axis, DType, Node
from gradcompile.loops.form import Allocate, Dot, Loop, Statement, Update
from gradcompile.loops.places import Place
from gradcompile.loops.sums import wide_place

if TYPE_CHECKING:
    from gradcompile.loops.lower import Lowering


class MatrixProduct:
    """Lowers one product of two arrays that is summed over some of the axes that both have."""

    def __init__(self, outer: Lowering, node: Node) -> None:
        self.outer, self.node, self.rows = outer, node, outer.rows
        (left, right), held = node.operands, outer.held
        self.batch = [a for a in left.axes if a in right.axes and a not in node.attrs and a not in held]
        self.places = {factor: outer.seen(factor, factor.axes) for factor in (left, right)}
        self.factors = [left, right]
        self.sums = [a for a in self.places[left].layout if a in node.attrs]
        self.parts: list[Axis] = []  # summed as well, but in a loop: each step adds a product
        self.sides = [[a for a in self.places[f].layout if self._is_own(a)] for f in self.factors]
        if len(self.sums) > 1 and not all(
            self._is_whole(f, own) for f, own in zip(self.factors, self.sides, strict=True)
        ):
            kept = min(reversed(self.sums), key=self._copies)
            self.parts = [a for a in self.sums if a != kept]
            self.sums = [kept]
        for factor, own in zip(self.factors, self.sides, strict=True):
            if len(own) > 1 and not self._is_whole(factor, own):
                own.sort(key=lambda a: a != self._sample)
                self.batch += own[:-1]
                del own[:-1]
        self.batch.sort(key=lambda a: a != self._sample)

    @property
    def _sample(self) -> Axis | None:
        return self.rows.axis if self.rows is not None else None

    def _is_own(self, axis: Axis) -> bool:
        """Is it an axis that only one of the factors has?"""
        return axis not in self.node.attrs and axis not in self.batch and axis not in self.outer.held

    def _copies(self, kept: Axis) -> tuple[int, bool]:
        """Return how many factors have to be copied if this is the summed axis that is not looped over."""
        looped = {*self.batch, *self.outer.held, *self.node.attrs} - {kept}
        found = 0
        for place in self.places.values():
            inside = [a in looped for a in place.layout]
            found += inside != sorted(inside, reverse=True)
        return found, kept != self._sample or self.rows is None or self.rows.along

    def _is_whole(self, factor: Node, own: Sequence[Axis]) -> bool:
        """Is a factor a matrix in memory, over its own axes and those that are summed?"""
        place, looped = self.places[factor], {*self.batch, *self.parts, *self.outer.held}
        ahead = len([a for a in place.layout if a in looped])
        kept = list(place.layout[ahead:])
        plain = not place.shift and not place.lead and self._is_contiguous(factor)
        return plain and kept in ([*own, *self.sums], [*self.sums, *own])

    def _is_contiguous(self, factor: Node) -> bool:
        """Are the elements of some samples together in memory?"""
        local = self.rows is not None and self.rows.is_local(self.outer.viewed(factor))
        return local or self._sample not in self.places[factor].layout[1:]

    def run(self) -> list[Statement]:
        """Return the statements."""
        place = self._place()
        if [a for a in place.layout if a not in self.batch] != [*self.sides[0], *self.sides[1]]:
            self.factors.reverse()
            self.sides.reverse()
        (left, right), (rows, columns), sums = self.factors, self.sides, self.sums
        index = {a: self.outer.index_name(a) for a in (*self.batch, *self.parts)}
        first, second = self._matrix(left, rows, sums, index), self._matrix(right, sums, columns, index)
        origin = self.node.graph.origin_of(self.node)
        work = total(a.extent for a in (*rows, *sums, *columns))
        if self.parts or self._sample in self.node.attrs:
            sides = self._with_samples_last([(left, rows), (right, columns)]) if self._sample in sums else ()
            return self._added(place, Dot(self.outer.fresh(""), first, second, origin, True, work, sides), index)
        if self.rows is not None and not self.rows.is_local(self.node):
            self.rows.first([Allocate(place.name, tuple(a.extent for a in place.layout), DType.REAL)])
            seen = self.outer.seen(self.node, self.node.axes)
            dot = Dot(self._target(seen, rows, columns, index), first, second, origin, True, work)
            return self._looped(self.batch, [dot])
        shape = tuple(self.outer.length(a) for a in place.layout)
        allocated: list[Statement] = [] if place.lead else [Allocate(place.name, shape, DType.REAL)]
        target = self._target(place, rows, columns, index)
        alone = not self.batch and len(rows) < 2 and len(columns) < 2
        if alone and self.rows is None and self.outer.region.depth < 0:
            return [Dot(target, first, second, origin, bool(place.lead), work)]
        across = not self.batch and len(rows) == 1 and columns == [self._sample]
        sides = self._with_samples_last([(right, sums)]) if across else ()
        return [*allocated, *self._looped(self.batch, [Dot(target, first, second, origin, True, work, sides)])]

    def _place(self) -> Place:
        """Return where a product goes: batch axes first, and first of all the samples if it has them all."""
        rows, columns = self.sides
        place = self.outer.new_place(self.node, (*self.batch, *rows, *columns))
        layout = place.layout
        orders = [(*self.batch, *rows, *columns), (*self.batch, *columns, *rows)]
        if self.rows is not None and self._sample in layout and not self.rows.is_local(self.node):
            orders = [o for o in orders if o[0] == self._sample]
        if layout not in orders:  # a result in another order: made here, and copied there
            place = self.outer.places[self.node] = Place(self.outer.fresh(""), orders[0])
        return place

    def _with_samples_last(self, operands: Sequence[tuple[Node, Sequence[Axis]]]) -> tuple[str, ...]:
        """Return the texts of matrices, each over an axis and the samples of a block; none if one cannot be had."""
        block = self.rows
        if block is None or block.along or self.batch or self.parts or any(len(others) != 1 for _, others in operands):
            return ()
        places = [self.places[operand] for operand, _ in operands]
        texts = [self._matrix(operand, others, [block.axis], {}) for operand, others in operands]
        turned = [i for i, text in enumerate(texts) if text.endswith(".T")]  # a sample in each row
        made = {
            i: block.turned.get(places[i].name, "") for i in turned if self.outer.viewed(operands[i][0]) in block.made
        }
        if not all(made.values()) or not all(i in made or block.can_pack(places[i]) for i in turned):
            return ()
        for i in turned:
            texts[i] = made.get(i) or block.packed_columns(places[i], self.outer.fresh)
        return tuple(texts)

    def _looped(self, axes: Sequence[Axis], body: list[Statement]) -> list[Statement]:
        for axis in reversed(axes):
            body = [Loop(self.outer.index_name(axis), self.outer.length(axis), body)]
        return body

    def _added(self, place: Place, dot: Dot, index: Mapping[Axis, str]) -> list[Statement]:
        """A product that sums over the samples: each block adds what its own contribute, or each step of a loop."""
        inner = tuple(a for a in place.layout if a not in self.batch)
        part = Place(dot.target, inner)
        ahead: list[Statement] = [Allocate(place.name, tuple(map(self.outer.length, place.layout)), DType.REAL, "0.0")]
        behind: list[Statement] = []
        if self.rows is not None and self._sample in self.node.attrs:
            if self.outer.wide:
                place = self.rows.total(place, self.outer.fresh, dot.origin)
            else:
                self.rows.first(ahead)
            ahead = []
        elif self.outer.wide and self.rows is None and self.outer.region.depth < 0:
            place, made, handed = wide_place(place, self.outer.fresh, dot.origin)
            ahead, behind = [made], [handed]
        at = {**index, **{a: self.outer.index_name(a) for a in inner}}
        added = Update(place.element(at), "sum", part.element(at), dot.origin)
        body = self._looped(self.parts, [dot, *self._looped(inner, [added])])
        ahead.append(Allocate(part.name, tuple(map(self.outer.length, inner)), DType.REAL))
        return [*ahead, *self._looped(self.batch, body), *behind]

    # -- texts -------------------------------------------------------------------------------------------------

    def _target(self, place: Place, rows: Sequence[Axis], columns: Sequence[Axis], index: Mapping[Axis, str]) -> str:
        """Return the text of the part of a place that a product goes to."""
        if not self.batch:
            return self._reshaped(place.array(), rows, columns)
        text = f"{place.name}[{', '.join([*place.lead, *(index[a] for a in self.batch)])}]"
        return self._reshaped(text, rows, columns)

    def _matrix(self, factor: Node, first: Sequence[Axis], second: Sequence[Axis], index: Mapping[Axis, str]) -> str:
        """Return the text of a matrix or vector over axes in this order, others held at their index."""
        place, held = self.places[factor], {**self.outer.held, **index}
        kept = [a for a in place.layout if a not in held]
        text = place.array()
        ahead = place.layout[: len(place.layout) - len(kept)]
        if ahead and all(a in held for a in ahead):
            text += f"[{', '.join(held[a] for a in ahead)}]"
        elif ahead or not self._is_contiguous(factor):
            at = f"[{', '.join(held.get(a, ':') for a in place.layout)}]" if ahead else ""
            text = f"np.ascontiguousarray({text}{at})"
        if kept == [*first, *second]:
            return self._reshaped(text, first, second)
        return f"{self._reshaped(text, second, first)}.T"

    def _reshaped(self, text: str, first: Sequence[Axis], second: Sequence[Axis]) -> str:
        """Return the text of an array as a matrix whose rows and columns are over several axes each."""
        if len(first) < 2 and len(second) < 2:
            return text
        groups = [[self.outer.size(self.outer.length(a)) for a in group] for group in (first, second) if group]
        return f"{text}.reshape({', '.join('*'.join(sizes) for sizes in groups)})"
