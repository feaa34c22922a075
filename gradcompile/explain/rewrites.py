"""Which rewrites fired, where, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gradcompile.emit.notation import Matrices, cut
from gradcompile.gates.template import formula
from gradcompile.ir.nodes import Node
from gradcompile.pipeline import Unit
from gradcompile.rewrite import rows
from gradcompile.rewrite.engine import Rule, Step
from gradcompile.rewrite.rows import Row

_REASONS: tuple[tuple[Sequence[Row], str], ...] = (
    (rows.COMPOSITES, "a composite becomes one gate, with a local gradient of its own"),
    (rows.POWERS, "a power becomes a gate with a simpler local gradient"),
    (rows.CANONICAL, "one form for what can be written in several ways"),
    (rows.ALGEBRA, "the same number with fewer operations"),
    (rows.SELECTION, "a choice that makes no difference is left out"),
    (rows.SUMS, "done once, behind the sum, and not for each of its terms"),
)
_BY_NAME = (  # of the rows of algebra, those that are not only about the number of operations
    ("sign", "a sign moves outwards, where it can cancel, and is taken once"),
    ("minus", "signs that cancel are left out"),
    ("plus minus", "signs that cancel are left out"),
    ("literal", "two literals become one"),
    ("common", "what the terms have in common is computed once"),
    ("times 1", "it changes nothing"),
    ("plus 0", "it changes nothing"),
    ("divided by 1", "it changes nothing"),
)
_LONG = 90  # an expression longer than this is not shown


@dataclass(frozen=True)
class Fired:
    """A rewrite that was made."""

    name: str
    stage: str  # the pass: "recognise" before the derivative is taken, "simplify" behind it
    line: int
    law: str  # pattern → replacement; empty for a rule that is no pattern
    before: str  # as it stood in the formula, over the names of its gates; empty where that is long
    after: str
    why: str
    backward: bool  # was it made in the backward pass?
    times: int = 1


class Rewrites:
    """Writes the rewrites of a unit over the names of its gates."""

    def __init__(self, matrices: Matrices, leaves: Mapping[Node, Node]) -> None:
        self.matrices, self.leaves = matrices, leaves

    def all(self, unit: Unit) -> list[Fired]:
        """Return the rewrites in the order in which they were made, equal ones once."""
        counted: dict[Fired, int] = {}
        for moved in unit.moved:
            for step in moved.steps:
                fired = self._fired(moved.stage, step)
                counted[fired] = counted.get(fired, 0) + 1
        return [replace(fired, times=times) for fired, times in counted.items()]

    def _fired(self, stage: str, step: Step) -> Fired:
        origin = step.before.graph.origin_of(step.before)
        law = f"{step.row.pattern} → {step.row.replacement}" if isinstance(step.row, Row) else ""
        line = origin.span.line if origin.span else 0
        looked_into = {a.op for a in formula(step.row.pattern).args} if isinstance(step.row, Row) else set[str]()
        open_ = {o for o in step.before.operands if o.op in looked_into}
        before, after = self._text(step.before, open_), self._text(step.after, open_)
        if not before or not after or before == after:
            before = after = ""
        return Fired(step.row.name, stage, line, law, before, after, reason(step.row), bool(origin.rule))

    def _text(self, node: Node, unnamed: set[Node]) -> str:
        """Return a node over names, but for itself and those that the pattern looks into; nothing if that is long."""
        if node.carries or len(node.graph.nodes) > _MANY:
            return ""
        others = {n: leaf for n, leaf in self.leaves.items() if n is not node and n not in unnamed}
        (over,) = cut([node], others)
        if over.carries or not _is_small(over):
            return ""
        text = self.matrices.text(over, self.matrices.order.sort(over.axes))
        return text if len(text) <= _LONG else ""


_MANY = 20_000


def _is_small(node: Node) -> bool:
    """Are there few enough gates in it to write it down?"""
    seen, stack = {node}, [node]
    while stack and len(seen) < 40:
        fresh = [o for o in stack.pop().operands if o not in seen]
        seen.update(fresh)
        stack += fresh
    return not stack


def reason(row: Row | Rule) -> str:
    """Return why a rewrite is made."""
    if isinstance(row, Rule):
        return (row.apply.__doc__ or "the same value with less work").partition("\n")[0].rstrip(".").replace("``", "")
    why = next((text for table, text in _REASONS if row in table), "the same value with less work")
    if row in rows.ALGEBRA:
        why = next((text for start, text in _BY_NAME if row.name.startswith(start)), why)
    return f"{why}; {row.nan}" if row.nan and row.nan.startswith("finite") else why
