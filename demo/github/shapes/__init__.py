"""How things look in GitHub's JSON, one module for each concept."""
