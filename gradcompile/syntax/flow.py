"""Which names statements assign and read, in what order: what a loop carries, and what a derivative replays."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Functions = Mapping[str, ast.FunctionDef]


def is_text(statement: ast.stmt) -> bool:
    """Is it a string by itself, such as a docstring?"""
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def names_in(trees: Iterable[ast.AST | None]) -> set[str]:
    """Return the names that pieces of syntax read; the variables of their own index notation are none."""
    nodes = [n for tree in trees if tree is not None for n in ast.walk(tree)]
    own: set[ast.AST] = set()
    for node in nodes:
        if isinstance(node, (ast.GeneratorExp, ast.ListComp, ast.SetComp)):
            bound = {t.id for g in node.generators for t in ast.walk(g.target) if isinstance(t, ast.Name)}
            own |= {n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in bound}
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and n not in own}


def reads(tree: ast.AST) -> set[str]:
    """Return every name that a piece of syntax mentions otherwise than by assigning it."""
    sums = {n.target.id for n in ast.walk(tree) if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)}
    return names_in([tree]) | sums


def target_names(tree: ast.expr) -> list[str]:
    """Return the names that a target assigns: of an element, the array."""
    match tree:
        case ast.Name(id=name):
            return [name]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return [name for part in parts for name in target_names(part)]
        case ast.Subscript(value=array):
            return target_names(array)
        case ast.Starred(value=rest):
            return target_names(rest)
    return []


def targets(statement: ast.stmt) -> list[str]:
    """Return the names that a statement assigns, in order; those of a loop without its loop variable."""
    match statement:
        case ast.Assign(targets=trees):
            return [name for tree in trees for name in target_names(tree)]
        case ast.AugAssign(target=tree):
            return target_names(tree)
        case ast.For(target=tree, body=body):
            own = set(target_names(tree))
            return [name for name in assigned(body) if name not in own]
        case ast.While(body=body):
            return assigned(body)
        case ast.If(body=body, orelse=orelse):
            return assigned([*body, *orelse])
    return []


def assigned(statements: Sequence[ast.stmt]) -> list[str]:
    """Return the names that statements assign, each once, in the order of their last assignment."""
    found: dict[str, None] = {}
    for statement in statements:
        for name in targets(statement):
            found.pop(name, None)
            found[name] = None
    return list(found)


def loop_variables(tree: ast.AST) -> set[str]:
    """Return the variables of all `for` loops in a piece of syntax."""
    return {name for n in ast.walk(tree) if isinstance(n, ast.For) for name in target_names(n.target)}


@dataclass
class Flow:
    """The names that some statements read before they give them a value, and those that they surely give one."""

    exposed: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)

    def read(self, names: Iterable[str]) -> None:
        """Names are read here."""
        self.exposed |= set(names) - self.given


def flow(statements: Iterable[ast.stmt], functions: Functions) -> Flow:
    """Follow statements in order; what the functions that they call read from outside counts as read."""
    through = Flow()
    for statement in statements:
        match statement:
            case ast.Assign(targets=trees, value=value):
                through.read(_with_functions(names_in([value, *trees]), functions))
                through.given |= {n for tree in trees for n in _whole(tree)}
            case ast.For(target=target, iter=items, body=body):
                through.read(_with_functions(names_in([items]), functions))
                through.read(flow(body, functions).exposed - set(target_names(target)))
            case ast.While(test=test, body=body):
                through.read(_with_functions(names_in([test]), functions) | flow(body, functions).exposed)
            case ast.If(test=test, body=body, orelse=orelse):
                through.read(_with_functions(names_in([test]), functions))
                branches = flow(body, functions), flow(orelse, functions)
                through.read(branches[0].exposed | branches[1].exposed)
                through.given |= branches[0].given & branches[1].given
            case ast.FunctionDef() | ast.AnnAssign():
                pass
            case _:
                through.read(_with_functions(reads(statement), functions))
    return through


def _whole(target: ast.expr) -> list[str]:
    """Return the names that a target gives a new value as a whole, not an element of it."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return [name for part in target.elts for name in _whole(part)]
    return [target.id] if isinstance(target, ast.Name) else []


def _with_functions(names: set[str], functions: Functions) -> set[str]:
    """Add what the functions among some names read from outside."""
    found, waiting = set(names), [n for n in names if n in functions]
    done = set(waiting)
    while waiting:
        function = functions[waiting.pop()]
        own = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
        more = reads(function) - own
        found |= more
        called = [n for n in more if n in functions and n not in done]
        done |= set(called)
        waiting += called
    return found


def all_reads(statement: ast.stmt, functions: Functions) -> set[str]:
    """Return the names that a statement reads, those in the functions it calls included."""
    return _with_functions(reads(statement), functions)


def live_after(name: str, statement: ast.stmt, lines: Sequence[ast.stmt], functions: Functions) -> bool | None:
    """Is the value that a name has after a statement read in the lines behind it? None: not there, nor replaced."""
    place = next((i for i, line in enumerate(lines) if _holds(line, statement)), len(lines))
    rest = list(lines[place + 1 :])
    if place < len(lines) and lines[place] is not statement:  # inside an `if`
        rest.insert(0, lines[place])
    after = flow(rest, functions)
    if name in after.exposed:
        return True
    return False if name in after.given else None


def _holds(line: ast.stmt, statement: ast.stmt) -> bool:
    return line is statement or (isinstance(line, ast.If) and any(n is statement for n in ast.walk(line)))
