"""The public functions of the module: thin wrappers around the kernels, and the named tuples that they return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gradcompile import derived
from gradcompile.derived import DERIVED
from gradcompile.emit import validation
from gradcompile.emit.derived_wrappers import DerivedWrappers
from gradcompile.emit.direct import DirectCalls
from gradcompile.emit.into import KEPT
from gradcompile.emit.kernel import Kernel
from gradcompile.emit.names import INTO, Names, local_names
from gradcompile.emit.sizes import agreement_lines, extent_text, needed, solve
from gradcompile.ir.dims import Extent, total
from gradcompile.ir.nodes import Axis, DType
from gradcompile.pipeline import Derived
from gradcompile.syntax.program import SINGLE, Argument, Program

NEW = "_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long"


class Wrappers:
    """Writes the functions of one module."""

    def __init__(self, program: Program, made: Mapping[str, Derived], kernels: Sequence[Kernel], target: str) -> None:
        self.program = program
        self.numpy = target == "numpy"
        self.single = program.dtype == SINGLE
        self.locals, self.dimensions = local_names(program)
        taken = {a.name for a in program.arguments}
        self.gradient, self.value, self.parameters = (
            f"{name}_" if name in taken else name for name in ("Gradient", "Value", "Parameters")
        )
        self.asked: set[str] = set()
        self.out = derived.keyword("out", taken)
        self.direct = DirectCalls(program, {} if self.numpy else {k.name: k for k in kernels}, self.gradient)
        self.derived = DerivedWrappers(program, made, numpy=self.numpy, gradient=self.gradient, value=self.value)

    def sources(self, functions: Sequence[str]) -> list[str]:
        """Return the source of each class and function that is needed, in order."""
        asked = self.asked = set(functions)
        packing = bool(asked & {"objective", "pack", "unpack"})
        calls = bool(asked & {"value", "value_and_grad", "grad", "objective", *DERIVED})
        parts: list[str] = []
        if asked & {"value_and_grad", "grad", "vjp", "hvp"}:
            parts.append(self._tuple(self.gradient, f"{self._what} with respect to each parameter."))
        if asked & {"value_and_grad", "grad"}:
            parts.append(NEW)
        if asked & {"value", "jvp"} and len(self.program.results) > 1:
            parts.append(self._values())
        if packing:
            parts.append(self._tuple(self.parameters, "The parameters."))
        parts += [getattr(self, f"_{name}")() for name in ("value", "value_and_grad", "grad") if name in asked]
        parts += [self._writable(), KEPT.strip("\n")] if self.program.out else []
        parts += [self._pack(), self._unpack()] if packing else []
        parts += [self._objective()] if "objective" in asked else []
        parts += self.derived.sources(functions)
        checked = self.program.arguments if calls else self.program.differentiated
        parts += self._checks(checked, functions, packing=packing, calls=calls)
        parts += self.direct.sources()
        return [text.replace("float64", SINGLE) for text in parts] if self.single else parts

    def _checks(
        self, checked: Sequence[Argument], functions: Sequence[str], *, packing: bool, calls: bool
    ) -> list[str]:
        parts = validation.helpers([*checked, *([_VECTOR] if packing else []), *self.derived.extras(functions)])
        parts += [validation.checked(self.program, numpy_scalars=self.numpy)] if calls else []
        return parts

    @property
    def _what(self) -> str:
        value = self.program.results[0][1]
        scalar = len(self.program.results) == 1 and not value.axes
        return f"The gradient of {self.result}" if scalar else "A gradient"

    @property
    def result(self) -> str:
        """The name of the first result."""
        return self.program.results[0][0]

    # -- classes -----------------------------------------------------------------------------------------------

    def _tuple(self, name: str, doc: str) -> str:
        fields = [(a.name, a.shape) for a in self.program.differentiated]
        return _named_tuple(name, doc, fields)

    def _values(self) -> str:
        fields = [(name, value.shape) for name, value in self.program.results]
        return _named_tuple(self.value, "The results of the formula.", fields)

    # -- value and gradient ------------------------------------------------------------------------------------

    def _function(self, name: str, doc: str, body: Sequence[str], keywords: Sequence[str] = ()) -> str:
        if self.numpy:
            body = ['with np.errstate(all="ignore"):', *(f"    {line}" for line in body)]
        lines = [f"def {name}({validation.signature(self.program.arguments, keywords)}):", f'    """{doc}"""']
        return "\n".join([*lines, *(f"    {line}" for line in body)])

    def _value(self) -> str:
        found = self.direct.found("value_kernel")
        if len(self.program.results) == 1:
            return self._function("value", f"Return {self.result}.", [*found, "return _found[0]"])
        names = ", ".join(name for name, _ in self.program.results)
        return self._function("value", f"Return {names}.", [*found, f"return {self.value}(*_found)"])

    def _value_and_grad(self) -> str:
        doc = f"Return {self.result} and its gradient"
        return self._gradient("value_and_grad", doc, f"_found[0], _new({self.gradient}, _found[1:])")

    def _grad(self) -> str:
        doc = f"Return the gradient of {self.result}"
        return self._gradient("grad", doc, f"_new({self.gradient}, _found[1:])", "[1]")

    def _gradient(self, name: str, doc: str, returned: str, part: str = "") -> str:
        """Return a function that may be given the arrays for its gradient; ``part`` is that of a pair it returns."""
        found = self.direct.found("value_and_grad_kernel", part)
        if not self.program.out:
            return self._function(name, f"{doc}.", [*found, f"return {returned}"])
        names = ", ".join(a.name for a in self.program.arguments)
        body = [
            f"if {self.out} is None:",
            *(f"    {line}" for line in found),
            *self.direct.into(self.out),
            "else:",
            f"    _given = _checked({names})",
            f"    _found = _kept({INTO}, *_given, *_writable({self.out}, _given, ({names},)))",
            f"return {returned}",
        ]
        doc += f", written into the arrays of `{self.out}`, an earlier gradient, if that is given."
        return self._function(name, doc, body, [f"{self.out}=None"])

    def _writable(self) -> str:
        """Return the source of the function that checks where a gradient is to be written."""
        places = {a.name: i for i, a in enumerate(self.program.arguments)}
        arrays = [a.name for a in self.program.differentiated if a.axes]
        return validation.writable(self.gradient, {name: places[name] for name in arrays}, list(places))

    # -- one flat vector ---------------------------------------------------------------------------------------

    @property
    def sizes(self) -> list[str]:
        """The dimensions that the parameters have."""
        found = {name for a in self.program.differentiated for size in a.shape for name in size.names}
        return [d for d in self.program.dimensions if d in found]

    def _pack(self) -> str:
        parameters = self.program.differentiated
        listed = ", ".join(_described(a) for a in parameters)
        lines = [f"def pack({', '.join(a.name for a in parameters)}):"]
        lines.append(f'    """Return the parameters as one flat vector, one behind the other: {listed}."""')
        lines += self._conversions(parameters)
        solved = solve(parameters, self.program.dimensions)
        checks = agreement_lines(self.program, parameters, solved)
        lines += [f"    {line}" for line in checks] if any("raise" in line for line in checks) else []
        if not any(a.axes for a in parameters):
            return "\n".join([*lines, f"    return np.array([{', '.join(self.locals[a.name] for a in parameters)}])"])
        kind = ", dtype=float" if self.single else ""  # what SciPy's optimisers compute in
        parts = [f"{self.locals[a.name]}.ravel()" if a.axes else f"[{self.locals[a.name]}]" for a in parameters]
        joined = f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        return "\n".join([*lines, f"    return np.concatenate({joined}{kind})"])

    def _conversions(self, arguments: Sequence[Argument]) -> list[str]:
        lines = []
        for a in arguments:
            local = self.locals[a.name]
            lines += [f"    {local} = {a.name}"] if local != a.name else []
            lines += [f"    {line}" for line in validation.conversion(a, local, numpy_scalars=False)]
        return lines

    def _unpack(self) -> str:
        parameters = self.program.differentiated
        keywords = [self.dimensions[d] for d in self.sizes]
        vector = Names([*keywords, *self.locals.values()]).new("vector")
        listed = ", ".join(_described(a) for a in parameters)
        count = _count(parameters)
        length = extent_text(count, self.dimensions)
        given = f"; {' and '.join(keywords)} {'is a size' if len(keywords) == 1 else 'are sizes'}" if keywords else ""
        lines = [f"def unpack({', '.join([vector, *(['*', *keywords] if keywords else [])])}):"]
        lines.append(f'    """Return {listed} from one flat vector, the inverse of pack{given}."""')
        lines.append(f'    {vector} = _converted("vector", {vector}, ("{count}",), "real")')
        lines.append(f"    if {vector}.shape[0] != {length}:")
        shown = length if count.constant is not None else f"{count} = {{{length}}}"
        message = f"the vector has {{{vector}.shape[0]}} elements, but the parameters have {shown}"
        lines.append(f'        raise ValueError(f"{message}")')
        parts, start = [], Extent.of(0)
        for a in parameters:
            end = start + total(a.shape)
            parts.append(self._part(a, vector, start, end))
            start = end
        return "\n".join([*lines, f"    return {self.parameters}(", *(f"        {part}," for part in parts), "    )"])

    def _part(self, argument: Argument, vector: str, start: Extent, end: Extent) -> str:
        first, last = (extent_text(e, self.dimensions) for e in (start, end))
        if not argument.axes:
            return f"float({vector}[{first}])"
        piece = f"{vector}[{'' if first == '0' else first}:{last}]"
        if len(argument.axes) > 1:
            piece += f".reshape({', '.join(extent_text(s, self.dimensions) for s in argument.shape)})"
        return f"{piece}.copy()"

    def _objective(self) -> str:
        given = [a for a in self.program.arguments if not a.differentiated]
        found = needed(solve(given, self.program.dimensions), self.sizes)
        known = dict(found)
        asked = [self.dimensions[d] for d in self.sizes if d not in known]
        lines = [f"def objective({validation.signature(given, asked)}):"]
        sizes = f" {' and '.join(asked)}: the sizes that only the parameters have." if asked else ""
        lines += [f"    {line}".rstrip() for line in self._objective_doc(sizes)]
        lines += self._conversions(given)
        lines += [f"    {line}" for line in agreement_lines(self.program, given, found)]
        names = Names([*self.locals.values(), *self.dimensions.values()])
        sized = "".join(f", {self.dimensions[d]}={self.dimensions[d]}" for d in self.sizes)
        return "\n".join([*lines, *(f"    {line}" if line else "" for line in self._closures(names, sized))])

    @property
    def _is_array(self) -> bool:
        return bool(self.program.results[0][1].axes)

    def _objective_doc(self, sizes: str) -> list[str]:
        if self._is_array:
            first = "Return the function of one flat vector that scipy.optimize.least_squares takes, with attributes."
            what = "`residual` is the function itself, all elements in one line; `jac` is its Jacobian, a matrix."
        else:
            first = "Return the function of one flat vector that scipy.optimize.minimize(..., jac=True) takes."
            further = [n for f, n in (("hvp", "`hessp`"), ("hessian", "`hess`")) if f in self.asked]
            what = f"Its attributes are {', '.join(['`fun`', '`grad`', '`value_and_grad`', *further])}."
        packing = f"The vector is what `pack` returns, and `unpack` takes it apart.{sizes}"
        return [f'"""{first}', "", packing, what, '"""']

    def _closures(self, names: Names, sized: str) -> list[str]:
        """Return the functions of one vector inside `objective`, and the statements that tie them together."""
        function, vector, parameters = names.new("function"), names.new("vector"), names.new("parameters")
        apart = f"{parameters} = unpack({vector}{sized})"
        local = {
            a.name: f"{parameters}.{a.name}" if a.differentiated else self.locals[a.name]
            for a in self.program.arguments
        }
        call = f"(*_checked({', '.join(local.values())}))"
        named = [f"{name}={text}" for name, text in local.items()]

        def closure(name: str, body: Sequence[str], more: str = "") -> list[str]:
            return ["", f"def {name}({vector}{more}):", f"    {apart}", *(f"    {line}" for line in body)]

        if self._is_array:
            lines = closure(
                function, self._quiet(f"_value = value_kernel{call}[0]", f"return np.ravel(_value){self._wide}")
            )
            jac = names.new("jac")
            lines += self._matrix("jacobian", jac, named, closure, names)
            return [*lines, "", f"{function}.residual, {function}.jac = {function}, {jac}", f"return {function}"]
        kernel = f"_value, *_gradient = value_and_grad_kernel{call}"
        lines = closure(function, self._quiet(kernel, "return _value, pack(*_gradient)"))
        fun = f"return value_kernel{call}[0]" if "value" in self.asked else f"return {function}({vector})[0]"
        lines += (
            closure("fun", self._quiet(fun)) if "value" in self.asked else ["", f"def fun({vector}):", f"    {fun}"]
        )
        lines += ["", f"def grad({vector}):", f"    return {function}({vector})[1]"]
        ties = [f"{function}.fun, {function}.grad, {function}.value_and_grad = fun, grad, {function}"]
        if "hvp" in self.asked:
            direction, moved = names.new("direction"), names.new("directions")
            extras = derived.extras(self.program, "hvp")
            along = [f"{e.name}={moved}.{p.name}" for e, p in zip(extras, self.program.differentiated, strict=True)]
            body = [f"{moved} = unpack({direction}{sized})", f"return pack(*hvp({', '.join([*named, *along])}))"]
            hessp = names.new("hessp")
            lines += closure(hessp, body, f", {direction}")
            ties.append(f"{function}.hessp = {hessp}")
        if "hessian" in self.asked:
            hess = names.new("hess")
            lines += self._matrix("hessian", hess, named, closure, names)
            ties.append(f"{function}.hess = {hess}")
        return [*lines, "", *ties, f"return {function}"]

    def _matrix(
        self, function: str, name: str, named: Sequence[str], closure: Callable[..., list[str]], names: Names
    ) -> list[str]:
        """Return the function of one vector that gives a matrix: a sparse one of SciPy's, or an array."""
        given = ", ".join(named)
        if not self.program.sparse:
            return closure(name, [f"return {function}({given}, {self.derived.flat}=True){self._wide}"])
        found, pattern = names.new("found"), names.new("pattern")
        body = [
            f"nonlocal {pattern}",
            f"if {pattern} is None:",
            f"    {pattern} = {function}_pattern({given})",
            f"{found} = {function}({given}, {self.derived.given}={pattern})",
            f"return csr_array(({found}.data{self._wide}, {found}.columns, {found}.indptr), {found}.shape)",
        ]
        return ["", "from scipy.sparse import csr_array", "", f"{pattern} = None", *closure(name, body)]

    @property
    def _wide(self) -> str:
        """What brings an array into the type that SciPy's optimisers compute in."""
        return ".astype(float)" if self.single else ""

    def _quiet(self, *body: str) -> list[str]:
        """Return statements of which the first calls a kernel, without NumPy's warnings."""
        if not self.numpy:
            return list(body)
        return ['with np.errstate(all="ignore"):', f"    {body[0]}", *body[1:]]


_VECTOR = Argument("vector", "Real", DType.REAL, (Axis(Extent.of("n"), 0),))


def _count(parameters: Sequence[Argument]) -> Extent:
    count = Extent.of(0)
    for a in parameters:
        count += total(a.shape)
    return count


def _described(argument: Argument) -> str:
    return argument.name + (_shape(argument.shape) if argument.axes else "")


def _shape(shape: Sequence[Extent]) -> str:
    return f"[{', '.join(map(str, shape))}]"


def _named_tuple(name: str, doc: str, fields: Sequence[tuple[str, Sequence[Extent]]]) -> str:
    lines = [f"class {name}(NamedTuple):", f'    """{doc}"""', ""]
    lines += [f"    {n}: np.ndarray  # {_shape(shape)}" if shape else f"    {n}: float" for n, shape in fields]
    return "\n".join(lines)
