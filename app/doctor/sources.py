"""The checks of where versions and weaknesses are read: package indexes and advisories."""

from __future__ import annotations

from collections.abc import Iterator

from app.doctor.findings import Finding, Patient, fine, note, wrong
from workers import advisories, indexes, origins

_ASKED = "pip"
"""A name that most indexes know; that one does not is an answer as well."""
_SECONDS = 10.0


def index(patient: Patient) -> Iterator[Finding]:
    """Find package indexes that do not answer."""
    given = patient.settings
    limits = indexes.Limits(request=_SECONDS, total=_SECONDS)
    for place in origins.places((*given.extra_index_urls, given.index_url)):
        try:
            indexes.page(_ASKED, [place], limits)
        except indexes.PageError as error:
            yield wrong(
                f"the index {place.host} does not answer: {error}",
                "see that KOTSU_INDEX_URL and KOTSU_EXTRA_INDEX_URLS are right, with what they ask for, and "
                "can be reached (HTTPS_PROXY, SSL_CERT_FILE)",
            )
        else:
            yield fine(f"the index {place.host} answers")


def weaknesses(patient: Patient) -> Iterator[Finding]:
    """Find that published weaknesses cannot be read."""
    source = patient.settings.advisories_url
    if not source:
        yield note("no published weaknesses are read (KOTSU_ADVISORIES_URL is off)")
    elif words := advisories.unreachable(source, advisories.Limits(request=_SECONDS)):
        yield wrong(
            words, "set KOTSU_ADVISORIES_URL to a mirror, to a folder or zip of OSV's records, or to off"
        )
    else:
        yield fine("published weaknesses can be read")
