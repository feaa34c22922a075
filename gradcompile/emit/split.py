"""Long straight-line code in functions of its own: compilers take more than twice as long for twice as many statements.

A part gets what it reads and returns what others read. What only other parts read stays in tuples, one for those with
the same readers, so that the function around them has few variables.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field

LONGEST = 1_000  # statements of one function that are left together
PART = 500

_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")
_LET = re.compile(r"( *)([^\W\d]\w*) = (?!_own\()(.*)")
_FOR = re.compile(r"( *)for ([^\W\d]\w*) in (.*)")
_ASSIGNED = re.compile(r" *(?:for )?([^\W\d]\w*(?:, [^\W\d]\w*)*),? (?:[-+*/]?=|in) ")


@dataclass(eq=False)
class _Part:
    """Some statements of a function, one behind the other."""

    name: str
    first: int
    lines: list[str]
    plain: list[str] = field(default_factory=list)  # what it returns to the function around
    groups: dict[tuple[str, ...], list[str]] = field(default_factory=dict)  # to other parts: by who reads it
    given: list[str] = field(default_factory=list)

    @property
    def indent(self) -> str:
        """The blanks before each line."""
        return " " * (len(self.lines[0]) - len(self.lines[0].lstrip()))

    def tuple_of(self, readers: tuple[str, ...]) -> str:
        """Return what the function around calls a group."""
        return f"{self.name.lstrip('_')}_{list(self.groups).index(readers)}"


def split(name: str, lines: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Return the parts of a function by name, and the function that calls them; nothing where it is short.

    `lines` are those of the function: ``def`` first, and one statement a line.
    """
    runs = _runs(lines)
    if sum(end - start for start, end in runs) <= LONGEST:
        return {}, list(lines)
    cuts = [(at, min(at + PART, end)) for start, end in runs for at in range(start, end, PART)]
    parts = [_Part(f"_{name}_{i}", start, list(lines[start:end])) for i, (start, end) in enumerate(cuts)]
    return _Split(lines, parts).run()


def _runs(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return where there are at least as many plain assignments as make a part, in one block."""
    found: list[tuple[int, int]] = []
    start, indent = 0, ""
    for at, line in enumerate([*lines, ""]):
        let = _LET.match(line)
        if let and let[1] == indent and at > start:
            continue
        if at - start >= PART:
            found.append((start, at))
        start, indent = (at, let[1]) if let else (at + 1, "")
    return found


class _Split:
    """What each name is to the parts and to the function around them."""

    def __init__(self, lines: Sequence[str], parts: Sequence[_Part]) -> None:
        self.lines, self.parts = lines, parts
        inside = {at for part in parts for at in range(part.first, part.first + len(part.lines))}
        around = [line for at, line in enumerate(lines) if at not in inside]
        head = _NAME.findall(lines[0].partition("(")[2])
        self.defined = Counter([*head, *(n for line in lines[1:] for n in assigned(line))])
        self.outside = {n for line in around for n in _read(line)}
        self.needs = [needed(part.lines, self.defined) for part in parts]
        self.readers: dict[str, list[str]] = {}
        for part, names in zip(parts, self.needs, strict=True):
            for name in names:
                self.readers.setdefault(name, []).append(part.name)

    def run(self) -> tuple[dict[str, str], list[str]]:
        """Return the parts' sources, and the function's lines."""
        home: dict[str, _Part] = {}  # where the names come from that the function around has no variable for
        for part in self.parts:
            self._returns(part)
            home |= {n: part for names in part.groups.values() for n in names}
        pairs = zip(self.parts, self.needs, strict=True)
        read = [(part, names) for part, names in pairs if part.groups or part.plain]  # nobody reads the others
        return {part.name: "\n".join(self._source(part, names, home)) for part, names in read}, self._calls()

    def _returns(self, part: _Part) -> None:
        """Find what others read of a part: the function around, and what is assigned elsewhere too, as variables."""
        for name in dict.fromkeys(n for line in part.lines for n in assigned(line)):
            readers = tuple(self.readers.get(name, ()))
            if name in self.outside or self.defined[name] > 1:
                part.plain.append(name)
            elif readers:
                part.groups.setdefault(readers, []).append(name)

    def _source(self, part: _Part, needs: Sequence[str], home: dict[str, _Part]) -> list[str]:
        part.given = [n for n in needs if n not in home]
        taken: list[str] = []
        for other in dict.fromkeys(home[n] for n in needs if n in home):
            for readers, names in other.groups.items():
                if part.name in readers:
                    part.given.append(other.tuple_of(readers))
                    taken.append(f"    {', '.join(names)}, = {other.tuple_of(readers)}")
        lines = [f"def {part.name}({', '.join(part.given)}):", *taken]
        lines += [f"    {line[len(part.indent) :]}" for line in part.lines]
        groups = [f"({', '.join(names)},)" for names in part.groups.values()]
        return [*lines, f"    return ({', '.join([*groups, *part.plain])},)"]

    def _calls(self) -> list[str]:
        """Return the function, with a call in the place of each part."""
        lines, at = list[str](), 0
        for part in self.parts:
            lines += self.lines[at : part.first]
            at = part.first + len(part.lines)
            made = [*(part.tuple_of(readers) for readers in part.groups), *part.plain]
            if made:
                lines.append(f"{part.indent}{', '.join(made)}, = {part.name}({', '.join(part.given)})")
        return [*lines, *self.lines[at:]]


def _code(line: str) -> str:
    return line.partition("  # ")[0]


def assigned(line: str) -> list[str]:
    """Return the names that a line assigns."""
    found = _ASSIGNED.match(_code(line))
    return found[1].split(", ") if found else []


def _read(line: str) -> list[str]:
    """Return the names that a line reads."""
    code = _code(line)
    if let := _LET.match(code) or _FOR.match(code):
        code = let[3]
    return _NAME.findall(code)


def needed(lines: Sequence[str], local: Container[str]) -> list[str]:
    """Return the names that lines read before they assign them, of those that are the function's own."""
    found, made = dict[str, None](), set[str]()
    for line in lines:
        found |= dict.fromkeys(n for n in _read(line) if n not in made and n in local)
        made.update(assigned(line))
    return list(found)
