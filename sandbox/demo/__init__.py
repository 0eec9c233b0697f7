"""The main job, shown: recorded speech goes in at the gateway, listeners read it in their languages."""
