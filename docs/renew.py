"""Renew what is made: the modules in ``generated/``, the gate tables, and the code and the picture of the README.

Run it as ``python docs/renew.py``, about a minute. Tests hold that the files are as they come out of here.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from keyword import iskeyword
from pathlib import Path

import gradcompile
from gradcompile.emit.module import header_of
from gradcompile.gates.record import Gate, Reduction
from gradcompile.gates.registry import REDUCE, SECTIONS
from gradcompile.syntax.library import FUNCTIONS, MATRIX_FUNCTIONS

ROOT = Path(__file__).parent.parent


def recompile() -> None:
    """Compile every module in ``generated/`` again, with the options in its header."""
    for path in sorted((ROOT / "generated").rglob("*.py")):
        header = header_of(path.read_text(encoding="utf-8"))
        assert header, f"{path} was not made by gradcompile"
        formula, options = header
        command = [sys.executable, "-m", "gradcompile", "compile", formula, "-q", *options.split()]
        subprocess.run([*command, "-o", str(path.parent)], cwd=ROOT, check=True)


def documents() -> dict[Path, str]:
    """Return the text that each document should have."""
    readable = (ROOT / "generated/numpy/softmax_regression.py").read_text(encoding="utf-8")
    curved = (ROOT / "generated/numpy/logistic_regression.py").read_text(encoding="utf-8")
    example = (ROOT / "examples/fit_logistic.py").read_text(encoding="utf-8")
    parts = {
        ROOT / "docs/language.md": {"gates": gate_tables()},
        ROOT / "README.md": {
            "emitted code": _python(_function(readable, "value_and_grad_kernel")),
            "emitted hessian": _python(_function(curved, "hessian_kernel")),
            "example": _python(example.partition('"""\n\n')[2]),
        },
    }
    texts = {path: _renewed(path.read_text(encoding="utf-8"), made) for path, made in parts.items()}
    neuron = gradcompile.explain(ROOT / "examples/neuron.formula", claims=False)
    return {**texts, ROOT / "docs/neuron.svg": neuron.to("svg")}


def _renewed(text: str, parts: Mapping[str, str]) -> str:
    """Return a document with what is between its marker lines renewed."""
    for name, part in parts.items():
        begin, end = f"<!-- {name}, made by docs/renew.py -->", f"<!-- end of {name} -->"
        block = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        text, count = block.subn(lambda _, made=f"{begin}\n\n{part}\n{end}": made, text)
        assert count == 1, f"the marker lines of {name} are missing"
    return text


def _python(code: str) -> str:
    return f"```python\n{code.strip()}\n```\n"


def _function(source: str, name: str) -> str:
    """Return the text of one function of a module."""
    found = re.search(rf"^def {name}\(.*?(?=\n\n\n)", source, re.DOTALL | re.MULTILINE)
    assert found, f"there is no {name}"
    return found[0]


def gate_tables() -> str:
    """Return a Markdown table for every section of the registry, and for the functions that are made of gates."""
    parts = []
    for title, gates in SECTIONS.items():
        shown = [gate for gate in gates if gate.operator or not gate.hidden]
        parts.append(f"### {title}\n\n" + _table(("gate", "meaning", "local gradients"), map(_gate_row, shown)))
    reductions = [record for record in REDUCE.values() if record.name in FUNCTIONS]
    parts.append("### Reductions\n\n" + _table(("gate", "meaning", "gradient"), map(_reduction_row, reductions)))
    own = {name for record in REDUCE.values() for name in (record.name, *record.aliases)} | set(MATRIX_FUNCTIONS)
    arrays = [name for name in FUNCTIONS if name not in own]
    parts.append("### Arrays\n\n" + _table(("call", "meaning"), map(_array_row, arrays)))
    parts.append("### Linear algebra\n\n" + _table(("call", "meaning"), map(_matrix_row, MATRIX_FUNCTIONS)))
    return "\n".join(parts)


def _gate_row(gate: Gate) -> Sequence[str]:
    calls = [] if gate.hidden else [f"{gate.name}({', '.join(gate.arguments)})", *gate.aliases]
    left, *right = gate.arguments
    if iskeyword(gate.name):
        calls[0] = f"{left} {gate.name} {right[0]}" if right else f"{gate.name} {left}"
    elif gate.operator:
        calls.insert(0, f"{left} {gate.operator} {right[0]}" if right else f"{gate.operator}{left}")
    return _codes(calls), _plain(gate.doc), _gradients(gate)


def _plain(text: str) -> str:
    """Return text in which Markdown sees no markup."""
    return text.replace("*", "\\*").replace("_", "\\_")


def _gradients(gate: Gate) -> str:
    if gate.routes:
        return ", ".join(f"{a} where `{c}`" for a, c in zip(gate.arguments, gate.routes, strict=True) if c)
    return _codes(partial for partial in gate.partials if partial) or "none"


def _reduction_row(record: Reduction) -> Sequence[str]:
    gradient = f"`{record.partial}`" if record.partial else f"where `{record.route}`" if record.route else "none"
    return _codes([f"{record.name}(x, axis)", *record.aliases]), _plain(record.doc), gradient


def _array_row(name: str) -> Sequence[str]:
    function = FUNCTIONS[name]
    parameters = [p if p in function.required else f"{p.rstrip('=')}=…" for p in function.parameters.split()]
    return f"`{name}({', '.join(parameters)})`", _plain(function.doc)


def _matrix_row(name: str) -> Sequence[str]:
    function = FUNCTIONS[name]
    parameters = [p if p in function.required else f"{p.rstrip('=')}=False" for p in function.parameters.split()]
    return f"`{name}({', '.join(parameters)})`", _plain(function.doc)


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    recompile()
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
