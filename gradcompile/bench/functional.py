"""The value of a formula as pure array code for a peer that differentiates by itself: no statement changes an array.

Both peers get the same text; what its names mean is said by `in_jax.py` or `in_torch.py`. The dimensions of an array
are the axes of its node, in their order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from string import ascii_letters

from gradcompile.emit.expression import apply, functions, literal
from gradcompile.emit.names import Names, local_names
from gradcompile.emit.sizes import extent_text, size_lines
from gradcompile.gates.registry import GATES
from gradcompile.ir.nodes import Axis, Kind, Node, is_inside, reachable, reading_state, states_of
from gradcompile.pipeline import Unit
from gradcompile.syntax.program import Value

OWN = frozenset({  # gates that the peers have themselves, as functions of `np` of that name
    "sigmoid", "softplus", "relu", "logaddexp", "erf", "erfc", "erfinv", "ndtr", "log_ndtr", "ndtri", "lgamma",
    "digamma", "i0", "i1", "i0e", "i1e", "sinc", "xlogy", "xlog1py", "stop_gradient", "round",
})  # fmt: skip
REDUCTIONS = frozenset({"sum", "prod", "max", "min", "argmax", "argmin", "any", "all", "logsumexp", "top", "norm"})
MATRICES = {  # array gates by the function of `linalg` that stands for them
    "solve": "solve", "solve_sym": "solve", "solve_pd": "solve_pd", "solve_lower": "solve_lower",
    "solve_upper": "solve_upper", "inv": "inv", "inv_pd": "inv", "det": "det", "det_pd": "det", "logdet": "logdet",
    "logdet_pd": "logdet", "logabsdet": "logdet", "cholesky": "cholesky", "eigenvalues": "eigvalsh",
}  # fmt: skip


class InexpressibleError(Exception):
    """The formula has something that the peers' pure array code has no form for."""


def source(unit: Unit, peer: str) -> str:
    """Return the module that defines `value` for a peer. Raises InexpressibleError."""
    writer = _Writer(unit)
    body = writer.run()
    return "\n".join([f"from gradcompile.bench.in_{peer} import linalg, np, scan, scatter", "", "", *body]) + "\n"


class _Writer:
    """Writes the statements of one function; `scopes` are the loops that the next statement is in."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.arguments, self.dimensions = local_names(unit.program)
        reserved = {"linalg", "scan", "scatter", *self.arguments.values(), *self.dimensions.values()}
        self.names = Names(reserved)
        self.lines: list[str] = []
        self.texts: dict[Node, str] = {}
        self.scopes: list[tuple[Axis, dict[Node, str]]] = []
        self.shapes: dict[Node, list[list[Axis]]] = {}  # the axes of the states of each recurrence
        self.uses = Counter(o for n in reachable([v.node for v in unit.values]) for o in n.operands)
        self.uses.update(v.node for v in unit.values)

    def run(self) -> list[str]:
        """Return the function."""
        program = self.unit.program
        self.lines.append(f"def value({', '.join(self.arguments[a.name] for a in program.arguments)}):")
        self.lines += [f"    {line}" for line in size_lines(program)]
        for node in reachable([v.node for v in self.unit.values]):
            if not node.carries:
                self._write(node)
        results = [self._result(v) for v in self.unit.values]
        return [*self.lines, f"    return {results[0]}" if len(results) == 1 else f"    return ({', '.join(results)})"]

    # -- what stands for a node --------------------------------------------------------------------------------

    def dims(self, node: Node, whole: Axis | None = None) -> list[Axis]:
        """Return the axes that a node has here: those held at a step are not among them."""
        held = {axis for axis, _ in self.scopes} - {whole}
        return [a for a in node.axes if a not in held]

    def text(self, node: Node, whole: Axis | None = None) -> str:
        """Return the name of a node here; along `whole` its array has all positions."""
        for axis, known in reversed(self.scopes):
            if axis != whole and node in known:
                return known[node]
        return self.texts[node]

    def aligned(self, node: Node, order: Sequence[Axis]) -> str:
        """Return a node with a dimension of length 1 for each axis of `order` that it lacks behind its first."""
        return _spread(self.text(node), self.dims(node), order)

    def put(self, node: Node, expression: str) -> None:
        """Give an expression a name, which stands for the node from here on."""
        name = self.names.temporary()
        self.lines.append(f"    {'    ' * len(self.scopes)}{name} = {expression}")
        self.known[node] = name

    @property
    def known(self) -> dict[Node, str]:
        """The names of the innermost scope."""
        return self.scopes[-1][1] if self.scopes else self.texts

    def length(self, axis: Axis) -> str:
        """Return the text of an axis's length."""
        return extent_text(axis.extent, self.dimensions)

    def shape(self, axes: Sequence[Axis]) -> str:
        """Return the text of a shape."""
        return f"({', '.join(self.length(a) for a in axes)}{',' if len(axes) == 1 else ''})"

    def _result(self, value: Value) -> str:
        order = [a for a in value.axes if a in value.node.axes]
        text = _transposed(self.text(value.node), self.dims(value.node), order)
        missing = len(order) < len(value.axes)
        return f"np.broadcast_to({_spread(text, order, value.axes)}, {self.shape(value.axes)})" if missing else text

    # -- nodes -------------------------------------------------------------------------------------------------

    def _write(self, node: Node) -> None:
        match node.kind:
            case Kind.CONST:
                self.known[node] = f"({literal(node.value)})"
            case Kind.EXTENT:
                self.known[node] = f"({extent_text(node.attrs[0], self.dimensions)})"
            case Kind.INPUT:
                self.known[node] = _transposed(self.arguments[node.name], node.attrs, node.axes)
            case Kind.IOTA:
                self.put(node, f"np.arange({self.length(node.attrs[0])})")
            case Kind.GATE:
                self._gate(node)
            case Kind.REDUCE:
                self._reduce(node)
            case Kind.RENAME:
                (x,), names = node.operands, dict(node.attrs)
                renamed = [names.get(a, a) for a in self.dims(x)]
                self.known[node] = _transposed(self.text(x), renamed, self.dims(node))
            case Kind.TAKE:
                self._take(node)
            case Kind.SCATTER:
                self._scatter(node)
            case Kind.CHECK:
                self.known[node] = self.text(node.operands[0])
            case Kind.RECURRENCE:
                self._recurrence(node)
            case Kind.HISTORY:
                self._history(node)
            case Kind.ARRAY:
                self._array(node)
            case _:
                raise InexpressibleError(f"{node.kind.value} nodes")

    def _gate(self, node: Node) -> None:
        order = self.dims(node)
        operands = [self.aligned(o, order) for o in node.operands]
        if node.name in OWN:
            self.put(node, f"np.{node.name}({', '.join(operands)})")
            return
        text = apply(node.name, operands, "numpy")
        if functions(text, GATES[node.name].helper) or "vectorize" in text:
            raise InexpressibleError(f"the gate `{node.name}`")
        self.put(node, text)

    def _reduce(self, node: Node) -> None:
        if node.name not in REDUCTIONS:
            raise InexpressibleError(f"the reduction `{node.name}`")
        axes, base = [node.attrs[0]], node.operands[0]
        while node.name == "sum" and base.kind is Kind.REDUCE and base.name == "sum" and self.uses[base] == 1:
            axes, base = [*axes, base.attrs[0]], base.operands[0]
        if node.name == "sum" and len(factors := self._factors(base)) > 1:
            self._product(node, factors)
            return
        whole = [a for a in base.axes if a in self.dims(base)]
        places = [whole.index(a) for a in axes]
        axis = str(places[0]) if len(places) == 1 else f"({', '.join(map(str, sorted(places)))})"
        self.put(node, f"np.{node.name}({self.text(base)}, axis={axis})")

    def _factors(self, base: Node) -> list[Node]:
        """Return the factors of a product that is larger than each of them, as a matrix product is."""
        found, stack = [], [base]
        while stack:
            node = stack.pop()
            inner = node.kind is Kind.GATE and node.name == "mul" and (node is base or self.uses[node] == 1)
            if inner and all(set(o.axes) < set(base.axes) for o in node.operands):
                stack.extend(reversed(node.operands))
            else:
                found.append(node)
        return found

    def _product(self, node: Node, factors: Sequence[Node]) -> None:
        letters: dict[Axis, str] = {}
        for a in (a for f in factors for a in self.dims(f)):
            letters.setdefault(a, ascii_letters[len(letters)])
        arrays = [f for f in factors if self.dims(f)]
        terms = ",".join("".join(letters[a] for a in self.dims(f)) for f in arrays)
        made = "".join(letters[a] for a in self.dims(node))
        product = f'np.einsum("{terms}->{made}", {", ".join(self.text(f) for f in arrays)})'
        self.put(node, " * ".join([*(self.text(f) for f in factors if not self.dims(f)), product]))

    # -- positions ---------------------------------------------------------------------------------------------

    def _mesh(self, axes: Sequence[Axis], place: Axis, index: str, order: Sequence[Axis]) -> str:
        """Return an index for each axis, lined up along `order`: the computed one for `place`, else all positions."""
        parts = [index if a == place else _spread(f"np.arange({self.length(a)})", [a], order) for a in axes]
        return f"({', '.join(parts)},)"

    def _guarded(self, node: Node, order: Sequence[Axis]) -> tuple[str, str]:
        """Return the index along `order`, 0 where the guard does not hold, and the guard."""
        index = self.aligned(node.operands[1], order)
        if len(node.operands) < 3:
            return index, ""
        guard = self.aligned(node.operands[2], order)
        return f"np.where({guard}, {index}, 0)", guard

    def _take(self, node: Node) -> None:
        x, axis, order = node.operands[0], node.attrs[0], self.dims(node)
        index, guard = self._guarded(node, order)
        text = self.text(x, axis)
        dims = self.dims(x, axis)
        found = f"{text}[{index}]" if dims == [axis] else f"{text}[{self._mesh(dims, axis, index, order)}]"
        self.put(node, f"np.where({guard}, {found}, 0)" if guard else found)

    def _scatter(self, node: Node) -> None:
        axis, over = node.attrs
        order = sorted({*self.dims(node), *over} - {axis})
        index, guard = self._guarded(node, order)
        value = self.aligned(node.operands[0], order)
        value = f"np.where({guard}, {value}, 0)" if guard else value
        dims = self.dims(node)
        lengths = self.shape(order)
        self.put(node, f"scatter({self.shape(dims)}, {self._mesh(dims, axis, index, order)}, {value}, {lengths})")

    # -- linear algebra ----------------------------------------------------------------------------------------

    def _array(self, node: Node) -> None:
        if node.name not in MATRICES:
            raise InexpressibleError(f"the array gate `{node.name}`")
        inner, outer = node.attrs
        columns = 1 if len(node.operands) > 1 else None
        others = {a for i, o in enumerate(node.operands) if i != columns for a in o.axes}
        beside = [a for a in self.dims(node) if a not in outer and a not in others] if columns else []
        batch = [a for a in self.dims(node) if a not in outer and a not in beside]
        if len(beside) > 1:
            raise InexpressibleError(f"the array gate `{node.name}` with several axes of columns")
        parts = []
        for i, (operand, eaten) in enumerate(zip(node.operands, inner, strict=True)):
            if not set(eaten) <= set(self.dims(operand)):
                raise InexpressibleError(f"the array gate `{node.name}` of a matrix with equal rows")
            order = [*batch, *eaten, *(beside if i == columns else [])]
            present = [a for a in order if a in self.dims(operand)]
            parts.append(_spread(_transposed(self.text(operand), self.dims(operand), present), present, order))
        if columns and not beside:
            parts[1] = f"{parts[1]}[..., None]"
        text = f"linalg.{MATRICES[node.name]}({', '.join(parts)})"
        text = f"{text}[..., 0]" if columns and not beside else text
        self.put(node, _transposed(text, [*batch, *outer, *beside], self.dims(node)))

    # -- recurrences -------------------------------------------------------------------------------------------

    def _recurrence(self, node: Node) -> None:
        axis, backward, depth, _ = node.attrs
        inits, bodies, condition = states_of(node)
        if condition:
            raise InexpressibleError("a `while` loop")
        inside = reading_state(bodies, depth)
        read = [*bodies, *(o for n in inside for o in n.operands)]
        sliced = [n for n in dict.fromkeys(read) if not is_inside(n, depth) and axis in self.dims(n)]
        shapes = [sorted({*self.dims(i), *self.dims(b)} - {axis}) for i, b in zip(inits, bodies, strict=True)]
        start = ", ".join(self._state(i, s) for i, s in zip(inits, shapes, strict=True))
        steps = ", ".join(self._time_first(n, axis) for n in sliced)
        function = self.names.other("step")
        states = [self.names.other("s") for _ in inits]
        known = {n: self.names.other("x") for n in sliced}
        self._step(node, inside, function, states, known, shapes)
        found = self.names.other("found")
        arguments = f"({start},), ({steps}{',' if sliced else ''}), {self.length(axis)}, {backward}"
        self.lines.append(f"    {'    ' * len(self.scopes)}{found} = scan({function}, {arguments})")
        self.known[node] = found
        self.shapes[node] = shapes

    def _time_first(self, node: Node, axis: Axis) -> str:
        dims = self.dims(node)
        return _transposed(self.text(node), dims, [axis, *(a for a in dims if a != axis)])

    def _step(
        self, node: Node, inside: Sequence[Node], function: str, states: Sequence[str], known: dict[Node, str],
        shapes: Sequence[Sequence[Axis]],
    ) -> None:  # fmt: skip
        """Write the function of one step: from the states and what is read at that time to the new states."""
        axis, _, depth, _ = node.attrs
        indent = "    " * (1 + len(self.scopes))
        self.lines.append(f"{indent}def {function}(states, given):")
        self.lines.append(f"{indent}    {', '.join(states)}, = states")
        if known:
            self.lines.append(f"{indent}    {', '.join(known.values())}, = given")
        self.scopes.append((axis, dict(known)))
        for inner in inside:
            if max(inner.carries) != depth:
                continue
            if inner.kind is Kind.CARRY and inner.attrs[0] == depth:
                self._carry(inner, states, shapes)
            else:
                self._write(inner)
        new = [self._state(b, s) for b, s in zip(states_of(node)[1], shapes, strict=True)]
        self.lines.append(f"{indent}    return ({', '.join(new)},)")
        self.scopes.pop()

    def _carry(self, carry: Node, states: Sequence[str], shapes: Sequence[Sequence[Axis]]) -> None:
        slot, dims = carry.attrs[1], self.dims(carry)
        text = _spread(states[slot], [a for a in shapes[slot] if a in dims], dims)
        if list(shapes[slot]) != dims:
            text = f"np.broadcast_to({text}, {self.shape(dims)})"
        self.known[carry] = text

    def _state(self, node: Node, axes: Sequence[Axis]) -> str:
        kind = node.dtype.value
        return f"np.state({self.aligned(node, axes)}, {self.shape(axes)}, '{kind}')"

    def _history(self, node: Node) -> None:
        (recurrence,), (slot, which) = node.operands, node.attrs
        axis = recurrence.attrs[0]
        found, axes = self.text(recurrence), self.shapes[recurrence][slot]
        order = axes if which == "final" else [axis, *axes]
        self.put(node, _transposed(f"{found}.{which}({slot})", order, self.dims(node)))


def _spread(text: str, present: Sequence[Axis], order: Sequence[Axis]) -> str:
    """Return an array with a dimension of length 1 for each axis of `order` that it lacks behind its first."""
    if not present:
        return text
    later = list(order)[list(order).index(present[0]) :]
    if len(later) == len(present):
        return text
    return f"{text}[{', '.join(':' if a in present else 'None' for a in later)}]"


def _transposed(text: str, axes: Sequence[Axis], order: Sequence[Axis]) -> str:
    """Return an array with its dimensions in another order."""
    if list(axes) == list(order):
        return text
    return f"np.transpose({text}, ({', '.join(str(list(axes).index(a)) for a in order)}))"
