"""An organisation whose ledger is written at once, many weeks of it, so that the pages have what to show."""
