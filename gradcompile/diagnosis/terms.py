"""What comes back on one path of the backward pass alone, as an expression of the formula language."""

from __future__ import annotations

import ast
from typing import Any

from gradcompile.autodiff.cotangent import Cotangent
from gradcompile.autodiff.reverse import Downstream, downstream
from gradcompile.diagnosis.candidates import Case
from gradcompile.diagnosis.mistakes import Mistake
from gradcompile.emit.layout import AxisOrder
from gradcompile.emit.notation import Matrices, cut
from gradcompile.errors import FormulaError, InternalError
from gradcompile.gates import build
from gradcompile.gates.substitute import substitute
from gradcompile.ir.nodes import DType, Kind, Node, reachable
from gradcompile.pipeline import Unit
from gradcompile.rewrite.simplify import simplified
from gradcompile.syntax.program import Value

DIGITS = 12
LONGEST = 200  # of a text that is worth reading


class OnePath:
    """The right rules, but what is handed past one gate is 0 except by it, and by it to one operand alone.

    The gates are known by their places in the pass, so nothing is left out: it is multiplied by 0.
    """

    def __init__(self, case: Case, mistake: Mistake) -> None:
        self.steps, self.mistake, self.count = case.steps, mistake, 0
        self.place = {step.gate: step.at for step in case.steps}

    def __call__(self, node: Node, upstream: Cotangent, leaves: set[Node]) -> Downstream:
        """Hand back what belongs to the path."""
        mine, self.count = self.count, self.count + 1
        parts = list(downstream(node, upstream, leaves, self))
        if mine > self.mistake.at:
            return iter(parts)
        recorded = [operand for operand, _ in self.steps[mine].parts]
        kept = [self._is_kept(mine, k, operand) for k, operand in enumerate(recorded)]
        zero = build.const(node.graph, 0.0)
        return iter([(o, c if keep else c.times(zero)) for (o, c), keep in zip(parts, kept, strict=True)])

    def _is_kept(self, mine: int, k: int, operand: Node) -> bool:
        if mine < self.mistake.at:
            return self.place.get(operand, len(self.steps)) <= self.mistake.at
        others = [o for o, _ in self.steps[mine].parts]
        return operand is self.mistake.operand and others.index(operand) == k


def path_term(case: Case, mistake: Mistake) -> str | None:
    """Return what comes back on the path that a mistake leaves out; None where there is no short text for it."""
    try:
        value = case.claim.read(case.right_tree, hand_back=OnePath(case, mistake))
    except (FormulaError, InternalError, RecursionError):
        return None
    return text_of(case, Value(_without_zeros(value.node), value.axes))


def _without_zeros(root: Node) -> Node:
    """Return a sum of paths without those that were multiplied by 0."""
    nothing = build.const(root.graph, 0.0)
    while zeros := [n for n in reachable([root]) if n.op == "mul" and any(o.is_const(0) for o in n.operands)]:
        root = substitute(root, dict.fromkeys(zeros, nothing))
    return root


def text_of(case: Case, value: Value) -> str | None:
    """Return a value as an expression over the variables that can be read where the claim stands."""
    (root,) = simplified([value.node])
    leaves = _variables(case, root)
    axes = [*(a.axes for a in case.program.arguments), *(v.axes for v in case.variables.values())]
    (node,) = cut([root], leaves)
    try:
        text = Matrices(Unit(case.program, ()), AxisOrder(axes)).text(node, value.axes)
        text = ast.unparse(ast.parse(text, mode="eval"))
    except (InternalError, SyntaxError, RecursionError):
        return None
    return text if len(text) <= LONGEST else None


def _variables(case: Case, root: Node) -> dict[Node, Node]:
    """Return the variable that each node is, by its values at all points."""
    found: dict[Node, Node] = {}
    for node in reachable([root]):
        if (number := _constant(case, node)) is not None:
            found[node] = build.const(node.graph, number)
            continue
        if node is root or node.carries or node.dtype is not DType.REAL or node.kind not in (Kind.GATE, Kind.REDUCE):
            continue
        for name, known in case.variables.items():
            same_axes = set(known.axes) == set(node.axes) and not known.node.is_const()
            if same_axes and case.bench.same(Value(node, known.axes), known):
                found[node] = build.argument(node.graph, name, known.axes, known.node.dtype)
                break
    return found


def _constant(case: Case, node: Node) -> float | None:
    """Return the whole number that a gate is everywhere, such as 1 for p / p."""
    if node.kind is not Kind.GATE or node.dtype is not DType.REAL or node.carries:
        return None
    numbers = set[Any]()
    for trial in case.bench.trials:
        array = trial.array(Value(node, node.axes))
        if array is None or not array.size:
            return None
        numbers |= {round(float(x), DIGITS) for x in array.flat}
    (number,) = numbers if len(numbers) == 1 else (0.5,)
    return number if number.is_integer() else None
