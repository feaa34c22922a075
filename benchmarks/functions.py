"""Elementary functions in a loop over the cache: nanoseconds an element, beside the C library, NumPy and JAX."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numba
import numba.extending
import numpy as np
from jax.scipy import special as jax_special
from scipy import special

from gradcompile.bench.timing import ROUNDS, interleaved
from gradcompile.emit import elementary

COUNT = 32_768  # elements: 256 KiB of float64
SLICE = 5e-4  # seconds
RANGES = {"log": (0.1, 10), "log1p": (-0.9, 10), "log2": (0.1, 10), "log10": (0.1, 10), "sin": (-20, 20)}
RANGES |= {"near_sin": (-20, 20), "near_cos": (-20, 20), "near_tan": (-20, 20)}
RANGES |= {"cos": (-20, 20), "tan": (-20, 20), "pow": (0.1, 4), "erfc": (-3, 6)}
RANGES |= {"lgamma": (0.1, 30), "digamma": (0.1, 30)}


def _plain(text: str) -> Callable[..., Any]:
    """Numba's code, which calls the C library."""
    return numba.njit(error_model="numpy")(eval(f"lambda x: {text}", {"np": np, "math": math}))  # from the table below


# What each is to Numba without us, to NumPy, and to JAX.
FUNCTIONS: dict[str, tuple[str, Any, Any]] = {
    "exp": ("np.exp(x)", np.exp, jnp.exp),
    "exp2": ("np.exp2(x)", np.exp2, jnp.exp2),
    "expm1": ("np.expm1(x)", np.expm1, jnp.expm1),
    "log": ("np.log(x)", np.log, jnp.log),
    "log2": ("np.log2(x)", np.log2, jnp.log2),
    "log10": ("np.log10(x)", np.log10, jnp.log10),
    "log1p": ("np.log1p(x)", np.log1p, jnp.log1p),
    "tanh": ("np.tanh(x)", np.tanh, jnp.tanh),
    "sigmoid": ("1 / (1 + np.exp(-x))", special.expit, jax.nn.sigmoid),
    "softplus": (
        "max(x, 0.0) + np.log1p(np.exp(-abs(x)))",
        lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
        jax.nn.softplus,
    ),
    "sinh": ("np.sinh(x)", np.sinh, jnp.sinh),
    "cosh": ("np.cosh(x)", np.cosh, jnp.cosh),
    "sin": ("np.sin(x)", np.sin, jnp.sin),
    "cos": ("np.cos(x)", np.cos, jnp.cos),
    "tan": ("np.tan(x)", np.tan, jnp.tan),
    "near_sin": ("np.sin(x)", np.sin, jnp.sin),
    "near_cos": ("np.cos(x)", np.cos, jnp.cos),
    "near_tan": ("np.tan(x)", np.tan, jnp.tan),
    "arctan": ("np.arctan(x)", np.arctan, jnp.arctan),
    "arctan2": ("np.arctan2(x, 1.5)", lambda x: np.arctan2(x, 1.5), lambda x: jnp.arctan2(x, 1.5)),
    "pow": ("x ** 2.3", lambda x: np.power(x, 2.3), lambda x: jnp.power(x, 2.3)),
    "cbrt": ("", np.cbrt, jnp.cbrt),
    "erf": ("math.erf(x)", special.erf, jax_special.erf),
    "erfc": ("math.erfc(x)", special.erfc, jax_special.erfc),
    "lgamma": ("math.lgamma(x)", special.gammaln, jax_special.gammaln),
    "digamma": ("", special.digamma, jax_special.digamma),
}
SECOND = {"arctan2": "1.5", "pow": "2.3"}


def ours(name: str, dtype: str) -> Any:
    """Return our function of one argument, jitted as modules have it."""
    scope: dict[str, Any] = {"np": np, "math": math, "njit": numba.njit, "intrinsic": numba.extending.intrinsic}
    texts = "\n\n".join(elementary.helpers(f"_{name}", dtype).values()).replace("cache=True, ", "")
    exec(texts, scope)  # the text is the project's own
    if name not in SECOND:
        return scope[f"_{name}"]
    scope["second"] = np.dtype(dtype).type(SECOND[name])
    return numba.njit(error_model="numpy", forceinline=True)(eval(f"lambda x: _{name}(x, second)", scope))


def summed(function: Any, dtype: str) -> Any:
    """Return the loop that adds up a function's values: no memory but the arguments is touched."""
    zero = np.dtype(dtype).type(0)

    @numba.njit(error_model="numpy", fastmath={"contract", "reassoc"})
    def loop(x: Any) -> Any:
        total = zero
        for i in range(x.shape[0]):
            total += function(x[i])
        return total

    return loop


def calls_of(name: str, x: Any) -> dict[str, Callable[[], Any]]:
    """Return what is timed: each computes all values and adds them up, NumPy into an array that exists."""
    text, in_numpy, in_jax = FUNCTIONS[name]
    dtype, given = x.dtype.name, jax.device_put(x)
    loops = {"ours": summed(ours(name, dtype), dtype)} | ({"libm": summed(_plain(text), dtype)} if text else {})
    jitted = jax.jit(lambda v: jnp.sum(in_jax(v)))
    made: dict[str, Callable[[], Any]] = {key: (lambda loop=loop: loop(x)) for key, loop in loops.items()}
    return made | {"numpy": lambda: in_numpy(x), "jax": lambda: jitted(given).block_until_ready()}


def row(name: str, dtype: str, rounds: int) -> str:
    """Time one function, after comparing the sums."""
    low, high = RANGES.get(name, (-3, 3))
    x = np.random.default_rng(0).uniform(low, high, COUNT).astype(dtype)
    calls = calls_of(name, x)
    sums = {key: float(np.sum(call(), dtype=np.float64)) for key, call in calls.items()}
    size = float(np.sum(np.abs(FUNCTIONS[name][1](x)), dtype=np.float64))
    worst = max(abs(s - sums["numpy"]) / size for s in sums.values())
    if not worst < (1e-12 if dtype == "float64" else 1e-4):
        raise SystemExit(f"the sums of {name} differ by {worst:.1e}")
    seconds = interleaved(calls, rounds, SLICE)
    cells = [f"{1e9 * seconds[key] / COUNT:.2f}" if key in seconds else "" for key in ("ours", "libm", "numpy", "jax")]
    best = min(s for key, s in seconds.items() if key != "ours")
    return f"| {name} | {' | '.join(cells)} | {best / seconds['ours']:.1f} |"


def main() -> None:
    """Print a Markdown table for each format."""
    rounds = ROUNDS if "--quick" in sys.argv else 4 * ROUNDS
    for dtype in ("float64", "float32"):
        print(f"| {dtype}, ns an element | ours | Numba with the C library | NumPy | JAX jit | best other / ours |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for name in FUNCTIONS:
            print(row(name, dtype, rounds), flush=True)
        print()


if __name__ == "__main__":
    main()
