"""A wheel that brings migrations, as an internal platform team would ship it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

NAME, FILE = "corp-auth", "corp_auth/kotsu-migrations.toml"
SOURCE = '''\
"""The platform's login is called `sign_in` from 4.0 on, says @platform.

It closes #12.
"""

import libcst as cst

from codemods import renamed


def rewrite(module: cst.Module, facts: object) -> cst.Module:
    return renamed.names_in(module, {"corp_auth.login": "corp_auth.sign_in"})
'''
TABLE = """
[[migration]]
name = "sign-in"
module = "kotsu_migrations.sign_in"
crosses = ">=4"
since = "3.2"
title = "Sign in, as @corp says, closes #3"
risk = "None."
needles = ["corp_auth"]
references = ["https://corp.example/auth/4"]
"""
CHANGE = """
[[change]]
name = "corp_auth.login"
at = "4"
what = "is called `sign_in`"
by = "corp-auth-sign-in"

[[change]]
name = "corp_auth.token"
at = "4"
what = "is gone"
hand = "Ask @platform."
url = "https://corp.example/auth/4"
"""
MODULES = 'modules = ["corp_auth"]\n'
TOML = MODULES + TABLE + CHANGE


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """Return an archive of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return made.getvalue()


def wheel(toml: str = TOML, source: str = SOURCE, version: str = "4.0", **more: str) -> bytes:
    """Return a wheel of corp-auth; ``more`` are files by paths, a ``""`` takes one away."""
    files = {
        "corp_auth/__init__.py": "def sign_in(): ...\n",
        FILE: toml,
        "corp_auth/kotsu_migrations/sign_in.py": source,
        f"corp_auth-{version}.dist-info/METADATA": f"Name: corp-auth\nVersion: {version}\n",
        **more,
    }
    return packed({path: text for path, text in files.items() if text})
