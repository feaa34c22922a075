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
from gradcompile.explain.javascript_library import library
from gradcompile.gates.registry import GATES
from gradcompile.ir.nodes import Kind, Node, reachable

_WORDS = {Kind.TAKE: "read", Kind.SCATTER: "scatter", Kind.RECURRENCE: "loop", Kind.HISTORY: "loop"}
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
    "int": "Math.trunc", "float64": "Number", "min": "Math.min", "max": "Math.max", "rint": "_js_rint",
    "copysign": "_js_copysign", "power": "Math.pow", "erf": "_js_erf", "erfc": "_js_erfc", "gamma": "_js_gamma",
}  # fmt: skip
_CONSTANTS = {"pi": "Math.PI", "inf": "Infinity", "nan": "NaN", "e": "Math.E"}
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">",
    ast.GtE: ">=", ast.Eq: "===", ast.NotEq: "!==", ast.And: "&&", ast.Or: "||", ast.USub: "-", ast.UAdd: "+",
    ast.Not: "!", ast.BitAnd: "&&", ast.BitOr: "||",
}  # fmt: skip


class UntranslatableError(Exception):
    """Something that this emitter has no JavaScript for: the sentence says what, for the reader of a page."""


def script(wanted: Mapping[str, Node], inputs: Sequence[str]) -> str:
    """Return a function from the inputs, in order, to the wanted nodes by key.

    Raises UntranslatableError for what is not a graph of numbers, and for gates that have no JavaScript.
    """
    nodes = reachable(wanted.values())
    for node in nodes:
        if node.axes:
            makes = "is" if node.kind is Kind.INPUT else "makes"
            raise UntranslatableError(f"it computes with numbers alone, and {_at(node)} {makes} an array")
        if node.kind not in _KINDS:
            raise UntranslatableError(f"it has no code for {_at(node)}")
    place = {name: i for i, name in enumerate(inputs)}
    names: dict[Node, str] = {}
    helpers: dict[str, str] = {}
    lines = []
    for i, node in enumerate(nodes):
        names[node] = f"n{i}"
        if node.kind is Kind.CONST:
            text = _number(node.value)
        elif node.kind is Kind.INPUT:
            text = f"x[{place[node.name]}]"
        else:
            try:
                text = _gate(node, [names[o] for o in node.operands], helpers)
            except UntranslatableError as error:
                raise UntranslatableError(f"it has no code for {_at(node)}") from error
        lines.append(f"  const n{i} = {text};")
    results = ", ".join(f'"{key}": {names[node]}' for key, node in wanted.items())
    body = "\n".join([*helpers.values(), "function compute(x) {", *lines, f"  return {{{results}}};", "}"])
    return "\n".join([*library(body), body])


def _at(node: Node) -> str:
    """Return what a node is called, and where it stands."""
    span = node.graph.origin_of(node).span
    line = "" if span is None else f" on line {span.line}"
    if node.kind is Kind.INPUT:
        return f"the input {node.name}{line}"
    return f"the {_WORDS.get(node.kind, node.op)} gate{line}"


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
        case ast.For(target=ast.Name(id=name), iter=ast.Tuple(elts=values), body=body, orelse=[]):
            return [f"for ({name} of [{', '.join(map(expression, values))}]) {{", *_block(body), "}"]
        case ast.Break():
            return ["break;"]
        case ast.Continue():
            return ["continue;"]
    raise UntranslatableError(ast.unparse(tree))


def _counting(name: str, bounds: Sequence[str]) -> str:
    start, stop, step = {1: ("0", bounds[0], "1"), 2: (*bounds, "1"), 3: tuple(bounds)}[len(bounds)]
    sign = ">" if step.strip("(").startswith("-") else "<"
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
            return f"_js_mod({inner(a)}, {inner(b)})"
        case ast.BinOp(left=a, op=ast.FloorDiv(), right=b):
            return f"Math.floor({inner(a)} / {inner(b)})"
        case ast.BinOp(left=a, op=op, right=b) if type(op) in _OPERATORS:
            return f"(({inner(a)}) {_OPERATORS[type(op)]} ({inner(b)}))"
        case ast.UnaryOp(op=op, operand=a) if type(op) in _OPERATORS:
            return f"({_OPERATORS[type(op)]}{inner(a)})"
        case ast.Subscript(value=ast.Tuple(elts=values), slice=index):
            return f"[{', '.join(map(inner, values))}][{inner(index)}]"
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
        case ast.Call(func=ast.Attribute(attr="vectorize"), args=[ast.Attribute() | ast.Name() as single]):
            return _call(single, args)
        case ast.Attribute(value=ast.Name(id="np"), attr="where"):
            return f"({args[0]} ? {args[1]} : {args[2]})"
        case ast.Attribute(value=ast.Name(id="np"), attr="exp2"):
            return f"Math.pow(2, {args[0]})"
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
