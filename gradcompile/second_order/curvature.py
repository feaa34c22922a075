"""The curvature of a scalar formula at a point: the eigenvalues of its Hessian, and what they say."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradcompile import api
from gradcompile.api import Refuted
from gradcompile.second_order import kinks, spectrum
from gradcompile.second_order.local import Local, Vector, bad, bind, changes, count, local
from gradcompile.second_order.spectrum import Spectrum
from gradcompile.verify import Certificate

DENSE = 500  # parameters up to which the whole Hessian is made and all its eigenvalues are computed


@dataclass(frozen=True, eq=False)
class Direction:
    """A unit eigenvector of the Hessian: one vector in the order of `pack`, and by parameter."""

    eigenvalue: float
    vector: Vector = field(repr=False)
    parts: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the eigenvalue and the vector by parameter, as plain data."""
        return {
            "eigenvalue": self.eigenvalue,
            "vector": {name: np.asarray(part).tolist() for name, part in self.parts.items()},
        }


@dataclass(frozen=True, eq=False)
class Curvature:
    """A function at a point to second order. Eigenvalues within `tolerance` of 0 cannot be told from 0."""

    file: str
    value: float
    gradient: Vector = field(repr=False)
    eigenvalues: Vector  # ascending: all, or those at both ends
    size: int  # how many eigenvalues there are
    method: str  # "dense": all of them | "lanczos": some at both ends
    tolerance: float  # a bound of the error of the eigenvalues
    stationary_within: float  # a gradient no longer than that is one of a stationary point
    smallest: Direction
    largest: Direction
    flat: tuple[Direction, ...]  # the directions of the eigenvalues that cannot be told from 0, of those computed
    near: Local = field(repr=False)  # the function itself
    certificate: Certificate | None = field(default=None, repr=False)

    @property
    def gradient_norm(self) -> float:
        """The Euclidean length of the gradient."""
        return float(np.linalg.norm(self.gradient))

    @property
    def is_stationary(self) -> bool:
        """Is the gradient zero, as far as rounding lets one tell?"""
        return self.gradient_norm <= self.stationary_within

    @property
    def shape(self) -> str:
        """The definiteness of the Hessian: strictly convex or concave, convex or concave, saddle, flat."""
        up, down = self.largest.eigenvalue > self.tolerance, self.smallest.eigenvalue < -self.tolerance
        if up and down:
            return "saddle"
        if not (up or down):
            return "flat"
        return ("" if self.flat else "strictly ") + ("convex" if up else "concave")

    @property
    def verdict(self) -> str:
        """What the point is, in words; of a point that is not stationary, how the function curves there."""
        if not self.is_stationary:
            return _SHAPES[self.shape]
        return _POINTS[self.shape]

    @property
    def condition_number(self) -> float | None:
        """The largest over the smallest absolute eigenvalue, infinite with flat directions.

        None where it is not known: of an indefinite Hessian of which the eigenvalues at both ends alone were computed.
        """
        if self.flat:
            return float("inf")
        if self.method == "lanczos" and self.shape == "saddle":
            return None
        sizes = np.abs(self.eigenvalues)
        return float(sizes.max() / sizes.min())

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain data; the condition number is None if it is infinite or not known."""
        condition = self.condition_number
        return {
            "file": self.file,
            "value": self.value,
            "gradient_norm": self.gradient_norm,
            "stationary": self.is_stationary,
            "stationary_within": self.stationary_within,
            "shape": self.shape,
            "verdict": self.verdict,
            "parameters": self.size,
            "method": self.method,
            "eigenvalues": self.eigenvalues.tolist(),
            "tolerance": self.tolerance,
            "condition_number": None if condition == float("inf") else condition,
            "smallest": self.smallest.to_dict(),
            "largest": self.largest.to_dict(),
            "flat_directions": [direction.to_dict() for direction in self.flat],
            "verification": self.certificate.to_dict() if self.certificate else None,
        }


_POINTS = {
    "strictly convex": "local minimum, strictly convex",
    "strictly concave": "local maximum, strictly concave",
    "saddle": "saddle point",
    "convex": "stationary, convex with flat directions: along these, higher derivatives decide",
    "concave": "stationary, concave with flat directions: along these, higher derivatives decide",
    "flat": "stationary, flat in all directions: higher derivatives decide",
}
_SHAPES = {
    "strictly convex": "locally strictly convex, not stationary",
    "strictly concave": "locally strictly concave, not stationary",
    "saddle": "saddle-shaped, not stationary",
    "convex": "locally convex to second order with flat directions, not stationary",
    "concave": "locally concave to second order with flat directions, not stationary",
    "flat": "flat to second order in all directions, not stationary",
}


def curvature(
    source: Any = None,
    *,
    at: Mapping[str, Any] | None = None,
    latex: str | None = None,
    args: Sequence[Any] | None = None,
    wrt: Sequence[Any] | None = None,
    name: str | None = None,
    verify: bool = True,
    verify_seconds: float = 60.0,
    dense: int = DENSE,
) -> Curvature:
    """Return the curvature of a scalar formula at the point `at`, the values of its arguments by name.

    The formula is given as to `compile`, and so is the time for verification. Up to `dense` parameters all eigenvalues
    of the Hessian are computed, of more the extreme ones by Lanczos. The module is one of NumPy, which starts at once:
    it runs a few times, and to compile loops for that takes longer. Raises `FormulaError` for bad input, also where
    there is no second derivative, and `Refuted`.
    """
    program = replace(api.read(source, latex=latex, args=args, wrt=api.listed(wrt), name=name), check_domains=True)
    values = bind(program, at or {})
    elements = count(program, values)
    whole = elements <= max(dense, 1)  # Lanczos needs two
    emit = ("value_and_grad", "hessian" if whole else "hvp")
    compiled = api.load_module(api.translate(program, target="numpy", emit=emit, verified=verify))
    if not elements:
        raise bad(program, "the parameters have no elements, so there is no direction to move in")
    found = _curvature(local(compiled, values), spectrum.dense if whole else spectrum.lanczos)
    if not verify:
        return found
    compiled = api.certify(compiled, seconds=verify_seconds)
    if not compiled.passed:
        raise Refuted(compiled)
    return replace(found, certificate=compiled.certificate)


def _curvature(near: Local, solve: Callable[[Local], Spectrum]) -> Curvature:
    found = solve(near)
    suspects = kinks.places(near.program)
    if suspects and kinks.is_at_a_kink(near, found.product):
        raise bad(
            near.program,
            f"the function has a kink at this point, so no second derivative ({', '.join(suspects)})",
            "Move the point away from the kink, or round the kink off, as softplus does for relu.",
        )
    directions = [
        Direction(float(eigenvalue), vector, near.parts(vector))
        for eigenvalue, vector in zip(found.values, map(_signed, found.vectors.T), strict=True)
    ]
    # A search that compares values cannot come nearer than sqrt(eps), relative to the point: there they are equal.
    distance = math.sqrt(np.finfo(float).eps) * max(1.0, float(np.linalg.norm(near.point)))
    return Curvature(
        file=near.program.file,
        value=near.value(near.values),
        gradient=near.gradient(near.values),
        eigenvalues=found.values,
        size=near.size,
        method=found.method,
        tolerance=found.error,
        stationary_within=distance * found.largest + max(changes(near, near.gradient), default=0.0),
        smallest=directions[0],
        largest=directions[-1],
        flat=tuple(d for d in directions if abs(d.eigenvalue) <= found.error),
        near=near,
    )


def _signed(vector: Vector) -> Vector:
    """Return an eigenvector with the first of its largest elements positive: of the two signs, always the same."""
    sizes = np.abs(vector)
    first = np.flatnonzero(sizes > 0.999 * sizes.max())[0]
    return np.asarray(vector * np.sign(vector[first]))
