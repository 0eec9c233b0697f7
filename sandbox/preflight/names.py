"""Names in a function's environment that no stack creates: the table is `Sessions-staging`, the variable `Sessions`."""

from difflib import get_close_matches

from sandbox.preflight.findings import Finding
from sandbox.preflight.plan import Plan

CHECK = "name"

KINDS = (
    (("_TABLE_NAME", "_TABLE"), "AWS::DynamoDB::Table", "table"),
    (("_FUNCTION_NAME", "_FUNCTION"), "AWS::Lambda::Function", "function"),
    (("_TOPIC_ARN",), "AWS::SNS::Topic", "topic"),
    (("_QUEUE_URL", "_QUEUE_NAME"), "AWS::SQS::Queue", "queue"),
    (("_BUCKET_NAME", "_BUCKET"), "AWS::S3::Bucket", "bucket"),
    (("_PARAMETER_NAME", "_PARAMETER"), "AWS::SSM::Parameter", "parameter"),
)
"""Endings of variables, and what they name."""


def check(plan: Plan) -> list[Finding]:
    """Every variable that names a resource which is in no stack of the plan."""
    found = []
    for function in plan.functions:
        for variable, value in function.variables.items():
            for endings, resource_type, word in KINDS:
                name = str(value).rpartition("/" if "QUEUE" in variable else ":")[2]
                created = plan.names(resource_type)
                if not variable.endswith(endings) or name in created:
                    continue
                near = get_close_matches(name, sorted(created), n=1)
                remedy = f"name {near[0]}, or refer to the resource" if near else "refer to the resource that is meant"
                found.append(
                    Finding(
                        check=CHECK,
                        where=function.resource.where,
                        cause=f"{variable} is {value}, a {word} that no stack creates",
                        remedy=remedy,
                    )
                )
    return found
