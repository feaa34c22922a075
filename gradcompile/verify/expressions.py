"""The expressions of a formula's syntax tree over exact or high-precision numbers: what Python and NumPy say they are.

Comprehensions are loops, and the branch of a choice by a known condition that is not taken is not looked at.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcompile.errors import InternalError
from gradcompile.gates.registry import reduction_by_name
from gradcompile.syntax.trampoline import Task, run
from gradcompile.verify.arrays import Array, Functions, array, scalar, whole
from gradcompile.verify.fields import Field, Static, TooLargeError, UndefinedError
from gradcompile.verify.frames import HOLE, Frame, Growing
from gradcompile.verify.shapes import ShapeField

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.Mod: "mod",
    ast.FloorDiv: "floordiv", ast.BitAnd: "and", ast.BitOr: "or", ast.Invert: "not",
    ast.USub: "neg", ast.Not: "not", ast.And: "and", ast.Or: "or",
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip
CONSTANTS = {"pi": float(np.pi), "inf": float("inf"), "nan": float("nan")}
NEUTRAL = {"sum": 0, "prod": 1, "any": False, "all": True, "max": -np.inf, "min": np.inf, "logsumexp": -np.inf}
"""What a term counts as whose filter does not hold, by reduction."""


@dataclass(frozen=True)
class StaticRange(Sequence[int]):
    """A range between literals."""

    values: range

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, place: Any) -> Any:
        return Static(self.values[place])


class Expressions(ABC):
    """The value of every kind of expression where a run of statements stands."""

    def __init__(self, field: Field, sizes: Mapping[str, int], main: Frame) -> None:
        self.field, self.sizes = field, sizes
        self.functions = Functions(field)
        self.frame = self.main = main

    @abstractmethod
    def called(self, tree: ast.Call, name: str) -> Task[Any] | None:
        """Return the work of a call of what is no function on values: a `def`, a derivative."""

    def evaluate(self, tree: ast.AST) -> Any:
        """Return the value of an expression (or carry out a statement) where the run stands."""
        return run(self._one(tree))

    def visit(self, tree: ast.AST) -> Task[Any]:
        """Return the work that gives a tree's value."""
        method = getattr(self, f"_visit_{type(tree).__name__.lower()}", None)
        if method is None:
            raise InternalError(f"the oracle does not know {type(tree).__name__}")
        return method(tree)  # type: ignore[no-any-return]

    def each(self, trees: Iterable[ast.AST]) -> Task[list[Any]]:
        """Return the values of several trees."""
        values: list[Any] = []
        for tree in trees:
            value = yield self.visit(tree)
            values.append(value)
        return values

    # Names and operators

    def _visit_constant(self, tree: ast.Constant) -> Any:
        value = tree.value
        if value is None or value is Ellipsis or isinstance(value, str):
            return value
        return Static(value) if isinstance(value, int) else self.field.number(float(value))  # type: ignore[arg-type]

    def _visit_name(self, tree: ast.Name) -> Any:
        found = self.kept(tree.id)
        return found.settled() if isinstance(found, Growing) else found

    def kept(self, name: str) -> Any:
        """Return a variable's value as it is kept: an array that is being filled may have holes."""
        for scope in reversed(self.frame.scopes):
            if name in scope:
                return scope[name]
        for frame in (self.frame, self.main):
            if (found := frame.find(name)) is not None:
                return found
        if name == "newaxis":
            return None
        if name in self.sizes:
            return self.sizes[name]
        if name in CONSTANTS:
            return self.field.number(CONSTANTS[name])
        raise UndefinedError(f"{name} has no value: no statement that gives it one was carried out")

    def operate(self, op: ast.operator, left: Any, right: Any) -> Any:
        """Apply a binary operator."""
        if isinstance(op, ast.MatMult):
            return self.functions.matmul(left, right)
        return self.functions.gate(OPERATORS[type(op)], left, right)

    def _visit_binop(self, tree: ast.BinOp) -> Task[Any]:
        left = yield self.visit(tree.left)
        right = yield self.visit(tree.right)
        return self.operate(tree.op, left, right)

    def _visit_unaryop(self, tree: ast.UnaryOp) -> Task[Any]:
        value = yield self.visit(tree.operand)
        if isinstance(tree.op, ast.UAdd):
            return value
        return self.functions.gate(OPERATORS[type(tree.op)], value)

    # Choices: what need not be carried out has a shape all the same

    def _visit_boolop(self, tree: ast.BoolOp) -> Task[Any]:
        decisive = isinstance(tree.op, ast.Or)
        result = yield self.visit(tree.values[0])
        for place, part in enumerate(tree.values[1:], 1):
            if self.decided(result) is decisive:
                return self.widened(decisive, result, *tree.values[place:])
            value = yield self.visit(part)
            result = self.functions.gate(OPERATORS[type(tree.op)], result, value)
        return result

    def _visit_compare(self, tree: ast.Compare) -> Task[Any]:
        left = yield self.visit(tree.left)
        result: Any = True
        for place, (op, part) in enumerate(zip(tree.ops, tree.comparators, strict=True)):
            if self.decided(result) is False:
                return self.widened(False, result, *tree.comparators[place:])
            right = yield self.visit(part)
            link = self.functions.gate(OPERATORS[type(op)], left, right)
            result = link if place == 0 else self.functions.gate("and", result, link)
            left = right
        return result

    def _visit_ifexp(self, tree: ast.IfExp) -> Task[Any]:
        test = yield self.visit(tree.test)
        known = self.decided(test)
        if known is not None:
            value = yield self.visit(tree.body if known else tree.orelse)
            return self.widened(value, test, tree.orelse if known else tree.body)
        yes = yield self.visit(tree.body)
        no = yield self.visit(tree.orelse)
        return self.functions.gate("where", test, yes, no)

    def known(self, condition: Any) -> bool | None:
        """Return whether a scalar condition holds, None where it is an array or depends on symbols."""
        condition = scalar(condition)
        return None if isinstance(condition, (np.ndarray, list, tuple)) else self.field.known(condition)

    def decided(self, condition: Any) -> bool | None:
        """Return whether a condition holds if it decides what is carried out, else None: all of it is."""
        if isinstance(self.field, ShapeField) and not isinstance(condition, Static):
            return None
        return self.known(condition)

    def widened(self, value: Any, test: Any, *others: ast.expr) -> Any:
        """Return a value in the shape that it has together with expressions that were not carried out."""
        if isinstance(test, Static) or isinstance(value, tuple):
            return value
        known = self.frame.shapes
        for tree in others:
            if tree not in known:
                known[tree] = self.imagined(self._one(tree))
        shape = np.broadcast_shapes(array(value).shape, *(known[tree] for tree in others))
        return value if shape == array(value).shape else np.broadcast_to(array(value), shape)

    def _one(self, tree: ast.AST) -> Task[Any]:
        return (yield self.visit(tree))

    def imagined(self, work: Task[Any]) -> tuple[int, ...]:
        """Return the shape that a value would have: () where even that cannot be told."""
        frame, field, scopes = self.frame, self.field, len(self.frame.scopes)
        self.field, self.functions = ShapeField(), Functions(ShapeField())
        try:
            return np.shape(array(run(work)))
        except (UndefinedError, InternalError, TypeError, ValueError):  # of values that are not there
            return ()
        finally:
            self.frame, self.field, self.functions = frame, field, Functions(field)
            del frame.scopes[scopes:]

    # Arrays

    def _visit_list(self, tree: ast.List) -> Task[list[Any]]:
        return self.each(tree.elts)

    def _visit_tuple(self, tree: ast.Tuple) -> Task[tuple[Any, ...]]:
        return tuple((yield self.each(tree.elts)))

    def _visit_attribute(self, tree: ast.Attribute) -> Task[Any]:
        value = yield self.visit(tree.value)
        if tree.attr != "T":
            raise InternalError(f"the oracle has no attribute {tree.attr}")
        return scalar(array(value).T)

    def _visit_subscript(self, tree: ast.Subscript) -> Task[Any]:
        if isinstance(tree.value, ast.Name):
            value = self.kept(tree.value.id)
        else:
            value = yield self.visit(tree.value)
        index = yield self.index(tree)
        if isinstance(value, tuple):
            return value[whole(index[0])]
        if isinstance(value, Growing):
            self._check_filled(tree, value.array, index)
            value = value.array
        return self._read(array(value), index)

    def index(self, tree: ast.Subscript) -> Task[tuple[Any, ...]]:
        """Return a subscript as NumPy takes it."""
        pieces = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
        parts: list[Any] = yield self.each(pieces)
        return tuple(map(position, parts))

    def _check_filled(self, tree: ast.Subscript, value: Array, index: tuple[Any, ...]) -> None:
        """While an array is being filled nothing can be counted from its end, which is not known."""
        name = tree.value.id if isinstance(tree.value, ast.Name) else ""
        if not any(name in names for names in self.frame.filling):
            return
        for piece, size in zip(index[:1], value.shape, strict=False):
            ends = [piece.start or 0, piece.stop] if isinstance(piece, slice) else [piece]
            if any(end is None or np.any(np.asarray(end) < 0) or np.any(np.asarray(end) > size) for end in ends):
                raise UndefinedError(f"{name} is read where it is not filled yet")

    def _read(self, value: Array, index: tuple[Any, ...]) -> Any:
        try:
            found = scalar(value[index])
        except IndexError as error:
            if isinstance(self.field, ShapeField):
                return _anything(value.shape, index)
            raise UndefinedError(str(error)) from error
        if any(element is HOLE for element in array(found).reshape(-1)):
            raise UndefinedError("an array is read where it is not filled yet")
        return found

    def _visit_slice(self, tree: ast.Slice) -> Task[slice]:
        bounds = yield self.each([b or ast.Constant(None) for b in (tree.lower, tree.upper, tree.step)])
        return slice(*(None if b is None else whole(b) for b in bounds))

    # Comprehensions

    def over(self, tree: ast.expr) -> Task[Sequence[Any]]:
        """Return what a loop runs over: a range, what is listed, or the elements of an array."""
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "range":
            bounds = yield self.each(tree.args)
            if len(bounds) == 3 and whole(bounds[2]) == 0:
                raise UndefinedError("a range whose step is 0")
            values = range(*map(whole, bounds))
            return StaticRange(values) if all(isinstance(b, Static) for b in bounds) else values
        values = yield self.visit(tree)
        return values if isinstance(values, (list, tuple)) else [scalar(v) for v in array(values)]

    def _visit_listcomp(self, tree: ast.ListComp) -> Task[Array]:
        return self._elements(tree, "")

    def _elements(self, tree: ast.ListComp | ast.GeneratorExp, name: str) -> Task[Array]:
        """Return the elements of a comprehension, stacked; `name` is the reduction that they are for, if any."""
        found: list[Any] = []
        scope: dict[str, Any] = {}
        self.frame.scopes.append(scope)
        yield self._generate(tree, scope, 0, found, name)
        self.frame.scopes.pop()
        return array(found) if found else np.empty((0, *self.imagined(self._first(tree))), dtype=object)

    def _generate(
        self, tree: ast.ListComp | ast.GeneratorExp, scope: dict[str, Any], depth: int, found: list[Any], name: str
    ) -> Task[None]:
        clause = tree.generators[depth]
        values = yield self.over(clause.iter)
        for value in values:
            if self.field.clock is not None:
                self.field.clock.check()
            scope |= bound(clause.target, value)
            before = len(found)
            keep = yield self._filtered(clause.ifs)
            if self.known(keep) is False:
                continue
            if depth + 1 < len(tree.generators):
                yield self._generate(tree, scope, depth + 1, found, name)
            else:
                found.append((yield self.visit(tree.elt)))
            if self.known(keep) is None:
                found[before:] = [self._unless(keep, term, name) for term in found[before:]]

    def _filtered(self, filters: Sequence[ast.expr]) -> Task[Any]:
        result: Any = True
        for tree in filters:
            holds = yield self.visit(tree)
            result = self.functions.gate("and", result, holds)
            if self.known(result) is False:
                return False
        return result

    def _unless(self, condition: Any, term: Any, name: str) -> Any:
        if name not in NEUTRAL:
            raise TooLargeError("which elements there are depends on the values")
        return self.functions.gate("where", condition, term, self.field.number(NEUTRAL[name]))

    def _first(self, tree: ast.ListComp | ast.GeneratorExp) -> Task[Any]:
        """Return the first element of a comprehension over ranges that may have none."""
        scope: dict[str, Any] = {}
        self.frame.scopes.append(scope)
        for clause in tree.generators:
            values = yield self.over(clause.iter)
            scope |= bound(clause.target, values[0] if values else 0)
        return (yield self.visit(tree.elt))

    # Calls

    def _visit_call(self, tree: ast.Call) -> Task[Any]:
        name = tree.func.id  # type: ignore[attr-defined]
        own = self.called(tree, name)
        if own is not None:
            return (yield own)
        if len(tree.args) == 1 and isinstance(tree.args[0], ast.GeneratorExp):
            record = reduction_by_name(name)
            terms = yield self._elements(tree.args[0], record.name if record else name)
            return self.functions.call(name, [terms], {"axis": 0})
        args = yield self.each(tree.args)
        values = yield self.each([k.value for k in tree.keywords])
        options = dict(zip([str(k.arg) for k in tree.keywords], values, strict=True))
        return self.functions.call(name, args, options)


def bound(target: ast.expr, value: Any) -> dict[str, Any]:
    """Return what the variables of a loop are for one of its values."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    if not isinstance(target, (ast.Tuple, ast.List)):
        raise InternalError("the oracle assigns to names only")
    result: dict[str, Any] = {}
    for part, element in zip(target.elts, value, strict=True):
        result |= bound(part, scalar(element))
    return result


def position(piece: Any) -> Any:
    """Return one part of a subscript as NumPy takes it."""
    if piece is None or piece is Ellipsis or isinstance(piece, slice):
        return piece
    if isinstance(piece, (np.ndarray, list)):
        positions: Array = array(piece)
        return np.array([whole(p) for p in positions.reshape(-1)], dtype=int).reshape(positions.shape)
    return whole(piece)


def _anything(shape: tuple[int, ...], index: tuple[Any, ...]) -> Any:
    """Return zeros in the shape of what is read, where it cannot be read."""
    inside = tuple(0 * p if isinstance(p, (int, np.ndarray)) else p for p in index)
    stretched = list(shape)
    for axis, piece in enumerate(p for p in inside if p is not None):
        if not isinstance(piece, slice) and axis < len(shape):
            stretched[axis] = max(1, shape[axis])
    return scalar(np.zeros(stretched, dtype=object)[inside])
