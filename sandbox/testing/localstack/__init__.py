"""LocalStack without Docker, beside DynamoDB Local: what `make test-localstack` runs the tests on.

Only `sandbox/testing` starts these; the sandbox itself takes any backend by its URL.
"""
