"""LaTeX in tokens, with their places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from gradcompile.errors import FormulaError, Span

FILE = "<LaTeX>"
_TOKEN = re.compile(r"\\[a-zA-Z]+\*?|\\.|\d+(?:\.\d+)?|\.\d+|\S")
_SPACES = frozenset((r"\,", r"\;", r"\:", r"\!", "\\ ", "~", r"\quad", r"\qquad", r"\displaystyle", r"\textstyle"))
_BRACKETS = {"{": "}", "(": ")", "[": "]", r"\{": r"\}"}


@dataclass(frozen=True)
class Token:
    """A word of the text, and where it starts."""

    text: str
    at: int

    @property
    def command(self) -> str:
        """The name of a command without its backslash, nothing for any other word."""
        return self.text[1:].rstrip("*") if self.text.startswith("\\") else ""

    @property
    def is_number(self) -> bool:
        """Is it a number?"""
        return self.text[-1].isdigit()


EULER = r"\euler"


def _upright(tokens: Sequence[Token]) -> list[Token]:
    """Return tokens in which an upright d is a plain one, and an upright e is Euler's number."""
    texts = [t.text for t in tokens]
    found, place = [], 0
    while place < len(tokens):
        letter = (
            texts[place + 2] if texts[place + 1 : place + 2] == ["{"] and texts[place + 3 : place + 4] == ["}"] else ""
        )
        if texts[place] in (r"\mathrm", r"\text", r"\operatorname") and letter in ("d", "e"):
            found.append(Token("d" if letter == "d" else EULER, tokens[place].at))
            place += 4
        else:
            found.append(tokens[place])
            place += 1
    return found


@dataclass(frozen=True)
class Reader:
    """The text, on one line, and its tokens."""

    latex: str

    def tokens(self) -> list[Token]:
        r"""Return the tokens inside of dollar signs or ``\[ \]``."""
        found = [Token(m.group(), m.start()) for m in _TOKEN.finditer(self.latex) if m.group() not in _SPACES]
        while found and (found[0].text, found[-1].text) in (("$", "$"), (r"\[", r"\]"), (r"\(", r"\)")) and found[1:]:
            found = found[1:-1]
        if found and found[-1].text in (".", ",", ";"):
            found = found[:-1]
        return _upright(found)

    def fail(self, message: str, hint: str, token: Token | None = None) -> NoReturn:
        """Raise an error, at a token if one is given."""
        raise self.error(message, hint, token.at if token else 0, len(token.text) if token else len(self.latex))

    def error(self, message: str, hint: str, at: int, length: int = 1) -> FormulaError:
        """Return an error at a place in the text."""
        return FormulaError(message, Span(FILE, 1, at + 1, at + 1 + length, self.latex), hint)

    def end_of(self, tokens: Sequence[Token], start: int) -> int:
        """Return the place of the bracket that closes the one at `start`."""
        close = _BRACKETS[tokens[start].text]
        depth = 0
        for place in range(start, len(tokens)):
            depth += (tokens[place].text == tokens[start].text) - (tokens[place].text == close)
            if not depth:
                return place
        what = f"this `{tokens[start].text}` is never closed."
        raise self.error(what, f"Close it with `{close}`.", tokens[start].at, len(tokens[start].text))

    def argument(self, tokens: Sequence[Token], start: int) -> tuple[list[Token], int]:
        """Return what a command at ``start - 1`` is applied to, a group or one token, and the place behind it."""
        if start >= len(tokens):
            self.fail("something is missing at the end.", "Complete it.", tokens[-1])
        if tokens[start].text != "{":
            return [tokens[start]], start + 1
        end = self.end_of(tokens, start)
        return list(tokens[start + 1 : end]), end + 1
