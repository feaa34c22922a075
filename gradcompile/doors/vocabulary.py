"""The words of SymPy that may stand in a file of SymPy text: a literal list, so that nothing else can be called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct
from sympy.matrices.expressions.kronecker import KroneckerProduct

CONSTANTS: dict[str, Any] = {
    name: getattr(sympy, name)
    for name in ("pi", "E", "I", "oo", "zoo", "nan", "GoldenRatio", "EulerGamma", "Catalan", "true", "false")
}

_FUNCTIONS = (
    "exp sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh sec csc cot sech csch coth asec acsc acot "
    "asech acsch acoth sinc Abs sign Max Min floor ceiling frac Mod Heaviside erf erfc erfi erf2 erfinv erfcinv gamma "
    "loggamma digamma trigamma polygamma beta besselj bessely besseli besselk factorial binomial LambertW zeta "
    "uppergamma lowergamma KroneckerDelta conjugate re im arg DiracDelta airyai airybi Ei expint"
)
"""Functions of numbers; those that are no gates are refused when they are written, by name."""

_BUILDERS = (
    "log sqrt cbrt root real_root Add Mul Sum Product Integral Limit Eq Ne Lt Le Gt Ge And Or Not Xor Implies ITE "
    "Identity ZeroMatrix OneMatrix Transpose Inverse Trace Determinant MatMul MatAdd MatPow BlockMatrix DiagMatrix "
    "DotProduct FunctionMatrix Lambda Tuple Integer Rational"
)

_OWN: dict[str, Callable[..., Any]] = {
    "ln": sympy.log,
    "S": sympy.sympify,
    "Float": sympy.Float,
    "Matrix": sympy.ImmutableMatrix,
    "ImmutableMatrix": sympy.ImmutableMatrix,
    "Piecewise": lambda *pieces: sympy.Piecewise(*pieces, evaluate=False),
    "Derivative": lambda e, *by: sympy.Derivative(e, *by, evaluate=False),
    "diff": lambda e, *by: sympy.Derivative(e, *by, evaluate=False),
    "eye": sympy.Identity,
    "zeros": lambda n, m=None: sympy.ZeroMatrix(n, n if m is None else m),
    "ones": lambda n, m=None: sympy.OneMatrix(n, n if m is None else m),
    "det": sympy.Determinant,
    "trace": sympy.Trace,
    "HadamardProduct": HadamardProduct,
    "hadamard_product": HadamardProduct,
    "HadamardPower": HadamardPower,
    "KroneckerProduct": KroneckerProduct,
    "kronecker_product": KroneckerProduct,
}

FUNCTIONS: dict[str, Any] = {name: getattr(sympy, name) for name in _FUNCTIONS.split()}
CALLS: dict[str, Any] = {**FUNCTIONS, **{name: getattr(sympy, name) for name in _BUILDERS.split()}, **_OWN}

METHODS: dict[str, Callable[..., Any]] = {
    "inv": sympy.Inverse,
    "inverse": sympy.Inverse,
    "det": sympy.Determinant,
    "trace": sympy.Trace,
    "transpose": sympy.Transpose,
    "diff": _OWN["diff"],
    "applyfunc": lambda matrix, function: matrix.applyfunc(function),
}
"""Methods of expressions, as functions of the object itself."""

DECLARING = ("symbols", "Symbol", "MatrixSymbol", "IndexedBase", "Idx")
