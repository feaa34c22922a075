"""The place of a claim: further expressions are read as if they stood there, in the graph of the file."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from gradcompile.autodiff.reverse import HandBack
from gradcompile.syntax.expressions import Expressions
from gradcompile.syntax.program import Value
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.source import Source
from gradcompile.syntax.trampoline import run

NOTHING: Mapping[str, Value] = {}


@dataclass(frozen=True)
class Reading:
    """The scope of a file behind its first `at` statements."""

    visitors: Expressions
    scope: Scope
    at: int

    def __call__(
        self, tree: ast.expr, others: Mapping[str, Value] = NOTHING, hand_back: HandBack | None = None
    ) -> Value:
        """Return what an expression denotes. Raises FormulaError where it denotes nothing.

        `others` are other values of variables; `hand_back` takes the place of the backward rules in derivatives.
        """
        ctx, scope = self.visitors.ctx, self.scope.replay(self.at - 1)
        scope.current = self.at
        for name, value in others.items():
            scope.bind(name, value, self.at - 1)
        ctx.hand_back, ctx.is_trial = hand_back, True
        try:
            return run(self.visitors.array(tree, scope))
        finally:
            ctx.hand_back, ctx.is_trial = None, False

    def variables(self) -> dict[str, Value]:
        """Return every variable and input that can be read here, and the sizes of dimensions."""
        scope = self.scope.replay(self.at - 1)
        found = {name: scope.find(name) for name in scope.names()}
        own = {name: version[1] for name, version in found.items() if version is not None}
        return {**self.visitors.dimensions, **self.visitors.inputs, **own}

    @property
    def source(self) -> Source:
        """The text of the file."""
        return self.visitors.ctx.source
