"""EventBridge schedules on the sandbox's clock."""
