"""How long a sandbox takes to be ready, and how long AWS's CDK CLI takes to deploy to one."""
