"""What every part of the front end shares: the graph, the place being read, and what must hold of the sizes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn, Union

from gradcompile.autodiff.reverse import HandBack
from gradcompile.errors import FormulaError, ShapeError
from gradcompile.gates import build
from gradcompile.gates.closing import close
from gradcompile.ir.dims import Extent, same_size
from gradcompile.ir.nodes import FIRST_INDEX, Axis, DType, Graph, Kind, Node
from gradcompile.rewrite.domains import DOMAINS
from gradcompile.rewrite.engine import Rewriter
from gradcompile.rewrite.linalg import LINEAR_ALGEBRA
from gradcompile.rewrite.rows import RECOGNISE
from gradcompile.syntax.program import Argument, Requirement, Value
from gradcompile.syntax.source import Source

ONE = Extent.of(1)


@dataclass(frozen=True)
class Row:
    """A tuple or a list as written: of axes, of sizes, of arrays to join, or an array spelt out."""

    items: tuple[Term, ...]
    is_list: bool = False
    made_by: str = ""  # the function that gives several values


Term = Union[Value, Row, None]  # noqa: UP007 (Row is not defined where Term is first read)
"""What an expression may denote while it is being read; ``None`` is the word itself."""


@dataclass
class Context:
    """The graph under construction, the syntax that is being read, and the requirements found so far."""

    source: Source
    graph: Graph = field(default_factory=Graph)
    arguments: dict[str, Argument] = field(default_factory=dict)
    requirements: dict[tuple[Extent, str, Extent], Requirement] = field(default_factory=dict)
    tree: ast.AST = field(default_factory=lambda: ast.Module([], []))
    recogniser: Rewriter = field(default_factory=lambda: Rewriter(RECOGNISE, [*LINEAR_ALGEBRA, *DOMAINS]))
    guards: list[Node] = field(default_factory=list)  # conditions under which what is being read counts
    sizes: set[str] = field(default_factory=set)  # integer inputs that bound a range: they are 0 or more
    indices: int = FIRST_INDEX  # the counter of the next axis of an index variable
    opened: list[Axis] = field(default_factory=list)  # axes of comprehensions, since the outermost one began
    is_open: bool = False
    opening: int = 0  # outermost comprehensions begun so far
    is_trial: bool = False  # is what is read only evaluated at points? Then no index is proved to be in range
    hand_back: HandBack | None = None  # what takes the place of the backward rules, while a mistake in them is tried
    located: dict[Any, tuple[Node, Node | None]] = field(default_factory=dict)  # what became of indices

    @contextmanager
    def at(self, tree: ast.AST) -> Iterator[None]:
        """Everything made or found wrong inside this block is at this piece of syntax."""
        before, self.tree = self.tree, tree
        try:
            with self.graph.origin(self.source.span(tree)):
                yield
        finally:
            self.tree = before

    @contextmanager
    def guarded(self, *conditions: Node | None) -> Iterator[None]:
        """What is read inside this block counts only where these conditions hold as well."""
        before = list(self.guards)
        self.guards += [c for c in conditions if c is not None and not c.is_const(True)]
        try:
            yield
        finally:
            self.guards[:] = before

    def index_axis(self, extent: Extent, name: str) -> Axis:
        """Return a new axis for an index variable."""
        axis = Axis(extent, self.indices)
        self.indices += 1
        self.graph.index_names[axis] = name
        return axis

    @contextmanager
    def comprehension(self) -> Iterator[int | None]:
        """Read a comprehension; the block gets the number of the first node of an outermost one, else None."""
        if self.is_open:
            yield None
            return
        self.is_open = True
        self.opening += 1
        try:
            yield len(self.graph.nodes)
        finally:
            self.opened, self.is_open = [], False

    def closed(self, value: Value, first: int | None) -> Value:
        """Give the axes of all indices their final names, where the outermost comprehension ends."""
        return value if first is None else Value(*close(value.node, value.axes, self.opened, first))

    def error(self, message: str, hint: str, tree: ast.AST | None = None) -> FormulaError:
        """Return an error at the current (or the given) place."""
        return FormulaError(message, self.source.span(tree or self.tree), hint)

    def fail(self, message: str, hint: str, tree: ast.AST | None = None) -> NoReturn:
        """Raise an error at the current (or the given) place."""
        raise self.error(message, hint, tree)

    def misfit(self, message: str, hint: str) -> NoReturn:
        """Raise an error at the current place about sizes that do not fit."""
        raise ShapeError(message, self.source.span(self.tree), hint)

    def text(self, longest: int = 40) -> str:
        """Return the user's text of the current place."""
        return self.source.segment(self.tree, longest)

    def require(self, left: Extent, relation: str, right: Extent, message: str, hint: str = "") -> None:
        """Note that ``left == right`` or ``left >= right`` must hold, unless it is proved; fail if it cannot."""
        difference = left - right
        holds = same_size(left, right) if relation == "==" else difference.at_least(0) or None
        if holds:
            return
        if holds is False or (difference.constant is not None and difference.constant < 0):
            self.misfit(message, hint or "Make the sizes fit.")
        self.note(left, relation, right, message)

    def note(self, left: Extent, relation: str, right: Extent, message: str) -> None:
        """Note what the generated module has to check."""
        requirement = Requirement(left, relation, right, message, self.source.span(self.tree))
        self.requirements.setdefault((left, relation, right), requirement)

    def recognised(self, node: Node) -> Node:
        """Return a node as a real number made of composite gates: what `grad` differentiates, as the pipeline does."""
        real = build.as_real(node)
        return self.recogniser.run([real])[real]

    def constant(self, number: float | int | bool) -> Value:
        """Return a literal as a value."""
        return Value(build.const(self.graph, number))

    def size(self, extent: Extent) -> Value:
        """Return a size as a value."""
        return Value(build.extent(self.graph, extent))

    def readings(self, *extents: Extent) -> str:
        """Say where the dimensions in some extents come from: ``N is the first size of X (line 2)``."""
        found = []
        for name in dict.fromkeys(n for extent in extents for n in sorted(extent.names)):
            for argument in self.arguments.values():
                places = [i for i, size in enumerate(argument.shape) if name in size.names]
                if places and argument.span:
                    which = f"the {_ORDINAL[min(places[0], 5)]} size" if len(argument.axes) > 1 else "the size"
                    found.append(f"{name} is in {which} of `{argument.name}` (line {argument.span.line})")
                    break
        return "; ".join(found) + "." if found else ""


_ORDINAL = ("first", "second", "third", "fourth", "fifth", "last")


def fresh(extent: Extent, taken: Iterable[Axis], preferred: Axis | None = None) -> Axis:
    """Return the preferred axis, or else the first of this extent, that is not taken."""
    used = set(taken)
    if preferred is not None and preferred not in used:
        return preferred
    counter = 0
    while (axis := Axis(extent, counter)) in used:
        counter += 1
    return axis


def is_one(axis: Axis) -> bool:
    """Is it a dimension of literal length 1, along which arrays are copied?"""
    return axis.key == "1"


def static(term: Term) -> Extent | None:
    """Return an integer that is known from the sizes alone, or None."""
    if not isinstance(term, Value) or term.axes or term.node.dtype is not DType.INT:
        return None
    if term.node.kind is Kind.CONST:
        return Extent.of(term.node.value)
    return term.node.attrs[0] if term.node.kind is Kind.EXTENT else None


def shape_text(value: Value) -> str:
    """Say what shape a value has."""
    if not value.axes:
        return "is a scalar"
    return f"has shape {shape_of(value.axes)}"


def shape_of(axes: Sequence[Axis]) -> str:
    """Return a shape as Python writes it."""
    sizes = [str(a.extent) for a in axes]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def number(node: Node) -> Node:
    """Return a boolean as the integer 0 or 1, and any number as it is."""
    if node.dtype is not DType.BOOL:
        return node
    return build.const(node.graph, int(node.value)) if node.is_const() else build.gate("integer", node)


def truth(node: Node) -> Node:
    """Return a number as the condition that it is not 0, and a condition as it is."""
    return node if node.dtype is DType.BOOL else build.gate("ne", node, build.const(node.graph, 0))
