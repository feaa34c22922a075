"""Which wrong gradient is the first on the way back, and which ones only follow from it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gradcompile.diagnosis.candidates import Case
from gradcompile.diagnosis.trees import made
from gradcompile.errors import FormulaError, InternalError
from gradcompile.gates.substitute import substitute
from gradcompile.syntax.flow import targets
from gradcompile.syntax.program import Value


def backward_order(cases: Sequence[Case]) -> list[Case]:
    """Return the cases in the order in which a backward pass comes by what they are gradients of."""
    return sorted(cases, key=lambda c: -_place(c))


def _place(case: Case) -> int:
    """Return the last statement that assigns what is differentiated by; -1 for an input."""
    name = _by(case)
    return max((i for i, s in enumerate(case.program.tree.body) if name in targets(s)), default=-1)


def _by(case: Case) -> str:
    call = case.derivative
    return call.args[1].id if call is not None and isinstance(call.args[1], ast.Name) else ""


def origin_of(case: Case, earlier: Sequence[Case]) -> Case | None:
    """Return the earlier wrong claim from which this one follows: the rest of its derivation is right."""
    return next((other for other in earlier if _follows(case, other)), None)


def _follows(case: Case, other: Case) -> bool:
    if case.claimed is None or case.right is None or other.claimed is None or other.right is None:
        return False
    if other.claimed.axes != other.right.axes or not case.bench.trials:
        return False
    if not other.claimed.node.is_const():
        with_right = substitute(case.claimed.node, {other.claimed.node: other.right.node})
        if with_right is not case.claimed.node and _is_right(case, Value(with_right, case.claimed.axes)):
            return True
    return _arrives(case, other)


def _is_right(case: Case, value: Value) -> bool:
    assert case.right is not None
    return case.bench.same(value, case.right)


def _arrives(case: Case, other: Case) -> bool:
    """Is what is claimed here what the right pass makes of the error that was claimed there?"""
    mine, its = case.derivative, other.derivative
    if mine is not case.right_tree or its is not other.right_tree or mine is None or its is None:
        return False
    if ast.dump(mine.args[0]) != ast.dump(its.args[0]) or not _by(case) or _by(case) == _by(other):
        return False
    tree = made(
        "right + vjp(v, x, wrong - g)",
        right=mine, v=its.args[1], x=mine.args[1], wrong=other.claimed_tree, g=its,
    )  # fmt: skip
    try:
        value = case.claim.read(tree)
    except (FormulaError, InternalError, RecursionError):
        return False
    return case.claimed is not None and case.bench.same(value, case.claimed)
