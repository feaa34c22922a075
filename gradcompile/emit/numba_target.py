"""The fast target: one jitted function of fused loops, printed from the loop form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gradcompile.derived import typical_sizes
from gradcompile.emit import elementary
from gradcompile.emit.array_calls import ArrayPrinter
from gradcompile.emit.elementary.trigonometric import NEAR
from gradcompile.emit.expression import Target, apply, code, functions, literal
from gradcompile.emit.kernel import Kernel, with_factors
from gradcompile.emit.lanes import LONG_ROW, NEAR_LIMIT, OWN, step_text
from gradcompile.emit.loop_text import (
    OUT_OF_RANGE,
    array_text,
    best_lines,
    comment_text,
    out_of_range,
    whole_text,
)
from gradcompile.emit.names import Names, local_names, root_names, step_names
from gradcompile.emit.parts import DECORATOR, INNER, SHARED
from gradcompile.emit.single import explicit, is_single, retyped
from gradcompile.emit.sizes import extent_text, root_lines, shape_text, size_lines
from gradcompile.emit.split import split
from gradcompile.emit.straight import STRAIGHT, is_straight
from gradcompile.gates.registry import GATES
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Kind, Node, Origin, reachable
from gradcompile.loops.form import (
    Add,
    Allocate,
    Best,
    Blocks,
    Call,
    Columns,
    Copy,
    Dot,
    Fill,
    Grow,
    If,
    InRange,
    Let,
    Loop,
    Narrow,
    Nearest,
    NotEmpty,
    Statement,
    Turn,
    Update,
    View,
    While,
)
from gradcompile.loops.lower import Lowering
from gradcompile.loops.outline import outline
from gradcompile.loops.places import Place
from gradcompile.loops.prepare import prepare
from gradcompile.pipeline import Unit
from gradcompile.syntax.program import Value

_IN_CACHE = 65536  # numbers in all buffers of a block
_LANES = 32  # samples that a loop does at a time, whatever the registers: a block of a multiple has no rest
_TYPES = {DType.INT: "np.int64", DType.BOOL: "np.bool_"}


def kernel(unit: Unit, name: str, results: Sequence[Value]) -> Kernel:
    """Return the jitted function that computes the results."""
    return Printer(unit, name, results).run()


class Printer(ArrayPrinter):
    """Prints the loop form of one function."""

    def __init__(self, unit: Unit, name: str, results: Sequence[Value]) -> None:
        self.unit, self.results = with_factors(unit, results)
        self.name = name
        self.arguments, self.dimensions = local_names(unit.program)
        self.names = Names([*self.arguments.values(), *self.dimensions.values()])
        self.lines: list[str] = []
        self.helpers: dict[str, str] = {}
        self.variant: Target = "alone"
        self.outs = [""] * len(self.results)  # the array that each result is to be written into, if one is given
        self.into: dict[str, str] = {}  # by the variable that stands for it
        self.bound: set[str] = set()  # variables that are such an array already
        self.further: list[str] = []  # further arguments
        self.apart = ""  # the statement that makes sure that these share no memory with others
        self.dtype = self.unit.program.dtype
        self.single = is_single(self.unit)
        self.types = {DType.REAL: f"np.{self.dtype}", **_TYPES}

    def run(self) -> Kernel:
        """Prepare, schedule, lower, print."""
        sizes = typical_sizes(self.unit.program)
        form = prepare([v.node for v in self.results], sizes, self.dtype)
        if self.single:
            conversions = explicit(list(form.values()))
            form = {node: conversions[new] for node, new in form.items()}
        nodes = [form[v.node] for v in self.results]
        self.dimensions |= step_names(reachable(nodes), self.names)
        rows = root_names(reachable(nodes), self.names)
        self.dimensions |= rows
        limit = self.unit.program.max_steps
        wanted, wishes = self._wanted(nodes), self._wishes(form, nodes)
        parallel = self.unit.program.parallel
        lowering = Lowering(
            nodes, wanted, wishes, self._fresh, self._text, limit, sizes, wide=self.single, parallel=parallel
        )
        statements = lowering.run()
        self.into = self._own(lowering, nodes)
        given = [*(self.arguments[a.name] for a in self.unit.program.arguments), *filter(None, self.outs)]
        self._put(0, f"def {self.name}({', '.join([*given, *self.further])}):")
        if self.apart:
            self._put(1, self.apart)
        for a in self.unit.program.arguments:
            if self.single and a.dtype is DType.REAL and not a.axes:
                self._put(1, f"{self.arguments[a.name]} = np.float32({self.arguments[a.name]})")
        for line in size_lines(self.unit.program):
            self._put(1, line)
        for line in root_lines(rows, self.dimensions):
            self._put(1, line)
        for statement in statements:
            self._statement(1, statement)
        texts = self._results(lowering, nodes)
        self._put(1, f"return ({', '.join(texts)}{',' if len(texts) == 1 else ''})")
        parts, lines = split(self.name, self.lines)
        for name, source in parts.items():
            self._inner(name, self._typed(source))
        decorator = SHARED if "_PRANGE" in self.helpers else DECORATOR
        typed = self._typed("\n".join(lines)).split("\n")
        return Kernel(self.name, [decorator, *typed], self.helpers, tuple(outline(statements)))

    def _inner(self, name: str, source: str) -> None:
        """Add the text of a function that is a part of a kernel."""
        decorator = INNER
        if is_straight(source):
            self.helpers["_straight"], decorator = STRAIGHT, "@_straight"
        self.helpers[name] = f"{decorator}\n{source}"

    def _type(self, dtype: DType, *, wide: bool) -> str:
        return "np.float64" if wide else self.types[dtype]

    def _typed(self, source: str) -> str:
        """Return source text with its literals in the type of the module."""
        return retyped(source, literals=True) if self.single else source

    # -- names -------------------------------------------------------------------------------------------------

    def _wanted(self, nodes: Sequence[Node]) -> dict[Node, tuple[Axis, ...]]:
        """Return the order of axes of each result, where the value is an array of its own."""
        wanted: dict[Node, tuple[Axis, ...]] = {}
        for node, value in zip(nodes, self.results, strict=True):
            wanted.setdefault(node, tuple(a for a in value.axes if a in node.axes))
        return wanted

    def _wishes(self, form: Mapping[Node, Node], nodes: Sequence[Node]) -> dict[Node, str]:
        wishes = {form[node]: name for node, name in self.unit.names.items() if node in form}
        return wishes | {n: self.arguments[n.name] for n in reachable(nodes) if n.kind is Kind.INPUT}

    def _fresh(self, wish: str) -> str:
        return self.names.temporary() if not wish else self.names.new(wish)

    def _text(self, thing: object) -> str:
        if isinstance(thing, Extent):
            text = extent_text(thing, self.dimensions)
            return text if text.isidentifier() else f"({text})"
        text = literal(thing)  # type: ignore[arg-type]
        return f"({text})" if text.startswith("-") else text

    # -- results -----------------------------------------------------------------------------------------------

    def _results(self, lowering: Lowering, nodes: Sequence[Node]) -> list[str]:
        """Return the texts of the results, each a scalar or a fresh array of the full shape."""
        texts: list[str] = []
        for node, value, out in zip(nodes, self.results, self.outs, strict=True):
            place = self._place(lowering, node)
            if not value.axes:
                texts.append(place.element({}))
            elif place.name in texts or not self._is_own(place, node, value):
                texts.append(self._copy(place, value, out))
            elif out and place.name not in self.bound:
                self._put(1, f"{out}[...] = {place.name}")
                texts.append(out)
            else:
                texts.append(place.name)
        return texts

    def _is_own(self, place: Place, node: Node, value: Value) -> bool:
        """Is a result where its node is, in an array of its own in the right order?"""
        whole = not place.lead and not place.shift
        return node.kind is not Kind.INPUT and node.dtype is DType.REAL and whole and place.layout == value.axes

    def _own(self, lowering: Lowering, nodes: Sequence[Node]) -> dict[str, str]:
        """Return the variables that can stand for arrays that are given, from where they are made."""
        found: dict[str, str] = {}
        for node, value, out in zip(nodes, self.results, self.outs, strict=True):
            place = self._place(lowering, node)
            if out and self._is_own(place, node, value):
                found.setdefault(place.name, out)
        return found

    def _place(self, lowering: Lowering, node: Node) -> Place:
        if node.kind in (Kind.CONST, Kind.EXTENT):
            return Place(self._text(node.attrs[0]))
        if node.kind is Kind.IOTA:
            return Place(f"np.arange({self._text(node.axes[0].extent)})", node.axes)
        return lowering.place(node)

    def _copy(self, place: Place, value: Value, out: str) -> str:
        """Print the loops that spread a value over the full shape of its result, an array of real numbers."""
        target = self._fresh("result")
        if out:
            self.into[target] = out
        if not place.layout:
            self._statement(1, Allocate(target, value.shape, DType.REAL, place.element({})))
            return target
        index = {a: self._fresh("i") for a in value.axes}
        full = Place(target, value.axes)
        body: list[Statement] = [Copy(full.element(index), place.element(index))]
        for axis in reversed(value.axes):
            body = [Loop(index[axis], axis.extent, body)]
        for statement in [Allocate(target, value.shape, DType.REAL), *body]:
            self._statement(1, statement)
        return target

    # -- statements --------------------------------------------------------------------------------------------

    def _put(self, depth: int, text: str, origin: Origin | None = None) -> None:
        self.lines.append("    " * depth + text + comment_text(origin))

    def _statement(self, depth: int, statement: Statement) -> None:
        match statement:
            case Loop():
                self._loop(depth, statement)
            case Let(target, gate, operands, origin):
                self._help(gate)
                self._put(depth, f"{target} = {apply(gate, operands, self.variant, self.dtype)}", origin)
            case Copy(target, source):
                self._put(depth, f"{target} = {source}")
            case Update(target, reduction, value, origin):
                text, helpers = step_text(target, reduction, value, in_lanes=self.variant != "alone")
                self.helpers |= helpers
                self._put(depth, text, origin)
            case Best(origin=origin):
                first, *others = best_lines(statement, self._fresh("better"))
                self._put(depth, first, origin)
                for text in others:
                    self._put(depth, text)
            case Blocks():
                self._blocks(depth, statement)
            case Dot() | Nearest() | Call() | Columns() | Turn():
                self._on_arrays(depth, statement)
            case View(target, source, lead, start, size):
                self._put(depth, f"{target} = {source}[{':, ' * lead}{start} : {start} + {size}]")
            case Allocate(target) | Dot(target, into=False) | Narrow(target) if target in self.into:
                self._bind(depth, target, statement)
            case Allocate(target, shape, dtype, start, wide):
                text = array_text(shape_text(shape, self.dimensions), self._type(dtype, wide=wide), start)
                self.helpers["_own"] = OWN
                self._put(depth, f"{target} = _own({text})")
            case Add() | Narrow() | Fill():
                self._put(depth, whole_text(statement, self.types[DType.REAL]))
            case InRange(index, size, message, guard):
                outside = f"{index} < 0 or {index} >= {size}"
                self._put(depth, f"if {guard} and ({outside}):" if guard else f"if {outside}:")
                self.helpers["_OutOfRange"] = OUT_OF_RANGE
                self._put(depth + 1, f"raise {out_of_range(message, index, size)}")
            case If():
                self._if(depth, statement)
            case Grow(targets, row):
                self._put(depth, f"if {row} >= {targets[0]}.shape[0]:")
                for target in targets:
                    self._put(depth + 1, f"{target} = np.concatenate(({target}, np.empty_like({target})))")
            case While(counter, test, condition, body, line, limit):
                self._while(depth, counter, test, condition, body, f"the loop on line {line}", limit)
            case NotEmpty(size, message):
                self._put(depth, f"if {extent_text(size, self.dimensions)} == 0:")
                self._put(depth + 1, f'raise ValueError("{message}")')

    def _if(self, depth: int, branch: If) -> None:
        if "_LONG_ROW" in branch.condition:
            self.helpers["_LONG_ROW"] = LONG_ROW
        if "_NEAR" in branch.condition:
            self.helpers["_NEAR"] = NEAR_LIMIT.format(NEAR[self.dtype])
        for head, body in ((f"if {branch.condition}:", branch.body), ("else:", branch.otherwise)):
            if body:
                self._put(depth, head)
            for inner in body:
                self._statement(depth + 1, inner)

    def _bind(self, depth: int, target: str, statement: Allocate | Dot | Narrow) -> None:
        """Print a statement that makes a new array, with one that is given in its place."""
        self._put(depth, f"{target} = {self.into[target]}")
        self.bound.add(target)
        match statement:
            case Allocate(start=start) if start:
                self._put(depth, f"{target}[...] = {start}")
            case Dot():
                self._statement(depth, replace(statement, into=True))
            case Narrow(source=source):
                self._put(depth, f"{target}[...] = {source}")

    def _loop(self, depth: int, loop: Loop) -> None:
        if loop.note:
            self._put(depth, f"# {loop.note}")
        last = loop.stop or extent_text(loop.size, self.dimensions)
        span = f"range({loop.start}, {last})" if loop.start else f"range({last})"
        if loop.step > 1:
            span = f"range({loop.start or 0}, {last}, {loop.step})"
        if loop.backward:
            span = f"range({extent_text(loop.size - 1, self.dimensions)}, -1, -1)"
        self._put(depth, f"for {loop.index} in {span}:")
        self.variant = ("near" if loop.near else "numba") if loop.in_lanes else "alone"
        self._repeated(depth + 1, loop.body)
        self.variant = "alone"

    def _repeated(self, depth: int, body: Sequence[Statement]) -> None:
        """Print what is done several times in a call."""
        for inner in body:
            self._statement(depth, inner)

    def _blocks(self, depth: int, blocks: Blocks) -> None:
        length, whole = blocks.length, extent_text(blocks.of, self.dimensions)
        width = extent_text(blocks.width, self.dimensions)
        self._put(depth, f"# {blocks.note}")
        most = f"{_IN_CACHE} // ({width})" + (f" // {_LANES} * {_LANES}" if blocks.least >= _LANES else "")
        usual = f"max({blocks.least}, min(256, {most}))"
        half = f"{whole if whole.isidentifier() else f'({whole})'} // 2"
        self._put(depth, f"{length} = min({half} + 4, {usual})")
        if blocks.totals is None:
            self._blocks_between(depth, blocks, "0", whole)
        else:
            self._parts(depth, blocks, blocks.totals)

    def _blocks_between(self, depth: int, blocks: Blocks, first: str, last: str) -> None:
        """Print the loop over some of the blocks, with its buffers."""
        length, size, start = blocks.length, blocks.size, blocks.start
        whole = extent_text(blocks.of, self.dimensions)
        self._put(depth, f"{size} = min({length}, {whole})")
        for buffer in blocks.buffers:
            self._statement(depth, buffer)
        self._put(depth, f"for {start} in range({first}, {last}, {length}):")
        self._put(depth + 1, f"if {whole} - {start} < {size}:  # the last block")
        self._put(depth + 2, f"{size} = {whole} - {start}")
        for buffer in blocks.buffers:
            if Extent.of(size) in buffer.shape:
                self._statement(depth + 2, buffer)
        self._repeated(depth + 1, blocks.body)

    def _while(
        self,
        depth: int,
        counter: str,
        test: Sequence[Statement],
        condition: str,
        body: Sequence[Statement],
        what: str,
        limit: int,
    ) -> None:
        self._put(depth, f"{counter} = 0")
        self._put(depth, "while True:")
        self._repeated(depth + 1, test)
        self._put(depth + 1, f"if not {condition}:")
        self._put(depth + 2, "break")
        self._put(depth + 1, f"if {counter} == {limit}:")
        self._put(depth + 2, f'raise RuntimeError("{what} did not end within {limit} steps")')
        self._repeated(depth + 1, body)
        self._put(depth + 1, f"{counter} += 1")

    def _help(self, gate: str) -> None:
        text = code(gate, self.variant, self.dtype)
        own = functions(text, GATES[gate].helper)
        self.helpers |= {name: f"{DECORATOR}\n{source}" for name, source in own.items()}
        self.helpers |= elementary.helpers("\n".join([text, *own.values()]), self.dtype)
