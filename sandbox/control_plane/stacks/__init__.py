"""CloudFormation, as a service over moto's resources: the rules are `sandbox.stacks`, this carries them out."""
