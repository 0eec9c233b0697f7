"""`AWS::S3::BucketPolicy`."""

import json
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from sandbox.control_plane.resources.base import AddedResource


class BucketPolicyResource(AddedResource, CloudFormationModel):
    """A bucket's policy, kept as S3 keeps it."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::S3::BucketPolicy"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "BucketPolicyResource":
        given = cloudformation_json["Properties"]
        backend, bucket = s3_backends[account_id][get_partition(region_name)], given["Bucket"]
        backend.put_bucket_policy(bucket, json.dumps(given["PolicyDocument"]).encode())

        def remove() -> None:
            if bucket in backend.buckets:
                backend.delete_bucket_policy(bucket)

        return cls(bucket, remove=remove)

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "BucketPolicyResource":
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
