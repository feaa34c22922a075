"""The graph of a scalar formula as JavaScript, so that a report can compute both passes again for other inputs.

Gates are written from the code in their records, never from a formula's text.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from gradcompile.emit import elementary
from gradcompile.emit.expression import functions
from gradcompile.gates.registry import GATES
from gradcompile.ir.nodes import Kind, Node, reachable

_KINDS = frozenset({Kind.CONST, Kind.INPUT, Kind.GATE})
_MATH = {
    **{n: f"Math.{n}" for n in (
        "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh",
        "floor", "ceil", "sign", "abs", "hypot",
    )},
    **{f"arc{n}": f"Math.a{n}" for n in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"a{n}": f"Math.a{n}" for n in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "arctan2": "Math.atan2", "atan2": "Math.atan2", "fabs": "Math.abs", "maximum": "Math.max",
    "minimum": "Math.min", "isfinite": "Number.isFinite", "isnan": "Number.isNaN", "float": "Number",
    "int": "Math.trunc", "float64": "Number", "min": "Math.min", "max": "Math.max", "rint": "_rint",
    "copysign": "_copysign",
}  # fmt: skip
_CONSTANTS = {"pi": "Math.PI", "inf": "Infinity", "nan": "NaN", "e": "Math.E"}
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">",
    ast.GtE: ">=", ast.Eq: "===", ast.NotEq: "!==", ast.And: "&&", ast.Or: "||", ast.USub: "-", ast.UAdd: "+",
    ast.Not: "!",
}  # fmt: skip
_LIBRARY = """\
const _mod = (a, b) => a - b * Math.floor(a / b);
const _rint = (x) => { const r = Math.round(x); return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r; };
const _copysign = (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x));"""


class UntranslatableError(Exception):
    """Something that this emitter has no JavaScript for."""


def is_scalar(nodes: Sequence[Node]) -> bool:
    """Is a graph one of numbers alone?"""
    return all(n.kind in _KINDS and not n.axes for n in reachable(nodes))


def script(wanted: Mapping[str, Node], inputs: Sequence[str]) -> str | None:
    """Return a function from the inputs, in order, to the wanted nodes by key; None if there is none."""
    if not is_scalar(list(wanted.values())):
        return None
    try:
        return _script(wanted, inputs)
    except UntranslatableError:
        return None


def _script(wanted: Mapping[str, Node], inputs: Sequence[str]) -> str:
    place = {name: i for i, name in enumerate(inputs)}
    names: dict[Node, str] = {}
    helpers: dict[str, str] = {}
    lines = []
    for i, node in enumerate(reachable(wanted.values())):
        names[node] = f"n{i}"
        if node.kind is Kind.CONST:
            text = _number(node.value)
        elif node.kind is Kind.INPUT:
            text = f"x[{place[node.name]}]"
        else:
            text = _gate(node, [names[o] for o in node.operands], helpers)
        lines.append(f"  const n{i} = {text};")
    results = ", ".join(f'"{key}": {names[node]}' for key, node in wanted.items())
    return "\n".join([_LIBRARY, *helpers.values(), "function compute(x) {", *lines, f"  return {{{results}}};", "}"])


def _gate(node: Node, operands: Sequence[str], helpers: dict[str, str]) -> str:
    record = GATES[node.name]
    code = record.numpy if elementary.helpers(record.numba) else record.numba or record.numpy
    for name, text in functions(code, record.helper).items():
        helpers[name] = _function(text)
    tree = ast.parse(code, mode="eval").body
    return expression(tree, dict(zip(record.arguments, operands, strict=True)))


@cache
def _function(text: str) -> str:
    (tree,) = ast.parse(text.strip()).body
    if not isinstance(tree, ast.FunctionDef):
        raise UntranslatableError(text)
    arguments = [a.arg for a in tree.args.args]
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - set(arguments)
    local = [f"  let {', '.join(sorted(names))};"] if names else []
    body = [line for statement in _statements(tree) for line in _statement(statement)]
    return "\n".join([f"function {tree.name}({', '.join(arguments)}) {{", *local, *(f"  {line}" for line in body), "}"])


def _statements(tree: ast.FunctionDef) -> list[ast.stmt]:
    return tree.body[1:] if ast.get_docstring(tree) else tree.body


def _statement(tree: ast.stmt) -> list[str]:
    match tree:
        case ast.Return(value=ast.expr() as value):
            return [f"return {expression(value)};"]
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return [f"{name} = {expression(value)};"]
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            left, right = (", ".join(expression(e) for e in part) for part in (targets, values))
            return [f"[{left}] = [{right}];"]
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
            return [f"{name} = {expression(ast.BinOp(ast.Name(name), op, value))};"]
        case ast.If(test=test, body=body, orelse=orelse):
            otherwise = ["} else {", *_block(orelse)] if orelse else []
            return [f"if ({expression(test)}) {{", *_block(body), *otherwise, "}"]
        case ast.While(test=test, body=body, orelse=[]):
            return [f"while ({expression(test)}) {{", *_block(body), "}"]
        case ast.For(
            target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"), args=args), body=body, orelse=[]
        ):
            return [_counting(name, [expression(a) for a in args]), *_block(body), "}"]
        case ast.Break():
            return ["break;"]
        case ast.Continue():
            return ["continue;"]
    raise UntranslatableError(ast.unparse(tree))


def _counting(name: str, bounds: Sequence[str]) -> str:
    start, stop, step = {1: ("0", bounds[0], "1"), 2: (*bounds, "1"), 3: tuple(bounds)}[len(bounds)]
    sign = ">" if step.startswith("-") else "<"
    return f"for ({name} = {start}; {name} {sign} {stop}; {name} += {step}) {{"


def _block(statements: Sequence[ast.stmt]) -> list[str]:
    return [f"  {line}" for statement in statements for line in _statement(statement)]


def expression(tree: ast.expr, names: Mapping[str, str] | None = None) -> str:
    """Return an expression of the gates' code in JavaScript; every operation in parentheses."""

    def inner(part: ast.expr) -> str:
        return expression(part, names)

    match tree:
        case ast.Name(id=name):
            return (names or {}).get(name, name)
        case ast.Constant(value=value):
            return _number(value)
        case ast.Attribute(value=ast.Name(id="np" | "math"), attr=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.BinOp(left=a, op=ast.Mod(), right=b):
            return f"_mod({inner(a)}, {inner(b)})"
        case ast.BinOp(left=a, op=ast.FloorDiv(), right=b):
            return f"Math.floor({inner(a)} / {inner(b)})"
        case ast.BinOp(left=a, op=op, right=b) if type(op) in _OPERATORS:
            return f"(({inner(a)}) {_OPERATORS[type(op)]} ({inner(b)}))"
        case ast.UnaryOp(op=op, operand=a) if type(op) in _OPERATORS:
            return f"({_OPERATORS[type(op)]}{inner(a)})"
        case ast.BoolOp(op=op, values=values):
            return "(" + f" {_OPERATORS[type(op)]} ".join(map(inner, values)) + ")"
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [left, *others]
            parts = [
                f"({inner(a)} {_OPERATORS[type(o)]} {inner(b)})" for a, o, b in zip(sides, ops, others, strict=False)
            ]
            return f"({' && '.join(parts)})"
        case ast.IfExp(test=test, body=yes, orelse=no):
            return f"({inner(test)} ? {inner(yes)} : {inner(no)})"
        case ast.Call(func=function, args=args, keywords=[]):
            return _call(function, [inner(a) for a in args])
    raise UntranslatableError(ast.unparse(tree))


def _call(function: ast.expr, args: Sequence[str]) -> str:
    match function:
        case ast.Attribute(value=ast.Name(id="np" | "math"), attr="sign"):
            return f"Math.sign({args[0]})"
        case ast.Attribute(value=ast.Name(id="np" | "math"), attr=name) if name in _MATH:
            return f"{_MATH[name]}({', '.join(args)})"
        case ast.Name(id=name) if name in _MATH:
            return f"{_MATH[name]}({', '.join(args)})"
        case ast.Name(id=name) if name.startswith("_"):
            return f"{name}({', '.join(args)})"
    raise UntranslatableError(ast.unparse(function))


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (int, float)):
        raise UntranslatableError(repr(value))
    names = {"inf": "Infinity", "-inf": "(-Infinity)", "nan": "NaN"}
    return names.get(repr(value), repr(value) if value >= 0 else f"({value!r})")
