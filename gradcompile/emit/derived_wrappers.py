"""The public functions beyond the gradient: what they check, and how the arrays of their kernels become blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradcompile import derived
from gradcompile.emit import validation
from gradcompile.emit.names import local_names
from gradcompile.emit.sizes import agreement_lines, needed, solution
from gradcompile.emit.sparse_wrappers import CLASSES, COLOURED, FILLED, GREEDY, PLACED, STAR, SUMMED
from gradcompile.ir.dims import Extent
from gradcompile.pipeline import Derived
from gradcompile.syntax.program import DOUBLE, SINGLE, Argument, Program

HELPERS = {
    "_mirrored": '''
def _mirrored(block):
    """Return a square block with what is below the diagonal above it as well: exactly symmetric."""
    n = math.isqrt(block.size)
    matrix = block.reshape(n, n)
    lower = np.tril(matrix, -1)
    return (lower + lower.T + np.diag(np.diag(matrix))).reshape(block.shape)
''',
    "_swapped": '''
def _swapped(block, rank):
    """Return a block with its first axes, `rank` in number, behind the others."""
    block = np.asarray(block)
    return np.ascontiguousarray(np.transpose(block, (*range(rank, block.ndim), *range(rank))))
''',
    "_matrix": '''
def _matrix(rows, ranks):
    """Return blocks as one matrix; `ranks`: how many axes of the blocks of a row count its rows."""
    lines = []
    for row, rank in zip(rows, ranks):
        shapes = [np.shape(block) for block in row]
        flat = [np.reshape(b, (math.prod(s[:rank]), math.prod(s[rank:]))) for b, s in zip(row, shapes)]
        lines.append(np.concatenate(flat, axis=1))
    return np.concatenate(lines)
''',
}


_SUMS = "_summed(given, pattern.slots, len(pattern.rows) + 1)"


class DerivedWrappers:
    """Writes the functions of one module that are beyond the gradient."""

    def __init__(
        self, program: Program, made: Mapping[str, Derived], *, numpy: bool, gradient: str, value: str
    ) -> None:
        self.program, self.made, self.numpy = program, made, numpy
        self.gradient, self.value = gradient, value  # the classes
        taken = {a.name for a in program.arguments}
        self.row, self.jacobian, self.hessian, self.sparse, self.pattern = (
            f"{name}_" if name in taken else name for name in ("Row", "Jacobian", "Hessian", "Sparse", "Pattern")
        )
        self.flat, self.given = (derived.keyword(name, taken) for name in ("flat", "pattern"))
        self.parameters = program.differentiated
        self.results = [name for name, _ in program.results]
        self.ranks = {p.name: len(p.axes) for p in self.parameters} | {n: len(v.axes) for n, v in program.results}

    def sources(self, functions: Sequence[str]) -> list[str]:
        """Return the source of each class and function that is needed, in order."""
        wanted = [f for f in derived.DERIVED if f in functions]
        sparse = [f for f in wanted if self.program.sparse and f in derived.BY_ENTRY]
        dense = [f for f in wanted if f not in sparse]
        several = "jacobian" in dense and len(self.results) > 1
        parts = [self._row()] if several or "hessian" in dense else []
        parts += [self._blocks(f) for f in ("jacobian", "hessian") if f in dense]
        parts += [self._named(CLASSES)] if sparse else []
        parts += [getattr(self, f"_{f}_function")() for f in dense]
        parts += [text for f in sparse for text in self._sparse_functions(f)]
        parts += [self._checked(f) for f in wanted if derived.extras(self.program, f)]
        filled = FILLED if self.program.dtype == DOUBLE else FILLED.replace(_SUMS, f"{_SUMS}.astype(np.{SINGLE})")
        helpers = [PLACED, filled, SUMMED["numpy" if self.numpy else "numba"]] if sparse else []
        colourings = {f: self.made[f].dependence is not None for f in sparse}
        helpers += [COLOURED] if any(colourings.values()) else []
        helpers += [source for f, source in (("jacobian", GREEDY), ("hessian", STAR)) if colourings.get(f)]
        parts += [self._named(source) for source in helpers]
        text = "\n".join(parts)
        return parts + [self._in_type(source.strip("\n")) for name, source in HELPERS.items() if f"{name}(" in text]

    def _in_type(self, source: str) -> str:
        """Return the source of a helper; in float32 a block that is a number of Python's does not widen a matrix."""
        return source if self.program.dtype == DOUBLE else source.replace("reshape(b,", f"reshape(np.{SINGLE}(b),")

    def _named(self, source: str) -> str:
        return source.strip("\n").replace("{pattern}", self.pattern).replace("{sparse}", self.sparse)

    def extras(self, functions: Sequence[str]) -> list[Argument]:
        """Return all arguments that are directions or cotangents."""
        return [extra for f in derived.DERIVED if f in functions for extra in derived.extras(self.program, f)]

    # -- classes -----------------------------------------------------------------------------------------------

    def _row(self) -> str:
        lines = [f"class {self.row}(NamedTuple):", '    """A row of blocks: by each parameter."""', ""]
        shapes = [(p.name, [*map(str, p.shape)]) for p in self.parameters]
        lines += [
            f"    {name}: np.ndarray  # [..., {', '.join(s)}]" if s else f"    {name}: np.ndarray" for name, s in shapes
        ]
        return "\n".join(lines)

    def _blocks(self, function: str) -> str:
        if function == "jacobian" and len(self.results) == 1:
            (result, value), shown = self.program.results[0], ""
            lines = [f"class {self.jacobian}(NamedTuple):"]
            lines += [
                f'    """The derivatives of {result} by each parameter: its axes, then those of the parameter."""',
                "",
            ]
            for p in self.parameters:
                shown = _sizes([*value.shape, *p.shape])
                lines.append(f"    {p.name}: np.ndarray  # {shown}" if shown else f"    {p.name}: float")
            return "\n".join(lines)
        if function == "jacobian":
            name, doc, rows = self.jacobian, "The derivatives of each result, by each parameter.", self.results
        else:
            name, doc = self.hessian, "The second derivatives by each parameter, and by each again: H.a.b is a block."
            rows = [p.name for p in self.parameters]
        return "\n".join(
            [f"class {name}(NamedTuple):", f'    """{doc}"""', "", *(f"    {r}: {self.row}" for r in rows)]
        )

    # -- functions ---------------------------------------------------------------------------------------------

    def _function(
        self, name: str, doc: str, body: Sequence[str], keywords: Sequence[str] = (), tables: str = "",
        before: Sequence[str] = (),
    ) -> str:  # fmt: skip
        given = derived.arguments(self.program, name)
        head = f"def {name}({validation.signature(given, keywords)}):"
        checked = f"_checked_{name}" if len(given) > len(self.program.arguments) else "_checked"
        call = f"_found = {name}_kernel(*{checked}({', '.join(a.name for a in given)}){tables})"
        return "\n".join([head, f'    """{doc}"""', *_indented([*before, *self._quiet(call), *body])])

    def _quiet(self, *calls: str) -> list[str]:
        """Return statements that call kernels, without NumPy's warnings."""
        return ['with np.errstate(all="ignore"):', *_indented(calls)] if self.numpy else list(calls)

    def _jvp_function(self) -> str:
        names = " and ".join(e.name for e in derived.extras(self.program, "jvp"))
        if len(self.results) == 1:
            doc = f"Return {self.results[0]} and its derivative along the direction {names}."
            return self._function("jvp", doc, ["return _found"])
        count = len(self.results)
        doc = f"Return {', '.join(self.results)} and their derivatives along the direction {names}."
        body = [f"return {self.value}(*_found[:{count}]), {self.value}(*_found[{count}:])"]
        return self._function("jvp", doc, body)

    def _vjp_function(self) -> str:
        extras = derived.extras(self.program, "vjp")
        terms = " + ".join(f"sum({e.name} * {r})" for e, r in zip(extras, self.results, strict=True))
        return self._function("vjp", f"Return the gradient of {terms}.", [f"return {self.gradient}(*_found)"])

    def _hvp_function(self) -> str:
        names = " and ".join(e.name for e in derived.extras(self.program, "hvp"))
        doc = f"Return the Hessian of {self.results[0]} times the direction {names}."
        return self._function("hvp", doc, [f"return {self.gradient}(*_found)"])

    def _jacobian_function(self) -> str:
        count = len(self.parameters)
        doc = f"Return the blocks of the Jacobian; with `{self.flat}` one matrix, its columns in the order of `pack`."
        ranks = [self.ranks[r] for r in self.results]
        if len(self.results) == 1:
            flat = f"return _matrix([_found], {_tuple(ranks)}) if {self.flat} else {self.jacobian}(*_found)"
            return self._function("jacobian", doc, [flat], [f"{self.flat}=False"])
        rows = [f"{self.row}(*_found[{i * count}:{(i + 1) * count}])," for i in range(len(self.results))]
        body = [f"_rows = {self.jacobian}(", *(f"    {row}" for row in rows), ")"]
        return self._function(
            "jacobian",
            doc,
            [*body, f"return _matrix(_rows, {_tuple(ranks)}) if {self.flat} else _rows"],
            [f"{self.flat}=False"],
        )

    def _hessian_function(self) -> str:
        doc = f"Return the blocks of the Hessian; with `{self.flat}` one symmetric matrix, in the order of `pack`."
        names = [p.name for p in self.parameters]
        body = [f"_rows = {self.hessian}("]
        for i, p in enumerate(names):
            blocks = []
            for j, q in enumerate(names):
                text = f"_found[{max(i, j) * (max(i, j) + 1) // 2 + min(i, j)}]"
                if i == j and self.ranks[p]:
                    text = f"_mirrored({text})"
                elif i < j and self.ranks[p] and self.ranks[q]:
                    text = f"_swapped({text}, {self.ranks[q]})"
                blocks.append(text)
            body.append(f"    {self.row}({', '.join(blocks)}),")
        body += [")", f"return _matrix(_rows, {_tuple([self.ranks[n] for n in names])}) if {self.flat} else _rows"]
        return self._function("hessian", doc, body, [f"{self.flat}=False"])

    def _sparse_functions(self, function: str) -> list[str]:
        """Return the function that finds a matrix's pattern, and the one that gives the matrix."""
        named, second = ", ".join(a.name for a in self.program.arguments), function == "hessian"
        made, calls, tables = self.made[function], list[str](), ""
        if made.dependence is not None:
            colour = "_star" if second else "_greedy"
            calls = [f"_found = {function}_dependence_kernel(*_checked({named}))"]
            calls.append(f"_tables = _coloured(_found, {self._places(made)}, {colour}, symmetric={second})")
            tables = ", *_tables"
        calls.append(f"_found = {function}_pattern_kernel(*_checked({named}){tables})")
        rows = "the parameters, as `pack` has them" if second else "the results, one behind the other"
        pattern = [
            f"def {function}_pattern({validation.signature(self.program.arguments)}):",
            f'    """Return where `{function}` can differ from 0, whatever the parameters are; rows are {rows}."""',
            *_indented(self._quiet(*calls)),
            f"    return _placed(_found, symmetric={second}{', tables=_tables' if tables else ''})",
        ]
        matrix = self._function(
            function,
            f"Return the sparse {function.title()}; `{self.given}`: what `{function}_pattern` has returned.",
            [f"return _filled(_found, {self.given})"],
            [f"{self.given}=None"],
            f", *{self.given}.tables" if tables else "",
            [f"if {self.given} is None:", f"    {self.given} = {function}_pattern({named})"],
        )
        return ["\n".join(pattern), matrix]

    def _places(self, made: Derived) -> str:
        """Return the row and the column of each block of a dependence, and how many of its axes count rows."""
        columns = [p.name for p in self.parameters]
        rows = list(dict.fromkeys(of for of, _ in made.blocks))
        return _tuple([f"({rows.index(of)}, {columns.index(by)}, {self.ranks[of]})" for of, by in made.blocks])

    # -- checks ------------------------------------------------------------------------------------------------

    def _checked(self, function: str) -> str:
        """Return the source of the function that checks arguments, and then directions or cotangents beside them."""
        program = derived.extended(self.program, function)
        extras = derived.extras(self.program, function)
        local, _ = local_names(program)
        names = [local[a.name] for a in program.arguments]
        own = ", ".join(local[a.name] for a in self.program.arguments)
        sizes = {n for e in extras for size in e.shape for n in size.names}
        checks = agreement_lines(program, extras, needed(solution(self.program), sizes))
        lines = [f"def _checked_{function}({', '.join(names)}):"]
        lines.append('    """Return the arguments as `_checked` does, and those beside them."""')
        lines += [f"    {own}{',' if len(self.program.arguments) == 1 else ''} = _checked({own})"]
        for e in extras:
            lines += [f"    {line}" for line in validation.conversion(e, local[e.name], numpy_scalars=self.numpy)]
        lines += [f"    {line}" for line in checks] if any("raise" in line for line in checks) else []
        return "\n".join([*lines, f"    return {', '.join(names)}"])


def _sizes(shape: Sequence[Extent]) -> str:
    return f"[{', '.join(map(str, shape))}]" if shape else ""


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _tuple(numbers: Sequence[object]) -> str:
    return f"({', '.join(map(str, numbers))}{',' if len(numbers) == 1 else ''})"
