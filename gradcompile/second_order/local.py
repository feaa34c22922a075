"""A compiled formula at one point: value, gradient and Hessian there, and what moves the point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_diag, csr_array

from gradcompile.api import Compiled
from gradcompile.derived import extras, keyword
from gradcompile.errors import FormulaError
from gradcompile.ir.nodes import DType
from gradcompile.syntax.names import nearest
from gradcompile.syntax.program import Argument, Program

Vector = NDArray[np.float64]
Values = dict[str, Any]  # of all arguments, by name

REFUSALS = (ValueError, TypeError, IndexError, ArithmeticError, RuntimeError)  # what a module raises for bad arguments
INSIDE = "Choose a point inside the domain of the formula, where its derivatives are finite."
_NUDGES = 3


def bind(program: Program, given: Mapping[str, Any]) -> Values:
    """Return a value for every argument, defaults included. Raises FormulaError for names and for what is no array."""
    names = [a.name for a in program.arguments]
    for name in given:
        if name not in names:
            near = nearest(name, names)
            raise bad(program, f"there is no argument `{name}`", f"Is it `{near}`?" if near else takes(program))
    values: Values = {}
    for a in program.arguments:
        value = given.get(a.name, a.default)
        if value is None:
            raise bad(program, f"`{a.name}` has no value", takes(program))
        try:
            values[a.name] = np.asarray(value)[()]
        except ValueError as error:
            raise bad(program, f"`{a.name}` is not an array: {error}", takes(program)) from error
    return values


def count(program: Program, values: Values) -> int:
    """Return how many elements the parameters have."""
    return sum(int(np.size(values[a.name])) for a in program.differentiated)


def bad(program: Program, message: str, hint: str = "") -> FormulaError:
    """Return the error of a formula at a point."""
    return FormulaError(f"{program.file}: {message}", hint=hint)


def takes(program: Program) -> str:
    """Return the arguments that need a value, as advice."""
    required = [a for a in program.arguments if a.default is None]
    listed = [f"{a.name}[{', '.join(map(str, a.shape))}]" if a.axes else a.name for a in required]
    return f"The arguments without a default are {', '.join(listed)}." if listed else "All arguments have a default."


class Local:
    """The function of a formula near a point, in orthonormal coordinates of the parameters.

    These are the elements of the parameters in the order of `pack`. Of a symmetric or triangular matrix they are
    coordinates among the matrices of that form, since the parameter cannot leave them.
    """

    def __init__(self, compiled: Compiled, values: Values) -> None:
        self.program, self.module, self.values = compiled.program, compiled.module, values
        self.parameters = self.program.differentiated
        self.shapes = {p.name: np.shape(values[p.name]) for p in self.parameters}
        self.basis = csr_array(block_diag([_basis(p, self.shapes[p.name]) for p in self.parameters]))
        self.point = _packed(values[p.name] for p in self.parameters)
        self.size = int(self.basis.shape[1])
        taken = {a.name for a in self.program.arguments}
        self.flat = {keyword("flat", taken): True}
        self.directions = [extra.name for extra in extras(self.program, "hvp")]

    def value(self, values: Values) -> float:
        """Return the function's value."""
        return float(self._call("value_and_grad", values)[0])

    def gradient(self, values: Values) -> Vector:
        """Return the gradient."""
        return self._coordinates(self._call("value_and_grad", values)[1])

    def product(self, values: Values, direction: Vector) -> Vector:
        """Return the Hessian times a direction."""
        along = dict(zip(self.directions, self.parts(direction).values(), strict=True))
        return self._coordinates(self._call("hvp", values | along))

    def hessian(self, values: Values) -> Vector:
        """Return the Hessian."""
        matrix = self._call("hessian", values | self.flat)
        return np.asarray(self.basis.T @ matrix @ self.basis, dtype=np.float64)

    def moved(self, step: Vector) -> Values:
        """Return the arguments a step away from the point."""
        return self.values | self._apart(self.point + self.basis @ step)

    def nudged(self, seed: int) -> Values:
        """Return the arguments with every real number one unit in the last place higher or lower."""
        draw = np.random.default_rng(seed)
        real = {a.name: self.values[a.name] for a in self.program.arguments if a.dtype is DType.REAL}
        signs = {name: draw.choice((-1.0, 1.0), np.shape(value)) for name, value in real.items()}
        nudged = {name: value * (1 + np.finfo(float).eps * signs[name]) for name, value in real.items()}
        step = self._coordinates(nudged[p.name] - real[p.name] for p in self.parameters)
        return self.values | nudged | self._apart(self.point + self.basis @ step)  # of the declared form

    def name_of(self, coordinate: int) -> str:
        """Return what a coordinate is called in the formula: "w[2, 0]"."""
        at = int(self.basis.tocsc().indices[self.basis.tocsc().indptr[coordinate]])
        marks = self._apart(np.arange(self.point.size) == at)
        name = next(n for n, mark in marks.items() if np.any(mark))
        return f"{name}{index(marks[name])}"

    def parts(self, direction: Vector) -> Values:
        """Return a direction as an array, or a number, for each parameter."""
        return self._apart(self.basis @ direction)

    def _call(self, function: str, values: Values) -> Any:
        return getattr(self.module, function)(**values)

    def _apart(self, vector: Vector) -> Values:
        ends = np.cumsum([np.prod(shape, dtype=int) for shape in self.shapes.values()])
        pieces = np.split(vector, ends[:-1])
        return {n: piece.reshape(s)[()] for (n, s), piece in zip(self.shapes.items(), pieces, strict=True)}

    def _coordinates(self, blocks: Iterable[Any]) -> Vector:
        return np.asarray(self.basis.T @ _packed(blocks), dtype=np.float64)


def local(compiled: Compiled, values: Values) -> Local:
    """Return the function near a point. Raises FormulaError unless it has a value and a gradient there."""
    program = compiled.program
    assert compiled.module is not None
    try:
        value, gradient = compiled.module.value_and_grad(**values)
    except REFUSALS as error:
        raise bad(program, str(error)) from error
    if not np.isfinite(value):
        raise bad(program, f"the function is {value} at this point", INSIDE)
    for parameter, part in zip(program.differentiated, gradient, strict=True):
        holes = ~np.isfinite(part)
        if np.any(holes):
            raise bad(program, f"the derivative by {parameter.name}{index(holes)} is not finite at this point", INSIDE)
    return Local(compiled, values)


def index(marks: Any) -> str:
    """Return the index of the first element that is marked, as text."""
    return f"[{', '.join(map(str, np.argwhere(marks)[0]))}]" if np.ndim(marks) else ""


def changes(local: Local, function: Callable[[Values], Vector]) -> Iterator[float]:
    """Yield by how much a function of the arguments changes if these are rounded otherwise, where it is defined there.

    It is the norm of the change, by which no eigenvalue of a symmetric matrix moves further (Weyl).
    """
    found = function(local.values)
    for seed in range(_NUDGES):
        try:
            change = float(np.linalg.norm(function(local.nudged(seed)) - found))
        except REFUSALS:
            continue
        if np.isfinite(change):
            yield change


def _packed(blocks: Iterable[Any]) -> Vector:
    return np.concatenate([np.ravel(block) for block in blocks]).astype(np.float64)


def _basis(parameter: Argument, shape: tuple[int, ...]) -> Any:
    """Return the matrix whose columns are orthonormal and span the values that a parameter can take."""
    place = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    if not parameter.structure:
        return csr_array((np.ones(place.size), (place.ravel(), place.ravel())), (place.size, place.size))
    inside = np.triu(place + 1) if parameter.structure == "upper" else np.tril(place + 1)
    rows = inside[inside > 0] - 1
    columns = np.arange(rows.size)
    if parameter.structure in ("lower", "upper"):
        return csr_array((np.ones(rows.size), (rows, columns)), (place.size, rows.size))
    mirror = np.swapaxes(place, -1, -2).ravel()[rows]
    weight = np.where(rows == mirror, 0.5, np.sqrt(0.5))  # an element of the diagonal is its own mirror: added twice
    both = (np.concatenate([rows, mirror]), np.concatenate([columns, columns]))
    return csr_array((np.concatenate([weight, weight]), both), (place.size, rows.size))
