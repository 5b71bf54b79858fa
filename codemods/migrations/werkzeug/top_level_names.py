"""Werkzeug 1 has its names in its modules only: `from werkzeug import secure_filename` raises `ImportError`.

Until 0.16 the package handed on what its modules hold. Each name is imported from the module that it stood
in all the time.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

_PLACES = {
    "datastructures": (
        *("Accept", "Authorization", "CallbackDict", "CombinedMultiDict", "EnvironHeaders", "ETags"),
        *("FileStorage", "Headers", "HeaderSet", "ImmutableDict", "ImmutableList", "ImmutableMultiDict"),
        *("MultiDict", "WWWAuthenticate"),
    ),
    "debug": ("DebuggedApplication",),
    "exceptions": ("abort", "Aborter"),
    "formparser": ("parse_form_data",),
    "http": (
        *("dump_cookie", "dump_header", "dump_options_header", "generate_etag", "http_date"),
        *("HTTP_STATUS_CODES", "is_resource_modified", "parse_accept_header", "parse_cookie", "parse_date"),
        *("parse_dict_header", "parse_etags", "parse_list_header", "parse_options_header", "quote_etag"),
        *("unquote_etag",),
    ),
    "local": ("Local", "LocalManager", "LocalProxy", "LocalStack", "release_local"),
    "security": ("check_password_hash", "generate_password_hash"),
    "serving": ("run_simple",),
    "test": ("Client", "create_environ", "EnvironBuilder", "run_wsgi_app"),
    "testapp": ("test_app",),
    "utils": ("cached_property", "find_modules", "import_string", "redirect", "secure_filename"),
    "wrappers": ("Request", "Response"),
    "wsgi": ("ClosingIterator", "FileWrapper", "get_current_url", "get_host", "responder", "wrap_file"),
}

ABOUT = About(
    title="Import what Werkzeug 1 has from its modules",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the package handed on the same objects.",
    references=("https://werkzeug.palletsprojects.com/en/stable/changes/#version-1-0-0",),
    needles=(b"werkzeug",),
    pattern=rb"\b(?:from[ \t]+werkzeug[ \t]+import|werkzeug\.[a-zA-Z])",
    minutes=2,
    crosses=">=1",
    since="0.15",
)

_NAMES = {f"werkzeug.{name}": f"werkzeug.{place}.{name}" for place, all_ in _PLACES.items() for name in all_}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names of Werkzeug's modules."""
    return renamed.names_in(module, _NAMES)
