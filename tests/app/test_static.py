"""The style and the script of the pages: whose they are, and how long browsers keep them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from cryptography.fernet import Fernet

from app.pages import static
from tests.app.browsing import HOME, Browser
from tests.app.serving import Server, serving

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "app" / "pages"


def test_the_script_is_the_one_that_npm_has() -> None:
    ours, theirs = (PAGES / "htmx.min.js", ROOT / "node_modules" / "htmx.org" / "dist" / "htmx.min.js")
    assert hashlib.sha256(ours.read_bytes()).digest() == hashlib.sha256(theirs.read_bytes()).digest()
    pinned = json.loads((ROOT / "package.json").read_text("utf-8"))["devDependencies"]["htmx.org"]
    assert pinned == static.HTMX
    assert "Zero-Clause BSD" in (PAGES / "htmx.LICENSE").read_text("utf-8")


def test_browsers_keep_the_script_and_ask_for_the_next_version_at_another_address(server: Server) -> None:
    answer = server.get(static.SCRIPT)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "max-age=31536000, immutable"
    assert static.HTMX in static.SCRIPT


def test_a_script_whose_visitor_is_signed_out_leads_the_whole_window_to_the_door(sqlite_url: str) -> None:
    client = {"client_id": "Iv1.x", "client_secret": "canary-client", "public_url": HOME}
    with serving(sqlite_url, encryption_keys=(Fernet.generate_key().decode(),), **client) as server:
        browser = Browser(server)
        asked = browser.get("/repositories?after=a", HX_Request="true")
        plain = browser.get("/repositories?after=a")
    assert (asked.status_code, plain.status_code) == (401, 302)
    assert (
        asked.headers["hx-redirect"]
        == plain.headers["location"]
        == "/signin?next=%2Frepositories%3Fafter%3Da"
    )
    assert "location" not in asked.headers
