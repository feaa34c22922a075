"""pow: exp(y * log(|x|)), with the logarithm and the product in two numbers each.

The logarithm is 2*s + s^3*p(s^2) as in `logarithm.py`, but all that is large enough to matter for 64 bits of it is kept
as an unevaluated sum (Dekker, Numerische Mathematik 18, 1971), since an error in y * log(x) is one in the last place of
the result for each 2^-53.
"""

from __future__ import annotations

from gradcompile.emit.elementary.formats import Format


def source(f: Format) -> str:
    """Return the functions' text."""
    log2_high, log2_low = f.table["LN2"]
    third_high, third_low = f.table["LOG_LONG"][:2]
    low, high = f.exp_range
    return f'''
@jit
def _log_in_two(k, f):
    """k*log(2) + log(1 + f) as the sum of two numbers."""
    below = 2.0 + f
    s = f / below
    s_low = (_fma(-s, below, f) - s * (f - (below - 2.0))) / below
    z = s * s
    z_low = _fma(s, s, -z) + 2.0 * s * s_low
    rest = z * {f.series("z", "LOG_LONG", 2)}
    p = {third_high!r} + rest
    p_low = ({third_high!r} - p) + rest + {third_low!r}
    q = z * p
    q_low = _fma(z, p, -q) + (z * p_low + z_low * p)
    r = s * q
    r_low = _fma(s, q, -r) + (s * q_low + s_low * q)
    whole = k * {log2_high!r}
    sum = whole + 2.0 * s
    total = sum + r
    low = (2.0 * s - (sum - whole)) + (r - (total - sum))
    return total, low + (r_low + 2.0 * s_low + k * {log2_low!r})


@jit
def _pow(x, y):
    """x to the y, within 2 units in the last place; NaN for negative x unless y is whole."""
    a = abs(x)
    k, f = _log_parts_of_all(a)
    log, log_low = _log_in_two(k, f)
    log = -np.inf if a == 0.0 else a if a == np.inf else log
    p = y * log
    p_low = _fma(y, log, -p) + y * log_low
    inside = (p < {high}) & (p > {low})
    p_low = p_low if inside else 0.0
    p = {high} if p > {high} else p
    p = {low} if p < {low} else p
    place, w = _exp_parts(p)
    one, other = _halves(place)
    power = (one + one * (w + (1.0 + w) * p_low)) * other
    power = 1.0 if (y == 0.0) | (a == 1.0) & ((x > 0.0) | (abs(y) == np.inf)) else power
    odd = (np.rint(y) == y) & (np.rint(0.5 * y) != 0.5 * y)
    whole = (np.rint(y) == y) | (a == 0.0) | (a == np.inf)
    negative = math.copysign(1.0, x) < 0.0
    signed = -power if odd else power if whole else np.nan
    power = signed if negative else power
    power = a + y if (a != a) & (y != 0.0) else power
    return power
'''
