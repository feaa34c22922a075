"""SymPy objects from SymPy's own syntax, through `ast` and a list of words; nothing is evaluated as Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NoReturn

import sympy

from gradcompile.doors.vocabulary import CALLS, CONSTANTS, DECLARING, FUNCTIONS, METHODS
from gradcompile.errors import FormulaError
from gradcompile.syntax.names import nearest
from gradcompile.syntax.source import Source

_LARGEST_POWER = 4096  # bits of a power of numbers that SymPy is asked to compute
_BINARY: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.MatMult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Mod: lambda a, b: a % b,
    ast.FloorDiv: lambda a, b: sympy.floor(a / b),
    ast.BitAnd: sympy.And,
    ast.BitOr: sympy.Or,
}
_RELATIONS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Lt: sympy.Lt, ast.LtE: sympy.Le, ast.Gt: sympy.Gt, ast.GtE: sympy.Ge, ast.Eq: sympy.Eq, ast.NotEq: sympy.Ne,
}  # fmt: skip
_REFUSED = (TypeError, ValueError, ArithmeticError, AttributeError, NotImplementedError, IndexError)
"""What SymPy raises for arguments that make no sense, such as matrices whose shapes do not fit."""


@dataclass
class Builder:
    """Reads expressions of one file. Names without a meaning are symbols, or arrays where they have an index."""

    source: Source
    indexed: frozenset[str]  # names that stand before brackets somewhere
    values: dict[str, Any] = field(default_factory=dict)
    free: dict[str, ast.Name] = field(default_factory=dict)  # names without a meaning, and where they were first read

    def error(self, message: str, hint: str, tree: ast.AST) -> FormulaError:
        """Return an error at a piece of syntax."""
        return FormulaError(message, self.source.span(tree), hint)

    def fail(self, message: str, hint: str, tree: ast.AST) -> NoReturn:
        """Raise an error at a piece of syntax."""
        raise self.error(message, hint, tree)

    def build(self, tree: ast.AST) -> Any:
        """Return the object that an expression denotes."""
        method = getattr(self, f"_build_{type(tree).__name__.lower()}", None)
        if method is None:
            text = self.source.segment(tree, 40)
            self.fail(f"`{text}` is no SymPy expression.", "Write it as SymPy prints it.", tree)
        try:
            return method(tree)
        except _REFUSED as error:
            parts = error.args if len(error.args) > 1 else [str(error) or type(error).__name__]
            text = " ".join(" ".join(map(str, parts)).split())
            self.fail(f"SymPy refuses this: {text}.", "Write it so that SymPy accepts it.", tree)

    # Names and numbers

    def _build_constant(self, tree: ast.Constant) -> Any:
        value = tree.value
        if isinstance(value, bool):
            return sympy.true if value else sympy.false
        if isinstance(value, int):
            return sympy.Integer(value)
        if isinstance(value, float):
            return sympy.Float(value)
        if isinstance(value, complex):
            self.fail("complex numbers are not supported.", "Write real and imaginary part as two formulas.", tree)
        raise self.error("text is not a value.", "Only `symbols('x y')` and its like take text.", tree)

    def _build_name(self, tree: ast.Name) -> Any:
        name = tree.id
        if name in self.values:
            return self.values[name]
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in CALLS or name in DECLARING:
            self.fail(f"`{name}` is a function, not a value.", f"Call it: `{name}(x)`.", tree)
        self.free.setdefault(name, tree)
        return sympy.IndexedBase(name) if name in self.indexed else sympy.Symbol(name)

    def _build_attribute(self, tree: ast.Attribute) -> Any:
        if isinstance(tree.value, ast.Name) and tree.value.id == "S" and tree.attr in ("Half", "One", "Zero", "Pi"):
            return getattr(sympy.S, tree.attr)
        self._check_object(tree)
        value = self.build(tree.value)
        if tree.attr in ("T", "I") and not getattr(value, "is_Matrix", False):
            self.fail(f"`.{tree.attr}` is of matrices.", "Write a `Matrix` or declare a `MatrixSymbol`.", tree)
        if tree.attr == "T":
            return value.T
        if tree.attr == "I":
            return sympy.Inverse(value)
        raise self.error(f"there is no attribute `.{tree.attr}`.", "There are `.T` and `.I`, of matrices.", tree)

    def _check_object(self, tree: ast.Attribute) -> None:
        root = tree.value
        if isinstance(root, ast.Name) and root.id in ("sympy", "sp", "sym", "S"):
            hint = f"Write `{tree.attr}`."
            self.fail(f"`{root.id}.{tree.attr}`: names are used without a module.", hint, tree)

    def _build_subscript(self, tree: ast.Subscript) -> Any:
        base = self.build(tree.value)
        parts = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
        index = tuple(self._cut(p) if isinstance(p, ast.Slice) else self.build(p) for p in parts)
        if not isinstance(base, (sympy.IndexedBase, sympy.MatrixBase, sympy.MatrixExpr)):
            text = self.source.segment(tree.value, 40)
            self.fail(f"`{text}` has no elements.", "Index an `IndexedBase` or a matrix.", tree)
        if not all(isinstance(i, (sympy.Expr, slice)) for i in index):
            self.fail("this is no index.", "Write whole numbers, as in `x[i + 1]`.", tree.slice)
        return base[index if len(index) > 1 else index[0]]

    def _cut(self, tree: ast.Slice) -> slice:
        return slice(*(None if b is None else self.build(b) for b in (tree.lower, tree.upper, tree.step)))

    def _build_tuple(self, tree: ast.Tuple) -> tuple[Any, ...]:
        return tuple(map(self.build, tree.elts))

    def _build_list(self, tree: ast.List) -> list[Any]:
        return list(map(self.build, tree.elts))

    # Operators

    def _build_binop(self, tree: ast.BinOp) -> Any:
        left, right = self.build(tree.left), self.build(tree.right)
        if isinstance(tree.op, ast.Pow):
            return _power(left, right)
        if isinstance(tree.op, ast.BitXor) and not isinstance(left, sympy.logic.boolalg.Boolean):
            self.fail("`^` is not a power.", "Write `x**2` for a power.", tree)
        operation = sympy.Xor if isinstance(tree.op, ast.BitXor) else _BINARY.get(type(tree.op))
        if operation is None:
            self.fail("this operator is not part of the language.", "Use `+ - * / // % **`.", tree)
        return operation(left, right)

    def _build_unaryop(self, tree: ast.UnaryOp) -> Any:
        value = self.build(tree.operand)
        match tree.op:
            case ast.USub():
                return -value
            case ast.UAdd():
                return value
        return sympy.Not(value)

    def _build_boolop(self, tree: ast.BoolOp) -> Any:
        parts = map(self.build, tree.values)
        return (sympy.And if isinstance(tree.op, ast.And) else sympy.Or)(*parts)

    def _build_compare(self, tree: ast.Compare) -> Any:
        values = [self.build(t) for t in (tree.left, *tree.comparators)]
        links = []
        for operator, left, right in zip(tree.ops, values, values[1:], strict=False):
            relation = _RELATIONS.get(type(operator))
            if relation is None:
                self.fail("this comparison is not part of the language.", "Use `< <= > >= == !=`.", tree)
            links.append(relation(left, right))
        return reduce(sympy.And, links)

    def _build_ifexp(self, tree: ast.IfExp) -> Any:
        yes, test, no = self.build(tree.body), self.build(tree.test), self.build(tree.orelse)
        return sympy.Piecewise((yes, test), (no, True), evaluate=False)

    # Calls

    def _build_call(self, tree: ast.Call) -> Any:
        if isinstance(tree.func, ast.Attribute):
            return self._method(tree, tree.func)
        if not isinstance(tree.func, ast.Name):
            self.fail("only a name can be called.", "Write a product with a star, as in `2*(x + 1)`.", tree)
        name = tree.func.id
        if name in DECLARING:
            self.fail(f"`{name}` declares.", f"Write it on a line of its own: `x = {name}(...)`.", tree)
        if isinstance(function := self.values.get(name), sympy.Lambda):
            return function(*map(self.build, self._arguments(tree)))
        if name not in CALLS:
            self._unknown(name, tree)
        args = [self._argument(name, a) for a in self._arguments(tree)]
        if name in FUNCTIONS and args and all(getattr(a, "is_number", False) for a in args):
            return FUNCTIONS[name](*args, evaluate=False)  # as it is written; factorial(10**9) would never end
        return CALLS[name](*args)

    def _argument(self, function: str, tree: ast.expr) -> Any:
        """Return an argument; a matrix's own function may be named in `applyfunc`."""
        if function == "applyfunc" and isinstance(tree, ast.Name) and tree.id in FUNCTIONS:
            return FUNCTIONS[tree.id]
        return self.build(tree)

    def _arguments(self, tree: ast.Call) -> list[ast.expr]:
        if tree.keywords:
            self.fail(f"`{tree.keywords[0].arg}=` is not supported here.", "Leave it out.", tree)
        return tree.args

    def _method(self, tree: ast.Call, function: ast.Attribute) -> Any:
        self._check_object(function)
        if (method := METHODS.get(function.attr)) is None:
            hint = f"There are {', '.join(f'`.{m}`' for m in METHODS)}."
            self.fail(f"there is no method `.{function.attr}`.", hint, tree)
        return method(self.build(function.value), *(self._argument(function.attr, a) for a in self._arguments(tree)))

    def _unknown(self, name: str, tree: ast.Call) -> NoReturn:
        if name in self.values or name in self.free:
            self.fail(f"`{name}` is not a function.", f"Write a product with a star: `{name}*(...)`.", tree)
        guess = nearest(name, CALLS)
        product = f"Write it with known functions, or a product with a star: `{name}*(...)`."
        self.fail(f"there is no function `{name}`.", f"Perhaps `{guess}` is meant." if guess else product, tree)

    # Declarations

    def declared(self, tree: ast.Call, names: Sequence[str]) -> list[Any]:
        """Return what a line such as ``x, y = symbols('x y')`` declares."""
        function = tree.func.id  # type: ignore[attr-defined]
        first = tree.args[0] if tree.args else None
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            self.fail(f"`{function}` needs a name.", f"Write `{names[0]} = {function}('{names[0]}')`.", tree)
        words = [w for w in re.split(r"[,\s]+", first.value) if w] if function == "symbols" else [first.value]
        if len(words) != len(names) or any(not re.fullmatch(r"[^\W\d][\w{}]*", w) for w in words):
            self.fail("the names on the left and in the text differ.", "Write `x, y = symbols('x y')`.", tree)
        options = {str(k.arg): self._option(k.value) for k in tree.keywords}
        make = getattr(sympy, "Symbol" if function == "symbols" else function)
        return [make(word, *map(self.build, tree.args[1:]), **options) for word in words]

    def _option(self, tree: ast.expr) -> Any:
        value = self.build(tree)
        return bool(value) if isinstance(tree, ast.Constant) and isinstance(tree.value, bool) else value


def _power(base: Any, exponent: Any) -> Any:
    """Return a power; one of a matrix stays as it is. Raises ValueError for a number of very many digits."""
    if isinstance(base, sympy.MatrixBase):
        return sympy.MatPow(base, exponent) if exponent != -1 else sympy.Inverse(base)
    if base.is_Rational and exponent.is_Rational:
        bits = abs(base.p).bit_length() + base.q.bit_length()
        if abs(exponent) * bits > _LARGEST_POWER:
            raise ValueError("the power has too many digits")
    return base**exponent
