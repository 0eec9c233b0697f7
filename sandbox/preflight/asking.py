"""Asks the account that the environment's AWS settings reach whether it is bootstrapped."""

import os

import boto3
from botocore.exceptions import ClientError

from sandbox.preflight.account import QUALIFIER, Target


def ask() -> Target:
    """The account, its Region and CDK's marker there. Raises BotoCoreError or ClientError."""
    # boto3 alone does not read the variable that CDK and the AWS CLI take the Region from.
    session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    account_id = session.client("sts").get_caller_identity()["Account"]
    ssm = session.client("ssm")
    try:
        version = ssm.get_parameter(Name=f"/cdk-bootstrap/{QUALIFIER}/version")["Parameter"]["Value"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        version = None
    return Target(account_id=account_id, region=session.region_name, bootstrap_version=version)
