"""The readable target: a statement per gate in matrix notation, what a careful person would have written by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from gradcompile.emit import indexing, inplace, linalg, recurrence, running, scatter
from gradcompile.emit.assigned import with_assigned
from gradcompile.emit.contraction import contract
from gradcompile.emit.expression import apply, fill, functions, literal, reduce_text
from gradcompile.emit.inline import CHEAP
from gradcompile.emit.kernel import Kernel, with_factors
from gradcompile.emit.layout import EMPTY, Axes, AxisOrder, Rows, Written, aligned, in_order
from gradcompile.emit.names import Names, local_names, root_names, step_names
from gradcompile.emit.plan import Plan
from gradcompile.emit.single import is_single, retyped, with_conversions
from gradcompile.emit.sizes import extent_text, root_lines, size_lines
from gradcompile.emit.statements import Statements
from gradcompile.errors import InternalError
from gradcompile.gates.registry import GATES, REDUCE
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Graph, Kind, Node, Origin
from gradcompile.pipeline import Unit
from gradcompile.syntax.program import Value

_WIDTH = 70  # an expression longer than this is cut by naming its operands
_LINE = 110
_WORD = re.compile(r"[^\W\d]\w*")
_PYTHONS = frozenset({Kind.CONST, Kind.EXTENT})  # numbers of Python's, which take the type of an array beside them
_IN_PYTHON = frozenset({"where", "and", "or", "not"})
_MAY_RAISE = frozenset({"div", "mod", "floordiv", "pow"})  # on Python's own numbers, where NumPy's give inf or NaN


def kernel(unit: Unit, name: str, results: Sequence[Value], make: Callable[..., Writer] | None = None) -> Kernel:
    """Return the function that computes the results, in NumPy; `make` makes the writer, if it is to note more."""
    unit, results = with_factors(with_assigned(unit, results), results)
    if is_single(unit):
        unit, results = with_conversions(unit, results, _PYTHONS)
    writer = (make or Writer)(unit, results)
    writer.write([n for n in writer.plan.nodes if not n.carries])
    returned = writer.results(results)
    arguments = ", ".join(writer.arguments[a.name] for a in unit.program.arguments)
    chunks = [f"    {line}" for line in root_lines(writer.chunks, writer.dimensions)]
    body = [*chunks, *writer.lines, *_return(returned)]
    sizes = [f"    {line}" for line in size_lines(unit.program, _words(body) if unit.program.dimensions else set())]
    lines = [f"def {name}({arguments}):", *sizes, *body]
    if is_single(unit):
        lines = retyped("\n".join(lines), literals=False).split("\n")
        writer.helpers = {name: retyped(text, literals=False) for name, text in writer.helpers.items()}
    return Kernel(name, lines, writer.helpers)


def _return(texts: Sequence[str]) -> list[str]:
    """Return the statement that returns a tuple, over several lines if it is long."""
    line = f"    return {', '.join(texts) if len(texts) > 1 else f'({texts[0]},)' if texts else '()'}"
    return [line] if len(line) < _LINE else ["    return (", *(f"        {text}," for text in texts), "    )"]


def _words(lines: Sequence[str]) -> set[str]:
    return {word for line in lines for word in _WORD.findall(line.partition("  # ")[0])}


class Writer(Statements):
    """Writes the statements of one function; `written` says what stands for each node."""

    def __init__(self, unit: Unit, results: Sequence[Value]) -> None:
        super().__init__()
        self.unit = unit
        self.dtype = unit.program.dtype
        self.plan = Plan(unit, results)
        self.arguments, self.dimensions = local_names(unit.program)
        self.names = Names([*self.arguments.values(), *self.dimensions.values()], reserved=unit.names.values())
        self.dimensions |= step_names(self.plan.nodes, self.names)
        self.chunks = root_names(self.plan.nodes, self.names)
        self.dimensions |= self.chunks
        self.affine = self.plan.known.affine
        self.order = AxisOrder(_examples(unit, results), (loop.axis for loop in self.plan.loops.values()))
        self.written: dict[Node, Written] = {}
        self.together: dict[Node, Written] = {}  # named already, by the call that gives several
        self.pending: set[Node] = set()  # written as an expression that has no name yet
        self.held: dict[Axis, Extent] = {}  # axes of time inside a loop, and the step over the loop's variable
        self.steps: dict[str, list[str]] = {}  # the variables of loops by what the user calls them
        self.rows: dict[tuple[Node, int], Rows] = {}  # the arrays that keep histories, by recurrence and state
        self.helpers: dict[str, str] = {}

    # -- statements --------------------------------------------------------------------------------------------

    def write(self, nodes: Sequence[Node]) -> None:
        """Write the nodes, operands before their users."""
        for node in nodes:
            if node in self.plan.absorbed:
                continue
            if node in self.plan.loops:
                recurrence.write(self, node)
            elif node.kind is Kind.CHECK:
                indexing.check(self, node)
            else:
                self._write(node)

    def _write(self, node: Node) -> None:
        array = self.written[node] = self.expression(node)
        if node in self.plan.inline.fitting or self.is_cheap(node):
            self.pending.add(node)
        elif not (array.text.isidentifier() and node not in self.plan.named):
            self.name(node)

    def expression(self, node: Node) -> Written:
        """Return the text of a node, its operands inside where it stays short."""
        array = self._expression(node)
        if len(array.text) > _WIDTH and self._flush(node):
            array = self._expression(node)
        return array

    def name(self, node: Node) -> None:
        """Give an expression a name, in a statement of its own."""
        array = self.written[node]
        wish = self.plan.named.get(node)
        if wish == array.text or (wish and array.text in self.arguments.values()):
            return
        name = self.names.new(wish) if wish else self.names.temporary()
        self.assign(name, array, self.origin(node))
        self.written[node] = Written(name, array.axes, array.fresh, array.ordered)
        self.pending.discard(node)

    def is_cheap(self, node: Node) -> bool:
        """Return whether a node stands in expressions as it is, however often: literals, inputs, positions."""
        while node.kind in (Kind.CHECK, Kind.RENAME):
            node = node.operands[0]
        if node.kind is Kind.CARRY:
            return True
        if node.kind is Kind.HISTORY:
            return node.operands[0] not in self.plan.running
        return (
            node.kind in CHEAP or node in self.affine or node in self.plan.inline.lazy or node in self.plan.inline.short
        )

    def _flush(self, node: Node) -> bool:
        """Name the operands that were to stand inside a node's expression; say whether there were any."""
        waiting = [o for o in self.plan.operands(node) if o in self.pending and not self.is_cheap(o)]
        for operand in waiting:
            self.pending.discard(operand)
            self.name(operand)
        return bool(waiting)

    def statement(self, text: str, node: Node, at: int | None = None) -> None:
        """Write a statement, with the formula line of a node behind it; `at`: before another line than the end."""
        self.put(text, self.origin(node), at)

    def origin(self, node: Node) -> Origin:
        """Return where the statement of a node comes from."""
        return node.graph.origin_of(self.plan.source(node))

    @contextmanager
    def block(self, axis: Axis, step: Extent) -> Iterator[None]:
        """Indent, with an axis held at one position."""
        self.held[axis] = step
        with self.indented():
            yield
        del self.held[axis]

    @contextmanager
    def step_of(self, axis: Axis, graph: Graph) -> Iterator[str]:
        """Give a loop its variable: what the user calls it, the same for loops that are not inside each other."""
        wish = graph.index_names.get(axis, "t")
        wish = wish if wish.strip("_") else "t"
        known = self.steps.setdefault(wish, [])
        name = known.pop() if known else self.names.other(wish)
        yield name
        known.append(name)

    def fresh_name(self, node: Node) -> str:
        """Return a name for the node's own array."""
        wish = self.plan.named.get(node)
        return self.names.new(wish) if wish else self.names.temporary()

    # -- what stands for a node --------------------------------------------------------------------------------

    def operand(self, node: Node) -> Written:
        """Return what stands for a node here: inside a loop over time, at the current step."""
        if not any(a in self.held for a in node.axes):
            return self.written[node]
        while node.kind is Kind.CHECK:
            node = node.operands[0]
        form = self.affine.get(node)
        if form is not None and form.axis in self.held:
            return Written(self.extent(form.offset + self.held[form.axis] * form.step), number=True)
        if node in self.plan.inline.lazy or node in self.plan.inline.short:
            return self._expression(node)
        array = self.written[node]
        key = (node.operands[0], node.attrs[0]) if node.kind is Kind.HISTORY and node.attrs[1] != "final" else None
        if key in self.rows and array.axes[0] in self.held:
            rows = self.rows[key]
            row = self.extent(rows.row(node.attrs[1], self.held[array.axes[0]]))
            return self._at_step(array._replace(text=rows.name), {array.axes[0]: row})
        return self._at_step(array, {})

    def _at_step(self, array: Written, rows: dict[Axis, str]) -> Written:
        held = [a for a in array.axes if a in self.held]
        if not held:
            return array
        index = [rows.get(a) or self.extent(self.held[a]) if a in held else ":" for a in array.axes]
        while index[-1] == ":":
            index.pop()
        text, leading = array.at(", ".join(index)), ":" not in index
        rest = tuple(a for a in array.axes if a not in held)
        return Written(text, rest, ordered=array.ordered and leading, brackets="positions" if leading else "")

    def extent(self, size: Extent) -> str:
        """Return the text of a size or of a position."""
        return extent_text(size, self.dimensions)

    def size(self, axis: Axis) -> str:
        """Return the text of an axis's length."""
        return self.extent(axis.extent)

    def shape(self, axes: Sequence[Axis], rows: int = 0) -> str:
        """Return the text of a shape, as the functions that make arrays take it; with more rows than the first axis."""
        sizes = [self.extent(a.extent + (0 if i else rows)) for i, a in enumerate(axes)]
        return sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"

    def filled(self, text: str, axes: Sequence[Axis], dtype: DType, *, scalar: bool) -> str:
        """Return the text of an array of full shape, of a number or of an array that lacks some axes."""
        if not scalar:
            return f"np.broadcast_to({text}, {self.shape(axes)})"
        if text in ("0.0", "0", "False"):
            return f"np.zeros({self.shape(axes)}{EMPTY[dtype]})"
        kind = EMPTY[dtype] if is_single(self.unit) else ""
        return f"np.full({self.shape(axes)}, {text}{kind})"

    def of_type(self, node: Node) -> str:
        """Return what says that an array of single numbers is of float32, where Python's may be among them."""
        return ", dtype=np.float32" if is_single(self.unit) and node.dtype is DType.REAL else ""

    def axes(self, node: Node) -> list[Axis]:
        """Return the axes of a node that are not held."""
        return [a for a in node.axes if a not in self.held]

    def layout(self, node: Node, operands: Sequence[Written] = ()) -> Axes:
        """Choose an order of axes: the user's, else that of an operand with all of them, else the common one."""
        axes = self.axes(node)
        if (wish := self.plan.wishes.get(node)) is not None and set(axes) <= set(wish):
            return tuple(a for a in wish if a in axes)
        for array in operands:
            if len(array.axes) == len(axes):
                return array.axes
        return self.order.sort(axes)

    def _expression(self, node: Node) -> Written:
        match node.kind:
            case Kind.CONST:
                return Written(literal(node.value), number=True)
            case Kind.EXTENT:
                return Written(extent_text(node.attrs[0], self.dimensions), number=True)
            case Kind.INPUT:
                return Written(self.arguments[node.name], node.attrs, ordered=True)
            case Kind.IOTA:
                return Written(f"np.arange({self.size(node.attrs[0])})", node.attrs, fresh=True, ordered=True)
            case Kind.RENAME:
                array, mapping = self.operand(node.operands[0]), dict(node.attrs)
                return self._at_step(array._replace(axes=tuple(mapping.get(a, a) for a in array.axes), fresh=False), {})
            case Kind.GATE if node in self.plan.placed:
                return inplace.placed(self, node)
            case Kind.GATE:
                joined = scatter.joined(self, node) if node in self.plan.pieces else None
                return joined or self._gate(node)
            case Kind.REDUCE | Kind.CONTRACT:
                return self._contraction(node) if node in self.plan.factors else self._reduction(node)
            case Kind.TAKE:
                return indexing.take(self, node)
            case Kind.SCATTER:
                return scatter.scatter(self, node)
            case Kind.HISTORY if node.operands[0] in self.plan.running:
                return running.history(self, node)
            case Kind.HISTORY:
                return self.written[node]  # its loop has said what it is
            case Kind.ARRAY:
                return linalg.array_gate(self, node)
        raise InternalError(f"{node!r} has no NumPy text")

    def _gate(self, node: Node) -> Written:
        record = GATES[node.name]
        operands = [self.operand(o) for o in node.operands]
        self.helpers |= functions(record.numpy, record.helper)
        if all(o.number for o in operands):
            return self._of_numbers(node, operands)
        if (form := self.affine.get(node)) is not None and form.axis is not None and form.step == 1:
            span = f"{self.extent(form.offset)}, {self.extent(form.offset + form.axis.extent)}"
            return Written(f"np.arange({span})", (form.axis,), fresh=True, ordered=True)
        if not any(o.axes for o in operands):
            return Written(self.gate_text(node.name, [o.text for o in operands], scalar=True))
        if (value := _on_diagonal(node)) is not None and not self.held:
            text = f"np.diag({self.operand(value).text})" if value.axes else f"np.eye({self.size(node.axes[0])})"
            return Written(text, node.axes, fresh=True, ordered=True)
        have = {a for o in operands for a in o.axes}  # an index has fewer axes than the check of it
        order = tuple(a for a in self.layout(node, operands) if a in have)
        texts = [aligned(o, order) for o in operands]
        ordered = len(order) == 1 or all((o.ordered or not o.axes) and in_order(o, order) for o in operands)
        if node.name == "where" and is_single(self.unit) and all(o.number for o in operands[1:]):
            texts[1] = f"np.float32({texts[1]})"
        text = _less(texts[0], node.operands[1]) if _adds_negative(node) else self.gate_text(node.name, texts)
        return Written(text, order, record.numpy != record.args, ordered)

    def gate_text(self, name: str, texts: Sequence[str], *, scalar: bool = False) -> str:
        """Return the text of a gate; what Python has a word for is written with it where that is one number."""
        return apply(name, texts, "numba" if scalar and name in _IN_PYTHON else "numpy", self.dtype)

    def may_raise(self, node: Node) -> bool:
        """Return whether Python's own numbers may refuse what a node computes."""
        return node.kind is Kind.GATE and node.name in _MAY_RAISE and not _divides_by_literal(node)

    def _of_numbers(self, node: Node, operands: Sequence[Written]) -> Written:
        texts = [o.text for o in operands]
        if self.may_raise(node):
            texts[0] = f"np.{self.dtype if node.dtype is DType.REAL else 'int64'}({texts[0]})"
        text = self.gate_text(node.name, texts, scalar=True)
        if is_single(self.unit) and node.dtype is DType.REAL and text.startswith("np."):
            text = f"np.float32({text})"
        return Written(text, number="np." not in text)

    def _reduction(self, node: Node) -> Written:
        base, axes = self.plan.reduced[node]
        record = REDUCE[node.name]
        self.helpers |= functions(record.numpy, record.helper)
        array = self.operand(base)
        rest = tuple(a for a in array.axes if a not in axes)
        positions = [i for i, a in enumerate(array.axes) if a in axes]
        axis = str(positions[0]) if len(positions) == 1 else f"({', '.join(map(str, positions))})"
        text = self.reduction_text(node.name, array.text, axis if rest else None)
        return Written(text, rest, fresh=True, ordered=array.ordered or len(rest) == 1)

    def reduction_text(self, name: str, text: str, axis: str | None) -> str:
        """Return the text of a reduction over an axis; over all of an array's axes if `axis` is None."""
        return reduce_text(name, text, axis)

    def _contraction(self, node: Node) -> Written:
        factors, axes, negative = self.plan.factors[node]
        arrays = [self.operand(f) for f in factors]
        product = contract(arrays, set(axes), self.layout(node), self.order)
        return product._replace(text=fill("-x", ("x",), (product.text,))) if negative else product

    # -- results -----------------------------------------------------------------------------------------------

    def results(self, results: Sequence[Value]) -> list[str]:
        """Return the texts of what the function returns: floats, and new arrays of full shape."""
        used: set[str] = set()
        return [self._result(value, used) for value in results]

    def _result(self, value: Value, used: set[str]) -> str:
        array = self.operand(value.node)
        if not value.axes:
            return f"float({array.text})"
        if not array.axes:
            if value.node.is_const(0):
                return f"np.zeros({self.shape(value.axes)})"
            return f"np.full({self.shape(value.axes)}, {array.text}, dtype=float)"
        text = aligned(array, value.axes)
        if len(array.axes) < len(value.axes):
            return f'np.array(np.broadcast_to({text}, {self.shape(value.axes)}), dtype=float, order="C")'
        own = array.fresh and array.ordered and text == array.text and text not in used
        if value.node.dtype is not DType.REAL or not own:
            return f'np.array({text}, dtype=float, order="C")'
        used.add(text)
        return text


def _divides_by_literal(node: Node) -> bool:
    divisor = node.operands[-1]
    return divisor.is_const() and bool(divisor.value > 0)


def _on_diagonal(node: Node) -> Node | None:
    """Return what stands on the diagonal of a matrix that is 0 elsewhere; None for anything else."""
    if node.name != "where" or not node.operands[2].is_const(0):
        return None
    test, value = node.operands[:2]
    positions = test.kind is Kind.GATE and test.name == "eq" and all(o.kind is Kind.IOTA for o in test.operands)
    square = len(node.axes) == 2 and node.axes == test.axes and test.axes[0].extent == test.axes[1].extent
    return value if positions and square and (value.is_const(1) or len(value.axes) == 1) else None


def _adds_negative(node: Node) -> bool:
    return node.name == "add" and node.operands[1].is_const() and node.operands[1].value < 0


def _less(text: str, negative: Node) -> str:
    """Return x - 1 for x + -1."""
    return apply("sub", [text, literal(-negative.value)], "numpy")


def _examples(unit: Unit, results: Sequence[Value]) -> list[Sequence[Axis]]:
    return [
        *(a.axes for a in unit.program.arguments),
        *(v.axes for v in unit.program.names.values()),
        *(v.axes for v in results),
    ]
