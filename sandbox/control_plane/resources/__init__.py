"""CloudFormation resource types that moto lacks, each as one of its models; importing them makes moto know them."""

from sandbox.control_plane.resources import apigatewayv2, cloudwatch, functions, storage

__all__ = ["apigatewayv2", "cloudwatch", "functions", "storage"]
