"""A picture of a function and of its quadratic model along the eigenvectors at both ends of its Hessian's spectrum."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np

from gradcompile.errors import FormulaError
from gradcompile.second_order.curvature import Curvature, Direction
from gradcompile.second_order.local import REFUSALS, Vector

FORMATS = ("png", "svg")
_POINTS = 201
_HALVINGS = 40
_APART = 0.5  # how far the model may be from the function in a picture, relative to the height of the model


def picture(found: Curvature, form: str) -> bytes:
    """Return the picture as the bytes of a file, "png" or "svg"; the same each time. It needs the extra ``plot``."""
    try:
        import matplotlib as mpl  # noqa: PLC0415  (an extra, and slow to import)
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise FormulaError("a picture needs matplotlib", hint="pip install 'gradcompile[plot]'") from error
    ends = {"largest": found.largest, "smallest": found.smallest}
    shown = ends if found.size > 1 else {"only": found.largest}
    with mpl.rc_context({"svg.hashsalt": "gradcompile", "font.size": 9}):
        figure = Figure(figsize=(4.5 * len(shown), 3.4), layout="constrained")
        for axes, (word, direction) in zip(np.ravel(figure.subplots(1, len(shown))), shown.items(), strict=True):
            _panel(axes, found, word, direction)
        figure.suptitle(f"{found.file}: {found.verdict}")
        buffer = BytesIO()
        metadata = {"Date": None} if form == "svg" else {"Software": None}
        figure.savefig(buffer, format=form, dpi=150, metadata=metadata)
    return buffer.getvalue()


def _panel(axes: Any, found: Curvature, word: str, direction: Direction) -> None:
    steps, values, model = _along(found, direction)
    axes.plot(steps, values, label="function")
    axes.plot(steps, model, "--", label="quadratic model")
    axes.plot([0], [found.value], "o", color="black", markersize=4)
    axes.set_xlabel(f"step along the eigenvector of the {word} eigenvalue")
    axes.set_title(f"{word} eigenvalue {direction.eigenvalue:.4g}")
    axes.grid(alpha=0.3)
    axes.legend()


def _along(found: Curvature, direction: Direction) -> tuple[Vector, Vector, Vector]:
    """Return steps, and there the function and its model: as far as the two can be told apart and compared.

    The range starts at the size of the point, and is halved until the function has a value everywhere in it and the
    model is near.
    """
    reach = max(1.0, float(np.linalg.norm(found.near.point)))
    slope = float(found.gradient @ direction.vector)
    for _ in range(_HALVINGS):
        steps = np.linspace(-reach, reach, _POINTS)
        model = found.value + slope * steps + 0.5 * direction.eigenvalue * steps**2
        values = np.array([_value(found, step * direction.vector) for step in steps])
        height = max(float(np.ptp(model)), float(np.finfo(float).eps) * abs(found.value))
        if np.all(np.isfinite(values)) and np.max(np.abs(values - model)) <= _APART * height:
            break
        reach /= 2
    return steps, values, model


def _value(found: Curvature, step: Vector) -> float:
    try:
        return found.near.value(found.near.moved(step))
    except REFUSALS:
        return float("nan")
