"""Long functions of numbers without branches: a module compiles them in one pass, in a third of Numba's time."""

from __future__ import annotations

import ast
from functools import cache

from gradcompile.emit.expression import code
from gradcompile.gates.registry import GATES

STRAIGHT = '''
def _straight(function):
    """Compile a long function of numbers without branches, in one pass over its statements.

    Numba's own way looks at all statements many times. Here it is asked once for each operator and each function that
    is called, with operands of the same types. Functions of this module are not inlined: LLVM takes long for long code.
    """

    @intrinsic
    def compiled(typing, *given):
        steps = _Steps(function, typing, given)

        def code(context, builder, signature, values):
            call = _apart(context, builder.module, function.__name__, steps.write, steps.result, given)
            return call(builder, cgutils.unpack_tuple(builder, values[0]))

        return steps.result(types.StarArgTuple(given)), code

    return compiled


def _apart(context, module, name, write, result, given):
    """Write a function of its own, whose code is written by `write`; return what writes a call of it."""
    convention = context.call_conv
    name = module.get_unique_name(f"{name}_apart")  # the plain name may be one of the C library
    function = ir.Function(module, convention.get_function_type(result, given), name)
    convention.decorate_function(function, [f"x{i}" for i in range(len(given))], given)
    function.linkage = "internal"
    function.attributes.add("noinline")
    builder = ir.IRBuilder(function.append_basic_block())
    values = context.get_arg_packer(given).from_arguments(builder, convention.get_arguments(function))
    value = write(context, builder, values)
    convention.return_value(builder, context.get_return_value(builder, result, value))

    def call(builder, values):
        status, value = convention.call_function(builder, function, result, given, values)
        with cgutils.if_unlikely(builder, status.is_error):
            convention.return_status_propagate(builder, status)
        return value

    return call


_OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.USub: operator.neg,
    ast.Not: operator.not_, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}


class _Steps:
    """The values in a function, in order: the type of each, and what writes its code given those that it reads."""

    def __init__(self, function, typing, given):
        tree = ast.parse(inspect.getsource(function)).body[0]
        self.typing, self.scope = typing, function.__globals__
        self.types, self.codes = list(given), []
        self.signatures, self.calls = {}, {}
        self.names = {argument.arg: i for i, argument in enumerate(tree.args.args)}
        for line in tree.body[:-1]:
            value, target = self.visit(line.value), line.targets[0]
            if isinstance(target, ast.Name):
                self.names[target.id] = value
            else:
                for i, element in enumerate(target.elts):
                    self.names[element.id] = self.element(value, i)
        self.last = self.visit(tree.body[-1].value)
        self.result = self.types[self.last]

    def write(self, context, builder, values):
        """Write the code of all steps; return the last value."""
        self.calls.clear()
        for code, read in self.codes:
            values.append(code(context, builder, [values[i] for i in read]))
        return values[self.last]

    def step(self, type, code, *read):
        """Add a value; return its place."""
        self.types.append(type)
        self.codes.append((code, read))
        return len(self.types) - 1

    def visit(self, node):
        """Add the steps of an expression; return the place of its value."""
        match node:
            case ast.Name(name):
                return self.names[name]
            case ast.Constant(value):
                return self.constant(self.typing.resolve_value_type(value), value)
            case ast.Attribute(ast.Name(module), name):
                return self.constant(types.float64, getattr(self.scope[module], name))
            case ast.BinOp(base, ast.Pow(), ast.Constant(int(exponent))):
                return self.power(self.visit(base), exponent)
            case ast.BinOp(left, op, right) | ast.Compare(left, [op], [right]):
                return self.apply(_OPERATORS[type(op)], self.visit(left), self.visit(right))
            case ast.UnaryOp(op, operand):
                return self.apply(_OPERATORS[type(op)], self.visit(operand))
            case ast.BoolOp(ast.And(), [left, right]):
                return self.choice(left, right, left)
            case ast.BoolOp(ast.Or(), [left, right]):
                return self.choice(left, left, right)
            case ast.IfExp(condition, then, other):
                return self.choice(condition, then, other)
            case ast.Subscript(array, index):
                return self.apply(operator.getitem, self.visit(array), self.visit(index))
            case ast.Tuple(elements):
                return self.together([self.visit(element) for element in elements])
            case ast.Call(ast.Attribute(ast.Name(module), name), values):
                return self.apply(getattr(self.scope[module], name), *map(self.visit, values))
            case ast.Call(ast.Name(name), values):
                function = self.scope.get(name) or builtins.__dict__[name]
                return self.apply(function, *map(self.visit, values))

    def constant(self, type, value):
        type = getattr(type, "literal_type", type)
        return self.step(type, lambda context, builder, _: context.get_constant(type, value))

    def element(self, whole, i):
        type = self.types[whole].types[i]
        return self.step(type, lambda context, builder, read: builder.extract_value(*read, i), whole)

    def together(self, elements):
        type = types.Tuple([self.types[i] for i in elements])
        return self.step(type, lambda context, builder, read: context.make_tuple(builder, type, read), *elements)

    def cast(self, i, type):
        given = self.types[i]
        if given == type:
            return i
        return self.step(type, lambda context, builder, read: context.cast(builder, *read, given, type), i)

    def choice(self, condition, then, other):
        """Both sides are computed: nothing that is called here has an effect."""
        condition, then, other = (self.visit(node) for node in (condition, then, other))
        type = self.typing.unify_types(self.types[then], self.types[other])
        read = self.cast(condition, types.boolean), self.cast(then, type), self.cast(other, type)
        return self.step(type, lambda context, builder, read: builder.select(*read), *read)

    def power(self, base, exponent):
        """Return a power to a whole number, which is so many products."""
        type = self.types[base]
        signature = type(type, types.literal(exponent))

        def code(context, builder, read):
            return context.get_function(operator.pow, signature)(builder, (*read, None))

        return self.step(type, code, base)

    def apply(self, function, *read):
        """Add what an operator or a function makes of values."""
        key = function, *(self.types[i] for i in read)
        if key not in self.signatures:
            type = self.typing.resolve_value_type(function)
            self.signatures[key] = type, self.typing.resolve_function_type(type, key[1:], {})
        type, signature = self.signatures[key]

        def write(context, builder, values):
            implementation = context.get_function(type, signature)
            context.add_linking_libs(getattr(implementation, "libs", ()))
            return implementation(builder, values)

        def call(context, builder, values):
            if key not in self.calls:
                given = function.__name__, write, signature.return_type, signature.args
                self.calls[key] = _apart(context, builder.module, *given)
            return self.calls[key](builder, values)

        code = call if isinstance(type, types.Dispatcher) else write
        return self.step(signature.return_type, code, *map(self.cast, read, signature.args))
'''
_SYNTAX = (
    ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Return, ast.expr_context, ast.operator, ast.unaryop,
    ast.boolop, ast.cmpop, ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.Compare, ast.UnaryOp, ast.BoolOp,
    ast.IfExp, ast.Subscript, ast.Tuple, ast.Call,
)  # fmt: skip


def is_straight(source: str) -> bool:
    """Say whether the text of a function is one that `_straight` compiles."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree.body[0]))
    return all(isinstance(n, _SYNTAX) for n in nodes) and all(_is_of_numbers(n) for n in nodes)


def _is_of_numbers(node: ast.AST) -> bool:
    """Can a node only stand for numbers, where its names do? A name for a name may be one of an array."""
    match node:
        case ast.Assign([ast.Name()], ast.Name()) | ast.Call(keywords=[_, *_]):
            return False
        case ast.Call(function):
            return ast.unparse(function) in _functions()
        case ast.Subscript(array, index):
            return isinstance(array, ast.Name) and not any(isinstance(n, ast.Slice) for n in ast.walk(index))
        case ast.Constant(value):
            return isinstance(value, (bool, int, float))
        case ast.BoolOp(_, values):
            return len(values) == 2
        case ast.Compare(_, operators):
            return len(operators) == 1
    return True


@cache
def _functions() -> frozenset[str]:
    """Return what the gates of single numbers call."""
    texts = [code(gate, "alone", dtype) for gate in GATES for dtype in ("float64", "float32")]
    nodes = [n for text in texts for n in ast.walk(ast.parse(text))]
    return frozenset(ast.unparse(n.func) for n in nodes if isinstance(n, ast.Call)) | {"np.float32", "np.float64"}
