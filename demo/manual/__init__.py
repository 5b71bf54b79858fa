"""The manual: what `docs/` says in words, with the pages that are derived from the code, as a site."""
