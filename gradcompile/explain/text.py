"""Explanations for the terminal: tables of the forward and the backward pass."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from gradcompile.explain import tables
from gradcompile.explain.content import Content
from gradcompile.explain.results import starting

VALUE, GRADIENT = "green", "red"  # as in the picture
_STYLES = {"value": VALUE, "upstream": GRADIENT, "downstream": GRADIENT, "shape": "dim", "line": "dim", "step": "dim"}


def renderables(content: Content, *, entries: bool = False) -> list[RenderableType]:
    """Return the tables and sentences, in order."""
    result = content.result
    parts: list[RenderableType] = [Text(_title(content), style="bold")]
    if content.point is not None:
        parts += [Text(f"at {tables.point(content)}" + ("" if content.given else "  (choose another with --at)"))]
    parts += [
        Text(f"\nForward: values, from the inputs to {result}.", style="bold"),
        _table(tables.FORWARD, tables.forward(content)),
        Text(f"\nBackward: gradients, from {result} to the inputs.", style="bold"),
        Text(f"{starting(content.program)} Downstream = upstream × local."),
        _table(tables.BACKWARD, tables.backward(content), value_style=GRADIENT),
        Text("\nGradients", style="bold"),
        _table(("gradient", "shape", "value"), tables.gradients(content), value_style=GRADIENT),
    ]
    return parts + _rewrites(content) + _claims(content) + (_derivations(content) if entries else [])


def _title(content: Content) -> str:
    doc = content.program.doc.strip().partition("\n")[0]
    return f"{content.program.file}: {doc}" if doc else content.program.file


def _rewrites(content: Content) -> list[RenderableType]:
    if not content.rewrites:
        return []
    rows = []
    for r in content.rewrites:
        what = f"{r.before} → {r.after}" if r.before else r.law
        rows.append((str(r.line or ""), "backward" if r.backward else "forward", r.name, what, r.why))
    title = Text("\nRewrites that fired", style="bold")
    return [title, _table(("line", "pass", "rewrite", "what", "why"), rows)]


def _claims(content: Content) -> list[RenderableType]:
    if not content.claims:
        return []
    rows = [(str(c.line), c.claim, c.verdict, "" if c.verdict == "proved" else c.sentence) for c in content.claims]
    return [Text("\nClaims", style="bold"), _table(("line", "claim", "verdict", "why"), rows)]


def _derivations(content: Content) -> list[RenderableType]:
    parts: list[RenderableType] = [Text("\nFrom one entry to the whole array", style="bold")]
    for step, path, lines in tables.derivations(content):
        parts.append(Text(f"step {step.number}, d{path.below}:", style=GRADIENT))
        parts += [Text(f"    {line}") for line in lines]
    return parts


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], value_style: str = VALUE) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in head:
        style = value_style if name == "value" else _STYLES.get(name, "")
        table.add_column(name, style=style, overflow="fold", justify="right" if name in ("step", "line") else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def text(content: Content, *, entries: bool = False, width: int = 160) -> str:
    """Return the explanation as plain text."""
    console = Console(file=io.StringIO(), width=width, highlight=False, color_system=None)
    for part in renderables(content, entries=entries):
        console.print(part)
    written: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in written.splitlines()) + "\n"
