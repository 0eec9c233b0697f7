"""`AWS::SQS::Queue` on a backend."""

from typing import Any

from botocore.exceptions import ClientError
from moto.core.common_models import CloudFormationModel

from sandbox.control_plane.backend import properties
from sandbox.control_plane.backend.resource import OnBackend, code_of, refusals

_EXISTS = ("QueueAlreadyExists", "QueueNameExists")
"""The code in SQS's older protocol, and the name of its exception."""


class QueueResource(OnBackend, CloudFormationModel):
    """A queue; one that the backend has already gets the template's attributes and keeps its messages."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SQS::Queue"

    @staticmethod
    def cloudformation_name_type() -> str:
        return "QueueName"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "QueueResource":
        given, client = cloudformation_json.get("Properties", {}), cls.clients["sqs"]
        with refusals():
            attributes = properties.queue_attributes(given)
            name = properties.fifo_name(resource_name, given, "FifoQueue")
            try:
                url = client.create_queue(QueueName=name, Attributes=attributes, tags=properties.tags(given))[
                    "QueueUrl"
                ]
            except ClientError as error:
                if code_of(error) not in _EXISTS:
                    raise
                url = client.get_queue_url(QueueName=name)["QueueUrl"]
                _describe(client, url, attributes)
        # A queue is named by AWS's own address, which clients with an endpoint of their own do not follow.
        shown = f"https://sqs.{region_name}.amazonaws.com/{account_id}/{name}"
        arn = f"arn:aws:sqs:{region_name}:{account_id}:{name}"
        return cls(
            shown,
            remove=lambda: _delete(client, url),
            attributes={"Arn": arn, "QueueName": name, "QueueUrl": shown},
        )

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "QueueResource":
        given, client = cloudformation_json.get("Properties", {}), cls.clients["sqs"]
        before = original_resource.get_cfn_attribute("QueueName")
        if given.get("QueueName", before) != before:
            made = cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
            original_resource.delete(account_id, region_name)
            return made
        with refusals():
            url = client.get_queue_url(QueueName=before)["QueueUrl"]
            _describe(client, url, properties.queue_attributes(given))
        assert isinstance(original_resource, cls)
        return original_resource

    def _look(self) -> object:
        return self.clients["sqs"].get_queue_url(QueueName=self.get_cfn_attribute("QueueName"))


def _describe(client: Any, url: str, attributes: dict[str, str]) -> None:
    changeable = {name: value for name, value in attributes.items() if name != "FifoQueue"}
    if changeable:
        client.set_queue_attributes(QueueUrl=url, Attributes=changeable)


def _delete(client: Any, url: str) -> None:
    with refusals():
        try:
            client.delete_queue(QueueUrl=url)
        except client.exceptions.QueueDoesNotExist:
            return
