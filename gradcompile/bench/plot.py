"""A picture of what was measured: a bar for the value and one for value and gradient of each implementation."""

from __future__ import annotations

from io import BytesIO

from gradcompile.bench.run import Measured
from gradcompile.errors import FormulaError

FORMATS = ("png", "svg")


def picture(found: Measured, form: str) -> bytes:
    """Return the picture as the bytes of a file, "png" or "svg". It needs the extra ``plot``."""
    try:
        import matplotlib as mpl  # noqa: PLC0415  (an extra, and slow to import)
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise FormulaError("a picture needs matplotlib", hint="pip install 'gradcompile[plot]'") from error
    timed = [t for t in reversed(found.timings) if t.value is not None]
    with mpl.rc_context({"svg.hashsalt": "gradcompile", "font.size": 9}):
        figure = Figure(figsize=(7, 1.2 + 0.6 * len(timed)), layout="constrained")
        axes = figure.subplots()
        places = range(len(timed))
        bars = {"value": [t.value for t in timed], "value and gradient": [t.value_and_grad for t in timed]}
        for shift, (label, seconds) in zip((0.2, -0.2), bars.items(), strict=True):
            shown = [(place, 1e3 * s) for place, s in zip(places, seconds, strict=True) if s is not None]
            if shown:
                drawn = axes.barh([p + shift for p, _ in shown], [ms for _, ms in shown], height=0.38, label=label)
                axes.bar_label(drawn, fmt="%.3g", padding=3)
        axes.set_yticks(list(places), [t.name for t in timed])
        axes.set_xlabel("milliseconds")
        axes.margins(x=0.12)
        axes.legend()
        sizes = ", ".join(f"{name} = {size:,}" for name, size in found.sizes.items())
        axes.set_title(f"{found.file}: {sizes}" if sizes else found.file)
        buffer = BytesIO()
        figure.savefig(buffer, format=form, dpi=150, metadata={"Date": None} if form == "svg" else {"Software": None})
    return buffer.getvalue()
