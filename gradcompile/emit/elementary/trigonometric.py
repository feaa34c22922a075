"""sin, cos and tan of any argument.

With x = m * 2^e, m and the row of a table for e give x * 2/pi modulo 4 with all bits that the worst x needs: the
nearest whole number says which of sin and cos of the rest is meant, and its sign (Payne and Hanek, SIGNUM Newsletter
18, 1983; here by a table of 2^e * 2/pi in four numbers, which LLVM reads by gathers). Products and sums are kept in
two numbers (Dekker, Numerische Mathematik 18, 1971).
"""

from __future__ import annotations

import math

from gradcompile.emit.elementary.coefficients import TWO_OVER_PI
from gradcompile.emit.elementary.formats import Format

NEAR = {"float64": 1e8, "float32": 1e4}  # arguments below this need no table
_PER_LINE = 80


def _digits(count: int) -> str:
    """Return the first hexadecimal digits of 2/pi as adjoining literals, one a line."""
    digits = TWO_OVER_PI[:count]
    return "\n".join(f'        "{digits[i : i + _PER_LINE]}"' for i in range(0, count, _PER_LINE))


def source(f: Format) -> str:
    """Return the functions' text."""
    rows, span = f.bias + 1, f.fraction + 2
    digits = {"float64": 320, "float32": 64}[f.name]
    exponent, one = f.exponent, f.bias << f.fraction
    high, low, rest = f.table["HALF_PI"]
    even = {"float64": 1e-8, "float32": 1e-4}[f.name]
    return f'''
@intrinsic
def _fma(context, a, b, c):
    """a * b + c with one rounding."""
    return a(a, b, c), lambda context, builder, signature, values: builder.fma(*values)


def _make_turns():
    """2^e * 2/pi modulo 2^{span}, each the sum of four numbers in row e - 1: row -1, the last, is that of e = 0."""
    unit = 16**{digits}
    digits = int(
{_digits(digits)}, 16
    )
    table = np.empty(({rows}, 4), {f.real})
    for e in range({rows}):
        rest = (digits << e) % (unit << {span})
        for part in range(4):
            table[e - 1, part] = rest / unit
            above, below = table[e - 1, part].as_integer_ratio()
            rest -= above * unit // below
    return table


_turns = _make_turns()


@jit
def _quarters(x):
    """The whole number nearest to x * 2/pi modulo 4 in its last bits, and r + low = x - number * pi/2."""
    size = abs(x)
    e = {f.bits("size if size > 1.0 else 1.0")} & {exponent:#x}
    m = {f.number(f"{f.bits('x')} - (e - {one:#x})")}
    row = (e >> {f.fraction}) & {rows - 1}
    t0, t1, t2, t3 = _turns[row, 0], _turns[row, 1], _turns[row, 2], _turns[row, 3]
    a, b, c = m * t0, m * t1, m * t2
    a_low, b_low, c_low = _fma(m, t0, -a), _fma(m, t1, -b), _fma(m, t2, -c) + m * t3
    a = a - 4.0 * np.rint(0.25 * a)
    shifted = a + a_low + b + {f.whole!r}
    a = a - (shifted - {f.whole!r}) + (x - x)
    s0 = a + a_low
    s1 = s0 + b
    s2 = s1 + b_low
    s3 = s2 + c
    low = (a_low - (s0 - a)) + (b - (s1 - s0)) + ((b_low - (s2 - s1)) + ((c - (s3 - s2)) + c_low))
    r = s3 * {high!r}
    low = _fma(s3, {high!r}, -r) + (s3 * {low!r} + low * {high!r})
    return {f.bits("shifted")}, r, low


@jit
def _near_quarters(x):
    """The same for |x| < {NEAR[f.name]}: x less number * pi/2, which is in three parts (Cody and Waite)."""
    shifted = x * {2 / math.pi!r} + {f.whole!r}
    k = shifted - {f.whole!r}
    a, b = _fma(-k, {high!r}, x), _fma(k, {low!r}, 0.0)
    r = a - b
    return {f.bits("shifted")}, r, ((a - r) - b) - (_fma(k, {low!r}, -b) + k * {rest!r})


@jit
def _sine_cosine(x, quarters):
    """The number of quarter turns, and sine and cosine of what is left of x, each as the sum of two numbers."""
    n, r, low = quarters
    square = r * r
    half = 0.5 * square
    sine_tail = r * square * {f.series("square", "SIN")} + low
    sine = r + sine_tail
    sine_low = sine_tail - (sine - r)
    small = abs(x) < {even!r}
    sine = x if small else sine
    sine_low = 0.0 if small else sine_low
    rest = 1.0 - half
    cosine_tail = ((1.0 - rest) - half) + (square * square * {f.series("square", "COS")} - r * low)
    cosine = rest + cosine_tail
    return n, sine, sine_low, cosine, cosine_tail - (cosine - rest)


@jit
def _sine(x, quarters):
    """The sine of x, the quarter turns of which are known."""
    n, sine, _, cosine, _ = _sine_cosine(x, quarters)
    y = cosine if n & 1 else sine
    return -y if n & 2 else y


@jit
def _cosine(x, quarters):
    """The cosine in the same way."""
    n, sine, _, cosine, _ = _sine_cosine(x, quarters)
    y = sine if n & 1 else cosine
    return -y if (n + 1) & 2 else y


@jit
def _tangent(x, quarters):
    """The tangent: sine / cosine, or -cosine / sine, then one step with the rest."""
    n, sine, sine_low, cosine, cosine_low = _sine_cosine(x, quarters)
    odd = n & 1
    above, above_low = cosine if odd else sine, cosine_low if odd else sine_low
    below, below_low = -sine if odd else cosine, -sine_low if odd else cosine_low
    y = above / below
    lost = _fma(-y, below, above) + (above_low - y * below_low)
    step = lost / below
    y = y + step if step != 0.0 else y
    return y


@jit
def _sin(x):
    """The sine, within 2 units in the last place."""
    return _sine(x, _quarters(x))


@jit
def _cos(x):
    """The cosine, within 2 units in the last place."""
    return _cosine(x, _quarters(x))


@jit
def _tan(x):
    """The tangent, within 2 units in the last place."""
    return _tangent(x, _quarters(x))


@jit
def _near_sin(x):
    """The sine for |x| < {NEAR[f.name]}."""
    return _sine(x, _near_quarters(x))


@jit
def _near_cos(x):
    """The cosine for |x| < {NEAR[f.name]}."""
    return _cosine(x, _near_quarters(x))


@jit
def _near_tan(x):
    """The tangent for |x| < {NEAR[f.name]}."""
    return _tangent(x, _near_quarters(x))
'''
