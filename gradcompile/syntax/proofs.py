"""What can be proved of integers before the program runs: that an index lies inside its axis, how far a range goes.

An integer node is a polynomial over symbols that are 0 or more: the dimensions, the positions along axes, and one
symbol for each part that is no polynomial. What is known of them (a position is less than its axis is long; a guard
holds) are further polynomials that are 0 or more. Each of these gives one symbol as the others plus something that is
0 or more; put in its place, that may leave the goal without a negative coefficient, which proves it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from gradcompile.ir.dims import Extent, FloorDiv, Monomial
from gradcompile.ir.nodes import Axis, DType, Kind, Node

_DEPTHS = (2, 4, 7)  # substitutions behind one another, the short proofs first
_STEPS = 120  # substitutions that are tried for each of these
_FEW_STEPS = 40  # tried at once
_POINTS = 150  # at which a goal is tried before it is proved
_ROUNDING = 1e-6
ZERO = Extent.of(0)


@dataclass(frozen=True)
class Goal:
    """A polynomial that is to be shown 0 or more, and those that are known to be."""

    left: Extent
    facts: tuple[Extent, ...]


@dataclass
class Proofs:
    """Proofs about integer nodes under guards; `sizes` are the integer inputs that are known to be 0 or more."""

    sizes: frozenset[str] = frozenset()
    guards: Sequence[Node] = ()
    facts: list[Extent] = field(default_factory=list)
    choices: dict[str, list[tuple[Extent, tuple[Extent, ...]]]] = field(default_factory=dict)
    known: dict[Node, Extent] = field(default_factory=dict)
    lengths: dict[str, Extent] = field(default_factory=dict)  # how far each position runs
    minima: set[str] = field(default_factory=set)
    maxima: set[str] = field(default_factory=set)
    divisions: dict[str, FloorDiv] = field(default_factory=dict)
    steps: int = 0

    def __post_init__(self) -> None:
        for guard in self.guards:
            self.facts += self._facts(guard, holds=True)

    def at_least(self, node: Node, bound: Extent = ZERO) -> bool:
        """Is the integer provably >= bound, wherever the guards hold?"""
        return self.proves(self.polynomial(node) - self.plain(bound))

    def below(self, node: Node, size: Extent) -> bool:
        """Is the integer provably < size, wherever the guards hold?"""
        return self.proves(self.plain(size) - self.polynomial(node) - 1)

    def proves(self, left: Extent) -> bool:
        """Is a polynomial provably >= 0?"""
        goal, self.steps = Goal(left, tuple(self.facts)), _FEW_STEPS
        return self._search(goal, 2) or (not self._refuted(left) and self._holds(goal, frozenset()))

    def _refuted(self, left: Extent) -> bool:
        """Is there a point at which all facts hold but not the goal? Then no search is needed."""
        draw = random.Random(0)
        names = self._in_order(set().union(*map(_names, (left, *self.facts))))
        largest = int(max((abs(c) for p in (left, *self.facts) for monomial, c in p.terms if not monomial), default=0))
        for trial in range(_POINTS):
            point = self._point(names, 6 if trial % 2 else 6 + 2 * largest, draw)
            if point is None or _at(left, point) > -_ROUNDING:
                continue
            if all(_at(fact, point) > -_ROUNDING for fact in self.facts):
                return True
        return False

    def _in_order(self, names: set[str]) -> list[str]:
        """Return symbols, each behind those that it is made of."""
        waiting = [s for s in names if s in self.choices]
        while waiting:
            parts = [p for value, conditions in self.choices[waiting.pop()] for p in (value, *conditions)]
            more = set().union(*map(_names, parts)) - names
            names = names | more
            waiting += [s for s in more if s in self.choices]
        return sorted(names, key=lambda s: (s in self.choices, s in self.lengths, len(s), s))

    def _point(self, names: Sequence[str], most: int, draw: random.Random) -> dict[str, int] | None:
        """Return values of symbols: of a position one inside its axis, of a choice what it is there."""
        point: dict[str, int] = {}
        for name in names:
            if name in self.choices:
                below, point[f"{name}-"] = f"{name}-", 0
                fitting = [v for v, conditions in self.choices[name] if all(_at(c, point) >= 0 for c in conditions)]
                if not fitting:
                    return None
                value = int(_at(fitting[0], point))
                point[below] = max(0, -value)
                point[name] = value + point[below]
            elif name.removesuffix("-") == name or name.removesuffix("-") not in self.choices:
                length = self.lengths.get(name)
                last = most if length is None else int(_at(length, point)) - 1
                point[name] = draw.randint(0, max(last, 0))
        return point

    # -- search ------------------------------------------------------------------------------------------------

    def _holds(self, goal: Goal, decided: frozenset[str]) -> bool:
        """Prove a goal, by cases where there are any (a minimum is one of two numbers)."""
        for depth in _DEPTHS:
            self.steps = _STEPS
            if self._search(goal, depth):
                return True
        symbol = next((s for s in sorted(_names(goal.left)) if s in self.choices and s not in decided), None)
        if symbol is None:
            return False
        return all(
            self._holds(_replaced(Goal(goal.left, (*goal.facts, *conditions)), symbol, value), decided | {symbol})
            for value, conditions in self.choices[symbol]
        )

    def _search(self, goal: Goal, depth: int) -> bool:
        if nonnegative(goal.left):
            return True
        raised = {s for monomial, c in goal.left.terms if c > 0 for s, _ in monomial}
        lowered = {s for monomial, c in goal.left.terms if c < 0 for s, _ in monomial}
        for place, fact in enumerate(goal.facts):
            if not depth or self.steps <= 0:
                return False
            for symbol, c in _linear(fact):
                if symbol not in (raised if c > 0 else lowered):
                    continue
                self.steps -= 1
                rest = goal.facts[:place] + goal.facts[place + 1 :]
                alone = _scaled(Extent.of(symbol), c)
                value = _scaled(Extent.of(f"{symbol}'") - (fact - alone), 1 / c)
                if self._search(_replaced(Goal(goal.left, (*rest, Extent.of(symbol))), symbol, value), depth - 1):
                    return True
        return False

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
                if not isinstance(atom, str):
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
        cases: list[tuple[Extent, tuple[Extent, ...]]]
        if node.name == "abs":
            (a,) = parts
            cases, positive = [(a, (a,)), (-a, (-a,))], True
        else:
            a, b = parts[-2:]
            less, more = (a - b,), (b - a,)
            if node.name == "where":
                yes, no = self._facts(node.operands[0], holds=True), self._facts(node.operands[0], holds=False)
                less, more = tuple(yes), tuple(no)
            elif node.name == "min":
                less, more = more, less
            either = any if node.name == "max" else all
            cases, positive = [(a, less), (b, more)], either(nonnegative(p) for p in (a, b))
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
        if any(name in self.lengths or name.startswith("%") for name in _names(p)):
            return None
        for name, atom in self.divisions.items():
            p = replaced(p, name, Extent(((((atom, 1),), Fraction(1)),)))
        return p

    def runs_freely(self, p: Extent) -> bool:
        """Is a polynomial made of sizes and positions, so that it takes its extreme values somewhere?"""
        return not any(name.startswith("%") for name in _names(p))

    def extreme(self, p: Extent, *, greatest: bool) -> Extent | None:
        """Return a bound of a polynomial over all positions, made of sizes alone; None if none is found."""
        names = sorted(_names(p), key=lambda name: (len(name), name), reverse=True)
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
_ARITHMETIC = frozenset(
    {"add", "sub", "neg", "mul", "square", "pow", "floordiv", "mod", "max", "min", "where", "abs"}
)


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


def _names(p: Extent) -> set[str]:
    return {str(s) for monomial, _ in p.terms for s, _ in monomial}


def _at(p: Extent, point: Mapping[str, int]) -> float:
    """Return a polynomial's value at a point."""
    total = 0.0
    for monomial, c in p.terms:
        term = c.numerator / c.denominator
        for s, power in monomial:
            term *= point[str(s)] ** power
        total += term
    return total


def _linear(p: Extent) -> list[tuple[str, Fraction]]:
    """Return the symbols that stand in one term only, by themselves, and their coefficients."""
    counts: dict[str, int] = {}
    for monomial, _ in p.terms:
        for s, _power in monomial:
            counts[str(s)] = counts.get(str(s), 0) + 1
    return [(str(m[0][0]), c) for m, c in p.terms if len(m) == 1 and m[0][1] == 1 and counts[str(m[0][0])] == 1]


def _scaled(p: Extent, by: Fraction) -> Extent:
    return Extent(tuple((m, c * by) for m, c in p.terms))


def _replaced(goal: Goal, symbol: str, value: Extent) -> Goal:
    return Goal(replaced(goal.left, symbol, value), tuple(replaced(f, symbol, value) for f in goal.facts))


def replaced(p: Extent, symbol: str, value: Extent) -> Extent:
    """Return a polynomial with another put in the place of a symbol."""
    if not any(s == symbol for monomial, _ in p.terms for s, _ in monomial):
        return p
    total = ZERO
    for monomial, c in p.terms:
        power = next((n for s, n in monomial if s == symbol), 0)
        left: Monomial = tuple(item for item in monomial if item[0] != symbol)
        total = total + Extent(((left, c),)) * value**power
    return total


def nonnegative(p: Extent) -> bool:
    """Is it 0 or more whatever the symbols, which are 0 or more and whole?"""
    if all(c >= 0 for _, c in p.terms):
        return True
    names = _names(p)
    if len(names) != 1:
        return False
    coefficients = {sum(n for _, n in m): c for m, c in p.terms}
    leading = coefficients[max(coefficients)]
    horizon = int(sum(abs(c) for c in coefficients.values()) / abs(leading)) + 1
    if leading < 0 or horizon > 100:
        return False
    return all(sum(c * x**n for n, c in coefficients.items()) >= 0 for x in range(horizon + 1))
