"""What each example computes, written once more in JAX by hand, the way its users would write it."""

from __future__ import annotations

from typing import Any

import numpy as np

try:
    import jax
    import jax.numpy as jnp
    from jax import lax
    from jax.scipy.special import erf, logsumexp

    jax.config.update("jax_enable_x64", True)
except ImportError:
    jax = None


def neuron(w0: Any, x0: Any, w1: Any, x1: Any, w2: Any) -> Any:
    return jax.nn.sigmoid(w0 * x0 + w1 * x1 + w2)


def gate_patterns(x: Any, y: Any, z: Any, w: Any) -> Any:
    return (2 + x) * (x * y + jnp.maximum(z, w))


def linear_regression(X: Any, y: Any, w: Any, b: Any) -> Any:
    return jnp.mean((X @ w + b - y) ** 2)


def ridge_regression(X: Any, y: Any, w: Any, lam: Any) -> Any:
    return (jnp.sum((X @ w - y) ** 2) + lam * jnp.sum(w**2)) / 2


def matrix_product(X: Any, W: Any, G: Any) -> Any:
    return jnp.einsum("ij,jk,ik->", X, W, G)


def logistic_hessian(X: Any, y: Any, w: Any) -> Any:
    z = X @ w
    return jnp.sum(jnp.logaddexp(0, z) - y * z)


def logistic_regression(X: Any, y: Any, w: Any, b: Any) -> Any:
    p = jax.nn.sigmoid(X @ w + b)
    return -jnp.mean(y * jnp.log(p) + (1 - y) * jnp.log(1 - p))


def _cross_entropy(Y: Any, scores: Any) -> Any:
    return jnp.mean(logsumexp(scores, axis=1) - jnp.sum(Y * scores, axis=1))


def softmax_regression(X: Any, Y: Any, W: Any, b: Any, lam: Any) -> Any:
    return _cross_entropy(Y, X @ W + b) + lam / 2 * jnp.sum(W**2)


def two_layer_network(X: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    return _cross_entropy(Y, jax.nn.relu(X @ W1 + b1) @ W2 + b2)


def matrix_factorisation(R: Any, seen: Any, U: Any, V: Any, lam: Any) -> Any:
    return (jnp.sum((seen * (U @ V.T - R)) ** 2) + lam * (jnp.sum(U**2) + jnp.sum(V**2))) / 2


def batch_normalisation(X: Any, gamma: Any, beta: Any, G: Any, eps: Any) -> Any:
    return jnp.sum(G * (gamma * (X - X.mean(axis=0)) / jnp.sqrt(X.var(axis=0) + eps) + beta))


def attention(X: Any, Y: Any, Wq: Any, Wk: Any, Wv: Any) -> Any:
    weights = jax.nn.softmax((X @ Wq) @ (X @ Wk).T / np.sqrt(Wq.shape[1]), axis=1)
    return jnp.sum((weights @ (X @ Wv) - Y) ** 2) / (2 * len(X))


def gaussian_likelihood(x: Any, mu: Any, log_sigma: Any) -> Any:
    return -jnp.sum(jax.scipy.stats.norm.logpdf(x, mu, jnp.exp(log_sigma)))


def gaussian_mixture(x: Any, logits: Any, mu: Any, log_sigma: Any) -> Any:
    density = jax.scipy.stats.norm.logpdf(x[:, None, :], mu, jnp.exp(log_sigma)[:, None]).sum(axis=2)
    return -jnp.mean(logsumexp(jax.nn.log_softmax(logits) + density, axis=1))


def black_scholes(S: Any, K: Any, T: Any, r: Any, sigma: Any) -> Any:
    root = sigma * jnp.sqrt(T)
    d1 = (jnp.log(S / K) + (r + sigma**2 / 2) * T) / root
    cdf1, cdf2 = ((1 + erf(d / np.sqrt(2))) / 2 for d in (d1, d1 - root))
    return jnp.sum(S * cdf1 - K * jnp.exp(-r * T) * cdf2)


def lennard_jones(x: Any, epsilon: Any, sigma: Any) -> Any:
    first, second = np.triu_indices(len(x), 1)
    s6 = (sigma**2 / jnp.sum((x[first] - x[second]) ** 2, axis=1)) ** 3
    return 4 * epsilon * jnp.sum(s6**2 - s6)


def rosenbrock(x: Any) -> Any:
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def huber(X: Any, y: Any, w: Any, delta: Any) -> Any:
    residual = X @ w - y
    inside = jnp.clip(residual, -delta, delta)
    return jnp.mean(inside * residual - inside**2 / 2)


def lstm(X: Any, y: Any, W: Any, U: Any, b: Any, v: Any) -> Any:
    def step(carry: Any, x: Any) -> Any:
        cell, state = carry
        i, f, o, g = jnp.split(x @ W + state @ U + b, 4)
        cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(g)
        state = jax.nn.sigmoid(o) * jnp.tanh(cell)
        return (cell, state), state @ v

    nothing = jnp.zeros(len(v))
    return jnp.mean((lax.scan(step, (nothing, nothing), X)[1] - y) ** 2) / 2


def gru(text: Any, E: Any, W: Any, U: Any, b: Any, out: Any) -> Any:
    def step(h: Any, x: Any) -> Any:
        update, reset = (jax.nn.sigmoid(x @ W[k] + h @ U[k] + b[k]) for k in (0, 1))
        h = update * h + (1 - update) * jnp.tanh(x @ W[2] + (reset * h) @ U[2] + b[2])
        return h, jax.nn.log_softmax(h @ out)

    scores = lax.scan(step, jnp.zeros(len(out)), E[text[:-1]])[1]
    return -jnp.mean(jnp.take_along_axis(scores, text[1:, None], axis=1))


def kalman(y: Any, F: Any, H: Any, q: Any, r: Any) -> Any:
    def step(carry: Any, seen: Any) -> Any:
        m, P = carry
        m, P = F @ m, F @ P @ F.T + jnp.diag(jnp.exp(q))
        S = H @ P @ H.T + jnp.diag(jnp.exp(r))
        gain = P @ H.T @ jnp.linalg.inv(S)
        density = jax.scipy.stats.multivariate_normal.logpdf(seen, H @ m, S)
        return (m + gain @ (seen - H @ m), P - gain @ H @ P), density

    return -jnp.sum(lax.scan(step, (jnp.zeros(len(q)), jnp.eye(len(q))), y)[1])


def hmm(seen: Any, start: Any, move: Any, show: Any) -> Any:
    forward = jax.nn.softmax(start) * jax.nn.softmax(show, axis=1)[:, seen[0]]
    for symbol in seen[1:]:
        forward = (forward @ jax.nn.softmax(move, axis=1)) * jax.nn.softmax(show, axis=1)[:, symbol]
    return jnp.log(jnp.sum(forward))


def garch(returns: Any, mu: Any, omega: Any, alpha: Any, beta: Any) -> Any:
    e2 = (returns - mu) ** 2
    first = jnp.mean(e2)
    later = lax.scan(lambda v, before: (w := omega + alpha * before + beta * v, w), first, e2[:-1])[1]
    return -jnp.sum(jax.scipy.stats.norm.logpdf(returns, mu, jnp.sqrt(jnp.append(first, later))))


def lotka_volterra(counted: Any, u0: Any, a: Any, b: Any, c: Any, d: Any, dt: Any) -> Any:
    def rate(u: Any) -> Any:
        return u * jnp.array([a - b * u[1], d * u[0] - c])

    loss, u = 0.0, u0
    for seen in counted:
        k = [rate(u)]
        for part in (0.5, 0.5, 1):
            k.append(rate(u + part * dt * k[-1]))
        u = u + dt * (k[0] + 2 * k[1] + 2 * k[2] + k[3]) / 6
        loss += jnp.sum((u - seen) ** 2) / 2
    return loss


def gaussian_process(X: Any, y: Any, log_length: Any, log_amplitude: Any, log_noise: Any) -> Any:
    r = (X[:, None, :] - X[None, :, :]) / jnp.exp(log_length)
    K = jnp.exp(2 * log_amplitude) * jnp.exp(-jnp.sum(r**2, axis=2) / 2) + jnp.exp(2 * log_noise) * jnp.eye(len(y))
    return -jax.scipy.stats.multivariate_normal.logpdf(y, jnp.zeros(len(y)), K)


def packed_gaussian_mixture(x: Any, alpha: Any, mu: Any, q: Any, l: Any, gamma: Any, m: Any) -> Any:  # noqa: E741
    D = x.shape[1]
    columns, rows = np.triu_indices(D, 1)
    factors = jax.vmap(jnp.diag)(jnp.exp(q)).at[:, rows, columns].set(l)
    apart = jnp.einsum("kij,nkj->nki", factors, x[:, None, :] - mu)
    density = jnp.sum(q, axis=1) - D / 2 * jnp.log(2 * jnp.pi) - jnp.sum(apart**2, axis=2) / 2
    loglik = jnp.sum(logsumexp(jax.nn.log_softmax(alpha) + density, axis=1))
    n = D + m + 1
    constant = n * D * (jnp.log(gamma) - jnp.log(2) / 2) - jax.scipy.special.multigammaln(n / 2, D)
    prior = gamma**2 / 2 * jnp.sum(factors**2, axis=(1, 2)) - m * jnp.sum(q, axis=1) - constant
    return jnp.sum(prior) - loglik


def k_means(x: Any, c: Any) -> Any:
    return jnp.mean(jnp.min(jnp.sum((x[:, None, :] - c) ** 2, axis=2), axis=1))


def n_body(start: Any, speed: Any, goal: Any, m: Any, dt: Any, steps: Any, eps: Any) -> Any:
    def energy(x: Any) -> Any:
        r2 = jnp.sum((x[:, None] - x) ** 2, axis=2) + eps**2
        return -jnp.sum(jnp.where(jnp.eye(len(m)) == 1, 0, jnp.outer(m, m) / jnp.sqrt(r2))) / 2

    def pull(x: Any) -> Any:
        return -jax.grad(energy)(x) / m[:, None]

    x, v = start, speed
    for _ in range(steps):
        half = v + dt / 2 * pull(x)
        x = x + dt * half
        v = half + dt / 2 * pull(x)
    return jnp.sum((x - goal) ** 2) / 2


def reprojection(turn: Any, centre: Any, focal: Any, radial: Any, X: Any, pair: Any, seen: Any) -> Any:
    def residual(cam: Any, point: Any, where: Any) -> Any:
        w = turn[cam]
        skew = jnp.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]])
        p = jax.scipy.linalg.expm(skew) @ (X[point] - centre[cam])
        flat = p[:2] / p[2]
        r2 = flat @ flat
        return focal[cam] * (1 + radial[cam, 0] * r2 + radial[cam, 1] * r2**2) * flat - where

    return jax.vmap(residual)(pair[:, 0], pair[:, 1], seen)


def bundle_adjustment(**given: Any) -> Any:
    return jnp.sum(reprojection(**given) ** 2) / 2


def spring_mesh(x: Any, spring: Any, rest: Any, k: Any, mass: Any, g: Any) -> Any:
    length = jnp.linalg.norm(x[spring[:, 1]] - x[spring[:, 0]], axis=1)
    return jnp.sum(k * (length - rest) ** 2) / 2 + mass * g * jnp.sum(x[:, 2])


def tree_kinematics(angle: Any, length: Any, parent: Any, goal: Any) -> Any:
    heading, joint = [angle[0]], [length[0] * jnp.exp(1j * angle[0])]
    for i in range(1, len(angle)):
        heading.append(heading[parent[i]] + angle[i])
        joint.append(joint[parent[i]] + length[i] * jnp.exp(1j * heading[i]))
    apart = jnp.array(joint) - (goal[:, 0] + 1j * goal[:, 1])
    return jnp.sum(apart.real**2 + apart.imag**2) / 2


def sinkhorn(p: Any, q: Any, cost: Any, eps: Any) -> Any:
    kernel, v = jnp.exp(-cost / eps), jnp.ones(len(q))
    for _ in range(20):
        u = p / (kernel @ v)
        v = q / (kernel.T @ u)
    return jnp.sum(u[:, None] * kernel * v * cost)


def ising(spin: Any, J: Any, h: Any) -> Any:
    field = h + spin @ (J - jnp.diag(jnp.diag(J))).T
    return -jnp.sum(jax.nn.log_sigmoid(2 * spin * field))


def equilibrium(x: Any, y: Any, W: Any, U: Any, b: Any) -> Any:
    z = jnp.zeros(len(y))
    for _ in range(60):
        z = 0.5 * jnp.tanh(W @ z / len(y) + U @ x + b)
    return jnp.sum((z - y) ** 2) / 2


def newton(counts: Any, held_out: Any, tau: Any, T: int) -> Any:
    def energy(theta: Any) -> Any:
        return jnp.sum(jnp.exp(theta) - counts * theta) + 0.5 * tau * theta**2

    theta = jnp.array(0.0)
    for _ in range(T):
        theta = theta - jax.grad(energy)(theta) / jax.grad(jax.grad(energy))(theta)
    return jnp.mean(jnp.exp(theta) - held_out * theta)
