"""What a SymPy symbol is called in a formula: its own name where that is possible, a predictable one where not."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sympy

from gradcompile.errors import FormulaError
from gradcompile.syntax.names import CONSTANTS, RESERVED


def identifier(name: str) -> str:
    """Return a name as a formula can have it: ``x_{1}`` becomes ``x_1``, ``lambda`` becomes ``lambda_``.

    Raises FormulaError where nothing of it can stand in a formula.
    """
    word = re.sub(r"\W+", "_", re.sub(r"[{}\\]", "", name)).strip("_")
    if not word.isidentifier():
        hint = "Give the symbol a name that starts with a letter, for example `x1`."
        raise FormulaError(f"the symbol `{name}` has no name that a formula can have.", hint=hint)
    return f"{word}_" if keyword.iskeyword(word) or word in RESERVED or word in CONSTANTS else word


@dataclass
class Names:
    """The names of one formula; each is given out once."""

    given: dict[Any, str] = field(default_factory=dict)  # by symbol, matrix symbol or indexed base
    taken: dict[str, Any] = field(default_factory=dict)

    def add(self, symbol: Any) -> str:
        """Return the name of something that is free in the formula. Raises FormulaError where two become the same."""
        if symbol in self.given:
            return self.given[symbol]
        written = str(getattr(symbol, "name", None) or symbol.label)
        word = identifier(written)
        if isinstance(symbol, sympy.Dummy):
            word = self._unused(word)
        elif word in self.taken:
            raise self._clash(symbol, word, written)
        return self._give(symbol, word)

    def _clash(self, symbol: Any, word: str, written: str) -> FormulaError:
        other = self.taken[word]
        if str(other) == written:
            what = f"two different symbols are called `{written}`"
            return FormulaError(f"{what}.", hint="Use one of them only; symbols with other assumptions are others.")
        return FormulaError(
            f"the symbols `{other}` and `{symbol}` would both be called `{word}`.", hint="Rename one of them."
        )

    def bind(self, symbol: Any) -> str:
        """Return the name of an index variable, which must not be that of anything else."""
        if symbol not in self.given:
            self._give(symbol, self._unused(identifier(str(getattr(symbol, "name", symbol)))))
        return self.given[symbol]

    def fresh(self, word: str) -> str:
        """Return a name that nothing has."""
        word = self._unused(word)
        self.taken[word] = word
        return word

    def reserve(self, words: Iterable[str]) -> None:
        """Keep names from being given out."""
        for word in words:
            self.taken.setdefault(word, word)

    def _give(self, symbol: Any, word: str) -> str:
        self.given[symbol] = word
        self.taken[word] = symbol
        return word

    def _unused(self, word: str) -> str:
        if word not in self.taken:
            return word
        return next(other for i in range(1, len(self.taken) + 2) if (other := f"{word}_{i}") not in self.taken)
