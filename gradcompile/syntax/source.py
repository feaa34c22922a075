"""Formula text: reading the file, Python's own parser, and the place of every piece of syntax."""

from __future__ import annotations

import ast
import keyword
import re
import threading
import unicodedata
import warnings
from pathlib import Path

from gradcompile.errors import FormulaError, Span

_OURS = {"and", "or", "not", "if", "else", "in", "for", "while", "def", "return", "assert", "True", "False", "None"}
_SPLIT = "Split it over several lines: give its parts names, and write the formula in those."


class Source:
    """The text of one formula file, with the places of its syntax."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self.lines = self.text.split("\n")

    def span(self, tree: ast.AST) -> Span:
        """Return the place of a piece of syntax, up to the end of its first line."""
        line: int = tree.lineno  # type: ignore[attr-defined]
        text = self.lines[line - 1]
        end = tree.end_col_offset if tree.end_lineno == line else None  # type: ignore[attr-defined]
        start = self._column(text, tree.col_offset)  # type: ignore[attr-defined]
        return Span(self.file, line, start + 1, (len(text) if end is None else self._column(text, end)) + 1, text)

    @staticmethod
    def _column(text: str, offset: int) -> int:
        """Return a column in characters for one of `ast`, which counts UTF-8 bytes."""
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))

    def segment(self, tree: ast.AST, longest: int = 0) -> str:
        """Return the user's own text of a piece of syntax on one line, shortened to `longest` characters if given."""
        first, last = tree.lineno - 1, tree.end_lineno - 1  # type: ignore[attr-defined]
        start = self._column(self.lines[first], tree.col_offset)  # type: ignore[attr-defined]
        end = self._column(self.lines[last], tree.end_col_offset)  # type: ignore[attr-defined]
        if first == last:
            text: str = self.lines[first][start:end]
        else:
            pieces = [self.lines[first][start:], *self.lines[first + 1 : last], self.lines[last][:end]]
            text = " ".join(piece.strip() for piece in pieces)
        return text if not longest or len(text) <= longest else text[: longest - 1] + "…"

    def line(self, number: int, column: int = 1, end: int = 0) -> Span:
        """Return a place by line and column."""
        text = self.lines[number - 1] if 0 < number <= len(self.lines) else ""
        return Span(self.file, number, column, end or len(text) + 1, text)


def read_text(path: Path) -> str:
    """Return the text of a formula file. Raises FormulaError where there is none."""
    place = Span(str(path), 1)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise FormulaError(
            "the file is not UTF-8 text.", Span(str(path), line), "Save it in the encoding UTF-8, without other bytes."
        ) from None
    except FileNotFoundError:
        raise FormulaError("there is no such file.", place, "Check the path, and the suffix `.formula`.") from None
    except IsADirectoryError:
        raise FormulaError("this is a folder, not a formula file.", place, "Name a file in it.") from None
    except OSError as error:
        raise FormulaError(f"the file cannot be read: {error.strerror}.", place, "Check its permissions.") from None


def syntax_tree(source: Source) -> ast.Module:
    """Parse the text with Python's own parser, which executes nothing. Raises FormulaError where it refuses."""
    if not source.text.strip():
        raise FormulaError("the file is empty.", Span(source.file, 1), "Write a formula, for example `f = (x - 1)**2`.")
    if "\0" in source.text:
        line = source.text[: source.text.index("\0")].count("\n") + 1
        raise FormulaError("the file holds a zero byte.", Span(source.file, line), "Save it as plain UTF-8 text.")
    try:
        return _parse(source)
    except SyntaxError as error:
        raise _explained(source, error) from None
    except (RecursionError, MemoryError):
        raise FormulaError(
            "an expression in this file is nested too deeply for Python's parser.", _longest(source), _SPLIT
        ) from None
    except ValueError as error:  # lone surrogates, numbers of thousands of digits
        raise FormulaError(f"the text cannot be parsed: {error}.", Span(source.file, 1), "Remove that part.") from None


def _parse(source: Source) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source.text)
        except RecursionError:
            return _parse_on_empty_stack(source)


def _parse_on_empty_stack(source: Source) -> ast.Module:
    """Parse in a thread, whose stack starts empty: how deep an expression may be must not depend on the caller."""
    outcome: list[ast.Module | BaseException] = []

    def work() -> None:
        try:
            outcome.append(ast.parse(source.text))
        except (SyntaxError, RecursionError, MemoryError) as error:
            outcome.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _longest(source: Source) -> Span:
    number = max(range(len(source.lines)), key=lambda i: len(source.lines[i])) + 1
    return Span(source.file, number)


def _explained(source: Source, error: SyntaxError) -> FormulaError:
    """Return our error for one of Python's parser."""
    number = error.lineno or 1
    text = source.lines[number - 1] if number <= len(source.lines) else ""
    column = max(1, min(error.offset or 1, len(text) + 1))
    message = error.msg or ""
    if "nested" in message or "too complex" in message:
        place = Span(source.file, number)
        return FormulaError("this expression is nested too deeply for Python's parser.", place, _SPLIT)
    if (found := _keyword(text, column - 1)) is not None:
        word, start = found
        other = " or `λ`" if word == "lambda" else ""
        return FormulaError(
            f"`{word}` is a word of Python itself and cannot be a name.",
            source.line(number, start + 1, start + 1 + len(word)),
            f"Write `{word}_`{other}.",
        )
    if (digits := re.search(r"(?<![\w.])(\d+\.?\d*)([^\W\d_]\w*)", text)) and "literal" in message:
        left, right = digits.groups()
        return FormulaError(
            f"`{left}{right}` is neither a number nor a name.",
            source.line(number, digits.start() + 1, digits.end() + 1),
            f"Write the product with a star: `{left}*{right}`.",
        )
    if (odd := _odd_character(text, message)) is not None:
        what, start, end, hint = odd
        return FormulaError(what, source.line(number, start + 1, end + 1), hint)
    if "int_max_str_digits" in message:
        return FormulaError(
            "this number has thousands of digits.", Span(source.file, number), "Write it as a float, such as `1e300`."
        )
    if re.search(r"[\u00b2\u00b3\u00b9\u2070-\u207f]", text):
        hint = "Powers are written `x**2`."
    elif "indent" in message:
        hint = "Start the line without spaces; only the body of a `def` is indented."
    else:
        hint = "Write it as a Python expression, for example `y = a*x + b`."
    return FormulaError(f"this is not a formula: {message}.", source.line(number, column, column + 1), hint)


_INSTEAD = {
    "×": "*", "⋅": "*", "∙": "*", "∗": "*", "÷": "/", "∕": "/", "−": "-", "–": "-", "—": "-", "≤": "<=", "≥": ">=",
    "≠": "!=", "≈": "==", "√": "sqrt(x)", "∞": "inf", "∑": "sum(x[i] for i in range(N))",
    "∏": "prod(x[i] for i in range(N))", "∂": "grad(y, x)", "∇": "grad(y, x)", "∧": "and", "∨": "or", "¬": "not",
    "“": '"', "”": '"', "‘": "'", "’": "'", "…": "...",
}  # fmt: skip
"""Characters of mathematics and of print, and what formulas have instead."""


def _odd_character(text: str, message: str) -> tuple[str, int, int, str] | None:
    """Return the error of a character that Python does not know, its place in the line, and what to write instead."""
    found = re.search(r"invalid (?:non-printable )?character '?(.)", message)
    if found is None or (start := text.find(found[1])) < 0:
        return None
    character = found[1]
    if (other := _INSTEAD.get(character)) is not None:
        return f"`{character}` is not part of the language.", start, start + 1, f"Write `{other}`."
    word = re.search(rf"\w*{re.escape(character)}[\w′]*", text)
    assert word is not None
    plain = unicodedata.normalize("NFKC", word[0])
    if "SUBSCRIPT" in unicodedata.name(character, ""):
        digit = word[0].index(character)
        plain = unicodedata.normalize("NFKC", f"{word[0][:digit]}_{word[0][digit:]}" if digit else word[0])
        return f"`{word[0]}` is not a name.", *word.span(), f"Write `{plain}`."
    if character == "′":
        return f"`{word[0]}` is not a name.", *word.span(), f"Write `{word[0].replace(character, '_prime')}`."
    return None


def _keyword(text: str, column: int) -> tuple[str, int] | None:
    """Return a word of Python, and its column, that this line seems to use as a name."""
    code = text.split("#", maxsplit=1)[0]
    for match in re.finditer(r"[^\W\d]\w*", code):
        word, rest = match.group(), code[match.end() :]
        if not keyword.iskeyword(word):
            continue
        named = re.match(r"\s*(=(?!=)|:\s*(Real|Param|Int|Bool)\b)", rest)
        listed = match.start() == column and re.match(r"\s*[,)\]]", rest)
        if word not in _OURS or named or listed:
            return word, match.start()
    return None
