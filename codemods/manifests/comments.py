"""Tells a comment that asks to leave a version alone from one that only describes it."""

from __future__ import annotations

import re

_COMMAND = re.compile(
    r"kotsu: ?(?:hold|ignore(?![-\[])|ignore\[[\w\-, ]*upgrade-(?:dependency|action|hook|image))"
    r"|renovate:|pyup:|dependabot:",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"/(?:issues?|pull|discussions|merge_requests|tickets?)/|\bbugs?\."
    r"|(?:[<>]=?|[!=~]=)\s?v?\d+(?:\.\d|\b)|(?:^|[\s(])(?:gh-|#)\d+|(?-i:\b[A-Z]{2,}-\d+\b)"
    r"|\b(?:pin(?:ned|ning|s)?|hold(?:ing)?|held|freeze|frozen|lock(?:ed)?|cap(?:ped)?|stay|stick)\b"
    r"|\b(?:because|due to|until|till|unless|wait(?:ing)?|avoid|prevent|breaks?|broken|breaking)\b"
    r"|\b(?:bugs?|buggy|fails?|failing|crash(?:es)?|regressions?|incompatib\w*|conflicts?|sync)\b"
    r"|\b(?:do not|don'?t|cannot|can'?t|doesn'?t|won'?t|not (?:yet|work|support)\w*|must not)\b"
    r"|\b(?:last version|newer|later|keep (?:at|below|under|on))\b"
    r"|\b(?:un-?pin|upgrade|update|bump)(?: \w+){0,2} (?:after|once(?! an? )|when|as soon as)\b",
    re.IGNORECASE,
)
_REASON_FOR_CAP = re.compile(
    r"https?://|\b(?:since|failure|compat\w*|drop(?:s|ped)?|latest|requires?|needs?|supports?|same|match\w*)\b",
    re.IGNORECASE,
)

_LICENCE = re.compile(r"\blicen[cs]e|copyright", re.IGNORECASE)


def hold(trailing: str, above: str, *, capped: bool) -> str:
    """Return the comment that asks to leave a line's version alone, else ``""``.

    ``trailing`` stands on the line, ``above`` on the lines before. A cap was written on purpose, so that
    beside one (``capped``) fewer words are needed to make a reason.
    """
    for comment in (trailing, "" if _LICENCE.search(above) else above):
        if _COMMAND.search(comment) or _REASON.search(comment):
            return _plain(comment)
    return _plain(trailing) if capped and _REASON_FOR_CAP.search(trailing) else ""


def _plain(comment: str) -> str:
    """Return a comment, read as Latin-1 so far, as one line of text that Markdown shows as it is."""
    text = comment.encode("latin-1").decode("utf-8", "replace")
    words = " ".join(text.strip().lstrip("#").split()).replace("`", "'")
    return "".join(c for c in words if c.isprintable())[:120]
