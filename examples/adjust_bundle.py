"""Bundle adjustment by nonlinear least squares: SciPy's solver with the sparse Jacobian of a generated module.

Run it from the project's root, where the folder `generated` is.
"""

import numpy as np
from scipy.optimize import least_squares

from generated.reprojection import objective, pack, value

cameras, points, observations = 12, 400, 3000
rng = np.random.default_rng(0)
true = {
    "turn": 0.2 * rng.normal(size=(cameras, 3)),
    "centre": rng.normal(size=(cameras, 3)),
    "focal": 500 + 10 * rng.normal(size=cameras),
    "radial": 0.01 * rng.normal(size=(cameras, 2)),
    "X": rng.normal(loc=[0, 0, 12], size=(points, 3)),
}
pair = np.stack([rng.integers(0, cameras, observations), np.arange(observations) % points], axis=1)
seen = value(**true, pair=pair, seen=np.zeros((observations, 2))) + 0.1 * rng.normal(size=(observations, 2))

residual = objective(pair, seen, C=cameras, P=points)
start = pack(**{name: x + 0.01 * rng.normal(size=x.shape) for name, x in true.items()})
found = least_squares(residual, start, jac=residual.jac, x_scale="jac", max_nfev=20)

rows, columns = residual.jac(found.x).shape
entries = residual.jac(found.x).nnz
before = np.sqrt(np.mean(residual(start) ** 2))
after = np.sqrt(np.mean(residual(found.x) ** 2))
print(f"{rows} residuals, {columns} parameters, {entries / rows:.0f} entries a row")
print(f"root mean square error {before:.2f} pixels before, {after:.3f} after {found.nfev} evaluations")
