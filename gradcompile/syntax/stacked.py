"""Arrays of few rows that are kept apart, as statements like ``a[0] = x`` make them."""

from __future__ import annotations

from dataclasses import dataclass

from gradcompile.syntax.context import static
from gradcompile.syntax.program import Value


@dataclass(frozen=True)
class Stacked(Value):
    """An array whose rows are known one by one; an open one grows by the row behind its last."""

    rows: tuple[Value, ...] = ()
    is_open: bool = False

    def row(self, index: object) -> int | None:
        """Return the number of the row that an index names, if it is a literal one inside."""
        size = static(index) if isinstance(index, Value) else None
        if size is None or size.constant is None:
            return None
        place, count = size.constant, len(self.rows)
        if self.is_open:
            return place if 0 <= place < count else None
        return place % count if -count <= place < count else None
