"""Migrations of Typer."""
