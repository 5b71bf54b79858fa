"""Migrations of pydantic."""
