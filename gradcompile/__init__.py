"""A compiler from formulas to verified gradient code: ``compile`` makes a module, ``check`` judges claims.

``curvature`` says how a function curves at a point, ``explain`` what the compiler did, gate by gate.
"""

from gradcompile.api import Compiled, Refuted, check, compile  # noqa: A004  (the tool is a compiler)
from gradcompile.decorator import Formula, formula
from gradcompile.errors import FormulaError
from gradcompile.explain import Explanation, explain
from gradcompile.markers import (
    Bool,
    Int,
    LowerTriangular,
    Param,
    Positive,
    PositiveDefinite,
    Real,
    Symmetric,
    Unit,
    UpperTriangular,
    dims,
)
from gradcompile.second_order import Curvature, curvature
from gradcompile.version import __version__

__all__ = [
    "Bool",
    "Compiled",
    "Curvature",
    "Explanation",
    "Formula",
    "FormulaError",
    "Int",
    "LowerTriangular",
    "Param",
    "Positive",
    "PositiveDefinite",
    "Real",
    "Refuted",
    "Symmetric",
    "Unit",
    "UpperTriangular",
    "__version__",
    "check",
    "compile",
    "curvature",
    "dims",
    "explain",
    "formula",
]
