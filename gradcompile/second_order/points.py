"""Points as they are given on the command line: names with numbers, and archives of arrays."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from gradcompile.errors import FormulaError

_EXAMPLE = "Write `--at x=2,w=[1,2,3]`, or `--at values.npz` for a file that numpy.savez has written."


def read_point(given: Iterable[str]) -> dict[str, Any]:
    """Return the values by name of all that is given, the last of a name. Raises FormulaError for what is no point."""
    values: dict[str, Any] = {}
    for text in given:
        values |= _archive(Path(text)) if text.endswith(".npz") else _written(text)
    return values


def array_of(path: Path, name: str) -> Any:
    """Return the array of an archive that has a name, or the only one. Raises FormulaError."""
    found = _archive(path)
    if name in found:
        return found[name]
    if len(found) == 1:
        return next(iter(found.values()))
    raise FormulaError(f"{path} has no array `{name}`.", hint=f"It has {', '.join(found) or 'none'}.")


def _archive(path: Path) -> dict[str, Any]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except OSError as error:
        raise FormulaError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, BadZipFile) as error:
        raise FormulaError(f"{path} is no archive of arrays of numbers", hint=_EXAMPLE) from error


def _written(text: str) -> dict[str, Any]:
    """Return the values of `x=2,w=[1,2,3]`; the text is parsed, never run."""
    try:
        call = ast.parse(f"at({text})", mode="eval").body
        assert isinstance(call, ast.Call)
        found = {k.arg: ast.literal_eval(k.value) for k in call.keywords if k.arg is not None}
        if not found or call.args or len(found) < len(call.keywords):
            raise ValueError
        arrays = {name: np.array(value) for name, value in found.items()}
    except (SyntaxError, ValueError, TypeError, AssertionError, RecursionError, MemoryError) as error:
        raise FormulaError(f"`--at {text}` is no point", hint=_EXAMPLE) from error
    if wrong := [name for name, array in arrays.items() if array.dtype.kind not in "biuf"]:
        raise FormulaError(f"`--at {text}`: {wrong[0]} is no number and no array of numbers", hint=_EXAMPLE)
    return {name: array[()] for name, array in arrays.items()}
