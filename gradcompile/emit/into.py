"""Kernels that write the gradient into arrays that they are given, and work in memory that is kept between calls."""

from __future__ import annotations

from collections.abc import Sequence

from gradcompile.emit.kernel import Kernel
from gradcompile.emit.lanes import OWN
from gradcompile.emit.names import INTO
from gradcompile.emit.numba_target import Printer
from gradcompile.emit.parts import DECORATOR
from gradcompile.emit.sizes import shape_text
from gradcompile.ir.nodes import DType
from gradcompile.loops.form import Allocate, Dot, Narrow, Statement
from gradcompile.pipeline import Unit

_BYTES = {DType.REAL: 8, DType.INT: 8, DType.BOOL: 1}
_TAKE = f'''
{DECORATOR}
def _take(space, shape, kind, width):
    """Return an array of kept memory, of which space[0] numbers are taken; a new one where it is too small."""
    count = 1
    for size in shape:
        count *= size
    words = (count * width + 63) // 64 * 8
    if space.size == 0:
        return np.empty(shape, kind)
    start = int(space[0])
    space[0] = start + words
    if start + words > space.size:
        return np.empty(shape, kind)
    return space[start : start + words].view(kind)[:count].reshape(shape)
'''
_DOT = f'''
{DECORATOR}
def _dot(space, a, b, kind, width):
    """Return the product of two matrices, or of a matrix and a vector, in memory that is kept."""
    if a.ndim == 1:
        result = _take(space, (b.shape[1],), kind, width)
    elif b.ndim == 1:
        result = _take(space, (a.shape[0],), kind, width)
    else:
        result = _take(space, (a.shape[0], b.shape[1]), kind, width)
    np.dot(a, b, result)
    return result
'''
KEPT = '''
_SPACES = []  # memory that kernels have worked in, one piece for each that has worked at the same time


def _kept(kernel, *arguments):
    """Call a kernel with memory to work in: what the last call lacked is there for the next one."""
    space = _SPACES.pop() if _SPACES else np.empty(8)
    space[0] = 8
    found = kernel(*arguments, space)
    if space[0] > space.size:
        whole = np.empty(int(space[0]) + 8)
        space = whole[-whole.ctypes.data // 8 % 8 :]  # from the start of a cache line on
    _SPACES.append(space)
    return found
'''


class _Printer(Printer):
    """Prints a kernel that takes its arrays from memory that is kept, but for what it makes again and again."""

    def __init__(self, unit: Unit) -> None:
        super().__init__(unit, INTO, [*unit.values, *unit.gradients.values()])
        self.space = self.names.new("space")
        self.further = [self.space]
        self.inside = int(unit.program.parallel)  # how many loops are around; threads have arrays of their own

    def _repeated(self, depth: int, body: Sequence[Statement]) -> None:
        self.inside += 1
        super()._repeated(depth, body)
        self.inside -= 1

    def _statement(self, depth: int, statement: Statement) -> None:
        match statement:
            case Allocate(target) | Dot(target, into=False) | Narrow(target) if self.inside or target in self.into:
                super()._statement(depth, statement)
            case Allocate(target, shape, dtype, start, wide):
                kind = self._type(dtype, wide=wide)
                given = f"{shape_text(shape, self.dimensions)}, {kind}, {4 if '32' in kind else _BYTES[dtype]}"
                self.helpers |= {"_take": _TAKE.strip("\n"), "_own": OWN}
                self._put(depth, f"{target} = _own(_take({self.space}, {given}))")
                if start:
                    self._put(depth, f"{target}[...] = {start}")
            case Dot(target, left, right, origin, into=False):
                self.helpers |= {"_take": _TAKE.strip("\n"), "_dot": _DOT.strip("\n")}
                kind = f"{self.types[DType.REAL]}, {4 if self.single else 8}"
                self._put(depth, f"{target} = _dot({self.space}, {left}, {right}, {kind})", origin)
            case _:
                super()._statement(depth, statement)


def kernels_into(unit: Unit, name: str) -> list[Kernel]:
    """Return the function that writes the gradient's arrays into those that it gets behind the arguments.

    The function of this name makes them new, and leaves the work to that one.
    """
    printer = _Printer(unit)
    arguments = [printer.arguments[a.name] for a in unit.program.arguments]
    outs = {p: printer.names.new(f"out_{p}") for p, gradient in unit.gradients.items() if gradient.axes}
    printer.outs = [*[""] * len(unit.values), *(outs.get(p, "") for p in unit.gradients)]
    if outs:
        read = [printer.arguments[a.name] for a in unit.program.arguments if a.axes]
        printer.apart = f"_apart({', '.join([*read, *outs.values()])})"
        printer.helpers["_apart"] = _apart(len(read), len(outs))
    new = [f"np.empty({printer.arguments[p]}.shape, {printer.types[DType.REAL]})" for p in outs]
    lines = [
        f"def {name}({', '.join(arguments)}):",
        f"    return {INTO}({', '.join([*arguments, *new, 'np.empty(0)'])})",
    ]
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
