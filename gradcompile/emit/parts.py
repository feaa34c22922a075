"""Loops over blocks for threads: a function that runs one part of the blocks, its calls, and what they add up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from gradcompile.emit.loop_text import array_text
from gradcompile.emit.sizes import extent_text, shape_text
from gradcompile.emit.split import assigned, needed
from gradcompile.ir.dims import Extent
from gradcompile.ir.dims import total as size_of
from gradcompile.ir.nodes import DType, Origin
from gradcompile.loops.form import Blocks, Loop, Statement, Total, Update

DECORATOR = '@njit(cache=True, error_model="numpy", fastmath={"contract"})'
INNER = DECORATOR[:-1] + ", no_cpython_wrapper=True, no_cfunc_wrapper=True)"  # only called by kernels
SHARED = '@njit(cache=True, error_model="numpy", fastmath={"contract"}, parallel=_PRANGE)'
_PRANGE = """
_PRANGE = {  # of what Numba can run in parallel: the loops that say so
    "prange": True, "comprehension": False, "fusion": False, "inplace_binop": False, "numpy": False,
    "reduction": False, "setitem": False, "stencil": False,
}
"""
_PARTS = 32  # that the blocks are dealt out in, however many threads there are
_IN_PARTS = 1 << 24  # numbers in the totals of all parts


class PartsPrinter(ABC):
    """What a printer of statements needs to print such loops."""

    name: str
    arguments: dict[str, str]
    dimensions: dict[str, str]
    lines: list[str]
    helpers: dict[str, str]

    @abstractmethod
    def _put(self, depth: int, text: str, origin: Origin | None = None) -> None: ...

    @abstractmethod
    def _fresh(self, wish: str) -> str: ...

    @abstractmethod
    def _statement(self, depth: int, statement: Statement) -> None: ...

    @abstractmethod
    def _blocks_between(self, depth: int, blocks: Blocks, first: str, last: str) -> None: ...

    @abstractmethod
    def _type(self, dtype: DType, *, wide: bool) -> str: ...

    @abstractmethod
    def _typed(self, source: str) -> str: ...

    def _parts(self, depth: int, blocks: Blocks, totals: Sequence[Total]) -> None:
        """Print the loops over blocks for threads: a function for one part, its calls, and the sums of all parts."""
        part, parts, count = (self._fresh(name) for name in ("part", "parts", "count"))
        kept = {total.target: self._fresh(f"{total.target}_parts") for total in totals}
        whole = extent_text(blocks.of, self.dimensions)
        width = sum((size_of(total.shape) for total in totals), Extent.of(0))
        most = _PARTS if width.constant is not None else self._at_most(width)
        self._put(depth, f"{count} = ({whole} + {blocks.length} - 1) // {blocks.length}")
        self._put(depth, f"{parts} = min({count}, {most})")
        for total in totals:
            shape = shape_text((Extent.of(parts), *total.shape), self.dimensions)
            kind = self._type(total.dtype, wide=total.wide)
            self._put(depth, f"{kept[total.target]} = {array_text(shape, kind, total.start)}")
        name, given = self._part(blocks, totals, kept, (part, parts, count))
        call = f"{name}({', '.join(f'{kept[n]}[{part}]' if n in kept else n for n in given)})"
        self.helpers["_PRANGE"] = _PRANGE
        raises = "raise " in self.helpers[name]
        if raises:
            self._attempted(name, given)
            done = self._fresh("done")
            self._put(depth, f"{done} = np.empty({parts}, np.bool_)")
            self._put(depth, f"for {part} in prange({parts}):")
            self._put(depth + 1, f"{done}[{part}] = {call.replace(name, f'{name}_done', 1)}")
        else:
            self._put(depth, f"for {part} in prange({parts}):")
            self._put(depth + 1, call)
        if raises or totals:
            self._put(depth, f"for {part} in range({parts}):")
        if raises:
            self._put(depth + 1, f"if not {done}[{part}]:")
            self._put(depth + 2, f"{call}  # raises what it raised in its thread")
        for total in totals:
            self._combined(depth + 1, total, kept[total.target], part)

    def _at_most(self, width: Extent) -> str:
        return f"min({_PARTS}, max(1, {_IN_PARTS} // ({extent_text(width, self.dimensions)})))"

    def _part(
        self, blocks: Blocks, totals: Sequence[Total], kept: Mapping[str, str], counts: tuple[str, str, str]
    ) -> tuple[str, list[str]]:
        """Write the function that runs one part of the blocks; return its name and those of its arguments."""
        part, parts, count = counts
        around, self.lines = self.lines, []
        scalars = [total for total in totals if not total.shape]
        for total in scalars:
            self._put(1, f"{total.target} = {total.start}")
        first, last = self._fresh("first"), self._fresh("last")
        whole = extent_text(blocks.of, self.dimensions)
        self._put(1, f"{first} = {part} * {count} // {parts} * {blocks.length}")
        self._put(1, f"{last} = min(({part} + 1) * {count} // {parts} * {blocks.length}, {whole})")
        self._blocks_between(1, blocks, first, last)
        for total in scalars:
            self._put(1, f"{kept[total.target]}[{part}] = {total.target}")
        body, self.lines = self.lines, around
        known = {*self.arguments.values(), *self.dimensions.values(), *counts}
        known.update(n for line in around for n in assigned(line))
        name = self._fresh(f"_{self.name.removesuffix('_kernel')}_part")
        given = needed(body, known)
        source = "\n".join([f"def {name}({', '.join(given)}):", *body])
        self.helpers[name] = f"{DECORATOR}\n{self._typed(source)}"
        return name, given

    def _attempted(self, name: str, given: Sequence[str]) -> None:
        """Write a function that says whether a part can be done: a thread must not raise."""
        names = ", ".join(given)
        self.helpers[f"{name}_done"] = (
            f"{DECORATOR}\ndef {name}_done({names}):\n    try:\n        {name}({names})\n"
            "    except Exception:\n        return False\n    return True"
        )

    def _combined(self, depth: int, total: Total, parts: str, part: str) -> None:
        """Print the loops that add what one part has found to the total."""
        axes = [self._fresh("i") for _ in total.shape]
        element = f"{total.target}[{', '.join(axes)}]" if axes else total.target
        origin = Origin(None, "")
        body: Statement = Update(element, total.reduction, f"{parts}[{', '.join([part, *axes])}]", origin)
        for index, size in zip(reversed(axes), reversed(total.shape), strict=True):
            body = Loop(index, size, [body])
        self._statement(depth, body)
