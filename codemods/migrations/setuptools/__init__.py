"""Migrations of setuptools."""
