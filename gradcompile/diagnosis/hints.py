"""Hints: the step to look at again, without what is right there."""

from __future__ import annotations

from dataclasses import replace

from gradcompile.verify import ClaimVerdict

ABOUT = {
    "sign": "with which sign does it hand back what arrives?",
    "factor": "by which number does it multiply what arrives?",
    "transpose": "which shape does the gradient of each of its operands have?",
    "product": "which indices meet, and over which is there a sum?",
    "missing-sum": "along which axis does it copy an operand, and what does that mean on the way back?",
    "extra-sum": "does each element receive its own gradient, or all of them the same?",
    "missing-path": "on how many paths does its operand reach the result?",
    "missing-local": "what is its local gradient?",
    "wrong-place": "at which value is its local gradient taken?",
    "swapped": "which operand does it pass to which side, and in which order?",
    "unsymmetrised": "how often does its operand stand in the formula?",
    "dropped-term": "does every term that it adds hand something back?",
    "shifted": "which element is read, and which one receives the gradient?",
}


def hinted(verdict: ClaimVerdict) -> ClaimVerdict:
    """Return a verdict that points at the step and says nothing of the answer."""
    if verdict.verdict != "refuted":
        return verdict
    sentence = "Follow the gradient back gate by gate from the result, and compare shapes on the way."
    if verdict.follows is not None:
        sentence = f"Look at line {verdict.follows} first: this step follows from it."
    elif verdict.gate is not None:
        line = f" on line {verdict.gate_line}" if verdict.gate_line is not None else ""
        about = ABOUT.get(verdict.kind or "", "there is more than one mistake, and one of them is there.")
        sentence = f"Look at the {verdict.gate} gate{line} again: {about}"
    return replace(verdict, sentence=sentence, repair=None, counterexample=None)
