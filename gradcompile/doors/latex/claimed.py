r"""A gradient in LaTeX as an expression of a formula: matrix notation, where the names' shapes say what a product is.

``\frac{1}{N} X^\top (P - Y)`` with matrices X, P and Y is ``1 / N * X.T @ (P - Y)``. Two arrays side by side are a
matrix product; ``\odot`` is the one element by element. Indices of sums count from 1, as on paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gradcompile.doors.latex.commands import ACCENTS, FONTS, GREEK, SPACES
from gradcompile.doors.latex.tokens import Reader, Token
from gradcompile.gates.registry import by_name, reduction_by_name

ELEMENTWISE = frozenset((r"\odot", r"\circ", "*", r"\ast"))
DOTS = frozenset((r"\cdot", r"\times"))
TRANSPOSED = frozenset((r"\top", "T", r"\intercal", r"\mathsf", r"\mathrm"))
ENDS = frozenset(("+", "-", ")", "]", "}", "=", ",", r"\}", "|", r"\|", r"\right", r"\rVert", r"\rvert", ";"))
CALLS = {"ln": "log", "tr": "trace", "Tr": "trace", "sgn": "sign", "lse": "logsumexp", "sigma": "sigmoid"}
SUMS = {r"\sum": "sum", r"\prod": "prod"}
CLOSING = {"(": ")", "[": "]", r"\{": r"\}", r"\lVert": r"\rVert", r"\lvert": r"\rvert", r"\|": r"\|", "|": "|"}
HINT = r"Write it like `\frac{1}{N} X^\top (P - Y)`, or in the formula language: `X.T @ (P - Y) / N`."


@dataclass(frozen=True)
class Piece:
    """Formula text, how strongly it binds (sum 1, product 2, sign 3, power 4, closed 5), and what it is."""

    text: str
    binds: int = 5
    rank: int = 0
    row: bool = False  # a vector that stands transposed
    ones: bool = False  # a vector of ones

    def inside(self, least: int) -> str:
        """Return the text, in parentheses where it binds less than that."""
        return self.text if self.binds >= least else f"({self.text})"


def expression(latex: str, ranks: Mapping[str, int]) -> str:
    """Return the text of a formula's expression, given the number of axes of every name. Raises FormulaError."""
    reader = Reader(" ".join(latex.split()))
    parser = Parser(reader, [t for t in reader.tokens() if t.command not in SPACES - {"left", "right"}], ranks)
    piece = parser.total()
    if parser.now is not None:
        reader.fail(f"`{parser.now.text}` cannot stand here.", HINT, parser.now)
    return piece.text


class Parser:
    """A parser by recursive descent, at a place in the tokens."""

    def __init__(self, reader: Reader, tokens: Sequence[Token], ranks: Mapping[str, int]) -> None:
        self.reader, self.tokens, self.ranks = reader, list(tokens), ranks
        self.place = 0
        self.indices: set[str] = set()

    @property
    def now(self) -> Token | None:
        """The next token, None at the end."""
        self._skip()
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def _skip(self) -> None:
        r"""Leave out \left and \right, which only say how large a bracket is."""
        while self.place < len(self.tokens) and self.tokens[self.place].command in ("left", "right"):
            self.place += 1

    def _is(self, *texts: str) -> bool:
        return self.now is not None and self.now.text in texts

    def _take(self) -> Token:
        token = self.now
        if token is None:
            self.reader.fail("the formula ends too early.", HINT)
        self.place += 1
        return token

    def _expect(self, text: str) -> None:
        token = self._take()
        if token.text != text:
            self.reader.fail(f"`{text}` belongs here, not `{token.text}`.", HINT, token)

    # Sums and products

    def total(self) -> Piece:
        """Return terms joined by plus and minus."""
        negative = self._is("-")
        if self._is("-", "+"):
            self._take()
        left = self._product()
        if negative:
            left = replace(left, text=f"-{left.inside(2)}", binds=2)
        while self._is("+", "-"):
            sign = self._take().text
            right = self._product()
            text = f"{left.inside(1)} {sign} {right.inside(2 if sign == '-' else 1)}"
            left = Piece(text, 1, max(left.rank, right.rank), left.row or right.row)
        return left

    def _product(self) -> Piece:
        left = self._power()
        while self.now is not None and self.now.text not in ENDS:
            token = self.now
            if token.text in ("/", r"\div"):
                self._take()
                left = _quotient(left, self._power())
            elif token.text in ELEMENTWISE:
                self._take()
                left = _elementwise(left, self._power())
            else:
                if token.text in DOTS or token.text == r"\otimes":
                    self._take()
                left = _product(left, self._power())
        return left

    def _power(self) -> Piece:
        base = self._atom()
        while self._is("^", "'"):
            if self._take().text == "'":
                self.reader.fail("a prime is not read.", HINT, self.tokens[self.place - 1])
            base = self._raised(base, self._group_tokens())
        return base

    def _raised(self, base: Piece, exponent: list[Token]) -> Piece:
        texts = [t.text for t in exponent if t.text not in ("{", "}")]
        if texts and texts[-1] in (r"\top", "T", r"\intercal", "t") and all(t in TRANSPOSED for t in texts[:-1]):
            if base.rank < 2:
                return replace(base, row=base.rank == 1)
            return Piece(f"{base.inside(5)}.T", 5, base.rank)
        if texts == ["-", "1"] and base.rank == 2:
            return Piece(f"inv({base.text})", 5, 2)
        power = self._inner(exponent)
        return Piece(f"{base.inside(5)}**{power.inside(5)}", 4, base.rank)

    def _inner(self, tokens: Sequence[Token]) -> Piece:
        """Read some tokens by themselves."""
        other = Parser(self.reader, tokens, self.ranks)
        other.indices = self.indices
        piece = other.total()
        if other.now is not None:
            self.reader.fail(f"`{other.now.text}` cannot stand here.", HINT, other.now)
        return piece

    def _group_tokens(self) -> list[Token]:
        self._skip()
        found, self.place = self.reader.argument(self.tokens, self.place)
        return found

    # Atoms

    def _atom(self) -> Piece:
        token = self._take()
        text, command = token.text, token.command
        if token.is_number:
            return Piece(text)
        if text == "{":
            self.place -= 1
            return self._inner(self._group_tokens())
        if text in CLOSING:
            return self._bracket(text)
        if command in ("frac", "dfrac", "tfrac"):
            above, below = self._inner(self._group_tokens()), self._inner(self._group_tokens())
            return _quotient(above, below)
        if command == "sqrt":
            inner = self._inner(self._group_tokens())
            return Piece(f"sqrt({inner.text})", 5, inner.rank)
        if text in SUMS:
            return self._sum(SUMS[text])
        if text in ("-", "+"):
            right = self._power()
            return replace(right, text=f"{text}{right.inside(3)}", binds=3)
        return self._word(token)

    def _bracket(self, opening: str) -> Piece:
        inner = self.total()
        self._expect(CLOSING[opening])
        if opening in (r"\lVert", r"\|"):
            return Piece(f"norm({inner.text})")
        if opening in (r"\lvert", "|"):
            return Piece(f"abs({inner.text})", 5, inner.rank)
        return replace(inner, text=f"({inner.text})", binds=5)

    def _sum(self, name: str) -> Piece:
        if not self._is("_"):
            self.reader.fail("a sum needs its index.", r"Write `\sum_{i=1}^{N} x_i`.", self.tokens[self.place - 1])
        self._take()
        below = self._group_tokens()
        texts = [t.text for t in below]
        if len(below) < 3 or texts[1] != "=" or not self._is("^"):
            self.reader.fail("a sum needs an index and both bounds.", r"Write `\sum_{i=1}^{N} x_i`.", below[0])
        self._take()
        index, first, last = texts[0], self._inner(below[2:]), self._inner(self._group_tokens())
        self.indices.add(index)
        term = self._product()
        self.indices.discard(index)
        start = "" if first.text == "1" else f"{first.text} - 1, "
        return Piece(f"{name}({term.text} for {index} in range({start}{last.text}))", 5, term.rank)

    def _word(self, token: Token) -> Piece:
        word = self._name(token)
        if self._is("_"):
            self._take()
            return self._subscripted(word, self._group_tokens(), token)
        if word == "1" or (token.command in ("mathbf", "mathbb", "boldsymbol") and word in ("1", "bf1")):
            return Piece("1", 5, 1, ones=True)
        if word in self.indices:
            return Piece(f"({word} + 1)")
        if (name := self._known(word)) is not None:
            return Piece(name, 5, self.ranks[name])
        if word == "e" and self._is("^"):
            self._take()
            power = self._inner(self._group_tokens())
            return Piece(f"exp({power.text})", 5, power.rank)
        return self._call(CALLS.get(word, word), token)

    def _name(self, token: Token) -> str:
        command = token.command
        if command in FONTS or command in ACCENTS:
            inner = "".join(t.command or t.text for t in self._group_tokens())
            return f"{inner}_{ACCENTS[command]}" if command in ACCENTS else inner
        return command or token.text

    def _known(self, word: str) -> str | None:
        spellings = (word, f"{word}_", word[:3] if word in GREEK else word, word.lower() if len(word) > 1 else word)
        return next((s for s in spellings if s in self.ranks), None)

    def _subscripted(self, word: str, tokens: list[Token], token: Token) -> Piece:
        label = "".join(t.command or t.text for t in tokens)
        for spelling in (f"{word}_{label}", f"{word}{label}"):
            if spelling in self.ranks:
                return Piece(spelling, 5, self.ranks[spelling])
        name = self._known(word)
        if name is None:
            self.reader.fail(f"`{word}_{label}` is not known.", "Use the names of the formula.", token)
        parts = _split(tokens)
        if len(parts) == 1 and len(tokens) == self.ranks[name] and all(t.text in self.indices for t in tokens):
            parts = [[t] for t in tokens]  # x_{ij}
        index = ", ".join(self._index(part) for part in parts)
        return Piece(f"{name}[{index}]", 5, max(0, self.ranks[name] - len(parts)))

    def _index(self, tokens: list[Token]) -> str:
        """Return a position, which counts from 1 on paper and from 0 here."""
        texts = [t.text for t in tokens]
        if len(texts) == 1 and texts[0].isdigit():
            return str(int(texts[0]) - 1)
        if texts[0] in self.indices:
            return " ".join(texts)
        return f"{self._inner(tokens).text} - 1"

    def _call(self, name: str, token: Token) -> Piece:
        known = by_name(name) or reduction_by_name(name) or name in ("softmax", "trace", "diag", "mean", "log_softmax")
        if not known:
            self.reader.fail(f"`{name}` is not known.", "Use the names of the formula, and its functions.", token)
        argument = self._atom() if self._is("(", "[", "{", r"\{") else self._power()
        text = argument.text[1:-1] if argument.text.startswith("(") else argument.text
        if name in ("softmax", "log_softmax", "logsumexp") and argument.rank == 2:
            return Piece(f"{name}({text}, axis=1)", 5, 2 if name != "logsumexp" else 1)
        rank = {"diag": 3 - argument.rank, "trace": 0, "mean": 0, "norm": 0}.get(name, argument.rank)
        return Piece(f"{name}({text})", 5, 0 if reduction_by_name(name) and not by_name(name) else rank)


def _split(tokens: Sequence[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _quotient(left: Piece, right: Piece) -> Piece:
    return Piece(f"{left.inside(2)} / {right.inside(4)}", 2, max(left.rank, right.rank), left.row)


def _elementwise(left: Piece, right: Piece) -> Piece:
    return Piece(f"{left.inside(2)} * {right.inside(4)}", 2, max(left.rank, right.rank), left.row)


def _product(left: Piece, right: Piece) -> Piece:
    """Return what two factors side by side are."""
    if left.ones and left.row and right.rank == 2:
        return Piece(f"sum({right.text}, axis=0)", 5, 1, row=True)
    if right.ones and left.rank == 2:
        return Piece(f"sum({left.text}, axis=1)", 5, 1)
    if left.ones and right.rank == 1 and left.row:
        return Piece(f"sum({right.text})")
    if not left.rank or not right.rank:
        return _elementwise(left, right)
    if left.rank == right.rank == 1:
        if left.row:
            return Piece(f"{left.inside(2)} @ {right.inside(4)}", 2)
        return Piece(f"outer({left.text}, {right.text})", 5, 2) if right.row else _elementwise(left, right)
    rank = left.rank + right.rank - 2
    return Piece(f"{left.inside(2)} @ {right.inside(4)}", 2, rank, row=left.rank == 1)
