"""Migrations of Starlette."""
