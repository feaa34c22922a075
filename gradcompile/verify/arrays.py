"""What the functions of the language mean on arrays of Python objects: NumPy itself does the shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from gradcompile.errors import InternalError
from gradcompile.gates.registry import by_name, reduction_by_name
from gradcompile.verify.fields import Field, UndefinedError
from gradcompile.verify.matrices import LINEAR_ALGEBRA

Array = np.ndarray[Any, Any]
Axes = int | Sequence[int] | None


def array(value: Any) -> Array:
    """Return a value as an array of objects."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, (list, tuple)):
        if not any(isinstance(v, (np.ndarray, list, tuple)) for v in value):
            flat = _empty((len(value),))
            flat[:] = value
            return flat
        return np.stack([array(v) for v in np.broadcast_arrays(*map(array, value))]) if value else _empty((0,))
    single = _empty(())
    single[()] = value
    return single


def scalar(value: Any) -> Any:
    """Return an array without axes as its element, anything else as it is."""
    return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value


def elementwise(function: Callable[..., Any], *arrays: Array) -> Array:
    """Apply a function element by element; the result is an array even without axes."""
    return array(np.frompyfunc(function, len(arrays), 1)(*arrays))


def _empty(shape: Sequence[int]) -> Array:
    return np.empty(shape, dtype=object)


def whole(value: Any) -> int:
    """Return a value that counts or names positions as an integer."""
    try:
        return int(scalar(value))
    except TypeError as error:
        raise UndefinedError("a position that is not a number") from error


class Functions:
    """The functions of the language over one field."""

    def __init__(self, field: Field) -> None:
        self.field = field

    def call(self, name: str, args: Sequence[Any], options: dict[str, Any]) -> Any:
        """Call a function by its name in the language."""
        if name in ("max", "min", "amax", "amin") and (len(args) > 1 or reduction_by_name(name) is None):
            return self._gates(name, args)
        own = _OWN.get(name) or LINEAR_ALGEBRA.get(name)
        if own is not None:
            return scalar(own(self, *args, **options))
        if (record := reduction_by_name(name)) is not None:
            return scalar(self.reduce(record.name, *args, **options))
        return self._gates(name, args)

    def _gates(self, name: str, args: Sequence[Any]) -> Any:
        gate = by_name(name)
        if gate is None:
            raise InternalError(f"the oracle has no function {name}")
        count = len(gate.arguments)
        result = self.gate(gate.name, *args[:count])
        for more in args[count:]:
            result = self.gate(gate.name, result, more)
        return result

    def gate(self, name: str, *args: Any) -> Any:
        """Apply an elementwise gate with NumPy's broadcasting."""
        args = tuple(array(a) if isinstance(a, (list, tuple)) else a for a in args)
        if not any(isinstance(a, np.ndarray) for a in args):
            return self.field.gate(name, *args)
        return scalar(np.frompyfunc(partial(self.field.gate, name), len(args), 1)(*args))

    def reduce(self, name: str, x: Any, axis: Axes = None, keepdims: bool = False) -> Array:
        """Reduce over one axis, several or all, the elements in C order."""
        x = array(x)
        axes = _axes(axis, x.ndim)
        kept = [a for a in range(x.ndim) if a not in axes]
        lines = np.transpose(x, [*kept, *sorted(axes)])
        count = int(np.prod([x.shape[a] for a in axes], dtype=int))
        lines = lines.reshape([*(x.shape[a] for a in kept), count])
        result = _empty([x.shape[a] for a in kept])
        for position in np.ndindex(result.shape):
            result[position] = self.field.reduction(name, list(lines[position]))
        if keepdims:
            result = result.reshape([1 if a in axes else n for a, n in enumerate(x.shape)])
        return result

    def matmul(self, a: Any, b: Any) -> Any:
        """Return a @ b: vectors, matrices and stacks of them."""
        a, b = array(a), array(b)
        left, right = a[None, :] if a.ndim == 1 else a, b[:, None] if b.ndim == 1 else b
        if left.shape[-1] != right.shape[-2]:
            raise InternalError(f"a product of shapes {a.shape} and {b.shape}")
        product = self.reduce("sum", self.gate("mul", left[..., :, :, None], right[..., None, :, :]), axis=-2)
        if b.ndim == 1:
            product = product[..., 0]
        return scalar(product[..., 0, :] if a.ndim == 1 and b.ndim > 1 else product[..., 0] if a.ndim == 1 else product)

    def mean(self, x: Any, axis: Axes = None, keepdims: bool = False) -> Any:
        """Return the sum over the number of elements."""
        count = int(np.prod([array(x).shape[a] for a in _axes(axis, array(x).ndim)], dtype=int))
        return self.gate("div", self.reduce("sum", x, axis, keepdims), count)

    def var(self, x: Any, axis: Axes = None, ddof: int = 0, keepdims: bool = False) -> Any:
        """Return the mean squared distance from the mean, over n - ddof."""
        count = int(np.prod([array(x).shape[a] for a in _axes(axis, array(x).ndim)], dtype=int))
        deviation = self.gate("sub", x, self.mean(x, axis, keepdims=True))
        squares = self.reduce("sum", self.gate("mul", deviation, deviation), axis, keepdims)
        return self.gate("div", squares, count - whole(ddof))

    def std(self, x: Any, axis: Axes = None, ddof: int = 0, keepdims: bool = False) -> Any:
        """Return the square root of the variance."""
        return self.gate("sqrt", self.var(x, axis, ddof, keepdims))

    def norm(self, x: Any, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> Any:
        """Return the Euclidean length, or by `ord` the sum or the largest of the absolute values."""
        if ord is None or scalar(ord) == 2:
            return self.reduce("norm", x, axis, keepdims)
        return self.reduce("sum" if scalar(ord) == 1 else "max", self.gate("abs", x), axis, keepdims)

    def diff(self, x: Any, axis: int = -1) -> Any:
        """Return each element less the one before it."""
        lines = np.moveaxis(array(x), whole(axis), 0)
        return np.moveaxis(array(self.gate("sub", lines[1:], lines[:-1])), 0, whole(axis))

    def softmax(self, x: Any, axis: Axes = -1) -> Any:
        """Return exp(x) over its sum, along the last axis by default."""
        powers = array(self.gate("exp", x))
        return self.gate("div", powers, self.reduce("sum", powers, axis, keepdims=True))

    def log_softmax(self, x: Any, axis: Axes = -1) -> Any:
        """Return the logarithm of the softmax."""
        return self.gate("sub", x, self.reduce("logsumexp", x, axis, keepdims=True))

    def cumulate(self, name: str, x: Any, axis: int | None = None) -> Any:
        """Return running sums or products."""
        x = array(x)
        lines = x.reshape(-1) if axis is None else np.moveaxis(x, whole(axis), 0)
        result = _empty(lines.shape)
        for step in range(len(lines)):
            result[step] = lines[step] if step == 0 else self.gate(name, result[step - 1], lines[step])
        return result if axis is None else np.moveaxis(result, 0, whole(axis))

    def outer(self, a: Any, b: Any) -> Any:
        """Return all products of an element of a and one of b."""
        return self.gate("mul", array(a).reshape(-1)[:, None], array(b).reshape(-1)[None, :])

    def dot(self, a: Any, b: Any) -> Any:
        """Return the product as NumPy's dot has it: a number times anything, else over the inner axes."""
        if array(a).ndim == 0 or array(b).ndim == 0:
            return self.gate("mul", a, b)
        if array(b).ndim <= 2:
            return self.matmul(a, b)
        raise InternalError("the oracle's dot takes vectors and matrices")

    def trace(self, x: Any) -> Any:
        """Return the sum of the diagonal."""
        return self.reduce("sum", np.diagonal(array(x)), axis=-1)

    def diag(self, x: Any, k: int = 0) -> Any:
        """Return a matrix's diagonal, or the matrix with this diagonal."""
        return np.diagonal(array(x), whole(k)) if array(x).ndim == 2 else np.diag(array(x), whole(k))

    def clip(self, x: Any, low: Any = None, high: Any = None) -> Any:
        """Return x kept between two bounds, or on one side of one."""
        above = x if low is None else self.gate("max", x, low)
        return above if high is None else self.gate("min", above, high)


def _axes(axis: Axes, rank: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(rank))
    return tuple(whole(a) % rank for a in (axis if isinstance(axis, (tuple, list)) else (axis,)))


def _shape(shape: Any) -> tuple[int, ...]:
    return tuple(map(whole, shape)) if isinstance(shape, (tuple, list, np.ndarray)) else (whole(shape),)


def _filled(functions: Functions, shape: Any, value: Any) -> Array:
    result = _empty(_shape(shape))
    result[...] = scalar(value)
    return result


def _eye(functions: Functions, N: Any, M: Any = None, k: Any = 0) -> Array:
    rows, columns = whole(N), whole(N if M is None else M)
    ones = [int(j - i == whole(k)) for i in range(rows) for j in range(columns)]
    return np.array(ones, dtype=object).reshape(rows, columns)


def _transpose(functions: Functions, x: Any, axes: Any = None) -> Array:
    return np.transpose(array(x), None if axes is None else _shape(axes))


def _lower(x: Any, k: int) -> Array:
    rows, columns = array(x).shape[-2:]
    return np.tri(rows, columns, k, dtype=np.bool_)


def _arange(functions: Functions, start: Any, stop: Any = None, step: Any = 1) -> Array:
    first, last = (0, start) if stop is None else (start, stop)
    return np.array(range(whole(first), whole(last), whole(step)), dtype=object)


_OWN: dict[str, Callable[..., Any]] = {
    "mean": Functions.mean, "var": Functions.var, "std": Functions.std,
    "softmax": Functions.softmax, "log_softmax": Functions.log_softmax,
    "cumsum": lambda f, x, axis=None: f.cumulate("add", x, axis),
    "cumprod": lambda f, x, axis=None: f.cumulate("mul", x, axis),
    "outer": Functions.outer, "dot": Functions.dot, "matmul": Functions.matmul,
    "trace": Functions.trace, "diag": Functions.diag, "clip": Functions.clip, "norm": Functions.norm,
    "diff": Functions.diff, "array": lambda f, x: array(x),
    "reshape": lambda f, x, shape: array(x).reshape(_shape(shape)),
    "ravel": lambda f, x: array(x).reshape(-1), "flatten": lambda f, x: array(x).reshape(-1), "transpose": _transpose,
    "swapaxes": lambda f, x, axis1, axis2: np.swapaxes(array(x), whole(axis1), whole(axis2)),
    "concatenate": lambda f, arrays, axis=0: np.concatenate([array(p) for p in arrays], axis=whole(axis)),
    "stack": lambda f, arrays, axis=0: np.stack([array(p) for p in arrays], axis=whole(axis)),
    "zeros": lambda f, shape: _filled(f, shape, 0), "ones": lambda f, shape: _filled(f, shape, 1),
    "full": _filled, "eye": _eye, "arange": _arange,
    "zeros_like": lambda f, x: _filled(f, array(x).shape, 0), "ones_like": lambda f, x: _filled(f, array(x).shape, 1),
    "expand_dims": lambda f, x, axis: np.expand_dims(array(x), whole(axis)),
    "squeeze": lambda f, x, axis=None: np.squeeze(array(x), None if axis is None else whole(axis)),
    "broadcast_to": lambda f, x, shape: np.broadcast_to(array(x), _shape(shape)),
    "tril": lambda f, x, k=0: np.where(_lower(x, whole(k)), array(x), 0),
    "triu": lambda f, x, k=0: np.where(_lower(x, whole(k) - 1), 0, array(x)),
}  # fmt: skip
