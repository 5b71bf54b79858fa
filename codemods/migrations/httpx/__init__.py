"""Migrations of httpx."""
