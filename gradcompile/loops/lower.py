"""From a schedule to statements, nest after nest: where every stored value is, and what it is called."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager

from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import FIRST_INDEX, Axis, Kind, Node, reachable, states_of
from gradcompile.loops.arrays import array_call
from gradcompile.loops.blocks import Block, adding_up, adds_to_rows, blocked, multiplies_matrices, works_row_by_row
from gradcompile.loops.form import If, Statement
from gradcompile.loops.jam import jammed
from gradcompile.loops.matrices import MatrixProduct
from gradcompile.loops.near import with_small_arguments
from gradcompile.loops.nearest import nearest_call
from gradcompile.loops.nest import NestLowering
from gradcompile.loops.outline import annotated
from gradcompile.loops.places import Place
from gradcompile.loops.rows import LEAST, Rows, is_row
from gradcompile.loops.schedule import Nest, Schedule, schedule
from gradcompile.loops.steps import Steps
from gradcompile.loops.tasks import Region, Task
from gradcompile.loops.threads import shared

Fresh = Callable[[str], str]  # a base name -> a name that nothing else has
Text = Callable[[object], str]  # a literal or an extent -> its text


def _names(node: Node) -> set[str]:
    """Return the names in the sizes that a node needs to know."""
    found = {name for axis in node.axes for name in axis.extent.names}
    if node.kind is Kind.EXTENT or (node.kind is Kind.RECURRENCE and not states_of(node)[2]):
        found |= (node.attrs[0] if node.kind is Kind.EXTENT else node.attrs[0].extent).names
    return found


class Lowering:
    """Lowers the nests of a schedule one after another, and knows where every stored value is."""

    def __init__(
        self,
        roots: Sequence[Node],
        wanted: Mapping[Node, tuple[Axis, ...]],
        names: Mapping[Node, str],
        fresh: Fresh,
        text: Text,
        max_steps: int,
        sizes: Mapping[str, int],
        *,
        wide: bool = False,
        parallel: bool = False,
    ) -> None:
        self.roots, self.wanted, self.names, self.fresh, self.text = roots, wanted, names, fresh, text
        self.max_steps, self.sizes, self.parallel = max_steps, sizes, parallel
        self.wide = wide  # whether long sums are added up in a wider type than the module's
        self.rows: Rows | None = None  # the block that is being written
        self.region = Region()
        self.tasks: MutableMapping[Node, Task] = {}
        self.places: dict[Node, Place] = {}
        self.states: dict[tuple[int, int], Place] = {}  # of the recurrences being written: by depth and slot
        self.preset: dict[Node, Place] = {}  # where a value is to go
        self.settled: dict[Node, Place] = {}  # where the values of a block are that is written a second time
        self.held: dict[Axis, str] = {}  # axes of time, and the names of the current steps
        self.indices: dict[Axis, str] = {}
        self.locals: dict[tuple[Node, tuple[Axis, ...]], str] = {}
        self.histories: dict[Node, list[Node]] = {}  # of each recurrence, those that are read
        self.counts: set[str] = set()  # the names in sizes, the counts of steps of `while` that are read among them
        for node in reachable(roots):
            self.counts |= _names(node)
            if node.kind is Kind.HISTORY:
                self.histories.setdefault(node.operands[0], []).append(node)

    def run(self) -> list[Statement]:
        """Return the statements of the whole kernel."""
        plan = schedule(self.roots)
        self._enter(plan)
        statements: list[Statement] = []
        parts = blocked(plan, self.roots, self.sizes, parallel=self.parallel)
        if self.wide:
            parts = [adding_up(part, plan, self.roots) for part in parts]
        for part in parts:
            statements += self._blocks(part) if isinstance(part, Block) else self._nest(part)
        statements = with_small_arguments(jammed(annotated(statements), self.fresh, self.text), self.fresh)
        return shared(statements) if self.parallel else statements

    def nests(self, plan: Schedule) -> list[Statement]:
        """Return the statements of a schedule inside a recurrence."""
        self._enter(plan)
        return [s for nest in plan.nests for s in self._nest(nest)]

    def _enter(self, plan: Schedule) -> None:
        self.tasks = ChainMap(plan.tasks, self.tasks)
        for joined in [task.node for task in plan.tasks.values() if task.joins]:
            self.places.pop(joined, None)  # another recurrence may have had the same sum in its steps

    def _blocks(self, block: Block) -> list[Statement]:
        """Return the loop over blocks of an axis, with some nests inside."""
        name = self.index_name(block.axis)
        made = frozenset(t.node for nest in block.nests for t in nest.tasks)
        by_row, matrices = works_row_by_row(block), multiplies_matrices(block)
        start, size, length = self.fresh(f"{name}0"), self.fresh("size"), self.fresh("block")
        rows = Rows(
            block.axis,
            block.local,
            made,
            start,
            size,
            length,
            along=matrices or (by_row and adds_to_rows(block)),
            least=1 if matrices else LEAST,
        )
        loop: Statement = self._in_rows(block, rows)
        if rows.widths and by_row and not rows.along and not self.parallel:
            self.settled = {n: self.places[n] for n in made - block.local if n in self.places}
            along = self._in_rows(block, rows.otherwise(self.fresh))
            self.settled = {}
            texts = [self.size(width) for width in rows.widths]
            longest = f"max({', '.join(texts)})" if len(texts) > 1 else texts[0]
            loop = If(f"{longest} >= _LONG_ROW", [along], [loop])
        return [*rows.ahead, loop, *rows.behind]

    def _in_rows(self, block: Block, rows: Rows) -> Statement:
        self.rows = rows
        body = [s for nest in block.nests for s in self._nest(nest)]
        self.rows = None
        return rows.loop(body)

    @contextmanager
    def inside(self, axis: Axis, step: str, depth: int) -> Iterator[None]:
        """Write what is computed at one step of a recurrence."""
        before, self.region = self.region, Region(depth, self.region.held | {axis})
        tasks = self.tasks
        self.held[axis] = step
        yield
        del self.held[axis]
        self.region, self.tasks = before, tasks

    def _nest(self, nest: Nest) -> list[Statement]:
        node = nest.tasks[0].node
        if nest.tasks[0].joins:
            return []
        if node.kind is Kind.CONTRACT:
            return MatrixProduct(self, node).run()
        if node.kind is Kind.NEAREST:
            return nearest_call(self, node)
        if node.kind is Kind.RECURRENCE:
            return Steps(self, node).run()
        if node.kind is Kind.ARRAY:
            return array_call(self, [task.node for task in nest.tasks])
        return NestLowering(self, nest.tasks).run()

    def store(self, node: Node, place: Place, axes: Sequence[Axis]) -> list[Statement]:
        """Return the loops that put a value into a place along these axes."""
        return NestLowering(self, [], axes).store(node, place)

    # -- places and names --------------------------------------------------------------------------------------

    def place(self, node: Node) -> Place:
        """Return where a node's value is in memory."""
        if node.kind is Kind.INPUT:
            return Place(self.names[node], node.attrs)
        if node.kind is Kind.CARRY:
            return self.states[node.attrs[0], node.attrs[1]]
        if node.kind is Kind.RENAME and node not in self.places:
            return self.place(node.operands[0]).renamed(dict(node.attrs))
        return self.places[node]

    def seen(self, node: Node, at: Sequence[Axis | None]) -> Place:
        """Return where a node's value is for loops at the given axes: inside a block, its part of an array."""
        rows = self.rows
        if rows is None or not is_row(node, at, rows.axis):
            return self.place(node)
        return self.place(node) if rows.is_local(self.viewed(node)) else rows.view(self.place(node), self.fresh)

    def viewed(self, node: Node) -> Node:
        """Return the value in memory that a node is, or is a view of."""
        while node.kind is Kind.RENAME and node not in self.places:
            node = node.operands[0]
        return node

    def length(self, axis: Axis) -> Extent:
        """Return how long the loop along an axis is."""
        return axis.extent if self.rows is None else self.rows.length_of(axis)

    def is_stored(self, node: Node) -> bool:
        """Is a value kept in memory, so that it is read where it is used?"""
        return node in self.tasks

    def new_place(self, node: Node, order: Sequence[Axis]) -> Place:
        """Give a stored value its name, and its order of axes where the result does not say."""
        if (place := self.settled.get(node) or self.preset.pop(node, None)) is None:
            layout = self.layout_of(node, order)
            if (rows := self.rows) is not None and node not in self.wanted:
                last = rows.is_local(node) and not rows.along  # across samples they are last, else first
                layout = tuple(sorted(layout, key=lambda a: (a == rows.axis) is last))
            place = Place(self.fresh(self.names.get(node, "")), layout)
        self.places[node] = place
        return place

    def layout_of(self, node: Node, order: Sequence[Axis]) -> tuple[Axis, ...]:
        """Return the order of the axes of an array for all samples: as a result is wanted, else short axes last."""
        known_last = sorted((a for a in order if a in node.axes), key=lambda a: a.extent.constant is not None)
        return self.wanted.get(node, tuple(known_last))

    def index_name(self, axis: Axis) -> str:
        """Return the loop variable of an axis: the user's, else n for N.0, n1 for N.1, i for other sizes."""
        if axis not in self.indices:
            user = self.roots[0].graph.index_names.get(axis)
            lower = axis.key.lower()
            base = lower if axis.key.isidentifier() and lower != axis.key else "i"
            number = axis.counter if 0 < axis.counter < FIRST_INDEX else ""
            self.indices[axis] = self.fresh(user or f"{base}{number}")
        return self.indices[axis]

    def local_name(self, node: Node, at: tuple[Axis, ...], wish: str) -> str:
        """Return the variable of a value at a point inside loops, the same in every nest that computes it."""
        if (node, at) not in self.locals:
            self.locals[node, at] = self.fresh(wish)
        return self.locals[node, at]

    def size(self, extent: Extent) -> str:
        """Return the text of a size."""
        return self.text(extent)
