"""Values claimed at a point of many numbers: judged in double precision, by the gradient of a generated module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

from gradcompile.diagnosis.claimed import returning
from gradcompile.diagnosis.inputs import UNIT, Inputs, nudged, numbers, plain
from gradcompile.diagnosis.relations import Pair, relation
from gradcompile.emit import load, module
from gradcompile.errors import FormulaError
from gradcompile.pipeline import run_passes
from gradcompile.syntax.program import Program
from gradcompile.verify import ClaimVerdict
from gradcompile.verify.arrays import Array, elementwise
from gradcompile.verify.examples import sides_text

NUDGES = 2
SAFETY = 32.0
RELATED = 20_000  # elements of a gradient of which it is tried how they go together as a whole
CLOSER = "Which gate it is shows at a smaller point: give one, or the derivation as an expression."
_WORDS = {
    "sign": "is right up to its sign",
    "factor": "is right up to a factor: it has to be multiplied by {}",
    "transpose": "is right but transposed",
    "missing-sum": "lacks a sum over axis {}",
    "extra-sum": "is summed over axis {}, which the right one is not",
}


def judge_many(
    program: Program,
    gradient: str,
    place: tuple[str, int, str],
    evaluate: Callable[[Sequence[Inputs]], list[Any]],
    sizes: dict[str, int],
    arrays: Inputs,
) -> ClaimVerdict:
    """Return the verdict on what is claimed of a gradient at one point."""
    inputs = {name: plain(array) for name, array in arrays.items()}
    right, error = _measured(program, gradient, inputs)
    if not np.all(np.isfinite(right)):
        return ClaimVerdict(*place, "undecided", "", "The formula is not defined at the point.")
    (found,) = evaluate([{**sizes, **inputs}])
    claimed = numbers(found)
    error += SAFETY * UNIT * float(np.max(np.abs(claimed), initial=0.0))
    if right.shape == claimed.shape:
        apart = np.abs(right - claimed)
        if np.all(apart <= error):
            return ClaimVerdict(
                *place, "agrees", "values", f"The values agree to {_digits(right, apart)} digits at 1 point."
            )
        worst = tuple(int(i) for i in np.unravel_index(int(np.argmax(apart)), apart.shape)) if apart.size else ()
        sides = (elementwise(mpmath.mpf, np.asarray(part[worst], dtype=object)) for part in (right, claimed))
        example = f"at the point that is given, at {list(worst)}: {sides_text(*sides)}"
    else:
        example = f"at the point that is given: left of shape {right.shape}, right of shape {claimed.shape}"
    kind, sentence = _related(right, claimed, error, sizes)
    return ClaimVerdict(*place, "refuted", "values", f"{sentence} {CLOSER}", kind, counterexample=example)


def _measured(program: Program, gradient: str, inputs: Inputs) -> tuple[Array, float]:
    """Return the gradient of the compiler, and how far the rounding of its inputs moves it."""
    other = returning(program, gradient)
    unit = run_passes(other, gradient=False)
    run = load.load(module.assemble(other, unit, "numpy", ("value",), ""), other.name).value
    try:
        with np.errstate(all="ignore"):
            first, *moved = (np.asarray(run(**nudged(inputs, n) if n else inputs)) for n in range(1 + NUDGES))
    except (ValueError, IndexError, ArithmeticError) as error:
        raise FormulaError(f"the formula has no value at the point: {error}") from error
    largest = float(np.max(np.abs(first), initial=0.0))
    return first, SAFETY * (max(float(np.max(np.abs(m - first), initial=0.0)) for m in moved) + UNIT * largest)


def _related(right: Array, claimed: Array, error: float, sizes: dict[str, int]) -> tuple[str | None, str]:
    """Return the kind of a mistake that is seen from the values as a whole, and a sentence."""
    if max(right.size, claimed.size) <= RELATED:
        exact = [elementwise(mpmath.mpf, np.asarray(a, dtype=object)) for a in (right, claimed)]
        largest = float(np.max(np.abs(right), initial=0.0))
        tolerance = max(error / largest if largest else 1.0, UNIT)
        found = relation([Pair(exact[0], exact[1], sizes, mpmath.mpf(tolerance))])
        if found is not None and found.kind in _WORDS:
            return found.kind, f"What is claimed {_WORDS[found.kind].format(found.extra.replace(' / ', '/'))}."
    return None, "The values differ."


def _digits(right: Array, apart: Array) -> int:
    scale, worst = float(np.max(np.abs(right), initial=0.0)), float(np.max(apart, initial=0.0))
    return 16 if not worst or not scale else min(16, int(-np.log10(worst / scale)))
