"""Migrations of python-dateutil."""
