"""The files of the command line: which formulas are meant, and how a module reaches the disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from gradcompile.errors import FormulaError

LARGEST = 1 << 20  # bytes of a formula that a stranger handed in
SUFFIXES = (".formula", ".sympy")


def formulas(paths: Iterable[Path]) -> list[Path]:
    """Return the files of formula or SymPy text that paths name: a file itself, and of a folder all below it, sorted.

    Raises FormulaError for a folder without any.
    """
    return _found(paths, SUFFIXES)


def formulas_or_modules(paths: Iterable[Path]) -> list[Path]:
    """Return what ``--check`` looks at: as `formulas`, and of a folder without any its Python files."""
    return _found(paths, SUFFIXES, (".py",))


def _found(paths: Iterable[Path], *kinds: tuple[str, ...]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        found |= dict.fromkeys(_below(path, kinds))
    return list(found)


def _below(path: Path, kinds: tuple[tuple[str, ...], ...]) -> list[Path]:
    """Return the files below a folder that are of the first kind of which there are any."""
    if not path.is_dir():  # where there is nothing at all, reading it says so, and the other paths are still done
        return [path]
    files = sorted(p for p in path.rglob("*") if p.is_file() and p.name != "__init__.py")
    for suffixes in kinds:
        if found := [p for p in files if p.suffix in suffixes]:
            return found
    listed = ", ".join(suffix for suffixes in kinds for suffix in suffixes)
    raise FormulaError(f"{path}: there is no {SUFFIXES[0]} file in this folder (looked for {listed})")


def shown(path: Path) -> Path:
    """Return a path as it goes into messages and headers: relative where it lies below the current folder."""
    absolute = Path(os.path.abspath(path))
    here = Path.cwd()
    return absolute.relative_to(here) if absolute.is_relative_to(here) else path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all, text in UTF-8. Raises FormulaError where it cannot be written."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise FormulaError(f"{path} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o666 & ~_umask())  # as open() would have made it
        os.replace(temporary, path)
    except BaseException as error:  # an interrupt, too, leaves nothing behind
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            raise FormulaError(f"{path} cannot be written: {error.strerror}") from error
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_text(path: Path) -> str:
    """Return a generated file's text, without changing its line ends."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise FormulaError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FormulaError(f"{path} is not UTF-8") from error
