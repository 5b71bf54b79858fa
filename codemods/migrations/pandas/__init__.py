"""Migrations of pandas."""
