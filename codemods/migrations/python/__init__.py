"""Migrations of what the standard library takes out, by the version of Python."""
