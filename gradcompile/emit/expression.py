"""Python text of expressions: the code in the gates' records, with operands put in; parentheses by `ast.unparse`."""

from __future__ import annotations

import ast
import keyword
import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Literal

from gradcompile.gates.registry import GATES, REDUCE
from gradcompile.syntax.program import DOUBLE

Target = Literal["numpy", "numba", "near", "alone"]  # `alone`: for Numba, outside loops that run in vector lanes

_PLAIN = re.compile(r"(?:[^\W\d][\w.]*|\d+(?:\.\d*)?(?:e[+-]?\d+)?)\Z")
_HEAD = re.compile(r"[^\W\d][\w.]*(?=[(\[])")
_WORD = re.compile(r"""\"[^"]*\"|[^\W\d][\w.]*|\d+(?:\.\d*)?(?:e[+-]?\d+)?""")
_BLANK = re.compile(r"(_\d+)")
_SYNTAX = frozenset(keyword.kwlist)
_FUNCTION = re.compile(r"^(def (\w+).*?)\s*(?=^def |\Z)", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"\b_\w+")
_OPENING, _CLOSING = "([{", ")]}"


def literal(value: float | int | bool) -> str:
    """Return the text of a number."""
    if isinstance(value, float) and not math.isfinite(value):
        return "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    return repr(value)


def apply(gate_name: str, operands: Sequence[str], target: Target, dtype: str = DOUBLE) -> str:
    """Return the gate's code with any expressions in the place of its arguments."""
    record = GATES[gate_name]
    return fill(code(gate_name, target, dtype), record.arguments, operands)


def code(gate_name: str, target: Target, dtype: str = DOUBLE) -> str:
    """Return the gate's code over its argument names."""
    record = GATES[gate_name]
    text = record.numpy
    if target != "numpy":
        text = {"alone": record.alone, "near": record.near}.get(target, "") or record.numba or record.numpy
    return text if dtype == DOUBLE else _in_single(gate_name, text)


@cache
def _in_single(gate_name: str, text: str) -> str:
    """Return a gate's code for float32. What is computed by functions of Python's is so in float64, and rounded."""
    record = GATES[gate_name]
    if gate_name == "real":
        return "np.float32(x)"
    if functions(text, record.helper) or "np.vectorize(" in text:
        return f"np.float32({fill(text, record.arguments, [f'np.float64({a})' for a in record.arguments])})"
    if record.result != "real":
        return text
    return ast.unparse(_WithPoints().visit(ast.parse(text, mode="eval")))


class _WithPoints(ast.NodeTransformer):
    """Writes whole numbers as real ones, but for exponents: Numba takes one times a float32 for a float64."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        node.left = self.visit(node.left)
        if not (isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant)):
            node.right = self.visit(node.right)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(float(node.value)) if type(node.value) is int else node


def occurrences(gate_name: str, target: Target) -> tuple[int, ...]:
    """Return how often the gate's code mentions each argument: what is mentioned twice should be a name."""
    record = GATES[gate_name]
    return _count(code(gate_name, target), record.arguments)


def functions(code_text: str, helper: str) -> dict[str, str]:
    """Return the functions of the helper's source that the code calls, directly or through others, by name."""
    texts = {name: text for text, name in _FUNCTION.findall(helper)}
    called: set[str] = set()
    waiting = [code_text]
    while waiting:
        found = texts.keys() & set(_NAME.findall(waiting.pop())) - called
        called |= found
        waiting += [texts[name] for name in found]
    return {name: text for name, text in texts.items() if name in called}


def reduce_text(name: str, x: str, axis: str | None) -> str:
    """Return NumPy code that reduces an array over an axis; over all of its axes if `axis` is None."""
    text = REDUCE[name].numpy
    if axis is None:
        text = text.replace(", axis=axis", "").replace("axis", "0")
    return fill(text, ("x", "axis"), (x, axis or "0"))


def reduce_occurrences(name: str) -> int:
    """Return how often the code of a reduction mentions its operand."""
    return _count(REDUCE[name].numpy, ("x",))[0]


def fill(text: str, names: Sequence[str], operands: Sequence[str]) -> str:
    """Return the text with expressions in the place of names, in parentheses where they need them."""
    pieces = _pieces(text, tuple(names))
    atoms = [is_atom(o) for o in operands]
    if all(atoms):
        return "".join([operands[p] if isinstance(p, int) else p for p in pieces])
    wrapped = [o if atom else f"({o})" for o, atom in zip(operands, atoms, strict=True)]
    return normal("".join([wrapped[p] if isinstance(p, int) else p for p in pieces]))


def normal(text: str) -> str:
    """Return an expression with the parentheses that it needs and no others."""
    words: list[str] = []

    def blank(found: re.Match[str]) -> str:
        if found[0] in _SYNTAX:
            return found[0]
        words.append(found[0])
        return f"_{len(words) - 1}"

    pieces = _normal_shape(_WORD.sub(blank, text))
    return "".join([words[p] if isinstance(p, int) else p for p in pieces])


@cache
def _normal_shape(shape: str) -> tuple[str | int, ...]:
    """Put the parentheses right in an expression over _0, _1, …: many expressions differ in their words alone."""
    text = ast.unparse(ast.parse(shape, mode="eval")).replace("--", "")  # minus minus x is x
    return tuple(int(p[1:]) if p[:1] == "_" else p for p in _BLANK.split(text))


def is_atom(text: str) -> bool:
    """Return whether it stays one operand wherever it stands: a name, a number, a call, a subscript."""
    if text.isidentifier() or _PLAIN.match(text):
        return True
    head = _HEAD.match(text)
    if head is None:
        return False
    depth = 0
    for position in range(head.end(), len(text)):
        character = text[position]
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        elif depth == 0 and not (character.isalnum() or character in "._"):
            return False
    return True


def words(text: str) -> set[str]:
    """Return the names and numbers that an expression mentions."""
    return set(_WORD.findall(text))


def subscript(text: str, index: str) -> str:
    """Return the text of an element or a slice of an expression."""
    return f"{text}[{index}]" if is_atom(text) else f"({text})[{index}]"


@cache
def _pieces(text: str, names: tuple[str, ...]) -> tuple[str | int, ...]:
    """Cut code at the names: their positions in `names` stand between the pieces of text."""
    text = ast.unparse(ast.parse(text, mode="eval"))
    found = sorted((n.col_offset, n.id) for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name) and n.id in names)
    pieces: list[str | int] = []
    at = 0
    for start, name in found:
        pieces += [text[at:start], names.index(name)]
        at = start + len(name)
    return tuple(p for p in [*pieces, text[at:]] if p != "")


@cache
def _count(text: str, names: tuple[str, ...]) -> tuple[int, ...]:
    counted = Counter(p for p in _pieces(text, names) if isinstance(p, int))
    return tuple(counted[i] for i in range(len(names)))
