"""Reading the arguments of a function: arrays, axes, shapes, literal numbers and truth values."""

from __future__ import annotations

from gradcompile.ir.dims import Extent
from gradcompile.syntax import shapes
from gradcompile.syntax.context import Context, Row, Term, shape_text, static
from gradcompile.syntax.indexing import subscript
from gradcompile.syntax.program import Value
from gradcompile.syntax.ranges import size_of


def array(ctx: Context, term: Term) -> Value:
    """Return a term as an array; a list is spelt out."""
    if isinstance(term, Value):
        return term
    if term is None:
        ctx.fail("`None` is not a value.", "It stands for a new axis in an index, and for a left-out argument.")
    if term.made_by:
        names = ", ".join("abcdefgh"[: len(term.items)])
        ctx.fail(
            f"`{term.made_by}` gives {len(term.items)} values.", f"Name them first: `{names} = {term.made_by}(…)`."
        )
    if not term.is_list:
        ctx.fail("a tuple is not a value.", "Write an array with brackets, as in `[a, b]`.")
    if not term.items:
        ctx.fail("an empty list has no shape that is known.", "Write `zeros(0)`.")
    return shapes.stack(ctx, [array(ctx, t) for t in term.items], 0)


def unpacked(ctx: Context, term: Term, count: int) -> list[Term]:
    """Return the parts of a tuple, a list, or an array of known length, which several names are given."""
    if isinstance(term, Row):
        if len(term.items) != count:
            ctx.fail(f"{count} names are given {len(term.items)} values.", "Give each name one value.")
        return list(term.items)
    if not isinstance(term, Value) or not term.axes or term.axes[0].extent.constant != count:
        shape = shape_text(term) if isinstance(term, Value) else "is None"
        ctx.fail(f"{count} names are given one value, which {shape}.", f"Give them {count} values.")
    return [subscript(ctx, term, [ctx.constant(i)]) for i in range(count)]


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
    raise ctx.error(f"{what} must be `True` or `False`.", "Write one of the two words.")


def position(ctx: Context, term: Term, rank: int, default: int | None = None) -> int:
    """Return an axis argument as a position from 0."""
    place = default if term is None and default is not None else whole(ctx, term, "an axis")
    if not -rank <= place < rank:
        ctx.fail(
            f"there is no axis {place} in an array of {axes_text(rank)}.",
            f"Axes count from 0 to {rank - 1}, or from -1 downwards." if rank else "A scalar has no axes.",
        )
    return place % rank


def axes_text(rank: int) -> str:
    """Say how many axes there are."""
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
        size = size_of(ctx, item)
        if size is None:
            hint = "Use whole numbers and dimension names, as in `(N, 3)`."
            ctx.fail(f"{what} must follow from the sizes alone.", hint)
        if size.constant is not None and size.constant < -1:
            ctx.fail(f"a size cannot be {size}.", "Sizes are 0 or more.")
        found.append(size)
    return found
