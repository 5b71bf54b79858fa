"""What a repository can say of TLS in kotsu.yml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from codemods.tls import Policy
from workers.strict import Strict


def _quoted(value: object) -> object:
    """Return what YAML took for a number as it was written: 1.2 and 1.3 lose nothing on their way."""
    return str(value) if isinstance(value, float) else value


class Tls(Strict):
    """Which versions and ciphers of TLS are too old."""

    minimum: Annotated[Literal["1.2", "1.3"], BeforeValidator(_quoted)] = Field(
        default="1.2", description="The lowest version of TLS that is left alone."
    )
    profile: Literal["intermediate", "modern"] = Field(
        default="intermediate",
        description="What Mozilla's guideline calls the servers: `modern` ones speak TLS 1.3 alone.",
    )

    @property
    def policy(self) -> Policy:
        """The same as improvements read it."""
        return Policy(self.minimum, self.profile)
