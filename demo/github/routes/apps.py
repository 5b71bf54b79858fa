"""The App itself: its installations, their tokens, and its webhook deliveries."""

from __future__ import annotations

from demo.github import access, registering, webhooks
from demo.github.call import Call, RefusedError, Reply, Route, address, missing, page
from demo.github.shapes import accounts, repositories
from demo.github.shapes.accounts import moment
from demo.github.state import Delivery, Installation, Json

_SUCCESS = 2  # a status of the two hundreds


def show(call: Call) -> Reply:
    """Return the App."""
    return Reply(200, accounts.app(call.world))


def list_installations(call: Call) -> Reply:
    """Return every installation."""
    return page(call, [accounts.installation(call.world, i) for i in call.world.installations.values()])


def show_installation(call: Call) -> Reply:
    """Return one installation."""
    return Reply(200, accounts.installation(call.world, _installation(call)))


def delete_installation(call: Call) -> Reply:
    """Uninstall the App."""
    found = _installation(call)
    webhooks.installed(call.world, found, "deleted", call.who)
    del call.world.installations[found.id]
    return Reply(204)


def installation_of_repository(call: Call) -> Reply:
    """Return the installation on one repository; asked with the App's JWT."""
    found = call.world.find(f"{call.values['owner']}/{call.values['repo']}")
    installation = call.world.installation_of(found) if found else None
    if installation is None:
        raise missing()
    return Reply(200, accounts.installation(call.world, installation))


def mint(call: Call) -> Reply:
    """Make an installation token, narrowed to what was asked for."""
    installation = _installation(call)
    if installation.suspended_at:
        raise RefusedError(403, "This installation has been suspended")
    chosen = _chosen(call, installation)
    permissions = access.narrowed(installation, call.body.get("permissions"))
    token = access.mint(call.world, installation, permissions, chosen)
    body: Json = {
        "token": token.value,
        "expires_at": moment(token.expires_at),
        "permissions": dict(token.permissions),
        "repository_selection": "selected" if chosen or installation.repositories is not None else "all",
    }
    if chosen is not None:
        world = call.world
        body["repositories"] = [
            repositories.repository(world, world.repositories[id_]) for id_ in sorted(chosen)
        ]
    return Reply(201, body)


def revoke(call: Call) -> Reply:
    """Make the token that was sent worthless."""
    if call.token:
        del call.world.tokens[call.token.value]
        call.world.revoked.add(call.token.value)
    return Reply(204)


def list_repositories(call: Call) -> Reply:
    """Return the repositories that the token reaches."""
    world, token = call.world, call.token
    seen = [r for r in world.repositories.values() if token and access.sees(world, token, r)]
    selection = "all" if call.installation.repositories is None else "selected"
    listed = [repositories.repository(world, r) for r in seen]
    return page(call, listed, "repositories", repository_selection=selection)


def show_hook(call: Call) -> Reply:
    """Return where webhooks go; that nobody is told of anything is an address that is empty."""
    app = call.world.app
    secret = {"secret": "********"} if call.world.webhook_secret else {}
    config = {
        "url": call.world.webhook_url or "",
        "content_type": app.hook_kind,
        "insecure_ssl": "0",
        **secret,
    }
    return Reply(200, config)


def change_hook(call: Call) -> Reply:
    """Change where webhooks go, or how they are signed."""
    world = call.world
    world.webhook_url = call.body.get("url") or world.webhook_url
    world.webhook_secret = call.body.get("secret") or world.webhook_secret
    return show_hook(call)


def list_deliveries(call: Call) -> Reply:
    """Return webhook deliveries, newest first, page by page with a cursor."""
    found = list(reversed(call.world.deliveries))
    cursor, size = call.query.get("cursor"), min(int(call.query.get("per_page", "30")), 100)
    if cursor:
        found = [d for d in found if d.id <= int(cursor.removeprefix("v1_"))]
    more = f'<{address(call, cursor=f"v1_{found[size].id}")}>; rel="next"' if len(found) > size else ""
    return Reply(200, [_delivery(d) for d in found[:size]], {"Link": more} if more else {})


def show_delivery(call: Call) -> Reply:
    """Return one delivery with what was sent and answered."""
    found = _found(call)
    request = {"headers": dict(found.request), "payload": found.payload}
    response = {"headers": {}, "payload": found.response}
    url = call.world.webhook_url or ""
    return Reply(200, {**_delivery(found), "url": url, "request": request, "response": response})


def redeliver(call: Call) -> Reply:
    """Send a delivery again, with the same GUID."""
    found, world = _found(call), call.world
    world.errands.put(
        lambda: webhooks.deliver(world, found.event, found.payload, guid=found.guid, redelivery=True)
    )
    return Reply(202, {})


def _installation(call: Call) -> Installation:
    found = call.world.installations.get(call.number("installation_id"))
    if found is None:
        raise missing()
    return found


def _chosen(call: Call, installation: Installation) -> frozenset[int] | None:
    ids, names = call.body.get("repository_ids"), call.body.get("repositories")
    if ids is None and names is None:
        return None
    covered = {r.id: r for r in call.world.repositories.values() if call.world.covers(installation, r)}
    by_name = {r.name.lower(): r.id for r in covered.values()}
    wanted = [*(ids or ()), *(by_name.get(name.lower(), 0) for name in names or ())]
    if not set(wanted) <= covered.keys():
        text = "There is at least one repository that does not exist or is not accessible to the"
        text += " parent installation."
        raise RefusedError(422, text)
    return frozenset(wanted)


def _found(call: Call) -> Delivery:
    number = call.number("delivery_id")
    found = next((d for d in call.world.deliveries if d.id == number), None)
    if found is None:
        raise missing()
    return found


def _delivery(found: Delivery) -> Json:
    words = "OK" if found.status // 100 == _SUCCESS else found.response[:60] or "failed to connect to host"
    return {
        "id": found.id,
        "guid": found.guid,
        "delivered_at": moment(found.delivered_at),
        "redelivery": found.redelivery,
        "duration": found.duration,
        "status": words,
        "status_code": found.status,
        "event": found.event,
        "action": found.payload.get("action"),
        "installation_id": found.payload.get("installation", {}).get("id"),
        "repository_id": found.payload.get("repository", {}).get("id"),
        "throttled_at": None,
    }


ROUTES = (
    Route("POST", "/app-manifests/{code}/conversions", "nobody", registering.convert),
    Route("GET", "/app", "jwt", show),
    Route("GET", "/app/installations", "jwt", list_installations),
    Route("GET", "/app/installations/{installation_id}", "jwt", show_installation),
    Route("DELETE", "/app/installations/{installation_id}", "jwt", delete_installation),
    Route("POST", "/app/installations/{installation_id}/access_tokens", "jwt", mint),
    Route("GET", "/app/hook/config", "jwt", show_hook),
    Route("PATCH", "/app/hook/config", "jwt", change_hook),
    Route("GET", "/app/hook/deliveries", "jwt", list_deliveries),
    Route("GET", "/app/hook/deliveries/{delivery_id}", "jwt", show_delivery),
    Route("POST", "/app/hook/deliveries/{delivery_id}/attempts", "jwt", redeliver),
    Route("GET", "/repos/{owner}/{repo}/installation", "jwt", installation_of_repository),
    Route("GET", "/installation/repositories", "token", list_repositories),
    Route("DELETE", "/installation/token", "token", revoke),
)
