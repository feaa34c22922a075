"""The array gates of linear algebra: one record each, with the rule of its gradient in index notation.

``A[i,j], b[i] -> x[j]`` says which axes of the operands a gate eats and which it makes; all other axes are those of a
stack. Rules are formulas of the same kind: ``x`` is the gate's own result, ``dx`` what arrives upstream,
``sum(e, k)`` sums over an index, ``A[i,j].T`` is the matrix read with rows j and columns i. No rule forms an inverse
where a solution serves; equal parts are one node, so that value and gradient share every factorisation.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ArrayGate:
    """A gate that is not scalar: it eats the matrix and vector axes of its operands and makes others."""

    name: str
    signature: str
    doc: str = ""
    where: tuple[str, ...] = ()  # what the partials are made of: ``name[indices] = formula``
    partials: tuple[str | None, ...] = ()  # what each operand receives; None where there is no gradient
    like: str = ""  # further indices of the rule, each with one of the signature that runs as far: ``k~j``
    result: str = "real"  # real | int
    whole: tuple[int, ...] = ()  # operands that are integers
    columns: int | None = None  # the operand whose further axes are columns of one call
    group: str = ""  # gates of one matrix that come out of one call
    means: str = ""  # the gate of the same value that needs to know less about its operands
    value: tuple[str, ...] = ()  # what it is made of, the last line its value: for gates that others take the place of
    moving: tuple[str, ...] = ()  # what the tangent of each operand (``tX`` of ``X``) adds to ``Z``, of which
    tangent: str = ""  # the gate's own is made; empty: it follows from the partials


GENERAL = [
    ArrayGate(
        "solve",
        "A[i,j], b[i] -> x[j]",
        "The x with A x = b; LinAlgError if A is singular. dA = -w xᵀ with Aᵀ w = dx.",
        where=("w[i] = solve(A[i,j].T, dx[j])",),
        partials=("-(w[i] * x[j])", "w[i]"),
        columns=1,
    ),
    ArrayGate(
        "inv",
        "A[i,j] -> B[j,i]",
        "The inverse; LinAlgError if A is singular. dA = -Bᵀ dB Bᵀ.",
        partials=("-sum(sum(B[k,i] * dB[k,l], k) * B[j,l], l)",),
        like="k~j l~i",
    ),
    ArrayGate("det", "A[i,j] -> y", "The determinant; dA = dy y A⁻ᵀ.", partials=("dy * (y * inv(A[i,j]))",)),
    ArrayGate(
        "logdet",
        "A[i,j] -> y",
        "The logarithm of the determinant, NaN where that is negative; dA = dy A⁻ᵀ.",
        partials=("dy * inv(A[i,j])",),
    ),
    ArrayGate("signdet", "A[i,j] -> y", "The sign of the determinant. No gradient.", partials=(None,), group="slogdet"),
    ArrayGate(
        "logabsdet",
        "A[i,j] -> y",
        group="slogdet",
        doc="The logarithm of the absolute determinant; dA = dy A⁻ᵀ.",
        partials=("dy * inv(A[i,j])",),
    ),
]

# The same for a matrix that is known to be symmetric; and positive definite (pd), then by Cholesky's factorisation.
SYMMETRIC = [
    ArrayGate(
        "solve_sym",
        "A[i,j], b[i] -> x[j]",
        where=("w[j] = solve_sym(A[i,j], dx[i])",),
        partials=("-(w[i] * x[j])", "w[i]"),
        columns=1,
        means="solve",
    ),
    ArrayGate(
        "solve_pd",
        "A[i,j], b[i] -> x[j]",
        where=("w[j] = solve_pd(A[i,j], dx[i])",),
        partials=("-(w[i] * x[j])", "w[i]"),
        columns=1,
        means="solve",
    ),
    ArrayGate(
        "inv_pd",
        "A[i,j] -> B[j,i]",
        partials=("-sum(sum(B[k,i] * dB[k,l], k) * B[j,l], l)",),
        like="k~j l~i",
        means="inv",
    ),
    ArrayGate("det_pd", "A[i,j] -> y", partials=("dy * (y * inv_pd(A[i,j]))",), means="det"),
    ArrayGate("logdet_pd", "A[i,j] -> y", partials=("dy * inv_pd(A[i,j])",), means="logdet"),
]

TRIANGULAR = [
    ArrayGate(
        "solve_lower", "L[i,j], b[i] -> x[j]", "The x with L x = b, forwards; only the lower triangle of L is read.",
        where=("w[i] = solve_upper(L[i,j].T, dx[j])",), columns=1,
        partials=("where(iota(i) >= iota(j), -(w[i] * x[j]), 0)", "w[i]"),
    ),
    ArrayGate(
        "solve_upper", "U[i,j], b[i] -> x[j]", "The x with U x = b, backwards; only the upper triangle of U is read.",
        where=("w[i] = solve_lower(U[i,j].T, dx[j])",), columns=1,
        partials=("where(iota(i) <= iota(j), -(w[i] * x[j]), 0)", "w[i]"),
    ),
]  # fmt: skip

# dA = sym(L⁻ᵀ Φ(Lᵀ dL) L⁻¹), where Φ keeps the lower triangle and halves the diagonal (Murray, arXiv:1602.07527).
FACTORS = [
    ArrayGate(
        "cholesky", "A[i,j] -> L[i,j]",
        "The lower triangular L with L Lᵀ = A, the symmetric part of the argument; LinAlgError unless A is positive "
        "definite. dA = sym(L⁻ᵀ Φ(Lᵀ dL) L⁻¹), where Φ keeps the lower triangle and halves the diagonal.",
        where=(
            "P[j,k] = sum(L[i,j] * where(iota(i) >= iota(k), dL[i,k], 0), i)",
            "H[k,j] = where(iota(j) > iota(k), P[j,k], where(iota(j) == iota(k), 0.5 * P[j,k], 0))",
            "Y[i,k] = solve_upper(L[i,j].T, H[k,j])",
            "S[i,m] = solve_upper(L[m,k].T, Y[i,k])",
        ),
        partials=("0.5 * (S[i,j] + S[j,i])",), like="k~j m~i",
    ),
    ArrayGate(
        "eigenvalues", "A[i,j] -> w[j]",
        "The eigenvalues, ascending, of the symmetric part of the argument; dA = V diag(dw) Vᵀ.",
        group="eigh",
        where=("V[i,j] = eigenvectors(A[i,j])",), partials=("sum(V[i,k] * dw[k] * V[j,k], k)",), like="k~j",
    ),
    ArrayGate(
        "eigenvectors", "A[i,j] -> V[i,j]",
        "The eigenvectors, as columns. dA = sym(V (F ∘ Vᵀ dV) Vᵀ) with F[k,l] = 1/(w[l] - w[k]), and 0 where the two "
        "eigenvalues are equal: then the gradient leaves out the rotation inside their space.",
        group="eigh",
        where=(
            "w[j] = eigenvalues(A[i,j])",
            "M[k,l] = sum(V[i,k] * dV[i,l], i)",
            "Q[k,l] = where(w[l] == w[k], 0, M[k,l] / where(w[l] == w[k], 1, w[l] - w[k]))",
            "R[i,j] = sum(sum(V[i,k] * Q[k,l], k) * V[j,l], l)",
        ),
        partials=("0.5 * (R[i,j] + R[j,i])",), like="k~j l~j",
    ),
]  # fmt: skip

# Golub and Pereyra's derivative of the pseudo-inverse, for matrices whose rank does not change.
LEAST_SQUARES = [
    ArrayGate(
        "lstsq", "A[i,j], b[i] -> x[j]", "The shortest x with the least |A x - b|. The gradient holds where the rank "
        "of A does not change: dA = -u xᵀ + (b - A x) vᵀ + y (dx - Aᵀ u)ᵀ "
        "with u = A⁺ᵀ dx, v = A⁺ u, y = A⁺ᵀ x; db = u.",
        where=(
            "u[i] = lstsq(A[i,j].T, dx[j])",
            "v[j] = lstsq(A[i,j], u[i])",
            "y[i] = lstsq(A[i,j].T, x[j])",
            "r[i] = b[i] - sum(A[i,j] * x[j], j)",
            "s[j] = dx[j] - sum(A[i,j] * u[i], i)",
        ),
        partials=("r[i] * v[j] - u[i] * x[j] + y[i] * s[j]", "u[i]"), columns=1,
    ),
    ArrayGate(
        "pinv", "A[i,j] -> P[j,i]", "The pseudo-inverse. The gradient holds where the rank of A does not change: "
        "dA = -Pᵀ dP Pᵀ + (I - A P) dPᵀ P Pᵀ + Pᵀ P dPᵀ (I - P A).",
        where=(
            "S[i,m] = sum(dP[j,i] * P[j,m], j)",
            "G[i,j] = sum(S[i,m] * P[j,m], m)",
            "T[j,k] = sum(P[j,i] * dP[k,i], i)",
            "H[i,k] = sum(P[j,i] * T[j,k], j)",
            "C[k,j] = sum(P[k,m] * G[m,j], m)",
            "D[i,m] = sum(H[i,k] * P[k,m], k)",
            "E[i,j] = sum(sum(P[k,i] * dP[k,m], k) * P[j,m], m)",
        ),
        partials=("G[i,j] - sum(A[i,k] * C[k,j], k) + H[i,j] - sum(D[i,m] * A[m,j], m) - E[i,j]",), like="k~j m~i",
    ),
]  # fmt: skip

# The derivative in a direction is a block of the exponential of a block matrix (Najfeld and Havel 1995).
EXPONENTIAL = [
    ArrayGate(
        "expm",
        "A[i,j] -> E[i,j]",
        "The matrix exponential 1 + A + A²/2 + …; dA is its derivative at Aᵀ in the direction dE.",
        partials=("expm_frechet(A[j,i].T, dE[i,j])",),
    ),
    ArrayGate(
        "expm_frechet",
        "A[i,j], E[i,j] -> F[i,j]",
        "The derivative of the matrix exponential at A in the direction E.",
        partials=("blocks", "expm_frechet(A[j,i].T, dF[i,j])"),
    ),
]

# Found in a formula, and products again before anything is emitted. Their matrix is known to be symmetric: so is the
# result, and both factors X receive the same, from the symmetric part of what arrives.
CONGRUENCES = [
    ArrayGate(
        "congruence",
        "X[i,a], M[a,b] -> V[i,j]",
        "X M Xᵀ with a symmetric M; dX = 2 C X M and dM = Xᵀ C X, where C is the symmetric part of dV.",
        where=("C[i,j] = symmetric(dV[i,j], i, j)", "T[j,a] = sum(X[i,a] * C[i,j], i)"),
        partials=("2 * sum(T[i,b] * M[b,a], b)", "congruence(X[i,a].T, C[i,j], b)"),
        value=("L[i,b] = sum(X[i,a] * M[a,b], a)", "sum(L[i,b] * X[j,b], b)"),
        moving=("Z[i,b] = 2 * sum(tX[i,a] * M[a,b], a)", "Z[i,b] = sum(X[i,a] * tM[a,b], a)"),
        tangent="symmetric(sum(Z[i,b] * X[j,b], b), i, j)",
    ),
    *(
        ArrayGate(
            f"congruence_inv_{known}",
            "X[i,m], S[m,n] -> V[i,j]",
            "X S⁻¹ Xᵀ with a symmetric S; dX = 2 C Y and dS = -Yᵀ C Y with Y = X S⁻¹ and C the symmetric part of dV.",
            where=(
                "C[i,j] = symmetric(dV[i,j], i, j)",
                "U[i,n] = sum(C[i,j] * Y[j,n], j)",
            ),
            partials=("2 * U[i,m]", "-congruence(Y[i,m].T, C[i,j], n)"),
            value=(f"Y[j,n] = solve_{known}(S[m,n], X[j,m])", "sum(X[i,n] * Y[j,n], n)"),
            moving=("Z[i,n] = 2 * tX[i,n]", "Z[i,n] = -sum(Y[i,m] * tS[m,n], m)"),
            tangent="symmetric(sum(Z[i,n] * Y[j,n], n), i, j)",
        )
        for known in ("sym", "pd")
    ),
]

# What the gates above are computed with, in both targets: no rule, since they come behind differentiation.
PARTS = [
    ArrayGate("lu", "A[i,j] -> F[i,j]", group="lu_factors"),
    ArrayGate("pivots", "A[i,j] -> p[i]", result="int", group="lu_factors"),
    ArrayGate("solve_lu", "F[i,j], p[i], b[i] -> x[j]", columns=2, whole=(1,)),
    ArrayGate("solve_lu_t", "F[i,j], p[i], b[j] -> x[i]", columns=2, whole=(1,)),
    ArrayGate("inv_factored", "L[i,j] -> B[i,j]"),
    ArrayGate("svd_u", "A[i,j] -> U[i,k]", like="k~j", group="svd"),
    ArrayGate("svd_s", "A[i,j] -> s[k]", like="k~j", group="svd"),
    ArrayGate("svd_v", "A[i,j] -> V[j,k]", like="k~j", group="svd"),
]

ARRAY_GATES = [*GENERAL, *SYMMETRIC, *TRIANGULAR, *FACTORS, *LEAST_SQUARES, *EXPONENTIAL, *CONGRUENCES, *PARTS]
