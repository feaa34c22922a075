"""The elementwise gates: arithmetic, comparison and choice, elementary functions. One record each, a literal list."""

from __future__ import annotations

import math
import operator
from typing import Any

import mpmath
import sympy

from gradcompile.gates.record import Gate


def _sympy_where(condition: Any, yes: Any, no: Any) -> Any:
    return sympy.Piecewise((yes, condition), (no, True))


def _power(base: float, exponent: float) -> float | int:
    if abs(base) > 1 and abs(exponent) * math.log2(abs(base)) > 1024:  # beyond the largest float
        raise OverflowError
    value: float | int = base**exponent
    return value


def _divide(a: Any, b: Any) -> Any:
    if b != 0 or mpmath.isnan(a):
        return mpmath.mpf(a) / b
    return mpmath.nan if a == 0 else mpmath.sign(a) * mpmath.inf


def _raise(a: Any, b: Any) -> Any:
    return mpmath.inf if a == 0 and b < 0 else mpmath.power(a, b)


def _remainder(a: Any, b: Any) -> Any:
    if mpmath.isinf(b) and mpmath.isfinite(a):
        return a if a * b >= 0 else b
    return mpmath.fmod(a, b)


def _log_add(a: Any, b: Any) -> Any:
    low, high = min(a, b), max(a, b)
    return high if low == high and mpmath.isinf(high) else high + mpmath.log1p(mpmath.exp(low - high))


ARITHMETIC = [
    Gate(
        "add", "a b", "a + b. The add gate distributes its upstream gradient to both operands.",
        partials=("1", "1"), numpy="a + b", result="same", sympy=operator.add, mpmath=operator.add,
        fold=operator.add, commutative=True, finite=True, operator="+",
    ),
    Gate(
        "sub", "a b", "a - b. Distributes upstream to a, and its negative to b.",
        partials=("1", "-1"), numpy="a - b", result="same", sympy=operator.sub, mpmath=operator.sub,
        fold=operator.sub, finite=True, operator="-",
    ),
    Gate(
        "mul", "a b", "a * b. The mul gate swaps: each operand receives upstream times the other.",
        partials=("b", "a"), numpy="a * b", result="same", sympy=operator.mul, mpmath=operator.mul,
        fold=operator.mul, commutative=True, finite=True, operator="*",
    ),
    Gate(
        "div", "a b", "a / b, with local gradients 1/b and -(a/b)/b.",
        partials=("1 / b", "-out / b"), numpy="a / b", sympy=lambda a, b: sympy.sympify(a) / b, mpmath=_divide,
        domain=((-2, 2), (0.4, 2)), cost=4, operator="/",
    ),
    Gate(
        "neg", "x", "-x. Passes the negative of upstream.",
        partials=("-1",), numpy="-x", result="same", sympy=operator.neg, mpmath=operator.neg,
        fold=operator.neg, finite=True, operator="-", aliases=("negative",),
    ),
    Gate(
        "pow", "a b", "a ** b, with local gradients b*a**(b-1) and a**b * log(a) (0 at a = 0).",
        partials=("b * a ** (b - 1)", "where(a == 0, 0, out * log(a))"), numpy="a ** b", result="same",
        sympy=operator.pow, mpmath=_raise, fold=_power, domain=((0.3, 2), (-2, 2)), kink="a", cost=40,
        operator="**",
        aliases=("power",),
    ),
    Gate(
        "real_pow", "a b", "a ** b where b is no whole number that is known.",
        partials=("b * a ** (b - 1)", "where(a == 0, 0, out * log(a))"), numpy="np.power(a, b)", numba="_pow(a, b)",
        alone="a ** b",
        sympy=operator.pow, mpmath=_raise, domain=((0.3, 2), (-2, 2)), kink="a", cost=40, hidden=True,
    ),
    Gate(
        "square", "x", "x * x, with local gradient 2*x.",
        partials=("2 * x",), numpy="x * x", result="same", sympy=lambda x: x**2, mpmath=lambda x: x * x,
        finite=True, special=(((-3.0,), 9.0),),
    ),
    Gate(
        "mod", "a b", "a % b as Python has it (the sign of b); local gradients 1 and -floor(a/b) between its jumps.",
        partials=("1", "-floordiv(a, b)"), numpy="a % b", result="same", sympy=sympy.Mod,
        mpmath=_remainder, domain=((0.2, 0.9), (1.1, 1.9)), kink="a % b", cost=8,
        operator="%", aliases=("remainder",),
    ),
    Gate(
        "floordiv", "a b", "a // b, rounded down. No gradient.",
        partials=(None, None), numpy="a // b", result="same", sympy=lambda a, b: sympy.floor(sympy.sympify(a) / b),
        mpmath=lambda a, b: mpmath.floor(_divide(a, b)), domain=((-2, 2), (0.5, 2)), kink="a % b", cost=8,
        operator="//", aliases=("floor_divide",),
    ),
]  # fmt: skip

CHOICE = [
    Gate(
        "where", "c a b", "a where the condition c holds, else b. Routes upstream to the one taken.",
        routes=(None, "c", "not c"), numpy="np.where(c, a, b)", numba="a if c else b", result="same",
        sympy=_sympy_where, mpmath=lambda c, a, b: a if c else b, finite=True,
    ),
    Gate(
        "max", "a b", "The larger operand; the max gate routes upstream to it. A tie goes to a; literals come first.",
        routes=("a >= b", "a < b"), numpy="np.maximum(a, b)", numba="a if a >= b or a != a else b", result="same",
        sympy=sympy.Max, mpmath=lambda a, b: a if a >= b else b, kink="a - b", finite=True, cost=2,
        aliases=("maximum",),
    ),
    Gate(
        "min", "a b", "The smaller operand; routes upstream to it. A tie goes to a; literals come first.",
        routes=("a <= b", "a > b"), numpy="np.minimum(a, b)", numba="a if a <= b or a != a else b", result="same",
        sympy=sympy.Min, mpmath=lambda a, b: a if a <= b else b, kink="a - b", finite=True, cost=2,
        aliases=("minimum",),
    ),
    Gate(
        "relu", "x", "max(0, x), with gradient 0 at 0.",
        routes=("x > 0",), numpy="np.maximum(x, 0)", numba="x if x > 0 or x != x else 0.0", kink="x",
        sympy=lambda x: sympy.Max(0, x), mpmath=lambda x: x if x > 0 else mpmath.mpf(0), finite=True,
        special=(((0.0,), 0.0), ((-1.0,), 0.0)),
    ),
    Gate(
        "abs", "x", "|x|, with local gradient sign(x), which is 0 at 0.",
        partials=("sign(x)",), numpy="np.abs(x)", numba="abs(x)", result="same", sympy=abs, mpmath=abs, fold=abs,
        kink="x", finite=True, aliases=("absolute", "fabs"), special=(((0.0,), 0.0),),
    ),
    Gate(
        "sign", "x", "-1, 0 or 1 by the sign of x. No gradient.",
        partials=(None,), numpy="np.sign(x)", result="same", sympy=sympy.sign, mpmath=mpmath.sign, kink="x",
        finite=True, special=(((0.0,), 0.0),),
    ),
    Gate("floor", "x", "The largest integer not above x, as a real. No gradient.", partials=(None,),
         numpy="np.floor(x)", sympy=sympy.floor, mpmath=mpmath.floor, kink="x % 1", finite=True),
    Gate("ceil", "x", "The smallest integer not below x, as a real. No gradient.", partials=(None,),
         numpy="np.ceil(x)", sympy=sympy.ceiling, mpmath=mpmath.ceil, kink="x % 1", finite=True),
    Gate("round", "x", "The nearest integer as a real, halves to even. No gradient.", partials=(None,),
         numpy="np.rint(x)", sympy=sympy.Function("round"), mpmath=mpmath.nint,
         kink="(x + 0.5) % 1", finite=True, aliases=("rint",)),
    Gate("finite", "x", "x where it is finite, else 0: the shift of a log-sum-exp. No gradient.", partials=(None,),
         numpy="np.where(np.isfinite(x), x, 0.0)", numba="x if np.isfinite(x) else 0.0", sympy=lambda x: x,
         mpmath=lambda x: x if mpmath.isfinite(x) else mpmath.mpf(0), finite=True, hidden=True),
    Gate("stop_gradient", "x", "x itself, through which no gradient passes.", partials=(None,), numpy="x",
         result="same", sympy=lambda x: x, mpmath=lambda x: x, finite=True),
    Gate("unlikely", "a", "The same. It hardly ever holds, so loops under this condition are kept apart.",
         partials=(None,), numpy="a", result="bool", sympy=lambda a: a, mpmath=bool, finite=True, hidden=True),
    Gate("integer", "x", "A boolean as the integer 0 or 1.", partials=(None,), numpy="x * 1", numba="int(x)",
         result="int", sympy=lambda x: sympy.Piecewise((1, x), (0, True)), mpmath=int, finite=True, hidden=True),
    Gate("real", "x", "An integer as a real number.", partials=("1",), numpy="x * 1.0", numba="float(x)",
         sympy=lambda x: x, mpmath=mpmath.mpf, fold=float, finite=True, hidden=True),
]  # fmt: skip


def _compare(name: str, symbol: str, words: str, relation: Any, function: Any, commutative: bool = False) -> Gate:
    return Gate(
        name, "a b", f"Is a {words} b?", partials=(None, None), numpy=f"a {symbol} b", result="bool", sympy=relation,
        mpmath=function, fold=function, kink="a - b", commutative=commutative, finite=True, operator=symbol,
        hidden=True,
    )  # fmt: skip


LOGIC = [
    _compare("lt", "<", "less than", sympy.Lt, operator.lt),
    _compare("le", "<=", "at most", sympy.Le, operator.le),
    _compare("gt", ">", "greater than", sympy.Gt, operator.gt),
    _compare("ge", ">=", "at least", sympy.Ge, operator.ge),
    _compare("eq", "==", "equal to", sympy.Eq, operator.eq, commutative=True),
    _compare("ne", "!=", "different from", sympy.Ne, operator.ne, commutative=True),
    Gate("and", "a b", "Do both hold?", partials=(None, None), numpy="np.logical_and(a, b)", numba="a and b",
         result="bool", sympy=sympy.And, mpmath=lambda a, b: a and b, commutative=True, finite=True,
         fold=lambda a, b: a and b, aliases=("logical_and",)),
    Gate("or", "a b", "Does one of them hold?", partials=(None, None), numpy="np.logical_or(a, b)", numba="a or b",
         result="bool", sympy=sympy.Or, mpmath=lambda a, b: a or b, commutative=True, finite=True,
         fold=lambda a, b: a or b, aliases=("logical_or",)),
    Gate("not", "a", "Does it not hold?", partials=(None,), numpy="np.logical_not(a)", numba="not a", result="bool",
         sympy=sympy.Not, mpmath=operator.not_, fold=operator.not_, finite=True, aliases=("logical_not",)),
]  # fmt: skip

_POSITIVE = ((0.3, 3.0),)
_UNIT = ((-0.8, 0.8),)

ELEMENTARY = [
    Gate("exp", "x", "e to the x, its own derivative.", partials=("out",), numpy="np.exp(x)",
         numba="_exp(x)", alone="np.exp(x)", sympy=sympy.exp, mpmath=mpmath.exp, cost=12, special=(((0.0,), 1.0),)),
    Gate("expm1", "x", "exp(x) - 1 without cancellation near 0.", partials=("exp(x)",), numpy="np.expm1(x)",
         numba="_expm1(x)", sympy=lambda x: sympy.exp(x) - 1, mpmath=mpmath.expm1, cost=20, special=(((0.0,), 0.0),)),
    Gate("exp2", "x", "2 to the x.", partials=("out * log(2)",), numpy="np.exp2(x)", numba="_exp2(x)", alone="2.0 ** x",
         sympy=lambda x: 2**x, mpmath=lambda x: mpmath.mpf(2) ** x, cost=20, special=(((3.0,), 8.0),)),
    Gate("log", "x", "The natural logarithm, with local gradient 1/x.", partials=("1 / x",), numpy="np.log(x)",
         numba="_log(x)", alone="np.log(x)", sympy=sympy.log, mpmath=mpmath.log, domain=_POSITIVE, cost=14,
         special=(((1.0,), 0.0),),
         aliases=("ln",)),
    Gate("log1p", "x", "log(1 + x) without cancellation near 0.", partials=("1 / (1 + x)",), numpy="np.log1p(x)",
         numba="_log1p(x)", alone="np.log1p(x)", sympy=lambda x: sympy.log(1 + x), mpmath=mpmath.log1p,
         domain=((-0.7, 2.0),), cost=20,
         special=(((0.0,), 0.0),)),
    Gate("log2", "x", "The logarithm to base 2.", partials=("1 / (x * log(2))",), numpy="np.log2(x)",
         numba="_log2(x)", alone="np.log2(x)", sympy=lambda x: sympy.log(x, 2),
         mpmath=lambda x: mpmath.log(x, 2), domain=_POSITIVE, cost=16),
    Gate("log10", "x", "The logarithm to base 10.", partials=("1 / (x * log(10))",), numpy="np.log10(x)",
         numba="_log10(x)", alone="np.log10(x)", sympy=lambda x: sympy.log(x, 10),
         mpmath=lambda x: mpmath.log(x, 10), domain=_POSITIVE, cost=16),
    Gate("sqrt", "x", "The square root, with local gradient 1/(2*sqrt(x)).", partials=("0.5 / out",),
         numpy="np.sqrt(x)", sympy=sympy.sqrt, mpmath=mpmath.sqrt, domain=_POSITIVE, kink="x", cost=6),
    Gate("cbrt", "x", "The real cube root, of negative numbers too.", partials=("1 / (3 * square(out))",),
         numpy="np.cbrt(x)", numba="_cbrt(x)", sympy=lambda x: sympy.sign(x) * sympy.Abs(x) ** sympy.Rational(1, 3),
         mpmath=lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)), domain=_POSITIVE, cost=30),
    Gate("logaddexp", "a b", "log(exp(a) + exp(b)) without overflow.", partials=("sigmoid(a - b)", "sigmoid(b - a)"),
         numpy="np.logaddexp(a, b)", numba="_logaddexp(a, b)",
         sympy=lambda a, b: sympy.log(sympy.exp(a) + sympy.exp(b)),
         mpmath=_log_add, finite=True, commutative=True, cost=40,
         helper="""
def _logaddexp(a, b):
    if a == b:
        return a + 0.6931471805599453
    return (a if a > b or a != a else b) + math.log1p(math.exp(-abs(a - b)))
"""),
    Gate("sin", "x", "The sine, with local gradient cos(x).", partials=("cos(x)",), numpy="np.sin(x)",
         numba="_sin(x)", alone="np.sin(x)", near="_near_sin(x)",
         sympy=sympy.sin, mpmath=mpmath.sin, finite=True, cost=20),
    Gate("cos", "x", "The cosine, with local gradient -sin(x).", partials=("-sin(x)",), numpy="np.cos(x)",
         numba="_cos(x)", alone="np.cos(x)", near="_near_cos(x)",
         sympy=sympy.cos, mpmath=mpmath.cos, finite=True, cost=20),
    Gate("tan", "x", "The tangent, with local gradient 1 + tan(x)^2.", partials=("1 + out ** 2",),
         numpy="np.tan(x)", numba="_tan(x)", alone="np.tan(x)", near="_near_tan(x)", sympy=sympy.tan, mpmath=mpmath.tan,
         domain=((-1.2, 1.2),), cost=30),
    Gate("arcsin", "x", "The inverse sine.", partials=("1 / sqrt((1 - x) * (1 + x))",), numpy="np.arcsin(x)",
         sympy=sympy.asin, mpmath=mpmath.asin, domain=_UNIT, cost=25, aliases=("asin",)),
    Gate("arccos", "x", "The inverse cosine.", partials=("-1 / sqrt((1 - x) * (1 + x))",), numpy="np.arccos(x)",
         sympy=sympy.acos, mpmath=mpmath.acos, domain=_UNIT, cost=25, aliases=("acos",)),
    Gate("arctan", "x", "The inverse tangent.", partials=("1 / (1 + x ** 2)",), numpy="np.arctan(x)",
         numba="_arctan(x)", alone="np.arctan(x)", sympy=sympy.atan, mpmath=mpmath.atan, finite=True, cost=25,
         aliases=("atan",)),
    Gate("arctan2", "a b", "The angle of the point (b, a) from the positive first axis.",
         partials=("b / hypot(a, b) / hypot(a, b)", "-a / hypot(a, b) / hypot(a, b)"), numpy="np.arctan2(a, b)",
         numba="_arctan2(a, b)", alone="np.arctan2(a, b)",
         sympy=sympy.atan2, mpmath=mpmath.atan2, domain=((0.3, 2.0), (0.3, 2.0)), finite=True, cost=30,
         aliases=("atan2",)),
    Gate("hypot", "a b", "sqrt(a^2 + b^2) without overflow, with gradient 0 where both are 0.",
         partials=("where(out == 0, 0, a / out)", "where(out == 0, 0, b / out)"), numpy="np.hypot(a, b)",
         sympy=lambda a, b: sympy.sqrt(a**2 + b**2), mpmath=mpmath.hypot, finite=True, cost=20, commutative=True,
         special=(((3.0, 4.0), 5.0),)),
    Gate("sinh", "x", "The hyperbolic sine.", partials=("cosh(x)",), numpy="np.sinh(x)",
         numba="_sinh(x)", sympy=sympy.sinh, mpmath=mpmath.sinh, cost=25),
    Gate("cosh", "x", "The hyperbolic cosine.", partials=("sinh(x)",), numpy="np.cosh(x)",
         numba="_cosh(x)", alone="np.cosh(x)", sympy=sympy.cosh, mpmath=mpmath.cosh, cost=25),
    Gate("tanh", "x", "The hyperbolic tangent, with local gradient 1 - tanh(x)^2.", partials=("1 - out ** 2",),
         numpy="np.tanh(x)", numba="_tanh(x)", sympy=sympy.tanh, mpmath=mpmath.tanh, finite=True, cost=25,
         special=(((0.0,), 0.0),)),
    Gate("arcsinh", "x", "The inverse hyperbolic sine.", partials=("1 / hypot(x, 1)",), numpy="np.arcsinh(x)",
         sympy=sympy.asinh, mpmath=mpmath.asinh, finite=True, cost=30, aliases=("asinh",)),
    Gate("arccosh", "x", "The inverse hyperbolic cosine.", partials=("1 / (sqrt(x - 1) * sqrt(x + 1))",),
         numpy="np.arccosh(x)", sympy=sympy.acosh, mpmath=mpmath.acosh, domain=((1.3, 3.0),), cost=30,
         aliases=("acosh",)),
    Gate("arctanh", "x", "The inverse hyperbolic tangent.", partials=("1 / ((1 - x) * (1 + x))",),
         numpy="np.arctanh(x)", sympy=sympy.atanh, mpmath=mpmath.atanh, domain=_UNIT, cost=30, aliases=("atanh",)),
    Gate("sigmoid", "x", "1 / (1 + exp(-x)), with local gradient s*(1 - s).", partials=("out * (1 - out)",),
         numpy="1 / (1 + np.exp(-x))", numba="_sigmoid(x)", alone="1 / (1 + np.exp(-x))",
         sympy=lambda x: 1 / (1 + sympy.exp(-x)),
         mpmath=lambda x: 1 / (1 + mpmath.exp(-x)), finite=True, cost=17, aliases=("expit", "logistic"),
         special=(((0.0,), 0.5),)),
    Gate("softplus", "x", "log(1 + exp(x)) without overflow, with local gradient sigmoid(x).",
         partials=("sigmoid(x)",), numpy="np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))",
         numba="_softplus(x)", alone="(x if x > 0 or x != x else 0.0) + np.log1p(np.exp(-abs(x)))",
         sympy=lambda x: sympy.log(1 + sympy.exp(x)),
         mpmath=lambda x: mpmath.log1p(mpmath.exp(x)), finite=True, cost=35),
]  # fmt: skip
