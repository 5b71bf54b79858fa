"""A claim about speed holds or does not, and the command says so."""

from __future__ import annotations

import importlib

import pytest

from tests.benchmarks import micro
from tests.workers.improvements import Improvements

PAGE = "---\nbenchmark:\n  setup: n = 2000\n  before: {}\n  after: {}\n  times: {}\n---\n"


@pytest.fixture
def stubs(improvements: Improvements) -> Improvements:
    improvements.comments("no_claim")
    improvements.comments("fewer_steps", page=PAGE.format("sum(range(n))", "n // 2", 2), category="SPEED")
    return improvements


def run(stubs: Improvements, *arguments: str) -> int:
    return micro.main(["--repeats", "1", *arguments], importlib.import_module(stubs.name))


def test_a_claim_that_holds_is_laid_beside_what_was_measured(
    stubs: Improvements, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(stubs) == 0
    head, line, total = capsys.readouterr().out.splitlines()
    assert "best of 1 runs" in head
    assert line.startswith("fewer-steps  claim    2.00  measured ")
    assert line.endswith("holds")
    assert total == "1 of 1 claims hold"


def test_a_claim_that_does_not_hold_or_does_not_run_fails_the_command(
    stubs: Improvements, capsys: pytest.CaptureFixture[str]
) -> None:
    stubs.comments("more_steps", page=PAGE.format("n // 2", "sum(range(n))", 2))
    stubs.comments("no_steps", page=PAGE.format("m // 2", "n", 2))
    assert run(stubs) == 1
    _, holds, fails, breaks, total = capsys.readouterr().out.splitlines()
    assert holds.endswith(" holds")
    assert fails.endswith("does not hold")
    assert breaks.endswith("does not run: NameError: name 'm' is not defined")
    assert total == "1 of 3 claims hold"


def test_one_claim_can_be_named_and_no_other_word(
    stubs: Improvements, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(stubs, "fewer-steps") == 0
    with pytest.raises(SystemExit):
        run(stubs, "no-claim")
    assert "no-claim claims nothing; these do: fewer-steps" in capsys.readouterr().err
