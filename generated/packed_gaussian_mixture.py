# Made by gradcompile 0.1.0 from examples/packed_gaussian_mixture.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: d918ac395880d994b4529db3dd9512a9649fca12c1bea32dfea8d474e138e0eb
# options: --target numba --emit value,value_and_grad
# operations: value 3*D**2*K*N + 6*D*K*N + D**2*K + 4*D*K + 4*D**2 + 3*K*N + 10*D + 5*K + N + 30; value_and_grad (16*D**2*K*N + 24*D*K*N + 7*D**2*K + 21*D*K + 8*D**2 + 14*K*N + 20*D + 20*K + 2*N + 66)//2
# --- certificate ---
# graph: value loss: proved (sympy), equal to the formula, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient alpha: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient mu: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient q: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
# graph: gradient l: proved (sympy), equal to SymPy's derivative, for some whole numbers; agrees for others to 50 digits at 2 points
# code: N = 2, D = 4, K = 3: agrees, within 2^0 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: D = 0: agrees, within 2^0 units in the last place
# code: K = 0: agrees, within 2^0 units in the last place, NaN where the formula has it
# code: N = 9: agrees, within 2^0 units in the last place
# code: D = 7: agrees, within 2^0 units in the last place
# code: K = 11: agrees, within 2^0 units in the last place
# claim, line 25: proved (sympy), grad(loss, joint) == -share
# claim, line 26: proved (sympy), grad(loss, alpha) == N * softmax(alpha) - sum(share, axis=0)
# claim, line 27: proved (sympy), grad(loss, scaled) == share[:, :, None] * scaled
# --- end of certificate ---

"""Gaussian mixture with full covariances: negative log-likelihood, with a Wishart prior on the precisions.

    from packed_gaussian_mixture import value, value_and_grad
    loss = value(x, alpha, mu, q, l, gamma, m=0)
    loss, gradient = value_and_grad(x, alpha, mu, q, l, gamma, m=0)

Arguments: x[N, D], alpha[K] (differentiated), mu[K, D] (differentiated), q[K, D] (differentiated), l[K, (D**2
- D)//2] (differentiated), gamma, m.
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


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _plus(total, x):
    """Return total + x. The order of a sum is free, so it runs in the lanes of vector registers."""
    return total + x


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log_parts(x):
    """k and f with x = 2^k * (1 + f), x normal and sqrt(1/2) <= 1 + f < sqrt(2), from the bits of x."""
    bits = np.float64(x).view(np.int64) + 0x95f619980c433
    k = np.int64(bits >> 52 & 2047 | 0x4330000000000000).view(np.float64) - 4503599627371519.0
    return k, np.int64((bits & 0xfffffffffffff) + 0x3fe6a09e667f3bcd).view(np.float64) - 1.0


@intrinsic
def _fma(context, a, b, c):
    """a * b + c with one rounding."""
    return a(a, b, c), lambda context, builder, signature, values: builder.fma(*values)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _log_and_rest(k, f):
    """k*log(2) + log(1 + f) as the sum of two numbers, the second of which has the rounding of the first."""
    s = f / (2.0 + f)
    z = s * s
    h = 0.5 * f * f
    less = h - (s * (h + z * (0.6666666666666734 + z * (0.3999999999941438 + z * 0.2857142874246403 + z * z * (0.22222198564359882 + z * 0.181835648326685) + z * z * (z * z) * 
        (0.15314036442224369 + z * 0.14796101686198612)))) + k * 7.371002565167799e-13)
    part = f - less
    whole = k * 0.6931471805592082
    log = whole + part
    return log, ((whole - log) + part) + ((f - part) - less)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _lgamma_of_1_plus(s):
    """lgamma(1 + s) for s >= 0: s*(s - 1)*p(s), from s = 1.5 on y*(log(y) - 1) + log(2*pi)/2 + y*v*q(v)."""
    t, less = s - 0.75, s - 1.0
    zeros = s * less
    zeros_low = _fma(s, less, -zeros) + s * (s - (less + 1.0))
    p = (0.4501393121092563 + t * (-0.11948158662524266 + t * 0.04452044719850938 + t * t * (-0.019053957830261432 + t * 0.00877637042528008) + t * t * (t * t) * 
        (-0.0042261941251615165 + t * 0.0020955338791631565 + t * t * (-0.0010605660943991736 + t * 0.0005448970038152341) + t * t * (t * t) * 
        (-0.0002831903531971768 + t * 0.00014851662825512448 + t * t * (-7.846410280667073e-05 + t * 4.170633056644944e-05) + t * t * (t * t) * 
        (-2.2267968953733308e-05 + t * 1.1945625562372968e-05 + t * t * (-6.4886134803503834e-06 + t * 3.517434645184832e-06) + t * t * (t * t) * 
        (-1.7661360494800196e-06 + t * 9.406269637215339e-07 + t * t * (-7.581544524149857e-07 + t * 4.3683450560781365e-07) + t * t * (t * t) * 
        (3.539794551329758e-08 + t * -3.4876122861625757e-08 + t * t * (-1.5819370896152096e-07 + t * 9.157635965068852e-08))))))))
    near = _fma(zeros, p, zeros_low * p)
    y = s + 0.5
    v = 1.0 / (y * y + 1.0)
    k, f = _log_parts(y)
    log, log_low = _log_and_rest(k, f)
    m = log - 1.0
    main = _fma(y, m, 0.0)
    main_low = _fma(y, m, -main) + y * (log_low + ((log - m) - 1.0))
    sum = main + 0.9189385332046728
    rest = main_low + (-3.8782941580672414e-17 + y * v * (-0.0416666666666444 + v * (-0.039236111117307175 + v * -0.03757440412120301 + v * v * (-0.036090994597682106 + v * -0.035034142182156905) + v * v * (v * v) * 
        (-0.03360597623317007 + v * -0.0339127266281191 + v * v * (-0.02945396872257431 + v * -0.03595715040234476) + v * v * (v * v) * 
        (-0.033488849953608714 + v * 0.006025709861329028 + v * v * (-0.10120222913158511))))))
    far = sum + (((0.9189385332046728 - sum) + main) + rest)
    far = main if main == np.inf else far
    return near if s < 1.5 else far


@njit(cache=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
def _lgamma(x):
    """The logarithm of |gamma(x)|, within 2 units in the last place, for x < 0 of 1 or of what rounding x comes to.

    For |x| < 1 less log(|x|) by a step, for x < 0 turned round and less log(|x*sin(pi*x)|/pi) by reflection.
    """
    a = abs(x)
    small, negative = a < 1.0, x < 0.0
    y = _lgamma_of_1_plus(a if small else a - 1.0)
    r = abs(a - np.rint(a))
    w = r * r
    sine = r + r * w * (-1.6449340668482264 + w * (0.8117424252833418 + w * -0.1907518241215601 + w * w * (0.026147847806413608 + w * -0.002346080902041691) + w * w * (w * w) * 
        (0.00014842786991578428 + w * -6.9721650652416235e-06 + w * w * (2.4509117848770714e-07))))
    q = (sine if small else a * sine) if negative else a
    k, f = _log_parts(q * 1.8014398509481984e+16)
    log, log_low = _log_and_rest(k - 54.0, f)
    turned = ((-y if negative else y) - log_low) - log
    turned = turned if q > 0.0 else np.inf
    return turned if negative | small else y


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
def value_kernel(x, alpha, mu, q, l, gamma, m):
    N, D = x.shape
    K = alpha.shape[0]
    t1 = 0.5 * N  # line 15
    t2 = t1 * D  # line 15
    t3 = 2 * 3.141592653589793  # line 15
    t4 = np.log(t3)  # line 15
    t5 = t2 * t4  # line 15
    t6 = D + m  # line 17
    freedom = t6 + 1  # line 17
    t7 = 0.25 * D  # line 18
    t8 = t7 * (D - 1)  # line 18
    t9 = np.log(3.141592653589793)  # line 18
    t10 = t8 * t9  # line 18
    t11 = freedom * D  # line 19
    t12 = np.sqrt(2)  # line 19
    t13 = gamma / t12  # line 19
    t14 = np.log(t13)  # line 19
    t15 = t11 * t14  # line 19
    t16 = gamma * gamma  # line 20
    t17 = 0.5 * t16  # line 20
    t19 = _own(np.empty((K, D), np.float64))
    t20 = _own(np.empty((K,), np.float64))
    t23 = 0.0
    # over k, i: t19, t23, t20; 5*D*K operations, 16*D*K + 8*K bytes
    for k in range(K):
        t20_k = 0.0
        for i in range(D):
            q_ik = q[k, i]
            t18 = _exp(q_ik)  # line 11
            t19[k, i] = t18
            t20_k = _plus(t20_k, q_ik)  # line 14
            t21 = 2 * q_ik  # line 20
            t22 = _exp(t21)  # line 20
            t23 = _plus(t23, t22)  # line 20
        t20[k] = t20_k
    t29 = _own(np.empty((D,), np.int64))
    # over j: t29; 5*D operations, 8*D bytes
    for j in range(D):
        t24 = j + 1  # line 12
        t25 = j * t24  # line 12
        t26 = t25 // 2  # line 12
        t27 = j * D  # line 12
        t28 = t27 - t26  # line 12
        t29[j] = t28
    t33 = 0.0
    # over i: t33; 5*D operations, 0 bytes
    for i in range(D):
        t30 = freedom - i  # line 18
        t31 = 0.5 * t30  # line 18
        t32 = _lgamma(t31)  # line 18
        t33 = _plus(t33, t32)  # line 18
    lgamma_of_matrix = t10 + t33  # line 18
    normaliser = t15 - lgamma_of_matrix  # line 19
    t34 = K * normaliser  # line 20
    t35 = 0.0
    t36 = -np.inf
    # over k: t35, t36; 2*K operations, 16*K bytes
    for k in range(K):
        t20_k_ = t20[k]
        t35 = _plus(t35, t20_k_)  # line 20
        alpha_k = alpha[k]
        t36 = _larger(t36, alpha_k)  # line 15
    t37 = m * t35  # line 20
    t38 = t36 if np.isfinite(t36) else 0.0  # line 15
    t40 = 0.0
    # over k, i_: t40; D**2*K - D*K operations, 4*D**2*K - 4*D*K bytes
    for k in range(K):
        for i_ in range((D**2 - D)//2):
            l_i_k = l[k, i_]
            t39 = l_i_k * l_i_k  # line 20
            t40 = _plus(t40, t39)  # line 20
    t41 = t23 + t40  # line 20
    t42 = t17 * t41  # line 20
    t43 = t42 - t37  # line 20
    prior = t43 - t34  # line 20
    t46 = 0.0
    # over k: t46; 3*K operations, 8*K bytes
    for k in range(K):
        alpha_k = alpha[k]
        t44 = alpha_k - t38  # line 15
        t45 = _exp(t44)  # line 15
        t46 = _plus(t46, t45)  # line 15
    t47 = np.log(t46)  # line 15
    t48 = t38 + t47  # line 15
    t49 = N * t48  # line 15
    t71 = 0.0
    # stage along N: block by block, with D*K + D + K + 2 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (D*K + D + K + 3) // 32 * 32)))
    size = min(block, N)
    x__ = _own(np.empty((D, size), np.float64))
    t57 = _own(np.empty((K, D, size), np.float64))
    t61 = _own(np.empty((K, size), np.float64))
    t64 = _own(np.empty((size,), np.float64))
    t68 = _own(np.empty((size,), np.float64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            x__ = _own(np.empty((D, size), np.float64))
            t57 = _own(np.empty((K, D, size), np.float64))
            t61 = _own(np.empty((K, size), np.float64))
            t64 = _own(np.empty((size,), np.float64))
            t68 = _own(np.empty((size,), np.float64))
        x_ = x[n0 : n0 + size]
        _turn(x_, x__)
        t57[...] = 0.0
        # over k, i, j, n: t57; 3*D**2*K*N + 4*D**2*K operations, 24*D**2*K*N + 24*D**2*K bytes
        for k in range(K):
            edge = D - (D - 0) % 2
            for i in range(0, edge, 2):
                i_1 = i + 1
                edge_ = i - (i - 0) % 4
                for j in range(0, edge_, 4):
                    j_1 = j + 1
                    j_2 = j + 2
                    j_3 = j + 3
                    mu_jk = mu[k, j]
                    mu_jk_1 = mu[k, j_1]
                    mu_jk_2 = mu[k, j_2]
                    mu_jk_3 = mu[k, j_3]
                    t51 = j < i  # line 12
                    t51_1_ = j_1 < i  # line 12
                    t51_2 = j_2 < i  # line 12
                    t51_3 = j_3 < i  # line 12
                    t51_1 = j < i_1  # line 12
                    t51_1_1 = j_1 < i_1  # line 12
                    t51_1_2 = j_2 < i_1  # line 12
                    t51_1_3 = j_3 < i_1  # line 12
                    t28 = t29[j]
                    t28_1 = t29[j_1]
                    t28_2 = t29[j_2]
                    t28_3 = t29[j_3]
                    t52 = t28 + i  # line 12
                    t52_1_ = t28_1 + i  # line 12
                    t52_2 = t28_2 + i  # line 12
                    t52_3 = t28_3 + i  # line 12
                    t52_1 = t28 + i_1  # line 12
                    t52_1_1 = t28_1 + i_1  # line 12
                    t52_1_2 = t28_2 + i_1  # line 12
                    t52_1_3 = t28_3 + i_1  # line 12
                    t53 = t52 - j  # line 12
                    t53_1_ = t52_1_ - j_1  # line 12
                    t53_2 = t52_2 - j_2  # line 12
                    t53_3 = t52_3 - j_3  # line 12
                    t53_1 = t52_1 - j  # line 12
                    t53_1_1 = t52_1_1 - j_1  # line 12
                    t53_1_2 = t52_1_2 - j_2  # line 12
                    t53_1_3 = t52_1_3 - j_3  # line 12
                    t54 = t53 - 1  # line 12
                    t54_1_ = t53_1_ - 1  # line 12
                    t54_2 = t53_2 - 1  # line 12
                    t54_3 = t53_3 - 1  # line 12
                    t54_1 = t53_1 - 1  # line 12
                    t54_1_1 = t53_1_1 - 1  # line 12
                    t54_1_2 = t53_1_2 - 1  # line 12
                    t54_1_3 = t53_1_3 - 1  # line 12
                    t55 = l[k, t54]
                    t55_1_ = l[k, t54_1_]
                    t55_2 = l[k, t54_2]
                    t55_3 = l[k, t54_3]
                    t55_1 = l[k, t54_1]
                    t55_1_1 = l[k, t54_1_1]
                    t55_1_2 = l[k, t54_1_2]
                    t55_1_3 = l[k, t54_1_3]
                    for n in range(size):
                        x_jn = x__[j, n]
                        x_jn_1 = x__[j_1, n]
                        x_jn_2 = x__[j_2, n]
                        x_jn_3 = x__[j_3, n]
                        t50 = x_jn - mu_jk  # line 12
                        t50_1 = x_jn_1 - mu_jk_1  # line 12
                        t50_2 = x_jn_2 - mu_jk_2  # line 12
                        t50_3 = x_jn_3 - mu_jk_3  # line 12
                        t56 = t55 * t50  # line 12
                        t56_1_ = t55_1_ * t50_1  # line 12
                        t56_2 = t55_2 * t50_2  # line 12
                        t56_3 = t55_3 * t50_3  # line 12
                        t56_1 = t55_1 * t50  # line 12
                        t56_1_1 = t55_1_1 * t50_1  # line 12
                        t56_1_2 = t55_1_2 * t50_2  # line 12
                        t56_1_3 = t55_1_3 * t50_3  # line 12
                        t57_ = t57[k, i, n]
                        t57_ = t57_ + t56  # line 12
                        t57_ = t57_ + t56_1_  # line 12
                        t57_ = t57_ + t56_2  # line 12
                        t57_ = t57_ + t56_3  # line 12
                        t57[k, i, n] = t57_
                        t57_2 = t57[k, i_1, n]
                        t57_2 = t57_2 + t56_1  # line 12
                        t57_2 = t57_2 + t56_1_1  # line 12
                        t57_2 = t57_2 + t56_1_2  # line 12
                        t57_2 = t57_2 + t56_1_3  # line 12
                        t57[k, i_1, n] = t57_2
                for j in range(edge_, i):
                    mu_jk = mu[k, j]
                    t51 = j < i  # line 12
                    t51_1 = j < i_1  # line 12
                    t28 = t29[j]
                    t52 = t28 + i  # line 12
                    t52_1 = t28 + i_1  # line 12
                    t53 = t52 - j  # line 12
                    t53_1 = t52_1 - j  # line 12
                    t54 = t53 - 1  # line 12
                    t54_1 = t53_1 - 1  # line 12
                    t55 = l[k, t54]
                    t55_1 = l[k, t54_1]
                    for n in range(size):
                        x_jn = x__[j, n]
                        t50 = x_jn - mu_jk  # line 12
                        t56 = t55 * t50  # line 12
                        t56_1 = t55_1 * t50  # line 12
                        t57[k, i, n] += t56  # line 12
                        t57[k, i_1, n] += t56_1  # line 12
                j = i
                mu_jk = mu[k, j]
                t51_1 = j < i_1  # line 12
                t28 = t29[j]
                t52_1 = t28 + i_1  # line 12
                t53_1 = t52_1 - j  # line 12
                t54_1 = t53_1 - 1  # line 12
                t55_1 = l[k, t54_1]
                for n in range(size):
                    x_jn = x__[j, n]
                    t50 = x_jn - mu_jk  # line 12
                    t56_1 = t55_1 * t50  # line 12
                    t57[k, i_1, n] += t56_1  # line 12
            for i in range(edge, D):
                edge_2 = i - (i - 0) % 4
                for j in range(0, edge_2, 4):
                    j_1_ = j + 1
                    j_2_ = j + 2
                    j_3_ = j + 3
                    mu_jk = mu[k, j]
                    mu_jk_1_ = mu[k, j_1_]
                    mu_jk_2_ = mu[k, j_2_]
                    mu_jk_3_ = mu[k, j_3_]
                    t51 = j < i  # line 12
                    t51_1_4 = j_1_ < i  # line 12
                    t51_2_ = j_2_ < i  # line 12
                    t51_3_ = j_3_ < i  # line 12
                    t28 = t29[j]
                    t28_1_ = t29[j_1_]
                    t28_2_ = t29[j_2_]
                    t28_3_ = t29[j_3_]
                    t52 = t28 + i  # line 12
                    t52_1_4 = t28_1_ + i  # line 12
                    t52_2_ = t28_2_ + i  # line 12
                    t52_3_ = t28_3_ + i  # line 12
                    t53 = t52 - j  # line 12
                    t53_1_4 = t52_1_4 - j_1_  # line 12
                    t53_2_ = t52_2_ - j_2_  # line 12
                    t53_3_ = t52_3_ - j_3_  # line 12
                    t54 = t53 - 1  # line 12
                    t54_1_4 = t53_1_4 - 1  # line 12
                    t54_2_ = t53_2_ - 1  # line 12
                    t54_3_ = t53_3_ - 1  # line 12
                    t55 = l[k, t54]
                    t55_1_4 = l[k, t54_1_4]
                    t55_2_ = l[k, t54_2_]
                    t55_3_ = l[k, t54_3_]
                    for n in range(size):
                        x_jn = x__[j, n]
                        x_jn_1_ = x__[j_1_, n]
                        x_jn_2_ = x__[j_2_, n]
                        x_jn_3_ = x__[j_3_, n]
                        t50 = x_jn - mu_jk  # line 12
                        t50_1_ = x_jn_1_ - mu_jk_1_  # line 12
                        t50_2_ = x_jn_2_ - mu_jk_2_  # line 12
                        t50_3_ = x_jn_3_ - mu_jk_3_  # line 12
                        t56 = t55 * t50  # line 12
                        t56_1_4 = t55_1_4 * t50_1_  # line 12
                        t56_2_ = t55_2_ * t50_2_  # line 12
                        t56_3_ = t55_3_ * t50_3_  # line 12
                        t57_3 = t57[k, i, n]
                        t57_3 = t57_3 + t56  # line 12
                        t57_3 = t57_3 + t56_1_4  # line 12
                        t57_3 = t57_3 + t56_2_  # line 12
                        t57_3 = t57_3 + t56_3_  # line 12
                        t57[k, i, n] = t57_3
                for j in range(edge_2, i):
                    mu_jk = mu[k, j]
                    t51 = j < i  # line 12
                    t28 = t29[j]
                    t52 = t28 + i  # line 12
                    t53 = t52 - j  # line 12
                    t54 = t53 - 1  # line 12
                    t55 = l[k, t54]
                    for n in range(size):
                        x_jn = x__[j, n]
                        t50 = x_jn - mu_jk  # line 12
                        t56 = t55 * t50  # line 12
                        t57[k, i, n] += t56  # line 12
        t61[...] = 0.0
        # over k, i, n: t61; 5*D*K*N operations, 32*D*K*N + 16*D*K bytes
        for k in range(K):
            edge_3 = D - (D - 0) % 4
            for i in range(0, edge_3, 4):
                i_1_ = i + 1
                i_2 = i + 2
                i_3 = i + 3
                mu_ik = mu[k, i]
                mu_ik_1 = mu[k, i_1_]
                mu_ik_2 = mu[k, i_2]
                mu_ik_3 = mu[k, i_3]
                t18 = t19[k, i]
                t18_1 = t19[k, i_1_]
                t18_2 = t19[k, i_2]
                t18_3 = t19[k, i_3]
                for n in range(size):
                    t57_ikn = t57[k, i, n]
                    t57_ikn_1 = t57[k, i_1_, n]
                    t57_ikn_2 = t57[k, i_2, n]
                    t57_ikn_3 = t57[k, i_3, n]
                    x_in = x__[i, n]
                    x_in_1 = x__[i_1_, n]
                    x_in_2 = x__[i_2, n]
                    x_in_3 = x__[i_3, n]
                    t58 = x_in - mu_ik  # line 11
                    t58_1 = x_in_1 - mu_ik_1  # line 11
                    t58_2 = x_in_2 - mu_ik_2  # line 11
                    t58_3 = x_in_3 - mu_ik_3  # line 11
                    t59 = t18 * t58  # line 11
                    t59_1 = t18_1 * t58_1  # line 11
                    t59_2 = t18_2 * t58_2  # line 11
                    t59_3 = t18_3 * t58_3  # line 11
                    scaled = t59 + t57_ikn  # line 11
                    scaled_1 = t59_1 + t57_ikn_1  # line 11
                    scaled_2 = t59_2 + t57_ikn_2  # line 11
                    scaled_3 = t59_3 + t57_ikn_3  # line 11
                    t60 = scaled * scaled  # line 14
                    t60_1 = scaled_1 * scaled_1  # line 14
                    t60_2 = scaled_2 * scaled_2  # line 14
                    t60_3 = scaled_3 * scaled_3  # line 14
                    t61_ = t61[k, n]
                    t61_ = t61_ + t60  # line 14
                    t61_ = t61_ + t60_1  # line 14
                    t61_ = t61_ + t60_2  # line 14
                    t61_ = t61_ + t60_3  # line 14
                    t61[k, n] = t61_
            for i in range(edge_3, D):
                mu_ik = mu[k, i]
                t18 = t19[k, i]
                for n in range(size):
                    t57_ikn = t57[k, i, n]
                    x_in = x__[i, n]
                    t58 = x_in - mu_ik  # line 11
                    t59 = t18 * t58  # line 11
                    scaled = t59 + t57_ikn  # line 11
                    t60 = scaled * scaled  # line 14
                    t61[k, n] += t60  # line 14
        t64[...] = -np.inf
        # over k, n: t64; 3*K*N + K operations, 24*K*N + 16*K bytes
        for k in range(K):
            t20_k_ = t20[k]
            alpha_k = alpha[k]
            t63 = alpha_k + t20_k_  # line 14
            for n in range(size):
                t61_kn = t61[k, n]
                t62 = 0.5 * t61_kn  # line 14
                joint = t63 - t62  # line 14
                t64[n] = joint if joint > t64[n] or joint != joint else t64[n]  # line 15
        t68[...] = 0.0
        # over k, n: t68; 7*K*N + K operations, 32*K*N + 16*K bytes
        for k in range(K):
            t20_k_ = t20[k]
            alpha_k = alpha[k]
            t63 = alpha_k + t20_k_  # line 14
            for n in range(size):
                t64_n = t64[n]
                t65 = t64_n if np.isfinite(t64_n) else 0.0  # line 15
                t61_kn = t61[k, n]
                t62 = 0.5 * t61_kn  # line 14
                joint = t63 - t62  # line 14
                t66 = joint - t65  # line 15
                t67 = _exp(t66)  # line 15
                t68[n] += t67  # line 15
        t71_ = 0.0
        # over n: t71_; 5*N operations, 16*N bytes
        for n in range(size):
            t68_n = t68[n]
            t69 = _log(t68_n)  # line 15
            t64_n = t64[n]
            t65 = t64_n if np.isfinite(t64_n) else 0.0  # line 15
            t70 = t65 + t69  # line 15
            t71_ = _plus(t71_, t70)  # line 15
        t71 = _plus(t71, t71_)  # line 15
    t72 = t71 - t49  # line 15
    loglik = t72 - t5  # line 15
    loss = prior - loglik  # line 21
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(x, alpha, mu, q, l, gamma, m):
    N, D = x.shape
    K = alpha.shape[0]
    t1 = 0.5 * N  # line 15
    t2 = t1 * D  # line 15
    t3 = 2 * 3.141592653589793  # line 15
    t4 = np.log(t3)  # line 15
    t5 = t2 * t4  # line 15
    t6 = D + m  # line 17
    freedom = t6 + 1  # line 17
    t7 = 0.25 * D  # line 18
    t8 = t7 * (D - 1)  # line 18
    t9 = np.log(3.141592653589793)  # line 18
    t10 = t8 * t9  # line 18
    t11 = freedom * D  # line 19
    t12 = np.sqrt(2)  # line 19
    t13 = gamma / t12  # line 19
    t14 = np.log(t13)  # line 19
    t15 = t11 * t14  # line 19
    t16 = gamma * gamma  # line 20
    t17 = 0.5 * t16  # line 20
    t18 = float(N)  # backward of line 15: mul gate
    t19 = -m  # backward of line 20: mul gate
    t20 = float(t19)  # backward of line 20: mul gate
    t22 = _own(np.empty((K, D), np.float64))
    t23 = _own(np.empty((K,), np.float64))
    t26 = _own(np.empty((K, D), np.float64))
    t27 = 0.0
    # over k, i: t22, t26, t27, t23; 5*D*K operations, 24*D*K + 8*K bytes
    for k in range(K):
        t23_k = 0.0
        for i in range(D):
            q_ik = q[k, i]
            t21 = _exp(q_ik)  # line 11
            t22[k, i] = t21
            t23_k = _plus(t23_k, q_ik)  # line 14
            t24 = 2 * q_ik  # line 20
            t25 = _exp(t24)  # line 20
            t26[k, i] = t25
            t27 = _plus(t27, t25)  # line 20
        t23[k] = t23_k
    t33 = _own(np.empty((D,), np.int64))
    # over j: t33; 5*D operations, 8*D bytes
    for j in range(D):
        t28 = j + 1  # line 12
        t29 = j * t28  # line 12
        t30 = t29 // 2  # line 12
        t31 = j * D  # line 12
        t32 = t31 - t30  # line 12
        t33[j] = t32
    t37 = 0.0
    # over i: t37; 5*D operations, 0 bytes
    for i in range(D):
        t34 = freedom - i  # line 18
        t35 = 0.5 * t34  # line 18
        t36 = _lgamma(t35)  # line 18
        t37 = _plus(t37, t36)  # line 18
    lgamma_of_matrix = t10 + t37  # line 18
    normaliser = t15 - lgamma_of_matrix  # line 19
    t38 = K * normaliser  # line 20
    t39 = 0.0
    t40 = -np.inf
    # over k: t39, t40; 2*K operations, 16*K bytes
    for k in range(K):
        t23_k_ = t23[k]
        t39 = _plus(t39, t23_k_)  # line 20
        alpha_k = alpha[k]
        t40 = _larger(t40, alpha_k)  # line 15
    t41 = m * t39  # line 20
    t42 = t40 if np.isfinite(t40) else 0.0  # line 15
    t44 = 0.0
    # over k, i_: t44; D**2*K - D*K operations, 4*D**2*K - 4*D*K bytes
    for k in range(K):
        for i_ in range((D**2 - D)//2):
            l_i_k = l[k, i_]
            t43 = l_i_k * l_i_k  # line 20
            t44 = _plus(t44, t43)  # line 20
    t45 = t27 + t44  # line 20
    t46 = t17 * t45  # line 20
    t47 = t46 - t41  # line 20
    prior = t47 - t38  # line 20
    t50 = _own(np.empty((K,), np.float64))
    t51 = 0.0
    # over k: t50, t51; 3*K operations, 16*K bytes
    for k in range(K):
        alpha_k = alpha[k]
        t48 = alpha_k - t42  # line 15
        t49 = _exp(t48)  # line 15
        t50[k] = t49
        t51 = _plus(t51, t49)  # line 15
    t52 = np.log(t51)  # line 15
    t53 = t42 + t52  # line 15
    t54 = N * t53  # line 15
    t55 = 1.0 / t51  # backward of line 15: logsumexp gate
    t78 = 0.0
    t82 = _own(np.zeros((K,), np.float64))
    t86 = _own(np.zeros((K, D), np.float64))
    t87 = _own(np.zeros((K, D), np.float64))
    t89 = _own(np.zeros((K, D, D), np.float64))
    # stage along N: block by block, with 2*D*K + D + 2*K + 3 numbers for each position in buffers
    block = min(N // 2 + 4, max(64, min(256, 65536 // (2*D*K + D + 2*K + 4) // 32 * 32)))
    size = min(block, N)
    x__ = _own(np.empty((D, size), np.float64))
    t63 = _own(np.empty((K, D, size), np.float64))
    t67 = _own(np.empty((K, size), np.float64))
    t70 = _own(np.empty((size,), np.float64))
    t74 = _own(np.empty((K, size), np.float64))
    t75 = _own(np.empty((size,), np.float64))
    t80 = _own(np.empty((size,), np.float64))
    dscaled = _own(np.empty((K, D, size), np.float64))
    for n0 in range(0, N, block):
        if N - n0 < size:  # the last block
            size = N - n0
            x__ = _own(np.empty((D, size), np.float64))
            t63 = _own(np.empty((K, D, size), np.float64))
            t67 = _own(np.empty((K, size), np.float64))
            t70 = _own(np.empty((size,), np.float64))
            t74 = _own(np.empty((K, size), np.float64))
            t75 = _own(np.empty((size,), np.float64))
            t80 = _own(np.empty((size,), np.float64))
            dscaled = _own(np.empty((K, D, size), np.float64))
        x_ = x[n0 : n0 + size]
        _turn(x_, x__)
        t63[...] = 0.0
        # over k, i, j, n: t63; 3*D**2*K*N + 4*D**2*K operations, 24*D**2*K*N + 24*D**2*K bytes
        for k in range(K):
            edge = D - (D - 0) % 2
            for i in range(0, edge, 2):
                i_1 = i + 1
                edge_ = i - (i - 0) % 4
                for j in range(0, edge_, 4):
                    j_1 = j + 1
                    j_2 = j + 2
                    j_3 = j + 3
                    mu_jk = mu[k, j]
                    mu_jk_1 = mu[k, j_1]
                    mu_jk_2 = mu[k, j_2]
                    mu_jk_3 = mu[k, j_3]
                    t57 = j < i  # line 12
                    t57_1_ = j_1 < i  # line 12
                    t57_2 = j_2 < i  # line 12
                    t57_3 = j_3 < i  # line 12
                    t57_1 = j < i_1  # line 12
                    t57_1_1 = j_1 < i_1  # line 12
                    t57_1_2 = j_2 < i_1  # line 12
                    t57_1_3 = j_3 < i_1  # line 12
                    t32 = t33[j]
                    t32_1 = t33[j_1]
                    t32_2 = t33[j_2]
                    t32_3 = t33[j_3]
                    t58 = t32 + i  # line 12
                    t58_1_ = t32_1 + i  # line 12
                    t58_2 = t32_2 + i  # line 12
                    t58_3 = t32_3 + i  # line 12
                    t58_1 = t32 + i_1  # line 12
                    t58_1_1 = t32_1 + i_1  # line 12
                    t58_1_2 = t32_2 + i_1  # line 12
                    t58_1_3 = t32_3 + i_1  # line 12
                    t59 = t58 - j  # line 12
                    t59_1_ = t58_1_ - j_1  # line 12
                    t59_2 = t58_2 - j_2  # line 12
                    t59_3 = t58_3 - j_3  # line 12
                    t59_1 = t58_1 - j  # line 12
                    t59_1_1 = t58_1_1 - j_1  # line 12
                    t59_1_2 = t58_1_2 - j_2  # line 12
                    t59_1_3 = t58_1_3 - j_3  # line 12
                    t60 = t59 - 1  # line 12
                    t60_1_ = t59_1_ - 1  # line 12
                    t60_2 = t59_2 - 1  # line 12
                    t60_3 = t59_3 - 1  # line 12
                    t60_1 = t59_1 - 1  # line 12
                    t60_1_1 = t59_1_1 - 1  # line 12
                    t60_1_2 = t59_1_2 - 1  # line 12
                    t60_1_3 = t59_1_3 - 1  # line 12
                    t61 = l[k, t60]
                    t61_1_ = l[k, t60_1_]
                    t61_2 = l[k, t60_2]
                    t61_3 = l[k, t60_3]
                    t61_1 = l[k, t60_1]
                    t61_1_1 = l[k, t60_1_1]
                    t61_1_2 = l[k, t60_1_2]
                    t61_1_3 = l[k, t60_1_3]
                    for n in range(size):
                        x_jn = x__[j, n]
                        x_jn_1 = x__[j_1, n]
                        x_jn_2 = x__[j_2, n]
                        x_jn_3 = x__[j_3, n]
                        t56 = x_jn - mu_jk  # line 12
                        t56_1 = x_jn_1 - mu_jk_1  # line 12
                        t56_2 = x_jn_2 - mu_jk_2  # line 12
                        t56_3 = x_jn_3 - mu_jk_3  # line 12
                        t62 = t61 * t56  # line 12
                        t62_1_ = t61_1_ * t56_1  # line 12
                        t62_2 = t61_2 * t56_2  # line 12
                        t62_3 = t61_3 * t56_3  # line 12
                        t62_1 = t61_1 * t56  # line 12
                        t62_1_1 = t61_1_1 * t56_1  # line 12
                        t62_1_2 = t61_1_2 * t56_2  # line 12
                        t62_1_3 = t61_1_3 * t56_3  # line 12
                        t63_ = t63[k, i, n]
                        t63_ = t63_ + t62  # line 12
                        t63_ = t63_ + t62_1_  # line 12
                        t63_ = t63_ + t62_2  # line 12
                        t63_ = t63_ + t62_3  # line 12
                        t63[k, i, n] = t63_
                        t63_2 = t63[k, i_1, n]
                        t63_2 = t63_2 + t62_1  # line 12
                        t63_2 = t63_2 + t62_1_1  # line 12
                        t63_2 = t63_2 + t62_1_2  # line 12
                        t63_2 = t63_2 + t62_1_3  # line 12
                        t63[k, i_1, n] = t63_2
                for j in range(edge_, i):
                    mu_jk = mu[k, j]
                    t57 = j < i  # line 12
                    t57_1 = j < i_1  # line 12
                    t32 = t33[j]
                    t58 = t32 + i  # line 12
                    t58_1 = t32 + i_1  # line 12
                    t59 = t58 - j  # line 12
                    t59_1 = t58_1 - j  # line 12
                    t60 = t59 - 1  # line 12
                    t60_1 = t59_1 - 1  # line 12
                    t61 = l[k, t60]
                    t61_1 = l[k, t60_1]
                    for n in range(size):
                        x_jn = x__[j, n]
                        t56 = x_jn - mu_jk  # line 12
                        t62 = t61 * t56  # line 12
                        t62_1 = t61_1 * t56  # line 12
                        t63[k, i, n] += t62  # line 12
                        t63[k, i_1, n] += t62_1  # line 12
                j = i
                mu_jk = mu[k, j]
                t57_1 = j < i_1  # line 12
                t32 = t33[j]
                t58_1 = t32 + i_1  # line 12
                t59_1 = t58_1 - j  # line 12
                t60_1 = t59_1 - 1  # line 12
                t61_1 = l[k, t60_1]
                for n in range(size):
                    x_jn = x__[j, n]
                    t56 = x_jn - mu_jk  # line 12
                    t62_1 = t61_1 * t56  # line 12
                    t63[k, i_1, n] += t62_1  # line 12
            for i in range(edge, D):
                edge_2 = i - (i - 0) % 4
                for j in range(0, edge_2, 4):
                    j_1_ = j + 1
                    j_2_ = j + 2
                    j_3_ = j + 3
                    mu_jk = mu[k, j]
                    mu_jk_1_ = mu[k, j_1_]
                    mu_jk_2_ = mu[k, j_2_]
                    mu_jk_3_ = mu[k, j_3_]
                    t57 = j < i  # line 12
                    t57_1_4 = j_1_ < i  # line 12
                    t57_2_ = j_2_ < i  # line 12
                    t57_3_ = j_3_ < i  # line 12
                    t32 = t33[j]
                    t32_1_ = t33[j_1_]
                    t32_2_ = t33[j_2_]
                    t32_3_ = t33[j_3_]
                    t58 = t32 + i  # line 12
                    t58_1_4 = t32_1_ + i  # line 12
                    t58_2_ = t32_2_ + i  # line 12
                    t58_3_ = t32_3_ + i  # line 12
                    t59 = t58 - j  # line 12
                    t59_1_4 = t58_1_4 - j_1_  # line 12
                    t59_2_ = t58_2_ - j_2_  # line 12
                    t59_3_ = t58_3_ - j_3_  # line 12
                    t60 = t59 - 1  # line 12
                    t60_1_4 = t59_1_4 - 1  # line 12
                    t60_2_ = t59_2_ - 1  # line 12
                    t60_3_ = t59_3_ - 1  # line 12
                    t61 = l[k, t60]
                    t61_1_4 = l[k, t60_1_4]
                    t61_2_ = l[k, t60_2_]
                    t61_3_ = l[k, t60_3_]
                    for n in range(size):
                        x_jn = x__[j, n]
                        x_jn_1_ = x__[j_1_, n]
                        x_jn_2_ = x__[j_2_, n]
                        x_jn_3_ = x__[j_3_, n]
                        t56 = x_jn - mu_jk  # line 12
                        t56_1_ = x_jn_1_ - mu_jk_1_  # line 12
                        t56_2_ = x_jn_2_ - mu_jk_2_  # line 12
                        t56_3_ = x_jn_3_ - mu_jk_3_  # line 12
                        t62 = t61 * t56  # line 12
                        t62_1_4 = t61_1_4 * t56_1_  # line 12
                        t62_2_ = t61_2_ * t56_2_  # line 12
                        t62_3_ = t61_3_ * t56_3_  # line 12
                        t63_3 = t63[k, i, n]
                        t63_3 = t63_3 + t62  # line 12
                        t63_3 = t63_3 + t62_1_4  # line 12
                        t63_3 = t63_3 + t62_2_  # line 12
                        t63_3 = t63_3 + t62_3_  # line 12
                        t63[k, i, n] = t63_3
                for j in range(edge_2, i):
                    mu_jk = mu[k, j]
                    t57 = j < i  # line 12
                    t32 = t33[j]
                    t58 = t32 + i  # line 12
                    t59 = t58 - j  # line 12
                    t60 = t59 - 1  # line 12
                    t61 = l[k, t60]
                    for n in range(size):
                        x_jn = x__[j, n]
                        t56 = x_jn - mu_jk  # line 12
                        t62 = t61 * t56  # line 12
                        t63[k, i, n] += t62  # line 12
        t67[...] = 0.0
        # over k, i, n: t67; 5*D*K*N operations, 32*D*K*N + 16*D*K bytes
        for k in range(K):
            edge_3 = D - (D - 0) % 4
            for i in range(0, edge_3, 4):
                i_1_ = i + 1
                i_2 = i + 2
                i_3 = i + 3
                mu_ik = mu[k, i]
                mu_ik_1 = mu[k, i_1_]
                mu_ik_2 = mu[k, i_2]
                mu_ik_3 = mu[k, i_3]
                t21 = t22[k, i]
                t21_1 = t22[k, i_1_]
                t21_2 = t22[k, i_2]
                t21_3 = t22[k, i_3]
                for n in range(size):
                    t63_ikn = t63[k, i, n]
                    t63_ikn_1 = t63[k, i_1_, n]
                    t63_ikn_2 = t63[k, i_2, n]
                    t63_ikn_3 = t63[k, i_3, n]
                    x_in = x__[i, n]
                    x_in_1 = x__[i_1_, n]
                    x_in_2 = x__[i_2, n]
                    x_in_3 = x__[i_3, n]
                    t64 = x_in - mu_ik  # line 11
                    t64_1 = x_in_1 - mu_ik_1  # line 11
                    t64_2 = x_in_2 - mu_ik_2  # line 11
                    t64_3 = x_in_3 - mu_ik_3  # line 11
                    t65 = t21 * t64  # line 11
                    t65_1 = t21_1 * t64_1  # line 11
                    t65_2 = t21_2 * t64_2  # line 11
                    t65_3 = t21_3 * t64_3  # line 11
                    scaled = t65 + t63_ikn  # line 11
                    scaled_1 = t65_1 + t63_ikn_1  # line 11
                    scaled_2 = t65_2 + t63_ikn_2  # line 11
                    scaled_3 = t65_3 + t63_ikn_3  # line 11
                    t66 = scaled * scaled  # line 14
                    t66_1 = scaled_1 * scaled_1  # line 14
                    t66_2 = scaled_2 * scaled_2  # line 14
                    t66_3 = scaled_3 * scaled_3  # line 14
                    t67_ = t67[k, n]
                    t67_ = t67_ + t66  # line 14
                    t67_ = t67_ + t66_1  # line 14
                    t67_ = t67_ + t66_2  # line 14
                    t67_ = t67_ + t66_3  # line 14
                    t67[k, n] = t67_
            for i in range(edge_3, D):
                mu_ik = mu[k, i]
                t21 = t22[k, i]
                for n in range(size):
                    t63_ikn = t63[k, i, n]
                    x_in = x__[i, n]
                    t64 = x_in - mu_ik  # line 11
                    t65 = t21 * t64  # line 11
                    scaled = t65 + t63_ikn  # line 11
                    t66 = scaled * scaled  # line 14
                    t67[k, n] += t66  # line 14
        t70[...] = -np.inf
        # over k, n: t70; 3*K*N + K operations, 24*K*N + 16*K bytes
        for k in range(K):
            t23_k_ = t23[k]
            alpha_k = alpha[k]
            t69 = alpha_k + t23_k_  # line 14
            for n in range(size):
                t67_kn = t67[k, n]
                t68 = 0.5 * t67_kn  # line 14
                joint = t69 - t68  # line 14
                t70[n] = joint if joint > t70[n] or joint != joint else t70[n]  # line 15
        t75[...] = 0.0
        # over k, n: t74, t75; 7*K*N + K operations, 40*K*N + 16*K bytes
        for k in range(K):
            t23_k_ = t23[k]
            alpha_k = alpha[k]
            t69 = alpha_k + t23_k_  # line 14
            for n in range(size):
                t70_n = t70[n]
                t71 = t70_n if np.isfinite(t70_n) else 0.0  # line 15
                t67_kn = t67[k, n]
                t68 = 0.5 * t67_kn  # line 14
                joint = t69 - t68  # line 14
                t72 = joint - t71  # line 15
                t73 = _exp(t72)  # line 15
                t74[k, n] = t73
                t75[n] += t73  # line 15
        t78_ = 0.0
        # over n: t78_, t80; 6*N operations, 24*N bytes
        for n in range(size):
            t75_n = t75[n]
            t76 = _log(t75_n)  # line 15
            t70_n = t70[n]
            t71 = t70_n if np.isfinite(t70_n) else 0.0  # line 15
            t77 = t71 + t76  # line 15
            t78_ = _plus(t78_, t77)  # line 15
            t79 = 1.0 / t75_n  # backward of line 15: logsumexp gate
            t80[n] = t79
        t78 = _plus(t78, t78_)  # line 15
        edge_4 = K - (K - 0) % 4
        # over k, n: t82; 2*K*N + K operations, 16*K*N + 16*K bytes
        for k in range(0, edge_4, 4):
            k_1 = k + 1
            k_2 = k + 2
            k_3 = k + 3
            t82_k = 0.0
            t82_k_1 = 0.0
            t82_k_2 = 0.0
            t82_k_3 = 0.0
            for n in range(size):
                t79 = t80[n]
                t73 = t74[k, n]
                t73_1 = t74[k_1, n]
                t73_2 = t74[k_2, n]
                t73_3 = t74[k_3, n]
                t81 = t73 * t79  # backward of line 15: logsumexp gate
                t81_1 = t73_1 * t79  # backward of line 15: logsumexp gate
                t81_2 = t73_2 * t79  # backward of line 15: logsumexp gate
                t81_3 = t73_3 * t79  # backward of line 15: logsumexp gate
                t82_k = _plus(t82_k, t81)  # backward of line 14: sub gate
                t82_k_1 = _plus(t82_k_1, t81_1)  # backward of line 14: sub gate
                t82_k_2 = _plus(t82_k_2, t81_2)  # backward of line 14: sub gate
                t82_k_3 = _plus(t82_k_3, t81_3)  # backward of line 14: sub gate
            t82[k] += t82_k  # backward of line 14: sub gate
            t82[k_1] += t82_k_1  # backward of line 14: sub gate
            t82[k_2] += t82_k_2  # backward of line 14: sub gate
            t82[k_3] += t82_k_3  # backward of line 14: sub gate
        for k in range(edge_4, K):
            t82_k = 0.0
            for n in range(size):
                t79 = t80[n]
                t73 = t74[k, n]
                t81 = t73 * t79  # backward of line 15: logsumexp gate
                t82_k = _plus(t82_k, t81)  # backward of line 14: sub gate
            t82[k] += t82_k  # backward of line 14: sub gate
        # over k, i, n: dscaled, t86, t87; 10*D*K*N + 2*D*K operations, 40*D*K*N + 48*D*K bytes
        for k in range(K):
            edge_5 = D - (D - 0) % 4
            for i in range(0, edge_5, 4):
                i_1_2 = i + 1
                i_2_ = i + 2
                i_3_ = i + 3
                mu_ik = mu[k, i]
                mu_ik_1_ = mu[k, i_1_2]
                mu_ik_2_ = mu[k, i_2_]
                mu_ik_3_ = mu[k, i_3_]
                t21 = t22[k, i]
                t21_1_ = t22[k, i_1_2]
                t21_2_ = t22[k, i_2_]
                t21_3_ = t22[k, i_3_]
                t86_ki = 0.0
                t86_ki_1 = 0.0
                t86_ki_2 = 0.0
                t86_ki_3 = 0.0
                t87_ki = 0.0
                t87_ki_1 = 0.0
                t87_ki_2 = 0.0
                t87_ki_3 = 0.0
                for n in range(size):
                    t63_ikn = t63[k, i, n]
                    t63_ikn_1_ = t63[k, i_1_2, n]
                    t63_ikn_2_ = t63[k, i_2_, n]
                    t63_ikn_3_ = t63[k, i_3_, n]
                    x_in = x__[i, n]
                    x_in_1_ = x__[i_1_2, n]
                    x_in_2_ = x__[i_2_, n]
                    x_in_3_ = x__[i_3_, n]
                    t64 = x_in - mu_ik  # line 11
                    t64_1_ = x_in_1_ - mu_ik_1_  # line 11
                    t64_2_ = x_in_2_ - mu_ik_2_  # line 11
                    t64_3_ = x_in_3_ - mu_ik_3_  # line 11
                    t65 = t21 * t64  # line 11
                    t65_1_ = t21_1_ * t64_1_  # line 11
                    t65_2_ = t21_2_ * t64_2_  # line 11
                    t65_3_ = t21_3_ * t64_3_  # line 11
                    scaled = t65 + t63_ikn  # line 11
                    scaled_1_ = t65_1_ + t63_ikn_1_  # line 11
                    scaled_2_ = t65_2_ + t63_ikn_2_  # line 11
                    scaled_3_ = t65_3_ + t63_ikn_3_  # line 11
                    t83 = 2 * scaled  # backward of line 14: square gate
                    t83_1 = 2 * scaled_1_  # backward of line 14: square gate
                    t83_2 = 2 * scaled_2_  # backward of line 14: square gate
                    t83_3 = 2 * scaled_3_  # backward of line 14: square gate
                    t79 = t80[n]
                    t73 = t74[k, n]
                    t81 = t73 * t79  # backward of line 15: logsumexp gate
                    t84 = t81 * 0.5  # backward of line 14: mul gate
                    dscaled_kin = t84 * t83  # backward of line 14: square gate
                    dscaled_kin_1 = t84 * t83_1  # backward of line 14: square gate
                    dscaled_kin_2 = t84 * t83_2  # backward of line 14: square gate
                    dscaled_kin_3 = t84 * t83_3  # backward of line 14: square gate
                    dscaled[k, i, n] = dscaled_kin
                    dscaled[k, i_1_2, n] = dscaled_kin_1
                    dscaled[k, i_2_, n] = dscaled_kin_2
                    dscaled[k, i_3_, n] = dscaled_kin_3
                    t85 = dscaled_kin * t64  # backward of line 11: mul gate
                    t85_1 = dscaled_kin_1 * t64_1_  # backward of line 11: mul gate
                    t85_2 = dscaled_kin_2 * t64_2_  # backward of line 11: mul gate
                    t85_3 = dscaled_kin_3 * t64_3_  # backward of line 11: mul gate
                    t86_ki = _plus(t86_ki, t85)  # backward of line 11: mul gate
                    t86_ki_1 = _plus(t86_ki_1, t85_1)  # backward of line 11: mul gate
                    t86_ki_2 = _plus(t86_ki_2, t85_2)  # backward of line 11: mul gate
                    t86_ki_3 = _plus(t86_ki_3, t85_3)  # backward of line 11: mul gate
                    t87_ki = _plus(t87_ki, dscaled_kin)  # backward of line 11: sub gate
                    t87_ki_1 = _plus(t87_ki_1, dscaled_kin_1)  # backward of line 11: sub gate
                    t87_ki_2 = _plus(t87_ki_2, dscaled_kin_2)  # backward of line 11: sub gate
                    t87_ki_3 = _plus(t87_ki_3, dscaled_kin_3)  # backward of line 11: sub gate
                t86[k, i] += t86_ki  # backward of line 11: mul gate
                t86[k, i_1_2] += t86_ki_1  # backward of line 11: mul gate
                t86[k, i_2_] += t86_ki_2  # backward of line 11: mul gate
                t86[k, i_3_] += t86_ki_3  # backward of line 11: mul gate
                t87[k, i] += t87_ki  # backward of line 11: sub gate
                t87[k, i_1_2] += t87_ki_1  # backward of line 11: sub gate
                t87[k, i_2_] += t87_ki_2  # backward of line 11: sub gate
                t87[k, i_3_] += t87_ki_3  # backward of line 11: sub gate
            for i in range(edge_5, D):
                mu_ik = mu[k, i]
                t21 = t22[k, i]
                t86_ki = 0.0
                t87_ki = 0.0
                for n in range(size):
                    t63_ikn = t63[k, i, n]
                    x_in = x__[i, n]
                    t64 = x_in - mu_ik  # line 11
                    t65 = t21 * t64  # line 11
                    scaled = t65 + t63_ikn  # line 11
                    t83 = 2 * scaled  # backward of line 14: square gate
                    t79 = t80[n]
                    t73 = t74[k, n]
                    t81 = t73 * t79  # backward of line 15: logsumexp gate
                    t84 = t81 * 0.5  # backward of line 14: mul gate
                    dscaled_kin = t84 * t83  # backward of line 14: square gate
                    dscaled[k, i, n] = dscaled_kin
                    t85 = dscaled_kin * t64  # backward of line 11: mul gate
                    t86_ki = _plus(t86_ki, t85)  # backward of line 11: mul gate
                    t87_ki = _plus(t87_ki, dscaled_kin)  # backward of line 11: sub gate
                t86[k, i] += t86_ki  # backward of line 11: mul gate
                t87[k, i] += t87_ki  # backward of line 11: sub gate
        # over k, i, j, n: t89; 3*D**2*K*N + 2*D**2*K operations, 16*D**2*K*N + 24*D**2*K bytes
        for k in range(K):
            edge_6 = D - (D - 0) % 2
            for i in range(0, edge_6, 2):
                i_1_3 = i + 1
                edge_7 = i - (i - 0) % 4
                for j in range(0, edge_7, 4):
                    j_1_2 = j + 1
                    j_2_2 = j + 2
                    j_3_2 = j + 3
                    mu_jk = mu[k, j]
                    mu_jk_1_2 = mu[k, j_1_2]
                    mu_jk_2_2 = mu[k, j_2_2]
                    mu_jk_3_2 = mu[k, j_3_2]
                    t57 = j < i  # line 12
                    t57_1_6 = j_1_2 < i  # line 12
                    t57_2_2 = j_2_2 < i  # line 12
                    t57_3_2 = j_3_2 < i  # line 12
                    t57_1_5 = j < i_1_3  # line 12
                    t57_1_5_1 = j_1_2 < i_1_3  # line 12
                    t57_1_5_2 = j_2_2 < i_1_3  # line 12
                    t57_1_5_3 = j_3_2 < i_1_3  # line 12
                    t89_kij = 0.0
                    t89_kij_1_ = 0.0
                    t89_kij_2 = 0.0
                    t89_kij_3 = 0.0
                    t89_kij_1 = 0.0
                    t89_kij_1_1 = 0.0
                    t89_kij_1_2 = 0.0
                    t89_kij_1_3 = 0.0
                    for n in range(size):
                        x_jn = x__[j, n]
                        x_jn_1_2 = x__[j_1_2, n]
                        x_jn_2_2 = x__[j_2_2, n]
                        x_jn_3_2 = x__[j_3_2, n]
                        t56 = x_jn - mu_jk  # line 12
                        t56_1_2 = x_jn_1_2 - mu_jk_1_2  # line 12
                        t56_2_2 = x_jn_2_2 - mu_jk_2_2  # line 12
                        t56_3_2 = x_jn_3_2 - mu_jk_3_2  # line 12
                        dscaled_kin = dscaled[k, i, n]
                        dscaled_kin_1_ = dscaled[k, i_1_3, n]
                        t88 = dscaled_kin * t56  # backward of line 12: mul gate
                        t88_1_ = dscaled_kin * t56_1_2  # backward of line 12: mul gate
                        t88_2 = dscaled_kin * t56_2_2  # backward of line 12: mul gate
                        t88_3 = dscaled_kin * t56_3_2  # backward of line 12: mul gate
                        t88_1 = dscaled_kin_1_ * t56  # backward of line 12: mul gate
                        t88_1_1 = dscaled_kin_1_ * t56_1_2  # backward of line 12: mul gate
                        t88_1_2 = dscaled_kin_1_ * t56_2_2  # backward of line 12: mul gate
                        t88_1_3 = dscaled_kin_1_ * t56_3_2  # backward of line 12: mul gate
                        t89_kij = _plus(t89_kij, t88)  # backward of line 12: mul gate
                        t89_kij_1_ = _plus(t89_kij_1_, t88_1_)  # backward of line 12: mul gate
                        t89_kij_2 = _plus(t89_kij_2, t88_2)  # backward of line 12: mul gate
                        t89_kij_3 = _plus(t89_kij_3, t88_3)  # backward of line 12: mul gate
                        t89_kij_1 = _plus(t89_kij_1, t88_1)  # backward of line 12: mul gate
                        t89_kij_1_1 = _plus(t89_kij_1_1, t88_1_1)  # backward of line 12: mul gate
                        t89_kij_1_2 = _plus(t89_kij_1_2, t88_1_2)  # backward of line 12: mul gate
                        t89_kij_1_3 = _plus(t89_kij_1_3, t88_1_3)  # backward of line 12: mul gate
                    t89[k, i, j] += t89_kij  # backward of line 12: mul gate
                    t89[k, i, j_1_2] += t89_kij_1_  # backward of line 12: mul gate
                    t89[k, i, j_2_2] += t89_kij_2  # backward of line 12: mul gate
                    t89[k, i, j_3_2] += t89_kij_3  # backward of line 12: mul gate
                    t89[k, i_1_3, j] += t89_kij_1  # backward of line 12: mul gate
                    t89[k, i_1_3, j_1_2] += t89_kij_1_1  # backward of line 12: mul gate
                    t89[k, i_1_3, j_2_2] += t89_kij_1_2  # backward of line 12: mul gate
                    t89[k, i_1_3, j_3_2] += t89_kij_1_3  # backward of line 12: mul gate
                for j in range(edge_7, i):
                    mu_jk = mu[k, j]
                    t57 = j < i  # line 12
                    t57_1_5 = j < i_1_3  # line 12
                    t89_kij = 0.0
                    t89_kij_1 = 0.0
                    for n in range(size):
                        x_jn = x__[j, n]
                        t56 = x_jn - mu_jk  # line 12
                        dscaled_kin = dscaled[k, i, n]
                        dscaled_kin_1_ = dscaled[k, i_1_3, n]
                        t88 = dscaled_kin * t56  # backward of line 12: mul gate
                        t88_1 = dscaled_kin_1_ * t56  # backward of line 12: mul gate
                        t89_kij = _plus(t89_kij, t88)  # backward of line 12: mul gate
                        t89_kij_1 = _plus(t89_kij_1, t88_1)  # backward of line 12: mul gate
                    t89[k, i, j] += t89_kij  # backward of line 12: mul gate
                    t89[k, i_1_3, j] += t89_kij_1  # backward of line 12: mul gate
                j = i
                mu_jk = mu[k, j]
                t57_1_5 = j < i_1_3  # line 12
                t89_kij_1 = 0.0
                for n in range(size):
                    x_jn = x__[j, n]
                    t56 = x_jn - mu_jk  # line 12
                    dscaled_kin_1_ = dscaled[k, i_1_3, n]
                    t88_1 = dscaled_kin_1_ * t56  # backward of line 12: mul gate
                    t89_kij_1 = _plus(t89_kij_1, t88_1)  # backward of line 12: mul gate
                t89[k, i_1_3, j] += t89_kij_1  # backward of line 12: mul gate
            for i in range(edge_6, D):
                edge_8 = i - (i - 0) % 4
                for j in range(0, edge_8, 4):
                    j_1_3 = j + 1
                    j_2_3 = j + 2
                    j_3_3 = j + 3
                    mu_jk = mu[k, j]
                    mu_jk_1_3 = mu[k, j_1_3]
                    mu_jk_2_3 = mu[k, j_2_3]
                    mu_jk_3_3 = mu[k, j_3_3]
                    t57 = j < i  # line 12
                    t57_1_7 = j_1_3 < i  # line 12
                    t57_2_3 = j_2_3 < i  # line 12
                    t57_3_3 = j_3_3 < i  # line 12
                    t89_kij = 0.0
                    t89_kij_1_4 = 0.0
                    t89_kij_2_ = 0.0
                    t89_kij_3_ = 0.0
                    for n in range(size):
                        x_jn = x__[j, n]
                        x_jn_1_3 = x__[j_1_3, n]
                        x_jn_2_3 = x__[j_2_3, n]
                        x_jn_3_3 = x__[j_3_3, n]
                        t56 = x_jn - mu_jk  # line 12
                        t56_1_3 = x_jn_1_3 - mu_jk_1_3  # line 12
                        t56_2_3 = x_jn_2_3 - mu_jk_2_3  # line 12
                        t56_3_3 = x_jn_3_3 - mu_jk_3_3  # line 12
                        dscaled_kin = dscaled[k, i, n]
                        t88 = dscaled_kin * t56  # backward of line 12: mul gate
                        t88_1_4 = dscaled_kin * t56_1_3  # backward of line 12: mul gate
                        t88_2_ = dscaled_kin * t56_2_3  # backward of line 12: mul gate
                        t88_3_ = dscaled_kin * t56_3_3  # backward of line 12: mul gate
                        t89_kij = _plus(t89_kij, t88)  # backward of line 12: mul gate
                        t89_kij_1_4 = _plus(t89_kij_1_4, t88_1_4)  # backward of line 12: mul gate
                        t89_kij_2_ = _plus(t89_kij_2_, t88_2_)  # backward of line 12: mul gate
                        t89_kij_3_ = _plus(t89_kij_3_, t88_3_)  # backward of line 12: mul gate
                    t89[k, i, j] += t89_kij  # backward of line 12: mul gate
                    t89[k, i, j_1_3] += t89_kij_1_4  # backward of line 12: mul gate
                    t89[k, i, j_2_3] += t89_kij_2_  # backward of line 12: mul gate
                    t89[k, i, j_3_3] += t89_kij_3_  # backward of line 12: mul gate
                for j in range(edge_8, i):
                    mu_jk = mu[k, j]
                    t57 = j < i  # line 12
                    t89_kij = 0.0
                    for n in range(size):
                        x_jn = x__[j, n]
                        t56 = x_jn - mu_jk  # line 12
                        dscaled_kin = dscaled[k, i, n]
                        t88 = dscaled_kin * t56  # backward of line 12: mul gate
                        t89_kij = _plus(t89_kij, t88)  # backward of line 12: mul gate
                    t89[k, i, j] += t89_kij  # backward of line 12: mul gate
    t90 = t78 - t54  # line 15
    loglik = t90 - t5  # line 15
    loss = prior - loglik  # line 21
    t91 = _own(np.zeros(((D**2 - D)//2, K), np.float64))
    t93 = _own(np.zeros((K, D), np.float64))
    # over k, i, j: t91, t93; 7*D**2*K operations, 56*D**2*K + 8*D*K bytes
    for k in range(K):
        for i in range(D):
            t87_ik = t87[k, i]
            for j in range(i):
                t57 = j < i  # line 12
                t32 = t33[j]
                t58 = t32 + i  # line 12
                t59 = t58 - j  # line 12
                t60 = t59 - 1  # line 12
                t89_ijk = t89[k, i, j]
                if t57:
                    t91[t60, k] += t89_ijk  # backward of line 12: take gate
                t61 = l[k, t60]
                t92 = t61 * t87_ik  # backward of line 12: sub gate
                t93[k, j] += t92  # backward of line 12: sub gate
    dl = _own(np.empty((K, (D**2 - D)//2), np.float64))
    # over k, i_: dl; (3*D**2*K - 3*D*K)//2 operations, 12*D**2*K - 12*D*K bytes
    for k in range(K):
        for i_ in range((D**2 - D)//2):
            t91_i_k = t91[i_, k]
            l_i_k = l[k, i_]
            t94 = 2 * l_i_k  # backward of line 20: square gate
            t95 = t17 * t94  # backward of line 20: square gate
            dl_ki_ = t95 + t91_i_k  # backward of line 6: copy gate
            dl[k, i_] = dl_ki_
    dq = _own(np.empty((K, D), np.float64))
    dmu = _own(np.empty((K, D), np.float64))
    # over k, i: dq, dmu; 8*D*K + K operations, 56*D*K + 8*K bytes
    for k in range(K):
        t82_k_ = t82[k]
        t97 = t20 - t82_k_  # backward of line 14: copy gate
        for i in range(D):
            t21 = t22[k, i]
            t86_ik = t86[k, i]
            t96 = t86_ik * t21  # backward of line 11: exp gate
            t25 = t26[k, i]
            t98 = t17 * t25  # backward of line 20: exp gate
            t99 = t98 * 2  # backward of line 20: mul gate
            t100 = t99 + t97  # backward of line 5: copy gate
            dq_ki = t100 + t96  # backward of line 5: copy gate
            dq[k, i] = dq_ki
            t87_ik = t87[k, i]
            t101 = t21 * t87_ik  # backward of line 11: sub gate
            t93_ik = t93[k, i]
            t102 = -t93_ik  # backward of line 12: sub gate
            dmu_ki = t102 - t101  # backward of line 11: copy gate
            dmu[k, i] = dmu_ki
    dalpha = _own(np.empty((K,), np.float64))
    # over k: dalpha; 3*K operations, 24*K bytes
    for k in range(K):
        t82_k_ = t82[k]
        t49 = t50[k]
        t103 = t49 * t55  # backward of line 15: logsumexp gate
        t104 = t18 * t103  # backward of line 15: logsumexp gate
        dalpha_k = t104 - t82_k_  # backward of line 3: copy gate
        dalpha[k] = dalpha_k
    return (loss, dalpha, dmu, dq, dl)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    alpha: np.ndarray  # [K]
    mu: np.ndarray  # [K, D]
    q: np.ndarray  # [K, D]
    l: np.ndarray  # [K, (D**2 - D)//2]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(x, alpha, mu, q, l, gamma, m=0):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x, alpha, mu, q, l, gamma, m):
        _call = _direct_value_kernel.run
        _found = _call(x, alpha, mu, q, l, gamma, m)
    else:
        _found = value_kernel(*_checked(x, alpha, mu, q, l, gamma, m))
    return _found[0]


def value_and_grad(x, alpha, mu, q, l, gamma, m=0):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, x, alpha, mu, q, l, gamma, m):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(x, alpha, mu, q, l, gamma, m)
    else:
        _found = value_and_grad_kernel(*_checked(x, alpha, mu, q, l, gamma, m))
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


def _checked(x, alpha, mu, q, l, gamma, m):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if x.__class__ is not _ARRAY or x.dtype is not _REAL or x.ndim != 2 or not x.flags.carray:
        x = _converted("x", x, ("N", "D"), "real")
    if alpha.__class__ is not _ARRAY or alpha.dtype is not _REAL or alpha.ndim != 1 or not alpha.flags.carray:
        alpha = _converted("alpha", alpha, ("K",), "real")
    if mu.__class__ is not _ARRAY or mu.dtype is not _REAL or mu.ndim != 2 or not mu.flags.carray:
        mu = _converted("mu", mu, ("K", "D"), "real")
    if q.__class__ is not _ARRAY or q.dtype is not _REAL or q.ndim != 2 or not q.flags.carray:
        q = _converted("q", q, ("K", "D"), "real")
    if l.__class__ is not _ARRAY or l.dtype is not _REAL or l.ndim != 2 or not l.flags.carray:
        l = _converted("l", l, ("K", "(D**2 - D)//2"), "real")
    if gamma.__class__ is not float:
        gamma = float(_converted("gamma", gamma, (), "real"))
    if m.__class__ is not int:
        m = int(_converted("m", m, (), "integer"))
    N, D = x.shape
    K = alpha.shape[0]
    if mu.shape[0] != K:
        raise ValueError(f"mu has {mu.shape[0]} rows, but K = {K} from alpha")
    if mu.shape[1] != D:
        raise ValueError(f"mu has {mu.shape[1]} columns, but D = {D} from x")
    if q.shape[0] != K:
        raise ValueError(f"q has {q.shape[0]} rows, but K = {K} from alpha")
    if q.shape[1] != D:
        raise ValueError(f"q has {q.shape[1]} columns, but D = {D} from x")
    if l.shape[0] != K:
        raise ValueError(f"l has {l.shape[0]} rows, but K = {K} from alpha")
    if l.shape[1] != (D**2 - D)//2:
        raise ValueError(f"l has {l.shape[1]} columns, but (D**2 - D)//2 = {(D**2 - D)//2} from x")
    return x, alpha, mu, q, l, gamma, m


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


@intrinsic(prefer_literal=True)
def _is_a(context, x, kind):
    """Is an object of this very class of Python's?"""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        found = api.object_type(values[0])
        api.decref(found)
        return builder.icmp_unsigned("==", found, api.get_c_object(kind.literal_value))

    return types.boolean(x, kind), code


@intrinsic
def _is_short(context, x):
    """Does a whole number of Python's fit into 64 bits?"""

    def code(context, builder, signature, values):
        api = context.get_python_api(builder)
        api.long_as_longlong(values[0])
        failed = cgutils.is_not_null(builder, api.err_occurred())
        with cgutils.if_unlikely(builder, failed):
            api.err_clear()
        return builder.not_(failed)

    return types.boolean(x), code


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
def _fit(_array, _real, x, alpha, mu, q, l, gamma, m):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(x, _array, _real, 2)):
        return False
    if not (_is_array(alpha, _array, _real, 1)):
        return False
    if not (_is_array(mu, _array, _real, 2)):
        return False
    if not (_is_array(q, _array, _real, 2)):
        return False
    if not (_is_array(l, _array, _real, 2)):
        return False
    if not (_is_a(gamma, "PyFloat_Type")):
        return False
    if not (_is_a(m, "PyLong_Type") and _is_short(m)):
        return False
    N = _size(x, 0)
    D = _size(x, 1)
    K = _size(alpha, 0)
    return _size(mu, 0) == K and _size(mu, 1) == D and _size(q, 0) == K and _size(q, 1) == D and _size(l, 0) == K and _size(l, 1) == (D**2 - D)//2


_fitting = _Direct(_fit, 100, *[_ANY] * 9)


_KNOWN = (  # types of the arguments
    types.float64[:, ::1], types.float64[::1], types.float64[:, ::1], types.float64[:, ::1], types.float64[:,
    ::1], types.double, types.int64,
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
