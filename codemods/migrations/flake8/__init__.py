"""Migrations of flake8."""
