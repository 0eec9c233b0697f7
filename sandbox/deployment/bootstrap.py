"""The `CDKToolkit` stack that `cdk bootstrap` makes, with what a deployment from this machine needs of it (F-01)."""

from typing import Any

STACK_NAME = "CDKToolkit"
VERSION = "32"
"""F-01: the version of CDK's bootstrap template in mid-2026. A newer CLI's `cdk bootstrap` updates the stack."""

_ROLES = {
    "FilePublishingRole": "file-publishing",
    "ImagePublishingRole": "image-publishing",
    "LookupRole": "lookup",
    "DeploymentActionRole": "deploy",
    "CloudFormationExecutionRole": "cfn-exec",
}


def template() -> dict[str, Any]:
    """The stack's template; logical ids, names and outputs are those of CDK's own."""
    account, region = {"Ref": "AWS::AccountId"}, {"Ref": "AWS::Region"}
    resources: dict[str, Any] = {
        "StagingBucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": {"Fn::Sub": "cdk-${Qualifier}-assets-${AWS::AccountId}-${AWS::Region}"},
                "VersioningConfiguration": {"Status": "Enabled"},
            },
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        },
        "ContainerAssetsRepository": {
            "Type": "AWS::ECR::Repository",
            "Properties": {
                "RepositoryName": {"Fn::Sub": "cdk-${Qualifier}-container-assets-${AWS::AccountId}-${AWS::Region}"},
                "ImageTagMutability": "IMMUTABLE",
            },
        },
        "CdkBootstrapVersion": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {
                "Type": "String",
                "Name": {"Fn::Sub": "/cdk-bootstrap/${Qualifier}/version"},
                "Value": VERSION,
            },
        },
    }
    for logical_id, name in _ROLES.items():
        principal: dict[str, Any] = {"AWS": account}
        if logical_id == "CloudFormationExecutionRole":
            principal = {"Service": "cloudformation.amazonaws.com"}
        resources[logical_id] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": {"Fn::Join": ["-", ["cdk", {"Ref": "Qualifier"}, name, "role", account, region]]},
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}],
                },
            },
        }
    return {
        "Description": "This stack includes resources needed to deploy AWS CDK apps into this environment",
        "Parameters": {"Qualifier": {"Type": "String", "Default": "hnb659fds"}},
        "Resources": resources,
        "Outputs": {
            "BucketName": {"Value": {"Ref": "StagingBucket"}},
            "BucketDomainName": {"Value": {"Fn::GetAtt": ["StagingBucket", "RegionalDomainName"]}},
            "ImageRepositoryName": {"Value": {"Ref": "ContainerAssetsRepository"}},
            "BootstrapVersion": {"Value": VERSION},
        },
    }
