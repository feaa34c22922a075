"""The loop form of a formula, without its module."""

from __future__ import annotations

from gradcompile.derived import typical_sizes
from gradcompile.emit.names import Names, local_names
from gradcompile.ir.nodes import reachable
from gradcompile.loops.form import Statement
from gradcompile.loops.lower import Lowering
from gradcompile.loops.prepare import prepare
from gradcompile.pipeline import run_passes
from gradcompile.syntax import parse


def form_of(text: str) -> list[Statement]:
    """Return the statements of value and gradient."""
    unit = run_passes(parse(text, "test.formula"), gradient=True)
    form = prepare(unit.roots, typical_sizes(unit.program))
    arguments, _ = local_names(unit.program)
    names = Names(arguments.values())
    roots = [form[r] for r in unit.roots]
    wishes = {n: arguments[n.name] for n in reachable(roots) if n.name in arguments}

    def fresh(wish: str) -> str:
        return names.new(wish) if wish else names.temporary()

    return Lowering(roots, {}, wishes, fresh, str, 100, typical_sizes(unit.program)).run()
