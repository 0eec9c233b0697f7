"""Whose resources these are, and where."""

REGION = "us-east-1"
ACCOUNT_ID = "123456789012"
