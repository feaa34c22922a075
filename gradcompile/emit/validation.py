"""The thin wrapper's checks: source text of the functions that bring arguments into the form that kernels take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gradcompile.emit.expression import literal
from gradcompile.emit.names import local_names
from gradcompile.emit.sizes import check_lines
from gradcompile.ir.nodes import DType
from gradcompile.syntax.program import Argument, Program

_KINDS = {DType.REAL: "real", DType.INT: "integer", DType.BOOL: "boolean"}
_TYPES = {DType.REAL: "np.float64", DType.INT: "np.int64", DType.BOOL: "np.bool_"}
_PLAIN = {DType.REAL: "float", DType.INT: "int", DType.BOOL: "bool"}

_CONVERTED = '''
def _converted(name, x, shape, kind):
    """Return x as an array of float64, int64 or bool in C order; `shape` names its dimensions."""
    if x is None:
        raise TypeError(f"{name} is missing")
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise TypeError(f"{name} is not an array: {error}") from None
    if x.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be {kind}, not {x.dtype}")
    if x.ndim != len(shape):
        wanted = f"an array of shape ({', '.join(shape)}{',' * (len(shape) == 1)})" if shape else "a number"
        raise ValueError(f"{name} must be {wanted}, but has the shape {x.shape}")
    target = {"real": np.float64, "integer": np.int64, "boolean": np.bool_}[kind]
    with np.errstate(invalid="ignore"):
        result = np.require(x, target, "CA")
    if kind != "real" and x.dtype != result.dtype and not np.array_equal(result, x):
        raise TypeError(f"{name} must be {kind}, but has the value {x[x != result].flat[0]}")
    return result
'''


_WRITABLE = '''
def _writable(out, checked, arguments):
    """Return the arrays of a gradient, as the kernel writes into them, or raise why it cannot."""
    if out.__class__ is not {gradient}:
        raise TypeError(f"out must be a {gradient} as an earlier call has returned it, not {type(out).__name__}")
    arrays = {arrays}
    for i, (name, place) in enumerate({places}):
        array, shape = arrays[i], checked[place].shape
        if array.__class__ is not np.ndarray or array.dtype != np.float64:
            kind = getattr(array, "dtype", type(array).__name__)
            raise TypeError(f"out.{name} must be an array of float64, not {kind}")
        if array.shape != shape:
            raise ValueError(f"out.{name} has the shape {array.shape}, but {name} has {shape}")
        if not array.flags.carray:
            raise ValueError(f"out.{name} must be writable and in C order")
        for other, given, copy in zip({names}, arguments, checked):
            if given is not copy and np.may_share_memory(array, given):  # the kernel looks at the others
                raise ValueError(f"out.{name} shares memory with the argument {other}: they must be apart")
    return arrays
'''


def writable(gradient: str, places: Mapping[str, int], names: Sequence[str]) -> str:
    """Return the source of `_writable`; `places` are those of the gradient's arrays among the arguments."""
    arrays = ", ".join(f"out.{name}" for name in places)
    text = _WRITABLE.strip("\n").replace("{gradient}", gradient).replace("{names}", repr(tuple(names)))
    text = text.replace("{arrays}", f"({arrays}{',' if len(places) == 1 else ''})")
    return text.replace("{places}", repr(tuple(places.items())))


def signature(arguments: Sequence[Argument], keywords: Sequence[str] = ()) -> str:
    """Return parameters in the given order, with their defaults; those that have one come last."""
    parts = [a.name if a.default is None else f"{a.name}={literal(a.default)}" for a in arguments]
    return ", ".join([*parts, *(["*", *keywords] if keywords else [])])


def _shape(argument: Argument) -> str:
    texts = [f'"{size}"' for size in argument.shape]
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"


def conversion(argument: Argument, local: str, *, numpy_scalars: bool) -> list[str]:
    """Return the statements that bring one argument into form, where it is not so already."""
    kind, name = _KINDS[argument.dtype], argument.name
    converted = f'_converted("{name}", {local}, {_shape(argument)}, "{kind}")'
    if argument.axes:
        tests = f"{local}.__class__ is not _ARRAY or {local}.dtype is not _{kind.upper()}"
        tests += f" or {local}.ndim != {len(argument.axes)} or not {local}.flags.carray"
        return [f"if {tests}:", f"    {local} = {converted}"]
    plain = _PLAIN[argument.dtype]
    if numpy_scalars:
        return [f"{local} = {_TYPES[argument.dtype]}({local} if {local}.__class__ is {plain} else {converted})"]
    return [f"if {local}.__class__ is not {plain}:", f"    {local} = {plain}({converted})"]


def all_plain(arguments: Sequence[Argument]) -> str:
    """Return the condition that all of them are Python's floats already; "" where it takes more to know."""
    if not arguments or any(a.axes or a.dtype is not DType.REAL for a in arguments):
        return ""
    return f"{' is '.join(f'{a.name}.__class__' for a in arguments)} is float"


def helpers(arguments: Sequence[Argument]) -> list[str]:
    """Return the source of what the conversions need."""
    if not arguments:
        return []
    kinds = {a.dtype for a in arguments if a.axes}
    names = [
        ("_ARRAY", "np.ndarray"),
        *((f"_{_KINDS[d].upper()}", f"np.dtype({t})") for d, t in _TYPES.items() if d in kinds),
    ]
    constants = [f"{', '.join(n for n, _ in names)} = {', '.join(t for _, t in names)}"] if kinds else []
    return [*constants, _CONVERTED.strip("\n")]


def checked(program: Program, *, numpy_scalars: bool) -> str:
    """Return the source of `_checked`, which all public functions call: conversions, then the sizes."""
    local, _ = local_names(program)
    names = ", ".join(local[a.name] for a in program.arguments)
    lines = [f"def _checked({names}):"]
    lines.append('    """Return the arguments as the kernels take them, or raise what is wrong with them."""')
    for a in program.arguments:
        lines += [f"    {line}" for line in conversion(a, local[a.name], numpy_scalars=numpy_scalars)]
    lines += [f"    {line}" for line in check_lines(program)]
    if program.check_domains:
        lines += [f"    {line}" for a in program.arguments for line in domain_lines(a, local[a.name])]
    lines.append(f"    return {names}{',' if len(program.arguments) == 1 else ''}" if names else "    return ()")
    return "\n".join(lines)


def domain_lines(argument: Argument, local: str) -> list[str]:
    """Return the statements that check an argument's declared range, and the form of its matrices."""
    name, found = argument.name, []
    if (inside := _range(argument, local)) is not None:
        test = f"np.all({inside})" if argument.axes else inside
        found += [f"if not {test}:", f'    raise ValueError("{name} must lie in {_range_text(argument)}")']
    match argument.structure:
        case "symmetric" | "definite":
            same = f"np.allclose({local}, np.swapaxes({local}, -1, -2), rtol=1e-9, atol=0.0)"
            found += [f"if not {same}:", f'    raise ValueError("{name} must be symmetric")']
        case "lower" | "upper":
            outside = f"np.triu({local}, 1)" if argument.structure == "lower" else f"np.tril({local}, -1)"
            found += [
                f"if np.any({outside}):",
                f'    raise ValueError("{name} must be {argument.structure} triangular")',
            ]
    if argument.structure == "definite":
        found.append(f"np.linalg.cholesky({local})  # LinAlgError unless it is positive definite")
    return found


def _range(argument: Argument, local: str) -> str | None:
    (low, high), (at_low, at_high) = argument.domain, argument.declared.closed
    tests = []
    if math.isfinite(low):
        tests.append(f"({local} {'>=' if at_low else '>'} {low})")
    if math.isfinite(high):
        tests.append(f"({local} {'<=' if at_high else '<'} {high})")
    return (" & " if argument.axes else " and ").join(tests) or None


def _range_text(argument: Argument) -> str:
    (low, high), (at_low, at_high) = argument.domain, argument.declared.closed
    return f"{'[' if at_low else '('}{low:g}, {high:g}{']' if at_high else ')'}"
