"""Wrong claims made of right ones: each kind of mistake at each place where it fits, with what a diagnosis should say.

Nothing here knows how the diagnosis works: a mistake is a change of the text, and the lines on which its gate may stand
are those of the formula that mention what was changed.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

ANY: frozenset[str] = frozenset()
SIGN, FACTOR, TRANSPOSE, PRODUCT = (frozenset({k}) for k in ("sign", "factor", "transpose", "product"))
SUM, LOCAL, SHIFTED = (frozenset({k}) for k in ("missing-sum", "missing-local", "shifted"))
UNSYMMETRISED = frozenset({"unsymmetrised"})
PRODUCTS = frozenset({"mul", "sum"})


@dataclass(frozen=True)
class Wrong:
    """A wrong claim, the kinds that name its mistake, and the gates at which that can be said to be."""

    name: str
    text: str  # of the whole formula
    line: int
    claim: str
    mistake: str  # the name of what was done
    kinds: frozenset[str]
    gates: frozenset[str]  # none: any gate on these lines
    lines: frozenset[int]


@dataclass(frozen=True)
class Change:
    """One piece of a claimed expression replaced."""

    mistake: str
    old: ast.expr
    new: ast.expr
    kinds: frozenset[str]
    gates: frozenset[str] = ANY
    words: frozenset[str] = ANY  # names whose lines count beside that of what is differentiated by


def wrong_claims(name: str, text: str, shapes: Mapping[str, tuple[str, ...]]) -> Iterator[Wrong]:
    """Yield every wrong claim that one mistake makes of the right claims of a formula."""
    tree = ast.parse(text)
    for statement in tree.body:
        if isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Compare):
            left, right = statement.test.left, statement.test.comparators[0]
            if not is_derivative(left) or len(ast.unparse(right)) > 160:
                continue
            for change in changes(right, shapes):
                claim = f"{ast.unparse(left)} == {ast.unparse(replaced(right, change.old, change.new))}"
                words = {*change.words, *names(left.args[1])}  # type: ignore[attr-defined]
                if not change.words:  # of the whole: it can be said to happen at any gate on the way
                    words = set().union(*(names(s) for s in tree.body))
                yield Wrong(
                    name, alone(text, statement, f"assert {claim}"), statement.lineno, claim, change.mistake,
                    change.kinds, change.gates, frozenset(lines_of(tree, statement, words)),
                )  # fmt: skip


def is_derivative(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in ("grad", "hessian")


def names(tree: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}


def alone(text: str, statement: ast.Assert, claim: str) -> str:
    """Return a formula with one claim in the place of another, and no others."""
    lines = text.split("\n")
    kept = {statement.lineno - 1: claim}
    for other in ast.parse(text).body:
        if isinstance(other, ast.Assert):
            for number in range(other.lineno - 1, other.end_lineno or other.lineno):
                lines[number] = kept.get(number, "")
    return "\n".join(lines)


def lines_of(tree: ast.Module, claim: ast.Assert, words: set[str]) -> Iterator[int]:
    """Yield the lines before a claim that mention one of some names."""
    for statement in tree.body:
        if statement is claim:
            return
        mentioned = names(statement) | ({"N", "T", "D", "C", "H"} if "mean" in names(statement) else set())
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.For, ast.FunctionDef)) and mentioned & words:
            yield from range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)


def replaced(tree: ast.expr, old: ast.expr, new: ast.expr) -> ast.expr:
    """Return a copy with a piece replaced."""
    memo: dict[int, object] = {id(old): copy.deepcopy(new)}
    return copy.deepcopy(tree, memo)


# The mistakes


def changes(tree: ast.expr, shapes: Mapping[str, tuple[str, ...]]) -> Iterator[Change]:
    """Yield every mistake in an expression."""
    rank = ranks(shapes)
    yield Change("sign of the whole", tree, ast.UnaryOp(ast.USub(), tree), SIGN)
    if rank(tree) == 2 or (isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.MatMult)):
        turned = ast.Attribute(tree, "T", ast.Load())
        yield Change("the whole transposed", tree, turned, TRANSPOSE)
    twice = ast.BinOp(ast.Constant(2), ast.Mult(), tree)
    yield Change("twice the whole", tree, twice, FACTOR)
    for e in ast.walk(tree):
        if isinstance(e, ast.expr):
            for rule in RULES:
                yield from rule(e, rank, shapes)


Rank = Callable[[ast.expr], int | None]


def ranks(shapes: Mapping[str, tuple[str, ...]]) -> Rank:
    def rank(tree: ast.expr) -> int | None:
        if isinstance(tree, ast.Constant):
            return 0
        if isinstance(tree, ast.Name):
            return len(shapes[tree.id]) if tree.id in shapes else None
        if isinstance(tree, ast.Attribute):
            return rank(tree.value)
        if isinstance(tree, ast.BinOp):
            one, other = rank(tree.left), rank(tree.right)
            if one is None or other is None:
                return None
            return one + other - 2 if isinstance(tree.op, ast.MatMult) else max(one, other)
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.args:
            return _rank_of_call(tree, tree.func.id, rank)
        if isinstance(tree, ast.UnaryOp):
            return rank(tree.operand)
        return None

    return rank


def _rank_of_call(tree: ast.Call, name: str, rank: Rank) -> int | None:
    if name in ("sum", "mean"):
        inner = rank(tree.args[0])
        options = {k.arg for k in tree.keywords}
        if "keepdims" in options or inner is None:
            return inner
        return inner - 1 if "axis" in options else 0
    return {"outer": 2, "where": None}.get(name, rank(tree.args[0]))


Rule = Callable[[ast.expr, Rank, Mapping[str, tuple[str, ...]]], Iterator[Change]]


def _of_sums(e: ast.expr, rank: Rank, shapes: Mapping[str, tuple[str, ...]]) -> Iterator[Change]:
    if not (isinstance(e, ast.BinOp) and isinstance(e.op, (ast.Add, ast.Sub))):
        return
    other = ast.Sub() if isinstance(e.op, ast.Add) else ast.Add()
    words = frozenset(names(e.right))
    symmetric = ast.dump(turned(e.left)) == ast.dump(e.right)
    if symmetric:
        yield Change("not symmetrised", e, e.left, UNSYMMETRISED, words=words)
        double = ast.BinOp(ast.Constant(2), ast.Mult(), e.left)
        yield Change("not symmetrised, twice", e, double, UNSYMMETRISED, words=words)
        return
    if isinstance(e.left, ast.Name) and e.left.id not in shapes:
        return  # of an index
    yield Change("a sign", e, ast.BinOp(e.left, other, e.right), SIGN, words=words)
    # One of the paths that the copy gate adds is forgotten; where the result itself is a sum, that is one of its terms.
    # Both words say what a teacher would write in the margin, and the text of a claim alone does not tell which it is.
    lost = frozenset({"missing-path", "dropped-term"})
    if isinstance(e.left, ast.Constant) and isinstance(e.op, ast.Sub):  # 1 - s is a local gradient, no sum of paths
        lost = LOCAL
    if isinstance(e.right, (ast.Name, ast.Subscript)):
        lost |= {"wrong-place"}  # X @ w for the residual X @ w - y: the outer local gradient is taken at another value
    if not isinstance(e.right, ast.Constant):
        yield Change("a term dropped", e, e.left, lost, words=words | names(e.left))
    if isinstance(e.op, ast.Add) and not isinstance(e.left, ast.Constant):
        yield Change("a term dropped", e, e.right, lost, words=words | names(e.left))


def turned(tree: ast.expr) -> ast.expr:
    if isinstance(tree, ast.Attribute) and tree.attr == "T":
        return tree.value
    return ast.Attribute(tree, "T", ast.Load())


def _of_products(e: ast.expr, rank: Rank, shapes: Mapping[str, tuple[str, ...]]) -> Iterator[Change]:
    if not (isinstance(e, ast.BinOp) and isinstance(e.op, ast.MatMult)):
        return
    words = frozenset(names(e))
    # With a vector, v @ M is M.T @ v: that the factors are swapped and that M is transposed are one repair.
    both = all((rank(side) or 0) >= 2 for side in (e.left, e.right))
    swapped = frozenset({"swapped"}) if both else frozenset({"swapped", "transpose"})
    yield Change("* for @", e, ast.BinOp(e.left, ast.Mult(), e.right), PRODUCT, PRODUCTS, words)
    yield Change("factors swapped", e, ast.BinOp(e.right, ast.MatMult(), e.left), swapped, PRODUCTS, words)
    for side in (e.left, e.right):
        if (rank(side) or 0) >= 2:
            other = {id(side): turned(side)}
            new = ast.BinOp(other.get(id(e.left), e.left), ast.MatMult(), other.get(id(e.right), e.right))
            kinds = TRANSPOSE if both else swapped
            yield Change("a factor transposed", e, new, kinds, PRODUCTS, words)


def _of_factors(e: ast.expr, rank: Rank, shapes: Mapping[str, tuple[str, ...]]) -> Iterator[Change]:
    if not (isinstance(e, ast.BinOp) and isinstance(e.op, (ast.Mult, ast.Div))):
        return
    sides = [(e.right, e.left)] + ([(e.left, e.right)] if isinstance(e.op, ast.Mult) else [])
    for lost, kept in sides:
        several = isinstance(lost, ast.BinOp) and isinstance(lost.op, (ast.Mult, ast.MatMult, ast.Div))
        if several or (isinstance(lost, ast.Constant) and lost.value == 1):
            continue  # several factors are several mistakes
        words = frozenset(names(lost))
        if rank(lost) == 0:
            # Numbers and sizes are factors. A scalar of the formula may be a setting, which is one too, or a value
            # that a gate passes back, which is its local gradient; the text of a claim alone does not tell which.
            sizes = {size for shape in shapes.values() for size in shape}
            kinds = FACTOR if names(lost) <= sizes else FACTOR | LOCAL
            yield Change("a factor dropped", e, kept, kinds, words=words | names(kept))
        elif rank(lost) is not None and (rank(kept) or 0) >= (rank(lost) or 0):
            yield Change("a local gradient dropped", e, kept, LOCAL, words=words | names(kept))


def _of_calls(e: ast.expr, rank: Rank, shapes: Mapping[str, tuple[str, ...]]) -> Iterator[Change]:
    if not (isinstance(e, ast.Call) and isinstance(e.func, ast.Name) and e.args):
        return
    first, words = e.args[0], frozenset(names(e))
    if e.func.id in ("sum", "mean") and not isinstance(first, ast.GeneratorExp):
        yield Change("a sum left out", e, first, SUM, words=words)
    if e.func.id == "mean":
        call = ast.Call(ast.Name("sum", ast.Load()), e.args, e.keywords)
        yield Change("sum for mean", e, call, FACTOR, words=words)
    if e.func.id == "where" and len(e.args) == 3:
        yield Change("not routed", e, e.args[1], LOCAL, words=words)
    if e.func.id == "outer":
        swapped = ast.Call(e.func, e.args[::-1], [])
        kinds = frozenset({"swapped", "transpose"})  # outer(b, a) is outer(a, b).T
        yield Change("factors swapped", e, swapped, kinds, PRODUCTS, words)


def _of_names(e: ast.expr, rank: Rank, shapes: Mapping[str, tuple[str, ...]]) -> Iterator[Change]:
    if not (isinstance(e, ast.Name) and e.id in shapes and shapes[e.id]):
        return
    for other, shape in shapes.items():
        if other != e.id and shape == shapes[e.id]:
            # At a mul gate the variable that stands there by mistake may be the gate's own operand, whose gradient is
            # the other one: there that the two factors are swapped says the same as that it is the wrong place.
            kinds = frozenset({"wrong-place", "swapped"})
            yield Change("another variable", e, ast.Name(other, ast.Load()), kinds, words=frozenset({e.id, other}))
            return


def _of_powers(e: ast.expr, rank: Rank, shapes: Mapping[str, tuple[str, ...]]) -> Iterator[Change]:
    match e:
        case ast.BinOp(left=base, op=ast.Pow(), right=ast.Constant(value=int(power))) if power > 1:
            lower = base if power == 2 else ast.BinOp(base, ast.Pow(), ast.Constant(power - 1))
            yield Change("a power too low", e, lower, LOCAL, words=frozenset(names(base)))


def _of_indices(e: ast.expr, rank: Rank, shapes: Mapping[str, tuple[str, ...]]) -> Iterator[Change]:
    match e:
        case ast.Subscript(slice=ast.BinOp(left=ast.Name() as index, right=ast.Constant())):
            moved = ast.Subscript(e.value, index, ast.Load())
            yield Change("an index shifted", e, moved, SHIFTED, words=frozenset(names(e.value)))
        case ast.Subscript(value=ast.Name(), slice=ast.Name() as index):
            other = ast.BinOp(index, ast.Sub(), ast.Constant(1))
            moved = ast.Subscript(e.value, other, ast.Load())
            yield Change("an index shifted", e, moved, SHIFTED, words=frozenset(names(e.value)))


RULES: list[Rule] = [
    _of_sums, _of_products, _of_factors, _of_calls, _of_names, _of_powers, _of_indices
]  # fmt: skip
