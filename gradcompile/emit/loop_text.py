"""Text of the fast target's statements that have several forms."""

from __future__ import annotations

from gradcompile.emit.expression import fill
from gradcompile.gates.registry import REDUCE
from gradcompile.ir.nodes import Origin
from gradcompile.loops.form import Add, Best, Fill, Narrow, Turn

OUT_OF_RANGE = """
class _OutOfRange(IndexError):
    \"""An index that is no position: a text, and the index and the size that it shows.

    The text is put together when it is read. Numba would compile the whole of it into every kernel.
    \"""

    def __str__(self):
        return self.args[0].format(*self.args[1:])
"""


def out_of_range(message: str, index: str, size: str) -> str:
    """Return the error for an index, with a message that shows it and the size."""
    plain = message.replace("\\", "\\\\").replace('"', '\\"').replace("{index}", "{0}").replace("{size}", "{1}")
    return f'_OutOfRange("{plain}", {index}, {size})'


def array_text(shape: str, dtype: str, start: str) -> str:
    """Return the call that makes an array, filled with `start` if that is given."""
    if not start:
        return f"np.empty({shape}, {dtype})"
    if start in ("0.0", "0", "False"):
        return f"np.zeros({shape}, {dtype})"
    return f"np.full({shape}, {start}, {dtype})"


def comment_text(origin: Origin | None) -> str:
    """Say which formula line a statement comes from, and by which rule."""
    if origin is None or origin.span is None:
        return ""
    return f"  # backward of line {origin.span.line}: {origin.rule}" if origin.rule else f"  # line {origin.span.line}"


def whole_text(statement: Add | Narrow | Fill, real: str) -> str:
    """Return a statement on all elements of an array; `real`: the type of the module's numbers."""
    match statement:
        case Add(target, part):
            return f"{target} += {part}"
        case Narrow(target, source):
            return f"{target} = {source}.astype({real})"
        case Fill(target, value):
            return f"{target}[...] = {value}"


def turn_text(turn: Turn) -> str:
    """Return the call that makes columns of rows, or rows of columns."""
    source, target = turn.source, turn.target
    if turn.rank > 2:
        rows = f"{target if turn.back else source}.shape[0]"
        shapes = (f"-1, {rows}", f"{rows}, -1") if turn.back else (f"{rows}, -1", f"-1, {rows}")
        source, target = (f"{n}.reshape({s})" for n, s in zip((source, target), shapes, strict=True))
    return f"_turn({source}, {target})"


def best_lines(found: Best, better: str) -> list[str]:
    """Return the statements of a step towards the first best value and its position; `better`: a name of their own."""
    best, value = found.best, found.value
    step = fill(REDUCE[found.reduction].step, ("acc", "x"), (best, value))
    return [
        f"{better} = {step} or ({value} != {value} and {best} == {best})",
        f"{best} = {value} if {better} else {best}",
        f"{found.target} = {found.position} if {better} else {found.target}",
    ]
