"""Migrations of Celery."""
