"""The picture in Graphviz's language, for those who lay it out themselves."""

from __future__ import annotations

from gradcompile.explain.content import Content
from gradcompile.explain.picture import Box, Wire, picture


def dot(content: Content) -> str:
    """Return the graph as a DOT file."""
    drawn = picture(content)
    lines = [
        f"digraph {_quoted(content.program.name)} {{",
        '  graph [rankdir=LR, fontname="monospace", label=' + _quoted(drawn.title) + "];",
        '  node [shape=box, style=rounded, fontname="monospace"];',
        '  edge [fontname="monospace", arrowhead=none];',
        *(f"  {_box(box)}" for box in drawn.boxes),
        *(f"  {_wire(wire)}" for wire in drawn.wires),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _box(box: Box) -> str:
    text = "\n".join(line for line in (box.sign, box.caption, box.total) if line)
    shape = {"input": "plaintext", "result": "box", "gate": "ellipse", "line": "box"}[box.kind]
    return f"{_quoted(box.name)} [label={_quoted(text)}, shape={shape}, tooltip={_quoted(box.hint)}];"


def _wire(wire: Wire) -> str:
    """Return an edge whose label has the value above the gradient, in the colours of the picture."""
    value = f'<font color="#15752b">{_escaped(wire.value)}</font>'
    gradient = f'<br/><font color="#b3202c">{_escaped(wire.gradient)}</font>' if wire.gradient else ""
    return f"{_quoted(wire.source)} -> {_quoted(wire.target)} [label=<{value}{gradient}>];"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") or " "


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
