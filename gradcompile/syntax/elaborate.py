"""From formula text to a program: the statements of the file, one after the other."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

from gradcompile.errors import FormulaError, ShapeError
from gradcompile.gates import build
from gradcompile.syntax import outside
from gradcompile.syntax.context import Context, is_one
from gradcompile.syntax.declare import arguments
from gradcompile.syntax.expressions import Expressions
from gradcompile.syntax.flow import is_text, targets
from gradcompile.syntax.functions import define
from gradcompile.syntax.names import check_file_name
from gradcompile.syntax.program import Argument, Claim, Program, Value
from gradcompile.syntax.reading import Reading
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.source import Source, read_text, syntax_tree
from gradcompile.syntax.trampoline import Task, run


def read(path: str | Path, *, wrt: Sequence[str] | None = None) -> Program:
    """Return the program of a formula file. Raises FormulaError for a bad file or a bad formula."""
    path = Path(path)
    text = read_text(path)
    check_file_name(path.stem, str(path))
    return parse(text, str(path), name=path.stem, wrt=wrt)


def parse(text: str, file: str, *, name: str | None = None, wrt: Sequence[str] | None = None) -> Program:
    """Return the program of a formula text; `file` is how messages call it, `name` what its module will be called."""
    if name is None:
        name = "formula" if file.startswith("<") else Path(file).stem
        check_file_name(name, file)
    source = Source(text, file)
    return program_of(source, syntax_tree(source), name=name, wrt=wrt)


def program_of(
    source: Source, tree: ast.Module, *, name: str, text: str | None = None, wrt: Sequence[str] | None = None
) -> Program:
    """Return the program of a syntax tree whose places are in `source`, of which `text` is the part that counts."""
    ctx = Context(source)
    ctx.arguments = arguments(ctx, tree, wrt)
    elaborator = Elaborator(ctx, tree)
    results = elaborator.run()
    return Program(
        name=name,
        file=source.file,
        text=source.text if text is None else text,
        doc=ast.get_docstring(tree) or "",
        tree=tree,
        graph=ctx.graph,
        source=source,
        arguments=list(ctx.arguments.values()),
        results=results,
        names={name: history[-1][1] for name, history in elaborator.scope.versions.items()},
        requirements=list(ctx.requirements.values()),
        claims=elaborator.claims,
    )


def read_input(ctx: Context, argument: Argument) -> Value:
    """Return an input as a value; along a dimension of length 1 its only element is summed up."""
    node = build.argument(ctx.graph, argument.name, argument.axes, argument.dtype)
    for axis in argument.axes:
        if is_one(axis):
            node = build.reduce("any" if argument.kind == "Bool" else "sum", node, axis)
    return Value(node, argument.axes)


def _last_assigned(tree: ast.Module) -> frozenset[str]:
    """Return the name that is the result of a file without `return`."""
    names = [name for statement in tree.body for name in targets(statement)]
    returns = any(isinstance(statement, ast.Return) for statement in tree.body)
    return frozenset() if returns else frozenset(names[-1:])


class Elaborator:
    """The statements of a file, carried out on the graph."""

    def __init__(self, ctx: Context, tree: ast.Module) -> None:
        self.ctx, self.tree = ctx, tree
        self.scope = Scope(lines=tree.body, results=_last_assigned(tree))
        self.claims: list[Claim] = []
        self.results: list[tuple[str, Value]] | None = None
        self.last = ""  # the name assigned last
        self.visitors = Expressions(ctx)
        for argument in ctx.arguments.values():
            with ctx.graph.origin(argument.span):
                self.visitors.inputs[argument.name] = read_input(ctx, argument)
            for size in argument.shape:
                for name in size.names:
                    self.visitors.dimensions[name] = ctx.size(size.of(name))
        for statement in tree.body:
            for target in targets(statement):
                self.visitors.later.setdefault(target, statement.lineno)

    def run(self) -> list[tuple[str, Value]]:
        """Carry out the file and return its results."""
        for statement in self.tree.body:
            if isinstance(statement, ast.FunctionDef):
                define(self.visitors, statement)
        run(self.body())
        if self.results is not None:
            return self.results
        if not self.last:
            place = self.ctx.source.line(self.tree.body[-1].lineno if self.tree.body else 1)
            raise FormulaError("the file computes nothing.", place, "Assign a result, for example `f = x**2`.")
        return [(self.last, self.scope.versions[self.last][-1][1])]

    def body(self) -> Task[None]:
        """Carry out the statements in order."""
        for statement in self.tree.body:
            if self.results is not None:
                self.ctx.fail("nothing can come after `return`.", "Make `return` the last line.", statement)
            yield self.statement(statement)

    def statement(self, statement: ast.stmt) -> Task[None] | None:
        """Carry out one statement of the file."""
        scope = self.scope
        if isinstance(statement, (ast.Assign, ast.AugAssign, ast.For, ast.While)):
            scope.statements.append(statement)
            self.last = (targets(statement) or [""])[-1]
            return self.visitors.statement(statement, scope, len(scope.statements) - 1)
        if isinstance(statement, (ast.AnnAssign, ast.FunctionDef)) or is_text(statement):
            return None
        scope.current = len(scope.statements)
        if isinstance(statement, ast.Assert):
            return self.claim(statement)
        if isinstance(statement, ast.Return):
            return self.result(statement)
        if isinstance(statement, ast.Expr):
            return self.bare(statement)
        raise self.visitors.refusal(outside.STATEMENTS, statement)

    def bare(self, statement: ast.Expr) -> Task[None]:
        """An expression by itself: an error, the expression's own first."""
        if isinstance(statement.value, ast.Compare):
            self.ctx.fail("a comparison by itself claims nothing.", "Write `assert a == b` for a claim.", statement)
        yield self.visitors.visit(statement.value, self.scope)
        text = self.ctx.source.segment(statement, 30)
        self.ctx.fail("the value of this line is not used.", f"Give it a name: `f = {text}`.", statement)

    def claim(self, statement: ast.Assert) -> Task[None]:
        """`assert left == right`."""
        test = statement.test
        if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
            self.ctx.fail("a claim is one equation.", "Write `assert a == b`.", test)
        sides: list[Value | None] = []
        error: ShapeError | None = None
        for tree in (test.left, test.comparators[0]):
            try:
                sides.append((yield self.visitors.array(tree, self.scope)))
            except ShapeError as found:  # a wrong derivation, which is refuted like any other
                sides, error = [*sides, None], error or found
        text, span = self.ctx.source.segment(test), self.ctx.source.span(statement)
        reading = Reading(self.visitors, self.scope, self.scope.current)
        self.claims.append(Claim(text, sides[0], sides[1], statement, span, reading, error))

    def result(self, statement: ast.Return) -> Task[None]:
        """`return a`, or `return a, b`."""
        if statement.value is None:
            self.ctx.fail("`return` needs a value.", "Write `return loss`.", statement)
        trees = statement.value.elts if isinstance(statement.value, ast.Tuple) else [statement.value]
        results: list[tuple[str, Value]] = []
        for number, tree in enumerate(trees, 1):
            value: Value = yield self.visitors.array(tree, self.scope)
            name = tree.id if isinstance(tree, ast.Name) else "result" if len(trees) == 1 else f"result_{number}"
            taken = {n for n, _ in results} | (set() if isinstance(tree, ast.Name) else set(self.scope.versions))
            while name in taken:
                name += "_"
            results.append((name, value))
        self.results = results
