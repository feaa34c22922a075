"""The decorator: a Python function is the same program as its formula text, with the places of its own file."""

from __future__ import annotations

import importlib.util
import inspect
import pickle
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import gradcompile
from gradcompile import Formula, FormulaError, syntax
from gradcompile.ir.text import print_graph
from gradcompile.markers import Dimension, Kind
from gradcompile.pipeline import start
from gradcompile.syntax.names import KINDS
from gradcompile.syntax.program import Program

Load = Callable[..., ModuleType]

HEAD = "from gradcompile import Bool, Int, Param, Positive, Real, Symmetric, Unit, dims, formula\n"
LOSS = '''
N, D, C = dims("N D C")


@formula(target="numpy")
def loss(X: Real[N, D], Y: Real[N, C], W: Param[D, C], b: Param[C], lam: Real = 0.1):
    """Softmax regression."""
    scores = X @ W + b
    assert grad(total(scores, Y), scores) == softmax(scores, axis=1) - Y
    return total(scores, Y) / N + 0.5 * lam * sum(W**2)


@formula
def total(scores, Y):
    return sum(logsumexp(scores, axis=1) - sum(Y * scores, axis=1))
'''


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Import a module from its text, in the folder where it lies."""
    monkeypatch.chdir(tmp_path)

    def load(text: str, name: str = "users", head: str = HEAD) -> ModuleType:
        path = tmp_path / f"{name}.py"
        path.write_text(head + text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        return module

    return load


def graph(program: Program) -> str:
    unit = start(program)
    names = [name for name, _ in program.results]
    text = print_graph({name: value.node for name, value in zip(names, unit.values, strict=True)})
    return re.sub(r"\(line \d+\)", "(line)", text)  # in the messages of checks


SAME: dict[str, tuple[str, str]] = {
    "arrays": (
        "def f(X: Real[N, D], w: Param[D]):\n    s = X @ w\n    return sum(s**2) / N",
        "X: Real[N, D]\nw: Param[D]\ns = X @ w\nreturn sum(s**2) / N",
    ),
    "a default, and words after a star": (
        "def f(x: Real[N], *, k: Int = 3, up: Bool = True):\n    return sum(x * k) if up else -x[0]",
        "x: Real[N]\nk: Int = 3\nup: Bool = True\nreturn sum(x * k) if up else -x[0]",
    ),
    "text": (
        "def f(x: \"Real[N, 2*N]\", y: Real['N']):\n    return sum(x) + sum(y)",
        "x: Real[N, 2*N]\ny: Real[N]\nreturn sum(x) + sum(y)",
    ),
    "no annotation": ("def f(x, y):\n    return x * exp(y)", "x: Real\ny: Real\nreturn x * exp(y)"),
    "the package's name": (
        "import gradcompile as gc\ndef f(x: gc.Real[N], y: gc.Param):\n    return sum(x) * y",
        "x: Real[N]\ny: Param\nreturn sum(x) * y",
    ),
    "ranges and forms": (
        "def f(x: Positive[N], u: 0 < Real < 1, A: Param & Symmetric[N], t: Unit):\n    return x @ A @ x * log(u) * t",
        "x: Positive[N]\nu: 0 < Real < 1\nA: Param & Symmetric[N]\nt: Unit\nreturn x @ A @ x * log(u) * t",
    ),
    "several outputs": (
        "def f(x, y):\n    s = x * y\n    return s, x + y",
        "x: Real\ny: Real\ns = x * y\nreturn s, x + y",
    ),
    "an inner function": (
        "def f(x: Real[N]):\n    def square(a):\n        return a**2\n    return sum(square(x))",
        "x: Real[N]\ndef square(a):\n    return a**2\nreturn sum(square(x))",
    ),
    "index notation": (
        "def f(x: Real[N], A: Real[N, N]):\n    return sum(x[i] * A[i, j] * x[j] for i in range(N) for j in range(i))",
        "x: Real[N]\nA: Real[N, N]\nreturn sum(x[i] * A[i, j] * x[j] for i in range(N) for j in range(i))",
    ),
    "a loop": (
        "def f(x: Real[T, D], U: Param[D, D]):\n    h = zeros(D)\n    for t in range(T):\n"
        "        h = tanh(U @ h + x[t])\n    return sum(h**2)",
        "x: Real[T, D]\nU: Param[D, D]\nh = zeros(D)\nfor t in range(T):\n    h = tanh(U @ h + x[t])\nreturn sum(h**2)",
    ),
    "augmented": ("def f(x: Real):\n    y = x\n    y += x**2\n    return y", "x: Real\ny = x\ny += x**2\nreturn y"),
    "Greek": (
        "def f(μ: Real, σ: Positive):\n    return exp(-(μ / σ)**2)",
        "μ: Real\nσ: Positive\nreturn exp(-(μ / σ)**2)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("future", [True, False], ids=["annotations are text", "annotations are evaluated"])
@pytest.mark.parametrize(("function", "text"), SAME.values(), ids=list(SAME))
def test_a_function_is_the_graph_of_its_text(load: Load, function: str, text: str, future: bool) -> None:
    head = "from __future__ import annotations\n" + HEAD if future else HEAD + 'N, D, T = dims("N D T")\n'
    before, _, body = function.rpartition("def f(")
    module = load(f"{before}\n@formula\ndef f({body}\n", head=head)
    program, other = module.f.program, syntax.parse(text, "<text>")
    assert graph(program) == graph(other)
    for a, b in zip(program.arguments, other.arguments, strict=True):
        assert (a.name, a.kind, a.shape, a.default, a.declared) == (b.name, b.kind, b.shape, b.default, b.declared)
    assert [name for name, _ in program.results] == [name for name, _ in other.results]


def test_it_is_a_function_with_more(load: Load) -> None:
    loss = load(LOSS).loss
    assert isinstance(loss, Formula)
    assert "not compiled yet" in repr(loss)
    rng = np.random.default_rng(0)
    X, Y, W, b = rng.normal(size=(5, 3)), np.eye(4)[[0, 1, 2, 3, 1]], rng.normal(size=(3, 4)), rng.normal(size=4)
    s = X @ W + b
    expected = np.mean(np.log(np.exp(s).sum(1)) - (Y * s).sum(1)) + 0.1 * np.sum(W**2)
    np.testing.assert_allclose(loss(X, Y, W, b, lam=0.2), expected, rtol=1e-14)
    value, gradient = loss.value_and_grad(X, Y, W, b, 0.2)
    assert value == loss(X, Y, W, b, 0.2)
    assert gradient._fields == ("W", "b")
    np.testing.assert_array_equal(loss.grad(X, Y, W, b, 0.2).W, gradient.W)
    assert "def value_and_grad(" in loss.source
    assert "from users.py" in loss.source.splitlines()[0]
    assert loss.certificate.passed
    assert "verified" in repr(loss)
    assert [v.verdict for v in loss.check()] == ["proved"]
    assert (loss.__name__, loss.__doc__, loss.program.doc) == ("loss", "Softmax regression.", "Softmax regression.")
    assert list(inspect.signature(loss).parameters) == ["X", "Y", "W", "b", "lam"]
    assert pickle.loads(pickle.dumps(loss)) is loss
    assert loss.compiled is loss.compiled
    assert not hasattr(loss, "anything")


def test_places_are_those_of_the_file(load: Load) -> None:
    loss = load(LOSS).loss
    program = loss.program
    lines = (HEAD + LOSS).splitlines()
    assert lines[program.claims[0].span.line - 1].strip().startswith("assert")
    for argument in program.arguments:
        assert argument.span is not None
        assert lines[argument.span.line - 1][argument.span.column - 1 :].startswith(argument.name + ":")
    line = next(i for i, text in enumerate(lines, 1) if "scores = " in text)
    assert f"# line {line}" in loss.source
    assert program.text.startswith("@formula")
    assert program.text.endswith("sum(W**2)\n")


def test_options(load: Load) -> None:
    options = "target='numpy', wrt=['x'], verify=False, name='other', emit='value,objective'"
    f = load(f"@formula({options})\ndef f(x, y):\n    return x * y\n").f
    assert f.certificate is None
    assert f.compiled.target == "numpy"
    assert f.program.name == "other"
    assert [a.name for a in f.program.differentiated] == ["x"]
    assert f.objective(2.0)(np.array([3.0]))[0] == 6.0
    assert f.unpack(np.array([1.0])) is not None
    with pytest.raises(AttributeError, match="ask for it"):
        _ = f.value_and_grad
    text = "def g(x: Positive):\n    return log(x)\n"
    g = load(f"@formula(target='numpy', verify=False, check_domains=True, max_steps=9, checkpoint=True)\n{text}", "c").g
    assert (g.program.max_steps, g.program.checkpoint) == (9, True)
    with pytest.raises(ValueError, match="x"):
        g(-1.0)
    with pytest.raises(FormulaError, match="unknown target"):
        load("@formula(target='c')\ndef f(x):\n    return x\n", "b").f.compiled  # noqa: B018


def test_an_array_result_has_its_value_alone(load: Load) -> None:
    f = load("@formula(target='numpy', verify=False)\ndef f(x: 'Real[N]'):\n    return 2 * x\n").f
    np.testing.assert_array_equal(f([1.0, 2.0]), [2.0, 4.0])
    with pytest.raises(FormulaError, match="scalar result"):
        _ = f.grad


def test_nothing_of_the_function_is_run(load: Load) -> None:
    text = "def f(x: Real):\n    y = boom(x)\n    return y\n\n\n@formula\ndef boom(x):\n    return exp(undefined)\n"
    module = load("@formula\n" + text)
    with pytest.raises(FormulaError, match="`undefined` is not known"):
        module.f(1.0)


def test_it_compiles_once_it_is_used(load: Load) -> None:
    module = load("@formula\ndef f(x: Real):\n    return unknown(x)\n")  # no error yet
    with pytest.raises(FormulaError, match="no function `unknown`"):
        module.f(1.0)


def test_a_refuted_claim_is_raised(load: Load) -> None:
    text = "@formula(target='numpy')\ndef f(x, y):\n    s = x * y\n    assert grad(s, x) == x\n    return s\n"
    with pytest.raises(gradcompile.Refuted, match="line 5"):
        load(text).f(1.0, 2.0)


def test_a_function_inside_of_another_one(load: Load) -> None:
    text = "def make():\n    N = dims('N')\n    @formula(target='numpy', verify=False)\n    def f(x: Real[N]):\n" + (
        "        return sum(x) / N\n    return f\n"
    )
    assert load(text).make()([1.0, 2.0]) == 1.5


def test_the_markers_are_the_kinds() -> None:
    assert all(isinstance(getattr(gradcompile, kind), Kind) for kind in KINDS)
    N, D = gradcompile.dims("N, D")
    assert repr(gradcompile.Real[N, 2]) == "Real[N, 2]"
    for size in (N + 1, 2 * N, N * (N - 1) // 2, -N % 3, N**2, 3 - D):
        assert isinstance(size, Dimension)
    assert isinstance(0 < (gradcompile.Param & gradcompile.Positive[D]) < 1, Kind)


WRONG: list[tuple[str, str, str]] = [
    ("K = 3\n@formula\ndef f(x: Real):\n    return x * K", "5:16", "`K` is a variable outside"),
    (
        "def g():\n    k = 2.5\n    @formula\n    def f(x):\n        return k * x\n    return f\nf = g()",
        "6:16",
        "`k: Real = 2.5`",
    ),
    ("def plain(x):\n    return x\n@formula\ndef f(x):\n    return plain(x)", "6:12", "never run"),
    ("def exp(x):\n    return x\n@formula\ndef f(x):\n    return exp(x)", "6:12", "never run"),
    ("@formula\ndef g(x):\n    return x\n@formula\ndef f(x):\n    return g * x", "7:12", "is a formula, not a value"),
    ("import numpy as np\n@formula\ndef f(x):\n    return np.exp(x)", "5:12", "without a module"),
    ("N = dims('N')\n@formula\ndef f(x):\n    return x / N", "5:16", "in no annotation"),
    ("@formula\ndef f(x: Real, y):\n    return x * y", "3:16", "no annotation"),
    ("@formula\ndef f(x: 'Reel'):\n    return x", "3:11", "no kind of input"),
    ("@formula\ndef f(x: 'Real[N'):\n    return x", "3:10", "cannot be read"),
    ("@formula\ndef f(x: float):\n    return x", "3:10", "Perhaps `Real`"),
    ("@formula\ndef f(x: Real = 'a'):\n    return x", "3:17", "must be a number"),
    ("@formula\ndef f(*x):\n    return x", "3:8", "`*` and `**`"),
    ("@formula\ndef f(**x):\n    return x", "3:9", "`*` and `**`"),
    ("@formula\ndef f():\n    return 1", "3:5", "no parameters"),
    ("@formula\ndef f(x):\n    y = x", "3:5", "returns nothing"),
    ("@formula\ndef f(x):\n    pass", "3:5", "returns nothing"),
    ("@formula\ndef f(x):\n    y: Real = x\n    return y", "4:5", "only parameters are declared"),
    ("import functools\n@formula\n@functools.cache\ndef f(x):\n    return x", "", "a `"),
    ("def keep(g):\n    return g\n@formula\n@keep\ndef f(x):\n    return x", "5:2", "another decorator"),
    ("@formula\ndef f(x):\n    import os\n    return x", "4:5", "`import`"),
    ("@formula\ndef f(x):\n    return x +  y", "4:17", "`y` is not known"),
    ("@formula\ndef f(x: Real['N'], y: Real['M']):\n    return x + y", "4:12", "N and M differ"),
    (
        "@formula\ndef f(x: 'Real[N]'):\n    return half(x)\n@formula\ndef half(x: 'Real[M]'):\n    return sum(x) / M",
        "7:21",
        "is a size of",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "words"), WRONG, ids=[f"{i}: {w[2]}" for i, w in enumerate(WRONG)])
def test_mistakes_have_their_place(load: Load, text: str, place: str, words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        load(text).f.compiled  # noqa: B018
    message = str(caught.value)
    assert message.startswith(f"users.py:{place}: error: ") if place else "error: " in message
    assert words in message
    assert caught.value.hint.endswith(".")


def test_what_is_no_plain_function(load: Load) -> None:
    async def wait(x: float) -> float:
        return x

    for what, words in [
        (lambda x: x, "a lambda"),
        (int, "`int` is a class"),
        (np.sin, "no Python function but of type `ufunc`"),
        (3, "no Python function but of type `int`"),
        ("f = x", "no Python function but of type `str`"),
        (wait, "async"),
        (staticmethod(len), "a method"),
    ]:
        with pytest.raises(FormulaError, match=words) as caught:
            gradcompile.formula(what)  # type: ignore[call-overload]
        assert caught.value.hint.endswith(".")
    for text, words in [
        ("class A:\n    @formula\n    def f(self, x):\n        return x\n", "a method of `A`"),
        ("@formula\ndef f(x):\n    yield x\n", "a generator"),
        ("@formula\n@formula\ndef f(x):\n    return x\n", "a formula already"),
    ]:
        with pytest.raises(FormulaError, match=words):
            load(text)


def test_without_a_source_there_is_one_sentence() -> None:
    space = {"formula": gradcompile.formula}
    code = compile("@formula\ndef f(x):\n    return x\n", "<stdin>", "exec")
    with pytest.raises(FormulaError, match="the source of `f` is not available"):
        exec(code, space)


def test_a_formula_of_another_file(load: Load) -> None:
    load("@formula\ndef g(x):\n    return x\n", "first")
    module = load("from first import g\n@formula\ndef f(x):\n    return g(x)\n", "second")
    with pytest.raises(FormulaError, match="a formula of another file"):
        module.f(1.0)


def test_compile_refuses_functions(load: Load) -> None:
    module = load(LOSS)
    for function in (module.loss, len):
        with pytest.raises(FormulaError):
            gradcompile.compile(function)


def test_the_documented_example_runs(load: Load) -> None:
    text = (Path(__file__).parent.parent / "docs/language.md").read_text(encoding="utf-8")
    example = text.partition("<!-- the decorator -->")[2].partition("```python\n")[2].partition("```")[0]
    module = load(textwrap.dedent(example), head="")
    assert module.loss.certificate.passed
