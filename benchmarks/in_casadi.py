"""The scalar problems in CasADi: the C that it writes for value and gradient, compiled with -O3 -march=native."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import casadi
import numpy as np

from benchmarks.problem import Inputs, Problem
from gradcompile.bench.timing import Call


def compiled(function: Any) -> Any:
    """Return a function of CasADi as compiled C."""
    folder = Path(tempfile.mkdtemp())
    generator = casadi.CodeGenerator("generated.c")
    generator.add(function)
    generator.generate(f"{folder}/")
    source, library = folder / "generated.c", folder / "generated.so"
    subprocess.run(["cc", "-O3", "-march=native", "-fPIC", "-shared", source, "-o", library], check=True)
    found = casadi.external(function.name(), str(library))
    shutil.rmtree(folder)
    return found


def buffered(function: Any, inputs: Sequence[np.ndarray]) -> tuple[list[np.ndarray], Call]:
    """Return the arrays into which a function writes, and the call that does it without a copy of anything."""
    results = [np.zeros(function.size_out(i)[::-1]) for i in range(function.n_out())]
    given = [np.ascontiguousarray(x, dtype=np.float64).reshape(-1) for x in inputs]
    buffer, evaluate = function.buffer()  # which keep none of this alive
    for i, x in enumerate(given):
        buffer.set_arg(i, memoryview(x))
    for i, x in enumerate(results):
        buffer.set_res(i, memoryview(x.reshape(-1)))

    def call(alive: Any = (function, buffer, given)) -> None:
        evaluate()

    return results, call


def _mapped(problem: Problem, inputs: Inputs, value: Any, symbols: dict[str, Any]) -> Call:
    """Return the call for many: value and gradient of one, mapped, and the values added."""
    count = np.size(next(iter(inputs.values())))
    wanted = [symbols[name] for name in problem.parameters]
    one = casadi.Function("one", [*symbols.values()], [value, *(casadi.gradient(value, x) for x in wanted)])
    results, call = buffered(compiled(one if count == 1 else one.map(count)), [np.asarray(inputs[n]) for n in symbols])
    scalar = count == 1

    def run() -> Any:
        call()
        values, *gradients = results
        return [float(values[0, 0]), *(float(g[0, 0]) for g in gradients)] if scalar else [
            values.sum(), *(g.reshape(-1) for g in gradients)
        ]  # fmt: skip

    return run


def black_scholes(problem: Problem, inputs: Inputs) -> Call:
    """One option, mapped over the book."""
    symbols = {name: casadi.SX.sym(name) for name in inputs}
    S, K, T, r, sigma = symbols.values()
    root = sigma * casadi.sqrt(T)
    d1 = (casadi.log(S / K) + (r + 0.5 * sigma**2) * T) / root
    cdf1, cdf2 = (0.5 * (1 + casadi.erf(d / np.sqrt(2))) for d in (d1, d1 - root))
    return _mapped(problem, inputs, S * cdf1 - K * casadi.exp(-r * T) * cdf2, symbols)


def arm(problem: Problem, inputs: Inputs) -> Call:
    """From the hand to the base, for one pose or mapped over poses."""
    symbols = {name: casadi.SX.sym(name) for name in inputs}
    q = [symbols[f"q{i}"] for i in range(1, 8)]
    shifts = {5: 0.4, 3: 0.42, 1: 0.36}
    ends = [casadi.vertcat(0, 0, 0.126), casadi.vertcat(0, 0, 1), casadi.vertcat(1, 0, 0)]
    for i in range(6, -1, -1):
        c, s = casadi.cos(q[i]), casadi.sin(q[i]) if i != 3 else -casadi.sin(q[i])
        about_z = casadi.vertcat(casadi.horzcat(c, -s, 0), casadi.horzcat(s, c, 0), casadi.DM([[0, 0, 1]]))
        about_y = casadi.vertcat(casadi.horzcat(c, 0, s), casadi.DM([[0, 1, 0]]), casadi.horzcat(-s, 0, c))
        ends = [(about_z if i % 2 == 0 else about_y) @ v for v in ends]
        ends[0] = ends[0] + casadi.vertcat(0, 0, shifts.get(i, 0))
    wanted = [casadi.vertcat(*(symbols[part + axis] for axis in "xyz")) for part in "pan"]
    error = 0.5 * sum(casadi.sumsqr(a - b) for a, b in zip(ends, wanted, strict=True))
    return _mapped(problem, inputs, error, symbols)


def _accumulated(problem: Problem, inputs: Inputs, value: Any, symbols: dict[str, Any]) -> Call:
    wanted = [symbols[name] for name in problem.parameters]
    both = casadi.Function("both", [*symbols.values()], [value, *(casadi.gradient(value, x) for x in wanted)])
    results, call = buffered(compiled(both), [np.asarray(inputs[name]) for name in symbols])

    def run() -> Any:
        call()
        value, *gradients = results
        shaped = [g.reshape(np.shape(inputs[n])) for g, n in zip(gradients, problem.parameters, strict=True)]
        return [float(value[0, 0]), *shaped]

    return run


def lotka_volterra(problem: Problem, inputs: Inputs) -> Call:
    """One step, accumulated; in place of a loop over all steps CasADi's own."""
    u, seen = casadi.SX.sym("u", 2), casadi.SX.sym("seen", 2)
    rates = casadi.SX.sym("rates", 5)
    a, b, c, d, dt = casadi.vertsplit(rates)

    def rate(u: Any) -> Any:
        return casadi.vertcat(a * u[0] - b * u[0] * u[1], d * u[0] * u[1] - c * u[1])

    k1 = rate(u)
    k2 = rate(u + dt / 2 * k1)
    k3 = rate(u + dt / 2 * k2)
    k4 = rate(u + dt * k3)
    new = u + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    step = casadi.Function("step", [u, rates, seen], [new, casadi.sumsqr(new - seen)])
    steps = len(inputs["counted"])
    symbols = {
        name: casadi.MX.sym(name, *(np.shape(x)[::-1] if np.ndim(x) > 1 else (np.size(x), 1)))
        for name, x in inputs.items()
    }
    given = casadi.vertcat(*(symbols[name] for name in ("a", "b", "c", "d", "dt")))
    all_steps = step.mapaccum("all_steps", steps)
    squares = all_steps(symbols["u0"], casadi.repmat(given, 1, steps), symbols["counted"])[1]
    return _accumulated(problem, inputs, 0.5 * casadi.sum2(squares), symbols)


def garch(problem: Problem, inputs: Inputs) -> Call:
    """One day, accumulated."""
    variance, driven, beta = (casadi.SX.sym(name) for name in ("variance", "driven", "beta"))
    new = driven + beta * variance
    day = casadi.Function("day", [variance, driven, beta], [new])
    symbols = {name: casadi.MX.sym(name, np.size(x)) for name, x in inputs.items()}
    e2 = (symbols["returns"] - symbols["mu"]) ** 2
    count = np.size(inputs["returns"])
    driven_all = (symbols["omega"] + symbols["alpha"] * e2[:-1]).T
    first = casadi.sum1(e2) / count
    later = day.mapaccum("days", count - 1)(first, driven_all, casadi.repmat(symbols["beta"], 1, count - 1))
    variances = casadi.vertcat(first, later.T)
    value = 0.5 * casadi.sum1(casadi.log(2 * np.pi * variances) + e2 / variances)
    return _accumulated(problem, inputs, value, symbols)


FORMS = {"black_scholes": black_scholes, "arm": arm, "arms": arm, "lotka_volterra": lotka_volterra, "garch": garch}
