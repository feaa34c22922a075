"""The functions beyond value and gradient: ``jvp``, ``vjp``, ``hvp``, ``jacobian`` and ``hessian``.

Each is a graph of its own, made from that of the value by the transforms of `autodiff`: forward mode, reverse mode, and
one over the other. What it takes beside the formula's arguments, and what it returns, is said here once.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gradcompile.autodiff.cotangent import Cotangent
from gradcompile.autodiff.directions import along_each, fresh, same_place
from gradcompile.autodiff.forward import Directions, along, along_histories
from gradcompile.autodiff.linalg import within_structure
from gradcompile.autodiff.reverse import pull, trace
from gradcompile.errors import FormulaError, Span
from gradcompile.gates import build
from gradcompile.gates.substitute import lowest, relabel
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Graph, Node
from gradcompile.rewrite.simplify import simplified
from gradcompile.sparse import COLOURS, Block, Coloured, blocks, coloured
from gradcompile.syntax.program import Argument, Program, Value

DERIVED = ("jvp", "vjp", "hvp", "hessian", "jacobian")
SECOND_ORDER = frozenset({"hvp", "hessian"})
MODES = ("forward", "reverse")
COLOURING = "colouring"  # the third, of sparse matrices
BY_ENTRY = frozenset({"jacobian", "hessian"})  # in which a mode can be chosen


@dataclass(frozen=True)
class Output:
    """One array that a function returns: the value of a result, a derivative, or a block of a matrix of derivatives."""

    of: str  # the result; of second order, the parameter that comes first
    by: str  # the parameter; "tangent" and "" are the result along a direction, and itself
    value: Value


def extras(program: Program, function: str) -> list[Argument]:
    """Return what a function takes beside the formula's arguments: directions, or cotangents of the results."""
    taken = {a.name for a in program.arguments}
    if function in ("jvp", "hvp"):
        return [_extra(f"d{a.name}", a.axes, taken) for a in program.differentiated]
    if function == "vjp":
        several = len(program.results) > 1
        return [_extra(f"cotangent_{n}" if several else "cotangent", v.axes, taken) for n, v in program.results]
    return []


def _extra(wish: str, axes: tuple[Axis, ...], taken: set[str]) -> Argument:
    while wish in taken:
        wish += "_"
    taken.add(wish)
    return Argument(wish, "Real", DType.REAL, axes)


def arguments(program: Program, function: str) -> list[Argument]:
    """Return all that a function takes, in the order in which it takes them: what has a default comes last."""
    required = [a for a in program.arguments if a.default is None]
    return [*required, *extras(program, function), *(a for a in program.arguments if a.default is not None)]


def extended(program: Program, function: str) -> Program:
    """Return the program with the arguments of a function."""
    return replace(program, arguments=arguments(program, function))


def keyword(name: str, taken: Container[str]) -> str:
    """Return the name of a keyword of a function that has these arguments."""
    return f"{name}_" if name in taken else name


def require_known_sizes(program: Program, function: str) -> None:
    """Raise FormulaError where a function takes or returns a cotangent of which only a run can tell the size."""
    if function not in ("vjp", "jacobian"):
        return
    known = {*program.dimensions, *(a.name for a in program.arguments if a.dtype is DType.INT and not a.axes)}
    for name, value in program.results:
        if any(not size.names <= known for size in value.shape):
            raise FormulaError(
                f"'{function}' needs the size of `{name}`, which only a run of its loop can tell.",
                program.graph.origin_of(value.node).span or Span(program.file, 1),
                "Return what has a known size, for example the last state, or ask for jvp.",
            )


def transform(program: Program, function: str, values: Sequence[Value], mode: str) -> list[Output]:
    """Return the outputs of a function, given the results as nodes of one graph.

    ``jacobian`` and ``hessian`` are made entry by entry: in forward mode one direction for each element of a parameter,
    in reverse mode one cotangent for each element of a result. Both are graphs over further axes, not loops.
    """
    results = {name: value for (name, _), value in zip(program.results, values, strict=True)}
    return [replace(o, value=_lowered(o.value)) for o in _TRANSFORMS[function](program, results, mode)]


def sparse(program: Program, function: str, values: Sequence[Value], mode: str) -> list[Block]:
    """Return the entries of a sparse Jacobian or Hessian, given the results as nodes of one graph."""
    found = blocks(program, _rows(program, function, values), mode, lower=function == "hessian")
    return [Block(b.of, b.by, *map(_lowered, (b.number, b.row, b.column))) for b in found]


def colouring(program: Program, function: str, values: Sequence[Value]) -> Coloured:
    """Return a sparse Jacobian or Hessian by a colouring of its columns, given the results as nodes of one graph."""
    found = coloured(program, _rows(program, function, values), lower=function == "hessian")
    return replace(found, dependence=[_lowered(value) for value in found.dependence])


def _rows(program: Program, function: str, values: Sequence[Value]) -> list[tuple[str, Value]]:
    """Return what the rows of a Jacobian or a Hessian are the derivatives of, by name: results, or gradients."""
    results = {name: value for (name, _), value in zip(program.results, values, strict=True)}
    if function == "jacobian":
        return list(results.items())
    gradients = zip(program.differentiated, _gradients(program, results).values(), strict=True)
    return [(p.name, Value(g, p.axes)) for p, g in gradients]


def _lowered(value: Value) -> Value:
    """Return a value over the lowest names of axes, so that two blocks share what they have in common."""
    node, axes = value.node, list(value.axes)
    for at, axis in enumerate(axes):
        if axis in node.axes and (low := lowest(axis, node)) not in axes and low.counter < axis.counter:
            node, axes[at] = relabel(node, {axis: low}), low
    return Value(node, tuple(axes))


# -- products with a direction -------------------------------------------------------------------------------------


def _jvp(program: Program, results: Mapping[str, Value], mode: str) -> list[Output]:
    values, tangents = along([v.node for v in results.values()], _given(program, results, "jvp"))
    axes = [v.axes for v in results.values()]
    found = [Output(name, "", Value(v, a)) for name, v, a in zip(results, values, axes, strict=True)]
    return found + [Output(name, "tangent", Value(t, a)) for name, t, a in zip(results, tangents, axes, strict=True)]


def _vjp(program: Program, results: Mapping[str, Value], mode: str) -> list[Output]:
    upstream = []
    for value, extra in zip(results.values(), extras(program, "vjp"), strict=True):
        cotangent = build.argument(value.node.graph, extra.name, extra.axes)
        copied = [a for a in value.axes if a not in value.node.axes]
        upstream.append((value.node, Cotangent(build.reduce_all("sum", cotangent, copied))))
    return _pulled("", upstream, program)


def _hvp(program: Program, results: Mapping[str, Value], mode: str) -> list[Output]:
    gradients = _gradients(program, results)
    given, nodes = _given(program, results, "hvp"), simplified(list(gradients.values()))
    tangents = along(nodes, given)[1] if program.checkpoint else along_histories(nodes, given)
    parameters = program.differentiated
    return [Output("", p.name, Value(_within(t, p), p.axes)) for p, t in zip(parameters, tangents, strict=True)]


def _given(program: Program, results: Mapping[str, Value], function: str) -> Directions:
    graph = _graph(results)
    directions = {}
    for parameter, extra in zip(program.differentiated, extras(program, function), strict=True):
        direction = build.argument(graph, extra.name, extra.axes)
        directions[parameter.name] = (_within(direction, parameter), parameter.axes)
    return directions


# -- entry by entry ------------------------------------------------------------------------------------------------


def _jacobian(program: Program, results: Mapping[str, Value], mode: str) -> list[Output]:
    parameters = program.differentiated
    if mode == "reverse":
        found: list[Output] = []
        for name, value in results.items():
            rows, upstream = _unit(value.axes, value.node)
            found += _pulled(name, [(value.node, upstream)], program, rows)
        return found
    columns = [_columns(results.values(), p) for p in parameters]
    pairs = [(name, j) for name in results for j in range(len(parameters))]
    values = [column[i] for i in range(len(results)) for column in columns]
    return [Output(name, parameters[j].name, value) for (name, j), value in zip(pairs, values, strict=True)]


def _hessian(program: Program, results: Mapping[str, Value], mode: str) -> list[Output]:
    """The lower triangle of blocks: what is above is the same, transposed."""
    parameters = program.differentiated
    gradients = [Value(g, p.axes) for g, p in zip(_gradients(program, results).values(), parameters, strict=True)]
    if mode == "reverse":
        found: list[Output] = []
        for at, (p, gradient) in enumerate(zip(parameters, gradients, strict=True)):
            rows, upstream = _unit(p.axes, gradient.node)
            found += _pulled(p.name, [(gradient.node, upstream)], program, rows)[: at + 1]
        return found
    columns = [_columns(gradients[at:], q) for at, q in enumerate(parameters)]
    return [
        Output(p.name, q.name, columns[j][i - j])
        for i, p in enumerate(parameters)
        for j, q in enumerate(parameters[: i + 1])
    ]


def _columns(values: Iterable[Value], parameter: Argument) -> list[Value]:
    """Return the derivatives of values along each element of a parameter: their axes, then those of the parameter."""
    values = list(values)
    beside = [a for v in values for a in v.axes]
    direction, columns = along_each(values[0].node.graph, parameter.name, parameter.axes, beside)
    _, tangents = along([v.node for v in values], {parameter.name: (direction, parameter.axes)})
    return [Value(t, (*v.axes, *columns)) for v, t in zip(values, tangents, strict=True)]


def _unit(axes: Sequence[Axis], node: Node) -> tuple[tuple[Axis, ...], Cotangent]:
    """Return an axis for each of some, and the cotangent that is 1 where both are at the same position."""
    graph, rows = node.graph, fresh(node.graph, axes)
    pairs = [(a, r) for a, r in zip(axes, rows, strict=True) if a in node.axes]  # along the others it is constant
    condition = same_place(graph, [a for a, _ in pairs], [r for _, r in pairs])
    return rows, Cotangent(build.const(graph, 1.0), condition, settled=condition is None)


# -- what they share -----------------------------------------------------------------------------------------------


def _pulled(
    of: str, upstream: Sequence[tuple[Node, Cotangent]], program: Program, rows: tuple[Axis, ...] = ()
) -> list[Output]:
    """Return what arrives at each parameter."""
    zero = build.const(upstream[0][0].graph, 0.0)
    arrived = pull(upstream, {p.name: p.axes for p in program.differentiated})
    found = []
    for p in program.differentiated:
        node = _within(arrived[p.name].settle(), p) if p.name in arrived else zero
        found.append(Output(of, p.name, Value(node, (*rows, *p.axes))))
    return found


def _gradients(program: Program, results: Mapping[str, Value]) -> dict[str, Node]:
    (value,) = results.values()
    return trace(value.node, {p.name: p.axes for p in program.differentiated}).gradients


def _within(node: Node, parameter: Argument) -> Node:
    return within_structure(node, parameter.name, parameter.axes)


def _graph(results: Mapping[str, Value]) -> Graph:
    return next(iter(results.values())).node.graph


Transform = Callable[[Program, Mapping[str, Value], str], list[Output]]
_TRANSFORMS: Mapping[str, Transform] = {
    "jvp": _jvp, "vjp": _vjp, "hvp": _hvp, "jacobian": _jacobian, "hessian": _hessian
}  # fmt: skip


def label(function: str, of: str, by: str) -> str:
    """Return what the certificate calls an output: jvp.loss.tangent, hvp.w, hessian.w.b."""
    return ".".join(part for part in (function, of, by) if part)


def name_of(function: str, of: str, by: str) -> str:
    """Return the name that an output wishes to have in the module."""
    letter = {"jvp": "d", "vjp": "d", "hvp": "Hd", "jacobian": "J_", "hessian": "H_"}[function]
    parts = {"jvp": (of,), "jacobian": (of, by), "hessian": (of, by)}.get(function, (by,))
    return letter + "_".join(parts)


def typical_sizes(program: Program) -> dict[str, int]:
    """Return sizes at which the work of two ways is compared: parameters have 30 along each axis, data 1000."""
    of_parameters = {name for p in program.differentiated for size in p.shape for name in size.names}
    whole = [a.name for a in program.arguments if a.dtype is DType.INT and not a.axes]
    sizes = {name: 30 if name in of_parameters else 1000 for name in [*program.dimensions, *whole]}
    return {COLOURS: 10, **sizes}


def blocks_of(program: Program, function: str) -> list[tuple[str, tuple[Extent, ...]]]:
    """Return what the rows of a Jacobian or a Hessian belong to, with its shape: results, or parameters."""
    if function == "hessian":
        return [(p.name, p.shape) for p in program.differentiated]
    return [(name, value.shape) for name, value in program.results]


def work(count: Extent, sizes: Mapping[str, int]) -> int:
    """Return a number of operations at some sizes; a loop whose steps only a run can count takes 100 of them."""
    return count.evaluate({**dict.fromkeys(count.names, 100), **sizes})
