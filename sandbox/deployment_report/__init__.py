"""The deployment report of the staging record: what was deployed, what was tried, and what came of it."""
