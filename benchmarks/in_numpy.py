"""Values and gradients by hand in NumPy, in place where that saves memory; a list of gradients in declared order."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import cho_solve
from scipy.special import erf

Found = tuple[float, list[Any]]


def black_scholes(S: Any, K: Any, T: Any, r: Any, sigma: Any) -> Found:
    """The Greeks by the textbook's formulas."""
    root_time = np.sqrt(T)
    root = sigma * root_time
    d1 = (np.log(S / K) + (r + 0.5 * sigma * sigma) * T) / root
    cdf1, cdf2 = (0.5 * (1 + erf(d * np.sqrt(0.5))) for d in (d1, d1 - root))
    owed = K * np.exp(-r * T) * cdf2
    density = S * np.exp(-0.5 * d1 * d1) * (1 / np.sqrt(2 * np.pi))
    theta = density * sigma / (2 * root_time) + r * owed
    return float(np.sum(S * cdf1 - owed)), [cdf1, -owed / K, theta, T * owed, density * root_time]


def softmax_regression(X: Any, Y: Any, W: Any, b: Any, lam: Any) -> Found:
    """Probabilities less labels."""
    scores = X @ W
    scores += b
    picked = np.einsum("nc,nc->", Y, scores)
    top = scores.max(axis=1, keepdims=True)
    scores -= top
    np.exp(scores, out=scores)
    sums = scores.sum(axis=1, keepdims=True)
    loss = (np.log(sums).sum() + top.sum() - picked) / len(X) + 0.5 * lam * np.sum(W * W)
    scores /= sums
    scores -= Y
    scores /= len(X)
    return loss, [X.T @ scores + lam * W, scores.sum(axis=0)]


def tanh_network(X: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Found:
    """Four matrix products."""
    hidden = X @ W1
    hidden += b1
    np.tanh(hidden, out=hidden)
    error = hidden @ W2
    error += b2
    error -= Y
    loss = 0.5 * np.vdot(error, error) / len(X)
    error /= len(X)
    gradient2 = hidden.T @ error
    hidden *= hidden
    np.subtract(1, hidden, out=hidden)
    hidden *= error @ W2.T
    return loss, [X.T @ hidden, hidden.sum(axis=0), gradient2, error.sum(axis=0)]


def k_means(x: Any, c: Any) -> Found:
    """The nearest centres by a matrix product."""
    nearest = np.argmin(np.einsum("kd,kd->k", c, c) - 2 * x @ c.T, axis=1)
    apart = c[nearest] - x
    columns = [np.bincount(nearest, apart[:, d], len(c)) for d in range(x.shape[1])]
    return np.vdot(apart, apart) / len(x), [np.stack(columns, axis=1) * (2 / len(x))]


def log_sum_exp(x: Any) -> Found:
    """The softmax."""
    top = x.max()
    share = np.exp(x - top)
    total = share.sum()
    share /= total
    return top + np.log(total), [share]


def horner(x: Any, y: Any, c: Any) -> Found:
    """A matrix of powers, used twice."""
    powers = np.vander(x, len(c), increasing=True)
    residual = powers @ c - y
    return 0.5 * np.vdot(residual, residual) / len(x), [residual @ powers / len(x)]


def potential(x: Any, m: Any, eps: Any) -> Found:
    """All pairs, coordinate by coordinate."""
    apart = [x[:, None, c] - x[None, :, c] for c in range(3)]
    distance2 = apart[0] * apart[0] + eps**2
    for d in apart[1:]:
        distance2 += d * d
    inverse = 1 / np.sqrt(distance2)
    energy = -0.5 * (m @ inverse @ m - np.sum(m * m) / eps)
    inverse *= inverse * inverse
    return energy, [np.stack([m * ((inverse * d) @ m) for d in apart], axis=1)]


def attention(X: Any, Y: Any, Wq: Any, Wk: Any, Wv: Any) -> Found:
    """As in the formula's claims."""
    queries, keys, values = X @ Wq, X @ Wk, X @ Wv
    scale = 1 / np.sqrt(Wq.shape[1])
    weights = queries @ keys.T
    weights *= scale
    weights -= weights.max(axis=1, keepdims=True)
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=1, keepdims=True)
    arrived = weights @ values - Y
    loss = 0.5 * np.vdot(arrived, arrived) / len(X)
    arrived /= len(X)
    dvalues = weights.T @ arrived
    dweights = arrived @ values.T
    dweights -= np.einsum("ij,ij->i", weights, dweights)[:, None]
    dweights *= weights
    dweights *= scale
    return loss, [X.T @ (dweights @ keys), X.T @ (dweights.T @ queries), X.T @ dvalues]


def gaussian_process(X: Any, y: Any, log_length: Any, log_amplitude: Any, log_noise: Any) -> Found:
    """By Rasmussen and Williams, equation 5.9."""
    Z = X / np.exp(log_length)
    squares = np.einsum("nd,nd->n", Z, Z)
    K = squares[:, None] + squares - 2 * Z @ Z.T
    K *= -0.5
    K += 2 * log_amplitude
    np.exp(K, out=K)
    noise = np.exp(2 * log_noise)
    L = np.linalg.cholesky(K + noise * np.eye(len(X)))
    inverse = cho_solve((L, True), np.eye(len(X)), overwrite_b=True, check_finite=False)
    alpha = inverse @ y
    loss = 0.5 * y @ alpha + np.log(np.diag(L)).sum() + 0.5 * len(y) * np.log(2 * np.pi)
    inverse -= np.outer(alpha, alpha)
    noisy = noise * np.trace(inverse)
    inverse *= K
    rows = inverse.sum(axis=1)
    lengths = np.einsum("n,nd,nd->d", rows, Z, Z) - np.einsum("nd,nd->d", Z, inverse @ Z)
    return loss, [lengths, rows.sum(), noisy]


def spring_mesh(x: Any, spring: Any, rest: Any, k: Any, mass: Any, g: Any) -> Found:
    """Forces collected by `bincount`."""
    one, other = spring.T
    along = x[one] - x[other]
    length = np.sqrt(np.einsum("ec,ec->e", along, along))
    stretch = length - rest
    along *= (k * stretch / length)[:, None]
    columns = [np.bincount(one, p, len(x)) - np.bincount(other, p, len(x)) for p in along.T]
    gradient = np.stack(columns, axis=1)
    gradient[:, 2] += mass * g
    return 0.5 * k * np.vdot(stretch, stretch) + mass * g * x[:, 2].sum(), [gradient]


def layer_normalisation(X: Any, gamma: Any, beta: Any, Y: Any, eps: Any) -> Found:
    """As in the claims of batch normalisation."""
    centred = X - X.mean(axis=1, keepdims=True)
    deviation = np.sqrt(np.einsum("nd,nd->n", centred, centred)[:, None] / X.shape[1] + eps)
    centred /= deviation
    error = gamma * centred
    error += beta
    error -= Y
    loss = 0.5 * np.vdot(error, error) / len(X)
    error /= len(X)
    dgamma, dbeta = np.einsum("nd,nd->d", error, centred), error.sum(axis=0)
    error *= gamma
    along = np.einsum("nd,nd->n", error, centred)[:, None] / X.shape[1]
    error -= error.mean(axis=1, keepdims=True)
    centred *= along
    error -= centred
    error /= deviation
    return loss, [error, dgamma, dbeta]


FORMS = {"polynomial": {"matrix": horner}}
