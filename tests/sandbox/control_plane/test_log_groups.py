"""Log groups as CloudFormation gives them to templates."""

from moto.logs.models import LogGroup

from sandbox.control_plane import strictness


def test_a_log_groups_arn_ends_in_all_its_streams(monkeypatch):
    """A policy on it allows `logs:PutLogEvents`, which is about a stream."""
    monkeypatch.setattr(LogGroup, "get_cfn_attribute", LogGroup.get_cfn_attribute)
    group = LogGroup("123456789012", "us-east-1", "/aws/lambda/f")
    bare = group.get_cfn_attribute("Arn")
    strictness._name_log_groups_whole()
    assert group.get_cfn_attribute("Arn") == f"{bare}:*"
