"""Names: which ones the generated module needs for itself, and the nearest known one for a misspelt one."""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Iterable

from gradcompile.errors import FormulaError, Span

CONSTANTS: dict[str, float] = {"pi": 3.141592653589793, "inf": float("inf"), "nan": float("nan")}
STRUCTURES = {
    "Symmetric": "symmetric", "PositiveDefinite": "definite", "LowerTriangular": "lower", "UpperTriangular": "upper",
}  # fmt: skip
RANGES = {"Positive": (0.0, float("inf")), "Unit": (0.0, 1.0)}
DERIVATIVES = frozenset({"grad", "jvp", "vjp", "jacobian", "hessian"})
KINDS = ("Real", "Param", "Int", "Bool", *RANGES, *STRUCTURES)

_FUNCTIONS = (
    "value", "value_and_grad", "grad", "jvp", "vjp", "hvp", "hessian", "jacobian", "pack", "unpack", "objective",
)  # fmt: skip

RESERVED: frozenset[str] = frozenset(
    {
        *_FUNCTIONS, *(f"{name}_kernel" for name in _FUNCTIONS), *KINDS, "Gradient", "NamedTuple",
        "np", "numpy", "numba", "njit", "prange", "math", "cotangent", "float", "int", "bool", "range", "len", "tuple",
    }
)  # fmt: skip
"""Names that the generated module uses itself; names that start with an underscore are its own too."""


def check_name(name: str, what: str, span: Span) -> None:
    """Raise FormulaError if the user may not give this name to a variable, an input, a dimension or a function."""
    if name in RESERVED:
        raise FormulaError(
            f"the {what} cannot be called `{name}`, which the generated module uses itself.",
            span,
            f"Choose another name, for example `{name}_`.",
        )
    if name.startswith("_"):
        other = name.strip("_") or "x"
        raise FormulaError(
            f"the {what} cannot be called `{name}`: names that start with `_` belong to the generated module.",
            span,
            f"Choose another name, for example `{other}`.",
        )
    if "·" in name:
        product = name.replace("·", " * ")
        raise FormulaError(f"`{name}` is one name, with a dot in it.", span, f"Write the product `{product}`.")
    if name in CONSTANTS and what != "variable":
        raise FormulaError(
            f"the {what} cannot be called `{name}`, which is a predefined number.",
            span,
            f"Choose another name, for example `{name}_`.",
        )


def check_file_name(stem: str, file: str) -> None:
    """Raise FormulaError unless a file's stem can be the name of a Python module."""
    suggestion = re.sub(r"\W+", "_", stem).strip("_") or "formula"
    if suggestion[0].isdigit():
        suggestion = f"formula_{suggestion}"
    if keyword.iskeyword(suggestion) or suggestion in RESERVED:
        suggestion += "_formula"
    if not stem.isidentifier():
        reason = "is not a Python name"
    elif keyword.iskeyword(stem):
        reason = "is a word of Python itself"
    elif stem in RESERVED or stem.startswith("_"):
        reason = "is a name that the generated module uses itself"
    else:
        return
    raise FormulaError(
        f"the file name `{stem}` {reason}, so no module can be called that.",
        Span(file, 1),
        f"Rename the file, for example to `{suggestion}.formula`.",
    )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that looks most like a misspelt one, if any does."""
    names = list(dict.fromkeys(known))
    if found := difflib.get_close_matches(name, names, 1, 0.6):
        return found[0]
    return next((k for k in names if k.lower() == name.lower()), None)
