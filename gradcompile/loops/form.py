"""The loop form: statements over named scalars and arrays. Back ends print these and know nothing of gates' rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import DType, Origin


@dataclass(frozen=True)
class Let:
    """``target = gate(operands)``, scalars; operands are names or literals."""

    target: str
    gate: str
    operands: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True)
class Copy:
    """``target = source``: a literal, a name, or an element read such as ``X[n, d]``."""

    target: str
    source: str


@dataclass(frozen=True)
class Update:
    """``target = step(target, value)`` of a reduction; the target is a name or an element."""

    target: str
    reduction: str
    value: str
    origin: Origin


@dataclass(frozen=True)
class Best:
    """Where the step of an arg-reduction holds, ``best = value`` and ``target = position``."""

    target: str
    best: str
    reduction: str
    value: str
    position: str
    origin: Origin


@dataclass(frozen=True)
class Allocate:
    """A new array of the given shape, filled with `start` (uninitialised if empty); `wide`: of float64 in any case."""

    target: str
    shape: tuple[Extent, ...]
    dtype: DType
    start: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Dot:
    """``target = np.dot(left, right)``, or into an array that is there already.

    `work`: how many products of two numbers that takes in all; `columns`: in a block, the right operand with the
    samples along its rows, or both operands, if it is samples that are summed over.
    """

    target: str
    left: str
    right: str
    origin: Origin
    into: bool
    work: Extent
    columns: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Nearest:
    """``target[n]`` is the position of the row of `among` that is nearest to the row n of `points`.

    `space`: an array to work in; `work`: how many coordinates of points are compared in all.
    """

    target: str
    points: str
    among: str
    space: str
    origin: Origin
    work: Extent
    note: str = ""


@dataclass(frozen=True)
class Call:
    """``targets = function(operands)`` on whole arrays: the function of an array gate, or of a group of them."""

    targets: tuple[str, ...]
    function: str
    operands: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True)
class Fill:
    """``target[...] = value`` for every element of an array."""

    target: str
    value: str


@dataclass(frozen=True)
class Add:
    """``target += part``, arrays of one shape."""

    target: str
    part: str


@dataclass(frozen=True)
class Narrow:
    """``target`` is a new array with the elements of a wide one, rounded."""

    target: str
    source: str


@dataclass(frozen=True)
class InRange:
    """IndexError unless ``0 <= index < size``, where the guard (if any) holds; the message shows both."""

    index: str
    size: str
    message: str
    guard: str = ""


@dataclass(frozen=True)
class NotEmpty:
    """ValueError if the axis that a maximum is taken over has no element."""

    size: Extent
    message: str


@dataclass
class Loop:
    """``for index in range(size)``, or backwards; or for a part of that range, several steps at a time.

    `ordered`: each step needs the one before; `near`: the arguments of sines and cosines are small.
    """

    index: str
    size: Extent
    body: list[Statement] = field(default_factory=list)
    backward: bool = False
    start: str = ""
    stop: str = ""
    step: int = 1
    ordered: bool = False
    near: bool = False
    note: str = ""

    @property
    def in_lanes(self) -> bool:
        """May it run in the lanes of vector registers? As far as its form goes: it is an innermost loop."""
        return not self.ordered and not _has_loop(self.body)


@dataclass(frozen=True)
class If:
    """The body where a condition holds, the other one where it does not."""

    condition: str
    body: list[Statement]
    otherwise: list[Statement] = field(default_factory=list)


@dataclass(frozen=True)
class Grow:
    """Make sure that arrays have a row `row` along their first axis, with what they hold kept."""

    targets: tuple[str, ...]
    row: str


@dataclass(frozen=True)
class Total:
    """What all blocks add up: where, its shape and first value, and by which reduction."""

    target: str
    shape: tuple[Extent, ...]
    dtype: DType
    start: str
    reduction: str
    wide: bool = False  # of float64 in any case


@dataclass(frozen=True)
class Blocks:
    """Run the body for some positions of an axis at a time: those from `start` on, `size` of them.

    The buffers are made anew where a block is shorter than the one before. They have `width` numbers a position;
    where that is much, blocks have `least` positions.
    Threads may share the blocks where their `totals` are known.
    """

    start: str
    size: str
    length: str
    of: Extent
    width: Extent
    least: int
    buffers: list[Allocate]
    body: list[Statement]
    totals: tuple[Total, ...] | None = None
    note: str = ""


@dataclass(frozen=True)
class View:
    """``target = source[:, start : start + size]``: the elements of a block, behind `lead` other axes."""

    target: str
    source: str
    lead: int
    start: str
    size: str


@dataclass(frozen=True)
class Turn:
    """Copy the rows of `source` to the columns of `target`: what follows runs along its rows.

    `back`: copy the columns to rows, which is the same but for arrays of more than two axes, flattened to matrices.
    """

    target: str
    source: str
    rank: int
    back: bool = False


@dataclass(frozen=True)
class Columns:
    """``target`` is the array `space` with the rows of `source` as columns, if they are short; else it has no rows."""

    target: str
    source: str
    space: str


@dataclass(frozen=True)
class While:
    """Repeat the test and the body until the condition, which the test computes, no longer holds; count the steps."""

    counter: str
    test: list[Statement]
    condition: str
    body: list[Statement]
    line: int  # of the formula
    limit: int


Statement = (
    Let
    | Copy
    | Update
    | Best
    | Allocate
    | Fill
    | Add
    | Narrow
    | Dot
    | Nearest
    | Call
    | InRange
    | NotEmpty
    | If
    | Grow
    | Loop
    | Blocks
    | View
    | Turn
    | Columns
    | While
)


def _has_loop(statements: Sequence[Statement]) -> bool:
    """Is there a loop among the statements, or in the branch of one?"""
    loops = (Loop, Blocks, While, Call, Dot, Nearest)
    return any(isinstance(s, loops) or (isinstance(s, If) and _has_loop([*s.body, *s.otherwise])) for s in statements)


def within(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield the statements and all that are inside them."""
    for statement in statements:
        yield statement
        if isinstance(statement, Loop | If | While | Blocks):
            yield from within(statement.body)
        if isinstance(statement, While):
            yield from within(statement.test)
        if isinstance(statement, If):
            yield from within(statement.otherwise)


def sources(statement: Let | Copy | Update) -> tuple[str, ...]:
    """Return the texts of what a plain statement reads."""
    match statement:
        case Copy(source=source):
            return (source,)
        case Let(operands=operands):
            return operands
        case Update(value=value):
            return (value,)
