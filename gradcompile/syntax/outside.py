"""What is outside the language, each with what to write instead."""

from __future__ import annotations

import ast

Table = dict[type[ast.AST], tuple[str, str]]
"""What is wrong with a kind of syntax, and what to write instead."""

_END = "Write a loop over the most steps there can be, with `x = a if going else x`, or `while condition:`."
_DEF = "Functions are written with `def f(x): …`, with assignments, loops and `return`."

STATEMENTS: Table = {
    ast.Import: ("`import` is not part of the language", "All functions are there already: write `exp(x)`."),
    ast.ImportFrom: ("`import` is not part of the language", "All functions are there already: write `exp(x)`."),
    ast.ClassDef: ("`class` is not part of the language", _DEF),
    ast.AsyncFunctionDef: ("`async` is not part of the language", _DEF),
    ast.AsyncFor: ("`async` is not part of the language", "Write `for t in range(T):`."),
    ast.If: ("`if` is not a statement here", "Write a value with a condition: `y = a if x > 0 else b`."),
    ast.Match: ("`match` is not part of the language", "Write a value with a condition: `y = a if x > 0 else b`."),
    ast.Try: ("`try` is not part of the language", "A formula has no exceptions; leave it out."),
    ast.Raise: ("`raise` is not part of the language", "A formula has no exceptions; leave it out."),
    ast.With: ("`with` is not part of the language", "Leave it out."),
    ast.AsyncWith: ("`with` is not part of the language", "Leave it out."),
    ast.Delete: ("`del` is not part of the language", "Variables need no deleting; leave it out."),
    ast.Global: ("`global` is not part of the language", "A `def` reads the variables of the file without it."),
    ast.Nonlocal: ("`nonlocal` is not part of the language", "A `def` reads the variables of the file without it."),
    ast.Pass: ("`pass` does nothing", "Leave it out."),
    ast.Break: ("`break` is not supported", _END),
    ast.Continue: ("`continue` is not supported", "Write `x = a if c else x` for what happens in some steps only."),
}

EXPRESSIONS: Table = {
    ast.Lambda: ("`lambda` is not part of the language", f"{_DEF} A variable can be called `lambda_` or `λ`."),
    ast.JoinedStr: ("text is not a value", "A formula computes with numbers; leave the f-string out."),
    ast.NamedExpr: ("`:=` is not part of the language", "Assign the name on a line of its own, before this one."),
    ast.GeneratorExp: (
        "terms by themselves are not a value",
        "Write `sum(… for i in range(N))` to reduce them, or `[… for i in range(N)]` for an array.",
    ),
    ast.SetComp: ("a set is not a value", "Write `sum(… for i in range(N))`, or an array with brackets."),
    ast.DictComp: ("a dictionary is not a value", "Write an array with brackets, as in `[… for i in range(N)]`."),
    ast.Dict: ("a dictionary is not a value", "Write an array with brackets, as in `[a, b]`."),
    ast.Set: ("a set is not a value", "Write an array with brackets, as in `[a, b]`."),
    ast.Await: ("`await` is not part of the language", "Leave it out."),
    ast.Yield: ("`yield` is not part of the language", "Write `return`."),
    ast.YieldFrom: ("`yield` is not part of the language", "Write `return`."),
    ast.Starred: ("`*` cannot unpack here", "Write the values out one by one."),
    ast.Slice: ("a slice stands only inside an index", "Write `x[1:3]`."),
}

OPERATORS: Table = {
    ast.BitXor: ("`^` is not a power", "Write `x**2` for a power."),
    ast.LShift: ("`<<` is not part of the language", "Write `x * 2**n`."),
    ast.RShift: ("`>>` is not part of the language", "Write `x // 2**n`."),
    ast.Is: ("`is` does not compare numbers", "Write `==`."),
    ast.IsNot: ("`is not` does not compare numbers", "Write `!=`."),
    ast.In: ("`in` is not part of the language", "Write `any(x == a)`."),
    ast.NotIn: ("`not in` is not part of the language", "Write `all(x != a)`."),
}

MODULES = ("np", "numpy", "math", "jnp", "torch", "scipy", "special", "linalg", "sp", "tf", "jax", "cmath")
"""Names that, before a dot, are meant as modules."""


def attribute(tree: ast.Attribute, text: str, called: bool) -> tuple[str, str]:
    """Return what is wrong with ``a.b``, and what to write instead."""
    root: ast.expr = tree.value
    while isinstance(root, ast.Attribute):
        root = root.value
    name = root.id if isinstance(root, ast.Name) else ""
    if name in MODULES:
        what = f"{tree.attr}(…)" if called else tree.attr
        return f"`{text}`: names are used without a module", f"Write `{what}`."
    if called:
        return f"there is no method `.{tree.attr}`", f"Write it as a function: `{tree.attr}({name or '…'})`."
    if tree.attr in ("shape", "size", "ndim"):
        hint = "Dimension names are values: for a size declared as N, write `N`."
        return f"there is no attribute `.{tree.attr}`", hint
    return f"there is no attribute `.{tree.attr}`", "The only one is `.T`, the transpose."


def iterable(tree: ast.expr, name: str, text: str, *, is_size: bool) -> tuple[str, str]:
    """Return what is wrong with running over anything but a range, and what to write instead."""
    match tree:
        case ast.Call(func=ast.Name(id="enumerate"), args=[items, *_]):
            array = ast.unparse(items)
            return "`enumerate` is not part of the language", f"Write `for {name} in range(N)`, and `{array}[{name}]`."
        case ast.Call(func=ast.Name(id="zip"), args=[*arrays]):
            elements = ", ".join(f"`{ast.unparse(a)}[{name}]`" for a in arrays) or f"`x[{name}]`"
            return "`zip` is not part of the language", f"Write `for {name} in range(N)`, and {elements}."
        case ast.Call(func=ast.Name(id="arange"), args=args):
            bounds = ", ".join(map(ast.unparse, args))
            return "an index runs over a range", f"Write `for {name} in range({bounds})`."
        case ast.Call(func=ast.Name(id="reversed")):
            return "`reversed` is not part of the language", f"Write `for {name} in range(N - 1, -1, -1)`."
        case ast.Call(func=ast.Name(id="len"), args=[items]):
            return (
                "`len` is not part of the language",
                f"Write `for {name} in range(N)`, where N is a size of the array.",
            )
        case ast.List() | ast.Tuple() | ast.Set():
            return "an index runs over a range, not over a list", f"Write the terms out, or `for {name} in range(…)`."
        case ast.Constant():
            return "an index runs over a range, not over a number", f"Write `for {name} in range({text})`."
    if is_size:
        return "an index runs over a range, not over a number", f"Write `for {name} in range({text})`."
    hint = f"Write `for {name} in range(N)`, where N is its size, and `{text}[{name}]` for an element."
    return f"an index runs over a range, and `{text}` is none", hint
