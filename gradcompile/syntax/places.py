"""Indices that lie inside their axis: proved where that is possible, checked by the generated module where not."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradcompile.gates import build
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Kind, Node
from gradcompile.syntax.context import Context
from gradcompile.syntax.polynomials import names_of, nonnegative
from gradcompile.syntax.proofs import Proofs


def located(ctx: Context, index: Node, size: Extent, place: int = 0, *, wraps: bool = True) -> tuple[Node, Node | None]:
    """Return an index into an axis, counted from the start, and the guard that it needs to lie inside.

    `place` is the number of the axis, for messages; the subscript is what the context is reading. With `wraps`, a
    negative index counts from the end.
    """
    if index.kind is Kind.IOTA and index.attrs[0].extent == size:
        return index, None
    key = (index, size, wraps, tuple(ctx.guards), frozenset(ctx.sizes), ctx.is_trial)
    if key in ctx.located:
        return ctx.located[key]
    before = len(ctx.requirements)
    found = _located(ctx, index, size, place, wraps=wraps)
    if len(ctx.requirements) == before:
        ctx.located[key] = found
    return found


def _located(ctx: Context, index: Node, size: Extent, place: int, *, wraps: bool) -> tuple[Node, Node | None]:
    if ctx.is_trial:
        return _unproved(ctx, index, size, place, wraps=wraps)
    if (found := proved(ctx, index, size)) is not None:
        return index, found[0]
    proofs = Proofs(frozenset(ctx.sizes), tuple(ctx.guards))
    _check_reach(ctx, proofs, index, size, place)
    if _required(ctx, proofs, index, size):
        return index, None
    if wraps and not proofs.at_least(index):
        index = _from_start(ctx, proofs, index, size)
        if (found := proved(ctx, index, size)) is not None:
            return index, found[0]
    return _checked(ctx, index, size, place)


def _checked(ctx: Context, index: Node, size: Extent, place: int) -> tuple[Node, Node | None]:
    guard = _all(ctx.guards)
    return build.checked(index, build.extent(ctx.graph, size), _message(ctx, place), guard), guard


def _unproved(ctx: Context, index: Node, size: Extent, place: int, *, wraps: bool) -> tuple[Node, Node | None]:
    if wraps:
        from_end = build.gate("add", index, build.extent(ctx.graph, size))
        index = build.gate("where", build.gate("lt", index, build.const(ctx.graph, 0)), from_end, index)
    return _checked(ctx, index, size, place)


def proved(ctx: Context, index: Node, size: Extent) -> tuple[Node | None] | None:
    """Return the guards (one, if one will do) under which an index provably lies inside; None if none do."""
    for guards in _sets(ctx.guards):
        proofs = Proofs(frozenset(ctx.sizes), guards)
        if proofs.at_least(index) and proofs.below(index, size):
            return (_all(guards),)
    return None


def _sets(guards: Sequence[Node]) -> Iterator[tuple[Node, ...]]:
    yield ()
    for guard in reversed(guards):
        yield (guard,)
    if len(guards) > 1:
        yield tuple(guards)


def _all(guards: Sequence[Node]) -> Node | None:
    together: Node | None = None
    for guard in guards:
        together = build.both(together, guard)
    return together


def _from_start(ctx: Context, proofs: Proofs, index: Node, size: Extent) -> Node:
    """Return an index with negative positions counted from the end, as NumPy does."""
    from_end = build.gate("add", index, build.extent(ctx.graph, size))
    if proofs.proves(-proofs.polynomial(index) - 1):
        return from_end
    return build.gate("where", build.gate("lt", index, build.const(ctx.graph, 0)), from_end, index)


def _check_reach(ctx: Context, proofs: Proofs, index: Node, size: Extent, place: int) -> None:
    """Refuse an index that is outside for sure: at every position, or at the last one."""
    position = proofs.polynomial(index)
    length = proofs.plain(size)
    array, text = _texts(ctx, place)
    hint = f"Its indices go from 0 to {size - 1}; negative ones count from the end."
    if proofs.proves(position - length) or proofs.proves(-position - length - 1):
        ctx.fail(f"`{text}` is always outside of `{array}`, which has length {size} there.", hint)
    if ctx.guards or not proofs.runs_freely(position):
        return
    hint += " Let the range end earlier, or write a condition: `… if … else 0`."
    last, first = (proofs.extreme(position, greatest=greatest) for greatest in (True, False))
    if last is not None and proofs.proves(proofs.plain(last) - length):
        ctx.fail(f"`{text}` goes up to {last}, but `{array}` has length {size} there.", hint)
    if first is not None and proofs.proves(-proofs.plain(first) - length - 1):
        ctx.fail(f"`{text}` goes down to {first}, but `{array}` has length {size} there.", hint)


def _required(ctx: Context, proofs: Proofs, index: Node, size: Extent) -> bool:
    """Require of the sizes that an index lies inside, if it runs over ranges of literal length and surely so far."""
    position = proofs.polynomial(index)
    lengths = [proofs.lengths[name].constant for name in names_of(position) if name in proofs.lengths]
    if ctx.guards or not lengths or not all(lengths) or not proofs.runs_freely(position):
        return False
    first, last = (proofs.extreme(position, greatest=greatest) for greatest in (False, True))
    if first is None or last is None or not nonnegative(first):
        return False
    ctx.require(size - 1, ">=", last, f"`{ctx.text()}` reads at {last} of an axis of length {size}.")
    return True


def _message(ctx: Context, place: int) -> str:
    array, text = _texts(ctx, place)
    line = ctx.source.span(ctx.tree).line
    return f"an index into {array} is out of range: {text} is {{index}}, the length is {{size}} (line {line})"


def _texts(ctx: Context, place: int) -> tuple[str, str]:
    """Return the array that is read and the index of one of its axes, as written."""
    tree = ctx.tree
    if not isinstance(tree, ast.Subscript):
        return ctx.text(), "the index"
    parts = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
    given = [p for p in parts if not (isinstance(p, ast.Constant) and p.value is None)]
    dots = [i for i, p in enumerate(given) if isinstance(p, ast.Constant) and p.value is ...]
    array = ctx.source.segment(tree.value, 40)
    if dots or place >= len(given):
        return array, ctx.text()
    return array, ctx.source.segment(given[place], 40)
