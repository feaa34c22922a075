"""What the front end hands to the compiler: arguments, results and claims as nodes with an order of axes."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gradcompile.autodiff.reverse import HandBack
from gradcompile.errors import ShapeError, Span
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, Declared, DType, Graph, Node
from gradcompile.syntax.source import Source

NOTHING = Declared()


MAX_STEPS = 100_000  # of a `while`, where the user does not say
DOUBLE, SINGLE = DTYPES = ("float64", "float32")


@dataclass(frozen=True)
class Value:
    """An array as the language sees it: a node, and its axes in positional order.

    The node depends on some of the axes at most; along the others it is constant. The axes are pairwise different.
    """

    node: Node
    axes: tuple[Axis, ...] = ()

    @property
    def shape(self) -> tuple[Extent, ...]:
        """The extents in positional order."""
        return tuple(a.extent for a in self.axes)

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.axes)


@dataclass(frozen=True)
class Argument:
    """An input of the formula, in declared order; the axes name its dimensions: A: Real[N, N] has (N.0, N.1)."""

    name: str
    kind: str  # "Real" | "Param" | "Int" | "Bool", as declared
    dtype: DType
    axes: tuple[Axis, ...] = ()
    default: float | int | bool | None = None
    span: Span | None = None
    differentiated: bool = False
    declared: Declared = NOTHING  # the form of its matrices, the range of its elements

    @property
    def structure(self) -> str:
        """The form of its matrices: symmetric, definite, lower, upper, or nothing ("")."""
        return self.declared.structure

    @property
    def domain(self) -> tuple[float, float]:
        """Between which numbers its elements are."""
        return self.declared.domain

    @property
    def shape(self) -> tuple[Extent, ...]:
        """The extents as declared."""
        return tuple(a.extent for a in self.axes)


@dataclass(frozen=True)
class Requirement:
    """What could not be proved about the sizes: ``left == right`` or ``left >= right``, checked by the module."""

    left: Extent
    relation: str  # "==" | ">="
    right: Extent
    message: str  # one sentence for the ValueError, without the sizes
    span: Span | None = None


class Reader(Protocol):
    """Reads further expressions where a claim stands: see `reading.Reading`."""

    def __call__(self, tree: ast.expr, others: Mapping[str, Value] = ..., hand_back: HandBack | None = None) -> Value:
        """Return what an expression denotes."""

    def variables(self) -> dict[str, Value]:
        """Return every name that can be read there."""

    @property
    def source(self) -> Source:
        """The text of the file."""


@dataclass(frozen=True)
class Claim:
    """An `assert left == right` of the formula. A side whose own sizes do not fit is None."""

    text: str  # as the user wrote it
    left: Value | None
    right: Value | None
    tree: ast.Assert
    span: Span
    read: Reader
    error: ShapeError | None = None  # why there is no value of a side


@dataclass
class Program:
    """A formula file, read: everything later stages need, the syntax tree for the independent oracle included."""

    name: str  # of the module: the file's stem
    file: str  # as shown in messages and in the module's header
    text: str
    doc: str
    tree: ast.Module
    graph: Graph
    source: Source = field(default_factory=lambda: Source("", ""), repr=False)  # in which the tree has its places
    arguments: list[Argument] = field(default_factory=list)
    results: list[tuple[str, Value]] = field(default_factory=list)  # (name, value), in order of `return`
    names: dict[str, Value] = field(default_factory=dict)  # the user's variables at the end
    requirements: list[Requirement] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    check_domains: bool = False  # whether the module checks declared ranges and forms
    max_steps: int = MAX_STEPS  # of a `while`, before the module gives up
    checkpoint: bool = False  # remember every sqrt(T)-th state of a loop, and compute those between again
    mode: str = ""  # "forward" | "reverse": how Jacobians and Hessians are made; the cheaper way if it is not said
    parallel: bool = False  # whether threads share the loops over samples
    upstream: str = ""  # of an array result that is explained: the argument from which its backward pass starts
    sparse: bool = False  # whether they are made entry by entry where the axes show what can differ from 0
    dtype: str = DOUBLE  # of the module's real numbers
    out: bool = False  # whether gradients can be written into arrays that are given

    @property
    def differentiated(self) -> list[Argument]:
        """The arguments that the gradient is taken with respect to."""
        return [a for a in self.arguments if a.differentiated]

    @property
    def dimensions(self) -> list[str]:
        """The dimension names, in order of first appearance; an integer argument that is a size is none of them."""
        seen: dict[str, None] = {}
        for argument in self.arguments:
            for size in argument.shape:
                seen |= dict.fromkeys(sorted(size.names))
        whole = {a.name for a in self.arguments if a.dtype is DType.INT and not a.axes}
        return [name for name in seen if name not in whole]
