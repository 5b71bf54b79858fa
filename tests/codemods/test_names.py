"""Names: what a name stands for is told only where it is certain."""

from __future__ import annotations

import textwrap

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libcst.metadata import MetadataWrapper, QualifiedNameProvider

from codemods import names, nodes, scopes


def _parse(text: str) -> cst.Module:
    return cst.parse_module(textwrap.dedent(text))


def _calls(text: str) -> list[str | None]:
    """Return what each called expression of a module stands for, in the order of the source."""
    module = _parse(text)
    known = names.of(module)
    return [known.qualified(node.func) for node in nodes.walk(module) if isinstance(node, cst.Call)]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("import yaml\nyaml.load()", "yaml.load"),
        ("import yaml as y\ny.load()", "yaml.load"),
        ("import a.b\na.b.c()", "a.b.c"),
        ("import a.b\nimport a.d\na.d.c()", "a.d.c"),
        ("import a.b as c\nc.d()", "a.b.d"),
        ("from a.b import c as d\nd()", "a.b.c"),
        ("from . import yaml\nyaml.load()", ".yaml.load"),
        ("from .yaml import load\nload()", ".yaml.load"),
        ("def f():\n    import yaml\n    yaml.load()", "yaml.load"),
        ("def f():\n    import yaml\n    def g():\n        yaml.load()", "yaml.load"),
        ("import yaml\ndef f(yaml):\n    pass\nyaml.load()", "yaml.load"),
        ("import yaml\ndef f(x=yaml.load()):\n    yaml = x", "yaml.load"),
        ("import yaml\n[yaml for yaml in x]\nyaml.load()", "yaml.load"),
        ("import yaml\nclass A:\n    yaml = 1\nyaml.load()", "yaml.load"),
        ("class A:\n    import yaml\n    yaml.load()", "yaml.load"),
        ("try:\n    import yaml\nexcept ImportError:\n    yaml = None\nyaml.load()", "yaml.load"),
        ("from x import *\nimport yaml\nyaml.load()", "yaml.load"),
        ("import yaml\nf.yaml = 1\nyaml.load()", "yaml.load"),
        ("import yaml\nf(yaml=1).x\nlambda: yaml.load()", "yaml.load"),
    ],
)
def test_a_name_bound_by_one_import_is_known(text: str, meaning: str) -> None:
    assert _calls(text)[-1] == meaning


@pytest.mark.parametrize(
    "text",
    [
        "yaml.load()",
        "def f():\n    import yaml\nyaml.load()",
        "class A:\n    import yaml\n    def f(self):\n        yaml.load()",
        "import yaml\nclass A:\n    yaml = 1\n    def f(self):\n        yaml.load()",
        "import yaml\ndef f(yaml):\n    yaml.load()",
        "import yaml\ndef f(*yaml):\n    yaml.load()",
        "import yaml\ndef f(yaml):\n    def g():\n        yaml.load()",
        "import yaml\nlambda yaml: yaml.load()",
        "import yaml\n[yaml.load() for yaml in x]",
        "import yaml\n[(yaml := y) for y in x]\nyaml.load()",
        "import yaml\nyaml = other()\nyaml.load",
        "import yaml\nyaml: X = y\nyaml.load()",
        "import yaml\nyaml += y\nyaml.load()",
        "import yaml\n(a, *yaml) = y\nyaml.load()",
        "import yaml\nfor [yaml] in y: pass\nyaml.load()",
        "import yaml\nwith y as yaml: pass\nyaml.load()",
        "import yaml\ntry: pass\nexcept E as yaml: pass\nyaml.load()",
        "import yaml\ndel yaml\nyaml.load()",
        "import yaml\nmatch y:\n    case {**yaml}: yaml.load()",
        "import yaml\nmatch y:\n    case [*yaml]: yaml.load()",
        "import yaml\nmatch y:\n    case int() as yaml: yaml.load()",
        "import yaml\ntype yaml = int\nyaml.load()",
        "import yaml\ndef f[yaml](x: yaml.load()): pass",
        "import yaml\ndef yaml(): pass\nyaml.load()",
        "import yaml\nclass yaml: pass\nyaml.load()",
        "try:\n    import simplejson as yaml\nexcept ImportError:\n    import yaml\nyaml.load()",
        "import yaml\ndef f():\n    global yaml\n    yaml = 1\nyaml.load()",
        "def f():\n    import yaml\n    def g():\n        nonlocal yaml\n        yaml = 1\n    yaml.load()",
        "import yaml\nfrom x import *\nyaml.load()",
        "import yaml\nyaml().load()",
        "import yaml\nyaml[0].load()",
    ],
)
def test_a_name_bound_in_another_way_is_unknown(text: str) -> None:
    assert _calls(text)[0] in {None, "yaml"}
    assert "yaml.load" not in _calls(text)


def test_a_node_that_is_not_of_the_module_means_what_its_name_means_everywhere() -> None:
    known = names.of(_parse("import yaml, requests\ndef f(requests): pass"))
    assert known.qualified(cst.parse_expression("yaml.load")) == "yaml.load"
    assert known.qualified(cst.parse_expression("requests.get")) is None


def test_only_an_import_without_condition_can_be_called_everywhere() -> None:
    known = names.of(
        _parse("""
            from datetime import datetime as dt
            if TYPE_CHECKING:
                from datetime import timezone
            def f():
                import yaml
        """)
    )
    assert known.local("datetime.datetime") == "dt"
    assert known.local("datetime.timezone") is None
    assert known.local("yaml") is None


def test_a_name_hidden_in_one_function_cannot_be_called_everywhere() -> None:
    known = names.of(_parse("import yaml\ndef f(yaml): pass"))
    assert known.local("yaml") is None


def test_a_name_is_free_when_nothing_binds_or_uses_it() -> None:
    known = names.of(_parse("import os\ndef f(a): b = c.d(e=1)"))
    assert not any(known.free(name) for name in ("os", "f", "a", "b", "c"))
    assert known.free("d")
    assert known.free("e")


def test_no_name_is_free_beside_a_star() -> None:
    assert not names.of(_parse("from x import *")).free("y")


def test_every_binding_counts() -> None:
    known = names.of(_parse("import a\na = 1\ndef f(a): pass\nclass B:\n    a: int = 1"))
    assert known.bindings("a") == 4
    assert known.bindings("b") == 0


_NAME = st.sampled_from(["a", "b", "c"])
_PATH = st.sampled_from(["a", "b", "a.b", "c.d"])
_SIMPLE = st.one_of(
    st.builds("import {}".format, _PATH),
    st.builds("import {} as {}".format, _PATH, _NAME),
    st.builds("from {} import {}".format, _PATH, _NAME),
    st.builds("from {} import {} as {}".format, _PATH, _NAME, _NAME),
    st.builds("{} = {}.x".format, _NAME, _NAME),
    st.builds("{}, [*{}] = {}.y()".format, _NAME, _NAME, _NAME),
    st.builds("use({}, lambda {}: {}.z)".format, _NAME, _NAME, _NAME),
    st.builds("use([{}.x for {} in {}])".format, _NAME, _NAME, _NAME),
    st.builds("use([({} := {}) for {} in y])".format, _NAME, _NAME, st.just("i")),
    st.builds("{}.x(y={}.z)".format, _NAME, _NAME),
)
_HEADS = st.one_of(
    st.builds("def {}({}={}.x):".format, _NAME, _NAME, _NAME),
    st.builds("def f({}: {}.T):".format, _NAME, _NAME),
    st.builds("class {}({}.C):".format, _NAME, _NAME),
    st.builds("class C({}):".format, _NAME),
    st.builds("for {} in {}:".format, _NAME, _NAME),
    st.builds("with {}.x as {}:".format, _NAME, _NAME),
    st.just("if 1:"),
)


def _block(head: str, body: list[str]) -> str:
    return head + "\n" + textwrap.indent("\n".join(body), "    ")


_STATEMENTS = st.recursive(
    _SIMPLE, lambda below: st.builds(_block, _HEADS, st.lists(below, min_size=1, max_size=3))
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(_STATEMENTS, min_size=1, max_size=6))
def test_what_is_told_is_among_what_the_slow_provider_knows(body: list[str]) -> None:
    wrapper = MetadataWrapper(cst.parse_module("\n".join(body) + "\n"), unsafe_skip_copy=True)
    slow = wrapper.resolve(QualifiedNameProvider)
    known = names.of(wrapper.module)
    for node in _below_all_imports(wrapper.module):
        if told := known.qualified(node):
            found = slow[node]
            assert told in {q.name for q in (found() if callable(found) else found)}


def _below_all_imports(module: cst.Module) -> list[cst.Name | cst.Attribute]:
    """Return the names below the last import: of a use above its import the provider tells another thing."""
    read = scopes.read(module).of
    every = list(nodes.walk(module))
    last = max((i for i, n in enumerate(every) if isinstance(n, cst.Import | cst.ImportFrom)), default=0)
    return [n for n in every[last:] if n in read or (isinstance(n, cst.Attribute) and n.value in read)]


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("a = b.c\nd += 1\ndel e", {"a", "d", "e"}),
        ("for a, (b, *c) in d: pass\nwith e as f: (g := 1)", {"a", "b", "c", "f", "g"}),
        ("try: pass\nexcept a as b: import c.d", {"b", "c"}),
        ("def a(b):\n    c = 1\nclass D:\n    e = 1", {"a", "D"}),
        ("def a():\n    global b", {"a", "b"}),
        ("[a for a in b]", set()),
    ],
)
def test_what_a_part_of_a_module_binds(text: str, bound: set[str]) -> None:
    assert scopes.bound_in(_parse(text)) == bound


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("x = 1\nf(x)", True),
        ("x = 1\ndef g():\n    f(x)", True),
        ("x = 1\ndef g(x):\n    f(x)", False),
        ("class A:\n    x = 1\n    f(x)", False),
        ("f(x)", False),
    ],
)
def test_a_name_may_belong_to_the_module(text: str, *, answer: bool) -> None:
    module = _parse(text)
    call = next(nodes.of(module).all(cst.Call))
    assert names.of(module).at_top(cst.ensure_type(call.args[0].value, cst.Name)) is answer


def test_names_that_nothing_binds_are_told_but_for_built_ins() -> None:
    module = _parse("import a\nprint(a, b, [c for c in d])\ndef f(e):\n    return e, f, len(g)\n")
    assert names.of(module).unbound() == {"b", "d", "g"}


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("x = 1\nx = 2\nx", 2),
        ("x = 1\ndef f(x):\n    x = 2\n    return x\nx", 1),
        ("for x, y in z:\n    x\nx", 1),
        ("x", 0),
        ("x = 1\ndef f():\n    global x\n    x = 2\nx", 0),
    ],
)
def test_a_scope_binds_a_name_so_often(text: str, times: int) -> None:
    module = _parse(text)
    *_, last = (node for node in nodes.of(module).all(cst.Name) if node.value == "x")
    assert names.of(module).times(last) == times
