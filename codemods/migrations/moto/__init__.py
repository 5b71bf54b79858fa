"""Migrations of moto."""
