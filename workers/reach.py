"""Decides whether a host that a repository names may be called: anybody can write a name into a file."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.request import getproxies_environment, proxy_bypass

Allowed = Callable[[str], bool]
"""Says whether the operator named a host: such a one may be on a private network, and without TLS."""

_TRANSLATED = IPv6Network("64:ff9b::/96")


class UnreachableError(Exception):
    """A host is not called; the text says why, in words that follow "its host …"."""


class PrivateError(UnreachableError):
    """A host is not called, as the operator has to name it first."""


def nobody(_: str) -> bool:
    """Say that the operator named no host."""
    return False


def address(host: str, port: int, allowed: Allowed = nobody) -> str:
    """Return the one address that a host is to be called at; UnreachableError says why it is not.

    A name is asked for once: whoever calls must call the address that was judged, or the name could mean
    another one by then. Behind a proxy that is the name itself: the proxy looks it up, and has its own rules.
    """
    if not allowed(host) and _is_proxied(host):
        return host
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError("cannot be found") from error
    addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    if not addresses:
        raise UnreachableError("has no address")
    if not allowed(host) and not all(is_public(ip_address(a)) for a in addresses):
        raise PrivateError("is refused: it is not on the public internet, and KOTSU_HOSTS does not name it")
    return addresses[0]


def _is_proxied(host: str) -> bool:
    """Say whether calls of a name go through a proxy; addresses are judged here in any case."""
    try:
        ip_address(host)
    except ValueError:
        return "https" in getproxies_environment() and not proxy_bypass(host)
    return False


def is_public(found: IPv4Address | IPv6Address) -> bool:
    """Say whether an address is one of the public internet, also where it wraps one of the older kind."""
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _TRANSLATED:
            inner = IPv4Address(int(found) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
    return found.is_global and not found.is_multicast and not found.is_reserved
