"""Migrations of certifi."""
