"""Blocks: nests that share a sample axis run together, some samples at a time.

What one nest hands to the next for each sample then lives in a buffer of a block, in cache, however many samples
there are. What is complete only behind the last sample (a sum over all of them) ends a stage: nests that read it are
in a later one. A value that crosses stages, or that is a result, keeps an array for all samples.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gradcompile.ir.dims import total
from gradcompile.ir.nodes import Axis, Kind, Node, reading_state, states_of
from gradcompile.loops.points import points_of
from gradcompile.loops.schedule import Nest, Schedule
from gradcompile.loops.sums import is_sum
from gradcompile.loops.tasks import Task, reading

_WORTH = 1000  # numbers that blocks keep in cache, where none of them are in a matrix
_ON_MATRICES = (Kind.CONTRACT, Kind.NEAREST)  # what a block does in one call
_PARTIAL = ("sum", "prod", "max", "min", "any", "all")  # reductions whose partial results can be combined


@dataclass
class Block:
    """Nests that run block by block along an axis; `local` are the values that nobody reads outside of a block."""

    axis: Axis
    nests: list[Nest]
    local: frozenset[Node] = field(default_factory=frozenset)


def blocked(
    plan: Schedule, results: Collection[Node], sizes: Mapping[str, int], *, parallel: bool
) -> list[Nest | Block]:
    """Return the nests in order, those along the axis that keeps most numbers in cache put together in blocks.

    `parallel`: for threads, those along the axis with most work, even if their blocks keep nothing.
    """
    axes = {a for task in plan.tasks.values() for a in task.space | {*task.node.axes} if a.extent.constant is None}
    best, most = list[Nest | Block](plan.nests), 0
    for axis in sorted(axes):
        found = _Stages(plan, axis, results, always=parallel).run()
        blocks = [part for part in found if isinstance(part, Block)]
        local = [n for block in blocks for n in block.local]
        saved = sum(_length(n, sizes) for n in local)
        if parallel:
            tasks = [task for block in blocks for nest in block.nests for task in nest.tasks]
            saved += sum(_size({*t.space, *t.node.axes}, sizes) for t in tasks)
        if saved > most and (parallel or saved >= _WORTH or any(_is_matrix(n) for n in local)):
            best, most = found, saved
    return best


def adding_up(part: Nest | Block, plan: Schedule, results: Collection[Node]) -> Nest | Block:
    """Return a nest along a single axis that adds up numbers as a block, so that it adds up parts of them."""
    if isinstance(part, Block) or not any(is_sum(task.node) for task in part.tasks):
        return part
    axis, *others = {a for task in part.tasks for a in task.space}
    if others or axis.extent.constant is not None or not _Stages(plan, axis, results).fits(part):
        return part
    return Block(axis, [part])


def works_row_by_row(block: Block) -> bool:
    """Is all that nests do, but for products of matrices, done to one number after the other of a sample's row?"""
    tasks = [task for nest in block.nests for task in nest.tasks if task.node.kind not in _ON_MATRICES]
    others = [task.space - {block.axis} for task in tasks]
    known = any(axis.extent.constant is not None for axes in others for axis in axes)
    return (
        not known and all(len(axes) < 2 for axes in others) and all(t.node.kind is not Kind.RECURRENCE for t in tasks)
    )


def adds_to_rows(block: Block) -> bool:
    """Does all that runs over rows add to one that data choose? Samples may choose the same: no lanes across them."""
    over_rows = [[t.node.kind for t in nest.tasks] for nest in block.nests if nest.tasks[0].space - {block.axis}]
    return bool(over_rows) and all(Kind.SCATTER in kinds for kinds in over_rows)


def multiplies_matrices(block: Block) -> bool:
    """Has each sample matrices of its own that are multiplied?"""
    tasks = [task for nest in block.nests for task in nest.tasks]
    products = [t.node for t in tasks if t.node.kind is Kind.CONTRACT]
    return any(block.axis in n.axes and _is_stack(n) for n in products) and all(
        t.node.kind is not Kind.RECURRENCE for t in tasks
    )


def _is_matrix(node: Node) -> bool:
    return node.kind is Kind.RECURRENCE or sum(a.extent.constant is None for a in node.axes) > 1


def _length(node: Node, sizes: Mapping[str, int]) -> int:
    if node.kind is Kind.RECURRENCE:
        return sum(_size({*body.axes, node.attrs[0]}, sizes) for body in states_of(node)[1])
    return _size(node.axes, sizes)


def _size(axes: Iterable[Axis], sizes: Mapping[str, int]) -> int:
    size = total(a.extent for a in axes)
    return size.evaluate({**dict.fromkeys(size.names, 100), **sizes})


@dataclass(frozen=True)
class _Read:
    """A value that a nest reads, and whether each sample reads its own elements alone."""

    node: Node
    own: bool


class _Stages:
    """Puts the nests of a plan in stages along one axis: odd ones run in blocks, the even ones between do not."""

    def __init__(self, plan: Schedule, axis: Axis, results: Collection[Node], *, always: bool = False) -> None:
        self.plan, self.axis, self.results, self.always = plan, axis, results, always
        self.home = {task.node: i for i, nest in enumerate(plan.nests) for task in nest.tasks}
        self.reads = [list(self._reads(nest)) for nest in plan.nests]
        self.stage: list[int] = []

    def run(self) -> list[Nest | Block]:
        """Return the nests and blocks in the order of stages."""
        eligible = [self.fits(nest) for nest in self.plan.nests]
        while True:
            self.stage = []
            for number, _ in enumerate(self.plan.nests):
                self.stage.append(self._earliest(number, blocked=eligible[number]))
            spoilt = [i for i, ok in enumerate(eligible) if ok and not self._keeps_to_itself(i)]
            if not spoilt:
                return self._in_order()
            for number in spoilt:
                eligible[number] = False

    def _earliest(self, number: int, *, blocked: bool) -> int:
        earliest = int(blocked)
        for read in self.reads[number]:
            if self.home[read.node] == number:
                continue
            made = self.stage[self.home[read.node]]
            if blocked and made % 2:
                earliest = max(earliest, made if read.own and self._is_row(read.node) else made + 2)
            else:
                earliest = max(earliest, made + (made % 2 != blocked))
        return earliest

    def _in_order(self) -> list[Nest | Block]:
        parts: list[Nest | Block] = []
        for stage in range(max(self.stage, default=-1) + 1):
            members = [i for i, s in enumerate(self.stage) if s == stage]
            nests = [self.plan.nests[i] for i in members]
            local = self._local(members) if stage % 2 else frozenset()
            parts += [Block(self.axis, nests, local)] if local or (self.always and stage % 2 and nests) else nests
        return parts

    def _local(self, members: Sequence[int]) -> frozenset[Node]:
        """Return the values of some nests of one stage that only these read, each sample its own."""
        made = {t.node for i in members for t in self.plan.nests[i].tasks if self._is_row(t.node)} - {*self.results}
        for number, reads in enumerate(self.reads):
            made -= {r.node for r in reads if number not in members or not r.own}
        return frozenset(n for n in made if n.kind is not Kind.CHECK)

    def _is_row(self, node: Node) -> bool:
        """Is it made sample by sample, so that a sample's elements are there when its block has been done?"""
        if node.kind is Kind.RECURRENCE:
            return True
        return self.axis in node.axes and not (node.kind is Kind.SCATTER and node.attrs[0] == self.axis)

    def _keeps_to_itself(self, number: int) -> bool:
        """Are the states of a recurrence read in their own stage alone?"""
        node = self.plan.nests[number].tasks[0].node
        if node.kind is not Kind.RECURRENCE:
            return True
        if any(r.kind is Kind.HISTORY and r.operands[0] is node for r in self.results):
            return False
        readers = [(i, r) for i, reads in enumerate(self.reads) for r in reads if r.node is node]
        return all(r.own and self.stage[i] == self.stage[number] for i, r in readers)

    # -- which nests can run in blocks -------------------------------------------------------------------------

    def fits(self, nest: Nest) -> bool:
        """Can a nest run some positions of the axis at a time?"""
        return all(self._task_fits(task) for task in nest.tasks) and any(self._involves(task) for task in nest.tasks)

    def _involves(self, task: Task) -> bool:
        node = task.node
        if node.kind in _ON_MATRICES:
            return any(self.axis in o.axes for o in node.operands)
        if node.kind is Kind.RECURRENCE:
            return any(self.axis in n.axes for n in reading_state(states_of(node)[1], node.attrs[2]))
        return self.axis in task.space

    def _task_fits(self, task: Task) -> bool:
        node, axis = task.node, self.axis
        match node.kind:
            case Kind.REDUCE:
                return axis not in task.reduced or node.name in _PARTIAL
            case Kind.RECURRENCE:
                return self._runs_in_blocks(node)
            case Kind.CONTRACT:
                return all(self._has_rows(o) for o in node.operands if axis in o.axes)
            case Kind.NEAREST:
                return axis in node.axes and self._has_rows(node.operands[0])
            case Kind.GATE | Kind.STACK | Kind.SCATTER | Kind.CHECK:
                return not task.joins
        return False

    def _has_rows(self, node: Node) -> bool:
        """Are some samples of an array a contiguous part of it?"""
        renamed = {self.axis: self.axis}
        while node.kind is Kind.RENAME and node not in self.home:
            renamed = {b: a for a, b in node.attrs}
            node = node.operands[0]
        if node.kind is Kind.INPUT:
            return bool(node.attrs[0] == renamed.get(self.axis, self.axis))
        return node in self.home

    def _runs_in_blocks(self, node: Node) -> bool:
        """Does each sample run through a recurrence by itself?"""
        inits, bodies, condition = states_of(node)
        if node.attrs[0] == self.axis or condition or not self._involves(Task(node, node, frozenset())):
            return False
        for n in reading_state(bodies, node.attrs[2]):
            crosses = n.kind in (Kind.REDUCE, Kind.TAKE, Kind.SCATTER) and n.attrs[0] == self.axis
            renames = n.kind is Kind.RENAME and any(self.axis in pair for pair in n.attrs)
            spreads = n.kind is Kind.SCATTER and self.axis in n.attrs[1]
            whole = n.kind in (Kind.ARRAY, Kind.RECURRENCE)
            if crosses or renames or spreads or whole:
                return False
        return all(self.axis in state.axes or self.axis in body.axes for state, body in zip(inits, bodies, strict=True))

    # -- what is read ------------------------------------------------------------------------------------------

    def _reads(self, nest: Nest) -> Iterator[_Read]:
        for task in nest.tasks:
            for node, own in self._read_by(task):
                source = node.operands[0] if node.kind is Kind.HISTORY else node
                if source in self.home and source is not task.node:
                    yield _Read(source, own)

    def _read_by(self, task: Task) -> Iterator[tuple[Node, bool]]:
        node = task.node
        if node.kind in (*_ON_MATRICES, Kind.ARRAY):
            for operand in node.operands:
                yield self._viewed(operand)
        elif node.kind is Kind.RECURRENCE:
            inits, bodies, condition = states_of(node)
            inside = reading_state([*bodies, *condition], node.attrs[2])
            outside = {o for n in inside for o in n.operands if o not in inside} | {*inits, *bodies, *condition}
            for n in sorted(outside - {*inside}, key=lambda n: n.id):
                yield from self._read_at_points(Task(n, n, frozenset(n.axes)), stored=n in self.home)
        elif task.joins:
            yield from ((o, False) for o in _terms(node, self.home))
        else:
            yield from self._read_at_points(task)

    def _viewed(self, node: Node) -> tuple[Node, bool]:
        own = True
        while node.kind is Kind.RENAME and node not in self.home:
            own = own and not any(self.axis in pair for pair in node.attrs)
            node = node.operands[0]
        return node, own

    def _read_at_points(self, task: Task, *, stored: bool = False) -> Iterator[tuple[Node, bool]]:
        if stored or task.node.kind is Kind.HISTORY:
            yield task.node, True
            return
        for point in points_of(task, self.plan.tasks):
            node, at = point.node, dict(zip(point.node.axes, point.at, strict=True))
            if point.stored or node.kind is Kind.HISTORY:
                yield node, at.get(self.axis) == self.axis or self.axis not in at
            elif node.kind is Kind.TAKE:
                base, indices, _guards = reading(node, self.plan.tasks)
                taken = {a for a, _ in indices}
                own = self.axis not in base.axes or (self.axis not in taken and at.get(self.axis) == self.axis)
                yield base, own
                while base.kind is Kind.RENAME and base not in self.home:
                    base = base.operands[0]
                    yield base, False


def _is_stack(node: Node) -> bool:
    """Is it a stack of matrix products?"""
    left, right = node.operands
    return len(node.axes) > 2 or not set(left.axes).isdisjoint(set(right.axes) - set(node.attrs))


def _terms(node: Node, home: Mapping[Node, int]) -> Iterator[Node]:
    """Return the stored terms of a sum of scatters."""
    stack = list(node.operands)
    while stack:
        term = stack.pop()
        if term in home:
            yield term
        else:
            stack.extend(term.operands)
