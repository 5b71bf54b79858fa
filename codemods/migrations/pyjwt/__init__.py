"""Migrations of pyjwt."""
