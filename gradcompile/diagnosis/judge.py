"""Verdicts on the claims of a program, with a diagnosis of what is refuted and the reservations about what is not."""

from __future__ import annotations

from dataclasses import replace

from gradcompile.diagnosis.candidates import Case
from gradcompile.diagnosis.diagnose import diagnose
from gradcompile.diagnosis.follow import backward_order, origin_of
from gradcompile.diagnosis.report import Diagnosis, subject
from gradcompile.diagnosis.reservations import reservation
from gradcompile.syntax.program import Claim, Program
from gradcompile.verify import ClaimVerdict, check_claims
from gradcompile.verify.fields import Clock, OutOfTimeError

LONGEST = 30.0  # seconds for one diagnosis
PLAIN = "The sides differ."  # which says nothing that a diagnosis does not
VERDICTS = 0.8  # of the time, for the verdicts; the diagnoses have the rest
RESERVED = 5.0  # seconds in which a right claim is looked at once more


def judge(program: Program, *, seconds: float = 60.0) -> list[ClaimVerdict]:
    """Return a verdict for every claim, and what is wrong with those that are."""
    clock = Clock(seconds)
    verdicts = check_claims(program, seconds=VERDICTS * seconds)
    wrong = [c for c, v in zip(program.claims, verdicts, strict=True) if v.verdict == "refuted"]
    found = Refutations(program, wrong, clock).diagnoses()
    told = []
    for claim, verdict in zip(program.claims, verdicts, strict=True):
        diagnosis = found.get(id(claim))
        if diagnosis is None and verdict.verdict in ("proved", "agrees"):
            told.append(_reserved(program, claim, verdict, Clock(min(RESERVED, clock.left / len(verdicts)))))
        else:
            told.append(verdict if diagnosis is None else _with(verdict, diagnosis))
    return told


def _reserved(program: Program, claim: Claim, verdict: ClaimVerdict, clock: Clock) -> ClaimVerdict:
    """Say of a right claim where it does not hold, or is not to be computed as it stands."""
    try:
        found = reservation(Case(program, claim, clock))
    except OutOfTimeError:
        late = "Whether it holds at kinks, and in floating point, was not looked at: the time was spent."
        return replace(verdict, sentence=f"{verdict.sentence} {late}")
    return verdict if found is None else _with(verdict, found)


def _with(verdict: ClaimVerdict, found: Diagnosis) -> ClaimVerdict:
    sentence = found.sentence if verdict.verdict == "refuted" else f"{verdict.sentence} {found.sentence}"
    if verdict.verdict == "refuted" and verdict.sentence != PLAIN and (found.kind is None or verdict.tier != "shapes"):
        sentence = f"{verdict.sentence} {sentence}"
    return replace(
        verdict, sentence=sentence, kind=found.kind, gate=found.gate, gate_line=found.gate_line, repair=found.repair,
        follows=found.follows,
    )  # fmt: skip


class Refutations:
    """The refuted claims of a program, from the first wrong gradient on the way back to the last."""

    def __init__(self, program: Program, wrong: list[Claim], clock: Clock) -> None:
        self.clock, self.wrong = clock, wrong
        self.cases: list[Case] = []
        for claim in wrong:
            try:
                self.cases.append(Case(program, claim, clock.share(1)))
            except OutOfTimeError:
                break

    def diagnoses(self) -> dict[int, Diagnosis]:
        """Return what is wrong with each claim."""
        found: dict[int, Diagnosis] = {}
        done: list[Case] = []
        for case in backward_order(self.cases):
            try:
                found[id(case.claim)] = self._one(case, done, found)
            except OutOfTimeError:
                break
            done.append(case)
        late = Diagnosis(None, None, None, "The time budget was spent before a repair was found.")
        return {id(claim): found.get(id(claim), late) for claim in self.wrong}

    def _one(self, case: Case, done: list[Case], found: dict[int, Diagnosis]) -> Diagnosis:
        case.allot(min(LONGEST, self.clock.left / (len(self.cases) - len(done))))
        first = origin_of(case, done)
        if first is None:
            return diagnose(case)
        known = found[id(first.claim)]
        line = first.claim.span.line
        its = subject(first).removeprefix("Your ")
        sentence = f"{subject(case)} follows from the {its} on line {line}, the first wrong one; this step is right."
        return replace(known, sentence=sentence, repair=None, follows=line)
