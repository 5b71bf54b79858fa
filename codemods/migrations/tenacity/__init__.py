"""Migrations of tenacity."""
