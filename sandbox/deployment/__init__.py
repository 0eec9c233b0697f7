"""CDK definitions in, CloudFormation stacks out: synthesis (cached) and deployment through the ordinary AWS APIs."""
