"""What the three CDK apps share: configuration, layers and functions."""
