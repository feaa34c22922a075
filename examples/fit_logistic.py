"""From a formula to an optimiser: fit a logistic regression with SciPy, from the generated module alone.

Run it from the project's root, where the folder `generated` is.
"""

import numpy as np
from scipy.optimize import minimize

from generated.logistic_regression import objective, pack, unpack

samples, features = 500, 3
rng = np.random.default_rng(0)
true_w, true_b = np.array([1.5, -2.0, 0.5]), 0.3
X = rng.normal(size=(samples, features))
y = (rng.random(samples) < 1 / (1 + np.exp(-(X @ true_w + true_b)))).astype(float)

loss = objective(X, y)
start = pack(np.zeros(features), 0.0)
result = minimize(loss, start, jac=True, hessp=loss.hessp, method="trust-ncg")
fitted = unpack(result.x, D=features)

print(f"{result.nit} iterations, loss {result.fun:.4f}, largest gradient {np.abs(result.jac).max():.1e}")
print("w =", fitted.w.round(2), " b =", round(fitted.b, 2))
