"""Migrations of gunicorn."""
