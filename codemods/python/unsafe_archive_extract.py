"""A tar archive can name files outside of the folder into which it is unpacked, and write there.

Until Python 3.13 `extractall` and `extract` follow `../`, absolute paths, links that lead out of the folder,
device files and the set-user-ID bit, as the archive has them; 3.12 and 3.13 warn of it. `filter="data"`
refuses all that with an error, and is what Python 3.14 does when nothing is said (PEP 706). The files of an
ordinary archive come out with the same contents; they belong to whoever unpacks them.

Only what is certainly an archive of `tarfile` changes. Code that speaks of a filter, that asks for the owners
of the archive, or that restores a backup or a system's root folder, where owners and devices matter, is
left alone, and so are projects that need Python 3.14 anyway.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, certain, layout, names, nodes, wording
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Keep archives from writing outside of their folder",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="An archive with links or paths that lead out of its folder, or with devices, raises an error, and "
    "owners, group and others' write bits and set-user-ID bits are not taken from it.",
    references=(
        "https://docs.python.org/3/library/tarfile.html#extraction-filters",
        "https://peps.python.org/pep-0706/",
        "https://docs.astral.sh/ruff/rules/tarfile-unsafe-members/",
    ),
    needles=(b"extractall", b"extract"),
    pattern=rb"\btarfile\b",
    requires_python=(3, 12),
    codes=("S202", "B202"),
    minutes=5,
    tests=False,
)

_SINCE_WHEN_IT_IS_THE_DEFAULT = (3, 14)
_OPENERS = frozenset(
    (
        *("tarfile.open", "tarfile.TarFile", "tarfile.TarFile.open", "tarfile.TarFile.gzopen"),
        *("tarfile.TarFile.bz2open", "tarfile.TarFile.xzopen", "tarfile.TarFile.taropen"),
    )
)
_WHOLE = frozenset(
    (
        *("filter", "filters", "filtered", "backup", "backups", "restore", "rootfs", "chroot", "layer"),
        *(
            "sysroot",
            "owner",
            "owners",
            "device",
            "devices",
            "permissions",
            "safe",
            "unsafe",
            "safely",
            "trusted",
            "untrusted",
        ),
    )
)


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with a filter where an archive is unpacked."""
    if facts.floor and facts.floor >= _SINCE_WHEN_IT_IS_THE_DEFAULT:
        return module
    value = layout.quoted(module, "data")

    def filtered(call: cst.Call) -> cst.Call:
        return arguments.appended(call, arguments.keyword("filter", value))

    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        if _unpacks(call, module) and not _is_meant(call, module):
            change = layout.fitted(module, call, filtered)
            changes.update({call: change} if change else {})
    return nodes.replaced(module, changes)


def _unpacks(call: cst.Call, module: cst.Module) -> bool:
    if not isinstance(call.func, cst.Attribute) or arguments.starred(call):
        return False
    name = call.func.attr.value
    is_unpacking = name == "extractall" or (name == "extract" and bool(call.args))
    has_own_mind = any(arguments.named(call, word) for word in ("filter", "numeric_owner", "set_attrs"))
    most = 2 if call.args else 1
    if not is_unpacking or has_own_mind or len(arguments.positional(call)) > most:
        return False
    return _is_archive(call.func.value, module)


def _is_archive(node: cst.BaseExpression, module: cst.Module) -> bool:
    known = names.of(module)
    made = node if isinstance(node, cst.Call) else certain.bound_to(node, module)
    if made is None:
        made = certain.entered(node, module)
        if isinstance(made, cst.Call) and known.qualified(made.func) == "contextlib.closing" and made.args:
            made = made.args[0].value
    return isinstance(made, cst.Call) and known.qualified(made.func) in _OPENERS


def _is_meant(call: cst.Call, module: cst.Module) -> bool:
    """Say whether the function around a call, or its class, speaks of what a filter would change."""
    seen = nodes.of(module)
    around = seen.within(call, cst.FunctionDef) or seen.within(call, cst.SimpleStatementLine) or call
    outside = [n.name.value for n in seen.ancestors(call) if isinstance(n, cst.FunctionDef | cst.ClassDef)]
    said = [*outside, *wording.spoken(around), *nodes.remarks(call, seen.above)]
    return any(not wording.words(text).isdisjoint(_WHOLE) for text in said)
