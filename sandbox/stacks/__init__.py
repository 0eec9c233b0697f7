"""CloudFormation's rules: templates, what depends on what, changes, and the course of a stack's operation. All pure."""
