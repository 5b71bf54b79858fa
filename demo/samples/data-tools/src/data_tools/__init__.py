"""Read, check and summarise CSV tables."""

from data_tools.tables import Table, read

__all__ = ["Table", "read"]
