"""Reads the conditions that prose ties to time, and holds what a condition is.

Each clause after a word such as "when" is told in few words first ("support for Python 3.8 is no longer
needed" is "python 3.8 is dropped"), then compared with a few forms. What fits none of them is no condition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from packaging.utils import canonicalize_name
from packaging.version import Version

from codemods import days, mentions
from codemods.mentions import Mention

OWN, PYTHON = "own", "python"


class Confidence(StrEnum):
    """How surely a text states a condition: by its form, by its words, or only by what it is about."""

    STATED = "stated"
    READ = "read"
    GUESSED = "guessed"


@dataclass(frozen=True, slots=True)
class Day:
    """True from a day on; ``words`` is how the text puts it."""

    day: date
    words: str
    confidence: Confidence = Confidence.READ


@dataclass(frozen=True, slots=True)
class Reached:
    """True once the lowest version of ``name`` is at least ``version``, or ``above`` its whole series.

    ``name`` is `PYTHON`, `OWN` or a distribution's normalised name, ``words`` how the text puts it. ``bare``
    says that the words name nothing, so that the version may be one of something else.
    """

    name: str
    version: Version
    words: str
    above: bool = False
    bare: bool = False
    confidence: Confidence = Confidence.READ


@dataclass(frozen=True, slots=True)
class Closed:
    """True once an issue is done, or a pull request merged; ``words`` is how the text puts it."""

    issue: Mention
    words: str
    confidence: Confidence = Confidence.READ


@dataclass(frozen=True, slots=True)
class Listed:
    """True once the project names a distribution among its dependencies; with ``gone`` once it does not."""

    name: str
    words: str
    gone: bool = False
    confidence: Confidence = Confidence.STATED


@dataclass(frozen=True, slots=True)
class Together:
    """True once all of several conditions are."""

    all: tuple[Day | Reached | Closed | Listed, ...]
    words: str
    confidence: Confidence = Confidence.STATED


Condition = Day | Reached | Closed | Listed | Together

MAJOR = 3
"""The major version that Python has, and other projects too."""
_FIRST_MINOR = 3

_REMOVE = (
    r"(?:remov(?:e|ing)|delet(?:e|ing)|drop|clean[ -]?up|get rid of|revert"
    r"|(?:be|gets?) (?:removed|deleted|dropped|cleaned[ -]?up|reverted))"
)
"""What is still to do: "removed in 2020" says what was done."""
_FILL = (
    r"(?: (?:this|it|that|the|these|them|me|all|code|hack|workaround|work-around|fallback|shim|block|branch|"
    r"check|function|method|class|import|test|line|file|module|alias|section|compat\w*|deprecated|temporary|"
    r"old|legacy|whole|entire|here|below|above|safely|some ?time|any ?time|`[^`]+`))"
)
_STOP = (
    r"(?=\s*(?:$|[.;:!?)](?:\s|$)|[(\u2013\u2014]|,(?! (?:(?:and|or|but|unless|if)\b|v?\d|py))|\s-\s"
    r"|(?<=\s)(?-i:This|These|That|The|It|Use|See|Note|Then|We|Also|Until)\b))"
)
_BY_DAY = re.compile(
    rf"(?:\b{_REMOVE}{_FILL}{{0,5}} (?:after|by|on|before|until|till|in)"
    rf"|\b(?:keep|needed|skip(?:ped)?|disabled|pinned){_FILL}{{0,3}} (?:until|till)"
    rf"|(?:^|(?<=[.;:(] )|(?<=\())(?:(?:this|it|hack|workaround) )?"
    r"(?:expires?(?: on)?:?|expiry(?: date)?:?|due(?: on| by)?:?|deadline:?)"
    rf"|^(?P<first>after|by|until|till|before)) (?:the )?(?:end of )?{days.PERIOD}{_STOP}",
    re.IGNORECASE,
)
_ASKS = re.compile(
    rf"[.!)]*$|[:,]? (?:(?:please|we|this|it|can|should|must|may) )*{_REMOVE}\b", re.IGNORECASE
)
"""What follows a day that a text begins with: "after 2020, it was slow" tells a story."""
_DAYS = re.compile(days.PERIOD, re.IGNORECASE)
_OURS = rf"(?:this |it |that |can |should |will |must |to |test |code )*{_REMOVE}{_FILL}{{0,5}}"
_IN_OWN = re.compile(
    rf"^{_OURS} (?:in|after|with) (?:the )?(?:version |release |v)?"
    rf"(?P<version>\d+\.\d+(?:\.(?!20\d\d)\d+)?)(?: release)?{_STOP}",
    re.IGNORECASE,
)
_WHEN = re.compile(
    rf"\b(?P<when>when|once|after|until|till|as soon as|upon) (?P<clause>.+?){_STOP}", re.IGNORECASE
)
_NOT = re.compile(
    r"(?:(?:\b(?:not|never|cannot|no (?:need|reason) to)|n't)(?! forget)"
    rf"(?: (?:be|ever|just|simply|yet))* (?:{_REMOVE}(?: \w+){{0,3}} )?|(?:\band|\bor|,) )$",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"\b(?:fail(?:s|ed|ing|ure)?|br(?:eaks?|oken?|eaking)|crash(?:e[sd]|ing)?|segfaults?|hangs?|happen(?:s|ed)?"
    r"|occur(?:s|red)?|regress\w*|start(?:s|ed)|stop(?:s|ped)|works?|worked|changed|introduced|rais(?:es?|ed|ing)"
    r"|warn(?:s|ed)?|errors?|show|tell|notify|announce|alert|test what|test that|handle|document"
    r"|case|what|(?<!not )(?<!longer )(?:needed|necessary|used))\b",
    re.IGNORECASE,
)
"""What happens at a time, or has to be said then, is no end: "this fails when Django 5 is required"."""
_PAST = re.compile(r"\b(?:was|were|had|did|used to|worked|always|previously)\b", re.IGNORECASE)
_CLAUSES = re.compile(r"[.,;:(]\s|\s[-\u2013\u2014]\s|\(")
_HEDGES = re.compile(
    r"[\s;,)(\u2013\u2014-]*(?:(?:and|or|but|unless|if|also|plus|no|not|except|assuming|provided)\b"
    r"|of the (?:api|protocol|spec|schema|format)\b)",
    re.IGNORECASE,
)
"""What follows a condition that is not all of it."""
_FURTHER = re.compile(r"\b(?:upstream|launchpad|trac|bugzilla|bpo|jira|debian|lp)\b", re.IGNORECASE)
"""Where another tracker is spoken of, a number alone may be one of that."""

_IN_FEW_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (
            r"\b(?:the|our|its|finally|eventually|fully|completely|entirely|ever|also|official(?:ly)?|new) ",
            "",
        ),
        (r" (?:completely|entirely|any ?more)$", ""),
        (r"^we(?:'re| are) on (?=\w)", "require "),
        (r"^(?:we(?:'re| are| can)?|i|you|this (?:project|package|library)) ", ""),
        (r"\bpy(?:thon)?([23])(\d{1,2})\b(?!\.\d)", r"python \1.\2"),
        (r"(?<![\w-])(?:c?python|py)[ -]?v?(?=[<>23])", "python "),
        (
            r"\b(?:stop(?:ping)? supporting|(?:no longer|don't|do not) (?:need to )?support|dropping)\b",
            "drop",
        ),
        (r"^(?:we've|we have) dropped\b", "drop"),
        (r"\b(?:support|compat(?:ibility)?) (?:for|of|with) ", ""),
        (r"\b(?:is|becomes?|will be|are|gets?|has been|includes|reaches|hits)\b(?: at least)?", "is"),
        (r"\bis (?:removed|gone|no longer (?:supported|needed))\b", "is dropped"),
        (r"\bis (?:eol|end[ -]of[ -]life)\b", "is dropped"),
        (r"\bgoes away\b", "is dropped"),
        (r" (?:support|compat(?:ibility)?)(?= is\b|$)", ""),
        (r"\b(?:min|minimal|lowest|oldest)\b", "minimum"),
        (r"\bminimum(?: (?:supported|required|requirement|version|of))+\b", "minimum"),
        (r"\bminimum ([a-z][\w.-]*)(?: (?:version|supported|required))+\b", r"minimum \1"),
        (r"\b(?:requiring|depend(?:ing)? on|only support(?:ing)?|support(?:ing)? only)\b", "require"),
        (
            r"\b(?:bump|bumping|upgrad(?:e|ing)|mov(?:e|ing)|migrat(?:e|ing)|switch|switching) (?:up )?to\b",
            "require",
        ),
        (r" (?:and|or) (?:above|newer|later|up|higher)\b|(?<=\d)\+", " up"),
        (r" (?:and|or) (?:below|older|earlier|lower)\b", ""),
        (r"\b(?:below|before|older than)(?= \d)", "<"),
    )
)

_V = r"v?\d+(?:\.\d+){0,3}(?:\.x)?"
_THING = rf"(?:(?P<name>[a-z][\w.-]*?)(?:(?=[<>])| ))?(?P<sign>[<>]=?)? ?(?P<version>{_V})"
_MORE = rf"(?P<more>(?:(?:, (?:and )?| ?/ ?| (?:and|or|&) )(?:python )?{_V})*)"
_DROPPED = tuple(re.compile(form) for form in (rf"drop {_THING}{_MORE}", rf"{_THING}{_MORE} is dropped"))
_REQUIRED = tuple(
    re.compile(form)
    for form in (
        rf"require {_THING}(?: up)?(?: only)?",
        rf"{_THING}(?: up)? (?:is )?(?:minimum|required)",
        rf"minimum {_THING}",
        rf"(?:bump|bumping|rais(?:e|ing)) minimum (?P<name>[a-z][\w.-]*) (?P<sign>)to (?P<version>{_V})",
        rf"minimum (?P<name>[a-z][\w.-]*) is (?P<sign>[<>]=?)? ?(?P<version>{_V})",
        rf"(?P<name>[a-z][\w.-]*) is (?:bump|rais|updat|upgrad)ed to (?P<sign>[<>]=?)? ?(?P<version>{_V})",
        rf"(?P<name>[a-z][\w.-]*) minimum (?:is )?(?P<sign>[<>]=?)? ?(?P<version>{_V})",
        rf"(?P<sign>)(?P<version>{_V}) is minimum (?P<name>[a-z][\w.-]*)",
    )
)
_RELEASED = tuple(
    re.compile(form)
    for form in (
        rf"(?:version |release )?(?P<version>{_V}) is (?:released|out|published)",
        rf"(?:version )?(?P<version>{_V}) release",
        rf"releas(?:e|ing) (?P<version>{_V})",
    )
)
_SETTLED = re.compile(
    rf"(?:(?:the )?(?:fix|patch|change) (?:for|in|from) )?(?:issue |bug |ticket |pr |pull request )?"
    rf"{mentions.REFERENCE} (?:(?:is|gets?|has been|has|are) )?"
    r"(?:fixed|closed|merged|resolved|done|solved|addressed|implemented|completed|released|landed|lands|in)",
    re.IGNORECASE,
)
_AROUND = re.compile(
    rf"\b(?:work[- ]?around|hack|kludge|band-?aid)(?: (?:for|to|around|because of|due to))?:? "
    rf"(?:(?:the |this )?(?:issue|bug|ticket) )?\(?{mentions.REFERENCE}",
    re.IGNORECASE,
)
_ELSE = re.compile(r"\b(?:not|no|replac(?:e|ing)|better|improve|another)\b", re.IGNORECASE)
_RELEASES = re.compile(rf"(?:{_OURS},? )?", re.IGNORECASE)
"""What may stand before "once 2.0 is out": of what else is spoken there may be the version."""
_THREE = re.compile(
    r"\b(?:aiohttp|airflow|alpine|asgiref|centos|cmake|cryptography|cython|gitpython|gtk|h5py|hadoop|kafka|kernel"
    r"|linux|lxml|markdown|marshmallow|matplotlib|mongo\w*|networkx|nltk|openpyxl|openssl|protobuf|psycopg|pylint"
    r"|pymongo|pyparsing|py-?spark|pyyaml|redis|selenium|spark|sphinx|yaml)\b",
    re.IGNORECASE,
)
"""What has versions that Python has too: "3.6" beside it is as likely one of these."""
_OTHERS = frozenset(
    (
        *("redis", "elasticsearch", "opensearch", "kubernetes", "docker", "mongodb", "kafka", "ansible"),
        *("api", "client", "format", "image", "it", "protocol", "rpc", "schema", "server", "version"),
    )
)
"""What people say of a server whose distribution has versions of its own, and what is no distribution."""


def read(text: str) -> Condition | None:
    """Return the condition that a text states, if only one can be meant."""
    plain = " ".join(text.replace("\u2019", "'").split())
    found = _read(plain)
    if found is None or _HEDGES.match(plain, plain.index(found.words) + len(found.words)):
        return None
    if isinstance(found, Day) and _is_put_off(found, plain):
        return None
    is_short = isinstance(found, Closed) and not found.issue.repository
    return None if is_short and _FURTHER.search(plain) else found


def _read(plain: str) -> Condition | None:
    for by_day in _BY_DAY.finditer(plain):
        if not _NOT.search(plain[: by_day.start()]) and (
            not by_day["first"] or by_day["first"].lower() == "by" or _ASKS.match(plain, by_day.end())
        ):
            return day(by_day, by_day[0], Confidence.READ)
    if in_own := _IN_OWN.search(plain):
        return Reached(OWN, Version(in_own["version"]), in_own[0], bare=True)
    for found in _WHEN.finditer(plain):
        condition = _clause(found["clause"], found[0])
        if condition and _ends(found, plain[: found.start()], condition):
            return condition
    around = _AROUND.search(plain)
    if around and not _ELSE.search(plain[: around.start()]):
        return Closed(mentions.of(around), around[0], Confidence.GUESSED)
    return None


def _ends(found: re.Match[str], before: str, condition: Reached | Closed) -> bool:
    """Say whether what stands before a word of time ends then, and does not only happen then."""
    if isinstance(condition, Reached) and condition.bare:
        known = _RELEASES.fullmatch(before) if condition.name == OWN else not _THREE.search(before)
        if not known:
            return False
    sentence = _CLAUSES.split(before)[-1]
    if found["when"].lower() in {"until", "till"}:
        return not _PAST.search(sentence)
    return not _NOT.search(before) and not _TELLS.search(sentence)


def _is_put_off(found: Day, plain: str) -> bool:
    """Say whether a text names a later day too."""
    periods = filter(None, map(days.period, _DAYS.finditer(plain.replace(found.words, " "))))
    return any(first > found.day for first, _ in periods)


def _clause(clause: str, words: str) -> Reached | Closed | None:
    """Read what follows a word of time, up to the end of its clause."""
    if settled := _SETTLED.fullmatch(clause.strip()):
        return Closed(mentions.of(settled), words)
    said = clause.lower().replace("`", "").strip()
    for pattern, short in _IN_FEW_WORDS:
        said = pattern.sub(short, said).strip()
    for forms, read_form in ((_DROPPED, _dropped), (_REQUIRED, _required), (_RELEASED, _released)):
        for form in forms:
            if found := form.fullmatch(said):
                return read_form(found, words)
    return None


def _dropped(found: re.Match[str], words: str) -> Reached | None:
    """Read "drop 3.8", which is done above 3.8, and "drop < 3.9", which is done at 3.9."""
    more = re.findall(_V, found["more"])
    below = found["sign"] == "<"
    if found["sign"] in {">", ">="} or (found["sign"] and more):
        return None
    versions = [_version(v) for v in (found["version"], *more)]
    return _reached(found, max(versions), words, above=not below)


def _required(found: re.Match[str], words: str) -> Reached | None:
    if found["sign"] in {"<", "<="}:
        return None
    return _reached(found, _version(found["version"]), words, above=found["sign"] == ">")


def _released(found: re.Match[str], words: str) -> Reached | None:
    version = _version(found["version"])
    return Reached(OWN, version, words, bare=True) if "." in found["version"] else None


def _reached(found: re.Match[str], version: Version, words: str, *, above: bool) -> Reached | None:
    if not found["name"]:
        known = may_be_python(version)
        return Reached(PYTHON, version, words, above=above, bare=True) if known else None
    name = name_of(found["name"])
    return None if name in _OTHERS else Reached(name, version, words, above=above)


def _version(written: str) -> Version:
    return Version(written.removesuffix(".x"))


def may_be_python(version: Version) -> bool:
    """Say whether Python has, or will have, such a version."""
    return (version.major, version.minor) in {(2, 6), (2, 7)} or (
        version.major == MAJOR and version.minor >= _FIRST_MINOR
    )


def day(found: re.Match[str], words: str, confidence: Confidence) -> Day | None:
    """Return the day that `days.PERIOD` and the words around it mean; None when there is none such."""
    period = days.period(found)
    if period is None:
        return None
    first, last = period
    late = re.search(r"\b(?:after|end of)\b", words, re.IGNORECASE)
    return Day(last + timedelta(days=1) if late else first, words, confidence)


def name_of(written: str) -> str:
    """Return what `Reached` calls the thing that people call so."""
    name = canonicalize_name(written)
    return PYTHON if name in {"py", "py3", "python", "python3", "cpython"} else name
