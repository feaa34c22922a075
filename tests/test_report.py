"""The report and the picture in a real browser: stepping, linking, editing, reading aloud, room for every text."""

from __future__ import annotations

import ast
import html
import json
import random
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import mpmath
import numpy as np
import pytest
from test_explain import ROOT, chain

import gradcompile
from gradcompile.explain import FORMATS
from gradcompile.explain.content import content
from gradcompile.explain.javascript import UntranslatableError, expression, script
from gradcompile.explain.javascript_library import library
from gradcompile.gates import build
from gradcompile.gates.record import Gate
from gradcompile.gates.registry import GATES
from gradcompile.ir.nodes import Graph
from gradcompile.verify.fields import MpmathField

sync_api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright, of the extra `test`")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python, of `test`")

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium, for example by `apt-get install chromium`"
)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


class Page:
    """A page that must not complain, nor ask the network for anything."""

    def __init__(self, browser: sync_api.Browser, path: Path, text: str, **options: object) -> None:
        path.write_text(text, encoding="utf-8")
        self.page = browser.new_page(viewport={"width": 1400, "height": 900}, **options)
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)
        self.page.goto(path.as_uri())

    def _asked(self, request: sync_api.Request) -> None:
        if not request.url.startswith("file:"):
            self.complaints.append(f"asks for {request.url}")

    def __enter__(self) -> sync_api.Page:
        return self.page

    def __exit__(self, kind: object, *_: object) -> None:
        self.page.close()
        if kind is None:
            assert self.complaints == []


@pytest.fixture(scope="module")
def patterns() -> str:
    at = {"x": 3, "y": -4, "z": 2, "w": -1}
    return gradcompile.explain(ROOT / "examples/gate_patterns.formula", at=at).to("html")


@pytest.fixture(scope="module")
def regression() -> str:
    return gradcompile.explain(ROOT / "examples/softmax_regression.formula").to("html")


def seen(page: sync_api.Page, kind: str) -> list[str]:
    return page.eval_on_selector_all(f"#graph .{kind}:not(.unseen)", "found => found.map(e => e.textContent)")


def lit(page: sync_api.Page, selector: str) -> list[str]:
    return page.eval_on_selector_all(f"{selector}.lit", "found => found.map(e => e.textContent.trim())")


@needs_chromium
def test_stepping_goes_forward_then_backward(browser: sync_api.Browser, tmp_path: Path, patterns: str) -> None:
    with Page(browser, tmp_path / "p.html", patterns) as page:
        whole = len(seen(page, "value")), len(seen(page, "gradient"))
        page.click("#first")
        assert sorted(seen(page, "value")) == sorted(["3", "3", "−4", "2", "−1"])
        assert seen(page, "gradient") == []
        page.keyboard.press("ArrowRight")
        assert "−12" in seen(page, "value")
        assert "mul gate" in page.inner_text("#now")
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        assert len(seen(page, "value")) == whole[0]
        assert seen(page, "gradient") == []
        page.keyboard.press("ArrowRight")
        assert seen(page, "gradient") == ["1", "1", "1"]
        assert page.inner_text("#now").startswith("Backward, 1 of 6: add gate")
        assert "Σ 5" not in seen(page, "total")
        page.click("#next")
        page.click("#next")
        assert "Σ 5" in seen(page, "total")
        page.click("#back")
        assert "Σ 5" not in seen(page, "total")
        page.keyboard.press("End")
        assert (len(seen(page, "value")), len(seen(page, "gradient"))) == whole


@needs_chromium
def test_a_gate_lights_its_line_its_code_and_its_step(browser: sync_api.Browser, tmp_path: Path, patterns: str) -> None:
    with Page(browser, tmp_path / "p.html", patterns) as page:
        page.hover('#graph .gate[data-name="larger"] rect')
        assert lit(page, "#formula li")[0].startswith("larger = max(z, w)")
        assert any("larger = np.maximum(z, w)" in line for line in lit(page, "#code li"))
        assert any("backward of line 4: max gate" in line for line in lit(page, "#code li"))
        assert [card.split()[0] for card in lit(page, ".card")] == ["2"]
        page.hover("h1")
        assert lit(page, ".card") == []
        page.hover("#formula li:nth-child(6) code")
        assert [card.split()[0] for card in lit(page, ".card")] == ["4", "5", "6"]
        assert len(lit(page, "#graph .gate")) == 3


@needs_chromium
def test_the_keyboard_reaches_everything(browser: sync_api.Browser, tmp_path: Path, patterns: str) -> None:
    with Page(browser, tmp_path / "p.html", patterns) as page:
        assert page.eval_on_selector_all("#graph .gate[tabindex='0']", "found => found.length") == 1
        page.focus("#graph .gate[tabindex='0']")
        assert [card.split()[0] for card in lit(page, ".card")] == ["1"]
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.dataset.name") == "larger"
        assert "max" in page.evaluate("document.activeElement.getAttribute('aria-label')")
        page.keyboard.press("Enter")
        assert page.eval_on_selector("#step-2", "e => e.getBoundingClientRect().top < innerHeight")
        page.focus("#formula")
        page.keyboard.press("ArrowDown")
        page.focus(".skip")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "derivation"


@needs_chromium
def test_editing_computes_both_passes_again(browser: sync_api.Browser, tmp_path: Path) -> None:
    path = ROOT / "examples/neuron.formula"
    module = gradcompile.compile(path, target="numpy", verify=False).module
    assert module is not None
    with Page(browser, tmp_path / "p.html", gradcompile.explain(path, claims=False).to("html")) as page:
        page.fill('input[aria-label="value of w0"]', "0.5")
        page.fill('input[aria-label="value of x1"]', "-1e-1")
        value, gradient = module.value_and_grad(w0=0.5, x0=-1.0, w1=-3.0, x1=-0.1, w2=-3.0)
        shown = page.eval_on_selector_all("output[data-key]", "found => found.map(e => [e.dataset.key, e.title])")
        found = {key: float(text) for key, text in shown if text}
        assert found["v:f"] == pytest.approx(value, rel=1e-14)
        for name in ("w0", "x0", "w1", "x1", "w2"):
            assert found[f"g:{name}"] == pytest.approx(getattr(gradient, name), rel=1e-14)
        assert f"{value:.2f}" in seen(page, "value")
        page.fill('input[aria-label="value of w0"]', "")
        assert page.get_attribute('input[aria-label="value of w0"]', "aria-invalid") == "true"
        assert float(page.eval_on_selector('output[data-key="v:f"]', "e => e.title")) == pytest.approx(value, rel=1e-14)


GATES_IN_JAVASCRIPT = """
x: Param
y: Param
a = where(x > y, tanh(x) * max(x, y), exp(-y)) + hypot(x, y) % 2 - floor(3.7 * x) + round(x) + log1p(abs(y))
b = logaddexp(x, y) + softplus(x * y) + x**3 + sqrt(1 + y**2) + arctan2(y, x) + cbrt(x) + min(x, 0.25) + sinh(y)
f = a * b + lgamma(1.5 + y**2) + digamma(2 + x**2)
"""


@needs_chromium
def test_the_script_computes_what_the_module_computes(browser: sync_api.Browser, tmp_path: Path) -> None:
    found = content(GATES_IN_JAVASCRIPT, claims=False, at={"x": 0.5, "y": 1.25})
    module = found.compiled.module
    assert module is not None
    with Page(browser, tmp_path / "p.html", FORMATS["html"](found)) as page:
        assert page.query_selector("input[data-input]") is not None
        for x, y in ((0.5, 1.25), (1.75, -0.625), (-2.5, 3.0), (4.0, -7.5)):
            result = page.evaluate(f"compute([{x}, {y}])")
            value, gradient = module.value_and_grad(x, y)
            assert result["v:f"] == pytest.approx(value, rel=1e-11)
            assert result["g:x"] == pytest.approx(gradient.x, rel=1e-11)
            assert result["g:y"] == pytest.approx(gradient.y, rel=1e-11)


def arguments_of(gate: Gate) -> list[list[float]]:
    """Return points of a gate's arguments: an order is a whole number, other arguments lie where tests draw them."""
    draw, ordered = random.Random(gate.name), gate.arguments[0] == "n"
    intervals = [gate.interval(i) for i in range(len(gate.arguments))]
    points = [[draw.uniform(*interval) for interval in intervals] for _ in range(20)]
    return [[float(draw.randint(0, 3)), *point[1:]] for point in points] if ordered else points


@needs_chromium
def test_every_gate_has_javascript_that_is_right(browser: sync_api.Browser) -> None:
    page, field = browser.new_page(), MpmathField()
    gates = [g for g in GATES.values() if g.result == "real" and g.name not in ("where", "integer")]
    assert {"erf", "erfinv", "gamma", "lgamma", "digamma", "iv", "jv"} <= {g.name for g in gates}
    for gate in gates:
        graph = Graph()
        node = build.gate(gate.name, *[build.argument(graph, name, ()) for name in gate.arguments])
        code = script({"v": node}, gate.arguments)
        for point in arguments_of(gate):
            found = page.evaluate(f"(() => {{ {code} return compute({json.dumps(point)}).v; }})()")
            with mpmath.workdps(30):
                exact = float(field.gate(gate.name, *map(mpmath.mpf, point)))
            assert found == pytest.approx(exact, rel=1e-12, abs=1e-300), (gate.name, point)
    page.close()


@needs_chromium
def test_the_library_is_right_to_the_last_digits(browser: sync_api.Browser) -> None:
    page = browser.new_page()
    for name, exact, points in (
        ("_js_erf", mpmath.erf, np.linspace(-6, 6, 97)),
        ("_js_erfc", mpmath.erfc, np.linspace(-6, 26, 129)),
        ("_js_gamma", mpmath.gamma, np.linspace(-20.3, 171, 131)),
    ):
        code = "\n".join(library(name))
        found = page.evaluate(f"(() => {{ {code} return {json.dumps(list(points))}.map({name}); }})()")
        with mpmath.workdps(30):
            wanted = [float(exact(mpmath.mpf(x))) for x in points]
        assert np.allclose(found, wanted, rtol=3e-14, atol=0), name
    special = page.evaluate(
        f"(() => {{ {' '.join(library('_js_gamma _js_erfc'))} return "
        "[_js_gamma(-2), _js_gamma(0), _js_gamma(172), _js_gamma(5), _js_erfc(-40), _js_erfc(NaN)].map(String); })()"
    )
    assert special == ["NaN", "Infinity", "Infinity", "24", "2", "NaN"]
    page.close()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x: Param[3]\nf = sum(x * x)", "it computes with numbers alone, and the input x on line 1 is an array"),
        ("x: Param\ny = 0\nfor i in range(4):\n    y = y * x + i\nreturn y", None),
        ("x: Param\nn: Int\ny = 0\nfor i in range(n):\n    y = y * x + i\nreturn y", "on line"),
    ],
)
def test_a_page_that_is_not_editable_says_why(text: str, why: str | None) -> None:
    page = FORMATS["html"](content(text, claims=False))
    shown = re.sub(r"<script>.*", "", page, flags=re.DOTALL)
    assert ("data-input" in shown) == (why is None)
    assert ("const compute = null" in page) == (why is not None)
    said = re.findall("This page cannot compute again for other numbers: (.*?)\\. Give others", shown)
    assert len(said) == (why is not None)
    assert all(why in html.unescape(sentence) for sentence in said if why is not None)


def test_a_large_page_is_not_editable_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    found = content("x: Param\nf = erf(x) * gamma(x + 2)", claims=False)
    assert "data-input" in FORMATS["html"](found).partition("<script>")[0]
    monkeypatch.setattr(sys.modules["gradcompile.explain.html"], "EDITABLE", 3)
    page = FORMATS["html"](found)
    assert "data-input" not in page.partition("<script>")[0]
    assert "and it computes up to 3 again" in page


def test_what_has_no_javascript_is_refused() -> None:
    for text in ("open('x')", "x.y", "[i for i in x]", "x[0]"):
        with pytest.raises(UntranslatableError):
            expression(ast.parse(text, mode="eval").body)
    node = content("x: Param\nf = x * 2", claims=False).steps[0].node
    assert "x[0]" in script({"v:f": node}, ["x"])


@needs_chromium
@pytest.mark.parametrize(
    ("which", "scheme"),
    [
        ("patterns", "dark"),
        ("patterns", "light"),
        pytest.param("regression", "light", marks=pytest.mark.slow),
        pytest.param("regression", "dark", marks=pytest.mark.slow),
    ],
)
def test_accessibility(
    browser: sync_api.Browser, tmp_path: Path, request: pytest.FixtureRequest, which: str, scheme: str
) -> None:
    with Page(browser, tmp_path / "p.html", request.getfixturevalue(which), color_scheme=scheme) as page:
        assert page.get_attribute("html", "data-theme") == scheme
        page.click("#first")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("End")
        for entry in page.query_selector_all("details summary")[:2]:
            entry.click()
        found = axe.Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


@needs_chromium
def test_mathematics_is_mathml_and_claims_stand_beside_their_lines(
    browser: sync_api.Browser, tmp_path: Path, regression: str
) -> None:
    with Page(browser, tmp_path / "p.html", regression) as page:
        assert page.eval_on_selector_all("math", "found => found.length") > 30
        assert page.eval_on_selector("math", "e => e.namespaceURI").endswith("MathML")
        assert (
            page.eval_on_selector_all("#formula .verdict", "found => found.map(e => e.textContent)") == ["proved"] * 3
        )
        page.click("details.entry summary >> nth=0")
        assert "never built" in page.inner_text("details[open]")
        assert "const compute = null" in page.content()


def test_what_a_refuted_claim_lights() -> None:
    def lights(text: str) -> list[str]:
        return re.findall('refuted-note"[^>]*data-steps="([^"]*)"', gradcompile.explain(text).to("html"))

    mean = "x: Param[N]\nz = sin(x)\nf = mean(z**2)\n"  # gates: 1 sin, 2 square, 3 sum and 4 div of the mean
    assert lights(f"{mean}assert grad(f, x) == 2 * z * cos(x)") == ["3 4 -4"]  # the gates of the mean
    assert lights(f"{mean}assert grad(f, z) == exp(z) - cos(x)") == ["1 -4"]  # the gate whose gradient is claimed
    assert lights(f"{mean}assert grad(f, x) == exp(z) - cos(x)") == ["1 -4"]  # the gates that read the input
    assert lights(f"{mean}assert f == mean(exp(z) - cos(x))")[0].endswith(" -4")


@needs_chromium
def test_a_refuted_claim_is_shown_with_its_reason(browser: sync_api.Browser, tmp_path: Path) -> None:
    text = "x: Param\ny: Param\nf = x * y\nassert grad(f, x) == x"
    with Page(browser, tmp_path / "p.html", gradcompile.explain(text).to("html")) as page:
        assert page.inner_text("#formula .verdict") == "refuted"
        assert "Line 4 is refuted." in page.inner_text(".refuted-note")
        assert page.get_attribute(".refuted-note", "data-steps") == "1 -4"
        page.hover(".refuted-note")
        for line in (3, 4):
            assert page.get_attribute(f"#formula li[value='{line}']", "class") == "lit"
        page.hover("#formula li:nth-child(4) code")
        assert [card.split()[0] for card in lit(page, ".card")] == ["1"]


@needs_chromium
def test_it_prints_whole(browser: sync_api.Browser, tmp_path: Path, patterns: str) -> None:
    with Page(browser, tmp_path / "p.html", patterns) as page:
        page.click("#first")
        page.emulate_media(media="print")
        assert page.eval_on_selector_all(
            "#graph .gradient", "f => f.every(e => getComputedStyle(e).visibility == 'visible')"
        )
        assert page.eval_on_selector(".player", "e => getComputedStyle(e).display") == "none"
        assert len(page.pdf()) > 10_000


OVERLAPS = """
() => {
  const rectangle = (e) => e.getBoundingClientRect();
  const texts = [...document.querySelectorAll('svg text')], boxes = [...document.querySelectorAll('svg .box rect')];
  const apart = (a, b) => a.right <= b.left + 0.5 || b.right <= a.left + 0.5 || a.bottom <= b.top + 0.5 || b.bottom <= a.top + 0.5;
  const within = (a, b) => a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
  const found = [];
  texts.forEach((text, i) => {
    const own = rectangle(text);
    for (const other of texts.slice(i + 1)) {
      if (!apart(own, rectangle(other))) found.push([text.textContent, other.textContent]);
    }
    for (const box of boxes) {
      if (!apart(own, rectangle(box)) && !within(own, rectangle(box))) found.push([text.textContent, 'box']);
    }
  });
  return [texts.length, found];
}
"""  # noqa: E501


@needs_chromium
@pytest.mark.parametrize(
    "name", ["neuron", "gate_patterns", "softmax_regression", "attention", "batch_normalisation", "large"]
)
def test_no_text_of_the_picture_overlaps(browser: sync_api.Browser, tmp_path: Path, name: str) -> None:
    source = chain(120, 8) if name == "large" else ROOT / f"examples/{name}.formula"
    picture = FORMATS["svg"](content(source, claims=False))
    with Page(browser, tmp_path / "p.html", f"<!doctype html><meta charset=utf-8><title>p</title>{picture}") as page:
        count, overlaps = page.evaluate(OVERLAPS)
        assert count > 20
        assert overlaps == []


@needs_chromium
def test_a_graph_of_500_gates_can_be_stepped_through(browser: sync_api.Browser, tmp_path: Path) -> None:
    found = content(chain(500, 10), claims=False, at={"x": 0.3, "y": 1.1})
    assert len(found.steps) > 450
    with Page(browser, tmp_path / "p.html", FORMATS["html"](found)) as page:
        assert page.eval_on_selector_all("#graph .gate", "found => found.length") == len(found.steps)
        page.click("#first")
        for _ in range(12):
            page.keyboard.press("ArrowRight")
        assert page.inner_text("#now").startswith("Forward, 12 of ")
        changed = page.evaluate(
            """() => new Promise((done) => {
              let count = 0;
              const watch = new MutationObserver((records) => { count += records.length; });
              const graph = document.getElementById('graph');
              watch.observe(graph, { subtree: true, attributes: true, attributeFilter: ['class'] });
              const gate = document.querySelectorAll('#graph .gate')[40];
              gate.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
              setTimeout(() => done(count), 50);
            })"""
        )
        assert 0 < changed < 20  # what is lit and what was lit before, not all the others
