"""Variables and their history, so that a derivative can replay the statements behind one of them."""

from __future__ import annotations

import ast
from bisect import bisect_right
from dataclasses import dataclass, field

from gradcompile.syntax.program import Value


@dataclass
class Scope:
    """The variables of a file or of one call of a `def`, each with all the values it had.

    A replay is a scope on the same statements that differs from its base behind statement `until`.
    """

    statements: list[ast.stmt] = field(default_factory=list)
    outer: Scope | None = None  # the file's scope, inside a `def`
    base: Scope | None = None
    until: int = -1
    versions: dict[str, list[tuple[int, Value]]] = field(default_factory=dict)
    current: int = 0  # the number of the statement that is being carried out

    def bind(self, name: str, value: Value, at: int) -> None:
        """Give a variable its value by statement number `at`."""
        self.versions.setdefault(name, []).append((at, value))

    def find(self, name: str, at: int | None = None) -> tuple[int, Value] | None:
        """Return the last assignment of a variable, up to statement `at` if given: its number and the value."""
        scope: Scope | None = self
        while scope is not None:
            if (history := scope.versions.get(name)) is not None:
                place = len(history) if at is None else bisect_right(history, at, key=lambda item: item[0])
                if place:
                    return history[place - 1]
            at = scope.until if at is None else min(at, scope.until)
            scope = scope.base
        return None

    def replay(self, until: int) -> Scope:
        """Return a scope that agrees with this one up to statement `until`."""
        return Scope(self.statements, self.outer, self, until)

    def names(self) -> list[str]:
        """Return every variable that can be read here."""
        found: dict[str, None] = {}
        scope: Scope | None = self
        while scope is not None:
            found |= dict.fromkeys(scope.versions)
            scope = scope.base or scope.outer
        return list(found)


def reads(tree: ast.AST) -> set[str]:
    """Return every name that a piece of syntax mentions otherwise than by assigning it."""
    found = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    if isinstance(tree, ast.AugAssign) and isinstance(tree.target, ast.Name):
        found.add(tree.target.id)
    return found


def targets(statement: ast.stmt) -> list[str]:
    """Return the names that a statement assigns, in order."""
    if isinstance(statement, ast.Assign):
        trees: list[ast.expr] = statement.targets
    elif isinstance(statement, ast.AugAssign):
        trees = [statement.target]
    else:
        return []
    if len(trees) == 1 and isinstance(trees[0], ast.Name):
        return [trees[0].id]
    return [n.id for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name)]
