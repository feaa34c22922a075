"""Text of polynomials for the helpers of the special functions."""

from __future__ import annotations

from collections.abc import Sequence

_PER_LINE = 3
_INDENT = " " * 8


def horner(variable: str, coefficients: Sequence[float]) -> str:
    """Return c0 + x*(c1 + x*(c2 + ...)) as an expression in parentheses, over several lines.

    Written out, because LLVM vectorises it, which a loop over the coefficients would prevent.
    """
    text = ""
    for position, coefficient in enumerate(coefficients):
        break_line = f"\n{_INDENT}" if position and position % _PER_LINE == 0 else ""
        text += f" + {variable} * {break_line}({coefficient!r}" if position else f"({coefficient!r}"
    return text + ")" * len(coefficients)


def in_fours(variable: str, coefficients: Sequence[float]) -> str:
    """Return the same polynomial as c0 + x*p, with the terms of p in fours, x^4 apart (Estrin, Proc. WJCC, 1960).

    A quarter as many steps wait for the one before, for a few more products: lanes have something to do meanwhile. The
    last step is Horner's, as its rounding counts.
    """
    if len(coefficients) < 2:
        return horner(variable, coefficients)
    square = f"{variable} * {variable}"
    text = f"({coefficients[0]!r} + {variable} * "
    for start in range(1, len(coefficients), 4):
        first, *others = [repr(coefficient) for coefficient in coefficients[start : start + 4]]
        text += f" + {square} * ({square}) * \n{_INDENT}(" if start > 1 else "("
        text += f" + {variable} * ".join([first, *others[:1]])
        text += f" + {square} * ({f' + {variable} * '.join(others[1:])})" if others[1:] else ""
    return text + ")" * (1 + -(-(len(coefficients) - 1) // 4))
