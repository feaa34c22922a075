"""Explanations: the steps that the passes recorded, gate by gate, as text, Markdown, LaTeX, pictures and a report."""

from gradcompile.explain.formats import FORMATS, Explanation, explain

__all__ = ["FORMATS", "Explanation", "explain"]
