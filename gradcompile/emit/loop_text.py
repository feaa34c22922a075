"""Text of the fast target's statements that have several forms."""

from __future__ import annotations

from gradcompile.ir.nodes import Origin

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
