"""Reads until when something is skipped or silenced from the reason that stands beside it.

A reason explains more often than it promises: "removed in 2.0", "fails when Django 5 is required" and "worked
until #12 was merged" say why, and no day ends that. Only words that tie the mark itself to an end are read:
"until …", "remove when …", "waiting for …".
"""

from __future__ import annotations

import re

from codemods import clauses, conditions, mentions
from codemods.clauses import PYTHON, Closed, Condition, Confidence

_STOP = r"[\s.;!)]*(?:\(.*)?$"
_BEGINS = r"(?:^|(?<=[.;:,(])\s*|\s[-\u2013\u2014]+\s)"
_UNTIL = re.compile(r"\b(?:until|till)\s+(?P<rest>\S.*)", re.IGNORECASE)
_CLAUSES = re.compile(r"[.;:,(]\s|[(\u2013\u2014]|\s-+\s")
_SENTENCES = re.compile(r"(?<=[\w)])[.;!?](?:\s|$)|\s[-\u2013\u2014]+\s")
_BAD = re.compile(
    r"\b(?:skip|disabl|ignor|xfail|fail|brok|flak|unsupported|unavailable|block|wait|missing|suppress|silenc|"
    r"workaround|temporar|crash|wrong|expected|need|requir|keep)|\b(?:not|no|cannot)\b|n't\b",
    re.IGNORECASE,
)
"""Words of what is wrong as long as it is silenced."""
_PAST = re.compile(
    r"\b(?:did(?:n't)?|was(?:n't)?|were(?:n't)?|had|used to|previously|always|never|only)\b", re.IGNORECASE
)
_ISSUE = r"(?:(?:the|this|upstream|issue|bug|ticket|pr|pull request) ){0,3}"
_BARE = re.compile(rf"{_ISSUE}{mentions.REFERENCE}{_STOP}", re.IGNORECASE)
_DONE = (
    r"(?: (?:(?:to be|being|is|gets?|has been) )?(?:fixed|closed|merged|resolved|done|released|implemented))?"
)
_WAITS = re.compile(
    rf"{_BEGINS}(?:waiting (?:for|on)|waits (?:for|on)|blocked (?:by|on)|pending) (?:(?:a|the) )?"
    rf"(?:(?:fix|release|merge) (?:(?:for|of|in) )?)?{_ISSUE}{mentions.REFERENCE}{_DONE}{_STOP}",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"(?P<name>[a-z][\w.-]*?) ?(?:(?:>=|v) ?)?(?P<version>\d+(?:\.\d+)*)"
    rf"(?: (?:is )?(?:released|out|available|published|comes out|lands))?{_STOP}",
    re.IGNORECASE,
)
_NO_DISTRIBUTION = re.compile(
    r"(?:the|v|version|release|issue|bug|pr|gh|ticket|step|phase|stage|milestone|sprint|day|year|q\d?)",
    re.IGNORECASE,
)
_LIFTED = re.compile(
    rf"{_BEGINS}(?:please )?(?:remove|un-?skip|(?:re-?)?enable|delete|unmark"
    r"|(?:(?:this|it|the skip|the marker) )?(?:can|could|should|must|may|to) be "
    r"(?:removed|un-?skipped|(?:re-?)?enabled|deleted))"
    r"(?: (?:this|it|the|that|skip|xfail|mark|marker|ignore|noqa|comment|tests?|pragma|line|here|again)){0,4}"
    r" (?P<rest>(?:when|once|after|as soon as|upon|in|by)\b.+)",
    re.IGNORECASE,
)
_AROUND = re.compile(rf"{_BEGINS}(?P<rest>work-?around for .+)", re.IGNORECASE)
_NO_MORE = re.compile(
    r"a|again|an|and|are|be|been|being|blocked|broken|bug|by|closed|currently|disabled|does|doesn't|"
    r"done|expected|fail|failing|fails|fix|fixed|flaky|for|gets|github|has|ignored|implemented|in|is|"
    r"issue|it|known|marked|merged|not|now|of|on|pending|pr|pull|released|request|resolved|skip|"
    r"skipped|skipping|still|temporarily|test|tests|the|this|ticket|till|to|until|upstream|wait|"
    r"waiting|waits|work|works|xfail|enable|once|re|remove|unskip|when"
)
"""Words that say nothing beside the issue that is waited for."""


def condition(reason: str) -> Condition | None:
    """Return when a mark with such a reason has come to its end, if the reason says so."""
    said = " ".join(reason.replace("\u2019", "'").split())
    if until := _UNTIL.search(said):
        before = _CLAUSES.split(said[: until.start()])[-1].strip()
        if before and (not _BAD.search(before) or _PAST.search(before)):
            return None
        return _until(_SENTENCES.split(until["rest"])[0])
    if waits := _WAITS.search(said):
        return Closed(mentions.of(waits), waits[0])
    if lifted := _LIFTED.search(said):
        return conditions.read(f"remove {_SENTENCES.split(lifted['rest'])[0]}")
    if around := _AROUND.search(said):
        return conditions.read(_SENTENCES.split(around["rest"])[0])
    return None


def alone(reason: str) -> Closed | None:
    """Return the issue that a reason waits for, where it says nothing else."""
    ends = condition(reason)
    if not isinstance(ends, Closed) or ends.confidence is not Confidence.READ:
        return None
    rest, count = re.subn(mentions.REFERENCE, " ", reason)
    words = re.findall(r"[\w']+", rest.lower().replace("\u2019", "'"))
    return ends if count == 1 and all(map(_NO_MORE.fullmatch, words)) else None


def _until(rest: str) -> Condition | None:
    if bare := _BARE.match(rest):
        return Closed(mentions.of(bare), f"until {bare[0]}")
    found = conditions.read(f"until {rest}")
    if found and found.words.lower().startswith("until "):
        return found
    version = _VERSION.match(rest)
    if version is None or _NO_DISTRIBUTION.fullmatch(version["name"]):
        return None
    # "Not until Python 3.12" may or may not be about 3.12 itself.
    is_python = clauses.name_of(version["name"]) == PYTHON
    verb = "dropped" if is_python else "required"
    return conditions.read(f"until {version['name']} {version['version']} is {verb}")
