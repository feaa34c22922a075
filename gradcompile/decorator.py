"""The decorator that makes a formula of a Python function: read from its source, compiled when it is first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, update_wrapper
from types import ModuleType
from typing import Any, overload

from gradcompile import api, doors
from gradcompile.api import Claimed, Compiled
from gradcompile.doors import HasOrigin
from gradcompile.syntax.program import DOUBLE, MAX_STEPS, Program
from gradcompile.verify import Certificate, ClaimVerdict


@dataclass(frozen=True)
class Options:
    """How a function is compiled, as for `gradcompile.compile`."""

    target: str
    emit: Sequence[str] | None
    wrt: Sequence[str] | None
    verify: bool
    verify_seconds: float
    name: str | None
    check_domains: bool
    max_steps: int
    checkpoint: bool
    dtype: str
    out: bool


class Formula(HasOrigin):
    """A compiled Python function. A call gives the value; the other functions of the module are attributes.

    It is read and compiled when it is first used, in memory. Then `FormulaError` is raised for what is not in the
    language, `Refuted` where verification refutes it.
    """

    def __init__(self, function: Callable[..., Any], options: Options) -> None:
        self.origin = doors.origin_of(function)
        self._options = options
        update_wrapper(self, function)

    @cached_property
    def program(self) -> Program:
        """The formula, read."""
        options = self._options
        program = doors.read_function(self.origin, wrt=options.wrt, name=options.name)
        return replace(
            program,
            check_domains=options.check_domains,
            max_steps=options.max_steps,
            checkpoint=options.checkpoint,
            dtype=api.known_dtype(options.dtype),
            out=options.out,
        )

    @cached_property
    def compiled(self) -> Compiled:
        """The formula and the module made of it, as `gradcompile.compile` returns them."""
        options, emit = self._options, self._options.emit
        if emit is None and (defaults := api.functions_of(self.program, None)) != ("value",):
            emit = (*defaults, "grad")
        seconds = options.verify_seconds
        return api.finish(self.program, target=options.target, emit=emit, verify=options.verify, verify_seconds=seconds)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the value."""
        return self._function("value")(*args, **kwargs)

    @property
    def value_and_grad(self) -> Callable[..., Any]:
        """The function that returns the value and a tuple of gradients by name."""
        return self._function("value_and_grad")

    @property
    def grad(self) -> Callable[..., Any]:
        """The function that returns the gradients by name."""
        return self._function("grad")

    def __getattr__(self, name: str) -> Any:
        if name in api.FUNCTIONS or name == "unpack":
            return self._function(name)
        raise AttributeError(f"a formula has no attribute {name!r}")

    def _function(self, name: str) -> Callable[..., Any]:
        function: Callable[..., Any] | None = getattr(self.module, name, None)
        if function is None:
            api.functions_of(self.program, [name])  # raises where it is impossible
            raise AttributeError(f"`{self.__name__}` has no `{name}`; ask for it: @formula(emit='{name}')")
        return function

    @property
    def module(self) -> ModuleType:
        """The loaded module, with all that was emitted."""
        module = self.compiled.module
        assert module is not None
        return module

    @property
    def source(self) -> str:
        """The source of the generated module."""
        return self.compiled.source

    @property
    def certificate(self) -> Certificate | None:
        """What verification found, None where it was not asked for."""
        return self.compiled.certificate

    def check(
        self, *, at: Mapping[str, Any] | None = None, verify_seconds: float = 60.0, **claims: Claimed
    ) -> list[ClaimVerdict]:
        """Return verdicts on gradients by name, as `gradcompile.check(claims=...)` does; without any, on each `assert`.

        Nothing is compiled for that.
        """
        return api.judge_claims(self.program, claims, at=at, seconds=verify_seconds)

    def __reduce__(self) -> str:
        return str(self.__qualname__)  # a pickle has the name, as for any function

    def __repr__(self) -> str:
        state = f"compiled for {self._options.target}" if "compiled" in self.__dict__ else "not compiled yet"
        if "compiled" in self.__dict__ and self.certificate is not None:
            state += ", verified"
        return f"<formula {self.__name__} of {self.origin.file}:{self.origin.line}, {state}>"


@overload
def formula(function: Callable[..., Any], /) -> Formula: ...


@overload
def formula(
    *,
    target: str = ...,
    emit: Sequence[str] | None = ...,
    wrt: Sequence[str] | None = ...,
    verify: bool = ...,
    verify_seconds: float = ...,
    name: str | None = ...,
    check_domains: bool = ...,
    max_steps: int = ...,
    checkpoint: bool = ...,
    dtype: str = ...,
    out: bool = ...,
) -> Callable[[Callable[..., Any]], Formula]: ...


def formula(
    function: Callable[..., Any] | None = None,
    /,
    *,
    target: str = "numba",
    emit: Sequence[str] | None = None,
    wrt: Sequence[str] | None = None,
    verify: bool = True,
    verify_seconds: float = 60.0,
    name: str | None = None,
    check_domains: bool = False,
    max_steps: int = MAX_STEPS,
    checkpoint: bool = False,
    dtype: str = DOUBLE,
    out: bool = False,
) -> Formula | Callable[[Callable[..., Any]], Formula]:
    """Make a formula of a Python function: ``@formula`` or ``@formula(target="numpy", wrt=["w"])``.

    The annotations declare the inputs, ``X: Real[N, D]``; the body is formula text and is never run. The options are
    those of `compile`.
    """
    names, parameters = api.listed(emit), api.listed(wrt)
    options = Options(
        target, names, parameters, verify, verify_seconds, name, check_domains, max_steps, checkpoint, dtype, out
    )

    def decorate(function: Callable[..., Any]) -> Formula:
        return Formula(function, options)

    return decorate if function is None else decorate(function)
