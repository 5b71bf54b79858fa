"""Migrations of Werkzeug."""
