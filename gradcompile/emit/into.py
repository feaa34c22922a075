"""Kernels that write the gradient into arrays that they are given."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from gradcompile.emit.kernel import Kernel
from gradcompile.emit.names import INTO
from gradcompile.emit.numba_target import DECORATOR, Printer
from gradcompile.ir.nodes import DType
from gradcompile.pipeline import Unit

_SHARE = f"""
{DECORATOR}
def _share(a, b):
    \"\"\"Have two arrays in C order memory in common?\"\"\"
    first, second = np.int64(a.ctypes.data), np.int64(b.ctypes.data)
    return first < second + b.size * b.itemsize and second < first + a.size * a.itemsize
"""


def kernels_into(unit: Unit, name: str) -> list[Kernel]:
    """Return the function that writes the gradient's arrays into those that it gets behind the arguments.

    The function of this name makes them new, and leaves the work to that one.
    """
    printer = Printer(unit, INTO, [*unit.values, *unit.gradients.values()])
    arguments = [printer.arguments[a.name] for a in unit.program.arguments]
    outs = {p: printer.names.new(f"out_{p}") for p, gradient in unit.gradients.items() if gradient.axes}
    printer.outs = [*[""] * len(unit.values), *(outs.get(p, "") for p in unit.gradients)]
    if outs:
        read = {a.name: printer.arguments[a.name] for a in unit.program.arguments if a.axes}
        printer.apart = f"_apart({', '.join([*read.values(), *outs.values()])})"
        printer.helpers |= {"_share": _SHARE, "_apart": _apart(list(read), list(outs))}
    new = [f"np.empty({printer.arguments[p]}.shape, {printer.types[DType.REAL]})" for p in outs]
    lines = [f"def {name}({', '.join(arguments)}):", f"    return {INTO}({', '.join([*arguments, *new])})"]
    return [printer.run(), Kernel(name, [DECORATOR, *lines])]


def _apart(read: Sequence[str], outs: Sequence[str]) -> str:
    """Return the function that raises where an array of the gradient shares memory with an argument or another."""
    places = {f"a{i}": name for i, name in enumerate(read)}
    written = {f"out{i}": name for i, name in enumerate(outs)}
    lines = [DECORATOR, f"def _apart({', '.join([*places, *written])}):"]
    lines += ['    """Raise ValueError where an array that is written shares memory with another."""']
    for out, name in written.items():
        for place, argument in places.items():
            lines += [f"    if _share({out}, {place}):"]
            lines += [f'        raise ValueError("out.{name} shares memory with the argument {argument}")']
    for (first, name), (second, other) in combinations(written.items(), 2):
        lines += [f"    if _share({first}, {second}):"]
        lines += [f'        raise ValueError("out.{other} shares memory with out.{name}")']
    return "\n".join(lines)
