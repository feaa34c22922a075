"""The language's functions of linear algebra for the oracle: NumPy's rules for stacks around single matrices."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcompile.verify.fields import UndefinedError
from gradcompile.verify.linalg import Array, Matrices, identity

if TYPE_CHECKING:
    from gradcompile.verify.arrays import Functions


def _stacked(function: Callable[..., Any], *arrays: Any, core: Sequence[int]) -> Any:
    """Apply a function to the last axes (`core` of each array); NumPy's broadcasting for the axes before them."""
    given = [np.asarray(a, dtype=object) for a in arrays]
    outer = np.broadcast_shapes(*(a.shape[: a.ndim - n] for a, n in zip(given, core, strict=True)))
    spread = [np.broadcast_to(a, (*outer, *a.shape[a.ndim - n :])) for a, n in zip(given, core, strict=True)]
    if not outer:
        return function(*spread)
    results = {p: function(*(a[p] for a in spread)) for p in np.ndindex(*outer)}
    if not results:
        raise UndefinedError("a stack of no matrices")
    shape = np.shape(next(iter(results.values())))
    stack = np.empty((*outer, *shape), dtype=object)
    for p, result in results.items():
        stack[p] = result
    return stack


def _of_matrix(function: Callable[[Matrices, Array], Any], symmetric: bool = False) -> Callable[..., Any]:
    def call(functions: Functions, A: Any) -> Any:
        matrices = Matrices(functions.field)

        def one(a: Array) -> Any:
            return function(matrices, matrices.symmetric_part(a) if symmetric else a)

        return _stacked(one, A, core=[2])

    return call


def _solving(function: Callable[[Matrices, Array, Array], Array]) -> Callable[..., Any]:
    def call(functions: Functions, A: Any, b: Any, **options: Any) -> Any:
        matrices, right = Matrices(functions.field), np.asarray(b, dtype=object)
        vector = right.ndim == 1
        found = _stacked(
            lambda a, x: function(matrices, a, x, **options), A, right[:, None] if vector else right, core=[2, 2]
        )
        return found[..., 0] if vector else found

    return call


def _triangular(matrices: Matrices, a: Array, b: Array, lower: Any = False, trans: Any = False) -> Array:
    keep = np.tri(len(a), dtype=np.bool_)
    a = np.where(keep if lower else keep.T, a, 0)
    if trans:
        a, lower = a.T, not lower
    return matrices.lower(a, b) if lower else matrices.upper(a, b)


def _slogdet(functions: Functions, A: Any) -> Any:
    return [_of_matrix(lambda m, a, k=k: m.sign_and_log(a)[k])(functions, A) for k in (0, 1)]  # type: ignore[misc]


def _eigh(functions: Functions, A: Any) -> Any:
    values = _of_matrix(lambda m, a: m.eigenvalues(a), symmetric=True)(functions, A)
    return [values, _of_matrix(lambda m, a: m.eigh(a)[1], symmetric=True)(functions, A)]


def _power(functions: Functions, A: Any, n: Any) -> Any:
    matrices, count = Matrices(functions.field), int(n)

    def one(a: Array) -> Array:
        base, result = matrices.inv(a) if count < 0 else a, identity(len(a))
        for _ in range(abs(count)):
            result = matrices.product(result, base)
        return result

    return _stacked(one, A, core=[2])


def _kron(functions: Functions, a: Any, b: Any) -> Any:
    left, right = np.asarray(a, dtype=object), np.asarray(b, dtype=object)
    result = np.empty([m * n for m, n in zip(left.shape, right.shape, strict=True)], dtype=object)
    for p, q in itertools.product(np.ndindex(left.shape), np.ndindex(right.shape)):
        at = tuple(i * n + j for i, j, n in zip(p, q, right.shape, strict=True))
        result[at] = functions.gate("mul", left[p], right[q])
    return result


def _einsum(functions: Functions, text: str, *operands: Any) -> Any:
    """Go through all positions of all letters, as the definition has it."""
    arrays = [np.asarray(o, dtype=object) for o in operands]
    left, arrow, right = text.replace(" ", "").partition("->")
    dots = "".join(chr(0x3B1 + i) for i in range(max(a.ndim for a in arrays)))  # letters that nobody writes here
    parts = []
    for part, a in zip(left.split(","), arrays, strict=True):
        under = a.ndim - len(part.replace("...", ""))
        parts.append(part.replace("...", dots[len(dots) - under :] if under else ""))
    used = [x for x in dots if any(x in p for p in parts)]
    once = sorted(x for x in set("".join(parts)) - set(dots) if "".join(parts).count(x) == 1)
    result = right.replace("...", "".join(used)) if arrow else "".join([*used, *once])
    sizes: dict[str, int] = {}
    for part, a in zip(parts, arrays, strict=True):
        for letter, n in zip(part, a.shape, strict=True):
            sizes[letter] = n if sizes.get(letter, 1) == 1 else sizes[letter]
    summed = [x for x in sizes if x not in result]
    out = np.empty([sizes[x] for x in result], dtype=object)
    for p in np.ndindex(out.shape):
        terms = []
        for q in np.ndindex(*[sizes[x] for x in summed]):
            at = dict(zip((*result, *summed), (*p, *q), strict=True))
            term: Any = 1
            for part, a in zip(parts, arrays, strict=True):
                element = a[tuple(at[x] if n > 1 else 0 for x, n in zip(part, a.shape, strict=True))]
                term = functions.gate("mul", term, element)
            terms.append(term)
        out[p] = functions.field.reduction("sum", terms)
    return out


LINEAR_ALGEBRA: dict[str, Callable[..., Any]] = {
    "solve": _solving(Matrices.solve), "lstsq": _solving(Matrices.lstsq), "solve_triangular": _solving(_triangular),
    "inv": _of_matrix(Matrices.inv), "pinv": _of_matrix(Matrices.pinv), "det": _of_matrix(Matrices.det),
    "logdet": _of_matrix(lambda m, a: m.gate("log", m.det(a))), "slogdet": _slogdet,
    "cholesky": _of_matrix(Matrices.cholesky, symmetric=True), "eigh": _eigh,
    "eigvalsh": _of_matrix(Matrices.eigenvalues, symmetric=True), "expm": _of_matrix(Matrices.expm),
    "matrix_power": _power, "kron": _kron, "einsum": _einsum,
}  # fmt: skip
