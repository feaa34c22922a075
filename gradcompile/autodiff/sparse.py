"""Sparse Jacobians, in both modes: the entries that the axes do not show to be zero."""

from __future__ import annotations

from collections.abc import Sequence

from gradcompile.autodiff.entries import Arrays, Part
from gradcompile.autodiff.sparse_forward import SparseForward
from gradcompile.autodiff.sparse_reverse import SparseReverse
from gradcompile.ir.nodes import Axis, Node


def sparse_jacobian(results: Sequence[tuple[Node, Sequence[Axis]]], arguments: Arrays, mode: str) -> list[list[Part]]:
    """Return, for each result, the entries of its Jacobian: results and arguments with the order of their axes.

    `mode` is "forward" or "reverse".
    """
    if mode == "forward":
        forward = SparseForward([node for node, _ in results], arguments)
        return [forward.parts(node, axes) for node, axes in results]
    return [SparseReverse(node, axes, arguments).parts() for node, axes in results]
