"""The point at which an explanation is numeric: the user's, else one of simple integers, as a lecture takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from typing import Any

import numpy as np

from gradcompile.api import Compiled
from gradcompile.errors import FormulaError
from gradcompile.explain.results import with_upstream
from gradcompile.ir.nodes import DType
from gradcompile.second_order.local import INSIDE, REFUSALS, bad, bind
from gradcompile.syntax.program import Argument, Program
from gradcompile.verify import samples, search
from gradcompile.verify.samples import Point

Values = dict[str, Any]
_SEQUENCES = (  # tried in this order, until all gradients are finite and none of them is all but 0
    (2, -1, -3, -2, -3, 1, 3),
    (1, 2, -1, 0, 1, -2, 2),
    (1, 2, 3, 1, 2, 1, 3),
    (0.5, -0.5, 1, 0.25, -1, -0.25, 0.75),
    (0.5, 0.25, 0.75, 0.5, 0.25),
    (2, 3, 4, 5, 3, 2, 4),
)
_FAINT = 1e-3  # of a gradient: hard to follow by hand
_TRIES = 200


def given_point(compiled: Compiled, at: Mapping[str, Any]) -> Values:
    """Return the values of all arguments at the user's point. Raises FormulaError where the formula is not defined."""
    values = bind(compiled.program, with_upstream(compiled.program, at))
    try:
        _gradient(compiled, values)
    except REFUSALS as error:
        raise bad(compiled.program, str(error), INSIDE if isinstance(error, ArithmeticError) else "") from error
    return values


def simple_point(compiled: Compiled) -> Values | None:
    """Return simple values at small sizes at which the gradient can be followed; None if none were found."""
    program = compiled.program
    sizes = samples.small_sizes(program)
    if sizes is None:
        return None

    def defined(point: Point) -> bool:
        return _quality(compiled, _floats(program, point)) > 0

    drawn = next(search.points(program, sizes, 0, defined, _TRIES), None)
    if drawn is None:
        return None
    start = _floats(program, drawn)
    if program.upstream:
        start[program.upstream] = _ones(program, start)
    best, quality = start, 0.5
    for values in _simple(program, start):
        found = _quality(compiled, values)
        if found > quality:
            best, quality = values, found
        if quality >= 2:
            break
    return best


def _simple(program: Program, start: Values) -> Iterator[Values]:
    """Yield points of simple numbers; whole numbers and truth values stay as drawn: they may be indices."""
    for sequence in _SEQUENCES:
        following = cycle(sequence).__next__
        own = [a for a in program.arguments if a.name != program.upstream]
        values = {a.name: _of_argument(a, start[a.name], following) for a in own}
        yield values if len(own) == len(program.arguments) else {**values, program.upstream: _ones(program, start)}


def _ones(program: Program, start: Values) -> Any:
    return np.ones(np.shape(start[program.upstream]))


def _of_argument(argument: Argument, start: Any, following: Callable[[], float]) -> Any:
    if argument.default is not None:
        return argument.default
    if argument.dtype is not DType.REAL:
        return start
    array = np.empty(np.shape(start))
    for place in np.ndindex(array.shape):
        array[place] = _inside(following(), *argument.domain)
    return _formed(array, argument.structure)[()]


def _inside(value: float, low: float, high: float) -> float:
    """Return the value, or one like it between two numbers."""
    if low < value < high:
        return value
    if np.isfinite(low) and np.isfinite(high):
        return low + (high - low) * (0.25 + 0.125 * (abs(value) % 4))
    return low + abs(value) if np.isfinite(low) else high - abs(value)


def _formed(array: Any, structure: str) -> Any:
    """Return a matrix of the declared form that is like another."""
    if structure in ("lower", "upper"):
        array = np.tril(array) if structure == "lower" else np.triu(array)
        return array + 2 * np.eye(array.shape[-1]) * (np.abs(array) < 1)
    if structure in ("symmetric", "definite"):
        array = np.tril(array) + np.swapaxes(np.tril(array, -1), -1, -2)
    if structure == "definite":
        return np.sign(array) + (array.shape[-1] + 1) * np.eye(array.shape[-1])
    return array


def _floats(program: Program, point: Point) -> Values:
    kinds: dict[DType, Any] = {DType.REAL: float, DType.INT: int, DType.BOOL: bool}
    return {a.name: np.array(point.values[a.name], dtype=kinds[a.dtype])[()] for a in program.arguments}


def _quality(compiled: Compiled, values: Values) -> float:
    """Return 0 where something is undefined, else above 0; at least 2 where every gradient can be seen."""
    try:
        found = _gradient(compiled, values)
    except REFUSALS:
        return 0
    if not all(np.all(np.isfinite(part)) for part in found):
        return 0
    seen = [float(np.max(np.abs(part), initial=0)) > _FAINT for part in found[1:]]
    return 1 + sum(seen) / len(seen) if seen else 2


def _gradient(compiled: Compiled, values: Values) -> list[Any]:
    if compiled.module is None:
        raise FormulaError("there is no module to run")
    with np.errstate(all="ignore"):
        value, gradient = compiled.module.value_and_grad(**values)
    return [value, *gradient]
