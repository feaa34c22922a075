"""What is said of a mistake: one sentence, the gate, the line, an expression that is right."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from gradcompile.diagnosis.candidates import Case
from gradcompile.diagnosis.edits import Edit
from gradcompile.diagnosis.local import MINUS, Factor, bindings_of
from gradcompile.diagnosis.mistakes import Mistake, Step
from gradcompile.diagnosis.phrases import what_is_wrong
from gradcompile.diagnosis.words import LONGEST
from gradcompile.gates.registry import GATES
from gradcompile.gates.template import formula
from gradcompile.ir.nodes import Kind, Node, reachable
from gradcompile.syntax.flow import names_in


@dataclass(frozen=True)
class Diagnosis:
    """The single repair that makes a claim true: its kind, the gate where it belongs, in one sentence."""

    kind: str | None
    gate: str | None
    gate_line: int | None
    sentence: str
    repair: str | None = None
    follows: int | None = None  # the line of the wrong claim that this one follows from


def subject(case: Case) -> str:
    """Return what the claimed side is called, such as ``Your dW``."""
    call = case.derivative
    if call is None or call is not case.right_tree or not isinstance(call.func, ast.Name):
        return "Your side of the equation"
    by = call.args[1]
    name = by.id if isinstance(by, ast.Name) else ast.unparse(by)
    word = call.func.id
    if word in ("grad", "vjp"):
        return f"Your d{name}"
    return f"Your {'directional derivative' if word == 'jvp' else word.capitalize()} by {name}"


class Words:
    """The sentences of one case."""

    def __init__(self, case: Case) -> None:
        self.case, self.names, self.subject = case, case.names, subject(case)

    # Mistakes at a gate

    def of_mistake(self, mistake: Mistake, repair: str | None) -> Diagnosis:
        """Return the diagnosis of a mistake at a gate."""
        return Diagnosis(self._kind(mistake), *self.place(mistake), f"{self.subject} {self.phrase(mistake)}.", repair)

    def phrase(self, mistake: Mistake) -> str:
        """Return what is wrong with a mistake in it, to stand behind the subject."""
        sentence: str = getattr(self, f"_{self._kind(mistake).replace('-', '_')}")(mistake)
        return sentence.removesuffix(".")

    def _kind(self, mistake: Mistake) -> str:
        if mistake.kind == "missing-path" and self.is_term(mistake):
            return "dropped-term"
        return mistake.kind

    def is_term(self, mistake: Mistake) -> bool:
        """Is the path that is left out a term of its own, such as a penalty?"""
        gate, term = mistake.gate, mistake.operand
        if gate.kind is not Kind.GATE or gate.name not in ("add", "sub") or gate.axes or term is None:
            return False
        if term.kind not in (Kind.GATE, Kind.REDUCE):
            return False
        others = set().union(*(_inputs(o) for o in gate.operands if o is not term))
        return not others <= _inputs(term)

    def _defined(self, node: Node) -> int | None:
        """Return the line on which a value is made that is used several times."""
        name = self.names.of(node)
        argument = next((a for a in self.case.program.arguments if a.name == name), None)
        if argument is not None:
            return argument.span.line if argument.span else None
        return self.names.line(node)

    def _sign(self, mistake: Mistake) -> str:
        at = self.names.at(mistake.gate)
        if mistake.operand is None:
            return f"has the wrong sign: {at} takes `{self._text(mistake.gate)}`, not its negative."
        if mistake.lost is not None and mistake.lost.rule is MINUS:
            return f"lacks a minus sign: {at} hands the negative of what arrives to `{self.names.of(mistake.operand)}`."
        return f"has the wrong sign at {at}, which hands what arrives to `{self.names.of(mistake.operand)}`."

    def _factor(self, mistake: Mistake) -> str:
        return f"lacks the factor {self.lost(mistake)} that {self.names.at(mistake.gate)} passes back."

    def _missing_local(self, mistake: Mistake) -> str:
        at = self.names.at(mistake.gate)
        if mistake.instead is mistake.gate:
            text = self.names.of(mistake.gate)
            mine = f"`{text}`" if len(text) <= LONGEST else "its value"
            if mistake.rule is None:
                passes = self._passes(mistake)
                return f"has {mine}, the value of {at}, where its local gradient belongs: 1 where `{passes}`, else 0."
            its = self.names.local(mistake.rule, bindings_of(mistake.gate))
            return f"has {mine}, the value of {at}, where its local gradient `{its}` belongs."
        if mistake.alone:
            return f"lacks what arrives at {at}: downstream is upstream times local, not the local gradient alone."
        if mistake.lost is None:
            return f"lacks the local gradient of {at}: only where `{self._passes(mistake)}` does anything pass back."
        whole = mistake.lost.rule is mistake.rule and mistake.lost.node is None
        what = "the local gradient" if whole else "the factor"
        tail = f"of {at}" if whole else f"of the local gradient of {at}"
        return f"lacks {what} `{self.lost(mistake)}` {tail}."

    def condition(self, mistake: Mistake) -> str | None:
        """Return where a gate that routes hands anything to the operand, as formula text; None of a reduction."""
        routed = (
            mistake.kind == "missing-local" and mistake.lost is None and not mistake.alone and mistake.instead is None
        )
        routed = routed and mistake.gate.kind is Kind.GATE
        return self._passes(mistake) if routed else None

    def _passes(self, mistake: Mistake) -> str:
        gate = mistake.gate
        if gate.kind is Kind.REDUCE:
            return f"{self.names.of(gate.operands[0])} is the {gate.name}"
        record, operand = GATES[gate.name], mistake.operand
        place = gate.operands.index(operand) if operand is not None and operand in gate.operands else 0
        return self.names.local(formula(record.routes[place] or "x"), bindings_of(gate))

    def _wrong_place(self, mistake: Mistake) -> str:
        assert mistake.rule is not None
        assert mistake.instead is not None
        assert mistake.place is not None
        right = bindings_of(mistake.gate)
        wrong = {name: mistake.instead if bound is mistake.place else bound for name, bound in right.items()}
        mine, its = self.names.local(mistake.rule, wrong), self.names.local(mistake.rule, right)
        return (
            f"has the local gradient of {self.names.at(mistake.gate)} at the wrong place: it is `{its}`, at "
            f"`{self.names.of(mistake.place)}`, not `{mine}`, at `{self.names.of(mistake.instead)}`."
        )

    def _swapped(self, mistake: Mistake) -> str:
        assert mistake.place is not None
        assert mistake.operand is not None
        return (
            f"has the wrong factor at {self.names.at(mistake.gate)}: the mul gate swaps, so what arrives at "
            f"`{self.names.of(mistake.operand)}` is upstream times `{self.names.of(mistake.place)}`."
        )

    def _missing_sum(self, mistake: Mistake) -> str:
        assert mistake.operand is not None
        return (
            f"lacks the sum over {mistake.axis}: {self.names.at(mistake.gate)} copies "
            f"`{self.names.of(mistake.operand)}` along {mistake.axis}, so the gradients of the copies add up."
        )

    def _extra_sum(self, mistake: Mistake) -> str:
        return (
            f"has a sum over {mistake.axis} too many: {self.names.at(mistake.gate)} does not copy "
            f"along {mistake.axis}, each element receives what belongs to it."
        )

    def _missing_path(self, mistake: Mistake) -> str:
        assert mistake.operand is not None
        name = self.names.of(mistake.operand)
        return (
            f"lacks a path: `{name}` also reaches the result through {self.names.at(mistake.gate)}"
            f"{self._by_way_of(mistake.gate)}, and the copy gate adds what comes back on all paths."
        )

    def _by_way_of(self, gate: Node) -> str:
        name = self.names.of(gate)
        text = name if name.isidentifier() else self.names.text(gate)
        return f" (`{text}`)" if len(text) <= LONGEST else ""

    def _dropped_term(self, mistake: Mistake) -> str:
        assert mistake.operand is not None
        return (
            f"lacks the term of `{self._text(mistake.operand)}`: {self.names.at(mistake.gate)} hands what arrives "
            "to both of its terms."
        )

    def _text(self, node: Node) -> str:
        text = self.names.text(node)
        return text if len(text) <= 60 else self.names.of(node)

    def lost(self, mistake: Mistake) -> str:
        """Return the text of the factor that is left out."""
        assert mistake.lost is not None
        text = self._factor_text(mistake.lost, mistake.gate)
        return text.replace(" / ", "/") if len(text) < 8 else text

    def _factor_text(self, factor: Factor, gate: Node) -> str:
        if factor.node is not None:
            text = self.names.of(factor.node)
        else:
            text = self.names.local(factor.rule, bindings_of(gate))
        closed = text.isidentifier() or text.replace(".", "").isdigit() or text.endswith(")")
        return f"1 / {text if closed else f'({text})'}" if factor.inverse else text

    # Repairs of the expression

    def of_edit(self, edit: Edit, repair: str, mistake: Mistake | None = None) -> Diagnosis:
        """Return the diagnosis of a repair of the claimed expression; `mistake` is one at a gate that comes to it."""
        step = self._step_of(edit)
        if mistake is not None:
            step = next(s for s in self.case.steps if s.at == mistake.at)
        gate, gate_line = self._gate(edit, step)
        reason = f" ({self.names.at(step.gate)})" if step is not None else ""
        sentence = f"{self.subject} {self.of_piece(edit)}: {what_is_wrong(edit, self.case.variables)}{reason}."
        return Diagnosis(edit.kind, gate, gate_line, sentence, repair)

    def place(self, found: Mistake | Edit) -> tuple[str | None, int | None]:
        """Return the gate at which something is wrong, and its line."""
        if isinstance(found, Edit):
            return self._gate(found, self._step_of(found))
        gate, line = self.names.gate(found.gate), self.names.line(found.gate)
        if self._kind(found) == "missing-path" and found.operand is not None:
            return "copy", self._defined(found.operand) or line
        return gate, line

    def of_piece(self, edit: Edit) -> str:
        """Return what is wrong with a piece, to stand behind the subject."""
        line = self.case.derivation.line_of(edit.old)
        where = f" on line {line.lineno}" if line is not None else ""
        return f"has `{ast.unparse(edit.old)}`{where} where `{ast.unparse(edit.new)}` belongs"

    def _gate(self, edit: Edit, step: Step | None) -> tuple[str | None, int | None]:
        if step is not None:
            return self.names.gate(step.gate), self.names.line(step.gate)
        if isinstance(edit.old, ast.expr) and (value := self.case.derivation.value_of(edit.old)) is not None:
            return self.names.gate(value.node), self.names.line(value.node)
        return None, None

    def _step_of(self, edit: Edit) -> Step | None:
        """Return the gate of the backward pass to which a repair belongs: one that reads what it brings in."""
        brought = names_in([edit.new]) - names_in([edit.old])
        return self.step_of(brought or names_in([edit.old]))

    def step_of(self, words: set[str], ops: tuple[str, ...] = ()) -> Step | None:
        """Return the last gate of the backward pass that reads one of some variables."""
        return self.case.last_step(lambda s: bool(words & {self.names.of(o) for o in s.gate.operands}), ops)


def _inputs(node: Node) -> set[str]:
    return {n.name for n in reachable([node]) if n.kind is Kind.INPUT}
