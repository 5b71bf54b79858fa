"""NumPy 2 dropped second names: `np.float_` is `np.float64`, `np.Inf` is `np.inf`, `np.product` is `np.prod`.

Each of these raises `AttributeError` there. What is written instead is the very same object in NumPy 1, or
the function that the old one called with the arguments it was given, so nothing changes for NumPy 1 either.
Names without an exact equal (`np.find_common_type`, `np.asfarray`, `np.in1d`, `np.cast`) are left to a
person, and so is an old function that a module lists beside others, as it may tell them apart.
"""

from __future__ import annotations

import libcst as cst

from codemods import expressions, guards, leftovers, names, nodes, renamed
from codemods.migrations.numpy import inner
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Use the names that NumPy 2 kept",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: in NumPy 1 the new names are the same objects, or what the old functions called.",
    references=(
        "https://numpy.org/doc/stable/numpy_2_0_migration_guide.html",
        "https://docs.astral.sh/ruff/rules/numpy2-deprecation/",
    ),
    needles=(b"numpy",),
    pattern=(
        rb"\b(?:Inf|Infinity|infty|[PN]INF|NAN|NaN|[PN]ZERO|float_|complex_|cfloat|clongfloat|longcomplex"
        rb"|longfloat|singlecomplex|string_|unicode_|bool8|u?int0|object0|str0|bytes0|void0|product"
        rb"|cumproduct|sometrue|alltrue|round_|row_stack|mat|DataSource|format_parser|linalg\.linalg"
        rb"|fft\.helper)\b"
    ),
    codes=("NPY201", "NPY003"),
    minutes=2,
    crosses=">=2",
    since="1.17",
)

_FUNCTIONS = {
    "product": "prod",
    "cumproduct": "cumprod",
    "sometrue": "any",
    "alltrue": "all",
    "round_": "round",
}
"""Those that call the new one: two functions, for who asks."""
_LISTED = (cst.Element, cst.DictElement)
_SAME = {
    **dict.fromkeys(("Inf", "Infinity", "infty", "PINF"), "inf"),
    **dict.fromkeys(("NAN", "NaN"), "nan"),
    "float_": "float64",
    "complex_": "complex128",
    "cfloat": "complex128",
    **dict.fromkeys(("clongfloat", "longcomplex"), "clongdouble"),
    "longfloat": "longdouble",
    "singlecomplex": "complex64",
    "string_": "bytes_",
    "unicode_": "str_",
    "bool8": "bool_",
    "int0": "intp",
    "uint0": "uintp",
    "object0": "object_",
    "str0": "str_",
    "bytes0": "bytes_",
    "void0": "void",
    "mat": "asmatrix",
    "row_stack": "vstack",
    **_FUNCTIONS,
}
_LINALG = (
    *("LinAlgError", "cholesky", "cond", "det", "eig", "eigh", "eigvals", "eigvalsh", "inv", "lstsq"),
    *("matrix_power", "matrix_rank", "multi_dot", "norm", "pinv", "qr", "slogdet", "solve", "svd"),
    *("tensorinv", "tensorsolve"),
)
_TABLE = {f"numpy.{old}": f"numpy.{new}" for old, new in _SAME.items()}
_LIFTED = {
    **{f"numpy.linalg.linalg.{name}": f"numpy.linalg.{name}" for name in _LINALG},
    **{
        f"numpy.fft.helper.{name}": f"numpy.fft.{name}"
        for name in ("fftfreq", "fftshift", "ifftshift", "rfftfreq")
    },
}
_INNER = {"numpy.format_parser": "numpy.rec.format_parser"}
_VALUES = {"numpy.NINF": "-{}.inf", "numpy.PZERO": "0.0", "numpy.NZERO": "-0.0"}
_ALONE = (
    *(cst.Arg, cst.Assign, cst.AnnAssign, cst.Element, cst.DictElement, cst.Return, cst.Index, cst.Param),
    *(cst.Comparison, cst.ComparisonTarget, cst.Expr),
)
"""Where a minus needs no brackets."""


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names that NumPy 1 and 2 have."""
    listed = _listed(module)
    table = {old: new for old, new in _TABLE.items() if old not in listed}
    return renamed.names_in(inner.lifted(inner.moved(_valued(module), _INNER), _LIFTED), table | _LIFTED)


def _listed(module: cst.Module) -> set[str]:
    """Return the old functions that a module lists beside others: it may care which of two it was given."""
    seen, known = nodes.of(module), names.of(module)
    found = (node for node in seen.all(cst.Attribute, cst.Name) if isinstance(seen.above.get(node), _LISTED))
    return {full for node in found if (full := known.qualified(node) or "").rpartition(".")[2] in _FUNCTIONS}


def _valued(module: cst.Module) -> cst.Module:
    """Return a module with the numbers themselves in place of the names that they had."""
    known, seen, changes = names.of(module), nodes.of(module), dict[cst.CSTNode, nodes.Change]()
    for node in seen.all(cst.Attribute):
        full = known.qualified(node) or ""
        if full in _VALUES and not (_is_identity(node, module) or guards.for_some_versions(node, module)):
            text = _VALUES[full].format(module.code_for_node(node.value))
            is_alone = not text.startswith("-") or isinstance(seen.above[node], _ALONE)
            new = cst.parse_expression(text if is_alone else f"({text})")
            changes[node] = nodes.to(expressions.in_place(new, node))
    return leftovers.tidied(module, nodes.replaced(module, changes))


def _is_identity(node: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether ``is`` asks for the very object that a name stands for: the number is another one."""
    comparison = nodes.of(module).within(node, cst.Comparison)
    targets = comparison.comparisons if comparison else ()
    return any(isinstance(target.operator, cst.Is | cst.IsNot) for target in targets)
