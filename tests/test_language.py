"""The language reference: every example in it is compiled, verified, and its claims are judged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradcompile import api

TEXT = (Path(__file__).parent.parent / "docs/language.md").read_text(encoding="utf-8")
SECONDS = 90.0
LONG = {"Derivatives as values 1", "Index notation 2", "Linear algebra 2", "Loops 1", "Loops 4"}


def examples() -> list[tuple[str, str]]:
    """Return each example with the heading above it; those of other doors have tests beside the doors' own."""
    found = []
    for part in re.split(r"(?m)^##+ ", re.sub(r"(?ms)^## Other doors$.*?^(?=## )", "", TEXT))[1:]:
        heading, _, body = part.partition("\n")
        blocks = re.findall(r"```python\n(.*?)```", body, re.DOTALL)
        found += [(f"{heading} {number}", block) for number, block in enumerate(blocks, 1)]
    return found


def verdicts(text: str, target: str) -> list[tuple[str, str, str]]:
    """Return what, verdict and detail of all that was verified."""
    compiled = api.compile(text, target=target, verify_seconds=SECONDS)
    assert compiled.certificate is not None
    return compiled.certificate.rows


@pytest.mark.parametrize(
    ("heading", "text"),
    [pytest.param(h, t, id=h, marks=[pytest.mark.slow] if h in LONG else []) for h, t in examples()],
)
def test_an_example_of_the_reference_holds(heading: str, text: str) -> None:
    assert {verdict for _, verdict, _ in verdicts(text, "numpy")} <= {"proved", "agrees"}


@pytest.mark.slow
@pytest.mark.parametrize(("heading", "text"), [pytest.param(h, t, id=h) for h, t in examples()])
def test_an_example_of_the_reference_holds_in_loops(heading: str, text: str) -> None:
    assert {verdict for _, verdict, _ in verdicts(text, "numba")} <= {"proved", "agrees", "undecided"}


def test_each_section_has_an_example() -> None:
    with_examples = {heading.rpartition(" ")[0] for heading, _ in examples()}
    wanted = {
        "A file",
        "Expressions",
        "Index notation",
        "Loops",
        "Linear algebra",
        "Functions",
        "Derivatives as values",
    }
    assert wanted <= with_examples
