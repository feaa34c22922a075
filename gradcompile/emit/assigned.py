"""What the user calls the values inside loops: the name that a statement there assigns them to."""

from __future__ import annotations

import ast
from gradcompile.emit.live import Live
from gradcompile.emit.states import Loop, State
from gradcompile.ir.nodes import Kind, Node
from gradcompile.syntax.program import Program
from gradcompile.syntax.source import Source

_UNNAMED = frozenset({Kind.CONST, Kind.EXTENT, Kind.INPUT, Kind.IOTA, Kind.CARRY, Kind.HISTORY, Kind.RECURRENCE})
Place = tuple[int, int, int]  # line, column and end of a piece of syntax


class Assigned:
    """The names that the statements inside loops assign to, by the place of what they assign."""

    def __init__(self, program: Program) -> None:
        self.names: dict[Place, str] = {}
        self.arrays: dict[Place, str] = {}  # by the element that a statement assigns to
        source = Source(program.text, program.file)
        loops = [n for n in ast.walk(program.tree) if isinstance(n, (ast.For, ast.While))]
        for statement in (s for loop in loops for s in ast.walk(loop)):
            for tree, name in _assignments(statement):
                span = source.span(tree)
                self.names[span.line, span.column, span.end_column] = name
            for target in _elements(statement):
                span = source.span(target)
                self.arrays[span.line, span.column, span.end_column] = target.value.id

    def name(self, node: Node, *, elements: bool = False) -> str | None:
        """Return the name that a node's value, or what arrives at it, has in the formula; with `elements`, an array's."""
        span = node.graph.origin_of(node).span
        if span is None:
            return None
        place = span.line, span.column, span.end_column
        return self.names.get(place) or (self.arrays.get(place) if elements else None)

    def state(self, loop: Loop, state: State) -> str | None:
        """Return the name of a state of a loop; what is carried back to one called x is called dx."""
        body = state.body
        while body.kind is Kind.RENAME:
            body = body.operands[0]
        if body in loop.own and not loop.node.graph.origin_of(body).rule and (name := self.name(body, elements=True)):
            return name
        for user in loop.users.get(state.carry, ()) if state.carry is not None else ():
            if loop.node.graph.origin_of(user).rule and (name := self.name(user, elements=True)):
                return f"d{name}"
        return None

    def values(self, live: Live) -> dict[Node, str]:
        """Return the names of the values that the user assigned: of each, the last gate that is from that place."""
        found = {n: name for n in live.nodes if not n.graph.origin_of(n).rule and (name := self.name(n))}
        inner = {o for n in found for o in live.operands(n) if found.get(o) == found[n]}
        return {n: name for n, name in found.items() if n not in inner and n.kind not in _UNNAMED}


def _assignments(statement: ast.AST) -> list[tuple[ast.AST, str]]:
    """Return the pieces of syntax whose value a statement gives to a name."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return [(value, name)]
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            pairs = zip(targets, values, strict=False)
            return [(v, t.id) for t, v in pairs if isinstance(t, ast.Name)]
        case ast.AugAssign(target=ast.Name(id=name)):
            return [(statement, name)]
    return []


def _elements(statement: ast.AST) -> list[ast.Subscript]:
    """Return the elements of arrays that a statement assigns to."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets = [statement.target] if isinstance(statement, ast.AugAssign) else targets
    return [t for t in targets if isinstance(t, ast.Subscript) and isinstance(t.value, ast.Name)]
