"""Migrations of marshmallow."""
