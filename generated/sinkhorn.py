# Made by gradcompile 0.1.0 from examples/sinkhorn.formula.
# Do not edit: change the formula and compile it again.
# sha256 of the formula: 23e5288242b25715f226660f226370eae026ac4e38eedcd6cd1e420666760aa6
# options: --target numba --emit value,value_and_grad
# operations: value 126*M*N + 41*M + 42*N; value_and_grad 472*M*N + 122*M + 163*N
# --- certificate ---
# graph: value loss: agrees (mpmath), to 50 digits at 3 points
# graph: gradient cost: agrees (finite differences), to 50 digits at 3 points
# code: N = 3, M = 4: agrees, within 2^1 units in the last place
# code: all sizes 1: agrees, within 2^0 units in the last place
# code: N = 0: agrees, within 2^0 units in the last place
# code: M = 0: agrees, within 2^0 units in the last place
# code: N = 33: agrees, within 2^1 units in the last place
# code: M = 25: agrees, within 2^0 units in the last place
# claim, line 14: agrees (mpmath), sum(plan, axis=0) == q
# --- end of certificate ---

"""Sinkhorn: the cost of moving one distribution to another, with entropy, by twenty rounds of scaling.

    from sinkhorn import value, value_and_grad
    loss = value(p, q, cost, eps=0.5)
    loss, gradient = value_and_grad(p, q, cost, eps=0.5)

Arguments: p[N], q[M], cost[N, M] (differentiated), eps.
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


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_kernel(p, q, cost, eps):
    N = p.shape[0]
    M = q.shape[0]
    t2 = _own(np.empty((N,), np.float64))
    # over n: t2; N operations, 16*N bytes
    for n in range(N):
        p_n = p[n]
        t1 = _log(p_n)  # line 9
        t2[n] = t1
    t4 = _own(np.empty((M,), np.float64))
    # over m: t4; M operations, 16*M bytes
    for m in range(M):
        q_m = q[m]
        t3 = _log(q_m)  # line 10
        t4[m] = t3
    row = 0
    f = _own(np.empty((2, N), np.float64))
    # over n: f; 0 operations, 8*N bytes
    for n in range(N):
        f[0, n] = 0.0
    g = _own(np.empty((2, M), np.float64))
    # over m: g; 0 operations, 8*M bytes
    for m in range(M):
        g[0, m] = 0.0
    state = _own(np.empty((2, N), np.float64))
    t7 = _own(np.empty((N,), np.float64))
    t11 = _own(np.empty((N,), np.float64))
    t18 = _own(np.empty((M,), np.float64))
    t22 = _own(np.empty((M,), np.float64))
    # over _: t7, t11, state, f, t18, t22, …; 360*M*N + 120*M + 160*N operations, 1920*M*N + 800*M + 1440*N bytes
    for _ in range(20):
        t7[...] = -np.inf
        for m in range(M):
            g_m = g[row, m]
            for n in range(N):
                cost_mn = cost[n, m]
                t5 = g_m - cost_mn  # line 9
                t6 = t5 / eps  # line 9
                t7[n] = t6 if t6 > t7[n] or t6 != t6 else t7[n]  # line 9
        for n in range(N):
            t7_n = t7[n]
            t8 = t7_n if np.isfinite(t7_n) else 0.0  # line 9
            t11_n = 0.0
            for m in range(M):
                cost_mn = cost[n, m]
                g_m = g[row, m]
                t5 = g_m - cost_mn  # line 9
                t6 = t5 / eps  # line 9
                t9 = t6 - t8  # line 9
                t10 = _exp(t9)  # line 9
                t11_n = _plus(t11_n, t10)  # line 9
            t11[n] = t11_n
        for n in range(N):
            t11_n_ = t11[n]
            t12 = _log(t11_n_)  # line 9
            t7_n = t7[n]
            t8 = t7_n if np.isfinite(t7_n) else 0.0  # line 9
            t13 = t8 + t12  # line 9
            state[1 - row, n] = t13
            t1 = t2[n]
            t14 = t1 - t13  # line 9
            t15 = eps * t14  # line 9
            f[1 - row, n] = t15
        t18[...] = -np.inf
        for n in range(N):
            t15 = f[1 - row, n]
            for m in range(M):
                cost_mn = cost[n, m]
                t16 = t15 - cost_mn  # line 10
                t17 = t16 / eps  # line 10
                t18[m] = t17 if t17 > t18[m] or t17 != t17 else t18[m]  # line 10
        t22[...] = 0.0
        for n in range(N):
            t15 = f[1 - row, n]
            for m in range(M):
                t18_m = t18[m]
                t19 = t18_m if np.isfinite(t18_m) else 0.0  # line 10
                cost_mn = cost[n, m]
                t16 = t15 - cost_mn  # line 10
                t17 = t16 / eps  # line 10
                t20 = t17 - t19  # line 10
                t21 = _exp(t20)  # line 10
                t22[m] += t21  # line 10
        for m in range(M):
            t22_m = t22[m]
            t23 = _log(t22_m)  # line 10
            t18_m = t18[m]
            t19 = t18_m if np.isfinite(t18_m) else 0.0  # line 10
            t24 = t19 + t23  # line 10
            t3 = t4[m]
            t25 = t3 - t24  # line 10
            t26 = eps * t25  # line 10
            g[1 - row, m] = t26
        row = 1 - row
    loss = 0.0
    # over n, m: loss; 6*M*N operations, 16*M*N + 8*N bytes
    for n in range(N):
        f_n = f[row, n]
        for m in range(M):
            cost_mn = cost[n, m]
            g_m_ = g[row, m]
            t27 = f_n + g_m_  # line 11
            t28 = t27 - cost_mn  # line 11
            t29 = t28 / eps  # line 11
            plan = _exp(t29)  # line 11
            t30 = plan * cost_mn  # line 12
            loss = _plus(loss, t30)  # line 12
    return (loss,)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def value_and_grad_kernel(p, q, cost, eps):
    N = p.shape[0]
    M = q.shape[0]
    t2 = _own(np.empty((N,), np.float64))
    # over n: t2; N operations, 16*N bytes
    for n in range(N):
        p_n = p[n]
        t1 = _log(p_n)  # line 9
        t2[n] = t1
    t4 = _own(np.empty((M,), np.float64))
    # over m: t4; M operations, 16*M bytes
    for m in range(M):
        q_m = q[m]
        t3 = _log(q_m)  # line 10
        t4[m] = t3
    f = _own(np.empty((21, N), np.float64))
    # over n: f; 0 operations, 8*N bytes
    for n in range(N):
        f[0, n] = 0.0
    g = _own(np.empty((21, M), np.float64))
    # over m: g; 0 operations, 8*M bytes
    for m in range(M):
        g[0, m] = 0.0
    state = _own(np.empty((21, N), np.float64))
    t7 = _own(np.empty((N,), np.float64))
    t11 = _own(np.empty((N,), np.float64))
    t18 = _own(np.empty((M,), np.float64))
    t22 = _own(np.empty((M,), np.float64))
    # over _: t7, t11, state, f, t18, t22, …; 360*M*N + 120*M + 160*N operations, 1920*M*N + 800*M + 1440*N bytes
    for _ in range(20):
        t7[...] = -np.inf
        for m in range(M):
            g_m = g[_, m]
            for n in range(N):
                cost_mn = cost[n, m]
                t5 = g_m - cost_mn  # line 9
                t6 = t5 / eps  # line 9
                t7[n] = t6 if t6 > t7[n] or t6 != t6 else t7[n]  # line 9
        for n in range(N):
            t7_n = t7[n]
            t8 = t7_n if np.isfinite(t7_n) else 0.0  # line 9
            t11_n = 0.0
            for m in range(M):
                cost_mn = cost[n, m]
                g_m = g[_, m]
                t5 = g_m - cost_mn  # line 9
                t6 = t5 / eps  # line 9
                t9 = t6 - t8  # line 9
                t10 = _exp(t9)  # line 9
                t11_n = _plus(t11_n, t10)  # line 9
            t11[n] = t11_n
        for n in range(N):
            t11_n_ = t11[n]
            t12 = _log(t11_n_)  # line 9
            t7_n = t7[n]
            t8 = t7_n if np.isfinite(t7_n) else 0.0  # line 9
            t13 = t8 + t12  # line 9
            state[_ + 1, n] = t13
            t1 = t2[n]
            t14 = t1 - t13  # line 9
            t15 = eps * t14  # line 9
            f[_ + 1, n] = t15
        t18[...] = -np.inf
        for n in range(N):
            t15 = f[_ + 1, n]
            for m in range(M):
                cost_mn = cost[n, m]
                t16 = t15 - cost_mn  # line 10
                t17 = t16 / eps  # line 10
                t18[m] = t17 if t17 > t18[m] or t17 != t17 else t18[m]  # line 10
        t22[...] = 0.0
        for n in range(N):
            t15 = f[_ + 1, n]
            for m in range(M):
                t18_m = t18[m]
                t19 = t18_m if np.isfinite(t18_m) else 0.0  # line 10
                cost_mn = cost[n, m]
                t16 = t15 - cost_mn  # line 10
                t17 = t16 / eps  # line 10
                t20 = t17 - t19  # line 10
                t21 = _exp(t20)  # line 10
                t22[m] += t21  # line 10
        for m in range(M):
            t22_m = t22[m]
            t23 = _log(t22_m)  # line 10
            t18_m = t18[m]
            t19 = t18_m if np.isfinite(t18_m) else 0.0  # line 10
            t24 = t19 + t23  # line 10
            t3 = t4[m]
            t25 = t3 - t24  # line 10
            t26 = eps * t25  # line 10
            g[_ + 1, m] = t26
    plan = _own(np.empty((M, N), np.float64))
    t31 = _own(np.empty((M, N), np.float64))
    t32 = _own(np.zeros((N,), np.float64))
    t33 = _own(np.zeros((M,), np.float64))
    t36 = _own(np.empty((M, 20), np.float64))
    t42 = _own(np.empty((M, 20), np.float64))
    # stage along M: block by block, with 2*N + 60 numbers for each position in buffers
    block = min(M // 2 + 4, max(64, min(256, 65536 // (2*N + 61) // 32 * 32)))
    size = min(block, M)
    plan__ = _own(np.empty((N, size), np.float64))
    t31__ = _own(np.empty((N, size), np.float64))
    t36__ = _own(np.empty((20, size), np.float64))
    t40 = _own(np.empty((20, size), np.float64))
    t42__ = _own(np.empty((20, size), np.float64))
    for m0 in range(0, M, block):
        if M - m0 < size:  # the last block
            size = M - m0
            plan__ = _own(np.empty((N, size), np.float64))
            t31__ = _own(np.empty((N, size), np.float64))
            t36__ = _own(np.empty((20, size), np.float64))
            t40 = _own(np.empty((20, size), np.float64))
            t42__ = _own(np.empty((20, size), np.float64))
        cost_ = cost[:, m0 : m0 + size]
        g_ = g[:, m0 : m0 + size]
        plan_ = plan[m0 : m0 + size]
        t31_ = t31[m0 : m0 + size]
        t33_ = t33[m0 : m0 + size]
        t36_ = t36[m0 : m0 + size]
        t42_ = t42[m0 : m0 + size]
        # over n, m: plan__, t31__, t33_, t32; 7*M*N + N operations, 48*M*N + 24*N bytes
        for n in range(N):
            f_n = f[(20), n]
            t32_n = 0.0
            for m in range(size):
                cost_mn = cost_[n, m]
                g_m_ = g_[(20), m]
                t27 = f_n + g_m_  # line 11
                t28 = t27 - cost_mn  # line 11
                t29 = t28 / eps  # line 11
                plan_nm = _exp(t29)  # line 11
                plan__[n, m] = plan_nm
                t30 = plan_nm * cost_mn  # line 12
                t31__[n, m] = t30
                t32_n = _plus(t32_n, t30)  # line 12
                t33_[m] += t30  # backward of line 11: add gate
            t32[n] += t32_n  # line 12
        _turn(plan__, plan_)
        _turn(t31__, t31_)
        t36__[...] = -np.inf
        # over n, _, m: t36__; 60*M*N operations, 480*M*N + 160*N bytes
        for n in range(N):
            edge = (20) - ((20) - 0) % 4
            for _ in range(0, edge, 4):
                __1 = _ + 1
                __2 = _ + 2
                __3 = _ + 3
                f__n = f[_ + 1, n]
                f__n_1 = f[__1 + 1, n]
                f__n_2 = f[__2 + 1, n]
                f__n_3 = f[__3 + 1, n]
                for m in range(size):
                    cost_mn = cost_[n, m]
                    t34 = f__n - cost_mn  # line 10
                    t34_1 = f__n_1 - cost_mn  # line 10
                    t34_2 = f__n_2 - cost_mn  # line 10
                    t34_3 = f__n_3 - cost_mn  # line 10
                    t35 = t34 / eps  # line 10
                    t35_1 = t34_1 / eps  # line 10
                    t35_2 = t34_2 / eps  # line 10
                    t35_3 = t34_3 / eps  # line 10
                    t36__[_, m] = t35 if t35 > t36__[_, m] or t35 != t35 else t36__[_, m]  # line 10
                    t36__[__1, m] = t35_1 if t35_1 > t36__[__1, m] or t35_1 != t35_1 else t36__[__1, m]  # line 10
                    t36__[__2, m] = t35_2 if t35_2 > t36__[__2, m] or t35_2 != t35_2 else t36__[__2, m]  # line 10
                    t36__[__3, m] = t35_3 if t35_3 > t36__[__3, m] or t35_3 != t35_3 else t36__[__3, m]  # line 10
        _turn(t36__, t36_)
        t40[...] = 0.0
        # over _, n, m: t40; 140*M*N operations, 640*M*N + 160*N bytes
        for _ in range(20):
            for n in range(N):
                f__n = f[_ + 1, n]
                for m in range(size):
                    t36__m = t36__[_, m]
                    t37 = t36__m if np.isfinite(t36__m) else 0.0  # line 10
                    cost_mn = cost_[n, m]
                    t34 = f__n - cost_mn  # line 10
                    t35 = t34 / eps  # line 10
                    t38 = t35 - t37  # line 10
                    t39 = _exp(t38)  # line 10
                    t40[_, m] += t39  # line 10
        # over _, m: t42__; 20*M operations, 320*M bytes
        for _ in range(20):
            for m in range(size):
                t40__m = t40[_, m]
                t41 = 1.0 / t40__m  # backward of line 10: logsumexp gate
                t42__[_, m] = t41
        _turn(t42__, t42_)
    loss = 0.0
    # over n: loss; N operations, 8*N bytes
    for n in range(N):
        t32_n_ = t32[n]
        loss = _plus(loss, t32_n_)  # line 12
    state_ = _own(np.empty((21, N), np.float64))
    # over n: state_; N operations, 16*N bytes
    for n in range(N):
        t32_n_ = t32[n]
        df = t32_n_ / eps  # backward of line 11: add gate
        state_[(20), n] = df
    state_2 = _own(np.empty((21, M), np.float64))
    # over m: state_2; M operations, 16*M bytes
    for m in range(M):
        t33_m = t33[m]
        dg = t33_m / eps  # backward of line 11: add gate
        state_2[(20), m] = dg
    state_3 = _own(np.empty((21, N), np.float64))
    t46 = _own(np.empty((N,), np.float64))
    t51 = _own(np.empty((N,), np.float64))
    t57 = _own(np.empty((M,), np.float64))
    # over _: t46, state_3, t51, t57, state_2, state_; 320*M*N + 40*M + 80*N operations, 1280*M*N + 320*M + 1440*N bytes
    for _ in range(19, -1, -1):
        for n in range(N):
            f__n = f[_ + 1, n]
            t46_n = 0.0
            for m in range(M):
                t41 = t42[m, _]
                t36__m = t36[m, _]
                t37 = t36__m if np.isfinite(t36__m) else 0.0  # line 10
                cost_mn = cost[n, m]
                t34 = f__n - cost_mn  # line 10
                t35 = t34 / eps  # line 10
                t38 = t35 - t37  # line 10
                t39 = _exp(t38)  # line 10
                t43 = t39 * t41  # backward of line 10: logsumexp gate
                g_m = state_2[_ + 1, m]
                t44 = g_m * eps  # backward of line 10: mul gate
                t45 = t44 * t43  # backward of line 10: logsumexp gate
                t46_n = _plus(t46_n, t45)  # backward of line 10: sub gate
            t46[n] = t46_n
        for n in range(N):
            t46__n = t46[n]
            t47 = t46__n / eps  # backward of line 10: sub gate
            t48 = -t47  # backward of line 10: sub gate
            state_3[_, n] = t48
            state__n = state_[_ + 1, n]
            t49 = state__n - t47  # backward of line 9: copy gate
            t50 = t49 * eps  # backward of line 9: mul gate
            t51[n] = t50
        t57[...] = 0.0
        for n in range(N):
            state__n_ = state[_ + 1, n]
            t50 = t51[n]
            for m in range(M):
                cost_mn = cost[n, m]
                g__m = g[_, m]
                t52 = g__m - cost_mn  # line 9
                t53 = t52 / eps  # line 9
                t54 = t53 - state__n_  # backward of line 9: logsumexp gate
                t55 = _exp(t54)  # backward of line 9: logsumexp gate
                t56 = t50 * t55  # backward of line 9: logsumexp gate
                t57[m] += t56  # backward of line 9: sub gate
        for m in range(M):
            t57__m = t57[m]
            t58 = t57__m / eps  # backward of line 9: sub gate
            t59 = -t58  # backward of line 9: sub gate
            state_2[_, m] = t59
        for n in range(N):
            state_[_, n] = 0.0
    dcost = _own(np.empty((N, M), np.float64))
    # stage along M: block by block, with 4*N + 40 numbers for each position in buffers
    block_ = min(M // 2 + 4, max(64, min(256, 65536 // (4*N + 41) // 32 * 32)))
    size_ = min(block_, M)
    t42_2_ = _own(np.empty((20, size_), np.float64))
    t36_2_ = _own(np.empty((20, size_), np.float64))
    t31_2_ = _own(np.empty((N, size_), np.float64))
    plan_2_ = _own(np.empty((N, size_), np.float64))
    t62 = _own(np.empty((N, size_), np.float64))
    t66 = _own(np.empty((N, size_), np.float64))
    for m0_ in range(0, M, block_):
        if M - m0_ < size_:  # the last block
            size_ = M - m0_
            t42_2_ = _own(np.empty((20, size_), np.float64))
            t36_2_ = _own(np.empty((20, size_), np.float64))
            t31_2_ = _own(np.empty((N, size_), np.float64))
            plan_2_ = _own(np.empty((N, size_), np.float64))
            t62 = _own(np.empty((N, size_), np.float64))
            t66 = _own(np.empty((N, size_), np.float64))
        t42_2 = t42[m0_ : m0_ + size_]
        t36_2 = t36[m0_ : m0_ + size_]
        cost_2 = cost[:, m0_ : m0_ + size_]
        state_2_ = state_2[:, m0_ : m0_ + size_]
        g_2 = g[:, m0_ : m0_ + size_]
        t31_2 = t31[m0_ : m0_ + size_]
        plan_2 = plan[m0_ : m0_ + size_]
        dcost_ = dcost[:, m0_ : m0_ + size_]
        _turn(t42_2, t42_2_)
        _turn(t36_2, t36_2_)
        _turn(t31_2, t31_2_)
        _turn(plan_2, plan_2_)
        t62[...] = 0.0
        t66[...] = 0.0
        # over _, n, m: t62, t66; 320*M*N + 40*N operations, 1440*M*N + 640*N bytes
        for _ in range(20):
            for n in range(N):
                f__n = f[_ + 1, n]
                state__n_ = state[_ + 1, n]
                state_3__n = state_3[_, n]
                state___n = state_[_ + 1, n]
                t63 = state___n + state_3__n  # backward of line 9: copy gate
                t64 = t63 * eps  # backward of line 9: mul gate
                for m in range(size_):
                    t41 = t42_2_[_, m]
                    t36__m = t36_2_[_, m]
                    t37 = t36__m if np.isfinite(t36__m) else 0.0  # line 10
                    cost_mn = cost_2[n, m]
                    t34 = f__n - cost_mn  # line 10
                    t35 = t34 / eps  # line 10
                    t38 = t35 - t37  # line 10
                    t39 = _exp(t38)  # line 10
                    t43 = t39 * t41  # backward of line 10: logsumexp gate
                    state_2__m = state_2_[_ + 1, m]
                    t60 = state_2__m * eps  # backward of line 10: mul gate
                    t61 = t60 * t43  # backward of line 10: logsumexp gate
                    t62[n, m] += t61  # backward of line 10: sub gate
                    g__m = g_2[_, m]
                    t52 = g__m - cost_mn  # line 9
                    t53 = t52 / eps  # line 9
                    t54 = t53 - state__n_  # backward of line 9: logsumexp gate
                    t55 = _exp(t54)  # backward of line 9: logsumexp gate
                    t65 = t64 * t55  # backward of line 9: logsumexp gate
                    t66[n, m] += t65  # backward of line 9: sub gate
        # over n, m: dcost_; 5*M*N operations, 40*M*N bytes
        for n in range(N):
            for m in range(size_):
                t66_mn = t66[n, m]
                t62_mn = t62[n, m]
                t67 = t62_mn + t66_mn  # backward of line 8: copy gate
                t68 = t67 / eps  # backward of line 8: copy gate
                t30 = t31_2_[n, m]
                t69 = t30 / eps  # backward of line 11: div gate
                plan_nm = plan_2_[n, m]
                t70 = plan_nm - t69  # backward of line 4: copy gate
                dcost_nm = t70 + t68  # backward of line 4: copy gate
                dcost_[n, m] = dcost_nm
    return (loss, dcost)


class Gradient(NamedTuple):
    """The gradient of loss with respect to each parameter."""

    cost: np.ndarray  # [N, M]


_new = tuple.__new__  # of a named tuple: from its elements at once, where calling its class takes twice as long


def value(p, q, cost, eps=0.5):
    """Return loss."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, p, q, cost, eps):
        _call = _direct_value_kernel.run
        _found = _call(p, q, cost, eps)
    else:
        _found = value_kernel(*_checked(p, q, cost, eps))
    return _found[0]


def value_and_grad(p, q, cost, eps=0.5):
    """Return loss and its gradient."""
    _fits = _fitting.run
    if _fits(_ARRAY, _REAL, p, q, cost, eps):
        _call = _direct_value_and_grad_kernel.run
        _found = _call(p, q, cost, eps)
    else:
        _found = value_and_grad_kernel(*_checked(p, q, cost, eps))
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


def _checked(p, q, cost, eps):
    """Return the arguments as the kernels take them, or raise what is wrong with them."""
    if p.__class__ is not _ARRAY or p.dtype is not _REAL or p.ndim != 1 or not p.flags.carray:
        p = _converted("p", p, ("N",), "real")
    if q.__class__ is not _ARRAY or q.dtype is not _REAL or q.ndim != 1 or not q.flags.carray:
        q = _converted("q", q, ("M",), "real")
    if cost.__class__ is not _ARRAY or cost.dtype is not _REAL or cost.ndim != 2 or not cost.flags.carray:
        cost = _converted("cost", cost, ("N", "M"), "real")
    if eps.__class__ is not float:
        eps = float(_converted("eps", eps, (), "real"))
    N = p.shape[0]
    M = q.shape[0]
    if cost.shape[0] != N:
        raise ValueError(f"cost has {cost.shape[0]} rows, but N = {N} from p")
    if cost.shape[1] != M:
        raise ValueError(f"cost has {cost.shape[1]} columns, but M = {M} from q")
    return p, q, cost, eps


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
def _fit(_array, _real, p, q, cost, eps):
    """Do the kernels take the arguments as they are?"""
    if not (_is_array(p, _array, _real, 1)):
        return False
    if not (_is_array(q, _array, _real, 1)):
        return False
    if not (_is_array(cost, _array, _real, 2)):
        return False
    if not (_is_a(eps, "PyFloat_Type")):
        return False
    N = _size(p, 0)
    M = _size(q, 0)
    return _size(cost, 0) == N and _size(cost, 1) == M


_fitting = _Direct(_fit, 100, *[_ANY] * 6)


_KNOWN = (  # types of the arguments
    types.float64[::1], types.float64[::1], types.float64[:, ::1], types.double,
)
_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN)
_direct_value_and_grad_kernel = _Direct(value_and_grad_kernel, 0, *_KNOWN)
