"""Migrations of SQLAlchemy."""
