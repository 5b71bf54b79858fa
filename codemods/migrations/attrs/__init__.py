"""Migrations of attrs."""
