"""What is explained: the result of a formula, or another variable of it; of an array, with what arrives at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gradcompile.errors import FormulaError
from gradcompile.explain.steps import gradient_name
from gradcompile.ir.nodes import DType
from gradcompile.syntax.program import Argument, Program


def explained(program: Program, result: str | None) -> Program:
    """Return a program with the one result that is explained.

    At an array a gradient arrives that is an argument more: the backward pass starts from it. Raises FormulaError for
    a name that is no variable, and where several results leave the choice.
    """
    if result is not None and result not in program.names:
        hint = f"Name one of {', '.join(program.names)}."
        raise FormulaError(f"`{result}` is no variable of {program.file}.", hint=hint)
    if result is None and len(program.results) > 1:
        names = ", ".join(f"`{name}`" for name, _ in program.results)
        hint = f"Choose one, for example `--result {program.results[0][0]}`."
        raise FormulaError(f"one result is explained, but {program.file} returns {names}.", hint=hint)
    name, value = program.results[0] if result is None else (result, program.names[result])
    program = replace(program, results=[(name, value)])
    if not value.axes:
        return program
    taken = {*(a.name for a in program.arguments), *program.names, *program.dimensions}
    upstream = gradient_name(name)
    while upstream in taken:
        upstream += "_"
    argument = Argument(upstream, "Real", DType.REAL, value.axes)
    required = [a for a in program.arguments if a.default is None]
    defaults = [a for a in program.arguments if a.default is not None]
    return replace(program, arguments=[*required, argument, *defaults], upstream=upstream)


def starting(program: Program) -> str:
    """Return with what the backward pass starts, and what its gradients are of."""
    ((name, _),) = program.results
    if not program.upstream:
        return f"dx is the gradient of {name} with respect to x; {gradient_name(name)} = 1."
    return (
        f"dx is what comes back to x when {program.upstream} arrives at the array {name}: "
        f"the gradient of sum({program.upstream} * {name}) with respect to x."
    )


def with_upstream(program: Program, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a point with ones for what arrives at an array, unless it is given: as if the result were summed up."""
    if not program.upstream or program.upstream in given:
        return given
    arriving = next(a for a in program.arguments if a.name == program.upstream)
    sizes: dict[str, int] = {}
    for argument in program.arguments:
        if argument.name in given:
            shape = np.shape(given[argument.name])
            sizes |= {str(e): n for e, n in zip(argument.shape, shape, strict=False) if str(e).isidentifier()}
    if any(not extent.names <= sizes.keys() for extent in arriving.shape):
        hint = f"Give what arrives at the result: `--at {program.upstream}=[...]`."
        raise FormulaError(f"{program.file}: the inputs do not tell the shape of the result.", hint=hint)
    return {**given, program.upstream: np.ones([extent.evaluate(sizes) for extent in arriving.shape])}
