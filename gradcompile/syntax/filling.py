"""Arrays that a loop fills in order: ``h[t] = f(h[t-1], h[parent[t]])``. What is read must be there already."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from gradcompile.errors import FormulaError
from gradcompile.gates import build
from gradcompile.gates.select import select
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Node
from gradcompile.syntax import shapes
from gradcompile.syntax.arrays import align, broadcast
from gradcompile.syntax.context import Context, fresh, is_one, number, shape_of, static
from gradcompile.syntax.indexing import WHOLE, Cut, Dots, Item, subscript
from gradcompile.syntax.program import Value
from gradcompile.syntax.proofs import Proofs
from gradcompile.syntax.ranges import Range
from gradcompile.syntax.stacked import Stacked

_ORDER = (DType.BOOL, DType.INT, DType.REAL)


def widest(*types: DType) -> DType:
    """Return the type that numbers of several types have together."""
    return max(types, key=_ORDER.index)


def typed(node: Node, dtype: DType) -> Node:
    """Return a node as one of a wider type."""
    return build.as_real(node) if dtype is DType.REAL else number(node) if dtype is DType.INT else node


class Again(Exception):  # noqa: N818 (a turn in finding the states, no error)
    """A loop's body has to be read again: the array has to be kept whole, or its rows are larger than was thought."""

    def __init__(self, name: str, row: Value | None = None) -> None:
        super().__init__(name)
        self.name, self.row = name, row


class NotYetError(FormulaError):
    """An element is read in the first step, in which none is there; in a branch that is not taken it does no harm."""


@dataclass
class Fill:
    """What a loop knows of an array that it fills: its elements are ``name[t]``, behind the rows given before it."""

    name: str
    rows: tuple[Value, ...]
    axes: tuple[Axis, ...] = ()  # of a row
    dtype: DType = DType.BOOL
    is_known: bool = False  # are axes and type of a row known?
    is_whole: bool = False  # is the whole array the state of the loop, or its last row alone?
    hidden: frozenset[Axis] = frozenset()  # axes of indices around the loop

    def widen(self, ctx: Context, row: Value) -> None:
        """Make room for a row that is larger, or of a wider type."""
        self.axes = broadcast(ctx, (self.empty_row(ctx), row))[0] if self.is_known else row.axes
        self.dtype = widest(self.dtype, row.node.dtype)
        self.is_known = True

    def empty_row(self, ctx: Context) -> Value:
        """Return a row of zeros."""
        return Value(build.const(ctx.graph, {DType.BOOL: False, DType.INT: 0, DType.REAL: 0.0}[self.dtype]), self.axes)

    def fitted(self, row: Value) -> Node:
        """Return a row with the type of all, over the axes of a row."""
        return typed(align(row, self.axes), self.dtype)

    def start(self, ctx: Context, length: Extent) -> Value:
        """Return what the state is before the loop: the last row that is given, or the array with all of these."""
        zero = self.empty_row(ctx)
        if not self.is_whole:
            return Value(self.fitted(self.rows[-1]), self.axes) if self.rows else zero
        along = fresh(length, self.axes)
        if is_one(along):
            return Value(self.fitted(self.rows[0]) if self.rows else zero.node, (along, *self.axes))
        node = zero.node
        for place in reversed(range(len(self.rows))):
            here = build.gate("eq", build.iota(ctx.graph, along), build.const(ctx.graph, place))
            node = build.gate("where", here, self.fitted(self.rows[place]), node)
        return Value(node, (along, *self.axes))

    def result(self, ctx: Context, steps: Node, time: Axis) -> Value:
        """Return the array of all rows, of which `steps` are those that the loop made."""
        along = time if is_one(time) else fresh(time.extent, self.axes)
        made = Value(build.rename(steps, {time: along}), (along, *self.axes))
        if not self.rows:
            return made
        given = shapes.stack(ctx, [Value(self.fitted(r), self.axes) for r in self.rows], 0)
        return shapes.concatenate(ctx, [given, made], 0)


@dataclass(frozen=True)
class Filling:
    """An array in the body of the loop that fills it, before or behind the assignment of this step's element."""

    fill: Fill
    at: Value  # the position that this step fills
    text: str  # and how it is written
    state: Value | None  # the last row, or the array; None in a first look at the first step
    line: int
    element: Value | None = None  # of this step, once it is assigned

    @property
    def name(self) -> str:
        """The array's name."""
        return self.fill.name

    def read(self, ctx: Context, items: Sequence[Item]) -> Value:
        """Return elements at an index, all of which must be filled."""
        index, rest = items[0] if items else None, list(items[1:])
        if not isinstance(index, Value):
            hint = f"Read single elements, as in `{self.name}[{self.text} - 1]`, or give the array first: `zeros(N)`."
            ctx.fail(f"`{self.name}` is still being filled, so only elements of it can be read.", hint)
        if index.node.dtype is not DType.INT:
            return subscript(ctx, self.state or Value(index.node, index.axes), items)  # raises: no integer
        proofs = Proofs(frozenset(ctx.sizes), tuple(ctx.guards))
        ahead = (proofs.polynomial(index.node) - proofs.polynomial(self.at.node)).constant
        if ahead == 0 and self.element is not None:
            return subscript(ctx, self.element, rest)
        if ahead is not None and ahead >= 0:
            self._fail(ctx, "is read before it is filled")
        given = static(index)
        if given is not None and given.constant is not None and 0 <= given.constant < len(self.fill.rows):
            return subscript(ctx, self.fill.rows[given.constant], rest)
        if self.state is None:
            raise self._unfilled(ctx, given)
        if proofs.proves(-proofs.polynomial(index.node) - 1):
            self._fail(ctx, "counts from the end, where nothing is filled")
        there = bool(self.fill.rows) and ahead == -1
        if not self.fill.is_whole:
            if ahead != -1 or not (there or proofs.at_least(index.node)):
                raise Again(self.name)
            return subscript(ctx, self.state, rest)
        return subscript(ctx, self.state, [self._checked(ctx, index, proofs), *rest])

    def _checked(self, ctx: Context, index: Value, proofs: Proofs) -> Value:
        """Return an index that is proved, or will be checked, to be that of an element which is filled."""
        filled = self.at.node
        if self.element is not None:
            filled = build.gate("add", filled, build.const(ctx.graph, 1))
        if proofs.at_least(index.node) and proofs.proves(proofs.polynomial(filled) - proofs.polynomial(index.node) - 1):
            return index
        message = f"{self.name}[{{index}}] is read before it is filled; filled so far: {{size}} (line {self.line})"
        guard: Node | None = None
        for condition in ctx.guards:
            guard = build.both(guard, condition)
        return Value(build.checked(index.node, filled, message, guard), index.axes)

    def _fail(self, ctx: Context, what: str) -> NoReturn:
        hint = f"Read earlier elements, as in `{self.name}[{self.text} - 1]`."
        ctx.fail(f"`{ctx.text()}` {what}.", hint)

    def _unfilled(self, ctx: Context, index: Extent | None) -> FormulaError:
        """Return the error of reading in the first step; an index that is not known yet may be of no element at all."""
        error = ctx.error(
            f"`{ctx.text()}` is read in the first step, before anything is there.",
            f"Write `{ctx.text()} if {self.text} > 0 else …`, or assign `{self.name}[0]` before the loop.",
        )
        return error if index is not None and not ctx.guards else NotYetError(error.message, error.span, error.hint)

    def place(self, ctx: Context, items: Sequence[Item], *, own: bool) -> Item:
        """Return the index of the element that an assignment fills. Raises FormulaError for any other."""
        index = items[0] if items else None
        proofs = Proofs(frozenset(ctx.sizes))
        if own and isinstance(index, Value) and not index.axes and index.node.dtype is DType.INT:
            ahead = proofs.polynomial(index.node) - proofs.polynomial(self.at.node)
            if ahead == Extent.of(0) and all(
                i == WHOLE or (isinstance(i, (Cut, Dots)) and i in _ALL) for i in items[1:]
            ):
                return index
        hint = f"Give the array first, as in `{self.name} = zeros(N)`; then any element can be assigned."
        raise ctx.error(f"the loop fills `{self.name}` by `{self.name}[{self.text}] = …` and in no other way.", hint)

    def filled(self, ctx: Context, value: Value) -> Filling:
        """Return the array behind the assignment of this step's element."""
        fill = self.fill
        if self.state is None:
            fill.widen(ctx, value)
            return replace(self, element=value)
        common, _ = broadcast(ctx, (fill.empty_row(ctx), value))
        if shape_of(common) != shape_of(fill.axes) or widest(fill.dtype, value.node.dtype) is not fill.dtype:
            raise Again(self.name, value)
        element = Value(fill.fitted(value), fill.axes)
        if not fill.is_whole:
            return replace(self, element=element)
        along, *rest = self.state.axes
        node = build.rename(element.node, dict(zip(fill.axes, rest, strict=True)))
        if not is_one(along):
            here = build.gate("eq", build.iota(ctx.graph, along), self.at.node)
            node = build.gate("where", here, node, self.state.node)
        return replace(self, element=element, state=Value(node, self.state.axes))


_ALL = (WHOLE, Dots())


def fills_of(
    ctx: Context, statement: ast.For, over: Range, before: Callable[[str], Value | None]
) -> dict[str, tuple[Fill, int, str]]:
    """Return the arrays that a loop fills: with the shift of their index against the loop variable, and its text.

    `before` gives what a name is in front of the loop; an array is filled that has no value there, or just the
    elements in front of the loop's first.
    """
    found: dict[str, tuple[Fill, int, str]] = {}
    if over.condition is not None or not isinstance(statement.target, ast.Name):
        return found
    first = static(Value(select(over.index.node, over.axis, build.const(ctx.graph, 0))))
    for target in (t for line in statement.body if isinstance(line, ast.Assign) for t in line.targets):
        match target:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=[index, *_]) | index) if name not in found:
                shift = _shift(index, statement.target.id)
                array = before(name)
                if shift is None or not (array is None or (isinstance(array, Stacked) and array.is_open)):
                    continue
                rows = array.rows if isinstance(array, Stacked) else ()
                with ctx.at(target):
                    _check_first(ctx, statement, name, rows, None if first is None else first + shift)
                fill = Fill(name, rows)
                for row in rows:
                    fill.widen(ctx, row)
                found[name] = fill, shift, ctx.source.segment(index)
    return found


def _shift(index: ast.expr, variable: str) -> int | None:
    """Return c of an index that is written ``t``, ``t + c`` or ``t - c``."""
    match index:
        case ast.Name(id=name) if name == variable:
            return 0
        case ast.BinOp(left=ast.Name(id=name), op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int(c))):
            return (c if isinstance(op, ast.Add) else -c) if name == variable else None
        case ast.BinOp(left=ast.Constant(value=int(c)), op=ast.Add(), right=ast.Name(id=name)):
            return c if name == variable else None
    return None


def _check_first(ctx: Context, statement: ast.For, name: str, rows: Sequence[Value], first: Extent | None) -> None:
    """Insist that the loop begins behind the elements that are given, and goes up by 1."""
    hint = f"Give the array first, as in `{name} = zeros(N)`; then its elements can be assigned in any order."
    match statement.iter:
        case ast.Call(args=[_, _, step]) if not (isinstance(step, ast.Constant) and step.value == 1):
            ctx.fail(f"`{name}` has no value yet, and is filled in steps of 1 only.", hint)
    if first == Extent.of(len(rows)):
        return
    have = f"`{name}[{len(rows) - 1}]` is the last element before the loop" if rows else f"`{name}` has no value yet"
    where = "an index that depends on data" if first is None else f"`{name}[{first}]`"
    ctx.fail(f"{have}, but the loop begins with {where}.", f"Assign `{name}[{len(rows)}]` next. {hint}")
