"""The two rewriters of the passes: which tables they apply."""

from __future__ import annotations

from gradcompile.rewrite.domains import DOMAINS
from gradcompile.rewrite.engine import Rewriter
from gradcompile.rewrite.linalg import LINEAR_ALGEBRA
from gradcompile.rewrite.positions import POSITIONS
from gradcompile.rewrite.rows import RECOGNISE, SIMPLIFY

_ALWAYS = [*LINEAR_ALGEBRA, *DOMAINS, *POSITIONS]


def recognising() -> Rewriter:
    """Return the rewriter that finds composite gates and stable forms in what the user wrote."""
    return Rewriter(RECOGNISE, _ALWAYS)


def simplifying() -> Rewriter:
    """Return the rewriter of values and derivatives."""
    return Rewriter(SIMPLIFY, _ALWAYS)
