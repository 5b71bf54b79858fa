"""pydantic 2 takes a model's settings from `model_config`, and many of them have other names there.

A `class Config` still works, with a warning, but a setting that was renamed is ignored: a model with
`orm_mode = True` no longer reads attributes. The same settings stand in `model_config = ConfigDict(…)`, those
that mean the opposite (`allow_mutation`) with the opposite value, and `smart_union` and
`underscore_attrs_are_private` go where they are true, for pydantic 2 always works so.

A class is left alone that inherits settings, holds a method, or has a setting that pydantic 2 gave up
(`fields`, `getter_dict`, `json_loads`), because a person has to decide what takes its place. So is one that
other code of the module names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from codemods import arguments, derived, guards, layout, names, nodes, reach
from codemods.migrations.pydantic import models
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Write the settings of pydantic's models as model_config",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Code elsewhere that reads `Model.Config` or `Model.__config__` finds neither; what is frozen gets "
    "a hash.",
    references=(
        "https://docs.pydantic.dev/2.12/migration/#changes-to-config",
        "https://docs.pydantic.dev/2.12/api/config/",
    ),
    needles=(b"pydantic", b"pydantic_settings"),
    pattern=rb"\bclass[ \t]+Config\b|\b(?:orm_mode|allow_mutation|allow_population_by_field_name|anystr_)",
    minutes=4,
    crosses=">=2",
)

_RENAMED = {
    "allow_population_by_field_name": "populate_by_name",
    "anystr_lower": "str_to_lower",
    "anystr_strip_whitespace": "str_strip_whitespace",
    "anystr_upper": "str_to_upper",
    "keep_untouched": "ignored_types",
    "max_anystr_length": "str_max_length",
    "min_anystr_length": "str_min_length",
    "orm_mode": "from_attributes",
    "schema_extra": "json_schema_extra",
    "validate_all": "validate_default",
}
_SAME = frozenset(
    (
        *("alias_generator", "arbitrary_types_allowed", "extra", "frozen", "json_encoders", "title"),
        *("use_enum_values", "validate_assignment", *_RENAMED.values()),
    )
)
_OF_SETTINGS = frozenset(
    ("case_sensitive", "env_file", "env_file_encoding", "env_nested_delimiter", "env_prefix", "secrets_dir")
)
_ALWAYS = frozenset(("smart_union", "underscore_attrs_are_private"))
_OPPOSITE = {"True": "False", "False": "True"}
_KINDS = {
    "pydantic.BaseModel": "pydantic.ConfigDict",
    models.SETTINGS: "pydantic_settings.SettingsConfigDict",
}


@dataclass(frozen=True)
class _Setting:
    """One setting by its new name, with the comments above and behind it."""

    name: str
    value: cst.BaseExpression
    above: Sequence[cst.EmptyLine] = ()
    behind: cst.Comment | None = None


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose models say `model_config`."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    ways: list[reach.Way] = []
    named = _is_named(module)
    for model, root in models.of(module).items():
        inner = _config(model)
        settings = None if inner is None or named else _settings(model, inner, module, root)
        way = reach.to(_KINDS[root], module) if settings else None
        if inner and settings and way:
            changes[inner] = nodes.to(_line(module, inner, way, settings))
            ways.append(way)
        changes |= _in_head(model, module)
    return reach.instead(module, nodes.replaced(module, changes), ways)


def _is_named(module: cst.Module) -> bool:
    """Say whether code of the module reads the settings of a class."""
    known = names.of(module)
    found = (n for n in nodes.of(module).all(cst.Attribute) if n.attr.value in {"Config", "__config__"})
    return any(known.qualified(node) is None for node in found)


def _config(model: cst.ClassDef) -> cst.ClassDef | None:
    """Return the class of settings in a model, where nothing else there has to do with it."""
    body = model.body.body if isinstance(model.body, cst.IndentedBlock) else ()
    found = [n for n in body if isinstance(n, cst.ClassDef) and n.name.value == "Config"]
    mentions = (n for n in nodes.walk(model) if isinstance(n, cst.Name) and n.value == "Config")
    if len(found) != 1 or "model_config" in derived.bound(model) or len(list(mentions)) > 1:
        return None
    inner = found[0]
    bare = not (inner.bases or inner.keywords or inner.decorators or inner.lines_after_decorators)
    return inner if bare else None


def _settings(
    model: cst.ClassDef, inner: cst.ClassDef, module: cst.Module, root: str
) -> list[_Setting] | None:
    """Return the settings of a class by their new names; None where one of them needs a person."""
    body = inner.body
    if root not in _KINDS or not isinstance(body, cst.IndentedBlock) or _has_stray_comments(body):
        return None
    if any(guards.silenced(n, module, ABOUT, "pydantic-class-config") for n in (inner, *body.body)):
        return None
    said, *rest = _docstring(body.body[0]), *body.body[1:]
    found: list[_Setting] = []
    for line in rest if said else body.body:
        setting = _setting(line, root)
        if setting is None:
            return None
        found += [setting] if setting.name else []
    if said and found:
        found[0] = replace(found[0], above=[said, *found[0].above])
    hidden = derived.bound(model) | derived.bound(inner)
    used = (n.value for s in found for n in nodes.walk(s.value) if isinstance(n, cst.Name))
    clear = hidden.isdisjoint(used) and len({s.name for s in found}) == len(found)
    return found if clear else None


def _docstring(line: cst.BaseStatement) -> cst.EmptyLine | None:
    """Return a docstring of one line as a comment."""
    value = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    text = value.value if isinstance(value, cst.Expr) and isinstance(value.value, cst.SimpleString) else None
    words = text.evaluated_value if text else None
    if not isinstance(words, str) or not words.strip() or "\n" in words.strip() or nodes.comments(line):
        return None
    return cst.EmptyLine(comment=cst.Comment(f"# {words.strip()}"))


def _has_stray_comments(body: cst.IndentedBlock) -> bool:
    return bool(nodes.comments(body.header)) or any(line.comment for line in body.footer)


def _setting(line: cst.BaseStatement, root: str) -> _Setting | None:
    """Return the setting of a line (without a name: it goes), or None."""
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    target, value = nodes.assigned(line.body[0])
    if not isinstance(target, cst.Name) or value is None:
        return None
    key, above = target.value, [e for e in line.leading_lines if e.comment]
    if key in _ALWAYS:
        goes = _is(value, "True") and not nodes.comments(line)
        return _Setting("", value) if goes else None
    new = _become(key, value)
    if new is None and (root != models.SETTINGS or key not in _OF_SETTINGS):
        return None
    return _Setting(*(new or (key, value)), above, line.trailing_whitespace.comment)


def _become(key: str, value: cst.BaseExpression) -> tuple[str, cst.BaseExpression] | None:
    """Return the new name of a setting with its value; None where there is none."""
    if key == "allow_mutation":
        opposite = _OPPOSITE.get(value.value) if isinstance(value, cst.Name) else None
        return ("frozen", cst.Name(opposite)) if opposite else None
    new = _RENAMED.get(key, key)
    return (new, value) if new in _SAME else None


def _is(value: cst.BaseExpression, name: str) -> bool:
    return isinstance(value, cst.Name) and value.value == name


def _line(
    module: cst.Module, inner: cst.ClassDef, way: reach.Way, settings: Sequence[_Setting]
) -> cst.SimpleStatementLine:
    """Return the line, or the lines where one is too short, that say the settings."""
    call = cst.Call(way.expression, [arguments.keyword(s.name, s.value) for s in settings])
    one = _assigned(inner, call)
    said = any(s.above or s.behind for s in settings)
    if not said and "\n" not in module.code_for_node(call) and layout.fits(module, inner, one):
        return one
    return _assigned(inner, _exploded(module, call, settings))


def _assigned(inner: cst.ClassDef, call: cst.Call) -> cst.SimpleStatementLine:
    target = cst.AssignTarget(cst.Name("model_config"))
    return cst.SimpleStatementLine([cst.Assign([target], call)], leading_lines=inner.leading_lines)


def _exploded(module: cst.Module, call: cst.Call, settings: Sequence[_Setting]) -> cst.Call:
    """Return a call with a line for each setting, and with the comments of each."""
    step = cst.SimpleWhitespace(module.default_indent)
    args = []
    for arg, setting, following in zip(call.args, settings, [*settings[1:], None], strict=True):
        gap = _gap(setting.behind, following.above if following else (), step if following else None)
        deeper = cst.ensure_type(arg.visit(_Deeper(module.default_indent)), cst.Arg)
        args.append(deeper.with_changes(comma=cst.Comma(whitespace_after=gap)))
    return call.with_changes(args=args, whitespace_before_args=_gap(None, settings[0].above, step))


def _gap(
    behind: cst.Comment | None, above: Sequence[cst.EmptyLine], step: cst.SimpleWhitespace | None
) -> cst.ParenthesizedWhitespace:
    """Return a line's end with a comment, the lines of comments that follow, and the next line's start."""
    end = cst.TrailingWhitespace(cst.SimpleWhitespace("  " if behind else ""), behind)
    lines = [line.with_changes(indent=True, whitespace=step) for line in above] if step else ()
    return cst.ParenthesizedWhitespace(end, lines, indent=True, last_line=step or cst.SimpleWhitespace(""))


class _Deeper(cst.CSTTransformer):
    """Moves the lines of a value by one step: it stood in a block, which is no more."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self._step = step

    def leave_ParenthesizedWhitespace(  # noqa: N802 -- libcst's name
        self, original_node: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
    ) -> cst.ParenthesizedWhitespace:
        if not original_node.indent:
            return updated_node
        said = [
            line.with_changes(whitespace=cst.SimpleWhitespace(self._step + line.whitespace.value))
            if line.comment
            else line
            for line in updated_node.empty_lines
        ]
        last = cst.SimpleWhitespace(self._step + updated_node.last_line.value)
        return updated_node.with_changes(empty_lines=said, last_line=last)


def _in_head(model: cst.ClassDef, module: cst.Module) -> Mapping[cst.CSTNode, nodes.Change]:
    """Return how the settings change that stand in the head of a class."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    taken = {k.keyword.value for k in model.keywords if k.keyword}
    for arg in model.keywords:
        new = _become(arg.keyword.value, arg.value) if arg.keyword else None
        if new and arg.keyword and new[0] not in taken and not guards.for_some_versions(model, module):
            changes[arg] = nodes.to(arg.with_changes(keyword=cst.Name(new[0]), value=new[1]))
    return changes
