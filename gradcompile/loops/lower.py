"""From a schedule to loop statements: the order of loops, and each gate at the outermost loop where it can stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gradcompile.gates.registry import REDUCE
from gradcompile.ir.nodes import Axis, DType, Kind, Node, Origin
from gradcompile.loops.form import (
    Allocate,
    Best,
    Copy,
    Dot,
    InRange,
    Let,
    Loop,
    NotEmpty,
    Statement,
    Update,
)
from gradcompile.loops.points import Point, is_affine, points_of
from gradcompile.loops.schedule import Nest, Schedule
from gradcompile.loops.tasks import Task

Fresh = Callable[[str], str]  # a base name -> a name that nothing else has
Text = Callable[[object], str]  # a literal or an extent -> its text


@dataclass(frozen=True)
class Place:
    """Where a stored value is: a scalar variable, or an array with its axes in this order."""

    name: str
    layout: tuple[Axis, ...] = ()

    def element(self, index: Mapping[Axis, str]) -> str:
        """Return the text of one element."""
        return f"{self.name}[{', '.join(index[a] for a in self.layout)}]" if self.layout else self.name


class Lowering:
    """Lowers the nests of a schedule one after another, and knows where every stored value is."""

    def __init__(
        self,
        plan: Schedule,
        wanted: Mapping[Node, tuple[Axis, ...]],
        names: Mapping[Node, str],
        fresh: Fresh,
        text: Text,
    ) -> None:
        self.plan, self.wanted, self.names, self.fresh, self.text = plan, wanted, names, fresh, text
        self.places: dict[Node, Place] = {}
        self.indices: dict[Axis, str] = {}
        self.locals: dict[tuple[Node, tuple[Axis, ...]], str] = {}

    def run(self) -> list[Statement]:
        """Return the statements of the whole kernel."""
        statements: list[Statement] = []
        for nest in self.plan.nests:
            dot = nest.tasks[0].node.kind is Kind.CONTRACT
            statements += self._dot(nest.tasks[0].node) if dot else _NestLowering(self, nest).run()
        return statements

    def place(self, node: Node) -> Place:
        """Return where a node's value is in memory."""
        if node.kind is Kind.INPUT:
            return Place(self.names[node], node.attrs)
        if node.kind is Kind.RENAME and node not in self.places:
            base, mapping = self.place(node.operands[0]), dict(node.attrs)
            return Place(base.name, tuple(mapping.get(a, a) for a in base.layout))
        return self.places[node]

    def new_place(self, node: Node, order: Sequence[Axis]) -> Place:
        """Give a stored value its name, and its order of axes where the result does not say."""
        layout = self.wanted.get(node, tuple(a for a in order if a in node.axes))
        place = self.places[node] = Place(self.fresh(self.names.get(node, "t")), layout)
        return place

    def index_name(self, axis: Axis) -> str:
        """Return the loop variable of an axis, the same in every nest: n for N.0, n1 for N.1, i for other sizes."""
        if axis not in self.indices:
            lower = axis.key.lower()
            base = lower if axis.key.isidentifier() and lower != axis.key else "i"
            self.indices[axis] = self.fresh(f"{base}{axis.counter or ''}")
        return self.indices[axis]

    def local_name(self, node: Node, at: tuple[Axis, ...], wish: str) -> str:
        """Return the variable of a value at a point inside loops, the same in every nest that computes it."""
        if (node, at) not in self.locals:
            self.locals[node, at] = self.fresh(wish)
        return self.locals[node, at]

    def _dot(self, node: Node) -> list[Statement]:
        """A matrix product: one call, or one for each position of the batch axes."""
        (left, right), (summed,) = node.operands, node.attrs
        batch = tuple(a for a in left.axes if a in right.axes and a != summed)
        rows, columns = ([a for a in f.axes if a != summed and a not in batch] for f in (left, right))
        place = self.new_place(node, (*batch, *rows, *columns))
        order = [a for a in place.layout if a not in batch]
        if order and order[0] in columns:
            left, right, rows, columns = right, left, columns, rows
        index = {a: self.index_name(a) for a in batch}
        origin = node.graph.origin_of(node)
        first = _matrix(self.place(left), (*rows, summed), index)
        second = _matrix(self.place(right), (summed, *columns), index)
        if not batch:
            return [Dot(place.name, first, second, origin)]
        target = f"{place.name}[{', '.join(index.get(a, ':') for a in place.layout)}]"
        body: list[Statement] = [Dot(target, first, second, origin)]
        for axis in reversed(batch):
            body = [Loop(index[axis], axis.extent, body)]
        return [Allocate(place.name, tuple(a.extent for a in place.layout), DType.REAL), *body]


def _matrix(place: Place, order: tuple[Axis, ...], index: Mapping[Axis, str]) -> str:
    """Return the text of a matrix or vector over the axes in this order, the batch axes held at their index."""
    kept = tuple(a for a in place.layout if a not in index)
    text = place.name
    held = place.layout[: len(place.layout) - len(kept)]
    if held and all(a in index for a in held):
        text += f"[{', '.join(index[a] for a in held)}]"
    elif held:
        text = f"np.ascontiguousarray({text}[{', '.join(index.get(a, ':') for a in place.layout)}])"
    return f"{text}.T" if kept != order else text


@dataclass
class _Levels:
    """Statements before and behind the loop of each level; level 0 is outside every loop."""

    before: list[list[Statement]]
    behind: list[list[Statement]] = field(default_factory=list)

    @staticmethod
    def of(depth: int) -> _Levels:
        return _Levels([[] for _ in range(depth + 1)], [[] for _ in range(depth + 1)])


class _NestLowering:
    """One loop nest: chooses the order of its loops, then places every statement."""

    def __init__(self, outer: Lowering, nest: Nest) -> None:
        self.outer, self.nest = outer, nest
        self.points = {task.node: points_of(task, outer.plan.tasks) for task in nest.tasks}
        self.order = self._loop_order()
        self.levels = _Levels.of(len(self.order))
        self.index: dict[Axis, str] = {}
        for axis in self.order:
            self.index[axis] = outer.index_name(axis)
        self.texts: dict[Point, str] = {}
        self.states: dict[int, str] = {}

    def run(self) -> list[Statement]:
        for task in self.nest.tasks:
            self._task(task)
        body = self.levels.before[-1]
        for level in reversed(range(len(self.order))):
            axis = self.order[level]
            backward = self.nest.key[0] == "recurrence" and axis == self.nest.key[2] and bool(self.nest.key[3])
            loop = Loop(self.index[axis], axis.extent, [*body, *self.levels.behind[level + 1]], backward)
            body = [*self.levels.before[level], loop]
        return [*body, *self.levels.behind[0]]

    # -- the order of loops ------------------------------------------------------------------------------------

    def _loop_order(self) -> list[Axis]:
        """Put axes inside along which arrays are read element by element; ties: what is reduced goes inside."""
        axes = sorted({a for task in self.nest.tasks for a in task.space})
        gain = dict.fromkeys(axes, 0)
        for layout in self._layouts():
            for position, axis in enumerate(layout):
                if axis in gain:
                    gain[axis] += 1 if position == len(layout) - 1 else position + 1 - len(layout)
        reduced = {a for task in self.nest.tasks for a in task.reduced}
        last = self.nest.key[2] if self.nest.key[0] in ("recurrence", "position") else None
        return sorted(axes, key=lambda a: (a == last, gain[a], a in reduced, a))

    def _layouts(self) -> list[tuple[Axis, ...]]:
        found = [self.outer.wanted[t.node] for t in self.nest.tasks if t.node in self.outer.wanted]
        here = {task.node for task in self.nest.tasks}
        for points in self.points.values():
            for point in points:
                node, mapping = point.node, dict(zip(point.node.axes, point.at, strict=True))
                if node.kind is Kind.TAKE and not point.stored and len(node.operands[1].axes) == 1:
                    (x, index), (axis,) = node.operands, node.attrs
                    mapping[axis] = mapping[index.axes[0]]
                    node = x
                elif node.kind is not Kind.INPUT and (not point.stored or node in here):
                    continue
                found.append(tuple(mapping[a] for a in self.outer.place(node).layout))
        return found

    # -- statements --------------------------------------------------------------------------------------------

    def _task(self, task: Task) -> None:
        if task.node.kind is Kind.RECURRENCE:
            self._start_recurrence(task)
        for point in self.points[task.node]:
            if point not in self.texts:
                self.texts[point] = self._value(point)
        {Kind.REDUCE: self._reduction, Kind.SCATTER: self._scatter, Kind.RECURRENCE: self._history}.get(
            task.node.kind, self._pointwise
        )(task)

    def _level(self, axes: Sequence[Axis]) -> int:
        return max((self.order.index(a) + 1 for a in axes if a in self.index), default=0)

    def _origin(self, node: Node) -> Origin:
        return node.graph.origin_of(node)

    def _text(self, node: Node) -> str:
        """Return the name of a value at the nest's own point."""
        return self.texts[Point(node, node.axes, node in self.outer.plan.tasks)]

    def _value(self, point: Point) -> str:
        """Return the text of a value at a point, after adding the statement that computes it."""
        node, index = point.node, {a: self.index.get(b, "") for a, b in zip(point.node.axes, point.at, strict=True)}
        match node.kind:
            case Kind.CONST:
                return self.outer.text(node.value)
            case Kind.EXTENT:
                return self.outer.text(node.attrs[0])
            case Kind.IOTA:
                return index[node.axes[0]]
            case Kind.CARRY:
                return self.states[node.attrs[0]]
            case Kind.RENAME if not point.stored:
                return self.texts[point.operands(self.outer.plan.tasks)[0]]
        level = len(self.order) if node.carries else self._level(point.at)
        statements = self.levels.before[level]
        if point.stored or node.kind is Kind.INPUT:
            place = self.outer.place(node)
            if not place.layout:
                return place.name
            target = self.outer.local_name(node, point.at, f"{place.name}_{''.join(index[a] for a in place.layout)}")
            statements.append(Copy(target, place.element(index)))
            return target
        wish = self.outer.names.get(node, "t")
        if node in self.outer.plan.tasks and node.axes and wish != "t":  # the array has the plain name
            wish = f"{wish}_{''.join(self.index[a] for a in self.order if a in point.at)}"
        target = self.outer.local_name(node, point.at, wish)
        operands = tuple(self.texts[p] for p in point.operands(self.outer.plan.tasks))
        if node.kind is Kind.TAKE:
            statements += self._element(node, index, operands[0], target)
        else:
            statements.append(Let(target, node.name, operands, self._origin(node)))
        return target

    def _element(self, node: Node, index: Mapping[Axis, str], at: str, target: str) -> list[Statement]:
        (x, where), (axis,) = node.operands, node.attrs
        place = self.outer.place(x)
        checks = self._in_range(where, at, axis, place.name, node)
        return [*checks, Copy(target, place.element({**index, axis: at}))]

    def _in_range(self, index: Node, text: str, axis: Axis, name: str, node: Node) -> list[Statement]:
        if is_affine(index):
            return []
        span = self._origin(node).span
        line = f" (line {span.line})" if span else ""
        return [InRange(text, axis.extent, f"an index into {name} is out of range{line}")]

    def _pointwise(self, task: Task) -> None:
        """Keep a value: a scalar is its variable, an array gets its element."""
        node = task.node
        text = self.texts[Point(node, node.axes, False)]
        if not node.axes:
            self.outer.places[node] = Place(text)
        else:
            place = self.outer.new_place(node, self.order)
            self._allocate(place, node)
            self.levels.before[len(self.order)].append(Copy(place.element(self.index), text))
        self.texts[Point(node, node.axes, True)] = text

    def _allocate(self, place: Place, node: Node, start: str = "") -> None:
        shape = tuple(a.extent for a in place.layout)
        self.levels.before[0].append(Allocate(place.name, shape, node.dtype, start))

    def _reduction(self, task: Task) -> None:
        node, record, depth = task.node, REDUCE[task.node.name], len(self.order)
        place, value = self.outer.new_place(node, self.order), self._text(task.body)
        if record.needs_element:
            message = f"{node.name} over an axis without elements"
            self.levels.before[0] += [NotEmpty(a.extent, message) for a in task.reduced]
        kept = depth - len(task.reduced)
        in_register = set(self.order[:kept]) == set(node.axes)
        start = _start(record.start, task.body.dtype)
        if node.name in ("argmax", "argmin"):
            best = self.outer.fresh("best")
            target = self._register(place)
            self.levels.before[kept] += [Copy(best, start), Copy(target, "0")]
            step = Best(target, best, node.name, value, self.index[task.reduced[0]], self._origin(node))
            self.levels.before[depth].append(step)
        else:
            target = self._register(place) if in_register else place.element(self.index)
            if in_register:
                self.levels.before[kept].append(Copy(target, start))
            self.levels.before[depth].append(Update(target, node.name, value, self._origin(node)))
        if not place.layout:
            return
        self._allocate(place, node, "" if in_register else start)
        if in_register:
            self.levels.behind[kept].append(Copy(place.element(self.index), target))

    def _register(self, place: Place) -> str:
        """Return the variable that a reduction accumulates in before its element is stored."""
        if not place.layout:
            return place.name
        return self.outer.fresh(f"{place.name}_{''.join(self.index[a] for a in place.layout)}")

    def _scatter(self, task: Task) -> None:
        node, (axis, _over) = task.node, task.node.attrs
        place, where = self.outer.new_place(node, node.axes), task.node.operands[1]
        self._allocate(place, node, "0.0" if node.dtype is DType.REAL else "0")
        at = self._text(where)
        body = self.levels.before[len(self.order)]
        body += self._in_range(where, at, axis, place.name, node)
        target = place.element({**self.index, axis: at})
        body.append(Update(target, "sum", self._text(task.body), self._origin(node)))

    def _start_recurrence(self, task: Task) -> None:
        """The state is a variable that starts as `init` before the loop over time, which is the innermost."""
        init, depth = task.node.operands[0], task.node.attrs[2]
        for point in self.points[task.node]:
            if point not in self.texts and not point.node.carries:
                self.texts[point] = self._value(point)
        self.states[depth] = self.outer.fresh("state")
        self.levels.before[len(self.order) - 1].append(Copy(self.states[depth], self._text(init)))

    def _history(self, task: Task) -> None:
        node, depth = task.node, task.node.attrs[2]
        place, innermost = self.outer.new_place(node, self.order), self.levels.before[len(self.order)]
        self._allocate(place, node)
        innermost.append(Copy(self.states[depth], self._text(task.body)))
        innermost.append(Copy(place.element(self.index), self.states[depth]))


def _start(text: str, dtype: DType) -> str:
    """Return an accumulator's first value in the type of what it accumulates."""
    if dtype is not DType.INT:
        return text
    return {"-np.inf": "np.iinfo(np.int64).min", "np.inf": "np.iinfo(np.int64).max"}.get(text, text.removesuffix(".0"))
