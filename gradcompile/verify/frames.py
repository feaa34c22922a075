"""Runs of statements with the history of every variable, so that a derivative can replay them from any assignment.

A place in a run is a path: the statement of each block, and inside a loop which turn it is. A replay starts right
behind the assignment of what is differentiated by, with all variables as they were then, and stops at a place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcompile.verify.arrays import Array
from gradcompile.verify.fields import UndefinedError

HOLE = object()
"""What an array has where a loop has not filled it yet."""


@dataclass(frozen=True)
class Step:
    """A statement of a block; of a loop also the turn, and the values that its variable takes; of `if` the branch."""

    at: int
    turn: int = 0
    over: Sequence[Any] = field(default=(), compare=False)


Place = tuple[Step, ...]


@dataclass(frozen=True)
class Growing:
    """An array that nothing declared: assignments to its positions make it, and it is as long as they reach."""

    array: Array

    def settled(self) -> Array:
        """Return the array where it is used as a whole."""
        if any(element is HOLE for element in self.array.reshape(-1)):
            raise UndefinedError("an array that is not filled everywhere")
        return self.array

    def stored(self, index: tuple[Any, ...], value: Array) -> Growing:
        """Return the array with a value put at a position: integers, and `:` for a whole dimension of the value."""
        index = index + (slice(None),) * (self.array.ndim - len(index))
        wide = sum(isinstance(piece, slice) for piece in index)
        rows = iter((0,) * (wide - value.ndim) + value.shape)
        reach = []
        for piece in index:
            if isinstance(piece, slice) and piece == slice(None):
                reach.append(next(rows))
            elif isinstance(piece, int) and piece >= 0:
                reach.append(piece + 1)
            else:
                raise UndefinedError("an array is filled at positions that are 0 or more")
        reach += rows
        if self.array.ndim not in (0, len(reach)):
            raise UndefinedError("an array is filled with elements of different shapes")
        old = self.array.shape if self.array.ndim else (0,) * len(reach)
        grown = np.full([max(pair) for pair in zip(old, reach, strict=True)], HOLE, dtype=object)
        if self.array.ndim:
            grown[tuple(map(slice, old))] = self.array
        grown[index] = value[()] if value.ndim == 0 else value
        return Growing(grown)


def nothing() -> Growing:
    """Return an array of which nothing is known yet, not even how many dimensions it has."""
    return Growing(np.array(HOLE, dtype=object))


@dataclass
class Frame:
    """A run of statements: the file's, or those of one call of a function."""

    statements: Sequence[ast.stmt]
    versions: dict[str, list[tuple[int, Any]]]  # by name: (when it was assigned, the value)
    keep: bool = True  # old versions too, because there are derivatives to take
    caller: Frame | None = None
    arguments: Mapping[str, ast.expr] = field(default_factory=dict)  # by parameter: what the caller wrote
    defaults: Mapping[str, ast.expr] = field(default_factory=dict)  # by parameter: what the file has for it
    path: list[Step] = field(default_factory=list)  # where the run stands
    places: list[Place] = field(default_factory=list)  # by time: where an assignment stands
    shapes: dict[ast.expr, tuple[int, ...]] = field(default_factory=dict)  # of what was not carried out
    scopes: list[dict[str, Any]] = field(default_factory=list)  # the variables of the comprehensions around
    filling: list[frozenset[str]] = field(default_factory=list)  # what the loops around store into
    until: Place | None = None
    stopped: bool = False
    needed: frozenset[str] | None = None  # what a replay has to carry out; None: everything

    @property
    def is_there(self) -> bool:
        """Does the run stand where it is to stop?"""
        return self.until is not None and tuple(self.path) == self.until

    def begin(self) -> None:
        """Let the time pass: a statement begins where the run stands."""
        if self.keep:
            self.places.append(tuple(self.path))

    def find(self, name: str) -> Any:
        """Return a variable's current value, as it is kept; None if it has none."""
        history = self.versions.get(name)
        return history[-1][1] if history else None

    def assign(self, name: str, value: Any) -> None:
        """Give a variable a value, by the current statement."""
        version = (len(self.places) - 1, value)
        if self.keep:
            self.versions.setdefault(name, []).append(version)
        else:
            self.versions[name] = [version]

    def rewound(self, name: str, value: Any) -> Frame:
        """Return this run as it was when the variable got its value, with another value put in its place."""
        start, old = self.versions[name][-1]
        past = {n: [v for v in found if v[0] <= start] for n, found in self.versions.items()}
        past = {n: found for n, found in past.items() if found}
        past[name] = [(start, Growing(value) if isinstance(old, Growing) else value)]
        places = self.places[: start + 1]
        return Frame(self.statements, past, True, self.caller, self.arguments, self.defaults, places=places)

    def inner_scopes(self) -> list[dict[str, Any]]:
        """Return the variables of the comprehensions around, as they are now."""
        return [dict(scope) for scope in self.scopes]


def stores(tree: ast.AST) -> set[str]:
    """Return every name that a statement, or one inside it, gives a value."""
    found = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return found | stores_into(tree)


def stores_into(tree: ast.AST) -> set[str]:
    """Return every name at whose positions a statement, or one inside it, stores."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            base: ast.expr = node
            while isinstance(base, ast.Subscript):
                base = base.value
            found |= mentions(base)
    return found


def mentions(*trees: ast.AST) -> set[str]:
    """Return every name in some pieces of syntax."""
    return {n.id for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name)}


def needed(statements: Iterable[ast.stmt], wanted: set[str]) -> frozenset[str]:
    """Return the names whose values the wanted ones can depend on, in whatever order the statements are carried out."""
    parts: list[tuple[set[str], set[str]]] = []
    for statement in (part for whole in statements for part in ast.walk(whole) if isinstance(part, ast.stmt)):
        match statement:
            case ast.FunctionDef():
                parts.append(({statement.name}, mentions(statement)))
            case ast.For():
                parts.append((stores(statement), mentions(statement.iter)))
            case ast.While() | ast.If():
                parts.append((stores(statement), mentions(statement.test)))
            case ast.Assign() | ast.AugAssign():
                parts.append((stores(statement), mentions(statement)))
    found = set(wanted)
    while more := set().union(*(reads for made, reads in parts if made & found)) - found:
        found |= more
    return frozenset(found)
