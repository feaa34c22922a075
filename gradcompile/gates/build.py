"""Functions that build nodes: the one way into the graph, with the gates' types and folding of literals."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from gradcompile.errors import InternalError
from gradcompile.gates.registry import ARRAY, GATES, REDUCE
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Graph, Kind, Node

STAND_INS = frozenset({math.pi, -math.pi, 2 / math.sqrt(math.pi), -2 / math.sqrt(math.pi)})
"""Floats that stand for a number that no float is: they are kept but for the sign, so that verification can tell."""

_RESULT = {"bool": DType.BOOL, "int": DType.INT, "real": DType.REAL}


def const(graph: Graph, value: float | int | bool) -> Node:
    """Return a literal."""
    kind = DType.BOOL if isinstance(value, bool) else DType.INT if isinstance(value, int) else DType.REAL
    return graph.make(Kind.CONST, attrs=(value,), dtype=kind)


def extent(graph: Graph, size: Extent) -> Node:
    """Return a size as an integer value; a literal where it is known."""
    if (number := size.constant) is not None:
        return const(graph, number)
    return graph.make(Kind.EXTENT, attrs=(size,), dtype=DType.INT)


def argument(graph: Graph, name: str, axes: Iterable[Axis] = (), dtype: DType = DType.REAL) -> Node:
    """Return the read of an argument of the formula over the given axes, in the argument's own order."""
    return graph.make(Kind.INPUT, name, attrs=tuple(axes), dtype=dtype)


def iota(graph: Graph, axis: Axis) -> Node:
    """Return the position along an axis."""
    return graph.make(Kind.IOTA, attrs=(axis,), dtype=DType.INT)


def result_type(name: str, operands: tuple[Node, ...]) -> DType:
    """Return the element type of a gate's result: the type rule of every gate."""
    rule = GATES[name].result
    if rule != "same":
        return _RESULT[rule]
    types = [o.dtype for o in (operands[1:] if name == "where" else operands)]
    return DType.REAL if DType.REAL in types else DType.INT if DType.INT in types else DType.BOOL


def gate(name: str, *operands: Node) -> Node:
    """Apply an elementwise gate. Booleans count as 0 and 1 in arithmetic; literal operands fold."""
    record = GATES.get(name)
    if record is None:
        raise InternalError(f"no gate is called {name}")
    types = [o.dtype for o in operands]
    if DType.BOOL in types and record.result != "bool" and name not in ("where", "integer", "stop_gradient"):
        operands = tuple([_as_number(o) for o in operands])
    if name == "pow" and DType.REAL not in types and not _whole(operands[1]):
        operands = (as_real(operands[0]), operands[1])
    if record.fold is not None and operands[-1].kind is Kind.CONST and all(o.kind is Kind.CONST for o in operands):
        folded = _fold(record.fold, operands)
        if folded is not None:
            return const(operands[0].graph, folded)
    return operands[0].graph.make(Kind.GATE, name, operands, dtype=result_type(name, operands))


def _as_number(node: Node) -> Node:
    if node.dtype is not DType.BOOL:
        return node
    if node.kind is Kind.CONST:
        return const(node.graph, int(node.value))
    return node.graph.make(Kind.GATE, "integer", (node,), dtype=DType.INT)


def as_real(node: Node) -> Node:
    """Return the node as a real number."""
    return node if node.dtype is DType.REAL else gate("real", _as_number(node))


def _whole(node: Node) -> bool:
    return node.is_const() and node.value >= 0


def _fold(function: Callable[..., float | int | bool], operands: tuple[Node, ...]) -> float | int | bool | None:
    """Return a gate's value for literals where it is exact, so that the graph still means what the user wrote."""
    literals = [o.value for o in operands]
    if function is not operator.neg and any(number in STAND_INS for number in literals):
        return None
    try:
        value = function(*literals)
        if isinstance(value, complex) or (isinstance(value, float) and not _is_exact(value, function, literals)):
            return None
        return float(value) if isinstance(value, int) and abs(value) >= 2**63 else value
    except (ArithmeticError, ValueError):
        return None


def _is_exact(value: float, function: Callable[..., float | int | bool], literals: Sequence[float | int]) -> bool:
    exact = function(*map(Fraction, literals))
    return exact == Fraction(value) and (function is float or not isinstance(exact, float))


def reduce(name: str, x: Node, axis: Axis) -> Node:
    """Reduce over an axis; where x does not depend on it, the closed form of the record."""
    record = REDUCE[name]
    if axis not in x.axes:
        from gradcompile.gates.template import formula  # noqa: PLC0415  (templates are built from these functions)

        return formula(record.absent).build(x.graph, {"x": x, "n": extent(x.graph, axis.extent)})
    if record.result == "real":
        x = as_real(x)
    elif x.dtype is DType.BOOL and record.result == "same":
        x = _as_number(x)
    dtype = x.dtype if record.result == "same" else _RESULT[record.result]
    return x.graph.make(Kind.REDUCE, name, (x,), (axis,), dtype)


def reduce_all(name: str, x: Node, axes: Iterable[Axis]) -> Node:
    """Reduce over several axes, the last first, so that ties go to the first in C order."""
    for axis in reversed(tuple(axes)):
        x = reduce(name, x, axis)
    return x


def rename(x: Node, mapping: Mapping[Axis, Axis]) -> Node:
    """Return the same numbers over other axis names; a rename of a rename, an argument or an iota is no node."""
    mapping = {a: b for a, b in mapping.items() if a != b and a in x.axes}
    if not mapping:
        return x
    if len({mapping.get(a, a) for a in x.axes}) != len(x.axes):
        raise InternalError(f"renaming {x!r} would make two of its axes one")
    match x.kind:
        case Kind.INPUT:
            return argument(x.graph, x.name, [mapping.get(a, a) for a in x.attrs], x.dtype)
        case Kind.IOTA:
            return iota(x.graph, mapping[x.attrs[0]])
        case Kind.RENAME:
            inner = {a: mapping.get(b, b) for a, b in x.attrs}
            (base,) = x.operands
            inner |= {a: b for a, b in mapping.items() if a in base.axes and a not in inner}
            return rename(base, inner)
    return x.graph.make(Kind.RENAME, operands=(x,), attrs=tuple(sorted(mapping.items())), dtype=x.dtype)


def take(x: Node, axis: Axis, index: Node, guard: Node | None = None) -> Node:
    """Read x at position `index` of an axis; the index's axes take its place, and shared axes are a diagonal.

    Where the guard does not hold, nothing is read and the value is 0.
    """
    guard = _needed(guard)
    if axis not in x.axes:
        return x if guard is None else gate("where", guard, x, zero_of(x))
    if index.kind is Kind.IOTA and guard is None:
        target = index.attrs[0]
        if target == axis:
            return x
        if target.extent == axis.extent and target not in x.axes:
            return rename(x, {axis: target})
    operands = (x, index) if guard is None else (x, index, guard)
    return x.graph.make(Kind.TAKE, operands=operands, attrs=(axis,), dtype=x.dtype)


def scatter(x: Node, axis: Axis, index: Node, over: Iterable[Axis], guard: Node | None = None) -> Node:
    """Accumulate x at computed positions of a new axis: out[axis=a] = sum over `over` of x where index == a.

    Where the guard does not hold, nothing is added.
    """
    guard = _needed(guard)
    guarded = () if guard is None else (guard,)
    for a in over:
        if not any(a in o.axes for o in (x, index, *guarded)):
            x = reduce("sum", x, a)
    over = tuple(sorted(a for a in over if any(a in o.axes for o in (x, index, *guarded))))
    if index.kind is Kind.IOTA and over == index.attrs and guard is None:
        source = index.attrs[0]
        if axis.extent == source.extent and source in x.axes and (axis == source or axis not in x.axes):
            return rename(x, {source: axis})
    return x.graph.make(Kind.SCATTER, operands=(x, index, *guarded), attrs=(axis, over), dtype=x.dtype)


def array_gate(name: str, operands: Sequence[Node], inner: Sequence[Sequence[Axis]], outer: Sequence[Axis]) -> Node:
    """Apply an array gate: it eats the axes `inner` of each operand and makes `outer`; the others are of a stack."""
    record = ARRAY[name]
    numbers = tuple([o if i in record.whole else as_real(o) for i, o in enumerate(operands)])
    attrs = (tuple(map(tuple, inner)), tuple(outer))
    return operands[0].graph.make(Kind.ARRAY, name, numbers, attrs, _RESULT[record.result])


def _needed(guard: Node | None) -> Node | None:
    return None if guard is None or guard.is_const(True) else guard


def zero_of(x: Node) -> Node:
    """Return the zero of a node's own type."""
    return const(x.graph, {DType.REAL: 0.0, DType.INT: 0, DType.BOOL: False}[x.dtype])


def both(a: Node | None, b: Node | None) -> Node | None:
    """Return the condition that both guards hold; no guard always holds."""
    if a is None or b is None or a is b:
        return a or b
    return gate("and", a, b)


def checked(index: Node, size: Node, message: str, guard: Node | None = None) -> Node:
    """Return the index itself; the generated module raises IndexError unless 0 <= index < size where the guard holds.

    The message may have the placeholders {index} and {size}.
    """
    if index.is_const() and size.is_const() and 0 <= index.value < size.value:
        return index
    guard = _needed(guard)
    operands = (index, size) if guard is None else (index, size, guard)
    return index.graph.make(Kind.CHECK, operands=operands, attrs=(message,), dtype=DType.INT)


def carry(graph: Graph, depth: int, slot: int, axes: Iterable[Axis], dtype: DType = DType.REAL) -> Node:
    """Return a state of the recurrence at this nesting depth, before the current step."""
    return graph.make(Kind.CARRY, attrs=(depth, slot, tuple(sorted(axes))), dtype=dtype)


def recurrence(
    inits: Sequence[Node],
    bodies: Sequence[Node],
    axis: Axis,
    *,
    depth: int,
    backward: bool = False,
    condition: Node | None = None,
    name: str = "",
) -> Node:
    """Return the states that start as `inits` and become `bodies` at each step along the axis of time.

    Each carry must have all axes of its init and body; `gates.substitute.recur` sees to that. With a condition the
    steps go on while it holds, and the extent of the axis is known when they have ended. The name "checkpoint" asks
    for a backward pass that remembers the states before each step and computes all else again.
    """
    operands = (*inits, *bodies) if condition is None else (*inits, *bodies, condition)
    attrs = (axis, backward, depth, len(inits))
    return inits[0].graph.make(Kind.RECURRENCE, name, operands, attrs)


def history(of: Node, slot: int, which: str) -> Node:
    """Return a state of a recurrence: "after" each step, "before" each step, or the "final" one.

    A state that no step changes is its init.
    """
    init, body = of.operands[slot], of.operands[of.attrs[3] + slot]
    if body.kind is Kind.CARRY and body.attrs[:2] == (of.attrs[2], slot):
        return init
    return of.graph.make(Kind.HISTORY, operands=(of,), attrs=(slot, which), dtype=body.dtype)


def running(name: str, x: Node, axis: Axis, *, backward: bool = False) -> Node:
    """Return the recurrence whose state is the running sum ("add") or the running product ("mul") along an axis."""
    depth = max(x.carries, default=-1) + 1
    start = const(x.graph, 0.0 if name == "add" else 1.0)
    state = carry(x.graph, depth, 0, [a for a in x.axes if a != axis])
    return recurrence([start], [gate(name, state, as_real(x))], axis, backward=backward, depth=depth)


def cumulate(name: str, x: Node, axis: Axis) -> Node:
    """Return running sums ("add") or running products ("mul") along an axis."""
    return history(running(name, x, axis), 0, "after")


def others(x: Node, axis: Axis) -> Node:
    """Return, at each position of the axis, the product of all other elements: no division, so zeros are right."""
    before = history(running("mul", x, axis), 0, "before")
    return gate("mul", before, history(running("mul", x, axis, backward=True), 0, "before"))
