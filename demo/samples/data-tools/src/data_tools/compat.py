"""What differs between the Pythons that are supported."""

import sys

# TODO: remove when Python 3.8 support is dropped
if sys.version_info >= (3, 9):
    from functools import cache
else:
    from functools import lru_cache

    def cache(function):
        return lru_cache(maxsize=None)(function)


if sys.version_info >= (3, 11):
    from datetime import UTC
else:
    from datetime import timezone

    UTC = timezone.utc

__all__ = ["UTC", "cache"]
