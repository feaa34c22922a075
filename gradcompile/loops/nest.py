"""One loop nest: the order of its loops, and each gate at the outermost loop where it can stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gradcompile.gates.registry import REDUCE
from gradcompile.ir.nodes import Axis, DType, Kind, Node, Origin
from gradcompile.loops import sums
from gradcompile.loops.elements import elements_of
from gradcompile.loops.extremes import find_position
from gradcompile.loops.form import Allocate, Copy, If, InRange, Let, Loop, NotEmpty, Statement, Update
from gradcompile.loops.order import kept_level, loop_order, rows_of
from gradcompile.loops.places import Place
from gradcompile.loops.points import Point, points_below, points_of
from gradcompile.loops.rows import is_row
from gradcompile.loops.support import Bound, bound, support
from gradcompile.loops.tasks import Task, reading

if TYPE_CHECKING:
    from gradcompile.loops.lower import Lowering


@dataclass
class _Levels:
    """Statements before and behind the loop of each level; level 0 is outside every loop."""

    before: list[list[Statement]]
    behind: list[list[Statement]] = field(default_factory=list)

    @staticmethod
    def of(depth: int) -> _Levels:
        return _Levels([[] for _ in range(depth + 1)], [[] for _ in range(depth + 1)])


class NestLowering:
    """Chooses the order of the loops over some tasks of one space, then places every statement."""

    def __init__(self, outer: Lowering, tasks: Sequence[Task], axes: Sequence[Axis] = ()) -> None:
        self.outer, self.tasks = outer, tasks
        self.points = {task.node: points_of(task, outer.tasks) for task in tasks}
        self.order = list(axes) if not tasks else loop_order(outer, tasks, self.points)
        self.levels = _Levels.of(len(self.order))
        self.index: dict[Axis, str] = dict(outer.held)
        for axis in self.order:
            self.index[axis] = outer.index_name(axis)
        self.texts: dict[Point, str] = {}
        self.certain: set[Node] = set()  # conditions that hold wherever the innermost loop goes
        self.bounds: dict[tuple[Axis, bool], Bound] = {}  # by axis, and whether it ends the loop
        self.tests: dict[int, str] = {}  # by level, the condition under which its loop runs
        self.strips: list[tuple[str, str]] = []  # arrays that are added to others behind parts of the outermost loop

    def run(self) -> list[Statement]:
        """Return the loops that compute the tasks."""
        self._restrict()
        for task in self.tasks:
            self._task(task)
        return self._loops()

    def store(self, node: Node, place: Place) -> list[Statement]:
        """Return the loops that put a value into a place."""
        self.levels.before[-1].append(Copy(place.element(self.index), self.value(node)))
        return self._loops()

    def update(self, place: Place, index: Mapping[Axis, Node], value: Node, guards: Sequence[Node], add: bool) -> None:
        """Write (or add) a value to one position of a place, where the guards hold."""
        at = {**self.index, **{a: self.value(i) for a, i in index.items()}}
        text, conditions = self.value(value), [self.value(g) for g in guards]
        target = place.element(at)
        origin = value.graph.origin_of(value)
        statement: Statement = Update(target, "sum", text, origin) if add else Copy(target, text)
        self.levels.before[-1].append(If(" and ".join(conditions), [statement]) if conditions else statement)

    def value(self, node: Node) -> str:
        """Return the text of a value at the nest's own point, after adding what computes it."""
        point = Point(node, node.axes, self.outer.is_stored(node))
        for below in points_below([point], self.outer.tasks):
            if below not in self.texts:
                self.texts[below] = self._value(below)
        return self.texts[point]

    def loops(self) -> list[Statement]:
        """Return the loops with all that was put into them."""
        return self._loops()

    def _loops(self) -> list[Statement]:
        body = self.levels.before[-1]
        for level in reversed(range(len(self.order))):
            axis = self.order[level]
            loop = Loop(self.index[axis], self.outer.length(axis), [*body, *self.levels.behind[level + 1]])
            size = self.outer.size(axis.extent)
            loop.start, loop.stop = (
                b.text(self.index[b.other], size) if (b := self.bounds.get((axis, below))) else ""
                for below in (False, True)
            )
            if self.strips and level == 0:
                loop = sums.in_strips(self, loop)
            inside: Statement = If(self.tests[level], [loop]) if level in self.tests else loop
            body = [*self.levels.before[level], inside]
        return [*body, *self.levels.behind[0]]

    def _restrict(self) -> None:
        """Find where the loops need not go, as nothing is added there."""
        sample = self.outer.rows.axis if self.outer.rows is not None else None
        for condition in sorted(support(self.tasks), key=lambda n: n.id):
            level = self._level(condition.axes)
            if condition.op != "unlikely":  # where no loop runs, no element is set
                level = max(level, *(kept_level(self.order, task.reduced) for task in self.tasks))
            found = bound(condition, [a for a in self.order if a != sample])
            if found is not None and (found.axis, found.below) not in self.bounds:
                self.bounds[found.axis, found.below] = found
            elif level < len(self.order) and level not in self.tests:
                self.tests[level] = self.value(condition)
            else:
                continue
            self.certain.add(condition)

    # -- statements --------------------------------------------------------------------------------------------

    def _task(self, task: Task) -> None:
        for point in self.points[task.node]:
            if point not in self.texts:
                self.texts[point] = self._value(point)
        lowered = {
            Kind.REDUCE: self._reduction,
            Kind.SCATTER: self._scatter,
            Kind.CHECK: self._check,
            Kind.STACK: self._stack,
        }
        lowered.get(task.node.kind, self._pointwise)(task)

    def _level(self, axes: Sequence[Axis]) -> int:
        return max((self.order.index(a) + 1 for a in axes if a in self.order), default=0)

    def _origin(self, node: Node) -> Origin:
        return node.graph.origin_of(node)

    def _text(self, node: Node) -> str:
        """Return the name of a value at the nest's own point."""
        return self.texts[Point(node, node.axes, self.outer.is_stored(node))]

    def _value(self, point: Point) -> str:
        """Return the text of a value at a point, after adding the statement that computes it."""
        node = point.node
        match node.kind:
            case Kind.CONST:
                return self.outer.text(node.value)
            case Kind.EXTENT:
                return self.outer.text(node.attrs[0])
            case Kind.IOTA:
                return self._whole(point.at[0])
            case Kind.RENAME if not point.stored:
                return self.texts[point.operands(self.outer.tasks)[0]]
            case Kind.CHECK:
                return self._checked(point)
            case Kind.STACK if not point.stored:  # its elements have their own points
                return ""
        statements = self.levels.before[self._level(point.at)]
        if point.stored or node.kind in (Kind.INPUT, Kind.CARRY, Kind.HISTORY):
            place, index = self._read_from(node, point.at)
            if not place.layout and not place.lead:
                return place.name
            wish = f"{self.outer.place(node).name}_{''.join(self.index.get(b, '') for b in point.at)}"
            target = self.outer.local_name(node, point.at, wish)
            statements.append(Copy(target, place.element(index)))
            return target
        operands = tuple(self.texts[p] for p in point.operands(self.outer.tasks))
        if node.op == "unlikely":
            return operands[0]
        if node.op == "where" and self._is_certain(node.operands[0], point):
            return operands[1]
        target = self.outer.local_name(node, point.at, self._wish(node, point))
        if node.kind is Kind.TAKE:
            statements.append(Copy(target, self._element(point, operands)))
        else:
            statements.append(Let(target, node.name, operands, self._origin(node)))
        return target

    def _wish(self, node: Node, point: Point) -> str:
        wish = self.outer.names.get(node, "")
        if self.outer.is_stored(node) and node.axes and wish:  # the array has the plain name
            return f"{wish}_{''.join(self.index[a] for a in self.order if a in point.at)}"
        return wish

    def _element(self, point: Point, operands: Sequence[str]) -> str:
        """Return the text that reads an element: 0 where a guard does not hold."""
        base, indices, guards = reading(point.node, self.outer.tasks)
        taken = dict(reversed([(axis, text) for (axis, _), text in zip(indices, operands, strict=False)]))
        mapping = dict(zip(point.node.axes, point.at, strict=True))
        place, at = self._read_from(base, [None if a in taken else mapping[a] for a in base.axes])
        element = place.element({**at, **taken})
        conditions = [
            t for g, t in zip(guards, operands[len(indices) :], strict=True) if not self._is_certain(g, point)
        ]
        if not conditions:
            return element
        condition = " and ".join(conditions)
        return f"{element} if {condition} else {_ZERO[point.node.dtype]}"

    def _located(self, node: Node, at: Sequence[Axis | None]) -> tuple[Place, dict[Axis, str]]:
        """Return where a value is, and the text of the position along each axis that stands at a loop.

        Inside a block, a sample's own elements are counted from the block's first one.
        """
        rows = self.outer.rows
        own = rows.axis if rows is not None and is_row(node, at, rows.axis) else None
        index = {
            a: self.index.get(b, "") if a == b == own else self._whole(b)
            for a, b in zip(node.axes, at, strict=True)
            if b is not None
        }
        return self.outer.seen(node, at), index

    def _is_certain(self, condition: Node, point: Point) -> bool:
        """Does a condition hold wherever a point is looked at?"""
        mapping = dict(zip(point.node.axes, point.at, strict=True))
        return condition in self.certain and all(mapping[a] == a for a in condition.axes)

    def _read_from(self, node: Node, at: Sequence[Axis | None]) -> tuple[Place, dict[Axis, str]]:
        """Return where a value is best read: inside a block, along the samples."""
        place, index = self._located(node, at)
        rows = self.outer.rows
        if rows is None or rows.axis not in self.order or not is_row(node, at, rows.axis) or rows.is_local(node):
            return place, index
        return rows.columns(node, place, self.outer.fresh), index

    def _whole(self, axis: Axis) -> str:
        """Return the text of the position along a whole axis, whatever the block."""
        text, rows = self.index.get(axis, ""), self.outer.rows
        return rows.at(text) if rows is not None and axis == rows.axis else text

    def _checked(self, point: Point) -> str:
        """Return the text of an index; raise IndexError where it is out of range, unless that has been looked at."""
        operands = [self.texts[p] for p in point.operands(self.outer.tasks)]
        if not point.stored:
            self._in_range(point.node, operands, self.levels.before[self._level(point.at)])
        return operands[0]

    def _check(self, task: Task) -> None:
        self._in_range(task.node, [self._text(o) for o in task.node.operands], self.levels.before[-1])

    def _in_range(self, node: Node, operands: Sequence[str], statements: list[Statement]) -> None:
        index, size, *guard = operands
        statements.append(InRange(index, size, node.attrs[0], *guard))

    def _pointwise(self, task: Task) -> None:
        """Keep a value: a scalar is its variable, an array gets its element."""
        node = task.node
        text = self.texts[Point(node, node.axes, False)]
        if not task.space and node not in self.outer.preset:
            self.outer.places[node] = Place(text)
        else:
            self.allocate(self.outer.new_place(node, self.order), node)
            self.levels.before[len(self.order)].append(Copy(self.own_element(node), text))
        self.texts[Point(node, node.axes, True)] = text

    def own_element(self, node: Node) -> str:
        """Return the text of a value's element at the nest's own point."""
        place, index = self._located(node, node.axes)
        rows = self.outer.rows
        return (place if rows is None else rows.where_turned(place)).element(index)

    def allocate(self, place: Place, node: Node, start: str = "", *, whole: bool = False) -> None:
        """Make the array of a place; `whole`: other nests have a part in it."""
        if place.lead:
            if start:
                raise AssertionError(f"{place} has no start")
            return
        if self._is_ahead(node):
            assert self.outer.rows is not None
            shape = tuple(a.extent for a in place.layout)
            turned = [] if whole else self._turned(node, start)
            self.outer.rows.first([Allocate(place.name, shape, node.dtype, "" if turned else start)])
            self.levels.before[0] += turned[:1]
            self.levels.behind[0] += turned[1:]
        else:
            shape = tuple(self.outer.length(a) for a in place.layout)
            self.levels.before[0].append(Allocate(place.name, shape, node.dtype, start))

    def _turned(self, node: Node, start: str) -> list[Statement]:
        """Return what stands before and behind the loops where a value is better written along the samples."""
        rows = self.outer.rows
        if rows is None or self.order[-1] != rows.axis or not is_row(node, node.axes, rows.axis):
            return []
        place, _ = self._located(node, node.axes)
        return rows.written(place, node.dtype, start, self.outer.fresh)

    def _is_ahead(self, node: Node) -> bool:
        """Is it a value that all blocks make together, or that has all samples?"""
        return self.outer.rows is not None and not self.outer.rows.is_local(node)

    def _reduction(self, task: Task) -> None:
        if task.found_by is not None:
            return
        node, record, depth = task.node, REDUCE[task.node.name], len(self.order)
        kept = kept_level(self.order, task.reduced)
        complete = depth - kept == len(task.reduced)  # the loops inside this one see all elements
        twin = next((t.node for t in self.tasks if t.found_by is node), None)
        if not complete:
            self.outer.preset.pop(node, None)
            self.outer.preset.pop(twin, None)  # type: ignore[arg-type]
        place, value = self.outer.new_place(node, self.order), self._text(task.body)
        if record.needs_element:
            message = f"{(twin or node).name} over an axis without elements"
            checks: list[Statement] = [NotEmpty(a.extent, message) for a in task.reduced]
            self._first(checks, ahead=self._is_ahead(node))
        start = _start(record.start, task.body.dtype)
        if node.name in ("argmax", "argmin"):
            find_position(self, task, place, value, start, kept, twin)
            return
        partial = self._is_ahead(node) and self.outer.rows.axis in task.reduced  # type: ignore[union-attr]
        long = self.outer.wide and sums.is_sum(node) and self.outer.region.depth < 0
        if complete and not partial:
            target = self.register(place)
            if long and not kept and depth > 1 and self.outer.rows is None:
                sums.add_number(self, Place(target), start, self._origin(node))
            else:
                self.levels.before[kept].append(Copy(target, start))
            self.levels.before[depth].append(Update(target, node.name, value, self._origin(node)))
            if place.layout or place.lead:
                self.allocate(place, node, start if any(level < kept for level in self.tests) else "")
                self.levels.behind[kept].append(Copy(self.own_element(node), target))
            return
        if long and partial and self.outer.rows is not None:
            place = self.outer.rows.total(place, self.outer.fresh, self._origin(node))
        elif long and sums.adds_rows(self, task, place):
            self.allocate(place, node)
            sums.add_rows(self, place, self._origin(node))
        elif place.layout:
            self.allocate(place, node, start)
        else:
            self._first([Copy(place.name, start)], ahead=partial)
        element = place.element(self.index) if long and partial else self.own_element(node)
        if kept == depth:
            self.levels.before[depth].append(Update(element, node.name, value, self._origin(node)))
            return
        part = self.outer.fresh(f"{place.name}_{''.join(self.index[a] for a in place.layout)}")
        self.levels.before[kept].append(Copy(part, start))
        self.levels.before[depth].append(Update(part, node.name, value, self._origin(node)))
        self.levels.behind[kept].append(Update(element, node.name, part, self._origin(node)))

    def _first(self, statements: Sequence[Statement], *, ahead: bool) -> None:
        """Put statements in front of the loops; `ahead`: of all blocks."""
        if ahead and self.outer.rows is not None:
            self.outer.rows.first(statements)
        else:
            self.levels.before[0] += statements

    def register(self, place: Place) -> str:
        """Return the variable that a reduction accumulates in before its element is stored."""
        if not place.layout and not place.lead:
            return place.name
        return self.outer.fresh(f"{place.name}_{''.join(self.index[a] for a in place.layout)}")

    def _scatter(self, task: Task) -> None:
        node, (axis, _over) = task.node, task.node.attrs
        total = task.into or node
        if total is node or total not in self.outer.places:
            self.outer.preset.pop(total, None)
            kept = [a for a in rows_of(task) if a not in self.outer.held]
            start = "0.0" if node.dtype is DType.REAL else "0"
            self.allocate(self.outer.new_place(total, kept), total, start, whole=True)
        place, index = self._located(total, [None if a == axis else a for a in total.axes])
        for at, (x, where, *guard) in elements_of(node.operands):
            target = place.element({**index, **at, axis: self._text(where)})
            update = Update(target, "sum", self._text(x), self._origin(node))
            self.levels.before[-1].append(If(self._text(guard[0]), [update]) if guard else update)

    def _stack(self, task: Task) -> None:
        """Put the elements of an array in their places."""
        node = task.node
        self.allocate(self.outer.new_place(node, [*node.attrs, *self.order]), node, whole=True)
        place, index = self._located(node, node.axes)
        for at, (value,) in elements_of([node]):
            self.levels.before[-1].append(Copy(place.element({**index, **at}), self._text(value)))


_ZERO = {DType.REAL: "0.0", DType.INT: "0", DType.BOOL: "False"}


def _start(text: str, dtype: DType) -> str:
    """Return an accumulator's first value in the type of what it accumulates."""
    if dtype is not DType.INT:
        return text
    return {"-np.inf": "np.iinfo(np.int64).min", "np.inf": "np.iinfo(np.int64).max"}.get(text, text.removesuffix(".0"))
