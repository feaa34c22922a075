"""All that an explanation says, made from one compilation; the forms only write it down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradcompile import api
from gradcompile.api import Compiled
from gradcompile.decorator import Formula
from gradcompile.diagnosis import judge
from gradcompile.errors import FormulaError
from gradcompile.explain.code import Code, code
from gradcompile.explain.numbers import numbers
from gradcompile.explain.point import Values, given_point, simple_point
from gradcompile.explain.results import explained
from gradcompile.explain.rewrites import Fired, Rewrites
from gradcompile.explain.shown import looked_through
from gradcompile.explain.steps import Arrival, Builder, Path, Step
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Kind, Node
from gradcompile.pipeline import Unit
from gradcompile.syntax.program import Argument, Program
from gradcompile.verify import ClaimVerdict

DEPTHS = ("matrix", "scalar")


@dataclass(frozen=True)
class Content:
    """The steps of a compilation, forward and backward, with their numbers at a point."""

    compiled: Compiled
    result: str  # the name of what is differentiated
    source: str  # the gate, or the input, that it comes from
    depth: str  # "matrix": products as a person writes them | "scalar": each gate by itself
    steps: tuple[Step, ...]
    arrivals: Mapping[str, Arrival]
    rewrites: tuple[Fired, ...]
    claims: tuple[ClaimVerdict, ...]
    code: Code = field(repr=False)
    point: Values | None = None  # None where no point was found
    given: bool = False  # is it the user's point?
    numbers: Mapping[Any, Any] = field(default_factory=dict, repr=False)
    index: Mapping[Any, str] = field(default_factory=dict, repr=False)

    @property
    def program(self) -> Program:
        """The formula."""
        return self.compiled.program

    @property
    def inputs(self) -> list[Argument]:
        """The arguments of the formula."""
        return self.program.arguments

    @property
    def sizes(self) -> dict[str, int]:
        """The dimensions at the point, as far as the shapes of the inputs say."""
        if self.point is None:
            return {}
        pairs = [pair for a in self.inputs for pair in zip(a.shape, np.shape(self.point[a.name]), strict=True)]
        return {str(extent): size for extent, size in pairs if str(extent).isidentifier()}

    def count(self, extent: Extent) -> int | None:
        """Return a size at the point; None where it is not known."""
        return extent.evaluate(self.sizes) if self.point is not None and extent.names <= self.sizes.keys() else None

    @property
    def backward(self) -> list[Step]:
        """The gates that a gradient arrives at, in the order of the backward pass; of a loop, at its states."""
        return [s for s in reversed(self.steps) if s.name in self.arrivals or s.paths]

    def value(self, name: str) -> Any:
        """Return the value of a gate or an input at the point; None without one."""
        if self.point is None:
            return None
        return self.point[name] if name in self.point else self.numbers.get(("value", name))

    def gradient(self, name: str) -> Any:
        """Return what arrives at a gate or an input at the point."""
        return self.numbers.get(("gradient", name))

    def downstream(self, path: Path) -> Any:
        """Return what a gate hands to an operand at the point."""
        return self.numbers.get(("downstream", id(path)))

    def local(self, path: Path) -> Any:
        """Return a local gradient at the point."""
        return self.numbers.get(("local", id(path)))

    def lines_of(self, step: Step) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the lines of the generated code of a gate: of its value, and of what it hands back."""
        forward = self.code.lines_of([step.code], [f"line {step.line}"])
        if not step.paths:
            return forward, ()
        now = self.compiled.unit.now
        conditions = [now(p.local_node) for p in step.paths if p.routes and p.local_node is not None]
        arrived = [self.arrivals[n].code for n in (step.name,) if n in self.arrivals]
        back = self._backward_lines([*(p.code for p in step.paths), *conditions, *arrived], [])
        if not back:
            line = f"backward of line {step.line}: "
            sums = [self.arrivals[p.below].code for p in step.paths if p.below in self.arrivals]
            back = self._backward_lines(sums, [f"{line}{step.node.op} gate", line])
        return forward, back

    def _backward_lines(self, nodes: Sequence[Node], comments: Sequence[str]) -> tuple[int, ...]:
        """Return the lines of nodes that are no values of the forward pass."""
        values = {s.code for s in self.steps}
        return self.code.lines_of([n for n in nodes if n not in values and n.kind is not Kind.INPUT], comments)


def content(
    source: Any = None,
    *,
    at: Mapping[str, Any] | None = None,
    depth: str | None = None,
    result: str | None = None,
    claims: bool = True,
    verify_seconds: float = 60.0,
    **reading: Any,
) -> Content:
    """Return the explanation of a formula; see `gradcompile.explain`. `reading` says how it is to be read."""
    program = explained(_program(source, **reading), result)
    if depth not in (None, *DEPTHS):
        raise FormulaError(f"unknown depth '{depth}'", hint=f"The depths are {' and '.join(DEPTHS)}.")
    behind: dict[str, Unit] = {}
    compiled = api.translate(program, target="numpy", emit=["value_and_grad"], observe=behind.__setitem__)
    compiled = api.load_module(compiled)
    unit = behind["differentiate"]
    assert unit.backward is not None
    builder = Builder(unit, compiled.unit, unit.backward, matrices=depth != "scalar")
    steps = tuple(builder.steps())
    arrivals = builder.arrivals(steps)
    point = simple_point(compiled) if at is None else given_point(compiled, at)
    found = Content(
        compiled=compiled,
        result=program.results[0][0],
        source=builder.name(looked_through(unit.backward.result)),
        depth=depth or ("matrix" if any(s.axes for s in steps) else "scalar"),
        steps=steps,
        arrivals=arrivals,
        rewrites=tuple(_rewrites(builder, behind, compiled.unit)),
        claims=tuple(judge(program, seconds=verify_seconds)) if claims else (),
        code=code(compiled.unit),
        point=point,
        given=at is not None,
        index=builder.index,
    )
    return found if point is None else replace(found, numbers=_numbers(found, unit, point))


def _program(source: Any, **options: Any) -> Program:
    """Return the program of a formula; one that is compiled already brings its own."""
    if isinstance(source, Formula):
        source = source.compiled
    return source.program if isinstance(source, Compiled) else api.read(source, **options)


def _rewrites(builder: Builder, behind: Mapping[str, Unit], final: Unit) -> list[Fired]:
    """Write the rewrites over the names that the gates have, before and behind each pass."""
    leaves = dict(builder.leaves)
    leaves |= {final.now(n): leaf for n, leaf in builder.leaves.items() if not final.now(n).is_const()}
    recognised = behind["recognise"]
    for node in behind["parse"].names:
        if (leaf := leaves.get(recognised.now(node))) is not None:
            leaves.setdefault(node, leaf)
    return Rewrites(builder.matrices, builder.upstream_leaves() | leaves).all(final)


def _numbers(found: Content, unit: Unit, point: Values) -> dict[Any, Any]:
    order = found_order(found)
    wanted: dict[Any, tuple[Node, Any]] = {}
    for step in found.steps:
        if step.word != "loop":
            wanted["value", step.name] = step.node, step.axes
        for path in step.paths:
            wanted["downstream", id(path)] = path.node, path.axes
            if path.local_node is not None and not path.local_node.carries:
                wanted["local", id(path)] = path.local_node, order(path.local_node)
    for name, arrival in found.arrivals.items():
        wanted["gradient", name] = arrival.node, arrival.axes
    return numbers(unit, wanted, point)


def found_order(found: Content) -> Any:
    """Return the order of axes of what has no name."""
    ranks = {axis: i for i, axis in enumerate(found.index)}
    return lambda node: tuple(sorted(node.axes, key=lambda a: (ranks.get(a, len(ranks)), a)))
