"""Migrations of pytest."""
