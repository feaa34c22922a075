"""Renew docs/derivations.md: worked derivations, each with a wrong twin and what the checker says of it.

Run it as ``python docs/derive.py``. Tests hold that the document is as it comes out of here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gradcompile import api
from gradcompile.verify import ClaimVerdict

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs/derivations.md"
LESSONS = {
    "gate_patterns": "The four gates",
    "neuron": "A sigmoid neuron",
    "softmax_regression": "Softmax and cross-entropy",
    "two_layer_network": "A network of two layers",
    "batch_normalisation": "Batch normalisation",
    "matrix_product": "A matrix product by slices",
    "attention": "Attention",
    "logistic_hessian": "A Hessian",
}
HEAD = """\
# Worked derivations

A lecture's worth of derivations by hand. Each is an example whose claims are all right, and has a wrong twin in
`docs/twins/` that differs in one line. Below is what `gradcompile check` says of the twins. This page is made by
`python docs/derive.py`.
"""


def document() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *(lesson(name) for name in LESSONS)])


def lesson(name: str) -> str:
    """Return what there is to say of one example and its twin."""
    right, wrong = ROOT / "examples" / f"{name}.formula", ROOT / "docs/twins" / f"{name}.formula"
    before, after = _difference(right, wrong)
    refuted = [verdict for verdict in api.check(wrong) if verdict.verdict == "refuted"]
    said = "\n".join(line for verdict in refuted for line in _lines(verdict))
    claims = sum(line.startswith("assert") for line in right.read_text(encoding="utf-8").splitlines())
    return f"""\
## {LESSONS[name]}

[examples/{name}.formula](../examples/{name}.formula) has {claims} right claims. In
[the twin](twins/{name}.formula), one line is another one:

```diff
-{before}
+{after}
```

```console
$ gradcompile check docs/twins/{name}.formula
{said}
```
"""


def _difference(right: Path, wrong: Path) -> tuple[str, str]:
    """Return the one line in which two files differ."""
    pairs = zip(
        right.read_text(encoding="utf-8").splitlines(), wrong.read_text(encoding="utf-8").splitlines(), strict=True
    )
    ((before, after),) = [(a, b) for a, b in pairs if a != b]
    return before, after


def _lines(verdict: ClaimVerdict) -> Iterator[str]:
    """Yield what the command prints of a claim, the counterexample of the first wrong one included."""
    yield f"line {verdict.line}: {verdict.verdict}  {verdict.claim}"
    yield f"    {verdict.sentence}"
    if verdict.repair:
        yield f"    right is: {verdict.repair}"
    if verdict.counterexample and verdict.follows is None:
        yield f"    {verdict.counterexample}"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
