"""What rests in the ledger is sealed: with the operator's key, or with one that the server made."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.workers.bookkeeping import at_once
from workers import sealing, settings
from workers.sealing import Seal, SealError
from workers.settings import SettingsError


def test_what_is_sealed_reads_as_it_was_and_shows_nothing() -> None:
    seal = Seal((Fernet.generate_key().decode(),))
    sealed = seal.sealed("s3cret \u00fc")
    assert "s3cret" not in sealed
    assert seal.opened(sealed) == "s3cret \u00fc"


def test_the_old_key_opens_while_keys_are_exchanged_and_the_new_one_seals() -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    rested = Seal((old,)).sealed("value")
    both = Seal((new, old))
    assert both.opened(rested) == "value"
    assert Seal((new,)).opened(both.sealed("value")) == "value"
    with pytest.raises(SealError, match="behind the new one"):
        Seal((new,)).opened(rested)


def test_an_embedded_server_makes_its_key_once_for_its_owner_alone(tmp_path: Path) -> None:
    given = settings.read({"KOTSU_DATA_DIR": str(tmp_path / "data")})
    keys = set(at_once(8, lambda _: sealing.seal(given).keys))
    assert len(keys) == 1
    (path,) = (tmp_path / "data").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_fleet_is_told_to_share_one_key(tmp_path: Path) -> None:
    given = settings.read(
        {"KOTSU_DATA_DIR": str(tmp_path / "data"), "KOTSU_BROKER_URL": "redis://127.0.0.1:6379/0"}
    )
    with pytest.raises(SettingsError, match="KOTSU_ENCRYPTION_KEY"):
        sealing.seal(given)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("wrong", ["short", "A" * 44, ",".join(["A" * 43 + "="] * 3)])
def test_what_is_no_key_is_refused_at_the_start(wrong: str) -> None:
    with pytest.raises(SettingsError, match="openssl rand"):
        settings.read({"KOTSU_ENCRYPTION_KEY": wrong})


@pytest.mark.parametrize(
    "wrong", ["kotsu.example.org", "http://kotsu.example.org", "https://x/?a=b", "https://"]
)
def test_a_public_address_must_be_one_that_is_safe(wrong: str) -> None:
    with pytest.raises(SettingsError, match="KOTSU_PUBLIC_URL"):
        settings.read({"KOTSU_PUBLIC_URL": wrong})
