"""The sizes of the dimensions, read from the shapes of the arguments, and the checks that all shapes agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from gradcompile.emit.names import local_names
from gradcompile.errors import FormulaError
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import DType
from gradcompile.syntax.program import Argument, Program, Requirement

_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Place:
    """One axis of one argument."""

    argument: Argument
    position: int

    @property
    def extent(self) -> Extent:
        """The declared size."""
        return self.argument.axes[self.position].extent

    def size(self, names: Mapping[str, str]) -> str:
        """Return the text that reads the size at run time."""
        return f"{names[self.argument.name]}.shape[{self.position}]"

    def has(self, size: str) -> str:
        """Return "W has 5 rows" in the words that fit the axis."""
        rank, name = len(self.argument.axes), self.argument.name
        if rank == 1:
            return f"{name} has {size} elements"
        if rank == 2:
            return f"{name} has {size} {('rows', 'columns')[self.position]}"
        return f"axis {self.position} of {name} is {size}"


def extent_text(size: Extent, names: Mapping[str, str]) -> str:
    """Return Python text for a size, over the local names of the dimensions."""
    text = str(size)
    for root in [n for n in names if "(" in n]:
        text = text.replace(root, names[root])
    return _local(text, names)


def root_lines(roots: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    """Return the statements that define the square roots of sizes."""
    inside = {root: _local(root.removeprefix("ceil(sqrt(").removesuffix("))"), names) for root in roots}
    return [f"{local} = int(np.ceil(np.sqrt({inside[root]})))" for root, local in roots.items()]


def _local(text: str, names: Mapping[str, str]) -> str:
    return _NAME.sub(lambda match: names.get(match[0], match[0]), text)


def solution(program: Program) -> list[tuple[str, Place]]:
    """Return each dimension with the axis that determines it, in an order in which each needs those before only.

    Raises FormulaError for a dimension that no argument determines.
    """
    found = solve(program.arguments, program.dimensions)
    if missing := [d for d in program.dimensions if d not in dict(found)]:
        span = next((a.span for a in program.arguments if any(missing[0] in s.names for s in a.shape)), None)
        raise FormulaError(
            f"the size {missing[0]} cannot be told from the shapes of the arguments",
            span,
            f"Declare an argument that has {missing[0]} itself as a dimension.",
        )
    return found


def solve(arguments: Sequence[Argument], wanted: Sequence[str]) -> list[tuple[str, Place]]:
    """Find an axis for each wanted dimension that has one: where it stands alone, else where it can be solved for."""
    found: dict[str, Place] = {}
    places = [Place(a, i) for a in arguments for i in range(len(a.axes))]
    for fits in (is_alone, _linear, _grows):
        progress = True
        while progress:
            progress = False
            for place in places:
                unknown = place.extent.names - found.keys()
                if len(unknown) == 1 and unknown <= set(wanted) and fits(place.extent, name := min(unknown)):
                    found[name] = place
                    progress = True
    return list(found.items())


def is_alone(size: Extent, name: str) -> bool:
    """Say whether a size is this name and nothing else."""
    return size == Extent.of(name)


def _linear(size: Extent, name: str) -> bool:
    return _coefficient(size, name) is not None


def _grows(size: Extent, name: str) -> bool:
    """Does it rise from 1 on, so that counting up finds the solution? ``N//2`` does not: it has two of them."""
    if size.names != {name}:
        return False
    values = [size.evaluate({name: n}) for n in (*range(1, 100), *(10**k for k in range(2, 13)))]
    return all(a < b for a, b in pairwise(values))


def _coefficient(size: Extent, name: str) -> Extent | None:
    """Return c where the size is c * name + rest, both free of the name."""
    factors = []
    for monomial, number in size.terms:
        if any(name in Extent((((atom,), Fraction(1)),)).names for atom in monomial):
            if (name, 1) not in monomial or any(not isinstance(a, str) for a, _ in monomial):
                return None
            factors.append((tuple(f for f in monomial if f != (name, 1)), number))
    return Extent(tuple(factors)) + 0 if factors else None


def size_lines(program: Program, used: Container[str] | None = None) -> list[str]:
    """Return statements that define every dimension (or those used) by its local name, from the arguments' shapes."""
    arguments, dimensions = local_names(program)
    solved = solution(program)
    if used is not None:
        solved = needed(solved, [d for d, local in dimensions.items() if local in used])
    return definitions(solved, arguments, dimensions)


def needed(solved: Sequence[tuple[str, Place]], wanted: Iterable[str]) -> list[tuple[str, Place]]:
    """Return the part of a solution that the wanted dimensions need."""
    kept: list[tuple[str, Place]] = []
    names = set(wanted)
    for name, place in reversed(solved):
        if name in names:
            kept.insert(0, (name, place))
            names |= place.extent.names
    return kept


def definitions(
    solved: Sequence[tuple[str, Place]],
    arguments: Mapping[str, str],
    dimensions: Mapping[str, str],
    checks: Callable[[str, Place], list[str]] = lambda name, place: [],
) -> list[str]:
    """Return a statement (or a search) for each dimension; neighbours of one argument together: N, D = X.shape."""
    lines: list[str] = []
    at = 0
    while at < len(solved):
        name, place = solved[at]
        group = solved[at : at + len(place.argument.axes)]
        whole = len(group) > 1 and [p for _, p in group] == [
            Place(place.argument, i) for i in range(len(place.argument.axes))
        ]
        if whole and all(is_alone(p.extent, d) for d, p in group):
            left = ", ".join(dimensions[d] for d, _ in group)
            lines.append(f"{left} = {arguments[place.argument.name]}.shape")
            at += len(group)
            continue
        lines += _definition(name, place, arguments, dimensions) + checks(name, place)
        at += 1
    return lines


def _definition(name: str, place: Place, arguments: Mapping[str, str], dimensions: Mapping[str, str]) -> list[str]:
    local, size, extent = dimensions[name], place.size(arguments), place.extent
    if is_alone(extent, name):
        return [f"{local} = {size}"]
    coefficient = _coefficient(extent, name)
    if coefficient is None:
        text = extent_text(extent, dimensions)
        return [f"{local} = 0", f"while {text} < {size}:", f"    {local} += 1"]
    rest = extent - coefficient * Extent.of(name)
    text = size if rest == Extent.of(0) else f"{size} - ({extent_text(rest, dimensions)})"
    if (offset := rest.constant) is not None and offset:
        text = f"{size} + {-offset}" if offset < 0 else f"{size} - {offset}"
    if coefficient.names:  # nothing to divide by where it is 0: the check that follows tells
        divisor = extent_text(coefficient, dimensions)
        return [f"{local} = ({text}) // ({divisor}) if {divisor} > 0 else 0"]
    if coefficient != Extent.of(1):
        text = f"({text}) // {coefficient}" if " " in text else f"{text} // {coefficient}"
    return [f"{local} = {text}"]


def check_lines(program: Program) -> list[str]:
    """Return statements that define every dimension and raise ValueError where a shape does not fit."""
    _, dimensions = local_names(program)
    lines = agreement_lines(program, program.arguments, solution(program))
    for requirement in program.requirements:
        lines += _requirement(requirement, dimensions)
    return lines


def agreement_lines(program: Program, arguments: Sequence[Argument], solved: Sequence[tuple[str, Place]]) -> list[str]:
    """Return statements that define the solved dimensions and check all shapes that are made of them."""
    locals_, dimensions = local_names(program)
    lines = definitions(solved, locals_, dimensions, lambda n, p: _solved_check(n, p, locals_, dimensions))
    sources = {name: place.argument.name for name, place in solved}
    sources |= {a.name: a.name for a in program.arguments if a.dtype is DType.INT and not a.axes}
    defining = {place for _, place in solved}
    for argument in arguments:
        for position in range(len(argument.axes)):
            place = Place(argument, position)
            if place not in defining and place.extent.names <= sources.keys():
                lines += _agreement(place, sources, locals_, dimensions)
    return lines


def _solved_check(name: str, place: Place, arguments: Mapping[str, str], dimensions: Mapping[str, str]) -> list[str]:
    if is_alone(place.extent, name):
        return []
    text, size, local = extent_text(place.extent, dimensions), place.size(arguments), dimensions[name]
    message = f"{place.has('{' + size + '}')}, which is not {place.extent} for any {name}"
    return [f"if {local} < 0 or {text} != {size}:", f'    raise ValueError(f"{message}")']


def _agreement(
    place: Place, sources: Mapping[str, str], arguments: Mapping[str, str], dimensions: Mapping[str, str]
) -> list[str]:
    size, text = place.size(arguments), extent_text(place.extent, dimensions)
    if place.extent.constant is not None:
        verb = "be" if len(place.argument.axes) > 2 else "have"
        message = f"{place.has('{' + size + '}')}, but must {verb} {text}"
    else:
        origin = " and ".join(dict.fromkeys(sources[n] for n in sorted(place.extent.names)))
        message = f"{place.has('{' + size + '}')}, but {place.extent} = {{{text}}} from {origin}"
    return [f"if {size} != {text}:", f'    raise ValueError(f"{message}")']


def _requirement(requirement: Requirement, dimensions: Mapping[str, str]) -> list[str]:
    left, right = extent_text(requirement.left, dimensions), extent_text(requirement.right, dimensions)
    opposite = "!=" if requirement.relation == "==" else "<"
    shown = [
        side if extent.constant is not None else f"{extent} = {{{side}}}"
        for extent, side in ((requirement.left, left), (requirement.right, right))
    ]
    message = requirement.message.replace("{", "{{").replace("}", "}}").replace("\\", "\\\\").replace('"', '\\"')
    return [f"if {left} {opposite} {right}:", f'    raise ValueError(f"{message} ({shown[0]}, {shown[1]})")']


def shape_text(sizes: Sequence[Extent], names: Mapping[str, str]) -> str:
    """Return the text of a shape as a tuple."""
    texts = [extent_text(s, names) for s in sizes]
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"
