"""Every elementwise gate over its whole domain: values, limits and gradients of both targets' code, against mpmath."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mpmath
import numba
import numpy as np
import pytest

from gradcompile.emit.expression import functions
from gradcompile.gates import build, coefficients
from gradcompile.gates.record import Gate
from gradcompile.gates.registry import GATES
from gradcompile.gates.template import formula
from gradcompile.ir.nodes import Graph, Node
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import Field, MpmathField

DIGITS = 60
EPSILON = 2.0**-52
NORMAL = 2.0**-1022
ORDERS = {"polygamma", "iv", "ive", "jv", "spherical"}  # the first argument is a whole number
RECORDS = [g for g in GATES.values() if g.result != "bool" and g.name not in ("where", "integer")]
by_name = {"ids": lambda record: record.name}
INF, NAN = math.inf, math.nan

# How many units in the last place a value may be off, and of what: of the value; of 1 as well, for functions with zeros
# that no float is; or of what the roundings of the arguments are worth (`carried`), where a + b or a product with an
# argument is inside. `normal`: results below the smallest normal float may be 0.
BOUNDS: dict[str, tuple[float, str]] = {
    **dict.fromkeys(("add", "sub", "mul", "div", "square"), (0.5, "value")),
    **dict.fromkeys(("neg", "floordiv", "max", "min", "relu", "abs", "sign", "floor", "ceil", "round"), (0, "value")),
    **dict.fromkeys(("finite", "stop_gradient", "real"), (0, "value")),
    **dict.fromkeys(("mod", "sqrt"), (0.5, "value")),
    **dict.fromkeys(("pow", "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "cbrt"), (2, "value")),
    **dict.fromkeys(("sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "hypot"), (2, "value")),
    **dict.fromkeys(("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"), (2, "value")),
    "logaddexp": (2, "one"), "sigmoid": (2, "normal"), "softplus": (2, "value"),
    "erf": (1, "value"), "erfc": (2, "value"), "erfcx": (3, "value"), "erfinv": (3, "value"), "erfcinv": (3, "value"),
    "ndtr": (3.5, "value"), "log_ndtr": (4, "value"), "ndtri": (4, "value"), "mills": (5, "value"),
    "excess": (16, "value"),
    "lgamma": (5, "one"), "gamma": (8, "value"), "digamma": (5, "one"), "trigamma": (5, "value"),
    "polygamma": (8, "carried"), "beta": (16, "carried"), "betaln": (16, "carried"), "digamma_rise": (8, "carried"),
    "i0": (5, "value"), "i1": (5, "value"), "i0e": (4, "value"), "i1e": (4, "value"), "iv": (8, "value"),
    "ive": (8, "value"), "j0": (2, "one"), "j1": (2, "one"), "jv": (16, "carried"), "sinc": (3, "value"),
    "spherical": (16, "carried"), "logit": (2, "value"), "xlogy": (2, "value"), "xlog1py": (2, "value"),
}  # fmt: skip

# Where functions with zeros are accurate relative to their value as well: around the first positive ones.
ZEROS = {
    "lgamma": (1.0, 2.0), "digamma": (1.4616321449683623,), "logit": (0.5,), "erfcinv": (1.0,),
    "j0": (2.404825557695773, 5.520078110286311), "j1": (3.8317059702075125, 7.015586669815619),
}  # fmt: skip

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
    "arccos": (1, -1), "log": (1,), "log1p": (-1,), "sin": (math.pi, 1e5), "cos": (math.pi / 2, 1e5), "tan": (math.pi / 2,),
}  # fmt: skip
UNIT = {"erfinv", "arctanh", "arcsin", "arccos"}  # drawn from [-1, 1]
HALF_UNIT = {"erfcinv", "ndtri", "logit"}  # from [0, 1]
PLAIN = np.array([0, -0.0, 5e-324, -5e-324, 1e-308, 0.5, -0.5, 1, -1, 1.5, 2, -2, 3, -3, 5, 8, 10, 20, 1e5, -1e5, 1e300])


# Points


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
        parts = [10 ** draw.uniform(-12, 12, count // 3), draw.uniform(0, 12, count // 3), draw.uniform(0, 200, count // 3)]
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


# Code and meaning


def scope_of(decorate: Callable[[Any], Any]) -> dict[str, Any]:
    """Return the helpers of all gates, as one module would have them."""
    scope: dict[str, Any] = {"np": np, "math": math}
    texts: dict[str, str] = {}
    for record in RECORDS:
        for code in (record.numpy, record.numba):
            for name, text in functions(code, record.helper).items():
                assert texts.setdefault(name, text) == text, f"two helpers are called {name}"
    exec("\n\n".join(texts.values()), scope)  # the text is the project's own
    return scope | {name: decorate(scope[name]) for name in texts}


jitted = numba.njit(error_model="numpy", fastmath={"contract"})


class Code:
    """The gates' code texts as functions."""

    def __init__(self) -> None:
        self.array_scope = scope_of(lambda function: function)
        self.scalar_scope = scope_of(lambda function: function)
        for name, function in list(self.scalar_scope.items()):
            if callable(function) and name != "__builtins__":
                self.scalar_scope[name] = jitted(_with_globals(function, self.scalar_scope))
        self.made: dict[tuple[str, str], Callable[..., Any]] = {}

    def array(self, record: Gate) -> Callable[..., Any]:
        """The text for arrays."""
        return self._make(record, "array", record.numpy)

    def scalar(self, record: Gate) -> Callable[..., Any]:
        """The text for one element, jitted."""
        return self._make(record, "scalar", record.numba or record.numpy)

    def _make(self, record: Gate, kind: str, text: str) -> Callable[..., Any]:
        if (record.name, kind) not in self.made:
            scope = self.array_scope if kind == "array" else self.scalar_scope
            function = eval(f"lambda {', '.join(record.arguments)}: {text}", scope)  # the text is the project's own
            self.made[record.name, kind] = function if kind == "array" else jitted(function)
        return self.made[record.name, kind]


def _with_globals(function: Any, scope: dict[str, Any]) -> Any:
    return type(function)(function.__code__, scope, function.__name__)


@pytest.fixture(scope="module")
def code() -> Code:
    return Code()


def exact(record: Gate, point: Sequence[Any]) -> Any:
    """The meaning's value; NaN outside the domain."""
    return mpmath.mpf(MpmathField().gate(record.name, *map(mpmath.mpf, point)))


def slope(record: Gate, point: Sequence[float], position: int, order: int = 1) -> Any:
    """A derivative of the meaning by central differences, with a step that is small beside the argument."""
    with mpmath.workdps(160):
        middle = list(map(mpmath.mpf, point))
        step = (abs(middle[position]) or mpmath.mpf(1)) * mpmath.mpf(10) ** -40
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


def tolerance(record: Gate, point: Sequence[float], value: Any, got: float) -> float:
    """The distance from the exact value that the table allows."""
    units, kind = BOUNDS[record.name]
    size = max(abs(value), 1) if kind == "one" else abs(value)
    if kind == "carried" and abs(got - value) > units * math.ulp(float(size)):
        size = max(size, carried(record, point), 1 if record.name == "betaln" else 0)
    least = NORMAL if kind == "normal" else 0
    return float(max(units * math.ulp(min(float(size), 1e308)) * (1 + 1e-12), least, 5e-324 if units else 0))


def compare(record: Gate, point: Sequence[float], value: Any, got: float) -> str:
    """Return what is wrong with a value, if anything is."""
    rounded = float(value)
    if math.isnan(got) or math.isnan(rounded) or math.isinf(got) or math.isinf(rounded):
        right = got == rounded or (math.isnan(got) and math.isnan(rounded))
        edge = abs(value) >= 1.797e308 and mpmath.sign(value) == np.sign(got) and abs(got) > 1.797e308
        return "" if right or edge else f"{record.name}{tuple(point)} is {got}, not {rounded}"
    if abs(got - value) <= tolerance(record, point, value, got):
        return ""
    units = float(abs(got - value)) / math.ulp(rounded)
    return f"{record.name}{tuple(point)} is {got}, not {rounded}: {units:.3g} units in the last place"


def wrong_values(record: Gate, code: Code, count: int) -> list[str]:
    """Compare both targets' code with the meaning at many points."""
    columns = points(record, count)
    with np.errstate(all="ignore"):
        together = np.broadcast_to(code.array(record)(*columns), columns[0].shape)
    alone, found = code.scalar(record), []
    with mpmath.workdps(DIGITS):
        for i, point in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
            value = exact(record, point)
            found += [compare(record, point, value, float(together[i])), compare(record, point, value, alone(*point))]
    return [text for text in found if text]


def test_every_gate_has_a_bound() -> None:
    assert set(BOUNDS) == {record.name for record in RECORDS}


@pytest.mark.parametrize("record", RECORDS, **by_name)
def test_values(record: Gate, code: Code) -> None:
    assert wrong_values(record, code, 300) == []


@pytest.mark.slow
@pytest.mark.parametrize("record", RECORDS, **by_name)
def test_values_at_many_points(record: Gate, code: Code) -> None:
    assert wrong_values(record, code, 6000) == []


@pytest.mark.parametrize("name", ZEROS)
def test_relative_accuracy_at_the_first_zeros(name: str, code: Code) -> None:
    """A few units in the last place of the value itself, however small it is."""
    record, draw = GATES[name], np.random.default_rng(1)
    with mpmath.workdps(DIGITS):
        for x in np.concatenate([around(draw, zero) for zero in ZEROS[name]]).tolist():
            value = exact(record, [x])
            for got in (float(code.array(record)(np.float64(x))), code.scalar(record)(x)):
                assert abs(got - value) <= 10 * math.ulp(float(value)), x


def test_negative_arguments_of_the_beta_functions(code: Code) -> None:
    """As exact as the gammas: relative to the value and to what the roundings of a, b and a + b come to."""
    draw = np.random.default_rng(2)
    with mpmath.workdps(DIGITS):
        for point in draw.uniform(-60, 30, (100, 2)).tolist():
            for name in ("beta", "betaln", "digamma_rise"):
                value = exact(GATES[name], point)
                size = max(1 if name == "betaln" else 0, abs(value), carried(GATES[name], point))
                for got in (float(code.array(GATES[name])(*point)), code.scalar(GATES[name])(*point)):
                    assert abs(got - value) <= 32 * EPSILON * size, (name, point)


# Limits: infinities, poles, both zeros, and where the range of floats ends

LIMITS: dict[str, list[tuple[float, ...]]] = {  # arguments, then the result
    "exp": [(INF, INF), (-INF, 0), (710, INF), (-746, 0)],
    "expm1": [(INF, INF), (-INF, -1), (-0.0, -0.0)],
    "exp2": [(INF, INF), (-INF, 0), (1024, INF)],
    "log": [(INF, INF), (0, -INF), (-0.0, -INF), (-1, NAN)],
    "log1p": [(INF, INF), (-1, -INF), (-2, NAN), (-0.0, -0.0)],
    "log2": [(INF, INF), (0, -INF), (8, 3)], "log10": [(INF, INF), (0, -INF)],
    "sqrt": [(INF, INF), (-0.0, -0.0), (-1, NAN)], "cbrt": [(INF, INF), (-INF, -INF), (-0.0, -0.0), (-27, -3)],
    "logaddexp": [(INF, 0, INF), (INF, INF, INF), (-INF, -INF, -INF), (-INF, 3, 3), (INF, -INF, INF)],
    "arctan": [(INF, math.pi / 2), (-INF, -math.pi / 2)],
    "arctan2": [(0, -1, math.pi), (-0.0, -1, -math.pi), (0, 0, 0), (INF, INF, math.pi / 4), (1, INF, 0), (1, 0, math.pi / 2)],
    "hypot": [(INF, 1, INF), (1e308, 1e308, math.hypot(1e308, 1e308)), (3e-320, 4e-320, 5e-320), (INF, NAN, INF)],
    "sinh": [(INF, INF), (-INF, -INF), (-0.0, -0.0)], "cosh": [(INF, INF), (-INF, INF)],
    "tanh": [(INF, 1), (-INF, -1), (-0.0, -0.0)],
    "arcsinh": [(INF, INF), (-INF, -INF), (-0.0, -0.0)], "arccosh": [(INF, INF), (1, 0), (0.5, NAN)],
    "arctanh": [(1, INF), (-1, -INF), (2, NAN), (-0.0, -0.0)],
    "sigmoid": [(INF, 1), (-INF, 0)], "softplus": [(INF, INF), (-INF, 0)],
    "floor": [(-0.5, -1), (INF, INF)], "ceil": [(-0.5, -0.0), (INF, INF)], "sign": [(-INF, -1), (0, 0)],
    "round": [(0.5, 0), (1.5, 2), (2.5, 2), (-0.5, -0.0), (-1.5, -2), (4503599627370497.5, 4503599627370498), (INF, INF)],
    "mod": [(-7, 3, 2), (7, -3, -2), (-7, -3, -1), (5, INF, 5), (-5, INF, INF), (5, -INF, -INF), (1, 0, NAN), (INF, 2, NAN)],
    "floordiv": [(-7, 2, -4), (7, -2, -4), (5, INF, 0), (-5, INF, -1)],
    "erf": [(INF, 1), (-INF, -1), (-0.0, -0.0)], "erfc": [(INF, 0), (-INF, 2), (0, 1)],
    "erfcx": [(INF, 0), (-INF, INF), (-27, INF), (0, 1)],
    "erfinv": [(1, INF), (-1, -INF), (-0.0, -0.0), (1.5, NAN), (INF, NAN)],
    "erfcinv": [(0, INF), (2, -INF), (1, 0), (-0.1, NAN), (2.1, NAN)],
    "ndtr": [(INF, 1), (-INF, 0), (-39, 0), (9, 1)], "ndtri": [(0, -INF), (1, INF), (-1, NAN), (2, NAN)],
    "log_ndtr": [(INF, 0), (-INF, -INF), (-1e200, -INF)], "mills": [(INF, 0), (-INF, INF), (-1e300, 1e300)],
    "excess": [(INF, INF), (-INF, 0), (-1e300, 1e-300)],
    "lgamma": [(INF, INF), (-INF, INF), (0, INF), (-0.0, INF), (-3, INF), (1, 0), (2, 0), (3e305, INF), (-1e17, INF)],
    "gamma": [(INF, INF), (-INF, NAN), (0, INF), (-0.0, -INF), (-3, NAN), (172, INF), (-200.5, -0.0), (-1e17, NAN)],
    "digamma": [(INF, INF), (-INF, NAN), (0, -INF), (-0.0, INF), (-3, NAN), (-1e17, NAN)],
    "trigamma": [(INF, 0), (-INF, NAN), (0, INF), (-3, INF), (1e-200, INF)],
    "polygamma": [(2, INF, 0), (2, 0, -INF), (2, -0.0, INF), (3, 0, INF), (3, -2, INF), (2, -2, NAN), (0, INF, INF),
                  (2.5, 1, NAN), (-1, 1, NAN), (151, 1, NAN)],
    "beta": [(INF, 2, 0), (INF, INF, 0), (0, 2, INF), (-0.0, 2, -INF), (-3, 0.5, NAN), (-2.5, 0.5, 0), (200, 0, INF)],
    "betaln": [(INF, 2, -INF), (INF, INF, -INF), (0, 2, INF), (-3, 0.5, INF), (1, 1, 0), (1e308, 1e308, -INF)],
    "digamma_rise": [(2, INF, INF), (INF, INF, NAN), (3, 0, 0)],
    "i0": [(INF, INF), (-INF, INF), (0, 1), (714.5, INF)], "i1": [(INF, INF), (-INF, -INF), (-0.0, -0.0), (-715, -INF)],
    "i0e": [(INF, 0), (-INF, 0), (0, 1)], "i1e": [(INF, 0), (-0.0, -0.0)],
    "iv": [(2, INF, INF), (3, -INF, -INF), (2, 0, 0), (0.5, 1, NAN), (-2, 0, 0)], "ive": [(2, INF, 0), (3, 0, 0)],
    "j0": [(INF, 0), (-INF, 0), (0, 1)], "j1": [(INF, 0), (-INF, 0), (-0.0, -0.0), (1e-310, 5e-311)],
    "jv": [(2, INF, 0), (2, 0, 0), (0.5, 1, NAN), (0, 0, 1)],
    "sinc": [(INF, 0), (-INF, 0), (0, 1), (-0.0, 1), (1, 0), (1e300, 0), (5e-324, 1)],
    "spherical": [(1, INF, 0), (1, 0, 0), (0, 0, 1)],
    "logit": [(0, -INF), (1, INF), (0.5, 0), (-0.1, NAN), (1.1, NAN), (5e-324, math.log(5e-324))],
    "xlogy": [(0, 0, 0), (0, INF, 0), (0, -1, 0), (2, 0, -INF), (-2, 0, INF), (1, INF, INF), (1, -1, NAN), (0, NAN, NAN)],
    "xlog1py": [(0, -1, 0), (0, INF, 0), (0, -2, 0), (2, -1, -INF), (1, -2, NAN), (0, NAN, NAN)],
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_limits(name: str, code: Code) -> None:
    for *point, result in LIMITS[name]:
        arguments = [np.float64(x) for x in point]
        with np.errstate(all="ignore"):
            values = {"numpy": float(code.array(GATES[name])(*arguments)), "numba": code.scalar(GATES[name])(*arguments)}
        for target, got in values.items():
            assert got == result or (math.isnan(got) and math.isnan(result)), (point, target, got)
            if result == 0 and math.copysign(1, result) < 0:
                assert math.copysign(1, got) < 0, (point, target)


@pytest.mark.parametrize("record", RECORDS, **by_name)
def test_nan_stays_nan(record: Gate, code: Code) -> None:
    if record.name == "finite":
        return
    for position in range(len(record.arguments)):
        point = [0.25] * len(record.arguments)
        point[position] = NAN
        with np.errstate(all="ignore"):
            assert math.isnan(code.array(record)(*map(np.float64, point))), position
        assert math.isnan(code.scalar(record)(*point)), position


@pytest.mark.parametrize("record", [g for g in RECORDS if g.helper], **by_name)
def test_whole_numbers_as_arguments(record: Gate, code: Code) -> None:
    """An integer means the same as the real number, beyond 2**31 too."""
    for x in (0, 1, 2, 7, 40, 3_100_000_000):
        point = [2] * (len(record.arguments) - 1) + [x]
        expected = code.scalar(record)(*map(float, point))
        found = [code.scalar(record)(*point), float(code.array(record)(*map(np.int64, point)))]
        assert found == pytest.approx([expected] * 2, rel=1e-13, nan_ok=True), x


# Gradients

# Of what a local gradient is exact to a few units in the last place, besides itself and its arguments' roundings.
GRADIENT_SCALE: dict[str, tuple[str, str]] = {
    "tanh": ("1", "1 - out^2, the rule of the lecture, in which out is near 1"),
    "sigmoid": ("1", "out * (1 - out), the rule of the lecture, in which out is near 1"),
    "i0e": ("out", "two large terms that nearly cancel for large x"),
    "i1e": ("out", "two large terms that nearly cancel for large x"),
    "ive": ("out", "two large terms that nearly cancel for large x"),
    "erfcx": ("1", "2*x*out - 2/sqrt(pi), where both are near each other for large x"),
    "excess": ("1", "1 - mills*out, where both are near each other on the left"),
    "digamma_rise": ("trigamma", "a difference of two trigammas, which a second derivative of betaln alone needs"),
}


class CodeField(Field):
    """Floats, by the gates' NumPy code."""

    def __init__(self, code: Code) -> None:
        super().__init__()
        self.code = code

    def number(self, value: float) -> Any:
        return value if isinstance(value, int) else np.float64(value)

    def apply(self, record: Gate, args: tuple[Any, ...]) -> Any:
        return self.code.array(record)(*map(np.asarray, args))[()]

    def line(self, name: str, values: list[Any]) -> Any:
        raise NotImplementedError


def local_gradient(record: Gate, rule: str) -> Node:
    graph = Graph()
    operands = [build.argument(graph, name) for name in record.arguments]
    return formula(rule).build(
        graph, dict(zip(record.arguments, operands, strict=True)) | {"out": build.gate(record.name, *operands)}
    )


def at(node: Node, record: Gate, point: Sequence[float], field: Field) -> Any:
    """The value of a graph over a gate's arguments."""
    inputs = {n: np.array(x, dtype=object) for n, x in zip(record.arguments, map(np.float64, point), strict=True)}
    if isinstance(field, MpmathField):
        inputs = {n: np.array(mpmath.mpf(float(x[()])), dtype=object) for n, x in inputs.items()}
    return evaluate([node], inputs, {}, field)[0][()]


def gradient_size(record: Gate, point: Sequence[float], position: int, value: Any) -> Any:
    """The number in units of whose last place the error of a local gradient is measured."""
    size = max(abs(value), abs(point[position] * slope(record, point, position, 2)))
    for i, x in enumerate(point):
        if i != position and record.name not in ORDERS:
            size = max(size, abs(x * _mixed(record, point, position, i)))
    kind = GRADIENT_SCALE.get(record.name, ("", ""))[0]
    if kind == "trigamma":
        size = max(size, exact(GATES["trigamma"], point[:1]))
    return max(size, {"": 0, "1": 1, "out": abs(exact(record, point))}.get(kind, 0))


def _mixed(record: Gate, point: Sequence[float], i: int, j: int) -> Any:
    moved = list(map(mpmath.mpf, point))
    step = abs(moved[j]) * mpmath.mpf(10) ** -20
    moved[j] += step
    return (slope(record, moved, i) - slope(record, point, i)) / step


def gradient_points(record: Gate, count: int) -> list[tuple[float, ...]]:
    """Points away from kinks, at which the value and the local gradients are no overflow."""
    columns = [np.asarray(c) for c in points(record, 300)]
    chosen = np.random.default_rng(0).permutation(columns[0].size)
    found: list[tuple[float, ...]] = []
    for i in chosen.tolist():
        point = tuple(float(c[i]) for c in columns)
        field = MpmathField()
        value = field.gate(record.name, *map(mpmath.mpf, point))
        regular = all(1e-60 < abs(x) < 1e60 for k, x in enumerate(point) if k or record.name not in ORDERS)
        if regular and mpmath.isfinite(value) and field.margin > 1e-6 * max(map(abs, point)):
            found.append(point)
        if len(found) == count:
            break
    return found


def wrong_gradients(record: Gate, code: Code, count: int) -> list[str]:
    found = []
    rules = [(i, local_gradient(record, rule)) for i, rule in enumerate(record.partials) if rule is not None]
    for point in gradient_points(record, count) if rules else []:
        for position, node in rules:
            with mpmath.workdps(DIGITS), np.errstate(all="ignore"):
                value = slope(record, point, position)
                if not 1e-290 < abs(value) < 1e290:
                    continue
                got = float(at(node, record, point, CodeField(code)))
                error = abs(got - value)
                allowed = 24 * EPSILON * abs(value)
                if not error <= allowed and not error <= 24 * EPSILON * gradient_size(record, point, position, value):
                    units = float(error / abs(value)) / EPSILON
                    found.append(f"d{record.name}{point}/d{position} is {got}, not {float(value)}: {units:.3g} units")
    return found


@pytest.mark.parametrize("record", [g for g in RECORDS if any(g.partials)], **by_name)
def test_gradients(record: Gate, code: Code) -> None:
    assert wrong_gradients(record, code, 40) == []


@pytest.mark.slow
@pytest.mark.parametrize("record", [g for g in RECORDS if any(g.partials)], **by_name)
def test_gradients_at_many_points(record: Gate, code: Code) -> None:
    assert wrong_gradients(record, code, 400) == []


# Local gradients by operand, at places where a careless rule has none
PLACES: list[tuple[str, tuple[float, ...], tuple[float, ...]]] = [
    ("sinc", (0.0,), (0.0,)),
    ("sinc", (1e-200,), (-math.pi**2 / 3 * 1e-200,)),
    ("sinc", (-1e-9,), (math.pi**2 / 3 * 1e-9,)),
    ("sinc", (2.0,), (0.5,)),
    ("xlogy", (0.0, 0.0), (0.0, 0.0)),
    ("xlogy", (0.0, 2.0), (math.log(2), 0.0)),
    ("xlogy", (3.0, 0.0), (-INF, INF)),
    ("xlog1py", (0.0, -1.0), (0.0, 0.0)),
    ("xlog1py", (0.0, 1.0), (math.log(2), 0.0)),
    ("log_ndtr", (-1e5,), (1e5,)),
    ("log_ndtr", (-1e100,), (1e100,)),
    ("log_ndtr", (40.0,), (0.0,)),
    ("i1", (0.0,), (0.5,)),
    ("j1", (0.0,), (0.5,)),
    ("i0e", (0.0,), (0.0,)),
    ("erf", (INF,), (0.0,)),
    ("cbrt", (0.0,), (INF,)),
    ("cbrt", (-1e-300,), (1e200 / 3,)),
    ("hypot", (0.0, 0.0), (0.0, 0.0)),
    ("hypot", (3e200, 4e200), (0.6, 0.8)),
    ("arctan2", (1e-200, 1e-200), (5e199, -5e199)),
    ("arctan2", (3e200, 4e200), (1.6e-201, -1.2e-201)),
    ("arcsinh", (1e200,), (1e-200,)),
    ("arcsin", (1 - 2.0**-53,), (2.0**26,)),
    ("arctanh", (1 - 2.0**-53,), (2.0**52,)),
    ("logaddexp", (1e9, 1e9 + 1), (0.2689414213699951, 0.7310585786300049)),
    ("mod", (-5.0, INF), (1.0, 1.0)),
    ("mod", (7.5, -2.0), (1.0, 4.0)),
    ("betaln", (1e15, 1.0), (-1e-15, -math.log(1e15) - 0.5772156649015329)),
    ("lgamma", (-1e15 - 0.5,), (math.log(1e15),)),
    ("digamma", (-1e15 - 0.5,), (math.pi**2,)),
    ("erfinv", (1.0,), (INF,)),
    ("ndtri", (0.5,), (math.sqrt(2 * math.pi),)),
    ("logit", (0.0,), (INF,)),
]


@pytest.mark.parametrize(("name", "point", "expected"), PLACES)
def test_gradients_at_special_places(name: str, point: tuple[float, ...], expected: tuple[float, ...], code: Code) -> None:
    record = GATES[name]
    with np.errstate(all="ignore"):
        found = [float(at(local_gradient(record, r), record, point, CodeField(code))) for r in record.partials if r]
    assert found == pytest.approx(expected, rel=1e-14, abs=0)


SECOND: list[tuple[str, float, float]] = [
    ("sinc(x)", 0.0, -(math.pi**2) / 3),
    ("sinc(x)", 1e-150, -(math.pi**2) / 3),
    ("sinc(x)", 1e-5, -(math.pi**2) / 3 + math.pi**4 / 10 * 1e-10),
    ("log_ndtr(x)", -1e6, -1 + 1e-12),
    ("log_ndtr(x)", 38.0, -0.0),
    ("i1(x)", 0.0, 0.0),
    ("i1(x)", 1e-8, 0.375e-8),
    ("j1(x)", 1e-8, -0.375e-8),
    ("lgamma(x)", -2.5, 9.539134502099265),
    ("xlogy(x, x)", 0.5, 2.0),
]


@pytest.mark.parametrize(("text", "x", "expected"), SECOND)
def test_second_derivatives_at_special_places(text: str, x: float, expected: float, code: Code) -> None:
    from gradcompile.autodiff.reverse import gradient

    graph = Graph()
    operand = build.argument(graph, "x")
    first = gradient(formula(text).build(graph, {"x": operand}), [operand])
    (second,) = gradient(first[0], [operand])
    with np.errstate(all="ignore"):
        found = evaluate([second], {"x": np.array(np.float64(x), dtype=object)}, {}, CodeField(code))[0][()]
    assert float(found) == pytest.approx(expected, rel=1e-13, abs=1e-300)


def test_the_polynomials_are_what_the_script_computes() -> None:
    path = Path(__file__).parent.parent / "docs/fit_special.py"
    spec = importlib.util.spec_from_file_location("fit_special", path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    with mpmath.workdps(60):
        assert script.text(script.fits()) == Path(coefficients.__file__).read_text(encoding="utf-8")
