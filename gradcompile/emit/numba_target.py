"""The fast target: one jitted function of fused loops, printed from the loop form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gradcompile.derived import typical_sizes
from gradcompile.emit import elementary
from gradcompile.emit.elementary.trigonometric import NEAR
from gradcompile.emit.expression import Target, apply, code, fill, functions, literal
from gradcompile.emit.kernel import Kernel, with_factors
from gradcompile.emit.lanes import LONG_ROW, OWN, PLUS, TURN, step_text
from gradcompile.emit.linalg_numba import SOURCE
from gradcompile.emit.loop_text import OUT_OF_RANGE, array_text, comment_text, out_of_range
from gradcompile.emit.nearest import HELPERS as NEAREST
from gradcompile.emit.names import Names, local_names, root_names, step_names
from gradcompile.emit.parts import DECORATOR, INNER, SHARED, PartsPrinter
from gradcompile.emit.single import explicit, is_single, retyped
from gradcompile.emit.sizes import extent_text, root_lines, shape_text, size_lines
from gradcompile.emit.small_products import COLUMNS, FEW_TERMS, LONG_SUMS
from gradcompile.emit.split import split
from gradcompile.emit.straight import STRAIGHT, is_straight
from gradcompile.gates.registry import GATES, REDUCE
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
_NUMBERS = frozenset({"det", "slogdet", "signdet", "logabsdet", "logdet"})  # functions that give numbers, of float64


def kernel(unit: Unit, name: str, results: Sequence[Value]) -> Kernel:
    """Return the jitted function that computes the results."""
    return Printer(unit, name, results).run()


class Printer(PartsPrinter):
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
            case Best():
                self._best(depth, statement)
            case Blocks():
                self._blocks(depth, statement)
            case Columns(target, source, space):
                self.helpers |= {"_turn": TURN, "_columns": f"{DECORATOR}{COLUMNS}"}
                self._put(depth, f"{target} = _columns({source}, {space})")
            case Turn():
                self._turn(depth, statement)
            case View(target, source, lead, start, size):
                self._put(depth, f"{target} = {source}[{':, ' * lead}{start} : {start} + {size}]")
            case Allocate(target) | Dot(target, into=False) | Narrow(target) if target in self.into:
                self._bind(depth, target, statement)
            case Allocate(target, shape, dtype, start, wide):
                text = array_text(shape_text(shape, self.dimensions), self._type(dtype, wide=wide), start)
                self.helpers["_own"] = OWN
                self._put(depth, f"{target} = _own({text})")
            case Add() | Narrow() | Fill():
                self._put(depth, self._whole(statement))
            case Dot() if statement.columns:
                self._small_product(depth, statement)
            case Dot(target, left, right, origin, into):
                call = f"np.dot({left}, {right}, {target})" if into else f"{target} = np.dot({left}, {right})"
                self._put(depth, call, origin)
            case Nearest(target, points, among, space, origin):
                self.helpers |= NEAREST
                self._put(depth, f"_nearest({points}, {among}, {target}, {space})", origin)
            case Call(targets, function, operands, origin):
                self._call(depth, targets, function, operands, origin)
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

    def _small_product(self, depth: int, dot: Dot) -> None:
        """Print a product that is computed by loops if a matrix turns out to be small."""
        name, source = ("_few_terms", FEW_TERMS) if len(dot.columns) == 1 else ("_long_sums", LONG_SUMS)
        self.helpers |= {"_plus": PLUS, name: f"{DECORATOR}{self._typed(source)}"}
        self._put(depth, f"{name}({dot.left}, {dot.right}, {', '.join(dot.columns)}, {dot.target})", dot.origin)

    def _if(self, depth: int, branch: If) -> None:
        if "_LONG_ROW" in branch.condition:
            self.helpers["_LONG_ROW"] = LONG_ROW
        if "_NEAR" in branch.condition:
            self.helpers["_NEAR"] = f"_NEAR = {NEAR[self.dtype]}  # sines and cosines of smaller arguments need no table"
        for head, body in ((f"if {branch.condition}:", branch.body), ("else:", branch.otherwise)):
            if body:
                self._put(depth, head)
            for inner in body:
                self._statement(depth + 1, inner)

    def _best(self, depth: int, found: Best) -> None:
        better, best, value = self._fresh("better"), found.best, found.value
        step = fill(REDUCE[found.reduction].step, ("acc", "x"), (best, value))
        self._put(depth, f"{better} = {step} or ({value} != {value} and {best} == {best})", found.origin)
        self._put(depth, f"{best} = {value} if {better} else {best}")
        self._put(depth, f"{found.target} = {found.position} if {better} else {found.target}")

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

    def _whole(self, statement: Add | Narrow | Fill) -> str:
        """Return the text of a statement on all elements of an array."""
        match statement:
            case Add(target, part):
                return f"{target} += {part}"
            case Narrow(target, source):
                return f"{target} = {source}.astype({self.types[DType.REAL]})"
            case Fill(target, value):
                return f"{target}[...] = {value}"

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

    def _turn(self, depth: int, turn: Turn) -> None:
        self.helpers["_turn"] = TURN
        source, target = turn.source, turn.target
        if turn.rank > 2:
            rows = f"{target if turn.back else source}.shape[0]"
            shapes = (f"-1, {rows}", f"{rows}, -1") if turn.back else (f"{rows}, -1", f"-1, {rows}")
            source, target = (f"{n}.reshape({s})" for n, s in zip((source, target), shapes, strict=True))
        self._put(depth, f"_turn({source}, {target})")

    def _blocks(self, depth: int, blocks: Blocks) -> None:
        length, whole = blocks.length, extent_text(blocks.of, self.dimensions)
        width = extent_text(blocks.width, self.dimensions)
        self._put(depth, f"# {blocks.note}")
        usual = f"max(64, min(256, {_IN_CACHE} // ({width}) // {_LANES} * {_LANES}))"
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

    def _call(self, depth: int, targets: Sequence[str], function: str, operands: Sequence[str], origin: Origin) -> None:
        name = f"_{function}"
        for helper, source in functions(name, SOURCE).items():
            self.helpers[helper] = f"{DECORATOR}\n{self._typed(source)}"
        self._put(depth, f"{', '.join(targets)} = {name}({', '.join(operands)})", origin)
        if self.single and function in _NUMBERS:
            for target in [t for t in targets if t.isidentifier() and t != "_"]:
                self._put(depth, f"{target} = np.float32({target})", origin)

    def _help(self, gate: str) -> None:
        text = code(gate, self.variant, self.dtype)
        own = functions(text, GATES[gate].helper)
        self.helpers |= {name: f"{DECORATOR}\n{source}" for name, source in own.items()}
        self.helpers |= elementary.helpers("\n".join([text, *own.values()]), self.dtype)
