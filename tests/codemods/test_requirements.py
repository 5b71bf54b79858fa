"""Requirements files: what is read, what is left alone, and that only version tokens change."""

from __future__ import annotations

import string

from hypothesis import example, given
from hypothesis import strategies as st

from codemods import inventory, splices
from codemods.manifests import requirements
from codemods.manifests.model import Change, Requirement, Role
from codemods.tree import Files

OLD, NEW = "a" * 64, "b" * 64


def _read(text: str | bytes, path: str = "requirements.txt") -> tuple[Requirement, ...]:
    return requirements.read(path, text.encode() if isinstance(text, str) else text).requirements


def _bumped(data: bytes, version: str, hashes: tuple[str, ...] = ()) -> bytes:
    found = _read(data)
    change = Change(((0, f"=={version}"),), hashes)
    return splices.apply(data, [s for r in found if r.clauses for s in requirements.write(data, r, change)])


def test_only_the_version_of_a_pin_changes() -> None:
    before = b"Django[argon2] == 4.2.1 ; python_version >= '3.8'  # web\r\n"
    assert _bumped(before, "5.2") == before.replace(b"4.2.1", b"5.2")


def test_every_part_of_a_line_is_read() -> None:
    (found,) = _read("# one\nMy_Pkg [a,b]>=1,!=1.3 , <2;sys_platform=='win32'\n")
    assert (found.name, found.line, found.specifier) == ("my-pkg", 2, ">=1,!=1.3,<2")
    assert found.marker == 'sys_platform == "win32"'


def test_a_specifier_in_brackets_is_read() -> None:
    assert _read("shelf (>=1,<2)\n")[0].specifier == ">=1,<2"


def test_a_version_that_looks_like_another_comparison_is_none() -> None:
    assert _read("shelf===2.<<EOF\n") == ()


def test_blanks_before_a_comment_are_part_of_neither() -> None:
    (found,) = _read("shelf==1.0 \t # because of #1\n")
    assert (found.specifier, found.hold) == ("==1.0", "the comment `because of #1`")
    assert _read("shelf==1.0#egg\n") == ()


def test_a_continued_line_is_one_requirement() -> None:
    data = b"shelf==1.0 \\\n    ; python_version < '4' \\\n    --hash=sha256:" + OLD.encode() + b"\n"
    (found,) = _read(data)
    assert (found.marker, len(found.hashes)) == ('python_version < "4"', 1)


def test_hashes_keep_one_per_line() -> None:
    before = f"shelf==1.0 \\\n    --hash=sha256:{OLD} \\\n    --hash=sha256:{'c' * 64}\n# end\n"
    after = _bumped(before.encode(), "2.0", (NEW, "d" * 64, "e" * 64)).decode()
    lines = [f"    --hash=sha256:{h}" for h in (NEW, "d" * 64, "e" * 64)]
    assert after == "shelf==2.0 \\\n" + " \\\n".join(lines) + "\n# end\n"


def test_a_single_hash_becomes_several_in_its_layout() -> None:
    before = f"shelf==1.0 \\\r\n  --hash=sha256:{OLD}\r\nother\r\n"
    after = _bumped(before.encode(), "2.0", (NEW, "d" * 64)).decode().partition("other")[0]
    assert after == f"shelf==2.0 \\\r\n  --hash=sha256:{NEW} \\\r\n  --hash=sha256:{'d' * 64}\r\n"


def test_hashes_on_the_same_line_stay_there() -> None:
    after = _bumped(f"shelf==1.0 --hash=sha256:{OLD}\n".encode(), "2.0", (NEW, "d" * 64))
    assert after == f"shelf==2.0 --hash=sha256:{NEW} --hash=sha256:{'d' * 64}\n".encode()


def test_hashes_that_are_not_sha256_hold_their_line() -> None:
    assert "not all plain sha256" in _read(f"shelf==1.0 --hash=sha512:{OLD}\n")[0].hold


def test_lines_that_name_no_index_are_no_requirements() -> None:
    text = (
        "-e .\n-e ./lib\n./a.whl\nhttps://h.test/a-1.0.tar.gz\na==${V}\n--no-binary :all:\n--pre\n\n#x==1\n"
    )
    assert _read(text) == ()


def test_names_from_addresses_are_private() -> None:
    text = "-e git+https://h.test/a.git#egg=Alpha\nbeta @ https://h.test/b.zip\ngit+ssh://h.test/c@v1#egg=gamma\n"
    assert requirements.read("requirements.txt", text.encode()).private == {"alpha", "beta", "gamma"}


def test_no_credential_of_an_index_is_kept() -> None:
    text = "-i https://me:canary@one.test/simple\n--extra-index-url=https://${TOKEN}@two.test/simple?key=canary\n"
    text += "--find-links https://${HOST}/x\n-f ./wheels\n"
    found = requirements.read("requirements.txt", text.encode())
    assert found.indexes == (
        "https://one.test/simple",
        "https://two.test/simple",
        "an address from the environment",
        "a local folder",
    )
    assert "canary" not in repr(found)
    assert "TOKEN" not in repr(found)


def test_includes_and_constraints_are_relative_to_the_file() -> None:
    text = "-r base.txt\n--requirement=../more.txt\n-c ../constraints.txt\n-cother.txt\n"
    found = requirements.read("requirements/dev.txt", text.encode())
    assert found.includes == ("requirements/base.txt", "more.txt")
    assert found.constraints == ("constraints.txt", "requirements/other.txt")


def test_a_file_in_utf16_is_a_problem() -> None:
    found = requirements.read("requirements.txt", "shelf==1.0\n".encode("utf-16"))
    assert (found.requirements, len(found.problems)) == ((), 1)


def test_a_licence_above_the_first_line_holds_nothing() -> None:
    text = "# Licensed to X under issue-1 until 2030\n# Copyright\nshelf==1.0\n"
    assert _read(text)[0].hold == ""


def test_a_blank_line_ends_what_a_comment_is_about() -> None:
    assert _read("# pinned because of a bug\n\nshelf==1.0\n")[0].hold == ""
    assert _read("# pinned because of a bug\nshelf==1.0\n")[0].hold != ""


def test_a_homepage_beside_a_pin_is_no_hold() -> None:
    assert _read("shelf==1.0  # https://github.com/shelf/shelf\n")[0].hold == ""
    assert _read("shelf>=1,<2  # https://github.com/shelf/shelf\n")[0].hold != ""


def test_commands_of_other_bots_are_respected() -> None:
    for comment in (
        "# pyup: <2",
        "# renovate: ignore",
        "# kotsu: hold",
        "# kotsu: ignore[upgrade-dependency]",
    ):
        assert _read(f"shelf==1.0 {comment}\n")[0].hold == f"the comment `{comment[2:]}`"
    assert _read("shelf==1.0 # kotsu: ignore[unbounded-job]\n")[0].hold == ""


def test_files_of_tools_are_sealed() -> None:
    heads = (
        "#\n# This file is autogenerated by pip-compile with Python 3.12\n# by the following command:\n#\n",
        "# This file was autogenerated by uv via the following command:\n#    uv export\n",
        "# SHA1:0123\n#\n# This file is autogenerated by pip-compile-multi\n",
    )
    for head in heads:
        assert "compiled by" in requirements.read("requirements.txt", f"{head}a==1\n".encode()).sealed
    via = b"a==1\n    # via b\nb==1\n    # via -r requirements.in\n"
    assert "compiled by" in requirements.read("requirements.txt", via).sealed


def test_names_of_files_that_are_kept_on_purpose() -> None:
    for name in (
        "requirements-oldest.txt",
        "requirements/min.txt",
        ".github/lower-constraints.txt",
        "requirements-py39.txt",
        "constraints-3.9.txt",
    ):
        assert "on purpose" in requirements.read(name, b"a==1\n").sealed
    for name in (
        "requirements.txt",
        "requirements/admin.txt",
        "requirements-copy.txt",
        "mini-requirements.txt",
        "flower-requirements.txt",
    ):
        assert requirements.read(name, b"a==1\n").sealed == ""
    (found,) = _read("Django~=3.2.0\n", "tests/requirements/django32.txt")
    assert "one version" in found.hold


def test_roles_follow_the_names_of_files() -> None:
    roles = {path: _read("a==1\n", path)[0].role for path in ("requirements-dev.txt", "requirements.txt")}
    assert list(roles.values()) == [Role.DEVELOPMENT, Role.INSTALL]
    assert _read("a==1\n", "constraints.txt")[0].role is Role.CONSTRAINT


def test_a_loop_of_includes_ends() -> None:
    tree = Files(
        {"requirements.txt": b"-r deps/a.txt\na==1\n", "deps/a.txt": b"-r ../requirements.txt\nb==1\n"}
    )
    assert [m.path for m in inventory.read(tree).manifests] == ["requirements.txt", "deps/a.txt"]


def test_an_included_constraint_file_holds_ranges() -> None:
    tree = Files({"requirements.txt": b"-c limits.txt\n", "limits.txt": b"a<2\n"})
    found = inventory.read(tree)
    assert found.manifests[1].requirements[0].role is Role.CONSTRAINT


def test_an_index_counts_for_all_files_installed_together() -> None:
    tree = Files(
        {
            "requirements/base.txt": b"a==1\n",
            "requirements/dev.txt": b"-r base.txt\n",
            "requirements/index.txt": b"-i https://one.test/simple\n-r dev.txt\n",
            "requirements/apart.txt": b"a==1\n",
        }
    )
    indexes = {m.path: m.indexes for m in inventory.read(tree).manifests}
    assert indexes["requirements/base.txt"] == ("https://one.test/simple",)
    assert indexes["requirements/apart.txt"] == ()


def test_data_of_tests_is_no_manifest() -> None:
    paths = (
        "tests/fixtures/requirements.txt",
        "vendor/x/requirements.txt",
        "tests/data/requirements.txt",
        "{{cookiecutter.name}}/requirements.txt",
    )
    assert inventory.read(Files(dict.fromkeys(paths, b"a==1\n"))).manifests == ()
    assert len(inventory.read(Files({"tests/requirements.txt": b"a==1\n"})).manifests) == 1


def test_an_include_outside_the_repository_is_not_followed() -> None:
    tree = Files({"requirements.txt": b"-r ../../etc/passwd\n-r /etc/passwd\n-r gone.txt\n"})
    assert len(inventory.read(tree).manifests) == 1


_LINES = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30),
    st.sampled_from(
        ["a==1.0", "B[x]~=2.1 # c", "c>=1,<2;python_version<'3'", "d==1 \\", "-r x.txt", "# é \\", "\\"]
    ),
    st.builds("{}=={}".format, st.text(string.ascii_letters, min_size=1), st.integers(0, 99)),
)


@given(st.lists(_LINES), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]))
@example(["d==1 \\", "# x"], "\n", "")
def test_any_text_is_read_and_no_byte_outside_versions_changes(lines: list[str], end: str, bom: str) -> None:
    data = (bom + end.join(lines)).encode()
    for found in _read(data):
        for index, clause in enumerate(found.clauses):
            assert data[clause.at : clause.end].decode() == clause.version
            change = Change(((index, f"{clause.operator}9.9"),))
            after = splices.apply(data, requirements.write(data, found, change))
            assert after == data[: clause.at] + b"9.9" + data[clause.end :]
