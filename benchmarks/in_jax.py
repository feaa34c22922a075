"""The problems in JAX, each as a good user would write it; arguments by the names of the formula's inputs."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy.linalg import solve_triangular
from jax.scipy.special import erf, gammaln, logsumexp


def black_scholes(S: Any, K: Any, T: Any, r: Any, sigma: Any) -> Any:
    """The value of the book."""
    root = sigma * jnp.sqrt(T)
    d1 = (jnp.log(S / K) + (r + 0.5 * sigma**2) * T) / root
    cdf1, cdf2 = (0.5 * (1 + erf(d / np.sqrt(2))) for d in (d1, d1 - root))
    return jnp.sum(S * cdf1 - K * jnp.exp(-r * T) * cdf2)


def softmax_regression(X: Any, Y: Any, W: Any, b: Any, lam: Any) -> Any:
    """Mean cross-entropy and a penalty."""
    scores = X @ W + b
    return jnp.mean(logsumexp(scores, axis=1) - jnp.sum(Y * scores, axis=1)) + 0.5 * lam * jnp.sum(W**2)


def two_layer_network(X: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    """Mean cross-entropy of a network with ReLU."""
    scores = jax.nn.relu(X @ W1 + b1) @ W2 + b2
    return jnp.mean(logsumexp(scores, axis=1) - jnp.sum(Y * scores, axis=1))


def tanh_network(X: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    """Mean squared error of a network with tanh."""
    error = jnp.tanh(X @ W1 + b1) @ W2 + b2 - Y
    return 0.5 * jnp.mean(jnp.sum(error**2, axis=1))


def packed_gaussian_mixture(x: Any, alpha: Any, mu: Any, q: Any, l: Any, gamma: Any, m: Any) -> Any:  # noqa: E741
    """Negative log-likelihood and prior; the factors are unpacked once, then multiplied."""
    n, d = x.shape
    columns, rows = np.triu_indices(d, 1)  # column by column below the diagonal
    factors = jax.vmap(lambda q, l: jnp.diag(jnp.exp(q)).at[rows, columns].set(l))(q, l)  # noqa: E741
    scaled = jnp.einsum("kij,nkj->nki", factors, x[:, None, :] - mu[None, :, :])
    joint = alpha + jnp.sum(q, axis=1) - 0.5 * jnp.sum(scaled**2, axis=2)
    loglik = jnp.sum(logsumexp(joint, axis=1)) - n * logsumexp(alpha) - 0.5 * n * d * np.log(2 * np.pi)
    return _wishart(q, l, gamma, m) - loglik


def packed_gaussian_mixture_product(x: Any, alpha: Any, mu: Any, q: Any, l: Any, gamma: Any, m: Any) -> Any:  # noqa: E741
    """The same with one matrix product for each component: L (x - mu) is L x less L mu."""
    n, d = x.shape
    columns, rows = np.triu_indices(d, 1)
    factors = jax.vmap(lambda q, l: jnp.diag(jnp.exp(q)).at[rows, columns].set(l))(q, l)  # noqa: E741
    scaled = jax.vmap(lambda L, mu: x @ L.T - L @ mu)(factors, mu)
    joint = alpha + jnp.sum(q, axis=1) - 0.5 * jnp.sum(scaled**2, axis=2).T
    loglik = jnp.sum(logsumexp(joint, axis=1)) - n * logsumexp(alpha) - 0.5 * n * d * np.log(2 * np.pi)
    return _wishart(q, l, gamma, m) - loglik


def _wishart(q: Any, l: Any, gamma: Any, m: Any) -> Any:  # noqa: E741
    k, d = q.shape
    freedom = d + m + 1
    lgamma = 0.25 * d * (d - 1) * np.log(np.pi) + jnp.sum(gammaln(0.5 * (freedom - jnp.arange(d))))
    normaliser = freedom * d * jnp.log(gamma / np.sqrt(2)) - lgamma
    return 0.5 * gamma**2 * (jnp.sum(jnp.exp(2 * q)) + jnp.sum(l**2)) - m * jnp.sum(q) - k * normaliser


def k_means(x: Any, c: Any) -> Any:
    """Differences of all points and centres."""
    return jnp.mean(jnp.min(jnp.sum((x[:, None, :] - c[None, :, :]) ** 2, axis=2), axis=1))


def k_means_product(x: Any, c: Any) -> Any:
    """The squares multiplied out, so that the work is a matrix product."""
    distance2 = jnp.sum(x**2, axis=1)[:, None] - 2 * x @ c.T + jnp.sum(c**2, axis=1)
    return jnp.mean(jnp.min(distance2, axis=1))


def k_means_nearest(x: Any, c: Any) -> Any:
    """The nearest centres by a matrix product that is not differentiated, then the distances from these alone."""
    frozen = lax.stop_gradient(c)
    nearest = jnp.argmin(jnp.sum(frozen**2, axis=1) - 2 * x @ frozen.T, axis=1)
    return jnp.mean(jnp.sum((x - c[nearest]) ** 2, axis=1))


def log_sum_exp(x: Any) -> Any:
    """One gate."""
    return logsumexp(x)


def horner(x: Any, y: Any, c: Any) -> Any:
    """Horner's rule, as the library has it."""
    return 0.5 * jnp.mean((jnp.polyval(c[::-1], x, unroll=16) - y) ** 2)


def horner_matrix(x: Any, y: Any, c: Any) -> Any:
    """A matrix of powers times the coefficients."""
    powers = jnp.concatenate(
        [jnp.ones((len(x), 1)), jnp.cumprod(jnp.tile(x[:, None], (1, len(c) - 1)), axis=1)], axis=1
    )
    return 0.5 * jnp.mean((powers @ c - y) ** 2)


def diagonal_lstm(X: Any, w: Any, b: Any, enter: Any, leave: Any, shift: Any, hidden0: Any, cell0: Any) -> Any:
    """Scan over time."""

    def step(states: Any, symbols: Any) -> Any:
        (x, after), new = symbols, []
        x = x * enter
        for k, (hidden, cell) in enumerate(states):
            forget, take = jax.nn.sigmoid(x * w[k, 0] + b[k, 0]), jax.nn.sigmoid(hidden * w[k, 1] + b[k, 1])
            give, change = jax.nn.sigmoid(x * w[k, 2] + b[k, 2]), jnp.tanh(hidden * w[k, 3] + b[k, 3])
            moved = forget * cell + take * change
            x = give * jnp.tanh(moved)
            new.append((x, moved))
        scores = x * leave + shift
        return new, logsumexp(scores) - jnp.sum(after * scores)

    states = [(hidden0[k], cell0[k]) for k in range(2)]
    return jnp.mean(lax.scan(step, states, (X[:-1], X[1:]))[1])


def lotka_volterra(counted: Any, u0: Any, a: Any, b: Any, c: Any, d: Any, dt: Any) -> Any:
    """Scan over the steps; prey and predators are two numbers."""

    def rate(u: Any) -> Any:
        return a * u[0] - b * u[0] * u[1], d * u[0] * u[1] - c * u[1]

    def moved(u: Any, h: Any, k: Any) -> Any:
        return u[0] + h * k[0], u[1] + h * k[1]

    def step(u: Any, seen: Any) -> Any:
        k1 = rate(u)
        k2 = rate(moved(u, dt / 2, k1))
        k3 = rate(moved(u, dt / 2, k2))
        k4 = rate(moved(u, dt, k3))
        u = tuple(u[i] + dt / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]) for i in range(2))
        return u, (u[0] - seen[0]) ** 2 + (u[1] - seen[1]) ** 2

    return 0.5 * jnp.sum(lax.scan(step, (u0[0], u0[1]), counted)[1])


def garch(returns: Any, mu: Any, omega: Any, alpha: Any, beta: Any) -> Any:
    """Scan over the days."""
    e2 = (returns - mu) ** 2

    def step(variance: Any, e2: Any) -> Any:
        new = omega + alpha * e2 + beta * variance
        return new, new

    first = jnp.mean(e2)
    variance = jnp.concatenate([first[None], lax.scan(step, first, e2[:-1])[1]])
    return 0.5 * jnp.sum(jnp.log(2 * np.pi * variance) + e2 / variance)


def hmm(seen: Any, start: Any, move: Any, show: Any) -> Any:
    """Scan over time, in log space as the formula."""
    trans, emit = jax.nn.log_softmax(move, axis=1), jax.nn.log_softmax(show, axis=1).T[seen]

    def step(forward: Any, emit: Any) -> Any:
        return logsumexp(forward[:, None] + trans, axis=0) + emit, None

    return logsumexp(lax.scan(step, jax.nn.log_softmax(start) + emit[0], emit[1:])[0])


def hmm_scaled(seen: Any, start: Any, move: Any, show: Any) -> Any:
    """Probabilities scaled to 1 at each step: a matrix times a vector, and K exponentials."""
    trans, emit = jax.nn.softmax(move, axis=1), jax.nn.softmax(show, axis=1).T[seen]

    def step(forward: Any, emit: Any) -> Any:
        new = (forward @ trans) * emit
        total = jnp.sum(new)
        return new / total, jnp.log(total)

    first = jax.nn.softmax(start) * emit[0]
    total = jnp.sum(first)
    return jnp.log(total) + jnp.sum(lax.scan(step, first / total, emit[1:])[1])


def potential(x: Any, m: Any, eps: Any) -> Any:
    """All pairs, masked to half of them."""
    distance2 = jnp.sum((x[:, None, :] - x[None, :, :]) ** 2, axis=2) + eps**2
    return -jnp.sum(jnp.tril(m[:, None] * m / jnp.sqrt(distance2), -1))


def potential_coordinates(x: Any, m: Any, eps: Any) -> Any:
    """The three coordinates one after the other, all pairs, and half of the sum."""
    distance2 = sum((x[:, None, c] - x[None, :, c]) ** 2 for c in range(3)) + eps**2
    pairs = m[:, None] * m * lax.rsqrt(distance2)
    return -0.5 * (jnp.sum(pairs) - jnp.sum(m**2) / eps)


def attention(X: Any, Y: Any, Wq: Any, Wk: Any, Wv: Any) -> Any:
    """One head."""
    scores = (X @ Wq) @ (X @ Wk).T / np.sqrt(Wq.shape[1])
    attended = jax.nn.softmax(scores, axis=1) @ (X @ Wv)
    return 0.5 * jnp.mean(jnp.sum((attended - Y) ** 2, axis=1))


def gaussian_process(X: Any, y: Any, log_length: Any, log_amplitude: Any, log_noise: Any) -> Any:
    """By a Cholesky factor."""
    Z = X / jnp.exp(log_length)
    distance2 = jnp.sum((Z[:, None, :] - Z[None, :, :]) ** 2, axis=2)
    K = jnp.exp(2 * log_amplitude - 0.5 * distance2) + jnp.exp(2 * log_noise) * jnp.eye(len(X))
    return _marginal(K, y)


def gaussian_process_product(X: Any, y: Any, log_length: Any, log_amplitude: Any, log_noise: Any) -> Any:
    """Distances by a matrix product."""
    Z = X / jnp.exp(log_length)
    squares = jnp.sum(Z**2, axis=1)
    distance2 = squares[:, None] + squares - 2 * Z @ Z.T
    K = jnp.exp(2 * log_amplitude - 0.5 * distance2) + jnp.exp(2 * log_noise) * jnp.eye(len(X))
    return _marginal(K, y)


def _marginal(K: Any, y: Any) -> Any:
    L = jnp.linalg.cholesky(K)
    w = solve_triangular(L, y, lower=True)
    return 0.5 * jnp.sum(w**2) + jnp.sum(jnp.log(jnp.diag(L))) + 0.5 * len(y) * np.log(2 * np.pi)


def bundle_adjustment(turn: Any, centre: Any, focal: Any, radial: Any, X: Any, pair: Any, seen: Any) -> Any:
    """One observation, mapped over all."""

    def squared(w: Any, c: Any, f: Any, k: Any, x: Any, seen: Any) -> Any:
        beside, angle2 = x - c, jnp.sum(w**2)
        angle = jnp.sqrt(jnp.where(angle2 > 0, angle2, 1.0))
        u = w / angle
        turned = beside * jnp.cos(angle) + jnp.cross(u, beside) * jnp.sin(angle)
        turned = turned + u * jnp.dot(u, beside) * (1 - jnp.cos(angle))
        p = jnp.where(angle2 > 0, turned, beside + jnp.cross(w, beside))
        flat = p[:2] / p[2]
        r2 = jnp.sum(flat**2)
        return jnp.sum((f * (1 + k[0] * r2 + k[1] * r2**2) * flat - seen) ** 2)

    cam, point = pair[:, 0], pair[:, 1]
    return 0.5 * jnp.sum(jax.vmap(squared)(turn[cam], centre[cam], focal[cam], radial[cam], X[point], seen))


def spring_mesh(x: Any, spring: Any, rest: Any, k: Any, mass: Any, g: Any) -> Any:
    """Gathers; their transposes are scatters."""
    along = x[spring[:, 0]] - x[spring[:, 1]]
    length = jnp.sqrt(jnp.sum(along**2, axis=1))
    return 0.5 * k * jnp.sum((length - rest) ** 2) + mass * g * jnp.sum(x[:, 2])


def arm(**given: Any) -> Any:
    """From the hand to the base, in numbers; of arrays, the sum over poses."""
    q = [given[f"q{i}"] for i in range(1, 8)]
    cos, sin = [jnp.cos(x) for x in q], [jnp.sin(x) for x in q]
    shifts = {5: 0.4, 3: 0.42, 1: 0.36}  # the lengths of the links, behind the turns
    ends: list[Any] = [(0.0, 0.0, 0.126), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)]
    for i in range(6, -1, -1):
        c, s = cos[i], sin[i] if i != 3 else -sin[i]
        turn = _about_z if i % 2 == 0 else _about_y
        ends = [turn(c, s, *v) for v in ends]
        ends[0] = (ends[0][0], ends[0][1], ends[0][2] + shifts.get(i, 0.0))
    wanted = [tuple(given[part + axis] for axis in "xyz") for part in "pan"]
    return 0.5 * jnp.sum(
        sum((a - b) ** 2 for v, w in zip(ends, wanted, strict=True) for a, b in zip(v, w, strict=True))
    )


def _about_z(c: Any, s: Any, x: Any, y: Any, z: Any) -> Any:
    return c * x - s * y, s * x + c * y, z


def _about_y(c: Any, s: Any, x: Any, y: Any, z: Any) -> Any:
    return s * z + c * x, y, c * z - s * x


def layer_normalisation(X: Any, gamma: Any, beta: Any, Y: Any, eps: Any) -> Any:
    """Each row to mean 0 and variance 1."""
    centred = X - jnp.mean(X, axis=1, keepdims=True)
    out = gamma * centred / jnp.sqrt(jnp.mean(centred**2, axis=1, keepdims=True) + eps) + beta
    return 0.5 * jnp.mean(jnp.sum((out - Y) ** 2, axis=1))


FORMS = {
    "packed_gaussian_mixture": {"": packed_gaussian_mixture, "product": packed_gaussian_mixture_product},
    "k_means": {"": k_means, "product": k_means_product, "nearest": k_means_nearest},
    "polynomial": {"Horner": horner, "matrix": horner_matrix},
    "horner": {"": horner, "matrix": horner_matrix},
    "hmm": {"": hmm, "scaled": hmm_scaled},
    "potential": {"": potential, "coordinates": potential_coordinates},
    "gaussian_process": {"": gaussian_process, "product": gaussian_process_product},
    "arms": {"": arm},
}
