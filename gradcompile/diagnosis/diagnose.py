"""The diagnosis of a refuted claim: the most plausible single repair among all that make it true."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeVar

from gradcompile.diagnosis.candidates import Case
from gradcompile.diagnosis.differ import first_difference
from gradcompile.diagnosis.edits import Edit, turned
from gradcompile.diagnosis.local import is_plain
from gradcompile.diagnosis.mistakes import Mistake, Step
from gradcompile.diagnosis.pairs import two_repairs
from gradcompile.diagnosis.relations import Relation
from gradcompile.diagnosis.repairs import SCALES, Repairs
from gradcompile.diagnosis.report import Diagnosis, Words
from gradcompile.diagnosis.words import parsed_or_none
from gradcompile.ir.nodes import Kind

Item = TypeVar("Item")

# The kinds of repair, the most specific first: of several that fit, the first one is told. "whole" is a relation
# between the sides as they are, "gate" a mistake at a gate that leaves out what is there, "odd" any other mistake at
# one, "edit" a repair of the claimed expression, "turned" one with
# transposes besides, "matrix" one of a product with a matrix.
ORDER = [
    ("whole", "sign"), ("whole", "factor"), ("edit", "swapped"), ("whole", "transpose"), ("edit", "unsymmetrised"),
    ("gate", "dropped-term"), ("matrix", "product"), ("gate", "missing-sum"), ("edit", "product"),
    ("edit", "transpose"), ("turned", "swapped"), ("edit", "shifted"), ("gate", "missing-path"),
    ("odd", "missing-path"), ("gate", "factor"), ("gate", "missing-local"), ("gate", "wrong-place"), ("gate", "sign"),
    ("edit", "sign"), ("gate", "swapped"), ("edit", "extra-sum"), ("odd", "sign"), ("edit", "factor"),
    ("edit", "dropped-term"), ("odd", "extra-sum"), ("edit", "missing-sum"), ("whole", "missing-sum"),
    ("whole", "extra-sum"), ("whole", "shifted"), ("edit", "missing-local"), ("odd", "missing-local"),
    ("odd", "wrong-place"), ("edit", "wrong-place"),
]  # fmt: skip
MISTAKES, EDITS, INSERTIONS = 0.4, 0.4, 0.25  # of the time that is left, for one kind of repair
RANK = {key: rank for rank, key in enumerate(ORDER)}


def diagnose(case: Case) -> Diagnosis:
    """Return what is wrong with a refuted claim."""
    if not case.bench.trials or case.right is None:
        return Diagnosis(None, None, None, "No point was found at which a repair could be tried.")
    return Search(case).run()


class Search:
    """The search for the repair of one case."""

    def __init__(self, case: Case) -> None:
        self.case, self.words = case, Words(case)
        self.repairs = Repairs(case, self.words)
        self.relation = case.relation
        self.edits: list[Edit] = []
        self.mistakes: list[Mistake] = []

    def run(self) -> Diagnosis:
        """Try everything, and return the most plausible of what fits."""
        self.mistakes = self.case.within(MISTAKES, self.case.made())
        self.edits = self.case.within(EDITS, self.case.mended(self.case.structural()))
        ranked = sorted(self._found(), key=lambda pair: pair[0])
        if ranked:
            return self._told(ranked[0][1])
        return (
            self._inserted()
            or two_repairs(self.case, self.words)
            or Diagnosis(None, None, None, first_difference(self.case))
        )

    def _found(self) -> Iterator[tuple[tuple[int, int], Mistake | Edit | Relation]]:
        last = len(RANK) if self.case.is_nothing else 0  # any gate that hands nothing back explains a claim of 0
        for place, mistake in enumerate(self.mistakes):
            kind = "dropped-term" if mistake.kind == "missing-path" and self.words.is_term(mistake) else mistake.kind
            rank = last + RANK["gate" if mistake.natural else "odd", kind]
            yield (rank, -place if mistake.alone else place), mistake
        for place, edit in enumerate(self.edits):
            yield (RANK[edit.extra if edit.extra in ("turned", "matrix") else "edit", edit.kind], place), edit
        if self.relation is not None:
            yield (RANK["whole", self.relation.kind], 0), self.relation
        if self.case.shift is not None:
            yield (RANK["whole", "shifted"], 0), Relation("shifted", "", str(self.case.shift))

    def _told(self, found: Mistake | Edit | Relation) -> Diagnosis:
        if isinstance(found, Mistake):
            return self.words.of_mistake(found, self._repair(found))
        if isinstance(found, Edit):
            alike = min((m for m in self.mistakes if m.kind == found.kind), key=_plausible, default=None)
            return self.words.of_edit(found, self.case.derivation.text(found.old, found.new), alike)
        return self._whole(found)

    # Repairs

    def _repair(self, mistake: Mistake) -> str | None:
        """Return an expression that is right: the claimed one mended, as little as can be."""
        for edit in self.edits:
            return self.case.derivation.text(edit.old, edit.new)
        if self.relation is not None and self.relation.template:
            return self._by_relation(self.relation)
        return self.repairs.of(mistake)

    def _by_relation(self, relation: Relation) -> str:
        tree = self.case.claimed_tree
        if relation.template == "{}.T":
            return ast.unparse(turned(tree))
        if relation.kind == "sign" and isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
            return ast.unparse(tree.operand)
        strong = isinstance(tree, (ast.Name, ast.Call, ast.Subscript, ast.Attribute))
        inside = relation.template.startswith(("sum(", "transpose("))
        return relation.repaired(ast.unparse(tree), closed=strong or inside)

    # The sides as a whole

    def _whole(self, relation: Relation) -> Diagnosis:
        repair = self._by_relation(relation) if relation.template else None
        fitting = [m for m in self.mistakes if m.kind == relation.kind]
        if fitting:
            return self.words.of_mistake(min(fitting, key=_plausible), repair)
        step = self._step_of(relation)
        gate = None if step is None else self.case.names.gate(step.gate)
        line = None if step is None else self.case.names.line(step.gate)
        at = "" if step is None else f" ({self.case.names.at(step.gate)})"
        return Diagnosis(relation.kind, gate, line, f"{self.words.subject} {self._of(relation)}{at}.", repair)

    def _step_of(self, relation: Relation) -> Step | None:
        case = self.case
        if relation.kind == "factor":
            constant = [s for s in case.steps if self._has_constant(s, relation.extra)]
            if constant:
                return constant[0]
        return case.last_step(lambda s: False)

    def _has_constant(self, step: Step, factor: str) -> bool:
        """Has a gate an operand of a size or a literal that is in the factor?"""
        words = _names(factor)
        if step.gate.op == "square":
            return not words
        plain = [o for o in step.gate.operands if is_plain(o, self.case.constants)]
        if words:
            return any(words & _names(self.case.names.of(o)) for o in plain)
        return any(o.kind is Kind.CONST for o in plain)

    def _of(self, relation: Relation) -> str:
        match relation.kind:
            case "sign":
                return "is right up to its sign"
            case "factor":
                return f"is right up to a factor: it has to be multiplied by {relation.extra.replace(' / ', '/')}"
            case "transpose":
                return "is right but transposed"
            case "missing-sum":
                axes = "all axes" if relation.extra == "all" else f"axis {relation.extra}"
                return f"lacks a sum over {axes}"
            case "extra-sum":
                axes = "all axes" if relation.extra == "all" else f"axis {relation.extra}"
                return f"is summed over {axes}, which the right one is not"
        return f"is right but shifted by one position along axis {relation.extra}"

    # Factors that are put in

    def _inserted(self) -> Diagnosis | None:
        """Look for a factor whose insertion somewhere makes the claim true."""
        case = self.case
        for edit in self.case.within(SCALES, case.mended(case.scaled(), most=1)):
            return self._of_insertion(edit)
        known = {*case.program.dimensions, *case.constants}
        varying = [name for name in case.variables if name not in known]
        powers = ["{}", "1 / {}", "{}**2", "1 / {}**2", "1 / {}**3"]
        factors = {text.format(name): "missing-local" for name in varying for text in powers}
        matrices = [name for name in varying if case.variables[name].rank == 2]
        for edit in self.case.within(SCALES, case.mended(case.multiplied(matrices), most=1)):
            return self._of_insertion(edit)
        for edit in self.case.within(INSERTIONS, case.mended(case.added(varying), most=1)):
            return self.words.of_edit(edit, case.derivation.text(edit.old, edit.new))
        for edit in self.case.within(INSERTIONS, case.mended(case.inserted(factors), most=1)):
            return self._of_insertion(edit)
        return None

    def _of_insertion(self, edit: Edit) -> Diagnosis:
        case, extra = self.case, edit.extra.replace(" ", "")
        words = _names(edit.extra)
        step = case.last_step(lambda s: any(words & _names(case.names.of(o)) for o in (s.gate, *s.gate.operands)))
        at = "" if step is None else f" that {case.names.at(step.gate)} passes back"
        sentence = f"{self.words.subject} lacks the factor {extra}{at}: at `{ast.unparse(edit.old)}`."
        gate = None if step is None else case.names.gate(step.gate)
        line = None if step is None else case.names.line(step.gate)
        return Diagnosis(edit.kind, gate, line, sentence, case.derivation.text(edit.old, edit.new))


def _plausible(mistake: Mistake) -> tuple[bool, int]:
    return not mistake.natural, mistake.at


def _names(text: str) -> set[str]:
    tree = parsed_or_none(text)
    return set() if tree is None else {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
