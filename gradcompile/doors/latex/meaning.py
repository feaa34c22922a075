"""From what SymPy's parser made of plain LaTeX to an expression: names, elements of arrays, functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NoReturn

import sympy
from sympy.core.function import AppliedUndef

from gradcompile.doors.census import Census
from gradcompile.doors.latex.plain import Name, Plain
from gradcompile.doors.latex.tokens import Token
from gradcompile.doors.sizes import reaches_zero
from gradcompile.errors import FormulaError
from gradcompile.gates.registry import by_name

Scope = Mapping[Any, Any]
"""The index variables of the sums around, and what each is in terms of the formula's own variable."""


_CALLS = {"max": sympy.Max, "min": sympy.Min, "sech": sympy.sech, "csch": sympy.csch, "coth": sympy.coth}


@dataclass
class Meaning:
    """Reads one formula. Elements count from 1, as in mathematics, or from 0 where an element 0 is read."""

    plain: Plain
    parse: Callable[[str], Any]
    first: dict[str, int] = field(default_factory=dict)  # of each array: the number of its first element

    def of(self, raw: Any) -> Any:
        """Return the meaning of a parsed expression: once to find the arrays, then with their elements in place."""
        census = Census()
        census.count(self.read(raw, {}))
        self.first = {str(base): 0 if reaches_zero(uses) else 1 for base, uses in census.uses.items()}
        return self.read(raw, {})

    def read(self, raw: Any, scope: Scope) -> Any:
        """Return the meaning of a part, with the index variables in scope."""
        if isinstance(raw, sympy.Symbol):
            return self._symbol(raw, scope)
        if isinstance(raw, (sympy.Sum, sympy.Product)):
            return self._sum(raw, scope)
        if isinstance(raw, AppliedUndef):
            return self._call(raw, scope)
        if isinstance(raw, sympy.Pow):
            base, exponent = raw.args
            if self._meaning(base) == Name("e"):
                return sympy.exp(self.read(exponent, scope), evaluate=False)
            return sympy.Pow(self.read(base, scope), self.read(exponent, scope), evaluate=False)
        if not raw.args:
            return raw
        args = [self.read(a, scope) for a in raw.args]
        if raw.func in (sympy.Add, sympy.Mul):  # nested ones are one, in the order in which they are written
            args = [b for a in args for b in (a.args if a.func is raw.func else (a,))]
        if isinstance(raw, sympy.log) and args[1:] == [sympy.E]:
            return sympy.log(args[0], evaluate=False)
        return raw.func(*args, evaluate=False)

    def _meaning(self, symbol: Any) -> Any:
        return self.plain.stand_ins.get(str(symbol))

    def _known(self, symbol: Any) -> Any:
        """Return what a stand-in stands for; SymPy's parser makes other names where a subscript has no name."""
        if (meaning := self._meaning(symbol)) is None:
            self._fail("a subscript stands apart from its name.", "Write `x_{1}`, with nothing between.")
        return meaning

    # Names

    def _symbol(self, symbol: Any, scope: Scope) -> Any:
        if symbol in scope:
            return scope[symbol]
        meaning = self._known(symbol)
        if not isinstance(meaning, Name):
            return meaning
        if meaning.word == "e" and not meaning.parts:
            self._fail(
                "`e` is Euler's number in a power.", r"Write `\mathrm{e}` for the number, or rename the variable."
            )
        if not meaning.parts:
            return sympy.Symbol(meaning.word)
        return self._subscripted(meaning, scope)

    def _subscripted(self, name: Name, scope: Scope) -> Any:
        """An element of an array, where an index variable is in the subscript or other elements are read; or a name."""
        runs = [self._is_running(part, scope) for part in name.parts]
        if not any(runs) and name.word not in self.first:
            word = "_".join(self.plain.joined(part, part[0]) for part in name.parts if part)
            return sympy.Symbol(f"{name.word}_{word}")
        parts = [p for part in name.parts for p in self._apart(part, scope)]
        first = self.first.get(name.word, 0)
        indices = [self.read(self.parse(self.plain.text(part)), scope).doit() - first for part in parts]
        if -1 in indices:
            self._fail(
                f"`{name.word}_0` stands beside elements that count from 1.", "Give it a name of its own.", parts[0][0]
            )
        return sympy.IndexedBase(name.word)[tuple(sympy.sympify(i) for i in indices)]

    def _is_running(self, part: tuple[Token, ...], scope: Scope) -> bool:
        """Is an index variable in this part of a subscript?"""
        words = {str(self._meaning(variable).word) for variable in scope}
        return any((t.command or t.text) in words for t in part)

    def _apart(self, part: tuple[Token, ...], scope: Scope) -> list[tuple[Token, ...]]:
        """Return the indices of a part such as ``ij``, which are two."""
        if len(part) > 1 and all(self._is_running((t,), scope) for t in part):
            return [(t,) for t in part]
        if any(a.text.isalnum() and b.text.isalnum() for a, b in pairwise(part)):
            text = "".join(t.text for t in part)
            hint = f"Write `x_{{{','.join(t.text for t in part)}}}`."
            self._fail(f"the subscript `{text}` may be a product or several indices.", hint, part[0])
        return [part]

    # Sums

    def _sum(self, raw: Any, scope: Scope) -> Any:
        """Read a sum; an index of elements that count from 1 becomes one that counts them from 0."""
        limits = []
        for variable, *ends in reversed(raw.limits):  # the outermost first
            meaning = self._meaning(variable)
            if not isinstance(meaning, Name) or meaning.parts:
                self._fail("a sum runs over one letter.", r"Write `\sum_{i=1}^{n}`.")
            low, high = (self.read(end, scope).doit() for end in ends)
            index = sympy.Symbol(meaning.word, integer=True)
            shifted = int(not (low.is_Integer and low < 1) and self._reads_elements(raw, meaning.word))
            scope = {**scope, variable: sympy.Add(index, 1, evaluate=False) if shifted else index}
            limits.append((index, low - shifted, high - shifted))
        return raw.func(self.read(raw.function, scope), *reversed(limits))

    def _reads_elements(self, term: Any, word: str) -> bool:
        """Is the index variable in the subscript of an array whose elements count from 1?"""
        for symbol in term.atoms(sympy.Symbol):
            name = self._meaning(symbol)
            counts = isinstance(name, Name) and self.first.get(name.word) == 1
            if counts and any((t.command or t.text) == word for part in name.parts for t in part):
                return True
        return False

    # Functions

    def _call(self, raw: Any, scope: Scope) -> Any:
        meaning = self._known(raw.func)
        args = [self.read(a, scope) for a in raw.args]
        word = {"Gamma": "gamma"}.get(meaning.word, meaning.word)
        function = _CALLS.get(word)
        is_function = (meaning.called or meaning.word == "Gamma") and not meaning.parts
        if is_function and function is not None:
            return function(*args, evaluate=False)
        if is_function and by_name(word) is not None:
            return sympy.Function(word)(*args)
        hint = rf"Write a product as `{meaning.word} \cdot (x)`, a function as `\operatorname{{erf}}(x)`."
        raise FormulaError(f"`{meaning.word}(…)` is not a known function.", hint=hint)

    def _fail(self, message: str, hint: str, token: Token | None = None) -> NoReturn:
        if token is None:
            raise FormulaError(message, hint=hint)
        self.plain.reader.fail(message, hint, token)
