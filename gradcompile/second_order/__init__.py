"""What second derivatives say about a function at a point."""

from __future__ import annotations

from gradcompile.second_order.curvature import DENSE, Curvature, curvature

__all__ = ["DENSE", "Curvature", "curvature"]
