"""What a caller asks of a program before it differentiates it."""

from __future__ import annotations

from gradcompile.errors import FormulaError, Span
from gradcompile.ir.nodes import DType
from gradcompile.syntax.context import shape_text
from gradcompile.syntax.program import Program


def require_scalar_result(program: Program) -> None:
    """Raise FormulaError unless the program has one result and that is a real scalar, which has a gradient."""
    place = Span(program.file, 1)
    if len(program.results) != 1:
        names = ", ".join(f"`{name}`" for name, _ in program.results)
        raise FormulaError(f"a gradient needs one result, but there are {names}.", place, "Return one of them.")
    name, value = program.results[0]
    origin = program.graph.origin_of(value.node).span or place
    if value.axes and not program.upstream:
        raise FormulaError(
            f"a gradient needs a scalar result, but `{name}` {shape_text(value)}.",
            origin,
            f"Reduce it, for example `return sum({name})`, or ask for the value alone.",
        )
    if value.node.dtype is not DType.REAL:
        raise FormulaError(
            f"a gradient needs a real result, but `{name}` is {_KIND[value.node.dtype]}.",
            origin,
            "Return a real number, or ask for the value alone.",
        )


def require_real_results(program: Program) -> None:
    """Raise FormulaError unless all results are real: others have no derivative."""
    for name, value in program.results:
        if value.node.dtype is not DType.REAL:
            raise FormulaError(
                f"a derivative needs real results, but `{name}` is {_KIND[value.node.dtype]}.",
                program.graph.origin_of(value.node).span or Span(program.file, 1),
                "Return real numbers, or ask for the value alone.",
            )


_KIND = {DType.INT: "an integer", DType.BOOL: "a condition", DType.REAL: "real"}


def require_parameters(program: Program) -> None:
    """Raise FormulaError unless there is an input to differentiate with respect to."""
    if not program.differentiated:
        raise FormulaError(
            "there is nothing to differentiate: the formula has no real input.",
            Span(program.file, 1),
            "Declare a parameter, for example `w: Param`, or ask for the value alone.",
        )
