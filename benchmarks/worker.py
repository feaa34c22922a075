"""One process of the table: ``time``, ``alone`` or ``memory`` of one problem, as one line of JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.contestants import PEERS, ours
from benchmarks.problem import Problem
from benchmarks.problems import PROBLEMS
from gradcompile.bench.machine import rise
from gradcompile.bench.timing import TOLERANCE, difference, interleaved


def timed(problem: Problem, folder: Path, peers: str, rounds: str) -> dict[str, Any]:
    """Check that all agree, then time them in interleaved rounds."""
    inputs = problem.inputs()
    calls = ours(problem, inputs, folder)
    for peer in filter(None, peers.split(",")):
        calls |= PEERS[peer](problem, inputs, folder)
    first: dict[str, float] = {}
    found = {}
    for name, call in calls.items():
        started = time.perf_counter()
        found[name] = call()
        first[name] = time.perf_counter() - started
    worst = {name: difference(found["ours"][: len(parts)], parts) for name, parts in found.items()}
    if wrong := {name: w for name, w in worst.items() if not w < TOLERANCE}:
        raise SystemExit(f"{problem.key}: results differ from ours: {wrong}")
    return {"seconds": interleaved(calls, int(rounds)), "first": first, "agree": max(worst.values())}


def alone(problem: Problem, folder: Path, _: str, rounds: str) -> dict[str, Any]:
    """Time ours alone, under whatever settings this process has."""
    calls = ours(problem, problem.inputs(), folder)
    calls["ours"]()
    return {"seconds": interleaved({"ours": calls["ours"]}, int(rounds))}


def memory(problem: Problem, folder: Path, peer: str, _: str) -> dict[str, Any]:
    """Return the bytes by which the resident memory rises during a call, results included, at its highest point."""
    inputs = problem.inputs()
    calls = PEERS[peer](problem, inputs, folder) if peer else ours(problem, inputs, folder)
    calls.pop("value", None)
    return {name: rise(call) for name, call in calls.items()}


MODES = {"time": timed, "alone": alone, "memory": memory}


def main() -> None:
    """Run one mode: MODE KEY FOLDER PEERS ROUNDS."""
    mode, key, folder, peers, rounds = sys.argv[1:]
    problem = next(p for p in PROBLEMS if p.key == key)
    print(json.dumps(MODES[mode](problem, Path(folder), peers, rounds)))


if __name__ == "__main__":
    main()
