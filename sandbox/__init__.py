"""The sandbox: one machine, offline, running the deployed definitions as AWS would."""
