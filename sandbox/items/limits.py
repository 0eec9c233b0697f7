"""DynamoDB's limits, each with its unit and source."""

TRANSACTION_WRITES = 100
"""Distinct items of one TransactWriteItems (Amazon DynamoDB quotas)."""

ITEM_BYTES = 409_600
"""One item with its attributes' names, 400 KB (Amazon DynamoDB quotas)."""

PAGE_BYTES = 1_048_576
"""What one Query or Scan reads before it ends its page, 1 MB (developer guide, "Paginating table query results")."""

PARTITION_KEY_BYTES = 2048
"""The value of a partition key (Amazon DynamoDB quotas)."""

SORT_KEY_BYTES = 1024
"""The value of a sort key (Amazon DynamoDB quotas)."""
