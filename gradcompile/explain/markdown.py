"""Explanations in Markdown, for notes, notebooks and reviews."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gradcompile.explain import tables
from gradcompile.explain.content import Content
from gradcompile.explain.results import starting

_CODE = frozenset({"computes", "upstream", "local", "downstream", "gradient", "value", "what", "claim"})


def markdown(content: Content, *, entries: bool = True) -> str:
    """Return the explanation as a Markdown document."""
    program, result = content.program, content.result
    parts = [f"# {program.name}", program.doc.strip(), f"```python\n{program.text.strip()}\n```"]
    if content.point is not None:
        parts.append(f"The numbers are at {tables.point(content)}.")
    parts += [
        f"## Forward: from the inputs to `{result}`",
        _table(tables.FORWARD, tables.forward(content)),
        f"## Backward: from `{result}` to the inputs",
        f"{starting(program)} At every gate, downstream = upstream × local.",
        _table(tables.BACKWARD, tables.backward(content)),
        "## Gradients",
        _table(("gradient", "shape", "value"), tables.gradients(content)),
    ]
    if content.rewrites:
        rows = [
            (str(r.line or ""), r.name, f"{r.before} → {r.after}" if r.before else r.law, r.why)
            for r in content.rewrites
        ]
        parts += ["## Rewrites", _table(("line", "rewrite", "what", "why"), rows)]
    if content.claims:
        rows = [(str(c.line), c.claim, c.verdict, c.sentence) for c in content.claims]
        parts += ["## Claims", _table(("line", "claim", "verdict", "why"), rows)]
    if entries and (derived := list(tables.derivations(content))):
        parts.append("## From one entry to the whole array")
        for step, path, lines in derived:
            parts += [f"**Step {step.number}, `d{path.below}`**", "\n".join(f"- {line}" for line in _coded(lines))]
    parts += ["## The generated code", f"```python\n{chr(10).join(content.code.lines)}\n```"]
    return "\n\n".join(part for part in parts if part) + "\n"


def _coded(lines: Iterable[str]) -> list[str]:
    """Put formulas behind a colon into code."""
    found = []
    for line in lines:
        words, colon, formula = line.partition(": ")
        found.append(f"{words}: `{formula}`" if colon and " = " in formula else line)
    return found


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    cells = ([_cell(name, cell) for name, cell in zip(head, row, strict=True)] for row in rows)
    lines += [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join(lines)


def _cell(name: str, text: str) -> str:
    escaped = text.replace("|", "\\|")
    if name not in _CODE or not text:
        return escaped
    return "<br>".join(f"`{line}`" for line in escaped.split("\n"))
