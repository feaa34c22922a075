"""Where a decorated function comes from: the text of its file, taken when it is defined."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

from gradcompile.errors import FormulaError, Span


@dataclass(frozen=True)
class Origin:
    """A function and the text of the file that it stands in, as it was when the function was defined."""

    function: FunctionType
    file: str
    text: str

    @property
    def line(self) -> int:
        """The first line of the definition, that of the decorator."""
        return self.function.__code__.co_firstlineno


def origin_of(function: Any) -> Origin:
    """Return where a function comes from. Raises FormulaError for what is no plain function with a source."""
    _check_plain(function)
    name = function.__name__
    try:
        lines, _ = inspect.findsource(function)
    except (OSError, TypeError):
        raise FormulaError(
            f"the source of `{name}` is not available.",
            hint="A formula is read from its source: define it in a file or a notebook, not in `exec`.",
        ) from None
    return Origin(function, _shown(function.__code__.co_filename), "".join(lines))


def _shown(file: str) -> str:
    """Return a path relative to the current folder where it lies below it."""
    here, absolute = Path.cwd(), Path(os.path.abspath(file))
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) and absolute.exists() else file


def _check_plain(function: Any) -> None:
    """Raise FormulaError for anything but a function with a name, at the top of a file or inside another function."""
    if inspect.isclass(function):
        raise FormulaError(f"`{function.__name__}` is a class.", hint="Decorate a function.")
    if isinstance(function, (staticmethod, classmethod, property)) or inspect.ismethod(function):
        raise FormulaError("a method is no formula.", hint="Define a function outside of the class.")
    if isinstance(function, HasOrigin):
        raise FormulaError("the function is a formula already.", hint="Leave out the second decorator.")
    if not isinstance(function, FunctionType):
        hint = "Decorate a `def`; formula text, LaTeX and SymPy expressions go to `gradcompile.compile`."
        raise FormulaError(f"this is no Python function but of type `{type(function).__name__}`.", hint=hint)
    place = Span(_shown(function.__code__.co_filename), function.__code__.co_firstlineno)
    for what, hint in _refusals(function):
        raise FormulaError(what, place, hint)


def _refusals(function: FunctionType) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a function, and what to write instead."""
    name = function.__name__
    if name == "<lambda>":
        yield "a lambda is no formula.", "Write a `def` with a `return`."
    around = function.__qualname__.split(".")[:-1]
    if around and around[-1] != "<locals>":
        yield f"`{name}` is a method of `{around[-1]}`.", "Define a function outside of the class."
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        yield f"`{name}` is an async function.", "Leave out `async`."
    if inspect.isgeneratorfunction(function):
        yield f"`{name}` is a generator.", "Write `return` in place of `yield`."


class HasOrigin:
    """What a decorated function becomes."""

    origin: Origin
