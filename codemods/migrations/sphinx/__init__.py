"""Migrations of Sphinx."""
