"""Scripts of workflows run in bash, as they were and as they became."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from codemods import registry, testing

_PATH = ".github/workflows/ci.yml"
_TITLE, _BRANCH = "github.event.issue.title", "github.head_ref"
_SAID = [
    'echo "New: {title}"',
    "echo '{title}' there",
    'title={title}\necho "$title"',
    "export TITLE='{title}'; printenv TITLE",
    'echo "a $(echo "b {title}" c) d" # "{title}"',
    'if [ "{title}" = plain ]; then echo "it\'s {title}"; fi',
    'echo "\\"{title}\\"" \\\n  "{title}"',
    "echo refs/heads/{branch} {branch} --head={branch}",
    "[[ {branch} == plain ]] && echo yes || echo {branch}",
    'said=`date +%Y`; echo "{title}" > said.txt; cat said.txt',
]


def _rewritten(improvement: str, script: str) -> tuple[str, dict[str, str]]:
    """Return what becomes of a script, and the step's variables with their expressions."""
    lines = "".join(f"          {line}\n" for line in script.split("\n"))
    head = "on: pull_request\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n"
    loaded = registry.load(registry.ids()[improvement])
    after, _ = testing.run(loaded, _PATH, (head + lines).encode(), testing.facts({}))
    step = yaml.safe_load(after)["jobs"]["a"]["steps"][0]
    return step["run"], step.get("env", {})


def _ran(script: str, folder: Path, env: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", **env},
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    return done.stdout


def _filled(script: str, value: str) -> str:
    return script.replace(f"${{{{ {_TITLE} }}}}", value).replace(f"${{{{ {_BRANCH} }}}}", value)


@pytest.mark.parametrize("template", _SAID)
def test_a_text_that_was_pasted_comes_as_a_variable(template: str, tmp_path: Path) -> None:
    script = template.replace("{title}", f"${{{{ {_TITLE} }}}}").replace("{branch}", f"${{{{ {_BRANCH} }}}}")
    after, env = _rewritten("template-injection", script)
    commands = "\n".join(line.partition(" # ")[0] for line in after.split("\n"))
    assert "${{" not in commands
    given = {**env, "GITHUB_HEAD_REF": f"${{{{ {_BRANCH} }}}}"}
    plain = {name: _filled(value, "plain") for name, value in given.items()}
    assert _ran(after, tmp_path, plain) == _ran(_filled(script, "plain"), tmp_path, {})
    hostile = {name: _filled(value, "$(touch gone)\"; touch gone #'") for name, value in given.items()}
    _ran(_filled(after, "-"), tmp_path, hostile)
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize(
    ("script", "outputs"),
    [
        ('echo "::set-output name=a::b c"', "a=b c\n"),
        ("echo ::set-output name=a::$(echo b) && echo '::set-output name=c::$d'", "a=b\nc=$d\n"),
        ('A=v1; if true; then echo ::set-output name=a::"${A#v}"; fi', "a=1\n"),
        ('for n in 1 2; do echo "::set-output name=n$n::x"; done', ""),
        ('echo "::set-output name=a::$(echo "b")" # "not this"', "a=b\n"),
        ("(echo ::set-output name=a::b)", "a=b\n"),
    ],
)
def test_an_output_is_appended_to_its_file(script: str, outputs: str, tmp_path: Path) -> None:
    after, _ = _rewritten("deprecated-workflow-command", script)
    file = tmp_path / "outputs"
    file.touch()
    said = _ran(after, tmp_path, {"GITHUB_OUTPUT": str(file)})
    assert file.read_text("utf-8") == outputs
    assert bool(said) is not bool(outputs)
