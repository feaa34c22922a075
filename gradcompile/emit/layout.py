"""Arrays in the readable target: an expression and the order of its axes, and how such arrays are lined up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gradcompile.emit.expression import is_atom, subscript
from gradcompile.errors import InternalError
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType

Axes = tuple[Axis, ...]
EMPTY = {DType.REAL: "", DType.INT: ", dtype=int", DType.BOOL: ", dtype=bool"}  # behind the shape of a new array


class Written(NamedTuple):
    """The text that stands for a node, and the axes of its dimensions in order.

    ``fresh``: a new array that nothing else refers to. ``ordered``: its memory is in the order of the axes.
    ``number``: a number of Python's, not NumPy's. ``brackets``: what those at the end of the text hold, if more can
    stand in them: "positions", or a "slice" of the first axis.
    """

    text: str
    axes: Axes = ()
    fresh: bool = False
    ordered: bool = False
    number: bool = False
    brackets: str = ""

    @property
    def atom(self) -> bool:
        """Whether it can stand as an operand without parentheses."""
        return is_atom(self.text)

    def at(self, index: str, *, fancy: bool = False) -> str:
        """Return the text of a part: x[t] at i is x[t, i]. Arrays of positions and slices would mix up its axes."""
        if not index:
            return self.text
        if self.brackets == "positions" and not (fancy and ":" in index):
            return f"{self.text[:-1]}, {index}]"
        if self.brackets == "slice" and index.startswith(":, "):
            return f"{self.text[:-1]}, {index[3:]}]"
        return subscript(self.text, index)


class Rows(NamedTuple):
    """The array that keeps the states of a loop: row t is before step t, and row t + 1 after it.

    Against time it is the other way round. The axis of time comes first.
    """

    name: str
    axes: Axes
    backward: bool

    def read(self, which: str) -> Written:
        """Return what stands for the states before or after all steps, or for the last one."""
        if which == "final":
            text = f"{self.name}[{0 if self.backward else -1}]"
            return Written(text, self.axes[1:], ordered=True, brackets="positions")
        text = f"{self.name}[{'1:' if self._is_next(which) else ':-1'}]"
        return Written(text, self.axes, ordered=True, brackets="slice")

    def row(self, which: str, step: Extent) -> Extent:
        """Return the row of the state before or after a step."""
        return step + 1 if self._is_next(which) else step

    def _is_next(self, which: str) -> bool:
        return (which == "after") is not self.backward


class AxisOrder:
    """One order of all axes, learnt from the arguments and the user's own values: where nothing else decides.

    Axes of time that no example has come first.
    """

    def __init__(self, examples: Iterable[Sequence[Axis]], time: Iterable[Axis] = ()) -> None:
        order: list[Axis] = []
        for axes in examples:
            at = len(order)
            for axis in reversed(axes):
                if axis in order:
                    at = min(at, order.index(axis))
                else:
                    order.insert(at, axis)
        order = [*dict.fromkeys(a for a in time if a not in order), *order]
        self.rank = {axis: i for i, axis in enumerate(order)}
        self.rank_of_size = {axis.key: i for i, axis in reversed(list(enumerate(order)))}

    def sort(self, axes: Iterable[Axis]) -> Axes:
        """Return the axes in that order; one that is unknown beside those of its size, or last."""
        unknown = len(self.rank)
        return tuple(sorted(axes, key=lambda a: (self.rank.get(a, self.rank_of_size.get(a.key, unknown)), a)))


def aligned(array: Written, order: Sequence[Axis]) -> str:
    """Return the text of the array with a dimension of length 1 for each axis of `order` that it lacks in between."""
    if not array.axes:
        return array.text
    present = tuple(a for a in order if a in array.axes)
    first = order.index(present[0])
    if len(order) - first == len(present):
        return permuted(array, present)
    index = ", ".join([":" if a in array.axes else "None" for a in order[first:]])
    return array.at(index) if array.axes == present else subscript(permuted(array, present), index)


def in_order(array: Written, order: Sequence[Axis]) -> bool:
    """Return whether the array's axes come in this order already."""
    return array.axes == tuple(a for a in order if a in array.axes)


def permuted(array: Written, order: Axes) -> str:
    """Return the text of the array with its dimensions in another order."""
    if array.axes == order:
        return array.text
    if set(array.axes) != set(order) or len(order) != len(array.axes):
        raise InternalError(f"{array.text} has the axes {array.axes}, not {order}")
    text = array.text if array.atom else f"({array.text})"
    if order == array.axes[::-1]:
        return f"{text}.T"
    moved = [i for i, (a, b) in enumerate(zip(array.axes, order, strict=True)) if a != b]
    if len(moved) == 2:
        return f"np.swapaxes({array.text}, {moved[0]}, {moved[1]})"
    return f"np.transpose({array.text}, ({', '.join(str(array.axes.index(a)) for a in order)}))"
