"""What the tests of workers share: improvements that do nothing, and a stream that hears every log."""

from __future__ import annotations

import importlib
import io
import logging
import sys
import threading
from collections.abc import Iterator
from types import ModuleType

import pytest

from workers import logs

_ABOUT = (
    '"""It does nothing."""\n\nfrom codemods.model import About\n\nABOUT = About(minutes=1, options={})\n'
)
_STUBS = {
    "python/add_timeout": {"seconds": 10, "only-calls": False, "setting": "TIMEOUT"},
    "python/plain_change": {},
    "dependencies/raise_version": {},
}


@pytest.fixture(scope="module")
def stubs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    folder = tmp_path_factory.mktemp("stubs")
    for kind in ("workflows", "comments"):
        (folder / "wishes" / kind).mkdir(parents=True)
    for name, options in _STUBS.items():
        module = folder / "wishes" / f"{name}.py"
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(_ABOUT.replace("{}", repr(options)), "utf-8")
        module.with_suffix(".md").write_text("", "utf-8")
    sys.path.insert(0, str(folder))
    yield importlib.import_module("wishes")
    sys.path.remove(str(folder))
    for name in [n for n in sys.modules if n.partition(".")[0] == "wishes"]:
        del sys.modules[name]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """A stream that receives every log of this process, as JSON."""
    root = logging.getLogger()
    handlers, level, hooks = root.handlers[:], root.level, (sys.excepthook, threading.excepthook)
    out = io.StringIO()
    logs.set_up(out, json=True)
    yield out
    sys.excepthook, threading.excepthook = hooks
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
