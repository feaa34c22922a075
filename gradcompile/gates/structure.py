"""What is known of a matrix from how it is made and what is declared: symmetric, positive definite, triangular.

All of it is proved or not said: a matrix of which nothing is known may still be any of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradcompile.gates import build
from gradcompile.gates.registry import GATES
from gradcompile.ir.nodes import Axis, Declared, Kind, Node

_DEEP = 16  # gates that are looked through, one below the other
_SUMS = 8  # of them, where each is looked at in two ways
_EVEN = frozenset({"square", "abs", "cosh"})
_SYMMETRIC = frozenset({"inv_pd", "congruence", "congruence_inv_sym", "congruence_inv_pd"})
_POSITIVE = frozenset({"exp", "exp2", "sigmoid", "softplus", "cosh"})
_DECLARED = Declared()


def structure_of(node: Node, row: Axis, column: Axis) -> str:
    """Return what is known of the matrices over two axes: definite, symmetric, lower, upper, or nothing ("")."""
    if is_lower(node, row, column):
        return "lower"
    if is_lower(node, column, row):
        return "upper"
    if not is_symmetric(node, row, column):
        return ""
    return "definite" if is_definite(node, row, column) else "symmetric"


def _declared(node: Node) -> Declared:
    return node.graph.declared.get(node.name, _DECLARED)


def _behind(node: Node, axes: Sequence[Axis]) -> list[Axis]:
    """Return what a view's own array calls these axes."""
    back = {b: a for a, b in node.attrs}
    return [back.get(a, a) for a in axes]


def is_symmetric(node: Node, row: Axis, column: Axis) -> bool:
    """Is it the same with the two axes exchanged?"""
    return _mirrored(node, node, row, column, _DEEP)


def symmetric_part(node: Node, row: Axis, column: Axis) -> Node:
    """Return half the sum of a matrix and its transpose; a matrix that is known to be symmetric as it is."""
    if is_symmetric(node, row, column):
        return node
    exchanged = build.rename(node, {row: column, column: row})
    return build.gate("mul", build.const(node.graph, 0.5), build.gate("add", node, exchanged))


def _mirrored(x: Node, y: Node, row: Axis, column: Axis, depth: int) -> bool:
    """Is x at (row, column) equal to y at (column, row)?"""
    if row not in (*x.axes, *y.axes) and column not in (*x.axes, *y.axes):
        return x is y
    if x is y and x.graph.symmetric.get(x) == frozenset((row, column)):
        return True
    exchange = {row: column, column: row}
    if _renamed(x, y, exchange) or _renamed(y, x, exchange):
        return True
    if x.kind is not y.kind or x.name != y.name or not depth:
        return False
    match x.kind:
        case Kind.INPUT:
            other = tuple(exchange.get(a, a) for a in x.attrs)
            if _declared(x).structure in ("symmetric", "definite"):
                return other[:-2] == y.attrs[:-2] and set(other[-2:]) == set(y.attrs[-2:])
            return other == y.attrs
        case Kind.IOTA:
            return bool(exchange.get(x.attrs[0], x.attrs[0]) == y.attrs[0])
        case Kind.RENAME if x.attrs == y.attrs:
            below, beside = _behind(x, (row, column))
            return _mirrored(x.operands[0], y.operands[0], below, beside, depth - 1)
        case Kind.REDUCE if x.attrs == y.attrs and x.attrs[0] not in exchange:
            return _mirrored(x.operands[0], y.operands[0], row, column, depth - 1)
        case Kind.GATE if x is y and x.name == "where" and _is_diagonal(x, row, column):
            return True
        case Kind.GATE:
            orders = [y.operands]
            if GATES[x.name].commutative and len(y.operands) == 2:
                orders.append(y.operands[::-1])
            return any(_all_mirrored(x.operands, order, row, column, depth - 1) for order in orders) or (
                _is_even(x) and _opposite(x.operands[0], y.operands[0], row, column, depth - 1)
            )
        case Kind.ARRAY if x is y and x.name in _SYMMETRIC:
            return set(x.attrs[1]) == {row, column}
        case Kind.HISTORY if x is y:
            return x.graph.symmetric.get((x.operands[0], x.attrs[0])) == frozenset((row, column))
    return False


def _renamed(x: Node, y: Node, exchange: Mapping[Axis, Axis]) -> bool:
    """Is y the view of x with two axes exchanged?"""
    return (
        y.kind is Kind.RENAME
        and y.operands[0] is x
        and dict(y.attrs) == {a: b for a, b in exchange.items() if a in x.axes}
    )


def _is_even(node: Node) -> bool:
    """Is it the same of -x as of x?"""
    squared = node.name == "pow" and node.operands[1].is_const() and node.operands[1].value % 2 == 0
    return squared or node.name in _EVEN


def _all_mirrored(xs: Sequence[Node], ys: Sequence[Node], row: Axis, column: Axis, depth: int) -> bool:
    return all(_mirrored(x, y, row, column, depth) for x, y in zip(xs, ys, strict=True))


def _opposite(x: Node, y: Node, row: Axis, column: Axis, depth: int) -> bool:
    """Is x at (row, column) equal to -y at (column, row), as a difference of two elements is?"""
    if x.op != "sub" or y.op != "sub":
        return False
    return _all_mirrored(x.operands, y.operands[::-1], row, column, depth)


def is_lower(node: Node, row: Axis, column: Axis, depth: int = _DEEP) -> bool:
    """Is everything above the diagonal 0?"""
    if node.is_const(0):
        return True
    if row not in node.axes or column not in node.axes or not depth:
        return False
    match node.kind:
        case Kind.INPUT:
            form = {(row, column): "lower", (column, row): "upper"}.get(node.attrs[-2:])
            return form is not None and _declared(node).structure == form
        case Kind.ARRAY:
            return node.name == "cholesky" and node.attrs[1] == (row, column)
        case Kind.RENAME:
            below, beside = _behind(node, (row, column))
            return is_lower(node.operands[0], below, beside, depth - 1)
        case Kind.GATE:
            return _gate_is_lower(node, row, column, depth - 1)
    return False


def _gate_is_lower(node: Node, row: Axis, column: Axis, depth: int) -> bool:
    operands = node.operands
    match node.name:
        case "mul":
            return any(is_lower(o, row, column, depth) for o in operands)
        case "neg" | "div" | "real":
            return is_lower(operands[0], row, column, depth)
        case "add" | "sub":
            return all(is_lower(o, row, column, depth) for o in operands)
        case "where":
            kept = _keeps_lower(operands[0], row, column) or is_lower(operands[1], row, column, depth)
            return kept and is_lower(operands[2], row, column, depth)
    return False


def is_triangle(node: Node, row: Axis, column: Axis, depth: int = _DEEP) -> bool:
    """Is everything above the diagonal 0 because it is written there? Then it is 0 whatever the numbers are."""
    if not depth:
        return False
    match node.kind:
        case Kind.CONST:
            return node.is_const(0)
        case Kind.RENAME:
            below, beside = _behind(node, (row, column))
            return is_triangle(node.operands[0], below, beside, depth - 1)
        case Kind.SCATTER:
            (axis, over), (x, index, *_) = node.attrs, node.operands
            return (
                axis == column
                and not over
                and index.kind is Kind.IOTA
                and index.attrs == (row,)
                and column not in x.axes
            )
        case Kind.GATE if node.name in ("add", "sub", "neg"):
            return all(is_triangle(o, row, column, depth - 1) for o in node.operands)
        case Kind.GATE if node.name == "where":
            condition, _, other = node.operands
            return other.is_const(0) and _keeps_lower(condition, row, column)
    return False


def _keeps_lower(condition: Node, row: Axis, column: Axis) -> bool:
    """Does the condition hold nowhere above the diagonal? As ``tril``, ``eye`` and index notation write it."""
    if condition.op not in ("ge", "gt", "le", "lt", "eq"):
        return False
    left, right = condition.operands
    if condition.op in ("le", "lt"):
        left, right = right, left
    found = _position(left), _position(right)
    if condition.op == "eq" and found[0][0] == column:
        found = found[::-1]
    (first, plus), (second, more) = found
    at_most = plus - more == 0 if condition.op == "eq" else plus - more <= (condition.op in ("gt", "lt"))
    return first == row and second == column and at_most


def _position(node: Node) -> tuple[Axis | None, int]:
    """Return the axis and the offset of a position along it, ``iota + c``."""
    if node.kind is Kind.IOTA:
        return node.attrs[0], 0
    if node.op in ("add", "sub") and node.operands[0].kind is Kind.IOTA and node.operands[1].is_const():
        offset = int(node.operands[1].value)
        return node.operands[0].attrs[0], offset if node.op == "add" else -offset
    return None, 0


def is_definite(node: Node, row: Axis, column: Axis, depth: int = _SUMS) -> bool:
    """Is it positive definite? By declaration, or as a sum of such a matrix and a semidefinite one."""
    if not depth:
        return False
    match node.kind:
        case Kind.INPUT:
            return set(node.attrs[-2:]) == {row, column} and _declared(node).structure == "definite"
        case Kind.ARRAY:
            return node.name == "inv_pd" and set(node.attrs[1]) == {row, column}
        case Kind.RENAME:
            below, beside = _behind(node, (row, column))
            return is_definite(node.operands[0], below, beside, depth - 1)
        case Kind.GATE if node.name == "add":
            a, b = node.operands
            one = is_definite(a, row, column, depth - 1) and is_semidefinite(b, row, column, depth - 1)
            return one or (is_definite(b, row, column, depth - 1) and is_semidefinite(a, row, column, depth - 1))
        case Kind.GATE if node.name in ("mul", "div"):
            matrix, scalar = _scaled(node, row, column)
            return scalar is not None and is_positive(scalar) and is_definite(matrix, row, column, depth - 1)
        case Kind.GATE if node.name == "where":
            return _is_diagonal(node, row, column) and is_positive(node.operands[1])
    return False


def is_semidefinite(node: Node, row: Axis, column: Axis, depth: int = _SUMS) -> bool:
    """Is it positive semidefinite: definite, a product X Xᵀ, a diagonal matrix, or a sum of these?"""
    if not depth:
        return False
    if is_definite(node, row, column, depth - 1):
        return True
    match node.kind:
        case Kind.RENAME:
            below, beside = _behind(node, (row, column))
            return is_semidefinite(node.operands[0], below, beside, depth - 1)
        case Kind.REDUCE if node.name == "sum" and node.attrs[0] not in (row, column):
            return is_semidefinite(node.operands[0], row, column, depth - 1)
        case Kind.GATE if node.name == "mul" and _is_outer(node, row, column):
            return True
        case Kind.GATE if node.name in ("mul", "div"):
            matrix, scalar = _scaled(node, row, column)
            return scalar is not None and is_nonnegative(scalar) and is_semidefinite(matrix, row, column, depth - 1)
        case Kind.GATE if node.name == "add":
            return all(is_semidefinite(o, row, column, depth - 1) for o in node.operands)
        case Kind.GATE if node.name == "where":
            return _is_diagonal(node, row, column) and is_nonnegative(node.operands[1])
    return False


def _is_outer(node: Node, row: Axis, column: Axis) -> bool:
    """Is it x[row] * x[column]?"""
    a, b = node.operands
    apart = not (column in a.axes and row in a.axes) and not (column in b.axes and row in b.axes)
    return apart and _mirrored(a, b, row, column, _DEEP)


def _scaled(node: Node, row: Axis, column: Axis) -> tuple[Node, Node | None]:
    """Return the matrix and the factor of a multiple of a matrix; the divisor of a quotient."""
    for matrix, scalar in (node.operands, node.operands[::-1]):
        if not {row, column} & set(scalar.axes):
            return matrix, scalar
        if node.name == "div":
            break
    return node, None


def _is_diagonal(node: Node, row: Axis, column: Axis) -> bool:
    test, _, other = node.operands
    on = test.op == "eq" and all(o.kind is Kind.IOTA for o in test.operands) and set(test.axes) == {row, column}
    return on and other.is_const(0)


def is_positive(node: Node, depth: int = _SUMS) -> bool:
    """Is it proved to be above 0 (rounding to 0 aside)?"""
    if not depth:
        return False
    match node.kind:
        case Kind.CONST:
            return bool(node.value > 0)
        case Kind.INPUT:
            low, at_zero = _declared(node).domain[0], _declared(node).closed[0]
            return low > 0 or (low == 0 and not at_zero)
        case Kind.GATE if node.name in _POSITIVE:
            return True
        case Kind.GATE if node.name in ("mul", "div"):
            return all(is_positive(o, depth - 1) for o in node.operands)
        case Kind.GATE if node.name in ("sqrt", "square", "real", "abs"):
            return is_positive(node.operands[0], depth - 1)
        case Kind.GATE if node.name == "pow":
            return is_positive(node.operands[0], depth - 1)
        case Kind.GATE if node.name == "add":
            signs = [(is_positive(o, depth - 1), is_nonnegative(o, depth - 1)) for o in node.operands]
            return all(n for _, n in signs) and any(p for p, _ in signs)
        case Kind.RENAME:
            return is_positive(node.operands[0], depth - 1)
        case Kind.TAKE if len(node.operands) == 2:
            return is_positive(node.operands[0], depth - 1)
    return False


def is_nonnegative(node: Node, depth: int = _SUMS) -> bool:
    """Is it proved to be 0 or more?"""
    if not depth:
        return False
    if node.kind in (Kind.EXTENT, Kind.IOTA) or is_positive(node, depth - 1):
        return True
    match node.kind:
        case Kind.CONST:
            return bool(node.value >= 0)
        case Kind.INPUT:
            return _declared(node).domain[0] >= 0
        case Kind.GATE if node.name in ("square", "abs", "relu", "sqrt"):
            return True
        case Kind.GATE if node.name == "mul" and node.operands[0] is node.operands[1]:
            return True
        case Kind.GATE if node.name == "pow" and node.operands[1].is_const():
            return bool(node.operands[1].value % 2 == 0) or is_nonnegative(node.operands[0], depth - 1)
        case Kind.GATE if node.name in ("add", "mul", "div"):
            return all(is_nonnegative(o, depth - 1) for o in node.operands)
        case Kind.REDUCE if node.name in ("sum", "prod", "max", "min"):
            return is_nonnegative(node.operands[0], depth - 1)
        case Kind.REDUCE:
            return node.name == "norm"
        case Kind.RENAME | Kind.TAKE:
            return is_nonnegative(node.operands[0], depth - 1)
    return False
