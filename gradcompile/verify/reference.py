"""Reference values: what the formula, and the gradient graph, come to at a point, to any number of digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from gradcompile.ir.dims import Extent
from gradcompile.syntax.program import Argument, Program, Value
from gradcompile.verify import samples
from gradcompile.verify.arrays import Array, array
from gradcompile.verify.derivative import derivative, projected
from gradcompile.verify.evaluate import Evaluator
from gradcompile.verify.fields import Clock, Field, MpmathField
from gradcompile.verify.oracle import TURNS, Oracle
from gradcompile.verify.precision import PRECISIONS, Precision
from gradcompile.verify.samples import Point, Sizes
from gradcompile.verify.search import away

if TYPE_CHECKING:
    from gradcompile.pipeline import Unit

DIGITS = 70  # of working precision; answers are compared to 50
CARE = 250  # of working precision where 70 leave a doubt


@dataclass
class Reference:
    """A program with its optimised graphs, the oracle beside them, and the points to look at."""

    program: Program
    unit: Unit
    clock: Clock
    extents: set[Extent] = field(init=False)

    def __post_init__(self) -> None:
        self.extents = samples.extents_of(self.program)

    @property
    def precision(self) -> Precision:
        """What the module computes in."""
        return PRECISIONS[self.program.dtype]

    def oracle(self, number: Field, inputs: dict[str, Any], sizes: Sizes) -> list[Array]:
        """Return the formula's results by the oracle."""
        return [array(v) for v in oracle_of(self.program, number, inputs, sizes).run()]

    def graph(self, number: Field, inputs: dict[str, Any], sizes: Sizes) -> tuple[list[Array], dict[str, Array]]:
        """Return the results and the gradients by the graph."""
        wanted = [*self.unit.values, *self.unit.gradients.values()]
        evaluator = Evaluator(inputs, sizes, number)
        found = evaluator.run([w.node for w in wanted])
        arrays = [spread(w, f, evaluator.memory.sizes) for w, f in zip(wanted, found, strict=True)]
        count = len(self.unit.values)
        return arrays[:count], dict(zip(self.unit.gradients, arrays[count:], strict=True))

    def differences(self, argument: Argument, point: Point) -> Array:
        """Return the gradient of the first result by central differences of the oracle."""
        number = MpmathField(self.clock)
        inputs = point.numbers(number)

        def again(value: Any, other: Field) -> Any:
            return self.oracle(other, {**inputs, argument.name: value}, point.sizes)[0].reshape(())[()]

        found = array(derivative(again, inputs[argument.name], number))
        return array(projected(found, argument.structure, number))

    def points(self, sizes: Sizes, count: int, seed: int = 0) -> list[Point]:
        """Return up to `count` points at which the formula is defined, away from kinks if there are any."""
        return away(self.program, sizes, seed, self._margin, count)

    def _margin(self, point: Point, turns: int) -> Any:
        number = MpmathField(self.clock)
        with mpmath.workdps(20):
            results = oracle_of(self.program, number, point.numbers(number), point.sizes, turns).run()
        return number.margin if samples.finite(list(map(array, results))) else None


def oracle_of(program: Program, number: Field, inputs: Mapping[str, Any], sizes: Sizes, turns: int = TURNS) -> Oracle:
    """Return the oracle for a program; a `while` may take as many steps as the program lets it, and at most `turns`."""
    forms = {a.name: a.structure for a in program.arguments if a.structure}
    return Oracle(program.tree, number, inputs, sizes, forms=forms, turns=min(turns, program.max_steps))


def spread(value: Value, found: Array, sizes: Mapping[str, int]) -> Array:
    """Return a node's value over all axes of its language-level array, in their order."""
    axes = value.node.axes
    order = sorted(range(len(axes)), key=lambda i: value.axes.index(axes[i]))
    shape = [a.extent.evaluate(sizes) for a in value.axes]
    narrow = [n if a in axes else 1 for a, n in zip(value.axes, shape, strict=True)]
    return np.broadcast_to(np.transpose(found, order).reshape(narrow), shape)


def agreement(left: Sequence[Any] | Array, right: Sequence[Any] | Array) -> float:
    """Return to how many digits two arrays of one shape agree, at their worst element; inf where equal."""
    a, b = ([mpmath.mpf(e) for e in np.asarray(side, dtype=object).reshape(-1)] for side in (left, right))
    worst = float("inf")
    scale = max([mpmath.mpf(1), *(abs(y) for y in b if mpmath.isfinite(y))])
    noise = scale * mpmath.mpf(10) ** (10 - mpmath.mp.dps)
    for x, y in zip(a, b, strict=True):
        if mpmath.isnan(x) or mpmath.isnan(y):
            if not (mpmath.isnan(x) and mpmath.isnan(y)):
                return 0.0
            continue
        difference = abs(x - y)
        if x == y or difference <= noise:
            continue
        if not mpmath.isfinite(difference):
            return 0.0
        worst = min(worst, float(-mpmath.log10(difference / max(abs(x), abs(y)))))
    return worst
