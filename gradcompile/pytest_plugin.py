"""A plugin of pytest: the claims of ``*.formula`` files are tests; one that is refuted fails and says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from gradcompile import api, report
from gradcompile.verify import ClaimVerdict

SECONDS = "formula_seconds"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the time that the claims of a file may take."""
    parser.addini(SECONDS, "seconds for the claims of each .formula file", default="60")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect formula files."""
    return FormulaFile.from_parent(parent, path=file_path) if file_path.suffix == ".formula" else None


class FormulaFile(pytest.File):
    """A formula file; its claims are judged together, when the first of them is run."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each claim. What is no formula is an error of the collection."""
        for number, claim in enumerate(api.read(self.path).claims):
            name = f"line {claim.span.line}: {claim.text}"
            yield ClaimItem.from_parent(self, name=name, number=number, line=claim.span.line)

    @cached_property
    def verdicts(self) -> list[ClaimVerdict]:
        """The verdicts on all claims."""
        return api.check(self.path, verify_seconds=float(self.config.getini(SECONDS)))


class ClaimItem(pytest.Item):
    """One claim."""

    def __init__(self, *, number: int, line: int, **options: Any) -> None:
        super().__init__(**options)
        self.number, self.line = number, line

    def runtest(self) -> None:
        """Judge the claim."""
        assert isinstance(self.parent, FormulaFile)
        verdict = self.parent.verdicts[self.number]
        if verdict.verdict == "undecided":
            pytest.skip(f"undecided: {verdict.sentence}")
        if verdict.verdict == "refuted":
            raise RefutedClaimError(verdict)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the diagnosis in the place of a traceback."""
        if isinstance(excinfo.value, RefutedClaimError):
            return "\n".join(report.claim_lines(excinfo.value.verdict))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the claim stands."""
        return self.path, self.line - 1, self.name


class RefutedClaimError(AssertionError):
    """A claim is wrong."""

    def __init__(self, verdict: ClaimVerdict) -> None:
        super().__init__(verdict.sentence)
        self.verdict = verdict
