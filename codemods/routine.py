"""Tells which commands of a runbook anybody can run at any time, as they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from codemods import quoted, quoting
from codemods.quoting import Kind

_LONGEST, _SHORTEST, _WORDS = 160, 16, 3
_SIGNS = frozenset(" ./:=@,+%~*?|&\"'$()-_")
_VARIABLE = re.compile(r"\$(?!\(|(?:HOME|PWD|USER)\b)")
_PLACEHOLDER = re.compile(
    r"\.\.\.|\b(?:your|my|some)[-_. ]|\b(?:foo|bar|baz|example|placeholder|changeme|name-?of)\b|x{3,}|path/to"
    r"|\bmy(?:app|container|db|host|image|module|package|project|repo|server|service|user)\b"
    r"|(?<!\$)\b[A-Z][A-Z0-9_]{2,}\b(?!=)|::| = "
    r"|(?<![\d.])(?!127\.0\.0\.1\b|0\.0\.0\.0\b)\d+\.\d+\.\d+|(?<!\d)(?:19|20)\d\d(?!\d)"
    r"|(?i:passw|secret|token|credential|api.?key)"
    r"|(?<![\w/])(?=[a-f]*\d)[0-9a-f]{7,}\b|\d{5,}|\bv\d+\b",
)
_LASTING = re.compile(
    r"rm|rmi|rmdir|mv|dd|del|down|stop|kill|pkill|killall|reset|revert|undo|scale|drain|cordon|halt|dropdb|push"
    r"|(?:drop|delet|destroy|purg|prun|truncat|flush|wip|uninstall|remov|shutdown|reboot|rollback|downgrad|restor"
    r"|overwrit|yank|clean|clear|eras|cancel|evict|terminat|forc|squash|deprecat|disabl|revok|suspend|detach|paus"
    r"|(?:un)?publish|upload|rotat)\w*",
    re.IGNORECASE,
)
"""What takes something away, or cannot be taken back."""
_UNASKED = frozenset(
    ("-y", "--yes", "--auto-approve", "-auto-approve", "--noconfirm", "-it", "-ti", "-i", "-t")
)
_ASKS_BACK = frozenset(
    ("bash", "changepassword", "console", "createsuperuser", "dbshell", "ipython", "shell", "shell_plus")
)
_PREPARES = frozenset(
    ("install", "clone", "login", "init", "activate", "venv", "checkout", "config", "configure")
)
_OWN_WAYS = frozenset(
    (
        *(
            "alias",
            "apt",
            "apt-get",
            "asdf",
            "brew",
            "cat",
            "cd",
            "choco",
            "chmod",
            "chown",
            "conda",
            "cp",
            "dnf",
        ),
        *(
            "echo",
            "env",
            "exit",
            "export",
            "gh",
            "git",
            "invoke",
            "just",
            "ls",
            "make",
            "mkdir",
            "mysql",
            "nano",
        ),
        *(
            "nox",
            "open",
            "pip",
            "pip3",
            "pipx",
            "pre-commit",
            "psql",
            "pushd",
            "popd",
            "read",
            "redis-cli",
            "rsync",
        ),
        *(
            "scp",
            "screen",
            "sed",
            "set",
            "source",
            "ssh",
            "su",
            "sudo",
            "task",
            "tmux",
            "touch",
            "tox",
            "unset",
        ),
        *("vi", "vim", "watch", "wget", "yum"),
    )
)
"""What is no task, changes the shell that it runs in, asks back, or collects tasks itself."""
_NAME = re.compile(r"(?:\./)?[a-z][\w./-]*")
_PARTED = re.compile(r"\|\|?|&&")
_FILE = re.compile(r"(?:\./)?[\w./-]+\.(?:py|sh|ya?ml|toml|json|sql|tf|env|ini|cfg|conf|js|ts|txt)")
_AT_HOME = {
    "docker-compose": re.compile(r"(?:docker-)?compose\.ya?ml"),
    "docker compose": re.compile(r"(?:docker-)?compose\.ya?ml"),
    "npm": re.compile(r"package\.json"),
    "pnpm": re.compile(r"package\.json"),
    "yarn": re.compile(r"package\.json"),
    "npx": re.compile(r"package\.json"),
    "terraform": re.compile(r"[\w-]+\.tf"),
    "alembic": re.compile(r"alembic\.ini|pyproject\.toml"),
}
"""What must lie at the root for a command that looks for it where it is run."""
_REMOTE = re.compile(r"\bssh\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\blog(?:ged)? ?in(?:to)?\b|\bas root\b"
    r"|\b(?:on|in|inside|into|to) (?:the|a|each|every|your) (?:remote |production )?"
    r"(?:servers?|hosts?|nodes?|pods?|machines?|box|container|vm|instances?|bastion|shell)\b",
    re.IGNORECASE,
)
_MOVES = re.compile(
    r"(?:^|\s)(?:cd|pushd|ssh|su|sudo|export|source|\.)\s|\b(?:ba|z|da)?sh\s*$|(?:^|\s)-(?:it|ti)\s|<<|^\w+=\S*$"
)


def is_elsewhere(prose: str, commands: Sequence[str]) -> bool:
    """Say whether the commands of a section may be meant for another machine, folder or shell."""
    return bool(_ELSEWHERE.search(prose)) or any(map(_MOVES.search, commands))


def is_remote(prose: str, commands: Sequence[str]) -> bool:
    """Say whether a section leads to another machine."""
    return any(map(_REMOTE.search, (prose, *commands)))


def is_fit(text: str, paths: frozenset[str]) -> bool:
    """Say whether a command does the same each time, asks nobody, destroys nothing and runs at the root."""
    return (
        _SHORTEST <= len(text) <= _LONGEST
        and text.isascii()
        and not _PLACEHOLDER.search(text)
        and quoted.without_secrets(text) == text
        and _is_plain(text)
        and all(_is_task(part.split(), paths) for part in _PARTED.split(text))
        and len(text.split()) >= _WORDS
    )


def _is_plain(text: str) -> bool:
    """Say whether any shell reads it the same: words, quotes, pipes and ``&&``."""
    if _VARIABLE.search(text) or "&" in text.replace("&&", ""):
        return False
    kinds = [place.kind for place in quoting.places(text)]
    if Kind.UNREAD in kinds or Kind.COMMENT in kinds or Kind.ESCAPED in kinds or text.count('"') % 2:
        return False
    pairs = zip(text, kinds, strict=True)
    return all(
        c.isalnum() or c in _SIGNS or k in {Kind.SINGLE, Kind.DOUBLE} for c, k in pairs
    ) and "(" not in (text.replace("$(", ""))


def _is_task(words: Sequence[str], paths: frozenset[str]) -> bool:
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words = words[1:]
    if not words or not _NAME.fullmatch(words[0]) or words[0] in _OWN_WAYS or not _UNASKED.isdisjoint(words):
        return False
    parts = [part for word in words if word != "--rm" for part in re.split(r"[\W_]+", word)]
    if any(_LASTING.fullmatch(part) for part in parts) or not _PREPARES.isdisjoint(words):
        return False
    if not _ASKS_BACK.isdisjoint(words) or (words[0] in {"terraform", "tofu"} and "apply" in words):
        return False
    if words[0] == "curl" and any(
        re.match(r"-\w*[XdHuFTo]|--(?!fail|silent|show-error|location)", w) for w in words
    ):
        return False
    return all(_is_there(word, paths) for word in words) and _is_at_home(words, paths)


def _is_there(word: str, paths: frozenset[str]) -> bool:
    """Say whether what a word names, if that is a file, lies below the root."""
    said = word.rpartition("=")[2].strip("\"'")
    if not said.startswith("./") and not _FILE.fullmatch(said):
        return ".." not in said
    name = said.removeprefix("./").rstrip("/")
    return name in paths or any(path.startswith(f"{name}/") for path in paths)


def _is_at_home(words: Sequence[str], paths: frozenset[str]) -> bool:
    known = _AT_HOME.get(words[0]) or _AT_HOME.get(" ".join(words[:2]))
    return known is None or any(map(known.fullmatch, paths))
