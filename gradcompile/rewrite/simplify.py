"""The two rewriters of the passes: which tables they apply."""

from __future__ import annotations

from collections.abc import Sequence

from gradcompile.ir.nodes import Node
from gradcompile.rewrite.domains import DOMAINS
from gradcompile.rewrite.engine import Rewriter
from gradcompile.rewrite.linalg import FACTORED, LINEAR_ALGEBRA, PRODUCTS
from gradcompile.rewrite.positions import POSITIONS
from gradcompile.rewrite.rows import RECOGNISE, SIMPLIFY
from gradcompile.rewrite.sharing import shared

_ALWAYS = [*LINEAR_ALGEBRA, *DOMAINS, *POSITIONS]


def recognising() -> Rewriter:
    """Return the rewriter that finds composite gates and stable forms in what the user wrote."""
    return Rewriter(RECOGNISE, [*_ALWAYS, *FACTORED])


def simplifying() -> Rewriter:
    """Return the rewriter of values and derivatives; see `shared` for what comes behind it."""
    return Rewriter(SIMPLIFY, [*_ALWAYS, *PRODUCTS])


def simplified(roots: Sequence[Node]) -> list[Node]:
    """Return nodes as they are behind the pass of that name."""
    normal = simplifying().run(roots)
    left = shared(normal[r] for r in roots)
    return [left[normal[r]] for r in roots]
