"""Names a task by the words that people have for it."""

from __future__ import annotations

import re

_VERB = re.compile(
    r"(?:apply|archive|audit|back|backup|benchmark|build|catch|check|collect|compare|compile|compress|convert"
    r"|copy|count|create|deploy|diff|download|dump|enable|evaluate|execute|export|fetch|fill|find|fix|follow"
    r"|format|generate|get|import|index|ingest|inspect|launch|lint|list|load|look|measure|migrate|monitor|open"
    r"|pack|package|ping|prepare|print|process|profile|promote|pull|rebuild|recreate|refresh|regenerate|reindex"
    r"|release|reload|render|repair|replay|report|rerun|resend|restart|resume|retrain|retry|review|run|scan"
    r"|scrape|seed|send|serve|show|sign|simulate|start|summarize|sync|synchronize|tail|test|trace|train|trigger"
    r"|update|upgrade|validate|verify|view|warm|write)\b",
    re.IGNORECASE,
)
"""How words begin that tell what a command does; a runbook's headings are symptoms as well."""
_SMALL_WORDS = frozenset(
    (
        *(
            "a",
            "an",
            "the",
            "of",
            "to",
            "in",
            "on",
            "for",
            "with",
            "and",
            "from",
            "by",
            "via",
            "all",
            "its",
            "our",
        ),
        *("it", "this", "that", "them", "again", "now", "also"),
    )
)
_ONE_OF_MANY = re.compile(
    r"\b(?:specific|single|custom|particular|some|examples?|your|own|another)\b", re.IGNORECASE
)
"""What speaks of these means a command with something of the reader's in it."""
_TELLING = re.compile(r"[A-Za-z][\w ,/+-]*", re.ASCII)
_ASIDE = re.compile(r"\([^()]*\)")
_LONGEST, _MOST_WORDS = 60, 4


def told(words: str) -> str:
    """Return words, without what is in brackets, if they say in short what somebody does; else ``""``."""
    short = " ".join(_ASIDE.sub("", words).split())
    is_plain = len(short) <= _LONGEST and _TELLING.fullmatch(short) and not _ONE_OF_MANY.search(short)
    return short if is_plain and _VERB.match(short) else ""


def name(told: str, separator: str) -> str:
    """Return a name made of such words, ``""`` where that takes fewer than two or too many."""
    words = re.findall(r"[a-z0-9]+", told.lower())
    telling = [word for word in words if word not in _SMALL_WORDS]
    return separator.join(telling) if 1 < len(telling) <= _MOST_WORDS else ""
