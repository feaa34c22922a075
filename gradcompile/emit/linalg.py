"""Array gates in the readable target: NumPy's own functions, with the matrices' axes last and stacks before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcompile.emit.expression import fill, functions, subscript
from gradcompile.emit.layout import Axes, Written, aligned
from gradcompile.emit.linalg_numpy import SOURCE
from gradcompile.gates.indexed import same_call
from gradcompile.gates.registry import ARRAY, ARRAY_GROUPS
from gradcompile.ir.nodes import Axis, Node

if TYPE_CHECKING:
    from gradcompile.emit.numpy_target import Writer

_CALLS = {
    "solve": "np.linalg.solve", "inv": "np.linalg.inv", "det": "np.linalg.det", "cholesky": "np.linalg.cholesky",
    "lstsq": "np.linalg.lstsq", "pinv": "np.linalg.pinv", "logdet": "_logdet", "expm": "_expm",
    "expm_frechet": "_expm_frechet", "solve_lower": "_solve_lower", "solve_upper": "_solve_upper",
    "solve_lu": "_solve_lu", "solve_lu_t": "_solve_lu", "inv_factored": "_inv_factored",
}  # fmt: skip

# How gates are explained that stand for products: x and s are the operands, y is x with its axes exchanged.
_PRODUCTS = {
    "congruence": "x @ s @ y",
    "congruence_inv_sym": "x @ np.linalg.solve(s, y)", "congruence_inv_pd": "x @ np.linalg.solve(s, y)",
}  # fmt: skip

# What one call gives for all gates of a group, and the text for each that is wanted alone.
_GROUPS = {"eigh": "np.linalg.eigh", "slogdet": "np.linalg.slogdet", "lu_factors": "_lu", "svd": "_svd"}
_ALONE = {"eigenvalues": "np.linalg.eigvalsh({})"}


def array_gate(writer: Writer, node: Node) -> Written:
    """Return the text of an array gate; what comes out of the same call gets its name in the same statement."""
    if node in writer.together:
        return writer.together.pop(node)  # the steps of another loop may have the same gate
    if group := ARRAY[node.name].group:
        return _of_group(writer, node, group)
    inner, outer = node.attrs
    batch, column = _around(writer, node)
    if node.name in _PRODUCTS:
        (x, s), (of_x, of_s) = node.operands, inner
        parts = [(x, of_x), (s, of_s), (x, of_x[::-1])]
        texts = [_operand(writer, o, batch, eaten, ()) for o, eaten in parts]
        return Written(fill(_PRODUCTS[node.name], ("x", "s", "y"), texts), (*batch, *outer), fresh=True)
    texts = [
        _operand(writer, o, batch, eaten, column if i == ARRAY[node.name].columns else ())
        for i, (o, eaten) in enumerate(zip(node.operands, inner, strict=True))
    ]
    call = "_lstsq" if node.name == "lstsq" and batch else _CALLS[ARRAY[node.name].means or node.name]
    writer.helpers |= functions(call, SOURCE)
    place = ARRAY[node.name].columns
    alone = place is not None and not column and bool(batch)  # a stack of vectors: columns of one
    if alone and place is not None:
        texts[place] = subscript(texts[place], "..., None")
    options = {"np.linalg.lstsq": ["rcond=None"], "np.linalg.pinv": [_small(writer, node)]}.get(call, [])
    options += ["transposed=True"] if node.name == "solve_lu_t" else []
    text = f"{call}({', '.join([*texts, *options])})" + ("[0]" if call == "np.linalg.lstsq" else "")
    if alone:
        return Written(f"{text}[..., 0]", (*batch, *outer), fresh=True)
    return Written(text, (*batch, *outer, *column), fresh=True, ordered=call.startswith("np.") and node.name != "pinv")


def _small(writer: Writer, node: Node) -> str:
    row, column = node.attrs[0][0]
    return f"rcond=np.finfo(float).eps * max({writer.size(row)}, {writer.size(column)})"


def _of_group(writer: Writer, node: Node, group: str) -> Written:
    """Write one call for all the gates of a group that are wanted, or return the text of the one that is."""
    call, parts = _GROUPS[group], ARRAY_GROUPS[group]
    wanted = {n.name: n for n in same_call(writer.plan.nodes, node) if n not in writer.plan.absorbed}
    batch, _ = _around(writer, node)
    text = _operand(writer, node.operands[0], batch, node.attrs[0][0], ())
    writer.helpers |= functions(call, SOURCE)
    if len(wanted) == 1:
        alone = _ALONE.get(node.name, f"{call}({{}})[{parts.index(node.name)}]").format(text)
        return Written(alone, (*batch, *node.attrs[1]), fresh=True, ordered=node.name == "eigenvalues")
    names = [writer.fresh_name(wanted[p]) if p in wanted else "_" for p in parts]
    writer.statement(f"{', '.join(names)} = {call}({text})", node)
    for part, name in zip(parts, names, strict=True):
        if part in wanted:
            writer.together[wanted[part]] = Written(name, (*batch, *wanted[part].attrs[1]), fresh=True)
    return writer.together.pop(node)


def _around(writer: Writer, node: Node) -> tuple[Axes, Axes]:
    """Return the axes of the stack in order, and the axis of columns if there is one."""
    columns = ARRAY[node.name].columns
    free = [a for a in writer.axes(node) if a not in node.attrs[1]]
    others = {a for i, o in enumerate(node.operands) if i != columns for a in o.axes}
    beside = [] if columns is None else [a for a in writer.order.sort(free) if a not in others]
    batch = writer.order.sort(a for a in free if a not in beside[-1:])
    return batch, tuple(beside[-1:])


def _operand(writer: Writer, node: Node, batch: Axes, eaten: Sequence[Axis], column: Axes) -> str:
    """Return the text of an operand over its part of the stack, the axes that are eaten, and the columns."""
    array = writer.operand(node)
    order = (*batch, *eaten, *column)
    full = [a for a in order if a in array.axes or a not in batch]
    text = aligned(array, order)
    if all(a in array.axes for a in (*eaten, *column)):
        return text
    present = order[min(order.index(a) for a in full) :]
    shape = ", ".join(writer.size(a) if a in full else "1" for a in present)
    return f"np.broadcast_to({text}, ({shape}{',' if len(present) == 1 else ''}))"
