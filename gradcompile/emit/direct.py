"""Calls without a detour: arguments are tested in machine code, and what fits goes straight to that of a kernel."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from types import ModuleType

from gradcompile.emit.direct_text import DIRECT, IS_A, IS_ARRAY, IS_SHORT, PAIR
from gradcompile.emit.kernel import Kernel
from gradcompile.emit.names import INTO, local_names
from gradcompile.emit.parts import DECORATOR
from gradcompile.emit.sizes import Place, extent_text, is_alone, solution
from gradcompile.emit.validation import all_plain
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import DType
from gradcompile.syntax.program import Argument, Program

AFTER = 100  # calls, from which on the seconds are well spent that Numba takes for a test
SHORT = 250  # lines of a kernel that may be compiled a second time, as part of another function
_CLASSES = {DType.REAL: "PyFloat_Type", DType.INT: "PyLong_Type", DType.BOOL: "PyBool_Type"}
_ELEMENTS = {DType.REAL: "types.float64", DType.INT: "types.int64", DType.BOOL: "types.boolean"}
_NUMBERS = _ELEMENTS | {DType.REAL: "types.double"}  # in a module of float32 too
_DTYPES = {DType.REAL: "_REAL", DType.INT: "_INTEGER", DType.BOOL: "_BOOLEAN"}


def hurry(module: ModuleType) -> None:
    """Let the functions of a module call their kernels directly from the second call on."""
    for part in vars(module).values():
        if type(part).__name__ == "_Direct":
            part.left = min(part.left, 1)


class DirectCalls:
    """Writes how the wrappers of a module call its kernels.

    ``fits``: whether machine code can tell of all arguments that they need no conversion. ``pairs``: whether it makes
    the named tuple of the gradient too, as all are numbers.
    """

    def __init__(self, program: Program, kernels: Mapping[str, Kernel], gradient: str) -> None:
        self.program, self.kernels, self.gradient = program, kernels, gradient
        self.locals, self.dimensions = local_names(program)
        self.names = ", ".join(a.name for a in program.arguments)
        shadows = any(name != local for name, local in self.locals.items())  # a wrapper needs the name itself
        simple = bool(kernels) and bool(program.arguments) and not shadows and not program.check_domains
        self.sizes = self._sizes() if simple else None
        self.fits = self.sizes is not None
        self.numbers = bool(all_plain(program.arguments))
        kernel = kernels.get("value_and_grad_kernel")
        short = kernel is not None and _length(kernel) <= SHORT
        self.pairs = self.fits and self.numbers and short and not program.out
        self.arrays = [a for a in program.differentiated if a.axes] if program.out else []
        self.used: set[str] = set()

    # -- in the wrappers ---------------------------------------------------------------------------------------

    def found(self, kernel: str, part: str = "") -> list[str]:
        """Return the statements that call a kernel and leave its tuple in `_found`.

        If they make the value and the gradient of it themselves, they return those, or a ``part`` of them.
        """
        slow = f"_found = {kernel}(*_checked({self.names}))"
        if not self.fits:
            return [slow]
        if self.pairs and kernel == "value_and_grad_kernel":
            self.used.add("pair")
            call = f"_found = _call({self.gradient}, {self.names})"
            return ["_call = _pairs.run", call, "if _found is not None:", f"    return _found{part}", slow]
        self.used.add(kernel)
        test = [f"if {all_plain(self.program.arguments)}:"]
        if not self.numbers:
            self.used.add("fits")
            test = ["_fits = _fitting.run", f"if _fits({', '.join([*self._kinds, self.names])}):"]
        return [*test, f"    _call = _direct_{kernel}.run", f"    _found = _call({self.names})", "else:", f"    {slow}"]

    def into(self, out: str) -> list[str]:
        """Return the branch for a gradient that is given in `out`, all of whose arrays fit as they are."""
        if not self.fits or not self.arrays:
            return []
        self.used |= {"fits", INTO}
        places = ", ".join(f"{out}.{a.name}" for a in self.arrays)
        given = ", ".join([*self._kinds, self.names, places])
        return [
            f"elif {out}.__class__ is {self.gradient} and _fitting_into.run({given}):",
            f"    _found = _kept(_direct_{INTO}.run, {self.names}, {places})",
        ]

    # -- what they need ----------------------------------------------------------------------------------------

    def sources(self) -> list[str]:
        """Return the source of what the statements above use."""
        if not self.used:
            return []
        parts = [DIRECT]
        if "pair" in self.used:
            parts += [IS_A, PAIR, self._pairs()]
        if "fits" in self.used:
            test = self._fitting()
            texts = {"_is_a(": IS_A, "_is_short(": IS_SHORT, "_is_array(": IS_ARRAY}
            parts += [*(text for call, text in texts.items() if call in test), test]
        parts += [self._fitting_into()] if INTO in self.used else []
        parts += [self._kernels()] if self.used & self.kernels.keys() else []
        return [text.strip("\n") for text in parts]

    def _kernels(self) -> str:
        types = textwrap.wrap(", ".join(_type(a) for a in self.program.arguments), 105)
        lines = ["_KNOWN = (  # types of the arguments", *(f"    {line}" for line in types), ")"]
        lines[-2] += ","
        for name in self.kernels:
            if name in self.used:
                more = "".join(f", {_type(a)}" for a in self.arrays) + ", types.double[::1]" if name == INTO else ""
                lines.append(f"_direct_{name} = _Direct({name}, 0, *_KNOWN{more})")
        return "\n".join(lines)

    @property
    def _kinds(self) -> list[str]:
        """The class and the types of arrays, as wrappers hand them to the test."""
        found = {a.dtype for a in self.program.arguments if a.axes}
        return [*(["_ARRAY"] if found else []), *(text for dtype, text in _DTYPES.items() if dtype in found)]

    def _fitting(self) -> str:
        given = [*(f"{name.lower()}" for name in self._kinds), self.names]
        tests = [self._test(a) for a in self.program.arguments]
        defined, conditions = self.sizes or ([], [])
        lines = [f"def _fit({', '.join(given)}):", '    """Do the kernels take the arguments as they are?"""']
        lines += [line for test in tests for line in (f"    if not ({test}):", "        return False")]
        lines += [f"    {line}" for line in defined]
        lines.append(f"    return {' and '.join(conditions) or True}")
        count = len(self._kinds) + len(self.program.arguments)
        return "\n".join([DECORATOR, *lines, "", "", f"_fitting = _Direct(_fit, {AFTER}, *[_ANY] * {count})"])

    def _fitting_into(self) -> str:
        kinds = [name.lower() for name in self._kinds]
        outs = {a.name: f"_out_{a.name}" for a in self.arrays}
        tests = [f"_fit({', '.join([*kinds, self.names])})"]
        tests += [f"_is_array({outs[a.name]}, _array, _real, {len(a.axes)})" for a in self.arrays]
        sizes = [(a.name, i) for a in self.arrays for i in range(len(a.axes))]
        equal = " and ".join(f"_size({outs[name]}, {i}) == _size({name}, {i})" for name, i in sizes)
        lines = [f"def _fit_into({', '.join([*kinds, self.names, *outs.values()])}):"]
        lines.append('    """Does it take these arguments, and these arrays for the gradient, as they are?"""')
        lines += [line for test in tests for line in (f"    if not {test}:", "        return False")]
        count = len(kinds) + len(self.program.arguments) + len(outs)
        tied = f"_fitting_into = _Direct(_fit_into, {AFTER}, *[_ANY] * {count})"
        return "\n".join([DECORATOR, *lines, f"    return {equal}", "", "", tied])

    def _test(self, argument: Argument) -> str:
        name, dtype = argument.name, argument.dtype
        if argument.axes:
            return f"_is_array({name}, _array, {_DTYPES[dtype].lower()}, {len(argument.axes)})"
        more = f" and _is_short({name})" if dtype is DType.INT else ""
        return f'_is_a({name}, "{_CLASSES[dtype]}"){more}'

    def _sizes(self) -> tuple[list[str], list[str]] | None:
        """Return the definitions of all sizes and what has to hold for them; None where it takes more to know."""
        solved = solution(self.program)
        if not all(is_alone(place.extent, name) for name, place in solved):
            return None
        known = {name for name, _ in solved}
        defining = {place for _, place in solved}
        places = [Place(a, i) for a in self.program.arguments for i in range(len(a.axes))]
        others = [p for p in places if p not in defining]
        required = [(r.left, r.relation, r.right) for r in self.program.requirements]
        extents = [*(p.extent for p in others), *(e for left, _, right in required for e in (left, right))]
        if any(not e.names <= known or "ceil(" in str(e) for e in extents):
            return None
        text = {p: f"_size({p.argument.name}, {p.position})" for p in places}
        defined = [f"{self.dimensions[name]} = {text[place]}" for name, place in solved]
        conditions = [f"{text[p]} == {self._text(p.extent)}" for p in others]
        return defined, conditions + [f"{self._text(a)} {relation} {self._text(b)}" for a, relation, b in required]

    def _text(self, size: Extent) -> str:
        return extent_text(size, self.dimensions)

    def _pairs(self) -> str:
        count = len(self.program.arguments)
        together = f"({self.names}{',' if count == 1 else ''})"
        tests = " and ".join(f'_is_a({a.name}, "PyFloat_Type")' for a in self.program.arguments)
        lines = [
            f"def _pair_of(_kind, {self.names}):",
            '    """Return the value and the gradient as Python\'s objects; None if an argument is no float."""',
            f"    if not ({tests}):",
            "        return _nothing(_kind)",
            f"    return _pair(_kind, value_and_grad_kernel(*_floats({together})))",
        ]
        return "\n".join([DECORATOR, *lines, "", "", f"_pairs = _Direct(_pair_of, {AFTER}, *[_ANY] * {count + 1})"])


def _length(kernel: Kernel) -> int:
    """Return the number of lines that Numba compiles for a kernel, at most."""
    return len(kernel.lines) + sum(text.count("\n") for text in kernel.helpers.values())


def _type(argument: Argument) -> str:
    """Return the type that a kernel knows an argument by."""
    if not argument.axes:
        return _NUMBERS[argument.dtype]
    return f"{_ELEMENTS[argument.dtype]}[{', '.join([*[':'] * (len(argument.axes) - 1), '::1'])}]"
