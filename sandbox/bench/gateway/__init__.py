"""The gateway's speed beside other emulators': one application, one client, alternated repetitions, ratios."""
