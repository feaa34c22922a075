"""The rows of the table. Operations are counted by hand, for the cheapest way known; one sweep over the data."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import draws
from benchmarks.problem import Problem


def _statistics() -> Iterator[Problem]:
    yield Problem(
        "black_scholes", "Black-Scholes and five Greeks", "10⁶", draws.options(1_000_000),
        ("S", "K", "T", "r", "sigma"), 3, 30e6, 6e6,
    )  # fmt: skip
    for (n, d, c), target in {(200_000, 20, 5): 2, (60_000, 784, 10): 1.2, (2_000, 50, 1_000): 1.2}.items():
        yield Problem(
            "softmax_regression", "softmax regression", f"{n:,}×{d}×{c:,}", draws.softmax(n, d, c), ("W", "b"),
            target, 4 * n * d * c + 6 * n * c, n * c,
        )  # fmt: skip
    for (n, d, h, c), target in {(256, 784, 128, 10): 1, (10_000, 10, 32, 1): 2}.items():
        yield Problem(
            "tanh_network", "two-layer network, tanh", f"{n:,}×{d}×{h}×{c}", draws.network(n, d, h, c),
            ("W1", "b1", "W2", "b2"), target, 4 * n * d * h + 6 * n * h * c, 1.5 * n * h,
        )  # fmt: skip
    sizes = {(1_000, 10, 25): 1.5, (1_000, 64, 25): 3.5, (10_000, 10, 25): 6, (1_000, 2, 5): 1.5}
    for (n, d, k), target in sizes.items():
        yield Problem(
            "packed_gaussian_mixture", "Gaussian mixture, packed factors", f"{n:,}×{d}, k={k}", draws.mixture(n, d, k),
            ("alpha", "mu", "q", "l"), target, n * k * (2 * d * d + 4 * d), n * k,
        )  # fmt: skip
    for (n, d, k), target in {(10_000, 16, 1_000): 10, (10_000, 8, 10): 2, (1_000, 16, 100): 2}.items():
        yield Problem(
            "k_means", "k-means", f"{n:,}×{d}, k={k:,}", draws.clusters(n, d, k), ("c",), target, 2 * n * d * k
        )
    for n, target in {2_500: 4, 160_000: 2.5, 1_280_000: 2.5}.items():
        yield Problem("log_sum_exp", "log-sum-exp", f"{n:,}", draws.vector(n), ("x",), target, 3 * n, n)
    for name, title in {"polynomial": "sum of powers", "horner": "Horner"}.items():
        for n, target in {16_392: 10, 128: 4}.items():
            yield Problem(
                name, f"polynomial least squares, degree 127, {title}", f"{n:,}", draws.polynomial(n, 128), ("c",),
                target, 4 * n * 128,
            )  # fmt: skip
    yield Problem(
        "gaussian_process", "Gaussian process", "500×8", draws.process(500, 8),
        ("log_length", "log_amplitude", "log_noise"), 1.2, 500**3 + 500**2 * 20, 500**2 / 2,
    )  # fmt: skip


def _recurrences() -> Iterator[Problem]:
    for steps in (1_024, 8_192):
        yield Problem(
            "diagonal_lstm", "LSTM, diagonal weights, 2 layers of 14", f"{steps:,} steps", draws.symbols(steps, 14),
            ("w", "b", "enter", "leave", "shift", "hidden0", "cell0"), 4, steps * 14 * 90, steps * 14 * 11,
        )  # fmt: skip
    yield Problem(
        "lotka_volterra", "Lotka-Volterra, Runge-Kutta", "10,000 steps", draws.populations(10_000),
        ("a", "b", "c", "d"), 10, 10_000 * 180,
    )  # fmt: skip
    yield Problem(
        "garch", "GARCH likelihood", "20,000 steps", draws.returns(20_000), ("mu", "omega", "alpha", "beta"), 1.5,
        20_000 * 25, 20_000,
    )  # fmt: skip
    yield Problem(
        "hmm", "HMM forward likelihood", "32 states, 5,000 steps", draws.chain(32, 20, 5_000),
        ("start", "move", "show"), 2, 5_000 * 6 * 32**2,
    )  # fmt: skip


def _geometry() -> Iterator[Problem]:
    yield Problem("potential", "n-body energy", "1,000 bodies", draws.bodies(1_000), ("x",), 2, 500_000 * 35)
    yield Problem(
        "attention", "attention, one head", "512×64", draws.sequence(512, 64), ("Wq", "Wk", "Wv"), 1.2,
        12 * 512 * 64**2 + 12 * 512**2 * 64, 512**2,
    )  # fmt: skip
    yield Problem(
        "bundle_adjustment", "bundle adjustment", "31,843 observations", draws.scene(49, 7_776, 31_843),
        ("turn", "centre", "focal", "radial", "X"), 5, 31_843 * 250, 31_843 * 3,
    )  # fmt: skip
    yield Problem("spring_mesh", "spring mesh", "100,000 edges", draws.mesh(33_000, 100_000), ("x",), 3, 100_000 * 45)
    angles = tuple(f"q{i}" for i in range(1, 8))
    yield Problem("arm", "7-joint arm", "1 pose", draws.poses(1), angles, 1.5, 330, 10)
    yield Problem("arms", "7-joint arm", "100,000 poses", draws.poses(100_000), angles, 4, 33e6, 1e6)
    yield Problem(
        "layer_normalisation", "layer normalisation, loss on top", "10,000×256", draws.layer(10_000, 256),
        ("X", "gamma", "beta"), 2, 20 * 10_000 * 256,
    )  # fmt: skip


PROBLEMS = [*_statistics(), *_recurrences(), *_geometry()]


def chosen(wanted: str) -> list[Problem]:
    """Return the problems whose key begins with one of the names, separated by commas; all if there is none."""
    names = [name for name in wanted.split(",") if name]
    found = [p for p in PROBLEMS if not names or any(p.key.startswith(name) for name in names)]
    if not found:
        keys = "\n".join(f"  {p.key}" for p in PROBLEMS)
        raise SystemExit(f"no problem begins with '{wanted}'; there are:\n{keys}")
    return found
