"""Migrations of MarkupSafe."""
