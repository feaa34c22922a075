"""The readable target: a statement per gate in matrix notation, what a careful person would have written by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from gradcompile.emit import indexing, recurrence
from gradcompile.emit.affine import Affine, affine_forms
from gradcompile.emit.contraction import contract
from gradcompile.emit.expression import apply, fill, literal, needs, reduce_text, subscript
from gradcompile.emit.kernel import Kernel
from gradcompile.emit.layout import Axes, AxisOrder, Written, aligned, in_order
from gradcompile.emit.names import Names, local_names
from gradcompile.emit.plan import CHEAP, Plan
from gradcompile.emit.sizes import extent_text, size_lines
from gradcompile.errors import InternalError
from gradcompile.gates.registry import GATES, REDUCE
from gradcompile.ir.nodes import Axis, DType, Kind, Node, Origin
from gradcompile.pipeline import Unit
from gradcompile.syntax.program import Value

_WIDTH = 70  # an expression longer than this is cut by naming its operands
_LINE = 110
_WORD = re.compile(r"[^\W\d]\w*")
_MAY_RAISE = frozenset({"div", "mod", "floordiv", "pow"})  # on Python's own numbers, where NumPy's give inf or NaN


def kernel(unit: Unit, name: str, results: Sequence[Value]) -> Kernel:
    """Return the function that computes the results, in NumPy."""
    writer = Writer(unit, results)
    writer.write([n for n in writer.plan.nodes if not n.carries])
    returned = writer.results(results)
    arguments = ", ".join(writer.arguments[a.name] for a in unit.program.arguments)
    body = [*writer.lines, *_return(returned)]
    sizes = [f"    {line}" for line in size_lines(unit.program, _words(body) if unit.program.dimensions else set())]
    lines = [f"def {name}({arguments}):", *sizes, *body]
    return Kernel(name, lines, writer.helpers)


def _return(texts: Sequence[str]) -> list[str]:
    """Return the statement that returns a tuple, over several lines if it is long."""
    line = f"    return ({texts[0]},)" if len(texts) == 1 else f"    return {', '.join(texts)}"
    return [line] if len(line) < _LINE else ["    return (", *(f"        {text}," for text in texts), "    )"]


def _words(lines: Sequence[str]) -> set[str]:
    return {word for line in lines for word in _WORD.findall(line.partition("  # ")[0])}


def comment_of(origin: Origin) -> str:
    """Return the formula line that a statement comes from, and the rule that made it."""
    line = f"line {origin.span.line}" if origin.span else ""
    if origin.rule.endswith(" gate"):
        return f"backward of {line}: {origin.rule}" if line else f"backward: {origin.rule}"
    return f"{line}: {origin.rule}" if line and origin.rule else line or origin.rule


class Writer:
    """Writes the statements of one function; `written` says what stands for each node."""

    def __init__(self, unit: Unit, results: Sequence[Value]) -> None:
        self.unit = unit
        self.plan = Plan(unit, results)
        self.arguments, self.dimensions = local_names(unit.program)
        self.names = Names([*self.arguments.values(), *self.dimensions.values()], reserved=unit.names.values())
        self.affine: dict[Node, Affine] = affine_forms(self.plan.nodes)
        self.order = AxisOrder(_examples(unit, results))
        self.written: dict[Node, Written] = {}
        self.pending: set[Node] = set()  # written as an expression that has no name yet
        self.held: dict[Axis, str] = {}  # axes of time inside a loop, and the name of the step
        self.lines: list[str] = []
        self.helpers: dict[str, str] = {}
        self.checked: set[tuple[Node, Axis]] = set()  # indices known to be in range
        self._indent = "    "

    # -- statements --------------------------------------------------------------------------------------------

    def write(self, nodes: Sequence[Node]) -> None:
        """Write the nodes, operands before their users."""
        for node in nodes:
            if node not in self.plan.absorbed:
                self._write(node)

    def _write(self, node: Node) -> None:
        array = self._expression(node)
        if len(array.text) > _WIDTH and self._flush(node):
            array = self._expression(node)
        self.written[node] = array
        if node in self.plan.inline or self.is_cheap(node):
            self.pending.add(node)
        elif not (array.text.isidentifier() and node not in self.plan.named):
            self.name(node)

    def name(self, node: Node) -> None:
        """Give an expression a name, in a statement of its own."""
        array = self.written[node]
        wish = self.plan.named.get(node)
        if wish == array.text or (wish and array.text in self.arguments.values()):
            return
        name = self.names.new(wish) if wish else self.names.temporary()
        self.statement(f"{name} = {array.text}", node)
        self.written[node] = Written(name, array.axes, array.fresh, array.ordered)
        self.pending.discard(node)

    def is_cheap(self, node: Node) -> bool:
        """Return whether a node stands in expressions as it is, however often: literals, inputs, positions."""
        return node.kind in CHEAP or node in self.affine

    def _flush(self, node: Node) -> bool:
        """Name the operands that were to stand inside a node's expression; say whether there were any."""
        waiting = [o for o in self.plan.operands(node) if o in self.pending and not self.is_cheap(o)]
        for operand in waiting:
            self.pending.discard(operand)
            self.name(operand)
        return bool(waiting)

    def statement(self, text: str, node: Node) -> None:
        """Write a statement, with the formula line behind it."""
        comment = comment_of(node.graph.origin_of(node))
        self.lines.append(f"{self._indent}{text}  # {comment}" if comment else f"{self._indent}{text}")

    def plain(self, text: str) -> None:
        """Write a statement without a comment."""
        self.lines.append(f"{self._indent}{text}")

    @contextmanager
    def block(self, axis: Axis, step: str) -> Iterator[None]:
        """Indent, with an axis held at one position."""
        before, self._indent = self._indent, self._indent + "    "
        self.held[axis] = step
        yield
        del self.held[axis]
        self._indent = before

    def fresh_name(self, node: Node) -> str:
        """Return a name for the node's own array."""
        wish = self.plan.named.get(node)
        return self.names.new(wish) if wish else self.names.temporary()

    # -- what stands for a node --------------------------------------------------------------------------------

    def operand(self, node: Node) -> Written:
        """Return what stands for a node here: inside a loop over time, at the current step."""
        if node.kind is Kind.IOTA and node.attrs[0] in self.held:
            return Written(self.held[node.attrs[0]])
        array = self.written[node]
        if not self.held or not any(a in self.held for a in array.axes):
            return array
        index = [self.held.get(a, ":") for a in array.axes]
        while index[-1] == ":":
            index.pop()
        return Written(subscript(array.text, ", ".join(index)), tuple(a for a in array.axes if a not in self.held))

    def size(self, axis: Axis) -> str:
        """Return the text of an axis's length."""
        return extent_text(axis.extent, self.dimensions)

    def shape(self, axes: Sequence[Axis]) -> str:
        """Return the text of a shape, as the functions that make arrays take it."""
        sizes = [self.size(a) for a in axes]
        return sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"

    def axes(self, node: Node) -> list[Axis]:
        """Return the axes of a node that are not held."""
        return [a for a in node.axes if a not in self.held]

    def layout(self, node: Node, operands: Sequence[Written] = ()) -> Axes:
        """Choose an order of axes: the user's, else that of an operand with all of them, else the common one."""
        axes = self.axes(node)
        if (wish := self.plan.wishes.get(node)) is not None:
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
                return Written(
                    array.text, tuple(mapping.get(a, a) for a in array.axes), False, array.ordered, array.number
                )
            case Kind.GATE:
                joined = indexing.joined(self, node) if node in self.plan.pieces else None
                return joined or self._gate(node)
            case Kind.REDUCE | Kind.CONTRACT:
                return self._contraction(node) if node in self.plan.factors else self._reduction(node)
            case Kind.TAKE:
                return indexing.take(self, node)
            case Kind.SCATTER:
                return indexing.scatter(self, node)
            case Kind.RECURRENCE:
                return recurrence.history(self, node)
        raise InternalError(f"{node!r} has no NumPy text")

    def _gate(self, node: Node) -> Written:
        record = GATES[node.name]
        operands = [self.operand(o) for o in node.operands]
        if record.helper and needs(record.numpy, record.helper):
            self.helpers[node.name] = record.helper.strip("\n")
        if all(o.number for o in operands):
            return self._of_numbers(node, operands)
        if not any(o.axes for o in operands):
            return Written(apply(node.name, [o.text for o in operands], "numpy"))
        if _is_identity(node) and not self.held:
            return Written(f"np.eye({self.size(node.axes[0])})", node.axes, fresh=True, ordered=True)
        order = self.layout(node, operands)
        texts = [aligned(o, order) for o in operands]
        ordered = len(order) == 1 or all((o.ordered or not o.axes) and in_order(o, order) for o in operands)
        text = _less(texts[0], node.operands[1]) if _adds_negative(node) else apply(node.name, texts, "numpy")
        return Written(text, order, record.numpy != record.args, ordered)

    def _of_numbers(self, node: Node, operands: Sequence[Written]) -> Written:
        texts = [o.text for o in operands]
        divisor = node.operands[-1]
        if node.name in _MAY_RAISE and not (divisor.is_const() and divisor.value > 0):
            texts[0] = f"np.{'float64' if node.dtype is DType.REAL else 'int64'}({texts[0]})"
        text = apply(node.name, texts, "numpy")
        return Written(text, number="np." not in text)

    def _reduction(self, node: Node) -> Written:
        base, axes = self.plan.reduced[node]
        record = REDUCE[node.name]
        if record.helper:
            self.helpers[node.name] = record.helper.strip("\n")
        array = self.operand(base)
        rest = tuple(a for a in array.axes if a not in axes)
        positions = [i for i, a in enumerate(array.axes) if a in axes]
        axis = str(positions[0]) if len(positions) == 1 else f"({', '.join(map(str, positions))})"
        text = reduce_text(node.name, array.text, axis if rest else None)
        return Written(text, rest, fresh=True, ordered=array.ordered or len(rest) == 1)

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


def _is_identity(node: Node) -> bool:
    """Return whether a choice between 1 and 0 is an identity matrix."""
    if node.name != "where" or not node.operands[1].is_const(1) or not node.operands[2].is_const(0):
        return False
    test = node.operands[0]
    positions = test.kind is Kind.GATE and test.name == "eq" and all(o.kind is Kind.IOTA for o in test.operands)
    return positions and len(test.axes) == 2 and test.axes[0].extent == test.axes[1].extent


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
