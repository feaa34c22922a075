# Made by gradcompile 0.1.0 from examples/gaussian_mixture.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: a2211785aaa04058ba03ea09b8fdeb2802c0f7cff682d9b6bf8553806c1bb4b7
# options: --target numba --emit value,value_and_grad
# operations: value 3*D*K*N + 6*K*N + 5*K + N + 6; value_and_grad 6*D*K*N + D*K + 14*K*N + 14*K + N + 7
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula
# graph: gradient logits: proved (sympy), equal to SymPy's derivative
# graph: gradient mu: proved (sympy), equal to SymPy's derivative
# graph: gradient log_sigma: proved (sympy), equal to SymPy's derivative
# code: N = 2, D = 3, K = 4: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: D = 0: agrees, within 2^0 units in the last place
# code: K = 0: agrees, within 2^0 units in the last place
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: K = 11: agrees, within 2^0 units in the last place
# claim, line 14: proved (sympy), grad(loss, joint) == -share / N
# claim, line 15: proved (sympy), grad(loss, logits) == softmax(logits) - mean(share, axis=0)
# claim, line 16: proved (sympy), grad(loss, log_sigma) == mean(share * (D - distance2 / exp(2 * log_sigma)), axis=0)
# --- end of certificate ---

"""Gaussian mixture: mean negative log-likelihood of K round components.

    from gaussian_mixture import value, value_and_grad
    loss = value(x, logits, mu, log_sigma)
    loss, gradient = value_and_grad(x, logits, mu, log_sigma)

Arguments: x[N, D], logits[K] (differentiated), mu[K, D] (differentiated), log_sigma[K] (differentiated).
"""

from typing import NamedTuple

from numba import njit, types
from numba.core import cgutils
from numba.core.cgutils import ir
from numba.extending import intrinsic
import numpy as np


@intrinsic
def _own(context, x):
    """Return a new array. Nothing else stands for its elements, so loops need not look whether arrays overlap.

    LLVM takes what a function returns as "noalias" for memory that has no other name, and into this one it does not
    look. The second call shows the pointer to others: whatever is called may free the memory, so no read moves past it.
    """

    def code(context, builder, signature, values):
        array = context.make_array(x)(context, builder, value=values[0])
        kind, name = ir.FunctionType(array.data.type, [array.data.type]), f"own_{x.dtype}"
        own = builder.module.globals.get(name)
        if own is None:
            own = ir.Function(builder.module, kind, name)
            own.linkage = "linkonce_odr"
            own.attributes.add("noinline")
            own.attributes.add("optnone")
            own.return_value.add_attribute("noalias")
            ir.IRBuilder(own.append_basic_block()).ret(own.args[0])
        array.data = builder.call(own, [array.data])
        builder.call(own, [array.data])
        context.nrt.incref(builder, x, array._getvalue())
        return array._getvalue()

    return x(x), code


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _halves(place):
    """Two powers of two, the product of which is 2^k, subnormal or infinite too, for place = k + 6755399441057790.0."""
    bits = np.float64(place).view(np.int64)
    half = np.int64(np.uint64(bits) >> np.uint64(1))
    return np.int64(half << 52).view(np.float64), np.int64((bits - half) << 52).view(np.float64)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _exp_parts(x):
    """k + 6755399441057790.0 and w, exp(x) = 2^k * (1 + w) with a whole k: Cody and Waite's reduction, a polynomial."""
    place = x * 1.4426950408889634 + 6755399441057790.0
    k = place - 6755399441057790.0
    r = x - k * 0.6931471805592082 - k * 7.371002565167799e-13
    return place, r * r * (0.5000000000000011 + r * (0.16666666666666413 + r * 0.04166666666653017 + r * r * (0.008333333333494532 + r * 0.0013888888943627078) + r * r * (r * r) * 
        (0.00019841269506410927 + r * 2.480149310183874e-05 + r * r * (2.7557586529833835e-06 + r * 2.7630247467746286e-07) + r * r * (r * r) * 
        (2.5000011690109885e-08)))) + r


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _exp(x):
    """e to the x, within 2 units in the last place."""
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    place, w = _exp_parts(x)
    one, other = _halves(place)
    return (one + one * w) * other


@intrinsic
def _larger(context, a, b):
    """The larger of two numbers, NaN if one is, whatever the order: so that lanes have one each."""

    def code(context, builder, signature, values):
        kind = values[0].type
        if isinstance(a, types.Integer):
            return builder.select(builder.icmp_signed(">", *values), *values)
        function = builder.module.declare_intrinsic("llvm.maximum", [kind], ir.FunctionType(kind, [kind, kind]))
        return builder.call(function, values, fastmath=("nsz",))

    return a(a, a), code


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _turn(x, columns):
    """Copy the rows of x to columns, four at a time."""
    rows, width = x.shape
    edge = rows - rows % 4
    for row in range(0, edge, 4):
        for i in range(width):
            a, b, c, d = x[row, i], x[row + 1, i], x[row + 2, i], x[row + 3, i]
            columns[i, row], columns[i, row + 1], columns[i, row + 2], columns[i, row + 3] = a, b, c, d
    for row in range(edge, rows):
        for i in range(width):
            columns[i, row] = x[row, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log_sum(k, f):
    """k*log(2) + log(1 + f) for a whole k."""
    s = f / (2.0 + f)
    z = s * s
    h = 0.5 * f * f
    return k * 0.6931471805592082 + (f - (h - (s * (h + z * (0.6666666666666734 + z * (0.3999999999941438 + z * 0.2857142874246403 + z * z * (0.22222198564359882 + z * 0.181835648326685) + z * z * (z * z) * 
        (0.15314036442224369 + z * 0.14796101686198612)))) + k * 7.371002565167799e-13)))


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log_parts(x):
    """k and f with x = 2^k * (1 + f), x normal and sqrt(1/2) <= 1 + f < sqrt(2), from the bits of x."""
    bits = np.float64(x).view(np.int64) + 0x95f619980c433
    k = np.int64(bits >> 52 & 2047 | 0x4330000000000000).view(np.float64) - 4503599627371519.0
    return k, np.int64((bits & 0xfffffffffffff) + 0x3fe6a09e667f3bcd).view(np.float64) - 1.0


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log_parts_of_all(x):
    """The same for x > 0, subnormal ones as well."""
    small = x < 2.2250738585072014e-308
    k, f = _log_parts(x * 1.8014398509481984e+16 if small else x)
    return k - 54.0 if small else k, f


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log(x):
    """The natural logarithm, within 1 unit in the last place."""
    k, f = _log_parts_of_all(x)
    y = _log_sum(k, f)
    y = y if x < np.inf else x
    outside = -np.inf if x == 0.0 else np.nan
    y = y if x > 0.0 else outside
    return y


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(x, logits, mu, log_sigma):
    N, D = x.shape
    K = logits.shape[0]
    t1 = 0.5 * D  # line 8
    t2 = 2 * 3.141592653589793  # line 8
    t3 = np.log(t2)  # line 8
    t4 = t1 * t3  # line 8
    t7 = _own(np.empty((K,), np.float64))
    t8 = -np.inf
    # over k: t7, t8; 3*K operations, 24*K bytes
    for k in range(K):
        log_sigma_k = log_sigma[k]
        t5 = 2 * log_sigma_k  # line 8
        t6 = _exp(t5)  # line 8
        t7[k] = t6
        logits_k = logits[k]
        t8 = _larger(t8, logits_k)  # line 9
    t9 = t8 if np.isfinite(t8) else 0.0  # line 9
    t12 = 0.0
    # over k: t12; 3*K operations, 8*K bytes
    for k in range(K):
        logits_k = logits[k]
        t10 = logits_k - t9  # line 9
        t11 = _exp(t10)  # line 9
        t12 = _plus(t12, t11)  # line 9
    t13 = np.log(t12)  # line 9
    t14 = t9 + t13  # line 9
    t29 = 0.0
    # stage along N: block by block, with D + 2*K + 2 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (D + 2*K + 3) // 32 * 32)))
    size = min(block, N)
    x__ = _own(np.empty((D, size), np.float64))
    distance2 = _own(np.empty((K, size), np.float64))
    joint = _own(np.empty((K, size), np.float64))
    t22 = _own(np.empty((size,), np.float64))
    t26 = _own(np.empty((size,), np.float64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            x__ = _own(np.empty((D, size), np.float64))
            distance2 = _own(np.empty((K, size), np.float64))
            joint = _own(np.empty((K, size), np.float64))
            t22 = _own(np.empty((size,), np.float64))
            t26 = _own(np.empty((size,), np.float64))
        x_ = x[n0 : n0 + size]
        _turn(x_, x__)
        distance2[...] = 0.0
        edge = K - (K - 0) % 2
        # over k, d, n: distance2; 3*D*K*N operations, 24*D*K*N + 8*D*K bytes
        for k in range(0, edge, 2):
            k_1 = k + 1
            edge_ = D - (D - 0) % 4
            for d in range(0, edge_, 4):
                d_1 = d + 1
                d_2 = d + 2
                d_3 = d + 3
                mu_dk = mu[k, d]
                mu_dk_1_ = mu[k, d_1]
                mu_dk_2 = mu[k, d_2]
                mu_dk_3 = mu[k, d_3]
                mu_dk_1 = mu[k_1, d]
                mu_dk_1_1 = mu[k_1, d_1]
                mu_dk_1_2 = mu[k_1, d_2]
                mu_dk_1_3 = mu[k_1, d_3]
                for n in range(size):
                    x_dn = x__[d, n]
                    x_dn_1 = x__[d_1, n]
                    x_dn_2 = x__[d_2, n]
                    x_dn_3 = x__[d_3, n]
                    t15 = x_dn - mu_dk  # line 7
                    t15_1_ = x_dn_1 - mu_dk_1_  # line 7
                    t15_2 = x_dn_2 - mu_dk_2  # line 7
                    t15_3 = x_dn_3 - mu_dk_3  # line 7
                    t15_1 = x_dn - mu_dk_1  # line 7
                    t15_1_1 = x_dn_1 - mu_dk_1_1  # line 7
                    t15_1_2 = x_dn_2 - mu_dk_1_2  # line 7
                    t15_1_3 = x_dn_3 - mu_dk_1_3  # line 7
                    t16 = t15 * t15  # line 7
                    t16_1_ = t15_1_ * t15_1_  # line 7
                    t16_2 = t15_2 * t15_2  # line 7
                    t16_3 = t15_3 * t15_3  # line 7
                    t16_1 = t15_1 * t15_1  # line 7
                    t16_1_1 = t15_1_1 * t15_1_1  # line 7
                    t16_1_2 = t15_1_2 * t15_1_2  # line 7
                    t16_1_3 = t15_1_3 * t15_1_3  # line 7
                    distance2_ = distance2[k, n]
                    distance2_ = distance2_ + t16  # line 7
                    distance2_ = distance2_ + t16_1_  # line 7
                    distance2_ = distance2_ + t16_2  # line 7
                    distance2_ = distance2_ + t16_3  # line 7
                    distance2[k, n] = distance2_
                    distance2_2 = distance2[k_1, n]
                    distance2_2 = distance2_2 + t16_1  # line 7
                    distance2_2 = distance2_2 + t16_1_1  # line 7
                    distance2_2 = distance2_2 + t16_1_2  # line 7
                    distance2_2 = distance2_2 + t16_1_3  # line 7
                    distance2[k_1, n] = distance2_2
            for d in range(edge_, D):
                mu_dk = mu[k, d]
                mu_dk_1 = mu[k_1, d]
                for n in range(size):
                    x_dn = x__[d, n]
                    t15 = x_dn - mu_dk  # line 7
                    t15_1 = x_dn - mu_dk_1  # line 7
                    t16 = t15 * t15  # line 7
                    t16_1 = t15_1 * t15_1  # line 7
                    distance2[k, n] += t16  # line 7
                    distance2[k_1, n] += t16_1  # line 7
        for k in range(edge, K):
            edge_2 = D - (D - 0) % 4
            for d in range(0, edge_2, 4):
                d_1_ = d + 1
                d_2_ = d + 2
                d_3_ = d + 3
                mu_dk = mu[k, d]
                mu_dk_1_4 = mu[k, d_1_]
                mu_dk_2_ = mu[k, d_2_]
                mu_dk_3_ = mu[k, d_3_]
                for n in range(size):
                    x_dn = x__[d, n]
                    x_dn_1_ = x__[d_1_, n]
                    x_dn_2_ = x__[d_2_, n]
                    x_dn_3_ = x__[d_3_, n]
                    t15 = x_dn - mu_dk  # line 7
                    t15_1_4 = x_dn_1_ - mu_dk_1_4  # line 7
                    t15_2_ = x_dn_2_ - mu_dk_2_  # line 7
                    t15_3_ = x_dn_3_ - mu_dk_3_  # line 7
                    t16 = t15 * t15  # line 7
                    t16_1_4 = t15_1_4 * t15_1_4  # line 7
                    t16_2_ = t15_2_ * t15_2_  # line 7
                    t16_3_ = t15_3_ * t15_3_  # line 7
                    distance2_3 = distance2[k, n]
                    distance2_3 = distance2_3 + t16  # line 7
                    distance2_3 = distance2_3 + t16_1_4  # line 7
                    distance2_3 = distance2_3 + t16_2_  # line 7
                    distance2_3 = distance2_3 + t16_3_  # line 7
                    distance2[k, n] = distance2_3
            for d in range(edge_2, D):
                mu_dk = mu[k, d]
                for n in range(size):
                    x_dn = x__[d, n]
                    t15 = x_dn - mu_dk  # line 7
                    t16 = t15 * t15  # line 7
                    distance2[k, n] += t16  # line 7
        t22[...] = -np.inf
        # over k, n: joint, t22; 6*K*N + 2*K operations, 32*K*N + 24*K bytes
        for k in range(K):
            log_sigma_k = log_sigma[k]
            t17 = D * log_sigma_k  # line 8
            t6 = t7[k]
            logits_k = logits[k]
            t21 = logits_k - t14  # line 9
            for n in range(size):
                distance2_kn = distance2[k, n]
                t18 = -0.5 * distance2_kn  # line 8
                t19 = t18 / t6  # line 8
                t20 = t19 - t17  # line 8
                log_density = t20 - t4  # line 8
                joint_kn = t21 + log_density  # line 9
                joint[k, n] = joint_kn
                t22[n] = joint_kn if joint_kn > t22[n] or joint_kn != joint_kn else t22[n]  # line 10
        t26[...] = 0.0
        # over k, n: t26; 5*K*N operations, 32*K*N bytes
        for k in range(K):
            for n in range(size):
                t22_n = t22[n]
                t23 = t22_n if np.isfinite(t22_n) else 0.0  # line 10
                joint_kn = joint[k, n]
                t24 = joint_kn - t23  # line 10
                t25 = _exp(t24)  # line 10
                t26[n] += t25  # line 10
        t29_ = 0.0
        # over n: t29_; 5*N operations, 16*N bytes
        for n in range(size):
            t26_n = t26[n]
            t27 = _log(t26_n)  # line 10
            t22_n = t22[n]
            t23 = t22_n if np.isfinite(t22_n) else 0.0  # line 10
            t28 = t23 + t27  # line 10
            t29_ = _plus(t29_, t28)  # line 10
        t29 = _plus(t29, t29_)  # line 10
    t30 = t29 / N  # line 10
    loss = -t30  # line 10
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, logits, mu, log_sigma):
    N, D = x.shape
    K = logits.shape[0]
    t1 = 0.5 * D  # line 8
    t2 = 2 * 3.141592653589793  # line 8
    t3 = np.log(t2)  # line 8
    t4 = t1 * t3  # line 8
    t5 = 1.0 / N  # backward of line 10: logsumexp gate
    t8 = _own(np.empty((K,), np.float64))
    t9 = -np.inf
    # over k: t8, t9; 3*K operations, 24*K bytes
    for k in range(K):
        log_sigma_k = log_sigma[k]
        t6 = 2 * log_sigma_k  # line 8
        t7 = _exp(t6)  # line 8
        t8[k] = t7
        logits_k = logits[k]
        t9 = _larger(t9, logits_k)  # line 9
    t10 = t9 if np.isfinite(t9) else 0.0  # line 9
    t13 = _own(np.empty((K,), np.float64))
    t14 = 0.0
    # over k: t13, t14; 3*K operations, 16*K bytes
    for k in range(K):
        logits_k = logits[k]
        t11 = logits_k - t10  # line 9
        t12 = _exp(t11)  # line 9
        t13[k] = t12
        t14 = _plus(t14, t12)  # line 9
    t15 = np.log(t14)  # line 9
    t16 = t10 + t15  # line 9
    t17 = 1.0 / t14  # backward of line 9: logsumexp gate
    t33 = 0.0
    t37 = _own(np.zeros((K,), np.float64))
    t41 = _own(np.zeros((K,), np.float64))
    t44 = _own(np.zeros((K, D), np.float64))
    # stage along N: block by block, with D + 4*K + 3 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (D + 4*K + 4) // 32 * 32)))
    size = min(block, N)
    x__ = _own(np.empty((D, size), np.float64))
    distance2 = _own(np.empty((K, size), np.float64))
    joint = _own(np.empty((K, size), np.float64))
    t25 = _own(np.empty((size,), np.float64))
    t29 = _own(np.empty((K, size), np.float64))
    t30 = _own(np.empty((size,), np.float64))
    t35 = _own(np.empty((size,), np.float64))
    ddistance2 = _own(np.empty((K, size), np.float64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            x__ = _own(np.empty((D, size), np.float64))
            distance2 = _own(np.empty((K, size), np.float64))
            joint = _own(np.empty((K, size), np.float64))
            t25 = _own(np.empty((size,), np.float64))
            t29 = _own(np.empty((K, size), np.float64))
            t30 = _own(np.empty((size,), np.float64))
            t35 = _own(np.empty((size,), np.float64))
            ddistance2 = _own(np.empty((K, size), np.float64))
        x_ = x[n0 : n0 + size]
        _turn(x_, x__)
        distance2[...] = 0.0
        edge = K - (K - 0) % 2
        # over k, d, n: distance2; 3*D*K*N operations, 24*D*K*N + 8*D*K bytes
        for k in range(0, edge, 2):
            k_1 = k + 1
            edge_ = D - (D - 0) % 4
            for d in range(0, edge_, 4):
                d_1 = d + 1
                d_2 = d + 2
                d_3 = d + 3
                mu_dk = mu[k, d]
                mu_dk_1_ = mu[k, d_1]
                mu_dk_2 = mu[k, d_2]
                mu_dk_3 = mu[k, d_3]
                mu_dk_1 = mu[k_1, d]
                mu_dk_1_1 = mu[k_1, d_1]
                mu_dk_1_2 = mu[k_1, d_2]
                mu_dk_1_3 = mu[k_1, d_3]
                for n in range(size):
                    x_dn = x__[d, n]
                    x_dn_1 = x__[d_1, n]
                    x_dn_2 = x__[d_2, n]
                    x_dn_3 = x__[d_3, n]
                    t18 = x_dn - mu_dk  # line 7
                    t18_1_ = x_dn_1 - mu_dk_1_  # line 7
                    t18_2 = x_dn_2 - mu_dk_2  # line 7
                    t18_3 = x_dn_3 - mu_dk_3  # line 7
                    t18_1 = x_dn - mu_dk_1  # line 7
                    t18_1_1 = x_dn_1 - mu_dk_1_1  # line 7
                    t18_1_2 = x_dn_2 - mu_dk_1_2  # line 7
                    t18_1_3 = x_dn_3 - mu_dk_1_3  # line 7
                    t19 = t18 * t18  # line 7
                    t19_1_ = t18_1_ * t18_1_  # line 7
                    t19_2 = t18_2 * t18_2  # line 7
                    t19_3 = t18_3 * t18_3  # line 7
                    t19_1 = t18_1 * t18_1  # line 7
                    t19_1_1 = t18_1_1 * t18_1_1  # line 7
                    t19_1_2 = t18_1_2 * t18_1_2  # line 7
                    t19_1_3 = t18_1_3 * t18_1_3  # line 7
                    distance2_ = distance2[k, n]
                    distance2_ = distance2_ + t19  # line 7
                    distance2_ = distance2_ + t19_1_  # line 7
                    distance2_ = distance2_ + t19_2  # line 7
                    distance2_ = distance2_ + t19_3  # line 7
                    distance2[k, n] = distance2_
                    distance2_2 = distance2[k_1, n]
                    distance2_2 = distance2_2 + t19_1  # line 7
                    distance2_2 = distance2_2 + t19_1_1  # line 7
                    distance2_2 = distance2_2 + t19_1_2  # line 7
                    distance2_2 = distance2_2 + t19_1_3  # line 7
                    distance2[k_1, n] = distance2_2
            for d in range(edge_, D):
                mu_dk = mu[k, d]
                mu_dk_1 = mu[k_1, d]
                for n in range(size):
                    x_dn = x__[d, n]
                    t18 = x_dn - mu_dk  # line 7
                    t18_1 = x_dn - mu_dk_1  # line 7
                    t19 = t18 * t18  # line 7
                    t19_1 = t18_1 * t18_1  # line 7
                    distance2[k, n] += t19  # line 7
                    distance2[k_1, n] += t19_1  # line 7
        for k in range(edge, K):
            edge_2 = D - (D - 0) % 4
            for d in range(0, edge_2, 4):
                d_1_ = d + 1
                d_2_ = d + 2
                d_3_ = d + 3
                mu_dk = mu[k, d]
                mu_dk_1_4 = mu[k, d_1_]
                mu_dk_2_ = mu[k, d_2_]
                mu_dk_3_ = mu[k, d_3_]
                for n in range(size):
                    x_dn = x__[d, n]
                    x_dn_1_ = x__[d_1_, n]
                    x_dn_2_ = x__[d_2_, n]
                    x_dn_3_ = x__[d_3_, n]
                    t18 = x_dn - mu_dk  # line 7
                    t18_1_4 = x_dn_1_ - mu_dk_1_4  # line 7
                    t18_2_ = x_dn_2_ - mu_dk_2_  # line 7
                    t18_3_ = x_dn_3_ - mu_dk_3_  # line 7
                    t19 = t18 * t18  # line 7
                    t19_1_4 = t18_1_4 * t18_1_4  # line 7
                    t19_2_ = t18_2_ * t18_2_  # line 7
                    t19_3_ = t18_3_ * t18_3_  # line 7
                    distance2_3 = distance2[k, n]
                    distance2_3 = distance2_3 + t19  # line 7
                    distance2_3 = distance2_3 + t19_1_4  # line 7
                    distance2_3 = distance2_3 + t19_2_  # line 7
                    distance2_3 = distance2_3 + t19_3_  # line 7
                    distance2[k, n] = distance2_3
            for d in range(edge_2, D):
                mu_dk = mu[k, d]
                for n in range(size):
                    x_dn = x__[d, n]
                    t18 = x_dn - mu_dk  # line 7
                    t19 = t18 * t18  # line 7
                    distance2[k, n] += t19  # line 7
        t25[...] = -np.inf
        # over k, n: joint, t25; 6*K*N + 2*K operations, 32*K*N + 24*K bytes
        for k in range(K):
            log_sigma_k = log_sigma[k]
            t20 = D * log_sigma_k  # line 8
            t7 = t8[k]
            logits_k = logits[k]
            t24 = logits_k - t16  # line 9
            for n in range(size):
                distance2_kn = distance2[k, n]
                t21 = -0.5 * distance2_kn  # line 8
                t22 = t21 / t7  # line 8
                t23 = t22 - t20  # line 8
                log_density = t23 - t4  # line 8
                joint_kn = t24 + log_density  # line 9
                joint[k, n] = joint_kn
                t25[n] = joint_kn if joint_kn > t25[n] or joint_kn != joint_kn else t25[n]  # line 10
        t30[...] = 0.0
        # over k, n: t29, t30; 5*K*N operations, 40*K*N bytes
        for k in range(K):
            for n in range(size):
                t25_n = t25[n]
                t26 = t25_n if np.isfinite(t25_n) else 0.0  # line 10
                joint_kn = joint[k, n]
                t27 = joint_kn - t26  # line 10
                t28 = _exp(t27)  # line 10
                t29[k, n] = t28
                t30[n] += t28  # line 10
        t33_ = 0.0
        # over n: t33_, t35; 6*N operations, 24*N bytes
        for n in range(size):
            t30_n = t30[n]
            t31 = _log(t30_n)  # line 10
            t25_n = t25[n]
            t26 = t25_n if np.isfinite(t25_n) else 0.0  # line 10
            t32 = t26 + t31  # line 10
            t33_ = _plus(t33_, t32)  # line 10
            t34 = 1.0 / t30_n  # backward of line 10: logsumexp gate
            t35[n] = t34
        t33 = _plus(t33, t33_)  # line 10
        # over k, n: ddistance2, t37, t41; 9*K*N + 2*K operations, 32*K*N + 40*K bytes
        for k in range(K):
            t37_k = 0.0
            t7 = t8[k]
            t41_k = 0.0
            for n in range(size):
                t34 = t35[n]
                t28 = t29[k, n]
                t36 = t28 * t34  # backward of line 10: logsumexp gate
                t37_k = _plus(t37_k, t36)  # backward of line 9: add gate
                t38 = t36 * t5  # backward of line 10: logsumexp gate
                t39 = t38 / t7  # backward of line 8: div gate
                ddistance2_kn = 0.5 * t39  # backward of line 8: mul gate
                ddistance2[k, n] = ddistance2_kn
                distance2_kn = distance2[k, n]
                t21 = -0.5 * distance2_kn  # line 8
                t22 = t21 / t7  # line 8
                t40 = t39 * t22  # backward of line 8: div gate
                t41_k = _plus(t41_k, t40)  # backward of line 8: div gate
            t37[k] += t37_k  # backward of line 9: add gate
            t41[k] += t41_k  # backward of line 8: div gate
        # over k, d, n: t44; 4*D*K*N + D*K operations, 16*D*K*N + 24*D*K bytes
        for k in range(K):
            edge_3 = D - (D - 0) % 4
            for d in range(0, edge_3, 4):
                d_1_2 = d + 1
                d_2_2 = d + 2
                d_3_2 = d + 3
                mu_dk = mu[k, d]
                mu_dk_1_5 = mu[k, d_1_2]
                mu_dk_2_2 = mu[k, d_2_2]
                mu_dk_3_2 = mu[k, d_3_2]
                t44_kd = 0.0
                t44_kd_1 = 0.0
                t44_kd_2 = 0.0
                t44_kd_3 = 0.0
                for n in range(size):
                    x_dn = x__[d, n]
                    x_dn_1_2 = x__[d_1_2, n]
                    x_dn_2_2 = x__[d_2_2, n]
                    x_dn_3_2 = x__[d_3_2, n]
                    t18 = x_dn - mu_dk  # line 7
                    t18_1_5 = x_dn_1_2 - mu_dk_1_5  # line 7
                    t18_2_2 = x_dn_2_2 - mu_dk_2_2  # line 7
                    t18_3_2 = x_dn_3_2 - mu_dk_3_2  # line 7
                    t42 = 2 * t18  # backward of line 7: square gate
                    t42_1 = 2 * t18_1_5  # backward of line 7: square gate
                    t42_2 = 2 * t18_2_2  # backward of line 7: square gate
                    t42_3 = 2 * t18_3_2  # backward of line 7: square gate
                    ddistance2_kn = ddistance2[k, n]
                    t43 = ddistance2_kn * t42  # backward of line 7: square gate
                    t43_1 = ddistance2_kn * t42_1  # backward of line 7: square gate
                    t43_2 = ddistance2_kn * t42_2  # backward of line 7: square gate
                    t43_3 = ddistance2_kn * t42_3  # backward of line 7: square gate
                    t44_kd = _plus(t44_kd, t43)  # backward of line 7: sub gate
                    t44_kd_1 = _plus(t44_kd_1, t43_1)  # backward of line 7: sub gate
                    t44_kd_2 = _plus(t44_kd_2, t43_2)  # backward of line 7: sub gate
                    t44_kd_3 = _plus(t44_kd_3, t43_3)  # backward of line 7: sub gate
                t44[k, d] += t44_kd  # backward of line 7: sub gate
                t44[k, d_1_2] += t44_kd_1  # backward of line 7: sub gate
                t44[k, d_2_2] += t44_kd_2  # backward of line 7: sub gate
                t44[k, d_3_2] += t44_kd_3  # backward of line 7: sub gate
            for d in range(edge_3, D):
                mu_dk = mu[k, d]
                t44_kd = 0.0
                for n in range(size):
                    x_dn = x__[d, n]
                    t18 = x_dn - mu_dk  # line 7
                    t42 = 2 * t18  # backward of line 7: square gate
                    ddistance2_kn = ddistance2[k, n]
                    t43 = ddistance2_kn * t42  # backward of line 7: square gate
                    t44_kd = _plus(t44_kd, t43)  # backward of line 7: sub gate
                t44[k, d] += t44_kd  # backward of line 7: sub gate
    t45 = t33 / N  # line 10
    loss = -t45  # line 10
    t46 = 0.0
    dlog_sigma = _own(np.empty((K,), np.float64))
    # over k: t46, dlog_sigma; 6*K operations, 32*K bytes
    for k in range(K):
        t37_k_ = t37[k]
        t46 = _plus(t46, t37_k_)  # backward of line 9: sub gate
        t7 = t8[k]
        t41_k_ = t41[k]
        t47 = t41_k_ * t7  # backward of line 8: exp gate
        t48 = t47 * 2  # backward of line 8: mul gate
        t49 = t37_k_ * t5  # backward of line 9: add gate
        t50 = t49 * D  # backward of line 8: mul gate
        dlog_sigma_k = t50 + t48  # backward of line 5: copy gate
        dlog_sigma[k] = dlog_sigma_k
    t51 = t46 / N  # backward of line 9: sub gate
    dmu = _own(np.empty((K, D), np.float64))
    # over k, d: dmu; D*K operations, 16*D*K bytes
    for k in range(K):
        for d in range(D):
            t44_dk = t44[k, d]
            dmu_kd = -t44_dk  # backward of line 7: sub gate
            dmu[k, d] = dmu_kd
    dlogits = _own(np.empty((K,), np.float64))
    # over k: dlogits; 4*K operations, 24*K bytes
    for k in range(K):
        t37_k_ = t37[k]
        t49 = t37_k_ * t5  # backward of line 9: add gate
        t12 = t13[k]
        t52 = t12 * t17  # backward of line 9: logsumexp gate
        t53 = t51 * t52  # backward of line 9: logsumexp gate
        dlogits_k = t53 - t49  # backward of line 3: copy gate
        dlogits[k] = dlogits_k
    return (loss, dlogits, dmu, dlog_sigma)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    logits: np.ndarray  # [K]
    mu: np.ndarray  # [K, D]
    log_sigma: np.ndarray  # [K]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(x, logits, mu, log_sigma):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x, logits, mu, log_sigma):
        _call = _direct_value_kernel.run
        _found = _call(x, logits, mu, log_sigma)
    else:
        _found = value_kernel(*_checked(x, logits, mu, log_sigma))
    return _found[0]


def value_and_grad(x, logits, mu, log_sigma):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x, logits, mu, log_sigma):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(x, logits, mu, log_sigma)
    else:
        _found = value_and_grad_kernel(*_checked(x, logits, mu, log_sigma))
    return _found[0], _new(Gradient, _found[1:])


_ARRAY, _REAL = np.ndarray, np.dtype(np.float64)


def _converted(name, x, shape, kind):
    """Return x as an array of float64, int64 or bool in C order; `shape` names its dimensions."""
    if x is None:
        raise TypeError(f"{name} is missing")
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise TypeError(f"{name} is not an array: {error}") from None
    if x.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be {kind}, not {x.dtype}")
    if x.ndim != len(shape):
        wanted = f"an array of shape ({', '.join(shape)}{',' * (len(shape) == 1)})" if shape else "a number"
        raise ValueError(f"{name} must be {wanted}, but has the shape {x.shape}")
    target = {"real": np.float64, "integer": np.int64, "boolean": np.bool_}[kind]
    with np.errstate(invalid="ignore"):
        result = np.require(x, target, "CA")
    if kind != "real" and x.dtype != result.dtype and not np.array_equal(result, x):
        raise TypeError(f"{name} must be {kind}, but has the value {x[x != result].flat[0]}")
    return result


def _checked(x, logits, mu, log_sigma):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if x.__class__ is not _ARRAY or x.dtype is not _REAL or x.ndim != 2 or not x.flags.carray:
        x = _converted("x", x, ("N", "D"), "real")
    if logits.__class__ is not _ARRAY or logits.dtype is not _REAL or logits.ndim != 1 or not logits.flags.carray:
        logits = _converted("logits", logits, ("K",), "real")
    if mu.__class__ is not _ARRAY or mu.dtype is not _REAL or mu.ndim != 2 or not mu.flags.carray:
        mu = _converted("mu", mu, ("K", "D"), "real")
    if log_sigma.__class__ is not _ARRAY or log_sigma.dtype is not _REAL or log_sigma.ndim != 1 or not log_sigma.flags.carray:
        log_sigma = _converted("log_sigma", log_sigma, ("K",), "real")
    N, D = x.shape
    K = logits.shape[0]
    if mu.shape[0] != K:
        raise ValueError(f"mu has {mu.shape[0]} rows, but K = {K} from logits")
    if mu.shape[1] != D:
        raise ValueError(f"mu has {mu.shape[1]} columns, but D = {D} from x")
    if log_sigma.shape[0] != K:
        raise ValueError(f"log_sigma has {log_sigma.shape[0]} elements, but K = {K} from logits")
    return x, logits, mu, log_sigma


class _Direct:
    """A kernel for arguments of known types: `run` is its machine code, which does not look at them again.

    It is compiled when `run` was called as often as `after` says; until then it returns None.
    """

    def __init__(self, kernel, after, *types):
        self.kernel, self.after, self.left, self.types = kernel, after, after, types
        self.run = self._first
        if not hasattr(kernel, "compile"):  # with NUMBA_DISABLE_JIT it is a function of Python's
            self.run = self._none if after else kernel

    def _none(self, *arguments):
        return None

    def _first(self, *arguments):
        if self.left > 0:
            self.left -= 1
            return None
        self.run = self.kernel.compile(self.types)
        return self.run(*arguments)

    def __reduce__(self):
        return _Direct, (self.kernel, self.after, *self.types)


_ANY = types.Object(object)  # an argument that a kernel is given as it is


def _field(builder, array, number):
    """Return a field of an array as NumPy's C interface has it: PyArrayObject_fields, numbered from the head."""
    head, pointer, whole = ir.ArrayType(ir.IntType(8), object.__basicsize__), ir.IntType(8).as_pointer(), ir.IntType(32)
    sizes = ir.IntType(types.intp.bitwidth).as_pointer()
    # data, nd, dimensions, strides, base, descr, flags
    fields = ir.LiteralStructType([head, pointer, whole, sizes, sizes, pointer, pointer, whole])
    array = builder.bitcast(array, fields.as_pointer())
    return builder.load(builder.gep(array, [whole(0), whole(number)]))


@intrinsic
def _is_array(context, x, array, dtype, rank):
    """Is an object of the class `array` and of this type and rank, in C order, aligned and writable?"""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        x, array, dtype, rank = values
        found = api.object_type(x)
        api.decref(found)
        same = builder.icmp_unsigned("==", found, array)
        fits = cgutils.alloca_once_value(builder, same)
        with cgutils.if_likely(builder, same):
            flags = _field(builder, x, 7)
            wanted = flags.type(0x501)  # NPY_ARRAY_CARRAY
            tests = [
                builder.icmp_unsigned("==", builder.bitcast(_field(builder, x, 6), dtype.type), dtype),
                builder.icmp_unsigned("==", builder.and_(flags, wanted), wanted),
                builder.icmp_signed("==", builder.sext(_field(builder, x, 2), rank.type), rank),
            ]
            builder.store(builder.and_(builder.and_(tests[0], tests[1]), tests[2]), fits)
        return builder.load(fits)

    return types.boolean(x, array, dtype, types.intp), code


@intrinsic
def _size(context, x, axis):
    """The size of an axis of such an array."""

    def code(context, builder, signature, values):
        return builder.load(builder.gep(_field(builder, values[0], 3), [values[1]]))

    return types.intp(x, types.intp), code


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _fit(_array, _real, x, logits, mu, log_sigma):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(x, _array, _real, 2)):
        return False
    if not (_is_array(logits, _array, _real, 1)):
        return False
    if not (_is_array(mu, _array, _real, 2)):
        return False
    if not (_is_array(log_sigma, _array, _real, 1)):
        return False
    N = _size(x, 0)
    D = _size(x, 1)
    K = _size(logits, 0)
    return _size(mu, 0) == K and _size(mu, 1) == D and _size(log_sigma, 0) == K


_fitting = _Direct(_fit, 100, *[_ANY] * 6)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[::1], types.float64[:, ::1], types.float64[::1],
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
