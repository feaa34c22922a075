"""Mistakes: each formula of the folder `bad` gives exactly the message in the file beside it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from gradcompile.errors import FormulaError
from gradcompile.syntax import parse, read

BAD = Path(__file__).parent / "bad"
FORMULAS = sorted(BAD.glob("*.formula"))


@pytest.mark.parametrize("path", FORMULAS, ids=[p.stem for p in FORMULAS])
def test_message(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    with pytest.raises(FormulaError) as caught:
        read(path.name)
    assert str(caught.value) + "\n" == path.with_suffix(".expected").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FORMULAS, ids=[p.stem for p in FORMULAS])
def test_message_says_what_to_write_instead(path: Path) -> None:
    with pytest.raises(FormulaError) as caught:
        read(path)
    assert caught.value.span is not None
    assert caught.value.span.file == str(path)
    assert caught.value.message.endswith(".")
    assert caught.value.hint.endswith(".")


def test_every_expectation_has_its_formula() -> None:
    assert len(FORMULAS) > 100
    assert {p.stem for p in BAD.glob("*.expected")} == {p.stem for p in FORMULAS}


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(FormulaError, match="there is no such file"):
        read(tmp_path / "missing.formula")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FormulaError, match="this is a folder"):
        read(tmp_path)


def test_unknown_wrt() -> None:
    with pytest.raises(FormulaError, match="`q`, which is no real input") as caught:
        parse("x: Real\nn: Int\nf = x * n", "f.formula", wrt=["q"])
    assert caught.value.hint == "The real inputs are `x`."


@pytest.mark.parametrize("text", ["f = 9**9**9**9", "n = 2**62\nf = n * n * n * x", "f = x ** 10**100"])
def test_large_numbers_are_never_computed(text: str) -> None:
    start = time.process_time()
    with contextlib.suppress(FormulaError):  # either outcome is right, if it is quick
        parse(text, "<test>")
    assert time.process_time() - start < 1


def test_carriage_returns_and_byte_order_marks() -> None:
    program = parse("\ufeffg = x\r\nf = g * 2\r\n", "<test>")
    assert [name for name, _ in program.results] == ["f"]


def test_columns_count_characters() -> None:
    with pytest.raises(FormulaError) as caught:
        parse("größe: Real\nf = größe + größ2", "<test>")
    assert (caught.value.span.line, caught.value.span.column) == (2, 13)  # type: ignore[union-attr]


ODD = ["\ud800 = x", "f = 1" + "0" * 5000, "f = x +\\\n", "def f(x): return x\n", '"""doc"""', "#\n"]


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_our_errors(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text, "<test>")
