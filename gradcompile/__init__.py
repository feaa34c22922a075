"""A compiler from formula files to verified gradient code: ``compile`` writes a module, ``check`` judges claims."""

from gradcompile.api import Compiled, Refuted, check, compile  # noqa: A004  (the tool is a compiler)
from gradcompile.errors import FormulaError
from gradcompile.version import __version__

__all__ = ["Compiled", "FormulaError", "Refuted", "__version__", "check", "compile"]
