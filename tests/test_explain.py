"""Explanations: every number and every formula in them against the compiled module and the language itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import sympy
from click.testing import CliRunner
from test_new_gate import BUMP

import gradcompile
from gradcompile.cli import main
from gradcompile.errors import FormulaError
from gradcompile.explain import FORMATS, tables
from gradcompile.explain.content import Content, content
from gradcompile.explain.mathematics import Latex, plain
from gradcompile.explain.picture import groups, picture
from gradcompile.explain.svg import arranged
from gradcompile.gates.record import Gate
from gradcompile.gates.registry import GATES, registered

ROOT = Path(__file__).parent.parent
FAST = [
    "neuron",
    "gate_patterns",
    "softmax_regression",
    "two_layer_network",
    "batch_normalisation",
    "attention",
    "huber",
]
ARRAY_RESULTS = {"reprojection"}
OTHERS = sorted({p.stem for p in (ROOT / "examples").glob("*.formula")} - set(FAST) - ARRAY_RESULTS)
EXAMPLES = [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)]


def of(name: str, **options: object) -> Content:
    return content(ROOT / f"examples/{name}.formula", claims=False, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("depth", ["matrix", "scalar"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_numbers_are_those_of_the_module(name: str, depth: str) -> None:
    found = of(name, depth=depth)
    assert found.point is not None
    assert found.compiled.module is not None
    value, gradient = found.compiled.module.value_and_grad(**found.point)
    assert found.value(found.result) == pytest.approx(value, rel=1e-12)
    for argument in found.program.differentiated:
        np.testing.assert_allclose(
            found.gradient(argument.name),
            getattr(gradient, argument.name),
            rtol=1e-9,
            atol=1e-12,
            err_msg=argument.name,
        )


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_arrives_is_the_sum_over_the_paths(name: str) -> None:
    found = of(name)
    loops = any(s.word == "loop" for s in found.steps)
    formed = {a.name for a in found.inputs if a.structure}  # their total is brought into the declared form
    seen = 0
    for arrival in found.arrivals.values():
        if not arrival.paths or loops or arrival.name in formed:
            continue
        total = sum(np.asarray(found.downstream(p)) for p in arrival.paths)
        np.testing.assert_allclose(total, found.gradient(arrival.name), rtol=1e-9, atol=1e-12, err_msg=arrival.name)
        seen += 1
    assert seen or loops


def declarations(found: Content) -> str:
    """Return the names of an explanation as declarations: values, and gradients under d<name>."""
    named = [(a.name, a.axes) for a in found.inputs] + [(s.name, s.axes) for s in found.steps]
    named += [(f"d{name}", axes) for name, axes in named if name in found.arrivals]
    return "\n".join(
        f"{n}: Real[{', '.join(str(a.extent) for a in axes)}]" if axes else f"{n}: Real" for n, axes in named
    )


def evaluated(found: Content, expression: str) -> object:
    """Compile an expression of an explanation as a formula, and evaluate it at the explanation's numbers."""
    words = set(re.findall(r"[A-Za-z_]\w*", expression))
    lines = [line for line in declarations(found).splitlines() if line.partition(":")[0] in words]
    for dimension, size in found.sizes.items():
        lines = [re.sub(rf"(?<!\.)\b{dimension}\b(?!:)", str(size), line) for line in lines]
        expression = re.sub(rf"(?<!\.)\b{dimension}\b", str(size), expression)
    compiled = gradcompile.compile(
        "\n".join([*lines, f"shown_ = {expression}"]), target="numpy", emit="value", verify=False
    )
    values = {}
    for argument in compiled.program.arguments:
        name = argument.name
        values[name] = found.gradient(name[1:]) if name[1:] in found.arrivals else found.value(name)
    assert compiled.module is not None
    return compiled.module.value(**values)


@pytest.mark.parametrize("name", ["neuron", "gate_patterns", "softmax_regression", "two_layer_network", "attention"])
def test_every_formula_has_the_number_beside_it(name: str) -> None:
    found = of(name)
    checked = 0
    for step in found.steps:
        np.testing.assert_allclose(evaluated(found, step.expression), found.value(step.name), rtol=1e-9, atol=1e-12)
        for path in step.paths:
            shown = np.broadcast_to(evaluated(found, path.downstream), np.shape(found.downstream(path)))
            np.testing.assert_allclose(shown, found.downstream(path), rtol=1e-9, atol=1e-12, err_msg=path.downstream)
            checked += 1
    assert checked > 5


@pytest.mark.parametrize("name", ["softmax_regression", "attention"])
def test_every_derivation_by_entries_is_right(name: str) -> None:
    found = of(name)
    checked = 0
    for step in found.steps:
        for path in step.paths:
            if path.derivation is None or (not path.copied and step.word != "matmul"):
                continue
            left, _, right = path.derivation.gradient.partition(" = ")
            letters = re.findall(r"\w+", left.partition("[")[2])
            sizes = dict(zip(letters, (str(a.extent) for a in path.axes), strict=True))
            text = right
            for letter in reversed(letters):
                text = f"[{text} for {letter} in range({sizes[letter]})]"
            np.testing.assert_allclose(evaluated(found, text), found.downstream(path), rtol=1e-9, atol=1e-12)
            checked += 1
    assert checked >= 2


def test_the_lecture_s_neuron() -> None:
    found = of("neuron", at={"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3})
    assert [(s.word, s.name) for s in found.steps] == [
        ("mul", "z1"), ("mul", "z2"), ("add", "z3"), ("add", "score"), ("sigmoid", "f")
    ]  # fmt: skip
    assert [round(found.value(s.name), 2) for s in found.steps] == [-2, 6, 4, 1, 0.73]
    assert found.steps[-1].paths[0].local == "f * (1 - f)"
    gradients = [round(found.gradient(n), 2) for n in ("w0", "x0", "w1", "x1", "w2")]
    assert gradients == [-0.2, 0.39, -0.39, -0.59, 0.2]


def test_a_matrix_product_as_a_person_writes_it() -> None:
    found = of("softmax_regression")
    product = next(s for s in found.steps if s.word == "matmul")
    (path,) = product.paths
    assert (product.expression, path.local, path.downstream) == ("X @ W", "X", f"X.T @ d{product.name}")
    assert path.derivation is not None
    assert plain(path.derivation.gradient) == f"dW[d, c] = Σₙ d{product.name}[n, c]·X[n, d]"
    assert path.derivation.read_by == ("n",)
    assert str(path.derivation.jacobian) == "C**2*D*N"


def test_a_vector_stands_behind_the_matrix() -> None:
    found = content("X: Real[N, D]\nw: Param[D]\nr = X @ w\nf = sum(r**2)", claims=False)
    assert [p.downstream for p in found.arrivals["w"].paths] == ["X.T @ dr"]
    assert found.steps[0].expression == "X @ w"


def test_an_operand_that_was_copied_collects_a_sum() -> None:
    found = of("softmax_regression")
    path = next(p for s in found.steps for p in s.paths if p.below == "b")
    assert path.copied == ("N",)
    assert path.downstream == "sum(dscores, axis=0)"


def test_scalar_depth_takes_the_product_apart() -> None:
    words = [s.word for s in of("softmax_regression", depth="scalar").steps[:2]]
    assert words == ["mul", "sum"]


def test_the_copy_gate_adds() -> None:
    found = of("gate_patterns")
    assert [p.gate for p in found.arrivals["total"].paths] == ["z2", "z1"]
    assert "2 paths meet" in FORMATS["text"](found)


def test_an_explanation_follows_the_rule_that_the_compiler_uses() -> None:
    wrong = Gate(**{**vars(GATES["square"]), "partials": ("3 * x",)})
    with registered(wrong):
        found = content("x: Param\nf = square(x)", claims=False, at={"x": 5.0})
    (path,) = found.steps[0].paths
    assert (path.local, found.local(path), found.gradient("x")) == ("3 * x", 15, 15)


def test_a_new_gate_is_explained_from_its_record() -> None:
    with registered(BUMP):
        found = content("x: Param\nw: Param\nf = bump(x, w)", claims=False)
    (step,) = found.steps
    assert (step.word, step.doc) == ("bump", BUMP.doc)
    assert [p.below for p in step.paths] == ["x", "w"]
    assert "f" in step.paths[0].local


def test_rewrites_say_what_and_why() -> None:
    fired = {r.name: r for r in of("neuron").rewrites}
    sigmoid = fired["sigmoid"]
    assert (sigmoid.before, sigmoid.after) == ("1 / (1 + exp(-score))", "sigmoid(score)")
    assert sigmoid.stage == "recognise"
    assert "one gate" in sigmoid.why


def test_code_lines_belong_to_gates() -> None:
    found = of("neuron")
    sigmoid = found.steps[-1]
    forward, backward = found.lines_of(sigmoid)
    assert any("f = 1 / (1 + np.exp(-score))" in found.code.lines[i] for i in forward)
    assert any("dscore = f * (1 - f)" in found.code.lines[i] for i in backward)
    assert "\n".join(found.code.lines) in found.compiled.source


def test_every_form_of_an_example_is_deterministic() -> None:
    first, second = (gradcompile.explain(ROOT / "examples/gate_patterns.formula") for _ in range(2))
    for form in FORMATS:
        assert first.to(form) == second.to(form)
        assert "larger" in first.to(form)
    assert str(first) == first.to("text")


def test_markdown_tables_are_whole() -> None:
    text = FORMATS["markdown"](of("gate_patterns"))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    widths = {line.replace("\\|", "").count("|") for line in rows if "dtotal" in line and "copy" in line}
    assert widths == {8}
    assert "## Backward" in text


def test_latex_is_well_formed() -> None:
    text = FORMATS["latex"](of("softmax_regression"))
    begins, ends = re.findall(r"\\begin{(\w+\*?)}", text), re.findall(r"\\end{(\w+\*?)}", text)
    assert sorted(begins) == sorted(ends)
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    assert set(re.findall(r"\\usepackage(?:\[.*?\])?{(.*?)}", text)) == {"geometry", "amsmath,amssymb,longtable,color"}


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex, for example of texlive-latex-base")
@pytest.mark.parametrize("name", ["gate_patterns", "softmax_regression"])
def test_latex_compiles(name: str, tmp_path: Path) -> None:
    (tmp_path / "x.tex").write_text(FORMATS["latex"](of(name)), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "x.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex, for example of texlive-latex-base")
def test_latex_compiles_with_letters_of_any_alphabet(tmp_path: Path) -> None:
    text = '"""Größe: 100 % of #1 & _more_ {braces} \\\\ → λ."""\nλ: Param\nmu: Param\nx_1: Real = 2\n'
    text += "f = λ**2 * x_1 + where(λ > mu, λ, mu) % 3"
    (tmp_path / "x.tex").write_text(FORMATS["latex"](content(text)), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "x.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]


def test_dot_names_every_gate() -> None:
    found = of("gate_patterns")
    text = FORMATS["dot"](found)
    assert all(f'"{s.name}" [label=' in text for s in found.steps)
    assert text.count("->") == len(picture(found).wires)


def test_svg_is_xml_with_a_text_for_every_value_and_gradient() -> None:
    found = of("neuron")
    root = ET.fromstring(FORMATS["svg"](found))
    texts = {
        kind: [t.text for t in root.iter("{http://www.w3.org/2000/svg}text") if t.get("class") == kind]
        for kind in ("value", "gradient")
    }
    assert texts["value"] == ["2", "−1", "−3", "−2", "−2", "6", "4", "−3", "1", "0.73"]
    assert texts["gradient"] == ["−0.20", "0.39", "−0.39", "−0.59", "0.20", "0.20", "0.20", "0.20", "0.20", "1"]


def chain(gates: int, lines: int) -> str:
    """Return a formula with many gates on some lines, each line over the one before."""
    text, each = ["x: Param", "y: Param", "v0 = x * y"], gates // lines
    for i in range(lines):
        terms = " + ".join(f"sin(v{i} * {k + 2})" for k in range(each // 3))
        text.append(f"v{i + 1} = {terms}")
    return "\n".join([*text, f"f = v{lines} * y"])


def test_large_graphs_are_folded_by_line() -> None:
    found = content(chain(120, 8), claims=False, at={"x": 1.0, "y": 2.0})
    drawn = picture(found)
    lines = [b for b in drawn.boxes if b.kind == "line"]
    assert len(found.steps) > 100
    assert len(lines) == 10
    assert sorted(n for b in lines for n in b.steps) == [s.number for s in found.steps]
    order = {b.name: i for i, b in enumerate(drawn.boxes)}
    assert all(order[w.source] < order[w.target] for w in drawn.wires)


def test_a_line_that_needs_what_follows_from_it_is_folded_into_several() -> None:
    text = "def g(a):\n    return sin(a) * 2\nx: Param\nf = g(exp(g(x)))"
    found = content(text, claims=False)
    group = groups(found.steps)
    assert len({group[s.name] for s in found.steps if s.line == 2}) == 2
    assert len(picture(found, folded=True).boxes) == 5


def test_lines_that_need_each_other_are_one_box() -> None:
    text = "def g(a):\n    return sin(a)\nx: Param\ny: Param\nf = g(x)*2 + g(y*3)"
    drawn = picture(content(text, claims=False), folded=True)
    assert [b.caption for b in drawn.boxes if b.kind == "line"] == ["lines 2, 5, 4 gates", "line 5, add"]


def test_the_boxes_of_every_picture_come_in_order() -> None:
    for name in ("bundle_adjustment", "black_scholes"):
        found = of(name)
        for folded in (True, False):
            drawn = picture(found, folded=folded)
            order = {b.name: i for i, b in enumerate(drawn.boxes)}
            assert all(order[w.source] < order[w.target] for w in drawn.wires)


def test_nothing_in_the_picture_touches() -> None:
    drawn = picture(of("attention"))
    found = arranged(drawn)
    boxes = [(p.x, p.y) for p in found.places.values()] + [(p.x, p.y) for p in found.labels]
    assert len(set(boxes)) == len(boxes)
    columns: dict[float, list[float]] = {}
    for x, y in boxes:
        columns.setdefault(x, []).append(y)
    assert all(b - a > 20 for ys in columns.values() for a, b in zip(sorted(ys), sorted(ys)[1:], strict=False))


@pytest.mark.parametrize(
    ("text", "latex", "written"),
    [
        (
            "dW = X.T @ dz",
            r"\frac{\partial L}{\partial W} = X^{\top} \, \frac{\partial L}{\partial z}",
            "dW = X.T @ dz",
        ),
        ("f * (1 - f)", r"f \cdot \left(1 - f\right)", "f·(1 - f)"),
        ("-(a + b) / c", r"\frac{-\left(a + b\right)}{c}", "-(a + b) / c"),
        ("(a * b) ** 2", r"\left(a \cdot b\right)^{2}", "(a·b)²"),
        ("a - (b - c)", r"a - \left(b - c\right)", "a - (b - c)"),
        ("sum(x[i] for i in range(N)) * 3", r"\left(\sum_{i} x_{i}\right) \cdot 3", "(Σᵢ x[i])·3"),
        ("sqrt(theta_2)", r"\sqrt{\theta_{2}}", "sqrt(theta_2)"),
        ("x >= 0 and not c", r"x \ge 0 \land \neg c", None),
        ("e[:-1] - z[:, None]", r"e_{:-1} - z", "e[:-1] - z[:, None]"),
        ("a_b % 2", r"\text{a\_b} \bmod 2", "a_b % 2"),
    ],
)
def test_mathematics(text: str, latex: str, written: str | None) -> None:
    assert Latex("L", {"dW": "W", "dz": "z"}, {"X", "dz"}).of(text) == latex
    if written is not None:
        assert plain(text) == written


def test_points() -> None:
    default = of("softmax_regression")
    assert default.point is not None
    assert all(float(v).is_integer() for v in np.ravel(default.point["X"]))
    assert default.point["lam"] == 0.1
    positive = content("x: Param\nf = log(x - 3)", claims=False)
    assert positive.point is not None
    assert positive.point["x"] > 3
    nowhere = content("x: Param\nf = sqrt(-1 - x**2)", claims=False)
    assert nowhere.point is None
    assert "sqrt" in FORMATS["text"](nowhere)
    for form in FORMATS.values():
        assert form(nowhere)


@pytest.mark.parametrize(
    ("at", "message"),
    [({"q": 1}, "there is no argument `q`"), ({"x": 1}, "`y` has no value"), ({"x": [1, 2], "y": 2}, "x must be")],
)
def test_bad_points(at: dict[str, object], message: str) -> None:
    with pytest.raises(FormulaError, match=re.escape(message)):
        content("x: Param\ny: Param\nf = x * y", at=at)


def test_other_bad_input() -> None:
    with pytest.raises(FormulaError, match="one result is explained"):
        content("x: Param[N]\na = 2 * x\nb = sum(x)\nreturn a, b")
    with pytest.raises(FormulaError, match="`z` is no variable"):
        content("x: Param[N]\na = sum(x)", result="z")
    with pytest.raises(FormulaError, match="real"):
        content("x: Param[N]\na = argmax(x)")
    with pytest.raises(FormulaError, match="unknown depth"):
        content("f = x", depth="deep")
    with pytest.raises(FormulaError, match="unknown format"):
        gradcompile.explain("f = x * y", claims=False).to("pdf")


LAYER = "X: Real[N, D]\nW: Param[D, H]\nb: Param[H]\nz = X @ W + b\nh = tanh(z)\nloss = sum(h**2)\nreturn h"


@pytest.mark.parametrize("given", [None, np.array([[1.0, 0.0, -2.0], [0.5, 3.0, 0.0]])])
def test_the_backward_pass_of_an_array_starts_with_what_arrives(given: np.ndarray | None) -> None:
    draw = np.random.default_rng(0)
    at = {"X": draw.normal(size=(2, 4)), "W": draw.normal(size=(4, 3)), "b": draw.normal(size=3)}
    found = content(LAYER, at=at if given is None else at | {"dh": given}, claims=False)
    arriving = np.ones((2, 3)) if given is None else given
    h = np.tanh(at["X"] @ at["W"] + at["b"])
    assert np.allclose(found.value("h"), h)
    assert np.allclose(found.gradient("h"), arriving)
    assert np.allclose(found.gradient("W"), at["X"].T @ (arriving * (1 - h**2)))
    assert np.allclose(found.gradient("b"), (arriving * (1 - h**2)).sum(axis=0))
    first = found.backward[0]
    assert (first.name, first.paths[0].downstream) == ("h", "dz = dh * (1 - h ** 2)".partition(" = ")[2])
    assert [s.name for s in found.steps if s.name == "loss"] == []
    assert "what comes back to x when dh arrives at the array h" in FORMATS["text"](found)
    assert "<code>dh</code>, the upstream gradient" in FORMATS["html"](found)


def test_another_variable_is_explained_when_it_is_named() -> None:
    scalar = gradcompile.explain(LAYER, result="loss", claims=False).content
    assert (scalar.result, scalar.program.upstream) == ("loss", "")
    assert "dloss = 1" in FORMATS["text"](scalar)
    array = gradcompile.explain(LAYER, result="z", claims=False).content
    assert [s.word for s in array.steps] == ["matmul", "add"]
    assert np.all(array.gradient("z") == 1)


def test_an_upstream_has_a_name_of_its_own_and_stands_before_defaults() -> None:
    text = "x: Param[N]\ndy: Real[N]\nc: Real = 3\ny = c * x * dy"
    found = content(text, at={"x": [1, 2], "dy": [3, 4]}, claims=False)
    assert [a.name for a in found.inputs] == ["x", "dy", "dy_", "c"]
    assert list(found.gradient("x")) == [9, 12]


def test_along_axes_on_which_an_array_does_not_depend_what_arrives_adds_up() -> None:
    text = "x: Param\nX: Real[N, D]\ny = where(ones((N, D)) > 0, x, 0)"
    found = content(text, at={"x": 2, "X": np.ones((2, 3))}, claims=False)
    assert found.gradient("x") == 6


def test_every_door() -> None:
    @gradcompile.formula
    def product(a, b):  # type: ignore[no-untyped-def]
        return sin(a) * b  # type: ignore[name-defined]  # noqa: F821

    symbol = sympy.Symbol("q")
    for source in (product, gradcompile.compile("f = sin(a) * b", verify=False), sympy.sin(symbol) * symbol):
        found = gradcompile.explain(source, claims=False)
        assert [s.word for s in found.content.steps] == ["sin", "mul"]
        assert "sin" in found.to("html")
    assert gradcompile.explain(latex=r"\sin(a) b", claims=False).content.steps[0].word == "sin"


def test_the_result_may_be_an_input() -> None:
    for text in ("x: Param\nf = x", "x: Param\ny: Real\nf = x + y"):
        found = content(text, claims=False)
        for form in FORMATS.values():
            assert form(found)


def test_loops_have_their_rows() -> None:
    loop = content("x: Param\nu: Param[T]\nh = x\nfor t in range(T):\n    h = sin(h) * u[t]\nf = h * 2", claims=False)
    assert [s.word for s in loop.steps] == ["loop", "state", "mul"]
    back = {row[2]: row for row in tables.backward(loop) if row[2]}
    assert set(back) == {"mul", "state", "loop"}
    assert {p.below for p in loop.steps[0].paths} == {"x", "u"}
    assert "what its steps hand back" in loop.steps[0].paths[0].says
    for form in FORMATS.values():
        assert form(loop)


def test_a_maximum_routes_to_what_was_chosen() -> None:
    found = content("x: Param[N]\nf = max(x)", claims=False, at={"x": [1.0, 5.0, 3.0]})
    np.testing.assert_array_equal(found.gradient("x"), [0, 1, 0])
    deep = content("x: Param[N]\nf = max(x * x)", claims=False, at={"x": [1.0, -5.0, 3.0]})
    np.testing.assert_array_equal(deep.gradient("x"), [0, -10, 0])
    assert all(p.says for s in deep.steps for p in s.paths)
    for form in FORMATS.values():
        assert form(deep)


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["explain", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    code, out, _ = run("examples/gate_patterns.formula", "--at", "x=3,y=-4,z=2,w=-1", "--no-claims")
    assert code == 0
    assert re.search(r"copy +2 paths meet +they add up +dtotal = dz2 \* x \+ dz1 \* 2 +5", out)
    target = tmp_path / "out" / "neuron.svg"
    assert run("examples/neuron.formula", "--format", "svg", "-o", str(target), "--no-claims") == (0, "", "")
    assert target.read_text(encoding="utf-8").startswith("<svg")
    code, _, err = run("examples/neuron.formula", "--at", "w9=1")
    assert (code, "there is no argument `w9`" in err) == (2, True)
    code, _, err = run("examples/missing.formula")
    assert code == 2
    assert err.strip()
    code, _, err = run("examples/neuron.formula", "--at", "w0=1+")
    assert (code, "is no point" in err) == (2, True)
    assert run("examples/neuron.formula", "--format", "gif")[0] == 2


def test_the_command_takes_archives(tmp_path: Path) -> None:
    np.savez(tmp_path / "at.npz", x=np.arange(6.0).reshape(2, 3), w=np.array([1.0, -1.0, 2.0]))
    (tmp_path / "f.formula").write_text("x: Real[N, D]\nw: Param[D]\nf = sum((x @ w)**2)", encoding="utf-8")
    code, out, _ = run(str(tmp_path / "f.formula"), "--at", str(tmp_path / "at.npz"), "--entries")
    assert code == 0
    assert "dw[d] = Σₙ" in out
    assert "it would be (N) by (D), D·N numbers, 6 at this point" in out
