"""Draw the inputs of each problem."""

from __future__ import annotations

import numpy as np

from benchmarks.problem import Draw, Inputs


def one_hot(rng: np.random.Generator, rows: int, classes: int) -> np.ndarray:
    """Draw labels."""
    return np.eye(classes)[rng.integers(0, classes, rows)]


def options(count: int) -> Draw:
    """A book of options."""

    def draw(rng: np.random.Generator) -> Inputs:
        spot, strike = rng.uniform(80, 120, count), rng.uniform(80, 120, count)
        years, rate = rng.uniform(0.1, 2, count), rng.uniform(0.01, 0.05, count)
        return {"S": spot, "K": strike, "T": years, "r": rate, "sigma": rng.uniform(0.1, 0.5, count)}

    return draw


def softmax(samples: int, features: int, classes: int) -> Draw:
    """Softmax regression."""

    def draw(rng: np.random.Generator) -> Inputs:
        return {
            "X": rng.normal(size=(samples, features)),
            "Y": one_hot(rng, samples, classes),
            "W": 0.1 * rng.normal(size=(features, classes)),
            "b": 0.1 * rng.normal(size=classes),
            "lam": 0.1,
        }

    return draw


def network(samples: int, features: int, hidden: int, outputs: int) -> Draw:
    """A network with one hidden layer."""

    def draw(rng: np.random.Generator) -> Inputs:
        return {
            "X": rng.normal(size=(samples, features)),
            "Y": one_hot(rng, samples, outputs) if outputs > 1 else rng.normal(size=(samples, 1)),
            "W1": rng.normal(size=(features, hidden)) / np.sqrt(features),
            "b1": 0.1 * rng.normal(size=hidden),
            "W2": rng.normal(size=(hidden, outputs)) / np.sqrt(hidden),
            "b2": 0.1 * rng.normal(size=outputs),
        }

    return draw


def mixture(points: int, coordinates: int, components: int) -> Draw:
    """A Gaussian mixture whose precisions have packed triangular factors."""

    def draw(rng: np.random.Generator) -> Inputs:
        packed = coordinates * (coordinates - 1) // 2
        return {
            "x": rng.normal(size=(points, coordinates)),
            "alpha": rng.normal(size=components),
            "mu": rng.normal(size=(components, coordinates)),
            "q": 0.1 * rng.normal(size=(components, coordinates)),
            "l": 0.1 * rng.normal(size=(components, packed)),
            "gamma": 1.0,
            "m": 0,
        }

    return draw


def clusters(points: int, coordinates: int, centres: int) -> Draw:
    """Points and centres."""
    return lambda rng: {
        "x": rng.normal(size=(points, coordinates)),
        "c": rng.normal(size=(centres, coordinates)),
    }


def vector(length: int) -> Draw:
    """One vector."""
    return lambda rng: {"x": 3 * rng.normal(size=length)}


def polynomial(points: int, terms: int) -> Draw:
    """Points of a curve, and coefficients."""
    return lambda rng: {
        "x": rng.uniform(-1, 1, points),
        "y": rng.normal(size=points),
        "c": rng.normal(size=terms) / terms,
    }


def symbols(steps: int, kinds: int) -> Draw:
    """A text for the LSTM with diagonal weights."""

    def draw(rng: np.random.Generator) -> Inputs:
        return {
            "X": one_hot(rng, steps, kinds),
            "w": 0.5 * rng.normal(size=(2, 4, kinds)),
            "b": 0.5 * rng.normal(size=(2, 4, kinds)),
            "enter": rng.normal(size=kinds),
            "leave": rng.normal(size=kinds),
            "shift": 0.1 * rng.normal(size=kinds),
            "hidden0": 0.1 * rng.normal(size=(2, kinds)),
            "cell0": 0.1 * rng.normal(size=(2, kinds)),
        }

    return draw


def populations(steps: int) -> Draw:
    """Counts of prey and predators."""
    rates = {"a": 1.1, "b": 0.4, "c": 0.4, "d": 0.1, "dt": 0.01}
    return lambda rng: {"counted": rng.uniform(1, 8, (steps, 2)), "u0": np.array([5.0, 2.0]), **rates}


def returns(days: int) -> Draw:
    """Returns of a stock."""
    return lambda rng: {"returns": rng.normal(size=days), "mu": 0.01, "omega": 0.1, "alpha": 0.1, "beta": 0.8}


def chain(states: int, kinds: int, steps: int) -> Draw:
    """A hidden Markov model and what was seen of it."""

    def draw(rng: np.random.Generator) -> Inputs:
        return {
            "seen": rng.integers(0, kinds, steps),
            "start": rng.normal(size=states),
            "move": rng.normal(size=(states, states)),
            "show": rng.normal(size=(states, kinds)),
        }

    return draw


def bodies(count: int) -> Draw:
    """Bodies in space."""
    return lambda rng: {"x": rng.normal(size=(count, 3)), "m": rng.uniform(0.5, 2, count), "eps": 0.05}


def sequence(length: int, width: int) -> Draw:
    """A sequence for one head of attention."""

    def draw(rng: np.random.Generator) -> Inputs:
        weights = {name: rng.normal(size=(width, width)) / np.sqrt(width) for name in ("Wq", "Wk", "Wv")}
        return {"X": rng.normal(size=(length, width)), "Y": rng.normal(size=(length, width)), **weights}

    return draw


def process(points: int, coordinates: int) -> Draw:
    """Samples of a function."""

    def draw(rng: np.random.Generator) -> Inputs:
        X = rng.normal(size=(points, coordinates))
        scales = {"log_length": np.full(coordinates, 0.5), "log_amplitude": 0.1, "log_noise": -1.0}
        return {"X": X, "y": np.sin(X.sum(axis=1)), **scales}

    return draw


def scene(cameras: int, points: int, observations: int) -> Draw:
    """Points seen by cameras."""

    def draw(rng: np.random.Generator) -> Inputs:
        return {
            "turn": 0.3 * rng.normal(size=(cameras, 3)),
            "centre": rng.normal(size=(cameras, 3)),
            "focal": 500 + rng.normal(size=cameras),
            "radial": 0.01 * rng.normal(size=(cameras, 2)),
            "X": np.stack([*rng.normal(size=(2, points)), rng.uniform(8, 12, points)], axis=1),
            "pair": np.stack([rng.integers(0, n, observations) for n in (cameras, points)], axis=1),
            "seen": rng.normal(size=(observations, 2)),
        }

    return draw


def mesh(nodes: int, edges: int) -> Draw:
    """A mesh of springs between neighbours in a list."""

    def draw(rng: np.random.Generator) -> Inputs:
        one = rng.integers(0, nodes, edges)
        ends = np.stack([one, (one + rng.integers(1, 50, edges)) % nodes], axis=1)
        scalars = {"k": 10.0, "mass": 1.0, "g": 9.81}
        return {"x": rng.normal(size=(nodes, 3)), "spring": ends, "rest": rng.uniform(0.5, 2, edges), **scalars}

    return draw


def poses(count: int) -> Draw:
    """Angles of an arm and poses of its hand; numbers if there is one, else arrays."""

    def draw(rng: np.random.Generator) -> Inputs:
        names = [f"q{i}" for i in range(1, 8)] + [part + c for part in "pan" for c in "xyz"]
        drawn = {name: rng.normal(size=count) for name in names}
        return {name: float(x[0]) for name, x in drawn.items()} if count == 1 else drawn

    return draw


def layer(samples: int, features: int) -> Draw:
    """A layer of activations."""

    def draw(rng: np.random.Generator) -> Inputs:
        X, Y = rng.normal(size=(2, samples, features))
        return {"X": X, "gamma": 1 + 0.1 * rng.normal(size=features), "beta": rng.normal(size=features), "Y": Y,
                "eps": 1e-5}  # fmt: skip

    return draw
