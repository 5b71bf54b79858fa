"""Migrations of stripe."""
