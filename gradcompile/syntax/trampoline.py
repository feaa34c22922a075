"""A small trampoline: visitors written as generators run on an explicit stack, so depth is bounded by memory alone.

A visitor yields the work it waits for, a generator like itself, and is sent that work's result. What it yields may
also be a plain result, which is sent straight back: leaves of a tree need no generator.
"""

from __future__ import annotations

from collections.abc import Generator
from types import GeneratorType
from typing import Any, TypeVar

T = TypeVar("T")
Task = Generator[Any, Any, T]


def run(task: Task[T]) -> T:
    """Run a task and all that it waits for, and return its result; an exception ends the whole run."""
    stack: list[Task[Any]] = [task]
    result: Any = None
    while stack:
        try:
            result = stack[-1].send(result)
        except StopIteration as stop:
            stack.pop()
            result = stop.value
            continue
        if type(result) is GeneratorType:
            stack.append(result)
            result = None
    return result  # type: ignore[no-any-return]
