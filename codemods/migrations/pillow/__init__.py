"""Migrations of pillow."""
