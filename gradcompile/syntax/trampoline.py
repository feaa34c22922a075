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
    """Run a task and all that it waits for, and return its result.

    An exception goes to the task that waits for the one that raised it, as between functions.
    """
    stack: list[Task[Any]] = [task]
    result: Any = None
    failure: Exception | None = None
    while stack:
        try:
            result = stack[-1].send(result) if failure is None else stack[-1].throw(failure)
        except StopIteration as stop:
            stack.pop()
            result, failure = stop.value, None
            continue
        except Exception as error:
            stack.pop()
            result, failure = None, error
            continue
        failure = None
        if type(result) is GeneratorType:
            stack.append(result)
            result = None
    if failure is not None:
        raise failure
    return result  # type: ignore[no-any-return]
