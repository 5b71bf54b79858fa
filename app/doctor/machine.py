"""The checks of what is on this machine: settings, secrets, the data folder, git and uv."""

from __future__ import annotations

import difflib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.doctor.findings import Finding, Patient, fine, note, skipped, wrong
from workers import git, git_version, identity, private_key
from workers import settings as settings_of
from workers.settings import SettingsError, required

_FILES = (
    "KOTSU_GITHUB_PRIVATE_KEY_FILE",
    "KOTSU_GITHUB_CLIENT_SECRET_FILE",
    "KOTSU_WEBHOOK_SECRET_FILE",
    "KOTSU_API_TOKEN_FILE",
    "KOTSU_ENCRYPTION_KEY_FILE",
)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SHORTEST = 20
"""The characters of a webhook secret below which it can be guessed, where it is made by chance."""
_GIBI = 1024**3
_LEAST, _LITTLE = 1, 5
"""The GiB of free space below which scans will fail, and below which they may."""
_SECONDS = 10


def settings(patient: Patient) -> Iterator[Finding]:
    """Find what is set to what cannot be meant, and what is missing."""
    given = patient.settings
    for mistake in patient.mistakes:
        yield wrong("a setting cannot be meant", mistake)
    mistaken = " ".join(patient.mistakes)
    yield from _misspelt(patient.environment)
    if not patient.mistakes and not identity.is_begun(given):
        yield wrong("nobody set up the App yet", "run `kotsu setup`, and open the address that it prints")
        return
    missing = 0
    for name, variable in _NEEDED.items():
        if given.poll and name == "webhook_secrets":
            continue  # GitHub tells nothing, it is asked
        try:
            required(given, name)
        except SettingsError as error:
            if variable in mistaken:
                continue
            missing += 1
            # In a fleet each process has only the secrets that it needs.
            alone = wrong(f"{variable} is missing", str(error))
            yield (
                alone if given.embedded else skipped(f"this process has no {variable}, as some of a fleet do")
            )
    if not patient.mistakes and not missing:
        yield fine("all that is needed is set")


def _misspelt(environment: Mapping[str, str]) -> Iterator[Finding]:
    known = settings_of.known()
    for name in sorted(name for name in environment if name.startswith("KOTSU_") and name not in known):
        meant = difflib.get_close_matches(name, known, 1, 0.8)
        yield note(f"nothing reads {name}", f"{meant[0]} may be meant" if meant else "leave it out")


_NEEDED = {
    "app_id": "KOTSU_GITHUB_APP_ID",
    "private_key": "KOTSU_GITHUB_PRIVATE_KEY",
    "webhook_secrets": "KOTSU_WEBHOOK_SECRET",
}


def secrets(patient: Patient) -> Iterator[Finding]:
    """Find a key that cannot sign, secrets that can be guessed, and files that others can read."""
    given = patient.settings
    if given.private_key:
        words = private_key.unusable(given.private_key)
        yield wrong("the private key cannot be used", words) if words else fine("the private key can sign")
    else:
        yield skipped("there is no private key to look at")
    if short := [secret for secret in given.webhook_secrets if len(secret) < _SHORTEST]:
        yield wrong(
            f"a webhook secret has {len(short[0])} characters, and everybody may try to guess it",
            "make another (`openssl rand -hex 32`), and set it in the App's webhook settings too",
        )
    elif given.webhook_secrets:
        yield fine(f"the webhook secret has {min(map(len, given.webhook_secrets))} characters")
    if len(given.webhook_secrets) > 1:
        yield note("two webhook secrets are taken", "take the old one out once GitHub has the new one")
    yield from exposed(patient.environment)


def exposed(environment: Mapping[str, str], me: int | None = None) -> Iterator[Finding]:
    """Find the files of secrets that others on this machine can read or own; ``me`` is this user's number."""
    me = os.geteuid() if me is None else me
    for name in _FILES:
        if not environment.get(name):
            continue
        path = Path(environment[name]).expanduser()
        try:
            about = path.stat()
        except OSError:
            continue  # that it cannot be read is a mistake of the settings
        if about.st_uid not in {me, 0}:
            yield wrong(f"{path} belongs to another user ({about.st_uid})", f"chown {me} {path}")
        if about.st_mode & _OTHERS:
            yield wrong(
                f"{path} can be read by others (mode {stat.S_IMODE(about.st_mode):04o})", f"chmod 600 {path}"
            )


def data(patient: Patient) -> Iterator[Finding]:
    """Find a data folder that cannot be written, is nearly full, or is open to others."""
    folder = patient.settings.data_dir
    there = folder.exists()
    place = folder if there else next(parent for parent in folder.parents if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=place) as probe:
            probe.write(b"Kotsu")
            probe.flush()
        free = shutil.disk_usage(place).free / _GIBI
    except OSError as error:
        yield wrong(
            f"{folder} cannot be written ({error.strerror})",
            f"give it to this user (chown {os.geteuid()} {place}), or set KOTSU_DATA_DIR to another folder",
        )
        return
    yield room(folder, free)
    if there and folder.stat().st_mode & _OTHERS:
        yield note(f"others can look into {folder}, where copies of private code are", f"chmod 700 {folder}")


def room(folder: Path, free: float) -> Finding:
    """Judge the free space of a folder, in GiB."""
    if free < _LEAST:
        return wrong(f"{folder} has {free:.1f} GiB left", f"make room on its disk: {_LITTLE} GiB at least")
    if free < _LITTLE:
        return note(f"{folder} has {free:.1f} GiB left", "each repository that is scanned needs some")
    return fine(f"{folder} can be written, and has {free:.0f} GiB left")


def versions(_: Patient) -> Iterator[Finding]:
    """Find a git that is missing, too old or without fixes, and whether uv is there."""
    try:
        found = git_version.installed()
    except git.GitError as error:
        yield wrong("there is no git", str(error))
    else:
        if words := git_version.unusable(found):
            yield wrong("git cannot be used", words)
        elif words := git_version.unpatched(found):
            yield note("git may lack fixes", words)
        else:
            yield fine(f"git is {'.'.join(map(str, found))}")
    yield _uv()


def _uv() -> Finding:
    from uv import find_uv_bin  # noqa: PLC0415 -- it raises where the file is gone, and others look without it

    try:
        said = subprocess.run(  # noqa: S603 -- our own dependency's program
            [find_uv_bin(), "--version"], capture_output=True, check=True, timeout=_SECONDS, encoding="utf-8"
        )
    except (OSError, subprocess.SubprocessError) as error:
        return wrong(f"uv cannot be run ({type(error).__name__})", "install Kotsu anew, uv comes with it")
    return fine(" is ".join(said.stdout.split()[:2]))
