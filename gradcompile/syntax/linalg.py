"""Linear algebra in the language: shapes under NumPy's rules, and the gate that fits what is known of the matrix."""

from __future__ import annotations

from collections.abc import Sequence

from gradcompile.gates import build
from gradcompile.gates.structure import is_symmetric, structure_of, symmetric_part
from gradcompile.ir.dims import same_size
from gradcompile.ir.nodes import Axis, Node
from gradcompile.syntax import arrays, shapes
from gradcompile.syntax.context import Context, Row, Term, fresh, is_one, shape_text
from gradcompile.syntax.indexing import WHOLE, subscript
from gradcompile.syntax.program import Value
from gradcompile.syntax.terms import array, flag, whole

_POWER = 10_000


def solve(ctx: Context, A: Term, b: Term) -> Value:
    """Return the x with A x = b."""
    matrix = _square(ctx, "solve", array(ctx, A))
    return _solved(ctx, "solve", matrix, array(ctx, b))


def solve_triangular(ctx: Context, A: Term, b: Term, lower: Term, trans: Term) -> Value:
    """Return the x with A x = b for a triangle of A, or with Aᵀ x = b."""
    matrix = _square(ctx, "solve_triangular", array(ctx, A))
    down, transposed = flag(ctx, lower, "lower"), flag(ctx, trans, "trans")
    if transposed:
        matrix, down = _transposed(matrix), not down
    return _solved(ctx, "solve_lower" if down else "solve_upper", matrix, array(ctx, b))


def lstsq(ctx: Context, A: Term, b: Term) -> Value:
    """Return the shortest x with the least |A x - b|."""
    return _solved(ctx, "lstsq", _stack(ctx, "lstsq", array(ctx, A)), array(ctx, b))


def inv(ctx: Context, A: Term) -> Value:
    """Return the inverse."""
    matrix = _square(ctx, "inv", array(ctx, A))
    row, column = matrix.axes[-2:]
    return _made(ctx, _suited("inv", matrix), [matrix], [2], (column, row))


def pinv(ctx: Context, A: Term) -> Value:
    """Return the pseudo-inverse."""
    matrix = _stack(ctx, "pinv", array(ctx, A))
    row, column = matrix.axes[-2:]
    return _made(ctx, "pinv", [matrix], [2], (column, row))


def det(ctx: Context, A: Term) -> Value:
    """Return the determinant; of a triangular matrix, the product of the diagonal."""
    matrix = _square(ctx, "det", array(ctx, A))
    if structure_of(matrix.node, *matrix.axes[-2:]) in ("lower", "upper"):
        return arrays.reduction(ctx, "prod", _diagonal(matrix), [matrix.rank - 2])
    return _made(ctx, _suited("det", matrix), [matrix], [2], ())


def logdet(ctx: Context, A: Term) -> Value:
    """Return the logarithm of the determinant."""
    matrix = _square(ctx, "logdet", array(ctx, A))
    return _made(ctx, _suited("logdet", matrix), [matrix], [2], ())


def slogdet(ctx: Context, A: Term) -> Row:
    """Return the sign of the determinant, and the logarithm of its absolute value."""
    matrix = _square(ctx, "slogdet", array(ctx, A))
    parts = _made(ctx, "signdet", [matrix], [2], ()), _made(ctx, "logabsdet", [matrix], [2], ())
    return Row(parts, made_by="slogdet")


def cholesky(ctx: Context, A: Term) -> Value:
    """Return the lower triangular factor of the symmetric part."""
    matrix = _symmetric(ctx, "cholesky", array(ctx, A))
    return _made(ctx, "cholesky", [matrix], [2], matrix.axes[-2:])


def eigvalsh(ctx: Context, A: Term) -> Value:
    """Return the eigenvalues of the symmetric part."""
    matrix = _symmetric(ctx, "eigvalsh", array(ctx, A))
    return _made(ctx, "eigenvalues", [matrix], [2], matrix.axes[-1:])


def eigh(ctx: Context, A: Term) -> Row:
    """Return the eigenvalues and the eigenvectors of the symmetric part."""
    matrix = _symmetric(ctx, "eigh", array(ctx, A))
    values = _made(ctx, "eigenvalues", [matrix], [2], matrix.axes[-1:])
    return Row((values, _made(ctx, "eigenvectors", [matrix], [2], matrix.axes[-2:])), made_by="eigh")


def expm(ctx: Context, A: Term) -> Value:
    """Return the matrix exponential."""
    matrix = _square(ctx, "expm", array(ctx, A))
    return _made(ctx, "expm", [matrix], [2], matrix.axes[-2:])


def kron(ctx: Context, a: Term, b: Term) -> Value:
    """Return the Kronecker product of two arrays with equally many axes."""
    left, right = array(ctx, a), array(ctx, b)
    if left.rank != right.rank or not left.rank:
        what = f"the first {shape_text(left)} and the second {shape_text(right)}"
        ctx.fail(
            f"`kron` needs two vectors or two matrices, but {what}.", "Give both as many axes, as in `b[:, None]`."
        )
    spread = [item for _ in left.axes for item in (WHOLE, None)]
    copied = [item for _ in right.axes for item in (None, WHOLE)]
    product = arrays.elementwise(ctx, "mul", subscript(ctx, left, spread), subscript(ctx, right, copied))
    sizes = [p.extent * q.extent for p, q in zip(left.axes, right.axes, strict=True)]
    return shapes.reshape(ctx, product, sizes)


def matrix_power(ctx: Context, A: Term, n: Term) -> Value:
    """Return a power with an integer that is written out, by repeated squaring."""
    matrix = _square(ctx, "matrix_power", array(ctx, A))
    power = whole(ctx, n, "the power")
    if abs(power) > _POWER:
        ctx.fail(f"the power {power} is too large.", f"Powers up to {_POWER} are multiplied out; use `eigh` or `expm`.")
    if not power:
        size = matrix.axes[-2].extent
        identity = shapes.eye(ctx, size, size, 0)
        own = _apart_from(identity.axes, matrix.axes[:-2])
        node = build.rename(identity.node, dict(zip(identity.axes, own, strict=True)))
        return Value(node, (*matrix.axes[:-2], *own))
    base = inv(ctx, matrix) if power < 0 else matrix
    result: Value | None = None
    for bit in reversed(bin(abs(power))[2:]):
        if bit == "1":
            result = base if result is None else arrays.matmul(ctx, result, base)
        base = arrays.matmul(ctx, base, base)
    assert result is not None
    return result


# -- matrices ------------------------------------------------------------------------------------------------------


def _stack(ctx: Context, name: str, value: Value) -> Value:
    """Insist on a matrix, or a stack of matrices."""
    if value.rank < 2:
        hint = "Give a matrix; `diag(x)` makes one of a vector." if value.rank else "Give a matrix."
        ctx.fail(f"`{name}` needs a matrix, but this {shape_text(value)}.", hint)
    return value


def _square(ctx: Context, name: str, value: Value) -> Value:
    """Insist on a square matrix, or a stack of them; both axes come out with the same extent."""
    value = _stack(ctx, name, value)
    row, column = value.axes[-2:]
    message = f"`{name}` needs a square matrix, but this {shape_text(value)}."
    hint = ctx.readings(row.extent, column.extent) or "Give a square matrix."
    ctx.require(row.extent, "==", column.extent, message, hint)
    if row.extent == column.extent:
        return value
    same = fresh(row.extent, value.axes)
    return Value(build.rename(value.node, {column: same}), (*value.axes[:-1], same))


def _symmetric(ctx: Context, name: str, value: Value) -> Value:
    """Return the symmetric part of square matrices; they themselves where they are known to be symmetric."""
    value = _square(ctx, name, value)
    row, column = value.axes[-2:]
    if is_one(row) or is_symmetric(value.node, row, column):
        first, second = sorted((row, column))
        return Value(value.node, (*value.axes[:-2], first, second))
    return Value(symmetric_part(build.as_real(value.node), row, column), value.axes)


def _transposed(value: Value) -> Value:
    return Value(value.node, (*value.axes[:-2], value.axes[-1], value.axes[-2]))


def _diagonal(matrix: Value) -> Value:
    row, column = matrix.axes[-2:]
    if is_one(row):
        return Value(matrix.node, matrix.axes[:-1])
    return Value(build.take(matrix.node, column, build.iota(matrix.node.graph, row)), matrix.axes[:-1])


def _suited(name: str, matrix: Value) -> str:
    """Return the gate for a matrix of which so much is known."""
    row, column = matrix.axes[-2:]
    form = "" if is_one(row) else structure_of(matrix.node, row, column)
    if form == "definite":
        return f"{name}_pd"
    if name != "solve" or not form:
        return name
    return "solve_sym" if form == "symmetric" else f"solve_{form}"


# -- gates ---------------------------------------------------------------------------------------------------------


def _solved(ctx: Context, name: str, matrix: Value, right: Value) -> Value:
    """Apply a gate that solves for a vector, or for each column of a matrix."""
    if not right.rank:
        ctx.fail("the right-hand side is a scalar.", f"Give a vector or a matrix, as in `{name}(A, b)`.")
    row, column = matrix.axes[-2:]
    given = right.axes[-2] if right.rank > 1 else right.axes[-1]
    message = f"the matrix {shape_text(matrix)}, but the right-hand side {shape_text(right)}: "
    message += f"{row.extent} and {given.extent} differ."
    ctx.require(row.extent, "==", given.extent, message, ctx.readings(row.extent, given.extent))
    name = _suited("solve", matrix) if name == "solve" else name
    if name in ("solve_sym", "solve_pd"):
        row, column = sorted((row, column))
    columns = right.axes[-1:] if right.rank > 1 else ()
    stack = _stack_of_both(ctx, matrix, right, 1 + len(columns))
    kept = tuple(fresh(axis.extent, [*stack, row, column], axis) for axis in columns)
    moved = dict(zip(reversed(right.axes[: right.rank - 1 - len(columns)]), reversed(stack), strict=False))
    b = build.rename(right.node, moved | {given: row} | dict(zip(columns, kept, strict=True)))
    a = build.rename(matrix.node, dict(zip(reversed(matrix.axes[:-2]), reversed(stack), strict=False)))
    node = build.array_gate(name, (a, b), ((row, column), (row,)), (column,))
    return Value(_at_one(node, (column,)), (*stack, column, *kept))


def _stack_of_both(ctx: Context, matrix: Value, right: Value, own: int) -> tuple[Axis, ...]:
    """Return the axes of the stack that two stacks make together."""
    zero = build.const(ctx.graph, 0.0)
    mine, its = matrix.axes[:-2], right.axes[: right.rank - own]
    for a, b in zip(reversed(mine), reversed(its), strict=False):
        if not is_one(a) and not is_one(b) and same_size(a.extent, b.extent) is False:
            what = f"the matrix {shape_text(matrix)}, but the right-hand side {shape_text(right)}"
            ctx.fail(f"{what}: the stacks of {a.extent} and {b.extent} differ.", ctx.readings(a.extent, b.extent))
    apart = _apart_from(its, matrix.axes)
    return arrays.broadcast(ctx, [Value(zero, mine), Value(zero, apart)])[0] if its else mine


def _apart_from(axes: Sequence[Axis], others: Sequence[Axis]) -> tuple[Axis, ...]:
    """Return axes of the same lengths, none of which is among the others."""
    found: list[Axis] = []
    for axis in axes:
        found.append(fresh(axis.extent, [*others, *found], axis))
    return tuple(found)


def _made(ctx: Context, name: str, values: Sequence[Value], eaten: Sequence[int], outer: Sequence[Axis]) -> Value:
    """Apply an array gate to the last axes of values over one stack."""
    inner = [v.axes[v.rank - count :] for v, count in zip(values, eaten, strict=True)]
    node = build.array_gate(name, tuple(v.node for v in values), inner, tuple(outer))
    stack = values[0].axes[: values[0].rank - eaten[0]]
    return Value(_at_one(node, outer), (*stack, *outer))


def _at_one(node: Node, outer: Sequence[Axis]) -> Node:
    """Return the only element along axes of length 1: arrays do not depend on these."""
    for axis in outer:
        if is_one(axis):
            node = build.reduce("sum", node, axis)
    return node
