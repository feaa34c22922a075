"""Assignments of SymPy expressions as the text of a formula, with declarations for all that they read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy

from gradcompile.doors import parts, tree
from gradcompile.doors.census import TRUTH, WHOLE, Census, Use
from gradcompile.doors.matrices import MatrixWriter
from gradcompile.doors.names import Names
from gradcompile.doors.sizes import shape_of
from gradcompile.errors import FormulaError
from gradcompile.syntax.names import STRUCTURES

_ASSUMED = (
    ("PositiveDefinite", sympy.Q.positive_definite),
    ("Symmetric", sympy.Q.symmetric),
    ("LowerTriangular", sympy.Q.lower_triangular),
    ("UpperTriangular", sympy.Q.upper_triangular),
)


@dataclass(frozen=True)
class Statement:
    """``name = expression``; `symbol` is what stands for it in later expressions."""

    name: str
    expression: Any
    symbol: Any = None


@dataclass
class Sheet:
    """Statements in order, and which of their names are returned; the last one alone where none is said."""

    statements: list[Statement]
    results: Sequence[str] = ()
    order: Sequence[Any] | None = None  # of the arguments; by name if None
    writing: type[MatrixWriter] = MatrixWriter
    names: Names = field(default_factory=Names)
    census: Census = field(default_factory=Census)
    shapes: dict[Any, tuple[Any, ...]] = field(default_factory=dict)
    owners: list[str] = field(default_factory=list)  # for each line of the text: the name that it is for
    current: str = ""  # the name that is being worked on

    def text(self) -> str:
        """Return the formula. Raises FormulaError for what is not in the language."""
        inputs = self._inputs()
        lines = []
        for symbol in inputs:
            self.current = self.names.given[symbol]
            lines.append(self._declaration(symbol))
            self.owners.append(self.current)
        writer = self.writing(self.names)
        for statement in self.statements:
            self.current = statement.name
            lines += self._assignment(writer, statement)
            self.owners += [self.current] * (len(lines) - len(self.owners))
        if self.results:
            lines.append(f"return {', '.join(self.results)}")
            self.owners.append(self.results[0])
        return "\n".join(lines) + "\n"

    def _inputs(self) -> list[Any]:
        """Give everything its name, find all shapes, and return the inputs in order."""
        meanings = {s.symbol: s.expression for s in self.statements if s.symbol is not None}
        for statement in self.statements:
            self.current = statement.name
            self.census.count(statement.expression)
        for array, uses in self.census.uses.items():
            known = [Use(u.indices, tuple((v, *_inlined(ends, meanings)) for v, *ends in u.scope)) for u in uses]
            self.shapes[array] = shape_of(array, known)
        for array in self.census.arrays:
            self.shapes.setdefault(array, tuple(array.shape or ()))
        given = [] if self.order is None else [self._argument(a) for a in self.order]
        self.shapes |= {m: tuple(m.shape) for m in [*self.census.matrices, *given] if isinstance(m, sympy.MatrixSymbol)}
        sizes = {s for shape in self.shapes.values() for size in shape for s in size.free_symbols}
        read = [*self.census.symbols, *self.census.matrices, *self.census.arrays]
        for symbol in sorted({*read, *sizes, *given} - set(meanings), key=_age):
            self.names.add(symbol)
        for statement in self.statements:
            self._output(statement)
        inputs = [s for s in read if s not in sizes and s not in meanings]
        return self._ordered(inputs, given, sizes)

    def _argument(self, argument: Any) -> Any:
        """Return what an entry of `args` names."""
        known = [*self.census.symbols, *self.census.matrices, *self.census.arrays]
        if isinstance(argument, str):
            found = [s for s in known if str(s) == argument]
            if not found:
                raise FormulaError(f"`{argument}` is in `args` but not in the expression.", hint="Leave it out.")
            return found[0]
        if isinstance(argument, (sympy.Symbol, sympy.MatrixSymbol, sympy.IndexedBase)):
            return argument
        raise FormulaError(f"`{argument}` in `args` is no symbol.", hint="List symbols or their names.")

    def _ordered(self, inputs: list[Any], given: list[Any], sizes: set[Any]) -> list[Any]:
        if self.order is None:
            return sorted(inputs, key=lambda s: self.names.given[s])
        for symbol in given:
            if symbol in sizes:
                raise FormulaError(
                    f"`{symbol}` is a size, which the arrays bring with them.", hint="Leave it out of `args`."
                )
        if missing := [s for s in inputs if s not in given]:
            raise FormulaError(f"`{missing[0]}` is in the expression but not in `args`.", hint="Add it to the list.")
        return list(dict.fromkeys(given))

    def _output(self, statement: Statement) -> None:
        """Take the name of an assignment."""
        if statement.name in self.names.taken:
            raise FormulaError(
                f"`{statement.name}` is a result and an input as well.", hint="Give the result another name."
            )
        self.names.reserve([statement.name])
        if statement.symbol is not None:
            self.names.given[statement.symbol] = statement.name

    # Text

    def _declaration(self, symbol: Any) -> str:
        writer = self.writing(self.names)
        kind = self._kind(symbol)
        shape = self.shapes.get(symbol, ())
        sizes = [tree.text(writer.whole(size)) for size in (shape[:1] if kind in STRUCTURES else shape)]
        where = f"[{', '.join(sizes)}]" if sizes else ""
        bound = " >= 0" if kind == "Real" and symbol.is_nonnegative else ""
        return f"{self.names.given[symbol]}: {kind}{where}{bound}"

    def _kind(self, symbol: Any) -> str:
        """Return the kind that the assumptions, and the ways in which it is used, say."""
        census = self.census
        roles = (census.symbols | census.matrices | census.arrays).get(symbol, set())
        if isinstance(symbol, sympy.Symbol):
            _check_real(symbol)
        if TRUTH in roles:
            return "Bool"
        if WHOLE in roles or symbol.is_integer:
            return "Int"
        if isinstance(symbol, sympy.MatrixSymbol):
            return next((kind for kind, known in _ASSUMED if sympy.ask(known(symbol))), "Real")
        return "Positive" if symbol.is_positive else "Real"

    def _assignment(self, writer: MatrixWriter, statement: Statement) -> list[str]:
        """Return the lines of a statement: its large parts first, then itself."""
        lines = []
        for part in parts.split(statement.expression) if isinstance(statement.expression, sympy.Basic) else ():
            lines += self._part(writer, part, self.names.fresh("part"))
            writer.parts[part] = lines[-1].split(" ", 1)[0]
        if statement.symbol is None and getattr(statement.expression, "is_Matrix", False):
            return [*lines, f"{statement.name} = {tree.text(writer.result(statement.expression))}"]
        return lines + self._part(writer, statement.expression, statement.name)

    def _part(self, writer: MatrixWriter, expression: Any, name: str) -> list[str]:
        first, *rest = parts.chunks(expression)
        if not rest:
            return [f"{name} = {tree.text(writer.write(expression))}"]
        before = self.names.fresh("part")
        lines = [f"{before} = {tree.text(writer.write(first))}"]
        for i, chunk in enumerate(rest):
            target = name if i == len(rest) - 1 else self.names.fresh("part")
            lines.append(f"{target} = {tree.text(writer.continued(before, chunk))}")
            before = target
        return lines


def _inlined(ends: Sequence[Any], meanings: dict[Any, Any]) -> list[Any]:
    """Return bounds in which assigned names are replaced by what they mean."""
    return [end if end is None else _settled(end, meanings) for end in ends]


def _settled(expression: Any, meanings: dict[Any, Any]) -> Any:
    while found := {s: meanings[s] for s in expression.free_symbols if s in meanings}:
        expression = expression.xreplace(found)
    return expression


def _check_real(symbol: Any) -> None:
    if not symbol.is_commutative:
        raise FormulaError(f"`{symbol}` does not commute.", hint="Use a `MatrixSymbol` for a matrix.")
    if symbol.is_real is False and not symbol.is_infinite:
        raise FormulaError(
            f"`{symbol}` is not a real number.", hint="Write its real and imaginary part as two symbols."
        )


def _age(symbol: Any) -> tuple[bool, str]:
    """Order symbols so that those with a name of their own come before the nameless."""
    return isinstance(symbol, sympy.Dummy), str(symbol)
