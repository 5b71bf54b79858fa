"""Imports: a new one stands where the author would have put it."""

from __future__ import annotations

import textwrap

import libcst as cst
import pytest

from codemods import imports


def _added(before: str, source: str, name: str) -> str:
    return imports.add(cst.parse_module(textwrap.dedent(before)), source, name).code


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from datetime import datetime\n", "from datetime import datetime, timezone\n"),
        ("from datetime import date, timedelta\n", "from datetime import date, timedelta, timezone\n"),
        ("from datetime import UTC, tzinfo\n", "from datetime import UTC, timezone, tzinfo\n"),
        ("from datetime import tzinfo\n", "from datetime import timezone, tzinfo\n"),
        ("from datetime import (date, tzinfo)\n", "from datetime import (date, timezone, tzinfo)\n"),
        (
            "from datetime import (\n    date,\n    datetime,\n)\n",
            "from datetime import (\n    date,\n    datetime,\n    timezone,\n)\n",
        ),
        (
            "from datetime import (\n    datetime\n)\n",
            "from datetime import (\n    datetime,\n    timezone\n)\n",
        ),
        (
            "from datetime import (\n    date,\n    datetime,  # why\n)\n",
            "from datetime import (\n    date,\n    datetime,  # why\n    timezone,\n)\n",
        ),
        (
            "from datetime import (\n    tzinfo,\n)\n",
            "from datetime import (\n    timezone,\n    tzinfo,\n)\n",
        ),
        (
            "from datetime import timedelta as td, date\n",
            "from datetime import timedelta as td, date, timezone\n",
        ),
        ("from datetime import timezone\n", "from datetime import timezone\n"),
    ],
)
def test_an_import_of_the_same_module_takes_the_name(before: str, after: str) -> None:
    assert _added(before, "datetime", "timezone") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import os\nimport re\n", "import os\nimport re\nfrom collections.abc import Sequence\n"),
        (
            "import os\nfrom abc import ABC\nfrom typing import Any\n",
            "import os\nfrom abc import ABC\nfrom collections.abc import Sequence\nfrom typing import Any\n",
        ),
        (
            '"""Doc."""\n\nfrom __future__ import annotations\n\nfrom typing import Any\n\nimport yaml\n',
            (
                '"""Doc."""\n\nfrom __future__ import annotations\n\n'
                "from collections.abc import Sequence\nfrom typing import Any\n\nimport yaml\n"
            ),
        ),
        (
            '"""Doc."""\nimport yaml\n',
            '"""Doc."""\n\nfrom collections.abc import Sequence\n\nimport yaml\n',
        ),
        ("# head\n\nx = 1\n", "# head\n\nfrom collections.abc import Sequence\n\nx = 1\n"),
        (
            "from __future__ import annotations\n\n\nclass A:\n    pass\n",
            (
                "from __future__ import annotations\n\nfrom collections.abc import Sequence\n\n\n"
                "class A:\n    pass\n"
            ),
        ),
        (
            "# Standard library\nfrom typing import Any\n",
            "# Standard library\nfrom collections.abc import Sequence\nfrom typing import Any\n",
        ),
        (
            "import asyncio\nfrom inspect import isawaitable\nimport os\nimport zlib\n",
            (
                "import asyncio\nfrom collections.abc import Sequence\n"
                "from inspect import isawaitable\nimport os\nimport zlib\n"
            ),
        ),
        (
            "import os\nfrom abc import ABC\nimport enum\n",
            "import os\nfrom abc import ABC\nimport enum\nfrom collections.abc import Sequence\n",
        ),
        (
            "try:\n    import tomllib\nexcept ImportError:\n    import tomli as tomllib\nimport os\n",
            (
                "try:\n    import tomllib\nexcept ImportError:\n    import tomli as tomllib\nimport os\n"
                "from collections.abc import Sequence\n"
            ),
        ),
        (
            "try:\n    import tomllib\nexcept ImportError:\n    tomllib = None\nimport os\n",
            (
                "from collections.abc import Sequence\n\n"
                "try:\n    import tomllib\nexcept ImportError:\n    tomllib = None\nimport os\n"
            ),
        ),
    ],
)
def test_a_new_line_stands_among_the_standard_library(before: str, after: str) -> None:
    assert _added(before, "collections.abc", "Sequence") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import os\n\nimport lib\nimport own\n",
            "import os\n\nimport lib\nimport own\nfrom lib_more import new\n",
        ),
        (
            "from lib_more.x import z\nfrom own import y\n",
            "from lib_more import new\nfrom lib_more.x import z\nfrom own import y\n",
        ),
        ("import os\n\nimport own\n", "import os\n\nimport own\nfrom lib_more import new\n"),
    ],
)
def test_a_new_line_stands_among_those_of_the_same_library(before: str, after: str) -> None:
    assert _added(before, "lib_more", "new") == after


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import a.b", "a.b"),
        ("import a as b", "a"),
        ("import a, b", ""),
        ("from a import b", ""),
        ("import a; import b", ""),
        ("a = 1", ""),
    ],
)
def test_a_plain_import_names_one_module(line: str, name: str) -> None:
    assert imports.plain_name(cst.parse_statement(line)) == name


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("from a import b, ud\n", "from a import b, a\n", "from a import a, b\n"),
        (
            "from a import (b,\n    ud as _)\n",
            "from a import (b,\n    a as _)\n",
            "from a import (a as _,\n    b)\n",
        ),
        ("from a import ud, b\n", "from a import d, b, a\n", "from a import d, b, a\n"),
        (
            "from a import (b,  # why\n    ud)\n",
            "from a import (b,  # why\n    a)\n",
            "from a import (b,  # why\n    a)\n",
        ),
        ("from b import b, ud\n", "from a import b, a\n", "from a import b, a\n"),
        ("from a import b, ud\nfrom a import d, c\n", "from a import b, a\n", "from a import b, a\n"),
        ("from a import B, c, ud\n", "from a import B, c, a\n", "from a import B, a, c\n"),
    ],
)
def test_names_that_stood_in_order_stand_in_order_again(before: str, after: str, expected: str) -> None:
    assert imports.in_their_order(cst.parse_module(before), cst.parse_module(after)).code == expected
