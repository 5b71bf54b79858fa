"""The edge, where people and GitHub come in."""
