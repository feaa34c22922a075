"""Verification: the graph against SymPy, the emitted code against the graph, and the claims of a formula."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from gradcompile.syntax.program import Program
from gradcompile.verify import samples
from gradcompile.verify.certificate import Certificate, ClaimVerdict, Finding
from gradcompile.verify.claims import check_claims
from gradcompile.verify.code_check import check_code
from gradcompile.verify.derived_check import check_derived
from gradcompile.verify.fields import Clock, OutOfTimeError
from gradcompile.verify.graph_check import POINTS, check_graph, symbolic_of
from gradcompile.verify.reference import Reference
from gradcompile.verify.samples import Point, Sizes

if TYPE_CHECKING:
    from gradcompile.pipeline import Unit

__all__ = ["Certificate", "ClaimVerdict", "Finding", "check_claims", "verify"]

GRAPH_SHARE = 0.5  # of the time budget
CODE_SHARE = 0.6  # of the rest; claims have what is left then
MANY = 5000  # nodes of a graph, above which one point has to do


def verify(
    program: Program,
    unit: Unit,
    source: str,
    module: ModuleType,
    *,
    functions: Sequence[str],
    seconds: float = 60.0,
) -> Certificate:
    """Check a module on all three levels, within a time budget; what was not reached is undecided, and says so."""
    clock = Clock(seconds)
    reference = Reference(program, unit, clock.share(GRAPH_SHARE))
    sizes, points, why = _look(reference)
    if sizes is None or not points:
        code = [Finding("code", "undecided", "", why)] if sizes is not None else []
        return Certificate([Finding("graph", "undecided", "", why)], code, check_claims(program, seconds=clock.left))
    symbolic = symbolic_of(reference, points[0])
    graph = check_graph(reference, symbolic, points) + check_derived(reference, symbolic, points)
    reference.clock = clock.share(CODE_SHARE)
    code = check_code(reference, module, functions, sizes, points)
    return Certificate(graph, code, check_claims(program, seconds=max(0.0, clock.left)))


def _look(reference: Reference) -> tuple[Sizes | None, list[Point], str]:
    """Return sizes and points to look at, and why there are none."""
    sizes = samples.small_sizes(reference.program)
    if sizes is None:
        return None, [], "no sizes were found that the formula allows"
    count = POINTS if len(reference.program.graph.nodes) < MANY else 1
    try:
        return sizes, reference.points(sizes, count), "no point was found at which the formula is defined"
    except OutOfTimeError:
        return sizes, [], "the time budget was spent before a point was found at which the formula is defined"
