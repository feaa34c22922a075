"""The oracle: an interpreter of the formula's own syntax tree over exact or high-precision numbers.

It shares nothing with the compiler but the gates' independent meanings: no graph, no rule, no rewrite. NumPy's object
arrays give the meaning of broadcasting, slicing and `@`; derivatives are SymPy's, or central differences.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gradcompile.errors import InternalError
from gradcompile.syntax.trampoline import Task, run
from gradcompile.verify.arrays import Array, Functions, array, scalar, whole
from gradcompile.verify.derivative import derivative
from gradcompile.verify.fields import Field, Static, UndefinedError

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.Mod: "mod",
    ast.FloorDiv: "floordiv", ast.BitAnd: "and", ast.BitOr: "or", ast.Invert: "not",
    ast.USub: "neg", ast.Not: "not", ast.And: "and", ast.Or: "or",
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip
_CONSTANTS = {"pi": float(np.pi), "inf": float("inf"), "nan": float("nan")}


@dataclasses.dataclass
class Frame:
    """A run of statements: the file's, or those of one call of a function."""

    statements: Sequence[ast.stmt]
    versions: dict[str, list[tuple[int, Any]]]  # by name: (the statement that assigned it, the value)
    at: int = 0

    def value(self, name: str) -> Any:
        """Return a variable's current value."""
        return self.versions[name][-1][1]

    def assign(self, name: str, value: Any) -> None:
        """Give a variable a value, by the current statement."""
        self.versions.setdefault(name, []).append((self.at, value))

    def rewound(self, name: str, value: Any) -> Frame:
        """Return this run as it was when the variable got its value, with another value put in its place."""
        start = self.versions[name][-1][0]
        past = {n: [v for v in found if v[0] <= start] for n, found in self.versions.items()}
        return Frame(self.statements, {**past, name: [(start, value)]}, start + 1)


@dataclasses.dataclass
class Oracle:
    """One evaluation of a formula at given inputs (object arrays or elements, by name) and sizes."""

    tree: ast.Module
    field: Field
    inputs: Mapping[str, Any]
    sizes: Mapping[str, int]
    frame: Frame = dataclasses.field(init=False)
    main: Frame = dataclasses.field(init=False)
    returned: list[Any] | None = None

    def __post_init__(self) -> None:
        self.functions = Functions(self.field)
        self.defined = {s.name: s for s in self.tree.body if isinstance(s, ast.FunctionDef)}
        self.frame = self.main = Frame(self.tree.body, {n: [(-1, scalar(v))] for n, v in self.inputs.items()})
        self.last: str = ""

    def run(self) -> list[Any]:
        """Return the results, in order."""
        self.execute(len(self.main.statements))
        if self.returned is not None:
            return self.returned
        return [self.main.value(self.last)]

    def execute(self, end: int) -> None:
        """Run the current frame's statements up to a place."""
        frame = self.frame
        while frame.at < end:
            self.evaluate(frame.statements[frame.at])
            if self.field.clock is not None:
                self.field.clock.check()
            frame.at += 1

    def evaluate(self, tree: ast.AST) -> Any:
        """Return the value of an expression (or carry out a statement) where the run stands."""
        return run(self._each([tree]))[0]

    def sides(self, claim: ast.Assert) -> tuple[Any, Any]:
        """Return both sides of a claim; the run must stand at its statement."""
        test = claim.test
        if not isinstance(test, ast.Compare):
            raise InternalError("a claim is a comparison")
        return self.evaluate(test.left), self.evaluate(test.comparators[0])

    def visit(self, tree: ast.AST) -> Task[Any]:
        """Return the work that gives a tree's value."""
        method = getattr(self, f"_visit_{type(tree).__name__.lower()}", None)
        if method is None:
            raise InternalError(f"the oracle does not know {type(tree).__name__}")
        return method(tree)  # type: ignore[no-any-return]

    def _each(self, trees: Iterable[ast.AST]) -> Task[list[Any]]:
        values = []
        for tree in trees:
            value = yield self.visit(tree)
            values.append(value)
        return values

    # Statements

    def _visit_assign(self, tree: ast.Assign) -> Task[Any]:
        value = yield self.visit(tree.value)
        for target in tree.targets:
            self._assign(target, value)

    def _visit_augassign(self, tree: ast.AugAssign) -> Task[Any]:
        old, new = (yield self.visit(tree.target)), (yield self.visit(tree.value))
        self._assign(tree.target, self._operate(tree.op, old, new))

    def _assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.frame.assign(target.id, value)
            self.last = target.id
        elif isinstance(target, (ast.Tuple, ast.List)):
            for part, element in zip(target.elts, value, strict=True):
                self._assign(part, scalar(element))
        else:
            raise InternalError("the oracle assigns to names only")

    def _visit_return(self, tree: ast.Return) -> Task[Any]:
        parts = tree.value.elts if isinstance(tree.value, ast.Tuple) else [tree.value or ast.Constant(None)]
        values = yield self._each(parts)
        self.returned = values
        return values[0] if len(values) == 1 else tuple(values)

    def _visit_annassign(self, tree: ast.stmt) -> None:
        """Nothing happens when the run comes by a declaration, a docstring, a function or a claim."""

    _visit_expr = _visit_functiondef = _visit_assert = _visit_annassign

    # Expressions

    def _visit_constant(self, tree: ast.Constant) -> Any:
        value = tree.value
        if value is None or value is Ellipsis:
            return value
        return Static(value) if isinstance(value, int) else self.field.number(float(value))  # type: ignore[arg-type]

    def _visit_name(self, tree: ast.Name) -> Any:
        for frame in (self.frame, self.main):
            if tree.id in frame.versions:
                return frame.value(tree.id)
        if tree.id == "newaxis":
            return None
        if tree.id in self.sizes:
            return self.sizes[tree.id]
        return self.field.number(_CONSTANTS[tree.id])

    def _operate(self, op: ast.operator, left: Any, right: Any) -> Any:
        if isinstance(op, ast.MatMult):
            return self.functions.matmul(left, right)
        return self.functions.gate(_OPERATORS[type(op)], left, right)

    def _visit_binop(self, tree: ast.BinOp) -> Task[Any]:
        left = yield self.visit(tree.left)
        right = yield self.visit(tree.right)
        return self._operate(tree.op, left, right)

    def _visit_unaryop(self, tree: ast.UnaryOp) -> Task[Any]:
        value = yield self.visit(tree.operand)
        if isinstance(tree.op, ast.UAdd):
            return value
        return self.functions.gate(_OPERATORS[type(tree.op)], value)

    def _visit_boolop(self, tree: ast.BoolOp) -> Task[Any]:
        result = yield self.visit(tree.values[0])
        for part in tree.values[1:]:
            if isinstance(result, Static) and bool(result) is isinstance(tree.op, ast.Or):
                return result
            value = yield self.visit(part)
            result = self.functions.gate(_OPERATORS[type(tree.op)], result, value)
        return result

    def _visit_compare(self, tree: ast.Compare) -> Task[Any]:
        left = yield self.visit(tree.left)
        result = None
        for op, part in zip(tree.ops, tree.comparators, strict=True):
            right = yield self.visit(part)
            link = self.functions.gate(_OPERATORS[type(op)], left, right)
            result = link if result is None else self.functions.gate("and", result, link)
            left = right
        return result

    def _visit_ifexp(self, tree: ast.IfExp) -> Task[Any]:
        test = yield self.visit(tree.test)
        if isinstance(test, Static):
            return (yield self.visit(tree.body if test else tree.orelse))
        yes = yield self.visit(tree.body)
        no = yield self.visit(tree.orelse)
        return self.functions.gate("where", test, yes, no)

    def _visit_list(self, tree: ast.List | ast.Tuple) -> Task[Any]:
        return (yield self._each(tree.elts))

    _visit_tuple = _visit_list

    def _visit_attribute(self, tree: ast.Attribute) -> Task[Any]:
        value = yield self.visit(tree.value)
        if tree.attr != "T":
            raise InternalError(f"the oracle has no attribute {tree.attr}")
        return scalar(array(value).T)

    def _visit_subscript(self, tree: ast.Subscript) -> Task[Any]:
        value = yield self.visit(tree.value)
        pieces = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
        index = yield self._each(pieces)
        try:
            return scalar(array(value)[tuple(map(_position, index))])
        except IndexError as error:
            raise UndefinedError(str(error)) from error

    def _visit_slice(self, tree: ast.Slice) -> Task[Any]:
        bounds = yield self._each([b or ast.Constant(None) for b in (tree.lower, tree.upper, tree.step)])
        return slice(*(None if b is None else whole(b) for b in bounds))

    def _visit_call(self, tree: ast.Call) -> Task[Any]:
        name = tree.func.id  # type: ignore[attr-defined]
        if name == "grad":
            return self._gradient(*tree.args)
        args = yield self._each(tree.args)
        values = yield self._each([k.value for k in tree.keywords])
        options = dict(zip([str(k.arg) for k in tree.keywords], values, strict=True))
        if name in self.defined:
            return (yield from self._inline(self.defined[name], args, options))
        return self.functions.call(name, args, options)

    def _inline(self, function: ast.FunctionDef, args: Sequence[Any], options: Mapping[str, Any]) -> Task[Any]:
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        given = dict(zip(names, args, strict=False)) | dict(options)
        defaults = dict(zip(reversed(names), reversed(function.args.defaults), strict=False))
        keywords = [a.arg for a in function.args.kwonlyargs]
        defaults |= {n: d for n, d in zip(keywords, function.args.kw_defaults, strict=True) if d is not None}
        caller, self.frame = self.frame, self.main
        for name, default in defaults.items():
            if name not in given:
                given[name] = yield self.visit(default)
        self.frame = caller
        before = self.frame, self.returned, self.last
        self.frame = frame = Frame(function.body, {n: [(-1, v)] for n, v in given.items()})
        result = None
        for statement in function.body:
            result = yield self.visit(statement)
            frame.at += 1
        self.frame, self.returned, self.last = before
        return result

    def _gradient(self, of: ast.expr, name: ast.expr) -> Any:
        if not isinstance(name, ast.Name):
            raise InternalError("grad is with respect to a name")
        frame = self.frame if name.id in self.frame.versions else self.main
        if frame is not self.frame:
            raise UndefinedError("inside a function, grad with respect to what is outside of it")

        def again(value: Any, other: Field) -> Any:
            child = Oracle(self.tree, other, {}, self.sizes)
            child.main = self.main
            child.frame = frame.rewound(name.id, value)
            if frame is self.main:
                child.main = child.frame
            child.execute(frame.at)
            return child.evaluate(of)

        return derivative(again, frame.value(name.id), self.field)


def _position(piece: Any) -> Any:
    if piece is None or piece is Ellipsis or isinstance(piece, slice):
        return piece
    if isinstance(piece, (np.ndarray, list)):
        positions: Array = array(piece)
        return np.array([whole(p) for p in positions.reshape(-1)], dtype=int).reshape(positions.shape)
    return whole(piece)
