"""An image that stands still keeps every weakness that was found in it since, and nobody sees them.

What is inside of an image is in no lock file: a patch release of the base is often the only way in which a
fix of OpenSSL or of the C library arrives. This proposes the newest tag of the same shape that is older than
the release age: `3.11.4-slim` stays a three-part `-slim`. A digest moves together with the tag before it.

What others build on stays on its line. Another minor Python, another system and another major of a language
are replacements with work of their own; a database's new major would have to migrate its data. Those are
named and never proposed here, and a tag that an argument or a variable completes is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from codemods import references, tags
from codemods.manifests import actions, compose, dockerfile
from codemods.manifests.model import Reference
from codemods.model import About, Applicability, Category, Facts, Finding, Tree

ABOUT = About(
    title="Upgrade the images of containers",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A new image can hold other libraries and defaults: read its notes, and try it first.",
    references=(
        "https://docs.docker.com/build/building/best-practices/",
        "https://github.com/opencontainers/distribution-spec/blob/main/spec.md",
    ),
    needles=(),
    minutes=10,
    asks=("releases", "release_age", "today"),
)

_PYTHON = "is another Python, which is not changed along with an image"
_SYSTEM = "is another system, on which all the rest stands"
_LANGUAGE = "is another version of a language"
_DATA = "is a version whose data would have to be migrated"
_LINES = (
    ("python pypy pypy3", 2, _PYTHON),
    ("ubuntu alpine rockylinux almalinux leap", 2, _SYSTEM),
    ("debian fedora centos amazonlinux oraclelinux ubi", 1, _SYSTEM),
    ("node openjdk eclipse-temurin sdk aspnet runtime", 1, _LANGUAGE),
    ("golang ruby php perl elixir erlang", 2, _LANGUAGE),
    ("postgres postgis postgresql pgvector redis valkey keydb", 1, _DATA),
    ("elasticsearch opensearch neo4j influxdb solr kafka minio", 1, _DATA),
    ("mysql mysql-server mariadb percona mongo mongodb couchdb", 2, _DATA),
    ("rabbitmq cassandra etcd zookeeper clickhouse-server cockroach", 2, _DATA),
    ("timescaledb timescaledb-ha vault consul", 2, _DATA),
)
_KEPT = {name: (parts, why) for names, parts, why in _LINES for name in names.split()}
_OLD_POSTGRES = 10


def _keeps(reference: Reference) -> tuple[int, str]:
    """Return how many parts of an image's version stay, and why."""
    name = reference.address.rpartition("/")[2]
    tag = tags.parse(reference.said or reference.version)
    if tag and "py" in tag.prefix.lower():
        return 2, _PYTHON
    parts, why = _KEPT.get(name, (0, ""))
    old = name.startswith("post") and tag is not None and tag.numbers[0] < _OLD_POSTGRES
    return (2 if old else parts), why


_RULES = references.Rules("upgrade-image", (actions, compose, dockerfile), _keeps, "image+")


def ask(tree: Tree) -> frozenset[str]:
    """Return the addresses of the images that have a version."""
    return references.ask(tree, _RULES)


def find(tree: Tree, facts: Facts) -> Iterable[Finding]:
    """Return what would move, image by image, and what would not and why."""
    return references.find(tree, facts, _RULES)
