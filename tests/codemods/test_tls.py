"""Which versions and ciphers of TLS are too old."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemods import directives, tls
from codemods.tls import Policy


@pytest.mark.parametrize(
    ("policy", "versions", "has_ciphers"),
    [
        (Policy(), ("1.2", "1.3"), True),
        (Policy("1.3"), ("1.3",), False),
        (Policy("1.2", "modern"), ("1.3",), False),
    ],
)
def test_a_policy_is_as_strict_as_its_profile(
    policy: Policy, versions: tuple[str, ...], *, has_ciphers: bool
) -> None:
    assert (policy.versions, policy.lowest) == (versions, versions[0])
    assert bool(policy.ciphers) is has_ciphers
    assert [v for v in tls.VERSIONS if policy.is_old(v)] == [v for v in tls.VERSIONS if v not in versions]


def test_the_oldest_profile_of_the_guideline_is_none_of_ours() -> None:
    assert tls.known().keys() == {"modern", "intermediate"}


def test_the_ciphers_that_are_proposed_are_not_weak() -> None:
    for profile in tls.known().values():
        assert tls.weak(":".join(profile.ciphers)) == ()
        assert all(iana.startswith("TLS_ECDHE_") for iana in profile.ciphers.values())


@pytest.mark.parametrize(
    ("ciphers", "weak"),
    [
        ("ALL", ["ALL"]),
        ("ALL:!aNULL", []),
        ("ALL:!ADH:RC4+RSA:+HIGH:+LOW", ["ALL", "RC4+RSA"]),
        ("EECDH+AESGCM EECDH+aRSA+RC4 EECDH !aNULL", ["EECDH+aRSA+RC4"]),
        ("EECDH+AESGCM EECDH+aRSA+RC4 EECDH !RC4", []),
        ("AES128-SHA,DES-CBC3-SHA", ["DES-CBC3-SHA"]),
        ("AES128-SHA:DES-CBC3-SHA:!DES", ["DES-CBC3-SHA"]),
        ("AES128-SHA:DES-CBC3-SHA:!3DES", []),
        ("AES128-SHA:DES-CBC-SHA:!LOW", []),
        ("AES128-SHA:RC4-SHA:!MEDIUM", []),
        ("AES128-SHA:RC4-MD5:-MD5", []),
        ("AES128-SHA:NULL-SHA256", ["NULL-SHA256"]),
        ("AES128-SHA:EXP-RC4-MD5:!EXPORT", []),
        ("AES128-SHA:ECDHE+3DES:RSA+3DES:!kRSA", ["ECDHE+3DES"]),
        ("AES128-SHA:RC4-SHA:!SSLv3", []),
        ("HIGH:MEDIUM:!aNULL:!MD5", []),
        ("PROFILE=SYSTEM", []),
        ("DES-CBC3-SHA:RC4-SHA", []),
        ("ADH-AES256-SHA", []),
        ("@STRENGTH:HIGH:+RC4", []),
        ("", []),
    ],
)
def test_words_let_in_what_nobody_should_use(ciphers: str, weak: list[str]) -> None:
    assert list(tls.weak(ciphers)) == weak


WORDS = st.sampled_from(["RC4-SHA", "3DES", "aNULL", "AES128-SHA", "HIGH", "MD5", "LOW", "EXP", "ALL", "ADH"])


@given(st.lists(WORDS, min_size=1))
def test_what_is_taken_out_is_never_weak(words: list[str]) -> None:
    out = ["!aNULL", "!RC4", "!3DES", "!MD5", "!LOW", "!EXPORT", "!eNULL"]
    assert tls.weak(":".join([*words, *out])) == ()


PIECES = st.sampled_from(
    [
        "ssl_protocols",
        "SSLProtocol",
        "TLSv1",
        ";",
        "{",
        "}",
        '"',
        "'",
        "\\",
        "#",
        "\n",
        " ",
        "\r\n",
        "${x}",
        "$",
        "é",
        "<If",
        ">",
    ]
)


@given(st.lists(PIECES).map("".join))
def test_words_are_where_they_are_said_to_be(text: str) -> None:
    data = text.encode()
    for read in (directives.nginx, directives.apache, directives.haproxy):
        end = 0
        for found in read(data):
            for word in (found.name, *found.arguments):
                assert end <= word.start < word.end <= len(data)
                assert data[word.start : word.end].decode() == f"{word.quote}{word.text}{word.quote}"
                end = word.end
