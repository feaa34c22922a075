"""What linear algebra means, over SymPy expressions and over mpmath numbers: textbook algorithms on object arrays.

It is used twice: by the language's functions in the oracle (`matrices.py`), and by the graph evaluator (`array_gate`).
Matrices of symbols go by cofactors, numbers by elimination with pivots.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

from gradcompile.gates.registry import ARRAY
from gradcompile.verify.fields import Field, MpmathField, SympyField, TooLargeError, UndefinedError

Array = np.ndarray[Any, Any]
SYMBOLIC = 3  # the largest matrix of symbols that cofactors are written out for


class Matrices:
    """Linear algebra on single matrices over a field; vectors are matrices with one column."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.symbolic = isinstance(field, SympyField)

    # Elements

    def gate(self, name: str, *args: Any) -> Any:
        """Apply a scalar gate."""
        return self.field.gate(name, *args)

    def dot(self, a: Array, b: Array) -> Any:
        """Return the sum of products."""
        if not self.symbolic:
            return mpmath.fdot(list(a), list(b)) if len(a) else mpmath.mpf(0)
        return self.field.reduction("sum", [self.gate("mul", x, y) for x, y in zip(a, b, strict=True)])

    def product(self, a: Array, b: Array) -> Array:
        """Return the matrix product."""
        result = np.empty((a.shape[0], b.shape[1]), dtype=object)
        for i, j in np.ndindex(result.shape):
            result[i, j] = self.dot(a[i, :], b[:, j])
        return result

    def each(self, name: str, *arrays: Array) -> Array:
        """Apply a gate element by element."""
        return np.asarray(np.frompyfunc(lambda *e: self.gate(name, *e), len(arrays), 1)(*arrays), dtype=object)

    def symmetric_part(self, a: Array) -> Array:
        """Return half the sum of a matrix and its transpose."""
        return self.each("div", self.each("add", a, a.T), _filled(a.shape, 2))

    # Determinants and solutions

    def minor(self, a: Array) -> Any:
        """Return the determinant of a matrix of symbols by cofactors."""
        if len(a) > SYMBOLIC:
            raise TooLargeError(f"the determinant of a {len(a)} x {len(a)} matrix of symbols")
        if not len(a):
            return 1
        terms = []
        for j in range(len(a)):
            rest = np.delete(np.delete(a, 0, axis=0), j, axis=1)
            term = self.gate("mul", a[0, j], self.minor(rest))
            terms.append(self.gate("neg", term) if j % 2 else term)
        return self.field.reduction("sum", terms)

    def eliminated(self, a: Array, b: Array) -> tuple[Array, Array, Any]:
        """Bring numbers into upper triangular form by rows, with pivots; return that, the other side and the sign."""
        u, x, sign = _numbers(a), _numbers(b), 1
        for k in range(len(u)):
            best = max(range(k, len(u)), key=lambda i: abs(u[i, k]))
            if best != k:
                u[[k, best]], x[[k, best]], sign = u[[best, k]], x[[best, k]], -sign
            if u[k, k] == 0:
                continue
            for i in range(k + 1, len(u)):
                factor = u[i, k] / u[k, k]
                u[i, k:] = u[i, k:] - u[k, k:] * factor  # an mpmath number on the left would print the row first
                x[i] = x[i] - x[k] * factor
        return u, x, sign

    def det(self, a: Array) -> Any:
        """Return the determinant."""
        if self.symbolic:
            return self.minor(a)
        u, _, sign = self.eliminated(a, a)
        return sign * mpmath.fprod(u[k, k] for k in range(len(u)))

    def solve(self, a: Array, b: Array) -> Array:
        """Return X with A X = B: by Cramer's rule for symbols, by elimination for numbers."""
        if self.symbolic:
            return self.cramer(a, b)
        u, x, _ = self.eliminated(a, b)
        return self.upper(u, x)

    def cramer(self, a: Array, b: Array) -> Array:
        """Return the solution as quotients of determinants."""
        whole, result = self.minor(a), np.empty(b.shape, dtype=object)
        if whole == 0:
            raise UndefinedError("a singular matrix")
        for i, j in np.ndindex(b.shape):
            replaced = a.copy()
            replaced[:, i] = b[:, j]
            result[i, j] = self.gate("div", self.minor(replaced), whole)
        return result

    def upper(self, u: Array, b: Array) -> Array:
        """Return X with U X = B, from the last row upwards."""
        x = b.copy()
        largest = max((abs(e) for e in u.reshape(-1)), default=1) if not self.symbolic else 1
        for i in reversed(range(len(u))):
            if u[i, i] == 0 or (
                not self.symbolic and abs(u[i, i]) < largest * mpmath.mpf(10) ** (-0.8 * mpmath.mp.dps)
            ):
                raise UndefinedError("a singular matrix")
            for j in range(b.shape[1]):
                rest = self.dot(u[i, i + 1 :], x[i + 1 :, j])
                x[i, j] = self.gate("div", self.gate("sub", b[i, j], rest), u[i, i])
        return x

    def lower(self, low: Array, b: Array) -> Array:
        """Return X with L X = B, which is an upper triangular system read from the other end."""
        return self.upper(low[::-1, ::-1], b[::-1])[::-1]

    def inv(self, a: Array) -> Array:
        """Return the inverse."""
        return self.solve(a, identity(len(a)))

    def sign_and_log(self, a: Array) -> tuple[Any, Any]:
        """Return the sign of the determinant and the logarithm of its absolute value."""
        value = self.det(a)
        return self.gate("sign", value), self.gate("log", self.gate("abs", value))

    # Factors

    def cholesky(self, a: Array) -> Array:
        """Return the lower triangular factor, row by row."""
        if self.symbolic and len(a) > SYMBOLIC:
            raise TooLargeError("the Cholesky factor of a large matrix of symbols")
        low = _filled(a.shape, 0)
        for i in range(len(a)):
            for j in range(i + 1):
                rest = self.gate("sub", a[i, j], self.dot(low[i, :j], low[j, :j]))
                if i != j:
                    low[i, j] = self.gate("div", rest, low[j, j])
                elif not self.symbolic and not rest > 0:
                    raise UndefinedError("a matrix that is not positive definite")
                else:
                    low[i, i] = self.gate("sqrt", rest)
        return low

    def eigenvalues(self, a: Array) -> Array:
        """Return the eigenvalues of a symmetric matrix, ascending."""
        if not self.symbolic:
            return self.eigh(a)[0]
        if len(a) > 2:
            raise TooLargeError("the eigenvalues of a large matrix of symbols")
        if len(a) < 2:
            return a.reshape(-1)
        half, middle = self.gate("div", self.gate("sub", a[0, 0], a[1, 1]), 2), self.gate("add", a[0, 0], a[1, 1])
        square = self.gate("add", self.gate("mul", half, half), self.gate("mul", a[1, 0], a[1, 0]))
        centre, root = self.gate("div", middle, 2), self.gate("sqrt", square)
        return np.array([self.gate("sub", centre, root), self.gate("add", centre, root)], dtype=object)

    def eigh(self, a: Array) -> tuple[Array, Array]:
        """Return eigenvalues, ascending, and eigenvectors; the sign of a vector is the one that LAPACK gives it."""
        if self.symbolic and len(a) > 1:
            raise TooLargeError("the eigenvectors of a matrix of symbols")
        if len(a) < 2:
            return a.reshape(-1), identity(len(a))
        values, vectors = _eigsy(_numbers(a))
        order = sorted(range(len(a)), key=lambda k: values[k])
        w = np.array([values[k] for k in order], dtype=object)
        v = np.array([[vectors[i, k] for k in order] for i in range(len(a))], dtype=object)
        self.keep_apart(w)
        reference = np.linalg.eigh(a.astype(float))[1]
        for k in range(len(a)):
            largest = max(range(len(a)), key=lambda i: abs(v[i, k]))
            if (v[largest, k] > 0) != (reference[largest, k] > 0):
                v[:, k] = -v[:, k]
        return w, v

    def keep_apart(self, ascending: Array) -> None:
        """Note how near two eigenvalues are: where they meet, they have a kink."""
        if isinstance(self.field, MpmathField):
            gaps = [b - a for a, b in itertools.pairwise(ascending)]
            self.field.margin = min([self.field.margin, *gaps])

    # Least squares, for matrices of full rank

    def pinv(self, a: Array) -> Array:
        """Return the pseudo-inverse by the normal equations."""
        if a.shape[0] >= a.shape[1]:
            return self.solve(self.product(a.T, a), a.T)
        return self.pinv(a.T).T

    def lstsq(self, a: Array, b: Array) -> Array:
        """Return the shortest X with the least |A X - B|."""
        if a.shape[0] >= a.shape[1]:
            return self.solve(self.product(a.T, a), self.product(a.T, b))
        return self.product(a.T, self.solve(self.product(a, a.T), b))

    # The exponential

    def expm(self, a: Array) -> Array:
        """Return the matrix exponential: a Taylor series of a matrix made small, squared again."""
        if self.symbolic:
            if len(a) > 1:
                raise TooLargeError("the exponential of a matrix of symbols")
            return self.each("exp", a)
        a = _numbers(a)
        norm = max((sum(abs(e) for e in row) for row in a), default=mpmath.mpf(0))
        squarings = max(0, int(mpmath.ceil(mpmath.log(norm, 2))) + 4) if norm > 0 else 0
        with mpmath.workdps(mpmath.mp.dps + squarings + 10):
            small = a / mpmath.mpf(2) ** squarings
            total, term, k = _numbers(identity(len(a))), _numbers(identity(len(a))), 0
            while len(a) and max(abs(e) for e in term.reshape(-1)) > mpmath.mpf(10) ** (-mpmath.mp.dps):
                k += 1
                term = self.product(term, small) / k
                total = total + term
            for _ in range(squarings):
                total = self.product(total, total)
        return total

    def expm_frechet(self, a: Array, e: Array) -> Array:
        """Return the derivative of the exponential at A in the direction E, a block of a larger exponential."""
        n = len(a)
        both = self.expm(np.block([[a, e], [_filled(a.shape, 0), a]]))
        return both[:n, n:]


def _eigsy(a: Array) -> tuple[Any, Any]:
    """Return what mpmath finds; where its steps do not settle at one precision, they do at another."""
    for more in (0, 15, 40, 100):
        try:
            with mpmath.workdps(mpmath.mp.dps + more):
                return mpmath.eigsy(mpmath.matrix(a.tolist()))  # type: ignore[no-any-return]
        except RuntimeError:  # mpmath's word for steps that do not converge
            continue
    raise UndefinedError("eigenvalues that do not come out")


def identity(n: int) -> Array:
    """Return the identity matrix of integers."""
    return np.array([int(i == j) for i in range(n) for j in range(n)], dtype=object).reshape(n, n)


def _filled(shape: Sequence[int], value: Any) -> Array:
    result = np.empty(shape, dtype=object)
    result[...] = value
    return result


def _numbers(a: Array) -> Array:
    return np.asarray(np.frompyfunc(mpmath.mpf, 1, 1)(a), dtype=object).reshape(a.shape)


# -- the gates of the graph ----------------------------------------------------------------------------------------


_GATES: dict[str, Callable[..., Any]] = {
    "solve": Matrices.solve,
    "solve_lower": lambda m, a, b: m.lower(np.where(np.tri(len(a), dtype=np.bool_), a, 0), b),
    "solve_upper": lambda m, a, b: m.upper(np.where(np.tri(len(a), dtype=np.bool_).T, a, 0), b),
    "lstsq": Matrices.lstsq, "inv": Matrices.inv, "pinv": Matrices.pinv, "det": Matrices.det,
    "logdet": lambda m, a: m.gate("log", m.det(a)),
    "logabsdet": lambda m, a: m.sign_and_log(a)[1],
    "signdet": lambda m, a: m.sign_and_log(a)[0],
    "cholesky": Matrices.cholesky, "eigenvalues": Matrices.eigenvalues, "eigenvectors": lambda m, a: m.eigh(a)[1],
    "expm": Matrices.expm, "expm_frechet": Matrices.expm_frechet,
    "congruence": lambda m, x, middle: m.product(m.product(x, middle), x.T),
    "congruence_inv_sym": lambda m, x, s: m.product(x, m.solve(s, x.T)),
    "congruence_inv_pd": lambda m, x, s: m.product(x, m.solve(s, x.T)),
}  # fmt: skip


def array_gate(field: Field, name: str, operands: Sequence[Array]) -> Array:
    """Return an array gate of single matrices; a right-hand side is a matrix of columns."""
    name = ARRAY[name].means or name
    nudged = getattr(field, "nudged", None)
    if nudged is not None:
        operands = [np.asarray(np.frompyfunc(nudged, 1, 1)(o), dtype=object).reshape(o.shape) for o in operands]
    result = _GATES[name](Matrices(field), *operands)
    return result if isinstance(result, np.ndarray) else _filled((), result)
