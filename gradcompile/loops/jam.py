"""Unroll and jam: four steps of a loop run inside one pass of the loop further in.

``for d: for n: total[n] += x[d, n] * w[d]`` reads and writes `total` once for each term. Four terms at a time do so
once for all four, and whatever else does not depend on `d` is read once as well. The sum is the same, term after term.
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
_LONGEST = 16  # statements of the inner loop: with more of them the registers do not suffice
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

    def run(self, statement: Statement) -> list[Statement]:
        match statement:
            case View(target, source):
                self.views[target] = self.views.get(source, source)
            case Blocks(body=body) | While(body=body):
                return [replace(statement, body=self._all(body))]
            case If(condition, body, otherwise):
                return [If(condition, self._all(body), self._all(otherwise))]
            case Loop():
                if (nest := _Nest.of(statement, self.views)) is not None and nest.pays():
                    return self._split(statement, nest)
                return [replace(statement, body=self._all(statement.body))]
        return [statement]

    def _all(self, statements: Sequence[Statement]) -> list[Statement]:
        return [s for statement in statements for s in self.run(statement)]

    def _split(self, loop: Loop, nest: _Nest) -> list[Statement]:
        """Four steps at a time, then one by one what is left."""
        known = loop.size.constant if not loop.start and not loop.stop else None
        if known is not None and known < _STEPS:
            return [loop]
        start, last = loop.start or "0", loop.stop or self.text(loop.size)
        edge = self.fresh("edge")
        first = replace(loop, body=nest.copies(self.fresh), stop=edge, step=_STEPS)
        rest = [replace(loop, start=edge, note="")] if known is None or known % _STEPS else []
        return [Copy(edge, f"{last} - ({last} - {start}) % {_STEPS}"), first, *rest]


class _Nest:
    """A loop whose body is another loop, with plain statements around and in it."""

    def __init__(self, index: str, before: list[Simple], inner: Loop, behind: list[Simple], views: dict[str, str]):
        self.index, self.before, self.inner, self.behind = index, before, inner, behind
        self.body: list[Simple] = [s for s in inner.body if isinstance(s, Simple)]
        self.views = views
        self.all = [*before, *self.body, *behind]
        self.starts = {s.target for s in self.all if isinstance(s, Copy | Let) and s.target.isidentifier()}
        self.varying = self._varying()

    @staticmethod
    def of(loop: Loop, views: dict[str, str]) -> _Nest | None:
        """Return the nest, if steps of the outer loop may change places with those of the inner one."""
        inner = [s for s in loop.body if isinstance(s, Loop)]
        if len(inner) != 1 or loop.ordered or loop.backward or inner[0].ordered or inner[0].backward:
            return None
        at = loop.body.index(inner[0])
        if not all(isinstance(s, Simple) for s in [*loop.body[:at], *inner[0].body, *loop.body[at + 1 :]]):
            return None
        nest = _Nest(loop.index, loop.body[:at], inner[0], loop.body[at + 1 :], views)  # type: ignore[arg-type]
        limits = _words(inner[0].start, inner[0].stop)
        if len(nest.body) > _LONGEST or not limits.isdisjoint({loop.index, *nest.starts}):
            return None
        cheap = all(GATES[s.gate].cost <= _CHEAP for s in nest.body if isinstance(s, Let))
        return nest if cheap and nest._independent() else None

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
            for name, inside in _elements(text):
                array = self.views.get(name, name)
                accesses[array] += 1
                texts.setdefault(array, set()).add(f"{name}[{inside}]")
        for statement in written:
            (name, inside), *others = _elements(statement.target)
            array = self.views.get(name, name)
            own = self.index in inside.split(", ")
            if others or len(texts[array]) > 1 or not (own or self._only_adds(statement, accesses[array])):
                return False
        held = Counter(w for s in self.all for t in (s.target, *sources(s)) for w in _WORD.findall(t))
        totals = [
            s for s in self.all if isinstance(s, Update) and s.target.isidentifier() and s.target not in self.starts
        ]
        return all(self._only_adds(s, held[s.target]) for s in totals)

    def _only_adds(self, statement: Simple, uses: int) -> bool:
        return isinstance(statement, Update) and statement.reduction in (*_STEP, *_CHOSEN) and uses == 1

    def pays(self) -> bool:
        """Does the inner loop add anything up, and is enough of what it reads and writes the same at each step?"""
        total = saved = 0
        for statement in self.body:
            moved = sum(1 for t in (statement.target, *sources(statement)) for _ in _elements(t))
            moved *= 2 if isinstance(statement, Update) else 1
            total += moved
            saved += moved if self._shared(statement) else 0
        return any(isinstance(s, Update) for s in self.body) and saved >= _WORTH * total

    def _shared(self, statement: Simple) -> bool:
        """Is it done once for all four steps? An accumulator in memory is: it is read and written once."""
        if isinstance(statement, Update):
            return self.varying.isdisjoint(_words(statement.target))
        return not self._depends(statement, self.varying)

    # -- four steps --------------------------------------------------------------------------------------------

    def copies(self, fresh: Fresh) -> list[Statement]:
        """Return the body of the outer loop for four steps."""
        renamed: list[dict[str, str]] = [{}]
        for step in range(1, _STEPS):
            names = {n: fresh(f"{n}_{step}") for n in sorted(self.varying & {self.index, *self.starts})}
            renamed.append(names)
        ahead: list[Statement] = [
            Copy(names[self.index], f"{self.index} + {step}") for step, names in enumerate(renamed) if step
        ]
        inner = replace(self.inner, body=self._repeated(self.body, renamed, fresh))
        behind = self._repeated(self.behind, renamed, fresh)
        return [*ahead, *self._repeated(self.before, renamed, fresh), inner, *behind]

    def _repeated(
        self, statements: Iterable[Simple], renamed: Sequence[dict[str, str]], fresh: Fresh
    ) -> list[Statement]:
        result: list[Statement] = []
        for statement in statements:
            if isinstance(statement, Update) and not statement.target.isidentifier() and self._shared(statement):
                result += self._added(statement, renamed, fresh)
            elif not self._depends(statement, self.varying):
                result.append(statement)
            else:
                result += [_renamed(statement, names) for names in renamed]
        return result

    def _added(self, update: Update, renamed: Sequence[dict[str, str]], fresh: Fresh) -> list[Statement]:
        """Read an accumulator, add the terms of four steps one after another, and write it."""
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


def _renamed(statement: Simple, names: dict[str, str]) -> Simple:
    target = _substituted(statement.target, names)
    match statement:
        case Copy(source=source):
            return Copy(target, _substituted(source, names))
        case Let(operands=operands):
            return replace(statement, target=target, operands=tuple(_substituted(o, names) for o in operands))
        case Update(value=value):
            return replace(statement, target=target, value=_substituted(value, names))
