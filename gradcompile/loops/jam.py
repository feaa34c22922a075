"""Unroll and jam: four steps of a loop run inside one pass of the loop further in.

``for d: for n: total[n] += x[d, n] * w[d]`` reads and writes `total` once for each term. Four terms at a time do so
once for all four, and whatever else does not depend on `d` is read once as well. The sum is the same, term after term.

Where such a loop stands in a third one, ``for i: for d: for n: total[i, n] += x[d, n] * w[i, d]``, two of its steps run
together first: each `x` that is read serves both. If `d` only goes up to `i`, both go as far as the first of them does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from gradcompile.gates.registry import GATES
from gradcompile.ir.dims import Extent
from gradcompile.loops.form import Blocks, Copy, If, Let, Loop, Statement, Update, View, While, sources

_STEPS = 4
_ROWS = 2  # steps of a loop around such a loop
_LONGEST = 16  # statements of the inner loop: with more of them the registers do not suffice
_LONGEST_ROWS = 10  # the same for two steps of the loop around both
_CHEAP = 6.0  # additions: a gate that costs more than this leaves little to gain
_WORTH = 0.3  # of the reads and writes of the inner loop have to go
_STEP = {"sum": "add", "prod": "mul"}  # the gate of a reduction's step
_CHOSEN = ("max", "min")
_ELEMENT = re.compile(r"(\w+)\[([^\[\]]*)\]")
_WORD = re.compile(r"[^\W\d]\w*")

Simple = Copy | Let | Update
Fresh = Callable[[str], str]  # a base name -> a name that nothing else has
Text = Callable[[Extent], str]


def jammed(statements: Sequence[Statement], fresh: Fresh, text: Text) -> list[Statement]:
    """Return the statements with four steps of a loop in one wherever that saves much reading and writing."""
    views: dict[str, str] = {}
    return [s for statement in statements for s in _Jam(fresh, text, views).run(statement)]


class _Jam:
    def __init__(self, fresh: Fresh, text: Text, views: dict[str, str]) -> None:
        self.fresh, self.text, self.views = fresh, text, views
        self.first: dict[str, str] = {}  # the index of another step that runs together with a first one -> the first's

    def run(self, statement: Statement) -> list[Statement]:
        match statement:
            case View(target, source):
                self.views[target] = self.views.get(source, source)
            case Blocks(body=body) | While(body=body):
                return [replace(statement, body=self._all(body))]
            case If(condition, body, otherwise):
                return [If(condition, self._all(body), self._all(otherwise))]
            case Loop():
                return self._loop(statement)
        return [statement]

    def _all(self, statements: Sequence[Statement]) -> list[Statement]:
        return [s for statement in statements for s in self.run(statement)]

    def _loop(self, loop: Loop) -> list[Statement]:
        nest = self._nest(loop)
        if nest is not None and nest.depth == 1 and nest.pays():
            return self._split(loop, nest, _STEPS)
        if nest is not None and nest.depth == 2:
            inner = self._nest(nest.loops[1])
            if inner is not None and inner.pays() and nest.rows_pay(inner):
                return self._split(loop, nest, _ROWS)
        return [replace(loop, body=self._all(loop.body))]

    def _nest(self, loop: Loop) -> _Nest | None:
        """Return the nest at a loop, if its steps may change places with those of the loops inside."""
        loops = _chain(loop)
        nest = _Nest(loops, self.views, self.first) if loops else None
        return nest if nest is not None and nest.is_free() else None

    def _split(self, loop: Loop, nest: _Nest, steps: int) -> list[Statement]:
        """Some steps at a time, then one by one what is left."""
        known = loop.size.constant if not loop.start and not loop.stop else None
        if known is not None and known < steps:
            return [replace(loop, body=self._all(loop.body))]
        start, last = loop.start or "0", loop.stop or self.text(loop.size)
        edge = self.fresh("edge")
        together, indices = nest.copies(steps, self.fresh)
        self.first |= dict.fromkeys(indices, loop.index)
        first = replace(loop, body=self._all(together), stop=edge, step=steps)
        rest = replace(loop, start=edge, note="", body=self._all(loop.body))
        behind = [rest] if known is None or known % steps else []
        count = f"{last} - ({start})" if start.endswith(" + 1") else f"{last} - {start}"
        left = f"max(0, {count}) % {steps}" if loop.start and loop.stop else f"({count}) % {steps}"
        return [Copy(edge, f"{last} - {left}"), first, *behind]


def _chain(loop: Loop) -> list[Loop]:
    """Return a loop and the one or two inside it, each alone in the one before but for plain statements; else none."""
    loops = [loop]
    while inside := [s for s in loops[-1].body if isinstance(s, Loop)]:
        loops.append(inside[0])
        if len(inside) > 1 or len(loops) > 3:
            return []
    plain = all(isinstance(s, Simple | Loop) for one in loops for s in one.body)
    free = not any(one.ordered or one.backward for one in loops)
    return loops if plain and free and len(loops) > 1 else []


class _Nest:
    """Loops around each other, with plain statements around and in them; steps of the outermost are put together."""

    def __init__(self, loops: Sequence[Loop], views: dict[str, str], first: dict[str, str]):
        self.index, self.loops, self.views, self.first = loops[0].index, loops, views, first
        self.depth = len(loops) - 1
        self.body: list[Simple] = [s for s in loops[-1].body if isinstance(s, Simple)]
        self.all: list[Simple] = [s for loop in loops for s in loop.body if isinstance(s, Simple)]
        self.starts = {s.target for s in self.all if isinstance(s, Copy | Let) and s.target.isidentifier()}
        self.varying = self._varying()

    def is_free(self) -> bool:
        """May steps of the outermost loop change places with those of the others?"""
        *between, inner = self.loops[1:]
        fixed = self._is_fixed(inner.start, inner.stop) and all(map(self._is_fixed_but_for_one, between))
        short = len(self.body) <= _LONGEST and all(
            GATES[s.gate].cost <= _CHEAP for s in self.body if isinstance(s, Let)
        )
        return fixed and short and self._independent()

    def _is_fixed(self, *limits: str) -> bool:
        return _words(*limits).isdisjoint({self.index, *self.starts})

    def _is_fixed_but_for_one(self, loop: Loop) -> bool:
        """Does a loop go as far, or start as late, at each step as at the one before, or by one position further?"""
        limits = [t for t in (loop.start, loop.stop) if t not in (self.index, f"{self.index} + 1")]
        return len(limits) > 0 and self._is_fixed(*limits)

    def _varying(self) -> set[str]:
        """Return the names of what is different at each step of the outer loop, all that is accumulated among it."""
        found = {self.index}
        while True:
            more = {s.target for s in self.all if s.target.isidentifier() and self._depends(s, found)} - found
            if not more:
                return found
            found |= more

    def _depends(self, statement: Simple, found: set[str]) -> bool:
        return isinstance(statement, Update) or not found.isdisjoint(_words(statement.target, *sources(statement)))

    def _independent(self) -> bool:
        """Does each step write elements of its own, or add to what no step reads?"""
        written = [s for s in self.all if not isinstance(s, Let) and not s.target.isidentifier()]
        accesses = Counter[str]()
        texts: dict[str, set[str]] = {}
        for text in (t for s in self.all for t in (s.target, *sources(s))):
            for array, element in self._read(text):
                accesses[element] += 1
                texts.setdefault(array, set()).add(element)
        for statement in written:
            ((array, element),) = self._read(statement.target)
            own = self.index in element.rpartition("[")[2].rstrip("]").split(", ")
            apart = len({_substituted(text, self.first) for text in texts[array]}) == 1
            if not apart or not (own or self._only_adds(statement, accesses[element])):
                return False
        held = Counter(w for s in self.all for t in (s.target, *sources(s)) for w in _WORD.findall(t))
        totals = [
            s for s in self.all if isinstance(s, Update) and s.target.isidentifier() and s.target not in self.starts
        ]
        return all(self._only_adds(s, held[s.target]) for s in totals)

    def _read(self, text: str) -> list[tuple[str, str]]:
        """Return the arrays that a text reads from, and which element of each."""
        return [(self.views.get(name, name), f"{name}[{inside}]") for name, inside in _elements(text)]

    def _only_adds(self, statement: Simple, uses: int) -> bool:
        return isinstance(statement, Update) and statement.reduction in (*_STEP, *_CHOSEN) and uses == 1

    def pays(self) -> bool:
        """Does the inner loop add anything up, and is enough of what it reads and writes the same at each step?"""
        total = sum(_moved(s) for s in self.body)
        saved = sum(_moved(s) for s in self.body if self._shared(s))
        return any(isinstance(s, Update) for s in self.body) and saved >= _WORTH * total

    def rows_pay(self, inner: _Nest) -> bool:
        """Do two steps read enough in common, when four steps of the next loop run together, and fit the registers?"""
        added = [s for s in self.body if isinstance(s, Update)]
        own = [s for s in self.body if self._depends(s, self.varying)]
        if (
            len(added) != 1
            or len(self.body) + len(own) > _LONGEST_ROWS
            or self.varying.isdisjoint(_words(added[0].target))
        ):
            return False
        moved = {id(s): _moved(s) / (_STEPS if inner._shared(s) else 1) for s in self.body}
        return sum(moved[id(s)] for s in self.body if s not in own) >= _WORTH * sum(moved.values())

    def _shared(self, statement: Simple) -> bool:
        """Is it done once for all steps? An accumulator in memory is: it is read and written once."""
        if isinstance(statement, Update):
            return self.varying.isdisjoint(_words(statement.target))
        return not self._depends(statement, self.varying)

    # -- several steps -----------------------------------------------------------------------------------------

    def copies(self, steps: int, fresh: Fresh) -> tuple[list[Statement], list[str]]:
        """Return the body of the outer loop for some steps, and the indices of those behind the first."""
        renamed: list[dict[str, str]] = [{}]
        for step in range(1, steps):
            names = {n: fresh(f"{n}_{step}") for n in sorted(self.varying & {self.index, *self.starts})}
            renamed.append(names)
        indices = [names[self.index] for names in renamed[1:]]
        ahead: list[Statement] = [Copy(name, f"{self.index} + {step}") for step, name in enumerate(indices, 1)]
        return [*ahead, *self._repeated(self.loops[0].body, renamed, fresh)], indices

    def _repeated(
        self, statements: Iterable[Statement], renamed: Sequence[dict[str, str]], fresh: Fresh
    ) -> list[Statement]:
        result: list[Statement] = []
        for statement in statements:
            if isinstance(statement, Loop):
                result += self._together(statement, renamed, fresh)
            elif not isinstance(statement, Simple):
                raise AssertionError(f"{statement} in a nest")
            elif isinstance(statement, Update) and not statement.target.isidentifier() and self._shared(statement):
                result += self._added(statement, renamed, fresh)
            elif not self._depends(statement, self.varying):
                result.append(statement)
            else:
                result += [_renamed(statement, names) for names in renamed]
        return result

    def _together(self, loop: Loop, renamed: Sequence[dict[str, str]], fresh: Fresh) -> list[Statement]:
        """Return an inner loop for all steps; where two of them end it, or begin it, one apart, that one by itself."""
        common = replace(loop, body=self._repeated(loop.body, renamed, fresh))
        first, last = renamed[0], renamed[-1]
        if self.index in _words(loop.stop):
            common.stop = _substituted(loop.stop, first)
            return [common, Copy(loop.index, common.stop), *_renamed_all(loop.body, last)]
        if self.index in _words(loop.start):
            common.start = _substituted(loop.start, last)
            return [Copy(loop.index, _substituted(loop.start, first)), *_renamed_all(loop.body, first), common]
        return [common]

    def _added(self, update: Update, renamed: Sequence[dict[str, str]], fresh: Fresh) -> list[Statement]:
        """Read an accumulator, add the terms of all steps one after another, and write it."""
        total = fresh(_elements(update.target)[0][0])
        result: list[Statement] = [Copy(total, update.target)]
        for names in renamed:
            value = _substituted(update.value, names)
            if update.reduction in _STEP:
                result.append(Let(total, _STEP[update.reduction], (total, value), update.origin))
            else:
                result.append(Update(total, update.reduction, value, update.origin))
        return [*result, Copy(update.target, total)]


def _words(*texts: str) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text)}


def _elements(text: str) -> list[tuple[str, str]]:
    return [(m[1], m[2]) for m in _ELEMENT.finditer(text)]


def _substituted(text: str, names: dict[str, str]) -> str:
    return _WORD.sub(lambda match: names.get(match[0], match[0]), text)


def _moved(statement: Simple) -> int:
    """Return how many elements a statement reads and writes."""
    elements = sum(1 for text in (statement.target, *sources(statement)) for _ in _elements(text))
    return elements * 2 if isinstance(statement, Update) else elements


def _renamed_all(statements: Iterable[Statement], names: dict[str, str]) -> list[Statement]:
    result: list[Statement] = []
    for statement in statements:
        if isinstance(statement, Loop):
            result.append(replace(statement, body=_renamed_all(statement.body, names)))
        elif isinstance(statement, Simple):
            result.append(_renamed(statement, names))
    return result


def _renamed(statement: Simple, names: dict[str, str]) -> Simple:
    target = _substituted(statement.target, names)
    match statement:
        case Copy(source=source):
            return Copy(target, _substituted(source, names))
        case Let(operands=operands):
            return replace(statement, target=target, operands=tuple(_substituted(o, names) for o in operands))
        case Update(value=value):
            return replace(statement, target=target, value=_substituted(value, names))
