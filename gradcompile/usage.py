"""What the command line refuses before anything is read."""

from __future__ import annotations

import keyword
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from gradcompile import report
from gradcompile.errors import FormulaError
from gradcompile.jobs import BAD_INPUT
from gradcompile.syntax.names import RESERVED


def check_compile(paths: Sequence[Path], latex: str | None, name: str | None) -> None:
    """A formula comes from files or in LaTeX, and only the latter has no name of its own."""
    if latex is None and not paths:
        raise click.UsageError("Missing argument 'PATHS...', or --latex 'FORMULA'.")
    if latex is not None and paths:
        raise click.UsageError("Name files, or a formula behind --latex, not both.")
    if latex is None and name is not None:
        raise click.UsageError("--name is for --latex: the module of a file is called like the file.")
    if name is not None and (not name.isidentifier() or keyword.iskeyword(name) or name in RESERVED):
        raise click.UsageError(f"--name {name}: no module can be called that; choose a name such as f.")


def check_claims(
    paths: Sequence[Path], claims: Sequence[tuple[str, str]], grade: Path | None, key: Path | None
) -> None:
    """Claims are about the files that are named, or about the submissions of a folder."""
    if grade is None and not paths:
        raise click.UsageError("Missing argument 'PATHS...', or --grade FOLDER.")
    if grade is not None and (paths or claims):
        raise click.UsageError("--grade FOLDER judges the submissions of the folder, and nothing else.")
    if key is not None and grade is None:
        raise click.UsageError("--key is for --grade.")
    if len({name for name, _ in claims}) < len(claims):
        raise click.UsageError("--claim is given twice for one name.")
    if claims and (len(paths) != 1 or paths[0].is_dir()):
        raise click.UsageError("--claim is about one file.")


def refuse_clashes(found: Sequence[Path], output: Path) -> None:
    """Two formulas must not become the same module, and modules need a folder."""
    if output.exists() and not output.is_dir():
        report.show_error(FormulaError(f"{output} is a file, not a folder", hint="Name a folder behind -o."))
        sys.exit(BAD_INPUT)
    taken: dict[str, Path] = {}
    for path in found:
        other = taken.setdefault(path.stem, path)
        if other != path:
            report.show_error(
                FormulaError(
                    f"{other} and {path} would both become {output / path.stem}.py",
                    hint="Rename one, or compile them in two calls with different -o.",
                )
            )
            sys.exit(BAD_INPUT)
