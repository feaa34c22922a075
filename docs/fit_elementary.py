"""Compute the polynomials of the elementary functions, and write ``gradcompile/emit/elementary/coefficients.py``.

Run it as ``python docs/fit_elementary.py``, about a minute. Each polynomial is the best one in the sense of Chebyshev:
its largest error, relative to the function that it is part of, is as small as that of any polynomial of its degree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import mpmath as mp
import numpy as np
from fit_special import TINY, Function, in_powers, split

OUT = Path(__file__).parent.parent / "gradcompile/emit/elementary/coefficients.py"
HEAD = '''"""The numbers of the elementary functions, constant terms first; made by docs/fit_elementary.py."""

from __future__ import annotations
'''
POINTS = 30  # of the grid, for each coefficient
ENOUGH = mp.mpf("1.005")  # times the levelled error: the best polynomial is that near
ERF_CENTRE, ERFC_CENTRE = 2.5, 3.75
GAMMA_CENTRE = mp.mpf("0.75")  # of the interval of lgamma(1 + s) and digamma(1 + s)
SMALL = mp.mpf(10) ** -9  # the same where two terms are taken out
DIGITS = 320  # hexadecimal ones of 2/pi
IN_TWO = {"ERFC", "LOG_LONG"}  # the constant term is the sum of the first two numbers
WIDER = mp.mpf("1.0001")  # intervals reach a little further than arguments do, which are rounded


class Fit(NamedTuple):
    """What is fitted, where, in which powers, and what an error of 1 counts."""

    function: Function
    low: Any
    high: Any
    degrees: tuple[int, int]  # for float64 and float32
    weight: Function = lambda x: mp.mpf(1)


def best(fit: Fit, degree: int) -> tuple[list[Any], Any]:
    """Return the best polynomial's coefficients in powers of x, and its largest weighted error (Remez 1934)."""
    low, high, count = mp.mpf(fit.low), mp.mpf(fit.high), degree + 2
    angles = [mp.pi * i / (POINTS * count) for i in range(POINTS * count + 1)]
    grid = [(low + high) / 2 - (high - low) / 2 * mp.cos(a) for a in angles]
    values, weights = [fit.function(x) for x in grid], [fit.weight(x) for x in grid]
    chosen = [round((len(grid) - 1) * i / (count - 1)) for i in range(count)]
    while True:
        sums, level = _levelled(chosen, values, weights, angles)
        errors = [w * (_value(sums, a) - v) for v, w, a in zip(values, weights, angles, strict=True)]
        largest = max(map(abs, errors))
        chosen = _alternating(errors, count)
        if largest <= abs(level) * ENOUGH or len(chosen) < count:
            return in_powers(sums, low, high, 0, 1), largest


def _value(sums: Sequence[Any], angle: Any) -> Any:
    return mp.fsum(s * mp.cos(j * (mp.pi - angle)) for j, s in enumerate(sums))


def _levelled(
    chosen: Sequence[int], values: Sequence[Any], weights: Sequence[Any], angles: Sequence[Any]
) -> tuple[list[Any], Any]:
    """Solve for the Chebyshev sum whose errors at the chosen points are alike and alternate in sign."""
    count = len(chosen)
    matrix, right = mp.matrix(count, count), mp.matrix(count, 1)
    for row, i in enumerate(chosen):
        for j in range(count - 1):
            matrix[row, j] = mp.cos(j * (mp.pi - angles[i]))
        matrix[row, count - 1] = (-1) ** row / weights[i]
        right[row] = values[i]
    solution = list(mp.lu_solve(matrix, right))
    return solution[:-1], solution[-1]


def _alternating(errors: Sequence[Any], count: int) -> list[int]:
    """Return the positions of the largest errors, one from each run of the same sign."""
    found: list[int] = []
    for i, error in enumerate(errors):
        if found and (error > 0) == (errors[found[-1]] > 0):
            if abs(error) > abs(errors[found[-1]]):
                found[-1] = i
        else:
            found.append(i)
    while len(found) > count:
        found.pop(0 if abs(errors[found[0]]) < abs(errors[found[-1]]) else -1)
    return found


def in_parts(number: Any, bits: Sequence[int]) -> list[Any]:
    """Return a positive number in parts of so many bits after the point, and what is left."""
    parts = []
    for b in bits:
        parts.append(mp.floor(number * 2**b) / 2**b)
        number -= parts[-1]
    return [*parts, number]


def scaled_erfc(x: Any) -> Any:
    """exp(x^2) * erfc(x)."""
    return mp.exp(x * x) * mp.erfc(x)


def fits() -> dict[str, Fit]:
    """Return every polynomial by name."""
    half = mp.log(2) / 2 * WIDER
    eighth = (mp.pi / 4) ** 2 * WIDER
    edge = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * WIDER

    def exp_rest(r: Any) -> Any:
        return (mp.expm1(r) - r) / r**2 if abs(r) > TINY else mp.mpf(1) / 2

    def log_rest(z: Any) -> Any:
        s = mp.sqrt(z)
        return (2 * mp.atanh(s) / s - 2) / z if z > TINY else mp.mpf(2) / 3

    def sinh_rest(z: Any) -> Any:
        return (mp.sinh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z if z > TINY else mp.mpf(1) / 6

    def atan_rest(z: Any) -> Any:
        return (mp.atan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z if z > TINY else -mp.mpf(1) / 3

    def sin_rest(z: Any) -> Any:
        x = mp.sqrt(z)
        return (mp.sin(x) / x - 1) / z if z > TINY else -mp.mpf(1) / 6

    def cos_rest(z: Any) -> Any:
        return (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2 if z > SMALL else mp.mpf(1) / 24

    def erf_rest(y: Any) -> Any:
        x = mp.sqrt(y)
        return (mp.erf(x) / x if y > TINY else 2 / mp.sqrt(mp.pi)) - 1

    def place(t: Any, centre: Any) -> Any:
        return centre * (1 + t) / (1 - t)

    def turned(a: Any, centre: Any) -> Any:
        return (a - centre) / (a + centre)

    def erf_far(t: Any) -> Any:
        return scaled_erfc(place(t, ERF_CENTRE)) * (1 + place(t, ERF_CENTRE))

    def erf_share(t: Any) -> Any:
        a = place(t, ERF_CENTRE)
        return mp.exp(-a * a) / (1 + a) / mp.erf(a)

    def erfc_smooth(t: Any) -> Any:
        return scaled_erfc(place(t, ERFC_CENTRE)) * (1 + place(t, ERFC_CENTRE))

    return {
        "EXP": Fit(exp_rest, -half, half, (9, 4), lambda r: max(r * r, TINY) / mp.exp(r)),
        "LOG": Fit(log_rest, 0, edge, (6, 2), lambda z: max(z, TINY) / 2),
        "LOG_LONG": Fit(log_rest, 0, edge, (7, 3), lambda z: max(z, TINY) / 2),
        "SINH": Fit(sinh_rest, 0, 1, (7, 3), lambda z: max(z, TINY)),
        "ATAN": Fit(atan_rest, 0, mp.mpf("0.5464") ** 2, (12, 5), lambda z: max(z, TINY)),
        "CBRT": Fit(lambda d: mp.expm1(-mp.log1p(-d) / 3) / d if d else mp.mpf(1) / 3, -0.103, 0.103, (6, 2)),
        "SIN": Fit(sin_rest, 0, eighth, (5, 2), lambda z: max(z, TINY)),
        "COS": Fit(cos_rest, 0, eighth, (5, 2), lambda z: max(z * z, TINY)),
        "ERF": Fit(erf_rest, 0, 1, (11, 5)),
        "ERF_TAIL": Fit(erf_far, turned(mp.mpf(1), ERF_CENTRE), turned(mp.mpf(6), ERF_CENTRE), (11, 5), erf_share),
        "ERFC": Fit(erfc_smooth, -1, turned(mp.mpf(28), ERFC_CENTRE), (22, 10), lambda t: 1 / erfc_smooth(t)),
        **gamma_fits(),
    }


def gamma_fits() -> dict[str, Fit]:
    """Return the polynomials of lgamma and digamma by name; v = 1 / (y^2 + 1)."""
    root, near, far, quarter = digamma_root(), GAMMA_CENTRE * WIDER, WIDER / 5, WIDER / 4

    def lgamma_smooth(t: Any) -> Any:
        s = t + GAMMA_CENTRE
        if min(abs(s), abs(s - 1)) < TINY:
            return mp.euler if s < 0.5 else 1 - mp.euler
        return mp.loggamma(1 + s) / (s * (s - 1))

    def digamma_smooth(t: Any) -> Any:
        s = t + GAMMA_CENTRE
        return mp.digamma(1 + s) / (s - root) if abs(s - root) > TINY else mp.psi(1, 1 + root)

    def place(v: Any) -> Any:
        return mp.sqrt(1 / max(v, TINY) - 1)

    def lgamma_rest(v: Any) -> Any:
        y = place(v)
        with mp.workdps(80):
            rest = mp.loggamma(y + 0.5) - y * (mp.log(y) - 1) - mp.log(2 * mp.pi) / 2
            return rest / (y * v) if v > TINY else -mp.mpf(1) / 24

    def digamma_rest(v: Any) -> Any:
        with mp.workdps(80):
            return (mp.digamma(place(v) + 0.5) - mp.log(place(v))) / v if v > TINY else mp.mpf(1) / 24

    def lgamma_share(v: Any) -> Any:
        y = place(max(v, SMALL))
        return y * max(v, SMALL) / mp.loggamma(y + 0.5)

    def sine_rest(w: Any) -> Any:
        r = mp.sqrt(w)
        return (mp.sinpi(r) / (mp.pi * r) - 1) / w if w > TINY else -(mp.pi**2) / 6

    def cotangent_rest(w: Any) -> Any:
        r = mp.sqrt(w)
        return (mp.pi * mp.cospi(r) / mp.sinpi(r) - 1 / r) / r if w > TINY else -(mp.pi**2) / 3

    return {
        "LGAMMA": Fit(lgamma_smooth, -near, near, (24, 11), lambda t: 1 / lgamma_smooth(t)),
        "LGAMMA_FAR": Fit(lgamma_rest, 0, far, (11, 4), lgamma_share),
        "DIGAMMA": Fit(digamma_smooth, -near, near, (25, 12), lambda t: 1 / digamma_smooth(t)),
        "DIGAMMA_FAR": Fit(digamma_rest, 0, far, (12, 4), lambda v: max(v, SMALL)),
        "SIN_PI": Fit(sine_rest, 0, quarter, (7, 3), lambda w: max(w, TINY)),
        "COT_PI": Fit(cotangent_rest, 0, quarter, (14, 6), lambda w: max(w, TINY)),
    }


def digamma_root() -> Any:
    """Return the positive zero of digamma(1 + s)."""
    return mp.findroot(lambda s: mp.digamma(1 + s), 0.4616)


def numbers() -> dict[str, tuple[list[Any], list[Any]]]:
    """Return the constants that are in parts, by name, for float64 and float32."""
    halves = {"LOG2_E": 1 / mp.log(2), "LOG10_E": 1 / mp.log(10)}
    halves |= {"HALF_LOG_2PI": mp.log(2 * mp.pi) / 2, "DIGAMMA_ROOT": digamma_root()}
    logarithms = {"LN2": mp.log(2), "LOG10_2": mp.log10(2)}
    made = {name: (in_parts(x, [40]), in_parts(x, [15])) for name, x in logarithms.items()}
    made["HALF_PI"] = _half_pi(split), _half_pi(_split_single)
    return made | {name: (list(split(x)), list(_split_single(x))) for name, x in halves.items()}


def _half_pi(split_in_two: Callable[[Any], tuple[Any, Any]]) -> list[Any]:
    """Return pi/2 as the sum of three floats, the last one rounded when it is written."""
    with mp.workdps(80):
        rest, parts = mp.pi / 2, []
        for _ in range(2):
            parts.append(split_in_two(rest)[0])
            rest -= mp.mpf(parts[-1])
        return [*parts, rest]


def tables() -> dict[str, tuple[list[Any], list[Any]]]:
    """Return every table by name, for float64 and float32."""
    made = numbers()
    for name, fit in fits().items():
        double, single = (best(fit, degree)[0] for degree in fit.degrees)
        if name in IN_TWO:
            double, single = [*split(double[0]), *double[1:]], [*_split_single(single[0]), *single[1:]]
        made[name] = double, single
    return made


def text(made: dict[str, tuple[list[Any], list[Any]]]) -> str:
    """Return the module that holds the tables."""
    double = {name: [repr(float(c)) for c in pair[0]] for name, pair in made.items()}
    single = {name: [_short(c) for c in pair[1]] for name, pair in made.items()}
    return "\n".join([HEAD, _dictionary("DOUBLE", double), "", _dictionary("SINGLE", single), _two_over_pi()])


def _split_single(number: Any) -> tuple[Any, Any]:
    high = mp.mpf(float(np.float32(float(number))))
    return high, number - high


def _short(number: Any) -> str:
    """Return the shortest text that is the number in float32."""
    return repr(float(str(np.float32(float(number)))))


def _two_over_pi() -> str:
    with mp.workprec(4 * DIGITS + 64):
        digits = f"{int(mp.floor(2 / mp.pi * 16**DIGITS)):0{DIGITS}X}"
    lines = "\n".join(f'    "{digits[i : i + 80]}"' for i in range(0, DIGITS, 80))
    return f"TWO_OVER_PI = (  # the digits behind the point, to base 16\n{lines}\n)\n"


def _dictionary(name: str, rows: dict[str, list[str]]) -> str:
    lines = [f"{name}: dict[str, tuple[float, ...]] = {{"]
    for key, row in rows.items():
        lines += [f'    "{key}": (', *(f"        {', '.join(part)}," for part in _fours(row)), "    ),"]
    return "\n".join([*lines, "}  # fmt: skip\n"])


def _fours(row: Sequence[str]) -> Iterable[Sequence[str]]:
    return (row[i : i + 4] for i in range(0, len(row), 4))


if __name__ == "__main__":
    mp.mp.dps = 40
    for key, fit in fits().items():
        print(key, *(f"degree {d}: {mp.nstr(best(fit, d)[1], 2)}" for d in fit.degrees))
    OUT.write_text(text(tables()), encoding="utf-8")
