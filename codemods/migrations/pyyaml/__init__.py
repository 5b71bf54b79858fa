"""Migrations of PyYAML."""
