"""The gate tables of ``docs/language.md``, from the registry. ``python -m gradcompile.reference FILE`` renews a file's."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from keyword import iskeyword
from pathlib import Path

from gradcompile.files import read_text, write_whole
from gradcompile.gates.record import Gate, Reduction
from gradcompile.gates.registry import REDUCE, SECTIONS

BEGIN, END = "<!-- gates: made by python -m gradcompile.reference -->", "<!-- end of gates -->"


def gate_tables() -> str:
    """Return a Markdown table for every section of the registry, and one for the reductions."""
    parts = []
    for title, gates in SECTIONS.items():
        shown = [gate for gate in gates if gate.operator or not gate.hidden]
        parts.append(f"### {title}\n\n" + _table(("gate", "meaning", "local gradients"), map(_gate_row, shown)))
    parts.append("### Reductions\n\n" + _table(("gate", "meaning", "gradient"), map(_reduction_row, REDUCE.values())))
    return "\n".join(parts)


def renewed(text: str) -> str:
    """Return a document with the tables between its two marker lines renewed."""
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{gate_tables()}\n{END}{after}" if end else text


def _gate_row(gate: Gate) -> Sequence[str]:
    calls = [] if gate.hidden else [f"{gate.name}({', '.join(gate.arguments)})", *gate.aliases]
    left, *right = gate.arguments
    if iskeyword(gate.name):
        calls[0] = f"{left} {gate.name} {right[0]}" if right else f"{gate.name} {left}"
    elif gate.operator:
        calls.insert(0, f"{left} {gate.operator} {right[0]}" if right else f"{gate.operator}{left}")
    return _codes(calls), _plain(gate.doc), _gradients(gate)


def _plain(text: str) -> str:
    """Return text in which Markdown sees no markup."""
    return text.replace("*", "\\*").replace("_", "\\_")


def _gradients(gate: Gate) -> str:
    if gate.routes:
        return ", ".join(f"{a} where `{c}`" for a, c in zip(gate.arguments, gate.routes, strict=True) if c)
    return _codes(partial for partial in gate.partials if partial) or "none"


def _reduction_row(record: Reduction) -> Sequence[str]:
    gradient = f"`{record.partial}`" if record.partial else f"where `{record.route}`" if record.route else "none"
    return _codes([f"{record.name}(x, axis)", *record.aliases]), _plain(record.doc), gradient


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    document = Path(sys.argv[1])
    write_whole(document, renewed(read_text(document)))
