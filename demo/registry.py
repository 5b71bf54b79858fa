"""A stand-in for container registries: the tags of OCI's distribution API, the ages of Docker Hub's."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from demo.loopback import Answer, Loopback, Request

TOKEN = "for-everybody"  # noqa: S105 -- a stand-in's
_PAGE = 2


@dataclass(frozen=True, slots=True)
class Pushed:
    """One tag: the day it was pushed (``""``: nobody tells), and its digest."""

    day: str = ""
    digest: str = ""


class LocalRegistry(Loopback):
    """Plays a registry, its token desk and Docker Hub's API, told apart by their paths.

    ``images`` are tags by image; ``faults`` answer in the place of some paths. Pages hold two tags.
    """

    def __init__(self, images: Mapping[str, Mapping[str, Pushed]]) -> None:
        super().__init__(self._answer)
        self.images = images
        self.faults: dict[str, Callable[[Request], Answer]] = {}
        self.asked: list[Request] = []
        self.lock = threading.Lock()

    @property
    def mirrors(self) -> Mapping[str, str]:
        """Where to go in the place of the hosts that this one plays."""
        hosts = ("registry-1.docker.io", "hub.docker.com", "auth.registry.test", "registry.test")
        return dict.fromkeys(hosts, self.url)

    def _answer(self, request: Request) -> Answer:
        with self.lock:
            self.asked.append(request)
        if fault := self.faults.get(request.path):
            return fault(request)
        if request.path == "/token":
            return _json({"token": TOKEN})
        if request.path.startswith("/v2/repositories/"):
            return self._hub(request)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            realm = 'Bearer realm="https://auth.registry.test/token",service="registry.test",scope="ignored"'
            return _json({"errors": []}, 401, {"WWW-Authenticate": realm})
        return self._tags(request)

    def _tags(self, request: Request) -> Answer:
        name = request.path.removeprefix("/v2/").removesuffix("/tags/list")
        if name not in self.images:
            return _json({"errors": []}, 404)
        tags = sorted(self.images[name])
        first = next((i + 1 for i, tag in enumerate(tags) if tag == request.parameters.get("last")), 0)
        page = tags[first : first + _PAGE]
        more = first + _PAGE < len(tags)
        link = {"Link": f'</v2/{name}/tags/list?last={page[-1]}&n=1000>; rel="next"'} if more else {}
        return _json({"name": name, "tags": page}, headers=link)

    def _hub(self, request: Request) -> Answer:
        name = request.path.removeprefix("/v2/repositories/").removesuffix("/tags")
        number = int(request.parameters.get("page", "1"))
        tags = list(self.images.get(name, {}).items())
        page = tags[(number - 1) * _PAGE : number * _PAGE]
        results = [
            {"name": tag, "tag_last_pushed": f"{pushed.day}T00:00:00.5Z", "digest": pushed.digest}
            for tag, pushed in page
        ]
        following = f"https://hub.docker.com/v2/repositories/{name}/tags?page={number + 1}"
        return _json({"next": following if number * _PAGE < len(tags) else None, "results": results})


def _json(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})
