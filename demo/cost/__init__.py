"""What a fleet costs: measured on the local GitHub for a scan and a pull request, and multiplied."""
