"""Migrations of pytest-asyncio."""
