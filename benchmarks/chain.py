"""How the compiler's time grows: a chain of gates, one a line, to the numpy target with its gradient."""

from __future__ import annotations

import time

from gradcompile import api

LENGTHS = (25_000, 50_000, 100_000)
GATES = ("sin(x{})", "x{} * 1.01", "x{} + x0", "tanh(x{})")


def chain(length: int) -> str:
    """Return a formula of so many gates, each applied to the one before."""
    return "".join(f"x{i + 1} = {GATES[i % len(GATES)].format(i)}\n" for i in range(length))


def main() -> None:
    """Print a Markdown table."""
    print("| gates | seconds | microseconds a gate | lines of the module |")
    print("| ---: | ---: | ---: | ---: |")
    for length in LENGTHS:
        text = chain(length)
        started = time.perf_counter()
        program = api.read(text, name="chain")
        source = api.translate(program, target="numpy", verified=False).source
        seconds = time.perf_counter() - started
        print(f"| {length:,} | {seconds:.1f} | {1e6 * seconds / length:.0f} | {source.count(chr(10)):,} |", flush=True)


if __name__ == "__main__":
    main()
