"""``gradcompile bench``: how fast a formula's module is, beside the same formula in the peers that are installed."""

from __future__ import annotations

from gradcompile.bench.plot import picture
from gradcompile.bench.run import PEERS, Measured, Timing, bench

__all__ = ["PEERS", "Measured", "Timing", "bench", "picture"]
