"""Names NumPy's objects by the module within NumPy that has them by now."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from codemods import guards, leftovers, names, nodes, renamed


def moved(module: cst.Module, table: Mapping[str, str]) -> cst.Module:
    """Return a module in which ``np.AxisError`` is ``np.exceptions.AxisError``.

    The table leads from ``numpy.AxisError`` to ``numpy.exceptions.AxisError``: the last part stays the same.
    What is imported by its name is imported from the inner module.
    """
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    for node in nodes.of(module).all(cst.Attribute):
        old = known.qualified(node) or ""
        if old in table and not guards.for_some_versions(node, module):
            changes[node.value] = _within(table[old].split(".")[1])
    return renamed.names_in(leftovers.tidied(module, nodes.replaced(module, changes)), table)


def lifted(module: cst.Module, table: Mapping[str, str]) -> cst.Module:
    """Return a module in which ``np.fft.helper.fftshift`` is ``np.fft.fftshift``, by a table of names."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    for node in nodes.of(module).all(cst.Attribute):
        if known.qualified(node) in table and not guards.for_some_versions(node, module):
            changes[node.value] = _above
    return nodes.replaced(module, changes)


def _above(updated: cst.CSTNode) -> cst.CSTNode:
    return updated.value if isinstance(updated, cst.Attribute) else updated


def _within(name: str) -> nodes.Change:
    def change(updated: cst.CSTNode) -> cst.CSTNode:
        return cst.Attribute(updated, cst.Name(name)) if isinstance(updated, cst.BaseExpression) else updated

    return change
