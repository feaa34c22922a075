"""Which gates of the graph are shown, what they are called, and which of them a person writes as one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gradcompile.ir.nodes import Axis, DType, Kind, Node, is_inside, reachable, reading_state, states_of
from gradcompile.pipeline import Unit

_INLINE = frozenset({Kind.CONST, Kind.EXTENT, Kind.IOTA, Kind.RENAME, Kind.CHECK, Kind.INPUT})
_PREFIXES = ("z", "t", "u", "q", "step")


@dataclass
class Shown:
    """The gates of a formula, operands first, with their names; `inside`: the gates that are written as part of one."""

    gates: list[Node]
    names: dict[Node, str]
    inside: dict[Node, list[Node]] = field(default_factory=dict)  # below a gate, operands first; itself last

    def reads(self, gate: Node) -> list[Node]:
        """Return the gates and inputs that a gate reads, one for each place, through what is inline."""
        own = set(self.inside.get(gate, [gate]))
        found: list[Node] = []
        stack = list(reversed(operands_of(gate)))
        while stack:
            node = stack.pop()
            if node.kind is Kind.INPUT or (node in self.names and node not in own):
                found.append(node)
            else:
                stack.extend(reversed(operands_of(node)))
        return found


def shown(result: Node, unit: Unit, *, matrices: bool) -> Shown:
    """Return the gates that lead to the result; with `matrices`, a product under its sum is one gate."""
    nodes = [n for n in reachable([result]) if not n.carries]
    uses = Counter(o for n in nodes for o in operands_of(n))
    inside: dict[Node, list[Node]] = {}
    hidden: set[Node] = set()
    for node in reversed(nodes):
        if node not in hidden and (below := _under_sum(node, unit.names, uses, matrices=matrices)):
            inside[node] = [*reversed(below), node]
            hidden |= set(below)
    varying: set[Node] = set()  # what depends on an input
    for node in nodes:
        if node.kind in (Kind.INPUT, Kind.RECURRENCE) or any(o in varying for o in node.operands):
            varying.add(node)
    gates = [n for n in nodes if n in varying and _is_gate(n) and n not in hidden]
    return Shown(gates, _names(gates, unit), inside)


def _is_gate(node: Node) -> bool:
    """Is it a gate of its own? Literals, sizes, positions and conditions are written where they are used."""
    if node.kind is Kind.RECURRENCE:
        return True
    return node.dtype is DType.REAL and node.kind not in _INLINE and node.name != "real"


def operands_of(node: Node) -> tuple[Node, ...]:
    """Return what a node reads; of a recurrence, what its steps read from outside."""
    if node.kind is not Kind.RECURRENCE:
        return node.operands
    inits, bodies, condition = states_of(node)
    depth = node.attrs[2]
    inner = reading_state([*bodies, *condition], depth)
    outside = [o for n in inner for o in n.operands if not is_inside(o, depth) and n.kind is not Kind.HISTORY]
    still = [b for b in (*bodies, *condition) if not is_inside(b, depth)]
    return tuple(dict.fromkeys([*inits, *outside, *still]))


def _under_sum(node: Node, named: Mapping[Node, str], uses: Counter[Node], *, matrices: bool) -> list[Node]:
    """Return the sums under a sum, over other axes, and with `matrices` a product of matrices under them.

    What sums a product of matrices further is a gate of its own.
    """
    chain = [node]
    while chain[-1].kind is Kind.REDUCE and chain[-1].name == "sum":
        below = chain[-1].operands[0]
        if uses[below] > 1 or below in named:
            break
        chain.append(below)
    sums = [n for n in chain if n.kind is Kind.REDUCE and n.name == "sum"]
    if len(sums) == len(chain) or not matrices or (shared := _contracted(chain[-1])) is None:
        return sums[1:]
    outer = [s for s in sums if s.attrs[0] not in shared]
    inner = sums[len(outer) :]
    if not inner or outer != sums[: len(outer)]:
        return sums[1:]
    return outer[1:] if outer else chain[1:]


def _contracted(node: Node) -> set[Axis] | None:
    """Return the axes over which a sum of a product is one of matrices: one factor lacks an axis, or both have one."""
    if node.kind is not Kind.GATE or node.name != "mul":
        return None
    a, b = (set(o.axes) for o in node.operands)
    return a & b if a and b and (a != b or len(a) == 1) else None


def _names(gates: Iterable[Node], unit: Unit) -> dict[Node, str]:
    """Return a name for every gate: the user's own, else one that is free."""
    arguments = {a.name for a in unit.program.arguments if a.name != unit.program.upstream}
    users = {n: name for n, name in unit.names.items() if name not in arguments}
    taken = {*arguments, *users.values(), *unit.program.dimensions}
    taken |= {f"d{name}" for name in taken}
    prefix = next(p for p in _PREFIXES if not any(re.fullmatch(rf"d?{p}_?\d+", name) for name in taken))
    through = {looked_through(n): name for n, name in users.items() if n.kind is Kind.RENAME}
    names: dict[Node, str] = {}
    used: set[str] = set()
    number = 0
    for gate in gates:
        wish = users.get(gate) or through.get(gate, "")
        if not wish or wish in used or f"d{wish}" in arguments:
            number += 1
            wish = f"{prefix}{number}"
        names[gate] = wish
        used.add(wish)
    return names


def looked_through(node: Node) -> Node:
    """Return the node whose numbers a view or a conversion hands on."""
    while node.kind is Kind.RENAME or node.name == "real":
        node = node.operands[0]
    return node
