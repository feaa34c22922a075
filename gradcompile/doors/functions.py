"""SymPy's functions in the language: the gates' own records say which, read backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sympy

from gradcompile.errors import FormulaError
from gradcompile.gates.registry import GATES


def _gamma(x: Any) -> Any:
    return sympy.gamma(x, evaluate=False)  # of a number it would have as many digits as it takes


_WRITTEN: dict[str, Callable[..., Any]] = {
    "sec": lambda x: 1 / sympy.cos(x),
    "csc": lambda x: 1 / sympy.sin(x),
    "cot": lambda x: 1 / sympy.tan(x),
    "sech": lambda x: 1 / sympy.cosh(x),
    "csch": lambda x: 1 / sympy.sinh(x),
    "coth": lambda x: 1 / sympy.tanh(x),
    "asec": lambda x: sympy.acos(1 / x),
    "acsc": lambda x: sympy.asin(1 / x),
    "acot": lambda x: sympy.atan(1 / x),
    "asech": lambda x: sympy.acosh(1 / x),
    "acsch": lambda x: sympy.asinh(1 / x),
    "acoth": lambda x: sympy.atanh(1 / x),
    "frac": lambda x: x - sympy.floor(x),
    "factorial": lambda n: _gamma(n + 1),
    "binomial": lambda n, k: _gamma(n + 1) / (_gamma(k + 1) * _gamma(n - k + 1)),
    "beta": lambda a, b: _gamma(a) * _gamma(b) / _gamma(a + b),
    "erf2": lambda a, b: sympy.erf(b) - sympy.erf(a),
    "conjugate": lambda x: x,  # every input is real
    "re": lambda x: x,
    "log": lambda x, base: sympy.log(x) / sympy.log(base),  # as SymPy does, where it was told not to
}
"""Functions that are no gates, in terms of such that are."""


@dataclass
class Functions:
    """Which gate a call of a SymPy function is. The gates are looked through once for each function."""

    patterns: dict[Any, list[tuple[str, list[Any], tuple[Any, ...]]]] = field(default_factory=dict)

    def call(self, expression: Any) -> tuple[str, list[Any]] | None:
        """Return the function of the language, and its arguments, that a call of a SymPy function is."""
        function = expression.func
        if function not in self.patterns:
            self.patterns[function] = list(_patterns(function))
        for name, slots, pattern in self.patterns[function]:
            args = dict(zip(pattern, expression.args, strict=False))
            if len(pattern) == len(expression.args) and all(p in slots or p == a for p, a in args.items()):
                return name, [args[slot] for slot in slots]
        return None

    def instead(self, expression: Any) -> Any:
        """Return what a call that is no gate is in terms of gates. Raises FormulaError where there is nothing."""
        name = expression.func.__name__
        rule = _WRITTEN.get(name)
        if rule is None or len(expression.args) != rule.__code__.co_argcount:
            hint = _COMPLEX if name in ("im", "arg", "polar_lift") else _ADVICE
            raise FormulaError(f"there is no gate for `{expression}`: `{name}` is not in the language.", hint=hint)
        return rule(*expression.args)


_ADVICE = "Write it with functions of the language, which are listed in docs/language.md."
_COMPLEX = "Write real and imaginary part as two formulas."


def _patterns(function: Any) -> Iterator[tuple[str, list[Any], tuple[Any, ...]]]:
    """Yield each gate whose meaning is one call of this function: its name, its arguments, and those of the call."""
    for gate in GATES.values():
        if gate.hidden or gate.sympy is None or gate.result == "bool" or gate.name in ("where", "stop_gradient"):
            continue
        slots = [sympy.Dummy(a, real=True) for a in gate.arguments]
        meaning = gate.sympy(*slots)
        if isinstance(meaning, function) and all(meaning.args.count(slot) == 1 for slot in slots):
            yield gate.name, slots, meaning.args
