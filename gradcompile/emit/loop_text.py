"""Text of the fast target's statements that have several forms."""

from __future__ import annotations

from gradcompile.ir.nodes import Origin


def message_text(message: str, index: str, size: str) -> str:
    """Return the text of a message that shows an index and a size."""
    plain = message.replace("\\", "\\\\").replace('"', '\\"')
    shown = plain.replace("{index}", f"{{{index}}}").replace("{size}", f"{{{size}}}")
    return f'f"{shown}"'


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
