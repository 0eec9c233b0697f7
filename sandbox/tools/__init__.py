"""The AWS CDK CLI, the AWS CLI and wscat, pinned, beside the environment and not in it: `python3 dev.py tools`."""
