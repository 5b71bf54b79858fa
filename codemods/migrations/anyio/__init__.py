"""Migrations of anyio."""
