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
