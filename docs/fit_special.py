"""Compute the polynomials of the special functions with mpmath, and write ``gradcompile/gates/coefficients.py``.

Run it as ``python docs/fit_special.py``, about a minute. Each function is made smooth first (its zeros and its leading
behaviour are taken out), interpolated at the Chebyshev nodes of an interval with 60 digits, and the polynomial is
written in powers of the variable that the code uses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mpmath as mp

OUT = Path(__file__).parent.parent / "gradcompile/gates/coefficients.py"
TINY = mp.mpf(10) ** -25  # below it a function with a removable singularity is its limit
HEAD = '''"""The polynomials of the special functions, constant terms first; made by docs/fit_special.py."""

from __future__ import annotations
'''
Function = Callable[[Any], Any]


def polynomial(function: Function, low: Any, high: Any, degree: int, centre: Any, scale: Any) -> list[float]:
    """Interpolate on [low, high]; return the coefficients in powers of (x - centre) / scale."""
    low, high = mp.mpf(low), mp.mpf(high)
    angles = [mp.pi * (2 * k + 1) / (2 * degree + 2) for k in range(degree + 1)]
    values = [function((low + high) / 2 + (high - low) / 2 * mp.cos(a)) for a in angles]
    sums = [mp.fsum(v * mp.cos(j * a) for v, a in zip(values, angles, strict=True)) for j in range(degree + 1)]
    weights = [(2 if j else 1) * total / (degree + 1) for j, total in enumerate(sums)]
    return [float(c) for c in in_powers(weights, low, high, centre, scale)]


def in_powers(weights: Sequence[Any], low: Any, high: Any, centre: Any, scale: Any) -> list[Any]:
    """Return a sum of Chebyshev polynomials on [low, high] in powers of (x - centre) / scale."""
    low, high, centre, scale = map(mp.mpf, (low, high, centre, scale))
    total = [mp.mpf(0)] * len(weights)
    before, current = [mp.mpf(0)], [mp.mpf(1)]  # Chebyshev polynomials in powers of the new variable
    slope, offset = 2 * scale / (high - low), (2 * centre - low - high) / (high - low)
    for j, weight in enumerate(weights):
        for i, c in enumerate(current):
            total[i] += weight * c
        factor = 1 if j == 0 else 2
        following = [mp.mpf(0)] * (len(current) + 1)
        for i, c in enumerate(current):
            following[i] += factor * offset * c
            following[i + 1] += factor * slope * c
        for i, c in enumerate(before if j else []):
            following[i] -= c
        before, current = current, following
    return total


def split(number: Any) -> tuple[float, float]:
    """Return a number as the sum of two floats."""
    return float(number), float(number - mp.mpf(float(number)))


def hankel(order: int, *, sine: bool) -> Function:
    """Return Hankel's P (or x*Q, with `sine`) as a function of 1/x^2 (Watson, 7.3)."""

    def function(w: Any) -> Any:
        x = 1 / mp.sqrt(max(w, TINY))
        angle = x - (2 * order + 1) * mp.pi / 4
        j, y = mp.besselj(order, x), mp.bessely(order, x)
        part = x * (y * mp.cos(angle) - j * mp.sin(angle)) if sine else j * mp.cos(angle) + y * mp.sin(angle)
        return part * mp.sqrt(mp.pi * x / 2)

    return function


def tail_of_i(order: int) -> Function:
    """Return sqrt(x) * exp(-x) * I(x) as a function of 1/x."""
    return lambda r: mp.besseli(order, 1 / max(r, TINY)) * mp.exp(-1 / max(r, TINY)) / mp.sqrt(max(r, TINY))


def fits() -> dict[str, list[float] | tuple[float, float]]:
    """Return every table by name."""
    root = mp.findroot(mp.digamma, 1.4616)
    (j01, j02), (j11, j12) = ([mp.besseljzero(n, k) for k in (1, 2)] for n in (0, 1))
    eighth = mp.mpf(1) / 8

    def log_gamma(t: Any) -> Any:
        return mp.loggamma(2 + t) / t if abs(t) > TINY else 1 - mp.euler

    def i_one(y: Any) -> Any:
        return mp.besseli(1, 2 * mp.sqrt(y)) / mp.sqrt(y)

    def j_zero(y: Any) -> Any:
        return mp.besselj(0, mp.sqrt(y)) / (y - j01**2)

    def j_one(y: Any) -> Any:
        return mp.besselj(1, mp.sqrt(y)) / mp.sqrt(y) / (y - j11**2)

    return {
        "ERFINV": polynomial(lambda w: mp.erfinv(mp.sqrt(w)) / mp.sqrt(w), 0, 0.5625, 21, 0, 1),
        "LGAMMA": polynomial(log_gamma, -0.5, 0.5, 19, 0, 1),
        "DIGAMMA_ROOT": split(root),
        "DIGAMMA": polynomial(lambda x: mp.digamma(x) / (x - root), 1, 2, 23, 1.5, 1),
        "I0": polynomial(lambda y: mp.besseli(0, 2 * mp.sqrt(y)), 0, 16, 16, 0, 1),
        "I1": polynomial(i_one, 0, 16, 16, 0, 1),
        "I0_TAIL": polynomial(tail_of_i(0), 0, eighth, 23, eighth / 2, eighth / 2),
        "I1_TAIL": polynomial(tail_of_i(1), 0, eighth, 23, eighth / 2, eighth / 2),
        "J0_ROOTS": (*split(j01), *split(j02)),
        "J0": polynomial(j_zero, 0, 16, 11, 8, 8),
        "J0_MIDDLE": polynomial(lambda x: mp.besselj(0, x) / (x - j02), 4, 8, 19, 6, 2),
        "J1_ROOTS": (*split(j11), *split(j12)),
        "J1": polynomial(j_one, 0, 25, 12, 12.5, 12.5),
        "J1_MIDDLE": polynomial(lambda x: mp.besselj(1, x) / (x - j12), 5, 8, 17, 6.5, 1.5),
        **{
            f"{letter}{order}": polynomial(
                hankel(order, sine=letter == "Q"), 0, eighth**2, 14, eighth**2 / 2, eighth**2 / 2
            )
            for order in (0, 1)
            for letter in "PQ"
        },
    }


def text(tables: dict[str, list[float] | tuple[float, float]]) -> str:
    """Return the module that holds the tables."""
    parts = []
    for name, numbers in tables.items():
        rows = [", ".join(map(repr, numbers[i : i + 4])) for i in range(0, len(numbers), 4)]
        parts.append(f"{name} = (\n" + "".join(f"    {row},\n" for row in rows) + ")  # fmt: skip\n")
    return HEAD + "\n" + "\n".join(parts)


if __name__ == "__main__":
    mp.mp.dps = 60
    OUT.write_text(text(fits()), encoding="utf-8")
