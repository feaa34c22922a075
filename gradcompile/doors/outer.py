"""What a decorated function mentions from outside of itself: other formulas are taken along, the rest is refused."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any, NoReturn

from gradcompile.doors.annotations import kind_of
from gradcompile.doors.origin import HasOrigin, Origin
from gradcompile.errors import FormulaError
from gradcompile.gates.registry import by_name
from gradcompile.markers import Dimension
from gradcompile.syntax.library import FUNCTIONS
from gradcompile.syntax.names import CONSTANTS, KINDS
from gradcompile.syntax.source import Source

_MISSING = object()


@dataclass
class Outer:
    """The surroundings of the formulas of one file. `find` gives the syntax of one, None for one of another file."""

    source: Source
    find: Callable[[Origin], ast.FunctionDef | None]
    found: dict[str, ast.FunctionDef] = field(default_factory=dict)

    def helpers(
        self, function: FunctionType, definition: ast.FunctionDef, annotations: Iterable[ast.expr]
    ) -> Sequence[ast.FunctionDef]:
        """Return the definitions of all formulas that a function calls. Raises FormulaError for other outer names."""
        sizes = {n.id for a in annotations for n in ast.walk(a) if isinstance(n, ast.Name)}
        own = _own_names(definition) | sizes | set(CONSTANTS) | set(KINDS)
        called = {id(n.func) for n in ast.walk(definition) if isinstance(n, ast.Call)}
        for node in _reads(definition):
            value = _MISSING if node.id in own else _value(function, node.id)
            if value is _MISSING or isinstance(value, ModuleType):
                continue  # the parser knows what to say
            if id(node) in called and isinstance(value, HasOrigin):
                self._take(node, value)
            elif _is_own(function, value) or (id(node) not in called and not _in_language(node.id)):
                self._refuse(node, value)
        return list(self.found.values())

    def _take(self, node: ast.Name, formula: HasOrigin) -> None:
        """Add the definition of a formula that is called."""
        if node.id in self.found:
            return
        definition = self.find(formula.origin)
        if definition is None:
            raise FormulaError(
                f"`{node.id}` is a formula of another file.",
                self.source.span(node),
                "A formula and those that it calls are read from one file: define it here.",
            )
        helper = copy.copy(definition)
        helper.name, helper.decorator_list = node.id, []
        helper.body = [s for s in definition.body if not isinstance(s, ast.Assert)]  # its claims are its own
        self.found[node.id] = helper
        parameters = [p for p in ast.walk(definition.args) if isinstance(p, ast.arg) and p.annotation is not None]
        annotations = [kind_of(self.source, p.annotation) for p in parameters]  # type: ignore[arg-type]
        self._check_sizes(definition, annotations)
        self.helpers(formula.origin.function, definition, annotations)

    def _check_sizes(self, definition: ast.FunctionDef, annotations: Iterable[ast.expr]) -> None:
        """A formula that is called takes arrays of any size, so its sizes have no value."""
        sizes = {n.id for a in annotations for n in ast.walk(a) if isinstance(n, ast.Name)}
        for node in _reads(definition):
            if node.id in sizes:
                raise FormulaError(
                    f"`{node.id}` is a size of `{definition.name}`, which another formula calls.",
                    self.source.span(node),
                    f"Pass it as a parameter, `{node.id}: Int`, or write it without, for example with `mean`.",
                )

    def _refuse(self, node: ast.Name, value: Any) -> NoReturn:
        name, place = node.id, self.source.span(node)
        if isinstance(value, FunctionType):
            hint = "Decorate it with `@gradcompile.formula` too, or define it inside."
            raise FormulaError(f"`{name}` is a Python function, which is never run.", place, hint)
        if isinstance(value, HasOrigin):
            raise FormulaError(f"`{name}` is a formula, not a value.", place, f"Call it: `{name}(x)`.")
        if isinstance(value, Dimension):
            hint = f"Use it in an annotation, such as `x: Real[{name}]`; it is a value from then on."
            raise FormulaError(f"the dimension `{name}` is in no annotation.", place, hint)
        declared = {bool: "Bool", int: "Int", float: "Real"}.get(type(value))
        example = f"{declared} = {value!r}" if declared else "Real"
        hint = f"Make it a parameter, for example `{name}: {example}`."
        raise FormulaError(f"`{name}` is a variable outside of the function.", place, hint)


def _is_own(function: FunctionType, value: Any) -> bool:
    """Is it a function of the same file, whatever its name means in a formula?"""
    return isinstance(value, FunctionType) and value.__module__ == function.__module__


def _in_language(name: str) -> bool:
    return name in FUNCTIONS or by_name(name) is not None


def _value(function: FunctionType, name: str) -> Any:
    """Return what a name means outside of a function, without running anything; builtins are not looked at."""
    if name in function.__code__.co_freevars:
        cell = (function.__closure__ or ())[function.__code__.co_freevars.index(name)]
        try:
            return cell.cell_contents
        except ValueError:  # assigned later
            return None
    return function.__globals__.get(name, _MISSING)


def _own_names(definition: ast.FunctionDef) -> set[str]:
    """Return every name that is a parameter, a variable or a function inside of the definition."""
    found = {n.id for n in ast.walk(definition) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    found |= {n.arg for n in ast.walk(definition) if isinstance(n, ast.arg)}
    return found | {n.name for n in ast.walk(definition) if isinstance(n, ast.FunctionDef) and n is not definition}


def _reads(definition: ast.FunctionDef) -> list[ast.Name]:
    """Return the names that the body reads, in the order of the text."""
    nodes = [n for statement in definition.body for n in ast.walk(statement)]
    names = [n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    return sorted(names, key=lambda n: (n.lineno, n.col_offset))
