"""Expressions of the formula language as mathematics: LaTeX, and plain text with Unicode's signs."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

GREEK = {  # a letter, and what LaTeX calls it
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\epsilon", "ζ": r"\zeta", "η": r"\eta",
    "θ": r"\theta", "ι": r"\iota", "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu", "ν": r"\nu", "ξ": r"\xi", "π": r"\pi",
    "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau", "υ": r"\upsilon", "φ": r"\phi", "χ": r"\chi", "ψ": r"\psi",
    "ω": r"\omega", "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda", "Ξ": r"\Xi", "Π": r"\Pi",
    "Σ": r"\Sigma", "Υ": r"\Upsilon", "Φ": r"\Phi", "Ψ": r"\Psi", "Ω": r"\Omega",
}  # fmt: skip
_NAMED = {"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min", "det", "arcsin", "arccos", "arctan"}
_SUBSCRIPTS = dict(zip("aehijklmnoprstuvx0123456789", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ₀₁₂₃₄₅₆₇₈₉", strict=True))
_ESCAPES = {c: f"\\{c}" for c in "#$%&_{}"} | {
    "\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}", "×": r"$\times$", "→": r"$\to$", "…": r"\dots{}",
    "−": r"$-$", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
} | {letter: f"${name}$" for letter, name in GREEK.items()}  # fmt: skip
_RELATIONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<"), ast.LtE: (r"\le", "≤"), ast.Gt: (">", ">"), ast.GtE: (r"\ge", "≥"),
    ast.Eq: ("=", "="), ast.NotEq: (r"\ne", "≠"),
}  # fmt: skip
_OR, _AND, _NOT, _COMPARED, _SUM, _BIG, _PRODUCT, _SIGN, _POWER, _ATOM = range(1, 11)


@dataclass(frozen=True)
class Latex:
    """Writes LaTeX. A name in `gradients` is the gradient of `result` by what it stands for; `arrays` multiply by ⊙."""

    result: str = "L"
    gradients: Mapping[str, str] | None = None
    arrays: Collection[str] = ()

    def of(self, text: str) -> str:
        """Return an expression, or an equation, in LaTeX."""
        left, equals, right = text.partition(" = ")
        return f"{self.of(left)} = {self.of(right)}" if equals else self._write(ast.parse(text, mode="eval").body)

    def name(self, text: str, index: str = "") -> str:
        """Return a name: Greek letters, a number at its end as an index, more than one letter upright."""
        if self.gradients and text in self.gradients:
            return rf"\frac{{\partial {self.name(self.result)}}}{{\partial {self.name(self.gradients[text], index)}}}"
        stem, number = re.fullmatch(r"(.*?)_?(\d*)", text).groups()  # type: ignore[union-attr]
        stem = stem or text
        base = f"\\{stem}" if f"\\{stem}" in GREEK.values() else GREEK.get(stem, stem)
        base = base if len(stem) == 1 or base != stem else rf"\text{{{escaped(stem)}}}"
        below = r";\,".join(part for part in (number if stem != text else "", index) if part)
        return f"{base}_{{{below}}}" if below else base

    def _write(self, tree: ast.expr, level: int = 0) -> str:
        text, own = self._parts(tree)
        return rf"\left({text}\right)" if own < level else text

    def _parts(self, tree: ast.expr) -> tuple[str, int]:
        """Return LaTeX and how tightly it holds together."""
        match tree:
            case ast.Name(id=name):
                return self.name(name), _ATOM
            case ast.Constant(value=value):
                return _number(value), _ATOM
            case ast.Attribute(value=x, attr="T"):
                return rf"{self._write(x, _ATOM)}^{{\top}}", _POWER
            case ast.Attribute(attr=name):
                return self.name(name), _ATOM
            case ast.Subscript(value=x, slice=index):
                return self._entry(x, index), _ATOM
            case ast.Slice():
                return escaped(ast.unparse(tree)), _ATOM
            case ast.UnaryOp(op=ast.USub(), operand=x):
                return f"-{self._write(x, _PRODUCT)}", _SUM
            case ast.UnaryOp(op=ast.Not(), operand=x):
                return rf"\neg {self._write(x, _NOT)}", _NOT
            case ast.BinOp(left=a, op=op, right=b):
                return self._binary(a, op, b)
            case ast.Compare(left=a, ops=[op], comparators=[b]):
                return f"{self._write(a, _SUM)} {_RELATIONS[type(op)][0]} {self._write(b, _SUM)}", _COMPARED
            case ast.BoolOp(op=op, values=values):
                sign, level = (r" \land ", _AND) if isinstance(op, ast.And) else (r" \lor ", _OR)
                return sign.join(self._write(v, level + 1) for v in values), level
            case ast.Call(func=f, args=args, keywords=keywords):
                return self._call(f, args, keywords)
        return rf"\text{{{escaped(ast.unparse(tree))}}}", _ATOM

    def _binary(self, a: ast.expr, op: ast.operator, b: ast.expr) -> tuple[str, int]:
        match op:
            case ast.Add():
                return f"{self._write(a, _SUM)} + {self._write(b, _SUM)}", _SUM
            case ast.Sub():
                return f"{self._write(a, _SUM)} - {self._write(b, _BIG)}", _SUM
            case ast.Div():
                return rf"\frac{{{self._write(a)}}}{{{self._write(b)}}}", _POWER
            case ast.Pow():
                return f"{self._write(a, _ATOM)}^{{{self._write(b)}}}", _POWER
            case ast.MatMult():
                return rf"{self._write(a, _PRODUCT)} \, {self._write(b, _SIGN)}", _PRODUCT
            case ast.Mult():
                sign = r"\odot" if self._is_array(a) and self._is_array(b) else r"\cdot"
                return rf"{self._write(a, _PRODUCT)} {sign} {self._write(b, _SIGN)}", _PRODUCT
        return rf"{self._write(a, _SIGN)} \bmod {self._write(b, _SIGN)}", _PRODUCT

    def _is_array(self, tree: ast.expr) -> bool:
        """Does it stand for more than one number?"""
        if isinstance(tree, ast.Subscript) and not any(
            isinstance(n, (ast.Slice, ast.Constant)) for n in ast.walk(tree.slice)
        ):
            return False
        if isinstance(tree, ast.Call) and ast.unparse(tree.func) in ("sum", "mean") and not tree.keywords:
            return False
        return any(isinstance(n, ast.Name) and n.id in self.arrays for n in ast.walk(tree))

    def _entry(self, x: ast.expr, index: ast.expr) -> str:
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        kept = [self._write(p) for p in parts if ast.unparse(p) not in (":", "None")]
        if not kept:
            return self._write(x, _ATOM)  # a new axis: copied along it
        if isinstance(x, ast.Name):
            return self.name(x.id, ",".join(kept))
        return f"{self._write(x, _ATOM)}_{{{','.join(kept)}}}"

    def _call(self, function: ast.expr, args: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> tuple[str, int]:
        name = ast.unparse(function)
        over = next((ast.unparse(k.value) for k in keywords if k.arg == "axis"), None)
        match name, args:
            case "sum", [ast.GeneratorExp() as sums]:
                return rf"\sum_{{{_variable(sums)}}} {self._write(sums.elt, _BIG)}", _BIG
            case _, [ast.GeneratorExp() as each]:
                return rf"{_function(name)}_{{{_variable(each)}}}\left({self._write(each.elt)}\right)", _ATOM
            case "sum", [x]:
                below = "" if over is None else rf"_{{\text{{axis {over}}}}}"
                return rf"\sum{below} {self._write(x, _BIG)}", _BIG
            case "sqrt", [x]:
                return rf"\sqrt{{{self._write(x)}}}", _ATOM
            case "exp", [x]:
                return f"e^{{{self._write(x)}}}", _POWER
            case "abs", [x]:
                return rf"\left|{self._write(x)}\right|", _ATOM
            case "sigmoid", [x]:
                return rf"\sigma\left({self._write(x)}\right)", _ATOM
            case "where", [condition, yes, no]:
                branches = rf"{self._write(yes)} & {self._write(condition)} \\ {self._write(no)} & \text{{otherwise}}"
                return rf"\begin{{cases}} {branches} \end{{cases}}", _ATOM
        inner = ", ".join(self._write(a) for a in args)
        below = "" if over is None else rf"_{{\text{{axis {over}}}}}"
        return rf"{_function(name)}{below}\left({inner}\right)", _ATOM


def _function(name: str) -> str:
    return f"\\{name}" if name in _NAMED else rf"\operatorname{{{escaped(name)}}}"


def _variable(generator: ast.GeneratorExp) -> str:
    return ast.unparse(generator.generators[0].target)


def _number(value: object) -> str:
    text = str(value)
    if "e" in text:
        mantissa, exponent = text.split("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return rf"\text{{{text}}}" if isinstance(value, (bool, str)) else text


def escaped(text: str) -> str:
    """Return plain text as LaTeX has it."""
    return "".join(_ESCAPES.get(c, c) for c in text)


_SIGNS: dict[type[ast.operator], tuple[str, int, int, int]] = {  # the sign; how tight it and its two sides are
    ast.Add: (" + ", _SUM, _SUM, _SUM), ast.Sub: (" - ", _SUM, _SUM, _BIG), ast.Mult: ("·", _PRODUCT, _PRODUCT, _SIGN),
    ast.Div: (" / ", _PRODUCT, _PRODUCT, _SIGN), ast.MatMult: (" @ ", _PRODUCT, _PRODUCT, _SIGN),
    ast.Mod: (" % ", _PRODUCT, _PRODUCT, _SIGN), ast.FloorDiv: (" // ", _PRODUCT, _PRODUCT, _SIGN),
}  # fmt: skip
_RAISED = {"2": "²", "3": "³"}


def plain(text: str) -> str:
    """Return an expression, or an equation, as Unicode text: Σₙ X[n, d]·dscores[n, c]."""
    left, equals, right = text.partition(" = ")
    return f"{plain(left)} = {plain(right)}" if equals else _plain(ast.parse(text, mode="eval").body)


def _plain(tree: ast.expr, level: int = 0) -> str:
    text, own = _plain_parts(tree)
    return f"({text})" if own < level else text


def _plain_parts(tree: ast.expr) -> tuple[str, int]:
    match tree:
        case ast.BinOp(left=a, op=ast.Pow(), right=b):
            power = _plain(b, _ATOM)
            return f"{_plain(a, _ATOM)}{_RAISED.get(power, f' ** {power}')}", _POWER
        case ast.BinOp(left=a, op=op, right=b):
            sign, own, first, second = _SIGNS[type(op)]
            return f"{_plain(a, first)}{sign}{_plain(b, second)}", own
        case ast.UnaryOp(op=ast.USub(), operand=x):
            return f"-{_plain(x, _BIG)}", _PRODUCT
        case ast.Compare(left=a, ops=[op], comparators=[b]):
            return f"{_plain(a, _SUM)} {_RELATIONS[type(op)][1]} {_plain(b, _SUM)}", _COMPARED
        case ast.Call(func=f, args=[ast.GeneratorExp() as each]):
            letter, name = _variable(each), ast.unparse(f)
            below = _SUBSCRIPTS.get(letter, f"_{letter}")
            return (
                (f"Σ{below} {_plain(each.elt, _BIG)}", _BIG)
                if name == "sum"
                else (f"{name}{below}({_plain(each.elt)})", _ATOM)
            )
        case ast.Call(func=f, args=args, keywords=[]):
            return f"{ast.unparse(f)}({', '.join(_plain(a) for a in args)})", _ATOM
    return ast.unparse(tree), _ATOM if isinstance(
        tree, (ast.Name, ast.Constant, ast.Subscript, ast.Attribute, ast.Call)
    ) else _OR
