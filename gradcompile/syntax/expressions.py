"""Expressions to nodes: one visitor for each kind of syntax, run on a trampoline so that depth costs no stack."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from gradcompile.errors import FormulaError
from gradcompile.gates import build
from gradcompile.gates.registry import by_name
from gradcompile.ir.nodes import DType, Node
from gradcompile.syntax import arrays, calls, comprehensions, outside
from gradcompile.syntax.assignment import carry_out
from gradcompile.syntax.context import Context, Row, Term, number, truth
from gradcompile.syntax.derivative import derivative
from gradcompile.syntax.einsum import einsum
from gradcompile.syntax.filling import NotYetError
from gradcompile.syntax.flow import assigned
from gradcompile.syntax.functions import inline
from gradcompile.syntax.indexing import Cut, Dots, Item, subscript
from gradcompile.syntax.library import FUNCTIONS
from gradcompile.syntax.names import CONSTANTS, DERIVATIVES, KINDS, nearest
from gradcompile.syntax.nesting import Nesting
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
        self.differentiating: dict[str, bool] = {}  # does a function take derivatives?
        self.nesting = Nesting(ctx.source.text)
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
            ast.ListComp: self.listing,
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
        if (filling := scope.filling(name)) is not None:
            hint = f"Read elements that are there, as in `{name}[{filling.text} - 1]`, or the array behind the loop."
            return self.ctx.error(f"`{name}` is still being filled by the loop on line {filling.line}.", hint, tree)
        if (line := self.nesting.variables.get(name)) is not None:
            hint = f"Assign it to another name in the loop, as in `last = {name}`."
            return self.ctx.error(f"`{name}` is the variable of the loop on line {line}, known only there.", hint, tree)
        if scope.loop is not None and name in assigned(scope.loop.body):
            message = f"`{name}` is read in the first step of the loop before it has a value."
            return self.ctx.error(message, f"Assign it before the loop, for example `{name} = 0`.", tree)
        if name in self.ctx.graph.index_names.values():
            hint = f"Move what uses it inside: `sum(… for {name} in range(…))`."
            return self.ctx.error(f"`{name}` is an index, known only in its own sum or list.", hint, tree)
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
        """Conditions joined by `and` or `or`; one is read where those before it leave the result open."""
        gate = "and" if isinstance(tree.op, ast.And) else "or"
        values: list[Value] = []
        with self.ctx.guarded():
            for part in tree.values:
                values.append((yield self.array(part, scope)))
                self.ctx.guards += self.guard(values[-1], holds=gate == "and")
        with self.ctx.at(tree):
            self.conditions(gate, *values)
            return reduce(lambda a, b: arrays.elementwise(self.ctx, gate, a, b), values)

    def guard(self, test: Value, *, holds: bool) -> list[Node]:
        """Return what must be true where a scalar condition holds (or does not): the guard of what is read there."""
        if test.axes:
            return []
        condition = truth(test.node)
        return [condition if holds else build.gate("not", condition)]

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
        """`a if c else b`, for each element; what a branch reads is read where it is taken, if it is taken."""
        test = yield self.array(tree.test, scope)
        if test.node.is_const() and not test.axes:
            chosen: Value = yield self.array(tree.body if test.node.value else tree.orelse, scope)
            return chosen
        with self.ctx.guarded(*self.guard(test, holds=True)):
            yes = yield self.branch(tree.body, scope)
        with self.ctx.guarded(*self.guard(test, holds=False)):
            no = yield self.branch(tree.orelse, scope)
        with self.ctx.at(tree):
            if isinstance(yes, NotYetError) or isinstance(no, NotYetError):
                return _other(yes, no)
            return arrays.choose(self.ctx, test, yes, no)

    def branch(self, tree: ast.expr, scope: Scope) -> Task[Value | NotYetError]:
        """One of two values, or that it cannot be told yet."""
        try:
            value: Value = yield self.array(tree, scope)
        except NotYetError as error:
            return error
        return value

    def row(self, tree: ast.Tuple | ast.List, scope: Scope) -> Task[Row]:
        """Several terms side by side."""
        items: list[Term] = yield self.each(tree.elts, lambda t: self.visit(t, scope))
        return Row(tuple(items), isinstance(tree, ast.List))

    def listing(self, tree: ast.ListComp, scope: Scope) -> Task[Value]:
        """An array in index notation."""
        return comprehensions.listing(self, tree, scope)

    def attribute(self, tree: ast.Attribute, scope: Scope) -> Task[Value]:
        """`.T` is the only one."""
        if tree.attr != "T" or (isinstance(tree.value, ast.Name) and tree.value.id in ("np", "numpy", "math")):
            what, hint = outside.attribute(tree, self.ctx.source.segment(tree, 40), called=False)
            self.ctx.fail(f"{what}.", hint, tree)
        x = yield self.array(tree.value, scope)
        return Value(x.node, x.axes[::-1])

    def subscript(self, tree: ast.Subscript, scope: Scope) -> Task[Value]:
        """A part of an array."""
        filling = scope.filling(tree.value.id) if isinstance(tree.value, ast.Name) else None
        if filling is not None:
            wanted: list[Item] = yield self.items(tree, scope)
            with self.ctx.at(tree):
                return filling.read(self.ctx, wanted)
        x = yield self.array(tree.value, scope)
        items: list[Item] = yield self.items(tree, scope)
        with self.ctx.at(tree):
            if not x.axes and any(i is not None for i in items):
                self.ctx.fail(
                    f"`{self.ctx.source.segment(tree.value, 40)}` is a scalar and has no elements.",
                    "Declare it with a shape, as in `x: Real[N]`.",
                )
            return subscript(self.ctx, x, items)

    def items(self, tree: ast.Subscript, scope: Scope) -> Task[list[Item]]:
        """The parts of an index."""
        parts = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
        return self.each(parts, lambda t: self.index(t, scope))

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
        if any(isinstance(t, ast.GeneratorExp) for t in tree.args):
            reduced: Value = yield comprehensions.reduction(self, tree, name, scope)
            return reduced
        if name in DERIVATIVES and name not in self.functions:
            found: Term = yield derivative(self, tree, name, scope)
            return found
        if name == "einsum" and name not in self.functions:
            product: Value = yield self.einsum(tree, scope)
            return product
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

    def einsum(self, tree: ast.Call, scope: Scope) -> Task[Value]:
        """A sum of products by subscripts: the one function that takes a text."""
        match tree.args:
            case [ast.Constant(value=str(text)), *operands] if operands and not tree.keywords:
                values: list[Value] = yield self.each(operands, lambda t: self.array(t, scope))
                with self.ctx.at(tree):
                    return einsum(self.ctx, text, values)
        hint = "For example `einsum('ij,jk->ik', A, B)`; the order of the products is chosen by itself."
        raise self.ctx.error("`einsum` takes a text and the arrays, nothing else.", hint, tree)

    def check_callable(self, name: str, scope: Scope) -> None:
        """A variable that is called was meant as a factor."""
        if name in FUNCTIONS or by_name(name) or name == "einsum":
            return
        if name in self.inputs or name in self.dimensions or scope.find(name):
            self.ctx.fail(f"`{name}` is a variable, not a function.", f"Write a product with a star: `{name} * (…)`.")

    def statement(self, statement: ast.stmt, scope: Scope, at: int) -> Task[None]:
        """Carry out a statement that assigns, as number `at` of its scope."""
        return carry_out(self, statement, scope, at)


def _other(yes: Value | NotYetError, no: Value | NotYetError) -> Value:
    """Return the branch that can be told, if one can."""
    if isinstance(yes, Value):
        return yes
    if isinstance(no, Value):
        return no
    raise yes
