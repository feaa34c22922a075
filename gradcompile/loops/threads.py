"""Which blocks threads may share, and what each part of them then adds up by itself.

The blocks of an axis are dealt out in parts. A part has totals of its own, and behind all parts these are combined in
their order: how many parts there are depends on sizes alone, so results don't depend on the number of threads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gradcompile.ir.nodes import DType
from gradcompile.loops.form import (
    Add,
    Allocate,
    Best,
    Blocks,
    Call,
    Copy,
    Dot,
    Fill,
    Grow,
    If,
    Let,
    Narrow,
    Nearest,
    Statement,
    Total,
    Turn,
    Update,
    View,
    within,
)

_WORD = re.compile(r"[^\W\d]\w*")


def shared(statements: Sequence[Statement]) -> list[Statement]:
    """Return the statements with the totals of all loops over blocks found, as far as threads may run these."""
    known: dict[str, Allocate] = {}
    result: list[Statement] = []
    for statement in statements:
        if isinstance(statement, Allocate):
            known[statement.target] = statement
        elif isinstance(statement, Copy) and statement.target.isidentifier():
            known[statement.target] = Allocate(statement.target, (), _dtype(statement.source), statement.source)
        elif isinstance(statement, Blocks):
            result.append(replace(statement, totals=_Totals(statement, known).run()))
            continue
        result.append(statement)
    return result


@dataclass(frozen=True)
class _Change:
    """What a statement writes: which array or scalar, at which index, and by which reduction if it adds to it."""

    name: str
    index: str
    reduction: str = ""


class _Totals:
    """What is written in the blocks, and lives on behind them."""

    def __init__(self, blocks: Blocks, known: dict[str, Allocate]) -> None:
        self.blocks, self.known = blocks, known
        self.views = {s.target: s for s in within(blocks.body) if isinstance(s, View)}
        self.local = {b.target for b in blocks.buffers}

    def run(self) -> tuple[Total, ...] | None:
        """Return the totals, or None where the blocks have to run one after another."""
        changes = list(self._changes())
        own = {s.target for s in within(self.blocks.body) if isinstance(s, Copy | Let) and s.target.isidentifier()}
        found: dict[str, str] = {}
        for change in changes:
            if change.name in self.local or change.name in own or self._is_of_the_block(change):
                continue
            if change.name not in self.known or found.setdefault(change.name, change.reduction) != change.reduction:
                return None
        read = self._reads()
        rows = {self.views[c.name].source for c in changes if c.name in self.views}
        if not all(found.values()) or not read.isdisjoint(found) or not rows.isdisjoint(found):
            return None
        return tuple(self._total(self.known[name], reduction) for name, reduction in found.items())

    def _total(self, start: Allocate, reduction: str) -> Total:
        wide = start.wide or "float64" in start.start
        return Total(start.target, start.shape, start.dtype, start.start, reduction, wide)

    def _is_of_the_block(self, change: _Change) -> bool:
        """Does it write elements that belong to the block's own samples?"""
        return change.name in self.views or self.blocks.start in _WORD.findall(change.index)

    def _changes(self) -> Iterator[_Change]:
        for statement in within(self.blocks.body):
            match statement:
                case Update(target, reduction):
                    yield _change(target, reduction)
                case Copy(target) | Fill(target) | Turn(target) | Add(target) | Narrow(target):
                    yield _change(target)
                case Dot(target=target) | Nearest(target=target):
                    yield _change(target)
                case Best(target, best):
                    yield _change(target)
                    yield _change(best)
                case Call(targets) | Grow(targets):
                    yield from (_change(t) for t in targets)

    def _reads(self) -> set[str]:
        texts: list[str] = []
        for statement in within(self.blocks.body):
            match statement:
                case Copy(_, source):
                    texts.append(source)
                case Let(_, _, operands) | Call(_, _, operands):
                    texts += operands
                case Update(_, _, value):
                    texts.append(value)
                case Dot(_, left, right) | Nearest(_, left, right):
                    texts += [left, right]
                case Turn(_, source) | Narrow(_, source) | Add(_, source):
                    texts.append(source)
                case Best(value=value):
                    texts.append(value)
                case If(condition):
                    texts.append(condition)
        return {word for text in texts for word in _WORD.findall(text)}


def _change(target: str, reduction: str = "") -> _Change:
    name, _, index = target.partition("[")
    return _Change(name, index, reduction)


def _dtype(start: str) -> DType:
    """Return the type of a scalar with this first value."""
    if start in ("True", "False"):
        return DType.BOOL
    return DType.INT if start.isdecimal() or "iinfo" in start else DType.REAL
