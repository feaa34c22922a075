"""Points over the whole domain of every elementwise gate, both targets' code as functions, and mpmath's slopes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

import mpmath
import numba
import numpy as np
from numba.extending import intrinsic

from gradcompile.emit import elementary
from gradcompile.emit.expression import functions
from gradcompile.gates.record import Gate
from gradcompile.gates.registry import GATES
from gradcompile.verify.fields import MpmathField

DIGITS = 60
EPSILON = 2.0**-52
ORDERS = {"polygamma", "iv", "ive", "jv", "spherical"}  # the first argument is a whole number
RECORDS = [g for g in GATES.values() if g.result != "bool" and g.name not in ("where", "integer")]
SATURATING = {"erf", "erfc", "ndtr", "log_ndtr", "tanh", "sigmoid", "softplus"}  # constants but for a tiny part
INF = math.inf

# Places around which points are drawn: zeros, poles, and where one way to compute goes over into another.
NEAR: dict[str, tuple[float, ...]] = {
    "erfcx": (20, -26.63), "erfinv": (0.75, 1, -1), "erfcinv": (0.25, 1, 1.75, 2), "ndtri": (0.125, 0.5, 1),
    "ndtr": (-0.7, -38.4, 8.2), "log_ndtr": (-1, 0.5, -1e5, -40), "mills": (38.5,), "excess": (-2,),
    "lgamma": (-0.5, 0.5, 1, 1.5, 2, 2.5, 10, -1, -2, -2.4570247382208006, -3, -50.5),
    "gamma": (171.62, -1, -2, -170.5, -177.5), "digamma": (1.4616321449683623, 1, 2, 10, -1, -0.504083, -50),
    "trigamma": (-1, -2, 12, -50.5), "logit": (0.25, 0.5, 0.75, 1), "sinc": (0.5, 1, 2, 1000, 1e6),
    "j0": (2.404825557695773, 4, 5.520078110286311, 8, 8.653727912911013),
    "j1": (3.8317059702075125, 5, 7.015586669815619, 8, 10.173468135062722),
    "i0": (8, 713.5), "i1": (8, 713.5), "i0e": (8,), "i1e": (8,), "exp": (709.5, -745), "expm1": (709.5, -40),
    "exp2": (1023.5, -1074), "sinh": (710,), "cosh": (710,), "arccosh": (1,), "arctanh": (1, -1), "arcsin": (1, -1),
    "arccos": (1, -1), "log": (1,), "log1p": (-1,), "sin": (math.pi, 1e5, 1e22), "cos": (math.pi / 2, 1e5, 1e22),
    "tan": (math.pi / 2, 1e5, 1e22),
}  # fmt: skip
UNIT = {"erfinv", "arctanh", "arcsin", "arccos"}  # drawn from [-1, 1]
HALF_UNIT = {"erfcinv", "ndtri", "logit"}  # from [0, 1]
PLAIN = np.array([0, 5e-324, -5e-324, 1e-308, 0.5, -0.5, 1, -1, 1.5, 2, -2, 3, -3, 5, 8, 10, 20, 1e5, -1e5, 1e300])


def line(draw: np.random.Generator, count: int) -> Any:
    """Numbers of all sizes and signs."""
    sizes = [sign * 10 ** draw.uniform(-320, 308, count // 5) for sign in (1, -1)]
    widths = [draw.uniform(-width, width, count // 5) for width in (5, 45, 800)]
    return np.concatenate([*sizes, *widths, PLAIN])


def around(draw: np.random.Generator, place: float) -> Any:
    """Numbers at all distances from a place, down to its neighbours."""
    steps = draw.uniform(0.5, 1, 24) * 2.0 ** -draw.integers(1, 50, 24) * np.tile([1, -1], 12)
    below, above = np.nextafter(place, -INF), np.nextafter(place, INF)
    return np.concatenate([place + steps, [below, place, above]])


def unit(draw: np.random.Generator, count: int) -> Any:
    small = 10 ** draw.uniform(-320, 0, count // 4)
    return np.concatenate([draw.uniform(-1, 1, count // 4), small, -small, 1 - 10 ** draw.uniform(-16, 0, count // 4)])


def pairs(draw: np.random.Generator, count: int) -> list[Any]:
    """Positive arguments of the beta functions: of very different sizes, and both small or both large."""
    arguments = []
    for _ in range(2):
        parts = [10 ** draw.uniform(-12, 12, count // 3), *(draw.uniform(0, width, count // 3) for width in (12, 200))]
        arguments.append(draw.permutation(np.concatenate(parts)))
    return arguments


def points(record: Gate, count: int) -> list[Any]:
    """Return an array for each argument."""
    draw = np.random.default_rng(sum(map(ord, record.name)))
    if record.name in ("beta", "betaln", "digamma_rise"):
        return pairs(draw, count)
    if record.name in UNIT | HALF_UNIT:
        drawn = unit(draw, count) if record.name in UNIT else np.abs(unit(draw, count))
    else:
        drawn = line(draw, count)
    x = np.concatenate([drawn, *(around(draw, place) for place in NEAR.get(record.name, ()))])
    if record.name in ORDERS:
        return [draw.integers(0, 9, x.size).astype(float), x]
    return [x, *(draw.permutation(x) for _ in record.arguments[1:])]


def own_helpers(record: Gate) -> dict[str, str]:
    """The helpers of a gate's own record."""
    return functions(record.numpy + record.numba + record.alone, record.helper)


def elementary_functions(dtype: str = "float64") -> dict[str, Any]:
    """All elementary functions as a module has them, but without a cache."""
    names = " ".join(elementary.names())
    scope: dict[str, Any] = {"np": np, "math": math, "njit": numba.njit, "intrinsic": intrinsic}
    texts = "\n\n".join(elementary.helpers(names, dtype).values())
    exec(texts.replace("cache=True, ", ""), scope)  # the text is the project's own
    return scope


def scope_of() -> dict[str, Any]:
    """The helpers of all gates, as one module would have them."""
    scope = elementary_functions()
    texts: dict[str, str] = {}
    for record in RECORDS:
        for name, text in own_helpers(record).items():
            assert texts.setdefault(name, text) == text, f"two helpers are called {name}"
            assert name not in scope, f"a helper is called as the elementary function {name}"
    exec("\n\n".join(texts.values()), scope)  # the text is the project's own
    return scope


jitted = numba.njit(error_model="numpy", fastmath={"contract"})


class Code:
    """The gates' code texts as functions."""

    def __init__(self) -> None:
        self.array_scope, self.scalar_scope = scope_of(), scope_of()
        for name, function in list(self.scalar_scope.items()):
            if isinstance(function, FunctionType):
                self.scalar_scope[name] = jitted(function)
        self.made: dict[tuple[str, str], Callable[..., Any]] = {}

    def array(self, record: Gate) -> Callable[..., Any]:
        """The text for arrays."""
        return self._make(record, "array", record.numpy)

    def scalar(self, record: Gate) -> Callable[..., Any]:
        """The text for one element, jitted."""
        return self._make(record, "scalar", record.numba or record.numpy)

    def alone(self, record: Gate) -> Callable[..., Any]:
        """The text for one element outside loops, jitted."""
        return self._make(record, "alone", record.alone) if record.alone else self.scalar(record)

    def _make(self, record: Gate, kind: str, text: str) -> Callable[..., Any]:
        if (record.name, kind) not in self.made:
            scope = self.array_scope if kind == "array" else self.scalar_scope
            function = eval(f"lambda {', '.join(record.arguments)}: {text}", scope)  # the text is the project's own
            self.made[record.name, kind] = function if kind == "array" else jitted(function)
        return self.made[record.name, kind]


def exact(record: Gate, point: Sequence[Any]) -> Any:
    """The meaning's value; NaN outside the domain."""
    return mpmath.mpf(MpmathField().gate(record.name, *map(mpmath.mpf, point)))


def slope(record: Gate, point: Sequence[float], position: int, order: int = 1) -> Any:
    """A derivative of the meaning by central differences, with a step that is small beside the argument."""
    sizes = [abs(math.log10(abs(x))) for x in map(float, point) if x]
    hidden = 310 if record.name in SATURATING else 0
    with mpmath.workdps(110 + 40 * order + 3 * int(max(sizes, default=0)) + hidden):
        middle = list(map(mpmath.mpf, point))
        step = min(abs(middle[position]) or 1, 1) * mpmath.mpf(10) ** -40
        ends = []
        for sign in (1, 0, -1) if order == 2 else (1, -1):
            moved = list(middle)
            moved[position] += sign * step
            ends.append(exact(record, moved))
        return (ends[0] - 2 * ends[1] + ends[2]) / step**2 if order == 2 else (ends[0] - ends[1]) / (2 * step)


def carried(record: Gate, point: Sequence[float]) -> Any:
    """What roundings of the arguments come to in the value."""
    parts = [abs(x * slope(record, point, i)) for i, x in enumerate(point) if i or record.name not in ORDERS]
    return max((p for p in parts if mpmath.isfinite(p)), default=mpmath.mpf(0))
