"""The two floating-point formats that the functions are written for."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass

from gradcompile.emit.elementary import coefficients
from gradcompile.gates.horner import horner, in_fours

_MANY = 6  # terms: from here on the steps of Horner's rule wait longer for each other than the work takes


@dataclass(frozen=True)
class Format:
    """A binary format: its numbers have `fraction` bits behind the point."""

    name: str
    integer: str  # the NumPy type of its bits
    fraction: int
    bias: int  # of the exponent
    table: Mapping[str, tuple[float, ...]]

    @property
    def width(self) -> int:
        """How many bits a number has."""
        return int(self.name.removeprefix("float"))

    @property
    def real(self) -> str:
        """The NumPy type."""
        return f"np.{self.name}"

    @property
    def natural(self) -> str:
        """The NumPy type of its bits without a sign."""
        return f"np.uint{self.width}"

    @property
    def whole(self) -> float:
        """A number so large that adding it rounds to a whole number: 1.5 * 2^fraction."""
        return 1.5 * 2.0**self.fraction

    @property
    def place(self) -> float:
        """Added to k it rounds to a whole number whose last bits are k + bias: where the exponent of 2^k goes."""
        return self.whole + self.bias

    @property
    def double_place(self) -> float:
        """The same for k + 2*bias, what the exponents of two numbers whose product is 2^k add up to."""
        return self.whole + 2 * self.bias

    @property
    def tiny(self) -> float:
        """The smallest normal number."""
        return 2.0 ** (1 - self.bias)

    @property
    def exp_range(self) -> tuple[float, float]:
        """Where exp is 0, and where it is infinite."""
        return {"float64": (-746.0, 710.0), "float32": (-104.0, 89.0)}[self.name]

    @property
    def exponent(self) -> int:
        """The bits of the exponent."""
        return (2 * self.bias + 1) << self.fraction

    def bits(self, text: str) -> str:
        """Return the text of the bits of a number."""
        return f"{self.real}({text}).view({self.integer})"

    def number(self, text: str) -> str:
        """Return the text of the number that has these bits."""
        return f"{self.integer}({text}).view({self.real})"

    def series(self, variable: str, name: str, start: int = 0) -> str:
        """Return the text of a polynomial of the table, or of its terms from `start` on over variable^start."""
        terms = self.table[name][start:]
        return (in_fours if len(terms) >= _MANY else horner)(variable, terms)

    def typed(self, source: str) -> str:
        """Return a source with all its literals in this format: Numba takes a plain one for float64."""
        if self.name == "float64":
            return source
        lines = source.splitlines(keepends=True)
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
        for token in reversed(tokens):
            literal = token.type == tokenize.NUMBER and not token.string.isdigit() and "x" not in token.string
            (row, start), (_, end) = token.start, token.end
            if literal:
                line = lines[row - 1]
                lines[row - 1] = f"{line[:start]}{self.real}({token.string}){line[end:]}"
        return "".join(lines).replace("np.inf", f"{self.real}(np.inf)").replace("np.nan", f"{self.real}(np.nan)")


DOUBLE = Format("float64", "np.int64", 52, 1023, coefficients.DOUBLE)
SINGLE = Format("float32", "np.int32", 23, 127, coefficients.SINGLE)
