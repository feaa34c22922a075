"""``einsum``: named axes make each letter an axis; what is left is the order of the products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcompile.gates import build
from gradcompile.ir.nodes import Axis, Node
from gradcompile.syntax.arrays import reduced
from gradcompile.syntax.context import Context, fresh, is_one, number, shape_text
from gradcompile.syntax.program import Value

_USUAL = 50  # the length that is thought of where a size is a name, when an order of products is chosen
_EXAMPLE = "For example `einsum('ij,jk->ik', A, B)`."
_BY_SEARCH = 5  # operands up to which the best order is searched for


@dataclass(frozen=True)
class Subscripts:
    """The letters of each operand and of the result; the axes under ``...`` have numbers from the right as letters."""

    operands: list[tuple[str, ...]]
    result: tuple[str, ...]


def einsum(ctx: Context, text: str, values: Sequence[Value]) -> Value:
    """Return the sum of products that NumPy's einsum denotes."""
    letters = _parsed(ctx, text, values)
    axes = _axes(ctx, letters, values)
    parts = [
        (_over(ctx, value, own, axes), {x for x in own if not is_one(axes[x])})
        for value, own in zip(values, letters.operands, strict=True)
    ]
    wanted = set(letters.result)
    for place, (node, own) in enumerate(parts):  # what only one operand has is summed before any product
        others = wanted.union(*(more for i, (_, more) in enumerate(parts) if i != place))
        for letter in sorted(own - others):
            node = reduced("sum", node, axes[letter])  # noqa: PLW2901
        parts[place] = node, own & others
    for pair in _order(letters, axes, len(values)):
        chosen = [parts[i] for i in pair]
        parts = [p for i, p in enumerate(parts) if i not in pair]
        product, held = chosen[0]
        for node, more in chosen[1:]:
            product, held = build.gate("mul", product, node), held | more
        outside = wanted.union(*(own for _, own in parts))
        for letter in sorted(held - outside):
            product = reduced("sum", product, axes[letter])
        parts.append((product, held & outside))
    return Value(parts[0][0], tuple(axes[x] for x in letters.result))


def _parsed(ctx: Context, text: str, values: Sequence[Value]) -> Subscripts:
    left, arrow, right = text.replace(" ", "").partition("->")
    given = left.split(",")
    if not values or len(given) != len(values):
        counted = (
            f"{len(given)} operand{'s' * (len(given) > 1)}, but {len(values)} {'is' if len(values) == 1 else 'are'}"
        )
        ctx.fail(f"the subscripts `{text}` are for {counted} given.", _EXAMPLE)
    operands = [_letters(ctx, part, value) for part, value in zip(given, values, strict=True)]
    under = sorted({x for own in operands for x in own if x.isdigit()}, key=int, reverse=True)
    counted_letters = Counter(x for own in operands for x in own)
    if not arrow:
        once = sorted(x for x, n in counted_letters.items() if n == 1 and not x.isdigit())
        return Subscripts(operands, (*under, *once))
    first, dots, second = right.partition("...")
    result = (*first, *(under if dots else ()), *second)
    for letter in result:
        if letter not in counted_letters or result.count(letter) > 1 or (under and not dots):
            ctx.fail(
                f"the result `{right}` does not fit the operands `{left}`.", "Name letters of the operands, each once."
            )
    return Subscripts(operands, result)


def _letters(ctx: Context, part: str, value: Value) -> tuple[str, ...]:
    """Return the letter of each axis of an operand."""
    first, dots, second = part.partition("...")
    if not (first + second).isalpha() and first + second:
        ctx.fail(f"`{part}` are no subscripts.", f"Subscripts are letters, one for each axis. {_EXAMPLE}")
    extra = value.rank - len(first + second)
    if extra < 0 or (extra and not dots):
        ctx.fail(
            f"the subscripts `{part}` are for {len(first + second)} axes, but the operand {shape_text(value)}.",
            _EXAMPLE,
        )
    return (*first, *(str(i) for i in reversed(range(extra))), *second)


def _axes(ctx: Context, letters: Subscripts, values: Sequence[Value]) -> dict[str, Axis]:
    """Return an axis for each letter; where it stands for several, all but those of length 1 must be as long."""
    first: dict[str, Axis] = {}
    for value, own in zip(values, letters.operands, strict=True):
        for letter, axis in zip(own, value.axes, strict=True):
            if letter not in first or is_one(first[letter]):
                first[letter] = axis
            elif not is_one(axis):
                _same(ctx, letter, first[letter], axis)
    axes: dict[str, Axis] = {}
    for letter in (*letters.result, *first):
        if letter not in axes:
            axes[letter] = fresh(first[letter].extent, axes.values(), first[letter])
    return axes


def _same(ctx: Context, letter: str, a: Axis, b: Axis) -> None:
    """Insist that a letter stands for one length."""
    name = "`...`" if letter.isdigit() else f"`{letter}`"
    message = f"{name} stands for axes of the lengths {a.extent} and {b.extent}."
    ctx.require(a.extent, "==", b.extent, message, ctx.readings(a.extent, b.extent) or "Give each length a letter.")


def _over(ctx: Context, value: Value, own: Sequence[str], axes: dict[str, Axis]) -> Node:
    """Return an operand over the axes of its letters; a letter that it has twice reads a diagonal."""
    node, held = number(value.node), list(value.axes)
    apart = {a: Axis(a.extent, 10_000 + i) for i, a in enumerate(held)}
    node = build.rename(node, apart)
    for letter, axis in zip(own, held, strict=True):
        if is_one(axis):
            continue
        target = axes[letter]
        if target in node.axes:
            node = build.take(node, apart[axis], build.iota(ctx.graph, target))
        else:
            node = build.rename(node, {apart[axis]: target})
    return node


def _order(letters: Subscripts, axes: dict[str, Axis], count: int) -> list[tuple[int, ...]]:
    """Return which operands are multiplied at each step; the product goes to the end of the list."""
    if count < 3:
        return [tuple(range(count))]
    code = {x: i for i, x in enumerate(axes)}
    size = {x: a.extent.constant if a.extent.constant is not None else _USUAL for x, a in axes.items()}
    arguments: list[Any] = []
    for own in letters.operands:
        once = list(dict.fromkeys(own))
        arguments += [np.broadcast_to(0.0, [max(1, size[x]) for x in once]), [code[x] for x in once]]
    how = "optimal" if count <= _BY_SEARCH else "greedy"
    path, _ = np.einsum_path(*arguments, [code[x] for x in letters.result], optimize=how)
    return [tuple(step) for step in path[1:]]
