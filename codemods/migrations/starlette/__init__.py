"""Migrations of starlette."""
