"""Real projects pass their own tests after everything safe was applied; what compares them is not fooled."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.crater import comparing, crater, improving, preparing, projects, suites
from tests.crater.comparing import Comparison
from tests.crater.improving import Improved
from tests.crater.projects import Project
from tests.crater.suites import Run

KNOWN = projects.known().values()
ALL = [pytest.param(p, id=p.name, marks=pytest.mark.index if p.quick else pytest.mark.crater) for p in KNOWN]
ONE = Project("one", "1.0", "it is small", ())


@pytest.mark.parametrize("project", ALL)
def test_what_passed_before_passes_after(project: Project) -> None:
    report = crater.tried(project, preparing.folder())
    assert report.faults == []
    assert "passed" in report.after.outcomes.values()


@pytest.mark.parametrize("project", KNOWN, ids=lambda p: p.name)
def test_an_environment_is_pinned_and_leaves_the_project_to_its_tree(project: Project) -> None:
    pins = [re.fullmatch(r"([a-z0-9-]+)==[\w.]+", line) for line in project.requirements]
    names = [pin[1] for pin in pins if pin]
    assert len(names) == len(set(names)) == len(pins)
    assert project.name not in names


def compared(*runs: str) -> Comparison:
    """Compare one test in two pairs of runs, each before and after."""
    first, last, again, at_last = ({"test": outcome} if outcome else {} for outcome in runs)
    return comparing.compared((first, last), (again, at_last))


@pytest.mark.parametrize("after", ["failed", "error", "skipped", ""])
def test_what_passed_and_no_longer_does_is_worse(after: str) -> None:
    assert compared("passed", after, "passed", after).worse == {"test": ("passed", after or "missing")}


@pytest.mark.parametrize("before", ["skipped", ""])
def test_a_failure_that_is_new_is_worse(before: str) -> None:
    assert compared(before, "failed", before, "failed").worse == {"test": (before or "missing", "failed")}


@pytest.mark.parametrize(
    "pair", [("failed", "passed"), ("failed", "error"), ("skipped", ""), ("", "passed"), ("error", "")]
)
def test_what_did_not_pass_may_change(pair: tuple[str, str]) -> None:
    found = compared(*pair, *pair)
    assert not found.worse
    assert list(found.other) == ["test"]


@pytest.mark.parametrize("again", [("passed", "passed"), ("failed", "failed"), ("failed", "passed")])
def test_what_goes_otherwise_from_run_to_run_is_unsteady(again: tuple[str, str]) -> None:
    found = compared("passed", "failed", *again)
    assert (list(found.unsteady), found.worse, found.other) == (["test"], {}, {})


def test_what_stays_is_not_told() -> None:
    assert compared("failed", "failed", "failed", "failed") == Comparison({}, {}, {})


def test_tests_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    case = '<testcase classname="tests.test_it" name="test_it">{}</testcase>'
    cases = map(case.format, ("", "<failure/>", '<skipped type="pytest.xfail"/>', "<failure/><error/>"))
    path = tmp_path / "junit.xml"
    path.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    name = "tests.test_it::test_it"
    expected = {name: "passed", f"{name} #2": "failed", f"{name} #3": "skipped", f"{name} #4": "error"}
    assert suites.outcomes(path) == expected


def test_a_place_is_a_run_of_changed_lines() -> None:
    patch = "--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n-a\n+b\n c\n-d\n+e\n+f\n@@ -9 +9 @@\n--- g\n+++ h\n"
    patch += "--- /dev/null\n+++ b/y\n@@ -0,0 +1 @@\n+i\n"
    assert improving.places(patch) == 4


@pytest.mark.parametrize(
    ("declared", "raised"),
    [
        ('requires-python = ">=3.8"\n', 'requires-python = ">=3.11"\n'),
        ("python_requires = >= 3.7, != 3.8.*\n", "python_requires = >=3.11\n"),
        ('setup(python_requires=">=3.9", x=1)\n', 'setup(python_requires=">=3.11", x=1)\n'),
        ('{"python_requires": ">=3.9"}\n', '{"python_requires": ">=3.9"}\n'),
        ("setup(python_requires=LOWEST)\n", "setup(python_requires=LOWEST)\n"),
    ],
)
def test_the_lowest_python_is_raised_where_it_stands(declared: str, raised: str) -> None:
    assert preparing.floor_raised(declared)[0] == raised


def test_a_report_says_what_speaks_against_a_change(tmp_path: Path) -> None:
    diff = tmp_path / "applied.diff"
    improved = Improved({"aware-utcnow": 3}, ("one.py", "two.py"), diff, ("one.py does not compile",), 1.0)
    before = Run({"a": "passed", "b": "failed"}, 1.0)
    after = Run({"a": "failed", "b": "failed"}, 1.0, ("one.py",), "the suite took longer than 9 s")
    report = crater.Report(ONE, improved, before, after, Comparison({"a": ("passed", "failed")}), 4.0)
    said = "\n".join(crater.lines(report))
    assert "one 1.0: DIFFERENT" in said
    assert "changed: 2 files; places: aware-utcnow 3" in said
    assert "FAULT: one.py does not compile" in said
    assert "FAULT: the tests after the change: the suite took longer than 9 s" in said
    assert "FAULT: a: passed -> failed" in said
    assert "fails before: b" in said
    assert "imported by no test: two.py" in said
    calm = replace(report, improved=replace(improved, faults=()), after=before, comparison=Comparison())
    assert calm.faults == []
    assert "| one 1.0 | 2 | 3 | 2 | 0 | 1.0 | 1.0 | 4.0 |" in "\n".join(crater.table([calm]))
