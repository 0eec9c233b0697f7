"""`AWS::SSM::Parameter` on a backend."""

from typing import Any

from moto.core.common_models import CloudFormationModel

from sandbox.control_plane.backend import properties
from sandbox.control_plane.backend.resource import OnBackend, refusals


class ParameterResource(OnBackend, CloudFormationModel):
    """A parameter with the template's value, whatever the backend had before."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SSM::Parameter"

    @staticmethod
    def cloudformation_name_type() -> str:
        return "Name"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "ParameterResource":
        given, client = cloudformation_json["Properties"], cls.clients["ssm"]
        with refusals():
            client.put_parameter(**properties.parameter(given, resource_name))
            labels = properties.tags(given)
            if labels:
                client.add_tags_to_resource(
                    ResourceType="Parameter",
                    ResourceId=resource_name,
                    Tags=[{"Key": key, "Value": value} for key, value in labels.items()],
                )
        return cls(
            resource_name,
            remove=lambda: _delete(client, resource_name),
            attributes={"Type": given["Type"], "Value": given["Value"]},
        )

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "ParameterResource":
        before = original_resource.physical_resource_id
        name = cloudformation_json["Properties"].get("Name", before)
        made = cls.create_from_cloudformation_json(name, cloudformation_json, account_id, region_name)
        if name != before:
            original_resource.delete(account_id, region_name)
        return made

    def _look(self) -> object:
        return self.clients["ssm"].get_parameter(Name=self.physical_resource_id)


def _delete(client: Any, name: str) -> None:
    with refusals():
        client.delete_parameters(Names=[name])  # unlike DeleteParameter, content with one that is gone
