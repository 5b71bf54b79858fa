"""Knows what the names of the library six are on Python 3: another spelling of what every module has."""

from __future__ import annotations

from collections.abc import Mapping

BUILTIN: Mapping[str, str] = {
    "six.text_type": "str",
    "six.binary_type": "bytes",
    "six.unichr": "chr",
    "six.next": "next",
    "six.advance_iterator": "next",
    "six.callable": "callable",
    "six.iterbytes": "iter",
    "six.print_": "print",
    "six.Iterator": "object",
    "six.moves.range": "range",
    "six.moves.xrange": "range",
    "six.moves.zip": "zip",
    "six.moves.map": "map",
    "six.moves.filter": "filter",
}
"""The very same object under the name of a built-in."""

TUPLE: Mapping[str, str] = {
    "six.string_types": "str",
    "six.integer_types": "int",
    "six.class_types": "type",
}
"""A tuple of one built-in class."""

OBJECT: Mapping[str, str] = {
    "six.BytesIO": "io.BytesIO",
    "six.StringIO": "io.StringIO",
    "six.wraps": "functools.wraps",
    "six.MAXSIZE": "sys.maxsize",
    "six.moves.StringIO": "io.StringIO",
    "six.moves.cStringIO": "io.StringIO",
    "six.moves.UserDict": "collections.UserDict",
    "six.moves.UserList": "collections.UserList",
    "six.moves.UserString": "collections.UserString",
    "six.moves.filterfalse": "itertools.filterfalse",
    "six.moves.intern": "sys.intern",
    "six.moves.reduce": "functools.reduce",
    "six.moves.reload_module": "importlib.reload",
    "six.moves.shlex_quote": "shlex.quote",
    "six.moves.zip_longest": "itertools.zip_longest",
}
"""The very same object of the standard library."""

MODULE: Mapping[str, str] = {
    "six.moves.BaseHTTPServer": "http.server",
    "six.moves.CGIHTTPServer": "http.server",
    "six.moves.SimpleHTTPServer": "http.server",
    "six.moves._thread": "_thread",
    "six.moves.builtins": "builtins",
    "six.moves.cPickle": "pickle",
    "six.moves.collections_abc": "collections.abc",
    "six.moves.configparser": "configparser",
    "six.moves.copyreg": "copyreg",
    "six.moves.email_mime_base": "email.mime.base",
    "six.moves.email_mime_image": "email.mime.image",
    "six.moves.email_mime_multipart": "email.mime.multipart",
    "six.moves.email_mime_nonmultipart": "email.mime.nonmultipart",
    "six.moves.email_mime_text": "email.mime.text",
    "six.moves.html_entities": "html.entities",
    "six.moves.html_parser": "html.parser",
    "six.moves.http_client": "http.client",
    "six.moves.http_cookiejar": "http.cookiejar",
    "six.moves.http_cookies": "http.cookies",
    "six.moves.queue": "queue",
    "six.moves.reprlib": "reprlib",
    "six.moves.socketserver": "socketserver",
    "six.moves.urllib.error": "urllib.error",
    "six.moves.urllib.parse": "urllib.parse",
    "six.moves.urllib.robotparser": "urllib.robotparser",
    "six.moves.urllib_error": "urllib.error",
    "six.moves.urllib_parse": "urllib.parse",
    "six.moves.urllib_robotparser": "urllib.robotparser",
    "six.moves.xmlrpc_client": "xmlrpc.client",
    "six.moves.xmlrpc_server": "xmlrpc.server",
}
"""A module of the standard library.

Not ``urllib.request``: six has an object of its own there, which tests patch to keep code off the network.
"""

LATER: Mapping[str, str] = {
    "six.moves.input": "input",
    "six.moves.urllib.request.Request": "urllib.request.Request",
    "six.moves.urllib.request.build_opener": "urllib.request.build_opener",
    "six.moves.urllib.request.install_opener": "urllib.request.install_opener",
    "six.moves.urllib.request.pathname2url": "urllib.request.pathname2url",
    "six.moves.urllib.request.url2pathname": "urllib.request.url2pathname",
    "six.moves.urllib.request.urlopen": "urllib.request.urlopen",
    "six.moves.urllib.request.urlretrieve": "urllib.request.urlretrieve",
}
"""What is the same only where an import takes it by name: what patches six has no hold on it then."""

METHOD: Mapping[str, tuple[str, bool]] = {
    "six.iteritems": ("items", True),
    "six.iterkeys": ("keys", True),
    "six.itervalues": ("values", True),
    "six.viewitems": ("items", False),
    "six.viewkeys": ("keys", False),
    "six.viewvalues": ("values", False),
}
"""A function that calls a method of its argument, and whether it returns an iterator over the result."""

ATTRIBUTE: Mapping[str, str] = {
    "six.get_function_closure": "__closure__",
    "six.get_function_code": "__code__",
    "six.get_function_defaults": "__defaults__",
    "six.get_function_globals": "__globals__",
    "six.get_method_function": "__func__",
    "six.get_method_self": "__self__",
}
"""A function that returns an attribute of its argument."""

ASSERTION: Mapping[str, str] = {
    "six.assertCountEqual": "assertCountEqual",
    "six.assertRaisesRegex": "assertRaisesRegex",
    "six.assertRegex": "assertRegex",
    "six.assertNotRegex": "assertNotRegex",
}
"""A function that calls a method of the test case that it gets first."""


def moved(full: str) -> str | None:
    """Return what an import of ``full`` brings on Python 3: a built-in, an object or a module; else None."""
    found = BUILTIN.get(full) or OBJECT.get(full) or MODULE.get(full) or LATER.get(full)
    if found or not full.startswith("six.moves.urllib."):
        return found
    source, _, name = full.rpartition(".")
    module = MODULE.get(source)
    return f"{module}.{name}" if module else None
