"""Value and gradient of every problem of the table, each in fresh processes, against its peers and its floor."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from math import exp, log
from typing import Any

from benchmarks.contestants import PEERS, installed
from benchmarks.problem import Problem
from benchmarks.problems import chosen
from gradcompile.bench import machine
from gradcompile.bench.timing import ROUNDS
from gradcompile.report import duration

HEADS = {"jax": "JAX", "torch": "PyTorch", "casadi": "CasADi", "numpy": "NumPy"}


class Failed(Exception):  # noqa: N818
    """A process of a problem ended with an error, which it has printed."""


def _worker(settings: dict[str, str], *arguments: str) -> Any:
    command = [sys.executable, "-m", "benchmarks.worker", *arguments]
    done = subprocess.run(command, env=os.environ | settings, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(arguments[:2])} failed")
    return json.loads(done.stdout.splitlines()[-1])


def measure(problem: Problem, peers: list[str], rounds: int, *, memory: bool) -> dict[str, Any]:
    """Return all that is measured of one problem."""
    with tempfile.TemporaryDirectory() as folder:
        place = (problem.key, folder)
        found: dict[str, Any] = _worker(machine.KEPT, "time", *place, ",".join(peers), str(rounds))
        found["default"] = _worker({}, "alone", *place, "", str(rounds))["seconds"]["ours"]
        found["memory"] = _worker(machine.GIVEN_BACK, "memory", *place, "", "1") if memory else {}
        if memory and "jax" in peers:
            found["memory"] |= _worker(machine.GIVEN_BACK, "memory", *place, "jax", "1")
    return found


def best(seconds: dict[str, float], peer: str) -> tuple[str, float]:
    """Return the fastest form of a peer and its seconds."""
    forms = {name: s for name, s in seconds.items() if name.split()[0] == HEADS[peer]}
    name = min(forms, key=lambda n: forms[n], default="")
    return name, forms.get(name, float("inf"))


def row(problem: Problem, found: dict[str, Any], peers: list[str], limits: tuple[float, float]) -> list[str]:
    """Return the cells of a problem."""
    seconds = found["seconds"]
    mine = seconds["ours"]
    times = [best(seconds, peer) for peer in peers]
    first = min((s for _, s in times), default=float("inf"))
    floor = problem.floor(problem.inputs(), *limits)
    cells = [problem.title, problem.sizes, duration(mine), duration(found["default"])]
    cells += [f"{duration(s)}{_form(name)}" if name else "" for name, s in times]
    ahead = f"{first / mine:.2f}" if times else ""
    cells += [f"**{ahead}**" if first / mine >= problem.target else ahead, f"{problem.target:g}"]
    cells += [duration(floor), f"{mine / floor:.1f}", f"{mine / seconds['value']:.2f}"]
    rises = found["memory"]
    jax = min((rise for name, rise in rises.items() if name.startswith("JAX")), default=None)
    return [*cells, size(rises.get("ours")), size(jax), f"{found['agree']:.0e}"]


def _form(name: str) -> str:
    return f" ({form})" if (form := name.partition(" ")[2]) else ""


def size(count: int | None) -> str:
    """Return bytes in MB."""
    return "" if count is None else f"{count / 1e6:.1f} MB"


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed", description=__doc__)
    parser.add_argument("--only", default="", help="problems whose name begins so, with commas; sizes behind a colon")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--peers", default=",".join(HEADS), help="some of %(default)s, or nothing")
    parser.add_argument("--no-memory", action="store_true", help="leave out the peak of memory")
    parser.add_argument("--limits", help="GB/s,GFLOP/s of the floor instead of what this core does: 37,55")
    parser.add_argument("--forms", action="store_true", help="print all forms of the peers below each row")
    return parser.parse_args()


def main() -> int:
    """Print a Markdown table."""
    chosen_options = options()
    problems = chosen(chosen_options.only)
    peers = [p for p in chosen_options.peers.split(",") if p in PEERS and installed(p)]
    given = chosen_options.limits
    limits = (machine.bandwidth(), machine.rate())
    if given:
        limits = tuple(1e9 * float(x) for x in given.split(","))  # type: ignore[assignment]
    print(f"One core, one thread, float64, median of {chosen_options.rounds} interleaved rounds.")
    print(f"Floor: {limits[0] / 1e9:.1f} GB/s, {limits[1] / 1e9:.1f} GFLOP/s.\n")
    heads = ["value and gradient", "sizes", "ours", "default heap", *(HEADS[p] for p in peers), "best peer / ours"]
    heads += ["target", "floor", "ours / floor", "gradient / value", "memory", "memory of JAX", "agree to"]
    print(f"| {' | '.join(heads)} |\n| --- | --- {'| ---: ' * (len(heads) - 2)}|", flush=True)
    slopes, failed = [], False
    for problem in problems:
        try:
            found = measure(problem, peers, chosen_options.rounds, memory=not chosen_options.no_memory)
        except Failed as error:
            print(f"| {problem.title} | {problem.sizes} | {error} {'|' * (len(heads) - 2)}", flush=True)
            failed = True
            continue
        slopes.append(found["seconds"]["ours"] / found["seconds"]["value"])
        print(f"| {' | '.join(row(problem, found, peers, limits))} |", flush=True)
        if chosen_options.forms:
            print("  " + ", ".join(f"{n} {duration(s)}" for n, s in found["seconds"].items()), file=sys.stderr)
    if slopes:
        print(f"\nGradient over value: geometric mean {exp(sum(map(log, slopes)) / len(slopes)):.2f}.")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
