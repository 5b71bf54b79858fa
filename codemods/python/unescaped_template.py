"""Jinja puts values into a page as they are, markup and scripts included, unless it is told to escape them.

Flask and Starlette tell it to; an `Environment` of one's own does not escape anything. Whoever can choose a
name, a title or a file's name then chooses what runs in the browser of whoever looks at the page.
`select_autoescape()` escapes in templates whose names end in `.html`, `.htm` or `.xml`, and leaves all
others, such as texts and configuration, as they were.

Only modules change that certainly load a template with such a name. Where strings are templates, where the
module escapes by itself, and where it plainly puts finished markup into the page (from Markdown or a table),
it is left alone: what is markup has to be marked as such first, with `|safe` or `Markup`.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, guards, imports, layout, names, nodes, reach, wording
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Escape values in HTML templates",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="Markup in a value that a page shows on purpose appears as text until it is marked with `|safe`.",
    references=(
        "https://jinja.palletsprojects.com/en/stable/api/#autoescaping",
        "https://docs.astral.sh/ruff/rules/jinja2-autoescape-false/",
    ),
    needles=(b"jinja2",),
    pattern=rb"Environment\(",
    codes=("S701", "B701"),
    minutes=15,
    tests=False,
)

_ENVIRONMENTS = frozenset(
    ("jinja2.Environment", "jinja2.environment.Environment", "jinja2.sandbox.SandboxedEnvironment")
)
_LOADING = frozenset(("get_template", "select_template", "get_or_select_template"))
_MARKUP = (".html", ".htm")
_MEANT = frozenset(
    (
        *("autoescape", "select_autoescape", "from_string", "escape", "Markup", "markdown", "Markdown"),
        *("mistune", "pygments", "highlight", "to_html", "publish_parts", "bleach", "nh3"),
    )
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose pages escape the values in them."""
    found = [call for call in nodes.of(module).all(cst.Call) if _is_bare(call, module)]
    if not found or not _loads_pages(module) or _has_own_mind(module):
        return module
    way = reach.to("jinja2.select_autoescape", module) if _is_at_hand(module) else None
    if way is None:
        return module

    def escaping(call: cst.Call) -> cst.Call:
        return arguments.appended(call, arguments.keyword("autoescape", cst.Call(way.expression)))

    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in found:
        change = layout.fitted(module, call, escaping)
        changes.update({call: change} if change else {})
    return reach.brought(nodes.replaced(module, changes), [way] if changes else [])


def _is_bare(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a call makes an environment of which it is not said whether it escapes."""
    if not wording.target(call.func).endswith("Environment") and not isinstance(call.func, cst.Name):
        return False
    is_one = names.of(module).qualified(call.func) in _ENVIRONMENTS
    if not is_one or arguments.starred(call) or arguments.positional(call):
        return False
    return not guards.silenced(call, module, ABOUT, "unescaped-template")


def _loads_pages(module: cst.Module) -> bool:
    """Say whether a module gets a template whose name plainly ends as that of a page."""
    calls = (c for c in nodes.of(module).all(cst.Call) if wording.target(c.func) in _LOADING and c.args)
    return any(text.endswith(_MARKUP) for call in calls for text in wording.spoken(call.args[0].value))


def _has_own_mind(module: cst.Module) -> bool:
    """Say whether a module names what escapes, or what makes markup."""
    seen = nodes.of(module)
    return any(node.value in _MEANT for node in seen.all(cst.Name))


def _is_at_hand(module: cst.Module) -> bool:
    """Say whether the module imports Jinja at its top, where another name of it can stand as well."""
    there = (n for n in imports.of(module.body) if isinstance(n, cst.ImportFrom))
    return names.of(module).local("jinja2") is not None or "jinja2" in map(imports.source_of, there)
