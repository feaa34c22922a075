"""Every elementwise gate over its whole domain: values and limits of both targets' code, against mpmath."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from whole_domain import DIGITS, EPSILON, RECORDS, Code, around, carried, exact, points

from gradcompile.gates import coefficients
from gradcompile.gates.record import Gate
from gradcompile.gates.registry import GATES

by_name = {"ids": lambda record: record.name}
INF, NAN = math.inf, math.nan
NORMAL = 2.0**-1022

# How many units in the last place a value may be off, and of what: of the value; of 1 as well, for functions with zeros
# that no float is; or of what the roundings of the arguments are worth (`carried`), where a + b or a product with an
# argument is inside; or of `either`. `normal`: results below the smallest normal float may be 0.
BOUNDS: dict[str, tuple[float, str]] = {
    **dict.fromkeys(("add", "sub", "mul", "div", "square"), (0.5, "value")),
    **dict.fromkeys(("neg", "max", "min", "relu", "abs", "sign", "floor", "ceil", "round"), (0, "value")),
    **dict.fromkeys(("finite", "stop_gradient", "real"), (0, "value")),
    **dict.fromkeys(("mod", "floordiv", "sqrt"), (1, "value")),
    **dict.fromkeys(("pow", "real_pow", "exp", "expm1", "exp2", "log", "log1p", "log2", "log10"), (2, "value")),
    **dict.fromkeys(("sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "hypot"), (2, "value")),
    **dict.fromkeys(("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"), (2, "value")),
    "cbrt": (3, "value"),  # NumPy's, which is the C library's
    "logaddexp": (2, "one"), "sigmoid": (2, "normal"), "softplus": (2, "value"),
    "erf": (2, "value"), "erfc": (3, "value"), "erfcx": (5, "value"), "erfinv": (3, "value"), "erfcinv": (3, "value"),
    "ndtr": (5, "value"), "log_ndtr": (5, "value"), "ndtri": (4, "value"), "mills": (5, "value"),
    "excess": (16, "value"),
    "lgamma": (5, "one"), "gamma": (8, "value"), "digamma": (5, "either"), "trigamma": (5, "value"),
    "polygamma": (8, "carried"), "beta": (16, "carried"), "betaln": (8, "either"), "digamma_rise": (8, "carried"),
    "i0": (5, "value"), "i1": (5, "value"), "i0e": (4, "value"), "i1e": (4, "value"), "iv": (8, "value"),
    "ive": (8, "value"), "j0": (2, "one"), "j1": (2, "one"), "jv": (16, "carried"), "sinc": (3, "value"),
    "spherical": (16, "carried"), "logit": (2, "value"), "xlogy": (2, "value"), "xlog1py": (2, "value"),
}  # fmt: skip

# Where functions with zeros are accurate relative to their value as well: around the first positive ones.
ZEROS = {
    "lgamma": (1.0, 2.0), "digamma": (1.4616321449683623,), "logit": (0.5,), "erfcinv": (1.0,),
    "j0": (2.404825557695773, 5.520078110286311), "j1": (3.8317059702075125, 7.015586669815619),
}  # fmt: skip


@pytest.fixture(scope="module")
def code() -> Code:
    return Code()


def tolerance(record: Gate, point: Sequence[float], value: Any, got: float) -> float:
    """The distance from the exact value that the table allows."""
    units, kind = BOUNDS[record.name]
    size = max(abs(value), 1) if kind in ("one", "either") else abs(value)
    if kind in ("carried", "either") and abs(got - value) > units * math.ulp(float(size)):
        size = max(size, carried(record, point))
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
    functions, found = {code.scalar(record), code.alone(record)}, []
    with mpmath.workdps(DIGITS):
        for i, point in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
            value = exact(record, point)
            found += [
                compare(record, point, value, got) for got in (float(together[i]), *(f(*point) for f in functions))
            ]
    return [text for text in found if text]


def test_every_gate_has_a_bound() -> None:
    assert set(BOUNDS) == {record.name for record in RECORDS}


@pytest.mark.parametrize("record", RECORDS, **by_name)
def test_values(record: Gate, code: Code) -> None:
    assert wrong_values(record, code, 250) == []


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
    "sqrt": [(INF, INF), (-0.0, -0.0), (-1, NAN)], "cbrt": [(INF, INF), (-INF, -INF), (-0.0, -0.0), (-8, -2)],
    "logaddexp": [(INF, 0, INF), (INF, INF, INF), (-INF, -INF, -INF), (-INF, 3, 3), (INF, -INF, INF)],
    "arctan": [(INF, math.pi / 2), (-INF, -math.pi / 2)],
    "arctan2": [(0, -1, math.pi), (-0.0, -1, -math.pi), (0, 0, 0), (INF, INF, math.pi / 4), (1, INF, 0),
                (1, 0, math.pi / 2)],
    "hypot": [(INF, 1, INF), (1e308, 1e308, math.hypot(1e308, 1e308)), (3e-320, 4e-320, 5e-320), (INF, NAN, INF)],
    "sinh": [(INF, INF), (-INF, -INF), (-0.0, -0.0)], "cosh": [(INF, INF), (-INF, INF)],
    "tanh": [(INF, 1), (-INF, -1), (-0.0, -0.0)],
    "arcsinh": [(INF, INF), (-INF, -INF), (-0.0, -0.0)], "arccosh": [(INF, INF), (1, 0), (0.5, NAN)],
    "arctanh": [(1, INF), (-1, -INF), (2, NAN), (-0.0, -0.0)],
    "sigmoid": [(INF, 1), (-INF, 0)], "softplus": [(INF, INF), (-INF, 0)],
    "floor": [(-0.5, -1), (INF, INF)], "ceil": [(-0.5, -0.0), (INF, INF)], "sign": [(-INF, -1), (0, 0)],
    "round": [(0.5, 0), (1.5, 2), (2.5, 2), (-0.5, -0.0), (-1.5, -2), (INF, INF),
              (2.0**51 + 1.5, 2.0**51 + 2), (2.0**53 + 2, 2.0**53 + 2)],
    "mod": [(-7, 3, 2), (7, -3, -2), (-7, -3, -1), (5, INF, 5), (-5, INF, INF), (5, -INF, -INF), (1, 0, NAN),
            (INF, 2, NAN)],
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
    "betaln": [(INF, 2, -INF), (INF, INF, -INF), (0, 2, INF), (-3, 0.5, INF), (1, 1, 0),
               (1e308, 1e308, -2 * math.log(2) * 1e308)],
    "digamma_rise": [(2, INF, INF), (INF, INF, NAN), (3, 0, 0)],
    "i0": [(INF, INF), (-INF, INF), (0, 1), (714.5, INF)], "i1": [(INF, INF), (-INF, -INF), (-0.0, -0.0), (-715, -INF)],
    "i0e": [(INF, 0), (-INF, 0), (0, 1)], "i1e": [(INF, 0), (-0.0, -0.0)],
    "iv": [(2, INF, INF), (3, -INF, -INF), (2, 0, 0), (0.5, 1, NAN), (-2, 0, 0)], "ive": [(2, INF, 0), (3, 0, 0)],
    "j0": [(INF, 0), (-INF, 0), (0, 1)], "j1": [(INF, 0), (-INF, 0), (-0.0, -0.0), (1e-310, 5e-311)],
    "jv": [(2, INF, 0), (2, 0, 0), (0.5, 1, NAN), (0, 0, 1)],
    "sinc": [(INF, 0), (-INF, 0), (0, 1), (-0.0, 1), (1, 0), (1e300, 0), (5e-324, 1)],
    "spherical": [(1, INF, 0), (1, 0, 0), (0, 0, 1)],
    "logit": [(0, -INF), (1, INF), (0.5, 0), (-0.1, NAN), (1.1, NAN), (5e-324, math.log(5e-324))],
    "xlogy": [(0, 0, 0), (0, INF, 0), (0, -1, 0), (2, 0, -INF), (-2, 0, INF), (1, INF, INF), (1, -1, NAN),
              (0, NAN, NAN)],
    "xlog1py": [(0, -1, 0), (0, INF, 0), (0, -2, 0), (2, -1, -INF), (1, -2, NAN), (0, NAN, NAN)],
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_limits(name: str, code: Code) -> None:
    for *point, result in LIMITS[name]:
        arguments = [np.float64(x) for x in point]
        with np.errstate(all="ignore"):
            values = [f(GATES[name])(*arguments) for f in (code.array, code.scalar, code.alone)]
        for target, got in zip(("numpy", "numba", "alone"), map(float, values), strict=True):
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
    _same_for_whole_numbers(record, code, code.array(record))


@pytest.mark.slow
@pytest.mark.parametrize("record", [g for g in RECORDS if g.helper], **by_name)
def test_whole_numbers_as_arguments_jitted(record: Gate, code: Code) -> None:
    _same_for_whole_numbers(record, code, code.scalar(record))


def _same_for_whole_numbers(record: Gate, code: Code, function: Callable[..., Any]) -> None:
    for x in (0, 1, 2, 7, 40, 3_100_000_000):
        point = [2] * (len(record.arguments) - 1) + [x]
        expected = code.scalar(record)(*map(float, point))
        assert float(function(*map(np.int64, point))) == pytest.approx(expected, rel=1e-13, nan_ok=True), x


def test_the_polynomials_are_what_the_script_computes() -> None:
    path = Path(__file__).parent.parent / "docs/fit_special.py"
    spec = importlib.util.spec_from_file_location("fit_special", path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    with mpmath.workdps(60):
        assert script.text(script.fits()) == Path(coefficients.__file__).read_text(encoding="utf-8")
