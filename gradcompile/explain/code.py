"""The generated code of an explanation, line by line, and which of its lines compute what a step shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gradcompile.emit.numpy_target import Writer, kernel
from gradcompile.ir.nodes import Node
from gradcompile.pipeline import Unit
from gradcompile.syntax.program import Value

NAME = "value_and_grad_kernel"


@dataclass(frozen=True)
class Code:
    """The lines of the function, and for each node the lines in whose expressions it stands."""

    lines: tuple[str, ...]
    of_node: Mapping[Node, tuple[int, ...]]
    of_comment: Mapping[str, tuple[int, ...]]

    def lines_of(self, nodes: Iterable[Node], comments: Sequence[str]) -> tuple[int, ...]:
        """Return the lines that compute some nodes; where none is left of them, those that say where they come from."""
        found = {line for node in nodes if not node.is_const() for line in self.of_node.get(node, ())}
        if found:
            return tuple(sorted(found))
        named = (self._starting(comment) for comment in comments)
        return next((lines for lines in named if lines), ())

    def _starting(self, comment: str) -> tuple[int, ...]:
        return tuple(sorted(i for text, at in self.of_comment.items() if text.startswith(comment) for i in at))


class _Noting(Writer):
    """The readable target, which notes the node of each statement."""

    def __init__(self, unit: Unit, results: Sequence[Value]) -> None:
        super().__init__(unit, results)
        self.noted: list[tuple[str, Node]] = []

    def name(self, node: Node) -> None:
        before = len(self.lines)
        super().name(node)
        self.noted += [(line, node) for line in self.lines[before:]]

    def statement(self, text: str, node: Node, at: int | None = None) -> None:
        super().statement(text, node, at)
        self.noted.append((self.lines[-1 if at is None else at], node))


def code(unit: Unit) -> Code:
    """Return the function of the readable target that computes value and gradients, with its links to the graph."""
    writers: list[_Noting] = []

    def make(unit: Unit, results: Sequence[Value]) -> Writer:
        writers.append(_Noting(unit, results))
        return writers[-1]

    results = [*unit.values, *unit.gradients.values()]
    lines = kernel(unit, NAME, results, make).lines
    (writer,) = writers
    place = {line: i for i, line in enumerate(lines)}
    at = {node: place[line] for line, node in writer.noted if line in place}
    returned = next(i for i, line in enumerate(lines) if line.startswith("    return"))
    found: dict[Node, list[int]] = {}
    for node, line in at.items():
        _spread(writer, node, line, at, found)
    for value in results:
        if value.node not in at:
            _spread(writer, value.node, returned, at, found)
    comments: dict[str, list[int]] = {}
    for i, text in enumerate(lines):
        comments.setdefault(text.partition("  # ")[2], []).append(i)
    return Code(tuple(lines), {n: tuple(v) for n, v in found.items()}, {c: tuple(v) for c, v in comments.items()})


def _spread(writer: Writer, root: Node, line: int, at: Mapping[Node, int], found: dict[Node, list[int]]) -> None:
    """Note a line for every node that stands in the expression of one."""
    seen, stack = {root}, [root]
    while stack:
        node = stack.pop()
        found.setdefault(node, []).append(line)
        fresh = [o for o in {*writer.plan.operands(node), *node.operands} if o not in at and o not in seen]
        seen.update(fresh)
        stack += fresh
