"""What a release brings is opened where the operator knows its hash, and only told of elsewhere."""

from __future__ import annotations

import hashlib
import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from packaging.version import Version

from codemods.model import Upgrade
from codemods.shipped import Shipment
from demo.index import LocalIndex
from tests.workers import shipping
from workers import lookup, settings, shipments, unpacked, wheels
from workers.settings import Settings, SettingsError

UPGRADE = Upgrade(shipping.NAME, Version("3.2"), Version("4.0"))
WHEEL = "corp_auth-4.0-py3-none-any.whl"


@dataclass
class Place:
    """An index with two releases of corp-auth, and a server that asks it."""

    index: LocalIndex
    given: Settings
    folder: Path
    allowed: dict[str, frozenset[str]] = field(default_factory=dict)

    def publish(self, data: bytes) -> str:
        return self.index.hold(WHEEL, data)

    def look(self, upgrade: Upgrade = UPGRADE, limits: wheels.Limits | None = None) -> Shipment:
        given = replace(self.given, migrations=self.allowed)
        releases = lookup.answer(frozenset({upgrade.name}), given)[upgrade.name]
        return shipments.asking(given, limits).look(upgrade, releases)

    def downloads(self) -> int:
        return sum(r.path == f"/files/{WHEEL}" for r in self.index.requests)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with LocalIndex({}) as index:
        for version in ("3.2", "4.0"):
            index.release(shipping.NAME, version)
        given = settings.read({"KOTSU_INDEX_URL": index.url, "KOTSU_DATA_DIR": str(tmp_path)})
        yield Place(index, given, tmp_path)


# --- who may


def test_a_wheel_that_is_allowed_is_opened(place: Place) -> None:
    place.allowed = {"corp-auth": frozenset({place.publish(shipping.wheel())})}
    found = place.look()
    assert [(m.id, str(m.crosses), str(m.since)) for m in found.migrations] == [
        ("corp-auth-sign-in", "4", "3.2")
    ]
    assert found.boundary is not None
    assert [change.name for change in found.boundary.changes] == ["corp_auth.login", "corp_auth.token"]
    assert found.sentences == ()


def test_of_a_wheel_that_nobody_allowed_the_hash_is_told(place: Place) -> None:
    digest = place.publish(shipping.wheel())
    (sentence,) = place.look().sentences
    assert sentence == (
        "corp-auth 4.0 brings migrations, and nobody has allowed them here: the operator of the server can, "
        f"with `corp-auth: [{digest}]` in the file of `KOTSU_MIGRATIONS`."
    )
    assert place.look() == Shipment(sentences=(sentence,))
    assert place.downloads() == 1


@pytest.mark.parametrize("name", ["corp-auth", "corp-auth-other"])
def test_another_hash_or_another_name_is_not_allowed(place: Place, name: str) -> None:
    digest = place.publish(shipping.wheel())
    place.allowed = {name: frozenset({digest if name != "corp-auth" else "0" * 64})}
    found = place.look()
    assert found.migrations == ()
    assert found.boundary is None
    assert f"`corp-auth: [{digest}]`" in found.sentences[0]


def test_the_hash_of_another_file_of_the_release_opens_nothing(place: Place) -> None:
    place.publish(shipping.wheel())
    sdist = next(
        f for f in place.index.projects["corp-auth"]["files"] if f["filename"] == "corp_auth-4.0.tar.gz"
    )
    place.allowed = {"corp-auth": frozenset({sdist["hashes"]["sha256"]})}
    assert place.look().migrations == ()


def test_bytes_that_are_not_those_that_the_index_lists_are_not_opened(place: Place) -> None:
    digest = place.publish(shipping.wheel())
    place.index._held[WHEEL] = shipping.wheel(source=shipping.SOURCE + "evil = 1\n")
    place.allowed = {"corp-auth": frozenset({digest})}
    found = place.look()
    assert found.migrations == ()
    assert found.sentences[0].endswith("not run: the wheel of 4.0 is not the one that the index lists.")


def test_a_hash_that_the_index_does_not_list_any_more_opens_nothing(place: Place) -> None:
    old = place.publish(shipping.wheel())
    place.allowed = {"corp-auth": frozenset({old})}
    assert place.look().migrations
    new = place.publish(shipping.wheel(source=shipping.SOURCE + "evil = 1\n"))
    for kept in place.folder.glob("index/*/*"):
        kept.unlink()
    found = place.look()
    assert found.migrations == ()
    assert new in found.sentences[0]


def test_a_kept_wheel_is_believed_by_its_hash_and_not_by_its_name(place: Place) -> None:
    digest = place.publish(shipping.wheel())
    place.allowed = {"corp-auth": frozenset({digest})}
    place.look()
    assert (place.look().migrations[0].source, place.downloads()) == (shipping.SOURCE, 1)
    (kept,) = place.folder.glob(f"shipped/*/{digest}.whl")
    kept.write_bytes(shipping.wheel(source=shipping.SOURCE + "evil = 1\n"))
    assert (place.look().migrations[0].source, place.downloads()) == (shipping.SOURCE, 2)


def test_the_wheel_of_another_release_under_this_name_is_not_opened(place: Place) -> None:
    digest = place.publish(shipping.wheel(version="3.9"))
    place.allowed = {"corp-auth": frozenset({digest})}
    assert place.look().sentences == (
        "The migrations that corp-auth 4.0 brings were not run: its wheel is that of another release.",
    )


def test_who_compares_the_release_too_fetches_its_wheel_no_more(place: Place) -> None:
    place.publish(shipping.wheel())
    place.index.hold("corp_auth-3.2-py3-none-any.whl", shipping.packed({"corp_auth/__init__.py": "x = 1\n"}))
    recent = wheels.Recent()
    releases = lookup.answer(frozenset({"corp-auth"}), place.given)["corp-auth"]
    assert shipments.asking(place.given, recent=recent).look(UPGRADE, releases).sentences
    assert not isinstance(wheels.asking(place.given, recent=recent)(UPGRADE, releases), str)
    assert place.downloads() == 1


def test_an_index_that_lists_no_hash_opens_nothing(place: Place) -> None:
    digest = place.publish(shipping.wheel())
    for file in place.index.projects["corp-auth"]["files"]:
        file["hashes"] = {}
    place.allowed = {"corp-auth": frozenset({digest})}
    found = place.look()
    assert found.migrations == ()
    assert found.sentences[0].endswith("not run: the index lists no hash of its wheel.")


def test_the_hash_that_is_told_is_that_of_now(place: Place) -> None:
    place.publish(shipping.wheel())
    place.look()
    new = place.publish(shipping.wheel(source=shipping.SOURCE + "# more\n"))
    for kept in place.folder.glob("index/*/*"):
        kept.unlink()
    assert new in place.look().sentences[0]


# --- where there is nothing to say


def test_a_release_that_brings_nothing_is_not_spoken_of(place: Place) -> None:
    digest = place.publish(shipping.packed({"corp_auth/__init__.py": "x = 1\n"}))
    assert place.look() == Shipment()
    assert place.look() == Shipment()
    assert place.downloads() == 1
    place.allowed = {"corp-auth": frozenset({digest})}
    assert place.look() == Shipment()


@pytest.mark.parametrize(
    "upgrade",
    [
        replace(UPGRADE, before=None),
        replace(UPGRADE, repository="https://github.com/o/r"),
        replace(UPGRADE, before=Version("4.0"), after=Version("4.1")),
        replace(UPGRADE, name="unknown"),
    ],
)
def test_what_is_no_major_upgrade_of_a_distribution_is_not_looked_at(place: Place, upgrade: Upgrade) -> None:
    place.publish(shipping.wheel())
    assert place.look(upgrade) == Shipment()
    assert place.downloads() == 0


def test_a_scan_looks_at_so_many_and_no_more(place: Place) -> None:
    place.publish(shipping.wheel())
    assert place.look(limits=wheels.Limits(upgrades=0)) == Shipment()
    assert place.look(limits=wheels.Limits(total=-1)) == Shipment()


def test_an_index_that_fails_is_told_only_to_who_waits_for_it(place: Place) -> None:
    digest = place.publish(shipping.wheel())
    place.index.fail("/files/", times=2)
    assert place.look() == Shipment()
    place.allowed = {"corp-auth": frozenset({digest})}
    assert place.look().sentences == (
        "The migrations that corp-auth 4.0 brings were not run: its wheel could not be fetched.",
    )
    assert place.look().migrations


# --- what is wrong with it

PLACE = "The migrations that corp-auth 4.0 brings were not run: its "
ANOTHER = shipping.TABLE.replace('"sign-in"', '"other"')


def test_a_name_of_ours_stays_ours(place: Place) -> None:
    with LocalIndex({}) as index:
        index.release("urllib3", "1.0")
        index.release("urllib3", "4.0")
        toml = shipping.MODULES + shipping.TABLE.replace('"sign-in"', '"retry-allowed-methods"') + ANOTHER
        data = shipping.wheel(toml, **{"urllib3-4.0.dist-info/METADATA": "Name: urllib3\n"})
        digest = index.hold("urllib3-4.0-py3-none-any.whl", data)
        given = replace(
            place.given, index_url=index.url.rstrip("/"), migrations={"urllib3": frozenset({digest})}
        )
        releases = lookup.answer(frozenset({"urllib3"}), given)["urllib3"]
        found = shipments.asking(given).look(replace(UPGRADE, name="urllib3"), releases)
    assert [m.id for m in found.migrations] == ["urllib3-other"]
    assert found.sentences == (
        "Its migration `urllib3-retry-allowed-methods` was not applied: that is the name of one of Kotsu's.",
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (shipping.wheel("modules = ["), "`kotsu-migrations.toml` has a mistake: it is not valid TOML ("),
        (
            shipping.wheel(shipping.TOML + ANOTHER.replace("other", "sign-in")),
            "has a mistake: two migrations are ",
        ),
        (
            shipping.wheel(**{"corp_auth/kotsu_migrations/sign_in.py": ""}),
            "has a mistake: migration 1: the wheel has no module kotsu_migrations.sign_in beside",
        ),
        (
            shipping.wheel(**{"other/kotsu-migrations.toml": "x = 1"}),
            "it has more than one `kotsu-migrations.toml`.",
        ),
        (shipping.wheel(**{"../x": "x"}), "wheel has a file that leads out of it."),
        (shipping.wheel(**{"corp_auth/kotsu-migrations.toml/../../x": "x"}), "leads out of it."),
        (shipping.wheel("#" + " " * 3_000_000), "wheel is too large to be read."),
        (shipping.wheel() + b"PK\x01\x02" * 20_000, "wheel has too many files."),
        (shipping.wheel().replace(b"PK\x01\x02", b"PK\x01\x03"), "wheel is no sound archive."),
        (b"x", "wheel is no sound archive."),
    ],
)
def test_what_is_wrong_with_a_wheel_is_said_and_nothing_of_it_is_run(
    place: Place, data: bytes, words: str
) -> None:
    place.allowed = {"corp-auth": frozenset({place.publish(data)})}
    found = place.look()
    assert (found.migrations, found.boundary) == ((), None)
    (sentence,) = found.sentences
    assert sentence.startswith("The migrations that corp-auth 4.0 brings were not run: it")
    assert words in sentence


def test_many_other_files_are_no_harm(place: Place) -> None:
    data = shipping.wheel(**{f"corp_auth/data/{n}.txt": "x" for n in range(1_000)})
    place.allowed = {"corp-auth": frozenset({place.publish(data)})}
    assert place.look().migrations


def test_a_link_or_a_second_file_of_a_name_is_not_read() -> None:
    link = zipfile.ZipInfo(shipping.FILE)
    link.external_attr = 0o120777 << 16
    for data in (_with(link, "/etc/passwd"), _with(zipfile.ZipInfo(shipping.FILE), "x", twice=True)):
        with pytest.raises(unpacked.UnusableError, match="sound"):
            unpacked.texts(data, shipments._is_file)


def _with(member: zipfile.ZipInfo, text: str, *, twice: bool = False) -> bytes:
    made = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(made, "w") as archive:
        for _ in range(1 + twice):
            archive.writestr(member, text)
    return made.getvalue()


# --- the operator's file


def _read(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "migrations.yml"
    file.write_text(text, "utf-8")
    return settings.read({"KOTSU_MIGRATIONS": str(file)})


def test_names_and_hashes_are_read(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"").hexdigest()
    digits = "1" * 64
    found = _read(tmp_path, f"Corp_Auth: [{digest}]\nother:\n  - {digits} # 1.0\n  - {digest}\n")
    assert found.migrations == {"corp-auth": {digest}, "other": {digest, digits}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "1:1: the file is no mapping of names to hashes"),
        ("corp-auth: true", "1:12: hashes must be a list: [SHA256, …]"),
        ("corp-auth: []", "1:12: hashes must be a list"),
        ("corp-auth: [abc]", "1:13: `abc` is no sha256 of a wheel: write its 64 hexadecimal digits"),
        (f"corp-auth: [{'A' * 64}]", "is no sha256 of a wheel"),
        (f"corp-auth: [[{'a' * 64}]]", "1:13: a hash must be text"),
        (f"corp-auth: ['*', {'a' * 64}]", "`*` is no sha256"),
        (f"'*': [{'a' * 64}]", "1:1: `*` is no name of a distribution"),
        (f"corp-auth: [{'a' * 64}]\ncorp_auth: [{'b' * 64}]", "2:1: `corp_auth` stands here twice"),
        ("a: [", "1:"),
    ],
)
def test_a_mistake_is_no_permission_and_the_server_does_not_start(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(SettingsError, match="KOTSU_MIGRATIONS names a file with mistakes") as caught:
        _read(tmp_path, text)
    assert words in str(caught.value)


def test_a_file_that_cannot_be_read_is_not_no_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"KOTSU_MIGRATIONS names .* cannot be read"):
        settings.read({"KOTSU_MIGRATIONS": str(tmp_path / "nowhere.yml")})


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_who_says_nothing_allows_nothing(tmp_path: Path, text: str) -> None:
    assert _read(tmp_path, text).migrations == {}
    assert settings.read({}).migrations == {}
