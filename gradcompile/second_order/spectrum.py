"""Eigenvalues and eigenvectors of a Hessian at a point: all by LAPACK, or those at both ends by Lanczos."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from gradcompile.ir.nodes import DType
from gradcompile.second_order.local import INSIDE, REFUSALS, Local, Values, Vector, bad, changes

EXTREME = 3  # eigenvalues that Lanczos computes at either end
_RESTARTS = 300  # of Lanczos, for each end
_ACCURACY = 1e-10  # of its eigenvectors: the residual, relative to the largest eigenvalue
_EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues, ascending, their unit vectors as columns, and a bound of the error of the eigenvalues."""

    method: str  # "dense" | "lanczos"
    values: Vector
    vectors: Vector
    error: float
    product: Callable[[Vector], Vector]  # the Hessian times a direction

    @property
    def largest(self) -> float:
        """The largest absolute eigenvalue."""
        return float(np.abs(self.values).max())


def dense(local: Local) -> Spectrum:
    """Return all eigenvalues."""
    matrix = _hessian(local)
    values, vectors = np.linalg.eigh(matrix)
    error = _rounding(local, values) + 2 * max(changes(local, local.hessian), default=0.0)
    return Spectrum("dense", values, vectors, error, lambda v: matrix @ v)


def lanczos(local: Local) -> Spectrum:
    """Return the eigenvalues at both ends, from products of the Hessian with directions. Needs two parameters.

    Raises FormulaError where Lanczos does not converge.
    """

    def product(direction: Vector) -> Vector:
        found = local.product(local.values, np.ravel(direction))
        if not np.all(np.isfinite(found)):
            raise bad(local.program, "the second derivative is not finite at this point", INSIDE)
        return found

    start = np.random.default_rng(0).standard_normal(local.size)
    if not np.any(product(start)):  # of a random vector, that is so for no other matrix than 0
        start /= np.linalg.norm(start)
        return Spectrum("lanczos", np.zeros(1), start[:, None], 0.0, product)
    (reach,), _ = _search(local, product, start, 1, "LM")
    # Shifted by twice the largest, both ends are of its size, so that accuracy relative to an eigenvalue is accuracy
    # relative to it. At an end near 0 the search would else go on for digits that rounding has destroyed.
    shift, number = 2 * abs(float(reach)), min(EXTREME, local.size // 2)
    _, high = _search(local, lambda v: shift * v + product(v), start, number, "LA")
    _, low = _search(local, lambda v: shift * v - product(v), start, number, "LA")
    vectors = np.concatenate([low, high], axis=1)
    images = np.stack([product(v) for v in vectors.T], axis=1)
    values = np.sum(vectors * images, axis=0)
    order = np.argsort(values)
    residual = np.linalg.norm(images - vectors * values, axis=0).max()

    def along(point: Values) -> Vector:
        return np.stack([local.product(point, v) for v in vectors.T])

    error = _rounding(local, values) + float(residual) + 2 * max(changes(local, along), default=0.0)
    return Spectrum("lanczos", values[order], vectors[:, order], error, product)


def _search(
    local: Local, product: Callable[[Vector], Vector], start: Vector, number: int, which: str
) -> tuple[Vector, Vector]:
    operator = LinearOperator((local.size, local.size), matvec=product, dtype=np.float64)
    try:
        values, vectors = eigsh(
            operator, number, which=which, v0=start, maxiter=_RESTARTS, tol=_ACCURACY, return_eigenvectors=True
        )
    except ArpackError as error:
        raise bad(
            local.program,
            f"Lanczos did not find the extreme eigenvalues of the Hessian within {_RESTARTS} restarts",
            f"Have the whole Hessian made: --dense {local.size}.",
        ) from error
    return values, vectors


def _hessian(local: Local) -> Vector:
    try:
        matrix = local.hessian(local.values)
    except REFUSALS as error:
        raise bad(local.program, str(error)) from error
    if not np.all(np.isfinite(matrix)):
        first, second = np.argwhere(~np.isfinite(matrix))[0]
        names = " and ".join(local.name_of(i) for i in (first, second))
        raise bad(local.program, f"the second derivative by {names} is not finite at this point", INSIDE)
    return matrix


def _rounding(local: Local, values: Vector) -> float:
    """Return what rounding is worth in the eigenvalues.

    LAPACK's error grows like the size of the matrix at most, that of the m numbers which go into an element like
    sqrt(m) (Higham and Mary, A new approach to probabilistic rounding error analysis, 2019).
    """
    numbers = sum(np.size(local.values[a.name]) for a in local.program.arguments if a.dtype is DType.REAL)
    return (local.size + math.sqrt(numbers)) * _EPS * float(np.abs(values).max())
