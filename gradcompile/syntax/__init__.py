"""From formula text to a typed graph: names, shapes, spans."""

from gradcompile.syntax.checks import require_parameters, require_real_results, require_scalar_result
from gradcompile.syntax.elaborate import parse, program_of, read

__all__ = ["parse", "program_of", "read", "require_parameters", "require_real_results", "require_scalar_result"]
