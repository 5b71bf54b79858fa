"""Runs what a library brought where it can do nothing but compute: the program of a process of its own.

`workers.enclosure` starts it. It reads one message, imports all that may be needed, gives up every system
call but a few, and only then compiles and runs what the message holds. Its answer is one message too.
"""

from __future__ import annotations

import builtins
import ctypes
import gc
import importlib
import json
import os
import resource
import signal
import sys
import traceback
import types
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

_NAME = "shipped_migration"
_FILES = 64
_END_WITH_PARENT = 1
_WARMING = '''"""Docs."""
from __future__ import annotations
import a.b as c
from .d import (e, f as g)
@c.h(1, *e, k=f"{g!r:>{2}}", **{})
async def i(j: int = 0, /, *l, m=lambda n: n[1:2], **o) -> None:
    async with a as b, c: pass
    async for p in [q async for q in r if q]: yield await p
    try: raise X from y
    except* (E, F) as z: del z[0]
    else: assert not -x ** 2 if a else {**b, 'c': {1}}
    finally: global s; s = t = (u := b"v") + 'w'
class S(T, metaclass=U):
    x: int; x += 1 # comment
    match x:
        case {"a": [1, *_], **r} | V(w=None) if x < 1 <= 2 in y: ...
while True:
    if a and b or c: continue
    elif d: break
'''


def main(roots: Sequence[str]) -> None:
    """Read a message and answer it; ``roots`` are the folders of the packages that may be imported."""
    said = json.loads(_read())
    os.close(0)
    resource.setrlimit(resource.RLIMIT_AS, (said["memory"], said["memory"]))
    for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
        resource.setrlimit(what, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (said["processor"], said["processor"]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    sys.path[:0] = roots
    from workers import syscalls  # noqa: PLC0415 -- only now it can be found

    modules = {name: importlib.import_module(name) for name in ("libcst", *said["modules"])}
    warm()
    gc.disable()
    ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != said["parent"]:
        os._exit(1)
    signal.alarm(said["seconds"])
    os.closerange(2, _FILES)
    # What is printed goes nowhere, and what is not there yet is found nowhere.
    sys.stdin = sys.stdout = sys.stderr = None
    sys.meta_path, sys.path, sys.path_hooks = [], [], []
    try:
        syscalls.close()
    except syscalls.OpenError as error:
        _answer({"open": str(error)})
    _answer(_rewritten(said, modules))


def _read() -> bytes:
    parts = []
    while part := os.read(0, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def warm() -> None:
    """Have everything loaded that Python and libcst load when it is first needed."""
    import libcst as cst  # noqa: PLC0415 -- only now it can be found

    from codemods import shipped, writing  # noqa: F401, PLC0415 -- as above

    module = cst.parse_module(_WARMING)
    changed = module.visit(cst.CSTTransformer()).with_changes(body=module.body[1:])
    writing.edited(module, changed)
    warnings.simplefilter("ignore")
    try:
        compile("(", _NAME, "exec")
    except SyntaxError as error:
        traceback.extract_tb(error.__traceback__, limit=1)


def _rewritten(said: Mapping[str, Any], modules: Mapping[str, types.ModuleType]) -> Mapping[str, object]:
    """Return the texts that became others, by number, or what went wrong."""
    try:
        if said["proof"]:
            _parse(said["texts"])
        rewrite = _loaded(said["source"], modules)
        return {"texts": list(_changed(rewrite, said["facts"], said["texts"]))}
    except BaseException as error:  # noqa: BLE001 -- whatever it is, it ends here
        return {"failed": type(error).__name__, "line": _line(error)}


def _parse(texts: Iterable[str]) -> None:
    """Parse what was made, before its maker is there: what takes too long, or crashes, must do so here."""
    import libcst as cst  # noqa: PLC0415 -- as above

    for text in texts:
        with suppress(cst.ParserSyntaxError, cst.CSTLogicError, cst.CSTValidationError):
            cst.parse_module(text)


def _loaded(source: str, modules: Mapping[str, types.ModuleType]) -> Any:  # noqa: ANN401 -- somebody else's
    """Run the source as a module that can import what is loaded; return its ``rewrite``."""
    module = types.ModuleType(_NAME)

    def bring(
        name: str, _: object = None, __: object = None, fromlist: Iterable[str] | None = (), level: int = 0
    ) -> types.ModuleType:
        if level or name not in {*modules, *(known.partition(".")[0] for known in modules)}:
            raise ImportError(name)
        wanted = name if fromlist else name.partition(".")[0]
        return sys.modules[wanted]

    vars(module)["__builtins__"] = {**vars(builtins), "__import__": bring}
    sys.modules[_NAME] = module
    exec(compile(source, _NAME, "exec", dont_inherit=True), vars(module))  # noqa: S102 -- what this is for
    return module.rewrite


def _changed(rewrite: Any, known: Mapping[str, Any], texts: Sequence[str]) -> Iterable[tuple[int, str]]:  # noqa: ANN401 -- somebody else's
    import libcst as cst  # noqa: PLC0415 -- as above

    from codemods import shipped, writing  # noqa: PLC0415 -- as above

    facts = shipped.Facts(**{**known, "floor": known["floor"] and tuple(known["floor"])})
    for number, text in enumerate(texts):
        try:
            before = writing.remember(cst.parse_module(text), text)
        except (cst.ParserSyntaxError, cst.CSTLogicError, cst.CSTValidationError):
            continue
        after = rewrite(before, facts)
        if after is not before and (new := writing.edited(before, after)) != text:
            yield number, new


def _line(error: BaseException) -> int:
    """Return the line of the module at which it failed, 0 where that is not known."""
    if isinstance(error, SyntaxError):
        return error.lineno or 0
    frames = traceback.walk_tb(error.__traceback__)
    return max((n for frame, n in frames if frame.f_code.co_filename == _NAME), default=0)


def _answer(said: Mapping[str, object]) -> None:
    """Write an answer and end, whatever may be left to do."""
    data = json.dumps(said, ensure_ascii=False).encode()
    while data:
        data = data[os.write(1, data) :]
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
