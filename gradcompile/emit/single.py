"""Modules that compute in float32: what has to be said there that goes without saying for float64.

Numba takes a plain literal for float64, and so does it the product of an integer and a float32; one such number in a
loop, and all of it runs in half the lanes. So conversions of whole numbers become nodes (`explicit`), and the text of a
kernel gets its literals and its new arrays in float32 (`retyped`). NumPy's own rules leave plain literals in the type
of the array beside them; there only arrays need to be said.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from gradcompile.gates import build
from gradcompile.gates.substitute import rebuild
from gradcompile.ir.nodes import DType, Kind, Node, reachable, states_of
from gradcompile.pipeline import Unit
from gradcompile.syntax.program import SINGLE, Value

REAL = "np.float32"
_ARRAYS = {"zeros": 1, "ones": 1, "empty": 1, "eye": 1, "full": 2}  # functions: how many arguments stand before a type
_TYPES = ("float32", "float64", "int32", "int64")
_NONE: frozenset[Kind] = frozenset()


def is_single(unit: Unit) -> bool:
    """Is the module to compute in float32?"""
    return unit.program.dtype == SINGLE


def with_conversions(unit: Unit, results: Sequence[Value], plain: Collection[Kind]) -> tuple[Unit, list[Value]]:
    """Return the unit and the results with conversions of whole numbers spelt out."""
    new = explicit([v.node for v in results], plain)
    names = {new[n]: name for n, name in unit.names.items() if n in new}
    return replace(unit, names=names), [Value(new[v.node], v.axes) for v in results]


def explicit(roots: Sequence[Node], plain: Collection[Kind] = _NONE) -> dict[Node, Node]:
    """Return every node that the roots need over operands of its own type: a whole number becomes a real gate.

    `plain` are kinds of node that need no conversion, as they are numbers of Python's.
    """
    done: dict[Node, Node] = {}
    for node in reachable(roots):
        graph, origin = node.graph, node.graph.origin_of(node)
        with graph.origin(origin.span, origin.rule):
            operands = tuple(done[o] for o in node.operands)
            real = _real_operands(node)
            operands = tuple(_as_real(o, plain) if i in real else o for i, o in enumerate(operands))
            done[node] = node if operands == node.operands else rebuild(node, operands)
    return done


def _as_real(node: Node, plain: Collection[Kind]) -> Node:
    return node if node.kind in plain else build.as_real(node)


def _real_operands(node: Node) -> Collection[int]:
    """Return which operands are to be real numbers."""
    types = [o.dtype for o in node.operands]
    every = range(len(types))
    match node.kind:
        case Kind.GATE if node.name == "where":
            return (1, 2) if node.dtype is DType.REAL else ()
        case Kind.GATE if node.name == "pow" and node.operands[1].is_const():
            return (0,) if node.dtype is DType.REAL else ()
        case Kind.GATE if node.name in ("real", "integer"):
            return ()
        case Kind.GATE:
            return every if DType.REAL in (node.dtype, *types) else ()
        case Kind.REDUCE | Kind.CONTRACT | Kind.STACK:
            return every if node.dtype is DType.REAL else ()
        case Kind.SCATTER:
            return (0,) if node.dtype is DType.REAL else ()
        case Kind.RECURRENCE:
            inits, bodies, _ = states_of(node)
            mixed = [
                i for i, pair in enumerate(zip(inits, bodies, strict=True)) if DType.REAL in {n.dtype for n in pair}
            ]
            return [*mixed, *(len(inits) + i for i in mixed)]
    return ()


# -- text ------------------------------------------------------------------------------------------------------


def retyped(source: str, *, literals: bool) -> str:
    """Return source text with its new arrays in float32, and with its plain literals too if they need it."""
    text = source.encode()
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def span(node: ast.expr) -> slice:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return slice(starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset)

    edits: dict[tuple[int, int], str] = {}
    for node in _expressions(ast.parse(source)):
        at = span(node)
        match node:
            case ast.Constant(value=float()) if literals:
                edits[at.start, at.stop] = f"{REAL}({text[at].decode()})"
            case ast.Attribute(value=ast.Name(id="np"), attr="inf" | "nan") if literals:
                edits[at.start, at.stop] = f"{REAL}({text[at].decode()})"
            case ast.Call(func=ast.Name(id="float") as name) if literals:
                edits[span(name).start, span(name).stop] = REAL
            case ast.Call(func=function, args=[kind]) if _of_numpy(function) == "finfo":
                edits[span(kind).start, span(kind).stop] = REAL
            case ast.Call(func=function, args=given, keywords=[]) if _ARRAYS.get(_of_numpy(function)) == len(given):
                edits[at.stop - 1, at.stop - 1] = f", dtype={REAL}"
            case ast.Call(keywords=keywords):
                for kind in [k.value for k in keywords if k.arg == "dtype"]:
                    if isinstance(kind, ast.Name) and kind.id == "float":
                        edits[span(kind).start, span(kind).stop] = REAL
    for (start, stop), new in sorted(edits.items(), reverse=True):
        text = text[:start] + new.encode() + text[stop:]
    return text.decode()


def _expressions(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions, but not the literals that have a type already."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.expr):
            yield node
        stack += [] if _is_typed(node) else ast.iter_child_nodes(node)


def _is_typed(node: ast.AST) -> bool:
    """Is it a text, or a number with a type of NumPy's?"""
    match node:
        case ast.JoinedStr():
            return True
        case ast.Call(func=function, args=[ast.Constant() | ast.UnaryOp(operand=ast.Constant()) | ast.Attribute()]):
            return _of_numpy(function) in _TYPES
    return False


def _of_numpy(node: ast.AST) -> str:
    """Return the name of what is NumPy's, else nothing."""
    match node:
        case ast.Attribute(value=ast.Name(id="np"), attr=name):
            return name
    return ""
