"""Runs git so that nothing in a repository can act: no hooks, filters, prompts or foreign protocols."""

from __future__ import annotations

import base64
import os
import re
import signal
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from workers import leash

SECONDS = 600
"""The longest any git command may take."""
ANSWER = 256 * 1024 * 1024
"""Bytes that a command may write where nobody expects more: a small tree can name any number of files."""
LIMITS = leash.Limits(SECONDS, processor=SECONDS)

_INERT = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.symlinks": "false",
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "i18n.logOutputEncoding": "utf-8",
    "log.showSignature": "false",  # it would run the program that the repository names
    "http.followRedirects": "false",  # the header with the token would go along, to whichever host it is
    "protocol.allow": "never",
    "protocol.http.allow": "always",
    "protocol.https.allow": "always",
    "safe.directory": "*",
    "submodule.recurse": "false",
    "transfer.fsckObjects": "false",
}
_PASSED_ON = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
_NOT_FOUND = 127
_PATCHED = {39: 4, 40: 2, 41: 1, 42: 2, 43: 4, 44: 1, 45: 1}
"""The first release of each line of git 2 in which what a hostile repository could do in 2024 is mended."""
_CUT = re.compile(rb"died of signal %d\b" % signal.SIGXFSZ)
_FULL = re.compile(rb"No space left on device|Disk quota exceeded")


class GitError(Exception):
    """Git failed; the text is its last words, without addresses that could hold a secret."""


class TooMuchError(GitError):
    """Git was ended because it wrote more than it may."""


class FullError(GitError):
    """There is no room left on the disk."""


def run(  # noqa: PLR0913 -- all that a call of git may need, each by its name
    folder: Path,
    *arguments: str,
    token: str = "",
    url: str = "",
    data: bytes | None = None,
    fine: Collection[int] = (0,),
    beside: Path | None = None,
    largest: int = ANSWER,
) -> bytes:
    """Return what a git command prints; GitError when it fails or takes longer than `SECONDS`.

    ``url`` is where the remote ``hub`` is, ``token`` what opens it; ``fine`` are the exit statuses that are
    no failure; ``beside`` is another folder of objects that git looks into. No file that it writes, its
    answer included, grows beyond ``largest`` bytes: TooMuchError says so.
    """
    objects = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(beside)} if beside else {}
    given = {**environment(token, url), **objects}
    try:
        return _done(folder, arguments, given, replace(LIMITS, file=largest), data, fine)
    except leash.OverdueError:
        raise GitError(f"git {arguments[0]} took longer than {SECONDS} s") from None


def bounded(folder: Path, *arguments: str, url: str, resolve: str, seconds: float, largest: int) -> bytes:
    """Return what a git command prints that speaks with a server nobody vouches for.

    As with `run`, but after other ``seconds``. ``resolve`` is ``host:port:address``, the address that the
    host has for it; with ``""`` git looks it up.
    """
    given = environment("", url, {"http.curloptResolve": resolve})
    try:
        return _done(folder, arguments, given, replace(LIMITS, seconds=seconds, file=largest))
    except leash.OverdueError:
        raise GitError(f"it did not answer within {seconds:g} s") from None
    except TooMuchError:
        raise GitError("its answer is too large") from None


def _done(  # noqa: PLR0913, PLR0917 -- as above
    folder: Path,
    arguments: Sequence[str],
    given: Mapping[str, str],
    limits: leash.Limits,
    data: bytes | None = None,
    fine: Collection[int] = (0,),
) -> bytes:
    ended = leash.run(command(folder, *arguments), given, limits, data=data)
    if ended.status == -signal.SIGXFSZ or _CUT.search(ended.said):
        raise TooMuchError(f"git {arguments[0]} was to write more than {limits.file // 1024**2} MiB")
    if ended.status in fine:
        return ended.out
    if ended.status == _NOT_FOUND:
        raise GitError("git is not installed: install it with the system's package manager")
    raise (FullError if _FULL.search(ended.said) else GitError)(_last_words(ended.said))


def outdated() -> str:
    """Return what is wrong with this machine's git, in words, ``""`` for nothing; GitError without one."""
    said = run(Path("/"), "version").decode("utf-8", "replace").strip()
    found = re.match(r"git version (\d+)\.(\d+)(?:\.(\d+))?", said)
    major, line, release = (int(number or 0) for number in found.groups()) if found else (0, 0, 0)
    oldest = _PATCHED.get(line, 0 if line > max(_PATCHED) else 99)
    if (major, release) >= (2, oldest):
        return ""
    wanted = f"2.{min(_PATCHED)}.{_PATCHED[min(_PATCHED)]}"
    return f"{said or 'git without a version'} is older than {wanted}, or not the last of its line: update it"


def command(folder: Path, *arguments: str) -> Sequence[str]:
    """Return the command line; it never holds a secret."""
    return ["git", "-C", str(folder), *arguments]


def environment(
    token: str = "", url: str = "", more: Mapping[str, str] = MappingProxyType({})
) -> Mapping[str, str]:
    """Return the whole environment of a git process; the token travels in it, never on disk or in argv."""
    settings = {**_INERT, **more}
    if url:
        settings["remote.hub.url"] = url
    if authorities := os.environ.get("SSL_CERT_FILE"):
        # The rest of the house believes these; git by itself would not know of them.
        settings["http.sslCAInfo"] = authorities
    if token:
        pair = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        settings["http.extraHeader"] = f"Authorization: Basic {pair}"
    configured = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings.items()):
        configured |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        **configured,
        # A repository's own settings may allow a protocol, and name a remote to fetch what is missing from;
        # this list has the last word, and without a remote of ours nothing is on it.
        "GIT_ALLOW_PROTOCOL": "http:https" if url else "",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
    }


def _last_words(stderr: bytes) -> str:
    lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "git failed without a word"
