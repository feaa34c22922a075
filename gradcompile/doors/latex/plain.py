"""LaTeX as SymPy's parser can read it without guessing: every name is a command of its own that stands for it.

SymPy's parser reads unknown commands as symbols, ``dx`` as one symbol, ``x_{i,j}`` not at all. So names, subscripts,
bars and numbers behind a comma become stand-ins here, and what is left of LaTeX is what that parser does well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy

from gradcompile.doors.latex import commands as known
from gradcompile.doors.latex.tokens import EULER, Reader, Token
from gradcompile.gates.registry import by_name

_OPEN = frozenset(("(", "[", "{", r"\{", "|(", "+", "-", "*", "/", "=", ",", "^", "_", "<", ">", r"\lfloor", r"\lceil"))


@dataclass(frozen=True)
class Name:
    """A letter, a Greek letter, or a word; `parts` are the tokens of its subscript, split at commas."""

    word: str
    parts: tuple[tuple[Token, ...], ...] = ()
    called: bool = False  # a word that can be a function, as no single letter can


@dataclass
class Plain:
    """The plain form of one formula."""

    reader: Reader
    stand_ins: dict[str, Any] = field(default_factory=dict)  # by command: a Name or a number
    made: dict[Any, str] = field(default_factory=dict)
    spelt: dict[str, str] = field(default_factory=dict)  # how each word is written in LaTeX
    out: list[tuple[str, int]] = field(default_factory=list)  # the plain text in pieces, with their places
    bars: int = 0

    def text(self, tokens: Sequence[Token]) -> str:
        """Return tokens as plain LaTeX."""
        self.out, self.bars = [], 0
        place = 0
        while place < len(tokens):
            place = self._step(tokens, place)
        if self.bars:
            self.reader.fail("a bar `|` is never closed.", r"Write `\left|` and `\right|`.", tokens[-1])
        return " ".join(piece for piece, _ in self.out)

    def place_of(self, column: int) -> int:
        """Return the place in the user's text of a column of the plain text."""
        for piece, at in self.out:
            if column <= len(piece):
                return at
            column -= len(piece) + 1
        return len(self.reader.latex)

    def _put(self, piece: str, token: Token) -> None:
        self.out.append((piece, token.at))

    def stand_in(self, meaning: Any) -> str:
        """Return the command that stands for a name or a number."""
        if meaning not in self.made:
            count = len(self.made)
            letters = chr(97 + count // 676) + chr(97 + count // 26 % 26) + chr(97 + count % 26)
            self.made[meaning] = f"\\gc{letters}"
            self.stand_ins[f"gc{letters}"] = meaning
        return self.made[meaning]

    def _step(self, tokens: Sequence[Token], place: int) -> int:
        """Add one token, or one name with all that belongs to it, and return the place of the next."""
        token = tokens[place]
        command = token.command
        if token.text in ("|", r"\vert", r"\lvert", r"\rvert"):
            self._bar(token, tokens[place - 1] if place else None)
        elif command in known.REFUSED:
            what, hint = known.REFUSED[command]
            self.reader.fail(f"`{token.text}` is {what}, which is not read from LaTeX.", hint, token)
        elif command in known.SPACES:
            if tokens[place + 1 : place + 2] and tokens[place + 1].text == "." and command in ("left", "right"):
                self.reader.fail("a delimiter is missing.", "Write parentheses on both sides.", token)
        elif command in known.SAME:
            self._put(known.SAME[command], token)
        elif command in ("frac", "dfrac", "tfrac"):
            return self._fraction(tokens, place)
        elif command == "pi" or token.text == EULER:
            self._constant(sympy.pi if command == "pi" else sympy.E, token)
        elif command in known.OPERATORS:
            return self._operator(tokens, place)
        elif token.is_number:
            self._number(tokens, place)
        elif token.text.isalpha() or command in (known.GREEK | known.CALLED | known.FONTS | known.ACCENTS.keys()):
            return self._name(tokens, place)
        elif token.text in "+-*/=(){}[]^_<>!,:" or token.text in (r"\{", r"\}"):
            self._sign(tokens, place)
        else:
            self.reader.fail(
                f"`{token.text}` is not known.", r"Write names of several letters as `\mathrm{name}`.", token
            )
        return place + 1

    def _bar(self, token: Token, before: Token | None) -> None:
        """A bar opens behind an operator, and closes behind a value."""
        opens = token.text == r"\lvert" or (before is not None and before.text == r"\left")
        closes = token.text == r"\rvert" or (before is not None and before.text == r"\right")
        last = self.out[-1][0] if self.out else "("
        if not closes and (opens or not self.bars or last.lstrip() in _OPEN or last in (r"\cdot", r"\times", r"\div")):
            self._put(self.stand_in(Name("abs", called=True)), token)
            self._put("(", token)
            self.bars += 1
        else:
            self._put(")", token)
            self.bars -= 1

    def _fraction(self, tokens: Sequence[Token], place: int) -> int:
        r"""``\frac{a}{b}``, and ``\frac12`` for one half."""
        if place + 1 < len(tokens) and len(tokens[place + 1].text) == 2 and tokens[place + 1].text.isdigit():
            digits = [Token(digit, tokens[place + 1].at) for digit in tokens[place + 1].text]
            self._put(r"\frac", tokens[place])
            self._group(digits[:1], tokens[place])
            self._group(digits[1:], tokens[place])
            return place + 2
        top_tokens, middle = self.reader.argument(tokens, place + 1)
        bottom_tokens, end = self.reader.argument(tokens, middle)
        if _is_derivative(top_tokens, bottom_tokens):
            what, hint = known.REFUSED["partial"]
            self.reader.fail(f"this fraction is {what}, which is not read from LaTeX.", hint, tokens[place])
        self._put(r"\frac", tokens[place])
        for part in (top_tokens, bottom_tokens):
            self._group(part, tokens[place])
        return end

    def _group(self, tokens: Sequence[Token], owner: Token) -> None:
        if not tokens:
            self.reader.fail("an argument is empty.", "Fill the braces.", owner)
        self._put("{", owner)
        place = 0
        while place < len(tokens):
            place = self._step(tokens, place)
        self._put("}", owner)

    def _operator(self, tokens: Sequence[Token], place: int) -> int:
        """A command that SymPy knows; of a function, arguments at a comma would be dropped."""
        self._put(tokens[place].text.rstrip("*"), tokens[place])
        nxt = place + 1
        if nxt < len(tokens) and tokens[nxt].text == "(" and tokens[place].command not in ("sum", "prod", "infty"):
            inner = tokens[nxt + 1 : self.reader.end_of(tokens, nxt)]
            if (comma := _comma(inner)) is not None:
                self.reader.fail(f"`{tokens[place].text}` takes one argument.", "Leave the others out.", comma)
        return nxt

    def _number(self, tokens: Sequence[Token], place: int) -> None:
        """Add a number; SymPy would read ``1, 000`` and ``1 000`` as one, so it sees none but that of an inverse."""
        token, before = tokens[place], [t.text for t in tokens[max(0, place - 3) : place]]
        if token.text.startswith("."):
            self.reader.fail("a number starts with a digit.", f"Write `0{token.text}`.", token)
        if place and tokens[place - 1].is_number and before[-2:-1] not in (["^"], ["_"]):
            self.reader.fail("two numbers stand side by side.", r"Write `\cdot` between them, or one number.", token)
        if token.text == "1" and before == ["^", "{", "-"]:
            self._put(token.text, token)
        else:
            number = sympy.Integer(int(token.text)) if token.text.isdigit() else sympy.Float(token.text)
            self._constant(number, token)

    def _constant(self, value: Any, token: Token) -> None:
        """Add a number in braces: before parentheses it is a factor, not a function."""
        self._put(f"{{{self.stand_in(value)}}}", token)

    def _sign(self, tokens: Sequence[Token], place: int) -> None:
        token, behind = tokens[place], [t.text for t in tokens[place + 1 : place + 6]]
        if token.text == "^" and len(behind) > 3 and behind[:2] == ["{", "("] and behind[3:] == [")", "}"]:
            hint = f"Write `x_{{{behind[2]}}}` for an element, `x^{{{behind[2]}}}` for a power."
            self.reader.fail("a letter in parentheses above is no power.", hint, token)
        if token.text == ":":
            self.reader.fail("`:` is not in the language.", "Write `/`.", token)
        self._put(token.text.replace(r"\{", "(").replace(r"\}", ")"), token)

    # Names

    def _name(self, tokens: Sequence[Token], place: int) -> int:
        """Add a name with its subscript and primes."""
        start = place
        word, place = self.word(tokens, place)
        while place < len(tokens) and tokens[place].text == "'":
            word, place = f"{word}_prime", place + 1
        parts: tuple[tuple[Token, ...], ...] = ()
        if place < len(tokens) and tokens[place].text == "_":
            subscript, place = self.reader.argument(tokens, place + 1)
            parts = tuple(map(tuple, _split(subscript)))
        called = tokens[start].command in (known.FONTS | known.CALLED)
        self._check_call(word, parts, called, tokens, start, place)
        self._put(self.stand_in(Name(word, parts, called)), tokens[start])
        return place

    def _check_call(
        self, word: str, parts: Sequence[Any], called: bool, tokens: Sequence[Token], start: int, end: int
    ) -> None:
        """A word that is a function needs arguments in parentheses."""
        if not called or by_name(word) is None:
            return
        behind = next((t.text for t in tokens[end:] if t.command not in known.SPACES), "")
        if parts or behind not in ("(", r"\{"):
            hint = f"Write `{tokens[start].text}(a, b)`." if word in ("max", "min") else f"Write `{word}(x)`."
            self.reader.fail(f"the function `{word}` stands without parentheses.", hint, tokens[start])

    def word(self, tokens: Sequence[Token], place: int) -> tuple[str, int]:
        """Return the name that begins here, without a subscript, and the place behind it."""
        start, token, command = place, tokens[place], tokens[place].command
        if command in known.FONTS or command in known.ACCENTS:
            inner, place = self.reader.argument(tokens, place + 1)
            word = self.joined(inner, token)
            if command in known.ACCENTS:
                word = f"{word}_{known.ACCENTS[command]}"
        else:
            word, place = command or token.text, place + 1
        spelling = " ".join(t.text for t in tokens[start:place])
        if command in ("operatorname", "mathrm", "text"):  # the same word in upright letters
            spelling = word if len(word) > 1 else spelling
        other = self.spelt.setdefault(word, spelling)
        if other not in (spelling, word):
            hint = "Give one of them another name."
            self.reader.fail(f"`{other}` and `{spelling}` would both be called `{word}`.", hint, token)
        return word, place

    def joined(self, tokens: Sequence[Token], owner: Token) -> str:
        """Return the letters and digits of some tokens as a word."""
        found = []
        for token in tokens:
            text = token.command or token.text
            if text.isalnum() and text not in known.FONTS:
                found.append(text)
            elif not (text in known.FONTS or text in "{},_- " or text in known.SPACES):
                self.reader.fail(f"`{token.text}` cannot be part of a name.", "Use letters and digits.", token)
        if not found:
            self.reader.fail("a name is empty.", "Write letters in the braces.", owner)
        apart = any(len(word) > 1 for word in found) or any(t.text in ("_", ",") for t in tokens)
        return ("_" if apart else "").join(found)


def _is_derivative(top: Sequence[Token], bottom: Sequence[Token]) -> bool:
    """Is a fraction of these a derivative, as in dy/dx?"""
    letters = ("d", r"\partial")
    if not top or top[0].text not in letters or not bottom or bottom[0].text not in letters or len(bottom) < 2:
        return False
    return bottom[1].text.isalpha() or bottom[1].command in known.GREEK


def _comma(tokens: Sequence[Token]) -> Token | None:
    """Return the first comma outside of inner brackets."""
    depth = 0
    for token in tokens:
        depth += (token.text in "([{") - (token.text in ")]}")
        if token.text == "," and not depth:
            return token
    return None


def _split(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return the parts of a subscript between its commas."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
