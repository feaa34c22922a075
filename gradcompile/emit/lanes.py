"""Functions that a module's kernels call so that a loop runs in the lanes of vector registers, or reads whole rows."""

from __future__ import annotations

from gradcompile.emit.expression import fill
from gradcompile.gates.registry import REDUCE

PLUS = '''
@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x
'''
_CHOOSE = '''
@intrinsic
def _{name}(context, a, b):
    """The {name} of two numbers, NaN if one is, whatever the order: so that lanes have one each."""

    def code(context, builder, signature, values):
        kind = values[0].type
        if isinstance(a, types.Integer):
            return builder.select(builder.icmp_signed("{relation}", *values), *values)
        function = builder.module.declare_intrinsic("llvm.{llvm}", [kind], ir.FunctionType(kind, [kind, kind]))
        return builder.call(function, values, fastmath=("nsz",))

    return a(a, a), code
'''
OWN = '''
@intrinsic
def _own(context, x):
    """Return a new array. Nothing else stands for its elements, so loops need not look whether arrays overlap.

    LLVM takes what a function returns as "noalias" for memory that has no other name, and into this one it does not
    look. The second call shows the pointer to others: whatever is called may free the memory, so no read moves past it.
    """

    def code(context, builder, signature, values):
        array = context.make_array(x)(context, builder, value=values[0])
        kind, name = ir.FunctionType(array.data.type, [array.data.type]), f"own_{x.dtype}"
        own = builder.module.globals.get(name)
        if own is None:
            own = ir.Function(builder.module, kind, name)
            own.linkage = "linkonce_odr"
            own.attributes.add("noinline")
            own.attributes.add("optnone")
            own.return_value.add_attribute("noalias")
            ir.IRBuilder(own.append_basic_block()).ret(own.args[0])
        array.data = builder.call(own, [array.data])
        builder.call(own, [array.data])
        context.nrt.incref(builder, x, array._getvalue())
        return array._getvalue()

    return x(x), code
'''
TURN = '''
@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _turn(x, columns):
    """Copy the rows of x to columns, four at a time."""
    rows, width = x.shape
    edge = rows - rows % 4
    for row in range(0, edge, 4):
        for i in range(width):
            a, b, c, d = x[row, i], x[row + 1, i], x[row + 2, i], x[row + 3, i]
            columns[i, row], columns[i, row + 1], columns[i, row + 2], columns[i, row + 3] = a, b, c, d
    for row in range(edge, rows):
        for i in range(width):
            columns[i, row] = x[row, i]
'''
LONG_ROW = "_LONG_ROW = 24  # numbers in the row of a sample, from which on loops run along it"
NEAR_LIMIT = "_NEAR = {}  # sines and cosines of smaller arguments need no table"
_CHOSEN = {"max": "larger", "top": "larger", "min": "smaller"}
_CODE = {
    "larger": _CHOOSE.format(name="larger", relation=">", llvm="maximum"),
    "smaller": _CHOOSE.format(name="smaller", relation="<", llvm="minimum"),
}


def step_text(target: str, reduction: str, value: str, *, in_lanes: bool) -> tuple[str, dict[str, str]]:
    """Return the statement that adds a value to what a reduction has so far, and the helpers that it calls."""
    if reduction == "sum" and target.isidentifier():
        return f"{target} = _plus({target}, {value})", {"_plus": PLUS}
    if in_lanes and target.isidentifier() and (name := _CHOSEN.get(reduction)):
        return f"{target} = _{name}({target}, {value})", {f"_{name}": _CODE[name]}
    if reduction in ("sum", "prod"):
        return f"{target} {'+' if reduction == 'sum' else '*'}= {value}", {}
    return f"{target} = {fill(REDUCE[reduction].step, ('acc', 'x'), (target, value))}", {}
