"""Elementary functions that LLVM vectorises: source text of the helpers that the fast target writes into modules.

A loop is vectorised if all in it is straight-line code, so that is what every function is: both sides of a choice are
computed before it, and the one table is read at a computed place. Nothing counts on products that are fused with sums,
but where `_fma` says so.
"""

from __future__ import annotations

import re
from functools import cache

from gradcompile.emit.elementary import error, exponential, gamma, inverse, logarithm, power, trigonometric
from gradcompile.emit.elementary.formats import DOUBLE, SINGLE, Format

_MODULES = (exponential, logarithm, trigonometric, inverse, error, power, gamma)
_DECORATOR = '@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)'
_DEFINED = re.compile(r"^(?:def (_\w+)|(_\w+) = )", re.MULTILINE)
_NAME = re.compile(r"\b_\w+")
FORMATS: dict[str, Format] = {f.name: f for f in (DOUBLE, SINGLE)}


def helpers(code: str, dtype: str = "float64") -> dict[str, str]:
    """Return what the code calls, directly or through others: texts by name, in an order that works."""
    blocks = _blocks(dtype)
    needed: set[str] = set()
    waiting = [code]
    while waiting:
        found = blocks.keys() & set(_NAME.findall(waiting.pop())) - needed
        needed |= found
        waiting += [blocks[name] for name in found]
    return {name: text for name, text in blocks.items() if name in needed}


def names() -> list[str]:
    """Return the names of all helpers."""
    return list(_blocks("float64"))


@cache
def _blocks(dtype: str) -> dict[str, str]:
    """Return all helpers for scalars of a type, by the last name that each one defines."""
    numbers = FORMATS[dtype]
    source = "\n\n\n".join(module.source(numbers).strip("\n") for module in _MODULES)
    texts = numbers.typed(source).replace("@jit\n", f"{_DECORATOR}\n").split("\n\n\n")
    return {"".join(_DEFINED.findall(text)[-1]): text for text in texts}
