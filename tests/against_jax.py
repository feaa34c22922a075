"""Formulas as Python: the same text run with the names of `jax.numpy` or NumPy, an oracle independent of the compiler.

As a program, ``python tests/against_jax.py FILE...`` compares both targets with JAX on each file.
"""

from __future__ import annotations

import ast
import importlib
import math
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradcompile import api
from gradcompile.syntax.program import Program

TOLERANCE = 1e-9
SAME_NAME = [
    "exp",
    "expm1",
    "exp2",
    "log",
    "log1p",
    "log2",
    "log10",
    "sqrt",
    "cbrt",
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "arctan2",
    "hypot",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
    "abs",
    "sign",
    "floor",
    "ceil",
    "round",
    "where",
    "clip",
    "sum",
    "prod",
    "any",
    "all",
    "mean",
    "var",
    "std",
    "argmax",
    "argmin",
    "cumsum",
    "cumprod",
    "diff",
    "matmul",
    "dot",
    "outer",
    "trace",
    "diag",
    "tril",
    "triu",
    "eye",
    "zeros",
    "ones",
    "full",
    "zeros_like",
    "ones_like",
    "arange",
    "array",
    "reshape",
    "ravel",
    "transpose",
    "swapaxes",
    "expand_dims",
    "squeeze",
    "broadcast_to",
    "concatenate",
    "stack",
    "square",
    "logaddexp",
    "logical_and",
    "logical_or",
    "logical_not",
]


def linear_algebra(xp: Any) -> dict[str, Any]:
    """Return the functions of linear algebra from an array library."""
    names = ("solve", "inv", "det", "slogdet", "cholesky", "eigh", "eigvalsh", "pinv", "matrix_power")
    scipy = importlib.import_module("scipy.linalg" if xp.__name__ == "numpy" else "jax.scipy.linalg")
    return {
        **{name: getattr(xp.linalg, name) for name in names},
        "einsum": xp.einsum,
        "kron": xp.kron,
        "expm": scipy.expm,
        "logdet": lambda a: xp.linalg.slogdet(a)[1],
        "lstsq": lambda a, b: xp.linalg.lstsq(a, b)[0],
        "solve_triangular": lambda a, b, lower=False, trans=False: scipy.solve_triangular(
            a, b, lower=lower, trans=int(trans)
        ),
    }


def namespace(xp: Any, special: Any) -> dict[str, Any]:
    """Return the functions of the language from an array library and its special functions."""

    def extreme(pairwise: Any, reduction: Any) -> Callable[..., Any]:
        def function(x: Any, *others: Any, **options: Any) -> Any:
            for other in others:
                x = pairwise(x, other)
            return x if others else reduction(x, **options)

        return function

    def norm(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return xp.sqrt(xp.sum(x * x, axis=axis, keepdims=keepdims))

    def log_softmax(x: Any, axis: int = -1) -> Any:
        return x - special.logsumexp(x, axis=axis, keepdims=True)

    return {
        **{name: getattr(xp, name) for name in SAME_NAME},
        **linear_algebra(xp),
        **{name: getattr(special, name) for name in ("logsumexp", "erf", "erfc", "gamma", "digamma")},
        "lgamma": special.gammaln,
        "max": extreme(xp.maximum, xp.max),
        "min": extreme(xp.minimum, xp.min),
        "pi": math.pi,
        "inf": math.inf,
        "sigmoid": lambda x: 1 / (1 + xp.exp(-x)),
        "softplus": lambda x: xp.logaddexp(x, 0.0),
        "relu": lambda x: xp.where(x <= 0, 0.0, x),
        "log_softmax": log_softmax,
        "softmax": lambda x, axis=-1: xp.exp(log_softmax(x, axis)),
        "norm": norm,
        "stop_gradient": lambda x: x,
        "range": lambda *bounds: range(*map(int, bounds)),
        "_chosen": lambda c, yes, no: (yes if c else no)() if _known(c) else xp.where(c, yes(), no()),
        "_reduced": lambda name, terms: _reduced(xp, special, name, terms),
    }


DERIVATIVES = ("grad", "jacobian", "hessian", "jvp", "vjp")
NEUTRAL = {"sum": 0.0, "mean": 0.0, "prod": 1.0, "max": -math.inf, "min": math.inf, "logsumexp": -math.inf}


def _known(condition: Any) -> bool:
    return isinstance(condition, (bool, np.bool_))


def _reduced(xp: Any, special: Any, name: str, terms: Sequence[tuple[Any, Callable[[], Any]]]) -> Any:
    """Reduce terms, each with the condition under which it counts."""
    terms = [(c, term) for c, term in terms if not _known(c) or c]
    if name == "mean":
        count = sum(1 if _known(c) else xp.where(c, 1, 0) for c, _ in terms)
        return _reduced(xp, special, "sum", terms) / count
    values = [term() if _known(c) else xp.where(c, term(), NEUTRAL[name]) for c, term in terms]
    if not values:
        return NEUTRAL[name]
    reduction = special.logsumexp if name == "logsumexp" else getattr(xp, name)
    return reduction(xp.stack([xp.asarray(v) for v in values]), axis=0)


class _Elementwise(ast.NodeTransformer):
    """Rewrites what Python would decide once into what decides for each element, and lists into arrays."""

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        return _call("_chosen", node.test, _later(node.body), _later(node.orelse))

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        self.generic_visit(node)
        node.elt = _call("array", node.elt)
        return _call("stack", node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        return _joined("logical_and" if isinstance(node.op, ast.And) else "logical_or", node.values)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return _call("logical_not", node.operand) if isinstance(node.op, ast.Not) else node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        left = [node.left, *node.comparators]
        pairs = [ast.Compare(a, [op], [b]) for a, op, b in zip(left, node.ops, node.comparators, strict=False)]
        return _joined("logical_and", list(pairs))

    def visit_List(self, node: ast.List) -> ast.AST:
        self.generic_visit(node)
        return _call("stack", ast.Tuple([_call("array", e) for e in node.elts], ast.Load()))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.args and isinstance(node.args[0], ast.GeneratorExp):
            terms = node.args[0]
            self.generic_visit(terms)
            tests = [test for clause in terms.generators for test in clause.ifs]
            for clause in terms.generators:
                clause.ifs = []
            condition = _joined("logical_and", tests) if tests else ast.Constant(True)
            pair = ast.Tuple([condition, _later(terms.elt, terms.generators)], ast.Load())
            return _call("_reduced", ast.Constant(node.func.id), ast.ListComp(pair, terms.generators))
        if isinstance(node.func, ast.Name) and node.func.id in ("stack", "concatenate"):
            node.args[0] = ast.Tuple(list(node.args[0].elts), ast.Load())  # type: ignore[attr-defined]
        if isinstance(node.func, ast.Name) and node.func.id in DERIVATIVES:
            of, name, *direction = node.args
            assert isinstance(name, ast.Name)
            given = [self.visit(d) for d in direction]
            if not self.inside:
                return _call(node.func.id, ast.Constant(ast.unparse(of)), ast.Constant(name.id), *given)
            function = ast.Lambda(ast.arguments([], [ast.arg(name.id)], None, [], [], None, []), self.visit(of))
            return _call(f"_{node.func.id}", function, name, *given)
        self.generic_visit(node)
        return node

    inside = False  # a function, where what is differentiated must depend on the name directly

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.inside = True
        self.generic_visit(node)
        self.inside = False
        return node


def _later(tree: ast.expr, clauses: Sequence[ast.comprehension] = ()) -> ast.Lambda:
    """Return a function without arguments that computes an expression, at the indices of now."""
    names = [clause.target.id for clause in clauses]  # type: ignore[attr-defined]
    defaults: list[ast.expr] = [ast.Name(name, ast.Load()) for name in names]
    return ast.Lambda(ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, defaults), tree)


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _joined(name: str, values: Sequence[ast.expr]) -> ast.expr:
    result = values[0]
    for value in values[1:]:
        result = _call(name, result, value)
    return result


class Formula:
    """A formula's statements, run as Python on given inputs."""

    def __init__(
        self, text: str, names: Mapping[str, Any], derivatives: Mapping[str, Callable[..., Any]] | None = None
    ) -> None:
        self.derivatives = derivatives or {}
        self.names = {**names, **{f"_{name}": function for name, function in self.derivatives.items()}}
        skipped = (ast.AnnAssign, ast.Assert, ast.Expr)
        self.statements = [s for s in ast.parse(text).body if not isinstance(s, skipped)]

    def __call__(self, inputs: Mapping[str, Any]) -> Any:
        """Return the formula's value."""
        last = self.statements[-1]
        environment = self.run(inputs, len(self.statements))
        if isinstance(last, ast.Return):
            return environment["return"]
        return environment[
            next(n.id for n in ast.walk(last) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
        ]

    def run(self, inputs: Mapping[str, Any], until: int, replaced: tuple[str, Any] | None = None) -> dict[str, Any]:
        """Carry out the first statements; `replaced` is a name and the value that it takes once it is assigned."""
        scope = {**self.names, **inputs}
        assigned_at = -1
        if replaced is not None:
            stores = [i for i, s in enumerate(self.statements[:until]) if replaced[0] in _stores(s)]
            assigned_at = stores[-1] if stores else -1
            if not stores:
                scope[replaced[0]] = replaced[1]
        for i, statement in enumerate(self.statements[:until]):
            scope |= {name: self._derivative_at(name, inputs, i, replaced) for name in self.derivatives}
            tree = _Elementwise().visit(ast.parse(ast.unparse(statement)).body[0])
            if isinstance(tree, ast.Return):
                tree = ast.Assign([ast.Name("return", ast.Store())], tree.value)
            module = ast.fix_missing_locations(ast.Module([tree], []))
            exec(compile(module, "formula", "exec"), scope)
            if i == assigned_at and replaced is not None:
                scope[replaced[0]] = replaced[1]
        return scope

    def _derivative_at(
        self, kind: str, inputs: Mapping[str, Any], at: int, replaced: tuple[str, Any] | None
    ) -> Callable[..., Any]:
        def derivative(of: str, name: str, *direction: Any) -> Any:
            tree = ast.fix_missing_locations(ast.Expression(_Elementwise().visit(ast.parse(of, mode="eval").body)))
            point = self.run(inputs, at, replaced)[name]
            code = compile(tree, "formula", "eval")
            function = self.derivatives[kind]
            return function(lambda v: eval(code, self.run(inputs, at, (name, v))), point, *direction)

        return derivative


def _stores(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef):
        return set()
    return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def with_numpy(text: str, inputs: Mapping[str, Any]) -> Any:
    """Return a formula's value by plain NumPy and SciPy."""
    from scipy import special  # noqa: PLC0415

    with np.errstate(all="ignore"):
        return Formula(text, namespace(np, special))(inputs)


def with_jax(text: str, inputs: Mapping[str, Any], parameters: Sequence[str]) -> tuple[float, dict[str, Any]]:
    """Return a formula's value and its gradient by each parameter, by JAX."""
    import jax  # noqa: PLC0415
    from jax import numpy as jnp  # noqa: PLC0415
    from jax.scipy import special  # noqa: PLC0415

    jax.config.update("jax_enable_x64", True)
    names = {**namespace(jnp, special), "stop_gradient": jax.lax.stop_gradient}
    derivatives: dict[str, Callable[..., Any]] = {
        "grad": lambda f, x: jax.grad(f)(x),
        "jacobian": lambda f, x: jax.jacobian(f)(x),
        "hessian": lambda f, x: jax.hessian(f)(x),
        "jvp": lambda f, x, v: jax.jvp(f, (x,), (v,))[1],
        "vjp": lambda f, x, u: jax.vjp(f, x)[1](u)[0],
    }
    formula = Formula(text, names, derivatives)
    rest = {k: jnp.asarray(v) if np.ndim(v) else v for k, v in inputs.items()}
    value, gradient = jax.value_and_grad(lambda p: formula({**rest, **p}) * 1.0)(
        {k: jnp.asarray(inputs[k], dtype=float) for k in parameters}
    )
    return float(value), {k: np.asarray(v) for k, v in gradient.items()}


def sizes(program: Program, rng: np.random.Generator, smallest: int) -> dict[str, int]:
    """Return a size for each dimension, all different."""
    order = rng.permutation(len(program.dimensions)) + smallest
    return {d: int(n) for d, n in zip(program.dimensions, order, strict=True)}


def inputs(program: Program, lengths: Mapping[str, int], rng: np.random.Generator, *, signed: bool) -> dict[str, Any]:
    """Draw a value for each argument: reals of magnitude 0.2 to 0.9, whole numbers 1 to 3, truth values."""
    drawn: dict[str, Any] = {}
    for argument in program.arguments:
        shape = tuple(int(s.evaluate(lengths)) for s in argument.shape)
        match argument.dtype.value:
            case "int":
                value: Any = rng.integers(1, 4, size=shape)
            case "bool":
                value = rng.random(size=shape) > 0.5
            case _:
                value = rng.uniform(0.2, 0.9, size=shape) * (rng.choice([-1, 1], size=shape) if signed else 1)
        drawn[argument.name] = value if shape else value.item() if hasattr(value, "item") else value
    return drawn


def points(
    program: Program, text: str, name: str
) -> Iterator[tuple[dict[str, int], dict[str, Any], tuple[float, dict[str, Any]]]]:
    """Draw sizes and inputs where JAX's value and gradient are finite, signed ones if there are any."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    parameters = [a.name for a in program.differentiated]
    for smallest in (4, 6):
        lengths = sizes(program, rng, smallest)
        for signed in (True, False):
            drawn = inputs(program, lengths, rng, signed=signed)
            value, gradient = with_jax(text, {**lengths, **drawn}, parameters)
            if math.isfinite(value) and all(np.isfinite(g).all() for g in gradient.values()):
                yield lengths, drawn, (value, gradient)


def difference(a: Any, b: Any) -> float:
    """Return the largest difference, relative where the numbers are above 1; infinite for another shape or a NaN."""
    left, right = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if left.shape != right.shape:
        return math.inf
    worst = np.max(np.abs(left - right) / np.maximum(1, np.abs(right)), initial=0)
    return math.inf if np.isnan(worst) else float(worst)


def compare(path: Path, target: str) -> tuple[float, int]:
    """Compile a formula; return its largest difference from JAX and the number of points looked at."""
    text = path.read_text(encoding="utf-8")
    compiled = api.compile(path, target=target, verify=False)
    worst, count = 0.0, 0
    for _, drawn, (value, gradient) in points(compiled.program, text, path.stem):
        assert compiled.module is not None
        found, gradients = compiled.module.value_and_grad(**drawn)
        worst = max(worst, difference(found, value), difference(compiled.module.value(**drawn), value))
        for parameter, expected in gradient.items():
            worst = max(worst, difference(getattr(gradients, parameter), expected))
        count += 1
    return worst, count


def main(files: Sequence[str]) -> int:
    """Print the largest difference for each file and target; return 1 if one is too large or was not found."""
    bad = 0
    for file in files:
        for target in api.TARGETS:
            try:
                worst, count = compare(Path(file), target)
            except Exception as error:
                bad += 1
                print(f"FAIL {file} {target} {type(error).__name__}: {error}")
                continue
            if not (worst <= TOLERANCE and count):
                bad += 1
                print(f"DIFF {file} {target} {worst:.3g} at {count} points")
    print(f"{len(files)} files, {bad} bad")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
