"""People register the App from a manifest, with the button on GitHub's page pressed at once."""

from __future__ import annotations

import json
import re
import secrets
from urllib.parse import parse_qs, urlencode

from demo.github import keys
from demo.github.call import Call, Reply, missing
from demo.github.shapes import accounts
from demo.github.state import Account, App, Json, World
from demo.loopback import Answer, Request

_NEW = re.compile(r"(?:/organizations/([^/]+))?/settings/apps/new")
_UNASKED = frozenset({"installation", "installation_repositories"})
"""GitHub tells of these by itself, and refuses to be asked for them."""
_OF_EVENTS = {
    "push": "contents",
    "check_suite": "checks",
    "status": "statuses",
    "pull_request": "pull_requests",
    "pull_request_review": "pull_requests",
    "repository": "metadata",
}


def answer(world: World, request: Request) -> Answer | None:
    """Send the browser back with a code; None when this is about something else."""
    match = _NEW.fullmatch(request.path)
    if request.method != "POST" or match is None:
        return None
    fields = parse_qs(request.body.decode())
    manifest = json.loads(fields["manifest"][-1])
    if problem := _problem(manifest):
        words = f"Invalid GitHub App configuration. {problem}"
        return Answer(422, words.encode(), {"Content-Type": "text/plain; charset=utf-8"})
    code = secrets.token_hex(20)
    with world.lock:
        owner = world.account(match[1], "Organization") if match[1] else world.account(world.browser)
        world.manifests[code] = (owner.login, manifest)
    back = urlencode({"code": code, "state": request.parameters.get("state", "")})
    return Answer(302, headers={"Location": f"{manifest['redirect_url']}?{back}"})


def _problem(manifest: Json) -> str:
    """Return why GitHub would not take a manifest."""
    if not manifest.get("url") or (
        "hook_attributes" in manifest and not manifest["hook_attributes"].get("url")
    ):
        return 'Error: "url" wasn\'t supplied.'
    events = set(manifest.get("default_events") or ())
    if asked := sorted(events & _UNASKED):
        return f"Default events unsupported: {', '.join(asked)}"
    granted = manifest.get("default_permissions") or {}
    if lacking := sorted(e for e in events if _OF_EVENTS.get(e, "issues") not in granted):
        return f"Default events are not supported by permissions: {', '.join(lacking)}"
    return ""


def convert(call: Call) -> Reply:
    """Hand out what belongs to the new App, once."""
    world, code = call.world, call.values["code"]
    if code not in world.manifests:
        raise missing()
    owner, manifest = world.manifests.pop(code)
    private, public = keys.pair()
    hook = manifest.get("hook_attributes") or {}
    slug = re.sub(r"[^a-z0-9]+", "-", str(manifest.get("name") or "app").lower()).strip("-")
    identity = next(world.ids)
    bot = Account(next(world.ids), f"{slug}[bot]", "Bot")
    permissions, events = dict(manifest["default_permissions"]), list(manifest.get("default_events") or ())
    world.app = App(identity, slug, public, permissions, events, bot, owner=owner)
    world.app.client_id, world.app.client_secret = f"Iv23{secrets.token_hex(8)}", secrets.token_hex(20)
    world.app.callbacks = list(manifest.get("callback_urls") or ())
    world.accounts[bot.login] = bot
    world.webhook_url = hook.get("url") if hook.get("active", True) else None
    world.webhook_secret = secrets.token_hex(20) if hook else ""
    body = {
        **accounts.app(world),
        "client_id": world.app.client_id,
        "client_secret": world.app.client_secret,
        "webhook_secret": world.webhook_secret or None,
        "pem": private,
    }
    return Reply(201, body)
