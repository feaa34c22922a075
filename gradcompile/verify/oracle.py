"""The oracle: an interpreter of the formula's own syntax tree over exact or high-precision numbers.

It shares nothing with the compiler but the gates' independent meanings: no graph, no rule, no rewrite. Python says
what loops, functions and comprehensions mean, NumPy's object arrays what broadcasting, slicing and `@` do; arrays
are values. Derivatives are SymPy's, or central differences of a replay.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcompile.errors import InternalError
from gradcompile.syntax.trampoline import Task, run
from gradcompile.verify.arrays import Functions, array, scalar
from gradcompile.verify.derivative import Again, along, derivative, projected
from gradcompile.verify.expressions import Expressions
from gradcompile.verify.fields import Field, MpmathField, TooLargeError, UndefinedError
from gradcompile.verify.frames import Frame, Growing, Place, Step, mentions, needed, nothing, stores, stores_into
from gradcompile.verify.shapes import ShapeField

DERIVATIVES = ("grad", "jacobian", "hessian", "jvp", "vjp")
TURNS = 10_000  # of a `while` loop; one that takes more is not looked at


class Oracle(Expressions):
    """One evaluation of a formula at given inputs (object arrays or elements, by name) and sizes."""

    def __init__(
        self,
        tree: ast.Module,
        field: Field,
        inputs: Mapping[str, Any],
        sizes: Mapping[str, int],
        *,
        forms: Mapping[str, str] | None = None,
        turns: int = TURNS,
    ) -> None:
        self.tree, self.forms, self.turns = tree, forms or {}, turns
        self.defined = {s.name: s for s in tree.body if isinstance(s, ast.FunctionDef)}
        self.stores = {s: frozenset(stores(s)) for s in ast.walk(tree) if isinstance(s, ast.stmt)}
        self.keep = any(isinstance(n, ast.Name) and n.id in DERIVATIVES for n in ast.walk(tree))
        main = Frame(tree.body, {n: [(-1, scalar(v))] for n, v in inputs.items()}, self.keep)
        super().__init__(field, sizes, main)
        self.returned: list[Any] | None = None

    def run(self) -> list[Any]:
        """Return the results, in order."""
        self.execute(len(self.main.statements))
        if self.returned is not None:
            return self.returned
        name = result_name(self.tree.body)
        return [self.evaluate(ast.Name(name, ast.Load()))]

    def execute(self, end: int) -> None:
        """Run the file up to a statement."""
        at = self.main.path[0].at if self.main.path else 0
        self.main.path.clear()
        run(self._block(self.main.statements[:end], (Step(at - 1),) if at else ()))
        self.main.path[:] = [Step(end)]

    def sides(self, claim: ast.Assert) -> tuple[Any, Any]:
        """Return both sides of a claim; the run must stand at its statement."""
        test = claim.test
        if not isinstance(test, ast.Compare):
            raise InternalError("a claim is a comparison")
        return self.evaluate(test.left), self.evaluate(test.comparators[0])

    # Runs of statements

    def _block(self, statements: Sequence[ast.stmt], resume: Place = ()) -> Task[None]:
        """Carry out statements; `resume` says behind which to begin, by way of which turns of loops."""
        frame = self.frame
        inside = len(resume) > 1
        first = resume[0].at + (not inside) if resume else 0
        for at in range(first, len(statements)):
            statement = statements[at]
            frame.path.append(Step(at))
            if self.field.clock is not None:
                self.field.clock.check()
            if inside and at == first:
                yield self._compound(statement, resume)
            elif frame.is_there:
                frame.stopped = True
            elif isinstance(statement, (ast.For, ast.While, ast.If)):
                yield self._compound(statement, ())
            elif frame.needed is None or frame.needed & self.stores[statement]:
                frame.begin()
                yield self.visit(statement)
            if frame.stopped:
                return
            frame.path.pop()

    def _compound(self, tree: ast.stmt, resume: Place) -> Task[None]:
        frame = self.frame
        if frame.needed is not None and not frame.needed & self.stores[tree]:
            return
        if isinstance(tree, ast.If):
            yield self._if(tree, resume)
            return
        frame.filling.append(frozenset(stores_into(tree)))
        if isinstance(tree, ast.For):
            yield self._for(tree, resume)
        elif isinstance(tree, ast.While):
            yield self._while(tree, resume)
        frame.filling.pop()

    def _if(self, tree: ast.If, resume: Place) -> Task[None]:
        frame, at = self.frame, self.frame.path[-1].at
        if resume:
            branch = resume[0].turn
        else:
            known = self.known((yield self.visit(tree.test)))
            if known is None:
                raise TooLargeError("which statements are carried out depends on the values")
            branch = 1 if known else 2
        frame.path[-1] = Step(at, branch)
        yield self._block(tree.body if branch == 1 else tree.orelse, resume[1:])

    def _for(self, tree: ast.For, resume: Place) -> Task[None]:
        frame, at = self.frame, self.frame.path[-1].at
        over = resume[0].over if resume else (yield self.over(tree.iter))
        first = resume[0].turn if resume else 0
        for turn in range(first, len(over)):
            frame.path[-1] = Step(at, turn, over)
            rest = resume[1:] if turn == first else ()
            if not rest:
                frame.begin()
                yield self._assign(tree.target, over[turn])
            yield self._block(tree.body, rest)
            if frame.stopped:
                return

    def _while(self, tree: ast.While, resume: Place) -> Task[None]:
        frame, at = self.frame, self.frame.path[-1].at
        turn = resume[0].turn if resume else 0
        rest = resume[1:]
        while True:
            frame.path[-1] = Step(at, turn)
            if not rest:
                if frame.is_there:
                    frame.stopped = True
                    return
                if not (yield self._goes_on(tree.test)):
                    return
            yield self._block(tree.body, rest)
            if frame.stopped:
                return
            rest, turn = (), turn + 1
            if turn > self.turns:
                raise UndefinedError(f"a loop that does not end within {self.turns} steps")

    def _goes_on(self, test: ast.expr) -> Task[bool]:
        field = self.field
        if isinstance(field, MpmathField):
            field.relative = True
        known = self.known((yield self.visit(test)))
        if isinstance(field, MpmathField):
            field.relative = False
        if known is None:
            raise TooLargeError("how often a loop runs depends on the values")
        return known

    # Statements

    def _visit_assign(self, tree: ast.Assign) -> Task[None]:
        value = yield self.visit(tree.value)
        for target in tree.targets:
            yield self._assign(target, value)

    def _visit_augassign(self, tree: ast.AugAssign) -> Task[None]:
        old = yield self.visit(tree.target)
        new = yield self.visit(tree.value)
        yield self._assign(tree.target, self.operate(tree.op, old, new))

    def _assign(self, target: ast.expr, value: Any) -> Task[None]:
        if isinstance(target, ast.Name):
            self.frame.assign(target.id, array(value) if isinstance(value, list) else value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for part, element in zip(target.elts, value, strict=True):
                yield self._assign(part, scalar(element))
        elif isinstance(target, ast.Subscript):
            index = yield self.index(target)
            yield self._store(target.value, index, array(value))
        else:
            raise InternalError(f"the oracle does not assign to {type(target).__name__}")

    def _store(self, base: ast.expr, index: tuple[Any, ...], value: Any) -> Task[None]:
        """Put a value at a position: of a copy, since arrays are values."""
        if not isinstance(base, ast.Name):
            part = yield self.visit(base)
            yield self._assign(base, _with(array(part), index, value))
            return
        old = self.frame.find(base.id)
        if old is None or isinstance(old, Growing):
            self.frame.assign(base.id, (old or nothing()).stored(index, value))
        else:
            self.frame.assign(base.id, _with(array(old), index, value))

    def _visit_return(self, tree: ast.Return) -> Task[None]:
        if isinstance(tree.value, ast.Tuple):
            self.returned = yield self.each(tree.value.elts)
        else:
            value = yield self.visit(tree.value or ast.Constant(None))
            self.returned = list(value) if isinstance(value, tuple) else [value]
        self.frame.stopped = self.frame is not self.main  # also where there are lines behind the `if` around it

    def _visit_annassign(self, tree: ast.stmt) -> None:
        """Nothing happens when the run comes by a declaration, a docstring, a function or a claim."""

    _visit_expr = _visit_functiondef = _visit_assert = _visit_annassign

    # Functions

    def called(self, tree: ast.Call, name: str) -> Task[Any] | None:
        """Return the work of a call of a `def` or a derivative, None for any other."""
        if name in self.defined:
            return self._inline(self.defined[name], tree)
        return self._differentiated(tree, name) if name in DERIVATIVES else None

    def _inline(self, function: ast.FunctionDef, tree: ast.Call) -> Task[Any]:
        given, defaults = bind(function, tree)
        caller, before = self.frame, self.returned
        values = yield self._values(given)
        self.frame = self.main
        values |= yield self._values(defaults)
        self.frame = self._call(function.body, values, caller, given, defaults)
        yield self._block(function.body)
        result, self.returned, self.frame = self.returned or [None], before, caller
        return result[0] if len(result) == 1 else tuple(result)

    def _values(self, trees: Mapping[str, ast.expr]) -> Task[dict[str, Any]]:
        values = yield self.each(trees.values())
        return dict(zip(trees, values, strict=True))

    def _call(
        self,
        statements: Sequence[ast.stmt],
        values: Mapping[str, Any],
        caller: Frame,
        arguments: Mapping[str, ast.expr],
        defaults: Mapping[str, ast.expr],
    ) -> Frame:
        versions = {n: [(-1, v)] for n, v in values.items()}
        return Frame(statements, versions, self.keep, caller, arguments, defaults)

    # Derivatives

    def _differentiated(self, tree: ast.Call, name: str) -> Task[Any]:
        of, by = tree.args[:2]
        if isinstance(by, (ast.Tuple, ast.List)):
            parts = []
            for one in by.elts:
                parts.append((yield self._differentiated(ast.Call(tree.func, [of, one, *tree.args[2:]], []), name)))  # noqa: PERF401
            return tuple(parts) if isinstance(by, ast.Tuple) else parts
        if not isinstance(by, ast.Name):
            raise InternalError(f"{name} is with respect to a name")
        x, again = self._whole(by.id), self._again(of, by.id)
        direction = (yield self.visit(tree.args[2])) if name in ("jvp", "vjp") else None
        if isinstance(self.field, ShapeField):
            return scalar(np.zeros(self._shape(name, of, x), dtype=object))
        if name == "jvp":
            return along(again, x, direction, self.field)
        form = self.forms.get(by.id, "") if self._is_input(by.id) else ""

        def first(value: Any, other: Field) -> Any:
            return projected(derivative(again, value, other), form, other)

        if name == "vjp":

            def weighted(value: Any, other: Field) -> Any:
                moving = Functions(other)
                return moving.call("sum", [moving.gate("mul", again(value, other), direction)], {})

            return projected(derivative(weighted, x, self.field), form, self.field)
        if name == "hessian":
            return projected(derivative(first, x, self.field), form, self.field)
        return first(x, self.field)

    def _is_input(self, name: str) -> bool:
        return name not in self.frame.versions or (self.frame is self.main and self.main.versions[name][-1][0] < 0)

    def _whole(self, name: str) -> Any:
        frame = self.frame if name in self.frame.versions else self.main
        found = frame.find(name)
        if found is None:
            raise UndefinedError(f"a derivative with respect to {name}, which is no variable")
        return found.settled() if isinstance(found, Growing) else found

    def _shape(self, name: str, of: ast.expr, x: Any) -> tuple[int, ...]:
        own = np.shape(array(x))
        if name in ("grad", "vjp", "hessian"):
            return own if name != "hessian" else own + own
        made = np.shape(array(self.evaluate(of)))
        return made + own if name == "jacobian" else made

    def _again(self, of: ast.expr, name: str) -> Again:
        """Return the expression as a function of a variable: everything behind its assignment is carried out again.

        A variable of the file is replayed through the calls of functions that the run stands in.
        """
        frame, main, calls = self.frame, self.main, list(_calls(self.frame))
        owner = frame if name in frame.versions else main
        chain = [] if owner is frame else calls

        def again(value: Any, other: Field) -> Any:
            child = copy.copy(self)
            child.field, child.functions, child.returned = other, Functions(other), None
            child.frame = owner.rewound(name, value)
            child.main = child.frame if owner is main else main
            wanted = mentions(of).union(*(mentions(*c.arguments.values(), *c.statements) for c in chain))
            child.continue_to(owner, wanted)
            for call in chain:
                child.enter(call, wanted)
            return child.evaluate(of)

        return again

    def continue_to(self, other: Frame, wanted: set[str]) -> None:
        """Carry out what follows the place where the run was rewound to, up to where another run of it stands."""
        frame = self.frame
        frame.until = tuple(other.path)
        frame.needed = needed([*frame.statements, *self.defined.values()], wanted)
        run(self._block(frame.statements, frame.places[-1] if frame.places else ()))
        if not frame.stopped:
            raise UndefinedError("a replay takes another way")
        frame.filling, frame.scopes, frame.needed = list(other.filling), other.inner_scopes(), None

    def enter(self, call: Frame, wanted: set[str]) -> None:
        """Carry out a call again, up to where another run of it stands."""
        caller = self.frame
        values = run(self._values(call.arguments))
        self.frame = self.main
        values |= run(self._values(call.defaults))
        self.frame = self._call(call.statements, values, caller, call.arguments, call.defaults)
        self.continue_to(call, wanted)


def _calls(frame: Frame) -> Iterator[Frame]:
    """Yield the calls that a run stands in, the outermost first."""
    found = []
    while frame.caller is not None:
        found.append(frame)
        frame = frame.caller
    return reversed(found)


def bind(function: ast.FunctionDef, call: ast.Call) -> tuple[dict[str, ast.expr], dict[str, ast.expr]]:
    """Return what a call gives the parameters of a function, and the defaults of the others."""
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    given = dict(zip(names, call.args, strict=False)) | {str(k.arg): k.value for k in call.keywords}
    defaults = dict(zip(reversed(names), reversed(function.args.defaults), strict=False))
    keywords = [a.arg for a in function.args.kwonlyargs]
    defaults |= {n: d for n, d in zip(keywords, function.args.kw_defaults, strict=True) if d is not None}
    return given, {n: d for n, d in defaults.items() if n not in given}


def result_name(statements: Sequence[ast.stmt]) -> str:
    """Return the name that is assigned last, in the text."""
    for statement in reversed(statements):
        match statement:
            case ast.Assign(targets=targets):
                return _last_name(targets[-1])
            case ast.AugAssign(target=target):
                return _last_name(target)
            case ast.For() | ast.While() if found := result_name(statement.body):
                return found
            case ast.If() if found := result_name([*statement.body, *statement.orelse]):
                return found
    return ""


def _last_name(target: ast.expr) -> str:
    while not isinstance(target, ast.Name):
        if isinstance(target, (ast.Tuple, ast.List)):
            target = target.elts[-1]
        elif isinstance(target, ast.Subscript):
            target = target.value
        else:
            raise InternalError("the oracle assigns to names only")
    return target.id


def _with(old: Any, index: tuple[Any, ...], value: Any) -> Any:
    """Return an array with other elements at a position."""
    new = old.copy()
    try:
        new[index] = scalar(value)
    except IndexError as error:
        raise UndefinedError(str(error)) from error
    return new
