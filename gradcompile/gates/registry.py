"""The registry: every gate by name. The lists are literal; nothing registers itself on import."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gradcompile.gates.linalg import ARRAY_GATES, ArrayGate
from gradcompile.gates.record import Gate, Reduction
from gradcompile.gates.reductions import REDUCTIONS
from gradcompile.gates.special import SPECIAL
from gradcompile.gates.table import ARITHMETIC, CHOICE, ELEMENTARY, LOGIC

SECTIONS: dict[str, list[Gate]] = {
    "Arithmetic": ARITHMETIC,
    "Choice and rounding": CHOICE,
    "Comparison and logic": LOGIC,
    "Elementary functions": ELEMENTARY,
    "Special functions": SPECIAL,
}

GATES: dict[str, Gate] = {gate.name: gate for section in SECTIONS.values() for gate in section}
REDUCE: dict[str, Reduction] = {record.name: record for record in REDUCTIONS}
ARRAY: dict[str, ArrayGate] = {record.name: record for record in ARRAY_GATES}
ARRAY_GROUPS: dict[str, list[str]] = {}  # the gates that one call gives, in its order
for _record in ARRAY_GATES:
    if _record.group:
        ARRAY_GROUPS.setdefault(_record.group, []).append(_record.name)


def by_name(name: str) -> Gate | None:
    """Return the gate that a formula calls by this name or alias."""
    if (gate := GATES.get(name)) is not None:
        return None if gate.hidden else gate
    return next((g for g in GATES.values() if name in g.aliases and not g.hidden), None)


def reduction_by_name(name: str) -> Reduction | None:
    """Return the reduction that a formula calls by this name or alias."""
    return REDUCE.get(name) or next((r for r in REDUCE.values() if name in r.aliases), None)


@contextmanager
def registered(gate: Gate) -> Iterator[Gate]:
    """Add (or replace) a gate inside a `with` block: for tests, and for trying a gate out."""
    before = GATES.get(gate.name)
    GATES[gate.name] = gate
    try:
        yield gate
    finally:
        if before is None:
            del GATES[gate.name]
        else:
            GATES[gate.name] = before
