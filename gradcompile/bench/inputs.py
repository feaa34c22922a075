"""Random inputs of any size in the declared domains, at which the formula and its gradient are finite."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcompile.errors import FormulaError
from gradcompile.ir.nodes import DType
from gradcompile.syntax.program import Argument, Program
from gradcompile.verify.draws import TRIED, WAYS, formed
from gradcompile.verify.samples import shape_of
from gradcompile.verify.search import RANGES, Search

Inputs = dict[str, Any]
UNDEFINED = (ValueError, IndexError, RuntimeError, ZeroDivisionError, np.linalg.LinAlgError)


def draw(program: Program, sizes: Mapping[str, int], finite: Callable[[Inputs], bool]) -> Inputs:
    """Return arguments, by name, for which `finite` holds; it may raise what a generated module raises.

    Ranges and uses of whole numbers are tried in the order of verification. Scalars that have a default keep it.
    """
    search = Search(program, dict(sizes), random.Random(program.name))
    rng = np.random.default_rng(0)
    bounds = sorted(set(search.lengths), reverse=True) or [1]
    for bound in bounds if search.whole else bounds[:1]:
        search.bound = bound
        search.ways = {a.name: (TRIED[0][0 if a.axes else 1], bound) for a in search.whole}
        for _ in range(len(RANGES) * (len(TRIED) if search.whole else 1)):
            inputs = {a.name: _argument(a, sizes, search, rng, program.dtype) for a in program.arguments}
            try:
                if finite(inputs):
                    return inputs
                search.failed()
            except UNDEFINED:
                search.undefined()
    shown = ", ".join(f"{name} = {size}" for name, size in sizes.items())
    raise FormulaError(
        f"no random inputs were found at which {program.file} is finite, at {shown or 'any point'}",
        hint="Declare the ranges of the arguments, such as `x: Positive[N]`, or take other sizes.",
    )


def _argument(argument: Argument, sizes: Mapping[str, int], search: Search, rng: np.random.Generator, real: str) -> Any:
    if argument.name in sizes:
        return sizes[argument.name]
    if argument.default is not None and not argument.axes:
        return argument.default
    shape = shape_of(argument, dict(sizes))
    if argument.dtype is DType.REAL:
        value = formed(rng.uniform(*search.ranges[argument.name], shape), argument.structure)
        return np.ascontiguousarray(value, dtype=real) if shape else float(value)
    if argument.dtype is DType.BOOL:
        value = rng.random(shape) < 0.5
        return value if shape else bool(value)
    way, bound = search.ways[argument.name]
    one = WAYS.get(way, WAYS["index"])
    if not shape:
        return one(search.draw, 0, bound)
    if way in ("index", "shuffled", "sorted"):
        found = rng.integers(0, bound, shape)
        return np.sort(found, axis=0) if way == "sorted" else found
    rows = [[one(search.draw, place, bound) for _ in range(int(np.prod(shape[1:])))] for place in range(shape[0])]
    return np.array(rows, dtype=np.int64).reshape(shape)
