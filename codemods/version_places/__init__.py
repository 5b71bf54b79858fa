"""Every place where a repository writes a version of Python, and how another one is written there."""
