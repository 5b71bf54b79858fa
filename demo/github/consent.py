"""People let the App act for them: GitHub's web flow, with the consent given at once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from urllib.parse import parse_qs, urlencode

from demo.github.state import Code, World
from demo.loopback import Answer, Request

_SECONDS = 28_800
_AUTHORIZE, _EXCHANGE = "/login/oauth/authorize", "/login/oauth/access_token"


def answer(world: World, request: Request) -> Answer | None:
    """Return what GitHub says to the browser, or to the App; None when this is about something else."""
    with world.lock:
        if (request.method, request.path) == ("GET", _AUTHORIZE):
            return _authorize(world, request)
        if (request.method, request.path) == ("POST", _EXCHANGE):
            return _exchange(world, request)
    return None


def _authorize(world: World, request: Request) -> Answer:
    asked = request.parameters
    redirect = asked.get("redirect_uri", "")
    if asked.get("client_id") != world.app.client_id or redirect not in world.app.callbacks:
        return Answer(404, b"The redirect_uri is not associated with this application.")
    code = secrets.token_hex(10)
    who = world.account(world.browser)
    world.codes[code] = Code(who, asked.get("code_challenge", ""), redirect)
    back = urlencode({"code": code, "state": asked.get("state", "")})
    return Answer(302, headers={"Location": f"{redirect}?{back}"})


def _exchange(world: World, request: Request) -> Answer:
    """Exchange a code for a token; GitHub says no with a status of 200."""
    given = {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}
    if not hmac.compare_digest(given.get("client_secret", ""), world.app.client_secret):
        return _said({"error": "incorrect_client_credentials"})
    code = world.codes.pop(given.get("code", ""), None)
    digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if code is None or code.redirect != given.get("redirect_uri") or code.challenge != challenge:
        return _said({"error": "bad_verification_code"})
    token = "ghu_" + secrets.token_urlsafe(27)
    world.people[token] = code.who
    return _said({"access_token": token, "token_type": "bearer", "scope": "", "expires_in": _SECONDS})


def _said(body: dict[str, object]) -> Answer:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(200, json.dumps(body).encode(), headers)
