"""The special functions, a literal list: what is short here, the families in files of their own."""

from __future__ import annotations

import mpmath
import sympy

from gradcompile.gates.record import Gate
from gradcompile.gates.special_bessel import BESSEL_FUNCTIONS
from gradcompile.gates.special_error import ERROR_FUNCTIONS
from gradcompile.gates.special_gamma import GAMMA_FUNCTIONS

LOGARITHMIC = [
    Gate("logit", "x", "log(x / (1 - x)), the inverse of sigmoid, without cancellation around 1/2.",
         partials=("1 / (x * (1 - x))",),
         numpy="np.where(np.abs(x - 0.5) < 0.25, np.log1p((2 * x - 1) / (1 - x)), np.log(x / (1 - x)))",
         numba="_log1p((2 * x - 1) / (1 - x)) if abs(x - 0.5) < 0.25 else _log(x / (1 - x))",
         sympy=lambda x: sympy.log(x / (1 - x)), mpmath=lambda x: mpmath.log(x) - mpmath.log1p(-x),
         domain=((0.05, 0.95),), cost=30, special=(((0.5,), 0.0),)),
    Gate("xlogy", "x y", "x * log(y), and 0 at x = 0 whatever y is; there its local gradients are 0 for y <= 0.",
         partials=("where(x == 0 and y <= 0, 0, log(y))", "where(x == 0 and y == 0, 0, x / y)"),
         numpy="np.where((x == 0) & (y == y), 0.0, x * np.log(y))",
         numba="0.0 if x == 0 and y == y else x * _log(y)",
         sympy=lambda x, y: sympy.Integer(0) if x == 0 else x * sympy.log(y),
         mpmath=lambda x, y: mpmath.mpf(0) if x == 0 else x * mpmath.log(y), domain=((-2, 2), (0.3, 3)), cost=20,
         special=(((0.0, 0.0), 0.0), ((0.0, -1.0), 0.0))),
    Gate("xlog1py", "x y", "x * log(1 + y), and 0 at x = 0 whatever y is; there its local gradients are 0 for y <= -1.",
         partials=("where(x == 0 and y <= -1, 0, log1p(y))", "where(x == 0 and y == -1, 0, x / (1 + y))"),
         numpy="np.where((x == 0) & (y == y), 0.0, x * np.log1p(y))",
         numba="0.0 if x == 0 and y == y else x * _log1p(y)",
         sympy=lambda x, y: sympy.Integer(0) if x == 0 else x * sympy.log(1 + y),
         mpmath=lambda x, y: mpmath.mpf(0) if x == 0 else x * mpmath.log1p(y), domain=((-2, 2), (-0.7, 2)), cost=25,
         special=(((0.0, -1.0), 0.0), ((0.0, -2.0), 0.0))),
]  # fmt: skip

SPECIAL = [*ERROR_FUNCTIONS, *GAMMA_FUNCTIONS, *BESSEL_FUNCTIONS, *LOGARITHMIC]
