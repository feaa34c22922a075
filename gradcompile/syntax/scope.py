"""Variables and their history, so that a derivative can replay the statements behind one of them."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gradcompile.syntax.flow import Functions, flow, live_after
from gradcompile.syntax.program import Value

if TYPE_CHECKING:
    from gradcompile.syntax.filling import Filling


@dataclass
class Scope:
    """The variables of a file, of one call of a `def`, or of a loop's body, each with all the values it had.

    A replay is a scope on the same statements that differs from its base behind statement `until`.
    """

    statements: list[ast.stmt] = field(default_factory=list)
    outer: Scope | None = None  # the file's scope, inside a `def`
    base: Scope | None = None
    until: int = -1
    versions: dict[str, list[tuple[int, Value]]] = field(default_factory=dict)
    current: int = 0  # the number of the statement that is being carried out
    lines: Sequence[ast.stmt] = ()  # the statements as written
    parent: Scope | None = None  # the scope around, inside a loop
    loop: ast.For | ast.While | None = None  # the loop whose body this is
    results: frozenset[str] = frozenset()  # what is read behind the last line
    fillings: dict[str, list[tuple[int, Filling]]] = field(default_factory=dict)  # arrays that a loop is filling
    indices: bool = False  # does it hold the indices of a comprehension
    caller: Scope | None = None  # the scope in which a `def` was called
    given: Mapping[str, ast.expr] = field(default_factory=dict)  # what it was given there
    defaults: Mapping[str, ast.expr] = field(default_factory=dict)  # and what its other parameters are
    calls: dict[Any, Any] = field(default_factory=dict)  # what functions returned that were called from here

    def bind(self, name: str, value: Value, at: int) -> None:
        """Give a variable its value by statement number `at`."""
        self.calls.clear()
        self.versions.setdefault(name, []).append((at, value))

    def fill(self, name: str, filling: Filling, at: int) -> None:
        """Note how far an array has been filled by statement number `at`."""
        self.calls.clear()
        self.fillings.setdefault(name, []).append((at, filling))

    def find(self, name: str, at: int | None = None) -> tuple[int, Value] | None:
        """Return the last assignment of a variable, up to statement `at` if given: its number and the value."""
        if name in self.fillings:
            return None
        scope: Scope | None = self
        while scope is not None:
            if (history := scope.versions.get(name)) is not None:
                place = len(history) if at is None else bisect_right(history, at, key=lambda item: item[0])
                if place:
                    return history[place - 1]
            at = scope.until if at is None else min(at, scope.until)
            scope = scope.base
        return None if self.parent is None else self.parent.find(name)

    def filling(self, name: str) -> Filling | None:
        """Return the array of this name that a loop around is filling, as far as it is."""
        scope: Scope | None = self
        while scope is not None:
            if (history := scope.fillings.get(name)) is not None:
                return history[-1][1]
            if scope.here(name) is not None:
                return None
            scope = scope.parent or scope.outer
        return None

    def here(self, name: str) -> Value | None:
        """Return a variable of this very scope."""
        scope: Scope | None = self
        while scope is not None:
            if (history := scope.versions.get(name)) is not None:
                return history[-1][1]
            scope = scope.base
        return None

    def owner(self, name: str) -> Scope:
        """Return the scope that a variable is of: this one, or one around it."""
        scope = self
        while scope.here(name) is None and scope.parent is not None:
            scope = scope.parent
        return scope

    def replay(self, until: int, *, around: Scope | None = None) -> Scope:
        """Return a scope that agrees with this one up to statement `until`; it lies in, or was called in, another."""
        parent, outer, caller = self.parent, self.outer, self.caller
        if around is not None and parent is not None:
            parent, outer = around, around.outer
        elif around is not None:
            caller, outer = around, around.seen_by_functions
        filled = {name: [f for f in history if f[0] <= until] for name, history in self.fillings.items()}
        return Scope(
            self.statements, outer, self, until, lines=self.lines, parent=parent, loop=self.loop, results=self.results,
            fillings=filled, indices=self.indices, caller=caller, given=self.given, defaults=self.defaults,
        )  # fmt: skip

    @property
    def around(self) -> Scope | None:
        """The scope that this one lies in or, of a function, was called in; the file's lies in none."""
        return self.parent or self.caller

    @property
    def seen_by_functions(self) -> Scope:
        """The scope whose variables a `def` reads that is called from here: it does not see indices."""
        scope = self.outer or self
        while scope.indices and scope.parent is not None:
            scope = scope.parent
        return scope

    def block(self, loop: ast.For | ast.While) -> Scope:
        """Return a scope for the body of a loop that stands here."""
        return Scope(outer=self.outer, parent=self, loop=loop, lines=loop.body)

    def within(self) -> Scope:
        """Return a scope for the indices of a comprehension that stands here."""
        return Scope(outer=self.outer, parent=self, indices=True)

    def indexed(self, name: str) -> bool:
        """Is a variable that is found here the index of a comprehension?"""
        return self.owner(name).indices

    def reads_later(self, name: str, statement: ast.stmt, functions: Functions) -> bool:
        """Is the value that a variable has after a statement of this scope read later on?"""
        found = live_after(name, statement, self.lines, functions)
        if found is not None:
            return found
        if self.parent is None or self.loop is None:
            return name in self.results
        test = [ast.Expr(self.loop.test)] if isinstance(self.loop, ast.While) else []
        if name in flow([*test, *self.loop.body], functions).exposed:
            return True
        return self.parent.reads_later(name, self.loop, functions)

    def names(self) -> list[str]:
        """Return every variable that can be read here."""
        found: dict[str, None] = {}
        scope: Scope | None = self
        while scope is not None:
            found |= dict.fromkeys(scope.versions)
            scope = scope.base or scope.parent or scope.outer
        return list(found)
