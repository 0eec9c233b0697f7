"""Whether a role's policies, or a resource's own, allow a call: one evaluator for both worlds, and AWS's texts."""
