"""Keys of setup.cfg that code reads under their old names stay."""

from __future__ import annotations

import pytest

from codemods import registry, testing
from codemods.tree import Files

_CFG = b"[metadata]\nname = shelf\nhome-page = https://example.org\n"
_READ = b"import configparser\n\nread = configparser.ConfigParser()\nread.read('setup.cfg')\n"


def _found(files: dict[str, bytes]) -> list[str]:
    rule = registry.load("codemods.lifecycle.setup_cfg_keys")
    found = rule.module.find(Files({"setup.cfg": _CFG, **files}), testing.facts({}))
    return [finding.message for finding in found]


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_key_that_code_reads_keeps_its_name(quote: str) -> None:
    line = f"home = read['metadata'][{quote}home-page{quote}]\n".encode()
    assert _found({"docs/conf.py": _READ + line}) == []


@pytest.mark.parametrize("code", [_READ + b"print(read['metadata']['name'])\n", b"print('home-page')\n"])
def test_code_that_reads_something_else_hinders_nothing(code: bytes) -> None:
    assert _found({"docs/conf.py": code}) == ["`home-page` → `home_page` in `[metadata]`"]
