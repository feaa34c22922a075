"""What the names in the peers' array code mean in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy
import torch
from torch.nn import functional

torch.set_default_dtype(torch.float64)

KINDS = {"real": torch.float64, "int": torch.int64, "bool": torch.bool}


def compute_in(dtype: str) -> None:
    """Let the states of loops and all new arrays be of this type."""
    KINDS["real"] = getattr(torch, dtype)
    torch.set_default_dtype(KINDS["real"])


SAME = (
    "exp expm1 exp2 log log1p log2 log10 sqrt logaddexp sin cos tan arcsin arccos arctan arctan2 hypot sinh cosh tanh "
    "arcsinh arccosh arctanh abs sign floor ceil isfinite logical_and logical_or logical_not maximum minimum sigmoid "
    "where relu"
)
SPECIAL = "erf erfc erfinv ndtr log_ndtr ndtri digamma i0 i1 i0e i1e xlogy xlog1py"


def _tensor(x: Any) -> Any:
    return x if isinstance(x, torch.Tensor) else torch.as_tensor(x)


def _lifted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function of tensors take numbers too."""
    return lambda *args: function(*map(_tensor, args))


def _state(x: Any, shape: Sequence[int], kind: str) -> Any:
    return torch.broadcast_to(_tensor(x).to(KINDS[kind]), tuple(shape))


np = SimpleNamespace(
    **{name: _lifted(getattr(torch, name)) for name in SAME.split()}
    | {name: _lifted(getattr(torch.special, name)) for name in SPECIAL.split()}
    | {
        "inf": float("inf"),
        "nan": float("nan"),
        "pi": numpy.pi,
        "cbrt": _lifted(lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3)),
        "softplus": _lifted(lambda x: functional.softplus(x, threshold=700)),
        "lgamma": _lifted(torch.lgamma),
        "sinc": _lifted(lambda x: torch.sinc(x / numpy.pi)),
        "rint": _lifted(torch.round),
        "round": _lifted(torch.round),
        "stop_gradient": lambda x: _tensor(x).detach(),
        "arange": torch.arange,
        "einsum": torch.einsum,
        "transpose": torch.permute,
        "broadcast_to": lambda x, shape: torch.broadcast_to(_tensor(x), shape),
        "sum": lambda x, axis: torch.sum(x, dim=axis),
        "prod": lambda x, axis: torch.prod(x, dim=axis),
        "max": lambda x, axis: torch.amax(x, dim=axis),
        "top": lambda x, axis: torch.amax(x, dim=axis),
        "min": lambda x, axis: torch.amin(x, dim=axis),
        "argmax": lambda x, axis: torch.argmax(x, dim=axis),
        "argmin": lambda x, axis: torch.argmin(x, dim=axis),
        "any": lambda x, axis: torch.any(x, dim=axis),
        "all": lambda x, axis: torch.all(x, dim=axis),
        "logsumexp": lambda x, axis: torch.logsumexp(x, dim=axis),
        "norm": lambda x, axis: torch.linalg.vector_norm(x, dim=axis),
        "state": _state,
    }
)

linalg = SimpleNamespace(
    solve=torch.linalg.solve,
    solve_pd=lambda a, b: torch.cholesky_solve(b, torch.linalg.cholesky(a)),
    solve_lower=lambda a, b: torch.linalg.solve_triangular(a, b, upper=False),
    solve_upper=lambda a, b: torch.linalg.solve_triangular(a, b, upper=True),
    inv=torch.linalg.inv,
    det=torch.linalg.det,
    logdet=lambda a: torch.linalg.slogdet(a)[1],
    cholesky=torch.linalg.cholesky,
    eigvalsh=torch.linalg.eigvalsh,
)


class Found:
    """The states of a loop: the last, and by request those behind or before each step."""

    def __init__(self, states: Sequence[Sequence[Any]], backward: bool) -> None:
        self._states, self._backward = states, backward  # in the order of the steps, the first before all of them

    def final(self, slot: int) -> Any:
        """Return the state behind the last step."""
        return self._states[-1][slot]

    def after(self, slot: int) -> Any:
        """Return the states behind all steps, time first."""
        return self._stacked(slot, self._states[1:])

    def before(self, slot: int) -> Any:
        """Return the states before all steps, time first."""
        return self._stacked(slot, self._states[:-1])

    def _stacked(self, slot: int, states: Sequence[Sequence[Any]]) -> Any:
        found = [s[slot] for s in states]
        return torch.stack(found[::-1] if self._backward else found)


def scan(step: Callable[..., Any], start: Sequence[Any], given: Sequence[Any], length: int, backward: bool) -> Found:
    """Run a loop, of Python's."""
    states, parts = [tuple(start)], [torch.unbind(x) for x in given]
    for t in reversed(range(length)) if backward else range(length):
        states.append(step(states[-1], tuple(part[t] for part in parts)))
    return Found(states, backward)


def scatter(shape: Sequence[int], index: Sequence[Any], values: Any, lengths: Sequence[int]) -> Any:
    """Add values at the places that an index names."""
    values = torch.broadcast_to(_tensor(values), tuple(lengths))
    zeros = torch.zeros(tuple(shape), dtype=values.dtype)
    return zeros.index_put(tuple(_tensor(i) for i in index), values, accumulate=True)


def value_and_grad(
    function: Callable[..., Any], arguments: dict[str, Any], wrt: Sequence[str]
) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return the calls of the value, and of the value with its gradients by `autograd.grad`, with one thread."""
    torch.set_num_threads(1)
    given = {n: torch.from_numpy(x) if isinstance(x, numpy.ndarray) else x for n, x in arguments.items()}
    given |= {n: _tensor(given[n]).clone().requires_grad_() for n in wrt}
    parameters = [given[n] for n in wrt]

    def one() -> Any:
        with torch.no_grad():
            return [function(**given)]

    def run() -> Any:
        value = function(**given)
        found = torch.autograd.grad(value, parameters, allow_unused=True, materialize_grads=True)
        return [value.detach(), *found]

    return one, run
