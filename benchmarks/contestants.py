"""The calls that are timed; each does all the work and returns the value and the gradients as a list."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.problem import Inputs, Problem
from gradcompile.bench.timing import Call


def module_of(problem: Problem, folder: Path) -> ModuleType:
    """Return the generated module, from the folder if an earlier process wrote it there with its compile cache."""
    path = folder / f"{problem.name}.py"
    if not path.exists():
        import gradcompile  # noqa: PLC0415  (a process that finds the module needs no compiler)

        path.write_text(gradcompile.compile(problem.path, verify=False).source, encoding="utf-8")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))  # Numba's cache finds a function's module by its name
    return importlib.import_module(problem.name)


def ours(problem: Problem, inputs: Inputs, folder: Path) -> dict[str, Call]:
    """Return the calls of the generated module, wrapper included."""
    module = module_of(problem, folder)
    arguments = tuple(inputs.values())

    def both() -> Any:
        value, gradients = module.value_and_grad(*arguments)
        return [value, *gradients]

    return {"ours": both, "value": lambda: [module.value(*arguments)]}


def _forms(problem: Problem, framework: str) -> dict[str, Callable[..., Any]]:
    """Return what a framework's file has for a problem: one function, or several under `FORMS`."""
    file = importlib.import_module(f"benchmarks.in_{framework}")
    single = getattr(file, problem.name, None)
    return file.FORMS.get(problem.name) or ({"": single} if single else {})


def _titles(peer: str, forms: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    return {f"{peer} {form}".rstrip(): function for form, function in forms.items()}


def in_jax(problem: Problem, inputs: Inputs, _: Path) -> dict[str, Call]:
    """Return `jit` of `value_and_grad`, of each form."""
    import jax  # noqa: PLC0415

    parameters = {name: jax.device_put(inputs[name]) for name in problem.parameters}
    rest = {name: jax.device_put(x) for name, x in inputs.items() if name not in parameters}

    def call(function: Callable[..., Any]) -> Call:
        jitted = jax.jit(jax.value_and_grad(lambda p, rest: function(**p, **rest)))

        def run() -> Any:
            value, gradients = jax.block_until_ready(jitted(parameters, rest))
            return [value, *(gradients[name] for name in problem.parameters)]

        return run

    return {title: call(function) for title, function in _titles("JAX", _forms(problem, "jax")).items()}


def in_torch(problem: Problem, inputs: Inputs, _: Path) -> dict[str, Call]:
    """Return the value and `autograd.grad` of it, of each form."""
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
    given = {k: torch.from_numpy(x) if isinstance(x, np.ndarray) else x for k, x in inputs.items()}
    given |= {k: torch.tensor(given[k], dtype=torch.float64) for k in problem.parameters if np.ndim(inputs[k]) == 0}
    parameters = [given[name].requires_grad_() for name in problem.parameters]

    def call(function: Callable[..., Any]) -> Call:
        def run() -> Any:
            value = function(**given)
            return [value.detach(), *torch.autograd.grad(value, parameters)]

        return run

    return {title: call(function) for title, function in _titles("PyTorch", _forms(problem, "torch")).items()}


def in_numpy(problem: Problem, inputs: Inputs, _: Path) -> dict[str, Call]:
    """Return the functions by hand."""

    def call(function: Callable[..., Any]) -> Call:
        def run() -> Any:
            value, gradients = function(**inputs)
            return [value, *gradients]

        return run

    return {title: call(function) for title, function in _titles("NumPy", _forms(problem, "numpy")).items()}


def in_casadi(problem: Problem, inputs: Inputs, _: Path) -> dict[str, Call]:
    """Return the call of the compiled C, where the problem is a scalar one."""
    forms = importlib.import_module("benchmarks.in_casadi").FORMS
    return {"CasADi": forms[problem.name](problem, inputs)} if problem.name in forms else {}


PEERS = {"jax": in_jax, "torch": in_torch, "casadi": in_casadi, "numpy": in_numpy}


def installed(peer: str) -> bool:
    """Can a peer be imported?"""
    return importlib.util.find_spec(peer) is not None
