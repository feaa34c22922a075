"""The decorator that makes a formula of a Python function: read from its source, compiled when it is first used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, update_wrapper
from types import ModuleType
from typing import Any, overload

from gradcompile import api, doors, verify
from gradcompile.api import Compiled
from gradcompile.doors import HasOrigin
from gradcompile.syntax.program import Program
from gradcompile.verify import Certificate, ClaimVerdict


class Formula(HasOrigin):
    """A compiled Python function. A call gives the value; the other functions of the module are attributes.

    It is read and compiled when it is first used, in memory. Then `FormulaError` is raised for what is not in the
    language, `Refuted` where verification refutes it.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        target: str,
        emit: Sequence[str] | None,
        wrt: Sequence[str] | None,
        verify: bool,
        verify_seconds: float,
        name: str | None,
    ) -> None:
        self.origin = doors.origin_of(function)
        self._wrt, self._name, self._emit = wrt, name, emit
        self._target, self._verify, self._seconds = target, verify, verify_seconds
        update_wrapper(self, function)

    @cached_property
    def program(self) -> Program:
        """The formula, read."""
        return doors.read_function(self.origin, wrt=self._wrt, name=self._name)

    @cached_property
    def compiled(self) -> Compiled:
        """The formula and the module made of it, as `gradcompile.compile` returns them."""
        emit = self._emit
        if emit is None and (defaults := api.functions_of(self.program, None)) != ("value",):
            emit = (*defaults, "grad")
        seconds = self._seconds
        return api.finish(self.program, target=self._target, emit=emit, verify=self._verify, verify_seconds=seconds)

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

    def check(self, *, verify_seconds: float = 60.0) -> list[ClaimVerdict]:
        """Return a verdict for every `assert` of the function; nothing is compiled for that."""
        return verify.check_claims(self.program, seconds=verify_seconds)

    def __reduce__(self) -> str:
        return str(self.__qualname__)  # a pickle has the name, as for any function

    def __repr__(self) -> str:
        state = f"compiled for {self._target}" if "compiled" in self.__dict__ else "not compiled yet"
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
) -> Formula | Callable[[Callable[..., Any]], Formula]:
    """Make a formula of a Python function: ``@formula`` or ``@formula(target="numpy", wrt=["w"])``.

    The annotations declare the inputs, ``X: Real[N, D]``; the body is formula text and is never run. The options are
    those of `compile`.
    """

    def decorate(function: Callable[..., Any]) -> Formula:
        return Formula(
            function,
            target=target,
            emit=api.listed(emit),
            wrt=api.listed(wrt),
            verify=verify,
            verify_seconds=verify_seconds,
            name=name,
        )

    return decorate if function is None else decorate(function)
