"""Doors to the language beside formula files: SymPy expressions, files of SymPy text, LaTeX, Python functions.

Each door makes formula syntax and hands it to `syntax`; none of them makes a graph.
"""

from gradcompile.doors.expressions import is_expression
from gradcompile.doors.expressions import read as read_expression
from gradcompile.doors.latex import read as read_latex
from gradcompile.doors.latex.claimed import expression as latex_expression
from gradcompile.doors.origin import HasOrigin, Origin, origin_of
from gradcompile.doors.python import read as read_function
from gradcompile.doors.sympy_file import read as read_sympy_file

__all__ = [
    "HasOrigin",
    "Origin",
    "is_expression",
    "latex_expression",
    "origin_of",
    "read_expression",
    "read_function",
    "read_latex",
    "read_sympy_file",
]
