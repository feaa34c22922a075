"""Calls by name: the functions of the library, then the gates of the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradcompile.errors import FormulaError
from gradcompile.gates.record import Gate
from gradcompile.gates.registry import GATES, by_name
from gradcompile.syntax import arrays
from gradcompile.syntax.context import Context, Term, truth
from gradcompile.syntax.library import FUNCTIONS
from gradcompile.syntax.names import nearest
from gradcompile.syntax.program import Value
from gradcompile.syntax.terms import array


def call(ctx: Context, name: str, args: Sequence[Term], keywords: Mapping[str, Term], known: Sequence[str]) -> Term:
    """Apply a function of the language; `known` are the names that a misspelt one may have meant."""
    if name in ("max", "min") and len(args) > 1:
        return _extremes(ctx, name, args, keywords)
    if (function := FUNCTIONS.get(name)) is not None:
        return function.handler(ctx, *bind(ctx, name, function.names, function.required, args, keywords))
    if (gate := by_name(name)) is not None:
        return apply_gate(ctx, name, gate, args, keywords)
    raise _unknown(ctx, name, known)


def _unknown(ctx: Context, name: str, known: Sequence[str]) -> FormulaError:
    if name == "range":
        hint = "Write `arange(N)` for the array of these numbers."
        return ctx.error("`range` stands behind `for … in` only.", hint)
    if name == "len":
        hint = "Dimension names are values: for a size declared as N, write `N`."
        return ctx.error("there is no function `len`.", hint)
    names = [*FUNCTIONS, *(n for g in GATES.values() if not g.hidden for n in (g.name, *g.aliases)), *known]
    guess = nearest(name, names)
    hint = f"Perhaps `{guess}` is meant." if guess else "Define it with `def`, or write it with known functions."
    return ctx.error(f"there is no function `{name}`.", hint)


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
    if "shape" in names:
        usage += " A shape is a size or a tuple, as in `(N, D)`."
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


def apply_gate(ctx: Context, name: str, gate: Gate, args: Sequence[Term], keywords: Mapping[str, Term]) -> Value:
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
            values = [Value(truth(v.node), v.axes) for v in values]
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
