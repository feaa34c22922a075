"""From SymPy expressions to formula syntax: scalars, conditions, sums and indexed arrays."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy

from gradcompile.doors import tree
from gradcompile.doors.census import bounds
from gradcompile.doors.functions import Functions
from gradcompile.doors.names import Names
from gradcompile.doors.tree import Tree
from gradcompile.errors import FormulaError

_RELATIONS: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE,
}  # fmt: skip


class Writer:
    """Writes expressions; a method for each class of SymPy's, found by the class's name or that of one above it."""

    def __init__(self, names: Names, parts: Mapping[Any, str] | None = None) -> None:
        self.names = names
        self.parts = dict(parts or {})  # expressions that have a name already
        self.standing: dict[Any, Tree] = {}  # what the variable of a Lambda stands for
        self.functions = Functions()
        self.inner = 0  # how many sums this is inside of

    def write(self, expression: Any) -> Tree:
        """Return an expression as formula syntax. Raises FormulaError for what is not in the language."""
        if (part := self.parts.get(expression)) is not None:
            return tree.name(part)
        for kind in type(expression).__mro__:
            method: Callable[[Any], Tree] | None = getattr(self, f"_write_{kind.__name__.lower()}", None)
            if method is not None:
                return method(expression)
        raise unsupported(expression)

    def whole(self, expression: Any) -> Tree:
        """Return an index, a bound or a size, in which whole numbers are divided with ``//``."""
        numerator, denominator = sympy.fraction(sympy.together(expression, deep=False))
        if denominator == 1:
            return self.write(expression)
        return tree.binary(self.write(numerator), ast.FloorDiv, self.write(denominator))

    # Numbers and names

    def _write_integer(self, e: Any) -> Tree:
        return tree.number(int(e))

    def _write_rational(self, e: Any) -> Tree:
        return tree.binary(tree.number(int(e.p)), ast.Div, tree.number(int(e.q)))

    def _write_float(self, e: Any) -> Tree:
        return tree.number(float(e))

    def _write_numbersymbol(self, e: Any) -> Tree:
        return tree.number(float(e))

    def _write_exp1(self, e: Any) -> Tree:
        return tree.call("exp", tree.number(1))

    def _write_pi(self, e: Any) -> Tree:
        return tree.name("pi")

    def _write_infinity(self, e: Any) -> Tree:
        return tree.name("inf")

    def _write_negativeinfinity(self, e: Any) -> Tree:
        return tree.negative(tree.name("inf"))

    def _write_nan(self, e: Any) -> Tree:
        return tree.name("nan")

    def _write_imaginaryunit(self, e: Any) -> Tree:
        raise FormulaError(
            "complex numbers are not supported.", hint="Write real and imaginary part as two formulas, without `I`."
        )

    def _write_complexinfinity(self, e: Any) -> Tree:
        raise FormulaError("`zoo`, the complex infinity, is not a real number.", hint="Write `oo`, without `zoo`.")

    def _write_symbol(self, e: Any) -> Tree:
        return self.standing[e] if e in self.standing else tree.name(self.names.given[e])

    _write_idx = _write_symbol

    # Arithmetic

    def _write_add(self, e: Any) -> Tree:
        return tree.total([self.signed(term) for term in e.as_ordered_terms()])

    def continued(self, before: str, e: Any) -> Tree:
        """Return a sum or a product that begins with what has a name already."""
        if e.is_Mul:
            return tree.binary(tree.name(before), ast.Mult, self.write(e))
        return tree.total([(tree.name(before), False), *(self.signed(term) for term in e.as_ordered_terms())])

    def signed(self, term: Any) -> tuple[Tree, bool]:
        """Return a term without its sign, and whether it is negative."""
        minus = bool(term.as_coeff_Mul()[0].is_negative)
        return self.write(-term if minus else term), minus

    def _write_mul(self, e: Any) -> Tree:
        coefficient, rest = e.as_coeff_Mul()
        if coefficient.is_negative:
            return tree.negative(self.write(-coefficient * rest))
        above, below = [], []
        for factor in e.as_ordered_factors():
            if factor.is_Rational and factor.q != 1:
                above += [sympy.Integer(factor.p)] if factor.p != 1 else []
                below.append(sympy.Integer(factor.q))
            elif factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
                below.append(sympy.Pow(factor.base, -factor.exp, evaluate=False) if factor.exp != -1 else factor.base)
            else:
                above.append(factor)
        top = tree.chain([self.write(f) for f in above] or [tree.number(1)], ast.Mult)
        return tree.binary(top, ast.Div, tree.chain([self.write(f) for f in below], ast.Mult)) if below else top

    def _write_pow(self, e: Any) -> Tree:
        base, exponent = e.args
        if base is sympy.E:
            return tree.call("exp", self.write(exponent))
        if exponent == sympy.Rational(1, 2):
            return tree.call("sqrt", self.write(base))
        if exponent in (-1, -sympy.Rational(1, 2)):
            below = self.write(base) if exponent == -1 else tree.call("sqrt", self.write(base))
            return tree.binary(tree.number(1), ast.Div, below)
        return tree.binary(self.write(base), ast.Pow, self.write(exponent))

    def _write_mod(self, e: Any) -> Tree:
        return tree.binary(self.write(e.args[0]), ast.Mod, self.write(e.args[1]))

    def _write_floor(self, e: Any) -> Tree:
        above, below = sympy.fraction(sympy.together(e.args[0]))
        if below.is_Integer and below != 1 and above.is_integer:
            return tree.binary(self.write(above), ast.FloorDiv, self.write(below))
        return tree.call("floor", self.write(e.args[0]))

    # Functions

    def _write_max(self, e: Any) -> Tree:
        return tree.call("max", *map(self.write, e.args))

    def _write_min(self, e: Any) -> Tree:
        return tree.call("min", *map(self.write, e.args))

    def _write_sinc(self, e: Any) -> Tree:
        return tree.call("sinc", self.write(e.args[0] / sympy.pi))  # the language's is NumPy's

    def _write_heaviside(self, e: Any) -> Tree:
        x, middle = self.write(e.args[0]), e.args[1]
        if middle in (0, 1):
            relation = ast.GtE if middle == 1 else ast.Gt
            return tree.choice(tree.compare(x, relation, tree.number(0)), tree.number(1), tree.number(0))
        at_zero = tree.number(0.5) if middle == sympy.Rational(1, 2) else self.write(middle)
        below = tree.choice(tree.compare(x, ast.Lt, tree.number(0)), tree.number(0), at_zero)
        return tree.choice(tree.compare(x, ast.Gt, tree.number(0)), tree.number(1), below)

    def _write_kroneckerdelta(self, e: Any) -> Tree:
        equal = tree.compare(self.write(e.args[0]), ast.Eq, self.write(e.args[1]))
        return tree.choice(equal, tree.number(1), tree.number(0))

    def _write_function(self, e: Any) -> Tree:
        if (found := self.functions.call(e)) is not None:
            function, args = found
            return tree.call(function, *map(self.write, args))
        return self.write(self.functions.instead(e))

    def _write_appliedundef(self, e: Any) -> Tree:
        x = e.args[0] if e.args else "x"
        raise FormulaError(
            f"`{e}` is an undefined function.",
            hint=f"Substitute an expression for it, such as `.subs({e}, 2*{x})`, or use a symbol.",
        )

    # Conditions

    def _write_relational(self, e: Any) -> Tree:
        return tree.compare(self.write(e.lhs), _RELATIONS[e.rel_op], self.write(e.rhs))

    def _write_and(self, e: Any) -> Tree:
        return tree.logic(ast.And, self._sorted(e.args))

    def _write_or(self, e: Any) -> Tree:
        return tree.logic(ast.Or, self._sorted(e.args))

    def _sorted(self, args: Sequence[Any]) -> list[Tree]:
        return [self.write(a) for a in sorted(args, key=sympy.default_sort_key)]

    def _write_not(self, e: Any) -> Tree:
        return ast.UnaryOp(ast.Not(), self.write(e.args[0]))

    def _write_xor(self, e: Any) -> Tree:
        return self.write(e.to_nnf())

    _write_implies = _write_equivalent = _write_ite = _write_xor

    def _write_contains(self, e: Any) -> Tree:
        return self.write(e.args[1].as_relational(e.args[0]))

    def _write_booleantrue(self, e: Any) -> Tree:
        return tree.number(True)

    def _write_booleanfalse(self, e: Any) -> Tree:
        return tree.number(False)

    def _write_piecewise(self, e: Any) -> Tree:
        pieces = list(e.args)
        last = self.write(pieces.pop().expr) if pieces[-1].cond == True else tree.name("nan")  # noqa: E712
        for piece in reversed(pieces):
            last = tree.choice(self.write(piece.cond), self.write(piece.expr), last)
        return last

    # Indices

    def _write_indexed(self, e: Any) -> Tree:
        return tree.element(self.write(e.base), [self.whole(i) for i in e.indices])

    def _write_indexedbase(self, e: Any) -> Tree:
        return tree.name(self.names.given[e])

    def _write_sum(self, e: Any) -> Tree:
        return self._over("sum", e)

    def _write_product(self, e: Any) -> Tree:
        return self._over("prod", e)

    def _over(self, function: str, e: Any) -> Tree:
        ranges = []
        for variable, low, high in bounds(e):
            ranges.append((self.names.bind(variable), self.whole(low), self.whole(sympy.expand(high + 1))))
        self.inner += 1
        term = self.write(e.function)
        self.inner -= 1
        return tree.over(function, term, ranges)

    # Derivatives

    def _write_derivative(self, e: Any) -> Tree:
        if self.inner or not all(self._is_input(v) for v, _ in e.variable_count):
            return self._evaluated(e)
        result = self.write(e.expr)
        for variable, count in e.variable_count:
            if not count.is_Integer:
                raise FormulaError(f"`{e}` has no fixed order.", hint="Write a derivative of order 1, 2, 3, ….")
            for _ in range(int(count)):
                result = self._gradient(result, variable)
        return result

    def _gradient(self, of: Tree, variable: Any) -> Tree:
        if isinstance(variable, sympy.Indexed):
            return tree.element(
                tree.call("grad", of, self.write(variable.base)), [self.whole(i) for i in variable.indices]
            )
        return tree.call("grad", of, self.write(variable))

    def _is_input(self, variable: Any) -> bool:
        base = variable.base if isinstance(variable, sympy.Indexed) else variable
        return base in self.names.given and base not in self.standing

    def _evaluated(self, e: Any) -> Tree:
        done = e.doit()
        if done.has(type(e)):
            raise unsupported(e)
        return self.write(done)

    _write_subs = _evaluated


def unsupported(expression: Any) -> FormulaError:
    """Return the error of an object that no formula has."""
    text = str(expression)
    shown = text if len(text) <= 60 else f"{text[:59]}…"
    above = (_ADVICE[kind.__name__] for kind in type(expression).__mro__ if kind.__name__ in _ADVICE)
    return FormulaError(
        f"`{shown}` is {article(type(expression).__name__)}, which is not in the language.",
        hint=next(above, "Write it with functions of the language, which are listed in docs/language.md."),
    )


def article(word: str) -> str:
    """Return a class's name with its article."""
    return f"{'an' if word[0] in 'AEIOUaeiou' else 'a'} `{word}`"


_ADVICE = {
    "Integral": "Integrate first with `.doit()`, or write a quadrature as a `Sum`.",
    "Limit": "Take the limit first with `.doit()`.",
    "Lambda": "Pass the expression itself, not a function.",
    "Tuple": 'Name the outputs: `{"f": ..., "g": ...}`.',
    "DiracDelta": "It has no value; integrate it first.",
}
