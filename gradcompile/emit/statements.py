"""Statements of the readable target, line by line: indented, with the formula line behind each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from gradcompile.emit.expression import words
from gradcompile.emit.layout import Written
from gradcompile.ir.nodes import Origin


def comment_of(origin: Origin) -> str:
    """Return the formula line that a statement comes from, and the rule that made it."""
    line = f"line {origin.span.line}" if origin.span else ""
    if origin.rule.endswith(" gate"):
        return f"backward of {line}: {origin.rule}" if line else f"backward: {origin.rule}"
    return f"{line}: {origin.rule}" if line and origin.rule else line or origin.rule


class _View(NamedTuple):
    """A variable that is a view: of which arrays, the line that names it, and what it names."""

    of: set[str]
    line: int
    array: Written


class Statements:
    """The lines of a function's body so far."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.places: set[str] = set()  # the arrays that a loop is changing in place
        self.views: dict[str, _View] = {}  # variables that are views of such arrays
        self._indent = "    "

    def put(self, text: str, origin: Origin | None = None, at: int | None = None) -> None:
        """Write a statement, with the formula line behind it; `at`: before another line than the end."""
        comment = comment_of(origin) if origin is not None else ""
        line = f"{self._indent}{text}  # {comment}" if comment else f"{self._indent}{text}"
        self.lines.insert(len(self.lines) if at is None else at, line)
        if at is not None:
            self.views = {n: v._replace(line=v.line + (v.line >= at)) for n, v in self.views.items()}

    def assign(self, name: str, array: Written, origin: Origin | None) -> None:
        """Write the statement that gives an array a name."""
        self.put(f"{name} = {array.text}", origin)
        if array.axes and not array.fresh and (of := self.views_in(array.text)):
            self.views[name] = _View(of, len(self.lines) - 1, array)

    def views_in(self, text: str) -> set[str]:
        """Return the arrays that a loop changes in place and that an expression mentions, by name or by a view."""
        found = words(text)
        return found & self.places | {name for word in found if word in self.views for name in self.views[word].of}

    def make_copy(self, name: str) -> None:
        """Let a variable that is a view be a copy from the start."""
        view = self.views.pop(name)
        text = f"{view.array.text}.copy()" if view.array.atom else f"np.array({view.array.text})"
        self.lines[view.line] = self.lines[view.line].replace(f" = {view.array.text}", f" = {text}", 1)

    @contextmanager
    def indented(self, deeper: bool = True) -> Iterator[None]:
        """Indent, if it is a block."""
        before, self._indent = self._indent, self._indent + "    " * deeper
        yield
        self._indent = before
