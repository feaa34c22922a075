"""The passes from a program to the graphs that are emitted: one literal list, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gradcompile.autodiff.checkpoint import checkpoint
from gradcompile.autodiff.reverse import Trace, trace
from gradcompile.derived import (
    BY_ENTRY,
    COLOURING,
    MODES,
    colouring,
    extended,
    name_of,
    sparse,
    transform,
    typical_sizes,
    work,
)
from gradcompile.errors import FormulaError, Span
from gradcompile.gates import build
from gradcompile.gates.count import operations
from gradcompile.gates.substitute import transplant
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import DType, Graph, Kind, Node, reachable, states_of
from gradcompile.rewrite import recurrences
from gradcompile.rewrite.congruences import congruences, has_congruences, written_out
from gradcompile.rewrite.engine import Rewriter, Step
from gradcompile.rewrite.sharing import shared
from gradcompile.rewrite.simplify import recognising, simplifying
from gradcompile.sparse import Block, starts
from gradcompile.syntax.program import Argument, Program, Value


@dataclass(frozen=True)
class Moved:
    """What a pass put in the place of each node, and the rewrites that it made."""

    stage: str
    new: Mapping[Node, Node]
    steps: Sequence[Step] = ()


@dataclass(frozen=True)
class Unit:
    """A program on its way through the passes. Every pass returns a new one."""

    program: Program
    values: tuple[Value, ...]  # the results
    gradients: dict[str, Value] = field(default_factory=dict)  # by argument, axes in the argument's order
    names: dict[Node, str] = field(default_factory=dict)  # the user's names, and d<name> for their gradients
    gates_before: int = 0  # nodes before simplification
    fired: dict[str, int] = field(default_factory=dict)  # rewrite rows by name, and how often
    derived: dict[str, Derived] = field(default_factory=dict)  # the graphs of jvp, hessian and so on, by function
    backward: Trace | None = None  # the steps of the backward pass, as it was made
    moved: tuple[Moved, ...] = ()  # by each pass, in order

    @property
    def roots(self) -> list[Node]:
        """The nodes that are computed: values first, then gradients."""
        return [v.node for v in self.values] + [v.node for v in self.gradients.values()]

    @property
    def gates(self) -> int:
        """The number of nodes that are computed."""
        return len(reachable(self.roots))

    def now(self, node: Node) -> Node:
        """Return what has become of a node of an earlier pass."""
        for moved in self.moved:
            node = moved.new.get(node, node)
        return node


@dataclass(frozen=True)
class Derived:
    """A function beyond the gradient: a unit whose values are what it returns, with their names and its mode."""

    unit: Unit
    outputs: tuple[tuple[str, str], ...]  # for each value: of what, and by which parameter (see `derived.Output`)
    mode: str = ""  # "forward" | "reverse", where there is a choice
    other: Extent | None = None  # the operations of the other mode, where there is one
    pattern: Unit | None = None  # of a sparse matrix: row and column of each value, then how many there are of both
    dependence: Unit | None = None  # of one by a colouring of its columns: which elements may not be 0, block by block
    tables: tuple[Argument, ...] = ()  # what the kernels take then beside the arguments: see `sparse.Coloured`
    blocks: tuple[tuple[str, str], ...] = ()  # of what and by which parameter each block is

    @property
    def operations(self) -> Extent:
        """The number of operations of a call."""
        return operations(self.unit.roots)


def start(program: Program) -> Unit:
    """Return the unit as the user wrote it, in a graph of its own: what only claims mention stays behind."""
    copies = transplant([value.node for _, value in program.results], Graph())
    values = tuple(Value(copies[value.node], value.axes) for _, value in program.results)
    names = {copies[v.node]: name for name, v in program.names.items() if v.node in copies}
    return Unit(program, values, names=names, gates_before=len(reachable([v.node for v in values])))


def differentiate(unit: Unit) -> Unit:
    """Add the gradient of the scalar result, or of an array with its upstream, by every differentiated argument."""
    if unit.program.checkpoint:
        unit = _replaced(unit, Moved("checkpoint", checkpoint([v.node for v in unit.values])))
    arguments = {a.name: a.axes for a in unit.program.differentiated}
    result = unit.values[0]
    backward = trace(result.node, arguments, _upstream(unit.program, result))
    gradients = {name: Value(node, arguments[name]) for name, node in backward.gradients.items()}
    names = {v.node: f"d{name}" for name, v in gradients.items()}
    names |= {total: f"d{unit.names[n]}" for n, total in backward.arrived.items() if n in unit.names}
    names = {n: name for n, name in names.items() if not n.is_const()} | unit.names
    unit = replace(unit, gradients=gradients, names=names, backward=backward)
    return replace(unit, gates_before=unit.gates)


def _upstream(program: Program, result: Value) -> Node | None:
    """Return what arrives at an array result; along the axes on which the result does not depend it is added up."""
    if not program.upstream:
        return None
    arriving = build.argument(result.node.graph, program.upstream, result.axes)
    return build.reduce_all("sum", arriving, [a for a in result.axes if a not in result.node.axes])


def recognise(unit: Unit) -> Unit:
    """Find composite gates and stable forms in what the user wrote, before it is differentiated."""
    unit = _rewrite(unit, "recognise", recognising())
    if unit.program.sparse:  # the structure of products tells what is 0
        return unit
    return _replaced(unit, Moved("recognise", congruences(unit.roots)))


def expand(unit: Unit) -> Unit:
    """Write out the gates that stand for products of matrices."""
    if not has_congruences(unit.roots):
        return unit
    unit = _rewrite(unit, "simplify", simplifying())
    return _replaced(unit, Moved("expand", written_out(unit.roots)))


def simplify(unit: Unit) -> Unit:
    """Apply the algebraic rewrites to value and gradients."""
    unit = _rewrite(unit, "simplify", simplifying())
    return _replaced(unit, Moved("share", shared(unit.roots)))


def tidy(unit: Unit) -> Unit:
    """Leave out the states of recurrences that nobody reads, and run two recurrences with the same states as one."""
    return _replaced(unit, Moved("tidy", recurrences.tidy(unit.roots)))


def _rewrite(unit: Unit, stage: str, rewriter: Rewriter) -> Unit:
    new = rewriter.run(unit.roots)
    fired = unit.fired | {k: unit.fired.get(k, 0) + v for k, v in rewriter.fired.items()}
    return replace(_replaced(unit, Moved(stage, new, rewriter.steps)), fired=fired)


def _replaced(unit: Unit, moved: Moved) -> Unit:
    """Put other nodes in the place of all of a unit's."""
    new = moved.new
    values = tuple(Value(new[v.node], v.axes) for v in unit.values)
    gradients = {name: Value(new[v.node], v.axes) for name, v in unit.gradients.items()}
    names = {new[n]: name for n, name in unit.names.items() if n in new}
    return replace(unit, values=values, gradients=gradients, names=names, moved=(*unit.moved, moved))


Pass = tuple[str, Callable[[Unit], Unit]]

_BEHIND: list[Pass] = [("expand", expand), ("tidy", tidy), ("simplify", simplify)]
VALUE_PASSES: list[Pass] = [("recognise", recognise), *_BEHIND]
GRADIENT_PASSES: list[Pass] = [("recognise", recognise), ("differentiate", differentiate), *_BEHIND]


def run_passes(
    program: Program,
    *,
    gradient: bool,
    derived: Sequence[str] = (),
    after: Callable[[str, Unit], None] = lambda name, unit: None,
) -> Unit:
    """Take a program through the passes; `after(name, unit)` is called behind each, "parse" included.

    `derived` are the functions beyond the gradient that are wanted; each goes its own way from what was recognised.
    """
    unit = start(program)
    after("parse", unit)
    found: dict[str, Derived] = {}
    for name, function in GRADIENT_PASSES if gradient else VALUE_PASSES:
        unit = function(unit)
        after(name, unit)
        if name == "recognise":
            found = {wanted: _derived(unit, wanted) for wanted in derived}
    return replace(unit, derived=found)


def _derived(unit: Unit, function: str) -> Derived:
    """Return a function's graph; where two modes lead to it, by the one that takes fewer operations."""
    asked = unit.program.mode
    if function not in BY_ENTRY:
        return _by_mode(unit, function, "")
    if asked:
        return _by_mode(unit, function, asked)
    sizes, found = typical_sizes(unit.program), list[Derived]()
    modes = (*MODES, COLOURING) if unit.program.sparse and _has_loops(unit, function) else MODES
    for mode in modes:
        try:
            found.append(_by_mode(unit, function, mode))
        except FormulaError:
            if mode == modes[-1] and not found:
                raise
    first, *others = sorted(found, key=lambda d: work(d.operations, sizes))
    return replace(first, other=others[0].operations) if others else first


def _has_loops(unit: Unit, function: str) -> bool:
    """Is there something that axes cannot tell, and more than one row?"""
    nodes = reachable([v.node for v in unit.values])
    rows = function == "hessian" or any(v.axes for v in unit.values)
    return rows and any(n.kind is Kind.HISTORY and n.dtype is DType.REAL for n in nodes)


def _by_mode(unit: Unit, function: str, mode: str) -> Derived:
    if mode == COLOURING:
        return _coloured(unit, function)
    if unit.program.sparse and function in BY_ENTRY:
        return _sparse(unit, function, mode)
    outputs = transform(unit.program, function, _results(unit, function), mode)
    names = {o.value.node: name_of(function, o.of, o.by) for o in outputs if (function, o.by) != ("jvp", "")}
    own = _own(unit, function, [o.value for o in outputs], names)
    return Derived(own, tuple((o.of, o.by) for o in outputs), mode)


def _sparse(unit: Unit, function: str, mode: str) -> Derived:
    """Return the graphs of a sparse matrix: its numbers, and where they stand."""
    found = sparse(unit.program, function, _results(unit, function), mode)
    return Derived(*_numbers(unit, function, found), mode, pattern=_places(unit, function, found))


def _coloured(unit: Unit, function: str) -> Derived:
    """Return the graphs of a sparse matrix by a colouring: numbers, places, and what may depend on what."""
    found = colouring(unit.program, function, _results(unit, function))
    names = {v.node: f"{of}_by_{by}" for v, (of, by) in zip(found.dependence, found.keys, strict=True)}
    return Derived(
        *_numbers(unit, function, found.blocks, found.tables),
        COLOURING,
        pattern=_places(unit, function, found.blocks, found.tables),
        dependence=_own(unit, function, found.dependence, names),
        tables=tuple(found.tables),
        blocks=tuple(found.keys),
    )


def _numbers(
    unit: Unit, function: str, found: Sequence[Block], tables: Sequence[Argument] = ()
) -> tuple[Unit, tuple[tuple[str, str], ...]]:
    """Return the graph of a sparse matrix's numbers, and of what and by which parameter they are."""
    names = {b.number.node: name_of(function, b.of, b.by) for b in found}
    return _own(unit, function, [b.number for b in found], names, tables), tuple((b.of, b.by) for b in found)


def _places(unit: Unit, function: str, found: Sequence[Block], tables: Sequence[Argument] = ()) -> Unit:
    """Return the graph of where they stand: the row and the column of each, then how many there are of both."""
    graph = unit.values[0].node.graph
    of_parameters = starts([p.axes for p in unit.program.differentiated])[-1]
    of_results = starts([v.axes for v in unit.values])[-1]
    sizes = [of_parameters if function == "hessian" else of_results, of_parameters]
    places = [value for b in found for value in (b.row, b.column)]
    places += [Value(build.extent(graph, size)) for size in sizes]
    names = {b.row.node: "rows" for b in found} | {b.column.node: "columns" for b in found}
    return _own(unit, function, places, names, tables)


def _results(unit: Unit, function: str) -> tuple[Value, ...]:
    """Return what a function is made of: the results, with checkpoints if they are asked for and of any use."""
    if not unit.program.checkpoint or function == "jvp":
        return unit.values
    new = checkpoint([v.node for v in unit.values])
    return tuple(Value(new[v.node], v.axes) for v in unit.values)


def _own(
    unit: Unit, function: str, values: Sequence[Value], names: Mapping[Node, str], tables: Sequence[Argument] = ()
) -> Unit:
    """Return the unit of a function, simplified; `tables` are further arguments of its kernel."""
    named = {node: name for node, name in names.items() if not node.is_const()} | unit.names
    program = extended(unit.program, function)
    program = replace(program, arguments=[*program.arguments, *tables])
    own = replace(unit, program=program, values=tuple(values), names=named)
    own = simplify(tidy(expand(own)))
    _require_counts(own, function)
    return own


def _require_counts(unit: Unit, function: str) -> None:
    """Raise FormulaError where only a `while` can tell a size, and nothing that is computed needs its states."""
    nodes = reachable(unit.roots)
    counted = {n.attrs[0].extent for n in nodes if n.kind is Kind.RECURRENCE and states_of(n)[2]}
    known = {
        *unit.program.dimensions,
        *(a.name for a in unit.program.arguments),
        *(x for e in counted for x in e.names),
    }
    for node in nodes:
        axes = {*node.axes, node.attrs[0]} if node.kind is Kind.RECURRENCE else node.axes
        if any(not axis.extent.names <= known for axis in axes):
            raise FormulaError(
                f"'{function}' needs to know the steps of a `while` loop, but none of its states.",
                Span(unit.program.file, 1),
                "Make it a `for` loop over a known range, or leave this function out.",
            )
