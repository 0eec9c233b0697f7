"""Which acknowledgement a template with IAM resources needs (F-12)."""

from collections.abc import Sequence

from sandbox.stacks.template import Template

_IAM_NAMES = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::Policy": None,
    "AWS::IAM::UserToGroupAddition": None,
}


def missing_capability(template: Template, given: Sequence[str]) -> str | None:
    """The capability that the request lacks; a named one includes the plain one."""
    named = plain = False
    for resource in template.resources.values():
        if resource["Type"] in _IAM_NAMES:
            plain = True
            name = _IAM_NAMES[resource["Type"]]
            named = named or (name is not None and name in resource.get("Properties", {}))
    if named and "CAPABILITY_NAMED_IAM" not in given:
        return "CAPABILITY_NAMED_IAM"
    if plain and not {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"} & set(given):
        return "CAPABILITY_IAM"
    return None
