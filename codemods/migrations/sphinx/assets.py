"""Renames what an extension of Sphinx asks the application for, where it certainly is the application."""

from __future__ import annotations

import libcst as cst

from codemods import alignment, arguments, certain, guards, names, nodes, scopes
from codemods.migrations.sphinx import settings

_APPLICATIONS = frozenset(("sphinx.application.Sphinx",))


def added(module: cst.Module, old: str, new: str) -> cst.Module:
    """Return the module that adds a file, by its name alone, with the new method of the application."""
    texts: dict[cst.CSTNode, str] = {}
    for call in nodes.of(module).all(cst.Call):
        func = call.func
        if not isinstance(func, cst.Attribute) or func.attr.value != old or len(call.args) != 1:
            continue
        is_plain = len(arguments.positional(call)) == 1 and not _is_for_some(call, new, module)
        if is_plain and _is_application(func.value, module):
            texts[func.attr] = new
    return alignment.renamed(module, texts) if texts else module


def _is_for_some(call: cst.Call, new: str, module: cst.Module) -> bool:
    """Say whether a call is for some versions: it is asked whether the application has the new method."""
    conditions = (n.test for n in nodes.of(module).ancestors(call) if isinstance(n, cst.If | cst.IfExp))
    asked = any(new in module.code_for_node(test) for test in conditions)
    return asked or guards.for_some_versions(call, module)


def _is_application(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a name is a parameter that is annotated so, or the one that Sphinx gives to `setup`."""
    if not isinstance(node, cst.Name) or not names.of(module).bound_once(node):
        return False
    found = certain.bindings(node, module)
    if len(found) != 1 or not isinstance(found[0], cst.Param):
        return False
    annotation = found[0].annotation
    if annotation:
        return names.of(module).qualified(annotation.annotation) in _APPLICATIONS
    function = nodes.of(module).within(found[0], cst.FunctionDef)
    is_setup = function is not None and function.name.value == "setup" and function in module.body
    alone = function is not None and len(function.params.params) == 1
    return is_setup and alone and (settings.is_configuration(module) or _imports_sphinx(module))


def _imports_sphinx(module: cst.Module) -> bool:
    seen = nodes.of(module)
    every: list[cst.Import | cst.ImportFrom] = [*seen.all(cst.Import), *seen.all(cst.ImportFrom)]
    plain = (node for node in every if not isinstance(node.names, cst.ImportStar))
    return any(full.partition(".")[0] == "sphinx" for node in plain for _, full in scopes.imports(node))
