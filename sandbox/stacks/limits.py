"""CloudFormation's quotas (AWS CloudFormation User Guide, "CloudFormation quotas"; F-12)."""

INLINE_TEMPLATE_BYTES = 51_200
"""A template in the request itself."""

TEMPLATE_BYTES = 1_048_576
"""A template in S3."""

RESOURCES = 500
"""Resources of one template."""
