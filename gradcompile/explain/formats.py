"""The forms of an explanation, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gradcompile import api
from gradcompile.errors import FormulaError
from gradcompile.explain.content import Content, content
from gradcompile.explain.dot import dot
from gradcompile.explain.html import html
from gradcompile.explain.latex import latex as as_latex
from gradcompile.explain.markdown import markdown
from gradcompile.explain.svg import svg
from gradcompile.explain.text import text

FORMATS: dict[str, Callable[[Content], str]] = {
    "text": text,
    "markdown": markdown,
    "latex": as_latex,
    "svg": svg,
    "dot": dot,
    "html": html,
}


@dataclass(frozen=True)
class Explanation:
    """What the compiler did with a formula: `content` has the steps, `to` writes them down."""

    content: Content

    def to(self, form: str) -> str:
        """Return the explanation as "text", "markdown", "latex", "svg", "dot" or "html"."""
        if form not in FORMATS:
            raise FormulaError(f"unknown format '{form}'", hint=f"The formats are {', '.join(FORMATS)}.")
        return FORMATS[form](self.content)

    def __str__(self) -> str:
        return self.to("text")

    def _repr_markdown_(self) -> str:
        """Show the explanation in a notebook."""
        return self.to("markdown")


def explain(
    source: Any = None,
    *,
    latex: str | None = None,
    args: Sequence[Any] | None = None,
    wrt: Sequence[Any] | None = None,
    name: str | None = None,
    at: Mapping[str, Any] | None = None,
    depth: str | None = None,
    result: str | None = None,
    claims: bool = True,
    verify_seconds: float = 60.0,
) -> Explanation:
    """Return what the compiler does with a formula, gate by gate: values forward, gradients backward.

    The formula is given as to `compile`. `at` are the values of its arguments by name; without it, simple numbers are
    chosen. `depth` is "matrix", where a product of matrices is one gate, or "scalar", where it is a mul gate under a
    sum gate. `result` is a variable to explain in the place of the result. At an array `y` the backward pass starts
    from `dy`, which is 1 everywhere unless `at` has it. With `claims`, every `assert` of the formula is judged. Raises
    `FormulaError` for bad input.
    """
    told: dict[str, Any] = {"at": at, "depth": depth, "result": result, "claims": claims}
    told |= {"verify_seconds": verify_seconds, "latex": latex, "args": args, "wrt": api.listed(wrt), "name": name}
    return Explanation(content(source, **told))
