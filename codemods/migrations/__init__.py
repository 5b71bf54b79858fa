"""Migrations: code that changes together with the version of a library, one folder for each library."""
