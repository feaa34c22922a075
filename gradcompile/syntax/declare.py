"""Declarations: inputs with symbolic shapes; and the inputs of a plain file, which are its free names."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gradcompile.errors import FormulaError
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import DType
from gradcompile.syntax.arrays import axes_for, whole_number
from gradcompile.syntax.context import Context
from gradcompile.syntax.domains import Form, form_of, lies_in
from gradcompile.syntax.flow import loop_variables, targets
from gradcompile.syntax.names import CONSTANTS, check_name
from gradcompile.syntax.program import NOTHING, Argument
from gradcompile.syntax.trampoline import Task, run

_DTYPES = {"Real": DType.REAL, "Param": DType.REAL, "Int": DType.INT, "Bool": DType.BOOL}


def arguments(ctx: Context, tree: ast.Module, wrt: Sequence[str] | None) -> dict[str, Argument]:
    """Return the inputs of a file by name, in order, marked with what is differentiated."""
    declared = [s for s in tree.body if isinstance(s, ast.AnnAssign)]
    found: dict[str, Argument] = {}
    for statement in declared:
        argument = _declaration(ctx, statement, found)
        found[argument.name] = argument
    if not declared:
        found = {a.name: a for a in _free_names(ctx, tree)}
    _check_dimensions(ctx, found)
    return _marked(ctx, found, wrt)


def _declaration(ctx: Context, statement: ast.AnnAssign, before: dict[str, Argument]) -> Argument:
    if not isinstance(statement.target, ast.Name):
        ctx.fail("only a name can be declared.", "Write `x: Real`.", statement.target)
    name, span = statement.target.id, ctx.source.span(statement.target)
    check_name(name, "input", span)
    if name in before:
        line = before[name].span.line  # type: ignore[union-attr]
        ctx.fail(f"`{name}` is declared twice; it was on line {line}.", "Declare each input once.", statement.target)
    form = form_of(ctx, statement.annotation, lambda tree: run(_number(tree)))
    kind, shape = form.kind or "Real", _shape(ctx, form, statement.annotation)
    if form.declared.structure and kind not in ("Real", "Param"):
        hint = "Declare it as `Real` or `Param`."
        ctx.fail(f"a matrix of kind `{kind}` has no such form.", hint, statement.annotation)
    default = None
    if statement.value is not None:
        default = _default(ctx, name, kind, shape, statement.value)
        if form.declared != NOTHING and not lies_in(default, form.declared):
            ctx.fail(f"the default of `{name}` is not in its range.", "Choose one that is.", statement.value)
    elif late := next((a for a in before.values() if a.default is not None), None):
        ctx.fail(
            f"`{name}` has no default but comes after `{late.name}`, which has one.",
            "Declare the inputs with defaults last.",
            statement.target,
        )
    if form.declared != NOTHING:
        ctx.graph.declared[name] = form.declared
    return Argument(name, kind, _DTYPES[kind], axes_for(shape), default, span, declared=form.declared)


def _shape(ctx: Context, form: Form, tree: ast.expr) -> list[Extent]:
    """Return the sizes of a declaration; one of a matrix kind says its last size once."""
    shape = [_dimension(ctx, s) for s in form.sizes]
    if not form.declared.structure:
        return shape
    if not shape:
        ctx.fail("a matrix needs a size.", "Write it once, as in `Symmetric[N]`.", tree)
    if len(shape) > 1 and shape[-1] == shape[-2]:
        hint = f"Write `Symmetric[{shape[-1]}]`, and the sizes of a stack before that."
        ctx.fail("the size of such a matrix is written once.", hint, tree)
    return [*shape, shape[-1]]


def _dimension(ctx: Context, tree: ast.expr) -> Extent:
    size = run(_size(ctx, tree))
    if size.constant is not None and size.constant < 0:
        ctx.fail(f"a size cannot be {size}.", "Sizes are 0 or more.", tree)
    return size


_HINT = "Write dimension names and whole numbers, as in `Real[N, 2*N + 1]`."


def _size(ctx: Context, tree: ast.expr) -> Task[Extent]:
    """Return the size that an expression of dimension names and integers denotes."""
    match tree:
        case ast.Constant(value=value) if type(value) is int and value < 2**62:
            return Extent.of(value)
        case ast.Name(id=name):
            check_name(name, "dimension", ctx.source.span(tree))
            return Extent.of(name)
        case ast.UnaryOp(op=ast.USub(), operand=x):
            negated: Extent = yield _size(ctx, x)
            return -negated
        case ast.BinOp(left=left, op=op, right=right):
            a: Extent = yield _size(ctx, left)
            b: Extent = yield _size(ctx, right)
            if isinstance(op, ast.Div):
                instead = f"{ctx.source.segment(left)}//{ctx.source.segment(right)}"
                ctx.fail("a size is divided with `//`.", f"Write `{instead}`.", tree)
            if (size := whole_number(_SIGNS.get(type(op), ""), a, b)) is not None:
                return size
    ctx.fail(f"`{ctx.source.segment(tree, 40)}` is not a size.", _HINT, tree)


_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.FloorDiv: "floordiv", ast.Mod: "mod", ast.Pow: "pow",
}  # fmt: skip


def _default(ctx: Context, name: str, kind: str, shape: list[Extent], tree: ast.expr) -> float | int | bool:
    if shape:
        ctx.fail(f"the array `{name}` cannot have a default.", "Only a scalar input can; leave it out.", tree)
    value = run(_number(tree))
    wanted: dict[str, tuple[type, ...]] = {"Bool": (bool,), "Int": (int,), "Real": (int, float), "Param": (int, float)}
    if value is None or not isinstance(value, wanted[kind]) or (kind != "Bool" and isinstance(value, bool)):
        what = {"Bool": "`True` or `False`", "Int": "a whole number"}.get(kind, "a number")
        ctx.fail(f"the default of `{name}` must be {what}.", f"For example `{name}: {kind} = {_EXAMPLE[kind]}`.", tree)
    return float(value) if kind in ("Real", "Param") else value


_EXAMPLE = {"Bool": "True", "Int": "3", "Real": "0.1", "Param": "0.1"}


def _number(tree: ast.expr) -> Task[float | int | bool | None]:
    """Return the number that an expression of literals denotes, or None."""
    match tree:
        case ast.Constant(value=value) if isinstance(value, (bool, int, float)):
            return value if isinstance(value, float) or abs(value) < 2**63 else None
        case ast.Name(id=name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.UnaryOp(op=ast.USub(), operand=x):
            value = yield _number(x)
            return None if value is None else -value
        case ast.BinOp(left=left, op=op, right=right):
            a = yield _number(left)
            b = yield _number(right)
            return None if a is None or b is None else _arithmetic(op, a, b)
    return None


def _arithmetic(op: ast.operator, a: float, b: float) -> float | None:
    try:
        match op:
            case ast.Add():
                return a + b
            case ast.Sub():
                return a - b
            case ast.Mult():
                return a * b
            case ast.Div():
                return a / b
            case ast.Pow():
                return math.pow(a, b)
    except (ArithmeticError, ValueError):
        return None
    return None


def _check_dimensions(ctx: Context, found: dict[str, Argument]) -> None:
    """A dimension name must not be an input as well."""
    for argument in found.values():
        for name in sorted({n for size in argument.shape for n in size.names} & set(found)):
            raise FormulaError(
                f"`{name}` is an input and a size of `{argument.name}` as well.",
                found[name].span,
                f"Dimension names are values already: use `{name}` without declaring it, or rename one of them.",
            )


def _free_names(ctx: Context, tree: ast.Module) -> Iterator[Argument]:
    """Yield the inputs of a file without declarations: its free names, in order of first appearance."""
    known = {name for s in tree.body for name in targets(s)} | set(CONSTANTS) | {"newaxis"}
    for statement in tree.body:
        own = _own_names(statement) if isinstance(statement, ast.FunctionDef) else ()
        for node in _names_read(statement):
            if node.id not in known and node.id not in own:
                known.add(node.id)
                span = ctx.source.span(node)
                check_name(node.id, "input", span)
                yield Argument(node.id, "Real", DType.REAL, (), None, span)


def _own_names(function: ast.FunctionDef) -> set[str]:
    """Return the parameters and variables of a `def`."""
    parameters = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
    return parameters | loop_variables(function) | {n for s in function.body for n in targets(s)}


def _names_read(statement: ast.stmt) -> list[ast.Name]:
    """Return the variables that a statement reads, in the order of the text; called functions are none."""
    names: list[ast.Name] = []
    others: set[object] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                names.append(node)
            elif not isinstance(statement, (ast.Assign, ast.AugAssign, ast.FunctionDef)):
                others.add(node.id)
        elif isinstance(node, ast.Call):
            others.add(node.func)
        elif isinstance(node, ast.Attribute) and node.attr != "T":
            others.add(node.value)
        elif isinstance(node, ast.comprehension):
            others |= {t.id for t in ast.walk(node.target) if isinstance(t, ast.Name)}
    found = [n for n in names if n not in others and n.id not in others]
    return sorted(found, key=lambda n: (n.lineno, n.col_offset))


def _marked(ctx: Context, found: dict[str, Argument], wrt: Sequence[str] | None) -> dict[str, Argument]:
    """Mark what is differentiated: what `wrt` says, else every Param, else every Real."""
    reals = [a.name for a in found.values() if a.dtype is DType.REAL]
    if wrt is not None:
        for name in wrt:
            if name not in reals:
                known = ", ".join(f"`{r}`" for r in reals) or "none"
                message = f"the gradient is asked for `{name}`, which is no real input of {ctx.source.file}."
                raise FormulaError(message, None, f"The real inputs are {known}.")
        chosen = set(wrt)
    else:
        chosen = {a.name for a in found.values() if a.kind == "Param"} or set(reals)
    return {name: replace(a, differentiated=name in chosen) for name, a in found.items()}
