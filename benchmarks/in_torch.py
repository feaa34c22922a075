"""The problems in PyTorch, each as a good user would write it; arguments by the names of the formula's inputs."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.nn import functional


def black_scholes(S: Any, K: Any, T: Any, r: Any, sigma: Any) -> Any:
    """The value of the book."""
    root = sigma * torch.sqrt(T)
    d1 = (torch.log(S / K) + (r + 0.5 * sigma**2) * T) / root
    cdf1, cdf2 = (torch.special.ndtr(d) for d in (d1, d1 - root))
    return torch.sum(S * cdf1 - K * torch.exp(-r * T) * cdf2)


def softmax_regression(X: Any, Y: Any, W: Any, b: Any, lam: Any) -> Any:
    """Mean cross-entropy by the library's own function, and a penalty."""
    return functional.cross_entropy(torch.addmm(b, X, W), Y) + 0.5 * lam * torch.sum(W**2)


def tanh_network(X: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    """Mean squared error of a network with tanh."""
    error = torch.addmm(b2, torch.tanh(torch.addmm(b1, X, W1)), W2) - Y
    return 0.5 * torch.sum(error**2) / len(X)


def _factors(q: Any, l: Any) -> Any:  # noqa: E741
    d = q.shape[1]
    columns, rows = torch.triu_indices(d, d, 1)
    factors = torch.diag_embed(torch.exp(q))
    index = (torch.arange(len(q))[:, None], rows, columns)
    return factors.index_put(index, l)


def _mixture(scaled2: Any, n: int, alpha: Any, q: Any, l: Any, gamma: Any, m: Any) -> Any:  # noqa: E741
    d = q.shape[1]
    joint = alpha + torch.sum(q, dim=1) - 0.5 * scaled2
    loglik = torch.sum(torch.logsumexp(joint, dim=1)) - n * torch.logsumexp(alpha, 0)
    loglik = loglik - 0.5 * n * d * math.log(2 * math.pi)
    freedom = d + m + 1
    lgamma = 0.25 * d * (d - 1) * math.log(math.pi) + sum(math.lgamma(0.5 * (freedom - j)) for j in range(d))
    normaliser = freedom * d * math.log(gamma / math.sqrt(2)) - lgamma
    prior = 0.5 * gamma**2 * (torch.sum(torch.exp(2 * q)) + torch.sum(l**2)) - m * torch.sum(q)
    return prior - len(q) * normaliser - loglik


def packed_gaussian_mixture(x: Any, alpha: Any, mu: Any, q: Any, l: Any, gamma: Any, m: Any) -> Any:  # noqa: E741
    """The factors are unpacked once, then multiplied."""
    scaled = torch.einsum("kij,nkj->nki", _factors(q, l), x[:, None, :] - mu[None, :, :])
    return _mixture(torch.sum(scaled**2, dim=2), len(x), alpha, q, l, gamma, m)


def packed_gaussian_mixture_product(x: Any, alpha: Any, mu: Any, q: Any, l: Any, gamma: Any, m: Any) -> Any:  # noqa: E741
    """The same with one matrix product for each component: L (x - mu) is L x less L mu."""
    factors = _factors(q, l)
    scaled = torch.matmul(x, factors.mT) - torch.matmul(factors, mu[:, :, None]).mT
    return _mixture(torch.sum(scaled**2, dim=2).T, len(x), alpha, q, l, gamma, m)


def k_means(x: Any, c: Any) -> Any:
    """Differences of all points and centres."""
    return torch.mean(torch.min(torch.sum((x[:, None, :] - c[None, :, :]) ** 2, dim=2), dim=1)[0])


def k_means_nearest(x: Any, c: Any) -> Any:
    """The nearest centres by a matrix product that is not differentiated, then the distances from these alone."""
    with torch.no_grad():
        nearest = torch.argmin(torch.addmm(torch.sum(c**2, dim=1), x, c.T, alpha=-2), dim=1)
    return torch.mean(torch.sum((x - c[nearest]) ** 2, dim=1))


def log_sum_exp(x: Any) -> Any:
    """One gate."""
    return torch.logsumexp(x, 0)


def horner(x: Any, y: Any, c: Any) -> Any:
    """Horner's rule."""
    fitted = c[-1].expand(len(x))
    for k in range(len(c) - 2, -1, -1):
        fitted = torch.addcmul(c[k], fitted, x)
    return 0.5 * torch.mean((fitted - y) ** 2)


def horner_matrix(x: Any, y: Any, c: Any) -> Any:
    """A matrix of powers times the coefficients."""
    return 0.5 * torch.mean((torch.linalg.vander(x, N=len(c)) @ c - y) ** 2)


def diagonal_lstm(X: Any, w: Any, b: Any, enter: Any, leave: Any, shift: Any, hidden0: Any, cell0: Any) -> Any:
    """A loop over time."""
    states, outputs = [(hidden0[k], cell0[k]) for k in range(2)], []
    weights = [([*w[k]], [*b[k]]) for k in range(2)]
    for x in X[:-1] * enter:
        for k, (hidden, cell) in enumerate(states):
            (w0, w1, w2, w3), (b0, b1, b2, b3) = weights[k]
            forget, take = torch.sigmoid(torch.addcmul(b0, x, w0)), torch.sigmoid(torch.addcmul(b1, hidden, w1))
            give, change = torch.sigmoid(torch.addcmul(b2, x, w2)), torch.tanh(torch.addcmul(b3, hidden, w3))
            moved = torch.addcmul(forget * cell, take, change)
            x = give * torch.tanh(moved)  # noqa: PLW2901
            states[k] = x, moved
        outputs.append(x)
    return functional.cross_entropy(torch.addcmul(shift, torch.stack(outputs), leave), X[1:])


def lotka_volterra(counted: Any, u0: Any, a: Any, b: Any, c: Any, d: Any, dt: Any) -> Any:
    """A loop over the steps; both rates in one vector."""
    own, cross = torch.stack([a, -c]), torch.stack([-b, d])

    def rate(u: Any) -> Any:
        return torch.addcmul(own * u, cross, u[0] * u[1])

    u, path = u0, []
    for _ in range(len(counted)):
        k1 = rate(u)
        k2 = rate(torch.add(u, k1, alpha=dt / 2))
        k3 = rate(torch.add(u, k2, alpha=dt / 2))
        k4 = rate(torch.add(u, k3, alpha=dt))
        u = torch.add(u, k1 + k4 + 2 * (k2 + k3), alpha=dt / 6)
        path.append(u)
    return 0.5 * torch.sum((torch.stack(path) - counted) ** 2)


def garch(returns: Any, mu: Any, omega: Any, alpha: Any, beta: Any) -> Any:
    """A loop over the days."""
    e2 = (returns - mu) ** 2
    variance, found = torch.mean(e2), []
    found.append(variance)
    for driven in torch.unbind(omega + alpha * e2[:-1]):
        variance = torch.addcmul(driven, beta, variance)
        found.append(variance)
    variances = torch.stack(found)
    return 0.5 * torch.sum(torch.log(2 * math.pi * variances) + e2 / variances)


def hmm(seen: Any, start: Any, move: Any, show: Any) -> Any:
    """In log space, as the formula."""
    trans, emit = torch.log_softmax(move, 1), torch.log_softmax(show, 1).T[seen]
    first, *rest = torch.unbind(emit)
    forward = torch.log_softmax(start, 0) + first
    for row in rest:
        forward = torch.logsumexp(forward[:, None] + trans, 0) + row
    return torch.logsumexp(forward, 0)


def hmm_scaled(seen: Any, start: Any, move: Any, show: Any) -> Any:
    """Probabilities scaled to 1 at each step."""
    trans, emit = torch.softmax(move, 1).T, torch.softmax(show, 1).T[seen]
    first, *rest = torch.unbind(emit)
    forward = torch.softmax(start, 0) * first
    totals = [torch.sum(forward)]
    forward = forward / totals[0]
    for row in rest:
        forward = torch.mv(trans, forward) * row
        totals.append(torch.sum(forward))
        forward = forward / totals[-1]
    return torch.sum(torch.log(torch.stack(totals)))


def potential(x: Any, m: Any, eps: Any) -> Any:
    """The three coordinates one after the other, all pairs, and half of the sum."""
    distance2 = sum((x[:, None, c] - x[None, :, c]) ** 2 for c in range(3)) + eps**2
    return -0.5 * (m @ torch.rsqrt(distance2) @ m - torch.sum(m**2) / eps)


def potential_pairs(x: Any, m: Any, eps: Any) -> Any:
    """Half of the pairs, by their indices."""
    i, j = torch.tril_indices(len(x), len(x), -1)
    distance2 = torch.sum((x[i] - x[j]) ** 2, dim=1) + eps**2
    return -torch.sum(m[i] * m[j] * torch.rsqrt(distance2))


def attention(X: Any, Y: Any, Wq: Any, Wk: Any, Wv: Any) -> Any:
    """One head."""
    scores = (X @ Wq) @ (X @ Wk).T / math.sqrt(Wq.shape[1])
    attended = torch.softmax(scores, dim=1) @ (X @ Wv)
    return 0.5 * torch.sum((attended - Y) ** 2) / len(X)


def attention_library(X: Any, Y: Any, Wq: Any, Wk: Any, Wv: Any) -> Any:
    """One head by the library's own function."""
    attended = functional.scaled_dot_product_attention((X @ Wq)[None, None], (X @ Wk)[None, None], (X @ Wv)[None, None])
    return 0.5 * torch.sum((attended[0, 0] - Y) ** 2) / len(X)


def gaussian_process(X: Any, y: Any, log_length: Any, log_amplitude: Any, log_noise: Any) -> Any:
    """Distances by a matrix product, then a Cholesky factor."""
    Z = X / torch.exp(log_length)
    squares = torch.sum(Z**2, dim=1)
    distance2 = squares[:, None] + squares - 2 * Z @ Z.T
    K = torch.exp(2 * log_amplitude - 0.5 * distance2)
    K = K + torch.exp(2 * log_noise) * torch.eye(len(X), dtype=X.dtype)
    L = torch.linalg.cholesky(K)
    w = torch.linalg.solve_triangular(L, y[:, None], upper=False)
    return 0.5 * torch.sum(w**2) + torch.sum(torch.log(torch.diagonal(L))) + 0.5 * len(y) * math.log(2 * math.pi)


def bundle_adjustment(turn: Any, centre: Any, focal: Any, radial: Any, X: Any, pair: Any, seen: Any) -> Any:
    """All observations at once."""
    cam, point = pair[:, 0], pair[:, 1]
    w, f, k, beside = turn[cam], focal[cam], radial[cam], X[point] - centre[cam]
    angle2 = torch.sum(w**2, dim=1, keepdim=True)
    angle = torch.sqrt(torch.where(angle2 > 0, angle2, 1.0))
    u, cos, sin = w / angle, torch.cos(angle), torch.sin(angle)
    turned = beside * cos + torch.linalg.cross(u, beside) * sin
    turned = turned + u * torch.sum(u * beside, dim=1, keepdim=True) * (1 - cos)
    p = torch.where(angle2 > 0, turned, beside + torch.linalg.cross(w, beside))
    flat = p[:, :2] / p[:, 2:]
    r2 = torch.sum(flat**2, dim=1)
    distortion = f * (1 + k[:, 0] * r2 + k[:, 1] * r2**2)
    return 0.5 * torch.sum((distortion[:, None] * flat - seen) ** 2)


def spring_mesh(x: Any, spring: Any, rest: Any, k: Any, mass: Any, g: Any) -> Any:
    """Gathers; their transposes are scatters."""
    along = x[spring[:, 0]] - x[spring[:, 1]]
    length = torch.sqrt(torch.sum(along**2, dim=1))
    return 0.5 * k * torch.sum((length - rest) ** 2) + mass * g * torch.sum(x[:, 2])


def arm(**given: Any) -> Any:
    """From the hand to the base, in numbers; of arrays, the sum over poses."""
    q = [given[f"q{i}"] for i in range(1, 8)]
    cos, sin = [torch.cos(x) for x in q], [torch.sin(x) for x in q]
    shifts = {5: 0.4, 3: 0.42, 1: 0.36}  # the lengths of the links, behind the turns
    ends: list[Any] = [(0.0, 0.0, 0.126), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)]
    for i in range(6, -1, -1):
        c, s = cos[i], sin[i] if i != 3 else -sin[i]
        turn = _about_z if i % 2 == 0 else _about_y
        ends = [turn(c, s, *v) for v in ends]
        ends[0] = (ends[0][0], ends[0][1], ends[0][2] + shifts.get(i, 0.0))
    wanted = [tuple(given[part + axis] for axis in "xyz") for part in "pan"]
    return 0.5 * torch.sum(
        sum((a - b) ** 2 for v, w in zip(ends, wanted, strict=True) for a, b in zip(v, w, strict=True))
    )


def _about_z(c: Any, s: Any, x: Any, y: Any, z: Any) -> Any:
    return c * x - s * y, s * x + c * y, z


def _about_y(c: Any, s: Any, x: Any, y: Any, z: Any) -> Any:
    return s * z + c * x, y, c * z - s * x


def layer_normalisation(X: Any, gamma: Any, beta: Any, Y: Any, eps: Any) -> Any:
    """By the library's own function."""
    return 0.5 * torch.sum((functional.layer_norm(X, X.shape[1:], gamma, beta, eps) - Y) ** 2) / len(X)


FORMS = {
    "packed_gaussian_mixture": {"": packed_gaussian_mixture, "product": packed_gaussian_mixture_product},
    "k_means": {"": k_means, "nearest": k_means_nearest},
    "polynomial": {"Horner": horner, "matrix": horner_matrix},
    "horner": {"": horner, "matrix": horner_matrix},
    "hmm": {"": hmm, "scaled": hmm_scaled},
    "potential": {"": potential, "pairs": potential_pairs},
    "attention": {"": attention, "library": attention_library},
    "arms": {"": arm},
}
