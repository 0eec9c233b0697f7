"""`AWS::SNS::Topic` on a backend."""

from typing import Any

from moto.core.common_models import CloudFormationModel

from sandbox.control_plane.backend import properties
from sandbox.control_plane.backend.resource import OnBackend, refusals


class TopicResource(OnBackend, CloudFormationModel):
    """A topic with the subscriptions that its own properties name."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SNS::Topic"

    @staticmethod
    def cloudformation_name_type() -> str:
        return "TopicName"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "TopicResource":
        given, client = cloudformation_json.get("Properties", {}), cls.clients["sns"]
        with refusals():
            name = properties.fifo_name(resource_name, given, "FifoTopic")
            labels = [{"Key": key, "Value": value} for key, value in properties.tags(given).items()]
            arn = client.create_topic(Name=name, Tags=labels)["TopicArn"]
            _describe(client, arn, given)
        return cls(
            arn,
            remove=lambda: _delete(client, arn),
            attributes={"TopicArn": arn, "TopicName": name},
        )

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "TopicResource":
        given = cloudformation_json.get("Properties", {})
        before = original_resource.get_cfn_attribute("TopicName")
        if given.get("TopicName", before) != before:
            made = cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
            original_resource.delete(account_id, region_name)
            return made
        with refusals():
            _describe(cls.clients["sns"], original_resource.physical_resource_id, given)
        assert isinstance(original_resource, cls)
        return original_resource

    def _look(self) -> object:
        return self.clients["sns"].get_topic_attributes(TopicArn=self.physical_resource_id)


def _describe(client: Any, arn: str, given: Any) -> None:
    """The attributes one by one, which also fits a topic that was there already; then the subscriptions."""
    for name, value in properties.topic_attributes(given).items():
        if name != "FifoTopic":
            client.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)
    for one in given.get("Subscription", ()):
        client.subscribe(TopicArn=arn, Protocol=one["Protocol"], Endpoint=one["Endpoint"], ReturnSubscriptionArn=True)


def _delete(client: Any, arn: str) -> None:
    with refusals():
        try:
            client.delete_topic(TopicArn=arn)
        except client.exceptions.NotFoundException:
            return
