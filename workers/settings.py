"""The environment, read once, into values that never show a secret."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from workers.allowance import Allowance
    from workers.policy import Policy

GITHUB = "https://api.github.com"
INDEX = "https://pypi.org/simple"
HOSTS = frozenset(
    {"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "docker.io", "ghcr.io", "quay.io"}
)
"""Who is asked for the tags of actions, hooks and images without the operator's word."""
OSV = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip"
"""OSV's records of all published weaknesses of distributions on PyPI, as one file."""
_POLLS = (15, 3600)
"""The fewest and the most seconds between two questions; the beat itself looks each 15."""
_SECRETS = 2
"""How many webhook secrets are taken: the old and the new one while they are exchanged."""


class SettingsError(ValueError):
    """A setting is missing or wrong; the message says what to set, and how."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decided. An empty ``broker_url`` stands for the embedded worker.

    ``webhook_secrets`` are one or two; ``private_key`` is PEM text, empty where the process has none;
    ``pace`` the seconds between two pull requests, of which GitHub asks for one. Scripts ask with the
    ``api_token``, nobody does where it is ``""``. ``encryption_keys`` seal what must not be read in the
    ledger: one, or the new and the old one. ``public_url`` is where browsers and GitHub reach us; people
    sign in there where the App's ``client_id`` and ``client_secret`` are known. ``hosts`` may be asked for
    the tags of actions, hooks and images; those among them that the operator ``named`` may be private ones.
    The ``extra_index_urls`` are asked before ``index_url``, in their order. ``advisories_url`` is an address
    or a path of OSV's records, ``""`` where nobody is asked for them. The ``policy`` stands above every
    kotsu.yml. Of ``migrations`` that releases bring, those of these wheels are run. Where GitHub cannot reach
    us, it is asked each ``poll`` seconds; 0 stands for webhooks.
    """

    data_dir: Path
    database_url: str = field(repr=False)
    broker_url: str = field(default="", repr=False)
    app_id: int | None = None
    private_key: str = field(default="", repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    api_token: str = field(default="", repr=False)
    encryption_keys: tuple[str, ...] = field(default=(), repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    public_url: str = ""
    github_api_url: str = GITHUB
    index_url: str = field(default=INDEX, repr=False)
    extra_index_urls: tuple[str, ...] = field(default=(), repr=False)
    advisories_url: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    pace: float = 1.0
    poll: int = 0
    hosts: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    policy: Policy | None = None
    migrations: Allowance = field(default_factory=dict)

    @property
    def embedded(self) -> bool:
        """Whether the worker runs inside of ``kotsu serve``."""
        return not self.broker_url

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be shown: register them with `workers.logs.redact`."""
        indexes = [urlsplit(url) for url in (self.index_url, *self.extra_index_urls)]
        others = [urlsplit(url) for url in (self.database_url, self.broker_url, self.advisories_url)]
        # Some indexes take a token in the user's place.
        passwords = [u.password or u.username or "" for u in indexes] + [u.password or "" for u in others]
        return tuple(
            secret
            for secret in (
                self.private_key,
                *self.webhook_secrets,
                self.api_token,
                *self.encryption_keys,
                self.client_secret,
                *passwords,
            )
            if secret
        )


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Read ``KOTSU_*``; raise `SettingsError` for all that cannot be meant."""
    found, mistakes = told(environment)
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    return found


def told(environment: Mapping[str, str] | None = None) -> tuple[Settings, Sequence[str]]:
    """Return what is set, and a sentence for each thing that cannot be meant; the default stands for that."""
    given = os.environ if environment is None else environment
    data_dir = _data_dir(given)
    database_url = given.get("KOTSU_DATABASE_URL") or f"sqlite:///{quote(str(data_dir / 'kotsu.db'))}"
    found: dict[str, Any] = {"host": given.get("KOTSU_HOST") or "127.0.0.1"}
    mistakes: list[str] = []
    for name, reader in _READERS.items():
        try:
            found[name] = reader(given)
        except SettingsError as error:
            mistakes.append(str(error))
    hosts = found.pop("hosts", {})
    return Settings(data_dir, database_url, **found, **hosts), mistakes


def known() -> frozenset[str]:
    """Return the names of all variables that are read."""
    heard = _Heard()
    told(heard)
    return frozenset(heard.names)


class _Heard(dict[str, str]):
    """An empty environment that notes what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 -- as a mapping has it
        self.names.add(name)
        return default


def keys(pem: str) -> tuple[str, ...]:
    """Return each key of a PEM text, the one to sign with first."""
    return tuple(
        found[0] for found in re.finditer(r"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", pem, re.DOTALL)
    )


def required(settings: Settings, *names: str) -> None:
    """Raise `SettingsError` unless these fields of the settings are set."""
    missing = [_HOW[name] for name in names if not getattr(settings, name)]
    if missing:
        raise SettingsError(" ".join(missing))


_HOW = {
    "app_id": "Set KOTSU_GITHUB_APP_ID to the App's number (GitHub > Developer settings > GitHub Apps).",
    "private_key": "Set KOTSU_GITHUB_PRIVATE_KEY_FILE to the path of the App's private key (.pem).",
    "webhook_secrets": "Set KOTSU_WEBHOOK_SECRET to the secret in the App's webhook settings.",
    "client_secret": "Set KOTSU_GITHUB_CLIENT_SECRET to a client secret of the App: people sign in with it.",
    "public_url": "Set KOTSU_PUBLIC_URL to the address of the pages, such as https://kotsu.example.org: "
    "people who signed in at GitHub come back there.",
    "broker_url": "Set KOTSU_BROKER_URL (for example redis://127.0.0.1:6379/0): "
    "without it the worker runs inside of `kotsu serve`.",
}


def _data_dir(given: Mapping[str, str]) -> Path:
    if given.get("KOTSU_DATA_DIR"):
        return Path(given["KOTSU_DATA_DIR"]).expanduser().absolute()
    home = given.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "kotsu"


def _policy(given: Mapping[str, str]) -> Policy | None:
    """Read the file that bounds every kotsu.yml; one with mistakes must not pass for none."""
    if not given.get("KOTSU_POLICY", "").strip():
        return None
    from workers import policy  # noqa: PLC0415 -- loads pydantic, which help does not need

    read = policy.read(*_file(given, "KOTSU_POLICY"))
    if not isinstance(read, policy.Policy):
        raise SettingsError(f"KOTSU_POLICY names a file with mistakes.\n{read}")
    return read


def _migrations(given: Mapping[str, str]) -> Allowance:
    """Read which releases may bring migrations that are run."""
    if not given.get("KOTSU_MIGRATIONS", "").strip():
        return {}
    from workers import allowance  # noqa: PLC0415 -- as above
    from workers.config import Broken  # noqa: PLC0415 -- as above

    read = allowance.read(*_file(given, "KOTSU_MIGRATIONS"))
    if isinstance(read, Broken):
        raise SettingsError(f"KOTSU_MIGRATIONS names a file with mistakes.\n{read}")
    return read


def _file(given: Mapping[str, str], name: str) -> tuple[bytes, str]:
    """Return the content and the name of the file that a variable names."""
    path = Path(given[name].strip()).expanduser()
    try:
        return path.read_bytes(), str(path)
    except OSError as error:
        raise SettingsError(f"{name} names {path}, which cannot be read: {error.strerror}.") from None


def _secret(given: Mapping[str, str], name: str) -> str:
    """Read a secret from its variable, or from the file that ``…_FILE`` names."""
    value, path = given.get(name, ""), given.get(f"{name}_FILE", "")
    if value and path:
        raise SettingsError(f"Set {name} or {name}_FILE, not both.")
    if not path:
        return value
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"{name}_FILE names {path}, which cannot be read: {reason}.") from None


def _webhook_secrets(given: Mapping[str, str]) -> tuple[str, ...]:
    parts = re.split(r"[,\r\n]", _secret(given, "KOTSU_WEBHOOK_SECRET"))
    found = tuple(part.strip() for part in parts if part.strip())
    if len(found) > _SECRETS:
        raise SettingsError(
            "KOTSU_WEBHOOK_SECRET holds more than two secrets. Separate the old and the new one by a comma; "
            "a secret itself must not contain commas."
        )
    return found


def _api_token(given: Mapping[str, str]) -> str:
    token = _secret(given, "KOTSU_API_TOKEN").strip()
    if token and not re.fullmatch(r"[!-~]{16,200}", token):
        raise SettingsError(
            "KOTSU_API_TOKEN must have 16 to 200 characters, none of them a blank: `openssl rand -hex 32`."
        )
    return token


def _encryption_keys(given: Mapping[str, str]) -> tuple[str, ...]:
    keys = tuple(part for part in re.split(r"[\s,]+", _secret(given, "KOTSU_ENCRYPTION_KEY")) if part)
    if len(keys) > _SECRETS or not all(re.fullmatch(r"[0-9A-Za-z_-]{43}=", key) for key in keys):
        raise SettingsError(
            "KOTSU_ENCRYPTION_KEY must be 32 bytes in URL-safe base64, or the new and the old key separated "
            "by a comma: `openssl rand -base64 32 | tr +/ -_`."
        )
    return keys


def _client_id(given: Mapping[str, str]) -> str:
    return given.get("KOTSU_GITHUB_CLIENT_ID", "").strip()


def _client_secret(given: Mapping[str, str]) -> str:
    return _secret(given, "KOTSU_GITHUB_CLIENT_SECRET").strip()


def _public_url(given: Mapping[str, str]) -> str:
    value = given.get("KOTSU_PUBLIC_URL", "").strip().rstrip("/")
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError("KOTSU_PUBLIC_URL must be an address such as https://kotsu.example.org.")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise SettingsError("KOTSU_PUBLIC_URL must begin with https://: sessions do not travel in the open.")
    return value


def _private_key(given: Mapping[str, str]) -> str:
    """Accept the PEM text with real or with written line ends, as environments often hold it."""
    key = _secret(given, "KOTSU_GITHUB_PRIVATE_KEY").replace("\\n", "\n").strip()
    if key and not key.startswith("-----BEGIN "):
        raise SettingsError(
            "KOTSU_GITHUB_PRIVATE_KEY is no PEM text (it should begin with -----BEGIN). "
            "Give the path of the file in KOTSU_GITHUB_PRIVATE_KEY_FILE instead."
        )
    return f"{key}\n" if key else ""


def _app_id(given: Mapping[str, str]) -> int | None:
    value = given.get("KOTSU_GITHUB_APP_ID", "").strip()
    if not value:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise SettingsError("KOTSU_GITHUB_APP_ID must be the App's number, not its name or client id.")
    return int(value)


def _broker(given: Mapping[str, str]) -> str:
    value = given.get("KOTSU_BROKER_URL", "").strip()
    if value and not value.startswith(("redis://", "rediss://")):
        raise SettingsError(
            "KOTSU_BROKER_URL must begin with redis:// or rediss://; leave it out for one process."
        )
    return value


def _url(given: Mapping[str, str], name: str, default: str) -> str:
    value = (given.get(name) or default).rstrip("/")
    if not value.startswith(("https://", "http://")):
        raise SettingsError(f"{name} must begin with https://, for example {default}.")
    return value


def _extra_index_urls(given: Mapping[str, str]) -> tuple[str, ...]:
    name = "KOTSU_EXTRA_INDEX_URLS"
    urls = given.get(name, "").split()
    return tuple(dict.fromkeys(_url({name: url}, name, "https://index.example/simple") for url in urls))


def _advisories_url(given: Mapping[str, str]) -> str:
    """Read where OSV's records are: an address, a folder or zip on this machine, or ``off``."""
    value = (given.get("KOTSU_ADVISORIES_URL") or OSV).strip()
    if value == "off":
        return ""
    if value.startswith(("https://", "http://")):
        return value
    path = Path(value).expanduser()
    if "://" in value or not path.is_absolute():
        raise SettingsError(
            f"KOTSU_ADVISORIES_URL must be off, the absolute path of a folder or zip of OSV's records, "
            f"or begin with https://, for example {OSV}."
        )
    return str(path)


def _port(given: Mapping[str, str]) -> int:
    value = given.get("KOTSU_PORT") or "8000"
    if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) > 65_535:  # noqa: PLR2004 -- the highest port
        raise SettingsError("KOTSU_PORT must be a number from 0 to 65535.")
    return int(value)


def _hosts(given: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    value = given.get("KOTSU_HOSTS", "").strip().lower()
    if value == "none":
        return {}
    named = frozenset(part.strip() for part in value.split(",") if part.strip())
    if odd := sorted(host for host in named if not re.fullmatch(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", host)):
        raise SettingsError(
            f"KOTSU_HOSTS must be names of hosts separated by commas, or none; {odd[0]!r} is no such name."
        )
    return {"hosts": HOSTS | named, "named": named}


def _pace(given: Mapping[str, str]) -> float:
    value = given.get("KOTSU_PACE") or "1"
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,3})?", value):
        raise SettingsError("KOTSU_PACE must be seconds from 0 to 99, for example 1.")
    return float(value)


def _poll(given: Mapping[str, str]) -> int:
    value = (given.get("KOTSU_POLL") or "off").strip()
    if value == "off":
        return 0
    if not re.fullmatch(r"[0-9]{1,4}", value) or not _POLLS[0] <= int(value) <= _POLLS[1]:
        raise SettingsError(
            f"KOTSU_POLL must be off, or seconds from {_POLLS[0]} to {_POLLS[1]}, for example 60."
        )
    return int(value)


_READERS: Mapping[str, Callable[[Mapping[str, str]], object]] = {
    "broker_url": _broker,
    "app_id": _app_id,
    "private_key": _private_key,
    "webhook_secrets": _webhook_secrets,
    "api_token": _api_token,
    "encryption_keys": _encryption_keys,
    "client_id": _client_id,
    "client_secret": _client_secret,
    "public_url": _public_url,
    "github_api_url": partial(_url, name="KOTSU_GITHUB_API_URL", default=GITHUB),
    "index_url": partial(_url, name="KOTSU_INDEX_URL", default=INDEX),
    "extra_index_urls": _extra_index_urls,
    "advisories_url": _advisories_url,
    "port": _port,
    "pace": _pace,
    "poll": _poll,
    "policy": _policy,
    "migrations": _migrations,
    "hosts": _hosts,
}
