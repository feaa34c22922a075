"""What went wrong, where, and what to write instead: the one error type that a user of the tool sees."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """A place in a formula file: 1-based line and columns, and the text of that line for the caret."""

    file: str
    line: int
    column: int = 1
    end_column: int = 0
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def caret(self) -> str:
        """Return the source line with the marked part underlined, or nothing where the line is unknown."""
        if not self.text:
            return ""
        width = max(1, min(self.end_column, len(self.text) + 1) - self.column)
        return f"    {self.text}\n    {' ' * (self.column - 1)}{'^' * width}"


class FormulaError(Exception):
    """Bad input: one sentence on what is wrong, the place, and one sentence on what to write instead."""

    def __init__(self, message: str, span: Span | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.span}: " if self.span else ""
        lines = [f"{place}error: {self.message}"]
        if self.span and self.span.text:
            lines.append(self.span.caret())
        if self.hint:
            lines.append(f"  {self.hint}")
        return "\n".join(lines)


class ShapeError(FormulaError):
    """The sizes of two arrays do not fit."""


class InternalError(AssertionError):
    """A broken promise inside the compiler: a defect of gradcompile, never of the formula."""
