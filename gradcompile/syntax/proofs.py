"""What can be proved of integers before the program runs: that an index lies inside its axis, how far a range goes.

An integer node is a polynomial over symbols that are 0 or more: the dimensions, the positions along axes, and one
symbol for each part that is no polynomial. What is known of them (a position is less than its axis is long; a guard
holds) are further polynomials that are 0 or more.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gradcompile.ir.dims import Extent, FloorDiv
from gradcompile.ir.nodes import Axis, DType, Kind, Node
from gradcompile.syntax.polynomials import ZERO, Case, Facts, names_of, nonnegative, replaced


class Proofs(Facts):
    """Proofs about integer nodes under guards; `sizes` are the integer inputs that are known to be 0 or more."""

    def __init__(self, sizes: frozenset[str] = frozenset(), guards: Sequence[Node] = ()) -> None:
        super().__init__()
        self.sizes, self.guards = sizes, guards
        self.known: dict[Node, Extent] = {}
        self.divisions: dict[str, FloorDiv] = {}  # symbols for what is no polynomial in the sizes
        for guard in guards:
            self.facts += self._facts(guard, holds=True)

    def at_least(self, node: Node, bound: Extent = ZERO) -> bool:
        """Is the integer provably >= bound, wherever the guards hold?"""
        return self.proves(self.polynomial(node) - self.plain(bound))

    def below(self, node: Node, size: Extent) -> bool:
        """Is the integer provably < size, wherever the guards hold?"""
        return self.proves(self.plain(size) - self.polynomial(node) - 1)

    # -- from nodes to polynomials -----------------------------------------------------------------------------

    def polynomial(self, node: Node) -> Extent:
        """Return the polynomial that an integer node is; what is said of its symbols joins the facts."""
        for part in integers(node):
            if part not in self.known:
                self.known[part] = self._one(part)
        return self.known[node]

    def _one(self, node: Node) -> Extent:
        match node.kind:
            case Kind.CONST:
                return Extent.of(int(node.value))
            case Kind.EXTENT:
                return self.plain(node.attrs[0])
            case Kind.IOTA:
                return self._position(node.attrs[0])
            case Kind.INPUT if node.name in self.sizes and not node.axes:
                return Extent.of(node.name)
            case Kind.GATE if node.dtype is DType.INT:
                return self._gate(node)
        return self._other(node)

    def _position(self, axis: Axis) -> Extent:
        symbol = Extent.of(str(axis))
        if str(axis) not in self.lengths:
            self.lengths[str(axis)] = length = self.plain(axis.extent)
            self.facts.append(length - symbol - 1)
        return symbol

    def plain(self, extent: Extent) -> Extent:
        """Return a size with each floor division as a symbol of its own."""
        total = ZERO
        for monomial, c in extent.terms:
            term = Extent(((((), c)),))
            for atom, power in monomial:
                if isinstance(atom, FloorDiv):
                    self._divided(atom)
                term = term * Extent.of(str(atom)) ** power
            total = total + term
        return total

    def _divided(self, atom: FloorDiv) -> None:
        if str(atom) not in self.divisions:
            self.divisions[str(atom)] = atom
            q, by, numerator = Extent.of(str(atom)), atom.denominator, self.plain(atom.numerator)
            self.facts += [numerator - q * by, q * by + (by - 1) - numerator]

    def _gate(self, node: Node) -> Extent:
        parts = [self.known[o] for o in _parts(node)]
        match node.name:
            case "add":
                return parts[0] + parts[1]
            case "sub":
                return parts[0] - parts[1]
            case "neg":
                return -parts[0]
            case "mul" if len(parts[0].terms) * len(parts[1].terms) <= 64:
                return parts[0] * parts[1]
            case "square":
                return parts[0] * parts[0]
            case "pow" if (power := parts[1].constant) is not None and 0 <= power <= 4:
                return parts[0] ** power
            case "floordiv" if (by := parts[1].constant) is not None and by > 0:
                return self._quotient(node, parts[0], by)
            case "mod":
                return self._remainder(node, parts[0], parts[1])
            case "max" | "min" | "where" | "abs":
                return self._choice(node, parts)
        return self._other(node)

    def _quotient(self, node: Node, numerator: Extent, by: int) -> Extent:
        exact = numerator // by
        if all(isinstance(atom, str) for monomial, _ in exact.terms for atom, _ in monomial):
            return exact
        q = self._symbol(node, positive=self.proves(numerator))
        self.facts += [numerator - q * by, q * by + (by - 1) - numerator]
        return q

    def _remainder(self, node: Node, x: Extent, by: Extent) -> Extent:
        if not nonnegative(by):
            return self._symbol(node, positive=False)
        r = self._symbol(node, positive=True)
        self.facts.append(by - r - 1)
        return r

    def _choice(self, node: Node, parts: Sequence[Extent]) -> Extent:
        """Return a symbol for what is one of two numbers, each under a condition."""
        cases: list[Case]
        if node.name == "abs":
            (a,) = parts
            cases, positive = [(a, (a,)), (-a, (-a,))], True
        else:
            a, b = parts[-2:]
            sign = -1 if node.name == "min" else 1
            cases = [(a, ((a - b) * sign,)), (b, ((b - a) * sign,))]
            if node.name == "where":
                cases = [(a, self._where(node, holds=True)), (b, self._where(node, holds=False))]
            either = any if node.name == "max" else all
            positive = either(nonnegative(p) for p in (a, b))
        symbol = self._symbol(node, positive=positive)
        if node.name in ("max", "abs"):
            self.maxima.add(_name(node))
            self.facts += [symbol - value for value, _ in cases]
        if node.name == "min":
            self.minima.add(_name(node))
            self.facts += [value - symbol for value, _ in cases]
        below = Extent.of(_name(node)) - symbol  # 0, or the symbol that is taken away
        self.choices[_name(node)] = [(value + below, conditions) for value, conditions in cases]
        return symbol

    def _where(self, node: Node, *, holds: bool) -> tuple[Extent, ...]:
        return tuple(self._facts(node.operands[0], holds=holds))

    def _other(self, node: Node) -> Extent:
        """Return a symbol for an integer of which little is known."""
        if node.kind is Kind.REDUCE and node.name in ("argmax", "argmin"):
            symbol = self._symbol(node, positive=True)
            self.facts.append(self.plain(node.attrs[0].extent) - symbol - 1)
            return symbol
        if node.kind is Kind.CHECK and (len(node.operands) == 2 or node.operands[2] in self.guards):
            symbol = self._symbol(node, positive=True)
            self.facts.append(self.known[node.operands[1]] - symbol - 1)
            return symbol
        if node.kind is Kind.GATE and node.name == "integer":
            symbol = self._symbol(node, positive=True)
            self.facts.append(Extent.of(1) - symbol)
            return symbol
        return self._symbol(node, positive=False)

    def _symbol(self, node: Node, *, positive: bool) -> Extent:
        """Return a symbol for a node; of unknown sign it is the difference of two."""
        name = Extent.of(_name(node))
        return name if positive else name - Extent.of(_name(node) + "-")

    # -- bounds ------------------------------------------------------------------------------------------------

    def size(self, p: Extent) -> Extent | None:
        """Return a polynomial as a size, if it is made of sizes alone."""
        if any(name in self.lengths or name.startswith("%") for name in names_of(p)):
            return None
        for name, atom in self.divisions.items():
            p = replaced(p, name, Extent(((((atom, 1),), Fraction(1)),)))
        return p

    def runs_freely(self, p: Extent) -> bool:
        """Is a polynomial made of sizes and positions, so that it takes its extreme values somewhere?"""
        return not any(name.startswith("%") for name in names_of(p))

    def extreme(self, p: Extent, *, greatest: bool) -> Extent | None:
        """Return a bound of a polynomial over all positions, made of sizes alone; None if none is found."""
        names = sorted(names_of(p), key=lambda name: (len(name), name), reverse=True)
        symbol = next((s for table in (self.choices, self.lengths) for s in names if s in table), None)
        if symbol is None:
            return self.size(p)
        grows = replaced(p, symbol, Extent.of(symbol) + 1) - p
        if not nonnegative(grows) and not nonnegative(-grows):
            return None
        up = nonnegative(grows) is greatest
        if symbol in self.lengths:
            return self.extreme(replaced(p, symbol, self.lengths[symbol] - 1 if up else ZERO), greatest=greatest)
        found = [self.extreme(replaced(p, symbol, value), greatest=greatest) for value, _ in self.choices[symbol]]
        if symbol in (self.minima if up else self.maxima):  # then each of the two is a bound
            either = [f for f in found if f is not None]
            fixed = [f for f in either if f.constant is not None]
            return _outer(either, greatest=not greatest) or next(iter((*fixed, *either)), None)
        return _outer(found, greatest=greatest)

    # -- conditions --------------------------------------------------------------------------------------------

    def _facts(self, condition: Node, *, holds: bool) -> list[Extent]:
        """Return polynomials that are 0 or more where a condition holds (or does not)."""
        found: list[Extent] = []
        stack = [(condition, holds)]
        while stack:
            node, holds = stack.pop()
            if node.kind is not Kind.GATE:
                continue
            if node.name == "not":
                stack.append((node.operands[0], not holds))
            elif node.name == ("and" if holds else "or"):
                stack += [(o, holds) for o in node.operands]
            elif node.name in _REFUTED and all(o.dtype is DType.INT for o in node.operands):
                left, right = (self.polynomial(o) for o in node.operands)
                found += self._compared(node.name if holds else _REFUTED[node.name], right - left)
        return found

    def _compared(self, relation: str, more: Extent) -> list[Extent]:
        """Return what is 0 or more where the difference of right and left is as the relation says."""
        match relation:
            case "lt":
                return [more - 1]
            case "le":
                return [more]
            case "gt":
                return [-more - 1]
            case "ge":
                return [-more]
            case "eq":
                return [more, -more]
        # two numbers that are not equal, and one of which is known to be no less
        return [p - 1 for p in (more, -more) if self.proves(p)]


_REFUTED = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "eq": "ne", "ne": "eq"}
_ARITHMETIC = frozenset({"add", "sub", "neg", "mul", "square", "pow", "floordiv", "mod", "max", "min", "where", "abs"})


def _parts(node: Node) -> tuple[Node, ...]:
    """Return the integers that a node's polynomial is made of."""
    if node.kind is Kind.GATE and node.name in _ARITHMETIC and node.dtype is DType.INT:
        return node.operands[1:] if node.name == "where" else node.operands
    return node.operands[1:2] if node.kind is Kind.CHECK else ()


def integers(node: Node) -> list[Node]:
    """Return the nodes that a node's polynomial is made of, operands first."""
    seen: dict[int, Node] = {}
    stack = [node]
    while stack:
        current = stack.pop()
        if current.id not in seen:
            seen[current.id] = current
            stack.extend(_parts(current))
    return [seen[i] for i in sorted(seen)]


def _outer(bounds: Sequence[Extent | None], *, greatest: bool) -> Extent | None:
    """Return the greatest (or least) of some bounds, if it is known which that is."""
    for one in bounds:
        if one is not None and all(
            other is not None and nonnegative(one - other if greatest else other - one) for other in bounds
        ):
            return one
    return None


def _name(node: Node) -> str:
    return f"%{node.id}"
