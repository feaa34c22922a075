"""Level 2 for `objective`: what its functions of one flat vector return, taken apart into the parameters again."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from itertools import islice, pairwise
from types import ModuleType
from typing import Any

import numpy as np

from gradcompile.derived import label
from gradcompile.syntax.program import Program

Answers = Iterator[tuple[str, Any]]


def answers(
    module: ModuleType,
    program: Program,
    args: Mapping[str, Any],
    sizes: Mapping[str, int],
    directions: Mapping[str, Any],
) -> Answers:
    """Yield (what, array) for all that the function and its attributes return; `directions` by parameter, for hessp."""
    parameters = [a.name for a in program.differentiated]
    result = program.results[0][0]
    given = {n: v for n, v in args.items() if n not in parameters}
    asked = inspect.signature(module.objective).parameters.keys() - given.keys()
    function = module.objective(**given, **{name: sizes[name] for name in asked})
    vector = module.pack(*(args[n] for n in parameters))
    parts = _Parts({n: np.shape(args[n]) for n in parameters})
    if hasattr(function, "residual"):
        shape = tuple(size.evaluate(sizes) for size in program.results[0][1].shape)
        yield result, np.reshape(function.residual(vector), shape)
        for name, block in parts.columns(_array(function.jac(vector))):
            yield label("jacobian", result, name), np.reshape(block, (*shape, *parts.shapes[name]))
        return
    value, gradient = function(vector)
    yield from ((result, v) for v in (value, function.fun(vector)))
    for flat in (gradient, function.grad(vector)):
        yield from ((f"d{name}", part.reshape(parts.shapes[name])) for name, part in parts.columns(flat))
    if hasattr(function, "hessp"):
        product = function.hessp(vector, module.pack(*(directions[n] for n in parameters)))
        for name, part in parts.columns(product):
            yield label("hvp", "", name), part.reshape(parts.shapes[name])
    if hasattr(function, "hess"):
        matrix = _array(function.hess(vector))  # symmetric: its columns are its rows as well
        for at, (first, columns) in enumerate(parts.columns(matrix)):
            for second, block in islice(parts.columns(np.transpose(columns)), at + 1):
                shape = (*parts.shapes[first], *parts.shapes[second])
                yield label("hessian", first, second), np.reshape(block, shape)


def _array(matrix: Any) -> Any:
    """Return a matrix that may be one of SciPy's sparse ones as an array."""
    return matrix.toarray() if hasattr(matrix, "toarray") else matrix


class _Parts:
    """Where each parameter is in the vector."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.shapes = shapes
        ends = np.cumsum([0, *(np.prod(s, dtype=int) for s in shapes.values())])
        self.spans = list(zip(shapes, pairwise(ends), strict=True))

    def columns(self, array: Any) -> Iterator[tuple[str, Any]]:
        """Yield the part of the last axis that belongs to each parameter."""
        yield from ((name, np.asarray(array)[..., low:high]) for name, (low, high) in self.spans)
