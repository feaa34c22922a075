"""Is a function twice differentiable at a point? Its gates say where it may not be, its gradient whether it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcompile.gates.kinks import kinks
from gradcompile.gates.registry import ARRAY
from gradcompile.ir.nodes import Kind, Node
from gradcompile.second_order.local import REFUSALS, Local, Vector
from gradcompile.syntax.program import Program

_LARGE, _SMALL = 1e-2, 1e-5  # steps, relative to the point
_FALL = 0.1  # by how much the error of the linear model, divided by the step, falls at least from one to the other
_NOISE = 1e-8  # of a gradient, relative: an error below it may be rounding
_DIRECTIONS = 2  # random, so that each of them leaves every kink at the point on both sides


def places(program: Program) -> list[str]:
    """Return the gates of a formula that may have a kink, and read a parameter: "abs in line 3"."""
    roots = [value.node for _, value in program.results]
    found: dict[str, None] = {}
    for node in kinks(roots, {p.name for p in program.differentiated}, also=_stops):
        name = node.name if node.kind is not Kind.ARRAY else ARRAY[node.name].group or node.name
        span = program.graph.origin_of(node).span
        found[f"{name} in line {span.line}" if span else name] = None
    return list(found)


def _stops(node: Node) -> bool:
    return node.kind is Kind.GATE and node.name == "stop_gradient"


def is_at_a_kink(local: Local, product: Callable[[Vector], Vector]) -> bool:
    """Does the gradient leave its linear model faster than that of a smooth function, on either side of the point?

    `product(d)` is H d, the Hessian times a direction. Over steps of length h the error of the model g + h H d is
    O(h^2). It is O(h) where the second derivative jumps, and O(1) where the first one does.
    """
    draw = np.random.default_rng(0)
    scale = np.where(local.point == 0, 1.0, np.abs(local.point))
    start = local.gradient(local.values)
    for _ in range(_DIRECTIONS):
        signs = draw.uniform(0.5, 1.0, local.point.size) * draw.choice((-1.0, 1.0), local.point.size)
        step = np.asarray(local.basis.T @ (scale * signs), dtype=np.float64)
        change = product(step)
        rounding = _NOISE * (np.linalg.norm(start) + np.linalg.norm(change))
        for side in (step, -step):
            rate = change if side is step else -change
            small = _error(local, start, rate, side, _SMALL)
            if rounding < small < np.inf and small / _SMALL > _FALL * _error(local, start, rate, side, _LARGE) / _LARGE:
                return True
    return False


def _error(local: Local, start: Vector, rate: Vector, step: Vector, length: float) -> float:
    """Return the error of the gradient's linear model; infinite where the function has no value."""
    try:
        gradient = local.gradient(local.moved(length * step))
    except REFUSALS:
        return np.inf
    error = float(np.linalg.norm(gradient - start - length * rate))
    return error if np.isfinite(error) else np.inf
