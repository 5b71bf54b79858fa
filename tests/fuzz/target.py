"""A target of the fuzzing: what is drawn with a dice, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """``run`` takes whatever ``draw`` returns; what it raises is a fault of ours unless it is ``refused``."""

    draw: Callable[[Random], Any]
    run: Callable[[Any], object]
    refused: tuple[type[Exception], ...] = ()


Opening = Callable[[Path], AbstractContextManager[Target]]
"""Makes a target ready; in the folder it may keep what it needs."""


def pure(draw: Callable[[Random], Any], run: Callable[[Any], object], *refused: type[Exception]) -> Opening:
    """Return the opening of a target that needs nothing."""
    return lambda _: nullcontext(Target(draw, run, refused))
