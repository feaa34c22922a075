"""Functions by name: a table of those that act on whole arrays; the gates and reductions come from their registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from gradcompile.gates import build
from gradcompile.gates.record import Gate
from gradcompile.gates.registry import GATES, REDUCE, by_name
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import DType
from gradcompile.syntax import arrays, shapes
from gradcompile.syntax.context import Context, Row, Term, fresh, is_one, number, shape_text, static
from gradcompile.syntax.indexing import WHOLE, Cut, subscript
from gradcompile.syntax.names import nearest
from gradcompile.syntax.program import Value

Handler = Callable[..., Value]


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


def call(ctx: Context, name: str, args: Sequence[Term], keywords: Mapping[str, Term], known: Sequence[str]) -> Value:
    """Apply a function of the language; `known` are the names that a misspelt one may have meant."""
    if name in ("max", "min") and len(args) > 1:
        return _extremes(ctx, name, args, keywords)
    if (function := FUNCTIONS.get(name)) is not None:
        return function.handler(ctx, *bind(ctx, name, function.names, function.required, args, keywords))
    if (gate := by_name(name)) is not None:
        return apply_gate(ctx, name, gate, args, keywords)
    _unknown(ctx, name, known)


def _unknown(ctx: Context, name: str, known: Sequence[str]) -> NoReturn:
    if name in LATER:
        ctx.fail(f"`{name}` is not supported yet.", LATER[name])
    names = [*FUNCTIONS, *(n for g in GATES.values() if not g.hidden for n in (g.name, *g.aliases)), *known]
    guess = nearest(name, names)
    hint = f"Perhaps `{guess}` is meant." if guess else "Define it with `def`, or write it out with the known functions."
    ctx.fail(f"there is no function `{name}`.", hint)


def bind(
    ctx: Context,
    name: str,
    names: Sequence[str],
    required: Sequence[str],
    args: Sequence[Term],
    keywords: Mapping[str, Term],
) -> list[Term]:
    """Return one term for each parameter, None where it was left out."""
    usage = f"Its arguments are `{name}({', '.join(names)})`."
    if len(args) > len(names):
        ctx.fail(f"`{name}` takes at most {_count(len(names))}, but {len(args)} are given.", usage)
    bound = dict(zip(names, args, strict=False))
    for keyword, term in keywords.items():
        if keyword not in names:
            guess = nearest(keyword, names)
            ctx.fail(
                f"`{name}` has no argument `{keyword}`.", f"Perhaps `{guess}` is meant. {usage}" if guess else usage
            )
        if keyword in bound:
            ctx.fail(f"`{name}` is given its argument `{keyword}` twice.", usage)
        bound[keyword] = term
    for parameter in required:
        if bound.get(parameter) is None:
            ctx.fail(f"`{name}` needs its argument `{parameter}`.", usage)
    return [bound.get(n) for n in names]


def _count(number: int) -> str:
    return "1 argument" if number == 1 else f"{number} arguments"


def apply_gate(
    ctx: Context, name: str, gate: Gate, args: Sequence[Term], keywords: Mapping[str, Term]
) -> Value:
    """Apply an elementwise gate by name."""
    names = gate.arguments
    if keywords:
        ctx.fail(f"`{name}` takes no keyword arguments.", f"Write `{name}({', '.join(names)})`.")
    if len(args) != len(names):
        ctx.fail(
            f"`{name}` takes {_count(len(names))}, but {len(args)} {'is' if len(args) == 1 else 'are'} given.",
            f"Write `{name}({', '.join(names)})`.",
        )
    values = [array(ctx, a) for a in args]
    match gate.name:
        case "max" | "min":
            return arrays.extreme(ctx, gate.name, *values)
        case "where":
            return arrays.choose(ctx, *values)
        case "and" | "or" | "not":
            values = [Value(arrays.truth(v.node), v.axes) for v in values]
    return arrays.elementwise(ctx, gate.name, *values)


def _extremes(ctx: Context, name: str, args: Sequence[Term], keywords: Mapping[str, Term]) -> Value:
    if keywords:
        first = next(iter(keywords))
        ctx.fail(
            f"`{name}` of several values has no argument `{first}`.",
            f"Write `{name}(x, axis=1)` for the {name} along an axis, `{name}(x, y)` for that of two values.",
        )
    result = array(ctx, args[0])
    for other in args[1:]:
        result = arrays.extreme(ctx, name, result, array(ctx, other))
    return result


# Reading arguments.


def array(ctx: Context, term: Term) -> Value:
    """Return a term as an array; a list is spelt out."""
    if isinstance(term, Value):
        return term
    if term is None:
        ctx.fail("`None` is not a value.", "It stands for a new axis in an index, and for a left-out argument.")
    if not term.is_list:
        ctx.fail("a tuple is not a value.", "Write an array with brackets, as in `[a, b]`.")
    if not term.items:
        ctx.fail("an empty list has no shape that is known.", "Write `zeros(0)`.")
    return shapes.stack(ctx, [array(ctx, t) for t in term.items], 0)


def whole(ctx: Context, term: Term, what: str, default: int = 0) -> int:
    """Return a literal integer argument."""
    if term is None:
        return default
    size = static(term)
    if size is None or size.constant is None:
        ctx.fail(f"{what} must be a whole number written out.", "Write a literal, such as `0` or `-1`.")
    return size.constant


def flag(ctx: Context, term: Term, what: str) -> bool:
    """Return a literal truth value."""
    if term is None:
        return False
    if isinstance(term, Value) and term.node.is_const() and not term.axes:
        return bool(term.node.value)
    ctx.fail(f"{what} must be `True` or `False`.", "Write one of the two words.")


def position(ctx: Context, term: Term, rank: int, default: int | None = None) -> int:
    """Return an axis argument as a position from 0."""
    place = default if term is None and default is not None else whole(ctx, term, "an axis")
    if not -rank <= place < rank:
        ctx.fail(
            f"there is no axis {place} in an array of {_axes(rank)}.",
            f"Axes count from 0 to {rank - 1}, or from -1 downwards." if rank else "A scalar has no axes.",
        )
    return place % rank


def _axes(rank: int) -> str:
    return "1 axis" if rank == 1 else f"{rank} axes"


def positions(ctx: Context, term: Term, rank: int) -> list[int]:
    """Return an axis argument that may be one, several, or None for all."""
    if term is None:
        return list(range(rank))
    items = term.items if isinstance(term, Row) else (term,)
    places = [position(ctx, t, rank) for t in items]
    if len(set(places)) != len(places):
        ctx.fail("an axis is named twice.", "Name each axis once.")
    return places


def sizes(ctx: Context, term: Term, what: str = "a shape") -> list[Extent]:
    """Return a shape argument: a size, or a tuple of them."""
    found = []
    for item in term.items if isinstance(term, Row) else (term,):
        size = static(item)
        if size is None:
            ctx.fail(f"{what} must follow from the sizes alone.", "Use whole numbers and dimension names, as in `(N, 3)`.")
        if size.constant is not None and size.constant < -1:
            ctx.fail(f"a size cannot be {size}.", "Sizes are 0 or more.")
        found.append(size)
    return found


# What the names do.


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
        ctx.fail(f"`transpose` needs each of the {_axes(value.rank)} once.", "For example `transpose(x, (1, 0, 2))`.")
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
            ctx.fail("the arrays to join must be written as a list.", f"For example `{ctx.text().split('(')[0]}([a, b])`.")
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
    "clip": Function("x low= high=", "x kept between two bounds.", _clip),
}  # fmt: skip

_WRITE_OUT = "Pass its result as an input, or write it out for small sizes."

LATER: dict[str, str] = {
    **dict.fromkeys(("solve", "inv", "det", "logdet", "slogdet", "cholesky", "eigh", "pinv", "expm"), _WRITE_OUT),
    "einsum": "Write it with `@`, `.T`, `*` and `sum(..., axis=...)`.",
    **dict.fromkeys(("jacobian", "hessian"), "Write `grad(y, x)` of a scalar y."),
    "jvp": "Write `sum(grad(y, x) * v)` for a scalar y.",
    "vjp": "Write `grad(sum(u * y), x)`.",
    "range": "Write it over whole arrays, with `sum(x, axis=0)` and slices.",
}
