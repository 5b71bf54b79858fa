"""Migrations of Flask."""
