"""Functions that the gates' code calls and JavaScript does not have; a page has those that its formula needs."""

from __future__ import annotations

import re

LIBRARY = {
    "_js_mod": "const _js_mod = (a, b) => a - b * Math.floor(a / b);",
    "_js_rint": """\
const _js_rint = (x) => { const r = Math.round(x); return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r; };""",
    "_js_copysign": "const _js_copysign = (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x));",
    # The Maclaurin series with exp(-x^2) before it, whose terms are all positive (DLMF 7.6.2).
    "_js_erf": """\
const _js_erf = (x) => {
  if (!(Math.abs(x) < 1)) return x > 0 ? 1 - _js_erfc(x) : x < 0 ? _js_erfc(-x) - 1 : NaN;
  let term = x, sum = x;
  for (let n = 1; n < 30; n += 1) { term *= (2 * x * x) / (2 * n + 1); sum += term; }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
};""",
    # From 1 on the continued fraction (DLMF 7.9.1), from its end; x^2 in two parts, one of which is exact.
    "_js_erfc": """\
const _js_erfc = (x) => {
  if (!(x >= 1)) return x < -1 ? 2 - _js_erfc(-x) : 1 - _js_erf(x);
  if (x > 28) return 0;
  let below = x;
  for (let n = Math.ceil(30 + 160 / (x * x)); n > 0; n -= 1) below = x + n / 2 / below;
  const high = Math.floor(x * 65536) / 65536;
  return (Math.exp(-high * high) * Math.exp(-(x - high) * (x + high))) / (Math.sqrt(Math.PI) * below);
};""",
    # Stirling's series from 12 on (DLMF 5.11.1), below it by the recurrence, left of 1/2 by the reflection formula;
    # of a whole number the factorial.
    "_js_gamma": """\
const _js_gamma = (x) => {
  if (x < 0.5) return x % 1 === 0 ? (x === 0 ? 1 / x : NaN) : Math.PI / (_js_sinpi(x) * _js_gamma(1 - x));
  if (x > 171.7) return x === Infinity || x > 0 ? Infinity : NaN;
  let factor = 1;
  if (x % 1 === 0 && x < 24) {
    for (let n = 2; n < x; n += 1) factor *= n;
    return factor;
  }
  while (x < 12) { factor *= x; x += 1; }
  const u = 1 / (x * x);
  const series = (1 / 12 - u * (1 / 360 - u * (1 / 1260 - u * (1 / 1680 - u * (1 / 1188 - (u * 691) / 360360))))) / x;
  const half = Math.pow(x, x / 2 - 0.25);
  return (Math.sqrt(2 * Math.PI) * half * Math.exp(series - x) * half) / factor;
};""",
    "_js_sinpi": """\
const _js_sinpi = (x) => { const r = x - 2 * Math.round(x / 2); return Math.sin(Math.PI * r); };""",
}


def library(text: str) -> list[str]:
    """Return the functions that a script calls, directly or through others."""
    found: dict[str, str] = {}
    waiting = [text]
    while waiting:
        called = set(re.findall(r"\b_js_\w+", waiting.pop())) & LIBRARY.keys() - found.keys()
        found |= {name: LIBRARY[name] for name in sorted(called)}
        waiting += [LIBRARY[name] for name in called]
    return list(found.values())
