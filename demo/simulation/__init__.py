"""Many repositories over many weeks on the local GitHub, with people, to see what the budgets come to."""
