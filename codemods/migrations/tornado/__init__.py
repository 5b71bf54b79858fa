"""Migrations of tornado."""
