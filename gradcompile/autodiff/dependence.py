"""Which elements of a result may depend on which of an argument: 1 where they may, 0 elsewhere.

It is forward mode with "may depend" in the place of numbers: a gate depends on what its operands depend on, so that the
elements that loops touch become known by running the loops. Conditions and indices that no parameter decides are
followed; where a parameter decides, all that might be chosen counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gradcompile.autodiff.cotangent import Cotangent
from gradcompile.autodiff.entries import Arrays, Varying
from gradcompile.autodiff.forward import Directions, Forward
from gradcompile.errors import FormulaError
from gradcompile.gates import build
from gradcompile.gates.registry import GATES, REDUCE
from gradcompile.ir.nodes import Axis, Kind, Node, reachable, states_of


def dependence(results: Sequence[Node], name: str, direction: Node, arguments: Arrays) -> list[Node]:
    """Return, for each result, where it may depend on what a direction of an argument moves.

    The direction has numbers that are not negative, over the axes that `arguments` has for its own, and further ones.
    The arguments are all that is differentiated by.
    """
    walk = _Dependence({name: (direction, arguments[name])}, {}, Varying(direction.graph, arguments))
    walk.run(n for n in reachable(results) if not n.carries)
    zero = build.const(direction.graph, 0.0)
    return [_capped(walk.tangents[r].value) if r in walk.tangents else zero for r in results]


class _Dependence(Forward):
    """Where nodes may depend on a direction: not negative, and 0 where they do not."""

    def __init__(self, directions: Directions, tangents: dict[Node, Cotangent], varies: Varying) -> None:
        super().__init__(directions, tangents)
        self.varies = varies

    def again(self, tangents: Mapping[Node, Cotangent]) -> Forward:
        return _Dependence(self.directions, dict(tangents), self.varies)

    def recurrence(self, node: Node) -> None:
        *_, condition = states_of(node)
        if any(self.decides(c) for c in condition):
            raise FormulaError(
                "how often a loop runs depends on the parameters, and so does what depends on what.",
                node.graph.origin_of(node).span,
                "Ask for `--mode forward` or `--mode reverse`.",
            )
        super().recurrence(node)

    def parts(self, node: Node) -> list[Cotangent]:
        if node.kind in (Kind.INPUT, Kind.HISTORY, Kind.RENAME):
            return super().parts(node)
        given = [(o, self.tangents[o].value) for o in dict.fromkeys(node.operands) if o in self.tangents]
        found = None if not given else self.through(node, dict(given))
        return [] if found is None else [Cotangent(found)]

    def decides(self, node: Node) -> bool:
        """May a parameter decide what a condition or an index is? In a loop's steps it may decide every state."""
        return bool(node.carries) or self.varies(node)

    def through(self, node: Node, given: Mapping[Node, Node]) -> Node | None:
        """Return where a node may depend on the direction, given where its operands may."""
        match node.kind:
            case Kind.GATE:
                return self.of_gate(node, given)
            case Kind.REDUCE:
                record, (x,) = REDUCE[node.name], node.operands
                return _anywhere(given[x], node.attrs) if record.route or record.partial else None
            case Kind.TAKE:
                (x, index, *guard), (axis,) = node.operands, node.attrs
                place = given[x]
                return _anywhere(place, [axis]) if self.decides(index) else build.take(place, axis, index, *guard)
            case Kind.SCATTER:
                (x, index, *guard), (axis, over) = node.operands, node.attrs
                if self.decides(index):
                    return _anywhere(given[x], over)
                return _capped(build.scatter(given[x], axis, index, over, *guard))
            case Kind.ARRAY:
                eaten = zip(node.operands, node.attrs[0], strict=True)
                return _either([_anywhere(given[o], axes) for o, axes in eaten if o in given])
        return None

    def of_gate(self, node: Node, given: Mapping[Node, Node]) -> Node | None:
        """Return where a gate may depend: where one of its operands does that has a local gradient."""
        record = GATES[node.name]
        if node.name == "where" and not self.decides(node.operands[0]):
            zero = build.const(node.graph, 0.0)
            return build.gate("where", node.operands[0], *(given.get(o, zero) for o in node.operands[1:]))
        rules = zip(node.operands, record.routes or record.partials, strict=True)
        found = [given[o] for o, rule in rules if rule is not None and o in given]
        return _either(found) if found else None


def _either(parts: Sequence[Node]) -> Node:
    total = parts[0]
    for part in parts[1:]:
        total = total if part is total else build.gate("max", total, part)
    return total


def _anywhere(x: Node, axes: Iterable[Axis]) -> Node:
    held = [a for a in axes if a in x.axes]
    return _capped(build.reduce_all("sum", x, held)) if held else x


def _capped(x: Node) -> Node:
    """Return 1 where something is above 0."""
    positive = build.gate("gt", x, build.const(x.graph, 0.0))
    return build.gate("where", positive, build.const(x.graph, 1.0), build.const(x.graph, 0.0))
