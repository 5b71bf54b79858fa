"""Migrations of lxml."""
