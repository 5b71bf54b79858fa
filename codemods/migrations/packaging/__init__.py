"""Migrations of packaging."""
