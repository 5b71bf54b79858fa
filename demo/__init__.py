"""Kotsu on loopback: a stand-in for GitHub and for the package index, and the whole loop between them."""
