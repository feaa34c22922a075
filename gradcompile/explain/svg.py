"""The picture as SVG: from left to right, values above each wire in green, gradients below it in red."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from gradcompile.explain import layout as places
from gradcompile.explain.content import Content
from gradcompile.explain.layout import Layout, Placed
from gradcompile.explain.picture import Box, Picture, Wire, picture

_SIGN, _CAPTION, _LABEL = 16.0, 11.5, 13.0  # sizes of the letters
_WIDE = 0.62  # of a letter, in its size: that of fixed-width fonts, and some room
_PAD = 9.0
_LEAST = 34.0  # of a box

STYLE = """
.wire path { fill: none; stroke: #8a94a3; stroke-width: 1.4 }
.box rect { fill: #eef3fb; stroke: #31527f; stroke-width: 1.3 }
.input rect { fill: #fff; stroke: #8a94a3 }
.parameter rect { stroke: #31527f; stroke-width: 1.8 }
.result rect { fill: #1c2f4a; stroke: #1c2f4a }
text { font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; text-anchor: middle }
.sign { font-size: 16px; fill: #1c2f4a }
.result .sign { fill: #fff }
.caption { font-size: 11.5px; fill: #4d5b70 }
.value { font-size: 13px; fill: #15752b }
.gradient, .total { font-size: 13px; fill: #b3202c }
.total { font-size: 11.5px }
"""


def svg(content: Content) -> str:
    """Return the picture as a document of its own, on white."""
    drawn = picture(content)
    found = arranged(drawn)
    width, height = round(found.width), round(found.height)
    size = f'width="{width}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {size} role="img">',
        f"<title>{escape(drawn.title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect {size} fill="#fff"/>',
        *elements(drawn, found),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def arranged(drawn: Picture) -> Layout:
    """Return where everything stands."""
    boxes = {b.name: places.Box(*_size(b)) for b in drawn.boxes}
    return places.layout(
        boxes, [places.Wire(w.source, w.target, places.Box(_label(w), 2 * _LABEL + 12)) for w in drawn.wires]
    )


def _width(text: str, size: float) -> float:
    return len(text) * size * _WIDE


def _label(wire: Wire) -> float:
    return max(_width(wire.value, _LABEL), _width(wire.gradient, _LABEL)) + 6


def _size(box: Box) -> tuple[float, float]:
    below = [line for line in (box.caption, box.total) if line]
    widths = [_inner(box), *(_width(line, _CAPTION) for line in below)]
    return max(widths), _LEAST + 2 * len(below) * (_CAPTION + 4)


def _inner(box: Box) -> float:
    return max(_LEAST, _width(box.sign, _SIGN) + 2 * _PAD)


def elements(drawn: Picture, found: Layout) -> Iterator[str]:
    """Yield the elements: wires first, then boxes."""
    for i, wire in enumerate(drawn.wires):
        yield _wire(wire, found.routes[i], found.labels[i], drawn)
    for box in drawn.boxes:
        yield _box(box, found.places[box.name])


def _wire(wire: Wire, route: Sequence[Placed], label: Placed, drawn: Picture) -> str:
    source = next(b for b in drawn.boxes if b.name == wire.source)
    target = next(b for b in drawn.boxes if b.name == wire.target)
    x, y = route[0].x + _inner(source) / 2, route[0].y
    parts = [f"M{x:.1f} {y:.1f}H{route[0].right:.1f}"]
    for before, place in pairwise(route):
        middle = (before.right + place.left) / 2
        parts.append(f"C{middle:.1f} {before.y:.1f} {middle:.1f} {place.y:.1f} {place.left:.1f} {place.y:.1f}")
        end = place.right if place is not route[-1] else place.x - _inner(target) / 2
        parts.append(f"H{end:.1f}")
    names = f'data-from="{escape(wire.source)}" data-to="{escape(wire.target)}" data-read="{escape(wire.read)}"'
    texts = [_text("value", label.x, label.y - 5, wire.value, f"v:{wire.read}")] if wire.value else []
    if wire.gradient:
        texts.append(_text("gradient", label.x, label.y + 15, wire.gradient, f"p:{wire.path}"))
    path = f' data-path="{wire.path}"' if wire.path else ""
    drawn_path = f'<path d="{"".join(parts)}"/>'
    return f'<g class="wire" {names}{path}><title>{escape(wire.hint)}</title>{drawn_path}{"".join(texts)}</g>'


def _text(kind: str, x: float, y: float, text: str, key: str) -> str:
    """Return a text in the middle of a place; a report computes it again by its key."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" data-key="{escape(key)}">{escape(text)}</text>'


def _box(box: Box, place: Placed) -> str:
    width = _inner(box)
    size = f'width="{width:.1f}" height="{_LEAST:.0f}"'
    round_ = _LEAST / 2 if box.kind == "gate" else 6
    kinds = f"box {box.kind}" + (" parameter" if box.parameter else "")
    steps = f' data-steps="{" ".join(map(str, box.steps))}"' if box.steps else ""
    parts = [
        f'<g class="{kinds}" data-name="{escape(box.name)}"{steps}><title>{escape(box.hint)}</title>',
        f'<rect x="{place.x - width / 2:.1f}" y="{place.y - _LEAST / 2:.1f}" {size} rx="{round_:.0f}"/>',
        f'<text class="sign" x="{place.x:.1f}" y="{place.y + 5.5:.1f}">{escape(box.sign)}</text>',
    ]
    y = place.y + _LEAST / 2 + _CAPTION + 2
    for kind, text in (("caption", box.caption), ("total", box.total)):
        if text:
            key = {"total": "g", "caption": "n"}[kind]
            parts.append(_text(kind, place.x, y, text, f"{key}:{box.name}"))
            y += _CAPTION + 4
    return "".join([*parts, "</g>"])
