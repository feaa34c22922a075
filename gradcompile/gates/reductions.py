"""The gates that eat an axis. One record each, a literal list."""

from __future__ import annotations

from functools import reduce
from operator import mul
from typing import Any

import mpmath
import sympy

from gradcompile.gates.record import Reduction


def _first_index(values: list[Any], best: Any) -> int:
    return next(i for i, v in enumerate(values) if v == best)


REDUCTIONS = [
    Reduction(
        "sum", "The sum over an axis; hands a copy of upstream to each term.",
        partial="1", absent="x * n", numpy="np.sum(x, axis=axis)", sympy=lambda v: sympy.Add(*v), mpmath=mpmath.fsum,
        start="0.0", step="acc + x",
    ),
    Reduction(
        "prod", "The product over an axis; each factor receives upstream times the product of the others.",
        partial="others(x, k)", absent="x ** n", numpy="np.prod(x, axis=axis)", sympy=lambda v: sympy.Mul(*v),
        mpmath=lambda v: reduce(mul, v, mpmath.mpf(1)), start="1.0", step="acc * x",
    ),
    Reduction(
        "max", "The largest along an axis; routes upstream to it, on a tie to the first.",
        route="argmax", numpy="np.max(x, axis=axis)", sympy=lambda v: sympy.Max(*v), mpmath=max,
        needs_element=True, start="-np.inf", step="x if x > acc or x != x else acc", aliases=("amax",),
    ),
    Reduction(
        "min", "The smallest along an axis; routes upstream to it, on a tie to the first.",
        route="argmin", numpy="np.min(x, axis=axis)", sympy=lambda v: sympy.Min(*v), mpmath=min,
        needs_element=True, start="np.inf", step="x if x < acc or x != x else acc", aliases=("amin",),
    ),
    Reduction(
        "argmax", "The position of the largest along an axis, the first on a tie. No gradient.",
        absent="0", numpy="np.argmax(x, axis=axis)", result="int", needs_element=True,
        sympy=lambda v: _first_index(v, max(v)), mpmath=lambda v: _first_index(v, max(v)),
        start="-np.inf", step="x > acc",
    ),
    Reduction(
        "argmin", "The position of the smallest along an axis, the first on a tie. No gradient.",
        absent="0", numpy="np.argmin(x, axis=axis)", result="int", needs_element=True,
        sympy=lambda v: _first_index(v, min(v)), mpmath=lambda v: _first_index(v, min(v)),
        start="np.inf", step="x < acc",
    ),
    Reduction(
        "any", "Does it hold somewhere along the axis? No gradient.", absent="x and n > 0",
        numpy="np.any(x, axis=axis)", result="bool",
        sympy=lambda v: sympy.Or(*v), mpmath=any, start="False", step="acc or x",
    ),
    Reduction(
        "all", "Does it hold everywhere along the axis? No gradient.", absent="x or n == 0",
        numpy="np.all(x, axis=axis)", result="bool",
        sympy=lambda v: sympy.And(*v), mpmath=all, start="True", step="acc and x",
    ),
    Reduction(
        "logsumexp", "log(sum(exp(x))) without overflow; its local gradient is softmax(x) = exp(x - logsumexp(x)).",
        partial="exp(x - out)", absent="x + log(n)", numpy="_logsumexp(x, axis)", result="real", cost=20,
        sympy=lambda v: sympy.log(sympy.Add(*map(sympy.exp, v))),
        mpmath=lambda v: mpmath.log(mpmath.fsum(map(mpmath.exp, v))) if v else -mpmath.inf,
        expand="finite(top(x, k)) + log(sum(exp(x - finite(top(x, k))), k))",
        helper='''
def _logsumexp(x, axis):
    """log(sum(exp(x))) along an axis, shifted by the largest element so that nothing overflows."""
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(top), top, 0.0)
    return np.squeeze(shift, axis) + np.log(np.sum(np.exp(x - shift), axis=axis))
''',
    ),
    Reduction(
        "top", "The largest along an axis, minus infinity of nothing: the shift of a log-sum-exp. No gradient.",
        numpy="np.max(x, axis=axis, initial=-np.inf)", result="real", sympy=lambda v: sympy.Max(*v),
        mpmath=lambda v: max(v, default=-mpmath.inf), start="-np.inf", step="x if x > acc or x != x else acc",
    ),
    Reduction(
        "norm", "The Euclidean length along an axis; its local gradient is x/norm, and 0 where the length is 0.",
        partial="where(out == 0, 0, x / out)", absent="abs(x) * sqrt(n)", numpy="np.sqrt(np.sum(x * x, axis=axis))",
        result="real", sympy=lambda v: sympy.sqrt(sympy.Add(*(x**2 for x in v))),
        mpmath=lambda v: mpmath.sqrt(mpmath.fsum(x * x for x in v)), expand="sqrt(sum(x ** 2, k))", cost=2,
    ),
]  # fmt: skip
