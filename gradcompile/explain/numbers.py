"""The numbers of an explanation: every node that it shows, computed at a point by the readable target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradcompile.emit import load
from gradcompile.emit.numpy_target import kernel
from gradcompile.ir.nodes import Axis, Node
from gradcompile.pipeline import Unit
from gradcompile.rewrite.congruences import written_out
from gradcompile.syntax.program import Value

Wanted = Mapping[Any, tuple[Node, Sequence[Axis]]]  # nodes and the order of their dimensions, by any key


def numbers(unit: Unit, wanted: Wanted, values: Mapping[str, Any]) -> dict[Any, Any]:
    """Return the value of each node that is wanted, a float or an array."""
    new = written_out([node for node, _ in wanted.values()])
    results = [Value(new[node], tuple(axes)) for node, axes in wanted.values()]
    names = {new[n]: name for n, name in unit.names.items() if n in new and not new[n].is_const()}
    code = kernel(replace(unit, values=tuple(results), gradients={}, names=names), "numbers", results)
    source = "\n\n".join(["import math\nimport numpy as np", *code.helpers.values(), "\n".join(code.lines)]) + "\n"
    run = load.load(source, unit.program.name).numbers
    with np.errstate(all="ignore"):
        found = run(*(_plain(values[a.name]) for a in unit.program.arguments))
    return dict(zip(wanted, found, strict=True))


def _plain(value: Any) -> Any:
    array = np.asarray(value)
    return array if array.ndim else array.item()
