"""Migrations of openai."""
