"""Migrations of redis."""
