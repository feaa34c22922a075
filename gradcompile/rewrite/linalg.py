"""Rules that recognise linear algebra: what a person would write instead of an inverse or a determinant."""

from __future__ import annotations

from gradcompile.gates import build
from gradcompile.gates.indexed import is_array
from gradcompile.gates.structure import is_symmetric
from gradcompile.ir.nodes import Axis, Kind, Node, batch_axes, unused
from gradcompile.rewrite.engine import Rule


def _log_of_determinant(node: Node) -> Node | None:
    """``log(det(A))`` is ``logdet(A)``, and ``log(abs(det(A)))`` that of the absolute value."""
    (x,) = node.operands
    if x.op == "abs" and is_array(x.operands[0], "det"):
        return _instead(x.operands[0], "logabsdet")
    if is_array(x, "det", "det_pd"):
        return _instead(x, "logdet" + x.name[3:])
    return None


def _log_of_factor(node: Node) -> Node | None:
    """``sum(log(diag(L)))`` with ``L = cholesky(A)`` is half of ``logdet(A)``, whose gradient needs no factor."""
    (log,), (axis,) = node.operands, node.attrs
    if log.op != "log" or node.name != "sum" or log.operands[0].kind is not Kind.TAKE:
        return None
    factor, index, *guard = log.operands[0].operands
    if not is_array(factor, "cholesky") or guard or index.kind is not Kind.IOTA or index.attrs != (axis,):
        return None
    row, column = factor.attrs[1]
    if {axis, log.operands[0].attrs[0]} != {row, column}:
        return None
    return build.gate("mul", build.const(node.graph, 0.5), _of_matrix(factor, "logdet_pd", (), ()))


def _product_of_solutions(node: Node) -> Node | None:
    """``solve(L, b) @ solve(L, c)`` with ``L = cholesky(A)`` is ``b @ solve(A, c)``, whose gradient needs no factor."""
    (x,), (axis,) = node.operands, node.attrs
    others: list[Axis] = []
    while x.op == "sum":
        others += x.attrs
        (x,) = x.operands
    if node.name != "sum" or x.op not in ("square", "mul"):
        return None
    left, right = x.operands * (2 if x.op == "square" else 1)
    if not (is_array(left, "solve_lower") and is_array(right, "solve_lower")) or left.attrs != right.attrs:
        return None
    (factor, b), (other, c) = left.operands, right.operands
    (matrix, (eaten,)), made = left.attrs
    if factor is not other or not is_array(factor, "cholesky") or matrix != factor.attrs[1] or made != (axis,):
        return None
    if axis in b.axes or axis in c.axes:
        return None
    solved = build.rename(_of_matrix(factor, "solve_pd", (c,), (axis,), ((eaten,),)), {axis: eaten})
    result = build.reduce("sum", build.gate("mul", b, solved), eaten)
    for other_axis in reversed(others):
        result = build.reduce("sum", result, other_axis)
    return result


def _of_matrix(
    factor: Node, name: str, others: tuple[Node, ...], made: tuple[Axis, ...], eaten: tuple[tuple[Axis, ...], ...] = ()
) -> Node:
    """Return the gate of the matrix that a Cholesky factor is of."""
    return build.array_gate(name, (*factor.operands, *others), (factor.attrs[0][0], *eaten), made)


def _instead(node: Node, name: str) -> Node:
    return build.array_gate(name, node.operands, *node.attrs)


def _product_with_inverse(node: Node) -> Node | None:
    """``inv(A) @ b`` is ``solve(A, b)``, and ``b @ inv(A)`` is ``solve(A.T, b)``."""
    (x,), (axis,) = node.operands, node.attrs
    if x.op != "mul" or node.name != "sum":
        return None
    for inverse, other in (x.operands, x.operands[::-1]):
        base = inverse.operands[0] if inverse.kind is Kind.RENAME else inverse
        if is_array(base, "inv", "inv_pd") and axis in other.axes:
            moved = dict(inverse.attrs) if inverse.kind is Kind.RENAME else {}
            if (found := _solution(base, moved, other, axis)) is not None:
                return found
    return None


def _solution(inverse: Node, moved: dict[Axis, Axis], other: Node, axis: Axis) -> Node | None:
    """Return the solution that the sum over an axis of an inverse (over other axis names) times another array is."""
    ((rows, columns),), _ = inverse.attrs
    (matrix,) = inverse.operands
    if any(a in moved for a in batch_axes(inverse.operands, inverse.attrs[0])):
        return None
    if axis == moved.get(rows, rows):
        eaten, made, result = rows, columns, moved.get(columns, columns)
    else:
        eaten, made, result = columns, rows, moved.get(rows, rows)
    name = "solve" + inverse.name[3:]
    if name == "solve_pd" or is_symmetric(matrix, rows, columns):
        name = "solve_pd" if name == "solve_pd" else "solve_sym"
        eaten, made = sorted((rows, columns))
    if result in other.axes:
        return None
    taken = {*matrix.axes, *other.axes, rows, columns, result}
    apart: dict[Axis, Axis] = {}
    for column in other.axes:
        if column in (rows, columns) and column != axis:
            apart[column] = unused(column, taken)
            taken.add(apart[column])
    right = build.rename(other, apart | {axis: eaten})
    solved = build.array_gate(name, (matrix, right), ((eaten, made), (eaten,)), (made,))
    return build.rename(solved, {made: result} | {b: a for a, b in apart.items()})


def _factor_out(node: Node) -> Node | None:
    """Pull a sign, and a factor that the solution does not mix, out of what is solved for: ``c * solve(A, b)``."""
    *others, right = node.operands
    *_, (eaten,) = node.attrs[0]
    if right.op == "neg":
        return build.gate("neg", build.array_gate(node.name, (*others, right.operands[0]), *node.attrs))
    if right.op == "mul":
        for factor, rest in (right.operands, right.operands[::-1]):
            if eaten not in factor.axes:
                return build.gate("mul", factor, build.array_gate(node.name, (*others, rest), *node.attrs))
    return None


def _of_products(node: Node) -> Node | None:
    """``sum(A * B + C * D, k)`` of matrices is ``A @ B + C @ D``: products of arrays that are smaller than these."""
    (x,), (axis,) = node.operands, node.attrs
    if x.op not in ("add", "sub"):
        return None
    inside, waiting = dict[int, Node](), [x]
    while waiting:
        part = waiting.pop()
        if part.id in inside:
            continue
        inside[part.id] = part
        if part.op in ("add", "sub", "neg"):
            waiting += part.operands
        elif part.op == "mul" and part.operands[0].is_const():
            waiting.append(part.operands[1])
        elif part.op != "mul" or not all(axis in o.axes and o.axes != part.axes for o in part.operands):
            return None
    done: dict[Node, Node] = {}
    for _, part in sorted(inside.items()):
        if part.op == "mul" and not part.operands[0].is_const():
            done[part] = build.reduce("sum", part, axis)
        else:
            done[part] = build.gate(part.name, *(done.get(o, o) for o in part.operands))
    return done[x]


_SOLVING = ("solve", "solve_sym", "solve_pd", "solve_lower", "solve_upper", "lstsq")

LINEAR_ALGEBRA = [
    *(Rule("factor out of a solution", name, _factor_out) for name in _SOLVING),
    Rule("log of a determinant", "log", _log_of_determinant),
    Rule("product with an inverse", "sum", _product_with_inverse),
]

# After differentiation, which makes one sum of what the product rule gives.
PRODUCTS = [Rule("sum of matrix products", "sum", _of_products)]

# Before differentiation: what a Cholesky factor is only a means to.
FACTORED = [
    Rule("log determinant by its factor", "sum", _log_of_factor),
    Rule("quadratic form by its factor", "sum", _product_of_solutions),
]
