"""Kernels that write the gradient into arrays that they are given."""

from __future__ import annotations

from gradcompile.emit.kernel import Kernel
from gradcompile.emit.names import INTO
from gradcompile.emit.numba_target import Printer
from gradcompile.emit.parts import DECORATOR
from gradcompile.ir.nodes import DType
from gradcompile.pipeline import Unit


def kernels_into(unit: Unit, name: str) -> list[Kernel]:
    """Return the function that writes the gradient's arrays into those that it gets behind the arguments.

    The function of this name makes them new, and leaves the work to that one.
    """
    printer = Printer(unit, INTO, [*unit.values, *unit.gradients.values()])
    arguments = [printer.arguments[a.name] for a in unit.program.arguments]
    outs = {p: printer.names.new(f"out_{p}") for p, gradient in unit.gradients.items() if gradient.axes}
    printer.outs = [*[""] * len(unit.values), *(outs.get(p, "") for p in unit.gradients)]
    if outs:
        read = [printer.arguments[a.name] for a in unit.program.arguments if a.axes]
        printer.apart = f"_apart({', '.join([*read, *outs.values()])})"
        printer.helpers["_apart"] = _apart(len(read), len(outs))
    new = [f"np.empty({printer.arguments[p]}.shape, {printer.types[DType.REAL]})" for p in outs]
    lines = [f"def {name}({', '.join(arguments)}):", f"    return {INTO}({', '.join([*arguments, *new])})"]
    return [printer.run(), Kernel(name, [DECORATOR, *lines])]


def _apart(read: int, outs: int) -> str:
    """Return the function that raises where an array that is written shares memory with one before it."""
    names = [*(f"a{i}" for i in range(read)), *(f"out{i}" for i in range(outs))]
    starts = ", ".join(f"np.int64({name}.ctypes.data)" for name in names)
    ends = ", ".join(f"starts[{i}] + {name}.size * {name}.itemsize" for i, name in enumerate(names))
    return f'''{DECORATOR}
def _apart({", ".join(names)}):
    """Raise ValueError where an array that is written shares memory with another."""
    starts = ({starts},)
    ends = ({ends},)
    for i in range({read}, {read + outs}):
        for j in range(i):
            if starts[i] < ends[j] and starts[j] < ends[i]:
                raise ValueError("out shares memory with an argument, or two of its arrays do: they must be apart")'''
