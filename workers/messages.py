"""The values that travel from the edge to the hands: what GitHub said, and what is to be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from types import MappingProxyType

DASHBOARD = "<!-- kotsu-dashboard"
"""The body of the issue that shows a repository begins with this."""


class Kind(StrEnum):
    """What a job does."""

    SCAN = "scan"
    """Look at one repository and open, update or withhold proposals."""
    INSTALL = "install"
    """Synchronise one installation: list its repositories and scan each."""
    FOLLOW_UP = "follow-up"
    """Something happened to a pull request of ours, or its time has come."""
    COMMAND = "command"
    """Somebody wrote a comment to us."""
    DASHBOARD = "dashboard"
    """Somebody edited the issue that shows a repository."""
    CONFIGURATION = "configuration"
    """A branch changes kotsu.yml: say what would follow."""
    CAMPAIGN = "campaign"
    """See whether the next wave of an installation's campaigns may begin."""
    EVALUATE = "evaluate"
    """See what became of everything, and let pause what few people want."""
    RECONCILE = "reconcile"
    """Compare what GitHub has with what we know."""
    REMOVE = "remove"
    """An installation, or some of its repositories, are gone."""


class Priority(IntEnum):
    """How long a job may wait for others; the lowest runs first."""

    PERSON = 0
    CONFIGURATION = 1
    MERGE = 2
    SCHEDULE = 3


LEFT: Mapping[str, str] = MappingProxyType(
    {
        "archived": "It is archived.",
        "disabled": "GitHub has disabled it.",
        "fork": "It is a fork: improvements belong to where it came from.",
        "mirror_url": "It is a mirror.",
    }
)
"""What GitHub says of repositories that are left alone, and the sentences people read."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository as GitHub names it; ``id`` stays when it is renamed or transferred."""

    id: int
    owner: str
    name: str
    default_branch: str
    installation_id: int

    @property
    def full_name(self) -> str:
        """Owner and name as GitHub writes them."""
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class Event:
    """One webhook delivery, read: ``kind`` is ``None`` where nothing is to be done.

    ``key`` folds jobs: a newer event joins the waiting job of the same key. ``detail`` is small JSON for the
    job. ``account`` and ``state`` say what became of the installation, ``removed`` which repositories (by id)
    the App may no longer see; they are ``""`` and empty where the event does not tell. ``parted`` is the
    account of whoever took back their consent.
    """

    guid: str
    name: str
    action: str = ""
    kind: Kind | None = None
    key: str = ""
    installation_id: int | None = None
    repository: Repository | None = None
    priority: int = Priority.SCHEDULE
    detail: Mapping[str, object] = field(default_factory=dict)
    account: str = ""
    state: str = ""
    removed: tuple[int, ...] = ()
    parted: int | None = None


def scan_key(repository_id: int) -> str:
    """Return the key under which scans of one repository fold into one another."""
    return f"scan:{repository_id}"


def install_key(installation_id: int) -> str:
    """Return the key under which synchronisations of one installation fold into one another."""
    return f"install:{installation_id}"


def follow_up_key(repository_id: int, number: int) -> str:
    """Return the key under which changes of one pull request fold into one another."""
    return f"follow-up:{repository_id}:{number}"


def branch_key(repository_id: int, branch: str) -> str:
    """Return the key under which what happens to one branch of ours folds into one job."""
    return f"follow-up:{repository_id}:{branch}"


def command_key(repository_id: int, comment_id: int) -> str:
    """Return the key of one comment."""
    return f"command:{repository_id}:{comment_id}"


def dashboard_key(repository_id: int) -> str:
    """Return the key under which edits of one repository's dashboard fold into one another."""
    return f"dashboard:{repository_id}"


def configuration_key(repository_id: int, branch: str) -> str:
    """Return the key under which pushes of one branch's kotsu.yml fold into one another."""
    return f"configuration:{repository_id}:{branch}"


def campaign_key(installation_id: int) -> str:
    """Return the key under which looks at one installation's campaigns fold into one another."""
    return f"campaign:{installation_id}"


def remove_key(installation_id: int, *, repositories: bool = False) -> str:
    """Return the key of the clean-up after an installation, or after some of its repositories."""
    return f"remove:{installation_id}:repositories" if repositories else f"remove:{installation_id}"
