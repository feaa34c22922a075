"""What verification found: findings, verdicts on claims, and the certificate that the module's header carries."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """What was looked at, and what came of it: proved, agrees, refuted, undecided."""

    what: str
    verdict: str
    tier: str
    detail: str = ""

    @property
    def line(self) -> str:
        """One line for the module's header."""
        return f"{self.what}: {self.verdict}" + (f" ({self.tier})" if self.tier else "") + f", {self.detail}"


@dataclass(frozen=True)
class ClaimVerdict:
    """What came of an `assert` of the formula."""

    file: str
    line: int
    claim: str
    verdict: str  # proved | agrees | refuted | undecided
    tier: str
    sentence: str = ""
    kind: str | None = None
    gate: str | None = None
    gate_line: int | None = None
    repair: str | None = None
    counterexample: str | None = None
    follows: int | None = None  # the line of the first wrong claim, where this one is wrong by that alone

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)


@dataclass
class Certificate:
    """The findings of all levels; `passed` unless one of them is refuted."""

    graph: list[Finding] = field(default_factory=list)
    code: list[Finding] = field(default_factory=list)
    claims: list[ClaimVerdict] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Nothing was refuted."""
        verdicts = [f.verdict for f in (*self.graph, *self.code)] + [c.verdict for c in self.claims]
        return "refuted" not in verdicts

    @property
    def lines(self) -> list[str]:
        """The certificate as text, without anything that differs from run to run."""
        found = [f"graph: {f.line}" for f in self.graph] + [f"code: {f.line}" for f in self.code]
        found += [f"claim, line {c.line}: {c.verdict} ({c.tier}), {c.claim}" for c in self.claims]
        return found

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """(what, verdict, detail) for a table."""
        rows = [(f.what, f.verdict, ", ".join(t for t in (f.tier, f.detail) if t)) for f in (*self.graph, *self.code)]
        rows += [
            (f"claim, line {c.line}", c.verdict, " ".join(t for t in (c.sentence or c.tier, c.counterexample) if t))
            for c in self.claims
        ]
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "passed": self.passed,
            "graph": [asdict(f) for f in self.graph],
            "code": [asdict(f) for f in self.code],
            "claims": [c.to_dict() for c in self.claims],
        }
