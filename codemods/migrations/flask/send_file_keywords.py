"""Flask 2.2 knows the new names of what `send_file` takes; the old ones raise `TypeError` there.

`attachment_filename` is `download_name`, `cache_timeout` is `max_age` and `add_etags` is `etag`; the
`filename` of `send_from_directory` is its `path`. Each means the same, and the new names work since Flask
2.0.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

_FILE = {"attachment_filename": "download_name", "cache_timeout": "max_age", "add_etags": "etag"}

ABOUT = About(
    title="Name what send_file takes as Flask 2.2 does",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: Flask 2.0 hands the old names on as the new ones.",
    references=(
        "https://flask.palletsprojects.com/en/stable/changes/#version-2-0-0",
        "https://flask.palletsprojects.com/en/stable/changes/#version-2-2-0",
    ),
    needles=(b"send_file", b"send_from_directory"),
    pattern=rb"\b(?:attachment_filename|cache_timeout|add_etags|filename)\b",
    minutes=3,
    crosses=">=2.2",
    since="2.0",
)

_KEYWORDS = {
    "flask.send_file": _FILE,
    "flask.helpers.send_file": _FILE,
    "flask.send_from_directory": {**_FILE, "filename": "path"},
    "flask.helpers.send_from_directory": {**_FILE, "filename": "path"},
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the keywords that Flask 2.2 knows."""
    return renamed.keywords_in(module, _KEYWORDS)
