"""A real browser, unpacked and not installed, and the pages of the seeded organisation that it walks."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from demo.seeded import filling
from demo.seeded.town import NOW, Town
from tests.app.serving import Server, serving
from workers import ledger

ROOT = Path(__file__).parents[2]
UNPACKED = ROOT / ".tools" / "browser"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = (1280, 800), (375, 812)
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>{unpacked}/usr/share/fonts</dir><cachedir>{folder}</cachedir></fontconfig>
"""
_ARGUMENTS = (
    *("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--force-color-profile=srgb"),
    "--no-sandbox",  # the sandbox wants a program that belongs to root, which nothing unpacked does
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_LISTEN = """
window.violations = [];
document.addEventListener('securitypolicyviolation', e => window.violations.push(
  `${e.violatedDirective}: ${e.blockedURI} ${e.sample}`));
"""

_RUN = """
const [how, say] = arguments;
axe.run(document, how).then(told => say(told.violations), error => say(String(error)));
"""


@dataclass
class Walker:
    """The browser; addresses are paths of the server's."""

    driver: Chrome
    home: str

    def go(self, path: str) -> None:
        self.driver.get(f"{self.home}{path}")

    def look(self, size: tuple[int, int] = WIDE, scheme: str = "light") -> None:
        """Let the window be so wide and high, and the colours those that people prefer."""
        width, height = size
        shape = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", shape)
        wanted = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": wanted})

    def asks(self, words: str, *given: object) -> Any:
        """Return what a script says of the page."""
        return self.driver.execute_script(f"return {words}", *given)

    @contextmanager
    def without_scripts(self) -> Iterator[None]:
        for off in (True, False):
            self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": off})
            if off:
                yield

    @property
    def text(self) -> str:
        """What can be seen of the content."""
        return str(self.driver.find_element("id", "main").text)

    def complaints(self) -> list[str]:
        """Return what the browser did not like since it was asked last, refused by the policy or not."""
        logged = [f"{one['level']}: {one['message']}" for one in self.driver.get_log("browser")]
        return [*logged, *self.asks("window.violations || []")]

    def barriers(self, rules: tuple[str, ...] = ()) -> list[str]:
        """Return what axe finds that keeps people out; with ``rules``, of these alone."""
        if not self.asks("Boolean(window.axe)"):
            self.driver.execute_script(AXE.read_text("utf-8"))
        how: dict[str, Any] = {"resultTypes": ["violations"]}
        if rules:
            how["runOnly"] = {"type": "rule", "values": list(rules)}
        found = self.driver.execute_async_script(_RUN, how)
        assert isinstance(found, list), found
        return [
            f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
            for one in found
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"][:3]
        ]


def program(name: str, *places: str) -> str:
    found = next((UNPACKED / place for place in places if (UNPACKED / place).exists()), None)
    path = str(found) if found else shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not here: `make test` brings it where there is apt")
    return path


@contextmanager
def walker(home: str, folder: Path) -> Iterator[Walker]:
    """Open a browser until the block ends; it reaches this machine alone."""
    options = ChromeOptions()
    options.binary_location = program("chromium", "usr/lib/chromium/chromium")
    for argument in _ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = Service(program("chromedriver", "usr/bin/chromedriver"), env=_environment(folder))
    driver = Chrome(options, service)
    try:
        driver.set_script_timeout(60)
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _LISTEN})
        yield Walker(driver, home)
    finally:
        driver.quit()


def _environment(folder: Path) -> dict[str, str]:
    fonts = folder / "fonts.conf"
    fonts.write_text(_FONTS.format(unpacked=UNPACKED, folder=folder / "fonts"), "utf-8")
    libraries = sorted({str(path.parent) for path in UNPACKED.glob("usr/lib/**/*.so*")})
    own = {"LD_LIBRARY_PATH": ":".join(libraries), "FONTCONFIG_FILE": str(fonts), "HOME": str(folder)}
    return {**os.environ, **own, "SE_AVOID_STATS": "true"}


@contextmanager
def pages(url: str) -> Iterator[Server]:
    """Serve the pages of a ledger at the moment at which the seeded organisation stands still."""
    with serving(url, clock=lambda: NOW) as server:
        yield server


def seeded(path: Path) -> str:
    """Write the seeded organisation into a file, and return its address."""
    url = f"sqlite:///{path}"
    ledger.migrate(url)
    book = ledger.open(url)
    filling.fill(book, Town())
    book.close()
    return url


def once(folder: Path, name: str, make: Callable[[Path], Mapping[str, Any]]) -> dict[str, Any]:
    """Return what one of all workers has made, which the others wait for."""
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = folder / f"{name}.json"
        if not kept.exists():
            said = json.dumps(make(folder))
            kept.write_text(said, "utf-8")
        known: dict[str, Any] = json.loads(kept.read_text("utf-8"))
        return known
