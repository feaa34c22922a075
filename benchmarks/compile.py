"""Compile time: JIT seconds of each example, modules of many scalar statements, and a second process from the cache."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"
STATEMENTS = (5_000, 50_000)

CHILD = """
import json, resource, sys, time
started = time.perf_counter()
sys.path.insert(0, sys.argv[1])
import numba
ready = time.perf_counter()
module = __import__(sys.argv[2])
arguments = json.loads(sys.argv[3])
before = time.perf_counter()
module.value_and_grad(*arguments)
after = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"numba": ready - started, "load": before - ready, "first": after - before, "peak": 1024 * peak}))
"""
