"""The functions of the language that act on whole arrays: one table, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gradcompile.gates import build
from gradcompile.gates.registry import ARRAY, REDUCE
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import DType
from gradcompile.syntax import arrays, linalg, shapes
from gradcompile.syntax.context import Context, Row, Term, fresh, is_one, shape_text
from gradcompile.syntax.indexing import WHOLE, Cut, subscript
from gradcompile.syntax.program import Value
from gradcompile.syntax.terms import array, axes_text, flag, position, positions, sizes, whole

Handler = Callable[..., Value | Row]


@dataclass(frozen=True)
class Function:
    """A function of the language: its parameters, those with ``=`` may be left out, and what it returns."""

    parameters: str
    doc: str
    handler: Handler  # takes the context and one term for each parameter, None where it was left out

    @property
    def names(self) -> list[str]:
        """The parameters' names in order."""
        return [p.rstrip("=") for p in self.parameters.split()]

    @property
    def required(self) -> list[str]:
        """The parameters that must be given."""
        return [p for p in self.parameters.split() if not p.endswith("=")]


def _reduction(name: str) -> Handler:
    def handler(ctx: Context, x: Term, axis: Term, keepdims: Term) -> Value:
        value = array(ctx, x)
        places = positions(ctx, axis, value.rank)
        return arrays.reduction(ctx, name, value, places, flag(ctx, keepdims, "keepdims"))

    return handler


def _position_of(name: str) -> Handler:
    def handler(ctx: Context, x: Term, axis: Term, keepdims: Term) -> Value:
        value, keep = array(ctx, x), flag(ctx, keepdims, "keepdims")
        if axis is None and value.rank > 1:
            value = shapes.reshape(ctx, value, [Extent.of(-1)])
        places = [position(ctx, axis, value.rank, 0)] if value.rank else []
        if not places:
            return ctx.constant(0)
        return arrays.reduction(ctx, name, value, places, keep)

    return handler


def _mean(ctx: Context, x: Term, axis: Term, keepdims: Term) -> Value:
    value = array(ctx, x)
    return arrays.mean(ctx, value, positions(ctx, axis, value.rank), flag(ctx, keepdims, "keepdims"))


def _var(ctx: Context, x: Term, axis: Term, ddof: Term, keepdims: Term) -> Value:
    value = array(ctx, x)
    fewer = Extent.of(whole(ctx, ddof, "ddof"))
    return arrays.variance(ctx, value, positions(ctx, axis, value.rank), flag(ctx, keepdims, "keepdims"), fewer)


def _std(ctx: Context, x: Term, axis: Term, ddof: Term, keepdims: Term) -> Value:
    return arrays.elementwise(ctx, "sqrt", _var(ctx, x, axis, ddof, keepdims))


def _norm(ctx: Context, x: Term, ord: Term, axis: Term, keepdims: Term) -> Value:
    value, keep = array(ctx, x), flag(ctx, keepdims, "keepdims")
    places = positions(ctx, axis, value.rank)
    if ord is None:
        return arrays.reduction(ctx, "norm", value, places, keep)
    order = ord.node.value if isinstance(ord, Value) and ord.node.is_const() else None
    if order not in (1, 2, float("inf")) or len(places) != 1:
        ctx.fail("this norm is not supported.", "Write `norm(x)`, or `norm(x, 1)`, `norm(x, inf)` of a vector.")
    name = {1: "sum", 2: "norm"}.get(order, "max")
    return arrays.reduction(ctx, name, value if order == 2 else arrays.elementwise(ctx, "abs", value), places, keep)


def _log_softmax(ctx: Context, x: Term, axis: Term) -> Value:
    value = array(ctx, x)
    if not value.rank:
        ctx.fail("a softmax needs an array, not a scalar.", "For two classes, write `sigmoid(x)`.")
    return arrays.log_softmax(ctx, value, position(ctx, axis, value.rank, -1))


def _softmax(ctx: Context, x: Term, axis: Term) -> Value:
    return arrays.elementwise(ctx, "exp", _log_softmax(ctx, x, axis))


def _running(gate: str) -> Handler:
    def handler(ctx: Context, x: Term, axis: Term) -> Value:
        value = array(ctx, x)
        if axis is None and value.rank != 1:
            value = shapes.reshape(ctx, value, [Extent.of(-1)])
        return shapes.cumulate(value, position(ctx, axis, value.rank, 0), gate)

    return handler


def _matmul(ctx: Context, a: Term, b: Term) -> Value:
    return arrays.matmul(ctx, array(ctx, a), array(ctx, b))


def _dot(ctx: Context, a: Term, b: Term) -> Value:
    return arrays.dot(ctx, array(ctx, a), array(ctx, b))


def _outer(ctx: Context, a: Term, b: Term) -> Value:
    left, right = (shapes.reshape(ctx, array(ctx, t), [Extent.of(-1)]) for t in (a, b))
    column = subscript(ctx, left, [WHOLE, None])
    return arrays.elementwise(ctx, "mul", column, right)


def _trace(ctx: Context, x: Term) -> Value:
    value = array(ctx, x)
    if value.rank != 2:
        ctx.fail(f"`trace` needs a matrix, but this {shape_text(value)}.", "Give a square matrix.")
    return arrays.reduction(ctx, "sum", shapes.diagonal(ctx, value), [0])


def _diag(ctx: Context, x: Term) -> Value:
    return shapes.diagonal(ctx, array(ctx, x))


def _eye(ctx: Context, N: Term, M: Term, k: Term) -> Value:
    (rows,) = sizes(ctx, N)[:1]
    (columns,) = sizes(ctx, N if M is None else M)[:1]
    return shapes.eye(ctx, rows, columns, whole(ctx, k, "k"))


def _filled(fill: float) -> Handler:
    return lambda ctx, shape: Value(build.const(ctx.graph, fill), arrays.axes_for(sizes(ctx, shape)))


def _full(ctx: Context, shape: Term, fill: Term) -> Value:
    value = array(ctx, fill)
    if value.rank:
        ctx.fail("`full` fills with a scalar.", "Write `broadcast_to(x, shape)` to repeat an array.")
    return Value(value.node, arrays.axes_for(sizes(ctx, shape)))


def _like(fill: int) -> Handler:
    def handler(ctx: Context, x: Term) -> Value:
        value = array(ctx, x)
        number = fill if value.node.dtype is DType.INT else float(fill)
        return Value(build.const(ctx.graph, number), value.axes)

    return handler


def _arange(ctx: Context, start: Term, stop: Term, step: Term) -> Value:
    (first,), (last,) = sizes(ctx, start, "the range"), sizes(ctx, start if stop is None else stop, "the range")
    if stop is None:
        first = Extent.of(0)
    by = whole(ctx, step, "the step", 1)
    if by < 1:
        ctx.fail("the step of `arange` must be 1 or more.", "Reverse the result with `[::-1]`.")
    ctx.require(last, ">=", first, f"`{ctx.text()}` ends before it starts.", "Put the smaller number first.")
    axis = fresh((last - first + by - 1) // by, ())
    counted = Value(build.const(ctx.graph, 0) if is_one(axis) else build.iota(ctx.graph, axis), (axis,))
    scaled = counted if by == 1 else arrays.elementwise(ctx, "mul", counted, ctx.constant(by))
    return scaled if first == Extent.of(0) else arrays.elementwise(ctx, "add", scaled, ctx.size(first))


def _reshape(ctx: Context, x: Term, shape: Term) -> Value:
    return shapes.reshape(ctx, array(ctx, x), sizes(ctx, shape))


def _ravel(ctx: Context, x: Term) -> Value:
    return shapes.reshape(ctx, array(ctx, x), [Extent.of(-1)])


def _transpose(ctx: Context, x: Term, axes: Term) -> Value:
    value = array(ctx, x)
    order = list(reversed(range(value.rank))) if axes is None else positions(ctx, axes, value.rank)
    if len(order) != value.rank:
        hint = "For example `transpose(x, (1, 0, 2))`."
        ctx.fail(f"`transpose` needs each of the {axes_text(value.rank)} once.", hint)
    return shapes.permuted(value, order)


def _swapaxes(ctx: Context, x: Term, axis1: Term, axis2: Term) -> Value:
    value = array(ctx, x)
    a, b = position(ctx, axis1, value.rank), position(ctx, axis2, value.rank)
    order = list(range(value.rank))
    order[a], order[b] = b, a
    return shapes.permuted(value, order)


def _expand_dims(ctx: Context, x: Term, axis: Term) -> Value:
    value = array(ctx, x)
    place = position(ctx, axis, value.rank + 1)
    items: list[Cut | None] = [WHOLE] * place
    return subscript(ctx, value, [*items, None])


def _squeeze(ctx: Context, x: Term, axis: Term) -> Value:
    value = array(ctx, x)
    ones = [i for i, a in enumerate(value.axes) if is_one(a)]
    places = ones if axis is None else positions(ctx, axis, value.rank)
    if not set(places) <= set(ones):
        ctx.fail(f"`squeeze` removes sizes of 1 only, but this {shape_text(value)}.", "Index with 0 instead.")
    return Value(value.node, arrays.kept(value.axes, places, keepdims=False))


def _broadcast_to(ctx: Context, x: Term, shape: Term) -> Value:
    target = Value(build.const(ctx.graph, 0.0), arrays.axes_for(sizes(ctx, shape)))
    value = array(ctx, x)
    axes, nodes = arrays.broadcast(ctx, (value, target))
    if any(a.extent != b.extent for a, b in zip(axes, target.axes, strict=False)) or len(axes) != target.rank:
        ctx.fail(f"an array that {shape_text(value)} cannot take the shape `{shape_text(target)}`.", "Sum it first.")
    return Value(nodes[0], axes)


def _joined(join: Callable[[Context, Sequence[Value], int], Value], extra: int) -> Handler:
    def handler(ctx: Context, parts: Term, axis: Term) -> Value:
        if not isinstance(parts, Row) or not parts.items:
            name = ctx.text().split("(", maxsplit=1)[0]
            ctx.fail("the arrays to join must be written as a list.", f"For example `{name}([a, b])`.")
        values = [array(ctx, t) for t in parts.items]
        rank = values[0].rank + extra
        if not rank:
            ctx.fail("scalars cannot be concatenated.", "Write `stack([a, b])`, or the list `[a, b]`.")
        return join(ctx, values, position(ctx, axis, rank, 0))

    return handler


def _triangle(relation: str) -> Handler:
    return lambda ctx, x, k: shapes.triangle(ctx, array(ctx, x), relation, whole(ctx, k, "k"))


def _clip(ctx: Context, x: Term, low: Term, high: Term) -> Value:
    value = array(ctx, x)
    if low is not None:
        value = arrays.extreme(ctx, "max", value, array(ctx, low))
    return value if high is None else arrays.extreme(ctx, "min", value, array(ctx, high))


def _array(ctx: Context, x: Term) -> Value:
    return array(ctx, x)


def _diff(ctx: Context, x: Term, axis: Term) -> Value:
    value = array(ctx, x)
    place = position(ctx, axis, value.rank, -1)
    before: list[Cut] = [WHOLE] * place
    later = subscript(ctx, value, [*before, Cut(ctx.constant(1), None, None)])
    return arrays.elementwise(ctx, "sub", later, subscript(ctx, value, [*before, Cut(None, ctx.constant(-1), None)]))


_OVER = "x axis= keepdims="

_MATRIX_GATES: dict[str, Handler] = {
    "solve": linalg.solve, "inv": linalg.inv, "det": linalg.det, "logdet": linalg.logdet, "lstsq": linalg.lstsq,
    "cholesky": linalg.cholesky, "pinv": linalg.pinv, "expm": linalg.expm,
}  # fmt: skip

FUNCTIONS: dict[str, Function] = {
    **{
        name: Function(_OVER, REDUCE[name].doc, _reduction(name))
        for name in ("sum", "prod", "max", "min", "any", "all", "logsumexp")
    },
    "amax": Function(_OVER, REDUCE["max"].doc, _reduction("max")),
    "amin": Function(_OVER, REDUCE["min"].doc, _reduction("min")),
    "argmax": Function(_OVER, REDUCE["argmax"].doc, _position_of("argmax")),
    "argmin": Function(_OVER, REDUCE["argmin"].doc, _position_of("argmin")),
    "mean": Function(_OVER, "The sum divided by the number of elements.", _mean),
    "var": Function("x axis= ddof= keepdims=", "The mean squared distance from the mean.", _var),
    "std": Function("x axis= ddof= keepdims=", "The square root of the variance.", _std),
    "norm": Function("x ord= axis= keepdims=", REDUCE["norm"].doc, _norm),
    "softmax": Function("x axis=", "exp(x) / sum(exp(x)) along an axis, the last by default.", _softmax),
    "log_softmax": Function("x axis=", "The logarithm of softmax, without cancellation.", _log_softmax),
    "cumsum": Function("x axis=", "The running sum along an axis.", _running("add")),
    "cumprod": Function("x axis=", "The running product along an axis.", _running("mul")),
    "diff": Function("x axis=", "Each element less the one before it, along an axis, the last by default.", _diff),
    "matmul": Function("a b", "The matrix product `a @ b`.", _matmul),
    "dot": Function("a b", "The product of vectors and matrices.", _dot),
    "outer": Function("a b", "The matrix a[i] * b[j].", _outer),
    "trace": Function("x", "The sum of the diagonal.", _trace),
    "diag": Function("x", "The diagonal of a matrix, or the diagonal matrix of a vector.", _diag),
    "tril": Function("x k=", "The matrix with all above the k-th diagonal 0.", _triangle("ge")),
    "triu": Function("x k=", "The matrix with all below the k-th diagonal 0.", _triangle("le")),
    "eye": Function("N M= k=", "The identity matrix, or ones on the k-th diagonal.", _eye),
    "zeros": Function("shape", "An array of zeros.", _filled(0.0)),
    "ones": Function("shape", "An array of ones.", _filled(1.0)),
    "full": Function("shape value", "An array that has the same number everywhere.", _full),
    "zeros_like": Function("x", "An array of zeros of the shape of x.", _like(0)),
    "ones_like": Function("x", "An array of ones of the shape of x.", _like(1)),
    "arange": Function("start stop= step=", "The whole numbers from start (0 if left out) up to stop.", _arange),
    "array": Function("x", "A list as an array.", _array),
    "reshape": Function("x shape", "The same elements in C order in another shape.", _reshape),
    "ravel": Function("x", "All elements in C order along one axis.", _ravel),
    "flatten": Function("x", "All elements in C order along one axis.", _ravel),
    "transpose": Function("x axes=", "The axes in another order, reversed by default.", _transpose),
    "swapaxes": Function("x axis1 axis2", "Two axes exchanged.", _swapaxes),
    "expand_dims": Function("x axis", "A new axis of length 1.", _expand_dims),
    "squeeze": Function("x axis=", "Without the axes of length 1.", _squeeze),
    "broadcast_to": Function("x shape", "The array copied along new axes.", _broadcast_to),
    "concatenate": Function("arrays axis=", "Arrays joined along an axis they have.", _joined(shapes.concatenate, 0)),
    "stack": Function("arrays axis=", "Arrays joined along a new axis.", _joined(shapes.stack, 1)),
    **{
        name: Function("A b" if name in ("solve", "lstsq") else "A", ARRAY[name].doc, handler)
        for name, handler in _MATRIX_GATES.items()
    },
    "slogdet": Function("A", "The sign of the determinant, and the logarithm of its absolute value.", linalg.slogdet),
    "eigvalsh": Function("A", ARRAY["eigenvalues"].doc, linalg.eigvalsh),
    "eigh": Function("A", "The eigenvalues, ascending, and the eigenvectors as columns: of the symmetric part. Where "
        "eigenvalues are equal, the gradient leaves out the rotation inside their space.", linalg.eigh),
    "solve_triangular": Function("A b lower= trans=", "The x with A x = b for the upper triangle of A, or the lower "
        "one; with Aᵀ for `trans=True`.", linalg.solve_triangular),
    "matrix_power": Function("A n", "The power with a written integer, multiplied out; negative ones by `inv`.",
        linalg.matrix_power),
    "kron": Function("a b", "The Kronecker product.", linalg.kron),
    "clip": Function("x low= high=", "x kept between two bounds.", _clip),
}  # fmt: skip

MATRIX_FUNCTIONS = [
    "solve", "solve_triangular", "inv", "det", "logdet", "slogdet", "cholesky", "eigvalsh", "eigh", "lstsq", "pinv",
    "expm", "matrix_power", "kron",
]  # fmt: skip
"""The functions of linear algebra, in the order of the language reference."""
