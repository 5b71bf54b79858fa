"""A repository says what is asked of TLS, and improvements hear it."""

from __future__ import annotations

from datetime import date

import jsonschema
import pytest

from codemods.model import Facts
from codemods.tls import Policy
from codemods.tree import Files
from workers import config, facts, inheritance
from workers.config import Broken, Config


def said(text: str) -> Config:
    read = config.read(text, "kotsu.yml")
    assert isinstance(read, Config), str(read)
    return read


def heard(known: Config) -> Facts:
    told, _ = facts.answer(Files({}), {}, known, date(2026, 11, 26), facts.nothing)
    return told


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("", Policy()),
        ('tls: {minimum: "1.3"}', Policy("1.3")),
        ("tls: {minimum: 1.3}", Policy("1.3")),
        ("tls: {profile: modern}", Policy("1.2", "modern")),
    ],
)
def test_what_it_says_is_a_fact(text: str, policy: Policy) -> None:
    assert heard(said(text)).tls == policy


def test_an_organisation_asks_for_more_unless_a_repository_says_otherwise() -> None:
    organisation = said("tls: {minimum: 1.3, profile: modern}")
    own = said("tls: {profile: intermediate}")
    assert heard(inheritance.merged(organisation, own)).tls == Policy("1.3")


@pytest.mark.parametrize(
    "text", ["tls: {minimum: 1.1}", "tls: {profile: old}", "tls: {minimum: 1}", "tls: 1.2"]
)
def test_what_is_too_old_cannot_be_asked_for(text: str) -> None:
    read = config.read(text, "kotsu.yml")
    assert isinstance(read, Broken)
    assert "tls" in str(read) or "must be `" in str(read)


def test_the_schema_knows_it() -> None:
    schema = config.schema()
    jsonschema.validate({"tls": {"minimum": "1.3", "profile": "modern"}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"tls": {"profile": "old"}}, schema)
