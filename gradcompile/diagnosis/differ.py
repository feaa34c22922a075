"""Where a claimed expression and the right one first differ as graphs: up to there every gate has the same values."""

from __future__ import annotations

import ast
from typing import Any

import mpmath

from gradcompile.diagnosis.bench import Trial
from gradcompile.diagnosis.candidates import Case
from gradcompile.ir.nodes import DType, Kind, Node, reachable
from gradcompile.syntax.program import Value

DIGITS = 12
NO_REPAIR = "No single repair makes it true."

Key = tuple[Any, ...]


def first_difference(case: Case) -> str:
    """Return in words where both sides part."""
    if case.right is None or case.claimed is None:
        return NO_REPAIR
    trial, names = case.bench.trials[0], case.names
    right, claimed = _keys(trial, case.right), _keys(trial, case.claimed)
    there = set(right.values())
    own = {line.targets[0].id for line in case.derivation.lines if isinstance(line.targets[0], ast.Name)}
    for name, value in case.variables.items():  # what the formula computes is not the user's work
        if name not in own and value.node.dtype is DType.REAL:
            there |= set(_keys(trial, value).values())
    for node, key in claimed.items():
        if key in there or not _is_work(node):
            continue
        known = [o for o in node.operands if o in claimed and claimed[o] in there]
        if len(known) < len([o for o in node.operands if o in claimed]):
            continue
        mine = f"your `{names.text(node)}` ({names.at(node)})"
        other = _other(case, right, {claimed[o] for o in known})
        sentence = f"{NO_REPAIR} Every gate before {mine} has a value that the right derivation has too"
        return f"{sentence}; {other}." if other else f"{sentence}, this one has not."
    return f"{NO_REPAIR} All values of yours are in the right derivation, but it does not end there."


def _keys(trial: Trial, value: Value) -> dict[Node, Key]:
    """Return, for each real gate behind a value, its axes and its numbers, rounded."""
    found: dict[Node, Key] = {}
    for node in reachable([value.node]):
        if node.carries or node.kind in (Kind.RECURRENCE, Kind.CHECK) or node.dtype is not DType.REAL:
            continue
        array = trial.array(Value(node, node.axes))
        if array is not None:
            found[node] = (*node.axes, *(mpmath.nstr(mpmath.mpf(x), DIGITS) for x in array.reshape(-1)))
    return found


def _is_work(node: Node) -> bool:
    return node.kind not in (Kind.CONST, Kind.EXTENT, Kind.INPUT, Kind.RENAME)


def _other(case: Case, right: dict[Node, Key], shared: set[Key]) -> str:
    """Say what the right derivation makes of the values that both have."""
    for node in right:
        mine = {right[o] for o in node.operands if o in right and _is_work(o)}
        if _is_work(node) and mine & shared:
            rule = node.graph.origin_of(node).rule
            line = case.names.line(node)
            by = f"the backward pass of the {rule}" if rule else case.names.at(node)
            return f"the right one goes on by {by}" + (f" on line {line}" if rule and line else "")
    return ""
