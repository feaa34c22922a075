"""Where things stand in the picture: layers from left to right, in an order by graphlay, with room for the numbers.

A wire from one gate to another is cut in pieces that lie between neighbouring layers: its label and every bend are
places of their own in the layout, so nothing is ever written on top of something else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import graphlay

GAP = 34.0  # between layers: where wires change their height
_BESIDE = 16.0  # between places of one layer
_FIRST = 14.0  # around the picture
_BEND = 8.0  # the height of a bend
_THIN = 1.0  # its width, where the library needs one


@dataclass(frozen=True)
class Box:
    """A rectangle to be placed, by its size."""

    width: float
    height: float


@dataclass(frozen=True)
class Wire:
    """A connection to be drawn, with a label on it."""

    source: str
    target: str
    label: Box


@dataclass(frozen=True)
class Placed:
    """The middle of a place, and how wide its layer is."""

    x: float
    y: float
    width: float

    @property
    def left(self) -> float:
        """Where its layer begins."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """Where its layer ends."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class Layout:
    """The places of boxes by name, and of each wire its places from the source to the target, the label among them."""

    places: Mapping[str, Placed]
    routes: Sequence[Sequence[Placed]]
    labels: Sequence[Placed]
    width: float
    height: float


def layout(boxes: Mapping[str, Box], wires: Sequence[Wire]) -> Layout:
    """Return the places of boxes, which come in an order in which every wire leads forward."""
    layers = _layers(list(boxes), wires)
    vertices = [(layers[name], box.width, box.height) for name, box in boxes.items()]
    number = {name: i for i, name in enumerate(boxes)}
    edges: list[tuple[int, int]] = []
    routes: list[list[int]] = []
    for wire in wires:
        start, end = layers[wire.source], layers[wire.target]
        route = [number[wire.source]]
        for layer in range(start + 1, end):
            size = (wire.label.width, wire.label.height) if layer == start + 1 else (0.0, _BEND)
            vertices.append((layer, *size))
            route.append(len(vertices) - 1)
        route.append(number[wire.target])
        edges += pairwise(route)
        routes.append(route)
    placed = _placed(vertices, edges, len(boxes))
    names = {name: placed[i] for name, i in number.items()}
    ways = [[placed[i] for i in route] for route in routes]
    width = max((p.right for p in placed), default=0.0) + _FIRST
    height = max((p.y + v[2] / 2 for p, v in zip(placed, vertices, strict=True)), default=0.0) + _FIRST
    return Layout(names, ways, [way[1] for way in ways], width, height)


def _layers(names: Sequence[str], wires: Sequence[Wire]) -> dict[str, int]:
    """Return a layer for each box: gates as far to the left as they can be, inputs as near as they can to their use."""
    layers = dict.fromkeys(names, 0)
    below: dict[str, list[str]] = {}
    above: dict[str, list[str]] = {}
    for wire in wires:
        below.setdefault(wire.target, []).append(wire.source)
        above.setdefault(wire.source, []).append(wire.target)
    for name in names:
        layers[name] = max((layers[s] + 2 for s in below.get(name, ())), default=0)
    for name in reversed(names):
        if name not in below and name in above:
            layers[name] = min(layers[t] for t in above[name]) - 2
    return layers


def _placed(vertices: Sequence[tuple[int, float, float]], edges: Sequence[tuple[int, int]], boxes: int) -> list[Placed]:
    """Return the places of vertices: the boxes first, then labels and bends."""
    graph = graphlay.Graph()
    for _, width, height in vertices:
        graph.node(width=max(width, _THIN), height=height)
    for a, b in edges:
        graph.edge(a, b)
    rows = _first_on_top([y for _, y in graphlay.layout(graph).positions().values()], vertices[:boxes])
    _in_reading_order(rows, vertices, edges, boxes)
    columns: dict[int, list[int]] = {}
    for i, (layer, _, _) in enumerate(vertices):
        columns.setdefault(layer, []).append(i)
    heights = _heights(vertices, columns, rows, edges, boxes)
    placed: dict[int, Placed] = {}
    left = _FIRST
    for layer in sorted(columns):
        width = max(vertices[i][1] for i in columns[layer])
        for i in columns[layer]:
            placed[i] = Placed(left + width / 2, heights[i], width)
        left += width + GAP
    return [placed[i] for i in range(len(vertices))]


def _first_on_top(rows: Sequence[float], boxes: Sequence[tuple[int, float, float]]) -> list[float]:
    """Return heights, turned upside down where the inputs would come last to first."""
    inputs = [row for row, box in zip(rows, boxes, strict=False) if box[0] == 0]
    falling = sum(a > b for a, b in combinations(inputs, 2))
    return [-row for row in rows] if 2 * falling > len(inputs) * (len(inputs) - 1) / 2 else list(rows)


def _in_reading_order(
    rows: list[float], vertices: Sequence[tuple[int, float, float]], edges: Sequence[tuple[int, int]], boxes: int
) -> None:
    """Exchange neighbours that only one and the same gate reads, so that the first of them is on top."""
    above: dict[int, list[int]] = {}
    for a, b in edges:
        above.setdefault(a, []).append(b)
    read = {b for _, b in edges}
    alike: dict[tuple[int, int], list[int]] = {}
    for i in range(boxes):
        if i not in read and len(above.get(i, ())) == 1:
            (label,) = above[i]
            alike.setdefault((vertices[i][0], above[label][0]), []).append(i)
    for (layer, _), members in alike.items():
        labels = [above[i][0] for i in members]
        for group, column in ((members, layer), (labels, layer + 1)):
            ranks = sorted(rows[i] for i in group)
            beside = [r for i, r in enumerate(rows) if vertices[i][0] == column and ranks[0] <= r <= ranks[-1]]
            if len(beside) > len(group):
                break
        else:
            for group in (members, labels):
                for i, row in zip(group, sorted(rows[i] for i in group), strict=True):
                    rows[i] = row


def _heights(
    vertices: Sequence[tuple[int, float, float]],
    columns: Mapping[int, list[int]],
    rows: Sequence[float],
    edges: Sequence[tuple[int, int]],
    boxes: int,
) -> list[float]:
    """Return a height for each place: in the order of `rows`, as near to its neighbours as what is beside it allows."""
    near: list[list[int]] = [[] for _ in vertices]
    straight: list[list[int]] = [[] for _ in vertices]
    before: list[list[int]] = [[] for _ in vertices]
    for a, b in edges:
        near[a].append(b)
        near[b].append(a)
        straight[b].append(a)
        before[b].append(a)
        if a < boxes:  # a label or a bend keeps the height of what comes before it, so that wires run straight
            straight[a].append(b)
    heights = list(rows)
    orders = {layer: sorted(members, key=lambda i: rows[i]) for layer, members in columns.items()}
    turns = max(12, min(90, 40_000 // (len(vertices) + 1)))
    for turn in range(turns):
        beside = near if turn < turns * 0.7 else straight
        for layer in sorted(orders, reverse=bool(turn % 2)):
            _settle(orders[layer], vertices, beside, heights)
    for layer in sorted(orders):
        _settle(orders[layer], vertices, before, heights)
    top = min((h - v[2] / 2 for h, v in zip(heights, vertices, strict=True)), default=0.0)
    return [h - top + _FIRST for h in heights]


def _settle(
    order: Sequence[int],
    vertices: Sequence[tuple[int, float, float]],
    beside: Sequence[list[int]],
    heights: list[float],
) -> None:
    """Move the places of a layer to the middle of their neighbours; where they would touch, push them apart evenly."""
    blocks: list[list[float]] = []  # the sum of the wishes for the first place, how many there are, the height of all
    for i in order:
        near = beside[i]
        wish = sum(heights[j] for j in near) / len(near) if near else heights[i]
        height = vertices[i][2] + _BESIDE
        block = [wish - height / 2, 1.0, height]
        while blocks and blocks[-1][0] / blocks[-1][1] + blocks[-1][2] > block[0] / block[1]:
            before = blocks.pop()
            block = [before[0] + block[0] - before[2] * block[1], before[1] + block[1], before[2] + block[2]]
        blocks.append(block)
    place = iter(order)
    for total, count, _ in blocks:
        at = total / count
        for _ in range(round(count)):
            i = next(place)
            height = vertices[i][2] + _BESIDE
            heights[i] = at + height / 2
            at += height
