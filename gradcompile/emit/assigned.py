"""What the user calls the values inside loops: the name that a statement there assigns them to."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from gradcompile.emit.live import Live
from gradcompile.emit.states import Kept, Loop, State
from gradcompile.ir.nodes import Kind, Node
from gradcompile.pipeline import Unit
from gradcompile.syntax.program import Program, Value
from gradcompile.syntax.source import Source

_UNNAMED = frozenset({Kind.CONST, Kind.EXTENT, Kind.INPUT, Kind.IOTA, Kind.CARRY, Kind.HISTORY, Kind.RECURRENCE})
Place = tuple[int, int, int]  # line, column and end of a piece of syntax


class Assigned:
    """The names that the statements inside loops assign to, by the place of what they assign."""

    def __init__(self, program: Program) -> None:
        self.names: dict[Place, str] = {}
        self.arrays: dict[Place, str] = {}  # by the element that a statement assigns to
        text = Source(program.text, program.file)
        loops = [n for n in ast.walk(program.tree) if isinstance(n, (ast.For, ast.While))]
        for statement in (s for loop in loops for s in ast.walk(loop)):
            for tree, name in _assignments(statement):
                span = text.span(tree)
                self.names[span.line, span.column, span.end_column] = name
            for target, name in _elements(statement):
                span = text.span(target)
                self.arrays[span.line, span.column, span.end_column] = name

    def name(self, node: Node, *, elements: bool = False) -> str | None:
        """Return the name of what a node comes from; with `elements`, of an array too of which it is an element."""
        span = node.graph.origin_of(node).span
        if span is None:
            return None
        place = span.line, span.column, span.end_column
        return self.names.get(place) or (self.arrays.get(place) if elements else None)

    def states(self, loop: Loop) -> dict[int, str]:
        """Return the names of the states of a loop; what is carried back to one called x is called dx."""
        forward = {s.slot: name for s in loop.working if (name := self._made(loop, s)) is not None}
        back = {s.slot: name for s in loop.working if s.slot not in forward and (name := self._carried_back(loop, s))}
        count = Counter(back.values())
        return forward | {slot: f"d{name}" for slot, name in back.items() if count[name] == 1}

    def _made(self, loop: Loop, state: State) -> str | None:
        body = source(state.body)
        made_here = body in loop.own and not body.graph.origin_of(body).rule
        return self.name(body, elements=state.kept is not Kept.RECORD) if made_here else None

    def _carried_back(self, loop: Loop, state: State) -> str | None:
        """Return the name of the value at whose gate the local gradients are that a cotangent is multiplied with."""
        found: dict[bool, set[str]] = {True: set(), False: set()}
        for user in loop.users.get(state.carry, ()) if state.carry is not None else ():
            rule = user.graph.origin_of(user).rule
            if rule and (name := self.name(user, elements=True)):
                found[rule == "copy gate"].add(name)
        names = found[False] or found[True]
        return names.pop() if len(names) == 1 else None

    def values(self, live: Live) -> dict[Node, str]:
        """Return the names of the values that the user assigned: of each, the last gate that is from that place."""
        found = {n: name for n in live.nodes if not n.graph.origin_of(n).rule and (name := self.name(n))}
        inner = {o for n in found for o in live.operands(n) if found.get(o) == found[n]}
        return {n: name for n, name in found.items() if n not in inner and n.kind not in _UNNAMED}


def with_assigned(unit: Unit, results: Sequence[Value]) -> Unit:
    """Return the unit with the names of the values inside loops too."""
    values = Assigned(unit.program).values(Live([v.node for v in results]))
    return replace(unit, names=values | unit.names)


def source(node: Node) -> Node:
    """Return the node that a node is another name of."""
    while node.kind is Kind.RENAME:
        node = node.operands[0]
    return node


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


def _elements(statement: ast.AST) -> list[tuple[ast.AST, str]]:
    """Return the elements of arrays that a statement assigns to, with the arrays' names."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets = [statement.target] if isinstance(statement, ast.AugAssign) else targets
    elements = [t for t in targets if isinstance(t, ast.Subscript)]
    return [(t, t.value.id) for t in elements if isinstance(t.value, ast.Name)]
