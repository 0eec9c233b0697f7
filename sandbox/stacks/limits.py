"""CloudFormation's quotas (AWS CloudFormation User Guide, "CloudFormation quotas"; F-12)."""

INLINE_TEMPLATE_BYTES = 51_200
"""A template in the request itself."""

TEMPLATE_BYTES = 1_048_576
"""A template in S3."""

RESOURCES = 500
"""Resources of one template."""

DESCRIBED_WITHIN_S = 2.0
"""Ours: how long DescribeStacks of a stack that is being changed may take. An answer that takes as long as the
operation spares its client a wait: `cdk deploy` looks again after 5 s only."""
