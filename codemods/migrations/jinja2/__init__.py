"""Migrations of Jinja2."""
