"""What a runbook repeats is run by make as it stands there, and what workflows ask for is listed safely."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from codemods import dispatches, registry, routine, runbooks, targets, task_names, testing
from codemods.model import Finding
from codemods.targets import Target
from codemods.tree import Files

_TARGET = registry.load("codemods.operations.documented_target")
_SECTION = registry.load("codemods.operations.runbook_section")
_MAKEFILE = "test: ## Run the tests\n\tpytest\n\nstyle: ## Check the style\n\truff check\n"
_PATHS = frozenset(("manage.py", "compose.yml", "tools/queue.py"))


def _found(rule: registry.Improvement, files: dict[str, bytes]) -> list[Finding]:
    return list(rule.module.find(Files(files), testing.facts({})))


@pytest.mark.parametrize(
    "command",
    [
        'python manage.py orders --since "$(date +%F)" --by $USER',
        "python manage.py report '$HOME and \"100%\"' | sort -u",
        "docker compose run --rm web python manage.py migrate && echo done",
        "DEBUG=1 python tools/queue.py --all --depth=3 ~/queue",
    ],
)
def test_make_hands_a_command_to_the_shell_as_it_stands_in_the_runbook(command: str, tmp_path: Path) -> None:
    assert routine.is_fit(command.replace(" && echo done", ""), _PATHS)
    text = targets.added("Makefile", _MAKEFILE, [Target("show-it", "Show it", (command,))])
    (tmp_path / "Makefile").write_text(text or "", "utf-8")
    # SHELL=echo: what make would have a shell run is printed, behind the -c.
    done = subprocess.run(
        ["make", "-s", "show-it", "SHELL=/bin/echo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == f"-c {command}\n"


@pytest.mark.parametrize(
    "command",
    [
        "python manage.py orders --number <number>",
        "python manage.py orders --customer $CUSTOMER",
        "python manage.py orders --customer ${USER}",
        "python manage.py orders --customer YOUR_NAME",
        "python manage.py orders --customer your-name",
        "python manage.py orders --since 2026-11-26",
        "python manage.py orders --file orders_2025.csv",
        "python manage.py release --version 1.4.2",
        "python manage.py show --commit 3f2a9bc1d",
        "python manage.py login-as --password x",
        "mc alias set local http://minio:9000 admin minio_password",
        "python manage.py orders --delete-old",
        "docker compose down --remove-orphans",
        "docker compose exec -it web python",
        "kubectl rollout undo deployment/shop",
        "terraform apply -auto-approve -lock",
        "git push origin main --tags",
        "sudo systemctl restart shop",
        "python manage.py orders --all; python manage.py bill",
        "python manage.py orders --all > orders.txt",
        "python manage.py orders --all &",
        "python manage.py orders # all of them",
        "python manage.py orders `date`",
        "python manage.py orders 'unfinished",
        'python manage.py orders "unfinished',
        "python manage.py orders {a,b}",
        "python ../shop/manage.py orders --all",
        "python tools/absent.py orders --all",
        "npm run build --silent",
        "curl -X POST http://localhost:8000/reindex",
        "curl --data x http://localhost:8000/reindex",
        "python manage.py bestellungen --für alle",
        "gpg: there is no indication of it",
        'default = "plan/" # the plan',
        "make everything again --silent",
        "python manage.py",
    ],
)
def test_a_command_that_is_not_the_same_for_everybody_gets_no_target(command: str) -> None:
    assert not routine.is_fit(command, _PATHS)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Send the orders (again)", "send-orders"),
        ("Run it", ""),
        ("Search finds nothing", ""),
        ("Upgrade a specific package", ""),
        ("Restart the worker, the web process and the queue", ""),
        ("Check `$(HOME)`", ""),
    ],
)
def test_a_task_is_named_where_its_page_says_what_it_does(words: str, name: str) -> None:
    assert task_names.name(task_names.told(words), "-") == name


@pytest.mark.parametrize("hostile", [b"\xff\xfe", b"\0", b"\r", b"# x\n```sh\n", b"[" * 9_999])
def test_a_page_that_cannot_be_read_is_passed_over(hostile: bytes) -> None:
    workflow = b"on: workflow_dispatch\njobs: {a: {steps: []}}\n" + hostile
    files = {"docs/runbook.md": hostile, "README.md": hostile, "Makefile": hostile}
    files[".github/workflows/release.yml"] = workflow
    assert _found(_TARGET, files) == _found(_SECTION, files) == []


def test_a_block_of_console_goes_on_behind_a_backslash() -> None:
    code = "$ python manage.py orders \\\n>  \n$ one \\\n    two\nits output\n"
    assert [c.text for c in runbooks.commands("console", code, 1)] == ["python manage.py orders >", "one two"]


_HOSTILE = st.text("ab @#`<>&!*_[](){}|\\\n\"'$~-=:/.", max_size=40)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(_HOSTILE, _HOSTILE, _HOSTILE)
@example("<!-- /kotsu:runbook -->", "`<script>`", "](x)")
def test_no_words_of_a_workflow_break_out_of_the_list(title: str, about: str, default: str) -> None:
    text = _workflow(title, about, default)
    (one,) = dispatches.of(Files({".github/workflows/release.yml": text.encode()}))
    written = "\n".join(
        ["<!-- kotsu:runbook -->", "", *dispatches.written([one]), "", "<!-- /kotsu:runbook -->"]
    )
    tokens = MarkdownIt("commonmark").parse(written)
    kinds = {token.type for token in tokens} | {c.type for t in tokens for c in t.children or ()}
    assert kinds <= {
        *("html_block", "paragraph_open", "paragraph_close", "inline", "text", "code_inline"),
        *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
    }
    assert sum(token.type == "html_block" for token in tokens) == 2
    page = f"# Shop\n\n## Releasing\n\n{written}\n".encode()
    assert _found(_SECTION, {"README.md": page, ".github/workflows/release.yml": text.encode()}) == []


def _workflow(title: str, about: str, default: str) -> str:
    said = [
        repr(text).replace("\\", "").replace("'", "").replace('"', "") for text in (title, about, default)
    ]
    title, about, default = said
    return (
        f"name: 'x{title}'\non:\n  workflow_dispatch:\n    inputs:\n      version:\n"
        f"        description: 'x{about}'\n        default: 'x{default}'\njobs: {{a: {{steps: []}}}}\n"
    )
