"""Calls on whole arrays: products of matrices, turned rows, searches, and the functions of linear algebra."""

from __future__ import annotations

from dataclasses import replace

from gradcompile.emit.expression import functions
from gradcompile.emit.lanes import PLUS, TURN
from gradcompile.emit.linalg_numba import SOURCE
from gradcompile.emit.loop_text import turn_text
from gradcompile.emit.nearest import HELPERS as NEAREST
from gradcompile.emit.parts import DECORATOR, PartsPrinter
from gradcompile.emit.small_products import COLUMNS, product_text
from gradcompile.loops.form import Call, Columns, Dot, Nearest, Turn

_NUMBERS = frozenset({"det", "slogdet", "signdet", "logabsdet", "logdet"})  # functions that give numbers, of float64


class ArrayPrinter(PartsPrinter):
    """What a printer of statements has to print such calls."""

    single: bool  # whether the module computes in float32

    def _on_arrays(self, depth: int, statement: Dot | Nearest | Call | Columns | Turn) -> None:
        """Print a call of a function on whole arrays."""
        match statement:
            case Columns(target, source, space):
                self.helpers |= {"_turn": TURN, "_columns": f"{DECORATOR}{COLUMNS}"}
                self._put(depth, f"{target} = _columns({source}, {space})")
            case Turn():
                self.helpers["_turn"] = TURN
                self._put(depth, turn_text(statement))
            case Dot() if statement.columns:
                text, helpers = product_text(statement)
                self.helpers |= {"_plus": PLUS}
                self.helpers |= {name: f"{DECORATOR}{self._typed(source)}" for name, source in helpers.items()}
                self._put(depth, f"if not {text}:")
                self._on_arrays(depth + 1, replace(statement, columns=()))
            case Dot(target, left, right, origin, into):
                call = f"np.dot({left}, {right}, {target})" if into else f"{target} = np.dot({left}, {right})"
                self._put(depth, call, origin)
            case Nearest(target, points, among, space, origin):
                self.helpers |= {"_plus": PLUS} | NEAREST
                self._put(depth, f"_nearest({points}, {among}, {target}, {space})", origin)
            case Call():
                self._call(depth, statement)

    def _call(self, depth: int, call: Call) -> None:
        targets, function = call.targets, call.function
        name = f"_{function}"
        for helper, source in functions(name, SOURCE).items():
            self.helpers[helper] = f"{DECORATOR}\n{self._typed(source)}"
        self._put(depth, f"{', '.join(targets)} = {name}({', '.join(call.operands)})", call.origin)
        if self.single and function in _NUMBERS:
            for target in [t for t in targets if t.isidentifier() and t != "_"]:
                self._put(depth, f"{target} = np.float32({target})", call.origin)
