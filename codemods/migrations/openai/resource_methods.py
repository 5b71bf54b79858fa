"""openai 1 has `openai.chat.completions.create(…)`; `openai.ChatCompletion.create(…)` raises there.

The classes of the API became parts of a client, and the module itself is one: it takes the key from
`openai.api_key` or from the environment, as before. What comes back is no dictionary any more, so
`response["choices"][0]["message"]["content"]` becomes `response.choices[0].message.content`.

A call changes only where everything is seen that happens to its answer. One that hands the answer on, gives
a key or an address of its own, or takes its arguments from elsewhere stays, and so do asynchronous calls,
which need an `AsyncOpenAI`. A field that an answer left out is None where it was missing before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import libcst as cst

from codemods import alignment, arguments, certain, guards, imports, layout, leftovers, names, nodes
from codemods.migrations.openai import answers
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call the API as openai 1 does",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Answers are objects: they print differently, a field that was missing is None, and a failed call "
    "is tried again twice.",
    references=(
        "https://github.com/openai/openai-python/discussions/742",
        "https://github.com/openai/openai-python/blob/v1.0.0/README.md",
    ),
    needles=(b"openai",),
    pattern=rb"\b(?:ChatCompletion|Completion|Embedding|Image|Audio|Moderation|Model|File|FineTuningJob)\b",
    minutes=10,
    crosses=">=1",
    since="1.0.0",
)


@dataclass(frozen=True)
class _Method:
    """Where a method went, the shape of what it returns, its arguments by position, and those renamed."""

    path: str
    shape: str
    order: tuple[str, ...] = ()
    keywords: dict[str, str] = field(default_factory=dict)


_ENGINE = {"engine": "model"}
_METHODS = {
    "ChatCompletion.create": _Method("chat.completions.create", "chat", (), _ENGINE),
    "Completion.create": _Method("completions.create", "completion", (), _ENGINE),
    "Embedding.create": _Method("embeddings.create", "embeddings", (), _ENGINE),
    "Image.create": _Method("images.generate", "images"),
    "Audio.transcribe": _Method("audio.transcriptions.create", "transcription", ("model", "file")),
    "Audio.translate": _Method("audio.translations.create", "transcription", ("model", "file")),
    "Moderation.create": _Method("moderations.create", "moderation", ("input", "model")),
    "Model.list": _Method("models.list", "models"),
    "Model.retrieve": _Method("models.retrieve", "model", ("model",), {"id": "model"}),
    "File.create": _Method("files.create", "file"),
    "File.list": _Method("files.list", "files"),
    "File.retrieve": _Method("files.retrieve", "file", ("file_id",), {"id": "file_id"}),
    "File.delete": _Method("files.delete", "deleted", ("file_id",), {"sid": "file_id"}),
    "FineTuningJob.create": _Method("fine_tuning.jobs.create", "job"),
    "FineTuningJob.list": _Method("fine_tuning.jobs.list", "jobs"),
    "FineTuningJob.retrieve": _Method(
        "fine_tuning.jobs.retrieve", "job", ("fine_tuning_job_id",), {"id": "fine_tuning_job_id"}
    ),
}
_STREAMED = {"chat": "~chunk", "completion": "~completion"}
_OTHERWISE = {"transcription": frozenset(("response_format",)), "files": frozenset(("limit",))}
"""Arguments by which another thing is returned, or that are not known any more."""
_BY_HAND = frozenset(
    (
        *("api_key", "api_base", "api_type", "api_version", "organization", "deployment_id", "request_id"),
        *("timeout", "typed_api_type", "user_provided_filename", "headers", "stream_options"),
    )
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the calls of openai 1, where all that happens to their answers is seen."""
    if any(isinstance(nodes.of(module).above[node], cst.AssignTarget) for node, _ in _named(module)):
        return module
    changes: answers.Changes = {}
    taken: dict[int, str] = {}
    for number, (node, method) in enumerate(_named(module)):
        text = _written(node, method, module)
        found = None if text is None else _changes(node, method, module)
        if text is not None and found is not None:
            changes |= found
            taken[number] = text
    if not taken:
        return module
    result = _called_anew(nodes.replaced(module, changes), taken)
    if any(text.startswith("openai.") for text in taken.values()) and not names.of(module).bindings("openai"):
        result = imports.bring(result, "openai")
    return leftovers.tidied(module, result)


def _called_anew(module: cst.Module, taken: Mapping[int, str]) -> cst.Module:
    """Return a module whose calls have new names: by their number among those that `_named` tells."""
    above = nodes.of(module).above
    calls: dict[cst.CSTNode, nodes.Change] = {}
    rest: list[int] = []
    for number, (node, _) in enumerate(_named(module)):
        call = above[node]
        is_flat = isinstance(call, cst.Call) and "\n" not in module.code_for_node(call)
        change = _fitted(module, call, taken[number]) if number in taken and is_flat else None
        if change is None:
            rest.append(number)
        else:
            calls[call] = change
    result = nodes.replaced(module, calls)
    left = zip(rest, (node for node, _ in _named(result)), strict=True)
    texts: dict[cst.CSTNode, str] = {node: taken[number] for number, node in left if number in taken}
    return alignment.written(result, texts) if texts else result


def _fitted(module: cst.Module, call: cst.CSTNode, text: str) -> nodes.Change | None:
    def change(updated: cst.Call) -> cst.Call:
        return updated.with_changes(func=cst.parse_expression(text))

    return layout.fitted(module, cst.ensure_type(call, cst.Call), change)


def _named(module: cst.Module) -> Iterator[tuple[cst.Attribute, _Method]]:
    """Yield each place that names one of the methods, in the order of the text."""
    known = names.of(module)
    for node in nodes.of(module).all(cst.Attribute):
        full = known.qualified(node) or ""
        if full.startswith("openai.") and (method := _METHODS.get(full.removeprefix("openai."))):
            yield node, method


def _written(node: cst.Attribute, method: _Method, module: cst.Module) -> str | None:
    """Return how a method is named from now on, by the name that openai has here, or by an imported one."""
    known = names.of(module)
    root = node.value.value if isinstance(node.value, cst.Attribute) else None
    local = root.value if isinstance(root, cst.Name) else known.local("openai") or _free(known)
    if local is None or nodes.comments(node) or node.lpar or guards.for_some_versions(node, module):
        return None
    return f"{local}.{method.path}"


def _free(known: names.Names) -> str | None:
    return "openai" if known.free("openai") else None


def _changes(node: cst.Attribute, method: _Method, module: cst.Module) -> answers.Changes | None:
    """Return what changes of the call and of what is done with its answer; None where it has to stay."""
    call = nodes.of(module).above[node]
    if not isinstance(call, cst.Call) or call.func is not node or arguments.starred(call):
        return None
    given = {arg.keyword.value for arg in call.args if arg.keyword}
    if given & _BY_HAND or len(arguments.positional(call)) > len(method.order):
        return None
    if given & _OTHERWISE.get(method.shape, frozenset()):
        return None
    shape = _shape(call, method)
    renamed = _arguments(call, method, module)
    found = None if shape is None or renamed is None else answers.followed(call, shape, module)
    return None if found is None or renamed is None else {**renamed, **found}


def _shape(call: cst.Call, method: _Method) -> str | None:
    """Return the shape of what a call returns; None where that cannot be told."""
    stream = arguments.named(call, "stream")
    if stream is None or method.shape not in _STREAMED:
        return method.shape
    said = stream.value.value if isinstance(stream.value, cst.Name) else ""
    return {"True": _STREAMED[method.shape], "False": method.shape}.get(said)


def _arguments(call: cst.Call, method: _Method, module: cst.Module) -> answers.Changes | None:
    """Return how the arguments change: by name all of them, and by their new names."""
    changes: answers.Changes = {}
    places = iter(method.order)
    if any(arguments.named(call, old) and arguments.named(call, new) for old, new in method.keywords.items()):
        return None
    for arg in call.args:
        if arg.keyword is None:
            place = next(places)
            if len(method.order) > 1:
                changes[arg] = _by_name(place)
        elif arg.keyword.value in method.keywords:
            changes[arg.keyword] = nodes.to(cst.Name(method.keywords[arg.keyword.value]))
        elif arg.keyword.value == "request_timeout":
            if certain.type_of(arg.value, module) not in {"int", "float"}:
                return None
            changes[arg.keyword] = nodes.to(cst.Name("timeout"))
    return changes


def _by_name(name: str) -> nodes.Change:
    def change(updated: cst.CSTNode) -> cst.CSTNode:
        old = cst.ensure_type(updated, cst.Arg)
        new = arguments.keyword(name, old.value)
        return old.with_changes(keyword=new.keyword, equal=new.equal)

    return change
