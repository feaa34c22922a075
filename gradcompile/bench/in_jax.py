"""What the names in the peers' array code mean in JAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.linalg as matrices
import numpy
from jax import lax
from jax.scipy import special

jax.config.update("jax_enable_x64", True)

KINDS: dict[str, Any] = {"real": jnp.float64, "int": jnp.int64, "bool": jnp.bool_}


def compute_in(dtype: str) -> None:
    """Let the states of loops be of this type; arrays have that of the arguments."""
    KINDS["real"] = jnp.dtype(dtype)


def _state(x: Any, shape: Sequence[int], kind: str) -> Any:
    return jnp.broadcast_to(jnp.asarray(x, KINDS[kind]), shape)


def _top(x: Any, axis: int) -> Any:
    return jnp.max(x, axis=axis, initial=-jnp.inf)


np = SimpleNamespace(
    **{name: getattr(jnp, name) for name in dir(jnp) if not name.startswith("_")}
    | {
        "sigmoid": jax.nn.sigmoid,
        "softplus": jax.nn.softplus,
        "relu": jax.nn.relu,
        "erf": special.erf,
        "erfc": special.erfc,
        "erfinv": special.erfinv,
        "ndtr": special.ndtr,
        "log_ndtr": special.log_ndtr,
        "ndtri": special.ndtri,
        "lgamma": special.gammaln,
        "digamma": special.digamma,
        "i0": special.i0,
        "i1": special.i1,
        "i0e": special.i0e,
        "i1e": special.i1e,
        "sinc": lambda x: jnp.sinc(x / jnp.pi),
        "xlogy": special.xlogy,
        "xlog1py": special.xlog1py,
        "stop_gradient": lax.stop_gradient,
        "round": jnp.rint,
        "logsumexp": special.logsumexp,
        "norm": lambda x, axis: jnp.sqrt(jnp.sum(x * x, axis=axis)),
        "top": _top,
        "state": _state,
    }
)


def _solve_pd(a: Any, b: Any) -> Any:
    return matrices.cho_solve((jnp.linalg.cholesky(a), True), b)


linalg = SimpleNamespace(
    solve=jnp.linalg.solve,
    solve_pd=_solve_pd,
    solve_lower=lambda a, b: matrices.solve_triangular(a, b, lower=True),
    solve_upper=lambda a, b: matrices.solve_triangular(a, b, lower=False),
    inv=jnp.linalg.inv,
    det=jnp.linalg.det,
    logdet=lambda a: jnp.linalg.slogdet(a)[1],
    cholesky=jnp.linalg.cholesky,
    eigvalsh=jnp.linalg.eigvalsh,
)


class Found:
    """The states of a loop: the last, and by request those behind or before each step."""

    def __init__(self, start: Sequence[Any], final: Sequence[Any], after: Sequence[Any], backward: bool) -> None:
        self._start, self._final, self._after, self._backward = start, final, after, backward

    def final(self, slot: int) -> Any:
        """Return the state behind the last step."""
        return self._final[slot]

    def after(self, slot: int) -> Any:
        """Return the states behind all steps, time first."""
        return self._after[slot]

    def before(self, slot: int) -> Any:
        """Return the states before all steps, time first."""
        first, after = self._start[slot][None], self._after[slot]
        return jnp.concatenate([after[1:], first] if self._backward else [first, after[:-1]])


def scan(step: Callable[..., Any], start: Sequence[Any], given: Sequence[Any], length: int, backward: bool) -> Found:
    """Run a loop; XLA drops what nobody reads of the stacked states."""

    def both(states: Any, now: Any) -> Any:
        new = step(states, now)
        return new, new

    final, after = lax.scan(both, tuple(start), tuple(given), length=length, reverse=backward)
    return Found(start, final, after, backward)


def scatter(shape: Sequence[int], index: Sequence[Any], values: Any, lengths: Sequence[int]) -> Any:
    """Add values at the places that an index names."""
    values = jnp.broadcast_to(values, lengths)
    return jnp.zeros(shape, values.dtype).at[tuple(index)].add(values)


def value_and_grad(
    function: Callable[..., Any], arguments: dict[str, Any], wrt: Sequence[str]
) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return the calls of the value, and of the value with its gradients, by `jit`, on arrays of the device."""
    whole = {n: x for n, x in arguments.items() if isinstance(x, int) and not isinstance(x, bool)}
    given = {n: jax.device_put(numpy.asarray(x)) for n, x in arguments.items() if n not in whole}
    parameters = {n: given.pop(n) for n in wrt}

    def loss(p: Any, rest: Any) -> Any:
        return function(**p, **rest, **whole)

    one, both = jax.jit(loss), jax.jit(jax.value_and_grad(loss))

    def run() -> Any:
        value, gradients = jax.block_until_ready(both(parameters, given))
        return [value, *(gradients[n] for n in wrt)]

    return lambda: [jax.block_until_ready(one(parameters, given))], run
