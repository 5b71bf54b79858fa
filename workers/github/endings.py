"""Closes pull requests of ours, with the reason where people and a lost ledger find it."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass

from workers.github.client import Client, RefusedError

_METADATA = re.compile(r"\A<!-- kotsu: (\{.*?\}) -->")


@dataclass(frozen=True, slots=True)
class Endings:
    """Ends of pull requests of one repository; ``root`` is its path in the API."""

    client: Client
    root: str

    def close(self, number: int, body: str, words: str, word: str) -> None:
        """Say why in one comment, and close a pull request with this body.

        ``word`` stands in the body's metadata from then on. Done twice it says nothing twice.
        Without the permission to comment it is closed all the same.
        """
        with suppress(RefusedError):
            self._say(number, words, f"<!-- kotsu-closed: {word} -->")
        self.client.patch(f"{self.root}/pulls/{number}", {"state": "closed", "body": marked(body, word)})

    def _say(self, number: int, words: str, sign: str) -> None:
        path = f"{self.root}/issues/{number}/comments"
        said = self.client.get(path, {"per_page": 100})
        if not any(sign in str(one.get("body") or "") for one in said):
            self.client.post(path, {"body": f"{sign}\n{words}"})


def marked(body: str, word: str) -> str:
    """Return a body whose metadata hold a word; one without metadata stays as it is."""
    match = _METADATA.match(body)
    try:
        about = json.loads(match[1]) if match else None
    except ValueError:
        about = None
    if match is None or not isinstance(about, dict):
        return body
    return f"<!-- kotsu: {json.dumps({**about, 'word': word})} -->{body[match.end() :]}"
