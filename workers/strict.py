"""Says how exact files of configuration are read, whoever wrote them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Nothing is converted, nothing unknown is accepted, nothing changes later."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        alias_generator=lambda name: name.replace("_", "-"),
        field_title_generator=lambda name, _: name.replace("_", "-"),
        validate_by_name=True,
        validate_by_alias=True,
    )
