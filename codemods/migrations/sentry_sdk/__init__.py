"""Migrations of sentry-sdk."""
