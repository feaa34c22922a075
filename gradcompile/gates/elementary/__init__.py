"""Elementary functions that LLVM vectorises: source text of the helpers that the fast target writes into modules."""

from __future__ import annotations

from functools import cache

from gradcompile.gates.elementary import error, exponential, logarithm
from gradcompile.gates.elementary.formats import DOUBLE, SINGLE, Format

_PARTS = (exponential.source, logarithm.source, error.source)
FORMATS: dict[str, Format] = {f.name: f for f in (DOUBLE, SINGLE)}


@cache
def source(dtype: str = "float64") -> str:
    """Return all functions, for scalars of a type; `emit.expression.functions` picks those that are called."""
    numbers = FORMATS[dtype]
    return numbers.typed("\n\n".join(part(numbers).strip("\n") for part in _PARTS))
