"""Improvements of GitHub Actions workflows, written as splices on their YAML."""
