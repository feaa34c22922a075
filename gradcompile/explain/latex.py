"""Explanations as a LaTeX document, for lecture notes: it needs amsmath, longtable and color alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from gradcompile.explain import tables
from gradcompile.explain.content import Content
from gradcompile.explain.mathematics import GREEK, Latex, escaped
from gradcompile.explain.steps import Path, Step, gradient_name

_SMALL = 6  # rows and columns of a matrix that is written out

_HEAD = r"""\documentclass[11pt,landscape]{article}
\usepackage[a4paper,margin=18mm]{geometry}
\usepackage{amsmath,amssymb,longtable,color}
\definecolor{value}{rgb}{0.08,0.46,0.17}
\definecolor{gradient}{rgb}{0.70,0.13,0.17}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\setlength{\LTleft}{0pt}
\allowdisplaybreaks
"""


def latex(content: Content) -> str:
    """Return the explanation as a whole document."""
    program = content.program
    body = [
        rf"\section*{{{escaped(program.name)}}}",
        escaped(program.doc.strip()),
        _verbatim(program.text.strip()),
        *_forward(content),
        *_backward(content),
        *_gradients(content),
        *_derivations(content),
        *_claims(content),
        r"\subsection*{The generated code}",
        _verbatim("\n".join(content.code.lines)),
    ]
    text = "\n\n".join(part for part in body if part)
    return f"{_HEAD}{_letters(text)}\\begin{{document}}\n{text}\n\\end{{document}}\n"


def writer(content: Content) -> Latex:
    """Return the writer of this explanation's formulas."""
    names = [*(a.name for a in content.inputs), *(s.name for s in content.steps)]
    gradients = {gradient_name(n): n for n in names if gradient_name(n) not in names}
    if content.program.upstream:  # dx is no derivative of an array: it is what comes back to x
        gradients = {}
    arrays = [a.name for a in content.inputs if a.axes] + [s.name for s in content.steps if s.axes]
    return Latex(content.result, gradients, frozenset([*arrays, *map(gradient_name, arrays)]))


def _letters(text: str) -> str:
    """Return what pdfLaTeX has to be told about letters outside of its fonts."""
    found = sorted({c for c in text if ord(c) > 127})
    lines = [rf"\DeclareUnicodeCharacter{{{ord(c):04X}}}{{{_sign(c)}}}" for c in found]
    return "\n".join([r"\ifdefined\DeclareUnicodeCharacter", *lines, r"\fi", ""]) if lines else ""


def _sign(letter: str) -> str:
    known = {
        "→": r"\to",
        "×": r"\times",
        "−": "-",
        "≥": r"\ge",
        "≤": r"\le",
        "·": r"\cdot",
        "…": r"\dots",
        "²": "^2",
    } | GREEK
    return rf"\ensuremath{{{known[letter]}}}" if letter in known else "?"


def _verbatim(text: str) -> str:
    kept = text.replace(r"\end{verbatim}", "")
    return f"{{\\footnotesize\n\\begin{{verbatim}}\n{kept}\n\\end{{verbatim}}\n}}"


def _forward(content: Content) -> Iterator[str]:
    written = writer(content)
    yield rf"\subsection*{{Forward: from the inputs to ${written.name(content.result)}$}}"
    if content.point is not None:
        yield rf"The numbers are at {escaped(tables.point(content))}."
    rows = []
    for s in content.steps:
        formula = (
            _formula(written, f"{s.name} = {s.expression}")
            if s.word not in ("loop", "state")
            else escaped(s.expression)
        )
        rows.append(
            [str(s.number), str(s.line), escaped(tables.gate(s)), formula, _value(content.value(s.name), "value")]
        )
    yield _table(("step", "line", "gate", "computes", "value"), "rrlll", rows)


def _backward(content: Content) -> Iterator[str]:
    written = writer(content)
    result = written.name(content.result)
    yield rf"\subsection*{{Backward: from ${result}$ to the inputs}}"
    start = rf"It starts with $\frac{{\partial {result}}}{{\partial {result}}} = 1$."
    if upstream := content.program.upstream:
        start = rf"It starts with ${written.name(upstream)}$, which arrives at the array ${result}$."
    yield f"{start} At every gate, upstream times local is downstream."
    rows: list[list[str]] = []
    for step in content.backward:
        rows += _meeting(content, written, step.name, str(step.line))
        head = [str(step.number), str(step.line), escaped(tables.gate(step))]
        for path in step.paths:
            rows.append(
                [*head, _local(written, path), _downstream(written, path), _value(content.downstream(path), "gradient")]
            )
            head = ["", "", ""]
    for a in content.inputs:
        rows += _meeting(content, written, a.name, "")
    yield _table(("step", "line", "gate", "local", "downstream", "value"), "rrllll", rows)


def _meeting(content: Content, written: Latex, name: str, line: str) -> list[list[str]]:
    """Return the row of a copy gate: the terms of the sum."""
    if (row := tables.copied(content, name)) is None:
        return []
    _, _, equation, _ = row
    terms = [p.downstream for p in content.arrivals[name].paths]
    formula = _formula(written, equation) if all(terms) else escaped(equation)
    return [["", line, "copy", escaped(row[0]), formula, _value(content.gradient(name), "gradient")]]


def _local(written: Latex, path: Path) -> str:
    if not path.local:
        return ""
    return ("where " if path.routes else "") + _formula(written, path.local)


def _downstream(written: Latex, path: Path) -> str:
    name = gradient_name(path.below)
    return (
        _formula(written, f"{name} = {path.downstream}")
        if path.downstream
        else f"{_formula(written, name)}: {path.words}"
    )


def _formula(written: Latex, text: str) -> str:
    return rf"$\displaystyle {written.of(text)}$"


def _value(value: Any, colour: str) -> str:
    return "" if value is None else rf"\textcolor{{{colour}}}{{${_math(value)}$}}"


def _math(value: Any) -> str:
    """Return a number or a matrix; of a large one its size."""
    if np.ndim(value) == 0:
        return _number(value)
    return _matrix(value) if _fits(value) else r" \times ".join(map(str, np.shape(value))) + r" \text{ numbers}"


def _fits(value: Any) -> bool:
    return np.ndim(value) <= 2 and all(0 < n <= _SMALL for n in np.shape(value))


def _matrix(value: Any) -> str:
    rows = [" & ".join(_number(x) for x in row) for row in np.atleast_2d(np.asarray(value, dtype=float))]
    return r"\left[\begin{smallmatrix} " + r" \\ ".join(rows) + r" \end{smallmatrix}\right]"


def _number(value: Any) -> str:
    mantissa, e, exponent = tables.number(value).partition("e")
    names = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\text{NaN}"}
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if e else names.get(mantissa, mantissa)


def _gradients(content: Content) -> Iterator[str]:
    if content.point is None:
        return
    written = writer(content)
    yield r"\subsection*{Gradients}"
    for a in content.inputs:
        if a.differentiated:
            value = _math(content.gradient(a.name))
            yield rf"\[{written.of(gradient_name(a.name))} = {{\color{{gradient}}{value}}}\]"


def _derivations(content: Content) -> Iterator[str]:
    written = writer(content)
    for i, (step, path, _) in enumerate(tables.derivations(content)):
        if i == 0:
            yield r"\subsection*{From one entry to the whole array}"
        yield from _derivation(written, step, path)


def _derivation(written: Latex, step: Step, path: Path) -> Iterator[str]:
    d = path.derivation
    assert d is not None
    over = tables.over(d)
    why = rf", since ${written.name(path.below)}$ is read for every {over}" if over else ""
    texts = [d.entry, d.gradient, *([d.whole] if d.written else [])]
    lines = [_aligned(written.of(text)) for text in texts]
    yield rf"\textbf{{Step {step.number}}}, {escaped(tables.gate(step))}{why}:"
    yield "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"
    sizes = [r" \times ".join(map(str, part)).replace("**", "^") or "1" for part in (d.rows, d.columns)]
    yield rf"No Jacobian is built: it would be $({sizes[0]})$ by $({sizes[1]})$."


def _aligned(text: str) -> str:
    left, equals, right = text.partition(" = ")
    return f"{left} &= {right}" if equals else text


def _claims(content: Content) -> Iterator[str]:
    if content.claims:
        yield r"\subsection*{Claims}"
        rows = [[str(c.line), rf"\texttt{{{escaped(c.claim)}}}", c.verdict] for c in content.claims]
        yield _table(("line", "claim", "verdict"), r"rp{0.7\textwidth}l", rows)


def _table(head: Sequence[str], columns: str, rows: Iterable[Sequence[str]]) -> str:
    lines = [" & ".join(row) + r" \\[3pt]" for row in rows]
    top = " & ".join(rf"\textit{{{name}}}" for name in head)
    begin = rf"{{\small\begin{{longtable}}{{{columns}}}"
    return "\n".join([begin, rf"{top} \\ \hline \endhead", *lines, r"\end{longtable}}"])
