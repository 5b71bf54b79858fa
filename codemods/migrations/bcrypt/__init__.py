"""Migrations of bcrypt."""
