"""The rewrite rows: a name, a pattern and what takes its place, written as formulas; see `gates.template`.

In a pattern a name matches anything, one that starts with ``c`` only a literal; ``k`` and ``j`` are axes. Each row is
checked against SymPy and on random floats by the tests. A row that can change what happens at NaN or infinity says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gradcompile.gates import build
from gradcompile.gates.template import Bindings
from gradcompile.ir.nodes import DType, Kind


@dataclass(frozen=True)
class Row:
    """`pattern` becomes `replacement` where `when` holds."""

    name: str
    pattern: str
    replacement: str
    when: Callable[[Bindings], bool] | None = None
    nan: str = ""  # how NaN or infinity may come out differently, if so


def _lacks_axis(name: str) -> Callable[[Bindings], bool]:
    return lambda bound: bound["k"] not in _any(bound[name]).axes


def _spreads(bound: Bindings) -> bool:
    """Has the condition axes that x lacks, and not the one that is summed over? Then the sum is of fewer numbers."""
    condition, x = _any(bound["a"]), _any(bound["x"])
    return bound["k"] not in condition.axes and not set(condition.axes) <= set(x.axes)


def _not_literal(bound: Bindings) -> bool:
    return not _any(bound["x"]).is_const()


def _folds(bound: Bindings) -> bool:
    """Is the product of two literals a literal? Not where one stands for a number that no float is, such as pi."""
    return build.gate("mul", _any(bound["c1"]), _any(bound["c2"])).is_const()


def _is_real(bound: Bindings) -> bool:
    return _any(bound["x"]).dtype is DType.REAL


def _is_real_power(bound: Bindings) -> bool:
    """Is the exponent real, and not a literal that stands for a whole number?"""
    exponent = _any(bound["b"])
    return exponent.dtype is DType.REAL and not (exponent.is_const() and float(exponent.value).is_integer())


def _is_positive(bound: Bindings) -> bool:
    """Is y a size, or a positive literal?"""
    node = _any(bound["y"])
    return node.kind is Kind.EXTENT or (node.is_const() and node.value > 0)


def _any(node: Any) -> Any:
    return node


COMPOSITES = [
    Row("sigmoid", "1 / (1 + exp(-x))", "sigmoid(x)"),
    Row("sigmoid of minus", "1 / (1 + exp(x))", "sigmoid(-x)"),
    Row("sigmoid as a quotient", "exp(x) / (1 + exp(x))", "sigmoid(x)", nan="finite where exp(x) overflows"),
    Row("one minus sigmoid", "1 - sigmoid(x)", "sigmoid(-x)"),
    Row("tanh from exponentials", "(exp(x) - exp(-x)) / (exp(x) + exp(-x))", "tanh(x)", nan="finite at overflow"),
    Row("tanh from exp(2x)", "(exp(2 * x) - 1) / (exp(2 * x) + 1)", "tanh(x)", nan="finite at overflow"),
    Row("tanh from expm1(2x)", "expm1(2 * x) / (exp(2 * x) + 1)", "tanh(x)", nan="finite at overflow"),
    Row("tanh from exp(-2x)", "(1 - exp(-2 * x)) / (1 + exp(-2 * x))", "tanh(x)", nan="finite at overflow"),
    Row("tanh from sigmoid", "2 * sigmoid(2 * x) - 1", "tanh(x)"),
    Row("product with a sigmoid", "a / (1 + exp(-x))", "a * sigmoid(x)", nan="finite where exp(-x) overflows"),
    Row("product with a sigmoid of minus", "a / (1 + exp(x))", "a * sigmoid(-x)", nan="finite where exp(x) overflows"),
    Row("density of the logistic", "exp(x) / square(1 + exp(x))", "sigmoid(x) * sigmoid(-x)",
        nan="finite where exp(x) overflows"),
    Row("tanh as sinh/cosh", "sinh(x) / cosh(x)", "tanh(x)", nan="finite at overflow"),
    Row("softplus", "log(1 + exp(x))", "softplus(x)", nan="finite where exp(x) overflows"),
    Row("softplus by log1p", "log1p(exp(x))", "softplus(x)", nan="finite where exp(x) overflows"),
    Row("log of sigmoid", "log(sigmoid(x))", "-softplus(-x)", nan="finite where sigmoid(x) underflows"),
    Row("logit", "log(x / (1 - x))", "logit(x)"),
    Row("logit as a difference", "log(x) - log1p(-x)", "logit(x)"),
    Row("one minus erf", "1 - erf(x)", "erfc(x)"),
    Row("one plus erf", "1 + erf(x)", "erfc(-x)"),
    Row("one minus erfc", "1 - erfc(x)", "erf(x)"),
    Row("one minus ndtr", "1 - ndtr(x)", "ndtr(-x)"),
    Row("log of ndtr", "log(ndtr(x))", "log_ndtr(x)", nan="finite where ndtr(x) underflows"),
    Row("logaddexp", "log(exp(a) + exp(b))", "logaddexp(a, b)", nan="finite where exp overflows"),
    Row("logaddexp of three", "log(exp(a) + exp(b) + exp(z))", "logaddexp(logaddexp(a, b), z)",
        nan="finite where exp overflows"),
    Row("log of cosh", "log(cosh(x))", "logaddexp(x, -x) - log(2)", nan="finite where cosh(x) overflows"),
    Row("log of a multiple of a sum of exp", "log(y * sum(exp(x), k))", "logsumexp(x, k) + log(y)",
        nan="finite where exp(x) overflows"),
    Row("log of a multiple of two exp", "log(y * (exp(a) + exp(b)))", "logaddexp(a, b) + log(y)",
        nan="finite where exp overflows"),
    Row("log of a mean of two exp", "log((exp(a) + exp(b)) / y)", "logaddexp(a, b) - log(y)",
        nan="finite where exp overflows"),
    Row("log1p", "log(1 + x)", "log1p(x)"),
    Row("log1p of minus", "log(1 - x)", "log1p(-x)"),
    Row("expm1", "exp(x) - 1", "expm1(x)"),
    Row("logsumexp", "log(sum(exp(x), k))", "logsumexp(x, k)", nan="finite where exp(x) overflows"),
    Row("logsumexp over two axes", "log(sum(sum(exp(x), k), j))", "logsumexp(logsumexp(x, k), j)",
        nan="finite where exp(x) overflows"),
    Row("log of a mean of exp", "log(sum(exp(x), k) / y)", "logsumexp(x, k) - log(y)",
        nan="finite where exp(x) overflows"),
    Row("softmax", "exp(x) / sum(exp(z), k)", "exp(x - logsumexp(z, k))", nan="finite where exp overflows"),
    Row("softmax over two axes", "exp(x) / sum(sum(exp(z), k), j)", "exp(x - logsumexp(logsumexp(z, k), j))",
        nan="finite where exp(x) overflows"),
    Row("norm", "sqrt(sum(square(x), k))", "norm(x, k)", nan="the gradient is 0, not NaN, where the norm is 0"),
    Row("norm over two axes", "sqrt(sum(sum(square(x), k), j))", "norm(norm(x, k), j)",
        nan="the gradient is 0, not NaN, where the norm is 0"),
    Row("norm of a mean", "sqrt(sum(square(x), k) / y)", "norm(x, k) / sqrt(y)", _is_positive,
        nan="the gradient is 0, not NaN, where the norm is 0"),
    Row("norm of a mean over two axes", "sqrt(sum(sum(square(x), k), j) / y)", "norm(norm(x, k), j) / sqrt(y)",
        _is_positive, nan="the gradient is 0, not NaN, where the norm is 0"),
    Row("square root of a square", "sqrt(square(x))", "abs(x)"),
]  # fmt: skip

POWERS = [
    Row("x * x", "x * x", "square(x)"),
    Row("power 2", "x ** 2", "square(x)"),
    Row("power 0", "x ** 0", "1"),
    Row("power 1", "x ** 1", "x"),
    Row("power 1/2", "x ** 0.5", "sqrt(x)"),
    Row("power -1", "x ** -1", "1 / x"),
    Row("square of minus", "square(-x)", "square(x)"),
    Row("square of abs", "square(abs(x))", "square(x)"),
]

CANONICAL = [
    Row("literal first in max", "max(x, c)", "max(c, x)", _not_literal),
    Row("literal first in min", "min(x, c)", "min(c, x)", _not_literal),
    Row("relu", "max(0, x)", "relu(x)", _is_real),
    Row("log of exp", "log(exp(x))", "x"),
    Row("log of an element of exp", "log(take(exp(x), k, i))", "take(x, k, i)"),
    Row("log of a multiple of exp", "log(c * exp(x))", "x + log(c)", nan="finite where exp(x) overflows"),
    Row("where of not", "where(not a, x, y)", "where(a, y, x)"),
]

ALGEBRA = [
    Row("plus 0", "x + 0", "x"),
    Row("minus 0", "x - 0", "x"),
    Row("0 minus", "0 - x", "-x"),
    Row("times 1", "x * 1", "x"),
    Row("times -1", "x * -1", "-x"),
    Row("divided by 1", "x / 1", "x"),
    Row("divided by -1", "x / -1", "-x"),
    Row("minus minus", "-(-x)", "x"),
    Row("plus minus", "a + -b", "a - b"),
    Row("minus a negative", "a - -b", "a + b"),
    Row("minus a difference", "-(a - b)", "b - a"),
    Row("sign out of a difference", "-a - b", "-(a + b)"),
    Row("sign out of a product", "-a * b", "-(a * b)"),
    Row("sign out of a quotient", "-a / b", "-(a / b)"),
    Row("sign out of a divisor", "a / -b", "-(a / b)"),
    Row("negative literal factor", "-(c * x)", "(-c) * x"),
    Row("literals together", "c1 * (c2 * x)", "(c1 * c2) * x", _folds),
    Row("literal quotient", "(c1 * x) / c2", "(c1 / c2) * x"),
    Row("twice", "x + x", "2 * x"),
    Row("times a reciprocal", "x * (1 / y)", "x / y"),
    Row("common factor", "a * x + b * x", "(a + b) * x", nan="an infinite common factor"),
    Row("common factor of a difference", "a * x - b * x", "(a - b) * x", nan="an infinite common factor"),
    Row("common divisor", "a / x + b / x", "(a + b) / x", nan="a zero divisor"),
    Row("common divisor of a difference", "a / x - b / x", "(a - b) / x", nan="a zero divisor"),
    Row("tangent of a quotient", "a / x - b / x * z", "(a - b * z) / x", nan="a zero divisor"),
    Row("sum with a multiple of a quotient", "a / x + b / x * z", "(a + b * z) / x", nan="a zero divisor"),
    Row("abs of minus", "abs(-x)", "abs(x)"),
    Row("abs of abs", "abs(abs(x))", "abs(x)"),
    Row("abs of square", "abs(square(x))", "square(x)"),
]

SELECTION = [
    Row("both branches equal", "where(a, x, x)", "x"),
    Row("the same condition inside", "where(a, where(a, x, y), z)", "where(a, x, z)"),
    Row("the same condition inside the other", "where(a, x, where(a, y, z))", "where(a, x, z)"),
    Row("sign out of a choice", "where(a, -x, 0)", "-where(a, x, 0)"),
    Row("sign out of the other choice", "where(a, 0, -x)", "-where(a, 0, x)"),
    Row("and with itself", "a and a", "a"),
    Row("or with itself", "a or a", "a"),
    Row("not not", "not (not a)", "a"),
]

SUMS = [
    Row("sign out of a sum", "sum(-x, k)", "-sum(x, k)"),
    Row("factor out of a sum", "sum(a * x, k)", "a * sum(x, k)", _lacks_axis("a"),
        nan="an infinite factor of an empty sum"),
    Row("divisor out of a sum", "sum(x / a, k)", "sum(x, k) / a", _lacks_axis("a"),
        nan="a zero divisor of an empty sum"),
    Row("choice out of a sum", "sum(where(a, x, 0), k)", "where(a, sum(x, k), 0)", _spreads),
]  # fmt: skip

# For the loop form only: what a loop computes more cheaply or in two passes.
LOOP_FORM = [
    Row("cube", "x ** 3", "square(x) * x"),
    Row("fourth power", "x ** 4", "square(square(x))"),
    Row("power -2", "x ** -2", "1 / square(x)"),
    Row("power 3/2", "x ** 1.5", "x * sqrt(x)"),
    Row("power with a real exponent", "a ** b", "real_pow(a, b)", _is_real_power),
    Row("exp of a log", "exp(x - (a + log(b)))", "exp(x - a) / b", nan="b = 0 or infinite"),
]

RECOGNISE = [*POWERS, *CANONICAL, *COMPOSITES]
SIMPLIFY = [*POWERS, *CANONICAL, *ALGEBRA, *SELECTION, *SUMS]
