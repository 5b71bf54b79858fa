"""Migrations of FastAPI."""
