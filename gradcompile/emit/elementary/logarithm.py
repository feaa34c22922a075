"""log and what is made of it: log1p, softplus.

x = 2^k * (1 + f) with 1 + f between sqrt(1/2) and sqrt(2), and log(1 + f) = 2*atanh(s) with s = f / (2 + f), where
s = f/2 - f/2*s takes the rounding of s out of the leading term (Cody and Waite 1980; Tang, ACM TOMS 16, 1990).
"""

from __future__ import annotations

import struct

from gradcompile.emit.elementary.formats import Format


def _bits(f: Format, x: float) -> int:
    code = "<d", "<q"
    if f.name == "float32":
        code = "<f", "<i"
    return int(struct.unpack(code[1], struct.pack(code[0], x))[0])


def source(f: Format) -> str:
    """Return the functions' text."""
    high, low = f.table["LN2"]
    root = _bits(f, 0.5**0.5)
    shift, fraction = _bits(f, 1.0) - root, 2**f.fraction - 1
    raised, scale = f.fraction + 2, 2.0 ** (f.fraction + 2)
    exponents, place, start = 2 * f.bias + 1, _bits(f, 2.0**f.fraction), 2.0**f.fraction + f.bias

    def units(name: str) -> str:
        return ", ".join(map(repr, f.table[name]))

    return f'''
@jit
def _log_sum(k, f):
    """k*log(2) + log(1 + f) for a whole k."""
    s = f / (2.0 + f)
    z = s * s
    h = 0.5 * f * f
    return k * {high!r} + (f - (h - (s * (h + z * {f.series("z", "LOG")}) + k * {low!r})))


@jit
def _log_parts(x):
    """k and f with x = 2^k * (1 + f), x normal and sqrt(1/2) <= 1 + f < sqrt(2), from the bits of x."""
    bits = {f.bits("x")} + {shift:#x}
    k = {f.number(f"bits >> {f.fraction} & {exponents} | {place:#x}")} - {start!r}
    return k, {f.number(f"(bits & {fraction:#x}) + {root:#x}")} - 1.0


@jit
def _log_parts_of_all(x):
    """The same for x > 0, subnormal ones as well."""
    small = x < {f.tiny!r}
    k, f = _log_parts(x * {scale!r} if small else x)
    return k - {float(raised)} if small else k, f


@jit
def _log(x):
    """The natural logarithm, within 1 unit in the last place."""
    k, f = _log_parts_of_all(x)
    y = _log_sum(k, f)
    y = y if x < np.inf else x
    outside = -np.inf if x == 0.0 else np.nan
    y = y if x > 0.0 else outside
    return y


@jit
def _log_to_base(x, unit, unit_low, two, two_low):
    """log(x) / log(base), within 2 units in the last place; the logarithms of e and of 2 to that base in two parts."""
    k, f = _log_parts_of_all(x)
    s = f / (2.0 + f)
    z = s * s
    h = 0.5 * f * f
    log = f - h
    low = ((f - log) - h) + s * (h + z * {f.series("z", "LOG")})
    y = log * unit
    low = _fma(log, unit, -y) + (low * unit + log * unit_low)
    whole = k * two
    sum = whole + y
    y = sum + ((y - (sum - whole)) + (low + k * two_low))
    y = y if x < np.inf else x
    outside = -np.inf if x == 0.0 else np.nan
    y = y if x > 0.0 else outside
    return y


@jit
def _log2(x):
    """The logarithm to base 2."""
    return _log_to_base(x, {units("LOG2_E")}, 1.0, 0.0)


@jit
def _log10(x):
    """The logarithm to base 10."""
    return _log_to_base(x, {units("LOG10_E")}, {units("LOG10_2")})


@jit
def _log1p(x):
    """log(1 + x), within 2 units in the last place: k from 1 + x, f from x itself."""
    y = 1.0 + x
    k, _ = _log_parts(y)
    power = _power_of_two({f.place + 2.0!r} - k)
    sum = _log_sum(k, 0.25 * x * power + (0.25 * power - 1.0))
    rest = x if (x > 0.0) | (y == 1.0) else -np.inf if y == 0.0 else np.nan
    y = sum if (y > 0.0) & (y < np.inf) & (y != 1.0) else rest
    return y


@jit
def _softplus(x):
    """log(1 + exp(x)) as max(x, 0) + log1p(exp(-|x|)), within 2 units in the last place."""
    z = _exp(-abs(x))
    large = z > 0.41421356
    return (x if x > 0.0 else 0.0) + _log_sum(1.0 if large else 0.0, 0.5 * z - 0.5 if large else z)
'''
