"""From SymPy's matrices to formula syntax: explicit ones, and expressions of matrix symbols."""

from __future__ import annotations

import ast
from typing import Any

import sympy

from gradcompile.doors import tree
from gradcompile.doors.tree import Tree
from gradcompile.doors.writer import Writer
from gradcompile.errors import FormulaError


class MatrixWriter(Writer):
    """Writes scalars and matrices. A matrix of one element that is a whole result is written as that element."""

    def result(self, expression: Any) -> Tree:
        """Return what is assigned to an output."""
        if getattr(expression, "is_Matrix", False) and tuple(expression.shape) == (1, 1):
            if isinstance(expression, sympy.MatrixBase):
                return self.write(expression[0, 0])
            return tree.element(self.write(expression), [tree.number(0), tree.number(0)])
        return self.write(expression)

    def _write_matrixsymbol(self, e: Any) -> Tree:
        return tree.name(self.names.given[e])

    def _write_matrixelement(self, e: Any) -> Tree:
        return tree.element(self.write(e.parent), [self.whole(i) for i in e.indices])

    def _write_matrixbase(self, e: Any) -> Tree:
        rows, columns = e.shape
        if not rows or not columns:
            raise FormulaError("an explicit matrix without elements is not in the language.", hint="Write a `zeros`.")
        return _listed([[self.write(e[i, j]) for j in range(columns)] for i in range(rows)])

    def _write_ndimarray(self, e: Any) -> Tree:
        parts = [self.write(part) for part in (e if e.shape else [])]
        return ast.List(parts, ast.Load()) if parts else self.write(e[()])

    # Constants

    def _write_identity(self, e: Any) -> Tree:
        return tree.call("eye", self.whole(e.shape[0]))

    def _write_zeromatrix(self, e: Any) -> Tree:
        return tree.call("zeros", self._shape(e))

    def _write_onematrix(self, e: Any) -> Tree:
        return tree.call("ones", self._shape(e))

    def _shape(self, e: Any) -> Tree:
        return ast.Tuple([self.whole(size) for size in e.shape], ast.Load())

    # Sums and products

    def _write_matadd(self, e: Any) -> Tree:
        return tree.total([self.signed(term) for term in e.as_ordered_terms()])

    def signed(self, term: Any) -> tuple[Tree, bool]:
        """Return a term without its sign, and whether it is negative."""
        if isinstance(term, sympy.MatMul) and term.args[0].is_number and term.args[0].is_negative:
            return self.write((-term).doit(deep=False)), True
        return super().signed(term)

    def _write_matmul(self, e: Any) -> Tree:
        coefficient, factors = e.as_coeff_matrices()
        product = self._product(list(factors))
        if coefficient == 1:
            return product
        if coefficient == -1:
            return tree.negative(product)
        return tree.binary(self.write(coefficient), ast.Mult, product)

    def _product(self, factors: list[Any]) -> Tree:
        """Return a product from left to right, where an inverse becomes the solution of a system."""
        solved = next((i for i in reversed(range(len(factors))) if isinstance(factors[i], sympy.Inverse)), None)
        if solved is None or len(factors) == 1:
            return tree.chain([self.write(f) for f in factors], ast.MatMult)
        matrix = factors[solved].arg
        if solved == len(factors) - 1:
            transposed = tree.call("solve", self.write(matrix.T), tree.transposed(self._product(factors[:-1])))
            return tree.transposed(transposed)
        solution = tree.call("solve", self.write(matrix), self._product(factors[solved + 1 :]))
        if solved == 0:
            return solution
        return tree.binary(self._product(factors[:solved]), ast.MatMult, solution)

    def _write_inverse(self, e: Any) -> Tree:
        return tree.call("inv", self.write(e.arg))

    def _write_matpow(self, e: Any) -> Tree:
        base, exponent = e.args
        if not exponent.is_Integer:
            raise FormulaError(
                f"`{e}` is not a whole power of a matrix.", hint="Write whole powers, or `HadamardPower` by elements."
            )
        inner = self.write(base if exponent >= 0 else sympy.Inverse(base))
        if exponent == 2:
            return tree.binary(inner, ast.MatMult, inner)
        return tree.call("matrix_power", inner, tree.number(abs(int(exponent))))

    def _write_transpose(self, e: Any) -> Tree:
        return tree.transposed(self.write(e.arg))

    _write_adjoint = _write_transpose  # every input is real

    # By elements

    def _write_hadamardproduct(self, e: Any) -> Tree:
        return tree.chain([self.write(f) for f in e.args], ast.Mult)

    def _write_hadamardpower(self, e: Any) -> Tree:
        return tree.binary(self.write(e.base), ast.Pow, self.write(e.exp))

    def _write_elementwiseapplyfunction(self, e: Any) -> Tree:
        (variable,) = e.function.variables
        before = dict(self.standing)
        self.standing[variable] = self.write(e.expr)
        result = self.write(e.function.expr)
        self.standing = before
        return result

    def _write_functionmatrix(self, e: Any) -> Tree:
        row, column = e.lamda.variables
        names = self.names.bind(row), self.names.bind(column)
        self.inner += 1
        term = self.write(e.lamda.expr)
        self.inner -= 1
        return tree.listed(term, [(n, self.whole(size)) for n, size in zip(names, e.shape, strict=True)])

    # Parts

    def _write_matrixslice(self, e: Any) -> Tree:
        cuts = [self._cut(cut, size) for cut, size in zip((e.rowslice, e.colslice), e.parent.shape, strict=True)]
        return tree.element(self.write(e.parent), cuts)

    def _cut(self, cut: Any, size: Any) -> Tree:
        start, stop, step = cut
        lower = None if start == 0 else self.whole(sympy.sympify(start))
        upper = None if stop == size else self.whole(sympy.sympify(stop))
        return ast.Slice(lower, upper, None if step == 1 else self.whole(sympy.sympify(step)))

    def _write_blockmatrix(self, e: Any) -> Tree:
        rows = [
            _joined([self.write(e.blocks[i, j]) for j in range(e.blockshape[1])], 1) for i in range(e.blockshape[0])
        ]
        return _joined(rows, 0)

    def _write_diagmatrix(self, e: Any) -> Tree:
        return tree.call("diag", tree.call("ravel", self.write(e._vector)))

    def _write_diagonalof(self, e: Any) -> Tree:
        return tree.element(tree.call("diag", self.write(e.arg)), [ast.Slice(), ast.Constant(None)])

    def _write_diagonalmatrix(self, e: Any) -> Tree:
        return tree.binary(self.write(e.arg), ast.Mult, tree.call("eye", self.whole(e.shape[0])))

    def _write_kroneckerproduct(self, e: Any) -> Tree:
        first, *rest = [self.write(f) for f in e.args]
        for factor in rest:
            first = tree.call("kron", first, factor)
        return first

    # Scalars of matrices

    def _write_trace(self, e: Any) -> Tree:
        return tree.call("trace", self.write(e.arg))

    def _write_determinant(self, e: Any) -> Tree:
        return tree.call("det", self.write(e.arg))

    def _write_dotproduct(self, e: Any) -> Tree:
        return tree.call("sum", tree.binary(self.write(e.args[0]), ast.Mult, self.write(e.args[1])))


def _listed(rows: list[list[Tree]]) -> Tree:
    return ast.List([ast.List(row, ast.Load()) for row in rows], ast.Load())


def _joined(parts: list[Tree], axis: int) -> Tree:
    if len(parts) == 1:
        return parts[0]
    joined = tree.call("concatenate", ast.List(parts, ast.Load()))
    assert isinstance(joined, ast.Call)
    joined.keywords.append(ast.keyword("axis", ast.Constant(axis)))
    return joined
