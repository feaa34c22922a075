"""The kinds of number that formulas are evaluated over: SymPy expressions, and mpmath numbers of any precision.

A field applies the independent meanings of the gates' records to single elements. Whole numbers stay Python integers
in both, so that sizes and indices are exact; a `Static` one is known when the formula is read.
"""

from __future__ import annotations

import math
import operator
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import mpmath
import sympy

from gradcompile.gates.record import Gate
from gradcompile.gates.registry import GATES, REDUCE
from gradcompile.gates.template import Template, formula
from gradcompile.verify.precision import DOUBLES, Precision

# Floats that stand for a number that is no float: formulas and rules mean the number.
EXACT: dict[float, Any] = {math.pi: sympy.pi, 2 / math.sqrt(math.pi): 2 / sympy.sqrt(sympy.pi)}

_WHOLE: dict[str, Callable[..., int]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "neg": operator.neg, "abs": abs,
    "floordiv": operator.floordiv, "mod": operator.mod, "pow": operator.pow, "max": max, "min": min,
    "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge, "eq": operator.eq, "ne": operator.ne,
    "and": lambda a, b: bool(a and b), "or": lambda a, b: bool(a or b), "not": operator.not_,
}  # fmt: skip
_ASKS = {"and": 2, "or": 2, "not": 1, "where": 1}  # how many of a gate's operands are truth values
_KEEPS_BOOL = ("where", "integer", "stop_gradient")


class UndefinedError(ArithmeticError):
    """The formula has no value here: a maximum over nothing, an index outside its axis."""


class TooLargeError(Exception):
    """An expression has outgrown what SymPy is asked to work on."""


class OutOfTimeError(Exception):
    """The time budget is spent."""


class Static(int):
    """A whole number (or a truth value) that does not depend on any argument or size."""


class Clock:
    """A time budget that is looked at between units of work."""

    def __init__(self, seconds: float, whole: Clock | None = None) -> None:
        self.end, self.whole = time.monotonic() + seconds, whole

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.end - time.monotonic()

    def share(self, part: float) -> Clock:
        """Return a budget that is a part of what is left."""
        return Clock(part * max(0.0, self.left), self)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """What is done inside does not count: Numba's compiling, which the first call of a function waits for."""
        start = time.monotonic()
        try:
            yield
        finally:
            clock: Clock | None = self
            while clock is not None:
                clock.end += time.monotonic() - start
                clock = clock.whole

    def check(self) -> None:
        """Raise OutOfTimeError when the budget is spent."""
        if self.left <= 0:
            raise OutOfTimeError


class Field(ABC):
    """Gates and reductions on single elements of one kind."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock

    @abstractmethod
    def number(self, value: float) -> Any:
        """Return a literal of a formula or of a graph as an element."""

    def gate(self, name: str, *args: Any) -> Any:
        """Apply an elementwise gate: whole numbers stay whole where Python's do."""
        if name in _WHOLE and all(isinstance(a, int) for a in args):
            return self._whole(name, args)
        record = GATES[name]
        if asked := _ASKS.get(name, 0):
            args = (*map(self.truth, args[:asked]), *args[asked:])
        elif record.result != "bool" and name not in _KEEPS_BOOL:
            args = tuple([self.as_number(a) for a in args])
        return self.apply(record, args)

    def _whole(self, name: str, args: Sequence[int]) -> Any:
        if name == "pow" and args[1] < 0:
            return self.apply(GATES[name], tuple(args))
        if name in ("mod", "floordiv") and args[1] == 0:
            raise UndefinedError("an integer divided by 0")
        result = _WHOLE[name](*map(int, args))
        return Static(result) if all(isinstance(a, Static) for a in args) else result

    def reduction(self, name: str, values: list[Any]) -> Any:
        """Reduce a line of elements, in order."""
        record = REDUCE[name]
        if not values and record.needs_element:
            raise UndefinedError(f"{name} over nothing")
        if record.result != "bool":
            values = [self.as_number(v) for v in values]
        return self.line(name, values)

    def truth(self, value: Any) -> Any:
        """Return a number as a truth value: whether it is not 0."""
        return bool(value) if isinstance(value, int) else self.gate("ne", value, 0)

    def known(self, condition: Any) -> bool | None:
        """Return whether a condition holds, None where that depends on symbols."""
        return bool(self.truth(condition))

    def as_number(self, value: Any) -> Any:
        """Return a truth value as 0 or 1, anything else as it is."""
        return int(value) if isinstance(value, bool) else value

    @abstractmethod
    def apply(self, record: Gate, args: tuple[Any, ...]) -> Any:
        """Apply a gate's independent meaning."""

    @abstractmethod
    def line(self, name: str, values: list[Any]) -> Any:
        """Apply a reduction's independent meaning."""

    def stop(self, value: Any) -> Any:
        """Return the same value as something that no derivative looks into."""
        return value


class SympyField(Field):
    """Exact expressions. `limit` bounds the number of operations of a single one, shared parts counted as often."""

    def __init__(self, clock: Clock | None = None, limit: int = 4000) -> None:
        super().__init__(clock)
        self.limit = limit
        self.sizes: dict[Any, int] = {}
        self.frozen: dict[Any, Any] = {}  # the symbols that stand for stopped values
        self.standing: dict[Any, Any] = {}  # the symbols that stand for what `grad` differentiates by

    def number(self, value: float) -> Any:
        """Return a literal as an element."""
        if isinstance(value, int):
            return value
        if not math.isfinite(value):
            return sympy.nan if math.isnan(value) else sympy.oo if value > 0 else -sympy.oo
        known = EXACT.get(abs(value))
        return sympy.Rational(value) if known is None else known if value > 0 else -known

    def truth(self, value: Any) -> Any:
        """Return a number as a truth value."""
        return value if _is_boolean(value) else super().truth(value)

    def known(self, condition: Any) -> bool | None:
        """Return whether a condition holds, None where that depends on symbols."""
        found = self.truth(condition)
        return bool(found) if found in (True, False) else None

    def as_number(self, value: Any) -> Any:
        """Return a truth value as 0 or 1."""
        if value is sympy.true or value is sympy.false:
            return int(bool(value))
        if _is_boolean(value):
            return sympy.Piecewise((1, value), (0, True))
        return super().as_number(value)

    def apply(self, record: Gate, args: tuple[Any, ...]) -> Any:
        """Apply a gate's meaning."""
        if record.name == "stop_gradient":
            return self.stop(args[0])
        assert record.sympy is not None, record.name
        exact = [_expression(a) for a in args]
        if record.name in ("max", "min", "relu") and not all(a.is_number for a in exact):
            order = sympy.Min if record.name == "min" else sympy.Max
            zero = [sympy.Integer(0)] if record.name == "relu" else []
            return self._measured(order(*zero, *exact, evaluate=False), exact)  # SymPy would compare at length, in vain
        return self._measured(record.sympy(*exact), exact)

    def line(self, name: str, values: list[Any]) -> Any:
        """Apply a reduction's meaning."""
        record = REDUCE[name]
        assert record.sympy is not None, name
        if name in ("argmax", "argmin") and any(_expression(v).free_symbols for v in values):
            raise TooLargeError(f"{name} of symbols has no expression")
        exact = [_expression(v) for v in values]
        if name in ("max", "min") and len(exact) > 1 and not all(v.is_number for v in exact):
            return self._measured((sympy.Max if name == "max" else sympy.Min)(*exact, evaluate=False), exact)
        return self._measured(record.sympy(exact), exact)

    def _measured(self, result: Any, parts: Sequence[Any]) -> Any:
        if isinstance(result, int) or result is sympy.true or result is sympy.false:
            return int(result) if not isinstance(result, (bool, sympy.Basic)) else bool(result)
        if self.clock is not None:
            self.clock.check()
        size = 1 + sum(self.sizes.get(p, 0) for p in parts)
        if size > self.limit:
            raise TooLargeError(f"an expression of more than {self.limit} operations")
        if result.args:
            self.sizes[result] = min(size, self.sizes.get(result, size))
        return int(result) if result.is_Integer else result

    def stop(self, value: Any) -> Any:
        """Return a stand-in for the value."""
        if not getattr(value, "free_symbols", None):
            return value
        symbol = sympy.Dummy("stopped", real=True)
        self.frozen[symbol] = value
        return symbol

    def settled(self, expression: Any) -> Any:
        """Put back what `grad` differentiated by."""
        return _replaced(expression, self.standing)

    def thaw(self, expression: Any) -> Any:
        """Put back everything that a symbol stands for."""
        return _replaced(expression, self.meanings)

    @property
    def meanings(self) -> dict[Any, Any]:
        """What every symbol of the field's own stands for."""
        return self.frozen | self.standing


class MpmathField(Field):
    """Real numbers of mpmath's current precision; NaN outside a function's real domain.

    `margin` is the smallest distance to a kink or jump that was met; `relative` measures it against the operands,
    for the test that ends an iteration when a step has become small.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.margin: Any = mpmath.inf
        self.relative = False
        self.stops: list[Any] = []
        self.replay: list[Any] | None = None  # the stopped values to repeat, last first

    def number(self, value: float) -> Any:
        """Return a literal as an element."""
        if isinstance(value, int):
            return value
        if abs(value) not in EXACT:
            return mpmath.mpf(value)
        known = +mpmath.pi if abs(value) == math.pi else 2 / mpmath.sqrt(mpmath.pi)
        return known if value > 0 else -known

    def apply(self, record: Gate, args: tuple[Any, ...]) -> Any:
        """Apply a gate's meaning."""
        assert record.mpmath is not None, record.name
        if record.name == "stop_gradient":
            return self.stop(args[0])
        if record.name == "where":
            return args[1] if args[0] else args[2]
        if record.name != "integer" and record.result != "bool":
            if record.result == "real":
                args = tuple([mpmath.mpf(a) for a in args])
            if any(_is_nan(a) for a in args) and record.name not in ("finite", "hypot", "pow"):
                return mpmath.nan
        if record.kink and not all(isinstance(a, int) for a in args):
            self._keep_away(record, args)
        return _real(record.mpmath, *args)

    def _keep_away(self, record: Gate, args: tuple[Any, ...]) -> None:
        bound = dict(zip(record.arguments, args, strict=True))
        distance = abs(self._kink(formula(record.kink), bound))
        if record.kink.endswith("% 1"):
            distance = min(distance, 1 - distance)
        elif "%" in record.kink:
            distance = min(distance, abs(abs(args[1]) - distance))
        if self.relative:
            distance /= max(map(abs, args)) or 1
        self.margin = mpmath.mpf(0) if _is_nan(distance) else min(self.margin, distance)

    def _kink(self, template: Template, bound: dict[str, Any]) -> Any:
        if template.op == "name":
            return bound[template.axis]
        if template.op == "const":
            return mpmath.mpf(template.value)
        meaning = GATES[template.op].mpmath
        assert meaning is not None
        return _real(meaning, *(self._kink(a, bound) for a in template.args))

    def line(self, name: str, values: list[Any]) -> Any:
        """Apply a reduction's meaning."""
        record = REDUCE[name]
        assert record.mpmath is not None, name
        whole = all(isinstance(v, int) for v in values)
        if whole and name in ("sum", "prod"):
            return sum(values) if name == "sum" else math.prod(values)
        if not whole and name in ("max", "min", "argmax", "argmin"):
            if any(_is_nan(v) for v in values):
                if name in ("max", "min"):
                    return mpmath.nan
                return next(i for i, v in enumerate(values) if _is_nan(v))
            ordered = sorted(values)
            first, second = (ordered[-1], ordered[-2:-1]) if "max" in name else (ordered[0], ordered[1:2])
            self.margin = min([self.margin, *(abs(v - first) for v in second)])
        elif name == "norm" and values:
            self.margin = min(self.margin, max(abs(v) for v in values))
        return _real(record.mpmath, values)

    def stop(self, value: Any) -> Any:
        """Return the value, or in a replay the one that was stopped at the same place of the first run."""
        if self.replay is not None:
            value = self.replay.pop()
        self.stops.append(value)
        return value


class ProbeField(MpmathField):
    """Numbers of high precision with a relative error of 2**-nudge at every step: how far rounding may carry."""

    def __init__(self, clock: Clock | None = None, seed: int = 0, precision: Precision = DOUBLES) -> None:
        super().__init__(clock)
        self.draw = random.Random(seed)
        self.precision = precision

    def nudged(self, value: Any) -> Any:
        """Return a real number with an error."""
        if not isinstance(value, mpmath.mpf):
            return value
        step = mpmath.ldexp(value, -self.precision.nudge)
        if self.precision.bounded:
            if abs(value) > self.precision.largest:
                return mpmath.sign(value) * mpmath.inf
            step = max(abs(step), self.precision.least) if value else step
        return value + step if self.draw.random() < 0.5 else value - step

    def apply(self, record: Gate, args: tuple[Any, ...]) -> Any:
        """Apply a gate's meaning, and round."""
        return self.nudged(super().apply(record, args))

    def line(self, name: str, values: list[Any]) -> Any:
        """Apply a reduction's meaning to rounded elements."""
        return super().line(name, [self.nudged(v) for v in values])


def _expression(value: Any) -> Any:
    if isinstance(value, int):
        return sympy.S(bool(value)) if isinstance(value, bool) else sympy.Integer(int(value))
    return value


def _replaced(expression: Any, values: dict[Any, Any]) -> Any:
    while isinstance(expression, sympy.Basic) and not values.keys().isdisjoint(expression.free_symbols):
        expression = expression.xreplace(values)
    return expression


def _is_boolean(value: Any) -> bool:
    """Is it a truth value? By its class a plain SymPy symbol is one as well, but here it is a number."""
    return isinstance(value, sympy.logic.boolalg.Boolean) and not isinstance(value, sympy.Expr)


def _is_nan(value: Any) -> bool:
    return not isinstance(value, int) and bool(mpmath.isnan(value))


def _real(function: Callable[..., Any], *args: Any) -> Any:
    """Return a function's real value, NaN where it has none: at a pole, or where the value is complex."""
    try:
        value = function(*args)
    except (ZeroDivisionError, ValueError, OverflowError):
        return mpmath.nan
    if isinstance(value, mpmath.mpc):
        return value.real if value.imag == 0 else mpmath.nan
    return value
