"""What certainly is an object of a class, and what only may be one."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import instances, nodes

_CLASSES = frozenset(("shop.Client",))
_HEAD = "import pytest\nfrom shop import Client, other\n"
_FIXTURE = "@pytest.fixture\ndef client():\n    return Client()\n"


def _asked(text: str) -> bool:
    """Say what is said of the object whose method `ask` a text calls."""
    module = cst.parse_module(_HEAD + text)
    (asked,) = (node for node in nodes.of(module).all(cst.Attribute) if node.attr.value == "ask")
    return instances.of(asked.value, module, _CLASSES)


@pytest.mark.parametrize(
    "text",
    [
        "Client().ask()",
        "client = Client()\nclient.ask()",
        "client = Client()\nsame = client\nsame.ask()",
        "client: Client = made()\nclient.ask()",
        "with Client() as client:\n    client.ask()",
        "client = Client()\nwith client as same:\n    same.ask()",
        "def f(client: Client):\n    client.ask()",
        "import shop\nclient = shop.Client()\ndef f():\n    client.ask()",
        "class A:\n def __init__(self):\n  self.client = Client()\n def f(self):\n  self.client.ask()",
        f"{_FIXTURE}def test_it(client):\n    client.ask()",
        f"{_FIXTURE}@pytest.fixture\ndef ready(client):\n    return client.ask()",
        """
@pytest.fixture(scope='module')
def client():
    with Client() as made:
        yield made
class TestIt:
    def test_it(self, client):
        client.ask()
""",
    ],
)
def test_what_is_made_or_annotated_is_one(text: str) -> None:
    assert _asked(text)


@pytest.mark.parametrize(
    "text",
    [
        "other().ask()",
        "client.ask()",
        "def f(client):\n    client.ask()",
        "def f(*client: Client):\n    client.ask()",
        "client = Client()\nclient = other()\nclient.ask()",
        "client = Client()\nfor client in other():\n    client.ask()",
        "for client in [Client()]:\n    client.ask()",
        "client = Client() or other()\nclient.ask()",
        "class Client:\n    pass\nClient().ask()",
        "def f(client: Client | None):\n    client.ask()",
        "self.client.ask()",
        "class A:\n def f(self):\n  self.client = Client()\nclass B(C):\n def f(self):\n  self.client.ask()",
        "self.client = Client()\nself.client = other()\nself.client.ask()",
        "self.client, self.a = Client(), 1\nself.client.ask()",
        "that.client = Client()\nthat.client.ask()",
        "a = b\nb = a\na.ask()",
        f"{_FIXTURE}def f(client):\n    client.ask()",
        f"{_FIXTURE}@pytest.mark.parametrize('client', [1])\ndef test_it(client):\n    client.ask()",
        f"{_FIXTURE}class A:\n @pytest.fixture\n def client(self): 1\n def test(self, client): client.ask()",
        f"{_FIXTURE}client = other(client)\ndef test_it(client):\n    client.ask()",
        "@pytest.fixture\ndef client(a):\n    return a or Client()\ndef test_it(client):\n    client.ask()",
        "@pytest.fixture(name='b')\ndef client():\n return Client()\ndef test_it(client):\n client.ask()",
        "@pytest.fixture\ndef client():\n    Client()\ndef test_it(client):\n    client.ask()",
        "@other.fixture\ndef client():\n    return Client()\ndef test_it(client):\n    client.ask()",
    ],
)
def test_what_may_be_something_else_is_none(text: str) -> None:
    assert not _asked(text)
