"""Whatever stands in comments, nothing but what is idle is taken out of them."""

from __future__ import annotations

import io
import re
import tokenize
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from codemods import engine
from codemods.model import Facts

CODES = ("E501", "F401", "S101")
PARTS = st.sampled_from(
    [*CODES, "# noqa:", "#noqa: ", ", ", " ", "\t", "#", "é", "why", "-- ", "# type: ignore"]
)
ODD = st.lists(PARTS, max_size=8).map(lambda parts: "# " + "".join(parts))
NAMED = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "# é  ", "# type: ignore ", "# why "]),
    st.sampled_from(["# noqa: ", "#noqa:", "# NOQA :\t"]),
    st.tuples(st.sampled_from([",", ", ", " ", " ,\t"]), st.lists(st.sampled_from(CODES), min_size=1)).map(
        lambda pair: pair[0].join(pair[1])
    ),
    st.sampled_from(["", "  # é", " # type: ignore", " -- why", ", why", " "]),
)
COMMENTS = st.one_of(NAMED, NAMED, ODD)
LINES = st.lists(
    st.tuples(st.sampled_from(["x = 1  ", "y = '# noqa: E501'", ""]), COMMENTS), min_size=1, max_size=4
)
IDLE = st.dictionaries(
    st.integers(1, 4), st.lists(st.sampled_from(CODES), min_size=1, unique=True).map(tuple)
)


def code(text: str) -> list[str]:
    """Return the tokens of a text that are no comments."""
    left_out = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in tokens if token.type not in left_out]


@settings(max_examples=150)
@given(LINES, IDLE)
def test_only_idle_codes_go(lines: list[tuple[str, str]], idle: dict[int, tuple[str, ...]]) -> None:
    before = "".join(f"{statement}{comment}\n" for statement, comment in lines)
    known = Facts(today=date.min, idle={"a.py": idle})
    task = engine.Task("a.py", before.encode(), (("codemods.comments.idle_noqa", known),))
    found = engine.examine(task).findings["idle-noqa"]
    edit = next((f.edit for f in found if f.edit), None)
    after = (edit.after or b"").decode() if edit else before
    assert code(after) == code(before)
    rest = [line for number, line in enumerate(before.splitlines(), 1) if number not in idle]
    assert not set(rest) - set(after.splitlines())
    for word in ("why", "é", "type: ignore", "--"):
        assert after.count(word) == before.count(word)
    gone = set(re.findall(r"[A-Z]\d{3}", before)) - set(re.findall(r"[A-Z]\d{3}", after))
    assert gone <= {c for codes in idle.values() for c in codes}
