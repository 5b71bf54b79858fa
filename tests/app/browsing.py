"""A person's browser: it keeps cookies as it is told to, and goes where it is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

import httpx

from tests.app.serving import Server

HOME = "https://kotsu.example.org"
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


@dataclass
class Browser:
    """What it asks of ``HOME`` goes to the server as through a proxy with TLS; all else where it leads."""

    server: Server
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, address: str, **headers: str) -> httpx.Response:
        return self._ask("GET", address, headers)

    def post(self, address: str, csrf: str, **headers: str) -> httpx.Response:
        return self._ask("POST", address, headers, {"csrf": csrf})

    def csrf(self, address: str) -> str:
        found = _CSRF.search(self.get(address).text)
        assert found
        return found[1]

    def go(self, address: str) -> httpx.Response:
        """Follow redirects, as a person does without noticing."""
        answer = self.get(address)
        while location := answer.headers.get("location"):
            answer = self.get(location)
        return answer

    def _ask(
        self, method: str, address: str, headers: dict[str, str], data: dict[str, str] | None = None
    ) -> httpx.Response:
        path = address.removeprefix(HOME)
        if not path.startswith("/"):
            return self.server.client.request(method, address)
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Host": HOME.removeprefix("https://"), "X-Forwarded-For": "203.0.113.7", "Cookie": kept}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.server.client.request(method, f"{self.server.url}{path}", headers=sent, data=data)
        self.server.client.cookies.clear()
        for told in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(told).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer
