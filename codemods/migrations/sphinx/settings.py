"""Reads the configuration of Sphinx, which is a module whose names are its settings."""

from __future__ import annotations

import libcst as cst

from codemods import names, nodes

_USUAL = frozenset(
    (
        *("copyright", "author", "version", "release", "templates_path", "source_suffix", "master_doc"),
        *("root_doc", "exclude_patterns", "pygments_style", "html_theme", "html_static_path", "html_title"),
        *("htmlhelp_basename", "latex_documents", "man_pages", "texinfo_documents", "html_theme_path"),
        *("intersphinx_mapping", "html_theme_options", "language", "today_fmt", "html_logo"),
    )
)
_FEWEST = 3


def is_configuration(module: cst.Module) -> bool:
    """Say whether a module certainly is one: it names extensions, a project, and a few usual settings."""
    known = names.of(module)
    usual = sum(known.bindings(name) > 0 for name in _USUAL)
    return bool(known.bindings("extensions") and known.bindings("project")) and usual >= _FEWEST


def value(name: str, module: cst.Module) -> cst.BaseExpression | None:
    """Return the value of a setting that one assignment at the top of a configuration gives it, or None."""
    assign = assignment(name, module)
    return assign.value if assign else None


def assignment(name: str, module: cst.Module) -> cst.Assign | None:
    """Return that assignment; None where there is another one, or none that always holds."""
    if names.of(module).bindings(name) != 1 or not is_configuration(module):
        return None
    lines = (line for line in module.body if isinstance(line, cst.SimpleStatementLine))
    for node in (small for line in lines for small in line.body):
        target, _ = nodes.assigned(node)
        if isinstance(node, cst.Assign) and isinstance(target, cst.Name) and target.value == name:
            return node
    return None


def text(node: cst.BaseExpression | None) -> str | None:
    """Return what a plain literal of text says, None for anything else."""
    if not isinstance(node, cst.SimpleString) or not isinstance(node.evaluated_value, str):
        return None
    return node.evaluated_value
