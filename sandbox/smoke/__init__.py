"""The staging record's seven smoke tests, against any running system: here, or on AWS by a URL and a token."""
