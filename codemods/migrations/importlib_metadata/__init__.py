"""Migrations of importlib-metadata."""
