"""Migrations of elasticsearch."""
