"""Expressions to nodes: one visitor for each kind of syntax, run on a trampoline so that depth costs no stack."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, NoReturn

from gradcompile.errors import FormulaError, InternalError
from gradcompile.gates.registry import by_name
from gradcompile.ir.nodes import DType
from gradcompile.syntax import arrays, calls, outside
from gradcompile.syntax.context import Context, Row, Term, number, shape_text
from gradcompile.syntax.derivative import derivative
from gradcompile.syntax.functions import inline
from gradcompile.syntax.indexing import Cut, Dots, Item, subscript
from gradcompile.syntax.library import FUNCTIONS
from gradcompile.syntax.names import CONSTANTS, KINDS, check_name, nearest
from gradcompile.syntax.program import Value
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.terms import array
from gradcompile.syntax.trampoline import Task

BINARY: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.Mod: "mod",
    ast.FloorDiv: "floordiv", ast.BitAnd: "and", ast.BitOr: "or",
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip


class Expressions:
    """The visitors of expressions; `visit` gives a term, or a task that will."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.inputs: dict[str, Value] = {}
        self.dimensions: dict[str, Value] = {}
        self.functions: dict[str, ast.FunctionDef] = {}
        self.inlining: list[str] = []
        self.later: dict[str, int] = {}  # the line on which each variable of the file is first assigned
        self.visitors: dict[type[ast.AST], Callable[[Any, Scope], Task[Term] | Term]] = {
            ast.Name: self.name,
            ast.Constant: self.constant,
            ast.BinOp: self.binary,
            ast.UnaryOp: self.unary,
            ast.BoolOp: self.logic,
            ast.Compare: self.compare,
            ast.IfExp: self.conditional,
            ast.Call: self.call,
            ast.Attribute: self.attribute,
            ast.Subscript: self.subscript,
            ast.Tuple: self.row,
            ast.List: self.row,
        }

    def visit(self, tree: ast.AST, scope: Scope) -> Task[Term] | Term:
        """Return what an expression denotes, or the task that finds it."""
        visitor = self.visitors.get(type(tree))
        if visitor is None:
            raise self.refusal(outside.EXPRESSIONS, tree)
        return visitor(tree, scope)

    def refusal(self, table: outside.Table, tree: ast.AST, at: ast.AST | None = None) -> FormulaError:
        """Return the error of syntax that is outside the language."""
        what, hint = table.get(type(tree), ("this is not part of the language", "Write it as a formula."))
        return self.ctx.error(f"{what}.", hint, at or tree)

    def each(self, trees: Sequence[ast.expr], visit: Callable[[ast.expr], Any]) -> Task[list[Any]]:
        """Visit several expressions in order."""
        results = []
        for tree in trees:
            results.append((yield visit(tree)))  # noqa: PERF401 (a comprehension cannot yield)
        return results

    def array(self, tree: ast.AST, scope: Scope) -> Task[Value]:
        """Find what an expression denotes, as an array."""
        term = yield self.visit(tree, scope)
        if isinstance(term, Value):
            return term
        with self.ctx.at(tree):
            return array(self.ctx, term)

    def name(self, tree: ast.Name, scope: Scope) -> Value:
        """A variable, an input, the size of a dimension, or a predefined number."""
        name = tree.id
        found = scope.find(name) or (scope.outer.find(name) if scope.outer else None)
        if found is not None:
            return found[1]
        value = self.inputs.get(name) or self.dimensions.get(name)
        if value is not None:
            return value
        if name in CONSTANTS:
            return self.ctx.constant(CONSTANTS[name])
        raise self.unknown(tree, scope)

    def unknown(self, tree: ast.Name, scope: Scope) -> FormulaError:
        """Return the error of a name without a value."""
        name = tree.id
        if (line := self.later.get(name)) is not None and scope.outer is None:
            own = "in its own definition" if line == tree.lineno else f"before it is assigned on line {line}"
            return self.ctx.error(f"`{name}` is used {own}.", "Assign it on an earlier line.", tree)
        if name in self.functions or name in FUNCTIONS or by_name(name):
            return self.ctx.error(f"`{name}` is a function, not a value.", f"Call it: `{name}(x)`.", tree)
        if name in KINDS:
            hint = f"Write `x: {name}` on a line of its own."
            return self.ctx.error(f"`{name}` declares inputs and is not a value.", hint, tree)
        guess = nearest(name, [*scope.names(), *self.inputs, *self.dimensions, *CONSTANTS])
        hint = f"Perhaps `{guess}` is meant." if guess else f"Declare it, `{name}: Real`, or assign it first."
        return self.ctx.error(f"`{name}` is not known.", hint, tree)

    def constant(self, tree: ast.Constant, scope: Scope) -> Term:
        """A number; text is none."""
        value = tree.value
        if value is None:
            return None
        if isinstance(value, (bool, float)):
            return self.ctx.constant(value)
        if isinstance(value, int):
            if value < 2**63:
                return self.ctx.constant(value)
            if value < 10**308:
                return self.ctx.constant(float(value))
            self.ctx.fail("this number is too large.", "Numbers are 64-bit: write one below 1.8e308.", tree)
        if isinstance(value, complex):
            self.ctx.fail("complex numbers are not supported.", "Write real and imaginary part as two formulas.", tree)
        if value is ...:
            self.ctx.fail("`...` stands only inside an index.", "Write `x[..., 0]`.", tree)
        raise self.ctx.error("text is not a value.", "A formula computes with numbers; leave the quotes out.", tree)

    def binary(self, tree: ast.BinOp, scope: Scope) -> Task[Value]:
        """Two operands and the gate between them."""
        left = yield self.visit(tree.left, scope)
        right = yield self.visit(tree.right, scope)
        with self.ctx.at(tree):
            return self.combine(tree.op, array(self.ctx, left), array(self.ctx, right))

    def combine(self, operator: ast.operator, left: Value, right: Value) -> Value:
        """Apply a binary operator."""
        if isinstance(operator, ast.MatMult):
            return arrays.matmul(self.ctx, left, right)
        gate = BINARY.get(type(operator))
        if gate is None:
            raise self.refusal(outside.OPERATORS, operator, self.ctx.tree)
        if gate in ("and", "or"):
            self.conditions("&" if gate == "and" else "|", left, right)
        return arrays.elementwise(self.ctx, gate, left, right)

    def conditions(self, word: str, *values: Value) -> None:
        """Insist that operands of logic are conditions."""
        if any(v.node.dtype is not DType.BOOL for v in values):
            hint = "Compare first, as in `x > 0`."
            self.ctx.fail(f"`{word}` joins conditions, but here it joins numbers.", hint)

    def unary(self, tree: ast.UnaryOp, scope: Scope) -> Task[Value]:
        """A sign, or a negation."""
        x = yield self.array(tree.operand, scope)
        with self.ctx.at(tree):
            match tree.op:
                case ast.USub():
                    return arrays.elementwise(self.ctx, "neg", x)
                case ast.UAdd():
                    return Value(number(x.node), x.axes)
            self.conditions("not" if isinstance(tree.op, ast.Not) else "~", x)
            return arrays.elementwise(self.ctx, "not", x)

    def logic(self, tree: ast.BoolOp, scope: Scope) -> Task[Value]:
        """Conditions joined by `and` or `or`."""
        gate = "and" if isinstance(tree.op, ast.And) else "or"
        values: list[Value] = yield self.each(tree.values, lambda t: self.array(t, scope))
        with self.ctx.at(tree):
            self.conditions(gate, *values)
            return reduce(lambda a, b: arrays.elementwise(self.ctx, gate, a, b), values)

    def compare(self, tree: ast.Compare, scope: Scope) -> Task[Value]:
        """A comparison, or a chain of them, all of which must hold."""
        values: list[Value] = yield self.each([tree.left, *tree.comparators], lambda t: self.array(t, scope))
        holds = []
        with self.ctx.at(tree):
            for operator, left, right in zip(tree.ops, values, values[1:], strict=False):
                gate = BINARY.get(type(operator))
                if gate is None:
                    raise self.refusal(outside.OPERATORS, operator, tree)
                holds.append(arrays.elementwise(self.ctx, gate, left, right))
            return reduce(lambda a, b: arrays.elementwise(self.ctx, "and", a, b), holds)

    def conditional(self, tree: ast.IfExp, scope: Scope) -> Task[Value]:
        """`a if c else b`, for each element."""
        test = yield self.array(tree.test, scope)
        yes = yield self.array(tree.body, scope)
        no = yield self.array(tree.orelse, scope)
        with self.ctx.at(tree):
            return arrays.choose(self.ctx, test, yes, no)

    def row(self, tree: ast.Tuple | ast.List, scope: Scope) -> Task[Row]:
        """Several terms side by side."""
        items: list[Term] = yield self.each(tree.elts, lambda t: self.visit(t, scope))
        return Row(tuple(items), isinstance(tree, ast.List))

    def attribute(self, tree: ast.Attribute, scope: Scope) -> Task[Value]:
        """`.T` is the only one."""
        if tree.attr != "T" or (isinstance(tree.value, ast.Name) and tree.value.id in ("np", "numpy", "math")):
            what, hint = outside.attribute(tree, self.ctx.source.segment(tree, 40), called=False)
            self.ctx.fail(f"{what}.", hint, tree)
        x = yield self.array(tree.value, scope)
        return Value(x.node, x.axes[::-1])

    def subscript(self, tree: ast.Subscript, scope: Scope) -> Task[Value]:
        """A part of an array."""
        x = yield self.array(tree.value, scope)
        parts = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
        items: list[Item] = yield self.each(parts, lambda t: self.index(t, scope))
        with self.ctx.at(tree):
            if not x.axes and any(i is not None for i in items):
                self.ctx.fail(
                    f"`{self.ctx.source.segment(tree.value, 40)}` is a scalar and has no elements.",
                    "Declare it with a shape, as in `x: Real[N]`.",
                )
            return subscript(self.ctx, x, items)

    def index(self, tree: ast.expr, scope: Scope) -> Task[Item]:
        """One part of an index: a slice, `...`, `None`, or an integer expression."""
        if isinstance(tree, ast.Constant) and tree.value is ...:
            return Dots()
        if isinstance(tree, ast.Name) and tree.id == "newaxis" and scope.find("newaxis") is None:
            return None
        if isinstance(tree, ast.Slice):
            bounds = [b or ast.Constant(None) for b in (tree.lower, tree.upper, tree.step)]
            return Cut(*(yield self.each(bounds, lambda t: self.visit(t, scope))))
        term: Term = yield self.visit(tree, scope)
        if not isinstance(term, Row):
            return term
        with self.ctx.at(tree):
            return array(self.ctx, term)

    def call(self, tree: ast.Call, scope: Scope) -> Task[Term]:
        """A function by name: a `def` of the file first, then the language's own."""
        if isinstance(tree.func, ast.Attribute):
            what, hint = outside.attribute(tree.func, self.ctx.source.segment(tree.func, 40), called=True)
            self.ctx.fail(f"{what}.", hint, tree)
        if not isinstance(tree.func, ast.Name):
            self.ctx.fail("only a name can be called.", "Write a product with a star, as in `2*(x + 1)`.", tree)
        name = tree.func.id
        if name == "grad" and name not in self.functions:
            gradient: Value = yield derivative(self, tree, scope)
            return gradient
        args: list[Term] = yield self.each(tree.args, lambda t: self.visit(t, scope))
        names = [k.arg for k in tree.keywords if k.arg is not None]
        if len(names) < len(tree.keywords):
            self.ctx.fail("`**` cannot unpack here.", "Write the arguments out one by one.", tree)
        given: list[Term] = yield self.each([k.value for k in tree.keywords], lambda t: self.visit(t, scope))
        keywords = dict(zip(names, given, strict=True))
        if (function := self.functions.get(name)) is not None:
            result: Term = yield inline(self, tree, function, args, keywords, scope)
            return result
        with self.ctx.at(tree):
            self.check_callable(name, scope)
            return calls.call(self.ctx, name, args, keywords, list(self.functions))

    def check_callable(self, name: str, scope: Scope) -> None:
        """A variable that is called was meant as a factor."""
        if name in FUNCTIONS or by_name(name):
            return
        if name in self.inputs or name in self.dimensions or scope.find(name):
            self.ctx.fail(f"`{name}` is a variable, not a function.", f"Write a product with a star: `{name} * (…)`.")

    def statement(self, statement: ast.stmt, scope: Scope, at: int) -> Task[None]:
        """Carry out an assignment as statement number `at` of its scope."""
        scope.current = at
        if isinstance(statement, ast.AugAssign):
            value = yield self.augmented(statement, scope)
            self.assign(statement.target, value, scope, at)
        elif isinstance(statement, ast.Assign):
            term = yield self.visit(statement.value, scope)
            for target in statement.targets:
                self.assign(target, term, scope, at, statement.value)
        else:
            raise InternalError(f"{type(statement).__name__} is no assignment")

    def augmented(self, statement: ast.AugAssign, scope: Scope) -> Task[Value]:
        """The value that ``x += y`` gives to x."""
        if not isinstance(statement.target, ast.Name):
            self.not_assignable(statement.target)
        before = self.name(ast.copy_location(ast.Name(statement.target.id, ast.Load()), statement.target), scope)
        amount = yield self.array(statement.value, scope)
        with self.ctx.at(statement):
            return self.combine(statement.op, before, amount)

    def assign(self, target: ast.expr, term: Term, scope: Scope, at: int, tree: ast.expr | None = None) -> None:
        """Give a term to a name, or the parts of one to several names."""
        if isinstance(target, ast.Name):
            self.check_target(target, scope)
            if not isinstance(term, Value):
                with self.ctx.at(tree or target):
                    term = array(self.ctx, term)
            scope.bind(target.id, term, at)
        elif isinstance(target, (ast.Tuple, ast.List)) and all(isinstance(t, ast.Name) for t in target.elts):
            with self.ctx.at(target):
                parts = self.unpacked(term, len(target.elts))
            for name, part in zip(target.elts, parts, strict=True):
                self.assign(name, part, scope, at, tree)
        else:
            self.not_assignable(target)

    def unpacked(self, term: Term, count: int) -> list[Term]:
        """Return the parts of a tuple, a list, or an array of known length."""
        if isinstance(term, Row):
            if len(term.items) != count:
                self.ctx.fail(f"{count} names are given {len(term.items)} values.", "Give each name one value.")
            return list(term.items)
        if not isinstance(term, Value) or not term.axes or term.axes[0].extent.constant != count:
            shape = shape_text(term) if isinstance(term, Value) else "is None"
            self.ctx.fail(f"{count} names are given one value, which {shape}.", f"Give them {count} values.")
        return [subscript(self.ctx, term, [self.ctx.constant(i)]) for i in range(count)]

    def not_assignable(self, target: ast.expr) -> NoReturn:
        """Raise the error of an assignment to anything but names."""
        hint = "Build the array in one expression: `where`, `concatenate`, `stack`, or a list."
        if isinstance(target, ast.Starred):
            hint = "Write one name for each value."
        self.ctx.fail("only names can be assigned.", hint, target)

    def check_target(self, target: ast.Name, scope: Scope) -> None:
        """Insist that a name is free to be assigned."""
        if scope.outer is None and target.id in self.inputs:
            hint = f"Inputs keep their value; choose another name, for example `{target.id}_new`."
            self.ctx.fail(f"`{target.id}` is an input and cannot be assigned.", hint, target)
        if target.id in self.dimensions:
            hint = "Choose another name for the variable."
            self.ctx.fail(f"`{target.id}` is a dimension name and cannot be assigned.", hint, target)
        if scope.find(target.id) is None:
            check_name(target.id, "variable", self.ctx.source.span(target))
